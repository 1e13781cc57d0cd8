//! The house of a story: a switch on its own addresses, and phones to ring it with.

use crate::config::{self, HouseOptions};
use crate::voice;
use anyhow::Context;
use careline_testkit::certificates::{Authority, Issued};
use careline_testkit::{
    Answering, Circumstances, Journal, Phone, PhoneOptions, Place, SwitchProgram, Transport, ports, wait,
    wave,
};
use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Host numbers in the story's network.
pub(crate) const SWITCH: u8 = 1;
pub(crate) const TRUNK: u8 = 2;
const FIRST_AGENT: u8 = 11;

/// Longest wait for anything that should happen at once on a loaded machine.
pub const SOON: Duration = Duration::from_secs(8);

/// How long a voice lasts: longer than any story.
const VOICE_S: f64 = 40.0;

/// A story's house.
#[derive(Debug)]
pub struct House {
    place: Place,
    options: HouseOptions,
    switch: Option<SwitchProgram>,
    config: String,
    next_host: u8,
    tls: Option<Tls>,
}

/// How the house speaks TLS.
#[derive(Debug, Clone)]
pub struct Tls {
    /// Where it listens: on 127.0.0.1, because that is where the name in its certificate leads.
    pub address: SocketAddr,
    /// The certificate of the story's authority.
    pub authority: PathBuf,
    /// The switch's certificate.
    pub switch: Issued,
    /// A certificate for a phone.
    pub phone: Issued,
    /// The same and its key in one file, as baresip wants them.
    pub phone_bundle: PathBuf,
}

/// A conversation that was brought about, with what the journal calls it.
#[derive(Debug)]
pub struct Talk {
    /// The patient's phone.
    pub patient: Phone,
    /// The agent's phone.
    pub agent: Phone,
    /// The call's id.
    pub call: String,
}

impl House {
    /// Writes all files of the house; the switch is not started yet.
    ///
    /// # Errors
    /// When there is no room for another house, or its files cannot be written.
    pub fn build(name: &str, mut options: HouseOptions) -> anyhow::Result<Self> {
        let place = Place::new(name)?;
        if options.desk {
            options.directory = Some(Self::desk_address(&place)?);
        }
        let sip = ports::free(place.ip(SWITCH))?;
        let rpc = ports::free(place.ip(SWITCH))?;
        config::write_files(&place)?;
        let mut config = config::switch_toml(&place, sip, rpc, &options);
        let tls = options.tls.then(|| Tls::prepare(&place)).transpose()?;
        config.push_str(&tls.as_ref().map(config::tls_toml).unwrap_or_default());
        std::fs::write(place.path("switch.toml"), &config)?;
        Ok(Self { place, options, switch: None, config, next_host: FIRST_AGENT, tls })
    }

    /// Adds lines to the configuration of a switch that is not started yet, when they need the house's addresses.
    pub fn configure(&mut self, more: &str) {
        self.config.push_str(more);
    }

    /// A free address of the switch for another listener.
    ///
    /// # Errors
    /// When none is free.
    pub fn switch_address(&self) -> anyhow::Result<SocketAddr> {
        ports::free(self.place.ip(SWITCH))
    }

    /// Starts the switch, or gives the running one.
    ///
    /// # Errors
    /// When it does not become ready.
    pub fn switch(&mut self) -> anyhow::Result<&mut SwitchProgram> {
        if self.switch.is_none() {
            let journal = self.place.path("journal.db");
            let clock = self.options.clock.then(|| self.place.path("clock"));
            let circumstances = Circumstances { descriptors_max: self.options.descriptors_max, clock };
            self.switch = Some(if circumstances == Circumstances::default() {
                SwitchProgram::start(&self.place, &self.config, &journal)?
            } else {
                self.set_clock(0)?;
                SwitchProgram::start_under(&self.place, &self.config, &journal, &circumstances)?
            });
        }
        self.switch.as_mut().context("just started")
    }

