//! Where and how urgently a media thread runs.

use thread_priority::unix::{
    RealtimeThreadSchedulePolicy, ThreadSchedulePolicy, set_thread_priority_and_policy, thread_native_id,
};
use thread_priority::{ThreadPriority, ThreadPriorityValue};

use crate::MediaConfig;

/// Real-time priority, 1 to 99: above everything that asks for none, below what the kernel itself needs.
const PRIORITY: u8 = 10;
/// Niceness where real-time priority is refused.
const NICE: i32 = -10;
/// The system's default is 50 us, which would be added to every deadline.
const TIMER_SLACK_NS: u64 = 1000;

/// Applies what the configuration asks for to the calling thread, as far as the system lets it.
pub(super) fn take(config: &MediaConfig, index: usize) {
    if !config.processors.is_empty() {
        let processor = config.processors[index % config.processors.len()];
        if let Err(reason) = stay_on(processor) {
            tracing::warn!(processor, reason, "a media thread runs on any processor");
        }
    }
    if config.realtime
        && let Err(refused) = become_urgent()
        && let Err(error) = rustix::process::setpriority_process(None, NICE)
    {
        tracing::warn!(refused, %error, "a media thread runs without a raised priority");
    }
    let _ = rustix::thread::set_current_timer_slack(std::num::NonZeroU64::new(TIMER_SLACK_NS));
}

fn stay_on(processor: usize) -> Result<(), String> {
    if processor >= rustix::thread::CpuSet::MAX_CPU {
        return Err("no such processor".to_owned());
    }
    let mut set = rustix::thread::CpuSet::new();
    set.set(processor);
    rustix::thread::sched_setaffinity(None, &set).map_err(|error| error.to_string())
}

fn become_urgent() -> Result<(), String> {
    let priority = ThreadPriorityValue::try_from(PRIORITY)?;
    let policy = ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::Fifo);
    set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Crossplatform(priority), policy)
        .map_err(|error| format!("{error:?}"))
}

#[cfg(test)]
mod tests {
    use super::{stay_on, take};
    use crate::MediaConfig;

    #[test]
    fn a_thread_stays_on_its_processor_and_goes_on_where_there_is_none() {
        // In a thread of its own: the setting is for its life.
        let seen = std::thread::spawn(|| {
            let all = rustix::thread::sched_getaffinity(None).expect("a set");
            let first = (0..64).find(|&one| all.is_set(one)).expect("one processor");
            take(&MediaConfig { processors: vec![first], ..MediaConfig::default() }, 3);
            let own = rustix::thread::sched_getaffinity(None).expect("a set");
            assert!(stay_on(usize::MAX).is_err());
            (own.count(), own.is_set(first))
        });
        assert_eq!(seen.join().expect("no panic"), (1, true));
    }
}
