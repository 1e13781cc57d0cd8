//! `careline-desk duplicates`: looks for people who may be one, as the desk does each night.

use super::{Where, say};
use crate::nightly::today;
use careline_daemon::Clock;

#[derive(Debug, clap::Args)]
pub(super) struct DuplicatesArgs {
    #[command(flatten)]
    place: Where,
}

pub(super) async fn run(DuplicatesArgs { place }: DuplicatesArgs) -> anyhow::Result<()> {
    let (config, store) = place.open().await?;
    let now_us = Clock::start().now().wall_us;
    let scan = store.find_duplicates(today(now_us, &config.timezone), now_us).await?;
    let open = store.open_duplicates().await?;
    store.close().await;
    say(&format!(
        "compared {} pairs, found {}, cut {} blocks; {open} pairs wait for somebody to look at them",
        scan.compared, scan.found, scan.cut
    ))
}
