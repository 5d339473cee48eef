//! The result as the page shows it: figures, remarks, charts, and the settings in one sentence.

use sobria_estimate::french::{Scale, decimal};
use sobria_estimate::llm::{Impacts, Outcome};
use sobria_estimate::quantity::Quantity as _;
use sobria_estimate::reference::Criterion as Measure;
use sobria_estimate::{Reference, llm, sentence};

use super::super::form::{EXPERT, Form};
use super::super::marks;
use super::super::result::{
    assumptions, downloads, equivalents_of, lead_to_fields, percent, pictured, shares, words,
};
use super::PATH;
use super::asked::{Asked, MAIN, field_of, name_of};
use super::assumed::{gathered, length};
use super::compared::comparison;
use super::fields::PLACES;
use super::grade::grade;
use super::proposals::proposals;
use crate::view::chart::BarChart;
use crate::view::estimate::{AssumptionRow, Criterion, EstimateResult};
use crate::view::library::Link;

pub(super) fn shown(
    reference: &Reference,
    form: &Form,
    asked: &Asked,
    outcome: &Outcome,
    requests: f64,
    year: &Impacts,
) -> EstimateResult {
    let one = outcome.output.totals();
    let equivalents: Vec<_> = [
        (
            "Climat",
            Measure::Climate,
            Scale::Climate,
            (year.gwp.low().get(), year.gwp.high().get()),
            "",
        ),
        (
            "Électricité",
            Measure::Energy,
            Scale::Energy,
            (year.energy.low().get(), year.energy.high().get()),
            "Usage seul, sans la fabrication des machines.",
        ),
        (
            "Eau",
            Measure::Water,
            Scale::Water,
            (year.wcf.low().get(), year.wcf.high().get()),
            "Eau consommée, y compris pour produire l’électricité\u{202f}; comparée en volume.",
        ),
        (
            "Métaux",
            Measure::Metals,
            Scale::Metals,
            (year.adpe.low().get(), year.adpe.high().get()),
            "Incertitude d’au moins 50\u{a0}% dans chaque sens.",
        ),
        (
            "Énergie primaire",
            Measure::PrimaryEnergy,
            Scale::PrimaryEnergy,
            (year.pe.low().get(), year.pe.high().get()),
            "",
        ),
    ]
    .into_iter()
    .filter_map(|(name, measure, scale, bounds, scope)| {
        equivalents_of(reference, name, measure, scale, bounds, scope)
    })
    .collect();
    let mut assumptions: Vec<AssumptionRow> = length(form, asked)
        .into_iter()
        .chain(gathered(assumptions(&outcome.assumptions, name_of, |field| {
            field_of(field).into()
        })))
        .collect();
    lead_to_fields(&mut assumptions, &MAIN, form, PATH, |_| EXPERT.0);
    EstimateResult {
        headline: headline(&words(year.gwp, Scale::Climate)),
        counted: format!(
            "par an, pour {} requêtes ({} personnes, {} par jour, {} jours)",
            decimal(requests, 0),
            plain(asked.scaling.users),
            plain(asked.scaling.uses_per_day),
            plain(asked.scaling.days_per_year),
        ),
        pictured: pictured(&equivalents),
        grade: Some(grade(asked, outcome)),
        brief: brief(asked),
        one_header: "Une requête".to_owned(),
        whole_header: "Par an".to_owned(),
        criteria: criteria(outcome, &one, year),
        remarks: [
            "Électricité et eau\u{a0}: usage seul, la fabrication n’y est pas comptée. L’entraînement du modèle n’est compté nulle part\u{a0}: le résultat est un minimum.".to_owned(),
        ]
        .into_iter()
        .chain(std::iter::once(
            "La fourchette ne porte que sur la taille du modèle et sur le centre de données. Elle laisse de côté l’erreur de la formule, le matériel, le lieu et le nombre de requêtes traitées ensemble\u{a0}: le doute réel est plus grand.".to_owned(),
        ))
        .chain(when_alone(reference, asked, requests))
        .collect(),
        grid: Vec::new(),
        report: Vec::new(),
        charts: charts(outcome),
        warnings: warnings(outcome),
        equivalents,
        marks_href: marks::address(Measure::Climate, (year.gwp.low().get(), year.gwp.high().get())),
        alternatives: proposals(reference, form, asked, requests),
        comparison: comparison(reference, form, asked, year, requests),
        assumptions,
        method: format!(
            "Méthode {}, tables {}",
            llm::METHOD_VERSION,
            reference.version()
        ),
        method_link: Link::new("Lire la méthode", "/estimer/methodes/llm-inference"),
        downloads: downloads(form, PATH, "ia-generative", true),
        compare_href: form.with(PATH, &[("avec", Some(form.query()))]),
    }
}

