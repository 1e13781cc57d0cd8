//! A capture file of one call, as Wireshark and `tshark` read it: classic pcap, raw IP, made-up UDP headers.
//!
//! Messages of connections are written as datagrams too: the segments they really came in were never kept.

use careline_rpc::proto::switch_admin::v1::{Direction, TracedMessage};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Microsecond times, in the byte order of the writer.
const MAGIC: u32 = 0xa1b2_c3d4;
/// Packets begin with their IP header (LINKTYPE_RAW).
const LINKTYPE_RAW: u32 = 101;
const SNAP_LENGTH: u32 = 262_144;
const UDP_PROTOCOL: u8 = 17;
const UDP_HEADER_BYTES: usize = 8;
const IPV4_HEADER_BYTES: usize = 20;
/// What fits into one datagram over IPv4; a longer message is cut.
const PAYLOAD_BYTES_MAX: usize = 65_535 - IPV4_HEADER_BYTES - UDP_HEADER_BYTES;

/// The whole file. Messages whose addresses cannot be read are left out.
#[must_use]
pub fn file(messages: &[TracedMessage]) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(MAGIC.to_le_bytes());
    file.extend(2_u16.to_le_bytes());
    file.extend(4_u16.to_le_bytes());
    // Time zone and accuracy: always 0.
    file.extend([0; 8]);
    file.extend(SNAP_LENGTH.to_le_bytes());
    file.extend(LINKTYPE_RAW.to_le_bytes());
    for message in messages {
        let (Ok(local), Ok(remote)) = (message.local.parse(), message.remote.parse()) else { continue };
        let packet = match message.direction() {
            Direction::Out => packet(local, remote, &message.text),
            Direction::In | Direction::Unspecified => packet(remote, local, &message.text),
        };
        let length = u32::try_from(packet.len()).unwrap_or(u32::MAX);
        let seconds = u32::try_from(message.at_us.div_euclid(1_000_000)).unwrap_or(0);
        let micros = u32::try_from(message.at_us.rem_euclid(1_000_000)).unwrap_or(0);
        for field in [seconds, micros, length, length] {
            file.extend(field.to_le_bytes());
        }
        file.extend(packet);
    }
    file
}

/// One message as an IP packet.
fn packet(source: SocketAddr, target: SocketAddr, text: &[u8]) -> Vec<u8> {
    let text = &text[..text.len().min(PAYLOAD_BYTES_MAX)];
    let udp_length = u16::try_from(UDP_HEADER_BYTES + text.len()).unwrap_or(u16::MAX);
    let mut udp = Vec::with_capacity(usize::from(udp_length));
    for field in [source.port(), target.port(), udp_length, 0] {
        udp.extend(field.to_be_bytes());
    }
    udp.extend(text);
    let (mut packet, pseudo) = match (source.ip(), target.ip()) {
        (IpAddr::V4(source), IpAddr::V4(target)) => {
            let pseudo = [source.octets(), target.octets()].concat();
            (ipv4_header(&pseudo, udp_length), pseudo)
        }
        (source, target) => {
            let pseudo = [mapped(source).octets(), mapped(target).octets()].concat();
            (ipv6_header(&pseudo, udp_length), pseudo)
        }
    };
    let mut summed = pseudo;
    summed.extend([0, UDP_PROTOCOL]);
    summed.extend(udp_length.to_be_bytes());
    summed.extend(&udp);
    // A sum of zero would mean that there is none (RFC 768).
    let sum = match checksum(&summed) {
        0 => u16::MAX,
        sum => sum,
    };
    udp[6..8].copy_from_slice(&sum.to_be_bytes());
    packet.extend(udp);
    packet
}

fn mapped(ip: IpAddr) -> Ipv6Addr {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    }
}

fn ipv4_header(addresses: &[u8], udp_length: u16) -> Vec<u8> {
    let total = udp_length + 20;
    let mut header = vec![0x45, 0];
    header.extend(total.to_be_bytes());
    // No identification, not to be fragmented, time to live 64, checksum to come.
    header.extend([0, 0, 0x40, 0, 64, UDP_PROTOCOL, 0, 0]);
    header.extend(addresses);
    let sum = checksum(&header);
    header[10..12].copy_from_slice(&sum.to_be_bytes());
    header
}

fn ipv6_header(addresses: &[u8], udp_length: u16) -> Vec<u8> {
    let mut header = vec![0x60, 0, 0, 0];
    header.extend(udp_length.to_be_bytes());
    header.extend([UDP_PROTOCOL, 64]);
    header.extend(addresses);
    header
}

/// RFC 1071: the complement of the one's complement sum of 16-bit words.
fn checksum(bytes: &[u8]) -> u16 {
    let mut sum: u64 = bytes
        .chunks(2)
        .map(|pair| u64::from(pair[0]) << 8 | u64::from(pair.get(1).copied().unwrap_or(0)))
        .sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(local: &str, remote: &str) -> TracedMessage {
        TracedMessage {
            at_us: 1_772_296_200_123_456,
            direction: Direction::Out.into(),
            transport: "UDP".into(),
            local: local.into(),
            remote: remote.into(),
            text: b"OPTIONS sip:a SIP/2.0\r\n\r\n".to_vec(),
            sip_call_id: String::new(),
        }
    }

    #[test]
    fn a_packet_has_its_headers_lengths_and_sums() {
        let file = file(&[message("192.0.2.1:5060", "192.0.2.2:5070")]);
        assert_eq!(file[..4], MAGIC.to_le_bytes());
        assert_eq!(file[20..24], LINKTYPE_RAW.to_le_bytes());
        assert_eq!(file[24..28], 1_772_296_200_u32.to_le_bytes());
        assert_eq!(file[28..32], 123_456_u32.to_le_bytes());
        let packet = &file[40..];
        assert_eq!(packet.len(), 20 + 8 + 25);
        assert_eq!(file[32..36], 53_u32.to_le_bytes());
        // A header with its sum in place sums to nothing.
        assert_eq!(checksum(&packet[..20]), 0);
        assert_eq!(packet[12..20], [192, 0, 2, 1, 192, 0, 2, 2]);
        assert_eq!(packet[20..26], [0x13, 0xc4, 0x13, 0xce, 0, 33]);
        assert_eq!(&packet[28..], b"OPTIONS sip:a SIP/2.0\r\n\r\n");
    }

    #[test]
    fn ipv6_is_written_and_nonsense_left_out() {
        let file =
            file(&[message("[2001:db8::1]:5060", "[2001:db8::2]:5060"), message("nowhere", "[::1]:1")]);
        let packet = &file[40..];
        assert_eq!(packet.len(), 40 + 8 + 25);
        assert_eq!(packet[0] >> 4, 6);
        assert_eq!(packet[6], UDP_PROTOCOL);
    }
}
