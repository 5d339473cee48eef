//! What a calculator's address says, read with care: what a person typed comes back with what is wrong in it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sobria_estimate::llm::Bounds;
use sobria_estimate::sentence;

use crate::params::pairs;
use crate::view::FormError;
use crate::view::estimate::{Choice, ChoiceGroup, Control, Fold, FormField};

/// Field of an address that opens a folded part.
pub const FOLDS: &str = "reglages";
/// Key and summary of the part for specialists.
pub const EXPERT: (&str, &str) = ("1", "Réglages pour spécialistes");
/// Longest value that is read, in characters.
const VALUE_MAX: usize = 2_000;

/// The fields of an address, and what is wrong in them.
pub struct Form {
    values: Vec<(String, String)>,
    wrong: BTreeMap<String, String>,
    general: Vec<String>,
}

impl Form {
    /// Reads a query; the first value of a name counts.
    pub fn read(query: &str) -> Self {
        let mut values: Vec<(String, String)> = Vec::new();
        for (name, value) in pairs(query) {
            let value: String = value.trim().chars().take(VALUE_MAX).collect();
            if !value.is_empty() && values.iter().all(|(other, _)| *other != name) {
                values.push((name, value));
            }
        }
        Self {
            values,
            wrong: BTreeMap::new(),
            general: Vec::new(),
        }
    }

    /// Whether nothing was asked, another setting to compare with apart.
    pub fn is_blank(&self) -> bool {
        self.values
            .iter()
            .all(|(name, _)| name == "avec" || name == FOLDS)
    }

    /// The value of a field; blank when it was not given.
    pub fn value(&self, name: &str) -> &str {
        self.values
            .iter()
            .find(|(other, _)| other == name)
            .map_or("", |(_, value)| value)
    }

    /// The text of a field.
    pub fn text(&self, name: &str) -> Option<&str> {
        Some(self.value(name)).filter(|value| !value.is_empty())
    }

    /// The number of a field, with a comma or a point, thin spaces allowed.
    pub fn number(&mut self, name: &str) -> Option<f64> {
        let text = self.text(name)?;
        let Some(number) = number(text) else {
            self.refuse(name, "Ce n’est pas un nombre\u{a0}: par exemple 12 ou 0,5.");
            return None;
        };
        Some(number)
    }

    /// One number, or two with `à` or `..` between them.
    pub fn bounds(&mut self, name: &str) -> Option<Bounds> {
        let text = self.text(name)?;
        let read = ["..", "à", "–"]
            .iter()
            .find_map(|between| text.split_once(between))
            .map_or_else(
                || number(text).map(Bounds::point),
                |(min, max)| {
                    Some(Bounds {
                        min: number(min)?,
                        max: number(max)?,
                    })
                },
            );
        if read.is_none() {
            self.refuse(
                name,
                "Ce n’est ni un nombre, ni une fourchette\u{a0}: par exemple 24, ou 20 à 70.",
            );
        }
        read
    }

    /// Says what is wrong in a field; the first remark stands.
    pub fn refuse(&mut self, name: &str, message: impl Into<String>) {
        self.wrong
            .entry(name.to_owned())
            .or_insert_with(|| message.into());
    }

