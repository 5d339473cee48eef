//! `/courriels`: the messages of the demonstration, which leave nowhere.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::app::App;
use crate::error::WebError;
use crate::letters::parts;
use crate::routes::account::{form_page, fresh};
use crate::view::FormBlock;
use crate::view::library::Link;

/// Messages shown.
const SHOWN: u32 = 20;

/// The page.
///
/// # Errors
/// When the instance is not a demonstration, or the database does not answer.
pub async fn page(State(app): State<App>) -> Result<Response, WebError> {
    if !app.settings.demo {
        return Err(WebError::NotFound);
    }
    let mut page = form_page(
        &app,
        "Courriels de la démonstration",
        "Aucun message ne part d’ici\u{a0}: voici ceux qui seraient partis, les plus récents d’abord.",
        "/courriels",
    );
    let mails = app.store.mails(None, SHOWN).await?;
    if mails.is_empty() {
        "Aucun message pour l’instant.".clone_into(&mut page.lead);
    }
    for (number, mail) in mails.iter().enumerate() {
        let (subject, text) = parts(&mail.message);
        let links = text
            .split_whitespace()
            .filter_map(|word| word.strip_prefix(&app.settings.base_url))
            .filter(|path| path.starts_with('/'))
            .map(|path| Link::new("Suivre le lien du message", path))
            .take(1)
            .collect();
        page.blocks.push(FormBlock {
            id: format!("message-{number}"),
            title: subject,
            lines: std::iter::once(format!(
                "À {}, {}",
                mail.to.as_str(),
                crate::locale::moment(mail.made_at)
            ))
            .chain(
                text.lines()
                    .take_while(|line| *line != "-- ")
                    .filter(|line| !line.trim().is_empty())
                    .map(str::to_owned),
            )
            .collect(),
            links,
            ..FormBlock::default()
        });
    }
    fresh(StatusCode::OK, &page)
}
