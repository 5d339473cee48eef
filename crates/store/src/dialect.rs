//! The few things that differ between the engines: settings, and the statements that have no common form.

use rusqlite::types::Value as Kept;

use crate::sql::{Sql, Value};
use crate::sqlite::{Connection, Want};

/// The engine behind an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// The embedded engine.
    Sqlite,
    /// PostgreSQL, or an engine that speaks its protocol.
    Postgres,
}

/// What a connection is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Read,
    Write,
}

/// Kinds of failure, as the engines report them by code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    Serialisation,
    Unavailable,
    ReadOnly,
    Full,
    Corrupt,
    NoTable,
    Other,
}

// `synchronous = FULL`: a commit that returned survives a power cut.
// `secure_delete`: what a withdrawal empties is overwritten in the file.
// `page_size` counts only for a file that is being created; pages this large waste less on long contents.
const SQLITE_WRITE: &str = "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
    PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -2000; \
    PRAGMA journal_size_limit = 4194304; PRAGMA secure_delete = ON;";
const SQLITE_READ: &str = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000; \
    PRAGMA cache_size = -1000;";
const IOERR_WRITE: u32 = 10 | (3 << 8);
const IOERR_SHMSIZE: u32 = 10 | (19 << 8);
// A writer that waits for another gives up rather than queue without end.
const POSTGRES_WRITE: &str = "SET lock_timeout = '10s'";
// Pages beyond this go to the journal before the commit, which costs little: most are filled once. The journal is
// folded into the file after the commit rather than within it, so that nobody waits for that.
const SQLITE_BULK: &str = "PRAGMA cache_size = -8000; PRAGMA wal_autocheckpoint = 0;";
const SQLITE_AFTER_BULK: &str = "PRAGMA cache_size = -2000; PRAGMA temp_store = DEFAULT; \
    PRAGMA wal_autocheckpoint = 1000; PRAGMA shrink_memory; \
    PRAGMA journal_mode = WAL; PRAGMA wal_checkpoint(TRUNCATE);";
// A journal of what the file held before, which is little, in place of one of all that is written: pages go to the file
// once. Only who is alone on the file can change journals. Indexes that are made at the end are sorted in memory: a
// folder for temporary files may be missing or full.
const SQLITE_FILLING: &str = "PRAGMA temp_store = MEMORY; PRAGMA journal_mode = DELETE";

/// Prepares a connection for a large transaction: more of the pages it changes stay in memory.
pub(crate) fn before_bulk(connection: &mut Connection) -> sqlx::Result<()> {
    connection.batch(SQLITE_BULK)
}

/// Prepares a connection for a transaction that fills a file which holds little, if no other connection has it open,
/// in this process or in another. Others that come meanwhile wait.
pub(crate) fn before_filling(connection: &mut Connection) -> sqlx::Result<()> {
    connection.at_once(SQLITE_FILLING)
}

/// Takes away the indexes of a table, but for those of its keys, and answers with the statements that make them again.
pub(crate) fn set_indexes_aside(
    connection: &mut Connection,
    table: &'static str,
) -> sqlx::Result<Vec<String>> {
    let indexes = connection.run(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = $1 AND sql IS NOT NULL ORDER BY name",
        &[Value::Text(table.to_owned())],
        Want::All,
    )?;
    let mut made = Vec::with_capacity(indexes.rows.len());
    for row in indexes.rows {
        if let [Kept::Text(name), Kept::Text(statement)] = row.as_slice() {
            // An operator may have added one, under any name.
            connection.batch(&format!("DROP INDEX \"{}\"", name.replace('"', "\"\"")))?;
            made.push(statement.clone());
        }
    }
    Ok(made)
}

/// Gives back the memory and the disk that a large transaction took.
pub(crate) async fn after_bulk(connection: &mut Connection) -> sqlx::Result<()> {
    connection.forget_statements();
    connection.batch_away(SQLITE_AFTER_BULK).await
}

impl Dialect {
    /// Name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }

