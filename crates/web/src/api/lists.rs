//! Organisations, facets, vocabularies and schema as JSON.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Map, Value as Json, json};
use sobria_catalogue::access::Level;
use sobria_catalogue::query::{CatalogueQuery, Facet};

use super::{cursor, read_cursor, unknown_parameter};
use crate::app::App;
use crate::carriers::words;
use crate::error::WebError;
use crate::params::pairs;
use crate::respond::{JSON, cached};
use crate::routes::facets::value_label;

/// Organisations in one answer.
const PAGE: u32 = 100;

/// Lists the organisations that carry a readable record.
pub async fn organisations(
    State(app): State<App>,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let mut text = String::new();
    let mut offset = 0_u32;
    for (name, value) in pairs(query.as_deref().unwrap_or("")) {
        match name.as_str() {
            "q" => text = value.chars().take(200).collect(),
            "cursor" => offset = read_cursor(&value)?,
            other => return Err(unknown_parameter(other, "q, cursor")),
        }
    }
    cached(&app, &uri, &headers, JSON, async {
        let wanted = words(&text, &app.vocabularies());
        let page = app.store.carriers(&wanted, offset, PAGE).await?;
        let items: Vec<Json> = page
            .items
            .iter()
            .map(|item| {
                let mut map = item.organisation.to_json();
                map.insert("use_cases".to_owned(), json!(item.published));
                map.insert(
                    "url".to_owned(),
                    json!(format!(
                        "{}/organisations/{}",
                        app.settings.base_url, item.organisation.slug
                    )),
                );
                Json::Object(map)
            })
            .collect();
        let next = u64::from(offset).saturating_add(u64::try_from(items.len()).unwrap_or(0));
        Ok(json!({
            "items": items,
            "total": page.total,
            "next": (next < page.total && !items.is_empty()).then(|| cursor(next)),
        })
        .to_string())
    })
    .await
}

/// Counts of every facet over the whole library, with labels.
pub async fn facets(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, JSON, async {
        let found = app.index.find(&CatalogueQuery::default(), Level::Public)?;
        let document: Map<String, Json> = found
            .facets
            .iter()
            .map(|(facet, counts)| {
                let values: Vec<Json> = counts
                    .iter()
                    .map(|(code, count)| json!({"code": code, "label": value_label(*facet, code), "count": count}))
                    .collect();
                (facet.id().to_owned(), Json::Array(values))
            })
            .collect();
        Ok(json!({"total": found.total, "facets": document}).to_string())
    })
    .await
}

/// Every vocabulary: codes, labels, synonyms, status, source.
pub async fn vocabularies(
    State(app): State<App>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, JSON, async {
        Ok(sobria_exchange::schema::vocabularies(&app.vocabularies()).to_string())
    })
    .await
}

/// JSON Schema of a public record.
pub async fn schema(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, "application/schema+json", async {
        let address = format!("{}/api/v1/schema", app.settings.base_url);
        Ok(sobria_exchange::schema::published_json_schema(Level::Public, &address).to_string())
    })
    .await
}

/// The facets that visitors may use.
pub fn open_facets() -> impl Iterator<Item = Facet> {
    Facet::ALL
        .into_iter()
        .filter(|facet| facet.is_open_to(Level::Public))
}
