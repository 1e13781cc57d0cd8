//! What a trunk's block says holds for the calls that it sends, too.

mod lab;

use lab::{Lab, sdp};

const HOSPITAL: &str = "4001234567";

/// A call from the trunk `city` with further headers; gives our 200.
fn answered(lab: &mut Lab, extra: &str) -> String {
    let gateway = lab.phone("13812345678", 3);
    let body = sdp([127, 0, 0, 3], 40_000);
    let invite = format!(
        "INVITE sip:{HOSPITAL}@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.3:5060;branch=z9hG4bK1\r\n\
         Max-Forwards: 70\r\nFrom: <sip:13812345678@127.0.0.3>;tag=1\r\nTo: <sip:{HOSPITAL}@127.0.0.1>\r\n\
         Call-ID: x\r\nCSeq: 1 INVITE\r\nContact: <sip:127.0.0.3:5060>\r\n{extra}\
         Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    lab.raw(3, invite.as_bytes());
    lab.phones[gateway].answers.pop().expect("an answered call")
}

fn header<'a>(response: &'a str, name: &str) -> Option<&'a str> {
    response.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[test]
fn a_call_of_a_trunk_is_refreshed_as_often_as_its_block_says() {
    for (written, asked, agreed) in [
        ("session_expires_s = 0", "", None),
        ("session_expires_s = 0", "Session-Expires: 900\r\n", Some("900;refresher=uas")),
        ("session_expires_s = 300", "", Some("300;refresher=uas")),
        ("session_expires_s = 300", "Session-Expires: 900\r\n", Some("300;refresher=uas")),
        ("profile = \"e1-gateway\"", "", None),
    ] {
        let mut lab = Lab::changed("id = \"city\"", &format!("id = \"city\"\n{written}"));
        let ok = answered(&mut lab, &format!("Supported: timer\r\n{asked}"));
        assert_eq!(header(&ok, "Session-Expires"), agreed, "{written}, {asked}");
    }
}
