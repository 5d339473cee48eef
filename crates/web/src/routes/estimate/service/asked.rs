//! What an address asks: the document of an evaluation, read from the fields of the form.

use serde_json::{Value as Json, json};
use sobria_estimate::service::{Evaluation, Outcome, Quality, evaluate};
use sobria_estimate::{Code, Reference};

use super::super::form::Form;
use super::super::{compute, llm};

/// Lines shown at first, and at most.
const LINES: usize = 2;
pub(super) const LINES_MAX: usize = 8;

pub(super) fn name(line: usize, part: &str) -> String {
    format!("l{line}_{part}")
}

pub(super) fn shown_lines(form: &Form) -> usize {
    let asked: usize = form.value("lignes").parse().unwrap_or(LINES);
    let filled = (1..=LINES_MAX)
        .filter(|line| !form.value(&name(*line, "origine")).is_empty())
        .max()
        .unwrap_or(0);
    asked.clamp(1, LINES_MAX).max(filled)
}

/// The document that an address describes; what is wrong in it is said to the form.
pub(super) fn document_of(form: &mut Form) -> Json {
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

pub(super) fn quality_field(quality: Quality) -> String {
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
pub(super) fn evaluation_of(form: &mut Form) -> Result<Evaluation, Vec<Code>> {
    let document = document_of(form);
    if form.is_wrong() {
        return Err(Vec::new());
    }
    Evaluation::read(&document.to_string())
}

pub(super) fn outcome_of(reference: &Reference, form: &mut Form) -> Option<(Evaluation, Outcome)> {
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
