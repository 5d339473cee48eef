use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::civil::date;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::content::Content;
use crate::diff::is_small;
use crate::field::Field;
use crate::organisation::{Organisation, OrganisationStatus};
use crate::rights::Role;
use crate::validate::Stage;
use crate::vocabulary::Vocabularies;

const AUTHOR: u128 = 1;
const COLLEAGUE: u128 = 2;
const STRANGER: u128 = 3;
const CLAIMER: u128 = 4;
const MODERATOR: u128 = 5;
const ADMIN: u128 = 6;
const PENDING: u128 = 7;

fn user(number: u128) -> UserId {
    UserId::new(Uuid::from_u128(number))
}

fn carrier_id() -> OrganisationId {
    OrganisationId::new(Uuid::from_u128(500))
}

fn actor(number: u128) -> Actor {
    let (role, organisations) = match number {
        AUTHOR | COLLEAGUE => (Role::Member, vec![carrier_id()]),
        STRANGER => (Role::Member, vec![OrganisationId::new(Uuid::from_u128(501))]),
        // Also an agent of the carrier, so that what a moderator writes is tried as well.
        CLAIMER => (Role::Moderator, vec![carrier_id()]),
        MODERATOR => (Role::Moderator, vec![]),
        ADMIN => (Role::Admin, vec![]),
        PENDING => (Role::Pending, vec![carrier_id()]),
        _ => return Actor::visitor(),
    };
    Actor {
        account: Some((user(number), role)),
        organisations,
    }
}

fn carrier() -> Organisation {
    let mut carrier = Organisation::named(carrier_id(), "Ville de Brest");
    carrier.siret = Some("21290019700011".to_owned());
    carrier.siren = Some("212900197".to_owned());
    carrier.kind = Some("commune".to_owned());
    (carrier.latitude, carrier.longitude) = (Some(48.39), Some(-4.48));
    carrier.status = OrganisationStatus::Confirmed;
    carrier
}

fn at(hour: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hour)
}

fn form(pairs: &[(&str, &str)]) -> DraftInput {
    let carrier = carrier_id().to_string();
    let mut form = DraftInput::default();
    for (name, value) in [
        ("organisation", carrier.as_str()),
        ("title", "Fuites d’eau du réseau"),
        ("summary", "Repérer les fuites."),
        (
            "description",
            "Un modèle écoute le réseau et signale les fuites aux agents du service des eaux.",
        ),
        ("start_date", "2024"),
        ("maturity", "deploiement"),
        ("delivery", "interne"),
        ("theme", "transition"),
        ("audiences", "agent"),
        ("hosting.text", "Sur place"),
        ("algorithm.name", "Écoute"),
        ("algorithm.kinds", "ml"),
        ("data.sources.text", "Capteurs"),
        ("data.collection.text", "Mesures"),
    ]
    .iter()
    .chain(pairs)
    {
        form.set(name, vec![(*value).to_owned()]).unwrap();
    }
    form
}

fn context<'a>(
    carrier: &'a Organisation,
    public: Option<&'a UseCase>,
    hour: i64,
    trust: Trust,
) -> Context<'a> {
    Context {
        now: at(hour),
        around: Surroundings {
            vocabularies: Vocabularies::embedded(),
            today: date(2026, 11, 1),
            organisation: Some(carrier),
            new_organisation: OrganisationId::new(Uuid::from_u128(900)),
        },
        public,
        moderators: 3,
        trust,
        files_changed: false,
    }
}

fn ids(number: u128) -> NewIds {
    NewIds {
        contribution: ContributionId::new(Uuid::from_u128(1000 + number)),
        use_case: UseCaseId::new(Uuid::from_u128(2000 + number)),
        organisation: OrganisationId::new(Uuid::from_u128(3000 + number)),
    }
}

fn begun(values: DraftInput) -> Case {
    let carrier = carrier();
    let context = context(&carrier, None, 0, Trust::None);
    open(Opening::New { values }, ids(1), &actor(AUTHOR), &context)
        .unwrap()
        .case
}

fn step(case: &Case, transition: Transition, by: u128, hour: i64) -> Result<Applied, Refusal> {
    let carrier = carrier();
    apply(
        case,
        transition,
        &actor(by),
        &context(&carrier, None, hour, Trust::None),
    )
}

