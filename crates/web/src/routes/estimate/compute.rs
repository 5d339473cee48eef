//! `/estimer/calcul`: hours, machines, a place; a range of electricity and greenhouse gases.

mod asked;
mod fields;

use std::borrow::Cow;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use sobria_estimate::compare::{Side, compare, compare_amounts};
use sobria_estimate::compute::{self, Job, Outcome, Output};
use sobria_estimate::document::{self, Input};
use sobria_estimate::french::Scale;
use sobria_estimate::quantity::Quantity as _;
use sobria_estimate::reference::Criterion as Measure;
use sobria_estimate::{Reference, sentence};

use super::form::{EXPERT, Form};
use super::result::{
    assumptions, between, difference, equivalents_of, exact, lead_to_fields, percent, strip,
};
use super::{attach, calculator, download, marks};
use asked::{MAIN, OF_TRAINING, OF_USE, changed, field_of, field_of_code, first, jobs};
pub use asked::{name_of, read};
pub use fields::places;

use crate::app::App;
use crate::error::WebError;
use crate::respond::{HTML, JSON, cached};
use crate::routes::frame::render;
use crate::view::chart::{Bar, BarChart};
use crate::view::estimate::{
    Alternative, AssumptionRow, Comparison, Criterion, EstimatePage, EstimateResult, FormField,
};
use crate::view::library::Link;

pub const PATH: &str = "/estimer/calcul";
/// Key and summary of the part for models that are trained, then used.
const MODEL: (&str, &str) = ("modele", "Un modèle entraîné, puis utilisé");

/// The calculator of computations.
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
        let asked = !form.is_blank();
        let result = if asked { estimated(app.reference(), &mut form) } else { None };
        let (fields, expert) = fields::fields(app.reference(), &form);
        let folds = vec![
            form.fold(PATH, MODEL, fields::model(&form), result.is_some()),
            form.fold(PATH, EXPERT, expert, result.is_some()),
        ];
        let all: Vec<FormField> = fields
            .iter()
            .chain(folds.iter().flat_map(|fold| &fold.groups).flat_map(|(_, group)| group))
            .cloned()
            .collect();
        render(&EstimatePage {
            layout: calculator(&app, "Calcul sur des machines connues", PATH, asked).described(
                "Estimer l’électricité et les gaz à effet de serre d’un entraînement ou d’un traitement, d’après sa durée et son matériel.",
            ),
            title: "Estimer un calcul".to_owned(),
            lead: "Un entraînement, une analyse d’images, une prévision\u{a0}: sa durée, ses machines et leur lieu suffisent. Quand le calcul peut être mesuré, mesurez-le plutôt.".to_owned(),
            action: PATH.to_owned(),
            address: form.with(&format!("{}{PATH}", app.settings.base_url), &[]),
            folds,
            errors: form.errors(&all),
            with: form.value("avec").to_owned(),
            fields,
            groups: Vec::new(),
            more_href: String::new(),
            result,
            before: vec![
                "Vous obtiendrez l’électricité et les gaz à effet de serre du calcul, avec leur fourchette, ce qui pèse le plus et ce qui réduirait le résultat.".to_owned(),
                "Aucun lieu n’est choisi d’avance\u{a0}: le même calcul émet dix à vingt fois plus en Corse ou outre-mer qu’en métropole.".to_owned(),
            ],
            logs: None,
        })
    })
    .await
}

/// What an address asks for.
pub fn request(form: &mut Form) -> Input<'static> {
    Input::Compute(Box::new(read(form)))
}

