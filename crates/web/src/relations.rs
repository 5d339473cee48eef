//! What a record is linked with, as far as a reader may know: an end that the reader may not read is left out whole.

use std::collections::HashMap;

use serde_json::{Value as Json, json};
use sobria_catalogue::access::{Level, redact};
use sobria_catalogue::entry;
use sobria_catalogue::field::Field;
use sobria_catalogue::id::{EntryId, UseCaseId};
use sobria_catalogue::link::{End, Link as Tie, RecordKind};
use sobria_catalogue::vocabulary::VocabularyId;

use crate::app::App;
use crate::error::WebError;
use crate::view::entries::{LinkedRecord, Relation};
use crate::words::in_use;

/// A record that may be read at the other end of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// What and which.
    pub end: End,
    /// Title.
    pub title: String,
    /// Path of its page.
    pub path: String,
    /// Carrier; blank when it has none.
    pub organisation: String,
    /// Code of its theme; blank when it has none.
    pub theme: String,
    /// How far a use case has come, in words.
    pub maturity: String,
}

/// A link read from one of its ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The link.
    pub tie: Tie,
    /// What it says from here.
    pub label: &'static str,
    /// What stands at the other end.
    pub target: Target,
}

/// What may be read of the ends given.
///
/// # Errors
/// When the database does not answer.
pub async fn targets(app: &App, ends: &[End], level: Level) -> Result<HashMap<End, Target>, WebError> {
    let mut found = HashMap::new();
    let cases: Vec<UseCaseId> = ends
        .iter()
        .filter(|end| end.kind == RecordKind::UseCase)
        .map(|end| UseCaseId::new(end.id))
        .collect();
    for record in app.store.use_cases_by_ids(&cases).await? {
        let item = redact(record, level);
        let end = End {
            kind: RecordKind::UseCase,
            id: item.record().id.uuid(),
        };
        let maturity = item.content().code(Field::Maturity).unwrap_or("");
        let target = Target {
            end,
            title: item.content().title().to_owned(),
            path: format!("/cas-usages/{}", item.record().slug),
            organisation: item.record().organisation.name.clone(),
            theme: item.content().code(Field::Theme).unwrap_or("").to_owned(),
            maturity: in_use().get(VocabularyId::Maturity).label(maturity).to_owned(),
        };
        found.insert(end, target);
    }
    let entries: Vec<EntryId> = ends
        .iter()
        .filter(|end| end.kind != RecordKind::UseCase)
        .map(|end| EntryId::new(end.id))
        .collect();
    for entry in app.store.entries_by_ids(&entries).await? {
        let Some(kind) = RecordKind::of(entry.kind) else {
            continue;
        };
        let Some(item) = entry::redact(entry, level) else {
            continue;
        };
        let end = End {
            kind,
            id: item.entry().id.uuid(),
        };
        let target = Target {
            end,
            title: item.content().title().to_owned(),
            path: item.entry().path(),
            organisation: item
                .entry()
                .carrier
                .as_ref()
                .map(|carrier| carrier.name.clone())
                .unwrap_or_default(),
            theme: item.content().get(entry::field::EntryField::Theme).to_owned(),
            maturity: String::new(),
        };
        found.insert(end, target);
    }
    Ok(found)
}

/// The links of a record that a reader may know, in the order of pages; `all` adds those that wait for a moderator.
///
/// # Errors
/// When the database does not answer.
pub async fn of(app: &App, end: End, level: Level, all: bool) -> Result<Vec<Seen>, WebError> {
    let ties = app.store.links_of(end, all).await?;
    let others: Vec<End> = ties
        .iter()
        .filter_map(|tie| tie.seen_from(end).map(|(other, _)| other))
        .collect();
    Ok(read(end, ties, &targets(app, &others, level).await?))
}

/// The public links of several records, as [`of`] gives those of one.
///
/// # Errors
/// When the database does not answer.
pub async fn among(app: &App, ends: &[End], level: Level) -> Result<HashMap<End, Vec<Seen>>, WebError> {
    let ties = app.store.public_links_among(ends).await?;
    let both: Vec<End> = ties.iter().flat_map(|tie| [tie.from, tie.to]).collect();
    let known = targets(app, &both, level).await?;
    Ok(ends
        .iter()
        .map(|end| {
            let own = ties
                .iter()
                .filter(|tie| tie.seen_from(*end).is_some())
                .cloned()
                .collect();
            (*end, read(*end, own, &known))
        })
        .collect())
}

fn read(end: End, ties: Vec<Tie>, known: &HashMap<End, Target>) -> Vec<Seen> {
    let mut seen: Vec<Seen> = ties
        .into_iter()
        .filter_map(|tie| {
            let (other, label) = tie.seen_from(end)?;
            let target = known.get(&other)?.clone();
            Some(Seen { tie, label, target })
        })
        .collect();
    seen.sort_by(|a, b| (a.tie.kind, a.label, &a.target.title).cmp(&(b.tie.kind, b.label, &b.target.title)));
    seen
}

/// Links as a page shows them: one group for each thing they say.
pub fn groups(seen: &[Seen]) -> Vec<Relation> {
    let mut groups: Vec<Relation> = Vec::new();
    for one in seen {
        let record = LinkedRecord {
            title: one.target.title.clone(),
            href: one.target.path.clone(),
            what: match one.target.end.kind {
                RecordKind::UseCase => one.target.organisation.clone(),
                kind if one.target.organisation.is_empty() => kind.label().to_owned(),
                kind => format!("{}, {}", kind.label(), one.target.organisation),
            },
            note: one.tie.note.clone(),
        };
        match groups.iter_mut().find(|group| group.label == one.label) {
            Some(group) => group.records.push(record),
            None => groups.push(Relation {
                label: one.label.to_owned(),
                records: vec![record],
            }),
        }
    }
    groups
}

/// Links as JSON. `base` is the address of the site.
pub fn json(seen: &[Seen], here: End, base: &str) -> Vec<Json> {
    seen.iter()
        .map(|one| {
            json!({
                "id": one.tie.id,
                "kind": one.tie.kind.code(),
                "direction": if one.tie.kind.is_symmetric() { "both" } else if one.tie.from == here { "to" } else { "from" },
                "label": one.label,
                "record": {
                    "kind": one.target.end.kind.code(),
                    "id": one.target.end.id,
                    "title": one.target.title,
                    "url": format!("{base}{}", one.target.path),
                },
                "note": one.tie.note,
            })
        })
        .collect()
}
