//! Electricity and greenhouse gases of a computation, from its declared duration and hardware, as Green Algorithms 3.0
//! estimates them.
//!
//! The method, its limits and the known defects of its reference are in `docs/methods/compute-job.md`.

mod input;
mod output;
mod place;

use sobria_quantity::{GCo2e, GCo2ePerKwh, Interval, KilowattHours, OutOfRange, Pue, Quantity, Watts};

pub use input::{Ai, Input, Job};
pub use output::{
    AiOutput, Amount, AmountRange, Components, InferenceOutput, ItEnergy, JobOutput, Outcome, Output,
    TrainingOutput,
};

use crate::code::Code;
use crate::provenance::Assumption;
use crate::reference::Reference;
use input::{Calendar, Period, Platform};

/// Version of the method, as answers carry it.
pub const METHOD_VERSION: &str = "green-algorithms-3.0/1";

/// Power of memory, in watts per GB.
pub const MEMORY_W_PER_GB: f64 = 0.3725;
/// Lowest power of memory found in measurements, in watts per GB.
pub const MEMORY_W_PER_GB_LOW: f64 = 0.08;

const METHOD_SOURCE: &str = "Green Algorithms 3.0";
const TOO_LARGE: Code = Code::Borrowed("result-too-large");

/// A central value with its low and high ones.
#[derive(Debug, Clone, Copy)]
struct Spread {
    low: f64,
    central: f64,
    high: f64,
}

impl Spread {
    const fn known(value: f64) -> Self {
        Self {
            low: value,
            central: value,
            high: value,
        }
    }

    const ZERO: Self = Self::known(0.0);

    /// A spread whose bounds never cross its centre.
    const fn around(low: f64, central: f64, high: f64) -> Self {
        Self {
            low: low.min(central),
            central,
            high: high.max(central),
        }
    }
}

/// One kind of processor in a job: units × watts × usage.
struct Load {
    count: f64,
    watts: Spread,
    usage: Spread,
}

impl Load {
    const NONE: Self = Self {
        count: 0.0,
        watts: Spread::ZERO,
        usage: Spread::ZERO,
    };
}

/// Everything that the formulas need.
struct Settled {
    runtime_h: f64,
    runs: f64,
    cpu: Load,
    gpu: Load,
    memory_gb: f64,
    pue: Spread,
    intensity: Spread,
}

/// Power of the three components, in watts.
struct Power {
    cpu: f64,
    gpu: f64,
    memory: f64,
}

impl Power {
    fn sum(&self) -> f64 {
        self.cpu + self.gpu + self.memory
    }
}

/// Result of the formulas for one choice of bounds.
struct Figures {
    /// Power with the data centre.
    power: Power,
    energy: KilowattHours,
    carbon: GCo2e,
}

impl Settled {
    /// Power of the components: the effectiveness comes first in the product, as in the reference.
    fn power(&self, pue: f64, side: fn(Spread) -> f64) -> Power {
        let of = |load: &Load| pue * load.count * side(load.watts) * side(load.usage);
        Power {
            cpu: of(&self.cpu),
            gpu: of(&self.gpu),
            memory: pue * (self.memory_gb * side(MEMORY)),
        }
    }

    /// Energy of a power over all runs, in kWh.
    fn kwh(&self, watts: f64) -> f64 {
        self.runtime_h * watts * self.runs / 1000.0
    }

    fn run(&self, side: fn(Spread) -> f64) -> Result<Figures, Code> {
        let pue = Pue::try_new(side(self.pue)).map_err(too_large)?;
        let intensity = GCo2ePerKwh::try_new(side(self.intensity)).map_err(too_large)?;
        let power = self.power(pue.get(), side);
        Watts::try_new(power.sum()).map_err(too_large)?;
        let energy = KilowattHours::try_new(self.kwh(power.sum())).map_err(too_large)?;
        Ok(Figures {
            power,
            energy: bounded(energy)?,
            carbon: bounded(energy * intensity)?,
        })
    }
}

const MEMORY: Spread = Spread {
    low: MEMORY_W_PER_GB_LOW,
    central: MEMORY_W_PER_GB,
    high: MEMORY_W_PER_GB,
};

fn too_large(_: OutOfRange) -> Code {
    TOO_LARGE
}

