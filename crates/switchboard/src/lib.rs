//! SIP, SDP and the call centre joined: the whole switch without a socket
