//! The stock of RTP ports: sockets bound ahead of time, so that no call ever meets a port that cannot be bound.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};

/// Sockets held bound and ready.
const STOCK: usize = 64;

/// Ports of the configured range. A port that was used goes to the end of the line, so that late packets of the last
/// call have died out before the next call gets it.
#[derive(Debug)]
struct PortStock {
    address: IpAddr,
    free: VecDeque<u16>,
    bound: BTreeMap<u16, UdpSocket>,
}

impl PortStock {
    /// All even ports from `min` to `max` on `address`.
    fn new(address: IpAddr, min: u16, max: u16) -> Self {
        let first = min + min % 2;
        Self { address, free: (first..=max).step_by(2).collect(), bound: BTreeMap::new() }
    }

    /// Binds until the stock is full again; gives the ports that became ready.
    fn refill(&mut self) -> Vec<u16> {
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
    fn take(&mut self, port: u16) -> Option<UdpSocket> {
        self.bound.remove(&port)
    }

    /// Puts a port whose socket was closed at the end of the line.
    fn give_back(&mut self, port: u16) {
        self.free.push_back(port);
    }
}

/// The stock of each address that calls have their media on; networks with one media address share it.
#[derive(Debug)]
pub struct PortStocks {
    stocks: BTreeMap<IpAddr, PortStock>,
}

impl PortStocks {
    /// All even ports from `min` to `max` on each address.
    pub fn new(addresses: impl IntoIterator<Item = IpAddr>, min: u16, max: u16) -> Self {
        let stocks = addresses.into_iter().map(|address| (address, PortStock::new(address, min, max)));
        Self { stocks: stocks.collect() }
    }

    /// Binds until every stock is full again; gives the sockets that became ready.
    pub fn refill(&mut self) -> Vec<SocketAddr> {
        let mut ready = Vec::new();
        for (address, stock) in &mut self.stocks {
            ready.extend(stock.refill().into_iter().map(|port| SocketAddr::new(*address, port)));
        }
        ready
    }

    /// Hands out a socket that became ready.
    pub fn take(&mut self, socket: SocketAddr) -> Option<UdpSocket> {
        self.stocks.get_mut(&socket.ip())?.take(socket.port())
    }

    /// Puts the port of a closed socket at the end of its line.
    pub fn give_back(&mut self, socket: SocketAddr) {
        if let Some(stock) = self.stocks.get_mut(&socket.ip()) {
            stock.give_back(socket.port());
        }
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
        assert_eq!(stock.bound.len(), 4);
    }

    #[test]
    fn each_address_has_its_own_stock() {
        let addresses: [IpAddr; 2] = [[127, 0, 77, 2].into(), std::net::Ipv6Addr::LOCALHOST.into()];
        let mut stocks = PortStocks::new(addresses, 21_010, 21_012);
        let ready = stocks.refill();
        assert_eq!(ready.len(), 4);
        for socket in ready {
            let taken = stocks.take(socket).expect("it was ready");
            assert_eq!(taken.local_addr().expect("it is bound"), socket);
            assert!(stocks.take(socket).is_none(), "handed out once");
            drop(taken);
            stocks.give_back(socket);
        }
        assert_eq!(stocks.refill().len(), 4);
    }
}
