//! `/estimer/ia-generative`: people, uses, a model, a place; a yearly range.

mod asked;
mod assumed;
mod compared;
pub(super) mod fields;
mod grade;
mod proposals;
mod shown;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use sobria_estimate::document::{self, Input};
use sobria_estimate::llm::{self, Impacts};
use sobria_estimate::quantity::{Interval, Quantity};
use sobria_estimate::sentence;

use super::form::{EXPERT, Form};
use super::{calculator, download};
use asked::field_of_code;
pub use asked::{name_of, read};
pub use fields::PLACES;
use fields::fields;
pub use proposals::changes_of;
use shown::shown;

use crate::app::App;
use crate::error::WebError;
use crate::respond::{HTML, JSON, cached};
use crate::routes::frame::render;
use crate::view::estimate::{EstimatePage, EstimateResult, FormField};

pub const PATH: &str = "/estimer/ia-generative";

/// The calculator of generative AI.
///
/// # Errors
/// When a template fails.
pub async fn page(
    State(app): State<App>,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, HTML, async {
        let mut form = Form::read(query.as_deref().unwrap_or_default());
        let asked = !form.is_blank();
        let result = if asked { estimated(&app, &mut form) } else { None };
        let (fields, expert) = fields(&form);
        let all: Vec<FormField> = fields
            .iter()
            .chain(expert.iter().flat_map(|(_, group)| group))
            .cloned()
            .collect();
        let folds = vec![form.fold(PATH, EXPERT, expert, result.is_some())];
        render(&EstimatePage {
            layout: calculator(&app, "Usage d’IA générative", PATH, asked).described(
                "Estimer l’empreinte annuelle d’un assistant ou d’un modèle de langage employé par des agents, avec sa fourchette.",
            ),
            title: "Estimer un usage d’IA générative".to_owned(),
            lead: "Combien de personnes, pour quoi faire, avec quel modèle\u{202f}? Le reste a une valeur par défaut, que vous pouvez changer.".to_owned(),
            action: PATH.to_owned(),
            address: form.with(&format!("{}{PATH}", app.settings.base_url), &[]),
            folds,
            errors: form.errors(&all),
            with: form.value("avec").to_owned(),
            fields,
            groups: Vec::new(),
            more_href: String::new(),
            result,
            before: vec![
                "Vous obtiendrez une fourchette par an en électricité, gaz à effet de serre, eau et métaux, ce qui est connu et ce qui est supposé, et ce qui réduirait le résultat.".to_owned(),
                "Les modèles sont ceux d’EcoLogits 0.11.3\u{202f}; la méthode compte la production de la réponse, pas l’entraînement du modèle.".to_owned(),
            ],
            logs: None,
        })
    })
    .await
}

/// What an address asks for, and how many times a year.
pub fn request(form: &mut Form) -> (Input<'static>, f64) {
    let asked = read(form);
    let times = asked.scaling.requests_per_year();
    (Input::Llm(Box::new(asked.input)), times)
}

/// The estimate as a file: the document of the interface, or a table.
///
/// # Errors
/// When the address does not give an estimate.
pub async fn document(
    State(app): State<App>,
    uri: Uri,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let mut form = Form::read(query.as_deref().unwrap_or_default());
    let asked = read(&mut form);
    let reference = app.reference();
    let response = document::Response::to(reference, &Input::Llm(Box::new(asked.input.clone())));
    if form.is_wrong() || !response.errors.is_empty() {
        return Err(super::no_estimate());
    }
    if form.text("demande").is_some() {
        return Ok(super::request_file(&Input::Llm(Box::new(asked.input))));
    }
    if uri.path().ends_with(".json") {
        let mut out = Vec::new();
        response.write(&mut out);
        return Ok(download(out, JSON, "estimation.json"));
    }
    let outcome = llm::estimate(reference, &asked.input)
        .map_err(|_codes| WebError::Invalid("Ces réglages ne donnent pas d’estimation.".to_owned()))?;
    let one = outcome.output.totals();
    let requests = asked.scaling.requests_per_year();
    let year = one
        .times(requests)
        .map_err(|code| WebError::Invalid(sentence(&code).into_owned()))?;
    let mut text = String::from("\u{feff}critere;unite;requetes;bas;milieu;haut\n");
    for (requests, impacts) in [(1.0, &one), (requests, &year)] {
        for line in csv_lines(impacts) {
            let [criterion, unit, low, central, high] = line;
            text.push_str(&format!("{criterion};{unit};{requests};{low};{central};{high}\n"));
        }
    }
    Ok(download(
        text.into_bytes(),
        "text/csv; charset=utf-8",
        "estimation.csv",
    ))
}

fn csv_lines(impacts: &Impacts) -> [[String; 5]; 5] {
    fn line<Q: Quantity>(criterion: &str, unit: &str, interval: Interval<Q>) -> [String; 5] {
        [
            criterion.to_owned(),
            unit.to_owned(),
            interval.low().get().to_string(),
            interval.central().to_string(),
            interval.high().get().to_string(),
        ]
    }
    [
        line("energy", "kWh", impacts.energy),
        line("gwp", "kgCO2e", impacts.gwp),
        line("adpe", "kgSbeq", impacts.adpe),
        line("pe", "MJ", impacts.pe),
        line("wcf", "L", impacts.wcf),
    ]
}

/// What the address asks, estimated; nothing when something is wrong in it, which the form then says.
fn estimated(app: &App, form: &mut Form) -> Option<EstimateResult> {
    let reference = app.reference();
    let asked = read(form);
    if form.is_wrong() {
        return None;
    }
    let outcome = match llm::estimate(reference, &asked.input) {
        Ok(outcome) => outcome,
        Err(codes) => {
            form.refuse_codes(codes.iter().map(AsRef::as_ref), |code| {
                field_of_code(code).map(str::to_owned)
            });
            return None;
        }
    };
    let requests = asked.scaling.requests_per_year();
    let year = match outcome.output.totals().times(requests) {
        Ok(year) => year,
        Err(code) => {
            form.refuse_codes([code.as_ref()], |_| Some("agents".to_owned()));
            return None;
        }
    };
    Some(shown(reference, form, &asked, &outcome, requests, &year))
}
