//! The commands and their options.

mod admin;
mod brief;
mod estimate;
mod evaluation;
mod export;
mod import;
mod import_measurements;
#[cfg(target_os = "linux")]
mod measure;
mod serve;
mod user;
pub mod words;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::output::{self, Exit};

/// Where the instance lives; shared by every command.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// Dossier de l’instance : base de données et index de recherche
    #[arg(long, value_name = "DOSSIER", default_value = "./sobria-data", global = true)]
    pub data: PathBuf,
    /// Autre moteur que SQLite, par exemple postgres://utilisateur@hôte/base
    #[arg(long, value_name = "URL", global = true)]
    pub database_url: Option<String>,
    /// Fichier de configuration TOML
    #[arg(long, value_name = "FICHIER", global = true)]
    pub config: Option<PathBuf>,
    /// Montrer la chaîne des causes d’une erreur
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            data: "./sobria-data".into(),
            database_url: None,
            config: None,
            verbose: false,
        }
    }
}

/// Bibliothèque de l’IA territoriale : site, interface et ligne de commande.
#[derive(Debug, Parser)]
#[command(
    name = "sobria",
    version,
    about,
    disable_help_subcommand = true,
    after_help = "Exemples :\n  sobria serve --demo\n  sobria import use-cases fichier.csv\n  sobria import use-cases fichier.csv --commit --publish\n  sobria export use-cases --format csv -o cas-usages.csv\n  sobria estimate llm --provider openai --model gpt-4o --output-tokens 400 --zone FRA\n  sobria measure --zone FRA -- python train.py"
)]
struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Servir le site et l’interface
    Serve(serve::Options),
    /// Importer un fichier
    #[command(subcommand)]
    Import(Import),
    /// Exporter la bibliothèque
    #[command(subcommand)]
    Export(Export),
    /// Estimer l’empreinte d’une requête à un modèle ou d’un calcul
    #[command(subcommand)]
    Estimate(estimate::Command),
    /// Mesurer l’énergie d’une commande
    #[cfg(target_os = "linux")]
    Measure(Box<measure::Options>),
    /// Administrer l’instance
    #[command(subcommand)]
    Admin(admin::Command),
}

/// The command line of `measure` alone, which its short reading is held to.
#[cfg(all(test, target_os = "linux"))]
#[derive(Debug, Parser)]
#[command(name = "sobria")]
struct Measuring {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: MeasuringCommand,
}

#[cfg(all(test, target_os = "linux"))]
#[derive(Debug, Subcommand)]
enum MeasuringCommand {
    Measure(Box<measure::Options>),
}

#[cfg(all(test, target_os = "linux"))]
impl Measuring {
    fn parts(self) -> (measure::Options, Place) {
        let MeasuringCommand::Measure(options) = self.command;
        (*options, self.place)
    }
}

#[derive(Debug, Subcommand)]
enum Import {
    /// Importer des cas d’usage (CSV, XLSX, ODS, JSON, NDJSON) ; essai à blanc sans --commit
    UseCases(import::Options),
    /// Lire des journaux de mesure (CodeCarbon, sobria measure) ; le total peut aller sur une fiche
    Measurements(import_measurements::Options),
}

#[derive(Debug, Subcommand)]
enum Export {
    /// Exporter les cas d’usage publiés
    UseCases(export::Options),
}

/// A command that failed: how it ends, and the sentence that says why.
#[derive(Debug)]
pub struct Failure {
    /// Exit code.
    pub exit: Exit,
    /// One French sentence: what was given, what was expected, what to do.
    pub message: String,
    /// Causes, outermost first.
    pub causes: Vec<String>,
}

impl Failure {
    /// A failure with its sentence.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            causes: Vec::new(),
        }
    }

    /// A failure told by an error and its causes.
    pub fn of(exit: Exit, error: &dyn std::error::Error) -> Self {
        let mut causes = Vec::new();
        let mut source = error.source();
        while let Some(cause) = source {
            causes.push(cause.to_string());
            source = cause.source();
        }
        Self {
            exit,
            message: error.to_string(),
            causes,
        }
    }
}

impl Cli {
    /// Reads the command line. What the short reading does not take, help and errors among it, is for the whole one.
    fn read() -> Result<Self, clap::Error> {
        let arguments: Vec<_> = std::env::args_os().skip(1).collect();
        if let Some((options, place)) = brief::read("serve", arguments.clone(), serve::Options::default()) {
            let command = Command::Serve(options);
            return Ok(Self { place, command });
        }
        #[cfg(target_os = "linux")]
        if let Some((options, place)) = measure::brief::read(arguments) {
            let command = Command::Measure(Box::new(options));
            return Ok(Self { place, command });
        }
        Self::try_parse()
    }
}

/// Reads the command line and runs the command.
pub fn run() -> Exit {
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(error) => {
            let asked = !error.use_stderr();
            // The text goes where clap says; a closed pipe is not worth a second error.
            let _ = error.print();
            let measuring = std::env::args_os().nth(1).is_some_and(|word| word == "measure");
            return match (asked, measuring) {
                (true, _) => Exit::Done,
                // The command that was to be measured has all the other codes.
                (false, true) => Exit::Of(125),
                (false, false) => Exit::Unusable,
            };
        }
    };
    let place = cli.place;
    let result = match cli.command {
        // Estimates need neither database nor network: the runtime would cost more than they do.
        Command::Estimate(command) => estimate::run(command),
        #[cfg(target_os = "linux")]
        Command::Measure(options) => measure::run(*options),
        command => with_runtime(&place, command),
    };
    match result {
        Ok(exit) => exit,
        Err(failure) => {
            output::error(&failure.message);
            if place.verbose {
                for cause in &failure.causes {
                    output::note(format!("  cause : {cause}"));
                }
            }
            failure.exit
        }
    }
}

fn with_runtime(place: &Place, command: Command) -> Result<Exit, Failure> {
    let threads = std::thread::available_parallelism()
        .map_or(2, usize::from)
        .clamp(2, 8);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .map_err(|error| {
            Failure::new(
                Exit::Failed,
                format!("le système refuse les fils d’exécution nécessaires ({error})."),
            )
        })?;
    let serves = matches!(command, Command::Serve(_));
    let end = runtime.block_on(async {
        match command {
            Command::Serve(options) => serve::run(place, options).await,
            Command::Import(Import::UseCases(options)) => import::run(place, options).await,
            Command::Import(Import::Measurements(options)) => import_measurements::run(place, options).await,
            Command::Export(Export::UseCases(options)) => export::run(place, options).await,
            Command::Estimate(command) => estimate::run(command),
            #[cfg(target_os = "linux")]
            Command::Measure(options) => measure::run(*options),
            Command::Admin(command) => admin::run(place, command).await,
        }
    });
    if !serves {
        // Nothing is left to do, and the process ends: threads at rest are not waited for.
        runtime.shutdown_background();
    }
    end
}
