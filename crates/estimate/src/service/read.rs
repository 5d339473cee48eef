//! Reading of documents: every mistake is listed with its place, and nothing is guessed.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::evaluation::LINE_LIMIT;
use super::{
    Coverage, Evaluation, Frequency, FunctionalUnit, Indicator, Line, Log, Mark, Maturity, Period, Phase,
    Request, Source, Statement, Tier, UnitKind,
};
use crate::code::{self, Code};
use crate::json::{Taker, is_object};
use crate::llm::Bounds;

type Text<'a> = Option<Cow<'a, str>>;

pub(super) fn evaluation(text: &str) -> Result<Evaluation, Vec<Code>> {
    let Ok(raw) = serde_json::from_str::<&RawValue>(text) else {
        return Err(vec![Code::Borrowed("invalid-json")]);
    };
    if !is_object(raw.get()) {
        return Err(vec![code::of_field("invalid-type", "", "request")]);
    }
    let mut errors = Vec::new();
    let read = whole(raw, &mut errors);
    if let Some(evaluation) = &read {
        errors.extend(check(evaluation));
    }
    match read {
        Some(evaluation) if errors.is_empty() => Ok(evaluation),
        _ => Err(errors),
    }
}

fn whole(raw: &RawValue, errors: &mut Vec<Code>) -> Option<Evaluation> {
    let (mut title, mut maturity, mut lifetime_years) = (None, None, None);
    let (mut period, mut unit, mut lines, mut exclusions) = (None, None, None, None);
    let mut report = None;
    let read = crate::json::each_member(raw.get(), |name, raw| {
        let mut taker = Taker { prefix: "", errors };
        match name {
            "title" => taker.text(&mut title, name, raw),
            "maturity" => term(&mut taker, &mut maturity, name, raw, Maturity::named),
            "lifetime_years" => taker.number(&mut lifetime_years, name, raw),
            "period" => once(&mut taker, &mut period, name, raw),
            "functional_unit" => once(&mut taker, &mut unit, name, raw),
            "lines" => once(&mut taker, &mut lines, name, raw),
            "report" => once(&mut taker, &mut report, name, raw),
            "exclusions" => once(&mut taker, &mut exclusions, name, raw),
            _ => taker.report("unknown-field", name),
        }
    });
    let mut taker = Taker { prefix: "", errors };
    if read.is_err() {
        taker.report("invalid-type", "request");
    }
    let title = words(&mut taker, 0, title, "title");
    let maturity = need(&mut taker, 0, maturity, "maturity");
    let period = period.map(|raw| read_period(raw, &mut taker));
    let unit = need(&mut taker, 0, unit, "functional_unit").and_then(|raw| read_unit(raw, &mut taker));
    let lines = need(&mut taker, 0, lines, "lines").and_then(|raw| read_lines(raw, &mut taker));
    let exclusions = exclusions.map_or(Some(Vec::new()), |raw| {
        let read = serde_json::from_str(raw.get()).ok();
        if read.is_none() {
            taker.report("invalid-type", "exclusions");
        }
        read
    });
    let report = report.map(|raw| super::report::read(raw, &mut taker));
    Some(Evaluation {
        title: title?,
        period: match period {
            None => None,
            Some(read) => Some(read?),
        },
        functional_unit: unit?,
        maturity: maturity?,
        lifetime_years,
        lines: lines?,
        exclusions: exclusions?,
        report: match report {
            None => None,
            Some(read) => Some(read?),
        },
    })
}

fn read_period(raw: &RawValue, taker: &mut Taker<'_>) -> Option<Period> {
    let from = taker.errors.len();
    let (mut start, mut end) = (None, None);
    taker.members("period", raw, |taker, name, full, raw| match name {
        "start" => taker.text(&mut start, full, raw),
        "end" => taker.text(&mut end, full, raw),
        _ => taker.report("unknown-field", full),
    });
    let start = words(taker, from, start, "period.start");
    let end = words(taker, from, end, "period.end");
    let (start, end) = (start?, end?);
    let period = Period::of(&start, &end);
    if period.is_none() {
        taker.report("out-of-range", "period");
    }
    period
}

