//! Orders of the switchboard in the words of the media engine, and its events back.

mod figures;
mod messages;
mod remote;

use crate::grpc::RecordingsOptions;
use crate::ports::PortStocks;
use careline_callcentre::{RecordingDetails, Track};
use careline_media::{Command, Engine, LegId as MediaLeg, MediaEvent, RecordingSpec, Sources, Stats};
use careline_model::{CallId, LegId, RecordingId};
use careline_switchboard::{LineTone, MediaOrder, MediaSignal, MessageOrder, RecordingOrder, TrackOrder};
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use messages::MessageReader;
pub(crate) use remote::sources;

/// The media engine as the driver uses it.
pub struct MediaGlue {
    /// Until the end.
    engine: Option<Engine>,
    ports: PortStocks,
    /// Sockets of open legs, by leg.
    in_use: BTreeMap<LegId, SocketAddr>,
    /// Open legs whose codec is wideband.
    wide: BTreeSet<LegId>,
    recorded: Recorded,
    /// Messages that are being recorded, whether conversations are or not.
    messages: BTreeSet<RecordingId>,
    /// Reads recordings that somebody wants to hear.
    reader: Option<MessageReader>,
    /// Whose media are listened to.
    sources: Sources,
    /// Recordings that were begun and are not yet closed on disk.
    open_recordings: usize,
    /// Orders that the engine had no room for.
    refused: u64,
}

/// What is recorded, and where it goes.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The folder above year/month/day.
    pub directory: PathBuf,
    /// The zone whose days name the folders.
    pub zone: TimeZone,
    /// Conversations are recorded.
    pub enabled: bool,
    /// At 16 kHz when a leg is wideband.
    pub wideband: bool,
}

impl MediaGlue {
    /// Joins an engine and its stocks of ports.
    #[must_use]
    pub fn new(engine: Engine, ports: PortStocks, recorded: Recorded, sources: Sources) -> Self {
        Self {
            engine: Some(engine),
            ports,
            in_use: BTreeMap::new(),
            wide: BTreeSet::new(),
            recorded,
            messages: BTreeSet::new(),
            reader: None,
            sources,
            open_recordings: 0,
            refused: 0,
        }
    }

    /// Recordings can be played from now on.
    ///
    /// # Errors
    /// When the thread that reads them is refused.
    pub fn read_recordings(&mut self, options: RecordingsOptions) -> std::io::Result<()> {
        if let Some(engine) = &self.engine {
            self.reader = Some(MessageReader::start(options, engine.player())?);
        }
        Ok(())
    }

    /// Binds new sockets; gives their addresses for the switchboard's stock.
    pub fn refill(&mut self) -> Vec<SocketAddr> {
        self.ports.refill()
    }

    /// Recordings that are not yet closed on disk.
    #[must_use]
    pub fn open_recordings(&self) -> usize {
        self.open_recordings
    }

    /// Obeys one order. Gives a signal for the switchboard when it could not be obeyed.
    pub fn obey(&mut self, order: MediaOrder) -> Option<MediaSignal> {
        let leg = leg_of(&order);
        let why = match self.command(order) {
            Ok(None) => return None,
            Ok(Some(command)) => match self.engine.as_ref().map(|engine| engine.post(command)) {
                Some(Ok(())) => return None,
                Some(Err(_)) => "the media engine's command queue is full",
                None => "the media engine has ended",
            },
            Err(why) => why,
        };
        self.refused += 1;
        tracing::error!(media.refused = self.refused, why, "an order to the media engine was not obeyed");
        leg.map(|leg| MediaSignal::Failed { leg })
    }

    /// Lets the engine look at what was ordered since the last time.
    pub fn wake(&self) {
        if let Some(engine) = &self.engine {
            engine.wake();
        }
    }

