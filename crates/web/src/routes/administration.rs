//! `/administration`: accounts, organisations, imports, settings, jobs, messages, audit trail.

pub mod accounts;
pub mod checks;
pub mod imports;
pub mod jobs;
pub mod journal;
pub mod labels;
pub mod logos;
pub mod mails;
pub mod organisations;
pub mod requests;
pub mod settings;
pub mod terms;

use serde::Deserialize;
use sobria_catalogue::id::UserId;
use sobria_catalogue::rights::Role;
use sobria_store::{AuditEntry, NewSettings};
use uuid::Uuid;

use crate::app::App;
use crate::error::WebError;
use crate::routes::account::form_page;
use crate::session::SignedIn;
use crate::view::FormPage;
use crate::view::library::Link;

/// What the address asks for.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Asked {
    /// What was just done.
    #[serde(default)]
    fait: String,
    /// Lines before this one.
    #[serde(default)]
    avant: String,
}

/// Parts of the administration: address and label.
const PARTS: [(&str, &str, Role); 10] = [
    (requests::PATH, "Demandes", Role::Moderator),
    (accounts::PATH, "Comptes", Role::Admin),
    (organisations::PATH, "Organisations", Role::Admin),
    (terms::PATH, "Vocabulaires", Role::Admin),
    (imports::PATH, "Imports", Role::Moderator),
    (settings::PATH, "Réglages", Role::Admin),
    (jobs::PATH, "Tâches", Role::Admin),
    (mails::PATH, "Courriels", Role::Admin),
    (journal::PATH, "Journal", Role::Admin),
    (checks::PATH, "Contrôle", Role::Admin),
];

/// Names of the accounts that lines are signed with.
struct Names(Vec<(String, String)>);

impl Names {
    /// Looks up the accounts among the actors of lines.
    async fn of<'a>(app: &App, actors: impl Iterator<Item = &'a str>) -> Result<Self, WebError> {
        let mut ids: Vec<UserId> = actors.filter_map(|actor| actor.parse().ok()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut names = Vec::new();
        for id in ids {
            let name = app.store.account(id).await?.map(|account| account.name());
            names.push((id.to_string(), name.unwrap_or_else(|| "Compte effacé".to_owned())));
        }
        Ok(Self(names))
    }

    /// The name behind an actor; the actor itself when it is no account.
    fn name(&self, actor: &str) -> String {
        self.0
            .iter()
            .find(|(id, _)| id == actor)
            .map_or_else(|| actor.to_owned(), |(_, name)| name.clone())
    }
}

fn page(app: &App, signed_in: &SignedIn, title: &str, lead: &str, path: &str) -> FormPage {
    let mut page = form_page(app, title, lead, path);
    page.layout.crumbs = vec![
        crate::view::Crumb::to("Mon espace", "/mon-espace"),
        crate::view::Crumb::to("Administration", requests::PATH),
        crate::view::Crumb::here(title),
    ];
    if path == requests::PATH {
        page.layout.crumbs.remove(1);
    }
    page.menu_label = "Administration".to_owned();
    page.menu = PARTS
        .iter()
        .filter(|(_, _, role)| signed_in.person.account.role >= *role)
        .map(|(address, label, _)| Link::new(*label, *address))
        .collect();
    path.clone_into(&mut page.here);
    page
}

fn admins_only(signed_in: &SignedIn) -> Result<(), WebError> {
    signed_in.at_least(Role::Admin)
}

/// Writes settings, each with its key and its value, or none for that of the configuration; pages follow at once.
/// Answers with the word of the address that says what was done.
async fn keep_settings(
    app: &App,
    by: UserId,
    settings: Vec<(String, Option<String>)>,
) -> Result<&'static str, WebError> {
    let values: Vec<(String, &str, Option<String>)> = settings
        .iter()
        .map(|(key, value)| (Uuid::now_v7().to_string(), key.as_str(), value.clone()))
        .collect();
    let changed = app
        .store
        .change_settings(NewSettings {
            values: &values,
            author: by,
            now: (app.settings.now)(),
        })
        .await?;
    app.reload_settings().await?;
    crate::refresh::at_once(app).await;
    Ok(if changed > 0 { "enregistre" } else { "rien" })
}

async fn note(app: &App, by: UserId, action: &str, subject: &str, detail: &str) -> Result<(), WebError> {
    app.store
        .add_audit(AuditEntry {
            at: (app.settings.now)(),
            actor: &by.to_string(),
            action,
            subject,
            detail,
        })
        .await?;
    Ok(())
}
