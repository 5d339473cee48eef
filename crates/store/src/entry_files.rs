//! Files that come with a resource: which bytes of the data folder they are.

use jiff::Timestamp;
use sobria_catalogue::attachment::{Attachment, FileFacts};
use sobria_catalogue::entry::Entry;
use sobria_catalogue::id::{AttachmentId, ContributionId, EntryId, UseCaseId, UserId};

use crate::audit::AuditEntry;
use crate::error::Result;
use crate::file_rows::{Bringing, Brought, TakingOff};
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::Store;

const SELECT: &str = "SELECT f.id, f.entry_id, f.from_number, f.until_number, f.hash, f.kind, f.name, f.title, f.bytes, \
    f.visibility, f.removed, f.added_by, f.added_at FROM entry_file f";

/// Takes a draft for a change of its files; touches nothing when it is no draft any more, or changed meanwhile.
fn lock(seen: &Entry, now: Timestamp) -> Sql {
    Sql::new(
        "UPDATE entry SET edition = edition + 1, updated_at = $1 \
         WHERE id = $2 AND edition = $3 AND status = 'draft'",
    )
    .value(now.as_millisecond())
    .value(seen.id.to_string())
    .value(i64::from(seen.edition))
}

impl Store {
    /// Adds a file to the draft of an entry; its bytes are on disk already.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn add_entry_file(
        &self,
        seen: &Entry,
        id: AttachmentId,
        file: &FileFacts,
        by: UserId,
        now: Timestamp,
        most: u32,
    ) -> Result<Brought> {
        let entry = seen.id.to_string();
        let statements = || {
            Bringing {
            lock: lock(seen, now),
            present: Sql::new("SELECT COUNT(*) FROM entry_file WHERE entry_id = $1 AND until_number IS NULL")
                .value(entry.as_str()),
            insert: Sql::new(
                "INSERT INTO entry_file (id, entry_id, from_number, hash, kind, name, title, bytes, visibility, removed, \
                 added_by, added_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            )
            .value(id.to_string())
            .value(entry.as_str())
            .value(i64::from(seen.version))
            .file(file, by, now),
        }
        };
        let line = AuditEntry {
            at: now,
            actor: &by.to_string(),
            action: "add-file",
            subject: &entry,
            detail: &file.hash,
        };
        self.bring_file(statements, most, line).await
    }

    /// Takes a file off the draft of an entry: at once when only the draft had it, else once the draft is published.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn remove_entry_file(
        &self,
        seen: &Entry,
        id: AttachmentId,
        by: UserId,
        now: Timestamp,
    ) -> Result<bool> {
        let change = |text: &'static str| {
            Sql::new(text)
                .value(id.to_string())
                .value(seen.id.to_string())
                .value(i64::from(seen.version))
        };
        let statements = || TakingOff {
            lock: lock(seen, now),
            changes: [
                change("DELETE FROM entry_file WHERE id = $1 AND entry_id = $2 AND from_number = $3"),
                change(
                    "UPDATE entry_file SET until_number = $3 WHERE id = $1 AND entry_id = $2 \
                     AND until_number IS NULL AND from_number < $3",
                ),
            ],
        };
        let line = AuditEntry {
            at: now,
            actor: &by.to_string(),
            action: "remove-file",
            subject: &seen.id.to_string(),
            detail: &id.to_string(),
        };
        self.take_file_off(statements, line).await
    }

    /// Every file that an entry ever had or may get. Nothing here says who reads them: `access::redact_files` does.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn entry_files(&self, entry: EntryId) -> Result<Vec<Attachment>> {
        Sql::new(SELECT)
            .push(" WHERE f.entry_id = ")
            .bind(entry.to_string())
            .push(" ORDER BY f.added_at, f.id")
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| Cells::new(row).entry_file().map(|(_, file)| file))
            .collect()
    }

    /// A file of an entry, with that entry.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn entry_file(&self, id: AttachmentId) -> Result<Option<(EntryId, Attachment)>> {
        Sql::new(SELECT)
            .push(" WHERE f.id = ")
            .bind(id.to_string())
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .map(|row| Cells::new(&row).entry_file())
            .transpose()
    }
}

impl Cells<'_> {
    /// A file of an entry under the shape of a file of a record: the entry stands for the record and its contribution.
    fn entry_file(&mut self) -> Result<(EntryId, Attachment)> {
        let id: AttachmentId = self.id("entry_file.id")?;
        let entry: EntryId = self.id("entry_file.entry_id")?;
        let (from, until) = (Some(self.version()?), self.version_or_null()?);
        let (file, by, at) = self.file()?;
        let attachment = Attachment {
            id,
            use_case: UseCaseId::new(entry.uuid()),
            contribution: ContributionId::new(entry.uuid()),
            removal: None,
            from,
            until,
            file,
            by,
            at,
        };
        Ok((entry, attachment))
    }
}
