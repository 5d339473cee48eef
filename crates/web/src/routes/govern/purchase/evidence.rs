//! Files that suppliers join to their answers, under the rules of those of contributions: told by their bytes, written
//! anew without what speaks of their author, limited in length and number, kept under their hash.

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use sobria_catalogue::text::excerpt;
use sobria_govern::procurement::sheet::Sheet;
use sobria_store::{AnswerFile, Joined};
use uuid::Uuid;

use super::answer::{Asked, FILES_STEP, show, typed};
use super::kept::{Kept, told};
use crate::app::App;
use crate::attachments::{cleaned, put, receive, serve_bytes, too_long};
use crate::error::WebError;
use crate::limiter::Action;
use crate::locale::size;
use crate::posted::{Fields, OpenForm, open_proof};
use crate::routes::account::see_other;
use crate::routes::contribute::files::ACCEPT;
use crate::session::{Reader, SignedIn};
use crate::view::library::Link;
use crate::view::{Control, FormBlock, FormError, FormField, FormOption, PaperLine, RichText};

/// Most files of one answer.
pub const MOST: u32 = 20;

/// A file in one line: what it proves, what it is, what was taken out of it.
pub fn words(file: &AnswerFile) -> String {
    let mut words = format!("{}, {}", file.kind.label(), size(file.bytes));
    if !file.question.is_empty() {
        words = format!("{}. {words}", file.question);
    }
    if !file.removed.is_empty() {
        words.push_str(&format!(". Retiré ou changé à l’arrivée\u{a0}: {}", file.removed));
    }
    words
}

/// The sheet with its files named as evidence, so that what is joined counts as what is written.
pub fn with_files(mut sheet: Sheet, files: &[AnswerFile]) -> Sheet {
    for file in files {
        if let Some(answer) = sheet.answers.get_mut(&file.question) {
            let joined = format!("fichier joint {}", file.name);
            if answer.evidence.trim().is_empty() {
                answer.evidence = joined;
            } else {
                answer.evidence = format!("{}\u{202f}; {joined}", answer.evidence.trim());
            }
        }
    }
    sheet
}

/// Files for the buyer, each with its download.
pub fn lines<'f>(kept: &Kept, files: impl Iterator<Item = &'f AnswerFile>) -> Vec<PaperLine> {
    files
        .map(|file| PaperLine {
            label: file.name.clone(),
            note: words(file),
            links: vec![Link::new(
                "Télécharger",
                kept.path(&format!("fichiers/{}", file.id)),
            )],
        })
        .collect()
}

/// The blocks of the step: what is joined, and one more.
pub fn blocks(app: &App, asked: &Asked, fields: &Fields) -> Vec<FormBlock> {
    let mut blocks: Vec<FormBlock> = asked
        .files
        .iter()
        .map(|file| FormBlock {
            id: format!("f-{}", file.id),
            title: file.name.clone(),
            text: RichText::parse(&words(file)),
            action: asked.path_of(&format!("fichiers/{}/retirer", file.id)),
            submit: "Retirer ce fichier".to_owned(),
            quiet: true,
            links: vec![Link::new(
                format!("Télécharger {}", file.name),
                asked.path_of(&format!("fichiers/{}", file.id)),
            )],
            ..FormBlock::default()
        })
        .collect();
    if asked.files.len() < usize::try_from(MOST).unwrap_or(usize::MAX) {
        let mut options = vec![FormOption::new(
            "",
            "Toute la réponse",
            fields.get("preuve_de").is_empty(),
        )];
        options.extend(asked.criteria.questions().map(|question| {
            FormOption::new(
                question.id,
                format!("{}. {}", question.id, excerpt(question.text, 70)),
                fields.get("preuve_de") == question.id,
            )
        }));
        blocks.push(FormBlock {
            id: "joindre".to_owned(),
            title: "Joindre un fichier".to_owned(),
            text: RichText::parse(
                "Il est vérifié, puis réécrit sans ce qu’il cache\u{a0}: auteur, dates, lieu et appareil des photos, scripts, macros. Un PDF signé perd sa signature dans cette copie.",
            ),
            action: asked.path_of("fichiers"),
            fields: vec![
                FormField::new("preuve_de", "Ce qu’il prouve", "", Control::Select(options)),
                FormField::new("fichier", "Fichier", "", Control::File { accept: ACCEPT })
                    .hint(format!(
                        "PDF, PNG, JPEG, ODT ou CSV\u{202f}; {}\u{a0}Mo au plus, {MOST} fichiers au plus.",
                        app.settings.files.limits.max_mb
                    ))
                    .required(),
            ],
            submit: "Joindre".to_owned(),
            ..FormBlock::default()
        });
    }
    blocks
}

