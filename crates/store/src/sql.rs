//! Statements whose text depends on their values: lists of identifiers and rows of inserts.
//!
//! Text comes from literals only, values only as `$n`; this is the one file that vouches for it.

use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use futures_util::{Stream, TryStreamExt as _};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AnyExecutor, Arguments, AssertSqlSafe};

use crate::dialect::Dialect;

/// A value that both engines read alike.
pub(crate) trait Bind {
    fn bind(self, values: &mut Values);
}

/// Values of a statement, in order.
#[derive(Default)]
pub(crate) struct Values {
    arguments: AnyArguments,
    failed: Option<sqlx::Error>,
}

impl Values {
    /// Adds a value.
    pub(crate) fn add(&mut self, value: impl Bind) {
        value.bind(self);
    }

    fn raw<'v, T>(&mut self, value: T)
    where
        T: sqlx::Encode<'v, Any> + sqlx::Type<Any>,
    {
        if let Err(error) = self.arguments.add(value) {
            self.failed.get_or_insert(sqlx::Error::Encode(error));
        }
    }
}

impl Bind for &str {
    fn bind(self, values: &mut Values) {
        values.raw(self);
    }
}

impl Bind for String {
    fn bind(self, values: &mut Values) {
        values.raw(self);
    }
}

impl Bind for Option<&str> {
    fn bind(self, values: &mut Values) {
        values.raw(self);
    }
}

impl Bind for Option<String> {
    fn bind(self, values: &mut Values) {
        values.raw(self);
    }
}

impl Bind for &[u8] {
    fn bind(self, values: &mut Values) {
        values.raw(self);
    }
}

impl Bind for Option<&[u8]> {
    fn bind(self, values: &mut Values) {
        values.raw(self);
    }
}

impl Bind for i64 {
    fn bind(self, values: &mut Values) {
        values.raw(self);
    }
}

impl Bind for Option<i64> {
    fn bind(self, values: &mut Values) {
        values.raw(self);
    }
}

impl Bind for Option<f64> {
    /// The driver writes an absent `f32` as an absent `DOUBLE PRECISION`, and an absent `f64` as a `REAL`.
    /// PostgreSQL keeps the types of the first execution of a statement, so the kind of an absent value counts.
    fn bind(self, values: &mut Values) {
        match self {
            Some(value) => values.raw(value),
            None => values.raw(Option::<f32>::None),
        }
    }
}

/// A statement with its values.
pub(crate) struct Sql {
    text: String,
    count: usize,
    values: Values,
}

impl Sql {
    /// Begins with a literal text.
    pub(crate) fn new(text: &'static str) -> Self {
        Self {
            text: text.to_owned(),
            count: 0,
            values: Values::default(),
        }
    }

    /// Begins with a literal text that holds `$1` to `$n` for values already gathered.
    pub(crate) fn with_values(text: &'static str, values: Values) -> Self {
        Self {
            text: text.to_owned(),
            count: values.arguments.len(),
            values,
        }
    }

    /// Adds a literal text.
    pub(crate) fn push(mut self, text: &'static str) -> Self {
        self.text.push_str(text);
        self
    }

    /// Gives the value of the next `$n`, which the text holds already.
    pub(crate) fn value(mut self, value: impl Bind) -> Self {
        self.count += 1;
        self.values.add(value);
        self
    }

    /// Writes the next `$n` and gives its value.
    pub(crate) fn bind(mut self, value: impl Bind) -> Self {
        self.count += 1;
        self.text.push('$');
        self.text.push_str(&self.count.to_string());
        self.values.add(value);
        self
    }

    /// Writes `($n, …)`, at least one value long.
    ///
    /// The last value is repeated up to a round length, so that lists of many lengths share few prepared
    /// statements.
    pub(crate) fn list<T: Bind + Clone>(mut self, items: impl IntoIterator<Item = T>) -> Self {
        self.text.push('(');
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
            None => self.text.push_str("NULL"),
        }
        self.text.push(')');
        self
    }

    fn item(mut self, position: usize, value: impl Bind) -> Self {
        if position > 0 {
            self.text.push(',');
        }
        self.bind(value)
    }

    fn query(self) -> sqlx::Result<Query<'static, Any, AnyArguments>> {
        match self.values.failed {
            Some(error) => Err(error),
            None => Ok(sqlx::query_with(AssertSqlSafe(self.text), self.values.arguments)),
        }
    }

    /// Runs the statement; returns the number of rows it touched.
    pub(crate) async fn execute<'e>(self, executor: impl AnyExecutor<'e>) -> sqlx::Result<u64> {
        Ok(self.query()?.execute(executor).await?.rows_affected())
    }

    /// Every row.
    pub(crate) async fn all<'e>(self, executor: impl AnyExecutor<'e>) -> sqlx::Result<Vec<AnyRow>> {
        self.query()?.fetch_all(executor).await
    }

    /// The first row, if there is one.
    pub(crate) async fn first<'e>(self, executor: impl AnyExecutor<'e>) -> sqlx::Result<Option<AnyRow>> {
        self.query()?.fetch_optional(executor).await
    }

    /// The rows as they come.
    pub(crate) fn stream(
        self,
        connection: &mut AnyConnection,
    ) -> sqlx::Result<impl Stream<Item = sqlx::Result<AnyRow>> + Send + Unpin> {
        Ok(self.query()?.fetch(connection))
    }

    /// Passes each row to `each` as it comes, without holding them all.
    pub(crate) async fn each<E: From<sqlx::Error>>(
        self,
        connection: &mut AnyConnection,
        mut each: impl FnMut(AnyRow) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut rows = self.stream(connection)?;
        while let Some(row) = rows.try_next().await? {
            each(row)?;
        }
        Ok(())
    }
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
/// Columns that hold the same value in every row are sent once per statement.
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
        Self {
            full: statement(&head, width, constants.len(), rows_per_statement, dialect).into(),
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
        connection: &mut AnyConnection,
        items: &[T],
        bind: impl Fn(&mut Values, &T),
    ) -> sqlx::Result<()> {
        let mut chunks = items.chunks(self.rows_per_statement);
        let mut next = chunks.next().map(|chunk| self.query(chunk, &bind)).transpose()?;
        while let Some(query) = next.take() {
            let mut running = pin!(query.execute(&mut *connection));
            let begun = poll_fn(|context| Poll::Ready(running.as_mut().poll(context))).await;
            next = chunks.next().map(|chunk| self.query(chunk, &bind)).transpose()?;
            match begun {
                Poll::Ready(done) => done?,
                Poll::Pending => running.await?,
            };
        }
        Ok(())
    }

    fn query<T>(
        &self,
        chunk: &[T],
        bind: impl Fn(&mut Values, &T),
    ) -> sqlx::Result<Query<'static, Any, AnyArguments>> {
        let mut values = Values::default();
        values
            .arguments
            .reserve(chunk.len() * self.columns + self.constants, 0);
        for item in chunk {
            bind(&mut values, item);
        }
        (self.bind_constants)(&mut values);
        if let Some(error) = values.failed {
            return Err(error);
        }
        let text: Arc<str> = if chunk.len() == self.rows_per_statement {
            Arc::clone(&self.full)
        } else {
            statement(
                &self.head,
                self.columns,
                self.constants,
                chunk.len(),
                self.dialect,
            )
            .into()
        };
        Ok(sqlx::query_with(AssertSqlSafe(text), values.arguments))
    }
}

/// Long statements spare SQLite the saving of its index pages before each one; longer ones only take memory.
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
