//! `/api/v1/use-cases`: search, filters, cursor.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Map, Value as Json, json};
use sobria_catalogue::access::{Level, VisibleFile, VisibleUseCase, redact, redact_files};
use sobria_catalogue::evaluation::{Evaluated, Evaluation};
use sobria_catalogue::id::UseCaseId;
use sobria_catalogue::link::{End, RecordKind};
use sobria_catalogue::query::{CatalogueQuery, Facet, Sort};
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_store::Found;

use super::{cursor, read_cursor, unknown_parameter};
use crate::app::App;
use crate::error::WebError;
use crate::params::{TEXT_MAX, add_code, pairs};
use crate::relations;
use crate::respond::{JSON, cached};
use crate::routes::evaluations::of_record;

/// Largest number of records in one answer.
pub const LIMIT_MAX: usize = 100;
/// Number of records in one answer when nothing is asked.
pub const LIMIT_DEFAULT: usize = 20;

/// Answers a search.
pub async fn list(
    State(app): State<App>,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let query = parse(query.as_deref().unwrap_or(""), Level::Public)?;
    cached(&app, &uri, &headers, JSON, async {
        let found = app.index.find(&query, Level::Public)?;
        let records = app.store.use_cases_by_ids(&found.ids).await?;
        let site = &app.settings;
        let evaluations = app.store.evaluations_of(&found.ids, Level::Public).await?;
        let ends: Vec<End> = records.iter().map(|record| end_of(record.id)).collect();
        let ratios = app.store.ratios_of(&found.ids, Level::Public).await?;
        let links = relations::among(&app, &ends, Level::Public).await?;
        let files = app.store.attachments_of_all(&found.ids).await?;
        let items: Vec<Json> = records
            .into_iter()
            .map(|record| {
                let (id, version) = (record.id, record.version);
                let held = files
                    .iter()
                    .filter(|file| file.use_case == id && file.is_in(version));
                let held = redact_files(held.cloned().collect(), Level::Public);
                let mut item = redact(record, Level::Public).to_json(&site.base_url, &site.site.licence_spdx);
                let own = evaluations.iter().filter(|evaluation| evaluation.use_case == id);
                if let Json::Object(item) = &mut item {
                    item.insert(
                        "attachments".to_owned(),
                        held.iter().map(|file| file.to_json(&site.base_url)).collect(),
                    );
                    item.insert(
                        "evaluations".to_owned(),
                        own.map(crate::evaluations::brief).collect(),
                    );
                    let own = ratios.iter().filter(|ratio| ratio.use_case == id);
                    item.insert(
                        "measured_ratios".to_owned(),
                        own.map(|ratio| json!(crate::ratios::brief(ratio))).collect(),
                    );
                    let end = end_of(id);
                    let seen = links.get(&end).map_or(&[][..], Vec::as_slice);
                    item.insert(
                        "links".to_owned(),
                        json!(relations::json(seen, end, &site.base_url)),
                    );
                }
                item
            })
            .collect();
        let next = query.offset.saturating_add(items.len());
        let document = json!({
            "items": items,
            "total": found.total,
            "facets": facet_counts(&found.facets),
            "next": (next < found.total && !items.is_empty()).then(|| cursor(next)),
            "relaxed": found.relaxed,
            "corrections": found.corrections.iter()
                .map(|(typed, used)| json!({"typed": typed, "used": used}))
                .collect::<Vec<_>>(),
        });
        Ok(document.to_string())
    })
    .await
}

/// Answers one record, by identifier or by address part.
pub async fn one(
    State(app): State<App>,
    uri: Uri,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, JSON, async {
        let record = match id.parse::<UseCaseId>() {
            Ok(id) => app
                .store
                .use_cases_by_ids(&[id])
                .await?
                .pop()
                .ok_or(WebError::NotFound)?,
            Err(_) => match app.store.use_case_by_slug(&id).await? {
                Found::UseCase { record, .. } => *record,
                Found::Withdrawn => return Err(WebError::Gone),
                Found::Redirect(_) | Found::None => return Err(WebError::NotFound),
            },
        };
        let item = redact(record, Level::Public);
        let evaluations = of_record(&app, item.record().id, Level::Public).await?;
        let files = crate::routes::record::files_of(&app, &item).await?;
        document(&app, &item, &evaluations, &files).await
    })
    .await
}

fn end_of(id: UseCaseId) -> End {
    End {
        kind: RecordKind::UseCase,
        id: id.uuid(),
    }
}

/// A record with its evaluations, for its page in JSON and for the interface.
///
/// # Errors
/// When a stored estimate is damaged.
pub async fn document(
    app: &App,
    item: &VisibleUseCase,
    evaluations: &[Evaluation],
    files: &[VisibleFile],
) -> Result<String, WebError> {
    let site = &app.settings;
    let here = end_of(item.record().id);
    // What stands at the other end is not the carrier's own.
    let seen = relations::of(app, here, item.level().min(Level::Member), false).await?;
    let mut record = match item.to_json(&site.base_url, &site.site.licence_spdx) {
        Json::Object(record) => record,
        _ => Map::new(),
    };
    record.insert(
        "links".to_owned(),
        json!(relations::json(&seen, here, &site.base_url)),
    );
    let ratios = app.store.ratios_of(&[item.record().id], item.level()).await?;
    record.insert(
        "measured_ratios".to_owned(),
        ratios
            .iter()
            .map(|ratio| json!(crate::ratios::brief(ratio)))
            .collect(),
    );
    let files: Vec<Json> = files.iter().map(|file| file.to_json(&site.base_url)).collect();
    record.insert("attachments".to_owned(), files.into());
    crate::evaluations::document(&record, evaluations, app.reference())
        .map_err(|error| WebError::Internal(error.to_string()))
}

