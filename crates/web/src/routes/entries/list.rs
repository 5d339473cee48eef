//! The list of one kind of entry: search, filters, pages.

use std::collections::HashMap;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sobria_catalogue::access::Level;
use sobria_catalogue::entry::field::EntryField;
use sobria_catalogue::entry::{EntryKind, VisibleEntry, redact};
use sobria_catalogue::link::LinkKind;
use sobria_catalogue::text::fold_key;
use uuid::Uuid;

use super::{kind_of, plural, sort_field, sort_words, tabs, words};
use crate::app::App;
use crate::error::WebError;
use crate::locale;
use crate::params::{encode, pairs};
use crate::respond::{HTML, for_level};
use crate::routes::facets::badge;
use crate::routes::frame::{frame, render};
use crate::session::Reader;
use crate::view::entries::{EntriesPage, EntryCard, EntryGroup};
use crate::view::library::{EmptyState, Link};
use crate::view::{FormOption, Pagination, Place};
use crate::words::in_use;

/// Entries on a page.
const PAGE: usize = 24;

/// What the address asks for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Words: all of them must be found.
    pub text: String,
    /// Code of the sort of thing.
    pub sort: String,
    /// Code of a theme.
    pub theme: String,
    page: usize,
}

impl Asked {
    fn parse(query: &str) -> Self {
        let mut asked = Self {
            page: 1,
            ..Self::default()
        };
        for (name, value) in pairs(query) {
            match name.as_str() {
                "q" => asked.text = value.trim().chars().take(200).collect(),
                "type" => asked.sort = value.chars().take(40).collect(),
                "theme" => asked.theme = value.chars().take(40).collect(),
                "page" => asked.page = value.parse().unwrap_or(1).clamp(1, 100_000),
                _ => {}
            }
        }
        asked
    }

    /// Whether an entry answers. Only what its reader may read is looked at.
    pub fn admits(&self, item: &VisibleEntry) -> bool {
        let content = item.content();
        if !self.theme.is_empty() && content.get(EntryField::Theme) != self.theme {
            return false;
        }
        if !self.sort.is_empty()
            && sort_field(item.entry().kind).is_none_or(|field| content.get(field) != self.sort)
        {
            return false;
        }
        if self.text.is_empty() {
            return true;
        }
        let mut text: String = content
            .iter()
            .map(|(field, _)| words(content, field))
            .collect::<Vec<_>>()
            .join(" ");
        if let Some(carrier) = &item.entry().carrier {
            text.push(' ');
            text.push_str(&carrier.name);
        }
        let text = fold_key(&text);
        fold_key(&self.text).split(' ').all(|word| text.contains(word))
    }

    fn address(&self, kind: EntryKind, page: usize) -> String {
        let mut parts = Vec::new();
        for (name, value) in [("q", &self.text), ("type", &self.sort), ("theme", &self.theme)] {
            if !value.is_empty() {
                parts.push(format!("{name}={}", encode(value)));
            }
        }
        if page > 1 {
            parts.push(format!("page={page}"));
        }
        if parts.is_empty() {
            kind.path().to_owned()
        } else {
            format!("{}?{}", kind.path(), parts.join("&"))
        }
    }
}

/// What a reader may read of every published entry of a kind, last published first.
///
/// # Errors
/// When the database does not answer.
pub async fn readable(app: &App, kind: EntryKind, level: Level) -> Result<Vec<VisibleEntry>, WebError> {
    Ok(app
        .store
        .published_entries(kind)
        .await?
        .into_iter()
        .filter_map(|entry| redact(entry, level))
        .collect())
}

/// The day on which a meeting is over, in mainland France.
fn last_day(item: &VisibleEntry) -> Option<Date> {
    let content = item.content();
    let zone = TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC);
    content
        .moment(EntryField::EndsAt)
        .or_else(|| content.moment(EntryField::StartsAt))
        .map(|at| at.to_zoned(zone).date())
}

/// Whether a meeting is not over on that day.
pub fn is_coming(item: &VisibleEntry, today: Date) -> bool {
    last_day(item).is_none_or(|day| day >= today)
}

