//! Writing about a record: to its carrier, whose address is never shown, or to moderators.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use sobria_catalogue::account::{EMAIL_MAX, Email, NAME_MAX};
use sobria_catalogue::content::Value;
use sobria_catalogue::field::Field;
use sobria_catalogue::id::UserId;
use sobria_catalogue::text::{clean_block, clean_line, count};
use sobria_catalogue::use_case::UseCase;
use sobria_store::{Found, Message, MessageKind, SecretPurpose};
use uuid::Uuid;

use crate::app::App;
use crate::error::WebError;
use crate::letters::{Letter, send};
use crate::limiter::Action;
use crate::posted::{Fields, OpenForm, SignedForm};
use crate::routes::account::settings::menu;
use crate::routes::account::sign_in::letters_link;
use crate::routes::account::{form_page, fresh, link, new_secret, see_other};
use crate::session::{Reader, SignedIn};
use crate::view::library::Link;
use crate::view::{Control, Crumb, FormBlock, FormField, FormPage, RichText};

/// Longest message, in characters.
const TEXT_MAX: usize = 3000;
/// How long a message waits for its sender to confirm the address.
const WAITS: SignedDuration = SignedDuration::from_hours(24);

/// A message that waits for its sender to confirm the address.
#[derive(Debug, Serialize, Deserialize)]
struct Waiting {
    slug: String,
    kind: String,
    name: String,
    email: Email,
    text: String,
}

/// The published record of an address.
async fn record(app: &App, slug: &str) -> Result<UseCase, WebError> {
    match app.store.use_case_by_slug(slug).await? {
        Found::UseCase { record, .. } => Ok(*record),
        Found::Withdrawn => Err(WebError::Gone),
        Found::Redirect(_) | Found::None => Err(WebError::NotFound),
    }
}

/// The mailbox of the carrier: to be written to, never to be shown.
fn mailbox(record: &UseCase) -> Option<Email> {
    match record.content.get(Field::Contact) {
        Some(Value::Contact(contact)) => contact.email.as_deref().and_then(|text| Email::parse(text).ok()),
        _ => None,
    }
}

fn page(
    app: &App,
    record: &UseCase,
    kind: MessageKind,
    reader: &Reader,
    fields: &Fields,
    errors: &[(&str, String)],
) -> FormPage {
    let path = format!("/cas-usages/{}", record.slug);
    let title = record.content.title().to_owned();
    let (word, heading, lead) = match kind {
        MessageKind::Contact => (
            "contact",
            "Écrire au porteur du projet",
            format!(
                "{} recevra votre message et vous répondra directement.",
                record.organisation.name
            ),
        ),
        MessageKind::Report => (
            "signaler",
            "Signaler une erreur ou un changement",
            "Une personne de la modération vous répond en dix jours au plus.".to_owned(),
        ),
    };
    let mut page = form_page(app, heading, &lead, &format!("{path}/{word}"));
    page.layout.crumbs = vec![
        Crumb::to("Bibliothèque", "/cas-usages"),
        Crumb::to(title, path.clone()),
        Crumb::here(heading),
    ];
    let error = |name: &str| {
        errors
            .iter()
            .find(|(field, _)| *field == name)
            .map(|(_, message)| message.clone())
    };
    let mut questions = Vec::new();
    if reader.person().is_none() {
        questions.push(
            FormField::line("nom", "Votre nom", fields.get("nom"))
                .required()
                .autocomplete("name")
                .max(NAME_MAX)
                .error(error("nom")),
        );
        questions.push(
            FormField::new(
                "email",
                "Votre adresse électronique",
                fields.get("email"),
                Control::Line("email"),
            )
            .hint("Un message vous demandera de la confirmer avant l’envoi.")
            .required()
            .autocomplete("email")
            .max(EMAIL_MAX)
            .error(error("email")),
        );
    }
    questions.push(
        FormField::new(
            "message",
            "Votre message",
            fields.get("message"),
            Control::Lines(7),
        )
        .required()
        .max(TEXT_MAX)
        .error(error("message")),
    );
    page.blocks.push(FormBlock {
        action: format!("{path}/{word}"),
        csrf: reader.csrf().to_owned(),
        fields: questions,
        submit: "Envoyer".to_owned(),
        links: vec![Link::new("Revenir à la fiche", path)],
        ..FormBlock::default()
    });
    page.gather_errors();
    page
}

