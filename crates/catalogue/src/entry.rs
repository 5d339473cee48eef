//! Records besides use cases: governance initiatives, resources, solutions, suppliers, meetings and news.
//!
//! One table, [`field::ENTRY_FIELDS`], declares their fields; [`life::decide`] is the only way from a draft to what
//! readers see; [`redact`] is the only maker of [`VisibleEntry`], which pages, feeds, files and the API take.

pub mod field;
pub mod life;
pub mod read;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json, json};

use self::field::EntryField;
use self::life::EntryStatus;
use crate::access::Level;
use crate::evaluation::Reach;
use crate::id::{EntryId, OrganisationId, UserId};

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// A charter, a strategy, a committee: how an organisation governs its uses.
    Governance,
    /// Code, data, a model, a document that others may reuse.
    Resource,
    /// A product or a service that use cases are made with.
    Solution,
    /// Who provides solutions.
    Supplier,
    /// A meeting: a working group, a training.
    Meeting,
    /// News of the library.
    News,
}

impl EntryKind {
    /// Every kind, in the order of pages.
    pub const ALL: [Self; 6] = [
        Self::Governance,
        Self::Resource,
        Self::Solution,
        Self::Supplier,
        Self::Meeting,
        Self::News,
    ];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Governance => "governance",
            Self::Resource => "resource",
            Self::Solution => "solution",
            Self::Supplier => "supplier",
            Self::Meeting => "meeting",
            Self::News => "news",
        }
    }

    /// Reads the code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// French name of one.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Governance => "Initiative de gouvernance",
            Self::Resource => "Ressource",
            Self::Solution => "Solution",
            Self::Supplier => "Fournisseur",
            Self::Meeting => "Rendez-vous",
            Self::News => "Nouvelle",
        }
    }

    /// First part of the addresses of its pages.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Governance => "/gouvernance",
            Self::Resource => "/ressources",
            Self::Solution => "/solutions",
            Self::Supplier => "/fournisseurs",
            Self::Meeting => "/agenda",
            Self::News => "/nouvelles",
        }
    }

    /// Whether an organisation carries it, which readers are then told.
    pub const fn has_carrier(self) -> bool {
        matches!(self, Self::Governance | Self::Resource)
    }
}

/// Values of an entry, all as text: codes, days as `2026-12-03`, moments as `2026-12-03T14:00` in mainland France.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryContent(BTreeMap<EntryField, String>);

impl EntryContent {
    /// The value of a field; blank when absent.
    pub fn get(&self, field: EntryField) -> &str {
        self.0.get(&field).map_or("", String::as_str)
    }

    /// Gives a value; a blank one removes the field.
    pub fn set(&mut self, field: EntryField, value: impl Into<String>) {
        let value = value.into();
        if value.is_empty() {
            self.0.remove(&field);
        } else {
            self.0.insert(field, value);
        }
    }

    /// Fields with their values, in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = (EntryField, &str)> {
        self.0.iter().map(|(field, value)| (*field, value.as_str()))
    }

    /// The title.
    pub fn title(&self) -> &str {
        self.get(EntryField::Title)
    }

    /// The moment of a field, by the clock of mainland France; none when absent or unreadable.
    pub fn moment(&self, field: EntryField) -> Option<Timestamp> {
        let local: DateTime = self.get(field).parse().ok()?;
        let zone = TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC);
        zone.to_ambiguous_timestamp(local).compatible().ok()
    }

    /// Names that mean the same thing: the title and the other names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.title())
            .chain(self.get(EntryField::Aliases).lines().map(str::trim))
            .filter(|name| !name.is_empty())
    }

    /// The stored form.
    pub fn to_json(&self) -> Json {
        let map: Map<String, Json> = self
            .iter()
            .map(|(field, value)| (field.spec().id.to_owned(), json!(value)))
            .collect();
        Json::Object(map)
    }

    /// Reads the stored form; fields that no longer exist are left out.
    pub fn from_json(document: &Json) -> Self {
        let mut content = Self::default();
        for (id, value) in document.as_object().into_iter().flatten() {
            if let (Some(field), Some(text)) = (EntryField::from_id(id), value.as_str()) {
                content.set(field, text);
            }
        }
        content
    }
}

/// The organisation behind an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryCarrier {
    /// Identifier.
    pub id: OrganisationId,
    /// Name.
    pub name: String,
    /// Address part of its page.
    pub slug: String,
}

/// An entry, with one of its revisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Identifier.
    pub id: EntryId,
    /// What it is.
    pub kind: EntryKind,
    /// Address part.
    pub slug: String,
    /// The organisation behind it: its carrier, or that of who proposed it.
    pub carrier: Option<EntryCarrier>,
    /// Who wrote it first.
    pub author: Option<UserId>,
    /// Where its newest revision stands.
    pub status: EntryStatus,
    /// Number of the newest revision, from 1.
    pub version: u32,
    /// Number of the revision that readers see.
    pub published: Option<u32>,
    /// Counts every change: a step names the one that it was decided on.
    pub edition: u32,
    /// Number of the revision held here.
    pub number: u32,
    /// Its values.
    pub content: EntryContent,
    /// Why a moderator refused it; blank otherwise.
    pub reason: String,
    /// When the entry was begun.
    pub created_at: Timestamp,
    /// When the revision held here was last written or published.
    pub updated_at: Timestamp,
    /// When readers first saw the entry.
    pub first_published_at: Option<Timestamp>,
}

impl Entry {
    /// Path of its public page.
    pub fn path(&self) -> String {
        format!("{}/{}", self.kind.path(), self.slug)
    }

