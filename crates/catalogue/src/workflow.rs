//! From a draft to what everybody reads: every step in one pure function.
//!
//! A contribution ([`Case`]) is begun by [`open`] and changed by [`apply()`]; a record is taken away by [`withdraw`].
//! None of them touches anything: they answer with what must be written ([`Applied`], [`Withdrawal`]) or why not
//! ([`Refusal`]), and nothing else makes those values, so the store cannot be handed a step that was not allowed.
//!
//! One contribution makes one version: a published record is changed by a new contribution beside it, and the public
//! keeps its version until that one is approved.

mod apply;
mod case;
mod refusal;

use jiff::Timestamp;

pub use self::apply::{apply, open};
pub use self::case::{
    CLAIM_HOURS, Case, Claim, Comment, Heading, Kind, Publication, RecordChange, RejectionReason, Submission,
    Trust, Verdict, WithdrawalClass,
};
pub use self::refusal::Refusal;
use crate::draft::{DraftInput, Surroundings};
use crate::id::{ContributionId, OrganisationId, UseCaseId, UserId};
use crate::rights::{Action, Actor, Denied, can};
use crate::use_case::{UseCase, WorkflowStatus};

/// Longest comment or reason, in characters.
pub const TEXT_MAX: usize = 3000;

/// New identifiers for a contribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewIds {
    /// Of the contribution.
    pub contribution: ContributionId,
    /// Of the record, should it be new.
    pub use_case: UseCaseId,
    /// Of the carrier, should it be new.
    pub organisation: OrganisationId,
}

/// How a contribution begins.
#[derive(Debug, Clone, PartialEq)]
pub enum Opening {
    /// A record that does not exist yet, with what is known of it already.
    New {
        /// The values of the form.
        values: DraftInput,
    },
    /// A new version of the public record.
    Revision,
    /// Nothing changed: the public record still holds.
    Review,
    /// The public record should be archived.
    Archive {
        /// Why.
        reason: String,
    },
}

/// What somebody asks of a contribution.
#[derive(Debug, Clone, PartialEq)]
pub enum Transition {
    /// Keep the form as it is now.
    Save {
        /// Its values.
        values: DraftInput,
    },
    /// Hand it in, or hand it in again.
    Submit,
    /// Read it, and keep other moderators out meanwhile.
    Claim,
    /// Leave it to another moderator.
    Release,
    /// Send it back.
    RequestChanges {
        /// What is to be changed.
        comments: Vec<Comment>,
    },
    /// Make public what it asks for.
    Approve {
        /// Number of the public revision that the moderator compared it with.
        seen: Option<u32>,
    },
    /// Refuse it.
    Reject {
        /// Why, from the list.
        reason: RejectionReason,
        /// Why, in words.
        text: String,
    },
    /// Ask that a refusal be looked at again.
    Appeal {
        /// What the author answers.
        text: String,
    },
    /// Give up a draft that was never handed in.
    Discard,
}

/// What surrounds a decision.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// When it is made.
    pub now: Timestamp,
    /// Lists, day, and the organisation that the form names. The identifier of a new organisation is taken from the
    /// contribution, once there is one.
    pub around: Surroundings<'a>,
    /// The record as the public reads it, when it does.
    pub public: Option<&'a UseCase>,
    /// How many accounts may moderate.
    pub moderators: u32,
    /// What the carrier may publish without waiting.
    pub trust: Trust,
    /// Whether the open contribution brings a file or takes one off.
    pub files_changed: bool,
}

/// Something that others are told about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// It was handed in.
    Submitted {
        /// Not for the first time.
        again: bool,
    },
    /// It was sent back with comments.
    ChangesRequested,
    /// The public reads a new version.
    Published {
        /// The first one.
        first: bool,
        /// The trust in the organisation decided.
        automatic: bool,
    },
    /// The record was said to hold.
    Reviewed {
        /// The trust in the organisation decided.
        automatic: bool,
    },
    /// The record left the default search.
    Archived,
    /// It was refused.
    Rejected,
    /// The refusal was appealed.
    Appealed,
}

/// A line of the audit trail. It holds codes only: words are kept with the contribution, where they can be purged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Audited {
    /// What was done.
    pub action: &'static str,
    /// Where the contribution stood; none when it was begun.
    pub from: Option<WorkflowStatus>,
    /// Where it stands.
    pub to: WorkflowStatus,
    /// Code of the reason, when there is one.
    pub reason: &'static str,
}

/// A step that was allowed: what must be written, all of it or nothing.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Applied {
    /// The contribution as it becomes.
    pub case: Case,
    /// Its version when this was decided; none when it is new.
    pub replaces: Option<u32>,
    /// The copy to freeze.
    pub frozen: Option<Submission>,
    /// The comments to add, about the last submission.
    pub comments: Vec<Comment>,
    /// What becomes of the record.
    pub record: Option<RecordChange>,
    /// Whether the contribution disappears.
    pub discarded: bool,
    /// The line of the audit trail; none for what is only kept.
    pub audit: Option<Audited>,
    /// What others are told.
    pub events: Vec<Event>,
    /// Who did it.
    pub actor: UserId,
    /// When.
    pub at: Timestamp,
}

/// A record that is taken away for good.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Withdrawal {
    /// The record.
    pub use_case: UseCaseId,
    /// What its address says.
    pub class: WithdrawalClass,
    /// Who decided it.
    pub actor: UserId,
    /// When.
    pub at: Timestamp,
}

/// Takes a record away for good, whatever it is at.
///
/// # Errors
/// When the person is no administrator.
pub fn withdraw(
    use_case: UseCaseId,
    class: WithdrawalClass,
    actor: &Actor,
    now: Timestamp,
) -> Result<Withdrawal, Refusal> {
    can(actor, &Action::Withdraw)?;
    Ok(Withdrawal {
        use_case,
        class,
        actor: actor.user().ok_or(Denied::SignIn)?,
        at: now,
    })
}

/// The contribution that stands for a record that an import handed in, so that moderators find it in their queue.
///
/// It belongs to nobody: moderators mend it, approve it or refuse it.
pub fn imported(record: &UseCase, id: ContributionId, now: Timestamp) -> Case {
    let values = DraftInput::from_content(&record.content, &record.organisation);
    Case {
        id,
        use_case: record.id,
        kind: Kind::Content,
        author: None,
        organisation: Some(record.organisation.id),
        new_organisation: record.organisation.id,
        base: None,
        status: WorkflowStatus::Submitted,
        heading: Heading {
            title: record.content.title().to_owned(),
            theme: record.content.code(crate::field::Field::Theme).map(str::to_owned),
            organisation: record.organisation.name.clone(),
        },
        values,
        version: 1,
        submissions: 0,
        receipt: None,
        created_at: now,
        updated_at: now,
        first_submitted_at: Some(record.updated_at),
        submitted_at: Some(record.updated_at),
        claim: None,
        verdict: None,
        statement: String::new(),
        appealed: false,
    }
}

#[cfg(test)]
mod tests;
