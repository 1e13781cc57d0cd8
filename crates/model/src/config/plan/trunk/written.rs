//! How numbers are written to a trunk, and how those that it sends are read.

use super::{NumberForm, NumberRule, Trunk};
use crate::config::plan::Plan;
use crate::number::{Number, NumberKind, NumberPlan, place_of};

impl NumberRule {
    /// What the first fitting rule makes of a number; unchanged when none fits.
    #[must_use]
    pub fn rewrite(rules: &[Self], number: &str) -> String {
        let fits = |rule: &&Self| {
            number.starts_with(&rule.prefix)
                && rule.digits.is_none_or(|digits| number.chars().count() == digits)
        };
        let Some(rule) = rules.iter().find(fits) else { return number.to_owned() };
        let rest: String = number.chars().skip(rule.strip).collect();
        format!("{}{rest}", rule.prepend)
    }
}

impl Trunk {
    /// How a number in normal form is dialled through this trunk: form, outside digit, rules.
    #[must_use]
    pub fn written(&self, number: &Number, plan: &Plan) -> String {
        let formed = self.formed(number, plan);
        let inside = number.kind() == NumberKind::Extension || plan.is_own(number);
        let dialled = match self.outside_digit.filter(|_| !inside) {
            Some(digit) => format!("{digit}{formed}"),
            None => formed,
        };
        NumberRule::rewrite(&self.outbound_rules, &dialled)
    }

    /// Whether a call through this trunk may show a number: it is of the trunk's block, is its `caller_id`, or, on a
    /// trunk without a block, belongs to a line.
    #[must_use]
    pub fn may_show(&self, number: &Number, plan: &Plan) -> bool {
        self.owns(number)
            || self.caller_id.as_ref() == Some(number)
            || (self.number_block.is_empty() && plan.lines_by_number.contains_key(number))
    }

    /// How one of our own numbers is written to this trunk as the caller: never with an outside digit.
    #[must_use]
    pub fn written_caller(&self, number: &Number, plan: &Plan) -> String {
        self.formed(number, plan)
    }

    fn formed(&self, number: &Number, plan: &Plan) -> String {
        let whole = number.as_str();
        let country = format!("+{}", plan.country_code);
        let Some(national) = whole.strip_prefix(&country) else {
            return match whole.strip_prefix('+') {
                Some(abroad) if self.number_form != NumberForm::E164 => format!("00{abroad}"),
                _ => whole.to_owned(),
            };
        };
        let home = plan.area_code.as_deref().map(|area| area.trim_start_matches('0'));
        let is_here =
            || place_of(number).is_none_or(|place| Some(place.area.trim_start_matches('0')) == home);
        match (self.number_form, number.kind()) {
            (NumberForm::E164, _) => whole.to_owned(),
            (NumberForm::Local, NumberKind::Mobile) if !is_here() => format!("0{national}"),
            (_, NumberKind::Mobile) => national.to_owned(),
            (NumberForm::Local, _) => match home.and_then(|home| national.strip_prefix(home)) {
                Some(subscriber) => subscriber.to_owned(),
                None => format!("0{national}"),
            },
            (NumberForm::National, _) => format!("0{national}"),
        }
    }

    /// The dialled number in an inbound request, after this trunk's rules, in normal form.
    #[must_use]
    pub fn dialled(&self, raw: &str, plan: &Plan) -> Number {
        plan.number(&NumberRule::rewrite(&self.inbound_rules, raw))
    }

    /// The caller's number in an inbound request, after this trunk's rules, in normal form.
    #[must_use]
    pub fn caller(&self, raw: &str, plan: &Plan) -> Number {
        let reader = NumberPlan {
            country: plan.country_code.clone(),
            area: plan.area_code.clone(),
            outside_digit: self.outside_digit,
            own_numbers: Vec::new(),
        };
        reader.parse(&NumberRule::rewrite(&self.caller_rules, raw)).number
    }

    /// Whether a number in normal form is of this trunk's block.
    #[must_use]
    pub fn owns(&self, number: &Number) -> bool {
        self.number_block.iter().any(|block| block.contains(number))
    }
}
