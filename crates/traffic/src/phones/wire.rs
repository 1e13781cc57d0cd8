//! One UDP socket and the way from it to the switch.

use anyhow::Context;
use careline_sip::{Flow, Transport};
use std::net::SocketAddr;
use tokio::net::UdpSocket;

/// Largest datagram.
const DATAGRAM_BYTES_MAX: usize = 65_535;

/// A socket; datagrams of anybody but the switch are not looked at.
pub(crate) struct Wire {
    socket: UdpSocket,
    pub(crate) flow: Flow,
    buffer: Vec<u8>,
}

impl Wire {
    pub(crate) async fn bind(local: SocketAddr, switch: SocketAddr) -> anyhow::Result<Self> {
        let socket = UdpSocket::bind(local).await.with_context(|| format!("Failed to bind on {local}"))?;
        // Before the first readiness is known nothing could be sent.
        socket.writable().await?;
        let local = socket.local_addr()?;
        let buffer = vec![0; DATAGRAM_BYTES_MAX];
        Ok(Self { socket, buffer, flow: Flow { transport: Transport::Udp, local, remote: switch } })
    }

    pub(crate) async fn receive(&mut self) -> Vec<u8> {
        loop {
            // An ICMP error of an earlier datagram (the switch restarts) is no end of the socket.
            if let Ok((length, from)) = self.socket.recv_from(&mut self.buffer).await
                && from == self.flow.remote
            {
                return self.buffer[..length].to_vec();
            }
        }
    }

    pub(crate) fn send(&self, bytes: &[u8]) {
        // A datagram that does not fit into the socket's buffer is lost; SIP sends it again.
        let _ = self.socket.try_send_to(bytes, self.flow.remote);
    }
}
