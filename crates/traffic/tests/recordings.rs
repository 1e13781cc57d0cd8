//! Recordings are proved, and each way of being wrong is noticed.

use careline_audio::{SAMPLE_RATE, tone::Tone, wav};
use careline_traffic::recordings;
use sha2::{Digest, Sha256};
use std::path::Path;

const REPORT: &str = r#"{"calls":[
    {"caller":"13800000001","outcome":"answered","agent":"1001","patient_tones":[420,1500],"agent_tones":[580,1900]},
    {"caller":"13800000002","outcome":"abandoned","agent":null,"patient_tones":[440,1500],"agent_tones":null}]}"#;

fn tone(pair: (f64, f64)) -> Vec<i16> {
    Tone::new(SAMPLE_RATE, &[(pair.0, -19.0), (pair.1, -19.0)]).take(16_000)
}

fn record(folder: &Path, left: &[i16], right: &[i16]) -> anyhow::Result<()> {
    let path = folder.join("2026/11/22/c1-1.wav");
    std::fs::create_dir_all(path.parent().expect("three folders"))?;
    let mut file = wav::stereo_writer(std::fs::File::create(&path)?)?;
    wav::write_stereo(&mut file, left.iter().copied(), right.iter().copied())?;
    file.finalize()?;
    let sha256 = hex::encode(Sha256::digest(std::fs::read(&path)?));
    let side_car = serde_json::json!({
        "call": "c1", "caller": "+8613800000001", "agent": "1001", "sha256": sha256
    });
    Ok(std::fs::write(path.with_extension("json"), side_car.to_string())?)
}

fn verify(folder: &Path) -> recordings::Verified {
    let report = folder.join("report.txt");
    std::fs::write(&report, REPORT).expect("writable");
    recordings::verify(folder, &report, None).expect("readable")
}

#[test]
fn a_true_recording_is_verified() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    record(dir.path(), &tone((420.0, 1500.0)), &tone((580.0, 1900.0)))?;
    let result = verify(dir.path());
    assert_eq!((result.recordings, result.verified, result.failed), (1, 1, vec![]));
    Ok(())
}

#[test]
fn swapped_channels_are_noticed() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    record(dir.path(), &tone((580.0, 1900.0)), &tone((420.0, 1500.0)))?;
    assert!(verify(dir.path()).failed[0].contains("swapped"));
    Ok(())
}

#[test]
fn a_changed_byte_is_noticed() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    record(dir.path(), &tone((420.0, 1500.0)), &tone((580.0, 1900.0)))?;
    let path = dir.path().join("2026/11/22/c1-1.wav");
    let mut bytes = std::fs::read(&path)?;
    bytes[5000] ^= 1;
    std::fs::write(&path, bytes)?;
    assert!(verify(dir.path()).failed[0].contains("digest"));
    Ok(())
}

#[test]
fn a_missing_recording_and_a_deaf_channel_are_noticed() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    assert!(verify(dir.path()).failed[0].contains("no recording"));
    record(dir.path(), &tone((420.0, 1500.0)), &[0; 16_000])?;
    assert!(verify(dir.path()).failed[0].contains("agent in only 0 windows"));
    Ok(())
}
