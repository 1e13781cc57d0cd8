//! baresip 1.0.0 as a scripted phone: one folder and one process per phone, driven over its `ctrl_tcp` module.
//!
//! Known habits of this version that stories must live with: RTP is bound on 0.0.0.0 and therefore comes from
//! 127.0.0.1; a dump file has no time base (gaps are squeezed out) and parses only after the call has closed; the
//! "heard" dump stops at the first hold; two calls of one phone in the same second share a dump name.

mod control;
mod folder;

use crate::child::OwnedChild;
use crate::encryption::Encryption;
use crate::place::Place;
use crate::ports::{self, RtpBlock};
use crate::transport::Transport;
use crate::wait;
use crate::wave::Wave;
use anyhow::Context;
use control::Control;
pub use control::PhoneEvent;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Starting takes 0.3 s alone; a loaded machine needs more.
const START: Duration = Duration::from_secs(10);

/// What the phone does when it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answering {
    /// Rings until told ([`Phone::accept`], [`Phone::hang_up`]).
    Manual,
    /// Answers at once.
    Auto,
}

/// One phone.
#[derive(Debug, Clone)]
pub struct PhoneOptions {
    /// User part of its address: the agent's id, or the patient's number.
    pub user: String,
    /// Display name that it sends along; empty for none. No quotes.
    pub name: String,
    /// Where it speaks SIP.
    pub sip: SocketAddr,
    /// The switch it registers with, or `None` for a phone that only dials.
    pub registrar: Option<SocketAddr>,
    /// Digest password.
    pub password: Option<String>,
    /// What it does when called.
    pub answering: Answering,
    /// The WAV it says, 8 kHz mono, longer than the call.
    pub speech: PathBuf,
    /// What it speaks SIP over. Over TLS `sip` needs a second port beside it ([`ports::free_pair`]), and the phone
    /// takes any certificate for good: this version checks none.
    pub transport: Transport,
    /// Over TLS: its own certificate with key, for a switch that rings it on a connection of its own making. Without
    /// it only the connection that it registered on serves.
    pub certificate: Option<PathBuf>,
    /// Whether it encrypts its audio.
    pub encryption: Encryption,
    /// Its codecs, best first, as it wants them named: [`G711`], [`G722`], [`OPUS`].
    pub codecs: &'static str,
}

/// A-law, then mu-law.
pub const G711: &str = "pcma,pcmu";
/// G.722 and nothing else. Without its clock the name would mean nothing, and every codec would be offered.
pub const G722: &str = "g722/16000/1";
/// Opus and nothing else, likewise.
pub const OPUS: &str = "opus/48000/2";

impl PhoneOptions {
    /// A patient's phone: no registration, dials from a trunk's address.
    #[must_use]
    pub fn patient(number: &str, sip: SocketAddr, speech: &Path) -> Self {
        Self {
            user: number.into(),
            name: String::new(),
            sip,
            registrar: None,
            password: None,
            answering: Answering::Manual,
            speech: speech.into(),
            transport: Transport::Udp,
            certificate: None,
            encryption: Encryption::None,
            codecs: G711,
        }
    }

    /// An agent's phone: registers with its password.
    #[must_use]
    pub fn agent(
        id: &str,
        password: &str,
        sip: SocketAddr,
        registrar: SocketAddr,
        answering: Answering,
        speech: &Path,
    ) -> Self {
        Self {
            user: id.into(),
            name: String::new(),
            sip,
            registrar: Some(registrar),
            password: Some(password.into()),
            answering,
            speech: speech.into(),
            transport: Transport::Udp,
            certificate: None,
            encryption: Encryption::None,
            codecs: G711,
        }
    }
}

/// A running baresip. Dropping it kills the process: to the switch that is a phone that vanished.
#[derive(Debug)]
pub struct Phone {
    options: PhoneOptions,
    folder: PathBuf,
    control: Control,
    child: OwnedChild,
    rtp: RtpBlock,
}

impl Phone {
    /// Writes the phone's folder, starts it, and waits until it can be driven; a phone with a registrar is then
    /// registered.
    ///
    /// # Errors
    /// When baresip is not installed, does not start, or is refused by the registrar.
    pub fn start(place: &Place, options: PhoneOptions) -> anyhow::Result<Self> {
        let rtp = RtpBlock::take()?;
        let control_addr = ports::free(options.sip.ip())?;
        let folder = place.path(&format!("phone-{}-{}", options.user, options.sip.port()));
        folder::write(&folder, &options, control_addr, rtp.range)?;
        let log = std::fs::File::create(folder.join("baresip.log"))?;
        let child = OwnedChild::spawn(
            Command::new("baresip").arg("-f").arg(&folder).stdout(log.try_clone()?).stderr(log),
        )
        .context("baresip is needed: apt-get install baresip-core")?;
        let mut control = Control::connect(control_addr, START)?;
        control.command("uanew", &folder::account(&options))?;
        let mut phone = Self { options, folder, control, child, rtp };
        if phone.options.registrar.is_some() {
            phone.register()?;
        }
        Ok(phone)
    }

