//! One contact of an address of record, and how contacts compare.

use std::time::{Duration, Instant};

use super::Limits;
use crate::flow::Flow;
use crate::message::{NameAddr, Request, Uri};

/// The preference of a contact without `q`.
pub const Q_MAX: u16 = 1000;

/// One contact of an address of record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The Contact as the phone wrote it; goes into the Request-URI.
    pub contact: Uri,
    /// The way back to the phone.
    pub flow: Flow,
    /// When it ends.
    pub expires_at: Instant,
    /// Preference in thousandths (RFC 3261 20.10 `q`), [`Q_MAX`] when none was given; rung first where it is high.
    pub q: u16,
    /// `+sip.instance` (RFC 5626 4.1), which stays the same when the phone's address changes.
    pub instance: Option<String>,
    /// `reg-id` (RFC 5626 4.2): which of the phone's several ways to us.
    pub reg_id: Option<u32>,
    /// Path (RFC 3327), to be used as the Route of requests to the contact.
    pub path: Vec<String>,
    /// Call-ID of the REGISTER that made it.
    pub call_id: String,
    /// CSeq of the REGISTER that made it.
    pub cseq: u32,
}

impl Binding {
    /// RFC 5626 6: a contact with instance and reg-id is known by these two. RFC 3261 10.3 has the URI for any other; an
    /// instance without reg-id is a phone with one way to us, wherever it is now.
    pub(super) fn is_same(&self, contact: &Uri, instance: Option<&str>, reg_id: Option<u32>) -> bool {
        let same_instance = instance.is_some() && self.instance.as_deref() == instance;
        match (self.reg_id, reg_id) {
            (None, None) => same_instance || self.contact == *contact,
            (Some(_), Some(_)) => same_instance && self.reg_id == reg_id,
            _ => !same_instance && self.contact == *contact,
        }
    }

    /// The value of Contact in a response to REGISTER.
    pub(super) fn as_contact(&self, now: Instant) -> String {
        let left = self.expires_at.saturating_duration_since(now).as_secs();
        let mut text = format!("<{}>;expires={left}", self.contact);
        if self.q < Q_MAX {
            text.push_str(&format!(";q=0.{:03}", self.q));
        }
        if let Some(instance) = &self.instance {
            text.push_str(&format!(";+sip.instance={instance}"));
        }
        if let Some(reg_id) = self.reg_id {
            text.push_str(&format!(";reg-id={reg_id}"));
        }
        text
    }

    /// Bytes it takes, with what its strings hold.
    pub fn bytes(&self) -> usize {
        let path: usize = self.path.iter().map(|one| size_of::<String>() + one.capacity()).sum();
        size_of::<Self>()
            + self.contact.as_str().len()
            + self.instance.as_ref().map_or(0, String::capacity)
            + path
            + self.call_id.capacity()
    }
}

/// One Contact of a REGISTER, understood.
pub(super) struct Wanted {
    pub contact: Uri,
    pub instance: Option<String>,
    pub reg_id: Option<u32>,
    pub q: u16,
    pub lasts: Duration,
}

impl Wanted {
    /// Reads every Contact but `*`; the status that refuses the request when one of them cannot be.
    pub(super) fn all_of(request: &Request, limits: &Limits) -> Result<Vec<Self>, u16> {
        let header = request.headers.get("Expires");
        let common: usize =
            request.headers.list("Path").map(str::len).sum::<usize>() + request.call_id().len();
        let mut all = Vec::new();
        for one in request.headers.list("Contact") {
            if one.len() + common > limits.text_max {
                return Err(400);
            }
            let address: NameAddr = one.parse().map_err(|_| 400u16)?;
            if !address.uri.is_sip() {
                return Err(400);
            }
            // "malformed values are treated as equivalent to 3600", here: the default.
            let asked = address.param("expires").or(header).and_then(seconds);
            let asked = asked.unwrap_or(limits.expires_default);
            if !asked.is_zero() && asked < limits.expires_min {
                return Err(423);
            }
            let instance = address.param("+sip.instance").filter(|text| !text.is_empty()).map(str::to_owned);
            // RFC 5626 4.2.1: without an instance a reg-id means nothing.
            let reg_id = address.param("reg-id").and_then(|text| text.parse().ok());
            let reg_id = reg_id.filter(|_| instance.is_some());
            let q = address.param("q").and_then(thousandths).unwrap_or(Q_MAX);
            let lasts = asked.min(limits.expires_max);
            all.push(Self { contact: address.uri, instance, reg_id, q, lasts });
        }
        Ok(all)
    }
}

/// Seconds of an Expires; more than fits counts as the most there is.
pub(super) fn seconds(text: &str) -> Option<Duration> {
    let digits = text.trim();
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| Duration::from_secs(digits.parse::<u32>().unwrap_or(u32::MAX).into()))
}

/// RFC 3261 25.1: `qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )`.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    if part.len() > 3 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part: u16 = format!("{part:0<3}").parse().ok()?;
    match whole {
        "0" => Some(part),
        "1" if part == 0 => Some(Q_MAX),
        _ => None,
    }
}
