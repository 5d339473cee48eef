//! Values as cells of the native form: what is written reads back as it was.
//!
//! Several values in one cell are separated by `|`; a `|` or a `\` inside a value is preceded by `\`.

use std::borrow::Cow;
use std::fmt::Write as _;

use sobria_catalogue::content::{CodesText, Contact, Link, Partner, Value};
use sobria_catalogue::field::{Field, FieldKind};
use sobria_catalogue::vocabulary::{Vocabularies, VocabularyId};

/// Marks the free text beside codes.
const TEXT: &str = "texte:";

/// Writes a value as a cell.
pub fn encode(value: &Value) -> String {
    let mut cell = String::new();
    write_cell(&mut cell, value);
    cell
}

/// Writes a value as a cell at the end of a text.
pub fn write_cell(cell: &mut String, value: &Value) {
    match value {
        Value::Text(text) | Value::Code(text) => cell.push_str(text),
        Value::Codes(items) | Value::Names(items) => join(cell, items.iter().map(Cow::from)),
        Value::CodesText(both) => {
            let text = both.text.iter().map(|text| Cow::from(format!("{TEXT}{text}")));
            join(cell, both.codes.iter().map(Cow::from).chain(text));
        }
        // Writing to a string cannot fail.
        Value::Date(date) => {
            let _ = write!(cell, "{date}");
        }
        Value::Integer(number) => {
            let _ = write!(cell, "{number}");
        }
        Value::Partners(partners) => join(cell, partners.iter().map(partner)),
        Value::Links(links) => join(cell, links.iter().map(link)),
        Value::Contact(contact) => match (&contact.email, &contact.role) {
            (Some(email), None) if !email.starts_with('{') => cell.push_str(email),
            _ => cell.push_str(&serde_json::to_string(contact).unwrap_or_default()),
        },
    }
}

fn partner(partner: &Partner) -> Cow<'_, str> {
    match &partner.role {
        Some(role) => Cow::from(format!("{} [{role}]", partner.name)),
        // A name that ends like a role is closed by an empty one.
        None if partner.name.ends_with(']') => Cow::from(format!("{} []", partner.name)),
        None => Cow::from(&partner.name),
    }
}

fn link(link: &Link) -> Cow<'_, str> {
    match link {
        Link {
            url: Some(url),
            label: None,
            access: None,
            kind: None,
        } if !url.starts_with('{') => Cow::from(url),
        _ => Cow::from(serde_json::to_string(link).unwrap_or_default()),
    }
}

fn join<'v>(cell: &mut String, items: impl Iterator<Item = Cow<'v, str>>) {
    for (position, item) in items.enumerate() {
        if position > 0 {
            cell.push('|');
        }
        if item.contains(['\\', '|']) {
            cell.push_str(&item.replace('\\', "\\\\").replace('|', "\\|"));
        } else {
            cell.push_str(&item);
        }
    }
}

/// The values of a cell.
pub fn split(cell: &str) -> Vec<String> {
    let mut items = Vec::new();
    let mut item = String::new();
    let mut chars = cell.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => item.extend(chars.next()),
            '|' => items.push(std::mem::take(&mut item)),
            other => item.push(other),
        }
    }
    items.push(item);
    items.retain(|item| !item.trim().is_empty());
    items
}

