//! `/moderation/reparations`: what imports mended or doubt in records that they published by themselves. A moderator
//! accepts or refuses each; what changes the record gives it a version of its own.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use sobria_catalogue::completeness::completeness;
use sobria_catalogue::draft::Surroundings;
use sobria_catalogue::field::Field;
use sobria_catalogue::id::{ContributionId, UseCaseId};
use sobria_catalogue::proposal::Decision;
use sobria_catalogue::use_case::UseCase;
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_store::{Repair, Repaired};

use super::{moderators_only, repairs};
use crate::app::App;
use crate::error::WebError;
use crate::locale::counted;
use crate::posted::SignedForm;
use crate::routes::account::settings::{menu, space_page};
use crate::routes::account::{form_page, fresh};
use crate::session::{Reader, SignedIn};
use crate::view::library::Link;
use crate::view::moderation::RepairsPage;
use crate::view::prose::ProseTable;
use crate::view::{Crumb, FormBlock, FormError, RichText};

/// Where it is.
pub const PATH: &str = "/moderation/reparations";
/// Records of a page.
const PAGE: u32 = 50;

/// What the address asks for.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Asked {
    /// Page, from 1.
    #[serde(default)]
    page: String,
}

/// How many repairs wait, in words.
fn waiting(count: u64) -> String {
    counted(count, "réparation à décider", "réparations à décider")
}

/// How many records have some, for the queue; blank for none.
///
/// # Errors
/// When the database does not answer.
pub async fn figure(app: &App) -> Result<String, WebError> {
    let (_, total) = app.store.unsettled(0, 1).await?;
    Ok(if total == 0 {
        String::new()
    } else {
        counted(
            total,
            "fiche publiée par un import a des réparations à décider",
            "fiches publiées par un import ont des réparations à décider",
        )
    })
}

/// The records with something to decide.
///
/// # Errors
/// When the account is no moderator, or the database does not answer.
pub async fn list(
    State(app): State<App>,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    moderators_only(&signed_in)?;
    let number: u32 = asked.page.parse().unwrap_or(1).clamp(1, 10_000);
    let (found, total) = app.store.unsettled((number - 1) * PAGE, PAGE).await?;
    let mut page = space_page(
        &app,
        &signed_in.person,
        "Réparations d’imports publiés",
        "Ce que des imports ont réparé ou deviné dans des fiches publiées aussitôt. Chaque réparation s’accepte ou se refuse\u{202f}; ce qui change la fiche lui donne une nouvelle version.",
        PATH,
    );
    let ids: Vec<UseCaseId> = found.iter().map(|(id, _)| *id).collect();
    let records = app.store.use_cases_by_ids(&ids).await?;
    let (mut rows, mut row_links) = (Vec::new(), Vec::new());
    for (record, count) in found
        .iter()
        .filter_map(|(id, count)| Some((records.iter().find(|record| record.id == *id)?, count)))
    {
        rows.push(vec![
            record.content.title().to_owned(),
            record.organisation.name.clone(),
            waiting(*count),
        ]);
        row_links.push(format!("{PATH}/{}", record.id));
    }
    let mut links = vec![Link::new("File des contributions", "/moderation")];
    if number > 1 {
        links.push(Link::new(
            "Fiches précédentes",
            format!("{PATH}?page={}", number - 1),
        ));
    }
    if u64::from(number) * u64::from(PAGE) < total {
        links.push(Link::new(
            "Fiches suivantes",
            format!("{PATH}?page={}", number + 1),
        ));
    }
    page.blocks.push(FormBlock {
        id: "fiches".to_owned(),
        text: RichText::parse(if rows.is_empty() {
            "Aucune réparation n’attend de décision."
        } else {
            ""
        }),
        table: (!rows.is_empty()).then(|| ProseTable {
            caption: counted(total, "fiche", "fiches"),
            headers: ["Projet", "Porteur", "À décider"].map(str::to_owned).to_vec(),
            rows,
        }),
        row_links,
        links,
        ..FormBlock::default()
    });
    fresh(StatusCode::OK, &page)
}

/// The published record of an address.
async fn record(app: &App, id: &str) -> Result<UseCase, WebError> {
    let id: UseCaseId = id.parse().or(Err(WebError::NotFound))?;
    app.store
        .use_cases_by_ids(&[id])
        .await?
        .pop()
        .ok_or(WebError::NotFound)
}

/// What stands for a contribution beside such a record.
fn own(record: &UseCase) -> ContributionId {
    ContributionId::new(record.id.uuid())
}

