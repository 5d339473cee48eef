//! Moving an instance from one database to another, across engines.

pub(crate) mod tables;

use self::tables::{Kind, Table, tables};
use crate::connection::Connection;
use crate::error::{Result, StoreError};
use crate::hash::Fingerprint;
use crate::row::{Cells, Row};
use crate::sql::{BulkInsert, Values};
use crate::store::Store;
use crate::use_cases::Interrupted;

/// What a copy wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyReport {
    /// Tables with the number of their rows, in the order in which they were written.
    pub tables: Vec<(&'static str, u64)>,
    /// Hash of the catalogue, the same on both sides.
    pub catalogue_hash: String,
}

/// Rows held in memory at a time.
const BATCH: usize = 1024;

enum Cell {
    Text(Option<String>),
    Number(Option<i64>),
    Real(Option<f64>),
    Bytes(Option<Vec<u8>>),
}

impl Store {
    /// Copies everything into an empty, migrated database, on any engine, in one transaction of the target.
    ///
    /// Each table is counted and hashed on both sides before the target commits.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`] when the target holds records; [`StoreError::CopyDiffers`] when the check
    /// fails; in every case the target is left as it was.
    pub async fn copy_to(&self, target: &Self) -> Result<CopyReport> {
        let mut source = self.begin_read().await?;
        let mut transaction = target.begin_write().await?;
        let mut written = Vec::new();
        for table in tables() {
            match table.clear() {
                Some(clear) => {
                    clear
                        .execute(&mut *transaction)
                        .await
                        .map_err(|e| target.fail(e))?;
                }
                None => target.refuse_filled(&mut transaction, table).await?,
            }
        }
        for table in tables() {
            let sent = self.send(&mut source, target, &mut transaction, table).await?;
            let received = target.fingerprint(&mut transaction, table).await?;
            let count = sent.len();
            if count != received.len() || sent.finish() != received.finish() {
                return Err(StoreError::CopyDiffers { table: table.name });
            }
            written.push((table.name, count));
        }
        transaction.commit().await.map_err(|e| target.fail(e))?;
        drop(source);
        Ok(CopyReport {
            tables: written,
            catalogue_hash: target.catalogue_hash().await?,
        })
    }

    async fn refuse_filled(&self, connection: &mut Connection, table: &Table) -> Result<()> {
        let row = table
            .select()
            .push(" LIMIT 1")
            .first(connection)
            .await
            .map_err(|e| self.fail(e))?;
        match row {
            Some(_) => Err(StoreError::NotEmpty {
                target: self.address().to_string(),
            }),
            None => Ok(()),
        }
    }

    /// Reads a table here and writes it there; returns the fingerprint of what was read.
    async fn send(
        &self,
        source: &mut Connection,
        target: &Self,
        connection: &mut Connection,
        table: &Table,
    ) -> Result<Fingerprint> {
        let columns: Vec<&'static str> = table.column_names().collect();
        let insert = BulkInsert::new(target.dialect(), table.name, &columns, &[], |_| {});
        let mut fingerprint = Fingerprint::default();
        let mut batch = Vec::with_capacity(BATCH);
        let mut rows = table.select().stream(source).map_err(|e| self.fail(e))?;
        while let Some(row) = rows.next().await.map_err(|e| self.fail(e))? {
            let cells = cells(&row, table)?;
            add(&mut fingerprint, &cells);
            batch.push(cells);
            if batch.len() == BATCH {
                insert
                    .run(connection, &batch, bind)
                    .await
                    .map_err(|e| target.fail(e))?;
                batch.clear();
            }
        }
        insert
            .run(connection, &batch, bind)
            .await
            .map_err(|e| target.fail(e))?;
        Ok(fingerprint)
    }

    async fn fingerprint(&self, connection: &mut Connection, table: &Table) -> Result<Fingerprint> {
        let mut fingerprint = Fingerprint::default();
        table
            .select()
            .each(connection, |row| {
                add(&mut fingerprint, &cells(&row, table).map_err(Interrupted::Store)?);
                Ok(())
            })
            .await
            .map_err(|e: Interrupted| e.into_store(self))?;
        Ok(fingerprint)
    }
}

fn cells(row: &Row, table: &Table) -> Result<Vec<Cell>> {
    let mut cells = Cells::new(row);
    table
        .columns
        .iter()
        .map(|(_, kind)| {
            Ok(match kind {
                Kind::Text => Cell::Text(cells.text_or_null()?),
                Kind::Number => Cell::Number(cells.number_or_null()?),
                Kind::Real => Cell::Real(cells.real_or_null()?),
                Kind::Bytes => Cell::Bytes(cells.bytes_or_null()?),
            })
        })
        .collect()
}

fn bind(values: &mut Values, cells: &Vec<Cell>) {
    for cell in cells {
        match cell {
            Cell::Text(text) => values.add(text.as_deref()),
            Cell::Number(number) => values.add(*number),
            Cell::Real(real) => values.add(*real),
            Cell::Bytes(bytes) => values.add(bytes.as_deref()),
        }
    }
}

fn add(fingerprint: &mut Fingerprint, cells: &[Cell]) {
    let bytes: Vec<Option<Vec<u8>>> = cells
        .iter()
        .map(|cell| match cell {
            Cell::Text(text) => text.clone().map(String::into_bytes),
            Cell::Number(number) => number.map(|number| number.to_string().into_bytes()),
            Cell::Real(real) => real.map(|real| real.to_bits().to_be_bytes().to_vec()),
            Cell::Bytes(bytes) => bytes.clone(),
        })
        .collect();
    fingerprint.add(bytes.iter().map(Option::as_deref));
}
