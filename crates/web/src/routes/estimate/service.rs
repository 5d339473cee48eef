//! `/estimer/service`: a whole service, line by line: measures, statements of suppliers, results of the calculators.

mod proposals;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Value as Json, json};
use sobria_estimate::french::{Scale, range, significant};
use sobria_estimate::reference::Criterion as Measure;
use sobria_estimate::service::{
    Cell, Change, Coverage, Evaluation, Frequency, Goal, Indicator, Maturity, Outcome, Phase, Quality, Range,
    Report, Tier, Total, UnitKind, compare, evaluate, rebound,
};
use sobria_estimate::{Code, Reference};

use super::form::{Form, choices};
use super::result::{assumptions, equivalents_of};
use super::{attach, calculator, compute, download, llm, marks};
use crate::app::App;
use crate::error::WebError;
use crate::respond::{HTML, JSON, cached};
use crate::routes::frame::render;
use crate::view::estimate::{Comparison, Control, Criterion, EstimatePage, EstimateResult, FormField};
use crate::view::library::Link;

pub(super) const PATH: &str = "/estimer/service";
/// Key and summary of the account.
const REPORT_FOLD: (&str, &str) = (
    "compte-rendu",
    "Compte rendu\u{a0}: auteur, but, qualité des données",
);
/// Lines shown at first, and at most.
const LINES: usize = 2;
const LINES_MAX: usize = 8;

/// Where the figure of a line comes from.
const ORIGINS: [(&str, &str); 7] = [
    ("", "Ligne vide"),
    ("calculateur", "Un résultat du calculateur"),
    ("mesure", "Une électricité mesurée"),
    ("fournisseur", "Une déclaration du fournisseur"),
    ("negligible", "Négligeable, avec la raison"),
    ("not_covered", "Non couvert"),
    ("not_applicable", "Sans objet"),
];

fn name(line: usize, part: &str) -> String {
    format!("l{line}_{part}")
}

fn shown_lines(form: &Form) -> usize {
    let asked: usize = form.value("lignes").parse().unwrap_or(LINES);
    let filled = (1..=LINES_MAX)
        .filter(|line| !form.value(&name(*line, "origine")).is_empty())
        .max()
        .unwrap_or(0);
    asked.clamp(1, LINES_MAX).max(filled)
}

/// The document that an address describes; what is wrong in it is said to the form.
fn document_of(form: &mut Form) -> Json {
    let mut lines = Vec::new();
    for line in 1..=shown_lines(form) {
        if let Some(json) = line_of(form, line) {
            lines.push(json);
        }
    }
    let period = match (form.text("debut"), form.text("fin")) {
        (None, None) => Json::Null,
        (start, end) => {
            let start = start.or(end).unwrap_or_default().to_owned();
            let end = end.map_or_else(|| start.clone(), str::to_owned);
            json!({"start": start, "end": end})
        }
    };
    let unit = form.text("unite").unwrap_or("service_year").to_owned();
    let label = form
        .text("unite_nom")
        .map_or_else(|| "le service pendant un an".to_owned(), str::to_owned);
    let mut functional_unit = json!({"kind": unit, "label": label});
    if let Some(quantity) = form.number("quantite") {
        put(&mut functional_unit, "quantity_per_year", json!(quantity));
    }
    let mut document = json!({
        "title": form.text("titre").unwrap_or("Mon service"),
        "maturity": form.text("maturite").unwrap_or("experimentation"),
        "functional_unit": functional_unit,
        "lines": lines,
    });
    if !period.is_null() {
        put(&mut document, "period", period);
    }
    if let Some(report) = report_of(form) {
        put(&mut document, "report", report);
    }
    if let Some(years) = form.number("duree") {
        put(&mut document, "lifetime_years", json!(years));
    }
    document
}

/// Fields of the account of an evaluation: their place in the document.
const REPORT: [(&str, &str); 5] = [
    ("auteur", "author"),
    ("date", "date"),
    ("but", "goal"),
    ("limites", "limits"),
    ("relecteur", "reviewer"),
];

fn quality_field(quality: Quality) -> String {
    format!("qualite_{}", quality.id())
}

