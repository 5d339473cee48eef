//! What becomes of a contribution once it was handed in: receipt, comments, decision.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::draft::InputName;
use sobria_catalogue::id::{UseCaseId, UserId};
use sobria_catalogue::use_case::{UseCase, WorkflowStatus};
use sobria_catalogue::workflow::{Case, Kind, Opening, TEXT_MAX, Transition};
use sobria_store::{Found, SecretPurpose};

use super::fields::step_of;
use super::{Outcome, answer, comment_words, name, readable, refused, step};
use crate::app::App;
use crate::error::WebError;
use crate::posted::{OpenForm, SignedForm};
use crate::routes::account::{form_page, link, see_other};
use crate::session::{Reader, SignedIn};
use crate::view::library::Link;
use crate::view::{Control, Crumb, FormBlock, FormError, FormField, FormPage, RichText};

/// Days within which a moderator answers, as announced.
pub const SERVICE_DAYS: i64 = 10;

async fn page(app: &App, case: &Case, reader: &Reader) -> Result<FormPage, WebError> {
    let base = format!("/contribuer/{}", case.id);
    let mut page = form_page(app, &name(case), "", &base);
    page.layout.crumbs = vec![Crumb::to("Mon espace", "/mon-espace"), Crumb::here(name(case))];
    let mut lines = Vec::new();
    if let Some(receipt) = &case.receipt {
        lines.push(format!("Numéro\u{a0}: {receipt}"));
    }
    if case.kind != Kind::Content {
        lines.push(format!("Demande\u{a0}: {}", case.kind.label().to_lowercase()));
    }
    if let Some(at) = case.submitted_at {
        lines.push(format!("Envoyée le {}", crate::locale::moment(at)));
    }
    if case.claim.is_some() {
        lines.push("Une personne de la modération la lit.".to_owned());
    }
    let what = match case.status {
        WorkflowStatus::Draft => "Ce brouillon n’a pas encore été envoyé.".to_owned(),
        WorkflowStatus::Submitted | WorkflowStatus::InReview => format!(
            "Votre fiche est bien reçue. La modération répond en {SERVICE_DAYS} jours au plus\u{202f}; vous recevrez un courriel. Vous n’avez rien d’autre à faire."
        ),
        WorkflowStatus::ChangesRequested => {
            "La modération demande des précisions. Répondez dans les questions concernées, puis renvoyez la fiche.".to_owned()
        }
        WorkflowStatus::Published => "C’est publié. Merci\u{202f}!".to_owned(),
        WorkflowStatus::Rejected => "La modération n’a pas retenu cette contribution.".to_owned(),
        WorkflowStatus::Archived | WorkflowStatus::Withdrawn => "La fiche n’est plus en ligne.".to_owned(),
    };
    let mut links = Vec::new();
    let open = matches!(
        case.status,
        WorkflowStatus::Draft | WorkflowStatus::ChangesRequested
    ) && case.kind == Kind::Content;
    let go = open.then(|| Link::new("Reprendre la fiche", format!("{base}/essentiel")));
    if let Some(record) = app.store.use_cases_by_ids(&[case.use_case]).await?.pop() {
        links.push(Link::new(
            "Voir la fiche publiée",
            format!("/cas-usages/{}", record.slug),
        ));
    }
    if case.kind == Kind::Content {
        links.push(Link::new("Voir l’aperçu", format!("{base}/apercu")));
    }
    page.blocks.push(FormBlock {
        id: "etat".to_owned(),
        title: case.status.label().to_owned(),
        text: RichText::parse(&what),
        lines,
        go,
        links,
        ..FormBlock::default()
    });
    let addresses = crate::link_watch::of_form(&case.values);
    if app.settings.links.check && !addresses.is_empty() {
        page.blocks.push(FormBlock {
            id: "liens".to_owned(),
            title: "Adresses de la fiche".to_owned(),
            lines: crate::link_watch::lines(app, &addresses).await?,
            ..FormBlock::default()
        });
    }
    let asked = app.store.comments_of(case.id).await?;
    let mut answers: Vec<Link> = Vec::new();
    for field in asked
        .iter()
        .filter(|line| open && line.submission == case.submissions)
        .filter_map(|line| line.comment.field)
        .filter(|field| !field.is_of_organisation())
    {
        let href = format!("{base}/{}#{}", step_of(field).key, InputName::main(field));
        if answers.iter().all(|link| link.href != href) {
            answers.push(Link::new(format!("Répondre\u{a0}: {}", field.spec().label), href));
        }
    }
    let comments: Vec<String> = asked.iter().map(comment_words).collect();
    if !comments.is_empty() {
        page.blocks.push(FormBlock {
            id: "demandes".to_owned(),
            title: "Ce que la modération a demandé".to_owned(),
            lines: comments,
            links: answers,
            ..FormBlock::default()
        });
    }
    if let Some(verdict) = case
        .verdict
        .as_ref()
        .filter(|_| case.status == WorkflowStatus::Rejected)
    {
        let reason = verdict.reason.map_or("", |reason| reason.label());
        page.blocks.push(FormBlock {
            id: "refus".to_owned(),
            title: "Pourquoi".to_owned(),
            lines: vec![reason.to_owned(), verdict.text.clone()],
            ..FormBlock::default()
        });
        if !case.appealed {
            page.blocks.push(FormBlock {
                id: "recours".to_owned(),
                title: "Demander un second examen".to_owned(),
                text: RichText::parse("Une fois, et par une autre personne quand c’est possible."),
                action: format!("{base}/recours"),
                csrf: reader.csrf().to_owned(),
                fields: vec![
                    FormField::new("texte", "Ce que vous répondez", "", Control::Lines(4))
                        .required()
                        .max(TEXT_MAX),
                ],
                submit: "Demander un second examen".to_owned(),
                quiet: true,
                ..FormBlock::default()
            });
        }
    }
    Ok(page)
}

