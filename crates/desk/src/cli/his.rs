//! `careline-desk his`: how many messages became what, those that somebody has to look at, and trying them again.

use super::{Where, say};
use crate::config::Config;
use crate::his::{Replay, replay, replay_all};
use crate::storage::{HisFilter, HisMessage, HisReason, HisState, Replayed, Store};
use anyhow::{Context, bail};
use clap::Subcommand;

/// Messages that are shown: the newest ones.
const SHOWN_MAX: usize = 100;
/// Who does it, in the table.
const BY: &str = "command line";

#[derive(Debug, clap::Args)]
pub(super) struct HisArgs {
    #[command(flatten)]
    place: Where,
    #[command(subcommand)]
    command: Option<HisCommand>,
}

#[derive(Debug, Subcommand)]
enum HisCommand {
    /// Show one message, the middle of its numbers hidden. It names a patient; reading it is noted in the access log.
    Show(HisOne),
    /// Try a message again that was parked, refused or discarded.
    Replay(HisReplay),
}

#[derive(Debug, clap::Args)]
struct HisOne {
    /// Its id, as the list shows it.
    id: String,
    #[command(flatten)]
    place: Where,
}

#[derive(Debug, clap::Args)]
struct HisReplay {
    /// Its id, as the list shows it.
    id: String,
    /// All others too that wait for the same reason.
    #[arg(long)]
    all_like_it: bool,
    #[command(flatten)]
    place: Where,
}

pub(super) async fn run(HisArgs { place, command }: HisArgs) -> anyhow::Result<()> {
    let place = match &command {
        None => &place,
        Some(HisCommand::Show(one)) => &one.place,
        Some(HisCommand::Replay(one)) => &one.place,
    };
    let (config, store) = place.open().await?;
    let done = match &command {
        None => list(&config, &store).await,
        Some(HisCommand::Show(one)) => show(&config, &store, &one.id).await,
        Some(HisCommand::Replay(one)) if one.all_like_it => again_like(&config, &store, &one.id).await,
        Some(HisCommand::Replay(one)) => again(&config, &store, &one.id).await,
    };
    store.close().await;
    done
}

async fn list(config: &Config, store: &Store) -> anyhow::Result<()> {
    for (state, messages) in store.his_counts().await? {
        say(&format!("{state}: {messages}"))?;
    }
    for state in [HisState::Parked, HisState::Refused] {
        let filter = HisFilter { state: Some(state), ..HisFilter::default() };
        for message in store.his_messages(&filter, SHOWN_MAX).await? {
            say(&line(config, &message)?)?;
        }
    }
    Ok(())
}

fn line(config: &Config, message: &HisMessage) -> anyhow::Result<String> {
    let at = jiff::Timestamp::from_microsecond(message.received_us)?.to_zoned(config.timezone.clone());
    Ok(format!(
        "{} {} {} {} {}^{} {}: {} {}",
        message.id,
        at.strftime("%Y-%m-%d %H:%M:%S"),
        message.source,
        message.state,
        message.kind,
        message.event,
        message.control_id,
        message.path.as_deref().unwrap_or_default(),
        message.reason.as_deref().unwrap_or_default()
    ))
}

async fn show(config: &Config, store: &Store, id: &str) -> anyhow::Result<()> {
    let content = store.his_message(id).await?.with_context(|| format!("there is no message {id}"))?;
    let now_us = jiff::Timestamp::now().as_microsecond();
    store.log_access(now_us, BY, "his_message", "his_message", id).await?;
    say(&line(config, &content.message)?)?;
    for segment in crate::his::segments(&content.raw, &content.charset) {
        say(&segment)?;
    }
    Ok(())
}

async fn again(config: &Config, store: &Store, id: &str) -> anyhow::Result<()> {
    let now_us = jiff::Timestamp::now().as_microsecond();
    match replay(store, &config.his, id, (BY, now_us)).await? {
        Replay::Unknown => bail!("there is no message {id}"),
        Replay::NoDoor(source) => bail!("no [[his]] has the id \"{source}\": how to read it is not known"),
        Replay::Known(Replayed::Settled(state)) => say(&format!("{id}: {state} already; left alone")),
        Replay::Known(Replayed::Done(received)) => say(&format!("{id}: {}", received.state.as_str())),
    }
}

async fn again_like(config: &Config, store: &Store, id: &str) -> anyhow::Result<()> {
    let content = store.his_message(id).await?.with_context(|| format!("there is no message {id}"))?;
    let Some(reason) = HisReason::of(&content.message) else {
        bail!("{id} is {} and waits for nobody", content.message.state);
    };
    let mut behind = None;
    loop {
        let now_us = jiff::Timestamp::now().as_microsecond();
        let turn = replay_all(store, &config.his, (&reason, behind), (BY, now_us)).await?;
        for (state, messages) in &turn.became {
            say(&format!("{state}: {messages}"))?;
        }
        behind = turn.next;
        if behind.is_none() {
            return Ok(());
        }
    }
}
