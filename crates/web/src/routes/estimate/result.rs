//! Figures in words: ranges, equivalents, differences, the values that a result rests on.

use std::borrow::Cow;

use sobria_estimate::Reference;
use sobria_estimate::equivalents;
use sobria_estimate::french::{Scale, decimal, range};
use sobria_estimate::provenance::{Assumption, ChosenBy, Value};
use sobria_estimate::quantity::{Delta, Interval, Quantity};
use sobria_estimate::reference::Criterion;

use super::attach;
use super::form::{FOLDS, Form};
use crate::view::chart::{Bar, BarChart};
use crate::view::estimate::{AssumptionRow, EquivalentGroup};
use crate::view::library::Link;

/// Significant digits on screen: an estimate does not hold more.
const DIGITS: usize = 2;

/// A range in words.
pub fn words<Q: Quantity>(interval: Interval<Q>, scale: Scale) -> String {
    range(interval.low().get(), interval.high().get(), scale, DIGITS)
}

/// A range of plain numbers in words.
pub fn between(low: f64, high: f64, scale: Scale) -> String {
    range(low, high, scale, DIGITS)
}

/// A difference in words: less, more, or in doubt.
pub fn difference<Q: Quantity>(delta: Delta<Q>, scale: Scale) -> String {
    let (low, high) = (delta.low(), delta.high());
    if low.abs().max(high.abs()) <= 0.0 {
        return "aucune".to_owned();
    }
    if high <= 0.0 {
        format!("− {}", strip(&range(-high, -low, scale, DIGITS)))
    } else if low >= 0.0 {
        format!("+ {}", strip(&range(low, high, scale, DIGITS)))
    } else {
        format!(
            "de − {} à + {}, incertaine",
            range(-low, -low, scale, DIGITS),
            range(high, high, scale, DIGITS)
        )
    }
}

/// `entre 1 et 2 kg` after a sign or a preposition reads better as `1 à 2 kg`.
pub fn strip(words: &str) -> String {
    words
        .strip_prefix("entre ")
        .map_or_else(|| words.to_owned(), |rest| rest.replacen(" et ", " à ", 1))
}

/// A share in hundredths, in words.
pub fn percent(part: f64, whole: f64) -> Option<u32> {
    if !(part >= 0.0 && whole > 0.0) {
        return None;
    }
    let hundredths = (part / whole * 100.0).round().clamp(0.0, 100.0);
    // Bounded just above, so that the text is that of a whole number.
    format!("{hundredths:.0}").parse().ok()
}

/// The equivalents of a range, the physical value first.
pub fn equivalents_of(
    reference: &Reference,
    name: &str,
    criterion: Criterion,
    scale: Scale,
    (low, high): (f64, f64),
    scope: &str,
) -> Option<EquivalentGroup> {
    let selection = equivalents::select(reference, criterion, low, high);
    if selection.shown.is_empty() {
        return None;
    }
    let mut remarks: Vec<String> = Vec::new();
    if selection.multiple > 1.0 {
        remarks.push(format!(
            "Rapporté à {} fois cette quantité, trop petite pour être imaginée seule.",
            decimal(selection.multiple, 0)
        ));
    }
    if selection.strong_doubt {
        remarks.push("Incertitude forte\u{a0}: les deux bornes diffèrent de plus de dix fois.".to_owned());
    }
    if !scope.is_empty() {
        remarks.push(scope.to_owned());
    }
    Some(EquivalentGroup {
        name: name.to_owned(),
        figure: between(low, high, scale),
        lines: selection
            .shown
            .iter()
            .map(|shown| {
                (
                    shown.sentence.clone(),
                    format!(
                        "{}\u{202f}; {}, {}",
                        shown.row.scope, shown.row.source, shown.row.year
                    ),
                )
            })
            .collect(),
        remark: remarks.join(" "),
    })
}

/// The first equivalent of the climate, to stand beside the headline.
pub fn pictured(equivalents: &[EquivalentGroup]) -> String {
    equivalents
        .iter()
        .find(|group| group.name == "Climat")
        .and_then(|group| group.lines.first())
        .map(|(sentence, _)| format!("soit {sentence}"))
        .unwrap_or_default()
}

