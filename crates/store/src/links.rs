//! Links between records. Which ones may be made is decided by `catalogue::link::check`, here on what is committed.

use jiff::Timestamp;
use sobria_catalogue::id::{LinkId, UseCaseId, UserId};
use sobria_catalogue::link::{End, Link, LinkKind, LinkRefusal, RecordKind, check, ordered};

use crate::error::{Result, StoreError};
use crate::lifecycle::Decision;
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::{Store, retry};

/// Links that one page can list.
const LINES: i64 = 500;

/// A link that is proposed.
#[derive(Debug, Clone)]
pub struct NewLink<'a> {
    /// Identifier.
    pub id: LinkId,
    /// What it says.
    pub kind: LinkKind,
    /// Where it leaves from.
    pub from: End,
    /// Where it leads.
    pub to: End,
    /// A remark; may be blank.
    pub note: &'a str,
    /// Who proposes it.
    pub author: Option<UserId>,
    /// Whether readers see it at once.
    pub published: bool,
    /// When.
    pub now: Timestamp,
}

const SELECT: &str = "SELECT l.id, l.kind, l.from_kind, l.from_id, l.to_kind, l.to_id, l.note, l.author_id, l.made_at, \
    l.published_at FROM link l";

impl Store {
    /// Keeps a link, unless the rules refuse it beside those that are there.
    ///
    /// # Errors
    /// When the database cannot be written; [`StoreError::NotFound`] when an end is not published.
    pub async fn add_link(&self, new: &NewLink<'_>) -> Result<std::result::Result<(), LinkRefusal>> {
        retry(|| self.add_link_once(new)).await
    }

    /// Makes a link public.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such link, or it is public already.
    pub async fn publish_link(&self, id: LinkId, decision: Decision<'_>) -> Result<()> {
        retry(|| self.settle_link_once(id, true, decision)).await
    }

    /// Removes a link.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such link.
    pub async fn remove_link(&self, id: LinkId, decision: Decision<'_>) -> Result<()> {
        retry(|| self.settle_link_once(id, false, decision)).await
    }

