//! `sobria estimate`: one estimate, or one per line of a file. The JSON is that of `POST /api/v1/estimates`.

mod batch;
mod compute;
mod llm;

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;
use sobria_estimate::document::{Input, Output, Response};
use sobria_estimate::french::{Scale, range, significant};
use sobria_estimate::llm::Impacts;
use sobria_estimate::provenance::{ChosenBy, Value};
use sobria_estimate::quantity::{Interval, Quantity};
use sobria_estimate::service::{Evaluation, evaluate};
use sobria_estimate::{Reference, sentence};

use super::Failure;
use crate::output::{self, Exit};
use compute::Compute;
use llm::Llm;

/// Longest document, or line of a batch, in bytes.
const LINE_MAX: u64 = 1024 * 1024;

/// What to estimate.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Une requête à un modèle de langage
    Llm(Box<Llm>),
    /// Un calcul sur du matériel connu
    Compute(Box<Compute>),
    /// Un service entier, phase par phase, d’après un document JSON
    Service(Service),
    /// Une demande par ligne (JSON Lines), une réponse par ligne dans le même ordre
    Batch(Batch),
}

/// Options of `estimate batch`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exemples :\n  sobria estimate batch demandes.jsonl > reponses.jsonl\n  cat demandes.jsonl | sobria estimate batch -"
)]
pub struct Batch {
    /// Fichier de demandes, ou - pour l’entrée standard
    file: PathBuf,
    #[command(flatten)]
    tables: Tables,
}

/// Options of `estimate service`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exemples :\n  sobria estimate service evaluation.json\n  sobria estimate service evaluation.json --json"
)]
pub struct Service {
    /// Document à évaluer, ou - pour l’entrée standard
    file: PathBuf,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
struct Common {
    /// Réponse en JSON, celle de l’interface
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    tables: Tables,
}

#[derive(Debug, Args)]
struct Tables {
    /// Dossier de tables (un fichier TSV par table) à la place de celles du programme
    #[arg(long, value_name = "DOSSIER")]
    reference: Option<PathBuf>,
}

impl Tables {
    fn load(&self) -> Result<&'static Reference, Failure> {
        match &self.reference {
            Some(folder) => crate::reference::load_folder(folder),
            None => Ok(Reference::embedded()),
        }
    }
}

/// Runs the command.
///
/// # Errors
/// When the request is refused (exit code 2), or a file cannot be read or written.
pub fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Llm(options) => one_request(options.common.tables.load()?, &options),
        Command::Compute(options) => one_job(options.common.tables.load()?, &options),
        Command::Service(options) => service(options.common.tables.load()?, &options),
        Command::Batch(options) => batch::run(options.tables.load()?, &options.file),
    }
}

fn one_request(reference: &Reference, options: &Llm) -> Result<Exit, Failure> {
    let input = Input::Llm(Box::new(options.input()));
    let response = Response::to(reference, &input);
    let total = match (&response.output, options.requests) {
        (Some(Output::Llm(output)), Some(requests)) => Some(Total {
            requests,
            impacts: output
                .totals()
                .times(requests)
                .map_err(|code| refused(&[code.as_ref()]))?,
        }),
        _ => None,
    };
    print(&response, total.as_ref(), options.common.json)
}

fn one_job(reference: &Reference, options: &Compute) -> Result<Exit, Failure> {
    let input = Input::Compute(Box::new(options.input()));
    print(&Response::to(reference, &input), None, options.common.json)
}

/// The impacts of all the requests, beside those of one.
#[derive(Serialize)]
struct Total {
    requests: f64,
    #[serde(flatten)]
    impacts: Impacts,
}

#[derive(Serialize)]
struct WithTotal<'r> {
    #[serde(flatten)]
    response: &'r Response<'r>,
    total: &'r Total,
}

fn refused(codes: &[&str]) -> Failure {
    let sentences: Vec<Cow<'static, str>> = codes.iter().map(|code| sentence(code)).collect();
    Failure::new(Exit::Unusable, sentences.join(" "))
}

fn print(response: &Response<'_>, total: Option<&Total>, json: bool) -> Result<Exit, Failure> {
    if json {
        let mut out = Vec::new();
        match total {
            Some(total) => {
                // Writing to memory cannot fail.
                let _ = serde_json::to_writer(&mut out, &WithTotal { response, total });
            }
            None => response.write(&mut out),
        }
        output::line(String::from_utf8_lossy(&out));
    }
    let Some(figures) = &response.output else {
        let codes: Vec<&str> = response.errors.iter().map(AsRef::as_ref).collect();
        return Err(refused(&codes));
    };
    if !json {
        output::line(table(response, figures, total));
    }
    Ok(Exit::Done)
}

