use super::*;
use careline_sip::Transport;
use std::process::Command;

/// A call that began just now; its id ends in `0123456789ab`.
fn call() -> CallId {
    let earliest = CallId::earliest(now_us()).to_string();
    format!("{}0123456789ab", &earliest[..24]).parse().expect("a UUID")
}

fn options(folder: &tempfile::TempDir) -> TraceOptions {
    let file = file_beside(&folder.path().join("journal.db"));
    TraceOptions { file, keep: Duration::from_secs(3600), limit_bytes: 1 << 30 }
}

fn flow(port: u16) -> Flow {
    let local = ([127, 0, 0, 1], 5060).into();
    Flow { transport: Transport::Udp, local, remote: ([127, 0, 0, 2], port).into() }
}

fn now_us() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_micros()).expect("it fits")
}

fn invite(call_id: &str) -> Vec<u8> {
    let body = "v=0\r\no=- 1 1 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\nm=audio 4000 RTP/SAVP 8\r\n\
         a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:5ecret+WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVu\r\n";
    let length = body.len();
    format!(
        "INVITE sip:12320@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.2:5070;branch=z9hG4bK1\r\n\
         From: \"王小明\" <sip:+8613812345678@127.0.0.2>;tag=a\r\nTo: <sip:12320@127.0.0.1>\r\n\
         Call-ID: {call_id}\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\n\
         Authorization: Digest username=\"5ecret\", response=\"5ecret\"\r\n\
         Content-Type: application/sdp\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

#[tokio::test]
async fn the_messages_of_a_call_come_back_in_order_from_all_its_legs() {
    let folder = tempfile::tempdir().unwrap();
    let trace = Trace::open(options(&folder)).await.unwrap();
    let (call, at) = (call(), now_us());
    trace.received(at, flow(5070), invite("one"));
    trace.named("one".into(), call);
    trace.received(at + 1, flow(5071), invite("stranger"));
    trace.sent(at + 2, flow(5080), invite("two"));
    trace.named("two".into(), call);
    let traced = trace.read(CallName::Whole(call)).await.unwrap();
    let order: Vec<(&str, Direction)> =
        traced.messages.iter().map(|message| (message.sip_call_id.as_str(), message.direction())).collect();
    assert_eq!(order, [("one", Direction::In), ("two", Direction::Out)]);
    assert_eq!(traced.messages[0].remote, "127.0.0.2:5070");
    // What comes later belongs to the call too, and the tail names it.
    trace.received(at + 3, flow(5080), b"SIP/2.0 200 OK\r\nCall-ID: two\r\nCSeq: 1 INVITE\r\n\r\n".to_vec());
    let tail: CallName = "0123456789AB".parse().unwrap();
    assert_eq!(trace.read(tail).await.unwrap().messages.len(), 3);
    let other: CallName = "0190a5b0-1111-7abc-8def-000000000000".parse().unwrap();
    assert!(matches!(trace.read(other).await, Err(TraceError::Unknown)));
    assert!("5; DROP TABLE leg".parse::<CallName>().is_err());
}

#[tokio::test]
async fn a_secret_is_never_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(&folder);
    let trace = Trace::open(options.clone()).await.unwrap();
    trace.received(now_us(), flow(5070), invite("one"));
    for (method, kind) in [("INFO", "application/dtmf-relay"), ("MESSAGE", "text/plain")] {
        let text = format!(
            "{method} sip:a SIP/2.0\r\nCall-ID: one\r\nCSeq: 2 {method}\r\nContent-Type: {kind}\r\n\r\nSignal=5ecret\r\n"
        );
        trace.received(now_us(), flow(5070), text.into_bytes());
    }
    let call = call();
    trace.named("one".into(), call);
    let traced = trace.read(CallName::Whole(call)).await.unwrap();
    assert!(String::from_utf8_lossy(&traced.messages[0].text).contains("+8613812345678"));
    drop(trace);
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"5ecret"));
    }
    let again = Trace::open(options).await.unwrap();
    assert_eq!(again.read(CallName::Whole(call)).await.unwrap(), traced);
}

#[tokio::test]
async fn room_is_made_from_strangers_first_and_the_file_stays_below_its_limit() {
    let folder = tempfile::tempdir().unwrap();
    let limit_bytes = 2 << 20;
    let trace = Trace::open(TraceOptions { limit_bytes, ..options(&folder) }).await.unwrap();
    trace.received(now_us(), flow(5070), invite("one"));
    let call = call();
    trace.named("one".into(), call);
    for round in 0..10 {
        for stranger in 0..1000 {
            trace.received(now_us(), flow(5071), invite(&format!("stranger-{round}-{stranger}")));
        }
        trace.flush().await;
    }
    assert_eq!(trace.read(CallName::Whole(call)).await.unwrap().messages.len(), 1);
    let file = options(&folder).file;
    let used = std::fs::metadata(file).unwrap().len();
    assert!(used < limit_bytes * 2, "{used}");
    assert_eq!(trace.dropped(), 0);
}