    /// One link.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn link(&self, id: LinkId) -> Result<Option<Link>> {
        let found = self
            .links(Sql::new(SELECT).push(" WHERE l.id = ").bind(id.to_string()))
            .await?;
        Ok(found.into_iter().next())
    }

    /// The links of a record in both directions, oldest first: the public ones, or all of them.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn links_of(&self, end: End, all: bool) -> Result<Vec<Link>> {
        let id = end.id.hyphenated().to_string();
        let statement = Sql::new(SELECT)
            .push(" WHERE (l.from_id = ")
            .bind(id.as_str())
            .push(" OR l.to_id = ")
            .bind(id.as_str())
            .push(")");
        let statement = if all {
            statement
        } else {
            statement.push(" AND l.published_at IS NOT NULL")
        };
        self.links(statement.push(" ORDER BY l.made_at, l.id LIMIT ").bind(LINES))
            .await
    }

    /// The public links of several records, oldest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn public_links_among(&self, ends: &[End]) -> Result<Vec<Link>> {
        let mut found = Vec::new();
        for chunk in ends.chunks(crate::use_cases::LIST / 2) {
            let ids = || chunk.iter().map(|end| end.id.hyphenated().to_string());
            let statement = Sql::new(SELECT)
                .push(" WHERE l.published_at IS NOT NULL AND (l.from_id IN ")
                .list(ids())
                .push(" OR l.to_id IN ")
                .list(ids())
                .push(") ORDER BY l.made_at, l.id");
            found.extend(self.links(statement).await?);
        }
        Ok(found)
    }

    /// Every public link, oldest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn public_links(&self) -> Result<Vec<Link>> {
        self.links(Sql::new(SELECT).push(" WHERE l.published_at IS NOT NULL ORDER BY l.made_at, l.id"))
            .await
    }

    /// Public links of some kinds.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn public_links_of_kind(&self, kind: LinkKind) -> Result<Vec<Link>> {
        self.links(
            Sql::new(SELECT)
                .push(" WHERE l.published_at IS NOT NULL AND l.kind = ")
                .bind(kind.code())
                .push(" ORDER BY l.made_at, l.id"),
        )
        .await
    }

    /// Links that wait for a moderator, oldest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn waiting_links(&self) -> Result<Vec<Link>> {
        self.links(
            Sql::new(SELECT)
                .push(" WHERE l.published_at IS NULL ORDER BY l.made_at, l.id LIMIT ")
                .bind(LINES),
        )
        .await
    }

    async fn links(&self, statement: Sql) -> Result<Vec<Link>> {
        statement
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| Cells::new(row).link())
            .collect()
    }

    async fn add_link_once(&self, new: &NewLink<'_>) -> Result<std::result::Result<(), LinkRefusal>> {
        let mut transaction = self.begin_write().await?;
        // Writers follow one another from here on: what is read next cannot be closed into a circle by another.
        let revision = self.next_revision(&mut transaction).await?;
        for end in [new.from, new.to] {
            let known = match end.kind {
                RecordKind::UseCase => {
                    Sql::new("SELECT id FROM use_case WHERE id = $1 AND status IN ('published', 'archived')")
                }
                _ => Sql::new("SELECT id FROM entry WHERE id = $1 AND published_number IS NOT NULL"),
            };
            let found = known
                .value(end.id.hyphenated().to_string())
                .first(&mut *transaction)
                .await
                .map_err(|e| self.fail(e))?;
            if found.is_none() {
                return Err(StoreError::NotFound {
                    what: format!("published record {}", end.id),
                });
            }
        }
        let rows = Sql::new(SELECT)
            .push(" WHERE l.kind = ")
            .bind(new.kind.code())
            .all(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        let mut others = Vec::with_capacity(rows.len());
        for row in &rows {
            let link = Cells::new(row).link()?;
            others.push((link.from, link.to));
        }
        if let Err(refusal) = check(new.kind, new.from, new.to, &others) {
            return Ok(Err(refusal));
        }
        let (from, to) = ordered(new.kind, new.from, new.to);
        Sql::new(
            "INSERT INTO link (id, kind, from_kind, from_id, to_kind, to_id, note, author_id, made_at, published_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .value(new.id.to_string())
        .value(new.kind.code())
        .value(from.kind.code())
        .value(from.id.hyphenated().to_string())
        .value(to.kind.code())
        .value(to.id.hyphenated().to_string())
        .value(new.note)
        .value(new.author.map(|id| id.to_string()))
        .value(new.now.as_millisecond())
        .value(new.published.then(|| new.now.as_millisecond()))
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        if new.published {
            self.touch_ends(&mut transaction, [from, to], revision).await?;
        }
        let actor = new.author.map(|id| id.to_string()).unwrap_or_default();
        self.audit(
            &mut transaction,
            revision,
            new.now,
            &actor,
            if new.published {
                "publish-link"
            } else {
                "propose-link"
            },
            &new.id.to_string(),
            new.kind.code(),
        )
        .await?;
        transaction.commit().await.map_err(|e| self.fail(e))?;
        Ok(Ok(()))
    }

    async fn settle_link_once(&self, id: LinkId, publish: bool, decision: Decision<'_>) -> Result<()> {
        let mut transaction = self.begin_write().await?;
        let revision = self.next_revision(&mut transaction).await?;
        let row = Sql::new(SELECT)
            .push(" WHERE l.id = ")
            .bind(id.to_string())
            .first(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        let link = row.map(|row| Cells::new(&row).link()).transpose()?;
        let Some(link) = link.filter(|link| !publish || link.published_at.is_none()) else {
            return Err(StoreError::NotFound {
                what: format!("link that can be settled {id}"),
            });
        };
        let statement = if publish {
            Sql::new("UPDATE link SET published_at = $1 WHERE id = $2").value(decision.now.as_millisecond())
        } else {
            Sql::new("DELETE FROM link WHERE id = $1")
        };
        statement
            .value(id.to_string())
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        self.touch_ends(&mut transaction, [link.from, link.to], revision)
            .await?;
        self.audit(
            &mut transaction,
            revision,
            decision.now,
            decision.actor,
            if publish { "publish-link" } else { "remove-link" },
            &id.to_string(),
            decision.reason,
        )
        .await?;
        transaction.commit().await.map_err(|e| self.fail(e))
    }

    /// Says that use cases at the ends of a link changed, and those that are linked with its other ends: a supplier
    /// of the solution they use is theirs too.
    async fn touch_ends(
        &self,
        connection: &mut crate::connection::Connection,
        ends: [End; 2],
        revision: i64,
    ) -> Result<()> {
        for end in ends {
            if end.kind != RecordKind::UseCase {
                let id = end.id.hyphenated().to_string();
                self.touch_linked(&mut *connection, &id, revision).await?;
                continue;
            }
            self.mark_changed(&mut *connection, &UseCaseId::new(end.id).to_string(), revision)
                .await?;
        }
        Ok(())
    }

    /// Says that use cases linked with a record, or with the solutions that it provides, changed.
    pub(crate) async fn touch_linked(
        &self,
        connection: &mut crate::connection::Connection,
        id: &str,
        revision: i64,
    ) -> Result<()> {
        Sql::new(
            "UPDATE use_case SET changed_in = $1 WHERE id IN (SELECT from_id FROM link WHERE to_id = $2) \
             OR id IN (SELECT to_id FROM link WHERE from_id = $2) \
             OR id IN (SELECT l.from_id FROM link l JOIN link p ON p.from_id = l.to_id \
                 WHERE p.to_id = $2 AND p.kind = $3)",
        )
        .value(revision)
        .value(id)
        .value(LinkKind::ProvidedBy.code())
        .execute(connection)
        .await
        .map(|_| ())
        .map_err(|e| self.fail(e))
    }
}

impl Cells<'_> {
    fn link(&mut self) -> Result<Link> {
        let damaged = |what: &str| StoreError::damaged(format!("link.{what}"), "unknown value".to_owned());
        Ok(Link {
            id: self.text()?.parse().ok().ok_or_else(|| damaged("id"))?,
            kind: LinkKind::from_code(self.text()?).ok_or_else(|| damaged("kind"))?,
            from: self.end()?,
            to: self.end()?,
            note: self.owned()?,
            author: self.user_id_or_null()?,
            made_at: self.time()?,
            published_at: self.time_or_null()?,
        })
    }

    fn end(&mut self) -> Result<End> {
        let damaged = |what: &str| StoreError::damaged(format!("link.{what}"), "unknown value".to_owned());
        Ok(End {
            kind: RecordKind::from_code(self.text()?).ok_or_else(|| damaged("end"))?,
            id: self
                .text()?
                .parse::<UseCaseId>()
                .ok()
                .ok_or_else(|| damaged("end"))?
                .uuid(),
        })
    }
}
