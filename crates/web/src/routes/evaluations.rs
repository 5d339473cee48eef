//! Estimated footprints in words: on the page of a record, on cards, in the figures of the library.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;
use sobria_catalogue::access::{Level, VisibleUseCase};
use sobria_catalogue::evaluation::{Amount, Evaluation, Statistics};
use sobria_catalogue::id::UseCaseId;
use sobria_estimate::french::{self, Scale};
use sobria_estimate::reference::Criterion;
use sobria_estimate::{Reference, equivalents};
use sobria_store::Badge;

use crate::app::App;
use crate::error::WebError;
use crate::evaluations::{Again, SERVICE, again};
use crate::locale;
use crate::routes::cards::day_words;
use crate::view::evaluation::{Comparison, EvaluationView, Hypothesis};
use crate::view::library::Link;
use crate::view::prose::{ProseSection, ProseTable};
use crate::view::record::Fact;

/// Significant digits of results: more would promise what no estimate holds.
const DIGITS: usize = 2;

/// What estimates and assessments add to the cards of records.
#[derive(Debug, Clone, Default)]
pub struct Footprints {
    /// The line of each record that carries an estimate.
    pub lines: HashMap<UseCaseId, String>,
    /// What the card of each record may say of its assessment of frugality.
    pub badges: HashMap<UseCaseId, Badge>,
}

/// Days during which an assessment of frugality earns its words on a card.
const BADGE_DAYS: i64 = 730;

/// The lines of cards.
///
/// # Errors
/// When the database does not answer.
pub async fn footprints(app: &App, items: &[VisibleUseCase], level: Level) -> Result<Footprints, WebError> {
    let ids: Vec<UseCaseId> = items.iter().map(|item| item.record().id).collect();
    let found = app.store.footprints_of(&ids, level).await?;
    let since = (app.settings.now)()
        .checked_sub(SignedDuration::from_hours(24 * BADGE_DAYS))
        .unwrap_or(Timestamp::UNIX_EPOCH);
    let lines = found
        .into_iter()
        .map(|(id, footprint)| {
            let mut words = format!("{} par an", short(footprint.gwp_kg, Scale::Climate));
            if footprint.others > 0 {
                let others = locale::counted(footprint.others, "autre estimation", "autres estimations");
                words.push_str(&format!(", et {others}"));
            }
            (id, words)
        })
        .collect();
    Ok(Footprints {
        lines,
        badges: app.store.badges_of(&ids, since).await?,
    })
}

/// The estimates of a record that a reader of `level` may read, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn of_record(app: &App, id: UseCaseId, level: Level) -> Result<Vec<Evaluation>, WebError> {
    Ok(app.store.evaluations_of(&[id], level).await?)
}

/// The estimates of a record in words.
pub fn views(app: &App, evaluations: &[Evaluation]) -> Vec<EvaluationView> {
    evaluations
        .iter()
        .map(|evaluation| view(app.reference(), evaluation))
        .collect()
}

fn view(reference: &Reference, evaluation: &Evaluation) -> EvaluationView {
    let count = evaluation.requests_per_year;
    let times = match evaluation.method.as_str() {
        "compute_job" => locale::counted(count, "exécution", "exécutions"),
        "measurement" | SERVICE => format!("{} fois", locale::integer(count)),
        _ => locale::counted(count, "requête", "requêtes"),
    };
    let mut facts = vec![
        Fact::new("Usage", format!("{times} par an")),
        Fact::new(
            "Méthode",
            format!(
                "{}, {}",
                method_words(&evaluation.method),
                evaluation.method_version
            ),
        ),
        Fact {
            label: "Tables de référence".to_owned(),
            value: format!("édition {}", evaluation.reference_version),
            href: Some("/donnees#tables".to_owned()),
        },
    ];
    if let Some(grade) = &evaluation.grade {
        facts.push(Fact::new("Fiabilité", grade_words(Some(grade))));
    }
    let measured = evaluation.method == "measurement";
    if measured {
        facts.extend(measured_facts(&evaluation.request));
    }
    let brief = format!(
        "{times} par an\u{202f}; {}\u{202f}; {}.",
        method_words(&evaluation.method),
        day_words(evaluation.made_at)
    );
    let when = if measured { "Attaché le" } else { "Estimé le" };
    facts.push(Fact::new(when, day_words(evaluation.made_at)));
    EvaluationView {
        id: format!("hypotheses-{}", evaluation.id),
        title: evaluation.title.clone(),
        climate: long(evaluation.gwp_kg, Scale::Climate),
        energy: long(evaluation.energy_kwh, Scale::Energy),
        comparisons: comparisons(reference, evaluation.gwp_kg),
        facts,
        brief,
        again: again_words(reference, evaluation),
        hypotheses: hypotheses(&evaluation.answer),
    }
}

