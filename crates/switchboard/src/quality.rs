//! How legs sound: the last reading of each that is up, and one fact when it is over.
//!
//! ```text
//! media engine --every 5 s--> reading of the leg (memory only; asked for, never in the journal)
//!              --at the end-> `leg_quality` in the journal, named after what was known of the leg when it was closed
//! ```
//!
//! What it is not: nothing is measured here, and nothing is decided by it.

use crate::leg::{Leg, Role};
use crate::output::{LegFigures, Output};
use crate::switchboard::Switchboard;
use careline_model::quality::{LegParty, LegQuality, LegReading};
use careline_model::{AgentId, CallId, Event, EventBody, LegId, Now, TrunkId};
use careline_sdp::Codec;
use std::collections::BTreeMap;

/// Legs that are closed and whose last figures have not come. The engine may drop figures; beyond this the oldest legs
/// are forgotten, and have no fact in the journal.
const CLOSING_MAX: usize = 4096;

/// What is known of a leg's sound while it is up.
#[derive(Debug, Default)]
pub(crate) struct Sound {
    /// The call that it was joined for last.
    pub call: Option<CallId>,
    /// Its last figures, and when they came, UTC microseconds.
    pub reading: Option<(i64, LegFigures)>,
}

/// What figures are about.
#[derive(Debug)]
pub(crate) struct Subject {
    call: Option<CallId>,
    party: LegParty,
    agent: Option<AgentId>,
    trunk: Option<TrunkId>,
    codec: Option<Codec>,
}

impl Subject {
    pub fn of(leg: &Leg, trunk: Option<&TrunkId>) -> Self {
        let (party, agent) = match &leg.role {
            Role::Caller => (LegParty::Caller, None),
            Role::Outside => (LegParty::Outside, None),
            Role::Agent { agent } | Role::Dialler { agent } | Role::Echo { agent } => {
                (LegParty::Agent, Some(agent.clone()))
            }
        };
        let codec = leg.remote.as_ref().map(|remote| remote.codec);
        Self { call: leg.sound.call, party, agent, trunk: trunk.cloned(), codec }
    }

    fn quality(self, figures: LegFigures) -> LegQuality {
        LegQuality {
            party: self.party,
            agent: self.agent,
            trunk: self.trunk,
            codec: self.codec.map_or_else(String::new, |codec| name(codec).to_owned()),
            received: figures.received,
            sent: figures.sent,
            inbound: figures.inbound,
            outbound: figures.outbound,
            round_trip_ms: figures.round_trip_ms,
        }
    }
}

/// Legs whose last figures are on their way.
pub(crate) type Closing = BTreeMap<LegId, Subject>;

impl Switchboard {
    /// The sound of every leg that is up and was read, in the order in which they began.
    #[must_use]
    pub fn readings(&self) -> Vec<LegReading> {
        let legs = self.legs.iter().filter_map(|(id, leg)| {
            let (at_us, figures) = leg.sound.reading.clone()?;
            let subject = Subject::of(leg, self.trunks.trunk_of(id));
            Some(LegReading { call: subject.call, at_us, quality: subject.quality(figures) })
        });
        legs.collect()
    }

    pub(crate) fn leg_read(&mut self, now: Now, id: LegId, figures: LegFigures) {
        if let Some(leg) = self.legs.get_mut(id) {
            leg.sound.reading = Some((now.wall_us, figures));
        }
    }

    /// The engine closes this leg: its last figures will come.
    pub(crate) fn await_figures(&mut self, id: LegId, subject: Subject) {
        while self.closing.len() >= CLOSING_MAX {
            self.closing.pop_first();
        }
        self.closing.insert(id, subject);
    }

    /// They came. A leg without a call (echo test) or without a packet is no fact.
    pub(crate) fn leg_closed(&mut self, now: Now, id: LegId, figures: LegFigures) {
        let Some(subject) = self.closing.remove(&id) else { return };
        let silent = figures.received == 0 && figures.sent == 0;
        if let Some(call) = subject.call.filter(|_| !silent) {
            let quality = Box::new(subject.quality(figures));
            let body = EventBody::LegQuality { call, quality };
            self.outputs.push_back(Output::Journal(Event { at_us: now.wall_us, body }));
        }
    }
}

fn name(codec: Codec) -> &'static str {
    match codec {
        Codec::Pcma => "pcma",
        Codec::Pcmu => "pcmu",
        Codec::G722 => "g722",
        Codec::Opus => "opus",
    }
}
