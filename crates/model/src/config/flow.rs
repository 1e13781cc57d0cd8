//! Flow files as they are written.

use super::error::{ConfigError, SourceText};
use super::flow_value::{Table, Written};
use serde::Deserialize;
use serde_spanned::Spanned;
use std::collections::BTreeMap;

/// Reads one flow file.
///
/// # Errors
/// The first unknown key, missing key, value of a wrong type or mistake of syntax. The keys of nodes are not looked at
/// yet: that is the check's.
pub fn parse_flow(text: &str, file_name: &str) -> Result<FlowConfig, ConfigError> {
    let source = SourceText::new(file_name, text);
    let mut config: FlowConfig = toml::from_str(text).map_err(|error| source.syntax(&error))?;
    config.source = source;
    Ok(config)
}

/// A flow file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowConfig {
    #[serde(skip)]
    pub(super) source: SourceText,
    /// The flow's id, which lines and other flows refer to.
    pub id: Spanned<String>,
    /// Told in events; raise it with every change.
    pub version: Spanned<u32>,
    /// The node a call begins at.
    pub start: Spanned<String>,
    /// Class of service of its callers: where outside they may be connected; `internal` when absent.
    pub class: Option<Spanned<String>>,
    /// The hospital's front door: a safety node comes first, and an agent can be had from every question.
    #[serde(default)]
    pub main: bool,
    /// Who answers for a front door without a safety node at its start.
    pub safety_signed_off_by: Option<Spanned<String>>,
    /// Where key 0 leads to from everywhere where it means nothing else.
    pub on_key_0: Option<Spanned<String>>,
    /// Key `*` leads back to the menu before, where it means nothing else.
    #[serde(default)]
    pub star_is_up: bool,
    /// `[variable.<name>]`
    #[serde(default)]
    pub variable: BTreeMap<Spanned<String>, VariableConfig>,
    /// `[node.<name>]`
    pub node: BTreeMap<Spanned<String>, Spanned<NodeConfig>>,
}

/// `[variable.<name>]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VariableConfig {
    /// text, number or bool.
    #[serde(rename = "type")]
    pub kind: Spanned<String>,
    /// Events show a star for it.
    #[serde(default)]
    pub secret: bool,
}

/// `[node.<name>]`: its keys; which of them there are depends on `kind`.
#[derive(Debug, Clone, Deserialize)]
pub struct NodeConfig(pub(super) Table);

impl NodeConfig {
    /// A key that is written.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Spanned<Written>> {
        self.0.get(key)
    }
}
