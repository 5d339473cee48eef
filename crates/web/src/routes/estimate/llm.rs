//! `/estimer/ia-generative`: people, uses, a model, a place; a yearly range.

use std::borrow::Cow;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use sobria_estimate::alternatives::{Change, among};
use sobria_estimate::compare::{Difference, Side, compare};
use sobria_estimate::document::{self, Input};
use sobria_estimate::french::{Scale, decimal};
use sobria_estimate::llm::{self, Impacts, Outcome, Scaling};
use sobria_estimate::quantity::{Interval, Quantity};
use sobria_estimate::reference::{Criterion as Measure, Model};
use sobria_estimate::{Reference, sentence};

use super::form::{EXPERT, Form, choices};
use super::result::{assumptions, difference, equivalents_of, lead_to_fields, percent, words};
use super::{calculator, download};
use crate::app::App;
use crate::error::WebError;
use crate::respond::{HTML, JSON, cached};
use crate::routes::frame::render;
use crate::view::chart::{Bar, BarChart};
use crate::view::estimate::{
    Alternative, AssumptionRow, Choice, ChoiceGroup, Comparison, Control, Criterion, EstimatePage,
    EstimateResult, FormField, Grade,
};
use crate::view::library::Link;

const PATH: &str = "/estimer/ia-generative";

/// Uses that an agent recognises, with the tokens of their answer.
const TASKS: [(&str, &str, f64); 6] = [
    ("publication", "Écrire une courte publication", 50.0),
    ("courriel", "Écrire un courriel, résumer un article", 250.0),
    ("conversation", "Une conversation courte avec un assistant", 400.0),
    ("rapport", "Écrire un rapport de 5 pages", 5_000.0),
    (
        "application",
        "Faire aider le développement d’une application",
        100_000.0,
    ),
    ("autre", "Autre : je donne la longueur de la réponse", 0.0),
];

/// Models proposed in the list; every other one is typed by its name.
const MODELS: [(&str, &[&str]); 5] = [
    (
        "Ouverts : taille publiée",
        &[
            "mistralai/ministral-3b-2512",
            "mistralai/ministral-8b-2512",
            "mistralai/ministral-14b-2512",
            "mistralai/mistral-small-2603",
            "mistralai/mistral-large-2512",
            "huggingface_hub/openai/gpt-oss-20b",
            "huggingface_hub/openai/gpt-oss-120b",
            "huggingface_hub/meta-llama/Meta-Llama-3.1-8B-Instruct",
            "huggingface_hub/meta-llama/Meta-Llama-3.1-70B-Instruct",
            "cohere/command-a-03-2025",
        ],
    ),
    (
        "OpenAI : taille supposée",
        &[
            "openai/gpt-4o",
            "openai/gpt-4o-mini",
            "openai/gpt-5",
            "openai/gpt-5-mini",
            "openai/gpt-5.4",
        ],
    ),
    (
        "Anthropic : taille supposée",
        &[
            "anthropic/claude-haiku-4-5-20251001",
            "anthropic/claude-sonnet-4-6",
            "anthropic/claude-opus-4-6",
        ],
    ),
    (
        "Google : taille supposée",
        &[
            "google_genai/gemini-2.5-flash-lite",
            "google_genai/gemini-2.5-flash",
            "google_genai/gemini-2.5-pro",
        ],
    ),
    (
        "Mistral AI : taille supposée",
        &["mistralai/magistral-medium-latest"],
    ),
];

/// Places proposed in the list, French ones first; every other one is typed by its code.
pub const PLACES: [(&str, &[(&str, &str)]); 2] = [
    (
        "France",
        &[
            ("FRA", "France métropolitaine"),
            ("GLP", "Guadeloupe"),
            ("GUF", "Guyane"),
            ("MTQ", "Martinique"),
            ("REU", "La Réunion"),
            ("NCL", "Nouvelle-Calédonie"),
            ("PYF", "Polynésie française"),
            ("SPM", "Saint-Pierre-et-Miquelon"),
        ],
    ),
    (
        "Ailleurs",
        &[
            ("DEU", "Allemagne"),
            ("BEL", "Belgique"),
            ("ESP", "Espagne"),
            ("USA", "États-Unis"),
            ("FIN", "Finlande"),
            ("IRL", "Irlande"),
            ("ITA", "Italie"),
            ("NLD", "Pays-Bas"),
            ("SWE", "Suède"),
            ("CHE", "Suisse"),
            ("WOR", "Moyenne mondiale"),
        ],
    ),
];

