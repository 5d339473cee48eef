//! Logs of measured energy: the form that takes them, and what they come to.

use askama::Template;

use crate::view::chart::BarChart;
use crate::view::layout::Layout;
use crate::view::library::Link;
use crate::view::prose::ProseTable;

/// The form that takes logs.
#[derive(Debug, Clone, Default)]
pub struct LogForm {
    /// What is wrong with the files.
    pub files_error: Option<String>,
    /// What was pasted.
    pub text: String,
    /// What is wrong with it.
    pub text_error: Option<String>,
    /// Place of the electricity, when it was given.
    pub zone: String,
    /// What is wrong with it.
    pub zone_error: Option<String>,
    /// Times a year.
    pub times: String,
    /// What is wrong with it.
    pub times_error: Option<String>,
    /// The logs of the page, packed; blank when there is none, or when they are too long.
    pub kept: String,
    /// Names of what is packed.
    pub kept_names: String,
}

/// What logs come to.
#[derive(Debug, Clone, Default)]
pub struct LogResult {
    /// "15 kWh".
    pub headline: String,
    /// "entre 12 et 19 kWh ; 55 exécutions".
    pub counted: String,
    /// Everyday thing.
    pub pictured: String,
    /// Name, figure, range.
    pub figures: Vec<[String; 3]>,
    /// What a reader must know.
    pub notices: Vec<String>,
    /// Electricity over time.
    pub charts: Vec<BarChart>,
    /// Runs; in tables of texts whose first cell is a header.
    pub runs: ProseTable,
    /// Said below the runs; blank when all are there.
    pub runs_note: String,
    /// Checks and repairs, row by row.
    pub checks: Option<ProseTable>,
    /// Said below the checks; blank when all are there.
    pub checks_note: String,
    /// Files that were read.
    pub files: ProseTable,
    /// Factors employed, with their sources.
    pub factors: ProseTable,
    /// Whether the page can hand out files: the logs are packed in it.
    pub has_files: bool,
    /// Where the total can be kept with a record; blank when it cannot.
    pub attach: String,
    /// Why it cannot.
    pub no_attach: String,
    /// The page of the method.
    pub method: Link,
}

/// Logs, and what they come to.
#[derive(Debug, Clone, Template)]
#[template(path = "log.html", whitespace = "minimize")]
pub struct LogPage {
    /// Frame.
    pub layout: Layout,
    /// Title.
    pub title: String,
    /// What the page is.
    pub lead: String,
    /// What is wrong: field and sentence.
    pub errors: Vec<(String, String)>,
    /// What the logs come to.
    pub result: Option<LogResult>,
    /// The form.
    pub form: LogForm,
}
