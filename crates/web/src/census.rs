//! What statistics take of each record, read again only when it changed: a library of ten thousand records is read once
//! for a server that starts, then record by record.

use std::collections::HashMap;

use jiff::civil::Date;
use sobria_catalogue::access::{Level, redact};
use sobria_catalogue::field::Field;
use sobria_catalogue::id::UseCaseId;
use sobria_catalogue::review::review_due_on;
use sobria_catalogue::use_case::UseCase;
use tokio::sync::Mutex;

use crate::app::App;
use crate::error::WebError;

/// Records read at once.
const BATCH: u32 = 500;

/// What is kept of a record: only what everybody may read.
#[derive(Debug, Clone)]
pub struct Counted {
    /// Code of its theme.
    pub theme: Option<String>,
    /// Completeness, in hundredths.
    pub completeness: u8,
    /// The day after which its carrier must confirm it.
    pub due_on: Option<Date>,
    /// Title and reason of a project that was given up and says why.
    pub stopped: Option<(String, String)>,
}

impl Counted {
    fn of(record: UseCase) -> Self {
        let item = redact(record, Level::Public);
        let (record, content) = (item.record(), item.content());
        let stopped = (content.code(Field::Maturity) == Some("abandonne"))
            .then(|| content.text(Field::AbandonmentReason))
            .flatten()
            .map(|reason| (content.title().to_owned(), reason.to_owned()));
        Self {
            theme: content.code(Field::Theme).map(str::to_owned),
            completeness: record.completeness,
            due_on: record
                .last_reviewed_on
                .and_then(|day| review_due_on(content, day)),
            stopped,
        }
    }
}

#[derive(Debug)]
struct Known {
    /// Everything up to this catalogue revision is counted.
    revision: i64,
    records: HashMap<UseCaseId, Counted>,
}

/// The records counted so far.
#[derive(Debug, Default)]
pub struct Census {
    known: Mutex<Option<Known>>,
}

impl Census {
    /// Brings the count up to date, and gives it to `then` with the number of records that had to be read.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn with<T>(
        &self,
        app: &App,
        then: impl FnOnce(&HashMap<UseCaseId, Counted>, usize) -> T,
    ) -> Result<T, WebError> {
        let mut known = self.known.lock().await;
        // Taken first: what is written meanwhile is read again the next time.
        let revision = app.store.catalogue_revision().await?;
        let mut read = 0;
        match known.as_mut() {
            Some(known) if known.revision == revision => {}
            Some(known) => {
                for changed in app.store.changed_since(known.revision).await? {
                    match changed.record {
                        Some(record) => {
                            read += 1;
                            known.records.insert(changed.id, Counted::of(record));
                        }
                        None => {
                            known.records.remove(&changed.id);
                        }
                    }
                }
                known.revision = revision;
            }
            None => {
                let mut records = HashMap::new();
                let mut after = None;
                loop {
                    let batch = app.store.stream_published(after, BATCH).await?;
                    let Some(last) = batch.last() else { break };
                    after = Some(last.id);
                    read += batch.len();
                    records.extend(batch.into_iter().map(|record| (record.id, Counted::of(record))));
                }
                *known = Some(Known { revision, records });
            }
        }
        Ok(match known.as_ref() {
            Some(known) => then(&known.records, read),
            None => then(&HashMap::new(), read),
        })
    }
}
