//! What a trunk's block says holds for the calls that it sends, too.

use crate::lab::Lab;

const HOSPITAL: &str = "4001234567";

/// An INVITE of the trunk `city`: the first, or with our tag a later one.
fn invite(cseq: u32, our_tag: Option<&str>, extra: &str, formats: Option<&str>) -> String {
    let body = formats.map_or_else(String::new, |formats| {
        format!(
            "v=0\r\no=- 1 {cseq} IN IP4 127.0.0.3\r\ns=-\r\nc=IN IP4 127.0.0.3\r\nt=0 0\r\n\
             m=audio 40000 RTP/AVP {formats}\r\na=rtpmap:101 telephone-event/8000\r\n"
        )
    });
    let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
    let tag = our_tag.map_or_else(String::new, |tag| format!(";tag={tag}"));
    format!(
        "INVITE sip:{HOSPITAL}@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.3:5060;branch=z9hG4bK{cseq}\r\n\
         Max-Forwards: 70\r\nFrom: <sip:13812345678@127.0.0.3>;tag=1\r\nTo: <sip:{HOSPITAL}@127.0.0.1>{tag}\r\n\
         Call-ID: x\r\nCSeq: {cseq} INVITE\r\nContact: <sip:127.0.0.3:5060>\r\n{extra}{kind}\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Our 200 to what the trunk sends; none when it is refused.
fn answer_to(lab: &mut Lab, invite: &str) -> Option<String> {
    if lab.phones.is_empty() {
        lab.phone("13812345678", 3);
    }
    lab.raw(3, invite.as_bytes());
    lab.phones[0].answers.pop()
}

fn header<'a>(response: &'a str, name: &str) -> Option<&'a str> {
    response.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// The formats of the audio line, as `0 101`.
fn formats(response: &str) -> &str {
    let line = response.lines().find(|line| line.starts_with("m=audio")).expect("an audio line");
    line.split_once("RTP/AVP ").expect("plain RTP").1.trim()
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
        let extra = format!("Supported: timer\r\n{asked}");
        let ok = answer_to(&mut lab, &invite(1, None, &extra, Some("8 101"))).expect("an answered call");
        assert_eq!(header(&ok, "Session-Expires"), agreed, "{written}, {asked}");
    }
}

fn speaks_mu_law() -> Lab {
    Lab::changed("id = \"city\"", "id = \"city\"\ncodecs = [\"pcmu\"]")
}

#[test]
fn a_call_of_a_trunk_is_answered_in_the_codecs_of_its_block() {
    let mut lab = speaks_mu_law();
    let ok = answer_to(&mut lab, &invite(1, None, "", Some("8 0 101"))).expect("an answered call");
    assert_eq!(formats(&ok), "0 101");
    let ok = answer_to(&mut speaks_mu_law(), &invite(1, None, "", Some("8 101"))).expect("an answered call");
    assert_eq!(formats(&ok), "8 101", "no patient is lost over a list: G.711 is always understood");
    let refused = answer_to(&mut speaks_mu_law(), &invite(1, None, "", Some("18 101")));
    assert_eq!(refused, None, "there is no codec that both speak");
    let mut lab = Lab::new();
    let ok = answer_to(&mut lab, &invite(1, None, "", Some("8 101"))).expect("an answered call");
    assert_eq!(formats(&ok), "8 101");
}

#[test]
fn offers_of_ours_and_later_ones_of_the_trunk_keep_to_its_codecs() {
    let mut lab = speaks_mu_law();
    let ok = answer_to(&mut lab, &invite(1, None, "", None)).expect("an answered call");
    assert_eq!(formats(&ok), "0 101", "an offer that the trunk left to us");

    let mut lab = speaks_mu_law();
    let ok = answer_to(&mut lab, &invite(1, None, "", Some("0 101"))).expect("an answered call");
    let tag = header(&ok, "To").and_then(|to| to.split("tag=").nth(1)).expect("our tag").to_owned();
    let ack = invite(1, Some(&tag), "", None).replace("INVITE", "ACK").replace("z9hG4bK1", "z9hG4bKack");
    lab.raw(3, ack.as_bytes());
    let ok =
        answer_to(&mut lab, &invite(2, Some(&tag), "", Some("8 0 101"))).expect("the new offer is taken");
    assert_eq!(formats(&ok), "0 101");
    lab.raw(3, ack.replace("CSeq: 1", "CSeq: 2").replace("bKack", "bKack2").as_bytes());
    let refused = answer_to(&mut lab, &invite(3, Some(&tag), "", Some("8 101")));
    assert_eq!(refused, None, "the call stays as it was");
    assert_eq!(lab.board.live_legs(), 1);
}
