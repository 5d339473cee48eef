//! Answers that a machine proposes for a form: what it was filled with before anybody typed, and what an import mended
//! or doubts. Each says where it comes from, and what accepting or refusing it changes in the form.

use serde::{Deserialize, Serialize};

use crate::content::Content;
use crate::draft::{DraftInput, InputName, Surroundings};
use crate::field::Field;
use crate::organisation::Organisation;

/// Code of a proposal that stood in the form before anybody typed; the others are codes of imports.
pub const PREFILL: &str = "prefill";

/// A change of one input: values that leave it and values that join it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// Name of the input.
    pub name: String,
    /// Values that leave it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub out: Vec<String>,
    /// Values that join it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub into: Vec<String>,
}

/// Changes of a form; none leaves it as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Change(pub Vec<Edit>);

impl Change {
    /// Values that join an input.
    #[must_use]
    pub fn put(mut self, name: impl Into<String>, into: impl IntoIterator<Item = String>) -> Self {
        self.0.push(Edit {
            name: name.into(),
            out: Vec::new(),
            into: into.into_iter().collect(),
        });
        self
    }

    /// Values that leave an input.
    #[must_use]
    pub fn take(mut self, name: impl Into<String>, out: impl IntoIterator<Item = String>) -> Self {
        self.0.push(Edit {
            name: name.into(),
            out: out.into_iter().collect(),
            into: Vec::new(),
        });
        self
    }

    /// One value in place of another.
    #[must_use]
    pub fn swap(mut self, name: impl Into<String>, out: impl Into<String>, into: impl Into<String>) -> Self {
        self.0.push(Edit {
            name: name.into(),
            out: vec![out.into()],
            into: vec![into.into()],
        });
        self
    }

    /// Whether the form stays as it is.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a form holds all that the change brings and nothing that it takes away.
    pub fn is_done(&self, form: &DraftInput) -> bool {
        self.0.iter().all(|edit| {
            let held = form.all(&edit.name);
            edit.into.iter().all(|value| held.contains(value))
                && !edit.out.iter().any(|value| held.contains(value))
        })
    }

    /// The form once changed; nothing when it no longer holds what the change starts from, which a person then mends.
    pub fn applied(&self, form: &DraftInput) -> Option<DraftInput> {
        if self.is_done(form) {
            return Some(form.clone());
        }
        let mut changed = form.clone();
        for edit in &self.0 {
            let mut values = form.all(&edit.name).to_vec();
            if !edit.out.iter().all(|value| values.contains(value)) {
                return None;
            }
            let place = edit
                .out
                .first()
                .and_then(|gone| values.iter().position(|value| value == gone));
            values.retain(|value| !edit.out.contains(value));
            let mut place = place.unwrap_or(values.len()).min(values.len());
            for value in &edit.into {
                if !values.contains(value) {
                    values.insert(place, value.clone());
                    place += 1;
                }
            }
            changed.set(&edit.name, values).ok()?;
        }
        Some(changed)
    }

    /// The values of a record once changed: those of the fields that the change names, and no other. Nothing when the
    /// record no longer holds what the change starts from.
    pub fn mended(
        &self,
        content: &Content,
        organisation: &Organisation,
        around: &Surroundings<'_>,
    ) -> Option<Content> {
        let form = self.applied(&DraftInput::from_content(content, organisation))?;
        let (read, _) = form.read(around);
        let mut mended = content.clone();
        let fields = self.0.iter().filter_map(|edit| InputName::parse(&edit.name));
        for field in fields
            .map(|name| name.field)
            .filter(|field| !field.is_of_organisation())
        {
            match read.get(field) {
                Some(value) => mended.set(field, value.clone()),
                None => {
                    mended.take(field);
                }
            }
        }
        Some(mended)
    }
}

/// What was decided about a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It holds.
    Accepted,
    /// It does not.
    Refused,
}

impl Decision {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        }
    }

    /// Reads the code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Accepted, Self::Refused]
            .into_iter()
            .find(|one| one.code() == code)
    }

    /// French word.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Accepted => "Acceptée",
            Self::Refused => "Refusée",
        }
    }
}

