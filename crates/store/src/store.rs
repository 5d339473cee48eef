//! The handle on a database: pools, transactions, retries.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, ConnectOptions as _, Connection as _};

use crate::address::Address;
use crate::connection::{Pool, Transaction};
use crate::dialect::{Dialect, Failure, Role};
use crate::error::{Result, StoreError};
use crate::group_commit::{WriteTransaction, Writers};
use crate::row::Cells;
use crate::sql::Sql;
use crate::sqlite;

/// Name of the database file in a data folder.
pub const FILE_NAME: &str = "sobria.db";

const READERS: u32 = 4;
const WRITERS: u32 = 4;
/// A page that waits longer than this is better answered by "try again".
const READ_WAIT: Duration = Duration::from_secs(2);
const WRITE_WAIT: Duration = Duration::from_secs(10);
const ATTEMPTS: u32 = 4;

/// A database of the library. Cheap to clone: clones share their connections.
#[derive(Debug, Clone)]
pub struct Store {
    address: Arc<Address>,
    reader: Pool,
    writer: Pool,
    writers: Writers,
}

impl Store {
    /// Opens the database at `url`: `sqlite://path/to/file.db`, created when missing, or `postgres://…`.
    ///
    /// Tables are made by [`Store::migrate`], which is left to the caller.
    ///
    /// # Errors
    /// When the address names no known engine, or the database cannot be opened or reached.
    pub async fn connect(url: &str) -> Result<Self> {
        Self::open(Address::parse(url)?).await
    }

    /// Opens `sobria.db` in a folder; both are created when missing.
    ///
    /// # Errors
    /// When the folder or the file cannot be created or opened.
    pub async fn open_dir(dir: &Path) -> Result<Self> {
        std::fs::create_dir_all(dir).map_err(|source| StoreError::File {
            path: dir.to_owned(),
            source,
        })?;
        Self::open(Address::file(&dir.join(FILE_NAME))?).await
    }

    async fn open(address: Address) -> Result<Self> {
        let dialect = address.dialect();
        let opened = match address.path() {
            Some(path) => pools_of_file(path).await,
            None => pools_of_server(address.url()).await,
        };
        let (reader, writer) = opened.map_err(|source| classify(&address, source))?;
        let writers = match dialect {
            Dialect::Sqlite => Writers::grouped(writer.clone(), WRITE_WAIT),
            Dialect::Postgres => Writers::alone(writer.clone(), dialect.begin_write()),
        };
        Ok(Self {
            address: Arc::new(address),
            reader,
            writer,
            writers,
        })
    }

    /// Closes every connection; on SQLite the last one folds the journal into the file.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }

    /// Where the database is; prints without its password.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The engine behind this store.
    pub fn dialect(&self) -> Dialect {
        self.address.dialect()
    }

    /// Runs one setting statement of the engine (`PRAGMA …`, `SHOW …`) where it writes, then where it reads:
    /// for checks of an installation.
    ///
    /// # Errors
    /// When the engine does not know the setting.
    pub async fn settings(&self, statement: &'static str) -> Result<[String; 2]> {
        Ok([
            self.setting(&self.writer, statement).await?,
            self.setting(&self.reader, statement).await?,
        ])
    }

    async fn setting(&self, pool: &Pool, statement: &'static str) -> Result<String> {
        let row = Sql::new(statement).first(pool).await.map_err(|e| self.fail(e))?;
        let Some(row) = row else {
            return Ok(String::new());
        };
        Cells::new(&row)
            .number()
            .map(|number| number.to_string())
            .or_else(|_| Cells::new(&row).owned())
    }

    pub(crate) fn reader(&self) -> &Pool {
        &self.reader
    }

    pub(crate) fn writer(&self) -> &Pool {
        &self.writer
    }

    /// Begins a transaction that writes.
    pub(crate) async fn begin_write(&self) -> Result<WriteTransaction> {
        self.writers.begin().await.map_err(|source| self.fail(source))
    }

    /// Begins a transaction that writes much, alone.
    pub(crate) async fn begin_bulk(&self) -> Result<Transaction> {
        self.writer
            .begin_bulk(self.dialect().begin_write())
            .await
            .map_err(|source| self.fail(source))
    }

    /// The same where next to nothing is kept: a file that nobody else has open is written without a journal of it, and
    /// who opens it meanwhile waits.
    pub(crate) async fn begin_filling(&self) -> Result<Transaction> {
        self.writer
            .begin_filling(&self.reader, self.dialect().begin_write())
            .await
            .map_err(|source| self.fail(source))
    }

