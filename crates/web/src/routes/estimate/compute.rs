//! `/estimer/calcul`: hours, machines, a place; a range of electricity and greenhouse gases.

use std::borrow::Cow;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use sobria_estimate::compare::{Side, compare};
use sobria_estimate::compute::{self, Job, Outcome, Output};
use sobria_estimate::document::{self, Input};
use sobria_estimate::french::Scale;
use sobria_estimate::quantity::Quantity as _;
use sobria_estimate::reference::{Criterion as Measure, ProcessorKind};
use sobria_estimate::{Reference, sentence};

use super::form::{Form, choices};
use super::llm::PLACES;
use super::result::{assumptions, between, difference, equivalents_of, lead_to_fields, percent, strip};
use super::{calculator, download};
use crate::app::App;
use crate::error::WebError;
use crate::respond::{HTML, JSON, cached};
use crate::routes::frame::render;
use crate::view::chart::{Bar, BarChart};
use crate::view::estimate::{
    Alternative, AssumptionRow, Choice, ChoiceGroup, Comparison, Control, Criterion, EstimatePage,
    EstimateResult, FormField,
};
use crate::view::library::Link;

const PATH: &str = "/estimer/calcul";

/// Processors proposed in the list; every other one is typed by its name.
const CPUS: [(&str, &[&str]); 2] = [
    (
        "Serveurs",
        &[
            "AMD EPYC 7513",
            "AMD EPYC 7763",
            "AMD EPYC 7543",
            "AMD EPYC Embedded 9654",
            "Xeon E5-2683 v4",
            "Xeon Gold 6248",
            "Xeon Gold 6430",
            "Xeon Platinum 8260",
            "Xeon Platinum 8480+",
        ],
    ),
    (
        "Postes de travail",
        &[
            "Core i5-10400",
            "Core i7-13700",
            "Ryzen 7 3700X",
            "Xeon W-2155",
            "Rasberry Pi 4",
        ],
    ),
];

/// Places that only the table of carbon intensities knows.
const MORE_PLACES: [(&str, &str); 2] = [("FR-COR", "Corse"), ("YT", "Mayotte")];

/// The job that an address of this page describes.
pub fn read(form: &mut Form) -> Job<'static> {
    let own = |text: Option<&str>| text.map(|text| Cow::Owned(text.to_owned()));
    let cpu_model = own(form.text("processeur_autre").or(form.text("processeur")));
    let gpu_model = own(form.text("carte"));
    let zone = own(form.text("lieu_autre").or(form.text("lieu")));
    let platform = own(form.text("machine"));
    let provider = own(form.text("fournisseur"));
    let region = own(form.text("region"));
    let n_gpus = form.number("cartes").or(gpu_model.as_ref().map(|_| 1.0));
    let share = |percent: Option<f64>| percent.map(|percent| percent / 100.0);
    Job {
        runtime_h: form.number("heures"),
        n_cpu_cores: form.number("coeurs"),
        cpu_model,
        cpu_tdp_per_core_w: form.number("watts_coeur"),
        cpu_usage: share(form.number("usage_coeurs")),
        n_gpus,
        gpu_model,
        gpu_tdp_w: form.number("watts_carte"),
        gpu_usage: share(form.number("usage_cartes")),
        memory_gb: form.number("memoire"),
        platform,
        provider,
        region,
        zone,
        pue: form.number("pue"),
        carbon_intensity_g_per_kwh: form.number("intensite"),
        psf: form.number("executions"),
    }
}

/// Fields that everyone fills.
const MAIN: [&str; 8] = [
    "heures",
    "coeurs",
    "processeur",
    "cartes",
    "carte",
    "memoire",
    "lieu",
    "executions",
];

fn field_of_code(code: &str) -> Option<&'static str> {
    let field = code.split_once(':').map_or(code, |(_, field)| field);
    match field {
        "unknown-processor" => Some("processeur_autre"),
        "unknown-provider" => Some("fournisseur"),
        "unknown-region" => Some("region"),
        "unknown-zone" | "zone" => Some("lieu"),
        other => Some(field_of(other)).filter(|name| !name.is_empty()),
    }
}

