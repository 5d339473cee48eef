//! The page of one entry; its JSON document when the address ends with `.json`, a calendar with `.ics`.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Value as Json, json};
use sobria_catalogue::access::{Level, redact_files};
use sobria_catalogue::content::Value;
use sobria_catalogue::entry::field::EntryField;
use sobria_catalogue::entry::life::may_write;
use sobria_catalogue::entry::read::is_forge;
use sobria_catalogue::entry::{Entry, EntryKind, VisibleEntry, redact};
use sobria_catalogue::field::Field;
use sobria_catalogue::link::{End, LinkKind, RecordKind};
use sobria_catalogue::query::CatalogueQuery;
use sobria_catalogue::rights::{Action, can};
use sobria_catalogue::text::fold_key;

use super::{found, kind_of, plural, sort_words, theme_label, words};
use crate::app::App;
use crate::error::WebError;
use crate::relations::{self, Seen};
use crate::respond::{HTML, JSON, for_level};
use crate::routes::cards::{day_words, visible};
use crate::routes::facets::badge;
use crate::routes::frame::{frame, render};
use crate::session::Reader;
use crate::view::entries::{EntryAct, EntryPage, UserRow};
use crate::view::library::Link;
use crate::view::{Crumb, Fact, Place, RichText};

/// Use cases listed on the page of a solution or of a supplier.
const USERS: usize = 100;
/// Records looked at for the same name in their field of suppliers.
const NAMED: usize = 50;

/// One entry.
///
/// # Errors
/// When there is no such entry, the reader may not read it, or it was taken away.
pub async fn page(
    State(app): State<App>,
    uri: Uri,
    Path(slug): Path<String>,
    reader: Reader,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let kind = kind_of(uri.path())?;
    let calendar = slug.strip_suffix(".ics").filter(|_| kind == EntryKind::Meeting);
    let json = slug.strip_suffix(".json");
    let bare = calendar.or(json).unwrap_or(&slug).to_owned();
    let media_type = match (calendar, json) {
        (Some(_), _) => super::agenda::CALENDAR,
        (_, Some(_)) => JSON,
        _ => HTML,
    };
    let level = reader.level();
    for_level(&app, &uri, &headers, level, media_type, async {
        let entry = found(&app, kind, &bare).await?;
        let whole = entry.clone();
        let item = redact(entry, level).ok_or(WebError::NotFound)?;
        if calendar.is_some() {
            return Ok(super::agenda::text(&app, std::slice::from_ref(&item)));
        }
        let seen = match end_of(&item) {
            Some(end) => relations::of(&app, end, level, false).await?,
            None => Vec::new(),
        };
        let mut files = app.store.entry_files(whole.id).await?;
        files.retain(|file| file.is_in(whole.number));
        let files = redact_files(files, level);
        if json.is_some() {
            let mut document = document(&app, &item, &seen);
            if let Some(map) = document.as_object_mut().filter(|_| kind == EntryKind::Resource) {
                let base = &app.settings.base_url;
                let files: Vec<Json> = files.iter().map(|file| file.to_json(base)).collect();
                map.insert("files".to_owned(), json!(files));
            }
            return Ok(document.to_string());
        }
        let mut page = assemble(&app, &item);
        page.files = crate::attachments::lines(&files);
        // Who uses it stands in a table of its own.
        let (users, others): (Vec<Seen>, Vec<Seen>) = seen
            .into_iter()
            .partition(|one| one.tie.kind == LinkKind::UsesSolution);
        page.relations = relations::groups(&others);
        page.users = rows(&app, &item, &users, &others, level).await?;
        page.users_caption = if kind == EntryKind::Supplier {
            "Projets faits avec une de ses solutions".to_owned()
        } else {
            "Projets faits avec cette solution".to_owned()
        };
        named(&app, &mut page, &item, level).await?;
        own(&mut page, &whole, &reader);
        render(&page)
    })
    .await
}

/// Where links to an entry lead; none for those that no link joins.
pub fn end_of(item: &VisibleEntry) -> Option<End> {
    RecordKind::of(item.entry().kind).map(|kind| End {
        kind,
        id: item.entry().id.uuid(),
    })
}

