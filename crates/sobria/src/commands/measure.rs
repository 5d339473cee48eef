//! `sobria measure`: runs a command and tells its energy.

pub mod brief;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use sobria_estimate::Reference;
use sobria_estimate::electricity::ZoneFactors;

use super::Failure;
use crate::measure::child::{NotStarted, end_by};
use crate::measure::machine::Roots;
use crate::measure::{self, CpuFormula, Scope, Settings, output as formats, report};
use crate::output::{self, Exit};

/// Own failure, as `env` and `timeout` have it.
const OWN_FAILURE: u8 = 125;

/// Options of `measure`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exemples :\n  sobria measure -- python train.py\n  sobria measure --zone FRA --output mesure.json -- ./calcul.sh\n  sobria measure --csv emissions.csv --quiet -- make\n  sobria measure --probe\n\nLe code de sortie est celui de la commande : 128+n après un signal, 127 si elle n’existe pas, 126 si elle ne peut pas être lancée, 125 pour une erreur de sobria."
)]
pub struct Options {
    /// Nom de ce qui est mesuré
    #[arg(long, value_name = "NOM", default_value = "")]
    name: String,
    /// Lieu de l’électricité : FRA, REU…
    #[arg(long, value_name = "CODE")]
    zone: Option<String>,
    /// Grammes de CO₂e par kWh, à la place de ceux du lieu
    #[arg(long, value_name = "G", value_parser = positive)]
    intensity: Option<f64>,
    /// Efficacité énergétique de la salle (PUE), 1 ou plus
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pue: Option<f64>,
    /// Eau de la salle, en litres par kWh des machines (WUE)
    #[arg(long, value_name = "N", value_parser = positive)]
    wue: Option<f64>,
    /// Relevé : JSON, ou CSV de CodeCarbon si le nom finit par .csv
    #[arg(long, value_name = "FICHIER")]
    output: Option<PathBuf>,
    /// Relevé en JSON ; - pour la sortie d’erreur
    #[arg(long, value_name = "FICHIER|-")]
    json: Option<PathBuf>,
    /// Ajouter une ligne à un journal au format de CodeCarbon
    #[arg(long, value_name = "FICHIER")]
    csv: Option<PathBuf>,
    /// Rapport au format BoAmps (Boavizta), à compléter
    #[arg(long, value_name = "FICHIER")]
    boamps: Option<PathBuf>,
    /// Puissance du processeur, en watts
    #[arg(long, value_name = "W", value_parser = positive)]
    tdp: Option<f64>,
    /// Nombre de barrettes de mémoire
    #[arg(long, value_name = "N")]
    ram_modules: Option<u32>,
    /// Formule sans compteur
    #[arg(long, value_enum, default_value = "sobria")]
    cpu_model: Formula,
    /// Ajouter une part pour ce qu’aucun compteur ne voit, en %
    #[arg(long, value_name = "POURCENT", default_value = "0", value_parser = positive)]
    overhead: f64,
    /// Ce qui est compté : toute la machine, ou la commande
    #[arg(long, value_enum)]
    scope: Option<ScopeChoice>,
    /// Secondes entre deux lectures
    #[arg(long, value_name = "S", default_value = "1", value_parser = interval)]
    interval: f64,
    /// Secondes de repos mesurées avant la commande
    #[arg(long, value_name = "S", default_value = "0", value_parser = positive)]
    baseline: f64,
    /// Garder les arguments de la commande dans le relevé
    #[arg(long)]
    keep_args: bool,
    /// Ne rien écrire à la fin
    #[arg(short, long)]
    quiet: bool,
    /// Montrer l’avancement même si la sortie n’est pas redirigée
    #[arg(long)]
    live: bool,
    /// Finir par le signal qui a tué la commande
    #[arg(long)]
    raise: bool,
    /// Lister les sources de mesure de cette machine, sans rien mesurer
    #[arg(long)]
    probe: bool,
    /// Journal « temps,watts » d’une prise mesurée
    #[arg(long, value_name = "FICHIER")]
    meter: Option<PathBuf>,
    /// Fichier de puissance que l’hôte partage avec cette machine virtuelle
    #[arg(long, value_name = "FICHIER")]
    vm_power: Option<PathBuf>,
    /// Dossier de compteurs, à la place de /sys/class/powercap
    #[arg(long, value_name = "DOSSIER")]
    powercap_root: Option<PathBuf>,
    /// Dossier à la place de /proc
    #[arg(long, value_name = "DOSSIER", hide = true, default_value = "/proc")]
    proc_root: PathBuf,
    /// Dossier à la place de /sys
    #[arg(long, value_name = "DOSSIER", hide = true, default_value = "/sys")]
    sys_root: PathBuf,
    /// Dossier de cartes graphiques, à la place du pilote
    #[arg(long, value_name = "DOSSIER", hide = true)]
    gpu_root: Option<PathBuf>,
    /// La commande et ses arguments
    #[arg(last = true, value_name = "COMMANDE", required_unless_present = "probe")]
    command: Vec<OsString>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Formula {
    /// TDP × (0,10 + 0,65 × charge)
    Sobria,
    /// La moitié du TDP, comme CodeCarbon 2
    Codecarbon2,
    /// TDP × (0,1 + 0,9 × charge³), comme CodeCarbon 3
    Codecarbon3,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ScopeChoice {
    /// Toute la machine pendant la commande
    Machine,
    /// La commande et ses descendants
    Process,
}

fn number(text: &str) -> Result<f64, String> {
    text.trim()
        .replace(',', ".")
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite())
        .ok_or_else(|| format!("« {text} » n’est pas un nombre"))
}

fn positive(text: &str) -> Result<f64, String> {
    number(text).and_then(|number| {
        if number >= 0.0 {
            Ok(number)
        } else {
            Err(format!("« {text} » : attendu 0 ou plus"))
        }
    })
}

fn at_least_one(text: &str) -> Result<f64, String> {
    number(text).and_then(|number| {
        if number >= 1.0 {
            Ok(number)
        } else {
            Err(format!("« {text} » : attendu 1 ou plus"))
        }
    })
}

fn interval(text: &str) -> Result<f64, String> {
    number(text).and_then(|number| {
        if (0.02..=3600.0).contains(&number) {
            Ok(number)
        } else {
            Err(format!("« {text} » : attendu de 0,02 à 3600 secondes"))
        }
    })
}

/// Runs the command, then tells its energy.
///
/// # Errors
/// With the codes of `env`: 125 for a failure of this program, 126 and 127 for a command that does not start.
pub fn run(options: Options) -> Result<Exit, Failure> {
    let reference = Reference::embedded();
    let own = |message: String| Failure::new(Exit::Of(OWN_FAILURE), message);
    if let Some(zone) = &options.zone
        && ZoneFactors::of(reference, zone).is_none()
    {
        return Err(own(format!(
            "--zone « {zone} » n’est dans aucune table : attendu un code comme FRA, REU ou BEL."
        )));
    }
    let json = options.json.clone().or_else(|| {
        options
            .output
            .clone()
            .filter(|path| path.extension().is_none_or(|end| end != "csv"))
    });
    let csv = options.csv.clone().or_else(|| {
        options
            .output
            .clone()
            .filter(|path| path.extension().is_some_and(|end| end == "csv"))
    });
    let settings = settings(&options, json.as_deref());
    if options.probe {
        for [name, state, words] in measure::probe(&settings, reference) {
            output::line(format!("{name:<24} {state:<9} {words}"));
        }
        return Ok(Exit::Done);
    }
    let measured = measure::run(&settings, reference).map_err(|error| not_started(&options, error))?;
    if settings.live {
        output::progress_done();
    }
    let mut failed = None;
    let mut keep = |path: &Path, result: std::io::Result<()>| {
        if let Err(error) = result {
            failed = Some(format!(
                "« {} » ne peut pas être écrit ({error}).",
                path.display()
            ));
        }
    };
    let text = serde_json::to_string(&measured.record).unwrap_or_default();
    match &json {
        Some(path) if path.as_os_str() == "-" => output::note(&text),
        Some(path) => keep(path, replace(path, &text)),
        None => {}
    }
    if let Some(path) = &csv {
        match formats::csv(path, &measured.record) {
            Ok(written) if written != *path => output::note(format!(
                "sobria : « {} » a d’autres colonnes : la ligne est dans « {} ».",
                path.display(),
                written.display()
            )),
            Ok(_) => {}
            Err(error) => keep(path, Err(error)),
        }
    }
    if let Some(path) = &options.boamps {
        let report =
            serde_json::to_string_pretty(&formats::boamps(&measured.record, reference)).unwrap_or_default();
        keep(path, std::fs::write(path, report));
    }
    if !options.quiet {
        output::note(report::text(&measured.record, reference));
    }
    if let Some(message) = failed {
        // The command went its way: what failed is told, and its code stays the one returned.
        output::error(message);
    }
    if options.raise
        && let measure::child::End::Signal(number) = measured.end
    {
        end_by(number);
    }
    Ok(Exit::Of(measured.end.exit_code()))
}

/// Writes beside, then takes the place at once: a record is whole or is not there.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let part = part_of(path);
    std::fs::write(&part, text)?;
    std::fs::rename(&part, path)
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

fn not_started(options: &Options, error: NotStarted) -> Failure {
    let program = options
        .command
        .first()
        .map_or_else(String::new, |word| word.to_string_lossy().into_owned());
    match error {
        NotStarted::NotFound => Failure::new(
            Exit::Of(127),
            format!("la commande « {program} » n’existe pas. Vérifiez son nom et son chemin."),
        ),
        NotStarted::NotExecutable(error) => Failure::new(
            Exit::Of(126),
            format!("la commande « {program} » ne peut pas être lancée ({error}). Vérifiez ses droits."),
        ),
        NotStarted::System(error) => Failure::new(
            Exit::Of(OWN_FAILURE),
            format!("le système refuse la mesure ({error}). Lancez la commande sans sobria."),
        ),
    }
}

fn settings(options: &Options, json: Option<&Path>) -> Settings {
    let to_terminal = std::io::stderr().is_terminal();
    let command_to_terminal = std::io::stdout().is_terminal();
    Settings {
        command: options.command.clone(),
        name: options.name.clone(),
        zone: options.zone.clone(),
        intensity: options.intensity,
        pue: options.pue,
        wue: options.wue,
        tdp: options.tdp,
        ram_modules: options.ram_modules,
        formula: match options.cpu_model {
            Formula::Sobria => CpuFormula::Sobria,
            Formula::Codecarbon2 => CpuFormula::CodeCarbon2,
            Formula::Codecarbon3 => CpuFormula::CodeCarbon3,
        },
        overhead: options.overhead,
        scope: options.scope.map(|scope| match scope {
            ScopeChoice::Machine => Scope::Machine,
            ScopeChoice::Process => Scope::Process,
        }),
        interval_s: options.interval,
        baseline_s: options.baseline,
        keep_args: options.keep_args,
        live: options.live || (to_terminal && !command_to_terminal && !options.quiet),
        roots: Roots {
            proc: options.proc_root.clone(),
            sys: options.sys_root.clone(),
            powercap: options
                .powercap_root
                .clone()
                .unwrap_or_else(|| options.sys_root.join("class/powercap")),
        },
        boards: options.gpu_root.clone(),
        meter: options.meter.clone(),
        vm_power: options.vm_power.clone(),
        part: json.filter(|path| path.as_os_str() != "-").map(part_of),
    }
}
