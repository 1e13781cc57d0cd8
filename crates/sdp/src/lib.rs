//! SDP offer and answer (RFC 3264) as a function
