//! `/composants`: every component with its use, in demonstration mode only.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use sobria_catalogue::access::Level;
use sobria_catalogue::query::{CatalogueQuery, Facet};

use crate::app::App;
use crate::error::WebError;
use crate::respond::{HTML, cached};
use crate::routes::cards::cards;
use crate::routes::facets::{badge, title, value_label};
use crate::routes::frame::{frame, render};
use crate::routes::map::legend;
use crate::view::chart::BarChart;
use crate::view::components::ComponentsPage;
use crate::view::filters::{Chip, FacetGroup, FacetOption};
use crate::view::library::Tab;
use crate::view::{Pagination, Place};

/// The page of components.
///
/// # Errors
/// Outside demonstration mode there is no such page.
pub async fn page(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    if !app.settings.demo {
        return Err(WebError::NotFound);
    }
    cached(&app, &uri, &headers, HTML, async {
        let found = app.index.find(
            &CatalogueQuery {
                limit: 2,
                ..CatalogueQuery::default()
            },
            Level::Public,
        )?;
        let counts = found
            .facets
            .iter()
            .find(|(facet, _)| *facet == Facet::Theme)
            .map_or(&[][..], |(_, counts)| counts.as_slice());
        let options = counts
            .iter()
            .enumerate()
            .map(|(position, (code, count))| FacetOption {
                value: code.clone(),
                label: value_label(Facet::Theme, code),
                count: crate::locale::count(*count),
                checked: position == 0,
                theme: Some(badge(code)),
            })
            .collect();
        let bars = counts
            .iter()
            .map(|(code, count)| {
                (
                    value_label(Facet::Theme, code),
                    u64::try_from(*count).unwrap_or(0),
                    Some(code.clone()),
                    None,
                )
            })
            .collect();
        let mut layout = frame(&app, Place::Elsewhere, "Composants", "/composants");
        layout.scripted = true;
        render(&ComponentsPage {
            layout,
            themes: legend(),
            cards: cards(&app, &found.ids, Level::Public, "").await?,
            group: FacetGroup::new(title(Facet::Theme), "theme", options),
            chips: vec![
                Chip {
                    label: "Politique publique\u{a0}: Mobilités".to_owned(),
                    href: "#puces".to_owned(),
                },
                Chip {
                    label: "«\u{a0}eau\u{a0}»".to_owned(),
                    href: "#puces".to_owned(),
                },
            ],
            tabs: ["Fiches", "Tableau", "Carte"]
                .into_iter()
                .enumerate()
                .map(|(position, label)| Tab {
                    label: label.to_owned(),
                    href: "#onglets".to_owned(),
                    current: position == 0,
                })
                .collect(),
            pagination: Pagination::new(4, 12, |page| format!("#page-{page}")),
            chart: BarChart::of_counts(
                "exemple",
                "Projets par politique publique",
                "Politique publique",
                "Projets",
                bars,
            ),
        })
    })
    .await
}