/// The estimate as a file: the document of the interface, or a table.
///
/// # Errors
/// When the address does not give an estimate.
pub async fn document(
    State(app): State<App>,
    uri: Uri,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let mut form = Form::read(query.as_deref().unwrap_or_default());
    let input = Input::Compute(Box::new(read(&mut form)));
    let response = document::Response::to(app.reference(), &input);
    let refused = || {
        WebError::Invalid(
            "Les réglages de cette adresse ne donnent pas d’estimation\u{a0}: ouvrez la page du calculateur pour les corriger.".to_owned(),
        )
    };
    let Some(document::Output::Compute(output)) = response.output.as_ref().filter(|_| !form.is_wrong())
    else {
        return Err(refused());
    };
    if form.text("demande").is_some() {
        return Ok(super::request_file(&input));
    }
    if uri.path().ends_with(".json") {
        let mut out = Vec::new();
        response.write(&mut out);
        return Ok(download(out, JSON, "estimation.json"));
    }
    let (central, around) = (output.central(), output.range());
    let text = format!(
        "\u{feff}critere;unite;bas;milieu;haut\nenergy;kWh;{};{};{}\ngwp;gCO2e;{};{};{}\n",
        around.energy_kwh.low().get(),
        central.energy_kwh,
        around.energy_kwh.high().get(),
        around.carbon_g.low().get(),
        central.carbon_g,
        around.carbon_g.high().get(),
    );
    Ok(download(
        text.into_bytes(),
        "text/csv; charset=utf-8",
        "estimation.csv",
    ))
}

fn estimated(reference: &Reference, form: &mut Form) -> Option<EstimateResult> {
    let input = read(form);
    if form.is_wrong() {
        return None;
    }
    match compute::estimate(reference, &input) {
        Ok(outcome) => Some(shown(reference, form, &input, &outcome)),
        Err(codes) => {
            form.refuse_codes(codes.iter().map(AsRef::as_ref), |code| {
                field_of_code(&input, code)
            });
            None
        }
    }
}

/// Bounds of the greenhouse gases, in kilogrammes.
fn climate(output: &Output) -> (f64, f64) {
    let range = output.range();
    (
        range.carbon_g.low().get() / 1000.0,
        range.carbon_g.high().get() / 1000.0,
    )
}

fn energy(output: &Output) -> (f64, f64) {
    let range = output.range();
    (range.energy_kwh.low().get(), range.energy_kwh.high().get())
}

