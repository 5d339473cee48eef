//! What the records of an organisation say to its committee.

use std::collections::HashMap;

use jiff::tz::TimeZone;
use serde_json::Value as Json;
use sobria_catalogue::access::{Level, VisibleUseCase};
use sobria_catalogue::content::Value;
use sobria_catalogue::evaluation::{Amount, Evaluation};
use sobria_catalogue::field::Field;
use sobria_catalogue::id::UseCaseId;
use sobria_catalogue::query::{CatalogueQuery, Sort};
use sobria_govern::roadmap::committee::{GoalSeen, MeasureSeen, Seen, tiles};
use sobria_govern::roadmap::facts::{Evaluated, OrganisationFacts, ProjectFacts, Range};
use sobria_govern::roadmap::follow::follow;
use sobria_govern::roadmap::training::Trained;
use sobria_store::{AssessmentKind, Subject};

use super::Roadmap;
use crate::app::App;
use crate::error::WebError;
use crate::routes::cards::visible;
use crate::routes::govern::frugality;
use crate::routes::govern::purchase::impact_clauses;

/// Most records of one organisation.
const MOST: usize = 1000;

const fn range(amount: Amount) -> Range {
    Range {
        low: amount.low,
        central: amount.central,
        high: amount.high,
    }
}

/// Water of a year, when the method says it: that of one request times the requests.
fn water(evaluation: &Evaluation) -> Option<Range> {
    let answer: Json = serde_json::from_str(&evaluation.answer).ok()?;
    let water = answer.get("output")?.get("wcf")?;
    let bound = |name: &str| water.get(name).and_then(Json::as_f64);
    let (low, high) = match water.as_f64() {
        Some(one) => (one, one),
        None => (bound("min").or(bound("low"))?, bound("max").or(bound("high"))?),
    };
    let times = u32::try_from(evaluation.requests_per_year).map_or(f64::from(u32::MAX), f64::from);
    Some(Range {
        low: low * times,
        central: f64::midpoint(low, high) * times,
        high: high * times,
    })
}

fn evaluated(evaluation: &Evaluation) -> Evaluated {
    let request: Json = serde_json::from_str(&evaluation.request).unwrap_or_default();
    Evaluated {
        made_on: evaluation.made_at.to_zoned(TimeZone::UTC).date(),
        energy_kwh: range(evaluation.energy_kwh),
        gwp_kg: range(evaluation.gwp_kg),
        water_l: water(evaluation),
        requests: evaluation.requests_per_year,
        pue_given: request
            .get("input")
            .and_then(|input| input.get("pue"))
            .is_some_and(|pue| !pue.is_null()),
    }
}

fn open_resources(item: &VisibleUseCase) -> usize {
    match item.content().get(Field::Resources) {
        Some(Value::Links(links)) => links
            .iter()
            .filter(|link| link.url.is_some() && link.access.as_deref().is_none_or(|access| access == "open"))
            .count(),
        _ => 0,
    }
}

/// The records of an organisation at a level.
pub async fn records(app: &App, road: &Roadmap, level: Level) -> Result<Vec<VisibleUseCase>, WebError> {
    let query = CatalogueQuery {
        organisation: Some(road.organisation.id),
        sort: Sort::Title,
        limit: MOST,
        ..CatalogueQuery::default()
    };
    let ids = app.index.find(&query, level)?.ids;
    visible(app, &ids, level).await
}

/// Everything that indicators and the committee stand on, for those who look inside.
pub async fn gather(app: &App, road: &Roadmap) -> Result<OrganisationFacts, WebError> {
    let items = records(app, road, Level::Organisation).await?;
    let ids: Vec<UseCaseId> = items.iter().map(|item| item.record().id).collect();
    let mut evaluations: HashMap<UseCaseId, Vec<Evaluation>> = HashMap::new();
    for one in app.store.evaluations_of(&ids, Level::Organisation).await? {
        evaluations.entry(one.use_case).or_default().push(one);
    }
    let mut projects = Vec::new();
    for item in &items {
        let id = item.record().id;
        let mut own = evaluations.remove(&id).unwrap_or_default();
        own.sort_by_key(|one| std::cmp::Reverse(one.made_at));
        let cap = app
            .store
            .assessments_of(
                AssessmentKind::Frugality,
                Subject::UseCase(id),
                Level::Organisation,
            )
            .await?
            .first()
            .and_then(frugality::parse)
            .and_then(|(assessment, _)| assessment.filter.usage_cap);
        projects.push(ProjectFacts {
            title: item.content().title().to_owned(),
            id: id.to_string(),
            running: !matches!(
                item.content().code(Field::Maturity),
                Some("termine" | "abandonne")
            ),
            completeness: item.record().completeness,
            evaluations: own.iter().map(evaluated).collect(),
            open_resources: open_resources(item),
            requests_cap: cap,
        });
    }
    let reused = app.store.reused_by(road.organisation.id).await?;
    let today = app.today();
    Ok(OrganisationFacts {
        purchases: impact_clauses(app, road.organisation.id).await?,
        projects,
        reused: usize::try_from(reused).unwrap_or(usize::MAX),
        trained: Trained::of(&road.sessions, road.strategy.staff, road.strategy.elected, today),
        staff: road.strategy.staff,
        today,
    })
}

/// What a committee sees today.
pub fn seen(road: &Roadmap, facts: &OrganisationFacts) -> Seen {
    let tally = facts.tally();
    let strategy = &road.strategy;
    let goals = strategy
        .goals
        .iter()
        .map(|goal| {
            let followed = follow(goal, road.values_of(&goal.id), facts.today);
            let seen = GoalSeen {
                label: goal.label.clone(),
                status: followed.status,
                value: followed.last.map(|value| value.value),
                unit: goal.unit.clone(),
            };
            (goal.id.clone(), seen)
        })
        .collect();
    let measures = strategy
        .measures
        .iter()
        .map(|measure| {
            let seen = MeasureSeen {
                label: measure.label.clone(),
                stage: measure.stage,
                progress_pct: measure.progress_pct,
            };
            (measure.id.clone(), seen)
        })
        .collect();
    let above = facts
        .projects
        .iter()
        .filter_map(|project| {
            let cap = project.requests_cap?;
            let requests = project.evaluations.first()?.requests;
            let requests = u32::try_from(requests).map_or(f64::from(u32::MAX), f64::from);
            (requests > cap).then(|| (project.title.clone(), requests, cap))
        })
        .collect();
    Seen {
        tiles: tiles(&tally, strategy, facts.today),
        caps: strategy.caps.clone(),
        counted: (tally.counted, tally.spending),
        goals,
        measures,
        above,
    }
}
