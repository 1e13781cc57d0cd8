//! A call centre of two queues and three agents on a clock that jumps. What it does is told in short lines.

pub mod callbacks;
pub mod people;
pub mod told;

use careline_callcentre::{Action, Centre, Input, LegEnd, LookUpAnswer, RefusedBy, TransferTo};
use careline_model::config::{Plan, check, parse, parse_flow};
use careline_model::event::{AgentIntent, CallbackQueued, EventBody};
use careline_model::{AgentId, CallId, LegId, Now, Number, RecordingId};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// 2026-09-28, a Monday, 09:00 in Shanghai.
pub const MONDAY_NINE_US: i64 = 1_790_557_200_000_000;

pub const SWITCH: &str = r#"
[prompts]
others = ["en-GB"]
[sip]
calls_max = 20
[[trunk]]
id = "carrier"
sources = ["127.0.0.2"]
[[hours]]
id = "office"
weekly = { mon = ["08:00-12:00"] }
[[queue]]
id = "general"
name = "general"
wrap_up_s = 30
max_wait_s = 60
callers_max = 3
music = "music"
announce = "busy"
[[queue]]
id = "booking"
name = "booking"
wrap_up_s = 0
max_wait_s = 60
music = "music"
[[line]]
id = "menu"
number = "100"
medium = "website"
flow = "menu"
[[line]]
id = "direct"
number = "200"
flow = "direct"
[[line]]
id = "booking"
number = "300"
flow = "booking"
[[line]]
id = "secret"
number = "400"
flow = "secret"
[[agent]]
id = "1001"
name = "a"
password = "a"
queues = ["general", "booking"]
ready_on_register = true
[[agent]]
id = "1002"
name = "b"
password = "b"
queues = ["general"]
ready_on_register = true
[[agent]]
id = "1003"
name = "c"
password = "c"
queues = ["booking"]
[[not_ready_code]]
id = "meal"
name = "meal"
"#;

/// The same with another general queue and other agents, all of whom are ready as soon as their phone is there.
/// `general` is more of its table; each agent is an id with more of her table.
pub fn house(general: &str, agents: &[(&str, &str)]) -> String {
    let own = SWITCH.find("[[agent]]").expect("the switch has agents");
    let codes = SWITCH.find("[[not_ready_code]]").expect("the switch has codes");
    let (head, tail) = (&SWITCH[..own], &SWITCH[codes..]);
    let queue = "announce = \"busy\"\n";
    let mut text = head.replacen(queue, &format!("{queue}{general}\n"), 1).replace("callers_max = 3\n", "");
    for (id, more) in agents {
        let who = format!("[[agent]]\nid = \"{id}\"\nname = \"{id}\"\npassword = \"x\"\n");
        text += &format!("{who}ready_on_register = true\n{more}\n");
    }
    text + tail
}

/// The same with a way out of the house.
pub const OUTSIDE: &str = "[[trunk]]\nid = \"city\"\nsources = [\"127.0.0.3\"]\nproxy = [\"127.0.0.3:5060\"]\n\
    [[trunk_group]]\nid = \"out\"\nmembers = [{ trunk = \"city\" }]\n[[route]]\ngroup = \"out\"\n";

/// The same with somebody to ask about callers.
pub const DIRECTORY: &str = "[directory]\naddress = \"http://127.0.0.1:7070\"\nbudget_ms = 150\n";

pub const MENU: &str = r#"
id = "menu"
version = 7
start = "greeting"
[node.greeting]
kind = "play"
prompts = ["greeting"]
next = "open"
[node.open]
kind = "hours"
hours = "office"
open = "question"
closed = "closed"
[node.question]
kind = "menu"
prompts = ["question"]
invalid = ["wrong"]
no_input = ["silence"]
tries = 2
otherwise = "general"
keys = { 1 = "general", 2 = "booking", 21 = "closed" }
[node.general]
kind = "queue"
queue = "general"
prompts = ["transfer"]
timeout = "late"
full = "full"
keys = { 0 = "late", 9 = "booking" }
[node.booking]
kind = "queue"
queue = "booking"
timeout = "late"
[node.late]
kind = "hangup"
prompts = ["late"]
[node.full]
kind = "hangup"
prompts = ["full"]
[node.closed]
kind = "hangup"
prompts = ["closed"]
"#;

