//! Versions of the schema: forward only, one process at a time; in one transaction on SQLite, in one each on PostgreSQL.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use sqlx::migrate::{MigrateError, Migrator};

use crate::connection::Connection;
use crate::error::{Result, StoreError};
use crate::row::{Cells, Row};
use crate::sql::{Sql, Values};
use crate::sqlite::{self, Want};
use crate::store::Store;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// How long a process that migrates is believed to be alive.
const LEASE: Duration = Duration::from_secs(300);
const POLL: Duration = Duration::from_millis(100);

impl Store {
    /// Brings the schema to the version of this executable; does nothing when it is there already.
    ///
    /// On SQLite, a database that holds an older schema is first copied beside itself, as
    /// `sobria.before-schema-N.db`.
    ///
    /// # Errors
    /// When the database was made by a newer executable, cannot be written, or cannot be copied first.
    pub async fn migrate(&self) -> Result<()> {
        self.migrate_with(&MIGRATIONS).await
    }

    /// The migrations that [`Store::migrate`] would apply, oldest first, by their names.
    ///
    /// # Errors
    /// When the database was made by a newer executable, or does not answer.
    pub async fn pending_migrations(&self) -> Result<Vec<String>> {
        self.pending_with(&MIGRATIONS).await
    }

    async fn pending_with(&self, migrations: &Migrator) -> Result<Vec<String>> {
        let mut connection = self.reader().acquire().await.map_err(|e| self.fail(e))?;
        let applied = self.applied(&mut connection).await?;
        refuse_newer(migrations, &applied)?;
        Ok(migrations
            .iter()
            .filter(|migration| !applied.contains(&migration.version))
            .map(|migration| format!("{:04} {}", migration.version, migration.description))
            .collect())
    }

    async fn migrate_with(&self, migrations: &Migrator) -> Result<()> {
        if self.pending_with(migrations).await?.is_empty() {
            return Ok(());
        }
        let lease = self.take_lease().await?;
        let done = self.migrate_alone(migrations).await;
        let released = self.release_lease(&lease).await;
        done.and(released)
    }

    async fn migrate_alone(&self, migrations: &Migrator) -> Result<()> {
        let mut connection = self.writer().acquire().await.map_err(|e| self.fail(e))?;
        let applied = self.applied(&mut connection).await?;
        refuse_newer(migrations, &applied)?;
        if let Some(newest) = applied.iter().max()
            && migrations
                .iter()
                .any(|migration| !applied.contains(&migration.version))
        {
            self.keep_copy(*newest).await?;
        }
        self.apply_on(&mut connection, migrations)
            .await
            .map_err(|error| self.migration_failure(error))
    }

    async fn apply_on(
        &self,
        connection: &mut Connection,
        migrations: &Migrator,
    ) -> std::result::Result<(), MigrateError> {
        let migrator = Migrator {
            migrations: migrations.migrations.clone(),
            locking: false,
            ..Migrator::DEFAULT
        };
        match connection {
            Connection::Sqlite(connection) => apply_on_file(connection, &migrator).await,
            Connection::Postgres(connection) => migrator.run_direct(None, &mut **connection, false).await,
            Connection::Within(connection) => migrator.run_direct(None, &mut **connection, false).await,
        }
    }

