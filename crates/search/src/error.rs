//! What can go wrong with the index. None of it loses data: the index can always be built again.

use std::path::PathBuf;

use tantivy::TantivyError;
use tantivy::directory::error::LockError;

/// The result of an operation on the index.
pub type Result<T, E = SearchError> = std::result::Result<T, E>;

/// The index could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// Another writer holds the index, in this process or in another one.
    #[error("the search index is being written by another process: wait for it to end, then try again")]
    Busy {
        /// The refusal of the engine.
        #[source]
        source: Box<TantivyError>,
    },
    /// The folder of the index cannot be made, emptied or opened.
    #[error("the folder {} cannot hold the search index: check that it exists and can be written", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The refusal of the system.
        #[source]
        source: std::io::Error,
    },
    /// The thread that was writing the index ended early.
    #[error("the search index was not written to the end: it is built again at the next start")]
    Interrupted,
    /// The files of the index cannot be read or written.
    #[error("the search index failed ({source}): delete its folder, it is built again at the next start")]
    Engine {
        /// The failure of the engine.
        #[source]
        source: Box<TantivyError>,
    },
}

impl From<TantivyError> for SearchError {
    fn from(error: TantivyError) -> Self {
        let source = Box::new(error);
        match *source {
            TantivyError::LockFailure(LockError::LockBusy, _) => Self::Busy { source },
            _ => Self::Engine { source },
        }
    }
}

impl From<std::io::Error> for SearchError {
    fn from(error: std::io::Error) -> Self {
        Self::from(TantivyError::from(error))
    }
}
