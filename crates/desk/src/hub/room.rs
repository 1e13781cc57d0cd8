//! Decides who is told what.

mod offers;

use super::facts::{Action, Input, Row};
use super::message::{LiveSnapshot, Me, ServerBody};
use super::page::{Page, PageId};
use crate::live::{Board, Change};
use crate::pop::{Findings, PopCache, Prepared, Summary};
use crate::storage::StorageHealth;
use careline_model::snapshot::{CallStage, Snapshot};
use careline_model::{CallId, Now, Number};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

/// Open pages; further ones are refused.
pub const PAGES_MAX: usize = 512;
/// How long a ringing phone's pop waits for the database; then the number goes out alone.
pub const POP_WAIT_MAX: Duration = Duration::from_millis(100);
/// When a failed search is tried again, as long as its call lives.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// Rows that wait for the database to come back; the oldest are given up.
const POSTPONED_MAX: usize = 1_000;

/// Close code: another browser of this account opened a stream.
pub const CLOSE_SUPERSEDED: u16 = 4001;
/// Close code: signed out, here or elsewhere, or for too long signed in.
pub const CLOSE_SIGNED_OUT: u16 = 4003;
/// Close code: the page did not read; it may come again at once.
pub const CLOSE_SLOW: u16 = 4008;

/// What is known of a caller at this moment.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// This.
    Known(Summary),
    /// [`Action::Answer`] will tell.
    Wait,
}

/// As many pages are open as may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{PAGES_MAX} pages are open already")]
pub struct Full;

/// Board, pops and pages.
#[derive(Debug, Clone)]
pub struct Room {
    board: Board,
    pops: PopCache,
    pages: BTreeMap<PageId, Page>,
    last_page: u64,
    storage: StorageHealth,
    retries: BTreeSet<(Instant, CallId)>,
    postponed: VecDeque<Row>,
    /// When postponed rows are tried although nobody said that the database was away.
    write_again: Option<Instant>,
}

impl Room {
    /// A room without pages, whose switches are all away.
    #[must_use]
    pub fn new(switch_ids: impl IntoIterator<Item = String>, storage: StorageHealth) -> Self {
        Self {
            board: Board::new(switch_ids),
            pops: PopCache::default(),
            pages: BTreeMap::new(),
            last_page: 0,
            storage,
            retries: BTreeSet::new(),
            postponed: VecDeque::new(),
            write_again: None,
        }
    }

    /// What is true at the switches.
    #[must_use]
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// The database, as pages were told.
    #[must_use]
    pub fn storage(&self) -> StorageHealth {
        self.storage
    }

    /// What was found of a call's caller.
    #[must_use]
    pub fn findings(&self, call: CallId) -> Option<&Findings> {
        self.pops.ready(call).map(|findings| &**findings)
    }

    /// A page opens: it gets everything it may see. The newest page of an agent's account is the only one; a
    /// supervisor may have several. `sign_in` is the digest of its cookie.
    ///
    /// # Errors
    /// When [`PAGES_MAX`] are open.
    pub fn open(&mut self, me: Me, sign_in: String, now: Now) -> Result<(PageId, Vec<Action>), Full> {
        let mut actions = Vec::new();
        if me.roles.take_calls() {
            let older = self.pages.iter().filter(|(_, page)| page.me.account == me.account);
            let older: Vec<PageId> = older.map(|(id, _)| *id).collect();
            for id in older {
                self.send(id, ServerBody::Superseded {}, &mut actions);
                self.close(id, CLOSE_SUPERSEDED, &mut actions);
            }
        }
        if self.pages.len() >= PAGES_MAX {
            return Err(Full);
        }
        self.last_page += 1;
        let id = PageId(self.last_page);
        self.pages.insert(id, Page::new(me, sign_in));
        self.send_everything(id, now, &mut actions);
        Ok((id, actions))
    }

    /// Answers a page's ping.
    pub fn pong(&mut self, page: PageId) -> Vec<Action> {
        let mut actions = Vec::new();
        self.send(page, ServerBody::Pong {}, &mut actions);
        actions
    }

