//! The result as the page shows it: figures, remarks, charts, and the settings in one sentence.

use sobria_estimate::compute::{Job, Outcome, Output};
use sobria_estimate::french::Scale;
use sobria_estimate::reference::Criterion as Measure;
use sobria_estimate::{Reference, compute, sentence};

use super::super::form::{EXPERT, Form};
use super::super::marks;
use super::super::result::{
    assumptions, between, downloads, equivalents_of, exact, lead_to_fields, pictured, shares, strip,
};
use super::asked::{MAIN, changed, field_of, jobs, name_of};
use super::assumed::{given, in_one_calendar, paired, periods};
use super::compared::comparison;
use super::proposals::proposals;
use super::{MODEL, PATH, asked, climate, energy};
use crate::view::chart::BarChart;
use crate::view::estimate::{AssumptionRow, Criterion, EstimateResult};
use crate::view::library::Link;

pub(super) fn shown(
    reference: &Reference,
    form: &Form,
    input: &compute::Input<'static>,
    outcome: &Outcome,
) -> EstimateResult {
    let output = &outcome.output;
    let central = output.central();
    let (climate, energy) = (climate(output), energy(output));
    let scope = "Usage seul\u{a0}: la fabrication des machines n’est pas comptée.";
    let equivalents: Vec<_> = [
        equivalents_of(
            reference,
            "Climat",
            Measure::Climate,
            Scale::Climate,
            climate,
            scope,
        ),
        equivalents_of(
            reference,
            "Électricité",
            Measure::Energy,
            Scale::Energy,
            energy,
            "",
        ),
    ]
    .into_iter()
    .flatten()
    .collect();
    let row = |name: &str, (low, high): (f64, f64), middle: f64, scale: Scale| Criterion {
        name: name.to_owned(),
        scope: "usage".to_owned(),
        one: between(low, high, scale),
        whole: between(middle, middle, scale),
        share: String::new(),
    };
    let mut remarks = vec![
        "La valeur prudente est celle de Green Algorithms\u{a0}: processeurs et cartes employés à plein quand leur usage n’est pas donné. Elle peut toucher le haut de la fourchette.".to_owned(),
    ];
    remarks.extend(at_half_use(reference, input));
    remarks.extend(what_is_spread(output));
    let use_alone = asked::is_use_alone(input);
    let mut assumptions: Vec<AssumptionRow> = given(input)
        .into_iter()
        .chain(assumptions(&outcome.assumptions, name_of, |field| {
            field_of(field, use_alone)
        }))
        .chain(periods(output))
        .collect();
    if jobs(input).len() > 1 {
        assumptions = in_one_calendar(paired(assumptions));
    }
    lead_to_fields(&mut assumptions, &MAIN, form, PATH, |field| {
        if asked::is_of_model(field) {
            MODEL.0
        } else {
            EXPERT.0
        }
    });
    EstimateResult {
        headline: between(climate.0, climate.1, Scale::Climate),
        counted: format!(
            "pour {} d’électricité{}",
            strip(&between(energy.0, energy.1, Scale::Energy)),
            what_is_counted(output)
        ),
        pictured: pictured(&equivalents),
        brief: brief(input),
        grade: None,
        one_header: "Fourchette".to_owned(),
        whole_header: "Valeur prudente".to_owned(),
        criteria: vec![
            row("Climat", climate, central.carbon_g / 1000.0, Scale::Climate),
            row("Électricité", energy, central.energy_kwh, Scale::Energy),
        ],
        remarks,
        grid: Vec::new(),
        report: Vec::new(),
        charts: charts(output),
        warnings: outcome
            .warnings
            .iter()
            .map(|code| sentence(code).into_owned())
            .collect(),
        equivalents,
        marks_href: marks::address(Measure::Climate, climate),
        alternatives: proposals(reference, form, input, outcome),
        comparison: comparison(reference, form, input, outcome),
        assumptions,
        method: format!(
            "Méthode {}, tables {}",
            compute::METHOD_VERSION,
            reference.version()
        ),
        method_link: Link::new("Lire la méthode", "/estimer/methodes/compute-job"),
        downloads: downloads(form, PATH, "calcul", true),
        compare_href: form.with(PATH, &[("avec", Some(form.query()))]),
    }
}