    /// `user@ip:port` of this phone.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{}@{}", self.options.user, self.options.sip)
    }

    /// Rings `number` at `switch` over the phone's transport.
    ///
    /// # Errors
    /// When the phone does not take the command.
    pub fn dial(&mut self, number: &str, switch: SocketAddr) -> anyhow::Result<()> {
        let transport = match self.options.transport {
            Transport::Udp => String::new(),
            other => format!(";transport={}", other.word()),
        };
        self.control.command("dial", &format!("sip:{number}@{switch}{transport}"))
    }

    /// Puts the call on hold (re-INVITE, `sendonly`). From here on [`Self::heard`] hears nothing more: listen on the
    /// wire ([`Self::rtp_ports`]).
    ///
    /// # Errors
    /// When the phone does not take the command, as outside a call.
    pub fn hold(&mut self) -> anyhow::Result<()> {
        self.control.command("hold", "")
    }

    /// Takes the call off hold.
    ///
    /// # Errors
    /// As [`Self::hold`].
    pub fn resume(&mut self) -> anyhow::Result<()> {
        self.control.command("resume", "")
    }

    /// Sends the other party to `number` at `switch` and leaves (REFER, RFC 3515): `CALL_CLOSED` says that it worked,
    /// `TRANSFER_FAILED` that it did not.
    ///
    /// # Errors
    /// As [`Self::hold`].
    pub fn transfer(&mut self, number: &str, switch: SocketAddr) -> anyhow::Result<()> {
        self.control.command("transfer", &format!("sip:{number}@{switch}"))
    }

    /// The UDP ports on which it hears, first and last.
    #[must_use]
    pub fn rtp_ports(&self) -> (u16, u16) {
        self.rtp.range
    }

    /// Takes the ringing call.
    ///
    /// # Errors
    /// When the phone does not take the command.
    pub fn accept(&mut self) -> anyhow::Result<()> {
        self.control.command("accept", "")
    }

    /// Ends the call; a ringing one is refused with 486.
    ///
    /// # Errors
    /// When the phone does not take the command.
    pub fn hang_up(&mut self) -> anyhow::Result<()> {
        self.control.command("hangup", "")
    }

    /// Presses keys (RFC 4733).
    ///
    /// # Errors
    /// When the phone does not take the command, as outside a call.
    pub fn press(&mut self, keys: &str) -> anyhow::Result<()> {
        self.control.command("sndcode", keys)
    }

    /// Waits for the next event of this kind (`CALL_ESTABLISHED`, ...); earlier ones of other kinds are passed over.
    ///
    /// # Errors
    /// When it does not come in time; the message lists the events that came instead.
    pub fn wait_event(&mut self, kind: &str, within: Duration) -> anyhow::Result<PhoneEvent> {
        let who = &self.options.user;
        self.control.wait_event(kind, within).with_context(|| format!("phone {who}"))
    }

    /// The next event of this kind if it has come already.
    pub fn event(&mut self, kind: &str) -> Option<PhoneEvent> {
        self.control.event(kind)
    }

    /// What came from the wire in the last closed call: the codec's rate, channel 0.
    ///
    /// # Errors
    /// When no complete dump appears.
    pub fn heard(&self) -> anyhow::Result<Wave> {
        self.dump("-dec.wav")
    }

    /// What the phone sent in the last closed call.
    ///
    /// # Errors
    /// When no complete dump appears.
    pub fn said(&self) -> anyhow::Result<Wave> {
        self.dump("-enc.wav")
    }

    /// Kills the phone without a word to the switch.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn vanish(&mut self) -> anyhow::Result<()> {
        self.child.kill()
    }

    /// The header of a dump is written when the call closes, moments after the event.
    fn dump(&self, ending: &str) -> anyhow::Result<Wave> {
        const CLOSE: Duration = Duration::from_secs(3);
        let dumps = self.folder.join(folder::DUMPS);
        wait::until(&format!("a complete dump *{ending} of {}", self.options.user), CLOSE, || {
            let mut names: Vec<PathBuf> = std::fs::read_dir(&dumps)?
                .flatten()
                .map(|entry| entry.path())
                .filter(|path| path.to_string_lossy().ends_with(ending))
                .collect();
            names.sort(); // named by the local time of the call's start
            Ok(names.last().and_then(|path| Wave::read(path).ok()).filter(|wave| !wave.is_empty()))
        })
    }

    /// A call may come as soon as it is registered, so that nothing else is passed over here.
    fn register(&mut self) -> anyhow::Result<()> {
        let user = self.options.user.clone();
        wait::until_true(&format!("phone {user} to be registered"), START, || {
            let state = self.control.ask("reginfo")?;
            // `zzz` as long as there is no answer, then `OK` or `ERR`.
            if state.contains("ERR") || self.control.only("REGISTER_FAIL").is_some() {
                anyhow::bail!("phone {user} was refused: {}", state.trim());
            }
            Ok(state.contains("OK"))
        })
    }
}
