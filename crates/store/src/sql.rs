//! Statements whose text depends on their values: lists of identifiers and rows of inserts.
//!
//! Text comes from literals only, values only as `$n`; this is the one file that vouches for it.

use std::borrow::Cow;
use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AnyPool, Arguments as _, AssertSqlSafe};

use crate::connection::{Connection, Pool, Rows, Target};
use crate::dialect::Dialect;
use crate::row::Row;
use crate::sqlite::{Answer, Want};

/// A value that both engines read alike.
pub(crate) trait Bind {
    fn bind(self) -> Value;
}

/// What a statement is given.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null(Kind),
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

/// Kind of an absent value: PostgreSQL keeps the types of the first execution of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Integer,
    Real,
    Text,
    Blob,
}

/// Values of a statement, in order.
#[derive(Default)]
pub(crate) struct Values(Vec<Value>);

impl Values {
    /// Adds a value.
    pub(crate) fn add(&mut self, value: impl Bind) {
        self.0.push(value.bind());
    }

    pub(crate) fn as_slice(&self) -> &[Value] {
        &self.0
    }

    /// The same values for the driver of PostgreSQL.
    fn arguments(self) -> sqlx::Result<AnyArguments> {
        let mut arguments = AnyArguments::default();
        arguments.reserve(self.0.len(), 0);
        for value in self.0 {
            match value {
                Value::Integer(number) => arguments.add(number),
                Value::Real(number) => arguments.add(number),
                Value::Text(text) => arguments.add(text),
                Value::Blob(bytes) => arguments.add(bytes),
                Value::Null(Kind::Integer) => arguments.add(Option::<i64>::None),
                // The driver writes an absent `f32` as an absent `DOUBLE PRECISION`, and an absent `f64` as a `REAL`.
                Value::Null(Kind::Real) => arguments.add(Option::<f32>::None),
                Value::Null(Kind::Text) => arguments.add(Option::<String>::None),
                Value::Null(Kind::Blob) => arguments.add(Option::<Vec<u8>>::None),
            }
            .map_err(sqlx::Error::Encode)?;
        }
        Ok(arguments)
    }
}

impl Bind for &str {
    fn bind(self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl Bind for String {
    fn bind(self) -> Value {
        Value::Text(self)
    }
}

impl Bind for Option<&str> {
    fn bind(self) -> Value {
        self.map_or(Value::Null(Kind::Text), Bind::bind)
    }
}

impl Bind for Option<String> {
    fn bind(self) -> Value {
        self.map_or(Value::Null(Kind::Text), Bind::bind)
    }
}

impl Bind for &[u8] {
    fn bind(self) -> Value {
        Value::Blob(self.to_vec())
    }
}

impl Bind for Option<&[u8]> {
    fn bind(self) -> Value {
        self.map_or(Value::Null(Kind::Blob), Bind::bind)
    }
}

impl Bind for i64 {
    fn bind(self) -> Value {
        Value::Integer(self)
    }
}

impl Bind for Option<i64> {
    fn bind(self) -> Value {
        self.map_or(Value::Null(Kind::Integer), Bind::bind)
    }
}

impl Bind for Option<f64> {
    fn bind(self) -> Value {
        self.map_or(Value::Null(Kind::Real), Value::Real)
    }
}

/// A statement with its values.
pub(crate) struct Sql {
    text: Cow<'static, str>,
    values: Values,
}

impl Sql {
    /// Begins with a literal text.
    pub(crate) fn new(text: &'static str) -> Self {
        Self::with_values(text, Values::default())
    }

    /// Begins with a literal text that holds `$1` to `$n` for values already gathered.
    pub(crate) const fn with_values(text: &'static str, values: Values) -> Self {
        Self {
            text: Cow::Borrowed(text),
            values,
        }
    }

    /// Adds a literal text.
    pub(crate) fn push(mut self, text: &'static str) -> Self {
        self.text.to_mut().push_str(text);
        self
    }

    /// Gives the value of the next `$n`, which the text holds already.
    pub(crate) fn value(mut self, value: impl Bind) -> Self {
        self.values.add(value);
        self
    }

    /// Writes the next `$n` and gives its value.
    pub(crate) fn bind(mut self, value: impl Bind) -> Self {
        self.values.add(value);
        let number = self.values.0.len().to_string();
        let text = self.text.to_mut();
        text.push('$');
        text.push_str(&number);
        self
    }

    /// Writes `($n, …)`, at least one value long.
    ///
    /// The last value is repeated up to a round length, so that lists of many lengths share few prepared
    /// statements.
    pub(crate) fn list<T: Bind + Clone>(mut self, items: impl IntoIterator<Item = T>) -> Self {
        self.text.to_mut().push('(');
        let mut last = None;
        let mut length = 0;
        for item in items {
            self = self.item(length, item.clone());
            length += 1;
            last = Some(item);
        }
        match last {
            Some(item) => {
                for position in length..round_length(length) {
                    self = self.item(position, item.clone());
                }
            }
            None => self.text.to_mut().push_str("NULL"),
        }
        self.text.to_mut().push(')');
        self
    }

    fn item(mut self, position: usize, value: impl Bind) -> Self {
        if position > 0 {
            self.text.to_mut().push(',');
        }
        self.bind(value)
    }

    fn query(self) -> sqlx::Result<Query<'static, Any, AnyArguments>> {
        let arguments = self.values.arguments()?;
        Ok(sqlx::query_with(AssertSqlSafe(self.text.into_owned()), arguments))
    }

    /// Runs the statement; returns the number of rows it touched.
    pub(crate) async fn execute<'e>(self, target: impl Into<Target<'e>>) -> sqlx::Result<u64> {
        match self.run(target.into(), Want::Count).await? {
            Found::Sqlite(answer) => Ok(answer.touched),
            Found::Postgres(_, touched) => Ok(touched),
        }
    }

