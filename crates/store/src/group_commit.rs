//! Transactions of SQLite that wait for one another share one commit.
//!
//! A commit waits for the disk, and SQLite takes one writer at a time. Whoever wrote while others wait leaves the
//! transaction open to them, behind a savepoint, and comes back at the end of the queue to commit what all of them
//! wrote. Nobody is told "done" before that commit; a step that is given up is undone alone; when the commit fails,
//! all of them fail.

use std::error::Error as StdError;
use std::io;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use sqlx::error::{DatabaseError, ErrorKind};
use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard, oneshot};

use crate::connection::{Connection, Pool, Transaction};

/// The transaction that is open, for whoever holds the lock. The lock is fair: writers take turns.
type Turn = Arc<Mutex<Option<Group>>>;

/// Begins transactions that write.
#[derive(Clone)]
pub(crate) struct Writers {
    pool: Pool,
    begin: &'static str,
    /// None where the engine groups commits by itself.
    turn: Option<Turn>,
    wait: Duration,
}

/// A transaction that writes; dropped without [`WriteTransaction::commit`], it is undone.
pub(crate) struct WriteTransaction(Kind);

enum Kind {
    Alone(Transaction),
    Shared(Step),
}

/// One writer's part of a shared transaction. Fields are dropped in this order.
struct Step {
    group: OwnedMappedMutexGuard<Option<Group>, Group>,
    left: Left,
}

/// Steps of several writers, committed together.
struct Group {
    transaction: Transaction,
    /// Told once the steps that are kept are committed.
    waiting: Vec<oneshot::Sender<sqlx::Result<()>>>,
    /// Whether the last step is to be kept; else it is undone before anything else.
    kept: bool,
    mark: Mark,
}

/// Name of the savepoint before the last step. Two names in turn: a savepoint that a cancelled request did not set
/// must not be taken for the one before, behind which lies the step of somebody else.
#[derive(Clone, Copy)]
enum Mark {
    Odd,
    Even,
}

impl Mark {
    const fn undo(self) -> &'static str {
        match self {
            Self::Odd => "ROLLBACK TO odd_step",
            Self::Even => "ROLLBACK TO even_step",
        }
    }

    /// Keeps the step behind this mark, and sets the next.
    const fn advance(self) -> (Self, &'static str) {
        match self {
            Self::Odd => (Self::Even, "RELEASE odd_step; SAVEPOINT even_step"),
            Self::Even => (Self::Odd, "RELEASE even_step; SAVEPOINT odd_step"),
        }
    }
}

/// Ends a transaction in which nobody is left.
struct Left(Turn);

impl Drop for Left {
    fn drop(&mut self) {
        // Whoever holds the lock now will leave in turn.
        if let Ok(mut turn) = self.0.try_lock() {
            turn.take_if(|group| group.waiting.is_empty());
        }
    }
}

impl std::fmt::Debug for Writers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writers").finish_non_exhaustive()
    }
}

impl Writers {
    /// Writers that follow one another, each with its own commit.
    pub(crate) const fn alone(pool: Pool, begin: &'static str) -> Self {
        Self {
            pool,
            begin,
            turn: None,
            wait: Duration::ZERO,
        }
    }

    /// Writers that share commits; none waits longer than `wait` for its turn.
    pub(crate) fn grouped(pool: Pool, wait: Duration) -> Self {
        Self {
            pool,
            begin: "BEGIN IMMEDIATE; SAVEPOINT odd_step",
            turn: Some(Turn::default()),
            wait,
        }
    }

    /// Begins a transaction.
    pub(crate) async fn begin(&self) -> sqlx::Result<WriteTransaction> {
        let Some(turn) = &self.turn else {
            let transaction = self.pool.begin(self.begin).await?;
            return Ok(WriteTransaction(Kind::Alone(transaction)));
        };
        // Made first, so that it is dropped after the lock when the request is cancelled.
        let left = Left(Arc::clone(turn));
        let mut held = tokio::time::timeout(self.wait, Arc::clone(turn).lock_owned())
            .await
            .or(Err(sqlx::Error::PoolTimedOut))?;
        if let Some(group) = held.as_mut()
            && let Err(error) = group.next_step().await
            && let Some(broken) = held.take()
        {
            broken.fail(given_up(&error));
        }
        if held.is_none() {
            *held = Some(Group {
                transaction: self.pool.begin(self.begin).await?,
                waiting: Vec::new(),
                kept: false,
                mark: Mark::Odd,
            });
        }
        OwnedMutexGuard::try_map(held, Option::as_mut)
            .map(|group| WriteTransaction(Kind::Shared(Step { group, left })))
            .or(Err(sqlx::Error::BeginFailed))
    }
}

