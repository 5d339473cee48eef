//! Terms of open lists: one takes the place of another, and the records that hold it follow with a version of their own.

use jiff::Timestamp;
use sobria_catalogue::content::Value;
use sobria_catalogue::field::Field;
use sobria_catalogue::id::{UseCaseId, UserId};
use sobria_catalogue::text::fold_key;

use crate::error::Result;
use crate::revisions::NewRevision;
use crate::row::{Cells, content};
use crate::sql::Sql;
use crate::store::{Store, retry};

/// A term that another takes the place of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermRule {
    /// The list.
    pub list: Field,
    /// The term, as it was written.
    pub term: String,
    /// What takes its place; blank for nothing.
    pub replacement: String,
    /// Who decided.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// What a replacement did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Replaced {
    /// Records that have a new version.
    pub records: u64,
    /// Records left as they are: a newer version of them waits for a decision.
    pub left: u64,
}

impl Store {
    /// Puts a term in the place of another in every one of `records`, each with a version of its own, and remembers it.
    ///
    /// # Errors
    /// When the database cannot be written: then nothing was.
    pub async fn replace_term(&self, rule: &TermRule, records: &[UseCaseId], by: UserId) -> Result<Replaced> {
        retry(|| self.replace_term_once(rule, records, by)).await
    }

    async fn replace_term_once(
        &self,
        rule: &TermRule,
        records: &[UseCaseId],
        by: UserId,
    ) -> Result<Replaced> {
        let mut transaction = self.begin_write().await?;
        let revision = self.next_revision(&mut transaction).await?;
        let now = rule.at.as_millisecond();
        let list = rule.list.spec();
        let mut done = Replaced::default();
        let reason = if rule.replacement.is_empty() {
            format!(
                "{}\u{a0}: «\u{a0}{}\u{a0}» retiré de la liste",
                list.label, rule.term
            )
        } else {
            format!(
                "{}\u{a0}: «\u{a0}{}\u{a0}» devient «\u{a0}{}\u{a0}»",
                list.label, rule.term, rule.replacement
            )
        };
        for id in records {
            let row = Sql::new(
                "SELECT u.version, u.published_number, r.content, r.completeness FROM use_case u \
                 JOIN revision r ON r.use_case_id = u.id AND r.number = u.published_number \
                 WHERE u.id = $1 AND u.status IN ('published', 'archived')",
            )
            .value(id.to_string())
            .first(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
            let Some(row) = row else { continue };
            let mut cells = Cells::new(&row);
            let (version, published) = (cells.number()?, cells.number()?);
            let mut content = content(*id, cells.text()?)?;
            let completeness = cells.number()?;
            let Some(names) = renamed(content.get(rule.list), rule) else {
                continue;
            };
            if version != published {
                done.left += 1;
                continue;
            }
            if names.is_empty() {
                content.take(rule.list);
            } else {
                content.set(rule.list, Value::Names(names));
            }
            let new = NewRevision {
                use_case: *id,
                number: version + 1,
                content: &content,
                completeness,
                reason: &reason,
                author: &by.to_string(),
                at: rule.at,
            };
            self.replace_published_revision(&mut transaction, &new, revision)
                .await?;
            done.records += 1;
        }
        Sql::new(
            "INSERT INTO term_rule (list, term_key, term, replacement, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (list, term_key) DO UPDATE SET term = excluded.term, replacement = excluded.replacement, \
             made_by = excluded.made_by, made_at = excluded.made_at",
        )
        .value(list.id)
        .value(fold_key(&rule.term))
        .value(rule.term.as_str())
        .value(rule.replacement.as_str())
        .value(by.to_string())
        .value(now)
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        // A term that is wanted again is no longer replaced.
        Sql::new("DELETE FROM term_rule WHERE list = $1 AND term_key = $2 AND term_key <> $3")
            .value(list.id)
            .value(fold_key(&rule.replacement))
            .value(fold_key(&rule.term))
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        self.audit(
            &mut transaction,
            revision,
            rule.at,
            &by.to_string(),
            "term-replace",
            list.id,
            &format!("{} > {}", rule.term, rule.replacement),
        )
        .await?;
        transaction.commit().await.map_err(|e| self.fail(e))?;
        Ok(done)
    }

    /// Terms that others take the place of, the newest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn term_rules(&self) -> Result<Vec<TermRule>> {
        let rows = Sql::new(
            "SELECT list, term, replacement, made_by, made_at FROM term_rule ORDER BY made_at DESC, term_key",
        )
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?;
        let mut rules = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut cells = Cells::new(row);
            let list = Field::by_id(cells.text()?);
            let (term, replacement, by) = (cells.owned()?, cells.owned()?, cells.owned()?);
            let at = cells.time()?;
            // A field that left the table of fields has no list any more.
            if let Some(list) = list {
                rules.push(TermRule {
                    list,
                    term,
                    replacement,
                    by,
                    at,
                });
            }
        }
        Ok(rules)
    }
}

/// The terms of a record once one took the place of another; nothing when it does not hold that one.
fn renamed(value: Option<&Value>, rule: &TermRule) -> Option<Vec<String>> {
    let Some(Value::Names(names)) = value else {
        return None;
    };
    let key = fold_key(&rule.term);
    // Only its very writing counts when it is the writing that changes.
    let same_key = key == fold_key(&rule.replacement);
    let is_it = |name: &String| {
        if same_key {
            *name == rule.term
        } else {
            fold_key(name) == key
        }
    };
    if !names.iter().any(is_it) {
        return None;
    }
    let mut kept: Vec<String> = Vec::with_capacity(names.len());
    for name in names {
        let name = if is_it(name) {
            rule.replacement.clone()
        } else {
            name.clone()
        };
        if !name.is_empty() && !kept.iter().any(|one| fold_key(one) == fold_key(&name)) {
            kept.push(name);
        }
    }
    Some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_replaced_once_whatever_its_case_and_a_writing_alone_too() {
        let rule = |term: &str, replacement: &str| TermRule {
            list: Field::Tags,
            term: term.to_owned(),
            replacement: replacement.to_owned(),
            by: String::new(),
            at: Timestamp::UNIX_EPOCH,
        };
        let names = |names: &[&str]| Value::Names(names.iter().map(|name| (*name).to_owned()).collect());
        let done = |value: &Value, rule: &TermRule| renamed(Some(value), rule);
        assert_eq!(
            done(
                &names(&["Eau", "capteurs", "hydraulique"]),
                &rule("eau", "hydraulique")
            ),
            Some(vec!["hydraulique".to_owned(), "capteurs".to_owned()])
        );
        assert_eq!(
            done(&names(&["iot"]), &rule("iot", "IoT")),
            Some(vec!["IoT".to_owned()])
        );
        assert_eq!(done(&names(&["IoT"]), &rule("iot", "IoT")), None);
        assert_eq!(done(&names(&["test"]), &rule("test", "")), Some(Vec::new()));
        assert_eq!(done(&names(&["autre"]), &rule("test", "")), None);
    }
}
