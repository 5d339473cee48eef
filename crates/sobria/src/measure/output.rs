//! The record in other formats: one row with the columns of CodeCarbon, and a report of Boavizta.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use sobria_estimate::Reference;
use sobria_estimate::measurement::power::JOULES_PER_KWH;
use sobria_exchange::measurements::{Runs, boamps};

use super::record::{Component, Record};

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

/// The report that Boavizta's format describes, made as that of any log.
pub fn boamps(record: &Record, reference: &Reference) -> Json {
    let text = serde_json::to_string(record).unwrap_or_default();
    let mut runs = Runs::default();
    match runs.read(text.as_bytes(), "sobria measure") {
        Ok(()) => {
            let summary = runs.summary(reference, None);
            boamps::report(
                &summary,
                reference,
                &record.run_id,
                &boamps::moment(&record.start),
            )
        }
        // The program reads what it writes: only a figure that is no number could come here.
        Err(_) => Json::Null,
    }
}
