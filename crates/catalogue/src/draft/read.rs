//! From the values of a form to a record, and what is wrong on the way.

mod carrier;
mod doubts;
mod values;

use crate::completeness::completeness;
use crate::content::Content;
use crate::draft::{Checked, DraftInput, FieldErrors, InputError, InputName, Surroundings};
use crate::field::FIELDS;
use crate::organisation::Organisation;
use crate::text::{clean_line, count, looks_like_html};
use crate::validate::{self, Stage};
use crate::vocabulary::Vocabularies;

/// Longest name of a partner, a supplier or a link, in characters.
const NAME_MAX: usize = 200;

impl DraftInput {
    /// Reads the form and applies the rules of a stage.
    ///
    /// # Errors
    /// Everything that keeps the record from the stage, each with its input and a French sentence.
    pub fn check(&self, stage: Stage, around: &Surroundings<'_>) -> Result<Checked, FieldErrors> {
        let mut reader = Reader::new(self, around);
        let content = reader.content();
        let (organisation, carrier) = reader.organisation(around);
        reader.rules(&content, &organisation, stage, around);
        reader.doubts(&content, &organisation);
        let Reader {
            mut errors, warnings, ..
        } = reader;
        errors.sort_by_key(|error| InputName::parse(&error.name));
        match FieldErrors::new(errors) {
            Some(errors) => Err(errors),
            None => Ok(Checked {
                completeness: completeness(&content, &organisation),
                content,
                organisation,
                carrier,
                stage,
                warnings,
            }),
        }
    }

    /// What the form says so far, leaving out what cannot be read: for previews.
    pub fn read(&self, around: &Surroundings<'_>) -> (Content, Organisation) {
        let mut reader = Reader::new(self, around);
        let content = reader.content();
        let (organisation, _) = reader.organisation(around);
        (content, organisation)
    }
}

struct Reader<'a> {
    draft: &'a DraftInput,
    vocabularies: &'a Vocabularies,
    errors: Vec<InputError>,
    warnings: Vec<InputError>,
}

impl<'a> Reader<'a> {
    const fn new(draft: &'a DraftInput, around: &Surroundings<'a>) -> Self {
        Self {
            draft,
            vocabularies: around.vocabularies,
            errors: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Every field but those of the carrier.
    fn content(&mut self) -> Content {
        let mut content = Content::default();
        for spec in FIELDS.iter().filter(|spec| !spec.field.is_of_organisation()) {
            if let Some(value) = self.value(spec.field) {
                content.set(spec.field, value);
            }
        }
        validate::normalise(&mut content);
        content
    }

    fn wrong(&mut self, name: InputName, code: &'static str, message: String) {
        self.errors.push(InputError {
            name: name.to_string(),
            field: name.field,
            code,
            message,
        });
    }

    fn doubt(&mut self, name: InputName, code: &'static str, message: String) {
        self.warnings.push(InputError {
            name: name.to_string(),
            field: name.field,
            code,
            message,
        });
    }

    /// The values of an input that hold something.
    fn filled(&self, name: InputName) -> Vec<&'a str> {
        self.draft
            .all(&name.to_string())
            .iter()
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
            .collect()
    }

    /// The value of an input that takes one.
    fn single(&mut self, name: InputName) -> Option<&'a str> {
        let mut values = self.filled(name);
        values.dedup();
        if values.len() > 1 {
            let label = name.field.spec().label;
            self.wrong(
                name,
                "several",
                format!(
                    "« {label} » n’accepte qu’une valeur, {} données. Gardez-en une.",
                    values.len()
                ),
            );
            return None;
        }
        values.first().copied()
    }

    /// A line of at most `max` characters.
    fn line(&mut self, name: InputName, max: usize) -> Option<String> {
        let text = clean_line(self.single(name)?);
        self.short(name, text, max)
    }

    fn short(&mut self, name: InputName, text: String, max: usize) -> Option<String> {
        let label = name.field.spec().label;
        let length = text.chars().count();
        if length > max {
            self.wrong(
                name,
                "too_long",
                format!(
                    "« {label} » compte {} caractères, {} au plus. Raccourcissez le texte.",
                    count(length),
                    count(max)
                ),
            );
            return None;
        }
        if looks_like_html(&text) {
            self.wrong(
                name,
                "html",
                format!("« {label} » contient une balise HTML. Écrivez du texte simple."),
            );
            return None;
        }
        (!text.is_empty()).then_some(text)
    }

    fn rules(
        &mut self,
        content: &Content,
        organisation: &Organisation,
        stage: Stage,
        around: &Surroundings<'_>,
    ) {
        for error in validate::check(content, organisation, stage, around.today, self.vocabularies) {
            // What could not be read was said already, with its reason.
            if self.errors.iter().any(|said| said.field == error.field) {
                continue;
            }
            let mut name = InputName::main(error.field);
            if let Some(row) = name.row {
                name.row = Some(self.draft.rows(error.field).first().copied().unwrap_or(row));
            }
            self.wrong(name, error.code, error.message);
        }
    }
}
