//! `[[his]]`: where the hospital's systems send messages.

use super::HisDoor;
use super::check::{Checker, WORD, is_word};
use super::written::His;
use crate::his::listener::Door;
use crate::his::{Charset, Profile};
use careline_model::number::NumberPlan;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

impl Checker<'_> {
    pub(super) fn his(
        &mut self,
        written: &[His],
        numbers: &NumberPlan,
        timezone: Option<&TimeZone>,
    ) -> Vec<HisDoor> {
        let mut known = BTreeSet::new();
        let mut doors = Vec::new();
        for his in written {
            let id = his.id.get_ref();
            if !is_word(id) {
                self.wrong(&his.id, "his.id", &format!("\"{id}\" is no name of a system"), WORD);
            }
            if !known.insert(id.as_str()) {
                self.wrong(&his.id, "his.id", &format!("\"{id}\" stands here twice"), "another name");
            }
            let listen = his.listen.get_ref().parse::<SocketAddr>();
            if listen.is_err() {
                let what = format!("\"{}\" is no address", his.listen.get_ref());
                self.wrong(&his.listen, "his.listen", &what, "ip:port, such as 127.0.0.1:2575");
            }
            let from = self.senders(his);
            if listen.as_ref().is_ok_and(|listen| !listen.ip().is_loopback()) && his.from.is_empty() {
                let what = "can be reached from other machines, and anybody could send patients";
                self.wrong(&his.listen, "his.listen", what, "from = [\"<address of the system>\"] beside it");
            }
            let charset = his.charset.as_ref().and_then(|name| {
                let charset = Charset::named(name.get_ref());
                if charset.is_none() {
                    let what = format!("\"{}\" is no character set", name.get_ref());
                    self.wrong(name, "his.charset", &what, "\"UTF-8\" or \"GB18030\"");
                }
                charset
            });
            if let (Ok(listen), Some(timezone)) = (listen, timezone) {
                let (numbers, timezone) = (numbers.clone(), timezone.clone());
                let profile = Profile { id: id.clone(), charset, numbers, timezone };
                doors.push(HisDoor { listen, door: Door { profile, from } });
            }
        }
        doors
    }

    fn senders(&mut self, his: &His) -> Vec<IpAddr> {
        let mut senders = Vec::new();
        for written in &his.from {
            match written.get_ref().parse() {
                Ok(address) => senders.push(address),
                Err(_) => {
                    let what = format!("\"{}\" is no address", written.get_ref());
                    self.wrong(written, "his.from", &what, "an IPv4 or IPv6 address without a port");
                }
            }
        }
        senders
    }
}
