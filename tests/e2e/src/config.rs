//! The files of a house: switch.toml, one flow, and prompts that are tones.

use crate::house::Tls;
use crate::prompt;
use careline_testkit::{Place, ports, wave};
use std::net::SocketAddr;

/// What differs between houses.
#[derive(Debug, Clone)]
pub struct HouseOptions {
    /// Agents with the password `pw<id>` who are ready as soon as their phone registers.
    pub agents: Vec<&'static str>,
    /// Lines added to the configuration, for example another `[[agent]]`.
    pub more: String,
    /// Lines added to the table of the queue.
    pub queue: &'static str,
    /// Ringing time of an offer.
    pub ring_timeout_s: u32,
    /// Wrap-up after a call.
    pub wrap_up_s: u32,
    /// Up to here hanging up in the queue is a short abandon.
    pub short_abandon_s: u32,
    /// Recording stops when less is free.
    pub free_space_min_mb: u64,
    /// Who is asked about callers; nobody when absent.
    pub directory: Option<SocketAddr>,
    /// There will be a desk: the switch asks it, at an address that is chosen when the house is built.
    pub desk: bool,
    /// Phones may register over TLS.
    pub tls: bool,
    /// Whose media are listened to. The sound of most phones of the stories comes from 127.0.0.1 and their signalling from
    /// another address, hence `any`.
    pub latch: &'static str,
    /// File descriptors that the switch may have; as many as the system gives when absent.
    pub descriptors_max: Option<u32>,
    /// Its wall clock can be set: [`House::set_clock`](crate::House::set_clock).
    pub clock: bool,
}

impl Default for HouseOptions {
    fn default() -> Self {
        Self {
            agents: vec!["1001"],
            more: String::new(),
            queue: "",
            ring_timeout_s: 15,
            wrap_up_s: 0,
            short_abandon_s: 1,
            free_space_min_mb: 1,
            directory: None,
            desk: false,
            tls: false,
            latch: "any",
            descriptors_max: None,
            clock: false,
        }
    }
}

/// The whole `switch.toml`.
pub(crate) fn switch_toml(place: &Place, sip: SocketAddr, rpc: SocketAddr, options: &HouseOptions) -> String {
    let HouseOptions {
        ring_timeout_s,
        wrap_up_s,
        short_abandon_s,
        free_space_min_mb,
        latch,
        more,
        queue,
        ..
    } = options;
    let directory = options
        .directory
        .map(|address| format!("[directory]\naddress = \"http://{address}\"\n\n"))
        .unwrap_or_default();
    let (own, trunk) = (place.ip(crate::house::SWITCH), place.ip(crate::house::TRUNK));
    let (port_min, port_max) = ports::SWITCH_RTP;
    let agents: String = options
        .agents
        .iter()
        .map(|id| {
            format!(
                "[[agent]]\nid = \"{id}\"\nname = \"agent {id}\"\npassword = \"pw{id}\"\nqueues = [\"desk\"]\n\
                 ready_on_register = true\n\n"
            )
        })
        .collect();
    format!(
        r#"switch_id = "story"
echo_number = "{echo}"

[sip]
udp = ["{sip}"]
tcp = ["{sip}"]

[guard]
digest = "md5"

[media]
address = "{own}"
port_min = {port_min}
port_max = {port_max}
latch = "{latch}"

[recording]
directory = "recordings"
free_space_min_mb = {free_space_min_mb}

[journal]
file = "journal.db"

[rpc]
listen = "{rpc}"

[prompts]
directory = "prompts"
language = "zh-CN"

[flows]
directory = "flows"

[[trunk]]
id = "carrier"
sources = ["{trunk}"]

[[queue]]
id = "desk"
name = "Front desk"
extension = "7001"
ring_timeout_s = {ring_timeout_s}
wrap_up_s = {wrap_up_s}
max_wait_s = 60
short_abandon_s = {short_abandon_s}
music = "music"
{queue}

[[line]]
id = "main"
number = "{number}"
medium = "story"
flow = "main"

[[line]]
id = "straight"
number = "{straight}"
flow = "straight"

{directory}{agents}{more}"#,
        echo = crate::ECHO_NUMBER,
        number = crate::NUMBER,
        straight = crate::STRAIGHT_NUMBER,
    )
}

/// A listener for TLS, and the certificate for it.
pub(crate) fn tls_toml(tls: &Tls) -> String {
    let (certificate, key) = (&tls.switch.certificate, &tls.switch.key);
    format!(
        "\n[tls]\ncertificate = \"{}\"\nkey = \"{}\"\n\n[[listener]]\ntransport = \"tls\"\naddress = \"{}\"\n",
        certificate.display(),
        key.display(),
        tls.address
    )
}

/// Greeting, menu, queue, goodbye.
pub(crate) const FLOW: &str = r#"id = "main"
version = 1
start = "greeting"

[node.greeting]
kind = "play"
prompts = ["greeting"]
next = "menu"
interruptible = false

[node.menu]
kind = "menu"
prompts = ["menu"]
first_timeout_s = 10
tries = 2
otherwise = "goodbye"
keys = { "0" = "person", "9" = "goodbye" }

[node.person]
kind = "queue"
queue = "desk"
timeout = "goodbye"

[node.goodbye]
kind = "hangup"
prompts = ["goodbye"]
"#;

/// No greeting and no menu: for stories that are about the conversation.
const STRAIGHT_FLOW: &str = r#"id = "straight"
version = 1
start = "person"

[node.person]
kind = "queue"
queue = "desk"
timeout = "goodbye"

[node.goodbye]
kind = "hangup"
prompts = ["goodbye"]
"#;

/// Writes flows and prompts. The music has whole periods, so that its repetition is seamless.
pub(crate) fn write_files(place: &Place) -> anyhow::Result<()> {
    let (flows, prompts) = (place.path("flows"), place.path("prompts/zh-CN"));
    std::fs::create_dir_all(&flows)?;
    std::fs::create_dir_all(&prompts)?;
    std::fs::write(flows.join("main.toml"), FLOW)?;
    std::fs::write(flows.join("straight.toml"), STRAIGHT_FLOW)?;
    let tones = [
        ("greeting", 1.2, prompt::GREETING_HZ),
        ("menu", 1.0, prompt::MENU_HZ),
        ("music", 2.0, prompt::MUSIC_HZ),
        ("announce", 1.0, prompt::ANNOUNCE_HZ),
        ("goodbye", 0.5, prompt::GOODBYE_HZ),
        ("echo-intro", 1.2, prompt::ECHO_INTRO_HZ),
    ];
    for (name, seconds, frequency) in tones {
        wave::write_steady(&prompts.join(format!("{name}.wav")), seconds, frequency)?;
    }
    Ok(())
}