fn comment() -> Vec<Comment> {
    vec![Comment {
        field: Some(Field::Title),
        text: "Précisez le lieu.".to_owned(),
    }]
}

fn reject() -> Transition {
    Transition::Reject {
        reason: RejectionReason::OutOfScope,
        text: "Pas d’intelligence artificielle ici.".to_owned(),
    }
}

fn appeal() -> Transition {
    Transition::Appeal {
        text: "Le modèle apprend des fuites passées.".to_owned(),
    }
}

/// A contribution in a state, reached by the steps that lead to it.
fn in_state(status: WorkflowStatus) -> Case {
    let draft = begun(form(&[]));
    let go = |case: &Case, transition, by, hour| step(case, transition, by, hour).unwrap().case;
    let submitted = || go(&draft, Transition::Submit, AUTHOR, 1);
    let claimed = || go(&submitted(), Transition::Claim, CLAIMER, 2);
    match status {
        WorkflowStatus::Draft => draft,
        WorkflowStatus::Submitted => submitted(),
        WorkflowStatus::InReview => claimed(),
        WorkflowStatus::ChangesRequested => go(
            &claimed(),
            Transition::RequestChanges { comments: comment() },
            CLAIMER,
            3,
        ),
        WorkflowStatus::Published => go(&claimed(), Transition::Approve { seen: None }, CLAIMER, 3),
        WorkflowStatus::Rejected => go(&claimed(), reject(), CLAIMER, 3),
        WorkflowStatus::Archived | WorkflowStatus::Withdrawn => Case { status, ..claimed() },
    }
}

fn transitions() -> Vec<(&'static str, Transition)> {
    vec![
        (
            "save",
            Transition::Save {
                values: form(&[("tags", "eau")]),
            },
        ),
        ("submit", Transition::Submit),
        ("claim", Transition::Claim),
        ("release", Transition::Release),
        ("request", Transition::RequestChanges { comments: comment() }),
        ("approve", Transition::Approve { seen: None }),
        ("reject", reject()),
        ("appeal", appeal()),
        ("discard", Transition::Discard),
    ]
}

/// What the table of transitions says, for somebody who has the right: `+`, or why not.
fn by_state(transition: &str, status: WorkflowStatus, by: u128) -> &'static str {
    use WorkflowStatus::{ChangesRequested, Draft, InReview, Rejected, Submitted};
    match (transition, status) {
        ("save" | "submit", Draft | ChangesRequested) | ("claim", Submitted) => "+",
        ("save", InReview) if by == CLAIMER => "+",
        ("submit", _) => "already-handed-in",
        ("claim" | "release" | "request" | "approve" | "reject", InReview) if by == CLAIMER => "+",
        ("release", InReview) if by == ADMIN => "+",
        ("claim" | "release" | "request" | "approve" | "reject", InReview) => "claimed",
        ("request" | "approve" | "reject", Submitted) => "claim-first",
        ("appeal", Rejected) | ("discard", Draft) => "+",
        _ => "not-now",
    }
}

fn expected(transition: &str, status: WorkflowStatus, by: u128) -> &'static str {
    let writes = matches!(transition, "save" | "submit" | "appeal" | "discard");
    match by {
        0 => "sign-in",
        PENDING if writes => "unconfirmed",
        STRANGER if writes => "other-organisation",
        PENDING | STRANGER | AUTHOR | COLLEAGUE if !writes => "moderators-only",
        _ => by_state(transition, status, by),
    }
}

#[test]
fn each_step_is_open_to_those_and_in_the_states_that_the_table_says() {
    for status in WorkflowStatus::ALL {
        let case = in_state(status);
        assert_eq!(case.status, status);
        for (name, transition) in transitions() {
            for by in [0, AUTHOR, COLLEAGUE, STRANGER, CLAIMER, MODERATOR, ADMIN, PENDING] {
                let done = step(&case, transition.clone(), by, 4);
                let found = done.as_ref().map_or_else(Refusal::code, |_| "+");
                assert_eq!(found, expected(name, status, by), "{name} {status:?} by {by}");
                if let Err(refusal) = done {
                    assert!(!refusal.message().is_empty());
                }
            }
        }
    }
}

