//! What is wrong with a draft, in words for the person who mends it.

use crate::draft::{ROWS_MAX, TOTAL_MAX, VALUE_MAX, VALUES_MAX};
use crate::field::Field;

/// Something about one input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputError {
    /// Name of the input, for anchors.
    pub name: String,
    /// The field that it fills.
    pub field: Field,
    /// Stable code.
    pub code: &'static str,
    /// French sentence: what is wrong, and an example.
    pub message: String,
}

/// Everything that keeps a draft from a stage, in the order of forms. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} values keep the draft from going on", .errors.len())]
pub struct FieldErrors {
    errors: Vec<InputError>,
}

impl FieldErrors {
    /// Wraps errors, when there are any.
    pub(super) fn new(errors: Vec<InputError>) -> Option<Self> {
        (!errors.is_empty()).then_some(Self { errors })
    }

    /// The errors, in the order of forms.
    pub fn iter(&self) -> impl Iterator<Item = &InputError> {
        self.errors.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.errors.len()
    }

    /// Whether there is none; never so.
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// The error of an input.
    pub fn of(&self, name: &str) -> Option<&InputError> {
        self.errors.iter().find(|error| error.name == name)
    }

    /// The errors of a field, those of its rows included.
    pub fn of_field(&self, field: Field) -> impl Iterator<Item = &InputError> {
        self.errors.iter().filter(move |error| error.field == field)
    }
}

/// A form larger than is kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TooMuch {
    /// One value is too long.
    #[error("a value of \"{name}\" is longer than {VALUE_MAX} characters")]
    Value {
        /// Name of the input.
        name: String,
    },
    /// One input has too many values.
    #[error("\"{name}\" has more than {VALUES_MAX} values")]
    Values {
        /// Name of the input.
        name: String,
    },
    /// The whole is too large.
    #[error("the form holds more than {TOTAL_MAX} bytes; a field has at most {ROWS_MAX} rows")]
    Total,
}

impl TooMuch {
    /// French sentence: what is too large, and what to do.
    pub fn message(&self) -> String {
        match self {
            Self::Value { name } => format!(
                "Le texte saisi dans « {} » dépasse 20 000 caractères. Raccourcissez-le, ou joignez un document.",
                label(name)
            ),
            Self::Values { name } => format!(
                "« {} » compte plus de {VALUES_MAX} valeurs. Gardez les plus utiles.",
                label(name)
            ),
            Self::Total => {
                "Le formulaire est trop long pour être enregistré. Raccourcissez les textes, ou joignez un document."
                    .to_owned()
            }
        }
    }
}

fn label(name: &str) -> &'static str {
    crate::draft::InputName::parse(name).map_or("Formulaire", |name| name.field.spec().label)
}

/// A name that no input has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{given}\" is not the name of an input: expected one such as title, partners.0.name or contact.email"
)]
pub struct UnknownName {
    /// The name that was given, shortened.
    pub given: String,
}
