//! The words of the labels of closed lists.
//!
//! Those of themes, sub-themes, audiences and kinds are found through the facets: a record need not hold the words of
//! its own labels, which keeps the index small. Those of other lists stand in the records as the program says them,
//! and are found through codes as an instance says them. A label that is reworded needs no new index.

use std::sync::{Arc, LazyLock};

use sobria_catalogue::access::Level;
use sobria_catalogue::field::{FIELDS, Field};
use sobria_catalogue::query::Facet;
use sobria_catalogue::vocabulary::Vocabularies;

use crate::analyse::{Form, Stems};
use crate::schema::is_reworded_by_code;

/// The facets whose labels are searched. Maturity is left out: its words are everywhere in descriptions.
const FACETS: [Facet; 5] = [
    Facet::Theme,
    Facet::Subtheme,
    Facet::Audience,
    Facet::OrganisationKind,
    Facet::AlgorithmKind,
];

/// Where the records are found that have a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// Among the values of a facet.
    Facet(Facet),
    /// Among the codes of a field.
    Field(Field),
}

impl Holder {
    fn is_open_to(self, level: Level) -> bool {
        match self {
            Self::Facet(facet) => facet.is_open_to(level),
            Self::Field(field) => level.may_read(field.spec().visibility()),
        }
    }
}

/// A label of a closed list.
pub struct Label {
    /// Where its records are.
    pub holder: Holder,
    /// The code that the label stands for.
    pub code: &'static str,
    /// Its words, each with its place.
    pub words: Vec<(u32, Form)>,
}

/// The labels of an instance.
#[derive(Default)]
pub struct Labels(Vec<Label>);

impl Labels {
    /// Those of the program.
    pub fn program() -> Arc<Self> {
        static PROGRAM: LazyLock<Arc<Labels>> =
            LazyLock::new(|| Arc::new(Labels::of(Vocabularies::embedded())));
        Arc::clone(&PROGRAM)
    }

    /// Those of an instance that words some terms its own way; the words of the program find them too.
    pub fn of(vocabularies: &Vocabularies) -> Self {
        let mut stems = Stems::default();
        let mut labels = Vec::new();
        for facet in FACETS {
            let Some(list) = facet.vocabulary() else {
                continue;
            };
            let program = Vocabularies::embedded().get(list);
            for term in vocabularies.get(list).terms() {
                let former = program.label(term.code);
                let also = (former != term.label).then_some(former);
                for label in std::iter::once(term.label).chain(also) {
                    // What stands in brackets explains the list, not the thing.
                    let text = label.split('(').next().unwrap_or("");
                    labels.push(Label {
                        holder: Holder::Facet(facet),
                        code: term.code,
                        words: stems.forms(text),
                    });
                }
            }
        }
        for spec in FIELDS {
            let Some(list) = spec.kind.vocabulary().filter(|_| is_reworded_by_code(spec.field)) else {
                continue;
            };
            let program = Vocabularies::embedded().get(list);
            for term in vocabularies.get(list).terms() {
                if program.label(term.code) != term.label {
                    labels.push(Label {
                        holder: Holder::Field(spec.field),
                        code: term.code,
                        words: stems.forms(term.label),
                    });
                }
            }
        }
        Self(labels)
    }

    /// The labels that a reader of this level may search.
    pub fn open_to(&self, level: Level) -> impl Iterator<Item = &Label> {
        self.0.iter().filter(move |label| label.holder.is_open_to(level))
    }
}
