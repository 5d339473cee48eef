//! `sobria import measurements`: energy logs as one table of runs, and as the figure of a year on a record.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use sobria_catalogue::evaluation::Reach;
use sobria_catalogue::id::EvaluationId;
use sobria_estimate::electricity::ZoneFactors;
use sobria_estimate::french::{Scale, decimal, range, significant};
use sobria_exchange::measurements::{Runs, Summary, boamps, flag_words};
use sobria_store::Found;
use sobria_web::evaluations::{Draft, make, sentences};

use super::{Failure, Place, words};
use crate::output::{self, Exit};
use crate::{instance, reference};

/// Refused rows that are shown.
const SHOWN: usize = 10;
/// Who the audit trail names.
const ACTOR: &str = "administration";

/// Options of `import measurements`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exemples :\n  sobria import measurements emissions.csv\n  sobria import measurements journaux/*.csv --zone FRA --report executions.jsonl\n  sobria import measurements emissions.csv --use-case assistant-documentaire-0c4k2x9 --title \"Entraînements de 2026\"\n  sobria import measurements journaux/*.csv --zone FRA --format boamps > rapport.json"
)]
pub struct Options {
    /// Journaux : emissions.csv de CodeCarbon (toute version), ou relevés JSON de sobria measure
    #[arg(required = true, value_name = "FICHIER")]
    files: Vec<PathBuf>,
    /// Lieu de l’électricité, à la place de celui des journaux : FRA, REU…
    #[arg(long, value_name = "CODE")]
    zone: Option<String>,
    /// Écrire une ligne JSON par exécution
    #[arg(long, value_name = "FICHIER.jsonl")]
    report: Option<PathBuf>,
    /// Attacher le total à une fiche publiée : fin de son adresse
    #[arg(long, value_name = "ADRESSE", requires = "title")]
    use_case: Option<String>,
    /// Ce qui a été mesuré, en quelques mots
    #[arg(long, value_name = "TITRE")]
    title: Option<String>,
    /// Nombre de fois par an où l’ensemble de ces exécutions a lieu
    #[arg(long, value_name = "NOMBRE", default_value = "1", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000_000))]
    times_per_year: u64,
    /// Ce qui est écrit sur la sortie : un tableau, le résumé en JSON, ou un rapport BoAmps (Boavizta) à compléter
    #[arg(long, value_enum, default_value = "table", value_name = "FORME")]
    format: Form,
    /// Résumé en JSON, comme --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

/// What is written of the logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// Un tableau à lire
    Table,
    /// Le résumé en JSON
    Json,
    /// Le format ouvert de Boavizta
    Boamps,
}

/// Reads the logs; attaches their total to a record when one is named.
///
/// # Errors
/// When a file is not a log (exit code 2): then nothing is kept of any.
pub async fn run(place: &Place, options: Options) -> Result<Exit, Failure> {
    let config = instance::configuration(place)?;
    let tables = reference::load(&config)?;
    if let Some(zone) = &options.zone
        && ZoneFactors::of(tables, zone).is_none()
    {
        return Err(Failure::new(
            Exit::Unusable,
            format!("--zone « {zone} » n’est dans aucune table : attendu un code comme FRA, REU ou BEL."),
        ));
    }
    let mut runs = Runs::default();
    for path in &options.files {
        let file = File::open(path).map_err(|error| {
            Failure::new(
                Exit::Unusable,
                format!(
                    "le fichier « {} » ne peut pas être lu ({error}). Vérifiez son chemin et ses droits.",
                    path.display()
                ),
            )
        })?;
        let name = path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        runs.read(file, &name)
            .map_err(|error| Failure::of(Exit::Unusable, &error))?;
    }
    let summary = runs.summary(tables, options.zone.as_deref());
    if let Some(path) = &options.report {
        report(path, &summary)?;
    }
    if let Some(slug) = &options.use_case {
        attach(place, &config, tables, &options, slug, &summary).await?;
    }
    match options.format {
        Form::Table if !options.json => table(&runs, &summary),
        Form::Table | Form::Json => {
            output::line(serde_json::to_string(&summary).unwrap_or_default());
        }
        Form::Boamps => {
            let id = instance::new_id().to_string();
            let now = boamps::moment(&instance::now().to_string());
            let report = boamps::report(&summary, tables, &id, &now);
            output::line(serde_json::to_string_pretty(&report).unwrap_or_default());
            refusals(&runs, &summary);
        }
    }
    Ok(if summary.refused > 0 {
        Exit::Failed
    } else {
        Exit::Done
    })
}

fn report(path: &Path, summary: &Summary<'_>) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(
            Exit::Failed,
            format!(
                "le rapport « {} » ne peut pas être écrit ({error}).",
                path.display()
            ),
        )
    };
    let mut out = BufWriter::new(File::create(path).map_err(failed)?);
    for line in &summary.lines {
        serde_json::to_writer(&mut out, line).map_err(|error| failed(error.into()))?;
        out.write_all(b"\n").map_err(failed)?;
    }
    out.flush().map_err(failed)
}

