//! `/inscription`: five answers, an address to confirm, and two boxes that nobody ticked beforehand.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::SignedDuration;
use serde::Deserialize;
use sobria_catalogue::account::{Email, NAME_MAX, Purpose, SignInMethod, SignUp};
use sobria_catalogue::id::{OrganisationId, UserId};
use sobria_catalogue::rights::Role;
use sobria_catalogue::text::{clean_line, fold_key};
use sobria_store::SecretPurpose;
use uuid::Uuid;

use super::sign_in::letters_link;
use super::{Opening, form_page, fresh, link, new_secret, open_session};
use crate::app::App;
use crate::error::WebError;
use crate::letters::{Letter, send};
use crate::limiter::Action;
use crate::posted::{Fields, OpenForm};
use crate::session::local_path;
use crate::view::library::Link;
use crate::view::{Control, FormBlock, FormField, FormOption, FormPage};

/// How long a sign-up waits for its address to be confirmed.
const WAITS: SignedDuration = SignedDuration::from_hours(3 * 24);
/// Most organisations proposed for a written name.
const PROPOSED: u32 = 6;
/// Longest name of an organisation, in characters.
const ORGANISATION_MAX: usize = 200;

/// The sentence of each consent, as shown and as kept.
pub const fn wording(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::News => "Je souhaite recevoir par courriel les nouvelles de la bibliothèque.",
        Purpose::Activities => {
            "Je souhaite être informé par courriel des autres activités de l’organisme qui gère la bibliothèque."
        }
    }
}

/// What the address of the page says.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Wanted {
    /// Where to go once signed up.
    #[serde(default)]
    suite: String,
}

/// Organisations to choose among, once a name was written.
struct Proposals(Vec<FormOption>);

fn page(app: &App, fields: &Fields, then: &str, errors: &[(&str, String)], proposals: Proposals) -> FormPage {
    let error = |name: &str| {
        errors
            .iter()
            .find(|(field, _)| *field == name)
            .map(|(_, message)| message.clone())
    };
    let mut page = form_page(
        app,
        "Créer un compte",
        "Pour les agents des collectivités, de l’État et de leurs établissements. Vous pourrez effacer votre compte à tout moment.",
        "/inscription",
    );
    let line = |name: &str, label: &str, token: &'static str| {
        FormField::line(name, label, fields.get(name))
            .autocomplete(token)
            .max(NAME_MAX)
            .error(error(name))
    };
    let mut questions = vec![
        line("prenom", "Prénom", "given-name").required(),
        line("nom", "Nom", "family-name").required(),
        FormField::new(
            "email",
            "Adresse électronique professionnelle",
            fields.get("email"),
            Control::Line("email"),
        )
        .hint("Un message de confirmation y sera envoyé. Par exemple\u{a0}: prenom.nom@ville.fr")
        .required()
        .autocomplete("email")
        .max(sobria_catalogue::account::EMAIL_MAX)
        .error(error("email")),
        FormField::line("organisme", "Organisme", fields.get("organisme"))
            .hint("Nom complet ou numéro SIRET. Par exemple\u{a0}: Brest Métropole")
            .required()
            .autocomplete("organization")
            .max(ORGANISATION_MAX)
            .error(error("organisme")),
    ];
    if !proposals.0.is_empty() {
        questions.push(
            FormField::new(
                "choix",
                "Est-ce l’un de ces organismes\u{202f}?",
                "",
                Control::Radios(proposals.0),
            )
            .required()
            .error(error("choix")),
        );
    }
    questions.push(line("fonction", "Fonction", "organization-title"));
    for purpose in Purpose::ALL {
        questions.push(FormField::new(
            format!("accord-{}", purpose.code()),
            wording(purpose),
            "",
            Control::Check(fields.has(&format!("accord-{}", purpose.code()))),
        ));
    }
    page.blocks.push(FormBlock {
        action: "/inscription".to_owned(),
        hidden: vec![("suite".to_owned(), then.to_owned())],
        fields: questions,
        submit: "Créer mon compte".to_owned(),
        links: vec![
            Link::new(
                "J’ai déjà un compte",
                format!("/connexion?suite={}", crate::params::encode(then)),
            ),
            Link::new("Ce que deviennent vos données", "/donnees-personnelles"),
        ],
        ..FormBlock::default()
    });
    page.gather_errors();
    page
}

/// The form.
///
/// # Errors
/// When the template fails.
pub async fn form(State(app): State<App>, Query(wanted): Query<Wanted>) -> Result<Response, WebError> {
    let then = local_path(&wanted.suite);
    fresh(
        StatusCode::OK,
        &page(&app, &Fields::default(), &then, &[], Proposals(Vec::new())),
    )
}

