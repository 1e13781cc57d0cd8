//! Recordings as the desk hears them.

use super::*;
use careline_rpc::proto::recordings::v1 as wire;
use careline_rpc::proto::recordings::v1::recordings_client::RecordingsClient;
use std::path::Path;
use tonic::Code;

/// 2026-03-01 00:30 in Shanghai is 2026-02-28 16:30 in UTC.
const CALL_MS: u64 = 1_772_296_200_000;

fn recording(segment: u32) -> String {
    let id = uuid::Builder::from_unix_timestamp_millis(CALL_MS, &[7; 10]).into_uuid();
    format!("{id}-{segment}")
}

/// Three seconds: the caller loud in the first, the agent half as loud in the second, then both silent.
fn write_wav(folder: &Path, name: &str) -> Vec<u8> {
    write_frames(folder, name, |frame| {
        let agent = if (8000..16_000).contains(&frame) { 16_384 } else { 0 };
        (if frame < 8000 { i16::MIN } else { 0 }, agent)
    })
}

/// The same with sounds that a codec for speech keeps.
fn write_talk(folder: &Path, name: &str) -> Vec<u8> {
    write_frames(folder, name, |frame| {
        let tone = (f64::from(frame) * 440.0 * std::f64::consts::TAU / 8000.0).sin() * 12_000.0;
        let says = |second: i32| if frame / 8000 == second { tone as i16 } else { 0 };
        (says(0), says(1))
    })
}

fn write_frames(folder: &Path, name: &str, frame: impl Fn(i32) -> (i16, i16)) -> Vec<u8> {
    std::fs::create_dir_all(folder).expect("a folder");
    let file = folder.join(format!("{name}.wav"));
    let (channels, sample_rate, bits_per_sample) = (2, 8000, 16);
    let spec =
        hound::WavSpec { channels, sample_rate, bits_per_sample, sample_format: hound::SampleFormat::Int };
    let mut wav = hound::WavWriter::create(&file, spec).expect("a file");
    for (left, right) in (0..24_000).map(frame) {
        wav.write_sample(left).expect("room");
        wav.write_sample(right).expect("room");
    }
    wav.finalize().expect("room");
    std::fs::read(file).expect("the file")
}

async fn read(client: &mut RecordingsClient<Channel>, offset: u64, length: u64) -> Vec<Vec<u8>> {
    let request = wire::ReadRequest { recording: recording(1), offset, length };
    let mut stream = client.read(request).await.expect("a stream").into_inner();
    let mut chunks = Vec::new();
    while let Some(message) = stream.message().await.expect("no failure") {
        chunks.push(message.chunk);
    }
    chunks
}

#[tokio::test]
async fn a_closed_recording_is_found_on_its_day_and_read_in_parts() {
    let served = served(1).await;
    let day = recordings_in(&served.folder).directory.join("2026/03/01");
    let bytes = write_wav(&day, &recording(1));
    let sidecar =
        r#"{"state":"closed","complete":true,"duration_ms":3000,"sha256":"ab","started_wall_us":5}"#;
    std::fs::write(day.join(format!("{}.json", recording(1))), sidecar).unwrap();
    let mut client = RecordingsClient::new(served.channel.clone());
    let stat = client.stat(wire::StatRequest { recording: recording(1) }).await.unwrap().into_inner();
    assert_eq!(stat.state(), wire::RecordingState::Complete);
    assert_eq!((stat.bytes, stat.duration_ms), (bytes.len() as u64, 3000));
    assert_eq!((stat.sha256.as_str(), stat.started_at_us, stat.sidecar_json.as_str()), ("ab", 5, sidecar));

    let chunks = read(&mut client, 0, 0).await;
    assert!(
        chunks.len() == 2 && chunks[0].len() == 65_536,
        "{:?}",
        chunks.iter().map(Vec::len).collect::<Vec<_>>()
    );
    assert_eq!(chunks.concat(), bytes);
    assert_eq!(read(&mut client, 44, 1000).await.concat(), bytes[44..1044]);
    assert_eq!(read(&mut client, bytes.len() as u64 - 1, 1000).await.concat(), bytes[bytes.len() - 1..]);
    let behind = wire::ReadRequest { recording: recording(1), offset: 1 << 40, length: 0 };
    assert_eq!(client.read(behind).await.unwrap_err().code(), Code::OutOfRange);
}