async fn attach(
    place: &Place,
    config: &crate::config::Config,
    tables: &sobria_estimate::Reference,
    options: &Options,
    slug: &str,
    summary: &Summary<'_>,
) -> Result<(), Failure> {
    let unusable = |message: String| Failure::new(Exit::Unusable, message);
    if summary.refused > 0 {
        return Err(Failure::new(
            Exit::Failed,
            format!(
                "{} lignes sont refusées : rien n’a été attaché. Corrigez-les, ou retirez-les du journal.",
                summary.refused
            ),
        ));
    }
    let request = summary.request().ok_or_else(|| {
        unusable(
            "les exécutions n’ont pas toutes un même lieu : donnez-le avec --zone, par exemple --zone FRA."
                .to_owned(),
        )
    })?;
    let store = instance::store(place, config).await?;
    let found = store
        .use_case_by_slug(slug)
        .await
        .map_err(|error| words::store(&error))?;
    let Found::UseCase { record, .. } = found else {
        return Err(unusable(format!(
            "aucune fiche publiée n’a l’adresse « {slug} » : donnez ce qui suit /cas-usages/."
        )));
    };
    let title = options.title.as_deref().unwrap_or_default();
    let known = store
        .evaluations_of(&[record.id], sobria_catalogue::access::Level::Member)
        .await
        .map_err(|error| words::store(&error))?;
    if let Some(same) = known.iter().find(|one| one.request == request) {
        output::note(format!(
            "Ces exécutions sont déjà attachées à la fiche : {}",
            same.id
        ));
        return Ok(());
    }
    let draft = Draft {
        id: EvaluationId::new(instance::new_id()),
        use_case: record.id,
        title,
        reach: Reach::Public,
        requests_per_year: options.times_per_year,
        request: &request,
        now: instance::now(),
        author: ACTOR,
    };
    let evaluation = make(tables, draft)
        .map_err(|codes| unusable(format!("le total est refusé. {}", sentences(&codes))))?;
    store
        .add_evaluation(&evaluation)
        .await
        .map_err(|error| words::store(&error))?;
    output::note(format!("Mesure attachée à la fiche : {}", evaluation.id));
    Ok(())
}

fn table(runs: &Runs, summary: &Summary<'_>) {
    for line in &summary.lines {
        let run = line.run;
        let carbon = line.emissions_kg.map_or_else(
            || "lieu inconnu".to_owned(),
            |kg| range(kg.low, kg.high, Scale::Climate, 2),
        );
        let name = if run.is_task() {
            format!("{} › {}", run.project, run.task)
        } else {
            run.project.clone()
        };
        output::line(format!(
            "{}  {}  {} s  {}  {carbon}{}",
            run.timestamp,
            name,
            significant(run.duration_s, 3),
            range(run.energy_kwh, run.energy_kwh, Scale::Energy, 3),
            if line.counted {
                ""
            } else {
                "  (dans son exécution)"
            },
        ));
        for repair in &run.repairs {
            output::line(format!("    réparé : {}", repair.words()));
        }
        for flag in &run.flags {
            output::line(format!("    à savoir : {}", flag_words(*flag)));
        }
    }
    output::line(format!(
        "\n{} exécutions, {} tâches, {} lignes lues, {} refusées",
        summary.runs, summary.tasks, summary.rows, summary.refused
    ));
    output::line(format!(
        "Électricité : {} (mesurée à {} %)",
        range(summary.energy_kwh, summary.energy_kwh, Scale::Energy, 3),
        decimal(summary.measured_fraction * 100.0, 0),
    ));
    let kg = summary.emissions_kg;
    output::line(format!(
        "Gaz à effet de serre recalculés : {} ; inscrits dans les journaux : {}",
        range(kg.low, kg.high, Scale::Climate, 2),
        range(summary.logged_kg, summary.logged_kg, Scale::Climate, 2),
    ));
    if summary.energy_without_zone_kwh > 0.0 {
        output::note(format!(
            "{} n’ont pas de lieu : leurs gaz à effet de serre ne sont pas comptés. Donnez le lieu avec --zone.",
            range(
                summary.energy_without_zone_kwh,
                summary.energy_without_zone_kwh,
                Scale::Energy,
                3
            )
        ));
    }
    refusals(runs, summary);
}

/// The rows that are not counted, on the standard error.
fn refusals(runs: &Runs, summary: &Summary<'_>) {
    for refused in runs.refused().iter().take(SHOWN) {
        output::note(format!(
            "{}, ligne {} : {} ({}).",
            refused.file, refused.line, refused.reason, refused.code
        ));
    }
    let left = summary
        .refused
        .saturating_sub(u64::try_from(SHOWN).unwrap_or_default());
    if left > 0 {
        output::note(format!("… et {left} autres lignes refusées."));
    }
}
