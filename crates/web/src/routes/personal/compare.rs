//! `/comparer`: two to five projects, field by field. The address holds everything, so it can be shared.

use std::collections::HashSet;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use sobria_catalogue::access::{Level, VisibleUseCase, level_for, redact};
use sobria_catalogue::content::Value;
use sobria_catalogue::field::Field;
use sobria_catalogue::query::CatalogueQuery;
use sobria_catalogue::text::excerpt;
use sobria_catalogue::vocabulary::VocabularyId;
use sobria_store::Found;

use super::COMPARED;
use crate::app::App;
use crate::error::WebError;
use crate::params::{TEXT_MAX, encode, pairs};
use crate::respond::{HTML, for_level};
use crate::routes::cards::{date_words, kind_label, label_list, visible};
use crate::routes::frame::{frame, render};
use crate::routes::map::place_words;
use crate::session::Reader;
use crate::view::library::Link;
use crate::view::personal::{ComparePage, Compared, ComparedRow};
use crate::view::{Crumb, Place};
use crate::words::in_use;

/// Characters of a long text in a cell.
const TEXT: usize = 280;
/// Projects proposed.
const PROPOSED: usize = 5;
/// What is said of a field that a record leaves empty.
const NOTHING: &str = "Non renseigné";

/// What the address says.
struct Asked {
    slugs: Vec<String>,
    too_many: bool,
    added: String,
    only_differences: bool,
}

impl Asked {
    fn parse(query: &str) -> Self {
        let mut asked = Self {
            slugs: Vec::new(),
            too_many: false,
            added: String::new(),
            only_differences: false,
        };
        for (name, value) in pairs(query) {
            let value = value.trim();
            match name.as_str() {
                "fiche" if !value.is_empty() && !asked.slugs.iter().any(|slug| slug == value) => {
                    asked.slugs.push(value.chars().take(200).collect());
                }
                "ajout" => asked.added = value.chars().take(TEXT_MAX).filter(|c| !c.is_control()).collect(),
                "ecarts" => asked.only_differences = value == "1",
                _ => {}
            }
        }
        asked.too_many = asked.slugs.len() > COMPARED;
        asked.slugs.truncate(COMPARED);
        asked
    }
}

/// The address that compares these records.
fn address(slugs: &[&str], only_differences: bool) -> String {
    let mut parts: Vec<String> = slugs
        .iter()
        .map(|slug| format!("fiche={}", encode(slug)))
        .collect();
    if only_differences {
        parts.push("ecarts=1".to_owned());
    }
    if parts.is_empty() {
        "/comparer".to_owned()
    } else {
        format!("/comparer?{}", parts.join("&"))
    }
}

/// The record of an address part, wherever it moved.
async fn record(app: &App, reader: &Reader, slug: &str) -> Result<Option<VisibleUseCase>, WebError> {
    let mut found = app.store.use_case_by_slug(slug).await?;
    if let Found::Redirect(now) = &found {
        found = app.store.use_case_by_slug(now).await?;
    }
    Ok(match found {
        Found::UseCase { record, .. } => {
            let level = level_for(&reader.actor(), Some(record.organisation.id));
            Some(redact(*record, level))
        }
        Found::Redirect(_) | Found::Withdrawn | Found::None => None,
    })
}

/// The comparison.
///
/// # Errors
/// When the database or the index does not answer.
pub async fn page(
    State(app): State<App>,
    uri: Uri,
    RawQuery(query): RawQuery,
    reader: Reader,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let level = reader.level();
    for_level(&app, &uri, &headers, level, HTML, async {
        let asked = Asked::parse(query.as_deref().unwrap_or(""));
        let mut notices = Vec::new();
        let mut items: Vec<VisibleUseCase> = Vec::new();
        for slug in &asked.slugs {
            match record(&app, &reader, slug).await? {
                Some(item) if items.iter().any(|other| other.record().id == item.record().id) => {}
                Some(item) => items.push(item),
                None => notices.push(format!(
                    "La fiche « {} » n’existe pas ou n’est plus publiée.",
                    excerpt(slug, 80)
                )),
            }
        }
        if asked.too_many {
            notices.push(format!(
                "On compare {COMPARED} projets au plus : les premiers sont gardés."
            ));
        }
        let proposals = propose(&app, &asked, &items, level).await?;
        render(&assemble(&app, &asked, &items, notices, proposals, level))
    })
    .await
}

