//! `careline-traffic handoff`: how long a freed agent waits for the next patient when many are waiting.
//!
//! Agents answer at once and hang up after one to three seconds; a number of callers is kept in the system. Measured
//! is the time from an agent's BYE leaving to the next INVITE for that agent arriving, by this program's clock.

use crate::agenda::Agenda;
use crate::draw::Draw;
use crate::phones::{Account, Happened, Phones, PhonesOptions, Ringing};
use crate::stream::{News, StreamId};
use crate::voice::Voice;
use careline_sip::{DialogId, Event};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Shortest and longest talk.
const TALK: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(3));
/// Callers arrive so far apart at the beginning.
const ARRIVAL_GAP: Duration = Duration::from_millis(40);
/// The key is pressed so often until a phone rings.
const PRESS_EVERY: Duration = Duration::from_millis(1500);
/// ... at most so many times.
const PRESSES_MAX: u32 = 4;
/// A caller who was refused dials again after this.
const REDIAL: Duration = Duration::from_millis(200);
/// The first seconds fill the queue and are not measured.
const WARM_UP: Duration = Duration::from_secs(3);

/// What is asked for.
#[derive(Debug, Clone)]
pub struct HandoffOptions {
    /// Where everybody is.
    pub phones: PhonesOptions,
    /// The number that callers dial.
    pub number: String,
    /// Agents.
    pub agents: u32,
    /// Id of the first.
    pub first_agent: u32,
    /// An agent's password is this and its id.
    pub password_prefix: String,
    /// Callers kept in the system.
    pub callers: usize,
    /// Length of the measurement.
    pub length: Duration,
    /// Same seed, same lengths of talk.
    pub seed: u64,
}

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Handoff {
    /// Median, milliseconds.
    pub handoff_p50_ms: f64,
    /// 99 of 100 were faster, milliseconds.
    pub handoff_p99_ms: f64,
    /// The slowest, milliseconds.
    pub handoff_max_ms: f64,
    /// How many were measured.
    pub n: usize,
    /// Conversations in the whole run.
    pub talks: u64,
    /// Calls refused or cut by the switch: 0 in a sound run.
    pub failed: u64,
    /// Furthest that the RTP thread was behind, milliseconds.
    pub pace_behind_max_ms: u64,
}

#[derive(Debug, Clone, Copy)]
enum ToDo {
    Dial(usize),
    Press { caller: usize, dialog: DialogId, left: u32 },
    HangUp(DialogId),
    End,
}

#[derive(Debug, Default, Clone, Copy)]
struct Caller {
    dialog: Option<DialogId>,
    stream: Option<StreamId>,
}

struct Floor {
    phones: Phones,
    agenda: Agenda<ToDo>,
    draw: Draw,
    options: HandoffOptions,
    callers: Vec<Caller>,
    callers_by_dialog: BTreeMap<DialogId, usize>,
    talks: BTreeMap<DialogId, (String, StreamId)>,
    freed: BTreeMap<String, Instant>,
    measured: Vec<Duration>,
    measuring_from: Instant,
    talked: u64,
    failed: u64,
}

/// Measures.
///
/// # Errors
/// When the phones cannot be bound or registered.
pub async fn run(options: HandoffOptions) -> anyhow::Result<Handoff> {
    let rng = Draw::new(options.seed, u64::MAX).into_rng();
    let mut phones = Phones::bind(options.phones.clone(), rng).await?;
    let ids = options.first_agent..options.first_agent + options.agents;
    let accounts: Vec<Account> = ids
        .map(|id| Account { agent: id.to_string(), password: format!("{}{id}", options.password_prefix) })
        .collect();
    phones.register(&accounts, 3600).await?;
    let mut floor = Floor {
        phones,
        agenda: Agenda::default(),
        draw: Draw::new(options.seed, 0),
        callers: vec![Caller::default(); options.callers],
        options,
        callers_by_dialog: BTreeMap::new(),
        talks: BTreeMap::new(),
        freed: BTreeMap::new(),
        measured: Vec::new(),
        measuring_from: Instant::now() + WARM_UP,
        talked: 0,
        failed: 0,
    };
    floor.work().await;
    floor.go_home();
    // The farewells must leave before the phones are taken away.
    floor.phones.register(&accounts, 0).await?;
    Ok(floor.result())
}

impl Floor {
    async fn work(&mut self) {
        let start = Instant::now();
        for caller in 0..self.callers.len() {
            self.agenda.note(start + ARRIVAL_GAP * u32::try_from(caller).unwrap_or(0), ToDo::Dial(caller));
        }
        self.agenda.note(start + WARM_UP + self.options.length, ToDo::End);
        loop {
            match self.phones.next(self.agenda.next()).await {
                Happened::Rings(ringing) => self.rings(&ringing),
                Happened::Dialog(event) => self.dialog(event),
                Happened::Rtp(News::SoundBegan(_) | News::Closed(..)) | Happened::Deadline => {}
            }
            while let Some(todo) = self.agenda.due(Instant::now()) {
                if matches!(todo, ToDo::End) {
                    return;
                }
                self.obey(todo);
            }
        }
    }

