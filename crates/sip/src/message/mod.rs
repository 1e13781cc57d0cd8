//! SIP messages: bytes in, values out, and back.

mod framing;
mod headers;
mod identity;
pub(crate) mod lex;
mod method;
mod name_addr;
mod parse;
mod print;
mod reason;
mod replaces;
mod status;
mod uri;
mod via;

pub use framing::{Frame, StreamFramer, Unframed};
pub use headers::Headers;
pub(crate) use lex::{quote, split_list, unquote};
pub use method::Method;
pub use name_addr::{BadAddress, NameAddr};
pub use parse::{HEADER_LINE_BYTES_MAX, HEADERS_MAX, MESSAGE_BYTES_MAX, Malformed, parse};
pub use reason::{BadReason, Reason};
pub use replaces::{BadReplaces, Replaces};
pub use status::reason_phrase;
pub use uri::{BadUri, Uri};
pub(crate) use via::MAGIC_COOKIE;
pub use via::Via;

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The Request-URI.
    pub uri: Uri,
    /// The header fields in order, without Content-Length: printing computes it from the body.
    pub headers: Headers,
    /// The body, byte exact.
    pub body: Vec<u8>,
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// 100 to 699.
    pub status: u16,
    /// The reason phrase, may be empty.
    pub reason: String,
    /// The header fields in order, without Content-Length: printing computes it from the body.
    pub headers: Headers,
    /// The body, byte exact.
    pub body: Vec<u8>,
}

/// What one datagram or one frame of a stream holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A request.
    Request(Request),
    /// A response.
    Response(Response),
}

/// The CSeq of a message (RFC 3261 8.1.1.5).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CSeq {
    /// Below 2^31.
    pub number: u32,
    /// The method of the request.
    pub method: Method,
}

macro_rules! typed_accessors {
    ($($of:ty),*) => {$(
        impl $of {
            /// The From header, if it is there and well formed (a parsed message guarantees both).
            pub fn from(&self) -> Option<NameAddr> {
                self.headers.get("From")?.parse().ok()
            }

            /// The To header, if it is there and well formed (a parsed message guarantees both).
            pub fn to(&self) -> Option<NameAddr> {
                self.headers.get("To")?.parse().ok()
            }

            /// The Call-ID, empty when absent.
            pub fn call_id(&self) -> &str {
                self.headers.get("Call-ID").unwrap_or_default()
            }

            /// The CSeq, if it is there and well formed (a parsed message guarantees both).
            pub fn cseq(&self) -> Option<CSeq> {
                parse::cseq(self.headers.get("CSeq")?)
            }

            /// The first Contact that is an address.
            pub fn contact(&self) -> Option<NameAddr> {
                self.headers.list("Contact").next()?.parse().ok()
            }

            /// The topmost Via.
            pub fn via(&self) -> Option<Via> {
                self.headers.list("Via").next()?.parse().ok()
            }

            /// The body if it is a session description.
            pub fn sdp(&self) -> Option<&[u8]> {
                let kind = self.headers.get("Content-Type")?;
                let kind = kind.split(';').next().unwrap_or_default().trim();
                (kind.eq_ignore_ascii_case("application/sdp") && !self.body.is_empty()).then_some(&self.body[..])
            }
        }
    )*};
}

typed_accessors!(Request, Response);

impl Response {
    /// A response to `request`: status, reason phrase, and Via, From, To, Call-ID, CSeq as RFC 3261 8.2.6.2 says; the
    /// To tag is added when it is sent.
    pub fn to_request(request: &Request, status: u16) -> Self {
        let mut headers = Headers::default();
        for name in ["Via", "From", "To", "Call-ID", "CSeq"] {
            headers.copy_all(&request.headers, name);
        }
        Self { status, reason: reason_phrase(status), headers, body: Vec::new() }
    }
}
