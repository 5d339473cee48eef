//! The figures of each step, with the names of their fields.

use serde::Serialize;
use serde::ser::Serializer;

use super::log::{Flag, Generation, Rows};
use super::number::of_u64;
use super::power::{Energy, JOULES_PER_KWH};
use super::{CpuModel, Input, RamModel, carbon, cpu, gpu, log, power, ram, rapl, share};
use crate::code::Code;
use crate::electricity::ZoneFactors;
use crate::llm::Bounds;
use crate::reference::Reference;
use crate::yearly::Bracket;

/// Figures of one step.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[expect(
    missing_docs,
    reason = "fields are those of the functions that make them, documented there"
)]
pub enum Output {
    /// Energy of a series.
    Energy {
        energy_j: f64,
        energy_kwh: f64,
        duration_s: f64,
        mean_power_w: Option<f64>,
    },
    /// Gain of a counter; nothing when the interval is invalid.
    RaplDelta {
        energy_uj: Option<u64>,
        energy_kwh: Option<f64>,
        mean_power_w: Option<f64>,
        wrapped: Option<bool>,
    },
    /// Time in which a counter starts again.
    RaplMaxInterval { wrap_after_s: f64 },
    /// Counters to add up.
    RaplDomains {
        cpu_domains: Vec<String>,
        ram_domains: Vec<String>,
        cpu_energy_uj: Option<u64>,
        ram_energy_uj: Option<u64>,
        #[serde(serialize_with = "coverage")]
        covers: rapl::Coverage,
    },
    /// Energy of graphics boards.
    GpuCounter {
        per_device_mj: Vec<Option<u64>>,
        energy_kwh: Option<f64>,
        valid: bool,
    },
    /// Power of a processor.
    CpuPower {
        power_w: f64,
        #[serde(skip_serializing_if = "Option::is_none")]
        low_w: Option<f64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        high_w: Option<f64>,
    },
    /// Design power of an unknown processor; nothing for a known one, whose power is in the table.
    CpuDefaultTdp {
        codecarbon3_tdp_w: Option<f64>,
        codecarbon2_tdp_w: Option<f64>,
    },
    /// Share of a command.
    ProcessShare { dynamic_j: f64, with_idle_share_j: f64 },
    /// Power of memory.
    RamPower {
        #[serde(skip_serializing_if = "Option::is_none")]
        dimms: Option<u32>,
        power_w: f64,
    },
    /// Greenhouse gases.
    Emissions {
        emissions_kg: f64,
        intensity_g_per_kwh: f64,
    },
    /// Greenhouse gases that a log holds.
    Logged {
        logged_emissions_kg: f64,
        implied_intensity_g_per_kwh: f64,
    },
    /// Electricity and water of a place.
    Facility {
        energy_kwh: f64,
        water_l: f64,
        codecarbon_water_l: f64,
    },
    /// Generation of a log.
    Log {
        generation: Generation,
        n_columns: usize,
        kind: Rows,
    },
    /// Checks of a row.
    Checks { flags: Vec<Flag> },
    /// Design power of a processor; nothing when its name is in no table.
    Tdp {
        model: Option<&'static str>,
        tdp_w: Option<f64>,
    },
    /// Measured electricity and its greenhouse gases.
    Measured(Box<Measured>),
}

/// Measured electricity and its greenhouse gases.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measured {
    /// Kilowatt-hours.
    pub energy_kwh: Bracket,
    /// Kilogrammes of CO₂ equivalent: from the lowest factor known for the place to the highest.
    pub emissions_kg: Bracket,
    /// Grammes of CO₂ equivalent per kWh.
    pub intensity_g_per_kwh: Bracket,
    /// Share of the electricity that a counter or a gauge measured, when it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measured_fraction: Option<f64>,
}

fn measured(
    reference: &Reference,
    energy_kwh: Bounds,
    range: Bounds,
    zone: &str,
    measured_fraction: Option<f64>,
) -> Result<Output, Vec<Code>> {
    let factors = ZoneFactors::of(reference, zone).ok_or_else(|| vec![Code::Borrowed("unknown-zone")])?;
    let middle = f64::midpoint(energy_kwh.min, energy_kwh.max);
    let bracket = |low, central, high| Bracket { low, central, high };
    Ok(Output::Measured(Box::new(Measured {
        energy_kwh: bracket(range.min, middle, range.max),
        emissions_kg: bracket(
            carbon::emissions_kg(range.min, factors.low),
            carbon::emissions_kg(middle, factors.central),
            carbon::emissions_kg(range.max, factors.high),
        ),
        intensity_g_per_kwh: bracket(factors.low, factors.central, factors.high),
        measured_fraction,
    })))
}