#[test]
fn a_receipt_is_given_once_and_kept_from_one_submission_to_the_next() {
    let submitted = step(&begun(form(&[])), Transition::Submit, AUTHOR, 1).unwrap();
    let receipt = submitted.case.receipt.clone().unwrap();
    assert!(receipt.starts_with("2026-"), "{receipt}");
    assert_eq!(submitted.events, [Event::Submitted { again: false }]);
    assert_eq!(submitted.frozen.unwrap().number, 1);
    let again = step(
        &in_state(WorkflowStatus::ChangesRequested),
        Transition::Submit,
        COLLEAGUE,
        5,
    )
    .unwrap();
    assert_eq!(again.case.receipt, Some(receipt));
    assert_eq!(again.events, [Event::Submitted { again: true }]);
    assert_eq!(again.frozen.unwrap().number, 2);
    assert_eq!(again.case.first_submitted_at, Some(at(1)));
    assert_eq!(again.case.submitted_at, Some(at(5)));
}

#[test]
fn a_form_that_breaks_a_rule_is_not_handed_in_and_one_for_the_public_holds_more() {
    let refused = step(&begun(form(&[("title", "")])), Transition::Submit, AUTHOR, 1).unwrap_err();
    let Refusal::Invalid(errors) = refused else {
        panic!("{refused:?}")
    };
    assert!(errors.of("title").is_some());
    let short = step(&begun(form(&[("summary", "")])), Transition::Submit, AUTHOR, 1)
        .unwrap()
        .case;
    let claimed = step(&short, Transition::Claim, CLAIMER, 2).unwrap().case;
    let refused = step(&claimed, Transition::Approve { seen: None }, CLAIMER, 3).unwrap_err();
    assert!(matches!(refused, Refusal::Invalid(errors) if errors.of("summary").is_some()));
    // The moderator who reads it may mend it.
    let mended = step(&claimed, Transition::Save { values: form(&[]) }, CLAIMER, 3)
        .unwrap()
        .case;
    assert!(step(&mended, Transition::Approve { seen: None }, CLAIMER, 3).is_ok());
}

#[test]
fn a_claim_keeps_others_out_for_forty_eight_hours() {
    let claimed = in_state(WorkflowStatus::InReview);
    let refused = step(&claimed, Transition::Claim, MODERATOR, 2 + CLAIM_HOURS - 1).unwrap_err();
    assert_eq!(
        refused,
        Refusal::Claimed {
            moderator: user(CLAIMER),
            until: at(2 + CLAIM_HOURS)
        }
    );
    let taken = step(&claimed, Transition::Claim, MODERATOR, 2 + CLAIM_HOURS)
        .unwrap()
        .case;
    assert_eq!(taken.claim.unwrap().moderator, user(MODERATOR));
    assert!(matches!(
        step(
            &taken,
            Transition::Approve { seen: None },
            CLAIMER,
            2 + CLAIM_HOURS
        ),
        Err(Refusal::Claimed { .. })
    ));
    let free = step(&claimed, Transition::Release, MODERATOR, 2 + CLAIM_HOURS)
        .unwrap()
        .case;
    assert_eq!((free.status, free.claim), (WorkflowStatus::Submitted, None));
}

#[test]
fn what_is_asked_or_refused_is_said_in_words() {
    let claimed = in_state(WorkflowStatus::InReview);
    let blank = |text: &str| {
        vec![Comment {
            field: None,
            text: text.to_owned(),
        }]
    };
    for (transition, code) in [
        (Transition::RequestChanges { comments: vec![] }, "comment-needed"),
        (
            Transition::RequestChanges {
                comments: blank(" \n "),
            },
            "comment-needed",
        ),
        (
            Transition::RequestChanges {
                comments: blank(&"x".repeat(TEXT_MAX + 1)),
            },
            "text-too-long",
        ),
        (
            Transition::Reject {
                reason: RejectionReason::Other,
                text: "  ".to_owned(),
            },
            "text-needed",
        ),
    ] {
        assert_eq!(
            step(&claimed, transition.clone(), CLAIMER, 3).unwrap_err().code(),
            code,
            "{transition:?}"
        );
    }
    let mut comments = comment();
    comments.extend(blank(" "));
    let asked = step(&claimed, Transition::RequestChanges { comments }, CLAIMER, 3).unwrap();
    assert_eq!(asked.comments, comment());
    assert_eq!(asked.events, [Event::ChangesRequested]);
}