    /// The command for an order; none when there is nothing to do, and why when it cannot be done.
    fn command(&mut self, order: MediaOrder) -> Result<Option<Command>, &'static str> {
        Ok(Some(match order {
            MediaOrder::Open { leg, call, socket: address } => {
                let pair = self.ports.take(address).ok_or("the socket is not in the stock")?;
                self.in_use.insert(leg, address);
                Command::Open { leg: media(leg), call, socket: pair.rtp, rtcp: Some(pair.rtcp) }
            }
            MediaOrder::Remote { leg, remote, own_key, key_generations, signalled_from, keys_signalled } => {
                if matches!(remote.codec, careline_sdp::Codec::G722 | careline_sdp::Codec::Opus) {
                    self.wide.insert(leg);
                } else {
                    self.wide.remove(&leg);
                }
                let sources = self.sources;
                let beside =
                    remote::Beside { own_key, key_generations, signalled_from, sources, keys_signalled };
                let stream =
                    remote::stream(&remote, &beside).map_err(|_| "the keys of a stream are no pair")?;
                Command::Remote { leg: media(leg), stream: Box::new(stream) }
            }
            MediaOrder::Play { leg, playback, prompts } => {
                Command::Play { leg: media(leg), playback, items: prompts, repeat: false }
            }
            MediaOrder::StopPlay { leg } => Command::StopPlay { leg: media(leg) },
            MediaOrder::Music { leg, item } => Command::Music { leg: media(leg), item },
            MediaOrder::Echo { leg } => Command::Echo { leg: media(leg), on: true },
            MediaOrder::WatchTones { leg, frequencies_hz } => {
                let tones_hz = frequencies_hz.iter().map(|hz| f64::from(*hz)).collect();
                Command::WatchTones { leg: media(leg), tones_hz }
            }
            MediaOrder::SendKey { leg, key, duration_ms } => {
                Command::SendKey { leg: media(leg), key, duration_ms }
            }
            MediaOrder::SeekKeys { leg, on } => Command::SeekKeys { leg: media(leg), on },
            MediaOrder::Bridge { caller, agent } => Command::Bridge { a: media(caller), b: media(agent) },
            MediaOrder::Unbridge { caller, agent } => Command::Unbridge { a: media(caller), b: media(agent) },
            MediaOrder::Regroup { leg, call } => Command::Regroup { leg: media(leg), call },
            MediaOrder::Overhear { leg, others } => {
                let others = others.into_iter().map(media).collect();
                Command::Overhear { leg: media(leg), others }
            }
            MediaOrder::RecordOne(order) => {
                self.open_recordings += 1;
                self.messages.insert(order.recording.clone());
                self.record_message(*order)
            }
            MediaOrder::PlayRecording { leg, playback, recording } => {
                let reader = self.reader.as_ref().ok_or("recordings cannot be read")?;
                if reader.play(media(leg), playback, recording) {
                    return Ok(None);
                }
                // Who waits for its end must go on.
                Command::Play { leg: media(leg), playback, items: Vec::new(), repeat: false }
            }
            MediaOrder::RecordTrack(order) => return Ok(self.record_one(&order)),
            MediaOrder::Record(order) => return Ok(self.record(*order)),
            MediaOrder::MaskDigits { leg, on } => Command::MaskDigits { leg: media(leg), on },
            MediaOrder::PauseRecording { recording, reason } => {
                Command::PauseRecording { id: Arc::from(recording.as_str()), reason }
            }
            MediaOrder::ResumeRecording { recording } => {
                Command::ResumeRecording { id: Arc::from(recording.as_str()) }
            }
            MediaOrder::StopRecording { recording } => {
                if !self.messages.remove(&recording) && !self.recorded.enabled {
                    return Ok(None);
                }
                Command::StopRecording { id: Arc::from(recording.as_str()) }
            }
            MediaOrder::Close { leg } => {
                self.wide.remove(&leg);
                if let Some(address) = self.in_use.remove(&leg) {
                    // The engine closes the socket soon; by the time the port is first in line again it is free.
                    self.ports.give_back(address);
                }
                Command::Close { leg: media(leg) }
            }
        }))
    }

    fn folder(&self, started_wall_us: i64) -> PathBuf {
        let (year, month, day) = careline_model::hours::local_date(started_wall_us, &self.recorded.zone);
        self.recorded.directory.join(format!("{year:04}/{month:02}/{day:02}"))
    }

    fn record_message(&self, order: MessageOrder) -> Command {
        let MessageOrder { recording, call, leg, mailbox, details } = order;
        let is_wide = self.recorded.wideband && self.wide.contains(&leg);
        let sidecar = serde_json::json!({
            "kind": "voicemail",
            "call": call.to_string(),
            "segment": details.segment,
            "mailbox": mailbox.as_str(),
            "line": details.line.as_str(),
            "medium": details.medium,
            "dialled": details.dialled.as_str(),
            "caller": details.caller.as_str(),
            "queue": details.queue.as_ref().map(careline_model::QueueId::as_str),
            "started_at_us": details.started_wall_us,
            "left": "caller",
        });
        let recording = RecordingSpec {
            id: Arc::from(recording.as_str()),
            started_wall_us: details.started_wall_us,
            directory: self.folder(details.started_wall_us),
            rate: if is_wide { 16_000 } else { 8000 },
            sidecar,
        };
        Command::RecordOne { recording, leg: media(leg), tells: true }
    }

    /// Two legs; nothing when nothing is recorded.
    fn record(&mut self, order: RecordingOrder) -> Option<Command> {
        if !self.recorded.enabled {
            return None;
        }
        self.open_recordings += 1;
        let RecordingOrder { recording, call, caller, agent, details } = order;
        // What was said before, in the same call: by another agent, or before a phone was lost.
        let previous = details.segment.checked_sub(1).filter(|&before| before > 0);
        let previous = previous.map(|before| format!("{call}-{before}"));
        let mut sidecar = facts(&details);
        sidecar["call"] = call.to_string().into();
        sidecar["previous"] = previous.into();
        sidecar["left"] = "caller".into();
        sidecar["right"] = "agent".into();
        let recording = self.spec(&recording, &details, &[caller, agent], sidecar);
        Some(Command::Record { recording, left: media(caller), right: media(agent) })
    }

    /// A file of one channel: who speaks on it, and to which conversation it belongs.
    fn record_one(&mut self, order: &TrackOrder) -> Option<Command> {
        if !self.recorded.enabled {
            return None;
        }
        self.open_recordings += 1;
        let TrackOrder { recording, call, leg, track, details } = order;
        let mut sidecar = facts(details);
        sidecar["call"] = call.to_string().into();
        sidecar["belongs_to"] = format!("{call}-{}", details.segment).into();
        sidecar["left"] = match track {
            Track::Whisper => "supervisor",
            Track::Party => "party",
        }
        .into();
        let recording = self.spec(recording, details, &[*leg], sidecar);
        Some(Command::RecordOne { recording, leg: media(*leg), tells: false })
    }

    fn spec(
        &self,
        id: &RecordingId,
        details: &RecordingDetails,
        legs: &[LegId],
        sidecar: serde_json::Value,
    ) -> RecordingSpec {
        let is_wide = self.recorded.wideband && legs.iter().any(|leg| self.wide.contains(leg));
        RecordingSpec {
            id: Arc::from(id.as_str()),
            started_wall_us: details.started_wall_us,
            directory: self.folder(details.started_wall_us),
            rate: if is_wide { 16_000 } else { 8000 },
            sidecar,
        }
    }

    /// What an event of the engine means to the switchboard.
    pub fn signal(&mut self, event: MediaEvent) -> Option<MediaSignal> {
        let house = |leg: MediaLeg| LegId(leg.0);
        match event {
            MediaEvent::Digit { leg, digit, duration_ms } => {
                Some(MediaSignal::Digit { leg: house(leg), digit, duration_ms })
            }
            MediaEvent::Tone { leg, tone } => {
                Some(MediaSignal::Tone { leg: house(leg), tone: tone_of(tone) })
            }
            MediaEvent::PlaybackDone { leg, playback } => {
                Some(MediaSignal::PlaybackDone { leg: house(leg), playback })
            }
            MediaEvent::TimedOut { leg } => Some(MediaSignal::TimedOut { leg: house(leg) }),
            MediaEvent::RecordingStarted { id, .. } => {
                let (recording, call) = recording_of(&id)?;
                Some(MediaSignal::RecordingStarted { recording, call })
            }
            MediaEvent::RecordingFinished { id, duration_ms, bytes, sha256, complete, .. } => {
                self.open_recordings = self.open_recordings.saturating_sub(1);
                let (recording, call) = recording_of(&id)?;
                Some(MediaSignal::RecordingFinished { recording, call, duration_ms, bytes, sha256, complete })
            }
            MediaEvent::RecordingIncomplete { id, reason } => {
                let (recording, call) = recording_of(&id)?;
                Some(MediaSignal::RecordingIncomplete { recording, call, reason })
            }
            MediaEvent::Heard { id } => {
                let (recording, call) = recording_of(&id)?;
                Some(MediaSignal::Spoke { recording, call })
            }
            MediaEvent::RecordingResumed { id } => {
                let (recording, call) = recording_of(&id)?;
                Some(MediaSignal::RecordingResumed { recording, call })
            }
            MediaEvent::Quality { leg, stats, quality } => {
                Some(MediaSignal::Quality { leg: house(leg), figures: figures::figures(&stats, &quality) })
            }
            MediaEvent::LegClosed { leg, stats, quality } => {
                Some(MediaSignal::LegClosed { leg: house(leg), figures: figures::figures(&stats, &quality) })
            }
            _ => None,
        }
    }

    /// Totals of the engine.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.engine.as_ref().map(Engine::stats).unwrap_or_default()
    }

    /// Orders that could not be obeyed.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// Ends the engine: recordings are closed and reported through the event queue, which can be read afterwards.
    pub fn shutdown(&mut self) {
        if let Some(engine) = self.engine.take() {
            engine.shutdown();
        }
    }
}

