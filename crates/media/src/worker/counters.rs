//! A thread's totals: counted in plain numbers, published once per turn.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::engine::Stats;

macro_rules! totals {
    ($($field:ident),+) => {
        /// What one thread has counted.
        #[derive(Clone, Copy, Default, Debug)]
        pub(crate) struct Tally {
            $(pub(crate) $field: u64,)+
        }

        /// The published copy.
        #[derive(Default, Debug)]
        pub(crate) struct Counters {
            $($field: AtomicU64,)+
        }

        impl Counters {
            pub(crate) fn publish(&self, tally: &Tally) {
                $(self.$field.store(tally.$field, Ordering::Relaxed);)+
            }

            /// Adds this thread's totals; of lateness the worst counts.
            pub(crate) fn add_to(&self, stats: &mut Stats) {
                let late = stats.tick_late_us_max;
                $(stats.$field += self.$field.load(Ordering::Relaxed);)+
                stats.tick_late_us_max = late.max(self.tick_late_us_max.load(Ordering::Relaxed));
            }
        }
    };
}

totals!(
    legs,
    received,
    sent,
    relayed,
    refused_malformed,
    refused_unauthentic,
    refused_unknown,
    refused_strangers,
    refused_control,
    send_errors,
    receive_errors,
    frames_skipped,
    tick_late_us_max,
    turns_late,
    wakes,
    looks,
    looks_in_vain,
    commands_ignored,
    prompts_missing
);
