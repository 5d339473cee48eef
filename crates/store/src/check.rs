//! Looking for damage: what the engine says of its file, and what the tables say of one another.

use sobria_catalogue::draft::DraftInput;
use sobria_catalogue::id::UseCaseId;

use crate::copy::tables::{Table, tables};
use crate::error::{Result, StoreError};
use crate::row::{Cells, content};
use crate::sql::Sql;
use crate::store::Store;
use crate::use_cases::Interrupted;

/// Something wrong in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The table concerned; `database` when the whole file is.
    pub table: &'static str,
    /// What is wrong, in English, for logs and operators.
    pub what: String,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckReport {
    /// Records looked at.
    pub records: u64,
    /// Revisions looked at.
    pub revisions: u64,
    /// What is wrong; empty when the database is sound.
    pub problems: Vec<Problem>,
}

impl CheckReport {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Statements that count what must not be, with the table and the sentence.
const RULES: &[(&str, &str, &str)] = &[
    (
        "use_case",
        "records without their newest revision",
        "SELECT COUNT(*) FROM use_case u WHERE NOT EXISTS \
         (SELECT 1 FROM revision r WHERE r.use_case_id = u.id AND r.number = u.version)",
    ),
    (
        "use_case",
        "records whose published revision is missing",
        "SELECT COUNT(*) FROM use_case u WHERE u.published_number IS NOT NULL AND NOT EXISTS \
         (SELECT 1 FROM revision r WHERE r.use_case_id = u.id AND r.number = u.published_number)",
    ),
    (
        "use_case",
        "records said to be published without a published revision",
        "SELECT COUNT(*) FROM use_case u WHERE u.status IN ('published', 'archived') \
         AND (u.published_number IS NULL OR u.first_published_at IS NULL)",
    ),
    (
        "use_case",
        "records whose carrier is missing",
        "SELECT COUNT(*) FROM use_case u WHERE NOT EXISTS \
         (SELECT 1 FROM organisation o WHERE o.id = u.organisation_id)",
    ),
    (
        "use_case",
        "records whose last import is missing",
        "SELECT COUNT(*) FROM use_case u WHERE u.imported_number IS NOT NULL AND NOT EXISTS \
         (SELECT 1 FROM provenance p WHERE p.use_case_id = u.id AND p.number = u.imported_number)",
    ),
    (
        "use_case",
        "records changed after the present catalogue revision",
        "SELECT COUNT(*) FROM use_case u WHERE u.changed_in > \
         (SELECT m.value FROM meta m WHERE m.key = 'catalogue_revision')",
    ),
    (
        "revision",
        "revisions without a record",
        "SELECT COUNT(*) FROM revision r WHERE NOT EXISTS (SELECT 1 FROM use_case u WHERE u.id = r.use_case_id)",
    ),
    (
        "revision",
        "revisions with a number that no record reached",
        "SELECT COUNT(*) FROM revision r JOIN use_case u ON u.id = r.use_case_id \
         WHERE r.number > u.version OR r.number < 1",
    ),
    (
        "provenance",
        "imported rows without their revision",
        "SELECT COUNT(*) FROM provenance p WHERE NOT EXISTS \
         (SELECT 1 FROM revision r WHERE r.use_case_id = p.use_case_id AND r.number = p.number)",
    ),
    (
        "provenance",
        "imported rows without their import",
        "SELECT COUNT(*) FROM provenance p WHERE NOT EXISTS \
         (SELECT 1 FROM import_batch b WHERE b.id = p.import_id)",
    ),
    (
        "evaluation",
        "evaluations without a record, or of a withdrawn one",
        "SELECT COUNT(*) FROM evaluation e WHERE NOT EXISTS \
         (SELECT 1 FROM use_case u WHERE u.id = e.use_case_id AND u.status <> 'withdrawn')",
    ),
    (
        "contribution",
        "open contributions that are not said to be so, or closed ones that are",
        "SELECT COUNT(*) FROM contribution c WHERE CASE WHEN c.open_for IS NULL THEN 0 ELSE 1 END <> \
         CASE WHEN c.status IN ('draft', 'submitted', 'in_review', 'changes_requested') THEN 1 ELSE 0 END",
    ),
    (
        "contribution",
        "contributions handed in without a copy",
        "SELECT COUNT(*) FROM contribution c WHERE c.kind = 'content' AND c.status <> 'withdrawn' \
         AND c.submissions <> (SELECT COUNT(*) FROM contribution_revision r WHERE r.contribution_id = c.id)",
    ),
    (
        "contribution",
        "contributions kept of a withdrawn record",
        "SELECT COUNT(*) FROM contribution c JOIN use_case u ON u.id = c.use_case_id \
         WHERE u.status = 'withdrawn' AND c.form <> '{}'",
    ),
    (
        "contribution_revision",
        "copies and comments without their contribution",
        "SELECT COUNT(*) FROM contribution_revision r WHERE NOT EXISTS \
         (SELECT 1 FROM contribution c WHERE c.id = r.contribution_id)",
    ),
    (
        "attachment",
        "files of a withdrawn record, or of a version that no record reached",
        "SELECT COUNT(*) FROM attachment a JOIN use_case u ON u.id = a.use_case_id \
         WHERE u.status = 'withdrawn' OR a.from_number > u.version OR a.until_number > u.version",
    ),
    (
        "adoption",
        "declarations of use without a record, or of a withdrawn one",
        "SELECT COUNT(*) FROM adoption a WHERE NOT EXISTS \
         (SELECT 1 FROM use_case u WHERE u.id = a.use_case_id AND u.status <> 'withdrawn')",
    ),
    (
        "assessment",
        "assessments of nothing, of two things, or of a withdrawn record",
        "SELECT COUNT(*) FROM assessment a WHERE NOT EXISTS \
         (SELECT 1 FROM use_case u WHERE u.id = a.use_case_id AND u.status <> 'withdrawn' AND a.organisation_id IS NULL) \
         AND NOT EXISTS (SELECT 1 FROM organisation o WHERE o.id = a.organisation_id AND a.use_case_id IS NULL)",
    ),
    (
        "folder_item",
        "records kept in a folder that is missing",
        "SELECT COUNT(*) FROM folder_item i WHERE NOT EXISTS (SELECT 1 FROM folder f WHERE f.id = i.folder_id)",
    ),
    (
        "saved_search",
        "lists and searches kept of an erased account",
        "SELECT COUNT(*) FROM account a WHERE a.status = 'closed' AND (\
         EXISTS (SELECT 1 FROM saved_search s WHERE s.account_id = a.id) \
         OR EXISTS (SELECT 1 FROM folder f WHERE f.account_id = a.id) \
         OR EXISTS (SELECT 1 FROM bookmark b WHERE b.account_id = a.id))",
    ),
    (
        "slug_redirect",
        "former addresses without a record",
        "SELECT COUNT(*) FROM slug_redirect s WHERE NOT EXISTS \
         (SELECT 1 FROM use_case u WHERE u.id = s.use_case_id)",
    ),
];

impl Store {
    /// Checks the whole database and reports what is wrong with it; reads every row.
    ///
    /// # Errors
    /// When the database does not answer. Damage is not an error here: it is what the report is for.
    pub async fn check(&self) -> Result<CheckReport> {
        let mut report = CheckReport::default();
        let mut found = Vec::new();
        if let Some(statement) = self.dialect().integrity_check() {
            let lines = self.lines(statement).await;
            if let Some(lines) = note(&mut found, "database", lines)? {
                found.extend(lines.into_iter().filter(|line| line != "ok").map(|what| Problem {
                    table: "database",
                    what,
                }));
            }
        }
        for table in tables() {
            let read = self.read_through(table).await;
            if let Some(count) = note(&mut found, table.name, read)? {
                match table.name {
                    "use_case" => report.records = count,
                    "revision" => report.revisions = count,
                    _ => {}
                }
            }
        }
        for (table, sentence, statement) in RULES {
            let count = self.count(statement).await;
            match note(&mut found, table, count)? {
                Some(count) if count > 0 => found.push(Problem {
                    table,
                    what: format!("{count} {sentence}"),
                }),
                _ => {}
            }
        }
        let contents = self.unreadable_contents().await;
        if let Some(ids) = note(&mut found, "revision", contents)? {
            found.extend(ids.into_iter().map(|what| Problem {
                table: "revision",
                what,
            }));
        }
        let forms = self.unreadable_forms().await;
        if let Some(ids) = note(&mut found, "contribution", forms)? {
            found.extend(ids.into_iter().map(|what| Problem {
                table: "contribution",
                what,
            }));
        }
        let chain = self.broken_chain().await;
        let broken = note(&mut found, "audit", chain)?.unwrap_or_default();
        found.extend(broken);
        report.problems = found;
        Ok(report)
    }