/// What a side-car says of any recording.
fn facts(details: &RecordingDetails) -> serde_json::Value {
    serde_json::json!({
        "segment": details.segment,
        "beside": details.beside.map(|call| call.to_string()),
        "line": details.line.as_str(),
        "medium": details.medium,
        "dialled": details.dialled.as_str(),
        "caller": details.caller.as_str(),
        "agent": details.agent.as_ref().map(careline_model::AgentId::as_str),
        "queue": details.queue.as_ref().map(careline_model::QueueId::as_str),
        "started_at_us": details.started_wall_us,
    })
}

fn tone_of(tone: careline_media::LineTone) -> LineTone {
    match tone {
        careline_media::LineTone::Dial => LineTone::Dial,
        careline_media::LineTone::RingBack => LineTone::RingBack,
        careline_media::LineTone::Busy => LineTone::Busy,
        careline_media::LineTone::Congestion => LineTone::Congestion,
        careline_media::LineTone::Sound => LineTone::Sound,
    }
}

fn media(leg: LegId) -> MediaLeg {
    MediaLeg(leg.0)
}

/// The leg without whose order a call cannot go on.
pub(crate) fn leg_of(order: &MediaOrder) -> Option<LegId> {
    match order {
        MediaOrder::Open { leg, .. }
        | MediaOrder::Remote { leg, .. }
        | MediaOrder::Play { leg, .. }
        | MediaOrder::PlayRecording { leg, .. }
        | MediaOrder::WatchTones { leg, .. }
        | MediaOrder::Echo { leg } => Some(*leg),
        MediaOrder::Bridge { caller, .. } => Some(*caller),
        MediaOrder::StopPlay { .. }
        | MediaOrder::Music { .. }
        | MediaOrder::SendKey { .. }
        | MediaOrder::SeekKeys { .. }
        | MediaOrder::Unbridge { .. }
        | MediaOrder::Record(_)
        | MediaOrder::RecordOne(_)
        | MediaOrder::RecordTrack(_)
        | MediaOrder::Regroup { .. }
        | MediaOrder::Overhear { .. }
        | MediaOrder::MaskDigits { .. }
        | MediaOrder::PauseRecording { .. }
        | MediaOrder::ResumeRecording { .. }
        | MediaOrder::StopRecording { .. }
        | MediaOrder::Close { .. } => None,
    }
}

/// A recording's id and its call: `<call id>-<segment>`.
pub(crate) fn recording_of(id: &str) -> Option<(RecordingId, CallId)> {
    let (call, _segment) = id.rsplit_once('-')?;
    Some((RecordingId::new(id), call.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_names_its_call() {
        let id = "0190a5b0-1111-7abc-8def-0123456789ab-2";
        let (recording, call) = recording_of(id).expect("a good id");
        assert_eq!(recording.as_str(), id);
        assert_eq!(call.to_string(), "0190a5b0-1111-7abc-8def-0123456789ab");
        assert!(recording_of("nonsense").is_none());
    }
}
