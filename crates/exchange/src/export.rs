//! Records out, in every format. Columns come from the field table, filtered by what the reader may read.

mod atom;
mod delimited;
mod geojson;
mod icalendar;
mod json;
mod linked;
mod workbook;

use std::io::Write;
use std::sync::Arc;

use jiff::Timestamp;
use sobria_catalogue::access::{Level, VisibleUseCase};
use sobria_catalogue::id::UseCaseId;
use sobria_catalogue::vocabulary::Vocabularies;

pub use atom::{FeedEntry, atom};
pub use icalendar::{Event, icalendar};
pub use linked::{schema_org_dataset, schema_org_record};

/// A format of the whole library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One row per record.
    Csv,
    /// One document.
    Json,
    /// One record per line.
    Ndjson,
    /// One point per record.
    GeoJson,
    /// A workbook for people.
    Xlsx,
    /// A DCAT catalogue for harvesters.
    Dcat,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 6] = [
        Self::Csv,
        Self::Json,
        Self::Ndjson,
        Self::GeoJson,
        Self::Xlsx,
        Self::Dcat,
    ];

    /// Name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::GeoJson => "geojson",
            Self::Xlsx => "xlsx",
            Self::Dcat => "dcat",
        }
    }

    /// Extension in addresses.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Dcat => "jsonld",
            other => other.name(),
        }
    }

    /// Reads the name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Reads the extension.
    pub fn from_extension(extension: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|format| format.extension() == extension)
    }

    /// Media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
            Self::Ndjson => "application/x-ndjson",
            Self::GeoJson => "application/geo+json",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Dcat => "application/ld+json",
        }
    }

    /// Whether the bytes are text, worth compressing.
    pub const fn is_text(self) -> bool {
        !matches!(self, Self::Xlsx)
    }
}

/// What exports say of the instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteInfo {
    /// Address of the site, without a final slash.
    pub base_url: String,
    /// SPDX identifier of the licence.
    pub licence: String,
    /// Address of the licence.
    pub licence_url: String,
    /// Who runs the instance.
    pub operator: String,
    /// Name of the library.
    pub instance_name: String,
    /// Last change of what is exported: the only time that an export holds.
    pub modified: Timestamp,
    /// Version of the executable.
    pub version: String,
    /// The lists as the instance words them.
    pub vocabularies: Arc<Vocabularies>,
}

/// Shape of a CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shape {
    /// Identifiers and codes, separated by commas.
    #[default]
    Native,
    /// French columns and labels, separated by semicolons, as in the historic files.
    Bibliotheque,
    /// Labels under the identifiers of the columns in Grist, separated by commas: the fields that table had.
    Grist,
}

/// Choices for a CSV.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CsvOptions {
    /// Shape.
    pub shape: Shape,
    /// A byte order mark, which old spreadsheets need to read accents.
    pub bom: bool,
    /// Leaves texts that a spreadsheet would run as formulas as they are, for programs; the native form then ends
    /// with a column that says so.
    pub raw: bool,
}

impl CsvOptions {
    /// Reads the choices of an address: `forme=bibliotheque`, `forme=grist`, `bom=1`, `brut=1`.
    pub fn from_query(query: &str) -> Self {
        let has = |pair: &str| query.split('&').any(|part| part == pair);
        Self {
            shape: if has("forme=bibliotheque") {
                Shape::Bibliotheque
            } else if has("forme=grist") {
                Shape::Grist
            } else {
                Shape::Native
            },
            bom: has("bom=1"),
            raw: has("brut=1"),
        }
    }
}

/// An export that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The output failed.
    #[error("the export cannot be written: {0}")]
    Output(#[from] std::io::Error),
    /// The CSV writer failed.
    #[error("the CSV cannot be written: {0}")]
    Csv(#[from] csv::Error),
    /// A value has no JSON form.
    #[error("a record has no JSON form: {0}")]
    Json(#[from] serde_json::Error),
    /// The workbook failed.
    #[error("the workbook cannot be written: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// The records could not be read.
    #[error("the records cannot be read: {0}")]
    Source(String),
}

/// Members that stand beside the fields of a record in JSON: their names and values.
pub type Beside<'b> = dyn Fn(UseCaseId) -> Vec<(&'static str, serde_json::Value)> + 'b;

/// Writes a table as CSV, its texts made harmless to spreadsheets.
///
/// # Errors
/// When the output cannot be written.
///
/// ```
/// let mut out = Vec::new();
/// sobria_exchange::export::write_rows(&["a"], [vec!["=1+1".to_owned()]], &mut out).unwrap();
/// assert_eq!(out, b"a\n'=1+1\n");
/// ```
pub fn write_rows(
    header: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
    out: &mut impl Write,
) -> Result<(), ExportError> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| harmless(cell)))?;
    }
    writer.flush()?;
    Ok(())
}

/// Writes records in a format.
///
/// # Errors
/// When the records cannot be read, or the output cannot be written.
pub fn write_with<E: std::fmt::Display>(
    format: Format,
    level: Level,
    site: &SiteInfo,
    options: &CsvOptions,
    items: impl Iterator<Item = Result<VisibleUseCase, E>>,
    out: &mut impl Write,
) -> Result<(), ExportError> {
    write_beside(format, level, site, options, items, &|_| Vec::new(), out)
}

/// The same, with more members beside the fields of each record in the two forms of JSON.
///
/// # Errors
/// When the records cannot be read, or the output cannot be written.
pub fn write_beside<E: std::fmt::Display>(
    format: Format,
    level: Level,
    site: &SiteInfo,
    options: &CsvOptions,
    items: impl Iterator<Item = Result<VisibleUseCase, E>>,
    beside: &Beside<'_>,
    out: &mut impl Write,
) -> Result<(), ExportError> {
    let items = items.map(|item| item.map_err(|error| ExportError::Source(error.to_string())));
    match format {
        Format::Csv => delimited::write(level, site, options, items, out),
        Format::Json => json::write_document(site, items, beside, out),
        Format::Ndjson => json::write_lines(site, items, beside, out),
        Format::GeoJson => geojson::write(level, site, items, out),
        Format::Xlsx => workbook::write(level, site, items, out),
        Format::Dcat => linked::write_catalogue(site, items, out),
    }
}

/// A text that a spreadsheet would run as a formula, made harmless by a quote before it. One that has the quote already
/// gets another, so that an import of it gives back what was written.
///
/// ```
/// assert_eq!(sobria_exchange::export::harmless("=1+1"), "'=1+1");
/// assert_eq!(sobria_exchange::export::harmless("1+1"), "1+1");
/// ```
pub fn harmless(text: &str) -> String {
    if runs(text) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// What [`harmless`] was given.
pub(crate) fn plain(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if runs(text) => text,
        _ => cell,
    }
}

/// Whether a text begins like a formula, quotes aside.
fn runs(text: &str) -> bool {
    text.trim_start_matches('\'')
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\0', '＝'])
}

/// JSON that may stand inside an HTML script element.
pub(crate) fn embeddable(json: &serde_json::Value) -> String {
    json.to_string()
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// Columns of the native CSV for a reader of that level.
pub fn csv_header(level: Level) -> Vec<&'static str> {
    delimited::header(level)
}

pub(crate) use delimited::RAW;
pub(crate) use workbook::model_sheet;
