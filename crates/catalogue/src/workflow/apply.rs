//! The table of transitions. Whatever it does not allow is refused.

use jiff::tz::TimeZone;

use super::{
    Applied, Audited, Case, Comment, Context, Event, Heading, Kind, NewIds, Opening, Publication,
    RecordChange, Refusal, RejectionReason, Submission, TEXT_MAX, Transition, Trust, Verdict,
};
use crate::diff::is_small;
use crate::draft::{Carrier, Checked, DraftInput, Surroundings};
use crate::id::UserId;
use crate::organisation::OrganisationStatus;
use crate::rights::{Action, Actor, Denied, Role, can};
use crate::text::clean_block;
use crate::use_case::{UseCase, WorkflowStatus};
use crate::validate::Stage;
use crate::workflow::Claim;

/// Begins a contribution.
///
/// # Errors
/// When the person may not write for the organisation, or the record is not public where it must be.
pub fn open(opening: Opening, ids: NewIds, actor: &Actor, context: &Context<'_>) -> Result<Applied, Refusal> {
    let user = actor.user().ok_or(Denied::SignIn)?;
    let mut case = Case {
        id: ids.contribution,
        use_case: ids.use_case,
        kind: Kind::Content,
        author: Some(user),
        organisation: None,
        new_organisation: ids.organisation,
        base: None,
        status: WorkflowStatus::Draft,
        values: DraftInput::default(),
        heading: Heading::default(),
        version: 1,
        submissions: 0,
        receipt: None,
        created_at: context.now,
        updated_at: context.now,
        first_submitted_at: None,
        submitted_at: None,
        claim: None,
        verdict: None,
        statement: String::new(),
        appealed: false,
    };
    let opened = match opening {
        Opening::New { values } => {
            write_values(&mut case, values, context)?;
            may_write(actor, &case)?;
            return Ok(Step::of(case, None, user, context).log("begin", None, "").done());
        }
        other => other,
    };
    let public = published(context)?;
    case.use_case = public.id;
    case.organisation = Some(public.organisation.id);
    case.base = Some(public.version);
    case.heading = heading_of(public);
    may_write(actor, &case)?;
    match opened {
        Opening::Revision | Opening::New { .. } => {
            case.values = DraftInput::from_content(&public.content, &public.organisation);
            Ok(Step::of(case, None, user, context).log("begin", None, "").done())
        }
        Opening::Review => {
            case.kind = Kind::Review;
            hand_in(&mut case, context);
            let step = Step::of(case, None, user, context).log("review", None, "");
            if context.trust == Trust::SmallChanges {
                return Ok(step.settle(
                    RecordChange::Review(context.around.today),
                    Event::Reviewed { automatic: true },
                ));
            }
            Ok(step.tell(Event::Submitted { again: false }).done())
        }
        Opening::Archive { reason } => {
            case.kind = Kind::Archive;
            case.statement = said(&reason)?;
            hand_in(&mut case, context);
            let step = Step::of(case, None, user, context).log("ask-archive", None, "");
            Ok(step.tell(Event::Submitted { again: false }).done())
        }
    }
}