fn read_unit(raw: &RawValue, taker: &mut Taker<'_>) -> Option<FunctionalUnit> {
    let from = taker.errors.len();
    let (mut kind, mut label, mut quantity) = (None, None, None);
    taker.members("functional_unit", raw, |taker, name, full, raw| match name {
        "kind" => term(taker, &mut kind, full, raw, UnitKind::named),
        "label" => taker.text(&mut label, full, raw),
        "quantity_per_year" => taker.number(&mut quantity, full, raw),
        _ => taker.report("unknown-field", full),
    });
    if kind == Some(UnitKind::ServiceYear) && quantity.is_none() {
        quantity = Some(1.0);
    }
    let kind = need(taker, from, kind, "functional_unit.kind");
    let label = words(taker, from, label, "functional_unit.label");
    let quantity = need(taker, from, quantity, "functional_unit.quantity_per_year");
    Some(FunctionalUnit {
        kind: kind?,
        label: label?,
        quantity_per_year: quantity?,
    })
}

fn read_lines(raw: &RawValue, taker: &mut Taker<'_>) -> Option<Vec<Line>> {
    let Ok(raws) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else {
        taker.report("invalid-type", "lines");
        return None;
    };
    if raws.len() > LINE_LIMIT {
        taker.report("out-of-range", "lines");
        return None;
    }
    let read: Vec<Option<Line>> = raws
        .iter()
        .enumerate()
        .map(|(at, raw)| read_line(&format!("lines[{at}]"), raw, taker))
        .collect();
    read.into_iter().collect()
}

fn read_line(path: &str, raw: &RawValue, taker: &mut Taker<'_>) -> Option<Line> {
    let from = taker.errors.len();
    let (mut phase, mut tier, mut frequency) = (None, None, None);
    let (mut label, mut count, mut source) = (None, None, None);
    taker.members(path, raw, |taker, name, full, raw| match name {
        "phase" => term(taker, &mut phase, full, raw, Phase::named),
        "tier" => term(taker, &mut tier, full, raw, Tier::named),
        "frequency" => term(taker, &mut frequency, full, raw, Frequency::named),
        "label" => taker.text(&mut label, full, raw),
        "count" => taker.number(&mut count, full, raw),
        "source" => once(taker, &mut source, full, raw),
        _ => taker.report("unknown-field", full),
    });
    let in_line = |name: &str| format!("{path}.{name}");
    let phase = need(taker, from, phase, &in_line("phase"));
    let tier = need(taker, from, tier, &in_line("tier"));
    let has_source = source.is_some();
    let source = need(taker, from, source, &in_line("source"))
        .and_then(|raw| read_source(&in_line("source"), raw, taker));
    // A mark holds whatever the frequency, and a source that was not understood may have been one.
    let is_mark = has_source && matches!(source, None | Some(Source::Coverage(_)));
    if is_mark && frequency.is_none() {
        frequency = Some(Frequency::Once);
    }
    let frequency = need(taker, from, frequency, &in_line("frequency"));
    Some(Line {
        phase: phase?,
        tier: tier?,
        label: label.unwrap_or_default().into_owned(),
        frequency: frequency?,
        count: count.unwrap_or(1.0),
        source: source?,
    })
}

fn read_source(path: &str, raw: &RawValue, taker: &mut Taker<'_>) -> Option<Source> {
    let from = taker.errors.len();
    let mut kind: Text<'_> = None;
    let mut members = Vec::new();
    taker.members(path, raw, |taker, name, full, raw| {
        if name == "kind" {
            taker.text(&mut kind, full, raw);
        } else {
            members.push((name.to_owned(), full.to_owned(), raw));
        }
    });
    let kind_path = format!("{path}.kind");
    match need(taker, from, kind, &kind_path)?.as_ref() {
        "estimate" => read_estimate(path, &members, taker),
        "supplier" => read_statement(path, &members, taker),
        "measured" => read_log(path, &members, taker),
        "coverage" => read_mark(path, &members, taker),
        _ => {
            taker.report("out-of-range", &kind_path);
            None
        }
    }
}

type Members<'a> = [(String, String, &'a RawValue)];

fn read_estimate(path: &str, members: &Members<'_>, taker: &mut Taker<'_>) -> Option<Source> {
    let from = taker.errors.len();
    let mut request = None;
    for (name, full, raw) in members {
        match name.as_str() {
            "request" if is_object(raw.get()) => once(taker, &mut request, full, raw),
            "request" => taker.report("invalid-type", full),
            _ => taker.report("unknown-field", full),
        }
    }
    let request = need(taker, from, request, &format!("{path}.request"))?;
    Some(Source::Estimate {
        request: Request(request.get().to_owned()),
    })
}

