//! `/mon-espace/recherches`: searches of the library that one keeps, with their feed and their alerts.

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::access::Level;
use sobria_catalogue::id::SavedSearchId;
use sobria_catalogue::query::CatalogueQuery;
use sobria_catalogue::text::{clean_line, excerpt};
use sobria_store::{Pace, SavedSearch};
use uuid::Uuid;

use crate::app::App;
use crate::error::WebError;
use crate::params::ListParams;
use crate::posted::SignedForm;
use crate::routes::account::settings::space_page;
use crate::routes::account::{fresh, see_other};
use crate::routes::library::chips;
use crate::session::SignedIn;
use crate::view::library::Link;
use crate::view::{Control, Crumb, FormBlock, FormField, FormOption, FormPage, RichText};

/// Address of the list.
pub const PATH: &str = "/mon-espace/recherches";
/// Searches of one person.
const MOST: usize = 20;
/// Longest name, in characters.
const NAME: usize = 80;
/// Longest query string kept, in bytes.
const QUERY: usize = 2000;

/// What is said of a pace.
pub const fn pace_label(pace: Pace) -> &'static str {
    match pace {
        Pace::None => "Aucune",
        Pace::Daily => "Une fois par jour au plus",
        Pace::Weekly => "Une fois par semaine au plus",
    }
}

/// What a search asks, without how its results are shown.
fn asked(query: &str, level: Level) -> ListParams {
    let params = ListParams::parse(query, level);
    ListParams {
        query: CatalogueQuery {
            sort: sobria_catalogue::query::Sort::default(),
            ..params.query
        },
        area: params.area,
        ..ListParams::default()
    }
}

/// What a search asks, in words.
fn words(params: &ListParams) -> String {
    let found: Vec<String> = chips(params, &|_: &str| String::new())
        .into_iter()
        .map(|chip| chip.label)
        .collect();
    if found.is_empty() {
        "Toute la bibliothèque".to_owned()
    } else {
        found.join(", ")
    }
}

/// The page of the library, or its feed, for a query string.
pub fn address(path: &str, query: &str) -> String {
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}

/// The results and the feed of a search. The feed is for anyone, so it knows public filters only.
fn links(query: &str) -> Vec<Link> {
    let public = asked(query, Level::Public).to_query();
    vec![
        Link::new("Voir les résultats", address("/cas-usages", query)),
        Link::new("Flux Atom", address("/flux.atom", &public)),
    ]
}

fn fields(name: &str, pace: Pace, error: Option<String>) -> Vec<FormField> {
    let options = Pace::ALL
        .into_iter()
        .map(|one| FormOption::new(one.code(), pace_label(one), one == pace))
        .collect();
    vec![
        FormField::line("nom", "Nom", name)
            .required()
            .max(NAME)
            .error(error),
        FormField::new("alerte", "Alerte par courriel", "", Control::Radios(options))
            .hint("Un message part seulement quand un nouveau projet répond à la recherche."),
    ]
}

/// The name and the pace that were typed.
fn typed(form: &SignedForm) -> (String, Pace, Option<String>) {
    let name = clean_line(form.fields.get("nom"));
    let pace = Pace::from_code(form.fields.get("alerte")).unwrap_or(Pace::None);
    let error = match name.chars().count() {
        0 => Some("Donnez un nom à la recherche.".to_owned()),
        1..=NAME => None,
        _ => Some(format!("Choisissez un nom de {NAME} caractères au plus.")),
    };
    (name, pace, error)
}

/// The searches.
///
/// # Errors
/// When the database does not answer.
pub async fn index(
    State(app): State<App>,
    signed_in: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let person = &signed_in.person;
    let level = signed_in.reader.level();
    let lead =
        "Retrouvez une recherche, suivez-la par un flux, ou recevez un courriel quand un projet s’y ajoute.";
    let mut page = space_page(&app, person, "Mes recherches", lead, PATH);
    page.notice = match query.as_deref() {
        Some("fait=garder") => Some("La recherche est gardée."),
        Some("fait=modifier") => Some("La recherche est modifiée."),
        Some("fait=effacer") => Some("La recherche est supprimée."),
        _ => None,
    }
    .map(str::to_owned);
    let searches = app.store.searches_of(person.account.id).await?;
    if searches.is_empty() {
        page.blocks.push(FormBlock {
            text: RichText::parse(
                "Aucune recherche gardée. Dans la bibliothèque, cherchez et filtrez, puis choisissez « Garder cette recherche » sous les résultats.",
            ),
            links: vec![Link::new("Chercher dans la bibliothèque", "/cas-usages")],
            ..FormBlock::default()
        });
    }
    for (number, search) in searches.iter().enumerate() {
        let params = asked(&search.query, level);
        let mut links = links(&params.to_query());
        links.push(Link::new(
            format!("Modifier « {} »", search.name),
            format!("{PATH}/{}", search.id),
        ));
        page.blocks.push(FormBlock {
            id: format!("recherche-{}", number + 1),
            title: search.name.clone(),
            lines: vec![
                words(&params),
                format!("Alerte par courriel : {}", pace_label(search.pace).to_lowercase()),
            ],
            links,
            ..FormBlock::default()
        });
    }
    fresh(StatusCode::OK, &page)
}

