//! What belongs to the machine and what to the call centre: two parts of one file.
//!
//! The machine's tables (sockets, media, files, guards) are those of the file that the switch is started with. The call
//! centre's (queues, agents, lines, hours, trunks, ...) change while it runs, as versions.

use super::error::{ConfigError, SourceText};
use super::switch::SwitchConfig;

/// Keys and tables of the machine; all others are the call centre's.
pub const MACHINE: [&str; 17] = [
    "switch_id",
    "timezone",
    "sip",
    "network",
    "listener",
    "tls",
    "ws",
    "media",
    "recording",
    "journal",
    "trace",
    "rpc",
    "metrics",
    "directory",
    "prompts",
    "flows",
    "guard",
];

/// Whether a key, with its table before it, is one of the machine's.
pub(super) fn is_machine(key: &str) -> bool {
    key.split(['.', '[']).next().is_some_and(|first| MACHINE.contains(&first))
}

impl SwitchConfig {
    /// The call centre of this configuration on the machine of another one. Errors name the text that each is from.
    #[must_use]
    pub fn on_machine(self, machine: &Self) -> Self {
        let machine = machine.clone();
        Self {
            machine_source: Some(machine.machine_source.unwrap_or(machine.source)),
            switch_id: machine.switch_id,
            timezone: machine.timezone,
            sip: machine.sip,
            network: machine.network,
            listener: machine.listener,
            tls: machine.tls,
            ws: machine.ws,
            media: machine.media,
            recording: machine.recording,
            journal: machine.journal,
            trace: machine.trace,
            rpc: machine.rpc,
            metrics: machine.metrics,
            directory: machine.directory,
            prompts: machine.prompts,
            flows: machine.flows,
            guard: machine.guard,
            ..self
        }
    }
}

/// The call centre's part of a text that has both: as it is written, or written anew without its comments when its lines
/// cannot be told apart.
///
/// # Errors
/// When the text is no TOML.
pub fn centre_part(text: &str, file_name: &str) -> Result<String, ConfigError> {
    let source = SourceText::new(file_name, text);
    let mut whole: toml::Table = toml::from_str(text).map_err(|error| source.syntax(&error))?;
    whole.retain(|key, _| !is_machine(key));
    let part = cut(text);
    match toml::from_str::<toml::Table>(&part) {
        Ok(table) if table == whole => Ok(part),
        _ => toml::to_string(&whole)
            .map_err(|error| source.error(0..0, "", format!("cannot be written anew: {error}"), None)),
    }
}

/// Keys of the machine in a text that is to be the call centre's alone.
///
/// # Errors
/// One for each of them.
pub fn without_machine(text: &str, file_name: &str) -> Result<(), Vec<ConfigError>> {
    let source = SourceText::new(file_name, text);
    // What is no TOML is told by the parser.
    let Ok(table) = toml::from_str::<toml::Table>(text) else { return Ok(()) };
    let errors: Vec<ConfigError> = table
        .keys()
        .filter(|key| is_machine(key))
        .map(|key| {
            let what = format!("`{key}` belongs to the machine");
            let allowed =
                "to change it in the file that the switch is started with, and to restart".to_owned();
            source.error(place_of(text, key), key, what, Some(allowed))
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn place_of(text: &str, key: &str) -> std::ops::Range<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if first_key(line) == Some(key) {
            return at..at + line.len();
        }
        at += line.len();
    }
    0..0
}

/// The table whose header a line is, or the key that it sets; nothing for comments and what goes on.
fn first_key(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let rest = line.strip_prefix("[[").or_else(|| line.strip_prefix('[')).unwrap_or(line);
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')))?;
    let (key, after) = rest.split_at(end);
    let after = after.trim_start();
    let sets = after.starts_with(['=', '.', ']']);
    (!key.is_empty() && sets).then_some(key)
}

/// Leaves the machine's lines out. Comments go with what they stand above.
fn cut(text: &str) -> String {
    let (mut part, mut comments) = (String::new(), String::new());
    let (mut in_table, mut keeps) = (false, true);
    for line in text.split_inclusive('\n') {
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with('#') {
            comments += line;
            continue;
        }
        let header = bare.starts_with('[');
        if let Some(key) = first_key(line).filter(|_| header || !in_table) {
            in_table |= header;
            keeps = !is_machine(key);
        }
        if keeps {
            part += &comments;
            part += line;
        }
        comments.clear();
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# The hospital.\nswitch_id = \"one\"\necho_number = \"9196\"\n\n# Where it listens.\n[sip]\nudp = [\n  \"127.0.0.1:5060\",\n]\n\n# Booking.\n[[queue]]\nid = \"booking\" # short\nname = \"b\"\n[queue.empty]\njoin = \"online\"\n\n[media]\nport_min = 20000\n";

    #[test]
    fn the_call_centres_part_is_what_is_not_the_machines() {
        let part = centre_part(FILE, "switch.toml").unwrap();
        assert_eq!(
            part,
            "echo_number = \"9196\"\n\n# Booking.\n[[queue]]\nid = \"booking\" # short\nname = \"b\"\n[queue.empty]\njoin = \"online\"\n"
        );
        assert_eq!(without_machine(&part, "centre.toml"), Ok(()));
    }

    #[test]
    fn a_key_of_the_machine_is_refused_with_its_place() {
        let errors = without_machine(FILE, "centre.toml").unwrap_err();
        let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told.iter().any(|one| one.starts_with("centre.toml:6: sip: `sip` belongs to the machine")));
    }

    #[test]
    fn what_cannot_be_told_apart_by_lines_is_written_anew() {
        let text = "a = [\n[1],\n[2]\n]\nsip = { calls_max = 1 }\n";
        assert_eq!(centre_part(text, "switch.toml").unwrap(), "a = [[1], [2]]\n");
        assert!(centre_part("a = ", "switch.toml").unwrap_err().to_string().starts_with("switch.toml:1: "));
    }
}
