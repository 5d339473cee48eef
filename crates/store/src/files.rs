//! Bytes of files in the data folder, under the hash of what they are: `files/ab/abcdef…`.
//!
//! A file is on disk before anybody is told that it was taken, never changes, and is kept once however often it is
//! attached. Rows of `attachment` say which ones are in use; the others go by `Store::sweep_files`.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

use crate::error::{Result, StoreError};

/// Name of the folder in a data folder.
const FOLDER_NAME: &str = "files";
/// A file without a row is left for so long: another process may be about to write its row.
const GRACE: Duration = Duration::from_secs(24 * 3600);

/// The folder of files. Clones share their lock.
#[derive(Debug, Clone)]
pub struct Files {
    root: PathBuf,
    /// Held for reading from the writing of a file to that of its row, so that no sweep comes in between.
    lock: Arc<RwLock<()>>,
}

/// While it lives, no file is swept.
pub type Hold = OwnedRwLockReadGuard<()>;

impl Files {
    /// The files of a data folder; nothing is made before the first file comes.
    pub fn of(data: &Path) -> Self {
        Self::at(&data.join(FOLDER_NAME))
    }

    /// A folder of files that is not in a data folder, such as that of a backup.
    pub fn at(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            lock: Arc::default(),
        }
    }

    /// Where they lie.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Keeps bytes, on disk when this returns, and gives their hash.
    ///
    /// # Errors
    /// [`StoreError::File`] when the folder cannot be written.
    pub fn put(&self, bytes: &[u8]) -> Result<String> {
        let hash = hash_of(bytes);
        let path = self.path(&hash)?;
        let failed = |source| failure(&path, source);
        if path.exists() {
            // Young again, so that a sweep of another process leaves it.
            File::options()
                .write(true)
                .open(&path)
                .and_then(|file| file.set_modified(SystemTime::now()))
                .map_err(failed)?;
            return Ok(hash);
        }
        let folder = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder).map_err(|source| failure(folder, source))?;
        let partial = folder.join(format!(".{hash}.{}", unique()));
        let written = File::create(&partial)
            .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&partial, &path))
            .and_then(|()| sync_folder(folder))
            .and_then(|()| sync_folder(&self.root));
        if let Err(source) = written {
            // What could not be finished is of no use; if it cannot be removed, a sweep does.
            let _ = fs::remove_file(&partial);
            return Err(failure(&path, source));
        }
        Ok(hash)
    }

    /// Keeps sweeps away until it is dropped.
    pub async fn hold(&self) -> Hold {
        Arc::clone(&self.lock).read_owned().await
    }

    /// Waits until nobody is between a file and its row, and keeps it so.
    pub(crate) async fn alone(&self) -> OwnedRwLockWriteGuard<()> {
        Arc::clone(&self.lock).write_owned().await
    }

    /// The bytes of a hash, checked against it: a damaged file is never served.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none, [`StoreError::Corrupt`] when it is not what it was.
    pub fn read(&self, hash: &str) -> Result<Vec<u8>> {
        let path = self.path(hash)?;
        let bytes = fs::read(&path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => StoreError::NotFound {
                what: format!("file {hash}"),
            },
            _ => failure(&path, source),
        })?;
        if hash_of(&bytes) == hash {
            Ok(bytes)
        } else {
            Err(StoreError::damaged(
                format!("file {hash}"),
                "its bytes are not those that were kept",
            ))
        }
    }

    /// Removes every file whose hash is not in use; `at_once` are hashes that must not wait for their time.
    pub(crate) fn sweep(&self, used: &HashSet<String>, at_once: &[String]) -> Result<u64> {
        let mut gone = 0;
        for (path, name) in self.list()? {
            if used.contains(&name) {
                continue;
            }
            let is_young = fs::metadata(&path)
                .and_then(|facts| facts.modified())
                .is_ok_and(|at| at.elapsed().is_ok_and(|age| age < GRACE));
            if is_young && !at_once.contains(&name) {
                continue;
            }
            match fs::remove_file(&path) {
                Ok(()) => gone += 1,
                Err(source) if source.kind() == std::io::ErrorKind::NotFound => {}
                Err(source) => return Err(failure(&path, source)),
            }
        }
        Ok(gone)
    }

    /// Copies the files of `hashes` into another folder of files, on disk when this returns.
    ///
    /// # Errors
    /// When one is missing or damaged, or the other folder cannot be written.
    pub fn copy_to(&self, other: &Self, hashes: &[String]) -> Result<u64> {
        for hash in hashes {
            if !other.path(hash)?.exists() {
                other.put(&self.read(hash)?)?;
            }
        }
        Ok(u64::try_from(hashes.len()).unwrap_or(u64::MAX))
    }

    /// Hashes of every file that is there.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn hashes(&self) -> Result<Vec<String>> {
        let mut hashes: Vec<String> = self.list()?.into_iter().map(|(_, name)| name).collect();
        hashes.retain(|name| self.path(name).is_ok());
        Ok(hashes)
    }

    /// Every file with its name.
    fn list(&self) -> Result<Vec<(PathBuf, String)>> {
        let mut found = Vec::new();
        let entries = |folder: &Path| -> Result<Vec<PathBuf>> {
            match fs::read_dir(folder) {
                Ok(entries) => entries
                    .map(|entry| entry.map(|entry| entry.path()))
                    .collect::<std::io::Result<Vec<_>>>()
                    .map_err(|source| failure(folder, source)),
                Err(source) if source.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
                Err(source) => Err(failure(folder, source)),
            }
        };
        for folder in entries(&self.root)?.into_iter().filter(|path| path.is_dir()) {
            for path in entries(&folder)?.into_iter().filter(|path| path.is_file()) {
                let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
                let name = name.to_owned();
                found.push((path, name));
            }
        }
        Ok(found)
    }

    /// Where a hash lies. Anything but a hash leads nowhere.
    fn path(&self, hash: &str) -> Result<PathBuf> {
        let is_hash = hash.len() == 64 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        match hash.get(..2).filter(|_| is_hash) {
            Some(shard) => Ok(self.root.join(shard).join(hash)),
            None => Err(StoreError::NotFound {
                what: "file without a hash".to_owned(),
            }),
        }
    }
}

