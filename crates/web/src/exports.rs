//! Exports as files: built once per catalogue revision and format, the same bytes for the address and the command.

use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use jiff::Timestamp;
use sobria_catalogue::access::{Level, VisibleUseCase, redact};
use sobria_catalogue::id::UseCaseId;
use sobria_exchange::export::{CsvOptions, Format, SiteInfo, write_with};
use sobria_store::Store;

use crate::app::App;
use crate::assets::{accepts_gzip, gzip};
use crate::cache::{add_validators, matches_validator};
use crate::error::WebError;
use crate::params::ListParams;
use crate::site::Site;

/// Records read at once.
const BATCH: u32 = 1000;

/// Serves `/exports/{file}`: the whole library, or the results of the search in the query string.
///
/// # Errors
/// When the file is unknown, or the database does not answer.
pub async fn file(
    State(app): State<App>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let format = name
        .strip_prefix("use-cases.")
        .and_then(Format::from_extension)
        .ok_or(WebError::NotFound)?;
    let query = query.unwrap_or_default();
    let validator = app.validator(&format!("/exports/{name}?{query}"));
    if matches_validator(&headers, &validator) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        add_validators(response.headers_mut(), &validator);
        return Ok(response);
    }
    let options = CsvOptions::from_query(&query);
    let params = ListParams::parse(&query, Level::Public);
    let records = if params.query.is_narrowed() {
        results(&app, params).await?
    } else {
        all(&app.store, Level::Public).await?
    };
    let bytes = encode(
        records,
        format,
        Level::Public,
        &app.settings.site,
        &app.settings.base_url,
        &options,
    )?;
    let mut response = Response::builder()
        .header(header::CONTENT_TYPE, format.media_type())
        .header(
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        );
    let body = match gzip(&bytes, 5).filter(|_| accepts_gzip(&headers) && format.is_text()) {
        Some(packed) => {
            response = response.header(header::CONTENT_ENCODING, "gzip");
            Bytes::from(packed)
        }
        None => Bytes::from(bytes),
    };
    let mut response = response
        .body(Body::from(body))
        .map_err(|error| WebError::Internal(error.to_string()))?;
    add_validators(response.headers_mut(), &validator);
    Ok(response)
}

async fn results(app: &App, mut params: ListParams) -> Result<Vec<VisibleUseCase>, WebError> {
    params.query.offset = 0;
    params.query.limit = usize::MAX;
    let mut ids: Vec<UseCaseId> = app.index.find(&params.query, Level::Public)?.ids;
    ids.sort_unstable();
    let mut records = Vec::with_capacity(ids.len());
    for part in ids.chunks(1000) {
        records.extend(
            app.store
                .use_cases_by_ids(part)
                .await?
                .into_iter()
                .map(|r| redact(r, Level::Public)),
        );
    }
    Ok(records)
}

async fn all(store: &Store, level: Level) -> Result<Vec<VisibleUseCase>, WebError> {
    let mut records = Vec::new();
    let mut after = None;
    loop {
        let batch = store.stream_published(after, BATCH).await?;
        let Some(last) = batch.last() else { break };
        after = Some(last.id);
        records.extend(batch.into_iter().map(|record| redact(record, level)));
    }
    Ok(records)
}

/// The whole library in one format: what the command writes and what the address serves.
///
/// # Errors
/// When the database does not answer, or the format cannot be written.
pub async fn whole(
    store: &Store,
    format: Format,
    level: Level,
    site: &Site,
    base_url: &str,
) -> Result<Vec<u8>, ExportError> {
    let records = all(store, level)
        .await
        .map_err(|error| ExportError(format!("{error:?}")))?;
    encode(records, format, level, site, base_url, &CsvOptions::default())
        .map_err(|error| ExportError(format!("{error:?}")))
}

/// An export that could not be made.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ExportError(String);

fn encode(
    records: Vec<VisibleUseCase>,
    format: Format,
    level: Level,
    site: &Site,
    base_url: &str,
    options: &CsvOptions,
) -> Result<Vec<u8>, WebError> {
    let modified = records
        .iter()
        .map(|item| item.record().updated_at)
        .max()
        .unwrap_or(Timestamp::UNIX_EPOCH);
    let info = site_info(site, base_url, modified);
    let mut bytes = Vec::new();
    write_with(
        format,
        level,
        &info,
        options,
        records.into_iter().map(Ok::<_, std::io::Error>),
        &mut bytes,
    )
    .map_err(|error| WebError::Internal(error.to_string()))?;
    Ok(bytes)
}

/// What exports say of the instance.
pub fn site_info(site: &Site, base_url: &str, modified: Timestamp) -> SiteInfo {
    SiteInfo {
        base_url: base_url.to_owned(),
        licence: site.licence_spdx.clone(),
        licence_url: site.licence_url.clone(),
        operator: site.operator.clone(),
        instance_name: site.name.clone(),
        modified,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}
