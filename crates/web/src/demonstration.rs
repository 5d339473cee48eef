//! The accounts of a demonstration, so that each role can be tried.

use jiff::Timestamp;
use sobria_catalogue::account::{Email, SignUp};
use sobria_catalogue::id::UserId;
use sobria_catalogue::rights::Role;
use sobria_identity::password;
use sobria_store::Store;
use uuid::Uuid;

use crate::error::WebError;
use crate::routes::account::sign_in::{DEMO_ACCOUNTS, DEMO_PASSWORD};

/// Mail domain of the organisation of the demonstration.
pub const DOMAIN: &str = "demo.exemple.fr";

/// Makes the accounts. The first organisation of the catalogue, by name, is that of the contributor.
///
/// # Errors
/// When the database does not answer.
pub async fn fill(store: &Store, now: Timestamp) -> Result<(), WebError> {
    let first = store.organisations("", 0, 1).await?.items.into_iter().next();
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
                .map(|carrier| carrier.organisation.name.clone())
                .unwrap_or_default(),
            organisation: None,
            consents: Vec::new(),
            then: "/mon-espace".to_owned(),
        };
        let id = UserId::new(Uuid::now_v7());
        let account = store.create_account(id, &sign_up, Role::Member, now).await?;
        if let Some(carrier) = first.as_ref().filter(|_| demo.contributes) {
            store
                .ask_membership(account.id, carrier.organisation.id, Some("demo"), now)
                .await?;
        }
        store.set_role(account.id, demo.role).await?;
        store.set_password(account.id, Some(&hash), None).await?;
    }
    if let Some(carrier) = first {
        store
            .set_domain(DOMAIN, Some(carrier.organisation.id), now)
            .await?;
    }
    Ok(())
}