    async fn lines(&self, statement: &'static str) -> Result<Vec<String>> {
        Sql::new(statement)
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| Cells::new(row).owned())
            .collect()
    }

    async fn count(&self, statement: &'static str) -> Result<u64> {
        let row = Sql::new(statement)
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        row.map_or(Ok(0), |row| {
            Ok(u64::try_from(Cells::new(&row).number()?).unwrap_or(0))
        })
    }

    /// Reads every row of a table, which is what meets a damaged page.
    async fn read_through(&self, table: &Table) -> Result<u64> {
        let mut count = 0_u64;
        let mut connection = self.reader().acquire().await.map_err(|e| self.fail(e))?;
        table
            .select()
            .each(&mut connection, |_| {
                count += 1;
                Ok(())
            })
            .await
            .map_err(|e: Interrupted| e.into_store(self))?;
        Ok(count)
    }

    /// The contributions whose form cannot be read.
    async fn unreadable_forms(&self) -> Result<Vec<String>> {
        let mut problems = Vec::new();
        let mut connection = self.reader().acquire().await.map_err(|e| self.fail(e))?;
        Sql::new(
            "SELECT id, form FROM contribution UNION ALL SELECT contribution_id, form FROM contribution_revision",
        )
        .each(&mut connection, |row| {
            let mut cells = Cells::new(&row);
            let id = cells.owned().map_err(Interrupted::Store)?;
            let text = cells.text().map_err(Interrupted::Store)?;
            if DraftInput::from_json(text).is_err() {
                problems.push(format!("the form of contribution {id} cannot be read"));
            }
            Ok(())
        })
        .await
        .map_err(|e: Interrupted| e.into_store(self))?;
        Ok(problems)
    }