/// The organisation of a written name: found, to be chosen, or unknown to the library.
enum Carrier {
    Known(OrganisationId, String),
    Choose(Vec<FormOption>),
    New,
}

async fn carrier(app: &App, fields: &Fields) -> Result<Carrier, WebError> {
    let chosen = fields.get("choix");
    if chosen == "autre" {
        return Ok(Carrier::New);
    }
    if let Ok(id) = chosen.parse::<OrganisationId>()
        && let Some(found) = app.store.organisations_by_ids(&[id]).await?.into_iter().next()
    {
        return Ok(Carrier::Known(found.id, found.name));
    }
    let typed = clean_line(fields.get("organisme"));
    let near = app.store.organisations(&typed, 0, PROPOSED).await?.items;
    if let Some(exact) = near
        .iter()
        .find(|carrier| fold_key(&carrier.organisation.name) == fold_key(&typed))
    {
        return Ok(Carrier::Known(
            exact.organisation.id,
            exact.organisation.name.clone(),
        ));
    }
    if near.is_empty() {
        return Ok(Carrier::New);
    }
    let mut options: Vec<FormOption> = near
        .iter()
        .map(|carrier| {
            FormOption::new(
                carrier.organisation.id.to_string(),
                carrier.organisation.name.clone(),
                false,
            )
        })
        .collect();
    options.push(FormOption::new(
        "autre",
        format!("Non, c’est «\u{a0}{typed}\u{a0}»"),
        false,
    ));
    Ok(Carrier::Choose(options))
}