#[tokio::test]
async fn an_open_recording_is_found_on_a_neighbouring_day() {
    let served = served(1).await;
    write_wav(&recordings_in(&served.folder).directory.join("2026/03/02"), &recording(2));
    let mut client = RecordingsClient::new(served.channel.clone());
    let stat = client.stat(wire::StatRequest { recording: recording(2) }).await.unwrap().into_inner();
    assert_eq!(stat.state(), wire::RecordingState::Open);
    assert_eq!((stat.duration_ms, stat.sha256.as_str(), stat.sidecar_json.as_str()), (3000, "", ""));
}

#[tokio::test]
async fn peaks_show_who_spoke() {
    let served = served(1).await;
    write_wav(&recordings_in(&served.folder).directory.join("2026/03/01"), &recording(1));
    let mut client = RecordingsClient::new(served.channel.clone());
    let request = wire::PeaksRequest { recording: recording(1), per_second: 2 };
    let peaks = client.peaks(request).await.unwrap().into_inner();
    assert_eq!(peaks.left, [255, 255, 0, 0, 0, 0]);
    assert_eq!(peaks.right, [0, 0, 127, 127, 0, 0]);
    let request = wire::PeaksRequest { recording: recording(1), per_second: 0 };
    assert_eq!(client.peaks(request).await.unwrap().into_inner().left.len(), 60);
    let request = wire::PeaksRequest { recording: recording(1), per_second: 101 };
    assert_eq!(client.peaks(request).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn no_id_leads_out_of_the_folder() {
    let served = served(1).await;
    let options = recordings_in(&served.folder);
    std::fs::create_dir_all(&options.directory).unwrap();
    std::fs::write(served.folder.path().join("secret.wav"), "secret").unwrap();
    let mut client = RecordingsClient::new(served.channel.clone());
    let upper = recording(1).to_uppercase();
    let braced = format!("{{{}}}-1", &recording(1)[..36]);
    let simple = format!("{}-1", recording(1)[..36].replace('-', ""));
    let long = format!("{}-1234567", &recording(1)[..36]);
    let no_time = format!("{}-1", uuid::Uuid::nil());
    let dots = format!("../{}", recording(1));
    let slash = format!("{}/../../secret", recording(1));
    let bad = ["", "-", "../secret", "..%2fsecret", &upper, &braced, &simple, &long, &no_time, &dots, &slash];
    for recording in bad {
        let refused = client.stat(wire::StatRequest { recording: recording.into() }).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{recording}");
    }
    let missing = client.stat(wire::StatRequest { recording: recording(1) }).await.unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
    let day = options.directory.join("2026/03/01");
    std::fs::create_dir_all(&day).unwrap();
    let link = day.join(format!("{}.wav", recording(1)));
    std::os::unix::fs::symlink(served.folder.path().join("secret.wav"), link).unwrap();
    let linked = client.stat(wire::StatRequest { recording: recording(1) }).await.unwrap_err();
    assert_eq!(linked.code(), Code::NotFound);
}

#[tokio::test]
async fn an_archived_recording_is_read_as_if_it_were_still_there() {
    let served = served(1).await;
    let options = recordings_in(&served.folder);
    let day = options.directory.join("2026/03/01");
    let bytes = write_talk(&day, &recording(1));
    let sidecar = day.join(format!("{}.json", recording(1)));
    let facts = serde_json::json!({
        "id": recording(1), "state": "finished", "complete": true, "duration_ms": 3000, "bytes": bytes.len(),
        "sha256": sha(&bytes), "hash_algorithm": "sha256", "started_wall_us": CALL_MS * 1000,
        "rate": 8000, "channels": 2,
    });
    std::fs::write(&sidecar, facts.to_string()).unwrap();
    std::fs::create_dir_all(served.folder.path().join("nas")).unwrap();
    archive_everything(&served.folder, &day.join(format!("{}.wav", recording(1)))).await;

    let mut client = RecordingsClient::new(served.channel.clone());
    let stat = client.stat(wire::StatRequest { recording: recording(1) }).await.unwrap().into_inner();
    assert!(stat.archived && stat.state() == wire::RecordingState::Complete);
    assert_eq!((stat.bytes, stat.duration_ms, stat.sha256), (bytes.len() as u64, 3000, sha(&bytes)));
    let chunks = read(&mut client, 0, 0).await;
    assert_eq!(chunks.iter().map(Vec::len).sum::<usize>(), bytes.len());
    assert_eq!(chunks.concat()[..44], bytes[..44]);
    assert_eq!(read(&mut client, 44, 1000).await.concat(), chunks.concat()[44..1044]);
    let request = wire::PeaksRequest { recording: recording(1), per_second: 2 };
    let peaks = client.peaks(request).await.unwrap().into_inner();
    let loud = |peaks: &[u8]| peaks.iter().map(|&peak| peak > 60).collect::<Vec<_>>();
    assert_eq!(loud(&peaks.left)[..2], [true, true]);
    assert_eq!(peaks.right.len(), 6);
}

fn sha(bytes: &[u8]) -> String {
    use sha2::Digest;
    hex::encode(sha2::Sha256::digest(bytes))
}

/// Runs the archive until the original is gone.
async fn archive_everything(folder: &TempDir, original: &Path) {
    use careline_media::archive::{Archive, ArchiveClock, ArchiveConfig};
    let config = ArchiveConfig {
        directory: Some(folder.path().join("nas")),
        directory_is_mount: false,
        free_space_min_bytes: 0,
        recordings_free_min_bytes: 0,
        retention: None,
        ..ArchiveConfig::new(folder.path().join("recordings"))
    };
    let clock = ArchiveClock {
        wall_us: Arc::new(|| (CALL_MS * 1000) as i64 + 30 * 86_400_000_000),
        minute_of_day: Arc::new(|_| 120),
    };
    let library = Arc::new(Library::new(&config));
    let archive = Archive::start(config, clock, library).unwrap();
    let gone = async {
        while original.exists() {
            let _ = tokio::time::timeout(Duration::from_millis(20), std::future::pending::<()>()).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), gone).await.expect("it is archived");
    tokio::task::spawn_blocking(|| archive.stop()).await.unwrap();
}

#[tokio::test]
async fn a_recording_is_held_and_released() {
    let served = served(1).await;
    write_wav(&recordings_in(&served.folder).directory.join("2026/03/01"), &recording(1));
    let mut client = RecordingsClient::new(served.channel.clone());
    let hold = wire::HoldInfo {
        name: "c-17".into(),
        kind: wire::HoldKind::Complaint.into(),
        reason: "complaint 2026-17".into(),
        who: "qa-1".into(),
        until_us: 0,
        placed_at_us: 0,
    };
    let request =
        |hold: &wire::HoldInfo| wire::HoldRequest { recording: recording(1), hold: Some(hold.clone()) };
    client.hold(request(&hold)).await.unwrap();
    client.hold(request(&wire::HoldInfo { until_us: 99, ..hold.clone() })).await.unwrap();
    let stat = client.stat(wire::StatRequest { recording: recording(1) }).await.unwrap().into_inner();
    assert_eq!(stat.holds.len(), 1);
    assert!(stat.holds[0].until_us == 99 && stat.holds[0].placed_at_us > 0 && stat.holds[0].who == "qa-1");
    for wrong in
        [wire::HoldInfo { who: String::new(), ..hold.clone() }, wire::HoldInfo { kind: 0, ..hold.clone() }]
    {
        assert_eq!(client.hold(request(&wrong)).await.unwrap_err().code(), Code::InvalidArgument);
    }
    let elsewhere = wire::HoldRequest { recording: recording(2), hold: Some(hold) };
    assert_eq!(client.hold(elsewhere).await.unwrap_err().code(), Code::NotFound);
    let release = wire::ReleaseRequest { recording: recording(1), name: "c-17".into(), who: "qa-1".into() };
    client.release(release.clone()).await.unwrap();
    assert_eq!(client.release(release).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(client.disk(wire::DiskRequest {}).await.unwrap().into_inner().days_left, None);
}

#[tokio::test]
async fn what_a_supervisor_whispered_has_a_name_of_its_own() {
    let served = served(1).await;
    let whisper = format!("{}w1", recording(1));
    write_wav(&recordings_in(&served.folder).directory.join("2026/03/01"), &whisper);
    let mut client = RecordingsClient::new(served.channel.clone());
    let stat = client.stat(wire::StatRequest { recording: whisper }).await.unwrap().into_inner();
    assert_eq!(stat.duration_ms, 3000);
    for bad in ["w", "w1w1", "x1", "-other"] {
        let named = format!("{}{bad}", recording(1));
        let refused = client.stat(wire::StatRequest { recording: named }).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{bad}");
    }
}