/// The page of the list.
///
/// # Errors
/// When the database does not answer.
pub async fn page(
    State(app): State<App>,
    uri: Uri,
    RawQuery(query): RawQuery,
    reader: Reader,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let kind = kind_of(uri.path())?;
    let level = reader.level();
    for_level(&app, &uri, &headers, level, HTML, async {
        let asked = Asked::parse(query.as_deref().unwrap_or(""));
        let mut items = readable(&app, kind, level).await?;
        let all = items.len();
        items.retain(|item| asked.admits(item));
        let users = users_of(&app, kind).await?;
        let today = app.today();
        sort(kind, &mut items, today);
        let total = items.len();
        let last = total.div_ceil(PAGE).max(1);
        let current = asked.page.min(last);
        let shown: Vec<&VisibleEntry> = items.iter().skip((current - 1) * PAGE).take(PAGE).collect();
        let mut layout =
            frame(&app, Place::Library, plural(kind), &asked.address(kind, current)).described(lead(kind));
        layout.private = level > Level::Public;
        layout.feed = Some("/flux.atom".to_owned());
        let count = u64::try_from(total).unwrap_or(u64::MAX);
        render(&EntriesPage {
            layout,
            title: plural(kind).to_owned(),
            lead: lead(kind).to_owned(),
            total: locale::count(total),
            total_label: if total == all {
                unit(kind, count).to_owned()
            } else {
                format!("{} sur {}", unit(kind, count), locale::count(all))
            },
            tabs: tabs(kind),
            action: kind.path().to_owned(),
            kinds: sort_field(kind)
                .map(|field| options("Toutes", field.spec().options(&in_use()), &asked.sort))
                .unwrap_or_default(),
            themes: if EntryField::of(kind).any(|field| field == EntryField::Theme) {
                options(
                    "Toutes",
                    EntryField::Theme.spec().options(&in_use()),
                    &asked.theme,
                )
            } else {
                Vec::new()
            },
            groups: groups(kind, &shown, today, &users),
            empty: empty(kind, all == 0, &asked),
            pagination: Pagination::new(current, last, |page| asked.address(kind, page)),
            links: links(kind),
            query: asked.text.clone(),
        })
    })
    .await
}

fn options(every: &str, list: Vec<(&'static str, &'static str)>, chosen: &str) -> Vec<FormOption> {
    std::iter::once(FormOption::new("", every, chosen.is_empty()))
        .chain(
            list.into_iter()
                .map(|(code, label)| FormOption::new(code, label.replace('\'', "’"), code == chosen)),
        )
        .collect()
}

/// Use cases that say, by a link that was read, that they are made with each solution.
async fn users_of(app: &App, kind: EntryKind) -> Result<HashMap<Uuid, u64>, WebError> {
    let mut users = HashMap::new();
    if kind == EntryKind::Solution {
        for tie in app.store.public_links_of_kind(LinkKind::UsesSolution).await? {
            *users.entry(tie.to.id).or_insert(0) += 1;
        }
    }
    Ok(users)
}

/// Meetings: those to come from the next one, then the others from the last one. Directories: by name. News and the
/// rest: as they were published.
fn sort(kind: EntryKind, items: &mut [VisibleEntry], today: Date) {
    match kind {
        EntryKind::Meeting => items.sort_by_cached_key(|item| {
            let start = item
                .content()
                .moment(EntryField::StartsAt)
                .map_or(0, |at| at.as_second());
            if is_coming(item, today) {
                (false, start)
            } else {
                (true, -start)
            }
        }),
        EntryKind::Solution | EntryKind::Supplier => {
            items.sort_by_cached_key(|item| fold_key(item.content().title()));
        }
        EntryKind::Governance | EntryKind::Resource | EntryKind::News => {}
    }
}

fn groups(
    kind: EntryKind,
    items: &[&VisibleEntry],
    today: Date,
    users: &HashMap<Uuid, u64>,
) -> Vec<EntryGroup> {
    let cards = |wanted: &dyn Fn(&VisibleEntry) -> bool| {
        items
            .iter()
            .filter(|item| wanted(item))
            .map(|item| card(item, users))
            .collect::<Vec<EntryCard>>()
    };
    if kind == EntryKind::Meeting {
        vec![
            EntryGroup {
                title: "À venir".to_owned(),
                cards: cards(&|item| is_coming(item, today)),
            },
            EntryGroup {
                title: "Passés".to_owned(),
                cards: cards(&|item| !is_coming(item, today)),
            },
        ]
    } else {
        vec![EntryGroup {
            title: String::new(),
            cards: cards(&|_| true),
        }]
    }
}

fn card(item: &VisibleEntry, users: &HashMap<Uuid, u64>) -> EntryCard {
    let entry = item.entry();
    let content = item.content();
    let mut facts = Vec::new();
    if sort_field(entry.kind).is_some() {
        facts.push(sort_words(entry.kind, content));
    }
    let fields: &[EntryField] = match entry.kind {
        EntryKind::Governance => &[EntryField::Date],
        EntryKind::Resource => &[EntryField::Licence],
        EntryKind::Solution => &[EntryField::SupplierName, EntryField::Openness],
        EntryKind::Meeting => &[EntryField::Place],
        EntryKind::Supplier | EntryKind::News => &[],
    };
    facts.extend(
        fields
            .iter()
            .map(|field| words(content, *field))
            .filter(|words| !words.is_empty()),
    );
    if let Some(count) = users.get(&entry.id.uuid()) {
        facts.push(locale::counted(*count, "cas d’usage", "cas d’usage"));
    }
    let theme = content.get(EntryField::Theme);
    EntryCard {
        title: content.title().to_owned(),
        href: entry.path(),
        over: match entry.kind {
            EntryKind::Meeting => words(content, EntryField::StartsAt),
            EntryKind::News => entry
                .first_published_at
                .map(crate::routes::cards::day_words)
                .unwrap_or_default(),
            _ => entry
                .carrier
                .as_ref()
                .map(|carrier| carrier.name.clone())
                .unwrap_or_default(),
        },
        summary: content.get(EntryField::Summary).to_owned(),
        facts,
        theme: (!theme.is_empty()).then(|| badge(theme)),
        warning: if content.get(EntryField::State) == "cancelled" {
            "Annulé".to_owned()
        } else {
            String::new()
        },
    }
}

