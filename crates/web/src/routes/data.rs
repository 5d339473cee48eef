//! `/donnees`: files, licence, programming interface.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use sobria_catalogue::access::Level;
use sobria_catalogue::query::{CatalogueQuery, Sort};
use sobria_estimate::reference::TableInfo;
use sobria_exchange::export::Format;

use crate::app::App;
use crate::error::WebError;
use crate::exports::{Sizes, sizes_soon};
use crate::locale;
use crate::params::ListParams;
use crate::respond::{HTML, cached_as};
use crate::routes::cards::{day_words, visible};
use crate::routes::embed;
use crate::routes::frame::{frame, render};
use crate::routes::tables::origin;
use crate::view::Place;
use crate::view::data::{DataPage, Download, Embed, Endpoint, Table};
use crate::view::library::Link;

/// Formats, with what each is good for.
const FILES: [(&str, &str, &str); 6] = [
    (
        "CSV",
        "csv",
        "Pour un tableur ou un script\u{a0}: une ligne par projet, codes stables, valeurs multiples séparées par |.",
    ),
    (
        "Excel",
        "xlsx",
        "Pour lire et trier à la main\u{a0}: libellés français, modèle de données joint.",
    ),
    ("JSON", "json", "Pour un programme\u{a0}: tout en un document."),
    (
        "NDJSON",
        "ndjson",
        "Pour un traitement au fil de l’eau\u{a0}: un projet par ligne.",
    ),
    ("GeoJSON", "geojson", "Pour une carte\u{a0}: un point par projet."),
    (
        "JSON-LD",
        "jsonld",
        "Pour un moissonnage DCAT, par exemple celui de data.gouv.fr.",
    ),
];

fn size_words(sizes: &Sizes, extension: &str) -> String {
    Format::from_extension(extension)
        .and_then(|format| sizes.of(format))
        .map_or_else(|| "–".to_owned(), locale::size)
}

/// The page of data.
///
/// # Errors
/// When the database does not answer.
pub async fn page(
    State(app): State<App>,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let sizes = sizes_soon(&app).await;
    // A page that is still without sizes is another one: it gives way to the next.
    let known = if sizes.is_some() { "" } else { " (sans tailles)" };
    let address = format!(
        "{}{known}",
        uri.path_and_query().map_or("/", |part| part.as_str())
    );
    let sizes = sizes.unwrap_or_default();
    cached_as(&app, &address, &headers, HTML, async {
        let search = ListParams::parse(query.as_deref().unwrap_or(""), Level::Public).to_query();
        let query = CatalogueQuery {
            sort: Sort::Recent,
            limit: 1,
            ..CatalogueQuery::default()
        };
        let found = app.index.find(&query, Level::Public)?;
        let counts = app.store.counts().await?;
        let latest = visible(&app, &found.ids, Level::Public).await?;
        let date = latest
            .first()
            .map_or_else(|| "–".to_owned(), |item| day_words(item.record().updated_at));
        let total = u64::try_from(found.total).unwrap_or(u64::MAX);
        let endpoint = |path: &str, href: &str, description: &str| Endpoint {
            path: format!("GET {path}"),
            href: href.to_owned(),
            description: description.to_owned(),
        };
        render(&DataPage {
            layout: frame(&app, Place::Data, "Données", "/donnees").described(
                "Les données de la bibliothèque à télécharger, leur licence et l’interface de programmation.",
            ),
            lead: format!(
                "{} de {}, sous {}. Dernière modification\u{a0}: {date}.",
                locale::counted(total, "fiche", "fiches"),
                locale::counted(counts.organisations, "organisation", "organisations"),
                app.site().licence,
            ),
            downloads: FILES
                .into_iter()
                .map(|(format, extension, description)| Download {
                    format: format.to_owned(),
                    description: description.to_owned(),
                    href: format!("/exports/use-cases.{extension}"),
                    size: size_words(&sizes, extension),
                    // A catalogue for harvesters describes the files and holds no record.
                    records: if extension == "jsonld" {
                        "–".to_owned()
                    } else {
                        locale::integer(total)
                    },
                    date: date.clone(),
                    licence: app.site().licence.clone(),
                })
                .collect(),
            tables: app.reference().tables().into_iter().map(table).collect(),
            edition: app.reference().version().to_owned(),
            embed: (!app.settings.site.embed_hosts.is_empty()).then(|| {
                let address = embed::address(&app.settings.base_url, &search);
                Embed {
                    code: format!(
                        "<iframe src=\"{}\"\n  title=\"Projets d’intelligence artificielle des collectivités\"\n  width=\"100%\" height=\"640\" loading=\"lazy\"></iframe>",
                        address.replace('&', "&amp;")
                    ),
                    href: embed::address("", &search),
                }
            }),
            endpoints: vec![
                endpoint(
                    "/api/v1/use-cases",
                    "/api/v1/use-cases?q=eau&limit=5",
                    "Chercher et filtrer\u{202f}; curseur «\u{a0}next\u{a0}» pour la suite.",
                ),
                endpoint(
                    "/api/v1/use-cases/{id}",
                    "/api/v1/use-cases?limit=1",
                    "Lire une fiche par son identifiant ou la fin de son adresse.",
                ),
                endpoint(
                    "/api/v1/organisations",
                    "/api/v1/organisations",
                    "Lister les organisations et leur nombre de projets.",
                ),
                endpoint(
                    "/api/v1/facets",
                    "/api/v1/facets",
                    "Compter par valeur de chaque filtre.",
                ),
                endpoint(
                    "/api/v1/vocabularies",
                    "/api/v1/vocabularies",
                    "Lire les listes fermées\u{a0}: codes, libellés, synonymes, sources.",
                ),
                endpoint(
                    "/api/v1/schema",
                    "/api/v1/schema",
                    "Lire le schéma JSON d’une fiche.",
                ),
                endpoint(
                    "/api/v1/measured-ratios",
                    "/api/v1/measured-ratios",
                    "Lire les mesures comparées aux estimations, et leur répartition.",
                ),
                endpoint(
                    "/api/v1/openapi.json",
                    "/api/v1/openapi.json",
                    "Lire la description OpenAPI 3.1.",
                ),
            ],
            links: vec![
                Link::new("Statistiques de la bibliothèque", "/statistiques"),
                Link::new("Flux Atom des fiches publiées", "/flux.atom"),
                Link::new("Empreintes estimées publiques (CSV)", "/exports/evaluations.csv"),
                Link::new(
                    "Empreintes estimées, avec demande et réponse (JSON Lines)",
                    "/exports/evaluations.ndjson",
                ),
                Link::new(
                    "Mesures et estimations comparées (CSV)",
                    "/exports/measured-ratios.csv",
                ),
                Link::new("Modèle de données et schémas", "/modele-de-donnees"),
                Link::new(
                    "Forme historique du fichier (CSV, points-virgules)",
                    "/exports/use-cases.csv?forme=bibliotheque",
                ),
            ],
        })
    })
    .await
}

fn table(info: TableInfo) -> Table {
    Table {
        title: info.title,
        href: format!("/donnees/tables/{}", info.id),
        rows: locale::count(info.rows),
        source: info.source,
        year: info.year,
        licence: info.licence,
        origin: origin(info),
    }
}
