use std::net::SocketAddr;

use super::*;
use crate::flow::Transport;
use crate::message::{Message, parse};

fn base() -> Instant {
    #[allow(clippy::disallowed_methods, reason = "any base will do; all times are relative to it")]
    Instant::now()
}

fn flow(port: u16) -> Flow {
    let local: SocketAddr = "192.0.2.1:5060".parse().unwrap();
    Flow { transport: Transport::Tcp, local, remote: SocketAddr::new("192.0.2.9".parse().unwrap(), port) }
}

fn register(call_id: &str, cseq: u32, extra: &str) -> Request {
    let text = format!(
        "REGISTER sip:h SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nFrom: <sip:7@h>;tag=f\r\nTo: <sip:7@h>\r\n\
         Call-ID: {call_id}\r\nCSeq: {cseq} REGISTER\r\n{extra}\r\n"
    );
    match parse(text.as_bytes()) {
        Ok(Message::Request(request)) => request,
        other => panic!("{other:?}"),
    }
}

/// A registrar, its time, and how the next REGISTER is answered.
struct Desk {
    registrar: Registrar,
    now: Instant,
    cseq: u32,
}

impl Desk {
    fn new() -> Self {
        Self {
            registrar: Registrar::new(Limits { contacts_max: 2, ..Limits::default() }),
            now: base(),
            cseq: 0,
        }
    }

    fn handle(&mut self, extra: &str) -> Response {
        self.cseq += 1;
        self.registrar.handle(self.now, "7", &register("c", self.cseq, extra), flow(1))
    }

    fn contacts(&self) -> Vec<String> {
        self.registrar.lookup("7").iter().map(|one| one.contact.to_string()).collect()
    }
}

#[test]
fn a_phone_registers_refreshes_and_leaves() {
    let mut desk = Desk::new();
    let response = desk.handle("Contact: <sip:7@a>;expires=120;q=0.3\r\n");
    assert_eq!(response.status, 200);
    assert_eq!(response.headers.get("Contact"), Some("<sip:7@a>;expires=120;q=0.300"));
    desk.now += Duration::from_secs(100);
    assert_eq!(desk.handle("").headers.get("Contact"), Some("<sip:7@a>;expires=20;q=0.300"), "a query");
    desk.handle("Contact: <sip:7@a>\r\nExpires: 300\r\n");
    assert_eq!(desk.registrar.next_deadline(), Some(desk.now + Duration::from_secs(300)));
    assert_eq!(desk.handle("Contact: <sip:7@a>;expires=0\r\n").headers.get("Contact"), None);
    assert_eq!((desk.contacts().len(), desk.registrar.next_deadline()), (0, None));
}

#[test]
fn expiry_names_addresses_that_lost_their_last_contact() {
    let mut desk = Desk::new();
    desk.handle("Contact: <sip:7@a>;expires=60, <sip:7@b>;expires=90\r\n");
    desk.now += Duration::from_secs(60);
    assert!(desk.registrar.expire(desk.now).is_empty());
    assert_eq!(desk.contacts(), ["sip:7@b"]);
    desk.now += Duration::from_secs(30);
    assert_eq!(desk.registrar.expire(desk.now), ["7".into()]);
    assert_eq!(desk.registrar.next_deadline(), None);
}

#[test]
fn times_are_kept_within_the_limits() {
    let mut desk = Desk::new();
    let brief = desk.handle("Contact: <sip:7@a>;expires=59\r\n");
    assert_eq!((brief.status, brief.headers.get("Min-Expires")), (423, Some("60")));
    for (asked, given) in [("99999999999999999999", "3600"), ("7200", "3600"), ("soon", "3600")] {
        let response = desk.handle(&format!("Contact: <sip:7@a>;expires={asked}\r\n"));
        assert_eq!(response.headers.get("Contact"), Some(&format!("<sip:7@a>;expires={given}")[..]));
    }
}

#[test]
fn an_old_request_changes_nothing() {
    let mut desk = Desk::new();
    desk.handle("Contact: <sip:7@a>;expires=120\r\n");
    let late = register("c", 1, "Contact: <sip:7@a>;expires=0\r\n");
    assert_eq!(desk.registrar.handle(desk.now, "7", &late, flow(1)).status, 400);
    assert_eq!(desk.contacts().len(), 1);
    let restarted = register("other", 1, "Contact: <sip:7@a>;expires=0\r\n");
    assert_eq!(desk.registrar.handle(desk.now, "7", &restarted, flow(1)).status, 200);
    assert_eq!(desk.contacts().len(), 0);
}

