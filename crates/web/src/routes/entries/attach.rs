//! `/mon-espace/publications/{id}/fichiers`: the files of a resource. They become public with the version that brings
//! them, once a moderator agreed.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::attachment::{Attachment, readers_from_code};
use sobria_catalogue::entry::life::{EntryStatus, EntryStep, decide};
use sobria_catalogue::entry::{Entry, EntryKind};
use sobria_catalogue::field::Visibility;
use sobria_catalogue::id::AttachmentId;
use sobria_store::{Brought, EntryChange};
use uuid::Uuid;

use super::edit::own;
use crate::app::App;
use crate::attachments::{FileForm, cleaned, keep, readers, words};
use crate::error::WebError;
use crate::limiter::Action;
use crate::posted::{Fields, SignedForm};
use crate::routes::account::settings::space_page;
use crate::routes::account::{fresh, see_other};
use crate::routes::contribute::files::add_fields;
use crate::session::SignedIn;
use crate::view::library::Link;
use crate::view::{Control, FormBlock, FormError, FormField, FormPage, RichText};

/// The page of the files of an entry.
pub fn path(entry: &Entry) -> String {
    format!("{}/{}/fichiers", super::edit::PATH, entry.id)
}

/// The files that the draft, or else the published entry, holds.
///
/// # Errors
/// When the database does not answer.
pub async fn held(app: &App, entry: &Entry) -> Result<Vec<Attachment>, WebError> {
    let mut files = app.store.entry_files(entry.id).await?;
    files.retain(|file| file.is_in(entry.number));
    Ok(files)
}

/// An entry that has files, for somebody who may write it.
async fn resource(app: &App, id: &str, signed_in: &SignedIn) -> Result<Entry, WebError> {
    let entry = own(app, id, signed_in).await?;
    if entry.kind == EntryKind::Resource {
        Ok(entry)
    } else {
        Err(WebError::NotFound)
    }
}

async fn page(
    app: &App,
    signed_in: &SignedIn,
    entry: &Entry,
    typed: Option<Vec<FormField>>,
) -> Result<FormPage, WebError> {
    let base = path(entry);
    let mut page = space_page(
        app,
        &signed_in.person,
        &format!("{}\u{a0}: fichiers joints", entry.content.title()),
        "Un document, un jeu d’exemple, un tableau\u{a0}: ce qu’un collègue voudrait ouvrir.",
        &base,
    );
    super::edit::PATH.clone_into(&mut page.here);
    let waits = entry.status == EntryStatus::Submitted;
    for file in held(app, entry).await? {
        let facts = &file.file;
        let mut lines = vec![format!("{}, {}", words(facts), readers(facts.visibility))];
        if !facts.removed.is_empty() {
            lines.push(format!("Retiré ou changé à l’arrivée\u{a0}: {}.", facts.removed));
        }
        page.blocks.push(FormBlock {
            id: format!("fichier-{}", file.id),
            title: facts.title.clone(),
            lines,
            action: if waits {
                String::new()
            } else {
                format!("{base}/{}/retirer", file.id)
            },
            csrf: signed_in.reader.csrf().to_owned(),
            hidden: vec![("edition".to_owned(), entry.edition.to_string())],
            submit: "Retirer ce fichier".to_owned(),
            quiet: true,
            links: vec![Link::new(
                format!("Télécharger {}", facts.name),
                format!("/fichiers/{}", file.id),
            )],
            ..FormBlock::default()
        });
    }
    if waits {
        page.notice =
            Some("En attente de relecture\u{a0}: rien ne peut être modifié avant la réponse.".to_owned());
    } else {
        let fields = typed.unwrap_or_else(|| fields(app, &Fields::default()));
        page.blocks.push(FormBlock {
            id: "ajouter".to_owned(),
            title: "Ajouter un fichier".to_owned(),
            text: RichText::parse(if entry.status == EntryStatus::Published {
                "Le fichier est vérifié, puis réécrit sans ce qu’il cache. Il sera sur la page après la relecture\u{a0}: une nouvelle version s’ouvre, à envoyer ensuite."
            } else {
                "Le fichier est vérifié, puis réécrit sans ce qu’il cache. Il sera sur la page après la relecture."
            }),
            action: base,
            csrf: signed_in.reader.csrf().to_owned(),
            fields,
            submit: "Ajouter le fichier".to_owned(),
            ..FormBlock::default()
        });
    }
    page.blocks.push(FormBlock {
        links: vec![Link::new(
            "Revenir à la ressource, pour l’envoyer",
            format!("{}/{}", super::edit::PATH, entry.id),
        )],
        ..FormBlock::default()
    });
    page.gather_errors();
    Ok(page)
}

/// The fields of a file: a resource has no reader between agents and moderators.
fn fields(app: &App, typed: &Fields) -> Vec<FormField> {
    let mut fields = add_fields(app.settings.files.limits.words(), typed);
    for field in &mut fields {
        if let Control::Radios(options) = &mut field.control {
            options.retain(|option| option.value != Visibility::Organisation.code());
        }
    }
    fields
}

