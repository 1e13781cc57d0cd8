//! Simulated patients and agents over real SIP and RTP