fn shown(
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
    let pictured = equivalents
        .iter()
        .find(|group| group.name == "Climat")
        .and_then(|group| group.lines.first())
        .map(|(sentence, _)| format!("soit {sentence}"))
        .unwrap_or_default();
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
        pictured,
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
        downloads: vec![
            Link::new(
                "Demande (JSON)",
                form.with(
                    &format!("{PATH}.json"),
                    &[("avec", None), ("demande", Some("1".to_owned()))],
                ),
            ),
            Link::new(
                "Réponse (JSON)",
                form.with(&format!("{PATH}.json"), &[("avec", None)]),
            ),
            Link::new("CSV", form.with(&format!("{PATH}.csv"), &[("avec", None)])),
            Link::new(
                "Attacher à une fiche",
                form.with(
                    attach::PATH,
                    &[("avec", None), (attach::FROM, Some("calcul".to_owned()))],
                ),
            ),
        ],
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

/// One row for a value of the training and the same value of the use.
fn paired(rows: Vec<AssumptionRow>) -> Vec<AssumptionRow> {
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
fn in_one_calendar(rows: Vec<AssumptionRow>) -> Vec<AssumptionRow> {
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
fn periods(output: &Output) -> Option<AssumptionRow> {
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
fn given(input: &compute::Input<'static>) -> Vec<AssumptionRow> {
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
    let bars: Vec<Bar> = parts
        .into_iter()
        .filter_map(|(label, part)| {
            let length = percent(part, total)?;
            Some(Bar {
                label: label.to_owned(),
                value: format!("{length}\u{a0}%"),
                length,
                ..Bar::default()
            })
        })
        .collect();
    if bars.is_empty() {
        return Vec::new();
    }
    vec![BarChart {
        id: "parts".to_owned(),
        title: title.to_owned(),
        label_header: label_header.to_owned(),
        value_header: "Part".to_owned(),
        bars,
    }]
}

/// A change of one thing in a request.
struct Candidate {
    title: String,
    input: compute::Input<'static>,
    /// What changes in the address.
    changes: Vec<(&'static str, Option<String>)>,
    /// Whether an amount alone changes: machine and place, hence what is not known of them, stay.
    by_amount: bool,
}

impl Candidate {
    fn of_setting(
        title: impl Into<String>,
        input: compute::Input<'static>,
        changes: Vec<(&'static str, Option<String>)>,
    ) -> Self {
        Self {
            title: title.into(),
            input,
            changes,
            by_amount: false,
        }
    }

    fn of_amount(
        title: &str,
        input: compute::Input<'static>,
        name: &'static str,
        value: Option<f64>,
    ) -> Self {
        Self {
            title: title.to_owned(),
            input,
            changes: vec![(name, value.map(|value| value.to_string()))],
            by_amount: true,
        }
    }
}

/// Real alternatives: another place, a better data centre, half the runs, half the duration.
fn proposals(
    reference: &Reference,
    form: &Form,
    input: &compute::Input<'static>,
    present: &Outcome,
) -> Vec<Alternative> {
    let version = reference.version();
    let before = Side::of_computation(&present.output, version);
    let beside = Some(form.query());
    // With a training and its use, the page already holds two computations.
    let most = if jobs(input).len() > 1 { 4 } else { usize::MAX };
    candidates(form, input)
        .into_iter()
        .filter_map(|candidate| {
            let outcome = compute::estimate(reference, &candidate.input).ok()?;
            let after = Side::of_computation(&outcome.output, version);
            let change = if candidate.by_amount {
                compare_amounts(&before, &after)
            } else {
                compare(&before, &after)
            }
            .ok()?;
            let mut changes = candidate.changes;
            if outcome.output.central().carbon_g >= present.output.central().carbon_g {
                return None;
            }
            let (low, high) = climate(&outcome.output);
            changes.push(("avec", beside.clone()));
            Some(Alternative {
                title: candidate.title,
                figure: between(low, high, Scale::Climate),
                difference: difference(change.gwp, Scale::Climate),
                href: form.with(PATH, &changes),
            })
        })
        .take(most)
        .collect()
}

fn candidates(form: &Form, input: &compute::Input<'static>) -> Vec<Candidate> {
    let Some(job) = first(input) else {
        return Vec::new();
    };
    let half = |value: Option<f64>| value.filter(|value| *value > 0.0).map(|value| value / 2.0);
    let mut found: Vec<Candidate> = Vec::new();
    if job.carbon_intensity_g_per_kwh.is_none() {
        for (code, name) in [("FRA", "France métropolitaine"), ("SWE", "Suède")] {
            if job.zone.as_deref() != Some(code) {
                found.push(Candidate::of_setting(
                    format!("Faire le calcul ailleurs\u{a0}: {name}"),
                    changed(input, |job| job.zone = Some(Cow::Borrowed(code))),
                    vec![
                        ("lieu", Some(code.to_owned())),
                        ("lieu_autre", None),
                        ("u_lieu", None),
                    ],
                ));
            }
        }
    }
    if job.pue.is_none_or(|pue| pue > 1.2) && job.platform.as_deref() != Some("personal-computer") {
        found.push(Candidate::of_setting(
            "Choisir un centre de données dont le PUE est de 1,2",
            changed(input, |job| job.pue = Some(1.2)),
            vec![("pue", Some("1,2".to_owned()))],
        ));
    }
    if let Some(runs) = half(job.psf).filter(|runs| *runs >= 1.0) {
        found.push(Candidate::of_amount(
            "Faire deux fois moins d’essais",
            changed_first(input, |job| job.psf = Some(runs)),
            "executions",
            Some(runs),
        ));
    }
    let hours = half(job.runtime_h);
    found.push(Candidate::of_amount(
        "Réduire la durée de moitié\u{a0}: moins de données, modèle plus petit, arrêt anticipé",
        changed_first(input, |job| job.runtime_h = hours.or(job.runtime_h)),
        "heures",
        hours,
    ));
    if let compute::Input::Ai(ai) = input {
        found.extend(around_training(form, ai));
    }
    found
}

/// What can be halved around a training: research, the size of retrainings, the use.
fn around_training(form: &Form, ai: &compute::Ai<'static>) -> Vec<Candidate> {
    let half = |value: Option<f64>| value.filter(|value| *value > 0.0).map(|value| value / 2.0);
    let with = |change: &dyn Fn(&mut compute::Ai<'static>)| {
        let mut ai = ai.clone();
        change(&mut ai);
        compute::Input::Ai(Box::new(ai))
    };
    let mut found = Vec::new();
    if let Some(factor) = half(ai.rd_factor) {
        found.push(Candidate::of_amount(
            "Deux fois moins de recherche et de mise au point",
            with(&|ai| ai.rd_factor = Some(factor)),
            "recherche",
            Some(factor),
        ));
    }
    if let Some(factor) = half(ai.retraining_factor) {
        found.push(Candidate::of_amount(
            "Des réentraînements deux fois plus légers",
            with(&|ai| ai.retraining_factor = Some(factor)),
            "reentrainement_part",
            Some(factor * 100.0),
        ));
    }
    let hours = half(ai.inference.as_ref().and_then(|job| job.runtime_h));
    if let Some(hours) = hours.filter(|_| form.text("u_heures").is_some()) {
        found.push(Candidate::of_amount(
            "Utiliser le modèle deux fois moins",
            with(&|ai| {
                if let Some(job) = &mut ai.inference {
                    job.runtime_h = Some(hours);
                }
            }),
            "u_heures",
            Some(hours),
        ));
    }
    found
}

/// The same request with its first job alone changed.
fn changed_first(
    input: &compute::Input<'static>,
    change: impl Fn(&mut Job<'static>),
) -> compute::Input<'static> {
    let mut done = false;
    changed(input, |job| {
        if !std::mem::replace(&mut done, true) {
            change(job);
        }
    })
}

/// Whether two requests are the same but for durations and numbers of times: what is not known of the machines and
/// of the place of one is not known of the other.
fn by_amount(one: &compute::Input<'static>, other: &compute::Input<'static>) -> bool {
    let bare = |input: &compute::Input<'static>| {
        let mut bare = changed(input, |job| {
            job.runtime_h = None;
            job.psf = None;
        });
        if let compute::Input::Ai(ai) = &mut bare {
            **ai = compute::Ai {
                training: ai.training.take(),
                inference: ai.inference.take(),
                ..compute::Ai::default()
            };
        }
        bare
    };
    bare(one) == bare(other)
}

fn comparison(
    reference: &Reference,
    form: &Form,
    present_input: &compute::Input<'static>,
    present: &Outcome,
) -> Option<Comparison> {
    let query = form.text("avec")?;
    if query == form.query() {
        return None;
    }
    let mut other = Form::read(query);
    let input = read(&mut other);
    let job = first(&input);
    let mut comparison = Comparison {
        title: format!(
            "{} h, {}",
            exact(job.and_then(|job| job.runtime_h).unwrap_or_default()),
            job.and_then(|job| job.zone.as_deref())
                .unwrap_or("lieu non donné")
        ),
        href: other.with(PATH, &[("avec", None)]),
        ..Comparison::default()
    };
    let Some(before) = compute::estimate(reference, &input)
        .ok()
        .filter(|_| !other.is_wrong())
    else {
        comparison.refusal =
            "L’autre réglage ne donne pas d’estimation\u{a0}: rien ne peut lui être comparé.".to_owned();
        return Some(comparison);
    };
    let version = reference.version();
    let old = Side::of_computation(&before.output, version);
    let new = Side::of_computation(&present.output, version);
    let compared = if by_amount(&input, present_input) {
        compare_amounts(&old, &new)
    } else {
        compare(&old, &new)
    };
    match compared {
        Ok(change) => {
            let words = |(low, high): (f64, f64), scale| between(low, high, scale);
            comparison.rows = vec![
                [
                    "Climat".to_owned(),
                    words(climate(&before.output), Scale::Climate),
                    words(climate(&present.output), Scale::Climate),
                    difference(change.gwp, Scale::Climate),
                ],
                [
                    "Électricité".to_owned(),
                    words(energy(&before.output), Scale::Energy),
                    words(energy(&present.output), Scale::Energy),
                    difference(change.energy, Scale::Energy),
                ],
            ];
        }
        Err(reason) => comparison.refusal = sentence(reason.code()).into_owned(),
    }
    Some(comparison)
}
