//! Whatever happens in whatever order: nobody is lost, nobody is rung twice, everything that began ends once.

use crate::common::told::Board;
use crate::common::{DIRECTORY, EVERYTHING, IVR_LINE, OUTSIDE, SWITCH, origin, plan_renamed, plan_with};
use careline_callcentre::{
    Action, Centre, FlowAnswer, ForcedOrder, Input, LegEnd, LookUpAnswer, RefusedBy, TransferTo,
};
use careline_model::config::Plan;
use careline_model::config::plan::Value;
use careline_model::event::{AgentIntent, AgentWork, CallDirection, EventBody, ForcedWhen};
use careline_model::snapshot::CallStage;
use careline_model::{AgentId, CallId, LegId, Now};
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

const AGENTS: [&str; 3] = ["1001", "1002", "1003"];
/// What phones dial and pass on to.
const NUMBERS: [&str; 6] = ["1001", "1002", "1003", "013912345678", "0044207946000", "7001"];

/// One random thing. Numbers choose among the legs, playbacks and agents that there are or were.
#[derive(Debug, Clone)]
enum Step {
    Call(u8),
    Up(usize),
    Ended(usize, u8),
    Key(usize, char),
    Heard(usize),
    Ringing(usize),
    Answered(usize),
    Refused(usize, u8),
    Bridged(usize),
    Device(usize, u8),
    Wants(usize, u8),
    HangUp(usize),
    /// An agent takes a wish back.
    Cancel(usize),
    /// A supervisor sets an agent's state.
    Force(usize, u8, u8),
    /// An agent says what came of a call.
    Done(usize),
    /// An agent needs more time after a call.
    Extend(usize),
    /// A call needs more time after it.
    Add(usize),
    /// A caller goes straight to a queue.
    Queue(u8),
    /// A leg of an agent answers and is joined.
    Talk(usize),
    /// Somebody in a flow presses several keys.
    Keys(usize, Vec<char>),
    /// Another program answers a flow.
    FlowLookedUp(usize, u8),
    /// The directory answers.
    LookedUp(usize, u32),
    /// A phone dials.
    Dial(usize, u8),
    /// The dialled party answers and both are joined.
    PickUp(usize),
    /// A phone passes its party on.
    Pass(usize, u8),
    /// A phone joins the parties of two calls.
    Join(usize, usize),
    Held(usize, bool),
    EarlyMedia(usize),
    /// Another configuration is published: rules of the general queue, and who and what there is.
    Replan(usize, u8),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let any = 0_usize..1000;
    prop_oneof![
        4 => prop::sample::select(vec![0_u8, 1, 2, 3, 4, 4]).prop_map(Step::Call),
        3 => any.clone().prop_map(Step::Up),
        2 => (any.clone(), 0_u8..4).prop_map(|(leg, why)| Step::Ended(leg, why)),
        2 => (any.clone(), prop::sample::select(vec!['1', '2', '9'])).prop_map(|(leg, key)| Step::Key(leg, key)),
        3 => (any.clone(), prop::collection::vec(prop::sample::select("0123456789*#".chars().collect::<Vec<_>>()), 1..9))
            .prop_map(|(leg, keys)| Step::Keys(leg, keys)),
        2 => (any.clone(), 0_u8..4).prop_map(|(at, answer)| Step::FlowLookedUp(at, answer)),
        6 => any.clone().prop_map(Step::Heard),
        2 => any.clone().prop_map(Step::Ringing),
        2 => any.clone().prop_map(Step::Answered),
        1 => (any.clone(), 0_u8..4).prop_map(|(leg, why)| Step::Refused(leg, why)),
        3 => any.clone().prop_map(Step::Bridged),
        3 => (any.clone(), 0_u8..5).prop_map(|(agent, what)| Step::Device(agent, what)),
        2 => (any.clone(), 0_u8..3).prop_map(|(agent, what)| Step::Wants(agent, what)),
        1 => any.clone().prop_map(Step::HangUp),
        1 => any.clone().prop_map(Step::Cancel),
        1 => (any.clone(), 0_u8..3, 0_u8..3).prop_map(|(agent, what, when)| Step::Force(agent, what, when)),
        2 => any.clone().prop_map(Step::Done),
        1 => any.clone().prop_map(Step::Extend),
        1 => any.clone().prop_map(Step::Add),
        5 => (1_u8..3).prop_map(Step::Queue),
        4 => any.clone().prop_map(Step::Talk),
        3 => (any.clone(), 0_u32..4).prop_map(|(call, answer)| Step::LookedUp(call, answer)),
        3 => (any.clone(), 0_u8..6).prop_map(|(agent, number)| Step::Dial(agent, number)),
        3 => any.clone().prop_map(Step::PickUp),
        4 => (any.clone(), 0_u8..6).prop_map(|(leg, number)| Step::Pass(leg, number)),
        3 => (any.clone(), any.clone()).prop_map(|(one, other)| Step::Join(one, other)),
        2 => (any.clone(), prop::bool::ANY).prop_map(|(leg, held)| Step::Held(leg, held)),
        1 => any.clone().prop_map(Step::EarlyMedia),
        1 => (any, 0_u8..6).prop_map(|(general, house)| Step::Replan(general, house)),
        4 => prop::sample::select(vec![1_u64, 100, 500, 3_000, 10_000, 61_000]).prop_map(Step::Wait),
    ]
}

