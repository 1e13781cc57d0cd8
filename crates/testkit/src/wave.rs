//! WAV files of a story: tones to say, and what can be proved about what was heard.
//!
//! A tone is judged per window of 200 ms as `careline_audio::detect` does; a burst's beginning is found to a few
//! milliseconds by a sliding Goertzel of 20 ms. Dumps of phones have no time base, so bursts are compared by their
//! distances from each other, never by their place in the file.

use anyhow::Context;
use careline_audio::detect::{self, ToneWindow};
use careline_audio::{SAMPLE_RATE, dtmf, tone::Tone, wav};
use std::f64::consts::TAU;
use std::path::Path;

/// RMS level of every tone that stories send, dBFS: 10 dB below a full-scale sine.
pub const TONE_DBFS: f64 = -13.0;

/// Windows in a row that prove a tone: one second.
pub const PROOF_WINDOWS: usize = 5;
/// The same for each of several turns on the wire: a phone that reads its voice from a file skips now and then on a
/// busy machine, while a turn of two or three seconds must still be found.
pub const TURN_WINDOWS: usize = 2;

/// Length of every burst, seconds.
pub const BURST_S: f64 = 0.3;

/// Sliding analysis of bursts: window and step, milliseconds.
const BURST_WINDOW_MS: u32 = 20;
const BURST_STEP_MS: u32 = 2;

/// Writes a steady tone of `seconds` at [`TONE_DBFS`], 8 kHz mono.
///
/// # Errors
/// When the file cannot be written.
pub fn write_steady(path: &Path, seconds: f64, frequency: f64) -> anyhow::Result<()> {
    let samples = Tone::new(SAMPLE_RATE, &[(frequency, TONE_DBFS)]).take(samples_in(seconds));
    write_mono(path, &samples)
}

/// Writes `seconds` of silence with a burst of [`BURST_S`] at each onset (seconds from the beginning).
///
/// # Errors
/// When the file cannot be written.
pub fn write_bursts(path: &Path, seconds: f64, frequency: f64, onsets: &[f64]) -> anyhow::Result<()> {
    let mut samples = vec![0; samples_in(seconds)];
    for &onset in onsets {
        let burst = Tone::new(SAMPLE_RATE, &[(frequency, TONE_DBFS)]).take(samples_in(BURST_S));
        let space = samples.iter_mut().skip(samples_in(onset));
        space.zip(burst).for_each(|(sample, value)| *sample = value);
    }
    write_mono(path, &samples)
}

/// Length of a key pressed on an analogue phone, seconds.
pub const KEY_S: f64 = 0.12;

/// Writes `seconds` of silence in which keys are pressed on an analogue phone, each at its onset (seconds from the
/// beginning): the two tones of ITU-T Q.23 for [`KEY_S`].
///
/// # Errors
/// When a key has no tones, or the file cannot be written.
pub fn write_keys(path: &Path, seconds: f64, keys: &[(f64, char)]) -> anyhow::Result<()> {
    let mut samples = vec![0; samples_in(seconds)];
    for &(onset, key) in keys {
        let mut tone = dtmf::tone(key, SAMPLE_RATE, TONE_DBFS).with_context(|| format!("{key} is no key"))?;
        let space = samples.iter_mut().skip(samples_in(onset));
        space.zip(tone.take(samples_in(KEY_S))).for_each(|(sample, value)| *sample = value);
    }
    write_mono(path, &samples)
}

/// Onsets with distances that never repeat, so that any three of them name their place: 0.8 s apart, then 20 ms more
/// each time.
#[must_use]
pub fn unmistakable_onsets(seconds: f64) -> Vec<f64> {
    const FIRST_GAP_S: f64 = 0.8;
    const GROWTH_S: f64 = 0.02;
    let mut onsets = Vec::new();
    let (mut at, mut gap) = (0.5, FIRST_GAP_S);
    while at + BURST_S < seconds {
        onsets.push(at);
        at += gap;
        gap += GROWTH_S;
    }
    onsets
}

