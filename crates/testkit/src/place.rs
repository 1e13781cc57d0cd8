//! Where a story happens: its own /24 of 127.0.0.0/8 and its own temporary directory.

use anyhow::Context;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

/// Names every place of this process differently.
static PLACES: AtomicU32 = AtomicU32::new(0);

/// How many networks are tried before giving up: other stories may hold some.
const TRIES: u32 = 200;

/// Host number of the address whose socket marks the network as taken.
const MARKER_HOST: u8 = 254;

/// Port of the marker.
const MARKER_PORT: u16 = 9;

/// One story's addresses and directory; both are given back on drop.
#[derive(Debug)]
pub struct Place {
    network: (u8, u8),
    dir: TempDir,
    _marker: UdpSocket,
}

impl Place {
    /// Takes a network nobody else on this machine uses and makes the directory.
    ///
    /// # Errors
    /// When no network is free or the directory cannot be made.
    pub fn new(story: &str) -> anyhow::Result<Self> {
        let dir = tempfile::Builder::new()
            .prefix(&format!("careline-{story}-"))
            .tempdir()
            .context("Failed to make the story's directory")?;
        for _ in 0..TRIES {
            let number = PLACES.fetch_add(1, Ordering::Relaxed);
            let network = network(std::process::id(), number);
            let marker = Ipv4Addr::new(127, network.0, network.1, MARKER_HOST);
            if let Ok(socket) = UdpSocket::bind((marker, MARKER_PORT)) {
                return Ok(Self { network, dir, _marker: socket });
            }
        }
        anyhow::bail!("{TRIES} networks of 127.0.0.0/8 are all taken")
    }

    /// The address of host number `host` (1 to 253) in this place.
    #[must_use]
    pub fn ip(&self, host: u8) -> IpAddr {
        IpAddr::V4(Ipv4Addr::new(127, self.network.0, self.network.1, host))
    }

    /// The story's directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// A path inside the story's directory.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The last lines of every `*.log` below the directory: what a failed story prints.
    #[must_use]
    pub fn logs(&self) -> String {
        const LINES: usize = 80;
        let mut text = String::new();
        let mut folders = vec![self.dir().to_path_buf()];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            for path in entries.flatten().map(|entry| entry.path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|ext| ext == "log") {
                    let log = String::from_utf8_lossy(&std::fs::read(&path).unwrap_or_default()).into_owned();
                    let lines: Vec<&str> = log.lines().collect();
                    let tail = lines[lines.len().saturating_sub(LINES)..].join("\n");
                    let name = path.strip_prefix(self.dir()).unwrap_or(&path).display().to_string();
                    text.push_str(&format!("--- {name}\n{tail}\n"));
                }
            }
        }
        text
    }
}

/// Spreads processes over 127.64.0.0/10, clear of the addresses people use by hand.
fn network(pid: u32, number: u32) -> (u8, u8) {
    const STRIDE: u32 = 61; // prime, so that neighbouring pids do not run into each other at once
    let slot = pid.wrapping_mul(STRIDE).wrapping_add(number) % (64 * 256);
    let byte = |value: u32| u8::try_from(value).expect("reduced below 256");
    (64 + byte(slot / 256), byte(slot % 256))
}
