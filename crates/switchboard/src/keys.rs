//! Keys that people press: told to the call centre, and to the party they talk to in the way that one takes them.
//!
//! ```text
//!                    of the leg that presses
//!                    events        sound            INFO
//! of the leg   events  engine        engine           order: send as an event
//! that takes   sound   engine        it is heard      order: send as tones
//! them         INFO    INFO          INFO             INFO
//! ```
//!
//! Events (RFC 4733) and tones are the media engine's business as long as both sides are; what one side has in signalling
//! goes through here. A trunk takes keys as its block says (`dtmf`); a phone as events when it named them, as INFO
//! when it sends INFO itself, and as tones otherwise.
//!
//! Keys are sought in the sound of trunks whose block says `inband`, because flows listen to them, and in that of others
//! without events only while the party they talk to needs them in another form. The sound itself goes on: who listens in
//! the sound as well may hear such a key twice.

use crate::leg::Leg;
use crate::output::MediaOrder;
use crate::switchboard::Switchboard;
use careline_callcentre::Input;
use careline_model::config::plan::DtmfMode;
use careline_model::{CallId, LegId, Now};
use std::time::{Duration, Instant};

/// The body of an INFO that is one key.
const RELAY: &str = "application/dtmf-relay";
/// An INFO without a duration.
const INFO_DURATION_MS: u32 = 100;
/// What phones send by two ways comes within this time, and is one key.
const TWICE_WITHIN: Duration = Duration::from_secs(1);

/// What is known of a leg's keys.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    /// It takes keys as INFO.
    pub by_info: bool,
    /// It was heard to press a key by telephone events: what it sends as INFO beside them is the same key again.
    events_heard: bool,
    /// The last key that it sent as INFO.
    last_info: Option<(char, Instant)>,
    /// They are sought in its sound.
    sought: bool,
}

impl Leg {
    /// Telephone events were agreed.
    fn has_events(&self) -> bool {
        self.remote.as_ref().is_some_and(|remote| remote.telephone_event.is_some())
    }

    /// Keys for it are signalled: they are neither sent as events nor as tones.
    pub fn is_signalled_to(&self) -> bool {
        self.keys_pressed.by_info && !self.has_events()
    }
}

impl Switchboard {
    /// Tells the engine what was agreed with a leg, and whether keys are to be sought in its sound.
    pub(crate) fn describe_media(&mut self, id: LegId) {
        let by_info = self.dtmf_of(id) == Some(DtmfMode::Info);
        let Some(leg) = self.legs.get_mut(id) else { return };
        leg.keys_pressed.by_info |= by_info;
        let Some(remote) = leg.remote.clone() else { return };
        let order = leg.remote_order(id, remote);
        self.media(order);
        self.seek_keys(id);
        if let Some(other) = self.legs.joined_with(id) {
            self.seek_keys(other);
        }
    }

    fn dtmf_of(&self, id: LegId) -> Option<DtmfMode> {
        Some(self.plan.trunks.get(self.trunks.trunk_of(id)?)?.dtmf)
    }

    /// Looks again whether keys are to be sought in a leg's sound.
    pub(crate) fn seek_keys(&mut self, id: LegId) {
        let is_inband = self.dtmf_of(id) == Some(DtmfMode::Inband);
        let other = self.legs.joined_with(id).and_then(|other| self.legs.get(other));
        let other_needs = other.is_some_and(|other| other.has_events() || other.is_signalled_to());
        let Some(leg) = self.legs.get_mut(id).filter(|leg| leg.open && leg.remote.is_some()) else { return };
        let wanted = !leg.has_events() && !leg.keys_pressed.by_info && (is_inband || other_needs);
        if std::mem::replace(&mut leg.keys_pressed.sought, wanted) != wanted {
            self.media(MediaOrder::SeekKeys { leg: id, on: wanted });
        }
    }

    /// Joins two legs.
    pub(crate) fn join_legs(&mut self, call: CallId, caller: LegId, agent: LegId) {
        self.legs.join(call, caller, agent);
        self.media(MediaOrder::Bridge { caller, agent });
        self.seek_keys(caller);
        self.seek_keys(agent);
    }

