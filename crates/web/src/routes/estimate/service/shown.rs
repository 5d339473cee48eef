//! The result as the page shows it: totals, the grid of what is covered, the account in words.

use sobria_estimate::Reference;
use sobria_estimate::french::{Scale, significant};
use sobria_estimate::reference::Criterion as Measure;
use sobria_estimate::service::{
    Cell, Coverage, Evaluation, Indicator, Outcome, Phase, Range, Report, Tier, Total,
};

use super::super::form::Form;
use super::super::result::{assumptions, downloads, equivalents_of};
use super::super::{compute, llm, marks};
use super::compared::comparison;
use super::{PATH, proposals, words};
use crate::view::estimate::{Criterion, EstimateResult};
use crate::view::library::Link;

/// The account in words, for those who read the result.
fn report_words(report: &Report) -> Vec<[String; 2]> {
    let mut facts: Vec<[String; 2]> = [
        ("Auteur", report.author.clone()),
        ("Date", report.date.clone()),
        ("But", report.goal.map(|goal| goal.label().to_owned())),
        ("Limites", report.limits.clone()),
        ("Relecture", report.reviewer.clone()),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some([name.to_owned(), value?]))
    .collect();
    if let Some(mean) = report.data_quality_mean {
        let marks: Vec<String> = report
            .data_quality
            .iter()
            .map(|(quality, mark)| format!("{} {}", quality.label().to_lowercase(), significant(*mark, 2)))
            .collect();
        facts.push([
            "Qualité des données".to_owned(),
            format!("{} sur 5 ({})", significant(mean, 2), marks.join(", ")),
        ]);
    }
    if !report.evidence.is_empty() {
        facts.push(["Preuves".to_owned(), report.evidence.join("\u{202f}; ")]);
    }
    facts
}

pub(super) fn shown(
    reference: &Reference,
    form: &Form,
    evaluation: &Evaluation,
    outcome: &Outcome,
) -> EstimateResult {
    let total = |indicator| outcome.total(indicator).and_then(|total| total.annual);
    let climate = total(Indicator::Gwp);
    let equivalents: Vec<_> = climate
        .and_then(|value| {
            equivalents_of(
                reference,
                "Climat",
                Measure::Climate,
                Scale::Climate,
                (value.low(), value.high()),
                "",
            )
        })
        .into_iter()
        .collect();
    let coverage = outcome.coverage_rate.map_or_else(
        || "rien n’est exigé à ce stade".to_owned(),
        |rate| {
            format!(
                "{} cases couvertes sur {} exigées à ce stade ({}\u{a0}%)",
                outcome.covered,
                outcome.required,
                significant(rate * 100.0, 2)
            )
        },
    );
    EstimateResult {
        headline: climate.map_or_else(
            || "Climat non couvert".to_owned(),
            |value| words(value, Indicator::Gwp),
        ),
        counted: format!("par an\u{202f}; {coverage}"),
        one_header: format!("Par unité\u{a0}: {}", outcome.functional_unit.label),
        whole_header: "Par an".to_owned(),
        criteria: outcome.totals.iter().map(criterion).collect(),
        remarks: vec![format!(
            "Ce qui est fait une fois est réparti sur {} ans.",
            significant(outcome.lifetime_years, 2)
        )],
        report: outcome.report.as_ref().map(report_words).unwrap_or_default(),
        grid: grid(outcome),
        warnings: outcome.notices.iter().map(|notice| notice.sentence()).collect(),
        equivalents,
        marks_href: climate.map_or_else(String::new, |value| {
            marks::address(Measure::Climate, (value.low(), value.high()))
        }),
        alternatives: proposals::proposals(reference, form, evaluation),
        comparison: comparison(reference, form, outcome),
        assumptions: assumptions(&outcome.assumptions, name_of, |_field| "".into()),
        method: format!("Évaluation d’un service, tables {}", outcome.reference_version),
        method_link: Link::new("Lire la méthode", "/estimer/methodes/service-evaluation"),
        downloads: downloads(form, PATH, "service", false),
        compare_href: form.with(PATH, &[("avec", Some(form.query()))]),
        ..EstimateResult::default()
    }
}

/// `lines[0].pue` as a reader counts lines and names values.
fn name_of(field: &str) -> String {
    let named = |field: &str| match field {
        "energy_kwh" => "Électricité mesurée".to_owned(),
        "lifetime_years" => "Durée de vie du service".to_owned(),
        "count" => "Nombre de fois".to_owned(),
        other => {
            let name = compute::name_of(other);
            if name == other { llm::name_of(other) } else { name }
        }
    };
    let line = field
        .strip_prefix("lines[")
        .and_then(|rest| rest.split_once("]."));
    match line.and_then(|(line, rest)| Some((line.parse::<usize>().ok()?, rest))) {
        Some((line, rest)) => format!("Ligne {}\u{a0}: {}", line.saturating_add(1), named(rest)),
        None => named(field),
    }
}

fn criterion(total: &Total) -> Criterion {
    let said = |value: Option<Range>| {
        value.map_or_else(|| "non couvert".to_owned(), |value| words(value, total.indicator))
    };
    Criterion {
        name: total.indicator.label().to_owned(),
        scope: match total.annual {
            None => "rien",
            Some(_) if total.partial => "une partie\u{a0}: il manque des cases exigées",
            Some(_) => "tout ce qui est exigé",
        }
        .to_owned(),
        one: said(total.per_unit),
        whole: said(total.annual),
        share: String::new(),
    }
}

/// Rows of the phases and tiers that are required or spoken of.
fn grid(outcome: &Outcome) -> Vec<Vec<String>> {
    let mut rows = vec![
        std::iter::once("Phase".to_owned())
            .chain(
                Indicator::ALL
                    .iter()
                    .map(|indicator| indicator.label().to_owned()),
            )
            .collect(),
    ];
    for phase in Phase::ALL {
        for tier in Tier::ALL {
            let cells: Vec<Option<&Cell>> = Indicator::ALL
                .iter()
                .map(|indicator| outcome.cell(*phase, *tier, *indicator))
                .collect();
            let matters =
                |cell: &Cell| cell.required || cell.coverage != Coverage::NotCovered || cell.value.is_some();
            if !cells.iter().flatten().any(|cell| matters(cell)) {
                continue;
            }
            let mut row = vec![format!("{} ({})", phase.label(), tier.label())];
            row.extend(
                cells
                    .into_iter()
                    .map(|cell| cell.map_or_else(String::new, cell_words)),
            );
            rows.push(row);
        }
    }
    rows
}

fn cell_words(cell: &Cell) -> String {
    let coverage = cell.coverage.label();
    let figure = cell.value.map_or_else(String::new, |value| {
        format!(" : {}", words(value, cell.key.indicator))
    });
    let lacks = if cell.incomplete { ", incomplet" } else { "" };
    let due = if cell.required && cell.value.is_none() && cell.coverage == Coverage::NotCovered {
        ", exigé"
    } else {
        ""
    };
    format!("{coverage}{lacks}{due}{figure}")
}
