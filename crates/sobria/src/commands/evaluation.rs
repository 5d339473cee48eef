//! `sobria admin evaluation`: footprints attached to records.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use sobria_catalogue::access::Level;
use sobria_catalogue::evaluation::Reach;
use sobria_catalogue::id::EvaluationId;
use sobria_estimate::french::{Scale, range};
use sobria_store::{Decision, Found, Store};
use sobria_web::evaluations::{Draft, TITLE_MAX, make, sentences};

use super::{Failure, Place, words};
use crate::output::{self, Exit};
use crate::{instance, reference};

/// Largest request read, in bytes.
const REQUEST_MAX: u64 = 256 * 1024;
/// Who the audit trail names.
const ACTOR: &str = "administration";

/// Commands on evaluations.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Estimer une demande et attacher le résultat à une fiche
    #[command(
        after_help = "Exemple :\n  sobria admin evaluation add --use-case assistant-documentaire-0c4k2x9 --title \"Réponses de 2026\" --requests-per-year 26000 demande.json"
    )]
    Add(Add),
    /// Lister les estimations attachées aux fiches
    List {
        /// Résultat en JSON, une estimation par ligne
        #[arg(long)]
        json: bool,
    },
    /// Retirer une estimation ; sa demande et son résultat sont effacés
    Withdraw {
        /// Identifiant donné par « list »
        id: String,
        /// Raison, pour le journal
        #[arg(long, default_value = "")]
        reason: String,
    },
}