/// A flow that asks for a secret before it asks an ordinary question.
pub const SECRET: &str = r#"
id = "secret"
version = 1
start = "hello"
[node.hello]
kind = "play"
prompts = ["hello"]
next = "code"
[node.code]
kind = "menu"
prompts = ["code"]
otherwise = "queue"
keys = { 12 = "after" }
secret = true
[node.after]
kind = "play"
prompts = ["thanks"]
interruptible = false
next = "question"
[node.question]
kind = "menu"
prompts = ["question"]
otherwise = "queue"
keys = { 1 = "queue" }
[node.queue]
kind = "queue"
queue = "general"
timeout = "bye"
[node.bye]
kind = "hangup"
"#;

/// A flow that says one prompt, which is called as the flow is, and hangs up.
pub fn saying(id: &str) -> String {
    format!(
        "id = \"{id}\"\nversion = 1\nstart = \"say\"\n[node.say]\nkind = \"hangup\"\nprompts = [\"{id}\"]\n"
    )
}

/// A flow that queues at once after a word of greeting; callers in vain are hung up without a word.
pub fn direct(id: &str, queue: &str) -> String {
    format!(
        "id = \"{id}\"\nversion = 1\nstart = \"hello\"\n\
         [node.hello]\nkind = \"play\"\nprompts = [\"hello\"]\ninterruptible = false\nnext = \"queue\"\n\
         [node.queue]\nkind = \"queue\"\nqueue = \"{queue}\"\ntimeout = \"bye\"\n[node.bye]\nkind = \"hangup\"\n"
    )
}

/// A flow with a node of every kind, and the one that it calls, for number 500.
pub const EVERYTHING: [&str; 2] = [include_str!("everything.toml"), include_str!("identify.toml")];
/// Number 500 leads to the flow `ivr`.
pub const IVR_LINE: &str = "[[line]]\nid = \"ivr\"\nnumber = \"500\"\nflow = \"ivr\"\n";

pub fn plan_of(switch: &str) -> Arc<Plan> {
    plan_with(switch, &[])
}

/// With more flows than the usual ones.
pub fn plan_with(switch: &str, more: &[String]) -> Arc<Plan> {
    plan_from(switch, &direct("direct", "general"), more)
}

/// With another flow of the direct line.
pub fn plan_direct(switch: &str, flow: &str) -> Arc<Plan> {
    plan_from(switch, flow, &[])
}

/// With another flow of the direct line, and more flows.
pub fn plan_of_flows(switch: &str, flow: &str, more: &[String]) -> Arc<Plan> {
    plan_from(switch, flow, more)
}

/// With the queue `booking` under another name, wherever it is spoken of.
pub fn plan_renamed(switch: &str, name: &str, more: &[String]) -> Arc<Plan> {
    let renamed = |text: &str| {
        let text = text.replace("queue = \"booking\"", &format!("queue = \"{name}\""));
        let text = text.replace(", \"booking\"]", &format!(", \"{name}\"]"));
        text.replace("queues = [\"booking\"]", &format!("queues = [\"{name}\"]"))
    };
    let switch = renamed(switch).replacen("id = \"booking\"", &format!("id = \"{name}\""), 1);
    let usual =
        [MENU.to_owned(), SECRET.to_owned(), direct("direct", "general"), direct("booking", "booking")];
    let flows: Vec<String> = usual.iter().chain(more).map(|text| renamed(text)).collect();
    plan_of_all(&switch, &flows)
}

fn plan_from(switch: &str, flow: &str, more: &[String]) -> Arc<Plan> {
    let usual = [MENU.to_owned(), SECRET.to_owned(), flow.to_owned(), direct("booking", "booking")];
    let flows: Vec<String> = usual.iter().chain(more).cloned().collect();
    plan_of_all(switch, &flows)
}

fn plan_of_all(switch: &str, flows: &[String]) -> Arc<Plan> {
    let config = parse(switch, "switch.toml").expect("the test's configuration reads");
    let flows: Vec<_> =
        flows.iter().map(|text| parse_flow(text, "flow.toml").expect("the test's flow reads")).collect();
    let plan = check(&config, &flows, &|_| true);
    Arc::new(plan.unwrap_or_else(|errors| panic!("the test's configuration holds: {errors:#?}")))
}