/// An entry with its links, as JSON.
pub fn document(app: &App, item: &VisibleEntry, seen: &[Seen]) -> Json {
    let base = &app.settings.base_url;
    let mut document = item.to_json(base, &app.site().licence_spdx);
    if let (Some(map), Some(end)) = (document.as_object_mut(), end_of(item)) {
        map.insert("links".to_owned(), json!(relations::json(seen, end, base)));
    }
    document
}

fn assemble(app: &App, item: &VisibleEntry) -> EntryPage {
    let entry = item.entry();
    let content = item.content();
    let path = entry.path();
    let title = content.title().to_owned();
    let summary = content.get(EntryField::Summary).to_owned();
    let mut layout = frame(app, Place::Library, &title, &path)
        .described(summary.clone())
        .under(vec![
            Crumb::to("Bibliothèque", "/cas-usages"),
            Crumb::to(plural(entry.kind), entry.kind.path()),
            Crumb::here(title.clone()),
        ]);
    layout.alternates = vec![Link::new("application/json", format!("{path}.json"))];
    let mut formats = vec![Link::new("Cette page en JSON", format!("{path}.json"))];
    if entry.kind == EntryKind::Meeting {
        formats.insert(0, Link::new("Ajouter à mon agenda (iCal)", format!("{path}.ics")));
        formats.push(Link::new("S’abonner à tout l’agenda", "/agenda.ics"));
    }
    let mut further = vec![Link::new("Historique", format!("{path}/historique"))];
    match entry.kind {
        EntryKind::Solution => further.push(Link::new(
            "Décrire un projet qui emploie cette solution",
            format!("/contribuer?solution={}", entry.slug),
        )),
        EntryKind::Supplier => further.push(Link::new(
            "Décrire un projet fait avec ce fournisseur",
            format!("/contribuer?fournisseur={}", entry.slug),
        )),
        _ => {}
    }
    let shown = [
        EntryField::Title,
        EntryField::Summary,
        EntryField::Description,
        EntryField::Website,
    ];
    let facts = content
        .iter()
        .filter(|(field, _)| !shown.contains(field) && *field != EntryField::Reach)
        .map(|(field, _)| Fact {
            label: field.spec().label.to_owned(),
            value: words(content, field),
            href: (field == EntryField::Theme)
                .then(|| format!("{}?theme={}", entry.kind.path(), content.get(field))),
        })
        .collect();
    let theme = content.get(EntryField::Theme);
    let website = content.get(EntryField::Website);
    EntryPage {
        layout,
        kind: sort_words(entry.kind, content),
        carrier: entry
            .carrier
            .as_ref()
            .map(|carrier| Link::new(carrier.name.clone(), format!("/organisations/{}", carrier.slug))),
        summary,
        theme: (!theme.is_empty()).then(|| badge(theme)),
        notice: (content.get(EntryField::State) == "cancelled")
            .then(|| "Ce rendez-vous est annulé.".to_owned()),
        description: RichText::parse(content.get(EntryField::Description)),
        website: (!website.is_empty()).then(|| Link::new(website, website)),
        relations: Vec::new(),
        users: Vec::new(),
        users_caption: String::new(),
        members_only: item
            .beyond()
            .iter()
            .map(|field| field.spec().label.to_owned())
            .collect(),
        files: Vec::new(),
        facts,
        formats,
        further,
        acts: Vec::new(),
        csrf: String::new(),
        provenance: format!(
            "Version {} du {}, sous {}.",
            entry.number,
            day_words(entry.updated_at),
            app.site().licence
        ),
        title,
    }
}

