//! A voice is known by its pair, through the codec and over a real socket.

use careline_audio::g711::{self, Law};
use careline_traffic::ear::Ear;
use careline_traffic::pair::Pair;
use careline_traffic::stream::{News, Remote, Streams};
use careline_traffic::voice::Voice;
use std::net::UdpSocket;
use std::sync::mpsc::channel;
use std::time::Duration;

fn noise(length: usize) -> Vec<i16> {
    let mut state = 1_u32;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        i16::try_from((state >> 20).cast_signed() - 2048).expect("12 bits")
    };
    (0..length).map(next).collect()
}

fn hear(ear: &mut Ear, voice: &mut Voice, frames: usize) {
    for _ in 0..frames {
        ear.hear(voice.frame().iter().map(|&byte| g711::decode(Law::A, byte)));
    }
}

#[test]
fn every_pair_is_known_among_its_neighbours() {
    for pair in Pair::all().into_iter().step_by(23) {
        let neighbour = Pair(pair.0, pair.1 + 20);
        let mut voice = Voice::new(Law::A, pair, &noise(9600));
        let (mut friend, mut stranger) = (Ear::default(), Ear::default());
        friend.expect(pair, &[neighbour]);
        stranger.expect(neighbour, &[pair]);
        hear(&mut friend, &mut voice, 100);
        let mut voice = Voice::new(Law::A, pair, &noise(9600));
        hear(&mut stranger, &mut voice, 100);
        assert!(friend.heard().is_good(), "{pair:?}: {:?}", friend.heard());
        assert_eq!(stranger.heard().pair_windows, 0, "{pair:?} taken for {neighbour:?}");
        assert!(stranger.heard().foreign_windows >= 3, "{pair:?} not noticed among strangers");
    }
}

#[test]
fn two_streams_hear_each_other_over_sockets() -> anyhow::Result<()> {
    let (tell, news) = channel();
    let mut streams = Streams::start(move |item| tell.send(item).expect("the test listens"))?;
    let sockets = [UdpSocket::bind("127.0.0.1:0")?, UdpSocket::bind("127.0.0.1:0")?];
    let addresses = [sockets[0].local_addr()?, sockets[1].local_addr()?];
    let ids = sockets.map(|socket| streams.open(socket).expect("a stream"));
    let pairs = [Pair(420, 1500), Pair(580, 1900)];
    for (mine, other) in [(0, 1), (1, 0)] {
        streams.expect(ids[mine], pairs[other], vec![pairs[mine]]);
        let remote = Remote { address: addresses[other], law: Law::U, telephone_event: Some(101) };
        streams.send(ids[mine], remote, Voice::new(Law::U, pairs[mine], &[]));
    }
    streams.press(ids[0], '5');
    let seconds = Duration::from_millis(1500);
    assert!(news.recv_timeout(seconds).is_err(), "nothing is told while a pair is expected");
    ids.iter().for_each(|&id| streams.close(id));
    for _ in ids {
        let News::Closed(id, heard) = news.recv_timeout(Duration::from_secs(2))? else {
            anyhow::bail!("only closings are told");
        };
        anyhow::ensure!(heard.is_good(), "{id:?} heard {heard:?}");
    }
    let behind = streams.finish();
    assert!(behind < Duration::from_secs(1), "{behind:?} behind");
    Ok(())
}
