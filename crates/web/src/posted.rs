//! What a form sent: fields in order, repeated ones included, read after the guards.

pub mod upload;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use jiff::SignedDuration;
use sobria_catalogue::account::Person;
use sobria_identity::secret::{Secret, same};
use sobria_store::SecretPurpose;

use crate::FORM_BYTES;
use crate::app::App;
use crate::error::WebError;
use crate::params::pairs_up_to;
use crate::session::{Origin, Reader, SignedIn, origin};

/// Name of the field that proves that a form was made for this session.
pub const CSRF: &str = "_csrf";
/// Most fields of one form.
const FIELDS_MAX: usize = 2000;

/// Fields of a form, in the order in which they were sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl From<Vec<(String, String)>> for Fields {
    fn from(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }
}

impl Fields {
    /// Reads `name=value&…`.
    pub fn parse(body: &str) -> Self {
        Self(pairs_up_to(body, FIELDS_MAX + 1))
    }

    /// The first value of a field; blank when absent.
    pub fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(found, _)| found == name)
            .map_or("", |(_, value)| value.as_str())
    }

    /// Every value of a field.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0
            .iter()
            .filter(move |(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether the field was sent, even blank.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(found, _)| found == name)
    }

    /// The same fields, one of them with this value alone.
    #[must_use]
    pub fn with(&self, name: &str, value: String) -> Self {
        let others = self.0.iter().filter(|(found, _)| found != name).cloned();
        Self(others.chain([(name.to_owned(), value)]).collect())
    }

    /// Every field and value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A form that anyone may send.
#[derive(Debug, Clone)]
pub struct OpenForm {
    /// Who sent it.
    pub reader: Reader,
    /// What was sent.
    pub fields: Fields,
}

/// The token that an open form must show: that of the session, when the origin of the request does not prove that a page
/// of this site sent it. Without a session there is nothing to abuse.
pub fn open_proof<'r>(app: &App, headers: &axum::http::HeaderMap, reader: &'r Reader) -> Option<&'r str> {
    let own = origin(headers, &app.settings.base_url) == Origin::Own;
    (!own && !reader.csrf().is_empty()).then(|| reader.csrf())
}

/// A form of somebody who signed in. When the session ended meanwhile, what was typed is kept for a day and comes
/// back after signing in.
#[derive(Debug, Clone)]
pub struct SignedForm {
    /// Who sent it.
    pub reader: Reader,
    /// The account with its organisations.
    pub person: Person,
    /// What was sent.
    pub fields: Fields,
}

impl SignedForm {
    /// The same without the fields.
    pub fn signed_in(&self) -> SignedIn {
        SignedIn {
            reader: self.reader.clone(),
            person: self.person.clone(),
        }
    }
}

async fn read(request: Request) -> Result<(Fields, String), WebError> {
    let form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
    if !form {
        return Err(WebError::Invalid(
            "Ce formulaire doit être envoyé par la page qui le présente.".to_owned(),
        ));
    }
    let bytes = Limited::new(request.into_body(), FORM_BYTES)
        .collect()
        .await
        .map_err(|error| {
            if error.downcast_ref::<LengthLimitError>().is_some() {
                WebError::TooLarge
            } else {
                WebError::Invalid("La demande a été interrompue avant la fin.".to_owned())
            }
        })?
        .to_bytes();
    let text = String::from_utf8(bytes.to_vec()).map_err(|error| {
        WebError::Invalid(format!(
            "La demande n’est pas du texte lisible ({}).",
            error.utf8_error()
        ))
    })?;
    let fields = Fields::parse(&text);
    if fields.0.len() > FIELDS_MAX {
        return Err(WebError::TooLarge);
    }
    Ok((fields, text))
}

pub(crate) fn forged() -> WebError {
    WebError::Forbidden(
        "Cette page a été ouverte dans une autre session. Revenez en arrière, rechargez la page, puis recommencez."
            .to_owned(),
    )
}

impl FromRequest<App> for OpenForm {
    type Rejection = WebError;

    async fn from_request(request: Request, app: &App) -> Result<Self, WebError> {
        let reader = request.extensions().get::<Reader>().cloned().unwrap_or_default();
        let from = origin(request.headers(), &app.settings.base_url);
        let (fields, _) = read(request).await?;
        // With a session, an unproven origin must show the token; without one there is nothing to abuse.
        let proven = from == Origin::Own || reader.csrf().is_empty() || same(reader.csrf(), fields.get(CSRF));
        if proven {
            Ok(Self { reader, fields })
        } else {
            Err(forged())
        }
    }
}

impl FromRequest<App> for SignedForm {
    type Rejection = WebError;

    async fn from_request(request: Request<Body>, app: &App) -> Result<Self, WebError> {
        let reader = request.extensions().get::<Reader>().cloned().unwrap_or_default();
        let path = request.uri().path().to_owned();
        let (fields, text) = read(request).await?;
        let Some(person) = reader.person().cloned() else {
            return Err(WebError::SignIn(keep(app, &path, &text).await?));
        };
        if !same(reader.csrf(), fields.get(CSRF)) {
            return Err(forged());
        }
        Ok(Self {
            reader,
            person,
            fields,
        })
    }
}

/// Keeps what was typed, and says where it is taken up again.
async fn keep(app: &App, path: &str, body: &str) -> Result<String, WebError> {
    let secret = Secret::generate().map_err(|error| WebError::Internal(error.to_string()))?;
    let payload = serde_json::json!([path, body]).to_string();
    app.store
        .keep_secret(
            &secret.digest(),
            SecretPurpose::Resume,
            None,
            &payload,
            (app.settings.now)(),
            SignedDuration::from_hours(24),
        )
        .await?;
    Ok(format!("/reprendre/{}", secret.reveal()))
}
