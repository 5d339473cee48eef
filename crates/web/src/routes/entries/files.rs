//! Public lists as CSV: one line an entry, one line a link.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use sobria_catalogue::access::Level;
use sobria_catalogue::entry::EntryKind;
use sobria_catalogue::entry::field::EntryField;
use sobria_catalogue::link::End;
use sobria_exchange::table::{Table, csv as write};

use super::list::readable;
use crate::app::App;
use crate::error::WebError;
use crate::relations::targets;
use crate::respond::cached;

/// Names of the files, and what each holds; links for the last one.
pub const FILES: [(&str, Option<EntryKind>); 6] = [
    ("governance", Some(EntryKind::Governance)),
    ("resources", Some(EntryKind::Resource)),
    ("solutions", Some(EntryKind::Solution)),
    ("suppliers", Some(EntryKind::Supplier)),
    ("meetings", Some(EntryKind::Meeting)),
    ("links", None),
];

/// A file.
///
/// # Errors
/// When there is no such file, or the database does not answer.
pub async fn csv(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    let (name, kind) = FILES
        .into_iter()
        .find(|(name, _)| uri.path() == format!("/exports/{name}.csv"))
        .ok_or(WebError::NotFound)?;
    cached(&app, &uri, &headers, "text/csv; charset=utf-8", async {
        let mut table = match kind {
            Some(kind) => entries(&app, kind).await?,
            None => links(&app).await?,
        };
        name.clone_into(&mut table.title);
        let bytes = write(&table).map_err(|error| WebError::Internal(error.to_string()))?;
        String::from_utf8(bytes).map_err(|error| WebError::Internal(error.to_string()))
    })
    .await
}

/// The fields of a kind that anyone may read.
fn open_fields(kind: EntryKind) -> Vec<EntryField> {
    EntryField::of(kind)
        .filter(|field| Level::Public.may_read(field.spec().visibility()))
        .collect()
}

async fn entries(app: &App, kind: EntryKind) -> Result<Table, WebError> {
    let fields = open_fields(kind);
    let mut headers: Vec<String> = ["id", "url", "organisation_id", "organisation"]
        .map(str::to_owned)
        .to_vec();
    headers.extend(fields.iter().map(|field| field.spec().id.to_owned()));
    headers.extend(["version", "updated_at", "published_at", "record_licence"].map(str::to_owned));
    let rows = readable(app, kind, Level::Public)
        .await?
        .iter()
        .map(|item| {
            let entry = item.entry();
            let carrier = entry.carrier.as_ref();
            let mut row = vec![
                entry.id.to_string(),
                format!("{}{}", app.settings.base_url, entry.path()),
                carrier.map(|carrier| carrier.id.to_string()).unwrap_or_default(),
                carrier.map(|carrier| carrier.name.clone()).unwrap_or_default(),
            ];
            row.extend(fields.iter().map(|field| match field {
                EntryField::Aliases => item.content().get(*field).replace('\n', "|"),
                _ => item.content().get(*field).to_owned(),
            }));
            row.extend([
                entry.number.to_string(),
                entry.updated_at.to_string(),
                entry
                    .first_published_at
                    .map(|at| at.to_string())
                    .unwrap_or_default(),
                app.site().licence_spdx.clone(),
            ]);
            row
        })
        .collect();
    Ok(Table {
        title: String::new(),
        headers,
        rows,
    })
}

async fn links(app: &App) -> Result<Table, WebError> {
    let ties = app.store.public_links().await?;
    let ends: Vec<End> = ties.iter().flat_map(|tie| [tie.from, tie.to]).collect();
    let known = targets(app, &ends, Level::Public).await?;
    let base = &app.settings.base_url;
    let rows = ties
        .iter()
        .filter_map(|tie| {
            let (from, to) = (known.get(&tie.from)?, known.get(&tie.to)?);
            Some(vec![
                tie.id.to_string(),
                tie.kind.code().to_owned(),
                tie.from.kind.code().to_owned(),
                tie.from.id.to_string(),
                format!("{base}{}", from.path),
                tie.to.kind.code().to_owned(),
                tie.to.id.to_string(),
                format!("{base}{}", to.path),
                tie.note.clone(),
            ])
        })
        .collect();
    Ok(Table {
        title: String::new(),
        headers: [
            "id",
            "kind",
            "from_kind",
            "from_id",
            "from_url",
            "to_kind",
            "to_id",
            "to_url",
            "note",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows,
    })
}
