//! REFER as a value (RFC 3515, 3891, 3892, 4488): whom to call, instead of which dialog, at whose wish; and the piece of
//! a response (`message/sipfrag`, RFC 3420) that tells how it goes.

use crate::message::{Method, NameAddr, Replaces, Request, lex, reason_phrase};

/// The body type of a NOTIFY about a REFER.
pub(crate) const SIPFRAG: &str = "message/sipfrag;version=2.0";

/// One REFER that waits for its outcome; never used twice by an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReferId(pub u64);

/// What a REFER asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferTo {
    /// Whom to call; header fields inside the URI are taken off.
    pub to: NameAddr,
    /// The dialog the new call takes the place of.
    pub replaces: Option<Replaces>,
    /// Value of Referred-By (RFC 3892), to be passed on to whoever is called.
    pub referred_by: Option<String>,
}

/// Why a REFER cannot be followed, with the status it deserves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRefer {
    /// RFC 3515 2.4.2: zero or several Refer-To values are answered 400.
    #[error("not one Refer-To")]
    Count,
    /// Refer-To is no address, or its Replaces or the Referred-By is malformed.
    #[error("malformed Refer-To")]
    Malformed,
    /// It names nothing that can be called.
    #[error("unsupported URI scheme")]
    Scheme,
    /// It asks for another request than INVITE.
    #[error("another method than INVITE")]
    Method,
}

impl BadRefer {
    /// The response code.
    pub fn status(self) -> u16 {
        match self {
            Self::Count | Self::Malformed => 400,
            Self::Scheme => 416,
            Self::Method => 603,
        }
    }
}

impl ReferTo {
    /// Reads a REFER.
    ///
    /// # Errors
    /// [`BadRefer`], whose status is the answer.
    pub fn of(request: &Request) -> Result<Self, BadRefer> {
        let mut lines = request.headers.get_all("Refer-To");
        let (Some(line), None) = (lines.next(), lines.next()) else { return Err(BadRefer::Count) };
        let mut to: NameAddr = line.parse().map_err(|_| BadRefer::Malformed)?;
        let scheme = to.uri.scheme();
        if !to.uri.is_sip() && !scheme.eq_ignore_ascii_case("tel") {
            return Err(BadRefer::Scheme);
        }
        if to.uri.param("method").is_some_and(|method| Method::from(method) != Method::Invite) {
            return Err(BadRefer::Method);
        }
        let replaces = match to.uri.header("Replaces") {
            Some(text) => Some(text.parse().map_err(|_| BadRefer::Malformed)?),
            None => None,
        };
        let mut by = request.headers.get_all("Referred-By");
        let referred_by = by.next().map(str::to_owned);
        // RFC 3892 2: one Referred-By at most, and it is an address.
        let is_address = |text: &String| text.parse::<NameAddr>().is_ok();
        if by.next().is_some() || !referred_by.as_ref().is_none_or(is_address) {
            return Err(BadRefer::Malformed);
        }
        to.uri = to.uri.without_headers();
        Ok(Self { to, replaces, referred_by })
    }
}

/// Whether the peer wants no subscription (RFC 4488 4: "Refer-Sub: false").
pub(crate) fn is_without_subscription(request: &Request) -> bool {
    let value = request.headers.get("Refer-Sub").unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("false")
}

/// RFC 3515 2.4.5: "the body MUST begin with a SIP Response Status-Line".
pub(crate) fn sipfrag(status: u16) -> Vec<u8> {
    format!("SIP/2.0 {status} {}\r\n", reason_phrase(status)).into_bytes()
}

/// The status in a sipfrag body.
pub(crate) fn sipfrag_status(body: &[u8]) -> Option<u16> {
    let line = body.split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    let line = std::str::from_utf8(line).ok()?;
    let code =
        line.get(..8).filter(|version| version.eq_ignore_ascii_case("SIP/2.0 ")).and(line.get(8..11))?;
    lex::number(code, 699).filter(|status| *status >= 100).and_then(|status| u16::try_from(status).ok())
}

