//! From a draft to what readers see: [`decide`] is the one place that says which step may be taken, and by whom.

use super::EntryKind;
use crate::id::{OrganisationId, UserId};
use crate::rights::{Action, Actor, Denied, Owner, can};

/// Where the newest revision of an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryStatus {
    /// Being written.
    Draft,
    /// Waits for a moderator; nobody changes it meanwhile.
    Submitted,
    /// Readers see it.
    Published,
    /// A moderator refused it; its author may change it and hand it in again.
    Refused,
    /// Taken away for good.
    Withdrawn,
}

impl EntryStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [
        Self::Draft,
        Self::Submitted,
        Self::Published,
        Self::Refused,
        Self::Withdrawn,
    ];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Published => "published",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads the code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }

    /// French label.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Draft => "Brouillon",
            Self::Submitted => "En attente de relecture",
            Self::Published => "Publié",
            Self::Refused => "Refusé",
            Self::Withdrawn => "Retiré",
        }
    }
}

/// What a step is decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryState {
    /// What it is.
    pub kind: EntryKind,
    /// Where the newest revision stands.
    pub status: EntryStatus,
    /// Its number.
    pub version: u32,
    /// Number of the revision that readers see.
    pub published: Option<u32>,
    /// The organisation behind it.
    pub organisation: Option<OrganisationId>,
    /// Who wrote it first.
    pub author: Option<UserId>,
}

impl super::Entry {
    /// What a step on this entry is decided on.
    pub fn state(&self) -> EntryState {
        EntryState {
            kind: self.kind,
            status: self.status,
            version: self.version,
            published: self.published,
            organisation: self.carrier.as_ref().map(|carrier| carrier.id),
            author: self.author,
        }
    }
}

/// A step somebody asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryStep {
    /// Keep what was typed.
    Save,
    /// Hand it in.
    Submit,
    /// Show it to readers.
    Publish,
    /// Send it back with a reason.
    Refuse,
    /// Take it away for good.
    Withdraw,
    /// Give up what readers never saw.
    Discard,
}

impl EntryStep {
    /// Every step.
    pub const ALL: [Self; 6] = [
        Self::Save,
        Self::Submit,
        Self::Publish,
        Self::Refuse,
        Self::Withdraw,
        Self::Discard,
    ];
}

/// What becomes of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryNext {
    /// Its newest revision, and the one that readers see.
    Kept {
        /// Where the newest revision stands.
        status: EntryStatus,
        /// Its number: one more than before when a new revision begins.
        version: u32,
        /// Number of the revision that readers see.
        published: Option<u32>,
    },
    /// Nothing stays but the address, which says that it is gone.
    Emptied,
    /// Nothing stays.
    Removed,
}

/// Why a step is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryRefusal {
    /// The person may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// It waits for a moderator.
    #[error("the entry waits for a moderator")]
    Waiting,
    /// It is not in a state from which this step leaves.
    #[error("no such step from here")]
    NoSuchStep,
    /// Readers see it: it is withdrawn, not given up.
    #[error("readers saw it")]
    Public,
}

impl EntryRefusal {
    /// French sentence: why, and what to do.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Denied(denied) => denied.message(),
            Self::Waiting => {
                "La modération relit ce texte\u{a0}: il ne peut plus être modifié avant sa réponse. Revenez ensuite."
            }
            Self::NoSuchStep => {
                "Quelqu’un a traité cet élément entre-temps. Rechargez la page pour voir où il en est."
            }
            Self::Public => {
                "Ce texte a déjà été publié\u{a0}: demandez à la modération de le retirer plutôt que de l’effacer."
            }
        }
    }
}

/// Whether somebody may begin an entry: news are written by moderators, a meeting is proposed by any registered agent,
/// the rest by those who contribute for an organisation.
///
/// # Errors
/// The reason, when they may not.
pub fn may_begin(kind: EntryKind, actor: &Actor, organisation: Option<OrganisationId>) -> Result<(), Denied> {
    match kind {
        EntryKind::News => can(actor, &Action::Review),
        EntryKind::Meeting => can(
            actor,
            &Action::WriteContribution(Owner {
                organisation,
                author: actor.user(),
            }),
        ),
        _ => match organisation {
            None => can(actor, &Action::Review),
            Some(_) => can(
                actor,
                &Action::WriteContribution(Owner {
                    organisation,
                    author: actor.user(),
                }),
            ),
        },
    }
}

/// Whether somebody may change an entry.
///
/// # Errors
/// The reason, when they may not.
pub fn may_write(state: &EntryState, actor: &Actor) -> Result<(), Denied> {
    match state.kind {
        EntryKind::News => can(actor, &Action::Review),
        _ => can(
            actor,
            &Action::WriteContribution(Owner {
                organisation: state.organisation,
                author: state.author,
            }),
        ),
    }
}