    /// The revisions whose content cannot be read.
    async fn unreadable_contents(&self) -> Result<Vec<String>> {
        let mut problems = Vec::new();
        let mut connection = self.reader().acquire().await.map_err(|e| self.fail(e))?;
        Sql::new("SELECT use_case_id, number, content FROM revision")
            .each(&mut connection, |row| {
                let mut cells = Cells::new(&row);
                let id = cells.owned().map_err(Interrupted::Store)?;
                let number = cells.number().map_err(Interrupted::Store)?;
                let readable = id
                    .parse::<UseCaseId>()
                    .is_ok_and(|id| cells.text().and_then(|text| content(id, text)).is_ok());
                if !readable {
                    problems.push(format!("revision {number} of {id} cannot be read"));
                }
                Ok(())
            })
            .await
            .map_err(|e: Interrupted| e.into_store(self))?;
        Ok(problems)
    }
}

/// Turns damage met on the way into a line of the report; other errors end the check.
fn note<T>(found: &mut Vec<Problem>, table: &'static str, result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(StoreError::Corrupt { place, source }) => {
            found.push(Problem {
                table,
                what: format!("{place}: {source}"),
            });
            Ok(None)
        }
        Err(StoreError::NotMigrated) => {
            found.push(Problem {
                table,
                what: "the table is missing".to_owned(),
            });
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
