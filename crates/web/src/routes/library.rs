//! `/cas-usages`: one search, three ways of looking at its results.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use sobria_catalogue::access::{Level, VisibleUseCase};
use sobria_catalogue::entry::EntryKind;
use sobria_catalogue::entry::field::EntryField;
use sobria_catalogue::field::Field;
use sobria_catalogue::query::{Facet, Sort};
use sobria_search::Found;

use crate::app::App;
use crate::error::WebError;
use crate::locale;
use crate::params::{ListParams, View, encode, facet_name, sort_label, sort_name};
use crate::respond::{HTML, for_level};
use crate::routes::cards::{cards, date_words, kind_label, labels, visible};
use crate::routes::entries::plural;
use crate::routes::facets::{badge, title, value_label};
use crate::routes::frame::{frame, render};
use crate::routes::map::map_view;
use crate::session::Reader;
use crate::view::filters::{Chip, FacetGroup, FacetOption, Filters, TextFilter, YearFilter};
use crate::view::library::{Choice, EmptyState, LibraryPage, Link, Results, Tab};
use crate::view::table::{Column, ColumnChoice, Row, TableCell, TableView};
use crate::view::{Pagination, Place, plain};

/// Groups of check boxes, in the order of the page.
const GROUPS: [Facet; 11] = [
    Facet::Theme,
    Facet::Subtheme,
    Facet::Maturity,
    Facet::Audience,
    Facet::OrganisationKind,
    Facet::ServiceUsage,
    Facet::AlgorithmKind,
    Facet::Population,
    Facet::OpenResource,
    Facet::SharedResource,
    Facet::Evaluation,
];

/// Names of solutions that the browser proposes.
const NAMES: usize = 4;

/// Columns of the table beside the title, with the order that each one gives.
const COLUMNS: [(&str, &str, Option<Sort>); 9] = [
    ("organisation", "Organisation", Some(Sort::Organisation)),
    ("type", "Type", None),
    ("departement", "Département", None),
    ("theme", "Politique publique", None),
    ("public", "Public", None),
    ("maturite", "Maturité", None),
    ("demarrage", "Démarrage", Some(Sort::Start)),
    ("miseajour", "Mise à jour", Some(Sort::Recent)),
    ("completude", "Complétude", Some(Sort::Completeness)),
];

/// Columns shown when none is chosen.
const DEFAULT_COLUMNS: [&str; 4] = ["organisation", "theme", "maturite", "demarrage"];

/// The library.
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
        let params = ListParams::parse(query.as_deref().unwrap_or(""), level);
        let question = params.question();
        let found = app.index.find(&question, level)?;
        let results = if found.total == 0 {
            Results::Empty(empty(&params))
        } else if found.ids.is_empty() && params.view != View::Map {
            Results::Empty(beyond(&params, &found))
        } else {
            match params.view {
                View::Cards => {
                    let searched = found.searched(&params.query.text);
                    Results::Cards(cards(&app, &found.ids, level, &searched).await?)
                }
                View::Table => Results::Table(table(&params, &visible(&app, &found.ids, level).await?)),
                View::Map => Results::Map(map_view(&app, &params, &question, level).await?),
            }
        };
        render(&assemble(&app, &params, &found, results, level))
    })
    .await
}

/// What tells this page of the library from the others in a list of tabs: words, view, narrowing, page.
fn tab_title(params: &ListParams, total: usize) -> String {
    let mut parts = vec![match params.query.text.as_str() {
        "" => "Bibliothèque".to_owned(),
        words => format!("«\u{a0}{words}\u{a0}»"),
    }];
    match params.view {
        View::Cards => {}
        View::Table => parts.push("tableau".to_owned()),
        View::Map => parts.push("carte".to_owned()),
    }
    if params.is_narrowed() {
        let noun = locale::plural(u64::try_from(total).unwrap_or(u64::MAX), "projet", "projets");
        parts.push(format!("{} {noun}", locale::count(total)));
    }
    if params.page > 1 {
        parts.push(format!("page {}", params.page));
    }
    parts.join(", ")
}

