//! "Nous l’utilisons aussi": what an organisation says of the project of another, in public.

use axum::extract::{Path, State};
use axum::response::Response;
use sobria_catalogue::account::MembershipStatus;
use sobria_catalogue::id::OrganisationId;
use sobria_catalogue::use_case::{UseCase, WorkflowStatus};

use super::published;
use crate::app::App;
use crate::error::WebError;
use crate::posted::SignedForm;
use crate::routes::account::see_other;
use crate::session::Reader;
use crate::view::personal::{Button, Users};

/// What the page of a record shows of those who use the same thing.
///
/// # Errors
/// When the database does not answer.
pub async fn users(app: &App, reader: &Reader, record: &UseCase) -> Result<Users, WebError> {
    let adoptions = app.store.adoptions_of(record.id).await?;
    let number = u64::try_from(adoptions.len()).unwrap_or(u64::MAX);
    let mut users = Users {
        count: if adoptions.is_empty() {
            String::new()
        } else {
            crate::locale::counted(number, "autre organisation", "autres organisations")
        },
        names: adoptions
            .iter()
            .map(|adoption| adoption.name.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        buttons: Vec::new(),
    };
    let actor = reader.actor();
    for membership in reader.person().map_or(&[][..], |person| &person.memberships) {
        let id = membership.organisation;
        if membership.status != MembershipStatus::Granted
            || !actor.contributes_for(id)
            || id == record.organisation.id
        {
            continue;
        }
        let declared = adoptions.iter().any(|adoption| adoption.organisation == id);
        if !declared && record.status != WorkflowStatus::Published {
            continue;
        }
        users.buttons.push(Button {
            action: format!("/cas-usages/{}/utiliser", record.slug),
            fields: vec![
                ("organisation", id.to_string()),
                ("action", if declared { "retirer" } else { "declarer" }.to_owned()),
            ],
            label: if declared {
                format!("Retirer {}", membership.name)
            } else {
                format!("Déclarer que {} l’utilise aussi", membership.name)
            },
        });
    }
    Ok(users)
}

/// Declares a use in the name of one's organisation, or takes it back.
///
/// # Errors
/// When the person does not contribute for that organisation, which carries the record, or there is no such record.
pub async fn post(
    State(app): State<App>,
    Path(slug): Path<String>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let record = published(&app, &slug).await?;
    let organisation: OrganisationId = form
        .fields
        .get("organisation")
        .parse()
        .map_err(|error| WebError::Invalid(format!("Cette organisation n’est pas connue ({error}).")))?;
    let actor = form.person.actor();
    if !actor.contributes_for(organisation) {
        return Err(WebError::Forbidden(
            "Vous ne pouvez déclarer un usage que pour un organisme dont vous êtes membre.".to_owned(),
        ));
    }
    let (by, now) = (form.person.account.id, (app.settings.now)());
    if form.fields.get("action") == "retirer" {
        app.store.withdraw_use(record.id, organisation, by, now).await?;
    } else {
        app.store.declare_use(record.id, organisation, by, now).await?;
    }
    crate::refresh::at_once(&app).await;
    Ok(see_other(&format!("/cas-usages/{}#utilisateurs", record.slug)))
}
