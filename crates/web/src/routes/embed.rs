//! `/integrer/…`: results of a search, or one record, as a light page that other sites show in a frame.
//!
//! Nobody is signed in there: the pages hold what everyone may read, run no script and set no cookie.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::Response;
use sobria_catalogue::access::Level;
use sobria_store::Found;

use crate::app::App;
use crate::assets::Assets;
use crate::error::WebError;
use crate::locale;
use crate::params::{ListParams, View, pairs};
use crate::respond::{HTML, cached};
use crate::routes::cards::{cards, visible};
use crate::routes::frame::{frame, render};
use crate::routes::library;
use crate::routes::map::map_view;
use crate::view::Place;
use crate::view::embed::EmbedPage;
use crate::view::library::{EmptyState, Link, Results};

/// Most results shown; the rest is one link away.
const MOST: usize = 24;
/// Results shown unless the address says otherwise.
const USUAL: usize = 6;

/// What the address says beyond the search.
struct Look {
    /// Style sheet of the palette that is asked for; that of the reader's system without one.
    palette: Option<&'static str>,
    most: usize,
}

impl Look {
    fn parse(query: &str) -> Self {
        let mut look = Self {
            palette: None,
            most: USUAL,
        };
        for (name, value) in pairs(query) {
            match (name.as_str(), value.as_str()) {
                ("apparence", "clair") => look.palette = Some("light.css"),
                ("apparence", "sombre") => look.palette = Some("dark.css"),
                ("nombre", number) => look.most = number.parse().unwrap_or(USUAL).clamp(1, MOST),
                _ => {}
            }
        }
        look
    }
}

/// The address of the frame for a search.
pub fn address(base_url: &str, query: &str) -> String {
    if query.is_empty() {
        format!("{base_url}/integrer/cas-usages")
    } else {
        format!("{base_url}/integrer/cas-usages?{query}")
    }
}

/// Frames are closed when no site may show them.
fn open(app: &App) -> Result<(), WebError> {
    if app.settings.site.embed_hosts.is_empty() {
        Err(WebError::NotFound)
    } else {
        Ok(())
    }
}

/// The results of a search.
///
/// # Errors
/// When frames are closed, or the database or the index does not answer.
pub async fn results(
    State(app): State<App>,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    open(&app)?;
    cached(&app, &uri, &headers, HTML, async {
        let text = query.as_deref().unwrap_or("");
        let look = Look::parse(text);
        let mut params = ListParams::parse(text, Level::Public);
        params.query.limit = look.most;
        params.query.offset = 0;
        params.window = None;
        params.focus = None;
        let question = params.question();
        let found = app.index.find(&question, Level::Public)?;
        let results = match params.view {
            _ if found.total == 0 => Results::Empty(EmptyState {
                what: "Aucun projet ne répond à cette recherche.".to_owned(),
                why: String::new(),
                steps: vec![Link::new("Voir tous les projets", "/cas-usages")],
            }),
            View::Cards => {
                let searched = found.searched(&params.query.text);
                Results::Cards(cards(&app, &found.ids, Level::Public, &searched).await?)
            }
            View::Table => {
                let items = visible(&app, &found.ids, Level::Public).await?;
                let mut table = library::table(&params, &items);
                table.choices.clear();
                for column in &mut table.columns {
                    column.sort_href = None;
                    column.sorted = None;
                }
                Results::Table(table)
            }
            View::Map => {
                let mut map = map_view(&app, &params, &question, Level::Public).await?;
                map.tiles = None;
                map.zooms.clear();
                for marker in &mut map.markers {
                    // Every link opens the library itself, beside the page that holds the frame.
                    if let Some(slug) = marker.href.strip_prefix("#org-") {
                        marker.href = format!("/organisations/{slug}");
                    }
                }
                Results::Map(map)
            }
        };
        let query = params.to_query();
        let all = if query.is_empty() {
            "/cas-usages".to_owned()
        } else {
            format!("/cas-usages?{query}")
        };
        let total = u64::try_from(found.total).unwrap_or(u64::MAX);
        let heading = if params.query.text.is_empty() {
            "Projets d’IA des collectivités".to_owned()
        } else {
            format!("Projets d’IA\u{a0}: «\u{a0}{}\u{a0}»", params.query.text)
        };
        let all = Link::new(
            match total {
                0 => "Chercher dans la bibliothèque".to_owned(),
                1 => "Voir le projet dans la bibliothèque".to_owned(),
                _ => format!("Voir les {} projets dans la bibliothèque", locale::integer(total)),
            },
            all,
        );
        page(&app, heading, all, &look, results)
    })
    .await
}

/// One record, as its card.
///
/// # Errors
/// When frames are closed, there is no such record for everyone to read, or the database does not answer.
pub async fn record(
    State(app): State<App>,
    uri: Uri,
    Path(slug): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    open(&app)?;
    cached(&app, &uri, &headers, HTML, async {
        let record = match app.store.use_case_by_slug(&slug).await? {
            Found::UseCase { record, .. } => record,
            Found::Withdrawn => return Err(WebError::Gone),
            Found::Redirect(_) | Found::None => return Err(WebError::NotFound),
        };
        let shown = cards(&app, &[record.id], Level::Public, "").await?;
        if shown.is_empty() {
            return Err(WebError::NotFound);
        }
        let look = Look::parse(uri.query().unwrap_or(""));
        let all = Link::new(
            "Lire la fiche dans la bibliothèque",
            format!("/cas-usages/{slug}"),
        );
        page(
            &app,
            "Un projet d’IA de collectivité".to_owned(),
            all,
            &look,
            Results::Cards(shown),
        )
    })
    .await
}

/// The element that makes the frame, for sites that prefer it to lines to copy.
///
/// # Errors
/// When frames are closed.
pub async fn element(State(app): State<App>, headers: HeaderMap) -> Result<Response, WebError> {
    open(&app)?;
    let assets = Assets::embedded();
    let mut response = assets
        .respond(assets.path("embed.js"), &headers)
        .ok_or(WebError::NotFound)?;
    let fields = response.headers_mut();
    // The address is copied into pages of others and never changes: its content may.
    fields.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=3600"),
    );
    fields.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(response)
}

fn page(app: &App, heading: String, all: Link, look: &Look, results: Results) -> Result<String, WebError> {
    let palette = look.palette.map(|name| Assets::embedded().path(name).to_owned());
    render(&EmbedPage {
        layout: frame(app, Place::Elsewhere, &heading, &all.href),
        heading,
        all,
        palette,
        results,
    })
}
