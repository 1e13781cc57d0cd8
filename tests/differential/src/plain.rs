//! A message in which nothing is peculiar, and small changes of it that chance brings too rarely.

/// Nobody has a reason to misread it.
pub const PLAIN: &str = "INVITE sip:120@192.0.2.1 SIP/2.0\r\n\
    Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK1;rport\r\n\
    From: Li <sip:p@192.0.2.9>;tag=f\r\n\
    To: <sip:120@192.0.2.1>\r\n\
    Call-ID: 1@192.0.2.9\r\n\
    CSeq: 1 INVITE\r\n\
    Contact: <sip:p@192.0.2.9>\r\n\
    Max-Forwards: 70\r\n\
    Content-Length: 5\r\n\
    \r\n\
    v=0\r\n";

/// What is replaced by what, once.
const CHANGES: &[(&str, &str)] = &[
    ("INVITE sip:120@192.0.2.1 SIP/2.0", "SIP/2.0 200"),
    ("INVITE sip:120@192.0.2.1 SIP/2.0", "SIP/2.0 200 O\u{7f}K"),
    ("INVITE sip:120@192.0.2.1 SIP/2.0", "SIP/2.0 700 OK"),
    ("INVITE sip:120@192.0.2.1 SIP/2.0", "\u{e9} SIP/2.0"),
    ("sip:120@192.0.2.1 SIP", "sip:;120@192.0.2.1 SIP"),
    ("sip:120@192.0.2.1 SIP", "sip:?120@192.0.2.1 SIP"),
    ("sip:120@192.0.2.1 SIP", "sip:120@192.0.2.1;;lr SIP"),
    ("sip:120@192.0.2.1 SIP", "sip:120@192.0.2.1;\u{a0}lr SIP"),
    ("sip:120@192.0.2.1 SIP", "sip:120@192.0.2.1;lr\u{a0} SIP"),
    ("sip:120@192.0.2.1 SIP", "sip:12?0@192.0.2.1 SIP"),
    ("sip:120@192.0.2.1 SIP", "sip:120@[2001:db8] SIP"),
    ("sip:120@192.0.2.1 SIP", "tel:+865;tag=1 SIP"),
    ("sip:120@192.0.2.1 SIP", "tel:110:;phone-context=x SIP"),
    ("sip:120@192.0.2.1 SIP", "sip:120@192.0.2.1?Subject=a SIP"),
    ("Via: SIP", "Via:\r\nVia: SIP"),
    ("z9hG4bK1", "z9hG4@K1"),
    ("z9hG4bK1", "z9hG4bK1\u{a0}"),
    ("rport", "rport=x"),
    ("192.0.2.9:5060", "192.0,2.9:5060"),
    ("To: <sip:120@192.0.2.1>", "To: <urn:service:sos@>"),
    ("192.0.2.9:5060", "[2001:db8]"),
    (";rport", ";branch=z9hG4bK2"),
    ("Li <sip:p@", "<sip:;p@"),
    ("Li <sip:p@", "<sip:?p@"),
    ("Li <sip:p@", "<sip: p@"),
    ("Li <sip:p@192.0.2.9>", "<tel:1:99999>"),
    ("Li <sip:p@192.0.2.9>", "<sip:p@[2001:db8]>"),
    ("Li <sip:p@192.0.2.9>", "<sip:p@h_h>"),
    ("Li <sip:p@192.0.2.9>", "<sip:p@192.0.2.9;transport=quic>"),
    ("Li <sip:p@192.0.2.9>", "\"\u{1}\" <sip:p@192.0.2.9>"),
    ("tag=f", "tag=f\u{a0}"),
    ("tag=f", "tag=f "),
    ("tag=f", "tag= f"),
    ("tag=f", "tag=f;tag=g"),
    ("tag=f", "tag=f@g"),
    ("Call-ID: 1@", "Call-ID: 1 @"),
    ("Call-ID: 1@", "Call-ID\r\n : 1@"),
    ("Call-ID: 1@192.0.2.9", "Call-ID: 1@192.0.2.9 "),
    ("Call-ID: 1@192.0.2.9", "Call-ID: 1@192.0.2.9\u{c}"),
    ("Call-ID: 1@192.0.2.9", "Call-ID: 1@192.0.2.9\r"),
    ("tag=f", "tag=f\r"),
    ("To: <sip:120@192.0.2.1>", "To: <sip:120@192.0.2.1>\r"),
    ("rport", "rport\r"),
    ("CSeq: 1 INVITE", "CSeq: 1 INVITE\r"),
    ("Contact: <sip:p@192.0.2.9>", "Contact: <sip:p@192.0.2.9>\r"),
    ("Content-Length: 5", "Content-Length: 5\r"),
    ("Call-ID: 1@192.0.2.9\r\n", "Call-ID: 1@192.0.2.9\r\n \r\n"),
    ("CSeq: 1 INVITE", "CSeq: 2147483648 INVITE"),
    ("CSeq: 1 INVITE", "CSeq: 1 INVITE "),
    ("CSeq: 1 INVITE", "CSeq: 1 BYE"),
    ("CSeq: 1 INVITE\r\n", "CSeq: 1 INVITE\r\n\n"),
    ("<sip:p@192.0.2.9>\r\nMax", "<sip:p@192.0.2.9>,\r\nMax"),
    ("Max-Forwards: 70", "Max-Forwards: 256"),
    ("Max-Forwards: 70", "Max-Forwards: -1"),
    ("Content-Length: 5", "Content-Length: 5\r\nl: 4"),
    ("Content-Length: 5\r\n\r\nv=0\r\n", "Content-Length: 12\n\nv=0\r\n\r\nl: 1\r\n"),
    ("Content-Length: 5\r\n\r\nv=0\r\n", "Content-Length: 5\r\n"),
    ("Content-Length: 5\r\n\r\nv=0\r\n", "Content-Length: 0\r\n"),
    ("Content-Length: 5\r\n\r\n", "Content-Length: 5\n\r\n"),
];

/// All of them.
pub fn changed() -> impl Iterator<Item = Vec<u8>> {
    let changes = CHANGES.iter().map(|(old, new)| PLAIN.replacen(old, new, 1).into_bytes());
    let lf = PLAIN.replace("\r\n", "\n");
    let long = PLAIN.replacen("Max", &format!("X: {}\r\nMax", "x".repeat(9000)), 1);
    let latin: Vec<u8> = PLAIN.bytes().map(|byte| if byte == b'L' { 0xe9 } else { byte }).collect();
    let first_latin: Vec<u8> =
        PLAIN.replacen("120", "12\u{1}", 1).bytes().map(|byte| if byte == 1 { 0xe9 } else { byte }).collect();
    let read_as_header = lf.replacen("v=0\n", "v=0\r\n\r\n", 1);
    let more = [
        b"\r\n".to_vec(),
        lf.into_bytes(),
        long.into_bytes(),
        latin,
        first_latin,
        read_as_header.into_bytes(),
    ];
    changes.chain(more)
}
