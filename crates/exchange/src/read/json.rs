//! Records as JSON: this project's own form, one per line or in an array, and the tables of Grist.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Map, Value as Json};
use sobria_catalogue::content::Value;
use sobria_catalogue::field::{Field, FieldKind};
use sobria_catalogue::import::Issue;
use sobria_catalogue::text::excerpt;

use super::{
    COLUMNS_MAX, Column, Mark, ROWS_MAX, RawRow, RawTable, ReadOptions, Sheet, SheetRow, answer, understand,
};
use crate::aliases::{Target, target};
use crate::cell::encode;
use crate::error::FileError;

/// Keys under which lists of records are found in answers of programs.
const LISTS: [&str; 4] = ["items", "data", "results", "rows"];

/// Reads records.
pub fn read(
    text: &str,
    name: &str,
    hash: String,
    options: &ReadOptions,
    notes: Vec<Issue>,
) -> Result<Sheet, FileError> {
    let mut sheet = records(text, name, hash, options)?;
    sheet.notes.splice(0..0, notes);
    Ok(sheet)
}

fn records(text: &str, name: &str, hash: String, options: &ReadOptions) -> Result<Sheet, FileError> {
    let damaged = |error: serde_json::Error| FileError::Damaged {
        name: name.to_owned(),
        cause: format!(
            "{} à la ligne {}, caractère {}",
            if error.classify() == Category::Data {
                "clé de JSON écrite deux fois"
            } else {
                "JSON mal formé"
            },
            error.line(),
            error.column()
        ),
    };
    let mut records: Vec<Json> = if text.starts_with('[') {
        let list: Vec<Strict> = serde_json::from_str(text).map_err(damaged)?;
        list.into_iter().map(|Strict(record)| record).collect()
    } else {
        let mut records = Vec::new();
        for record in serde_json::Deserializer::from_str(text).into_iter::<Strict>() {
            records.push(record.map_err(damaged)?.0);
            if records.len() > ROWS_MAX {
                break;
            }
        }
        records
    };
    if let [Json::Object(only)] = records.as_mut_slice() {
        let holds = |key: &str| {
            only.get(key)
                .and_then(Json::as_array)
                .is_some_and(|list| !list.is_empty())
        };
        let is_empty = !holds("records") && !LISTS.into_iter().any(holds);
        if let Some(said) = answer::in_object(only).filter(|_| is_empty) {
            return Err(FileError::ServiceAnswer {
                name: name.to_owned(),
                said,
            });
        }
        if let Some(list) = only.get("records").and_then(Json::as_array) {
            return understand(grist(list), name, hash, options);
        }
        let list = LISTS.iter().find_map(|key| match only.get_mut(*key) {
            Some(Json::Array(list)) => Some(std::mem::take(list)),
            _ => None,
        });
        if let Some(list) = list {
            records = list;
        } else if !only
            .keys()
            .any(|key| target(key).is_some() || key == "organisation")
        {
            return Err(FileError::NotATable {
                name: name.to_owned(),
                found: excerpt(&Json::Object(std::mem::take(only)).to_string(), 80),
            });
        }
    }
    if records.is_empty() {
        return Err(FileError::Empty {
            name: name.to_owned(),
        });
    }
    if records.len() > ROWS_MAX {
        return Err(FileError::TooLarge {
            name: name.to_owned(),
            what: "nombre de fiches".to_owned(),
            limit: ROWS_MAX.to_string(),
        });
    }
    for (position, record) in records.iter().enumerate() {
        if !record.is_object() {
            return Err(FileError::NotATable {
                name: name.to_owned(),
                found: format!(
                    "l’élément {} est {}",
                    position + 1,
                    excerpt(&record.to_string(), 60)
                ),
            });
        }
    }
    let maps = || records.iter().filter_map(Json::as_object);
    if maps().any(|map| map.contains_key("title") || map.contains_key("organisation")) {
        native(maps(), name, hash)
    } else {
        understand(table(maps()), name, hash, options)
    }
}

