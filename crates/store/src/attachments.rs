//! Files that come with a record: which contribution brought them, which versions hold them.

use std::collections::HashSet;

use jiff::Timestamp;
use sobria_catalogue::attachment::Attachment;
use sobria_catalogue::id::{AttachmentId, ContributionId, UseCaseId};

use crate::audit::AuditEntry;
use crate::connection::Connection;
use crate::error::{Result, StoreError};
use crate::file_rows::{Bringing, Brought, TakingOff};
use crate::files::Files;
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::Store;
use crate::use_cases::LIST;

/// Read back by `Cells::attachment`, in the same order.
const SELECT: &str = "SELECT a.id, a.use_case_id, a.contribution_id, a.removal_id, a.from_number, a.until_number, \
    a.hash, a.kind, a.name, a.title, a.bytes, a.visibility, a.removed, a.added_by, a.added_at FROM attachment a";

impl Store {
    /// Adds a file to a contribution that is being written; its bytes are on disk already. The version of the
    /// contribution grows, so that nothing is handed in without it.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn add_attachment(&self, attachment: &Attachment, most: u32) -> Result<Brought> {
        let own = attachment.contribution.to_string();
        let statements = || {
            Bringing {
            lock: lock(&own, attachment.at),
            present: Sql::new(
                "SELECT COUNT(*) FROM attachment a WHERE a.use_case_id = $1 AND a.until_number IS NULL \
                 AND a.removal_id IS NULL AND (a.from_number IS NOT NULL OR a.contribution_id = $2)",
            )
            .value(attachment.use_case.to_string())
            .value(own.as_str()),
            insert: Sql::new(
                "INSERT INTO attachment (id, use_case_id, contribution_id, hash, kind, name, title, bytes, visibility, \
                 removed, added_by, added_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            )
            .value(attachment.id.to_string())
            .value(attachment.use_case.to_string())
            .value(own.as_str())
            .file(&attachment.file, attachment.by, attachment.at),
        }
        };
        let line = AuditEntry {
            at: attachment.at,
            actor: &attachment.by.to_string(),
            action: "add-file",
            subject: &own,
            detail: &attachment.file.hash,
        };
        self.bring_file(statements, most, line).await
    }