impl WriteTransaction {
    /// Returns once what was written survives a power cut.
    pub(crate) async fn commit(self) -> sqlx::Result<()> {
        let Step { mut group, left } = match self.0 {
            Kind::Alone(transaction) => return transaction.commit().await,
            Kind::Shared(step) => step,
        };
        let (teller, told) = oneshot::channel();
        group.kept = true;
        group.waiting.push(teller);
        let is_first = group.waiting.len() == 1;
        drop(group);
        if is_first {
            // A task of its own: the others are owed the commit even when this request is cancelled.
            tokio::spawn(finish(Arc::clone(&left.0)));
        }
        told.await.unwrap_or(Err(sqlx::Error::WorkerCrashed))
    }
}

/// Commits what those before in the queue have written by then.
async fn finish(turn: Turn) {
    let mut held = turn.lock().await;
    // Held until the end: the connection comes back to the pool before anybody asks for it.
    if let Some(group) = held.take() {
        group.end().await;
    }
}

impl Group {
    async fn next_step(&mut self) -> sqlx::Result<()> {
        let statement = if self.kept {
            let (next, statement) = self.mark.advance();
            // Said before it is done: a request that is cancelled here must not undo the step of another.
            self.mark = next;
            self.kept = false;
            statement
        } else {
            self.mark.undo()
        };
        // Fails when the engine gave up the whole transaction by itself, as it does on a full disk.
        self.transaction.batch(statement).await
    }

    /// Commits, and tells everybody. One who was cancelled no longer listens.
    async fn end(mut self) {
        if self.waiting.is_empty() {
            return;
        }
        if !self.kept
            && let Err(error) = self.transaction.batch(self.mark.undo()).await
        {
            return self.fail(given_up(&error));
        }
        match self.transaction.commit().await {
            Ok(()) => {
                for writer in self.waiting {
                    let _ = writer.send(Ok(()));
                }
            }
            Err(error) => fail(self.waiting, error),
        }
    }

    fn fail(self, error: sqlx::Error) {
        drop(self.transaction);
        fail(self.waiting, error);
    }
}

/// What others are told when the engine gave up the transaction that they shared: the savepoint that is no longer
/// there is no reason of theirs, and what they wrote may be tried again.
fn given_up(error: &sqlx::Error) -> sqlx::Error {
    tracing::warn!(%error, "the engine gave up a transaction of several writers");
    sqlx::Error::BeginFailed
}

/// Tells everybody that nothing was kept.
fn fail(waiting: Vec<oneshot::Sender<sqlx::Result<()>>>, error: sqlx::Error) {
    let error = Arc::new(error);
    for writer in waiting {
        let _ = writer.send(Err(copy(&error)));
    }
}

/// The same error for one more writer, with the code that says what it means.
fn copy(error: &Arc<sqlx::Error>) -> sqlx::Error {
    match &**error {
        sqlx::Error::Database(_) => sqlx::Error::Database(Box::new(SharedError(Arc::clone(error)))),
        other => sqlx::Error::Io(io::Error::other(other.to_string())),
    }
}

/// An error of the engine that several writers met at once.
#[derive(Debug)]
struct SharedError(Arc<sqlx::Error>);

impl SharedError {
    fn origin(&self) -> Option<&dyn DatabaseError> {
        self.0.as_database_error()
    }
}

impl std::fmt::Display for SharedError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for SharedError {}

impl DatabaseError for SharedError {
    fn message(&self) -> &str {
        self.origin().map_or("", DatabaseError::message)
    }

    fn code(&self) -> Option<std::borrow::Cow<'_, str>> {
        self.origin()?.code()
    }

    fn as_error(&self) -> &(dyn StdError + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn StdError + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn StdError + Send + Sync + 'static> {
        self
    }

    fn kind(&self) -> ErrorKind {
        self.origin().map_or(ErrorKind::Other, DatabaseError::kind)
    }
}

impl Deref for WriteTransaction {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        match &self.0 {
            Kind::Alone(transaction) => transaction,
            Kind::Shared(step) => &step.group.transaction,
        }
    }
}

