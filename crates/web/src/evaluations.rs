//! Estimates attached to records: made from a request, made again with the present tables, written as JSON.

mod file;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};
use sobria_catalogue::evaluation::{Amount, Evaluation, Reach};
use sobria_catalogue::id::{EvaluationId, UseCaseId};
use sobria_estimate::service::{Evaluation as Evaluated, Indicator, METHOD_VERSION, evaluate};
use sobria_estimate::yearly::{Bracket, Yearly};
use sobria_estimate::{Code, Reference, document};

pub use file::{AttachError, attach};

/// Two figures closer than this, one to the other, are the same.
const SAME: f64 = 1e-9;

/// Longest title of an evaluation, in characters.
pub const TITLE_MAX: usize = 200;

/// What a person gives to attach an estimate to a record.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// Identifier of the new evaluation.
    pub id: EvaluationId,
    /// The record.
    pub use_case: UseCaseId,
    /// What is estimated.
    pub title: &'a str,
    /// Who may read it.
    pub reach: Reach,
    /// How many times a year the request is made.
    pub requests_per_year: u64,
    /// One request, a JSON document.
    pub request: &'a str,
    /// When.
    pub now: Timestamp,
    /// Who.
    pub author: &'a str,
}

/// Computes what will be stored.
///
/// # Errors
/// The codes of what is wrong in the request.
pub fn make(reference: &Reference, draft: Draft<'_>) -> Result<Evaluation, Vec<Code>> {
    let request = draft.request.trim();
    let answered = answer(reference, request, number(draft.requests_per_year))?;
    let year = answered.year;
    Ok(Evaluation {
        id: draft.id,
        use_case: draft.use_case,
        title: draft.title.trim().to_owned(),
        reach: draft.reach,
        requests_per_year: draft.requests_per_year,
        request: request.to_owned(),
        method: answered.method,
        method_version: answered.method_version,
        reference_version: answered.reference_version,
        answer: answered.text,
        grade: year.grade.map(|grade| format!("{grade:?}")),
        energy_kwh: amount(year.energy_kwh),
        gwp_kg: amount(year.gwp_kg),
        made_at: draft.now,
        author: draft.author.to_owned(),
    })
}

/// The name of the method of a whole service, beside those of [`document::Method`].
pub const SERVICE: &str = "service_evaluation";

/// What a request gives, whatever its method.
struct Answered {
    method: String,
    method_version: String,
    reference_version: String,
    text: String,
    year: Yearly,
}

/// Answers a kept request: one of a method, or the document of a whole service, which has lines.
fn answer(reference: &Reference, request: &str, times: f64) -> Result<Answered, Vec<Code>> {
    let is_service =
        serde_json::from_str::<Map<String, Json>>(request).is_ok_and(|members| members.contains_key("lines"));
    if is_service {
        return service(reference, request, times);
    }
    let answer = document::answer(reference, request);
    let Some(output) = &answer.output else {
        return Err(answer.errors);
    };
    let year = output.per_year(times).map_err(|code| vec![code])?;
    let mut written = Vec::new();
    answer.write(&mut written);
    Ok(Answered {
        method: answer.method.as_deref().unwrap_or("").to_owned(),
        method_version: answer.method_version.unwrap_or("").to_owned(),
        reference_version: answer.reference_version.as_ref().to_owned(),
        text: String::from_utf8(written).unwrap_or_default(),
        year,
    })
}

fn service(reference: &Reference, request: &str, times: f64) -> Result<Answered, Vec<Code>> {
    let evaluation = Evaluated::read(request)?;
    let outcome = evaluate(reference, &evaluation)?;
    // A year without electricity or without greenhouse gases is not zero: it cannot stand beside the others.
    let total = |indicator: Indicator, field: &'static str| {
        outcome
            .total(indicator)
            .and_then(|total| total.annual)
            .map(|annual| Bracket {
                low: annual.low() * times,
                central: annual.central() * times,
                high: annual.high() * times,
            })
            .ok_or_else(|| vec![Code::Borrowed(field)])
    };
    Ok(Answered {
        method: SERVICE.to_owned(),
        method_version: METHOD_VERSION.to_owned(),
        reference_version: reference.version().to_owned(),
        text: serde_json::to_string(&outcome).unwrap_or_default(),
        year: Yearly {
            energy_kwh: total(Indicator::Energy, "missing:indicators.energy")?,
            gwp_kg: total(Indicator::Gwp, "missing:indicators.gwp")?,
            grade: None,
        },
    })
}

