//! The purchases of an organisation as other instruments take them: which record, how far, what is said of the need.

use sobria_catalogue::id::OrganisationId;
use sobria_govern::procurement::paper::Purchase;

use super::kept::Kept;
use crate::app::App;
use crate::error::WebError;

/// A kept purchase.
#[derive(Clone)]
pub struct Linked {
    /// Identifier.
    pub id: String,
    /// Address part of the record that it was begun from; blank for none.
    pub record: String,
    /// Title.
    pub title: String,
    /// How far it is.
    pub stage: &'static str,
    /// Where its people work on it.
    pub path: String,
    /// What it says of the need and of the limits of use.
    pub purchase: Purchase,
}

/// The purchases of an organisation, last changed first. Only for those who contribute for it.
///
/// # Errors
/// When the database does not answer.
pub async fn linked(app: &App, organisation: OrganisationId) -> Result<Vec<Linked>, WebError> {
    let now = (app.settings.now)();
    let mut found = Vec::new();
    for row in app.store.purchases_of(&[organisation]).await? {
        let kept = Kept::from(app, row).await?;
        let suppliers = app.store.suppliers_of(&kept.row.id).await?.len();
        found.push(Linked {
            id: kept.row.id.clone(),
            record: kept.fields.get("fiche").to_owned(),
            title: kept.row.title.clone(),
            stage: kept.progress.stage(suppliers, now).label(),
            path: kept.path(""),
            purchase: kept.read().0,
        });
    }
    Ok(found)
}
