//! Legs that cannot be relayed to: other codecs, listening in, whispering, three and more. Real sockets, real time.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test: its phones run in real time, and what fails fails it"
)]

mod support;

use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use careline_audio::codec::{CodecKind, Decoder, Encoder, OpusSettings};
use careline_audio::measure::{longest_gap, tone_snr_db};
use careline_audio::tone::Tone;
use careline_media::{Command, Format, LegId, MediaEvent, Prompts, RemoteStream};
use careline_rtp::packet::{HEADER_BYTES, Header, Packet};
use support::{PATIENCE, Rig};

const FRAME: Duration = Duration::from_millis(20);

/// What one of two tones that are equally loud is of the sound, and what a tone is that is heard alone, in dB.
const MIXED: f64 = -1.0;
const ALONE: f64 = 30.0;

#[derive(Default)]
struct Heard {
    samples: Vec<i16>,
    /// Longest time between two packets.
    longest_wait: Duration,
    packets: u32,
    last: Option<Instant>,
}

/// A phone that says a tone in its codec, and decodes what it hears.
struct Phone {
    codec: CodecKind,
    heard: Arc<Mutex<Heard>>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

fn format(codec: CodecKind) -> Format {
    let payload_type = match codec {
        CodecKind::Pcmu => 0,
        CodecKind::Pcma => 8,
        CodecKind::G722 => 9,
        CodecKind::Opus => 111,
    };
    Format { payload_type, codec }
}

impl Phone {
    fn call(rig: &Rig, leg: u64, codec: CodecKind, frequency: f64) -> Self {
        Self::at(rig, rig.open(leg), leg, codec, frequency)
    }

    fn call_in(rig: &Rig, group: u64, leg: u64, codec: CodecKind, frequency: f64) -> Self {
        Self::at(rig, rig.open_in(group, leg), leg, codec, frequency)
    }

    fn at(rig: &Rig, to: SocketAddr, leg: u64, codec: CodecKind, frequency: f64) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        rig.remote_stream(leg, RemoteStream::plain(socket.local_addr().unwrap(), format(codec)));
        let (heard, ended) = (Arc::<Mutex<Heard>>::default(), Arc::<AtomicBool>::default());
        let thread = std::thread::spawn({
            let (heard, ended) = (Arc::clone(&heard), Arc::clone(&ended));
            move || talk(&socket, to, codec, frequency, &heard, &ended)
        });
        Self { codec, heard, ended, thread: Some(thread) }
    }

    /// Forgets, then waits until so much was heard.
    fn listen(&self, time: Duration) -> Heard {
        *self.heard.lock().unwrap() = Heard::default();
        let wanted = (time.as_millis() / FRAME.as_millis()) as u32;
        let begun = Instant::now();
        loop {
            if self.heard.lock().unwrap().packets >= wanted {
                return std::mem::take(&mut *self.heard.lock().unwrap());
            }
            assert!(begun.elapsed() < PATIENCE, "only {} packets", self.heard.lock().unwrap().packets);
            std::thread::yield_now();
            std::thread::park_timeout(FRAME);
        }
    }

    /// The tone's part in the best 100 ms of the last 400: a machine that is busy delays single packets.
    fn snr(&self, heard: &Heard, frequency: f64) -> f64 {
        let part = self.codec.rate() as usize / 10;
        let samples = &heard.samples[heard.samples.len() - 4 * part..];
        let measured = samples.chunks_exact(part).map(|part| tone_snr_db(part, self.codec.rate(), frequency));
        measured.fold(f64::MIN, f64::max)
    }

