//! `sobria import use-cases`: a dry run, or one transaction.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use jiff::tz::TimeZone;
use sobria_catalogue::id::ImportId;
use sobria_catalogue::import::ImportPlan;
use sobria_store::{ApplyOptions, Store};
use sobria_web::imports::{self, Choices};

use super::{Failure, Place, words};
use crate::instance;
use crate::output::{self, Exit};

/// Options of `import use-cases`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exemples :\n  sobria import use-cases bibliotheque.csv\n  sobria import use-cases bibliotheque.csv --report rapport.jsonl\n  sobria import use-cases bibliotheque.csv --commit --publish\n  sobria import use-cases classeur.xlsx --sheet Projets --map 2=nom_projet"
)]
pub struct Options {
    /// Fichier à lire
    file: PathBuf,
    /// Écrire ; sans cette option, rien n’est enregistré
    #[arg(long)]
    commit: bool,
    /// Publier les fiches importées au lieu de les soumettre à la modération
    #[arg(long)]
    publish: bool,
    /// Écrire une ligne JSON par ligne du fichier
    #[arg(long, value_name = "FICHIER.jsonl")]
    report: Option<PathBuf>,
    /// Nommer une colonne : numéro (à partir de 1) = champ ; répétable
    #[arg(long = "map", value_name = "N=CHAMP")]
    map: Vec<String>,
    /// Feuille à lire dans un classeur
    #[arg(long, value_name = "NOM")]
    sheet: Option<String>,
    /// Ordre des dates quand la colonne ne le dit pas
    #[arg(long, value_name = "dmy|mdy", default_value = "dmy")]
    date_order: String,
    /// Appliquer les suggestions (SIRET trouvés par le nom)
    #[arg(long)]
    apply_suggestions: bool,
    /// Écraser les champs modifiés ici depuis le dernier import
    #[arg(long)]
    prefer_source: bool,
    /// Accepter un fichier où manquent plus de 20 % des fiches connues de cette source
    #[arg(long)]
    accept_shrink: bool,
    /// Nom de la source ; le nom du fichier par défaut
    #[arg(long, value_name = "NOM")]
    source: Option<String>,
    /// Résumé en JSON
    #[arg(long)]
    json: bool,
}

/// Reads a file and decides what becomes of each row, without writing anything.
///
/// # Errors
/// When the file cannot be used, or the database does not answer.
pub async fn plan_bytes(
    bytes: &[u8],
    name: &str,
    store: &Store,
    choices: &Choices,
) -> Result<(ImportPlan, i64), Failure> {
    let (existing, planned_at) = store.existing().await.map_err(|error| words::store(&error))?;
    let today = instance::now()
        .to_zoned(TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC))
        .date();
    let settings = store
        .site_settings()
        .await
        .map_err(|error| words::store(&error))?;
    let vocabularies = sobria_web::words::of(&settings);
    let plan = imports::plan_bytes(
        bytes,
        name,
        &existing,
        choices,
        &vocabularies,
        today,
        &mut instance::new_id,
    )
    .map_err(|error| Failure::of(Exit::Unusable, &error))?;
    Ok((plan, planned_at))
}

/// How a plan is written by the command.
pub fn options(planned_at: i64, publish: bool, actor: &str) -> ApplyOptions<'_> {
    ApplyOptions {
        publish,
        actor,
        now: instance::now(),
        import: ImportId::new(instance::new_id()),
        planned_at: Some(planned_at),
    }
}

/// Runs the import.
///
/// # Errors
/// When the file cannot be used (exit code 2), or the database or the report cannot be written.
pub async fn run(place: &Place, options: Options) -> Result<Exit, Failure> {
    let bytes = std::fs::read(&options.file).map_err(|error| {
        Failure::new(
            Exit::Unusable,
            format!(
                "le fichier « {} » ne peut pas être lu ({error}). Vérifiez son chemin et ses droits.",
                options.file.display()
            ),
        )
    })?;
    let name = options
        .file
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let choices = choices(&options)?;
    let config = instance::configuration(place)?;
    let dry_and_empty =
        !options.commit && config.database.url.is_none() && !place.data.join("sobria.db").exists();
    // A dry run on an instance that does not exist yet must not create it.
    let trial = if dry_and_empty {
        Some(tempfile::tempdir().map_err(|error| {
            Failure::new(
                Exit::Failed,
                format!("le dossier temporaire ne peut pas être créé ({error})."),
            )
        })?)
    } else {
        None
    };
    let place = Place {
        data: trial
            .as_ref()
            .map_or_else(|| place.data.clone(), |t| t.path().to_owned()),
        ..place.clone()
    };
    let store = instance::store(&place, &config).await?;
    let (plan, planned_at) = plan_bytes(&bytes, &name, &store, &choices).await?;
    drop(bytes);
    let plan = Arc::new(plan);
    if let Some(path) = &options.report {
        write_report(path, &plan)?;
    }
    if options.commit {
        let index = instance::index(&place, &config)?;
        let written = imports::write(
            &plan,
            self::options(planned_at, options.publish, "cli"),
            &store,
            &index,
        )
        .await
        .map_err(|error| words::store(&error))?;
        if let Some(error) = written.lags {
            output::note(format!(
                "L’index de recherche sera refait au prochain démarrage ({error})."
            ));
        }
    }
    let summary = plan.summary();
    if options.json {
        output::line(serde_json::to_string(&summary).unwrap_or_default());
    } else {
        output::line(sobria_exchange::report::summary_text(&plan, options.commit));
    }
    // The process ends here: the system takes the memory of a long plan back faster than the program gives it.
    std::mem::forget(plan);
    Ok(if summary.rejected > 0 {
        Exit::Failed
    } else {
        Exit::Done
    })
}

fn choices(options: &Options) -> Result<Choices, Failure> {
    let mut map = Vec::new();
    for text in &options.map {
        let pair = text
            .split_once('=')
            .and_then(|(n, field)| n.trim().parse::<usize>().ok().map(|n| (n, field)));
        let Some((number, field)) = pair.filter(|(number, _)| *number > 0) else {
            return Err(Failure::new(
                Exit::Unusable,
                format!(
                    "--map « {text} » ne se lit pas : attendu un numéro de colonne et un champ, par exemple --map 2=nom_projet."
                ),
            ));
        };
        map.push((number, field.trim().to_owned()));
    }
    let month_first = match options.date_order.as_str() {
        "dmy" => false,
        "mdy" => true,
        other => {
            return Err(Failure::new(
                Exit::Unusable,
                format!(
                    "--date-order « {other} » n’existe pas : attendu dmy (jour d’abord) ou mdy (mois d’abord)."
                ),
            ));
        }
    };
    Ok(Choices {
        source: options.source.clone(),
        sheet: options.sheet.clone(),
        map,
        month_first,
        apply_suggestions: options.apply_suggestions,
        prefer_source: options.prefer_source,
        accept_shrink: options.accept_shrink,
    })
}

fn write_report(path: &std::path::Path, plan: &ImportPlan) -> Result<(), Failure> {
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
    sobria_exchange::report::write_jsonl(plan, &mut out).map_err(failed)?;
    out.flush().map_err(failed)
}
