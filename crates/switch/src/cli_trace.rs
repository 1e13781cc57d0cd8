//! `careline-switch trace` and `careline-switch pcap`: what was said on the wire in one call, asked of a running switch.

use crate::trace::{ladder, pcap};
use anyhow::{Context, bail};
use careline_rpc::proto::switch_admin::v1::switch_admin_client::SwitchAdminClient;
use careline_rpc::proto::switch_admin::v1::trace_response::Content;
use careline_rpc::proto::switch_admin::v1::{Direction, TraceRequest, TracedCall, TracedMessage};
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Which call, of which switch.
#[derive(Debug, Clone, clap::Args)]
pub struct WhichCall {
    /// The call's id, or its last 12 digits as `events` prints them.
    pub call: String,
    /// Asks the switch at this address.
    #[arg(long, default_value = "127.0.0.1:7060")]
    pub rpc: SocketAddr,
    /// With numbers, names and bodies as they were sent; the switch logs that it was asked so.
    #[arg(long)]
    pub unmasked: bool,
}

/// The ladder.
#[derive(Debug, Clone, clap::Args)]
pub struct TraceArgs {
    /// Which call.
    #[command(flatten)]
    pub which: WhichCall,
    /// The messages too, below the ladder.
    #[arg(long)]
    pub messages: bool,
}

/// The capture file.
#[derive(Debug, Clone, clap::Args)]
pub struct PcapArgs {
    /// Which call.
    #[command(flatten)]
    pub which: WhichCall,
    /// The file to write; it must not be there.
    #[arg(long)]
    pub out: PathBuf,
}

/// Prints the ladder of a call.
///
/// # Errors
/// When no switch answers, or it keeps nothing of the call.
pub async fn trace(args: TraceArgs, out: &mut impl Write) -> anyhow::Result<()> {
    let (call, messages) = ask(&args.which).await?;
    writeln!(out, "call {}, {} messages", call.call, messages.len())?;
    write!(out, "{}", ladder::draw(&messages))?;
    if call.cut_short {
        writeln!(out, "there are more messages: these are the first")?;
    }
    if call.dropped > 0 {
        writeln!(out, "{} messages of all calls were not kept since the switch started", call.dropped)?;
    }
    if args.messages {
        for message in &messages {
            print_message(message, out)?;
        }
    }
    Ok(())
}

/// Writes the capture file of a call.
///
/// # Errors
/// When no switch answers, it keeps nothing of the call, or the file cannot be written or is there already.
pub async fn pcap(args: PcapArgs) -> anyhow::Result<usize> {
    let (_, messages) = ask(&args.which).await?;
    let name = || format!("failed to write {}", args.out.display());
    let mut file = std::fs::File::create_new(&args.out).with_context(name)?;
    file.write_all(&pcap::file(&messages)).with_context(name)?;
    Ok(messages.len())
}

fn print_message(message: &TracedMessage, out: &mut impl Write) -> anyhow::Result<()> {
    let arrow = if message.direction() == Direction::Out { "to" } else { "from" };
    writeln!(out, "\n---- {} {arrow} {}", message.transport, message.remote)?;
    // What strangers sent must not move the cursor of whoever reads it.
    for line in String::from_utf8_lossy(&message.text).lines() {
        let line: String = line.chars().map(|one| if one.is_control() { '?' } else { one }).collect();
        writeln!(out, "{line}")?;
    }
    Ok(())
}

async fn ask(which: &WhichCall) -> anyhow::Result<(TracedCall, Vec<TracedMessage>)> {
    let channel = tonic::transport::Endpoint::from_shared(format!("http://{}", which.rpc))?
        .connect()
        .await
        .with_context(|| format!("no switch answers at {}; is it running?", which.rpc))?;
    let request = TraceRequest { call: which.call.clone(), unmasked: which.unmasked };
    let answer = SwitchAdminClient::new(channel).trace(request).await;
    let mut stream = answer.map_err(|status| anyhow::anyhow!("{}", status.message()))?.into_inner();
    let (mut call, mut messages) = (None, Vec::new());
    while let Some(response) = stream.message().await? {
        match response.content {
            Some(Content::Call(head)) => call = Some(head),
            Some(Content::Message(message)) => messages.push(message),
            // Of a later version.
            None => {}
        }
    }
    let Some(call) = call else { bail!("the switch at {} did not say which call it is", which.rpc) };
    Ok((call, messages))
}
