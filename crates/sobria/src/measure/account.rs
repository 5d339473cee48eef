//! From what was read to the record: what each part drew, how it is known, and between which bounds.

use std::ffi::OsString;
use std::path::Path;

use sha2::{Digest, Sha256};
use sobria_estimate::Reference;
use sobria_estimate::electricity::ZoneFactors;
use sobria_estimate::measurement::power::JOULES_PER_KWH;
use sobria_estimate::measurement::{cpu, ram, share};

use super::child::{self, End};
use super::machine::{self, Machine};
use super::probe::no_counter;
use super::record::{
    Bracket, Component, Exit, Given, Intensity, MachineWords, Processes, Provenance, Record, Tool, total,
};
use super::sources::Sources;
use super::{CpuFormula, Scope, Settings, gauge, powercap};

/// Relative bounds of a counter of the processor.
///
/// A convention: no published error holds for every part.
const RAPL_SPREAD: f64 = 0.03;
/// Relative bounds of a graphics board for a run of a minute, and for a short one.
///
/// Source: Yang et al., SC24, on boards whose sensor looks at a quarter of the time.
const BOARD_SPREAD: (f64, f64) = (0.05, 0.25);
/// Seconds from which a run of a graphics board is long.
const BOARD_LONG_S: f64 = 60.0;
/// How far a constant for memory may be wrong, as multiples.
const MEMORY_RANGE: (f64, f64) = (0.5, 2.0);
/// The same for the design power of an unknown processor.
const UNKNOWN_TDP_RANGE: (f64, f64) = (0.3, 4.0);
/// What the record is made from, beside what was read.
pub(super) struct Context<'a> {
    pub(super) settings: &'a Settings,
    pub(super) reference: &'a Reference,
    pub(super) machine: &'a Machine,
    pub(super) idle_w: Option<f64>,
    pub(super) started_at: &'a jiff::Zoned,
    pub(super) overlapping: bool,
}