/// The settings in one sentence, for a printed page that has no form beside it.
fn brief(input: &compute::Input<'_>) -> String {
    let said = |job: &Job<'_>| {
        let parts = [
            job.runtime_h.map(|hours| format!("{} h", exact(hours))),
            job.n_cpu_cores.filter(|count| *count > 0.0).map(|count| {
                format!(
                    "{} cœurs {}",
                    exact(count),
                    job.cpu_model.as_deref().unwrap_or("")
                )
            }),
            job.n_gpus.filter(|count| *count > 0.0).map(|count| {
                format!(
                    "{} cartes {}",
                    exact(count),
                    job.gpu_model.as_deref().unwrap_or("")
                )
            }),
            job.memory_gb.map(|gigabytes| format!("{} Go", exact(gigabytes))),
            job.zone.as_deref().map(|zone| format!("lieu {zone}")),
            job.psf.map(|runs| format!("{} exécutions", exact(runs))),
        ];
        let parts: Vec<String> = parts
            .into_iter()
            .flatten()
            .map(|part| part.trim_end().to_owned())
            .collect();
        parts.join(", ")
    };
    let parts: Vec<String> = jobs(input)
        .into_iter()
        .map(|(prefix, job)| match prefix {
            "training." => format!("entraînement\u{a0}: {}", said(job)),
            "inference." => format!("utilisation\u{a0}: {}", said(job)),
            _ => said(job),
        })
        .collect();
    parts.join("\u{202f}; ")
}

/// What the headline covers, when it is more than one job.
fn what_is_counted(output: &Output) -> &'static str {
    match output {
        Output::Job(_) => "",
        Output::Ai(ai) => match (ai.training.is_some(), ai.inference.is_some()) {
            (true, true) => ", entraînement et utilisation",
            (true, false) => ", entraînement et essais",
            _ => ", utilisation",
        },
    }
}

/// What a reader may believe of the period, and that is not so.
fn what_is_spread(output: &Output) -> Option<String> {
    let Output::Ai(ai) = output else { return None };
    let training = ai.training.as_ref()?;
    let one = |carbon: f64| between(carbon / 1000.0, carbon / 1000.0, Scale::Climate);
    let used = ai.inference.as_ref().map_or_else(String::new, |used| {
        format!(" ; utilisation, {}", one(used.total.carbon_g))
    });
    Some(format!(
        "Valeurs prudentes\u{a0}: entraînement, {}\u{202f}; recherche et mise au point, {}\u{202f}; réentraînements, {}{used}. L’entraînement est compté en entier\u{a0}: il n’est pas étalé sur la vie du modèle, et les réentraînements sont ceux que vous avez donnés.",
        one(training.main.carbon_g),
        one(training.rd.carbon_g),
        one(training.retrainings.carbon_g)
    ))
}

/// The sensitivity that matters most: a use that was supposed full.
fn at_half_use(reference: &Reference, input: &compute::Input<'static>) -> Option<String> {
    let supposed =
        |count: Option<f64>, usage: Option<f64>| count.is_some_and(|count| count > 0.0) && usage.is_none();
    if !jobs(input)
        .iter()
        .any(|(_, job)| supposed(job.n_cpu_cores, job.cpu_usage) || supposed(job.n_gpus, job.gpu_usage))
    {
        return None;
    }
    let half = changed(input, |job| {
        job.cpu_usage = job.cpu_usage.or(Some(0.5));
        job.gpu_usage = job.gpu_usage.or(Some(0.5));
    });
    let central = compute::estimate(reference, &half).ok()?.output.central();
    let (carbon, energy) = (central.carbon_g / 1000.0, central.energy_kwh);
    Some(format!(
        "Si l’usage réel est de 50\u{a0}%\u{a0}: {} et {}.",
        between(carbon, carbon, Scale::Climate),
        between(energy, energy, Scale::Energy)
    ))
}

fn charts(output: &Output) -> Vec<BarChart> {
    let (title, label_header, parts) = match output {
        Output::Job(job) => {
            let parts = &job.carbon_by_component_g;
            (
                "Gaz à effet de serre, par composant",
                "Composant",
                vec![
                    ("Processeurs", parts.cpu),
                    ("Cartes graphiques", parts.gpu),
                    ("Mémoire", parts.memory),
                ],
            )
        }
        Output::Ai(ai) => {
            let mut parts = Vec::new();
            if let Some(training) = &ai.training {
                parts.extend([
                    ("Entraînement", training.main.carbon_g),
                    ("Recherche et mise au point", training.rd.carbon_g),
                    ("Réentraînements", training.retrainings.carbon_g),
                ]);
            }
            if let Some(inference) = &ai.inference {
                parts.push(("Utilisation", inference.total.carbon_g));
            }
            ("Gaz à effet de serre, par étape", "Étape", parts)
        }
    };
    let total: f64 = parts.iter().map(|(_, part)| part).sum();
    shares(title, label_header, total, &parts)
}
