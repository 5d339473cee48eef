//! What somebody keeps of the library for themselves, and what their organisation says it uses.

pub mod alerts;
pub mod compare;
pub mod folders;
pub mod leaving;
pub mod searches;
pub mod shelves;
pub mod using;

use std::collections::HashMap;

use serde_json::{Value as Json, json};
use sobria_catalogue::access::VisibleUseCase;
use sobria_catalogue::account::Person;
use sobria_catalogue::field::Field;
use sobria_catalogue::id::{UseCaseId, UserId};
use sobria_catalogue::use_case::{UseCase, WorkflowStatus};
use sobria_store::Found;

use crate::app::App;
use crate::error::WebError;
use crate::posted::Fields;
use crate::routes::account::form_page;
use crate::routes::account::settings::menu;
use crate::routes::cards::{labels, stale_label};
use crate::routes::facets::badge;
use crate::view::library::Link;
use crate::view::personal::{KeptPage, KeptRecord};
use crate::view::{Crumb, Pagination};

/// Records of a list on one page.
pub const PER_PAGE: usize = 20;
/// Projects compared at once.
pub const COMPARED: usize = 5;

/// The pages of what one keeps, for the menu of the space.
pub fn links() -> Vec<Link> {
    let mut links = shelves::links().to_vec();
    links.push(Link::new("Dossiers", folders::PATH));
    links.push(Link::new("Recherches", searches::PATH));
    links
}