fn assemble(app: &App, params: &ListParams, found: &Found, results: Results, level: Level) -> LibraryPage {
    let query = params.to_query();
    let address = |query: &str| {
        if query.is_empty() {
            "/cas-usages".to_owned()
        } else {
            format!("/cas-usages?{query}")
        }
    };
    let words = tab_title(params, found.total);
    let mut layout = frame(app, Place::Library, &words, &address(&query)).described(
        "Projets d’intelligence artificielle des collectivités\u{a0}: cherchez, filtrez, comparez, téléchargez.",
    );
    layout.scripted = true;
    layout.private = level > Level::Public;
    layout.indexed = layout.indexed && !params.is_narrowed();
    let feed = if query.is_empty() {
        "/flux.atom".to_owned()
    } else {
        format!("/flux.atom?{query}")
    };
    layout.feed = Some(feed.clone());
    let pages = found.total.div_ceil(params.view.page_size());
    let pagination = if params.view == View::Map {
        Pagination::default()
    } else {
        Pagination::new(params.page.min(pages + 1), pages, |page| {
            address(&params.to_page(page))
        })
    };
    let tabs = [
        (View::Cards, "Fiches"),
        (View::Table, "Tableau"),
        (View::Map, "Carte"),
    ]
    .into_iter()
    .map(|(view, label)| Tab {
        label: label.to_owned(),
        href: address(&params.with_view(view).to_query()),
        current: view == params.view,
    })
    .collect();
    let sorts = if params.view == View::Map {
        Vec::new()
    } else {
        // Relevance means something only beside words; without them, the latest come first.
        let searched = !params.query.text.is_empty();
        let chosen = match params.query.sort {
            Sort::Relevance if !searched => Sort::Recent,
            sort => sort,
        };
        Sort::ALL
            .into_iter()
            .filter(|sort| searched || *sort != Sort::Relevance)
            .map(|sort| Choice {
                value: sort_name(sort).to_owned(),
                label: sort_label(sort).to_owned(),
                selected: sort == chosen,
            })
            .collect()
    };
    LibraryPage {
        total: locale::count(found.total),
        total_label: locale::plural(
            u64::try_from(found.total).unwrap_or(u64::MAX),
            "projet",
            "projets",
        )
        .to_owned(),
        filters: filters(params, found, level, &address),
        tabs,
        sorts,
        did_you_mean: remark(params, found, &address),
        results,
        pagination,
        downloads: [
            ("CSV", "csv"),
            ("Excel", "xlsx"),
            ("JSON", "json"),
            ("GeoJSON", "geojson"),
        ]
        .into_iter()
        // A file without a row is of no use; a feed or a kept search tells of the first one.
        .filter(|_| found.total > 0)
        .map(|(label, extension)| {
            let file = format!("/exports/use-cases.{extension}");
            Link::new(
                label,
                if query.is_empty() {
                    file
                } else {
                    format!("{file}?{query}")
                },
            )
        })
        .collect(),
        feed: Some(feed),
        embed: (level == Level::Public && found.total > 0 && !app.settings.site.embed_hosts.is_empty()).then(
            || {
                if query.is_empty() {
                    "/donnees#integrer".to_owned()
                } else {
                    format!("/donnees?{query}#integrer")
                }
            },
        ),
        keep: if query.is_empty() {
            "/mon-espace/recherches/nouvelle".to_owned()
        } else {
            format!("/mon-espace/recherches/nouvelle?{query}")
        },
        layout,
    }
}

fn remark(params: &ListParams, found: &Found, address: &impl Fn(&str) -> String) -> Option<Link> {
    if found.total == 0 {
        return None;
    }
    if let Some((typed, used)) = found.corrections.first() {
        let mut other = params.clone();
        other.query.text = params.query.text.replace(typed.as_str(), used);
        return Some(Link::new(
            format!(
                "Aucun projet ne contient «\u{a0}{typed}\u{a0}»\u{a0}: voici les résultats pour «\u{a0}{used}\u{a0}»."
            ),
            address(&other.to_query()),
        ));
    }
    found.relaxed.then(|| {
        Link::new(
            "Aucun projet ne contient tous ces mots\u{a0}: voici ceux qui en contiennent une partie.",
            address(&params.to_query()),
        )
    })
}