/// An evaluation made again with the present method and tables.
#[derive(Debug, Clone, PartialEq)]
pub enum Again {
    /// The same figures.
    Same,
    /// Other figures.
    Other {
        /// Electricity of a year, in kWh.
        energy_kwh: Amount,
        /// Greenhouse gases of a year, in kg CO₂e.
        gwp_kg: Amount,
        /// Why, in French.
        reason: String,
        /// Version of the method.
        method_version: String,
        /// Edition of the tables.
        reference_version: String,
    },
    /// The request can no longer be answered; why, in French.
    Impossible(String),
}

/// Makes an evaluation again.
pub fn again(reference: &Reference, evaluation: &Evaluation) -> Again {
    let times = number(evaluation.requests_per_year);
    let Answered {
        year,
        method_version,
        reference_version,
        ..
    } = match answer(reference, &evaluation.request, times) {
        Ok(answered) => answered,
        Err(codes) => return Again::Impossible(sentences(&codes)),
    };
    let (energy_kwh, gwp_kg) = (amount(year.energy_kwh), amount(year.gwp_kg));
    if same(energy_kwh, evaluation.energy_kwh) && same(gwp_kg, evaluation.gwp_kg) {
        return Again::Same;
    }
    let mut reasons = Vec::new();
    if method_version != evaluation.method_version {
        reasons.push(format!(
            "la méthode est passée de la version {} à la version {method_version}",
            evaluation.method_version
        ));
    }
    if reference_version != evaluation.reference_version {
        reasons.push(format!(
            "les tables de référence sont passées de l’édition {} à l’édition {reference_version}",
            evaluation.reference_version
        ));
    }
    if reasons.is_empty() {
        reasons.push("le logiciel calcule autrement".to_owned());
    }
    Again::Other {
        energy_kwh,
        gwp_kg,
        reason: reasons.join(" ; "),
        method_version,
        reference_version,
    }
}

/// The sentences of codes, one after the other.
pub fn sentences(codes: &[Code]) -> String {
    codes
        .iter()
        .map(|code| sobria_estimate::sentence(code))
        .collect::<Vec<_>>()
        .join(" ")
}

/// The record with its evaluations. Requests and answers are written as they were, to the last digit.
///
/// # Errors
/// When a stored document is not JSON.
pub fn document(
    record: &Map<String, Json>,
    evaluations: &[Evaluation],
    reference: &Reference,
) -> Result<String, serde_json::Error> {
    let evaluations = evaluations
        .iter()
        .map(|evaluation| full(evaluation, reference))
        .collect::<Result<Vec<_>, _>>()?;
    serde_json::to_string(&Record { record, evaluations })
}

/// An evaluation in a list: without its request and answer.
pub fn brief(evaluation: &Evaluation) -> Json {
    serde_json::to_value(head(evaluation)).unwrap_or_default()
}

/// Columns of the table of evaluations.
pub const COLUMNS: [&str; 15] = [
    "id",
    "use_case_id",
    "title",
    "method",
    "method_version",
    "reference_version",
    "requests_per_year",
    "reliability",
    "energy_min_kwh_per_year",
    "energy_central_kwh_per_year",
    "energy_max_kwh_per_year",
    "gwp_min_kgco2e_per_year",
    "gwp_central_kgco2e_per_year",
    "gwp_max_kgco2e_per_year",
    "made_at",
];

/// One row of that table: numbers to the last digit.
pub fn row(evaluation: &Evaluation) -> Vec<String> {
    let (energy, gwp) = (evaluation.energy_kwh, evaluation.gwp_kg);
    vec![
        evaluation.id.to_string(),
        evaluation.use_case.to_string(),
        evaluation.title.clone(),
        evaluation.method.clone(),
        evaluation.method_version.clone(),
        evaluation.reference_version.clone(),
        evaluation.requests_per_year.to_string(),
        evaluation.grade.clone().unwrap_or_default(),
        energy.low.to_string(),
        energy.central.to_string(),
        energy.high.to_string(),
        gwp.low.to_string(),
        gwp.central.to_string(),
        gwp.high.to_string(),
        evaluation.made_at.to_string(),
    ]
}

