//! Measured energy: from counters, gauges and loads to joules, then to greenhouse gases; and the reading of logs.
//!
//! Each step is a function of its own, and a kind of request: the arithmetic of a measure can be checked from outside.
//!
//! ```
//! use sobria_estimate::{Reference, document};
//!
//! let request = r#"{"id":"a","method":"measurement","kind":"rapl_delta",
//!     "input":{"start_uj":900,"end_uj":1900,"max_energy_range_uj":5000,"dt_s":1}}"#;
//! let mut out = Vec::new();
//! document::answer(Reference::embedded(), request).write(&mut out);
//! assert!(String::from_utf8(out).unwrap().contains(r#""energy_uj":1000"#));
//! ```

pub mod carbon;
pub mod cpu;
pub mod gpu;
pub mod log;
pub mod number;
mod output;
pub mod power;
pub mod ram;
pub mod rapl;
mod read;
pub mod share;

use std::borrow::Cow;

pub use output::{Measured, Output};
pub(crate) use read::kind_of;

use crate::code::Code;
use crate::electricity::ZoneFactors;
use crate::llm::Bounds;
use crate::provenance::Assumption;
use crate::reference::Reference;

/// Version of the method.
pub const METHOD_VERSION: &str = "sobria-measurement/1";

/// A step of a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Energy of powers that are each the mean of an interval.
    EnergyFromIntervalPower,
    /// Energy of powers read at an instant.
    EnergyFromInstantPower,
    /// Gain of a counter of the processor.
    RaplDelta,
    /// Time in which such a counter starts again.
    RaplMaxInterval,
    /// Choice of the counters to add up.
    RaplDomains,
    /// Energy of graphics boards.
    GpuCounter,
    /// Power of a processor without counter.
    CpuPowerModel,
    /// Design power of an unknown processor.
    CpuDefaultTdp,
    /// Share of a command.
    ProcessShare,
    /// Power of memory.
    RamPower,
    /// Greenhouse gases with the factors of CodeCarbon.
    EmissionsCountry,
    /// Greenhouse gases with a given factor.
    EmissionsForced,
    /// Greenhouse gases that a version of CodeCarbon wrote.
    EmissionsRecompute,
    /// Electricity and water of a place.
    PueWue,
    /// Generation of a log.
    CsvGeneration,
    /// Checks of a row of a log.
    ImportChecks,
    /// Design power of a processor by its name.
    TdpMatch,
    /// Measured electricity in a place.
    MeasuredEnergy,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 18] = [
        Self::EnergyFromIntervalPower,
        Self::EnergyFromInstantPower,
        Self::RaplDelta,
        Self::RaplMaxInterval,
        Self::RaplDomains,
        Self::GpuCounter,
        Self::CpuPowerModel,
        Self::CpuDefaultTdp,
        Self::ProcessShare,
        Self::RamPower,
        Self::EmissionsCountry,
        Self::EmissionsForced,
        Self::EmissionsRecompute,
        Self::PueWue,
        Self::CsvGeneration,
        Self::ImportChecks,
        Self::TdpMatch,
        Self::MeasuredEnergy,
    ];

    /// Name in requests.
    ///
    /// ```
    /// use sobria_estimate::measurement::Kind;
    ///
    /// assert_eq!(Kind::RaplDelta.id(), "rapl_delta");
    /// ```
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::EnergyFromIntervalPower => "energy_from_interval_power",
            Self::EnergyFromInstantPower => "energy_from_instant_power",
            Self::RaplDelta => "rapl_delta",
            Self::RaplMaxInterval => "rapl_max_interval",
            Self::RaplDomains => "rapl_domains",
            Self::GpuCounter => "gpu_counter",
            Self::CpuPowerModel => "cpu_power_model",
            Self::CpuDefaultTdp => "cpu_default_tdp",
            Self::ProcessShare => "process_share",
            Self::RamPower => "ram_power",
            Self::EmissionsCountry => "emissions_country",
            Self::EmissionsForced => "emissions_forced",
            Self::EmissionsRecompute => "emissions_recompute",
            Self::PueWue => "pue_wue",
            Self::CsvGeneration => "csv_generation",
            Self::ImportChecks => "import_checks",
            Self::TdpMatch => "tdp_match",
            Self::MeasuredEnergy => "measured_energy",
        }
    }

    /// The kind of a name.
    ///
    /// ```
    /// use sobria_estimate::measurement::Kind;
    ///
    /// assert_eq!(Kind::find("ram_power"), Some(Kind::RamPower));
    /// assert_eq!(Kind::find("disk_power"), None);
    /// ```
    #[must_use]
    pub fn find(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id() == id)
    }
}

