//! The ladder of one call: a column for the switch, one for each leg, a line for each message.

use careline_rpc::proto::switch_admin::v1::{Direction, TracedMessage};
use std::fmt::Write as _;

/// Characters from one column to the next.
const COLUMN: usize = 34;
/// Characters of the time before the first column.
const TIME: usize = 10;
/// Legs that get a column; messages of further ones are counted below.
const COLUMNS_MAX: usize = 12;

/// One leg: a Call-ID, and who is on its other side.
struct Leg<'a> {
    sip_call_id: &'a str,
    transport: &'a str,
    remote: &'a str,
}

/// The text. Times are milliseconds since the first message.
#[must_use]
pub fn draw(messages: &[TracedMessage]) -> String {
    let legs = legs(messages);
    let mut text = String::new();
    for (index, leg) in legs.iter().enumerate() {
        let _ = writeln!(
            text,
            "leg {}  {} {}  Call-ID {}",
            index + 1,
            leg.transport,
            plain(leg.remote),
            plain(leg.sip_call_id)
        );
    }
    let shown = &legs[..legs.len().min(COLUMNS_MAX)];
    let _ = write!(text, "\n{:>TIME$}", "ms");
    let mut titles: Vec<String> = (1..=shown.len()).map(|number| format!("leg {number}")).collect();
    titles.insert(titles.len().min(1), "switch".to_owned());
    for title in &titles {
        let _ = write!(text, "  {title:<width$}", width = COLUMN - 2);
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    let began = messages.first().map_or(0, |message| message.at_us);
    let mut hidden = 0;
    for (index, message) in messages.iter().enumerate() {
        let Some(leg) = shown.iter().position(|leg| leg.sip_call_id == message.sip_call_id) else {
            hidden += 1;
            continue;
        };
        let again = messages[..index].iter().rev().any(|earlier| {
            earlier.direction == message.direction
                && earlier.sip_call_id == message.sip_call_id
                && earlier.text == message.text
        });
        let mut label = label(&message.text);
        if again {
            label.push_str(" (again)");
        }
        let since = message.at_us.saturating_sub(began);
        let time = format!("{}.{}", since / 1000, since % 1000 / 100);
        let _ = writeln!(text, "{time:>TIME$}  {}", rungs(titles.len(), leg, message.direction(), &label));
    }
    if hidden > 0 {
        let _ = writeln!(text, "{hidden} messages of further legs are not shown");
    }
    text
}

fn legs(messages: &[TracedMessage]) -> Vec<Leg<'_>> {
    let mut legs: Vec<Leg<'_>> = Vec::new();
    for message in messages {
        if !legs.iter().any(|leg| leg.sip_call_id == message.sip_call_id) {
            let (transport, remote) = (message.transport.as_str(), message.remote.as_str());
            legs.push(Leg { sip_call_id: &message.sip_call_id, transport, remote });
        }
    }
    legs
}

/// One line: a bar for each column, and the arrow over those it crosses. The switch has the second column.
fn rungs(columns: usize, leg: usize, direction: Direction, label: &str) -> String {
    let column_of_leg = if leg == 0 { 0 } else { leg + 1 };
    let (left, right) = (column_of_leg.min(1) * COLUMN, column_of_leg.max(1) * COLUMN);
    let mut line = vec![' '; (columns - 1) * COLUMN + 1];
    for column in 0..columns {
        line[column * COLUMN] = '|';
    }
    line[left + 1..right].fill('-');
    let to_the_right = (direction == Direction::Out) == (column_of_leg > 1);
    if to_the_right {
        line[right - 1] = '>';
    } else {
        line[left + 1] = '<';
    }
    let room = COLUMN - 6;
    let label: Vec<char> = format!(" {label} ").chars().collect();
    let length = label.len().min(room);
    // Beside the leg's own column, where the eye looks for it.
    let start = if leg == 0 { left + 3 } else { right - length - 2 };
    line[start..start + length].copy_from_slice(&label[..length]);
    line.into_iter().collect()
}

/// What a message is: its method, or its status and what it answers; and whether it describes media.
fn label(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let first = text.lines().next().unwrap_or_default();
    let mut label = match first.strip_prefix("SIP/2.0 ") {
        Some(status) => format!("{} ({})", plain(status), plain(method_of(&text))),
        None => plain(first.split(' ').next().unwrap_or_default()),
    };
    if text.contains("\nm=audio") {
        label.push_str(" SDP");
    }
    label
}

fn method_of(text: &str) -> &str {
    let cseq = text.lines().find(|line| line.get(..5).is_some_and(|name| name.eq_ignore_ascii_case("cseq:")));
    cseq.and_then(|line| line.split_whitespace().last()).unwrap_or("?")
}

/// Text from the wire on a terminal: nothing that could move its cursor.
fn plain(text: &str) -> String {
    text.chars().map(|one| if one.is_control() { '?' } else { one }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(at_us: i64, direction: Direction, leg: &str, text: &str) -> TracedMessage {
        TracedMessage {
            at_us,
            direction: direction.into(),
            transport: "UDP".into(),
            local: "192.0.2.1:5060".into(),
            remote: format!("192.0.2.{}:5060", leg.len() + 1),
            text: text.as_bytes().to_vec(),
            sip_call_id: leg.into(),
        }
    }

    #[test]
    fn a_call_of_two_legs_is_drawn() {
        let ok = "SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\n\r\nm=audio 1 RTP/AVP 8\r\n";
        let messages = [
            message(
                1_000_000,
                Direction::In,
                "a",
                "INVITE sip:1@h SIP/2.0\r\n\r\nv=0\r\nm=audio 1 RTP/AVP 8\r\n",
            ),
            message(1_001_500, Direction::Out, "a", "SIP/2.0 100 Trying\r\nCSeq: 1 INVITE\r\n\r\n"),
            message(1_002_000, Direction::Out, "bb", "INVITE sip:2@h SIP/2.0\r\n\r\n"),
            message(1_040_000, Direction::In, "bb", ok),
            message(1_540_000, Direction::In, "bb", ok),
            message(2_000_000, Direction::Out, "ccc", "INVITE sip:3@h\x1b[2J SIP/2.0\r\n\r\n"),
        ];
        let text = draw(&messages);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "leg 1  UDP 192.0.2.2:5060  Call-ID a");
        let rows = &lines[5..];
        assert_eq!(
            rows[0],
            format!(
                "{:>10}  |-- INVITE SDP {}>|{}|{}|",
                "0.0",
                "-".repeat(18),
                " ".repeat(33),
                " ".repeat(33)
            )
        );
        assert!(rows[1].trim_start().starts_with("1.5  |<- 100 Trying (INVITE) ---"), "{text}");
        assert!(rows[2].contains("|--") && rows[2].contains("-- INVITE ->|"), "{text}");
        assert!(rows[3].contains("|<-") && rows[3].contains(" 200 OK (INVITE) SDP --|"), "{text}");
        assert!(rows[4].contains("(again)") && rows[4].contains("540.0"), "{text}");
        assert!(!text.contains('\x1b'));
        let width = rows[0].len();
        assert!(rows.iter().all(|row| row.len() == width), "{text}");
    }
}
