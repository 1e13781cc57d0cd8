//! A door behind TLS, opened by rustls and by openssl.

use crate::{Desk, PATIENCE, code, good, message, pid, place};
use careline_desk::his::Rules;
use careline_desk::his::mllp::{Frames, framed};
use careline_desk::his::tls::{Tls, TlsError, TlsFiles};
use careline_testkit::certificates::{Authority, Issued};
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

struct Ends {
    _folder: tempfile::TempDir,
    authority: Authority,
    ours: Issued,
    theirs: Issued,
}

impl Ends {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::new(&folder.path().join("authority")).unwrap();
        let ip = "127.0.0.1".parse().unwrap();
        let (ours, theirs) = (authority.issue("desk", ip).unwrap(), authority.issue("his", ip).unwrap());
        Self { _folder: folder, authority, ours, theirs }
    }

    fn files(&self, asks: bool) -> TlsFiles {
        TlsFiles {
            certificate: self.ours.certificate.clone(),
            key: self.ours.key.clone(),
            authority: asks.then(|| self.authority.certificate()),
        }
    }

    async fn desk(&self, asks: bool) -> Desk {
        let tls = Tls::load(&self.files(asks)).unwrap();
        Desk::with(place::database().await, Rules::default(), Some(tls)).await
    }

    fn client(&self, own: Option<&Issued>) -> TlsConnector {
        let certificates = |file: &Path| -> Vec<CertificateDer<'static>> {
            CertificateDer::pem_file_iter(file).unwrap().map(Result::unwrap).collect()
        };
        let mut roots = RootCertStore::empty();
        roots.add(certificates(&self.authority.certificate()).remove(0)).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots);
        let config = match own {
            Some(own) => builder
                .with_client_auth_cert(
                    certificates(&own.certificate),
                    PrivateKeyDer::from_pem_file(&own.key).unwrap(),
                )
                .unwrap(),
            None => builder.with_no_client_auth(),
        };
        TlsConnector::from(Arc::new(config))
    }
}

/// What a client hears; nothing when it is not let in.
async fn told(desk: &Desk, client: TlsConnector, text: &str) -> Option<(String, String)> {
    let stream = TcpStream::connect(desk.address).await.unwrap();
    let name = ServerName::try_from("desk").unwrap();
    let mut stream = client.connect(name, stream).await.ok()?;
    stream.write_all(&framed(text.as_bytes())).await.ok()?;
    let (mut frames, mut bytes) = (Frames::default(), [0; 4096]);
    loop {
        let read = tokio::time::timeout(PATIENCE, stream.read(&mut bytes)).await.expect("in time");
        let length = read.ok().filter(|length| *length > 0)?;
        if let Some(answer) = frames.push(&bytes[..length]).unwrap().first() {
            return Some(code(answer));
        }
    }
}

#[tokio::test]
async fn a_door_behind_tls_takes_whom_it_can_know() {
    let ends = Ends::new();
    let text = message("1", "A08", "20260301080000", &pid("7", "李^四", "13854312345"));
    let open = ends.desk(false).await;
    assert_eq!(told(&open, ends.client(None), &text).await, Some(good("1")));
    let asking = ends.desk(true).await;
    assert_eq!(told(&asking, ends.client(None), &text).await, None, "without a certificate");
    let stranger = Ends::new();
    assert_eq!(told(&asking, ends.client(Some(&stranger.theirs)), &text).await, None, "of another authority");
    assert_eq!(told(&asking, ends.client(Some(&ends.theirs)), &text).await, Some(good("1")));
    // Who speaks plainly is turned away, and others are none the worse.
    let mut plain = asking.sender().await;
    plain.send(&framed(text.as_bytes())).await;
    while plain.stream.read(&mut [0; 512]).await.is_ok_and(|length| length > 0) {}
    assert_eq!(told(&asking, ends.client(Some(&ends.theirs)), &text).await, Some(good("1")));
    assert_eq!(asking.states().await, [("applied".to_owned(), 1)]);
}

#[tokio::test]
async fn openssl_is_let_in() {
    let ends = Ends::new();
    let desk = ends.desk(true).await;
    let text = message("1", "A08", "20260301080000", &pid("7", "李^四", ""));
    let mut client = Command::new("openssl");
    client.args(["s_client", "-quiet", "-verify_return_error", "-servername", "desk"]);
    client.args(["-connect", &desk.address.to_string(), "-CAfile"]).arg(ends.authority.certificate());
    client.arg("-cert").arg(&ends.theirs.certificate).arg("-key").arg(&ends.theirs.key);
    let answer = tokio::task::spawn_blocking(move || {
        let mut client =
            client.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut input = client.stdin.take().unwrap();
        input.write_all(&framed(text.as_bytes())).unwrap();
        let (mut output, mut answer) = (client.stdout.take().unwrap(), Vec::new());
        let mut byte = [0];
        while output.read(&mut byte).unwrap() > 0 && byte[0] != 0x1c {
            answer.push(byte[0]);
        }
        drop(input);
        let _ = client.kill();
        client.wait().unwrap();
        String::from_utf8(answer).unwrap()
    });
    let answer = tokio::time::timeout(PATIENCE, answer).await.expect("in time").unwrap();
    assert!(answer.contains("MSA|AA|1"), "{answer}");
}

#[test]
fn files_that_are_none_say_which() {
    let ends = Ends::new();
    let good = ends.files(true);
    let missing = TlsFiles { key: "nowhere.key".into(), ..good.clone() };
    let swapped = TlsFiles { certificate: good.key.clone(), ..good.clone() };
    let strange = TlsFiles { key: ends.theirs.key.clone(), ..good.clone() };
    assert!(matches!(Tls::load(&missing), Err(TlsError::File { key: "key", .. })));
    assert!(matches!(Tls::load(&swapped), Err(TlsError::Empty { key: "certificate", .. })));
    assert!(matches!(Tls::load(&strange), Err(TlsError::Pair(_))));
    assert!(Tls::load(&good).unwrap().asks_for_certificate());
}