/// Second 0 of a fake clock.
#[allow(clippy::disallowed_methods, reason = "an Instant has no other origin; only distances from it matter")]
pub fn origin() -> Now {
    Now { instant: Instant::now(), wall_us: MONDAY_NINE_US }
}

pub struct Story {
    pub centre: Centre,
    pub now: Now,
    start: Now,
    names: BTreeMap<LegId, String>,
    calls: Vec<CallId>,
    pub lines: Vec<String>,
    facts: Vec<String>,
    /// All events, for counting.
    pub events: Vec<EventBody>,
    pub actions: Vec<Action>,
    playing: BTreeMap<LegId, u64>,
    people_seen: usize,
}

impl Story {
    /// Nobody is signed in.
    pub fn new() -> Self {
        Self::with(SWITCH)
    }

    /// Number 500 leads to the flow `ivr`, which is among these.
    pub fn in_flows(own: &[&str]) -> Self {
        let own: Vec<String> = own.iter().map(|flow| (*flow).to_owned()).collect();
        Self::with_flows(&[SWITCH, IVR_LINE].concat(), &own)
    }

    pub fn with(switch: &str) -> Self {
        Self::with_flows(switch, &[])
    }

    /// With more flows than the usual ones.
    pub fn with_flows(switch: &str, more: &[String]) -> Self {
        Self::of(plan_with(switch, more))
    }

    pub fn of(plan: Arc<Plan>) -> Self {
        let start = origin();
        Self {
            centre: Centre::new(plan, ChaCha20Rng::seed_from_u64(1)),
            now: start,
            start,
            names: BTreeMap::new(),
            calls: Vec::new(),
            lines: Vec::new(),
            facts: Vec::new(),
            events: Vec::new(),
            actions: Vec::new(),
            playing: BTreeMap::new(),
            people_seen: 0,
        }
    }

    /// Jumps to `at` seconds after the start, past every deadline on the way.
    pub fn at(&mut self, at: u64) -> &mut Self {
        self.at_ms(at * 1000)
    }

    pub fn at_ms(&mut self, at: u64) -> &mut Self {
        let goal = self.start.after(Duration::from_millis(at));
        while let Some(due) = self.centre.next_deadline().filter(|due| *due <= goal.instant) {
            self.now = self.start.after(due.duration_since(self.start.instant));
            self.centre.handle_deadline(self.now);
            self.collect();
        }
        self.now = goal;
        self
    }

    /// Milliseconds since the start.
    pub fn now_ms(&self) -> u64 {
        let since = self.now.instant.duration_since(self.start.instant);
        u64::try_from(since.as_millis()).expect("a story is short")
    }

    /// When the next deadline is, in milliseconds after the start.
    pub fn next_ms(&self) -> Option<u64> {
        let due = self.centre.next_deadline()?.saturating_duration_since(self.start.instant);
        u64::try_from(due.as_micros().div_ceil(1000)).ok()
    }

    pub fn input(&mut self, input: Input) -> &mut Self {
        self.centre.handle(input, self.now);
        self.collect();
        self
    }

    /// What was done since the last look.
    pub fn told(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }

    /// What was told of agents' work and limits since the last look, with the second it became true in.
    pub fn facts(&mut self) -> Vec<String> {
        std::mem::take(&mut self.facts)
    }

    /// Somebody orders something.
    pub fn order<T>(&mut self, order: impl FnOnce(&mut Centre, Now) -> T) -> T {
        let done = order(&mut self.centre, self.now);
        self.collect();
        done
    }

    /// All calls so far, in the order of their names.
    pub fn calls(&self) -> Vec<CallId> {
        self.calls.clone()
    }

    /// The id of a live call.
    pub fn id(&self, leg: LegId) -> CallId {
        self.centre.call_of(leg).expect("the leg has a call")
    }

    pub fn forget(&mut self) -> &mut Self {
        self.lines.clear();
        self
    }

    pub fn call(&mut self, number: &str) -> LegId {
        self.call_from("+8613812345678", number)
    }

