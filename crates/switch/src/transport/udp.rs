//! One UDP listener, with the keep-alives that share its port.

use super::{Wire, WireCounters, stun};
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
    if address.is_ipv6() {
        // IPv4 has listeners of its own, on the same port too.
        socket.set_only_v6(true)?;
    }
    socket.bind(&address.into())?;
    UdpSocket::from_std(socket.into())
}

/// The answer to what is no SIP message but keeps a NAT open; an empty one means silence. `None` for everything else.
fn keep_alive(datagram: &[u8], source: SocketAddr) -> Option<Vec<u8>> {
    if stun::is_stun(datagram) {
        return Some(stun::answer(datagram, source).unwrap_or_default());
    }
    // Phones send blanks or zeros too; only the ping of RFC 5626 3.5.1 is answered.
    let blank = datagram.iter().all(|byte| matches!(byte, b'\r' | b'\n' | b' ' | 0));
    blank.then(|| if datagram == b"\r\n\r\n" { b"\r\n".to_vec() } else { Vec::new() })
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
        let Some(datagram) = buffer.get(..length) else { continue };
        if let Some(answer) = keep_alive(datagram, remote) {
            if !answer.is_empty() {
                // A lost answer is asked for again.
                let _ = socket.try_send_to(&answer, remote);
            }
            continue;
        }
        let bytes = datagram.to_vec();
        match to_driver.try_send(Wire::Message { flow, bytes, at: Instant::now() }) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => {
                counters.dropped_in.fetch_add(1, Ordering::Relaxed);
            }
            Err(mpsc::error::TrySendError::Closed(_)) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keep_alives_never_reach_the_driver() {
        let source = "192.0.2.1:5060".parse().expect("an address");
        assert_eq!(keep_alive(b"\r\n\r\n", source).as_deref(), Some(&b"\r\n"[..]));
        for silent in [&b""[..], b"\r\n", b"\0\0\0\0", b"  "] {
            assert_eq!(keep_alive(silent, source).as_deref(), Some(&b""[..]));
        }
        assert_eq!(keep_alive(b"\r\nOPTIONS sip:a SIP/2.0\r\n\r\n", source), None);
    }
}