/// A WAV that was read, channel by channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wave {
    /// Samples per second.
    pub rate: u32,
    /// One vector per channel, equally long.
    pub channels: Vec<Vec<i16>>,
}

impl Wave {
    /// Reads a file of 16-bit PCM.
    ///
    /// # Errors
    /// When it is not there or not such a file.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let file = std::fs::File::open(path).with_context(|| format!("Failed to open {}", path.display()))?;
        let read = wav::read_channels(std::io::BufReader::new(file))
            .with_context(|| format!("{} is not a 16-bit WAV", path.display()))?;
        Ok(Self { rate: read.rate, channels: read.samples })
    }

    /// Whether no sample is there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.channels.first().is_none_or(Vec::is_empty)
    }

    /// Length, seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.channels.first().map_or(0.0, |samples| samples.len() as f64 / f64::from(self.rate))
    }

    /// The windows of one channel with the shares of `frequencies`.
    #[must_use]
    pub fn windows(&self, channel: usize, frequencies: &[f64]) -> Vec<ToneWindow> {
        let none = Vec::new();
        detect::tone_windows(self.channels.get(channel).unwrap_or(&none), self.rate, frequencies)
    }

    /// Longest run of windows in which only this tone is heard, at the level it was said.
    #[must_use]
    pub fn longest_tone(&self, channel: usize, frequency: f64) -> usize {
        longest_run(&self.windows(channel, &[frequency]), |window| window.is_tone(0, TONE_DBFS))
    }

    /// Longest run of windows that are neither silence nor one of these tones: speech or music.
    #[must_use]
    pub fn longest_other_sound(&self, channel: usize, frequencies: &[f64]) -> usize {
        longest_run(&self.windows(channel, frequencies), |window| {
            !window.is_silent() && window.shares.iter().all(|&share| share < 0.5)
        })
    }

    /// Longest run of silent windows.
    #[must_use]
    pub fn longest_silence(&self, channel: usize) -> usize {
        longest_run(&self.windows(channel, &[]), ToneWindow::is_silent)
    }

    /// Whether this tone has a part in any window of the channel.
    #[must_use]
    pub fn ever_has(&self, channel: usize, frequency: f64) -> bool {
        self.windows(channel, &[frequency]).iter().any(|window| window.shares[0] >= detect::SHARE_PRESENT_MIN)
    }

    /// Fails unless all of these were heard together for at least a second, and nothing else beside them.
    ///
    /// # Errors
    /// With the best run there was.
    pub fn expect_together(&self, who: &str, channel: usize, frequencies: &[f64]) -> anyhow::Result<()> {
        const PART_MIN: f64 = 0.15;
        let windows = self.windows(channel, frequencies);
        let run = longest_run(&windows, |window| {
            window.shares.iter().all(|&share| share >= PART_MIN)
                && window.shares.iter().sum::<f64>() >= detect::SHARE_PRESENT_MIN
        });
        anyhow::ensure!(
            run >= PROOF_WINDOWS,
            "{who}: {frequencies:?} Hz together for only {run} of {} windows",
            windows.len()
        );
        Ok(())
    }

    /// Fails when this tone has any part in the channel.
    ///
    /// # Errors
    /// With the place where it is loudest.
    pub fn expect_without(&self, who: &str, channel: usize, frequency: f64) -> anyhow::Result<()> {
        const PART_MAX: f64 = 0.05;
        let windows = self.windows(channel, &[frequency]);
        let heard = windows.iter().position(|window| !window.is_silent() && window.shares[0] > PART_MAX);
        anyhow::ensure!(heard.is_none(), "{who}: {frequency} Hz in window {heard:?} of {}", windows.len());
        Ok(())
    }

    /// Fails unless this tone was heard for at least a second at its level.
    ///
    /// # Errors
    /// With the best run there was.
    pub fn expect_tone(&self, who: &str, channel: usize, frequency: f64) -> anyhow::Result<()> {
        self.expect_tone_at(who, channel, frequency, TONE_DBFS)
    }

    /// The same for a tone that was said at another level: some phones change it when they change its rate.
    ///
    /// # Errors
    /// With the best run there was.
    pub fn expect_tone_at(
        &self,
        who: &str,
        channel: usize,
        frequency: f64,
        level_dbfs: f64,
    ) -> anyhow::Result<()> {
        let windows = self.windows(channel, &[frequency]);
        let run = longest_run(&windows, |window| window.is_tone(0, level_dbfs));
        let all = windows.iter().map(|one| match one {
            one if one.is_tone(0, level_dbfs) => '#',
            one if one.is_silent() => '.',
            _ => 'x',
        });
        anyhow::ensure!(
            run >= PROOF_WINDOWS,
            "{who}: {frequency} Hz at {level_dbfs:.1} dBFS for only {run} windows of {:.1} s ({}); loudest windows: {}",
            self.seconds(),
            all.collect::<String>(),
            self.describe(channel, frequency)
        );
        Ok(())
    }

    /// How loud this tone is in the middle one of the windows that have nothing else, in dBFS; `None` when there is none.
    #[must_use]
    pub fn level_of(&self, channel: usize, frequency: f64) -> Option<f64> {
        let windows = self.windows(channel, &[frequency]);
        let pure = windows.iter().filter(|window| window.shares[0] >= detect::SHARE_PRESENT_MIN);
        let mut levels: Vec<f64> = pure.map(|window| window.level_dbfs).collect();
        levels.sort_by(f64::total_cmp);
        levels.get(levels.len() / 2).copied()
    }

    /// Fails unless these were heard one after another, each for [`TURN_WINDOWS`]: a tone, or silence for `None`.
    /// Whatever was heard between them does not matter.
    ///
    /// # Errors
    /// With the first that did not follow.
    pub fn expect_in_turn(&self, who: &str, channel: usize, turns: &[Option<f64>]) -> anyhow::Result<()> {
        let tones: Vec<f64> = turns.iter().flatten().copied().collect();
        let windows = self.windows(channel, &tones);
        let (mut at, mut tone) = (0, 0);
        for (number, turn) in turns.iter().enumerate() {
            let good = |window: &ToneWindow| match turn {
                Some(_) => window.is_tone(tone, TONE_DBFS),
                None => window.is_silent(),
            };
            let rest = windows.get(at..).unwrap_or_default();
            let Some(skip) = rest.windows(TURN_WINDOWS).position(|run| run.iter().all(good)) else {
                anyhow::bail!(
                    "{who}: turn {number} of {turns:?} Hz was not heard after window {at} of {}: {}",
                    windows.len(),
                    in_words(&windows, &tones)
                );
            };
            at += skip + TURN_WINDOWS;
            tone += usize::from(turn.is_some());
        }
        Ok(())
    }

    /// Where bursts of this frequency begin, seconds from the file's start, to within 10 ms.
    #[must_use]
    pub fn burst_onsets(&self, channel: usize, frequency: f64) -> Vec<f64> {
        let none = Vec::new();
        let samples = self.channels.get(channel).unwrap_or(&none);
        let envelope = envelope(samples, self.rate, frequency);
        // A sine of the level said has this amplitude; half of it is reached when half the window holds the burst.
        let half = 32768.0 * std::f64::consts::SQRT_2 * 10f64.powf(TONE_DBFS / 20.0) / 2.0;
        let centre_s = f64::from(BURST_WINDOW_MS) / 2000.0;
        let mut onsets: Vec<f64> = Vec::new();
        for (step, pair) in envelope.windows(2).enumerate() {
            let at = (step + 1) as f64 * f64::from(BURST_STEP_MS) / 1000.0 + centre_s;
            let apart = onsets.last().is_none_or(|last| at - last > BURST_S / 2.0);
            if pair[0] < half && pair[1] >= half && apart {
                onsets.push(at);
            }
        }
        onsets
    }

    fn describe(&self, channel: usize, frequency: f64) -> String {
        let mut windows = self.windows(channel, &[frequency]);
        windows.sort_by(|a, b| b.shares[0].total_cmp(&a.shares[0]));
        let show =
            |window: &ToneWindow| format!("{:.1} dBFS share {:.2}", window.level_dbfs, window.shares[0]);
        windows.iter().take(3).map(show).collect::<Vec<_>>().join(", ")
    }
}

