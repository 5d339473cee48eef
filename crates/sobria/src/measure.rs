//! `sobria measure`: the energy of a command, with what part of it was measured.
//!
//! One thread, no asynchronous runtime: the counters are read, the command starts, and a poll waits for signals between
//! readings. The arithmetic is in `sobria_estimate::measurement`.

pub mod child;
mod gauge;
pub mod gpu;
pub mod machine;
pub mod output;
mod powercap;
pub mod record;
pub mod report;

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};
use nix::unistd::{SysconfVar, sysconf};
use sha2::{Digest, Sha256};
use sobria_estimate::Reference;
use sobria_estimate::electricity::ZoneFactors;
use sobria_estimate::measurement::number::of_u64;
use sobria_estimate::measurement::power::JOULES_PER_KWH;
use sobria_estimate::measurement::{cpu, ram, share};

use child::{Child, End, NotStarted};
use gpu::{Boards, Followed};
use machine::{Machine, Roots};
use powercap::Powercap;
use record::{
    Bracket, Component, Exit, Given, Intensity, MachineWords, Processes, Provenance, Record, Tool, total,
};

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
/// Seconds between two readings of a power gauge.
const GAUGE_INTERVAL_S: f64 = 0.1;
/// Longest time between two readings: half of the shortest wrap of a counter at a kilowatt.
const INTERVAL_MAX_S: f64 = 30.0;
/// Seconds between two copies of the unfinished record.
const COPY_EVERY_S: f64 = 60.0;

/// A whole number as floating point.
fn number(value: u64) -> f64 {
    of_u64(value)
}

/// The whole part of a positive number.
fn whole(value: f64) -> u64 {
    Duration::try_from_secs_f64(value.max(0.0)).map_or(0, |time| time.as_secs())
}

/// What the energy of the command is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The whole machine while the command runs.
    Machine,
    /// The command and its descendants.
    Process,
}

/// A formula for a processor without counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CpuFormula {
    /// The project's own.
    Sobria,
    /// CodeCarbon 2.
    CodeCarbon2,
    /// CodeCarbon 3.
    CodeCarbon3,
}

/// What was asked.
pub struct Settings {
    /// The command.
    pub command: Vec<OsString>,
    /// Name of the run.
    pub name: String,
    /// Place of the electricity.
    pub zone: Option<String>,
    /// Grammes of CO₂ equivalent per kWh, in place of those of the zone.
    pub intensity: Option<f64>,
    /// Efficiency of the room.
    pub pue: Option<f64>,
    /// Litres of water per kWh of the machines.
    pub wue: Option<f64>,
    /// Design power of the processor, in watts.
    pub tdp: Option<f64>,
    /// Memory modules.
    pub ram_modules: Option<u32>,
    /// Formula for a processor without counter.
    pub formula: CpuFormula,
    /// Share of the energy added for what no counter sees, in hundredths.
    pub overhead: f64,
    /// Scope, when it is imposed.
    pub scope: Option<Scope>,
    /// Seconds between readings.
    pub interval_s: f64,
    /// Seconds of rest measured before the command.
    pub baseline_s: f64,
    /// Whether the arguments are kept in the record.
    pub keep_args: bool,
    /// Whether progress is shown.
    pub live: bool,
    /// Files of the kernel.
    pub roots: Roots,
    /// Folder of boards, in place of the driver.
    pub boards: Option<PathBuf>,
    /// Log of a meter.
    pub meter: Option<PathBuf>,
    /// File of the power of a virtual machine.
    pub vm_power: Option<PathBuf>,
    /// Where the unfinished record is copied.
    pub part: Option<PathBuf>,
}

/// What follows the command while it runs.
struct Sources {
    powercap: Powercap,
    boards: Vec<Followed>,
    vm_power: Option<gauge::VmPower>,
    ticks_per_s: f64,
    page: f64,
    last: Instant,
    tree_seen: Instant,
    rss_seconds: f64,
    rss_time_s: f64,
    most_processes: usize,
}

/// A run that ended.
pub struct Measured {
    /// Its record.
    pub record: Record,
    /// How the command ended.
    pub end: End,
}

