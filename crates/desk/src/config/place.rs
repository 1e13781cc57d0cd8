//! `[database]`: a file, or a server.

use super::KEY_FILE;
use super::check::Checker;
use super::written::{DATABASE_FILE, Database, Postgres};
use crate::storage::{Place, Server, ServerTls};
use std::path::{Path, PathBuf};
use toml::Spanned;

/// Longest name at a server, in bytes (`NAMEDATALEN` of PostgreSQL less one).
const NAME_BYTES_MAX: usize = 63;

impl Checker<'_> {
    /// Where the database is, and the file that holds its password.
    pub(super) fn database(&mut self, written: &Database, base: &Path) -> (Place, Option<PathBuf>) {
        let Some(server) = &written.postgres else {
            let file = written.file.as_ref().map_or(DATABASE_FILE, |file| file.get_ref());
            if let Some(written) = written.file.as_ref().filter(|_| file.trim().is_empty()) {
                self.wrong(written, "database.file", "is empty", "the path of a file");
            }
            return (Place::File(base.join(file)), None);
        };
        if let Some(file) = &written.file {
            let what = "stands beside [database.postgres], and there is one database";
            self.wrong(file, "database.file", what, "one of the two");
        }
        let password_file = server.password_file.as_ref().map(|file| base.join(file.get_ref()));
        (Place::Server(self.server(server, base)), password_file)
    }

    /// Where the key of what lies sealed is.
    pub(super) fn key_file(&mut self, written: &Database, place: &Place, base: &Path) -> PathBuf {
        match (&written.key_file, place) {
            (Some(file), _) => {
                if file.get_ref().trim().is_empty() {
                    self.wrong(file, "database.key_file", "is empty", "the path of a file");
                }
                base.join(file.get_ref())
            }
            (None, Place::File(database)) => database.with_file_name(KEY_FILE),
            (None, Place::Server(_)) => base.join(DATABASE_FILE).with_file_name(KEY_FILE),
        }
    }

    fn server(&mut self, written: &Postgres, base: &Path) -> Server {
        self.filled(
            &written.host,
            "database.postgres.host",
            "a name, an address, or the folder of a socket",
            255,
        );
        self.filled(&written.database, "database.postgres.database", "1 to 63 bytes", NAME_BYTES_MAX);
        self.filled(&written.user, "database.postgres.user", "1 to 63 bytes", NAME_BYTES_MAX);
        if *written.port.get_ref() == 0 {
            self.wrong(&written.port, "database.postgres.port", "is no port", "1 to 65535");
        }
        let tls = match (written.tls.get_ref().as_str(), &written.authority) {
            ("preferred", None) => ServerTls::Preferred,
            ("off", None) => ServerTls::Off,
            ("verified", Some(authority)) => ServerTls::Verified(base.join(authority.get_ref())),
            ("verified", None) => {
                let what = "has no authority to ask";
                self.wrong(
                    &written.tls,
                    "database.postgres.tls",
                    what,
                    "authority = \"<PEM file>\" beside it",
                );
                ServerTls::Preferred
            }
            ("preferred" | "off", Some(authority)) => {
                let what = "is asked only with tls = \"verified\"";
                self.wrong(authority, "database.postgres.authority", what, "");
                ServerTls::Preferred
            }
            (other, _) => {
                let what = format!("\"{other}\" is no way");
                let allowed = "\"preferred\", \"off\" or \"verified\"";
                self.wrong(&written.tls, "database.postgres.tls", &what, allowed);
                ServerTls::Preferred
            }
        };
        Server {
            host: written.host.get_ref().clone(),
            port: *written.port.get_ref(),
            database: written.database.get_ref().clone(),
            user: written.user.get_ref().clone(),
            password: None,
            tls,
        }
    }

    fn filled(&mut self, written: &Spanned<String>, key: &str, allowed: &str, bytes_max: usize) {
        let text = written.get_ref();
        if text.trim().is_empty() || text.len() > bytes_max {
            self.wrong(written, key, &format!("has {} bytes", text.len()), allowed);
        }
    }
}