/// Keeps the sign-up until its address is confirmed.
///
/// # Errors
/// When the database does not answer.
pub async fn post(
    State(app): State<App>,
    OpenForm { reader, fields }: OpenForm,
) -> Result<Response, WebError> {
    let then = local_path(fields.get("suite"));
    let mut errors: Vec<(&str, String)> = Vec::new();
    for (name, what) in [
        ("prenom", "Indiquez votre prénom."),
        ("nom", "Indiquez votre nom."),
        (
            "organisme",
            "Indiquez votre organisme, par exemple Brest Métropole.",
        ),
    ] {
        if clean_line(fields.get(name)).is_empty() {
            errors.push((name, what.to_owned()));
        }
    }
    for (name, most) in [
        ("prenom", NAME_MAX),
        ("nom", NAME_MAX),
        ("fonction", NAME_MAX),
        ("organisme", ORGANISATION_MAX),
    ] {
        if fields.get(name).chars().count() > most {
            errors.push((
                name,
                format!("Ce texte est trop long\u{a0}: {most} caractères au plus."),
            ));
        }
    }
    let email = Email::parse(fields.get("email"));
    if email.is_err() {
        let message = "Cette adresse n’a pas la forme attendue, par exemple prenom.nom@ville.fr.";
        errors.push(("email", message.to_owned()));
    }
    let (organisation, name) = if errors.iter().any(|(name, _)| *name == "organisme") {
        (None, String::new())
    } else {
        match carrier(&app, &fields).await? {
            Carrier::Known(id, name) => (Some(id), name),
            Carrier::New => (None, clean_line(fields.get("organisme"))),
            Carrier::Choose(options) => {
                errors.push((
                    "choix",
                    "Choisissez votre organisme dans la liste, ou confirmez le nom écrit.".to_owned(),
                ));
                let page = page(&app, &fields, &then, &errors, Proposals(options));
                return fresh(StatusCode::UNPROCESSABLE_ENTITY, &page);
            }
        }
    };
    let (true, Ok(email)) = (errors.is_empty(), email) else {
        let page = page(&app, &fields, &then, &errors, Proposals(Vec::new()));
        return fresh(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let now = (app.settings.now)();
    if !app
        .limiter
        .take(Action::LinkAddress, &reader.address().to_string(), now)
    {
        return Err(WebError::TooMany);
    }
    if app.limiter.take(Action::LinkMailbox, email.as_str(), now) {
        let sign_up = SignUp {
            email: email.clone(),
            given_name: clean_line(fields.get("prenom")),
            family_name: clean_line(fields.get("nom")),
            job_title: clean_line(fields.get("fonction")),
            organisation_name: name,
            organisation,
            consents: Purpose::ALL
                .into_iter()
                .filter(|purpose| fields.has(&format!("accord-{}", purpose.code())))
                .map(|purpose| (purpose, wording(purpose).to_owned()))
                .collect(),
            then: then.clone(),
        };
        invite(&app, &sign_up).await?;
    }
    let mut page = form_page(
        &app,
        "Confirmez votre adresse",
        "Un message vient de partir. Ouvrez-le et suivez son lien\u{a0}: votre compte sera créé à ce moment-là.",
        "/inscription",
    );
    page.blocks.push(FormBlock {
        lines: vec![
            "Le lien est valable trois jours.".to_owned(),
            "Rien après cinq minutes\u{202f}? Regardez dans les courriers indésirables.".to_owned(),
        ],
        links: letters_link(&app, vec![Link::new("Revenir à la bibliothèque", "/cas-usages")]),
        ..FormBlock::default()
    });
    fresh(StatusCode::OK, &page)
}

/// Writes to the address: to confirm a sign-up, or to sign in when it has an account already. The page does not
/// tell one from the other.
async fn invite(app: &App, sign_up: &SignUp) -> Result<(), WebError> {
    let now = (app.settings.now)();
    let secret = new_secret()?;
    let base = &app.settings.base_url;
    if let Some(account) = app.store.account_by_email(&sign_up.email).await? {
        app.store
            .keep_secret(
                &secret.digest(),
                SecretPurpose::SignIn,
                Some(account.id),
                &sign_up.then,
                now,
                SignedDuration::from_mins(15),
            )
            .await?;
        let link = format!("{base}/connexion/lien/{}", secret.reveal());
        return send(app, &sign_up.email, &Letter::AlreadyKnown { link }).await;
    }
    let payload = serde_json::to_string(sign_up).map_err(|error| WebError::Internal(error.to_string()))?;
    app.store
        .keep_secret(
            &secret.digest(),
            SecretPurpose::SignUp,
            None,
            &payload,
            now,
            WAITS,
        )
        .await?;
    let letter = Letter::ConfirmAddress {
        name: sign_up.given_name.clone(),
        link: format!("{base}/inscription/confirmer/{}", secret.reveal()),
    };
    send(app, &sign_up.email, &letter).await
}

fn spent(app: &App) -> Result<Response, WebError> {
    let mut page = form_page(
        app,
        "Ce lien ne sert plus",
        "Il a déjà été utilisé, ou il a plus de trois jours.",
        "/inscription",
    );
    page.blocks.push(FormBlock {
        links: vec![
            Link::new("Se connecter", "/connexion"),
            Link::new("Créer un compte", "/inscription"),
        ],
        ..FormBlock::default()
    });
    fresh(StatusCode::GONE, &page)
}

/// The page behind the link that confirms an address.
///
/// # Errors
/// When the database does not answer.
pub async fn confirm(State(app): State<App>, Path(text): Path<String>) -> Result<Response, WebError> {
    let waiting = link::look_at(&app, &text, SecretPurpose::SignUp).await?;
    if waiting.is_none() {
        return spent(&app);
    }
    let mut page = form_page(
        &app,
        "Créer mon compte",
        "Votre adresse est confirmée par ce clic, et votre compte créé.",
        "/inscription",
    );
    page.blocks.push(link::button(
        "/inscription/confirmer",
        text,
        "Confirmer mon adresse",
    ));
    fresh(StatusCode::OK, &page)
}

/// Makes the account, gives what the domain of the address allows, and signs in.
///
/// # Errors
/// When the database does not answer.
pub async fn post_confirm(
    State(app): State<App>,
    headers: HeaderMap,
    OpenForm { fields, .. }: OpenForm,
) -> Result<Response, WebError> {
    let now = (app.settings.now)();
    let used = link::spend(&app, fields.get(link::FIELD), SecretPurpose::SignUp).await?;
    let Some((_, payload)) = used else {
        return spent(&app);
    };
    let sign_up: SignUp =
        serde_json::from_str(&payload).map_err(|error| WebError::Internal(error.to_string()))?;
    let id = UserId::new(Uuid::now_v7());
    let account = app.store.create_account(id, &sign_up, Role::Pending, now).await?;
    if account.id == id {
        if let Some(known) = app.store.organisation_of_domain(sign_up.email.domain()).await? {
            app.store.ask_membership(id, known, Some("domain"), now).await?;
        }
        if let Some(chosen) = sign_up.organisation {
            app.store.ask_membership(id, chosen, None, now).await?;
        }
    }
    let opening = Opening {
        method: SignInMethod::Link,
        provider: None,
        then: &sign_up.then,
    };
    open_session(&app, &headers, &account, opening).await
}