#[test]
fn a_refusal_is_appealed_once() {
    let rejected = in_state(WorkflowStatus::Rejected);
    assert_eq!(
        rejected.verdict.as_ref().unwrap().reason,
        Some(RejectionReason::OutOfScope)
    );
    let appealed = step(&rejected, appeal(), AUTHOR, 4).unwrap();
    assert_eq!(appealed.events, [Event::Appealed]);
    let claimed = step(&appealed.case, Transition::Claim, MODERATOR, 5)
        .unwrap()
        .case;
    let rejected = step(&claimed, reject(), MODERATOR, 6).unwrap();
    assert_eq!(rejected.record, Some(RecordChange::Refuse));
    assert_eq!(
        step(&rejected.case, appeal(), AUTHOR, 7),
        Err(Refusal::AppealedBefore)
    );
}

#[test]
fn a_moderator_approves_their_own_only_when_alone() {
    let carrier = carrier();
    let mut context = context(&carrier, None, 1, Trust::None);
    let own = open(
        Opening::New { values: form(&[]) },
        ids(1),
        &actor(CLAIMER),
        &context,
    )
    .unwrap()
    .case;
    let own = apply(&own, Transition::Submit, &actor(CLAIMER), &context)
        .unwrap()
        .case;
    let own = apply(&own, Transition::Claim, &actor(CLAIMER), &context)
        .unwrap()
        .case;
    let approve = Transition::Approve { seen: None };
    for (moderators, code) in [(2, "own-contribution"), (1, "+")] {
        context.moderators = moderators;
        let done = apply(&own, approve.clone(), &actor(CLAIMER), &context);
        assert_eq!(
            done.as_ref().map_or_else(Refusal::code, |_| "+"),
            code,
            "{moderators}"
        );
    }
}

/// The record that a publication makes.
fn public(id: UseCaseId, publication: &Publication, hour: i64) -> UseCase {
    UseCase {
        id,
        slug: "fuites".to_owned(),
        organisation: publication.organisation.clone(),
        content: publication.content.clone(),
        status: WorkflowStatus::Published,
        version: publication.replaces.unwrap_or(0) + 1,
        created_at: at(hour),
        updated_at: at(hour),
        published_at: Some(at(hour)),
        first_published_at: Some(at(hour)),
        last_reviewed_on: None,
        completeness: publication.completeness,
    }
}

fn published_record() -> UseCase {
    let claimed = in_state(WorkflowStatus::InReview);
    let done = step(&claimed, Transition::Approve { seen: None }, CLAIMER, 3).unwrap();
    let Some(RecordChange::Publish(publication)) = done.record else {
        panic!("{:?}", done.record)
    };
    public(claimed.use_case, &publication, 3)
}

#[test]
fn a_new_version_is_written_beside_the_public_one_and_compared_with_it() {
    let (carrier, record) = (carrier(), published_record());
    let on = context(&carrier, Some(&record), 10, Trust::None);
    let draft = open(Opening::Revision, ids(2), &actor(COLLEAGUE), &on)
        .unwrap()
        .case;
    assert_eq!((draft.use_case, draft.base), (record.id, Some(1)));
    assert_eq!(
        apply(&draft, Transition::Submit, &actor(COLLEAGUE), &on),
        Err(Refusal::NothingChanged)
    );
    let mut values = draft.values.clone();
    values.set("maturity", vec!["termine".to_owned()]).unwrap();
    let draft = apply(&draft, Transition::Save { values }, &actor(COLLEAGUE), &on)
        .unwrap()
        .case;
    let handed = apply(&draft, Transition::Submit, &actor(COLLEAGUE), &on)
        .unwrap()
        .case;
    let claimed = apply(&handed, Transition::Claim, &actor(MODERATOR), &on)
        .unwrap()
        .case;
    // The public record moved between the reading and the decision.
    let moved = UseCase {
        version: 2,
        ..record.clone()
    };
    let late = context(&carrier, Some(&moved), 11, Trust::None);
    let approve = |seen| Transition::Approve { seen };
    assert_eq!(
        apply(&claimed, approve(Some(1)), &actor(MODERATOR), &late),
        Err(Refusal::RecordMoved { current: Some(2) })
    );
    let done = apply(&claimed, approve(Some(1)), &actor(MODERATOR), &on).unwrap();
    let Some(RecordChange::Publish(publication)) = &done.record else {
        panic!("{:?}", done.record)
    };
    assert_eq!(publication.replaces, Some(1));
    assert_eq!(publication.content.code(Field::Maturity), Some("termine"));
    assert_eq!(
        done.events,
        [Event::Published {
            first: false,
            automatic: false
        }]
    );
}

