//! Versions of a record: each is written once and never again.

use jiff::Timestamp;
use sobria_catalogue::content::Content;
use sobria_catalogue::id::UseCaseId;

use crate::connection::Connection;
use crate::error::Result;
use crate::row::content_text;
use crate::sql::Sql;
use crate::store::Store;

/// A version about to be published.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewRevision<'a> {
    /// The record.
    pub(crate) use_case: UseCaseId,
    /// The number of the version: one more than the newest.
    pub(crate) number: i64,
    /// What it says.
    pub(crate) content: &'a Content,
    /// How much of the record is filled in, from 0 to 100.
    pub(crate) completeness: i64,
    /// Why it was made.
    pub(crate) reason: &'a str,
    /// Who made it.
    pub(crate) author: &'a str,
    /// When it was made, and published.
    pub(crate) at: Timestamp,
}

impl Store {
    /// Keeps a version that is public from now on. The record is not yet told.
    pub(crate) async fn add_published_revision(
        &self,
        connection: &mut Connection,
        new: &NewRevision<'_>,
    ) -> Result<()> {
        Sql::new(
            "INSERT INTO revision (use_case_id, number, status, content, completeness, reason, author, created_at, \
             published_at) VALUES ($1, $2, 'published', $3, $4, $5, $6, $7, $7)",
        )
        .value(new.use_case.to_string())
        .value(new.number)
        .value(content_text(new.content))
        .value(new.completeness)
        .value(new.reason)
        .value(new.author)
        .value(new.at.as_millisecond())
        .execute(connection)
        .await
        .map(|_| ())
        .map_err(|e| self.fail(e))
    }

    /// Keeps a version of a public record and shows it in the place of the one before; `changed_in` is the catalogue
    /// revision.
    pub(crate) async fn replace_published_revision(
        &self,
        connection: &mut Connection,
        new: &NewRevision<'_>,
        changed_in: i64,
    ) -> Result<()> {
        self.add_published_revision(&mut *connection, new).await?;
        Sql::new("UPDATE use_case SET version = $1, published_number = $1, changed_in = $2 WHERE id = $3")
            .value(new.number)
            .value(changed_in)
            .value(new.use_case.to_string())
            .execute(connection)
            .await
            .map(|_| ())
            .map_err(|e| self.fail(e))
    }
}
