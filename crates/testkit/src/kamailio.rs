//! Kamailio as a carrier's proxy: registers trunks, sends calls to them, and relays their calls to gateways, the next one
//! when one is silent.

use crate::certificates::Issued;
use crate::child::OwnedChild;
use crate::place::Place;
use crate::wait;
use anyhow::Context;
use rustix::process::{Pid, Signal};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// Digest realm of every Kamailio of ours, and domain of its subscribers.
pub const REALM: &str = "carrier";
/// Password of every subscriber.
pub const PASSWORD: &str = "trunkpw";

/// Longest wait until it listens.
const START: Duration = Duration::from_secs(10);

/// A running Kamailio; it and its children are killed on drop.
#[derive(Debug)]
pub struct Kamailio {
    child: OwnedChild,
    log: PathBuf,
    /// Where it speaks SIP, over UDP and TCP.
    pub sip: SocketAddr,
}

impl Kamailio {
    /// Starts it with gateways in the order of preference.
    ///
    /// # Errors
    /// When it is not installed or does not come up.
    pub fn start(
        place: &Place,
        name: &str,
        sip: SocketAddr,
        gateways: &[SocketAddr],
    ) -> anyhow::Result<Self> {
        Self::start_with(place, name, sip, gateways, None)
    }

    /// The same; with a certificate it speaks TLS in the place of TCP, and calls whoever registered on the connection
    /// that the registration came on, as for a peer behind a NAT.
    ///
    /// # Errors
    /// As [`Kamailio::start`].
    pub fn start_with(
        place: &Place,
        name: &str,
        sip: SocketAddr,
        gateways: &[SocketAddr],
        certificate: Option<&Issued>,
    ) -> anyhow::Result<Self> {
        Self::launch(place, name, sip, gateways, certificate, None)
    }

    /// The same as the border of a carrier's IMS: registrations get a Service-Route, one of them stands for a block of
    /// numbers, and who calls is asserted.
    ///
    /// # Errors
    /// As [`Kamailio::start`].
    pub fn start_ims(
        place: &Place,
        name: &str,
        sip: SocketAddr,
        gateways: &[SocketAddr],
        ims: Ims<'_>,
    ) -> anyhow::Result<Self> {
        Self::launch(place, name, sip, gateways, None, Some(ims))
    }

    fn launch(
        place: &Place,
        name: &str,
        sip: SocketAddr,
        gateways: &[SocketAddr],
        certificate: Option<&Issued>,
        ims: Option<Ims<'_>>,
    ) -> anyhow::Result<Self> {
        let folder = place.path(name);
        std::fs::create_dir_all(&folder).context("failed to make Kamailio's folder")?;
        let (config, list, log) =
            (folder.join("kam.cfg"), folder.join("dispatcher.list"), folder.join("kamailio.log"));
        let mut lines = String::new();
        for (place, gateway) in gateways.iter().enumerate() {
            let _ = writeln!(lines, "1 sip:{gateway} 0 {}", 100 - place);
        }
        std::fs::write(&list, lines)?;
        std::fs::write(&config, text(sip, &list.display().to_string(), certificate, ims))?;
        let output = std::fs::File::create(&log)?;
        let mut command = Command::new("kamailio");
        command
            .args(["-DD", "-E", "-m", "32", "-M", "4", "-f"])
            .arg(&config)
            .arg("-P")
            .arg(folder.join("kam.pid"))
            .arg("-w")
            .arg(&folder)
            // Its children outlive the death of the first process, so that all are killed as a group.
            .process_group(0)
            .stdout(output.try_clone()?)
            .stderr(output);
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{path}:/usr/sbin"));
        let child =
            OwnedChild::spawn(&mut command).context("Kamailio is needed: apt-get install kamailio")?;
        let mut kamailio = Self { child, log, sip };
        wait::until_true("Kamailio's TCP listener", START, || {
            let ended = kamailio.child.ended()?;
            anyhow::ensure!(ended.is_none(), "Kamailio ended: {}", kamailio.said());
            Ok(std::net::TcpStream::connect(sip).is_ok())
        })?;
        Ok(kamailio)
    }

    /// What it wrote to its log.
    #[must_use]
    pub fn said(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Waits until its log has these words: `registered USER over TRANSPORT as LOGIN`, `to trunk`, `to gateway ADDRESS`,
    /// `by route ROUTE`, `unregistered USER`, `failover to ADDRESS`.
    ///
    /// # Errors
    /// When they do not come in time.
    pub fn wait_said(&self, words: &str, within: Duration) -> anyhow::Result<()> {
        wait::until_true(&format!("Kamailio to say `{words}`"), within, || Ok(self.said().contains(words)))
    }

    /// Kills it with all its children at once, as a machine that loses power.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn die(&mut self) -> anyhow::Result<()> {
        self.kill_group()?;
        self.child.kill()
    }

    fn kill_group(&self) -> anyhow::Result<()> {
        let pid =
            i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).context("no such process id")?;
        rustix::process::kill_process_group(pid, Signal::KILL).context("failed to kill Kamailio's processes")
    }
}

impl Drop for Kamailio {
    fn drop(&mut self) {
        // It may be dead already; then there is nothing to do.
        let _ = self.kill_group();
    }
}

/// What it loads, in an order that suits their dependencies.
const MODULES: &str =
    "kex corex tm tmx sl rr pv maxfwd textops siputils xlog usrloc registrar auth dispatcher";

