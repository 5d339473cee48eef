//! `/connexion/{key}`: signing in through a provider, and coming back from it.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use sobria_catalogue::account::{Account, Email, SignInMethod, SignUp};
use sobria_catalogue::id::UserId;
use sobria_catalogue::rights::Role;
use sobria_identity::oidc::{Answer, Callback, Departure, Error, Identity, Pending, Provider};
use sobria_identity::secret::Secret;
use sobria_store::SecretPurpose;
use uuid::Uuid;

use super::sign_in::letters_link;
use super::{Opening, form_page, fresh, link, new_secret, open_session, see_other};
use crate::app::App;
use crate::error::WebError;
use crate::letters::{Letter, send};
use crate::posted::OpenForm;
use crate::session::{cookie, cookie_name, cookie_value, local_path};
use crate::view::FormBlock;
use crate::view::library::Link;

/// How long somebody may stay at the provider.
const AWAY: SignedDuration = SignedDuration::from_mins(20);
/// How long a link that joins an identity to an account is good.
const JOIN: SignedDuration = SignedDuration::from_mins(30);

/// What the address of the departure says.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Wanted {
    /// Where to go once signed in.
    #[serde(default)]
    suite: String,
}

/// An identity that waits to be joined to the account of its address.
#[derive(Debug, Serialize, Deserialize)]
struct Join {
    issuer: String,
    subject: String,
    then: String,
}

fn away_cookie(app: &App) -> &'static str {
    if cookie_name(app) == "session" {
        "depart"
    } else {
        "__Host-depart"
    }
}

fn provider<'a>(app: &'a App, key: &str) -> Result<&'a Provider, WebError> {
    app.settings.providers.get(key).ok_or(WebError::NotFound)
}

fn internal(error: impl std::fmt::Display) -> WebError {
    WebError::Internal(error.to_string())
}