#[test]
fn small_corrections_go_out_by_themselves_where_the_organisation_is_trusted() {
    let (carrier, record) = (carrier(), published_record());
    for (trust, name, value, automatic) in [
        (Trust::None, "title", "Fuites d’eau des réseaux", false),
        (Trust::SmallChanges, "title", "Fuites d’eau des réseaux", false),
        (
            Trust::SmallChanges,
            "description",
            "Un modèle écoute le réseau et signale les fuites aux agents du service de l’eau.",
            true,
        ),
        (
            Trust::None,
            "description",
            "Un modèle écoute le réseau et signale les fuites aux agents du service de l’eau.",
            false,
        ),
        (
            Trust::SmallChanges,
            "links.info.0.url",
            "https://ville.example/fuites",
            true,
        ),
        (Trust::SmallChanges, "maturity", "termine", false),
        (Trust::SmallChanges, "summary", "", false),
    ] {
        let on = context(&carrier, Some(&record), 10, trust);
        let draft = open(Opening::Revision, ids(2), &actor(AUTHOR), &on).unwrap().case;
        let mut values = draft.values.clone();
        values.set(name, vec![value.to_owned()]).unwrap();
        let draft = apply(&draft, Transition::Save { values }, &actor(AUTHOR), &on)
            .unwrap()
            .case;
        let done = apply(&draft, Transition::Submit, &actor(AUTHOR), &on).unwrap();
        assert_eq!(done.record.is_some(), automatic, "{trust:?} {name} {value}");
        assert_eq!(done.case.status == WorkflowStatus::Published, automatic);
        assert!(done.frozen.is_some());
    }
}

#[test]
fn a_file_is_a_change_that_a_moderator_reads_even_where_the_organisation_is_trusted() {
    let (carrier, record) = (carrier(), published_record());
    let mut on = context(&carrier, Some(&record), 10, Trust::SmallChanges);
    let draft = open(Opening::Revision, ids(2), &actor(AUTHOR), &on).unwrap().case;
    on.files_changed = true;
    let alone = apply(&draft, Transition::Submit, &actor(AUTHOR), &on).unwrap();
    assert!(alone.record.is_none() && alone.case.status == WorkflowStatus::Submitted);
    let mut values = draft.values.clone();
    values
        .set(
            "links.info.0.url",
            vec!["https://ville.example/fuites".to_owned()],
        )
        .unwrap();
    let draft = apply(&draft, Transition::Save { values }, &actor(AUTHOR), &on)
        .unwrap()
        .case;
    let with_text = apply(&draft, Transition::Submit, &actor(AUTHOR), &on).unwrap();
    assert!(with_text.record.is_none());
}

#[test]
fn a_small_correction_of_a_record_that_lacks_something_waits_for_a_moderator() {
    // As an import may have published it.
    let (carrier, mut record) = (carrier(), published_record());
    record.content.take(Field::Summary);
    let on = context(&carrier, Some(&record), 10, Trust::SmallChanges);
    let draft = open(Opening::Revision, ids(2), &actor(AUTHOR), &on).unwrap().case;
    let mut values = draft.values.clone();
    values.set("tags", vec!["eau".to_owned()]).unwrap();
    let draft = apply(&draft, Transition::Save { values }, &actor(AUTHOR), &on)
        .unwrap()
        .case;
    let done = apply(&draft, Transition::Submit, &actor(AUTHOR), &on).unwrap();
    assert_eq!((done.record, done.case.status), (None, WorkflowStatus::Submitted));
}

