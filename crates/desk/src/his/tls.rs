//! Encryption of a door: our certificate, and, where it is asked for, an authority that vouches for the sender's.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use tokio_rustls::rustls::{self, RootCertStore, ServerConfig};
use tokio_rustls::server::TlsStream;

/// The files of `[his.tls]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// Our certificate, PEM, with those between it and its authority.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
    /// Authorities whose certificates a sender must have, PEM; nothing when senders need none.
    pub authority: Option<PathBuf>,
}

/// Why a door has no encryption.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or is no PEM.
    #[error("[his.tls] {key}: failed to read {}", file.display())]
    File {
        /// The key that names it.
        key: &'static str,
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: pem::Error,
    },
    /// A file of certificates has none.
    #[error("[his.tls] {key}: there is no certificate in {}", file.display())]
    Empty {
        /// The key that names it.
        key: &'static str,
        /// The file.
        file: PathBuf,
    },
    /// Certificate and key are not of each other, or of a kind that is not spoken.
    #[error("[his.tls] certificate and key do not belong together, or are of a kind that is not spoken")]
    Pair(#[source] rustls::Error),
    /// An authority that is none.
    #[error("[his.tls] authority: {} holds no authority", file.display())]
    Authority {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: rustls::Error,
    },
    /// Authorities by which nobody can be known.
    #[error("[his.tls] authority: nobody can be known by it")]
    Verifier(#[source] VerifierBuilderError),
}

/// The encryption of a door; 1.2 and 1.3.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    asks: bool,
}

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tls").field("asks", &self.asks).finish_non_exhaustive()
    }
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// When one is not what it should be.
    pub fn load(files: &TlsFiles) -> Result<Self, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let chain = certificates("certificate", &files.certificate)?;
        let key = PrivateKeyDer::from_pem_file(&files.key);
        let key = key.map_err(|source| TlsError::File { key: "key", file: files.key.clone(), source })?;
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Pair)?;
        let builder = match &files.authority {
            None => builder.with_no_client_auth(),
            Some(file) => {
                let mut roots = RootCertStore::empty();
                for root in certificates("authority", file)? {
                    let added = roots.add(root);
                    added.map_err(|source| TlsError::Authority { file: file.clone(), source })?;
                }
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
                builder.with_client_cert_verifier(verifier.map_err(TlsError::Verifier)?)
            }
        };
        let config = builder.with_single_cert(chain, key).map_err(TlsError::Pair)?;
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), asks: files.authority.is_some() })
    }

    /// Whether a sender needs a certificate.
    #[must_use]
    pub fn asks_for_certificate(&self) -> bool {
        self.asks
    }

    pub(super) async fn accept(&self, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        self.acceptor.accept(stream).await
    }
}

fn certificates(key: &'static str, file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let read = read.map_err(|source| TlsError::File { key, file: file.to_owned(), source })?;
    if read.is_empty() {
        return Err(TlsError::Empty { key, file: file.to_owned() });
    }
    Ok(read)
}
