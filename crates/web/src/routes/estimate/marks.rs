//! `/estimer/reperes`: every equivalent of one result, as a table; the result pages show two of them by rule.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use sobria_estimate::equivalents;
use sobria_estimate::french::Scale;
use sobria_estimate::reference::Criterion;

use super::form::Form;
use super::result::between;
use crate::app::App;
use crate::error::WebError;
use crate::respond::{HTML, cached};
use crate::routes::frame::{frame, render};
use crate::routes::text::prose;
use crate::view::Place;
use crate::view::layout::Crumb;
use crate::view::library::Link;
use crate::view::prose::{ProseSection, ProseTable};

const PATH: &str = "/estimer/reperes";
/// Counts that say something: below, and above, nobody pictures them.
const TOLD: std::ops::RangeInclusive<f64> = 0.005..=99_999.0;

/// The address of every equivalent of a result.
pub fn address(criterion: Criterion, (low, high): (f64, f64)) -> String {
    format!("{PATH}?critere={}&bas={low}&haut={high}", criterion.id())
}

const fn scale(criterion: Criterion) -> (Scale, &'static str) {
    match criterion {
        Criterion::Climate => (Scale::Climate, "Climat"),
        Criterion::Energy => (Scale::Energy, "Électricité"),
        Criterion::Water => (Scale::Water, "Eau"),
        Criterion::Metals => (Scale::Metals, "Métaux"),
        Criterion::PrimaryEnergy => (Scale::PrimaryEnergy, "Énergie primaire"),
    }
}

/// The equivalents of a result.
///
/// # Errors
/// When the address holds no criterion, or no two bounds in order.
pub async fn page(
    State(app): State<App>,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, HTML, async {
        let mut form = Form::read(query.as_deref().unwrap_or_default());
        let asked = Criterion::ALL
            .into_iter()
            .find(|criterion| criterion.id() == form.value("critere"))
            .zip(form.number("bas").zip(form.number("haut")))
            .filter(|(_, (low, high))| *low >= 0.0 && low <= high && high.is_finite());
        let Some((criterion, (low, high))) = asked else {
            return Err(WebError::Invalid(
                "Cette adresse ne donne pas de quantité à rapporter à des repères\u{a0}: partez d’un résultat du calculateur.".to_owned(),
            ));
        };
        let (scale, name) = scale(criterion);
        let rows: Vec<Vec<String>> = equivalents::others(app.reference(), criterion, low, high)
            .into_iter()
            .filter(|shown| TOLD.contains(&shown.high))
            .map(|shown| {
                vec![
                    shown.sentence,
                    shown.row.scope.to_owned(),
                    format!("{}, {}", shown.row.source, shown.row.year),
                ]
            })
            .collect();
        let mut section = ProseSection::new(
            "reperes",
            name,
            if rows.is_empty() {
                "Aucun repère de la table n’est à la taille de cette quantité."
            } else {
                "Chaque repère a son périmètre\u{a0}: un résultat limité à l’usage de l’électricité se compare en disant «\u{a0}usage seul\u{a0}»."
            },
        );
        section.links = vec![Link::new("La table des équivalents", "/donnees/tables/equivalents")];
        if !rows.is_empty() {
            section.table = Some(ProseTable {
                caption: format!("Repères pour {}", between(low, high, scale)),
                headers: ["Repère", "Ce qui y est compté", "Source"].map(str::to_owned).to_vec(),
                rows,
            });
        }
        let mut layout = frame(&app, Place::Estimate, "Repères", PATH)
            .under(vec![Crumb::to("Évaluer", "/estimer"), Crumb::here("Repères")]);
        layout.indexed = false;
        render(&prose(
            layout,
            "Repères",
            &format!("Le résultat d’abord\u{a0}: {}. Un repère aide à le lire, il ne le remplace pas.", between(low, high, scale)),
            vec![section],
        ))
    })
    .await
}
