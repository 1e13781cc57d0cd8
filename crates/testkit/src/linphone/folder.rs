//! The folder of one linphonec: its configuration, which it rewrites when it leaves, its output and its log.

use super::LinphoneOptions;
use crate::encryption::Encryption;
use crate::transport::Transport;
use anyhow::Context;
use std::path::Path;

/// Its configuration.
pub(super) const CONFIG: &str = "linphonerc";
/// What it prints.
pub(super) const OUTPUT: &str = "output.log";
/// What it thought, with all messages.
pub(super) const LOG: &str = "linphone.log";

/// Seconds between registrations.
const REGISTER_EVERY_S: u32 = 60;
/// The realm of every switch under test.
const REALM: &str = "careline";
/// Codecs of this version by name and clock; all must be named, or those that are not are offered.
const CODECS: &[(&str, u32, u32)] = &[
    ("PCMA", 8000, 1),
    ("PCMU", 8000, 1),
    ("opus", 48000, 2),
    ("speex", 16000, 1),
    ("speex", 8000, 1),
    ("G722", 8000, 1),
    ("G729", 8000, 1),
];
/// Those that are offered.
const CODECS_ON: &[&str] = &["PCMA", "PCMU"];

/// Host and port of the switch as this phone calls it.
pub(super) fn home(options: &LinphoneOptions) -> String {
    match &options.trust {
        Some(trust) => format!("{}:{}", trust.host, options.registrar.port()),
        None => options.registrar.to_string(),
    }
}

/// Writes the folder.
pub(super) fn write(folder: &Path, options: &LinphoneOptions, rtp: (u16, u16)) -> anyhow::Result<()> {
    // Where it looks for its own files below HOME.
    std::fs::create_dir_all(folder.join(".local/share/linphone"))
        .with_context(|| format!("Failed to make {}", folder.display()))?;
    std::fs::write(folder.join(CONFIG), config(folder, options, rtp))
        .with_context(|| format!("Failed to write linphonec's configuration in {}", folder.display()))
}

/// `default_proxy` must be said, or short numbers have no home; `auto_net_state_mon=1`, or it waits for somebody to
/// say that the network is up.
fn config(folder: &Path, options: &LinphoneOptions, (first, last): (u16, u16)) -> String {
    let LinphoneOptions { user, password, .. } = options;
    let (ip, port) = (options.sip.ip(), options.sip.port());
    let home = home(options);
    let (transport, here) = (options.transport.word(), folder.display());
    let port_of = |one: Transport| match (one, options.transport) {
        (Transport::Tls, Transport::Tls) => port + 1,
        (one, chosen) if one == chosen => port,
        _ => 0,
    };
    let (udp, tcp, tls) = (port_of(Transport::Udp), port_of(Transport::Tcp), port_of(Transport::Tls));
    let encryption = if options.encryption == Encryption::None { "none" } else { "srtp" };
    let mandatory = u8::from(options.encryption == Encryption::Mandatory);
    format!(
        "[sip]\nbind_address={ip}\nsip_port={udp}\nsip_tcp_port={tcp}\nsip_tls_port={tls}\n\
         contact=sip:{user}@{ip}\nguess_hostname=0\nuse_ipv6=0\ndefault_proxy=0\nauto_net_state_mon=1\n\
         media_encryption={encryption}\nmedia_encryption_mandatory={mandatory}\n{trust}\
         [rtp]\naudio_rtp_port={first}-{last}\n\
         [storage]\nuri={here}/linphone.db\ncall_logs_db_uri={here}/logs.db\n\
         [proxy_0]\nreg_proxy=<sip:{home};transport={transport}>\nreg_identity=sip:{user}@{home}\n\
         reg_expires={REGISTER_EVERY_S}\nreg_sendregister=1\n\
         [auth_info_0]\nusername={user}\npasswd={password}\nrealm={REALM}\n\
         {codecs}",
        trust = trust(options),
        codecs = codecs(),
    )
}

/// What it checks the switch by.
fn trust(options: &LinphoneOptions) -> String {
    let Some(trust) = &options.trust else { return String::new() };
    format!(
        "root_ca={}\nverify_server_certs=1\nverify_server_cn=1\nclient_cert_chain={}\nclient_cert_key={}\n",
        trust.authority.display(),
        trust.own.certificate.display(),
        trust.own.key.display()
    )
}

fn codecs() -> String {
    let one = |(number, (name, rate, channels)): (usize, &(&str, u32, u32))| {
        let enabled = u8::from(CODECS_ON.contains(name));
        format!("[audio_codec_{number}]\nmime={name}\nrate={rate}\nchannels={channels}\nenabled={enabled}\n")
    };
    CODECS.iter().enumerate().map(one).collect()
}
