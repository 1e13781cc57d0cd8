//! `careline-switch quality`: how the running calls sound, a line for each leg.

use anyhow::Context;
use careline_model::quality::{LegParty, LegReading, Reception};
use careline_rpc::proto::switch_control::v1::ListQualityRequest;
use careline_rpc::proto::switch_control::v1::switch_control_client::SwitchControlClient;
use std::io::Write;
use std::net::SocketAddr;

/// Which switch.
#[derive(Debug, Clone, clap::Args)]
pub struct QualityArgs {
    /// Asks the switch at this address.
    #[arg(long, default_value = "127.0.0.1:7060")]
    pub rpc: SocketAddr,
}

/// Prints the last reading of each leg: over five seconds, or since the leg began when it is younger.
///
/// # Errors
/// When no switch answers.
pub async fn run(args: QualityArgs, out: &mut impl Write) -> anyhow::Result<()> {
    let channel = tonic::transport::Endpoint::from_shared(format!("http://{}", args.rpc))?
        .connect()
        .await
        .with_context(|| format!("no switch answers at {}; is it running?", args.rpc))?;
    let answer = SwitchControlClient::new(channel).list_quality(ListQualityRequest {}).await;
    let legs = answer.map_err(|status| anyhow::anyhow!("{}", status.message()))?.into_inner().legs;
    let mut legs = legs.into_iter().map(LegReading::try_from).collect::<Result<Vec<_>, _>>()?;
    if legs.is_empty() {
        writeln!(out, "no leg has been read yet: a leg is read five seconds after its beginning")?;
        return Ok(());
    }
    // The legs of a call stand together.
    legs.sort_by_key(|leg| leg.call);
    writeln!(
        out,
        "{:<13} {:<20} {:<5} {:<36} {:<36} {:>13}",
        "call", "leg", "codec", "from it", "to it", "round trip"
    )?;
    for leg in legs {
        writeln!(out, "{}", line(&leg))?;
    }
    Ok(())
}

fn line(reading: &LegReading) -> String {
    let leg = &reading.quality;
    let call = reading.call.map_or_else(|| "-".to_owned(), |call| call.to_string()[24..].to_owned());
    let party = match leg.party {
        LegParty::Caller => "caller",
        LegParty::Agent => "agent",
        LegParty::Outside => "outside",
    };
    let name = leg.agent.as_ref().map(|agent| agent.as_str());
    let name = name.or(leg.trunk.as_ref().map(|trunk| trunk.as_str())).unwrap_or_default();
    let who = format!("{party} {name}");
    let (from, to) = (direction(leg.inbound), direction(leg.outbound));
    let trip = leg.round_trip_ms.map_or_else(|| "-".to_owned(), |ms| format!("{ms:.1} ms"));
    format!("{call:<13} {who:<20} {:<5} {from:<36} {to:<36} {trip:>13}", leg.codec)
}

fn direction(reception: Option<Reception>) -> String {
    let Some(one) = reception else { return "not measured".to_owned() };
    format!("MOS {:.2} loss {:.2} % jitter {:.1} ms", one.mos, one.loss * 100.0, one.jitter_ms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use careline_model::quality::LegQuality;

    #[test]
    fn people_read_whose_leg_it_is_and_how_both_directions_are() {
        let quality = LegQuality {
            party: LegParty::Agent,
            agent: Some("1001".into()),
            trunk: None,
            codec: "pcma".to_owned(),
            received: 250,
            sent: 250,
            inbound: Some(Reception { loss: 0.012, jitter_ms: 3.4, r: 80.0, mos: 4.02 }),
            outbound: None,
            round_trip_ms: Some(1.25),
        };
        let call = "0190a5b0-1111-7abc-8def-0123456789ab".parse().ok();
        let reading = LegReading { call, at_us: 0, quality };
        assert_eq!(
            line(&reading),
            "0123456789ab  agent 1001           pcma  MOS 4.02 loss 1.20 % jitter 3.4 ms   \
             not measured                                1.2 ms"
        );
    }
}
