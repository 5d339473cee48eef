//! The last step: what is missing, what everybody will read, and sending.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::access::{Level, redact, redact_files};
use sobria_catalogue::attachment::Attachment;
use sobria_catalogue::completeness::{completeness, missing};
use sobria_catalogue::draft::FieldErrors;
use sobria_catalogue::use_case::{UseCase, WorkflowStatus};
use sobria_catalogue::validate::Stage;
use sobria_catalogue::workflow::{Case, Refusal, Transition};

use super::edit::is_editable;
use super::{Outcome, answer, case_page, content_of, context, fields, name, readable, refused, step};
use crate::app::App;
use crate::attachments::{readers, words};
use crate::error::WebError;
use crate::posted::SignedForm;
use crate::routes::account::see_other;
use crate::session::{Reader, SignedIn};
use crate::view::library::Link;
use crate::view::{Control, FormBlock, FormError, FormField, FormPage, RichText};

/// Missing answers named on the page.
const NAMED: usize = 8;

async fn page(app: &App, case: &Case, reader: &Reader) -> Result<FormPage, WebError> {
    let background = app.store.background(case.use_case, &case.values).await?;
    let context = context(app, &background, case);
    let base = format!("/contribuer/{}", case.id);
    let mut page = case_page(
        app,
        case,
        &format!("{}\u{a0}: relire et envoyer", name(case)),
        "",
        "relecture",
    );
    let errors = case.values.check(Stage::Submit, &context.around).err();
    let (content, organisation) = content_of(case, &context);
    let filled = completeness(&content, &organisation);
    let mut lines = vec![format!("Fiche remplie à {filled}\u{a0}%.")];
    let later: Vec<&str> = missing(&content, &organisation)
        .into_iter()
        .filter(|field| fields::is_asked(*field, &case.values))
        .map(|field| field.spec().label)
        .collect();
    if !later.is_empty() {
        let more = later.len().saturating_sub(NAMED);
        let named = later.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        lines.push(match more {
            0 => format!("Encore sans réponse\u{a0}: {named}."),
            more => format!("Encore sans réponse\u{a0}: {named}, et {more} autres."),
        });
    }
    let publishing = case.values.check(Stage::Publish, &context.around).err();
    if let Some(publishing) = publishing.filter(|_| errors.is_none()) {
        let labels: Vec<&str> = publishing.iter().map(|error| error.field.spec().label).collect();
        lines.push(format!(
            "Demandé avant la publication, si vous l’avez déjà\u{a0}: {}.",
            labels.join(", ")
        ));
    }
    if let Ok(checked) = case.values.check(Stage::Submit, &context.around) {
        lines.extend(checked.warnings().iter().map(|warning| warning.message.clone()));
    }
    page.blocks.push(FormBlock {
        id: "etat".to_owned(),
        title: "Où en est la fiche".to_owned(),
        lines,
        links: vec![Link::new(
            "Voir l’aperçu, tel que tout le monde le lira",
            format!("{base}/apercu"),
        )],
        ..FormBlock::default()
    });
    let (after, leaving) = super::files::files_of(app, case).await?;
    page.blocks.push(FormBlock {
        id: "fichiers".to_owned(),
        title: super::files::TITLE.to_owned(),
        lines: file_lines(&after, &leaving),
        links: vec![Link::new(
            "Ajouter ou retirer des fichiers",
            format!("{base}/{}", super::files::KEY),
        )],
        ..FormBlock::default()
    });
    match &errors {
        Some(errors) => {
            page.errors = listed(case, errors);
        }
        None => page.blocks.push(FormBlock {
            id: "envoyer".to_owned(),
            title: "Envoyer à la modération".to_owned(),
            text: RichText::parse(
                "Vous recevrez un accusé de réception avec un numéro. Tant que la fiche n’est pas publiée, personne d’autre que votre organisme et la modération ne la lit.",
            ),
            action: format!("{base}/envoyer"),
            csrf: reader.csrf().to_owned(),
            submit: if case.submissions > 0 { "Renvoyer la fiche" } else { "Envoyer la fiche" }.to_owned(),
            ..FormBlock::default()
        }),
    }
    if case.status == WorkflowStatus::Draft {
        page.blocks.push(FormBlock {
            id: "abandonner".to_owned(),
            title: "Abandonner ce brouillon".to_owned(),
            action: format!("{base}/abandonner"),
            csrf: reader.csrf().to_owned(),
            fields: vec![FormField::new(
                "confirmation",
                "Je veux supprimer ce brouillon\u{202f}; c’est définitif.",
                "",
                Control::Check(false),
            )],
            submit: "Supprimer le brouillon".to_owned(),
            quiet: true,
            ..FormBlock::default()
        });
    }
    Ok(page)
}

