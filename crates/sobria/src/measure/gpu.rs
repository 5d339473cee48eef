//! Graphics boards: their energy counter, else their power gauge.

use std::path::{Path, PathBuf};

use nvml_wrapper::Nvml;

/// A board that can be asked.
pub trait Board {
    /// Name, as its maker gives it.
    fn name(&self) -> String;
    /// What tells it from others.
    fn identifier(&self) -> String;
    /// Millijoules since the driver was loaded.
    fn energy_mj(&self) -> Option<u64>;
    /// Milliwatts now, or the mean of the last second.
    fn power_mw(&self) -> Option<u64>;
    /// Processes that compute on it.
    fn processes(&self) -> Vec<u32>;
    /// Whether it is divided between several users.
    fn is_shared(&self) -> bool;
    /// Where the figures come from.
    fn source(&self) -> &'static str;
}

/// Where boards are looked for.
pub enum Boards {
    /// The library of the driver, loaded when it is there.
    Nvml(&'static Nvml),
    /// A folder with one folder by board, for machines without one.
    Folder(PathBuf),
    /// There is none.
    None,
}

impl Boards {
    /// Loads the library of the driver, or takes the folder.
    pub fn open(folder: Option<&Path>) -> Self {
        if let Some(folder) = folder {
            return Self::Folder(folder.to_owned());
        }
        // The library stays loaded until the end of the process: boards borrow from it.
        Nvml::init().map_or(Self::None, |nvml| Self::Nvml(Box::leak(Box::new(nvml))))
    }

    /// The boards that are there now.
    pub fn list(&self) -> Vec<Box<dyn Board>> {
        match self {
            Self::None => Vec::new(),
            Self::Nvml(nvml) => (0..nvml.device_count().unwrap_or(0))
                .filter_map(|index| nvml.device_by_index(index).ok())
                .map(|device| -> Box<dyn Board> { Box::new(NvmlBoard { device }) })
                .collect(),
            Self::Folder(folder) => {
                let mut folders: Vec<PathBuf> = std::fs::read_dir(folder)
                    .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
                    .unwrap_or_default();
                folders.sort();
                folders
                    .into_iter()
                    .filter(|folder| folder.is_dir())
                    .map(|folder| -> Box<dyn Board> { Box::new(FolderBoard { folder }) })
                    .collect()
            }
        }
    }
}

struct NvmlBoard {
    device: nvml_wrapper::Device<'static>,
}

impl Board for NvmlBoard {
    fn name(&self) -> String {
        self.device.name().unwrap_or_default()
    }

    fn identifier(&self) -> String {
        self.device.uuid().unwrap_or_default()
    }

    fn energy_mj(&self) -> Option<u64> {
        self.device.total_energy_consumption().ok()
    }

    fn power_mw(&self) -> Option<u64> {
        self.device.power_usage().ok().map(u64::from)
    }

    fn processes(&self) -> Vec<u32> {
        self.device
            .running_compute_processes()
            .map(|all| all.into_iter().map(|one| one.pid).collect())
            .unwrap_or_default()
    }

    fn is_shared(&self) -> bool {
        self.device.mig_mode().is_ok_and(|mode| mode.current == 1)
    }

    fn source(&self) -> &'static str {
        "nvml"
    }
}

/// The same figures in files: `name`, `uuid`, `energy_mj`, `power_mw`, `pids`, `mig`.
struct FolderBoard {
    folder: PathBuf,
}

impl FolderBoard {
    fn text(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.folder.join(name))
            .ok()
            .map(|text| text.trim().to_owned())
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.text(name)?.parse().ok()
    }
}

impl Board for FolderBoard {
    fn name(&self) -> String {
        self.text("name").unwrap_or_default()
    }

    fn identifier(&self) -> String {
        self.text("uuid")
            .unwrap_or_else(|| self.folder.display().to_string())
    }

    fn energy_mj(&self) -> Option<u64> {
        self.number("energy_mj")
    }

    fn power_mw(&self) -> Option<u64> {
        self.number("power_mw")
    }

    fn processes(&self) -> Vec<u32> {
        self.text("pids")
            .map(|text| {
                text.split_whitespace()
                    .filter_map(|pid| pid.parse().ok())
                    .collect()
            })
            .unwrap_or_default()
    }

    fn is_shared(&self) -> bool {
        self.text("mig").is_some_and(|text| text == "1")
    }

    fn source(&self) -> &'static str {
        "nvml"
    }
}

/// A board of AMD or Intel through the sensors of its driver, in microjoules and microwatts.
struct SensorBoard {
    folder: PathBuf,
}

impl SensorBoard {
    fn number(&self, name: &str) -> Option<u64> {
        std::fs::read_to_string(self.folder.join(name))
            .ok()?
            .trim()
            .parse()
            .ok()
    }
}

impl Board for SensorBoard {
    fn name(&self) -> String {
        std::fs::read_to_string(self.folder.join("name"))
            .map(|name| name.trim().to_owned())
            .unwrap_or_default()
    }

    fn identifier(&self) -> String {
        self.folder
            .canonicalize()
            .unwrap_or_else(|_| self.folder.clone())
            .display()
            .to_string()
    }

