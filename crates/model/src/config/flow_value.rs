//! A value of a flow file as it is written: which keys a node has depends on its kind, so they are read first and
//! understood by the check, which knows where each stands.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_spanned::Spanned;
use std::collections::BTreeMap;
use std::fmt;

/// A table as it is written.
pub(super) type Table = BTreeMap<Spanned<String>, Spanned<Written>>;

/// One value as it is written.
#[derive(Debug, Clone)]
pub enum Written {
    /// A string.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// A number with a point, which no key of a flow is.
    Broken(f64),
    /// true or false.
    Flag(bool),
    /// An array.
    List(Vec<Spanned<Written>>),
    /// A table. Dates are tables of the reader's own making.
    Table(BTreeMap<Spanned<String>, Spanned<Written>>),
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Written;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, true, false, an array or a table")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Written, E> {
        Ok(Written::Flag(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Written, E> {
        Ok(Written::Whole(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Written, E> {
        Ok(Written::Broken(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Written, E> {
        Ok(Written::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Written, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = seq.next_element()? {
            list.push(item);
        }
        Ok(Written::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Written, A::Error> {
        let mut table = BTreeMap::new();
        while let Some((key, value)) = map.next_entry()? {
            table.insert(key, value);
        }
        Ok(Written::Table(table))
    }
}
