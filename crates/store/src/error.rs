//! What can go wrong between the product and its database.

use std::path::PathBuf;

/// A failure of the store. No message holds SQL or a password.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address names no engine that the store knows.
    #[error(
        "\"{given}\" is not the address of a database: expected sqlite://path/to/file.db or postgres://user@host/name"
    )]
    InvalidAddress {
        /// The address, without its password.
        given: String,
    },
    /// The database does not answer, or not in time.
    #[error("the database {address} does not answer: check that it runs and can be reached, then try again")]
    Unavailable {
        /// The address, without its password.
        address: String,
        /// What the driver reported.
        source: sqlx::Error,
    },
    /// Another transaction was in the way, several times in a row.
    #[error("the database is too busy to write now: try again in a moment")]
    Contended {
        /// What the driver reported.
        source: sqlx::Error,
    },
    /// The file or the data folder cannot be written.
    #[error("the database {address} cannot be written: check the permissions of its folder and its file")]
    ReadOnly {
        /// The address, without its password.
        address: String,
        /// What the driver reported.
        source: sqlx::Error,
    },
    /// No space is left for the database.
    #[error("no space is left for the database: free some, nothing was written")]
    Full {
        /// What the driver reported.
        source: sqlx::Error,
    },
    /// The database is damaged.
    #[error("the database is damaged ({place}): restore the last backup")]
    Corrupt {
        /// The table or the record concerned.
        place: String,
        /// What was found.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The database was made by a later version of the executable.
    #[error(
        "the database is at schema version {found}, this executable knows versions up to {known}: use a newer executable"
    )]
    Newer {
        /// Version found in the database.
        found: i64,
        /// Newest version that the executable knows.
        known: i64,
    },
    /// The database has not the tables of this version yet.
    #[error("the database is not prepared: apply the pending migrations first")]
    NotMigrated,
    /// A migration that was already applied is not the one embedded in the executable.
    #[error(
        "the schema migration {version} differs from the one that was applied: use the executable that made this database"
    )]
    Migration {
        /// Number of the migration.
        version: i64,
        /// What was found.
        source: sqlx::migrate::MigrateError,
    },
    /// What was to be written no longer fits what is stored.
    #[error("{what}: read the current state and try again")]
    Conflict {
        /// What changed or exists already.
        what: String,
    },
    /// There is no such record.
    #[error("there is no {what}")]
    NotFound {
        /// The kind and identifier of the record.
        what: String,
    },
    /// The target of a copy or of a backup is already in use.
    #[error("{target} already holds data: give an empty one")]
    NotEmpty {
        /// The address or the path, without its password.
        target: String,
    },
    /// The copy does not hold what the original holds.
    #[error("the copy of the table {table} differs from the original: nothing was kept, try again")]
    CopyDiffers {
        /// The table concerned.
        table: &'static str,
    },
    /// This engine has no such operation.
    #[error("{what} is not available on {engine}: {instead}")]
    Unsupported {
        /// What was asked.
        what: &'static str,
        /// The engine.
        engine: &'static str,
        /// What to do in its place.
        instead: &'static str,
    },
    /// A file or a folder of the store cannot be used.
    #[error("{path} cannot be used: check that the folder exists and can be written")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system reported.
        source: std::io::Error,
    },
    /// A statement failed for a reason that points to a defect of the product.
    #[error("a statement failed on the database: please report it with the log")]
    Sql {
        /// What the driver reported.
        source: sqlx::Error,
    },
}

/// Result of the operations of the store.
pub type Result<T> = std::result::Result<T, StoreError>;

impl StoreError {
    /// Whether the same call may succeed later, without anybody changing the data: for the status 503.
    pub fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::Unavailable { .. } | Self::Contended { .. } | Self::ReadOnly { .. }
        )
    }

    /// Damage seen while reading a record.
    pub(crate) fn damaged(
        place: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Corrupt {
            place: place.into(),
            source: source.into(),
        }
    }
}