/// A zone of the powercap class, as a request gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain<'a> {
    /// Name of its directory.
    pub path: Cow<'a, str>,
    /// Content of its `name` file.
    pub name: Cow<'a, str>,
    /// Microjoules gained; none when it cannot be read.
    pub delta_uj: Option<u64>,
}

/// A formula for the power of a processor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CpuModel {
    /// The project's own, at a load from 0 to 1.
    SobriaLoad(f64),
    /// CodeCarbon 3, whole machine, at a load from 0 to 1.
    CodeCarbon3Machine(f64),
    /// CodeCarbon 3, one process.
    CodeCarbon3Process {
        /// Seconds on the processors.
        cpu_seconds: f64,
        /// Seconds of the interval.
        interval_s: f64,
        /// Threads of the machine.
        threads: f64,
    },
    /// CodeCarbon 2.
    CodeCarbonConstant,
    /// CodeCarbon 3, written for Threadripper, at a load from 0 to 1.
    CodeCarbon3Threadripper(f64),
}

/// A formula for the power of memory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RamModel {
    /// CodeCarbon 3: a likely number of modules.
    Modules {
        /// Size, in GiB.
        gb: f64,
        /// Family of the processor.
        architecture: ram::Architecture,
    },
    /// CodeCarbon 2, of a size in GB.
    PerGbCodeCarbon(f64),
    /// Green Algorithms, of a size in GB.
    PerGbGreenAlgorithms(f64),
    /// A known number of modules.
    Slots(f64),
}

