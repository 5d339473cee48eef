//! The accounts of a demonstration, so that each role can be tried.

mod community;
mod purchase;
mod queue;
mod roadmap;

pub use purchase::purchase;
pub use queue::queue;

use jiff::Timestamp;
use sobria_catalogue::access::Level;
use sobria_catalogue::account::{Email, Person, SignUp};
use sobria_catalogue::attachment::{Attachment, FileFacts};
use sobria_catalogue::draft::DraftInput;
use sobria_catalogue::evaluation::Evaluation;
use sobria_catalogue::field::{Field, Visibility};
use sobria_catalogue::id::{AttachmentId, ContributionId, OrganisationId, UserId};
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::review::review_due_on;
use sobria_catalogue::rights::Role;
use sobria_catalogue::use_case::{UseCase, WorkflowStatus};
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_catalogue::workflow::{self, NewIds, Opening, Transition};
use sobria_govern::{frugality, transparency};
use sobria_identity::password;
use sobria_store::{AssessmentKind, Badge, Decision, Files, NewAssessment, Store, Subject};
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
        dossier: None,
        roadmap: None,
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
            assessment.outcome_of(&standings).badge.into(),
        ),
        new(AssessmentKind::Transparency, &answers, "{}", Badge::None),
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

/// Files of the demonstration: name, title, who reads it, bytes.
const FILES: [(&str, &str, Visibility, &[u8]); 3] = [
    (
        "grille.pdf",
        "Grille d’évaluation du pilote",
        Visibility::Public,
        include_bytes!("../demonstration/grille.pdf"),
    ),
    (
        "alertes.csv",
        "Alertes par semaine",
        Visibility::Public,
        include_bytes!("../demonstration/alertes.csv"),
    ),
    (
        "couts.csv",
        "Coûts annuels",
        Visibility::Members,
        include_bytes!("../demonstration/couts.csv"),
    ),
];

/// The account of a role in the demonstration.
async fn person(store: &Store, role: Role, contributes: bool) -> Result<Option<Person>, WebError> {
    let found = DEMO_ACCOUNTS
        .iter()
        .find(|demo| demo.role == role && demo.contributes == contributes);
    let Some(demo) = found else { return Ok(None) };
    let email = Email::parse(demo.email).map_err(|error| WebError::Internal(error.to_string()))?;
    let Some(account) = store.account_by_email(&email).await? else {
        return Ok(None);
    };
    Ok(store.person(account.id).await?)
}

/// Gives a published record of the contributor its files, through a contribution that a moderator approves, as
/// anywhere else; a record that lacks an answer asked for keeps them in a draft.
///
/// # Errors
/// When the database or the data folder cannot be written.
pub async fn attach(store: &Store, files: &Files, now: Timestamp) -> Result<(), WebError> {
    let internal = |error: &dyn std::fmt::Display| WebError::Internal(error.to_string());
    let (Some(author), Some(moderator), Some(carrier)) = (
        person(store, Role::Member, true).await?,
        person(store, Role::Moderator, false).await?,
        carrier(store).await?,
    ) else {
        return Ok(());
    };
    let records = store.stream_published(None, 200).await?;
    let own = records
        .into_iter()
        .find(|record| record.organisation.id == carrier.id && record.status == WorkflowStatus::Published);
    let Some(record) = own else { return Ok(()) };
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let values = DraftInput::from_content(&record.content, &record.organisation);
    let ids = NewIds {
        contribution: ContributionId::new(Uuid::now_v7()),
        use_case: record.id,
        organisation: OrganisationId::new(Uuid::now_v7()),
    };
    let background = store.background(record.id, &values).await?;
    let context = background.context(now, today, Vocabularies::embedded(), ids.organisation);
    let Ok(begun) = workflow::open(Opening::Revision, ids, &author.actor(), &context) else {
        return Ok(());
    };
    store.create_contribution(&begun, "demonstration").await?;
    for (name, title, visibility, bytes) in FILES {
        let clean = sobria_exchange::attachment::clean(bytes, name).map_err(|error| internal(&error))?;
        let attachment = Attachment {
            id: AttachmentId::new(Uuid::now_v7()),
            use_case: record.id,
            contribution: ids.contribution,
            removal: None,
            from: None,
            until: None,
            file: FileFacts {
                hash: files.put(&clean.bytes)?,
                kind: clean.kind,
                name: clean.name,
                title: title.to_owned(),
                bytes: u64::try_from(clean.bytes.len()).unwrap_or(u64::MAX),
                visibility,
                removed: clean.removed.join(" ; "),
            },
            by: author.account.id,
            at: now,
        };
        store.add_attachment(&attachment, 10).await?;
    }
    let approve = Transition::Approve {
        seen: Some(record.version),
    };
    for (transition, by) in [
        (Transition::Submit, &author),
        (Transition::Claim, &moderator),
        (approve, &moderator),
    ] {
        let Some(case) = store.contribution(ids.contribution).await? else {
            return Ok(());
        };
        let background = store.background(record.id, &case.values).await?;
        let context = background.context(now, today, Vocabularies::embedded(), case.new_organisation);
        let Ok(step) = workflow::apply(&case, transition, &by.actor(), &context) else {
            return Ok(());
        };
        store.save_contribution(&step).await?;
    }
    Ok(())
}