struct World {
    centre: Centre,
    now: Now,
    legs: Vec<LegId>,
    agent_legs: Vec<(LegId, LegId)>,
    callers: BTreeMap<CallId, LegId>,
    asked: Vec<CallId>,
    asked_by_flows: Vec<(CallId, u64)>,
    /// Legs of diallers, with those of their parties.
    dialled: Vec<(LegId, LegId)>,
    dialling: Option<LegId>,
    /// Legs of agents who stand in a line themselves.
    asking: Vec<LegId>,
    refers: u64,
    playbacks: Vec<(LegId, u64)>,
    actions: Vec<Action>,
    told: Board,
}

/// More of the general queue's table. Whoever may take its calls is not among the things that change here, so that a
/// waiting caller beside a free agent is always a mistake.
const GENERAL: [&str; 21] = [
    "strategy = \"longest_idle\"",
    "strategy = \"least_talk\"",
    "strategy = \"fewest_calls\"",
    "strategy = \"least_occupied\"",
    "strategy = \"round_robin\"",
    "strategy = \"linear\"\nred_flag = true",
    "strategy = \"top_down\"\nclass = 2",
    "strategy = \"random\"\npriority = 3",
    "strategy = \"weighted\"",
    "strategy = \"best_skill\"",
    "strategy = \"ring_all\"",
    "strategy = \"ring_progressive\"\nring_next_s = 3",
    "[queue.comfort]\nfirst_s = 2\nevery_s = 10\nprompts = [\"a\", \"b\"]\norder = \"random\"\n\
     [queue.announce_wait]\nprompts = [\"0\", \"1\", \"3\", \"6\", \"9\"]\nbusier = \"more\"",
    "[queue.empty]\njoin = \"online\"\nleave = \"staffed\"\ngrace_s = 5\nmax_wait_s = 20",
    "strategy = \"ring_all\"\n[[queue.overflow]]\nsize = 2\nqueue = \"booking\"\n[[queue.overflow]]\nno_staff = true",
    "[[queue.overflow]]\nage_s = 10\nqueue = \"booking\"\n[[queue.overflow]]\npredicted_s = 60\nclass = 5",
    "[queue.closing]\nhours = \"office\"\nwaiting = \"leave\"",
    "wrap_up_mode = \"none\"",
    "wrap_up_mode = \"optional\"",
    "wrap_up_mode = \"discretionary\"\nauto_answer = true",
    "wrap_up_mode = \"timed_fixed\"",
];

/// More of the code `meal`, and what agents can have too much of.
const LIMITS: &str = "warn_s = 5\nmax_s = 20\nat_max = \"logout\"\nquota = 40\n\
    [limits]\nidle_warn_s = 30\nidle_max_s = 120\nat_idle_max = \"logout\"\ncalls_max = 4\ncalls_warn = 2\n";

