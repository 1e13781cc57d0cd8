//! The sockets under SIP: listeners for UDP, TCP, TLS and WebSockets, the connections that others opened, and those
//! that we open because a message is to go somewhere.
//!
//! They move bytes between the network and one bounded channel and decide nothing but what keeps them alive: who may
//! come in (numbers, origins, handshakes in time), and when a connection is of no further use.
//!
//! ```text
//! udp ----------------------------+
//! accept -> TLS -> stream --------+--> Wire --> driver --> Wires::send --+--> socket or connection
//!              \-> web_socket ----+                                      +--> dial -> TLS -> stream
//! ```

mod accept;
mod dial;
mod doors;
mod frames;
mod stream;
mod stun;
mod tls;
mod udp;
mod urgency;
mod web_socket;

pub use accept::HANDSHAKE_TIME_MAX;
pub use dial::{CONNECT_TIME_MAX, HURRIED_CONNECT_TIME_MAX};
pub use doors::{CONNECTIONS_MAX, CONNECTIONS_PER_SOURCE_MAX};
pub use stream::{FIRST_MESSAGE_TIME_MAX, IDLE_TIME_MAX, KEEP_ALIVE_TIME, MESSAGE_TIME_MAX, PONG_TIME_MAX};
pub use tls::{Certificates, TlsFiles};
pub use web_socket::{PING_INTERVAL, SILENCE_MAX};

use anyhow::Context;
use careline_model::config::plan::{self, Plan};
use careline_sip::{Flow, Transmit, Transport};
use careline_switchboard::BoundListener;
use doors::Doors;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use tokio::sync::mpsc;

/// Messages from the network that wait for the driver; when full, datagrams are dropped (SIP sends them again) and
/// connections are not read. What begins something new finds no room in the second half, emergency calls none in the last
/// quarter: what goes on already keeps it.
pub const WIRE_QUEUE_MAX: usize = 4096;
/// Messages that wait for one slow reader; then the connection is given up.
pub const WRITE_QUEUE_MAX: usize = 128;

/// What the network brought.
#[derive(Debug)]
pub enum Wire {
    /// One datagram, or one whole message of a connection.
    Message {
        /// How it came.
        flow: Flow,
        /// All of it.
        bytes: Vec<u8>,
        /// When it was read from its socket.
        at: Instant,
    },
    /// A datagram that is no message and asks for an answer, to keep a NAT open.
    KeepAlive {
        /// How it came.
        flow: Flow,
        /// What is sent back if its sender may have one.
        answer: Vec<u8>,
    },
    /// A connection was opened by its peer; replies to its flow go to `writer`.
    Connected {
        /// Its name.
        flow: Flow,
        /// Tells it from a later one of the same name.
        id: u64,
        /// Takes whole messages; the connection ends when it is dropped.
        writer: mpsc::Sender<Vec<u8>>,
    },
    /// A connection is gone, or could not be opened.
    Lost {
        /// Its name.
        flow: Flow,
        /// Tells it from a later one of the same name.
        id: u64,
    },
}

/// Counters of the sockets.
#[derive(Debug, Default)]
pub struct WireCounters {
    /// Datagrams dropped because the driver was behind; the log says so at powers of two.
    pub dropped_in: AtomicU64,
    /// Datagrams dropped because reading them ended by a panic.
    pub panics: AtomicU64,
    /// Datagrams and stream messages that could not be sent.
    pub dropped_out: AtomicU64,
    /// Connections closed at once because too many were open.
    pub turned_away: AtomicU64,
    /// Handshakes of TLS and WebSockets that failed or took too long.
    pub handshakes_failed: AtomicU64,
}

/// What every connection needs.
#[derive(Debug)]
struct Shared {
    to_driver: mpsc::Sender<Wire>,
    doors: Arc<Doors>,
    certificates: Arc<Certificates>,
    ws: plan::Ws,
    counters: Arc<WireCounters>,
    next_id: AtomicU64,
}

impl Shared {
    fn link(&self, flow: Flow, accepted: bool) -> Link {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        Link { flow, id, accepted, to_driver: self.to_driver.clone() }
    }
}

/// One connection's name and its way to the driver.
#[derive(Debug)]
struct Link {
    flow: Flow,
    id: u64,
    /// Whether the peer opened it.
    accepted: bool,
    to_driver: mpsc::Sender<Wire>,
}

impl Link {
    async fn lost(&self) {
        // A driver that is gone needs no news.
        let _ = self.to_driver.send(Wire::Lost { flow: self.flow, id: self.id }).await;
    }
}

/// The listening sockets and live connections, as the driver sends through them.
#[derive(Debug)]
pub struct Wires {
    udp: BTreeMap<SocketAddr, Arc<tokio::net::UdpSocket>>,
    connections: BTreeMap<Flow, (u64, mpsc::Sender<Vec<u8>>)>,
    shared: Arc<Shared>,
}

