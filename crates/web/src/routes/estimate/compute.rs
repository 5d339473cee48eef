//! `/estimer/calcul`: hours, machines, a place; a range of electricity and greenhouse gases.

mod asked;
mod assumed;
mod compared;
mod fields;
mod proposals;
mod shown;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use sobria_estimate::Reference;
use sobria_estimate::compute::{self, Output};
use sobria_estimate::document::{self, Input};
use sobria_estimate::quantity::Quantity as _;

use super::form::{EXPERT, Form};
use super::{calculator, download};
use asked::field_of_code;
pub use asked::{name_of, read};
pub use fields::places;
use shown::shown;

use crate::app::App;
use crate::error::WebError;
use crate::respond::{HTML, JSON, cached};
use crate::routes::frame::render;
use crate::view::estimate::{EstimatePage, EstimateResult, FormField};

pub const PATH: &str = "/estimer/calcul";
/// Key and summary of the part for models that are trained, then used.
const MODEL: (&str, &str) = ("modele", "Un modèle entraîné, puis utilisé");

/// The calculator of computations.
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
        let result = if asked { estimated(app.reference(), &mut form) } else { None };
        let (fields, expert) = fields::fields(app.reference(), &form);
        let folds = vec![
            form.fold(PATH, MODEL, fields::model(&form), result.is_some()),
            form.fold(PATH, EXPERT, expert, result.is_some()),
        ];
        let all: Vec<FormField> = fields
            .iter()
            .chain(folds.iter().flat_map(|fold| &fold.groups).flat_map(|(_, group)| group))
            .cloned()
            .collect();
        render(&EstimatePage {
            layout: calculator(&app, "Calcul sur des machines connues", PATH, asked).described(
                "Estimer l’électricité et les gaz à effet de serre d’un entraînement ou d’un traitement, d’après sa durée et son matériel.",
            ),
            title: "Estimer un calcul".to_owned(),
            lead: "Un entraînement, une analyse d’images, une prévision\u{a0}: sa durée, ses machines et leur lieu suffisent. Quand le calcul peut être mesuré, mesurez-le plutôt.".to_owned(),
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
                "Vous obtiendrez l’électricité et les gaz à effet de serre du calcul, avec leur fourchette, ce qui pèse le plus et ce qui réduirait le résultat.".to_owned(),
                "Aucun lieu n’est choisi d’avance\u{a0}: le même calcul émet dix à vingt fois plus en Corse ou outre-mer qu’en métropole.".to_owned(),
            ],
            logs: None,
        })
    })
    .await
}

/// What an address asks for.
pub fn request(form: &mut Form) -> Input<'static> {
    Input::Compute(Box::new(read(form)))
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
    let input = Input::Compute(Box::new(read(&mut form)));
    let response = document::Response::to(app.reference(), &input);
    let Some(document::Output::Compute(output)) = response.output.as_ref().filter(|_| !form.is_wrong())
    else {
        return Err(super::no_estimate());
    };
    if form.text("demande").is_some() {
        return Ok(super::request_file(&input));
    }
    if uri.path().ends_with(".json") {
        let mut out = Vec::new();
        response.write(&mut out);
        return Ok(download(out, JSON, "estimation.json"));
    }
    let (central, around) = (output.central(), output.range());
    let text = format!(
        "\u{feff}critere;unite;bas;milieu;haut\nenergy;kWh;{};{};{}\ngwp;gCO2e;{};{};{}\n",
        around.energy_kwh.low().get(),
        central.energy_kwh,
        around.energy_kwh.high().get(),
        around.carbon_g.low().get(),
        central.carbon_g,
        around.carbon_g.high().get(),
    );
    Ok(download(
        text.into_bytes(),
        "text/csv; charset=utf-8",
        "estimation.csv",
    ))
}

fn estimated(reference: &Reference, form: &mut Form) -> Option<EstimateResult> {
    let input = read(form);
    if form.is_wrong() {
        return None;
    }
    match compute::estimate(reference, &input) {
        Ok(outcome) => Some(shown(reference, form, &input, &outcome)),
        Err(codes) => {
            form.refuse_codes(codes.iter().map(AsRef::as_ref), |code| {
                field_of_code(&input, code)
            });
            None
        }
    }
}

/// Bounds of the greenhouse gases, in kilogrammes.
fn climate(output: &Output) -> (f64, f64) {
    let range = output.range();
    (
        range.carbon_g.low().get() / 1000.0,
        range.carbon_g.high().get() / 1000.0,
    )
}

fn energy(output: &Output) -> (f64, f64) {
    let range = output.range();
    (range.energy_kwh.low().get(), range.energy_kwh.high().get())
}
