//! `/administration/imports`: a file is handed in, what it would do is shown, and exactly that is written.

mod shown;

use std::sync::Arc;

use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sobria_catalogue::id::ImportId;
use sobria_catalogue::rights::{Action, can};
use sobria_exchange::read::UPLOAD_MAX;
use sobria_store::{ApplyOptions, StoreError};
use uuid::Uuid;

use super::{Names, note, page};
use crate::app::App;
use crate::error::WebError;
use crate::imports::trial::{self, Findings, Preview, REPORT_LINES, REPORT_TABLE, Trial, Trials};
use crate::imports::{self, Choices};
use crate::limiter;
use crate::locale::moment;
use crate::posted::SignedForm;
use crate::posted::upload::{receive, sender};
use crate::routes::account::{fresh, see_other};
use crate::session::SignedIn;
use crate::view::library::Link;
use crate::view::prose::ProseTable;
use crate::view::{Control, FormBlock, FormError, FormField, FormPage, RichText};
use shown::{Asked, choices_of, preview_page};

/// Where imports are.
pub const PATH: &str = "/administration/imports";
/// Past imports of a page.
const PAST: u32 = 20;

fn trials(app: &App) -> Trials {
    Trials::under(&app.settings.uploads)
}

fn may(signed_in: &SignedIn, action: &Action) -> Result<(), WebError> {
    can(&signed_in.actor(), action).map_err(|denied| WebError::Forbidden(denied.message().to_owned()))
}

fn may_write(signed_in: &SignedIn) -> bool {
    can(&signed_in.actor(), &Action::Import).is_ok()
}

fn broken(error: impl std::fmt::Display) -> WebError {
    WebError::Internal(format!("a trial of an import failed: {error}"))
}

/// The trial of this address: one's own, or any for those who may write.
fn trial_of(app: &App, signed_in: &SignedIn, id: &str) -> Result<Trial, WebError> {
    may(signed_in, &Action::TryImport)?;
    let id: Uuid = id.parse().or(Err(WebError::NotFound))?;
    let found = trials(app).get(id, (app.settings.now)()).ok_or_else(|| {
        WebError::Withdrawn(
            "Cet essai n’existe plus\u{a0}: il a été enregistré, abandonné, ou effacé après 24 heures. Déposez à nouveau le fichier."
                .to_owned(),
        )
    })?;
    if found.account == signed_in.person.account.id.to_string() || may_write(signed_in) {
        Ok(found)
    } else {
        Err(WebError::NotFound)
    }
}

/// What the address of the list asks for.
#[derive(Debug, Default, Deserialize)]
pub struct ListAsked {
    #[serde(default)]
    fait: String,
    #[serde(default)]
    page: String,
}

/// Files that wait, past imports, and the form to hand one in.
///
/// # Errors
/// When the account may not try imports, or the database does not answer.
pub async fn list(
    State(app): State<App>,
    signed_in: SignedIn,
    Query(asked): Query<ListAsked>,
) -> Result<Response, WebError> {
    fresh(StatusCode::OK, &list_page(&app, &signed_in, &asked, None).await?)
}

