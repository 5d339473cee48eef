//! The accounts of a demonstration, so that each role can be tried.

use jiff::Timestamp;
use sobria_catalogue::account::{Email, SignUp};
use sobria_catalogue::id::UserId;
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::review::review_due_on;
use sobria_catalogue::rights::Role;
use sobria_catalogue::use_case::{UseCase, WorkflowStatus};
use sobria_identity::password;
use sobria_store::Store;
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
    if let Some(carrier) = first {
        store.set_domain(DOMAIN, Some(carrier.id), now).await?;
    }
    Ok(())
}
