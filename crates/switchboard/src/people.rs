//! Orders about calls between people, carried to the call centre, and legs that go from one call to another.

use crate::output::MediaOrder;
use crate::switchboard::Switchboard;
use careline_callcentre::{CommandError, PeopleAnswer, PeopleOrder};
use careline_model::{CallId, LegId, Now};

impl Switchboard {
    /// Does what a supervisor or an agent ordered about a conversation.
    ///
    /// # Errors
    /// When it cannot be done; the error says what is allowed.
    pub fn people_order(&mut self, now: Now, order: PeopleOrder) -> Result<PeopleAnswer, CommandError> {
        let result = self.centre.people_order(order, now);
        self.settle(now);
        result
    }

    /// A phone that dialled is answered, on a leg of a call that is there.
    pub(crate) fn pick_up(&mut self, now: Now, id: LegId, call: CallId) {
        let Some(dialog) = self.legs.get(id).map(|leg| leg.dialog) else { return };
        self.name_leg(dialog, call);
        self.answer_leg(now, id, dialog, self.legs.group(call));
    }

    /// The media of a leg go where those of a call are.
    pub(crate) fn gather(&mut self, id: LegId, call: CallId) {
        let group = self.legs.group(call);
        let Some(leg) = self.legs.get_mut(id) else { return };
        leg.sound.call = Some(call);
        self.legs.part(id);
        self.media(MediaOrder::Regroup { leg: id, call: group });
    }
}
