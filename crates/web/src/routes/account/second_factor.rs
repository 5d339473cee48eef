//! `/mon-espace/compte/second-facteur` and `/connexion/code`: codes of an application.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;
use sobria_identity::totp::{RecoveryCodes, TotpSecret, spend};
use sobria_store::SecondFactor;

use super::settings::space_page;
use super::{form_page, fresh, new_secret, see_other};
use crate::app::App;
use crate::error::WebError;
use crate::limiter::Action;
use crate::posted::{OpenForm, SignedForm};
use crate::session::{Reader, SignedIn, cookie, cookie_name, local_path};
use crate::view::library::Link;
use crate::view::{Control, FormBlock, FormField, FormPage, RichText};

const PATH: &str = "/mon-espace/compte/second-facteur";
/// How long a session cookie lives at most, in seconds.
const WEEK: i64 = 7 * 24 * 3600;

fn internal(error: impl std::fmt::Display) -> WebError {
    WebError::Internal(error.to_string())
}

fn code_field(error: Option<String>) -> FormField {
    FormField::new("code", "Code de l’application", "", Control::Line("text"))
        .hint("Six chiffres, par exemple 123 456.")
        .required()
        .autocomplete("one-time-code")
        .max(40)
        .error(error)
}

/// The page that sets up, or takes away, the second factor.
///
/// # Errors
/// When the database does not answer.
pub async fn show(State(app): State<App>, signed_in: SignedIn) -> Result<Response, WebError> {
    let page = if signed_in.person.account.has_second_factor {
        removal(&app, &signed_in, None)
    } else {
        let secret = TotpSecret::generate().map_err(internal)?;
        setting_up(&app, &signed_in, &secret, None)?
    };
    fresh(StatusCode::OK, &page)
}

fn setting_up(
    app: &App,
    signed_in: &SignedIn,
    secret: &TotpSecret,
    error: Option<String>,
) -> Result<FormPage, WebError> {
    let account = &signed_in.person.account;
    let mut page = space_page(app, &signed_in.person, "Second facteur", "", PATH);
    let picture = secret
        .picture(&app.site().name, account.email.as_str())
        .map_err(internal)?;
    page.blocks.push(FormBlock {
        id: "application".to_owned(),
        text: RichText::parse(
            "Avec une application de codes sur votre téléphone (Aegis, FreeOTP, Google Authenticator…), un mot de passe volé ne suffit plus pour entrer.",
        ),
        lines: vec![
            "Ouvrez l’application et lisez le dessin, ou tapez la clé.".to_owned(),
            format!("Clé\u{a0}: {}", secret.grouped()),
            "Écrivez ici le code qu’elle affiche.".to_owned(),
        ],
        picture: Some((picture.side.to_string(), picture.path)),
        action: PATH.to_owned(),
        csrf: signed_in.reader.csrf().to_owned(),
        hidden: vec![("cle".to_owned(), secret.reveal())],
        fields: vec![code_field(error)],
        submit: "Activer le second facteur".to_owned(),
        ..FormBlock::default()
    });
    page.gather_errors();
    Ok(page)
}

fn removal(app: &App, signed_in: &SignedIn, error: Option<String>) -> FormPage {
    let mut page = space_page(
        app,
        &signed_in.person,
        "Second facteur",
        "Le second facteur est actif.",
        PATH,
    );
    page.blocks.push(FormBlock {
        id: "retirer".to_owned(),
        title: "Le retirer".to_owned(),
        action: PATH.to_owned(),
        csrf: signed_in.reader.csrf().to_owned(),
        fields: vec![code_field(error)],
        submit: "Retirer le second facteur".to_owned(),
        quiet: true,
        ..FormBlock::default()
    });
    page.gather_errors();
    page
}

/// Whether a code, of the application or of recovery, is good now; it is then used up.
async fn is_good(
    app: &App,
    factor: &SecondFactor,
    id: sobria_catalogue::id::UserId,
    typed: &str,
) -> Result<bool, WebError> {
    let now = (app.settings.now)();
    let secret = TotpSecret::parse(&factor.secret).map_err(internal)?;
    if let Ok(step) = secret.verify(typed, now.as_second(), factor.last_step) {
        return Ok(app.store.use_step(id, step).await?);
    }
    match spend(typed, &factor.recovery) {
        Some(left) => Ok(app.store.keep_recovery(id, &factor.recovery, &left).await?),
        None => Ok(false),
    }
}

