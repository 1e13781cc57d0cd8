//! What must outlive the switch for phones to be reached at once after a crash: the digest key and the registrations.
//!
//! Both lie beside the journal, readable by the switch alone. Registrations are a log, one JSON object a line, the last
//! one of an agent counts: a line is in the kernel's hands as soon as it is written, so that a killed process loses
//! nothing; a line that a lost machine cut short is skipped. Phones register again anyway, which is why nothing waits
//! for the disk here.

use anyhow::Context;
use careline_model::AgentId;
use careline_sip::Transport;
use careline_switchboard::{KeptBinding, KeptRegistration};
use rand_core::RngCore;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

/// Changes that wait for the writer; beyond it one is left out, and the phone's next REGISTER makes up for it.
const QUEUE_MAX: usize = 4096;
/// The log is written anew when it has grown to so many bytes, and to twice what it has to hold.
const LOG_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Owner may read and write.
const PRIVATE: u32 = 0o600;
/// Bytes of the digest key.
const KEY_BYTES: usize = 32;

/// The secret of the nonces: what is in `digest.key` beside the journal, made there when it is missing.
///
/// # Errors
/// When the file cannot be read or made, or holds anything but 64 hexadecimal digits.
pub fn digest_key(journal: &Path) -> anyhow::Result<[u8; KEY_BYTES]> {
    let file = journal.with_file_name("digest.key");
    let name = || file.display().to_string();
    match std::fs::read_to_string(&file) {
        Ok(text) => {
            let bytes =
                hex::decode(text.trim()).ok().and_then(|bytes| <[u8; KEY_BYTES]>::try_from(bytes).ok());
            bytes.with_context(|| {
                format!("{} holds no key of 64 hexadecimal digits; remove it to have one made", name())
            })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut key = [0_u8; KEY_BYTES];
            careline_daemon::system_rng()?.fill_bytes(&mut key);
            write_whole(&file, hex::encode(key).as_bytes())
                .with_context(|| format!("failed to write {}", name()))?;
            Ok(key)
        }
        Err(error) => Err(error).with_context(|| format!("failed to read {}", name())),
    }
}

/// Writes a private file so that it is there as a whole or not at all.
pub(crate) fn write_whole(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = file.with_extension("new");
    match std::fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut out = OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(&new)?;
    out.write_all(bytes)?;
    out.sync_all()?;
    std::fs::rename(&new, file)
}

/// The log of registrations. Dropping it ends its thread after what waits is written.
#[derive(Debug)]
pub struct Registrations {
    queue: SyncSender<KeptRegistration>,
    left_out: u64,
}

impl Registrations {
    /// Opens `registrations.jsonl` beside the journal and gives what was registered when the switch ended.
    ///
    /// # Errors
    /// When the file cannot be read or written, or no thread can be started.
    pub fn open(journal: &Path) -> anyhow::Result<(Self, Vec<KeptRegistration>)> {
        let file = journal.with_file_name("registrations.jsonl");
        let name = || format!("failed to open {}", file.display());
        let log = Log::open(file.clone()).with_context(name)?;
        let kept = log.latest.values().filter_map(|line| read_line(line)).collect();
        let (queue, changes) = sync_channel(QUEUE_MAX);
        std::thread::Builder::new().name("registrations".to_owned()).spawn(move || log.follow(&changes))?;
        Ok((Self { queue, left_out: 0 }, kept))
    }

    /// Keeps a change; never waits.
    pub fn keep(&mut self, registration: KeptRegistration) {
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) = self.queue.try_send(registration)
        {
            self.left_out += 1;
            if self.left_out.is_power_of_two() {
                tracing::warn!(left_out = self.left_out, "registrations are not kept: the disk is behind");
            }
        }
    }
}

/// The file and what it says.
struct Log {
    name: PathBuf,
    file: File,
    bytes: u64,
    /// The last line of each agent.
    latest: BTreeMap<String, String>,
}