impl Wires {
    /// Opens every listener; gives them as they were really bound (port 0 in the configuration means any).
    ///
    /// # Errors
    /// When an address cannot be bound.
    pub fn open(
        plan: &Arc<Plan>,
        certificates: Arc<Certificates>,
        to_driver: mpsc::Sender<Wire>,
    ) -> anyhow::Result<(Self, Vec<BoundListener>)> {
        tokio::spawn(tls::watch(certificates.clone()));
        let (doors, counters) = (Arc::default(), Arc::default());
        let next_id = AtomicU64::new(0);
        let ws = plan.ws.clone();
        let shared = Arc::new(Shared { to_driver, doors, certificates, ws, counters, next_id });
        let mut wires = Self { udp: BTreeMap::new(), connections: BTreeMap::new(), shared };
        let mut bound = Vec::new();
        for listener in &plan.listeners {
            let (transport, address) = (sip_transport(listener.transport), listener.address);
            let address = wires
                .listen(transport, address, plan)
                .with_context(|| format!("failed to listen for SIP on {} {address}", transport.via_name()))?;
            bound.push(BoundListener { transport, address, network: listener.network.clone() });
        }
        Ok((wires, bound))
    }

    fn listen(
        &mut self,
        transport: Transport,
        address: SocketAddr,
        plan: &Arc<Plan>,
    ) -> std::io::Result<SocketAddr> {
        if transport.is_connection() {
            let listener = accept::bind(address)?;
            let local = listener.local_addr()?;
            tokio::spawn(accept::accept(listener, transport, self.shared.clone()));
            return Ok(local);
        }
        let socket = Arc::new(udp::bind(address)?);
        let local = socket.local_addr()?;
        let (to_driver, counters) = (self.shared.to_driver.clone(), self.shared.counters.clone());
        tokio::spawn(udp::Reader::new(socket.clone(), local, to_driver, counters, plan.clone()).read());
        self.udp.insert(local, socket);
        Ok(local)
    }

    /// What was counted so far.
    #[must_use]
    pub fn counters(&self) -> &WireCounters {
        &self.shared.counters
    }

    /// Remembers how to reach a connection.
    pub fn connected(&mut self, flow: Flow, id: u64, writer: mpsc::Sender<Vec<u8>>) {
        self.connections.insert(flow, (id, writer));
    }

    /// Forgets a connection; false when it had been forgotten or replaced already.
    pub fn lost(&mut self, flow: Flow, id: u64) -> bool {
        let known = self.connections.get(&flow).is_some_and(|(live, _)| *live == id);
        if known {
            self.connections.remove(&flow);
        }
        known
    }

    /// Closes a connection, if it is there; what waits to be written still is.
    pub fn disconnect(&mut self, flow: Flow) {
        self.connections.remove(&flow);
    }

    /// Sends; a connection of ours is opened first when there is none. False when the flow is a connection that no
    /// longer exists, does not take what is sent, or cannot be opened; it is forgotten then.
    pub fn send(&mut self, transmit: Transmit) -> bool {
        let Transmit { flow, bytes, hurry } = transmit;
        if !flow.transport.is_connection() {
            self.send_datagram(flow, &bytes);
            return true;
        }
        let bytes = match self.connections.get(&flow) {
            Some((_, writer)) => match writer.try_send(bytes) {
                Ok(()) => return true,
                // It ended, and its last words have not reached us yet.
                Err(mpsc::error::TrySendError::Closed(bytes)) => Some(bytes),
                Err(mpsc::error::TrySendError::Full(_)) => None,
            },
            None => Some(bytes),
        };
        self.connections.remove(&flow);
        let sent = bytes.is_some_and(|bytes| flow.local.port() == 0 && self.dial(flow, bytes, hurry));
        if !sent {
            self.shared.counters.dropped_out.fetch_add(1, Ordering::Relaxed);
        }
        sent
    }

    fn dial(&mut self, flow: Flow, first: Vec<u8>, hurry: bool) -> bool {
        let Some(place) = self.shared.doors.leave() else { return false };
        let (writer, from_driver) = mpsc::channel(WRITE_QUEUE_MAX);
        let pings = writer.downgrade();
        if writer.try_send(first).is_err() {
            return false;
        }
        let shared = self.shared.clone();
        let link = shared.link(flow, false);
        self.connections.insert(flow, (link.id, writer));
        tokio::spawn(async move {
            let within = if hurry { HURRIED_CONNECT_TIME_MAX } else { CONNECT_TIME_MAX };
            dial::run(link, shared, within, from_driver, pings).await;
            drop(place);
        });
        true
    }

    fn send_datagram(&self, flow: Flow, bytes: &[u8]) {
        let sent = self.udp.get(&flow.local).is_some_and(|socket| {
            // A full socket buffer is a lost datagram; the transaction sends it again.
            socket.try_send_to(bytes, flow.remote).is_ok()
        });
        if !sent {
            self.shared.counters.dropped_out.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The plan's word in the wire's.
fn sip_transport(transport: plan::Transport) -> Transport {
    match transport {
        plan::Transport::Udp => Transport::Udp,
        plan::Transport::Tcp => Transport::Tcp,
        plan::Transport::Tls => Transport::Tls,
        plan::Transport::Ws => Transport::Ws,
        plan::Transport::Wss => Transport::Wss,
    }
}
