//! `careline-switch bans`: the addresses that a running switch does not hear, and how to be heard again.

use anyhow::Context;
use careline_rpc::proto::switch_admin::v1::switch_admin_client::SwitchAdminClient;
use careline_rpc::proto::switch_admin::v1::{LiftBanRequest, ListBansRequest};
use std::io::Write;
use std::net::{IpAddr, SocketAddr};

/// Which switch, and whom it shall hear again.
#[derive(Debug, Clone, clap::Args)]
pub struct BansArgs {
    /// Asks the switch at this address.
    #[arg(long, default_value = "127.0.0.1:7060")]
    pub rpc: SocketAddr,
    /// Lifts the ban of this address instead of listing.
    #[arg(long)]
    pub lift: Option<IpAddr>,
}

/// Prints the bans, or lifts one.
///
/// # Errors
/// When no switch answers, or the address to lift is not banned.
pub async fn run(args: BansArgs, out: &mut impl Write) -> anyhow::Result<()> {
    let channel = tonic::transport::Endpoint::from_shared(format!("http://{}", args.rpc))?
        .connect()
        .await
        .with_context(|| format!("no switch answers at {}; is it running?", args.rpc))?;
    let mut switch = SwitchAdminClient::new(channel);
    let refused = |status: tonic::Status| anyhow::anyhow!("{}", status.message());
    if let Some(address) = args.lift {
        switch.lift_ban(LiftBanRequest { address: address.to_string() }).await.map_err(refused)?;
        writeln!(out, "{address} is heard again")?;
        return Ok(());
    }
    let answer = switch.list_bans(ListBansRequest {}).await.map_err(refused)?.into_inner();
    writeln!(
        out,
        "{} bans; {} messages of banned addresses not looked at",
        answer.bans.len(),
        answer.unheard
    )?;
    for ban in answer.bans {
        writeln!(out, "{:<40} {:>6} s left  ban {:<3} {}", ban.address, ban.left_s, ban.times, ban.reason)?;
    }
    Ok(())
}
