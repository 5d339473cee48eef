//! `/administration/controle`: what `sobria admin check` looks at, from the site: the database, the chain of the audit
//! trail, and the bytes of every file.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::SignedDuration;
use sobria_store::JobRun;

use super::{Asked, admins_only, note, page};
use crate::app::App;
use crate::error::WebError;
use crate::locale::{counted, moment};
use crate::posted::SignedForm;
use crate::routes::account::{fresh, see_other};
use crate::session::SignedIn;
use crate::view::prose::ProseTable;
use crate::view::{FormBlock, RichText};

/// Where it is.
pub const PATH: &str = "/administration/controle";
/// Name under which results are kept.
pub const NAME: &str = "check";
/// A check reads everything: none begins sooner after another.
const PAUSE: SignedDuration = SignedDuration::from_secs(60);
/// Results shown.
const SHOWN: u32 = 10;

/// What a check found: how much was read, and how many things are wrong in each table.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
struct Found {
    records: u64,
    revisions: u64,
    read_files: u64,
    problems: std::collections::BTreeMap<String, u64>,
}

/// The last results, and the button that asks for one more.
///
/// # Errors
/// When the account is no administrator, or the database does not answer.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    admins_only(&signed_in)?;
    let mut page = page(
        &app,
        &signed_in,
        "Contrôle",
        "Relit toute la base, la chaîne du journal et l’empreinte de chaque fichier, comme «\u{a0}sobria admin check\u{a0}».",
        PATH,
    );
    page.notice = match asked.fait.as_str() {
        "lance" => Some(
            "Le contrôle est lancé\u{202f}; il dure de quelques secondes à quelques minutes. Rechargez la page pour voir son résultat."
                .to_owned(),
        ),
        "attente" => Some("Un contrôle vient d’être lancé\u{a0}: attendez une minute.".to_owned()),
        _ => None,
    };
    let runs = app.store.job_runs(Some(NAME), SHOWN).await?;
    page.blocks.push(FormBlock {
        id: "controle".to_owned(),
        title: match runs.first() {
            None => "Aucun contrôle fait d’ici".to_owned(),
            Some(run) => format!("Dernier contrôle\u{a0}: {}", moment(run.started_at)),
        },
        text: RichText::parse(&runs.first().map_or_else(String::new, words)),
        action: PATH.to_owned(),
        csrf: signed_in.reader.csrf().to_owned(),
        submit: "Contrôler maintenant".to_owned(),
        ..FormBlock::default()
    });
    if runs.len() > 1 {
        page.blocks.push(FormBlock {
            id: "precedents".to_owned(),
            title: "Contrôles précédents".to_owned(),
            table: Some(ProseTable {
                caption: "Les plus récents d’abord".to_owned(),
                headers: ["Quand", "Résultat"].map(str::to_owned).to_vec(),
                rows: runs
                    .iter()
                    .skip(1)
                    .map(|run| vec![moment(run.started_at), words(run)])
                    .collect(),
            }),
            ..FormBlock::default()
        });
    }
    fresh(StatusCode::OK, &page)
}

fn words(run: &JobRun) -> String {
    if !run.done {
        return "Le contrôle n’a pas pu aller à son terme\u{a0}: la base ou le dossier des fichiers ne répond pas. Lancez «\u{a0}sobria admin check\u{a0}» sur le serveur.".to_owned();
    }
    let found: Found = serde_json::from_str(&run.counts).unwrap_or_default();
    let read = format!(
        "{}, {}, {}",
        counted(found.records, "fiche", "fiches"),
        counted(found.revisions, "version", "versions"),
        counted(found.read_files, "fichier", "fichiers")
    );
    if found.problems.is_empty() {
        return format!("Tout est sain\u{a0}: {read} relus.");
    }
    let wrong: Vec<String> = found
        .problems
        .iter()
        .map(|(table, count)| {
            format!(
                "{} dans «\u{a0}{table}\u{a0}»",
                counted(*count, "anomalie", "anomalies")
            )
        })
        .collect();
    format!(
        "{} ({read} relus). Lancez «\u{a0}sobria admin check\u{a0}» sur le serveur pour le détail, puis restaurez une sauvegarde si besoin.",
        wrong.join(", ")
    )
}

async fn check(app: &App) -> Result<Found, WebError> {
    let report = app.store.check().await?;
    let mut found = Found {
        records: report.records,
        revisions: report.revisions,
        read_files: u64::try_from(app.store.file_hashes().await?.len()).unwrap_or(0),
        ..Found::default()
    };
    for problem in &report.problems {
        *found.problems.entry(problem.table.to_owned()).or_insert(0) += 1;
    }
    let wrong = app.store.check_files(&app.files).await?;
    if !wrong.is_empty() {
        found.problems.insert(
            "fichiers".to_owned(),
            u64::try_from(wrong.len()).unwrap_or(u64::MAX),
        );
    }
    Ok(found)
}

/// Begins a check beside the requests.
///
/// # Errors
/// When the account is no administrator, or the database does not answer.
pub async fn run(State(app): State<App>, form: SignedForm) -> Result<Response, WebError> {
    let signed_in = form.signed_in();
    admins_only(&signed_in)?;
    let now = (app.settings.now)();
    if !app.store.take_task(NAME, PAUSE, now).await? {
        return Ok(see_other(&format!("{PATH}?fait=attente")));
    }
    note(&app, signed_in.person.account.id, "check", "database", "").await?;
    tokio::spawn(async move {
        let began = std::time::Instant::now();
        let outcome = check(&app).await;
        let run = JobRun {
            id: uuid::Uuid::now_v7().to_string(),
            name: NAME.to_owned(),
            started_at: now,
            took: SignedDuration::try_from(began.elapsed()).unwrap_or(SignedDuration::ZERO),
            done: outcome.is_ok(),
            counts: outcome
                .as_ref()
                .ok()
                .and_then(|found| serde_json::to_string(found).ok())
                .unwrap_or_else(|| "{}".to_owned()),
            error: outcome
                .as_ref()
                .err()
                .map(ToString::to_string)
                .unwrap_or_default(),
        };
        if let Err(error) = app.store.add_job_run(&run).await {
            tracing::error!(%error, "the result of a check was not kept");
        }
    });
    Ok(see_other(&format!("{PATH}?fait=lance")))
}
