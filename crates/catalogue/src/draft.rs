//! What somebody typed, kept as it was typed, and checked when it is handed in.
//!
//! A [`DraftInput`] holds the values of a form under the names of its inputs. Nothing typed is ever dropped or
//! rewritten in it; [`DraftInput::check`] reads it and makes a [`Checked`] record, which has no other constructor.
//!
//! Names of inputs:
//! - `title`, `start_date`, `theme`: the identifier of the field;
//! - `audiences`, `tags`: the same name, once per value (names of people and things may also be one per line);
//! - `data.sources` once per code and `data.sources.text` for what the codes do not say;
//! - `contact.email`, `contact.role`;
//! - `partners.0.name`, `partners.0.role`, `links.info.0.url`, `links.info.0.label`, `links.info.0.access`,
//!   `resources.0.kind`: rows, numbered from 0, gaps allowed;
//! - `organisation` for one chosen in the library; else `organisation.name`, `organisation.siret`,
//!   `organisation.kind`, `organisation.latitude`, `organisation.longitude`.

mod error;
mod name;
mod read;
mod write;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use self::error::{FieldErrors, InputError, TooMuch, UnknownName};
pub use self::name::{InputName, ORGANISATION, Part};
use crate::content::Content;
use crate::field::Field;
use crate::id::OrganisationId;
use crate::organisation::Organisation;
use crate::validate::Stage;
use crate::vocabulary::Vocabularies;

/// Longest value kept, in characters: above what any field accepts, so that a text that is too long is kept and
/// its author told.
pub const VALUE_MAX: usize = 20_000;
/// Most values under one name.
pub const VALUES_MAX: usize = 200;
/// Most rows of a field made of rows.
pub const ROWS_MAX: usize = 50;
/// Largest form, names included, in bytes.
pub const TOTAL_MAX: usize = 200_000;

/// The values of a form as typed, under the names of its inputs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DraftInput {
    values: BTreeMap<String, Vec<String>>,
}

/// What surrounds a draft when it is read.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// The lists that codes come from.
    pub vocabularies: &'a Vocabularies,
    /// The day.
    pub today: Date,
    /// The organisation that the draft names by its identifier, when the library holds it.
    pub organisation: Option<&'a Organisation>,
    /// The identifier of the organisation that the draft proposes, should it be made.
    pub new_organisation: OrganisationId,
}

/// A record whose values passed the rules of a stage. Only [`DraftInput::check`] makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    content: Content,
    organisation: Organisation,
    carrier: Carrier,
    stage: Stage,
    completeness: u8,
    warnings: Vec<InputError>,
}

/// What the carrier of a checked record is to the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// It holds it as it is.
    Known,
    /// It holds it, and the draft says more of it.
    Completed,
    /// It does not hold it.
    New,
}

impl Checked {
    /// The values.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// The carrier, completed by what was typed.
    pub fn organisation(&self) -> &Organisation {
        &self.organisation
    }

    /// What the carrier is to the library.
    pub fn carrier(&self) -> Carrier {
        self.carrier
    }

    /// The stage whose rules it passed.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// Share of the fields that are filled, 0 to 100.
    pub fn completeness(&self) -> u8 {
        self.completeness
    }

    /// What may be wrong and keeps nothing from going on.
    pub fn warnings(&self) -> &[InputError] {
        &self.warnings
    }

    /// The values and the carrier.
    pub fn into_parts(self) -> (Content, Organisation) {
        (self.content, self.organisation)
    }
}

/// An input whose values differ between two drafts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputDifference {
    /// Name of the input.
    pub name: String,
    /// The field that it fills.
    pub field: Field,
    /// Values of the first draft.
    pub before: Vec<String>,
    /// Values of the second.
    pub after: Vec<String>,
}

impl DraftInput {
    /// Keeps the pairs of a posted form that fill a field, and returns the others (tokens, buttons) beside them.
    ///
    /// # Errors
    /// When a value or the whole is larger than any honest form.
    ///
    /// ```
    /// use sobria_catalogue::draft::DraftInput;
    ///
    /// let pairs = [("title", "Fuites"), ("audiences", "agent"), ("audiences", "elu"), ("jeton", "x")];
    /// let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    /// let (draft, others) = DraftInput::from_pairs(pairs)?;
    /// assert_eq!(draft.first("title"), "Fuites");
    /// assert_eq!(draft.all("audiences"), ["agent", "elu"]);
    /// assert_eq!(others, [("jeton".to_owned(), "x".to_owned())]);
    /// # Ok::<(), sobria_catalogue::draft::TooMuch>(())
    /// ```
    pub fn from_pairs(
        pairs: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(Self, Vec<(String, String)>), TooMuch> {
        let mut draft = Self::default();
        let mut others = Vec::new();
        for (name, value) in pairs {
            if InputName::parse(&name).is_none() {
                others.push((name, value));
            } else if !value.is_empty() {
                draft.values.entry(name).or_default().push(value);
            }
        }
        draft.within_limits()?;
        Ok((draft, others))
    }

    /// The stored form: a JSON object whose values are lists of texts.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(&self.values).unwrap_or_default()
    }

