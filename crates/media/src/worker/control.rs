//! RTCP of one leg: what comes, what is due.

use std::net::SocketAddr;

use super::Worker;

impl Worker {
    /// A control packet came on the RTP port. False: it may not come there.
    pub(super) fn control_on_rtp(&mut self, _slot: usize, _from: SocketAddr, _length: usize) -> bool {
        false
    }
}
