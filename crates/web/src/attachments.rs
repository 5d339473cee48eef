//! Files that come with a record: limits, what was sent by a form, and how they are told and served.

use std::path::PathBuf;

use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use http_body_util::Limited;
use serde::{Deserialize, Serialize};
use sobria_catalogue::access::VisibleFile;
use sobria_catalogue::account::Person;
use sobria_catalogue::attachment::{FileFacts, FileKind, title_or_name};
use sobria_catalogue::field::Visibility;
use sobria_catalogue::workflow::Withdrawal;
use sobria_exchange::attachment::CleanFile;
use sobria_identity::secret::same;
use sobria_store::Files;

use crate::app::App;
use crate::cache::matches_validator;
use crate::error::WebError;
use crate::posted::{CSRF, Fields, forged};
use crate::session::{Reader, SignedIn};
use crate::view::record::FileLine;

/// Bytes of a form around the file that it carries.
const AROUND: usize = 64 * 1024;
/// Fields of such a form.
const FIELDS_MAX: usize = 50;

/// How many files a record may have, and how large; in the configuration of the operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileLimits {
    /// Largest file, in megabytes of a million bytes.
    pub max_mb: u32,
    /// Most files of one record.
    pub per_record: u32,
}

impl Default for FileLimits {
    fn default() -> Self {
        Self {
            max_mb: 10,
            per_record: 10,
        }
    }
}

impl FileLimits {
    /// Largest file, in bytes.
    pub fn bytes(&self) -> usize {
        usize::try_from(self.max_mb)
            .unwrap_or(usize::MAX)
            .saturating_mul(1_000_000)
    }

    /// The rule in one sentence.
    pub fn words(&self) -> String {
        format!(
            "PDF, PNG, JPEG, ODT ou CSV\u{202f}; {}\u{a0}Mo au plus par fichier, {} fichiers au plus par fiche.",
            self.max_mb, self.per_record
        )
    }
}

/// Where files are kept, and how many.
#[derive(Debug, Clone)]
pub struct FileSettings {
    /// The data folder.
    pub data: PathBuf,
    /// The limits.
    pub limits: FileLimits,
}

/// A form of somebody who signed in, with the file that it carries.
#[derive(Debug)]
pub struct FileForm {
    /// Who sent it.
    pub reader: Reader,
    /// The account with its organisations.
    pub person: Person,
    /// What was typed.
    pub fields: Fields,
    /// Name that the browser gives to the file.
    pub name: String,
    /// Its bytes; more than the limit when [`FileForm::too_large`].
    pub bytes: Vec<u8>,
    /// Whether the file is larger than the limit; its bytes were not kept.
    pub too_large: bool,
}

impl FileForm {
    /// Who sent it, as other requests say it.
    pub fn signed_in(&self) -> SignedIn {
        SignedIn {
            reader: self.reader.clone(),
            person: self.person.clone(),
        }
    }
}

impl FromRequest<App> for FileForm {
    type Rejection = WebError;

    async fn from_request(request: Request, app: &App) -> Result<Self, WebError> {
        let reader = request.extensions().get::<Reader>().cloned().unwrap_or_default();
        let path = request.uri().path().to_owned();
        // Nothing is read of what somebody unknown sends.
        let Some(person) = reader.person().cloned() else {
            return Err(WebError::SignIn(path));
        };
        let sent = receive(app, request, Some(reader.csrf())).await?;
        Ok(Self {
            reader,
            person,
            fields: sent.fields,
            name: sent.name,
            bytes: sent.bytes,
            too_large: sent.too_large,
        })
    }
}

/// What a form with a file sent, whoever sent it.
#[derive(Debug)]
pub struct Sent {
    /// What was typed.
    pub fields: Fields,
    /// Name that the browser gives to the file.
    pub name: String,
    /// Its bytes; none when [`Sent::too_large`].
    pub bytes: Vec<u8>,
    /// Whether the file is larger than the limit.
    pub too_large: bool,
}

