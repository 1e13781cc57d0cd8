//! How long the centre takes to decide who talks to whom: 1,000 agents, 50 queues with skills, tiers and delays, 2,000
//! callers who wait. Prints one line of JSON, times in microseconds.
//!
//! A decision is the whole of what one event brings: an agent hangs up, becomes free, gets the best of all waiting calls
//! that she may take, and all of it is told; or a caller comes to a queue. It is more than the matcher alone.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "a measurement: it reads the clock and says what it found"
)]

use careline_callcentre::{Action, Centre, Input, LegEnd};
use careline_model::config::{Plan, check, parse, parse_flow};
use careline_model::{AgentId, LegId, Now};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

const AGENTS: u64 = 1_000;
const QUEUES: u64 = 50;
const WAITING: usize = 2_000;
/// Queues of one agent.
const SEATS: u64 = 6;
const DECISIONS: usize = 40_000;
const STRATEGIES: [&str; 6] =
    ["longest_idle", "best_skill", "fewest_calls", "least_occupied", "round_robin", "weighted"];

/// A centre that works: who rings, who talks, who waits.
struct World {
    centre: Centre,
    now: Now,
    rng: ChaCha20Rng,
    /// Agents' legs in conversation.
    talking: Vec<LegId>,
    waiting: BTreeSet<LegId>,
    playing: BTreeMap<LegId, u64>,
    rung: VecDeque<LegId>,
    bridged: VecDeque<(LegId, LegId)>,
}

fn main() {
    let start = Now { instant: Instant::now(), wall_us: 1_790_557_200_000_000 };
    let rng = ChaCha20Rng::seed_from_u64(1);
    let mut world = World {
        centre: Centre::new(plan(), ChaCha20Rng::seed_from_u64(2)),
        now: start,
        rng,
        talking: Vec::new(),
        waiting: BTreeSet::new(),
        playing: BTreeMap::new(),
        rung: VecDeque::new(),
        bridged: VecDeque::new(),
    };
    for agent in 0..AGENTS {
        world.input(Input::DeviceUp { agent: agent_id(agent) });
    }
    while world.waiting.len() < WAITING {
        world.call();
    }
    let (mut freed, mut came) = (Vec::with_capacity(DECISIONS), Vec::with_capacity(DECISIONS));
    while freed.len() < DECISIONS {
        world.pass(Duration::from_millis(20));
        freed.push(world.hang_up());
        came.push(world.call());
    }
    let (freed, came) = (figures(freed), figures(came));
    println!(
        "{{\"match_p50_us\":{:.1},\"match_p99_us\":{:.1},\"match_max_us\":{:.1},\"enter_p50_us\":{:.1},\
         \"enter_p99_us\":{:.1},\"agents\":{AGENTS},\"waiting\":{WAITING},\"queues\":{QUEUES},\"decisions\":{DECISIONS}}}",
        freed.0, freed.1, freed.2, came.0, came.1
    );
}

/// Median, 99th percentile and largest, in microseconds.
fn figures(mut times: Vec<Duration>) -> (f64, f64, f64) {
    times.sort();
    let at = |share: f64| {
        let index = (times.len() as f64 * share) as usize;
        times.get(index.min(times.len() - 1)).map_or(0.0, |time| time.as_secs_f64() * 1e6)
    };
    (at(0.5), at(0.99), at(1.0))
}

impl World {
    fn input(&mut self, input: Input) -> Duration {
        let began = Instant::now();
        self.centre.handle(input, self.now);
        let took = began.elapsed();
        self.obey();
        took
    }

    fn obey(&mut self) {
        while let Some(action) = self.centre.poll_action() {
            match action {
                Action::Ring { leg, .. } => self.rung.push_back(leg),
                Action::Bridge { caller, agent, .. } => self.bridged.push_back((caller, agent)),
                Action::Play { leg, playback, .. } => drop(self.playing.insert(leg, playback)),
                _ => {}
            }
        }
    }

    /// All phones that ring are answered.
    fn answer(&mut self) {
        while let Some(leg) = self.rung.pop_front() {
            self.centre.handle(Input::Ringing { leg }, self.now);
            self.centre.handle(Input::Answered { leg }, self.now);
            self.obey();
            while let Some((caller, agent)) = self.bridged.pop_front() {
                self.centre.handle(Input::Bridged { leg: caller }, self.now);
                self.waiting.remove(&caller);
                self.talking.push(agent);
                self.obey();
            }
        }
    }

