//! The queue of events when nobody reads it.

use super::*;

fn digit(leg: u64) -> MediaEvent {
    MediaEvent::Digit { leg: LegId(leg), digit: '1', duration_ms: 100 }
}

fn closed() -> MediaEvent {
    MediaEvent::LegClosed { leg: LegId(0), stats: LegStats::default(), quality: Quality::default() }
}

fn recorded() -> MediaEvent {
    MediaEvent::RecordingIncomplete { id: Arc::from("r"), reason: String::new() }
}

fn is_readable(receiver: &EventReceiver) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut fds = [PollFd::new(receiver, PollFlags::IN)];
    poll(&mut fds, Some(&Timespec::default())).expect("poll works") == 1
}

#[test]
fn the_descriptor_is_readable_exactly_while_something_waits() {
    let (mut sender, mut receiver, _) = event_queue().unwrap();
    assert!(!is_readable(&receiver));
    sender.send(digit(1));
    sender.send(digit(2));
    assert!(is_readable(&receiver));
    assert_eq!(receiver.try_recv(), Some(digit(1)));
    assert_eq!(receiver.try_recv(), Some(digit(2)));
    assert_eq!(receiver.try_recv(), None);
    assert!(!is_readable(&receiver));
}

#[test]
fn when_full_statistics_go_first_and_recordings_never() {
    let (mut sender, mut receiver, dropped) = event_queue().unwrap();
    for leg in 0..(EVENTS_MAX + EVENT_BACKLOG_MAX) as u64 {
        sender.send(digit(leg));
    }
    assert_eq!(dropped.load(Ordering::Relaxed), 0);
    sender.send(closed());
    sender.send(digit(0));
    assert_eq!(dropped.load(Ordering::Relaxed), 2);
    sender.send(recorded());
    let mut read = Vec::new();
    loop {
        sender.flush();
        let before = read.len();
        while let Some(event) = receiver.try_recv() {
            read.push(event);
        }
        if read.len() == before {
            break;
        }
    }
    assert_eq!(read.len(), EVENTS_MAX + EVENT_BACKLOG_MAX + 1);
    assert!((0..).zip(&read[..read.len() - 1]).all(|(leg, event)| *event == digit(leg)), "out of order");
    assert_eq!(read.last(), Some(&recorded()));
}

#[test]
fn a_receiver_that_has_gone_harms_nobody() {
    let (mut sender, receiver, _) = event_queue().unwrap();
    drop(receiver);
    sender.send(recorded());
    sender.flush();
    assert!(sender.backlog.is_empty());
}
