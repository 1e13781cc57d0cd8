//! Roles, and which of them go together.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// What an account is there for.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
    clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum Role {
    /// Answers calls; sees their own.
    Agent,
    /// Calls those who left the ward; sees their own calls.
    FollowUpNurse,
    /// Sees all calls and leads agents.
    Supervisor,
    /// Judges calls: hears all of them, orders nothing.
    Quality,
    /// A department's contact: sees what is sent to it.
    Department,
    /// Sees sums, nobody's name.
    Manager,
    /// Keeps the system running; sees no patient.
    SystemAdmin,
    /// Gives and takes accounts and roles; sees no patient.
    SecurityAdmin,
    /// Reads who looked at what; sees no patient.
    AuditAdmin,
    /// Another program.
    Service,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Agent,
        Self::FollowUpNurse,
        Self::Supervisor,
        Self::Quality,
        Self::Department,
        Self::Manager,
        Self::SystemAdmin,
        Self::SecurityAdmin,
        Self::AuditAdmin,
        Self::Service,
    ];

    /// The word under which it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::FollowUpNurse => "follow_up_nurse",
            Self::Supervisor => "supervisor",
            Self::Quality => "quality",
            Self::Department => "department",
            Self::Manager => "manager",
            Self::SystemAdmin => "system_admin",
            Self::SecurityAdmin => "security_admin",
            Self::AuditAdmin => "audit_admin",
            Self::Service => "service",
        }
    }

    /// Has a phone at the switch.
    #[must_use]
    pub const fn takes_calls(self) -> bool {
        matches!(self, Self::Agent | Self::FollowUpNurse)
    }

    /// Has its account to itself: what it does must not be hidden in other work, nor be checked by who did it.
    const fn is_alone(self) -> bool {
        matches!(self, Self::SystemAdmin | Self::SecurityAdmin | Self::AuditAdmin | Self::Service)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = NoSuchRoles;

    fn from_str(text: &str) -> Result<Self, NoSuchRoles> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(NoSuchRoles::Unknown)
    }
}

/// The roles of an account, one or more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Roles(BTreeSet<Role>);

/// Why roles are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSuchRoles {
    /// None was given.
    #[error("an account has one role or more")]
    None,
    /// This one is held by accounts that have no other.
    #[error("an account with role {0} has no other role")]
    Alone(Role),
    /// There is no such word.
    #[error("there is no such role")]
    Unknown,
}

impl Roles {
    /// These roles together.
    ///
    /// # Errors
    /// When there is none, or one that goes with no other.
    pub fn new(roles: impl IntoIterator<Item = Role>) -> Result<Self, NoSuchRoles> {
        let roles: BTreeSet<Role> = roles.into_iter().collect();
        let alone = roles.iter().find(|role| role.is_alone());
        match (roles.len(), alone) {
            (0, _) => Err(NoSuchRoles::None),
            (2.., Some(role)) => Err(NoSuchRoles::Alone(*role)),
            _ => Ok(Self(roles)),
        }
    }

    /// Whether this one is among them.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// Whether one of them has a phone at the switch.
    #[must_use]
    pub fn take_calls(&self) -> bool {
        self.0.iter().any(|role| role.takes_calls())
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Role> + '_ {
        self.0.iter().copied()
    }
}

impl From<Role> for Roles {
    fn from(role: Role) -> Self {
        Self(BTreeSet::from([role]))
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, role) in self.0.iter().enumerate() {
            write!(f, "{}{role}", if at == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}