fn empty(params: &ListParams) -> EmptyState {
    let mut steps = Vec::new();
    if params.is_narrowed() && !params.query.text.is_empty() && has_filters(params) {
        let only_text = ListParams {
            view: params.view,
            query: sobria_catalogue::query::CatalogueQuery {
                text: params.query.text.clone(),
                ..Default::default()
            },
            ..Default::default()
        };
        steps.push(Link::new(
            "Chercher ces mots sans les filtres",
            format!("/cas-usages?{}", only_text.to_query()),
        ));
    }
    if params.is_narrowed() {
        steps.push(Link::new("Voir tous les projets", "/cas-usages"));
        steps.push(Link::new("Lire les conseils de recherche", "/aide#chercher"));
    } else {
        steps.push(Link::new("Comprendre la démarche", "/contexte"));
    }
    if params.is_narrowed() {
        EmptyState {
            what: "Aucun projet ne répond à cette recherche.".to_owned(),
            why: "Essayez un mot plus général, vérifiez l’orthographe, ou retirez un filtre.".to_owned(),
            steps,
        }
    } else {
        EmptyState {
            what: "La bibliothèque ne contient pas encore de projet publié.".to_owned(),
            why: "Les fiches apparaissent ici dès leur publication.".to_owned(),
            steps,
        }
    }
}

/// A page after the last one: the list became shorter since its address was written down.
fn beyond(params: &ListParams, found: &Found) -> EmptyState {
    let last = found.total.div_ceil(params.view.page_size());
    let address = |page| match params.to_page(page).as_str() {
        "" => "/cas-usages".to_owned(),
        query => format!("/cas-usages?{query}"),
    };
    EmptyState {
        what: format!("La liste n’a pas de page {}.", locale::count(params.page)),
        why: format!(
            "Elle tient en {}.",
            locale::counted(u64::try_from(last).unwrap_or(u64::MAX), "page", "pages")
        ),
        steps: vec![
            Link::new("Aller à la dernière page", address(last)),
            Link::new("Revenir à la première", address(1)),
        ],
    }
}

fn has_filters(params: &ListParams) -> bool {
    !params.query.filters.is_empty()
        || !params.area.is_empty()
        || params.query.year_from.is_some()
        || params.query.year_to.is_some()
}

fn filters(params: &ListParams, found: &Found, level: Level, address: &impl Fn(&str) -> String) -> Filters {
    let counts = |facet: Facet| {
        found
            .facets
            .iter()
            .find(|(other, _)| *other == facet)
            .map_or(&[][..], |(_, counts)| counts.as_slice())
    };
    let groups = GROUPS
        .into_iter()
        .filter(|facet| facet.is_open_to(level))
        // Members read all that is shared in one list; the list of what everyone reads stays while it is in force.
        .filter(|facet| {
            *facet != Facet::OpenResource
                || !Facet::SharedResource.is_open_to(level)
                || !params.query.wanted(Facet::OpenResource).is_empty()
        })
        // Sub-themes number more than thirty: they show once a theme is chosen, or when one of them is.
        .filter(|facet| {
            *facet != Facet::Subtheme
                || !params.query.wanted(Facet::Theme).is_empty()
                || !params.query.wanted(Facet::Subtheme).is_empty()
        })
        .filter_map(|facet| group(params, facet, counts(facet)))
        .collect();
    let years: Vec<&str> = counts(Facet::StartYear)
        .iter()
        .map(|(year, _)| year.as_str())
        .collect();
    let chips = chips(params, address);
    Filters {
        action: "/cas-usages".to_owned(),
        query: params.query.text.clone(),
        groups,
        place: Some(TextFilter {
            label: "Territoire".to_owned(),
            name: "territoire".to_owned(),
            value: params.area.clone(),
            hint: "29, Finistère, Bretagne".to_owned(),
            options: Vec::new(),
        }),
        solution: solution(params, counts(Facet::Solution)),
        years: Some(YearFilter {
            from: params
                .query
                .year_from
                .map(|year| year.to_string())
                .unwrap_or_default(),
            to: params
                .query
                .year_to
                .map(|year| year.to_string())
                .unwrap_or_default(),
            min: years
                .iter()
                .min()
                .map_or_else(|| "1990".to_owned(), |year| (*year).to_owned()),
            max: years
                .iter()
                .max()
                .map_or_else(|| "2100".to_owned(), |year| (*year).to_owned()),
        }),
        kinds: kinds(params),
        hidden: hidden(params),
        reset: (!chips.is_empty()).then(|| {
            address(
                &ListParams {
                    view: params.view,
                    ..Default::default()
                }
                .to_query(),
            )
        }),
        chips,
    }
}

