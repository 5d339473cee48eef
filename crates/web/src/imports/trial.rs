//! A file handed in on the site, kept in a folder of its own with what an import of it would do, until it is written,
//! given up, or a day old.

use std::fs;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sobria_catalogue::import::{Existing, ImportPlan};
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_exchange::aliases::Target;
use sobria_exchange::error::FileError;
use sobria_exchange::read::{headers, hex};
use sobria_exchange::report::{write_csv, write_jsonl};
use uuid::Uuid;

use super::{Choices, plan_bytes};

/// How long a file waits for a decision.
pub const LIVES: SignedDuration = SignedDuration::from_hours(24);

const FILE: &str = "fichier";
const TRIAL: &str = "essai.json";
const PREVIEW: &str = "apercu.json";
const ROWS: &str = "lignes.jsonl";
/// The report of the command, line for line.
pub const REPORT_LINES: &str = "rapport.jsonl";
/// The report for spreadsheets.
pub const REPORT_TABLE: &str = "rapport.csv";

/// A file that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// Identifier, and name of its folder.
    pub id: Uuid,
    /// Who handed it in.
    pub account: String,
    /// Name of the file.
    pub name: String,
    /// Its length in bytes.
    pub size: u64,
    /// When it was handed in.
    pub made_at: Timestamp,
    /// What was asked of it.
    pub choices: Choices,
}

/// What an import would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// The catalogue revision that it was compared with.
    pub planned_at: i64,
    /// The day that dates were compared with.
    pub day: Date,
    /// What was asked.
    pub choices: Choices,
    /// Hash of all of this with the report: what is written is what was shown.
    pub mark: String,
    /// What was found.
    pub found: Findings,
}

/// What was found in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Findings {
    /// The file cannot be used.
    Refused {
        /// Stable code.
        code: String,
        /// The sentence.
        message: String,
        /// Columns that may be named by hand: number, header, field.
        columns: Vec<(usize, String, Option<String>)>,
    },
    /// Each row was decided.
    Planned {
        /// Rows: read, created, updated, unchanged, rejected, blank.
        rows: [usize; 6],
        /// Remarks by code.
        issues: Vec<(String, usize)>,
        /// New organisations, and known ones that change.
        organisations: [usize; 2],
        /// Titles of known records of the source that the file does not hold.
        absent: Vec<String>,
    },
}

/// One row as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowLine {
    /// Number in the file.
    pub row: u64,
    /// Stable code of what becomes of it.
    pub outcome: String,
    /// Title of the record; blank when the row has none.
    pub title: String,
    /// Remarks.
    pub issues: Vec<IssueLine>,
}

/// One remark as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueLine {
    /// Field, or header of the column.
    pub field: String,
    /// Stable code.
    pub code: String,
    /// `info`, `warn` or `error`.
    pub severity: String,
    /// The cell as it stood.
    pub before: String,
    /// What was taken in its place.
    pub after: String,
    /// What a person may want to do.
    pub suggestion: String,
}

/// The folder of the files that wait.
#[derive(Debug, Clone)]
pub struct Trials(PathBuf);

impl Trials {
    /// The trials under a folder of uploads.
    pub fn under(uploads: &Path) -> Self {
        Self(uploads.join("imports"))
    }

    fn folder(&self, id: Uuid) -> PathBuf {
        self.0.join(id.to_string())
    }

