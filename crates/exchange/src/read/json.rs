//! Records as JSON: this project's own form, one per line or in an array, and the tables of Grist.

use serde_json::{Map, Value as Json};
use sobria_catalogue::content::Value;
use sobria_catalogue::field::{FIELDS, Field, FieldKind};
use sobria_catalogue::text::excerpt;

use super::{Column, ROWS_MAX, Sheet, SheetRow, understand};
use crate::aliases::Target;
use crate::cell::encode;
use crate::error::FileError;

/// Reads records.
pub fn read(text: &str, name: &str, hash: String) -> Result<Sheet, FileError> {
    let damaged = |cause: String| FileError::Damaged {
        name: name.to_owned(),
        cause,
    };
    let records: Vec<Json> = if text.starts_with('[') {
        serde_json::from_str(text).map_err(|error| damaged(error.to_string()))?
    } else {
        let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Json>();
        let mut records = Vec::new();
        for record in &mut stream {
            records.push(record.map_err(|error| damaged(error.to_string()))?);
            if records.len() > ROWS_MAX {
                return Err(FileError::TooLarge {
                    name: name.to_owned(),
                    what: "nombre de fiches".to_owned(),
                    limit: ROWS_MAX.to_string(),
                });
            }
        }
        records
    };
    match records.as_slice() {
        [Json::Object(only)] if only.contains_key("items") => {
            let items = only
                .get("items")
                .and_then(Json::as_array)
                .cloned()
                .unwrap_or_default();
            native(&items, name, hash)
        }
        [Json::Object(only)] if only.contains_key("records") => grist(only, name, hash),
        [Json::Object(only)] if !only.contains_key("title") && !only.contains_key("organisation") => {
            Err(FileError::NotATable {
                name: name.to_owned(),
                found: excerpt(&Json::Object(only.clone()).to_string(), 80),
            })
        }
        [] => Err(FileError::Empty {
            name: name.to_owned(),
        }),
        all => native(all, name, hash),
    }
}

fn native(records: &[Json], name: &str, hash: String) -> Result<Sheet, FileError> {
    let mut columns: Vec<Column> = FIELDS
        .iter()
        .map(|spec| Column {
            header: spec.id.to_owned(),
            target: Target::Field(spec.field),
        })
        .collect();
    columns.push(Column {
        header: "organisation.siren".to_owned(),
        target: Target::Siren,
    });
    columns.push(Column {
        header: "organisation.population".to_owned(),
        target: Target::Population,
    });
    let mut unknown: Vec<String> = Vec::new();
    let mut flat = Vec::with_capacity(records.len());
    for (position, record) in records.iter().enumerate() {
        let Json::Object(map) = record else {
            return Err(FileError::NotATable {
                name: name.to_owned(),
                found: format!(
                    "l’élément {} est {}",
                    position + 1,
                    excerpt(&record.to_string(), 60)
                ),
            });
        };
        let mut cells = Vec::new();
        flatten("", map, &mut cells);
        for (key, _) in &cells {
            let known = columns.iter().any(|column| column.header == *key)
                || crate::aliases::target(key) == Some(Target::System);
            if !known && !unknown.contains(key) && unknown.len() < 40 {
                unknown.push(key.clone());
            }
        }
        flat.push(cells);
    }
    columns.extend(unknown.into_iter().map(|header| Column {
        header,
        target: Target::Hidden,
    }));
    let rows = (1..)
        .zip(flat)
        .map(|(number, cells)| SheetRow {
            number,
            cells: columns
                .iter()
                .map(|column| {
                    cells
                        .iter()
                        .find(|(key, _)| *key == column.header)
                        .map(|(_, cell)| cell.clone())
                        .unwrap_or_default()
                })
                .collect(),
        })
        .collect();
    Ok(Sheet {
        name: name.to_owned(),
        hash,
        columns,
        rows,
        native: true,
    })
}

/// Dotted keys with their cells. An object that is the value of a field is not taken apart.
fn flatten(prefix: &str, map: &Map<String, Json>, cells: &mut Vec<(String, String)>) {
    for (key, value) in map {
        let path = if prefix.is_empty() {
            key.clone()
        } else {
            format!("{prefix}.{key}")
        };
        match (Field::by_id(&path), value) {
            (_, Json::Null) => {}
            (Some(field), value) => cells.push((path, field_cell(field, value))),
            (None, Json::Object(inner)) => flatten(&path, inner, cells),
            (None, value) => cells.push((path, scalar(value))),
        }
    }
}

fn field_cell(field: Field, value: &Json) -> String {
    if matches!(field.spec().kind, FieldKind::Decimal { .. }) {
        return scalar(value);
    }
    match Value::from_json(field, value.clone()) {
        Ok(value) => encode(&value),
        Err(_) => scalar(value),
    }
}

fn scalar(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

/// `{"records": [{"id": 1, "fields": {…}}]}`: lists arrive as `["L", …]`, dates as seconds.
fn grist(document: &Map<String, Json>, name: &str, hash: String) -> Result<Sheet, FileError> {
    let records = document
        .get("records")
        .and_then(Json::as_array)
        .cloned()
        .unwrap_or_default();
    let fields: Vec<&Map<String, Json>> = records
        .iter()
        .filter_map(|record| record.get("fields").and_then(Json::as_object))
        .collect();
    let mut headers: Vec<String> = Vec::new();
    for map in &fields {
        for key in map.keys() {
            if !headers.contains(key) {
                headers.push(key.clone());
            }
        }
    }
    let mut table = vec![headers.clone()];
    table.extend(fields.iter().map(|map| {
        headers
            .iter()
            .map(|header| {
                map.get(header)
                    .map(|value| grist_cell(header, value))
                    .unwrap_or_default()
            })
            .collect()
    }));
    understand(table, name, hash, &super::ReadOptions::default())
}

fn grist_cell(header: &str, value: &Json) -> String {
    match value {
        Json::Array(items) => {
            let rest = if items.first().and_then(Json::as_str) == Some("L") {
                items.get(1..).unwrap_or(&[])
            } else {
                items
            };
            rest.iter().map(scalar).collect::<Vec<_>>().join("; ")
        }
        Json::Number(number) if header.to_lowercase().contains("date") => number
            .as_i64()
            .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
            .map_or_else(
                || number.to_string(),
                |at| at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string(),
            ),
        other => scalar(other),
    }
}
