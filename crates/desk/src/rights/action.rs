//! What can be done at the desk.

use serde::Serialize;

/// Something that an endpoint does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// To be signed in: who am I, sign out.
    BeHere,
    /// To be ready, not ready or away at the switch.
    SetOwnState,
    /// Live calls, agents and queues on a page.
    Watch,
    /// Calls with their notes and the list of their recordings.
    ReadCalls,
    /// End a live call.
    HangUpCall,
    /// Who may be calling.
    ReadPop,
    /// Who it is that calls.
    ChoosePerson,
    /// Write the note of a call.
    WriteNote,
    /// Hear a recording or a message.
    HearRecording,
    /// Messages that callers left.
    ReadMessages,
    /// Take, give back and finish messages.
    HandleMessage,
    /// Search people.
    SearchPersons,
    /// A person's file.
    ReadPerson,
    /// Add a person.
    AddPerson,
    /// See whole what is masked of a person, for a reason.
    RevealPerson,
    /// Write down what a person allows.
    RecordConsent,
    /// Pairs that may be one person, and people that were joined.
    ReadDuplicates,
    /// Join people, and take them apart.
    MergePersons,
    /// Interval reports.
    ReadReports,
    /// The board of queues and agents.
    ReadBoard,
    /// Accounts and their roles.
    ReadAccounts,
    /// Give and take accounts and roles.
    ChangeAccounts,
    /// Who looked at what.
    ReadAudit,
    /// What the hospital's systems sent.
    ReadHis,
    /// Try such a message again, or put it aside.
    MendHis,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 25] = [
        Self::BeHere,
        Self::SetOwnState,
        Self::Watch,
        Self::ReadCalls,
        Self::HangUpCall,
        Self::ReadPop,
        Self::ChoosePerson,
        Self::WriteNote,
        Self::HearRecording,
        Self::ReadMessages,
        Self::HandleMessage,
        Self::SearchPersons,
        Self::ReadPerson,
        Self::AddPerson,
        Self::RevealPerson,
        Self::RecordConsent,
        Self::ReadDuplicates,
        Self::MergePersons,
        Self::ReadReports,
        Self::ReadBoard,
        Self::ReadAccounts,
        Self::ChangeAccounts,
        Self::ReadAudit,
        Self::ReadHis,
        Self::MendHis,
    ];

    /// Shows or changes what belongs to a patient.
    #[must_use]
    pub const fn is_about_patients(self) -> bool {
        matches!(
            self,
            Self::Watch
                | Self::ReadCalls
                | Self::HangUpCall
                | Self::ReadPop
                | Self::ChoosePerson
                | Self::WriteNote
                | Self::HearRecording
                | Self::ReadMessages
                | Self::HandleMessage
                | Self::RevealPerson
                | Self::RecordConsent
                | Self::ReadDuplicates
                | Self::MergePersons
                | Self::SearchPersons
                | Self::ReadPerson
                | Self::AddPerson
                | Self::ReadHis
                | Self::MendHis
        )
    }
}
