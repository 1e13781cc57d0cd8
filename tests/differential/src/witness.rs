//! What each parser reads in a message, in one form.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::sync::Once;

/// Field and what was read in it; none where the parser has no word for it.
pub type View = BTreeMap<&'static str, Option<String>>;

/// Reads a message; `Err` when the parser refuses it.
pub type Witness = fn(&[u8]) -> Result<View, String>;

/// Everybody but us, by name.
pub const WITNESSES: &[(&str, Witness)] = &[
    ("rsip", rsip_view),
    ("rsipstack", rsipstack_view),
    #[cfg(feature = "rsiprtp")]
    ("rsiprtp", rsiprtp_view),
];

thread_local! {
    /// Whether this thread is asking a witness.
    static ASKING: Cell<bool> = const { Cell::new(false) };
}

/// A witness that must not take the test down when it panics.
///
/// # Errors
/// The parser's own, or `panic`.
pub fn ask(witness: Witness, bytes: &[u8]) -> Result<View, String> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        // Some panic on some damage and would fill the output.
        let loud = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !ASKING.get() {
                loud(panic);
            }
        }));
    });
    ASKING.set(true);
    let view = catch_unwind(|| witness(bytes)).unwrap_or_else(|_| Err("panic".to_owned()));
    ASKING.set(false);
    view
}

fn some(text: impl ToString) -> Option<String> {
    Some(text.to_string())
}

/// Ours.
///
/// # Errors
/// Why the message is refused.
pub fn ours(bytes: &[u8]) -> Result<View, String> {
    let message = careline_sip::parse(bytes).map_err(|bad| bad.why.to_owned())?;
    let (start, uri, headers, body) = match &message {
        careline_sip::Message::Request(one) => {
            (one.method.to_string(), some(&one.uri), &one.headers, &one.body)
        }
        careline_sip::Message::Response(one) => (one.status.to_string(), None, &one.headers, &one.body),
    };
    let via = headers.list("Via").next().and_then(|via| via.parse::<careline_sip::Via>().ok());
    let address = |name| headers.get(name).and_then(|text| text.parse::<careline_sip::NameAddr>().ok());
    let tag = |name| Some(address(name)?.tag().unwrap_or_default().to_owned());
    let cseq = match &message {
        careline_sip::Message::Request(one) => one.cseq(),
        careline_sip::Message::Response(one) => one.cseq(),
    };
    Ok(View::from([
        ("start", some(start)),
        ("uri", uri),
        ("vias", some(headers.list("Via").count())),
        ("via host", via.as_ref().map(|via| via.host.to_ascii_lowercase())),
        ("via branch", via.as_ref().map(|via| via.branch().unwrap_or_default().to_owned())),
        ("from tag", tag("From")),
        ("to tag", tag("To")),
        ("call-id", headers.get("Call-ID").map(str::to_owned)),
        ("cseq", cseq.map(|cseq| format!("{} {}", cseq.number, cseq.method))),
        ("contacts", some(headers.list("Contact").count())),
        ("body", some(body.len())),
    ]))
}

/// `rsip` and `rsipstack::sip`, which grew from it, are asked in the same words.
macro_rules! rsip_like {
    ($name:ident, $lib:path, $message:ident => $parsed:expr) => {
        fn $name(bytes: &[u8]) -> Result<View, String> {
            use lib::prelude::*;
            use $lib as lib;
            let $message = bytes;
            let message: lib::SipMessage = $parsed.map_err(|bad: lib::Error| bad.to_string())?;
            let (start, uri, body) = match &message {
                lib::SipMessage::Request(one) => (one.method.to_string(), some(&one.uri), one.body().len()),
                lib::SipMessage::Response(one) => {
                    (one.status_code.code().to_string(), None, one.body().len())
                }
            };
            let count = |wanted: fn(&lib::Header) -> bool| {
                some(message.headers().iter().filter(|one| wanted(one)).count())
            };
            let via = message.via_header().ok().and_then(|via| via.clone().typed().ok());
            let from = message.from_header().ok().and_then(|from| from.clone().typed().ok());
            let to = message.to_header().ok().and_then(|to| to.clone().typed().ok());
            let cseq = message.cseq_header().ok().and_then(|cseq| cseq.clone().typed().ok());
            Ok(View::from([
                ("start", some(start)),
                ("uri", uri),
                ("vias", count(|one| matches!(one, lib::Header::Via(_)))),
                (
                    "via host",
                    via.as_ref().map(|via| via.uri.host_with_port.host.to_string().to_ascii_lowercase()),
                ),
                (
                    "via branch",
                    via.as_ref().map(|via| via.branch().map(ToString::to_string).unwrap_or_default()),
                ),
                ("from tag", from.map(|from| from.tag().map(ToString::to_string).unwrap_or_default())),
                ("to tag", to.map(|to| to.tag().map(ToString::to_string).unwrap_or_default())),
                ("call-id", message.call_id_header().ok().map(|id| id.value().to_owned())),
                ("cseq", cseq.map(|cseq| format!("{} {}", cseq.seq, cseq.method))),
                ("contacts", count(|one| matches!(one, lib::Header::Contact(_)))),
                ("body", some(body)),
            ]))
        }
    };
}

rsip_like!(rsip_view, rsip, bytes => rsip::SipMessage::try_from(bytes));
rsip_like!(rsipstack_view, rsipstack::sip, bytes => rsipstack::sip::SipMessage::try_from(bytes));

#[cfg(feature = "rsiprtp")]
fn rsiprtp_view(bytes: &[u8]) -> Result<View, String> {
    use rsiprtp::sip::SipMessage;
    let message = SipMessage::parse(bytes).map_err(|bad| bad.to_string())?;
    let cseq = |number: Option<u32>, method: Option<String>| Some(format!("{} {}", number?, method?));
    Ok(match &message {
        SipMessage::Request(one) => View::from([
            ("start", some(one.method())),
            ("uri", some(one.uri())),
            ("vias", some(one.via_headers_raw().len())),
            ("via branch", Some(one.via_branch().unwrap_or_default())),
            ("from tag", Some(one.from_tag().unwrap_or_default())),
            ("to tag", Some(one.to_tag().unwrap_or_default())),
            ("call-id", one.call_id().ok()),
            ("cseq", cseq(one.cseq().ok(), one.cseq_method().ok().map(|method| method.to_string()))),
            ("body", some(one.body().len())),
        ]),
        SipMessage::Response(one) => View::from([
            ("start", some(one.status_code())),
            ("vias", some(one.via_headers_raw().len())),
            ("via branch", Some(one.via_branch().unwrap_or_default())),
            ("from tag", Some(one.from_tag().unwrap_or_default())),
            ("to tag", Some(one.to_tag().unwrap_or_default())),
            ("call-id", one.call_id().ok()),
            ("cseq", cseq(one.cseq().ok(), one.cseq_method().ok().map(|method| method.to_string()))),
            ("body", some(one.body().len())),
        ]),
    })
}
