//! Names of inputs: which field each one fills, and which part of it.

use std::fmt;

use crate::draft::ROWS_MAX;
use crate::field::{FIELDS, Field, FieldKind};

/// Name of the input that holds the identifier of an organisation of the library.
pub const ORGANISATION: &str = "organisation";

/// Which part of a field an input fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The identifier of an organisation of the library.
    Chosen,
    /// The value itself, or one of its codes.
    Value,
    /// The free text beside codes.
    Text,
    /// The name of a partner.
    Name,
    /// The address of a link.
    Url,
    /// The text of a link.
    Label,
    /// The mailbox of a contact.
    Email,
    /// What a partner brings, the service of a contact.
    Role,
    /// Who can open a link.
    Access,
    /// What a resource is.
    Kind,
}

impl Part {
    const fn suffix(self) -> Option<&'static str> {
        match self {
            Self::Chosen | Self::Value => None,
            Self::Text => Some("text"),
            Self::Name => Some("name"),
            Self::Url => Some("url"),
            Self::Label => Some("label"),
            Self::Email => Some("email"),
            Self::Role => Some("role"),
            Self::Access => Some("access"),
            Self::Kind => Some("kind"),
        }
    }

    /// The parts of a kind of field, in the order of forms.
    pub const fn of(kind: FieldKind) -> &'static [Self] {
        match kind {
            FieldKind::CodesText(_) => &[Self::Value, Self::Text],
            FieldKind::Partners => &[Self::Name, Self::Role],
            FieldKind::Links => &[Self::Url, Self::Label, Self::Access],
            FieldKind::Resources => &[Self::Url, Self::Label, Self::Access, Self::Kind],
            FieldKind::Contact => &[Self::Email, Self::Role],
            FieldKind::Text { .. }
            | FieldKind::Block { .. }
            | FieldKind::Siret
            | FieldKind::Decimal { .. }
            | FieldKind::Code(_)
            | FieldKind::Codes(_)
            | FieldKind::CodesMax(..)
            | FieldKind::Date
            | FieldKind::Integer
            | FieldKind::Names { .. } => &[Self::Value],
        }
    }
}

/// The name of an input, taken apart; ordered as forms are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InputName {
    /// The field.
    pub field: Field,
    /// The number of the row, for a field made of rows.
    pub row: Option<usize>,
    /// The part.
    pub part: Part,
}

impl InputName {
    /// The name of the value of a field.
    pub const fn value(field: Field) -> Self {
        Self {
            field,
            row: None,
            part: Part::Value,
        }
    }

    /// The name of a part of a field.
    pub const fn part(field: Field, part: Part) -> Self {
        Self {
            field,
            row: None,
            part,
        }
    }

    /// The name of a part of a row.
    pub const fn row(field: Field, row: usize, part: Part) -> Self {
        Self {
            field,
            row: Some(row),
            part,
        }
    }

    /// The input to which an error about a whole field leads.
    pub fn main(field: Field) -> Self {
        let kind = field.spec().kind;
        let part = Part::of(kind).first().copied().unwrap_or(Part::Value);
        Self {
            field,
            row: is_in_rows(kind).then_some(0),
            part,
        }
    }

    /// Takes a name apart; nothing when no field has such an input.
    ///
    /// ```
    /// use sobria_catalogue::draft::{InputName, Part};
    /// use sobria_catalogue::field::Field;
    ///
    /// let name = InputName::parse("links.info.2.url").unwrap();
    /// assert_eq!(name, InputName::row(Field::InfoLinks, 2, Part::Url));
    /// assert_eq!(name.to_string(), "links.info.2.url");
    /// assert!(InputName::parse("links.info.02.url").is_none());
    /// ```
    pub fn parse(name: &str) -> Option<Self> {
        if name == ORGANISATION {
            return Some(Self::part(Field::OrganisationName, Part::Chosen));
        }
        FIELDS.iter().find_map(|spec| {
            let rest = name.strip_prefix(spec.id)?;
            let parts = Part::of(spec.kind);
            if rest.is_empty() {
                return parts.contains(&Part::Value).then_some(Self::value(spec.field));
            }
            let rest = rest.strip_prefix('.')?;
            let (row, suffix) = if is_in_rows(spec.kind) {
                let (number, suffix) = rest.split_once('.')?;
                (Some(row_number(number)?), suffix)
            } else {
                (None, rest)
            };
            let part = parts.iter().find(|part| part.suffix() == Some(suffix))?;
            Some(Self {
                field: spec.field,
                row,
                part: *part,
            })
        })
    }
}

impl fmt::Display for InputName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.part == Part::Chosen {
            return f.write_str(ORGANISATION);
        }
        f.write_str(self.field.spec().id)?;
        if let Some(row) = self.row {
            write!(f, ".{row}")?;
        }
        match self.part.suffix() {
            Some(suffix) => write!(f, ".{suffix}"),
            None => Ok(()),
        }
    }
}

const fn is_in_rows(kind: FieldKind) -> bool {
    matches!(
        kind,
        FieldKind::Partners | FieldKind::Links | FieldKind::Resources
    )
}

/// A number written in one way only, so that two names never mean the same input.
fn row_number(text: &str) -> Option<usize> {
    let number: usize = text.parse().ok().filter(|number| *number < ROWS_MAX)?;
    (number.to_string() == text).then_some(number)
}
