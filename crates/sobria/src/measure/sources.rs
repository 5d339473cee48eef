//! What is read while the command runs: counters, boards, and the processes that it started.

use std::time::{Duration, Instant};

use nix::unistd::{SysconfVar, sysconf};

use super::account::Context;
use super::gpu::{Boards, Followed};
use super::powercap::Powercap;
use super::{Settings, gauge, machine, number, report};

/// What follows the command while it runs.
pub(super) struct Sources {
    pub(super) powercap: Powercap,
    pub(super) boards: Vec<Followed>,
    pub(super) vm_power: Option<gauge::VmPower>,
    pub(super) ticks_per_s: f64,
    pub(super) page: f64,
    pub(super) last: Instant,
    pub(super) tree_seen: Instant,
    pub(super) rss_seconds: f64,
    pub(super) rss_time_s: f64,
    pub(super) most_processes: usize,
}

impl Sources {
    pub(super) fn open(settings: &Settings) -> Self {
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
    pub(super) fn rest(&mut self, seconds: f64) -> Option<f64> {
        if seconds <= 0.0 || self.powercap.is_empty() {
            return None;
        }
        self.powercap.read(0.0);
        std::thread::sleep(Duration::from_secs_f64(seconds));
        self.powercap.read(seconds);
        self.powercap.gained().0.map(|gained| gained.energy_j / seconds)
    }

    pub(super) fn read_all(&mut self, powercap_last: &mut Instant) {
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

    pub(super) fn tick(&mut self, powercap_last: &mut Instant, boards: &Boards, settings: &Settings) {
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

    pub(super) fn show(&self, context: &Context<'_>, start: Instant) {
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
