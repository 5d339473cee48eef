//! What a moderator decides of a version, the same for every instrument: publish it, or take it away for good.

use axum::http::header;
use axum::response::Response;
use sobria_store::{Assessment as Stored, Decision};

use super::attachment;
use crate::app::App;
use crate::error::WebError;
use crate::posted::SignedForm;
use crate::respond::JSON;
use crate::session::Reader;
use crate::view::{FormBlock, FormField, RichText};

/// A decision on a version: what it is, in words, and the fields that it asks for.
pub struct Choice {
    /// Code, which is also the identifier of the block.
    pub code: &'static str,
    /// Title of the block.
    pub title: &'static str,
    /// What it does.
    pub text: &'static str,
    /// The button.
    pub submit: &'static str,
    /// What it asks.
    pub fields: Vec<FormField>,
}

const PUBLISH: Choice = Choice {
    code: "publier",
    title: "Publier",
    text: "Cette version n’est pas publique. Une fois publiée, toutes ses réponses peuvent être lues par tous.",
    submit: "Publier cette version",
    fields: Vec::new(),
};
const WITHDRAW: Choice = Choice {
    code: "retirer",
    title: "Retirer",
    text: "Retirer efface cette version pour de bon.",
    submit: "Retirer cette version",
    fields: Vec::new(),
};

/// A block that names the version which its reader looked at.
pub fn block(choice: Choice, newest: &Stored, reader: &Reader, path: &str) -> FormBlock {
    FormBlock {
        id: choice.code.to_owned(),
        title: choice.title.to_owned(),
        text: RichText::parse(choice.text),
        action: path.to_owned(),
        csrf: reader.csrf().to_owned(),
        hidden: vec![
            ("action".to_owned(), choice.code.to_owned()),
            ("version".to_owned(), newest.id.clone()),
            ("apres".to_owned(), newest.number.to_string()),
        ],
        fields: choice.fields,
        submit: choice.submit.to_owned(),
        ..FormBlock::default()
    }
}

/// What a moderator may do with the newest version.
pub fn blocks(newest: &Stored, may_publish: bool, reader: &Reader, path: &str) -> Vec<FormBlock> {
    (newest.published_at.is_none() && may_publish)
        .then_some(PUBLISH)
        .into_iter()
        .chain([WITHDRAW])
        .map(|choice| block(choice, newest, reader, path))
        .collect()
}

/// The answer to somebody who decides on a version that is no longer the newest.
pub fn changed_meanwhile() -> WebError {
    WebError::Conflict(
        "Une autre version a été enregistrée entre-temps. Rechargez la page pour la lire.".to_owned(),
    )
}

/// Publishes or withdraws a version, and says whether it did either.
///
/// # Errors
/// When the database does not answer.
pub async fn settle(app: &App, newest: &Stored, form: &SignedForm) -> Result<bool, WebError> {
    let by = form.person.account.id.to_string();
    let decision = Decision {
        actor: &by,
        reason: "",
        now: (app.settings.now)(),
    };
    match form.fields.get("action") {
        "publier" => {
            app.store.publish_assessment(&newest.id, decision).await?;
        }
        "retirer" => {
            app.store.delete_assessment(&newest.id, decision).await?;
        }
        _ => return Ok(false),
    }
    crate::refresh::at_once(app).await;
    Ok(true)
}

/// A document that a browser shows rather than saves.
pub fn shown(document: &serde_json::Value, name: &str) -> Response {
    let mut response = attachment(document.to_string().into_bytes(), JSON, name);
    response.headers_mut().remove(header::CONTENT_DISPOSITION);
    response
}