/// Changes a contribution.
///
/// # Errors
/// Why it may not be changed so, by this person, now.
pub fn apply(
    case: &Case,
    transition: Transition,
    actor: &Actor,
    context: &Context<'_>,
) -> Result<Applied, Refusal> {
    let user = actor.user().ok_or(Denied::SignIn)?;
    let mut next = case.clone();
    next.version = case.version.saturating_add(1);
    next.updated_at = context.now;
    let from = Some(case.status);
    let step = |next: Case| Step::of(next, Some(case.version), user, context);
    match transition {
        Transition::Save { values } => {
            save(case, &mut next, values, actor, context)?;
            Ok(step(next).done())
        }
        Transition::Submit => submit(case, next, actor, user, context),
        Transition::Claim => {
            can(actor, &Action::Review)?;
            match (case.status, case.claim) {
                (WorkflowStatus::Submitted, _) => {}
                (WorkflowStatus::InReview, Some(claim))
                    if claim.moderator != user && claim.holds(context.now) =>
                {
                    return Err(Refusal::Claimed {
                        moderator: claim.moderator,
                        until: claim.until(),
                    });
                }
                (WorkflowStatus::InReview, _) => {}
                (status, _) => return Err(Refusal::NotNow { status }),
            }
            next.status = WorkflowStatus::InReview;
            next.claim = Some(Claim {
                moderator: user,
                at: context.now,
            });
            Ok(step(next).log("claim", from, "").done())
        }
        Transition::Release => {
            can(actor, &Action::Review)?;
            let claim = case.claim.filter(|_| case.status == WorkflowStatus::InReview);
            let Some(claim) = claim else {
                return Err(Refusal::NotNow { status: case.status });
            };
            if claim.moderator != user && claim.holds(context.now) && !actor.is_at_least(Role::Admin) {
                return Err(Refusal::Claimed {
                    moderator: claim.moderator,
                    until: claim.until(),
                });
            }
            next.status = WorkflowStatus::Submitted;
            next.claim = None;
            Ok(step(next).log("release", from, "").done())
        }
        Transition::RequestChanges { comments } => {
            claimed_by(case, actor, user)?;
            if case.kind != Kind::Content {
                return Err(Refusal::NotThisKind);
            }
            let comments = written(comments)?;
            next.status = WorkflowStatus::ChangesRequested;
            next.claim = None;
            let step = step(next).log("request-changes", from, "");
            Ok(step.comment(comments).tell(Event::ChangesRequested).done())
        }
        Transition::Approve { seen } => approve(case, next, seen, actor, user, context),
        Transition::Reject { reason, text } => {
            claimed_by(case, actor, user)?;
            next.status = WorkflowStatus::Rejected;
            next.claim = None;
            next.verdict = Some(Verdict {
                by: Some(user),
                at: context.now,
                reason: Some(reason),
                text: said(&text)?,
            });
            let mut step = step(next)
                .log("reject", from, RejectionReason::code(reason))
                .tell(Event::Rejected);
            if case.kind == Kind::Content && context.public.is_none() {
                step.applied.record = Some(RecordChange::Refuse);
            }
            Ok(step.done())
        }
        Transition::Appeal { text } => {
            may_write(actor, case)?;
            if case.status != WorkflowStatus::Rejected {
                return Err(Refusal::NotNow { status: case.status });
            }
            if case.appealed {
                return Err(Refusal::AppealedBefore);
            }
            next.appealed = true;
            next.status = WorkflowStatus::Submitted;
            next.statement = said(&text)?;
            next.submitted_at = Some(context.now);
            Ok(step(next).log("appeal", from, "").tell(Event::Appealed).done())
        }
        Transition::Discard => {
            may_write(actor, case)?;
            if case.status != WorkflowStatus::Draft {
                return Err(Refusal::NotNow { status: case.status });
            }
            let mut step = step(next).log("discard", from, "");
            step.applied.discarded = true;
            Ok(step.done())
        }
    }
}

/// An answer under construction.
struct Step {
    applied: Applied,
}

impl Step {
    fn of(case: Case, replaces: Option<u32>, actor: UserId, context: &Context<'_>) -> Self {
        Self {
            applied: Applied {
                case,
                replaces,
                frozen: None,
                comments: Vec::new(),
                record: None,
                discarded: false,
                audit: None,
                events: Vec::new(),
                actor,
                at: context.now,
            },
        }
    }

    fn log(mut self, action: &'static str, from: Option<WorkflowStatus>, reason: &'static str) -> Self {
        self.applied.audit = Some(Audited {
            action,
            from,
            to: self.applied.case.status,
            reason,
        });
        self
    }

    fn tell(mut self, event: Event) -> Self {
        self.applied.events.push(event);
        self
    }

    fn comment(mut self, comments: Vec<Comment>) -> Self {
        self.applied.comments = comments;
        self
    }

    fn freeze(mut self) -> Self {
        let case = &self.applied.case;
        self.applied.frozen = Some(Submission {
            number: case.submissions,
            values: case.values.clone(),
            by: self.applied.actor,
            at: self.applied.at,
        });
        self
    }

    /// Grants what the contribution asks for because its organisation is trusted.
    fn settle(mut self, record: RecordChange, event: Event) -> Applied {
        let at = self.applied.at;
        let case = &mut self.applied.case;
        case.status = WorkflowStatus::Published;
        case.verdict = Some(Verdict {
            by: None,
            at,
            reason: None,
            text: String::new(),
        });
        if let Some(audit) = &mut self.applied.audit {
            audit.to = WorkflowStatus::Published;
            audit.reason = "trusted";
        }
        self.applied.record = Some(record);
        self.tell(event).done()
    }