#[test]
fn a_star_removes_all_and_only_with_expires_0() {
    let mut desk = Desk::new();
    desk.handle("Contact: <sip:7@a>, <sip:7@b>\r\n");
    assert_eq!(desk.handle("Contact: *\r\n").status, 400);
    assert_eq!(desk.handle("Contact: *\r\nExpires: 60\r\n").status, 400);
    assert_eq!(desk.handle("Contact: *, <sip:7@c>\r\nExpires: 0\r\n").status, 400);
    assert_eq!(desk.contacts().len(), 2);
    assert_eq!(desk.handle("Contact: *\r\nExpires: 0\r\n").status, 200);
    assert_eq!(desk.contacts().len(), 0);
}

#[test]
fn an_instance_replaces_its_old_address_and_a_third_phone_the_first() {
    let mut desk = Desk::new();
    let instance = ";+sip.instance=\"<urn:uuid:1>\"";
    desk.handle(&format!("Contact: <sip:7@a:1000>{instance};expires=100\r\n"));
    desk.handle(&format!("Contact: <sip:7@a:2000>{instance};expires=100\r\n"));
    assert_eq!(desk.contacts(), ["sip:7@a:2000"]);
    desk.handle("Contact: <sip:7@b>;expires=200\r\n");
    desk.handle("Contact: <sip:7@c>;expires=200\r\n");
    assert_eq!(desk.contacts(), ["sip:7@c", "sip:7@b"], "the newest first");
}

#[test]
fn a_lost_connection_takes_its_contacts_along() {
    let mut desk = Desk::new();
    desk.handle("Contact: <sip:7@a>\r\n");
    desk.registrar.handle(desk.now, "7", &register("d", 1, "Contact: <sip:7@b>\r\n"), flow(2));
    assert_eq!(desk.registrar.drop_flow(flow(1)), ["7".into()]);
    assert_eq!(desk.contacts(), ["sip:7@b"]);
    assert_eq!(desk.registrar.lookup("7")[0].flow, flow(2));
    assert!(desk.registrar.drop_flow(flow(1)).is_empty());
}

#[test]
fn foreign_schemes_and_too_many_addresses_are_refused() {
    let mut desk = Desk::new();
    assert_eq!(desk.handle("Contact: <name:7>\r\n").status, 400);
    let mut full = Registrar::new(Limits { aors_max: 1, ..Limits::default() });
    let request = register("c", 1, "Contact: <sip:7@a>\r\n");
    assert_eq!(full.handle(desk.now, "7", &request, flow(1)).status, 200);
    assert_eq!(full.handle(desk.now, "8", &request, flow(1)).status, 503);
}

#[test]
fn a_higher_q_comes_first_and_among_equals_the_newest() {
    let mut desk = Desk::new();
    desk.registrar = Registrar::new(Limits::default());
    for contact in
        ["<sip:7@a>;q=0.5", "<sip:7@b>", "<sip:7@c>;q=0.5", "<sip:7@d>;q=nonsense", "<sip:7@e>;q=0"]
    {
        desk.handle(&format!("Contact: {contact}\r\n"));
    }
    assert_eq!(desk.contacts(), ["sip:7@d", "sip:7@b", "sip:7@c", "sip:7@a", "sip:7@e"]);
    desk.handle("Contact: <sip:7@a>;q=0.5\r\n");
    assert_eq!(desk.contacts(), ["sip:7@d", "sip:7@b", "sip:7@a", "sip:7@c", "sip:7@e"], "refreshed");
}