    /// A switch, or a page that shows the call, wants to know who is calling.
    pub fn ask(&mut self, call: CallId, number: &Number) -> (Asked, Vec<Action>) {
        if let Some(findings) = self.pops.ready(call) {
            return (Asked::Known(Summary::of(findings)), Vec::new());
        }
        let mut actions = Vec::new();
        self.want(call, number, &mut actions);
        (Asked::Wait, actions)
    }

    /// The next moment at which something is due.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        let retry = self.retries.first().map(|(at, _)| *at);
        self.pages.values().filter_map(Page::awaits_until).chain(retry).chain(self.write_again).min()
    }

    /// Takes in what happened.
    pub fn handle(&mut self, input: Input, now: Now) -> Vec<Action> {
        let mut actions = Vec::new();
        match input {
            Input::Snapshot { switch, snapshot } => self.reset(&switch, snapshot, now, &mut actions),
            Input::Event { switch, event } => {
                let changes = self.board.handle(&switch, &event);
                self.tell(changes, now, &mut actions);
            }
            Input::Disconnected { switch } => {
                let changes = self.board.disconnected(&switch);
                self.tell(changes, now, &mut actions);
            }
            Input::Queues { switch, queues } => {
                let changes = self.board.refresh_queues(&switch, &queues);
                self.tell(changes, now, &mut actions);
            }
            Input::Storage(health) => self.storage_is(health, &mut actions),
            Input::Found { call, number, findings } => self.found(call, &number, findings, now, &mut actions),
            Input::Chosen { call, person } => self.pops.choose(call, &person),
            Input::AskAgain { call } => {
                if let Some(number) = self.board.call(call).map(|live| live.caller.clone()) {
                    self.pops.start(call, number.clone());
                    actions.push(Action::Find(call, number));
                }
            }
            Input::NotWritten(row) => {
                if self.postponed.len() == POSTPONED_MAX {
                    self.postponed.pop_front();
                }
                self.postponed.push_back(row);
                if self.storage == StorageHealth::Ok {
                    self.write_again.get_or_insert(now.instant + RETRY_AFTER);
                }
            }
            Input::Painted { page, call, offer } => self.painted(page, call, offer, now, &mut actions),
            Input::PageClosed(page) => {
                self.pages.remove(&page);
            }
            Input::SignedOut { sign_in } => {
                let gone = self.pages.iter().filter(|(_, page)| page.sign_in == sign_in);
                let gone: Vec<PageId> = gone.map(|(id, _)| *id).collect();
                for id in gone {
                    self.close(id, CLOSE_SIGNED_OUT, &mut actions);
                }
            }
            Input::Deadline => self.due(now, &mut actions),
        }
        actions
    }

    /// Everything of a switch is new: every page begins again, and hears before which phones ring no more.
    fn reset(&mut self, switch: &str, snapshot: Snapshot, now: Now, actions: &mut Vec<Action>) {
        let changes = self.board.reset(switch, snapshot);
        for change in changes {
            match change {
                Change::OfferEnded { call, offer, agent, outcome } => {
                    self.offer_ended(call, offer, &agent, outcome, now, actions);
                }
                Change::Arrived(call) => self.arrived(call, actions),
                Change::Connected { call, agent: _ } => self.only_candidate(call, now, actions),
                Change::CallGone(call) => self.pops.forget(call),
                // The snapshot says them all.
                Change::Switch(_)
                | Change::Call(_)
                | Change::Agent(_)
                | Change::Queue(_)
                | Change::OfferMade { .. }
                | Change::TransferEnded { .. }
                | Change::Recording { .. } => {}
            }
        }
        let pages: Vec<PageId> = self.pages.keys().copied().collect();
        for page in pages {
            self.send_everything(page, now, actions);
        }
    }

    fn tell(&mut self, changes: Vec<Change>, now: Now, actions: &mut Vec<Action>) {
        for change in changes {
            match change {
                Change::Arrived(call) => self.arrived(call, actions),
                Change::Call(call) => self.tell_call(call, actions),
                Change::CallGone(call) => self.call_gone(call, actions),
                Change::Agent(agent) => {
                    let Some(view) = self.board.agent_view(&agent) else { continue };
                    let sees = |page: &Page| page.may_see(Some(&agent));
                    self.send_to(sees, &ServerBody::Agent { agent: view }, actions);
                }
                Change::Queue(queue) => {
                    let Some(view) = self.board.queue_view(&queue) else { continue };
                    self.send_to(|_| true, &ServerBody::Queue { queue: view }, actions);
                }
                Change::Switch(id) => {
                    let Some(switch) = self.board.switch_views().into_iter().find(|view| view.id == id)
                    else {
                        continue;
                    };
                    self.send_to(|_| true, &ServerBody::Switch { switch }, actions);
                }
                Change::OfferMade { call, offer, agent, at_us } => {
                    self.offer_made(call, offer, &agent, at_us, now, actions);
                }
                Change::OfferEnded { call, offer, agent, outcome } => {
                    self.offer_ended(call, offer, &agent, outcome, now, actions);
                }
                Change::Connected { call, agent } => {
                    self.without_offer(call, &agent, now, actions);
                    self.only_candidate(call, now, actions);
                }
                Change::TransferEnded { call, agent, to, outcome } => {
                    self.transfer_ended(call, &agent, &to, outcome, actions);
                }
                Change::Recording { call, recording, finished } => {
                    let recording = recording.as_str().to_owned();
                    let body = ServerBody::Recording { call: call.to_string(), recording, finished };
                    self.send_to(|page| page.follows(call), &body, actions);
                }
            }
        }
    }

    fn arrived(&mut self, call: CallId, actions: &mut Vec<Action>) {
        let Some(number) = self.board.call(call).map(|live| live.caller.clone()) else { return };
        self.want(call, &number, actions);
        // The switch may have asked before its event came.
        if let Some(Summary { persons, label }) = self.pops.ready(call).map(|findings| Summary::of(findings))
        {
            self.board.found(call, persons, &label);
        }
    }

    fn tell_call(&mut self, call: CallId, actions: &mut Vec<Action>) {
        let Some(live) = self.board.call(call) else { return };
        let (agent, view) = (live.agent.clone(), live.view(call));
        let ids: Vec<PageId> = self.pages.keys().copied().collect();
        for id in ids {
            let Some(page) = self.pages.get_mut(&id) else { continue };
            if page.may_see(agent.as_ref()) {
                page.shown.insert(call);
                self.send(id, ServerBody::Call { call: view.clone() }, actions);
            } else if page.lose(call) {
                self.send(id, ServerBody::CallGone { call: call.to_string() }, actions);
            }
        }
    }

    fn call_gone(&mut self, call: CallId, actions: &mut Vec<Action>) {
        self.pops.forget(call);
        let ids: Vec<PageId> = self.pages.keys().copied().collect();
        for id in ids {
            if self.pages.get_mut(&id).is_some_and(|page| page.lose(call)) {
                self.send(id, ServerBody::CallGone { call: call.to_string() }, actions);
            }
        }
    }

    fn storage_is(&mut self, health: StorageHealth, actions: &mut Vec<Action>) {
        if self.storage == health {
            return;
        }
        self.storage = health;
        self.send_to(|_| true, &ServerBody::Storage { storage: health }, actions);
        if health == StorageHealth::Ok {
            self.write_postponed(actions);
            let failed: Vec<CallId> = self.retries.iter().map(|(_, call)| *call).collect();
            self.retries.clear();
            for call in failed {
                self.retry(call, actions);
            }
        }
    }

    fn found(
        &mut self,
        call: CallId,
        number: &Number,
        findings: Option<Findings>,
        now: Now,
        actions: &mut Vec<Action>,
    ) {
        let summary = findings.as_ref().map(Summary::of);
        self.pops.found(call, number, findings);
        actions.push(Action::Answer(call, summary.clone()));
        match summary {
            Some(Summary { persons, label }) => {
                let changes = self.board.found(call, persons, &label);
                self.tell(changes, now, actions);
                self.only_candidate(call, now, actions);
            }
            None if self.board.call(call).is_some() => {
                self.retries.insert((now.instant + RETRY_AFTER, call));
            }
            None => {}
        }
        self.fill_pops(call, now, actions);
    }

    /// With one candidate nobody needs to choose, once the caller talks to an agent.
    fn only_candidate(&mut self, call: CallId, now: Now, actions: &mut Vec<Action>) {
        let Some(live) = self.board.call(call).filter(|live| live.stage == CallStage::Talking) else {
            return;
        };
        let Some(Findings { candidates, chosen: None, .. }) = self.findings(call) else { return };
        let [only] = candidates.as_slice() else { return };
        let person = only.person.clone();
        let page =
            live.agent.as_ref().and_then(|agent| self.pages.values().find(|page| page.is_agent(agent)));
        let account = page.map_or_else(|| "desk".to_owned(), |page| page.me.account.clone());
        self.pops.choose(call, &person);
        actions.push(Action::Write(Row::OnlyCandidate { call, person, account, at_us: now.wall_us }));
    }

    fn due(&mut self, now: Now, actions: &mut Vec<Action>) {
        self.pops_overdue(now, actions);
        if self.write_again.is_some_and(|at| at <= now.instant) {
            self.write_postponed(actions);
        }
        while let Some((at, call)) = self.retries.first().copied() {
            if at > now.instant {
                return;
            }
            self.retries.pop_first();
            self.retry(call, actions);
        }
    }

    fn write_postponed(&mut self, actions: &mut Vec<Action>) {
        self.write_again = None;
        actions.extend(self.postponed.drain(..).map(Action::Write));
    }

    fn retry(&mut self, call: CallId, actions: &mut Vec<Action>) {
        if self.pops.get(call) != Some(&Prepared::Failed) {
            return;
        }
        if let Some(number) = self.board.call(call).map(|live| live.caller.clone()) {
            self.want(call, &number, actions);
        }
    }

    fn want(&mut self, call: CallId, number: &Number, actions: &mut Vec<Action>) {
        if self.pops.want(call, number) {
            actions.push(Action::Find(call, number.clone()));
        }
    }

    /// The snapshot for one page.
    fn send_everything(&mut self, id: PageId, now: Now, actions: &mut Vec<Action>) {
        let offer = self.present_offer(id, now, actions);
        let Some(page) = self.pages.get_mut(&id) else { return };
        let own = |agent: &str| {
            page.sees_everything() || page.agent.as_ref().is_some_and(|own| own.as_str() == agent)
        };
        let agents = self.board.agent_views().into_iter().filter(|agent| own(&agent.agent)).collect();
        let calls: Vec<_> =
            self.board.calls().filter(|(_, live)| page.may_see(live.agent.as_ref())).collect();
        let shown: BTreeSet<CallId> = calls.iter().map(|(call, _)| *call).collect();
        let body = LiveSnapshot {
            server_time_us: now.wall_us,
            me: page.me.clone(),
            storage: self.storage,
            switches: self.board.switch_views(),
            agents,
            queues: self.board.queue_views(),
            calls: calls.into_iter().map(|(call, live)| live.view(call)).collect(),
            not_ready_codes: self.board.not_ready_reasons(),
            offer,
        };
        page.shown = shown;
        self.send(id, ServerBody::Snapshot(Box::new(body)), actions);
    }

    fn send_to(&mut self, sees: impl Fn(&Page) -> bool, body: &ServerBody, actions: &mut Vec<Action>) {
        for (id, page) in self.pages.iter_mut().filter(|(_, page)| sees(page)) {
            actions.push(Action::Send(*id, page.message(body.clone())));
        }
    }

    fn send(&mut self, id: PageId, body: ServerBody, actions: &mut Vec<Action>) {
        if let Some(page) = self.pages.get_mut(&id) {
            actions.push(Action::Send(id, page.message(body)));
        }
    }

    fn close(&mut self, id: PageId, code: u16, actions: &mut Vec<Action>) {
        if self.pages.remove(&id).is_some() {
            actions.push(Action::Close(id, code));
        }
    }
}
