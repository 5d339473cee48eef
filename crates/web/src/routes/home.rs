//! `/`: what this is, for whom, and the ways in.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use sobria_catalogue::access::Level;
use sobria_catalogue::query::{CatalogueQuery, Facet, Sort};
use sobria_estimate::reference::Reference;
use sobria_govern::frugality::table::PRACTICES;

use crate::app::App;
use crate::error::WebError;
use crate::locale;
use crate::respond::{HTML, cached};
use crate::routes::cards::cards;
use crate::routes::facets::badge;
use crate::routes::frame::{frame, render};
use crate::routes::map::small_map;
use crate::view::Place;
use crate::view::home::{Door, Figure, HomePage, ThemeCount};
use crate::view::library::Link;

/// Cards on the page.
const LATEST: usize = 6;

/// The home page.
///
/// # Errors
/// When the database or the index does not answer.
pub async fn page(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, HTML, async {
        let query = CatalogueQuery { sort: Sort::Recent, limit: LATEST, ..CatalogueQuery::default() };
        let found = app.index.find(&query, Level::Public)?;
        let organisations = app.index.by_organisation(&query, Level::Public)?.len();
        let values = |facet: Facet| {
            found.facets.iter().find(|(other, _)| *other == facet).map_or(&[][..], |(_, counts)| counts.as_slice())
        };
        let departements = values(Facet::Departement).iter().filter(|(_, count)| *count > 0).count();
        let abandoned =
            values(Facet::Maturity).iter().find(|(code, _)| code == "abandonne").map_or(0, |(_, count)| *count);
        let mut layout = frame(&app, Place::Elsewhere, "", "/")
            .described("Les projets d’intelligence artificielle des collectivités françaises\u{a0}: ce qu’ils font, où ils en sont, ce qu’ils ont appris.");
        layout.feed = Some("/flux.atom".to_owned());
        layout.json_ld = Some(sobria_exchange::export::schema_org_dataset(&crate::exports::site_info(
            &app.site(),
            &app.settings.base_url,
            jiff::Timestamp::UNIX_EPOCH,
        )));
        render(&HomePage {
            layout,
            promise: "Ce que les collectivités font de l’intelligence artificielle".to_owned(),
            lead: "Une bibliothèque ouverte de projets réels, des petites communes aux régions\u{a0}: à quoi ils servent, où ils en sont, ce qui a marché et ce qui a été abandonné. Pour les agents, les élus et toute personne curieuse.".to_owned(),
            examples: ["fuites d’eau", "cantine", "éclairage", "délibérations"]
                .into_iter()
                .map(|words| Link::new(words, format!("/cas-usages?q={}", crate::params::encode(words))))
                .collect(),
            figures: figures(found.total, organisations, departements, abandoned),
            doors: doors(app.reference(), organisations),
            latest: cards(&app, &found.ids, Level::Public, "").await?,
            map: small_map(&app).await?,
            themes: themes(values(Facet::Theme)),
        })
    })
    .await
}

fn figures(total: usize, organisations: usize, departements: usize, abandoned: usize) -> Vec<Figure> {
    let figure = |count: usize, one: &str, many: &str, href: &str| Figure {
        value: locale::count(count),
        label: locale::plural(u64::try_from(count).unwrap_or(u64::MAX), one, many).to_owned(),
        href: href.to_owned(),
    };
    vec![
        figure(total, "projet publié", "projets publiés", "/cas-usages"),
        figure(organisations, "organisation", "organisations", "/organisations"),
        figure(
            departements,
            "département ou collectivité",
            "départements et collectivités",
            "/cas-usages?vue=carte",
        ),
        figure(
            abandoned,
            "projet abandonné, avec ses leçons",
            "projets abandonnés, avec leurs leçons",
            "/cas-usages?maturite=abandonne",
        ),
    ]
}

/// The three ways in, each with what stands behind it today.
fn doors(reference: &Reference, organisations: usize) -> Vec<Door> {
    let models = reference
        .models()
        .iter()
        .filter(|model| model.alias_of.is_empty());
    [
        (
            "Évaluer",
            "Énergie, gaz à effet de serre, eau et métaux d’un usage d’IA, en fourchettes, avec leurs sources.",
            (models.count(), "modèle de langage", "modèles de langage"),
            "Ouvrir les calculateurs",
            "/estimer",
        ),
        (
            "Maîtriser",
            "Frugalité, achat responsable, feuille de route, transparence\u{a0}: des outils pour décider.",
            (PRACTICES.len(), "pratique de frugalité", "pratiques de frugalité"),
            "Choisir un outil",
            "/maitriser",
        ),
        (
            "Partager",
            "Décrire un projet en sept réponses, réussi ou abandonné, pour que d’autres gagnent du temps.",
            (
                organisations,
                "organisation partage déjà",
                "organisations partagent déjà",
            ),
            "Décrire un projet",
            "/contribuer",
        ),
    ]
    .into_iter()
    .map(|(title, text, (count, one, many), action, href)| Door {
        title: title.to_owned(),
        text: text.to_owned(),
        count: if count == 0 { String::new() } else { locale::count(count) },
        counted: locale::plural(u64::try_from(count).unwrap_or(u64::MAX), one, many).to_owned(),
        action: action.to_owned(),
        href: href.to_owned(),
    })
    .collect()
}

fn themes(counts: &[(String, usize)]) -> Vec<ThemeCount> {
    let largest = counts.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(code, count)| ThemeCount {
            theme: badge(code),
            count: locale::count(*count),
            share: u32::try_from(count * 100 / largest).unwrap_or(100),
            href: format!("/cas-usages?theme={code}"),
        })
        .collect()
}
