//! The folder of one baresip: `config`, empty `accounts` and `contacts`, and where its dumps go.

use super::{Answering, G722, OPUS, PhoneOptions};
use crate::encryption::Encryption;
use anyhow::Context;
use std::net::SocketAddr;
use std::path::Path;

/// Name of the folder for heard and said audio.
pub(super) const DUMPS: &str = "dump";

/// Seconds between registrations.
const REGISTER_EVERY_S: u32 = 60;

/// Writes the folder.
pub(super) fn write(
    folder: &Path,
    options: &PhoneOptions,
    control: SocketAddr,
    rtp: (u16, u16),
) -> anyhow::Result<()> {
    let put = |name: &str, text: &str| {
        std::fs::write(folder.join(name), text)
            .with_context(|| format!("Failed to write the phone's {name} in {}", folder.display()))
    };
    std::fs::create_dir_all(folder.join(DUMPS))
        .with_context(|| format!("Failed to make {}", folder.display()))?;
    put("config", &config(folder, options, control, rtp))?;
    put("accounts", "")?;
    put("contacts", "")
}

/// The account, given by `uanew` once somebody listens: a phone that registered on its own could be rung before.
pub(super) fn account(options: &PhoneOptions) -> String {
    let home = options.registrar.unwrap_or(options.sip);
    let password = options.password.as_deref().map(|p| format!(";auth_pass={p}")).unwrap_or_default();
    let answer = match options.answering {
        Answering::Manual => "manual",
        Answering::Auto => "auto",
    };
    let transport = options.transport.word();
    let every = if options.registrar.is_some() { REGISTER_EVERY_S } else { 0 };
    let name = if options.name.is_empty() { String::new() } else { format!("\"{}\" ", options.name) };
    let encryption = match options.encryption {
        Encryption::None => "",
        Encryption::Offered => ";mediaenc=srtp",
        Encryption::Mandatory => ";mediaenc=srtp-mand",
    };
    format!(
        "{name}<sip:{}@{home};transport={transport}>{password}{encryption};answermode={answer};\
         audio_codecs={codecs};regint={every}",
        options.user,
        codecs = options.codecs,
    )
}

/// `net_interface` must be an address: the name `lo` is skipped as a loopback. `audio_path` names a folder that does
/// not exist, so that no ring tone is played. The player is one that nobody reads: a null sound device.
fn config(folder: &Path, options: &PhoneOptions, control: SocketAddr, rtp: (u16, u16)) -> String {
    let folder_text = folder.display();
    let (sip, ip, speech) = (options.sip, options.sip.ip(), options.speech.display());
    let (first, last) = rtp;
    let srtp = if options.encryption == Encryption::None { "" } else { "module srtp.so\n" };
    let wideband = match options.codecs {
        G722 => "module g722.so\n",
        OPUS => "module opus.so\n",
        _ => "",
    };
    let certificate = options.certificate.as_deref();
    let certificate =
        certificate.map(|file| format!("sip_certificate {}\n", file.display())).unwrap_or_default();
    format!(
        "poll_method epoll\n\
         sip_listen {sip}\n\
         net_interface {ip}\n\
         module_path /usr/lib/baresip/modules\n\
         module g711.so\n\
         module aufile.so\n\
         module aubridge.so\n\
         module sndfile.so\n\
         {srtp}{wideband}\
         module_tmp uuid.so\n\
         module_tmp account.so\n\
         module_app menu.so\n\
         module_app ctrl_tcp.so\n\
         ctrl_tcp_listen {control}\n\
         audio_path {folder_text}/nosounds\n\
         audio_source aufile,{speech}\n\
         audio_player aubridge,sink\n\
         audio_alert aubridge,alert\n\
         ausrc_srate 8000\n\
         auplay_srate 8000\n\
         ausrc_channels 1\n\
         auplay_channels 1\n\
         audio_buffer 20-160\n\
         jitter_buffer_delay 5-10\n\
         rtp_ports {first}-{last}\n\
         snd_path {folder_text}/{DUMPS}\n\
         {certificate}"
    )
}