    fn energy_mj(&self) -> Option<u64> {
        self.number("energy1_input").map(|microjoules| microjoules / 1000)
    }

    fn power_mw(&self) -> Option<u64> {
        ["power1_average", "power1_input"]
            .into_iter()
            .find_map(|name| self.number(name))
            .map(|microwatts| microwatts / 1000)
    }

    fn processes(&self) -> Vec<u32> {
        Vec::new()
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn source(&self) -> &'static str {
        "hwmon"
    }
}

/// Boards whose driver gives sensors, under the class of display devices.
pub fn sensors(root: &Path) -> Vec<Box<dyn Board>> {
    let mut folders: Vec<PathBuf> = Vec::new();
    let subfolders = |folder: &Path, prefix: &str| -> Vec<PathBuf> {
        std::fs::read_dir(folder)
            .map(|entries| {
                entries
                    .flatten()
                    .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
                    .map(|entry| entry.path())
                    .collect()
            })
            .unwrap_or_default()
    };
    for card in subfolders(root, "card") {
        folders.extend(subfolders(&card.join("device/hwmon"), "hwmon"));
    }
    folders.sort();
    folders
        .into_iter()
        .map(|folder| SensorBoard { folder })
        .filter(|board| board.energy_mj().is_some() || board.power_mw().is_some())
        .map(|board| -> Box<dyn Board> { Box::new(board) })
        .collect()
}

/// What was read of one board over the run.
pub struct Followed {
    board: Box<dyn Board>,
    /// Name.
    pub name: String,
    /// What tells it from others.
    pub identifier: String,
    last_mj: Option<u64>,
    counted_mj: u64,
    has_counter: bool,
    last_power_mw: Option<f64>,
    gauged_mj: f64,
    /// Energy of intervals without a sound counter, from the gauge.
    bridged_mj: f64,
    /// Times the counter dropped: the driver was loaded again.
    pub reloads: u32,
    /// Seconds before it was first read.
    late_s: f64,
    seconds: f64,
    /// Whether a process of the command computed on it.
    pub used: bool,
}

/// Energy of one board.
pub struct BoardEnergy {
    /// Joules.
    pub energy_j: f64,
    /// Joules of them that a counter or a gauge of the board gave.
    pub measured_j: f64,
    /// Where they come from.
    pub source: String,
    /// Whether the board is divided between several users.
    pub shared: bool,
}

impl Followed {
    /// Begins to follow a board, so many seconds after the command began.
    pub fn begin(board: Box<dyn Board>, late_s: f64) -> Self {
        let mut followed = Self {
            name: board.name(),
            identifier: board.identifier(),
            board,
            last_mj: None,
            counted_mj: 0,
            has_counter: false,
            last_power_mw: None,
            gauged_mj: 0.0,
            bridged_mj: 0.0,
            reloads: 0,
            late_s,
            seconds: 0.0,
            used: false,
        };
        followed.read(0.0);
        followed
    }

    /// Whether its power must be sampled often: it has no counter.
    pub fn is_gauge(&self) -> bool {
        !self.has_counter
    }

    /// Reads the board, so many seconds after the last time.
    pub fn read(&mut self, elapsed_s: f64) {
        let power = self.board.power_mw().map(super::number);
        let gauge = match (self.last_power_mw, power) {
            (Some(before), Some(now)) => Some(f64::midpoint(before, now) * elapsed_s),
            _ => None,
        };
        self.gauged_mj += gauge.unwrap_or(0.0);
        self.last_power_mw = power;
        self.seconds += elapsed_s;
        let Some(now) = self.board.energy_mj() else {
            return;
        };
        self.has_counter = true;
        let Some(last) = self.last_mj.replace(now) else {
            return;
        };
        match now.checked_sub(last) {
            Some(gain) => self.counted_mj = self.counted_mj.saturating_add(gain),
            None => {
                self.reloads += 1;
                self.bridged_mj += gauge.unwrap_or(0.0);
            }
        }
    }

    /// Looks whether one of these processes computes on the board.
    pub fn look_for(&mut self, processes: &[u32]) {
        if !self.used {
            self.used = self
                .board
                .processes()
                .iter()
                .any(|process| processes.contains(process));
        }
    }

    /// What the board drew.
    pub fn energy(&self) -> BoardEnergy {
        let measured_j = if self.has_counter {
            super::number(self.counted_mj) / 1000.0
        } else {
            self.gauged_mj / 1000.0
        };
        // The time before the first reading is taken at the mean power of the rest.
        let late_j = if self.seconds > 0.0 {
            measured_j / self.seconds * self.late_s
        } else {
            self.last_power_mw.unwrap_or(0.0) / 1000.0 * self.late_s
        };
        BoardEnergy {
            energy_j: measured_j + self.bridged_mj / 1000.0 + late_j,
            measured_j,
            source: format!(
                "{}:{}",
                self.board.source(),
                if self.has_counter { "energy" } else { "power" }
            ),
            shared: self.board.is_shared(),
        }
    }

    /// Watts now.
    pub fn power_w(&self) -> Option<f64> {
        self.last_power_mw.map(|milliwatts| milliwatts / 1000.0)
    }
}
