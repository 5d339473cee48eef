//! Pages that say what went wrong.

use axum::http::StatusCode;

use crate::app::App;
use crate::error::{SPENT_LINK, default_detail};
use crate::routes::frame::{frame, render};
use crate::view::library::Link;
use crate::view::{ErrorPage, Place};

/// The page of a status; a bare sentence if even that page cannot be made.
pub fn page(app: &App, status: StatusCode, detail: Option<&str>) -> String {
    let mut page = ErrorPage::new(frame(app, Place::Elsewhere, "", "/"), status.as_u16(), None);
    if let Some(detail) = detail {
        detail.clone_into(&mut page.why);
        if detail == SPENT_LINK {
            "Ce lien ne sert plus".clone_into(&mut page.title);
            page.title.clone_into(&mut page.layout.title);
            page.steps.insert(0, Link::new("Mon espace", "/mon-espace"));
        }
    }
    render(&page).unwrap_or_else(|_| default_detail(status).to_owned())
}
