//! Values of a dossier: what was answered, else what the record already says, with where it comes from.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sobria_catalogue::content::{Content, Link, Value};
use sobria_catalogue::evaluation::Evaluation;
use sobria_catalogue::field::Field;
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::vocabulary::Vocabularies;

use super::question::{Kind, Question};

/// Answers by question; codes of several choices are joined by `|`. A blank answer is absent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Dossier {
    /// Answers.
    pub values: BTreeMap<String, String>,
}

impl Dossier {
    /// An answer; blank when absent.
    #[must_use]
    pub fn get(&self, id: &str) -> &str {
        self.values.get(id).map_or("", String::as_str)
    }

    /// Sets an answer; a blank one removes it.
    pub fn set(&mut self, id: &str, value: &str) {
        if value.is_empty() {
            self.values.remove(id);
        } else {
            self.values.insert(id.to_owned(), value.to_owned());
        }
    }

    /// Yes, no, or not answered.
    #[must_use]
    pub fn flag(&self, id: &str) -> Option<bool> {
        match self.get(id) {
            "oui" => Some(true),
            "non" => Some(false),
            _ => None,
        }
    }

    /// The codes of several choices.
    pub fn codes<'d>(&'d self, id: &str) -> impl Iterator<Item = &'d str> {
        self.values
            .get(id)
            .map_or("", String::as_str)
            .split('|')
            .filter(|code| !code.is_empty())
    }

    /// Whether a question of several choices was answered, with "none" or with codes.
    #[must_use]
    pub fn is_answered(&self, id: &str) -> bool {
        !self.get(id).is_empty()
    }
}

/// What is known of a project beyond its dossier.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Values of the record that the reader may read.
    pub content: &'a Content,
    /// Carrier.
    pub organisation: &'a Organisation,
    /// Estimates that the reader may read, newest first.
    pub evaluations: &'a [Evaluation],
    /// When the record last changed.
    pub updated_on: Date,
    /// Version of the record.
    pub version: u32,
    /// Stable identifier.
    pub identifier: &'a str,
    /// Address of the record.
    pub url: &'a str,
    /// Licence of the data.
    pub licence: &'a str,
    /// The closed lists as the instance words them.
    pub vocabularies: &'a Vocabularies,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Answered in the dossier.
    Dossier,
    /// A field of the record.
    Record(Field),
    /// An estimate attached to the record.
    Estimate,
    /// The library itself.
    Library,
}

impl Origin {
    /// Words for pages.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Dossier => "déclaré pour cette fiche de transparence".to_owned(),
            Self::Record(field) => format!("fiche du projet, «\u{a0}{}\u{a0}»", field.spec().label),
            Self::Estimate => "estimation attachée à la fiche".to_owned(),
            Self::Library => "bibliothèque".to_owned(),
        }
    }
}

/// A value with where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced {
    /// Words.
    pub text: String,
    /// From where.
    pub origin: Origin,
}

impl Sourced {
    pub(super) fn new(text: impl Into<String>, origin: Origin) -> Option<Self> {
        let text = text.into();
        (!text.trim().is_empty()).then_some(Self { text, origin })
    }
}

/// The words of a field of the record.
#[must_use]
pub(super) fn words_of(content: &Content, field: Field, vocabularies: &Vocabularies) -> String {
    let label = |code: &str| {
        field
            .spec()
            .kind
            .vocabulary()
            .map_or(code.to_owned(), |id| vocabularies.get(id).label(code).to_owned())
    };
    let link = |link: &Link| {
        let mut parts: Vec<&str> = link.label.as_deref().into_iter().collect();
        parts.extend(
            link.url
                .as_deref()
                .filter(|_| link.access.as_deref().is_none_or(|access| access == "open")),
        );
        parts.join(" : ")
    };
    match content.get(field) {
        None => String::new(),
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Code(code)) => label(code),
        Some(Value::Codes(codes)) => codes
            .iter()
            .map(|code| label(code))
            .collect::<Vec<_>>()
            .join(", "),
        Some(Value::CodesText(value)) => value
            .codes
            .iter()
            .map(|code| label(code))
            .chain(value.text.clone())
            .collect::<Vec<_>>()
            .join(", "),
        Some(Value::Date(date)) => date.to_string(),
        Some(Value::Integer(number)) => number.to_string(),
        Some(Value::Partners(partners)) => partners
            .iter()
            .map(|partner| partner.name.clone())
            .collect::<Vec<_>>()
            .join(", "),
        Some(Value::Links(links)) => links
            .iter()
            .map(link)
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(", "),
        Some(Value::Names(names)) => names.join(", "),
        Some(Value::Contact(contact)) => contact
            .role
            .iter()
            .chain(contact.email.iter())
            .cloned()
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// The words of an answer: labels in place of codes.
#[must_use]
pub(super) fn words_of_answer(question: &Question, dossier: &Dossier) -> String {
    match question.kind {
        Kind::YesNo => match dossier.flag(question.id) {
            Some(true) => "Oui".to_owned(),
            Some(false) => "Non".to_owned(),
            None => String::new(),
        },
        Kind::One(choices) | Kind::Many(choices) => dossier
            .codes(question.id)
            .map(|code| {
                choices
                    .iter()
                    .find(|(known, _)| *known == code)
                    .map_or(code, |(_, label)| *label)
            })
            .collect::<Vec<_>>()
            .join(", "),
        Kind::Line | Kind::Lines | Kind::Number | Kind::Date | Kind::Link => {
            dossier.get(question.id).to_owned()
        }
    }
}

/// What a question comes to: its answer, else the field of the record that says the same.
#[must_use]
pub(super) fn value(id: &str, facts: &Facts<'_>, dossier: &Dossier) -> Option<Sourced> {
    let question = super::question::of(id)?;
    Sourced::new(words_of_answer(question, dossier), Origin::Dossier).or_else(|| {
        let field = question.from?;
        Sourced::new(
            words_of(facts.content, field, facts.vocabularies),
            Origin::Record(field),
        )
    })
}