const fn lead(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Governance => {
            "Chartes, stratégies, comités, formations\u{a0}: comment les collectivités encadrent leurs usages de l’IA."
        }
        EntryKind::Resource => {
            "Codes, jeux de données, modèles, documents et clauses que d’autres peuvent reprendre, avec leur licence."
        }
        EntryKind::Solution => {
            "Les produits et services dont se servent les projets de la bibliothèque. Sans note ni classement."
        }
        EntryKind::Supplier => {
            "Qui fournit les solutions citées dans la bibliothèque. Sans note ni classement."
        }
        EntryKind::Meeting => "Groupes de travail, formations et rencontres, à l’heure de Paris.",
        EntryKind::News => "Ce qui change dans la bibliothèque et autour d’elle.",
    }
}

fn unit(kind: EntryKind, count: u64) -> &'static str {
    match kind {
        EntryKind::Governance => locale::plural(count, "initiative", "initiatives"),
        EntryKind::Resource => locale::plural(count, "ressource", "ressources"),
        EntryKind::Solution => locale::plural(count, "solution", "solutions"),
        EntryKind::Supplier => locale::plural(count, "fournisseur", "fournisseurs"),
        EntryKind::Meeting => "rendez-vous",
        EntryKind::News => locale::plural(count, "nouvelle", "nouvelles"),
    }
}

fn empty(kind: EntryKind, nothing_at_all: bool, asked: &Asked) -> EmptyState {
    if nothing_at_all {
        return EmptyState {
            what: match kind {
                EntryKind::Governance => "Aucune initiative n’est encore publiée.",
                EntryKind::Resource => "Aucune ressource n’est encore publiée.",
                EntryKind::Solution => "Aucune solution n’est encore publiée.",
                EntryKind::Supplier => "Aucun fournisseur n’est encore publié.",
                EntryKind::Meeting => "Aucun rendez-vous n’est annoncé.",
                EntryKind::News => "Il n’y a pas encore de nouvelle.",
            }
            .to_owned(),
            why: String::new(),
            steps: links(kind),
        };
    }
    EmptyState {
        what: "Rien ne répond à cette recherche.".to_owned(),
        why: if asked.text.is_empty() {
            "Retirez un filtre.".to_owned()
        } else {
            format!(
                "Tous les mots doivent s’y trouver\u{a0}: «\u{a0}{}\u{a0}».",
                asked.text
            )
        },
        steps: vec![Link::new("Voir toute la liste", kind.path())],
    }
}

fn links(kind: EntryKind) -> Vec<Link> {
    let mut links = Vec::new();
    if let Some((name, _)) = super::files::FILES.iter().find(|(_, of)| *of == Some(kind)) {
        links.push(Link::new("CSV", format!("/exports/{name}.csv")));
    }
    match kind {
        EntryKind::Governance => links.push(Link::new("JSON", "/api/v1/governance")),
        EntryKind::Resource => links.push(Link::new("JSON", "/api/v1/resources")),
        EntryKind::Solution => links.push(Link::new("JSON", "/api/v1/solutions")),
        EntryKind::Supplier => links.push(Link::new("JSON", "/api/v1/suppliers")),
        EntryKind::Meeting => links.push(Link::new("S’abonner depuis un agenda (iCal)", "/agenda.ics")),
        EntryKind::News => {}
    }
    links.push(Link::new("Flux Atom", "/flux.atom"));
    let (label, kind_code) = match kind {
        EntryKind::Governance => ("Décrire une initiative", kind.code()),
        EntryKind::Resource => ("Partager une ressource", kind.code()),
        EntryKind::Solution => ("Décrire une solution", kind.code()),
        EntryKind::Supplier => ("Décrire un fournisseur", kind.code()),
        EntryKind::Meeting => ("Proposer un rendez-vous", kind.code()),
        EntryKind::News => return links,
    };
    links.push(Link::new(
        label,
        format!("{}/nouvelle?type={kind_code}", super::edit::PATH),
    ));
    links
}
