//! `/estimer/ia-generative`: people, uses, a model, a place; a yearly range.

mod asked;
pub(super) mod fields;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use sobria_estimate::alternatives::{Change, among};
use sobria_estimate::compare::{Difference, Side, compare, compare_amounts};
use sobria_estimate::document::{self, Input};
use sobria_estimate::french::{Scale, decimal};
use sobria_estimate::llm::{self, Impacts, Outcome, Scaling};
use sobria_estimate::quantity::{Interval, Quantity};
use sobria_estimate::reference::{Criterion as Measure, Model};
use sobria_estimate::{Reference, sentence};

use super::form::{EXPERT, Form};
use super::result::{assumptions, difference, equivalents_of, lead_to_fields, percent, words};
use super::{attach, calculator, download, marks};
pub use asked::{Asked, name_of, read};
use asked::{MAIN, field_of, field_of_code};
pub use fields::PLACES;
use fields::{MODELS, fields};

use crate::app::App;
use crate::error::WebError;
use crate::respond::{HTML, JSON, cached};
use crate::routes::frame::render;
use crate::view::chart::{Bar, BarChart};
use crate::view::estimate::{
    Alternative, AssumptionRow, Comparison, Criterion, EstimatePage, EstimateResult, FormField, Grade,
};
use crate::view::library::Link;

pub const PATH: &str = "/estimer/ia-generative";

/// The calculator of generative AI.
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
        let result = if asked { estimated(&app, &mut form) } else { None };
        let (fields, expert) = fields(&form);
        let all: Vec<FormField> = fields
            .iter()
            .chain(expert.iter().flat_map(|(_, group)| group))
            .cloned()
            .collect();
        let folds = vec![form.fold(PATH, EXPERT, expert, result.is_some())];
        render(&EstimatePage {
            layout: calculator(&app, "Usage d’IA générative", PATH, asked).described(
                "Estimer l’empreinte annuelle d’un assistant ou d’un modèle de langage employé par des agents, avec sa fourchette.",
            ),
            title: "Estimer un usage d’IA générative".to_owned(),
            lead: "Combien de personnes, pour quoi faire, avec quel modèle\u{202f}? Le reste a une valeur par défaut, que vous pouvez changer.".to_owned(),
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
                "Vous obtiendrez une fourchette par an en électricité, gaz à effet de serre, eau et métaux, ce qui est connu et ce qui est supposé, et ce qui réduirait le résultat.".to_owned(),
                "Les modèles sont ceux d’EcoLogits 0.11.3\u{202f}; la méthode compte la production de la réponse, pas l’entraînement du modèle.".to_owned(),
            ],
            logs: None,
        })
    })
    .await
}

/// What an address asks for, and how many times a year.
pub fn request(form: &mut Form) -> (Input<'static>, f64) {
    let asked = read(form);
    let times = asked.scaling.requests_per_year();
    (Input::Llm(Box::new(asked.input)), times)
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
    let asked = read(&mut form);
    let reference = app.reference();
    let response = document::Response::to(reference, &Input::Llm(Box::new(asked.input.clone())));
    if form.is_wrong() || !response.errors.is_empty() {
        return Err(WebError::Invalid(
            "Les réglages de cette adresse ne donnent pas d’estimation\u{a0}: ouvrez la page du calculateur pour les corriger.".to_owned(),
        ));
    }
    if form.text("demande").is_some() {
        return Ok(super::request_file(&Input::Llm(Box::new(asked.input))));
    }
    if uri.path().ends_with(".json") {
        let mut out = Vec::new();
        response.write(&mut out);
        return Ok(download(out, JSON, "estimation.json"));
    }
    let outcome = llm::estimate(reference, &asked.input)
        .map_err(|_codes| WebError::Invalid("Ces réglages ne donnent pas d’estimation.".to_owned()))?;
    let one = outcome.output.totals();
    let requests = asked.scaling.requests_per_year();
    let year = one
        .times(requests)
        .map_err(|code| WebError::Invalid(sentence(&code).into_owned()))?;
    let mut text = String::from("\u{feff}critere;unite;requetes;bas;milieu;haut\n");
    for (requests, impacts) in [(1.0, &one), (requests, &year)] {
        for line in csv_lines(impacts) {
            let [criterion, unit, low, central, high] = line;
            text.push_str(&format!("{criterion};{unit};{requests};{low};{central};{high}\n"));
        }
    }
    Ok(download(
        text.into_bytes(),
        "text/csv; charset=utf-8",
        "estimation.csv",
    ))
}