    /// The versions that the database holds; none before the first migration.
    async fn applied(&self, connection: &mut Connection) -> Result<Vec<i64>> {
        let exists = self
            .dialect()
            .table_exists("_sqlx_migrations")
            .first(&mut *connection)
            .await
            .map_err(|e| self.fail(e))?;
        let exists = match exists {
            Some(row) => flag(&row)?,
            None => false,
        };
        if !exists {
            return Ok(Vec::new());
        }
        Sql::new("SELECT version FROM _sqlx_migrations ORDER BY version")
            .all(connection)
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| Cells::new(row).number())
            .collect()
    }

    /// Copies an SQLite file before its schema changes.
    async fn keep_copy(&self, version: i64) -> Result<()> {
        let Some(path) = self.address().path() else {
            tracing::warn!("the schema is about to change: back up the database with pg_dump");
            return Ok(());
        };
        let copy = path.with_extension(format!("before-schema-{version}.db"));
        if copy.exists() {
            remove(&copy)?;
        }
        self.backup(&copy).await
    }

    /// Waits until no other process migrates. Advisory locks would do on PostgreSQL alone.
    async fn take_lease(&self) -> Result<String> {
        let connect = |error| self.fail(error);
        let create = "CREATE TABLE IF NOT EXISTS migration_lease \
            (id TEXT NOT NULL PRIMARY KEY, holder TEXT NOT NULL, expires_at BIGINT NOT NULL)";
        // Two servers that create the same table at once collide in the catalogue of PostgreSQL.
        if let Err(first) = Sql::new(create).execute(self.writer()).await {
            tracing::debug!(error = %first, "lease table created by another process");
            Sql::new(create).execute(self.writer()).await.map_err(connect)?;
        }
        let holder = format!("{}-{}", std::process::id(), Timestamp::now().as_nanosecond());
        let patience = i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX);
        loop {
            let now = Timestamp::now().as_millisecond();
            let taken = Sql::new(
                "INSERT INTO migration_lease (id, holder, expires_at) VALUES ('schema', $1, $2) \
                 ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at \
                 WHERE migration_lease.expires_at < $3",
            )
            .value(holder.as_str())
            .value(now.saturating_add(patience))
            .value(now)
            .execute(self.writer())
            .await
            .map_err(connect)?;
            if taken > 0 {
                return Ok(holder);
            }
            tokio::time::sleep(POLL).await;
        }
    }

    async fn release_lease(&self, holder: &str) -> Result<()> {
        Sql::new("DELETE FROM migration_lease WHERE id = 'schema' AND holder = $1")
            .value(holder)
            .execute(self.writer())
            .await
            .map(|_| ())
            .map_err(|e| self.fail(e))
    }

    fn migration_failure(&self, error: MigrateError) -> StoreError {
        match error {
            MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => self.fail(source),
            MigrateError::VersionMismatch(version) | MigrateError::Dirty(version) => StoreError::Migration {
                version,
                source: error,
            },
            other => StoreError::Migration {
                version: 0,
                source: other,
            },
        }
    }
}

/// What the driver does on PostgreSQL, with the same table, as files were made through it.
async fn apply_on_file(
    connection: &mut sqlite::Connection,
    migrator: &Migrator,
) -> std::result::Result<(), MigrateError> {
    const APPLIED: &str = "SELECT version, checksum, success FROM _sqlx_migrations ORDER BY version";
    const APPLY: &str = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
        VALUES ($1, $2, TRUE, $3, -1)";
    connection.batch(
        "CREATE TABLE IF NOT EXISTS _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
         installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, \
         checksum BLOB NOT NULL, execution_time BIGINT NOT NULL)",
    )?;
    let mut applied = HashMap::new();
    for row in connection.run(APPLIED, &[], Want::All)?.rows {
        let (version, checksum, is_whole) =
            applied_migration(&Row::Sqlite(row)).map_err(|error| MigrateError::Source(Box::new(error)))?;
        if !is_whole {
            return Err(MigrateError::Dirty(version));
        }
        if !migrator.version_exists(version) {
            return Err(MigrateError::VersionMissing(version));
        }
        applied.insert(version, checksum);
    }
    let mut pending = Vec::new();
    for migration in migrator.iter() {
        match applied.get(&migration.version) {
            None => pending.push(migration),
            Some(checksum) if *checksum == *migration.checksum => {}
            Some(_) => return Err(MigrateError::VersionMismatch(migration.version)),
        }
    }
    if pending.is_empty() {
        return Ok(());
    }
    // All or none, and one wait for the disk: a file is new far more often than it is old.
    connection.batch("BEGIN IMMEDIATE")?;
    let done = pending
        .into_iter()
        .try_for_each(|migration| {
            let mut values = Values::default();
            values.add(migration.version);
            values.add(&*migration.description);
            values.add(&*migration.checksum);
            connection
                .batch(migration.sql.as_str())
                .and_then(|()| connection.run(APPLY, values.as_slice(), Want::Count))
                .map(|_| ())
                .map_err(|error| MigrateError::ExecuteMigration(error, migration.version))
        })
        .and_then(|()| Ok(connection.batch("COMMIT")?));
    if done.is_err() {
        // What the engine gave up by itself cannot be undone again.
        let _ = connection.batch("ROLLBACK");
    }
    done
}

