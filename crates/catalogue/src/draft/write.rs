//! From a record to the values of a form that would say the same.

use crate::content::{Content, Value};
use crate::draft::{DraftInput, InputName, Part};
use crate::field::Field;
use crate::organisation::Organisation;

impl DraftInput {
    /// The form that says what a record says: for a new version, or to correct what an import brought.
    pub fn from_content(content: &Content, organisation: &Organisation) -> Self {
        let mut draft = Self::default();
        draft.put(
            InputName::part(Field::OrganisationName, Part::Chosen),
            [organisation.id.to_string()],
        );
        for (field, value) in content.iter() {
            draft.write(field, value);
        }
        draft
    }

    fn put(&mut self, name: InputName, values: impl IntoIterator<Item = String>) {
        let values: Vec<String> = values.into_iter().filter(|value| !value.is_empty()).collect();
        if !values.is_empty() {
            self.values.insert(name.to_string(), values);
        }
    }

    fn write(&mut self, field: Field, value: &Value) {
        let own = InputName::value(field);
        match value {
            Value::Text(text) | Value::Code(text) => self.put(own, [text.clone()]),
            Value::Codes(items) | Value::Names(items) => self.put(own, items.clone()),
            Value::CodesText(both) => {
                self.put(own, both.codes.clone());
                self.put(InputName::part(field, Part::Text), both.text.clone());
            }
            Value::Date(date) => self.put(own, [date.to_string()]),
            Value::Integer(number) => self.put(own, [number.to_string()]),
            Value::Partners(partners) => {
                for (row, partner) in partners.iter().enumerate() {
                    self.put(InputName::row(field, row, Part::Name), [partner.name.clone()]);
                    self.put(InputName::row(field, row, Part::Role), partner.role.clone());
                }
            }
            Value::Links(links) => {
                for (row, link) in links.iter().enumerate() {
                    for (part, text) in [
                        (Part::Url, &link.url),
                        (Part::Label, &link.label),
                        (Part::Access, &link.access),
                        (Part::Kind, &link.kind),
                    ] {
                        self.put(InputName::row(field, row, part), text.clone());
                    }
                }
            }
            Value::Contact(contact) => {
                self.put(InputName::part(field, Part::Email), contact.email.clone());
                self.put(InputName::part(field, Part::Role), contact.role.clone());
            }
        }
    }
}
