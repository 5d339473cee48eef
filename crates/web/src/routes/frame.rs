//! The frame of pages: identity of the instance, static files, place in the navigation.

use askama::Template;

use crate::app::App;
use crate::assets::Assets;
use crate::error::WebError;
use crate::view::{AssetPaths, Layout, Place, SiteIdentity};

/// The frame of the page at `path`.
pub fn frame(app: &App, place: Place, title: &str, path: &str) -> Layout {
    let assets = Assets::embedded();
    let paths = AssetPaths {
        css: assets.path("sobria.css").to_owned(),
        js: assets.path("library.js").to_owned(),
        tiles: assets.path("tiles.js").to_owned(),
        map: assets.path("france.svg").to_owned(),
        icon: assets.path("favicon.svg").to_owned(),
    };
    let mut layout = Layout::new(
        identity(app),
        paths,
        place,
        title,
        &format!("{}{path}", app.settings.base_url),
    );
    layout.indexed = !app.settings.demo;
    layout
}

fn identity(app: &App) -> SiteIdentity {
    let site = app.site();
    SiteIdentity {
        name: site.name.clone(),
        operator: site.operator.clone(),
        operator_url: site.operator_url.clone(),
        contact: site.contact_email.clone(),
        licence: site.licence.clone(),
        licence_url: site.licence_url.clone(),
        accessibility: site.legal.accessibility.label().to_owned(),
        calls_out: app
            .settings
            .tiles
            .as_ref()
            .is_some_and(|tiles| tiles.origin().is_some()),
        demo: app.settings.demo,
    }
}

/// Renders a page.
///
/// # Errors
/// When a template fails, which only a defect can cause.
pub fn render(page: &impl Template) -> Result<String, WebError> {
    Ok(page.render()?)
}
