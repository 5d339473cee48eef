//! Logs as a report in BoAmps, the open format of Boavizta for the energy of computations.
//!
//! What a log cannot know (the stage, the family of the task, the data, the algorithm) is left to be written by a person,
//! and the report says that it is a draft.

use serde_json::{Map, Value as Json, json};
use sobria_estimate::Reference;
use sobria_estimate::electricity::ZoneFactors;

use super::{Provenance, Run, Summary};

/// Version of the format.
pub const FORMAT_VERSION: &str = "0.1";
/// Where it is described.
pub const SPECIFICATION: &str = "https://github.com/Boavizta/BoAmps/tree/main/model";
/// What stands where a person must write.
pub const TO_WRITE: &str = "à compléter";

/// What the format calls the quality of a report, from the larger of the two gaps of a range around its figure:
/// `high` to 10 %, `medium` to 25 %, `low` to 50 %. Beyond that it has no word, and none is written.
///
/// ```
/// use sobria_exchange::measurements::boamps::quality;
///
/// assert_eq!(quality(9.5, 10.0, 10.5), Some("high"));
/// assert_eq!(quality(6.0, 10.0, 12.0), Some("low"));
/// assert_eq!(quality(4.0, 10.0, 18.0), None);
/// ```
#[must_use]
pub fn quality(low: f64, central: f64, high: f64) -> Option<&'static str> {
    // A figure of zero has no relative error.
    if central <= 0.0 {
        return None;
    }
    let gap = (central - low).max(high - central) / central;
    [(0.10, "high"), (0.25, "medium"), (0.50, "low")]
        .into_iter()
        .find(|(limit, _)| gap <= *limit + 1e-9)
        .map(|(_, word)| word)
}

/// A moment as the format writes it.
#[must_use]
pub fn moment(timestamp: &str) -> String {
    timestamp.get(..19).unwrap_or(timestamp).replace('T', " ")
}

/// The report of the runs of some logs: one measure for each run counted. `id` and `written_at` tell this report from
/// others; `written_at` is `AAAA-MM-JJ HH:MM:SS`.
///
/// ```
/// use sobria_estimate::Reference;
/// use sobria_exchange::measurements::{Runs, boamps};
///
/// let log = "timestamp,project_name,duration,emissions,energy_consumed,country_iso_code\n\
///     2021-03-01T10:00:00,essai,3600,0.011,0.2,FRA\n";
/// let mut runs = Runs::default();
/// runs.read(log.as_bytes(), "emissions.csv").unwrap();
/// let tables = Reference::embedded();
/// let report = boamps::report(&runs.summary(tables, None), tables, "a", "2026-01-05 09:00:00");
/// assert_eq!(report["measures"][0]["powerConsumption"], 0.2);
/// assert_eq!(report["environment"]["country"], "FRA");
/// ```
#[must_use]
pub fn report(summary: &Summary<'_>, reference: &Reference, id: &str, written_at: &str) -> Json {
    let counted: Vec<&Run> = summary
        .lines
        .iter()
        .filter(|line| line.counted)
        .map(|line| line.run)
        .collect();
    let mut report = json!({
        "header": {
            "formatVersion": FORMAT_VERSION,
            "formatVersionSpecificationUri": SPECIFICATION,
            "reportId": id,
            "reportDatetime": written_at,
            "reportStatus": "draft",
        },
        "task": task(&description(summary, &counted)),
        "measures": counted.iter().map(|run| measure(run)).collect::<Vec<_>>(),
        "software": {"language": TO_WRITE},
        "infrastructure": {"infraType": "other", "components": components(&counted)},
    });
    let mut environment = Map::new();
    let place = summary.zone().or_else(|| {
        // Several places: the format holds one, and none is better than one of them.
        let mut places = counted.iter().map(|run| run.country.as_str());
        let first = places.next().filter(|place| !place.is_empty())?;
        places.all(|place| place == first).then_some(first)
    });
    environment.insert("country".to_owned(), json!(place.unwrap_or(TO_WRITE)));
    if let Some(factors) = place.and_then(|place| ZoneFactors::of(reference, place)) {
        environment.insert("powerSourceCarbonIntensity".to_owned(), json!(factors.central));
    }
    put(&mut report, "environment", Json::Object(environment));
    if let Some(os) = counted.iter().map(|run| &run.os).find(|os| !os.is_empty()) {
        put(&mut report, "system", json!({"os": os.to_lowercase()}));
    }
    let range = summary.energy_range_kwh;
    if let Some(word) = quality(range.low, summary.energy_kwh, range.high) {
        put(&mut report, "quality", json!(word));
    }
    report
}