    pub fn call_from(&mut self, caller: &str, number: &str) -> LegId {
        let leg = self.centre.new_leg();
        self.names.insert(leg, format!("c{}", self.calls.len() + 1));
        let caller = Number::from(caller);
        let (caller_name, trunk) = ("".into(), Some("carrier".into()));
        self.input(Input::Arrived { leg, caller, caller_name, dialled: number.into(), trunk });
        leg
    }

    /// A caller in the queue of the direct line 200 or the booking line 300.
    pub fn waiting(&mut self, number: &str) -> LegId {
        let leg = self.call(number);
        self.input(Input::CallerUp { leg });
        self.heard(leg);
        leg
    }

    /// What is being played to the caller ends.
    pub fn heard(&mut self, leg: LegId) -> &mut Self {
        let playback = self.playing[&leg];
        self.input(Input::PlaybackDone { leg, playback })
    }

    pub fn key(&mut self, leg: LegId, digit: char) -> &mut Self {
        self.input(Input::Digit { leg, digit, duration_ms: 100 })
    }

    pub fn up(&mut self, agent: &str) -> &mut Self {
        self.input(Input::DeviceUp { agent: agent.into() })
    }

    /// The latest leg that rings or talks at an agent.
    pub fn leg(&self, agent: &str) -> LegId {
        let found = self.names.iter().rev().find(|(_, name)| *name == agent);
        *found.expect("the agent was rung").0
    }

    pub fn ringing(&mut self, agent: &str) -> &mut Self {
        self.input(Input::Ringing { leg: self.leg(agent) })
    }

    pub fn refuses(&mut self, agent: &str, why: RefusedBy) -> &mut Self {
        self.input(Input::Refused { leg: self.leg(agent), why })
    }

    /// The agent answers and both hear each other.
    pub fn talks(&mut self, agent: &str, caller: LegId) -> &mut Self {
        let leg = self.leg(agent);
        self.ringing(agent).input(Input::Answered { leg }).input(Input::Bridged { leg: caller })
    }

    /// An agent's phone dials.
    pub fn dials(&mut self, agent: &str, number: &str) -> LegId {
        let leg = self.centre.new_leg();
        self.names.insert(leg, format!("{agent}'s phone"));
        self.input(Input::PhoneDialled { leg, agent: agent.into(), dialled: number.into() });
        leg
    }

    /// The dialled phone answers, and both hear each other.
    pub fn picks_up(&mut self, dialler: LegId, dialled: &str) -> &mut Self {
        let party = self.leg(dialled);
        self.input(Input::Answered { leg: party })
            .input(Input::CallerUp { leg: dialler })
            .input(Input::Bridged { leg: party })
    }

    /// A phone asks for a blind transfer.
    pub fn passes_on(&mut self, leg: LegId, number: &str) -> &mut Self {
        self.input(Input::TransferAsked { leg, refer: 7, to: TransferTo::Number(number.into()) })
    }

    pub fn ends(&mut self, leg: LegId, why: LegEnd) -> &mut Self {
        self.input(Input::LegEnded { leg, why })
    }

    pub fn wants(&mut self, agent: &str, intent: AgentIntent) -> &mut Self {
        let set = self.centre.set_agent(&AgentId::from(agent), intent, self.now);
        set.expect("the agent and the code are known");
        self.collect();
        self
    }

    pub fn hang_up(&mut self, leg: LegId) -> &mut Self {
        let call = self.centre.call_of(leg).expect("the leg has a call");
        self.centre.hang_up(call, self.now).expect("the call is live");
        self.collect();
        self
    }

    /// The directory answers about a call.
    pub fn looked_up(&mut self, call: CallId, answer: LookUpAnswer) -> &mut Self {
        self.input(Input::LookedUp { call, answer })
    }

    /// Where a call went in its flow: `node>branch`, with the milliseconds in it when it took time.
    pub fn trace(&self) -> Vec<String> {
        let left = self.events.iter().filter_map(|event| match event {
            EventBody::FlowLeft { node, branch, ms: 0, .. } => Some(format!("{node}>{branch}")),
            EventBody::FlowLeft { node, branch, ms, .. } => Some(format!("{node}>{branch} {ms}")),
            _ => None,
        });
        left.collect()
    }

    /// What the flow learned: `name=value`.
    pub fn learned(&self) -> Vec<String> {
        let told = self.events.iter().filter_map(|event| match event {
            EventBody::CallAttribute { name, value, .. } => Some(format!("{name}={value}")),
            _ => None,
        });
        told.collect()
    }