fn coverage<S: Serializer>(covers: &rapl::Coverage, serializer: S) -> Result<S::Ok, S::Error> {
    match covers {
        rapl::Coverage::Package => serializer.serialize_str("package"),
        rapl::Coverage::Platform => serializer.serialize_str("platform"),
        rapl::Coverage::Nothing => serializer.serialize_none(),
    }
}

impl From<Energy> for Output {
    fn from(energy: Energy) -> Self {
        Self::Energy {
            energy_j: energy.energy_j,
            energy_kwh: energy.energy_kwh(),
            duration_s: energy.duration_s,
            mean_power_w: energy.mean_power_w,
        }
    }
}

impl Output {
    pub(super) fn of(reference: &Reference, input: &Input<'_>) -> Result<Self, Vec<Code>> {
        Ok(match input {
            Input::IntervalPower(samples) => power::of_means(samples).into(),
            Input::InstantPower(samples) => power::of_instants(samples).into(),
            Input::RaplDelta {
                start_uj,
                end_uj,
                max_energy_range_uj,
                dt_s,
            } => rapl_delta(rapl::delta(*start_uj, *end_uj, *max_energy_range_uj), *dt_s),
            Input::RaplMaxInterval {
                power_w,
                max_energy_range_uj,
            } => Self::RaplMaxInterval {
                wrap_after_s: rapl::wrap_after_s(*power_w, *max_energy_range_uj),
            },
            Input::RaplDomains(domains) => rapl_domains(domains),
            Input::GpuCounter(boards) => Self::GpuCounter {
                per_device_mj: boards.iter().map(|board| board.gain_mj()).collect(),
                energy_kwh: gpu::energy_kwh(boards),
                valid: boards.iter().all(|board| board.gain_mj().is_some()),
            },
            Input::CpuPower { model, tdp_w } => cpu_power(*model, *tdp_w),
            Input::CpuDefaultTdp { threads, model_known } => Self::CpuDefaultTdp {
                codecarbon3_tdp_w: (!model_known).then_some(cpu::UNKNOWN_W_PER_THREAD * threads),
                codecarbon2_tdp_w: (!model_known).then_some(cpu::CODECARBON2_UNKNOWN_W),
            },
            Input::ProcessShare {
                machine_energy_j,
                idle_energy_j,
                process_cpu_s,
                machine_busy_cpu_s,
            } => {
                let share = share::of_command(
                    *machine_energy_j,
                    *idle_energy_j,
                    *process_cpu_s,
                    *machine_busy_cpu_s,
                );
                Self::ProcessShare {
                    dynamic_j: share.dynamic_j,
                    with_idle_share_j: share.with_idle_share_j,
                }
            }
            Input::RamPower(model) => ram_power(*model),
            Input::EmissionsCountry {
                energy_kwh,
                country,
                version,
            } => emissions(
                *energy_kwh,
                carbon::codecarbon_factor(reference, country, *version).g_per_kwh,
            ),
            Input::EmissionsForced {
                energy_kwh,
                g_per_kwh,
            } => emissions(*energy_kwh, *g_per_kwh),
            Input::EmissionsRecompute {
                energy_kwh,
                country,
                version,
            } => {
                let factor = carbon::codecarbon_factor(reference, country, *version);
                Self::Logged {
                    logged_emissions_kg: carbon::emissions_kg(*energy_kwh, factor.g_per_kwh),
                    implied_intensity_g_per_kwh: factor.g_per_kwh,
                }
            }
            Input::PueWue {
                it_energy_kwh,
                pue,
                wue_l_per_kwh,
            } => {
                let place = carbon::facility(*it_energy_kwh, *pue, *wue_l_per_kwh);
                Self::Facility {
                    energy_kwh: place.energy_kwh,
                    water_l: place.water_l,
                    codecarbon_water_l: place.codecarbon_water_l,
                }
            }
            Input::CsvGeneration(header) => {
                let columns: Vec<&str> = header.trim().split(',').collect();
                let read = log::header(&columns).ok_or_else(|| vec![Code::Borrowed("not-a-log")])?;
                Self::Log {
                    generation: read.generation,
                    n_columns: read.n_columns,
                    kind: read.kind,
                }
            }
            Input::ImportChecks { row, rules } => Self::Checks {
                flags: log::check(row, rules),
            },
            Input::MeasuredEnergy {
                energy_kwh,
                energy_range_kwh,
                zone,
                measured_fraction,
            } => measured(
                reference,
                *energy_kwh,
                energy_range_kwh.unwrap_or(*energy_kwh),
                zone,
                *measured_fraction,
            )?,
            Input::TdpMatch(raw) => {
                let row = cpu::tdp(reference, raw);
                Self::Tdp {
                    model: row.map(|row| row.model),
                    tdp_w: row.map(|row| row.tdp_w),
                }
            }
        })
    }

