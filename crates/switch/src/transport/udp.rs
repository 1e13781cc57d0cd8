//! One UDP listener.

use super::{Wire, WireCounters};
use careline_sip::{Flow, Transport};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;

/// Largest datagram that UDP can carry.
const DATAGRAM_BYTES_MAX: usize = 65_535;
/// Asked of the kernel, so that a burst of calls does not overflow while one wake-up is served.
const SOCKET_BUFFER_BYTES: usize = 4 * 1024 * 1024;

pub(super) fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let domain = socket2::Domain::for_address(address);
    let socket = socket2::Socket::new(domain, socket2::Type::DGRAM, Some(socket2::Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    // Best effort: the kernel caps it silently.
    let _ = socket.set_recv_buffer_size(SOCKET_BUFFER_BYTES);
    let _ = socket.set_send_buffer_size(SOCKET_BUFFER_BYTES);
    socket.bind(&address.into())?;
    UdpSocket::from_std(socket.into())
}

/// Reads until the driver is gone.
pub(super) async fn read(
    socket: Arc<UdpSocket>,
    local: SocketAddr,
    to_driver: mpsc::Sender<Wire>,
    counters: Arc<WireCounters>,
) {
    let mut buffer = vec![0_u8; DATAGRAM_BYTES_MAX];
    loop {
        // Errors here are ICMP reports about somebody else's datagram; the socket stays good.
        let Ok((length, remote)) = socket.recv_from(&mut buffer).await else { continue };
        let flow = Flow { transport: Transport::Udp, local, remote };
        let Some(bytes) = buffer.get(..length).map(<[u8]>::to_vec) else { continue };
        match to_driver.try_send(Wire::Message { flow, bytes, at: Instant::now() }) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => {
                counters.dropped_in.fetch_add(1, Ordering::Relaxed);
            }
            Err(mpsc::error::TrySendError::Closed(_)) => return,
        }
    }
}
