//! Power of a processor that no counter tells.

use crate::reference::{Reference, Tdp};

/// Watts per thread of a processor that no table knows.
///
/// Source: CodeCarbon 3.
pub const UNKNOWN_W_PER_THREAD: f64 = 4.0;
/// Watts that CodeCarbon 2 supposed of any processor it did not know.
pub const CODECARBON2_UNKNOWN_W: f64 = 85.0;

/// How much of the design power is drawn without load, then by each unit of load, by [`sobria_load`]; and the bounds
/// that hold nine of ten measured points, as multiples of the central figure.
///
/// Source: fit on the measurements that CodeCarbon publishes for four machines (78 points).
const IDLE: f64 = 0.10;
const SLOPE: f64 = 0.65;
const LOW: f64 = 0.45;
const HIGH: f64 = 1.75;

/// A power with the bounds it is known within.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Power {
    /// Watts.
    pub central_w: f64,
    /// At least.
    pub low_w: f64,
    /// At most.
    pub high_w: f64,
}

/// Power at a load from 0 to 1: design power × (0.10 + 0.65 × load), nine of ten points between 0.45 and 1.75 times it.
///
/// ```
/// use sobria_estimate::measurement::cpu::sobria_load;
///
/// let power = sobria_load(150.0, 0.0);
/// assert_eq!((power.central_w, power.low_w, power.high_w), (15.0, 6.75, 26.25));
/// ```
#[must_use]
pub fn sobria_load(tdp_w: f64, load: f64) -> Power {
    bounded(tdp_w * (IDLE + SLOPE * load))
}

/// The part of [`sobria_load`] that the load adds to an idle processor.
///
/// ```
/// use sobria_estimate::measurement::cpu::sobria_dynamic;
///
/// assert_eq!(sobria_dynamic(100.0, 1.0).central_w, 65.0);
/// ```
#[must_use]
pub fn sobria_dynamic(tdp_w: f64, load: f64) -> Power {
    bounded(tdp_w * SLOPE * load)
}

/// The part of [`sobria_load`] that is drawn without load.
///
/// ```
/// use sobria_estimate::measurement::cpu::sobria_idle;
///
/// assert_eq!(sobria_idle(100.0).central_w, 10.0);
/// ```
#[must_use]
pub fn sobria_idle(tdp_w: f64) -> Power {
    bounded(tdp_w * IDLE)
}

fn bounded(central_w: f64) -> Power {
    Power {
        central_w,
        low_w: LOW * central_w,
        high_w: HIGH * central_w,
    }
}

/// Power of a whole machine by CodeCarbon 3: design power × (0.1 + 0.9 × load³).
///
/// ```
/// use sobria_estimate::measurement::cpu::codecarbon3_machine;
///
/// assert_eq!(codecarbon3_machine(85.0, 1.0), 85.0);
/// ```
#[must_use]
pub fn codecarbon3_machine(tdp_w: f64, load: f64) -> f64 {
    tdp_w * (0.1 + 0.9 * load.powi(3))
}

/// Power of a process by CodeCarbon 3: its share of the threads, at design power.
///
/// ```
/// use sobria_estimate::measurement::cpu::codecarbon3_process;
///
/// assert_eq!(codecarbon3_process(150.0, 12.0, 4.0, 16.0), 28.125);
/// ```
#[must_use]
pub fn codecarbon3_process(tdp_w: f64, cpu_seconds: f64, interval_s: f64, threads: f64) -> f64 {
    tdp_w * cpu_seconds / (interval_s * threads)
}

/// Power by CodeCarbon 2: half of the design power, whatever the load.
///
/// ```
/// use sobria_estimate::measurement::cpu::codecarbon_constant;
///
/// assert_eq!(codecarbon_constant(85.0), 42.5);
/// ```
#[must_use]
pub fn codecarbon_constant(tdp_w: f64) -> f64 {
    0.5 * tdp_w
}

/// Power of a Threadripper by the function that CodeCarbon 3 holds without calling it.
///
/// ```
/// use sobria_estimate::measurement::cpu::codecarbon3_threadripper;
///
/// assert!((codecarbon3_threadripper(280.0, 0.05) - 7.0).abs() < 1e-12);
/// ```
#[must_use]
pub fn codecarbon3_threadripper(tdp_w: f64, load: f64) -> f64 {
    let share = if load < 0.1 {
        0.5 * load
    } else if load <= 0.3 {
        0.05 + 1.8 * (load - 0.1)
    } else if load <= 0.5 {
        0.45 + 0.50 * ((load - 0.3) / 0.2).powf(1.8)
    } else {
        0.85 + 0.15 * (1.0 - (-5.0 * (load - 0.5)).exp())
    };
    tdp_w * share
}

/// The name of a processor without what makers and systems add to it.
///
/// ```
/// use sobria_estimate::measurement::cpu::plain_name;
///
/// assert_eq!(plain_name("Intel(R) Xeon(R) Gold 6226R CPU @ 2.90GHz"), "Intel Xeon Gold 6226R");
/// assert_eq!(plain_name("AMD EPYC 7713 64-Core Processor"), "AMD EPYC 7713");
/// ```
#[must_use]
pub fn plain_name(raw: &str) -> String {
    let without_marks = raw.replace("(R)", " ").replace("(r)", " ");
    let without_marks = without_marks.replace("(TM)", " ").replace("(tm)", " ");
    let before_speed = match without_marks.split_once('@') {
        Some((name, speed)) if speed.trim().to_ascii_lowercase().ends_with("hz") => name,
        _ => without_marks.as_str(),
    };
    before_speed
        .split_whitespace()
        .filter(|word| !is_noise(word))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Words that say nothing of the part: `CPU`, `Processor`, `64-Core`, `8-Cores`.
fn is_noise(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let cores = word
        .strip_suffix("-core")
        .or_else(|| word.strip_suffix("-cores"))
        .is_some_and(|count| !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit()));
    cores || word == "cpu" || word == "processor"
}

/// The row of a processor: its plain name, exactly, without regard to case.
///
/// Names that hypervisors give match nothing: they would give a slice the power of a whole server.
///
/// ```
/// use sobria_estimate::{Reference, measurement::cpu::tdp};
///
/// let tables = Reference::embedded();
/// assert_eq!(tdp(tables, "Intel(R) Xeon(R) Gold 6226R CPU @ 2.90GHz").unwrap().tdp_w, 150.0);
/// assert!(tdp(tables, "Intel(R) Xeon(R) Processor").is_none());
/// ```
#[must_use]
pub fn tdp<'r>(reference: &'r Reference, raw: &str) -> Option<&'r Tdp<'static>> {
    let name = plain_name(raw);
    reference.tdps().iter().find(|row| {
        row.model.eq_ignore_ascii_case(&name) || plain_name(row.model).eq_ignore_ascii_case(&name)
    })
}
