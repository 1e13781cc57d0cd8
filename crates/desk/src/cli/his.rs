//! `careline-desk his`: how many messages became what, and those that somebody has to look at.

use super::{Where, say};
use crate::storage::HisState;

/// Messages that are shown: the newest ones.
const SHOWN_MAX: usize = 100;

#[derive(Debug, clap::Args)]
pub(super) struct HisArgs {
    #[command(flatten)]
    place: Where,
}

pub(super) async fn run(HisArgs { place }: HisArgs) -> anyhow::Result<()> {
    let (config, store) = place.open().await?;
    for (state, messages) in store.his_counts().await? {
        say(&format!("{state}: {messages}"))?;
    }
    for state in [HisState::Parked, HisState::Refused] {
        for message in store.his_messages(state, SHOWN_MAX).await? {
            let at =
                jiff::Timestamp::from_microsecond(message.received_us)?.to_zoned(config.timezone.clone());
            say(&format!(
                "{} {} {} {}^{} {}: {} {}",
                at.strftime("%Y-%m-%d %H:%M:%S"),
                message.source,
                message.state,
                message.kind,
                message.event,
                message.control_id,
                message.path.unwrap_or_default(),
                message.reason.unwrap_or_default()
            ))?;
        }
    }
    store.close().await;
    Ok(())
}