    /// Begins a transaction that writes: on SQLite it waits for the lock here rather than fail half-way.
    pub(crate) const fn begin_write(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN",
        }
    }

    /// Begins a transaction whose statements all see the same state.
    pub(crate) const fn begin_read(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN",
            Self::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }

    /// The settings of a new connection.
    pub(crate) const fn settings(self, role: Role) -> Option<&'static str> {
        match (self, role) {
            (Self::Sqlite, Role::Write) => Some(SQLITE_WRITE),
            (Self::Sqlite, Role::Read) => Some(SQLITE_READ),
            (Self::Postgres, Role::Write) => Some(POSTGRES_WRITE),
            (Self::Postgres, Role::Read) => None,
        }
    }

    /// Order of bytes, whatever the language of the database.
    pub(crate) const fn byte_order(self) -> &'static str {
        match self {
            Self::Sqlite => " COLLATE BINARY",
            Self::Postgres => " COLLATE \"C\"",
        }
    }

    /// Writes the n-th value of a long list of rows.
    ///
    /// SQLite looks the name of a parameter up in a list each time it is bound, which grows with the square of
    /// the number of rows; anonymous ones have no name, and take the values in order.
    pub(crate) fn push_bulk_placeholder(self, text: &mut String, number: usize) {
        match self {
            Self::Sqlite => text.push('?'),
            Self::Postgres => {
                text.push('$');
                text.push_str(&number.to_string());
            }
        }
    }

    /// How many values one statement may hold.
    pub(crate) const fn max_values(self) -> usize {
        match self {
            Self::Sqlite => 32_766,
            Self::Postgres => 65_535,
        }
    }

    /// Whether the engine has a table of this name: one row with 1 or 0.
    pub(crate) fn table_exists(self, table: &str) -> Sql {
        let text = match self {
            Self::Sqlite => {
                "SELECT CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1) \
                 THEN 1 ELSE 0 END"
            }
            Self::Postgres => "SELECT CASE WHEN to_regclass($1) IS NULL THEN 0 ELSE 1 END",
        };
        Sql::new(text).value(table)
    }

    /// The check that the engine makes of its own file: rows of text, `ok` when nothing was found.
    pub(crate) const fn integrity_check(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => Some("PRAGMA integrity_check"),
            Self::Postgres => None,
        }
    }

    /// Writes a consistent copy of the whole database into a new file.
    pub(crate) fn backup_into(self, path: &str) -> Option<Sql> {
        match self {
            Self::Sqlite => Some(Sql::new("VACUUM INTO $1").value(path)),
            Self::Postgres => None,
        }
    }

    /// What a code of the engine means.
    pub(crate) fn failure(self, code: &str, message: &str) -> Failure {
        match self {
            Self::Sqlite => {
                // The low byte is the primary code, the rest says more about it.
                let code = code.parse::<u32>().unwrap_or(0);
                match code & 0xff {
                    // Quotas and limits on the size of files are not told from a disk that fails to write.
                    _ if matches!(code, IOERR_WRITE | IOERR_SHMSIZE) => Failure::Full,
                    5 | 6 => Failure::Unavailable,
                    8 => Failure::ReadOnly,
                    10 | 14 => Failure::Unavailable,
                    11 | 26 => Failure::Corrupt,
                    13 => Failure::Full,
                    1 if message.starts_with("no such table") => Failure::NoTable,
                    _ => Failure::Other,
                }
            }
            Self::Postgres => match code {
                "40001" | "40P01" => Failure::Serialisation,
                "53100" => Failure::Full,
                "25006" => Failure::ReadOnly,
                "42P01" => Failure::NoTable,
                "3D000" | "55P03" | "57014" => Failure::Unavailable,
                _ => match code.get(..2) {
                    Some("08" | "28" | "53" | "57" | "58") => Failure::Unavailable,
                    Some("XX") if code != "XX000" => Failure::Corrupt,
                    _ => Failure::Other,
                },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_engines_mean_the_same_failures() {
        for (dialect, code, expected) in [
            (Dialect::Sqlite, "13", Failure::Full),
            (Dialect::Sqlite, "778", Failure::Full),
            (Dialect::Sqlite, "4874", Failure::Full),
            (Dialect::Sqlite, "266", Failure::Unavailable),
            (Dialect::Sqlite, "5", Failure::Unavailable),
            (Dialect::Sqlite, "517", Failure::Unavailable),
            (Dialect::Sqlite, "1032", Failure::ReadOnly),
            (Dialect::Sqlite, "26", Failure::Corrupt),
            (Dialect::Sqlite, "267", Failure::Corrupt),
            (Dialect::Sqlite, "2067", Failure::Other),
            (Dialect::Postgres, "53100", Failure::Full),
            (Dialect::Postgres, "57P01", Failure::Unavailable),
            (Dialect::Postgres, "40001", Failure::Serialisation),
            (Dialect::Postgres, "XX001", Failure::Corrupt),
            (Dialect::Postgres, "23505", Failure::Other),
        ] {
            assert_eq!(dialect.failure(code, ""), expected, "{dialect:?} {code}");
        }
    }
}
