//! The text format of Prometheus, version 0.0.4: families of samples, each with its help and type.

use std::fmt::{Display, Write};

/// What the format calls itself.
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";
/// Before every name.
const PREFIX: &str = "careline_switch_";

/// A page that is being written.
#[derive(Debug, Default)]
pub(super) struct Text {
    text: String,
}

impl Text {
    pub fn finish(self) -> String {
        self.text
    }

    /// What goes up and down.
    pub fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, help, "gauge");
        self.sample(name, &[], value);
    }

    /// What only grows, from the start of the program; its name ends with `_total`.
    pub fn counter(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, help, "counter");
        self.sample(name, &[], value);
    }

    /// A gauge of which there are several, told apart by one label.
    pub fn gauges<V: Display>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        samples: impl IntoIterator<Item = (impl AsRef<str>, V)>,
    ) {
        self.family(name, help, "gauge");
        for (which, value) in samples {
            self.sample(name, &[(label, which.as_ref())], value);
        }
    }

    /// A counter of which there are several, told apart by one label.
    pub fn counters(&mut self, name: &str, help: &str, label: &str, samples: &[(&str, u64)]) {
        self.family(name, help, "counter");
        for (which, value) in samples {
            self.sample(name, &[(label, which)], value);
        }
    }

    /// The head of a family.
    pub fn family(&mut self, name: &str, help: &str, kind: &str) {
        // Writing into a string cannot fail.
        let _ = writeln!(self.text, "# HELP {PREFIX}{name} {help}\n# TYPE {PREFIX}{name} {kind}");
    }

    /// One line of it.
    pub fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let _ = write!(self.text, "{PREFIX}{name}");
        for (index, (label, which)) in labels.iter().enumerate() {
            let open = if index == 0 { '{' } else { ',' };
            let _ = write!(self.text, "{open}{label}=\"");
            which.chars().for_each(|one| self.escaped(one));
            self.text.push('"');
        }
        let _ = writeln!(self.text, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }

    fn escaped(&mut self, one: char) {
        match one {
            '\\' => self.text.push_str("\\\\"),
            '"' => self.text.push_str("\\\""),
            '\n' => self.text.push_str("\\n"),
            other => self.text.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_reads_as_the_format_wants_it() {
        let mut text = Text::default();
        text.gauge("calls", "Calls.", 2);
        text.counters("refused_total", "Refused.", "reason", &[("overload", 1), ("no_port", 0)]);
        text.gauges("trunk_up", "Up.", "trunk", [("a\"b\\c\nd", 1)]);
        assert_eq!(
            text.finish(),
            "# HELP careline_switch_calls Calls.\n# TYPE careline_switch_calls gauge\ncareline_switch_calls 2\n\
             # HELP careline_switch_refused_total Refused.\n# TYPE careline_switch_refused_total counter\n\
             careline_switch_refused_total{reason=\"overload\"} 1\n\
             careline_switch_refused_total{reason=\"no_port\"} 0\n\
             # HELP careline_switch_trunk_up Up.\n# TYPE careline_switch_trunk_up gauge\n\
             careline_switch_trunk_up{trunk=\"a\\\"b\\\\c\\nd\"} 1\n"
        );
    }
}
