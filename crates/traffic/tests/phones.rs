//! Two crowds ring each other without a switch between them: dialling, answering, declining, hearing, parting.

use careline_sdp::Codec;
use careline_sip::Event;
use careline_traffic::draw::Draw;
use careline_traffic::pair::Pair;
use careline_traffic::phones::{Happened, Phones, PhonesOptions};
use careline_traffic::stream::News;
use careline_traffic::voice::Voice;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

fn free() -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    socket.local_addr().expect("it is bound")
}

async fn crowd(patients: SocketAddr, agents: SocketAddr, switch: SocketAddr, seed: u64) -> Phones {
    let options = PhonesOptions { switch, patients, agents, codecs: vec![Codec::Pcma, Codec::Pcmu] };
    Phones::bind(options, Draw::new(seed, 0).into_rng()).await.expect("free addresses")
}

/// What happens next, without keys and sounds.
async fn dialog_event(phones: &mut Phones) -> Happened {
    loop {
        let next = tokio::time::timeout(Duration::from_secs(5), phones.next(None));
        let happened = next.await.expect("something happens within five seconds");
        if !matches!(happened, Happened::Rtp(News::SoundBegan(_)) | Happened::Dialog(Event::Ringing { .. })) {
            return happened;
        }
    }
}

#[tokio::test]
async fn a_call_is_answered_heard_both_ways_and_ended() {
    let (from, to) = (free(), free());
    let mut caller = crowd(from, free(), to, 1).await;
    let mut callee = crowd(free(), to, from, 2).await;
    let (left, right) = (Pair(420, 1500), Pair(580, 1900));

    let dialled = caller.dial("13800138000", "1001").expect("it can dial");
    assert!(!dialled.call_id.is_empty());
    let Happened::Rings(ringing) = dialog_event(&mut callee).await else { panic!("1001 should ring") };
    assert_eq!((ringing.agent.as_str(), ringing.caller.as_str()), ("1001", "13800138000"));
    let stream = callee.answer(ringing.dialog, |law| Voice::new(law, right, &[])).expect("it rings");

    let Happened::Dialog(Event::Answered { dialog, sdp }) = dialog_event(&mut caller).await else {
        panic!("the call should be answered")
    };
    assert_eq!(dialog, dialled.dialog);
    caller.speak(dialled.stream, sdp.as_deref(), |law| Voice::new(law, left, &[])).expect("an answer");
    caller.streams().expect(dialled.stream, right, vec![left]);
    callee.streams().expect(stream, left, vec![right]);
    let Happened::Dialog(Event::Acked { .. }) = dialog_event(&mut callee).await else { panic!("an ACK") };

    let talk = tokio::time::timeout(Duration::from_millis(1300), callee.next(None)).await;
    assert!(talk.is_err(), "nothing happens during the talk: {talk:?}");
    caller.hang_up(dialled.dialog);
    let Happened::Dialog(Event::Ended { .. }) = dialog_event(&mut callee).await else { panic!("a BYE") };
    for (phones, stream) in [(&mut caller, dialled.stream), (&mut callee, stream)] {
        phones.streams().close(stream);
        let Happened::Rtp(News::Closed(closed, heard)) = dialog_event(phones).await else { panic!("closed") };
        assert_eq!(closed, stream);
        assert!(heard.is_good(), "{heard:?}");
    }
}

#[tokio::test]
async fn a_declined_call_and_one_that_is_taken_back() {
    let (from, to) = (free(), free());
    let mut caller = crowd(from, free(), to, 3).await;
    let mut callee = crowd(free(), to, from, 4).await;

    let declined = caller.dial("13800138000", "1001").expect("it can dial");
    let Happened::Rings(ringing) = dialog_event(&mut callee).await else { panic!("1001 should ring") };
    callee.decline(ringing.dialog, 486);
    let Happened::Dialog(Event::Refused { dialog, status, .. }) = dialog_event(&mut caller).await else {
        panic!("the call should be refused")
    };
    assert_eq!((dialog, status), (declined.dialog, 486));

    let left = caller.dial("13800138000", "1001").expect("it can dial");
    let Happened::Rings(ringing) = dialog_event(&mut callee).await else { panic!("1001 should ring") };
    let early = tokio::time::timeout(Duration::from_millis(100), caller.next(None)).await;
    assert!(!matches!(early, Ok(Happened::Dialog(Event::Answered { .. }))));
    caller.hang_up(left.dialog);
    let Happened::Dialog(Event::Cancelled { dialog, .. }) = dialog_event(&mut callee).await else {
        panic!("the ringing should be taken back")
    };
    assert_eq!(dialog, ringing.dialog);
    assert!(callee.answer(dialog, Voice::silent).is_err(), "what does not ring cannot be answered");
}
