//! Exports as files: built once per catalogue revision and format, the same bytes for the address and the command.

use std::collections::HashMap;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::Value as Json;
use sobria_catalogue::access::{Level, VisibleUseCase, redact};
use sobria_catalogue::id::UseCaseId;
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_exchange::export::{CsvOptions, Format, SiteInfo, write_beside, write_rows};
use sobria_store::Store;

use crate::app::App;
use crate::assets::{accepts_gzip, gzip};
use crate::cache::{add_validators, matches_validator};
use crate::dcat;
use crate::error::WebError;
use crate::params::ListParams;
use crate::respond::cached;
use crate::site::Site;
use crate::site::setting::overlay;

/// How long a page waits for the sizes of files.
const SOON: Duration = Duration::from_millis(300);
/// Records read at once.
const BATCH: u32 = 1000;

/// What a file holds: records, and the estimates that its reader may read.
struct Content {
    items: Vec<VisibleUseCase>,
    footprints: HashMap<UseCaseId, Vec<Json>>,
    ratios: HashMap<UseCaseId, Vec<Json>>,
}

impl Content {
    async fn with_footprints(
        store: &Store,
        items: Vec<VisibleUseCase>,
        level: Level,
    ) -> Result<Self, WebError> {
        let mut footprints: HashMap<UseCaseId, Vec<Json>> = HashMap::new();
        for evaluation in store.evaluations(level).await? {
            footprints
                .entry(evaluation.use_case)
                .or_default()
                .push(crate::evaluations::brief(&evaluation));
        }
        let mut ratios: HashMap<UseCaseId, Vec<Json>> = HashMap::new();
        for ratio in store.ratios(level).await? {
            ratios
                .entry(ratio.use_case)
                .or_default()
                .push(serde_json::json!(crate::ratios::brief(&ratio)));
        }
        Ok(Self {
            items,
            footprints,
            ratios,
        })
    }
}

/// Serves `/exports/evaluations.csv`: the public estimates of the library, one a line, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn evaluations_csv(
    State(app): State<App>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let made = async {
        let mut out = Vec::new();
        let rows = app.store.evaluations(Level::Public).await?;
        write_rows(
            &crate::evaluations::COLUMNS,
            rows.iter().map(crate::evaluations::row),
            &mut out,
        )
        .map_err(|error| WebError::Internal(error.to_string()))?;
        String::from_utf8(out).map_err(|error| WebError::Internal(error.to_string()))
    };
    cached(&app, &uri, &headers, "text/csv; charset=utf-8", made).await
}

/// Serves `/exports/evaluations.ndjson`: the same, each with its request and its answer.
///
/// # Errors
/// When the database does not answer.
pub async fn evaluations_lines(
    State(app): State<App>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let made = async {
        let mut out = String::new();
        for evaluation in app.store.evaluations(Level::Public).await? {
            let line = crate::evaluations::line(&evaluation)
                .map_err(|error| WebError::Internal(error.to_string()))?;
            out.push_str(&line);
            out.push('\n');
        }
        Ok(out)
    };
    cached(&app, &uri, &headers, "application/x-ndjson", made).await
}

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
    let records = if params.is_narrowed() {
        results(&app, &params).await?
    } else {
        all(&app.store, Level::Public).await?
    };
    let mut bytes = encode(
        &records,
        format,
        Level::Public,
        &app.site(),
        &app.settings.base_url,
        &options,
    )?;
    drop(records);
    if format == Format::Dcat {
        // The catalogue describes the files of the whole library, whatever was asked.
        bytes = dcat::complete(bytes, &sizes(&app).await?, &app.settings.site);
    }
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

async fn results(app: &App, params: &ListParams) -> Result<Content, WebError> {
    let mut question = params.question();
    question.offset = 0;
    question.limit = usize::MAX;
    let mut ids: Vec<UseCaseId> = app.index.find_with(&question, Level::Public, &[])?.ids;
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
    Content::with_footprints(&app.store, records, Level::Public).await
}

async fn all(store: &Store, level: Level) -> Result<Content, WebError> {
    let mut records = Vec::new();
    let mut after = None;
    loop {
        let batch = store.stream_published(after, BATCH).await?;
        let Some(last) = batch.last() else { break };
        after = Some(last.id);
        records.extend(batch.into_iter().map(|record| redact(record, level)));
    }
    Content::with_footprints(store, records, level).await
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
    let failed = |error: WebError| ExportError(format!("{error:?}"));
    let changed = store.site_settings().await;
    let site = &overlay(site, &changed.map_err(|error| failed(error.into()))?);
    let records = all(store, level).await.map_err(failed)?;
    if format == Format::Dcat {
        // It describes the public files, whoever asks.
        let open = if level == Level::Public {
            None
        } else {
            Some(all(store, Level::Public).await.map_err(failed)?)
        };
        let sizes = measure(open.as_ref().unwrap_or(&records), site, base_url).map_err(failed)?;
        let bytes =
            encode(&records, format, level, site, base_url, &CsvOptions::default()).map_err(failed)?;
        return Ok(dcat::complete(bytes, &sizes, site));
    }
    encode(&records, format, level, site, base_url, &CsvOptions::default()).map_err(failed)
}

