//! Stories of 20 ms frames on a clock of their own.

use careline_audio::codec::Encoder;
use careline_audio::level::level_dbfs;
use careline_audio::measure::{best_agreement, click, longest_gap, tone_snr_db};
use careline_audio::tone::Tone;

use super::*;

const FRAME: Duration = Duration::from_millis(20);

/// A phone that says a tone and hears what the mixer sends.
struct Phone {
    leg: LegId,
    codec: CodecKind,
    tone: Tone,
    encoder: Encoder,
    decoder: careline_audio::codec::Decoder,
    extended: u64,
    timestamp: u32,
    heard: Vec<i16>,
}

impl Phone {
    fn new(leg: u64, codec: CodecKind, frequency: f64) -> Self {
        Self {
            leg: LegId(leg),
            codec,
            tone: Tone::new(codec.rate(), &[(frequency, -13.0)]),
            encoder: Encoder::new(codec, &OpusSettings::default()).unwrap(),
            decoder: careline_audio::codec::Decoder::new(codec).unwrap(),
            extended: 70_000,
            timestamp: 1_000,
            heard: Vec::new(),
        }
    }

    fn change_codec(&mut self, codec: CodecKind, frequency: f64) {
        let (extended, heard) = (self.extended, std::mem::take(&mut self.heard));
        *self = Self { extended, heard, ..Self::new(self.leg.0, codec, frequency) };
    }

    /// Says one frame, unless it is lost on the way.
    fn say(&mut self, now: Duration, lost: bool, inbox: &mut Inbox) {
        let mut payload = Vec::new();
        let _ = self.encoder.encode(&self.tone.take(self.codec.frame_samples()), &mut payload).unwrap();
        self.extended += 1;
        self.timestamp = self.timestamp.wrapping_add(self.codec.rtp_clock() / 50);
        if !lost {
            let (leg, codec, extended, timestamp) = (self.leg, self.codec, self.extended, self.timestamp);
            inbox.put(Packet { leg, codec, stream: leg.0, extended, timestamp, arrived: now }, &payload);
        }
    }

    fn speaker(&self) -> SpeakerPlan {
        SpeakerPlan { leg: self.leg, codec: self.codec, record: [false; 2], keys: false }
    }

    fn listener(&self, hears: &[&Phone]) -> ListenerPlan {
        let hears = hears.iter().map(|phone| (phone.leg, Gain::UNITY)).collect();
        ListenerPlan { leg: self.leg, codec: self.codec, hears }
    }
}

struct Story {
    mixer: Mixer,
    inbox: Inbox,
    outbox: Outbox,
    now: Duration,
}

impl Story {
    fn new() -> Self {
        let mixer = Mixer::new(OpusSettings::default(), 1);
        Self { mixer, inbox: Inbox::default(), outbox: Outbox::default(), now: Duration::from_secs(5) }
    }

    fn plan(&mut self, plan: Plan) {
        self.inbox.plan = Some(plan);
    }

    fn frames(&mut self, count: usize, phones: &mut [&mut Phone]) {
        self.lossy_frames(count, phones, |_| false);
    }

    fn lossy_frames(&mut self, count: usize, phones: &mut [&mut Phone], lost: impl Fn(usize) -> bool) {
        for number in 0..count {
            self.now += FRAME;
            for phone in &mut *phones {
                phone.say(self.now - FRAME / 3, lost(number), &mut self.inbox);
            }
            self.mixer.frame(self.now, &mut self.inbox, &mut self.outbox);
            for said in &self.outbox.said {
                for phone in phones.iter_mut().filter(|phone| phone.leg == said.leg) {
                    let mut samples = Vec::new();
                    phone.decoder.decode(self.outbox.payload(said), &mut samples).unwrap();
                    phone.heard.extend(samples);
                }
            }
        }
    }
}

/// The last `ms` of what was heard.
fn end(phone: &Phone, ms: usize) -> &[i16] {
    let samples = ms * phone.codec.rate() as usize / 1000;
    &phone.heard[phone.heard.len() - samples..]
}

fn assert_hears(phone: &Phone, frequency: f64, snr_db: f64) {
    let snr = tone_snr_db(end(phone, 400), phone.codec.rate(), frequency);
    assert!(snr >= snr_db, "{:?}: {frequency} Hz at {snr:.1} dB", phone.leg);
}

fn assert_does_not_hear(phone: &Phone, frequency: f64) {
    let snr = tone_snr_db(end(phone, 400), phone.codec.rate(), frequency);
    assert!(snr < -20.0, "{:?}: {frequency} Hz at {snr:.1} dB", phone.leg);
}

