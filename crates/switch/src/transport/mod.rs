//! The sockets under SIP: UDP and TCP listeners, and the connections that phones opened.
//!
//! They move bytes between the network and one bounded channel and decide nothing.

mod tcp;
mod udp;

use anyhow::Context;
use careline_model::config::plan::{self, Listener};
use careline_sip::{Flow, Transmit, Transport};
use careline_switchboard::BoundListener;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use tokio::sync::mpsc;

/// Messages from the network that wait for the driver; when full, datagrams are dropped (SIP sends them again) and
/// connections are not read.
pub const WIRE_QUEUE_MAX: usize = 4096;

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
    /// A connection opened; replies to its flow go to `writer`.
    Connected {
        /// Its name.
        flow: Flow,
        /// Takes whole messages.
        writer: mpsc::Sender<Vec<u8>>,
    },
    /// A connection is gone.
    Lost {
        /// Its name.
        flow: Flow,
    },
}

/// Counters of the sockets.
#[derive(Debug, Default)]
pub struct WireCounters {
    /// Datagrams dropped because the driver was behind.
    pub dropped_in: AtomicU64,
    /// Datagrams and stream messages that could not be sent.
    pub dropped_out: AtomicU64,
}

/// The listening sockets and live connections, as the driver sends through them.
#[derive(Debug)]
pub struct Wires {
    udp: BTreeMap<SocketAddr, Arc<tokio::net::UdpSocket>>,
    tcp: BTreeMap<Flow, mpsc::Sender<Vec<u8>>>,
    counters: Arc<WireCounters>,
}

impl Wires {
    /// Opens every listener; gives them as they were really bound (port 0 in the configuration means any).
    ///
    /// # Errors
    /// When an address cannot be bound.
    pub async fn open(
        listeners: &[Listener],
        to_driver: &mpsc::Sender<Wire>,
    ) -> anyhow::Result<(Self, Vec<BoundListener>)> {
        let counters = Arc::new(WireCounters::default());
        let mut wires = Self { udp: BTreeMap::new(), tcp: BTreeMap::new(), counters };
        let mut bound = Vec::new();
        for listener in listeners {
            let (transport, address) = (sip_transport(listener.transport), listener.address);
            let address = wires
                .listen(transport, address, to_driver)
                .await
                .with_context(|| format!("failed to listen for SIP on {} {address}", transport.via_name()))?;
            bound.push(BoundListener { transport, address, network: listener.network.clone() });
        }
        Ok((wires, bound))
    }

    async fn listen(
        &mut self,
        transport: Transport,
        address: SocketAddr,
        to_driver: &mpsc::Sender<Wire>,
    ) -> anyhow::Result<SocketAddr> {
        match transport {
            Transport::Udp => {
                let socket = Arc::new(udp::bind(address)?);
                let local = socket.local_addr()?;
                tokio::spawn(udp::read(socket.clone(), local, to_driver.clone(), self.counters.clone()));
                self.udp.insert(local, socket);
                Ok(local)
            }
            Transport::Tcp => {
                let listener = tokio::net::TcpListener::bind(address).await?;
                let local = listener.local_addr()?;
                tokio::spawn(tcp::accept(listener, local, to_driver.clone()));
                Ok(local)
            }
            Transport::Tls | Transport::Ws | Transport::Wss => anyhow::bail!("this transport is not served"),
        }
    }

    /// Remembers how to reach a connection.
    pub fn connected(&mut self, flow: Flow, writer: mpsc::Sender<Vec<u8>>) {
        self.tcp.insert(flow, writer);
    }

    /// Forgets a connection.
    pub fn lost(&mut self, flow: Flow) {
        self.tcp.remove(&flow);
    }

    /// Sends; false when the flow is a connection that no longer exists.
    pub fn send(&mut self, transmit: Transmit) -> bool {
        match transmit.flow.transport {
            Transport::Udp => {
                self.send_datagram(&transmit);
                true
            }
            _ => self.tcp.get(&transmit.flow).is_some_and(|writer| {
                let sent = writer.try_send(transmit.bytes).is_ok();
                if !sent {
                    self.counters.dropped_out.fetch_add(1, Ordering::Relaxed);
                }
                sent
            }),
        }
    }

    fn send_datagram(&self, transmit: &Transmit) {
        let sent = self.udp.get(&transmit.flow.local).is_some_and(|socket| {
            // A full socket buffer is a lost datagram; the transaction sends it again.
            socket.try_send_to(&transmit.bytes, transmit.flow.remote).is_ok()
        });
        if !sent {
            self.counters.dropped_out.fetch_add(1, Ordering::Relaxed);
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
