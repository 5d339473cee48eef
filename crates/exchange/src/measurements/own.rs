//! Records of `sobria measure`: one JSON object, or one per line.

use std::io::{self, BufRead, BufReader};

use serde::Deserialize;
use sobria_estimate::measurement::power::JOULES_PER_KWH;

use super::ration::{ROW_MAX, Rationed};
use super::{Bounds, LogError, OneFile, Provenance, Run};

/// Beginning of the name of the format; a version follows it.
const SCHEMA: &str = "sobria.measure/1";

/// The fields of a record that make a run; further ones are left.
#[derive(Deserialize)]
struct Record {
    schema: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    run_id: String,
    #[serde(default)]
    exit: Exit,
    start: String,
    duration_s: f64,
    components: Vec<Component>,
    pue: Pue,
    facility_energy_kwh: f64,
    #[serde(default)]
    it_energy_range_kwh: Option<Between>,
    intensity: Intensity,
    emissions_g: Emissions,
    tool: Tool,
    #[serde(default)]
    machine: Machine,
}

#[derive(Deserialize, Default)]
struct Machine {
    #[serde(default)]
    cpu_model: String,
    #[serde(default)]
    memory_gib: f64,
    #[serde(default)]
    os: String,
}

#[derive(Deserialize, Default)]
struct Exit {
    code: Option<i64>,
    signal: Option<i64>,
}

#[derive(Deserialize)]
struct Component {
    id: String,
    provenance: Known,
    energy_j: f64,
    #[serde(default)]
    name: String,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Known {
    Measured,
    Modelled,
    Assumed,
}

#[derive(Deserialize)]
struct Pue {
    value: f64,
}

#[derive(Deserialize)]
struct Between {
    low: f64,
    high: f64,
}

#[derive(Deserialize)]
struct Intensity {
    #[serde(default)]
    zone: Option<String>,
}

#[derive(Deserialize)]
struct Emissions {
    central: f64,
}

#[derive(Deserialize)]
struct Tool {
    version: String,
}

pub(super) fn read(source: impl BufRead, file: &mut OneFile) -> Result<(), LogError> {
    let (rationed, ration) = Rationed::new(source);
    let stream = serde_json::Deserializer::from_reader(BufReader::new(rationed)).into_iter::<Record>();
    for record in stream {
        ration.renew();
        let name = file.read.name.clone();
        let record = record.map_err(|error| LogError::Record {
            name: name.clone(),
            line: u64::try_from(error.line()).unwrap_or_default(),
            cause: match error.io_error_kind() {
                Some(io::ErrorKind::FileTooLarge) => format!("plus de {ROW_MAX} octets"),
                _ => error.to_string(),
            },
        })?;
        file.read.rows += 1;
        let line = file.read.rows;
        if record.schema != SCHEMA {
            return Err(LogError::Record {
                name,
                line,
                cause: format!(
                    "«\u{a0}{}\u{a0}» au lieu de «\u{a0}{SCHEMA}\u{a0}»",
                    record.schema
                ),
            });
        }
        let figures = record
            .components
            .iter()
            .map(|component| component.energy_j)
            .chain([
                record.duration_s,
                record.facility_energy_kwh,
                record.emissions_g.central,
            ]);
        if figures.into_iter().any(|figure| figure < 0.0) {
            file.refuse(
                line,
                "negative_energy",
                "une énergie ou une durée est négative".to_owned(),
            );
            continue;
        }
        let mut run = run(&record);
        run.file = name;
        run.line = line;
        file.put(run)?;
    }
    Ok(())
}

fn run(record: &Record) -> Run {
    let of = |family: &str| {
        record
            .components
            .iter()
            .filter(move |component| component.id.split(':').next() == Some(family))
            .collect::<Vec<_>>()
    };
    let energy = |parts: &[&Component]| {
        (!parts.is_empty())
            .then(|| parts.iter().map(|part| part.energy_j).sum::<f64>() * record.pue.value / JOULES_PER_KWH)
    };
    // Several boards: the weakest label is that of all of them.
    let provenance = |parts: &[&Component]| {
        let any = |wanted: fn(&Known) -> bool| parts.iter().any(|part| wanted(&part.provenance));
        if parts.is_empty() {
            Provenance::Unknown
        } else if any(|known| matches!(known, Known::Assumed)) {
            Provenance::Assumed
        } else if any(|known| matches!(known, Known::Modelled)) {
            Provenance::Modelled
        } else {
            Provenance::Measured
        }
    };
    let [cpu, gpu, ram] = ["cpu", "gpu", "ram"].map(of);
    Run {
        run_id: record.run_id.clone(),
        task: String::new(),
        project: record.name.clone(),
        timestamp: record.start.clone(),
        file: String::new(),
        line: 0,
        duration_s: record.duration_s,
        energy_kwh: record.facility_energy_kwh,
        energy_range_kwh: record
            .it_energy_range_kwh
            .as_ref()
            .map_or_else(Bounds::default, |range| Bounds {
                low: (range.low * record.pue.value).clamp(0.0, record.facility_energy_kwh),
                high: (range.high * record.pue.value).max(record.facility_energy_kwh),
            }),
        cpu_kwh: energy(&cpu),
        gpu_kwh: energy(&gpu),
        ram_kwh: energy(&ram),
        cpu_provenance: provenance(&cpu),
        gpu_provenance: provenance(&gpu),
        ram_provenance: provenance(&ram),
        logged_kg: record.emissions_g.central / 1000.0,
        logged_water_l: None,
        country: record.intensity.zone.clone().unwrap_or_default(),
        tool_version: format!("sobria/{}", record.tool.version),
        cpu_model: cpu
            .first()
            .map(|part| &part.name)
            .filter(|name| !name.is_empty())
            .unwrap_or(&record.machine.cpu_model)
            .clone(),
        gpu_model: match gpu.first() {
            Some(board) if gpu.len() > 1 => format!("{} x {}", gpu.len(), board.name),
            Some(board) => board.name.clone(),
            None => String::new(),
        },
        memory_gib: Some(record.machine.memory_gib).filter(|gib| *gib > 0.0),
        os: record.machine.os.clone(),
        pue: record.pue.value,
        failed: Some(record.exit.signal.is_some() || record.exit.code != Some(0)),
        rows: 1,
        flags: Vec::new(),
        repairs: Vec::new(),
    }
}
