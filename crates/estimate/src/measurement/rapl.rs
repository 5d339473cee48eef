//! Counters of the processor (RAPL), as the powercap files give them.

use crate::measurement::number::of_u64;

/// What one counter gained between two readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delta {
    /// Microjoules.
    pub energy_uj: u64,
    /// Whether the counter started again in between.
    pub wrapped: bool,
}

/// The gain of a counter that starts again after `max_range_uj`, once at most between the two readings.
///
/// None when it dropped and its range is unknown (zero): a drop cannot then be told from a reset.
///
/// ```
/// use sobria_estimate::measurement::rapl::delta;
///
/// assert_eq!(delta(262_143_000_000, 100_000_000, 262_143_328_850).unwrap().energy_uj, 100_328_850);
/// assert_eq!(delta(900, 100, 0), None);
/// ```
#[must_use]
pub fn delta(start_uj: u64, end_uj: u64, max_range_uj: u64) -> Option<Delta> {
    if let Some(energy_uj) = end_uj.checked_sub(start_uj) {
        return Some(Delta {
            energy_uj,
            wrapped: false,
        });
    }
    let energy_uj = max_range_uj.checked_sub(start_uj)?.checked_add(end_uj)?;
    Some(Delta {
        energy_uj,
        wrapped: true,
    })
}

/// Seconds in which a counter can start again at this power: the interval between readings stays under half of it.
///
/// ```
/// use sobria_estimate::measurement::rapl::wrap_after_s;
///
/// assert_eq!(wrap_after_s(180.0, 262_143_328_850).round(), 1456.0);
/// ```
#[must_use]
pub fn wrap_after_s(power_w: f64, max_range_uj: u64) -> f64 {
    of_u64(max_range_uj) / 1e6 / power_w
}

/// A zone of the powercap class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Domain<'a> {
    /// Name of its directory: `intel-rapl:0`, `intel-rapl:0:1`, `intel-rapl-mmio:0`.
    pub path: &'a str,
    /// Content of its `name` file: `package-0`, `dram`, `psys`.
    pub name: &'a str,
    /// Microjoules gained over the first interval; none when it cannot be read.
    pub delta_uj: Option<u64>,
}

/// What the processor's zones cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// The processors.
    Package,
    /// The whole board, memory included.
    Platform,
    /// Nothing: a model is needed.
    Nothing,
}

/// The zones to add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice<'a> {
    /// Zones of the processor, or of the platform.
    pub cpu: Vec<Domain<'a>>,
    /// Zones of the memory.
    pub ram: Vec<Domain<'a>>,
    /// What the zones of the processor cover.
    pub coverage: Coverage,
}

impl Choice<'_> {
    /// Microjoules of the processor; none without a zone.
    ///
    /// ```
    /// use sobria_estimate::measurement::rapl::{Domain, choose};
    ///
    /// let zones = [Domain { path: "intel-rapl:0", name: "package-0", delta_uj: Some(5_000) }];
    /// assert_eq!(choose(&zones).cpu_energy_uj(), Some(5_000));
    /// assert_eq!(choose(&[]).cpu_energy_uj(), None);
    /// ```
    #[must_use]
    pub fn cpu_energy_uj(&self) -> Option<u64> {
        total(&self.cpu)
    }

    /// Microjoules of the memory; none without a zone.
    ///
    /// ```
    /// use sobria_estimate::measurement::rapl::{Domain, choose};
    ///
    /// let zone = |path, name| Domain { path, name, delta_uj: Some(5_000) };
    /// let zones = [zone("intel-rapl:0", "package-0"), zone("intel-rapl:0:1", "dram")];
    /// assert_eq!(choose(&zones).ram_energy_uj(), Some(5_000));
    /// ```
    #[must_use]
    pub fn ram_energy_uj(&self) -> Option<u64> {
        total(&self.ram)
    }
}

fn total(domains: &[Domain<'_>]) -> Option<u64> {
    if domains.is_empty() {
        return None;
    }
    Some(
        domains
            .iter()
            .filter_map(|domain| domain.delta_uj)
            .fold(0, u64::saturating_add),
    )
}

/// Zones reached through the registers of the processor, preferred to those reached through memory.
const REGISTERS: &str = "intel-rapl:";
const MEMORY_MAPPED: &str = "intel-rapl-mmio:";

/// Chooses the zones that count each joule once.
///
/// Packages before the whole platform, registers before memory-mapped copies of them, mirrored dies once; cores are
/// inside their package and never added; memory is outside of it.
///
/// ```
/// use sobria_estimate::measurement::rapl::{Coverage, Domain, choose};
///
/// let zone = |path, name, delta_uj| Domain { path, name, delta_uj: Some(delta_uj) };
/// let zones = [
///     zone("intel-rapl:0", "package-0-die-0", 68_000_000),
///     zone("intel-rapl:1", "package-0-die-1", 68_000_100),
///     zone("intel-rapl:0:0", "core", 40_000_000),
/// ];
/// let choice = choose(&zones);
/// assert_eq!(choice.cpu_energy_uj(), Some(68_000_000));
/// assert_eq!(choice.coverage, Coverage::Package);
/// ```
#[must_use]
pub fn choose<'a>(domains: &[Domain<'a>]) -> Choice<'a> {
    let readable = |family: &'static str, wanted: fn(&str) -> bool| {
        domains
            .iter()
            .copied()
            .filter(move |domain| {
                domain.path.starts_with(family) && wanted(domain.name) && domain.delta_uj.is_some()
            })
            .collect::<Vec<_>>()
    };
    let packages = |name: &str| name.starts_with("package");
    let memory = |name: &str| name == "dram";
    for family in [REGISTERS, MEMORY_MAPPED] {
        let cpu = without_mirrors(readable(family, packages));
        if !cpu.is_empty() {
            let mut ram = readable(REGISTERS, memory);
            if ram.is_empty() {
                ram = readable(MEMORY_MAPPED, memory);
            }
            return Choice {
                cpu,
                ram,
                coverage: Coverage::Package,
            };
        }
    }
    for family in [REGISTERS, MEMORY_MAPPED] {
        let cpu = readable(family, |name| name == "psys");
        if !cpu.is_empty() {
            return Choice {
                cpu,
                ram: Vec::new(),
                coverage: Coverage::Platform,
            };
        }
    }
    let mut ram = readable(REGISTERS, memory);
    if ram.is_empty() {
        ram = readable(MEMORY_MAPPED, memory);
    }
    Choice {
        cpu: Vec::new(),
        ram,
        coverage: Coverage::Nothing,
    }
}

/// Dies of one package whose gains agree within a thousandth show the same counter: one of them is kept.
fn without_mirrors(packages: Vec<Domain<'_>>) -> Vec<Domain<'_>> {
    let mut kept: Vec<Domain<'_>> = Vec::with_capacity(packages.len());
    for domain in packages {
        let mirrored = package_of_die(domain.name).is_some_and(|package| {
            kept.iter().any(|other| {
                package_of_die(other.name) == Some(package)
                    && agree(other.delta_uj.unwrap_or(0), domain.delta_uj.unwrap_or(0))
            })
        });
        if !mirrored {
            kept.push(domain);
        }
    }
    kept
}

fn package_of_die(name: &str) -> Option<&str> {
    name.split_once("-die-").map(|(package, _)| package)
}

fn agree(first: u64, second: u64) -> bool {
    u128::from(first.abs_diff(second)) * 1000 <= u128::from(first.max(second))
}