fn applied_migration(row: &Row) -> Result<(i64, Vec<u8>, bool)> {
    let mut cells = Cells::new(row);
    Ok((cells.number()?, cells.bytes()?.to_vec(), cells.number()? != 0))
}

fn flag(row: &Row) -> Result<bool> {
    Ok(Cells::new(row).number()? != 0)
}

fn refuse_newer(migrations: &Migrator, applied: &[i64]) -> Result<()> {
    let known = migrations
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0);
    match applied.iter().max() {
        Some(found) if *found > known => Err(StoreError::Newer { found: *found, known }),
        _ => Ok(()),
    }
}

fn remove(path: &PathBuf) -> Result<()> {
    std::fs::remove_file(path).map_err(|source| StoreError::File {
        path: path.clone(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::SqlSafeStr as _;
    use sqlx::migrate::{Migration, MigrationType};

    fn with(sql: &'static str) -> Migrator {
        let mut migrations = MIGRATIONS.migrations.to_vec();
        migrations.push(Migration::new(
            9000,
            "later".into(),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        ));
        Migrator::with_migrations(migrations)
    }

    #[tokio::test]
    async fn an_older_database_is_copied_aside_before_its_schema_changes() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_dir(folder.path()).await.unwrap();
        store.migrate().await.unwrap();
        let newest = MIGRATIONS
            .migrations
            .iter()
            .map(|step| step.version)
            .max()
            .unwrap();
        let copy = folder.path().join(format!("sobria.before-schema-{newest}.db"));
        assert!(!copy.exists(), "a fresh database needs no copy");

        let next = with("CREATE TABLE later (id TEXT NOT NULL PRIMARY KEY)");
        assert_eq!(store.pending_with(&next).await.unwrap(), ["9000 later"]);
        store.migrate_with(&next).await.unwrap();
        assert!(store.pending_with(&next).await.unwrap().is_empty());
        let refused = store.migrate().await.unwrap_err();
        assert!(
            matches!(
                refused,
                StoreError::Newer {
                    found: 9000,
                    known,
                } if known == newest
            ),
            "{refused:?}"
        );

        let kept = Store::connect(&format!("sqlite://{}", copy.display()))
            .await
            .unwrap();
        assert_eq!(kept.pending_with(&next).await.unwrap(), ["9000 later"]);
        assert!(kept.pending_migrations().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_migration_that_fails_half_way_leaves_the_former_version() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_dir(folder.path()).await.unwrap();
        store.migrate().await.unwrap();
        let broken =
            with("CREATE TABLE later (id TEXT NOT NULL PRIMARY KEY); INSERT INTO nowhere VALUES (1)");
        store.migrate_with(&broken).await.unwrap_err();
        assert_eq!(store.pending_with(&broken).await.unwrap(), ["9000 later"]);
        assert!(store.check().await.unwrap().is_sound());
        let repaired = with("CREATE TABLE later (id TEXT NOT NULL PRIMARY KEY)");
        store.migrate_with(&repaired).await.unwrap();

        let fresh = tempfile::tempdir().unwrap();
        let store = Store::open_dir(fresh.path()).await.unwrap();
        let all = store.pending_with(&broken).await.unwrap();
        store.migrate_with(&broken).await.unwrap_err();
        assert_eq!(
            store.pending_with(&broken).await.unwrap(),
            all,
            "none of several stays"
        );
    }

    #[tokio::test]
    async fn a_migration_that_was_edited_after_its_release_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_dir(folder.path()).await.unwrap();
        store
            .migrate_with(&with("CREATE TABLE later (id TEXT NOT NULL PRIMARY KEY)"))
            .await
            .unwrap();
        let mut edited = with("CREATE TABLE other (id TEXT NOT NULL PRIMARY KEY)")
            .migrations
            .to_vec();
        edited.push(Migration::new(
            9001,
            "last".into(),
            MigrationType::Simple,
            "SELECT 1".into_sql_str(),
            false,
        ));
        let refused = store
            .migrate_with(&Migrator::with_migrations(edited))
            .await
            .unwrap_err();
        assert!(
            matches!(refused, StoreError::Migration { version: 9000, .. }),
            "{refused:?}"
        );
    }
}