/// Any JSON in which no object has one key twice: readers differ on the one that counts.
struct Strict(Json);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Strict;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_unit<E>(self) -> Result<Strict, E> {
                Ok(Strict(Json::Null))
            }

            fn visit_bool<E>(self, flag: bool) -> Result<Strict, E> {
                Ok(Strict(Json::from(flag)))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Strict, E> {
                Ok(Strict(Json::from(number)))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Strict, E> {
                Ok(Strict(Json::from(number)))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Strict, E> {
                Ok(Strict(Json::from(number)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Strict, E> {
                Ok(Strict(Json::from(text)))
            }

            fn visit_string<E>(self, text: String) -> Result<Strict, E> {
                Ok(Strict(Json::from(text)))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Strict, A::Error> {
                let mut items = Vec::new();
                while let Some(Strict(item)) = list.next_element()? {
                    items.push(item);
                }
                Ok(Strict(Json::Array(items)))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Strict, A::Error> {
                let mut map = Map::new();
                while let Some((key, Strict(value))) = object.next_entry::<String, Strict>()? {
                    if map.insert(key, value).is_some() {
                        return Err(A::Error::custom("a key stands twice"));
                    }
                }
                Ok(Strict(Json::Object(map)))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// Records of this project: only the fields that some record holds are columns.
fn native<'a>(
    records: impl Iterator<Item = &'a Map<String, Json>>,
    name: &str,
    hash: String,
) -> Result<Sheet, FileError> {
    let mut columns: Vec<Column> = Vec::new();
    let mut position_of: HashMap<String, usize> = HashMap::new();
    let mut rows = Vec::new();
    let mut marks = HashMap::new();
    let mut key_columns = |columns: &mut Vec<Column>, key: &str| -> Option<usize> {
        if let Some(known) = position_of.get(key) {
            return Some(*known);
        }
        let target = match (Field::by_id(key), target(key)) {
            (Some(field), _) => Target::Field(field),
            (None, Some(known @ (Target::System | Target::Siren | Target::Population))) => known,
            _ => Target::Hidden,
        };
        columns.push(Column {
            header: key.to_owned(),
            target,
        });
        position_of.insert(key.to_owned(), columns.len() - 1);
        (columns.len() <= COLUMNS_MAX).then_some(columns.len() - 1)
    };
    // A record without them is refused by name, not taken for one whose file never had the column.
    for key in ["organisation.name", "title"] {
        key_columns(&mut columns, key);
    }
    for (number, record) in (1..).zip(records) {
        let mut flat = Vec::new();
        flatten("", record, &mut flat);
        let mut cells = vec![String::new(); columns.len()];
        for (key, cell, mark) in flat {
            let Some(position) = key_columns(&mut columns, &key) else {
                return Err(FileError::TooLarge {
                    name: name.to_owned(),
                    what: "nombre de champs".to_owned(),
                    limit: COLUMNS_MAX.to_string(),
                });
            };
            if let Some(mark) = mark {
                marks.insert((number, position), mark);
            }
            cells.resize(columns.len(), String::new());
            if let Some(slot) = cells.get_mut(position) {
                *slot = cell;
            }
        }
        rows.push(SheetRow {
            number,
            line: number,
            cells: cells.into_iter().collect(),
        });
    }
    for row in &mut rows {
        row.cells = std::mem::take(&mut row.cells).completed(columns.len());
    }
    Ok(Sheet {
        name: name.to_owned(),
        hash,
        columns,
        rows,
        marks,
        hidden: BTreeSet::new(),
        from_1904: false,
        native: true,
        quoted: false,
        notes: Vec::new(),
    })
}

/// Dotted keys with their cells. An object that is the value of a field is not taken apart.
fn flatten(prefix: &str, map: &Map<String, Json>, cells: &mut Vec<(String, String, Option<Mark>)>) {
    for (key, value) in map {
        let path = if prefix.is_empty() {
            key.clone()
        } else {
            format!("{prefix}.{key}")
        };
        match (Field::by_id(&path), value) {
            (_, Json::Null) => {}
            (Some(field), value) => {
                let (cell, mark) = field_cell(field, value);
                cells.push((path, cell, mark));
            }
            (None, Json::Object(inner)) => flatten(&path, inner, cells),
            (None, value) => cells.push((path, scalar(value), None)),
        }
    }
}

/// The cell of a value. A text or a number may stand where the other is due, as people write them; anything else
/// of another type than the field's is marked.
fn field_cell(field: Field, value: &Json) -> (String, Option<Mark>) {
    let kind = field.spec().kind;
    if !matches!(kind, FieldKind::Decimal { .. })
        && let Ok(value) = Value::from_json(field, value.clone())
    {
        return (encode(&value), None);
    }
    match value {
        Json::Array(items) if takes_many(kind) && items.iter().all(|item| item.is_string()) => {
            (items.iter().map(scalar).collect::<Vec<_>>().join("; "), None)
        }
        Json::Array(_) | Json::Object(_) | Json::Bool(_) => (scalar(value), Some(Mark::WrongType)),
        _ => (scalar(value), None),
    }
}

/// Whether cells of the kind hold several values.
fn takes_many(kind: FieldKind) -> bool {
    matches!(
        kind,
        FieldKind::Codes(_)
            | FieldKind::CodesMax(..)
            | FieldKind::CodesText(_)
            | FieldKind::Partners
            | FieldKind::Links
            | FieldKind::Resources
            | FieldKind::Names { .. }
    )
}

fn scalar(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

/// `{"records": [{"id": 1, "fields": {…}}]}`: the fields of each record are its cells.
fn grist(records: &[Json]) -> RawTable {
    table(
        records
            .iter()
            .filter_map(|record| record.get("fields").and_then(Json::as_object)),
    )
}

/// Flat records as a table: keys are headers.
fn table<'a>(records: impl Iterator<Item = &'a Map<String, Json>>) -> RawTable {
    let mut headers: Vec<String> = Vec::new();
    let mut position_of: HashMap<&str, usize> = HashMap::new();
    let mut rows = vec![RawRow::default()];
    for (line, map) in (1..).zip(records) {
        let mut cells = Vec::new();
        for (key, value) in map {
            let position = *position_of.entry(key).or_insert_with(|| {
                headers.push(key.clone());
                headers.len() - 1
            });
            // One column too many is enough to refuse the table.
            if position > COLUMNS_MAX {
                continue;
            }
            if cells.len() <= position {
                cells.resize(position + 1, String::new());
            }
            if let Some(slot) = cells.get_mut(position) {
                *slot = flat_cell(key, value);
            }
        }
        if cells.is_empty() {
            cells.push(String::new());
        }
        rows.push(RawRow {
            line,
            cells: cells.into_iter().collect(),
        });
    }
    headers.truncate(COLUMNS_MAX + 1);
    if let Some(first) = rows.first_mut() {
        first.cells = headers.into_iter().collect();
    }
    RawTable {
        rows,
        placed: true,
        ..RawTable::default()
    }
}

/// Grist gives lists as `["L", …]` and dates as seconds.
fn flat_cell(header: &str, value: &Json) -> String {
    match value {
        Json::Array(items) => {
            let rest = match items.split_first() {
                Some((Json::String(first), rest)) if first == "L" => rest,
                _ => items,
            };
            rest.iter().map(scalar).collect::<Vec<_>>().join("; ")
        }
        Json::Number(number) if header.to_lowercase().contains("date") => number
            .as_i64()
            // Smaller numbers are years or days of a spreadsheet.
            .filter(|seconds| seconds.abs() > 1_000_000)
            .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
            .map_or_else(
                || number.to_string(),
                |at| at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string(),
            ),
        other => scalar(other),
    }
}
