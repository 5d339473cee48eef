//! `/administration`: requests to contribute, and agents whose organisation the library does not know.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use sobria_catalogue::account::Account;
use sobria_catalogue::id::{OrganisationId, UserId};
use sobria_catalogue::organisation::{Organisation, OrganisationStatus};
use sobria_catalogue::rights::{Action, Role, can};
use sobria_catalogue::text::{fold_key, slug};
use sobria_territory::Directory;
use uuid::Uuid;

use super::{Asked, note, page};
use crate::app::App;
use crate::error::WebError;
use crate::letters::{Letter, send};
use crate::posted::SignedForm;
use crate::routes::account::settings::menu;
use crate::routes::account::{fresh, see_other};
use crate::session::SignedIn;
use crate::view::{Control, FormBlock, FormError, FormField, FormOption, FormPage};

/// Where it is.
pub const PATH: &str = "/administration";
/// Where a decision is sent.
pub const DECIDE: &str = "/administration/demandes";
/// Waiting accounts shown at once.
const ACCOUNTS: u32 = 25;

/// Requests to contribute, and agents whose organisation the library does not know.
///
/// # Errors
/// When the account is no moderator, or the database does not answer.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    signed_in.at_least(Role::Moderator)?;
    fresh(StatusCode::OK, &the_page(&app, &signed_in, &asked.fait).await?)
}

async fn the_page(app: &App, signed_in: &SignedIn, done: &str) -> Result<FormPage, WebError> {
    let mut page = page(app, signed_in, "Demandes", "", PATH);
    page.notice =
        (done == "decision").then(|| "C’est décidé\u{202f}; la personne en reçoit un courriel.".to_owned());
    let csrf = || signed_in.reader.csrf().to_owned();
    let memberships = app.store.asked_memberships().await?;
    let known: Vec<UserId> = memberships.iter().map(|asked| asked.account.id).collect();
    for asked in memberships {
        page.blocks.push(FormBlock {
            id: format!("demande-{}", asked.account.id),
            title: asked.account.name(),
            lines: vec![
                format!("{}{}", asked.account.email.as_str(), function(&asked.account)),
                format!(
                    "Demande à contribuer pour {}, depuis le {}",
                    asked.membership.name,
                    crate::locale::moment(asked.membership.asked_at)
                ),
            ],
            action: DECIDE.to_owned(),
            csrf: csrf(),
            hidden: vec![
                ("compte".to_owned(), asked.account.id.to_string()),
                (
                    "organisation".to_owned(),
                    asked.membership.organisation.to_string(),
                ),
            ],
            submit: "Confirmer".to_owned(),
            others: vec![("refuser".to_owned(), "Refuser".to_owned())],
            ..FormBlock::default()
        });
    }
    let pending = app.store.accounts("", Some(Role::Pending), 0, ACCOUNTS).await?;
    for account in pending
        .items
        .into_iter()
        .filter(|account| !known.contains(&account.id))
    {
        let proposals = proposals(app, &account.organisation_name).await?;
        let mut options: Vec<FormOption> = proposals;
        options.push(FormOption::new(
            "nouvelle",
            format!("Créer «\u{a0}{}\u{a0}»", account.organisation_name),
            options.is_empty(),
        ));
        page.blocks.push(FormBlock {
            id: format!("nouveau-{}", account.id),
            title: account.name(),
            lines: vec![
                format!("{}{}", account.email.as_str(), function(&account)),
                format!("A écrit\u{a0}: «\u{a0}{}\u{a0}»", account.organisation_name),
            ],
            action: DECIDE.to_owned(),
            csrf: csrf(),
            hidden: vec![("compte".to_owned(), account.id.to_string())],
            fields: vec![
                FormField::new(
                    format!("organisation-{}", account.id),
                    "Rattacher à",
                    "",
                    Control::Radios(options),
                )
                .required(),
            ],
            submit: "Confirmer".to_owned(),
            ..FormBlock::default()
        });
    }
    if page.blocks.is_empty() {
        "Personne n’attend.".clone_into(&mut page.lead);
    }
    page.menu.extend(
        menu(&signed_in.person)
            .into_iter()
            .filter(|link| link.href == "/moderation"),
    );
    Ok(page)
}

fn function(account: &Account) -> String {
    if account.job_title.is_empty() {
        String::new()
    } else {
        format!(", {}", account.job_title)
    }
}