/// What was measured: runs, duration, share of a counter, tool.
fn measured_facts(request: &str) -> Vec<Fact> {
    let Ok(request) = serde_json::from_str::<Json>(request) else {
        return Vec::new();
    };
    let input = request.get("input");
    let number = |name: &str| input.and_then(|input| input.get(name)).and_then(Json::as_f64);
    let mut facts = Vec::new();
    if let Some(runs) = number("runs") {
        let duration = number("duration_s").map_or_else(String::new, |duration| {
            format!(", {} en tout", crate::routes::estimate::log::seconds(duration))
        });
        facts.push(Fact::new(
            "Exécutions mesurées",
            format!("{}{duration}", french::decimal(runs, 0)),
        ));
    }
    if let Some(share) = number("measured_fraction") {
        facts.push(Fact::new(
            "Part lue sur un compteur",
            format!("{}\u{a0}%", french::decimal(share * 100.0, 0)),
        ));
    }
    let tool = input.and_then(|input| input.get("tool")).and_then(Json::as_str);
    if let Some(tool) = tool.filter(|tool| !tool.is_empty()) {
        let tool = tool.replace("sobria/", "sobria measure ");
        facts.push(Fact::new("Outil", tool));
    }
    facts
}

fn again_words(reference: &Reference, evaluation: &Evaluation) -> Option<String> {
    match again(reference, evaluation) {
        Again::Same => None,
        Again::Other {
            energy_kwh,
            gwp_kg,
            reason,
            ..
        } => Some(format!(
            "Refait aujourd’hui, ce calcul donne {} et {}\u{a0}: {reason}. Le résultat ci-dessus reste celui d’origine.",
            long(gwp_kg, Scale::Climate),
            long(energy_kwh, Scale::Energy),
        )),
        Again::Impossible(reason) => Some(format!(
            "Ce calcul ne peut plus être refait avec les tables présentes. {reason} Le résultat ci-dessus reste celui d’origine."
        )),
    }
}

/// Two everyday things at most. A result so small that it would have to be multiplied is left as it is.
fn comparisons(reference: &Reference, amount: Amount) -> Vec<Comparison> {
    let selection = equivalents::select(reference, Criterion::Climate, amount.low, amount.high);
    if selection.multiple_words.is_some() {
        return Vec::new();
    }
    selection
        .shown
        .into_iter()
        .map(|shown| Comparison {
            sentence: shown.sentence,
            note: format!(
                "{}\u{202f}; {}, {}",
                shown.row.scope, shown.row.source, shown.row.year
            ),
        })
        .collect()
}

/// The values that the stored answer lists.
fn hypotheses(answer: &str) -> Vec<Hypothesis> {
    let Ok(answer) = serde_json::from_str::<Json>(answer) else {
        return Vec::new();
    };
    let Some(list) = answer.get("assumptions").and_then(Json::as_array) else {
        return Vec::new();
    };
    list.iter()
        .map(|item| {
            let text = |name: &str| item.get(name).and_then(Json::as_str).unwrap_or("");
            let value = match item.get("value") {
                Some(Json::Object(range)) => format!(
                    "{} à {}",
                    plain(range.get("min").unwrap_or(&Json::Null)),
                    plain(range.get("max").unwrap_or(&Json::Null))
                ),
                Some(value) => plain(value),
                None => String::new(),
            };
            let unit = text("unit");
            Hypothesis {
                field: field_words(text("field")),
                value: if unit.is_empty() {
                    value
                } else {
                    format!("{value}{}{unit}", locale::NO_BREAK)
                },
                source: text("source").to_owned(),
            }
        })
        .collect()
}