#[test]
fn that_nothing_changed_takes_one_step_of_the_author_and_one_of_a_moderator() {
    let (carrier, record) = (carrier(), published_record());
    let on = context(&carrier, Some(&record), 30, Trust::None);
    let asked = open(Opening::Review, ids(3), &actor(AUTHOR), &on).unwrap();
    assert_eq!(
        (asked.case.status, &asked.record),
        (WorkflowStatus::Submitted, &None)
    );
    let later = context(&carrier, Some(&record), 80, Trust::None);
    let done = apply(
        &asked.case,
        Transition::Approve { seen: Some(1) },
        &actor(MODERATOR),
        &later,
    )
    .unwrap();
    // The day of the click, not that of the approval.
    assert_eq!(done.record, Some(RecordChange::Review(date(1970, 1, 2))));
    let trusted = context(&carrier, Some(&record), 30, Trust::SmallChanges);
    let done = open(Opening::Review, ids(3), &actor(AUTHOR), &trusted).unwrap();
    assert_eq!(done.record, Some(RecordChange::Review(date(2026, 11, 1))));
    assert_eq!(done.case.status, WorkflowStatus::Published);
    let refused = open(Opening::Review, ids(3), &actor(STRANGER), &on).unwrap_err();
    assert_eq!(refused.code(), "other-organisation");
}

#[test]
fn an_archive_is_asked_by_the_organisation_and_confirmed_by_a_moderator() {
    let (carrier, record) = (carrier(), published_record());
    let on = context(&carrier, Some(&record), 10, Trust::SmallChanges);
    let reason = |reason: &str| Opening::Archive {
        reason: reason.to_owned(),
    };
    assert_eq!(
        open(reason(" "), ids(3), &actor(AUTHOR), &on),
        Err(Refusal::TextNeeded)
    );
    let asked = open(reason("Service arrêté."), ids(3), &actor(AUTHOR), &on).unwrap();
    assert_eq!(asked.record, None, "trust does not archive");
    let claimed = apply(&asked.case, Transition::Claim, &actor(MODERATOR), &on)
        .unwrap()
        .case;
    assert_eq!(
        apply(
            &claimed,
            Transition::RequestChanges { comments: comment() },
            &actor(MODERATOR),
            &on
        ),
        Err(Refusal::NotThisKind)
    );
    let done = apply(
        &claimed,
        Transition::Approve { seen: Some(1) },
        &actor(MODERATOR),
        &on,
    )
    .unwrap();
    assert_eq!(done.record, Some(RecordChange::Archive));
    let archived = UseCase {
        status: WorkflowStatus::Archived,
        ..record.clone()
    };
    let on = context(&carrier, Some(&archived), 11, Trust::None);
    assert_eq!(
        open(Opening::Revision, ids(4), &actor(AUTHOR), &on),
        Err(Refusal::NotPublished)
    );
}

#[test]
fn only_an_administrator_takes_a_record_away() {
    for by in [0, AUTHOR, COLLEAGUE, STRANGER, CLAIMER, MODERATOR, PENDING, ADMIN] {
        let done = withdraw(ids(1).use_case, WithdrawalClass::PersonalData, &actor(by), at(1));
        assert_eq!(done.is_ok(), by == ADMIN, "{by}");
    }
}

#[test]
fn a_form_for_another_organisation_is_refused_before_it_is_kept() {
    let elsewhere = Organisation::named(OrganisationId::new(Uuid::from_u128(501)), "Ailleurs");
    let values = form(&[("organisation", &elsewhere.id.to_string())]);
    let mut on = context(&elsewhere, None, 1, Trust::None);
    let refused = open(
        Opening::New {
            values: values.clone(),
        },
        ids(1),
        &actor(AUTHOR),
        &on,
    )
    .unwrap_err();
    assert_eq!(refused.code(), "other-organisation");
    let save = Transition::Save { values };
    let refused = apply(&begun(form(&[])), save, &actor(AUTHOR), &on).unwrap_err();
    assert_eq!(refused.code(), "other-organisation");
    // Proposing an organisation that the library does not know is open to every registered agent.
    on.around.organisation = None;
    let proposed = form(&[("organisation", ""), ("organisation.name", "Ailleurs")]);
    let case = open(Opening::New { values: proposed }, ids(1), &actor(STRANGER), &on)
        .unwrap()
        .case;
    assert_eq!(
        (case.organisation, case.heading.organisation.as_str()),
        (None, "Ailleurs")
    );
    assert!(apply(&case, Transition::Discard, &actor(AUTHOR), &on).is_err());
}

