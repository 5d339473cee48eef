//! `/desinscription/{secret}`: leaving a mailing from a message, without signing in.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::account::Purpose;
use sobria_catalogue::id::{SavedSearchId, UserId};
use sobria_store::SecretPurpose;
use uuid::Uuid;

use crate::app::App;
use crate::error::WebError;
use crate::routes::account::sign_up::wording;
use crate::routes::account::{form_page, fresh, link};
use crate::view::library::Link;
use crate::view::{FormBlock, FormPage};

/// What a link leaves.
enum Mailing {
    /// The alert of a saved search.
    Alert(SavedSearchId),
    /// The letter of the library.
    Digest(UserId),
    /// The reminders of a deliverable, to the supplier or to the agent.
    Deliverable {
        /// The deliverable.
        id: String,
        /// Whether the supplier is the one who leaves.
        to_supplier: bool,
    },
}

/// The mailing of a link; the same link may be followed again.
async fn mailing(app: &App, text: &str) -> Result<Mailing, WebError> {
    let kept = link::look_at(app, text, SecretPurpose::Unsubscribe).await?;
    let (account, payload) = kept.ok_or(WebError::SpentLink)?;
    if payload == crate::digest::PAYLOAD {
        return account.map(Mailing::Digest).ok_or(WebError::SpentLink);
    }
    if let Some(rest) = payload.strip_prefix("livrable:") {
        let (id, whose) = rest.split_once(':').ok_or(WebError::SpentLink)?;
        return Ok(Mailing::Deliverable {
            id: id.to_owned(),
            to_supplier: whose == "titulaire",
        });
    }
    payload.parse().map(Mailing::Alert).or(Err(WebError::SpentLink))
}

fn page(app: &App, mailing: &Mailing, lead: &str) -> FormPage {
    let title = match mailing {
        Mailing::Alert(_) => "Ne plus recevoir cette alerte",
        Mailing::Digest(_) => "Ne plus recevoir la lettre",
        Mailing::Deliverable { .. } => "Ne plus recevoir ces rappels",
    };
    form_page(app, title, lead, "/desinscription")
}

/// The page behind the link: nothing changes before the button, because mail programs follow links on their own.
///
/// # Errors
/// When the link is unknown or ran out.
pub async fn show(State(app): State<App>, Path(text): Path<String>) -> Result<Response, WebError> {
    let mailing = mailing(&app, &text).await?;
    let (lead, submit) = match &mailing {
        Mailing::Alert(_) => (
            "La recherche reste dans votre espace\u{202f}; seuls les courriels cessent.",
            "Arrêter l’alerte",
        ),
        Mailing::Digest(_) => (
            "Vous ne recevrez plus les nouvelles de la bibliothèque. Votre compte et vos alertes restent.",
            "Arrêter la lettre",
        ),
        Mailing::Deliverable { .. } => (
            "Le livrable reste dans l’échéancier\u{202f}; seuls les courriels cessent.",
            "Arrêter les rappels",
        ),
    };
    let mut page = page(&app, &mailing, lead);
    page.blocks.push(FormBlock {
        action: format!("/desinscription/{text}"),
        submit: submit.to_owned(),
        ..FormBlock::default()
    });
    fresh(StatusCode::OK, &page)
}

/// Stops the mailing; mail programs send this on their own when asked to.
///
/// # Errors
/// When the link is unknown or ran out.
pub async fn post(State(app): State<App>, Path(text): Path<String>) -> Result<Response, WebError> {
    let mailing = mailing(&app, &text).await?;
    let (lead, link) = match &mailing {
        Mailing::Alert(id) => {
            app.store.stop_alert(*id).await?;
            (
                "C’est fait\u{a0}: cette alerte ne partira plus.",
                Link::new("Mes recherches", "/mon-espace/recherches"),
            )
        }
        Mailing::Digest(account) => {
            let key = Uuid::now_v7().to_string();
            app.store
                .leave_digest(&key, *account, wording(Purpose::News), (app.settings.now)())
                .await?;
            (
                "C’est fait\u{a0}: la lettre ne partira plus.",
                Link::new("Mes choix", "/mon-espace/compte#accords"),
            )
        }
        Mailing::Deliverable { id, to_supplier } => {
            app.store.stop_reminders(id, *to_supplier).await?;
            (
                "C’est fait\u{a0}: ces rappels ne partiront plus.",
                Link::new("Retour à l’accueil", "/"),
            )
        }
    };
    let mut page = page(&app, &mailing, lead);
    page.blocks.push(FormBlock {
        links: vec![link],
        ..FormBlock::default()
    });
    fresh(StatusCode::OK, &page)
}
