//! Logs of measured energy: those of CodeCarbon, of any version, and those of `sobria measure`.
//!
//! A log is read row by row, in bounded memory, into [`Runs`]. Nothing is repaired in silence: each run carries what was
//! repaired and what does not fit in it, each refused row its line and its reason.
//! The energy is kept; greenhouse gases are worked out again by [`Runs::summary`], because those of a log depend on the
//! version that wrote it.
//!
//! ```
//! use sobria_exchange::measurements::Runs;
//!
//! let log = "timestamp,project_name,duration,emissions,energy_consumed,country_name,country_iso_code,region,on_cloud,\
//!     cloud_provider,cloud_region\n2021-03-01T10:00:00,essai,3600,0.011,0.2,France,FRA,,N,,\n";
//! let mut runs = Runs::default();
//! runs.read(log.as_bytes(), "emissions.csv").unwrap();
//! assert_eq!(runs.all()[0].energy_kwh, 0.2);
//! ```

pub mod boamps;
mod bounds;
mod csv_log;
mod own;
mod ration;
mod row;
mod summary;

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read};

use serde::Serialize;
use sobria_estimate::measurement::log::{Flag, Generation, Rows};

pub use bounds::Bounds;
pub use summary::{Recomputed, RunSummary, Summary};

/// Most runs and tasks kept of one import.
pub const RUNS_MAX: usize = 100_000;
/// Refused rows that are told one by one; further ones are counted.
pub const REFUSED_MAX: usize = 1000;

/// A log that cannot be used at all. Nothing of it is kept.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// It holds nothing.
    #[error(
        "«\u{a0}{name}\u{a0}» est vide\u{a0}: attendu un journal de mesure avec une ligne d’en-têtes. Vérifiez le fichier."
    )]
    Empty {
        /// Name of the file.
        name: String,
    },
    /// It is not text.
    #[error(
        "«\u{a0}{name}\u{a0}» n’est pas un texte\u{a0}: attendu un journal CSV de CodeCarbon, ou le JSON de sobria measure. Vérifiez le fichier."
    )]
    Binary {
        /// Name of the file.
        name: String,
    },
    /// Its columns are not those of a log.
    #[error(
        "«\u{a0}{name}\u{a0}» n’est pas un journal de mesure\u{a0}: l’en-tête commence par «\u{a0}{found}\u{a0}», il manque {missing}. Donnez le fichier emissions.csv écrit par CodeCarbon, ou celui de sobria measure."
    )]
    NotALog {
        /// Name of the file.
        name: String,
        /// Its first line, cut.
        found: String,
        /// Columns that are missing.
        missing: String,
    },
    /// A row never ends.
    #[error(
        "«\u{a0}{name}\u{a0}», ligne {line}\u{a0}: la ligne dépasse {limit} octets (guillemet jamais fermé ?). Corrigez cette ligne."
    )]
    RowTooLong {
        /// Name of the file.
        name: String,
        /// Line where it begins.
        line: u64,
        /// Longest row, in bytes.
        limit: usize,
    },
    /// There are too many runs.
    #[error(
        "«\u{a0}{name}\u{a0}»\u{a0}: plus de {limit} exécutions. Découpez le fichier, par année par exemple."
    )]
    TooManyRuns {
        /// Name of the file.
        name: String,
        /// Most runs.
        limit: usize,
    },
    /// A record of `sobria measure` that cannot be read.
    #[error("«\u{a0}{name}\u{a0}», ligne {line}\u{a0}: ce n’est pas un relevé de sobria measure ({cause}).")]
    Record {
        /// Name of the file.
        name: String,
        /// Line.
        line: u64,
        /// What is wrong.
        cause: String,
    },
    /// The reading stopped.
    #[error("«\u{a0}{name}\u{a0}» ne peut pas être lu jusqu’au bout ({cause}).")]
    Unreadable {
        /// Name of the file.
        name: String,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
}

