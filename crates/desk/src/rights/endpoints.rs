//! Every address with the action that it is. An address that stands here nowhere serves nobody.

use super::Action;
use super::Action::*;

/// What may be asked without being signed in: method and path as in the document.
pub const PUBLIC: [(&str, &str); 6] = [
    ("GET", "/api/hospital"),
    ("GET", "/api/health"),
    ("GET", "/api/ready"),
    ("POST", "/api/session"),
    ("GET", "/api/demo/accounts"),
    ("POST", "/api/demo/sign-in"),
];

/// Everything else.
pub const ENDPOINTS: [(&str, &str, Action); 42] = [
    ("GET", "/api/session", BeHere),
    ("DELETE", "/api/session", BeHere),
    ("PUT", "/api/me/state", SetOwnState),
    ("GET", "/api/ws", Watch),
    ("GET", "/api/calls", ReadCalls),
    ("GET", "/api/calls/{call}", ReadCalls),
    ("POST", "/api/calls/{call}/hang-up", HangUpCall),
    ("GET", "/api/calls/{call}/pop", ReadPop),
    ("PUT", "/api/calls/{call}/person", ChoosePerson),
    ("GET", "/api/calls/{call}/note", ReadCalls),
    ("PUT", "/api/calls/{call}/note", WriteNote),
    ("GET", "/api/recordings/{id}/audio", HearRecording),
    ("GET", "/api/recordings/{id}/peaks", HearRecording),
    ("GET", "/api/messages", ReadMessages),
    ("PUT", "/api/messages/{message}/state", HandleMessage),
    ("GET", "/api/persons", SearchPersons),
    ("POST", "/api/persons", AddPerson),
    ("GET", "/api/persons/{id}", ReadPerson),
    ("POST", "/api/persons/{id}/reveal", RevealPerson),
    ("GET", "/api/persons/{id}/consents", ReadPerson),
    ("POST", "/api/persons/{id}/consents", RecordConsent),
    ("GET", "/api/duplicates", ReadDuplicates),
    ("PUT", "/api/duplicates/{a}/{b}", MergePersons),
    ("GET", "/api/merges", ReadDuplicates),
    ("POST", "/api/merges", MergePersons),
    ("POST", "/api/merges/{merge}/reverse", MergePersons),
    ("GET", "/api/reports/intervals", ReadReports),
    ("GET", "/api/reports/metrics", ReadReports),
    ("GET", "/api/reports/board", ReadBoard),
    ("GET", "/api/accounts", ReadAccounts),
    ("POST", "/api/accounts", ChangeAccounts),
    ("PUT", "/api/accounts/{id}/roles", ChangeAccounts),
    ("PUT", "/api/accounts/{id}/state", ChangeAccounts),
    ("PUT", "/api/accounts/{id}/password", ChangeAccounts),
    ("GET", "/api/audit", ReadAudit),
    ("GET", "/api/audit/chain", ReadAudit),
    ("GET", "/api/his/doors", ReadHis),
    ("GET", "/api/his/messages", ReadHis),
    ("GET", "/api/his/messages/{id}", ReadHis),
    ("POST", "/api/his/messages/{id}/replay", MendHis),
    ("POST", "/api/his/messages/{id}/discard", MendHis),
    ("POST", "/api/his/replays", MendHis),
];

/// The action of a method at a path as the router writes it; HEAD is to be asked as GET.
#[must_use]
pub fn action_of(method: &str, path: &str) -> Option<Action> {
    ENDPOINTS.iter().find(|(of, at, _)| *of == method && *at == path).map(|(_, _, action)| *action)
}

/// Whether there is a method that this path takes.
#[must_use]
pub fn takes_another(path: &str) -> bool {
    ENDPOINTS.iter().any(|(_, at, _)| *at == path) || PUBLIC.iter().any(|(_, at)| *at == path)
}
