//! Imports of files: planned by one function for the command and for the site; on the site, a trial keeps the file
//! between what it would do and what it does.

pub mod stream;
pub mod trial;

use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sobria_catalogue::import::{Existing, ImportEnd, ImportPart, ImportPlan};
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_exchange::error::FileError;
use sobria_exchange::plan::{DateOrder, PlanOptions, plan, plan_in_parts};
use sobria_exchange::read::{ReadOptions, Sheet, read};
use sobria_search::Index;
use sobria_store::{Applied, ApplyOptions, Store, StoreError};
use sobria_territory::Directory;
use uuid::Uuid;

use crate::refresh::{Ahead, SyncError, synchronise};

/// What an import may be asked beyond its file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// Name of the source; that of the file by default.
    pub source: Option<String>,
    /// Sheet of a workbook.
    pub sheet: Option<String>,
    /// Columns named by hand: number from 1, then the field.
    pub map: Vec<(usize, String)>,
    /// Month before day when the column does not tell.
    pub month_first: bool,
    /// Apply suggestions.
    pub apply_suggestions: bool,
    /// Let the source win over changes made here.
    pub prefer_source: bool,
    /// Accept a much smaller file.
    pub accept_shrink: bool,
}

impl Choices {
    /// How the file is read.
    pub fn reading(&self) -> ReadOptions {
        ReadOptions {
            sheet: self.sheet.clone(),
            map: self.map.clone(),
        }
    }
}

impl Choices {
    fn planning<'a>(
        &self,
        name: &str,
        proposes: bool,
        today: Date,
        new_id: &'a mut dyn FnMut() -> Uuid,
    ) -> PlanOptions<'a> {
        PlanOptions {
            source: self.source.clone().unwrap_or_else(|| name.to_owned()),
            date_order: if self.month_first {
                DateOrder::MonthFirst
            } else {
                DateOrder::DayFirst
            },
            apply_suggestions: self.apply_suggestions,
            prefer_source: self.prefer_source,
            accept_shrink: self.accept_shrink,
            proposes,
            today,
            new_id,
        }
    }
}

/// Reads a file and decides what becomes of each row. Nothing is written.
///
/// # Errors
/// When the file cannot be used.
pub fn plan_bytes(
    bytes: &[u8],
    name: &str,
    existing: &Existing,
    choices: &Choices,
    vocabularies: &Vocabularies,
    today: Date,
    new_id: &mut dyn FnMut() -> Uuid,
) -> Result<ImportPlan, FileError> {
    let sheet = read(bytes, name, &choices.reading())?;
    plan(
        &sheet,
        existing,
        vocabularies,
        Directory::embedded(),
        &mut choices.planning(name, true, today, new_id),
    )
}

/// The same for a table that was read, whose rows are passed on as they are decided; repairs are put to people when
/// the import `proposes`.
///
/// # Errors
/// When the file cannot be used; what was passed on is not to be kept then.
pub fn plan_sheet(
    sheet: Sheet,
    existing: &Existing,
    choices: &Choices,
    vocabularies: &Vocabularies,
    proposes: bool,
    today: Date,
    new_id: &mut dyn FnMut() -> Uuid,
    each: &mut dyn FnMut(ImportPart) -> bool,
) -> Result<ImportEnd, FileError> {
    let mut options = choices.planning(&sheet.name, proposes, today, new_id);
    plan_in_parts(
        sheet,
        existing,
        vocabularies,
        Directory::embedded(),
        &mut options,
        each,
    )
}

/// What became of a plan.
#[derive(Debug)]
pub struct Written {
    /// What the database holds now.
    pub applied: Applied,
    /// Why the index lags behind; it is made again at the next turn.
    pub lags: Option<SyncError>,
}

/// Writes a plan to the database in one transaction, and to the index, which is a cache.
///
/// # Errors
/// When the catalogue changed since the plan was made, or the database cannot be written: then nothing was.
pub async fn write(
    plan: &Arc<ImportPlan>,
    options: ApplyOptions<'_>,
    store: &Store,
    index: &Index,
) -> Result<Written, StoreError> {
    let ahead = match options.planned_at {
        Some(planned_at) if options.publish => Ahead::begin(plan, index, planned_at, options.now),
        _ => None,
    };
    let applied = store.apply_import(plan, options).await?;
    let shown = ahead.is_some_and(|ahead| ahead.finish(applied.catalogue_revision).is_ok());
    let lags = if shown {
        None
    } else {
        synchronise(store, index).await.err()
    };
    Ok(Written { applied, lags })
}