/// The field for names of solutions; none while no project names one.
fn solution(params: &ListParams, counts: &[(String, usize)]) -> Option<TextFilter> {
    let wanted = params.query.wanted(Facet::Solution).first();
    (wanted.is_some() || !counts.is_empty()).then(|| TextFilter {
        label: title(Facet::Solution).to_owned(),
        name: facet_name(Facet::Solution).to_owned(),
        value: wanted.cloned().unwrap_or_default(),
        hint: "Un nom, même en partie".to_owned(),
        options: counts.iter().take(NAMES).map(|(name, _)| name.clone()).collect(),
    })
}

/// What the form carries along without a field of its own: the view, and the names beyond the one that is shown.
fn hidden(params: &ListParams) -> Vec<(String, String)> {
    let view = (params.view != View::Cards).then(|| ("vue".to_owned(), params.view.id().to_owned()));
    let names = params.query.wanted(Facet::Solution).iter().skip(1);
    view.into_iter()
        .chain(names.map(|name| (facet_name(Facet::Solution).to_owned(), name.clone())))
        .collect()
}

/// The same words, and the same policy when one alone is chosen, among records of other types.
fn kinds(params: &ListParams) -> Vec<Link> {
    [
        EntryKind::Governance,
        EntryKind::Resource,
        EntryKind::Solution,
        EntryKind::Supplier,
    ]
    .into_iter()
    .map(|kind| {
        let mut parts = Vec::new();
        if !params.query.text.is_empty() {
            parts.push(format!("q={}", encode(&params.query.text)));
        }
        if let [theme] = params.query.wanted(Facet::Theme)
            && EntryField::of(kind).any(|field| field == EntryField::Theme)
        {
            parts.push(format!("theme={}", encode(theme)));
        }
        let path = kind.path();
        let address = if parts.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{}", parts.join("&"))
        };
        Link::new(plural(kind), address)
    })
    .collect()
}

fn group(params: &ListParams, facet: Facet, counts: &[(String, usize)]) -> Option<FacetGroup> {
    let wanted = params.query.wanted(facet);
    let themes = params.query.wanted(Facet::Theme);
    let options: Vec<FacetOption> = counts
        .iter()
        .filter(|(code, count)| *count > 0 || wanted.contains(code))
        .filter(|(code, _)| {
            facet != Facet::Subtheme
                || wanted.contains(code)
                || sobria_catalogue::vocabulary::Vocabularies::embedded()
                    .theme_of(code)
                    .is_some_and(|theme| themes.iter().any(|t| t == theme))
        })
        .map(|(code, count)| FacetOption {
            value: code.clone(),
            label: value_label(facet, code),
            count: locale::count(*count),
            checked: wanted.contains(code),
            theme: (facet == Facet::Theme).then(|| badge(code)),
        })
        .collect();
    if options.is_empty() {
        return None;
    }
    let mut group = FacetGroup::new(title(facet), facet_name(facet), options);
    group.folded = wanted.is_empty()
        && matches!(
            facet,
            Facet::ServiceUsage
                | Facet::AlgorithmKind
                | Facet::Population
                | Facet::OpenResource
                | Facet::SharedResource
                | Facet::Evaluation
        );
    group.hint = match facet {
        Facet::OpenResource => "À reprendre sans rien demander, selon leur licence.",
        Facet::SharedResource => "Ouvertes à tous ou aux agents inscrits.",
        _ => "",
    }
    .to_owned();
    Some(group)
}

