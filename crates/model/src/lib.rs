//! Typed ids, time, numbers, working calendar, configuration and event types: values without state
