//! MSH: who sends what, under which number.

use hl7_parser::Message;

/// Longest value that is kept, in characters; senders' nonsense is cut.
const VALUE_CHARS_MAX: usize = 199;

/// The first segment of a message, decoded but for what an answer copies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Header {
    /// MSH-1 and MSH-2 as they stand.
    pub separators: String,
    /// MSH-3 to MSH-6 as they stand.
    pub parties: [String; 4],
    /// MSH-7: digits of the time at the sender's.
    pub sent: String,
    /// MSH-9.1.
    pub kind: String,
    /// MSH-9.2.
    pub trigger: String,
    /// MSH-10 as it stands.
    pub control_id: String,
    /// MSH-11.1.
    pub processing: String,
    /// MSH-12.1.
    pub version: String,
    /// MSH-15: when the sender wants to hear that it was stored.
    pub accept: String,
    /// MSH-16: when the sender wants to hear what became of it.
    pub application: String,
    /// MSH-18 as it stands.
    pub charset: String,
}

impl Header {
    pub(super) fn of(message: &Message<'_>) -> Self {
        let raw = |field: usize| {
            let segment = message.segment("MSH");
            let value =
                segment.and_then(|segment| segment.field(field)).map(|field| field.raw_value().trim());
            let letters = value.unwrap_or_default().chars().filter(|letter| !letter.is_control());
            letters.take(VALUE_CHARS_MAX).collect::<String>()
        };
        let first = |field: usize| raw(field).split(['^', '~']).next().unwrap_or_default().to_owned();
        let kind = raw(9);
        let mut kind = kind.split(message.separators.component);
        Self {
            separators: message.separators.to_string(),
            parties: [raw(3), raw(4), raw(5), raw(6)],
            sent: raw(7).chars().take_while(char::is_ascii_digit).collect(),
            kind: kind.next().unwrap_or_default().to_owned(),
            trigger: kind.next().unwrap_or_default().to_owned(),
            control_id: raw(10),
            processing: first(11),
            version: first(12),
            accept: raw(15),
            application: raw(16),
            charset: raw(18),
        }
    }
}
