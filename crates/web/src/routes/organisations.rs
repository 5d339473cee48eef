//! `/organisations` and the page of one organisation.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use sobria_catalogue::access::Level;
use sobria_catalogue::query::{CatalogueQuery, Facet, Sort};

use crate::app::App;
use crate::carriers::words;
use crate::error::WebError;
use crate::locale;
use crate::params::{encode, pairs};
use crate::respond::{HTML, cached};
use crate::routes::cards::{cards, kind_label};
use crate::routes::facets::value_label;
use crate::routes::frame::{frame, render};
use crate::routes::map::{lone_marker, place_words};
use crate::view::card::monogram;
use crate::view::library::{EmptyState, Link};
use crate::view::organisations::{OrganisationPage, OrganisationRow, OrganisationsPage};
use crate::view::{Crumb, Fact, Pagination, Place};

/// Organisations on a page.
const PAGE: u32 = 40;
/// Cards on the page of one organisation.
const CARDS: usize = 12;

/// The list of organisations.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    State(app): State<App>,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, HTML, async {
        let mut text = String::new();
        let mut page = 1_u32;
        for (name, value) in pairs(query.as_deref().unwrap_or("")) {
            match name.as_str() {
                "q" => text = value.trim().chars().take(200).collect(),
                "page" => page = value.parse().unwrap_or(1).clamp(1, 1_000_000),
                _ => {}
            }
        }
        let wanted = words(&text, &app.vocabularies());
        let mut carriers = app.store.carriers(&wanted, (page - 1).saturating_mul(PAGE), PAGE).await?;
        let last = usize::try_from(carriers.total.div_ceil(u64::from(PAGE))).unwrap_or(usize::MAX);
        // A list that became shorter since its address was written down shows its last page.
        if carriers.items.is_empty() && last > 0 {
            page = u32::try_from(last).unwrap_or(page);
            carriers = app.store.carriers(&wanted, (page - 1).saturating_mul(PAGE), PAGE).await?;
        }
        let href = |page: usize| {
            let mut parts = Vec::new();
            if !text.is_empty() {
                parts.push(format!("q={}", encode(&text)));
            }
            if page > 1 {
                parts.push(format!("page={page}"));
            }
            if parts.is_empty() { "/organisations".to_owned() } else { format!("/organisations?{}", parts.join("&")) }
        };
        let current = usize::try_from(page).unwrap_or(1);
        let rows = carriers
            .items
            .iter()
            .map(|carrier| {
                let organisation = &carrier.organisation;
                OrganisationRow {
                    name: organisation.name.clone(),
                    href: format!("/organisations/{}", organisation.slug),
                    kind: kind_label(organisation.kind.as_deref()),
                    departement: organisation
                        .departement
                        .as_deref()
                        .map_or_else(|| "–".to_owned(), |code| value_label(Facet::Departement, code)),
                    population: organisation
                        .population
                        .map_or_else(|| "–".to_owned(), |count| locale::integer(u64::from(count))),
                    projects: locale::integer(carrier.published),
                }
            })
            .collect();
        render(&OrganisationsPage {
            layout: frame(&app, Place::Organisations, "Organisations", &href(current))
                .described("Les collectivités et organismes publics qui partagent leurs projets d’intelligence artificielle."),
            total: locale::integer(carriers.total),
            total_label: locale::plural(carriers.total, "organisation", "organisations").to_owned(),
            empty: EmptyState {
                what: if text.is_empty() {
                    "Aucune organisation n’a encore de projet publié.".to_owned()
                } else {
                    format!("Aucune organisation ne répond à «\u{a0}{text}\u{a0}».")
                },
                why: "Cherchez une partie du nom, un type (commune, région) ou un lieu (29, Finistère, Bretagne), sans abréviation.".to_owned(),
                steps: vec![Link::new("Voir toutes les organisations", "/organisations")],
            },
            query: text.clone(),
            rows,
            pagination: Pagination::new(current, last, href),
        })
    })
    .await
}

