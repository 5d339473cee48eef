//! Reading of the `input` of a measurement: which fields each kind takes.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::carbon::Version;
use super::gpu::Counter;
use super::log::{Row, Rules};
use super::power::Sample;
use super::ram::Architecture;
use super::{CpuModel, Domain, Input, Kind, RamModel};
use crate::code::Code;
use crate::json::{Taker, each_member, is_object, text};
use crate::llm::Bounds;

/// The members of an object, taken one by one by those who know them.
struct Fields<'a, 'e> {
    members: Vec<(Cow<'a, str>, Option<&'a RawValue>)>,
    taker: Taker<'e>,
    sound: bool,
}

/// What a number must be.
#[derive(Clone, Copy)]
enum Accepts {
    Positive,
    FromZero,
    FromOne,
    Share,
    Any,
}

impl Accepts {
    fn takes(self, number: f64) -> bool {
        number.is_finite()
            && match self {
                Self::Positive => number > 0.0,
                Self::FromZero => number >= 0.0,
                Self::FromOne => number >= 1.0,
                Self::Share => (0.0..=1.0).contains(&number),
                Self::Any => true,
            }
    }
}

impl<'a> Fields<'a, '_> {
    fn refuse(&mut self, kind: &'static str, field: &str) {
        self.taker.report(kind, field);
        self.sound = false;
    }

    fn take(&mut self, field: &str) -> Option<&'a RawValue> {
        let (_, raw) = self.members.iter_mut().find(|(name, _)| name == field)?;
        raw.take().filter(|raw| raw.get() != "null")
    }

    fn has(&self, field: &str) -> bool {
        self.members
            .iter()
            .any(|(name, raw)| name == field && raw.is_some_and(|raw| raw.get() != "null"))
    }

    fn required(&mut self, field: &str) -> Option<&'a RawValue> {
        let raw = self.take(field);
        if raw.is_none() {
            self.refuse("missing", field);
        }
        raw
    }

    fn optional(&mut self, field: &str, accepts: Accepts) -> Option<f64> {
        let raw = self.take(field)?;
        let number = raw.get().parse::<f64>().ok();
        match number {
            None => self.refuse("invalid-type", field),
            Some(number) if !accepts.takes(number) => self.refuse("out-of-range", field),
            Some(number) => return Some(number),
        }
        None
    }

    /// A number; a placeholder after something was reported, since nothing is then computed.
    fn number(&mut self, field: &str, accepts: Accepts) -> f64 {
        if self
            .members
            .iter()
            .all(|(name, raw)| name != field || raw.is_none())
        {
            self.refuse("missing", field);
        }
        self.optional(field, accepts).unwrap_or_default()
    }

    fn whole(&mut self, field: &str) -> u64 {
        let Some(raw) = self.required(field) else {
            return 0;
        };
        let read = whole(raw);
        if read.is_none() {
            let number = raw.get().parse::<f64>().is_ok();
            self.refuse(if number { "out-of-range" } else { "invalid-type" }, field);
        }
        read.unwrap_or_default()
    }

    fn text(&mut self, field: &str) -> Cow<'a, str> {
        let Some(raw) = self.required(field) else {
            return Cow::Borrowed("");
        };
        match text(raw.get()) {
            Ok(Some(text)) => text,
            _ => {
                self.refuse("invalid-type", field);
                Cow::Borrowed("")
            }
        }
    }

    fn flag(&mut self, field: &str) -> bool {
        match self.take(field).map(RawValue::get) {
            Some("true") => true,
            None | Some("false") => false,
            Some(_) => {
                self.refuse("invalid-type", field);
                false
            }
        }
    }

    fn list(&mut self, field: &str) -> Vec<&'a RawValue> {
        let Some(raw) = self.required(field) else {
            return Vec::new();
        };
        serde_json::from_str(raw.get()).unwrap_or_else(|_| {
            self.refuse("invalid-type", field);
            Vec::new()
        })
    }

    /// The object in a field; its members get the name of the field before their own.
    fn object<T>(
        &mut self,
        field: &str,
        raw: &'a RawValue,
        read: impl FnOnce(&mut Fields<'a, '_>) -> T,
    ) -> T {
        let mut inner = Fields::of(raw, self.taker.prefix, field, self.taker.errors);
        let made = read(&mut inner);
        inner.finish(field);
        let sound = inner.sound;
        self.sound &= sound;
        made
    }
}