    /// Several keys one after the other.
    pub fn keys(&mut self, leg: LegId, digits: &str) -> &mut Self {
        for digit in digits.chars() {
            self.key(leg, digit);
        }
        self
    }

    /// What came of a command.
    pub fn collected(&mut self) -> Vec<String> {
        self.collect();
        self.told()
    }

    fn collect(&mut self) {
        while let Some(action) = self.centre.poll_action() {
            if let Action::Ring { leg, agent, .. } = &action {
                self.names.insert(*leg, agent.to_string());
            }
            if let Action::DialOutside { leg, number, .. } = &action {
                self.names.insert(*leg, number.as_str().to_owned());
            }
            if let Action::Play { leg, playback, .. } | Action::PlayRecording { leg, playback, .. } = &action
            {
                self.playing.insert(*leg, *playback);
            }
            if let Action::Emit(event) = &action {
                if let EventBody::CallOffered { call, .. }
                | EventBody::CallDialled { call, .. }
                | EventBody::CallbackQueued(CallbackQueued { call, .. }) = &event.body
                {
                    self.calls.push(*call);
                }
                self.events.push(event.body.clone());
                if let Some(fact) = self.fact(&event.body) {
                    let second = (event.at_us - MONDAY_NINE_US) / 1_000_000;
                    self.facts.push(format!("{second} {fact}"));
                }
            }
            if let Some(line) = self.line(&action) {
                self.lines.push(line);
            }
            self.actions.push(action);
        }
    }

    fn name(&self, leg: LegId) -> &str {
        &self.names[&leg]
    }

    /// A recording as its call and segment: `c1-1`.
    pub fn segment(&self, recording: &RecordingId) -> String {
        let (call, segment) = recording.as_str().rsplit_once('-').expect("an id");
        format!("{}-{segment}", self.c(call.parse().expect("a UUID")))
    }

    fn c(&self, call: CallId) -> String {
        let at = self.calls.iter().position(|other| *other == call).expect("every call was offered");
        format!("c{}", at + 1)
    }

