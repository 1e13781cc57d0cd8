//! The whole switch but its sockets and its media engine, wired to phones that speak SIP: a carrier's exchange for the
//! patients and one phone for each agent, on a network that loses, doubles and delays datagrams.
//!
//! To the world it looks like a call centre: its inputs become messages and signals of the media engine here, and what
//! phones, engine and journal see becomes actions. Legs are those of the phones; the switch numbers its own.
//!
//! What it leaves out: calls between phones, transfers and hold, whose SIP is told elsewhere by stories of its own; sound.

mod inputs;
mod outputs;
mod peer;
mod post;

use crate::chance::Chance;
use crate::exchange::Exchange;
use crate::hospital::Hospital;
use careline_callcentre::{Action, CampaignOrder, CampaignReply, CommandError, Input};
use careline_model::config::Plan;
use careline_model::event::AgentIntent;
use careline_model::snapshot::Snapshot;
use careline_model::{AgentId, CallId, LegId, Now, Number};
use careline_sip::{DialogId, Transport};
use careline_switchboard::{BoundListener, Settings, Switchboard};
use peer::Peer;
use post::Post;
pub use post::Weather;
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

/// Where the switch listens, as its configuration says by default.
const SWITCH: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 5060);
/// The first RTP port that is ready.
const FIRST_PORT: u16 = 20_000;
/// The carrier's place among the peers; agents follow.
const CARRIER: usize = 0;

/// The switch, the network and the phones.
pub(crate) struct Wired {
    board: Switchboard,
    peers: Vec<Peer>,
    post: Post,
    actions: VecDeque<Action>,
    legs: BTreeMap<LegId, Side>,
    by_dialog: BTreeMap<(usize, DialogId), LegId>,
    last_leg: u64,
    /// Living calls by the patient's number and by their short names in orders to the media engine.
    by_number: BTreeMap<Number, CallId>,
    numbers: BTreeMap<CallId, Number>,
    by_name: BTreeMap<u64, CallId>,
    /// The calls of the switch's open legs.
    call_of_board: BTreeMap<LegId, CallId>,
    /// The RTP port of each open leg of the switch's own.
    ports: BTreeMap<LegId, u16>,
    /// The phones' legs and the switch's, by that port.
    phone_leg: BTreeMap<u16, LegId>,
    board_leg: BTreeMap<u16, LegId>,
}

/// A leg as its phone has it.
#[derive(Debug)]
struct Side {
    peer: usize,
    dialog: DialogId,
    /// The switch's RTP port, once it was told.
    port: Option<u16>,
}

impl Wired {
    pub(crate) fn new(plan: &Arc<Plan>, hospital: &Hospital, seed: u64, weather: Weather, now: Now) -> Self {
        let listener =
            BoundListener { transport: Transport::Udp, address: SWITCH, network: "default".into() };
        let settings = Settings { listeners: vec![listener], user_agent: "simulated".to_owned() };
        let mut board = Switchboard::new(plan.clone(), settings, Chance::new(seed, 7).into_rng(), now);
        // Two legs for each call, and some that are still closing.
        let ports = u16::try_from(plan.sip.calls_max * 2 + 20).unwrap_or(u16::MAX).min(20_000);
        for port in 0..ports {
            board.handle_port(SocketAddr::new(SWITCH.ip(), FIRST_PORT + 2 * port));
        }
        let carrier = Peer::new("carrier", SocketAddr::from(([127, 0, 0, 2], 5060)), Chance::new(seed, 8));
        let agents = (0..hospital.agents.len()).map(|number| {
            let [high, low] = u16::try_from(number).unwrap_or(u16::MAX).to_be_bytes();
            let address = SocketAddr::from(([10, 0, high, low], 5060));
            let chance = Chance::new(seed, 9 << 32 | number as u64);
            Peer::new(Hospital::agent(number).as_str(), address, chance)
        });
        let peers = std::iter::once(carrier).chain(agents).collect();
        let mut wired = Self {
            board,
            peers,
            post: Post::new(weather, Chance::new(seed, 10 << 32)),
            actions: VecDeque::new(),
            legs: BTreeMap::new(),
            by_dialog: BTreeMap::new(),
            last_leg: 0,
            by_number: BTreeMap::new(),
            numbers: BTreeMap::new(),
            by_name: BTreeMap::new(),
            call_of_board: BTreeMap::new(),
            ports: BTreeMap::new(),
            phone_leg: BTreeMap::new(),
            board_leg: BTreeMap::new(),
        };
        wired.pump(now);
        wired
    }