fn field_of(field: &str) -> &'static str {
    match field {
        "runtime_h" => "heures",
        "n_cpu_cores" => "coeurs",
        "cpu_model" => "processeur",
        "cpu_tdp_per_core_w" => "watts_coeur",
        "cpu_usage" => "usage_coeurs",
        "n_gpus" => "cartes",
        "gpu_model" => "carte",
        "gpu_tdp_w" => "watts_carte",
        "gpu_usage" => "usage_cartes",
        "memory_gb" => "memoire",
        "platform" => "machine",
        "provider" => "fournisseur",
        "region" => "region",
        "zone" => "lieu",
        "pue" => "pue",
        "carbon_intensity_g_per_kwh" => "intensite",
        "psf" => "executions",
        _ => "",
    }
}

/// The name of a value, for pages; the field itself when it has none.
pub fn name_of(field: &str) -> String {
    match field {
        "runtime_h" => "Durée",
        "n_cpu_cores" => "Cœurs",
        "cpu_model" => "Processeur",
        "cpu_tdp_per_core_w" => "Puissance d’un cœur",
        "cpu_usage" => "Usage des cœurs",
        "n_gpus" => "Cartes graphiques",
        "gpu_model" => "Carte graphique",
        "gpu_tdp_w" => "Puissance d’une carte",
        "gpu_usage" => "Usage des cartes",
        "memory_gb" => "Mémoire réservée",
        "memory_w_per_gb" => "Puissance de la mémoire",
        "platform" => "Type de machine",
        "provider" => "Fournisseur",
        "region" => "Région",
        "zone" => "Lieu de l’électricité",
        "pue" => "Efficacité du centre de données (PUE)",
        "carbon_intensity_g_per_kwh" => "Gaz à effet de serre d’un kWh",
        "psf" => "Exécutions identiques",
        other => other,
    }
    .to_owned()
}

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
        let (fields, expert) = fields(app.reference(), &form);
        let all: Vec<FormField> = fields
            .iter()
            .chain(expert.iter().flat_map(|(_, group)| group))
            .cloned()
            .collect();
        let is_filled = |field: &FormField| !form.value(&field.name).is_empty() || field.error.is_some();
        let expert_open =
            form.text("reglages").is_some() || expert.iter().flat_map(|(_, group)| group).any(is_filled);
        render(&EstimatePage {
            layout: calculator(&app, "Calcul sur des machines connues", PATH, asked).described(
                "Estimer l’électricité et les gaz à effet de serre d’un entraînement ou d’un traitement, d’après sa durée et son matériel.",
            ),
            title: "Estimer un calcul".to_owned(),
            lead: "Un entraînement, une analyse d’images, une prévision : sa durée, ses machines et leur lieu suffisent. Quand le calcul peut être mesuré, mesurez-le plutôt.".to_owned(),
            action: PATH.to_owned(),
            expert_open,
            expert_folded: result.is_some() && !expert_open,
            expert_href: form.with(PATH, &[("reglages", Some("1".to_owned()))]),
            errors: form.errors(&all),
            with: form.value("avec").to_owned(),
            fields,
            groups: Vec::new(),
            more_href: String::new(),
            expert,
            result,
            before: vec![
                "Vous obtiendrez l’électricité et les gaz à effet de serre du calcul, avec leur fourchette, ce qui pèse le plus et ce qui réduirait le résultat.".to_owned(),
                "Aucun lieu n’est choisi d’avance : le même calcul émet dix à vingt fois plus en Corse ou outre-mer qu’en métropole.".to_owned(),
            ],
        })
    })
    .await
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
    let job = read(&mut form);
    let input = Input::Compute(Box::new(compute::Input::Job(Box::new(job))));
    let response = document::Response::to(app.reference(), &input);
    let refused = || {
        WebError::Invalid(
            "Les réglages de cette adresse ne donnent pas d’estimation : ouvrez la page du calculateur pour les corriger.".to_owned(),
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

fn estimate(reference: &Reference, job: &Job<'static>) -> Result<Outcome, Vec<sobria_estimate::Code>> {
    compute::estimate(reference, &compute::Input::Job(Box::new(job.clone())))
}

fn estimated(reference: &Reference, form: &mut Form) -> Option<EstimateResult> {
    let job = read(form);
    if form.is_wrong() {
        return None;
    }
    match estimate(reference, &job) {
        Ok(outcome) => Some(shown(reference, form, &job, &outcome)),
        Err(codes) => {
            form.refuse_codes(codes.iter().map(AsRef::as_ref), |code| {
                field_of_code(code).map(str::to_owned)
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

fn shown(reference: &Reference, form: &Form, job: &Job<'static>, outcome: &Outcome) -> EstimateResult {
    let output = &outcome.output;
    let central = output.central();
    let (climate, energy) = (climate(output), energy(output));
    let scope = "Usage seul : la fabrication des machines n’est pas comptée.";
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
        "La valeur prudente est celle de Green Algorithms : processeurs et cartes employés à plein quand leur usage n’est pas donné. Elle peut toucher le haut de la fourchette.".to_owned(),
    ];
    remarks.extend(at_half_use(reference, job));
    let mut assumptions: Vec<AssumptionRow> = given(job)
        .into_iter()
        .chain(assumptions(&outcome.assumptions, name_of, field_of))
        .collect();
    lead_to_fields(&mut assumptions, &MAIN, form, PATH);
    EstimateResult {
        headline: between(climate.0, climate.1, Scale::Climate),
        counted: format!(
            "pour {} d’électricité",
            strip(&between(energy.0, energy.1, Scale::Energy))
        ),
        pictured,
        grade: None,
        one_header: "Fourchette".to_owned(),
        whole_header: "Valeur prudente".to_owned(),
        criteria: vec![
            row("Climat", climate, central.carbon_g / 1000.0, Scale::Climate),
            row("Électricité", energy, central.energy_kwh, Scale::Energy),
        ],
        remarks,
        grid: Vec::new(),
        charts: charts(output),
        warnings: outcome
            .warnings
            .iter()
            .map(|code| sentence(code).into_owned())
            .collect(),
        equivalents,
        alternatives: proposals(reference, form, job, outcome),
        comparison: comparison(reference, form, outcome),
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
        ],
        compare_href: form.with(PATH, &[("avec", Some(form.query()))]),
    }
}

/// What was typed and that the estimate does not list: with it the calculation can be made again by hand.
fn given(job: &Job<'_>) -> Vec<AssumptionRow> {
    [
        ("runtime_h", job.runtime_h, "h"),
        ("n_cpu_cores", job.n_cpu_cores, ""),
        ("n_gpus", job.n_gpus, ""),
        ("memory_gb", job.memory_gb, "Go"),
    ]
    .into_iter()
    .filter_map(|(field, value, unit)| {
        Some(AssumptionRow {
            name: name_of(field),
            value: format!("{}\u{a0}{unit}", value?.to_string().replace('.', ","))
                .trim_end()
                .to_owned(),
            source: "valeur du formulaire".to_owned(),
            chosen: "saisie",
            field: field_of(field).to_owned(),
        })
    })
    .collect()
}

/// The sensitivity that matters most: a use that was supposed full.
fn at_half_use(reference: &Reference, job: &Job<'static>) -> Option<String> {
    let supposed =
        |count: Option<f64>, usage: Option<f64>| count.is_some_and(|count| count > 0.0) && usage.is_none();
    if !supposed(job.n_cpu_cores, job.cpu_usage) && !supposed(job.n_gpus, job.gpu_usage) {
        return None;
    }
    let half = Job {
        cpu_usage: job.cpu_usage.or(Some(0.5)),
        gpu_usage: job.gpu_usage.or(Some(0.5)),
        ..job.clone()
    };
    let central = estimate(reference, &half).ok()?.output.central();
    let (carbon, energy) = (central.carbon_g / 1000.0, central.energy_kwh);
    Some(format!(
        "Si l’usage réel est de 50 % : {} et {}.",
        between(carbon, carbon, Scale::Climate),
        between(energy, energy, Scale::Energy)
    ))
}

fn charts(output: &Output) -> Vec<BarChart> {
    let Output::Job(job) = output else {
        return Vec::new();
    };
    let parts = &job.carbon_by_component_g;
    let total = parts.cpu + parts.gpu + parts.memory;
    let bars: Vec<Bar> = [
        ("Processeurs", parts.cpu),
        ("Cartes graphiques", parts.gpu),
        ("Mémoire", parts.memory),
    ]
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
        title: "Gaz à effet de serre, par composant".to_owned(),
        label_header: "Composant".to_owned(),
        value_header: "Part".to_owned(),
        bars,
    }]
}

/// A title, the job changed, and what changes in the address.
type Candidate = (String, Job<'static>, Vec<(&'static str, Option<String>)>);

/// Real alternatives: another place, half the runs, a longer wait for fewer machines is not one.
fn proposals(reference: &Reference, form: &Form, job: &Job<'static>, present: &Outcome) -> Vec<Alternative> {
    let mut candidates: Vec<Candidate> = Vec::new();
    if job.carbon_intensity_g_per_kwh.is_none() {
        for (code, name) in [("FRA", "France métropolitaine"), ("SWE", "Suède")] {
            if job.zone.as_deref() != Some(code) {
                let mut other = job.clone();
                other.zone = Some(Cow::Borrowed(code));
                candidates.push((
                    format!("Faire le calcul ailleurs : {name}"),
                    other,
                    vec![("lieu", Some(code.to_owned())), ("lieu_autre", None)],
                ));
            }
        }
    }
    if job.pue.is_none_or(|pue| pue > 1.2) && job.platform.as_deref() != Some("personal-computer") {
        let mut other = job.clone();
        other.pue = Some(1.2);
        candidates.push((
            "Choisir un centre de données dont le PUE est de 1,2".to_owned(),
            other,
            vec![("pue", Some("1,2".to_owned()))],
        ));
    }
    let runs = job.psf.unwrap_or(1.0);
    if runs >= 2.0 {
        let mut other = job.clone();
        other.psf = Some(runs / 2.0);
        candidates.push((
            "Faire deux fois moins d’essais".to_owned(),
            other,
            vec![("executions", Some((runs / 2.0).to_string()))],
        ));
    }
    let mut other = job.clone();
    other.runtime_h = job.runtime_h.map(|hours| hours / 2.0);
    candidates.push((
        "Réduire la durée de moitié : moins de données, modèle plus petit, arrêt anticipé".to_owned(),
        other,
        vec![("heures", job.runtime_h.map(|hours| (hours / 2.0).to_string()))],
    ));
    let version = reference.version();
    let before = Side::of_computation(&present.output, version);
    let beside = Some(form.query());
    candidates
        .into_iter()
        .filter_map(|(title, job, mut changes)| {
            let outcome = estimate(reference, &job).ok()?;
            let change = compare(&before, &Side::of_computation(&outcome.output, version)).ok()?;
            if outcome.output.central().carbon_g >= present.output.central().carbon_g {
                return None;
            }
            let (low, high) = climate(&outcome.output);
            changes.push(("avec", beside.clone()));
            Some(Alternative {
                title,
                figure: between(low, high, Scale::Climate),
                difference: difference(change.gwp, Scale::Climate),
                href: form.with(PATH, &changes),
            })
        })
        .collect()
}

fn comparison(reference: &Reference, form: &Form, present: &Outcome) -> Option<Comparison> {
    let query = form.text("avec")?;
    if query == form.query() {
        return None;
    }
    let mut other = Form::read(query);
    let job = read(&mut other);
    let mut comparison = Comparison {
        title: format!(
            "{} h, {}",
            job.runtime_h.unwrap_or_default().to_string().replace('.', ","),
            job.zone.as_deref().unwrap_or("lieu non donné")
        ),
        href: other.with(PATH, &[("avec", None)]),
        ..Comparison::default()
    };
    let Some(before) = estimate(reference, &job).ok().filter(|_| !other.is_wrong()) else {
        comparison.refusal =
            "L’autre réglage ne donne pas d’estimation : rien ne peut lui être comparé.".to_owned();
        return Some(comparison);
    };
    let version = reference.version();
    let old = Side::of_computation(&before.output, version);
    let new = Side::of_computation(&present.output, version);
    match compare(&old, &new) {
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

fn fields(reference: &Reference, form: &Form) -> (Vec<FormField>, Vec<(&'static str, Vec<FormField>)>) {
    let cpu = form.value("processeur");
    let list = |label: &str, names: &[&str], chosen: &str| ChoiceGroup {
        label: label.to_owned(),
        choices: names
            .iter()
            .map(|name| Choice {
                value: (*name).to_owned(),
                label: (*name).to_owned(),
                selected: *name == chosen,
            })
            .collect(),
    };
    let mut cpus = vec![choices("", &[("", "Je ne sais pas : 12 W par cœur")], cpu)];
    cpus.extend(CPUS.iter().map(|(label, names)| list(label, names, cpu)));
    let gpu = form.value("carte");
    let boards: Vec<&str> = reference
        .processors()
        .iter()
        .filter(|row| row.kind != ProcessorKind::Cpu && row.model != "Any")
        .map(|row| row.model)
        .collect();
    let gpus = vec![
        choices("", &[("", "Aucune, ou inconnue : 200 W par carte")], gpu),
        list("Cartes et TPU", &boards, gpu),
    ];
    let places = places(form);
    let machine = form.value("machine");
    let machines = choices(
        "",
        &[
            ("", "Serveur de la collectivité"),
            ("personal-computer", "Poste de travail"),
            ("cloud", "Serveur loué (cloud)"),
        ],
        machine,
    );
    let main = vec![
        form.field("heures", "Durée du calcul", Control::Number)
            .unit("heures"),
        form.field("coeurs", "Cœurs de processeur", Control::Number)
            .hint("Cœurs employés, pas les fils d’exécution."),
        form.field("processeur", "Processeur", Control::Select(cpus)),
        form.field("cartes", "Cartes graphiques", Control::Number),
        form.field("carte", "Modèle de carte", Control::Select(gpus)),
        form.field("memoire", "Mémoire réservée", Control::Number)
            .unit("Go"),
        form.field("lieu", "Où tourne la machine ?", Control::Select(places)),
        form.field("executions", "Exécutions identiques", Control::Number)
            .hint("Comptez tous les essais, ratés compris.")
            .or("1"),
    ];
    let expert = vec![
        (
            "Usage réel",
            vec![
                form.field("usage_coeurs", "Usage moyen des cœurs", Control::Number)
                    .unit("%"),
                form.field("usage_cartes", "Usage moyen des cartes", Control::Number)
                    .unit("%"),
            ],
        ),
        (
            "Matériel",
            vec![
                form.field(
                    "processeur_autre",
                    "Un autre processeur de la table",
                    Control::Text,
                )
                .hint("Nom exact, majuscules comprises."),
                form.field("watts_coeur", "Puissance d’un cœur", Control::Number)
                    .unit("W"),
                form.field("watts_carte", "Puissance d’une carte", Control::Number)
                    .unit("W")
                    .hint("La table s’arrête au H100 : donnez les watts des cartes plus récentes."),
            ],
        ),
        (
            "Lieu et centre de données",
            vec![
                form.field("machine", "Type de machine", Control::Select(vec![machines])),
                form.field("fournisseur", "Fournisseur de serveurs", Control::Text)
                    .hint("gcp, aws, azure, ovhcloud ou oracle ; lu pour un serveur loué."),
                form.field("region", "Région du fournisseur", Control::Text)
                    .hint("Par exemple europe-west9."),
                form.field("lieu_autre", "Un autre lieu", Control::Text)
                    .hint("Code de la table : PRT, CA-QC, US-CA."),
                form.field("pue", "Efficacité du centre (PUE)", Control::Number)
                    .hint("1,56 quand elle n’est pas connue : demandez-la à l’hébergeur."),
                form.field("intensite", "Gaz à effet de serre d’un kWh", Control::Number)
                    .unit("g CO₂e"),
            ],
        ),
    ];
    (main, expert)
}

/// Places to choose from: none is chosen in advance.
pub fn places(form: &Form) -> Vec<ChoiceGroup> {
    let place = form.value("lieu");
    let mut places = vec![choices("", &[("", "Choisissez un lieu")], place)];
    for (label, list) in PLACES {
        let mut group = choices(label, list, place);
        if label == "France" {
            let more = choices("", &MORE_PLACES, place).choices;
            let at = group.choices.len().min(1);
            group.choices.splice(at..at, more);
        }
        places.push(group);
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_processor_and_place_of_the_lists_is_in_the_tables() {
        let reference = Reference::embedded();
        for name in CPUS.iter().flat_map(|(_, names)| *names) {
            assert!(reference.processor(true, name).is_some(), "{name}");
        }
        for (code, name) in MORE_PLACES {
            assert!(reference.carbon_intensity(code).is_some(), "{code} {name}");
        }
    }
}
