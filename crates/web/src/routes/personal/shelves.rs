//! `/mon-espace/favoris` and `/mon-espace/a-lire`: records put aside.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::id::UseCaseId;
use sobria_store::Shelf;

use super::{PER_PAGE, compared, line, own_list, page_of, published};
use crate::app::App;
use crate::error::WebError;
use crate::posted::SignedForm;
use crate::routes::account::{fresh, see_other};
use crate::routes::cards::visible;
use crate::session::{Reader, SignedIn};
use crate::view::Pagination;
use crate::view::library::Link;
use crate::view::personal::{Button, Keep};

/// Records that one person may put aside, both lists together.
const MOST: usize = 1000;

/// The address of a shelf.
const fn path(shelf: Shelf) -> &'static str {
    match shelf {
        Shelf::Favourite => "/mon-espace/favoris",
        Shelf::Later => "/mon-espace/a-lire",
    }
}

/// What a member may do to find a record again; nobody else is offered anything, since the page is shared.
///
/// # Errors
/// When the database does not answer.
pub async fn keep(app: &App, reader: &Reader, id: UseCaseId, slug: &str) -> Result<Option<Keep>, WebError> {
    let Some(person) = reader.person().filter(|_| reader.is_member()) else {
        return Ok(None);
    };
    let present = app.store.shelves_of(person.account.id, id).await?;
    let buttons = Shelf::ALL
        .into_iter()
        .map(|shelf| {
            let there = present.contains(&shelf);
            let label = match (shelf, there) {
                (Shelf::Favourite, false) => "Ajouter aux favoris",
                (Shelf::Favourite, true) => "Retirer des favoris",
                (Shelf::Later, false) => "Lire plus tard",
                (Shelf::Later, true) => "Retirer de la liste à lire",
            };
            Button {
                action: path(shelf).to_owned(),
                fields: vec![
                    (if there { "retirer" } else { "ajouter" }, slug.to_owned()),
                    ("retour", "fiche".to_owned()),
                ],
                label: label.to_owned(),
            }
        })
        .collect();
    Ok(Some(Keep {
        buttons,
        file: Some(Link::new(
            "Ranger dans un dossier",
            format!("/mon-espace/ranger?fiche={slug}"),
        )),
    }))
}

/// The favourites.
///
/// # Errors
/// When the database does not answer.
pub async fn favourites(
    State(app): State<App>,
    signed_in: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    show(&app, &signed_in, Shelf::Favourite, query.as_deref()).await
}

/// What is to be read later.
///
/// # Errors
/// When the database does not answer.
pub async fn later(
    State(app): State<App>,
    signed_in: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    show(&app, &signed_in, Shelf::Later, query.as_deref()).await
}

/// Changes the favourites.
///
/// # Errors
/// When there is no such record, or the lists are full.
pub async fn post_favourites(State(app): State<App>, form: SignedForm) -> Result<Response, WebError> {
    change(&app, &form, Shelf::Favourite).await
}

/// Changes what is to be read later.
///
/// # Errors
/// When there is no such record, or the lists are full.
pub async fn post_later(State(app): State<App>, form: SignedForm) -> Result<Response, WebError> {
    change(&app, &form, Shelf::Later).await
}

async fn show(
    app: &App,
    signed_in: &SignedIn,
    shelf: Shelf,
    query: Option<&str>,
) -> Result<Response, WebError> {
    let person = &signed_in.person;
    let path = path(shelf);
    let (title, lead, empty) = match shelf {
        Shelf::Favourite => (
            "Mes favoris",
            "Les fiches auxquelles vous revenez. Vous seul les voyez ici.",
            "Aucun favori. Sur une fiche, choisissez « Ajouter aux favoris ».",
        ),
        Shelf::Later => (
            "À lire",
            "Les fiches que vous lirez plus tard. Vous seul les voyez ici.",
            "Rien à lire. Sur une fiche, choisissez « Lire plus tard ».",
        ),
    };
    let mut page = own_list(app, person, title, lead, path, path);
    let ids: Vec<UseCaseId> = app
        .store
        .bookmarks_of(person.account.id)
        .await?
        .iter()
        .filter(|bookmark| bookmark.shelf == shelf)
        .map(|bookmark| bookmark.use_case)
        .collect();
    let pages = ids.len().div_ceil(PER_PAGE);
    let current = page_of(query).min(pages.max(1));
    let shown: Vec<UseCaseId> = ids
        .into_iter()
        .skip((current - 1) * PER_PAGE)
        .take(PER_PAGE)
        .collect();
    page.records = visible(app, &shown, signed_in.reader.level())
        .await?
        .iter()
        .map(|item| line(app, item))
        .collect();
    page.pagination = Pagination::new(current, pages, |number| format!("{path}?page={number}"));
    empty.clone_into(&mut page.empty);
    signed_in.reader.csrf().clone_into(&mut page.csrf);
    page.notice = match query {
        Some("fait=retrait") => Some("La fiche est retirée de cette liste.".to_owned()),
        _ => None,
    };
    fresh(StatusCode::OK, &page)
}

async fn change(app: &App, form: &SignedForm, shelf: Shelf) -> Result<Response, WebError> {
    if let Some(address) = compared(&form.fields) {
        return Ok(see_other(&address));
    }
    let account = form.person.account.id;
    let (added, removed) = (form.fields.get("ajouter"), form.fields.get("retirer"));
    let slug = if added.is_empty() { removed } else { added };
    let record = published(app, slug).await?;
    if added.is_empty() {
        app.store.remove_bookmark(account, record.id, shelf).await?;
    } else {
        if app.store.bookmarks_of(account).await?.len() >= MOST {
            return Err(WebError::Conflict(
                "Vos listes contiennent déjà mille fiches. Retirez-en avant d’en ajouter.".to_owned(),
            ));
        }
        app.store
            .add_bookmark(account, record.id, shelf, (app.settings.now)())
            .await?;
    }
    Ok(see_other(&if form.fields.get("retour") == "fiche" {
        format!("/cas-usages/{}#garder", record.slug)
    } else {
        format!("{}?fait=retrait", path(shelf))
    }))
}

/// The pages of the lists, for the menu of the space.
pub fn links() -> [Link; 2] {
    [
        Link::new("Favoris", path(Shelf::Favourite)),
        Link::new("À lire", path(Shelf::Later)),
    ]
}
