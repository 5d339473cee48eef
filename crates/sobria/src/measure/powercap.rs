//! Energy counters of the processor: the powercap class of the kernel, or a tree of the same shape.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use sobria_estimate::measurement::rapl::{Choice, Domain, choose, delta};

/// One zone, kept open.
struct Zone {
    path: String,
    name: String,
    file: File,
    max_range_uj: u64,
    last_uj: Option<u64>,
    /// Seconds since the last sound reading.
    waited_s: f64,
    gained_uj: u64,
    wraps: u32,
    invalid: u32,
    /// Seconds of invalid intervals whose energy is not bridged yet.
    to_bridge_s: f64,
    power_uw: Option<f64>,
}

/// Every zone that can be read.
#[derive(Default)]
pub struct Powercap {
    zones: Vec<Zone>,
    /// Zones that exist and that this user may not read.
    pub denied: usize,
}

/// What the zones of one component gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Gained {
    /// Names of the zones.
    pub zones: Vec<String>,
    /// Joules.
    pub energy_j: f64,
    /// Intervals whose counter dropped without a known range, bridged with the power of their neighbours.
    pub invalid_intervals: u32,
    /// Times a counter started again.
    pub wraps: u32,
}

impl Powercap {
    /// Opens the zones under a root; each once, whatever the links that lead to it.
    pub fn open(root: &Path) -> Self {
        let mut folders = Vec::new();
        gather(root, 2, &mut folders);
        folders.sort();
        let mut seen = BTreeSet::new();
        let mut powercap = Self::default();
        for folder in folders {
            let resolved = folder.canonicalize().unwrap_or_else(|_| folder.clone());
            if seen.insert(resolved) {
                powercap.add(&folder);
            }
        }
        powercap
    }

    fn add(&mut self, folder: &Path) {
        let Ok(name) = std::fs::read_to_string(folder.join("name")) else {
            return;
        };
        let file = match File::open(folder.join("energy_uj")) {
            Ok(file) => file,
            Err(error) => {
                self.denied += usize::from(error.kind() == ErrorKind::PermissionDenied);
                return;
            }
        };
        let max_range_uj = std::fs::read_to_string(folder.join("max_energy_range_uj"))
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(0);
        self.zones.push(Zone {
            path: folder
                .file_name()
                .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
            name: name.trim().to_owned(),
            file,
            max_range_uj,
            last_uj: None,
            waited_s: 0.0,
            gained_uj: 0,
            wraps: 0,
            invalid: 0,
            to_bridge_s: 0.0,
            power_uw: None,
        });
    }

    /// Reads every counter, so many seconds after the last time.
    pub fn read(&mut self, elapsed_s: f64) {
        for zone in &mut self.zones {
            zone.read(elapsed_s);
        }
    }

    /// Whether any zone can be read.
    pub fn is_empty(&self) -> bool {
        self.zones.is_empty()
    }

    /// The zones that count each joule once, from what all of them gained so far.
    fn choice(&self) -> Choice<'_> {
        let domains: Vec<Domain<'_>> = self
            .zones
            .iter()
            .map(|zone| Domain {
                path: &zone.path,
                name: &zone.name,
                delta_uj: zone.last_uj.map(|_| zone.gained_uj),
            })
            .collect();
        choose(&domains)
    }

    /// What the processors (or the platform) and the memory gained; and whether the first is the whole platform.
    pub fn gained(&self) -> (Option<Gained>, Option<Gained>, bool) {
        let choice = self.choice();
        let platform = choice.coverage == sobria_estimate::measurement::rapl::Coverage::Platform;
        let cpu: Vec<&str> = choice.cpu.iter().map(|domain| domain.path).collect();
        let ram: Vec<&str> = choice.ram.iter().map(|domain| domain.path).collect();
        (self.of(&cpu), self.of(&ram), platform)
    }

    fn of(&self, paths: &[&str]) -> Option<Gained> {
        let zones: Vec<&Zone> = self
            .zones
            .iter()
            .filter(|zone| paths.contains(&zone.path.as_str()))
            .collect();
        if zones.is_empty() {
            return None;
        }
        let microjoules = zones
            .iter()
            .map(|zone| zone.gained_uj)
            .fold(0, u64::saturating_add);
        Some(Gained {
            zones: zones.iter().map(|zone| zone.path.clone()).collect(),
            energy_j: super::number(microjoules) / 1e6,
            invalid_intervals: zones.iter().map(|zone| zone.invalid).sum(),
            wraps: zones.iter().map(|zone| zone.wraps).sum(),
        })
    }

    /// Each zone with its name, for the list of sources.
    pub fn list(&self) -> Vec<(String, String)> {
        self.zones
            .iter()
            .map(|zone| (zone.path.clone(), zone.name.clone()))
            .collect()
    }
}

impl Zone {
    fn read(&mut self, elapsed_s: f64) {
        self.waited_s += elapsed_s;
        // A reading that fails leaves the last one: the counter goes on, and the next reading covers the gap.
        let Some(now) = read_number(&self.file) else {
            return;
        };
        let Some(last) = self.last_uj.replace(now) else {
            self.waited_s = 0.0;
            return;
        };
        let waited_s = std::mem::take(&mut self.waited_s);
        let Some(gain) = delta(last, now, self.max_range_uj) else {
            self.invalid += 1;
            self.to_bridge_s += waited_s;
            return;
        };
        self.wraps += u32::from(gain.wrapped);
        self.gained_uj = self.gained_uj.saturating_add(gain.energy_uj);
        if waited_s <= 0.0 {
            return;
        }
        let power = super::number(gain.energy_uj) / waited_s;
        let before = self.power_uw.replace(power).unwrap_or(power);
        self.bridge(f64::midpoint(before, power));
    }

    fn bridge(&mut self, power_uw: f64) {
        let seconds = std::mem::take(&mut self.to_bridge_s);
        self.gained_uj = self.gained_uj.saturating_add(super::whole(power_uw * seconds));
    }
}

fn read_number(file: &File) -> Option<u64> {
    let mut buffer = [0_u8; 32];
    let count = file.read_at(&mut buffer, 0).ok()?;
    std::str::from_utf8(buffer.get(..count)?)
        .ok()?
        .trim()
        .parse()
        .ok()
}

fn gather(folder: &Path, depth: u32, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with("intel-rapl") && path.is_dir() {
            if depth > 0 {
                gather(&path, depth - 1, found);
            }
            found.push(path);
        }
    }
}
