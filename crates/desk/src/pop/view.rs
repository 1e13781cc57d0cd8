//! The pop in the form in which it goes to the agent's page. No full telephone number is in it.

use serde::Serialize;
use utoipa::ToSchema;

/// A phone rings: for whom, and who is calling.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Offer {
    /// The call.
    pub call: String,
    /// Number of the offer at its switch.
    pub offer: u64,
    /// The agent whose phone rings.
    pub agent: String,
    /// When the phone was asked to ring, UTC microseconds, the switch's clock.
    pub offered_us: i64,
    /// Who is calling.
    pub pop: Pop,
}

/// Who is calling.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Pop {
    /// The call.
    pub call: String,
    /// The caller's number with its middle hidden; empty when withheld.
    pub caller_masked: String,
    /// The caller hides the number.
    pub withheld: bool,
    /// What the network sent as a name: text, never markup.
    pub caller_name: String,
    /// Where the number was issued, as `山东 滨州`; empty when not known.
    pub place: String,
    /// The line.
    pub line: String,
    /// Advertising medium of the dialled number; may be empty.
    pub medium: String,
    /// The queue.
    pub queue: Option<String>,
    /// Since when the caller waits, UTC microseconds, the switch's clock.
    pub waited_since_us: Option<i64>,
    /// Nodes of the menu that were passed.
    pub ivr: Vec<String>,
    /// Who it may be, the likeliest first; none for a stranger.
    pub candidates: Vec<Candidate>,
    /// Earlier calls of this number, newest first, whoever called.
    pub number_contacts: Vec<Contact>,
    /// Person id, when somebody or the only candidate was chosen.
    pub chosen: Option<String>,
    /// The database did not answer: only the number is known. The pop comes again when it does.
    pub stale: bool,
}

/// Somebody who may be calling.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Candidate {
    /// Person id.
    pub person: String,
    /// As written.
    pub name: String,
    /// As recorded.
    pub sex: SexWord,
    /// Whole years, when the birth date is known.
    pub age: Option<u32>,
    /// 病历号.
    pub record_number: Option<String>,
    /// Whose number it is to the person: `self`, `spouse`, `child`, `parent`, `other`; nothing when the person only
    /// called from it before.
    pub relation: Option<String>,
    /// Why this person: `owner`, `authorised`, `contact`, `seen_here`, `shared`.
    pub reasons: Vec<String>,
    /// The more the likelier.
    pub score: i32,
    /// One line to be read first; empty when there is none.
    pub alert: String,
    /// Died.
    pub deceased: bool,
    /// The person's numbers with their middle hidden.
    pub phones: Vec<String>,
    /// The last contacts, newest first, at most five.
    pub contacts: Vec<Contact>,
}

/// Sex as recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SexWord {
    /// Male.
    Male,
    /// Female.
    Female,
    /// Not recorded.
    Unknown,
}

impl SexWord {
    /// The word of storage; what is no word is not recorded.
    #[must_use]
    pub fn of(text: &str) -> Self {
        match text {
            "male" => Self::Male,
            "female" => Self::Female,
            _ => Self::Unknown,
        }
    }

    /// The word of storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Male => "male",
            Self::Female => "female",
            Self::Unknown => "unknown",
        }
    }
}

/// One earlier call.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Contact {
    /// The call.
    pub call: String,
    /// `in`, `out` or `internal`.
    pub direction: String,
    /// Arrival, UTC microseconds.
    pub offered_us: i64,
    /// Somebody talked to the caller.
    pub answered: bool,
    /// Who talked, by the name on screens; empty when nobody did.
    pub agent_name: String,
    /// The last queue.
    pub queue: Option<String>,
    /// The line.
    pub line: String,
    /// Advertising medium.
    pub medium: String,
    /// Conversation, milliseconds.
    pub talk_ms: i64,
    /// What was written down.
    pub note: Option<String>,
    /// Ids of the recordings.
    pub recordings: Vec<String>,
    /// Why it ended; nothing while it goes on.
    pub end_cause: Option<String>,
}