    fn line(&self, action: &Action) -> Option<String> {
        Some(match action {
            Action::Answer { leg, .. } => format!("answer {}", self.name(*leg)),
            Action::Refuse { leg, why } => format!("refuse {} {why:?}", self.name(*leg)),
            Action::Play { leg, prompts, .. } => format!("play {} {}", self.name(*leg), prompts.join("+")),
            Action::StopPlay { leg } => format!("stop play {}", self.name(*leg)),
            Action::Music { leg, item: Some(item) } => format!("{item} {}", self.name(*leg)),
            Action::Music { leg, item: None } => format!("stop music {}", self.name(*leg)),
            Action::LookUp { call, caller, dialled } => {
                format!("look up {} {} {}", self.c(*call), caller.as_str(), dialled.as_str())
            }
            Action::FlowLookUp { call, query, variables, .. } => {
                let told: Vec<String> =
                    variables.iter().map(|(name, value)| format!(" {name}={value}")).collect();
                format!("ask {query} for {}{}", self.c(*call), told.concat())
            }
            Action::Ring { leg, call, .. } if !self.calls.contains(call) => {
                format!("ring {} to listen", self.name(*leg))
            }
            Action::Ring { leg, call, label, .. } if !label.is_empty() => {
                format!("ring {} for {} as {}", self.name(*leg), self.c(*call), label.as_str())
            }
            Action::Ring { leg, call, .. } => format!("ring {} for {}", self.name(*leg), self.c(*call)),
            Action::StopRinging { leg, why } => format!("stop ringing {} {why:?}", self.name(*leg)),
            Action::Bridge { caller, agent, .. } => {
                format!("bridge {} {}", self.name(*caller), self.name(*agent))
            }
            Action::Part { caller, agent } => {
                format!("part {} {}", self.name(*caller), self.name(*agent))
            }
            Action::Record { details, agent, .. } => {
                let beside = details.beside.map(|call| format!(" beside {}", self.c(call)));
                format!("record {} {}{}", self.name(*agent), details.segment, beside.unwrap_or_default())
            }
            Action::RecordCaller { leg, recording, mailbox, .. } => {
                format!("record {} alone for {mailbox} {}", self.name(*leg), self.segment(recording))
            }
            Action::PlayRecording { leg, recording, .. } => {
                format!("play {} recording {}", self.name(*leg), self.segment(recording))
            }
            Action::PickUp { leg, call } => format!("{} picks up {}", self.name(*leg), self.c(*call)),
            Action::Gather { leg, call } => format!("{} goes to {}", self.name(*leg), self.c(*call)),
            Action::Overhear { leg, others } => {
                let others: Vec<_> = others.iter().map(|other| self.name(*other)).collect();
                format!("{} hears [{}]", self.name(*leg), others.join(" "))
            }
            Action::RecordAlone { recording, leg, track, .. } => {
                let part = recording.as_str().rsplit_once('-').map_or("", |(_, part)| part);
                format!("record {track:?} of {} as {part}", self.name(*leg))
            }
            Action::Adopt { leg, call } => format!("{} rings for {}", self.name(*leg), self.c(*call)),
            Action::Dialled { leg, call } => format!("{} is {}", self.name(*leg), self.c(*call)),
            Action::DialOutside { group, number, .. } => format!("dial {} by {group}", number.as_str()),
            Action::Alert { leg } => format!("alert {}", self.name(*leg)),
            Action::PassEarlyMedia { leg, from } => {
                format!("{} hears {} early", self.name(*leg), self.name(*from))
            }
            Action::AcceptTransfer { refer } => format!("accept {refer}"),
            Action::RefuseTransfer { refer, why } => format!("refuse {refer} {why:?}"),
            Action::TransferProgress { refer, news } => format!("tell {refer} {news:?}"),
            Action::MaskKeys { leg, on: true } => format!("hide keys of {}", self.name(*leg)),
            Action::MaskKeys { leg, on: false } => format!("show keys of {}", self.name(*leg)),
            Action::PauseRecording { reason, .. } => format!("pause recording for {reason}"),
            Action::ResumeRecording { .. } => "resume recording".to_owned(),
            Action::StopRecording { .. } => "stop recording".to_owned(),
            Action::HangUp { leg, why } => format!("hang up {} {why:?}", self.name(*leg)),
            Action::Emit(event) => return self.event(&event.body),
        })
    }

    fn fact(&self, body: &EventBody) -> Option<String> {
        let second = |at_us: &i64| (at_us - MONDAY_NINE_US) / 1_000_000;
        Some(match body {
            EventBody::AgentNext { agent, next: None } => format!("{agent} next none"),
            EventBody::AgentNext { agent, next: Some(next) } => format!("{agent} next {}", word(next)),
            EventBody::AgentForced { agent, intent, when, by, reason } => {
                format!("{agent} forced {} {when:?} by {by}: {reason}", word(intent))
            }
            EventBody::AgentLimit { agent, limit, code, reached, then } => {
                let code = code.as_deref().map(|code| format!(" {code}")).unwrap_or_default();
                let how = if *reached { format!("reached {then:?}") } else { "near".to_owned() };
                format!("{agent} {limit:?}{code} {how}")
            }
            EventBody::WrapUpStarted { agent, call, mode, ends_at_us, .. } => {
                format!("{agent} wraps up {} {mode:?} until {}", self.c(*call), second(ends_at_us))
            }
            EventBody::WrapUpMoved { agent, call, ends_at_us } => {
                format!("{agent} wraps up {} until {}", self.c(*call), second(ends_at_us))
            }
            EventBody::WrapUpEnded { agent, call, wrap_up_ms } => {
                format!("{agent} wrapped up {} {wrap_up_ms}", self.c(*call))
            }
            EventBody::VoicemailStarted { mailbox, recording, reason, .. } => {
                format!("{} begun for {mailbox} {reason:?}", self.segment(recording))
            }
            EventBody::VoicemailLeft { mailbox, recording, duration_ms, urgent, due_at_us, .. } => {
                let (id, urgent) = (self.segment(recording), if *urgent { " urgent" } else { "" });
                format!("{id} left in {mailbox} {duration_ms}{urgent} until {}", second(due_at_us))
            }
            EventBody::VoicemailDropped { recording, why, .. } => {
                format!("{} dropped {why:?}", self.segment(recording))
            }
            EventBody::VoicemailMoved { recording, state, by, .. } => {
                let by = by.as_deref().map(|by| format!(" by {by}")).unwrap_or_default();
                format!("{} {state:?}{by}", self.segment(recording))
            }
            EventBody::PinLocked { agent, until_us } => format!("{agent} locked until {}", second(until_us)),
            EventBody::Disposition { call, agent, code, .. } => format!("{} {agent} {code}", self.c(*call)),
            _ => return None,
        })
    }