    /// Takes the codes of an estimate, each to the field that it speaks of.
    pub fn refuse_codes<'c>(
        &mut self,
        codes: impl IntoIterator<Item = &'c str>,
        field_of: impl Fn(&str) -> Option<String>,
    ) {
        for code in codes {
            let message = sentence(code).into_owned();
            match field_of(code) {
                Some(name) => self.refuse(&name, message),
                None => self.general.push(message),
            }
        }
    }

    /// Whether something is wrong.
    pub fn is_wrong(&self) -> bool {
        !self.wrong.is_empty() || !self.general.is_empty()
    }

    /// Everything wrong, in the order of the fields of the page.
    pub fn errors(&self, fields: &[FormField]) -> Vec<FormError> {
        let of_fields = fields.iter().filter_map(|field| {
            let message = self.wrong.get(field.name.as_ref())?;
            Some(FormError {
                message: format!("{}\u{a0}: {message}", field.label),
                field: field.name.to_string(),
            })
        });
        let general = self
            .general
            .iter()
            .map(|message| FormError::general(message.clone()));
        of_fields.chain(general).collect()
    }

    /// A field of the page, with what was typed and what is wrong in it.
    pub fn field(
        &self,
        name: impl Into<Cow<'static, str>>,
        label: &'static str,
        control: Control,
    ) -> FormField {
        let name = name.into();
        FormField {
            value: self.value(&name).to_owned(),
            error: self.wrong.get(name.as_ref()).cloned(),
            name,
            label,
            hint: String::new(),
            unit: "",
            control,
        }
    }

    /// A folded part: open when it is filled or asked for by its key; beside a result, only its filled fields stay.
    pub fn fold(
        &self,
        path: &str,
        (key, summary): (&'static str, &'static str),
        mut groups: Vec<(&'static str, Vec<FormField>)>,
        has_result: bool,
    ) -> Fold {
        let is_filled = |field: &FormField| !self.value(&field.name).is_empty() || field.error.is_some();
        let wanted = self.text(FOLDS) == Some(key);
        let open = wanted || groups.iter().flat_map(|(_, group)| group).any(is_filled);
        let mut href = String::new();
        if has_result && !wanted {
            href = self.with(path, &[(FOLDS, Some(key.to_owned()))]);
            for (_, group) in &mut groups {
                group.retain(is_filled);
                for field in group {
                    field.hint.clear();
                }
            }
            groups.retain(|(_, group)| !group.is_empty());
        }
        Fold {
            summary,
            open,
            href,
            groups,
        }
    }

    /// The address of the same page with some fields changed; `None` takes a field away.
    pub fn with(&self, path: &str, changes: &[(&str, Option<String>)]) -> String {
        let kept = self
            .values
            .iter()
            .filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name))
            .map(|(name, value)| (name.as_str(), value.clone()));
        let added = changes
            .iter()
            .filter_map(|(name, value)| Some((*name, value.clone()?)));
        let query: Vec<String> = kept
            .chain(added)
            .map(|(name, value)| format!("{name}={}", encode(&value)))
            .collect();
        if query.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{}", query.join("&"))
        }
    }

    /// The query of this setting alone, to set another one beside it.
    pub fn query(&self) -> String {
        self.with("", &[("avec", None), (FOLDS, None)])
            .trim_start_matches('?')
            .to_owned()
    }
}

impl FormField {
    /// The same field with its unit.
    pub fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }

    /// The same field with what it means.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// The same field with a value when nothing was given.
    pub fn or(mut self, value: &str) -> Self {
        if self.value.is_empty() {
            value.clone_into(&mut self.value);
        }
        self
    }
}

/// A list of choices, the given one chosen.
pub fn choices(label: &str, list: &[(&str, &str)], chosen: &str) -> ChoiceGroup {
    ChoiceGroup {
        label: label.to_owned(),
        choices: list
            .iter()
            .map(|(value, label)| Choice {
                value: (*value).to_owned(),
                label: (*label).to_owned(),
                selected: *value == chosen,
            })
            .collect(),
    }
}

fn number(text: &str) -> Option<f64> {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '\u{202f}' && *c != '\u{a0}')
        .map(|c| if c == ',' { '.' } else { c })
        .collect();
    plain.parse().ok()
}

/// A value as a query holds it.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'/') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them_and_mistakes_come_back() {
        let mut form = Form::read("a=1%20234,5&b=7+%C3%A0+14&c=douze&d=&a=9&e=8..9");
        assert_eq!(form.number("a"), Some(1234.5));
        assert_eq!(form.bounds("b"), Some(Bounds { min: 7.0, max: 14.0 }));
        assert_eq!(form.bounds("e"), Some(Bounds { min: 8.0, max: 9.0 }));
        assert_eq!(form.number("d"), None);
        assert!(!form.is_wrong());
        assert_eq!(form.number("c"), None);
        assert!(form.is_wrong());
        let field = form.field("c", "Champ", Control::Number);
        assert_eq!(field.value, "douze");
        assert!(field.error.is_some());
    }

    #[test]
    fn an_address_keeps_what_it_held_and_takes_changes() {
        let form = Form::read("modele=openai/gpt-4o&agents=10&avec=x%3D1");
        assert_eq!(
            form.with("/p", &[("agents", Some("5 & 6".into())), ("avec", None)]),
            "/p?modele=openai/gpt-4o&agents=5%20%26%206"
        );
        assert_eq!(form.query(), "modele=openai/gpt-4o&agents=10");
        assert!(Form::read("avec=a").is_blank());
    }
}