/// A plan with these rules of the general queue. Houses differ in whom and what they have.
fn plan_of(general: &str, house: u8) -> Arc<Plan> {
    let queue = "announce = \"busy\"\n";
    let switch = SWITCH.replacen(queue, &format!("{queue}{general}\n"), 1);
    let booking = "name = \"booking\"\n";
    let switch = switch.replacen(booking, &format!("{booking}extension = \"7001\"\n"), 1);
    let switch = [&switch, LIMITS, IVR_LINE, OUTSIDE, DIRECTORY].concat();
    let flows = EVERYTHING.map(str::to_owned);
    let without = |id: &str| {
        let from = switch.find(&format!("[[agent]]\nid = \"{id}\"")).expect("she is there");
        let next = switch[from + 1..].find("[[").expect("something follows") + from + 1;
        format!("{}{}", &switch[..from], &switch[next..])
    };
    match house {
        0 => plan_with(&switch, &flows),
        1 => plan_with(&without("1001"), &flows),
        2 => plan_with(&without("1003"), &flows),
        3 => plan_renamed(&switch, "evening", &flows),
        4 => {
            let codes = switch
                .replace("id = \"meal\"", "id = \"lunch\"")
                .replace("max_wait_s = 60", "max_wait_s = 20");
            plan_with(&codes.replace("queues = [\"general\", \"booking\"]", "queues = [\"booking\"]"), &flows)
        }
        _ => {
            let more = "[[agent]]\nid = \"1009\"\nname = \"n\"\ncontact = \"sip:x@127.0.0.9:5060\"\n\
                        queues = [\"booking\"]\n";
            plan_with(&[&switch, more].concat(), &flows)
        }
    }
}

impl World {
    fn new(start: Now, general: &str) -> Self {
        Self {
            centre: Centre::new(plan_of(general, 0), ChaCha20Rng::seed_from_u64(7)),
            now: start,
            legs: Vec::new(),
            agent_legs: Vec::new(),
            callers: BTreeMap::new(),
            asked: Vec::new(),
            asked_by_flows: Vec::new(),
            dialled: Vec::new(),
            dialling: None,
            asking: Vec::new(),
            refers: 0,
            playbacks: Vec::new(),
            actions: Vec::new(),
            told: Board::default(),
        }
    }

    /// One of the newest, so that most choices are alive.
    fn pick<T: Copy>(from: &[T], at: usize) -> Option<T> {
        let recent = &from[from.len().saturating_sub(8)..];
        (!recent.is_empty()).then(|| recent[at % recent.len()])
    }