/// The part on the task: a person must fill it in.
#[must_use]
pub fn task(description: &str) -> Json {
    json!({
        "taskStage": TO_WRITE,
        "taskFamily": TO_WRITE,
        "algorithms": [{"algorithmType": TO_WRITE}],
        "dataset": [{"dataUsage": "input", "dataType": "other"}],
        "taskDescription": description,
    })
}

fn put(report: &mut Json, member: &str, value: Json) {
    if let Some(members) = report.as_object_mut() {
        members.insert(member.to_owned(), value);
    }
}

fn description(summary: &Summary<'_>, counted: &[&Run]) -> String {
    let mut projects: Vec<&str> = counted
        .iter()
        .map(|run| run.project.as_str())
        .filter(|project| !project.is_empty())
        .collect();
    projects.sort_unstable();
    projects.dedup();
    let plural = if summary.runs > 1 { "s" } else { "" };
    let mut words = format!("{} exécution{plural}", summary.runs);
    if !projects.is_empty() {
        words.push_str(" : ");
        words.push_str(&projects.join(", "));
    }
    words
}

fn measure(run: &Run) -> Json {
    let (method, version) = match run.tool_version.strip_prefix("sobria/") {
        Some(version) => ("sobria measure", version),
        None => ("codecarbon", run.tool_version.as_str()),
    };
    let mut measure = json!({
        "measurementMethod": method,
        // The format counts what the machines drew; a log counts the room with them.
        "powerConsumption": run.energy_kwh / run.pue,
    });
    if !version.is_empty() {
        put(&mut measure, "version", json!(version));
    }
    if let Some(mode) = tracking(run.cpu_provenance) {
        put(&mut measure, "cpuTrackingMode", json!(mode));
    }
    if run.gpu_kwh.is_some_and(|energy| energy > 0.0)
        && let Some(mode) = tracking(run.gpu_provenance)
    {
        put(&mut measure, "gpuTrackingMode", json!(mode));
    }
    // Some versions wrote negative durations.
    if run.duration_s >= 0.0 {
        put(&mut measure, "measurementDuration", json!(run.duration_s));
    }
    put(&mut measure, "measurementDateTime", json!(moment(&run.timestamp)));
    measure
}

/// How a component was followed, when it is known.
const fn tracking(provenance: Provenance) -> Option<&'static str> {
    match provenance {
        Provenance::Measured => Some("counter"),
        Provenance::Modelled => Some("model"),
        Provenance::Assumed => Some("constant"),
        Provenance::Unknown => None,
    }
}

/// The parts that the logs name, each once, the memory last. At least one, as the format asks.
fn components(counted: &[&Run]) -> Vec<Json> {
    let mut found: Vec<(&str, &str, u32)> = Vec::new();
    for run in counted {
        if !run.cpu_model.is_empty() {
            found.push(("cpu", &run.cpu_model, 1));
        }
        if !run.gpu_model.is_empty() {
            // "8 x NVIDIA A40".
            let (count, name) = run
                .gpu_model
                .split_once(" x ")
                .and_then(|(count, name)| Some((count.trim().parse().ok()?, name)))
                .unwrap_or((1, run.gpu_model.as_str()));
            found.push(("gpu", name, count));
        }
    }
    found.sort_unstable();
    found.dedup();
    let mut components: Vec<Json> = found
        .into_iter()
        .map(
            |(kind, name, count)| json!({"componentType": kind, "componentName": name, "nbComponent": count}),
        )
        .collect();
    if counted.iter().any(|run| run.ram_kwh.is_some()) {
        let mut memory = json!({"componentType": "ram", "nbComponent": 1});
        // The format wants whole gigabytes of one component.
        let sizes = counted.iter().filter_map(|run| run.memory_gib);
        let size: Option<u64> = sizes
            .reduce(f64::max)
            .and_then(|gib| format!("{gib:.0}").parse().ok());
        if let Some(size) = size.filter(|size| *size > 0) {
            put(&mut memory, "memorySize", json!(size));
        }
        components.push(memory);
    }
    if components.is_empty() {
        components.push(json!({"componentType": TO_WRITE, "nbComponent": 1}));
    }
    components
}

#[cfg(test)]
mod tests {
    use super::super::Runs;
    use super::*;

