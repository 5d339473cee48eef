//! What a machine proposes for a contribution, and what people decided about it.

use jiff::Timestamp;
use sobria_catalogue::content::Content;
use sobria_catalogue::field::Field;
use sobria_catalogue::id::{ContributionId, UseCaseId, UserId};
use sobria_catalogue::proposal::{Change, Decision, Proposal};

use crate::audit::AuditEntry;
use crate::connection::Connection;
use crate::error::{Result, StoreError};
use crate::organisations::SELECT_ORGANISATION;
use crate::revisions::NewRevision;
use crate::row::Cells;
use crate::sql::{BulkInsert, Sql};
use crate::store::{Store, retry};

/// A proposal as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptProposal {
    /// Its place among those of the contribution.
    pub place: u32,
    /// The proposal.
    pub proposal: Proposal,
    /// What was decided, by whom and when; none while it waits.
    pub decided: Option<(Decision, Option<UserId>, Timestamp)>,
}

/// A decision about a proposal for a record that an import published by itself.
#[derive(Debug, Clone, Copy)]
pub struct Repair<'a> {
    /// The record.
    pub record: UseCaseId,
    /// The published version that it was decided on.
    pub seen: u32,
    /// Place of the proposal.
    pub place: u32,
    /// What was decided.
    pub decision: Decision,
    /// What the record says then, with its completeness; none when it stays as it is.
    pub content: Option<(&'a Content, u8)>,
    /// The SIRET that its carrier gets, when it has none.
    pub siret: Option<&'a str>,
    /// Why, as the public history shows it.
    pub reason: &'a str,
    /// Who decided.
    pub by: UserId,
    /// When.
    pub now: Timestamp,
}

/// What became of a repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repaired {
    /// It is carried out.
    Done,
    /// It was decided before.
    Before,
    /// The record has another version now.
    Changed,
    /// A newer version of the record waits for a decision.
    Waits,
}

/// Proposals of imports that published their records by themselves: the identifier of the record stands for that of a
/// contribution, which such a record does not have.
const UNSETTLED: &str = " FROM proposal p JOIN use_case u ON u.id = p.use_case_id WHERE p.contribution_id = p.use_case_id \
    AND p.decision IS NULL AND p.code <> 'prefill' AND u.status IN ('published', 'archived')";

const COLUMNS: &[&str] = &[
    "contribution_id",
    "use_case_id",
    "place",
    "field",
    "code",
    "origin",
    "found",
    "proposed",
    "accept_change",
    "refuse_change",
];

fn text(change: &Change) -> String {
    serde_json::to_string(change).unwrap_or_default()
}

fn change(text: &str) -> Result<Change> {
    serde_json::from_str(text).map_err(|source| StoreError::damaged("proposal.change", source))
}