    fn take(&mut self, step: &Step) {
        let leg = |at: &usize| Self::pick(&self.legs, *at).unwrap_or(LegId(0));
        let agent = |at: &usize| AgentId::from(AGENTS[at % AGENTS.len()]);
        let input = match step {
            Step::Call(line) => {
                let leg = self.centre.new_leg();
                self.legs.push(leg);
                let dialled = ["100", "200", "300", "999", "500"][usize::from(*line)].to_owned();
                // Every third withholds its number.
                let caller = if leg.0.is_multiple_of(3) { "" } else { "+8613812345678" };
                Input::Arrived { leg, caller: caller.into(), caller_name: "x".into(), dialled, trunk: None }
            }
            Step::LookedUp(at, persons) => {
                let Some(call) = Self::pick(&self.asked, *at) else { return };
                let answer = match persons {
                    3 => LookUpAnswer::Unavailable,
                    persons => LookUpAnswer::Answered { persons: *persons, label: "x".into() },
                };
                Input::LookedUp { call, answer }
            }
            Step::Keys(at, keys) => {
                let leg = leg(at);
                for digit in keys {
                    self.centre.handle(Input::Digit { leg, digit: *digit, duration_ms: 80 }, self.now);
                }
                return self.collect();
            }
            Step::FlowLookedUp(at, answer) => {
                let Some((call, look_up)) = Self::pick(&self.asked_by_flows, *at) else { return };
                let age = |value| FlowAnswer::Found { variables: vec![("age".into(), value)] };
                let answer = match answer {
                    0 => FlowAnswer::NotFound,
                    1 => FlowAnswer::Failed,
                    2 => age(Value::text("old")),
                    _ => age(Value::Number(80)),
                };
                Input::FlowLookedUp { call, look_up, answer }
            }
            Step::Queue(line) => return self.queue(*line),
            Step::Dial(at, number) => {
                let (agent, dialled) = (agent(at), NUMBERS[usize::from(*number)].to_owned());
                let leg = self.centre.new_leg();
                self.legs.push(leg);
                self.dialling = Some(leg);
                Input::PhoneDialled { leg, agent, dialled }
            }
            Step::PickUp(at) => {
                if let Some((phone, party)) = Self::pick(&self.dialled, *at) {
                    self.centre.handle(Input::Answered { leg: party }, self.now);
                    self.centre.handle(Input::CallerUp { leg: phone }, self.now);
                    self.centre.handle(Input::Bridged { leg: party }, self.now);
                }
                return self.collect();
            }
            Step::Pass(at, number) => {
                let to = TransferTo::Number(NUMBERS[usize::from(*number)].to_owned());
                let leg = self.agents_leg(*at);
                self.refers += 1;
                Input::TransferAsked { leg, refer: self.refers, to }
            }
            Step::Join(one, other) => {
                let (leg, to) = (self.agents_leg(*one), TransferTo::PartyOf(self.agents_leg(*other)));
                self.refers += 1;
                Input::TransferAsked { leg, refer: self.refers, to }
            }
            Step::Held(at, held) => Input::Held { leg: leg(at), held: *held },
            Step::EarlyMedia(at) => Input::EarlyMedia { leg: leg(at) },
            Step::Up(at) => Input::CallerUp { leg: leg(at) },
            Step::Ended(at, why) => {
                let all = [LegEnd::HungUp, LegEnd::Cancelled, LegEnd::MediaTimeout, LegEnd::Failed];
                Input::LegEnded { leg: leg(at), why: all[usize::from(*why)] }
            }
            Step::Key(at, digit) => Input::Digit { leg: leg(at), digit: *digit, duration_ms: 80 },
            Step::Heard(at) => {
                let (leg, playback) = Self::pick(&self.playbacks, *at).unwrap_or((LegId(0), 0));
                Input::PlaybackDone { leg, playback }
            }
            Step::Ringing(at) => Input::Ringing { leg: leg(at) },
            Step::Answered(at) => Input::Answered { leg: leg(at) },
            Step::Refused(at, why) => {
                let why = [RefusedBy::NoAnswer, RefusedBy::Rejected, RefusedBy::Busy, RefusedBy::Unreachable]
                    [usize::from(*why)];
                Input::Refused { leg: leg(at), why }
            }
            Step::Bridged(at) => Input::Bridged { leg: leg(at) },
            Step::Device(at, 0) => Input::DeviceGone { agent: agent(at) },
            Step::Device(at, 1) => Input::DeviceBusy { agent: agent(at), busy: true },
            Step::Device(at, 2) => Input::DeviceBusy { agent: agent(at), busy: false },
            Step::Device(at, _) => Input::DeviceUp { agent: agent(at) },
            Step::Wants(at, what) => {
                let intent =
                    [AgentIntent::Ready, AgentIntent::NotReady("meal".into()), AgentIntent::LoggedOut];
                // Refused when her supervisor chose, or she had the code too often.
                let _ = self.centre.set_agent(&agent(at), intent[usize::from(*what)].clone(), self.now);
                return self.collect();
            }
            Step::HangUp(at) => {
                if let Some(call) = self.centre.call_of(leg(at)) {
                    self.centre.hang_up(call, self.now).expect("the call is live");
                }
                return self.collect();
            }
            Step::Cancel(at) => {
                let _ = self.centre.cancel_next(&agent(at), self.now);
                return self.collect();
            }
            Step::Force(at, what, when) => {
                let intent =
                    [AgentIntent::Ready, AgentIntent::NotReady("meal".into()), AgentIntent::LoggedOut];
                let intent = intent[usize::from(*what)].clone();
                let when = [ForcedWhen::IfFree, ForcedWhen::AfterCall, ForcedWhen::Now][usize::from(*when)];
                let (by, reason) = ("chief".to_owned(), "shift".to_owned());
                let order = ForcedOrder { agent: agent(at), intent, when, by, reason };
                let _ = self.centre.force_agent(order, self.now);
                return self.collect();
            }
            Step::Done(at) => {
                let _ = self.centre.wrap_up_done(&agent(at), "solved", self.now);
                return self.collect();
            }
            Step::Extend(at) => {
                let _ = self.centre.extend_wrap_up(&agent(at), 60, self.now);
                return self.collect();
            }
            Step::Add(at) => {
                if let Some(call) = self.centre.call_of(leg(at)) {
                    let _ = self.centre.add_wrap_up(call, 120, self.now);
                }
                return self.collect();
            }
            Step::Talk(at) => {
                if let Some((agent, caller)) = Self::pick(&self.agent_legs, *at) {
                    self.centre.handle(Input::Answered { leg: agent }, self.now);
                    self.centre.handle(Input::Bridged { leg: caller }, self.now);
                }
                return self.collect();
            }
            Step::Replan(at, house) => return self.replan(plan_of(GENERAL[at % GENERAL.len()], *house)),
            Step::Wait(ms) => return self.wait(Duration::from_millis(*ms)),
        };
        self.centre.handle(input, self.now);
        self.collect();
    }