/// Organisations of the library and of the directory whose name is like the one written.
async fn proposals(app: &App, written: &str) -> Result<Vec<FormOption>, WebError> {
    let mut options: Vec<FormOption> = app
        .store
        .organisations(written, 0, 5)
        .await?
        .items
        .into_iter()
        .map(|carrier| {
            FormOption::new(
                carrier.organisation.id.to_string(),
                carrier.organisation.name,
                false,
            )
        })
        .collect();
    let key = fold_key(written);
    options.extend(
        Directory::embedded()
            .authorities()
            .iter()
            .filter(|authority| !authority.siren.is_empty() && fold_key(&authority.display_name()) == key)
            .take(5)
            .map(|authority| {
                FormOption::new(
                    format!("siren:{}", authority.siren),
                    format!(
                        "{} ({}, de l’annuaire)",
                        authority.display_name(),
                        authority.departement
                    ),
                    false,
                )
            }),
    );
    Ok(options)
}

/// Decides a request.
///
/// # Errors
/// When the account is no moderator, or the database does not answer.
pub async fn decide(State(app): State<App>, form: SignedForm) -> Result<Response, WebError> {
    let signed_in = form.signed_in();
    can(&signed_in.actor(), &Action::DecideMemberships)
        .map_err(|denied| WebError::Forbidden(denied.message().to_owned()))?;
    let by = signed_in.person.account.id;
    let now = (app.settings.now)();
    let account: UserId = form.fields.get("compte").parse().or(Err(WebError::NotFound))?;
    let person = app.store.person(account).await?.ok_or(WebError::NotFound)?;
    let chosen = match form.fields.get("organisation") {
        "" => form.fields.get(&format!("organisation-{account}")),
        organisation => organisation,
    };
    let organisation = organisation_of(&app, chosen, &person.account, by, now).await?;
    let Some((organisation, name)) = organisation else {
        let mut page = the_page(&app, &signed_in, "").await?;
        page.errors.push(FormError {
            field: format!("nouveau-{account}"),
            message: format!("Choisissez à quel organisme rattacher {}.", person.account.name()),
        });
        return fresh(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let granted = form.fields.get("action") != "refuser";
    app.store.ask_membership(account, organisation, None, now).await?;
    app.store
        .decide_membership(account, organisation, granted, by, now)
        .await?;
    let action = if granted {
        "membership-grant"
    } else {
        "membership-refuse"
    };
    note(&app, by, action, &account.to_string(), &organisation.to_string()).await?;
    let letter = Letter::Membership {
        organisation: name,
        granted,
        href: format!(
            "{}/{}",
            app.settings.base_url,
            if granted {
                "contribuer"
            } else {
                "mon-espace/compte"
            }
        ),
    };
    send(&app, &person.account.email, &letter).await?;
    Ok(see_other(&format!("{PATH}?fait=decision")))
}

/// The organisation that was chosen: one of the library, one of the directory, or the one that was written.
async fn organisation_of(
    app: &App,
    chosen: &str,
    account: &Account,
    by: UserId,
    now: Timestamp,
) -> Result<Option<(OrganisationId, String)>, WebError> {
    if let Ok(id) = chosen.parse::<OrganisationId>() {
        let found = app.store.organisations_by_ids(&[id]).await?.into_iter().next();
        return Ok(found.map(|organisation| (organisation.id, organisation.name)));
    }
    let id = OrganisationId::new(Uuid::now_v7());
    let organisation = match chosen
        .strip_prefix("siren:")
        .and_then(|siren| Directory::embedded().by_siren(siren))
    {
        Some(authority) => Organisation {
            siren: Some(authority.siren.to_owned()),
            kind: (!authority.kind.is_empty()).then(|| authority.kind.to_owned()),
            latitude: Some(authority.latitude),
            longitude: Some(authority.longitude),
            departement: (!authority.departement.is_empty()).then(|| authority.departement.to_owned()),
            region: (!authority.region.is_empty()).then(|| authority.region.to_owned()),
            population: authority.population,
            status: OrganisationStatus::Confirmed,
            ..named(id, &authority.display_name())
        },
        None if chosen == "nouvelle" && !account.organisation_name.is_empty() => {
            named(id, &account.organisation_name)
        }
        None => return Ok(None),
    };
    app.store.add_organisation(&organisation, by, now).await?;
    Ok(Some((id, organisation.name)))
}

/// An organisation of this name, at an address of its own.
fn named(id: OrganisationId, name: &str) -> Organisation {
    let mut organisation = Organisation::named(id, name);
    let short: String = id.to_string().chars().rev().take(6).collect();
    organisation.slug = format!("{}-{short}", slug(name, 60));
    organisation
}
