//! The room with a lock around it, and everything that waits.

use super::facts::{Action, Input, Row};
use super::message::{Me, ServerMessage};
use super::page::PageId;
use super::room::{Asked, CLOSE_SLOW, Full, Room};
use crate::pop::{FIND_MAX, Findings, Summary, find};
use crate::storage::{StorageError, StorageHealth, Store};
use careline_daemon::Clock;
use careline_model::{CallId, Now, Number};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, Semaphore, mpsc, oneshot};
use tokio::time::timeout;

/// Messages between the desk and a page that reads slowly; a page that has so many unread is closed and begins again.
pub const PAGE_QUEUE_MAX: usize = 256;
/// Rows that wait to be written; further ones are given up and counted in the log.
const ROWS_AHEAD_MAX: usize = 1_024;
/// Searches for callers at once: enough for a rush, few enough for the readers of the database.
const FINDS_MAX: usize = 32;
/// Those who wait for one call's caller; a switch asks once.
const WAITERS_MAX: usize = 8;

/// What a page's queue carries.
#[derive(Debug, Clone, PartialEq)]
pub enum Outgoing {
    /// A message.
    Message(Box<ServerMessage>),
    /// The end, with its code.
    Close(u16),
}

/// A page that was opened. When the queue ends without a close code, the page did not read: close it with
/// [`CLOSE_SLOW`].
#[derive(Debug)]
pub struct OpenPage {
    /// Its id.
    pub id: PageId,
    /// What it is told.
    pub queue: mpsc::Receiver<Outgoing>,
}

/// The database did not say who is calling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the database did not answer")]
pub struct LookUpFailed;

/// The room and its surroundings. Clones are the same hub.
#[derive(Debug, Clone)]
pub struct Hub {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    inside: Mutex<Inside>,
    store: Store,
    clock: Clock,
    rows: mpsc::Sender<Row>,
    finds: Semaphore,
    deadline_changed: Notify,
}

#[derive(Debug)]
struct Inside {
    room: Room,
    queues: BTreeMap<PageId, mpsc::Sender<Outgoing>>,
    waiters: BTreeMap<CallId, Vec<oneshot::Sender<Option<Summary>>>>,
}

impl Hub {
    /// Starts the hub's tasks on the present runtime; they end with it.
    #[must_use]
    pub fn start(store: Store, clock: Clock, switch_ids: impl IntoIterator<Item = String>) -> Self {
        let mut health = store.health();
        let now_healthy = *health.borrow_and_update();
        let (rows, written) = mpsc::channel(ROWS_AHEAD_MAX);
        let inside = Inside {
            room: Room::new(switch_ids, now_healthy),
            queues: BTreeMap::new(),
            waiters: BTreeMap::new(),
        };
        let hub = Self {
            shared: Arc::new(Shared {
                inside: Mutex::new(inside),
                store,
                clock,
                rows,
                finds: Semaphore::new(FINDS_MAX),
                deadline_changed: Notify::new(),
            }),
        };
        tokio::spawn(hub.clone().write_rows(written));
        tokio::spawn(hub.clone().keep_deadlines());
        let follower = hub.clone();
        tokio::spawn(async move {
            while health.changed().await.is_ok() {
                let now: StorageHealth = *health.borrow_and_update();
                follower.handle(Input::Storage(now));
            }
        });
        hub
    }

    /// Takes in what happened, and does what follows.
    pub fn handle(&self, input: Input) {
        self.with(|room, now| ((), room.handle(input, now)));
    }

    /// Looks at the room.
    pub fn look<T>(&self, look: impl FnOnce(&Room) -> T) -> T {
        look(&self.lock().room)
    }

    /// Opens a page.
    ///
    /// # Errors
    /// When too many are open.
    pub fn open(&self, me: Me, sign_in: String) -> Result<OpenPage, Full> {
        let (sender, queue) = mpsc::channel(PAGE_QUEUE_MAX);
        let mut inside = self.lock();
        let (id, actions) = inside.room.open(me, sign_in, self.shared.clock.now())?;
        inside.queues.insert(id, sender);
        self.carry_out(&mut inside, actions);
        Ok(OpenPage { id, queue })
    }

    /// A page's socket is gone.
    pub fn closed(&self, page: PageId) {
        self.lock().queues.remove(&page);
        self.handle(Input::PageClosed(page));
    }

    /// Answers a page's ping.
    pub fn pong(&self, page: PageId) {
        self.with(|room, _| ((), room.pong(page)));
    }