impl<'a, 'e> Fields<'a, 'e> {
    fn of(raw: &'a RawValue, prefix: &'static str, field: &str, errors: &'e mut Vec<Code>) -> Self {
        let mut fields = Self {
            members: Vec::new(),
            taker: Taker { prefix, errors },
            sound: true,
        };
        let mut twice = Vec::new();
        let members = &mut fields.members;
        let read = each_member(raw.get(), |name, value| {
            if members.iter().any(|(known, _)| known == name) {
                twice.push(name.to_owned());
            } else {
                members.push((Cow::Owned(name.to_owned()), Some(value)));
            }
        });
        if read.is_err() {
            fields.refuse("invalid-type", field);
        }
        for name in twice {
            fields.refuse("duplicate-field", &name);
        }
        fields
    }

    /// Reports what nobody took.
    fn finish(&mut self, within: &str) {
        let left: Vec<String> = self
            .members
            .iter()
            .filter(|(_, raw)| raw.is_some_and(|raw| raw.get() != "null"))
            .map(|(name, _)| {
                if within.is_empty() {
                    name.to_string()
                } else {
                    format!("{within}.{name}")
                }
            })
            .collect();
        for name in left {
            self.refuse("unknown-field", &name);
        }
    }
}

/// A whole number, also when it is written with a point and zeros.
fn whole(raw: &RawValue) -> Option<u64> {
    let written = raw.get();
    written.parse().ok().or_else(|| {
        let (digits, zeros) = written.split_once('.')?;
        zeros.bytes().all(|byte| byte == b'0').then_some(())?;
        digits.parse().ok()
    })
}

impl<'a> Input<'a> {
    /// Reads the `input` object of a kind. Reports what is wrong and gives nothing then.
    pub(crate) fn read(kind: Kind, raw: &'a RawValue, errors: &mut Vec<Code>) -> Option<Self> {
        let mut fields = Fields::of(raw, "", "input", errors);
        // The kind may stand beside the fields: it was read before.
        fields.take("kind");
        let input = match kind {
            Kind::EnergyFromIntervalPower => Self::IntervalPower(samples(&mut fields)),
            Kind::EnergyFromInstantPower => Self::InstantPower(samples(&mut fields)),
            Kind::RaplDelta => Self::RaplDelta {
                start_uj: fields.whole("start_uj"),
                end_uj: fields.whole("end_uj"),
                max_energy_range_uj: fields.whole("max_energy_range_uj"),
                dt_s: fields.number("dt_s", Accepts::FromZero),
            },
            Kind::RaplMaxInterval => Self::RaplMaxInterval {
                power_w: fields.number("power_w", Accepts::Positive),
                max_energy_range_uj: fields.whole("max_energy_range_uj"),
            },
            Kind::RaplDomains => Self::RaplDomains(domains(&mut fields)),
            Kind::GpuCounter => Self::GpuCounter(counters(&mut fields)),
            Kind::CpuPowerModel => Self::CpuPower {
                model: cpu_model(&mut fields),
                tdp_w: fields.number("tdp_w", Accepts::FromZero),
            },
            Kind::CpuDefaultTdp => Self::CpuDefaultTdp {
                threads: fields.number("n_threads", Accepts::Positive),
                model_known: fields.flag("model_known"),
            },
            Kind::ProcessShare => Self::ProcessShare {
                machine_energy_j: fields.number("machine_energy_j", Accepts::FromZero),
                idle_energy_j: fields.number("idle_energy_j", Accepts::FromZero),
                process_cpu_s: fields.number("process_cpu_s", Accepts::FromZero),
                machine_busy_cpu_s: fields.number("machine_busy_cpu_s", Accepts::FromZero),
            },
            Kind::RamPower => Self::RamPower(ram_model(&mut fields)),
            Kind::EmissionsCountry => Self::EmissionsCountry {
                energy_kwh: fields.number("energy_kwh", Accepts::FromZero),
                country: fields.text("country_iso3"),
                version: version(&mut fields, "factors"),
            },
            Kind::EmissionsForced => Self::EmissionsForced {
                energy_kwh: fields.number("energy_kwh", Accepts::FromZero),
                g_per_kwh: fields.number("intensity_g_per_kwh", Accepts::FromZero),
            },
            Kind::EmissionsRecompute => Self::EmissionsRecompute {
                energy_kwh: fields.number("energy_kwh", Accepts::FromZero),
                country: fields.text("country_iso3"),
                version: version(&mut fields, "codecarbon_version"),
            },
            Kind::PueWue => Self::PueWue {
                it_energy_kwh: fields.number("it_energy_kwh", Accepts::FromZero),
                pue: fields.number("pue", Accepts::FromOne),
                wue_l_per_kwh: fields.number("wue_l_per_kwh_it", Accepts::FromZero),
            },
            Kind::CsvGeneration => Self::CsvGeneration(fields.text("header")),
            Kind::ImportChecks => import_checks(&mut fields),
            Kind::TdpMatch => {
                // The table is the one of the program: naming it changes nothing.
                fields.take("table");
                Self::TdpMatch(fields.text("cpu_model_raw"))
            }
            Kind::MeasuredEnergy => {
                // What a person reads about the measure; it changes no figure.
                for words in ["tool", "runs", "duration_s"] {
                    fields.take(words);
                }
                let energy_kwh = energy(&mut fields, "energy_kwh").unwrap_or(Bounds::point(0.0));
                let range = fields
                    .has("energy_range_kwh")
                    .then(|| energy(&mut fields, "energy_range_kwh"));
                let energy_range_kwh = range.flatten();
                if energy_range_kwh
                    .is_some_and(|range| range.min > energy_kwh.min || energy_kwh.max > range.max)
                {
                    fields.refuse("out-of-range", "energy_range_kwh");
                }
                Self::MeasuredEnergy {
                    energy_kwh,
                    energy_range_kwh,
                    zone: fields.text("zone"),
                    measured_fraction: fields.optional("measured_fraction", Accepts::Share),
                }
            }
        };
        fields.finish("");
        fields.sound.then_some(input)
    }
}

