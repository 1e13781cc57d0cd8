//! `[directory]`: where the desk may be asked, and how long.

use super::check::Check;
use super::plan::Directory;
use super::switch::DirectoryConfig;
use serde_spanned::Spanned;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// A shorter budget could not be kept even by an idle desk, in milliseconds.
const BUDGET_MS_MIN: u32 = 10;
/// A longer one would outlast the greeting that hides it, in milliseconds.
const BUDGET_MS_MAX: u32 = 1_000;

impl Check<'_> {
    pub(super) fn directory(&mut self, config: Option<&DirectoryConfig>) -> Option<Directory> {
        let config = config?;
        let budget = self.amount("directory.budget_ms", &config.budget_ms, BUDGET_MS_MIN, BUDGET_MS_MAX);
        Some(Directory {
            address: self.directory_address(&config.address),
            budget: Duration::from_millis(u64::from(budget)),
        })
    }

    fn directory_address(&mut self, value: &Spanned<String>) -> SocketAddr {
        const KEY: &str = "directory.address";
        const ALLOWED: &str = "http:// and a loopback ip:port, as http://127.0.0.1:7070";
        let text = value.get_ref();
        let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let authority = text.strip_prefix("http://").map(|rest| rest.strip_suffix('/').unwrap_or(rest));
        let Some(address) = authority.and_then(|authority| authority.parse::<SocketAddr>().ok()) else {
            self.wrong(KEY, value, format!("`{text}` is no address of a directory"), ALLOWED);
            return nowhere;
        };
        if !address.ip().is_loopback() {
            self.wrong(KEY, value, format!("`{text}` would be asked without encryption"), ALLOWED);
        } else if address.port() == 0 {
            self.wrong(KEY, value, format!("`{text}` has no port"), ALLOWED);
        }
        address
    }
}
