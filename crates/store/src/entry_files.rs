//! Files that come with a resource, and logos of organisations: which bytes of the data folder they are.

use jiff::Timestamp;
use sobria_catalogue::attachment::{Attachment, FileFacts, FileKind, readers_from_code};
use sobria_catalogue::entry::Entry;
use sobria_catalogue::field::Visibility;
use sobria_catalogue::id::{AttachmentId, ContributionId, EntryId, OrganisationId, UseCaseId, UserId};

use crate::attachments::Brought;
use crate::audit::AuditEntry;
use crate::error::{Result, StoreError};
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::{Store, retry};

const SELECT: &str = "SELECT f.id, f.entry_id, f.from_number, f.until_number, f.hash, f.kind, f.name, f.title, f.bytes, \
    f.visibility, f.removed, f.added_by, f.added_at FROM entry_file f";

/// The logo of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// SHA-256 of its bytes, in hexadecimal.
    pub hash: String,
    /// Width and height, in pixels.
    pub size: (u32, u32),
    /// What it shows, for those who do not see it.
    pub alternative: String,
}

impl Store {
    /// Takes a draft for a change of its files; `false` when it is no draft any more, or changed meanwhile.
    async fn touch_entry(
        &self,
        connection: &mut crate::connection::Connection,
        seen: &Entry,
        now: Timestamp,
    ) -> Result<bool> {
        Sql::new(
            "UPDATE entry SET edition = edition + 1, updated_at = $1 \
             WHERE id = $2 AND edition = $3 AND status = 'draft'",
        )
        .value(now.as_millisecond())
        .value(seen.id.to_string())
        .value(i64::from(seen.edition))
        .execute(connection)
        .await
        .map(|touched| touched > 0)
        .map_err(|e| self.fail(e))
    }

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
        retry(|| async {
            let mut transaction = self.begin_write().await?;
            if !self.touch_entry(&mut transaction, seen, now).await? {
                return Ok(Brought::TooLate);
            }
            let entry = seen.id.to_string();
            let row =
                Sql::new("SELECT COUNT(*) FROM entry_file WHERE entry_id = $1 AND until_number IS NULL")
                    .value(entry.as_str())
                    .first(&mut *transaction)
                    .await
                    .map_err(|e| self.fail(e))?;
            if row.map_or(Ok(0), |row| Cells::new(&row).number())? >= i64::from(most) {
                return Ok(Brought::TooMany);
            }
            Sql::new(
                "INSERT INTO entry_file (id, entry_id, from_number, hash, kind, name, title, bytes, visibility, removed, \
                 added_by, added_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            )
            .value(id.to_string())
            .value(entry.as_str())
            .value(i64::from(seen.version))
            .value(file.hash.as_str())
            .value(file.kind.code())
            .value(file.name.as_str())
            .value(file.title.as_str())
            .value(i64::try_from(file.bytes).unwrap_or(i64::MAX))
            .value(file.visibility.code())
            .value(file.removed.as_str())
            .value(by.to_string())
            .value(now.as_millisecond())
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
            let line = AuditEntry {
                at: now,
                actor: &by.to_string(),
                action: "add-file",
                subject: &entry,
                detail: &file.hash,
            };
            self.chain(&mut transaction, None, line).await?;
            transaction.commit().await.map_err(|e| self.fail(e))?;
            Ok(Brought::Kept)
        })
        .await
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
        retry(|| async {
            let mut transaction = self.begin_write().await?;
            if !self.touch_entry(&mut transaction, seen, now).await? {
                return Ok(false);
            }
            let mut touched = 0;
            for change in [
                "DELETE FROM entry_file WHERE id = $1 AND entry_id = $2 AND from_number = $3",
                "UPDATE entry_file SET until_number = $3 WHERE id = $1 AND entry_id = $2 AND until_number IS NULL \
                 AND from_number < $3",
            ] {
                touched += Sql::new(change)
                    .value(id.to_string())
                    .value(seen.id.to_string())
                    .value(i64::from(seen.version))
                    .execute(&mut *transaction)
                    .await
                    .map_err(|e| self.fail(e))?;
            }
            if touched == 0 {
                return Ok(false);
            }
            let line = AuditEntry {
                at: now,
                actor: &by.to_string(),
                action: "remove-file",
                subject: &seen.id.to_string(),
                detail: &id.to_string(),
            };
            self.chain(&mut transaction, None, line).await?;
            transaction.commit().await.map_err(|e| self.fail(e))?;
            Ok(true)
        })
        .await
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

    /// Gives an organisation its logo, or takes it off; readers see it with the next catalogue revision.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn set_logo(
        &self,
        organisation: OrganisationId,
        logo: Option<&Logo>,
        by: UserId,
        now: Timestamp,
    ) -> Result<i64> {
        retry(|| async {
            let mut transaction = self.begin_write().await?;
            let revision = self.next_revision(&mut transaction).await?;
            Sql::new("DELETE FROM organisation_logo WHERE organisation_id = $1")
                .value(organisation.to_string())
                .execute(&mut *transaction)
                .await
                .map_err(|e| self.fail(e))?;
            if let Some(logo) = logo {
                Sql::new(
                    "INSERT INTO organisation_logo (organisation_id, hash, width, height, alternative, added_by, added_at) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7)",
                )
                .value(organisation.to_string())
                .value(logo.hash.as_str())
                .value(i64::from(logo.size.0))
                .value(i64::from(logo.size.1))
                .value(logo.alternative.as_str())
                .value(by.to_string())
                .value(now.as_millisecond())
                .execute(&mut *transaction)
                .await
                .map_err(|e| self.fail(e))?;
            }
            self.audit(
                &mut transaction,
                revision,
                now,
                &by.to_string(),
                if logo.is_some() { "logo-set" } else { "logo-remove" },
                &organisation.to_string(),
                logo.map_or("", |logo| logo.hash.as_str()),
            )
            .await?;
            transaction.commit().await.map_err(|e| self.fail(e))?;
            Ok(revision)
        })
        .await
    }

