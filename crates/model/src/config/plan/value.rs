//! Values of the IVR: what a call may remember in its flow, what it knows of itself, and how both are compared.

use std::fmt;
use std::sync::Arc;

/// A thing that a call may remember.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// What it can be.
    pub kind: ValueKind,
    /// Nobody may see it in events, nor the keys that it is typed with.
    pub secret: bool,
}

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// Characters, at most [`Value::CHARS_MAX`] of them.
    Text,
    /// A whole number.
    Number,
    /// True or false.
    Flag,
}

impl ValueKind {
    /// All of them with their words in flow files.
    pub const ALL: [(&'static str, Self); 3] =
        [("text", Self::Text), ("number", Self::Number), ("bool", Self::Flag)];

    /// Its word in flow files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Flag => "bool",
        }
    }
}

/// A typed value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Characters.
    Text(Arc<str>),
    /// A whole number.
    Number(i64),
    /// True or false.
    Flag(bool),
}

impl Value {
    /// Longest text, in characters; what is longer is cut.
    pub const CHARS_MAX: usize = 256;

    /// A text, cut to [`Value::CHARS_MAX`] characters, without control characters.
    #[must_use]
    pub fn text(text: &str) -> Self {
        let kept: String = text.chars().filter(|c| !c.is_control()).take(Self::CHARS_MAX).collect();
        Self::Text(kept.into())
    }

    /// Its type.
    #[must_use]
    pub fn kind(&self) -> ValueKind {
        match self {
            Self::Text(_) => ValueKind::Text,
            Self::Number(_) => ValueKind::Number,
            Self::Flag(_) => ValueKind::Flag,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Flag(flag) => write!(f, "{flag}"),
        }
    }
}

/// What every call knows of itself; flows read these like variables of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallFact {
    /// The caller's number in normal form, empty when withheld.
    Number,
    /// The dialled number in normal form.
    Dialled,
    /// The line's id.
    Line,
    /// The line's advertising medium.
    Medium,
    /// The prompt set it hears; empty for the default one.
    Language,
    /// It is given more time and one more try.
    Elderly,
    /// Points for its order in queues.
    Priority,
}

impl CallFact {
    /// All of them with their names in flow files and events.
    pub const ALL: [(&'static str, Self); 7] = [
        ("call.number", Self::Number),
        ("call.dialled", Self::Dialled),
        ("call.line", Self::Line),
        ("call.medium", Self::Medium),
        ("call.language", Self::Language),
        ("call.elderly", Self::Elderly),
        ("call.priority", Self::Priority),
    ];

    /// The fact of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, fact)| *fact)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, fact)| *fact == self).map_or("", |(name, _)| name)
    }

    /// Its type.
    #[must_use]
    pub fn kind(self) -> ValueKind {
        match self {
            Self::Number | Self::Dialled | Self::Line | Self::Medium | Self::Language => ValueKind::Text,
            Self::Elderly => ValueKind::Flag,
            Self::Priority => ValueKind::Number,
        }
    }
}

/// Where a value is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A variable of the flow; nothing while it was not set.
    Variable(Arc<str>),
    /// What the call knows of itself.
    Fact(CallFact),
}

/// A value, or where to read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// As written.
    Literal(Value),
    /// Read when the call gets there.
    From(Source),
}

/// What can be set to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A variable of the flow.
    Variable(Arc<str>),
    /// Whether the call is given more time and one more try.
    Elderly,
}

/// A test of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// It is this.
    Is(Value),
    /// It is a text that begins so.
    Prefix(Arc<str>),
    /// It is a number that compares so.
    Compares(Comparison),
}

impl Test {
    /// Whether a value passes.
    #[must_use]
    pub fn fits(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Is(wanted), value) => wanted == value,
            (Self::Prefix(prefix), Value::Text(text)) => text.starts_with(&**prefix),
            (Self::Compares(comparison), Value::Number(number)) => comparison.holds(*number),
            (Self::Prefix(_) | Self::Compares(_), _) => false,
        }
    }
}

/// A comparison of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// The same.
    Is(i64),
    /// Less.
    LessThan(i64),
    /// The same or more.
    AtLeast(i64),
}

impl Comparison {
    /// Whether it holds.
    #[must_use]
    pub fn holds(self, number: i64) -> bool {
        match self {
            Self::Is(wanted) => number == wanted,
            Self::LessThan(limit) => number < limit,
            Self::AtLeast(limit) => number >= limit,
        }
    }
}

/// A figure of a queue (CF B8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueFigure {
    /// Agents who serve it and could take a call this instant.
    Available,
    /// Agents who serve it and are available, in a call, or in wrap-up.
    Staffed,
    /// Agents who serve it and are signed in.
    Online,
    /// Callers who wait in it.
    Waiting,
    /// The longest of their waits so far, in whole seconds.
    LongestWait,
    /// How long one more would wait, as far as can be told, in whole seconds; without end while nobody works (CF B8).
    ExpectedWait,
}

impl QueueFigure {
    /// All of them with their words in flow files.
    pub const ALL: [(&'static str, Self); 6] = [
        ("available", Self::Available),
        ("staffed", Self::Staffed),
        ("online", Self::Online),
        ("waiting", Self::Waiting),
        ("longest_wait_s", Self::LongestWait),
        ("expected_wait_s", Self::ExpectedWait),
    ];
}
