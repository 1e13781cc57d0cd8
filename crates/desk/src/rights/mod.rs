//! Who may do what (FB-12): one table of actions, roles and scopes, and one function that every endpoint asks.
//!
//! What stands in no table is not allowed. An account may have several roles and may do what any of them may, as widely
//! as the widest of them. The three administrators check each other: each has its account to itself, and none of them
//! sees a patient.

mod action;
mod endpoints;
mod role;
mod table;

pub use action::Action;
pub use endpoints::{ENDPOINTS, PUBLIC, action_of, takes_another};
pub use role::{NoSuchRoles, Role, Roles};
pub use table::TABLE;

use serde::{Deserialize, Serialize};

/// Whose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// One's own: calls that rang at one's phone, messages to oneself or one's queues.
    Own,
    /// All of the house.
    All,
}

/// How widely somebody may do that; nothing when not at all.
#[must_use]
pub fn scope(roles: &Roles, action: Action) -> Option<Scope> {
    let rows = TABLE.iter().filter(|(of, _)| *of == action).flat_map(|(_, granted)| *granted);
    rows.filter(|(role, _)| roles.has(*role)).map(|(_, scope)| *scope).max()
}

/// Everything that somebody may do, in the order of [`Action::ALL`].
#[must_use]
pub fn may(roles: &Roles) -> Vec<Action> {
    Action::ALL.into_iter().filter(|action| scope(roles, *action).is_some()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Action, Role, Roles, Scope, TABLE, may, scope};

    fn roles(roles: &[Role]) -> Roles {
        Roles::new(roles.iter().copied()).expect("they may be combined")
    }

    #[test]
    fn every_action_has_one_row_and_no_role_stands_in_it_twice() {
        for action in Action::ALL {
            let rows: Vec<_> = TABLE.iter().filter(|(of, _)| *of == action).collect();
            assert_eq!(rows.len(), 1, "{action:?}");
            let mut granted: Vec<Role> = rows[0].1.iter().map(|(role, _)| *role).collect();
            let all = granted.len();
            granted.sort();
            granted.dedup();
            assert_eq!(granted.len(), all, "{action:?}");
        }
    }

    #[test]
    fn administrators_see_no_patient() {
        for role in [Role::SystemAdmin, Role::SecurityAdmin, Role::AuditAdmin] {
            let seen: Vec<Action> =
                may(&roles(&[role])).into_iter().filter(|it| it.is_about_patients()).collect();
            assert!(seen.is_empty(), "{role}: {seen:?}");
        }
    }

    #[test]
    fn several_roles_may_what_any_of_them_may_as_widely_as_the_widest() {
        let nurse = roles(&[Role::Agent, Role::Quality]);
        assert_eq!(scope(&nurse, Action::ReadCalls), Some(Scope::All));
        assert_eq!(scope(&nurse, Action::HangUpCall), Some(Scope::Own));
        assert_eq!(scope(&nurse, Action::ReadAudit), None);
        assert_eq!(scope(&roles(&[Role::Manager]), Action::ReadPerson), None, "sums, no people");
    }

    #[test]
    fn who_checks_another_is_not_that_other() {
        for (one, other) in [
            (Role::SystemAdmin, Role::AuditAdmin),
            (Role::SecurityAdmin, Role::Agent),
            (Role::Service, Role::Agent),
        ] {
            let refused = Roles::new([one, other]).expect_err("they exclude each other").to_string();
            assert!(refused.contains(one.as_str()), "{refused}");
        }
        assert!(Roles::new([]).is_err());
    }
}
