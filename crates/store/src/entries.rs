//! Records besides use cases, with their revisions. No rule is decided here: see `catalogue::entry::life`.

use jiff::Timestamp;
use sobria_catalogue::entry::life::{EntryNext, EntryStatus};
use sobria_catalogue::entry::{Entry, EntryCarrier, EntryContent, EntryKind};
use sobria_catalogue::id::{EntryId, OrganisationId, UserId};

use crate::error::{Result, StoreError};
use crate::outbox::Outgoing;
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::{Store, retry};

/// Entries of one kind that one page can list.
const KIND_MAX: i64 = 5000;
/// Lines of an own space and of the queue.
const LINES: i64 = 200;

/// An entry that is begun.
#[derive(Debug, Clone)]
pub struct NewEntry<'a> {
    /// Identifier: the same form sent twice makes one entry.
    pub id: EntryId,
    /// What it is.
    pub kind: EntryKind,
    /// The organisation behind it.
    pub organisation: Option<OrganisationId>,
    /// Who writes.
    pub author: Option<UserId>,
    /// What was typed.
    pub content: &'a EntryContent,
    /// When.
    pub now: Timestamp,
}

/// A step on an entry, as the rules allowed it.
#[derive(Debug, Clone)]
pub struct EntryChange<'a> {
    /// The entry as it was when the step was decided.
    pub seen: &'a Entry,
    /// What becomes of it.
    pub next: EntryNext,
    /// What was typed, when the step writes it.
    pub content: Option<&'a EntryContent>,
    /// Why it was refused or taken away; blank otherwise.
    pub reason: &'a str,
    /// Messages that leave with the step.
    pub mails: &'a [Outgoing],
    /// Who.
    pub actor: UserId,
    /// When.
    pub now: Timestamp,
}

/// What stands at a public address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FoundEntry {
    /// The revision that readers see.
    Entry(Box<Entry>),
    /// It was taken away.
    Withdrawn,
    /// Nothing, or nothing published.
    None,
}

const COLUMNS: &str = "SELECT e.id, e.kind, e.slug, o.id, o.name, o.slug, e.author_id, e.status, e.version, \
    e.published_number, e.edition, r.number, r.content, r.reason, e.created_at, COALESCE(r.published_at, r.made_at), \
    e.first_published_at FROM entry e LEFT JOIN organisation o ON o.id = e.organisation_id JOIN entry_revision r \
    ON r.entry_id = e.id AND r.number = ";

fn newest() -> Sql {
    Sql::new(COLUMNS).push("e.version")
}

fn public() -> Sql {
    Sql::new(COLUMNS).push("e.published_number")
}

impl Store {
    /// Keeps a first draft.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the identifier is in use.
    pub async fn create_entry(&self, new: &NewEntry<'_>) -> Result<()> {
        retry(|| self.create_entry_once(new)).await
    }

    /// Writes a step; nothing when the entry changed since it was decided.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the entry changed meanwhile.
    pub async fn change_entry(&self, change: &EntryChange<'_>) -> Result<()> {
        retry(|| self.change_entry_once(change)).await
    }