    /// Somebody calls; gives the time that the entry into the queue took.
    fn call(&mut self) -> Duration {
        let leg = self.centre.new_leg();
        let dialled = (1000 + self.rng.next_u64() % QUEUES).to_string();
        let caller = format!("+861381234{:04}", self.rng.next_u64() % 10_000);
        let arrived = Input::Arrived {
            leg,
            caller: caller.as_str().into(),
            caller_name: "".into(),
            dialled,
            trunk: None,
        };
        self.input(arrived);
        self.input(Input::CallerUp { leg });
        let playback = self.playing.remove(&leg).unwrap_or(0);
        self.waiting.insert(leg);
        let took = self.input(Input::PlaybackDone { leg, playback });
        self.answer();
        took
    }

    /// Some agent hangs up; gives the time until her next call was chosen and told.
    fn hang_up(&mut self) -> Duration {
        let at = usize::try_from(self.rng.next_u64()).unwrap_or(0) % self.talking.len().max(1);
        let leg = self.talking.swap_remove(at);
        let took = self.input(Input::LegEnded { leg, why: LegEnd::HungUp });
        self.answer();
        took
    }

    fn pass(&mut self, time: Duration) {
        self.now = self.now.after(time);
        self.centre.handle_deadline(self.now);
        self.obey();
        self.answer();
    }
}

fn agent_id(agent: u64) -> AgentId {
    AgentId::from(format!("a{agent}").as_str())
}

fn plan() -> Arc<Plan> {
    let mut switch = "[sip]\ncalls_max = 10000\n[recording]\nenabled = false\n".to_owned();
    let mut flows = Vec::new();
    let mut write = |text: std::fmt::Arguments<'_>| switch.write_fmt(text).expect("a text takes it");
    for queue in 0..QUEUES {
        let strategy = STRATEGIES.get(queue as usize % STRATEGIES.len()).unwrap_or(&"longest_idle");
        write(format_args!(
            "[[queue]]\nid = \"q{queue}\"\nname = \"q\"\nwrap_up_s = 0\nmax_wait_s = 86400\ncallers_max = 5000\n\
             strategy = \"{strategy}\"\npriority = {}\nskills = {{ s{} = 2 }}\n\
             [[queue.step]]\nat_s = 60\nlower = {{ s{} = 1 }}\n[[queue.step]]\nat_s = 120\ntier = 2\n\
             [[line]]\nid = \"l{queue}\"\nnumber = \"{}\"\nflow = \"f{queue}\"\n",
            queue % 4,
            queue % 5,
            queue % 5,
            1000 + queue
        ));
        flows.push(format!(
            "id = \"f{queue}\"\nversion = 1\nstart = \"hello\"\n[node.hello]\nkind = \"play\"\n\
             prompts = [\"hello\"]\ninterruptible = false\nnext = \"queue\"\n[node.queue]\nkind = \"queue\"\n\
             queue = \"q{queue}\"\ntimeout = \"bye\"\n[node.bye]\nkind = \"hangup\"\n"
        ));
    }
    for agent in 0..AGENTS {
        write(format_args!(
            "[[agent]]\nid = \"a{agent}\"\nname = \"a\"\npassword = \"p\"\nready_on_register = true\n\
             skills = {{ s0 = 3, s1 = 3, s2 = 3, s3 = 3, s4 = {} }}\n",
            1 + agent % 5
        ));
        for seat in 0..SEATS {
            let (queue, tier) = ((agent + seat * 7) % QUEUES, 1 + u64::from(seat == SEATS - 1));
            write(format_args!(
                "[[agent.queue]]\nid = \"q{queue}\"\ntier = {tier}\ndelay_s = {}\npriority = {}\n",
                (seat % 3) * 20,
                1 + seat % 2
            ));
        }
    }
    let config = parse(&switch, "bench").expect("the bench's configuration reads");
    let flows: Vec<_> =
        flows.iter().map(|flow| parse_flow(flow, "bench").expect("the bench's flow reads")).collect();
    Arc::new(check(&config, &flows, &|_| true).expect("the bench's configuration holds"))
}
