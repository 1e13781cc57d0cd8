//! What goes out to the shell and what comes back from the media engine.

use careline_model::config::plan::Value;
use careline_model::quality::Reception;
use careline_model::{CallId, Event, LegId, MailboxId, Number, RecordingId};
use careline_sdp::{MasterKey, RemoteAudio};
use careline_sip::{Flow, Transmit};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// One thing for the shell to do. The shell obeys and decides nothing.
#[derive(Debug)]
pub enum Output {
    /// Send these bytes.
    Transmit(Transmit),
    /// Close this connection: its peer is banned, and others need its place.
    Disconnect(Flow),
    /// Tell the media engine.
    Media(MediaOrder),
    /// Write this event to the journal, then offer it to subscribers.
    Journal(Event),
    /// The leg with this Call-ID on the wire belongs to this call: for whoever keeps a trace.
    Named {
        /// Value of the Call-ID header.
        sip_call_id: String,
        /// The call.
        call: CallId,
    },
    /// Keep this where it outlives the switch, and give it to [`crate::Switchboard::restore_registrations`] after a start.
    KeepRegistration(crate::KeptRegistration),
    /// A trunk is otherwise than before: worth a line in the log.
    Trunk(crate::TrunkNews),
    /// Ask the directory, and give what it says to [`crate::Switchboard::handle_looked_up`]. Nothing waits for it.
    LookUp(Question),
    /// Ask for a flow, and give what comes to [`crate::Switchboard::handle_flow_looked_up`]. Its call waits, 5 s at most.
    Ask(FlowQuestion),
}

/// A question of a flow.
#[derive(Clone, PartialEq)]
pub struct FlowQuestion {
    /// The call.
    pub call: CallId,
    /// Comes back with the answer.
    pub look_up: u64,
    /// Which question.
    pub query: Arc<str>,
    /// What is told with it.
    pub variables: Vec<(Arc<str>, Value)>,
}

/// The values may be a patient's: only their names are shown.
impl std::fmt::Debug for FlowQuestion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.variables.iter().map(|(name, _)| &**name).collect();
        f.debug_struct("FlowQuestion")
            .field("call", &self.call)
            .field("look_up", &self.look_up)
            .field("query", &self.query)
            .field("variables", &names)
            .finish()
    }
}

/// Who may be calling?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The call.
    pub call: CallId,
    /// Its number, never withheld.
    pub caller: Number,
    /// The dialled number.
    pub dialled: Number,
}

/// An order to the media engine, in the words of the call centre.
#[derive(Debug, Clone)]
pub enum MediaOrder {
    /// Give this socket to a new leg.
    Open {
        /// The leg.
        leg: LegId,
        /// Groups the legs of one call on one media thread.
        call: u64,
        /// A socket of the stock.
        socket: SocketAddr,
    },
    /// The other side's audio, as negotiated.
    Remote {
        /// The leg.
        leg: LegId,
        /// As negotiated.
        remote: Box<RemoteAudio>,
        /// What we encrypt with; `None` in plain RTP, as `remote.crypto` is then.
        own_key: Option<MasterKey>,
        /// Tells new keys from those that are in use already.
        key_generations: KeyGenerations,
        /// Where the signalling comes from: behind a NAT the media has the same address.
        signalled_from: Option<IpAddr>,
        /// Keys that its party presses are signalled to it: they are neither sent as events nor as tones.
        keys_signalled: bool,
    },
    /// Send a key, in the way of the leg's media.
    SendKey {
        /// The leg.
        leg: LegId,
        /// `0`-`9`, `*`, `#`, `A`-`D`.
        key: char,
        /// How long, milliseconds.
        duration_ms: u16,
    },
    /// Seek keys in the sound of a leg, or no longer.
    SeekKeys {
        /// The leg.
        leg: LegId,
        /// From now on, or no longer.
        on: bool,
    },
    /// Play prompts in order, then report `playback`.
    Play {
        /// The leg.
        leg: LegId,
        /// Comes back when the prompts are over.
        playback: u64,
        /// Prompt ids in order.
        prompts: Vec<Arc<str>>,
    },
    /// Stop what [`MediaOrder::Play`] began.
    StopPlay {
        /// The leg.
        leg: LegId,
    },
    /// Music under no prompt; `None` stops it.
    Music {
        /// The leg.
        leg: LegId,
        /// Prompt id.
        item: Option<Arc<str>>,
    },
    /// Send back what is received.
    Echo {
        /// The leg.
        leg: LegId,
    },
    /// Report the tones of a copper line that the other side sends, from now on.
    WatchTones {
        /// The leg.
        leg: LegId,
        /// Frequencies of the line's exchange, Hz.
        frequencies_hz: Arc<[u16]>,
    },
    /// Join two legs.
    Bridge {
        /// The caller's leg.
        caller: LegId,
        /// The agent's leg.
        agent: LegId,
    },
    /// Part two legs; both stay open.
    Unbridge {
        /// The caller's leg.
        caller: LegId,
        /// The agent's leg.
        agent: LegId,
    },
    /// The media of a leg belong to another group from now on; it leaves whom it is joined with.
    Regroup {
        /// The leg.
        leg: LegId,
        /// As in [`MediaOrder::Open`].
        call: u64,
    },
    /// Whom a leg hears beside the one it is joined with, in place of what was said before.
    Overhear {
        /// The leg.
        leg: LegId,
        /// Whom; empty for nobody.
        others: Vec<LegId>,
    },
    /// Record one leg alone.
    RecordTrack(Box<TrackOrder>),
    /// Record two joined legs: caller left, agent right.
    Record(Box<RecordingOrder>),
    /// Record one leg alone, and tell when something is heard in it. Whether conversations are recorded or not.
    RecordOne(Box<MessageOrder>),
    /// Play a recording, then report `playback`, also when it cannot be played.
    PlayRecording {
        /// The leg.
        leg: LegId,
        /// Comes back when it is over.
        playback: u64,
        /// The recording.
        recording: RecordingId,
    },
    /// Tones of keys that a leg sends are not to be heard in its recordings from now on, or may be again.
    MaskDigits {
        /// The leg.
        leg: LegId,
        /// They are a secret.
        on: bool,
    },
    /// Both sides of a recording are silent from now on, for the longest time that the configuration allows.
    PauseRecording {
        /// The recording.
        recording: RecordingId,
        /// Why, for its side-car.
        reason: Arc<str>,
    },
    /// Sound again.
    ResumeRecording {
        /// The recording.
        recording: RecordingId,
    },
    /// Close a recording.
    StopRecording {
        /// The recording.
        recording: RecordingId,
    },
    /// End a leg and give its port back.
    Close {
        /// The leg.
        leg: LegId,
    },
}