/// Values of the form when nothing was given.
const TASK: &str = "conversation";
const AGENTS: &str = "100";
const USES: &str = "5";
const DAYS: &str = "210";

/// What an address asks: one request, and how many in a year.
pub struct Asked {
    /// One request.
    pub input: llm::Input<'static>,
    /// How many in a year.
    pub scaling: Scaling,
}

/// Reads the fields of this page, from its own address or from one pasted into another page.
pub fn read(form: &mut Form) -> Asked {
    let task = form.text("tache").unwrap_or(TASK).to_owned();
    let preset = TASKS.iter().find(|(code, ..)| *code == task);
    if preset.is_none() {
        form.refuse("tache", "Choisissez un usage de la liste.");
    }
    let given = form.number("jetons");
    let tokens = given.or_else(|| preset.map(|(.., tokens)| *tokens).filter(|tokens| *tokens > 0.0));
    let model = form
        .text("modele_autre")
        .or(form.text("modele"))
        .map(str::to_owned);
    let own = model.as_deref() == Some("propre");
    let (provider, model) = match model.filter(|_| !own) {
        None => (None, None),
        Some(name) => match name.split_once('/') {
            Some((provider, model)) => (Some(provider.to_owned()), Some(model.to_owned())),
            None => {
                form.refuse(
                    "modele_autre",
                    "Écrivez le fournisseur, une barre, puis le modèle : par exemple openai/gpt-4o.",
                );
                (None, None)
            }
        },
    };
    let place = form.text("lieu_autre").or(form.text("lieu")).map(str::to_owned);
    let total_params_b = form.bounds("parametres");
    let active_params_b = form.bounds("parametres_actifs");
    if model.is_none() && !form.is_wrong() {
        if total_params_b.is_none() {
            if own {
                form.refuse(
                    "parametres",
                    "Donnez le nombre de paramètres de votre modèle, en milliards.",
                );
            } else {
                form.refuse("modele", "Choisissez un modèle.");
            }
        } else if place.is_none() {
            form.refuse("lieu", "Dites où votre modèle est hébergé.");
        }
    }
    let input = llm::Input {
        provider: provider.map(Cow::Owned),
        model: model.map(Cow::Owned),
        output_tokens: tokens,
        input_tokens: form.number("jetons_envoyes"),
        zone: place.map(Cow::Owned),
        request_latency_s: form.number("duree"),
        active_params_b,
        total_params_b,
        pue: form.bounds("pue"),
        wue_l_kwh: form.bounds("wue"),
        quantization_bits: form.number("bits"),
        batch_size: form.number("lot"),
        gpu_memory_gb: form.number("memoire_carte"),
        ..llm::Input::default()
    };
    let mut count = |name: &'static str, default: &str, most: f64, words: &str| {
        let number = if form.value(name).is_empty() {
            default.parse().ok()
        } else {
            form.number(name)
        };
        match number {
            Some(number) if (0.0..=most).contains(&number) => number,
            Some(_) => {
                form.refuse(name, words);
                0.0
            }
            None => 0.0,
        }
    };
    let scaling = Scaling {
        users: count(
            "agents",
            AGENTS,
            1e8,
            "Un nombre de personnes, de 0 à 100 millions.",
        ),
        uses_per_day: count(
            "usages",
            USES,
            1e6,
            "Un nombre d’usages par jour, de 0 à un million.",
        ),
        days_per_year: count("jours", DAYS, 366.0, "Un nombre de jours, de 0 à 366."),
    };
    Asked { input, scaling }
}

/// Fields that everyone fills.
const MAIN: [&str; 6] = ["tache", "modele", "lieu", "agents", "usages", "jours"];

/// The field of the page that a code speaks of.
fn field_of_code(code: &str) -> Option<&'static str> {
    let field = code.split_once(':').map_or(code, |(_, field)| field);
    Some(match field {
        "model-not-registered" | "model" | "provider" => "modele",
        "zone-not-registered" | "zone" => "lieu",
        other => {
            let name = field_of(other);
            if name.is_empty() {
                return None;
            }
            name
        }
    })
}