    /// Who may be calling; asks the database unless it was asked already. How long to wait is the asker's to say.
    ///
    /// # Errors
    /// When the database did not answer.
    pub async fn look_up(&self, call: CallId, number: &Number) -> Result<Summary, LookUpFailed> {
        let waiting = {
            let mut inside = self.lock();
            let (asked, actions) = inside.room.ask(call, number);
            let waiting = match asked {
                Asked::Known(summary) => Ok(summary),
                Asked::Wait => {
                    let (sender, receiver) = oneshot::channel();
                    let waiters = inside.waiters.entry(call).or_default();
                    waiters.retain(|waiter| !waiter.is_closed());
                    // One too many is dropped here, and so is told at once that nobody will answer.
                    if waiters.len() < WAITERS_MAX {
                        waiters.push(sender);
                    }
                    Err(receiver)
                }
            };
            self.carry_out(&mut inside, actions);
            waiting
        };
        match waiting {
            Ok(summary) => Ok(summary),
            Err(receiver) => receiver.await.ok().flatten().ok_or(LookUpFailed),
        }
    }

    /// What was found of a call's caller, as soon as it is.
    ///
    /// # Errors
    /// When the database did not answer.
    pub async fn findings(&self, call: CallId, number: &Number) -> Result<Findings, LookUpFailed> {
        self.look_up(call, number).await?;
        self.look(|room| room.findings(call).cloned()).ok_or(LookUpFailed)
    }

    fn with<T>(&self, change: impl FnOnce(&mut Room, Now) -> (T, Vec<Action>)) -> T {
        let mut inside = self.lock();
        let (answer, actions) = change(&mut inside.room, self.shared.clock.now());
        self.carry_out(&mut inside, actions);
        answer
    }

    /// The room is a value that is whole between two calls; a panic of another thread leaves it so.
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.shared.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn carry_out(&self, inside: &mut Inside, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Send(page, message) => self.send(inside, page, message),
                Action::Close(page, code) => {
                    if let Some(queue) = inside.queues.remove(&page) {
                        // Full: it ends without a code, which is a code of its own.
                        let _ = queue.try_send(Outgoing::Close(code));
                    }
                }
                Action::Find(call, number) => self.find(inside, call, number),
                Action::Answer(call, summary) => {
                    for waiter in inside.waiters.remove(&call).unwrap_or_default() {
                        let _ = waiter.send(summary.clone());
                    }
                }
                Action::Write(row) => {
                    if self.shared.rows.try_send(row).is_err() {
                        tracing::warn!("{ROWS_AHEAD_MAX} rows about pops wait already: one is given up");
                    }
                }
            }
        }
        self.shared.deadline_changed.notify_one();
    }

    fn send(&self, inside: &mut Inside, page: PageId, message: ServerMessage) {
        let Some(queue) = inside.queues.get(&page) else { return };
        if queue.try_send(Outgoing::Message(Box::new(message))).is_err() {
            tracing::info!(code = CLOSE_SLOW, "a page does not read: it is closed");
            inside.queues.remove(&page);
            // Gives no actions.
            inside.room.handle(Input::PageClosed(page), self.shared.clock.now());
        }
    }

    fn find(&self, inside: &Inside, call: CallId, number: Number) {
        let names = inside.room.board().agent_names();
        let hub = self.clone();
        tokio::spawn(async move {
            let search = async {
                let _turn = hub.shared.finds.acquire().await.ok()?;
                let now_us = hub.shared.clock.now().wall_us;
                match find(&hub.shared.store, call, &number, &names, now_us).await {
                    Ok(findings) => Some(findings),
                    Err(error) => {
                        tracing::warn!(%call, %error, "the caller could not be looked up");
                        None
                    }
                }
            };
            let findings = timeout(FIND_MAX, search).await.ok().flatten();
            hub.handle(Input::Found { call, number, findings });
        });
    }

    async fn keep_deadlines(self) {
        loop {
            let next = self.look(Room::next_deadline);
            let changed = self.shared.deadline_changed.notified();
            match next {
                None => changed.await,
                Some(at) => tokio::select! {
                    () = changed => {}
                    () = tokio::time::sleep_until(at.into()) => self.handle(Input::Deadline),
                },
            }
        }
    }

    /// Rows in order, behind everything else; a row that the database refuses waits until it is back.
    async fn write_rows(self, mut rows: mpsc::Receiver<Row>) {
        while let Some(row) = rows.recv().await {
            if let Err(error) = self.write(&row).await {
                if error.health() == StorageHealth::Ok {
                    tracing::warn!(%error, "a row about a pop was refused");
                } else {
                    self.handle(Input::NotWritten(row));
                }
            }
        }
    }

    async fn write(&self, row: &Row) -> Result<(), StorageError> {
        let store = &self.shared.store;
        match row {
            Row::PopSent { call, offer, agent, account, offered_us, sent_us, candidates } => {
                let call = call.to_string();
                store.pop_sent(&call, offer.0, agent.as_str(), *offered_us, *sent_us, *candidates).await?;
                store.log_access(*sent_us, account, "pop", "call", &call).await
            }
            Row::PopPainted { call, offer, at_us } => {
                store.pop_painted(&call.to_string(), offer.0, *at_us).await
            }
            Row::OnlyCandidate { call, person, account, at_us } => {
                store.choose_person(&call.to_string(), person, "only", account, *at_us).await
            }
        }
    }
}