/// Sizes of the exports of the whole library, in octets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sizes(Vec<(Format, u64)>);

impl Sizes {
    /// The size of one file, when it is known.
    pub fn of(&self, format: Format) -> Option<u64> {
        self.0
            .iter()
            .find(|(known, _)| *known == format)
            .map(|(_, size)| *size)
    }
}

/// The sizes at one catalogue revision: every file is written once to be measured, and none is kept.
#[derive(Debug, Default)]
pub struct Measured(tokio::sync::Mutex<Option<(i64, Sizes)>>);

/// Sizes of the exports, measured once per catalogue revision; those who ask meanwhile wait for the same work.
///
/// # Errors
/// When the database does not answer, or a format cannot be written.
pub async fn sizes(app: &App) -> Result<Sizes, WebError> {
    let revision = app.revision();
    let mut held = app.measured.0.lock().await;
    if let Some((_, sizes)) = held.as_ref().filter(|(known, _)| *known == revision) {
        return Ok(sizes.clone());
    }
    let records = all(&app.store, Level::Public).await?;
    let worker = app.clone();
    let sizes =
        tokio::task::spawn_blocking(move || measure(&records, &worker.site(), &worker.settings.base_url))
            .await
            .map_err(|error| WebError::Internal(error.to_string()))??;
    *held = Some((revision, sizes.clone()));
    Ok(sizes)
}

/// The sizes, if they are known within a short time; the work goes on for the next who asks.
pub async fn sizes_soon(app: &App) -> Option<Sizes> {
    let worker = app.clone();
    let work = tokio::spawn(async move { sizes(&worker).await });
    match tokio::time::timeout(SOON, work).await {
        Ok(Ok(Ok(sizes))) => Some(sizes),
        Ok(Ok(Err(error))) => {
            tracing::warn!(?error, "sizes of exports are not known");
            None
        }
        _ => None,
    }
}

fn measure(records: &Content, site: &Site, base_url: &str) -> Result<Sizes, WebError> {
    let options = CsvOptions::default();
    let size = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
    let mut sizes = Sizes::default();
    for format in Format::ALL.into_iter().filter(|format| *format != Format::Dcat) {
        let mut counter = Counter::default();
        write_to(
            records,
            format,
            Level::Public,
            site,
            base_url,
            &options,
            &mut counter,
        )?;
        sizes.0.push((format, size(counter.0)));
    }
    // The catalogue comes last, for it names the sizes of the others.
    let catalogue = encode(records, Format::Dcat, Level::Public, site, base_url, &options)?;
    let catalogue = dcat::complete(catalogue, &sizes, site);
    sizes.0.push((Format::Dcat, size(catalogue.len())));
    Ok(sizes)
}

/// Counts what is written to it.
#[derive(Debug, Default)]
struct Counter(usize);

impl std::io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// An export that could not be made.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ExportError(String);

fn encode(
    records: &Content,
    format: Format,
    level: Level,
    site: &Site,
    base_url: &str,
    options: &CsvOptions,
) -> Result<Vec<u8>, WebError> {
    let mut bytes = Vec::new();
    write_to(records, format, level, site, base_url, options, &mut bytes)?;
    Ok(bytes)
}

fn write_to(
    records: &Content,
    format: Format,
    level: Level,
    site: &Site,
    base_url: &str,
    options: &CsvOptions,
    out: &mut impl std::io::Write,
) -> Result<(), WebError> {
    let modified = records
        .items
        .iter()
        .map(|item| item.record().updated_at)
        .max()
        .unwrap_or(Timestamp::UNIX_EPOCH);
    let info = site_info(site, base_url, modified);
    let footprints = |id: UseCaseId| {
        let own = records.footprints.get(&id).cloned().unwrap_or_default();
        let ratios = records.ratios.get(&id).cloned().unwrap_or_default();
        vec![
            ("evaluations", Json::Array(own)),
            ("measured_ratios", Json::Array(ratios)),
        ]
    };
    write_beside(
        format,
        level,
        &info,
        options,
        records.items.iter().cloned().map(Ok::<_, std::io::Error>),
        &footprints,
        out,
    )
    .map_err(|error| WebError::Internal(error.to_string()))
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
        vocabularies: Vocabularies::relabelled(&site.labels),
    }
}
