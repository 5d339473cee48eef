//! SQLite, called on the thread that asks.
//!
//! A statement that reads takes some ten microseconds, less than handing it to another thread. What may wait for the
//! disk or for another process (commits, single writes, long readings) goes to the threads kept for blocking.

use std::error::Error as StdError;
use std::future::Future;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::types::{ToSql, ToSqlOutput, Value as Kept, ValueRef};
use rusqlite::{Connection as Raw, OpenFlags, ffi};
use sqlx::error::{DatabaseError, ErrorKind};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinHandle;

use crate::dialect::{Dialect, Role};
use crate::sql::Value;

/// How long a statement waits for another process that writes.
const BUSY: Duration = Duration::from_secs(5);
/// How soon a connection that was refused its settings asks again.
const AGAIN: Duration = Duration::from_millis(5);
/// Prepared statements kept by each connection.
const STATEMENTS: usize = 128;
/// Rows that a long reading hands over at a time, and how many such parcels wait at most.
const PARCEL: usize = 64;
const PARCELS: usize = 4;

/// One row, in the order of its columns.
pub(crate) type Row = Vec<Kept>;

/// What is wanted of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    All,
    First,
    Count,
}

/// What a statement answered.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) rows: Vec<Row>,
    pub(crate) touched: u64,
}

/// Connections to one file, lent in the order in which they are asked for.
#[derive(Debug, Clone)]
pub(crate) struct Pool(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    role: Role,
    size: u32,
    places: Arc<Semaphore>,
    wait: Duration,
    free: Mutex<Vec<Raw>>,
    closed: AtomicBool,
}

/// A connection lent by a pool, to which it comes back.
#[derive(Debug)]
pub(crate) struct Connection {
    /// None while a blocking thread has it.
    raw: Option<Raw>,
    /// Whether it is closed rather than given back.
    spent: bool,
    shared: Arc<Shared>,
    _place: OwnedSemaphorePermit,
}

impl Pool {
    /// At most `size` connections, none of them open yet; who waits longer than `wait` for one gives up.
    pub(crate) fn new(path: PathBuf, role: Role, size: u32, wait: Duration) -> Self {
        Self(Arc::new(Shared {
            path,
            role,
            size,
            places: Arc::new(Semaphore::new(usize::try_from(size).unwrap_or(1))),
            wait,
            free: Mutex::default(),
            closed: AtomicBool::new(false),
        }))
    }

    /// A connection for whoever asks.
    pub(crate) async fn acquire(&self) -> sqlx::Result<Connection> {
        let places = Arc::clone(&self.0.places);
        let place = match Arc::clone(&places).try_acquire_owned() {
            Ok(place) => place,
            Err(_) => tokio::time::timeout(self.0.wait, places.acquire_owned())
                .await
                .or(Err(sqlx::Error::PoolTimedOut))?
                .or(Err(sqlx::Error::PoolClosed))?,
        };
        let kept = self.0.free().pop();
        let raw = match kept {
            Some(raw) => raw,
            None => self.0.open()?,
        };
        Ok(Connection {
            raw: Some(raw),
            spent: false,
            shared: Arc::clone(&self.0),
            _place: place,
        })
    }

    /// Closes the connections that nobody uses.
    pub(crate) fn rest(&self) {
        self.0.free().clear();
    }

    /// Whether its connections write.
    pub(crate) fn writes(&self) -> bool {
        self.0.role == Role::Write
    }

    /// Waits for every connection and closes it; the last one of all folds the journal into the file.
    pub(crate) async fn close(&self) {
        let all = self.0.places.acquire_many(self.0.size).await;
        self.0.closed.store(true, Ordering::Release);
        self.0.places.close();
        drop(all);
        let free = std::mem::take(&mut *self.0.free());
        let closed = tokio::task::spawn_blocking(move || drop(free)).await;
        if let Err(error) = closed {
            tracing::warn!(%error, "the database was not closed");
        }
    }
}

impl Shared {
    fn free(&self) -> std::sync::MutexGuard<'_, Vec<Raw>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> sqlx::Result<Raw> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let raw = Raw::open_with_flags(&self.path, flags).map_err(failure)?;
        raw.busy_timeout(BUSY).map_err(failure)?;
        raw.set_prepared_statement_cache_capacity(STATEMENTS);
        if let Some(settings) = Dialect::Sqlite.settings(self.role) {
            settle(&raw, settings).map_err(failure)?;
        }
        Ok(raw)
    }
}

