//! The record in other formats: one row with the columns of CodeCarbon, and a report of Boavizta.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use sobria_estimate::measurement::power::JOULES_PER_KWH;

use super::record::{Component, Provenance, Record};

/// Columns of CodeCarbon 3.3.2, in its order.
const COLUMNS: &str = "timestamp,project_name,run_id,experiment_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,energy_consumed,water_consumed,country_name,country_iso_code,region,cloud_provider,cloud_region,os,python_version,codecarbon_version,cpu_count,cpu_model,gpu_count,gpu_model,longitude,latitude,ram_total_size,tracking_mode,cpu_utilization_percent,gpu_utilization_percent,ram_utilization_percent,ram_used_gb,on_cloud,pue,wue";

/// Adds a row to a log of CodeCarbon; a file with another header is left as it is, and a new one is made beside it.
///
/// # Errors
/// When the file cannot be written.
pub fn csv(path: &Path, record: &Record) -> io::Result<PathBuf> {
    let first = std::fs::read_to_string(path).ok();
    let target = match first.as_deref().and_then(|text| text.lines().next()) {
        Some(header) if header.trim_end() != COLUMNS => {
            let mut name = path.as_os_str().to_owned();
            name.push(".new");
            PathBuf::from(name)
        }
        _ => path.to_owned(),
    };
    let is_new = std::fs::metadata(&target).map_or(true, |known| known.len() == 0);
    let mut text = String::new();
    if is_new {
        text.push_str(COLUMNS);
        text.push('\n');
    }
    text.push_str(&row(record));
    text.push('\n');
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(&target)?
        .write_all(text.as_bytes())?;
    Ok(target)
}

fn of<'r>(record: &'r Record, family: &'r str) -> impl Iterator<Item = &'r Component> {
    record
        .components
        .iter()
        .filter(move |component| component.id.split(':').next() == Some(family))
}

fn row(record: &Record) -> String {
    let joules = |family: &str| of(record, family).map(|part| part.energy_j).sum::<f64>();
    // A platform or a whole machine has no column of its own.
    let [gpu_j, ram_j] = ["gpu", "ram"].map(joules);
    let all_j: f64 = record.components.iter().map(|part| part.energy_j).sum();
    let cpu_j = all_j - gpu_j - ram_j;
    let pue = record.pue.value;
    let kwh = |joules: f64| (joules / JOULES_PER_KWH * pue).to_string();
    let watts = |joules: f64| {
        let power = if record.duration_s > 0.0 {
            joules / record.duration_s
        } else {
            0.0
        };
        power.to_string()
    };
    let kg = record.emissions_g.central / 1000.0;
    let boards: Vec<&str> = of(record, "gpu").map(|part| part.name.as_str()).collect();
    let boards_name = match boards.first() {
        Some(name) => format!("{} x {name}", boards.len()),
        None => String::new(),
    };
    let cells: [String; 38] = [
        record.start.get(..19).unwrap_or_default().to_owned(),
        record.name.clone(),
        record.run_id.clone(),
        "5b0fa12a-3dd7-45bb-9766-cc326314d9f1".to_owned(),
        record.duration_s.to_string(),
        kg.to_string(),
        if record.duration_s > 0.0 {
            (kg / record.duration_s).to_string()
        } else {
            "0".to_owned()
        },
        watts(cpu_j),
        watts(gpu_j),
        watts(ram_j),
        kwh(cpu_j),
        kwh(gpu_j),
        kwh(ram_j),
        record.facility_energy_kwh.to_string(),
        record.water_l.unwrap_or(0.0).to_string(),
        String::new(),
        record.intensity.zone.clone().unwrap_or_default(),
        String::new(),
        String::new(),
        String::new(),
        format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
        String::new(),
        format!("sobria/{}", record.tool.version),
        record.machine.threads.to_string(),
        record.machine.cpu_model.clone(),
        boards.len().to_string(),
        boards_name,
        String::new(),
        String::new(),
        record.machine.memory_gib.to_string(),
        record.scope.to_owned(),
        String::new(),
        String::new(),
        String::new(),
        String::new(),
        "N".to_owned(),
        pue.to_string(),
        "0".to_owned(),
    ];
    cells.map(|cell| quoted(&cell)).join(",")
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// The report that Boavizta's format describes. What the program cannot know is left to be written by a person.
pub fn boamps(record: &Record) -> Json {
    let range = record.it_energy_range_kwh;
    let spread = if range.central > 0.0 {
        (range.high - range.low) / 2.0 / range.central
    } else {
        f64::INFINITY
    };
    let quality = if spread <= 0.10 {
        "high"
    } else if spread <= 0.25 {
        "medium"
    } else {
        "low"
    };
    let mut components = vec![json!({
        "componentType": "cpu",
        "componentName": record.machine.cpu_model,
        "nbComponent": 1,
    })];
    components.extend(
        of(record, "gpu")
            .map(|board| json!({"componentType": "gpu", "componentName": board.name, "nbComponent": 1})),
    );
    components.push(json!({"componentType": "ram", "nbComponent": 1}));
    let sources: Vec<String> = record
        .components
        .iter()
        .map(|part| format!("{} : {} ({})", part.id, part.source, word(part.provenance)))
        .collect();
    json!({
        "header": {
            "formatVersion": "0.1",
            "formatVersionSpecificationUri": "https://github.com/Boavizta/BoAmps/tree/main/model",
            "reportId": record.run_id,
            "reportDatetime": record.start.get(..19).unwrap_or_default().replace('T', " "),
            "reportStatus": "draft",
        },
        "task": {
            "taskStage": "à compléter",
            "taskFamily": "à compléter",
            "taskDescription": record.name,
            "algorithms": [{"algorithmType": "à compléter"}],
            "dataset": [{"dataUsage": "input", "dataType": "other"}],
        },
        "measures": [{
            "measurementMethod": "sobria measure",
            "version": record.tool.version,
            "cpuTrackingMode": sources.join(" ; "),
            "powerConsumption": record.it_energy_kwh,
            "measurementDuration": record.duration_s,
            "measurementDateTime": record.start.get(..19).unwrap_or_default().replace('T', " "),
        }],
        "system": {"os": std::env::consts::OS},
        "software": {"language": "à compléter"},
        "infrastructure": {"infraType": "other", "components": components},
        "environment": {
            "country": record.intensity.zone.clone().unwrap_or_default(),
            "powerSourceCarbonIntensity": record.intensity.g_per_kwh,
        },
        "quality": quality,
    })
}

const fn word(provenance: Provenance) -> &'static str {
    match provenance {
        Provenance::Measured => "measured",
        Provenance::Modelled => "modelled",
        Provenance::Assumed => "assumed",
    }
}