fn bounded<Q: Quantity>(value: Q) -> Result<Q, Code> {
    if value.is_saturated() {
        Err(TOO_LARGE)
    } else {
        Ok(value)
    }
}

/// Codes and notes gathered for one job; `prefix` is `training.`, `inference.` or nothing.
struct Gathered {
    prefix: &'static str,
    errors: Vec<Code>,
    warnings: Vec<Code>,
    notes: Vec<Assumption>,
}

impl Gathered {
    const fn new(prefix: &'static str) -> Self {
        Self {
            prefix,
            errors: Vec::new(),
            warnings: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn code(&self, code: &'static str) -> Code {
        if self.prefix.is_empty() {
            Code::Borrowed(code)
        } else {
            Code::Owned(format!("{}{code}", self.prefix))
        }
    }

    fn fail(&mut self, code: &'static str) {
        let code = self.code(code);
        self.errors.push(code);
    }

    fn warn(&mut self, code: &'static str) {
        let code = self.code(code);
        self.warnings.push(code);
    }

    fn note(&mut self, mut note: Assumption) {
        if !self.prefix.is_empty() {
            note.field = format!("{}{}", self.prefix, note.field).into();
        }
        self.notes.push(note);
    }
}

/// Estimates one job, or a training and its use.
///
/// # Errors
/// Every error found, in the order of `docs/methods/compute-job.md`.
///
/// ```
/// use sobria_estimate::{Reference, compute};
///
/// let job = compute::Job {
///     runtime_h: Some(12.0),
///     n_cpu_cores: Some(12.0),
///     cpu_model: Some("Xeon E5-2683 v4".into()),
///     memory_gb: Some(64.0),
///     zone: Some("FR".into()),
///     ..compute::Job::default()
/// };
/// let outcome = compute::estimate(Reference::embedded(), &compute::Input::Job(Box::new(job))).unwrap();
/// let compute::Output::Job(output) = &outcome.output else { panic!() };
/// assert_eq!((output.energy_kwh * 10_000.0).round() / 10_000.0, 2.1311);
/// ```
pub fn estimate(reference: &Reference, input: &Input<'_>) -> Result<Outcome, Vec<Code>> {
    match input {
        Input::Job(job) => {
            let mut gathered = Gathered::new("");
            let output =
                one_job(reference, job, &mut gathered).ok_or_else(|| std::mem::take(&mut gathered.errors))?;
            Ok(Outcome {
                output: Output::Job(output),
                warnings: gathered.warnings,
                assumptions: gathered.notes,
            })
        }
        Input::Ai(ai) => both(reference, ai),
    }
}

/// The figures of a job, or errors in `gathered`.
fn one_job(reference: &Reference, job: &Job<'_>, gathered: &mut Gathered) -> Option<JobOutput> {
    job.check(gathered.prefix, &mut gathered.errors);
    let settled = settle(reference, job, gathered)?;
    match figures(&settled) {
        Ok(output) => Some(output),
        Err(code) => {
            gathered.errors.push(code);
            None
        }
    }
}

fn figures(settled: &Settled) -> Result<JobOutput, Code> {
    let central = settled.run(|spread| spread.central)?;
    let low = settled.run(|spread| spread.low)?;
    let high = settled.run(|spread| spread.high)?;
    let intensity = settled.intensity.central;
    let machines = settled.power(1.0, |spread| spread.central);
    let carbon = |watts: f64| settled.kwh(watts) * intensity;
    Ok(JobOutput {
        energy_kwh: central.energy.get(),
        carbon_g: central.carbon.get(),
        power_w: central.power.sum(),
        pue: settled.pue.central,
        carbon_intensity_g_per_kwh: intensity,
        it_energy_kwh: ItEnergy {
            cpu: settled.kwh(machines.cpu),
            gpu: settled.kwh(machines.gpu),
            memory: settled.kwh(machines.memory),
            total: settled.kwh(machines.sum()),
        },
        carbon_by_component_g: Components {
            cpu: carbon(central.power.cpu),
            gpu: carbon(central.power.gpu),
            memory: carbon(central.power.memory),
        },
        range: AmountRange {
            energy_kwh: Interval::spanning(low.energy, high.energy),
            carbon_g: Interval::spanning(low.carbon, high.carbon),
        },
    })
}

fn settle(reference: &Reference, job: &Job<'_>, gathered: &mut Gathered) -> Option<Settled> {
    let cpu = load(reference, &Kind::CPU, job.cpu(), gathered);
    let gpu = load(reference, &Kind::GPU, job.gpu(), gathered);
    if cpu.is_none() || gpu.is_none() {
        gathered.fail("unknown-processor");
    }
    gathered.note(Assumption::default(
        "memory_w_per_gb",
        MEMORY_W_PER_GB,
        "W/Go",
        METHOD_SOURCE,
    ));
    let (pue, intensity) = place::settle(reference, job, gathered)?;
    if !gathered.errors.is_empty() {
        return None;
    }
    match job.psf {
        Some(psf) => gathered.note(Assumption::user("psf", psf, "")),
        None => gathered.note(Assumption::default("psf", 1.0, "", METHOD_SOURCE)),
    }
    Some(Settled {
        runtime_h: job.runtime_h?,
        runs: job.psf.unwrap_or(1.0),
        cpu: cpu?,
        gpu: gpu?,
        memory_gb: job.memory_gb?,
        pue,
        intensity,
    })
}

/// What tells processors from accelerators.
struct Kind {
    is_cpu: bool,
    model: &'static str,
    watts: &'static str,
    usage: &'static str,
    default_warning: &'static str,
    usage_warning: &'static str,
    /// Bounds when nothing is known of the processor, in watts.
    any: [f64; 2],
    /// Bounds around the power of a known one, as factors.
    table: [f64; 2],
}

impl Kind {
    const CPU: Self = Self {
        is_cpu: true,
        model: "cpu_model",
        watts: "cpu_tdp_per_core_w",
        usage: "cpu_usage",
        default_warning: "default-processor:cpu",
        usage_warning: "usage-assumed-full:cpu",
        any: [6.5, 12.5],
        table: [0.7, 1.2],
    };
    const GPU: Self = Self {
        is_cpu: false,
        model: "gpu_model",
        watts: "gpu_tdp_w",
        usage: "gpu_usage",
        default_warning: "default-processor:gpu",
        usage_warning: "usage-assumed-full:gpu",
        any: [70.0, 700.0],
        table: [0.6, 1.0],
    };
}

/// The processors of one kind; `None` when their model is unknown.
fn load(
    reference: &Reference,
    kind: &Kind,
    (count, model, watts, usage): (Option<f64>, Option<&str>, Option<f64>, Option<f64>),
    gathered: &mut Gathered,
) -> Option<Load> {
    let count = count.unwrap_or(0.0);
    if count <= 0.0 {
        return Some(Load::NONE);
    }
    let watts = if let Some(watts) = watts {
        gathered.note(Assumption::user(kind.watts, watts, "W"));
        Spread::known(watts)
    } else {
        let name = model.unwrap_or("Any");
        let row = reference.processor(kind.is_cpu, name)?;
        let any = name == "Any";
        gathered.note(if model.is_some() {
            Assumption::user(kind.model, row.model, "")
        } else {
            Assumption::default(kind.model, row.model, "", METHOD_SOURCE)
        });
        gathered.note(Assumption::table(kind.watts, row.w_per_core, "W", row.source));
        if any {
            gathered.warn(kind.default_warning);
            Spread::around(kind.any[0], row.w_per_core, kind.any[1])
        } else {
            Spread::around(
                row.w_per_core * kind.table[0],
                row.w_per_core,
                row.w_per_core * kind.table[1],
            )
        }
    };
    let usage = if let Some(usage) = usage {
        gathered.note(Assumption::user(kind.usage, usage, ""));
        Spread::known(usage)
    } else {
        gathered.note(Assumption::default(kind.usage, 1.0, "", METHOD_SOURCE));
        gathered.warn(kind.usage_warning);
        Spread::around(0.5, 1.0, 1.0)
    };
    Some(Load { count, watts, usage })
}

/// Estimates a training, its use, and their sum over a period.
fn both(reference: &Reference, ai: &Ai<'_>) -> Result<Outcome, Vec<Code>> {
    let mut training = Gathered::new("training.");
    let mut inference = Gathered::new("inference.");
    let main = ai
        .training
        .as_ref()
        .and_then(|job| one_job(reference, job, &mut training));
    let period = ai
        .inference
        .as_ref()
        .and_then(|job| one_job(reference, job, &mut inference));
    let mut errors = training.errors;
    errors.append(&mut inference.errors);
    ai.check(&mut errors);
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut warnings = training.warnings;
    warnings.append(&mut inference.warnings);
    let mut assumptions = training.notes;
    assumptions.append(&mut inference.notes);
    let output = assemble(ai, main.as_ref(), period.as_ref(), &mut assumptions).map_err(|code| vec![code])?;
    Ok(Outcome {
        output: Output::Ai(output),
        warnings,
        assumptions,
    })
}

fn assemble(
    ai: &Ai<'_>,
    main: Option<&JobOutput>,
    period: Option<&JobOutput>,
    notes: &mut Vec<Assumption>,
) -> Result<AiOutput, Code> {
    let mut total = Amount::ZERO;
    let mut range = AmountRange::ZERO;
    let training = match main {
        None => None,
        Some(job) => {
            let rd = ai.rd_factor.unwrap_or(0.0);
            let (count, size) = (
                ai.n_retrainings.unwrap_or(0.0),
                ai.retraining_factor.unwrap_or(0.0),
            );
            for (field, given) in [
                ("rd_factor", ai.rd_factor),
                ("n_retrainings", ai.n_retrainings),
                ("retraining_factor", ai.retraining_factor),
            ] {
                notes.push(match given {
                    Some(given) => Assumption::user(field, given, ""),
                    None => Assumption::default(field, 0.0, "", METHOD_SOURCE),
                });
            }
            let whole = 1.0 + rd + count * size;
            let amount = Amount::of(job);
            let part = TrainingOutput {
                main: amount,
                rd: amount.times(rd)?,
                retrainings: amount.times(size)?.times(count)?,
                total: amount.times(whole)?,
            };
            total = total.plus(&part.total);
            range = range.plus(&job.range.times(whole)?);
            Some(part)
        }
    };
    let inference = match period {
        None => None,
        Some(job) => {
            let scale = scale(ai, notes);
            let amount = Amount::of(job);
            let part = InferenceOutput {
                one_period: amount,
                scale_factor: scale,
                total: amount.times(scale)?,
            };
            total = total.plus(&part.total);
            range = range.plus(&job.range.times(scale)?);
            Some(part)
        }
    };
    if range.is_saturated() || !total.is_finite() {
        return Err(TOO_LARGE);
    }
    Ok(AiOutput {
        training,
        inference,
        total,
        range,
    })
}

/// How many described periods the reporting period holds; 1 unless the use is continuous.
fn scale(ai: &Ai<'_>, notes: &mut Vec<Assumption>) -> f64 {
    if ai.continuous != Some(true) {
        return 1.0;
    }
    let calendar = ai.calendar().unwrap_or(Calendar::Civil);
    notes.push(match ai.calendar {
        Some(_) => Assumption::user("calendar", calendar.id(), ""),
        None => Assumption::default("calendar", calendar.id(), "", "365,25 jours par an"),
    });
    let input_unit = ai.input_period().unwrap_or(Period::Month);
    let reporting_unit = ai.reporting_period().unwrap_or(Period::Year);
    for (field, given, unit) in [
        ("input_period_unit", ai.input_period_unit.is_some(), input_unit),
        (
            "reporting_period_unit",
            ai.reporting_period_unit.is_some(),
            reporting_unit,
        ),
    ] {
        notes.push(if given {
            Assumption::user(field, unit.id(), "")
        } else {
            Assumption::default(field, unit.id(), "", METHOD_SOURCE)
        });
    }
    for (field, given) in [
        ("input_period_value", ai.input_period_value),
        ("reporting_period_value", ai.reporting_period_value),
    ] {
        notes.push(match given {
            Some(given) => Assumption::user(field, given, ""),
            None => Assumption::default(field, 1.0, "", METHOD_SOURCE),
        });
    }
    let reporting = ai.reporting_period_value.unwrap_or(1.0);
    let months = if reporting_unit == Period::Year {
        12.0 * reporting
    } else {
        reporting
    };
    calendar.periods_per_month(input_unit) / ai.input_period_value.unwrap_or(1.0) * months
}

impl Job<'_> {
    fn platform_or_default(&self) -> Platform {
        match self.platform() {
            Some(platform) => platform,
            None if self.provider.is_some() => Platform::Cloud,
            None => Platform::LocalServer,
        }
    }
}
