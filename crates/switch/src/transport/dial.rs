//! Connections that we open, because a message is to go to a peer that has none to us.

use super::accept::{HANDSHAKE_TIME_MAX, prepare};
use super::{Link, Shared, stream};
use anyhow::Context;
use careline_sip::{Flow, Transport};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsConnector;

/// Until the peer takes the connection: another trunk is tried sooner than a caller loses patience.
pub const CONNECT_TIME_MAX: Duration = Duration::from_secs(4);
/// The same for a large request that goes out as datagrams when there is no connection: firewalls drop what asks for one,
/// and the trunk has only [its own time](careline_model::config::plan::Trunk::first_response) for a first response.
pub const HURRIED_CONNECT_TIME_MAX: Duration = Duration::from_secs(1);

/// Opens and carries; whatever goes wrong ends as a lost connection.
pub(super) async fn run(
    link: Link,
    shared: Arc<Shared>,
    within: Duration,
    from_driver: mpsc::Receiver<Vec<u8>>,
    pings: mpsc::WeakSender<Vec<u8>>,
) {
    let flow = link.flow;
    let opened = match flow.transport {
        Transport::Tcp => connect(flow, within).await.map(Opened::Tcp),
        Transport::Tls => {
            connect_tls(flow, within, &shared).await.map(|stream| Opened::Tls(Box::new(stream)))
        }
        // RFC 7118: the client of a WebSocket is the browser; UDP needs no connection.
        Transport::Ws | Transport::Wss | Transport::Udp => {
            Err(anyhow::anyhow!("no connection over {} is opened by us", flow.transport.via_name()))
        }
    };
    match opened {
        Ok(Opened::Tcp(stream)) => stream::carry(stream, &link, from_driver, pings).await,
        Ok(Opened::Tls(stream)) => stream::carry(*stream, &link, from_driver, pings).await,
        Err(error) => {
            let transport = flow.transport.via_name();
            tracing::warn!(transport, peer = %flow.remote, error = format!("{error:#}"), "no connection");
            link.lost().await;
        }
    }
}

enum Opened {
    Tcp(TcpStream),
    Tls(Box<tokio_rustls::client::TlsStream<TcpStream>>),
}

async fn connect(flow: Flow, within: Duration) -> anyhow::Result<TcpStream> {
    let socket = if flow.remote.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    if !flow.local.ip().is_unspecified() {
        // The trunk knows us by this address, and the other networks are not its business.
        let ours = SocketAddr::new(flow.local.ip(), 0);
        socket.bind(ours).with_context(|| format!("failed to bind {}", ours.ip()))?;
    }
    let stream =
        tokio::time::timeout(within, socket.connect(flow.remote)).await.context("nobody answered")??;
    prepare(&stream);
    Ok(stream)
}

async fn connect_tls(
    flow: Flow,
    within: Duration,
    shared: &Shared,
) -> anyhow::Result<tokio_rustls::client::TlsStream<TcpStream>> {
    let name = shared.certificates.name_of(flow.remote)?;
    let stream = connect(flow, within).await?;
    let handshake = TlsConnector::from(shared.certificates.client()).connect(name, stream);
    let stream =
        tokio::time::timeout(HANDSHAKE_TIME_MAX, handshake).await.context("the TLS handshake stopped")??;
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[tokio::test]
    async fn a_firewall_that_drops_connections_costs_a_large_request_one_second() {
        // Nobody accepts, and the queue of one is full: what comes then is dropped by the kernel.
        let listener =
            socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
        listener.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("a port");
        listener.listen(1).expect("a listener");
        let remote = listener.local_addr().expect("bound").as_socket().expect("an address");
        let flow = Flow { transport: Transport::Tcp, local: ([127, 0, 0, 1], 0).into(), remote };
        let mut taken = Vec::new();
        for _ in 0..8 {
            let began = Instant::now();
            match connect(flow, HURRIED_CONNECT_TIME_MAX).await {
                Ok(stream) => taken.push(stream),
                Err(_) => {
                    let took = began.elapsed();
                    assert!(took >= HURRIED_CONNECT_TIME_MAX && took < CONNECT_TIME_MAX, "{took:?}");
                    return;
                }
            }
        }
        panic!("{} connections in a queue of one", taken.len());
    }
}
