//! Between which bounds the energy of a run lies, from how each of its components is known.

use serde::Serialize;

use super::{Provenance, Run};

/// A counter or a gauge, over a minute or more and over less than two seconds: its error, as a share of the figure.
/// Yang et al., SC24, arXiv 2312.02741, on boards whose sensor sees a quarter of the time; taken for every counter.
const MEASURED: f64 = 0.05;
const MEASURED_SHORT: f64 = 0.25;
/// A run shorter than this, in seconds, is a short one.
const SHORT_S: f64 = 2.0;
/// A processor whose power comes from a formula: nine readings of ten beside RAPL lie between these factors.
const PROCESSOR: [f64; 2] = [0.45, 1.75];
/// Memory, always from a formula.
const MEMORY: [f64; 2] = [0.5, 2.0];

/// Two bounds of an energy, in kilowatt-hours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Bounds {
    /// At least.
    pub low: f64,
    /// At most.
    pub high: f64,
}

impl Bounds {
    pub(super) fn add(&mut self, other: Self) {
        self.low += other.low;
        self.high += other.high;
    }
}

/// The bounds of a run. Components that are not measured may all err the same way, and a log does not tell how far they
/// are independent: the bounds are added up.
pub(super) fn of(run: &Run) -> Bounds {
    let counter = if run.duration_s < SHORT_S {
        MEASURED_SHORT
    } else {
        MEASURED
    };
    let measured = [1.0 - counter, 1.0 + counter];
    let mut bounds = Bounds::default();
    let mut told = 0.0;
    for (energy, provenance, otherwise) in [
        (run.cpu_kwh, run.cpu_provenance, PROCESSOR),
        (run.gpu_kwh, run.gpu_provenance, PROCESSOR),
        (run.ram_kwh, run.ram_provenance, MEMORY),
    ] {
        let energy = energy.unwrap_or(0.0);
        let [low, high] = if provenance == Provenance::Measured {
            measured
        } else {
            otherwise
        };
        told += energy;
        bounds.add(Bounds {
            low: energy * low,
            high: energy * high,
        });
    }
    // What no component explains: all of it before version 2, the rest of a sum that does not fit otherwise.
    let rest = (run.energy_kwh - told).max(0.0);
    bounds.add(Bounds {
        low: rest * PROCESSOR[0],
        high: rest * PROCESSOR[1],
    });
    Bounds {
        low: bounds.low.min(run.energy_kwh),
        high: bounds.high.max(run.energy_kwh),
    }
}

#[cfg(test)]
mod tests {
    use crate::measurements::Runs;

    fn bounds(log: &str) -> (f64, f64) {
        let mut runs = Runs::default();
        runs.read(log.as_bytes(), "emissions.csv").unwrap();
        let range = runs.all()[0].energy_range_kwh;
        (range.low, range.high)
    }

    #[test]
    fn a_counter_is_sure_and_a_formula_is_not() {
        let header = "timestamp,run_id,duration,emissions,energy_consumed,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy";
        let (low, high) = bounds(&format!("{header}\n2026-01-01,a,3600,0.1,10,10,5000,0,2,8,0\n"));
        assert!((low - (2.0 * 0.45 + 8.0 * 0.95)).abs() < 1e-12, "{low}");
        assert!((high - (2.0 * 1.75 + 8.0 * 1.05)).abs() < 1e-12, "{high}");
        let (short, _) = bounds(&format!("{header}\n2026-01-01,a,1,0.1,8,0,5000,0,0,8,0\n"));
        assert!((short - 6.0).abs() < 1e-12, "{short}");
    }

    #[test]
    fn a_log_of_one_energy_is_as_unsure_as_its_formula() {
        let (low, high) = bounds("timestamp,duration,emissions,energy_consumed\n2021-03-01,3600,0.1,2\n");
        assert_eq!((low, high), (0.9, 3.5));
    }
}