/// The place of `heard` in `known`: the shift (heard minus known, seconds) at which every heard onset lies within
/// `tolerance_s` of its own known one, in order and without a gap.
///
/// # Errors
/// When fewer than three were heard or they fit nowhere.
pub fn fit_onsets(heard: &[f64], known: &[f64], tolerance_s: f64) -> anyhow::Result<f64> {
    anyhow::ensure!(heard.len() >= 3, "only {} bursts: {heard:?}", heard.len());
    known
        .windows(heard.len())
        .find_map(|part| {
            let shifts: Vec<f64> = heard.iter().zip(part).map(|(h, k)| h - k).collect();
            let mean = shifts.iter().sum::<f64>() / shifts.len() as f64;
            shifts.iter().all(|shift| (shift - mean).abs() <= tolerance_s).then_some(mean)
        })
        .with_context(|| format!("bursts at {heard:.3?} fit nowhere in what was said within {tolerance_s} s"))
}

/// One letter or number a window: the tone that fills it, `.` for silence, `?` for anything else.
fn in_words(windows: &[ToneWindow], tones: &[f64]) -> String {
    let one = |window: &ToneWindow| {
        let tone = tones.iter().enumerate().find(|&(index, _)| window.is_tone(index, TONE_DBFS));
        match tone {
            Some((_, hertz)) => format!("{hertz} "),
            None if window.is_silent() => ".".into(),
            None => "?".into(),
        }
    };
    windows.iter().map(one).collect()
}

