//! `[[trunk_group]]`, `[[route]]` and `[[class]]` as they are written.

use serde::Deserialize;
use serde_spanned::Spanned;

/// `[[trunk_group]]`: trunks that calls go out through.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrunkGroupConfig {
    /// Its id.
    pub id: Spanned<String>,
    /// Its trunks.
    pub members: Spanned<Vec<MemberConfig>>,
}

/// One of `members`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberConfig {
    /// The trunk.
    pub trunk: Spanned<String>,
    /// A higher one is used when all lower ones are full or down.
    pub order: Option<Spanned<u32>>,
    /// Share among those of the same order.
    pub weight: Option<Spanned<u32>>,
}

/// `[[route]]`: which numbers go through which group.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteConfig {
    /// Kinds of numbers; all when absent.
    #[serde(default)]
    pub kinds: Vec<Spanned<String>>,
    /// Beginning of the normal form; all when absent.
    pub prefix: Option<Spanned<String>>,
    /// Where they go.
    pub group: Spanned<String>,
}

/// `[[class]]`: a class of service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassConfig {
    /// Its id.
    pub id: Spanned<String>,
    /// Kinds that may be dialled.
    pub allow: Vec<Spanned<String>>,
    /// Beginnings of normal forms that may not.
    #[serde(default)]
    pub bar: Vec<Spanned<String>>,
}
