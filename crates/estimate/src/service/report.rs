//! What an evaluation says of itself: who made it, why, how good its data are, who read it again, what proves it.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;

use super::terms::{Goal, Quality};
use crate::json::{Taker, is_object};

/// Highest mark of data quality; 1 is the lowest.
const QUALITY_MAX: f64 = 5.0;

/// The account of an evaluation; every member may be absent.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Report {
    /// Version of the evaluation, in the words of its author.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Who made it: a function or a service rather than a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<Goal>,
    /// Marks of the data, from 1 to 5, in the order of [`Quality`].
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "marks")]
    pub data_quality: Vec<(Quality, f64)>,
    /// Mean of these marks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_quality_mean: Option<f64>,
    /// What it does not say, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<String>,
    /// Who read it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reviewer: Option<String>,
    /// Documents and addresses that prove it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
}

fn marks<S: serde::Serializer>(marks: &[(Quality, f64)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(marks.iter().map(|(quality, mark)| (quality.id(), mark)))
}

type Text<'a> = Option<Cow<'a, str>>;

/// Reads the member `report` of a document.
pub(super) fn read(raw: &RawValue, taker: &mut Taker<'_>) -> Option<Report> {
    if !is_object(raw.get()) {
        taker.report("invalid-type", "report");
        return None;
    }
    let from = taker.errors.len();
    let (mut version, mut author, mut date): (Text<'_>, Text<'_>, Text<'_>) = (None, None, None);
    let (mut goal, mut limits, mut reviewer): (Text<'_>, Text<'_>, Text<'_>) = (None, None, None);
    let mut evidence: Option<Vec<String>> = None;
    let mut marks: Vec<(Quality, f64)> = Vec::new();
    taker.members("report", raw, |taker, name, full, raw| match name {
        "version" => taker.text(&mut version, full, raw),
        "author" => taker.text(&mut author, full, raw),
        "date" => taker.text(&mut date, full, raw),
        "goal" => taker.text(&mut goal, full, raw),
        "limits" => taker.text(&mut limits, full, raw),
        "reviewer" => taker.text(&mut reviewer, full, raw),
        "evidence" => match serde_json::from_str(raw.get()) {
            _ if evidence.is_some() => taker.report("duplicate-field", full),
            Ok(list) => evidence = Some(list),
            Err(_) => taker.report("invalid-type", full),
        },
        "data_quality" => taker.members(full, raw, |taker, name, full, raw| {
            let Some(quality) = Quality::named(name) else {
                return taker.report("unknown-field", full);
            };
            let mut mark = None;
            taker.number(&mut mark, full, raw);
            let Some(mark) = mark else { return };
            if marks.iter().any(|(known, _)| *known == quality) {
                taker.report("duplicate-field", full);
            } else if (1.0..=QUALITY_MAX).contains(&mark) {
                marks.push((quality, mark));
            } else {
                taker.report("out-of-range", full);
            }
        }),
        // Computed: a document that was written by this program may be read again.
        "data_quality_mean" => {}
        _ => taker.report("unknown-field", full),
    });
    let goal = goal.map(|id| (Goal::named(&id), id)).and_then(|(goal, _)| {
        if goal.is_none() {
            taker.report("out-of-range", "report.goal");
        }
        goal
    });
    if taker.errors.len() > from {
        return None;
    }
    marks.sort_by_key(|(quality, _)| *quality);
    let own = |text: Text<'_>| text.map(Cow::into_owned).filter(|text| !text.trim().is_empty());
    Some(Report {
        version: own(version),
        author: own(author),
        date: own(date),
        goal,
        data_quality_mean: mean(&marks),
        data_quality: marks,
        limits: own(limits),
        reviewer: own(reviewer),
        evidence: evidence.unwrap_or_default(),
    })
}

fn mean(marks: &[(Quality, f64)]) -> Option<f64> {
    let count = u32::try_from(marks.len()).ok().filter(|count| *count > 0)?;
    Some(marks.iter().map(|(_, mark)| mark).sum::<f64>() / f64::from(count))
}
