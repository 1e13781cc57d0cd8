//! Calls that agents' phones make, and what they ask to be done with them: ringing, early media, transfers.

use crate::leg::Role;
use crate::switchboard::Switchboard;
use crate::terms::LegTerms;
use careline_callcentre::{Input, Refusal, TransferNews, TransferTo};
use careline_model::{AgentId, CallId, LegId, Now};
use careline_sip::{BadReplaces, DialogId, NameAddr, NewRequest, ReferId, Replaces};

/// What an INVITE may pass that was caused by no other (RFC 3261 8.1.1.6).
const MAX_FORWARDS: u32 = 70;

impl Switchboard {
    /// A phone dials an extension or somebody outside.
    pub(crate) fn take_dialled_call(&mut self, now: Now, new: NewRequest, agent: AgentId, dialled: String) {
        // RFC 3261 16.3: what may pass nobody any more is not passed on.
        if new.max_forwards() == 0 {
            return self.respond_to_invite(now, new, 483);
        }
        let (role, terms) = (Role::Dialler { agent: agent.clone() }, LegTerms::of_phone(&self.plan, &agent));
        let Some((leg, _)) = self.open_inbound(now, new, role, terms) else { return };
        self.centre.handle(Input::PhoneDialled { leg, agent, dialled }, now);
    }

    /// A phone takes over a conversation of the same agent's other phone (RFC 3891 3): nobody else's.
    pub(crate) fn take_over(
        &mut self,
        now: Now,
        new: NewRequest,
        agent: AgentId,
        replaces: Result<Replaces, BadReplaces>,
    ) {
        let Ok(replaces) = replaces else { return self.respond_to_invite(now, new, 400) };
        let named = self.endpoint.dialog_named(&replaces).filter(|(_, is_early)| !is_early);
        let old = named.and_then(|(dialog, _)| self.legs.of(dialog));
        let role = old.and_then(|old| self.legs.get(old)).map(|leg| leg.role.clone());
        let call = old.and_then(|old| self.centre.call_of(old));
        let (Some(old), Some(role), Some(call)) = (old, role, call) else {
            return self.respond_to_invite(now, new, 481);
        };
        let hers = matches!(&role, Role::Agent { agent: of } | Role::Dialler { agent: of } if *of == agent);
        if !hers || replaces.early_only {
            return self.respond_to_invite(now, new, if hers { 486 } else { 403 });
        }
        let terms = LegTerms::of_phone(&self.plan, &agent);
        let opened = self.open_inbound(now, new, Role::Agent { agent }, terms);
        let Some((leg, dialog)) = opened else { return };
        self.name_leg(dialog, call);
        self.replacing.insert(leg, old);
        self.answer_leg(now, leg, dialog, self.legs.group(call));
    }

    /// The call centre took it.
    pub(crate) fn dialled(&mut self, leg: LegId, call: CallId) {
        let Some((dialog, role)) = self.legs.get(leg).map(|leg| (leg.dialog, leg.role.clone())) else {
            return;
        };
        self.name_leg(dialog, call);
        self.legs.set_caller(call, leg);
        if let Role::Dialler { agent } = role {
            let centre = &self.centre;
            self.legs.put_beside(call, &agent, |leg| centre.call_of(leg));
        }
    }

    /// Whether the phone that makes this call asks not to be shown; only as long as it is not answered.
    pub(crate) fn is_hidden(&self, call: CallId) -> bool {
        let dialog = self.legs.caller_of(call).and_then(|leg| self.legs.get(leg)).map(|leg| leg.dialog);
        let invite = dialog.and_then(|dialog| self.endpoint.unanswered_invite(dialog));
        invite.is_some_and(|invite| invite.headers.wants_privacy())
    }

    /// A leg that still rings belongs to another call from now on.
    pub(crate) fn adopt(&mut self, leg: LegId, call: CallId) {
        if let Some(fork) = self.forks.get_mut(&leg) {
            fork.adopt(call);
        }
        self.adopt_outside(leg, call);
    }

    /// How many hops are left to an INVITE that a call causes.
    pub(crate) fn forwards_left(&self, call: CallId) -> u32 {
        let brought = self.legs.caller_of(call).and_then(|leg| self.legs.get(leg));
        brought.map_or(MAX_FORWARDS, |leg| leg.max_forwards.clamp(1, MAX_FORWARDS + 1) - 1)
    }

    pub(crate) fn alert(&mut self, now: Now, leg: LegId) {
        if let Some(leg) = self.legs.get(leg) {
            self.endpoint.ring(now.instant, leg.dialog, 180, None);
        }
    }

    /// Answers with a 183 and joins the two; a phone that made no offer hears its own ring-back tone.
    pub(crate) fn pass_early_media(&mut self, now: Now, id: LegId, from: LegId) {
        let Some(leg) = self.legs.get_mut(id) else { return };
        let (dialog, call) = (leg.dialog, leg.call);
        let Some(Ok(sdp)) = leg.say_answer() else { return self.alert(now, id) };
        let group = call.map_or(0, |call| self.legs.group(call));
        self.open_media(id, group);
        self.endpoint.ring(now.instant, dialog, 183, Some(&sdp));
        if let Some(call) = call {
            self.join_legs(call, from, id);
        }
    }

    /// A phone asks that its other party be passed on (RFC 3515). Nobody outside may.
    pub(crate) fn referred(
        &mut self,
        now: Now,
        dialog: DialogId,
        refer: ReferId,
        to: &NameAddr,
        replaces: Option<&Replaces>,
    ) {
        let asking = self.legs.of(dialog).and_then(|id| Some((id, self.legs.get(id)?.role.clone())));
        let Some((leg, Role::Agent { .. } | Role::Dialler { .. })) = asking else {
            return self.endpoint.refuse_refer(now.instant, refer, 603);
        };
        let to = match replaces {
            None => TransferTo::Number(to.uri.user_decoded().unwrap_or_default()),
            Some(replaces) => {
                let named = self.endpoint.dialog_meant(replaces).and_then(|dialog| self.legs.of(dialog));
                let Some(other) = named else {
                    return self.endpoint.refuse_refer(now.instant, refer, 481);
                };
                TransferTo::PartyOf(other)
            }
        };
        self.centre.handle(Input::TransferAsked { leg, refer: refer.0, to }, now);
    }

    pub(crate) fn transfer_news(&mut self, now: Now, refer: ReferId, news: TransferNews) {
        let status = match news {
            TransferNews::Ringing => 180,
            TransferNews::Connected => 200,
            TransferNews::Failed(why) => status_of(why),
        };
        self.endpoint.notify_refer(now.instant, refer, status);
    }
}

/// A refusal of the call centre as a status of SIP (RFC 3261 21).
pub(crate) fn status_of(why: Refusal) -> u16 {
    match why {
        Refusal::Barred => 403,
        Refusal::UnknownNumber => 404,
        Refusal::Away => 480,
        Refusal::NoConversation => 481,
        Refusal::Busy => 486,
        Refusal::CallerLeft => 487,
        Refusal::Full | Refusal::Draining => 503,
        Refusal::Declined => 603,
    }
}