/// The sensitivity that matters most and that the range leaves out: a server that few people use.
fn when_alone(reference: &Reference, asked: &Asked, requests: f64) -> Option<String> {
    if asked.input.batch_size.is_some() {
        return None;
    }
    let few = llm::batch_sensitivity(reference, &asked.input, &[8.0]).ok()?;
    let year = few.first()?.times(requests).ok()?;
    Some(format!(
        "La méthode suppose un serveur qui traite 64 requêtes ensemble. Avec 8 seulement, comme sur un serveur propre à une collectivité\u{a0}: {} par an.",
        words(year.gwp, Scale::Climate)
    ))
}

/// What the grade does not say already.
pub(super) fn warnings(outcome: &Outcome) -> Vec<String> {
    let told = [
        "model-arch-not-released",
        "model-arch-multimodal",
        "extrapolated",
        "memory-cliff",
    ];
    outcome
        .warnings
        .iter()
        .map(AsRef::as_ref)
        .chain(outcome.output.notices.iter().copied())
        .filter(|code| !told.contains(code))
        .map(|code| sentence(code).into_owned())
        .collect()
}

/// A bracket whose ends are alike is no certainty.
fn headline(words: &str) -> String {
    if words.starts_with("entre ") {
        words.to_owned()
    } else {
        format!("environ {words}")
    }
}

pub(super) fn plain(number: f64) -> String {
    if number.fract().abs() > 0.0 {
        decimal(number, 1)
    } else {
        decimal(number, 0)
    }
}

/// The settings in one sentence, for a printed page that has no form beside it.
fn brief(asked: &Asked) -> String {
    let input = &asked.input;
    let model = match (&input.provider, &input.model) {
        (Some(provider), Some(model)) => format!("{model} ({provider})"),
        _ => "modèle décrit par ses paramètres".to_owned(),
    };
    let place = input
        .zone
        .as_deref()
        .map_or_else(|| "au lieu supposé de son fournisseur".to_owned(), place_name);
    let tokens = input.output_tokens.map_or_else(String::new, |tokens| {
        format!(" ; réponses d’environ {} mots", decimal(words_of(tokens), 0))
    });
    format!("{model}, hébergé {place}{tokens}")
}

/// Words of a text, from its tokens: a page of 500 words makes about 1 000 of them.
fn words_of(tokens: f64) -> f64 {
    let words = tokens / 2.0;
    if words >= 100.0 {
        (words / 10.0).round() * 10.0
    } else {
        words
    }
}

fn place_name(code: &str) -> String {
    let name = PLACES
        .iter()
        .flat_map(|(_, list)| *list)
        .find(|(known, _)| *known == code)
        .map_or(code, |(_, name)| *name);
    format!("en\u{a0}: {name}")
}

fn criteria(outcome: &Outcome, one: &Impacts, year: &Impacts) -> Vec<Criterion> {
    let usage = &outcome.output.usage;
    let share = |part: f64, whole: f64| {
        percent(part, whole).map_or_else(String::new, |hundredths| {
            format!(
                "dont usage {hundredths}\u{a0}%, fabrication {}\u{a0}%",
                100 - hundredths
            )
        })
    };
    let both = "usage et fabrication";
    let row = |name: &str, scope: &str, one: String, whole: String, share: String| Criterion {
        name: name.to_owned(),
        scope: scope.to_owned(),
        one,
        whole,
        share,
    };
    vec![
        row(
            "Climat",
            both,
            words(one.gwp, Scale::Climate),
            words(year.gwp, Scale::Climate),
            share(usage.gwp.central(), one.gwp.central()),
        ),
        row(
            "Électricité",
            "usage",
            words(one.energy, Scale::Energy),
            words(year.energy, Scale::Energy),
            String::new(),
        ),
        row(
            "Eau",
            "usage",
            words(one.wcf, Scale::Water),
            words(year.wcf, Scale::Water),
            String::new(),
        ),
        row(
            "Métaux",
            both,
            words(one.adpe, Scale::Metals),
            words(year.adpe, Scale::Metals),
            share(usage.adpe.central(), one.adpe.central()),
        ),
        row(
            "Énergie primaire",
            both,
            words(one.pe, Scale::PrimaryEnergy),
            words(year.pe, Scale::PrimaryEnergy),
            share(usage.pe.central(), one.pe.central()),
        ),
    ]
}

fn charts(outcome: &Outcome) -> Vec<BarChart> {
    let output = &outcome.output;
    let total = output.gwp.central();
    let it = &output.trace.it_energy_kwh;
    let it_central = f64::midpoint(it.min_branch, it.max_branch);
    let energy = output.energy.central();
    let machines = if energy > 0.0 { it_central / energy } else { 0.0 };
    let usage = output.usage.gwp.central();
    let parts = [
        ("Électricité des machines", usage * machines),
        ("Refroidissement et pertes du centre", usage * (1.0 - machines)),
        ("Fabrication des machines", output.embodied.gwp.central()),
    ];
    shares("Gaz à effet de serre, par origine", "Origine", total, &parts)
}