/// Options of `add`.
#[derive(Debug, Args)]
pub struct Add {
    /// Fin de l’adresse de la fiche
    #[arg(long, value_name = "ADRESSE")]
    use_case: String,
    /// Ce qui est estimé, en quelques mots
    #[arg(long, value_name = "TITRE")]
    title: String,
    /// Nombre de fois par an où la demande est faite
    #[arg(long, value_name = "NOMBRE", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000_000))]
    requests_per_year: u64,
    /// Qui peut lire l’estimation
    #[arg(long, value_enum, default_value = "public")]
    visibility: Visibility,
    /// Dossier de tables de référence (`<table>.tsv`) qui remplacent celles de l’exécutable
    #[arg(long, value_name = "DOSSIER")]
    reference: Option<PathBuf>,
    /// Une demande en JSON : {"method": …, "input": {…}}
    file: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Visibility {
    /// Tout le monde
    Public,
    /// Les agents inscrits
    Member,
}

/// Runs a command on evaluations.
///
/// # Errors
/// When the record is unknown, the request is refused, or the database does not answer.
pub async fn run(place: &Place, command: Command) -> Result<Exit, Failure> {
    let mut config = instance::configuration(place)?;
    match command {
        Command::Add(options) => {
            if options.reference.is_some() {
                config.reference.dir.clone_from(&options.reference);
            }
            let tables = reference::load(&config)?;
            let request = read(&options.file)?;
            let store = instance::store(place, &config).await?;
            add(&store, tables, &options, &request).await
        }
        Command::List { json } => {
            let store = instance::store(place, &config).await?;
            list(&store, json).await
        }
        Command::Withdraw { id, reason } => {
            let wrong = || {
                Failure::new(
                    Exit::Unusable,
                    format!(
                        "aucune estimation ne porte l’identifiant « {id} ». « sobria admin evaluation list » les donne."
                    ),
                )
            };
            let Ok(known) = id.parse::<EvaluationId>() else {
                return Err(wrong());
            };
            let store = instance::store(place, &config).await?;
            let decision = Decision {
                actor: ACTOR,
                reason: &reason,
                now: instance::now(),
            };
            match store.withdraw_evaluation(known, decision).await {
                Ok(_) => {
                    output::line(format!("Estimation retirée : {known}"));
                    Ok(Exit::Done)
                }
                Err(sobria_store::StoreError::NotFound { .. }) => Err(wrong()),
                Err(error) => Err(words::store(&error)),
            }
        }
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    let failed = |cause: &dyn std::fmt::Display| {
        Failure::new(
            Exit::Unusable,
            format!(
                "« {} » ne peut pas être lu ({cause}). Donnez un fichier JSON en UTF-8 qui contient une demande.",
                file.display()
            ),
        )
    };
    let size = std::fs::metadata(file).map_err(|error| failed(&error))?.len();
    if size > REQUEST_MAX {
        return Err(failed(&format!("{size} octets, {REQUEST_MAX} au plus")));
    }
    std::fs::read_to_string(file).map_err(|error| failed(&error))
}

async fn add(
    store: &Store,
    tables: &sobria_estimate::Reference,
    options: &Add,
    request: &str,
) -> Result<Exit, Failure> {
    let title = options.title.trim();
    if title.is_empty() || title.chars().count() > TITLE_MAX {
        return Err(Failure::new(
            Exit::Unusable,
            format!("le titre compte de 1 à {TITLE_MAX} caractères."),
        ));
    }
    let found = store
        .use_case_by_slug(&options.use_case)
        .await
        .map_err(|error| words::store(&error))?;
    let record = match found {
        Found::UseCase { record, .. } => record.id,
        Found::Redirect(now) => {
            return Err(Failure::new(
                Exit::Unusable,
                format!("l’adresse de la fiche est devenue « {now} »."),
            ));
        }
        Found::Withdrawn => return Err(Failure::new(Exit::Unusable, "cette fiche a été retirée.")),
        Found::None => {
            return Err(Failure::new(
                Exit::Unusable,
                format!(
                    "aucune fiche publiée n’a l’adresse « {} » : donnez ce qui suit /cas-usages/.",
                    options.use_case
                ),
            ));
        }
    };
    let draft = Draft {
        id: EvaluationId::new(instance::new_id()),
        use_case: record,
        title,
        reach: match options.visibility {
            Visibility::Public => Reach::Public,
            Visibility::Member => Reach::Member,
        },
        requests_per_year: options.requests_per_year,
        request: request.strip_prefix('\u{feff}').unwrap_or(request),
        now: instance::now(),
        author: ACTOR,
    };
    let evaluation = make(tables, draft).map_err(|codes| {
        Failure::new(
            Exit::Unusable,
            format!("la demande est refusée. {}", sentences(&codes)),
        )
    })?;
    store
        .add_evaluation(&evaluation)
        .await
        .map_err(|error| words::store(&error))?;
    output::line(format!(
        "Estimation attachée : {} ({} par an, {} par an d’électricité)",
        evaluation.id,
        range(evaluation.gwp_kg.low, evaluation.gwp_kg.high, Scale::Climate, 2),
        range(
            evaluation.energy_kwh.low,
            evaluation.energy_kwh.high,
            Scale::Energy,
            2
        ),
    ));
    Ok(Exit::Done)
}

async fn list(store: &Store, json: bool) -> Result<Exit, Failure> {
    let all = store
        .evaluations(Level::Member)
        .await
        .map_err(|error| words::store(&error))?;
    let mut ids: Vec<_> = all.iter().map(|evaluation| evaluation.use_case).collect();
    ids.sort_unstable();
    ids.dedup();
    let records = store
        .use_cases_by_ids(&ids)
        .await
        .map_err(|error| words::store(&error))?;
    for evaluation in &all {
        let slug = records
            .iter()
            .find(|record| record.id == evaluation.use_case)
            .map_or("", |record| record.slug.as_str());
        if json {
            let mut item = sobria_web::evaluations::brief(evaluation);
            if let serde_json::Value::Object(item) = &mut item {
                item.insert("use_case".to_owned(), slug.into());
            }
            output::line(item);
        } else {
            output::line(format!(
                "{}  {}  {}  « {} » : {} par an",
                evaluation.id,
                evaluation.reach.code(),
                slug,
                evaluation.title,
                range(evaluation.gwp_kg.low, evaluation.gwp_kg.high, Scale::Climate, 2),
            ));
        }
    }
    if all.is_empty() && !json {
        output::note("Aucune estimation n’est attachée à une fiche.");
    }
    Ok(Exit::Done)
}