/// Everything that a person keeps or declared, for the file of their data.
///
/// # Errors
/// When the database does not answer.
pub async fn data(app: &App, account: UserId) -> Result<Json, WebError> {
    let bookmarks = app.store.bookmarks_of(account).await?;
    let uses = app.store.uses_declared_by(account).await?;
    let mut folders = Vec::new();
    for folder in app.store.folders_of(account).await? {
        let held = app.store.folder_records(folder.id).await?;
        folders.push((folder, held));
    }
    let mut ids: Vec<UseCaseId> = bookmarks.iter().map(|bookmark| bookmark.use_case).collect();
    ids.extend(uses.iter().map(|declared| declared.use_case));
    ids.extend(folders.iter().flat_map(|(_, held)| held));
    ids.sort_unstable();
    ids.dedup();
    let addresses: HashMap<UseCaseId, String> = app
        .store
        .use_cases_by_ids(&ids)
        .await?
        .into_iter()
        .map(|record| {
            let address = format!("{}/cas-usages/{}", app.settings.base_url, record.slug);
            (record.id, address)
        })
        .collect();
    let written = app.store.assessments_by(account).await?;
    let traces = app.store.roadmap_traces(account).await?;
    Ok(json!({
        "assessments": written.iter().map(|one| json!({
            "kind": one.kind.code(),
            "version": one.number,
            "answers": serde_json::from_str::<Json>(&one.form).unwrap_or_default(),
            "made_at": one.made_at,
            "published_at": one.published_at,
        })).collect::<Vec<_>>(),
        "roadmap_values": traces.values.iter().map(|one| json!({
            "objective": one.goal,
            "period": one.period,
            "value": one.value,
            "quality": one.quality,
            "evidence": one.evidence,
            "made_at": one.made_at,
        })).collect::<Vec<_>>(),
        "committee_meetings": traces.reviews.iter().map(|one| json!({
            "held_on": one.held_on,
            "attendees": one.attendees,
            "made_at": one.made_at,
        })).collect::<Vec<_>>(),
        "trainings": traces.sessions.iter().map(|one| json!({
            "title": one.title,
            "held_on": one.held_on,
            "made_at": one.made_at,
        })).collect::<Vec<_>>(),
        "appointments": traces.appointments.iter().map(|one| json!({
            "role": one.role,
            "person_name": one.person_name,
            "starts_on": one.starts_on,
            "made_at": one.made_at,
        })).collect::<Vec<_>>(),
        "bookmarks": bookmarks.iter().map(|bookmark| json!({
            "record": addresses.get(&bookmark.use_case),
            "list": bookmark.shelf.code(),
            "added_at": bookmark.added_at,
        })).collect::<Vec<_>>(),
        "folders": folders.iter().map(|(folder, held)| json!({
            "name": folder.name,
            "created_at": folder.created_at,
            "shared_at": folder.share_token.as_ref()
                .map(|token| format!("{}/dossiers/{token}", app.settings.base_url)),
            "records": held.iter().filter_map(|id| addresses.get(id)).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "searches": app.store.searches_of(account).await?.iter().map(|search| json!({
            "name": search.name,
            "results": format!("{}{}", app.settings.base_url, searches::address("/cas-usages", &search.query)),
            "alert": search.pace.code(),
            "created_at": search.created_at,
            "told_until": search.told_until,
        })).collect::<Vec<_>>(),
        "declared_uses": uses.iter().map(|declared| json!({
            "record": addresses.get(&declared.use_case),
            "organisation": declared.organisation,
            "declared_at": declared.declared_at,
        })).collect::<Vec<_>>(),
    }))
}

/// The readable record of an address.
///
/// # Errors
/// When there is none, or it was withdrawn.
pub async fn published(app: &App, slug: &str) -> Result<UseCase, WebError> {
    match app.store.use_case_by_slug(slug).await? {
        Found::UseCase { record, .. } => Ok(*record),
        Found::Withdrawn => Err(WebError::Gone),
        Found::Redirect(_) | Found::None => Err(WebError::NotFound),
    }
}

/// An empty list in the space of a person.
fn own_list(app: &App, person: &Person, title: &str, lead: &str, path: &str, here: &str) -> KeptPage {
    let mut layout = form_page(app, title, "", path).layout;
    layout.crumbs = vec![
        Crumb::to("Mon espace", "/mon-espace"),
        Crumb::here(title.to_owned()),
    ];
    KeptPage {
        layout,
        title: title.to_owned(),
        lead: lead.to_owned(),
        notice: None,
        errors: Vec::new(),
        menu: menu(person),
        here: here.to_owned(),
        caption: "Les dernières ajoutées d’abord".to_owned(),
        records: Vec::new(),
        empty: String::new(),
        action: path.to_owned(),
        owned: true,
        csrf: String::new(),
        pagination: Pagination::default(),
        blocks: Vec::new(),
    }
}

/// The line of a record.
fn line(app: &App, item: &VisibleUseCase) -> KeptRecord {
    let record = item.record();
    let mut state = Vec::new();
    let maturity = labels(item, Field::Maturity);
    if !maturity.is_empty() {
        state.push(maturity);
    }
    if record.status == WorkflowStatus::Archived {
        state.push("archivée".to_owned());
    } else if let Some(stale) = stale_label(item, app.today()) {
        state.push(stale.to_lowercase());
    }
    KeptRecord {
        slug: record.slug.clone(),
        title: item.content().title().to_owned(),
        href: format!("/cas-usages/{}", record.slug),
        organisation: record.organisation.name.clone(),
        theme: item.content().code(Field::Theme).map(badge),
        state: state.join(", "),
    }
}

/// The page asked for in the address, from 1.
fn page_of(query: Option<&str>) -> usize {
    crate::params::pairs(query.unwrap_or(""))
        .iter()
        .find(|(name, _)| name == "page")
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(1)
        .clamp(1, 1000)
}

/// Where the records ticked in a list are compared, when that was asked.
fn compared(fields: &Fields) -> Option<String> {
    if fields.get("action") != "comparer" {
        return None;
    }
    let chosen: Vec<String> = fields
        .all("fiche")
        .take(COMPARED + 1)
        .map(|slug| format!("fiche={}", crate::params::encode(slug)))
        .collect();
    Some(if chosen.is_empty() {
        "/comparer".to_owned()
    } else {
        format!("/comparer?{}", chosen.join("&"))
    })
}
