//! `/administration/courriels`: messages that could not leave.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::{admins_only, page};
use crate::app::App;
use crate::error::WebError;
use crate::letters::parts;
use crate::posted::SignedForm;
use crate::routes::account::{fresh, see_other};
use crate::session::SignedIn;
use crate::view::FormBlock;

/// Where it is.
pub const PATH: &str = "/administration/courriels";

/// Messages that could not leave.
///
/// # Errors
/// When the account is no administrator, or the database does not answer.
pub async fn show(State(app): State<App>, signed_in: SignedIn) -> Result<Response, WebError> {
    admins_only(&signed_in)?;
    let mut page = page(&app, &signed_in, "Courriels", "", PATH);
    let waiting = app.store.mails(Some("queued"), 500).await?.len();
    let dead = app.store.mails(Some("dead"), 20).await?;
    page.lead = format!(
        "{} en attente, {} abandonnés après six essais.",
        crate::locale::count(waiting),
        crate::locale::count(dead.len())
    );
    for mail in dead {
        let (subject, _) = parts(&mail.message);
        page.blocks.push(FormBlock {
            id: format!("courriel-{}", mail.id),
            title: subject,
            lines: vec![
                format!("Fait le {}", crate::locale::moment(mail.made_at)),
                format!("Dernière erreur\u{a0}: {}", mail.last_error),
            ],
            action: PATH.to_owned(),
            csrf: signed_in.reader.csrf().to_owned(),
            hidden: vec![("courriel".to_owned(), mail.id)],
            submit: "Essayer de nouveau".to_owned(),
            quiet: true,
            ..FormBlock::default()
        });
    }
    fresh(StatusCode::OK, &page)
}

/// Puts a message back in the queue.
///
/// # Errors
/// When the account is no administrator, or the database does not answer.
pub async fn revive(State(app): State<App>, form: SignedForm) -> Result<Response, WebError> {
    admins_only(&form.signed_in())?;
    app.store
        .revive_mail(form.fields.get("courriel"), (app.settings.now)())
        .await?;
    app.mail_waits.notify_one();
    Ok(see_other(PATH))
}