/// Runs the command and measures it.
///
/// # Errors
/// When the command cannot start: then there is no record.
pub fn run(settings: &Settings, reference: &Reference) -> Result<Measured, NotStarted> {
    let machine = Machine::read(&settings.roots);
    let lock = overlap();
    let mut sources = Sources::open(settings);
    let idle_w = sources.rest(settings.baseline_s);
    let busy_before = machine::busy(&settings.roots, sources.ticks_per_s);
    let started_at = jiff::Zoned::now();
    let awake_before = clocks();
    sources.powercap = Powercap::open(&settings.roots.powercap);
    sources.powercap.read(0.0);
    sources.vm_power = settings.vm_power.as_deref().map(gauge::VmPower::new);
    let start = Instant::now();
    sources.last = start;
    sources.tree_seen = start;
    let mut child = Child::start(&settings.command)?;
    // The driver may take a third of a second to answer: the command does not wait for it.
    let boards = Boards::open(settings.boards.as_deref());
    let late_s = start.elapsed().as_secs_f64();
    let mut found = boards.list();
    if found.is_empty() {
        found = gpu::sensors(&settings.roots.sys.join("class/drm"));
    }
    sources.boards = found
        .into_iter()
        .map(|board| Followed::begin(board, late_s))
        .collect();
    sources.last = Instant::now();
    let gauges = sources.vm_power.is_some() || sources.boards.iter().any(Followed::is_gauge);
    let interval_s = if gauges {
        settings.interval_s.min(GAUGE_INTERVAL_S)
    } else {
        settings.interval_s.min(INTERVAL_MAX_S)
    };
    let interval = Duration::from_secs_f64(interval_s);
    // Counters are read against the time of the last reading: that of the start for the first one.
    let mut powercap_last = start;
    let mut shown = start;
    let mut copied = start;
    let context = Context {
        settings,
        reference,
        machine: &machine,
        idle_w,
        started_at: &started_at,
        overlapping: lock.is_none(),
    };
    let end = loop {
        let next = sources.last + interval;
        if let Some(end) = child.wait(next.saturating_duration_since(Instant::now())) {
            break end;
        }
        if Instant::now() < next {
            continue;
        }
        sources.tick(&mut powercap_last, &boards, settings);
        if settings.live && shown.elapsed() >= Duration::from_millis(500) {
            shown = Instant::now();
            sources.show(&context, start);
        }
        if settings.part.is_some() && copied.elapsed().as_secs_f64() >= COPY_EVERY_S {
            copied = Instant::now();
            let record = context.record(&sources, start.elapsed().as_secs_f64(), 0.0, busy_before, None);
            copy(settings.part.as_deref(), &record);
        }
    };
    sources.read_all(&mut powercap_last);
    let duration_s = start.elapsed().as_secs_f64();
    let suspended_s = (clocks() - awake_before).max(0.0);
    let suspended_s = if suspended_s < 0.5 { 0.0 } else { suspended_s };
    let record = context.record(&sources, duration_s, suspended_s, busy_before, Some(end));
    drop(lock);
    Ok(Measured { record, end })
}

/// Seconds that the machine slept since it started.
fn clocks() -> f64 {
    let read = |clock| clock_gettime(clock).map_or(0.0, |time| Duration::from(time).as_secs_f64());
    read(ClockId::CLOCK_BOOTTIME) - read(ClockId::CLOCK_MONOTONIC)
}

/// A lock that tells that another measure of the whole machine goes on; none when it does.
fn overlap() -> Option<File> {
    let path = std::env::temp_dir().join("sobria-measure.lock");
    let Ok(file) = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
    else {
        // A lock that cannot be made says nothing of others.
        return File::open("/dev/null").ok();
    };
    file.try_lock().is_ok().then_some(file)
}

fn copy(part: Option<&Path>, record: &Record) {
    if let (Some(part), Ok(text)) = (part, serde_json::to_vec(record)) {
        // A copy that fails is tried again a minute later; the record itself tells of its own failure.
        let _ = std::fs::write(part, text);
    }
}

impl Sources {
    fn open(settings: &Settings) -> Self {
        let asked = |variable, usual: f64| {
            sysconf(variable)
                .ok()
                .flatten()
                .and_then(|value| u64::try_from(value).ok())
                .map_or(usual, number)
        };
        let now = Instant::now();
        Self {
            powercap: Powercap::open(&settings.roots.powercap),
            boards: Vec::new(),
            vm_power: None,
            ticks_per_s: asked(SysconfVar::CLK_TCK, 100.0),
            page: asked(SysconfVar::PAGE_SIZE, 4096.0),
            last: now,
            tree_seen: now,
            rss_seconds: 0.0,
            rss_time_s: 0.0,
            most_processes: 0,
        }
    }

    /// Watts of the machine at rest, when a rest was asked and its counters can be read.
    fn rest(&mut self, seconds: f64) -> Option<f64> {
        if seconds <= 0.0 || self.powercap.is_empty() {
            return None;
        }
        self.powercap.read(0.0);
        std::thread::sleep(Duration::from_secs_f64(seconds));
        self.powercap.read(seconds);
        self.powercap.gained().0.map(|gained| gained.energy_j / seconds)
    }

    fn read_all(&mut self, powercap_last: &mut Instant) {
        let now = Instant::now();
        self.powercap
            .read(now.duration_since(*powercap_last).as_secs_f64());
        *powercap_last = now;
        let elapsed_s = now.duration_since(self.last).as_secs_f64();
        for board in &mut self.boards {
            board.read(elapsed_s);
        }
        if let Some(power) = &mut self.vm_power {
            power.read(elapsed_s);
        }
        self.last = now;
    }