    /// Carries on until nobody has anything to say at this moment.
    fn pump(&mut self, now: Now) {
        loop {
            let mut quiet = true;
            while let Some(output) = self.board.poll_output() {
                quiet = false;
                self.take_output(output, now);
            }
            for peer in 0..self.peers.len() {
                while let Some(event) = self.peers[peer].endpoint.poll_event() {
                    quiet = false;
                    self.take_event(peer, event, now);
                }
                while let Some(transmit) = self.peers[peer].endpoint.poll_transmit() {
                    quiet = false;
                    self.post.send(post::To::Switch(peer), transmit.bytes, now.instant);
                }
            }
            if quiet {
                return;
            }
        }
    }

    /// What was on the way arrives.
    fn deliver(&mut self, now: Now) {
        while let Some((to, bytes)) = self.post.arrived(now.instant) {
            match to {
                post::To::Switch(peer) => {
                    let flow = self.peers[peer].seen_by_switch();
                    self.board.handle_message(now, flow, &bytes);
                }
                post::To::Peer(peer) => self.receive(peer, &bytes, now),
            }
            self.pump(now);
        }
    }
}

impl Exchange for Wired {
    fn new_leg(&mut self) -> LegId {
        self.last_leg += 1;
        LegId(self.last_leg)
    }

    fn handle(&mut self, input: Input, now: Now) {
        self.take_input(input, now);
        self.pump(now);
    }

    fn handle_deadline(&mut self, now: Now) {
        self.deliver(now);
        for peer in 0..self.peers.len() {
            self.peers[peer].keep_deadlines(now.instant);
        }
        if self.board.next_deadline().is_some_and(|at| at <= now.instant) {
            self.board.handle_deadline(now);
        }
        self.pump(now);
    }

    fn next_deadline(&self) -> Option<Instant> {
        let peers = self.peers.iter().filter_map(Peer::next_deadline).min();
        [self.board.next_deadline(), self.post.next(), peers].into_iter().flatten().min()
    }

    fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    fn campaign_order(&mut self, order: CampaignOrder, now: Now) -> Result<CampaignReply, CommandError> {
        let done = self.board.campaign_order(now, order);
        self.pump(now);
        done
    }

    fn set_agent(&mut self, agent: &AgentId, intent: AgentIntent, now: Now) -> Result<(), CommandError> {
        let done = self.board.set_agent(now, agent, intent);
        self.pump(now);
        done
    }

    fn hang_up(&mut self, call: CallId, now: Now) -> Result<(), CommandError> {
        let done = self.board.hang_up(now, call);
        self.pump(now);
        done
    }

    fn pause_recording(&mut self, call: CallId, reason: &str, now: Now) -> Result<(), CommandError> {
        let done = self.board.pause_recording(now, call, reason);
        self.pump(now);
        done
    }

    fn resume_recording(&mut self, call: CallId, now: Now) -> Result<(), CommandError> {
        let done = self.board.resume_recording(now, call);
        self.pump(now);
        done
    }

    fn snapshot(&self, now: Now) -> Snapshot {
        self.board.snapshot(now)
    }

    fn live_calls(&self) -> usize {
        self.board.live_calls()
    }

    fn knows_leg(&self, _: LegId) -> Option<bool> {
        None
    }

    fn is_immediate(&self) -> bool {
        false
    }

    fn troubles(&self) -> BTreeMap<&'static str, u64> {
        self.post.counts()
    }

    fn leftovers(&self) -> Option<String> {
        let (dialogs, transactions) = self.board.live_sip();
        let theirs: usize = self.peers.iter().map(|peer| peer.endpoint.dialog_count()).sum();
        // Phones go on registering, so that there may be a transaction at any moment.
        let left = [
            (self.board.live_calls(), "calls"),
            (self.board.live_legs(), "legs"),
            (dialogs, "dialogs of the switch"),
            (theirs, "dialogs of phones"),
            (self.ports.len(), "ports"),
            (transactions.saturating_sub(self.peers.len() * 4), "transactions too many"),
        ];
        let left: Vec<String> = left
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        (!left.is_empty()).then(|| left.join(", "))
    }
}