fn csv_lines(impacts: &Impacts) -> [[String; 5]; 5] {
    fn line<Q: Quantity>(criterion: &str, unit: &str, interval: Interval<Q>) -> [String; 5] {
        [
            criterion.to_owned(),
            unit.to_owned(),
            interval.low().get().to_string(),
            interval.central().to_string(),
            interval.high().get().to_string(),
        ]
    }
    [
        line("energy", "kWh", impacts.energy),
        line("gwp", "kgCO2e", impacts.gwp),
        line("adpe", "kgSbeq", impacts.adpe),
        line("pe", "MJ", impacts.pe),
        line("wcf", "L", impacts.wcf),
    ]
}

/// What the address asks, estimated; nothing when something is wrong in it, which the form then says.
fn estimated(app: &App, form: &mut Form) -> Option<EstimateResult> {
    let reference = app.reference();
    let asked = read(form);
    if form.is_wrong() {
        return None;
    }
    let outcome = match llm::estimate(reference, &asked.input) {
        Ok(outcome) => outcome,
        Err(codes) => {
            form.refuse_codes(codes.iter().map(AsRef::as_ref), |code| {
                field_of_code(code).map(str::to_owned)
            });
            return None;
        }
    };
    let requests = asked.scaling.requests_per_year();
    let year = match outcome.output.totals().times(requests) {
        Ok(year) => year,
        Err(code) => {
            form.refuse_codes([code.as_ref()], |_| Some("agents".to_owned()));
            return None;
        }
    };
    Some(shown(reference, form, &asked, &outcome, requests, &year))
}

