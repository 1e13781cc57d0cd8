//! Connections that others open: admitted, shaken hands with before a deadline, then carried.

use super::{Link, Shared, WRITE_QUEUE_MAX, Wire, stream, web_socket};
use careline_sip::{Flow, Transport};
use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

/// From the connection to the end of the handshakes of TLS and WebSocket together.
pub const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(10);
/// Connections that wait in the kernel until they are accepted.
const BACKLOG: i32 = 1024;

/// A listening socket; one of IPv6 takes no IPv4, so that both can have the same port.
pub(super) fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Accepts until the driver is gone.
pub(super) async fn accept(listener: TcpListener, transport: Transport, shared: Arc<Shared>) {
    loop {
        let Ok((stream, remote)) = listener.accept().await else {
            // Out of descriptors, or the peer was gone already: others may still come.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        if shared.to_driver.is_closed() {
            return;
        }
        let Some(place) = shared.doors.admit(remote.ip()) else {
            shared.counters.turned_away.fetch_add(1, Ordering::Relaxed);
            continue;
        };
        let shared = shared.clone();
        tokio::spawn(async move {
            serve(stream, transport, remote, &shared).await;
            drop(place);
        });
    }
}

async fn serve(stream: TcpStream, transport: Transport, remote: SocketAddr, shared: &Shared) {
    // With a wildcard listener the connection knows the real local address.
    let Ok(local) = stream.local_addr() else { return };
    prepare(&stream);
    let link = shared.link(Flow { transport, local, remote }, true);
    if !transport.is_secure() {
        carry(stream, link, shared).await;
        return;
    }
    let Some(config) = shared.certificates.server() else { return };
    let handshake = TlsAcceptor::from(config).accept(stream);
    match tokio::time::timeout(HANDSHAKE_TIME_MAX, handshake).await {
        Ok(Ok(stream)) => carry(stream, link, shared).await,
        Ok(Err(_)) | Err(_) => {
            shared.counters.handshakes_failed.fetch_add(1, Ordering::Relaxed);
        }
    }
}

async fn carry<S: AsyncRead + AsyncWrite + Unpin>(stream: S, link: Link, shared: &Shared) {
    let (to_writer, from_driver) = mpsc::channel(WRITE_QUEUE_MAX);
    let pings = to_writer.downgrade();
    let (flow, id) = (link.flow, link.id);
    let connected = Wire::Connected { flow, id, writer: to_writer };
    if !matches!(flow.transport, Transport::Ws | Transport::Wss) {
        if link.to_driver.send(connected).await.is_ok() {
            stream::carry(stream, &link, from_driver, pings).await;
        }
        return;
    }
    let opening = web_socket::open(stream, &shared.ws);
    let Ok(Some((socket, since))) = tokio::time::timeout(HANDSHAKE_TIME_MAX, opening).await else {
        shared.counters.handshakes_failed.fetch_add(1, Ordering::Relaxed);
        return;
    };
    if link.to_driver.send(connected).await.is_ok() {
        web_socket::carry(socket, since, &link, from_driver).await;
    }
}

/// Small messages leave at once, and a peer that lost its power is noticed within two minutes. Both best effort.
pub(super) fn prepare(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    let alive = TcpKeepalive::new()
        .with_time(Duration::from_secs(60))
        .with_interval(Duration::from_secs(15))
        .with_retries(4);
    let _ = SockRef::from(stream).set_tcp_keepalive(&alive);
}
