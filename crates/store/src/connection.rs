//! Connections to either engine, and the transactions that they hold.
//!
//! SQLite is called here, PostgreSQL through the driver that waits for it; above this file nobody sees which.

use std::ops::{Deref, DerefMut};

use futures_util::TryStreamExt as _;
use futures_util::stream::BoxStream;
use sqlx::any::AnyRow;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool};

use crate::dialect;
use crate::row::Row;
use crate::sqlite;

/// Connections of one kind.
#[derive(Debug, Clone)]
pub(crate) enum Pool {
    Sqlite(sqlite::Pool),
    Postgres(AnyPool),
}

/// One connection.
pub(crate) enum Connection {
    Sqlite(sqlite::Connection),
    Postgres(PoolConnection<Any>),
    /// Within a transaction that the driver counts.
    Within(sqlx::Transaction<'static, Any>),
}

/// A transaction; dropped without [`Transaction::commit`], it is undone.
pub(crate) struct Transaction(Connection);

/// What a statement runs on.
pub(crate) enum Target<'e> {
    Pool(&'e Pool),
    One(&'e mut Connection),
}

impl<'e> From<&'e Pool> for Target<'e> {
    fn from(pool: &'e Pool) -> Self {
        Self::Pool(pool)
    }
}

impl<'e> From<&'e mut Connection> for Target<'e> {
    fn from(connection: &'e mut Connection) -> Self {
        Self::One(connection)
    }
}

impl<'e> From<&'e mut Transaction> for Target<'e> {
    fn from(transaction: &'e mut Transaction) -> Self {
        Self::One(transaction)
    }
}

impl Pool {
    /// A connection outside any transaction.
    pub(crate) async fn acquire(&self) -> sqlx::Result<Connection> {
        match self {
            Self::Sqlite(pool) => pool.acquire().await.map(Connection::Sqlite),
            Self::Postgres(pool) => pool.acquire().await.map(Connection::Postgres),
        }
    }

    /// Begins a transaction by this statement.
    pub(crate) async fn begin(&self, statement: &'static str) -> sqlx::Result<Transaction> {
        match self {
            Self::Sqlite(pool) => {
                let mut connection = pool.acquire().await?;
                if pool.writes() {
                    connection.begin_writing(statement).await?;
                } else {
                    connection.batch(statement)?;
                }
                Ok(Transaction(Connection::Sqlite(connection)))
            }
            Self::Postgres(pool) => {
                let transaction = pool.begin_with(statement).await?;
                Ok(Transaction(Connection::Within(transaction)))
            }
        }
    }

    /// Begins a transaction that writes much. Unless [`AfterBulk::tidy`] ends it, its connection is closed with all the
    /// memory that it took.
    pub(crate) async fn begin_bulk(&self, statement: &'static str) -> sqlx::Result<Transaction> {
        let mut transaction = self.begin(statement).await?;
        if let Connection::Sqlite(connection) = &mut transaction.0 {
            connection.spend();
            dialect::before_bulk(connection)?;
        }
        Ok(transaction)
    }

    /// The same for a transaction that fills a database which holds little: a file that nobody else has open is written
    /// without its journal. `readers` are the other connections of this process.
    pub(crate) async fn begin_filling(
        &self,
        readers: &Self,
        statement: &'static str,
    ) -> sqlx::Result<Transaction> {
        if let (Self::Sqlite(writer), Self::Sqlite(readers)) = (self, readers) {
            readers.rest();
            dialect::before_filling(&mut writer.acquire().await?)?;
        }
        self.begin_bulk(statement).await
    }

    /// Closes every connection.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Connection {
    /// Runs several statements without values.
    pub(crate) async fn batch(&mut self, statements: &'static str) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(connection) => connection.batch(statements),
            Self::Postgres(connection) => batch(connection, statements).await,
            Self::Within(connection) => batch(connection, statements).await,
        }
    }
}

async fn batch(connection: &mut AnyConnection, statements: &'static str) -> sqlx::Result<()> {
    sqlx::raw_sql(statements).execute(connection).await.map(|_| ())
}

impl Transaction {
    /// Takes away the indexes of a table that is about to be filled, but for those of its keys, and answers with the
    /// statements that make them again: made once, they take less than row by row. Nothing on PostgreSQL, where that
    /// would make others wait.
    pub(crate) fn set_indexes_aside(&mut self, table: &'static str) -> sqlx::Result<Vec<String>> {
        match &mut self.0 {
            Connection::Sqlite(connection) => dialect::set_indexes_aside(connection, table),
            Connection::Postgres(_) | Connection::Within(_) => Ok(Vec::new()),
        }
    }

    /// Makes an index again that was set aside.
    pub(crate) async fn make_index(&mut self, statement: String) -> sqlx::Result<()> {
        match &mut self.0 {
            Connection::Sqlite(connection) => connection.batch_away(statement).await,
            Connection::Postgres(_) | Connection::Within(_) => Ok(()),
        }
    }

    /// Returns once what was written survives a power cut.
    pub(crate) async fn commit(self) -> sqlx::Result<()> {
        match self.0 {
            Connection::Sqlite(mut connection) => connection.batch_away("COMMIT").await,
            Connection::Within(transaction) => transaction.commit().await,
            Connection::Postgres(_) => Err(sqlx::Error::BeginFailed),
        }
    }

    /// The same at the end of a large transaction: what it took is still to be given back.
    pub(crate) async fn commit_bulk(self) -> sqlx::Result<AfterBulk> {
        let Connection::Sqlite(mut connection) = self.0 else {
            return self.commit().await.map(|()| AfterBulk(None));
        };
        connection.batch_away("COMMIT").await?;
        Ok(AfterBulk(Some(connection)))
    }
}

/// The connection of a large transaction that was committed, with the memory and the journal that it took; dropped, it
/// is closed.
#[must_use]
pub(crate) struct AfterBulk(Option<sqlite::Connection>);

impl AfterBulk {
    /// Gives them back. What was written stands whether or not that can be done at once.
    pub(crate) async fn tidy(self) {
        let Some(mut connection) = self.0 else { return };
        match dialect::after_bulk(&mut connection).await {
            Ok(()) => connection.keep(),
            Err(error) => tracing::warn!(%error, "the database was not tidied after a large transaction"),
        }
    }
}

impl Deref for Transaction {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.0
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.0
    }
}

/// Rows as they come.
pub(crate) enum Rows<'c> {
    Sqlite(sqlite::Rows<'c>),
    Postgres(BoxStream<'c, sqlx::Result<AnyRow>>),
}

impl Rows<'_> {
    /// The next row, none at the end.
    pub(crate) async fn next(&mut self) -> sqlx::Result<Option<Row>> {
        match self {
            Self::Sqlite(rows) => Ok(rows.next().await?.map(Row::Sqlite)),
            Self::Postgres(rows) => Ok(rows.try_next().await?.map(Row::Postgres)),
        }
    }

    /// Ends a reading that is given up before its end, so that its connection can be used again.
    pub(crate) async fn give_up(mut self) {
        if let Self::Sqlite(rows) = &mut self {
            let _ = rows.end().await;
        }
    }
}