/// Gives a connection its settings. Of those that make a file at the same time, all but one are refused its journal at
/// once, however long they would wait: they ask again.
fn settle(raw: &Raw, settings: &str) -> rusqlite::Result<()> {
    let begun = Instant::now();
    loop {
        match raw.execute_batch(settings) {
            Err(error) if is_busy(&error) && begun.elapsed() < BUSY => std::thread::sleep(AGAIN),
            done => return done,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ffi::ErrorCode::DatabaseBusy)
}

impl Drop for Connection {
    fn drop(&mut self) {
        let Some(raw) = self.raw.take() else { return };
        if self.spent || self.shared.closed.load(Ordering::Acquire) {
            return;
        }
        // Whoever was cancelled within a transaction leaves it open.
        if !raw.is_autocommit()
            && let Err(error) = raw.execute_batch("ROLLBACK")
        {
            tracing::warn!(%error, "a connection is closed: its transaction could not be undone");
            return;
        }
        self.shared.free().push(raw);
    }
}

impl Connection {
    fn raw(&self) -> sqlx::Result<&Raw> {
        self.raw.as_ref().ok_or(sqlx::Error::WorkerCrashed)
    }

    /// Runs a statement here and now.
    pub(crate) fn run(&mut self, text: &str, values: &[Value], want: Want) -> sqlx::Result<Answer> {
        run(self.raw()?, text, values, want)
    }

    /// Runs a statement on a thread that may block.
    pub(crate) async fn run_away(
        &mut self,
        text: String,
        values: Vec<Value>,
        want: Want,
    ) -> sqlx::Result<Answer> {
        self.away(move |raw| run(raw, &text, &values, want)).await?
    }

    /// Runs several statements without values, here and now.
    pub(crate) fn batch(&mut self, text: &str) -> sqlx::Result<()> {
        self.raw()?.execute_batch(text).map_err(failure)
    }

    /// The same on a thread that may block.
    pub(crate) async fn batch_away(&mut self, text: impl AsRef<str> + Send + 'static) -> sqlx::Result<()> {
        self.away(move |raw| raw.execute_batch(text.as_ref()).map_err(failure))
            .await?
    }

    /// Begins a transaction that writes: at once when nobody else does, else once they are done.
    pub(crate) async fn begin_writing(&mut self, text: &'static str) -> sqlx::Result<()> {
        let begun = without_waiting(self.raw()?, text)?;
        if begun {
            Ok(())
        } else {
            self.batch_away(text).await
        }
    }

    /// Runs a statement without values, here and now, unless others have what it needs.
    pub(crate) fn at_once(&mut self, text: &'static str) -> sqlx::Result<()> {
        without_waiting(self.raw()?, text).map(|_| ())
    }

    /// Has the connection closed rather than given back.
    pub(crate) fn spend(&mut self) {
        self.spent = true;
    }

    /// Has the connection given back after all.
    pub(crate) fn keep(&mut self) {
        self.spent = false;
    }

    /// Forgets prepared statements, with the memory that they take.
    pub(crate) fn forget_statements(&mut self) {
        if let Some(raw) = &self.raw {
            raw.flush_prepared_statement_cache();
        }
    }

    async fn away<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&Raw) -> T + Send + 'static,
    ) -> sqlx::Result<T> {
        let sent = self.send(work)?;
        self.receive(sent).await
    }

    /// Hands the connection to a thread that may block. Unless it is received again, it is closed there.
    fn send<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&Raw) -> T + Send + 'static,
    ) -> sqlx::Result<Sent<T>> {
        let raw = self.raw.take().ok_or(sqlx::Error::WorkerCrashed)?;
        Ok(tokio::task::spawn_blocking(move || {
            let done = work(&raw);
            (raw, done)
        }))
    }

    async fn receive<T>(&mut self, sent: Sent<T>) -> sqlx::Result<T> {
        let (raw, done) = sent.await.or(Err(sqlx::Error::WorkerCrashed))?;
        self.raw = Some(raw);
        Ok(done)
    }

    /// Runs a statement for each row of `columns` values, here and now. The values that follow the last row are those
    /// of every row: a statement has one place for each value of a row, then one for each of those.
    pub(crate) fn run_rows(&mut self, text: &str, values: &[Value], columns: usize) -> sqlx::Result<()> {
        run_rows(self.raw()?, text, values, columns)
    }

    /// The same on a thread that may block while `meanwhile` is computed here.
    pub(crate) async fn run_rows_beside<T>(
        &mut self,
        text: Arc<str>,
        values: Vec<Value>,
        columns: usize,
        meanwhile: impl FnOnce() -> T,
    ) -> sqlx::Result<T> {
        let sent = self.send(move |raw| run_rows(raw, &text, &values, columns))?;
        let computed = meanwhile();
        self.receive(sent).await??;
        Ok(computed)
    }

    /// The rows of a statement, as they come from a thread that may block.
    pub(crate) fn stream(&mut self, text: String, values: Vec<Value>) -> sqlx::Result<Rows<'_>> {
        let (sender, receiver) = mpsc::channel(PARCELS);
        let sent = self.send(move |raw| hand_over(raw, &text, &values, &sender))?;
        Ok(Rows {
            connection: self,
            sent: Some(sent),
            receiver,
            parcel: Vec::new().into_iter(),
        })
    }
}

