//! No room for recordings stops no conversation.

use careline_e2e::{HouseOptions, SOON, tell, voice};
use careline_testkit::wait;
use careline_testkit::wave::Wave;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

#[test]
fn the_call_goes_on_and_the_journal_says_what_is_missing() {
    const MORE_THAN_ANY_DISK_MB: u64 = 1 << 40;
    let options = HouseOptions { free_space_min_mb: MORE_THAN_ANY_DISK_MB, ..HouseOptions::default() };
    tell("disk-full", options, |house| {
        let mut talk = house.conversation()?;
        wait::last(Duration::from_secs(2)); // of talk
        talk.agent.hang_up()?;
        talk.patient.wait_event("CALL_CLOSED", SOON)?;
        house.journal().wait_for("recording_incomplete", SOON, |event| event["call"] == *talk.call)?;
        house.expect_ended(&talk.call, "completed", "agent")?;
        talk.patient.heard()?.expect_tone("the patient", 0, voice::AGENT_HZ)?;
        talk.agent.heard()?.expect_tone("the agent", 0, voice::PATIENT_HZ)
    });
}

/// A file system of two megabytes, if we may make one.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(path: &Path) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"])
            .arg(path)
            .stderr(Stdio::null())
            .status();
        mounted.is_ok_and(|status| status.success()).then(|| Self(path.to_path_buf()))
    }

    /// Takes all the room that is left.
    fn fill(&self) -> anyhow::Result<PathBuf> {
        use std::io::Write;
        let path = self.0.join("filler");
        let mut file = std::fs::File::create(&path)?;
        while file.write_all(&[0; 4096]).is_ok() {}
        Ok(path)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Needs the right to mount; without it there is nothing to tell.
#[test]
fn a_disk_that_runs_full_stops_no_conversation_and_recording_goes_on_by_itself() {
    const BACK_WITHIN: Duration = Duration::from_secs(10);
    let options = HouseOptions { free_space_min_mb: 0, ..HouseOptions::default() };
    tell("disk-runs-full", options, |house| {
        let recordings = house.place().path("recordings");
        let Some(disk) = SmallDisk::mount(&recordings) else { return Ok(()) };
        let mut talk = house.conversation()?;
        wait::last(Duration::from_secs(2)); // of talk
        let filler = disk.fill()?;
        house.journal().wait_for("recording_incomplete", SOON, |event| event["call"] == *talk.call)?;
        wait::last(Duration::from_secs(1)); // of what is lost
        let length = || -> anyhow::Result<u64> {
            let folders = Command::new("find").arg(&recordings).args(["-name", "*.wav"]).output()?;
            let file = String::from_utf8(folders.stdout)?;
            Ok(std::fs::metadata(file.trim())?.len())
        };
        let before = length()?;
        std::fs::remove_file(filler)?;
        wait::until_true("recording to go on", BACK_WITHIN, || Ok(length()? > before))?;
        wait::last(Duration::from_secs(2)); // of talk
        talk.agent.hang_up()?;
        talk.patient.wait_event("CALL_CLOSED", SOON)?;
        house.expect_ended(&talk.call, "completed", "agent")?;
        let (file, side_car) = house.recording_of(&talk.call)?;
        anyhow::ensure!(side_car["complete"] == false && side_car["state"] == "finished", "{side_car}");
        let markers = side_car["markers"].as_array().cloned().unwrap_or_default();
        anyhow::ensure!(!markers.is_empty() && markers.iter().all(|gap| gap["kind"] == "lost"), "{side_car}");
        let recording = Wave::read(&file)?;
        let from = markers[0]["from_ms"].as_f64().unwrap_or_default() / 1000.0;
        anyhow::ensure!((1.0..5.0).contains(&from), "the gap begins at {from} s: {side_car}");
        let windows = recording.windows(0, &[voice::PATIENT_HZ]);
        let (first, last) = (&windows[2], &windows[windows.len() - 3]);
        anyhow::ensure!(!first.is_silent() && !last.is_silent(), "no voice before or after the gap");
        anyhow::ensure!(recording.longest_silence(0) >= 3, "no silence in the gap");
        talk.patient.heard()?.expect_tone("the patient", 0, voice::AGENT_HZ)?;
        talk.agent.heard()?.expect_tone("the agent", 0, voice::PATIENT_HZ)
    });
}
