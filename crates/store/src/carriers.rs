//! Changing organisations: adding one, correcting it, and making two that are the same one.

use jiff::Timestamp;
use sobria_catalogue::id::{OrganisationId, UserId};
use sobria_catalogue::organisation::Organisation;

use crate::audit::AuditEntry;
use crate::error::{Result, StoreError};
use crate::import::{ORGANISATION_COLUMNS, bind_organisation};
use crate::organisations::SELECT_ORGANISATION;
use crate::row::Cells;
use crate::sql::{BulkInsert, Sql};
use crate::store::Store;

/// Names kept for an organisation.
const ALIASES: usize = 50;

impl Store {
    /// Adds an organisation.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when its address part is taken.
    pub async fn add_organisation(
        &self,
        organisation: &Organisation,
        by: UserId,
        now: Timestamp,
    ) -> Result<()> {
        let mut transaction = self.begin_write().await?;
        BulkInsert::new(self.dialect(), "organisation", ORGANISATION_COLUMNS, &[], |_| {})
            .run(
                &mut transaction,
                std::slice::from_ref(organisation),
                |values, organisation| {
                    values.add(organisation.id.to_string());
                    bind_organisation(values, organisation);
                },
            )
            .await
            .map_err(|e| self.fail(e))?;
        self.note_carrier(
            &mut transaction,
            None,
            organisation.id,
            "organisation-add",
            "",
            by,
            now,
        )
        .await?;
        transaction.commit().await.map_err(|e| self.fail(e))
    }

    /// Makes `from` disappear into `into`: its records, contributors, contributions and domains change hands, its
    /// names become names of the other. Returns the catalogue revision.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when one of them is unknown, [`StoreError::Conflict`] when they are the same.
    pub async fn merge_organisations(
        &self,
        from: OrganisationId,
        into: OrganisationId,
        by: UserId,
        now: Timestamp,
    ) -> Result<i64> {
        if from == into {
            return Err(StoreError::Conflict {
                what: "an organisation cannot be merged into itself".to_owned(),
            });
        }
        let mut transaction = self.begin_write().await?;
        let revision = self.next_revision(&mut transaction).await?;
        let mut found = Vec::new();
        for id in [from, into] {
            let row = Sql::new(SELECT_ORGANISATION)
                .push(" FROM organisation o WHERE o.id = ")
                .bind(id.to_string())
                .first(&mut *transaction)
                .await
                .map_err(|e| self.fail(e))?
                .ok_or_else(|| StoreError::NotFound {
                    what: format!("organisation {id}"),
                })?;
            found.push(Cells::new(&row).organisation()?);
        }
        let [gone, kept] = found.as_mut_slice() else {
            return Err(StoreError::NotFound {
                what: "organisation".to_owned(),
            });
        };
        for name in std::iter::once(gone.name.clone()).chain(gone.aliases.clone()) {
            if name != kept.name && !kept.aliases.contains(&name) && kept.aliases.len() < ALIASES {
                kept.aliases.push(name);
            }
        }
        kept.siret = kept.siret.take().or_else(|| gone.siret.clone());
        kept.siren = kept.siren.take().or_else(|| gone.siren.clone());
        kept.kind = kept.kind.take().or_else(|| gone.kind.clone());
        if kept.point().is_none() {
            (kept.latitude, kept.longitude) = (gone.latitude, gone.longitude);
        }
        let kept = kept.clone();
        self.update_organisation(&mut transaction, &kept).await?;
        Sql::new(
            "UPDATE use_case SET organisation_id = $1, changed_in = $2 WHERE organisation_id IN ($3, $1)",
        )
        .value(into.to_string())
        .value(revision)
        .value(from.to_string())
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        // Whoever contributes for both keeps the grant that was made.
        Sql::new(
            "INSERT INTO membership (account_id, organisation_id, status, asked_at, decided_at, decided_by) \
             SELECT account_id, $1, status, asked_at, decided_at, decided_by FROM membership \
             WHERE organisation_id = $2 ON CONFLICT (account_id, organisation_id) DO UPDATE SET \
             status = excluded.status, decided_at = excluded.decided_at, decided_by = excluded.decided_by \
             WHERE membership.status <> 'granted' AND excluded.status = 'granted'",
        )
        .value(into.to_string())
        .value(from.to_string())
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        for statement in [
            "UPDATE contribution SET organisation_id = $1 WHERE organisation_id = $2",
            "UPDATE entry SET organisation_id = $1 WHERE organisation_id = $2",
            "UPDATE organisation_domain SET organisation_id = $1 WHERE organisation_id = $2",
            "UPDATE purchase SET organisation_id = $1 WHERE organisation_id = $2",
            // The versions of the name that goes come before those of the name that stays.
            "UPDATE assessment SET number = number + \
             (SELECT COALESCE(MAX(b.number), 0) FROM assessment b WHERE b.organisation_id = $2) \
             WHERE organisation_id = $1",
            "UPDATE assessment SET organisation_id = $1 WHERE organisation_id = $2",
            "UPDATE indicator_value SET organisation_id = $1 WHERE organisation_id = $2",
            "UPDATE committee_review SET organisation_id = $1 WHERE organisation_id = $2",
            "UPDATE committee_decision SET organisation_id = $1 WHERE organisation_id = $2",
            "UPDATE training_session SET organisation_id = $1 WHERE organisation_id = $2",
            "UPDATE appointment SET organisation_id = $1 WHERE organisation_id = $2",
            "UPDATE organisation_logo SET organisation_id = $1 WHERE organisation_id = $2 AND NOT EXISTS \
             (SELECT 1 FROM organisation_logo l WHERE l.organisation_id = $1)",
            "UPDATE logo_proposal SET organisation_id = $1 WHERE organisation_id = $2 AND NOT EXISTS \
             (SELECT 1 FROM logo_proposal l WHERE l.organisation_id = $1)",
        ] {
            Sql::new(statement)
                .value(into.to_string())
                .value(from.to_string())
                .execute(&mut *transaction)
                .await
                .map_err(|e| self.fail(e))?;
        }
        self.move_adoptions(&mut transaction, from, into).await?;
        for statement in [
            "DELETE FROM organisation_logo WHERE organisation_id = $1",
            "DELETE FROM logo_proposal WHERE organisation_id = $1",
            "DELETE FROM membership WHERE organisation_id = $1",
            "DELETE FROM organisation_trust WHERE organisation_id = $1",
            "DELETE FROM organisation WHERE id = $1",
        ] {
            Sql::new(statement)
                .value(from.to_string())
                .execute(&mut *transaction)
                .await
                .map_err(|e| self.fail(e))?;
        }
        self.note_carrier(
            &mut transaction,
            Some(revision),
            into,
            "organisation-merge",
            &from.to_string(),
            by,
            now,
        )
        .await?;
        transaction.commit().await.map_err(|e| self.fail(e))?;
        Ok(revision)
    }

    async fn note_carrier(
        &self,
        connection: &mut crate::connection::Connection,
        revision: Option<i64>,
        subject: OrganisationId,
        action: &str,
        detail: &str,
        by: UserId,
        now: Timestamp,
    ) -> Result<()> {
        self.chain(
            connection,
            revision,
            AuditEntry {
                at: now,
                actor: &by.to_string(),
                action,
                subject: &subject.to_string(),
                detail,
            },
        )
        .await
    }
}
