//! `/estimer/service`: a whole service, line by line: measures, statements of suppliers, results of the calculators.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Value as Json, json};
use sobria_estimate::Reference;
use sobria_estimate::french::{Scale, range, significant};
use sobria_estimate::service::{
    Cell, Change, Coverage, Evaluation, Frequency, Indicator, Maturity, Outcome, Phase, Range, Tier, Total,
    UnitKind, compare, evaluate, rebound, variants,
};

use super::form::{Form, choices};
use super::result::{assumptions, equivalents_of};
use super::{calculator, compute, download, llm};
use crate::app::App;
use crate::error::WebError;
use crate::respond::{HTML, JSON, cached};
use crate::routes::frame::render;
use crate::view::estimate::{
    Alternative, Comparison, Control, Criterion, EstimatePage, EstimateResult, FormField,
};
use crate::view::library::Link;

const PATH: &str = "/estimer/service";
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
    if let Some(years) = form.number("duree") {
        put(&mut document, "lifetime_years", json!(years));
    }
    document
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
                form.refuse(&field("lieu"), "Donnez le lieu : FRA, REU…");
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
                    "Donnez ce que le fournisseur déclare : des kWh, des kg CO₂e, ou les deux.",
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

fn outcome_of(reference: &Reference, form: &mut Form) -> Option<(Evaluation, Outcome)> {
    let document = document_of(form);
    if form.is_wrong() {
        return None;
    }
    let found = Evaluation::read(&document.to_string())
        .and_then(|evaluation| Ok((evaluate(reference, &evaluation)?, evaluation)));
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
            .cloned()
            .collect();
        let lines = shown_lines(&form);
        let mut layout = calculator(&app, "Un service entier", PATH, asked).described(
            "Évaluer un service d’IA phase par phase : ce qui est mesuré, estimé, déclaré, et ce qui manque.",
        );
        // Its lines are many: the form is sent when it is ready, not at each key.
        layout.scripted = false;
        render(&EstimatePage {
            layout,
            title: "Évaluer un service entier".to_owned(),
            lead: "Données, entraînement, exploitation, terminaux, réseau : une ligne pour chaque chose connue. Ce qui ne l’est pas reste visible, sans chiffre.".to_owned(),
            action: PATH.to_owned(),
            more_href: if lines < LINES_MAX {
                form.with(PATH, &[("lignes", Some((lines + 1).to_string()))])
            } else {
                String::new()
            },
            folds: Vec::new(),
            errors: form.errors(&all),
            with: form.value("avec").to_owned(),
            fields,
            groups,
            result,
            before: vec![
                "Vous obtiendrez un total par an et par unité, la part de ce qui est couvert, et la grille de ce qui manque.".to_owned(),
                "Deux évaluations du même service à deux périodes donnent aussi l’effet rebond.".to_owned(),
            ],
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
    let (_, outcome) = outcome_of(app.reference(), &mut form).ok_or_else(|| {
        WebError::Invalid(
            "Cette adresse ne donne pas d’évaluation : ouvrez la page pour la corriger.".to_owned(),
        )
    })?;
    let out = serde_json::to_vec(&outcome).map_err(|error| WebError::Internal(error.to_string()))?;
    Ok(download(out, JSON, "evaluation.json"))
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
                sobria_estimate::reference::Criterion::Climate,
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
                "{} cases couvertes sur {} exigées à ce stade ({} %)",
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
        counted: format!("par an ; {coverage}"),
        one_header: format!("Par unité : {}", outcome.functional_unit.label),
        whole_header: "Par an".to_owned(),
        criteria: outcome.totals.iter().map(criterion).collect(),
        remarks: vec![format!(
            "Ce qui est fait une fois est réparti sur {} ans.",
            significant(outcome.lifetime_years, 2)
        )],
        grid: grid(outcome),
        warnings: outcome.notices.iter().map(|notice| notice.sentence()).collect(),
        equivalents,
        alternatives: proposals(reference, evaluation),
        comparison: comparison(reference, form, outcome),
        assumptions: assumptions(&outcome.assumptions, name_of, |_field| "".into()),
        method: format!("Évaluation d’un service, tables {}", outcome.reference_version),
        method_link: Link::new("Lire la méthode", "/estimer/methodes/service-evaluation"),
        downloads: vec![Link::new(
            "JSON",
            form.with(&format!("{PATH}.json"), &[("avec", None)]),
        )],
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
        Some((line, rest)) => format!("Ligne {} : {}", line.saturating_add(1), named(rest)),
        None => named(field),
    }
}

/// Variants worked out again, those that lower the greenhouse gases.
fn proposals(reference: &Reference, evaluation: &Evaluation) -> Vec<Alternative> {
    let Ok(found) = variants(reference, evaluation) else {
        return Vec::new();
    };
    found
        .into_iter()
        .filter_map(|variant| {
            let climate = variant.outcome.total(Indicator::Gwp)?.annual?;
            let change = variant
                .comparison
                .indicators
                .iter()
                .find(|item| item.indicator == Indicator::Gwp)?
                .annual?;
            Some(Alternative {
                title: variant.change.title(),
                figure: words(climate, Indicator::Gwp),
                difference: change_words(change, Indicator::Gwp),
                href: String::new(),
            })
        })
        .collect()
}

fn criterion(total: &Total) -> Criterion {
    let said = |value: Option<Range>| {
        value.map_or_else(|| "non couvert".to_owned(), |value| words(value, total.indicator))
    };
    Criterion {
        name: total.indicator.label().to_owned(),
        scope: match total.annual {
            None => "rien",
            Some(_) if total.partial => "une partie : il manque des cases exigées",
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
            "L’autre réglage ne donne pas d’évaluation : rien ne peut lui être comparé.".to_owned();
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
                |rate| format!("{:.0} %", rate * 100.0),
            )
        };
        found.title = format!(
            "{} · {} : {:.0} % de l’économie attendue perdus (de {} à {})",
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
            "Où en est-il ?",
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
            .hint("Par exemple : 1 km de chaussée analysé."),
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
                    "D’où vient le chiffre ?",
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
                    .hint("Pour un résultat du calculateur : collez son adresse."),
                form.field(field("kwh"), "Électricité", Control::Number)
                    .unit("kWh"),
                form.field(field("kg"), "Gaz à effet de serre déclarés", Control::Number)
                    .unit("kg CO₂e"),
                form.field(field("lieu"), "Lieu de l’électricité", Control::Text)
                    .hint("Code : FRA, REU…"),
                form.field(field("note"), "Qui le dit, ou pourquoi", Control::Text),
            ];
            (format!("Ligne {line}"), group)
        })
        .collect();
    (general, groups)
}
