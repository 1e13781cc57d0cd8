//! One UDP listener, with the keep-alives that share its port.

use super::urgency::Urgency;
use super::{Wire, WireCounters, stun};
use crate::boundary::caught;
use careline_model::config::Plan;
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

/// One listener's reading side.
pub(super) struct Reader {
    socket: Arc<UdpSocket>,
    local: SocketAddr,
    to_driver: mpsc::Sender<Wire>,
    counters: Arc<WireCounters>,
    plan: Arc<Plan>,
}

impl Reader {
    pub fn new(
        socket: Arc<UdpSocket>,
        local: SocketAddr,
        to_driver: mpsc::Sender<Wire>,
        counters: Arc<WireCounters>,
        plan: Arc<Plan>,
    ) -> Self {
        Self { socket, local, to_driver, counters, plan }
    }

    /// Reads until the driver is gone.
    pub async fn read(self) {
        let mut buffer = vec![0_u8; DATAGRAM_BYTES_MAX];
        loop {
            // Errors here are ICMP reports about somebody else's datagram; the socket stays good.
            let Ok((length, remote)) = self.socket.recv_from(&mut buffer).await else { continue };
            let Some(datagram) = buffer.get(..length) else { continue };
            match caught(|| self.take(datagram, remote)) {
                Some(true) => {}
                Some(false) => return,
                None => _ = self.counters.panics.fetch_add(1, Ordering::Relaxed),
            }
        }
    }

    /// False when the driver is gone.
    fn take(&self, datagram: &[u8], remote: SocketAddr) -> bool {
        let flow = Flow { transport: Transport::Udp, local: self.local, remote };
        let keep_alive = keep_alive(datagram, remote);
        if keep_alive.as_ref().is_some_and(Vec::is_empty) {
            return true;
        }
        if !self.has_room_for(datagram) {
            self.dropped();
            return true;
        }
        let wire = match keep_alive {
            Some(answer) => Wire::KeepAlive { flow, answer },
            None => Wire::Message { flow, bytes: datagram.to_vec(), at: Instant::now() },
        };
        match self.to_driver.try_send(wire) {
            Ok(()) => true,
            Err(mpsc::error::TrySendError::Full(_)) => {
                self.dropped();
                true
            }
            Err(mpsc::error::TrySendError::Closed(_)) => false,
        }
    }

    fn has_room_for(&self, datagram: &[u8]) -> bool {
        let (free, all) = (self.to_driver.capacity(), self.to_driver.max_capacity());
        if free > all / 2 {
            return true;
        }
        match Urgency::of(datagram, &self.plan) {
            Urgency::New => false,
            Urgency::Emergency => free > all / 4,
            Urgency::Running => true,
        }
    }

    fn dropped(&self) {
        let dropped = self.counters.dropped_in.fetch_add(1, Ordering::Relaxed) + 1;
        if dropped.is_power_of_two() {
            tracing::warn!(dropped, listener = %self.local, "the switch is behind: datagrams are dropped");
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

    fn message(first_line: &str, to: &str) -> Vec<u8> {
        format!("{first_line} SIP/2.0\r\nTo: {to}\r\n\r\n").into_bytes()
    }

    #[tokio::test]
    async fn a_full_queue_keeps_room_for_calls_that_stand_and_for_emergencies() {
        use careline_model::config::{check, parse};
        let plan = check(&parse("", "switch.toml").expect("config"), &[], &|_| true).expect("plan");
        let socket = Arc::new(bind("127.0.0.1:0".parse().expect("an address")).expect("a socket"));
        let local = socket.local_addr().expect("bound");
        let (to_driver, mut queue) = mpsc::channel(8);
        let counters = Arc::<WireCounters>::default();
        let reader = Reader::new(socket, local, to_driver, counters.clone(), Arc::new(plan));
        let remote = "192.0.2.1:5060".parse().expect("an address");
        let offer = |first_line: &str, to: &str| {
            let before = reader.to_driver.capacity();
            assert!(reader.take(&message(first_line, to), remote), "the driver is there");
            reader.to_driver.capacity() < before
        };
        let (new, emergency) = ("INVITE sip:4001234567@switch", "INVITE sip:120@switch");
        for _ in 0..4 {
            assert!(offer(new, "<sip:a>"));
        }
        for begun in [new, "OPTIONS sip:switch", "REGISTER sip:switch"] {
            assert!(!offer(begun, "<sip:a>"), "{begun}");
        }
        assert!(offer(emergency, "<sip:120@switch>") && offer(emergency, "<sip:120@switch>"));
        assert!(!offer(emergency, "<sip:120@switch>"), "nobody fills the queue with emergencies");
        assert!(offer("BYE sip:switch", "<sip:a>;tag=1") && offer("INVITE sip:switch", "<sip:a>;tag=1"));
        assert!(!offer("BYE sip:switch", "<sip:a>;tag=1"), "full is full");
        assert_eq!(counters.dropped_in.load(Ordering::Relaxed), 5);
        while queue.try_recv().is_ok() {}
        assert!(offer(new, "<sip:a>"));
    }
}
