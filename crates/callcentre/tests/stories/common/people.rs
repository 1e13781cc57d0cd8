//! Facts of calls between people, in short lines.

use super::Story;
use careline_callcentre::{CommandError, PeopleAnswer, PeopleOrder};
use careline_model::event::{EventBody, PeopleFact, WatchMode};
use careline_model::{AgentId, CallId};

impl Story {
    /// Facts of people since the last look.
    pub fn people(&mut self) -> Vec<String> {
        let from = std::mem::replace(&mut self.people_seen, self.events.len());
        let facts = self.events[from..].iter().filter_map(|event| match event {
            EventBody::People(fact) => Some(self.people_line(fact)),
            _ => None,
        });
        facts.collect()
    }

    fn people_line(&self, fact: &PeopleFact) -> String {
        match fact {
            PeopleFact::WatchStarted { supervisor, agent, by, mode, notice, .. } => {
                format!("{supervisor} begins to {mode:?} to {agent} by {by} ({notice:?})")
            }
            PeopleFact::WatchChanged { mode, by, .. } => format!("now {mode:?} by {by}"),
            PeopleFact::WatchFollowed { call: None, .. } => "hears nobody".to_owned(),
            PeopleFact::WatchFollowed { call: Some(call), held, .. } => {
                format!("hears {}{}", self.c(*call), if *held { " on hold" } else { "" })
            }
            PeopleFact::WatchEnded { why, heard_ms, .. } => format!("watch over {why:?} {heard_ms}"),
            PeopleFact::PartyAdded { call, party, to, agent, by } => {
                let whose = if agent.is_some() { "extension" } else { "outside" };
                format!("{} party {party} {} {whose} by {by}", self.c(*call), to.as_str())
            }
            PeopleFact::PartyJoined { call, party } => format!("{} party {party} joins", self.c(*call)),
            PeopleFact::PartyChanged { call, party, muted, held } => {
                format!("{} party {party} muted {muted} held {held}", self.c(*call))
            }
            PeopleFact::PartyLeft { call, party, why, joined_ms } => {
                format!("{} party {party} left {why:?} {joined_ms}", self.c(*call))
            }
            PeopleFact::CallHeld { call, agent, hold, held_ms } => {
                format!("{} held by {agent} {hold:?} {held_ms}", self.c(*call))
            }
            PeopleFact::CallParked { call, slot, step, agent } => {
                let by = agent.as_ref().map(|agent| format!(" by {agent}")).unwrap_or_default();
                format!("{} in slot {slot} {step:?}{by}", self.c(*call))
            }
        }
    }

    /// Orders something about a conversation.
    pub fn people_order(&mut self, order: PeopleOrder) -> Result<PeopleAnswer, CommandError> {
        self.order(|centre, now| centre.people_order(order, now))
    }

    /// A supervisor's phone is rung, to listen to an agent.
    pub fn watches(&mut self, supervisor: &str, agent: &str, mode: WatchMode) -> Result<(), String> {
        let (supervisor, agent) = (AgentId::from(supervisor), AgentId::from(agent));
        let order = PeopleOrder::Watch { supervisor, agent, mode, by: "boss".to_owned() };
        self.people_order(order).map(|_| ()).map_err(|error| error.to_string())
    }

    /// She takes part in another way.
    pub fn watch_is(&mut self, supervisor: &str, mode: WatchMode) -> Result<(), String> {
        let order = PeopleOrder::ChangeWatch { supervisor: supervisor.into(), mode, by: "boss".to_owned() };
        self.people_order(order).map(|_| ()).map_err(|error| error.to_string())
    }

    /// An agent adds somebody to her call; gives the number of the party.
    pub fn adds(&mut self, call: CallId, agent: &str, to: &str, consult: bool) -> Result<u32, String> {
        let order = PeopleOrder::AddParty { call, agent: agent.into(), to: to.to_owned(), consult };
        match self.people_order(order).map_err(|error| error.to_string())? {
            PeopleAnswer::Party(party) => Ok(party),
            other => panic!("{other:?}"),
        }
    }
}