    /// The newest revision of an entry, for those who write and moderate it.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn entry(&self, id: EntryId) -> Result<Option<Entry>> {
        let row = newest()
            .push(" WHERE e.id = ")
            .bind(id.to_string())
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        row.map(|row| Cells::new(&row).entry()).transpose()
    }

    /// What readers see at an address.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn entry_by_slug(&self, kind: EntryKind, slug: &str) -> Result<FoundEntry> {
        let row = public()
            .push(" WHERE e.kind = ")
            .bind(kind.code())
            .push(" AND e.slug = ")
            .bind(slug)
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        if let Some(row) = row {
            return Ok(FoundEntry::Entry(Box::new(Cells::new(&row).entry()?)));
        }
        let gone = Sql::new(
            "SELECT id FROM entry WHERE slug = $1 AND kind = $2 AND status = 'withdrawn' AND first_published_at IS NOT NULL",
        )
        .value(slug)
        .value(kind.code())
        .first(self.reader())
        .await
        .map_err(|e| self.fail(e))?;
        Ok(if gone.is_some() {
            FoundEntry::Withdrawn
        } else {
            FoundEntry::None
        })
    }

    /// What readers see of the entries given, in no order.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn entries_by_ids(&self, ids: &[EntryId]) -> Result<Vec<Entry>> {
        let mut found = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(crate::use_cases::LIST) {
            let rows = public()
                .push(" WHERE e.id IN ")
                .list(chunk.iter().map(ToString::to_string))
                .all(self.reader())
                .await
                .map_err(|e| self.fail(e))?;
            for row in &rows {
                found.push(Cells::new(row).entry()?);
            }
        }
        Ok(found)
    }

    /// What readers see of every entry of a kind, last published first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn published_entries(&self, kind: EntryKind) -> Result<Vec<Entry>> {
        self.entries(
            public()
                .push(" WHERE e.kind = ")
                .bind(kind.code())
                .push(" ORDER BY r.published_at DESC, e.id DESC LIMIT ")
                .bind(KIND_MAX),
        )
        .await
    }

    /// Entries of which a revision was published after a moment, up to another, newest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn entries_published_between(&self, after: Timestamp, until: Timestamp) -> Result<Vec<Entry>> {
        self.entries(
            public()
                .push(" WHERE r.published_at > ")
                .bind(after.as_millisecond())
                .push(" AND r.published_at <= ")
                .bind(until.as_millisecond())
                .push(" ORDER BY r.published_at DESC, e.id DESC LIMIT ")
                .bind(LINES),
        )
        .await
    }

    /// Newest revisions of what somebody wrote, and of what the organisations given carry, last changed first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn entries_of(&self, author: UserId, organisations: &[OrganisationId]) -> Result<Vec<Entry>> {
        self.entries(
            newest()
                .push(" WHERE e.status <> 'withdrawn' AND (e.author_id = ")
                .bind(author.to_string())
                .push(" OR e.organisation_id IN ")
                .list(organisations.iter().map(ToString::to_string))
                .push(") ORDER BY e.updated_at DESC, e.id DESC LIMIT ")
                .bind(LINES),
        )
        .await
    }

    /// Newest revisions that wait for a moderator, oldest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn waiting_entries(&self) -> Result<Vec<Entry>> {
        self.entries(
            newest()
                .push(" WHERE e.status = 'submitted' ORDER BY e.updated_at, e.id LIMIT ")
                .bind(LINES),
        )
        .await
    }

    /// Erases drafts that were never handed in and that nobody changed since a moment. Returns how many.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn prune_entry_drafts(&self, before: Timestamp) -> Result<u64> {
        let mut transaction = self.begin_write().await?;
        Sql::new(
            "DELETE FROM entry_file WHERE entry_id IN \
             (SELECT id FROM entry WHERE status = 'draft' AND version = 1 AND updated_at < $1)",
        )
        .value(before.as_millisecond())
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        Sql::new(
            "DELETE FROM entry_revision WHERE entry_id IN \
             (SELECT id FROM entry WHERE status = 'draft' AND version = 1 AND updated_at < $1)",
        )
        .value(before.as_millisecond())
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        let erased = Sql::new("DELETE FROM entry WHERE status = 'draft' AND version = 1 AND updated_at < $1")
            .value(before.as_millisecond())
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        transaction.commit().await.map_err(|e| self.fail(e))?;
        Ok(erased)
    }

    /// The versions of an entry that readers saw, oldest first: number, when, values. Who may read them is not decided
    /// here.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn entry_history(&self, id: EntryId) -> Result<Vec<(u32, Timestamp, EntryContent)>> {
        Sql::new(
            "SELECT r.number, r.published_at, r.content FROM entry_revision r JOIN entry e ON e.id = r.entry_id \
             WHERE r.entry_id = $1 AND r.published_at IS NOT NULL AND r.number <= e.published_number \
             ORDER BY r.number",
        )
        .value(id.to_string())
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?
        .iter()
        .map(|row| {
            let mut cells = Cells::new(row);
            let (number, at) = (cells.version()?, cells.time()?);
            let document = serde_json::from_str(cells.text()?)
                .map_err(|source| StoreError::damaged(format!("entry {id}"), source))?;
            Ok((number, at, EntryContent::from_json(&document)))
        })
        .collect()
    }

    async fn entries(&self, statement: Sql) -> Result<Vec<Entry>> {
        statement
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| Cells::new(row).entry())
            .collect()
    }

    async fn create_entry_once(&self, new: &NewEntry<'_>) -> Result<()> {
        let mut transaction = self.begin_write().await?;
        let revision = self.next_revision(&mut transaction).await?;
        Sql::new(
            "INSERT INTO entry (id, kind, slug, organisation_id, author_id, status, version, edition, created_at, \
             updated_at) VALUES ($1, $2, $3, $4, $5, 'draft', 1, 1, $6, $6)",
        )
        .value(new.id.to_string())
        .value(new.kind.code())
        .value(new.id.slug(new.content.title()))
        .value(new.organisation.map(|id| id.to_string()))
        .value(new.author.map(|id| id.to_string()))
        .value(new.now.as_millisecond())
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        self.insert_entry_revision(&mut transaction, new.id, 1, new.content, new.author, new.now)
            .await?;
        let actor = new.author.map(|id| id.to_string()).unwrap_or_default();
        self.audit(
            &mut transaction,
            revision,
            new.now,
            &actor,
            "begin-entry",
            &new.id.to_string(),
            new.kind.code(),
        )
        .await?;
        transaction.commit().await.map_err(|e| self.fail(e))
    }

    async fn insert_entry_revision(
        &self,
        connection: &mut crate::connection::Connection,
        id: EntryId,
        number: u32,
        content: &EntryContent,
        author: Option<UserId>,
        now: Timestamp,
    ) -> Result<()> {
        Sql::new(
            "INSERT INTO entry_revision (entry_id, number, content, reason, author_id, made_at) \
             VALUES ($1, $2, $3, '', $4, $5)",
        )
        .value(id.to_string())
        .value(i64::from(number))
        .value(content.to_json().to_string())
        .value(author.map(|id| id.to_string()))
        .value(now.as_millisecond())
        .execute(connection)
        .await
        .map(|_| ())
        .map_err(|e| self.fail(e))
    }

    async fn change_entry_once(&self, change: &EntryChange<'_>) -> Result<()> {
        let seen = change.seen;
        let id = seen.id.to_string();
        let mut transaction = self.begin_write().await?;
        let revision = self.next_revision(&mut transaction).await?;
        let (status, version, published) = match change.next {
            EntryNext::Kept {
                status,
                version,
                published,
            } => (status, version, published),
            EntryNext::Emptied | EntryNext::Removed => (EntryStatus::Withdrawn, seen.version, None),
        };
        let slug = match change.content {
            // Readers keep the address that they know.
            Some(content) if seen.first_published_at.is_none() => seen.id.slug(content.title()),
            _ => seen.slug.clone(),
        };
        let first = match (seen.first_published_at, published) {
            (None, Some(_)) => Some(change.now),
            (known, _) => known,
        };
        let touched = Sql::new(
            "UPDATE entry SET status = $1, version = $2, published_number = $3, slug = $4, updated_at = $5, \
             first_published_at = $6, edition = edition + 1 WHERE id = $7 AND edition = $8",
        )
        .value(status.code())
        .value(i64::from(version))
        .value(published.map(i64::from))
        .value(slug)
        .value(change.now.as_millisecond())
        .value(first.map(Timestamp::as_millisecond))
        .value(id.as_str())
        .value(i64::from(seen.edition))
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        if touched == 0 {
            return Err(StoreError::Conflict {
                what: format!("entry {id} was changed meanwhile"),
            });
        }
        match change.next {
            EntryNext::Kept { .. } => {
                self.write_entry_revision(&mut transaction, change, version, revision)
                    .await?
            }
            EntryNext::Emptied => {
                self.empty_entry(&mut transaction, &id, revision).await?;
            }
            EntryNext::Removed => {
                for purge in [
                    "DELETE FROM link WHERE from_id = $1 OR to_id = $1",
                    "DELETE FROM entry_file WHERE entry_id = $1",
                    "DELETE FROM entry_revision WHERE entry_id = $1",
                    "DELETE FROM entry WHERE id = $1",
                ] {
                    Sql::new(purge)
                        .value(id.as_str())
                        .execute(&mut *transaction)
                        .await
                        .map_err(|e| self.fail(e))?;
                }
            }
        }
        let action = match (change.next, status) {
            (EntryNext::Removed, _) => "discard-entry",
            (EntryNext::Emptied, _) => "withdraw-entry",
            (_, EntryStatus::Draft) => "write-entry",
            (_, EntryStatus::Submitted) => "submit-entry",
            (_, EntryStatus::Published) => "publish-entry",
            (_, EntryStatus::Refused) => "refuse-entry",
            (_, EntryStatus::Withdrawn) => "withdraw-entry",
        };
        self.enqueue_in(&mut transaction, change.mails, change.now)
            .await?;
        let actor = change.actor.to_string();
        self.audit(
            &mut transaction,
            revision,
            change.now,
            &actor,
            action,
            &id,
            seen.kind.code(),
        )
        .await?;
        transaction.commit().await.map_err(|e| self.fail(e))
    }

    /// Writes the revision of a step: a new one, or that of the draft.
    async fn write_entry_revision(
        &self,
        connection: &mut crate::connection::Connection,
        change: &EntryChange<'_>,
        version: u32,
        revision: i64,
    ) -> Result<()> {
        let id = change.seen.id;
        if version > change.seen.version {
            let content = change.content.unwrap_or(&change.seen.content);
            self.insert_entry_revision(connection, id, version, content, Some(change.actor), change.now)
                .await?;
        } else if let Some(content) = change.content {
            Sql::new(
                "UPDATE entry_revision SET content = $1, made_at = $2 WHERE entry_id = $3 AND number = $4",
            )
            .value(content.to_json().to_string())
            .value(change.now.as_millisecond())
            .value(id.to_string())
            .value(i64::from(version))
            .execute(&mut *connection)
            .await
            .map_err(|e| self.fail(e))?;
        }
        let published = matches!(
            change.next,
            EntryNext::Kept {
                status: EntryStatus::Published,
                ..
            }
        );
        if published || !change.reason.is_empty() {
            Sql::new("UPDATE entry_revision SET reason = $1, published_at = $2 WHERE entry_id = $3 AND number = $4")
                .value(change.reason)
                .value(published.then(|| change.now.as_millisecond()))
                .value(id.to_string())
                .value(i64::from(version))
                .execute(&mut *connection)
                .await
                .map_err(|e| self.fail(e))?;
        }
        if published {
            self.touch_linked(connection, &id.to_string(), revision).await?;
        }
        Ok(())
    }

    /// Empties every revision of an entry and unties it.
    async fn empty_entry(
        &self,
        connection: &mut crate::connection::Connection,
        id: &str,
        revision: i64,
    ) -> Result<()> {
        self.touch_linked(connection, id, revision).await?;
        for purge in [
            "DELETE FROM link WHERE from_id = $1 OR to_id = $1",
            "DELETE FROM entry_file WHERE entry_id = $1",
            "UPDATE entry_revision SET content = '{}', reason = '' WHERE entry_id = $1",
            "UPDATE audit SET detail = '' WHERE subject = $1",
        ] {
            Sql::new(purge)
                .value(id)
                .execute(&mut *connection)
                .await
                .map_err(|e| self.fail(e))?;
        }
        Ok(())
    }
}

