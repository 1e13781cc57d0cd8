//! `careline-switch trunks`: how the trunks of a running switch are, since when and why.

use anyhow::Context;
use careline_rpc::proto::switch_admin::v1::switch_admin_client::SwitchAdminClient;
use careline_rpc::proto::switch_admin::v1::{ListTrunksRequest, Trunk, TrunkRegistration, TrunkState};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::io::Write;
use std::net::SocketAddr;

/// Which switch.
#[derive(Debug, Clone, clap::Args)]
pub struct TrunksArgs {
    /// Asks the switch at this address.
    #[arg(long, default_value = "127.0.0.1:7060")]
    pub rpc: SocketAddr,
    /// The zone of the printed times.
    #[arg(long, default_value = "Asia/Shanghai")]
    pub timezone: String,
}

/// Prints a line for each trunk; which of its proxies are dead stands in the reason.
///
/// # Errors
/// When no switch answers, or the zone is unknown.
pub async fn run(args: TrunksArgs, out: &mut impl Write) -> anyhow::Result<()> {
    let zone = TimeZone::get(&args.timezone).with_context(|| format!("--timezone {}", args.timezone))?;
    let channel = tonic::transport::Endpoint::from_shared(format!("http://{}", args.rpc))?
        .connect()
        .await
        .with_context(|| format!("no switch answers at {}; is it running?", args.rpc))?;
    let answer = SwitchAdminClient::new(channel).list_trunks(ListTrunksRequest {}).await;
    let trunks = answer.map_err(|status| anyhow::anyhow!("{}", status.message()))?.into_inner().trunks;
    if trunks.is_empty() {
        writeln!(out, "the switch has no trunks")?;
    }
    for trunk in trunks {
        writeln!(out, "{}", line(&trunk, &zone)?)?;
    }
    Ok(())
}

fn line(trunk: &Trunk, zone: &TimeZone) -> anyhow::Result<String> {
    let state = match trunk.state() {
        TrunkState::Up => "up",
        TrunkState::Impaired => "impaired",
        TrunkState::Down => "down",
        TrunkState::Unspecified => "?",
    };
    let registration = match trunk.registration() {
        TrunkRegistration::None => "no registration",
        TrunkRegistration::Registered => "registered",
        TrunkRegistration::Unregistered => "not registered",
        TrunkRegistration::Unspecified => "?",
    };
    let since = Timestamp::from_microsecond(trunk.since_us)?.to_zoned(zone.clone());
    let calls = match trunk.calls_max {
        Some(most) => format!("{} of {most} calls", trunk.calls),
        None => format!("{} calls", trunk.calls),
    };
    let since = since.strftime("%Y-%m-%d %H:%M:%S");
    let head = format!("{:<16} {state:<8} since {since}  {registration:<15}  {calls:<16}", trunk.trunk);
    // A carrier's words are in it: they must not move the cursor of whoever reads them.
    let reason: String = trunk.reason.chars().map(|one| if one.is_control() { '?' } else { one }).collect();
    Ok(format!("{head} {reason}").trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use careline_rpc::proto::switch_admin::v1::TrunkProxy;

    fn trunk(id: &str, state: TrunkState, registration: TrunkRegistration) -> Trunk {
        Trunk {
            trunk: id.to_owned(),
            state: state.into(),
            since_us: 1_772_296_200_123_456,
            registration: registration.into(),
            calls: 3,
            proxies: vec![TrunkProxy { address: "192.0.2.7:5060".to_owned(), up: true }],
            ..Trunk::default()
        }
    }

    #[test]
    fn people_read_state_time_registration_calls_and_reason() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let mut ims = trunk("ims", TrunkState::Up, TrunkRegistration::Registered);
        ims.calls_max = Some(30);
        assert_eq!(
            line(&ims, &zone).unwrap(),
            "ims              up       since 2026-03-01 00:30:00  registered       3 of 30 calls"
        );
        let mut e1 = trunk("e1", TrunkState::Down, TrunkRegistration::None);
        e1.reason = "192.0.2.9:5060 leaves OPTIONS without an answer".to_owned();
        assert_eq!(
            line(&e1, &zone).unwrap(),
            "e1               down     since 2026-03-01 00:30:00  no registration  3 calls          \
             192.0.2.9:5060 leaves OPTIONS without an answer"
        );
        e1.reason = "realm `\u{1b}[2J`".to_owned();
        assert!(line(&e1, &zone).unwrap().ends_with("realm `?[2J`"));
    }
}
