//! Who somebody is to the library, and what they may do: [`can`] is the one place that decides it.

mod action;

pub use self::action::{Action, Denied, Owner, can};

use serde::{Deserialize, Serialize};

use crate::access::Level;
use crate::id::{OrganisationId, UserId};

/// How far an account is trusted with the library as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Signed up, not yet confirmed as an agent: reads what visitors read.
    Pending,
    /// A registered agent. Contributes for the organisations it belongs to.
    Member,
    /// Also reads everything and decides what is published.
    Moderator,
    /// Also manages accounts, settings and withdrawals.
    Admin,
}

impl Role {
    /// Every role, from the least trusted.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Member, Self::Moderator, Self::Admin];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Member => "member",
            Self::Moderator => "moderator",
            Self::Admin => "admin",
        }
    }

    /// Reads the code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    /// French label.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pending => "Inscription à confirmer",
            Self::Member => "Agent inscrit",
            Self::Moderator => "Modération",
            Self::Admin => "Administration",
        }
    }
}

/// Somebody who asks for something, as rights see them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Actor {
    /// The account; none for a visitor.
    pub account: Option<(UserId, Role)>,
    /// The organisations that the account contributes for.
    pub organisations: Vec<OrganisationId>,
}

impl Actor {
    /// Somebody without an account.
    pub const fn visitor() -> Self {
        Self {
            account: None,
            organisations: Vec::new(),
        }
    }

    /// The account, when there is one.
    pub fn user(&self) -> Option<UserId> {
        self.account.map(|(user, _)| user)
    }

    /// The role of the account, when there is one.
    pub fn role(&self) -> Option<Role> {
        self.account.map(|(_, role)| role)
    }

    /// Whether the account has at least this role.
    pub fn is_at_least(&self, role: Role) -> bool {
        self.role().is_some_and(|own| own >= role)
    }

    /// Whether the account contributes for an organisation.
    pub fn contributes_for(&self, organisation: OrganisationId) -> bool {
        self.is_at_least(Role::Member) && self.organisations.contains(&organisation)
    }

    /// What the account reads of published records of organisations it does not belong to.
    pub fn level(&self) -> Level {
        if self.is_at_least(Role::Member) {
            Level::Member
        } else {
            Level::Public
        }
    }
}
