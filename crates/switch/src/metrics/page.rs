//! The page: which figure has which name.

use super::Figures;
use super::text::Text;
use careline_model::event::AgentWork;
use careline_model::snapshot::AgentView;
use careline_switchboard::TrunkHealth;

/// The whole page.
#[must_use]
pub fn page(figures: &Figures) -> String {
    let mut text = Text::default();
    text.family("build_info", "The program that answers.", "gauge");
    text.sample("build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    calls(&mut text, figures);
    door(&mut text, figures);
    trunks(&mut text, figures);
    media(&mut text, figures);
    recorder(&mut text, figures);
    journal(&mut text, figures);
    figures.sound.write(&mut text);
    text.finish()
}

fn calls(text: &mut Text, figures: &Figures) {
    let snapshot = &figures.snapshot;
    text.gauge("calls", "Calls that are up or being set up.", snapshot.calls.len());
    text.gauge("legs", "Legs of calls that are up or being set up.", figures.legs);
    text.gauge("phones_registered", "Phones that are registered.", figures.phones);
    let waiting = snapshot.queues.iter().map(|queue| (queue.queue.as_str(), queue.waiting.len()));
    text.gauges("queue_waiting_calls", "Calls that wait in a queue.", "queue", waiting);
    let longest = snapshot.queues.iter().map(|queue| (queue.queue.as_str(), seconds(queue.longest_wait_ms)));
    text.gauges("queue_longest_wait_seconds", "The longest wait in a queue now.", "queue", longest);
    let routable = snapshot.queues.iter().map(|queue| (queue.queue.as_str(), queue.agents_routable));
    text.gauges("queue_routable_agents", "Agents that could take a call of a queue now.", "queue", routable);
    text.gauges("agents", "Agents by what they do.", "work", agents(&snapshot.agents));
}

fn agents(agents: &[AgentView]) -> [(&'static str, usize); 8] {
    let count = |work| agents.iter().filter(|agent| agent.work == work).count();
    [
        ("idle", count(AgentWork::Idle)),
        ("reserved", count(AgentWork::Reserved)),
        ("ringing", count(AgentWork::Ringing)),
        ("connecting", count(AgentWork::Connecting)),
        ("talking", count(AgentWork::Talking)),
        ("dialing", count(AgentWork::Dialing)),
        ("wrap_up", count(AgentWork::WrapUp)),
        ("preview", count(AgentWork::Preview)),
    ]
}

fn door(text: &mut Text, figures: &Figures) {
    let (door, wire) = (&figures.door, &figures.wire);
    text.counters(
        "calls_refused_total",
        "New calls refused by the switch itself.",
        "reason",
        &[("overload", door.shed), ("no_port", door.no_port)],
    );
    text.counters(
        "requests_total",
        "Requests that were met at the door.",
        "met",
        &[
            ("challenged", door.challenged),
            ("denied", door.denied),
            ("silenced", door.silenced),
            ("unheard", door.unheard),
        ],
    );
    text.counter("bans_total", "Bans of addresses.", door.banned);
    text.counters(
        "sip_messages_total",
        "SIP messages that were out of order.",
        "kind",
        &[
            ("malformed", wire.malformed),
            ("stray_response", wire.stray_response),
            ("stray_ack", wire.stray_ack),
            ("retransmitted", wire.retransmissions),
            ("repeated_by_peer", wire.repeated_by_peer),
            ("unanswered", wire.timeouts),
            ("refused_full", wire.refused_full),
        ],
    );
    text.gauge("sip_dialogs", "SIP dialogs that are alive.", figures.sip.0);
    text.gauge("sip_transactions", "SIP transactions that are alive.", figures.sip.1);
    text.counter(
        "panics_total",
        "Steps that ended by a panic; what they were about was ended.",
        figures.panics,
    );
    text.gauge(
        "loop_late_seconds",
        "How late the signalling loop was at its last beat.",
        figures.late.as_secs_f64(),
    );
}

fn trunks(text: &mut Text, figures: &Figures) {
    let trunks = || figures.trunks.iter();
    let up = trunks().map(|(id, health, _)| (id.as_str(), u8::from(*health != TrunkHealth::Down)));
    text.gauges("trunk_up", "1 while a trunk takes calls.", "trunk", up);
    let impaired = trunks().map(|(id, health, _)| (id.as_str(), u8::from(*health == TrunkHealth::Impaired)));
    text.gauges("trunk_impaired", "1 while a part of a trunk is down.", "trunk", impaired);
    let calls = trunks().map(|(id, _, calls)| (id.as_str(), calls));
    text.gauges("trunk_calls", "Calls of a trunk, both ways.", "trunk", calls);
}

fn media(text: &mut Text, figures: &Figures) {
    let media = &figures.media;
    text.gauge("media_legs", "Legs that the media engine has open.", media.legs);
    text.counter("media_packets_received_total", "Datagrams received.", media.received);
    text.counter("media_packets_sent_total", "Packets sent.", media.sent);
    text.counter("media_packets_relayed_total", "Packets passed on from one leg to another.", media.relayed);
    text.counters(
        "media_packets_refused_total",
        "Datagrams of no use.",
        "reason",
        &[
            ("malformed", media.refused_malformed),
            ("unauthentic", media.refused_unauthentic),
            ("unknown_type", media.refused_unknown),
            ("stranger", media.refused_strangers),
            ("control", media.refused_control),
        ],
    );
    text.counter("media_send_errors_total", "Sends that the network refused.", media.send_errors);
    text.counter("media_receive_errors_total", "Receives that failed.", media.receive_errors);
    text.counter("media_looks_total", "Looks at sockets whose packet was due.", media.looks);
    text.counter("media_looks_in_vain_total", "Those that found none.", media.looks_in_vain);
    text.counter("media_late_turns_total", "Turns for prompts and mixes over 1 ms late.", media.turns_late);
    text.counter("media_frames_skipped_total", "Frames left out for lateness.", media.frames_skipped);
    let worst = media.tick_late_us_max as f64 / 1e6;
    text.gauge("media_late_seconds_max", "The latest turn since the start.", worst);
    text.counter("media_wakes_total", "Times that media threads woke up.", media.wakes);
    text.counter("media_commands_ignored_total", "Orders for legs that are gone.", media.commands_ignored);
    text.counter("media_commands_refused_total", "Orders that found no room.", figures.media_refused);
    text.counter("media_events_dropped_total", "Events that nobody read in time.", media.events_dropped);
    text.counter("media_prompts_missing_total", "Prompts that are not there.", media.prompts_missing);
}

fn recorder(text: &mut Text, figures: &Figures) {
    let media = &figures.media;
    text.gauge("recordings", "Recordings that are open.", media.recordings);
    text.gauge(
        "recorder_queued_chunks",
        "Pieces of recordings on their way to the disk.",
        media.chunks_flying,
    );
    text.counter(
        "recorder_lost_chunks_total",
        "Pieces of recordings that were not written.",
        media.chunks_lost,
    );
    text.gauge("recorder_free_bytes", "Room on the recordings' file system.", media.free_bytes);
    text.gauge("recorder_stopped", "1 while the disk is full or refuses.", media.disk_full);
}

fn journal(text: &mut Text, figures: &Figures) {
    let journal = &figures.journal;
    text.gauge("journal_waiting_events", "Events that are not on the disk yet.", journal.waiting);
    text.counters(
        "journal_dropped_events_total",
        "Events given up for want of room.",
        "kind",
        &[("diagnostic", journal.dropped), ("fact", journal.lost)],
    );
    if let Some(dropped) = figures.trace_dropped {
        text.counter("trace_dropped_messages_total", "SIP messages that the trace had no room for.", dropped);
    }
}

fn seconds(ms: u64) -> f64 {
    ms as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Backlog;
    use crate::metrics::SoundTally;
    use careline_media::Stats;
    use careline_model::snapshot::{QueueView, Snapshot};
    use std::collections::BTreeSet;
    use std::time::Duration;

    fn figures() -> Figures {
        let queue = QueueView {
            queue: "general".into(),
            name: "综合服务".to_owned(),
            waiting: Vec::new(),
            longest_wait_ms: 1500,
            agents_routable: 3,
        };
        Figures {
            snapshot: Snapshot { queues: vec![queue], ..Snapshot::default() },
            legs: 4,
            phones: 7,
            sip: (1, 2),
            door: careline_switchboard::Counters { shed: 9, ..Default::default() },
            wire: careline_sip::Counters::default(),
            panics: 0,
            late: Duration::from_micros(1500),
            trunks: vec![("ims".into(), TrunkHealth::Down, 0), ("e1".into(), TrunkHealth::Impaired, 2)],
            media: Stats { refused_strangers: 5, free_bytes: u64::MAX, ..Stats::default() },
            media_refused: 0,
            journal: Backlog { waiting: 11, dropped: 0, lost: 0 },
            trace_dropped: None,
            sound: SoundTally::default(),
        }
    }

    #[test]
    fn the_page_says_what_it_was_given() {
        let page = page(&figures());
        for line in [
            "calls 0",
            "legs 4",
            "phones_registered 7",
            "queue_longest_wait_seconds{queue=\"general\"} 1.5",
            "queue_routable_agents{queue=\"general\"} 3",
            "calls_refused_total{reason=\"overload\"} 9",
            "loop_late_seconds 0.0015",
            "trunk_up{trunk=\"ims\"} 0",
            "trunk_up{trunk=\"e1\"} 1",
            "trunk_impaired{trunk=\"e1\"} 1",
            "media_packets_refused_total{reason=\"stranger\"} 5",
            "recorder_free_bytes 18446744073709551615",
            "journal_waiting_events 11",
        ] {
            assert!(page.contains(&format!("careline_switch_{line}\n")), "{line} is not in\n{page}");
        }
    }

    #[test]
    fn every_family_is_told_once_and_every_sample_belongs_to_one() {
        let page = page(&figures());
        let mut families = BTreeSet::new();
        for line in page.lines() {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').expect("a name and a type");
                assert!(families.insert(name), "{name} twice");
                assert_eq!(kind == "counter", name.ends_with("_total"), "{name}");
            } else if !line.starts_with('#') {
                let name = line.split(['{', ' ']).next().expect("a name");
                let base = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
                assert!(
                    families.contains(name) || base.is_some_and(|base| families.contains(base)),
                    "{line}"
                );
            }
        }
    }
}