/// Reads a form with a file. Where a proof is asked for, it comes before the file or nothing of that is read.
///
/// # Errors
/// When the form is not one, is cut, is larger than it may be, or lacks the proof.
pub async fn receive(app: &App, request: Request, proof: Option<&str>) -> Result<Sent, WebError> {
    let proven = |typed: &[(String, String)]| {
        proof.is_none_or(|proof| {
            let sent = typed.iter().find(|(key, _)| key == CSRF);
            same(proof, sent.map_or("", |(_, value)| value.as_str()))
        })
    };
    let most = app.settings.files.limits.bytes();
    // A little more is let in, so that a file just above the limit is refused with words, not with a cut connection.
    let (parts, body) = request.into_parts();
    let limited = Body::new(Limited::new(body, most.saturating_mul(2).saturating_add(AROUND)));
    let mut form = Multipart::from_request(Request::from_parts(parts, limited), app)
        .await
        .map_err(|_not_a_form| {
            WebError::Invalid("Ce formulaire doit être envoyé par la page qui le présente.".to_owned())
        })?;
    let mut typed = Vec::new();
    let (mut name, mut bytes, mut too_large) = (String::new(), Vec::new(), false);
    while let Some(mut field) = form.next_field().await.map_err(cut)? {
        let key = field.name().unwrap_or("").to_owned();
        if let Some(file) = field.file_name().map(str::to_owned) {
            if !proven(&typed) {
                return Err(forged());
            }
            let mut kept = Vec::new();
            while let Some(chunk) = field.chunk().await.map_err(cut)? {
                if kept.len() + chunk.len() > most {
                    too_large = true;
                    kept.clear();
                }
                if !too_large {
                    kept.extend_from_slice(&chunk);
                }
            }
            // Several files in one field: the first is taken, as the page says.
            if name.is_empty() {
                (name, bytes) = (file, kept);
            }
            continue;
        }
        let text = field.bytes().await.map_err(cut)?;
        if typed.len() >= FIELDS_MAX || text.len() > AROUND {
            return Err(WebError::TooLarge);
        }
        typed.push((key, String::from_utf8_lossy(&text).into_owned()));
    }
    if !proven(&typed) {
        return Err(forged());
    }
    Ok(Sent {
        fields: Fields::from(typed),
        name,
        bytes,
        too_large,
    })
}

fn cut(error: axum::extract::multipart::MultipartError) -> WebError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        WebError::TooLarge
    } else {
        WebError::Invalid("L’envoi a été interrompu avant la fin. Recommencez.".to_owned())
    }
}

/// What a file is, in one line: "document PDF, 48 ko".
pub fn words(file: &FileFacts) -> String {
    format!("{}, {}", file.kind.label(), crate::locale::size(file.bytes))
}

/// Who reads a file, in a sentence.
pub const fn readers(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => "lu par tout le monde",
        Visibility::Members => "lu par les agents inscrits",
        Visibility::Organisation | Visibility::Moderators => "lu par votre organisme et la modération",
    }
}

/// Files as the page of a record shows them.
pub fn lines(files: &[VisibleFile]) -> Vec<FileLine> {
    files
        .iter()
        .map(|visible| {
            let file = &visible.attachment().file;
            let mut note = words(file);
            if file.visibility != Visibility::Public {
                note = format!("{note}, {}", readers(file.visibility));
            }
            FileLine {
                label: file.title.clone(),
                href: visible.path(),
                note,
            }
        })
        .collect()
}

/// The policy of a file: whatever opens it runs nothing and reaches nothing.
pub const POLICY: &str =
    "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Serves the bytes of a file that its reader may read.
///
/// # Errors
/// When the bytes are missing or damaged.
pub async fn serve(app: &App, visible: &VisibleFile, headers: &HeaderMap) -> Result<Response, WebError> {
    let file = &visible.attachment().file;
    let public = file.visibility == Visibility::Public;
    serve_bytes(app, &file.hash, file.kind, &file.name, public, headers).await
}

/// Serves the bytes of a hash under a name. Whether the reader may read them was decided before.
///
/// # Errors
/// When the bytes are missing or damaged.
pub async fn serve_bytes(
    app: &App,
    hash: &str,
    kind: FileKind,
    name: &str,
    public: bool,
    headers: &HeaderMap,
) -> Result<Response, WebError> {
    let validator = format!("\"{hash}\"");
    let mut response = if matches_validator(headers, &validator) {
        let mut empty = Response::new(Body::empty());
        *empty.status_mut() = StatusCode::NOT_MODIFIED;
        empty
    } else {
        let (files, hash) = (app.files.clone(), hash.to_owned());
        let bytes = tokio::task::spawn_blocking(move || files.read(&hash))
            .await
            .map_err(|error| WebError::Internal(error.to_string()))??;
        Response::new(Body::from(bytes))
    };
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind.media_type()));
    let caching = if public { "no-cache" } else { "private, no-cache" };
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    fields.insert(header::VARY, HeaderValue::from_static("cookie"));
    let as_header =
        |text: &str| HeaderValue::from_str(text).map_err(|error| WebError::Internal(error.to_string()));
    fields.insert(header::ETAG, as_header(&validator)?);
    fields.insert(header::CONTENT_DISPOSITION, as_header(&disposition(name))?);
    Ok(response)
}

