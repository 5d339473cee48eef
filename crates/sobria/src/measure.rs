//! `sobria measure`: the energy of a command, with what part of it was measured.
//!
//! One thread, no asynchronous runtime: the counters are read, the command starts, and a poll waits for signals between
//! readings. The arithmetic is in `sobria_estimate::measurement`.

mod account;
pub mod child;
mod gauge;
pub mod gpu;
pub mod machine;
pub mod output;
mod powercap;
mod probe;
pub mod record;
pub mod report;
mod sources;

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use nix::time::{ClockId, clock_gettime};
use sobria_estimate::Reference;
use sobria_estimate::measurement::number::of_u64;

use account::Context;
use child::{Child, End, NotStarted};
use gpu::{Boards, Followed};
use machine::{Machine, Roots};
use powercap::Powercap;
pub use probe::probe;
use record::Record;
use sources::Sources;

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
    let started_at = jiff::Timestamp::now().to_zoned(local_time());
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

/// The time zone of this machine. Its file alone is read: to know its name, hundreds of others would be listed, which
/// takes half a megabyte to write one offset.
fn local_time() -> TimeZone {
    if std::env::var_os("TZ").is_some() {
        return TimeZone::system();
    }
    std::fs::read("/etc/localtime")
        .ok()
        .and_then(|file| TimeZone::tzif("", &file).ok())
        .unwrap_or_else(TimeZone::system)
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