fn file_lines(after: &[Attachment], leaving: &[Attachment]) -> Vec<String> {
    if after.is_empty() && leaving.is_empty() {
        return vec!["Aucun.".to_owned()];
    }
    let line = |attachment: &Attachment, note: &str| {
        format!(
            "{} ({}, {}){note}",
            attachment.file.title,
            words(&attachment.file),
            readers(attachment.file.visibility)
        )
    };
    after
        .iter()
        .map(|attachment| line(attachment, ""))
        .chain(
            leaving
                .iter()
                .map(|attachment| line(attachment, " : sera retiré")),
        )
        .collect()
}

/// Errors with the step where each is mended.
fn listed(case: &Case, errors: &FieldErrors) -> Vec<FormError> {
    errors
        .iter()
        .map(|error| {
            let step = if error.field.is_of_organisation() {
                "relecture"
            } else {
                fields::step_of(error.field).key
            };
            FormError {
                field: format!("/contribuer/{}/{step}#{}", case.id, error.name),
                message: error.message.clone(),
            }
        })
        .collect()
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
    if !is_editable(&case) {
        return Ok(see_other(&format!("/contribuer/{}/suivi", case.id)));
    }
    answer(StatusCode::OK, &page(&app, &case, &signed_in.reader).await?)
}

/// Hands the contribution in. Sent twice, it is handed in once: the second finds the receipt.
///
/// # Errors
/// When there is no such contribution, or it may not be handed in.
pub async fn send(
    State(app): State<App>,
    Path(id): Path<String>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let actor = form.person.actor();
    let case = readable(&app, &actor, &id).await?;
    let followed = || see_other(&format!("/contribuer/{}/suivi", case.id));
    match step(&app, &case, Transition::Submit, &actor).await? {
        Outcome::Done(_) | Outcome::Refused(Refusal::AlreadyHandedIn { .. }) => Ok(followed()),
        Outcome::Conflict(stored) if stored.receipt.is_some() && !is_editable(&stored) => Ok(followed()),
        Outcome::Conflict(stored) => {
            let mut page = page(&app, &stored, &form.reader).await?;
            page.notice = Some("Le brouillon a changé entre-temps. Relisez-le, puis envoyez-le.".to_owned());
            answer(StatusCode::CONFLICT, &page)
        }
        Outcome::Refused(Refusal::Invalid(_)) => answer(
            StatusCode::UNPROCESSABLE_ENTITY,
            &page(&app, &case, &form.reader).await?,
        ),
        Outcome::Refused(refusal @ Refusal::NothingChanged) => {
            let mut page = page(&app, &case, &form.reader).await?;
            page.errors.push(FormError::general(refusal.message()));
            answer(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Outcome::Refused(refusal) => Err(refused(&refusal)),
    }
}

/// Deletes a draft that was never handed in.
///
/// # Errors
/// When there is no such draft.
pub async fn discard(
    State(app): State<App>,
    Path(id): Path<String>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let actor = form.person.actor();
    let case = readable(&app, &actor, &id).await?;
    if !form.fields.has("confirmation") {
        let mut page = page(&app, &case, &form.reader).await?;
        page.errors.push(FormError {
            field: "confirmation".to_owned(),
            message: "Cochez la case pour confirmer la suppression.".to_owned(),
        });
        return answer(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    match step(&app, &case, Transition::Discard, &actor).await? {
        Outcome::Done(_) => Ok(see_other("/mon-espace?fait=abandon")),
        Outcome::Conflict(_) => Err(WebError::Conflict(
            "Le brouillon a changé entre-temps. Relisez-le avant de le supprimer.".to_owned(),
        )),
        Outcome::Refused(refusal) => Err(refused(&refusal)),
    }
}

/// The page that everybody will read, made by the same code, from what is typed so far.
///
/// # Errors
/// When there is no such contribution.
pub async fn preview(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let case = readable(&app, &signed_in.actor(), &id).await?;
    let background = app.store.background(case.use_case, &case.values).await?;
    let context = context(&app, &background, &case);
    let (content, organisation) = content_of(&case, &context);
    let now = (app.settings.now)();
    let record = UseCase {
        id: case.use_case,
        slug: format!("apercu-{}", case.use_case),
        completeness: completeness(&content, &organisation),
        organisation,
        content,
        status: WorkflowStatus::Published,
        version: background.public.as_ref().map_or(1, |public| public.version + 1),
        created_at: case.created_at,
        updated_at: now,
        published_at: Some(now),
        first_published_at: Some(now),
        last_reviewed_on: Some(app.today()),
    };
    let item = redact(record, Level::Public);
    let mut page = crate::routes::record::preview(&app, &item);
    let (after, _) = super::files::files_of(&app, &case).await?;
    page.files = crate::attachments::lines(&redact_files(after, Level::Public));
    page.notice = Some(
        "Aperçu\u{a0}: cette page n’est pas publiée. Voici, au mot près, ce que tout le monde lira."
            .to_owned(),
    );
    crate::routes::account::fresh(StatusCode::OK, &page)
}
