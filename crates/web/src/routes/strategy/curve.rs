//! The objectives of a roadmap: how far each is, and the curve of one.

use sobria_govern::roadmap::follow::follow;
use sobria_govern::roadmap::paper::{figure, target_words, with_unit};
use sobria_govern::roadmap::strategy::Goal;
use sobria_govern::roadmap::target::Target;
use sobria_govern::roadmap::value::{Value, standing};

use super::Roadmap;
use crate::app::App;
use crate::locale;
use crate::view::ProseTable;
use crate::view::library::Link;
use crate::view::plot::{Axes, Plot};
use crate::view::roadmap::{GoalDetail, GoalRow};

fn base_words(goal: &Goal) -> String {
    goal.baseline().map_or_else(
        || "–".to_owned(),
        |baseline| {
            baseline.value.map_or_else(
                || format!("{}\u{a0}: inconnue", baseline.year),
                |value| format!("{} en {}", with_unit(value, &goal.unit), baseline.year),
            )
        },
    )
}

fn target_of(goal: &Goal) -> String {
    let mut words = target_words(goal.target, &goal.unit);
    if let (Target::Relative(_), Some(value)) = (goal.target, goal.objective().and_then(|one| one.value())) {
        words.push_str(&format!(", soit {}", with_unit(value, &goal.unit)));
    }
    format!("{words} en {}", goal.target_year)
}

pub(super) fn goals(app: &App, road: &Roadmap) -> Vec<GoalRow> {
    let mut list: Vec<&Goal> = road.strategy.goals.iter().collect();
    list.sort_by_key(|goal| (goal.theme, goal.axis));
    list.into_iter()
        .map(|goal| {
            let followed = follow(goal, road.values_of(&goal.id), app.today());
            GoalRow {
                label: goal.label.clone(),
                href: format!("{}?objectif={}#objectif", road.path(), goal.id),
                theme: format!("{} · {}", goal.theme.label(), goal.axis.label()),
                base: base_words(goal),
                target: target_of(goal),
                last: followed.last.map_or_else(
                    || "–".to_owned(),
                    |value| format!("{} ({})", with_unit(value.value, &goal.unit), value.period),
                ),
                status_code: followed.status.code(),
                status: followed.status.label(),
            }
        })
        .collect()
}

/// The last value of each year.
fn yearly(values: &[Value], baseline: u32) -> Vec<(i16, f64)> {
    let mut points: Vec<(i16, f64)> = Vec::new();
    for value in standing(values, baseline) {
        match points.last_mut() {
            Some((year, last)) if *year == value.period.year() => *last = value.value,
            _ => points.push((value.period.year(), value.value)),
        }
    }
    points
}

pub(super) fn detail(app: &App, road: &Roadmap, goal: &Goal) -> GoalDetail {
    let values = road.values_of(&goal.id);
    let followed = follow(goal, values, app.today());
    let mut lines = vec![format!(
        "Indicateur\u{a0}: {} ({}), {}. Base\u{a0}: {}. Cible\u{a0}: {}.",
        goal.indicator,
        goal.unit,
        if goal.direction == sobria_govern::roadmap::target::Direction::Up {
            "à monter"
        } else {
            "à baisser"
        },
        base_words(goal),
        target_of(goal)
    )];
    if !goal.computed.is_empty() {
        lines.push(
            "Cet indicateur est calculé par la bibliothèque, à partir des fiches et de leurs évaluations."
                .to_owned(),
        );
    }
    if let Some(last) = followed.last {
        let mut words = format!(
            "Dernière valeur\u{a0}: {} ({}).",
            with_unit(last.value, &goal.unit),
            last.period
        );
        if let Some(progress) = followed.progress {
            words.push_str(&format!(
                " Chemin parcouru\u{a0}: {}\u{a0}%.",
                locale::decimal(progress, 1)
            ));
        }
        if let Some(gap) = followed.gap {
            words.push_str(&format!(
                " Écart à la trajectoire\u{a0}: {}\u{a0}%{}.",
                locale::decimal(gap.abs() * 100.0, 1),
                if gap > 0.0 { " de retard" } else { " d’avance" }
            ));
        }
        lines.push(words);
    }
    if goal.baseline().is_some_and(|baseline| baseline.value.is_none()) {
        lines.push("Sans valeur de base, une cible en pourcentage ne se calcule pas\u{a0}: elle n’est pas de 0\u{a0}%.".to_owned());
    }
    let former = goal.baselines.len().saturating_sub(1);
    if former > 0 {
        lines.push(
            "La base a changé\u{a0}: la trajectoire et les valeurs d’avant restent tracées, en pointillé."
                .to_owned(),
        );
    }
    let links = if road.writes {
        vec![
            Link::new(
                "Modifier cet objectif",
                format!("{}/objectif?id={}", road.path(), goal.id),
            ),
            Link::new(
                "Ajouter une valeur",
                format!("{}/valeurs?objectif={}#ajouter", road.path(), goal.id),
            ),
        ]
    } else {
        Vec::new()
    };
    GoalDetail {
        title: goal.label.clone(),
        status_code: followed.status.code(),
        status: followed.status.label(),
        lines,
        plot: plot(goal, values),
        table: table(goal, values),
        links,
    }
}

