//! Energy from a series of powers.

/// Joules in a kilowatt-hour.
pub const JOULES_PER_KWH: f64 = 3_600_000.0;

/// A power read at a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Seconds since any origin.
    pub at_s: f64,
    /// Watts.
    pub power_w: f64,
}

/// Energy of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Energy {
    /// Joules.
    pub energy_j: f64,
    /// Seconds from the first sample to the last.
    pub duration_s: f64,
    /// Mean over time; none when the series lasts no time.
    pub mean_power_w: Option<f64>,
}

impl Energy {
    /// The same in kilowatt-hours.
    ///
    /// ```
    /// use sobria_estimate::measurement::power::{Sample, of_means};
    ///
    /// let one_hour = [(0.0, 0.0), (3600.0, 1000.0)].map(|(at_s, power_w)| Sample { at_s, power_w });
    /// assert_eq!(of_means(&one_hour).energy_kwh(), 1.0);
    /// ```
    #[must_use]
    pub fn energy_kwh(&self) -> f64 {
        self.energy_j / JOULES_PER_KWH
    }
}

/// Energy when each power is the mean over the interval that ends at its time; the first only sets the origin.
///
/// ```
/// use sobria_estimate::measurement::power::{Sample, of_means};
///
/// let rows = [(0.0, 0.0), (15.0, 42.5), (22.4, 60.0)].map(|(at_s, power_w)| Sample { at_s, power_w });
/// assert!((of_means(&rows).energy_j - 1081.5).abs() < 1e-9);
/// assert_eq!(of_means(&rows[..1]).mean_power_w, None);
/// ```
#[must_use]
pub fn of_means(samples: &[Sample]) -> Energy {
    summed(samples, |_, last| last.power_w)
}

/// Energy when each power is the one of its instant: trapezoid rule.
///
/// ```
/// use sobria_estimate::measurement::power::{Sample, of_instants};
///
/// let gauge = [(0.0, 100.0), (1.0, 200.0), (3.0, 200.0)].map(|(at_s, power_w)| Sample { at_s, power_w });
/// assert_eq!(of_instants(&gauge).energy_j, 550.0);
/// ```
#[must_use]
pub fn of_instants(samples: &[Sample]) -> Energy {
    summed(samples, |first, last| f64::midpoint(first.power_w, last.power_w))
}

fn summed(samples: &[Sample], power: impl Fn(&Sample, &Sample) -> f64) -> Energy {
    let mut energy_j = 0.0;
    for (first, last) in samples.iter().zip(samples.iter().skip(1)) {
        energy_j += power(first, last) * (last.at_s - first.at_s);
    }
    let duration_s = match (samples.first(), samples.last()) {
        (Some(first), Some(last)) => last.at_s - first.at_s,
        _ => 0.0,
    };
    Energy {
        energy_j,
        duration_s,
        mean_power_w: (duration_s > 0.0).then(|| energy_j / duration_s),
    }
}
