//! Links with a secret, sent by mail: what they stand for, and the button of their pages.
//!
//! Programs that read mail follow links on their own: following one changes nothing, its button does.

use sobria_catalogue::id::UserId;
use sobria_identity::secret::Secret;
use sobria_store::SecretPurpose;

use crate::app::App;
use crate::error::WebError;
use crate::view::FormBlock;

/// Field of the forms that hold a link.
pub const FIELD: &str = "lien";

/// What a secret was made for: an account where there is one, and what was written with it.
pub type Kept = (Option<UserId>, String);

/// What a link stands for while it is good. It stays good.
///
/// # Errors
/// When the database does not answer.
pub async fn look_at(app: &App, text: &str, purpose: SecretPurpose) -> Result<Option<Kept>, WebError> {
    let Some(secret) = Secret::parse(text) else {
        return Ok(None);
    };
    let now = (app.settings.now)();
    Ok(app.store.look_at_secret(&secret.digest(), purpose, now).await?)
}

/// What a link stands for while it is good. It is good no more.
///
/// # Errors
/// When the database does not answer.
pub async fn spend(app: &App, text: &str, purpose: SecretPurpose) -> Result<Option<Kept>, WebError> {
    let Some(secret) = Secret::parse(text) else {
        return Ok(None);
    };
    let now = (app.settings.now)();
    Ok(app.store.use_secret(&secret.digest(), purpose, now).await?)
}

/// The button of the page behind a link.
pub fn button(action: &str, text: String, submit: &str) -> FormBlock {
    FormBlock {
        action: action.to_owned(),
        hidden: vec![(FIELD.to_owned(), text)],
        submit: submit.to_owned(),
        ..FormBlock::default()
    }
}
