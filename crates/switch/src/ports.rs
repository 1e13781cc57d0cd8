//! The stock of media ports: pairs of sockets (RTP on an even port, RTCP on the odd one above, RFC 3550 11) bound ahead of
//! time, so that no call ever meets a port that cannot be bound.
//!
//! What it is not: the whole story of a call's descriptors. It takes no more of them than [`Allowance`] gives, so that the
//! recordings and connections of running calls have theirs; new calls are refused before that.

use crate::descriptors::{Allowance, is_exhausted};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};

/// Pairs held bound and ready on each address.
const STOCK: usize = 64;
/// After a shortage there are so many ready again before it counts as over: at the limit they come and go one by one.
const RELIEF: usize = 8;

/// The sockets of one leg.
#[derive(Debug)]
pub struct Pair {
    /// On an even port.
    pub rtp: UdpSocket,
    /// On the port above.
    pub rtcp: UdpSocket,
}

/// Ports of the configured range. A port that was used goes to the end of the line, so that late packets of the last
/// call have died out before the next call gets it.
#[derive(Debug)]
struct PortStock {
    address: IpAddr,
    /// Even ports whose pair is not bound.
    free: VecDeque<u16>,
    bound: BTreeMap<u16, Pair>,
}

impl PortStock {
    /// All pairs from `min` to `max` on `address`.
    fn new(address: IpAddr, min: u16, max: u16) -> Self {
        let first = min.saturating_add(min % 2);
        Self { address, free: (first..max).step_by(2).collect(), bound: BTreeMap::new() }
    }

    /// Binds until the stock is full again or there are `allowed` more; gives the ports that became ready, and whether
    /// the system has no descriptor left.
    fn refill(&mut self, allowed: usize) -> (Vec<u16>, bool) {
        let mut ready = Vec::new();
        let mut tries = self.free.len();
        while self.bound.len() < STOCK && ready.len() < allowed && tries > 0 {
            tries -= 1;
            let Some(port) = self.free.pop_front() else { break };
            match bind(self.address, port) {
                Ok(pair) => {
                    self.bound.insert(port, pair);
                    ready.push(port);
                }
                Err(error) if is_exhausted(&error) => {
                    self.free.push_front(port);
                    return (ready, true);
                }
                // Somebody else has it now; it may be free later.
                Err(_) => self.free.push_back(port),
            }
        }
        (ready, false)
    }
}

/// The stock of each address that calls have their media on; networks with one media address share it.
#[derive(Debug)]
pub struct PortStocks {
    stocks: BTreeMap<IpAddr, PortStock>,
    allowance: Allowance,
    /// Pairs handed out and not given back.
    in_use: usize,
    /// The alarm was raised and is not over.
    is_short: bool,
    /// How often it was.
    shortages: u64,
}

impl PortStocks {
    /// All pairs of ports from `min` to `max` on each address.
    pub fn new(
        addresses: impl IntoIterator<Item = IpAddr>,
        min: u16,
        max: u16,
        allowance: Allowance,
    ) -> Self {
        let stocks = addresses.into_iter().map(|address| (address, PortStock::new(address, min, max)));
        Self { stocks: stocks.collect(), allowance, in_use: 0, is_short: false, shortages: 0 }
    }

    /// Binds until every stock is full again; gives the RTP sockets that became ready. An alarm is raised when there are
    /// no descriptors for the next call.
    pub fn refill(&mut self) -> Vec<SocketAddr> {
        let mut ready = Vec::new();
        let mut allowed = self.allowance.pairs_max.saturating_sub(self.in_use + self.bound());
        let mut exhausted = false;
        for (address, stock) in &mut self.stocks {
            let (ports, none_left) = stock.refill(allowed);
            allowed -= ports.len();
            exhausted |= none_left;
            ready.extend(ports.into_iter().map(|port| SocketAddr::new(*address, port)));
        }
        self.watch(exhausted || allowed == 0);
        ready
    }

    fn bound(&self) -> usize {
        self.stocks.values().map(|stock| stock.bound.len()).sum()
    }

    /// `limited`: more would be bound if the system let us.
    fn watch(&mut self, limited: bool) {
        let ready = self.stocks.values().map(|stock| stock.bound.len()).min().unwrap_or(0);
        if limited && ready == 0 && !self.is_short {
            self.is_short = true;
            self.shortages += 1;
            tracing::error!(
                legs = self.in_use,
                legs_max = self.allowance.pairs_max,
                descriptors_max = self.allowance.descriptors_max,
                shortages = self.shortages,
                "no file descriptors for new calls: they are refused with 503 until calls end; raise LimitNOFILE"
            );
        } else if self.is_short && (!limited || ready >= RELIEF) {
            self.is_short = false;
            tracing::warn!(legs = self.in_use, "there are file descriptors for new calls again");
        }
    }

