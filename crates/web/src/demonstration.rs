//! The accounts of a demonstration, so that each role can be tried.

mod community;
mod roadmap;

use jiff::Timestamp;
use sobria_catalogue::access::Level;
use sobria_catalogue::account::{Email, SignUp};
use sobria_catalogue::evaluation::Evaluation;
use sobria_catalogue::field::Field;
use sobria_catalogue::id::UserId;
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::review::review_due_on;
use sobria_catalogue::rights::Role;
use sobria_catalogue::use_case::{UseCase, WorkflowStatus};
use sobria_govern::{frugality, transparency};
use sobria_identity::password;
use sobria_store::{AssessmentKind, Decision, NewAssessment, Store, Subject};
use uuid::Uuid;

use crate::error::WebError;
use crate::routes::account::sign_in::{DEMO_ACCOUNTS, DEMO_PASSWORD};

/// Mail domain of the organisation of the demonstration.
pub const DOMAIN: &str = "demo.exemple.fr";

/// The organisation of the contributor: one with a project that goes on, whose record is to be confirmed some day.
async fn carrier(store: &Store) -> Result<Option<Organisation>, WebError> {
    let records = store.stream_published(None, 200).await?;
    let goes_on = |record: &&UseCase| {
        let some_day = jiff::civil::date(2026, 1, 1);
        record.status == WorkflowStatus::Published && review_due_on(&record.content, some_day).is_some()
    };
    let found = records.iter().find(goes_on).or(records.first());
    Ok(found.map(|record| record.organisation.clone()))
}

/// Makes the accounts.
///
/// # Errors
/// When the database does not answer.
pub async fn fill(store: &Store, now: Timestamp) -> Result<(), WebError> {
    let first = carrier(store).await?;
    let hash = tokio::task::spawn_blocking(|| password::hash(DEMO_PASSWORD))
        .await
        .map_err(|error| WebError::Internal(error.to_string()))?
        .map_err(|error| WebError::Internal(error.to_string()))?;
    for demo in DEMO_ACCOUNTS {
        let sign_up = SignUp {
            email: Email::parse(demo.email).map_err(|error| WebError::Internal(error.to_string()))?,
            given_name: demo.given_name.to_owned(),
            family_name: demo.family_name.to_owned(),
            job_title: String::new(),
            organisation_name: first
                .as_ref()
                .map(|carrier| carrier.name.clone())
                .unwrap_or_default(),
            organisation: None,
            consents: Vec::new(),
            then: "/mon-espace".to_owned(),
        };
        let id = UserId::new(Uuid::now_v7());
        let account = store.create_account(id, &sign_up, Role::Member, now).await?;
        if let Some(carrier) = first.as_ref().filter(|_| demo.contributes) {
            store
                .ask_membership(account.id, carrier.id, Some("demo"), now)
                .await?;
        }
        store.set_role(account.id, demo.role).await?;
        store.set_password(account.id, Some(&hash), None).await?;
    }
    let moderators = store.accounts_of_role(Role::Moderator).await?;
    if let Some(moderator) = moderators.first() {
        let records = store.stream_published(None, 200).await?;
        let author = first
            .as_ref()
            .and_then(|carrier| records.iter().find(|record| record.organisation.id == carrier.id));
        community::fill(store, &records, moderator.id, author, now).await?;
    }
    if let Some(carrier) = first {
        store.set_domain(DOMAIN, Some(carrier.id), now).await?;
        let records: Vec<String> = store
            .stream_published(None, 200)
            .await?
            .iter()
            .filter(|record| record.organisation.id == carrier.id)
            .map(|record| record.id.to_string())
            .collect();
        roadmap::fill(store, &carrier, &records, now).await?;
    }
    // A record that carries an estimate, when there is one.
    let evaluations = store.evaluations(Level::Public).await?;
    if let Some(id) = evaluations.last().map(|one| one.use_case)
        && let Some(record) = store.use_cases_by_ids(&[id]).await?.first()
    {
        let own: Vec<Evaluation> = evaluations.into_iter().filter(|one| one.use_case == id).collect();
        assess(store, record, &own, now).await?;
    }
    Ok(())
}

/// Gives a record an assessment of frugality and a dossier of transparency, both public.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn assess(
    store: &Store,
    record: &UseCase,
    evaluations: &[Evaluation],
    now: Timestamp,
) -> Result<(), WebError> {
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let mut assessment: frugality::Assessment = example(FRUGALITY)?;
    for answer in assessment.answers.values_mut() {
        if let Some(evidence) = &mut answer.evidence {
            evidence.dated = Some(today);
        }
    }
    let facts = frugality::Facts {
        content: &record.content,
        evaluations,
        published: true,
        completeness: record.completeness,
        updated_on: today,
        reuses: 0,
        organisation: None,
        today,
    };
    let proposals = frugality::proposals(&facts, &assessment);
    let standings = assessment.standings(&proposals, today);
    let snapshot = frugality::Snapshot {
        standings: standings.iter().copied().collect(),
        coverage: assessment.coverage.with_evaluations(evaluations),
        maturity: record
            .content
            .code(Field::Maturity)
            .unwrap_or("experimentation")
            .to_owned(),
    };
    let write = |error: serde_json::Error| WebError::Internal(error.to_string());
    let dossier: transparency::Dossier = example(TRANSPARENCY)?;
    let new = |kind, form, summary, badge| NewAssessment {
        id: Uuid::now_v7().to_string(),
        kind,
        subject: Subject::UseCase(record.id),
        after: 0,
        rubric: frugality::RUBRIC_VERSION,
        form,
        summary,
        badge,
        author: None,
        now,
    };
    let (form, summary) = (
        serde_json::to_string(&assessment).map_err(write)?,
        serde_json::to_string(&snapshot).map_err(write)?,
    );
    let answers = serde_json::to_string(&dossier).map_err(write)?;
    for new in [
        new(
            AssessmentKind::Frugality,
            &form,
            &summary,
            assessment.outcome_of(&standings).badge,
        ),
        new(AssessmentKind::Transparency, &answers, "{}", false),
    ] {
        store.add_assessment(&new).await?;
        let decision = Decision {
            actor: "demo",
            reason: "",
            now,
        };
        store.publish_assessment(&new.id, decision).await?;
    }
    Ok(())
}

fn example<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, WebError> {
    serde_json::from_str(text).map_err(|error| WebError::Internal(error.to_string()))
}

/// An invented assessment; its proofs are dated when the demonstration begins.
const FRUGALITY: &str = include_str!("../demonstration/frugality.json");
/// An invented dossier.
const TRANSPARENCY: &str = include_str!("../demonstration/transparency.json");