    /// Parts them.
    pub(crate) fn part_legs(&mut self, caller: LegId, agent: LegId) {
        self.legs.part(caller);
        self.media(MediaOrder::Unbridge { caller, agent });
        self.seek_keys(caller);
        self.seek_keys(agent);
    }

    /// The media engine heard a key, as an event or in the sound.
    pub(crate) fn key_heard(&mut self, now: Now, id: LegId, key: char, duration_ms: u32) {
        if let Some(leg) = self.legs.get_mut(id) {
            leg.keys_pressed.events_heard |= leg.has_events();
            if leg.keys_pressed.last_info.take().is_some_and(|last| is_same(last, key, now.instant)) {
                return;
            }
        }
        self.centre.handle(Input::Digit { leg: id, digit: key, duration_ms }, now);
        if let Some(other) = self.legs.joined_with(id)
            && self.legs.get(other).is_some_and(Leg::is_signalled_to)
        {
            self.signal_key(now, other, key, duration_ms);
        }
    }

    /// An INFO came: a key from a peer that has no telephone events, or sends each key by both ways.
    pub(crate) fn info(&mut self, now: Now, id: LegId, content_type: &str, body: &[u8]) {
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        let read = if kind.eq_ignore_ascii_case(RELAY) { read(body) } else { None };
        let Some((key, duration_ms)) = read else { return };
        let Some(leg) = self.legs.get_mut(id).filter(|leg| !leg.keys_pressed.events_heard) else { return };
        leg.keys_pressed.last_info = Some((key, now.instant));
        if !std::mem::replace(&mut leg.keys_pressed.by_info, true) && leg.open && !leg.has_events() {
            // From now on it gets keys in the way that it sends them.
            self.describe_media(id);
        }
        self.centre.handle(Input::Digit { leg: id, digit: key, duration_ms }, now);
        let Some(other) = self.legs.joined_with(id) else { return };
        if self.legs.get(other).is_some_and(Leg::is_signalled_to) {
            self.signal_key(now, other, key, duration_ms);
        } else {
            let duration_ms = u16::try_from(duration_ms).unwrap_or(u16::MAX);
            self.media(MediaOrder::SendKey { leg: other, key, duration_ms });
        }
    }

    fn signal_key(&mut self, now: Now, id: LegId, key: char, duration_ms: u32) {
        let Some(dialog) = self.legs.get(id).map(|leg| leg.dialog) else { return };
        let body = format!("Signal={key}\r\nDuration={duration_ms}\r\n");
        self.endpoint.inform(now.instant, dialog, RELAY, body.into_bytes());
    }
}

/// Whether a key is the one that came as INFO a moment ago.
fn is_same((last, at): (char, Instant), key: char, now: Instant) -> bool {
    last == key && now.saturating_duration_since(at) <= TWICE_WITHIN
}

/// The key in an INFO, and how long it was held in milliseconds.
fn read(body: &[u8]) -> Option<(char, u32)> {
    let text = String::from_utf8_lossy(body);
    let field = |name: &str| {
        text.lines().find_map(|line| {
            let (key, value) = line.split_once('=')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
        })
    };
    let key = match field("Signal")? {
        // Some gateways write the event's number.
        "10" => '*',
        "11" => '#',
        text => {
            let mut chars = text.chars();
            chars.next().map(|one| one.to_ascii_uppercase()).filter(|_| chars.next().is_none())?
        }
    };
    let duration_ms = field("Duration").and_then(|text| text.parse().ok()).unwrap_or(INFO_DURATION_MS);
    "0123456789*#ABCD".contains(key).then_some((key, duration_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_gateways_write_it() {
        for (body, wanted) in [
            ("Signal=5\r\nDuration=160\r\n", Some(('5', 160))),
            ("signal = 5\nduration = 160", Some(('5', 160))),
            ("Duration=160\r\nSignal=#", Some(('#', 160))),
            ("Signal=11\r\n", Some(('#', 100))),
            ("Signal=10\r\nDuration=x", Some(('*', 100))),
            ("Signal=d", Some(('D', 100))),
            ("Signal=55", None),
            ("Signal=", None),
            ("Signal=!", None),
            ("5", None),
            ("", None),
        ] {
            assert_eq!(read(body.as_bytes()), wanted, "{body:?}");
        }
        assert_eq!(read(b"Signal=\xff\xfe"), None);
    }
}