async fn show(app: &App, slug: &str, kind: MessageKind, reader: &Reader) -> Result<Response, WebError> {
    let record = record(app, slug).await?;
    if kind == MessageKind::Contact && mailbox(&record).is_none() {
        return Err(WebError::NotFound);
    }
    fresh(
        StatusCode::OK,
        &page(app, &record, kind, reader, &Fields::default(), &[]),
    )
}

/// The form that writes to the carrier.
///
/// # Errors
/// When there is no such record, or it names no mailbox.
pub async fn contact(
    State(app): State<App>,
    Path(slug): Path<String>,
    reader: Reader,
) -> Result<Response, WebError> {
    show(&app, &slug, MessageKind::Contact, &reader).await
}

/// The form that writes to moderators.
///
/// # Errors
/// When there is no such record.
pub async fn report(
    State(app): State<App>,
    Path(slug): Path<String>,
    reader: Reader,
) -> Result<Response, WebError> {
    show(&app, &slug, MessageKind::Report, &reader).await
}

/// Takes a message for the carrier.
///
/// # Errors
/// When there is no such record, or the database does not answer.
pub async fn post_contact(
    State(app): State<App>,
    Path(slug): Path<String>,
    form: OpenForm,
) -> Result<Response, WebError> {
    post(&app, &slug, MessageKind::Contact, form).await
}

/// Takes a message for moderators.
///
/// # Errors
/// When there is no such record, or the database does not answer.
pub async fn post_report(
    State(app): State<App>,
    Path(slug): Path<String>,
    form: OpenForm,
) -> Result<Response, WebError> {
    post(&app, &slug, MessageKind::Report, form).await
}