/// A number, or its two bounds.
fn energy(fields: &mut Fields<'_, '_>, field: &'static str) -> Option<Bounds> {
    let mut bounds = None;
    if let Some(raw) = fields.required(field) {
        fields.taker.bounds(&mut bounds, field, raw);
        match bounds {
            None => fields.sound = false,
            Some(Bounds { min, max }) if 0.0 <= min && min <= max && max.is_finite() => {}
            Some(_) => {
                fields.refuse("out-of-range", field);
                bounds = None;
            }
        }
    }
    bounds
}

fn samples(fields: &mut Fields<'_, '_>) -> Vec<Sample> {
    const FIELD: &str = "samples_s_w";
    let mut samples: Vec<Sample> = Vec::new();
    for raw in fields.list(FIELD) {
        let Ok((at_s, power_w)) = serde_json::from_str::<(f64, f64)>(raw.get()) else {
            fields.refuse("invalid-type", FIELD);
            break;
        };
        let later = samples.last().is_none_or(|last| last.at_s <= at_s);
        if !later || power_w < 0.0 {
            fields.refuse("out-of-range", FIELD);
            break;
        }
        samples.push(Sample { at_s, power_w });
    }
    samples
}

fn domains<'a>(fields: &mut Fields<'a, '_>) -> Vec<Domain<'a>> {
    fields
        .list("domains")
        .into_iter()
        .map(|raw| {
            fields.object("domains", raw, |one| Domain {
                path: one.text("path"),
                name: one.text("name"),
                delta_uj: one.take("delta_uj").map(|raw| {
                    whole(raw).unwrap_or_else(|| {
                        one.refuse("invalid-type", "domains.delta_uj");
                        0
                    })
                }),
            })
        })
        .collect()
}

fn counters(fields: &mut Fields<'_, '_>) -> Vec<Counter> {
    fields
        .list("devices_mj")
        .into_iter()
        .map(|raw| {
            fields.object("devices_mj", raw, |one| Counter {
                start_mj: one.whole("start"),
                end_mj: one.whole("end"),
            })
        })
        .collect()
}