/// The `id` of an Event header about a REFER: the CSeq number of that REFER. The outer none: another package.
pub(crate) fn refer_event(request: &Request) -> Option<Option<u32>> {
    let line = request.headers.get("Event")?;
    let end = line.find(';').unwrap_or(line.len());
    if !line[..end].trim().eq_ignore_ascii_case("refer") {
        return None;
    }
    let params = lex::params(&line[end..])?;
    match lex::param(&params, "id") {
        None => Some(None),
        Some(text) => Some(Some(u32::try_from(lex::number(text, u64::from(u32::MAX))?).ok()?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Headers, Uri};

    fn refer(lines: &[(&str, &str)]) -> Request {
        let uri: Uri = "sip:a@b".parse().unwrap();
        let mut headers = Headers::default();
        for (name, value) in lines {
            headers.push(name, *value);
        }
        Request { method: Method::Refer, uri, headers, body: Vec::new() }
    }

    fn status(lines: &[(&str, &str)]) -> u16 {
        ReferTo::of(&refer(lines)).map_or_else(BadRefer::status, |_| 202)
    }

    #[test]
    fn a_blind_and_an_attended_transfer_are_read() {
        let blind = ReferTo::of(&refer(&[("Refer-To", "<tel:1001>"), ("r", "x")]));
        assert_eq!(blind, Err(BadRefer::Count), "the compact form counts");
        let line =
            "\"Ward 3\" <sip:1001@192.0.2.1?Replaces=c%40h%3Bto-tag%3Dt%3Bfrom-tag%3Df&Require=replaces>";
        let by = "<sip:1000@192.0.2.1>;cid=\"2@h\"";
        let one = ReferTo::of(&refer(&[("r", line), ("b", by)])).unwrap();
        assert_eq!(one.to.to_string(), "\"Ward 3\" <sip:1001@192.0.2.1>");
        assert_eq!(one.replaces.unwrap().to_string(), "c@h;to-tag=t;from-tag=f");
        assert_eq!(one.referred_by.as_deref(), Some(by));
    }

    #[test]
    fn what_cannot_be_followed_gets_its_status() {
        assert_eq!(status(&[]), 400);
        assert_eq!(status(&[("Refer-To", "<sip:a@b")]), 400);
        assert_eq!(status(&[("Refer-To", "<sip:a@b?Replaces=x>")]), 400);
        assert_eq!(
            status(&[("Refer-To", "sip:a@b"), ("Referred-By", "sip:c@d"), ("Referred-By", "sip:c@d")]),
            400
        );
        assert_eq!(status(&[("Refer-To", "sip:a@b"), ("Referred-By", "<<")]), 400);
        assert_eq!(status(&[("Refer-To", "http://a/b")]), 416);
        assert_eq!(status(&[("Refer-To", "<sip:a@b;method=BYE>")]), 603);
        assert_eq!(status(&[("Refer-To", "<sip:a@b;method=INVITE>")]), 202);
    }

    #[test]
    fn a_sipfrag_is_written_and_read() {
        assert_eq!(sipfrag(180), b"SIP/2.0 180 Ringing\r\n");
        assert_eq!(sipfrag_status(&sipfrag(603)), Some(603));
        assert_eq!(sipfrag_status(b"sip/2.0 200 OK\r\nContact: <sip:a@b>\r\n\r\n"), Some(200));
        for bad in [&b""[..], b"SIP/2.0 99", b"SIP/2.0 700 x", b"HTTP/1.1 200 OK", b"SIP/2.0 \xff\xff\xff"] {
            assert_eq!(sipfrag_status(bad), None);
        }
    }

    #[test]
    fn the_event_names_the_refer() {
        let of = |value: &str| refer_event(&refer(&[("Event", value)]));
        assert_eq!(of("refer"), Some(None));
        assert_eq!(of("Refer ; id=93809823"), Some(Some(93_809_823)));
        assert_eq!((of("presence"), of("refer;id=x"), of("refer;id=99999999999")), (None, None, None));
    }

    #[test]
    fn a_subscription_can_be_declined() {
        assert!(is_without_subscription(&refer(&[("Refer-Sub", " False;x=1")])));
        assert!(!is_without_subscription(&refer(&[("Refer-Sub", "true")])));
        assert!(!is_without_subscription(&refer(&[])));
    }
}
