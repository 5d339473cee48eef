//! The values of a record: one per field, in a form that each kind of field allows.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use crate::field::{Field, FieldKind};
use crate::partial_date::PartialDate;

/// An organisation that takes part in a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partner {
    /// Its name, as written.
    pub name: String,
    /// What it brings: a code of the vocabulary `partner_role`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// An address, or the mention that there is one inside the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The address (`http` or `https`), absent when access is internal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Text to show in place of the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Who can open it: a code of the vocabulary `link_access`; open when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<String>,
    /// What it is, for a resource: a code of the vocabulary `resource_kind`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

/// Whom to write to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Service mailbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Service or function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// Codes of a vocabulary with a free text beside them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodesText {
    /// Codes.
    #[serde(default)]
    pub codes: Vec<String>,
    /// What the codes do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A line or a block of text.
    Text(String),
    /// One code.
    Code(String),
    /// Several codes.
    Codes(Vec<String>),
    /// Several codes and a text.
    CodesText(CodesText),
    /// A date with its precision.
    Date(PartialDate),
    /// A whole number.
    Integer(u64),
    /// Partners.
    Partners(Vec<Partner>),
    /// Links or resources.
    Links(Vec<Link>),
    /// Free short texts.
    Names(Vec<String>),
    /// A contact.
    Contact(Contact),
}

/// A JSON value that does not have the form its field asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{field}\" holds {given}: expected {expected}")]
pub struct InvalidValue {
    /// Identifier of the field.
    pub field: String,
    /// What was given, shortened.
    pub given: String,
    /// What the field holds.
    pub expected: &'static str,
}

impl Value {
    /// The text of a text value.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The codes of a coded value.
    pub fn codes(&self) -> &[String] {
        match self {
            Self::Code(code) => std::slice::from_ref(code),
            Self::Codes(codes) => codes,
            Self::CodesText(value) => &value.codes,
            _ => &[],
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) | Self::Code(text) => text.is_empty(),
            Self::Codes(codes) | Self::Names(codes) => codes.is_empty(),
            Self::CodesText(value) => value.codes.is_empty() && value.text.is_none(),
            Self::Partners(partners) => partners.is_empty(),
            Self::Links(links) => links.is_empty(),
            Self::Contact(contact) => contact.email.is_none() && contact.role.is_none(),
            Self::Date(_) | Self::Integer(_) => false,
        }
    }

    /// The JSON form.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Text(text) | Self::Code(text) => Json::String(text.clone()),
            Self::Codes(items) | Self::Names(items) => json!(items),
            Self::CodesText(value) => json!(value),
            Self::Date(date) => Json::String(date.to_string()),
            Self::Integer(number) => json!(number),
            Self::Partners(partners) => json!(partners),
            Self::Links(links) => json!(links),
            Self::Contact(contact) => json!(contact),
        }
    }

    /// Reads the JSON form that the kind of `field` asks for.
    ///
    /// # Errors
    /// When the JSON has another form: a number where a text is due, an unknown key in an object.
    pub fn from_json(field: Field, json: Json) -> Result<Self, InvalidValue> {
        let spec = field.spec();
        let json = &json;
        let invalid = |expected| InvalidValue {
            field: spec.id.to_owned(),
            given: crate::text::excerpt(&json.to_string(), 80),
            expected,
        };
        fn read<T: serde::de::DeserializeOwned>(json: &Json) -> Option<T> {
            T::deserialize(json).ok()
        }
        match spec.kind {
            FieldKind::Text { .. } | FieldKind::Block { .. } | FieldKind::Siret => {
                read(json).map(Self::Text).ok_or_else(|| invalid("a text"))
            }
            FieldKind::Code(_) => read(json).map(Self::Code).ok_or_else(|| invalid("a code")),
            FieldKind::Codes(_) | FieldKind::CodesMax(..) => read(json)
                .map(Self::Codes)
                .ok_or_else(|| invalid("a list of codes")),
            FieldKind::CodesText(_) => read(json)
                .map(Self::CodesText)
                .ok_or_else(|| invalid("an object {\"codes\": […], \"text\": \"…\"}")),
            FieldKind::Date => read(json)
                .map(Self::Date)
                .ok_or_else(|| invalid("a date such as 2024, 2024-03 or 2024-03-15")),
            FieldKind::Integer => read(json)
                .map(Self::Integer)
                .ok_or_else(|| invalid("a whole number, zero or more")),
            FieldKind::Partners => read(json)
                .map(Self::Partners)
                .ok_or_else(|| invalid("a list of {\"name\", \"role\"}")),
            FieldKind::Links | FieldKind::Resources => read(json)
                .map(Self::Links)
                .ok_or_else(|| invalid("a list of {\"url\", \"label\", \"access\", \"kind\"}")),
            FieldKind::Names { .. } => read(json)
                .map(Self::Names)
                .ok_or_else(|| invalid("a list of texts")),
            FieldKind::Contact => read(json)
                .map(Self::Contact)
                .ok_or_else(|| invalid("an object {\"email\", \"role\"}")),
            FieldKind::Decimal { .. } => Err(invalid("a value of the organisation")),
        }
    }
}