/// The page.
///
/// # Errors
/// When there is no such contribution.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let case = readable(&app, &signed_in.actor(), &id).await?;
    answer(StatusCode::OK, &page(&app, &case, &signed_in.reader).await?)
}

/// Asks that a refusal be looked at again.
///
/// # Errors
/// When there is no such contribution, or it was not refused.
pub async fn appeal(
    State(app): State<App>,
    Path(id): Path<String>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let actor = form.person.actor();
    let case = readable(&app, &actor, &id).await?;
    let text = form.fields.get("texte").to_owned();
    match step(&app, &case, Transition::Appeal { text: text.clone() }, &actor).await? {
        Outcome::Done(_) => Ok(see_other(&format!("/contribuer/{}/suivi", case.id))),
        Outcome::Conflict(_) => Err(WebError::Conflict(
            "Cette contribution a changé entre-temps. Rechargez la page.".to_owned(),
        )),
        Outcome::Refused(refusal) if refusal.is_conflict() => Err(refused(&refusal)),
        Outcome::Refused(refusal) => {
            let mut page = page(&app, &case, &form.reader).await?;
            page.errors.push(FormError {
                field: "texte".to_owned(),
                message: refusal.message(),
            });
            for field in page.blocks.iter_mut().flat_map(|block| &mut block.fields) {
                field.value.clone_from(&text);
            }
            answer(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// The published record of an address.
async fn record_of(app: &App, slug: &str) -> Result<UseCaseId, WebError> {
    match app.store.use_case_by_slug(slug).await? {
        Found::UseCase { record, .. } => Ok(record.id),
        Found::Withdrawn => Err(WebError::Gone),
        Found::Redirect(_) | Found::None => Err(WebError::NotFound),
    }
}

/// `/cas-usages/{slug}/{what}`: a new version, "nothing changed", or a request to archive.
///
/// # Errors
/// When the person does not contribute for the organisation, or there is no such record.
pub async fn about_record(
    State(app): State<App>,
    Path((slug, what)): Path<(String, String)>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let use_case = record_of(&app, &slug).await?;
    let (opening, then) = match what.as_str() {
        "modifier" => (Opening::Revision, "essentiel"),
        "confirmer" => (Opening::Review, "suivi"),
        "archiver" => (
            Opening::Archive {
                reason: form.fields.get("raison").to_owned(),
            },
            "suivi",
        ),
        _ => return Err(WebError::NotFound),
    };
    super::begin::open(&app, &form, opening, use_case, then).await
}

/// `/confirmer/{secret}`: the page behind the link of a reminder.
///
/// # Errors
/// When the link ran out, or the record is gone.
pub async fn reminded(State(app): State<App>, Path(text): Path<String>) -> Result<Response, WebError> {
    let (_, record) = reminder(&app, &text).await?;
    let title = record.content.title().to_owned();
    let mut page = form_page(
        &app,
        "Toujours d’actualité\u{202f}?",
        &format!("«\u{a0}{title}\u{a0}», {}.", record.organisation.name),
        "/confirmer",
    );
    page.blocks.push(FormBlock {
        action: "/confirmer".to_owned(),
        hidden: vec![(link::FIELD.to_owned(), text)],
        submit: "Rien n’a changé".to_owned(),
        links: vec![
            Link::new("Relire la fiche", format!("/cas-usages/{}", record.slug)),
            Link::new(
                "Quelque chose a changé",
                format!("/connexion?suite=%2Fcas-usages%2F{}", record.slug),
            ),
        ],
        ..FormBlock::default()
    });
    answer(StatusCode::OK, &page)
}

/// Who was reminded of what.
async fn reminder(app: &App, text: &str) -> Result<(UserId, UseCase), WebError> {
    let kept = link::look_at(app, text, SecretPurpose::Review).await?;
    let Some((Some(account), id)) = kept else {
        return Err(WebError::SpentLink);
    };
    let id: UseCaseId = id.parse().or(Err(WebError::Gone))?;
    let record = app
        .store
        .use_cases_by_ids(&[id])
        .await?
        .pop()
        .ok_or(WebError::Gone)?;
    Ok((account, record))
}

/// Says in the name of whoever was reminded that nothing changed.
///
/// # Errors
/// When the link ran out, the record is gone, or the person no longer contributes for its carrier.
pub async fn confirm_reminded(
    State(app): State<App>,
    OpenForm { fields, .. }: OpenForm,
) -> Result<Response, WebError> {
    let text = fields.get(link::FIELD).to_owned();
    let (account, record) = reminder(&app, &text).await?;
    let person = app.store.person(account).await?.ok_or(WebError::Gone)?;
    // The same link followed twice is one confirmation.
    super::begin::begin_for(&app, &person, Opening::Review, record.id, &text).await?;
    link::spend(&app, &text, SecretPurpose::Review).await?;
    let mut page = form_page(
        &app,
        "Merci",
        "C’est noté. La modération enregistre votre confirmation\u{202f}; il n’y a rien d’autre à faire.",
        "/confirmer",
    );
    page.blocks.push(FormBlock {
        links: vec![Link::new(
            "Revoir la fiche",
            format!("/cas-usages/{}", record.slug),
        )],
        ..FormBlock::default()
    });
    answer(StatusCode::OK, &page)
}
