//! The organisations of the person, and the request to contribute for another one.

use axum::response::Response;
use sobria_catalogue::account::{MembershipStatus, Person};
use sobria_catalogue::id::OrganisationId;
use sobria_catalogue::text::{clean_line, fold_key};

use super::{PATH, refused};
use crate::app::App;
use crate::error::WebError;
use crate::posted::SignedForm;
use crate::view::{FormBlock, FormField, RichText};

pub(super) fn organisations(person: &Person, csrf: String) -> FormBlock {
    let lines: Vec<String> = person
        .memberships
        .iter()
        .map(|membership| {
            format!(
                "{}\u{a0}: {}",
                membership.name,
                membership.status.label().to_lowercase()
            )
        })
        .collect();
    let text = if lines.is_empty() {
        format!(
            "Vous avez indiqué «\u{a0}{}\u{a0}». Une personne de la modération le confirmera\u{202f}; vous pourrez alors décrire ses projets.",
            person.account.organisation_name
        )
    } else {
        "Vous pouvez décrire les projets des organismes confirmés.".to_owned()
    };
    FormBlock {
        id: "organismes".to_owned(),
        title: "Mes organismes".to_owned(),
        text: RichText::parse(&text),
        lines,
        action: format!("{PATH}/organismes"),
        csrf,
        fields: vec![
            FormField::line("organisme", "Demander à contribuer pour un autre organisme", "")
                .hint("Nom exact, comme sur la page des organisations.")
                .max(200),
        ],
        submit: "Demander".to_owned(),
        quiet: true,
        ..FormBlock::default()
    }
}

/// Asks to contribute for an organisation of the library, named exactly; else answers with the page and what is wrong.
pub(super) async fn ask_organisation(app: &App, form: &SignedForm) -> Result<Option<Response>, WebError> {
    let id = form.person.account.id;
    let typed = clean_line(form.fields.get("organisme"));
    let key = fold_key(&typed);
    let found = app.store.organisations(&typed, 0, 20).await?.items;
    let exact: Option<OrganisationId> = found
        .iter()
        .find(|carrier| fold_key(&carrier.organisation.name) == key)
        .map(|carrier| carrier.organisation.id);
    let Some(organisation) = exact.filter(|_| !key.is_empty()) else {
        return refused(
            app,
            form,
            "organisme",
            "Aucun organisme de la bibliothèque ne porte exactement ce nom. Vérifiez-le sur la page des organisations.",
        ).await.map(Some);
    };
    let refused_before = form
        .person
        .memberships
        .iter()
        .any(|known| known.organisation == organisation && known.status == MembershipStatus::Refused);
    if refused_before {
        return refused(
            app,
            form,
            "organisme",
            "Cette demande a été refusée. Écrivez à la personne qui administre la bibliothèque.",
        )
        .await
        .map(Some);
    }
    app.store
        .ask_membership(id, organisation, None, (app.settings.now)())
        .await?;
    Ok(None)
}
