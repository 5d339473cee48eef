//! `/administration/taches`: background jobs, what came of them, and for how long things are kept.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::SignedDuration;
use sobria_store::JobRun;

use super::{Asked, admins_only, note, page};
use crate::app::App;
use crate::clock::{self, Doubt};
use crate::error::WebError;
use crate::jobs::{JOBS, Job};
use crate::locale::{integer, moment};
use crate::posted::SignedForm;
use crate::retention;
use crate::routes::account::{fresh, see_other};
use crate::session::SignedIn;
use crate::view::prose::ProseTable;
use crate::view::{FormBlock, RichText};

/// Where jobs are.
pub const PATH: &str = "/administration/taches";
/// Runs shown.
const RUNS: u32 = 40;

/// Every job, its last run and its next one.
///
/// # Errors
/// When the account is no administrator, or the database does not answer.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    admins_only(&signed_in)?;
    let lead = "Le service les exécute de lui-même\u{202f}; plusieurs serveurs se les partagent.";
    let mut page = page(&app, &signed_in, "Tâches de fond", lead, PATH);
    page.notice = match asked.fait.as_str() {
        "lancee" => Some(
            "La tâche est demandée\u{a0}: elle commence dans les secondes qui viennent. Rechargez la page pour voir son résultat.",
        ),
        "horloge" => Some(
            "La date du serveur est confirmée. Les durées de conservation s’appliquent de nouveau et les rappels repartent, dans les secondes qui viennent.",
        ),
        _ => None,
    }
    .map(str::to_owned);
    if let Some(doubt) = clock::doubt(&app).await? {
        page.blocks.push(in_doubt(&signed_in, doubt));
    }
    for job in &JOBS {
        page.blocks.push(block(&app, &signed_in, job).await?);
    }
    let runs = app.store.job_runs(None, RUNS).await?;
    page.blocks.push(FormBlock {
        id: "resultats".to_owned(),
        title: "Derniers résultats".to_owned(),
        text: RichText::parse(if runs.is_empty() {
            "Aucune tâche n’a encore tourné."
        } else {
            ""
        }),
        table: (!runs.is_empty()).then(|| ProseTable {
            caption: "Les plus récents d’abord".to_owned(),
            headers: ["Quand", "Tâche", "Durée", "Résultat"]
                .map(str::to_owned)
                .to_vec(),
            rows: runs
                .iter()
                .map(|run| {
                    let label = JOBS
                        .iter()
                        .find(|job| job.name == run.name)
                        .map_or(run.name.as_str(), |job| job.label);
                    let label = if run.name == super::checks::NAME {
                        "Contrôle"
                    } else {
                        label
                    };
                    vec![
                        moment(run.started_at),
                        label.to_owned(),
                        took(run.took),
                        result(run),
                    ]
                })
                .collect(),
        }),
        ..FormBlock::default()
    });
    page.blocks.push(durations(&app));
    fresh(StatusCode::OK, &page)
}

async fn block(app: &App, signed_in: &SignedIn, job: &Job) -> Result<FormBlock, WebError> {
    let last = app.store.job_runs(Some(job.name), 1).await?.into_iter().next();
    let mut lines = match &last {
        Some(run) => vec![
            format!(
                "Dernière fois\u{a0}: {}, en {}",
                moment(run.started_at),
                took(run.took)
            ),
            format!("Résultat\u{a0}: {}", result(run)),
        ],
        None => vec!["N’a pas encore tourné".to_owned()],
    };
    let due = match app.store.task_taken_at(job.name).await? {
        Some(taken) => taken + job.period,
        None => (app.settings.now)(),
    };
    lines.push(if due <= (app.settings.now)() {
        "Prochaine fois\u{a0}: dès que possible".to_owned()
    } else {
        format!("Prochaine fois\u{a0}: {}", moment(due))
    });
    Ok(FormBlock {
        id: format!("tache-{}", job.name),
        title: job.label.to_owned(),
        text: RichText::parse(job.what),
        lines,
        action: PATH.to_owned(),
        csrf: signed_in.reader.csrf().to_owned(),
        hidden: vec![("tache".to_owned(), job.name.to_owned())],
        submit: "Exécuter maintenant".to_owned(),
        quiet: true,
        ..FormBlock::default()
    })
}

