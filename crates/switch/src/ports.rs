//! The stock of RTP ports: sockets bound ahead of time, so that no call ever meets a port that cannot be bound.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};

/// Sockets held bound and ready.
const STOCK: usize = 64;

/// Ports of the configured range. A port that was used goes to the end of the line, so that late packets of the last
/// call have died out before the next call gets it.
#[derive(Debug)]
pub struct PortStock {
    address: IpAddr,
    free: VecDeque<u16>,
    bound: BTreeMap<u16, UdpSocket>,
}

impl PortStock {
    /// All even ports from `min` to `max` on `address`.
    #[must_use]
    pub fn new(address: IpAddr, min: u16, max: u16) -> Self {
        let first = min + min % 2;
        Self { address, free: (first..=max).step_by(2).collect(), bound: BTreeMap::new() }
    }

    /// Binds until the stock is full again; gives the ports that became ready.
    pub fn refill(&mut self) -> Vec<u16> {
        let mut ready = Vec::new();
        let mut tries = self.free.len();
        while self.bound.len() < STOCK && tries > 0 {
            tries -= 1;
            let Some(port) = self.free.pop_front() else { break };
            match bind(SocketAddr::new(self.address, port)) {
                Ok(socket) => {
                    self.bound.insert(port, socket);
                    ready.push(port);
                }
                // Somebody else has it now; it may be free later.
                Err(_) => self.free.push_back(port),
            }
        }
        ready
    }

    /// Hands out the socket bound to `port`.
    pub fn take(&mut self, port: u16) -> Option<UdpSocket> {
        self.bound.remove(&port)
    }

    /// Puts a port whose socket was closed at the end of the line.
    pub fn give_back(&mut self, port: u16) {
        self.free.push_back(port);
    }

    /// How many sockets are ready.
    #[must_use]
    pub fn ready(&self) -> usize {
        self.bound.len()
    }
}

fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind(address)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_skipped_and_a_used_one_comes_last() {
        let address: IpAddr = [127, 0, 77, 1].into();
        let taken = UdpSocket::bind((address, 21_002)).expect("the story's own address");
        let mut stock = PortStock::new(address, 20_999, 21_006);
        assert_eq!(stock.refill(), [21_000, 21_004, 21_006]);
        drop(taken);
        drop(stock.take(21_000).expect("it was ready"));
        stock.give_back(21_000);
        assert_eq!(stock.refill(), [21_002, 21_000]);
        assert_eq!(stock.ready(), 4);
    }
}
