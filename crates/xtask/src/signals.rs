//! Ctrl-C and SIGTERM as a flag, so that a task can end its children in order.

use anyhow::Context;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the user asked to end.
#[derive(Debug, Clone)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens from now on. The second signal ends this program at once, as usual.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn listen() -> anyhow::Result<Self> {
        use signal_hook::{consts, flag};
        let asked = Arc::new(AtomicBool::new(false));
        for signal in [consts::SIGINT, consts::SIGTERM] {
            flag::register_conditional_default(signal, asked.clone())
                .context("failed to listen for Ctrl-C")?;
            flag::register(signal, asked.clone()).context("failed to listen for Ctrl-C")?;
        }
        Ok(Self(asked))
    }

    /// The user asked.
    #[must_use]
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