/// The answer for a person: figures with their range, then warnings, then what was assumed.
fn table(response: &Response<'_>, figures: &Output, total: Option<&Total>) -> String {
    let mut lines: Vec<String> = Vec::new();
    match figures {
        Output::Llm(output) => {
            lines.push("Une requête".to_owned());
            lines.extend(impacts(&output.totals()));
            if let Some(total) = total {
                lines.push(format!("\n{} requêtes", significant(total.requests, 15)));
                lines.extend(impacts(&total.impacts));
            }
            lines.push(format!(
                "\nÉlectricité et eau : usage seul. Le reste compte aussi la fabrication des machines.\nFiabilité : {:?} (de A à D)",
                output.reliability.grade
            ));
            lines.extend(
                output
                    .notices
                    .iter()
                    .map(|code| format!("  - {}", sentence(code))),
            );
        }
        Output::Compute(output) => {
            let (central, around) = (output.central(), output.range());
            lines.push("Le calcul (usage seul : la fabrication n’est pas comptée)".to_owned());
            lines.push(bracket(
                "électricité",
                around.energy_kwh.low().get(),
                central.energy_kwh,
                around.energy_kwh.high().get(),
                Scale::Energy,
            ));
            lines.push(bracket(
                "climat",
                around.carbon_g.low().get() / 1000.0,
                central.carbon_g / 1000.0,
                around.carbon_g.high().get() / 1000.0,
                Scale::Climate,
            ));
        }
        // No option makes one: steps of a measure go through `estimate batch`.
        Output::Measurement(_) => {}
    }
    if !response.warnings.is_empty() {
        lines.push("\nÀ savoir".to_owned());
        lines.extend(
            response
                .warnings
                .iter()
                .map(|code| format!("  - {}", sentence(code))),
        );
    }
    lines.push("\nValeurs employées".to_owned());
    lines.extend(response.assumptions.iter().map(|assumption| {
        let value = match &assumption.value {
            Value::Text(text) => text.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Range(bounds) if bounds.min < bounds.max => format!("{} à {}", bounds.min, bounds.max),
            Value::Range(bounds) => bounds.min.to_string(),
        };
        let whose = match assumption.chosen_by {
            ChosenBy::User => "saisi",
            ChosenBy::Table => "table",
            ChosenBy::Default => "par défaut",
        };
        format!(
            "  {} = {value} {} ({whose} : {})",
            assumption.field, assumption.unit, assumption.source
        )
    }));
    lines.push(format!(
        "\nMéthode {}, tables {}",
        response.method_version.unwrap_or("?"),
        response.reference_version
    ));
    lines.join("\n")
}

fn impacts(impacts: &Impacts) -> [String; 5] {
    [
        figure("électricité", impacts.energy, Scale::Energy),
        figure("climat", impacts.gwp, Scale::Climate),
        figure("métaux", impacts.adpe, Scale::Metals),
        figure("énergie primaire", impacts.pe, Scale::PrimaryEnergy),
        figure("eau", impacts.wcf, Scale::Water),
    ]
}

fn figure<Q: Quantity>(name: &str, interval: Interval<Q>, scale: Scale) -> String {
    bracket(
        name,
        interval.low().get(),
        interval.central(),
        interval.high().get(),
        scale,
    )
}

fn bracket(name: &str, low: f64, central: f64, high: f64, scale: Scale) -> String {
    format!(
        "  {name} : {} (milieu {})",
        range(low, high, scale, 3),
        range(central, central, scale, 3)
    )
}

fn service(reference: &Reference, options: &Service) -> Result<Exit, Failure> {
    let name = options.file.display().to_string();
    let mut text = String::new();
    let read = if name == "-" {
        io::stdin().take(LINE_MAX).read_to_string(&mut text)
    } else {
        File::open(&options.file).and_then(|file| file.take(LINE_MAX).read_to_string(&mut text))
    };
    read.map_err(|error| {
        Failure::new(
            Exit::Unusable,
            format!("« {name} » ne peut pas être lu ({error}). Attendu : un document JSON en UTF-8, d’un mégaoctet au plus."),
        )
    })?;
    let refused_codes = |codes: Vec<sobria_estimate::Code>| {
        let codes: Vec<&str> = codes.iter().map(AsRef::as_ref).collect();
        refused(&codes)
    };
    let evaluation = Evaluation::read(&text).map_err(refused_codes)?;
    let outcome = evaluate(reference, &evaluation).map_err(refused_codes)?;
    if options.common.json {
        output::line(serde_json::to_string(&outcome).unwrap_or_default());
        return Ok(Exit::Done);
    }
    for total in &outcome.totals {
        let name = total.indicator.label();
        match &total.annual {
            Some(annual) => {
                let partial = if total.partial { " (total partiel)" } else { "" };
                output::line(format!(
                    "{name} : de {} à {} {} par an{partial}",
                    significant(annual.low(), 3),
                    significant(annual.high(), 3),
                    total.indicator.unit()
                ));
            }
            None => output::line(format!("{name} : non couvert")),
        }
    }
    if let Some(rate) = outcome.coverage_rate {
        output::line(format!(
            "\nCouverture : {} cases sur {} exigées ({} %)",
            outcome.covered,
            outcome.required,
            significant(rate * 100.0, 2)
        ));
    }
    for notice in &outcome.notices {
        output::line(format!("  - {}", notice.sentence()));
    }
    Ok(Exit::Done)
}