/// Reads a cell of the native form. Nothing when the cell does not have the form of the field.
pub fn decode(field: Field, cell: &str) -> Option<Value> {
    match field.spec().kind {
        FieldKind::Text { .. } | FieldKind::Block { .. } | FieldKind::Siret => {
            Some(Value::Text(cell.to_owned()))
        }
        FieldKind::Code(_) => Some(Value::Code(cell.trim().to_owned())),
        FieldKind::Codes(_) | FieldKind::CodesMax(..) => Some(Value::Codes(split(cell))),
        FieldKind::Names { .. } => Some(Value::Names(split(cell))),
        FieldKind::CodesText(_) => {
            let mut both = CodesText::default();
            for item in split(cell) {
                match item.strip_prefix(TEXT) {
                    Some(text) => both.text = Some(text.to_owned()),
                    None => both.codes.push(item),
                }
            }
            Some(Value::CodesText(both))
        }
        FieldKind::Date => cell.trim().parse().ok().map(Value::Date),
        FieldKind::Integer => cell.trim().parse().ok().map(Value::Integer),
        FieldKind::Partners => Some(Value::Partners(
            split(cell).into_iter().map(read_partner).collect(),
        )),
        FieldKind::Links | FieldKind::Resources => split(cell)
            .into_iter()
            .map(read_link)
            .collect::<Option<Vec<_>>>()
            .map(Value::Links),
        FieldKind::Contact => {
            if cell.trim_start().starts_with('{') {
                serde_json::from_str(cell).ok().map(Value::Contact)
            } else {
                Some(Value::Contact(Contact {
                    email: Some(cell.trim().to_owned()),
                    role: None,
                }))
            }
        }
        FieldKind::Decimal { .. } => None,
    }
}

fn read_partner(item: String) -> Partner {
    if let Some((name, role)) = item.strip_suffix(']').and_then(|item| item.rsplit_once(" [")) {
        let known = Vocabularies::embedded()
            .get(VocabularyId::PartnerRole)
            .by_code(role)
            .is_some();
        if role.is_empty() || known {
            return Partner {
                name: name.to_owned(),
                role: known.then(|| role.to_owned()),
            };
        }
    }
    Partner {
        name: item,
        role: None,
    }
}

fn read_link(item: String) -> Option<Link> {
    if item.starts_with('{') {
        return serde_json::from_str(&item).ok();
    }
    Some(Link {
        url: Some(item),
        ..Link::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text() -> impl Strategy<Value = String> {
        "[a-zé|\\\\\\[\\]{}\" :,;'’\n-]{1,12}".prop_filter("not blank", |text| !text.trim().is_empty())
    }

    fn value() -> impl Strategy<Value = (Field, Value)> {
        let role = prop::option::of(prop::sample::select(vec![
            "academique".to_owned(),
            "financeur".to_owned(),
        ]));
        let partner = (text(), role).prop_map(|(name, role)| Partner { name, role });
        let link = (
            prop::option::of(text()),
            prop::option::of(text()),
            prop::option::of(text()),
            prop::option::of(text()),
        )
            .prop_map(|(url, label, access, kind)| Link {
                url,
                label,
                access,
                kind,
            });
        prop_oneof![
            text().prop_map(|t| (Field::Description, Value::Text(t))),
            prop::collection::vec(text(), 1..4).prop_map(|t| (Field::Tags, Value::Names(t))),
            prop::collection::vec(partner, 1..4).prop_map(|p| (Field::Partners, Value::Partners(p))),
            prop::collection::vec(link, 1..3).prop_map(|l| (Field::InfoLinks, Value::Links(l))),
            (
                prop::collection::vec("[a-z_]{1,8}", 0..3),
                prop::option::of(text())
            )
                .prop_map(|(codes, text)| (Field::Hosting, Value::CodesText(CodesText { codes, text }))),
            any::<u32>().prop_map(|n| (Field::DecisionPerYear, Value::Integer(u64::from(n)))),
            (
                prop::option::of("[a-z]{1,5}@[a-z]{1,5}"),
                prop::option::of(text())
            )
                .prop_map(|(email, role)| (Field::Contact, Value::Contact(Contact { email, role }))),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_as_it_was((field, value) in value()) {
            prop_assert_eq!(decode(field, &encode(&value)), Some(value));
        }

        #[test]
        fn any_cell_is_read_without_a_panic(cell in ".{0,40}") {
            for spec in sobria_catalogue::field::FIELDS {
                let _ = decode(spec.field, &cell);
            }
        }
    }
}