/// Projects to add: those that answer what was typed, else those most like the first.
async fn propose(
    app: &App,
    asked: &Asked,
    items: &[VisibleUseCase],
    level: Level,
) -> Result<Vec<VisibleUseCase>, WebError> {
    if items.len() >= COMPARED {
        return Ok(Vec::new());
    }
    let present: HashSet<_> = items.iter().map(|item| item.record().id).collect();
    let mut ids = if asked.added.is_empty() {
        match items.first() {
            Some(first) => app.index.similar(first.record().id, level, PROPOSED + COMPARED)?,
            None => Vec::new(),
        }
    } else {
        let query = CatalogueQuery {
            text: asked.added.clone(),
            limit: PROPOSED + COMPARED,
            ..CatalogueQuery::default()
        };
        app.index.find_with(&query, level, &[])?.ids
    };
    ids.retain(|id| !present.contains(id));
    ids.truncate(PROPOSED);
    visible(app, &ids, level).await
}

fn assemble(
    app: &App,
    asked: &Asked,
    items: &[VisibleUseCase],
    mut notices: Vec<String>,
    proposals: Vec<VisibleUseCase>,
    level: Level,
) -> ComparePage {
    let slugs: Vec<&str> = items.iter().map(|item| item.record().slug.as_str()).collect();
    let own = address(&slugs, asked.only_differences);
    let mut layout = frame(app, Place::Library, "Comparer des projets", &own)
        .described("Deux à cinq projets d’intelligence artificielle de collectivités, champ par champ.")
        .under(vec![
            Crumb::to("Bibliothèque", "/cas-usages"),
            Crumb::here("Comparer des projets"),
        ]);
    layout.indexed = layout.indexed && items.is_empty();
    layout.private = level > Level::Public && !items.is_empty();
    let all = if items.len() > 1 { rows(items) } else { Vec::new() };
    let same = all.iter().filter(|row| !row.differs).count();
    let differences = all.len() - same;
    if items.len() == 1 {
        notices.push("Ajoutez au moins un projet pour comparer.".to_owned());
    }
    let toggle = (same > 0 && differences > 0).then(|| {
        let label = if asked.only_differences {
            "Montrer aussi ce qui est identique"
        } else {
            "Ne montrer que les différences"
        };
        Link::new(label, address(&slugs, !asked.only_differences))
    });
    let differing = crate::locale::counted(
        u64::try_from(differences).unwrap_or(u64::MAX),
        "ligne diffère",
        "lignes diffèrent",
    );
    ComparePage {
        layout,
        notices,
        columns: items
            .iter()
            .map(|item| {
                let slug = item.record().slug.as_str();
                let others: Vec<&str> = slugs.iter().copied().filter(|other| *other != slug).collect();
                Compared {
                    slug: slug.to_owned(),
                    title: item.content().title().to_owned(),
                    href: format!("/cas-usages/{slug}"),
                    organisation: item.record().organisation.name.clone(),
                    without: address(&others, asked.only_differences),
                }
            })
            .collect(),
        caption: format!(
            "{differing} sur {}. Les textes longs sont coupés : le titre mène à la fiche entière.",
            all.len()
        ),
        rows: all
            .into_iter()
            .filter(|row| row.differs || !asked.only_differences)
            .collect(),
        toggle,
        only_differences: asked.only_differences,
        can_add: items.len() < COMPARED,
        proposed: if asked.added.is_empty() {
            "Projets proches".to_owned()
        } else if proposals.is_empty() {
            format!("Aucun autre projet ne répond à « {} ».", asked.added)
        } else {
            format!("Projets qui répondent à « {} »", asked.added)
        },
        proposals: proposals
            .iter()
            .map(|item| {
                let mut with = slugs.clone();
                with.push(item.record().slug.as_str());
                Link::new(
                    format!("{} ({})", item.content().title(), item.record().organisation.name),
                    address(&with, asked.only_differences),
                )
            })
            .collect(),
        added: asked.added.clone(),
    }
}

/// Every line with something in it: what is said of the carriers, then the fields of the model, in its order.
fn rows(items: &[VisibleUseCase]) -> Vec<ComparedRow> {
    let carriers = |label: &str, of: &dyn Fn(&VisibleUseCase) -> String| {
        row(label, items.iter().map(|item| vec![of(item)]).collect())
    };
    let mut rows = vec![
        carriers("Type d’organisation", &|item| {
            kind_label(item.record().organisation.kind.as_deref())
        }),
        carriers("Territoire", &|item| place_words(&item.record().organisation)),
        carriers("Population", &|item| {
            item.record()
                .organisation
                .population
                .map_or_else(String::new, |number| {
                    crate::locale::counted(u64::from(number), "habitant", "habitants")
                })
        }),
    ];
    rows.extend(
        Level::Moderator
            .fields()
            .filter(|spec| spec.field != Field::Title && !spec.field.is_of_organisation())
            .map(|spec| {
                row(
                    spec.label,
                    items.iter().map(|item| words(item, spec.field)).collect(),
                )
            }),
    );
    rows.into_iter().flatten().collect()
}