/// What the evaluation says of itself; nothing when none of it was filled.
fn report_of(form: &mut Form) -> Option<Json> {
    let mut report = json!({});
    for (field, member) in REPORT {
        if let Some(text) = form.text(field) {
            put(&mut report, member, json!(text));
        }
    }
    let mut marks = json!({});
    for quality in Quality::ALL {
        let field = quality_field(*quality);
        match form.number(&field) {
            Some(mark) if (1.0..=5.0).contains(&mark) => put(&mut marks, quality.id(), json!(mark)),
            Some(_) => form.refuse(&field, "Une note de 1, la plus basse, à 5."),
            None => {}
        }
    }
    if marks != json!({}) {
        put(&mut report, "data_quality", marks);
    }
    if let Some(text) = form.text("preuves") {
        let list: Vec<&str> = text
            .split(" ; ")
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .collect();
        put(&mut report, "evidence", json!(list));
    }
    (report != json!({})).then_some(report)
}

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

/// The folded part of the account.
fn report_fields(form: &Form) -> Vec<(&'static str, Vec<FormField>)> {
    let goals: Vec<(&str, &str)> = std::iter::once(("", "Non précisé"))
        .chain(Goal::ALL.iter().map(|goal| (goal.id(), goal.label())))
        .collect();
    let mut marks: Vec<FormField> = Quality::ALL
        .iter()
        .map(|quality| form.field(quality_field(*quality), quality.label(), Control::Number))
        .collect();
    if let Some(first) = marks.first_mut() {
        first.hint = "Notes de 1, la plus basse, à 5.".to_owned();
    }
    vec![
        (
            "Qui et pourquoi",
            vec![
                form.field("auteur", "Auteur", Control::Text).hint(
                    "Un service ou une fonction plutôt qu’un nom\u{a0}: l’adresse de la page le contient.",
                ),
                form.field("date", "Date de l’évaluation", Control::Text),
                form.field(
                    "but",
                    "But",
                    Control::Select(vec![choices("", &goals, form.value("but"))]),
                ),
                form.field("limites", "Limites", Control::Text),
                form.field("relecteur", "Relecture par", Control::Text),
                form.field("preuves", "Preuves", Control::Text)
                    .hint("Documents ou adresses, séparés par «\u{a0};\u{a0}» entre deux espaces."),
            ],
        ),
        ("Qualité des données", marks),
    ]
}

/// Adds a member to an object.
fn put(object: &mut Json, member: &str, value: Json) {
    if let Some(members) = object.as_object_mut() {
        members.insert(member.to_owned(), value);
    }
}

fn line_of(form: &mut Form, line: usize) -> Option<Json> {
    let field = |part: &str| name(line, part);
    let origin = form.text(&field("origine"))?.to_owned();
    let mut count = form.number(&field("nombre"));
    let kwh = form.bounds(&field("kwh"));
    let kg = form.bounds(&field("kg"));
    let zone = form.text(&field("lieu")).map(|zone| zone.to_uppercase());
    let note = form.text(&field("note")).unwrap_or_default().to_owned();
    let pair = |bounds: sobria_estimate::llm::Bounds| json!({"min": bounds.min, "max": bounds.max});
    let source = match origin.as_str() {
        "mesure" => {
            let Some(kwh) = kwh else {
                form.refuse(&field("kwh"), "Donnez l’électricité mesurée, en kWh.");
                return None;
            };
            let Some(zone) = zone else {
                form.refuse(&field("lieu"), "Donnez le lieu\u{a0}: FRA, REU…");
                return None;
            };
            let mut source = json!({"kind": "measured", "energy_kwh": pair(kwh), "zone": zone});
            if let Some(kg) = kg {
                put(&mut source, "carbon_kg", pair(kg));
            }
            if !note.is_empty() {
                put(&mut source, "tool", json!(note));
            }
            source
        }
        "fournisseur" => {
            let mut indicators = json!({});
            if let Some(kg) = kg {
                put(&mut indicators, "gwp", pair(kg));
            }
            if let Some(kwh) = kwh {
                put(&mut indicators, "energy", pair(kwh));
            }
            if kg.is_none() && kwh.is_none() {
                form.refuse(
                    &field("kg"),
                    "Donnez ce que le fournisseur déclare\u{a0}: des kWh, des kg CO₂e, ou les deux.",
                );
                return None;
            }
            if note.is_empty() {
                form.refuse(&field("note"), "Dites qui déclare, quand et dans quel document.");
                return None;
            }
            let mut source = json!({"kind": "supplier", "who": note, "date": "non précisée", "document": note, "indicators": indicators});
            if let Some(zone) = zone {
                put(&mut source, "zone", json!(zone));
            }
            source
        }
        "calculateur" => {
            let (request, per_year) = pasted(form, &field("adresse"))?;
            count = count.or(per_year);
            json!({"kind": "estimate", "request": request})
        }
        mark => {
            let mut source = json!({"kind": "coverage", "mark": mark});
            if !note.is_empty() {
                put(&mut source, "reason", json!(note));
            }
            source
        }
    };
    let mut json = json!({
        "phase": form.text(&field("phase")).unwrap_or("operation"),
        "tier": form.text(&field("etage")).unwrap_or("datacenter"),
        "source": source,
    });
    if json.pointer("/source/kind").is_none_or(|kind| kind != "coverage") {
        put(
            &mut json,
            "frequency",
            json!(form.text(&field("rythme")).unwrap_or("per_year")),
        );
        if let Some(count) = count {
            put(&mut json, "count", json!(count));
        }
    }
    Some(json)
}

