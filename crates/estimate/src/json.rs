//! Reading of requests without copying them: each value stays text until its field is known.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::code::{self, Code};
use crate::llm::Bounds;

/// A key, borrowed from the text when it holds no escape.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

struct Each<F>(F);

impl<'de, F: FnMut(&str, &'de RawValue)> Visitor<'de> for Each<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key()? {
            (self.0)(&key, map.next_value()?);
        }
        Ok(())
    }
}

/// Calls `field` with each member of the object that `text` holds, in its order.
pub(crate) fn each_member<'a>(
    text: &'a str,
    field: impl FnMut(&str, &'a RawValue),
) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    deserializer.deserialize_map(Each(field))?;
    deserializer.end()
}

/// Whether a text starts like an object.
pub(crate) fn is_object(text: &str) -> bool {
    text.trim_ascii_start().starts_with('{')
}

/// Where the fields of one object are taken, and what was wrong in them.
pub(crate) struct Taker<'e> {
    /// Stands before the field's name in codes, such as `training.`.
    pub prefix: &'static str,
    /// Codes found, in the order of the document.
    pub errors: &'e mut Vec<Code>,
}

impl Taker<'_> {
    pub(crate) fn report(&mut self, kind: &'static str, field: &str) {
        self.errors.push(code::of_field(kind, self.prefix, field));
    }

    fn put<T>(&mut self, slot: &mut Option<T>, field: &str, read: Result<Option<T>, ()>) {
        match read {
            Err(()) => self.report("invalid-type", field),
            Ok(_) if slot.is_some() => self.report("duplicate-field", field),
            Ok(value) => *slot = value,
        }
    }

    pub(crate) fn number(&mut self, slot: &mut Option<f64>, field: &str, raw: &RawValue) {
        self.put(slot, field, number(raw.get()));
    }

    pub(crate) fn text<'a>(&mut self, slot: &mut Option<Cow<'a, str>>, field: &str, raw: &'a RawValue) {
        self.put(slot, field, text(raw.get()));
    }

    pub(crate) fn flag(&mut self, slot: &mut Option<bool>, field: &str, raw: &RawValue) {
        let read = match raw.get() {
            "true" => Ok(Some(true)),
            "false" => Ok(Some(false)),
            "null" => Ok(None),
            _ => Err(()),
        };
        self.put(slot, field, read);
    }

    /// A number, or an object of two numbers `min` and `max`.
    pub(crate) fn bounds(&mut self, slot: &mut Option<Bounds>, field: &str, raw: &RawValue) {
        if !is_object(raw.get()) {
            let read = number(raw.get()).map(|value| value.map(Bounds::point));
            return self.put(slot, field, read);
        }
        let (mut min, mut max) = (None, None);
        self.members(field, raw, |taker, name, full, raw| match name {
            "min" => taker.number(&mut min, full, raw),
            "max" => taker.number(&mut max, full, raw),
            _ => taker.report("unknown-field", full),
        });
        match (min, max) {
            (Some(min), Some(max)) => self.put(slot, field, Ok(Some(Bounds { min, max }))),
            (None, _) => self.report("missing", &format!("{field}.min")),
            (_, None) => self.report("missing", &format!("{field}.max")),
        }
    }

    /// The members of an object inside a field; `each` gets the taker, the name and the full name of each.
    pub(crate) fn members<'a>(
        &mut self,
        field: &str,
        raw: &'a RawValue,
        mut each: impl FnMut(&mut Taker<'_>, &str, &str, &'a RawValue),
    ) {
        let mut taker = Taker {
            prefix: self.prefix,
            errors: self.errors,
        };
        let read = each_member(raw.get(), |name, value| {
            each(&mut taker, name, &format!("{field}.{name}"), value);
        });
        if read.is_err() {
            self.report("invalid-type", field);
        }
    }
}

fn number(raw: &str) -> Result<Option<f64>, ()> {
    match raw.as_bytes().first() {
        Some(b'-' | b'0'..=b'9') => raw.parse().map(Some).or(Err(())),
        Some(b'n') => Ok(None),
        _ => Err(()),
    }
}

pub(crate) fn text(raw: &str) -> Result<Option<Cow<'_, str>>, ()> {
    if raw == "null" {
        return Ok(None);
    }
    let inner = raw
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .ok_or(())?;
    if inner.contains('\\') {
        serde_json::from_str(raw)
            .map(|owned: String| Some(Cow::Owned(owned)))
            .or(Err(()))
    } else {
        Ok(Some(Cow::Borrowed(inner)))
    }
}
