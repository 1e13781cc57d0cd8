//! What both programs share: logs, signals, the clock