    /// Whether JSON can hold every figure.
    pub(super) fn is_finite(&self) -> bool {
        match self {
            Self::Energy {
                energy_j, energy_kwh, ..
            } => energy_j.is_finite() && energy_kwh.is_finite(),
            Self::RaplMaxInterval { wrap_after_s } => wrap_after_s.is_finite(),
            Self::CpuPower { power_w, high_w, .. } => {
                power_w.is_finite() && high_w.is_none_or(f64::is_finite)
            }
            Self::CpuDefaultTdp {
                codecarbon3_tdp_w, ..
            } => codecarbon3_tdp_w.is_none_or(f64::is_finite),
            Self::ProcessShare {
                dynamic_j,
                with_idle_share_j,
            } => dynamic_j.is_finite() && with_idle_share_j.is_finite(),
            Self::RamPower { power_w, .. } => power_w.is_finite(),
            Self::Emissions { emissions_kg, .. } => emissions_kg.is_finite(),
            Self::Logged {
                logged_emissions_kg, ..
            } => logged_emissions_kg.is_finite(),
            Self::Facility {
                energy_kwh,
                water_l,
                codecarbon_water_l,
            } => [energy_kwh, water_l, codecarbon_water_l]
                .into_iter()
                .all(|figure| figure.is_finite()),
            Self::Measured(measured) => {
                measured.energy_kwh.high.is_finite() && measured.emissions_kg.high.is_finite()
            }
            Self::RaplDelta { mean_power_w, .. } => mean_power_w.is_none_or(f64::is_finite),
            Self::RaplDomains { .. }
            | Self::GpuCounter { .. }
            | Self::Log { .. }
            | Self::Checks { .. }
            | Self::Tdp { .. } => true,
        }
    }
}

fn rapl_delta(delta: Option<rapl::Delta>, dt_s: f64) -> Output {
    let joules = delta.map(|delta| of_u64(delta.energy_uj) / 1e6);
    Output::RaplDelta {
        energy_uj: delta.map(|delta| delta.energy_uj),
        energy_kwh: joules.map(|joules| joules / JOULES_PER_KWH),
        mean_power_w: joules.filter(|_| dt_s > 0.0).map(|joules| joules / dt_s),
        wrapped: delta.map(|delta| delta.wrapped),
    }
}

fn rapl_domains(domains: &[super::Domain<'_>]) -> Output {
    let given: Vec<rapl::Domain<'_>> = domains
        .iter()
        .map(|domain| rapl::Domain {
            path: &domain.path,
            name: &domain.name,
            delta_uj: domain.delta_uj,
        })
        .collect();
    let choice = rapl::choose(&given);
    let paths = |zones: &[rapl::Domain<'_>]| zones.iter().map(|zone| zone.path.to_owned()).collect();
    Output::RaplDomains {
        cpu_domains: paths(&choice.cpu),
        ram_domains: paths(&choice.ram),
        cpu_energy_uj: choice.cpu_energy_uj(),
        ram_energy_uj: choice.ram_energy_uj(),
        covers: choice.coverage,
    }
}

fn cpu_power(model: CpuModel, tdp_w: f64) -> Output {
    let power_w = match model {
        CpuModel::SobriaLoad(load) => {
            let power = cpu::sobria_load(tdp_w, load);
            return Output::CpuPower {
                power_w: power.central_w,
                low_w: Some(power.low_w),
                high_w: Some(power.high_w),
            };
        }
        CpuModel::CodeCarbon3Machine(load) => cpu::codecarbon3_machine(tdp_w, load),
        CpuModel::CodeCarbon3Process {
            cpu_seconds,
            interval_s,
            threads,
        } => cpu::codecarbon3_process(tdp_w, cpu_seconds, interval_s, threads),
        CpuModel::CodeCarbonConstant => cpu::codecarbon_constant(tdp_w),
        CpuModel::CodeCarbon3Threadripper(load) => cpu::codecarbon3_threadripper(tdp_w, load),
    };
    Output::CpuPower {
        power_w,
        low_w: None,
        high_w: None,
    }
}

fn ram_power(model: RamModel) -> Output {
    let (dimms, power_w) = match model {
        RamModel::Modules { gb, architecture } => {
            let modules = ram::modules(gb, architecture);
            (Some(modules.count), modules.power_w)
        }
        RamModel::PerGbCodeCarbon(gb) => (None, ram::W_PER_GB_CODECARBON * gb),
        RamModel::PerGbGreenAlgorithms(gb) => (None, ram::W_PER_GB_GREEN_ALGORITHMS * gb),
        RamModel::Slots(slots) => (None, ram::W_PER_MODULE * slots),
    };
    Output::RamPower { dimms, power_w }
}

fn emissions(energy_kwh: f64, g_per_kwh: f64) -> Output {
    Output::Emissions {
        emissions_kg: carbon::emissions_kg(energy_kwh, g_per_kwh),
        intensity_g_per_kwh: g_per_kwh,
    }
}
