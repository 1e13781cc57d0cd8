//! Where a panic ends: at the single step of the driver in which it happened.
//!
//! A bug that one message, timer or order brings out costs what that step was about, and nobody else's call. The step is
//! dropped and counted, and logged without a word of what came over the wire. The calls it was about are ended in order
//! (goodbye on the wire, `call_ended` in the journal), or taken out without a word when ending them panics too. What
//! was due beside a timer that panicked is served part by part, and timers rest a moment, so that one that panics each
//! time cannot keep the loop busy. However many panics there are, the switch goes on: a message that brings one out can
//! be sent again by anybody.
//!
//! What it is not: no repair. The values that were being changed are whole for the language, not always for the
//! protocol; that is why the call goes.

use crate::driver::Driver;
use careline_model::LegId;
use careline_sip::Flow;
use careline_switchboard::{Chore, MediaSignal};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Timers rest so long after one of them panicked.
pub const REST: Duration = Duration::from_millis(100);

/// What a step gives, or nothing when it panicked.
pub fn caught<T>(step: impl FnOnce() -> T) -> Option<T> {
    // Whoever calls this ends what the step was about, so that nothing broken is used again.
    catch_unwind(AssertUnwindSafe(step)).ok()
}

impl Driver {
    /// Does a step; what it was about is ended when it panics.
    pub(crate) fn guarded(&mut self, step: &'static str, work: impl FnOnce(&mut Self)) {
        if caught(|| work(self)).is_none() {
            self.after_panic(step, None, None);
        }
    }

    /// The same for a message.
    pub(crate) fn guarded_message(&mut self, flow: Flow, bytes: &[u8], work: impl FnOnce(&mut Self, &[u8])) {
        if caught(|| work(self, bytes)).is_none() {
            self.after_panic("message", Some((flow, bytes)), None);
        }
    }

    /// Everything that is due.
    pub(crate) fn guarded_deadlines(&mut self) {
        let now = self.clock.now();
        if caught(|| self.board.handle_deadline(now)).is_some() {
            return;
        }
        self.after_panic("deadline", None, None);
        for chore in Chore::ALL {
            self.guarded("deadline", |driver| driver.board.handle_chore(now, chore));
        }
        self.rest_until = now.instant + REST;
    }

    /// Counts a panic and ends what the step was about: `message`, and the leg whose media order it was.
    pub(crate) fn after_panic(
        &mut self,
        step: &'static str,
        message: Option<(Flow, &[u8])>,
        leg: Option<LegId>,
    ) {
        let (now, panics) = (self.clock.now(), self.count_panic());
        let hurt = caught(|| self.board.hurt_legs(message)).unwrap_or_default();
        tracing::error!(
            switch.panics = panics,
            step,
            legs = hurt.len(),
            "a step ended by a panic: what it was about is ended, the rest goes on"
        );
        for leg in hurt {
            if caught(|| self.board.end_leg_after(now, leg)).is_some() {
                continue;
            }
            let panics = self.count_panic();
            tracing::error!(switch.panics = panics, leg = leg.0, "a leg is taken out without a word");
            if caught(|| self.board.drop_leg_after(now, leg)).is_none() {
                let panics = self.count_panic();
                tracing::error!(switch.panics = panics, leg = leg.0, "not even that was possible");
            }
        }
        let failed = leg.map(|leg| MediaSignal::Failed { leg });
        if failed.is_some_and(|signal| caught(|| self.board.handle_media(now, signal)).is_none()) {
            let panics = self.count_panic();
            tracing::error!(switch.panics = panics, "a leg whose media failed could not be ended");
        }
    }

    fn count_panic(&self) -> u64 {
        self.panics.fetch_add(1, Ordering::Relaxed) + 1
    }
}

#[cfg(test)]
mod tests;
