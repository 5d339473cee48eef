//! What files of records and files of entries have in common: the columns that say what a file is, and how one joins or
//! leaves what somebody is writing.

use jiff::Timestamp;
use sobria_catalogue::attachment::{FileFacts, FileKind, readers_from_code};
use sobria_catalogue::field::Visibility;
use sobria_catalogue::id::UserId;

use crate::audit::AuditEntry;
use crate::error::{Result, StoreError};
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::{Store, retry};

/// What became of a file that was brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brought {
    /// It is kept.
    Kept,
    /// What it was brought to was handed in, decided or deleted meanwhile.
    TooLate,
    /// The record has as many files as it may have.
    TooMany,
}

/// The statements that bring a file.
pub(crate) struct Bringing {
    /// Takes what is being written for this change; touches nothing when it is no longer being written.
    pub lock: Sql,
    /// Counts the files that are there.
    pub present: Sql,
    /// Adds the row.
    pub insert: Sql,
}

/// The statements that take a file off.
pub(crate) struct TakingOff {
    /// As in [`Bringing`].
    pub lock: Sql,
    /// The row goes, or is marked; none is touched when the file is not there.
    pub changes: [Sql; 2],
}

impl Store {
    /// Adds a file, whose bytes are on disk already, to what is being written.
    pub(crate) async fn bring_file(
        &self,
        statements: impl Fn() -> Bringing,
        most: u32,
        line: AuditEntry<'_>,
    ) -> Result<Brought> {
        retry(|| async {
            let Bringing {
                lock,
                present,
                insert,
            } = statements();
            let mut transaction = self.begin_write().await?;
            if lock.execute(&mut *transaction).await.map_err(|e| self.fail(e))? == 0 {
                return Ok(Brought::TooLate);
            }
            let row = present.first(&mut *transaction).await.map_err(|e| self.fail(e))?;
            if row.map_or(Ok(0), |row| Cells::new(&row).number())? >= i64::from(most) {
                return Ok(Brought::TooMany);
            }
            insert
                .execute(&mut *transaction)
                .await
                .map_err(|e| self.fail(e))?;
            self.chain(&mut transaction, None, line).await?;
            transaction.commit().await.map_err(|e| self.fail(e))?;
            Ok(Brought::Kept)
        })
        .await
    }

    /// Takes a file off what is being written; `false` when that is no longer possible.
    pub(crate) async fn take_file_off(
        &self,
        statements: impl Fn() -> TakingOff,
        line: AuditEntry<'_>,
    ) -> Result<bool> {
        retry(|| async {
            let TakingOff { lock, changes } = statements();
            let mut transaction = self.begin_write().await?;
            if lock.execute(&mut *transaction).await.map_err(|e| self.fail(e))? == 0 {
                return Ok(false);
            }
            let mut touched = 0;
            for change in changes {
                touched += change
                    .execute(&mut *transaction)
                    .await
                    .map_err(|e| self.fail(e))?;
            }
            if touched == 0 {
                return Ok(false);
            }
            self.chain(&mut transaction, None, line).await?;
            transaction.commit().await.map_err(|e| self.fail(e))?;
            Ok(true)
        })
        .await
    }
}

impl Sql {
    /// The values of hash, kind, name, title, bytes, visibility, removed, added_by and added_at.
    pub(crate) fn file(self, file: &FileFacts, by: UserId, at: Timestamp) -> Self {
        self.value(file.hash.as_str())
            .value(file.kind.code())
            .value(file.name.as_str())
            .value(file.title.as_str())
            .value(i64::try_from(file.bytes).unwrap_or(i64::MAX))
            .value(file.visibility.code())
            .value(file.removed.as_str())
            .value(by.to_string())
            .value(at.as_millisecond())
    }
}

impl Cells<'_> {
    /// The columns of [`Sql::file`].
    pub(crate) fn file(&mut self) -> Result<(FileFacts, UserId, Timestamp)> {
        let file = FileFacts {
            hash: self.owned()?,
            kind: {
                let code = self.text()?;
                FileKind::from_code(code).ok_or_else(|| {
                    StoreError::damaged("kind of a file", format!("unknown kind \"{code}\""))
                })?
            },
            name: self.owned()?,
            title: self.owned()?,
            bytes: u64::try_from(self.number()?).unwrap_or(0),
            // An unknown code is read by nobody.
            visibility: readers_from_code(self.text()?).unwrap_or(Visibility::Moderators),
            removed: self.owned()?,
        };
        Ok((file, self.id("author of a file")?, self.time()?))
    }
}