type Sent<T> = JoinHandle<(Raw, T)>;

/// Rows on their way.
pub(crate) struct Rows<'c> {
    connection: &'c mut Connection,
    sent: Option<Sent<sqlx::Result<()>>>,
    receiver: mpsc::Receiver<Vec<Row>>,
    parcel: std::vec::IntoIter<Row>,
}

impl Rows<'_> {
    pub(crate) async fn next(&mut self) -> sqlx::Result<Option<Row>> {
        loop {
            if let Some(row) = self.parcel.next() {
                return Ok(Some(row));
            }
            match self.receiver.recv().await {
                Some(parcel) => self.parcel = parcel.into_iter(),
                None => return self.end().await.map(|()| None),
            }
        }
    }

    /// Takes the connection back, whether or not all rows were read.
    pub(crate) fn end(&mut self) -> impl Future<Output = sqlx::Result<()>> {
        self.receiver.close();
        let sent = self.sent.take();
        async {
            match sent {
                Some(sent) => self.connection.receive(sent).await?,
                None => Ok(()),
            }
        }
    }
}

/// Answers whether the statement ran; it does not when others have what it needs.
fn without_waiting(raw: &Raw, text: &str) -> sqlx::Result<bool> {
    raw.busy_timeout(Duration::ZERO).map_err(failure)?;
    let done = raw.execute_batch(text);
    raw.busy_timeout(BUSY).map_err(failure)?;
    match done {
        Err(error) if is_busy(&error) => Ok(false),
        done => done.map(|()| true).map_err(failure),
    }
}

fn hand_over(raw: &Raw, text: &str, values: &[Value], sender: &mpsc::Sender<Vec<Row>>) -> sqlx::Result<()> {
    let mut statement = raw.prepare_cached(text).map_err(failure)?;
    bind(&mut statement, values)?;
    let columns = statement.column_count();
    let mut rows = statement.raw_query();
    let mut parcel = Vec::with_capacity(PARCEL);
    while let Some(row) = rows.next().map_err(failure)? {
        parcel.push(keep(row, columns)?);
        // Nobody listens any more when the reader met an error.
        if parcel.len() == PARCEL
            && sender
                .blocking_send(std::mem::replace(&mut parcel, Vec::with_capacity(PARCEL)))
                .is_err()
        {
            return Ok(());
        }
    }
    let _ = sender.blocking_send(parcel);
    Ok(())
}