/// The greenhouse gases by part, each as a share of their sum; no chart of what has no share.
pub fn shares(title: &str, label_header: &str, total: f64, parts: &[(&str, f64)]) -> Vec<BarChart> {
    let bars: Vec<Bar> = parts
        .iter()
        .filter_map(|(label, part)| {
            let length = percent(*part, total)?;
            Some(Bar {
                label: (*label).to_owned(),
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

/// Files of the result of a calculator, one a table where it makes one, and the way to attach it to a record.
pub fn downloads(form: &Form, path: &str, name: &str, table: bool) -> Vec<Link> {
    let file = |extension: &str, changes: &[(&'static str, Option<String>)]| {
        form.with(
            &format!("{path}.{extension}"),
            &[&[("avec", None)], changes].concat(),
        )
    };
    let mut links = vec![
        Link::new(
            "Demande (JSON)",
            file("json", &[("demande", Some("1".to_owned()))]),
        ),
        Link::new("Réponse (JSON)", file("json", &[])),
    ];
    if table {
        links.push(Link::new("CSV", file("csv", &[])));
    }
    let attached = [("avec", None), (attach::FROM, Some(name.to_owned()))];
    links.push(Link::new(
        "Attacher à une fiche",
        form.with(attach::PATH, &attached),
    ));
    links
}

/// The other setting that an address puts beside its own, unless it is the same.
pub fn beside(form: &Form) -> Option<Form> {
    let query = form.text("avec")?;
    (query != form.query()).then(|| Form::read(query))
}

/// The values used, each with its source and the field that changes it.
pub fn assumptions(
    list: &[Assumption],
    name_of: impl Fn(&str) -> String,
    field_of: impl Fn(&str) -> Cow<'static, str>,
) -> Vec<AssumptionRow> {
    list.iter()
        .map(|item| AssumptionRow {
            name: name_of(&item.field),
            value: match item.unit {
                "" => value_words(&item.value),
                unit => format!("{}\u{a0}{unit}", value_words(&item.value)),
            },
            source: item.source.to_string(),
            chosen: match item.chosen_by {
                ChosenBy::User => "saisie",
                ChosenBy::Table => "table",
                ChosenBy::Default => "par défaut",
            },
            field: field_of(&item.field).into_owned(),
        })
        .collect()
}

/// Makes the name of each field its address: on this page for those that everyone fills, on the page with the
/// folded part that holds them for the others.
pub fn lead_to_fields(
    rows: &mut [AssumptionRow],
    main: &[&str],
    form: &Form,
    path: &str,
    fold_of: impl Fn(&str) -> &'static str,
) {
    for row in rows.iter_mut().filter(|row| !row.field.is_empty()) {
        row.field = if main.contains(&row.field.as_str()) {
            format!("#{}", row.field)
        } else {
            let page = form.with(path, &[(FOLDS, Some(fold_of(&row.field).to_owned()))]);
            format!("{page}#{}", row.field)
        };
    }
}

/// Every digit of a value, so that the calculation can be made again by hand.
fn value_words(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        Value::Number(number) => exact(*number),
        Value::Range(bounds) if bounds.min < bounds.max => {
            format!("{} à {}", exact(bounds.min), exact(bounds.max))
        }
        Value::Range(bounds) => exact(bounds.min),
    }
}

/// A number with every digit, so that the calculation can be made again by hand.
pub fn exact(number: f64) -> String {
    let plain = number.to_string();
    match plain.split_once('.') {
        None if number.abs() < 1e15 => decimal(number, 0),
        // Tiny factors are read as they are written in their table.
        _ if number.abs() < 1e-4 => format!("{number:e}").replace('.', ","),
        _ => plain.replace('.', ","),
    }
}

#[cfg(test)]
mod tests {
    use sobria_estimate::quantity::KgCo2e;

    use super::*;

    #[test]
    fn differences_say_less_more_or_in_doubt() {
        let kg = |low, high| Interval::<KgCo2e>::of(low, high).unwrap();
        let words = |a, b| difference(Interval::change_to(a, b), Scale::Climate);
        assert_eq!(words(kg(10.0, 20.0), kg(1.0, 2.0)), "− 8 à 19\u{a0}kg\u{a0}CO₂e");
        assert_eq!(words(kg(1.0, 1.0), kg(3.0, 3.0)), "+ 2\u{a0}kg\u{a0}CO₂e");
        assert!(words(kg(1.0, 5.0), kg(2.0, 4.0)).ends_with("incertaine"));
        assert_eq!(words(kg(1.0, 1.0), kg(1.0, 1.0)), "aucune");
    }

    #[test]
    fn values_keep_every_digit() {
        assert_eq!(exact(0.04144), "0,04144");
        assert_eq!(exact(154_000.0), "154\u{202f}000");
        assert_eq!(exact(9.855e-8), "9,855e-8");
    }
}
