//! `[metrics]`: where the figures of the switch can be read, in the form of Prometheus.

use super::check::Check;
use serde::Deserialize;
use serde_spanned::Spanned;
use std::net::SocketAddr;

/// `[metrics]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MetricsConfig {
    /// HTTP listen address, `ip:port`; nobody is served when it is absent.
    pub listen: Option<Spanned<String>>,
    /// The address may be one that others reach.
    pub beyond_loopback: bool,
}

impl Check<'_> {
    /// Where figures are served, if anywhere.
    pub(super) fn metrics(&mut self, config: &MetricsConfig) -> Option<SocketAddr> {
        let listen = config.listen.as_ref()?;
        let address = self.address("metrics.listen", listen);
        if !address.ip().is_loopback() && !config.beyond_loopback {
            let what = format!("everybody who reaches `{address}` could read how busy the hospital is");
            let allowed = "a loopback address, as 127.0.0.1:9464, or beyond_loopback = true beside it";
            self.wrong("metrics.listen", listen, what, allowed);
        }
        Some(address)
    }
}
