//! What a set of runs comes to: its energy, its greenhouse gases worked out again, and how far the log differs.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;
use sobria_estimate::Reference;
use sobria_estimate::electricity::ZoneFactors;
use sobria_estimate::measurement::carbon::{Version, codecarbon_factor};

use super::{Bounds, Provenance, Run, Runs};

/// Greenhouse gases worked out again, in kilogrammes of CO₂ equivalent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Recomputed {
    /// With the factor used for the place.
    pub central: f64,
    /// With the low bound of the energy and the lowest factor known for the place.
    pub low: f64,
    /// With the high bound and the highest factor.
    pub high: f64,
}

impl Recomputed {
    fn of(run: &Run, factors: &ZoneFactors) -> Self {
        let range = run.energy_range_kwh;
        Self {
            central: run.energy_kwh * factors.central / 1000.0,
            low: range.low * factors.low / 1000.0,
            high: range.high * factors.high / 1000.0,
        }
    }

    fn add(&mut self, other: Self) {
        self.central += other.central;
        self.low += other.low;
        self.high += other.high;
    }
}

/// A run with what was worked out of it.
#[derive(Debug, Clone, Serialize)]
pub struct RunSummary<'r> {
    /// The run.
    #[serde(flatten)]
    pub run: &'r Run,
    /// Place of the factor; empty when nothing tells it.
    pub zone: &'r str,
    /// Greenhouse gases; none without a place.
    pub emissions_kg: Option<Recomputed>,
    /// Grammes per kWh that the log used.
    pub implied_g_per_kwh: Option<f64>,
    /// Grammes per kWh of that version for that country, when the version is known.
    pub version_g_per_kwh: Option<f64>,
    /// Whether it is counted in the totals: a task is not when its run is there.
    pub counted: bool,
}

/// A set of runs and its totals.
#[derive(Debug, Clone, Serialize)]
pub struct Summary<'r> {
    /// Rows read.
    pub rows: u64,
    /// Runs counted.
    pub runs: usize,
    /// Tasks read, counted or not.
    pub tasks: usize,
    /// Rows refused.
    pub refused: u64,
    /// Runs that failed, when the logs tell.
    pub failed: usize,
    /// Seconds of the runs counted.
    pub duration_s: f64,
    /// Kilowatt-hours of the runs counted.
    pub energy_kwh: f64,
    /// The same between its bounds.
    pub energy_range_kwh: Bounds,
    /// Share of that energy that a counter or a gauge measured; what the logs do not tell is not.
    pub measured_fraction: f64,
    /// Kilogrammes of CO₂ equivalent in the logs.
    pub logged_kg: f64,
    /// Kilogrammes worked out again, for the runs whose place is known.
    pub emissions_kg: Recomputed,
    /// Kilowatt-hours of the runs without a place, which are not in the greenhouse gases.
    pub energy_without_zone_kwh: f64,
    /// Codes of repairs, flags and refusals, with their number.
    pub issues: BTreeMap<&'static str, u64>,
    /// The runs and the tasks, in the order of time.
    #[serde(rename = "all")]
    pub lines: Vec<RunSummary<'r>>,
}