/// One evaluation on one line, with its record, its request and its answer.
///
/// # Errors
/// When a stored document is not JSON.
pub fn line(evaluation: &Evaluation) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct Line<'a> {
        use_case_id: UseCaseId,
        #[serde(flatten)]
        head: Head<'a>,
        request: Box<RawValue>,
        answer: Box<RawValue>,
    }
    // A raw line break is a blank of the document, never a part of a text: digits are written as they were.
    let on_one_line = |text: &str| RawValue::from_string(text.replace(['\n', '\r'], " "));
    serde_json::to_string(&Line {
        use_case_id: evaluation.use_case,
        head: head(evaluation),
        request: on_one_line(&evaluation.request)?,
        answer: on_one_line(&evaluation.answer)?,
    })
}

#[derive(Serialize)]
struct Record<'a> {
    #[serde(flatten)]
    record: &'a Map<String, Json>,
    evaluations: Vec<Full<'a>>,
}

#[derive(Serialize)]
struct Full<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    request: &'a RawValue,
    answer: &'a RawValue,
    recomputed: Option<Recomputed>,
}

/// The author is left out: visitors need not know who.
#[derive(Serialize)]
struct Head<'a> {
    id: EvaluationId,
    title: &'a str,
    visibility: &'static str,
    requests_per_year: u64,
    method: &'a str,
    method_version: &'a str,
    reference_version: &'a str,
    reliability: Option<&'a str>,
    energy_kwh_per_year: Range,
    gwp_kgco2e_per_year: Range,
    made_at: Timestamp,
}

#[derive(Serialize)]
struct Range {
    min: f64,
    central: f64,
    max: f64,
}

#[derive(Serialize)]
struct Recomputed {
    energy_kwh_per_year: Option<Range>,
    gwp_kgco2e_per_year: Option<Range>,
    reason: String,
}

fn head(evaluation: &Evaluation) -> Head<'_> {
    Head {
        id: evaluation.id,
        title: &evaluation.title,
        visibility: evaluation.reach.code(),
        requests_per_year: evaluation.requests_per_year,
        method: &evaluation.method,
        method_version: &evaluation.method_version,
        reference_version: &evaluation.reference_version,
        reliability: evaluation.grade.as_deref(),
        energy_kwh_per_year: evaluation.energy_kwh.into(),
        gwp_kgco2e_per_year: evaluation.gwp_kg.into(),
        made_at: evaluation.made_at,
    }
}

fn full<'a>(evaluation: &'a Evaluation, reference: &Reference) -> Result<Full<'a>, serde_json::Error> {
    Ok(Full {
        head: head(evaluation),
        request: serde_json::from_str(&evaluation.request)?,
        answer: serde_json::from_str(&evaluation.answer)?,
        recomputed: match again(reference, evaluation) {
            Again::Same => None,
            Again::Other {
                energy_kwh,
                gwp_kg,
                reason,
                ..
            } => Some(Recomputed {
                energy_kwh_per_year: Some(energy_kwh.into()),
                gwp_kgco2e_per_year: Some(gwp_kg.into()),
                reason,
            }),
            Again::Impossible(reason) => Some(Recomputed {
                energy_kwh_per_year: None,
                gwp_kgco2e_per_year: None,
                reason,
            }),
        },
    })
}

impl From<Amount> for Range {
    fn from(amount: Amount) -> Self {
        Self {
            min: amount.low,
            central: amount.central,
            max: amount.high,
        }
    }
}

fn amount(bracket: Bracket) -> Amount {
    Amount {
        low: bracket.low,
        central: bracket.central,
        high: bracket.high,
    }
}

fn same(one: Amount, other: Amount) -> bool {
    let close = |a: f64, b: f64| (a - b).abs() <= SAME * a.abs().max(b.abs());
    close(one.low, other.low) && close(one.central, other.central) && close(one.high, other.high)
}

/// A count as a factor; beyond 2⁵³ the nearest number, far above any use.
#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "no number of requests comes near 2^53"
)]
fn number(count: u64) -> f64 {
    count as f64
}
