//! What a leg hears from us: prompts in a row, music that pauses and goes on.

use std::sync::Arc;

use careline_audio::g711::Law;

use crate::prompts::Prompt;

/// Prompts that may be appended to a row.
const ITEMS_MAX: usize = 64;

/// A position in a row of prompts.
#[derive(Debug)]
pub(super) struct Cursor {
    pub(super) items: Vec<Arc<Prompt>>,
    item: usize,
    offset: usize,
    repeat: bool,
}

impl Cursor {
    pub(super) fn new(items: Vec<Arc<Prompt>>, repeat: bool) -> Self {
        Self { items, item: 0, offset: 0, repeat }
    }

    /// Plays one more behind the last. False: there are enough.
    pub(super) fn append(&mut self, prompt: Arc<Prompt>) -> bool {
        let has_room = self.items.len() < ITEMS_MAX;
        if has_room {
            self.items.push(prompt);
        }
        has_room
    }

    /// Copies the next samples and goes on without a seam from one item to the next; the rest after the end is
    /// silence. True when the end has been reached.
    pub(super) fn fill(&mut self, law: Law, mut frame: &mut [u8]) -> bool {
        while !frame.is_empty() {
            let Some(prompt) = self.items.get(self.item) else {
                frame.fill(law.silence());
                return true;
            };
            let rest = &prompt.samples(law)[self.offset..];
            let copied = rest.len().min(frame.len());
            frame[..copied].copy_from_slice(&rest[..copied]);
            frame = &mut frame[copied..];
            self.offset += copied;
            if copied == rest.len() {
                self.offset = 0;
                self.item += 1;
                if self.repeat && self.item == self.items.len() {
                    self.item = 0;
                }
            }
        }
        self.item >= self.items.len()
    }
}

#[derive(Debug)]
pub(super) struct Playback {
    pub(super) id: u64,
    pub(super) cursor: Cursor,
}

#[derive(Debug)]
pub(super) struct Music {
    pub(super) name: Arc<str>,
    pub(super) cursor: Cursor,
    pub(super) on: bool,
}