/// A proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The field.
    pub field: Field,
    /// [`PREFILL`], or the code of what the import found.
    pub code: String,
    /// Where it comes from, in French words.
    pub origin: String,
    /// What the source says, as it stood.
    pub found: String,
    /// What is proposed, in words of the source; blank when it is to leave the answer empty.
    pub proposed: String,
    /// What accepting changes in the form.
    pub accept: Change,
    /// What refusing changes in the form.
    pub refuse: Change,
}

impl Proposal {
    /// An answer that stands in the form before anybody typed.
    pub fn prefill(field: Field, origin: &str, given: Change) -> Self {
        Self {
            field,
            code: PREFILL.to_owned(),
            origin: origin.to_owned(),
            found: String::new(),
            proposed: String::new(),
            accept: given,
            refuse: Change::default(),
        }
    }

    /// Whether a form still says exactly what was proposed, however its lines are ended.
    pub fn stands_in(&self, form: &DraftInput) -> bool {
        fn lines(values: &[String]) -> Vec<&str> {
            values
                .iter()
                .flat_map(|value| value.lines())
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .collect()
        }
        self.accept
            .0
            .iter()
            .all(|edit| lines(form.all(&edit.name)) == lines(&edit.into))
    }
}

/// The answers of a form as proposals, field by field.
pub fn prefilled(form: &DraftInput, origin: &str) -> Vec<Proposal> {
    let mut found: Vec<Proposal> = Vec::new();
    for (name, values) in form.iter() {
        let Some(field) = crate::draft::InputName::parse(name).map(|name| name.field) else {
            continue;
        };
        let edit = Edit {
            name: name.to_owned(),
            out: Vec::new(),
            into: values.to_vec(),
        };
        match found.iter_mut().find(|proposal| proposal.field == field) {
            Some(proposal) => proposal.accept.0.push(edit),
            None => found.push(Proposal::prefill(field, origin, Change(vec![edit]))),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> DraftInput {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        DraftInput::from_pairs(pairs).unwrap().0
    }

    #[test]
    fn a_change_starts_from_what_it_knows_or_does_nothing() {
        let date = Change::default().swap("start_date", "2024-04-03", "2024-03-04");
        let before = form(&[("start_date", "2024-04-03"), ("title", "Fuites")]);
        let after = date.applied(&before).unwrap();
        assert_eq!(after.all("start_date"), ["2024-03-04"]);
        assert_eq!(after.first("title"), "Fuites");
        assert_eq!(date.applied(&after), Some(after.clone()), "twice is once");
        assert_eq!(
            date.applied(&form(&[("start_date", "2023")])),
            None,
            "somebody typed another date meanwhile"
        );
    }

    #[test]
    fn values_of_a_list_join_and_leave_without_touching_the_others() {
        let known = Change::default()
            .put("audiences", ["elu".to_owned()])
            .take("tags", ["Élu-e".to_owned()]);
        let before = form(&[("audiences", "agent"), ("tags", "eau"), ("tags", "Élu-e")]);
        let after = known.applied(&before).unwrap();
        assert_eq!(after.all("audiences"), ["agent", "elu"]);
        assert_eq!(after.all("tags"), ["eau"]);
    }

    #[test]
    fn a_form_is_told_field_by_field() {
        let found = prefilled(
            &form(&[
                ("links.info.0.url", "https://a.example"),
                ("links.info.0.label", "Site"),
                ("theme", "transition"),
            ]),
            "page de la solution",
        );
        assert_eq!(found.len(), 2);
        let links = found.iter().find(|one| one.field == Field::InfoLinks).unwrap();
        assert_eq!(links.accept.0.len(), 2);
        assert!(links.accept.is_done(&form(&[
            ("links.info.0.url", "https://a.example"),
            ("links.info.0.label", "Site"),
        ])));
        assert!(
            !links
                .accept
                .is_done(&form(&[("links.info.0.url", "https://a.example")]))
        );
        let names = Proposal::prefill(
            Field::Suppliers,
            "",
            Change::default().put("suppliers", ["Acqua".to_owned(), "Onde".to_owned()]),
        );
        assert!(names.stands_in(&form(&[("suppliers", "Acqua\r\nOnde")])));
        assert!(!names.stands_in(&form(&[("suppliers", "Acqua")])));
    }
}
