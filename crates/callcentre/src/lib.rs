//! Calls, IVR, queues, agents and the matcher as one pure value