    fn done(self) -> Applied {
        self.applied
    }
}

fn save(
    case: &Case,
    next: &mut Case,
    values: DraftInput,
    actor: &Actor,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    may_write(actor, case)?;
    match case.status {
        WorkflowStatus::Draft | WorkflowStatus::ChangesRequested => {}
        // A moderator who reads it may mend it.
        WorkflowStatus::InReview if case.claim.map(|claim| claim.moderator) == actor.user() => {
            can(actor, &Action::Review)?;
        }
        status => return Err(Refusal::NotNow { status }),
    }
    if case.kind != Kind::Content {
        return Err(Refusal::NotThisKind);
    }
    write_values(next, values, context)?;
    may_write(actor, next)
}

fn submit(
    case: &Case,
    mut next: Case,
    actor: &Actor,
    user: UserId,
    context: &Context<'_>,
) -> Result<Applied, Refusal> {
    may_write(actor, case)?;
    match (case.status, &case.receipt) {
        (WorkflowStatus::Draft | WorkflowStatus::ChangesRequested, _) => {}
        (_, Some(receipt)) => {
            return Err(Refusal::AlreadyHandedIn {
                receipt: receipt.clone(),
            });
        }
        (status, None) => return Err(Refusal::NotNow { status }),
    }
    let checked = check(case, Stage::Submit, context)?;
    if let Some(public) = context.public
        && checked.content() == &public.content
        && checked.organisation() == &public.organisation
        && !context.files_changed
    {
        return Err(Refusal::NothingChanged);
    }
    next.base = context.public.map(|public| public.version);
    hand_in(&mut next, context);
    let again = case.submissions > 0;
    let step = Step::of(next, Some(case.version), user, context)
        .log("submit", Some(case.status), "")
        .freeze();
    if let Some(publication) = trusted(case, &checked, context) {
        let event = Event::Published {
            first: false,
            automatic: true,
        };
        return Ok(step.settle(RecordChange::Publish(Box::new(publication)), event));
    }
    Ok(step.tell(Event::Submitted { again }).done())
}

/// The small correction that a trusted organisation publishes by itself.
fn trusted(case: &Case, checked: &Checked, context: &Context<'_>) -> Option<Publication> {
    let public = context
        .public
        .filter(|public| public.status == WorkflowStatus::Published)?;
    // What a file holds was read by nobody: it is never a small change.
    let small = context.trust == Trust::SmallChanges
        && !context.files_changed
        && checked.carrier() == Carrier::Known
        && checked.organisation().id == public.organisation.id
        && is_small(&public.content, checked.content());
    if !small {
        return None;
    }
    let checked = check(case, Stage::Publish, context).ok()?;
    Some(publication(checked, Some(public), "Correction mineure"))
}

fn approve(
    case: &Case,
    mut next: Case,
    seen: Option<u32>,
    actor: &Actor,
    user: UserId,
    context: &Context<'_>,
) -> Result<Applied, Refusal> {
    // A confirmation holds nothing to read: it is approved as it stands in the queue.
    if case.kind == Kind::Review && case.status == WorkflowStatus::Submitted {
        can(actor, &Action::Review)?;
    } else {
        claimed_by(case, actor, user)?;
    }
    if case.author == Some(user) && context.moderators >= 2 {
        return Err(Refusal::OwnContribution);
    }
    let current = context.public.map(|public| public.version);
    if seen != current {
        return Err(Refusal::RecordMoved { current });
    }
    let (record, event) = match case.kind {
        Kind::Content => {
            let checked = check(case, Stage::Publish, context)?;
            let reason = if current.is_some() {
                "Mise à jour"
            } else {
                "Première publication"
            };
            let event = Event::Published {
                first: current.is_none(),
                automatic: false,
            };
            let publication = publication(checked, context.public, reason);
            next.organisation = Some(publication.organisation.id);
            (RecordChange::Publish(Box::new(publication)), event)
        }
        Kind::Review => {
            published(context)?;
            let day = case
                .submitted_at
                .unwrap_or(context.now)
                .to_zoned(TimeZone::UTC)
                .date();
            (RecordChange::Review(day), Event::Reviewed { automatic: false })
        }
        Kind::Archive => {
            published(context)?;
            (RecordChange::Archive, Event::Archived)
        }
    };
    next.status = WorkflowStatus::Published;
    next.claim = None;
    next.verdict = Some(Verdict {
        by: Some(user),
        at: context.now,
        reason: None,
        text: String::new(),
    });
    let mut step = Step::of(next, Some(case.version), user, context)
        .log("approve", Some(case.status), "")
        .tell(event);
    step.applied.record = Some(record);
    Ok(step.done())
}

