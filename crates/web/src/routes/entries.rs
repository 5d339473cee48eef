//! Records besides use cases: lists, pages, forms, moderation, links, agenda.

pub mod agenda;
pub mod attach;
pub mod edit;
pub mod files;
pub mod history;
pub mod links;
pub mod list;
pub mod page;
pub mod review;

use axum::Router;
use axum::routing::get;
use sobria_catalogue::entry::field::EntryField;
use sobria_catalogue::entry::{Entry, EntryContent, EntryKind, VisibleEntry};
use sobria_catalogue::link::RecordKind;
use sobria_catalogue::partial_date::PartialDate;
use sobria_catalogue::vocabulary::VocabularyId;
use sobria_exchange::export::FeedEntry;
use sobria_store::FoundEntry;

use crate::app::App;
use crate::error::WebError;
use crate::locale;
use crate::routes::cards::date_words;
use crate::view::library::Tab;
use crate::words::in_use;

/// Addresses of these records.
pub fn routes() -> Router<App> {
    let mut router = Router::new()
        .route("/agenda.ics", get(agenda::calendar))
        .route(edit::PATH, get(edit::index).post(edit::create))
        .route("/mon-espace/publications/nouvelle", get(edit::begin))
        .route(
            "/mon-espace/publications/{id}",
            get(edit::show).post(edit::change),
        )
        .route(
            "/mon-espace/publications/{id}/fichiers",
            get(attach::show)
                .post(attach::add)
                // The form limits itself, by what the operator allows.
                .layer(axum::extract::DefaultBodyLimit::disable()),
        )
        .route(
            "/mon-espace/publications/{id}/fichiers/{file}/retirer",
            axum::routing::post(attach::remove),
        )
        .route(review::PATH, get(review::show).post(review::decide))
        .route("/cas-usages/{slug}/liens", get(links::show).post(links::post));
    for kind in EntryKind::ALL {
        let path = kind.path();
        router = router
            .route(path, get(list::page))
            .route(&format!("{path}/{{slug}}"), get(page::page))
            .route(&format!("{path}/{{slug}}/historique"), get(history::page));
        if RecordKind::of(kind).is_some() {
            router = router.route(
                &format!("{path}/{{slug}}/liens"),
                get(links::show).post(links::post),
            );
        }
    }
    for (name, _) in files::FILES {
        router = router.route(&format!("/exports/{name}.csv"), get(files::csv));
    }
    router
}

/// The kind whose pages stand under a path.
fn kind_of(path: &str) -> Result<EntryKind, WebError> {
    EntryKind::ALL
        .into_iter()
        .find(|kind| {
            path.strip_prefix(kind.path())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
        .ok_or(WebError::NotFound)
}

/// The entry of an address, whoever may read it.
async fn found(app: &App, kind: EntryKind, slug: &str) -> Result<Entry, WebError> {
    match app.store.entry_by_slug(kind, slug).await? {
        FoundEntry::Entry(entry) => Ok(*entry),
        FoundEntry::Withdrawn => Err(WebError::Gone),
        FoundEntry::None => Err(WebError::NotFound),
    }
}

/// Plural names of kinds, as lists are titled.
pub const fn plural(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Governance => "Gouvernance",
        EntryKind::Resource => "Ressources",
        EntryKind::Solution => "Solutions",
        EntryKind::Supplier => "Fournisseurs",
        EntryKind::Meeting => "Agenda",
        EntryKind::News => "Nouvelles",
    }
}

/// The lists beside one another.
fn tabs(here: EntryKind) -> Vec<Tab> {
    std::iter::once(Tab {
        label: "Cas d’usage".to_owned(),
        href: "/cas-usages".to_owned(),
        current: false,
    })
    .chain(EntryKind::ALL.into_iter().map(|kind| Tab {
        label: plural(kind).to_owned(),
        href: kind.path().to_owned(),
        current: kind == here,
    }))
    .collect()
}

/// The field that says what sort of thing an entry is, where its kind has one.
const fn sort_field(kind: EntryKind) -> Option<EntryField> {
    match kind {
        EntryKind::Governance => Some(EntryField::GovernanceKind),
        EntryKind::Resource => Some(EntryField::ResourceKind),
        EntryKind::Meeting => Some(EntryField::MeetingKind),
        EntryKind::Supplier => Some(EntryField::SupplierKind),
        EntryKind::Solution | EntryKind::News => None,
    }
}

/// What sort of thing an entry is, in words.
fn sort_words(kind: EntryKind, content: &EntryContent) -> String {
    sort_field(kind)
        .map(|field| field.spec().words(content.get(field), &in_use()))
        .filter(|words| !words.is_empty())
        .unwrap_or(kind.label())
        .to_owned()
}

/// A field in the words of a page; blank when absent.
fn words(content: &EntryContent, field: EntryField) -> String {
    let value = content.get(field);
    match field {
        EntryField::StartsAt | EntryField::EndsAt => {
            content.moment(field).map(locale::moment).unwrap_or_default()
        }
        EntryField::Date => value
            .parse::<PartialDate>()
            .map_or_else(|_| value.to_owned(), date_words),
        EntryField::Theme if !value.is_empty() => crate::routes::facets::badge(value).label,
        EntryField::Siren => grouped(value),
        EntryField::Aliases => value.lines().collect::<Vec<_>>().join(", "),
        _ => field.spec().words(value, &in_use()).to_owned(),
    }
}

/// Digits in threes.
fn grouped(digits: &str) -> String {
    let mut out = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && position % 3 == 0 {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// Label of a theme.
fn theme_label(code: &str) -> String {
    if code.is_empty() {
        String::new()
    } else {
        in_use().get(VocabularyId::Theme).label(code).replace('\'', "’")
    }
}

/// What the feed of the library says of an entry.
pub fn feed_entry(app: &App, item: &VisibleEntry) -> FeedEntry {
    let entry = item.entry();
    let content = item.content();
    let mut title = format!("{}\u{a0}: {}", entry.kind.label(), content.title());
    let mut summary = content.get(EntryField::Summary).to_owned();
    if entry.kind == EntryKind::Meeting {
        let when = words(content, EntryField::StartsAt);
        let place = content.get(EntryField::Place);
        summary = format!("{when}, {place}. {summary}");
        if content.get(EntryField::State) == "cancelled" {
            title = format!("Annulé\u{a0}: {}", content.title());
        }
    }
    FeedEntry {
        id: entry.id.to_string(),
        title,
        url: format!("{}{}", app.settings.base_url, entry.path()),
        published: entry.first_published_at.unwrap_or(entry.updated_at),
        updated: entry.updated_at,
        author: entry
            .carrier
            .as_ref()
            .map_or_else(|| app.site().operator.clone(), |carrier| carrier.name.clone()),
        summary,
    }
}