#[test]
fn what_an_import_handed_in_is_mended_and_approved_by_moderators_alone() {
    let record = UseCase {
        status: WorkflowStatus::Submitted,
        ..published_record()
    };
    let case = imported(&record, ContributionId::new(record.id.uuid()), at(5));
    assert_eq!(case.status, WorkflowStatus::Submitted);
    let claimed = step(&case, Transition::Claim, MODERATOR, 6).unwrap().case;
    let save = Transition::Save {
        values: form(&[("tags", "eau")]),
    };
    let mended = step(&claimed, save, MODERATOR, 7).unwrap().case;
    let done = step(&mended, Transition::Approve { seen: None }, MODERATOR, 8).unwrap();
    assert!(matches!(done.record, Some(RecordChange::Publish(_))));
}

/// A library as small as it can be, to which random people do random things.
#[derive(Default)]
struct World {
    cases: Vec<Case>,
    frozen: BTreeMap<(ContributionId, u32), DraftInput>,
    /// The public versions of each record, oldest first.
    versions: BTreeMap<UseCaseId, Vec<(Content, bool)>>,
    public: BTreeMap<UseCaseId, UseCase>,
    moderators: u32,
    trusted: bool,
    hour: i64,
    begun: u128,
}

impl World {
    fn trust(&self) -> Trust {
        if self.trusted {
            Trust::SmallChanges
        } else {
            Trust::None
        }
    }

    fn act(&mut self, what: u8, by: u128, which: u8, how: u8) {
        self.hour += i64::from(how % 30);
        let carrier = carrier();
        let case = self
            .cases
            .get(usize::from(which) % self.cases.len().max(1))
            .cloned();
        let target = self
            .public
            .keys()
            .nth(usize::from(which) % self.public.len().max(1))
            .copied();
        let opening = match what {
            0 => Some(Opening::New { values: variant(how) }),
            1 => Some(Opening::Revision),
            2 => Some(Opening::Review),
            3 => Some(Opening::Archive {
                reason: "Arrêté".to_owned(),
            }),
            _ => None,
        };
        let record = match (&opening, &case) {
            (Some(Opening::New { .. }), _) => None,
            (Some(_), _) => target,
            (None, Some(case)) => Some(case.use_case),
            (None, None) => return,
        };
        let public = record.and_then(|id| self.public.get(&id)).cloned();
        let mut on = context(&carrier, public.as_ref(), self.hour, self.trust());
        on.moderators = self.moderators;
        self.begun += 1;
        let number = self.begun;
        let (before, done) = match (opening, case) {
            (Some(opening), _) => (None, open(opening, ids(number), &actor(by), &on)),
            (None, Some(case)) => {
                let seen = if how.is_multiple_of(5) {
                    Some(99)
                } else {
                    public.as_ref().map(|public| public.version)
                };
                let transition = match what {
                    4 | 5 => Transition::Save { values: variant(how) },
                    6 | 7 => Transition::Submit,
                    8 | 9 => Transition::Claim,
                    10 => Transition::Release,
                    11 => Transition::RequestChanges { comments: comment() },
                    12..=14 => Transition::Approve { seen },
                    15 => reject(),
                    16 => appeal(),
                    _ => Transition::Discard,
                };
                let done = apply(&case, transition, &actor(by), &on);
                (Some(case), done)
            }
            (None, None) => return,
        };
        if let Ok(done) = done {
            self.write(before.as_ref(), &done, by, &on);
        }
    }

    fn write(&mut self, before: Option<&Case>, done: &Applied, by: u128, on: &Context<'_>) {
        assert_eq!(done.replaces, before.map(|case| case.version));
        assert_eq!(done.case.version, before.map_or(1, |case| case.version + 1));
        assert_eq!(done.actor, user(by));
        if let Some(frozen) = &done.frozen {
            let former = self
                .frozen
                .insert((done.case.id, frozen.number), frozen.values.clone());
            assert!(former.is_none(), "a frozen copy never changes");
            assert_eq!(Some(&frozen.values), before.map(|case| &case.values));
        }
        let moderates = matches!(by, CLAIMER | MODERATOR | ADMIN);
        let announced = done
            .events
            .iter()
            .any(|event| matches!(event, Event::Published { .. }));
        match &done.record {
            Some(RecordChange::Publish(publication)) => {
                self.publish(before.unwrap(), publication, moderates, by, on);
                assert!(announced);
            }
            Some(RecordChange::Review(_)) => {
                assert!(moderates || self.trusted);
                assert!(self.public.contains_key(&done.case.use_case));
            }
            Some(RecordChange::Archive) => {
                assert!(moderates);
                let record = self.public.get_mut(&done.case.use_case).unwrap();
                assert_eq!(record.status, WorkflowStatus::Published);
                record.status = WorkflowStatus::Archived;
            }
            Some(RecordChange::Refuse) => {
                assert!(moderates && !self.public.contains_key(&done.case.use_case))
            }
            None => assert!(!announced),
        }
        match self.cases.iter().position(|case| case.id == done.case.id) {
            Some(at) if done.discarded => {
                assert_eq!(self.cases[at].submissions, 0);
                self.cases.remove(at);
            }
            Some(at) => self.cases[at] = done.case.clone(),
            None => self.cases.push(done.case.clone()),
        }
    }