    /// Where the bytes of a trial are written; the folder is made.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn place(&self, id: Uuid) -> io::Result<PathBuf> {
        fs::create_dir_all(self.folder(id))?;
        Ok(self.folder(id).join(FILE))
    }

    /// Keeps what is known of a trial.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn save(&self, trial: &Trial) -> io::Result<()> {
        write_whole(&self.folder(trial.id).join(TRIAL), &serde_json::to_vec(trial)?)
    }

    /// A trial that is not too old.
    pub fn get(&self, id: Uuid, now: Timestamp) -> Option<Trial> {
        let bytes = fs::read(self.folder(id).join(TRIAL)).ok()?;
        let trial: Trial = serde_json::from_slice(&bytes).ok()?;
        (now.duration_since(trial.made_at) < LIVES).then_some(trial)
    }

    /// Every trial that is not too old, newest first.
    pub fn all(&self, now: Timestamp) -> Vec<Trial> {
        let mut found: Vec<Trial> = self.ids().filter_map(|id| self.get(id, now)).collect();
        found.sort_by_key(|trial| std::cmp::Reverse((trial.made_at, trial.id)));
        found
    }

    fn ids(&self) -> impl Iterator<Item = Uuid> {
        fs::read_dir(&self.0)
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
    }

    /// Takes a trial away.
    ///
    /// # Errors
    /// When the folder cannot be removed.
    pub fn remove(&self, id: Uuid) -> io::Result<()> {
        match fs::remove_dir_all(self.folder(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Takes away trials that are too old, and what an interrupted upload left; returns how many.
    ///
    /// # Errors
    /// When a folder cannot be removed.
    pub fn sweep(&self, now: Timestamp) -> io::Result<u64> {
        let mut removed = 0;
        for id in self.ids().collect::<Vec<_>>() {
            // The identifier holds the time at which it was made.
            let began = id
                .get_timestamp()
                .and_then(|stamp| i64::try_from(stamp.to_unix().0).ok())
                .and_then(|seconds| Timestamp::from_second(seconds).ok());
            let waits = self.get(id, now).is_some()
                || began.is_some_and(|began| {
                    now.duration_since(began).abs() < LIVES && !self.folder(id).join(TRIAL).exists()
                });
            if !waits {
                self.remove(id)?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// A file of a trial.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self, id: Uuid, file: &str) -> io::Result<Vec<u8>> {
        fs::read(self.folder(id).join(file))
    }

    /// What was found last.
    pub fn preview(&self, id: Uuid) -> Option<Preview> {
        serde_json::from_slice(&self.read(id, PREVIEW).ok()?).ok()
    }

    /// Decides each row, as an import of these bytes would.
    ///
    /// # Errors
    /// When the file cannot be read from its folder; that it cannot be used is in the inner result.
    pub fn plan(
        &self,
        trial: &Trial,
        existing: &Existing,
        vocabularies: &Vocabularies,
        today: Date,
    ) -> io::Result<Result<ImportPlan, FileError>> {
        let bytes = self.read(trial.id, FILE)?;
        let mut new_id = identifiers(trial);
        Ok(plan_bytes(
            &bytes,
            &trial.name,
            existing,
            &trial.choices,
            vocabularies,
            today,
            &mut new_id,
        ))
    }

    /// Keeps what an import would do, with its reports.
    ///
    /// # Errors
    /// When the file cannot be read, or the reports not written.
    pub fn show(
        &self,
        trial: &Trial,
        existing: &Existing,
        planned_at: i64,
        vocabularies: &Vocabularies,
        today: Date,
    ) -> io::Result<Preview> {
        let planned = self.plan(trial, existing, vocabularies, today)?;
        let folder = self.folder(trial.id);
        let found = match &planned {
            Ok(plan) => {
                let mut lines = BufWriter::new(fs::File::create(folder.join(REPORT_LINES))?);
                write_jsonl(plan, &mut lines)?;
                lines.flush()?;
                let mut table = BufWriter::new(fs::File::create(folder.join(REPORT_TABLE))?);
                write_csv(plan, &mut table)?;
                table.flush()?;
                write_rows(plan, &folder.join(ROWS))?;
                planned_findings(plan)
            }
            Err(error) => Findings::Refused {
                code: error.code().to_owned(),
                message: words(error),
                columns: self.columns(trial),
            },
        };
        let preview = Preview {
            planned_at,
            day: today,
            choices: trial.choices.clone(),
            mark: planned.map_or_else(|_| Ok(String::new()), |plan| mark(&plan, trial, planned_at))?,
            found,
        };
        write_whole(&folder.join(PREVIEW), &serde_json::to_vec(&preview)?)?;
        Ok(preview)
    }

    fn columns(&self, trial: &Trial) -> Vec<(usize, String, Option<String>)> {
        let bytes = self.read(trial.id, FILE).unwrap_or_default();
        let known = headers(&bytes, &trial.name, &trial.choices.reading()).unwrap_or_default();
        known
            .into_iter()
            .map(|header| {
                let field = match header.target {
                    Some(Target::Field(field)) => Some(field.spec().column.to_owned()),
                    _ => None,
                };
                (header.number, header.text, field)
            })
            .collect()
    }

    /// The rows of the last preview that `keep` wants: so many after so many, and how many there are.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn rows(
        &self,
        id: Uuid,
        keep: impl Fn(&RowLine) -> bool,
        offset: usize,
        limit: usize,
    ) -> io::Result<(Vec<RowLine>, usize)> {
        let (mut found, mut total) = (Vec::new(), 0);
        for line in BufReader::new(fs::File::open(self.folder(id).join(ROWS))?).lines() {
            let row: RowLine = serde_json::from_str(&line?)?;
            if keep(&row) {
                if total >= offset && found.len() < limit {
                    found.push(row);
                }
                total += 1;
            }
        }
        Ok((found, total))
    }
}

/// Writes a file so that nobody reads half of it.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("nouveau");
    fs::write(&beside, bytes)?;
    fs::rename(beside, path)
}

fn write_rows(plan: &ImportPlan, path: &Path) -> io::Result<()> {
    let mut out = BufWriter::new(fs::File::create(path)?);
    for row in &plan.rows {
        let line = RowLine {
            row: row.row,
            outcome: row.outcome.code().to_owned(),
            title: row.content.title().to_owned(),
            issues: row
                .issues
                .iter()
                .map(|issue| IssueLine {
                    field: issue.field.clone().unwrap_or_default(),
                    code: issue.code.to_owned(),
                    severity: issue.severity.code().to_owned(),
                    before: issue.before.clone().unwrap_or_default(),
                    after: issue.after.clone().unwrap_or_default(),
                    suggestion: issue.suggestion.clone().unwrap_or_default(),
                })
                .collect(),
        };
        writeln!(out, "{}", serde_json::to_string(&line)?)?;
    }
    out.flush()
}

fn planned_findings(plan: &ImportPlan) -> Findings {
    let summary = plan.summary();
    Findings::Planned {
        rows: [
            summary.rows,
            summary.created,
            summary.updated,
            summary.unchanged,
            summary.rejected,
            summary.blank,
        ],
        issues: summary
            .issues
            .iter()
            .map(|(code, count)| ((*code).to_owned(), *count))
            .collect(),
        organisations: [
            plan.organisations.iter().filter(|one| one.is_new).count(),
            plan.organisations.iter().filter(|one| one.is_changed).count(),
        ],
        absent: plan.absent.clone(),
    }
}

/// Hash of what was asked, of what it was compared with, and of what becomes of each row.
///
/// # Errors
/// Only when memory cannot be written.
pub fn mark(plan: &ImportPlan, trial: &Trial, planned_at: i64) -> io::Result<String> {
    let mut hash = Sha256::new();
    hash.update(planned_at.to_be_bytes());
    hash.update(serde_json::to_vec(&trial.choices)?);
    let mut lines = Vec::new();
    write_jsonl(plan, &mut lines)?;
    hash.update(&lines);
    for row in &plan.rows {
        hash.update(row.source_hash.as_bytes());
    }
    Ok(hex(&hash.finalize()))
}

/// Identifiers of what a trial makes: the same ones each time it is planned.
fn identifiers(trial: &Trial) -> impl FnMut() -> Uuid {
    let seed = trial.id;
    let millis = u64::try_from(trial.made_at.as_millisecond()).unwrap_or(0);
    let mut number: u64 = 0;
    move || {
        number += 1;
        let mut hash = Sha256::new();
        hash.update(seed.as_bytes());
        hash.update(number.to_be_bytes());
        let mut bytes = [0; 10];
        for (byte, from) in bytes.iter_mut().zip(hash.finalize()) {
            *byte = from;
        }
        uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
    }
}

/// The sentence of a file that cannot be used, for those who have a page rather than a command.
fn words(error: &FileError) -> String {
    match error {
        FileError::UnrecognisedShape {
            name,
            known,
            headers,
            missing,
        } => format!(
            "«\u{a0}{name}\u{a0}»\u{a0}: {known} en-têtes reconnus sur {headers}{missing}. Dites ci-dessous ce que contient chaque colonne."
        ),
        FileError::NeedsMapping {
            name,
            header,
            columns,
            guess,
            ..
        } => format!(
            "«\u{a0}{name}\u{a0}»\u{a0}: les colonnes {columns} portent toutes l’en-tête «\u{a0}{header}\u{a0}». {guess} Dites ci-dessous ce que contient chacune."
        ),
        FileError::WrongMapping { given, cause } => {
            format!("Colonne {given}\u{a0}: {cause}. Choisissez un champ dans la liste.")
        }
        FileError::SheetChoiceNeeded { name, sheets } => {
            format!(
                "«\u{a0}{name}\u{a0}» contient plusieurs feuilles\u{a0}: {sheets}. Écrivez ci-dessous le nom de l’une d’elles."
            )
        }
        FileError::Shrunk { name, absent, known } => format!(
            "«\u{a0}{name}\u{a0}» ne contient plus {absent} des {known} fiches connues de cette source. Si c’est voulu, cochez «\u{a0}Accepter un fichier plus court\u{a0}»\u{202f}; les fiches absentes ne seront pas supprimées."
        ),
        other => other.to_string(),
    }
}
