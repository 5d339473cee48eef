//! People, forms and contributions that the tests of the workflow share.

mod requests;
mod review;
mod revision;
mod table;
mod world;

use jiff::SignedDuration;
use jiff::civil::date;
use uuid::Uuid;

use super::*;
use crate::field::Field;
use crate::organisation::{Organisation, OrganisationStatus};
use crate::rights::Role;
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