/// The words and filters of a search, each with the address of the search without it.
pub fn chips(params: &ListParams, address: &impl Fn(&str) -> String) -> Vec<Chip> {
    let mut chips = Vec::new();
    if !params.query.text.is_empty() {
        let mut other = params.clone();
        other.query.text.clear();
        chips.push(Chip {
            label: format!("«\u{a0}{}\u{a0}»", params.query.text),
            href: address(&other.to_query()),
        });
    }
    for (facet, codes) in &params.query.filters {
        for code in codes {
            chips.push(Chip {
                label: format!("{}\u{a0}: {}", title(*facet), value_label(*facet, code)),
                href: address(&params.without(*facet, code).to_query()),
            });
        }
    }
    if !params.area.is_empty() {
        let other = ListParams {
            area: String::new(),
            ..params.clone()
        };
        chips.push(Chip {
            label: format!("Territoire\u{a0}: {}", params.area),
            href: address(&other.to_query()),
        });
    }
    for (label, year, first) in [
        ("Depuis", params.query.year_from, true),
        ("Jusqu’en", params.query.year_to, false),
    ] {
        let Some(year) = year else { continue };
        let mut other = params.clone();
        if first {
            other.query.year_from = None;
        } else {
            other.query.year_to = None;
        }
        chips.push(Chip {
            label: format!("{label} {year}"),
            href: address(&other.to_query()),
        });
    }
    chips
}

/// Results as a table.
pub fn table(params: &ListParams, items: &[VisibleUseCase]) -> TableView {
    let chosen: Vec<&str> = if params.columns.is_empty() {
        DEFAULT_COLUMNS.to_vec()
    } else {
        params.columns.iter().map(String::as_str).collect()
    };
    let shown: Vec<_> = COLUMNS.iter().filter(|(id, ..)| chosen.contains(id)).collect();
    let sorted_by = |sort: Sort| {
        let mut other = params.clone();
        other.query.sort = sort;
        format!("/cas-usages?{}", other.to_query())
    };
    let column = |label: &str, sort: Option<Sort>, numeric: bool| Column {
        label: label.to_owned(),
        sort_href: sort.map(sorted_by),
        sorted: sort.filter(|sort| *sort == params.query.sort).map(|sort| {
            let order = if matches!(sort, Sort::Title | Sort::Organisation) {
                "ascending"
            } else {
                "descending"
            };
            order.to_owned()
        }),
        numeric,
    };
    let mut columns = vec![column("Projet", Some(Sort::Title), false)];
    columns.extend(
        shown
            .iter()
            .map(|(id, label, sort)| column(label, *sort, *id == "completude")),
    );
    let rows = items
        .iter()
        .map(|item| Row {
            id: item.record().id.to_string(),
            href: format!("/cas-usages/{}", item.record().slug),
            title: plain(item.content().title()),
            cells: shown.iter().map(|(id, ..)| cell(item, id)).collect(),
        })
        .collect();
    let query = ListParams {
        columns: Vec::new(),
        ..params.clone()
    }
    .to_query();
    TableView {
        caption: "Projets qui répondent à la recherche\u{202f}; chaque titre mène à la fiche.".to_owned(),
        columns,
        rows,
        choices: COLUMNS
            .iter()
            .map(|(id, label, _)| ColumnChoice {
                value: (*id).to_owned(),
                label: (*label).to_owned(),
                checked: chosen.contains(id),
            })
            .collect(),
        hidden: crate::params::pairs(&query),
    }
}

fn cell(item: &VisibleUseCase, column: &str) -> TableCell {
    let organisation = &item.record().organisation;
    let date = |field| item.content().date(field).map(date_words).unwrap_or_default();
    match column {
        "organisation" => TableCell::text(organisation.name.clone()),
        "type" => TableCell::text(kind_label(organisation.kind.as_deref())),
        "departement" => TableCell::text(
            organisation
                .departement
                .as_deref()
                .map(|code| value_label(Facet::Departement, code))
                .unwrap_or_default(),
        ),
        "theme" => item
            .content()
            .code(Field::Theme)
            .map_or_else(|| TableCell::text(""), |theme| TableCell::theme(badge(theme))),
        "public" => TableCell::text(labels(item, Field::Audiences)),
        "maturite" => TableCell::text(labels(item, Field::Maturity)),
        "demarrage" => TableCell::text(date(Field::StartDate)),
        "miseajour" => TableCell::text(date(Field::SourceUpdatedOn)),
        "completude" => TableCell::figure(format!("{}\u{a0}%", item.record().completeness)),
        _ => TableCell::default(),
    }
}
