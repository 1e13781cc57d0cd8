//! Free ports, found by binding, so that stories can run side by side.
//!
//! baresip binds its RTP on 0.0.0.0 whatever address it is given, so that its ports are shared by every phone of
//! every story on the machine: they are handed out in blocks, each held by a lock socket until the story ends.
//! The switch binds on the story's own address and takes [`SWITCH_RTP`], which no phone block touches.

use anyhow::Context;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};

/// RTP ports of every switch under test, on the story's own address: below the kernel's ephemeral range.
pub const SWITCH_RTP: (u16, u16) = (30_000, 32_000);

/// Where the phones' blocks begin and end.
const PHONE_RTP: (u16, u16) = (10_000, 29_980);

/// Ports in one phone's block: RTP and RTCP of a few calls one after another.
const BLOCK: u16 = 20;

/// The address on which the lock of a block is held.
const LOCK_IP: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 254);

/// A block of RTP ports that belongs to one phone until it is dropped.
#[derive(Debug)]
pub struct RtpBlock {
    /// First and last port.
    pub range: (u16, u16),
    _lock: TcpListener,
}

impl RtpBlock {
    /// Takes the first free block, beginning at a place that differs between processes.
    ///
    /// # Errors
    /// When no block is free.
    pub fn take() -> anyhow::Result<Self> {
        let blocks = (PHONE_RTP.1 - PHONE_RTP.0) / BLOCK;
        let first = u16::try_from(std::process::id() % u32::from(blocks)).expect("a remainder of a u16");
        (0..blocks)
            .map(|step| PHONE_RTP.0 + (first + step) % blocks * BLOCK)
            .find_map(Self::lock)
            .context("no free block of RTP ports for a phone")
    }

    fn lock(base: u16) -> Option<Self> {
        let lock = TcpListener::bind((LOCK_IP, base)).ok()?;
        let all_free =
            (base..base + BLOCK).all(|port| UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok());
        all_free.then_some(Self { range: (base, base + BLOCK - 1), _lock: lock })
    }
}

/// As [`free`], with the port after it free too: baresip listens there for TLS.
///
/// # Errors
/// When the address cannot be bound.
pub fn free_pair(ip: IpAddr) -> anyhow::Result<SocketAddr> {
    const TRIES: u32 = 50;
    for _ in 0..TRIES {
        let addr = free(ip)?;
        if addr.port().checked_add(1).is_some_and(|next| TcpListener::bind((ip, next)).is_ok()) {
            return Ok(addr);
        }
    }
    anyhow::bail!("no two ports of {ip} beside each other are free")
}

/// A port of `ip` that is free for UDP and TCP at this moment.
///
/// # Errors
/// When the address cannot be bound.
pub fn free(ip: IpAddr) -> anyhow::Result<SocketAddr> {
    const TRIES: u32 = 50;
    for _ in 0..TRIES {
        let tcp = TcpListener::bind((ip, 0)).with_context(|| format!("Failed to bind on {ip}"))?;
        let addr = tcp.local_addr()?;
        if UdpSocket::bind(addr).is_ok() {
            return Ok(addr);
        }
    }
    anyhow::bail!("no port of {ip} is free for both UDP and TCP")
}