/// Facet counts as JSON: codes with the number of records that each would leave.
pub fn facet_counts(facets: &[(Facet, Vec<(String, usize)>)]) -> Map<String, Json> {
    facets
        .iter()
        .map(|(facet, counts)| {
            let counts: Map<String, Json> = counts
                .iter()
                .map(|(code, count)| (code.clone(), json!(count)))
                .collect();
            (facet.id().to_owned(), Json::Object(counts))
        })
        .collect()
}

/// Reads a query string strictly: a machine that misspells a filter must not get everything.
///
/// # Errors
/// When a parameter or a code is unknown, closed to the reader, or out of bounds.
pub fn parse(query: &str, level: Level) -> Result<CatalogueQuery, WebError> {
    let vocabularies = Vocabularies::embedded();
    let mut parsed = CatalogueQuery {
        limit: LIMIT_DEFAULT,
        ..CatalogueQuery::default()
    };
    for (name, value) in pairs(query) {
        match name.as_str() {
            "q" => {
                if value.chars().count() > TEXT_MAX {
                    return Err(WebError::Invalid(format!(
                        "«\u{a0}q\u{a0}» compte au plus {} caractères.",
                        crate::locale::count(TEXT_MAX)
                    )));
                }
                parsed.text = value;
            }
            "sort" => {
                parsed.sort =
                    Sort::from_id(&value).ok_or_else(|| unknown("sort", &value, Sort::ALL.map(Sort::id)))?;
            }
            "limit" => {
                parsed.limit = value
                    .parse()
                    .ok()
                    .filter(|n| (1..=LIMIT_MAX).contains(n))
                    .ok_or_else(|| {
                        WebError::Invalid(format!("«\u{a0}limit\u{a0}» est un nombre de 1 à {LIMIT_MAX}."))
                    })?;
            }
            "cursor" => {
                parsed.offset = read_cursor(&value)?;
            }
            "year_from" => parsed.year_from = Some(year(&name, &value)?),
            "year_to" => parsed.year_to = Some(year(&name, &value)?),
            other => {
                let Some(facet) = Facet::ALL.into_iter().find(|facet| facet.id() == other) else {
                    let names = Facet::ALL.map(Facet::id).join(", ");
                    let known = format!("q, sort, limit, cursor, year_from, year_to, {names}");
                    return Err(unknown_parameter(other, &known));
                };
                if !facet.is_open_to(level) {
                    return Err(WebError::Forbidden(format!(
                        "Le filtre «\u{a0}{}\u{a0}» porte sur un champ réservé aux agents inscrits.",
                        facet.id()
                    )));
                }
                if let Some(list) = facet.vocabulary()
                    && vocabularies.get(list).by_code(&value).is_none()
                {
                    let codes: Vec<&str> = vocabularies
                        .get(list)
                        .terms()
                        .iter()
                        .map(|term| term.code)
                        .collect();
                    return Err(unknown(facet.id(), &value, codes));
                }
                if facet == Facet::Evaluation && !Evaluated::CODES.contains(&value.as_str()) {
                    return Err(unknown(facet.id(), &value, Evaluated::CODES));
                }
                add_code(&mut parsed.filters, facet, &value);
            }
        }
    }
    Ok(parsed)
}

fn year(name: &str, value: &str) -> Result<i16, WebError> {
    value.parse().map_err(|error| {
        WebError::Invalid(format!(
            "«\u{a0}{name}\u{a0}» est une année, par exemple 2024 ({error})."
        ))
    })
}

fn unknown<'a>(name: &str, value: &str, known: impl IntoIterator<Item = &'a str>) -> WebError {
    let known: Vec<&str> = known.into_iter().collect();
    WebError::Invalid(format!(
        "«\u{a0}{name}\u{a0}» ne connaît pas «\u{a0}{}\u{a0}». Valeurs\u{a0}: {}.",
        sobria_catalogue::text::excerpt(value, 60),
        known.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_of_the_contract_are_read() {
        let query = parse(
            "q=eau&theme=transition&theme=mobilites&kind=commune&limit=5&sort=title",
            Level::Public,
        )
        .unwrap();
        assert_eq!(query.wanted(Facet::Theme), ["transition", "mobilites"]);
        assert_eq!((query.limit, query.sort), (5, Sort::Title));
    }

    #[test]
    fn a_misspelt_or_closed_filter_is_refused() {
        for (query, status) in [
            ("them=x", "400"),
            ("theme=x", "400"),
            ("limit=0", "400"),
            ("limit=1000", "400"),
            ("cursor=abc", "400"),
            ("sort=hasard", "400"),
            ("year_from=deux", "400"),
            ("algorithm_kind=ml", "403"),
        ] {
            let error = parse(query, Level::Public).unwrap_err();
            let got = match error {
                WebError::Invalid(_) => "400",
                WebError::Forbidden(_) => "403",
                other => panic!("{other:?}"),
            };
            assert_eq!(got, status, "{query}");
        }
        assert!(parse("algorithm_kind=ml", Level::Member).is_ok());
    }

    #[test]
    fn a_cursor_reads_back() {
        assert_eq!(read_cursor::<usize>(&cursor(40)).ok(), Some(40));
    }
}