impl Cells<'_> {
    fn entry(&mut self) -> Result<Entry> {
        let damaged = |what: &str| StoreError::damaged(format!("entry.{what}"), "unknown value".to_owned());
        let id: EntryId = self.text()?.parse().ok().ok_or_else(|| damaged("id"))?;
        let kind = EntryKind::from_code(self.text()?).ok_or_else(|| damaged("kind"))?;
        let slug = self.owned()?;
        let carrier = match (self.text_or_null()?, self.text_or_null()?, self.text_or_null()?) {
            (Some(id), Some(name), Some(slug)) => Some(EntryCarrier {
                id: id.parse().ok().ok_or_else(|| damaged("organisation_id"))?,
                name,
                slug,
            }),
            _ => None,
        };
        let number = |value: i64| u32::try_from(value).ok().ok_or_else(|| damaged("version"));
        Ok(Entry {
            id,
            kind,
            slug,
            carrier,
            author: self.user_id_or_null()?,
            status: EntryStatus::from_code(self.text()?).ok_or_else(|| damaged("status"))?,
            version: self.version()?,
            published: self.number_or_null()?.map(number).transpose()?,
            edition: self.version()?,
            number: self.version()?,
            content: {
                let document = serde_json::from_str(self.text()?)
                    .map_err(|source| StoreError::damaged(format!("entry {id}"), source))?;
                EntryContent::from_json(&document)
            },
            reason: self.owned()?,
            created_at: self.time()?,
            updated_at: self.time()?,
            first_published_at: self.time_or_null()?,
        })
    }
}
