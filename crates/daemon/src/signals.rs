//! The operating system's wish to stop us.

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// Puts one item into `stops` for every SIGTERM and SIGINT from now on, until its receiver is dropped. The first asks to
/// drain (no new work, finish what is there), the second to end at once; what does not fit says nothing new and is
/// dropped. Needs a tokio runtime.
///
/// # Errors
/// When the operating system refuses to tell us about signals.
pub fn forward(stops: mpsc::Sender<()>) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("failed to listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("failed to listen for SIGINT")?;
    tokio::spawn(async move {
        loop {
            let name = tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "SIGINT",
                () = stops.closed() => return,
            };
            tracing::info!(signal = name, "asked to stop");
            // Full: whoever reads is told to end already.
            let _ = stops.try_send(());
        }
    });
    Ok(())
}