fn shown(
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
    let pictured = equivalents
        .first()
        .filter(|group| group.name == "Climat")
        .and_then(|group| group.lines.first())
        .map(|(sentence, _)| format!("soit {sentence}"))
        .unwrap_or_default();
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
        pictured,
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
        downloads: vec![
            Link::new(
                "Demande (JSON)",
                form.with(
                    &format!("{PATH}.json"),
                    &[("avec", None), ("demande", Some("1".to_owned()))],
                ),
            ),
            Link::new("Réponse (JSON)", form.with(&format!("{PATH}.json"), &[("avec", None)])),
            Link::new("CSV", form.with(&format!("{PATH}.csv"), &[("avec", None)])),
            Link::new(
                "Attacher à une fiche",
                form.with(
                    attach::PATH,
                    &[("avec", None), (attach::FROM, Some("ia-generative".to_owned()))],
                ),
            ),
        ],
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
fn warnings(outcome: &Outcome) -> Vec<String> {
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

/// Values left at those of the method stand on one line: they have one source.
fn gathered(rows: Vec<AssumptionRow>) -> Vec<AssumptionRow> {
    let (ours, mut rows): (Vec<_>, Vec<_>) = rows
        .into_iter()
        .partition(|row| row.chosen == "par défaut" && row.field != "lieu");
    let value = |row: &AssumptionRow| format!("{}\u{a0}: {}", row.name, row.value);
    if let Some(first) = ours.first() {
        rows.push(AssumptionRow {
            name: "Réglages de la méthode".to_owned(),
            value: ours.iter().map(value).collect::<Vec<_>>().join("\u{202f}; "),
            field: first.field.clone(),
            ..first.clone()
        });
    }
    rows
}

/// The length of the answer, which the estimate does not list among its values.
fn length(form: &Form, asked: &Asked) -> Option<AssumptionRow> {
    let typed = form.text("jetons").is_some();
    Some(AssumptionRow {
        name: name_of("output_tokens"),
        value: format!("{}\u{a0}jetons", plain(asked.input.output_tokens?)),
        source: if typed {
            "valeur du formulaire".to_owned()
        } else {
            "usage choisi dans la liste\u{202f}; longueurs du calculateur EcoLogits".to_owned()
        },
        chosen: if typed { "saisie" } else { "par défaut" },
        field: if typed { "jetons" } else { "tache" }.to_owned(),
    })
}

/// A bracket whose ends are alike is no certainty.
fn headline(words: &str) -> String {
    if words.starts_with("entre ") {
        words.to_owned()
    } else {
        format!("environ {words}")
    }
}

fn plain(number: f64) -> String {
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

/// What the result rests on: the part that is known, then the part that is guessed.
fn halves(asked: &Asked, outcome: &Outcome) -> [String; 2] {
    let input = &asked.input;
    let says = |codes: &[&str], code: &str| codes.contains(&code);
    let warnings: Vec<&str> = outcome.warnings.iter().map(AsRef::as_ref).collect();
    let (mut known, mut guessed) = (
        vec!["le nombre de personnes et d’usages, que vous donnez"],
        vec!["le matériel et le nombre de requêtes traitées ensemble, ceux d’un serveur type"],
    );
    if says(&warnings, "model-arch-not-released") && input.total_params_b.is_none() {
        guessed.insert(
            0,
            "la taille du modèle, que son fournisseur ne publie pas\u{a0}: c’est elle qui pèse le plus",
        );
    } else {
        known.push("la taille du modèle");
    }
    if input.zone.is_none() && input.mix.is_none() {
        guessed.push("le lieu d’hébergement");
    } else {
        known.push("le lieu d’hébergement et son électricité");
    }
    if input.pue.is_none() {
        guessed.push("le centre de données, moyenne de l’opérateur");
    } else {
        known.push("le centre de données");
    }
    [known, guessed].map(|list| list.join("\u{202f}; "))
}

fn grade(asked: &Asked, outcome: &Outcome) -> Grade {
    let [known, guessed] = halves(asked, outcome);
    let reliability = &outcome.output.reliability;
    let letter = format!("{:?}", reliability.grade);
    let meaning = match letter.as_str() {
        "A" => "La taille du modèle est publiée et les facteurs de l’électricité sont ceux du lieu.",
        "B" => {
            "La taille du modèle est publiée, mais une partie du calcul sort de ce qui a été mesuré, ou emploie des facteurs mondiaux."
        }
        "C" => {
            "La taille du modèle n’est pas publiée\u{a0}: elle est supposée, et le résultat en dépend entièrement."
        }
        _ => {
            "La taille du modèle est supposée, et le modèle sort largement de ce qui a été mesuré\u{a0}: un ordre de grandeur, pas plus."
        }
    };
    Grade {
        letter,
        meaning: meaning.to_owned(),
        known,
        guessed,
        reasons: reliability
            .reasons
            .iter()
            .map(|code| sentence(code).into_owned())
            .collect(),
    }
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
        title: "Gaz à effet de serre, par origine".to_owned(),
        label_header: "Origine".to_owned(),
        value_header: "Part".to_owned(),
        bars,
    }]
}

/// The other setting is kept in the address of each proposal, so that both stand side by side.
fn proposals(reference: &Reference, form: &Form, asked: &Asked, requests: f64) -> Vec<Alternative> {
    let is_listed = |model: &Model<'static>| {
        MODELS
            .iter()
            .flat_map(|(_, names)| *names)
            .any(|name| name.split_once('/') == Some((model.provider, model.model)))
    };
    let Ok(found) = among(reference, &asked.input, requests, is_listed) else {
        return Vec::new();
    };
    let beside = Some(form.query());
    // Beside a comparison, the page keeps to what a reader can take in.
    let most = if form.text("avec").is_some() {
        3
    } else {
        found.len()
    };
    found
        .into_iter()
        .take(most)
        .map(|proposal| {
            let mut changes = changes_of(proposal.change, &proposal.input, &asked.scaling);
            changes.push(("avec", beside.clone()));
            Alternative {
                title: title_of(proposal.change),
                figure: words(proposal.impacts.gwp, Scale::Climate),
                difference: difference(proposal.difference.gwp, Scale::Climate),
                href: form.with(PATH, &changes),
            }
        })
        .collect()
}

