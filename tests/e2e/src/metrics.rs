//! The switch as a monitoring system sees it: its page of figures.

use crate::house::{House, SOON};
use anyhow::Context;
use careline_testkit::wait;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long a page may take.
const READ_MAX: Duration = Duration::from_secs(5);

/// Where the page is.
#[derive(Debug, Clone, Copy)]
pub struct Metrics {
    address: SocketAddr,
}

/// The page at one moment.
#[derive(Debug, Clone)]
pub struct Scraped {
    /// As it was sent.
    pub text: String,
}

impl Metrics {
    /// Lets a house that is not started yet have the page.
    ///
    /// # Errors
    /// When no address is free.
    pub fn of(house: &mut House) -> anyhow::Result<Self> {
        let address = house.switch_address()?;
        house.configure(&format!("\n[metrics]\nlisten = \"{address}\"\n"));
        Ok(Self { address })
    }

    /// Reads it.
    ///
    /// # Errors
    /// When it is refused or cannot be read.
    pub fn scrape(&self) -> anyhow::Result<Scraped> {
        let mut stream = TcpStream::connect(self.address).context("nobody serves metrics")?;
        stream.set_read_timeout(Some(READ_MAX))?;
        write!(stream, "GET /metrics HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).context("the page breaks off")?;
        let (head, text) = answer.split_once("\r\n\r\n").context("no page")?;
        anyhow::ensure!(head.starts_with("HTTP/1.1 200") && head.contains("version=0.0.4"), "{head}");
        Ok(Scraped { text: text.to_owned() })
    }

    /// Reads it until all these figures are so; names are without their common beginning.
    ///
    /// # Errors
    /// When they do not become so in time.
    pub fn expect(&self, wanted: &[(&str, f64)]) -> anyhow::Result<Scraped> {
        let mut off = String::new();
        let seen = wait::until("the figures", SOON, || {
            let page = self.scrape()?;
            off.clear();
            for (name, value) in wanted {
                let seen = page.value(name)?;
                if seen != *value {
                    off = format!("{name} is {seen}, not {value}");
                    return Ok(None);
                }
            }
            Ok(Some(page))
        });
        seen.with_context(|| off)
    }
}

impl Scraped {
    /// A figure by its name and labels, without their common beginning.
    ///
    /// # Errors
    /// When it is not there.
    pub fn value(&self, name: &str) -> anyhow::Result<f64> {
        let line = self
            .text
            .lines()
            .find_map(|line| line.strip_prefix("careline_switch_")?.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|value| value.parse().ok()).with_context(|| format!("no {name} on the page"))
    }
}