/// The values of a use case, organisation apart. A field without a value is absent, never empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Content {
    /// In the order of the table: a record holds a dozen values, too few to be worth a tree.
    values: Vec<(Field, Value)>,
}

impl Content {
    /// Without any value yet, with room for so many.
    pub fn with_capacity(values: usize) -> Self {
        Self {
            values: Vec::with_capacity(values),
        }
    }

    /// The value of a field.
    pub fn get(&self, field: Field) -> Option<&Value> {
        let at = self.position(field).ok()?;
        self.values.get(at).map(|(_, value)| value)
    }

    fn position(&self, field: Field) -> Result<usize, usize> {
        self.values.binary_search_by_key(&field, |(held, _)| *held)
    }

    /// Sets a value; an empty one removes the field.
    pub fn set(&mut self, field: Field, value: Value) {
        if value.is_empty() || field.is_of_organisation() {
            self.take(field);
            return;
        }
        match self.position(field) {
            Ok(at) => {
                if let Some((_, held)) = self.values.get_mut(at) {
                    *held = value;
                }
            }
            Err(at) => self.values.insert(at, (field, value)),
        }
    }

    /// Removes a value and returns it.
    pub fn take(&mut self, field: Field) -> Option<Value> {
        self.position(field).ok().map(|at| self.values.remove(at).1)
    }