    fn publish(
        &mut self,
        case: &Case,
        publication: &Publication,
        moderates: bool,
        by: u128,
        on: &Context<'_>,
    ) {
        let former = self.public.get(&case.use_case);
        assert_eq!(publication.replaces, former.map(|record| record.version));
        let around = Surroundings {
            new_organisation: case.new_organisation,
            ..on.around
        };
        let checked = case.values.check(Stage::Publish, &around).unwrap();
        assert_eq!(&publication.content, checked.content());
        match former {
            _ if moderates && case.status == WorkflowStatus::InReview => {
                assert!(self.moderators < 2 || case.author != Some(user(by)));
                assert_eq!(case.claim.unwrap().moderator, user(by));
                assert!(self.frozen.contains_key(&(case.id, case.submissions)));
            }
            Some(former) => {
                assert!(self.trusted && is_small(&former.content, &publication.content));
            }
            None => panic!("nothing becomes public without a moderator"),
        }
        let versions = self.versions.entry(case.use_case).or_default();
        let number = u32::try_from(versions.len()).unwrap();
        assert_eq!(publication.replaces.unwrap_or(0), number);
        versions.push((publication.content.clone(), moderates));
        assert!(versions[0].1, "a first version has its moderator");
        let record = public(case.use_case, publication, self.hour);
        self.public.insert(case.use_case, record);
    }

    /// What the public reads is the last version that was made public, whatever is written beside it.
    fn check(&self) {
        for (id, record) in &self.public {
            let versions = &self.versions[id];
            assert_eq!(&record.content, &versions.last().unwrap().0);
            assert_eq!(usize::try_from(record.version).unwrap(), versions.len());
        }
        for case in &self.cases {
            assert_eq!(case.claim.is_some(), case.status == WorkflowStatus::InReview);
            if case.kind == Kind::Content && case.status != WorkflowStatus::Draft {
                assert!(self.frozen.contains_key(&(case.id, case.submissions)));
            }
        }
    }
}

/// Forms of all sorts: fit for the public, fit to be handed in, unfit, of a proposed carrier, with a small correction.
fn variant(how: u8) -> DraftInput {
    match how % 8 {
        0 | 1 => form(&[]),
        2 => form(&[(
            "description",
            "Un modèle écoute le réseau et signale les fuites aux agents du service de l’eau.",
        )]),
        3 => form(&[("maturity", "termine")]),
        4 => form(&[("title", "")]),
        5 => form(&[("organisation", ""), ("organisation.name", "Ailleurs")]),
        6 => form(&[("summary", "")]),
        _ => form(&[("links.info.0.url", "https://ville.example/fuites")]),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_people_do_nothing_is_public_without_a_moderator_and_no_version_is_rewritten(
        moderators in 1_u32..4,
        trusted in any::<bool>(),
        deeds in proptest::collection::vec((0_u8..18, 0_u128..8, any::<u8>(), any::<u8>()), 1..160),
    ) {
        let mut world = World { moderators, trusted, ..World::default() };
        // A library in motion from the first deed.
        for (what, by, how) in [(0, AUTHOR, 0), (6, AUTHOR, 1), (8, MODERATOR, 1), (12, MODERATOR, 1)] {
            world.act(what, by, 0, how);
        }
        prop_assert_eq!(world.public.len(), 1);
        for (what, by, which, how) in deeds {
            world.act(what, by, which, how);
            world.check();
        }
    }
}