/// The request behind a pasted address of a calculator, and how often it is made in a year.
fn pasted(form: &mut Form, field: &str) -> Option<(Json, Option<f64>)> {
    let text = form.value(field).to_owned();
    let (path, query) = text.split_once('?').unwrap_or((text.as_str(), ""));
    let mut other = Form::read(query);
    let found = if path.ends_with("/estimer/ia-generative") {
        let asked = llm::read(&mut other);
        serde_json::to_value(&asked.input).ok().map(|input| {
            let request = json!({"method": "llm_inference", "input": input});
            (request, Some(asked.scaling.requests_per_year()))
        })
    } else if path.ends_with("/estimer/calcul") {
        let asked = compute::read(&mut other);
        serde_json::to_value(&asked)
            .ok()
            .map(|input| (json!({"method": "compute_job", "input": input}), None))
    } else {
        None
    };
    if found.is_none() || other.is_wrong() {
        form.refuse(
            field,
            "Collez l’adresse entière d’un résultat du calculateur d’IA générative ou du calculateur de calcul.",
        );
        return None;
    }
    found
}

/// The document of an address, read as the interface reads it.
fn evaluation_of(form: &mut Form) -> Result<Evaluation, Vec<Code>> {
    let document = document_of(form);
    if form.is_wrong() {
        return Err(Vec::new());
    }
    Evaluation::read(&document.to_string())
}

/// The document of an address, to be kept, and how many times a year: it is one of a year.
pub(super) fn request(reference: &Reference, form: &mut Form) -> Option<(String, f64)> {
    outcome_of(reference, form)?;
    Some((document_of(form).to_string(), 1.0))
}

fn outcome_of(reference: &Reference, form: &mut Form) -> Option<(Evaluation, Outcome)> {
    let found =
        evaluation_of(form).and_then(|evaluation| Ok((evaluate(reference, &evaluation)?, evaluation)));
    if form.is_wrong() {
        return None;
    }
    match found {
        Ok((outcome, evaluation)) => Some((evaluation, outcome)),
        Err(codes) => {
            form.refuse_codes(codes.iter().map(AsRef::as_ref), |_code| None);
            None
        }
    }
}

/// The evaluation of a service.
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
        let asked = (1..=LINES_MAX).any(|line| !form.value(&name(line, "origine")).is_empty());
        let outcome = if asked { outcome_of(app.reference(), &mut form) } else { None };
        let result = outcome.map(|(evaluation, outcome)| shown(app.reference(), &form, &evaluation, &outcome));
        let (fields, groups) = fields(&form);
        let all: Vec<FormField> = fields
            .iter()
            .chain(groups.iter().flat_map(|(_, group)| group))
            .chain(report_fields(&form).iter().flat_map(|(_, group)| group))
            .cloned()
            .collect();
        let folds = vec![form.fold(PATH, REPORT_FOLD, report_fields(&form), result.is_some())];
        let lines = shown_lines(&form);
        let mut layout = calculator(&app, "Un service entier", PATH, asked).described(
            "Évaluer un service d’IA phase par phase\u{a0}: ce qui est mesuré, estimé, déclaré, et ce qui manque.",
        );
        // Its lines are many: the form is sent when it is ready, not at each key.
        layout.scripted = false;
        render(&EstimatePage {
            layout,
            title: "Évaluer un service entier".to_owned(),
            lead: "Données, entraînement, exploitation, terminaux, réseau\u{a0}: une ligne pour chaque chose connue. Ce qui ne l’est pas reste visible, sans chiffre.".to_owned(),
            action: PATH.to_owned(),
            address: form.with(&format!("{}{PATH}", app.settings.base_url), &[]),
            more_href: if lines < LINES_MAX {
                form.with(PATH, &[("lignes", Some((lines + 1).to_string()))])
            } else {
                String::new()
            },
            folds,
            errors: form.errors(&all),
            with: form.value("avec").to_owned(),
            fields,
            groups,
            result,
            before: vec![
                "Vous obtiendrez un total par an et par unité, la part de ce qui est couvert, et la grille de ce qui manque.".to_owned(),
                "Deux évaluations du même service à deux périodes donnent aussi l’effet rebond.".to_owned(),
            ],
            logs: None,
        })
    })
    .await
}

