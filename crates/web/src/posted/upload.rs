//! A form with a file: its fields, and the bytes written to a place as they come, never held whole.

use std::path::Path;

use axum::extract::{FromRequest as _, Multipart, Request};
use sobria_catalogue::text::clean_line;
use sobria_identity::secret::same;
use tokio::io::AsyncWriteExt as _;

use super::{CSRF, Fields, forged};
use crate::app::App;
use crate::error::WebError;
use crate::session::{Reader, SignedIn};

/// Longest field beside the file, in bytes.
const FIELD_BYTES: usize = 4096;
/// Fields beside the file.
const FIELDS: usize = 40;
/// Room for what a form holds beside its file, in bytes.
pub const OVERHEAD: usize = 256 * 1024;

/// What a form with a file sent.
#[derive(Debug)]
pub struct Upload {
    /// Fields beside the file.
    pub fields: Fields,
    /// Name and length of the file; none when no file was chosen.
    pub file: Option<(String, u64)>,
}

/// Who sends a form with a file; nothing of its body is read yet.
///
/// # Errors
/// When nobody signed in.
pub fn sender(request: &Request, back: &str) -> Result<SignedIn, WebError> {
    let reader = request.extensions().get::<Reader>().cloned().unwrap_or_default();
    match reader.person().cloned() {
        Some(person) => Ok(SignedIn { reader, person }),
        None => Err(WebError::SignIn(back.to_owned())),
    }
}

/// Reads the form and writes its file at `place`. The token of the session comes first, or nothing is read.
///
/// # Errors
/// When the form is not one of this session, is cut, or its file is longer than `limit`.
pub async fn receive(
    app: &App,
    signed_in: &SignedIn,
    request: Request,
    place: &Path,
    limit: usize,
) -> Result<Upload, WebError> {
    let cut = |error: axum::extract::multipart::MultipartError| {
        if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
            WebError::TooLarge
        } else {
            WebError::Invalid("Le fichier n’est pas arrivé jusqu’au bout. Envoyez-le à nouveau.".to_owned())
        }
    };
    let mut form = Multipart::from_request(request, app)
        .await
        .map_err(|_not_multipart| {
            WebError::Invalid("Ce formulaire doit être envoyé par la page qui le présente.".to_owned())
        })?;
    let (mut fields, mut file) = (Vec::new(), None);
    let mut proven = false;
    while let Some(mut part) = form.next_field().await.map_err(cut)? {
        let name = part.name().unwrap_or("").to_owned();
        if let Some(given) = part.file_name().map(file_name) {
            if !proven {
                return Err(forged());
            }
            if file.is_some() {
                return Err(WebError::Invalid("Envoyez un seul fichier à la fois.".to_owned()));
            }
            let mut out = tokio::fs::File::create(place).await.map_err(unwritable)?;
            let mut length: usize = 0;
            while let Some(bytes) = part.chunk().await.map_err(cut)? {
                length = length.saturating_add(bytes.len());
                if length > limit {
                    return Err(WebError::TooLarge);
                }
                out.write_all(&bytes).await.map_err(unwritable)?;
            }
            out.flush().await.map_err(unwritable)?;
            file = (length > 0).then(|| (given, u64::try_from(length).unwrap_or(u64::MAX)));
            continue;
        }
        let mut value = Vec::new();
        while let Some(bytes) = part.chunk().await.map_err(cut)? {
            value.extend_from_slice(&bytes);
            if value.len() > FIELD_BYTES {
                return Err(WebError::TooLarge);
            }
        }
        let value = String::from_utf8(value)
            .map_err(|_not_text| WebError::Invalid("La demande n’est pas du texte lisible.".to_owned()))?;
        if name == CSRF {
            proven = same(signed_in.reader.csrf(), &value);
        }
        fields.push((name, value));
        if fields.len() > FIELDS {
            return Err(WebError::TooLarge);
        }
    }
    if !proven {
        return Err(forged());
    }
    Ok(Upload {
        fields: Fields::from(fields),
        file,
    })
}

fn unwritable(error: std::io::Error) -> WebError {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => WebError::Full,
        _ => WebError::Internal(format!("an upload cannot be written: {error}")),
    }
}

/// The last part of what the browser calls the file, as one line of at most 120 characters.
pub(crate) fn file_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or("");
    let name: String = clean_line(last).chars().take(120).collect();
    if name.is_empty() {
        "fichier".to_owned()
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_part_of_a_name_is_kept() {
        for (given, kept) in [
            ("bibliotheque.csv", "bibliotheque.csv"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\moi\\fichier.xlsx", "fichier.xlsx"),
            ("a\r\nb.csv", "a b.csv"),
            ("", "fichier"),
            ("/", "fichier"),
        ] {
            assert_eq!(file_name(given), kept, "{given:?}");
        }
        assert_eq!(file_name(&"é".repeat(500)).chars().count(), 120);
    }
}