impl Log {
    fn open(name: PathBuf) -> io::Result<Self> {
        let mut text = Vec::new();
        match File::open(&name) {
            Ok(mut file) => {
                file.read_to_end(&mut text)?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let mut latest = BTreeMap::new();
        for line in String::from_utf8_lossy(&text).lines() {
            if let Ok(Line { agent, .. }) = serde_json::from_str(line) {
                latest.insert(agent, line.to_owned());
            }
        }
        Self::anew(name, latest)
    }

    /// Writes the file with the last lines alone.
    fn anew(name: PathBuf, latest: BTreeMap<String, String>) -> io::Result<Self> {
        let text: String = latest.values().map(|line| format!("{line}\n")).collect();
        write_whole(&name, text.as_bytes())?;
        let file = OpenOptions::new().append(true).open(&name)?;
        Ok(Self { name, file, bytes: text.len() as u64, latest })
    }

    fn follow(mut self, changes: &Receiver<KeptRegistration>) {
        let mut failing = false;
        while let Ok(change) = changes.recv() {
            let done = self.write(change);
            if let (Err(error), false) = (&done, failing) {
                tracing::warn!(%error, "registrations cannot be kept; phones will register again after a restart");
            }
            failing = done.is_err();
        }
    }

    fn write(&mut self, change: KeptRegistration) -> io::Result<()> {
        let agent = change.agent.to_string();
        let line = serde_json::to_string(&Line::from(change))?;
        self.file.write_all(format!("{line}\n").as_bytes())?;
        self.bytes += line.len() as u64 + 1;
        self.latest.insert(agent, line);
        let needed: u64 = self.latest.values().map(|line| line.len() as u64 + 1).sum();
        if self.bytes > LOG_BYTES_MAX && self.bytes > needed * 2 {
            *self = Self::anew(self.name.clone(), std::mem::take(&mut self.latest))?;
        }
        Ok(())
    }
}

#[derive(Serialize, Deserialize)]
struct Line {
    agent: String,
    bindings: Vec<LineBinding>,
}

#[derive(Serialize, Deserialize)]
struct LineBinding {
    contact: String,
    /// As in Via.
    transport: String,
    local: SocketAddr,
    remote: SocketAddr,
    expires_at_s: u64,
    q: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reg_id: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    path: Vec<String>,
    call_id: String,
    cseq: u32,
}

impl From<KeptRegistration> for Line {
    fn from(kept: KeptRegistration) -> Self {
        let binding = |one: KeptBinding| LineBinding {
            contact: one.contact,
            transport: one.transport.via_name().to_owned(),
            local: one.local,
            remote: one.remote,
            expires_at_s: one.expires_at_s,
            q: one.q,
            instance: one.instance,
            reg_id: one.reg_id,
            path: one.path,
            call_id: one.call_id,
            cseq: one.cseq,
        };
        Self { agent: kept.agent.to_string(), bindings: kept.bindings.into_iter().map(binding).collect() }
    }
}

fn read_line(line: &str) -> Option<KeptRegistration> {
    let Line { agent, bindings } = serde_json::from_str(line).ok()?;
    let binding = |one: LineBinding| {
        Some(KeptBinding {
            transport: Transport::ALL.into_iter().find(|each| each.via_name() == one.transport)?,
            contact: one.contact,
            local: one.local,
            remote: one.remote,
            expires_at_s: one.expires_at_s,
            q: one.q,
            instance: one.instance,
            reg_id: one.reg_id,
            path: one.path,
            call_id: one.call_id,
            cseq: one.cseq,
        })
    };
    let bindings = bindings.into_iter().filter_map(binding).collect();
    Some(KeptRegistration { agent: AgentId::new(agent), bindings })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn registration(agent: &str, port: u16) -> KeptRegistration {
        let binding = KeptBinding {
            contact: format!("sip:{agent}@192.0.2.1:{port}"),
            transport: Transport::Udp,
            local: ([127, 0, 0, 1], 5060).into(),
            remote: ([192, 0, 2, 1], port).into(),
            expires_at_s: 1_790_000_000,
            q: 500,
            instance: Some("\"<urn:uuid:1>\"".to_owned()),
            reg_id: Some(1),
            path: vec!["<sip:edge;lr>".to_owned()],
            call_id: "c\"\n'".to_owned(),
            cseq: 7,
        };
        KeptRegistration { agent: AgentId::from(agent), bindings: vec![binding] }
    }

    fn mode(file: &Path) -> u32 {
        std::fs::metadata(file).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn the_key_is_made_once_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("journal.db");
        let key = digest_key(&journal).unwrap();
        assert_eq!(digest_key(&journal).unwrap(), key);
        assert_eq!(mode(&folder.path().join("digest.key")), 0o600);
        std::fs::write(folder.path().join("digest.key"), "short").unwrap();
        let said = digest_key(&journal).unwrap_err().to_string();
        assert!(said.contains("64 hexadecimal digits"), "{said}");
    }

    #[test]
    fn the_last_line_of_each_agent_counts_and_a_torn_one_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().join("registrations.jsonl");
        let mut log = Log::open(name.clone()).unwrap();
        for change in [registration("1001", 1), registration("1002", 2), registration("1001", 3)] {
            log.write(change).unwrap();
        }
        log.file.write_all(b"{\"agent\":\"1001\",\"bindings\":[{\"cont").unwrap();
        drop(log);
        let (registrations, kept) = Registrations::open(&folder.path().join("journal.db")).unwrap();
        assert_eq!(kept, [registration("1001", 3), registration("1002", 2)]);
        assert_eq!(mode(&name), 0o600);
        assert_eq!(std::fs::read_to_string(&name).unwrap().lines().count(), 2, "written anew");
        drop(registrations);
    }

    #[test]
    fn the_log_does_not_grow_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().join("registrations.jsonl");
        let mut log = Log::open(name.clone()).unwrap();
        let mut change = registration("1001", 1);
        change.bindings[0].contact.push_str(&";x=".repeat(300_000));
        for _ in 0..12 {
            log.write(change.clone()).unwrap();
        }
        assert!(std::fs::metadata(&name).unwrap().len() <= LOG_BYTES_MAX + 1_000_000);
        assert_eq!(log.latest.len(), 1);
    }
}
