//! What the service manager of the system is told, when there is one.

use sd_notify::NotifyState;

/// Says that everything listens. Call it once, when that is true; without a service manager it does nothing.
pub fn ready() {
    tell(NotifyState::Ready);
}

/// Says that the end has begun.
pub fn ending() {
    tell(NotifyState::Stopping);
}

fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "the service manager cannot be told");
    }
}
