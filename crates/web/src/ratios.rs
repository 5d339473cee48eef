//! Measures set against estimates: what the library holds of them, as lines for pages, files and the interface.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Value as Json, json};
use sobria_catalogue::access::{Level, redact};
use sobria_catalogue::evaluation::ratio::{Distribution, FEWEST, Known, distribution};
use sobria_catalogue::evaluation::{Evaluation, MeasuredRatio, Perimeter};
use sobria_catalogue::id::EvaluationId;
use sobria_estimate::perimeter::{Electricity, of_answer};

use crate::app::App;
use crate::error::WebError;
use crate::evaluations::SERVICE;

/// A ratio with both of its figures and the record that it is of.
#[derive(Debug, Clone)]
pub struct Line {
    /// The ratio.
    pub ratio: MeasuredRatio,
    /// The measure.
    pub measured: Evaluation,
    /// The estimate.
    pub estimated: Evaluation,
    /// Title of the record.
    pub title: String,
    /// End of its address.
    pub slug: String,
}

/// What is known of a measure and an estimate, once its carrier has said what the measure takes in.
pub fn known(measured: &Evaluation, perimeter: Perimeter, estimated: &Evaluation) -> Known {
    let estimated = if estimated.method == SERVICE {
        None
    } else {
        of_answer(&estimated.answer).map(|electricity| match electricity {
            Electricity::Machines => Perimeter::Machines,
            Electricity::Room => Perimeter::Room,
        })
    };
    Known {
        measured: perimeter,
        measured_fraction: fraction(measured),
        estimated,
    }
}

/// Share of a measure that a counter read, when it is known.
fn fraction(measured: &Evaluation) -> Option<f64> {
    let request: Json = serde_json::from_str(&measured.request).ok()?;
    request.get("input")?.get("measured_fraction")?.as_f64()
}

/// Every public comparison, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn all(app: &App) -> Result<Vec<Line>, WebError> {
    let ratios = app.store.ratios(Level::Public).await?;
    if ratios.is_empty() {
        return Ok(Vec::new());
    }
    let mut ids: Vec<_> = ratios.iter().map(|ratio| ratio.use_case).collect();
    ids.sort_unstable();
    ids.dedup();
    let evaluations: HashMap<EvaluationId, Evaluation> = app
        .store
        .evaluations_of(&ids, Level::Public)
        .await?
        .into_iter()
        .map(|one| (one.id, one))
        .collect();
    let records: HashMap<_, _> = app
        .store
        .use_cases_by_ids(&ids)
        .await?
        .into_iter()
        .map(|record| {
            let item = redact(record, Level::Public);
            let words = (item.content().title().to_owned(), item.record().slug.clone());
            (item.record().id, words)
        })
        .collect();
    Ok(ratios
        .into_iter()
        .filter_map(|ratio| {
            let (title, slug) = records.get(&ratio.use_case)?.clone();
            Some(Line {
                ratio,
                measured: evaluations.get(&ratio.measured)?.clone(),
                estimated: evaluations.get(&ratio.estimated)?.clone(),
                title,
                slug,
            })
        })
        .collect())
}

/// What the ratios of lines say together.
pub fn together<'l>(lines: impl IntoIterator<Item = &'l Line>) -> Distribution {
    let ratios: Vec<f64> = lines.into_iter().map(|line| line.ratio.central).collect();
    distribution(&ratios)
}

/// Columns of the table of comparisons.
pub const COLUMNS: [&str; 21] = [
    "use_case_id",
    "use_case_title",
    "perimeter",
    "ratio_min",
    "ratio_central",
    "ratio_max",
    "measured_id",
    "measured_title",
    "measured_fraction",
    "measured_energy_min_kwh_per_year",
    "measured_energy_central_kwh_per_year",
    "measured_energy_max_kwh_per_year",
    "estimated_id",
    "estimated_title",
    "estimated_method",
    "estimated_method_version",
    "estimated_reference_version",
    "estimated_energy_min_kwh_per_year",
    "estimated_energy_central_kwh_per_year",
    "estimated_energy_max_kwh_per_year",
    "compared_at",
];

/// One row of that table: numbers to the last digit.
pub fn row(line: &Line) -> Vec<String> {
    let (ratio, measured, estimated) = (&line.ratio, &line.measured, &line.estimated);
    vec![
        ratio.use_case.to_string(),
        line.title.clone(),
        ratio.perimeter.code().to_owned(),
        ratio.low.to_string(),
        ratio.central.to_string(),
        ratio.high.to_string(),
        measured.id.to_string(),
        measured.title.clone(),
        fraction(measured)
            .map(|share| share.to_string())
            .unwrap_or_default(),
        measured.energy_kwh.low.to_string(),
        measured.energy_kwh.central.to_string(),
        measured.energy_kwh.high.to_string(),
        estimated.id.to_string(),
        estimated.title.clone(),
        estimated.method.clone(),
        estimated.method_version.clone(),
        estimated.reference_version.clone(),
        estimated.energy_kwh.low.to_string(),
        estimated.energy_kwh.central.to_string(),
        estimated.energy_kwh.high.to_string(),
        ratio.kept_at.to_string(),
    ]
}

/// A ratio as JSON, beside the evaluations of its record.
#[derive(Debug, Serialize)]
pub struct Brief {
    measured: EvaluationId,
    estimated: EvaluationId,
    perimeter: &'static str,
    ratio: Bounds,
    compared_at: jiff::Timestamp,
}

#[derive(Debug, Serialize)]
struct Bounds {
    min: f64,
    central: f64,
    max: f64,
}

/// A ratio as JSON.
pub fn brief(ratio: &MeasuredRatio) -> Brief {
    Brief {
        measured: ratio.measured,
        estimated: ratio.estimated,
        perimeter: ratio.perimeter.code(),
        ratio: Bounds {
            min: ratio.low,
            central: ratio.central,
            max: ratio.high,
        },
        compared_at: ratio.kept_at,
    }
}

/// Every public comparison with their distribution.
pub fn document(lines: &[Line]) -> Json {
    let found = together(lines);
    let items: Vec<Json> = lines
        .iter()
        .map(|line| {
            let mut item = json!(brief(&line.ratio));
            if let Json::Object(item) = &mut item {
                item.insert("use_case_id".to_owned(), json!(line.ratio.use_case));
                item.insert("measured".to_owned(), crate::evaluations::brief(&line.measured));
                item.insert("estimated".to_owned(), crate::evaluations::brief(&line.estimated));
            }
            item
        })
        .collect();
    let middle = found.spread.filter(|_| found.count >= FEWEST);
    json!({
        "items": items,
        "distribution": {
            "count": found.count,
            "within_factor_two": found.within_two,
            "min": found.spread.map(|spread| spread.least),
            "median": middle.map(|spread| spread.median),
            "max": found.spread.map(|spread| spread.greatest),
            "class_upper_bounds": sobria_catalogue::evaluation::ratio::CLASSES,
            "class_counts": found.classes,
        },
    })
}
