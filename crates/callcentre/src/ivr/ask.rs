//! Questions: keys typed ahead count, silence and wrong keys are counted apart, and who does not manage is led on, not
//! thrown out.
//!
//! ```text
//! ask --said, or skipped by keys typed ahead--> listen --key--> judge --> the node of the answer
//!  ^                                              |               |
//!  +------------silence, a wrong answer-----------+---------------+--> the node of too many of one sort
//! ```

use super::Position;
use super::ahead::Key;
use super::judge::{self, Verdict};
use crate::call::Stage;
use crate::centre::Centre;
use crate::deadlines::Due;
use careline_model::config::plan::{Ask, Collect, Confirm, Flow, Node, Prompt, Value};
use careline_model::{CallId, Now, spoken};
use std::sync::Arc;
use std::time::Duration;

/// An elderly caller is given at least this long for the first key (CF 4.3).
const ELDERLY_FIRST: Duration = Duration::from_secs(10);
/// And this long for each further one.
const ELDERLY_NEXT: Duration = Duration::from_secs(5);

/// A question that waits for its answer.
#[derive(Debug, Clone)]
pub(crate) struct Asking {
    node: Arc<str>,
    /// Keys so far that count.
    typed: String,
    /// One of them was secret.
    masked: bool,
    silences: u32,
    wrong: u32,
    /// A key cuts short what is being said now.
    pub(super) interruptible: bool,
}

impl Asking {
    pub(super) fn new(node: Arc<str>) -> Self {
        Self { node, typed: String::new(), masked: false, silences: 0, wrong: 0, interruptible: false }
    }
}

impl Centre {
    /// Puts the question, with a word before it when it is put again.
    pub(super) fn ask(&mut self, id: CallId, asking: Asking, before: &[Prompt], now: Now) {
        let Some(flow) = self.calls.get(&id).and_then(|call| call.flow.clone()) else { return };
        let Some((node, ask)) = flow.nodes.get(&asking.node).and_then(|node| Some((node, node.ask()?)))
        else {
            return;
        };
        let words = self.wording(id, &asking.node, &ask.prompts, ask.short.as_ref());
        let mut prompts: Vec<Prompt> = before.iter().chain(words).cloned().collect();
        if let Node::Confirm(confirm) = node {
            prompts.extend(self.read_back(id, confirm));
        }
        let Some(call) = self.calls.get_mut(&id) else { return };
        if !ask.keeps_ahead {
            call.ivr.ahead.flush();
        }
        call.ivr.to_say = prompts.into();
        call.enter(Stage::Flow(Position::Asking(asking)), now);
        if !self.say_next(id, now) {
            self.listen(id, now);
        }
    }

    /// The digits of a variable one by one, and the question about them.
    fn read_back(&self, id: CallId, confirm: &Confirm) -> Vec<Prompt> {
        let value = self.calls.get(&id).and_then(|call| call.ivr.variables.get(&confirm.variable));
        let text = match value {
            Some(Value::Text(text)) => text.clone(),
            Some(Value::Number(_) | Value::Flag(_)) | None => "".into(),
        };
        let digits: Vec<Arc<str>> = match &confirm.digits {
            Some(prompts) => text.chars().filter_map(|digit| digit_prompt(prompts, digit)).collect(),
            None => {
                let language = self.calls.get(&id).and_then(|call| call.language.as_deref());
                let said = spoken::say(spoken::Value::Digits(&text), self.plan.prompts.spoken(language));
                said.map(|said| said.prompts()).unwrap_or_default()
            }
        };
        let digits = digits.into_iter().map(|id| Prompt { id, interruptible: true });
        digits.chain(confirm.question.iter().cloned()).collect()
    }

    /// The question is put: keys typed ahead are taken, or the first key is awaited.
    pub(super) fn listen(&mut self, id: CallId, now: Now) {
        let Some((asking, flow)) = self.question(id) else { return };
        let Some(ask) = flow.nodes.get(&asking.node).and_then(Node::ask) else { return };
        let Some(call) = self.calls.get_mut(&id) else { return };
        if call.ivr.ahead.is_empty() {
            let at = now.instant + first_timeout(ask, call.ivr.elderly);
            self.deadlines.set(Due::Caller(id), at);
        } else {
            self.take_keys(id, now);
        }
    }

    /// Gives waiting keys to the question until it is answered or asks again.
    pub(super) fn take_keys(&mut self, id: CallId, now: Now) {
        loop {
            let Some(call) = self.calls.get_mut(&id) else { return };
            let listens =
                matches!(call.stage, Stage::Flow(Position::Asking(_))) && call.sound.playback.is_none();
            let Some(key) = Some(()).filter(|()| listens).and_then(|()| call.ivr.ahead.take()) else {
                return;
            };
            self.key(id, key, now);
        }
    }

    fn key(&mut self, id: CallId, key: Key, now: Now) {
        let Some((mut asking, flow)) = self.question(id) else { return };
        let Some(node) = flow.nodes.get(&asking.node) else { return };
        asking.masked |= key.secret;
        let verdict = judge::after_key(node, &mut asking.typed, key.digit, self.everywhere(id));
        self.decide(id, (asking, &flow), verdict, now);
    }