/// The page.
///
/// # Errors
/// When there is no such resource, or the person may not write it.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let entry = resource(&app, &id, &signed_in).await?;
    fresh(StatusCode::OK, &page(&app, &signed_in, &entry, None).await?)
}

/// The draft of an entry; one is opened beside what is published.
async fn draft(app: &App, signed_in: &SignedIn, entry: Entry) -> Result<Entry, WebError> {
    match entry.status {
        EntryStatus::Draft => Ok(entry),
        // What was decided on stays as it was.
        EntryStatus::Published | EntryStatus::Refused => {
            let next = decide(&entry.state(), EntryStep::Save, &signed_in.actor())
                .map_err(|refusal| WebError::Conflict(refusal.message().to_owned()))?;
            app.store
                .change_entry(&EntryChange {
                    seen: &entry,
                    next,
                    content: Some(&entry.content),
                    reason: "",
                    mails: &[],
                    actor: signed_in.person.account.id,
                    now: (app.settings.now)(),
                })
                .await?;
            app.store.entry(entry.id).await?.ok_or(WebError::NotFound)
        }
        EntryStatus::Submitted | EntryStatus::Withdrawn => Err(too_late()),
    }
}

fn too_late() -> WebError {
    WebError::Conflict(
        "Cette ressource attend sa relecture, ou a changé entre-temps\u{a0}: rechargez la page pour voir où elle en est."
            .to_owned(),
    )
}

/// Adds a file. What was typed comes back when it is not taken.
///
/// # Errors
/// When there is no such resource, or it cannot be changed now.
pub async fn add(
    State(app): State<App>,
    Path(id): Path<String>,
    form: FileForm,
) -> Result<Response, WebError> {
    let signed_in = form.signed_in();
    let entry = resource(&app, &id, &signed_in).await?;
    if entry.status == EntryStatus::Submitted {
        return Err(too_late());
    }
    let (by, now) = (form.person.account.id, (app.settings.now)());
    if !app.limiter.take(Action::Upload, &by.to_string(), now) {
        return Err(WebError::TooMany);
    }
    let mut again = fields(&app, &form.fields);
    let mut wrong = |name: &str, message: String| {
        if let Some(field) = again.iter_mut().find(|field| field.name == name) {
            field.error = Some(message);
        }
    };
    let visibility =
        readers_from_code(form.fields.get("lecteurs")).filter(|kind| *kind != Visibility::Organisation);
    if visibility.is_none() {
        wrong("lecteurs", "Dites qui peut ouvrir ce fichier.".to_owned());
    }
    let limits = &app.settings.files.limits;
    let mut clean = None;
    if form.too_large {
        wrong(
            "fichier",
            format!(
                "Ce fichier dépasse {}\u{a0}Mo. Réduisez-le, ou donnez l’adresse où il se lit.",
                limits.max_mb
            ),
        );
    } else if form.name.is_empty() {
        wrong("fichier", "Choisissez un fichier sur votre poste.".to_owned());
    } else {
        match cleaned(&app, form.bytes, form.name).await? {
            Ok(file) => clean = Some(file),
            Err(refusal) => wrong("fichier", refusal),
        }
    }
    let (Some(clean), Some(visibility)) = (clean, visibility) else {
        let page = page(&app, &signed_in, &entry, Some(again)).await?;
        return fresh(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let entry = draft(&app, &signed_in, entry).await?;
    // From the bytes on disk to their row, nothing sweeps them away.
    let hold = app.files.hold().await;
    let facts = keep(&app, clean, form.fields.get("titre"), visibility).await?;
    let file = AttachmentId::new(Uuid::now_v7());
    let brought = app
        .store
        .add_entry_file(&entry, file, &facts, by, now, limits.per_record)
        .await?;
    drop(hold);
    match brought {
        Brought::Kept => Ok(see_other(&path(&entry))),
        Brought::TooLate => Err(too_late()),
        Brought::TooMany => {
            let mut page = page(&app, &signed_in, &entry, None).await?;
            page.errors.push(FormError::general(format!(
                "Cette ressource a ses {} fichiers\u{a0}: retirez-en un pour en ajouter un autre.",
                limits.per_record
            )));
            fresh(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// Takes a file off the next version.
///
/// # Errors
/// When there is no such resource or file, or it cannot be changed now.
pub async fn remove(
    State(app): State<App>,
    Path((id, file)): Path<(String, String)>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let signed_in = form.signed_in();
    let entry = resource(&app, &id, &signed_in).await?;
    let file: AttachmentId = file.parse().or(Err(WebError::NotFound))?;
    if entry.edition.to_string() != form.fields.get("edition") {
        return Err(too_late());
    }
    if !held(&app, &entry).await?.iter().any(|held| held.id == file) {
        return Err(WebError::NotFound);
    }
    let entry = draft(&app, &signed_in, entry).await?;
    let done = app
        .store
        .remove_entry_file(&entry, file, form.person.account.id, (app.settings.now)())
        .await?;
    if done {
        Ok(see_other(&path(&entry)))
    } else {
        Err(too_late())
    }
}