impl Store {
    /// Keeps the answers that a form was filled with.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn keep_proposals(
        &self,
        contribution: ContributionId,
        use_case: UseCaseId,
        proposals: &[Proposal],
    ) -> Result<()> {
        if proposals.is_empty() {
            return Ok(());
        }
        let all = [(contribution, use_case, proposals)];
        retry(|| async {
            let mut transaction = self.begin_write().await?;
            self.write_proposals(&mut transaction, &all).await?;
            transaction.commit().await.map_err(|e| self.fail(e))
        })
        .await
    }

    /// Writes the proposals of some contributions in place of the former ones: what was decided about those stays in the
    /// audit trail.
    pub(crate) async fn write_proposals(
        &self,
        connection: &mut Connection,
        all: &[(ContributionId, UseCaseId, &[Proposal])],
    ) -> Result<()> {
        for chunk in all.chunks(500) {
            Sql::new("DELETE FROM proposal WHERE contribution_id IN ")
                .list(chunk.iter().map(|(id, _, _)| id.to_string()))
                .execute(&mut *connection)
                .await
                .map_err(|e| self.fail(e))?;
        }
        let rows: Vec<(ContributionId, UseCaseId, usize, &Proposal)> = all
            .iter()
            .flat_map(|(id, use_case, proposals)| {
                proposals
                    .iter()
                    .enumerate()
                    .map(|(place, proposal)| (*id, *use_case, place, proposal))
            })
            .collect();
        BulkInsert::new(self.dialect(), "proposal", COLUMNS, &[], |_| {})
            .run(connection, &rows, |values, (id, use_case, place, proposal)| {
                values.add(id.to_string());
                values.add(use_case.to_string());
                values.add(i64::try_from(*place).unwrap_or(i64::MAX));
                values.add(proposal.field.spec().id);
                values.add(proposal.code.as_str());
                values.add(proposal.origin.as_str());
                values.add(proposal.found.as_str());
                values.add(proposal.proposed.as_str());
                values.add(text(&proposal.accept));
                values.add(text(&proposal.refuse));
            })
            .await
            .map_err(|e| self.fail(e))
    }

    /// The proposals of a contribution, in order. Those about a field that is no more are left out.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn proposals_of(&self, contribution: ContributionId) -> Result<Vec<KeptProposal>> {
        let rows = Sql::new(
            "SELECT place, field, code, origin, found, proposed, accept_change, refuse_change, decision, decided_by, \
             decided_at FROM proposal WHERE contribution_id = $1 ORDER BY place",
        )
        .value(contribution.to_string())
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut cells = Cells::new(row);
            let place = u32::try_from(cells.number()?).unwrap_or(u32::MAX);
            let field = Field::by_id(cells.text()?);
            let (code, origin, found_text, proposed) =
                (cells.owned()?, cells.owned()?, cells.owned()?, cells.owned()?);
            let (accept, refuse) = (change(cells.text()?)?, change(cells.text()?)?);
            let decision = cells.text_or_null()?;
            let by = cells.user_id_or_null()?;
            let at = cells.time_or_null()?;
            let Some(field) = field else { continue };
            found.push(KeptProposal {
                place,
                proposal: Proposal {
                    field,
                    code,
                    origin,
                    found: found_text,
                    proposed,
                    accept,
                    refuse,
                },
                decided: decision
                    .as_deref()
                    .and_then(Decision::from_code)
                    .zip(at)
                    .map(|(decision, at)| (decision, by, at)),
            });
        }
        Ok(found)
    }

    /// Writes down what was decided about a proposal, and in the audit trail; `false` when it was decided before.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn decide_proposal(
        &self,
        contribution: ContributionId,
        place: u32,
        decision: Decision,
        by: UserId,
        now: Timestamp,
    ) -> Result<bool> {
        retry(|| async {
            let mut transaction = self.begin_write().await?;
            if !self
                .settle(&mut transaction, contribution, place, decision, by, now)
                .await?
            {
                return Ok(false);
            }
            transaction.commit().await.map_err(|e| self.fail(e))?;
            Ok(true)
        })
        .await
    }

    /// Marks a proposal as decided, with a line of the audit trail; `false` when it was decided before.
    async fn settle(
        &self,
        connection: &mut Connection,
        contribution: ContributionId,
        place: u32,
        decision: Decision,
        by: UserId,
        now: Timestamp,
    ) -> Result<bool> {
        let row = Sql::new(
            "SELECT field, code FROM proposal WHERE contribution_id = $1 AND place = $2 AND decision IS NULL",
        )
        .value(contribution.to_string())
        .value(i64::from(place))
        .first(&mut *connection)
        .await
        .map_err(|e| self.fail(e))?;
        let Some(row) = row else { return Ok(false) };
        let mut cells = Cells::new(&row);
        let detail = format!("{} {}", cells.owned()?, cells.owned()?);
        let changed = Sql::new(
            "UPDATE proposal SET decision = $1, decided_by = $2, decided_at = $3 \
             WHERE contribution_id = $4 AND place = $5 AND decision IS NULL",
        )
        .value(decision.code())
        .value(by.to_string())
        .value(now.as_millisecond())
        .value(contribution.to_string())
        .value(i64::from(place))
        .execute(&mut *connection)
        .await
        .map_err(|e| self.fail(e))?;
        if changed == 0 {
            return Ok(false);
        }
        let line = AuditEntry {
            at: now,
            actor: &by.to_string(),
            action: match decision {
                Decision::Accepted => "repair-accepted",
                Decision::Refused => "repair-refused",
            },
            subject: &contribution.to_string(),
            detail: &detail,
        };
        self.chain(connection, None, line).await?;
        Ok(true)
    }

    /// Published records whose import left something to decide, with how much; and how many such records there are.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn unsettled(&self, offset: u32, limit: u32) -> Result<(Vec<(UseCaseId, u64)>, u64)> {
        let total = Sql::new("SELECT COUNT(DISTINCT p.use_case_id)")
            .push(UNSETTLED)
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .map_or(Ok(0), |row| Cells::new(&row).number())?;
        let rows = Sql::new("SELECT p.use_case_id, COUNT(*)")
            .push(UNSETTLED)
            .push(" GROUP BY p.use_case_id ORDER BY p.use_case_id LIMIT ")
            .bind(i64::from(limit))
            .push(" OFFSET ")
            .bind(i64::from(offset))
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut cells = Cells::new(row);
            found.push((cells.use_case_id()?, u64::try_from(cells.number()?).unwrap_or(0)));
        }
        Ok((found, u64::try_from(total).unwrap_or(0)))
    }

    /// Carries out a decision about a proposal for a published record: the record gets a version of its own when it
    /// changes, and the audit trail keeps the decision.
    ///
    /// # Errors
    /// When the database cannot be written: then nothing was.
    pub async fn repair_published(&self, repair: Repair<'_>) -> Result<Repaired> {
        retry(|| self.repair_once(repair)).await
    }

    async fn repair_once(&self, repair: Repair<'_>) -> Result<Repaired> {
        let mut transaction = self.begin_write().await?;
        // Taken first: no import and no other decision comes in between. Readers have nothing new to see of a refusal.
        let changes = repair.content.is_some() || repair.siret.is_some();
        let revision = if changes {
            self.next_revision(&mut transaction).await?
        } else {
            0
        };
        let id = repair.record.to_string();
        let state = Sql::new(
            "SELECT u.version, u.published_number, u.organisation_id FROM use_case u \
             WHERE u.id = $1 AND u.status IN ('published', 'archived')",
        )
        .value(id.as_str())
        .first(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        let Some(state) = state else {
            return Ok(Repaired::Changed);
        };
        let mut cells = Cells::new(&state);
        let (version, published) = (cells.number()?, cells.number_or_null()?);
        let carrier = cells.organisation_id()?;
        if published != Some(i64::from(repair.seen)) {
            return Ok(Repaired::Changed);
        }
        if repair.content.is_some() && version != i64::from(repair.seen) {
            return Ok(Repaired::Waits);
        }
        let own = ContributionId::new(repair.record.uuid());
        if !self
            .settle(
                &mut transaction,
                own,
                repair.place,
                repair.decision,
                repair.by,
                repair.now,
            )
            .await?
        {
            return Ok(Repaired::Before);
        }
        if let Some((content, completeness)) = repair.content {
            let new = NewRevision {
                use_case: repair.record,
                number: version + 1,
                content,
                completeness: i64::from(completeness),
                reason: repair.reason,
                author: &repair.by.to_string(),
                at: repair.now,
            };
            self.replace_published_revision(&mut transaction, &new, revision)
                .await?;
        }
        if let Some(siret) = repair.siret {
            let row = Sql::new(SELECT_ORGANISATION)
                .push(" FROM organisation o WHERE o.id = ")
                .bind(carrier.to_string())
                .first(&mut *transaction)
                .await
                .map_err(|e| self.fail(e))?;
            if let Some(row) = row {
                let mut organisation = Cells::new(&row).organisation()?;
                if organisation.siret.is_none() {
                    organisation.siret = Some(siret.to_owned());
                    let siren = siret.get(..9).map(str::to_owned);
                    organisation.siren = organisation.siren.or(siren);
                    self.update_organisation(&mut transaction, &organisation).await?;
                    self.mark_changed_of_carrier(&mut transaction, &carrier.to_string(), revision)
                        .await?;
                }
            }
        }
        transaction.commit().await.map_err(|e| self.fail(e))?;
        Ok(Repaired::Done)
    }

    /// How many proposals of imports wait for a decision, by contribution.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn waiting_proposals(&self, contributions: &[ContributionId]) -> Result<Vec<(String, u64)>> {
        if contributions.is_empty() {
            return Ok(Vec::new());
        }
        Sql::new("SELECT contribution_id, COUNT(*) FROM proposal WHERE decision IS NULL AND code <> 'prefill' AND contribution_id IN ")
            .list(contributions.iter().map(ToString::to_string))
            .push(" GROUP BY contribution_id")
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| {
                let mut cells = Cells::new(row);
                Ok((cells.owned()?, u64::try_from(cells.number()?).unwrap_or(0)))
            })
            .collect()
    }
}