impl Runs {
    /// The totals. `zone` replaces the place of every run.
    ///
    /// ```
    /// use sobria_estimate::Reference;
    /// use sobria_exchange::measurements::Runs;
    ///
    /// let log = "timestamp,project_name,duration,emissions,energy_consumed,country_iso_code\n\
    ///     2021-03-01T10:00:00,essai,3600,0.011,0.2,FRA\n";
    /// let mut runs = Runs::default();
    /// runs.read(log.as_bytes(), "emissions.csv").unwrap();
    /// let summary = runs.summary(Reference::embedded(), None);
    /// assert!((summary.emissions_kg.central - 0.2 * 0.04144).abs() < 1e-12);
    /// assert_eq!(summary.logged_kg, 0.011);
    /// ```
    #[must_use]
    pub fn summary<'r>(&'r self, reference: &Reference, zone: Option<&'r str>) -> Summary<'r> {
        let all = self.all();
        let whole: HashSet<&str> = all
            .iter()
            .filter(|run| !run.is_task())
            .map(|run| run.run_id.as_str())
            .collect();
        let mut summary = Summary {
            rows: self.files.iter().map(|file| file.rows).sum(),
            runs: 0,
            tasks: all.iter().filter(|run| run.is_task()).count(),
            refused: self.refused_count,
            failed: 0,
            duration_s: 0.0,
            energy_kwh: 0.0,
            energy_range_kwh: Bounds::default(),
            measured_fraction: 0.0,
            logged_kg: 0.0,
            emissions_kg: Recomputed::default(),
            energy_without_zone_kwh: 0.0,
            issues: BTreeMap::new(),
            lines: Vec::with_capacity(all.len()),
        };
        let mut measured_kwh = 0.0;
        let mut without_run: HashSet<&str> = HashSet::new();
        let mut factors: BTreeMap<&str, Option<ZoneFactors>> = BTreeMap::new();
        for run in all {
            for repair in &run.repairs {
                *summary.issues.entry(repair.id()).or_default() += 1;
            }
            for flag in &run.flags {
                *summary.issues.entry(flag.id()).or_default() += 1;
            }
            let counted = !run.is_task() || !whole.contains(run.run_id.as_str());
            let place = zone.unwrap_or(&run.country);
            let known = factors
                .entry(place)
                .or_insert_with(|| ZoneFactors::of(reference, place));
            let emissions_kg = known.as_ref().map(|factors| Recomputed::of(run, factors));
            if counted {
                // The tasks of a run that has no row of its own are one run.
                if !run.is_task() || without_run.insert(&run.run_id) {
                    summary.runs += 1;
                }
                summary.failed += usize::from(run.failed == Some(true));
                summary.duration_s += run.duration_s.max(0.0);
                summary.energy_kwh += run.energy_kwh;
                summary.energy_range_kwh.add(run.energy_range_kwh);
                summary.logged_kg += run.logged_kg;
                measured_kwh += measured(run);
                match emissions_kg {
                    Some(kg) => summary.emissions_kg.add(kg),
                    None => summary.energy_without_zone_kwh += run.energy_kwh,
                }
            }
            summary.lines.push(RunSummary {
                run,
                zone: known.as_ref().map_or("", |_| place),
                emissions_kg,
                implied_g_per_kwh: (run.energy_kwh > 0.0).then(|| run.logged_kg / run.energy_kwh * 1000.0),
                version_g_per_kwh: Version::read(&run.tool_version)
                    .filter(|_| !run.country.is_empty())
                    .map(|version| codecarbon_factor(reference, &run.country, version).g_per_kwh),
                counted,
            });
        }
        for refused in &self.refused {
            *summary.issues.entry(refused.code).or_default() += 1;
        }
        if summary.energy_kwh > 0.0 {
            summary.measured_fraction = measured_kwh / summary.energy_kwh;
        }
        summary
    }
}

impl Summary<'_> {
    /// The request that keeps the total as an estimate: measured electricity in a place.
    ///
    /// None when the runs counted have no place, or several.
    #[must_use]
    pub fn request(&self) -> Option<String> {
        let zone = self.zone()?;
        let request = serde_json::json!({
            "method": "measurement",
            "kind": "measured_energy",
            "input": {
                "energy_kwh": self.energy_kwh,
                "energy_range_kwh": {"min": self.energy_range_kwh.low, "max": self.energy_range_kwh.high},
                "zone": zone,
                "measured_fraction": self.measured_fraction,
                "runs": self.runs,
                "duration_s": self.duration_s,
                "tool": self.tools(),
            },
        });
        Some(request.to_string())
    }

    /// The place of every run counted; none when one has no place, or when they have several.
    #[must_use]
    pub fn zone(&self) -> Option<&str> {
        let mut zones = self
            .lines
            .iter()
            .filter(|line| line.counted)
            .map(|line| line.zone);
        let zone = zones.next().filter(|zone| !zone.is_empty())?;
        zones.all(|other| other == zone).then_some(zone)
    }

    /// The programs that wrote the logs, with their versions: `CodeCarbon 2.3.5, 3.3.2 ; sobria measure 0.1.0`.
    #[must_use]
    pub fn tools(&self) -> String {
        let mut versions: Vec<(&str, &str)> = self
            .lines
            .iter()
            .map(|line| line.run.tool_version.as_str())
            .filter(|version| !version.is_empty())
            .map(|version| match version.strip_prefix("sobria/") {
                Some(own) => ("sobria measure", own),
                None => ("CodeCarbon", version),
            })
            .collect();
        versions.sort_unstable();
        versions.dedup();
        let named: Vec<String> = versions
            .chunk_by(|one, next| one.0 == next.0)
            .filter_map(|group| {
                let (name, _) = group.first()?;
                let versions: Vec<&str> = group.iter().map(|(_, version)| *version).collect();
                Some(format!("{name} {}", versions.join(", ")))
            })
            .collect();
        named.join("\u{202f}; ")
    }
}

fn measured(run: &Run) -> f64 {
    [
        (run.cpu_provenance, run.cpu_kwh),
        (run.gpu_provenance, run.gpu_kwh),
        (run.ram_provenance, run.ram_kwh),
    ]
    .into_iter()
    .filter(|(provenance, _)| *provenance == Provenance::Measured)
    .filter_map(|(_, energy)| energy)
    .sum()
}