    /// Another configuration holds; to be told of it once more changes nothing.
    fn replan(&mut self, plan: Arc<Plan>) {
        self.centre.replan(plan.clone(), None, "chief", self.now);
        self.collect();
        let (before, actions) = (self.centre.snapshot(self.now), self.actions.len());
        let due = self.centre.next_deadline();
        self.centre.replan(plan, None, "chief", self.now);
        self.collect();
        assert_eq!(self.actions.len(), actions, "{:?}", &self.actions[actions..]);
        assert_eq!(self.centre.snapshot(self.now), before);
        assert_eq!(self.centre.next_deadline(), due);
    }

    /// A leg that an agent's phone has, or had.
    fn agents_leg(&self, at: usize) -> LegId {
        let mut legs: Vec<LegId> = self.agent_legs.iter().map(|(leg, _)| *leg).collect();
        legs.extend(self.dialled.iter().map(|(leg, _)| *leg));
        legs.extend(&self.asking);
        legs.sort();
        Self::pick(&legs, at).unwrap_or(LegId(0))
    }

    fn queue(&mut self, line: u8) {
        self.take(&Step::Call(line));
        let Some(leg) = self.legs.last().copied() else { return };
        self.centre.handle(Input::CallerUp { leg }, self.now);
        self.collect();
        if let Some((leg, playback)) = self.playbacks.last().copied().filter(|(played, _)| *played == leg) {
            self.centre.handle(Input::PlaybackDone { leg, playback }, self.now);
            self.collect();
        }
    }

    /// Jumps from deadline to deadline.
    fn wait(&mut self, by: Duration) {
        let goal = self.now.after(by);
        while let Some(due) = self.centre.next_deadline().filter(|due| *due <= goal.instant) {
            self.pass(self.now.after(due.saturating_duration_since(self.now.instant)));
            self.centre.handle_deadline(self.now);
            self.collect();
        }
        self.pass(goal);
    }

    /// Time passes, in which nothing happens.
    fn pass(&mut self, to: Now) {
        self.told.pass(&self.centre.snapshot(self.now), to.wall_us - self.now.wall_us);
        self.now = to;
    }

    fn agents_are_as_told(&mut self) {
        self.told.agents_are_as_told(&self.centre.snapshot(self.now), self.now, self.centre.next_deadline());
    }