impl DerefMut for WriteTransaction {
    fn deref_mut(&mut self) -> &mut Connection {
        match &mut self.0 {
            Kind::Alone(transaction) => transaction,
            Kind::Shared(step) => &mut step.group.transaction,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Role;
    use crate::row::Cells;
    use crate::sql::Sql;
    use crate::sqlite;
    use tempfile::TempDir;
    use tokio::task::JoinHandle;

    struct Place {
        _folder: TempDir,
        writers: Writers,
        reader: Pool,
    }

    async fn place() -> Place {
        let folder = TempDir::new().unwrap();
        let pool = |role, size| {
            let path = folder.path().join("a.db");
            Pool::Sqlite(sqlite::Pool::new(path, role, size, Duration::from_secs(10)))
        };
        let (writer, reader) = (pool(Role::Write, 1), pool(Role::Read, 4));
        Sql::new("CREATE TABLE step (name TEXT PRIMARY KEY)")
            .execute(&writer)
            .await
            .unwrap();
        Place {
            _folder: folder,
            writers: Writers::grouped(writer, Duration::from_secs(10)),
            reader,
        }
    }

    async fn insert(step: &mut WriteTransaction, name: &str) -> sqlx::Result<()> {
        Sql::new("INSERT INTO step (name) VALUES ($1)")
            .value(name)
            .execute(&mut **step)
            .await
            .map(|_| ())
    }

    async fn names(place: &Place) -> Vec<String> {
        let rows = Sql::new("SELECT name FROM step ORDER BY name")
            .all(&place.reader)
            .await;
        let name = |row| Cells::new(row).owned().unwrap();
        rows.unwrap().iter().map(name).collect()
    }

    /// A writer in the queue.
    async fn queue(place: &Place) -> JoinHandle<WriteTransaction> {
        let writers = place.writers.clone();
        let queued = tokio::spawn(async move { writers.begin().await.unwrap() });
        tokio::task::yield_now().await;
        queued
    }

    /// A first writer that waits for its commit, and a second whose turn it is.
    async fn two(place: &Place) -> (JoinHandle<sqlx::Result<()>>, WriteTransaction) {
        let mut first = place.writers.begin().await.unwrap();
        insert(&mut first, "first").await.unwrap();
        let second = queue(place).await;
        (tokio::spawn(first.commit()), second.await.unwrap())
    }

    #[tokio::test]
    async fn nobody_is_told_done_before_the_commit_that_all_share() {
        let place = place().await;
        let (first, mut second) = two(&place).await;
        insert(&mut second, "second").await.unwrap();
        assert!(!first.is_finished());
        assert_eq!(names(&place).await, Vec::<String>::new());
        second.commit().await.unwrap();
        assert_eq!(names(&place).await, ["first", "second"]);
        first.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_step_that_is_given_up_is_undone_alone() {
        let place = place().await;
        let (first, mut second) = two(&place).await;
        let third = queue(&place).await;
        insert(&mut second, "second").await.unwrap();
        assert!(insert(&mut second, "first").await.is_err());
        drop(second);
        let mut third = third.await.unwrap();
        insert(&mut third, "third").await.unwrap();
        drop(third);
        first.await.unwrap().unwrap();
        assert_eq!(names(&place).await, ["first"]);
    }

    #[tokio::test]
    async fn all_fail_when_the_engine_gave_up_the_transaction() {
        let place = place().await;
        for goes_on in [false, true] {
            let (first, mut second) = two(&place).await;
            let third = queue(&place).await;
            second.batch("ROLLBACK").await.unwrap();
            let second = tokio::spawn(async move {
                if goes_on {
                    second.commit().await
                } else {
                    Err(sqlx::Error::RowNotFound)
                }
            });
            let mut third = third.await.unwrap();
            // Undone on account of another, it may be tried again, as when the database does not answer; a commit
            // that failed says why.
            let told = first.await.unwrap().unwrap_err();
            assert_eq!(told.as_database_error().is_some(), goes_on, "{told}");
            assert!(second.await.unwrap().is_err());
            insert(&mut third, &format!("third {goes_on}")).await.unwrap();
            third.commit().await.unwrap();
        }
        assert_eq!(names(&place).await, ["third false", "third true"]);
    }

    #[tokio::test]
    async fn a_cancelled_writer_leaves_nothing_locked() {
        let place = place().await;
        let (first, second) = two(&place).await;
        let third = queue(&place).await;
        first.abort();
        third.abort();
        drop(second);
        while place.writers.turn.as_ref().unwrap().lock().await.is_some() {
            tokio::task::yield_now().await;
        }
        let mut reader = place.reader.acquire().await.unwrap();
        reader.batch("BEGIN IMMEDIATE; COMMIT").await.unwrap();
        assert_eq!(names(&place).await, ["first"], "its commit was under way");
    }

    #[tokio::test]
    async fn many_writers_keep_what_they_were_told() {
        let place = place().await;
        let steps: Vec<_> = (0..200)
            .map(|n| {
                let writers = place.writers.clone();
                tokio::spawn(async move {
                    let mut step = writers.begin().await.unwrap();
                    insert(&mut step, &format!("{n:03}")).await.unwrap();
                    if n % 3 == 0 {
                        drop(step);
                        return None;
                    }
                    step.commit().await.unwrap();
                    Some(format!("{n:03}"))
                })
            })
            .collect();
        let mut told = Vec::new();
        for step in steps {
            told.extend(step.await.unwrap());
        }
        assert_eq!(names(&place).await, told);
    }
}
