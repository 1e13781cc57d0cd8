//! Everything that will come from outside in a simulated time, written down beforehand. A story is a shorter script: what
//! is left of it behaves as it did before, because each happening brings its own draws.

use careline_model::event::AgentIntent;
use std::time::Duration;

/// What comes from outside, in the order of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// Of all draws.
    pub seed: u64,
    /// The time that is simulated; what is under way then is brought to its end.
    pub length: Duration,
    /// In the order of time.
    pub happenings: Vec<Happening>,
}

/// One thing from outside.
#[derive(Debug, Clone, PartialEq)]
pub struct Happening {
    /// From the beginning.
    pub at: Duration,
    /// Keeps its number in shorter scripts; the number of a caller.
    pub number: u32,
    /// What.
    pub what: What,
}

/// What comes from outside. Agents are numbered from 0.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A patient calls.
    Call(Caller),
    /// An agent's phone registers, or its registration ends.
    Phone {
        /// Whose.
        agent: usize,
        /// It registers.
        up: bool,
    },
    /// An agent sets what she wants.
    Wish {
        /// Who.
        agent: usize,
        /// What.
        wish: Wish,
    },
    /// An agent toggles between ready and not ready, like somebody who leans on a key.
    Storm {
        /// Who.
        agent: usize,
        /// How often.
        toggles: u32,
        /// From one to the next.
        gap: Duration,
    },
    /// An agent's phone vanishes: no registration, its conversation without sound; it comes back later.
    PhoneLost {
        /// Whose.
        agent: usize,
        /// Until it is back.
        back_after: Duration,
        /// Until its conversation is given up.
        silent_for: Duration,
    },
    /// An agent's phone makes a call of its own (echo test).
    OwnCall {
        /// Whose.
        agent: usize,
        /// How long.
        lasts: Duration,
    },
    /// An agent dials.
    Dial {
        /// Who.
        agent: usize,
        /// Whom.
        to: Whom,
        /// Until she hangs up, whatever came of it.
        lasts: Duration,
    },
    /// An agent passes the party she talks to on.
    PassOn {
        /// Who; nothing happens when she talks to nobody.
        agent: usize,
        /// To whom.
        to: Whom,
        /// Her phone hangs up as soon as its wish is granted.
        leaves: bool,
    },
    /// An agent joins the two parties of her two calls.
    Join {
        /// Who; nothing happens when she has no two calls.
        agent: usize,
    },
    /// An agent's phone holds the conversation, and takes it up again.
    Hold {
        /// Who.
        agent: usize,
        /// For so long.
        lasts: Duration,
    },
    /// Something goes wrong.
    Fault(Fault),
    /// A supervisor or another program orders something.
    Act(Act),
}

/// A patient who calls, with everything she will do.
#[derive(Debug, Clone, PartialEq)]
pub struct Caller {
    /// The line she dials, by its number in the hospital's list.
    pub line: usize,
    /// She shows no number.
    pub withheld: bool,
    /// Until our answer is acknowledged; never, when absent.
    pub ack: Option<Duration>,
    /// Her answers to questions, one for each time that one is put; after the last she is silent.
    pub answers: Vec<Option<Answer>>,
    /// She hangs up so long after she dialled when nobody was asked to serve her until then.
    pub flow_patience: Option<Duration>,
    /// She hangs up after so long a wait for an agent.
    pub patience: Option<Duration>,
    /// How long she talks.
    pub talk: Duration,
    /// The agent hangs up, not she.
    pub agent_ends: bool,
}

/// Keys pressed on a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// From the question's beginning.
    pub after: Duration,
    /// The keys, a third of a second apart.
    pub keys: String,
}

/// What an agent wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// To take calls.
    Ready,
    /// To eat.
    Meal,
    /// To go home.
    LoggedOut,
}

impl Wish {
    /// In the words of the switch.
    #[must_use]
    pub fn intent(self) -> AgentIntent {
        match self {
            Self::Ready => AgentIntent::Ready,
            Self::Meal => AgentIntent::NotReady("meal".to_owned()),
            Self::LoggedOut => AgentIntent::LoggedOut,
        }
    }
}

