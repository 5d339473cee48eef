//! The values that a result rests on, as rows that a reader can take in.

use sobria_estimate::compute::{self, Output};

use super::super::result::exact;
use super::asked;
use super::asked::{OF_TRAINING, OF_USE, field_of, jobs, name_of};
use crate::view::estimate::AssumptionRow;

/// One row for a value of the training and the same value of the use.
pub(super) fn paired(rows: Vec<AssumptionRow>) -> Vec<AssumptionRow> {
    let (uses, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.name.starts_with(OF_USE));
    let mut uses: Vec<Option<AssumptionRow>> = uses.into_iter().map(Some).collect();
    let mut together: Vec<AssumptionRow> = rows
        .into_iter()
        .map(|mut row| {
            let Some(name) = row.name.strip_prefix(OF_TRAINING).map(str::to_owned) else {
                return row;
            };
            let same = |used: &&mut Option<AssumptionRow>| {
                used.as_ref()
                    .is_some_and(|used| used.name.strip_prefix(OF_USE) == Some(name.as_str()))
            };
            if let Some(used) = uses.iter_mut().find(same).and_then(Option::take) {
                if used.value != row.value {
                    row.value = format!("{OF_TRAINING}{}\u{202f}; {OF_USE}{}", row.value, used.value);
                }
                if used.source != row.source || used.chosen != row.chosen {
                    row.source = format!("{}\u{202f}; {}\u{a0}: {}", row.source, used.chosen, used.source);
                }
                row.name = name;
            }
            row
        })
        .collect();
    together.extend(uses.into_iter().flatten());
    together
}

/// The five settings of the periods as one row, and no row for the size of retrainings that do not take place.
pub(super) fn in_one_calendar(rows: Vec<AssumptionRow>) -> Vec<AssumptionRow> {
    let names = [
        "input_period_value",
        "input_period_unit",
        "reporting_period_value",
        "reporting_period_unit",
        "calendar",
    ]
    .map(name_of);
    let (parts, mut rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| names.contains(&row.name));
    let of = |name: &String| {
        let part = parts.iter().find(|row| row.name == *name);
        part.map_or("", |row| row.value.as_str())
    };
    // The size of what does not happen changes nothing.
    let retrainings = name_of("n_retrainings");
    if rows.iter().any(|row| row.name == retrainings && row.value == "0") {
        let size = name_of("retraining_factor");
        rows.retain(|row| row.name != size);
    }
    let [described, unit, reported, reported_unit, calendar] = &names;
    let words = |value: &str| match value {
        "hour" => "heure",
        "day" => "jour",
        "week" => "semaine",
        "month" => "mois",
        "year" => "an",
        _ => "",
    };
    let mut sources: Vec<&str> = parts.iter().map(|row| row.source.as_str()).collect();
    sources.dedup();
    if let Some(first) = parts.first() {
        rows.push(AssumptionRow {
            name: "Périodes".to_owned(),
            value: format!(
                "utilisation par {} {}, bilan de {} {}, calendrier {}",
                of(described),
                words(of(unit)),
                of(reported),
                words(of(reported_unit)),
                of(calendar)
            ),
            source: sources.join("\u{202f}; "),
            chosen: first.chosen,
            field: "rythme".to_owned(),
        });
    }
    rows
}

/// How many times the use is counted, which the reporting period and the calendar give.
pub(super) fn periods(output: &Output) -> Option<AssumptionRow> {
    let Output::Ai(ai) = output else { return None };
    let part = ai.inference.as_ref()?;
    Some(AssumptionRow {
        name: "Utilisations comptées dans le bilan".to_owned(),
        value: exact(part.scale_factor),
        source: "périodes du bilan, selon le calendrier".to_owned(),
        chosen: "calculé",
        field: "rythme".to_owned(),
    })
}

/// What was typed and that the estimate does not list: with it the calculation can be made again by hand.
pub(super) fn given(input: &compute::Input<'static>) -> Vec<AssumptionRow> {
    let use_alone = asked::is_use_alone(input);
    jobs(input)
        .into_iter()
        .flat_map(|(prefix, job)| {
            [
                ("runtime_h", job.runtime_h, "h"),
                ("n_cpu_cores", job.n_cpu_cores, ""),
                ("n_gpus", job.n_gpus, ""),
                ("memory_gb", job.memory_gb, "Go"),
            ]
            .map(|(field, value, unit)| (format!("{prefix}{field}"), value, unit))
        })
        .filter_map(|(field, value, unit)| {
            Some(AssumptionRow {
                name: name_of(&field),
                value: format!("{}\u{a0}{unit}", exact(value?)).trim_end().to_owned(),
                source: "valeur du formulaire".to_owned(),
                chosen: "saisie",
                field: field_of(&field, use_alone).into_owned(),
            })
        })
        .collect()
}