fn plot(goal: &Goal, values: &[Value]) -> Option<Plot> {
    let present = goal.baseline_number();
    let own = yearly(values, present);
    let baseline = goal.baseline()?;
    let way: Vec<(i16, f64)> = (baseline.year..=goal.target_year)
        .take(60)
        .filter_map(|year| Some((year, goal.expected(year)?)))
        .collect();
    let mut old_way = Vec::new();
    let mut old_values = Vec::new();
    // The baseline before is drawn; those before it are in the table.
    if let Some(before) = present.checked_sub(1) {
        let index = usize::try_from(before).unwrap_or(usize::MAX);
        if let Some(former) = goal.baselines.get(index) {
            let objective = goal.objective_from(former);
            old_way = (former.year..=goal.target_year)
                .take(60)
                .filter_map(|year| Some((year, objective.trajectory(year)?)))
                .collect();
            old_values = yearly(values, before);
        }
    }
    let all = || own.iter().chain(&way).chain(&old_way).chain(&old_values);
    let (first, last) = (
        all().map(|(year, _)| *year).min()?,
        all().map(|(year, _)| *year).max()?,
    );
    let highest = all().map(|(_, value)| *value).fold(0.0, f64::max);
    let axes = Axes::new(first, last, highest);
    let mut traces = Vec::new();
    for (class, label, points) in [
        ("c4", "ancienne trajectoire", &old_way),
        ("c3", "anciennes valeurs", &old_values),
        ("c2", "trajectoire", &way),
        ("c1", "valeurs", &own),
    ] {
        if points.len() > 1 {
            traces.push(axes.curve(class, label, points));
        }
    }
    let dots = own
        .last()
        .map(|(year, value)| axes.dot(*year, *value, figure(*value)))
        .into_iter()
        .collect();
    if traces.is_empty() && own.is_empty() {
        return None;
    }
    let said = match (own.first(), own.last()) {
        (Some((first, a)), Some((last, b))) if first != last => format!(
            "De {} en {first} à {} en {last}. Le point est la dernière valeur.",
            with_unit(*a, &goal.unit),
            with_unit(*b, &goal.unit)
        ),
        (Some((year, value)), _) => format!(
            "Une seule valeur\u{a0}: {} en {year}.",
            with_unit(*value, &goal.unit)
        ),
        _ => "Aucune valeur n’est encore relevée\u{a0}: seule la trajectoire est tracée.".to_owned(),
    };
    Some(Plot::new("courbe", &goal.indicator, &goal.unit, axes, traces, dots).said(said))
}

fn table(goal: &Goal, values: &[Value]) -> Option<ProseTable> {
    if values.is_empty() {
        return None;
    }
    let rows = values
        .iter()
        .rev()
        .take(20)
        .map(|value| {
            let range = match (value.low, value.high) {
                (Some(low), Some(high)) => format!("{} à {}", figure(low), figure(high)),
                (Some(low), None) => format!("au moins {}", figure(low)),
                (None, Some(high)) => format!("au plus {}", figure(high)),
                (None, None) => "–".to_owned(),
            };
            let index = usize::try_from(value.baseline).unwrap_or(usize::MAX);
            vec![
                value.period.to_string(),
                with_unit(value.value, &goal.unit),
                range,
                value.quality.label().to_owned(),
                goal.expected(value.period.year())
                    .filter(|_| value.baseline == goal.baseline_number())
                    .map_or_else(|| "–".to_owned(), |expected| with_unit(expected, &goal.unit)),
                goal.baselines
                    .get(index)
                    .map_or_else(|| "–".to_owned(), |baseline| baseline.year.to_string()),
            ]
        })
        .collect();
    Some(ProseTable {
        caption: "Valeurs relevées, la plus récemment écrite d’abord\u{202f}; aucune n’est effacée"
            .to_owned(),
        headers: ["Période", "Valeur", "Fourchette", "Qualité", "Attendu", "Base"]
            .map(str::to_owned)
            .to_vec(),
        rows,
    })
}