/// Asks whether the date of the server is right.
fn in_doubt(signed_in: &SignedIn, doubt: Doubt) -> FormBlock {
    FormBlock {
        id: "horloge".to_owned(),
        title: "Date du serveur à confirmer".to_owned(),
        text: RichText::parse(&format!(
            "Le serveur se croit le {}. La dernière activité connue du site date du {}, soit plus de {} jours. Si le service est resté éteint, confirmez la date. Sinon, remettez d’abord le serveur à l’heure\u{a0}: à une date fausse, brouillons, messages et comptes seraient effacés trop tôt, et les rappels partiraient avant l’heure. En attendant, rien n’est effacé, et ni rappel, ni alerte, ni lettre ne part.",
            moment(doubt.now),
            moment(doubt.seen),
            clock::LONGEST_SILENCE,
        )),
        action: PATH.to_owned(),
        csrf: signed_in.reader.csrf().to_owned(),
        hidden: vec![("horloge".to_owned(), "juste".to_owned())],
        submit: "La date est juste".to_owned(),
        ..FormBlock::default()
    }
}

fn durations(app: &App) -> FormBlock {
    let mut rows: Vec<Vec<String>> = app
        .settings
        .retention
        .all()
        .into_iter()
        .map(|(key, what, days)| vec![what.to_owned(), retention::words(days), key.to_owned()])
        .collect();
    let fixed = |what: &str, long: &str| vec![what.to_owned(), long.to_owned(), "fixe".to_owned()];
    rows.extend([
        fixed("Inscription non confirmée", "3 jours"),
        fixed("Session ouverte", "12 heures sans usage, 7 jours au plus"),
        fixed("Fichier d’import en attente", "24 heures"),
        fixed(
            "Adresse IP",
            "jamais dans la base\u{202f}; en mémoire, une heure au plus, pour limiter les abus",
        ),
    ]);
    FormBlock {
        id: "durees".to_owned(),
        title: "Durées de conservation".to_owned(),
        text: RichText::parse(
            "La page «\u{a0}Données personnelles\u{a0}» dit les mêmes. Elles se règlent, en jours, dans la configuration.",
        ),
        table: Some(ProseTable {
            caption: "Ce qui est gardé, et combien de temps".to_owned(),
            headers: ["Données", "Durée", "Réglage"].map(str::to_owned).to_vec(),
            rows,
        }),
        ..FormBlock::default()
    }
}

fn took(time: SignedDuration) -> String {
    let millis = u64::try_from(time.as_millis()).unwrap_or(0);
    if millis < 10_000 {
        format!("{} ms", integer(millis))
    } else {
        format!("{} s", integer(u64::try_from(time.as_secs()).unwrap_or(0)))
    }
}

/// What a run did, in words.
fn result(run: &JobRun) -> String {
    if !run.done {
        return format!("échec\u{a0}: {}", run.error);
    }
    let counts: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&run.counts).unwrap_or_default();
    let said: Vec<String> = counts
        .iter()
        .filter_map(|(key, value)| Some((key, value.as_u64()?)))
        .filter(|(_, number)| *number > 0)
        .map(|(key, number)| format!("{}\u{a0}: {}", crate::jobs::label(key), integer(number)))
        .collect();
    if said.is_empty() {
        "rien à faire".to_owned()
    } else {
        said.join(" ; ")
    }
}

/// Makes a job due at once, or believes the clock of the server.
///
/// # Errors
/// When the account is no administrator, or the database does not answer.
pub async fn run_now(State(app): State<App>, form: SignedForm) -> Result<Response, WebError> {
    let signed_in = form.signed_in();
    admins_only(&signed_in)?;
    let by = signed_in.person.account.id;
    if form.fields.get("horloge") == "juste" {
        clock::confirm(&app).await?;
        for job in JOBS.iter().filter(|job| job.goes_by_the_date()) {
            app.store.set_task(job.name, jiff::Timestamp::UNIX_EPOCH).await?;
        }
        note(&app, by, "clock-confirm", "retention", "").await?;
        app.mail_waits.notify_one();
        return Ok(see_other(&format!("{PATH}?fait=horloge")));
    }
    let name = form.fields.get("tache");
    let job = JOBS
        .iter()
        .find(|job| job.name == name)
        .ok_or(WebError::NotFound)?;
    app.store.set_task(job.name, jiff::Timestamp::UNIX_EPOCH).await?;
    note(&app, by, "job-run", job.name, "").await?;
    app.mail_waits.notify_one();
    Ok(see_other(&format!("{PATH}?fait=lancee")))
}
