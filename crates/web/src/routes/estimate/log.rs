//! `POST /estimer/mesure`: logs of measured energy, read as they come and forgotten. Nothing is written: the page itself
//! carries the logs, packed, to the files that it hands out.

mod packed;
mod shown;
mod upload;

use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_estimate::electricity::ZoneFactors;
use sobria_exchange::measurements::{Runs, Summary, boamps};
use sobria_exchange::table::{Table, csv};
use uuid::Uuid;

pub use shown::seconds;
pub use upload::BODY_MAX;

use super::{calculator, download};
use crate::app::App;
use crate::error::WebError;
use crate::respond::JSON;
use crate::routes::account::fresh;
use crate::view::log::{LogForm, LogPage, LogResult};
use upload::Upload;

const PATH: &str = "/estimer/mesure";
/// Most times a year that a set of runs takes place.
const TIMES_MAX: u64 = 1_000_000_000_000;

fn page(app: &App, form: LogForm, errors: Vec<(String, String)>, result: Option<LogResult>) -> LogPage {
    let mut layout = calculator(app, "Journaux de mesure", PATH, true);
    // What is shown was sent, not asked for by an address: nothing to compute as one types.
    layout.scripted = false;
    LogPage {
        layout,
        title: "Vos journaux de mesure".to_owned(),
        lead: "Les exécutions de vos journaux, additionnées et vérifiées. L’énergie écrite est gardée\u{202f}; les gaz à effet de serre sont recalculés, parce que ceux d’un journal dépendent de la version qui l’a écrit.".to_owned(),
        errors,
        result,
        form,
    }
}

/// Reads logs.
///
/// # Errors
/// When the request is cut, or too many logs are being read.
pub async fn post(State(app): State<App>, multipart: Multipart) -> Result<Response, WebError> {
    let upload = upload::receive(multipart).await?;
    let mut form = LogForm {
        text: upload.text.clone(),
        zone: upload.zone.clone(),
        times: upload.times.clone(),
        files_error: upload.files_error.clone(),
        text_error: upload.text_error.clone(),
        ..LogForm::default()
    };
    let reference = app.reference();
    let zone = (!upload.zone.is_empty()).then(|| upload.zone.to_uppercase());
    if let Some(zone) = &zone
        && ZoneFactors::of(reference, zone).is_none()
    {
        form.zone_error = Some(format!(
            "«\u{a0}{zone}\u{a0}» n’est dans aucune table\u{a0}: attendu un code comme FRA, REU ou BEL."
        ));
    }
    let times = times(&upload.times);
    if times.is_none() {
        form.times_error = Some("Un nombre entier, 1 ou plus.".to_owned());
    }
    let nothing = upload.runs.files().is_empty();
    if nothing && form.files_error.is_none() && form.text_error.is_none() {
        form.files_error = Some("Choisissez un fichier, ou collez le contenu d’un journal.".to_owned());
    }
    let errors: Vec<(String, String)> = [
        ("fichiers", &form.files_error),
        ("texte", &form.text_error),
        ("zone", &form.zone_error),
        ("fois", &form.times_error),
    ]
    .into_iter()
    .filter_map(|(field, error)| Some((field.to_owned(), error.clone()?)))
    .collect();
    let (true, Some(times)) = (errors.is_empty(), times) else {
        let status = if upload.too_large {
            StatusCode::PAYLOAD_TOO_LARGE
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        return fresh(status, &page(&app, form, errors, None));
    };
    let summary = upload.runs.summary(reference, zone.as_deref());
    if let Some(file) = file(&app, &upload, &summary)? {
        return Ok(file);
    }
    form.kept = packed::pack(&upload.kept).unwrap_or_default();
    if !form.kept.is_empty() {
        form.text.clear();
    }
    let result = shown::result(reference, &upload.runs, &summary, times, !form.kept.is_empty());
    fresh(StatusCode::OK, &page(&app, form, Vec::new(), Some(result)))
}

fn times(text: &str) -> Option<u64> {
    if text.is_empty() {
        return Some(1);
    }
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    digits
        .parse()
        .ok()
        .filter(|times| (1..=TIMES_MAX).contains(times))
}

/// The file that was asked for instead of the page.
fn file(app: &App, upload: &Upload, summary: &Summary<'_>) -> Result<Option<Response>, WebError> {
    let failed = |error: String| WebError::Internal(error);
    Ok(match upload.output.as_str() {
        "" => None,
        "json" => {
            let body = serde_json::to_vec(summary).map_err(|error| failed(error.to_string()))?;
            Some(download(body, JSON, "executions.json"))
        }
        "csv" => {
            let body = csv(&table(&upload.runs, summary)).map_err(|error| failed(error.to_string()))?;
            Some(download(body, "text/csv; charset=utf-8", "executions.csv"))
        }
        "boamps" => {
            let now = (app.settings.now)().to_string();
            let report = boamps::report(
                summary,
                app.reference(),
                &Uuid::now_v7().to_string(),
                &boamps::moment(&now),
            );
            let body = serde_json::to_vec_pretty(&report).map_err(|error| failed(error.to_string()))?;
            Some(download(body, JSON, "boamps.json"))
        }
        _ => return Err(WebError::Invalid("Ce format n’existe pas.".to_owned())),
    })
}

/// One row for each run and task, with every digit.
fn table(runs: &Runs, summary: &Summary<'_>) -> Table {
    let headers = [
        "file",
        "line",
        "timestamp",
        "project",
        "task",
        "run_id",
        "duration_s",
        "energy_kwh",
        "energy_low_kwh",
        "energy_high_kwh",
        "cpu_kwh",
        "gpu_kwh",
        "ram_kwh",
        "logged_kgco2e",
        "zone",
        "kgco2e",
        "kgco2e_low",
        "kgco2e_high",
        "implied_g_per_kwh",
        "tool_version",
        "failed",
        "counted",
        "repairs",
        "flags",
    ];
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    let mut rows: Vec<Vec<String>> = summary
        .lines
        .iter()
        .map(|line| {
            let run = line.run;
            let kg = line.emissions_kg;
            vec![
                run.file.clone(),
                run.line.to_string(),
                run.timestamp.clone(),
                run.project.clone(),
                run.task.clone(),
                run.run_id.clone(),
                run.duration_s.to_string(),
                run.energy_kwh.to_string(),
                run.energy_range_kwh.low.to_string(),
                run.energy_range_kwh.high.to_string(),
                number(run.cpu_kwh),
                number(run.gpu_kwh),
                number(run.ram_kwh),
                run.logged_kg.to_string(),
                line.zone.to_owned(),
                number(kg.map(|kg| kg.central)),
                number(kg.map(|kg| kg.low)),
                number(kg.map(|kg| kg.high)),
                number(line.implied_g_per_kwh),
                run.tool_version.clone(),
                run.failed.map_or_else(String::new, |failed| failed.to_string()),
                line.counted.to_string(),
                run.repairs
                    .iter()
                    .map(|repair| repair.id())
                    .collect::<Vec<_>>()
                    .join("|"),
                run.flags
                    .iter()
                    .map(|flag| flag.id())
                    .collect::<Vec<_>>()
                    .join("|"),
            ]
        })
        .collect();
    rows.extend(runs.refused().iter().map(|refused| {
        let mut row = vec![refused.file.clone(), refused.line.to_string()];
        row.resize(headers.len() - 1, String::new());
        row.push(format!("refused:{}", refused.code));
        row
    }));
    Table {
        title: "executions".to_owned(),
        headers: headers.map(str::to_owned).to_vec(),
        rows,
    }
}
