//! What the machine is and what it did: processors, memory, limits, time spent working.

use std::path::{Path, PathBuf};

use sobria_estimate::measurement::ram::Architecture;

/// Bytes in a GiB.
const GIB: f64 = 1_073_741_824.0;

/// Where the files of the kernel are.
#[derive(Debug, Clone)]
pub struct Roots {
    /// `/proc`.
    pub proc: PathBuf,
    /// `/sys`.
    pub sys: PathBuf,
    /// The powercap class.
    pub powercap: PathBuf,
}

/// What the machine is.
#[derive(Debug, Clone)]
pub struct Machine {
    /// Processor, as the system names it.
    pub cpu_model: String,
    /// Threads that are visible.
    pub threads: u32,
    /// Processors on the board.
    pub sockets: u32,
    /// Whether it is a virtual machine, or a container with a limit.
    pub is_slice: bool,
    /// Family of the processor.
    pub architecture: Architecture,
    /// Memory that the machine, or the limit, gives, in GiB.
    pub memory_gib: f64,
}

impl Machine {
    /// Reads the files of the kernel.
    pub fn read(roots: &Roots) -> Self {
        let cpuinfo = std::fs::read_to_string(roots.proc.join("cpuinfo")).unwrap_or_default();
        let value = |name: &str| {
            cpuinfo
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(key, _)| key.trim() == name)
                .map(|(_, value)| value.trim().to_owned())
        };
        let count = |name: &str| {
            cpuinfo
                .lines()
                .filter(|line| line.split(':').next().is_some_and(|key| key.trim() == name))
                .count()
        };
        let mut sockets: Vec<&str> = cpuinfo
            .lines()
            .filter_map(|line| line.split_once(':'))
            .filter(|(key, _)| key.trim() == "physical id")
            .map(|(_, value)| value.trim())
            .collect();
        sockets.sort_unstable();
        sockets.dedup();
        let total = meminfo(roots, "MemTotal").unwrap_or(0.0);
        let limit = memory_limit(roots).filter(|limit| *limit < total);
        let hypervisor =
            value("flags").is_some_and(|flags| flags.split(' ').any(|flag| flag == "hypervisor"));
        let listed = u32::try_from(count("processor")).unwrap_or(1).max(1);
        let allowed = std::thread::available_parallelism()
            .ok()
            .and_then(|allowed| u32::try_from(allowed.get()).ok())
            .filter(|_| roots.proc == Path::new("/proc"))
            .unwrap_or(listed);
        Self {
            cpu_model: value("model name").unwrap_or_default(),
            threads: listed.min(allowed),
            sockets: u32::try_from(sockets.len()).unwrap_or(1).max(1),
            is_slice: hypervisor || limit.is_some() || allowed < listed,
            architecture: if value("CPU implementer").is_some() {
                Architecture::Arm
            } else {
                Architecture::X86
            },
            memory_gib: limit.unwrap_or(total) / GIB,
        }
    }
}

fn meminfo(roots: &Roots, name: &str) -> Option<f64> {
    let text = std::fs::read_to_string(roots.proc.join("meminfo")).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024.0)
}

/// The limit of memory of the group of this process, in either version of control groups.
fn memory_limit(roots: &Roots) -> Option<f64> {
    let groups = std::fs::read_to_string(roots.proc.join("self/cgroup")).unwrap_or_default();
    let own = groups
        .lines()
        .find_map(|line| line.strip_prefix("0::"))
        .unwrap_or("")
        .trim_start_matches('/')
        .to_owned();
    let root = roots.sys.join("fs/cgroup");
    [
        root.join(own).join("memory.max"),
        root.join("memory.max"),
        root.join("memory/memory.limit_in_bytes"),
    ]
    .into_iter()
    .find_map(|path| std::fs::read_to_string(path).ok()?.trim().parse::<f64>().ok())
}

/// Time of all threads since the machine started, in seconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Busy {
    /// Spent working.
    pub busy_s: f64,
}

/// Reads the time that the machine spent working: waiting for a disk is idle, and what the host took is not ours.
pub fn busy(roots: &Roots, ticks_per_s: f64) -> Busy {
    let text = std::fs::read_to_string(roots.proc.join("stat")).unwrap_or_default();
    let mut fields = text
        .lines()
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(1)
        .map(|field| field.parse::<f64>().unwrap_or(0.0));
    let mut next = || fields.next().unwrap_or(0.0);
    let (user, nice, system, _idle, _iowait, irq, softirq) =
        (next(), next(), next(), next(), next(), next(), next());
    Busy {
        busy_s: (user + nice + system + irq + softirq) / ticks_per_s,
    }
}

/// A process of the tree.
#[derive(Debug, Clone, Copy)]
pub struct Process {
    /// Identifier.
    pub pid: u32,
    /// Seconds on the processors, with those of its children that ended.
    pub cpu_s: f64,
    /// Memory held, in bytes.
    pub rss_bytes: f64,
}

/// The living descendants of a process.
pub fn descendants(roots: &Roots, of: u32, ticks_per_s: f64, page: f64) -> Vec<Process> {
    let mut waiting = children(roots, of);
    let mut found = Vec::new();
    while let Some(pid) = waiting.pop() {
        if let Some(process) = process(roots, pid, ticks_per_s, page) {
            found.push(process);
        }
        waiting.extend(children(roots, pid));
    }
    found
}

fn children(roots: &Roots, of: u32) -> Vec<u32> {
    let tasks = roots.proc.join(of.to_string()).join("task");
    let Ok(entries) = std::fs::read_dir(tasks) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok())
        .flat_map(|text| {
            text.split_whitespace()
                .filter_map(|pid| pid.parse().ok())
                .collect::<Vec<u32>>()
        })
        .collect()
}

fn process(roots: &Roots, pid: u32, ticks_per_s: f64, page: f64) -> Option<Process> {
    let text = std::fs::read_to_string(roots.proc.join(pid.to_string()).join("stat")).ok()?;
    // The name stands between parentheses and may hold anything.
    let (_, after) = text.rsplit_once(')')?;
    let fields: Vec<f64> = after
        .split_whitespace()
        .map(|field| field.parse().unwrap_or(0.0))
        .collect();
    let cpu: f64 = fields.get(11..15)?.iter().sum();
    Some(Process {
        pid,
        cpu_s: cpu / ticks_per_s,
        rss_bytes: fields.get(21)? * page,
    })
}
