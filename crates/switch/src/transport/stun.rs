//! STUN binding requests between SIP messages (RFC 5626 4.4.2, RFC 5389): a phone keeps its NAT open with them and
//! learns when its address changed.

use std::net::SocketAddr;

const BINDING_REQUEST: u16 = 0x0001;
const BINDING_SUCCESS: u16 = 0x0101;
const BINDING_ERROR: u16 = 0x0111;
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const HEADER_BYTES: usize = 20;
/// Unknown attributes told in one refusal.
const UNKNOWN_MAX: usize = 8;

const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const ERROR_CODE: u16 = 0x0009;
const UNKNOWN_ATTRIBUTES: u16 = 0x000a;
const REALM: u16 = 0x0014;
const NONCE: u16 = 0x0015;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;

/// Whether this is STUN and not SIP: the first two bits of SIP's letters are never both 0, and the cookie is there.
pub(super) fn is_stun(datagram: &[u8]) -> bool {
    datagram.len() >= HEADER_BYTES && datagram[0] < 0x40 && datagram[4..8] == MAGIC_COOKIE
}

/// The answer to a datagram that [`is_stun`]; `None` for what is no whole binding request.
pub(super) fn answer(datagram: &[u8], source: SocketAddr) -> Option<Vec<u8>> {
    let (header, mut attributes) = datagram.split_at_checked(HEADER_BYTES)?;
    let kind = u16::from_be_bytes([header[0], header[1]]);
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    if kind != BINDING_REQUEST || length != attributes.len() || length % 4 != 0 {
        return None;
    }
    let mut unknown = Vec::new();
    while !attributes.is_empty() {
        let (head, rest) = attributes.split_at_checked(4)?;
        let name = u16::from_be_bytes([head[0], head[1]]);
        let value = usize::from(u16::from_be_bytes([head[2], head[3]]));
        attributes = rest.get(value.next_multiple_of(4)..)?;
        // RFC 5389 15: what is below 0x8000 must be understood. A keep-alive needs no credentials, but may bring them.
        let known = matches!(name, USERNAME | MESSAGE_INTEGRITY | REALM | NONCE);
        if name < 0x8000 && !known && unknown.len() < UNKNOWN_MAX {
            unknown.push(name);
        }
    }
    let id = &header[4..HEADER_BYTES];
    if unknown.is_empty() {
        Some(message(BINDING_SUCCESS, id, &attribute(XOR_MAPPED_ADDRESS, &xor_address(source, id))))
    } else {
        Some(message(BINDING_ERROR, id, &refusal(&unknown)))
    }
}

/// RFC 5389 15.2: port and address, XORed with cookie and transaction id.
fn xor_address(source: SocketAddr, id: &[u8]) -> Vec<u8> {
    let (family, mut address) = match source.ip().to_canonical() {
        std::net::IpAddr::V4(ip) => (1, ip.octets().to_vec()),
        std::net::IpAddr::V6(ip) => (2, ip.octets().to_vec()),
    };
    for (byte, mask) in address.iter_mut().zip(id) {
        *byte ^= mask;
    }
    let port = source.port() ^ 0x2112;
    let mut value = vec![0, family];
    value.extend(port.to_be_bytes());
    value.extend(address);
    value
}

/// RFC 5389 7.3.1: 420 with the names.
fn refusal(unknown: &[u16]) -> Vec<u8> {
    let mut code = vec![0, 0, 4, 20];
    code.extend(b"Unknown Attribute");
    let names: Vec<u8> = unknown.iter().flat_map(|name| name.to_be_bytes()).collect();
    let mut all = attribute(ERROR_CODE, &code);
    all.extend(attribute(UNKNOWN_ATTRIBUTES, &names));
    all
}

fn attribute(name: u16, value: &[u8]) -> Vec<u8> {
    let mut bytes = name.to_be_bytes().to_vec();
    bytes.extend(u16::try_from(value.len()).unwrap_or(0).to_be_bytes());
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn message(kind: u16, cookie_and_id: &[u8], attributes: &[u8]) -> Vec<u8> {
    let mut bytes = kind.to_be_bytes().to_vec();
    bytes.extend(u16::try_from(attributes.len()).unwrap_or(0).to_be_bytes());
    bytes.extend(cookie_and_id);
    bytes.extend(attributes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5769 2.1's transaction id.
    const ID: [u8; 12] = [0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae];

    fn request(attributes: &[u8]) -> Vec<u8> {
        let mut id = MAGIC_COOKIE.to_vec();
        id.extend(ID);
        message(BINDING_REQUEST, &id, attributes)
    }

    #[test]
    fn the_addresses_of_the_test_vectors_come_back() {
        // RFC 5769 2.2 and 2.3.
        let answered =
            answer(&request(&[]), "192.0.2.1:32853".parse().expect("an address")).expect("an answer");
        assert_eq!(answered[..2], [1, 1]);
        assert_eq!(answered[4..20], request(&[])[4..20]);
        assert_eq!(answered[20..], [0, 0x20, 0, 8, 0, 1, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43]);
        let source = "[2001:db8:1234:5678:11:2233:4455:6677]:32853".parse().expect("an address");
        let answered = answer(&request(&[]), source).expect("an answer");
        let told =
            [0x01, 0x13, 0xa9, 0xfa, 0xa5, 0xd3, 0xf1, 0x79, 0xbc, 0x25, 0xf4, 0xb5, 0xbe, 0xd2, 0xb9, 0xd9];
        assert_eq!(answered[20..28], [0, 0x20, 0, 20, 0, 2, 0xa1, 0x47]);
        assert_eq!(answered[28..], told);
    }

    #[test]
    fn what_must_be_understood_and_is_not_is_named() {
        let source = "192.0.2.1:1".parse().expect("an address");
        let software = attribute(0x8022, b"phone");
        assert_eq!(
            answer(&request(&software), source).expect("an answer")[..2],
            [1, 1],
            "may be passed over"
        );
        let refused = answer(&request(&attribute(0x0024, &[0; 4])), source).expect("an answer");
        assert_eq!(refused[..2], [1, 0x11]);
        assert!(refused.windows(6).any(|part| part == [0, 0x0a, 0, 2, 0, 0x24]));
    }

    #[test]
    fn nonsense_is_not_answered() {
        let source = "192.0.2.1:1".parse().expect("an address");
        assert!(!is_stun(b"OPTIONS sip:a SIP/2.0\r\n\r\n"));
        assert!(is_stun(&request(&[])));
        assert!(!is_stun(&request(&[])[..19]));
        for broken in [&request(&[0, 6, 0, 9])[..], &request(&[0, 6])[..], &request(&[])[..19]] {
            assert_eq!(answer(broken, source), None);
        }
        let mut indication = request(&[]);
        indication[1] = 0x11;
        assert_eq!(answer(&indication, source), None, "only requests are answered");
    }
}
