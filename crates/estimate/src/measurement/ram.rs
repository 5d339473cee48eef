//! Power of memory, from its size or its modules.

/// Family of a processor, which decides what a memory module draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// x86.
    X86,
    /// ARM.
    Arm,
}

/// Modules and power that the rule of CodeCarbon 3 supposes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Modules {
    /// Modules.
    pub count: u32,
    /// Watts.
    pub power_w: f64,
}

/// Watts per GB of CodeCarbon 2: 3 W for each 8 GB.
pub const W_PER_GB_CODECARBON: f64 = 0.375;
/// Watts per GB of Green Algorithms 3.0.
pub const W_PER_GB_GREEN_ALGORITHMS: f64 = 0.3725;
/// Watts of one module, by the advice of CodeCarbon.
pub const W_PER_MODULE: f64 = 5.0;

/// The rule of CodeCarbon 3: a likely number of modules, then a power for each, smaller for the later ones.
///
/// It does not grow with size everywhere (192 GB draw more than 256 GB): two machines are never ranked on it.
///
/// ```
/// use sobria_estimate::measurement::ram::{Architecture, modules};
///
/// assert_eq!(modules(503.7, Architecture::X86).count, 16);
/// assert_eq!(modules(503.7, Architecture::X86).power_w, 70.0);
/// ```
#[must_use]
pub fn modules(gb: f64, architecture: Architecture) -> Modules {
    let count = count(gb);
    let (each, least) = match architecture {
        Architecture::X86 => (5.0, 10.0),
        Architecture::Arm => (1.5, 3.0),
    };
    let weights = f64::from(count.min(4))
        + 0.9 * f64::from(count.saturating_sub(4).min(4))
        + 0.8 * f64::from(count.saturating_sub(8).min(8))
        + 0.7 * f64::from(count.saturating_sub(16));
    Modules {
        count,
        power_w: (each * weights).max(least),
    }
}

fn count(gb: f64) -> u32 {
    for (up_to, count) in [(2.0, 1), (16.0, 2), (64.0, 4), (128.0, 8)] {
        if gb <= up_to {
            return count;
        }
    }
    let size = [128.0, 64.0, 32.0, 16.0, 8.0, 4.0]
        .into_iter()
        .find(|size| *size <= gb / 8.0)
        .unwrap_or(4.0);
    (1..32).find(|count| f64::from(*count) * size >= gb).unwrap_or(32)
}