/// One line; none when nobody says anything. Lists that differ in their order only are the same.
fn row(label: &str, values: Vec<Vec<String>>) -> Option<ComparedRow> {
    let values: Vec<Vec<String>> = values
        .into_iter()
        .map(|mut parts| {
            parts.retain(|part| !part.is_empty());
            parts
        })
        .collect();
    if values.iter().all(Vec::is_empty) {
        return None;
    }
    let sorted: HashSet<Vec<String>> = values
        .iter()
        .map(|parts| {
            let mut parts = parts.clone();
            parts.sort_unstable();
            parts
        })
        .collect();
    Some(ComparedRow {
        label: label.to_owned(),
        differs: sorted.len() > 1,
        cells: values
            .iter()
            .map(|parts| {
                if parts.is_empty() {
                    NOTHING.to_owned()
                } else {
                    excerpt(&parts.join("\n"), TEXT)
                }
            })
            .collect(),
    })
}

/// What a record says in a field, in words.
fn words(item: &VisibleUseCase, field: Field) -> Vec<String> {
    let Some(value) = item.content().get(field) else {
        return Vec::new();
    };
    match value {
        Value::Text(text) => vec![text.replace("**", "")],
        Value::Code(_) | Value::Codes(_) => label_list(item, field),
        Value::CodesText(both) => {
            let mut parts = label_list(item, field);
            parts.extend(both.text.clone());
            parts
        }
        Value::Date(date) => vec![date_words(*date)],
        Value::Integer(number) => vec![crate::locale::integer(*number)],
        Value::Partners(partners) => partners
            .iter()
            .map(|partner| match &partner.role {
                Some(role) => {
                    let label = in_use().get(VocabularyId::PartnerRole).label(role);
                    format!("{} ({})", partner.name, label.to_lowercase())
                }
                None => partner.name.clone(),
            })
            .collect(),
        Value::Names(names) => names.clone(),
        // An address that only the carrier's agents can open says nothing to others.
        Value::Links(links) => links
            .iter()
            .map(|link| {
                let open = link.access.as_deref().is_none_or(|access| access == "open");
                let label = link.label.clone().or_else(|| link.url.clone().filter(|_| open));
                label.unwrap_or_else(|| "Accès interne uniquement".to_owned())
            })
            .collect(),
        Value::Contact(contact) => contact.role.iter().chain(contact.email.iter()).cloned().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(values: &[&[&str]]) -> Option<ComparedRow> {
        let values = values
            .iter()
            .map(|parts| parts.iter().map(|part| (*part).to_owned()).collect())
            .collect();
        row("Champ", values)
    }

    #[test]
    fn a_line_differs_when_its_values_do_and_not_when_their_order_does() {
        assert!(cells(&[&[], &[""]]).is_none());
        assert!(!cells(&[&["a", "b"], &["b", "a"]]).unwrap().differs);
        assert!(cells(&[&["a"], &["a", "b"]]).unwrap().differs);
        let missing = cells(&[&["a"], &[]]).unwrap();
        assert!(missing.differs);
        assert_eq!(missing.cells, ["a", NOTHING]);
    }

    #[test]
    fn texts_that_begin_alike_still_differ() {
        let long = "x".repeat(TEXT * 2);
        let other = format!("{long}y");
        let row = cells(&[&[&long], &[&other]]).unwrap();
        assert!(row.differs);
        assert!(row.cells.iter().all(|cell| cell.chars().count() <= TEXT + 1));
    }

    #[test]
    fn an_address_is_read_with_care() {
        let asked = Asked::parse("fiche=a&fiche=a&fiche=&fiche=b&fiche=c&fiche=d&fiche=e&fiche=f&ecarts=1");
        assert_eq!(asked.slugs, ["a", "b", "c", "d", "e"]);
        assert!(asked.too_many && asked.only_differences);
        assert_eq!(address(&["a", "b"], true), "/comparer?fiche=a&fiche=b&ecarts=1");
        assert_eq!(address(&[], false), "/comparer");
    }
}