async fn list_page(
    app: &App,
    signed_in: &SignedIn,
    asked: &ListAsked,
    error: Option<&str>,
) -> Result<FormPage, WebError> {
    may(signed_in, &Action::TryImport)?;
    let mut page = page(app, signed_in, "Imports", "", PATH);
    page.notice = match asked.fait.as_str() {
        "enregistre" => Some("L’import est enregistré.".to_owned()),
        "rien" => Some("Le fichier ne changeait rien\u{a0}: rien n’a été enregistré.".to_owned()),
        "abandon" => Some("Le fichier est effacé\u{202f}; rien n’a été enregistré.".to_owned()),
        _ => None,
    };
    page.errors.extend(error.map(|message| FormError {
        field: "fichier".to_owned(),
        message: message.to_owned(),
    }));
    let lead = if may_write(signed_in) {
        "Déposez un fichier\u{a0}: vous verrez ce que l’import ferait, ligne par ligne, avant de l’enregistrer."
    } else {
        "Déposez un fichier\u{a0}: vous verrez ce que l’import ferait, ligne par ligne. L’enregistrer est réservé à l’administration."
    };
    lead.clone_into(&mut page.lead);
    page.blocks.push(FormBlock {
        id: "deposer".to_owned(),
        title: "Déposer un fichier".to_owned(),
        action: PATH.to_owned(),
        csrf: signed_in.reader.csrf().to_owned(),
        fields: vec![
            FormField::new(
                "fichier",
                "Fichier",
                "",
                Control::File {
                    accept: ".csv,.xlsx,.ods,.json,.ndjson,text/csv,application/json",
                },
            )
            .hint("CSV, XLSX, ODS ou JSON, 20 Mo au plus.")
            .required()
            .error(error.map(str::to_owned)),
        ],
        submit: "Voir ce que ferait l’import".to_owned(),
        ..FormBlock::default()
    });
    let own = signed_in.person.account.id.to_string();
    let waiting: Vec<Trial> = trials(app)
        .all((app.settings.now)())
        .into_iter()
        .filter(|trial| trial.account == own || may_write(signed_in))
        .collect();
    if !waiting.is_empty() {
        page.blocks.push(FormBlock {
            id: "en-attente".to_owned(),
            title: "Fichiers qui attendent".to_owned(),
            text: RichText::parse("Chacun est effacé 24 heures après son dépôt."),
            links: waiting
                .iter()
                .map(|trial| {
                    Link::new(
                        format!("{}, déposé le {}", trial.name, moment(trial.made_at)),
                        format!("{PATH}/{}", trial.id),
                    )
                })
                .collect(),
            ..FormBlock::default()
        });
    }
    page.blocks.push(past(app, &asked.page).await?);
    Ok(page)
}

async fn past(app: &App, number: &str) -> Result<FormBlock, WebError> {
    let number: u32 = number.parse().unwrap_or(1).clamp(1, 10_000);
    let mut lines = app.store.imports((number - 1) * PAST, PAST + 1).await?;
    let most = usize::try_from(PAST).unwrap_or(usize::MAX);
    let more = lines.len() > most;
    lines.truncate(most);
    let names = Names::of(app, lines.iter().map(|line| line.actor.as_str())).await?;
    let figure = |summary: &serde_json::Value, key: &str| {
        summary
            .get(key)
            .and_then(serde_json::Value::as_u64)
            .map_or_else(String::new, crate::locale::integer)
    };
    let rows: Vec<Vec<String>> = lines
        .iter()
        .map(|line| {
            let summary: serde_json::Value = serde_json::from_str(&line.summary).unwrap_or_default();
            vec![
                moment(line.at),
                line.source.clone(),
                names.name(&line.actor),
                figure(&summary, "rows"),
                figure(&summary, "created"),
                figure(&summary, "updated"),
                figure(&summary, "unchanged"),
                figure(&summary, "rejected"),
            ]
        })
        .collect();
    let mut links = Vec::new();
    if number > 1 {
        links.push(Link::new("Plus récents", format!("{PATH}?page={}", number - 1)));
    }
    if more {
        links.push(Link::new("Plus anciens", format!("{PATH}?page={}", number + 1)));
    }
    let empty = rows.is_empty();
    Ok(FormBlock {
        id: "passes".to_owned(),
        title: "Imports enregistrés".to_owned(),
        text: RichText::parse(if empty {
            "Aucun import n’a encore été enregistré."
        } else {
            ""
        }),
        table: (!empty).then(|| ProseTable {
            caption: "Les plus récents d’abord".to_owned(),
            headers: [
                "Quand",
                "Source",
                "Par",
                "Lignes",
                "Créées",
                "Mises à jour",
                "Inchangées",
                "Refusées",
            ]
            .map(str::to_owned)
            .to_vec(),
            rows,
        }),
        links,
        ..FormBlock::default()
    })
}

