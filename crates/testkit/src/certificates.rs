//! Certificates for stories, by the `openssl` program: an authority, and whom it vouches for.

use anyhow::Context;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// An authority with its own folder.
#[derive(Debug)]
pub struct Authority {
    folder: PathBuf,
}

/// A certificate with its key, PEM files both.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The certificate.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl Authority {
    /// A new authority; its files go into `folder`.
    ///
    /// # Errors
    /// When openssl is not installed or refuses.
    pub fn new(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let authority = Self { folder: folder.to_path_buf() };
        openssl(
            folder,
            &["req", "-x509", "-nodes", "-days", "30", "-subj", "/CN=story authority"],
            &[
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-keyout",
                "ca.key",
                "-out",
                "ca.pem",
            ],
        )?;
        Ok(authority)
    }

    /// The authority's own certificate, for those who trust it.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// A certificate for a host by name and address, good for both ends of a connection.
    ///
    /// # Errors
    /// When openssl refuses.
    pub fn issue(&self, name: &str, ip: IpAddr) -> anyhow::Result<Issued> {
        let (key, request, certificate) =
            (format!("{name}.key"), format!("{name}.csr"), format!("{name}.pem"));
        let extensions = format!("{name}.ext");
        std::fs::write(
            self.folder.join(&extensions),
            format!("subjectAltName=DNS:{name},IP:{ip}\nextendedKeyUsage=serverAuth,clientAuth\n"),
        )?;
        openssl(
            &self.folder,
            &["req", "-nodes", "-subj", &format!("/CN={name}")],
            &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-keyout", &key, "-out", &request],
        )?;
        openssl(
            &self.folder,
            &["x509", "-req", "-days", "30", "-CA", "ca.pem", "-CAkey", "ca.key"],
            &["-CAcreateserial", "-in", &request, "-extfile", &extensions, "-out", &certificate],
        )?;
        Ok(Issued { certificate: self.folder.join(certificate), key: self.folder.join(key) })
    }
}

fn openssl(folder: &Path, args: &[&str], more: &[&str]) -> anyhow::Result<()> {
    let done = Command::new("openssl")
        .args(args)
        .args(more)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .context("openssl is needed: apt-get install openssl")?;
    anyhow::ensure!(done.status.success(), "openssl {args:?}: {}", String::from_utf8_lossy(&done.stderr));
    Ok(())
}