fn read_statement(path: &str, members: &Members<'_>, taker: &mut Taker<'_>) -> Option<Source> {
    let from = taker.errors.len();
    let (mut who, mut date, mut document, mut zone) = (None, None, None, None);
    let (mut manufacture, mut indicators) = (None, None);
    for (name, full, raw) in members {
        match name.as_str() {
            "who" => taker.text(&mut who, full, raw),
            "date" => taker.text(&mut date, full, raw),
            "document" => taker.text(&mut document, full, raw),
            "zone" => taker.text(&mut zone, full, raw),
            "includes_manufacture" => taker.flag(&mut manufacture, full, raw),
            "indicators" => once(taker, &mut indicators, full, raw),
            _ => taker.report("unknown-field", full),
        }
    }
    let who = words(taker, from, who, &format!("{path}.who"));
    let date = words(taker, from, date, &format!("{path}.date"));
    let document = words(taker, from, document, &format!("{path}.document"));
    let field = format!("{path}.indicators");
    let raw = need(taker, from, indicators, &field)?;
    let mut slots = [None; 5];
    taker.members(&field, raw, |taker, name, full, raw| {
        let slot = slots
            .iter_mut()
            .zip(Indicator::ALL)
            .find(|(_, indicator)| indicator.id() == name);
        match slot {
            Some((slot, _)) => taker.bounds(slot, full, raw),
            None => taker.report("unknown-field", full),
        }
    });
    let stated: BTreeMap<Indicator, Bounds> = Indicator::ALL
        .iter()
        .zip(slots)
        .filter_map(|(indicator, bounds)| Some((*indicator, bounds?)))
        .collect();
    if stated.is_empty() && taker.errors.len() == from {
        taker.report("missing", &field);
    }
    Some(Source::Supplier(Statement {
        indicators: stated,
        who: who?,
        date: date?,
        document: document?,
        zone: zone.map(Cow::into_owned),
        includes_manufacture: manufacture.unwrap_or(false),
    }))
}

fn read_log(path: &str, members: &Members<'_>, taker: &mut Taker<'_>) -> Option<Source> {
    let from = taker.errors.len();
    let (mut energy, mut carbon, mut zone, mut tool) = (None, None, None, None);
    let mut year: Option<&RawValue> = None;
    for (name, full, raw) in members {
        match name.as_str() {
            "energy_kwh" => taker.bounds(&mut energy, full, raw),
            "carbon_kg" => taker.bounds(&mut carbon, full, raw),
            "zone" => taker.text(&mut zone, full, raw),
            "tool" => taker.text(&mut tool, full, raw),
            "year" => once(taker, &mut year, full, raw),
            _ => taker.report("unknown-field", full),
        }
    }
    let year = match year.map(|raw| raw.get().parse::<u16>()) {
        None => None,
        Some(Ok(year)) => Some(year),
        Some(Err(_)) => {
            taker.report("out-of-range", &format!("{path}.year"));
            None
        }
    };
    let energy = need(taker, from, energy, &format!("{path}.energy_kwh"));
    let zone = words(taker, from, zone, &format!("{path}.zone"));
    Some(Source::Measured(Log {
        energy_kwh: energy?,
        carbon_kg: carbon,
        zone: zone?,
        year,
        tool: tool.map(Cow::into_owned),
    }))
}

fn read_mark(path: &str, members: &Members<'_>, taker: &mut Taker<'_>) -> Option<Source> {
    let from = taker.errors.len();
    let (mut mark, mut reason) = (None, None);
    let (mut indicators, mut phases, mut tiers) = (None, None, None);
    let unnumbered = |id: &str| Coverage::named(id).filter(|coverage| !coverage.has_number());
    for (name, full, raw) in members {
        match name.as_str() {
            "mark" => term(taker, &mut mark, full, raw, unnumbered),
            "reason" => taker.text(&mut reason, full, raw),
            "indicators" => list(taker, &mut indicators, full, raw, Indicator::named),
            "phases" => list(taker, &mut phases, full, raw, Phase::named),
            "tiers" => list(taker, &mut tiers, full, raw, Tier::named),
            _ => taker.report("unknown-field", full),
        }
    }
    let mark = need(taker, from, mark, &format!("{path}.mark"));
    Some(Source::Coverage(Mark {
        mark: mark?,
        reason: reason.map(Cow::into_owned),
        indicators: indicators.unwrap_or_default(),
        phases: phases.unwrap_or_default(),
        tiers: tiers.unwrap_or_default(),
    }))
}