/// SHA-256 in lower-case hexadecimal.
fn hash_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A number that no other writer of this process has.
fn unique() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

fn sync_folder(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) {
        File::open(folder).and_then(|folder| folder.sync_all())
    } else {
        Ok(())
    }
}

fn failure(path: &Path, source: std::io::Error) -> StoreError {
    StoreError::File {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_kept_once_read_back_and_never_served_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::of(folder.path());
        let hash = files.put(b"une annexe").unwrap();
        assert_eq!(files.put(b"une annexe").unwrap(), hash);
        assert_eq!(files.list().unwrap().len(), 1);
        assert_eq!(files.read(&hash).unwrap(), b"une annexe");
        fs::write(files.path(&hash).unwrap(), b"autre chose").unwrap();
        assert!(matches!(files.read(&hash), Err(StoreError::Corrupt { .. })));
        for name in ["../../etc/passwd", "", "ab", &"g".repeat(64), &"A".repeat(64)] {
            assert!(
                matches!(files.read(name), Err(StoreError::NotFound { .. })),
                "{name}"
            );
        }
    }

    #[test]
    fn a_sweep_takes_what_is_not_in_use_and_old_enough() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::of(folder.path());
        let [used, young, old, purged] = [&b"a"[..], b"b", b"c", b"d"].map(|bytes| files.put(bytes).unwrap());
        let long_ago = SystemTime::now() - 2 * GRACE;
        for hash in [&used, &old] {
            File::options()
                .write(true)
                .open(files.path(hash).unwrap())
                .unwrap()
                .set_modified(long_ago)
                .unwrap();
        }
        let in_use = HashSet::from([used.clone()]);
        assert_eq!(files.sweep(&in_use, std::slice::from_ref(&purged)).unwrap(), 2);
        assert!(files.read(&used).is_ok() && files.read(&young).is_ok());
        assert!(files.read(&old).is_err() && files.read(&purged).is_err());
        files.put(b"c").unwrap();
        assert!(files.read(&old).is_ok(), "it can come back");
    }
}
