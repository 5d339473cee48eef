//! Copies of the database as one file, made while the product runs.

use std::path::{Path, PathBuf};

use crate::error::{Result, StoreError};
use crate::store::Store;

impl Store {
    /// Writes a consistent copy of an SQLite database to a new file.
    ///
    /// The file appears under its name only once it is complete and on disk.
    ///
    /// # Errors
    /// When the file exists, cannot be written, or the engine is PostgreSQL, which has `pg_dump`.
    pub async fn backup(&self, path: &Path) -> Result<()> {
        if path.exists() {
            return Err(StoreError::NotEmpty {
                target: path.display().to_string(),
            });
        }
        let partial = partial(path);
        if partial.exists() {
            std::fs::remove_file(&partial).map_err(|source| file(&partial, source))?;
        }
        let text = partial.to_str().ok_or_else(|| StoreError::InvalidAddress {
            given: partial.display().to_string(),
        })?;
        let statement = self.dialect().backup_into(text).ok_or(StoreError::Unsupported {
            what: "a backup to a file",
            engine: self.dialect().name(),
            instead: "use pg_dump, which keeps the same consistent state",
        })?;
        statement.execute(self.reader()).await.map_err(|e| self.fail(e))?;
        std::fs::File::open(&partial)
            .and_then(|copy| copy.sync_all())
            .and_then(|()| std::fs::rename(&partial, path))
            .and_then(|()| sync_folder(path))
            .map_err(|source| file(path, source))
    }
}

/// The name under which the copy grows.
fn partial(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".partial");
    PathBuf::from(name)
}

/// Makes the new name survive a power cut, where folders can be opened.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) && !folder.as_os_str().is_empty() => {
            std::fs::File::open(folder).and_then(|folder| folder.sync_all())
        }
        _ => Ok(()),
    }
}

fn file(path: &Path, source: std::io::Error) -> StoreError {
    StoreError::File {
        path: path.to_owned(),
        source,
    }
}