fn refuse(app: &App, asked: &Asked, fields: &Fields, wrong: FormError) -> Result<Response, WebError> {
    let mut all: Vec<(String, String)> = typed(&asked.sheet)
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    all.push(("preuve_de".to_owned(), fields.get("preuve_de").to_owned()));
    show(
        app,
        asked,
        FILES_STEP,
        &Fields::from(all),
        vec![wrong],
        StatusCode::UNPROCESSABLE_ENTITY,
    )
}

fn late() -> WebError {
    WebError::Conflict(
        "La date limite est passée\u{a0}: les fichiers de votre réponse ne changent plus.".to_owned(),
    )
}

/// Joins a file. Nothing of it is read before the link is known to be open.
///
/// # Errors
/// When the link is unknown, was closed or ran out, the deadline is over, or too many files are sent.
pub async fn join(
    State(app): State<App>,
    Path(secret): Path<String>,
    reader: Reader,
    request: Request,
) -> Result<Response, WebError> {
    let asked = Asked::of(&app, &secret, &reader).await?;
    let now = (app.settings.now)();
    if !asked.writable {
        return Err(late());
    }
    if !app.limiter.take(Action::Upload, &asked.line.id, now) {
        return Err(WebError::TooMany);
    }
    let proof = open_proof(&app, request.headers(), &reader);
    let sent = receive(&app, request, proof).await?;
    let question = sent.fields.get("preuve_de").to_owned();
    if !question.is_empty() && asked.criteria.questions().all(|one| one.id != question) {
        return Err(WebError::NotFound);
    }
    let wrong = |message: String| refuse(&app, &asked, &sent.fields, told("fichier", message));
    if sent.too_large {
        return wrong(too_long(&sent.name, &app.settings.files.limits));
    }
    if sent.name.is_empty() {
        return wrong("Choisissez un fichier sur votre poste.".to_owned());
    }
    let clean = match cleaned(&app, sent.bytes, sent.name.clone()).await? {
        Ok(clean) => clean,
        Err(message) => return refuse(&app, &asked, &sent.fields, told("fichier", message)),
    };
    // From the bytes on disk to their row, nothing sweeps them away.
    let hold = app.files.hold().await;
    let length = u64::try_from(clean.bytes.len()).unwrap_or(u64::MAX);
    let hash = put(&app, clean.bytes).await?;
    let file = AnswerFile {
        id: Uuid::now_v7().to_string(),
        answer: asked.line.id.clone(),
        question,
        hash,
        kind: clean.kind,
        name: clean.name,
        bytes: length,
        removed: clean.removed.join(" ; "),
        at: now,
    };
    let joined = app.store.join_file(&file, MOST).await?;
    drop(hold);
    match joined {
        Joined::Kept => Ok(see_other(&asked.path(FILES_STEP))),
        Joined::TooLate => Err(late()),
        Joined::TooMany => refuse(
            &app,
            &asked,
            &sent.fields,
            told(
                "",
                format!("Votre réponse a ses {MOST} fichiers\u{a0}: retirez-en un pour en joindre un autre."),
            ),
        ),
    }
}

/// Takes a file off the answer of the link.
///
/// # Errors
/// When the link is unknown, was closed or ran out, the deadline is over, or the answer has no such file.
pub async fn part(
    State(app): State<App>,
    Path((secret, file)): Path<(String, String)>,
    form: OpenForm,
) -> Result<Response, WebError> {
    let asked = Asked::of(&app, &secret, &form.reader).await?;
    if !asked.writable {
        return Err(late());
    }
    if !app
        .limiter
        .take(Action::Supplier, &asked.line.id, (app.settings.now)())
    {
        return Err(WebError::TooMany);
    }
    if app.store.part_file(&asked.line.id, &file).await? {
        Ok(see_other(&asked.path(FILES_STEP)))
    } else {
        Err(WebError::NotFound)
    }
}

/// A file of the answer of the link, and of no other.
///
/// # Errors
/// When the link is unknown, was closed or ran out, or its answer has no such file.
pub async fn own(
    State(app): State<App>,
    Path((secret, file)): Path<(String, String)>,
    reader: Reader,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let asked = Asked::of(&app, &secret, &reader).await?;
    let found = asked
        .files
        .iter()
        .find(|one| one.id == file)
        .ok_or(WebError::NotFound)?;
    serve_bytes(&app, &found.hash, found.kind, &found.name, false, &headers).await
}

/// A file of an answer that was handed in, for those who work on the purchase, once answers may be read.
///
/// # Errors
/// When the file is not of the person's organisations, answers are sealed, or there is no such file.
pub async fn received(
    State(app): State<App>,
    Path((id, file)): Path<(String, String)>,
    signed_in: SignedIn,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let kept = Kept::of(&app, &id, &signed_in.person).await?;
    if !kept.progress.is_readable() {
        return Err(WebError::NotFound);
    }
    let files = app.store.files_of_purchase(&kept.row.id).await?;
    let found = files
        .iter()
        .find(|one| one.id == file)
        .ok_or(WebError::NotFound)?;
    serve_bytes(&app, &found.hash, found.kind, &found.name, false, &headers).await
}