    /// Sets the wall clock of a switch of a house with `clock`: so many seconds off the true time. It counts within a
    /// second.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn set_clock(&self, off_s: i64) -> anyhow::Result<()> {
        // Replaced in one step: half a line is another time.
        let (new, clock) = (self.place.path("clock.new"), self.place.path("clock"));
        std::fs::write(&new, format!("{off_s:+}\n")).context("the clock")?;
        std::fs::rename(new, clock).context("the clock")
    }

    /// Where the switch answers SIP.
    ///
    /// # Errors
    /// As [`Self::switch`].
    pub fn sip(&mut self) -> anyhow::Result<SocketAddr> {
        Ok(self.switch()?.sip)
    }

    /// How the house speaks TLS.
    ///
    /// # Errors
    /// When it does not.
    pub fn tls(&self) -> anyhow::Result<&Tls> {
        self.tls.as_ref().context("this house was not built with `tls`")
    }

    /// The switch's journal.
    #[must_use]
    pub fn journal(&self) -> Journal {
        Journal::at(&self.place.path("journal.db"))
    }

    /// The addresses and directory.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The configuration's text.
    #[must_use]
    pub fn config(&self) -> &str {
        &self.config
    }

    /// A free address of the trunk, to ring from.
    ///
    /// # Errors
    /// When none is free.
    pub fn trunk_address(&self) -> anyhow::Result<SocketAddr> {
        ports::free(self.place.ip(TRUNK))
    }

    /// A free address that belongs to no trunk.
    ///
    /// # Errors
    /// When none is free.
    pub fn next_address(&mut self) -> anyhow::Result<SocketAddr> {
        self.next_host += 1;
        ports::free(self.place.ip(self.next_host))
    }

    /// A voice that says one tone.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn steady_voice(&self, frequency: f64) -> anyhow::Result<PathBuf> {
        let path = self.place.path(&format!("voice-{frequency}.wav"));
        wave::write_steady(&path, VOICE_S, frequency)?;
        Ok(path)
    }

    /// A voice that says bursts; gives also where they begin.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn burst_voice(&self, frequency: f64) -> anyhow::Result<(PathBuf, Vec<f64>)> {
        let path = self.place.path(&format!("bursts-{frequency}.wav"));
        let onsets = wave::unmistakable_onsets(VOICE_S);
        wave::write_bursts(&path, VOICE_S, frequency, &onsets)?;
        Ok((path, onsets))
    }

    /// A patient's phone behind the trunk.
    ///
    /// # Errors
    /// When it does not start.
    pub fn patient(&self, number: &str, speech: &Path) -> anyhow::Result<Phone> {
        Phone::start(&self.place, PhoneOptions::patient(number, self.trunk_address()?, speech))
    }

    /// A patient's phone that sends a display name along.
    ///
    /// # Errors
    /// When it does not start.
    pub fn named_patient(&self, number: &str, name: &str, speech: &Path) -> anyhow::Result<Phone> {
        let options = PhoneOptions::patient(number, self.trunk_address()?, speech);
        Phone::start(&self.place, PhoneOptions { name: name.into(), ..options })
    }

    /// An agent's phone, registered.
    ///
    /// # Errors
    /// When it does not start or is refused.
    pub fn agent(&mut self, id: &str, answering: Answering, speech: &Path) -> anyhow::Result<Phone> {
        let (own, switch) = (self.next_address()?, self.sip()?);
        let options = PhoneOptions::agent(id, &format!("pw{id}"), own, switch, answering, speech);
        Phone::start(&self.place, options)
    }

    /// An agent's phone, registered over a TCP connection of its own making.
    ///
    /// # Errors
    /// When it does not start or is refused.
    pub fn agent_over_tcp(&mut self, id: &str, answering: Answering, speech: &Path) -> anyhow::Result<Phone> {
        let (own, switch) = (self.next_address()?, self.sip()?);
        let options = PhoneOptions::agent(id, &format!("pw{id}"), own, switch, answering, speech);
        Phone::start(&self.place, PhoneOptions { transport: Transport::Tcp, ..options })
    }

    /// Dials, waits for the answer and for the menu, presses 0, and gives the call's id once it is queued.
    ///
    /// # Errors
    /// When any of it does not happen.
    pub fn ask_for_a_person(&mut self, patient: &mut Phone) -> anyhow::Result<String> {
        let call = self.reach_the_menu(patient)?;
        patient.press("0")?;
        self.journal().wait_for("queue_entered", SOON, |event| event["call"] == *call)?;
        Ok(call)
    }

    /// Dials and waits until the menu asks; gives the call's id.
    ///
    /// # Errors
    /// When any of it does not happen.
    pub fn reach_the_menu(&mut self, patient: &mut Phone) -> anyhow::Result<String> {
        let before = self.journal().of_kind("call_offered").unwrap_or_default().len();
        let sip = self.sip()?;
        patient.dial(crate::NUMBER, sip)?;
        patient.wait_event("CALL_ESTABLISHED", SOON)?;
        let offered = wait::until("the call in the journal", SOON, || {
            Ok(self.journal().of_kind("call_offered")?.into_iter().nth(before))
        })?;
        let call = text(&offered, "call")?;
        self.journal()
            .wait_for("flow_node", SOON, |event| event["call"] == *call && event["node"] == "menu")?;
        Ok(call)
    }

    /// Rings the number that leads straight into the queue and waits until an agent has answered; gives the call's id.
    ///
    /// # Errors
    /// When any of it does not happen.
    pub fn reach_an_agent(&mut self, patient: &mut Phone) -> anyhow::Result<String> {
        let sip = self.sip()?;
        patient.dial(crate::STRAIGHT_NUMBER, sip)?;
        let connected = self.journal().wait_for("call_connected", SOON, |_| true)?;
        patient.wait_event("CALL_ESTABLISHED", SOON)?;
        text(&connected, "call")
    }

    /// Brings a patient and agent 1001 together.
    ///
    /// # Errors
    /// When any step does not happen.
    pub fn conversation(&mut self) -> anyhow::Result<Talk> {
        let (patient_voice, agent_voice) =
            (self.steady_voice(voice::PATIENT_HZ)?, self.steady_voice(voice::AGENT_HZ)?);
        let agent = self.agent("1001", Answering::Auto, &agent_voice)?;
        let mut patient = self.patient("13800138000", &patient_voice)?;
        let call = self.ask_for_a_person(&mut patient)?;
        self.journal().wait_for("call_connected", SOON, |event| event["call"] == *call)?;
        Ok(Talk { patient, agent, call })
    }

    /// Every event of a call, in order.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn events_of(&self, call: &str) -> anyhow::Result<Vec<Value>> {
        Ok(self.journal().events()?.into_iter().filter(|event| event["call"] == *call).collect())
    }

    /// Waits for the end of a call and checks how it ended.
    ///
    /// # Errors
    /// When it does not end, ends otherwise, or ends twice.
    pub fn expect_ended(&self, call: &str, cause: &str, ended_by: &str) -> anyhow::Result<Value> {
        let ended = self.journal().wait_for("call_ended", SOON, |event| event["call"] == *call)?;
        anyhow::ensure!(
            ended["cause"] == *cause && ended["ended_by"] == *ended_by,
            "ended otherwise: {ended}"
        );
        let count = self.events_of(call)?.iter().filter(|event| event["kind"] == "call_ended").count();
        anyhow::ensure!(count == 1, "the call ended {count} times");
        Ok(ended)
    }

    /// Checks the one outcome of the call's only stay in a queue.
    ///
    /// # Errors
    /// When there is another outcome, none or several.
    pub fn expect_queue_outcome(&self, call: &str, outcome: &str) -> anyhow::Result<()> {
        self.journal().wait_for("queue_left", SOON, |event| event["call"] == *call)?;
        let left: Vec<Value> =
            self.events_of(call)?.into_iter().filter(|event| event["kind"] == "queue_left").collect();
        anyhow::ensure!(left.len() == 1 && left[0]["outcome"] == *outcome, "left the queue as {left:?}");
        Ok(())
    }

    /// The WAV and the side-car of a call's only recording, once it is closed.
    ///
    /// # Errors
    /// When it is not finished in time or not on disk.
    pub fn recording_of(&self, call: &str) -> anyhow::Result<(PathBuf, Value)> {
        let finished = self.journal().wait_for("recording_finished", SOON, |event| event["call"] == *call)?;
        self.recording(&text(&finished, "recording")?)
    }

    /// The WAV and the side-car of one recording, once it is closed.
    ///
    /// # Errors
    /// When it is not finished in time or not on disk.
    pub fn recording(&self, id: &str) -> anyhow::Result<(PathBuf, Value)> {
        self.journal().wait_for("recording_finished", SOON, |event| event["recording"] == *id)?;
        let wav = find(&self.place.path("recordings"), &format!("{id}.wav"))?;
        let side_car = std::fs::read_to_string(wav.with_extension("json")).context("no side-car")?;
        Ok((wav, serde_json::from_str(&side_car).context("the side-car is not JSON")?))
    }

    /// Waits until a file that the switch keeps beside its journal says what is `wanted`.
    ///
    /// # Errors
    /// When it does not in time.
    pub fn expect_kept(&self, file: &str, wanted: impl Fn(&Value) -> bool) -> anyhow::Result<()> {
        let path = self.place.path(file);
        wait::until_true(&format!("{file} to be kept"), SOON, || {
            let text = std::fs::read(&path).unwrap_or_default();
            Ok(serde_json::from_slice::<Value>(&text).is_ok_and(|kept| wanted(&kept)))
        })
    }

    /// What the options were.
    #[must_use]
    pub fn options(&self) -> &HouseOptions {
        &self.options
    }

    /// Logs of everybody, and the journal.
    #[must_use]
    pub fn logs(&self) -> String {
        let events = self.journal().events().map_or_else(
            |error| format!("journal unreadable: {error:#}"),
            |events| events.iter().map(|event| format!("{event}\n")).collect(),
        );
        format!("{}--- journal\n{events}", self.place.logs())
    }
}

/// A text field of an event.
///
/// # Errors
/// When there is none.
pub fn text(event: &Value, key: &str) -> anyhow::Result<String> {
    event[key].as_str().map(str::to_owned).with_context(|| format!("no `{key}` in {event}"))
}

impl Tls {
    /// linphonec compares names, never addresses, and the system knows where this one leads.
    pub const NAME: &str = "localhost";

    fn prepare(place: &Place) -> anyhow::Result<Self> {
        let authority = Authority::new(&place.path("tls"))?;
        let ip = Ipv4Addr::LOCALHOST.into();
        let (switch, phone) = (authority.issue(Self::NAME, ip)?, authority.issue("phone", ip)?);
        let phone_bundle = place.path("tls/phone-bundle.pem");
        let both = [std::fs::read(&phone.certificate)?, std::fs::read(&phone.key)?].concat();
        std::fs::write(&phone_bundle, both).context("Failed to write a certificate with its key")?;
        Ok(Self {
            address: ports::free(ip)?,
            authority: authority.certificate(),
            switch,
            phone,
            phone_bundle,
        })
    }
}

fn find(folder: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)?.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|found| found == name) {
                return Ok(path);
            }
        }
    }
    anyhow::bail!("no {name} below {}", folder.display())
}
