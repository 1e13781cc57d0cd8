//! Certificates: ours, read again when the files change, and the authorities that vouch for trunks.

use anyhow::{Context, bail};
use careline_model::config::plan;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};
use tokio::signal::unix::{SignalKind, signal};
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};

/// How often the files' times are looked at.
const RELOAD_POLL: Duration = Duration::from_secs(2);

/// Who we are.
#[derive(Debug, Clone)]
struct OwnFiles {
    certificate: PathBuf,
    key: PathBuf,
}

/// The files of `[tls]`, with the configuration's folder before them.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    own: Option<OwnFiles>,
    ca: Option<PathBuf>,
    names: BTreeMap<SocketAddr, String>,
}

impl TlsFiles {
    /// The files a plan names, relative to `base`.
    #[must_use]
    pub fn new(tls: &plan::Tls, base: &Path) -> Self {
        Self {
            own: tls
                .own
                .as_ref()
                .map(|own| OwnFiles { certificate: base.join(&own.certificate), key: base.join(&own.key) }),
            ca: tls.ca.as_ref().map(|ca| base.join(ca)),
            names: tls.names.clone(),
        }
    }

    /// Changes when a file is written or replaced.
    fn stamp(&self) -> Vec<Option<(SystemTime, u64)>> {
        let own = self.own.as_ref();
        let files = [own.map(|own| &own.certificate), own.map(|own| &own.key), self.ca.as_ref()];
        let stamp = |file: &PathBuf| {
            let found = std::fs::metadata(file).ok()?;
            Some((found.modified().ok()?, found.len()))
        };
        files.into_iter().flatten().map(stamp).collect()
    }
}

/// What new connections use; those that are open keep what they began with.
#[derive(Debug)]
pub struct Certificates {
    files: Option<TlsFiles>,
    now: RwLock<Pair>,
}

#[derive(Debug, Clone)]
struct Pair {
    server: Option<Arc<ServerConfig>>,
    client: Arc<ClientConfig>,
}

impl Certificates {
    /// Reads everything. Without files there is no certificate of ours, and trunks are vouched for by whom the system
    /// trusts.
    ///
    /// # Errors
    /// When a file cannot be read or certificate and key do not belong together; it says which.
    pub fn load(files: Option<TlsFiles>) -> anyhow::Result<Self> {
        let now = RwLock::new(read(files.as_ref())?);
        Ok(Self { files, now })
    }

    /// For accepted connections.
    pub(super) fn server(&self) -> Option<Arc<ServerConfig>> {
        self.now.read().unwrap_or_else(PoisonError::into_inner).server.clone()
    }

    /// For connections of ours.
    pub(super) fn client(&self) -> Arc<ClientConfig> {
        self.now.read().unwrap_or_else(PoisonError::into_inner).client.clone()
    }

    /// The name that the certificate of a peer must have: a configured one, or the address itself (RFC 5922 7.3).
    pub(super) fn name_of(&self, peer: SocketAddr) -> anyhow::Result<ServerName<'static>> {
        match self.files.as_ref().and_then(|files| files.names.get(&peer)) {
            Some(name) => Ok(ServerName::try_from(name.clone())?),
            None => Ok(ServerName::IpAddress(peer.ip().into())),
        }
    }

    /// Reads the files again; when they are no good, what was there stays.
    fn reload(&self) {
        match read(self.files.as_ref()) {
            Ok(pair) => {
                *self.now.write().unwrap_or_else(PoisonError::into_inner) = pair;
                tracing::info!("certificates read again");
            }
            Err(error) => {
                tracing::error!(
                    error = format!("{error:#}"),
                    "the new certificate is no good; the old one stays"
                );
            }
        }
    }
}

/// Reads the files again whenever they change, and on SIGHUP.
pub(super) async fn watch(certificates: Arc<Certificates>) {
    let Ok(mut hang_up) = signal(SignalKind::hangup()) else {
        tracing::error!("cannot listen for SIGHUP; certificates are read at the next start only");
        return;
    };
    let Some(files) = certificates.files.clone() else {
        // SIGHUP would end us; without files there is nothing to read again.
        while hang_up.recv().await.is_some() {}
        return;
    };
    let (mut read, mut seen) = (files.stamp(), files.stamp());
    loop {
        let asked = tokio::select! {
            _ = hang_up.recv() => true,
            () = tokio::time::sleep(RELOAD_POLL) => false,
        };
        let stamp = files.stamp();
        // Changed, and the same twice: whoever writes two files has written both.
        let changed = stamp != read && stamp == seen;
        seen.clone_from(&stamp);
        if asked || changed {
            read = stamp;
            certificates.reload();
        }
    }
}

fn read(files: Option<&TlsFiles>) -> anyhow::Result<Pair> {
    // The one provider of cryptography of the process.
    let provider = Arc::new(aws_lc_rs::default_provider());
    let own_files = files.and_then(|files| files.own.as_ref());
    let ours = own_files.map(own).transpose()?;
    let roots = roots(files.and_then(|files| files.ca.as_deref()))?;
    let client = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots);
    let client = match &ours {
        Some((chain, key)) => client.with_client_auth_cert(chain.clone(), key.clone_key())?,
        None => client.with_no_client_auth(),
    };
    let server = match (ours, own_files) {
        (Some((chain, key)), Some(files)) => Some(server(provider, chain, key, files)?),
        _ => None,
    };
    Ok(Pair { server, client: Arc::new(client) })
}

fn server(
    provider: Arc<CryptoProvider>,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    files: &OwnFiles,
) -> anyhow::Result<Arc<ServerConfig>> {
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .with_context(|| format!("{} and {}", files.certificate.display(), files.key.display()))?;
    Ok(Arc::new(config))
}

fn own(files: &OwnFiles) -> anyhow::Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
    let chain = certificates(&files.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .with_context(|| format!("tls.key: no private key in {}", files.key.display()))?;
    Ok((chain, key))
}

fn certificates(file: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let read = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("tls: failed to read certificates from {}", file.display()))?;
    if read.is_empty() {
        bail!("tls: no certificate in {}", file.display());
    }
    Ok(read)
}

fn roots(file: Option<&Path>) -> anyhow::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    match file {
        Some(file) => {
            for root in certificates(file)? {
                roots.add(root).with_context(|| format!("tls.ca: {}", file.display()))?;
            }
        }
        // A system without any trusts nobody: calls over TLS fail then, and say so.
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    Ok(roots)
}