/// The evaluation as the document of the interface.
///
/// # Errors
/// When the address does not give an evaluation.
pub async fn document(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let mut form = Form::read(query.as_deref().unwrap_or_default());
    let (evaluation, outcome) = outcome_of(app.reference(), &mut form).ok_or_else(|| {
        WebError::Invalid(
            "Cette adresse ne donne pas d’évaluation\u{a0}: ouvrez la page pour la corriger.".to_owned(),
        )
    })?;
    let failed = |error: serde_json::Error| WebError::Internal(error.to_string());
    if form.text("demande").is_some() {
        return Ok(download(
            serde_json::to_vec(&evaluation).map_err(failed)?,
            JSON,
            "demande.json",
        ));
    }
    if form.text(proposals::VARIANT).is_some() {
        let variant = proposals::asked(app.reference(), &form, &evaluation).ok_or(WebError::NotFound)?;
        return Ok(download(
            serde_json::to_vec(&variant).map_err(failed)?,
            JSON,
            "demande.json",
        ));
    }
    Ok(download(
        serde_json::to_vec(&outcome).map_err(failed)?,
        JSON,
        "evaluation.json",
    ))
}

const fn scale_of(indicator: Indicator) -> Scale {
    match indicator {
        Indicator::Energy => Scale::Energy,
        Indicator::Gwp => Scale::Climate,
        Indicator::Adpe => Scale::Metals,
        Indicator::Pe => Scale::PrimaryEnergy,
        Indicator::Water => Scale::Water,
    }
}

fn words(value: Range, indicator: Indicator) -> String {
    range(value.low(), value.high(), scale_of(indicator), 2)
}

fn change_words(change: Change, indicator: Indicator) -> String {
    let scale = scale_of(indicator);
    let (low, high) = (change.low, change.high);
    if high <= 0.0 {
        format!("− {}", range(-high, -low, scale, 2))
    } else if low >= 0.0 {
        format!("+ {}", range(low, high, scale, 2))
    } else {
        format!(
            "de − {} à + {}, incertaine",
            range(-low, -low, scale, 2),
            range(high, high, scale, 2)
        )
    }
}

fn shown(reference: &Reference, form: &Form, evaluation: &Evaluation, outcome: &Outcome) -> EstimateResult {
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
            Link::new(
                "Attacher à une fiche",
                form.with(
                    attach::PATH,
                    &[("avec", None), (attach::FROM, Some("service".to_owned()))],
                ),
            ),
        ],
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

