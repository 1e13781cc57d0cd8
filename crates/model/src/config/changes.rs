//! What one configuration has otherwise than another: by things, for the audit, and by lines, for people.

use super::plan::{Agent, Plan};
use crate::event::{ChangeKind, ConfigChange};
use std::collections::BTreeMap;

/// Lines on each side beyond which a difference is told as "all of it": comparing grows with their product.
const LINES_MAX: usize = 4_000;

/// What is otherwise in `new`, by kinds of things, each in the order of its ids.
#[must_use]
pub fn changes(old: &Plan, new: &Plan) -> Vec<ConfigChange> {
    let mut all = Vec::new();
    let agents = |plan: &Plan| -> BTreeMap<String, _> {
        let of = |agent: &Agent| {
            // Her place in the file is not hers alone.
            let plain = Agent { position: 0, ..agent.clone() };
            let dials = &plan.dialling;
            (plain, dials.agents.get(&agent.id).cloned(), dials.caller_ids.get(&agent.id).cloned())
        };
        plan.agents.values().map(|agent| (agent.id.to_string(), of(agent))).collect()
    };
    compare("agent", &agents(old), &agents(new), &mut all);
    compare("queue", &old.queues, &new.queues, &mut all);
    compare("flow", &old.flows, &new.flows, &mut all);
    compare("line", &old.lines, &new.lines, &mut all);
    compare("hours", &old.hours, &new.hours, &mut all);
    compare("trunk", &old.trunks, &new.trunks, &mut all);
    compare("trunk_group", &old.dialling.groups, &new.dialling.groups, &mut all);
    compare("class", &old.dialling.classes, &new.dialling.classes, &mut all);
    compare("not_ready_code", &old.not_ready_codes, &new.not_ready_codes, &mut all);
    compare("disposition", &old.dispositions, &new.dispositions, &mut all);
    compare("mailbox", &old.mailboxes, &new.mailboxes, &mut all);
    let singles = [
        ("route", old.dialling.routes == new.dialling.routes),
        ("caller_list", old.screening.lists == new.screening.lists),
        ("caller_rate", old.screening.caller_rate == new.screening.caller_rate),
        ("emergency", old.emergency == new.emergency),
        ("rona", old.rona == new.rona),
        ("limits", old.limits == new.limits),
        ("echo_number", old.echo_number == new.echo_number),
        ("counts_begin", old.counts_begin_min == new.counts_begin_min),
        ("country_code", (&old.country_code, &old.area_code) == (&new.country_code, &new.area_code)),
    ];
    for (what, _) in singles.into_iter().filter(|(_, same)| !same) {
        all.push(ConfigChange { what: what.to_owned(), id: String::new(), how: ChangeKind::Changed });
    }
    all
}

fn compare<K: Ord + ToString, V: PartialEq>(
    what: &str,
    old: &BTreeMap<K, V>,
    new: &BTreeMap<K, V>,
    all: &mut Vec<ConfigChange>,
) {
    let mut push = |id: &K, how| all.push(ConfigChange { what: what.to_owned(), id: id.to_string(), how });
    old.keys().filter(|id| !new.contains_key(*id)).for_each(|id| push(id, ChangeKind::Removed));
    for (id, value) in new {
        match old.get(id) {
            None => push(id, ChangeKind::Added),
            Some(before) if before != value => push(id, ChangeKind::Changed),
            Some(_) => {}
        }
    }
}

/// One line of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiffLine {
    /// In both.
    Same(String),
    /// In the old text only.
    Gone(String),
    /// In the new text only.
    New(String),
}

/// The difference of two texts by lines: the longest common subsequence stays.
#[must_use]
pub fn diff(old: &str, new: &str) -> Vec<DiffLine> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let head = old.iter().zip(&new).take_while(|(one, other)| one == other).count();
    let rest = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let (middle_old, middle_new) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let same = |line: &&str| DiffLine::Same((*line).to_owned());
    let mut lines: Vec<DiffLine> = old[..head].iter().map(same).collect();
    lines.extend(middle(middle_old, middle_new));
    lines.extend(old[old.len() - tail..].iter().map(same));
    lines
}

fn middle(old: &[&str], new: &[&str]) -> Vec<DiffLine> {
    let gone = |line: &&str| DiffLine::Gone((*line).to_owned());
    let added = |line: &&str| DiffLine::New((*line).to_owned());
    if old.len() > LINES_MAX || new.len() > LINES_MAX {
        return old.iter().map(gone).chain(new.iter().map(added)).collect();
    }
    // common[i][j]: the longest common subsequence of what is left from i and j on.
    let width = new.len() + 1;
    let mut common = vec![0_u16; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i * width + j] = if old[i] == new[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut lines) = (0, 0, Vec::new());
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            lines.push(DiffLine::Same(old[i].to_owned()));
            (i, j) = (i + 1, j + 1);
        } else if common[(i + 1) * width + j] >= common[i * width + j + 1] {
            lines.push(gone(&old[i]));
            i += 1;
        } else {
            lines.push(added(&new[j]));
            j += 1;
        }
    }
    lines.extend(old[i..].iter().map(gone));
    lines.extend(new[j..].iter().map(added));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(old: &str, new: &str) -> Vec<String> {
        let line = |line: DiffLine| match line {
            DiffLine::Same(text) => format!(" {text}"),
            DiffLine::Gone(text) => format!("-{text}"),
            DiffLine::New(text) => format!("+{text}"),
        };
        diff(old, new).into_iter().map(line).collect()
    }

    #[test]
    fn a_difference_keeps_what_is_common() {
        assert_eq!(told("a\nb\nc\nd", "a\nc\nx\nd"), [" a", "-b", " c", "+x", " d"]);
        assert_eq!(told("", "a"), ["+a"]);
        assert_eq!(told("a", "a"), [" a"]);
        assert_eq!(told("a\na", "a"), [" a", "-a"]);
    }
}
