//! Who may depend on whom: the graph of the house, and what must never get into its pure part.

use super::Finding;
use super::source::PURE;
use anyhow::Context;
use serde::Deserialize;

/// The crates that know protocols and values, which everybody above may use.
const WIRE_AND_MODEL: &[&str] = &["sip", "sdp", "rtp", "audio", "model"];

/// Libraries that bring a runtime, a socket or a database.
const IMPURE_LIBRARIES: &[&str] =
    &["tokio", "tokio-stream", "sqlx", "tonic", "axum", "hyper", "socket2", "rustix", "getrandom"];

/// What a crate of this name may depend on, among ours.
fn may_use(name: &str) -> Option<&'static [&'static str]> {
    const NOTHING: &[&str] = &[];
    Some(match name {
        "sip" | "sdp" | "rtp" | "audio" | "model" | "xtask" => NOTHING,
        "callcentre" | "rpc" | "daemon" => &["model"],
        "switchboard" => &["sip", "sdp", "rtp", "audio", "model", "callcentre"],
        // Everything that decides, on a virtual clock, with phones that speak SIP.
        "simulate" => &["sip", "model", "callcentre", "switchboard"],
        "media" | "testkit" => WIRE_AND_MODEL,
        // It plays patients and agents to the switch, and a switch to the desk.
        "traffic" => &["sip", "sdp", "rtp", "audio", "model", "rpc"],
        "switch" => {
            &["sip", "sdp", "rtp", "audio", "model", "callcentre", "switchboard", "media", "rpc", "daemon"]
        }
        "desk" => &["model", "rpc", "daemon"],
        _ => return None,
    })
}

/// What only tests of a crate may use besides.
const FOR_TESTS: &[&str] = &["sip", "sdp", "rtp", "audio", "model", "testkit"];

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    manifest_path: String,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

/// Checks the output of `cargo metadata --no-deps`.
///
/// # Errors
/// When it is not that.
pub fn check(metadata: &str) -> anyhow::Result<Vec<Finding>> {
    let metadata: Metadata = serde_json::from_str(metadata).context("cargo metadata")?;
    Ok(metadata.packages.iter().flat_map(check_package).collect())
}

fn check_package(package: &Package) -> Vec<Finding> {
    let name = package.name.trim_start_matches("careline-");
    let (file, is_story) = place(&package.manifest_path);
    let finding = |what: &str, advice: &str| Finding {
        rule: "graph",
        file: file.clone(),
        line: 0,
        what: what.into(),
        advice: advice.into(),
    };
    let allowed = may_use(name);
    if allowed.is_none() && !is_story {
        return vec![finding(name, "a new crate needs its place in crates/README.md and in tidy/graph.rs")];
    }
    let mut findings = Vec::new();
    for dependency in &package.dependencies {
        let for_tests = dependency.kind.as_deref() == Some("dev");
        if let Some(other) = dependency.name.strip_prefix("careline-") {
            let good = match allowed {
                _ if matches!(other, "switch" | "desk") => false,
                Some(list) => list.contains(&other) || (for_tests && FOR_TESTS.contains(&other)),
                None => true,
            };
            if !good {
                findings.push(finding(
                    &format!("{name} -> {other}"),
                    "not an arrow of the house (crates/README.md)",
                ));
            }
        } else if PURE.contains(&name) && !for_tests && IMPURE_LIBRARIES.contains(&dependency.name.as_str()) {
            findings.push(finding(
                &format!("{name} -> {}", dependency.name),
                "a pure crate knows no runtime and no socket",
            ));
        }
    }
    findings
}

/// The manifest's path from the root, and whether it belongs to the stories in `tests/`.
fn place(manifest: &str) -> (String, bool) {
    let parts: Vec<&str> = manifest.rsplit('/').take(3).collect();
    let path = parts.iter().rev().copied().collect::<Vec<_>>().join("/");
    (path, parts.last() == Some(&"tests"))
}

#[cfg(test)]
mod tests {
    use super::check;

    fn found(folder: &str, name: &str, dependencies: &str) -> Vec<String> {
        let json = format!(
            r#"{{"packages":[{{"name":"careline-{name}","manifest_path":"/x/{folder}/{name}/Cargo.toml",
            "dependencies":[{dependencies}]}}]}}"#
        );
        check(&json).expect("metadata").into_iter().map(|finding| finding.what).collect()
    }

    const MODEL: &str = r#"{"name":"careline-model","kind":null}"#;
    const SIP: &str = r#"{"name":"careline-sip","kind":null}"#;
    const SWITCH: &str = r#"{"name":"careline-switch","kind":"dev"}"#;
    const TOKIO: &str = r#"{"name":"tokio","kind":null}"#;

    #[test]
    fn the_call_centre_knows_the_model_and_no_sip() {
        assert!(found("crates", "callcentre", MODEL).is_empty());
        assert_eq!(found("crates", "callcentre", SIP), ["callcentre -> sip"]);
        assert_eq!(found("crates", "desk", SIP), ["desk -> sip"]);
    }

    #[test]
    fn nobody_depends_on_a_program() {
        assert_eq!(found("tests", "e2e", SWITCH), ["e2e -> switch"]);
        assert_eq!(found("crates", "testkit", SWITCH), ["testkit -> switch"]);
        assert!(found("tests", "interop", SIP).is_empty());
    }

    #[test]
    fn pure_crates_know_no_runtime() {
        assert_eq!(found("crates", "switchboard", TOKIO), ["switchboard -> tokio"]);
        assert!(found("crates", "switch", TOKIO).is_empty());
        assert!(found("crates", "sip", r#"{"name":"tokio","kind":"dev"}"#).is_empty());
    }

    #[test]
    fn a_crate_without_a_place_is_refused() {
        assert_eq!(found("crates", "misc", ""), ["misc"]);
    }
}
