//! Facts of calls between people on the wire: who listens to whom, who is in a call beside its two, holds, parked calls.

use crate::ConversionError;
use crate::events::{call_id, known};
use crate::proto::switch_events::v1 as wire;
use careline_model::event::{PeopleFact, WatchMode};
use careline_model::{AgentId, EventBody, Number};
use wire::numbered::Body;

#[rustfmt::skip]
pub(crate) fn body(fact: PeopleFact) -> Body {
    use PeopleFact as F;
    match fact {
        F::WatchStarted { watch, supervisor, agent, by, mode, notice } => Body::WatchStarted(wire::WatchStarted {
            watch: watch.to_string(), supervisor: text(&supervisor), agent: text(&agent), by,
            mode: wire::WatchMode::from(mode).into(), notice: wire::WatchNotice::from(notice).into(),
        }),
        F::WatchChanged { watch, mode, by } => Body::WatchChanged(wire::WatchChanged {
            watch: watch.to_string(), mode: wire::WatchMode::from(mode).into(), by,
        }),
        F::WatchFollowed { watch, call, held } => Body::WatchFollowed(wire::WatchFollowed {
            watch: watch.to_string(), call: call.map(|call| call.to_string()), held,
        }),
        F::WatchEnded { watch, why, heard_ms } => Body::WatchEnded(wire::WatchEnded {
            watch: watch.to_string(), why: wire::WatchEnd::from(why).into(), heard_ms,
        }),
        F::PartyAdded { call, party, to, agent, by } => Body::PartyAdded(wire::PartyAdded {
            call: call.to_string(), party, to: to.as_str().to_owned(), agent: agent.as_ref().map(text), by: text(&by),
        }),
        F::PartyJoined { call, party } => Body::PartyJoined(wire::PartyJoined { call: call.to_string(), party }),
        F::PartyChanged { call, party, muted, held } => {
            Body::PartyChanged(wire::PartyChanged { call: call.to_string(), party, muted, held })
        }
        F::PartyLeft { call, party, why, joined_ms } => Body::PartyLeft(wire::PartyLeft {
            call: call.to_string(), party, why: wire::PartyLeftWhy::from(why).into(), joined_ms,
        }),
        F::CallHeld { call, agent, hold, held_ms } => Body::CallHeld(wire::CallHeld {
            call: call.to_string(), agent: text(&agent), hold: wire::HoldStep::from(hold).into(), held_ms,
        }),
        F::CallParked { call, slot, step, agent } => Body::CallParked(wire::CallParked {
            call: call.to_string(), slot, step: wire::ParkStep::from(step).into(), agent: agent.as_ref().map(text),
        }),
    }
}

/// The fact in the body of a message; nothing when it is one of another kind.
#[rustfmt::skip]
pub(crate) fn fact(body: Body) -> Result<EventBody, ConversionError> {
    use PeopleFact as F;
    Ok(EventBody::People(match body {
        Body::WatchStarted(b) => F::WatchStarted {
            watch: call_id(&b.watch)?, supervisor: AgentId::new(b.supervisor), agent: AgentId::new(b.agent), by: b.by,
            mode: mode_of(b.mode)?, notice: known::<wire::WatchNotice>(b.notice, "watch notice")?.try_into()?,
        },
        Body::WatchChanged(b) => F::WatchChanged { watch: call_id(&b.watch)?, mode: mode_of(b.mode)?, by: b.by },
        Body::WatchFollowed(b) => F::WatchFollowed {
            watch: call_id(&b.watch)?, call: b.call.as_deref().map(call_id).transpose()?, held: b.held,
        },
        Body::WatchEnded(b) => F::WatchEnded {
            watch: call_id(&b.watch)?, why: known::<wire::WatchEnd>(b.why, "watch end")?.try_into()?,
            heard_ms: b.heard_ms,
        },
        Body::PartyAdded(b) => F::PartyAdded {
            call: call_id(&b.call)?, party: b.party, to: Number::from(b.to.as_str()), agent: b.agent.map(AgentId::new),
            by: AgentId::new(b.by),
        },
        Body::PartyJoined(b) => F::PartyJoined { call: call_id(&b.call)?, party: b.party },
        Body::PartyChanged(b) => {
            F::PartyChanged { call: call_id(&b.call)?, party: b.party, muted: b.muted, held: b.held }
        }
        Body::PartyLeft(b) => F::PartyLeft {
            call: call_id(&b.call)?, party: b.party,
            why: known::<wire::PartyLeftWhy>(b.why, "why a party left")?.try_into()?, joined_ms: b.joined_ms,
        },
        Body::CallHeld(b) => F::CallHeld {
            call: call_id(&b.call)?, agent: AgentId::new(b.agent),
            hold: known::<wire::HoldStep>(b.hold, "hold step")?.try_into()?, held_ms: b.held_ms,
        },
        Body::CallParked(b) => F::CallParked {
            call: call_id(&b.call)?, slot: b.slot, step: known::<wire::ParkStep>(b.step, "park step")?.try_into()?,
            agent: b.agent.map(AgentId::new),
        },
        _ => return Err(ConversionError::Missing("event body")),
    }))
}

/// The mode that an order or a fact names.
///
/// # Errors
/// When it names none.
pub fn mode_of(mode: i32) -> Result<WatchMode, ConversionError> {
    known::<wire::WatchMode>(mode, "watch mode")?.try_into()
}

fn text(agent: &AgentId) -> String {
    agent.as_str().to_owned()
}