async fn post(app: &App, slug: &str, kind: MessageKind, form: OpenForm) -> Result<Response, WebError> {
    let OpenForm { reader, fields } = form;
    let record = record(app, slug).await?;
    if kind == MessageKind::Contact && mailbox(&record).is_none() {
        return Err(WebError::NotFound);
    }
    let text = clean_block(fields.get("message"));
    let mut errors = Vec::new();
    if text.is_empty() {
        errors.push(("message", "Écrivez votre message.".to_owned()));
    } else if text.chars().count() > TEXT_MAX {
        errors.push((
            "message",
            format!(
                "Ce message est trop long\u{a0}: {} caractères au plus.",
                count(TEXT_MAX)
            ),
        ));
    }
    let known = reader.person().map(|person| {
        (
            person.account.name(),
            person.account.email.clone(),
            person.account.id,
        )
    });
    let sender = match known {
        Some((name, email, id)) => Some((name, email, Some(id))),
        None => {
            let name: String = clean_line(fields.get("nom")).chars().take(NAME_MAX).collect();
            if name.is_empty() {
                errors.push(("nom", "Indiquez votre nom.".to_owned()));
            }
            match Email::parse(fields.get("email")) {
                Ok(email) => Some((name, email, None)),
                Err(_) => {
                    let message = "Cette adresse n’a pas la forme attendue, par exemple prenom.nom@ville.fr.";
                    errors.push(("email", message.to_owned()));
                    None
                }
            }
        }
    };
    let (true, Some((name, email, account))) = (errors.is_empty(), sender) else {
        let page = page(app, &record, kind, &reader, &fields, &errors);
        return fresh(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let now = (app.settings.now)();
    if !app
        .limiter
        .take(Action::Message, &reader.address().to_string(), now)
    {
        return Err(WebError::TooMany);
    }
    if let Some(account) = account {
        let receipt = deliver(app, &record, kind, &name, &email, &text, Some(account)).await?;
        return sent(app, &record, kind, &receipt);
    }
    let secret = new_secret()?;
    let waiting = Waiting {
        slug: record.slug.clone(),
        kind: kind.code().to_owned(),
        name,
        email: email.clone(),
        text,
    };
    let payload = serde_json::to_string(&waiting).map_err(|error| WebError::Internal(error.to_string()))?;
    app.store
        .keep_secret(&secret.digest(), SecretPurpose::Relay, None, &payload, now, WAITS)
        .await?;
    if app.limiter.take(Action::LinkMailbox, email.as_str(), now) {
        let letter = Letter::ConfirmMessage {
            link: format!("{}/messages/confirmer/{}", app.settings.base_url, secret.reveal()),
            title: record.content.title().to_owned(),
        };
        send(app, &email, &letter).await?;
    }
    let mut page = form_page(
        app,
        "Confirmez votre adresse",
        "Un message vient de partir vers votre boîte. Suivez son lien\u{a0}: votre message sera envoyé à ce moment-là.",
        &format!("/cas-usages/{}", record.slug),
    );
    page.blocks.push(FormBlock {
        links: letters_link(
            app,
            vec![Link::new(
                "Revenir à la fiche",
                format!("/cas-usages/{}", record.slug),
            )],
        ),
        ..FormBlock::default()
    });
    fresh(StatusCode::OK, &page)
}

/// Keeps a message and writes to whom it is for.
async fn deliver(
    app: &App,
    record: &UseCase,
    kind: MessageKind,
    name: &str,
    email: &Email,
    text: &str,
    sender: Option<UserId>,
) -> Result<String, WebError> {
    let id = Uuid::now_v7();
    let short: String = id.simple().to_string().chars().skip(20).take(8).collect();
    let receipt = format!("M-{}", short.to_uppercase());
    let message = Message {
        id: id.to_string(),
        receipt: receipt.clone(),
        use_case: record.id,
        kind,
        sender,
        name: name.to_owned(),
        email: email.clone(),
        text: text.to_owned(),
        made_at: (app.settings.now)(),
        answer: String::new(),
        handled_at: None,
    };
    app.store.add_message(&message).await?;
    let title = record.content.title().to_owned();
    let href = format!("{}/cas-usages/{}", app.settings.base_url, record.slug);
    match (kind, mailbox(record)) {
        (MessageKind::Contact, Some(carrier)) => {
            let letter = Letter::Relay {
                title: title.clone(),
                href: href.clone(),
                name: name.to_owned(),
                reply_to: email.clone(),
                text: text.to_owned(),
            };
            send(app, &carrier, &letter).await?;
        }
        (MessageKind::Contact, None) => {}
        (MessageKind::Report, _) => {
            let letter = Letter::Reported {
                title: title.clone(),
                href: format!("{}/moderation/signalements", app.settings.base_url),
                text: text.to_owned(),
            };
            for moderator in app
                .store
                .accounts_of_role(sobria_catalogue::rights::Role::Moderator)
                .await?
            {
                send(app, &moderator.email, &letter).await?;
            }
        }
    }
    let copy = Letter::MessageSent {
        title,
        href,
        receipt: receipt.clone(),
        text: text.to_owned(),
    };
    send(app, email, &copy).await?;
    Ok(receipt)
}

fn sent(app: &App, record: &UseCase, kind: MessageKind, receipt: &str) -> Result<Response, WebError> {
    let lead = match kind {
        MessageKind::Contact => "Votre message est parti. La réponse arrivera dans votre boîte.",
        MessageKind::Report => "Merci. La modération vous répondra en dix jours au plus.",
    };
    let mut page = form_page(app, "C’est envoyé", lead, &format!("/cas-usages/{}", record.slug));
    page.blocks.push(FormBlock {
        lines: vec![format!("Numéro\u{a0}: {receipt}")],
        links: letters_link(
            app,
            vec![Link::new(
                "Revenir à la fiche",
                format!("/cas-usages/{}", record.slug),
            )],
        ),
        ..FormBlock::default()
    });
    fresh(StatusCode::OK, &page)
}

/// The page behind the link that confirms the address of a sender.
///
/// # Errors
/// When the link ran out, or the database does not answer.
pub async fn confirm(State(app): State<App>, Path(text): Path<String>) -> Result<Response, WebError> {
    link::look_at(&app, &text, SecretPurpose::Relay)
        .await?
        .ok_or(WebError::SpentLink)?;
    let mut page = form_page(
        &app,
        "Envoyer mon message",
        "Votre adresse est confirmée par ce clic.",
        "/messages",
    );
    page.blocks
        .push(link::button("/messages/confirmer", text, "Envoyer mon message"));
    fresh(StatusCode::OK, &page)
}

/// Sends a message whose sender confirmed the address.
///
/// # Errors
/// When the link ran out, or the database does not answer.
pub async fn post_confirm(
    State(app): State<App>,
    OpenForm { fields, .. }: OpenForm,
) -> Result<Response, WebError> {
    let (_, payload) = link::spend(&app, fields.get(link::FIELD), SecretPurpose::Relay)
        .await?
        .ok_or(WebError::SpentLink)?;
    let waiting: Waiting =
        serde_json::from_str(&payload).map_err(|error| WebError::Internal(error.to_string()))?;
    let kind = MessageKind::from_code(&waiting.kind).ok_or(WebError::SpentLink)?;
    let record = record(&app, &waiting.slug).await?;
    let receipt = deliver(
        &app,
        &record,
        kind,
        &waiting.name,
        &waiting.email,
        &waiting.text,
        None,
    )
    .await?;
    sent(&app, &record, kind, &receipt)
}

/// `/moderation/signalements`: reports that wait for an answer.
///
/// # Errors
/// When the account is no moderator, or the database does not answer.
pub async fn reports(State(app): State<App>, signed_in: SignedIn) -> Result<Response, WebError> {
    signed_in.at_least(sobria_catalogue::rights::Role::Moderator)?;
    let mut page = form_page(&app, "Signalements", "", "/moderation/signalements");
    page.menu = menu(&signed_in.person);
    "/moderation".clone_into(&mut page.here);
    let open = app.store.open_reports().await?;
    if open.is_empty() {
        "Aucun signalement n’attend.".clone_into(&mut page.lead);
    }
    for report in open.into_iter().take(20) {
        page.blocks.push(FormBlock {
            id: report.message.receipt.clone(),
            title: format!(
                "{} ({})",
                report.message.receipt,
                crate::locale::moment(report.message.made_at)
            ),
            text: RichText::parse(&report.message.text),
            lines: vec![format!("De {}", report.message.name)],
            action: "/moderation/signalements".to_owned(),
            csrf: signed_in.reader.csrf().to_owned(),
            hidden: vec![("signalement".to_owned(), report.message.id.clone())],
            fields: vec![
                FormField::new(
                    format!("reponse-{}", report.message.receipt),
                    "Votre réponse",
                    "",
                    Control::Lines(3),
                )
                .required()
                .max(TEXT_MAX),
            ],
            submit: "Répondre et clore".to_owned(),
            quiet: true,
            links: vec![Link::new("Voir la fiche", format!("/cas-usages/{}", report.slug))],
            ..FormBlock::default()
        });
    }
    fresh(StatusCode::OK, &page)
}

/// Answers a report and closes it.
///
/// # Errors
/// When the account is no moderator, or the report was closed before.
pub async fn answer_report(State(app): State<App>, form: SignedForm) -> Result<Response, WebError> {
    form.signed_in()
        .at_least(sobria_catalogue::rights::Role::Moderator)?;
    let answer = form
        .fields
        .iter()
        .find(|(name, _)| name.starts_with("reponse-"))
        .map(|(_, text)| clean_block(text))
        .unwrap_or_default();
    if answer.is_empty() || answer.chars().count() > TEXT_MAX {
        return Err(WebError::Invalid(format!(
            "Écrivez une réponse de {} caractères au plus\u{a0}: la personne qui a signalé la recevra.",
            count(TEXT_MAX)
        )));
    }
    let by = form.person.account.id;
    let closed = app
        .store
        .close_report(form.fields.get("signalement"), &answer, by, (app.settings.now)())
        .await?;
    let Some(message) = closed else {
        return Err(WebError::Conflict(
            "Ce signalement a déjà reçu une réponse.".to_owned(),
        ));
    };
    let letter = Letter::ReportAnswered {
        receipt: message.receipt,
        text: message.text,
        answer,
    };
    send(&app, &message.email, &letter).await?;
    Ok(see_other("/moderation/signalements"))
}