    /// Takes a file off in a contribution that is being written: at once when no moderator ever saw it, else once the
    /// contribution is approved. `false` when that is no longer possible.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn remove_attachment(
        &self,
        id: AttachmentId,
        contribution: ContributionId,
        actor: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let own = contribution.to_string();
        let change = |text: &'static str| Sql::new(text).value(id.to_string()).value(own.as_str());
        let statements = || TakingOff {
            lock: lock(&own, now),
            changes: [
                change(
                    "DELETE FROM attachment WHERE id = $1 AND contribution_id = $2 AND from_number IS NULL \
                     AND EXISTS (SELECT 1 FROM contribution c WHERE c.id = $2 AND c.submissions = 0)",
                ),
                change(
                    "UPDATE attachment SET removal_id = $2 WHERE id = $1 AND removal_id IS NULL AND until_number IS NULL \
                     AND (from_number IS NOT NULL OR contribution_id = $2) \
                     AND EXISTS (SELECT 1 FROM contribution c WHERE c.id = $2 AND c.use_case_id = attachment.use_case_id)",
                ),
            ],
        };
        let line = AuditEntry {
            at: now,
            actor,
            action: "remove-file",
            subject: &own,
            detail: &id.to_string(),
        };
        self.take_file_off(statements, line).await
    }

    /// Keeps a file that a contribution took off.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn restore_attachment(
        &self,
        id: AttachmentId,
        contribution: ContributionId,
        now: Timestamp,
    ) -> Result<bool> {
        let mut transaction = self.begin_write().await?;
        let own = contribution.to_string();
        let locked = lock(&own, now).execute(&mut *transaction).await;
        if locked.map_err(|e| self.fail(e))? == 0 {
            return Ok(false);
        }
        let touched = Sql::new(
            "UPDATE attachment SET removal_id = NULL WHERE id = $1 AND removal_id = $2 AND until_number IS NULL",
        )
        .value(id.to_string())
        .value(own.as_str())
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        transaction.commit().await.map_err(|e| self.fail(e))?;
        Ok(touched > 0)
    }

    /// A file.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn attachment(&self, id: AttachmentId) -> Result<Option<Attachment>> {
        Sql::new(SELECT)
            .push(" WHERE a.id = ")
            .bind(id.to_string())
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .map(|row| Cells::new(&row).attachment())
            .transpose()
    }

    /// Every file that a record ever had or may get, in the order in which they came. Nothing here says who reads
    /// them: `access::redact_files` does.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn attachments_of(&self, use_case: UseCaseId) -> Result<Vec<Attachment>> {
        self.attachments_of_all(&[use_case]).await
    }

    /// The same for several records.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn attachments_of_all(&self, use_cases: &[UseCaseId]) -> Result<Vec<Attachment>> {
        let mut found = Vec::new();
        for chunk in use_cases.chunks(LIST) {
            let rows = Sql::new(SELECT)
                .push(" WHERE a.use_case_id IN ")
                .list(chunk.iter().map(ToString::to_string))
                .push(" ORDER BY a.added_at, a.id")
                .all(self.reader())
                .await
                .map_err(|e| self.fail(e))?;
            for row in &rows {
                found.push(Cells::new(row).attachment()?);
            }
        }
        Ok(found)
    }

    /// Whether the open contribution about a record brings a file or takes one off.
    pub(crate) async fn files_changed(&self, use_case: UseCaseId) -> Result<bool> {
        let row = Sql::new(
            "SELECT COUNT(*) FROM attachment a JOIN contribution c ON c.open_for IS NOT NULL AND \
             ((c.id = a.contribution_id AND a.from_number IS NULL AND a.removal_id IS NULL) \
             OR (c.id = a.removal_id AND a.from_number IS NOT NULL AND a.until_number IS NULL)) \
             WHERE a.use_case_id = $1",
        )
        .value(use_case.to_string())
        .first(self.reader())
        .await
        .map_err(|e| self.fail(e))?;
        row.map_or(Ok(false), |row| Ok(Cells::new(&row).number()? > 0))
    }

    /// Makes the files of a contribution part of the version that was just written, and ends those it takes off.
    pub(crate) async fn publish_files(
        &self,
        connection: &mut Connection,
        contribution: ContributionId,
        number: i64,
    ) -> Result<()> {
        for change in [
            "UPDATE attachment SET from_number = $1 \
             WHERE contribution_id = $2 AND from_number IS NULL AND removal_id IS NULL",
            "UPDATE attachment SET until_number = $1 \
             WHERE removal_id = $2 AND from_number IS NOT NULL AND until_number IS NULL",
        ] {
            Sql::new(change)
                .value(number)
                .value(contribution.to_string())
                .execute(&mut *connection)
                .await
                .map_err(|e| self.fail(e))?;
        }
        Ok(())
    }

    /// Forgets the files of a draft that is thrown away.
    pub(crate) async fn discard_files(
        &self,
        connection: &mut Connection,
        contribution: ContributionId,
    ) -> Result<()> {
        for change in [
            "DELETE FROM attachment WHERE contribution_id = $1",
            "UPDATE attachment SET removal_id = NULL WHERE removal_id = $1",
        ] {
            Sql::new(change)
                .value(contribution.to_string())
                .execute(&mut *connection)
                .await
                .map_err(|e| self.fail(e))?;
        }
        Ok(())
    }

    /// Forgets the files of contributions that were refused before a time: their authors could have appealed, and
    /// nobody reads them any more.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn prune_attachments(&self, before: Timestamp) -> Result<u64> {
        let mut transaction = self.begin_write().await?;
        Sql::new(
            "UPDATE attachment SET removal_id = NULL WHERE until_number IS NULL AND from_number IS NOT NULL \
             AND removal_id IN (SELECT c.id FROM contribution c WHERE c.open_for IS NULL AND c.updated_at < $1)",
        )
        .value(before.as_millisecond())
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        let gone = Sql::new(
            "DELETE FROM attachment WHERE from_number IS NULL AND contribution_id IN \
             (SELECT c.id FROM contribution c WHERE c.open_for IS NULL AND c.updated_at < $1)",
        )
        .value(before.as_millisecond())
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        transaction.commit().await.map_err(|e| self.fail(e))?;
        Ok(gone)
    }

    /// Hashes of every file in use.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn file_hashes(&self) -> Result<HashSet<String>> {
        Sql::new(
            "SELECT hash FROM attachment UNION SELECT hash FROM entry_file UNION SELECT hash FROM organisation_logo \
             UNION SELECT hash FROM logo_proposal UNION SELECT hash FROM purchase_file",
        )
            .all(self.writer())
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| Cells::new(row).owned())
            .collect()
    }

    /// Removes the files that no record has; those of `at_once` without waiting. Says how many went.
    ///
    /// # Errors
    /// When the database does not answer or the folder cannot be written.
    pub async fn sweep_files(&self, files: &Files, at_once: &[String]) -> Result<u64> {
        let _alone = files.alone().await;
        let used = self.file_hashes().await?;
        files.sweep(&used, at_once)
    }

    /// Copies the files in use beside a backup of the database. One that a withdrawal took away meanwhile is left out.
    ///
    /// # Errors
    /// When a file is missing or damaged, or the copy cannot be written.
    pub async fn backup_files(&self, files: &Files, copy: &Files) -> Result<u64> {
        let _hold = files.hold().await;
        let mut hashes: Vec<String> = self.file_hashes().await?.into_iter().collect();
        hashes.sort();
        files.copy_to(copy, &hashes)
    }

    /// Looks for files in use that are missing from the folder or damaged; says what is wrong with each.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn check_files(&self, files: &Files) -> Result<Vec<String>> {
        let mut hashes: Vec<String> = self.file_hashes().await?.into_iter().collect();
        hashes.sort();
        Ok(hashes
            .iter()
            .filter_map(|hash| match files.read(hash) {
                Ok(_) => None,
                Err(StoreError::NotFound { .. }) => Some(format!("the file {hash} is missing")),
                Err(StoreError::Corrupt { .. }) => Some(format!("the file {hash} is damaged")),
                Err(other) => Some(format!("the file {hash} cannot be read: {other}")),
            })
            .collect())
    }
}

/// Locks a contribution that is being written and gives it a new version; touches nothing when it is not.
fn lock(contribution: &str, now: Timestamp) -> Sql {
    Sql::new(
        "UPDATE contribution SET version = version + 1, updated_at = $1 \
         WHERE id = $2 AND kind = 'content' AND status IN ('draft', 'changes_requested')",
    )
    .value(now.as_millisecond())
    .value(contribution)
}

impl Cells<'_> {
    fn attachment(&mut self) -> Result<Attachment> {
        let id = self.id("attachment.id")?;
        let use_case = self.use_case_id()?;
        let contribution = self.id("attachment.contribution_id")?;
        let removal = self.id_or_null("attachment.removal_id")?;
        let (from, until) = (self.version_or_null()?, self.version_or_null()?);
        let (file, by, at) = self.file()?;
        Ok(Attachment {
            id,
            use_case,
            contribution,
            removal,
            from,
            until,
            file,
            by,
            at,
        })
    }
}
