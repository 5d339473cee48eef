//! The rows of imports as they stood: many in one compressed block, apart from the records that they made.
//!
//! They are read one record at a time, by moderators, and are as large as all the rest: alone they compress
//! poorly, together well.

use sobria_catalogue::id::UseCaseId;

use crate::connection::Connection;
use crate::dialect::Dialect;
use crate::error::{Result, StoreError};
use crate::row::Cells;
use crate::sql::{BulkInsert, Sql, Values};
use crate::store::Store;

/// Rows of one block: more compress a little better, and make each reading longer.
const ROWS_PER_BLOCK: usize = 256;
/// Largest block once unpacked, in bytes; a longer one is damage.
const BLOCK_MAX: usize = 1 << 30;

/// Between the number of a row and its text, and after the text; JSON holds neither.
const AFTER_NUMBER: char = '\t';
const AFTER_ROW: char = '\n';

/// Packs rows, given with their number in the source, in the order of numbers.
fn pack<'r>(rows: impl Iterator<Item = (i64, &'r str)>) -> Vec<u8> {
    let mut text = String::new();
    for (number, row) in rows {
        text.push_str(&number.to_string());
        text.push(AFTER_NUMBER);
        text.push_str(row);
        text.push(AFTER_ROW);
    }
    lz4_flex::block::compress_prepend_size(text.as_bytes())
}

/// The text of a block.
fn unpack(block: &[u8]) -> Result<String> {
    let damaged = |cause: String| StoreError::damaged("import_rows.rows", cause);
    let (length, packed) =
        lz4_flex::block::uncompressed_size(block).map_err(|source| damaged(source.to_string()))?;
    if length > BLOCK_MAX {
        return Err(damaged(format!("a block of {length} bytes")));
    }
    let bytes = lz4_flex::block::decompress(packed, length).map_err(|source| damaged(source.to_string()))?;
    String::from_utf8(bytes).map_err(|source| StoreError::damaged("import_rows.rows", source))
}

fn rows(text: &str) -> impl Iterator<Item = (i64, &str)> {
    text.split(AFTER_ROW).filter_map(|line| {
        let (number, row) = line.split_once(AFTER_NUMBER)?;
        Some((number.parse().ok()?, row))
    })
}

/// Finds the block that holds a row, if any does.
const FIND: &str = "SELECT first_row, rows FROM import_rows WHERE import_id = $1 AND first_row <= $2 \
                    ORDER BY first_row DESC LIMIT 1";

/// Keeps the rows of one import.
pub(crate) struct RowBlocks {
    insert: BulkInsert<OfImport>,
}

/// Gives the identifier of an import to every row.
type OfImport = Box<dyn Fn(&mut Values) + Send + Sync>;

impl RowBlocks {
    pub(crate) fn new(dialect: Dialect, import: &str) -> Self {
        let import = import.to_owned();
        Self {
            insert: BulkInsert::new(
                dialect,
                "import_rows",
                &["first_row", "rows"],
                &["import_id"],
                Box::new(move |values| values.add(import.as_str())),
            ),
        }
    }

    /// Keeps rows, given with their number in the source, in the order of numbers, above those kept before.
    pub(crate) async fn keep(&self, connection: &mut Connection, kept: &[(i64, &str)]) -> sqlx::Result<()> {
        let blocks: Vec<(i64, Vec<u8>)> = kept
            .chunks(ROWS_PER_BLOCK)
            .filter_map(|rows| Some((rows.first()?.0, pack(rows.iter().copied()))))
            .collect();
        self.insert
            .run(connection, &blocks, |values, (first, block)| {
                values.add(*first);
                values.add(block.as_slice());
            })
            .await
    }
}

impl Store {
    /// A row as it stood; empty when it was taken away.
    pub(crate) async fn raw_row(&self, import: &str, number: i64) -> Result<String> {
        let block = Sql::new(FIND)
            .value(import)
            .value(number)
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        let Some(block) = block else {
            return Ok(String::new());
        };
        let mut cells = Cells::new(&block);
        cells.number()?;
        let text = unpack(cells.bytes()?)?;
        let found = rows(&text).find(|(other, _)| *other == number);
        Ok(found.map_or_else(String::new, |(_, row)| row.to_owned()))
    }

    /// Takes away the rows that made a record.
    pub(crate) async fn forget_rows(&self, connection: &mut Connection, id: UseCaseId) -> Result<()> {
        let origins = Sql::new("SELECT import_id, source_row FROM provenance WHERE use_case_id = $1")
            .value(id.to_string())
            .all(&mut *connection)
            .await
            .map_err(|e| self.fail(e))?;
        for origin in &origins {
            let mut cells = Cells::new(origin);
            let (import, number) = (cells.owned()?, cells.number()?);
            let block = Sql::new(FIND)
                .value(import.as_str())
                .value(number)
                .first(&mut *connection)
                .await
                .map_err(|e| self.fail(e))?;
            let Some(block) = block else { continue };
            let mut cells = Cells::new(&block);
            let first = cells.number()?;
            let text = unpack(cells.bytes()?)?;
            let left = pack(rows(&text).filter(|(other, _)| *other != number));
            Sql::new("UPDATE import_rows SET rows = $1 WHERE import_id = $2 AND first_row = $3")
                .value(left.as_slice())
                .value(import.as_str())
                .value(first)
                .execute(&mut *connection)
                .await
                .map_err(|e| self.fail(e))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_rows_come_back_and_damage_is_told() {
        let kept = [(3, "{\"a\":\"l’eau\\n\"}"), (5, "{}")];
        let block = pack(kept.into_iter());
        let text = unpack(&block).unwrap();
        assert_eq!(rows(&text).collect::<Vec<_>>(), kept);
        assert_eq!(unpack(&pack(std::iter::empty())).unwrap(), "");
        assert!(unpack(&[]).is_err());
        assert!(unpack(&[255, 255, 255, 255, 0]).is_err());
        assert!(unpack(block.get(..block.len() - 2).unwrap()).is_err());
    }
}
