//! What a person keeps: favourites and what is to be read later here; folders, saved searches and the declarations
//! of use of organisations in the files beside. Each statement names the owner: nobody reaches what another keeps.

mod adoptions;
mod folders;
mod searches;

pub use self::adoptions::{Adoption, DeclaredUse, Reuse};
pub use self::folders::Folder;
pub use self::searches::{Pace, SavedSearch, WatchedSearch};

use jiff::Timestamp;
use sobria_catalogue::id::{UseCaseId, UserId};

use crate::error::{Result, StoreError};
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::Store;

/// Where a record is put aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shelf {
    /// What one comes back to.
    Favourite,
    /// What one has not read yet.
    Later,
}

impl Shelf {
    /// Every shelf, in the order of the page.
    pub const ALL: [Self; 2] = [Self::Favourite, Self::Later];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Favourite => "favourite",
            Self::Later => "later",
        }
    }

    /// Reads the code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shelf| shelf.code() == code)
    }
}

/// A record that a person put aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bookmark {
    /// The record.
    pub use_case: UseCaseId,
    /// Where it stands.
    pub shelf: Shelf,
    /// Since when.
    pub added_at: Timestamp,
}

impl Store {
    /// Puts a readable record on a shelf; once there, it stays at its first place. An unknown or withdrawn record
    /// changes nothing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_bookmark(
        &self,
        account: UserId,
        use_case: UseCaseId,
        shelf: Shelf,
        now: Timestamp,
    ) -> Result<()> {
        Sql::new(
            "INSERT INTO bookmark (account_id, use_case_id, shelf, added_at) \
             SELECT $1, u.id, $2, $3 FROM use_case u WHERE u.id = $4 AND u.status IN ('published', 'archived') \
             ON CONFLICT (account_id, use_case_id, shelf) DO NOTHING",
        )
        .value(account.to_string())
        .value(shelf.code())
        .value(now.as_millisecond())
        .value(use_case.to_string())
        .execute(self.writer())
        .await
        .map(|_| ())
        .map_err(|e| self.fail(e))
    }

    /// Takes a record off a shelf, where it may not be.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remove_bookmark(&self, account: UserId, use_case: UseCaseId, shelf: Shelf) -> Result<()> {
        Sql::new("DELETE FROM bookmark WHERE account_id = $1 AND use_case_id = $2 AND shelf = $3")
            .value(account.to_string())
            .value(use_case.to_string())
            .value(shelf.code())
            .execute(self.writer())
            .await
            .map(|_| ())
            .map_err(|e| self.fail(e))
    }

    /// Everything that a person put aside, newest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn bookmarks_of(&self, account: UserId) -> Result<Vec<Bookmark>> {
        Sql::new(
            "SELECT b.use_case_id, b.shelf, b.added_at FROM bookmark b WHERE b.account_id = $1 \
             ORDER BY b.added_at DESC, b.use_case_id",
        )
        .value(account.to_string())
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?
        .iter()
        .map(|row| bookmark(&mut Cells::new(row)))
        .collect()
    }

    /// The shelves of a person on which a record stands.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn shelves_of(&self, account: UserId, use_case: UseCaseId) -> Result<Vec<Shelf>> {
        Sql::new(
            "SELECT b.use_case_id, b.shelf, b.added_at FROM bookmark b \
             WHERE b.account_id = $1 AND b.use_case_id = $2 ORDER BY b.shelf",
        )
        .value(account.to_string())
        .value(use_case.to_string())
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?
        .iter()
        .map(|row| Ok(bookmark(&mut Cells::new(row))?.shelf))
        .collect()
    }
}

fn bookmark(cells: &mut Cells<'_>) -> Result<Bookmark> {
    Ok(Bookmark {
        use_case: cells.use_case_id()?,
        shelf: {
            let code = cells.text()?;
            Shelf::from_code(code)
                .ok_or_else(|| StoreError::damaged("bookmark.shelf", format!("unknown shelf \"{code}\"")))?
        },
        added_at: cells.time()?,
    })
}
