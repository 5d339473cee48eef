//! The roadmap as open data.

use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use serde_json::json;
use sobria_exchange::table::{Table, csv};
use sobria_govern::roadmap::follow::follow;

use super::Roadmap;
use crate::app::App;
use crate::error::WebError;
use crate::respond::JSON;
use crate::routes::govern::{CSV, attachment};
use crate::session::Reader;

/// The same as open data: `.csv` holds values, `.json` everything that is public.
///
/// # Errors
/// When nothing of it is public.
pub async fn file(State(app): State<App>, uri: Uri, Path(slug): Path<String>) -> Result<Response, WebError> {
    let road = Roadmap::load(&app, &slug, &Reader::default()).await?;
    if road.kept.is_empty() {
        return Err(WebError::NotFound);
    }
    let strategy = &road.strategy;
    let text = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    if uri.path().ends_with(".csv") {
        let rows = road
            .rows
            .iter()
            .filter_map(|row| {
                let goal = strategy.goal(&row.goal)?;
                Some(vec![
                    goal.id.clone(),
                    goal.label.clone(),
                    goal.theme.code().to_owned(),
                    goal.axis.code().to_owned(),
                    goal.indicator.clone(),
                    goal.unit.clone(),
                    row.period.clone(),
                    row.value.to_string(),
                    text(row.low),
                    text(row.high),
                    row.quality.clone(),
                    row.baseline.to_string(),
                    text(
                        row.period
                            .get(..4)
                            .and_then(|year| year.parse().ok())
                            .and_then(|year| goal.expected(year)),
                    ),
                    row.made_at.to_string(),
                ])
            })
            .collect();
        let table = Table {
            title: "Feuille de route".to_owned(),
            headers: [
                "objectif",
                "libelle",
                "theme",
                "axe",
                "indicateur",
                "unite",
                "periode",
                "valeur",
                "basse",
                "haute",
                "qualite",
                "base",
                "attendu",
                "ecrite_le",
            ]
            .map(str::to_owned)
            .to_vec(),
            rows,
        };
        let bytes = csv(&table).map_err(|error| WebError::Internal(error.to_string()))?;
        return Ok(attachment(bytes, CSV, &format!("feuille-de-route-{slug}.csv")));
    }
    let today = app.today();
    let document = json!({
        "organisation": road.organisation.to_json(),
        "url": format!("{}{}", app.settings.base_url, road.path()),
        "licence": app.settings.site.licence,
        "version": road.version(),
        "title": strategy.title,
        "stage": strategy.stage,
        "adopted_on": strategy.adopted_on,
        "start_year": strategy.start_year,
        "end_year": strategy.end_year,
        "objectives": strategy.goals.iter().map(|goal| {
            let values = road.values_of(&goal.id);
            let followed = follow(goal, values, today);
            json!({
                "id": goal.id, "label": goal.label, "theme": goal.theme, "axis": goal.axis,
                "indicator": goal.indicator, "unit": goal.unit, "direction": goal.direction,
                "computed": !goal.computed.is_empty(),
                "baselines": goal.baselines, "target_year": goal.target_year, "target": goal.target,
                "target_value": followed.target, "milestones": goal.milestones,
                "status": followed.status, "progress_pct": followed.progress,
                "values": values.iter().map(|value| json!({
                    "period": value.period.to_string(), "value": value.value, "low": value.low, "high": value.high,
                    "quality": value.quality, "baseline": value.baseline,
                })).collect::<Vec<_>>(),
            })
        }).collect::<Vec<_>>(),
        "measures": strategy.measures.iter().map(|measure| json!({
            "id": measure.id, "objective": measure.goal, "sheet": measure.sheet, "label": measure.label,
            "description": measure.description, "start": measure.start, "end": measure.end,
            "budget_eur": measure.budget_eur, "fte": measure.fte, "stage": measure.stage,
            "drop_reason": measure.drop_reason, "progress_pct": measure.progress_pct,
            "expected_effect": measure.expected_effect,
        })).collect::<Vec<_>>(),
    });
    let mut response = attachment(
        document.to_string().into_bytes(),
        JSON,
        &format!("feuille-de-route-{slug}.json"),
    );
    response
        .headers_mut()
        .remove(axum::http::header::CONTENT_DISPOSITION);
    Ok(response)
}
