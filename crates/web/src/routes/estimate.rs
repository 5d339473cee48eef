//! `/estimer`: the calculators. The inputs of a result are in its address; nothing is stored.

pub mod against;
pub mod attach;
mod compute;
mod example;
pub mod form;
pub mod gaps;
mod llm;
pub mod log;
mod marks;
mod measure;
mod method;
mod result;
mod service;

use axum::extract::State;
use axum::http::{HeaderMap, Uri, header};
use axum::response::Response;
use sobria_estimate::document::{Input, Method};

pub use compute::{document as compute_document, page as compute};
pub use example::page as example;
pub use llm::fields::{MODELS, PLACES};
pub use llm::{document as llm_document, page as llm};
pub use marks::page as marks;
pub use measure::page as measure;
pub use method::page as method;
pub use service::{document as service_document, page as service};

use crate::app::App;
use crate::assets::Assets;
use crate::error::WebError;
use crate::respond::{HTML, JSON, cached};
use crate::routes::frame::{frame, render};
use crate::view::estimate::EstimateHomePage;
use crate::view::layout::Crumb;
use crate::view::library::Link;
use crate::view::{Layout, Place};

/// The choice of a calculator.
///
/// # Errors
/// When a template fails.
pub async fn home(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, HTML, async {
        let door = |title: &str, text: &str, label: &str, href: &str| {
            (title.to_owned(), text.to_owned(), Link::new(label, href))
        };
        render(&EstimateHomePage {
            layout: frame(&app, Place::Estimate, "Évaluer", "/estimer").described(
                "Estimer l’énergie, les gaz à effet de serre, l’eau et les métaux d’un usage de l’intelligence artificielle, avec fourchettes et sources.",
            ),
            doors: vec![
                door(
                    "Un assistant, un modèle de langage",
                    "Des agents interrogent un modèle\u{a0}: rédaction, résumé, réponse aux habitants. Nombre d’agents, usages par jour, modèle.",
                    "Estimer un usage d’IA générative",
                    "/estimer/ia-generative",
                ),
                door(
                    "Un calcul, un entraînement",
                    "Un traitement tourne sur des machines connues\u{a0}: entraîner un modèle, analyser des images, prévoir une consommation.",
                    "Estimer un calcul",
                    "/estimer/calcul",
                ),
                door(
                    "Un service entier",
                    "Données, entraînement, exploitation, terminaux, réseau\u{a0}: réunir ce qui est mesuré, estimé ou déclaré, et montrer ce qui manque.",
                    "Évaluer un service",
                    "/estimer/service",
                ),
                door(
                    "Une électricité mesurée",
                    "Un compteur ou CodeCarbon a mesuré l’électricité\u{a0}: donnez-lui ses gaz à effet de serre, ou vérifiez un chiffre publié.",
                    "Partir d’une mesure",
                    "/estimer/mesure",
                ),
            ],
        })
    })
    .await
}

/// The frame of a calculator. Results are as many as addresses: search engines keep the empty form.
fn calculator(app: &App, title: &str, path: &str, asked: bool) -> Layout {
    let mut layout = frame(app, Place::Estimate, title, path)
        .under(vec![Crumb::to("Évaluer", "/estimer"), Crumb::here(title)]);
    layout.indexed &= !asked;
    layout.scripted = true;
    layout.assets.js = Assets::embedded().path("estimate.js").to_owned();
    layout
}

/// The request of an estimate, as `sobria admin evaluation add` and the interface take it.
fn request_text(input: &Input<'_>) -> String {
    let request = match input {
        Input::Llm(input) => serde_json::json!({"method": Method::LlmInference.id(), "input": input}),
        Input::Compute(input) => serde_json::json!({"method": Method::ComputeJob.id(), "input": input}),
        // No page makes one: steps of a measure are sent by programs.
        Input::Measurement(_) => serde_json::json!({"method": Method::Measurement.id()}),
    };
    request.to_string()
}

/// The answer to an address whose settings give no estimate.
fn no_estimate() -> WebError {
    WebError::Invalid(
        "Les réglages de cette adresse ne donnent pas d’estimation\u{a0}: ouvrez la page du calculateur pour les corriger.".to_owned(),
    )
}

/// The same as a file.
fn request_file(input: &Input<'_>) -> Response {
    download(request_text(input).into_bytes(), JSON, "demande.json")
}

/// A file made from the address, to download.
pub fn download(body: Vec<u8>, media_type: &'static str, name: &str) -> Response {
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(media_type));
    if let Ok(value) = header::HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    headers.insert(
        header::CACHE_CONTROL,
        header::HeaderValue::from_static("no-cache"),
    );
    response
}
