//! The table: for each action who may do it, and how widely.

use super::{Action, Role, Scope};
use Role::{Agent, AuditAdmin, FollowUpNurse, Manager, Quality, SecurityAdmin, Supervisor};
use Scope::{All, Own};

/// Those who take calls have what belongs to their own; supervisors have all.
const CALLS: &[(Role, Scope)] = &[(Agent, Own), (FollowUpNurse, Own), (Supervisor, All)];
/// The same where quality hears and reads along.
const CALLS_AND_QUALITY: &[(Role, Scope)] =
    &[(Agent, Own), (FollowUpNurse, Own), (Supervisor, All), (Quality, All)];
/// People belong to nobody at the desk.
const PEOPLE: &[(Role, Scope)] = &[(Agent, All), (FollowUpNurse, All), (Supervisor, All)];
/// Everybody.
const EVERYBODY: &[(Role, Scope)] = &[
    (Agent, Own),
    (FollowUpNurse, Own),
    (Supervisor, Own),
    (Quality, Own),
    (Role::Department, Own),
    (Manager, Own),
    (Role::SystemAdmin, Own),
    (SecurityAdmin, Own),
    (AuditAdmin, Own),
    (Role::Service, Own),
];

/// Each action with the roles that may do it.
pub const TABLE: &[(Action, &[(Role, Scope)])] = &[
    (Action::BeHere, EVERYBODY),
    (Action::SetOwnState, &[(Agent, Own), (FollowUpNurse, Own)]),
    (Action::Watch, CALLS),
    (Action::ReadCalls, CALLS_AND_QUALITY),
    (Action::HangUpCall, CALLS),
    (Action::ReadPop, CALLS),
    (Action::ChoosePerson, CALLS),
    (Action::WriteNote, CALLS),
    (Action::HearRecording, CALLS_AND_QUALITY),
    (Action::ReadMessages, CALLS),
    (Action::HandleMessage, CALLS),
    (Action::SearchPersons, PEOPLE),
    (Action::ReadPerson, PEOPLE),
    (Action::AddPerson, CALLS),
    (Action::RevealPerson, PEOPLE),
    (Action::RecordConsent, CALLS),
    (Action::ReadDuplicates, &[(Supervisor, All)]),
    (Action::MergePersons, &[(Supervisor, All)]),
    (Action::ReadReports, &[(Supervisor, All), (Quality, All), (Manager, All)]),
    (Action::ReadBoard, &[(Supervisor, All), (Manager, All)]),
    (Action::ReadAccounts, &[(SecurityAdmin, All), (AuditAdmin, All)]),
    (Action::ChangeAccounts, &[(SecurityAdmin, All)]),
    (Action::ReadAudit, &[(AuditAdmin, All)]),
    (Action::ReadHis, &[(Supervisor, All)]),
    (Action::MendHis, &[(Supervisor, All)]),
];