fn longest_run(windows: &[ToneWindow], good: impl Fn(&ToneWindow) -> bool) -> usize {
    windows.split(|window| !good(window)).map(<[ToneWindow]>::len).max().unwrap_or(0)
}

/// Amplitude of one frequency in a window of 20 ms, every 2 ms.
fn envelope(samples: &[i16], rate: u32, frequency: f64) -> Vec<f64> {
    let length = (rate * BURST_WINDOW_MS / 1000) as usize;
    let step = (rate * BURST_STEP_MS / 1000) as usize;
    if length == 0 || step == 0 {
        return Vec::new();
    }
    let omega = TAU * frequency / f64::from(rate);
    let table: Vec<(f64, f64)> =
        (0..length).map(|n| ((omega * n as f64).cos(), (omega * n as f64).sin())).collect();
    samples
        .windows(length)
        .step_by(step)
        .map(|window| {
            let (re, im) = window.iter().zip(&table).fold((0.0, 0.0), |(re, im), (&x, (cos, sin))| {
                (re + f64::from(x) * cos, im + f64::from(x) * sin)
            });
            2.0 * f64::hypot(re, im) / length as f64
        })
        .collect()
}

fn write_mono(path: &Path, samples: &[i16]) -> anyhow::Result<()> {
    let file = std::fs::File::create(path).with_context(|| format!("Failed to create {}", path.display()))?;
    wav::write_mono(std::io::BufWriter::new(file), samples)
        .with_context(|| format!("Failed to write {}", path.display()))
}

fn samples_in(seconds: f64) -> usize {
    // A story's length: far below where a float loses whole samples.
    (seconds * f64::from(SAMPLE_RATE)).round() as usize
}