/// Use cases made with a solution: those whose link was read, then those that give exactly its name as supplier.
async fn rows(
    app: &App,
    item: &VisibleEntry,
    users: &[Seen],
    others: &[Seen],
    level: Level,
) -> Result<Vec<UserRow>, WebError> {
    let kind = item.entry().kind;
    if !matches!(kind, EntryKind::Solution | EntryKind::Supplier) {
        return Ok(Vec::new());
    }
    let mut linked: Vec<(Seen, String)> = users
        .iter()
        .map(|seen| (seen.clone(), "Lien relu".to_owned()))
        .collect();
    if kind == EntryKind::Supplier {
        for solution in others.iter().filter(|one| one.tie.kind == LinkKind::ProvidedBy) {
            for seen in relations::of(app, solution.target.end, level, false).await? {
                if seen.tie.kind == LinkKind::UsesSolution {
                    linked.push((seen, format!("Solution «\u{a0}{}\u{a0}»", solution.target.title)));
                }
            }
        }
    }
    let mut rows: Vec<UserRow> = linked
        .into_iter()
        .map(|(seen, how)| UserRow {
            title: seen.target.title,
            href: seen.target.path,
            organisation: seen.target.organisation,
            theme: theme_label(&seen.target.theme),
            maturity: seen.target.maturity,
            how,
        })
        .collect();
    for name in item.content().names() {
        let query = CatalogueQuery {
            text: format!("\"{}\"", name.replace('"', " ")),
            limit: NAMED,
            ..CatalogueQuery::default()
        };
        let found = app.index.find(&query, level)?;
        for case in visible(app, &found.ids, level).await? {
            let path = format!("/cas-usages/{}", case.record().slug);
            // Only the very same name counts: a likely one would be a guess.
            let says = matches!(case.content().get(Field::Suppliers), Some(Value::Names(names))
                if names.iter().any(|written| fold_key(written) == fold_key(name)));
            if says && !rows.iter().any(|row| row.href == path) {
                rows.push(UserRow {
                    title: case.content().title().to_owned(),
                    href: path,
                    organisation: case.record().organisation.name.clone(),
                    theme: theme_label(case.content().code(Field::Theme).unwrap_or("")),
                    maturity: crate::routes::cards::labels(&case, Field::Maturity),
                    how: "Même nom dans la fiche".to_owned(),
                });
            }
        }
    }
    rows.truncate(USERS);
    Ok(rows)
}

/// Leads from the name of the supplier of a solution to its page, when exactly one has that name.
async fn named(app: &App, page: &mut EntryPage, item: &VisibleEntry, level: Level) -> Result<(), WebError> {
    let name = item.content().get(EntryField::SupplierName);
    if name.is_empty() {
        return Ok(());
    }
    if let Some(path) = Directory::read(app, level).await?.path_of(name) {
        for fact in &mut page.facts {
            if fact.label == EntryField::SupplierName.spec().label {
                fact.href = Some(path.clone());
            }
        }
    }
    Ok(())
}

/// Names of published solutions and suppliers with the pages that bear them.
#[derive(Debug, Default)]
pub struct Directory(std::collections::HashMap<String, Option<String>>);

impl Directory {
    /// Reads the names.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn read(app: &App, level: Level) -> Result<Self, WebError> {
        let mut names = std::collections::HashMap::new();
        for kind in [EntryKind::Solution, EntryKind::Supplier] {
            for item in super::list::readable(app, kind, level).await? {
                let own: std::collections::BTreeSet<String> = item.content().names().map(fold_key).collect();
                for name in own {
                    // A name that two pages bear leads to neither.
                    names
                        .entry(name)
                        .and_modify(|path| *path = None)
                        .or_insert_with(|| Some(item.entry().path()));
                }
            }
        }
        Ok(Self(names))
    }

    /// The one page that bears this very name.
    pub fn path_of(&self, name: &str) -> Option<String> {
        self.0.get(&fold_key(name)).cloned().flatten()
    }
}

/// What those who may write or moderate are offered.
fn own(page: &mut EntryPage, entry: &Entry, reader: &Reader) {
    let actor = reader.actor();
    reader.csrf().clone_into(&mut page.csrf);
    if may_write(&entry.state(), &actor).is_err() {
        return;
    }
    page.further.push(Link::new(
        "Modifier",
        format!("{}/{}", super::edit::PATH, entry.id),
    ));
    if RecordKind::of(entry.kind).is_some() {
        page.further.push(Link::new(
            "Lier à une autre fiche",
            format!("{}/liens", entry.path()),
        ));
    }
    if can(&actor, &Action::Review).is_ok() {
        let website = entry.content.get(EntryField::Website);
        if entry.content.get(EntryField::Downloadable) == "yes" && !is_forge(website) {
            page.notice = Some(
                "Pour la modération\u{a0}: l’adresse n’est pas celle d’une forge connue. Vérifiez que le code s’y trouve."
                    .to_owned(),
            );
        }
        page.acts.push(EntryAct {
            action: super::review::PATH.to_owned(),
            hidden: vec![
                ("fiche".to_owned(), entry.id.to_string()),
                ("edition".to_owned(), entry.edition.to_string()),
                ("action".to_owned(), "retirer".to_owned()),
            ],
            label: "Retirer pour de bon…".to_owned(),
        });
    }
}
