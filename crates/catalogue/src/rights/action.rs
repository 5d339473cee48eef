//! The table of rights: who may do what. Whatever is not granted here is denied.

use crate::id::{OrganisationId, UserId};
use crate::rights::{Actor, Role};

/// Whose a contribution is, as rights see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Owner {
    /// The carrying organisation; none while it is proposed by its author and not known to the library.
    pub organisation: Option<OrganisationId>,
    /// Who writes; none for what an import brought.
    pub author: Option<UserId>,
}

/// Something that somebody asks to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Read public fields of published records, feeds, exports and the public API.
    ReadPublished,
    /// Write to the contact of a record through the form, which does not show the address.
    WriteToContact,
    /// Propose a correction of a record; a visitor confirms a mail address first.
    ProposeCorrection,
    /// Read the fields of published records that are open to registered agents, contact included.
    ReadMemberFields,
    /// Read the fields kept to the carrying organisation.
    ReadOrganisationFields(OrganisationId),
    /// Read a draft or what was handed in.
    ReadContribution(Owner),
    /// Begin, edit, hand in, or give up a contribution; ask that a record be archived, say that it still holds.
    WriteContribution(Owner),
    /// Propose the logo of an organisation.
    ProposeLogo(OrganisationId),
    /// See the queue; claim, send back, approve and refuse.
    Review,
    /// Read every revision, comment and decision of a record.
    ReadFullHistory,
    /// Confirm and merge organisations and records.
    MergeDuplicates,
    /// Add, rename and deprecate terms.
    EditVocabularies,
    /// Say who contributes for which organisation.
    DecideMemberships,
    /// Say which organisations publish small corrections by themselves.
    SetTrust,
    /// Run an import without writing.
    TryImport,
    /// Run an import that writes.
    Import,
    /// Take a record away for good.
    Withdraw,
    /// Manage accounts and roles.
    ManageAccounts,
    /// Erase what is known of a person, set for how long things are kept.
    ManageRetention,
    /// Change the settings of the instance.
    ManageSettings,
    /// Read the audit trail.
    ReadAudit,
}

/// Why somebody may not do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Denied {
    /// Nobody is signed in.
    #[error("an account is needed")]
    SignIn,
    /// The account was not confirmed as that of an agent.
    #[error("the account is not confirmed yet")]
    Unconfirmed,
    /// The account does not contribute for the organisation.
    #[error("the account does not contribute for this organisation")]
    OtherOrganisation,
    /// Somebody else writes this, for an organisation that is not known yet.
    #[error("only its author may do this")]
    OtherAuthor,
    /// For moderators.
    #[error("only a moderator may do this")]
    Moderators,
    /// For administrators.
    #[error("only an administrator may do this")]
    Administrators,
}

impl Denied {
    /// Every reason.
    pub const ALL: [Self; 6] = [
        Self::SignIn,
        Self::Unconfirmed,
        Self::OtherOrganisation,
        Self::OtherAuthor,
        Self::Moderators,
        Self::Administrators,
    ];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Unconfirmed => "unconfirmed",
            Self::OtherOrganisation => "other-organisation",
            Self::OtherAuthor => "other-author",
            Self::Moderators => "moderators-only",
            Self::Administrators => "administrators-only",
        }
    }

    /// French sentence: why, and what to do.
    pub const fn message(self) -> &'static str {
        match self {
            Self::SignIn => "Connectez-vous pour continuer. Ce que vous avez saisi est conservé.",
            Self::Unconfirmed => {
                "Votre inscription attend sa confirmation. Vous recevrez un courriel dès qu’elle sera validée."
            }
            Self::OtherOrganisation => {
                "Vous ne contribuez pas pour cette organisation. Demandez à la rejoindre depuis votre espace."
            }
            Self::OtherAuthor => "Cette contribution appartient à une autre personne.",
            Self::Moderators => "Cette action est réservée à la modération.",
            Self::Administrators => "Cette action est réservée à l’administration.",
        }
    }
}

/// Whether somebody may do something.
///
/// # Errors
/// The reason, when they may not.
///
/// ```
/// use sobria_catalogue::rights::{Action, Actor, Denied, can};
///
/// let visitor = Actor::visitor();
/// assert_eq!(can(&visitor, &Action::ReadPublished), Ok(()));
/// assert_eq!(can(&visitor, &Action::Review), Err(Denied::SignIn));
/// ```
pub fn can(actor: &Actor, action: &Action) -> Result<(), Denied> {
    match action {
        Action::ReadPublished | Action::WriteToContact | Action::ProposeCorrection => Ok(()),
        Action::ReadMemberFields => member(actor),
        Action::ReadOrganisationFields(organisation) | Action::ProposeLogo(organisation) => owner(
            actor,
            Owner {
                organisation: Some(*organisation),
                author: None,
            },
        ),
        Action::ReadContribution(of) | Action::WriteContribution(of) => owner(actor, *of),
        Action::Review
        | Action::ReadFullHistory
        | Action::MergeDuplicates
        | Action::EditVocabularies
        | Action::DecideMemberships
        | Action::SetTrust
        | Action::TryImport => at_least(actor, Role::Moderator, Denied::Moderators),
        Action::Import
        | Action::Withdraw
        | Action::ManageAccounts
        | Action::ManageRetention
        | Action::ManageSettings
        | Action::ReadAudit => at_least(actor, Role::Admin, Denied::Administrators),
    }
}

fn member(actor: &Actor) -> Result<(), Denied> {
    at_least(actor, Role::Member, Denied::Unconfirmed)
}