#[tokio::test]
async fn old_messages_go() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = file::File::open(&options(&folder)).await.unwrap();
    let chunk = |at_us, leg: &str| file::Chunk {
        sip_call_id: leg.into(),
        at_us,
        named: true,
        messages: careline_rpc_message(),
    };
    let call = CallId::earliest(now_us());
    file.write(&[("new".into(), call)], vec![chunk(1, "new"), chunk(now_us(), "new")]).await.unwrap();
    let old = "00000000-1111-7abc-8def-0123456789ab".parse().unwrap();
    file.write(&[("old".into(), old)], vec![chunk(now_us(), "old")]).await.unwrap();
    file.tidy().await.unwrap();
    let call = CallName::Whole(call);
    assert_eq!(file.read(&call).await.unwrap().messages.len(), 1);
    assert!(matches!(file.read(&CallName::Whole(old)).await, Err(TraceError::Unknown)));
}

fn careline_rpc_message() -> Vec<u8> {
    use prost::Message as _;
    TracedMessage { at_us: 1, ..TracedMessage::default() }.encode_length_delimited_to_vec()
}

#[tokio::test]
async fn what_comes_too_fast_is_dropped_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let trace = Trace::open(options(&folder)).await.unwrap();
    let big = WAITING_BYTES_MAX / 2;
    // The writer shares this thread: it cannot take anything in between.
    for _ in 0..4 {
        trace.received(now_us(), flow(5070), vec![b'x'; big]);
    }
    assert_eq!(trace.dropped(), 2);
}

#[tokio::test]
async fn a_capture_is_read_by_others() {
    let folder = tempfile::tempdir().unwrap();
    let trace = Trace::open(options(&folder)).await.unwrap();
    trace.received(now_us(), flow(5070), invite("one"));
    let call = call();
    trace.named("one".into(), call);
    let traced = trace.read(CallName::Whole(call)).await.unwrap();
    let file = folder.path().join("call.pcap");
    std::fs::write(&file, pcap::file(&traced.messages)).unwrap();
    let packets = packets(&std::fs::read(&file).unwrap());
    let [(source, target, payload)] = packets.as_slice() else { panic!("one packet: {packets:?}") };
    assert_eq!((source.as_str(), target.as_str()), ("127.0.0.2:5070", "127.0.0.1:5060"));
    assert_eq!(payload.as_slice(), traced.messages[0].text.as_slice());
    assert!(payload.starts_with(b"INVITE sip:12320@127.0.0.1 SIP/2.0\r\n"));
    let mut read = Command::new("tshark");
    read.arg("-r").arg(&file).args(["-T", "fields", "-e", "ip.src"]).args([
        "-e",
        "udp.srcport",
        "-e",
        "sip.Method",
        "-e",
        "sip.Call-ID",
        "-e",
        "sdp.media",
    ]);
    match read.output() {
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert_eq!(text.trim_end(), "127.0.0.2\t5070\tINVITE\tone\taudio 4000 RTP/SAVP 8", "{output:?}");
        }
        // The capture was read by the reader above; where tshark is installed, by a foreign one too.
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound),
    }
}

/// The packets of a capture as (source, target, payload), read by the book: pcap, IPv4, UDP.
fn packets(file: &[u8]) -> Vec<(String, String, Vec<u8>)> {
    let le = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap());
    assert_eq!((le(0), le(20)), (0xa1b2_c3d4, 101), "microseconds, raw IP");
    let (mut packets, mut at) = (Vec::new(), 24);
    while at < file.len() {
        let (kept, length) = (le(at + 8) as usize, le(at + 12) as usize);
        assert_eq!(kept, length, "nothing is cut");
        let packet = &file[at + 16..at + 16 + kept];
        let be = |at: usize| usize::from(u16::from_be_bytes([packet[at], packet[at + 1]]));
        assert_eq!((packet[0], packet[9], be(2)), (0x45, 17, kept), "IPv4 that carries UDP");
        assert_eq!(be(24), kept - 20, "the length of UDP");
        let address = |ip: usize, port: usize| {
            let [a, b, c, d]: [u8; 4] = packet[ip..ip + 4].try_into().unwrap();
            format!("{a}.{b}.{c}.{d}:{}", be(port))
        };
        packets.push((address(12, 20), address(16, 22), packet[28..].to_vec()));
        at += 16 + kept;
    }
    packets
}