fn keeping(
    app: &App,
    signed_in: &SignedIn,
    query: &str,
    name: Option<String>,
    pace: Pace,
    error: Option<String>,
) -> FormPage {
    let level = signed_in.reader.level();
    let params = asked(query, level);
    let said = words(&params);
    let mut page = space_page(app, &signed_in.person, "Garder une recherche", "", PATH);
    page.layout.crumbs = vec![
        Crumb::to("Mes recherches", PATH),
        Crumb::here("Garder une recherche"),
    ];
    let canonical = params.to_query();
    let mut lines = vec![said.clone()];
    if asked(&canonical, Level::Public) != params {
        lines.push("Le flux Atom, public, ignore les filtres réservés aux agents inscrits.".to_owned());
    }
    page.blocks.push(FormBlock {
        lines,
        action: format!("{PATH}/nouvelle"),
        csrf: signed_in.reader.csrf().to_owned(),
        hidden: vec![("requete".to_owned(), canonical)],
        fields: fields(&name.unwrap_or_else(|| excerpt(&said, NAME)), pace, error),
        submit: "Garder la recherche".to_owned(),
        ..FormBlock::default()
    });
    page.gather_errors();
    page
}

/// Asks under which name a search is kept; the address holds the search.
///
/// # Errors
/// When the template fails, which only a defect can cause.
pub async fn new(
    State(app): State<App>,
    signed_in: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let page = keeping(
        &app,
        &signed_in,
        query.as_deref().unwrap_or(""),
        None,
        Pace::None,
        None,
    );
    fresh(StatusCode::OK, &page)
}

/// Keeps a search.
///
/// # Errors
/// When the database does not answer.
pub async fn create(State(app): State<App>, form: SignedForm) -> Result<Response, WebError> {
    let signed_in = form.signed_in();
    let account = form.person.account.id;
    let query = asked(form.fields.get("requete"), signed_in.reader.level()).to_query();
    let (name, pace, mut error) = typed(&form);
    if error.is_none() && query.len() > QUERY {
        error = Some("Cette recherche a trop de critères pour être gardée. Retirez-en.".to_owned());
    }
    if error.is_none() && app.store.searches_of(account).await?.len() >= MOST {
        error = Some(format!(
            "Vous gardez déjà {MOST} recherches. Supprimez-en une avant d’en garder une autre."
        ));
    }
    if error.is_some() {
        let page = keeping(&app, &signed_in, &query, Some(name), pace, error);
        return fresh(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let now = (app.settings.now)();
    let search = SavedSearch {
        id: SavedSearchId::new(Uuid::now_v7()),
        name,
        query,
        pace,
        created_at: now,
        told_until: now,
    };
    app.store.add_search(account, &search).await?;
    Ok(see_other(&format!("{PATH}?fait=garder")))
}

async fn own(app: &App, signed_in: &SignedIn, id: &str) -> Result<SavedSearch, WebError> {
    let id: SavedSearchId = id.parse().map_err(|_unreadable| WebError::NotFound)?;
    let searches = app.store.searches_of(signed_in.person.account.id).await?;
    searches
        .into_iter()
        .find(|search| search.id == id)
        .ok_or(WebError::NotFound)
}

fn one(app: &App, signed_in: &SignedIn, search: &SavedSearch, error: Option<String>) -> FormPage {
    let path = format!("{PATH}/{}", search.id);
    let params = asked(&search.query, signed_in.reader.level());
    let mut page = space_page(app, &signed_in.person, "Modifier une recherche", "", PATH);
    page.layout.crumbs = vec![
        Crumb::to("Mes recherches", PATH),
        Crumb::here("Modifier une recherche"),
    ];
    page.blocks.push(FormBlock {
        lines: vec![words(&params)],
        action: path.clone(),
        csrf: signed_in.reader.csrf().to_owned(),
        fields: fields(&search.name, search.pace, error),
        submit: "Enregistrer".to_owned(),
        links: links(&params.to_query()),
        ..FormBlock::default()
    });
    page.blocks.push(FormBlock {
        id: "effacer".to_owned(),
        action: format!("{path}/effacer"),
        csrf: signed_in.reader.csrf().to_owned(),
        submit: "Supprimer cette recherche".to_owned(),
        quiet: true,
        ..FormBlock::default()
    });
    page.gather_errors();
    page
}

/// One search.
///
/// # Errors
/// When the person has no such search.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let search = own(&app, &signed_in, &id).await?;
    fresh(StatusCode::OK, &one(&app, &signed_in, &search, None))
}

/// Changes the name or the alert of a search.
///
/// # Errors
/// When the person has no such search.
pub async fn change(
    State(app): State<App>,
    Path(id): Path<String>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let signed_in = form.signed_in();
    let mut search = own(&app, &signed_in, &id).await?;
    let (name, pace, error) = typed(&form);
    if error.is_some() {
        (search.name, search.pace) = (name, pace);
        let page = one(&app, &signed_in, &search, error);
        return fresh(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let now = (app.settings.now)();
    app.store
        .change_search(form.person.account.id, search.id, &name, pace, now)
        .await?;
    Ok(see_other(&format!("{PATH}?fait=modifier")))
}

/// Takes a search away.
///
/// # Errors
/// When the person has no such search.
pub async fn delete(
    State(app): State<App>,
    Path(id): Path<String>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let search = own(&app, &form.signed_in(), &id).await?;
    app.store.delete_search(form.person.account.id, search.id).await?;
    Ok(see_other(&format!("{PATH}?fait=effacer")))
}