fn at_least(actor: &Actor, role: Role, denied: Denied) -> Result<(), Denied> {
    match actor.role() {
        None => Err(Denied::SignIn),
        Some(own) if own >= role => Ok(()),
        Some(_) => Err(denied),
    }
}

/// Moderators, and those who contribute for the organisation; while it is proposed, its author alone.
fn owner(actor: &Actor, of: Owner) -> Result<(), Denied> {
    if actor.is_at_least(Role::Moderator) {
        return Ok(());
    }
    member(actor)?;
    match of.organisation {
        Some(organisation) if actor.contributes_for(organisation) => Ok(()),
        Some(_) => Err(Denied::OtherOrganisation),
        None if of.author.is_some() && of.author == actor.user() => Ok(()),
        None => Err(Denied::OtherAuthor),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn organisation(number: u128) -> OrganisationId {
        OrganisationId::new(Uuid::from_u128(number))
    }

    fn user(number: u128) -> UserId {
        UserId::new(Uuid::from_u128(number))
    }

    fn actor(role: Role, organisations: &[u128]) -> Actor {
        Actor {
            account: Some((user(1), role)),
            organisations: organisations.iter().map(|number| organisation(*number)).collect(),
        }
    }

    /// The actors, in the order of the columns of [`TABLE`].
    fn actors() -> [Actor; 7] {
        [
            Actor::visitor(),
            actor(Role::Pending, &[]),
            // A membership counts for nothing until the account is confirmed.
            actor(Role::Pending, &[10]),
            actor(Role::Member, &[20]),
            actor(Role::Member, &[10]),
            actor(Role::Moderator, &[]),
            actor(Role::Admin, &[]),
        ]
    }

    /// Each action with what visitor, pending (without and with a membership), member of another organisation,
    /// contributor of organisation 10, moderator and administrator may do: `+` yes, else the reason.
    fn table() -> Vec<(Action, [&'static str; 7])> {
        const EVERYONE: [&str; 7] = ["+", "+", "+", "+", "+", "+", "+"];
        const MODERATORS: [&str; 7] = [
            "sign-in",
            "moderators-only",
            "moderators-only",
            "moderators-only",
            "moderators-only",
            "+",
            "+",
        ];
        const ADMINS: [&str; 7] = [
            "sign-in",
            "administrators-only",
            "administrators-only",
            "administrators-only",
            "administrators-only",
            "administrators-only",
            "+",
        ];
        const MEMBERS: [&str; 7] = ["sign-in", "unconfirmed", "unconfirmed", "+", "+", "+", "+"];
        const OWN: [&str; 7] = [
            "sign-in",
            "unconfirmed",
            "unconfirmed",
            "other-organisation",
            "+",
            "+",
            "+",
        ];
        const OTHERS: [&str; 7] = [
            "sign-in",
            "unconfirmed",
            "unconfirmed",
            "other-author",
            "other-author",
            "+",
            "+",
        ];
        let of = |organisation, author| Owner { organisation, author };
        vec![
            (Action::ReadPublished, EVERYONE),
            (Action::WriteToContact, EVERYONE),
            (Action::ProposeCorrection, EVERYONE),
            (Action::ReadMemberFields, MEMBERS),
            (Action::ReadOrganisationFields(organisation(10)), OWN),
            (Action::ProposeLogo(organisation(10)), OWN),
            (
                Action::ReadContribution(of(Some(organisation(10)), Some(user(2)))),
                OWN,
            ),
            // Having written something does not outlive the membership.
            (
                Action::ReadContribution(of(Some(organisation(10)), Some(user(1)))),
                OWN,
            ),
            (
                Action::WriteContribution(of(Some(organisation(10)), Some(user(2)))),
                OWN,
            ),
            (Action::WriteContribution(of(Some(organisation(10)), None)), OWN),
            (Action::ReadContribution(of(None, Some(user(2)))), OTHERS),
            (Action::WriteContribution(of(None, Some(user(2)))), OTHERS),
            (Action::WriteContribution(of(None, None)), OTHERS),
            (Action::ReadContribution(of(None, Some(user(1)))), MEMBERS),
            (Action::WriteContribution(of(None, Some(user(1)))), MEMBERS),
            (Action::Review, MODERATORS),
            (Action::ReadFullHistory, MODERATORS),
            (Action::MergeDuplicates, MODERATORS),
            (Action::EditVocabularies, MODERATORS),
            (Action::DecideMemberships, MODERATORS),
            (Action::SetTrust, MODERATORS),
            (Action::TryImport, MODERATORS),
            (Action::Import, ADMINS),
            (Action::Withdraw, ADMINS),
            (Action::ManageAccounts, ADMINS),
            (Action::ManageRetention, ADMINS),
            (Action::ManageSettings, ADMINS),
            (Action::ReadAudit, ADMINS),
        ]
    }

    #[test]
    fn each_role_may_do_what_the_table_grants_and_nothing_else() {
        for (action, expected) in table() {
            for (actor, expected) in actors().iter().zip(expected) {
                let found = can(actor, &action).map_or_else(Denied::code, |()| "+");
                assert_eq!(found, expected, "{action:?} by {actor:?}");
            }
        }
    }

    #[test]
    fn each_reason_has_a_code_and_a_sentence_of_its_own() {
        let codes: std::collections::BTreeSet<_> = Denied::ALL.map(Denied::code).into_iter().collect();
        let messages: std::collections::BTreeSet<_> = Denied::ALL.map(Denied::message).into_iter().collect();
        assert_eq!(
            (codes.len(), messages.len()),
            (Denied::ALL.len(), Denied::ALL.len())
        );
    }
}