    fn collect(&mut self) {
        while let Some(action) = self.centre.poll_action() {
            match &action {
                Action::Answer { leg, call } => {
                    let is_new = self.callers.insert(*call, *leg).is_none();
                    self.asking.extend(self.dialling.take_if(|phone| is_new && phone == leg));
                }
                Action::DialOutside { leg, call, .. } => {
                    self.legs.push(*leg);
                    self.rung(*leg, *call);
                }
                Action::LookUp { call, caller, .. } => {
                    assert!(!caller.is_withheld());
                    self.asked.push(*call);
                }
                Action::Ring { leg, call, .. } => {
                    self.legs.push(*leg);
                    self.rung(*leg, *call);
                }
                Action::FlowLookUp { call, look_up, .. } => self.asked_by_flows.push((*call, *look_up)),
                Action::Play { leg, playback, .. } => self.playbacks.push((*leg, *playback)),
                Action::Emit(event) => self.told.hear(&event.body, event.at_us),
                _ => {}
            }
            self.actions.push(action);
        }
    }

    /// The first leg that is rung for a dialled call is its party's; any other is an agent's.
    fn rung(&mut self, leg: LegId, call: CallId) {
        if let Some(caller) = self.callers.get(&call) {
            self.agent_legs.push((leg, *caller));
        } else {
            self.callers.insert(call, leg);
            self.dialled.extend(self.dialling.take().map(|phone| (phone, leg)));
        }
    }

    /// What holds between any two steps.
    fn holds(&self) {
        let seen = self.centre.snapshot(self.now);
        assert_eq!(seen.calls.len(), self.centre.live_calls());
        let mut held = BTreeMap::new();
        for call in &seen.calls {
            if let Some(agent) = call.agent.as_ref().filter(|_| call.direction == CallDirection::Inbound) {
                assert!(held.insert(agent.clone(), call.call).is_none(), "{agent} has two calls");
            }
        }
        let in_flow = seen.calls.iter().any(|call| call.stage == CallStage::Flow);
        assert!(
            !in_flow || self.centre.next_deadline().is_some(),
            "a caller in a flow that waits for nothing"
        );
        for agent in &seen.agents {
            if let Some(call) = held.get(&agent.agent) {
                assert_eq!(agent.call, Some(*call), "{} and the call disagree", agent.agent);
            }
            let stage = agent
                .call
                .and_then(|id| seen.calls.iter().find(|call| call.call == id))
                .map(|call| call.stage);
            match agent.work {
                AgentWork::Idle => assert_eq!(agent.call, None),
                AgentWork::Dialing => {
                    assert_eq!(stage.is_some(), agent.call.is_some(), "a call that is over")
                }
                AgentWork::Reserved | AgentWork::Ringing | AgentWork::Connecting => {
                    assert_eq!(stage, Some(CallStage::Offered));
                    assert!(self.centre.next_deadline().is_some());
                }
                AgentWork::Talking => {
                    assert!(matches!(stage, Some(CallStage::Talking | CallStage::Transferring)), "{stage:?}");
                }
                AgentWork::WrapUp | AgentWork::Preview => assert!(self.centre.next_deadline().is_some()),
            }
        }
        let mut joined = BTreeSet::new();
        for agent in seen.agents.iter().filter(|agent| agent.work == AgentWork::Connecting) {
            assert!(joined.insert(agent.call), "two agents are joined with one caller");
        }
        for queue in &seen.queues {
            let unoffered = queue
                .waiting
                .iter()
                .any(|id| seen.calls.iter().any(|call| call.call == *id && call.stage == CallStage::Queued));
            assert!(!(unoffered && queue.agents_routable > 0), "a caller waits beside a free agent");
        }
    }

    /// Everybody hangs up and all deadlines pass.
    fn finish(&mut self) {
        for leg in self.legs.clone() {
            self.centre.handle(Input::LegEnded { leg, why: LegEnd::HungUp }, self.now);
        }
        for agent in AGENTS {
            self.centre.handle(Input::DeviceBusy { agent: agent.into(), busy: false }, self.now);
        }
        self.collect();
        self.wait(Duration::from_secs(3600));
        assert_eq!(self.centre.live_calls(), 0);
        assert_eq!(self.centre.next_deadline(), None);
        let seen = self.centre.snapshot(self.now);
        assert!(seen.agents.iter().all(|agent| agent.work == AgentWork::Idle), "{:?}", seen.agents);
        assert!(seen.queues.iter().all(|queue| queue.waiting.is_empty()));
    }

