//! What a trunk's request says: which of our numbers was dialled, and who calls.

use careline_model::config::Plan;
use careline_model::config::plan::{CallerFrom, NumberRule, Trunk};
use careline_model::{CallerName, Number};
use careline_sip::{NameAddr, Request};

/// The dialled number. With one registration for a block of numbers the Request-URI names the registration, and
/// P-Called-Party-ID (RFC 7315 4.2) or To the number; whichever is a line of ours, or else of the block, is taken.
pub fn dialled(trunk: &Trunk, plan: &Plan, request: &Request) -> String {
    let uri_user = request.uri.user_decoded().unwrap_or_default();
    // Without a block the Request-URI alone says who is called: To is what somebody dialled once.
    if trunk.register.is_none() && trunk.number_block.is_empty() {
        return NumberRule::rewrite(&trunk.inbound_rules, &uri_user);
    }
    let called = request.headers.get("P-Called-Party-ID").and_then(|text| text.parse::<NameAddr>().ok());
    let users = [
        called.and_then(|one| one.uri.user_decoded()),
        request.uri.user_decoded(),
        request.to().and_then(|to| to.uri.user_decoded()),
    ];
    let candidates: Vec<String> = users.into_iter().flatten().collect();
    let is_line = |raw: &&String| plan.lines_by_number.contains_key(&trunk.dialled(raw, plan));
    let in_block = |raw: &&String| trunk.owns(&trunk.dialled(raw, plan));
    let found = candidates.iter().find(is_line).or_else(|| candidates.iter().find(in_block));
    NumberRule::rewrite(&trunk.inbound_rules, found.unwrap_or(&uri_user))
}

/// The caller's number and name: both from P-Asserted-Identity (RFC 3325) where the trunk's word counts, or both from
/// From. Both are empty when the number is withheld, also by `Privacy: id`.
pub fn caller(trunk: &Trunk, plan: &Plan, request: &Request) -> (Number, CallerName) {
    if request.headers.wants_privacy() {
        return Default::default();
    }
    let asserted = match trunk.caller_from {
        CallerFrom::Asserted => request.headers.asserted_identities(),
        CallerFrom::From => Vec::new(),
    };
    // A sip: and a tel: URI may stand side by side; the one with a number counts.
    let number_in = |one: &NameAddr| trunk.caller(&one.uri.user_decoded().unwrap_or_default(), plan);
    let asserted = asserted.into_iter().find(|one| !number_in(one).is_withheld());
    let Some(address) = asserted.or_else(|| request.from()) else { return Default::default() };
    let caller = number_in(&address);
    // "Anonymous" and the like is no name.
    let display = address.display.filter(|_| !caller.is_withheld()).unwrap_or_default();
    (caller, CallerName::from(display.as_str()))
}
