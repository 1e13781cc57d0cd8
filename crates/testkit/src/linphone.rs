//! linphonec 5.1 as a scripted phone: typed to on its standard input, read on its standard output.
//!
//! Habits that stories must live with: RTP is bound on 0.0.0.0 and therefore comes from 127.0.0.1; a recording has no
//! time base (gaps are squeezed out) and begins with some 80 ms of silence; call ids count up for the life of the
//! process; over TLS the switch's certificate must name the host, an address does not count.

mod folder;

use crate::certificates::Issued;
use crate::child::OwnedChild;
use crate::encryption::Encryption;
use crate::place::Place;
use crate::ports::RtpBlock;
use crate::transport::Transport;
use crate::wait;
use crate::wave::Wave;
use anyhow::Context;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{ChildStdin, Command};
use std::time::Duration;

/// Starting takes 0.4 s alone; a loaded machine needs more.
const START: Duration = Duration::from_secs(15);
/// How long a typed command may take to be answered.
const ANSWER: Duration = Duration::from_secs(5);
/// How often its state is asked for: each time costs lines of its output.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// One phone.
#[derive(Debug, Clone)]
pub struct LinphoneOptions {
    /// User part of its address: the agent's id.
    pub user: String,
    /// Digest password.
    pub password: String,
    /// Where it speaks SIP; over TLS also on the port beside it ([`crate::ports::free_pair`]).
    pub sip: SocketAddr,
    /// The switch it registers with.
    pub registrar: SocketAddr,
    /// What it speaks SIP over.
    pub transport: Transport,
    /// Needed over TLS.
    pub trust: Option<Trust>,
    /// The WAV it says, 8 kHz mono, longer than the call.
    pub speech: PathBuf,
    /// Whether it encrypts its audio.
    pub encryption: Encryption,
}

/// Whom it trusts over TLS.
#[derive(Debug, Clone)]
pub struct Trust {
    /// The switch's name, which must be in its certificate and lead to it.
    pub host: String,
    /// The authority's certificate.
    pub authority: PathBuf,
    /// The phone's own, should the switch ask: without one it would take the next typed line for a password.
    pub own: Issued,
}

/// A running linphonec. Dropping it kills the process: to the switch that is a phone that vanished.
#[derive(Debug)]
pub struct Linphone {
    options: LinphoneOptions,
    folder: PathBuf,
    child: OwnedChild,
    input: ChildStdin,
    /// How much of its output was looked at.
    read: usize,
    rtp: RtpBlock,
}

impl Linphone {
    /// Writes the phone's folder, starts it, and waits until it is registered.
    ///
    /// # Errors
    /// When linphonec is not installed, does not start, or is not let in.
    pub fn start(place: &Place, options: LinphoneOptions) -> anyhow::Result<Self> {
        let mut phone = Self::start_unregistered(place, options)?;
        phone.wait_registered(START)?;
        Ok(phone)
    }

    /// As [`Self::start`], without waiting for the registration.
    ///
    /// # Errors
    /// When linphonec is not installed or does not start.
    pub fn start_unregistered(place: &Place, options: LinphoneOptions) -> anyhow::Result<Self> {
        let rtp = RtpBlock::take()?;
        let folder = place.path(&format!("linphone-{}-{}", options.user, options.sip.port()));
        folder::write(&folder, &options, rtp.range)?;
        let output = std::fs::File::create(folder.join(folder::OUTPUT))?;
        let mut command = Command::new("linphonec");
        command
            .arg("-c")
            .arg(folder.join(folder::CONFIG))
            .arg("-l")
            .arg(folder.join(folder::LOG))
            .args(["-d", "3"])
            .env("HOME", &folder)
            .env("TERM", "dumb")
            .env("LINPHONEC_NO_TERMIOS_RESTORE", "1")
            .stdout(output.try_clone()?)
            .stderr(output);
        let (child, input) = OwnedChild::spawn_fed(&mut command)
            .context("linphonec is needed: apt-get install linphone-cli")?;
        let mut phone = Self { options, folder, child, input, read: 0, rtp };
        let speech = phone.options.speech.display().to_string();
        let heard = phone.heard_file().display().to_string();
        for line in ["soundcard use files", &format!("play {speech}"), &format!("record {heard}")] {
            phone.type_line(line)?;
        }
        Ok(phone)
    }

