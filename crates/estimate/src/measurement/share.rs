//! The share of a machine's energy that belongs to one command.

/// Energy of a command.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// Joules above those of the idle machine.
    pub dynamic_j: f64,
    /// Joules with a share of those of the idle machine.
    pub with_idle_share_j: f64,
}

/// The share of a command, in proportion to its time on the processors.
///
/// An idle energy above the total counts as the total; a machine that did nothing gives nothing.
///
/// ```
/// use sobria_estimate::measurement::share::of_command;
///
/// let share = of_command(36_000.0, 12_000.0, 50.0, 100.0);
/// assert_eq!((share.dynamic_j, share.with_idle_share_j), (12_000.0, 18_000.0));
/// ```
#[must_use]
pub fn of_command(
    machine_energy_j: f64,
    idle_energy_j: f64,
    command_cpu_s: f64,
    machine_busy_cpu_s: f64,
) -> Share {
    let ratio = if machine_busy_cpu_s > 0.0 {
        command_cpu_s / machine_busy_cpu_s
    } else {
        0.0
    };
    Share {
        dynamic_j: (machine_energy_j - idle_energy_j).max(0.0) * ratio,
        with_idle_share_j: machine_energy_j * ratio,
    }
}
