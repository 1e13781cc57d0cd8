//! A journal that a test writes by hand: moments are those of the hospital's clock in Shanghai on 28 September 2026.

use careline_model::event::{
    AgentDevice, AgentIntent, AgentWork, EndCause, OfferOutcome, Party, QueueOutcome, TransferOutcome,
};
use careline_model::stats::Statistics;
use careline_model::stats::definitions::{Terms, metric};
use careline_model::stats::interval::Series;
use careline_model::stats::{Cell, Threshold};
use careline_model::{CallId, EntryId, Event, EventBody, Number, OfferId};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

/// Whose zone it is.
pub fn shanghai() -> TimeZone {
    TimeZone::get("Asia/Shanghai").unwrap()
}

/// The day of the stories.
pub const TODAY: Date = date(2026, 9, 28);

/// A moment of that day: `08:00:00`.
pub fn us(clock: &str) -> i64 {
    moment(&format!("2026-09-28T{clock}"))
}

/// A moment of any day in Shanghai.
pub fn moment(local: &str) -> i64 {
    let local: jiff::civil::DateTime = local.parse().unwrap();
    shanghai().to_timestamp(local).unwrap().as_microsecond()
}

pub fn call(number: u64) -> CallId {
    CallId(uuid::Uuid::from_u128(u128::from(number)))
}

pub fn event(at_us: i64, body: EventBody) -> Event {
    Event { at_us, body }
}

pub fn offered(number: u64, line: &str) -> EventBody {
    EventBody::CallOffered {
        call: call(number),
        caller: Number::default(),
        caller_name: "".into(),
        dialled: "12320".into(),
        line: line.into(),
        medium: String::new(),
        trunk: None,
    }
}

pub fn ended(number: u64, cause: EndCause, length_s: u64, talk_s: u64) -> EventBody {
    EventBody::CallEnded {
        call: call(number),
        cause,
        ended_by: Party::Caller,
        duration_ms: length_s * 1000,
        talk_ms: talk_s * 1000,
    }
}

pub fn state(agent: &str, intent: AgentIntent, work: AgentWork) -> EventBody {
    EventBody::AgentState { agent: agent.into(), intent, work, device: AgentDevice::Registered }
}

pub fn not_ready(code: &str) -> AgentIntent {
    AgentIntent::NotReady(code.to_owned())
}

/// Events that are written down story by story and read in the order of their time. The queue is always `outpatient`;
/// an entry has the number of its call.
#[derive(Default)]
pub struct Journal {
    pub events: Vec<Event>,
    offers: u64,
}

impl Journal {
    pub fn at(&mut self, clock: &str, body: EventBody) {
        self.events.push(event(us(clock), body));
    }

    pub fn enters(&mut self, clock: &str, number: u64) {
        let (entry, queue) = (EntryId(number), "outpatient".into());
        self.at(clock, EventBody::QueueEntered { call: call(number), entry, queue, position: 1 });
    }

    pub fn leaves(&mut self, clock: &str, number: u64, outcome: QueueOutcome, wait_s: u64) {
        let (entry, queue) = (EntryId(number), "outpatient".into());
        let wait_ms = wait_s * 1000;
        self.at(clock, EventBody::QueueLeft { call: call(number), entry, queue, outcome, wait_ms });
    }

    /// The agent is rung for so long.
    pub fn rings(
        &mut self,
        from: &str,
        to: &str,
        number: u64,
        agent: &str,
        outcome: OfferOutcome,
        ring_s: u64,
    ) {
        self.offers += 1;
        let (entry, offer, ring_ms) = (EntryId(number), OfferId(self.offers), ring_s * 1000);
        let (call, rung) = (call(number), agent.into());
        self.at(from, EventBody::OfferMade { call, entry, offer, agent: rung });
        self.at(from, state(agent, AgentIntent::Ready, AgentWork::Reserved));
        self.at(from, state(agent, AgentIntent::Ready, AgentWork::Ringing));
        let rung = agent.into();
        self.at(to, EventBody::OfferEnded { call, entry, offer, agent: rung, outcome, ring_ms });
        if outcome != OfferOutcome::Answered {
            self.at(to, state(agent, AgentIntent::Ready, AgentWork::Idle));
        }
    }

    /// Rung until the answer, in conversation until `parts`, at work after it until `free`.
    pub fn serves(&mut self, agent: &str, number: u64, clocks: [&str; 4], ring_s: u64, wait_s: u64) {
        let [rings, answers, parts, free] = clocks;
        self.rings(rings, answers, number, agent, OfferOutcome::Answered, ring_s);
        self.leaves(answers, number, QueueOutcome::Answered, wait_s);
        let (call, queue) = (call(number), Some("outpatient".into()));
        self.at(answers, EventBody::CallConnected { call, agent: agent.into(), queue });
        self.at(answers, state(agent, AgentIntent::Ready, AgentWork::Talking));
        self.at(parts, state(agent, AgentIntent::Ready, AgentWork::WrapUp));
        self.at(free, state(agent, AgentIntent::Ready, AgentWork::Idle));
    }