    /// Reads the stored form. Names that no field has any more are kept.
    ///
    /// # Errors
    /// When it is not an object of lists of texts.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// Whether the draft is of a size that is kept.
    ///
    /// # Errors
    /// When a value or the whole is larger than any honest form.
    pub fn within_limits(&self) -> Result<(), TooMuch> {
        let mut total = 0_usize;
        for (name, values) in &self.values {
            if values.len() > VALUES_MAX {
                return Err(TooMuch::Values { name: name.clone() });
            }
            for value in values {
                if value.chars().count() > VALUE_MAX {
                    return Err(TooMuch::Value { name: name.clone() });
                }
                total = total.saturating_add(name.len()).saturating_add(value.len());
            }
        }
        if total > TOTAL_MAX {
            Err(TooMuch::Total)
        } else {
            Ok(())
        }
    }

    /// The values under a name, in the order given.
    pub fn all(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    /// The first value under a name, or an empty text.
    pub fn first(&self, name: &str) -> &str {
        self.all(name).first().map_or("", String::as_str)
    }

    /// Names with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.values
            .iter()
            .map(|(name, values)| (name.as_str(), values.as_slice()))
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Gives an input its values; none empties it.
    ///
    /// # Errors
    /// When no field has an input of this name.
    pub fn set(&mut self, name: &str, values: Vec<String>) -> Result<(), UnknownName> {
        if InputName::parse(name).is_none() {
            return Err(UnknownName {
                given: crate::text::excerpt(name, 80),
            });
        }
        let values: Vec<String> = values.into_iter().filter(|value| !value.is_empty()).collect();
        if values.is_empty() {
            self.values.remove(name);
        } else {
            self.values.insert(name.to_owned(), values);
        }
        Ok(())
    }

    /// Takes the inputs of some fields from another draft, absent ones included: what a step of a form saves.
    pub fn replace(&mut self, fields: &[Field], from: &Self) {
        let of = |name: &str| InputName::parse(name).is_some_and(|name| fields.contains(&name.field));
        self.values.retain(|name, _| !of(name));
        for (name, values) in from.values.iter().filter(|(name, _)| of(name)) {
            self.values.insert(name.clone(), values.clone());
        }
    }

    /// The numbers of the rows of a field made of rows, in order.
    pub fn rows(&self, field: Field) -> Vec<usize> {
        let mut rows: Vec<usize> = self
            .values
            .keys()
            .filter_map(|name| InputName::parse(name))
            .filter(|name| name.field == field)
            .filter_map(|name| name.row)
            .collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    /// The inputs whose values differ, in the order of forms.
    pub fn differences(&self, other: &Self) -> Vec<InputDifference> {
        let mut found: Vec<(InputName, InputDifference)> = self
            .values
            .keys()
            .chain(
                other
                    .values
                    .keys()
                    .filter(|name| !self.values.contains_key(*name)),
            )
            .filter(|name| self.all(name) != other.all(name))
            .filter_map(|name| {
                let parsed = InputName::parse(name)?;
                Some((
                    parsed,
                    InputDifference {
                        name: name.clone(),
                        field: parsed.field,
                        before: self.all(name).to_vec(),
                        after: other.all(name).to_vec(),
                    },
                ))
            })
            .collect();
        found.sort_by_key(|(name, _)| *name);
        found.into_iter().map(|(_, difference)| difference).collect()
    }

    /// The title on one line, as lists show it; empty while there is none.
    pub fn title(&self) -> String {
        crate::text::clean_line(self.first(Field::Title.spec().id))
    }

    /// The code of the theme, when a known one was chosen.
    pub fn theme<'v>(&self, vocabularies: &'v Vocabularies) -> Option<&'v str> {
        vocabularies
            .get(crate::vocabulary::VocabularyId::Theme)
            .by_code(self.first(Field::Theme.spec().id).trim())
            .map(|term| term.code)
    }

    /// The organisation chosen in the library.
    pub fn organisation(&self) -> Option<OrganisationId> {
        self.first(ORGANISATION).trim().parse().ok()
    }

    /// The name of the organisation that is proposed, on one line.
    pub fn organisation_name(&self) -> String {
        crate::text::clean_line(self.first(Field::OrganisationName.spec().id))
    }
}

#[cfg(test)]
mod tests;