    /// Listens until each of the tones is heard and is that much of the sound.
    fn hears(&self, tones: &[f64], at_least: f64) {
        let begun = Instant::now();
        loop {
            let heard = self.listen(Duration::from_secs(1));
            let measured: Vec<f64> = tones.iter().map(|&tone| self.snr(&heard, tone)).collect();
            if measured.iter().all(|&snr| snr > at_least) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{tones:?} Hz are heard with {measured:.1?} dB");
        }
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn talk(
    socket: &UdpSocket,
    to: SocketAddr,
    codec: CodecKind,
    frequency: f64,
    heard: &Mutex<Heard>,
    ended: &AtomicBool,
) {
    let mut tone = Tone::new(codec.rate(), &[(frequency, -13.0)]);
    let mut encoder = Encoder::new(codec, &OpusSettings::default()).unwrap();
    let mut decoder = Decoder::new(codec).unwrap();
    let begun = Instant::now();
    let mut number = 0u16;
    while !ended.load(Ordering::Relaxed) {
        let mut packet = vec![0; HEADER_BYTES];
        let timestamp = u32::from(number).wrapping_mul(codec.rtp_clock() / 50);
        let payload_type = format(codec).payload_type;
        Header { payload_type, marker: false, sequence: number, timestamp, ssrc: to.port().into() }
            .write(packet.first_chunk_mut().unwrap());
        let _ = encoder.encode(&tone.take(codec.frame_samples()), &mut packet).unwrap();
        socket.send_to(&packet, to).unwrap();
        number += 1;
        let due = begun + FRAME * u32::from(number);
        loop {
            let left = due.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            socket.set_read_timeout(Some(left)).unwrap();
            let mut buffer = [0; 2048];
            let Ok(length) = socket.recv(&mut buffer) else { break };
            let Ok(packet) = Packet::parse(&buffer[..length]) else { continue };
            let mut heard = heard.lock().unwrap();
            let _ = decoder.decode(&buffer[packet.payload], &mut heard.samples);
            heard.packets += 1;
            let now = Instant::now();
            if let Some(last) = heard.last.replace(now) {
                heard.longest_wait = heard.longest_wait.max(now - last);
            }
        }
    }
}

#[test]
fn a_patient_on_g711_and_agents_on_g722_and_opus_hear_each_other_and_are_recorded() {
    for (codec, snr) in [(CodecKind::G722, 28.0), (CodecKind::Opus, 12.0)] {
        let mut rig = Rig::new(Prompts::default());
        let patient = Phone::call(&rig, 1, CodecKind::Pcma, 440.0);
        let agent = Phone::call(&rig, 2, codec, 620.0);
        rig.bridge(1, 2);
        rig.record("talk-1", 1, 2);
        let (to_patient, to_agent) =
            (patient.listen(Duration::from_secs(2)), agent.listen(Duration::from_secs(2)));
        assert!(patient.snr(&to_patient, 620.0) > snr, "{}", patient.snr(&to_patient, 620.0));
        assert!(agent.snr(&to_agent, 440.0) > snr, "{}", agent.snr(&to_agent, 440.0));
        rig.send(Command::StopRecording { id: Arc::from("talk-1") });
        let path = rig.wait("the recording", |event| match event {
            MediaEvent::RecordingFinished { path, complete: true, .. } => Some(path.clone()),
            _ => None,
        });
        let samples: Vec<i16> =
            hound::WavReader::open(path).unwrap().samples::<i16>().map(Result::unwrap).collect();
        for (side, frequency) in [(0, 440.0), (1, 620.0)] {
            let side: Vec<i16> = samples.iter().skip(side).step_by(2).copied().collect();
            let heard = &side[side.len() - 6400..side.len() - 1600];
            // By 100 ms: where packets come unevenly, the recording's clock is corrected by single samples.
            let measured = heard
                .chunks_exact(800)
                .map(|part| tone_snr_db(part, 8000, frequency))
                .fold(f64::MIN, f64::max);
            assert!(measured > 10.0, "{codec:?}, {frequency} Hz: {measured:.1} dB");
        }
    }
}

#[test]
fn a_supervisor_listens_whispers_and_joins_in() {
    let rig = Rig::new(Prompts::default());
    let patient = Phone::call(&rig, 1, CodecKind::Pcma, 440.0);
    let agent = Phone::call(&rig, 2, CodecKind::Pcmu, 620.0);
    let chief = Phone::call(&rig, 3, CodecKind::Pcma, 1000.0);
    rig.bridge(1, 2);
    let overhear = |leg: u64, others: &[u64]| {
        let others = others.iter().map(|&other| LegId(other)).collect();
        rig.send(Command::Overhear { leg: LegId(leg), others });
    };
    // Listening in: both are heard, and neither hears anything of it.
    overhear(3, &[1, 2]);
    chief.hears(&[440.0, 620.0], MIXED);
    agent.hears(&[440.0], ALONE);
    patient.hears(&[620.0], ALONE);
    // Whisper: only the agent hears it.
    overhear(2, &[3]);
    agent.hears(&[440.0, 1000.0], MIXED);
    patient.hears(&[620.0], ALONE);
    // Barge: all three.
    overhear(1, &[3]);
    patient.hears(&[620.0, 1000.0], MIXED);
    // And back to two.
    for leg in 1..=3 {
        overhear(leg, &[]);
    }
    patient.hears(&[620.0], ALONE);
}

#[test]
fn a_change_from_relay_to_mix_and_back_is_no_gap_for_who_is_in_the_call() {
    let rig = Rig::new(Prompts::default());
    let patient = Phone::call(&rig, 1, CodecKind::Pcma, 440.0);
    let agent = Phone::call(&rig, 2, CodecKind::Pcma, 620.0);
    let _third = Phone::call(&rig, 3, CodecKind::Pcma, 1000.0);
    rig.bridge(1, 2);
    patient.hears(&[620.0], ALONE);
    agent.hears(&[440.0], ALONE);
    *patient.heard.lock().unwrap() = Heard::default();
    rig.send(Command::Overhear { leg: LegId(1), others: vec![LegId(3)] });
    let wait_for = |packets| {
        let begun = Instant::now();
        while patient.heard.lock().unwrap().packets < packets {
            assert!(begun.elapsed() < PATIENCE);
            std::thread::park_timeout(FRAME);
        }
    };
    wait_for(50);
    rig.send(Command::Overhear { leg: LegId(1), others: vec![] });
    wait_for(100);
    let heard = patient.heard.lock().unwrap();
    let gap = longest_gap(&heard.samples, -35.0);
    assert!(gap <= 160, "{gap} samples of silence");
}

/// A supervisor goes with her agent from call to call, on one media thread and over to another: she hears the next call,
/// her stream to us and ours to her go on, and she is heard there.
#[test]
fn a_leg_goes_over_into_another_group_with_all_it_knows() {
    for threads in [1, 2] {
        let rig = Rig::with(Prompts::default(), |config| config.threads = threads);
        let chief = Phone::call(&rig, 1, CodecKind::Pcma, 1000.0);
        let mut calls = Vec::new();
        for (group, patient, agent, (low, high)) in [(2, 21, 22, (440.0, 620.0)), (3, 31, 32, (500.0, 700.0))]
        {
            let phones = [(patient, low), (agent, high)]
                .map(|(leg, frequency)| Phone::call_in(&rig, group, leg, CodecKind::Pcma, frequency));
            rig.bridge(patient, agent);
            calls.push(phones);
            rig.send(Command::Regroup { leg: LegId(1), call: group });
            let others = vec![LegId(patient), LegId(agent)];
            rig.send(Command::Overhear { leg: LegId(1), others });
            rig.send(Command::Overhear { leg: LegId(agent), others: vec![LegId(1)] });
            chief.hears(&[low, high], MIXED);
            calls.last().unwrap()[1].hears(&[1000.0], MIXED);
        }
        // The first call is as it was before she came.
        calls[0][1].hears(&[440.0], ALONE);
        rig.send(Command::Close { leg: LegId(1) });
    }
}

#[test]
fn a_prompt_is_heard_by_a_leg_whose_codec_is_opus_and_its_end_is_reported() {
    let prompt = Tone::new(8000, &[(700.0, -13.0)]).take(8000);
    let mut rig = Rig::new(Prompts::from_samples([("welcome", prompt)]).unwrap());
    let patient = Phone::call(&rig, 1, CodecKind::Opus, 440.0);
    rig.play(1, 5, &["welcome"]);
    let heard = patient.listen(Duration::from_millis(800));
    assert!(patient.snr(&heard, 700.0) > 10.0, "{}", patient.snr(&heard, 700.0));
    rig.wait("its end", |event| {
        matches!(event, MediaEvent::PlaybackDone { leg: LegId(1), playback: 5 }).then_some(())
    });
}

#[test]
fn a_key_is_heard_as_tones_where_it_cannot_be_relayed_as_an_event() {
    let mut rig = Rig::new(Prompts::default());
    let presser = support::Phone::call(rig.open(1), careline_audio::g711::Law::A, Some(440.0));
    let address = presser.address;
    rig.remote(1, address, careline_audio::g711::Law::A);
    let patient = Phone::call(&rig, 2, CodecKind::G722, 620.0);
    rig.bridge(1, 2);
    patient.listen(Duration::from_millis(600));
    *patient.heard.lock().unwrap() = Heard::default();
    presser.press('5');
    rig.wait("the key", |event| match event {
        MediaEvent::Digit { leg: LegId(1), digit, .. } => (*digit == '5').then_some(()),
        _ => None,
    });
    let begun = Instant::now();
    let found = || {
        let wide = patient.heard.lock().unwrap().samples.clone();
        let mut narrow = vec![0; wide.len() / 2];
        careline_audio::resample::Down2::new().process(&wide, &mut narrow);
        let mut events = Vec::new();
        careline_audio::dtmf::Detector::new().process(&narrow, &mut events);
        events.iter().any(|event| matches!(event, careline_audio::dtmf::DtmfEvent::Ended { key: '5', .. }))
    };
    while !found() {
        assert!(begun.elapsed() < PATIENCE, "no tones were heard");
        std::thread::park_timeout(FRAME);
    }
}

#[test]
fn keys_are_sent_as_events_while_the_talk_goes_on_behind_them() {
    let rig = Rig::new(Prompts::default());
    let phone = rig.phone(1, careline_audio::g711::Law::A, Some(440.0));
    let other = rig.phone(2, careline_audio::g711::Law::A, Some(620.0));
    rig.bridge(1, 2);
    phone.wait_heard(20);
    for key in ['1', '#'] {
        rig.send(Command::SendKey { leg: LegId(1), key, duration_ms: 100 });
    }
    let events = |heard: &[support::Heard]| {
        let mut receiver = careline_rtp::telephone_event::Receiver::default();
        let mut keys = String::new();
        for packet in heard.iter().filter(|packet| packet.header.payload_type == support::DTMF) {
            let digits = receiver.receive(packet.header.timestamp, &packet.payload, Duration::ZERO);
            keys.extend(digits.into_iter().flatten().map(|digit| digit.key));
        }
        keys
    };
    let heard = phone.wait_more(60);
    assert_eq!(events(&heard), "1#");
    drop(other);
}

#[test]
fn keys_beside_opus_are_counted_by_the_clock_that_was_agreed() {
    for (clock, step) in [(8000, 160), (48_000, 960)] {
        let mut rig = Rig::new(Prompts::default());
        let to = rig.open(1);
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut stream = RemoteStream::plain(socket.local_addr().unwrap(), format(CodecKind::Opus));
        (stream.send_events, stream.receive_events) = (Some(support::DTMF), Some(support::DTMF));
        stream.events_clock = clock;
        rig.remote_stream(1, stream);
        rig.send(Command::SendKey { leg: LegId(1), key: '5', duration_ms: 100 });
        let mut bytes = [0; 1500];
        let mut durations = Vec::new();
        while durations.len() < 7 {
            let length = socket.recv(&mut bytes).unwrap();
            let packet = Packet::parse(&bytes[..length]).unwrap();
            if packet.payload_type == support::DTMF {
                let payload = &bytes[packet.payload];
                durations.push(u32::from(u16::from_be_bytes([payload[2], payload[3]])));
            }
        }
        assert_eq!(durations, [1, 2, 3, 4, 5, 5, 5].map(|frames| frames * step), "{clock} Hz");

        let [high, low] = u16::try_from(clock / 10).unwrap().to_be_bytes();
        for sequence in 0..3 {
            let payload_type = support::DTMF;
            let header = Header { payload_type, marker: sequence == 0, sequence, timestamp: 960, ssrc: 9 };
            let mut packet = [0; HEADER_BYTES];
            header.write(&mut packet);
            socket.send_to(&[&packet[..], &[7, 0x8a, high, low]].concat(), to).unwrap();
        }
        let held = rig.wait("the key", |event| match event {
            MediaEvent::Digit { leg: LegId(1), digit: '7', duration_ms } => Some(*duration_ms),
            _ => None,
        });
        assert_eq!(held, 100, "{clock} Hz");
    }
}

#[test]
fn a_key_in_the_sound_reaches_a_phone_of_events_as_an_event() {
    let mut rig = Rig::new(Prompts::default());
    let to = rig.open(1);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let codec = Format { payload_type: 8, codec: CodecKind::Pcma };
    rig.remote_stream(1, RemoteStream::plain(socket.local_addr().unwrap(), codec));
    rig.send(Command::SeekKeys { leg: LegId(1), on: true });
    let phone = rig.phone(2, careline_audio::g711::Law::A, None);
    rig.bridge(1, 2);
    let mut tone = careline_audio::dtmf::tone('5', 8000, -12.0).unwrap();
    let events = |heard: &[support::Heard]| {
        let packets = heard.iter().filter(|packet| packet.header.payload_type == support::DTMF);
        packets.map(|packet| packet.payload[0]).collect::<Vec<u8>>()
    };
    let begun = Instant::now();
    for number in 0u16.. {
        let samples = if (10..16).contains(&number) { tone.take(160) } else { vec![0; 160] };
        let timestamp = 160 * u32::from(number);
        let header = Header { payload_type: 8, marker: false, sequence: number, timestamp, ssrc: 9 };
        let mut packet = vec![0; HEADER_BYTES];
        header.write(packet.first_chunk_mut().unwrap());
        let law = careline_audio::g711::Law::A;
        packet.extend(samples.into_iter().map(|sample| careline_audio::g711::encode(law, sample)));
        socket.send_to(&packet, to).unwrap();
        if events(&phone.heard()).len() >= 5 {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "no event came");
        std::thread::park_timeout(FRAME);
    }
    assert!(events(&phone.heard()).iter().all(|event| *event == 5));
    rig.wait("the key", |event| match event {
        MediaEvent::Digit { leg: LegId(1), digit: '5', .. } => Some(()),
        _ => None,
    });
}

#[test]
fn a_key_that_is_signalled_is_not_played_as_well() {
    use careline_audio::g711::Law;
    let mut rig = Rig::new(Prompts::default());
    let presser = support::Phone::call(rig.open(1), Law::A, None);
    rig.remote(1, presser.address, Law::A);
    let other = support::Phone::call(rig.open(2), Law::A, None);
    let mut stream = RemoteStream::plain(other.address, Format::PCMA);
    stream.keys_signalled = true;
    rig.remote_stream(2, stream);
    rig.bridge(1, 2);
    other.wait_heard(10);
    presser.press('5');
    rig.wait("the key", |event| match event {
        MediaEvent::Digit { leg: LegId(1), digit: '5', .. } => Some(()),
        _ => None,
    });
    let heard = other.wait_more(20);
    assert!(heard.iter().all(|packet| packet.header.payload_type == 8), "no events");
    let mut found = Vec::new();
    careline_audio::dtmf::Detector::new().process(&support::samples(Law::A, &heard), &mut found);
    assert!(found.is_empty(), "{found:?}");
}
