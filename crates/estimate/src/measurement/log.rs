//! What the columns of a CodeCarbon log tell, and whether the figures of a row agree with each other.

use serde::Serialize;

use crate::measurement::power::JOULES_PER_KWH;

/// Generation of a log: the first version that wrote such columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Generation {
    /// Eleven columns, one energy.
    #[serde(rename = "v1")]
    V1,
    /// Runs, powers and an energy for each component.
    #[serde(rename = "v2.0")]
    V2_0,
    /// Version of the tool, then PUE.
    #[serde(rename = "v2.2")]
    V2_2,
    /// Experiments.
    #[serde(rename = "v2.7")]
    V2_7,
    /// Water.
    #[serde(rename = "v3.0.8")]
    V3_0_8,
    /// Use of processors and memory.
    #[serde(rename = "v3.2.9")]
    V3_2_9,
}

impl Generation {
    /// Name of the generation.
    ///
    /// ```
    /// use sobria_estimate::measurement::log::Generation;
    ///
    /// assert_eq!(Generation::V2_7.id(), "v2.7");
    /// ```
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2_0 => "v2.0",
            Self::V2_2 => "v2.2",
            Self::V2_7 => "v2.7",
            Self::V3_0_8 => "v3.0.8",
            Self::V3_2_9 => "v3.2.9",
        }
    }
}

/// What the rows of a log are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Rows {
    /// Runs.
    Run,
    /// Tasks of a run.
    Task,
}

/// What a header tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Header {
    /// Generation.
    pub generation: Generation,
    /// Columns.
    pub n_columns: usize,
    /// What the rows are.
    pub kind: Rows,
}

/// Reads the names of the columns; none when they are not those of a CodeCarbon log.
///
/// ```
/// use sobria_estimate::measurement::log::{Generation, Rows, header};
///
/// let v1 = "timestamp,project_name,duration,emissions,energy_consumed,country_name,country_iso_code,region,on_cloud,\
///     cloud_provider,cloud_region";
/// let read = header(&v1.split(',').collect::<Vec<_>>()).unwrap();
/// assert_eq!((read.generation, read.n_columns, read.kind), (Generation::V1, 11, Rows::Run));
/// assert_eq!(header(&["date", "kwh"]), None);
/// ```
#[must_use]
pub fn header(columns: &[&str]) -> Option<Header> {
    let has = |name: &str| columns.contains(&name);
    if !["timestamp", "duration", "emissions", "energy_consumed"]
        .into_iter()
        .all(has)
    {
        return None;
    }
    let generation = if has("cpu_utilization_percent") || has("ram_used_gb") {
        Generation::V3_2_9
    } else if has("water_consumed") || has("wue") {
        Generation::V3_0_8
    } else if has("experiment_id") && has("cpu_power") {
        Generation::V2_7
    } else if has("codecarbon_version") || has("pue") {
        Generation::V2_2
    } else if has("cpu_power") || has("run_id") {
        Generation::V2_0
    } else {
        Generation::V1
    };
    Some(Header {
        generation,
        n_columns: columns.len(),
        kind: if has("task_name") { Rows::Task } else { Rows::Run },
    })
}

/// Figures of one row.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Row {
    /// Seconds.
    pub duration_s: f64,
    /// Watts of the processor.
    pub cpu_power_w: f64,
    /// Watts of the graphics boards.
    pub gpu_power_w: f64,
    /// Watts of the memory.
    pub ram_power_w: f64,
    /// Kilowatt-hours of the processor.
    pub cpu_energy_kwh: f64,
    /// Kilowatt-hours of the graphics boards.
    pub gpu_energy_kwh: f64,
    /// Kilowatt-hours of the memory.
    pub ram_energy_kwh: f64,
    /// Kilowatt-hours in all.
    pub energy_kwh: f64,
    /// Power usage effectiveness that the energies hold and the powers do not.
    pub pue: f64,
}

/// How far the figures of a row may disagree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// Between the sum of the components and the total, relative to the total.
    pub sum_rel_tol: f64,
    /// Between power × duration and the total, relative to the total.
    pub power_energy_rel_tol: f64,
    /// Largest power of a component, in watts.
    pub max_power_w: f64,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            sum_rel_tol: 0.001,
            power_energy_rel_tol: 0.25,
            max_power_w: 20_000.0,
        }
    }
}

/// Something that does not fit in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// The components do not add up to the total.
    SumMismatch,
    /// Power × duration is far from the energy, which is the figure to keep.
    PowerEnergyMismatch,
    /// The duration is below zero, as some versions wrote it for tasks.
    NegativeDuration,
    /// A power is above what one machine draws.
    ImplausiblePower,
}

impl Flag {
    /// Name of the flag.
    ///
    /// ```
    /// use sobria_estimate::measurement::log::Flag;
    ///
    /// assert_eq!(Flag::SumMismatch.id(), "sum_mismatch");
    /// ```
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::SumMismatch => "sum_mismatch",
            Self::PowerEnergyMismatch => "power_energy_mismatch",
            Self::NegativeDuration => "negative_duration",
            Self::ImplausiblePower => "implausible_power",
        }
    }
}

/// What does not fit in a row.
///
/// ```
/// use sobria_estimate::measurement::log::{Flag, Row, Rules, check};
///
/// let row = Row { duration_s: -1.0, cpu_energy_kwh: 0.05, energy_kwh: 0.05, pue: 1.0, ..Row::default() };
/// assert_eq!(check(&row, &Rules::default()), [Flag::NegativeDuration]);
/// ```
#[must_use]
pub fn check(row: &Row, rules: &Rules) -> Vec<Flag> {
    let apart =
        |found: f64, tolerance: f64| (found - row.energy_kwh).abs() > tolerance * row.energy_kwh.abs();
    let mut flags = Vec::new();
    if apart(
        row.cpu_energy_kwh + row.gpu_energy_kwh + row.ram_energy_kwh,
        rules.sum_rel_tol,
    ) {
        flags.push(Flag::SumMismatch);
    }
    let power_w = row.cpu_power_w + row.gpu_power_w + row.ram_power_w;
    if row.duration_s > 0.0
        && apart(
            power_w * row.duration_s * row.pue / JOULES_PER_KWH,
            rules.power_energy_rel_tol,
        )
    {
        flags.push(Flag::PowerEnergyMismatch);
    }
    if row.duration_s < 0.0 {
        flags.push(Flag::NegativeDuration);
    }
    if [row.cpu_power_w, row.gpu_power_w, row.ram_power_w]
        .into_iter()
        .any(|power| power > rules.max_power_w)
    {
        flags.push(Flag::ImplausiblePower);
    }
    flags
}