/// What a step makes of an entry.
///
/// # Errors
/// The reason, when the step may not be taken.
pub fn decide(state: &EntryState, step: EntryStep, actor: &Actor) -> Result<EntryNext, EntryRefusal> {
    use EntryStatus::{Draft, Published, Refused, Submitted};
    let review = can(actor, &Action::Review);
    match step {
        EntryStep::Save | EntryStep::Submit | EntryStep::Discard => may_write(state, actor)?,
        EntryStep::Publish | EntryStep::Refuse | EntryStep::Withdraw => review?,
    }
    let kept = |status, version, published| {
        Ok(EntryNext::Kept {
            status,
            version,
            published,
        })
    };
    let EntryState {
        status,
        version,
        published,
        ..
    } = *state;
    match (step, status) {
        (EntryStep::Save, Draft) => kept(Draft, version, published),
        // What was decided on stays as it was: what follows is another revision.
        (EntryStep::Save, Refused | Published) => kept(Draft, version + 1, published),
        (EntryStep::Save | EntryStep::Submit | EntryStep::Discard, Submitted) => Err(EntryRefusal::Waiting),
        (EntryStep::Submit, Draft) => kept(Submitted, version, published),
        (EntryStep::Publish, Draft | Submitted) => kept(Published, version, Some(version)),
        (EntryStep::Refuse, Submitted) => kept(Refused, version, published),
        (EntryStep::Withdraw, Draft | Submitted | Published | Refused) => Ok(EntryNext::Emptied),
        (EntryStep::Discard, Draft | Refused) if published.is_none() => Ok(EntryNext::Removed),
        (EntryStep::Discard, Draft | Refused | Published) => Err(EntryRefusal::Public),
        (
            EntryStep::Save
            | EntryStep::Submit
            | EntryStep::Publish
            | EntryStep::Refuse
            | EntryStep::Withdraw
            | EntryStep::Discard,
            _,
        ) => Err(EntryRefusal::NoSuchStep),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rights::Role;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn actor(number: u128, role: Role, organisation: Option<u128>) -> Actor {
        Actor {
            account: Some((UserId::new(Uuid::from_u128(number)), role)),
            organisations: organisation
                .map(|number| OrganisationId::new(Uuid::from_u128(number)))
                .into_iter()
                .collect(),
        }
    }

    fn state(kind: EntryKind, status: EntryStatus) -> EntryState {
        EntryState {
            kind,
            status,
            version: 3,
            published: Some(2),
            organisation: Some(OrganisationId::new(Uuid::from_u128(10))),
            author: Some(UserId::new(Uuid::from_u128(1))),
        }
    }

    #[test]
    fn only_who_may_begins_an_entry() {
        let own = Some(OrganisationId::new(Uuid::from_u128(10)));
        let (visitor, member) = (Actor::visitor(), actor(1, Role::Member, None));
        let (contributor, moderator) = (actor(2, Role::Member, Some(10)), actor(3, Role::Moderator, None));
        for kind in EntryKind::ALL {
            assert!(may_begin(kind, &visitor, None).is_err(), "{kind:?}");
            assert!(may_begin(kind, &moderator, None).is_ok(), "{kind:?}");
            assert_eq!(
                may_begin(kind, &member, None).is_ok(),
                kind == EntryKind::Meeting,
                "{kind:?}"
            );
            assert!(may_begin(kind, &member, own).is_err(), "{kind:?}");
            assert_eq!(
                may_begin(kind, &contributor, own).is_ok(),
                kind != EntryKind::News,
                "{kind:?}"
            );
            assert!(may_begin(kind, &actor(4, Role::Pending, None), None).is_err());
        }
    }

    #[test]
    fn only_moderators_publish_refuse_and_withdraw() {
        for kind in EntryKind::ALL {
            for status in EntryStatus::ALL {
                for step in [EntryStep::Publish, EntryStep::Refuse, EntryStep::Withdraw] {
                    for who in [
                        Actor::visitor(),
                        actor(1, Role::Member, Some(10)),
                        actor(9, Role::Pending, None),
                    ] {
                        let denied = decide(&state(kind, status), step, &who);
                        assert!(
                            matches!(denied, Err(EntryRefusal::Denied(_))),
                            "{kind:?} {step:?}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn another_organisation_changes_nothing() {
        let other = actor(5, Role::Member, Some(11));
        for step in EntryStep::ALL {
            let refused = decide(&state(EntryKind::Resource, EntryStatus::Draft), step, &other);
            assert!(matches!(refused, Err(EntryRefusal::Denied(_))), "{step:?}");
        }
    }

    proptest! {
        /// Whatever is asked, in whatever order: readers see nothing that no moderator published, they keep what they
        /// saw until the next publication, and a revision that was decided on never changes.
        #[test]
        fn nothing_becomes_public_without_a_moderator(steps in proptest::collection::vec((0..6_usize, 0..3_usize), 1..40)) {
            let who = [
                actor(1, Role::Member, Some(10)),
                actor(5, Role::Member, Some(11)),
                actor(3, Role::Moderator, None),
            ];
            let mut now = EntryState { version: 1, published: None, ..state(EntryKind::Governance, EntryStatus::Draft) };
            let mut frozen = std::collections::BTreeSet::new();
            for (step, by) in steps {
                let (step, actor) = (EntryStep::ALL[step], &who[by]);
                let Ok(next) = decide(&now, step, actor) else { continue };
                let EntryNext::Kept { status, version, published } = next else {
                    prop_assert!(next == EntryNext::Removed && now.published.is_none() || by == 2);
                    break;
                };
                if published != now.published {
                    prop_assert_eq!(by, 2);
                    prop_assert_eq!(step, EntryStep::Publish);
                    prop_assert_eq!(published, Some(version));
                }
                if step == EntryStep::Save {
                    prop_assert!(!frozen.contains(&version));
                }
                if matches!(status, EntryStatus::Submitted | EntryStatus::Published | EntryStatus::Refused) {
                    frozen.insert(version);
                }
                now = EntryState { status, version, published, ..now };
            }
        }
    }
}