    /// Waits until the switch has let it in.
    ///
    /// # Errors
    /// When it has not within this time.
    pub fn wait_registered(&mut self, within: Duration) -> anyhow::Result<()> {
        self.ask_until("status register", "registered, identity=", within)
    }

    /// Rings `number` at the switch it is registered with, and waits until it is answered.
    ///
    /// # Errors
    /// When it is refused or nobody answers in time.
    pub fn call(&mut self, number: &str, within: Duration) -> anyhow::Result<()> {
        self.dial(number)?;
        self.wait_said("Media streams established", within)
    }

    /// Rings `number` without waiting for anything.
    ///
    /// # Errors
    /// When it does not take the line.
    pub fn dial(&mut self, number: &str) -> anyhow::Result<()> {
        self.skip_said()?;
        self.type_line(&format!("call {number}"))
    }

    /// Waits until it rings.
    ///
    /// # Errors
    /// When nobody calls within this time.
    pub fn wait_ringing(&mut self, within: Duration) -> anyhow::Result<()> {
        self.ask_until("calls", "IncomingReceived", within)
    }

    /// Takes the ringing call.
    ///
    /// # Errors
    /// When it does not come about.
    pub fn answer(&mut self) -> anyhow::Result<()> {
        self.skip_said()?;
        self.type_line("answer")?;
        self.wait_said("Media streams established", ANSWER)
    }

    /// Puts the call on hold.
    ///
    /// # Errors
    /// When the switch does not go along.
    pub fn pause(&mut self) -> anyhow::Result<()> {
        self.skip_said()?;
        self.type_line("pause")?;
        self.wait_said("is now paused", ANSWER)
    }

    /// Takes the call off hold.
    ///
    /// # Errors
    /// When the switch does not go along.
    pub fn resume(&mut self) -> anyhow::Result<()> {
        self.skip_said()?;
        self.type_line("resume")?;
        self.wait_said("Media streams established", ANSWER)
    }

    /// Sends the other party to `number` and leaves (REFER, RFC 3515).
    ///
    /// # Errors
    /// When the call does not end by that.
    pub fn transfer(&mut self, number: &str) -> anyhow::Result<()> {
        let target = format!("sip:{number}@{}", folder::home(&self.options));
        self.skip_said()?;
        self.type_line(&format!("transfer {target}"))?;
        self.wait_said("has been transfered", ANSWER)
    }

    /// Brings the parties of its two calls together and leaves both (REFER with Replaces, RFC 3891).
    ///
    /// # Errors
    /// When there are not two calls.
    pub fn join(&mut self) -> anyhow::Result<()> {
        let (first, second) = self.two_calls()?;
        self.skip_said()?;
        self.type_line(&format!("transfer {first} --to-call {second}"))?;
        self.wait_said("Performing attended transfer", ANSWER)
    }

    /// Ends all calls, or refuses a ringing one.
    ///
    /// # Errors
    /// When none ends.
    pub fn hang_up(&mut self) -> anyhow::Result<()> {
        self.skip_said()?;
        self.type_line("terminate all")?;
        self.wait_idle(ANSWER)
    }

    /// Waits until it has no call.
    ///
    /// # Errors
    /// When there is still one after this time.
    pub fn wait_idle(&mut self, within: Duration) -> anyhow::Result<()> {
        self.ask_until("calls", "No active call.", within)
    }

    /// Gives up its registration and waits until the switch has said yes.
    ///
    /// # Errors
    /// When it is still registered after a while.
    pub fn unregister(&mut self) -> anyhow::Result<()> {
        self.type_line("unregister")?;
        self.ask_until("status register", "registered=0", ANSWER)
    }

    /// Presses one key (RFC 4733).
    ///
    /// # Errors
    /// When it does not take the line.
    pub fn press(&mut self, key: char) -> anyhow::Result<()> {
        self.type_line(&key.to_string())
    }