/// What a proposal changes in the address of this page.
pub fn changes_of(
    change: Change,
    input: &llm::Input<'_>,
    scaling: &Scaling,
) -> Vec<(&'static str, Option<String>)> {
    match change {
        Change::SmallerModel { provider, model } => vec![
            ("modele", None),
            ("modele_autre", Some(format!("{provider}/{model}"))),
            ("parametres", None),
            ("parametres_actifs", None),
            ("duree", None),
        ],
        Change::Zone(zone) => vec![("lieu", Some(zone.to_owned())), ("lieu_autre", None)],
        Change::HalfTheTokens => vec![("jetons", input.output_tokens.map(|tokens| tokens.to_string()))],
        Change::HalfTheRequests => vec![("usages", Some((scaling.uses_per_day / 2.0).to_string()))],
    }
}

/// The title of a proposal; places by their name.
pub fn title_of(change: Change) -> String {
    let Change::Zone(zone) = change else {
        return change.title();
    };
    let name = PLACES
        .iter()
        .flat_map(|(_, list)| *list)
        .find(|(code, _)| *code == zone)
        .map_or(zone, |(_, name)| *name);
    format!("Héberger le modèle ailleurs\u{a0}: {name}")
}

fn comparison(
    reference: &Reference,
    form: &Form,
    present: &Asked,
    year: &Impacts,
    requests: f64,
) -> Option<Comparison> {
    let query = form.text("avec")?;
    if query == form.query() {
        return None;
    }
    let mut other = Form::read(query);
    let asked = read(&mut other);
    let mut comparison = Comparison {
        title: title(&asked),
        href: other.with(PATH, &[("avec", None)]),
        ..Comparison::default()
    };
    let refusal = "L’autre réglage ne donne pas d’estimation\u{a0}: rien ne peut lui être comparé.";
    let before = llm::estimate(reference, &asked.input)
        .ok()
        .filter(|_| !other.is_wrong())
        .and_then(|outcome| {
            outcome
                .output
                .totals()
                .times(asked.scaling.requests_per_year())
                .ok()
        });
    let Some(before) = before else {
        comparison.refusal = refusal.to_owned();
        return Some(comparison);
    };
    let version = reference.version();
    let old = Side::of_requests(&before, asked.scaling.requests_per_year(), version);
    let new = Side::of_requests(year, requests, version);
    let compared = if by_amount(&asked.input, &present.input) {
        compare_amounts(&old, &new)
    } else {
        compare(&old, &new)
    };
    match compared {
        Ok(difference) => comparison.rows = rows(&before, year, &difference),
        Err(reason) => comparison.refusal = sentence(reason.code()).into_owned(),
    }
    Some(comparison)
}

/// Whether two requests are the same but for their length: what is not known of one is not known of the other.
fn by_amount(one: &llm::Input<'static>, other: &llm::Input<'static>) -> bool {
    let bare = |input: &llm::Input<'static>| llm::Input {
        output_tokens: None,
        input_tokens: None,
        ..input.clone()
    };
    bare(one) == bare(other)
}

fn title(asked: &Asked) -> String {
    let model = asked
        .input
        .model
        .as_deref()
        .unwrap_or("modèle décrit par ses paramètres");
    let place = asked.input.zone.as_deref().unwrap_or("lieu du fournisseur");
    format!(
        "{model}, {place}, {} requêtes par an",
        decimal(asked.scaling.requests_per_year(), 0)
    )
}

fn rows(before: &Impacts, after: &Impacts, change: &Difference) -> Vec<[String; 4]> {
    let mut rows = vec![
        [
            "Climat".to_owned(),
            words(before.gwp, Scale::Climate),
            words(after.gwp, Scale::Climate),
            difference(change.gwp, Scale::Climate),
        ],
        [
            "Électricité".to_owned(),
            words(before.energy, Scale::Energy),
            words(after.energy, Scale::Energy),
            difference(change.energy, Scale::Energy),
        ],
    ];
    if let Some(water) = change.wcf {
        rows.push([
            "Eau".to_owned(),
            words(before.wcf, Scale::Water),
            words(after.wcf, Scale::Water),
            difference(water, Scale::Water),
        ]);
    }
    if let Some(metals) = change.adpe {
        rows.push([
            "Métaux".to_owned(),
            words(before.adpe, Scale::Metals),
            words(after.adpe, Scale::Metals),
            difference(metals, Scale::Metals),
        ]);
    }
    rows
}
