//! `careline-desk audit`: whether the log of who looked at what is as it was written.

use super::{Where, say};
use crate::storage::Chain;
use anyhow::bail;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Follow the chain of digests from its beginning; fails where it is broken. Prints the newest digest: note it
    /// elsewhere, because a log that was cut off at its end is whole in itself.
    Verify(VerifyArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct VerifyArgs {
    #[command(flatten)]
    place: Where,
    /// A digest that was printed earlier, and must still be in the log.
    #[arg(long)]
    noted: Option<String>,
}

pub(super) async fn run(command: AuditCommand) -> anyhow::Result<()> {
    let AuditCommand::Verify(VerifyArgs { place, noted }) = command;
    let (_, store) = place.open().await?;
    let chain = store.audit_chain(noted.as_deref()).await;
    store.close().await;
    match chain? {
        Chain::Whole { rows, head, found: true } => say(&format!("whole: {rows} entries, newest {head}")),
        Chain::Whole { rows, .. } => {
            bail!("--noted is not in the log: of its {rows} entries some were taken from the end")
        }
        Chain::Broken { id, at_us } => {
            bail!(
                "broken: entry {id}, written at {at_us} us, or one right before it, was changed or taken out"
            )
        }
    }
}
