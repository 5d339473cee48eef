//! `/estimer/service`: a whole service, line by line: measures, statements of suppliers, results of the calculators.

mod asked;
mod compared;
mod fields;
mod proposals;
mod shown;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use sobria_estimate::Reference;
use sobria_estimate::french::{Scale, range};
use sobria_estimate::service::{Change, Indicator, Range};

use super::form::Form;
use super::{calculator, download};
use crate::app::App;
use crate::error::WebError;
use crate::respond::{HTML, JSON, cached};
use crate::routes::frame::render;
use crate::view::estimate::{EstimatePage, FormField};
use asked::{LINES_MAX, document_of, name, outcome_of, shown_lines};
use fields::{fields, report_fields};
use shown::shown;

pub(super) const PATH: &str = "/estimer/service";
/// Key and summary of the account.
const REPORT_FOLD: (&str, &str) = (
    "compte-rendu",
    "Compte rendu\u{a0}: auteur, but, qualité des données",
);

/// The document of an address, to be kept, and how many times a year: it is one of a year.
pub(super) fn request(reference: &Reference, form: &mut Form) -> Option<(String, f64)> {
    outcome_of(reference, form)?;
    Some((document_of(form).to_string(), 1.0))
}

/// The evaluation of a service.
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
        let asked = (1..=LINES_MAX).any(|line| !form.value(&name(line, "origine")).is_empty());
        let outcome = if asked { outcome_of(app.reference(), &mut form) } else { None };
        let result = outcome.map(|(evaluation, outcome)| shown(app.reference(), &form, &evaluation, &outcome));
        let (fields, groups) = fields(&form);
        let all: Vec<FormField> = fields
            .iter()
            .chain(groups.iter().flat_map(|(_, group)| group))
            .chain(report_fields(&form).iter().flat_map(|(_, group)| group))
            .cloned()
            .collect();
        let folds = vec![form.fold(PATH, REPORT_FOLD, report_fields(&form), result.is_some())];
        let lines = shown_lines(&form);
        let mut layout = calculator(&app, "Un service entier", PATH, asked).described(
            "Évaluer un service d’IA phase par phase\u{a0}: ce qui est mesuré, estimé, déclaré, et ce qui manque.",
        );
        // Its lines are many: the form is sent when it is ready, not at each key.
        layout.scripted = false;
        render(&EstimatePage {
            layout,
            title: "Évaluer un service entier".to_owned(),
            lead: "Données, entraînement, exploitation, terminaux, réseau\u{a0}: une ligne pour chaque chose connue. Ce qui ne l’est pas reste visible, sans chiffre.".to_owned(),
            action: PATH.to_owned(),
            address: form.with(&format!("{}{PATH}", app.settings.base_url), &[]),
            more_href: if lines < LINES_MAX {
                form.with(PATH, &[("lignes", Some((lines + 1).to_string()))])
            } else {
                String::new()
            },
            folds,
            errors: form.errors(&all),
            with: form.value("avec").to_owned(),
            fields,
            groups,
            result,
            before: vec![
                "Vous obtiendrez un total par an et par unité, la part de ce qui est couvert, et la grille de ce qui manque.".to_owned(),
                "Deux évaluations du même service à deux périodes donnent aussi l’effet rebond.".to_owned(),
            ],
            logs: None,
        })
    })
    .await
}

/// The evaluation as the document of the interface.
///
/// # Errors
/// When the address does not give an evaluation.
pub async fn document(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let mut form = Form::read(query.as_deref().unwrap_or_default());
    let (evaluation, outcome) = outcome_of(app.reference(), &mut form).ok_or_else(|| {
        WebError::Invalid(
            "Cette adresse ne donne pas d’évaluation\u{a0}: ouvrez la page pour la corriger.".to_owned(),
        )
    })?;
    let failed = |error: serde_json::Error| WebError::Internal(error.to_string());
    if form.text("demande").is_some() {
        return Ok(download(
            serde_json::to_vec(&evaluation).map_err(failed)?,
            JSON,
            "demande.json",
        ));
    }
    if form.text(proposals::VARIANT).is_some() {
        let variant = proposals::asked(app.reference(), &form, &evaluation).ok_or(WebError::NotFound)?;
        return Ok(download(
            serde_json::to_vec(&variant).map_err(failed)?,
            JSON,
            "demande.json",
        ));
    }
    Ok(download(
        serde_json::to_vec(&outcome).map_err(failed)?,
        JSON,
        "evaluation.json",
    ))
}

const fn scale_of(indicator: Indicator) -> Scale {
    match indicator {
        Indicator::Energy => Scale::Energy,
        Indicator::Gwp => Scale::Climate,
        Indicator::Adpe => Scale::Metals,
        Indicator::Pe => Scale::PrimaryEnergy,
        Indicator::Water => Scale::Water,
    }
}

fn words(value: Range, indicator: Indicator) -> String {
    range(value.low(), value.high(), scale_of(indicator), 2)
}

fn change_words(change: Change, indicator: Indicator) -> String {
    let scale = scale_of(indicator);
    let (low, high) = (change.low, change.high);
    if high <= 0.0 {
        format!("− {}", range(-high, -low, scale, 2))
    } else if low >= 0.0 {
        format!("+ {}", range(low, high, scale, 2))
    } else {
        format!(
            "de − {} à + {}, incertaine",
            range(-low, -low, scale, 2),
            range(high, high, scale, 2)
        )
    }
}