    /// Every row.
    pub(crate) async fn all<'e>(self, target: impl Into<Target<'e>>) -> sqlx::Result<Vec<Row>> {
        match self.run(target.into(), Want::All).await? {
            Found::Sqlite(answer) => Ok(answer.rows.into_iter().map(Row::Sqlite).collect()),
            Found::Postgres(rows, _) => Ok(rows),
        }
    }

    /// The first row, if there is one.
    pub(crate) async fn first<'e>(self, target: impl Into<Target<'e>>) -> sqlx::Result<Option<Row>> {
        match self.run(target.into(), Want::First).await? {
            Found::Sqlite(mut answer) => Ok(answer.rows.pop().map(Row::Sqlite)),
            Found::Postgres(mut rows, _) => Ok(rows.pop()),
        }
    }

    async fn run(self, target: Target<'_>, want: Want) -> sqlx::Result<Found> {
        match target {
            Target::Pool(Pool::Sqlite(pool)) => {
                let mut connection = pool.acquire().await?;
                // What writes by itself waits for the disk at once, and a copy of the file takes long.
                if pool.writes() || want == Want::Count {
                    let values = self.values.0;
                    let answer = connection.run_away(self.text.into_owned(), values, want).await?;
                    return Ok(Found::Sqlite(answer));
                }
                connection
                    .run(&self.text, &self.values.0, want)
                    .map(Found::Sqlite)
            }
            Target::One(Connection::Sqlite(connection)) => connection
                .run(&self.text, &self.values.0, want)
                .map(Found::Sqlite),
            Target::Pool(Pool::Postgres(pool)) => self.run_on_pool(pool, want).await,
            Target::One(Connection::Postgres(connection)) => self.run_on(connection, want).await,
            Target::One(Connection::Within(connection)) => self.run_on(connection, want).await,
        }
    }

    async fn run_on_pool(self, pool: &AnyPool, want: Want) -> sqlx::Result<Found> {
        let mut connection = pool.acquire().await?;
        self.run_on(&mut connection, want).await
    }

    async fn run_on(self, connection: &mut AnyConnection, want: Want) -> sqlx::Result<Found> {
        let query = self.query()?;
        let (rows, touched) = match want {
            Want::Count => (Vec::new(), query.execute(connection).await?.rows_affected()),
            Want::First => (query.fetch_optional(connection).await?.into_iter().collect(), 0),
            Want::All => (query.fetch_all(connection).await?, 0),
        };
        Ok(Found::Postgres(
            rows.into_iter().map(Row::Postgres).collect(),
            touched,
        ))
    }

    /// The rows as they come.
    pub(crate) fn stream(self, connection: &mut Connection) -> sqlx::Result<Rows<'_>> {
        match connection {
            Connection::Sqlite(connection) => connection
                .stream(self.text.into_owned(), self.values.0)
                .map(Rows::Sqlite),
            Connection::Postgres(connection) => Ok(Rows::Postgres(self.query()?.fetch(&mut **connection))),
            Connection::Within(connection) => Ok(Rows::Postgres(self.query()?.fetch(&mut **connection))),
        }
    }

    /// Passes each row to `each` as it comes, without holding them all.
    pub(crate) async fn each<E: From<sqlx::Error>>(
        self,
        connection: &mut Connection,
        mut each: impl FnMut(Row) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut rows = self.stream(connection)?;
        while let Some(row) = rows.next().await? {
            if let Err(error) = each(row) {
                rows.give_up().await;
                return Err(error);
            }
        }
        Ok(())
    }
}

/// What a statement answered, by engine.
enum Found {
    Sqlite(Answer),
    Postgres(Vec<Row>, u64),
}

/// Rounds up so that the lengths of lists take about ten values per power of ten.
fn round_length(length: usize) -> usize {
    match length {
        0..=4 => length,
        5..=24 => length.next_multiple_of(4),
        25..=100 => length.next_multiple_of(25),
        _ => length.next_multiple_of(250),
    }
}

/// An `INSERT` of many rows, cut into statements of equal length.
///
/// Columns that hold the same value in every row are sent once for all the rows that go together.
pub(crate) struct BulkInsert<C> {
    head: String,
    columns: usize,
    constants: usize,
    bind_constants: C,
    dialect: Dialect,
    rows_per_statement: usize,
    full: Arc<str>,
}

