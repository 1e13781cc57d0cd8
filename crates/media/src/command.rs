//! What the switch asks of the engine.

use std::net::UdpSocket;
use std::sync::Arc;

use crate::config::RecordingSpec;
use crate::prompts::Sound;
use crate::remote::RemoteStream;

/// The media's own name of a leg; chosen by the caller, never reused while the leg is open.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LegId(pub u64);

/// One order to the engine. Orders for one call are obeyed in the order they were sent; orders for a leg that
/// is not open (a late order after `Close` is normal) are counted and ignored.
#[derive(Debug)]
pub enum Command {
    /// Takes over a bound UDP socket as a new leg. Nothing is sent before `Remote`.
    Open {
        /// Name of the new leg. Opening a name twice closes the first.
        leg: LegId,
        /// Groups legs of one call on one thread: only legs of one group can be bridged or recorded together
        /// when the engine has several threads.
        call: u64,
        /// Bound; made non-blocking by the engine.
        socket: UdpSocket,
        /// The socket for RTCP, one port above; `None`: the leg has RTCP only where it is multiplexed.
        rtcp: Option<UdpSocket>,
    },
    /// What the offer/answer settled. A new address starts the latch anew, new keys start new cryptographic streams;
    /// the same ones again only change the rest.
    Remote {
        /// The leg.
        leg: LegId,
        /// The other side. Boxed, as it is much larger than every other order.
        stream: Box<RemoteStream>,
    },
    /// Plays prompts in a row. Replaces a running playback; the replaced one reports nothing. A prompt covers the
    /// bridge, music and echo of the leg while it lasts. Unknown names are skipped and counted.
    Play {
        /// The leg.
        leg: LegId,
        /// Comes back in `PlaybackDone`.
        playback: u64,
        /// Prompt names in order.
        items: Vec<Arc<str>>,
        /// Begin again after the last, until stopped; then `PlaybackDone` never comes.
        repeat: bool,
    },
    /// Ends the playback, if any, without `PlaybackDone`.
    StopPlay {
        /// The leg.
        leg: LegId,
    },
    /// Music under everything: heard when neither a prompt nor a bridge is. It pauses meanwhile and goes on where
    /// it was, also after `None` and then the same item.
    Music {
        /// The leg.
        leg: LegId,
        /// What to play; `None` stops.
        item: Option<Arc<str>>,
    },
    /// Sends back what the leg says, when nothing else is to be heard.
    Echo {
        /// The leg.
        leg: LegId,
        /// On or off.
        on: bool,
    },
    /// Reports the tones of a copper line (`Tone`) in what the leg says, from now on.
    WatchTones {
        /// The leg.
        leg: LegId,
        /// The frequencies of the line's exchange, in Hz;
        /// [`FREQUENCIES_MAX`](careline_audio::busy::FREQUENCIES_MAX) at most, more are ignored.
        tones_hz: Vec<f64>,
    },
    /// Connects two legs both ways. A leg that was bridged to another is taken out of that bridge first.
    Bridge {
        /// One leg.
        a: LegId,
        /// The other.
        b: LegId,
    },
    /// Parts two legs; both stay open. Ignored when these two are not bridged to each other.
    Unbridge {
        /// One leg.
        a: LegId,
        /// The other.
        b: LegId,
    },
    /// Makes a leg one of another call's group, so that it can be bridged, recorded and heard there; between media
    /// threads it is handed over with all it knows. It leaves its bridge and its recordings; what it plays goes on.
    Regroup {
        /// The leg.
        leg: LegId,
        /// The group, as in `Open`.
        call: u64,
    },
    /// Whom a leg hears besides its bridge: listening in, a whisper, a conference (everybody hears all others, and
    /// nobody is bridged). Replaces what was said before; only legs of the same group are heard, at most 64.
    Overhear {
        /// The leg that hears.
        leg: LegId,
        /// Whom; empty: nobody.
        others: Vec<LegId>,
    },
    /// Sends a key to the peer in place of audio: as a telephone event (RFC 4733), or as its tones when none were
    /// negotiated. Keys follow each other with a pause; what finds 64 waiting is dropped and counted.
    SendKey {
        /// The leg.
        leg: LegId,
        /// `0`-`9`, `*`, `#`, `A`-`D`.
        key: char,
        /// 40 to 8000 milliseconds.
        duration_ms: u16,
    },
    /// Seeks keys in the sound of a leg whose peer has no telephone events.
    SeekKeys {
        /// The leg.
        leg: LegId,
        /// On or off.
        on: bool,
    },
    /// Starts recording what two legs say.
    Record {
        /// Names and places.
        recording: RecordingSpec,
        /// Left channel: the patient.
        left: LegId,
        /// Right channel: the agent.
        right: LegId,
    },
    /// Starts recording what one leg says, alone: a file of one channel. For what no other party may be recorded with,
    /// such as what a supervisor whispers to an agent.
    RecordOne {
        /// Names and places.
        recording: RecordingSpec,
        /// The only channel.
        leg: LegId,
        /// [`MediaEvent::Heard`](crate::MediaEvent::Heard) tells when something is heard in it.
        tells: bool,
    },
    /// Plays sound that is in no store, as [`Command::Play`] does: a recording that somebody wants to hear.
    PlaySound {
        /// The leg.
        leg: LegId,
        /// Comes back in `PlaybackDone`.
        playback: u64,
        /// The sound.
        sound: Arc<Sound>,
    },
    /// Both sides of a recording are silent from now on; the call itself goes on. The side-car says when and why. Ends
    /// by itself after `RecorderConfig::pause_max`, which is reported. Ignored while it is paused already.
    PauseRecording {
        /// Its id.
        id: Arc<str>,
        /// Why, for the side-car.
        reason: Arc<str>,
    },
    /// Sound again.
    ResumeRecording {
        /// Its id.
        id: Arc<str>,
    },
    /// Tones of keys that a leg sends are taken out of its recordings while this is on. (Keys as RTP events are never
    /// in the sound.)
    MaskDigits {
        /// The leg.
        leg: LegId,
        /// From now on, or no longer.
        on: bool,
    },
    /// Ends a recording; it also ends when both its legs are closed.
    StopRecording {
        /// Its id.
        id: Arc<str>,
    },
    /// Closes a leg.
    Close {
        /// The leg.
        leg: LegId,
    },
}
