//! Putting a backup back. The former database stays in place until the copy was checked.

use std::path::{Path, PathBuf};

use crate::error::{Result, StoreError};
use crate::store::{FILE_NAME, Store};

impl Store {
    /// Puts an SQLite backup in place of the database of a data folder. Nothing else may use the folder meanwhile.
    ///
    /// # Errors
    /// When the backup is not a sound database, or the folder cannot be written: the former database then stays.
    pub async fn restore(backup: &Path, folder: &Path) -> Result<()> {
        let failed = |path: &Path, source| StoreError::File {
            path: path.to_owned(),
            source,
        };
        std::fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
        let target = folder.join(FILE_NAME);
        let copy = beside(&target, ".restored");
        std::fs::copy(backup, &copy).map_err(|source| failed(backup, source))?;
        let sound = Self::inspect(&copy).await;
        if let Err(error) = sound {
            // The copy is of no use any more; if it cannot be removed, the next restore overwrites it.
            let _ = std::fs::remove_file(&copy);
            return Err(error);
        }
        if target.exists() {
            // Closing folds the journal of the former database into its file: none is left to be taken for the new one's.
            if let Ok(former) = Self::open_dir(folder).await {
                former.close().await;
            }
        }
        for tail in ["-wal", "-shm"] {
            let journal = beside(&target, tail);
            if journal.exists() {
                std::fs::remove_file(&journal).map_err(|source| failed(&journal, source))?;
            }
        }
        std::fs::File::open(&copy)
            .and_then(|file| file.sync_all())
            .and_then(|()| std::fs::rename(&copy, &target))
            .map_err(|source| failed(&target, source))
    }

    async fn inspect(copy: &Path) -> Result<()> {
        let address = copy.to_str().ok_or_else(|| StoreError::InvalidAddress {
            given: copy.display().to_string(),
        })?;
        let store = Self::connect(&format!("sqlite://{address}")).await?;
        let report = store.check().await;
        store.close().await;
        match report?.problems.into_iter().next() {
            None => Ok(()),
            Some(problem) => Err(StoreError::damaged(problem.table, problem.what)),
        }
    }
}

fn beside(path: &Path, tail: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(tail);
    PathBuf::from(name)
}