impl<C: Fn(&mut Values)> BulkInsert<C> {
    /// Inserts into the `columns`, which differ from row to row, and the `constants`, which
    /// `bind_constants` gives once and for all.
    pub(crate) fn new(
        dialect: Dialect,
        table: &'static str,
        columns: &[&'static str],
        constants: &[&'static str],
        bind_constants: C,
    ) -> Self {
        let names: Vec<&str> = columns.iter().chain(constants).copied().collect();
        let head = format!("INSERT INTO {table} ({}) VALUES ", names.join(","));
        let width = columns.len().max(1);
        let room = dialect.max_values().saturating_sub(constants.len());
        let rows_per_statement = (room / width).clamp(1, ROWS_PER_STATEMENT);
        // SQLite runs a statement of one row again and again: it holds no more than that row at a time.
        let rows = match dialect {
            Dialect::Sqlite => 1,
            Dialect::Postgres => rows_per_statement,
        };
        Self {
            full: statement(&head, width, constants.len(), rows, dialect).into(),
            head,
            columns: width,
            constants: constants.len(),
            bind_constants,
            dialect,
            rows_per_statement,
        }
    }

    /// Inserts `items`; `bind` gives the values of one row, in the order of the columns.
    ///
    /// The values of a statement are gathered while the engine works on the one before.
    pub(crate) async fn run<T>(
        &self,
        connection: &mut Connection,
        items: &[T],
        bind: impl Fn(&mut Values, &T),
    ) -> sqlx::Result<()> {
        let mut chunks = items.chunks(self.rows_per_statement);
        let mut gather = || {
            chunks
                .next()
                .map(|chunk| (self.text(chunk.len()), self.values(chunk, &bind)))
        };
        let mut next = gather();
        while let Some((text, values)) = next.take() {
            next = match connection {
                Connection::Sqlite(connection) if items.len() <= AT_ONCE => {
                    connection.run_rows(&text, &values.0, self.columns)?;
                    gather()
                }
                Connection::Sqlite(connection) => {
                    connection
                        .run_rows_beside(text, values.0, self.columns, &mut gather)
                        .await?
                }
                Connection::Postgres(connection) => send(connection, text, values, &mut gather).await?,
                Connection::Within(connection) => send(connection, text, values, &mut gather).await?,
            };
        }
        Ok(())
    }

    fn text(&self, rows: usize) -> Arc<str> {
        if rows == self.rows_per_statement || self.dialect == Dialect::Sqlite {
            return Arc::clone(&self.full);
        }
        statement(&self.head, self.columns, self.constants, rows, self.dialect).into()
    }

    fn values<T>(&self, chunk: &[T], bind: impl Fn(&mut Values, &T)) -> Values {
        let mut values = Values(Vec::with_capacity(chunk.len() * self.columns + self.constants));
        for item in chunk {
            bind(&mut values, item);
        }
        (self.bind_constants)(&mut values);
        values
    }
}

/// Sends a statement to PostgreSQL, and computes something while it answers.
async fn send<T>(
    connection: &mut AnyConnection,
    text: Arc<str>,
    values: Values,
    meanwhile: impl FnOnce() -> T,
) -> sqlx::Result<T> {
    let query = sqlx::query_with(AssertSqlSafe(text), values.arguments()?);
    let mut running = pin!(query.execute(connection));
    let begun = poll_fn(|context| Poll::Ready(running.as_mut().poll(context))).await;
    let computed = meanwhile();
    match begun {
        Poll::Ready(done) => done?,
        Poll::Pending => running.await?,
    };
    Ok(computed)
}

/// So many rows are written sooner than handed to another thread.
const AT_ONCE: usize = 64;
/// Rows that go to the engine together; more would only take memory.
const ROWS_PER_STATEMENT: usize = 512;

fn statement(head: &str, columns: usize, constants: usize, rows: usize, dialect: Dialect) -> String {
    let mut text = String::with_capacity(head.len() + rows * (columns + constants) * 4);
    text.push_str(head);
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ",(" });
        for column in 0..columns {
            if column > 0 {
                text.push(',');
            }
            dialect.push_bulk_placeholder(&mut text, row * columns + column + 1);
        }
        for constant in 0..constants {
            text.push_str(",$");
            text.push_str(&(rows * columns + constant + 1).to_string());
        }
        text.push(')');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_numbers_its_values_in_order() {
        let sql = Sql::new("SELECT 1 FROM t WHERE a = ")
            .bind(3_i64)
            .push(" AND b IN ")
            .list(["x", "y", "z", "u", "v"]);
        assert_eq!(
            sql.text,
            "SELECT 1 FROM t WHERE a = $1 AND b IN ($2,$3,$4,$5,$6,$7,$8,$9)"
        );
        assert_eq!(Sql::new("").list(Vec::<i64>::new()).text, "(NULL)");
    }

    #[test]
    fn rows_are_written_in_the_way_of_each_engine() {
        for (dialect, expected) in [
            (Dialect::Postgres, "I ($1,$2,$5),($3,$4,$5)"),
            (Dialect::Sqlite, "I (?,?,$5),(?,?,$5)"),
        ] {
            assert_eq!(statement("I ", 2, 1, 2, dialect), expected);
        }
    }
}