fn comparison(reference: &Reference, form: &Form, after: &Outcome) -> Option<Comparison> {
    let query = form.text("avec")?;
    if query == form.query() {
        return None;
    }
    let mut other = Form::read(query);
    let mut found = Comparison {
        title: other.text("titre").unwrap_or("L’autre évaluation").to_owned(),
        href: other.with(PATH, &[("avec", None)]),
        ..Comparison::default()
    };
    let Some((_, before)) = outcome_of(reference, &mut other) else {
        found.refusal =
            "L’autre réglage ne donne pas d’évaluation\u{a0}: rien ne peut lui être comparé.".to_owned();
        return Some(found);
    };
    match compare(&before, after) {
        Ok(comparison) => {
            found.rows = comparison
                .indicators
                .iter()
                .filter_map(|item| {
                    let annual = |outcome: &Outcome| {
                        outcome
                            .total(item.indicator)
                            .and_then(|total| total.annual)
                            .map(|value| words(value, item.indicator))
                    };
                    Some([
                        item.indicator.label().to_owned(),
                        annual(&before)?,
                        annual(after)?,
                        change_words(item.annual?, item.indicator),
                    ])
                })
                .collect();
        }
        Err(refusals) => {
            found.refusal = refusals
                .iter()
                .map(sobria_estimate::service::Refusal::sentence)
                .collect::<Vec<_>>()
                .join(" ");
        }
    }
    if let Ok(rebound) = rebound(&before, after, Indicator::Gwp) {
        let bound = |rate: Option<f64>| {
            rate.map_or_else(
                || "sans borne".to_owned(),
                |rate| format!("{:.0}\u{a0}%", rate * 100.0),
            )
        };
        found.title = format!(
            "{} · {}\u{a0}: {:.0}\u{a0}% de l’économie attendue perdus (de {} à {})",
            found.title,
            rebound.effect.label(),
            rebound.rate * 100.0,
            bound(rebound.rate_low),
            bound(rebound.rate_high)
        );
    }
    Some(found)
}

fn fields(form: &Form) -> (Vec<FormField>, Vec<(String, Vec<FormField>)>) {
    fn list<'t>(all: impl Iterator<Item = (&'t str, &'t str)>, chosen: &str) -> Control {
        let all: Vec<(&str, &str)> = all.collect();
        Control::Select(vec![choices("", &all, chosen)])
    }
    let or = |name: &str, default: &str| form.text(name).unwrap_or(default).to_owned();
    let general = vec![
        form.field("titre", "Nom du service", Control::Text),
        form.field(
            "maturite",
            "Où en est-il\u{202f}?",
            list(
                Maturity::ALL.iter().map(|item| (item.id(), item.label())),
                &or("maturite", "experimentation"),
            ),
        )
        .hint("Ce qui est exigé en dépend."),
        form.field(
            "unite",
            "Ce qu’il rend",
            list(
                UnitKind::ALL.iter().map(|item| (item.id(), item.label())),
                &or("unite", "service_year"),
            ),
        ),
        form.field("unite_nom", "En clair", Control::Text)
            .hint("Par exemple\u{a0}: 1 km de chaussée analysé."),
        form.field("quantite", "Combien par an", Control::Number),
        form.field("duree", "Durée de vie", Control::Number)
            .unit("années")
            .hint("3 ans quand elle n’est pas donnée."),
        form.field("debut", "Début de la période", Control::Text)
            .hint("2025, ou 2025-01-01."),
        form.field("fin", "Fin de la période", Control::Text),
    ];
    let groups = (1..=shown_lines(form))
        .map(|line| {
            let field = |part: &str| name(line, part);
            let group = vec![
                form.field(
                    field("origine"),
                    "D’où vient le chiffre\u{202f}?",
                    list(ORIGINS.into_iter(), form.value(&field("origine"))),
                ),
                form.field(
                    field("phase"),
                    "Phase",
                    list(
                        Phase::ALL.iter().map(|item| (item.id(), item.label())),
                        &or(&field("phase"), "operation"),
                    ),
                ),
                form.field(
                    field("etage"),
                    "Équipements",
                    list(
                        Tier::ALL.iter().map(|item| (item.id(), item.label())),
                        &or(&field("etage"), "datacenter"),
                    ),
                ),
                form.field(
                    field("rythme"),
                    "Rythme",
                    list(
                        Frequency::ALL.iter().map(|item| (item.id(), item.label())),
                        &or(&field("rythme"), "per_year"),
                    ),
                ),
                form.field(field("nombre"), "Combien de fois", Control::Number),
                form.field(field("adresse"), "Adresse du résultat", Control::Text)
                    .hint("Pour un résultat du calculateur\u{a0}: collez son adresse."),
                form.field(field("kwh"), "Électricité", Control::Number)
                    .unit("kWh"),
                form.field(field("kg"), "Gaz à effet de serre déclarés", Control::Number)
                    .unit("kg CO₂e"),
                form.field(field("lieu"), "Lieu de l’électricité", Control::Text)
                    .hint("Code\u{a0}: FRA, REU…"),
                form.field(field("note"), "Qui le dit, ou pourquoi", Control::Text),
            ];
            (format!("Ligne {line}"), group)
        })
        .collect();
    (general, groups)
}