/// Whom a phone calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// A colleague.
    Agent(usize),
    /// Somebody outside.
    Outside,
    /// A number of nobody.
    Nobody,
}

/// Something that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The next news of this kind does not come as it should.
    News {
        /// Which.
        kind: News,
        /// How it comes.
        how: Mishap,
    },
    /// An agent's phone gives no sign at all on its next call.
    SilentPhone,
    /// One of the living legs fails.
    LegFails {
        /// Which, counted round.
        pick: usize,
        /// For want of sound, or of signalling.
        no_sound: bool,
    },
    /// Something that came before comes again.
    Stale {
        /// Which of the last ones, counted round.
        pick: usize,
    },
    /// News of a leg that nobody has.
    UnknownLeg,
}

/// News that come over the network or from the media engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum News {
    /// A prompt was heard.
    PlaybackDone,
    /// Two legs were joined.
    Bridged,
    /// A phone rings.
    Ringing,
    /// A phone was answered.
    Answered,
    /// A key.
    Digit,
    /// The directory answered.
    LookedUp,
    /// Our answer was acknowledged.
    CallerUp,
    /// A leg ended; never lost for good, because a leg that sends nothing ends by itself.
    LegEnded,
}

/// How news go astray.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    /// Not at all.
    Lost,
    /// Twice.
    Doubled,
    /// Later.
    Late(Duration),
}

/// An order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Ends one of the calls, counted round.
    HangUp(usize),
    /// Lets the recording of one of the calls rest.
    PauseRecording(usize),
    /// Lets it go on.
    ResumeRecording(usize),
    /// Orders that must be refused: unknown agents, reasons, calls.
    Nonsense,
    /// Gives a task to a campaign, as the desk does.
    Task(usize),
    /// Takes a task back, or pauses a campaign and lets it run again: counted round.
    Campaign(usize),
    /// No new calls.
    Drain,
}

impl What {
    /// In one word, for the figures: what is counted together.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Call(_) => "call",
            Self::Phone { .. } => "phone",
            Self::Wish { .. } => "wish",
            Self::Storm { .. } => "storm",
            Self::PhoneLost { .. } => "phone_lost",
            Self::OwnCall { .. } => "own_call",
            Self::Dial { .. } => "dial",
            Self::PassOn { .. } => "pass_on",
            Self::Join { .. } => "join",
            Self::Hold { .. } => "hold",
            Self::Fault(fault) => fault.kind(),
            Self::Act(act) => act.kind(),
        }
    }

    /// Whether somebody who is there afterwards was not there before: without these no story goes on.
    #[must_use]
    pub fn is_staffing(&self) -> bool {
        matches!(self, Self::Phone { .. } | Self::Wish { .. })
    }

    /// The agent it is about.
    #[must_use]
    pub fn agent(&self) -> Option<usize> {
        match self {
            Self::Phone { agent, .. }
            | Self::Wish { agent, .. }
            | Self::Storm { agent, .. }
            | Self::PhoneLost { agent, .. }
            | Self::OwnCall { agent, .. }
            | Self::Dial { agent, .. }
            | Self::PassOn { agent, .. }
            | Self::Join { agent }
            | Self::Hold { agent, .. } => Some(*agent),
            Self::Call(_) | Self::Fault(_) | Self::Act(_) => None,
        }
    }
}

impl Fault {
    /// In one word, for the figures.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::News { how: Mishap::Lost, .. } => "news_lost",
            Self::News { how: Mishap::Doubled, .. } => "news_doubled",
            Self::News { how: Mishap::Late(_), .. } => "news_late",
            Self::SilentPhone => "silent_phone",
            Self::LegFails { .. } => "leg_failed",
            Self::Stale { .. } => "stale_news",
            Self::UnknownLeg => "unknown_leg",
        }
    }
}

impl Act {
    /// In one word, for the figures.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::HangUp(_) => "hang_up",
            Self::PauseRecording(_) => "pause_recording",
            Self::ResumeRecording(_) => "resume_recording",
            Self::Nonsense => "nonsense",
            Self::Task(_) => "task",
            Self::Campaign(_) => "campaign",
            Self::Drain => "drain",
        }
    }
}
