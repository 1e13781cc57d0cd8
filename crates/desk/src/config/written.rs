//! `desk.toml` as it is written: one struct per table, every key with its default; and where in the text it stands.

use careline_model::config::ConfigError;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;

/// The text and its name, to say where a mistake stands.
pub(super) struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

impl<'a> Source<'a> {
    pub(super) fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text }
    }

    /// A mistake at `span` (bytes of the text).
    pub(super) fn error(&self, span: Range<usize>, key: &str, what: &str, allowed: &str) -> ConfigError {
        ConfigError {
            file: self.file.into(),
            line: self.line(span.start),
            key: key.to_owned(),
            what: what.to_owned(),
            allowed: (!allowed.is_empty()).then(|| allowed.to_owned()),
        }
    }

    /// A mistake that the TOML reader found: bad syntax, an unknown key, a value of the wrong type.
    pub(super) fn syntax(&self, error: &toml::de::Error) -> ConfigError {
        let span = error.span().unwrap_or_default();
        let message = error.message().trim().replace('\n', " ");
        let (what, allowed) = match message.split_once(", expected ") {
            Some((what, expected)) => (what, expected.trim_start_matches("one of ").replace('`', "")),
            None => (message.as_str(), String::new()),
        };
        // The key stands on the same line, before the value.
        let line = self.text.lines().nth(self.line(span.start) - 1).unwrap_or_default();
        let key = line.split('=').next().unwrap_or_default().trim().to_owned();
        self.error(span, &key, what, &allowed)
    }

    fn line(&self, at: usize) -> usize {
        self.text.bytes().take(at).filter(|&byte| byte == b'\n').count() + 1
    }
}

fn unwritten<T>(value: T) -> Spanned<T> {
    Spanned::new(0..0, value)
}

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Desk {
    pub(super) timezone: Spanned<String>,
    pub(super) country_code: Spanned<String>,
    pub(super) area_code: Option<Spanned<String>>,
    pub(super) language: Spanned<String>,
    pub(super) hospital: Spanned<String>,
    pub(super) http: Http,
    pub(super) directory: Directory,
    pub(super) database: Database,
    pub(super) switch: Vec<Switch>,
    pub(super) his: Vec<His>,
    pub(super) feed: Feed,
    pub(super) sign_in: SignIn,
    pub(super) source: Vec<Coded>,
    pub(super) medium: Vec<Coded>,
    pub(super) line: Vec<Line>,
    pub(super) demo: Demo,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            timezone: unwritten("Asia/Shanghai".into()),
            country_code: unwritten("86".into()),
            area_code: None,
            language: unwritten("zh-CN".into()),
            hospital: unwritten("Careline".into()),
            http: Http::default(),
            directory: Directory::default(),
            database: Database::default(),
            switch: Vec::new(),
            his: Vec::new(),
            feed: Feed::default(),
            sign_in: SignIn::default(),
            source: Vec::new(),
            medium: Vec::new(),
            line: Vec::new(),
            demo: Demo::default(),
        }
    }
}

/// `[http]`
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Http {
    pub(super) listen: Spanned<String>,
}

impl Default for Http {
    fn default() -> Self {
        Self { listen: unwritten("127.0.0.1:8080".into()) }
    }
}

/// `[directory]`
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Directory {
    pub(super) listen: Spanned<String>,
}

impl Default for Directory {
    fn default() -> Self {
        Self { listen: unwritten("127.0.0.1:7070".into()) }
    }
}

/// `[database]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Database {
    /// Without a server: [`DATABASE_FILE`] when it is not written.
    pub(super) file: Option<Spanned<String>>,
    /// Beside the database's file, or where that would be, when it is not written.
    pub(super) key_file: Option<Spanned<String>>,
    pub(super) postgres: Option<Postgres>,
}

/// Where the database is when nothing is written.
pub(super) const DATABASE_FILE: &str = "../recordings/desk.db";

/// `[database.postgres]`
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Postgres {
    pub(super) host: Spanned<String>,
    pub(super) port: Spanned<u16>,
    pub(super) database: Spanned<String>,
    pub(super) user: Spanned<String>,
    pub(super) password_file: Option<Spanned<String>>,
    pub(super) tls: Spanned<String>,
    pub(super) authority: Option<Spanned<String>>,
}

impl Default for Postgres {
    fn default() -> Self {
        Self {
            host: unwritten("127.0.0.1".into()),
            port: unwritten(5432),
            database: unwritten("careline".into()),
            user: unwritten("careline".into()),
            password_file: None,
            tls: unwritten("preferred".into()),
            authority: None,
        }
    }
}

/// `[[his]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct His {
    pub(super) id: Spanned<String>,
    pub(super) listen: Spanned<String>,
    #[serde(default)]
    pub(super) from: Vec<Spanned<String>>,
    pub(super) charset: Option<Spanned<String>>,
    pub(super) application: Option<Spanned<String>>,
    pub(super) facility: Option<Spanned<String>>,
    pub(super) unknown_patient: Option<Spanned<String>>,
    pub(super) unknown_code: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) codes: HisCodes,
    pub(super) tls: Option<HisTls>,
}

/// `[his.codes]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct HisCodes {
    pub(super) sex: BTreeMap<String, Spanned<String>>,
    pub(super) class: BTreeMap<String, Spanned<String>>,
    pub(super) department: BTreeMap<String, Spanned<String>>,
    pub(super) disposition: BTreeMap<String, Spanned<String>>,
}

/// `[his.tls]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HisTls {
    pub(super) certificate: Spanned<String>,
    pub(super) key: Spanned<String>,
    pub(super) authority: Option<Spanned<String>>,
}

/// `[[switch]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Switch {
    pub(super) id: Spanned<String>,
    pub(super) address: Spanned<String>,
}

/// `[feed]`
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Feed {
    pub(super) subscriber: Spanned<String>,
}

impl Default for Feed {
    fn default() -> Self {
        Self { subscriber: unwritten("desk".into()) }
    }
}

/// `[sign_in]`
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SignIn {
    pub(super) idle_min: Spanned<u32>,
    pub(super) absolute_h: Spanned<u32>,
    pub(super) failures_max: Spanned<u32>,
    pub(super) lock_s: Spanned<u32>,
}

impl Default for SignIn {
    fn default() -> Self {
        Self {
            idle_min: unwritten(15),
            absolute_h: unwritten(12),
            failures_max: unwritten(5),
            lock_s: unwritten(60),
        }
    }
}

/// `[[source]]`, `[[medium]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Coded {
    pub(super) code: Spanned<String>,
    pub(super) name: Spanned<String>,
    pub(super) name_en: Option<String>,
}

/// `[[line]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    pub(super) id: Spanned<String>,
    pub(super) name: Spanned<String>,
    pub(super) name_en: Option<String>,
}

/// `[demo]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Demo {
    pub(super) enabled: bool,
}