    /// Begins a transaction that sees one state of the database throughout.
    pub(crate) async fn begin_read(&self) -> Result<Transaction> {
        self.reader
            .begin(self.dialect().begin_read())
            .await
            .map_err(|source| self.fail(source))
    }

    /// Says what an error of the driver means.
    pub(crate) fn fail(&self, source: sqlx::Error) -> StoreError {
        classify(&self.address, source)
    }
}

/// Connections to a file, those that read first. The one that writes is opened at once, which makes the file and shows
/// whether it is sound.
async fn pools_of_file(path: &Path) -> sqlx::Result<(Pool, Pool)> {
    let reader = sqlite::Pool::new(path.to_owned(), Role::Read, READERS, READ_WAIT);
    let writer = sqlite::Pool::new(path.to_owned(), Role::Write, 1, WRITE_WAIT);
    drop(writer.acquire().await?);
    Ok((Pool::Sqlite(reader), Pool::Sqlite(writer)))
}

/// Connections to a server, those that read first.
///
/// One is opened and closed first: a pool would try an address again and again until its time is over, and then know
/// no more than that.
async fn pools_of_server(url: &str) -> sqlx::Result<(Pool, Pool)> {
    sqlx::any::install_default_drivers();
    let options: AnyConnectOptions = url.parse()?;
    let options = options.disable_statement_logging();
    let mut connection = AnyConnection::connect_with(&options).await?;
    prepare(Role::Write, &mut connection).await?;
    connection.close().await?;
    // Writers follow one another; they have connections of their own so that readers never wait for them.
    let writer = pool(Role::Write, WRITERS, WRITE_WAIT).connect_lazy_with(options.clone());
    let reader = pool(Role::Read, READERS * 2, READ_WAIT).connect_lazy_with(options);
    Ok((Pool::Postgres(reader), Pool::Postgres(writer)))
}

async fn prepare(role: Role, connection: &mut AnyConnection) -> sqlx::Result<()> {
    match Dialect::Postgres.settings(role) {
        Some(settings) => sqlx::raw_sql(settings).execute(connection).await.map(|_| ()),
        None => Ok(()),
    }
}

fn pool(role: Role, connections: u32, wait: Duration) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(wait)
        // A server may go away, and a dead connection must not answer a page.
        .test_before_acquire(true)
        // An engine without room ends a transaction by itself; the driver goes on counting it as open, and such a
        // connection begins no other.
        .before_acquire(|connection, _| Box::pin(std::future::ready(Ok(!connection.is_in_transaction()))))
        .after_connect(move |connection, _| Box::pin(prepare(role, connection)))
}

/// Runs `once` again, a few times, when it lost against another transaction.
pub(crate) async fn retry<T, F>(mut once: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let mut attempt = 1;
    loop {
        match once().await {
            Err(StoreError::Contended { source }) if attempt < ATTEMPTS => {
                tracing::debug!(attempt, error = %source, "transaction retried");
                tokio::time::sleep(pause(attempt)).await;
                attempt += 1;
            }
            done => return done,
        }
    }
}

/// A pause that grows with the attempts and differs between two that failed together.
fn pause(attempt: u32) -> Duration {
    let jitter = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |now| now.subsec_micros() % 10_000);
    Duration::from_micros(u64::from(attempt * 5_000 + jitter))
}

fn classify(address: &Address, source: sqlx::Error) -> StoreError {
    let failure = match &source {
        sqlx::Error::Database(error) => error.code().map_or(Failure::Other, |code| {
            address.dialect().failure(&code, error.message())
        }),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => Failure::Unavailable,
        sqlx::Error::Configuration(_) => {
            return StoreError::InvalidAddress {
                given: address.to_string(),
            };
        }
        _ => Failure::Other,
    };
    let unique = source
        .as_database_error()
        .is_some_and(|error| error.is_unique_violation() || error.is_foreign_key_violation());
    // A disk that the system no longer lets be written fails as a full one does.
    let refuses_writing = failure == Failure::Full && address.refuses_writing();
    let address = address.to_string();
    match failure {
        Failure::Serialisation => StoreError::Contended { source },
        Failure::Unavailable => StoreError::Unavailable { address, source },
        Failure::ReadOnly => StoreError::ReadOnly { address, source },
        Failure::Full if refuses_writing => StoreError::ReadOnly { address, source },
        Failure::Full => StoreError::Full { source },
        Failure::Corrupt => StoreError::damaged(address, source),
        Failure::NoTable => StoreError::NotMigrated,
        Failure::Other if unique => StoreError::Conflict {
            what: "the same record or address was written meanwhile".to_owned(),
        },
        Failure::Other => StoreError::Sql { source },
    }
}