    fn tick(&mut self, powercap_last: &mut Instant, boards: &Boards, settings: &Settings) {
        self.read_all(powercap_last);
        if self.tree_seen.elapsed().as_secs_f64() < settings.interval_s {
            return;
        }
        let seconds = self.tree_seen.elapsed().as_secs_f64();
        self.tree_seen = Instant::now();
        let tree = machine::descendants(&settings.roots, std::process::id(), self.ticks_per_s, self.page);
        self.most_processes = self.most_processes.max(tree.len());
        let rss: f64 = tree.iter().map(|process| process.rss_bytes).sum();
        self.rss_seconds += rss * seconds;
        self.rss_time_s += seconds;
        let pids: Vec<u32> = tree.iter().map(|process| process.pid).collect();
        for board in &mut self.boards {
            board.look_for(&pids);
        }
        // A board may be plugged while the command runs.
        for board in boards.list() {
            let identifier = board.identifier();
            if self.boards.iter().all(|known| known.identifier != identifier) {
                self.boards.push(Followed::begin(board, 0.0));
                if let Some(added) = self.boards.last_mut() {
                    added.look_for(&pids);
                }
            }
        }
    }

    fn show(&self, context: &Context<'_>, start: Instant) {
        let seconds = start.elapsed().as_secs_f64();
        let record = context.record(self, seconds, 0.0, machine::Busy::default(), None);
        let watts: Vec<(String, f64, &'static str)> = record
            .components
            .iter()
            .map(|part| (part.id.clone(), part.energy_j / seconds, part.provenance.word()))
            .chain(self.boards.iter().filter_map(|board| {
                board
                    .power_w()
                    .map(|watts| (board.name.clone(), watts, "maintenant"))
            }))
            .collect();
        crate::output::progress(report::live(seconds, &watts, record.it_energy_kwh));
    }
}

/// What the record is made from, beside what was read.
struct Context<'a> {
    settings: &'a Settings,
    reference: &'a Reference,
    machine: &'a Machine,
    idle_w: Option<f64>,
    started_at: &'a jiff::Zoned,
    overlapping: bool,
}

impl Context<'_> {
    fn record(
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

/// Why no counter of the processor is used, and what would give one.
fn no_counter(powercap: &Powercap, machine: &Machine) -> String {
    if powercap.denied > 0 {
        "le compteur du processeur existe mais n’est lisible que par l’administrateur. Trois choix : donner la lecture de energy_uj à un groupe (règle udev ou tmpfiles) ; « setcap cap_dac_read_search+ep » sur ce programme ; ou garder le calcul d’après la charge."
            .to_owned()
    } else if machine.is_slice {
        "aucun compteur du processeur ici (machine virtuelle ou conteneur) : l’énergie est calculée d’après la charge. Pour mesurer : lancer sur la machine physique, demander à l’hébergeur un fichier de puissance (--vm-power), ou lire une prise mesurée (--meter)."
            .to_owned()
    } else {
        "aucun compteur du processeur ici : l’énergie est calculée d’après la charge. Pour mesurer : charger le module intel_rapl_common, ou lire une prise mesurée (--meter)."
            .to_owned()
    }
}

/// Every source, and why each one is used or not: for `--probe`.
pub fn probe(settings: &Settings, reference: &Reference) -> Vec<[String; 3]> {
    let machine = Machine::read(&settings.roots);
    let powercap = Powercap::open(&settings.roots.powercap);
    let mut rows = Vec::new();
    let row = |name: &str, state: &str, words: String| [name.to_owned(), state.to_owned(), words];
    if powercap.is_empty() {
        rows.push(row(
            "compteur du processeur",
            "absent",
            no_counter(&powercap, &machine),
        ));
    }
    for (path, name) in powercap.list() {
        rows.push(row(
            "compteur du processeur",
            "lisible",
            format!("{path} ({name})"),
        ));
    }
    let boards = Boards::open(settings.boards.as_deref());
    let mut list = boards.list();
    list.extend(gpu::sensors(&settings.roots.sys.join("class/drm")));
    if list.is_empty() {
        rows.push(row(
            "carte graphique",
            "absente",
            "aucune : ni bibliothèque de NVIDIA, ni capteur d’AMD ou d’Intel".to_owned(),
        ));
    }
    for board in list {
        let how = match (board.energy_mj(), board.power_mw()) {
            (Some(_), _) => "compteur d’énergie",
            (None, Some(_)) => "puissance instantanée",
            (None, None) => "aucune valeur",
        };
        rows.push(row(
            "carte graphique",
            "lisible",
            format!("{} ({}, {how})", board.name(), board.source()),
        ));
    }
    let tdp = cpu::tdp(reference, &machine.cpu_model);
    rows.push(row(
        "processeur",
        if tdp.is_some() { "connu" } else { "inconnu" },
        format!(
            "{}, {} fils{}",
            machine.cpu_model,
            machine.threads,
            tdp.map_or_else(
                || ", puissance supposée de 4 W par fil (--tdp pour la donner)".to_owned(),
                |row| format!(", {} W", row.tdp_w)
            )
        ),
    ));
    rows.push(row(
        "mémoire",
        "calculée",
        format!(
            "{:.1} Gio{}",
            machine.memory_gib,
            if machine.is_slice {
                ", part d’une machine"
            } else {
                ""
            }
        ),
    ));
    rows
}