#[test]
fn every_codec_is_heard_through_every_other() {
    use CodecKind::{G722, Opus, Pcma, Pcmu};
    // What each pair must reach: the poorer of both decides. Opus is a codec of models, not of samples.
    let floor = |codec| match codec {
        Pcma | Pcmu => 34.0,
        G722 => 30.0,
        Opus => 14.0,
    };
    for (one, other) in
        [Pcma, Pcmu, G722, Opus].into_iter().flat_map(|one| [Pcma, G722, Opus].map(|two| (one, two)))
    {
        let mut story = Story::new();
        let (mut a, mut b) = (Phone::new(1, one, 440.0), Phone::new(2, other, 620.0));
        let listeners = vec![a.listener(&[&b]), b.listener(&[&a])];
        story.plan(Plan { speakers: vec![a.speaker(), b.speaker()], listeners });
        story.frames(60, &mut [&mut a, &mut b]);
        let expected = f64::min(floor(one), floor(other)) - 2.0;
        assert_hears(&a, 620.0, expected);
        assert_hears(&b, 440.0, expected);
        for phone in [&a, &b] {
            let level = level_dbfs(end(phone, 400));
            assert!((level + 13.0).abs() < 1.0, "{one:?} with {other:?}: {level:.1} dBFS");
        }
    }
}

#[test]
fn in_a_conference_everybody_hears_all_others_and_nobody_himself() {
    let mut story = Story::new();
    let (mut a, mut b, mut c) = (
        Phone::new(1, CodecKind::Pcma, 440.0),
        Phone::new(2, CodecKind::G722, 620.0),
        Phone::new(3, CodecKind::Pcmu, 1000.0),
    );
    let listeners = vec![a.listener(&[&b, &c]), b.listener(&[&a, &c]), c.listener(&[&a, &b])];
    story.plan(Plan { speakers: vec![a.speaker(), b.speaker(), c.speaker()], listeners });
    story.frames(60, &mut [&mut a, &mut b, &mut c]);
    // Two tones of the same level: each is the other's noise.
    for (phone, heard, own) in [(&a, [620.0, 1000.0], 440.0), (&b, [440.0, 1000.0], 620.0)] {
        for frequency in heard {
            assert_hears(phone, frequency, -1.0);
        }
        assert_does_not_hear(phone, own);
    }
}

#[test]
fn a_whisper_reaches_the_agent_and_never_the_patient() {
    let mut story = Story::new();
    let [mut patient, mut agent, mut chief] =
        [(1, 440.0), (2, 620.0), (3, 1000.0)].map(|(leg, hz)| Phone::new(leg, CodecKind::Pcma, hz));
    let listeners = vec![
        patient.listener(&[&agent]),
        agent.listener(&[&patient, &chief]),
        chief.listener(&[&patient, &agent]),
    ];
    story.plan(Plan { speakers: vec![patient.speaker(), agent.speaker(), chief.speaker()], listeners });
    story.frames(60, &mut [&mut patient, &mut agent, &mut chief]);
    assert_hears(&patient, 620.0, 34.0);
    assert_does_not_hear(&patient, 1000.0);
    assert_hears(&agent, 440.0, -1.0);
    assert_hears(&agent, 1000.0, -1.0);
}

#[test]
fn joining_and_leaving_leaves_no_gap_for_who_stays() {
    let mut story = Story::new();
    let [mut a, mut b, mut c] =
        [(1, 440.0), (2, 620.0), (3, 1000.0)].map(|(leg, hz)| Phone::new(leg, CodecKind::Pcma, hz));
    let two = |a: &Phone, b: &Phone| Plan {
        speakers: vec![a.speaker(), b.speaker()],
        listeners: vec![a.listener(&[b]), b.listener(&[a])],
    };
    story.plan(two(&a, &b));
    story.frames(40, &mut [&mut a, &mut b]);
    let settled = a.heard.len();
    let listeners = vec![a.listener(&[&b, &c]), b.listener(&[&a, &c]), c.listener(&[&a, &b])];
    story.plan(Plan { speakers: vec![a.speaker(), b.speaker(), c.speaker()], listeners });
    story.frames(40, &mut [&mut a, &mut b, &mut c]);
    story.plan(two(&a, &b));
    story.frames(40, &mut [&mut a, &mut b]);
    let heard = &a.heard[settled - 800..];
    assert!(longest_gap(heard, -30.0) < 160, "{} samples of silence", longest_gap(heard, -30.0));
    assert_hears(&a, 620.0, 34.0);
}

#[test]
fn a_codec_that_changes_in_mid_call_leaves_no_gap_over_20_ms() {
    let mut story = Story::new();
    let (mut a, mut b) = (Phone::new(1, CodecKind::Pcma, 440.0), Phone::new(2, CodecKind::G722, 620.0));
    let listeners = vec![a.listener(&[&b]), b.listener(&[&a])];
    story.plan(Plan { speakers: vec![a.speaker(), b.speaker()], listeners });
    story.frames(40, &mut [&mut a, &mut b]);
    let settled = a.heard.len();
    b.change_codec(CodecKind::Pcmu, 620.0);
    story.frames(40, &mut [&mut a, &mut b]);
    let gap = longest_gap(&a.heard[settled - 800..], -35.0);
    assert!(gap <= 160, "{gap} samples of silence");
    assert_hears(&a, 620.0, 30.0);
}