/// Turns the second factor on or off.
///
/// # Errors
/// When the database does not answer.
pub async fn change(State(app): State<App>, form: SignedForm) -> Result<Response, WebError> {
    let signed_in = form.signed_in();
    let account = &form.person.account;
    let now = (app.settings.now)();
    let typed = form.fields.get("code");
    let wrong = || {
        "Ce code n’est pas le bon. Vérifiez l’heure de votre téléphone, puis essayez le code suivant."
            .to_owned()
    };
    if !app.limiter.take(Action::Code, &account.id.to_string(), now) {
        return Err(WebError::TooMany);
    }
    let keep = form.reader.session().map(|session| session.id.as_str());
    if let Some(factor) = app.store.second_factor(account.id).await? {
        if !is_good(&app, &factor, account.id, typed).await? {
            return fresh(
                StatusCode::UNPROCESSABLE_ENTITY,
                &removal(&app, &signed_in, Some(wrong())),
            );
        }
        app.store.set_second_factor(account.id, None, keep).await?;
        return Ok(see_other("/mon-espace/compte"));
    }
    let Ok(secret) = TotpSecret::parse(form.fields.get("cle")) else {
        return Ok(see_other(PATH));
    };
    let Ok(step) = secret.verify(typed, now.as_second(), None) else {
        let page = setting_up(&app, &signed_in, &secret, Some(wrong()))?;
        return fresh(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let codes = RecoveryCodes::generate().map_err(internal)?;
    let factor = SecondFactor {
        secret: secret.reveal(),
        last_step: Some(step),
        recovery: codes.digests,
    };
    app.store
        .set_second_factor(account.id, Some(&factor), keep)
        .await?;
    let mut page = space_page(
        &app,
        &form.person,
        "Vos codes de secours",
        "Le second facteur est actif. Gardez ces codes ailleurs que dans votre téléphone\u{a0}: chacun sert une fois, et ils ne seront plus montrés.",
        PATH,
    );
    page.blocks.push(FormBlock {
        lines: codes.codes.iter().map(|code| code.reveal().to_owned()).collect(),
        links: vec![Link::new("J’ai noté mes codes", "/mon-espace/compte")],
        ..FormBlock::default()
    });
    fresh(StatusCode::OK, &page)
}

/// What the address says.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Wanted {
    /// Where to go once signed in.
    #[serde(default)]
    suite: String,
}

fn asking(app: &App, then: &str, error: Option<String>) -> FormPage {
    let mut page = form_page(
        app,
        "Votre code",
        "Ouvrez votre application de codes. Sans téléphone, écrivez un code de secours.",
        "/connexion/code",
    );
    page.blocks.push(FormBlock {
        action: "/connexion/code".to_owned(),
        hidden: vec![("suite".to_owned(), then.to_owned())],
        fields: vec![code_field(error)],
        submit: "Entrer".to_owned(),
        links: vec![Link::new("Recommencer la connexion", "/connexion")],
        ..FormBlock::default()
    });
    page.gather_errors();
    page
}

/// Asks for the code of a session that is half open.
///
/// # Errors
/// When the template fails.
pub async fn ask(
    State(app): State<App>,
    reader: Reader,
    Query(wanted): Query<Wanted>,
) -> Result<Response, WebError> {
    match reader.session() {
        Some(session) if session.half_open => {
            fresh(StatusCode::OK, &asking(&app, &local_path(&wanted.suite), None))
        }
        _ => Ok(see_other("/connexion")),
    }
}

/// Completes a session that is half open, under a new cookie.
///
/// # Errors
/// When the database does not answer.
pub async fn give(
    State(app): State<App>,
    _headers: HeaderMap,
    OpenForm { reader, fields }: OpenForm,
) -> Result<Response, WebError> {
    let then = local_path(fields.get("suite"));
    let Some(session) = reader.session().filter(|session| session.half_open) else {
        return Ok(see_other("/connexion"));
    };
    let id = session.person.account.id;
    let now = (app.settings.now)();
    if !app.limiter.take(Action::Code, &id.to_string(), now) {
        let message = "Trop d’essais. Attendez un quart d’heure.".to_owned();
        return fresh(StatusCode::TOO_MANY_REQUESTS, &asking(&app, &then, Some(message)));
    }
    let factor = app.store.second_factor(id).await?;
    let good = match &factor {
        Some(factor) => is_good(&app, factor, id, fields.get("code")).await?,
        None => true,
    };
    if !good {
        let message = "Ce code n’est pas le bon, ou il a déjà servi. Essayez le suivant.".to_owned();
        return fresh(
            StatusCode::UNPROCESSABLE_ENTITY,
            &asking(&app, &then, Some(message)),
        );
    }
    app.limiter.forget(Action::Code, &id.to_string());
    let secret = new_secret()?;
    app.store
        .complete_half_open(&session.id, &secret.digest())
        .await?;
    let mut response = see_other(&then);
    if let Some(line) = cookie(&app, cookie_name(&app), secret.reveal(), WEEK) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    Ok(response)
}