/// The field of the page that changes a value.
fn field_of(field: &str) -> &'static str {
    match field {
        "provider" | "model" => "modele",
        "zone" | "mix.gwp" | "mix.adpe" | "mix.pe" | "mix.water" => "lieu",
        "output_tokens" => "jetons",
        "input_tokens" => "jetons_envoyes",
        "request_latency_s" => "duree",
        "total_params_b" => "parametres",
        "active_params_b" => "parametres_actifs",
        "pue" => "pue",
        "wue_l_kwh" => "wue",
        "quantization_bits" => "bits",
        "batch_size" => "lot",
        "gpu_memory_gb" => "memoire_carte",
        _ => "",
    }
}

/// The name of a value, for pages; the field itself when it has none.
pub fn name_of(field: &str) -> String {
    match field {
        "provider" => "Fournisseur",
        "model" => "Modèle",
        "output_tokens" => "Longueur de la réponse",
        "total_params_b" => "Paramètres en tout",
        "active_params_b" => "Paramètres actifs",
        "tps" => "Débit",
        "ttft_s" => "Délai avant la réponse",
        "pue" => "Efficacité du centre de données (PUE)",
        "wue_l_kwh" => "Eau sur place (WUE)",
        "zone" => "Lieu de l’électricité",
        "mix.gwp" => "Gaz à effet de serre d’un kWh",
        "mix.adpe" => "Métaux d’un kWh",
        "mix.pe" => "Énergie primaire d’un kWh",
        "mix.water" => "Eau d’un kWh",
        "quantization_bits" => "Bits par paramètre",
        "batch_size" => "Requêtes traitées ensemble",
        "gpu_memory_gb" => "Mémoire d’une carte",
        "gpus_per_server" => "Cartes par serveur",
        "server_power_kw" => "Puissance du serveur, cartes à part",
        "server_lifetime_s" => "Durée de vie du serveur",
        "request_latency_s" => "Durée mesurée",
        "input_tokens" => "Jetons envoyés",
        other => other,
    }
    .to_owned()
}

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
            lead: "Combien de personnes, pour quoi faire, avec quel modèle ? Le reste a une valeur par défaut, que vous pouvez changer.".to_owned(),
            action: PATH.to_owned(),
            folds,
            errors: form.errors(&all),
            with: form.value("avec").to_owned(),
            fields,
            groups: Vec::new(),
            more_href: String::new(),
            result,
            before: vec![
                "Vous obtiendrez une fourchette par an en électricité, gaz à effet de serre, eau et métaux, ce qui est connu et ce qui est supposé, et ce qui réduirait le résultat.".to_owned(),
                "Les modèles sont ceux d’EcoLogits 0.11.3 ; la méthode compte la production de la réponse, pas l’entraînement du modèle.".to_owned(),
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
    let asked = read(&mut form);
    let reference = app.reference();
    let response = document::Response::to(reference, &Input::Llm(Box::new(asked.input.clone())));
    if form.is_wrong() || !response.errors.is_empty() {
        return Err(WebError::Invalid(
            "Les réglages de cette adresse ne donnent pas d’estimation : ouvrez la page du calculateur pour les corriger.".to_owned(),
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
            "Eau consommée, y compris pour produire l’électricité ; comparée en volume.",
        ),
        (
            "Métaux",
            Measure::Metals,
            Scale::Metals,
            (year.adpe.low().get(), year.adpe.high().get()),
            "Incertitude d’au moins 50 % dans chaque sens.",
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
    lead_to_fields(&mut assumptions, &MAIN, form, PATH);
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
        grade: Some(grade(outcome)),
        one_header: "Une requête".to_owned(),
        whole_header: "Par an".to_owned(),
        criteria: criteria(outcome, &one, year),
        remarks: [
            "Électricité et eau : usage seul, la fabrication n’y est pas comptée. L’entraînement du modèle n’est compté nulle part : le résultat est un minimum.".to_owned(),
        ]
        .into_iter()
        .chain(std::iter::once(
            "La fourchette ne porte que sur la taille du modèle et sur le centre de données. Elle laisse de côté l’erreur de la formule, le matériel, le lieu et le nombre de requêtes traitées ensemble : le doute réel est plus grand.".to_owned(),
        ))
        .chain(when_alone(reference, asked, requests))
        .collect(),
        grid: Vec::new(),
        charts: charts(outcome),
        warnings: warnings(outcome),
        equivalents,
        alternatives: proposals(reference, form, asked, requests),
        comparison: comparison(reference, form, year, requests),
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
        "La méthode suppose un serveur qui traite 64 requêtes ensemble. Avec 8 seulement, comme sur un serveur propre à une collectivité : {} par an.",
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
    let value = |row: &AssumptionRow| format!("{} : {}", row.name, row.value);
    if let Some(first) = ours.first() {
        rows.push(AssumptionRow {
            name: "Réglages de la méthode".to_owned(),
            value: ours.iter().map(value).collect::<Vec<_>>().join(" ; "),
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
            "usage choisi dans la liste ; longueurs du calculateur EcoLogits".to_owned()
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

fn grade(outcome: &Outcome) -> Grade {
    let reliability = &outcome.output.reliability;
    let letter = format!("{:?}", reliability.grade);
    let meaning = match letter.as_str() {
        "A" => "La taille du modèle est publiée et les facteurs de l’électricité sont ceux du lieu.",
        "B" => {
            "La taille du modèle est publiée, mais une partie du calcul sort de ce qui a été mesuré, ou emploie des facteurs mondiaux."
        }
        "C" => {
            "La taille du modèle n’est pas publiée : elle est supposée, et le résultat en dépend entièrement."
        }
        _ => {
            "La taille du modèle est supposée, et le modèle sort largement de ce qui a été mesuré : un ordre de grandeur, pas plus."
        }
    };
    Grade {
        letter,
        meaning: meaning.to_owned(),
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
    found
        .into_iter()
        .map(|proposal| {
            let mut changes: Vec<(&str, Option<String>)> = vec![("avec", beside.clone())];
            match proposal.change {
                Change::SmallerModel { provider, model } => changes.extend([
                    ("modele", None),
                    ("modele_autre", Some(format!("{provider}/{model}"))),
                    ("parametres", None),
                    ("parametres_actifs", None),
                    ("duree", None),
                ]),
                Change::Zone(zone) => changes.extend([("lieu", Some(zone.to_owned())), ("lieu_autre", None)]),
                Change::HalfTheTokens => changes.push((
                    "jetons",
                    proposal.input.output_tokens.map(|tokens| tokens.to_string()),
                )),
                Change::HalfTheRequests => {
                    changes.push(("usages", Some((asked.scaling.uses_per_day / 2.0).to_string())));
                }
            }
            Alternative {
                title: title_of(proposal.change),
                figure: words(proposal.impacts.gwp, Scale::Climate),
                difference: difference(proposal.difference.gwp, Scale::Climate),
                href: form.with(PATH, &changes),
            }
        })
        .collect()
}

/// The title of a proposal; places by their name.
fn title_of(change: Change) -> String {
    let Change::Zone(zone) = change else {
        return change.title();
    };
    let name = PLACES
        .iter()
        .flat_map(|(_, list)| *list)
        .find(|(code, _)| *code == zone)
        .map_or(zone, |(_, name)| *name);
    format!("Héberger le modèle ailleurs : {name}")
}

fn comparison(reference: &Reference, form: &Form, year: &Impacts, requests: f64) -> Option<Comparison> {
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
    let refusal = "L’autre réglage ne donne pas d’estimation : rien ne peut lui être comparé.";
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
    match compare(&old, &new) {
        Ok(difference) => comparison.rows = rows(&before, year, &difference),
        Err(reason) => comparison.refusal = sentence(reason.code()).into_owned(),
    }
    Some(comparison)
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

fn fields(form: &Form) -> (Vec<FormField>, Vec<(&'static str, Vec<FormField>)>) {
    let task = form.text("tache").unwrap_or(TASK);
    let tasks: Vec<(&str, &str)> = TASKS.iter().map(|(code, label, _)| (*code, *label)).collect();
    let model = form.value("modele");
    let mut models: Vec<ChoiceGroup> = vec![choices("", &[("", "Choisissez un modèle")], model)];
    models.extend(MODELS.iter().map(|(label, names)| {
        ChoiceGroup {
            label: (*label).to_owned(),
            choices: names
                .iter()
                .map(|name| Choice {
                    value: (*name).to_owned(),
                    label: name.rsplit('/').next().unwrap_or(name).to_owned(),
                    selected: *name == model,
                })
                .collect(),
        }
    }));
    models.push(choices(
        "Autre",
        &[("propre", "Mon propre modèle : je donne sa taille")],
        model,
    ));
    let place = form.value("lieu");
    let mut places = vec![choices("", &[("", "Celui du fournisseur")], place)];
    places.extend(PLACES.iter().map(|(label, list)| choices(label, list, place)));
    let main = vec![
        form.field(
            "tache",
            "Pour quoi faire ?",
            Control::Select(vec![choices("", &tasks, task)]),
        ),
        form.field("modele", "Avec quel modèle ?", Control::Select(models)),
        form.field("lieu", "Où le modèle est-il hébergé ?", Control::Select(places))
            .hint("L’électricité, l’eau et les gaz à effet de serre en dépendent."),
        form.field("agents", "Personnes qui l’emploient", Control::Number)
            .or(AGENTS),
        form.field("usages", "Usages par personne et par jour", Control::Number)
            .or(USES),
        form.field("jours", "Jours d’usage par an", Control::Number)
            .or(DAYS),
    ];
    let expert = vec![
        (
            "La requête",
            vec![
                form.field("jetons", "Longueur de la réponse", Control::Number)
                    .unit("jetons")
                    .hint("Remplace celle de l’usage choisi. Une page de 500 mots fait environ 1 000 jetons ; un peu plus en français."),
                form.field("jetons_envoyes", "Longueur de la demande", Control::Number)
                    .unit("jetons")
                    .hint("Conservée, sans effet : la méthode ne compte pas encore la lecture de la demande."),
                form.field("duree", "Durée mesurée de la réponse", Control::Number).unit("secondes"),
            ],
        ),
        (
            "Le modèle",
            vec![
                form.field("modele_autre", "Un autre modèle de la table", Control::Text)
                    .hint("Fournisseur, barre, nom exact : mistralai/codestral-2508."),
                form.field("parametres", "Paramètres en tout", Control::Number)
                    .unit("milliards")
                    .hint("Un nombre, ou une fourchette : 20 à 70."),
                form.field("parametres_actifs", "Paramètres actifs", Control::Number)
                    .unit("milliards")
                    .hint("Pour un mélange d’experts."),
                form.field("bits", "Bits par paramètre", Control::Number).hint("16 par défaut ; 4 ou 8 pour un modèle quantifié."),
            ],
        ),
        (
            "L’hébergement",
            vec![
                form.field("lieu_autre", "Un autre lieu", Control::Text)
                    .hint("Code de pays à trois lettres majuscules : PRT, CAN."),
                form.field("pue", "Efficacité du centre (PUE)", Control::Number)
                    .hint("1 ou plus : demandez-le à l’hébergeur."),
                form.field("wue", "Eau sur place (WUE)", Control::Number).unit("L/kWh"),
                form.field("lot", "Requêtes traitées ensemble", Control::Number)
                    .hint("64 par défaut ; 1 à 8 sur un serveur peu sollicité, qui consomme bien plus par requête."),
                form.field("memoire_carte", "Mémoire d’une carte graphique", Control::Number).unit("Go"),
            ],
        ),
    ];
    (main, expert)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_and_place_of_the_lists_is_in_the_tables() {
        let reference = Reference::embedded();
        for name in MODELS.iter().flat_map(|(_, names)| *names) {
            let (provider, model) = name.split_once('/').unwrap();
            assert!(reference.model(provider, model).is_some(), "{name}");
        }
        for (code, name) in PLACES.iter().flat_map(|(_, list)| *list) {
            assert!(reference.mix(code).is_some(), "{code} {name}");
        }
        let closed = |name: &str| {
            let (provider, model) = name.split_once('/').unwrap();
            reference.model(provider, model).unwrap().arch_not_released
        };
        for (label, names) in MODELS {
            for name in names {
                assert_eq!(closed(name), label.contains("supposée"), "{name}");
            }
        }
    }
}
