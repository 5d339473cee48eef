//! Evaluations of a file, attached to records known by their title.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::value::RawValue;
use sobria_catalogue::evaluation::{Evaluation, MeasuredRatio, Perimeter, Reach};
use sobria_catalogue::id::EvaluationId;
use sobria_estimate::Reference;
use sobria_store::{Decision, Store};
use uuid::Uuid;

use super::{Draft, make, sentences};
use crate::ratios::known;

/// One line of a file of evaluations for records known by their title.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    /// Title of the record.
    use_case: String,
    /// Title of the evaluation.
    title: String,
    requests_per_year: u64,
    visibility: String,
    #[serde(borrow)]
    request: &'a RawValue,
    /// The estimate that this measure is set against.
    compared: Option<Compared>,
}

/// A comparison of a measure.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Compared {
    /// Title of an estimate of the same record, written above in the file.
    with: String,
    perimeter: String,
}

/// A file of evaluations that cannot be attached.
#[derive(Debug, thiserror::Error)]
pub enum AttachError {
    /// The file is not a list of evaluations.
    #[error("the file of evaluations cannot be read: {0}")]
    Syntax(#[from] serde_json::Error),
    /// A line names no published record, has an unknown visibility, or asks for what cannot be estimated.
    #[error("«\u{a0}{line}\u{a0}»\u{a0}: {cause}")]
    Line {
        /// Title of the evaluation.
        line: String,
        /// What is wrong, in French.
        cause: String,
    },
    /// The database does not answer.
    #[error(transparent)]
    Store(#[from] sobria_store::StoreError),
}

/// Attaches the evaluations of a file to the published records of those titles, as the demonstration needs.
///
/// # Errors
/// At the first line that cannot be attached; those before it are.
pub async fn attach(
    store: &Store,
    reference: &Reference,
    file: &str,
    author: &str,
    now: Timestamp,
) -> Result<usize, AttachError> {
    let lines: Vec<Line<'_>> = serde_json::from_str(file)?;
    let mut records = HashMap::new();
    let mut after = None;
    loop {
        let batch = store.stream_published(after, 500).await?;
        let Some(last) = batch.last() else { break };
        after = Some(last.id);
        records.extend(
            batch
                .iter()
                .map(|record| (same_title(record.content.title()), record.id)),
        );
    }
    let mut attached = Vec::new();
    for line in &lines {
        let refuse = |cause: &str| AttachError::Line {
            line: line.title.clone(),
            cause: cause.to_owned(),
        };
        let draft = Draft {
            id: EvaluationId::new(Uuid::now_v7()),
            use_case: *records
                .get(&same_title(&line.use_case))
                .ok_or_else(|| refuse("aucune fiche publiée ne porte ce titre."))?,
            title: &line.title,
            reach: Reach::from_code(&line.visibility).ok_or_else(|| refuse("visibilité inconnue."))?,
            requests_per_year: line.requests_per_year,
            request: line.request.get(),
            now,
            author,
        };
        let evaluation = make(reference, draft).map_err(|codes| refuse(&sentences(&codes)))?;
        store.add_evaluation(&evaluation).await?;
        if let Some(compared) = &line.compared {
            let perimeter =
                Perimeter::from_code(&compared.perimeter).ok_or_else(|| refuse("périmètre inconnu."))?;
            let estimate = attached
                .iter()
                .find(|one: &&Evaluation| one.use_case == evaluation.use_case && one.title == compared.with)
                .ok_or_else(|| refuse("aucune estimation de la même fiche ne porte le titre donné."))?;
            let known = known(&evaluation, perimeter, estimate);
            let ratio = MeasuredRatio::of(&evaluation, estimate, known, now)
                .map_err(|refusal| refuse(&refusal.sentence()))?;
            let decision = Decision {
                actor: author,
                reason: "",
                now,
            };
            store.keep_ratio(&ratio, decision).await?;
        }
        attached.push(evaluation);
    }
    Ok(lines.len())
}

/// A title whose spaces count alike, no-break ones included.
fn same_title(title: &str) -> String {
    title.split_whitespace().collect::<Vec<_>>().join(" ")
}
