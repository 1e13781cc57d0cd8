//! Panics in the log: where, and in which thread. What a formatted message says may be what somebody sent us, a number or a
//! name, so that only texts of the program itself are written.

use std::panic::PanicHookInfo;

/// Logs panics from now on instead of writing them to standard error.
pub(crate) fn log() {
    std::panic::set_hook(Box::new(write));
}

fn write(info: &PanicHookInfo<'_>) {
    let at = info.location().map_or_else(String::new, ToString::to_string);
    let text = info.payload().downcast_ref::<&'static str>().copied().unwrap_or("(not shown)");
    let thread = std::thread::current();
    tracing::error!(at, thread = thread.name().unwrap_or("unnamed"), text, "panic");
}