    /// What the schemas of the format ask of an object: members known, those that must stand there.
    const OBJECTS: [(&str, &[&str], &[&str]); 9] = [
        (
            "",
            &[
                "header",
                "task",
                "measures",
                "system",
                "software",
                "infrastructure",
                "environment",
                "quality",
                "$hash",
            ],
            &["task", "measures", "infrastructure"],
        ),
        (
            "/header",
            &[
                "licensing",
                "formatVersion",
                "formatVersionSpecificationUri",
                "reportId",
                "reportDatetime",
                "reportStatus",
                "publisher",
            ],
            &["reportDatetime"],
        ),
        (
            "/task",
            &[
                "taskStage",
                "taskFamily",
                "nbRequest",
                "algorithms",
                "dataset",
                "measuredAccuracy",
                "estimatedAccuracy",
                "taskDescription",
            ],
            &["taskStage", "taskFamily", "algorithms", "dataset"],
        ),
        (
            "/task/dataset/0",
            &[
                "dataUsage",
                "dataType",
                "dataFormat",
                "dataSize",
                "dataQuantity",
                "shape",
                "source",
                "sourceUri",
                "owner",
            ],
            &["dataUsage", "dataType"],
        ),
        (
            "/measures/0",
            &[
                "measurementMethod",
                "manufacturer",
                "version",
                "cpuTrackingMode",
                "gpuTrackingMode",
                "averageUtilizationCpu",
                "averageUtilizationGpu",
                "powerCalibrationMeasurement",
                "durationCalibrationMeasurement",
                "powerConsumption",
                "measurementDuration",
                "measurementDateTime",
            ],
            &["measurementMethod", "powerConsumption"],
        ),
        ("/system", &["os", "distribution", "distributionVersion"], &["os"]),
        ("/software", &["language", "version"], &["language"]),
        (
            "/infrastructure/components/0",
            &[
                "componentName",
                "componentType",
                "nbComponent",
                "memorySize",
                "manufacturer",
                "family",
                "series",
                "share",
            ],
            &["componentType", "nbComponent"],
        ),
        (
            "/environment",
            &[
                "country",
                "latitude",
                "longitude",
                "location",
                "powerSupplierType",
                "powerSource",
                "powerSourceCarbonIntensity",
            ],
            &["country"],
        ),
    ];

    /// Members whose words are a closed list.
    const WORDS: [(&str, &[&str]); 4] = [
        ("/header/reportStatus", &["draft", "final", "corrective", "other"]),
        ("/task/dataset/0/dataUsage", &["input", "output"]),
        (
            "/infrastructure/infraType",
            &["publicCloud", "privateCloud", "onPremise", "other"],
        ),
        ("/quality", &["high", "medium", "low"]),
    ];

    #[test]
    fn each_member_is_one_of_the_format_and_those_it_asks_for_are_there() {
        let header = "timestamp,project_name,run_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,energy_consumed,country_name,country_iso_code,region,cloud_provider,cloud_region,os,python_version,cpu_count,cpu_model,gpu_count,gpu_model,longitude,latitude,ram_total_size,tracking_mode,on_cloud";
        let row = "2026-01-05T09:00:00,essai,a,3600,0.011,0.001,10,300,5,0.01,0.3,0.005,0.315,France,FRA,,,,Linux-6,3.11,8,AMD EPYC 7302,2,2 x NVIDIA A40,,,251.6,machine,N";
        let mut runs = Runs::default();
        runs.read(format!("{header}\n{row}\n").as_bytes(), "emissions.csv")
            .unwrap();
        let tables = Reference::embedded();
        let report = report(&runs.summary(tables, None), tables, "id", "2026-01-05 09:00:00");
        for (place, known, asked) in OBJECTS {
            let object = report
                .pointer(place)
                .and_then(Json::as_object)
                .unwrap_or_else(|| panic!("{place}"));
            for member in object.keys() {
                assert!(
                    known.contains(&member.as_str()),
                    "{place}/{member} is not of the format"
                );
            }
            for member in asked {
                assert!(object.contains_key(*member), "{place}/{member} is asked for");
            }
        }
        for (place, words) in WORDS {
            let word = report.pointer(place).and_then(Json::as_str);
            assert!(word.is_none_or(|word| words.contains(&word)), "{place}: {word:?}");
        }
        let components = report["infrastructure"]["components"].as_array().unwrap();
        assert!(components.iter().all(|part| part["nbComponent"].is_u64()));
        assert!(
            components
                .contains(&json!({"componentType": "gpu", "componentName": "NVIDIA A40", "nbComponent": 2}))
        );
        assert!(components.contains(&json!({"componentType": "ram", "nbComponent": 1, "memorySize": 252})));
        assert!(report["measures"][0]["powerConsumption"].is_f64());
        assert_eq!(
            report["measures"][0]["measurementDateTime"],
            "2026-01-05 09:00:00"
        );
    }
}