#[test]
fn one_packet_in_twenty_is_lost_and_the_level_stays() {
    for codec in [CodecKind::Pcma, CodecKind::G722, CodecKind::Opus] {
        let mut story = Story::new();
        let (mut a, mut b) = (Phone::new(1, codec, 440.0), Phone::new(2, CodecKind::Pcma, 620.0));
        let listeners = vec![b.listener(&[&a])];
        story.plan(Plan { speakers: vec![a.speaker()], listeners });
        story.lossy_frames(200, &mut [&mut a, &mut b], |number| number % 20 == 13);
        let heard = end(&b, 3000);
        let level = level_dbfs(heard);
        assert!((level + 13.0).abs() < 1.0, "{codec:?}: {level:.1} dBFS");
        assert!(longest_gap(heard, -30.0) < 80, "{codec:?}: {} samples", longest_gap(heard, -30.0));
        let reference = Tone::new(8000, &[(440.0, -13.0)]).take(heard.len() + 200);
        let agreement = best_agreement(&reference, heard, 200);
        assert!(agreement.correlation > 0.9, "{codec:?}: {agreement:?}");
        assert!(click(heard) < 1.5, "{codec:?}: {}", click(heard));
    }
}

#[test]
fn a_single_voice_in_the_same_law_is_not_changed_by_a_bit() {
    let mut story = Story::new();
    let (mut a, mut b) = (Phone::new(1, CodecKind::Pcma, 440.0), Phone::new(2, CodecKind::Pcma, 620.0));
    let listeners = vec![b.listener(&[&a])];
    story.plan(Plan { speakers: vec![a.speaker()], listeners });
    story.frames(30, &mut [&mut a, &mut b]);
    let mut said = Vec::new();
    let mut encoder = Encoder::new(CodecKind::Pcma, &OpusSettings::default()).unwrap();
    let mut bytes = Vec::new();
    let _ = encoder.encode(&Tone::new(8000, &[(440.0, -13.0)]).take(160), &mut bytes).unwrap();
    careline_audio::codec::Decoder::new(CodecKind::Pcma).unwrap().decode(&bytes, &mut said).unwrap();
    let found = b.heard.windows(160).any(|window| window == said);
    assert!(found, "the first frame is among what was heard");
}

#[test]
fn keys_are_found_in_the_sound_of_a_leg_without_telephone_events() {
    let mut story = Story::new();
    let mut a = Phone::new(1, CodecKind::Pcma, 440.0);
    story.plan(Plan { speakers: vec![SpeakerPlan { keys: true, ..a.speaker() }], listeners: vec![] });
    let mut keys = String::new();
    for key in ['4', '#'] {
        for (tone, frames) in
            [(careline_audio::dtmf::tone(key, 8000, -12.0).unwrap(), 5), (Tone::new(8000, &[]), 10)]
        {
            a.tone = tone;
            for _ in 0..frames {
                story.frames(1, &mut [&mut a]);
                keys.extend(story.outbox.keys.iter().map(|key| key.digit));
            }
        }
    }
    assert_eq!(keys, "4#");
}

#[test]
fn nonsense_is_survived() {
    let mut story = Story::new();
    let (mut a, mut b) = (Phone::new(1, CodecKind::Opus, 440.0), Phone::new(2, CodecKind::Pcma, 620.0));
    let listeners = vec![a.listener(&[&b]), b.listener(&[&a])];
    story.plan(Plan { speakers: vec![a.speaker(), b.speaker()], listeners });
    let mut state = 7u32;
    for number in 0..2000u64 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let payload: Vec<u8> = (0..state % 1500).map(|at| (state >> (at % 24)) as u8).collect();
        let leg = LegId(1 + u64::from(state >> 31));
        let codec = [CodecKind::Opus, CodecKind::G722, CodecKind::Pcmu][(state >> 20) as usize % 3];
        let packet = Packet {
            leg,
            codec,
            stream: u64::from(state >> 28),
            extended: number ^ u64::from(state >> 25),
            timestamp: state,
            arrived: story.now,
        };
        story.inbox.put(packet, &payload);
        if number % 10 == 0 {
            story.frames(1, &mut [&mut b]);
        }
    }
    // Ten times as much as can be played is dropped, not kept.
    for number in 0..20_000 {
        let (leg, codec) = (LegId(2), CodecKind::Pcma);
        let packet = Packet { leg, codec, stream: 9, extended: number, timestamp: 0, arrived: story.now };
        story.inbox.put(packet, &[0x55; 160]);
    }
    assert!(story.inbox.dropped > 0 && story.inbox.packets.len() <= INBOX_PACKETS_MAX);
    let mut b = Phone::new(2, CodecKind::Pcma, 620.0);
    b.extended = 90_000;
    story.frames(100, &mut [&mut a, &mut b]);
    assert_hears(&a, 620.0, 10.0);
}
