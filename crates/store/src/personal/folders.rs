//! Folders of records, which their owner may show to whoever holds an unguessable address.

use jiff::Timestamp;
use sobria_catalogue::id::{FolderId, UseCaseId, UserId};

use crate::error::{Result, StoreError};
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::Store;

/// A folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Identifier.
    pub id: FolderId,
    /// Name.
    pub name: String,
    /// The unguessable part of the shared address, while the folder is shared.
    pub share_token: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// How many records it holds.
    pub count: u64,
}

const SELECT: &str = "SELECT f.id, f.name, f.share_token, f.created_at, \
    (SELECT COUNT(*) FROM folder_item i WHERE i.folder_id = f.id) FROM folder f";

impl Store {
    /// Makes an empty folder.
    ///
    /// # Errors
    /// When the account is unknown.
    pub async fn create_folder(
        &self,
        account: UserId,
        id: FolderId,
        name: &str,
        now: Timestamp,
    ) -> Result<()> {
        Sql::new("INSERT INTO folder (id, account_id, name, created_at) VALUES ($1, $2, $3, $4)")
            .value(id.to_string())
            .value(account.to_string())
            .value(name)
            .value(now.as_millisecond())
            .execute(self.writer())
            .await
            .map(|_| ())
            .map_err(|e| self.fail(e))
    }

    /// The folders of a person, newest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn folders_of(&self, account: UserId) -> Result<Vec<Folder>> {
        Sql::new(SELECT)
            .push(" WHERE f.account_id = ")
            .bind(account.to_string())
            .push(" ORDER BY f.created_at DESC, f.id")
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| folder(&mut Cells::new(row)))
            .collect()
    }

    /// A folder of a person.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn folder(&self, account: UserId, id: FolderId) -> Result<Option<Folder>> {
        Sql::new(SELECT)
            .push(" WHERE f.account_id = ")
            .bind(account.to_string())
            .push(" AND f.id = ")
            .bind(id.to_string())
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .map(|row| folder(&mut Cells::new(&row)))
            .transpose()
    }

    /// The folder that is shared under an unguessable word.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn shared_folder(&self, token: &str) -> Result<Option<Folder>> {
        Sql::new(SELECT)
            .push(" JOIN account a ON a.id = f.account_id WHERE a.status = 'active' AND f.share_token = ")
            .bind(token)
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .map(|row| folder(&mut Cells::new(&row)))
            .transpose()
    }

    /// Gives a folder another name.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the person has no such folder.
    pub async fn rename_folder(&self, account: UserId, id: FolderId, name: &str) -> Result<()> {
        let touched = Sql::new("UPDATE folder SET name = $1 WHERE id = $2 AND account_id = $3")
            .value(name)
            .value(id.to_string())
            .value(account.to_string())
            .execute(self.writer())
            .await
            .map_err(|e| self.fail(e))?;
        one(touched, id)
    }

    /// Shows a folder under an unguessable word, or to nobody any more.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the person has no such folder.
    pub async fn share_folder(&self, account: UserId, id: FolderId, token: Option<&str>) -> Result<()> {
        let touched = Sql::new("UPDATE folder SET share_token = $1 WHERE id = $2 AND account_id = $3")
            .value(token)
            .value(id.to_string())
            .value(account.to_string())
            .execute(self.writer())
            .await
            .map_err(|e| self.fail(e))?;
        one(touched, id)
    }

    /// Takes a folder away; the records that it holds stay where they are.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the person has no such folder.
    pub async fn delete_folder(&self, account: UserId, id: FolderId) -> Result<()> {
        let mut transaction = self.begin_write().await?;
        Sql::new(
            "DELETE FROM folder_item WHERE folder_id IN (SELECT id FROM folder WHERE id = $1 AND account_id = $2)",
        )
        .value(id.to_string())
        .value(account.to_string())
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        let touched = Sql::new("DELETE FROM folder WHERE id = $1 AND account_id = $2")
            .value(id.to_string())
            .value(account.to_string())
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        one(touched, id)?;
        transaction.commit().await.map_err(|e| self.fail(e))
    }

    /// Puts a readable record in a folder of a person. A folder of somebody else, or an unknown record, changes
    /// nothing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_to_folder(
        &self,
        account: UserId,
        id: FolderId,
        use_case: UseCaseId,
        now: Timestamp,
    ) -> Result<()> {
        Sql::new(
            "INSERT INTO folder_item (folder_id, use_case_id, added_at) \
             SELECT f.id, u.id, $1 FROM folder f, use_case u WHERE f.id = $2 AND f.account_id = $3 \
             AND u.id = $4 AND u.status IN ('published', 'archived') \
             ON CONFLICT (folder_id, use_case_id) DO NOTHING",
        )
        .value(now.as_millisecond())
        .value(id.to_string())
        .value(account.to_string())
        .value(use_case.to_string())
        .execute(self.writer())
        .await
        .map(|_| ())
        .map_err(|e| self.fail(e))
    }

    /// Takes a record out of a folder of a person, where it may not be.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remove_from_folder(&self, account: UserId, id: FolderId, use_case: UseCaseId) -> Result<()> {
        Sql::new(
            "DELETE FROM folder_item WHERE use_case_id = $1 AND folder_id IN \
             (SELECT id FROM folder WHERE id = $2 AND account_id = $3)",
        )
        .value(use_case.to_string())
        .value(id.to_string())
        .value(account.to_string())
        .execute(self.writer())
        .await
        .map(|_| ())
        .map_err(|e| self.fail(e))
    }

    /// What a folder holds, the last put in first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn folder_records(&self, id: FolderId) -> Result<Vec<UseCaseId>> {
        Sql::new(
            "SELECT i.use_case_id FROM folder_item i WHERE i.folder_id = $1 \
             ORDER BY i.added_at DESC, i.use_case_id",
        )
        .value(id.to_string())
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?
        .iter()
        .map(|row| Cells::new(row).use_case_id())
        .collect()
    }

    /// The folders of a person that hold a record.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn folders_with(&self, account: UserId, use_case: UseCaseId) -> Result<Vec<FolderId>> {
        Sql::new(
            "SELECT f.id FROM folder f JOIN folder_item i ON i.folder_id = f.id \
             WHERE f.account_id = $1 AND i.use_case_id = $2 ORDER BY f.id",
        )
        .value(account.to_string())
        .value(use_case.to_string())
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?
        .iter()
        .map(|row| folder_id(&mut Cells::new(row)))
        .collect()
    }
}

fn one(touched: u64, id: FolderId) -> Result<()> {
    if touched == 0 {
        return Err(StoreError::NotFound {
            what: format!("folder {id}"),
        });
    }
    Ok(())
}

fn folder_id(cells: &mut Cells<'_>) -> Result<FolderId> {
    cells
        .text()?
        .parse()
        .map_err(|source: sobria_catalogue::id::InvalidId| StoreError::damaged("folder.id", source))
}

fn folder(cells: &mut Cells<'_>) -> Result<Folder> {
    Ok(Folder {
        id: folder_id(cells)?,
        name: cells.owned()?,
        share_token: cells.text_or_null()?,
        created_at: cells.time()?,
        count: u64::try_from(cells.number()?).unwrap_or(0),
    })
}