fn cpu_model(fields: &mut Fields<'_, '_>) -> CpuModel {
    let name = fields.text("model");
    match name.as_ref() {
        "sobria_load" => CpuModel::SobriaLoad(fields.number("load", Accepts::Share)),
        "codecarbon3_machine" => CpuModel::CodeCarbon3Machine(fields.number("load", Accepts::Share)),
        "codecarbon3_threadripper" => {
            CpuModel::CodeCarbon3Threadripper(fields.number("load", Accepts::Share))
        }
        "codecarbon3_process" => CpuModel::CodeCarbon3Process {
            cpu_seconds: fields.number("cpu_seconds", Accepts::FromZero),
            interval_s: fields.number("dt_s", Accepts::Positive),
            threads: fields.number("n_threads", Accepts::Positive),
        },
        "codecarbon_constant" => {
            fields.take("load");
            CpuModel::CodeCarbonConstant
        }
        "" => CpuModel::CodeCarbonConstant,
        _ => {
            fields.refuse("out-of-range", "model");
            CpuModel::CodeCarbonConstant
        }
    }
}

fn ram_model(fields: &mut Fields<'_, '_>) -> RamModel {
    let name = fields.text("model");
    match name.as_ref() {
        "dimm_heuristic" => RamModel::Modules {
            gb: fields.number("gb", Accepts::FromZero),
            architecture: match fields.take("arch").map(RawValue::get) {
                None | Some("\"x86\"") => Architecture::X86,
                Some("\"arm\"") => Architecture::Arm,
                Some(_) => {
                    fields.refuse("out-of-range", "arch");
                    Architecture::X86
                }
            },
        },
        "per_gb_0.375" => RamModel::PerGbCodeCarbon(fields.number("gb", Accepts::FromZero)),
        "per_gb_0.3725" => RamModel::PerGbGreenAlgorithms(fields.number("gb", Accepts::FromZero)),
        "slots_5w" => RamModel::Slots(fields.number("slots", Accepts::FromZero)),
        "" => RamModel::Slots(0.0),
        _ => {
            fields.refuse("out-of-range", "model");
            RamModel::Slots(0.0)
        }
    }
}

fn version(fields: &mut Fields<'_, '_>, field: &'static str) -> Version {
    let written = fields.text(field);
    Version::read(&written).unwrap_or_else(|| {
        if !written.is_empty() {
            fields.refuse("out-of-range", field);
        }
        Version::read("2").unwrap_or_default()
    })
}

fn import_checks<'a>(fields: &mut Fields<'a, '_>) -> Input<'a> {
    let mut row = Row::default();
    if let Some(raw) = fields.required("row") {
        fields.object("row", raw, |one| {
            let mut number = |field: &str| one.optional(field, Accepts::Any).unwrap_or_default();
            row = Row {
                duration_s: number("duration"),
                cpu_power_w: number("cpu_power"),
                gpu_power_w: number("gpu_power"),
                ram_power_w: number("ram_power"),
                cpu_energy_kwh: number("cpu_energy"),
                gpu_energy_kwh: number("gpu_energy"),
                ram_energy_kwh: number("ram_energy"),
                energy_kwh: number("energy_consumed"),
                pue: one.optional("pue", Accepts::Any).unwrap_or(1.0),
            };
        });
    }
    let mut rules = Rules::default();
    if let Some(raw) = fields.take("rules") {
        fields.object("rules", raw, |one| {
            let mut number =
                |field: &str, usual: f64| one.optional(field, Accepts::FromZero).unwrap_or(usual);
            rules = Rules {
                sum_rel_tol: number("sum_rel_tol", rules.sum_rel_tol),
                power_energy_rel_tol: number("power_energy_rel_tol", rules.power_energy_rel_tol),
                max_power_w: number("max_power_w", rules.max_power_w),
            };
        });
    }
    Input::ImportChecks { row, rules }
}

/// The kind written in an `input` object, and the object that holds its fields: the same, or the one in its own `input`.
pub(crate) fn kind_of(raw: &RawValue) -> Option<(Cow<'_, str>, &RawValue)> {
    let (mut kind, mut fields) = (None, raw);
    let read = each_member(raw.get(), |name, value| match name {
        "kind" if kind.is_none() => kind = text(value.get()).ok().flatten(),
        "input" if is_object(value.get()) => fields = value,
        _ => {}
    });
    read.ok()?;
    kind.map(|kind| (kind, fields))
}