    /// The logo of an organisation.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn logo_of(&self, organisation: OrganisationId) -> Result<Option<Logo>> {
        Sql::new("SELECT hash, width, height, alternative FROM organisation_logo WHERE organisation_id = $1")
            .value(organisation.to_string())
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .map(|row| {
                let mut cells = Cells::new(&row);
                Ok(Logo {
                    hash: cells.owned()?,
                    size: (cells.version()?, cells.version()?),
                    alternative: cells.owned()?,
                })
            })
            .transpose()
    }
}

impl Cells<'_> {
    /// A file of an entry under the shape of a file of a record: the entry stands for the record and its contribution.
    fn entry_file(&mut self) -> Result<(EntryId, Attachment)> {
        let id: AttachmentId = self.id("entry_file.id")?;
        let entry: EntryId = self.id("entry_file.entry_id")?;
        let file = Attachment {
            id,
            use_case: UseCaseId::new(entry.uuid()),
            contribution: ContributionId::new(entry.uuid()),
            removal: None,
            from: Some(self.version()?),
            until: self.version_or_null()?,
            file: FileFacts {
                hash: self.owned()?,
                kind: {
                    let code = self.text()?;
                    FileKind::from_code(code).ok_or_else(|| {
                        StoreError::damaged("entry_file.kind", format!("unknown kind \"{code}\""))
                    })?
                },
                name: self.owned()?,
                title: self.owned()?,
                bytes: u64::try_from(self.number()?).unwrap_or(0),
                // An unknown code is read by nobody.
                visibility: readers_from_code(self.text()?).unwrap_or(Visibility::Moderators),
                removed: self.owned()?,
            },
            by: self.id("entry_file.added_by")?,
            at: self.time()?,
        };
        Ok((entry, file))
    }
}
