//! Settings of the instance made on the site, with every change of them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sobria_catalogue::id::UserId;

use crate::audit::AuditEntry;
use crate::error::Result;
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::{Store, retry};

/// One change of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingChange {
    /// Identifier.
    pub id: String,
    /// Which setting.
    pub key: String,
    /// What it was; none for the value of the configuration.
    pub former: Option<String>,
    /// What it became; none for the value of the configuration.
    pub value: Option<String>,
    /// Who changed it: the identifier of an account.
    pub author: String,
    /// When.
    pub made_at: Timestamp,
}

/// Settings to change together.
#[derive(Debug, Clone, Copy)]
pub struct NewSettings<'a> {
    /// Identifier of the change, key and value; none goes back to the configuration.
    pub values: &'a [(String, &'a str, Option<String>)],
    /// Who changes them.
    pub author: UserId,
    /// When.
    pub now: Timestamp,
}

impl Store {
    /// Every setting made on the site.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn site_settings(&self) -> Result<BTreeMap<String, String>> {
        Sql::new("SELECT key, value FROM setting ORDER BY key")
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| {
                let mut cells = Cells::new(row);
                Ok((cells.owned()?, cells.owned()?))
            })
            .collect()
    }

    /// Changes settings in one transaction, those that differ only. The catalogue takes its next revision, which tells
    /// every server. Returns how many changed.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn change_settings(&self, new: NewSettings<'_>) -> Result<usize> {
        retry(|| self.change_settings_once(new)).await
    }

    async fn change_settings_once(&self, new: NewSettings<'_>) -> Result<usize> {
        let mut transaction = self.begin_write().await?;
        let revision = self.next_revision(&mut transaction).await?;
        let mut changed = 0;
        for (id, key, value) in new.values {
            let former = Sql::new("SELECT value FROM setting WHERE key = $1")
                .value(*key)
                .first(&mut *transaction)
                .await
                .map_err(|e| self.fail(e))?
                .map(|row| Cells::new(&row).owned())
                .transpose()?;
            if former == *value {
                continue;
            }
            changed += 1;
            match value {
                Some(value) => Sql::new(
                    "INSERT INTO setting (key, value, changed_at) VALUES ($1, $2, $3) \
                     ON CONFLICT (key) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at",
                )
                .value(*key)
                .value(value.as_str())
                .value(new.now.as_millisecond()),
                None => Sql::new("DELETE FROM setting WHERE key = $1").value(*key),
            }
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
            Sql::new(
                "INSERT INTO setting_change (id, key, former, value, author, made_at) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .value(id.as_str())
            .value(*key)
            .value(former.as_deref())
            .value(value.as_deref())
            .value(new.author.to_string())
            .value(new.now.as_millisecond())
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
            let entry = AuditEntry {
                at: new.now,
                actor: &new.author.to_string(),
                action: "setting",
                subject: key,
                detail: if value.is_some() { "set" } else { "configuration" },
            };
            self.chain(&mut transaction, Some(revision), entry).await?;
        }
        if changed == 0 {
            return Ok(0);
        }
        transaction.commit().await.map_err(|e| self.fail(e))?;
        Ok(changed)
    }

    /// The newest changes of settings.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn setting_changes(&self, limit: u32) -> Result<Vec<SettingChange>> {
        Sql::new("SELECT s.id, s.key, s.former, s.value, s.author, s.made_at FROM setting_change s")
            .push(" ORDER BY s.made_at DESC, s.id DESC LIMIT ")
            .bind(i64::from(limit))
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| {
                let mut cells = Cells::new(row);
                Ok(SettingChange {
                    id: cells.owned()?,
                    key: cells.owned()?,
                    former: cells.text_or_null()?,
                    value: cells.text_or_null()?,
                    author: cells.owned()?,
                    made_at: cells.time()?,
                })
            })
            .collect()
    }
}
