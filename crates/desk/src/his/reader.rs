//! Values of a segment, without its separators and escapes.

use super::escapes::unescaped;
use hl7_parser::Message;
use hl7_parser::message::{Field, Repeat, Segment, Separators};

/// A segment whose values are read without its separators.
pub(super) struct Reader<'m> {
    pub(super) segment: &'m Segment<'m>,
    pub(super) separators: &'m Separators,
}

impl<'m> Reader<'m> {
    /// The first segment of this name.
    pub(super) fn of(message: &'m Message<'m>, name: &str) -> Option<Self> {
        Some(Self { segment: message.segment(name)?, separators: &message.separators })
    }

    pub(super) fn repeats(&self, field: usize) -> impl Iterator<Item = &'m Repeat<'m>> {
        self.segment.field(field).into_iter().flat_map(Field::repeats)
    }

    /// First component of the first repetition.
    pub(super) fn text(&self, field: usize) -> String {
        self.repeats(field).next().map(|repeat| self.part(repeat, 1)).unwrap_or_default()
    }

    /// A component; its first part when it has several. `""` means that it is empty.
    pub(super) fn part(&self, repeat: &'m Repeat<'m>, component: usize) -> String {
        let Some(component) = repeat.component(component) else { return String::new() };
        let raw = component.subcomponent(1).map_or_else(|| component.raw_value(), |part| part.raw_value());
        let text = unescaped(self.separators, raw);
        let text = text.trim();
        if text == "\"\"" { String::new() } else { text.to_owned() }
    }

    /// A component of the first repetition, cut.
    pub(super) fn piece(&self, field: usize, component: usize, chars_max: usize) -> String {
        let repeat = self.repeats(field).next();
        repeat.map(|repeat| cut(&self.part(repeat, component), chars_max)).unwrap_or_default()
    }
}

/// Without control characters, and not longer than that.
pub(super) fn cut(text: &str, chars_max: usize) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(chars_max).collect()
}