    /// The fields that hold a value, in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = (Field, &Value)> {
        self.values.iter().map(|(field, value)| (*field, value))
    }

    /// The text of a text field, or nothing.
    pub fn text(&self, field: Field) -> Option<&str> {
        self.get(field).and_then(Value::as_text)
    }

    /// The codes of a coded field, or none.
    pub fn codes(&self, field: Field) -> &[String] {
        self.get(field).map_or(&[], Value::codes)
    }

    /// The single code of a coded field.
    pub fn code(&self, field: Field) -> Option<&str> {
        self.codes(field).first().map(String::as_str)
    }

    /// The date of a date field.
    pub fn date(&self, field: Field) -> Option<PartialDate> {
        match self.get(field) {
            Some(Value::Date(date)) => Some(*date),
            _ => None,
        }
    }

    /// The title; empty only in a draft.
    pub fn title(&self) -> &str {
        self.text(Field::Title).unwrap_or("")
    }

    /// The fields whose values differ between two contents.
    pub fn differing_fields(&self, other: &Self) -> Vec<Field> {
        let mut fields: Vec<Field> = self
            .values
            .iter()
            .filter(|(field, value)| other.get(*field) != Some(value))
            .map(|(field, _)| *field)
            .chain(
                other
                    .values
                    .iter()
                    .map(|(field, _)| *field)
                    .filter(|field| self.position(*field).is_err()),
            )
            .collect();
        fields.sort_unstable();
        fields
    }

    /// The stored form: one flat JSON object, keys in the order of the table.
    pub fn to_json(&self) -> Json {
        let map: Map<String, Json> = self
            .values
            .iter()
            .map(|(field, value)| (field.spec().id.to_owned(), value.to_json()))
            .collect();
        Json::Object(map)
    }

    /// The public form: dots in identifiers nest (`algorithm.name` is `{"algorithm": {"name": …}}`).
    pub fn to_nested_json(&self) -> Map<String, Json> {
        let mut root = Map::new();
        for (field, value) in &self.values {
            insert_nested(&mut root, field.spec().id, value.to_json());
        }
        root
    }

    /// Reads the stored form. Unknown keys are refused, so that a misspelt field is never lost in silence.
    ///
    /// # Errors
    /// When a key is not a field, or a value does not have the form of its field.
    pub fn from_json(json: Json) -> Result<Self, InvalidValue> {
        let Json::Object(map) = json else {
            return Err(InvalidValue {
                field: "content".to_owned(),
                given: crate::text::excerpt(&json.to_string(), 80),
                expected: "an object",
            });
        };
        let mut content = Self::default();
        for (key, value) in map {
            let Some(field) = Field::by_id(&key).filter(|field| !field.is_of_organisation()) else {
                return Err(InvalidValue {
                    field: key,
                    given: crate::text::excerpt(&value.to_string(), 80),
                    expected: "a field of the data model",
                });
            };
            if !value.is_null() {
                content.set(field, Value::from_json(field, value)?);
            }
        }
        Ok(content)
    }
}

/// Puts a value under a dotted identifier.
pub fn insert_nested(root: &mut Map<String, Json>, id: &str, value: Json) {
    match id.split_once('.') {
        None => {
            root.insert(id.to_owned(), value);
        }
        Some((head, tail)) => {
            let child = root.entry(head).or_insert_with(|| Json::Object(Map::new()));
            if let Json::Object(map) = child {
                insert_nested(map, tail, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_form_reads_back_as_it_was() {
        let json = json!({
            "title": "Fuites",
            "start_date": "2023-09",
            "partners": [{"name": "Université", "role": "academique"}],
            "subthemes": ["gestion_eau"],
            "algorithm.kinds": ["ml"],
            "data.sources": {"codes": ["interne"], "text": "capteurs"},
            "decision.per_year": 12,
            "links.info": [{"access": "internal"}],
            "contact": {"email": "eau@ville.example"},
        });
        let content = Content::from_json(json.clone()).unwrap();
        let back = content.to_json();
        for (key, value) in json.as_object().unwrap() {
            assert_eq!(back.get(key), Some(value), "{key}");
        }
        assert_eq!(content.to_nested_json()["algorithm"]["kinds"][0], "ml");
    }

    #[test]
    fn an_unknown_key_or_a_wrong_form_is_refused_by_name() {
        for (json, name) in [
            (json!({"titel": "x"}), "titel"),
            (json!({"title": 3}), "title"),
            (json!({"organisation.name": "x"}), "organisation.name"),
            (json!({"links.info": [{"href": "x"}]}), "links.info"),
        ] {
            let error = Content::from_json(json).unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
        }
    }

    #[test]
    fn an_empty_value_is_an_absent_field() {
        let mut content = Content::default();
        content.set(Field::Title, Value::Text("a".into()));
        content.set(Field::Title, Value::Text(String::new()));
        assert_eq!(content.iter().count(), 0);
    }

    #[test]
    fn differences_are_found_in_both_directions() {
        let a = Content::from_json(json!({"title": "a", "theme": "mobilites"})).unwrap();
        let b = Content::from_json(json!({"title": "b", "maturity": "termine"})).unwrap();
        assert_eq!(
            a.differing_fields(&b),
            [Field::Title, Field::Maturity, Field::Theme]
        );
        assert_eq!(a.differing_fields(&a), []);
    }
}
