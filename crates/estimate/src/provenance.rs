//! Where each value of an estimate comes from.

use std::borrow::Cow;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::llm::Bounds;

/// Who chose a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChosenBy {
    /// It was in the request.
    User,
    /// It was read in a reference table.
    Table,
    /// It is the method's own value.
    Default,
}

/// A value that was used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// One number.
    Number(f64),
    /// A number between two bounds.
    Range(Bounds),
    /// A name, such as a zone or a model.
    Text(&'static str),
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Self::Text(text)
    }
}

impl From<Bounds> for Value {
    /// Equal bounds are one number.
    fn from(bounds: Bounds) -> Self {
        if bounds.min < bounds.max {
            Self::Range(bounds)
        } else {
            Self::Number(bounds.min)
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Range(bounds) => {
                let mut pair = serializer.serialize_struct("Range", 2)?;
                pair.serialize_field("min", &bounds.min)?;
                pair.serialize_field("max", &bounds.max)?;
                pair.end()
            }
        }
    }
}

/// One line of the list of hypotheses: a value, where it comes from, who chose it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assumption {
    /// Name of the field, as in the request; `training.` or `inference.` stands before it in an AI input.
    pub field: Cow<'static, str>,
    /// The value used.
    pub value: Value,
    /// Its unit; empty for a name or a ratio.
    pub unit: &'static str,
    /// Where it was read, in words meant for a page.
    pub source: Cow<'static, str>,
    /// Who chose it.
    pub chosen_by: ChosenBy,
}

impl Assumption {
    /// Writes the object that the type serialises to, at the end of `out`: an answer holds about twenty.
    pub(crate) fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        out.extend_from_slice(b"{\"field\":");
        write_text(out, &self.field)?;
        out.extend_from_slice(b",\"value\":");
        match &self.value {
            Value::Number(number) => serde_json::to_writer(&mut *out, number)?,
            Value::Text(text) => write_text(out, text)?,
            Value::Range(bounds) => {
                out.extend_from_slice(b"{\"min\":");
                serde_json::to_writer(&mut *out, &bounds.min)?;
                out.extend_from_slice(b",\"max\":");
                serde_json::to_writer(&mut *out, &bounds.max)?;
                out.push(b'}');
            }
        }
        out.extend_from_slice(b",\"unit\":");
        write_text(out, self.unit)?;
        out.extend_from_slice(b",\"source\":");
        write_text(out, &self.source)?;
        out.extend_from_slice(match self.chosen_by {
            ChosenBy::User => b",\"chosen_by\":\"user\"}".as_slice(),
            ChosenBy::Table => b",\"chosen_by\":\"table\"}",
            ChosenBy::Default => b",\"chosen_by\":\"default\"}",
        });
        Ok(())
    }

    pub(crate) fn user(field: &'static str, value: impl Into<Value>, unit: &'static str) -> Self {
        Self::new(field, value, unit, "valeur saisie", ChosenBy::User)
    }

    pub(crate) fn table(
        field: &'static str,
        value: impl Into<Value>,
        unit: &'static str,
        source: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(field, value, unit, source, ChosenBy::Table)
    }

    pub(crate) fn default(
        field: &'static str,
        value: impl Into<Value>,
        unit: &'static str,
        source: &'static str,
    ) -> Self {
        Self::new(field, value, unit, source, ChosenBy::Default)
    }

    fn new(
        field: &'static str,
        value: impl Into<Value>,
        unit: &'static str,
        source: impl Into<Cow<'static, str>>,
        chosen_by: ChosenBy,
    ) -> Self {
        Self {
            field: Cow::Borrowed(field),
            value: value.into(),
            unit,
            source: source.into(),
            chosen_by,
        }
    }
}

/// Most texts need no escape, which is told at once for many bytes.
fn write_text(out: &mut Vec<u8>, text: &str) -> serde_json::Result<()> {
    let is_plain = text.bytes().fold(true, |plain, byte| {
        plain & (byte >= b' ') & (byte != b'"') & (byte != b'\\')
    });
    if !is_plain {
        return serde_json::to_writer(out, text);
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
    Ok(())
}