    pub(super) fn silence_after_question(&mut self, id: CallId, now: Now) {
        let Some((mut asking, flow)) = self.question(id) else { return };
        let Some(node) = flow.nodes.get(&asking.node) else { return };
        match judge::after_silence(node, &asking.typed, self.everywhere(id)) {
            Verdict::Nothing => {
                let Some(ask) = node.ask() else { return };
                asking.silences += 1;
                if asking.silences >= self.tries(id, ask) {
                    self.go(id, "no_input", ask.no_input_to.clone(), now);
                } else {
                    let before = of_try(&ask.no_input, asking.silences);
                    self.ask(id, asking, before, now);
                }
            }
            verdict => self.decide(id, (asking, &flow), verdict, now),
        }
    }

    fn decide(&mut self, id: CallId, (asking, flow): (Asking, &Flow), verdict: Verdict, now: Now) {
        let Some((node, ask)) = flow.nodes.get(&asking.node).and_then(|node| Some((node, node.ask()?)))
        else {
            return;
        };
        self.deadlines.stop(&Due::Caller(id));
        let elderly = self.calls.get(&id).is_some_and(|call| call.ivr.elderly);
        match (verdict, node) {
            (Verdict::More, _) => self.keep_asking(id, asking, next_timeout(ask, elderly), now),
            (Verdict::Nothing, _) => self.keep_asking(id, asking, first_timeout(ask, elderly), now),
            (Verdict::Answer(branch, next), _) => {
                match node {
                    Node::Confirm(_) => self.count(id, &asking.node, 0),
                    Node::Rate(rate) => self.rated(id, rate, &branch, now),
                    _ => {}
                }
                let branch = if asking.masked { "*" } else { branch.as_str() };
                self.go(id, branch, next, now);
            }
            (Verdict::Digits { full }, Node::Collect(collect)) => {
                self.collected(id, (&asking.typed, collect), full, now);
            }
            (Verdict::Again, Node::Confirm(confirm)) => self.once_more(id, &asking.node, confirm, now),
            (Verdict::Agent, _) => self.lead_to_agent(id, now),
            (Verdict::Up, _) => self.up(id, now),
            (Verdict::Wrong | Verdict::Digits { .. } | Verdict::Again, _) => {
                self.wrong_answer(id, asking, ask, now);
            }
        }
    }

    fn keep_asking(&mut self, id: CallId, asking: Asking, patience: Duration, now: Now) {
        if let Some(call) = self.calls.get_mut(&id) {
            call.stage = Stage::Flow(Position::Asking(asking));
        }
        self.deadlines.set(Due::Caller(id), now.instant + patience);
    }

    fn wrong_answer(&mut self, id: CallId, mut asking: Asking, ask: &Ask, now: Now) {
        // What was typed behind a wrong answer was meant for another question.
        if let Some(call) = self.calls.get_mut(&id) {
            call.ivr.ahead.flush();
        }
        asking.typed.clear();
        asking.masked = false;
        asking.wrong += 1;
        if asking.wrong >= self.tries(id, ask) {
            self.go(id, "wrong_input", ask.invalid_to.clone(), now);
        } else {
            let before = of_try(&ask.invalid, asking.wrong);
            self.ask(id, asking, before, now);
        }
    }

    fn collected(&mut self, id: CallId, (digits, collect): (&str, &Collect), full: bool, now: Now) {
        if let (true, Some(end_key), Some(call)) = (full, collect.end_key, self.calls.get_mut(&id)) {
            let until = now.instant + next_timeout(&collect.ask, call.ivr.elderly);
            call.ivr.ahead.expect_stray(end_key, until);
        }
        self.set_variable(id, &collect.into, Value::text(digits), now);
        self.go(id, "collected", collect.next.clone(), now);
    }

    /// The digits that were read are not right: they are asked for again, while there are rounds left.
    fn once_more(&mut self, id: CallId, node: &Arc<str>, confirm: &Confirm, now: Now) {
        let rounds = self.counted(id, node) + 1;
        if rounds >= confirm.rounds {
            self.count(id, node, 0);
            self.go(id, "rounds", confirm.otherwise.clone(), now);
        } else {
            self.count(id, node, rounds);
            self.go(id, "again", confirm.again.clone(), now);
        }
    }

    fn tries(&self, id: CallId, ask: &Ask) -> u32 {
        ask.tries + u32::from(self.calls.get(&id).is_some_and(|call| call.ivr.elderly))
    }

    /// The question a call has before it, with its flow.
    fn question(&self, id: CallId) -> Option<(Asking, Arc<Flow>)> {
        let call = self.calls.get(&id)?;
        let Stage::Flow(Position::Asking(asking)) = &call.stage else { return None };
        Some((asking.clone(), call.flow.clone()?))
    }
}

/// The prompt of a digit.
fn digit_prompt(prompts: &[Arc<str>; 10], digit: char) -> Option<Arc<str>> {
    let value = usize::try_from(digit.to_digit(10)?).ok()?;
    prompts.get(value).cloned()
}

/// What is said before a question is put again, after the first failure, the second, and so on.
fn of_try(prompts: &[Vec<Prompt>], failures: u32) -> &[Prompt] {
    let at = usize::try_from(failures).unwrap_or(usize::MAX).saturating_sub(1);
    prompts.get(at).or_else(|| prompts.last()).map_or(&[], Vec::as_slice)
}

fn first_timeout(ask: &Ask, elderly: bool) -> Duration {
    if elderly { ask.first_timeout.max(ELDERLY_FIRST) } else { ask.first_timeout }
}

fn next_timeout(ask: &Ask, elderly: bool) -> Duration {
    if elderly { ask.inter_digit.max(ELDERLY_NEXT) } else { ask.inter_digit }
}
