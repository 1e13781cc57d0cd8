//! A light on the wall: on while somebody waits whom no phone rings for (CF C35).

use crate::call::Stage;
use crate::centre::Centre;
use careline_model::event::EventBody;
use careline_model::{Now, QueueId};

impl Centre {
    /// Who waits in it changed: the light is looked at once the matcher has.
    pub(crate) fn look_at_light(&mut self, queue: &QueueId) {
        if !self.to_light.contains(queue) {
            self.to_light.insert(queue.clone());
        }
    }

    /// Tells of lights that went on or off.
    pub(crate) fn switch_lights(&mut self, now: Now) {
        while let Some(id) = self.to_light.pop_first() {
            let Some(queue) = self.queues.get(&id) else { continue };
            let waits = |call| matches!(self.calls.get(call).map(|call| &call.stage), Some(Stage::Queued(_)));
            let on = queue.entries.values().any(waits);
            if on != queue.lit {
                if let Some(queue) = self.queues.get_mut(&id) {
                    queue.lit = on;
                }
                self.tell(EventBody::QueueLight { queue: id, on }, now);
            }
        }
    }
}