/// Reads and rewrites a file beside the requests, one at a time: a picture takes much memory. A refusal is a sentence
/// for whoever sent it.
///
/// # Errors
/// When the server stops.
pub async fn cleaned(app: &App, bytes: Vec<u8>, name: String) -> Result<Result<CleanFile, String>, WebError> {
    let _place = app
        .cleaning
        .acquire()
        .await
        .map_err(|error| WebError::Internal(error.to_string()))?;
    let shown = sobria_catalogue::text::excerpt(&name, 80);
    let done = tokio::task::spawn_blocking(move || sobria_exchange::attachment::clean(&bytes, &name)).await;
    Ok(match done {
        Ok(Ok(file)) => Ok(file),
        Ok(Err(refusal)) => Err(refusal.to_string()),
        // A reader of files that gives up says that the file is not one.
        Err(error) => {
            tracing::warn!(%error, "a file could not be read");
            Err(format!(
                "Le fichier «\u{a0}{shown}\u{a0}» ne peut pas être lu. Ouvrez-le, enregistrez-le de nouveau, puis recommencez."
            ))
        }
    })
}

/// Puts bytes on disk, and answers with their hash. Until a row names it, a hold of the caller keeps them from being
/// swept away.
///
/// # Errors
/// When they cannot be written.
pub async fn put(app: &App, bytes: Vec<u8>) -> Result<String, WebError> {
    let files = app.files.clone();
    tokio::task::spawn_blocking(move || files.put(&bytes))
        .await
        .map_err(|error| WebError::Internal(error.to_string()))?
        .map_err(Into::into)
}

/// Puts a clean file on disk, as [`put`] does; `title` is what its sender calls it.
///
/// # Errors
/// When it cannot be written.
pub async fn keep(
    app: &App,
    file: CleanFile,
    title: &str,
    visibility: Visibility,
) -> Result<FileFacts, WebError> {
    let length = u64::try_from(file.bytes.len()).unwrap_or(u64::MAX);
    Ok(FileFacts {
        hash: put(app, file.bytes).await?,
        kind: file.kind,
        title: title_or_name(title, &file.name),
        name: file.name,
        bytes: length,
        visibility,
        removed: file.removed.join(" ; "),
    })
}

/// Why a file is not taken because of its length.
pub fn too_long(name: &str, limits: &FileLimits) -> String {
    format!(
        "Le fichier «\u{a0}{}\u{a0}» dépasse {}\u{a0}Mo. Réduisez-le (images, pages), ou donnez l’adresse où il se lit.",
        sobria_catalogue::text::excerpt(name, 80),
        limits.max_mb
    )
}

/// `attachment` with the name in plain letters for old programs and whole for the others (RFC 6266).
fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_graphic() && !"\"\\%;".contains(c) || c == ' ' {
                c
            } else {
                '_'
            }
        })
        .collect();
    // The encoding of forms writes a space as a plus sign, which means itself here.
    let whole = crate::params::encode(name).replace('+', "%20");
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}")
}

/// Takes a record away for good, and its files with it.
///
/// # Errors
/// When the database does not answer.
pub async fn withdraw(app: &App, withdrawal: &Withdrawal) -> Result<(), WebError> {
    let files = app.store.attachments_of(withdrawal.use_case).await?;
    // Who wrote it is told; afterwards nothing says any more who did.
    let told = crate::letters::about_withdrawal(app, withdrawal).await?;
    app.store.withdraw_record(withdrawal).await?;
    for (email, letter) in told {
        crate::letters::send(app, &email, &letter).await?;
    }
    if !files.is_empty() {
        let hashes: Vec<String> = files.into_iter().map(|attachment| attachment.file.hash).collect();
        app.store.sweep_files(&app.files, &hashes).await?;
    }
    crate::refresh::at_once(app).await;
    Ok(())
}

/// The files of an application.
pub(crate) fn folder(settings: &FileSettings) -> Files {
    Files::of(&settings.data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_download_cannot_leave_its_header() {
        assert_eq!(
            disposition("Été \"2026\".pdf"),
            "attachment; filename=\"_t_ _2026_.pdf\"; filename*=UTF-8''%C3%89t%C3%A9%20%222026%22.pdf"
        );
    }
}