fn run(raw: &Raw, text: &str, values: &[Value], want: Want) -> sqlx::Result<Answer> {
    let mut statement = raw.prepare_cached(text).map_err(failure)?;
    bind(&mut statement, values)?;
    let columns = statement.column_count();
    let reads = statement.readonly();
    let mut rows = statement.raw_query();
    let mut answer = Answer::default();
    while let Some(row) = rows.next().map_err(failure)? {
        match want {
            Want::All => answer.rows.push(keep(row, columns)?),
            // A statement that writes is run to its end.
            Want::First if answer.rows.is_empty() => {
                answer.rows.push(keep(row, columns)?);
                if reads {
                    break;
                }
            }
            Want::First | Want::Count => {}
        }
    }
    if !reads {
        answer.touched = raw.changes();
    }
    Ok(answer)
}

fn run_rows(raw: &Raw, text: &str, values: &[Value], columns: usize) -> sqlx::Result<()> {
    let mut statement = raw.prepare_cached(text).map_err(failure)?;
    let shared = statement.parameter_count().saturating_sub(columns);
    let (rows, shared) = values.split_at(values.len().saturating_sub(shared));
    // What is bound stays bound until it is replaced.
    for (place, value) in (columns + 1..).zip(shared) {
        statement.raw_bind_parameter(place, value).map_err(failure)?;
    }
    for row in rows.chunks(columns.max(1)) {
        for (place, value) in (1..).zip(row) {
            statement.raw_bind_parameter(place, value).map_err(failure)?;
        }
        statement.raw_execute().map_err(failure)?;
    }
    Ok(())
}

/// Gives the values of `$n` by their number, and of `?` one after the other: SQLite numbers a `$n` in the order in
/// which it meets it.
fn bind(statement: &mut rusqlite::Statement<'_>, values: &[Value]) -> sqlx::Result<()> {
    let mut next = 0;
    for place in 1..=statement.parameter_count() {
        let number = match statement.parameter_name(place) {
            Some(name) => name.get(1..).and_then(|digits| digits.parse().ok()).unwrap_or(0),
            None => {
                next += 1;
                next
            }
        };
        let value = usize::checked_sub(number, 1)
            .and_then(|index| values.get(index))
            .ok_or_else(|| sqlx::Error::Encode(format!("no value for the parameter {place}").into()))?;
        statement.raw_bind_parameter(place, value).map_err(failure)?;
    }
    Ok(())
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null(_) => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn keep(row: &rusqlite::Row<'_>, columns: usize) -> sqlx::Result<Row> {
    (0..columns)
        .map(|column| {
            Ok(match row.get_ref(column).map_err(failure)? {
                ValueRef::Null => Kept::Null,
                ValueRef::Integer(number) => Kept::Integer(number),
                ValueRef::Real(number) => Kept::Real(number),
                // What is no text is met where a text is wanted, which says where that was.
                ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
                    Ok(text) => Kept::Text(text.to_owned()),
                    Err(_) => Kept::Blob(bytes.to_vec()),
                },
                ValueRef::Blob(bytes) => Kept::Blob(bytes.to_vec()),
            })
        })
        .collect()
}

/// An error of the engine, with its extended code.
#[derive(Debug)]
struct Refusal {
    code: i32,
    message: String,
}

/// What an error of the engine is for those who know errors by the driver of both.
pub(crate) fn failure(error: rusqlite::Error) -> sqlx::Error {
    let (code, message) = match error {
        rusqlite::Error::SqliteFailure(code, message) => (code, message),
        rusqlite::Error::SqlInputError { error, msg, .. } => (error, Some(msg)),
        other => return sqlx::Error::Decode(Box::new(other)),
    };
    sqlx::Error::Database(Box::new(Refusal {
        message: message.unwrap_or_else(|| code.to_string()),
        code: code.extended_code,
    }))
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "(code: {}) {}", self.code, self.message)
    }
}

impl StdError for Refusal {}

impl DatabaseError for Refusal {
    fn message(&self) -> &str {
        &self.message
    }

    fn code(&self) -> Option<std::borrow::Cow<'_, str>> {
        Some(self.code.to_string().into())
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
        match self.code {
            ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => ErrorKind::UniqueViolation,
            ffi::SQLITE_CONSTRAINT_FOREIGNKEY => ErrorKind::ForeignKeyViolation,
            ffi::SQLITE_CONSTRAINT_NOTNULL => ErrorKind::NotNullViolation,
            ffi::SQLITE_CONSTRAINT_CHECK => ErrorKind::CheckViolation,
            _ => ErrorKind::Other,
        }
    }
}