    fn obey(&mut self, todo: ToDo) {
        match todo {
            ToDo::Dial(caller) => self.dial(caller),
            ToDo::Press { caller, dialog, left } => {
                let Caller { dialog: Some(current), stream: Some(stream) } = self.callers[caller] else {
                    return;
                };
                if current == dialog && left > 0 {
                    self.phones.streams().press(stream, '0');
                    let again = ToDo::Press { caller, dialog, left: left - 1 };
                    self.agenda.note(Instant::now() + PRESS_EVERY, again);
                }
            }
            ToDo::HangUp(dialog) => {
                let Some((agent, stream)) = self.talks.remove(&dialog) else { return };
                let left = self.phones.hang_up(dialog);
                self.freed.insert(agent, left);
                self.phones.streams().close(stream);
            }
            ToDo::End => {}
        }
    }

    fn dial(&mut self, caller: usize) {
        let (from, number) = (format!("139{caller:08}"), self.options.number.clone());
        match self.phones.dial(&from, &number) {
            Ok(dialled) => {
                self.callers[caller] = Caller { dialog: Some(dialled.dialog), stream: Some(dialled.stream) };
                self.callers_by_dialog.insert(dialled.dialog, caller);
            }
            Err(_) => self.again(caller),
        }
    }

    fn again(&mut self, caller: usize) {
        self.failed += 1;
        self.agenda.note(Instant::now() + REDIAL, ToDo::Dial(caller));
    }

    fn rings(&mut self, ringing: &Ringing) {
        if let Some(left) = self.freed.remove(&ringing.agent)
            && left >= self.measuring_from
        {
            self.measured.push(ringing.at.saturating_duration_since(left));
        }
        let Ok(stream) = self.phones.answer(ringing.dialog, Voice::silent) else { return };
        self.talked += 1;
        self.talks.insert(ringing.dialog, (ringing.agent.clone(), stream));
        let talk = self.draw.between(TALK.0, TALK.1);
        self.agenda.note(Instant::now() + talk, ToDo::HangUp(ringing.dialog));
    }

    fn dialog(&mut self, event: Event) {
        match event {
            Event::Answered { dialog, sdp } => {
                let Some(&caller) = self.callers_by_dialog.get(&dialog) else { return };
                let Some(stream) = self.callers[caller].stream else { return };
                if self.phones.speak(stream, sdp.as_deref(), Voice::silent).is_err() {
                    self.failed += 1;
                }
                let press = ToDo::Press { caller, dialog, left: PRESSES_MAX };
                self.agenda.note(Instant::now() + PRESS_EVERY / 2, press);
            }
            Event::Refused { dialog, .. } => {
                if let Some(caller) = self.left(dialog) {
                    self.again(caller);
                }
            }
            Event::Ended { dialog, .. } | Event::Cancelled { dialog, .. } => {
                if let Some(caller) = self.left(dialog) {
                    self.dial(caller);
                } else if let Some((_, stream)) = self.talks.remove(&dialog) {
                    self.failed += 1; // callers never hang up first
                    self.phones.streams().close(stream);
                }
            }
            Event::Ringing { .. }
            | Event::Acked { .. }
            | Event::EarlyAnswer { .. }
            | Event::Reoffer { .. }
            | Event::ReofferDone { .. }
            | Event::ReofferFailed { .. }
            | Event::Info { .. }
            | Event::Referred { .. }
            | Event::ReferProgress { .. }
            | Event::Response { .. } => {}
        }
    }

    /// A caller's call is over.
    fn left(&mut self, dialog: DialogId) -> Option<usize> {
        let caller = self.callers_by_dialog.remove(&dialog)?;
        if let Some(stream) = std::mem::take(&mut self.callers[caller]).stream {
            self.phones.streams().close(stream);
        }
        Some(caller)
    }

    fn go_home(&mut self) {
        let dialogs: Vec<DialogId> =
            self.callers_by_dialog.keys().chain(self.talks.keys()).copied().collect();
        for dialog in dialogs {
            self.phones.hang_up(dialog);
        }
    }

    fn result(mut self) -> Handoff {
        self.measured.sort();
        let at = |share: f64| {
            let last = self.measured.len().saturating_sub(1);
            let index = (last as f64 * share).round() as usize;
            self.measured.get(index).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
        };
        let (handoff_p50_ms, handoff_p99_ms, handoff_max_ms) = (at(0.5), at(0.99), at(1.0));
        let behind = self.phones.finish();
        Handoff {
            handoff_p50_ms,
            handoff_p99_ms,
            handoff_max_ms,
            n: self.measured.len(),
            talks: self.talked,
            failed: self.failed,
            pace_behind_max_ms: u64::try_from(behind.as_millis()).unwrap_or(u64::MAX),
        }
    }
}
