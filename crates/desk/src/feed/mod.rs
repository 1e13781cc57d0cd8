//! The durable follower: every event of every switch into the database, each exactly once, in order.
//!
//! ```text
//! switch journal --Subscribe(name, after = stored position)--> batch --apply, one transaction--> desk.db
//!        ^                                                                                          |
//!        '------------------------- Acknowledge, only after the commit ----------------------------'
//! ```
//!
//! **Where to go on** is the position in our own database, not what we acknowledged: a database put back from a backup
//! reads again what it lost, for as long as the switch keeps it. Without a position everything the switch keeps is read.
//!
//! **When the database refuses**, the batch in hand is tried again and nothing further is read; events wait at the
//! switch. **When the switch is away** it is called again. Neither ever gives up.
//!
//! **A new epoch** (another journal file, or an older one put back) starts from the oldest event the switch keeps. Facts
//! that are stored already are recognised by [`Store::apply`] and change nothing.

mod subscription;

pub use subscription::FeedError;

use crate::config::SwitchAddress;
use crate::storage::Store;
use std::convert::Infallible;
use std::time::Duration;
use subscription::Subscription;

/// Events applied in one transaction at most.
pub const BATCH_MAX: usize = 256;
/// The first pause before a switch that is away is called again; it doubles up to [`CALL_AGAIN_MAX`].
const CALL_AGAIN_MIN: Duration = Duration::from_millis(100);
const CALL_AGAIN_MAX: Duration = Duration::from_secs(2);

/// Follows one switch for ever. May be dropped at any moment: what was not committed comes again.
pub async fn follow(store: Store, switch: SwitchAddress, subscriber: String) -> Infallible {
    let mut pause = CALL_AGAIN_MIN;
    let mut complained = false;
    loop {
        let mut stored = 0;
        let ended = Subscription::open(&store, &switch, &subscriber).await;
        let error = match ended {
            Ok(subscription) => {
                tracing::info!(switch = switch.id, "following events");
                complained = false;
                subscription.run(&mut stored).await
            }
            Err(error) => error,
        };
        if stored > 0 {
            pause = CALL_AGAIN_MIN;
        }
        if !complained {
            let text = format!("{:#}", anyhow::Error::from(error));
            tracing::warn!(switch = switch.id, error = text, "events do not come; calling again");
            complained = true;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(CALL_AGAIN_MAX);
    }
}
