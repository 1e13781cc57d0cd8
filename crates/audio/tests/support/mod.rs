//! What several tests of this crate need.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::fs;
use std::path::PathBuf;

use careline_audio::wav::read_prompt;

/// Samples of 16 bits, little end first.
pub fn samples_of(bytes: &[u8]) -> Vec<i16> {
    bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../config/prompts/zh-CN")
}

/// One of the prompts: Mandarin speech at 8 kHz.
pub fn prompt(name: &str) -> Vec<i16> {
    let file = fs::read(folder().join(format!("{name}.wav"))).expect("the prompt is in the sources");
    read_prompt(&file[..]).expect("the prompt has the format of prompts")
}

/// All of them with their names, in the order of these.
pub fn prompts() -> Vec<(String, Vec<i16>)> {
    let mut names: Vec<String> = fs::read_dir(folder())
        .expect("the prompts are in the sources")
        .filter_map(|entry| Some(entry.ok()?.file_name().to_str()?.strip_suffix(".wav")?.to_owned()))
        .collect();
    names.sort();
    names.into_iter().map(|name| (name.clone(), prompt(&name))).collect()
}

/// Numbers that look random and are the same each time (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    /// The next 64 bits.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let bits = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// 0 up to 1.
    pub fn share(&mut self) -> f64 {
        (self.roll() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True this often.
    pub fn happens(&mut self, share: f64) -> bool {
        self.share() < share
    }

    /// White noise of this level, nearly Gaussian.
    pub fn noise(&mut self, samples: usize, level_dbfs: f64) -> Vec<f64> {
        let scale = 32_768.0 * 10_f64.powf(level_dbfs / 20.0);
        (0..samples).map(|_| ((0..12).map(|_| self.share()).sum::<f64>() - 6.0) * scale).collect()
    }
}

/// What the fixtures were made of: 19,200 samples of a prompt, which count as 16 kHz (speech at double speed, so that
/// there is something in the upper band).
pub fn fixture_source() -> Vec<i16> {
    prompt("menu-main")[3200..22_400].to_vec()
}