/// How a figure of a run is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Provenance {
    /// By a counter or a gauge.
    Measured,
    /// By a formula from an observed quantity.
    Modelled,
    /// By a constant.
    Assumed,
    /// The log does not tell.
    Unknown,
}

/// Something that was put right in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Repair {
    /// Cells that the tool left out were put back in their columns.
    ShiftedCells,
    /// Rows of one run that repeat what came before: the longest was kept.
    CumulativeRows,
    /// The duration was that of the last task: it is now that of all of them.
    TaskDuration,
    /// Numbers were written with a decimal comma.
    DecimalComma,
}

impl Repair {
    /// Name of the repair.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::ShiftedCells => "shifted_cells",
            Self::CumulativeRows => "cumulative_rows",
            Self::TaskDuration => "task_duration",
            Self::DecimalComma => "decimal_comma",
        }
    }

    /// What was put right, in French.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::ShiftedCells => "cellules décalées par l’outil, remises dans leurs colonnes",
            Self::CumulativeRows => "lignes cumulées d’une même exécution\u{a0}: la plus longue est gardée",
            Self::TaskDuration => "durée de la dernière tâche remplacée par celle de toutes les tâches",
            Self::DecimalComma => "nombres écrits avec une virgule",
        }
    }
}

/// What a flag means, in French.
#[must_use]
pub const fn flag_words(flag: Flag) -> &'static str {
    match flag {
        Flag::SumMismatch => "la somme des composants n’est pas le total",
        Flag::PowerEnergyMismatch => "puissance × durée s’écarte de l’énergie\u{a0}: l’énergie est gardée",
        Flag::NegativeDuration => "durée négative",
        Flag::ImplausiblePower => "puissance invraisemblable pour une machine",
    }
}

/// One run of a program, or one task of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    /// Identifier of the run; empty in logs of version 1.
    pub run_id: String,
    /// Name of the task; empty for a whole run.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub task: String,
    /// Project, as written.
    pub project: String,
    /// End of the run, as written: local time, without zone.
    pub timestamp: String,
    /// File and line it was read from.
    pub file: String,
    /// Line of the file, from 1.
    pub line: u64,
    /// Seconds.
    pub duration_s: f64,
    /// Kilowatt-hours in all, with those of the place when the log counts them.
    pub energy_kwh: f64,
    /// The same between its bounds: those of the log when it has them, else those of what is known of each component.
    pub energy_range_kwh: Bounds,
    /// Kilowatt-hours of the processors; none before version 2.
    pub cpu_kwh: Option<f64>,
    /// Kilowatt-hours of the graphics boards.
    pub gpu_kwh: Option<f64>,
    /// Kilowatt-hours of the memory.
    pub ram_kwh: Option<f64>,
    /// How the energy of the processors is known.
    pub cpu_provenance: Provenance,
    /// How the energy of the graphics boards is known.
    pub gpu_provenance: Provenance,
    /// How the energy of the memory is known.
    pub ram_provenance: Provenance,
    /// Kilogrammes of CO₂ equivalent that the log holds.
    pub logged_kg: f64,
    /// Water that the log holds, in litres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logged_water_l: Option<f64>,
    /// Country, ISO 3166-1 alpha-3; empty when the log has none.
    pub country: String,
    /// Version of the tool, as written; empty before 2.2.0.
    pub tool_version: String,
    /// Processor, as written.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cpu_model: String,
    /// Graphics boards, as written.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub gpu_model: String,
    /// Memory of the machine, in GiB, when the log tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_gib: Option<f64>,
    /// System: its name only, since the rest could tell the machine.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub os: String,
    /// Power usage effectiveness in the energies.
    pub pue: f64,
    /// Whether the program failed, when the log tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<bool>,
    /// Rows that were read for it.
    pub rows: u32,
    /// What does not fit.
    pub flags: Vec<Flag>,
    /// What was put right.
    pub repairs: Vec<Repair>,
}

