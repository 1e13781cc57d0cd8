//! Checks of the keys about a copper line's tones.

use super::check::Check;
use super::plan::LineTones;
use super::switch::unwritten;
use super::trunk::TrunkConfig;
use std::time::Duration;

/// What exchanges use: 450 Hz in China, 425 Hz in most other places.
const TONES_HZ: [u16; 2] = [450, 425];
/// Frequencies that are listened for on one line.
const TONES_MAX: usize = 4;
/// A pause of ring-back is 4 s long: after less silence than this nobody has answered.
const SILENCE_S_MIN: u32 = 5;
/// Without a word for longer nobody is there.
const SILENCE_S_MAX: u32 = 60;
/// A voice on the other end is heard long before this.
const SILENCE_S: u32 = 10;

impl Check<'_> {
    pub(super) fn line_tones(&mut self, written: &TrunkConfig, release_on_busy: bool) -> LineTones {
        let silence = written.answer_after_silence_s.clone().unwrap_or(unwritten(SILENCE_S));
        let silence_s = self.amount("trunk.answer_after_silence_s", &silence, SILENCE_S_MIN, SILENCE_S_MAX);
        LineTones {
            release_on_busy: written.busy_tone_release.unwrap_or(release_on_busy),
            answer_after_silence: Duration::from_secs(silence_s.into()),
            frequencies_hz: self.tones_hz(written),
        }
    }

    fn tones_hz(&mut self, written: &TrunkConfig) -> Vec<u16> {
        const KEY: &str = "trunk.tones_hz";
        let Some(values) = &written.tones_hz else { return TONES_HZ.to_vec() };
        let count = values.get_ref().len();
        if !(1..=TONES_MAX).contains(&count) {
            self.wrong(KEY, values, format!("{count} frequencies"), format!("1 to {TONES_MAX}"));
            return TONES_HZ.to_vec();
        }
        let read = |value| u16::try_from(self.amount(KEY, value, 300, 1000)).unwrap_or(u16::MAX);
        values.get_ref().iter().map(read).collect()
    }
}
