//! `/api/v1/governance`, `/resources`, `/solutions`, `/suppliers`: lists of entries with their links.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Value as Json, json};
use sobria_catalogue::access::Level;
use sobria_catalogue::entry::EntryKind;
use sobria_catalogue::link::End;

use super::{cursor, read_cursor, unknown_parameter};
use crate::app::App;
use crate::error::WebError;
use crate::params::pairs;
use crate::relations;
use crate::respond::{JSON, cached};
use crate::routes::entries::list::{Asked, readable};
use crate::routes::entries::page::{document, end_of};

/// Entries in one answer.
const PAGE: usize = 50;

/// Addresses of the lists, and what each holds.
pub const LISTS: [(&str, EntryKind); 4] = [
    ("/api/v1/governance", EntryKind::Governance),
    ("/api/v1/resources", EntryKind::Resource),
    ("/api/v1/solutions", EntryKind::Solution),
    ("/api/v1/suppliers", EntryKind::Supplier),
];

/// Answers a search.
///
/// # Errors
/// When a parameter is unknown, or the database does not answer.
pub async fn list(
    State(app): State<App>,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let (_, kind) = LISTS
        .into_iter()
        .find(|(path, _)| *path == uri.path())
        .ok_or(WebError::NotFound)?;
    let mut asked = Asked::default();
    let mut offset = 0_usize;
    for (name, value) in pairs(query.as_deref().unwrap_or("")) {
        match name.as_str() {
            "q" => asked.text = value.trim().chars().take(200).collect(),
            "type" => asked.sort = value,
            "theme" => asked.theme = value,
            "cursor" => offset = read_cursor(&value)?,
            other => return Err(unknown_parameter(other, "q, type, theme, cursor")),
        }
    }
    cached(&app, &uri, &headers, JSON, async {
        let mut items = readable(&app, kind, Level::Public).await?;
        items.retain(|item| asked.admits(item));
        let shown = || items.iter().skip(offset).take(PAGE);
        let ends: Vec<End> = shown().filter_map(end_of).collect();
        let links = relations::among(&app, &ends, Level::Public).await?;
        let page: Vec<Json> = shown()
            .map(|item| {
                let seen = end_of(item).and_then(|end| links.get(&end));
                document(&app, item, seen.map_or(&[][..], Vec::as_slice))
            })
            .collect();
        let next = offset.saturating_add(page.len());
        Ok(json!({
            "total": items.len(),
            "next": (next < items.len() && !page.is_empty()).then(|| cursor(next)),
            "items": page,
        })
        .to_string())
    })
    .await
}