/// RFC 5626 6: the same instance and reg-id is the same way, another reg-id is a second way.
#[test]
fn instance_and_reg_id_name_a_way_to_the_phone() {
    let mut desk = Desk::new();
    let way = |host: &str, id: u32| {
        format!(
            "Contact: <sip:7@{host}>;+sip.instance=\"<urn:uuid:1>\";reg-id={id}\r\nSupported: outbound, path\r\n"
        )
    };
    let first = desk.handle(&way("a", 1));
    assert_eq!(first.headers.get("Require"), Some("outbound"));
    assert_eq!(
        first.headers.get("Contact"),
        Some("<sip:7@a>;expires=3600;+sip.instance=\"<urn:uuid:1>\";reg-id=1")
    );
    desk.handle(&way("b", 2));
    assert_eq!(desk.contacts(), ["sip:7@b", "sip:7@a"]);
    desk.handle(&way("c", 1));
    assert_eq!(desk.contacts(), ["sip:7@c", "sip:7@b"], "the first way leads elsewhere now");
}

/// RFC 3327 5.3.
#[test]
fn a_path_is_kept_and_given_back() {
    let mut desk = Desk::new();
    let path = "Path: <sip:edge.example;lr;ob>\r\nPath: <sip:core.example;lr>\r\n";
    let response = desk.handle(&format!("{path}Contact: <sip:7@a>\r\n"));
    let given: Vec<&str> = response.headers.list("Path").collect();
    assert_eq!(given, ["<sip:edge.example;lr;ob>", "<sip:core.example;lr>"]);
    assert_eq!(desk.registrar.lookup("7")[0].path, given);
}

#[test]
fn the_whole_table_has_a_limit_and_refreshing_is_no_growth() {
    let mut full = Registrar::new(Limits { bindings_max: 2, ..Limits::default() });
    let now = base();
    let mut ask = |aor: &str, cseq, contact: &str| {
        full.handle(now, aor, &register("c", cseq, &format!("Contact: {contact}\r\n")), flow(1)).status
    };
    assert_eq!(ask("7", 1, "<sip:7@a>"), 200);
    assert_eq!(ask("8", 1, "<sip:8@a>"), 200);
    assert_eq!(ask("7", 2, "<sip:7@b>"), 503, "a third");
    assert_eq!(ask("7", 3, "<sip:7@a>"), 200, "a refresh");
    assert_eq!(ask("7", 4, "<sip:7@a>;expires=0"), 200);
    assert_eq!(ask("8", 2, "<sip:8@b>"), 200);
    assert_eq!(full.len(), 2);
}

#[test]
fn a_registered_phone_takes_less_than_four_kilobytes_whatever_it_writes() {
    let mut registrar = Registrar::new(Limits::default());
    let now = base();
    let long = "x".repeat(1500);
    let phones = 1000;
    for phone in 0..phones {
        let contact = format!(
            "Path: <sip:edge.example;lr;ob>\r\nContact: <sip:{phone}@192.0.2.1:5060;ob;x={long}>;\
             +sip.instance=\"<urn:uuid:6f1f8b6e-0000-1000-8000-000a95a0e128>\";reg-id=1;expires=600\r\n"
        );
        let request = register("a-call-id-of-the-usual-length@192.0.2.1", 1, &contact);
        assert_eq!(registrar.handle(now, &format!("10{phone}"), &request, flow(1)).status, 200);
    }
    let each = registrar.bytes() / phones;
    assert!(each < 4096, "{each} bytes a phone");
    let endless = register("c", 1, &format!("Contact: <sip:7@a;x={long}{long}>\r\n"));
    assert_eq!(registrar.handle(now, "7", &endless, flow(1)).status, 400);
}

#[test]
fn what_was_looked_up_can_be_put_back_after_a_restart() {
    let mut desk = Desk::new();
    desk.handle("Contact: <sip:7@a>;expires=100\r\n");
    desk.handle("Contact: <sip:7@b>;expires=200\r\n");
    let kept = desk.registrar.lookup("7").to_vec();
    let mut again = Registrar::new(Limits::default());
    again.restore(desk.now + Duration::from_secs(150), "7", kept);
    assert_eq!(again.lookup("7").len(), 1);
    assert_eq!(again.lookup("7")[0].contact.as_str(), "sip:7@b");
    assert_eq!(again.next_deadline(), Some(desk.now + Duration::from_secs(200)));
    let late = register("c", 2, "Contact: <sip:7@b>;expires=0\r\n");
    assert_eq!(again.handle(desk.now, "7", &late, flow(1)).status, 400, "the order of requests is kept too");
}