    /// Hands out the pair of an RTP socket that became ready.
    pub fn take(&mut self, rtp: SocketAddr) -> Option<Pair> {
        let pair = self.stocks.get_mut(&rtp.ip())?.bound.remove(&rtp.port())?;
        self.in_use += 1;
        Some(pair)
    }

    /// Puts the ports of a closed pair at the end of their line.
    pub fn give_back(&mut self, rtp: SocketAddr) {
        if let Some(stock) = self.stocks.get_mut(&rtp.ip()) {
            stock.free.push_back(rtp.port());
            self.in_use = self.in_use.saturating_sub(1);
        }
    }
}

fn bind(address: IpAddr, port: u16) -> io::Result<Pair> {
    let socket = |port| {
        let socket = UdpSocket::bind(SocketAddr::new(address, port))?;
        socket.set_nonblocking(true)?;
        Ok::<_, io::Error>(socket)
    };
    Ok(Pair { rtp: socket(port)?, rtcp: socket(port.saturating_add(1))? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLENTY: Allowance = Allowance { pairs_max: 1_000, descriptors_max: 10_000 };

    fn stocks(host: u8, min: u16, max: u16, allowance: Allowance) -> (IpAddr, PortStocks) {
        let address: IpAddr = [127, 0, 77, host].into();
        (address, PortStocks::new([address], min, max, allowance))
    }

    fn ports(ready: &[SocketAddr]) -> Vec<u16> {
        ready.iter().map(SocketAddr::port).collect()
    }

    #[test]
    fn a_pair_with_a_taken_port_is_skipped_and_a_used_one_comes_last() {
        for (host, taken) in [(1, 21_002), (3, 21_003)] {
            let (address, mut stocks) = stocks(host, 20_999, 21_006, PLENTY);
            let taken = UdpSocket::bind((address, taken)).expect("the story's own address");
            assert_eq!(ports(&stocks.refill()), [21_000, 21_004], "21006 would have its RTCP out of range");
            drop(taken);
            let first = SocketAddr::new(address, 21_000);
            let pair = stocks.take(first).expect("it was ready");
            let told = [&pair.rtp, &pair.rtcp].map(|one| one.local_addr().expect("it is bound").port());
            assert_eq!(told, [21_000, 21_001]);
            drop(pair);
            stocks.give_back(first);
            assert_eq!(ports(&stocks.refill()), [21_002, 21_000]);
        }
    }

    #[test]
    fn each_address_has_its_own_stock() {
        let addresses: [IpAddr; 2] = [[127, 0, 77, 2].into(), std::net::Ipv6Addr::LOCALHOST.into()];
        let mut stocks = PortStocks::new(addresses, 21_010, 21_013, PLENTY);
        let ready = stocks.refill();
        assert_eq!(ready.len(), 4);
        for socket in ready {
            let taken = stocks.take(socket).expect("it was ready");
            assert_eq!(taken.rtp.local_addr().expect("it is bound"), socket);
            assert!(stocks.take(socket).is_none(), "handed out once");
            drop(taken);
            stocks.give_back(socket);
        }
        assert_eq!(stocks.refill().len(), 4);
    }

    #[test]
    fn what_running_calls_need_is_never_bound_and_one_alarm_says_so() {
        let (_, mut stocks) = stocks(4, 21_020, 21_099, Allowance { pairs_max: 10, ..PLENTY });
        let ready = stocks.refill();
        assert_eq!(ready.len(), 10);
        let talking: Vec<Pair> = ready.iter().filter_map(|rtp| stocks.take(*rtp)).collect();
        for _ in 0..3 {
            assert_eq!(stocks.refill(), []);
            assert_eq!((stocks.is_short, stocks.shortages), (true, 1));
        }
        drop(talking);
        for (ended, rtp) in (1..).zip(&ready) {
            stocks.give_back(*rtp);
            assert_eq!(stocks.refill().len(), 1, "each call that ends makes room for one");
            assert_eq!(stocks.is_short, ended < RELIEF);
        }
        assert_eq!(stocks.shortages, 1);
    }
}