/// The name of a field without its article: `mémoire réservée, en Go`.
fn field_words(field: &str) -> String {
    let words = sobria_estimate::code::label(field);
    if words.is_empty() {
        return field.to_owned();
    }
    let bare = ["le ", "la ", "les ", "l’"]
        .into_iter()
        .find_map(|article| words.strip_prefix(article))
        .unwrap_or(words);
    // The unit stands beside the value.
    let name = bare.split(", en ").next().unwrap_or(bare);
    let part = match field.split_once('.') {
        Some(("training", _)) => "entraînement\u{a0}: ",
        Some(("inference", _)) => "utilisation\u{a0}: ",
        _ => "",
    };
    let mut chars = part.chars().chain(name.chars());
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

fn plain(value: &Json) -> String {
    match value {
        Json::Number(number) => locale::written(&number.to_string()),
        Json::String(text) => text.clone(),
        _ => "–".to_owned(),
    }
}

/// The name of a method.
pub fn method_words(method: &str) -> &str {
    match method {
        "llm_inference" => "génération de texte par un modèle de langage",
        "compute_job" => "calcul sur un matériel connu",
        "measurement" => "électricité mesurée",
        SERVICE => "service entier, ligne par ligne",
        other => other,
    }
}

/// What a grade means.
fn grade_words(grade: Option<&str>) -> String {
    match grade {
        Some("A") => "A\u{a0}: taille du modèle connue, proche des mesures".to_owned(),
        Some("B") => "B\u{a0}: taille connue, extrapolée".to_owned(),
        Some("C") => "C\u{a0}: taille du modèle supposée".to_owned(),
        Some("D") => "D\u{a0}: taille supposée d’un modèle très grand ou multimodal".to_owned(),
        Some(other) => other.to_owned(),
        None => "Sans note\u{a0}: calcul sur un matériel connu, mesure ou service entier".to_owned(),
    }
}

fn long(amount: Amount, scale: Scale) -> String {
    format!("{} par an", french::range(amount.low, amount.high, scale, DIGITS))
}

/// `12 à 31 kg CO₂e`.
fn short(amount: Amount, scale: Scale) -> String {
    let range = french::range(amount.low, amount.high, scale, DIGITS);
    match range.strip_prefix("entre ") {
        Some(bounds) => bounds.replacen(" et ", " à ", 1),
        None => range,
    }
}

/// What the public estimates of the library say together, for the page of context; nothing without one.
pub fn section(statistics: &Statistics, published: u64) -> Option<ProseSection> {
    let (gwp, energy) = (statistics.gwp_kg?, statistics.energy_kwh?);
    let one = |value: f64, scale| french::range(value, value, scale, DIGITS);
    let mut section = ProseSection::new(
        "empreintes",
        "Ce que l’on sait des empreintes",
        &format!(
            "{} sur {} {} une empreinte estimée publique, pour {} au total. La moitié des estimations dépasse {} par an ({} d’électricité)\u{202f}; elles vont de {} à {} par an.\n\nCes chiffres sont des ordres de grandeur\u{a0}: chaque fiche donne l’intervalle, la méthode et les hypothèses. Ils ne s’additionnent pas.",
            locale::counted(statistics.records, "projet", "projets"),
            locale::integer(published),
            locale::plural(statistics.records, "porte", "portent"),
            locale::counted(statistics.evaluations, "estimation", "estimations"),
            one(gwp.median, Scale::Climate),
            one(energy.median, Scale::Energy),
            one(gwp.least, Scale::Climate),
            one(gwp.greatest, Scale::Climate),
        ),
    );
    section.links = vec![
        Link::new(
            "Les estimations publiques, une par ligne (CSV)",
            "/exports/evaluations.csv",
        ),
        Link::new(
            "Les mêmes, avec demande et réponse (JSON Lines)",
            "/exports/evaluations.ndjson",
        ),
    ];
    section.table = Some(ProseTable {
        caption: "Estimations publiques par note de fiabilité".to_owned(),
        headers: vec!["Fiabilité".to_owned(), "Estimations".to_owned()],
        rows: statistics
            .grades
            .iter()
            .map(|(grade, count)| vec![grade_words(grade.as_deref()), locale::integer(*count)])
            .collect(),
    });
    Some(section)
}