impl Run {
    /// Notes a repair once.
    fn repaired(&mut self, repair: Repair) {
        if !self.repairs.contains(&repair) {
            self.repairs.push(repair);
            self.repairs.sort_unstable();
        }
    }

    /// Whether it is a task of a run.
    #[must_use]
    pub fn is_task(&self) -> bool {
        !self.task.is_empty()
    }
}

/// A row that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// File.
    pub file: String,
    /// Line, from 1.
    pub line: u64,
    /// Stable code.
    pub code: &'static str,
    /// Why, in French.
    pub reason: String,
}

/// What was read of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileRead {
    /// Name.
    pub name: String,
    /// Generation of a CodeCarbon log; none for a record of `sobria measure`.
    pub generation: Option<Generation>,
    /// Runs or tasks.
    pub kind: Rows,
    /// Rows, header and blank lines apart.
    pub rows: u64,
}

/// What tells one run from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    run_id: String,
    task: String,
    timestamp: String,
}

/// The runs of any number of logs.
#[derive(Debug, Clone, Default)]
pub struct Runs {
    runs: Vec<Run>,
    by_key: HashMap<Key, usize>,
    files: Vec<FileRead>,
    refused: Vec<Refused>,
    refused_count: u64,
}

impl Runs {
    /// Reads one log. On an error nothing of the file is kept.
    ///
    /// # Errors
    /// When the file is not a log, or cannot be read to its end.
    pub fn read(&mut self, source: impl Read, name: &str) -> Result<(), LogError> {
        let mut source = BufReader::with_capacity(64 * 1024, source);
        let start = source.fill_buf().map_err(|cause| LogError::Unreadable {
            name: name.to_owned(),
            cause,
        })?;
        let content = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
        let Some(first) = content.iter().find(|byte| !byte.is_ascii_whitespace()) else {
            return Err(LogError::Empty {
                name: name.to_owned(),
            });
        };
        if start.contains(&0) {
            return Err(LogError::Binary {
                name: name.to_owned(),
            });
        }
        let is_record = *first == b'{';
        let mut file = OneFile::new(name);
        if is_record {
            own::read(source, &mut file)?;
        } else {
            csv_log::read(source, &mut file)?;
        }
        self.take(file)
    }

    /// Every run and task, in the order of time.
    #[must_use]
    pub fn all(&self) -> Vec<&Run> {
        let mut all: Vec<&Run> = self.runs.iter().collect();
        all.sort_by(|a, b| (&a.timestamp, &a.run_id, &a.task).cmp(&(&b.timestamp, &b.run_id, &b.task)));
        all
    }

    /// What was read of each file.
    #[must_use]
    pub fn files(&self) -> &[FileRead] {
        &self.files
    }

    /// Rows refused, the first ones.
    #[must_use]
    pub fn refused(&self) -> &[Refused] {
        &self.refused
    }

    /// Rows refused, all of them.
    #[must_use]
    pub const fn refused_count(&self) -> u64 {
        self.refused_count
    }

    fn take(&mut self, file: OneFile) -> Result<(), LogError> {
        let further = file
            .runs
            .iter()
            .filter(|run| !self.by_key.contains_key(&key(run)))
            .count();
        if self.runs.len() + further > RUNS_MAX {
            return Err(too_many(&file.read.name));
        }
        for run in file.runs {
            self.put(run);
        }
        self.files.push(file.read);
        self.refused_count += file.refused_count;
        let room = REFUSED_MAX.saturating_sub(self.refused.len());
        self.refused.extend(file.refused.into_iter().take(room));
        self.mend_tasks();
        Ok(())
    }

    fn put(&mut self, run: Run) {
        put(&mut self.runs, &mut self.by_key, run);
    }

