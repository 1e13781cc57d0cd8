//! What a description says of a stream beside its formats and keys: where it is, which way it flows, how it is cut.

use crate::formats::values;
use crate::{Direction, SdpError};
use sdp_types::{Media, Session};
use std::net::{IpAddr, SocketAddr};

/// Packet times that we read and write, in milliseconds.
const PTIME_MS: std::ops::RangeInclusive<u32> = 10..=60;
/// Packet time when nothing is said (RFC 3551 4.2).
const PTIME_DEFAULT_MS: u8 = 20;

/// Where the stream's RTP goes.
pub(crate) fn address(session: &Session, media: &Media) -> Result<SocketAddr, SdpError> {
    let connection = media.connections.first().or(session.connection.as_ref()).ok_or(SdpError::Address)?;
    Ok(SocketAddr::new(host(&connection.connection_address).ok_or(SdpError::Address)?, media.port))
}

/// Where the stream's RTCP goes: its `a=rtcp` (RFC 3605), or the port above the RTP port (RFC 3550 11). `None` when
/// there is no such port, or no address as in an old hold.
pub(crate) fn rtcp_address(media: &Media, rtp: SocketAddr) -> Option<SocketAddr> {
    let said = values(&media.attributes, "rtcp").next().and_then(|value| {
        let mut words = value.split_ascii_whitespace();
        let port = words.next()?.parse().ok().filter(|port| *port != 0)?;
        let ip = match words.nth(2) {
            Some(address) => host(address)?,
            None => rtp.ip(),
        };
        Some(SocketAddr::new(ip, port))
    });
    let usual = || Some(SocketAddr::new(rtp.ip(), rtp.port().checked_add(1)?));
    said.or_else(usual).filter(|address| !address.ip().is_unspecified())
}

/// One host's address; 0.0.0.0 is one (a hold), a group's is none: we do not send a call to everybody.
fn host(text: &str) -> Option<IpAddr> {
    let ip: IpAddr = text.split('/').next().unwrap_or_default().trim().parse().ok()?;
    let is_group = ip.is_multicast() || matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
    (!is_group).then_some(ip)
}

/// Which way the stream flows. An address of 0.0.0.0 counts as a hold (RFC 3264 8.4).
pub(crate) fn direction(session: &Session, media: &Media, ip: IpAddr) -> Direction {
    let find = |attributes: &[sdp_types::Attribute]| {
        attributes.iter().find_map(|attribute| match attribute.attribute.as_str() {
            "sendrecv" => Some(Direction::SendRecv),
            "sendonly" => Some(Direction::SendOnly),
            "recvonly" => Some(Direction::RecvOnly),
            "inactive" => Some(Direction::Inactive),
            _ => None,
        })
    };
    let said = find(&media.attributes).or_else(|| find(&session.attributes)).unwrap_or(Direction::SendRecv);
    match said {
        Direction::SendRecv | Direction::SendOnly if ip.is_unspecified() => Direction::SendOnly,
        Direction::RecvOnly | Direction::Inactive if ip.is_unspecified() => Direction::Inactive,
        _ => said,
    }
}

/// Packet time that the stream asks for and the longest that it takes, in whole tens of milliseconds.
pub(crate) fn packet_times(media: &Media) -> (u8, Option<u8>) {
    let read = |name: &'static str| {
        // Some write "20.0".
        let text = values(&media.attributes, name).next()?.trim();
        let ms: u32 = text.split('.').next()?.parse().ok().filter(|ms| *ms > 0)?;
        let tens = ms.clamp(*PTIME_MS.start(), *PTIME_MS.end()) / 10 * 10;
        u8::try_from(tens).ok()
    };
    let longest = read("maxptime");
    let wished = read("ptime").unwrap_or(PTIME_DEFAULT_MS);
    (longest.map_or(wished, |longest| wished.min(longest)), longest)
}

/// Whether RTP and RTCP may share a port (RFC 5761).
pub(crate) fn asks_for_rtcp_mux(media: &Media) -> bool {
    media.attributes.iter().any(|attribute| attribute.attribute == "rtcp-mux")
}
