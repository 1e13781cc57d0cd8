//! Whose call is it: one's own are those that rang at, were answered, dialled or passed on by one's agent.

use super::desk::Desk;
use super::problem::Refusal;
use super::who::SignedIn;
use crate::hub::Me;
use crate::live::LiveCall;
use crate::pop::PopCall;
use crate::rights::Scope;
use crate::storage::Interaction;
use careline_model::CallId;

/// A call that the asker may see, with what is known of it.
#[derive(Debug)]
pub(super) struct SeenCall {
    pub(super) id: CallId,
    /// While it has not ended.
    pub(super) live: Option<LiveCall>,
    /// When the database has it already.
    pub(super) past: Option<Interaction>,
}

impl SeenCall {
    /// The call as pops want it.
    pub(super) fn for_pop(&self) -> Option<PopCall> {
        let live = self.live.as_ref().map(|live| PopCall::live(self.id, live));
        live.or_else(|| self.past.as_ref().map(|past| PopCall::past(self.id, past)))
    }
}

impl Desk {
    /// The call, if it exists and the asker may see it. A live call of the asker needs no database.
    pub(super) async fn call_of(&self, signed_in: &SignedIn, call: &str) -> Result<SeenCall, Refusal> {
        let id: CallId = call.parse().map_err(|_| Refusal::unknown_call())?;
        let live = self.hub.look(|room| room.board().call(id).cloned());
        let now_own = live
            .as_ref()
            .is_some_and(|live| is_of(signed_in, live.agent.as_ref().map(|agent| agent.as_str())));
        let past = match self.store.interaction(&id.to_string()).await {
            Ok(past) => past,
            Err(_) if now_own => None,
            Err(error) => return Err(error.into()),
        };
        let own = now_own
            || past.as_ref().is_some_and(|past| is_of(signed_in, past.agent.as_deref()))
            || self.was_with(&signed_in.me, &id.to_string()).await?;
        if own && (live.is_some() || past.is_some()) {
            Ok(SeenCall { id, live, past })
        } else {
            Err(Refusal::unknown_call())
        }
    }

    async fn was_with(&self, me: &Me, call: &str) -> Result<bool, Refusal> {
        match &me.agent {
            Some(agent) => Ok(self.store.was_with(call, agent).await?),
            None => Ok(false),
        }
    }

    /// A note in the access log that must be there before anything is shown.
    pub(super) async fn log(&self, me: &Me, action: &str, entity: &str, id: &str) -> Result<(), Refusal> {
        Ok(self.store.log_access(self.now_us(), &me.account, action, entity, id).await?)
    }

    /// Notes in the access log that must be there before several people are shown.
    pub(super) async fn log_people(&self, me: &Me, action: &str, people: &[&str]) -> Result<(), Refusal> {
        Ok(self.store.log_accesses(self.now_us(), &me.account, action, "person", people).await?)
    }

    /// A note in the access log about something that is shown also when the database cannot be written: a call waits
    /// for no disk.
    pub(super) fn log_behind(&self, me: &Me, action: &'static str, entity: &'static str, id: &str) {
        let (store, account, id, now_us) =
            (self.store.clone(), me.account.clone(), id.to_owned(), self.now_us());
        tokio::spawn(async move {
            if let Err(error) = store.log_access(now_us, &account, action, entity, &id).await {
                tracing::warn!(%error, action, "an access was not logged");
            }
        });
    }
}

fn is_of(signed_in: &SignedIn, agent: Option<&str>) -> bool {
    match signed_in.scope {
        Scope::All => true,
        Scope::Own => agent.is_some() && agent == signed_in.me.agent.as_deref(),
    }
}