    /// What began ended, once.
    fn balances(&self) {
        let (mut calls, mut entries, mut offers) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut looked_up = BTreeSet::new();
        let (mut transfers, mut nodes) = (0, BTreeMap::new());
        for action in &self.actions {
            let Action::Emit(event) = action else { continue };
            match &event.body {
                EventBody::TransferStarted { .. } => transfers += 1,
                EventBody::FlowNode { call, node } => {
                    assert_eq!(nodes.insert(*call, node.clone()), None, "two nodes at once");
                }
                EventBody::FlowLeft { call, node, .. } => {
                    assert_eq!(nodes.remove(call).as_ref(), Some(node), "left and never entered");
                }
                EventBody::TransferEnded { .. } => transfers -= 1,
                EventBody::CallOffered { call, .. } | EventBody::CallDialled { call, .. } => {
                    assert_eq!(calls.insert(*call, 0), None)
                }
                EventBody::QueueEntered { entry, .. } => assert_eq!(entries.insert(*entry, 0), None),
                EventBody::OfferMade { offer, .. } => assert_eq!(offers.insert(*offer, 0), None),
                EventBody::CallerLookedUp { call, .. } => {
                    assert!(looked_up.insert(*call), "told twice who may be calling");
                    assert_eq!(calls.get(call), Some(&0), "told of a call that does not live");
                    assert!(self.asked.contains(call), "told and never asked");
                }
                EventBody::CallEnded { call, .. } => *calls.get_mut(call).expect("was offered") += 1,
                EventBody::QueueLeft { entry, .. } => *entries.get_mut(entry).expect("was entered") += 1,
                EventBody::OfferEnded { offer, .. } => *offers.get_mut(offer).expect("was made") += 1,
                _ => {}
            }
        }
        assert!(calls.values().all(|ends| *ends == 1), "{calls:?}");
        assert!(entries.values().all(|ends| *ends == 1), "{entries:?}");
        assert!(offers.values().all(|ends| *ends == 1), "{offers:?}");
        assert_eq!(transfers, 0, "a transfer without an end");
        assert!(nodes.is_empty(), "a node that was never left: {nodes:?}");
        let answers = self
            .actions
            .iter()
            .filter(|action| matches!(action, Action::AcceptTransfer { .. } | Action::RefuseTransfer { .. }));
        assert_eq!(answers.count() as u64, self.refers, "each wish has one answer");
        let recorded = self.actions.iter().filter(|action| matches!(action, Action::Record { .. })).count();
        let stopped =
            self.actions.iter().filter(|action| matches!(action, Action::StopRecording { .. })).count();
        assert_eq!(recorded, stopped);
    }
}

fn run(steps: &[Step], start: Now, general: &str) -> Vec<Action> {
    let mut world = World::new(start, general);
    for agent in AGENTS {
        world.centre.handle(Input::DeviceUp { agent: agent.into() }, world.now);
    }
    world.collect();
    for step in steps {
        world.take(step);
        world.holds();
        world.agents_are_as_told();
    }
    world.finish();
    world.balances();
    world.actions
}

/// Long random days: many in the long tier.
/// Fewer where the whole is run again and again, once for each small fault.
fn cases() -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    if std::env::var_os("CARELINE_LONG").is_some() { 2048 } else { asked.unwrap_or(192) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn nobody_is_lost_whatever_happens(
        steps in prop::collection::vec(step(), 1..250),
        general in prop::sample::select(&GENERAL[..]),
    ) {
        let start = origin();
        let first = run(&steps, start, general);
        let second = run(&steps, start, general);
        prop_assert_eq!(first, second, "the same inputs give the same actions");
    }
}