    /// The UDP ports on which it hears, first and last.
    #[must_use]
    pub fn rtp_ports(&self) -> (u16, u16) {
        self.rtp.range
    }

    /// What came from the wire so far, gaps squeezed out.
    ///
    /// # Errors
    /// When there is no recording.
    pub fn heard(&self) -> anyhow::Result<Wave> {
        let file = self.heard_file();
        wait::until(&format!("a recording of {}", self.options.user), ANSWER, || {
            Ok(std::fs::read(&file).ok().and_then(|bytes| wave_of(&bytes)).filter(|wave| !wave.is_empty()))
        })
    }

    /// Kills the phone without a word to the switch.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn vanish(&mut self) -> anyhow::Result<()> {
        self.child.kill()
    }

    fn heard_file(&self) -> PathBuf {
        self.folder.join("heard.wav")
    }

    /// The ids of its two calls, the older first.
    fn two_calls(&mut self) -> anyhow::Result<(u32, u32)> {
        self.skip_said()?;
        self.type_line("calls")?;
        self.wait_said("Flags", ANSWER)?;
        wait::until("linphonec to have two calls", ANSWER, || {
            let said = self.said()?;
            let rows = said.get(self.read..).unwrap_or_default().lines().filter(|row| row.contains("sip:"));
            let mut ids: Vec<u32> =
                rows.filter_map(|row| row.split_whitespace().next()?.parse().ok()).collect();
            ids.sort_unstable();
            Ok(if let [first, second] = ids[..] { Some((first, second)) } else { None })
        })
    }

    fn type_line(&mut self, line: &str) -> anyhow::Result<()> {
        self.input
            .write_all(format!("{line}\n").as_bytes())
            .with_context(|| format!("linphonec takes no `{line}`: it has gone"))
    }

    /// All that it has printed.
    fn said(&self) -> anyhow::Result<String> {
        let bytes = std::fs::read(self.folder.join(folder::OUTPUT)).context("no output of linphonec")?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Forgets what it has printed until now.
    fn skip_said(&mut self) -> anyhow::Result<()> {
        self.read = self.said()?.len();
        Ok(())
    }

    /// Waits until it prints this, after what was looked at before.
    fn wait_said(&mut self, text: &str, within: Duration) -> anyhow::Result<()> {
        let mut said = String::new();
        let found = wait::until(&format!("linphonec {} to say `{text}`", self.options.user), within, || {
            said = self.said()?;
            let from = self.read.min(said.len());
            Ok(said.get(from..).and_then(|rest| rest.find(text)).map(|at| from + at + text.len()))
        });
        let tail = said.get(self.read.min(said.len())..).unwrap_or_default();
        self.read = found.with_context(|| format!("it said: {tail}"))?;
        Ok(())
    }

    /// Types a question again and again until an answer holds this.
    fn ask_until(&mut self, question: &str, answer: &str, within: Duration) -> anyhow::Result<()> {
        let mut tries = within.as_millis() / ASK_EVERY.as_millis();
        loop {
            self.skip_said()?;
            self.type_line(question)?;
            match self.wait_said(answer, ASK_EVERY) {
                Ok(()) => return Ok(()),
                Err(error) if tries == 0 => {
                    return Err(error.context(format!("asked `{question}` for {within:?}")));
                }
                Err(_) => tries -= 1,
            }
        }
    }
}

/// Reads its recording: 16-bit PCM, mono. Its header counts itself among the data, which no WAV reader believes.
fn wave_of(bytes: &[u8]) -> Option<Wave> {
    const HEADER_BYTES: usize = 44;
    const RATE_AT: usize = 24;
    let (header, data) = bytes.split_at_checked(HEADER_BYTES)?;
    (header.starts_with(b"RIFF") && header[RATE_AT - 2..RATE_AT] == [1, 0]).then_some(())?;
    let rate = u32::from_le_bytes(header[RATE_AT..RATE_AT + 4].try_into().ok()?);
    let samples = data.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
    Some(Wave { rate, channels: vec![samples] })
}