/// What an IMS adds.
#[derive(Debug, Clone, Copy)]
pub struct Ims<'a> {
    /// Beginning of the numbers of the block, digits after a plus.
    pub block: &'a str,
    /// User part of the registration that stands for it, with its plus.
    pub user: &'a str,
    /// The address that calls to it are asserted to be of.
    pub asserted: &'a str,
}

/// What differs with the kind of its connections.
struct Streams {
    listen: String,
    more: String,
    on_register: &'static str,
    on_message: &'static str,
    on_route: &'static str,
}

impl Streams {
    fn new(sip: SocketAddr, certificate: Option<&Issued>) -> Self {
        let Some(Issued { certificate, key }) = certificate else {
            let listen = format!("listen=tcp:{sip}");
            return Self { listen, more: String::new(), on_register: "", on_message: "", on_route: "" };
        };
        let more = format!(
            "loadmodule \"tls.so\"\nloadmodule \"nathelper.so\"\n\
             modparam(\"tls\", \"tls_method\", \"TLSv1.2+\")\n\
             modparam(\"tls\", \"certificate\", \"{}\")\nmodparam(\"tls\", \"private_key\", \"{}\")\n\
             modparam(\"nathelper|registrar\", \"received_avp\", \"$avp(RECEIVED)\")\n",
            certificate.display(),
            key.display()
        );
        // What a proxy does for peers that no connection can be opened to: it remembers on which of theirs each message
        // came.
        Self {
            listen: format!("enable_tls=yes\nlisten=tls:{sip}"),
            more,
            on_register: "fix_nated_register(); ",
            on_message: "if ($proto == \"tls\") set_contact_alias();",
            on_route: "handle_ruri_alias();",
        }
    }
}

/// What a border of an IMS does besides: the way of later calls, and whose block a number belongs to.
fn ims_words(sip: SocketAddr, ims: &Ims<'_>) -> (String, String) {
    let Ims { block, user, asserted } = ims;
    let route = format!("append_to_reply(\"Service-Route: <sip:{sip};lr>\\r\\n\"); ");
    // The number that was dialled stays in To.
    let block = format!(
        "if ($rU =~ \"^[+]{block}\") {{ $rU = \"{user}\"; \
         append_hf(\"P-Asserted-Identity: <{asserted}>\\r\\n\"); }}"
    );
    (route, block)
}

/// Its configuration: a registrar that wants digest, a location for inbound calls, a dispatcher for outbound ones.
fn text(sip: SocketAddr, list: &str, certificate: Option<&Issued>, ims: Option<Ims<'_>>) -> String {
    let (service_route, block) = ims.map_or_else(Default::default, |ims| ims_words(sip, &ims));
    let modules = format!("/usr/lib/{}-linux-gnu/kamailio/modules/", std::env::consts::ARCH);
    let load: String = MODULES.split(' ').map(|name| format!("loadmodule \"{name}.so\"\n")).collect();
    let Streams { listen, more, on_register, on_message, on_route } = Streams::new(sip, certificate);
    format!(
        r#"#!KAMAILIO
debug=1
log_stderror=yes
children=2
tcp_children=2
auto_aliases=no
listen=udp:{sip}
{listen}
mpath="{modules}"
{load}{more}modparam("tm", "fr_timer", 2000)
modparam("tm", "fr_inv_timer", 60000)
modparam("usrloc", "db_mode", 0)
modparam("dispatcher", "list_file", "{list}")
modparam("dispatcher", "flags", 2)
modparam("dispatcher", "xavp_dst", "_dsdst_")
request_route {{
  if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
  if (is_method("OPTIONS") && !has_totag()) {{ sl_send_reply("200", "OK"); exit; }}
  if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
  if (has_totag()) {{
    {on_route}
    if (loose_route() || is_method("ACK") && t_check_trans()) {{ t_relay(); exit; }}
    if (!is_method("ACK")) sl_send_reply("404", "Not here");
    exit;
  }}
  t_check_trans();
  if (is_method("REGISTER")) {{
    if (!pv_www_authenticate("{REALM}", "{PASSWORD}", "0")) {{ www_challenge("{REALM}", "1"); exit; }}
    $var(login) = $au;
    consume_credentials();
    {on_register}{service_route}save("location");
    if ($hdr(Expires) == "0") {{ xlog("L_NOTICE", "unregistered $tU\n"); exit; }}
    xlog("L_NOTICE", "registered $tU over $proto as $var(login)\n");
    exit;
  }}
  if (!is_method("INVITE")) {{ sl_send_reply("405", "Method Not Allowed"); exit; }}
  if (is_present_hf("Route")) {{ xlog("L_NOTICE", "by route $hdr(Route)\n"); remove_hf("Route"); }}
  record_route();
  {on_message}
  t_on_reply("ANSWERED");
  {block}
  if (lookup("location")) {{ xlog("L_NOTICE", "to trunk $ru from $si over $proto\n"); t_relay(); exit; }}
  if (!ds_select_dst("1", "8")) {{ sl_send_reply("404", "No such subscriber"); exit; }}
  t_on_failure("NEXT");
  xlog("L_NOTICE", "to gateway $du\n");
  t_relay();
  exit;
}}
onreply_route[ANSWERED] {{
  {on_message}
  return;
}}
failure_route[NEXT] {{
  if (t_is_canceled()) exit;
  if (t_check_status("5[0-9][0-9]") || (t_branch_timeout() && !t_branch_replied())) {{
    ds_mark_dst("ip");
    if (ds_next_dst()) {{ xlog("L_NOTICE", "failover to $du\n"); t_on_failure("NEXT"); t_relay(); exit; }}
  }}
}}
"#
    )
}