fn publication(checked: Checked, public: Option<&UseCase>, reason: &'static str) -> Publication {
    let completeness = checked.completeness();
    let (content, mut organisation) = checked.into_parts();
    organisation.status = OrganisationStatus::Confirmed;
    Publication {
        content,
        organisation,
        completeness,
        replaces: public.map(|public| public.version),
        reason,
    }
}

fn may_write(actor: &Actor, case: &Case) -> Result<(), Refusal> {
    Ok(can(actor, &Action::WriteContribution(case.owner()))?)
}

fn claimed_by(case: &Case, actor: &Actor, user: UserId) -> Result<(), Refusal> {
    can(actor, &Action::Review)?;
    match (case.status, case.claim) {
        (WorkflowStatus::InReview, Some(claim)) if claim.moderator == user => Ok(()),
        (WorkflowStatus::InReview, Some(claim)) => Err(Refusal::Claimed {
            moderator: claim.moderator,
            until: claim.until(),
        }),
        (WorkflowStatus::InReview | WorkflowStatus::Submitted, _) => Err(Refusal::ClaimFirst),
        (status, _) => Err(Refusal::NotNow { status }),
    }
}

fn check(case: &Case, stage: Stage, context: &Context<'_>) -> Result<Checked, Refusal> {
    let around = Surroundings {
        new_organisation: case.new_organisation,
        ..context.around
    };
    Ok(case.values.check(stage, &around)?)
}

/// The record, while it is published; an archived one is not changed any more.
fn published<'a>(context: &Context<'a>) -> Result<&'a UseCase, Refusal> {
    context
        .public
        .filter(|public| public.status == WorkflowStatus::Published)
        .ok_or(Refusal::NotPublished)
}

fn hand_in(case: &mut Case, context: &Context<'_>) {
    case.status = WorkflowStatus::Submitted;
    case.submissions = case.submissions.saturating_add(1);
    case.submitted_at = Some(context.now);
    case.first_submitted_at.get_or_insert(context.now);
    let id = case.id;
    case.receipt
        .get_or_insert_with(|| id.receipt(context.around.today.year()));
}

/// Keeps the values, and what lists and rights need to know of them.
fn write_values(case: &mut Case, values: DraftInput, context: &Context<'_>) -> Result<(), Refusal> {
    values.within_limits()?;
    let chosen = values.organisation();
    let known = context
        .around
        .organisation
        .filter(|known| Some(known.id) == chosen);
    case.organisation = known.map(|known| known.id);
    case.heading = Heading {
        title: crate::text::excerpt(&values.title(), 200),
        theme: values.theme(context.around.vocabularies).map(str::to_owned),
        organisation: known.map_or_else(
            || crate::text::excerpt(&values.organisation_name(), 200),
            |known| known.name.clone(),
        ),
    };
    case.values = values;
    Ok(())
}

fn heading_of(record: &UseCase) -> Heading {
    Heading {
        title: record.content.title().to_owned(),
        theme: record.content.code(crate::field::Field::Theme).map(str::to_owned),
        organisation: record.organisation.name.clone(),
    }
}

/// A reason in words: there is one, and it is not endless.
fn said(text: &str) -> Result<String, Refusal> {
    let text = clean_block(text);
    if text.is_empty() {
        return Err(Refusal::TextNeeded);
    }
    if text.chars().count() > TEXT_MAX {
        return Err(Refusal::TextTooLong { max: TEXT_MAX });
    }
    Ok(text)
}

/// The comments that say something; at least one does.
fn written(comments: Vec<Comment>) -> Result<Vec<Comment>, Refusal> {
    let mut kept = Vec::with_capacity(comments.len());
    for comment in comments {
        match said(&comment.text) {
            Ok(text) => kept.push(Comment {
                field: comment.field,
                text,
            }),
            Err(Refusal::TextNeeded) => {}
            Err(refusal) => return Err(refusal),
        }
    }
    if kept.is_empty() {
        return Err(Refusal::CommentNeeded);
    }
    Ok(kept)
}