    /// What the statistics say when all is told, and the clock shows `until`.
    pub fn told(mut self, until: &str) -> Statistics {
        self.events.sort_by_key(|event| event.at_us);
        let mut stats = Statistics::new(shanghai());
        for event in &self.events {
            stats.take(event);
        }
        stats.advance(us(until));
        stats
    }
}

/// One morning at the out-patient desk, as it is written on the wall of the story's test.
pub fn morning() -> Journal {
    let mut journal = Journal::default();
    journal.at("08:00:00", state("1001", AgentIntent::Ready, AgentWork::Idle));
    journal.at("08:05:00", state("1002", AgentIntent::Ready, AgentWork::Idle));
    for (clock, number) in [
        ("08:01:00", 1),
        ("08:09:50", 2),
        ("08:13:40", 3),
        ("08:14:30", 4),
        ("08:14:40", 5),
        ("08:19:50", 6),
        ("08:25:00", 7),
        ("08:26:00", 8),
        ("08:39:50", 9),
    ] {
        journal.at(clock, offered(number, "public"));
    }

    // 1: answered after 8 s, talks 180 s, wrap-up 30 s.
    journal.enters("08:01:10", 1);
    journal.serves("1001", 1, ["08:01:10", "08:01:18", "08:04:18", "08:04:48"], 8, 8);
    journal.at("08:04:18", ended(1, EndCause::Completed, 198, 180));
    // 2: rings out at one agent, answered by the other one after 22 s, talks 300 s, wrap-up 20 s.
    journal.enters("08:10:00", 2);
    journal.rings("08:10:00", "08:10:15", 2, "1002", OfferOutcome::NoAnswer, 15);
    journal.serves("1001", 2, ["08:10:15", "08:10:22", "08:15:22", "08:15:42"], 7, 22);
    journal.at("08:15:22", ended(2, EndCause::Completed, 332, 300));
    // 3: hangs up after 40 s.
    journal.enters("08:13:50", 3);
    journal.leaves("08:14:30", 3, QueueOutcome::Abandoned, 40);
    journal.at("08:14:30", ended(3, EndCause::QueueAbandoned, 50, 0));
    // 4: hangs up after 3 s.
    journal.enters("08:14:40", 4);
    journal.leaves("08:14:43", 4, QueueOutcome::ShortAbandoned, 3);
    journal.at("08:14:43", ended(4, EndCause::QueueAbandoned, 13, 0));
    // 5: answered after exactly 30 s, in the next interval; talks 60 s, wrap-up 10 s.
    journal.enters("08:14:50", 5);
    journal.serves("1002", 5, ["08:15:15", "08:15:20", "08:16:20", "08:16:30"], 5, 30);
    journal.at("08:16:20", ended(5, EndCause::Completed, 100, 60));
    // 6: nobody comes within two minutes.
    journal.enters("08:20:00", 6);
    journal.leaves("08:22:00", 6, QueueOutcome::FlowOutTimeout, 120);
    journal.at("08:22:10", ended(6, EndCause::FlowFinished, 140, 0));
    // 7 hangs up in the IVR, 8 is refused at the door.
    journal.at("08:25:20", ended(7, EndCause::IvrAbandoned, 20, 0));
    journal.at("08:26:00", ended(8, EndCause::Refused, 0, 0));
    // 9: answered after 5 s, talks 120 s and is passed on to a number outside; wrap-up 20 s.
    journal.enters("08:40:00", 9);
    journal.serves("1001", 9, ["08:40:00", "08:40:05", "08:42:05", "08:42:25"], 5, 5);
    let (agent, to) = ("1001".into(), Number::from("+8613800005678"));
    journal.at("08:42:05", EventBody::TransferStarted { call: call(9), agent, to, attended: false });
    let outcome = TransferOutcome::Connected;
    journal.at("08:42:15", EventBody::TransferEnded { call: call(9), outcome, ring_ms: 10_000 });
    journal.at("08:50:00", ended(9, EndCause::Completed, 610, 585));

    journal.at("08:20:00", state("1002", not_ready("meal"), AgentWork::Idle));
    journal.at("08:30:00", state("1002", not_ready("followup"), AgentWork::Idle));
    journal.at("08:35:00", state("1002", AgentIntent::Ready, AgentWork::Idle));
    journal.at("08:50:00", state("1002", AgentIntent::LoggedOut, AgentWork::Idle));
    journal.at("09:00:00", state("1001", AgentIntent::LoggedOut, AgentWork::Idle));
    journal
}

/// Today's cell of a series.
pub fn today(series: &Series) -> &Cell {
    series.day(TODAY).expect("something was counted today").total()
}

/// Terms with another threshold.
pub fn within(threshold: Threshold) -> Terms {
    Terms { within: threshold, ..Terms::default() }
}

/// A figure by its id, at 20 seconds.
pub fn figure(cell: &Cell, id: &str) -> Option<f64> {
    metric(id).unwrap_or_else(|| panic!("there is no metric {id}")).value(cell, &Terms::default())
}

/// Asserts a figure to a millionth.
#[track_caller]
pub fn assert_figure(cell: &Cell, id: &str, expected: f64) {
    let told = figure(cell, id).unwrap_or_else(|| panic!("{id} has no value"));
    assert!((told - expected).abs() < 1e-6, "{id} is {told}, counted by hand {expected}");
}
