//! The white, the black and the protected list.

use careline_model::screening::{ListEntry, ListKind, Pattern, Scope};
use careline_model::{LineId, Number, QueueId};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Most entries of one list; one more is refused.
pub(super) const ENTRIES_MAX: usize = 10_000;

/// Where a call is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place<'a> {
    /// At the door of a line.
    Door(&'a LineId),
    /// Came over a line, and is about to enter a queue.
    Queue(&'a LineId, &'a QueueId),
}

/// All lists.
#[derive(Debug, Default)]
pub(super) struct Lists {
    white: List,
    black: List,
    protected: List,
}

/// One list. Entries of one number or prefix differ in their scope, the narrower first.
#[derive(Default)]
struct List {
    numbers: BTreeMap<Arc<str>, Vec<ListEntry>>,
    prefixes: BTreeMap<Arc<str>, Vec<ListEntry>>,
    len: usize,
}

// Keys are numbers of persons.
impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "List of {}", self.len)
    }
}

impl Lists {
    pub(super) fn new(entries: &[ListEntry]) -> Self {
        let mut lists = Self::default();
        // The configuration's own limit is lower than that of a list.
        entries.iter().for_each(|entry| lists.list_mut(entry.list).put(entry.clone()));
        lists
    }

    /// Takes an entry, in the place of the one with its key. Gives false when the list is full of entries that count.
    pub(super) fn set(&mut self, entry: ListEntry, wall_us: i64) -> bool {
        let list = self.list_mut(entry.list);
        if list.len >= ENTRIES_MAX && !list.has(&entry) {
            list.retain(|one| one.counts_at(wall_us));
        }
        let room = list.len < ENTRIES_MAX || list.has(&entry);
        if room {
            list.put(entry);
        }
        room
    }

    /// Whether this entry is there, and nothing else in its place.
    pub(super) fn has_exactly(&self, entry: &ListEntry) -> bool {
        let list = self.list(entry.list);
        let entries = match &entry.pattern {
            Pattern::Number(number) => list.numbers.get(number.as_str()),
            Pattern::Prefix(prefix) => list.prefixes.get(prefix.as_str()),
        };
        entries.is_some_and(|entries| entries.contains(entry))
    }

    /// Whether an entry with the key of this one is there.
    pub(super) fn has_key(&self, entry: &ListEntry) -> bool {
        let list = self.list(entry.list);
        let entries = match &entry.pattern {
            Pattern::Number(number) => list.numbers.get(number.as_str()),
            Pattern::Prefix(prefix) => list.prefixes.get(prefix.as_str()),
        };
        entries.is_some_and(|entries| entries.iter().any(|one| one.scope == entry.scope))
    }

    /// Takes the entry with this key out.
    pub(super) fn remove(&mut self, list: ListKind, pattern: &Pattern, scope: &Scope) -> Option<ListEntry> {
        self.list_mut(list).remove(pattern, scope)
    }

    /// The entry that means this caller here: of the number itself before a prefix, of a long prefix before a short
    /// one, of a narrow scope before a wide one.
    pub(super) fn find(
        &self,
        list: ListKind,
        caller: &Number,
        place: Place<'_>,
        wall_us: i64,
    ) -> Option<&ListEntry> {
        let fits = |entry: &&ListEntry| entry.counts_at(wall_us) && fits(entry, list, place);
        let list = self.list(list);
        let caller = caller.as_str();
        let number = || list.numbers.get(caller)?.iter().find(fits);
        let of_prefix =
            |(end, c): (usize, char)| list.prefixes.get(&caller[..end + c.len_utf8()])?.iter().find(fits);
        let prefix = || match list.prefixes.is_empty() {
            true => None,
            false => caller.char_indices().rev().find_map(of_prefix),
        };
        number().or_else(prefix)
    }

    /// The entries of a list that count.
    pub(super) fn entries(&self, list: ListKind, wall_us: i64) -> Vec<ListEntry> {
        let list = self.list(list);
        let all = list.numbers.values().chain(list.prefixes.values()).flatten();
        all.filter(|entry| entry.counts_at(wall_us)).cloned().collect()
    }

    fn list(&self, kind: ListKind) -> &List {
        match kind {
            ListKind::White => &self.white,
            ListKind::Black => &self.black,
            ListKind::Protected => &self.protected,
        }
    }

    fn list_mut(&mut self, kind: ListKind) -> &mut List {
        match kind {
            ListKind::White => &mut self.white,
            ListKind::Black => &mut self.black,
            ListKind::Protected => &mut self.protected,
        }
    }
}

/// Whether the scope of an entry covers a place. What the black list says of a whole line was said at the door, and is
/// not said again before each queue.
fn fits(entry: &ListEntry, list: ListKind, place: Place<'_>) -> bool {
    match (&entry.scope, place) {
        (Scope::All, Place::Queue(..)) => list != ListKind::Black,
        (Scope::All, Place::Door(_)) => true,
        (Scope::Line(line), Place::Door(here)) => line == here,
        (Scope::Line(line), Place::Queue(here, _)) => list != ListKind::Black && line == here,
        (Scope::Queue(queue), Place::Queue(_, here)) => queue == here,
        (Scope::Queue(_), Place::Door(_)) => false,
    }
}

impl List {
    fn of(&mut self, pattern: &Pattern) -> (&mut BTreeMap<Arc<str>, Vec<ListEntry>>, Arc<str>) {
        match pattern {
            Pattern::Number(number) => (&mut self.numbers, number.as_str().into()),
            Pattern::Prefix(prefix) => (&mut self.prefixes, prefix.as_str().into()),
        }
    }

    fn has(&mut self, entry: &ListEntry) -> bool {
        let (map, key) = self.of(&entry.pattern);
        map.get(&key).is_some_and(|entries| entries.iter().any(|one| one.scope == entry.scope))
    }

    fn put(&mut self, entry: ListEntry) {
        self.remove(&entry.pattern, &entry.scope);
        let (map, key) = self.of(&entry.pattern);
        let entries = map.entry(key).or_default();
        entries.push(entry);
        // `All` is the smallest scope.
        entries.sort_by(|one, other| other.scope.cmp(&one.scope));
        self.len += 1;
    }

    fn remove(&mut self, pattern: &Pattern, scope: &Scope) -> Option<ListEntry> {
        let (map, key) = self.of(pattern);
        let entries = map.get_mut(&key)?;
        let removed = entries.remove(entries.iter().position(|one| one.scope == *scope)?);
        if entries.is_empty() {
            map.remove(&key);
        }
        self.len -= 1;
        Some(removed)
    }

    fn retain(&mut self, keep: impl Fn(&ListEntry) -> bool) {
        let mut len = 0;
        for map in [&mut self.numbers, &mut self.prefixes] {
            map.retain(|_, entries| {
                entries.retain(&keep);
                len += entries.len();
                !entries.is_empty()
            });
        }
        self.len = len;
    }
}