async fn page(
    app: &App,
    reader: &Reader,
    record: &UseCase,
    said: Result<Option<String>, String>,
) -> Result<Response, WebError> {
    let person = reader.person().ok_or(WebError::NotFound)?;
    let rows = repairs::rows(app, own(record), &record.content).await?;
    if rows.is_empty() {
        return Err(WebError::NotFound);
    }
    let left = rows.iter().filter(|row| row.decided.is_none()).count();
    let title = record.content.title().to_owned();
    let action = format!("{PATH}/{}", record.id);
    let mut layout = form_page(app, &title, "", &action).layout;
    layout.crumbs = vec![
        Crumb::to("Modération", "/moderation"),
        Crumb::to("Réparations d’imports publiés", PATH),
        Crumb::here(title.clone()),
    ];
    let (notice, errors) = match said {
        Ok(notice) => (notice, Vec::new()),
        Err(message) => (
            None,
            vec![FormError {
                field: "reparations".to_owned(),
                message,
            }],
        ),
    };
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::CONFLICT
    };
    let page = RepairsPage {
        layout,
        menu: menu(person),
        title,
        facts: vec![
            format!("Porteur\u{a0}: {}", record.organisation.name),
            format!("Version {}", record.version),
            waiting(u64::try_from(left).unwrap_or(u64::MAX)),
        ],
        errors,
        notice,
        current: format!("/cas-usages/{}", record.slug),
        list: PATH,
        repairs: rows,
        repair_action: action,
        version: record.version,
        csrf: reader.csrf().to_owned(),
    };
    fresh(status, &page)
}

/// The repairs of one record.
///
/// # Errors
/// When the account is no moderator, there is no such published record, or no import mended anything in it.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    moderators_only(&signed_in)?;
    let record = record(&app, &id).await?;
    page(&app, &signed_in.reader, &record, Ok(None)).await
}

/// Accepts or refuses one.
///
/// # Errors
/// When the account is no moderator, there is no such repair, or the database does not answer.
pub async fn decide(
    State(app): State<App>,
    Path(id): Path<String>,
    form: SignedForm,
) -> Result<Response, WebError> {
    moderators_only(&form.signed_in())?;
    let found = record(&app, &id).await?;
    let (kept, decision) = repairs::chosen(&app, own(&found), &form.fields).await?;
    let proposal = &kept.proposal;
    let label = proposal.field.spec().label;
    let changed = || "La fiche a changé depuis que vous l’avez ouverte. Relisez-la, puis décidez.".to_owned();
    if form.fields.get("_version") != found.version.to_string() {
        return page(&app, &form.reader, &found, Err(changed())).await;
    }
    let change = match decision {
        Decision::Accepted => &proposal.accept,
        Decision::Refused => &proposal.refuse,
    };
    let around = Surroundings {
        vocabularies: Vocabularies::embedded(),
        today: app.today(),
        organisation: Some(&found.organisation),
        new_organisation: found.organisation.id,
    };
    let Some(mended) = change.mended(&found.content, &found.organisation, &around) else {
        let message = format!(
            "«\u{a0}{label}\u{a0}» a changé depuis l’import\u{a0}: cette réparation ne s’y applique plus. Choisissez l’autre réponse, ou modifiez la fiche."
        );
        return page(&app, &form.reader, &found, Err(message)).await;
    };
    let siret = change
        .0
        .iter()
        .filter(|_| proposal.field == Field::OrganisationSiret)
        .find_map(|edit| edit.into.first());
    let share = completeness(&mended, &found.organisation);
    let done = app
        .store
        .repair_published(Repair {
            record: found.id,
            seen: found.version,
            place: kept.place,
            decision,
            content: (mended != found.content).then_some((&mended, share)),
            siret: siret.map(String::as_str),
            reason: &format!("Relecture de l’import\u{a0}: {}", label.to_lowercase()),
            by: form.person.account.id,
            now: (app.settings.now)(),
        })
        .await?;
    let said = match done {
        Repaired::Done => {
            crate::refresh::at_once(&app).await;
            Ok(Some(repairs::done(decision, proposal.field)))
        }
        Repaired::Before => Err("Cette réparation est déjà décidée\u{202f}; la liste le montre.".to_owned()),
        Repaired::Changed => Err(changed()),
        Repaired::Waits => Err(
            "Une version plus récente de cette fiche attend une décision. Décidez d’abord de celle-ci."
                .to_owned(),
        ),
    };
    let now = record(&app, &id).await?;
    page(&app, &form.reader, &now, said).await
}