    /// Who may read it once published.
    pub fn reach(&self) -> Reach {
        Reach::from_code(self.content.get(EntryField::Reach)).unwrap_or(if self.kind == EntryKind::Resource {
            // A resource says who may read it; without a word, fewer people do.
            Reach::Member
        } else {
            Reach::Public
        })
    }
}

/// A published entry from which everything the reader may not read was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisibleEntry {
    entry: Entry,
    beyond: Vec<EntryField>,
}

/// What a reader of `level` may read of an entry: nothing of one that is not published, nor of one kept to others.
pub fn redact(mut entry: Entry, level: Level) -> Option<VisibleEntry> {
    if entry.published != Some(entry.number) || !Reach::open_to(level).contains(&entry.reach()) {
        return None;
    }
    let hidden: Vec<EntryField> = entry
        .content
        .iter()
        .map(|(field, _)| field)
        .filter(|field| !level.may_read(field.spec().visibility()))
        .collect();
    for field in &hidden {
        entry.content.set(*field, "");
    }
    entry.reason.clear();
    entry.author = None;
    if !entry.kind.has_carrier() {
        entry.carrier = None;
    }
    Some(VisibleEntry {
        entry,
        beyond: hidden,
    })
}

impl VisibleEntry {
    /// The entry, without what the reader may not read.
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Its values.
    pub fn content(&self) -> &EntryContent {
        &self.entry.content
    }

    /// Filled fields that registered agents would read beyond these.
    pub fn beyond(&self) -> &[EntryField] {
        &self.beyond
    }

    /// The public JSON document. `base` is the address of the site, without a final slash.
    pub fn to_json(&self, base: &str, licence: &str) -> Json {
        let entry = &self.entry;
        let mut root = Map::new();
        root.insert("id".into(), json!(entry.id));
        root.insert("kind".into(), json!(entry.kind.code()));
        root.insert("slug".into(), json!(entry.slug));
        root.insert("url".into(), json!(format!("{base}{}", entry.path())));
        if let Some(carrier) = &entry.carrier {
            root.insert(
                "organisation".into(),
                json!({"id": carrier.id, "name": carrier.name, "url": format!("{base}/organisations/{}", carrier.slug)}),
            );
        }
        for (field, value) in entry.content.iter() {
            root.insert(field.spec().id.to_owned(), json!(value));
        }
        root.insert("version".into(), json!(entry.number));
        root.insert("updated_at".into(), json!(entry.updated_at));
        root.insert("published_at".into(), json!(entry.first_published_at));
        root.insert("record_licence".into(), json!(licence));
        Json::Object(root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Visibility;
    use uuid::Uuid;

    fn filled(kind: EntryKind, reach: &str) -> Entry {
        let mut content = EntryContent::default();
        for field in EntryField::of(kind) {
            content.set(field, format!("marque-{}", field.spec().id));
        }
        content.set(EntryField::Reach, reach);
        Entry {
            id: EntryId::new(Uuid::from_u128(1)),
            kind,
            slug: "s".to_owned(),
            carrier: Some(EntryCarrier {
                id: OrganisationId::new(Uuid::from_u128(2)),
                name: "Ville".to_owned(),
                slug: "ville".to_owned(),
            }),
            author: Some(UserId::new(Uuid::from_u128(3))),
            status: EntryStatus::Published,
            version: 1,
            published: Some(1),
            edition: 1,
            number: 1,
            content,
            reason: "interne".to_owned(),
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
            first_published_at: None,
        }
    }

    #[test]
    fn each_field_reaches_exactly_the_readers_that_its_visibility_names() {
        for kind in EntryKind::ALL {
            for level in Level::ALL {
                let json = redact(filled(kind, "public"), level)
                    .unwrap()
                    .to_json("https://x.example", "lo")
                    .to_string();
                for field in EntryField::of(kind).filter(|field| *field != EntryField::Reach) {
                    let spec = field.spec();
                    assert_eq!(
                        json.contains(&format!("\"marque-{}\"", spec.id)),
                        level.may_read(spec.visibility()),
                        "{kind:?} {level:?} {}",
                        spec.id
                    );
                }
                assert!(!json.contains("interne"));
            }
        }
        assert!(
            EntryField::ALL
                .iter()
                .any(|field| field.spec().visibility() == Visibility::Members)
        );
    }

    #[test]
    fn what_is_kept_to_agents_or_not_published_is_shown_to_no_visitor() {
        assert!(redact(filled(EntryKind::Resource, "member"), Level::Public).is_none());
        assert!(redact(filled(EntryKind::Resource, "member"), Level::Member).is_some());
        assert!(redact(filled(EntryKind::Resource, ""), Level::Public).is_none());
        let mut draft = filled(EntryKind::Governance, "");
        draft.published = None;
        assert!(redact(draft.clone(), Level::Moderator).is_none());
        // Version 2 is being written while readers see version 1.
        draft.published = Some(1);
        draft.number = 2;
        assert!(redact(draft, Level::Moderator).is_none());
    }

    #[test]
    fn a_moment_is_read_by_the_clock_of_mainland_france() {
        let mut content = EntryContent::default();
        content.set(EntryField::StartsAt, "2026-12-03T14:00");
        content.set(EntryField::EndsAt, "2026-07-03T14:00");
        let at = |field| content.moment(field).unwrap().to_string();
        assert_eq!(at(EntryField::StartsAt), "2026-12-03T13:00:00Z");
        assert_eq!(at(EntryField::EndsAt), "2026-07-03T12:00:00Z");
    }

    #[test]
    fn the_stored_form_reads_back() {
        let entry = filled(EntryKind::Solution, "");
        assert_eq!(EntryContent::from_json(&entry.content.to_json()), entry.content);
    }
}