/// One step with its values.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "fields are those of the functions named, documented there"
)]
pub enum Input<'a> {
    /// [`power::of_means`].
    IntervalPower(Vec<power::Sample>),
    /// [`power::of_instants`].
    InstantPower(Vec<power::Sample>),
    /// [`rapl::delta`].
    RaplDelta {
        start_uj: u64,
        end_uj: u64,
        max_energy_range_uj: u64,
        dt_s: f64,
    },
    /// [`rapl::wrap_after_s`].
    RaplMaxInterval { power_w: f64, max_energy_range_uj: u64 },
    /// [`rapl::choose`].
    RaplDomains(Vec<Domain<'a>>),
    /// [`gpu::energy_kwh`].
    GpuCounter(Vec<gpu::Counter>),
    /// The functions of [`cpu`].
    CpuPower { model: CpuModel, tdp_w: f64 },
    /// [`cpu::UNKNOWN_W_PER_THREAD`].
    CpuDefaultTdp { threads: f64, model_known: bool },
    /// [`share::of_command`].
    ProcessShare {
        machine_energy_j: f64,
        idle_energy_j: f64,
        process_cpu_s: f64,
        machine_busy_cpu_s: f64,
    },
    /// The functions of [`ram`].
    RamPower(RamModel),
    /// [`carbon::codecarbon_factor`].
    EmissionsCountry {
        energy_kwh: f64,
        country: Cow<'a, str>,
        version: carbon::Version,
    },
    /// [`carbon::emissions_kg`].
    EmissionsForced { energy_kwh: f64, g_per_kwh: f64 },
    /// [`carbon::codecarbon_factor`].
    EmissionsRecompute {
        energy_kwh: f64,
        country: Cow<'a, str>,
        version: carbon::Version,
    },
    /// [`carbon::facility`].
    PueWue {
        it_energy_kwh: f64,
        pue: f64,
        wue_l_per_kwh: f64,
    },
    /// [`log::header`], of a header written with commas.
    CsvGeneration(Cow<'a, str>),
    /// [`log::check`].
    ImportChecks { row: log::Row, rules: log::Rules },
    /// [`cpu::tdp`].
    TdpMatch(Cow<'a, str>),
    /// Electricity that was measured, and its greenhouse gases in a place.
    MeasuredEnergy {
        energy_kwh: Bounds,
        /// Bounds of the energy when `energy_kwh` is one figure to quote.
        energy_range_kwh: Option<Bounds>,
        zone: Cow<'a, str>,
        measured_fraction: Option<f64>,
    },
}

/// What a step gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Figures.
    pub output: Output,
    /// Codes of the warnings.
    pub warnings: Vec<Code>,
    /// Values that were not in the request.
    pub assumptions: Vec<Assumption>,
}

/// Makes one step.
///
/// # Errors
/// `not-a-log` for a header that is not one of CodeCarbon's; `result-too-large`.
///
/// ```
/// use sobria_estimate::Reference;
/// use sobria_estimate::measurement::{Input, Output, estimate};
///
/// let step = Input::EmissionsForced { energy_kwh: 2.0, g_per_kwh: 50.0 };
/// let made = estimate(Reference::embedded(), &step).unwrap();
/// assert!(matches!(made.output, Output::Emissions { emissions_kg, .. } if emissions_kg == 0.1));
/// ```
pub fn estimate(reference: &Reference, input: &Input<'_>) -> Result<Outcome, Vec<Code>> {
    let mut made = Outcome {
        output: Output::of(reference, input)?,
        warnings: Vec::new(),
        assumptions: Vec::new(),
    };
    if !made.output.is_finite() {
        return Err(vec![Code::Borrowed("result-too-large")]);
    }
    match input {
        Input::EmissionsCountry { country, version, .. }
        | Input::EmissionsRecompute { country, version, .. } => {
            let factor = carbon::codecarbon_factor(reference, country, *version);
            if factor.world {
                made.warnings.push(Code::Borrowed("zone-replaced-by-world"));
                made.assumptions.push(Assumption::default(
                    "country_iso3",
                    factor.g_per_kwh,
                    "gCO2e/kWh",
                    "Agence internationale de l’énergie 2019, valeur mondiale reprise par CodeCarbon",
                ));
            } else {
                made.assumptions.push(Assumption::table(
                    "country_iso3",
                    factor.g_per_kwh,
                    "gCO2e/kWh",
                    "Facteurs employés par CodeCarbon (Our World in Data)",
                ));
            }
        }
        Input::TdpMatch(raw) => match cpu::tdp(reference, raw) {
            Some(row) => {
                made.assumptions
                    .push(Assumption::table("cpu_model_raw", row.tdp_w, "W", row.source))
            }
            None => made.warnings.push(Code::Borrowed("processor-not-known")),
        },
        Input::MeasuredEnergy { zone, .. } => {
            let held = ZoneFactors::of(reference, zone)
                .map(|factors| factors.held)
                .unwrap_or_default();
            made.assumptions.extend(
                held.into_iter()
                    .map(|factor| Assumption::table("zone", factor.g_per_kwh, "gCO2e/kWh", factor.source)),
            );
        }
        Input::CpuDefaultTdp { .. } => made.assumptions.push(Assumption::default(
            "n_threads",
            cpu::UNKNOWN_W_PER_THREAD,
            "W",
            "CodeCarbon 3\u{a0}: watts par fil d’un processeur inconnu",
        )),
        _ => {}
    }
    Ok(made)
}