    /// The duration of a run with tasks is that of its last task: the sum of the tasks replaces it.
    fn mend_tasks(&mut self) {
        let mut tasks: HashMap<&str, (f64, f64)> = HashMap::new();
        for task in self.runs.iter().filter(|run| run.is_task()) {
            let sums = tasks.entry(&task.run_id).or_default();
            sums.0 += task.duration_s.max(0.0);
            sums.1 += task.energy_kwh;
        }
        let sums: HashMap<String, (f64, f64)> = tasks
            .into_iter()
            .map(|(run_id, sums)| (run_id.to_owned(), sums))
            .collect();
        for run in self.runs.iter_mut().filter(|run| !run.is_task()) {
            let Some((duration_s, energy_kwh)) = sums.get(&run.run_id).copied() else {
                continue;
            };
            // The energy of the run is that of its tasks, to what the tool itself drew in between.
            let whole = energy_kwh > 0.0 && (run.energy_kwh - energy_kwh).abs() <= 0.1 * energy_kwh;
            if whole && run.duration_s < duration_s {
                run.duration_s = duration_s;
                run.flags
                    .retain(|flag| *flag != Flag::PowerEnergyMismatch && *flag != Flag::NegativeDuration);
                run.repaired(Repair::TaskDuration);
            }
        }
    }
}

fn too_many(name: &str) -> LogError {
    LogError::TooManyRuns {
        name: name.to_owned(),
        limit: RUNS_MAX,
    }
}

/// Rows of one run are cumulative; tasks and the runs of version 1, which has no identifier, are told by their time.
fn key(run: &Run) -> Key {
    let whole_run = !run.is_task() && !run.run_id.is_empty();
    Key {
        run_id: if run.run_id.is_empty() {
            run.project.clone()
        } else {
            run.run_id.clone()
        },
        task: run.task.clone(),
        timestamp: if whole_run {
            String::new()
        } else {
            run.timestamp.clone()
        },
    }
}

/// Adds a run, or keeps the longer of two rows of the same one.
fn put(runs: &mut Vec<Run>, by_key: &mut HashMap<Key, usize>, run: Run) {
    let key = key(&run);
    let Some(known) = by_key.get(&key).and_then(|at| runs.get_mut(*at)) else {
        by_key.insert(key, runs.len());
        runs.push(run);
        return;
    };
    // The same row read again, from a copy of the file, changes nothing.
    let same = known.timestamp == run.timestamp
        && known.duration_s.total_cmp(&run.duration_s).is_eq()
        && known.energy_kwh.total_cmp(&run.energy_kwh).is_eq();
    if same {
        return;
    }
    let rows = known.rows.saturating_add(run.rows);
    let repairs = known.repairs.clone();
    if run.duration_s >= known.duration_s {
        *known = run;
        for repair in repairs {
            known.repaired(repair);
        }
    }
    known.rows = rows;
    known.repaired(Repair::CumulativeRows);
}

/// What one file gives, kept apart until its end.
struct OneFile {
    read: FileRead,
    runs: Vec<Run>,
    by_key: HashMap<Key, usize>,
    refused: Vec<Refused>,
    refused_count: u64,
}

impl OneFile {
    fn new(name: &str) -> Self {
        Self {
            read: FileRead {
                name: name.to_owned(),
                generation: None,
                kind: Rows::Run,
                rows: 0,
            },
            runs: Vec::new(),
            by_key: HashMap::new(),
            refused: Vec::new(),
            refused_count: 0,
        }
    }

    fn refuse(&mut self, line: u64, code: &'static str, reason: String) {
        self.refused_count += 1;
        if self.refused.len() < REFUSED_MAX {
            self.refused.push(Refused {
                file: self.read.name.clone(),
                line,
                code,
                reason,
            });
        }
    }

    fn put(&mut self, mut run: Run) -> Result<(), LogError> {
        if run.energy_range_kwh == Bounds::default() {
            run.energy_range_kwh = bounds::of(&run);
        }
        put(&mut self.runs, &mut self.by_key, run);
        if self.runs.len() > RUNS_MAX {
            return Err(too_many(&self.read.name));
        }
        Ok(())
    }
}
