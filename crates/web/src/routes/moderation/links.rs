//! `/moderation/liens`: addresses that no longer answer, with the records that hold them.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::moderators_only;
use crate::app::App;
use crate::error::WebError;
use crate::link_watch::{failing, words};
use crate::routes::account::fresh;
use crate::routes::account::settings::space_page;
use crate::session::SignedIn;
use crate::view::library::Link;
use crate::view::{FormBlock, RichText};

/// Where it is.
pub const PATH: &str = "/moderation/liens";
/// Addresses shown.
const SHOWN: usize = 200;

/// The page.
///
/// # Errors
/// When the account is no moderator, or the database does not answer.
pub async fn show(State(app): State<App>, signed_in: SignedIn) -> Result<Response, WebError> {
    moderators_only(&signed_in)?;
    let mut page = space_page(
        &app,
        &signed_in.person,
        "Liens à vérifier",
        "Adresses des fiches publiées ou à relire qui n’ont pas répondu à leur dernière vérification. Un lien est dit mort après trois échecs sur sept jours.",
        PATH,
    );
    let now = (app.settings.now)();
    let found = failing(&app, None).await?;
    if app.settings.demo {
        page.notice = Some(
            "Démonstration\u{a0}: ces résultats sont inventés, le site ne demande aucune adresse.".to_owned(),
        );
    } else if !app.settings.links.check {
        page.notice = Some(
            "Ce site ne vérifie pas les liens\u{a0}: c’est un choix de son exploitant («\u{a0}links.check\u{a0}» dans la configuration)."
                .to_owned(),
        );
    }
    for (position, (url, check, uses)) in found.iter().take(SHOWN).enumerate() {
        page.blocks.push(FormBlock {
            id: format!("lien-{position}"),
            title: sobria_catalogue::text::excerpt(url, 120),
            lines: vec![words(check, now)],
            links: uses
                .iter()
                .map(|one| one.record.clone())
                .chain([Link::new("Ouvrir l’adresse", url.clone())])
                .collect(),
            ..FormBlock::default()
        });
    }
    if found.is_empty() {
        page.blocks.push(FormBlock {
            text: RichText::parse(if app.settings.links.check {
                "Toutes les adresses vérifiées répondent."
            } else {
                "Aucune adresse n’est connue pour ne plus répondre."
            }),
            links: vec![Link::new("File des contributions", "/moderation")],
            ..FormBlock::default()
        });
    }
    fresh(StatusCode::OK, &page)
}
