//! What came of the last request to each address that records hold.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::error::Result;
use crate::row::{Cells, Row};
use crate::sql::Sql;
use crate::store::{Store, retry};

/// What is known of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkCheck {
    /// The address.
    pub url: String,
    /// When it was last asked.
    pub checked_at: Timestamp,
    /// Code of what came of it.
    pub verdict: String,
    /// Status of the answer, when there was one.
    pub status: Option<u16>,
    /// Failures in a row.
    pub failures: u32,
    /// The first of them.
    pub failing_since: Option<Timestamp>,
}

impl Store {
    /// What is known of every address that was asked.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn link_checks(&self) -> Result<HashMap<String, LinkCheck>> {
        let rows =
            Sql::new("SELECT url, checked_at, verdict, status, failures, failing_since FROM link_check")
                .all(self.reader())
                .await
                .map_err(|e| self.fail(e))?;
        by_url(&rows)
    }

    /// What is known of some addresses.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn link_checks_of(&self, urls: &[String]) -> Result<HashMap<String, LinkCheck>> {
        if urls.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = Sql::new(
            "SELECT url, checked_at, verdict, status, failures, failing_since FROM link_check WHERE url IN ",
        )
        .list(urls.iter().take(500).map(String::as_str))
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?;
        by_url(&rows)
    }

    /// Writes down what came of a request; a failure counts with those before it.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn note_link(
        &self,
        url: &str,
        verdict: &str,
        status: Option<u16>,
        failed: bool,
        now: Timestamp,
    ) -> Result<()> {
        retry(|| async {
            Sql::new(
                "INSERT INTO link_check (url, checked_at, verdict, status, failures, failing_since) \
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (url) DO UPDATE SET checked_at = excluded.checked_at, \
                 verdict = excluded.verdict, status = excluded.status, \
                 failures = CASE WHEN excluded.failures = 0 THEN 0 ELSE link_check.failures + 1 END, \
                 failing_since = CASE WHEN excluded.failures = 0 THEN NULL \
                 ELSE COALESCE(link_check.failing_since, excluded.failing_since) END",
            )
            .value(url)
            .value(now.as_millisecond())
            .value(verdict)
            .value(status.map(i64::from))
            .value(i64::from(failed))
            .value(failed.then_some(now.as_millisecond()))
            .execute(self.writer())
            .await
            .map(|_| ())
            .map_err(|e| self.fail(e))
        })
        .await
    }

    /// Forgets addresses that no record holds any more; says how many.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn forget_links(&self, urls: &[String]) -> Result<u64> {
        let mut gone = 0;
        for chunk in urls.chunks(500) {
            gone += Sql::new("DELETE FROM link_check WHERE url IN ")
                .list(chunk.iter().map(String::as_str))
                .execute(self.writer())
                .await
                .map_err(|e| self.fail(e))?;
        }
        Ok(gone)
    }
}

fn by_url(rows: &[Row]) -> Result<HashMap<String, LinkCheck>> {
    rows.iter()
        .map(|row| {
            let check = check(&mut Cells::new(row))?;
            Ok((check.url.clone(), check))
        })
        .collect()
}

fn check(cells: &mut Cells<'_>) -> Result<LinkCheck> {
    Ok(LinkCheck {
        url: cells.owned()?,
        checked_at: cells.time()?,
        verdict: cells.owned()?,
        status: cells
            .number_or_null()?
            .and_then(|status| u16::try_from(status).ok()),
        failures: u32::try_from(cells.number()?).unwrap_or(u32::MAX),
        failing_since: cells.time_or_null()?,
    })
}
