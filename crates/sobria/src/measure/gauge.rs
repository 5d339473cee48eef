//! Power written by others: the file that a host shares with its guest, and the log of a meter.

use std::path::{Path, PathBuf};

use sobria_estimate::measurement::power::{Sample, of_instants};

/// A file that a host keeps up to date: watts alone, or three columns of which the third is watts.
pub struct VmPower {
    path: PathBuf,
    last_w: Option<f64>,
    energy_j: f64,
    seconds: f64,
}

impl VmPower {
    /// Begins to follow a file.
    pub fn new(path: &Path) -> Self {
        let mut power = Self {
            path: path.to_owned(),
            last_w: None,
            energy_j: 0.0,
            seconds: 0.0,
        };
        power.read(0.0);
        power
    }

    /// Reads it, so many seconds after the last time.
    pub fn read(&mut self, elapsed_s: f64) {
        let Some(now) = last_watts(&self.path) else {
            return;
        };
        let before = self.last_w.replace(now).unwrap_or(now);
        self.energy_j += f64::midpoint(before, now) * elapsed_s;
        self.seconds += elapsed_s;
    }

    /// Joules; none when the file never held a number.
    pub fn energy_j(&self) -> Option<f64> {
        self.last_w.map(|_| self.energy_j)
    }
}

fn last_watts(path: &Path) -> Option<f64> {
    let text = std::fs::read_to_string(path).ok()?;
    let line = text.lines().rev().find(|line| !line.trim().is_empty())?;
    let cells: Vec<&str> = line
        .split([',', ';', ' ', '\t'])
        .filter(|cell| !cell.is_empty())
        .collect();
    let cell = if cells.len() >= 3 {
        cells.get(2)
    } else {
        cells.first()
    };
    cell?
        .trim()
        .parse()
        .ok()
        .filter(|watts: &f64| watts.is_finite() && *watts >= 0.0)
}

/// The energy of a log `time,watts` between two times, in seconds since 1970.
///
/// None when the log does not cover them: less than two readings in between.
pub fn meter_j(text: &str, from_s: f64, to_s: f64) -> Option<f64> {
    let samples: Vec<Sample> = text
        .lines()
        .filter_map(|line| {
            let (time, watts) = line.split_once([',', ';', '\t'])?;
            let at_s = seconds(time.trim())?;
            let power_w: f64 = watts.trim().replace(',', ".").parse().ok()?;
            (power_w.is_finite() && power_w >= 0.0).then_some(Sample { at_s, power_w })
        })
        .filter(|sample| (from_s - 1.5..=to_s + 1.5).contains(&sample.at_s))
        .collect();
    if samples.len() < 2 {
        return None;
    }
    let covered = of_instants(&samples);
    // The readings do not fall on the very times of the run: their mean power holds for all of it.
    covered.mean_power_w.map(|watts| watts * (to_s - from_s))
}

fn seconds(time: &str) -> Option<f64> {
    if let Ok(number) = time.parse::<f64>() {
        return Some(number);
    }
    let stamp = time.parse::<jiff::Timestamp>().ok().or_else(|| {
        let local: jiff::civil::DateTime = time.replace(' ', "T").parse().ok()?;
        local
            .to_zoned(jiff::tz::TimeZone::system())
            .ok()
            .map(|zoned| zoned.timestamp())
    })?;
    Some(stamp.as_duration().as_secs_f64())
}
