//! Charters, resources, solutions, meetings and news of a demonstration, with links. All of it is invented.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use sobria_catalogue::entry::field::EntryField;
use sobria_catalogue::entry::life::{EntryNext, EntryStatus};
use sobria_catalogue::entry::{EntryContent, EntryKind};
use sobria_catalogue::id::{EntryId, LinkId, UserId};
use sobria_catalogue::link::{End, LinkKind, RecordKind};
use sobria_catalogue::use_case::UseCase;
use sobria_store::{EntryChange, NewEntry, NewLink, Store};
use uuid::Uuid;

use crate::error::WebError;

const ENTRIES: &str = include_str!("../../demonstration/community.json");

/// One entry of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    kind: String,
    /// Days from today at which a meeting begins.
    #[serde(default)]
    in_days: Option<i64>,
    /// Whether a moderator still has to read it.
    #[serde(default)]
    waits: bool,
    /// Positions, in the list of records, of the use cases that it is linked with.
    #[serde(default)]
    records: Vec<usize>,
    /// Title of the entry that it is linked with.
    #[serde(default)]
    with: Option<String>,
    fields: std::collections::BTreeMap<String, String>,
}

/// Fills the demonstration. `by` is the moderator who publishes, `author` the agent who writes.
///
/// # Errors
/// When the database does not answer.
pub async fn fill(
    store: &Store,
    records: &[UseCase],
    by: UserId,
    author: Option<&UseCase>,
    now: Timestamp,
) -> Result<(), WebError> {
    let told: Vec<Told> =
        serde_json::from_str(ENTRIES).map_err(|error| WebError::Internal(error.to_string()))?;
    let mut ends: Vec<(String, End)> = Vec::new();
    for (position, one) in told.iter().enumerate() {
        let kind = EntryKind::from_code(&one.kind)
            .ok_or_else(|| WebError::Internal(format!("unknown kind {}", one.kind)))?;
        let content = content(one, now)?;
        let id = EntryId::new(Uuid::now_v7());
        let carrier = match one.records.first() {
            Some(record) => records.get(*record),
            None => author,
        };
        let ago = i64::try_from(told.len() - position).unwrap_or(1);
        let written = now - SignedDuration::from_hours(24 * 3 * ago);
        store
            .create_entry(&NewEntry {
                id,
                kind,
                organisation: carrier
                    .filter(|_| kind.has_carrier())
                    .map(|record| record.organisation.id),
                author: Some(by),
                content: &content,
                now: written,
            })
            .await?;
        let Some(entry) = store.entry(id).await? else {
            continue;
        };
        let (status, published) = if one.waits {
            (EntryStatus::Submitted, None)
        } else {
            (EntryStatus::Published, Some(1))
        };
        store
            .change_entry(&EntryChange {
                seen: &entry,
                next: EntryNext::Kept {
                    status,
                    version: 1,
                    published,
                },
                content: None,
                reason: "",
                mails: &[],
                actor: by,
                now: written,
            })
            .await?;
        if let (Some(kind), false) = (RecordKind::of(kind), one.waits) {
            let end = End { kind, id: id.uuid() };
            link(store, one, end, &ends, records, by, now).await?;
            ends.push((content.title().to_owned(), end));
        }
    }
    between(store, records, by, now).await
}

fn content(one: &Told, now: Timestamp) -> Result<EntryContent, WebError> {
    let mut content = EntryContent::default();
    for (id, value) in &one.fields {
        let field =
            EntryField::from_id(id).ok_or_else(|| WebError::Internal(format!("unknown field {id}")))?;
        content.set(field, value);
    }
    if let Some(days) = one.in_days {
        let zone = TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC);
        let day = (now + SignedDuration::from_hours(24 * days))
            .to_zoned(zone)
            .date();
        content.set(EntryField::StartsAt, format!("{day}T14:00"));
        content.set(EntryField::EndsAt, format!("{day}T16:00"));
    }
    Ok(content)
}

async fn add(
    store: &Store,
    kind: LinkKind,
    from: End,
    to: End,
    by: UserId,
    now: Timestamp,
) -> Result<(), WebError> {
    let new = NewLink {
        id: LinkId::new(Uuid::now_v7()),
        kind,
        from,
        to,
        note: "",
        author: Some(by),
        published: true,
        now,
    };
    store
        .add_link(&new)
        .await?
        .map_err(|refusal| WebError::Internal(refusal.to_string()))
}

fn case(record: &UseCase) -> End {
    End {
        kind: RecordKind::UseCase,
        id: record.id.uuid(),
    }
}

/// Ties an entry to the records and the entry that it names.
async fn link(
    store: &Store,
    one: &Told,
    end: End,
    known: &[(String, End)],
    records: &[UseCase],
    by: UserId,
    now: Timestamp,
) -> Result<(), WebError> {
    for record in one.records.iter().filter_map(|position| records.get(*position)) {
        let (kind, from, to) = match end.kind {
            RecordKind::Governance => (LinkKind::GovernedBy, case(record), end),
            RecordKind::Solution => (LinkKind::UsesSolution, case(record), end),
            _ => (LinkKind::AttachedTo, end, case(record)),
        };
        add(store, kind, from, to, by, now).await?;
    }
    let other = one
        .with
        .as_ref()
        .and_then(|title| known.iter().find(|(known, _)| known == title));
    if let Some((_, to)) = other {
        let kind = match end.kind {
            RecordKind::Solution => LinkKind::ProvidedBy,
            RecordKind::Governance => LinkKind::InspiredBy,
            _ => LinkKind::AttachedTo,
        };
        add(store, kind, end, *to, by, now).await?;
    }
    Ok(())
}

/// A few links between use cases.
async fn between(store: &Store, records: &[UseCase], by: UserId, now: Timestamp) -> Result<(), WebError> {
    for (kind, from, to) in [
        (LinkKind::InspiredBy, 35, 13),
        (LinkKind::ReusesComponent, 4, 0),
        (LinkKind::ReusesComponent, 62, 22),
        (LinkKind::SuccessorOf, 34, 33),
    ] {
        if let (Some(from), Some(to)) = (records.get(from), records.get(to)) {
            add(store, kind, case(from), case(to), by, now).await?;
        }
    }
    Ok(())
}