    /// Events that only repeat what an action says are left out.
    fn event(&self, body: &EventBody) -> Option<String> {
        Some(match body {
            EventBody::QueueEntered { call, queue, position, .. } => {
                format!("{} enters {queue} at {position}", self.c(*call))
            }
            EventBody::CallerLookedUp { call, outcome, persons, took_ms } => {
                format!("{} looked up {outcome:?} {persons} {took_ms}", self.c(*call))
            }
            EventBody::OfferEnded { call, agent, outcome, ring_ms, .. } => {
                format!("{} {agent} {outcome:?} {ring_ms}", self.c(*call))
            }
            EventBody::QueueLeft { call, outcome, wait_ms, .. } => {
                format!("{} leaves {outcome:?} {wait_ms}", self.c(*call))
            }
            EventBody::QueueReserved { call, agent, for_ms, .. } => {
                format!("{} kept for {agent} {for_ms}", self.c(*call))
            }
            EventBody::QueueWidened { call, step, early, .. } => {
                format!("{} step {step}{}", self.c(*call), if *early { " early" } else { "" })
            }
            EventBody::QueueResumed { call, earlier, age_ms, .. } => {
                format!("{} has the place of {} {age_ms}", self.c(*call), self.c(*earlier))
            }
            EventBody::QueueWithdrawn { call, to, reason, .. } => {
                format!("{} withdrawn to {to} for {reason}", self.c(*call))
            }
            EventBody::QueuePicked { call, agent, .. } => format!("{} picked by {agent}", self.c(*call)),
            EventBody::QueueAnnounced { call, position, wait_ms, .. } => {
                format!("{} told {position:?} {wait_ms:?}", self.c(*call))
            }
            EventBody::WaitPredicted { call, predicted_ms, wait_ms, .. } => {
                format!("{} predicted {predicted_ms} waited {wait_ms}", self.c(*call))
            }
            EventBody::RankChanged { call, red_flag, class, points } => {
                format!("{} rank {red_flag} {class:?} {points}", self.c(*call))
            }
            EventBody::CallEnded { call, cause, ended_by, talk_ms, .. } => {
                format!("{} over {cause:?} by {ended_by:?} {talk_ms}", self.c(*call))
            }
            EventBody::AgentState { agent, intent, work, device } => {
                format!("{agent} {} {work:?} {device:?}", word(intent))
            }
            EventBody::CallDialled { call, agent, direction, to, .. } => {
                format!("{} {agent} dials {} {direction:?}", self.c(*call), to.as_str())
            }
            EventBody::CallConnected { call, agent, queue: None } => {
                format!("{} with {agent}", self.c(*call))
            }
            EventBody::TransferStarted { call, agent, to, attended } => {
                let how = if *attended { "attended" } else { "blind" };
                format!("{} passed on by {agent} to {} {how}", self.c(*call), to.as_str())
            }
            EventBody::TransferEnded { call, outcome, ring_ms } => {
                format!("{} transfer {outcome:?} {ring_ms}", self.c(*call))
            }
            EventBody::RecordingPaused { call, reason, .. } => {
                format!("{} paused for {reason}", self.c(*call))
            }
            EventBody::RecordingResumed { call, by, .. } => format!("{} resumed by {by:?}", self.c(*call)),
            EventBody::CallbackRequested(fact) => {
                let owner = fact.owner.as_ref().map(|owner| format!(" by {owner}")).unwrap_or_default();
                format!("callback to {} asked{owner}", fact.number.as_str())
            }
            EventBody::CallbackMerged(_) => "callback asked again".to_owned(),
            EventBody::CallbackQueued(fact) => {
                let number = fact.number.as_str();
                format!("{} calls {number} back, age {}", self.c(fact.call), fact.age_ms)
            }
            EventBody::CallbackReleased(fact) => format!("{} is everybody's", self.c(fact.call)),
            EventBody::CallbackDialled(fact) => match &fact.agent {
                Some(agent) => format!("{} dialled for {agent}", self.c(fact.call)),
                None => format!("{} dialled", self.c(fact.call)),
            },
            EventBody::CallbackPostponed(fact) => {
                let second = (fact.next_at_us - MONDAY_NINE_US) / 1_000_000;
                format!("{} misses {:?} {} until {second}", self.c(fact.call), fact.why, fact.attempts)
            }
            EventBody::CallbackEnded(fact) => {
                let by = if fact.by.is_empty() { String::new() } else { format!(" by {}", fact.by) };
                format!("callback {:?} {}{by}", fact.outcome, fact.attempts)
            }
            EventBody::SurveyInvited(fact) => {
                format!("{} asked about {} in {}", self.c(fact.call), fact.agent, fact.queue)
            }
            EventBody::SurveyAnswered(fact) => {
                let low = if fact.low { " low" } else { "" };
                let agent = fact.agent.as_ref().map_or("nobody", AgentId::as_str);
                let (question, answer) = (&fact.question, fact.answer);
                format!(
                    "{} says {answer} of {} to {question} about {agent}{low}",
                    self.c(fact.call),
                    fact.scale
                )
            }
            EventBody::SurveyEnded(fact) => {
                format!("{} survey {:?} {}", self.c(fact.call), fact.outcome, fact.answers)
            }
            EventBody::SwitchDraining { calls } => format!("draining {calls}"),
            EventBody::CallScreened { call, cause, outcome, reason, queue } => {
                let at = queue.as_ref().map(|queue| format!(" at {queue}")).unwrap_or_default();
                let why = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
                format!("{} {cause:?} {outcome:?}{at}{why}", self.c(*call))
            }
            EventBody::CallerListChanged { change, entry, by } => {
                format!("{} list {change:?} by {by} ({})", entry.list, entry.reason)
            }
            EventBody::HoursOverridden { hours, opening, by, reason, .. } => {
                format!("{hours} {opening:?} by {by} ({reason})")
            }
            EventBody::ConfigurationApplied { version, by, .. } => format!("version {version} by {by}"),
            EventBody::CallOrdered { by, order, .. } => format!("{order:?} ordered by {by}"),
            EventBody::QueueClosed { queue, leave, by, .. } => {
                format!("{queue} closed by {by}{}", if *leave { ", all leave" } else { "" })
            }
            EventBody::QueueOpened { queue, by } => format!("{queue} opened by {by}"),
            EventBody::SkillAsked { skill, level, .. } => format!("asks for {skill} {level}"),
            EventBody::HoursReverted { hours, by } => {
                format!("{hours} reverted by {}", by.as_deref().unwrap_or("time"))
            }
            EventBody::EmergencyBegan { flow, by, reason, .. } => {
                format!("emergency {flow} by {by} ({reason})")
            }
            EventBody::EmergencyEnded { by } => {
                format!("emergency over by {}", by.as_deref().unwrap_or("time"))
            }
            _ => return None,
        })
    }

    /// Whose phones ring for a call, or who talks to it, in the order of their ids.
    pub fn phones(&self, leg: LegId) -> Vec<String> {
        let id = self.centre.call_of(leg);
        let snapshot = self.centre.snapshot(self.now);
        let theirs = snapshot.agents.iter().filter(|agent| id.is_some() && agent.call == id);
        theirs.map(|agent| agent.agent.to_string()).collect()
    }

    /// Where a call is now, with its agent.
    pub fn stage(&self, leg: LegId) -> String {
        let Some(id) = self.centre.call_of(leg) else { return "over".to_owned() };
        let snapshot = self.centre.snapshot(self.now);
        let view = snapshot.calls.iter().find(|view| view.call == id).expect("a live call is seen");
        match &view.agent {
            Some(agent) => format!("{:?} {agent}", view.stage),
            None => format!("{:?}", view.stage),
        }
    }
}

fn word(intent: &AgentIntent) -> String {
    match intent {
        AgentIntent::NotReady(code) => code.clone(),
        AgentIntent::Ready | AgentIntent::LoggedOut => format!("{intent:?}"),
    }
}