impl Context<'_> {
    pub(super) fn record(
        &self,
        sources: &Sources,
        duration_s: f64,
        suspended_s: f64,
        busy_before: machine::Busy,
        end: Option<End>,
    ) -> Record {
        let settings = self.settings;
        let mut warnings = Vec::new();
        let (mut cpu_s, rss_peak_bytes) = child::usage(false);
        let living = machine::descendants(
            &settings.roots,
            std::process::id(),
            sources.ticks_per_s,
            sources.page,
        );
        cpu_s += living.iter().map(|process| process.cpu_s).sum::<f64>();
        if end.is_some() && !living.is_empty() {
            warnings.push(format!(
                "{} processus lancés par la commande continuent après elle : leur énergie n’est comptée que jusqu’ici.",
                living.len()
            ));
        }
        let busy_s =
            (machine::busy(&settings.roots, sources.ticks_per_s).busy_s - busy_before.busy_s).max(cpu_s);
        let counters = sources.powercap.gained();
        let scope = settings.scope.unwrap_or(if counters.0.is_some() {
            Scope::Machine
        } else {
            Scope::Process
        });
        let rss_mean = if sources.rss_time_s > 0.0 {
            sources.rss_seconds / sources.rss_time_s
        } else {
            rss_peak_bytes
        };
        let work = Work {
            duration_s,
            cpu_s,
            busy_s,
            rss_mean,
            scope,
        };
        let mut process = Processes {
            cpu_s,
            n_processes: sources.most_processes.max(1),
            rss_peak_bytes,
            energy_dynamic_j: None,
            energy_with_idle_share_j: None,
        };
        let mut components = Vec::new();
        let vm_j = sources.vm_power.as_ref().and_then(gauge::VmPower::energy_j);
        if let Some(energy_j) = vm_j {
            components.push(measured("machine", "vm-power", energy_j, RAPL_SPREAD));
        } else {
            self.processors(&work, &counters, &mut process, &mut components, &mut warnings);
            if sources.powercap.is_empty() {
                warnings.push(no_counter(&sources.powercap, self.machine));
            }
            if !counters.2 {
                components.push(self.memory(&work, counters.1.as_ref()));
            }
        }
        self.boards(sources, &work, &mut components, &mut warnings);
        if settings.overhead > 0.0 {
            let energy_j: f64 =
                components.iter().map(|part| part.energy_j).sum::<f64>() * settings.overhead / 100.0;
            components.push(component(
                "overhead",
                Provenance::Assumed,
                format!("{} % donnés", settings.overhead),
                [energy_j, energy_j, energy_j],
            ));
        }
        let measured_j: f64 = components.iter().map(|part| part.measured_j).sum();
        let mut sum = total(&components);
        let mut measured_fraction = if sum.central > 0.0 {
            measured_j / sum.central
        } else {
            0.0
        };
        if let Some(path) = &settings.meter {
            match self.meter(path, duration_s) {
                Some(joules) => {
                    let other = joules - sum.central;
                    if other > 0.0 {
                        components.push(measured("other", "meter", other, 0.0));
                    }
                    sum = Bracket {
                        central: joules,
                        low: joules,
                        high: joules,
                    };
                    measured_fraction = 1.0;
                }
                None if end.is_some() => warnings.push(format!(
                    "« {} » n’a pas deux relevés pendant la commande : le compteur n’est pas employé. Attendu « temps,watts », en secondes depuis 1970 ou en AAAA-MM-JJTHH:MM:SS.",
                    path.display()
                )),
                None => {}
            }
        }
        if scope == Scope::Machine && self.overlapping {
            warnings
                .push("une autre mesure de cette machine est en cours : les deux comptent tout.".to_owned());
        }
        if suspended_s > 0.0 {
            warnings.push(format!(
                "la machine a dormi {suspended_s:.0} s : ce temps n’est pas compté."
            ));
        }
        let intensity = self.intensity(&mut warnings);
        let pue = settings.pue.unwrap_or(1.0);
        let kwh = |joules: f64| joules / JOULES_PER_KWH;
        let it_energy_kwh = kwh(sum.central);
        let grams = |joules: f64, factor: f64| kwh(joules) * pue * factor;
        let (own_cpu_s, own_rss) = child::usage(true);
        Record {
            schema: "sobria.measure/1",
            run_id: crate::instance::new_id().to_string(),
            name: settings.name.clone(),
            command: self.command(),
            command_hash: hash(&settings.command),
            exit: end.map(|end| match end {
                End::Code(code) => Exit {
                    code: Some(code),
                    signal: None,
                },
                End::Signal(signal) => Exit {
                    code: None,
                    signal: Some(signal),
                },
            }),
            start: self.started_at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            duration_s,
            suspended_s,
            scope: match scope {
                Scope::Machine => "machine",
                Scope::Process => "process",
            },
            components,
            measured_fraction,
            it_energy_kwh,
            it_energy_range_kwh: Bracket {
                central: it_energy_kwh,
                low: kwh(sum.low),
                high: kwh(sum.high),
            },
            pue: Given {
                value: pue,
                provenance: if settings.pue.is_some() {
                    "given"
                } else {
                    "assumed"
                },
            },
            facility_energy_kwh: it_energy_kwh * pue,
            process,
            emissions_g: Bracket {
                central: grams(sum.central, intensity.g_per_kwh),
                low: grams(sum.low, intensity.low_g_per_kwh),
                high: grams(sum.high, intensity.high_g_per_kwh),
            },
            intensity,
            water_l: settings.wue.map(|wue| it_energy_kwh * wue),
            tool: Tool {
                version: env!("CARGO_PKG_VERSION"),
                cpu_s: own_cpu_s,
                rss_peak_bytes: own_rss,
                interval_s: settings.interval_s,
            },
            warnings,
            machine: MachineWords {
                cpu_model: self.machine.cpu_model.clone(),
                threads: self.machine.threads,
                memory_gib: self.machine.memory_gib,
                os: std::env::consts::OS,
            },
        }
    }

    fn command(&self) -> Vec<String> {
        let kept = if self.settings.keep_args { usize::MAX } else { 1 };
        self.settings
            .command
            .iter()
            .take(kept)
            .map(|word| word.to_string_lossy().into_owned())
            .collect()
    }

    fn processors(
        &self,
        work: &Work,
        counters: &(Option<powercap::Gained>, Option<powercap::Gained>, bool),
        process: &mut Processes,
        components: &mut Vec<Component>,
        warnings: &mut Vec<String>,
    ) {
        if let Some(gained) = &counters.0 {
            let idle_j = self.idle_w.map_or(0.0, |watts| watts * work.duration_s);
            let own = share::of_command(gained.energy_j, idle_j, work.cpu_s, work.busy_s);
            process.energy_dynamic_j = Some(own.dynamic_j);
            process.energy_with_idle_share_j = Some(own.with_idle_share_j);
            let source = format!("powercap:{}", gained.zones.join("+"));
            let mut part = match work.scope {
                Scope::Machine => measured(
                    if counters.2 { "platform" } else { "cpu" },
                    &source,
                    gained.energy_j,
                    RAPL_SPREAD,
                ),
                // A share by time is a formula, though of a measured energy.
                Scope::Process => component(
                    "cpu",
                    Provenance::Modelled,
                    format!("{source} × part du temps de processeur"),
                    [
                        own.dynamic_j,
                        own.dynamic_j.min(own.with_idle_share_j),
                        own.with_idle_share_j,
                    ],
                ),
            };
            part.invalid_intervals = gained.invalid_intervals;
            part.name.clone_from(&self.machine.cpu_model);
            if gained.invalid_intervals > 0 {
                warnings.push(format!(
                    "{} intervalles du compteur sont remplacés par la puissance de leurs voisins.",
                    gained.invalid_intervals
                ));
            }
            components.push(part);
            return;
        }
        let (tdp_w, known, words) = self.tdp();
        let threads = f64::from(self.machine.threads);
        let load_s = match work.scope {
            Scope::Machine => work.busy_s,
            Scope::Process => work.cpu_s,
        };
        let load = (load_s / (work.duration_s.max(f64::MIN_POSITIVE) * threads)).min(1.0);
        let (name, power) = match (self.settings.formula, work.scope) {
            (CpuFormula::Sobria, Scope::Machine) => ("sobria_load", cpu::sobria_load(tdp_w, load)),
            (CpuFormula::Sobria, Scope::Process) => {
                process.energy_dynamic_j = Some(cpu::sobria_dynamic(tdp_w, load).central_w * work.duration_s);
                process.energy_with_idle_share_j = process
                    .energy_dynamic_j
                    .map(|dynamic| dynamic + cpu::sobria_idle(tdp_w).central_w * load * work.duration_s);
                ("sobria_load", cpu::sobria_dynamic(tdp_w, load))
            }
            (CpuFormula::CodeCarbon2, _) => ("codecarbon2", exactly(cpu::codecarbon_constant(tdp_w))),
            (CpuFormula::CodeCarbon3, Scope::Machine) => {
                ("codecarbon3", exactly(cpu::codecarbon3_machine(tdp_w, load)))
            }
            (CpuFormula::CodeCarbon3, Scope::Process) => ("codecarbon3", exactly(tdp_w * load)),
        };
        let joules = |watts: f64| watts * work.duration_s;
        let (low, high) = if known {
            (power.low_w, power.high_w)
        } else {
            (
                power.central_w * UNKNOWN_TDP_RANGE.0,
                power.central_w * UNKNOWN_TDP_RANGE.1,
            )
        };
        let mut part = component(
            "cpu",
            Provenance::Modelled,
            format!("{name}, {words}"),
            [joules(power.central_w), joules(low), joules(high)],
        );
        part.name.clone_from(&self.machine.cpu_model);
        components.push(part);
    }

    /// Design power, whether it is known, and where it comes from.
    fn tdp(&self) -> (f64, bool, String) {
        if let Some(tdp_w) = self.settings.tdp {
            return (tdp_w, true, format!("TDP {tdp_w} W donné"));
        }
        let threads = f64::from(self.machine.threads);
        if let Some(row) = cpu::tdp(self.reference, &self.machine.cpu_model) {
            return match row.cores.filter(|_| self.machine.is_slice) {
                Some(cores) => {
                    let tdp_w = row.tdp_w / cores * threads / 2.0;
                    (
                        tdp_w,
                        true,
                        format!("TDP {tdp_w:.0} W, part de {} W pour {threads} fils", row.tdp_w),
                    )
                }
                None => {
                    let tdp_w = row.tdp_w * f64::from(self.machine.sockets);
                    (tdp_w, true, format!("TDP {tdp_w:.0} W de la table"))
                }
            };
        }
        let tdp_w = cpu::UNKNOWN_W_PER_THREAD * threads;
        (tdp_w, false, format!("TDP {tdp_w:.0} W supposé, 4 W par fil"))
    }

    fn memory(&self, work: &Work, counter: Option<&powercap::Gained>) -> Component {
        let total_bytes = self.machine.memory_gib * 1_073_741_824.0;
        let part = match work.scope {
            Scope::Machine => 1.0,
            Scope::Process if total_bytes > 0.0 => (work.rss_mean / total_bytes).min(1.0),
            Scope::Process => 0.0,
        };
        if let Some(gained) = counter {
            let source = format!("powercap:{}", gained.zones.join("+"));
            if work.scope == Scope::Machine {
                return measured("ram", &source, gained.energy_j, RAPL_SPREAD);
            }
            let energy_j = gained.energy_j * part;
            return component(
                "ram",
                Provenance::Modelled,
                format!("{source} × part de la mémoire"),
                [energy_j, energy_j * MEMORY_RANGE.0, energy_j * MEMORY_RANGE.1],
            );
        }
        let gib = self.machine.memory_gib;
        let (power_w, words) = if let Some(modules) = self.settings.ram_modules {
            (
                ram::W_PER_MODULE * f64::from(modules),
                format!("{modules} barrettes de 5 W"),
            )
        } else if self.machine.is_slice {
            (
                ram::W_PER_GB_CODECARBON * gib,
                format!("0,375 W/Go, {gib:.1} Gio"),
            )
        } else {
            (
                ram::modules(gib, self.machine.architecture).power_w,
                format!("dimm_heuristic, {gib:.1} Gio"),
            )
        };
        let energy_j = power_w * work.duration_s * part;
        component(
            "ram",
            Provenance::Assumed,
            words,
            [energy_j, energy_j * MEMORY_RANGE.0, energy_j * MEMORY_RANGE.1],
        )
    }

    fn boards(
        &self,
        sources: &Sources,
        work: &Work,
        components: &mut Vec<Component>,
        warnings: &mut Vec<String>,
    ) {
        let visible = std::env::var("CUDA_VISIBLE_DEVICES").ok();
        let any_used = sources.boards.iter().any(|board| board.used);
        for (index, board) in sources.boards.iter().enumerate() {
            let chosen = match (work.scope, &visible) {
                (Scope::Machine, _) => true,
                (Scope::Process, _) if any_used => board.used,
                (Scope::Process, Some(list)) => list.split(',').any(|one| {
                    one.trim() == index.to_string()
                        || (!one.is_empty() && board.identifier.starts_with(one.trim()))
                }),
                (Scope::Process, None) => true,
            };
            if !chosen {
                continue;
            }
            let energy = board.energy();
            let spread = if work.duration_s >= BOARD_LONG_S {
                BOARD_SPREAD.0
            } else {
                BOARD_SPREAD.1
            };
            let mut part = measured(&format!("gpu:{index}"), &energy.source, energy.energy_j, spread);
            part.measured_j = energy.measured_j.min(energy.energy_j);
            if energy.measured_j <= 0.0 && energy.energy_j > 0.0 {
                part.provenance = Provenance::Modelled;
            }
            part.name.clone_from(&board.name);
            part.uuid_hash = hash(&[OsString::from(&board.identifier)])
                .chars()
                .take(16)
                .collect();
            part.shared = energy.shared;
            if board.reloads > 0 {
                part.provenance = Provenance::Modelled;
                warnings.push(format!(
                    "le pilote de « {} » a été rechargé : sa puissance instantanée remplace le compteur pendant ce temps.",
                    board.name
                ));
            }
            if energy.shared {
                warnings.push(format!(
                    "« {} » est partagée (MIG) : son énergie est celle de toute la carte.",
                    board.name
                ));
            }
            components.push(part);
        }
    }

    fn meter(&self, path: &Path, duration_s: f64) -> Option<f64> {
        let text = std::fs::read_to_string(path).ok()?;
        let from_s = self.started_at.timestamp().as_duration().as_secs_f64();
        gauge::meter_j(&text, from_s, from_s + duration_s)
    }

    fn intensity(&self, warnings: &mut Vec<String>) -> Intensity {
        if let Some(factor) = self.settings.intensity {
            return Intensity {
                g_per_kwh: factor,
                low_g_per_kwh: factor,
                high_g_per_kwh: factor,
                zone: self.settings.zone.clone(),
                source: "facteur donné".to_owned(),
            };
        }
        let zone = self.settings.zone.as_deref().unwrap_or("WORLD");
        if self.settings.zone.is_none() {
            warnings.push(
                "le lieu n’est pas donné : le facteur est celui du monde. Ajoutez --zone, par exemple --zone FRA."
                    .to_owned(),
            );
        }
        let factors = ZoneFactors::of(self.reference, zone);
        let source = factors
            .as_ref()
            .and_then(|factors| factors.held.first())
            .map(|held| held.source.to_string());
        Intensity {
            g_per_kwh: factors.as_ref().map_or(0.0, |factors| factors.central),
            low_g_per_kwh: factors.as_ref().map_or(0.0, |factors| factors.low),
            high_g_per_kwh: factors.as_ref().map_or(0.0, |factors| factors.high),
            zone: Some(zone.to_owned()),
            source: source.unwrap_or_default(),
        }
    }
}

/// What the command and the machine did.
struct Work {
    duration_s: f64,
    cpu_s: f64,
    busy_s: f64,
    rss_mean: f64,
    scope: Scope,
}

fn exactly(watts: f64) -> cpu::Power {
    cpu::Power {
        central_w: watts,
        low_w: watts,
        high_w: watts,
    }
}

fn measured(id: &str, source: &str, energy_j: f64, spread: f64) -> Component {
    let mut part = component(
        id,
        Provenance::Measured,
        source.to_owned(),
        [energy_j, energy_j * (1.0 - spread), energy_j * (1.0 + spread)],
    );
    part.measured_j = energy_j;
    part
}

fn component(
    id: &str,
    provenance: Provenance,
    source: String,
    [energy_j, low_j, high_j]: [f64; 3],
) -> Component {
    Component {
        id: id.to_owned(),
        provenance,
        source,
        name: String::new(),
        uuid_hash: String::new(),
        energy_j,
        low_j,
        high_j,
        measured_j: 0.0,
        invalid_intervals: 0,
        shared: false,
    }
}

fn hash(words: &[OsString]) -> String {
    let mut digest = Sha256::new();
    for word in words {
        digest.update(word.as_encoded_bytes());
        digest.update([0]);
    }
    digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