/// Sends the browser to the provider. What must be found again on the return stays on the server.
///
/// # Errors
/// When there is no such provider.
pub async fn depart(
    State(app): State<App>,
    Path(key): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, WebError> {
    let provider = provider(&app, &key)?;
    leave(&app, provider, &local_path(&wanted.suite), false).await
}

async fn leave(
    app: &App,
    provider: &Provider,
    then: &str,
    second_factor: bool,
) -> Result<Response, WebError> {
    let key = &provider.config().key;
    let redirect_uri = format!("{}/connexion/{key}/retour", app.settings.base_url);
    let departure = Departure {
        redirect_uri: &redirect_uri,
        then,
        second_factor,
        ..Departure::default()
    };
    let (url, pending) = match provider.authorize(&departure).await {
        Ok(ready) => ready,
        Err(error) => return stopped(app, provider, &error),
    };
    let secret = new_secret()?;
    let payload = serde_json::json!([pending, then]).to_string();
    app.store
        .keep_secret(
            &secret.digest(),
            SecretPurpose::OpenId,
            None,
            &payload,
            (app.settings.now)(),
            AWAY,
        )
        .await?;
    let location = HeaderValue::from_str(url.as_str()).map_err(internal)?;
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response();
    if let Some(line) = cookie(app, away_cookie(app), secret.reveal(), AWAY.as_secs()) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    Ok(response)
}

/// What the reader is told when the provider does not let them in.
fn stopped(app: &App, provider: &Provider, error: &Error) -> Result<Response, WebError> {
    tracing::warn!(provider = provider.config().key, %error, "a sign-in through a provider failed");
    let name = &provider.config().name;
    let mut page = form_page(app, "Connexion interrompue", &error.sentence(name), "/connexion");
    page.blocks.push(FormBlock {
        links: vec![Link::new("Revenir à la connexion", "/connexion")],
        ..FormBlock::default()
    });
    fresh(StatusCode::BAD_GATEWAY, &page)
}

/// Takes the browser back from the provider.
///
/// # Errors
/// When there is no such provider, or the database does not answer.
pub async fn back(
    State(app): State<App>,
    Path(key): Path<String>,
    Query(callback): Query<Callback>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let provider = provider(&app, &key)?;
    let now = (app.settings.now)();
    let kept = match cookie_value(&headers, away_cookie(&app)).and_then(Secret::parse) {
        Some(secret) => {
            app.store
                .use_secret(&secret.digest(), SecretPurpose::OpenId, now)
                .await?
        }
        None => None,
    };
    // A return that nobody of this browser left for is refused before anything is asked of the provider.
    let Some((_, payload)) = kept else {
        return stopped(&app, provider, &Error::State);
    };
    let (pending, then): (Pending, String) = serde_json::from_str(&payload).map_err(internal)?;
    let mut response = match provider.complete(pending, &callback).await {
        Ok(Answer::SignedIn(identity)) => arrived(&app, provider, &headers, &identity, &then).await?,
        Ok(Answer::Cancelled | Answer::SignInNeeded) => see_other(&format!(
            "/connexion?quitte=1&suite={}",
            crate::params::encode(&then)
        )),
        Err(error) => stopped(&app, provider, &error)?,
    };
    if let Some(line) = cookie(&app, away_cookie(&app), "", 0) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    Ok(response)
}

async fn arrived(
    app: &App,
    provider: &Provider,
    headers: &HeaderMap,
    identity: &Identity,
    then: &str,
) -> Result<Response, WebError> {
    let opening = Opening {
        method: SignInMethod::OpenId,
        provider: Some((&identity.provider, &identity.id_token)),
        then,
    };
    if let Some(account) = app
        .store
        .account_by_identity(&identity.issuer, &identity.subject)
        .await?
    {
        if provider.config().requires_second_factor(account.role.code()) && !identity.second_factor {
            return leave(app, provider, then, true).await;
        }
        return open_session(app, headers, &account, opening).await;
    }
    let email = identity.email.as_deref().and_then(|text| Email::parse(text).ok());
    let Some(email) = email else {
        return told(
            app,
            "Il manque une adresse",
            "Le fournisseur n’a pas donné votre adresse électronique. Connectez-vous autrement, ou créez un compte.",
            StatusCode::UNPROCESSABLE_ENTITY,
        );
    };
    match app.store.account_by_email(&email).await? {
        Some(account) => join(app, &account, identity, then).await,
        None => begin(app, headers, identity, email, opening).await,
    }
}

fn told(app: &App, title: &str, lead: &str, status: StatusCode) -> Result<Response, WebError> {
    let mut page = form_page(app, title, lead, "/connexion");
    page.blocks.push(FormBlock {
        links: letters_link(app, vec![Link::new("Revenir à la connexion", "/connexion")]),
        ..FormBlock::default()
    });
    fresh(status, &page)
}

/// The address has an account that was not made through this provider: its owner decides, from the mailbox.
async fn join(app: &App, account: &Account, identity: &Identity, then: &str) -> Result<Response, WebError> {
    if !identity.email_verified {
        return told(
            app,
            "Connectez-vous comme d’habitude",
            "Un compte porte déjà cette adresse, et le fournisseur ne dit pas qu’elle est vérifiée. Connectez-vous par un lien ou par mot de passe.",
            StatusCode::FORBIDDEN,
        );
    }
    let secret = new_secret()?;
    let payload = serde_json::to_string(&Join {
        issuer: identity.issuer.clone(),
        subject: identity.subject.clone(),
        then: then.to_owned(),
    })
    .map_err(internal)?;
    let now = (app.settings.now)();
    app.store
        .keep_secret(
            &secret.digest(),
            SecretPurpose::Link,
            Some(account.id),
            &payload,
            now,
            JOIN,
        )
        .await?;
    let letter = Letter::Join {
        link: format!(
            "{}/connexion/rattacher/{}",
            app.settings.base_url,
            secret.reveal()
        ),
    };
    send(app, &account.email, &letter).await?;
    told(
        app,
        "Est-ce bien vous\u{202f}?",
        "Un compte porte déjà cette adresse. Un message vient d’y partir\u{a0}: suivez son lien pour rattacher votre identité à ce compte.",
        StatusCode::OK,
    )
}

/// Nobody knows this person yet: an account is made, and what the employer's number allows is asked for.
async fn begin(
    app: &App,
    headers: &HeaderMap,
    identity: &Identity,
    email: Email,
    opening: Opening<'_>,
) -> Result<Response, WebError> {
    let now = (app.settings.now)();
    let siren: Option<String> = identity
        .siret
        .as_ref()
        .map(|siret| siret.chars().take(9).collect());
    let organisation = match &siren {
        Some(siren) => app.store.organisation_of_siren(siren).await?,
        None => None,
    };
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let named = siren
        .as_deref()
        .and_then(|siren| sobria_territory::Directory::embedded().by_siren(siren))
        .map(|authority| authority.display_name());
    let sign_up = SignUp {
        email: email.clone(),
        given_name: text(&identity.given_name),
        family_name: text(&identity.family_name),
        job_title: String::new(),
        organisation_name: named
            .or_else(|| identity.organisation.clone())
            .or(siren)
            .unwrap_or_default(),
        organisation,
        consents: Vec::new(),
        then: opening.then.to_owned(),
    };
    if !identity.email_verified {
        let secret = new_secret()?;
        let payload = serde_json::to_string(&sign_up).map_err(internal)?;
        app.store
            .keep_secret(
                &secret.digest(),
                SecretPurpose::SignUp,
                None,
                &payload,
                now,
                SignedDuration::from_hours(72),
            )
            .await?;
        let letter = Letter::ConfirmAddress {
            name: sign_up.given_name.clone(),
            link: format!(
                "{}/inscription/confirmer/{}",
                app.settings.base_url,
                secret.reveal()
            ),
        };
        send(app, &email, &letter).await?;
        return told(
            app,
            "Confirmez votre adresse",
            "Le fournisseur ne dit pas que votre adresse est vérifiée\u{a0}: un message vient d’y partir. Suivez son lien pour créer votre compte.",
            StatusCode::OK,
        );
    }
    let id = UserId::new(Uuid::now_v7());
    let account = app.store.create_account(id, &sign_up, Role::Pending, now).await?;
    app.store
        .link_identity(account.id, &identity.issuer, &identity.subject, now)
        .await?;
    if let Some(known) = app.store.organisation_of_domain(email.domain()).await? {
        app.store
            .ask_membership(account.id, known, Some("domain"), now)
            .await?;
    }
    if let Some(employer) = organisation {
        app.store.ask_membership(account.id, employer, None, now).await?;
    }
    open_session(app, headers, &account, opening).await
}

/// The page behind the link that joins an identity to an account.
///
/// # Errors
/// When the link ran out, or the database does not answer.
pub async fn join_page(State(app): State<App>, Path(text): Path<String>) -> Result<Response, WebError> {
    link::look_at(&app, &text, SecretPurpose::Link)
        .await?
        .ok_or(WebError::SpentLink)?;
    let mut page = form_page(
        &app,
        "Rattacher mon identité",
        "Vous pourrez ensuite vous connecter de cette façon, sans mot de passe ni lien.",
        "/connexion",
    );
    page.blocks.push(link::button(
        "/connexion/rattacher",
        text,
        "Rattacher et me connecter",
    ));
    fresh(StatusCode::OK, &page)
}

/// Joins an identity to an account, and signs in.
///
/// # Errors
/// When the link ran out, or the database does not answer.
pub async fn post_join(
    State(app): State<App>,
    headers: HeaderMap,
    OpenForm { fields, .. }: OpenForm,
) -> Result<Response, WebError> {
    let now = (app.settings.now)();
    let used = link::spend(&app, fields.get(link::FIELD), SecretPurpose::Link).await?;
    let Some((Some(id), payload)) = used else {
        return Err(WebError::SpentLink);
    };
    let join: Join = serde_json::from_str(&payload).map_err(internal)?;
    let account = app.store.account(id).await?.ok_or(WebError::SpentLink)?;
    app.store
        .link_identity(id, &join.issuer, &join.subject, now)
        .await?;
    let opening = Opening {
        method: SignInMethod::Link,
        provider: None,
        then: &join.then,
    };
    open_session(&app, &headers, &account, opening).await
}
