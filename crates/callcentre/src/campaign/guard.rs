//! How often a number was dialled by campaigns, over all of them (CF K15). A week is remembered.

use careline_model::Number;
use careline_model::config::Plan;
use careline_model::config::plan::WEEK_US;
use careline_model::outbound::Dialled;
use std::collections::BTreeMap;

/// So many numbers are remembered. When there is no room for another one, it waits unless it is called for care.
const NUMBERS_MAX: usize = 50_000;
/// Who finds no room tries again after this time.
const NO_ROOM_US: i64 = 3_600 * 1_000_000;

/// What was dialled in the last week: for each number the moments (UTC microseconds), and whether it was for care.
#[derive(Debug, Default)]
pub(crate) struct Guard {
    numbers: BTreeMap<Number, Vec<(i64, bool)>>,
}

impl Guard {
    /// The first moment from `at_us` at which a number may be dialled.
    pub(crate) fn free_at(&self, number: &Number, clinical: bool, plan: &Plan, at_us: i64) -> i64 {
        match self.numbers.get(number) {
            Some(dialled) => plan.outbound.policy.free_at(dialled, clinical, at_us, &plan.timezone),
            None if clinical || self.numbers.len() < NUMBERS_MAX => at_us,
            None => at_us.saturating_add(NO_ROOM_US),
        }
    }

    pub(crate) fn note(&mut self, number: &Number, clinical: bool, at_us: i64) {
        if self.numbers.len() >= NUMBERS_MAX {
            self.numbers.retain(|_, dialled| dialled.iter().any(|(one, _)| *one > at_us - WEEK_US));
        }
        let dialled = self.numbers.entry(number.clone()).or_default();
        dialled.retain(|(one, _)| *one > at_us - WEEK_US);
        dialled.push((at_us, clinical));
    }

    /// It was not dialled after all, for care or not: another campaign may have dialled it meanwhile.
    pub(crate) fn forget_last(&mut self, number: &Number, clinical: bool) {
        if let Some(dialled) = self.numbers.get_mut(number)
            && let Some(last) = dialled.iter().rposition(|(_, care)| *care == clinical)
        {
            dialled.remove(last);
        }
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = Dialled> {
        self.numbers.iter().flat_map(|(number, dialled)| {
            dialled.iter().map(|(at_us, clinical)| Dialled {
                number: number.clone(),
                at_us: *at_us,
                clinical: *clinical,
            })
        })
    }
}