/// The page of one organisation.
///
/// # Errors
/// When there is no such organisation, or none of its projects is published.
pub async fn one(
    State(app): State<App>,
    uri: Uri,
    Path(slug): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, HTML, async {
        let carrier = app
            .store
            .organisation_by_slug(&slug)
            .await?
            .filter(|carrier| carrier.published > 0);
        let Some(carrier) = carrier else {
            return Err(WebError::NotFound);
        };
        let organisation = carrier.organisation;
        let query = CatalogueQuery {
            organisation: Some(organisation.id),
            sort: Sort::Recent,
            limit: CARDS,
            ..CatalogueQuery::default()
        };
        let found = app.index.find(&query, Level::Public)?;
        let cards = cards(&app, &found.ids, Level::Public, "").await?;
        let mut facts = Vec::new();
        if let Some(siren) = &organisation.siren {
            facts.push(Fact::new("SIREN", grouped(siren)));
        }
        if let Some(siret) = &organisation.siret {
            facts.push(Fact::new("SIRET", grouped(siret)));
        }
        if let Some(population) = organisation.population {
            facts.push(Fact::new(
                "Population",
                locale::counted(u64::from(population), "habitant", "habitants"),
            ));
        }
        let place = place_words(&organisation);
        if !place.is_empty() {
            facts.push(Fact::new("Territoire", place.clone()));
        }
        facts.push(Fact {
            label: "Tous les projets".to_owned(),
            value: "Tableau de bord".to_owned(),
            href: Some(format!("/organisations/{slug}/tableau-de-bord")),
        });
        facts.push(Fact {
            label: "Algorithmes".to_owned(),
            value: "Inventaire et fiches de transparence".to_owned(),
            href: Some(format!("/organisations/{slug}/inventaire")),
        });
        let strategies = app
            .store
            .assessments_of(
                sobria_store::AssessmentKind::Roadmap,
                sobria_store::Subject::Organisation(organisation.id),
                Level::Public,
            )
            .await?;
        if let Some(strategy) = strategies.first().and_then(crate::routes::strategy::parse) {
            facts.push(Fact {
                label: "Feuille de route".to_owned(),
                value: format!("{}, {}", strategy.title, strategy.stage.label().to_lowercase()),
                href: Some(format!("/organisations/{slug}/feuille-de-route")),
            });
        }
        let marker = lone_marker(&organisation);
        let logo = app
            .store
            .logo_of(organisation.id)
            .await?
            .map(|logo| crate::routes::logos::shown(&organisation, &logo, false));
        let name = organisation.name.clone();
        render(&OrganisationPage {
            layout: frame(
                &app,
                Place::Organisations,
                &name,
                &format!("/organisations/{slug}"),
            )
            .described(format!("Les projets d’intelligence artificielle de {name}."))
            .under(vec![
                Crumb::to("Organisations", "/organisations"),
                Crumb::here(name.clone()),
            ]),
            kind: kind_label(organisation.kind.as_deref()),
            monogram: monogram(&name),
            logo,
            aliases: if organisation.aliases.is_empty() {
                String::new()
            } else {
                format!("Autres noms\u{a0}: {}.", organisation.aliases.join(", "))
            },
            facts,
            marker_view_box: marker
                .as_ref()
                .map(|(_, view_box)| view_box.clone())
                .unwrap_or_default(),
            marker: marker.map(|(marker, _)| marker),
            place,
            count: locale::counted(carrier.published, "projet", "projets"),
            cards,
            all_href: (found.total > CARDS)
                .then(|| format!("/cas-usages?q={}", encode(&format!("\"{name}\"")))),
            name,
        })
    })
    .await
}

/// Digits of a SIREN or a SIRET in groups of three, the last five of a SIRET together.
pub fn grouped(number: &str) -> String {
    let mut grouped = String::new();
    for (position, digit) in number.chars().enumerate() {
        if position > 0 && position % 3 == 0 && position <= 9 {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_are_grouped_as_people_read_them() {
        assert_eq!(
            super::grouped("21570463600012"),
            "215\u{202f}704\u{202f}636\u{202f}00012"
        );
        assert_eq!(super::grouped("215704636"), "215\u{202f}704\u{202f}636");
    }
}
