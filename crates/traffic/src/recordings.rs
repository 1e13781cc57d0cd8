//! Proof of the recordings against what the crowd said: the patient on the left, the agent on the right, every byte
//! as the side-car swears.

use crate::ear::is_pair;
use crate::pair::Pair;
use crate::plan::national;
use anyhow::Context;
use careline_audio::{detect, wav};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Windows of 200 ms with the right pair that a channel must hold.
const WINDOWS_MIN: usize = 3;

/// The part of a report that is needed here.
#[derive(Debug, Deserialize)]
struct ReportedCalls {
    calls: Vec<ReportedCall>,
}

#[derive(Debug, Deserialize)]
struct ReportedCall {
    caller: String,
    outcome: crate::report::Outcome,
    agent: Option<String>,
    patient_tones: Pair,
    agent_tones: Option<Pair>,
    /// Before it, a recording of this number is of an earlier call.
    #[serde(default)]
    dialled_at_us: i64,
    #[serde(default = "endless")]
    ended_at_us: i64,
}

fn endless() -> i64 {
    i64::MAX
}

impl ReportedCall {
    /// Whether it is a recording of this call: of its number, begun while it lasted. Side-cars and reports of one
    /// machine have one clock.
    fn is_of(&self, side_car: &SideCar) -> bool {
        let began = side_car.json["started_at_us"].as_i64().unwrap_or(self.dialled_at_us);
        national(side_car.text("caller")) == national(&self.caller)
            && (self.dialled_at_us..=self.ended_at_us).contains(&began)
    }
}

/// The result.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Verified {
    /// Side-cars found.
    pub recordings: usize,
    /// Answered calls whose recording is proved.
    pub verified: usize,
    /// What is wrong, one line each.
    pub failed: Vec<String>,
}

/// A side-car with its place.
struct SideCar {
    path: PathBuf,
    json: Value,
}

impl SideCar {
    fn text(&self, key: &str) -> &str {
        self.json[key].as_str().unwrap_or_default()
    }
}

/// Checks every answered call of the report. With the events of the journal (JSON lines) also that every recording
/// the journal names was checked and no call is recorded twice.
///
/// # Errors
/// When the report, the folder or the events cannot be read.
pub fn verify(folder: &Path, report: &Path, events: Option<&Path>) -> anyhow::Result<Verified> {
    let text =
        std::fs::read_to_string(report).with_context(|| format!("Failed to read {}", report.display()))?;
    let report: ReportedCalls = serde_json::from_str(&text).context("not a report of careline-traffic")?;
    let side_cars = side_cars(folder)?;
    let mut result = Verified { recordings: side_cars.len(), ..Verified::default() };
    for call in report.calls.iter().filter(|call| call.outcome == crate::report::Outcome::Answered) {
        match verify_call(call, &side_cars) {
            Ok(()) => result.verified += 1,
            Err(error) => result.failed.push(format!("call of {}: {error:#}", call.caller)),
        }
    }
    if let Some(events) = events {
        result.failed.extend(against_journal(events, &side_cars)?);
    }
    Ok(result)
}

fn verify_call(call: &ReportedCall, side_cars: &[SideCar]) -> anyhow::Result<()> {
    let mut own = side_cars.iter().filter(|car| call.is_of(car));
    let side_car = own.next().context("has no recording")?;
    anyhow::ensure!(own.next().is_none(), "has more than one recording");
    let agent = call.agent.as_deref().unwrap_or_default();
    anyhow::ensure!(side_car.text("agent") == agent, "side-car names agent `{}`", side_car.text("agent"));
    anyhow::ensure!(side_car.text("call").len() > 1, "side-car names no call");
    let wav_path = side_car.path.with_extension("wav");
    let bytes = std::fs::read(&wav_path).with_context(|| format!("no file {}", wav_path.display()))?;
    let digest = hex::encode(Sha256::digest(&bytes));
    anyhow::ensure!(side_car.text("sha256") == digest, "the side-car's digest is not the file's");
    let recording = wav::read_channels(bytes.as_slice()).context("not a readable WAV")?;
    let [left, right] = recording.samples.as_slice() else {
        anyhow::bail!("{} channels instead of 2", recording.samples.len());
    };
    let pair_of_agent = call.agent_tones.context("the report has no tones of the agent")?;
    let windows = |samples: &[i16], pair: Pair| {
        let all = detect::tone_windows(samples, recording.rate, &pair.frequencies());
        all.iter().filter(|window| !window.is_silent() && is_pair(&window.shares)).count()
    };
    let patient = (windows(left, call.patient_tones), windows(right, call.patient_tones));
    let agent = (windows(left, pair_of_agent), windows(right, pair_of_agent));
    anyhow::ensure!(patient.1 == 0 && agent.0 == 0, "channels swapped or mixed: {patient:?} {agent:?}");
    anyhow::ensure!(patient.0 >= WINDOWS_MIN, "patient in only {} windows on the left", patient.0);
    anyhow::ensure!(agent.1 >= WINDOWS_MIN, "agent in only {} windows on the right", agent.1);
    Ok(())
}

/// Every finished recording of the journal has its side-car with the same digest.
fn against_journal(events: &Path, side_cars: &[SideCar]) -> anyhow::Result<Vec<String>> {
    let text =
        std::fs::read_to_string(events).with_context(|| format!("Failed to read {}", events.display()))?;
    let mut failed = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let event: Value = serde_json::from_str(line).context("not a line of JSON")?;
        if event["kind"] != "recording_finished" {
            continue;
        }
        let id = event["recording"].as_str().unwrap_or_default();
        let found = side_cars.iter().find(|car| car.path.file_stem().is_some_and(|stem| stem == id));
        match found {
            None => failed.push(format!("recording {id} of the journal is not there")),
            Some(car) if car.json["sha256"] != event["sha256"] => {
                failed.push(format!("recording {id}: journal and side-car disagree"));
            }
            Some(_) => {}
        }
    }
    Ok(failed)
}

/// All side-cars below the folder.
fn side_cars(folder: &Path) -> anyhow::Result<Vec<SideCar>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries =
            std::fs::read_dir(&folder).with_context(|| format!("Failed to list {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                let text = std::fs::read_to_string(&path)?;
                let json =
                    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))?;
                found.push(SideCar { path, json });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}
