//! `sobria admin`: back-up, check, move, configuration.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use sobria_store::{Files, Problem, Store};

use super::{Failure, Place, words};
use crate::instance;
use crate::output::{self, Exit};

/// Administration commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Copier la base SQLite dans un fichier, et les fichiers joints à côté, service en marche ou non
    Backup {
        /// Fichier à créer
        file: PathBuf,
    },
    /// Remettre une sauvegarde en place, service arrêté
    Restore {
        /// Sauvegarde à lire
        file: PathBuf,
    },
    /// Vérifier l’intégrité de la base et des fichiers joints
    Check {
        /// Résultat en JSON
        #[arg(long)]
        json: bool,
    },
    /// Base de données
    #[command(subcommand)]
    Database(Database),
    /// Comptes et rôles
    #[command(subcommand)]
    User(super::user::Command),
    /// Empreintes estimées des fiches
    #[command(subcommand)]
    Evaluation(super::evaluation::Command),
    /// Montrer la configuration effective, secrets masqués
    Config,
}

/// Commands on the database.
#[derive(Debug, Subcommand)]
pub enum Database {
    /// Copier toute l’instance vers une base vide d’un autre moteur
    Copy {
        /// Adresse de la base d’arrivée, par exemple postgres://sobria@localhost/sobria
        #[arg(long, value_name = "URL")]
        to: String,
    },
    /// Lister les migrations à appliquer
    Check,
}

/// Runs an administration command.
///
/// # Errors
/// When the database does not answer, or a file cannot be read or written.
pub async fn run(place: &Place, command: Command) -> Result<Exit, Failure> {
    let mut config = instance::configuration(place)?;
    match command {
        Command::Config => {
            output::line(config.printable());
            Ok(Exit::Done)
        }
        Command::User(command) => super::user::run(place, command).await,
        Command::Evaluation(command) => super::evaluation::run(place, command).await,
        Command::Backup { file } => {
            let store = instance::store(place, &config).await?;
            store.backup(&file).await.map_err(|error| words::store(&error))?;
            let copied = store
                .backup_files(&Files::of(&place.data), &Files::at(&files_beside(&file)))
                .await
                .map_err(|error| words::store(&error))?;
            output::line(format!("Sauvegarde écrite : {}", file.display()));
            if copied > 0 {
                output::line(format!(
                    "{copied} fichiers joints copiés : {}",
                    files_beside(&file).display()
                ));
            }
            Ok(Exit::Done)
        }
        Command::Restore { file } => {
            if config.database.url.is_some() {
                return Err(Failure::new(
                    Exit::Unusable,
                    "la restauration concerne SQLite ; pour PostgreSQL, utilisez pg_restore.",
                ));
            }
            Store::restore(&file, &place.data)
                .await
                .map_err(|error| words::store(&error))?;
            let kept = Files::at(&files_beside(&file));
            let hashes = kept.hashes().map_err(|error| words::store(&error))?;
            kept.copy_to(&Files::of(&place.data), &hashes)
                .map_err(|error| words::store(&error))?;
            // The index speaks of the former database, perhaps under the same revision: it is built anew.
            let folder = instance::index_folder(place);
            if folder.exists() {
                std::fs::remove_dir_all(&folder).map_err(|error| {
                    Failure::new(
                        Exit::Failed,
                        format!(
                            "l’ancien index « {} » ne peut pas être supprimé ({error}) : supprimez-le.",
                            folder.display()
                        ),
                    )
                })?;
            }
            output::line(format!(
                "Sauvegarde remise en place dans {}",
                place.data.display()
            ));
            Ok(Exit::Done)
        }
        Command::Check { json } => {
            let store = instance::store(place, &config).await?;
            let mut report = store.check().await.map_err(|error| words::store(&error))?;
            let wrong = store
                .check_files(&Files::of(&place.data))
                .await
                .map_err(|error| words::store(&error))?;
            report.problems.extend(wrong.into_iter().map(|what| Problem {
                table: "attachment",
                what,
            }));
            if json {
                let problems: Vec<_> = report
                    .problems
                    .iter()
                    .map(|problem| serde_json::json!({"table": problem.table, "what": problem.what}))
                    .collect();
                output::line(serde_json::json!({"ok": report.is_sound(), "problems": problems}));
            } else if report.is_sound() {
                output::line("La base est saine.");
            } else {
                for problem in &report.problems {
                    output::line(format!("{} : {}", problem.table, problem.what));
                }
            }
            Ok(if report.is_sound() {
                Exit::Done
            } else {
                Exit::Failed
            })
        }
        Command::Database(Database::Copy { to }) => {
            let source = instance::store(place, &config).await?;
            let target = Store::connect(&to).await.map_err(|error| words::store(&error))?;
            target.migrate().await.map_err(|error| words::store(&error))?;
            let report = source
                .copy_to(&target)
                .await
                .map_err(|error| words::store(&error))?;
            output::line(format!(
                "{} lignes copiées vers {}",
                report.tables.iter().map(|(_, rows)| rows).sum::<u64>(),
                crate::config::mask_password(&to)
            ));
            Ok(Exit::Done)
        }
        Command::Database(Database::Check) => {
            config.database.migrate = false;
            let store = instance::store(place, &config).await?;
            let pending = store
                .pending_migrations()
                .await
                .map_err(|error| words::store(&error))?;
            if pending.is_empty() {
                output::line("Le schéma est à jour.");
                return Ok(Exit::Done);
            }
            for name in &pending {
                output::line(format!("à appliquer : {name}"));
            }
            Ok(Exit::Failed)
        }
    }
}

/// The folder of files that goes with a backup: `sauvegarde.db.files` beside `sauvegarde.db`.
fn files_beside(backup: &Path) -> PathBuf {
    let mut name = backup.as_os_str().to_owned();
    name.push(".files");
    PathBuf::from(name)
}
