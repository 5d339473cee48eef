//! The record of a run: what each component drew, how it is known, between which bounds.

use serde::Serialize;

/// How an energy is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Provenance {
    /// A counter, or the gauge of the device.
    Measured,
    /// A formula from what was observed.
    Modelled,
    /// A constant.
    Assumed,
}

impl Provenance {
    /// The word, in French.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Measured => "mesuré",
            Self::Modelled => "calculé",
            Self::Assumed => "supposé",
        }
    }
}

/// One component.
#[derive(Debug, Clone, Serialize)]
pub struct Component {
    /// `cpu`, `gpu:0`, `ram`, `platform`, `machine`, `overhead`.
    pub id: String,
    /// How its energy is known.
    pub provenance: Provenance,
    /// Counter, formula or constant.
    pub source: String,
    /// Name of the device.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Mark that tells the device from others without giving its number.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub uuid_hash: String,
    /// Joules.
    pub energy_j: f64,
    /// At least.
    pub low_j: f64,
    /// At most.
    pub high_j: f64,
    /// Joules of them that a counter or a gauge gave.
    #[serde(skip)]
    pub measured_j: f64,
    /// Intervals whose counter could not be used.
    #[serde(skip_serializing_if = "is_zero")]
    pub invalid_intervals: u32,
    /// Whether the device is divided between several users.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// How the command ended.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Exit {
    /// Its code.
    pub code: Option<u8>,
    /// The signal that ended it.
    pub signal: Option<u8>,
}

/// A value and where it comes from.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Given {
    /// The value.
    pub value: f64,
    /// Given by the person, or supposed.
    pub provenance: &'static str,
}

/// What the processes of the command did.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Processes {
    /// Seconds on the processors.
    pub cpu_s: f64,
    /// Descendants seen alive together, at most.
    pub n_processes: usize,
    /// Most memory held by one of them, in bytes.
    pub rss_peak_bytes: f64,
    /// Joules of the processors that their work added, when the machine is measured.
    pub energy_dynamic_j: Option<f64>,
    /// The same with a share of what the machine draws without work.
    pub energy_with_idle_share_j: Option<f64>,
}

/// The carbon intensity used.
#[derive(Debug, Clone, Serialize)]
pub struct Intensity {
    /// Grammes per kWh.
    pub g_per_kwh: f64,
    /// Lowest known for the place.
    pub low_g_per_kwh: f64,
    /// Highest.
    pub high_g_per_kwh: f64,
    /// Place.
    pub zone: Option<String>,
    /// Where it was read.
    pub source: String,
}

/// A figure between two bounds.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Bracket {
    /// The figure.
    pub central: f64,
    /// At least.
    pub low: f64,
    /// At most.
    pub high: f64,
}

/// What the measure itself cost.
#[derive(Debug, Clone, Serialize)]
pub struct Tool {
    /// Version.
    pub version: &'static str,
    /// Seconds on the processors.
    pub cpu_s: f64,
    /// Most memory held, in bytes.
    pub rss_peak_bytes: f64,
    /// Seconds between two readings.
    pub interval_s: f64,
}

/// The record of a run.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    /// Name and version of the format.
    pub schema: &'static str,
    /// Identifier of the run.
    pub run_id: String,
    /// Name given to the run.
    pub name: String,
    /// The program; its arguments only when asked.
    pub command: Vec<String>,
    /// Mark of the whole command line, which tells two runs of the same command.
    pub command_hash: String,
    /// How it ended; nothing while it runs.
    pub exit: Option<Exit>,
    /// When it began.
    pub start: String,
    /// Seconds, sleep apart.
    pub duration_s: f64,
    /// Seconds that the machine slept.
    pub suspended_s: f64,
    /// `machine` or `process`.
    pub scope: &'static str,
    /// Components.
    pub components: Vec<Component>,
    /// Share of the energy that was measured.
    pub measured_fraction: f64,
    /// Kilowatt-hours of the machine.
    pub it_energy_kwh: f64,
    /// The same between its bounds.
    pub it_energy_range_kwh: Bracket,
    /// Efficiency of the room.
    pub pue: Given,
    /// Kilowatt-hours with those of the room.
    pub facility_energy_kwh: f64,
    /// What the command's processes did.
    pub process: Processes,
    /// Carbon intensity.
    pub intensity: Intensity,
    /// Grammes of CO₂ equivalent.
    pub emissions_g: Bracket,
    /// Litres of water; nothing when the efficiency of the room is not given.
    pub water_l: Option<f64>,
    /// What the measure cost.
    pub tool: Tool,
    /// What a reader must know, in French.
    pub warnings: Vec<String>,
    /// What the machine is.
    pub machine: MachineWords,
}

/// What the machine is, in the words of the other formats.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MachineWords {
    /// Name of the system.
    pub os: &'static str,
    /// Processor.
    pub cpu_model: String,
    /// Threads.
    pub threads: u32,
    /// Memory, in GiB.
    pub memory_gib: f64,
}

/// Sum of the bounds: measured components are independent, the others may all err the same way.
pub fn total(components: &[Component]) -> Bracket {
    let mut central = 0.0;
    let (mut low, mut high) = (0.0, 0.0);
    let (mut low_squares, mut high_squares) = (0.0, 0.0);
    for component in components {
        central += component.energy_j;
        let (below, above) = (
            component.energy_j - component.low_j,
            component.high_j - component.energy_j,
        );
        if component.provenance == Provenance::Measured {
            low_squares += below * below;
            high_squares += above * above;
        } else {
            low += below;
            high += above;
        }
    }
    Bracket {
        central,
        low: (central - low - f64::sqrt(low_squares)).max(0.0),
        high: central + high + f64::sqrt(high_squares),
    }
}