/// Numbers that the evaluation holds and that make no sense.
pub(super) fn check(evaluation: &Evaluation) -> Vec<Code> {
    let mut errors = Vec::new();
    let mut refuse = |field: &str| errors.push(code::of_field("out-of-range", "", field));
    let unit = &evaluation.functional_unit;
    let quantity = unit.quantity_per_year;
    let one = unit.kind != UnitKind::ServiceYear || (quantity - 1.0).abs() < f64::EPSILON;
    if !(quantity.is_finite() && quantity > 0.0 && one) {
        refuse("functional_unit.quantity_per_year");
    }
    let lifetime = evaluation.lifetime();
    if !(lifetime.is_finite() && lifetime > 0.0) {
        refuse("lifetime_years");
    }
    if evaluation.lines.len() > LINE_LIMIT {
        refuse("lines");
    }
    for (at, line) in evaluation.lines.iter().enumerate() {
        if !(line.count.is_finite() && line.count >= 0.0) {
            refuse(&format!("lines[{at}].count"));
        }
        let mut bracket = |bounds: &Bounds, field: &str| {
            if !(0.0 <= bounds.min && bounds.min <= bounds.max && bounds.max.is_finite()) {
                refuse(&format!("lines[{at}].source.{field}"));
            }
        };
        match &line.source {
            Source::Supplier(statement) => {
                for (indicator, bounds) in &statement.indicators {
                    bracket(bounds, &format!("indicators.{}", indicator.id()));
                }
            }
            Source::Measured(log) => {
                bracket(&log.energy_kwh, "energy_kwh");
                if let Some(carbon) = &log.carbon_kg {
                    bracket(carbon, "carbon_kg");
                }
            }
            Source::Estimate { .. } | Source::Coverage(_) => {}
        }
    }
    errors
}

fn once<'a>(taker: &mut Taker<'_>, slot: &mut Option<&'a RawValue>, field: &str, raw: &'a RawValue) {
    if slot.is_some() {
        taker.report("duplicate-field", field);
    } else if raw.get() != "null" {
        *slot = Some(raw);
    }
}

fn term<T>(
    taker: &mut Taker<'_>,
    slot: &mut Option<T>,
    field: &str,
    raw: &RawValue,
    named: impl Fn(&str) -> Option<T>,
) {
    if slot.is_some() {
        return taker.report("duplicate-field", field);
    }
    let mut text: Text<'_> = None;
    taker.text(&mut text, field, raw);
    if let Some(text) = text {
        *slot = named(&text);
        if slot.is_none() {
            taker.report("out-of-range", field);
        }
    }
}

fn list<T>(
    taker: &mut Taker<'_>,
    slot: &mut Option<Vec<T>>,
    field: &str,
    raw: &RawValue,
    named: impl Fn(&str) -> Option<T>,
) {
    if slot.is_some() {
        return taker.report("duplicate-field", field);
    }
    let Ok(names) = serde_json::from_str::<Vec<String>>(raw.get()) else {
        return taker.report("invalid-type", field);
    };
    *slot = names.iter().map(|name| named(name)).collect();
    if slot.is_none() {
        taker.report("out-of-range", field);
    }
}

/// A required field; its absence is not reported when something else is wrong with it.
fn need<T>(taker: &mut Taker<'_>, from: usize, slot: Option<T>, field: &str) -> Option<T> {
    let said = taker
        .errors
        .iter()
        .skip(from)
        .any(|code| code.split_once(':').is_some_and(|(_, named)| named == field));
    if slot.is_none() && !said {
        taker.report("missing", field);
    }
    slot
}

/// A required text: blank is missing.
fn words(taker: &mut Taker<'_>, from: usize, slot: Text<'_>, field: &str) -> Option<String> {
    let filled = slot.filter(|text| !text.trim().is_empty());
    need(taker, from, filled, field).map(Cow::into_owned)
}
