//! `/administration/journal`: the audit trail.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::{Asked, admins_only, page};
use crate::app::App;
use crate::error::WebError;
use crate::routes::account::fresh;
use crate::session::SignedIn;
use crate::view::FormBlock;
use crate::view::library::Link;
use crate::view::prose::ProseTable;

/// Where it is.
pub const PATH: &str = "/administration/journal";
/// Lines of a page.
const LINES: u32 = 50;

/// The audit trail, newest first.
///
/// # Errors
/// When the account is no administrator, or the database does not answer.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    admins_only(&signed_in)?;
    let lines = app
        .store
        .audit_lines(None, asked.avant.parse().ok(), LINES)
        .await?;
    let mut page = page(
        &app,
        &signed_in,
        "Journal",
        "Qui a fait quoi. Chaque ligne porte l’empreinte de la précédente\u{a0}: «\u{a0}sobria admin check\u{a0}» vérifie la chaîne.",
        PATH,
    );
    let last = lines.last().and_then(|line| line.number);
    page.blocks.push(FormBlock {
        id: "journal".to_owned(),
        table: Some(ProseTable {
            caption: "Les plus récentes d’abord".to_owned(),
            headers: ["Quand", "Qui", "Quoi", "Sur quoi", "Détail"]
                .map(str::to_owned)
                .to_vec(),
            rows: lines
                .into_iter()
                .map(|line| {
                    vec![
                        crate::locale::moment(line.at),
                        line.actor,
                        line.action,
                        line.subject,
                        line.detail,
                    ]
                })
                .collect(),
        }),
        links: last
            .filter(|last| *last > 1)
            .map(|last| Link::new("Plus anciennes", format!("{PATH}?avant={last}")))
            .into_iter()
            .collect(),
        ..FormBlock::default()
    });
    fresh(StatusCode::OK, &page)
}
