//! Exceptions, each with its reason.

use super::Finding;
use anyhow::Context;
use serde::Deserialize;

/// The file of exceptions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowed {
    #[serde(default)]
    allowed: Vec<Exception>,
}

/// One exception: a rule in a file, for all its findings or for one name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    rule: String,
    file: String,
    what: Option<String>,
    reason: String,
}

impl Exception {
    fn covers(&self, finding: &Finding) -> bool {
        self.rule == finding.rule
            && self.file == finding.file
            && self.what.as_ref().is_none_or(|what| *what == finding.what)
    }
}

impl Allowed {
    /// Reads the exceptions.
    ///
    /// # Errors
    /// When the text is no such file, or a reason is missing.
    pub fn read(text: &str) -> anyhow::Result<Self> {
        let allowed: Self = toml::from_str(text).context("tidy/allowed.toml")?;
        for exception in &allowed.allowed {
            let Exception { rule, file, reason, .. } = exception;
            anyhow::ensure!(!reason.trim().is_empty(), "tidy/allowed.toml: {rule} in {file} has no reason");
        }
        Ok(allowed)
    }

    /// Takes out what is allowed, and complains about exceptions that nothing needs any more.
    #[must_use]
    pub fn apply(&self, findings: Vec<Finding>) -> Vec<Finding> {
        let unused = self.allowed.iter().filter(|exception| !findings.iter().any(|f| exception.covers(f)));
        let unused: Vec<Finding> = unused
            .map(|exception| Finding {
                rule: "allowed",
                file: "crates/xtask/src/tidy/allowed.toml".into(),
                line: 0,
                what: format!("{} in {}", exception.rule, exception.file),
                advice: "no longer needed: take it out".into(),
            })
            .collect();
        let left = findings.into_iter().filter(|finding| !self.allowed.iter().any(|e| e.covers(finding)));
        left.chain(unused).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Allowed;
    use crate::tidy::Finding;

    fn finding(file: &str, what: &str) -> Finding {
        Finding { rule: "name", file: file.into(), line: 3, what: what.into(), advice: String::new() }
    }

    #[test]
    fn an_exception_covers_its_finding_and_an_unused_one_is_a_finding() {
        let text =
            "[[allowed]]\nrule = \"name\"\nfile = \"a.rs\"\nwhat = \"Data\"\nreason = \"the RFC's word\"\n";
        let allowed = Allowed::read(text).expect("exceptions");
        assert!(allowed.apply(vec![finding("a.rs", "Data")]).is_empty());
        let left = allowed.apply(vec![finding("b.rs", "Data")]);
        assert_eq!(left.iter().map(|f| f.rule).collect::<Vec<_>>(), ["name", "allowed"]);
    }

    #[test]
    fn a_reason_is_required() {
        assert!(Allowed::read("[[allowed]]\nrule = \"name\"\nfile = \"a.rs\"\nreason = \" \"\n").is_err());
    }
}