/// Receives a file.
///
/// # Errors
/// When the account may not try imports, the form is not one of this session, or the file is too long.
pub async fn hand_in(State(app): State<App>, request: Request) -> Result<Response, WebError> {
    let signed_in = sender(&request, PATH)?;
    may(&signed_in, &Action::TryImport)?;
    let now = (app.settings.now)();
    let account = signed_in.person.account.id.to_string();
    if !app.limiter.take(limiter::Action::Upload, &account, now) {
        return Err(WebError::TooMany);
    }
    let trials = trials(&app);
    let id = new_id(now);
    let place = trials.place(id).map_err(broken)?;
    let received = receive(&app, &signed_in, request, &place, UPLOAD_MAX).await;
    let (name, length) = match received.map(|upload| upload.file) {
        Ok(Some(file)) => file,
        Ok(None) => {
            trials.remove(id).map_err(broken)?;
            let message = "Choisissez un fichier qui n’est pas vide.";
            let page = list_page(&app, &signed_in, &ListAsked::default(), Some(message)).await?;
            return fresh(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
        Err(error) => {
            trials.remove(id).map_err(broken)?;
            return Err(error);
        }
    };
    trials
        .save(&Trial {
            id,
            account,
            name,
            size: length,
            made_at: now,
            choices: Choices::default(),
        })
        .map_err(broken)?;
    Ok(see_other(&format!("{PATH}/{id}")))
}

/// An identifier made at the time of the instance.
fn new_id(now: jiff::Timestamp) -> Uuid {
    let random = Uuid::now_v7();
    let mut bytes = [0; 10];
    for (byte, from) in bytes.iter_mut().zip(random.as_bytes().iter().skip(6)) {
        *byte = *from;
    }
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}

/// What an import would do.
///
/// # Errors
/// When the account may not see it, or the database does not answer.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let trial = trial_of(&app, &signed_in, &id)?;
    let preview = preview(&app, &trial).await?;
    let page = preview_page(&app, &signed_in, &trial, &preview, &asked)?;
    let status = match preview.found {
        Findings::Refused { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        Findings::Planned { .. } => StatusCode::OK,
    };
    fresh(status, &page)
}

/// The preview in force: the one that was kept, or a new one when the catalogue, the day or what is asked changed.
async fn preview(app: &App, trial: &Trial) -> Result<Preview, WebError> {
    let trials = trials(app);
    let (today, revision) = (app.today(), app.store.catalogue_revision().await?);
    if let Some(kept) = trials.preview(trial.id)
        && kept.planned_at == revision
        && kept.day == today
        && kept.choices == trial.choices
    {
        return Ok(kept);
    }
    let _place = app.planning.acquire().await.map_err(broken)?;
    let (existing, planned_at) = app.store.existing().await?;
    let (trial, vocabularies) = (trial.clone(), app.vocabularies());
    tokio::task::spawn_blocking(move || trials.show(&trial, &existing, planned_at, &vocabularies, today))
        .await
        .map_err(broken)?
        .map_err(broken)
}

/// Changes what is asked of a file, writes it, or takes it away.
///
/// # Errors
/// When the account may not, the catalogue changed meanwhile, or the database does not answer.
pub async fn act(
    State(app): State<App>,
    Path((id, what)): Path<(String, String)>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let signed_in = form.signed_in();
    let mut trial = trial_of(&app, &signed_in, &id)?;
    match what.as_str() {
        "options" => {
            trial.choices = choices_of(&form);
            trials(&app).save(&trial).map_err(broken)?;
            Ok(see_other(&format!("{PATH}/{}", trial.id)))
        }
        "abandonner" => {
            trials(&app).remove(trial.id).map_err(broken)?;
            Ok(see_other(&format!("{PATH}?fait=abandon")))
        }
        "enregistrer" => {
            may(&signed_in, &Action::Import)?;
            let (seen, publish) = (form.fields.get("apercu").to_owned(), form.fields.has("publier"));
            // The work goes on to its end, whatever becomes of the connection.
            let (by, work) = (signed_in.clone(), app.clone());
            let written = tokio::spawn(async move { write(&work, &by, &trial, &seen, publish).await })
                .await
                .map_err(broken)??;
            match written {
                Some(0) => Ok(see_other(&format!("{PATH}?fait=rien"))),
                Some(_) => Ok(see_other(&format!("{PATH}?fait=enregistre"))),
                None => changed_meanwhile(&app, &signed_in, &id).await,
            }
        }
        _ => Err(WebError::NotFound),
    }
}

/// Writes what was seen; none when the catalogue changed since. Returns how many records changed.
async fn write(
    app: &App,
    signed_in: &SignedIn,
    trial: &Trial,
    seen: &str,
    publish: bool,
) -> Result<Option<usize>, WebError> {
    let trials = trials(app);
    let today = app.today();
    let place = app.planning.acquire().await.map_err(broken)?;
    let (existing, planned_at) = app.store.existing().await?;
    let (again, kept, vocabularies) = (trials.clone(), trial.clone(), app.vocabularies());
    let planned = tokio::task::spawn_blocking(move || {
        let plan = again.plan(&kept, &existing, &vocabularies, today)?;
        let mark = plan.as_ref().map(|plan| trial::mark(plan, &kept, planned_at));
        std::io::Result::Ok(match mark {
            Ok(mark) => Some((mark?, plan.ok())),
            Err(_) => None,
        })
    })
    .await
    .map_err(broken)?
    .map_err(broken)?;
    let Some((mark, Some(plan))) = planned else {
        return Ok(None);
    };
    if mark != seen {
        return Ok(None);
    }
    let actor = signed_in.person.account.id;
    let options = ApplyOptions {
        publish,
        actor: &actor.to_string(),
        now: (app.settings.now)(),
        import: ImportId::new(Uuid::now_v7()),
        planned_at: Some(planned_at),
    };
    let plan = Arc::new(plan);
    let written = match imports::write(&plan, options, &app.store, &app.index).await {
        Ok(written) => written,
        Err(StoreError::Conflict { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    drop(place);
    crate::refresh::at_once(app).await;
    trials.remove(trial.id).map_err(broken)?;
    let summary = plan.summary();
    note(
        app,
        actor,
        "import-file",
        &trial.id.to_string(),
        &format!(
            "created={} updated={} rejected={} published={}",
            summary.created, summary.updated, summary.rejected, publish
        ),
    )
    .await?;
    Ok(Some(written.applied.changed.len()))
}

async fn changed_meanwhile(app: &App, signed_in: &SignedIn, id: &str) -> Result<Response, WebError> {
    let trial = trial_of(app, signed_in, id)?;
    let preview = preview(app, &trial).await?;
    let mut page = preview_page(app, signed_in, &trial, &preview, &Asked::default())?;
    page.errors.insert(
        0,
        FormError {
            field: String::new(),
            message: "La bibliothèque a changé depuis l’aperçu que vous aviez sous les yeux\u{a0}: rien n’a été écrit. L’aperçu ci-dessous est à jour\u{202f}; relisez-le, puis enregistrez."
                .to_owned(),
        },
    );
    fresh(StatusCode::CONFLICT, &page)
}

/// The report of a trial, as a file.
///
/// # Errors
/// When the account may not see it, or no report was made.
pub async fn report(
    State(app): State<App>,
    signed_in: SignedIn,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let (kept, media_type) = match file.as_str() {
        "rapport.jsonl" => (REPORT_LINES, "application/x-ndjson"),
        "rapport.csv" => (REPORT_TABLE, "text/csv; charset=utf-8"),
        _ => return Err(WebError::NotFound),
    };
    let trial = trial_of(&app, &signed_in, &id)?;
    if let Findings::Refused { .. } = preview(&app, &trial).await?.found {
        return Err(WebError::NotFound);
    }
    let bytes = trials(&app).read(trial.id, kept).map_err(broken)?;
    let name = format!("attachment; filename=\"{kept}\"");
    Ok((
        [
            (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
            (
                header::CONTENT_DISPOSITION,
                HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment")),
            ),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ],
        bytes,
    )
        .into_response())
}