/// Counts the keys of a leg: another number is another key, and the same number the same one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeyGenerations {
    /// Of what we encrypt with.
    pub own: u64,
    /// Of what the peer encrypts with.
    pub peer: u64,
}

/// What to record and what its side-car says.
#[derive(Debug, Clone)]
pub struct RecordingOrder {
    /// Its id, also the stem of its file.
    pub recording: RecordingId,
    /// The call.
    pub call: CallId,
    /// Recorded on the left channel.
    pub caller: LegId,
    /// Recorded on the right channel.
    pub agent: LegId,
    /// Facts for the side-car.
    pub details: careline_callcentre::RecordingDetails,
}

/// A message to record, and what its side-car says.
#[derive(Debug, Clone)]
pub struct MessageOrder {
    /// Its id, also the stem of its file.
    pub recording: RecordingId,
    /// The call.
    pub call: CallId,
    /// Who speaks.
    pub leg: LegId,
    /// The mailbox.
    pub mailbox: MailboxId,
    /// Facts for the side-car.
    pub details: careline_callcentre::RecordingDetails,
}

/// What to record of one leg alone, and what its side-car says.
#[derive(Debug, Clone)]
pub struct TrackOrder {
    /// Its id, also the stem of its file.
    pub recording: RecordingId,
    /// The call.
    pub call: CallId,
    /// The leg.
    pub leg: LegId,
    /// What it is.
    pub track: careline_callcentre::Track,
    /// Facts for the side-car.
    pub details: careline_callcentre::RecordingDetails,
}

/// What a copper line says with sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineTone {
    /// The exchange waits for a number.
    Dial,
    /// It rings at the other end; told for each burst.
    RingBack,
    /// The other end is busy, or has hung up.
    Busy,
    /// No way to the other end.
    Congestion,
    /// A voice, music, noise; told again while it goes on.
    Sound,
}

/// What the media engine knows of a leg's sound.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LegFigures {
    /// Packets of the whole leg that came and were good.
    pub received: u64,
    /// Packets of the whole leg that were sent.
    pub sent: u64,
    /// From the peer to us; nothing when no packet came.
    pub inbound: Option<Reception>,
    /// From us to the peer; nothing when it never reported.
    pub outbound: Option<Reception>,
    /// To the peer and back, milliseconds; nothing when it never reported.
    pub round_trip_ms: Option<f64>,
}

/// What the media engine reports.
#[derive(Debug, Clone, PartialEq)]
pub enum MediaSignal {
    /// A key was pressed (RFC 4733).
    Digit {
        /// The leg.
        leg: LegId,
        /// `0`-`9`, `*`, `#`, `A`-`D`.
        digit: char,
        /// How long the key was held, milliseconds.
        duration_ms: u32,
    },
    /// A line that is watched says something.
    Tone {
        /// The leg.
        leg: LegId,
        /// What.
        tone: LineTone,
    },
    /// The prompts of this playback are over.
    PlaybackDone {
        /// The leg.
        leg: LegId,
        /// Comes back when the prompts are over.
        playback: u64,
    },
    /// No valid packet for the media time-out.
    TimedOut {
        /// The leg.
        leg: LegId,
    },
    /// The leg could not be opened or carried.
    Failed {
        /// The leg.
        leg: LegId,
    },
    /// How good the last seconds of a leg were.
    Quality {
        /// The leg.
        leg: LegId,
        /// Of the last seconds; the packets are those of the whole leg.
        figures: LegFigures,
    },
    /// A leg is closed, and so good was all of it.
    LegClosed {
        /// The leg.
        leg: LegId,
        /// Of the whole leg.
        figures: LegFigures,
    },
    /// A recording began.
    RecordingStarted {
        /// The recording.
        recording: RecordingId,
        /// The call.
        call: CallId,
    },
    /// A recording is closed on disk.
    RecordingFinished {
        /// The recording.
        recording: RecordingId,
        /// The call.
        call: CallId,
        /// Length in milliseconds.
        duration_ms: u64,
        /// Size of the file in bytes.
        bytes: u64,
        /// SHA-256 of the file, lower-case hex.
        sha256: String,
        /// False when a part is missing.
        complete: bool,
    },
    /// Something is heard in the recording of a message.
    Spoke {
        /// The recording.
        recording: RecordingId,
        /// The call.
        call: CallId,
    },
    /// A paused recording goes on by itself: the longest pause was over.
    RecordingResumed {
        /// The recording.
        recording: RecordingId,
        /// The call.
        call: CallId,
    },
    /// Part of a recording could not be written.
    RecordingIncomplete {
        /// The recording.
        recording: RecordingId,
        /// The call.
        call: CallId,
        /// Why, for operators.
        reason: String,
    },
}
