//! The words of the labels of themes, sub-themes, audiences and kinds.
//!
//! They are found through the facets: a record need not hold the words of its own labels, which keeps the index
//! small, and a label that is reworded needs no new index.

use std::sync::LazyLock;

use sobria_catalogue::access::Level;
use sobria_catalogue::query::Facet;
use sobria_catalogue::vocabulary::Vocabularies;

use crate::analyse::{Form, Stems};

/// The facets whose labels are searched. Maturity is left out: its words are everywhere in descriptions.
const FACETS: [Facet; 5] = [
    Facet::Theme,
    Facet::Subtheme,
    Facet::Audience,
    Facet::OrganisationKind,
    Facet::AlgorithmKind,
];

/// A label of a facet.
pub struct Label {
    /// The facet.
    pub facet: Facet,
    /// The code that the label stands for.
    pub code: &'static str,
    /// Its words, each with its place.
    pub words: Vec<(u32, Form)>,
}

/// The labels that a reader of this level may search.
pub fn labels(level: Level) -> impl Iterator<Item = &'static Label> {
    static LABELS: LazyLock<Vec<Label>> = LazyLock::new(read);
    LABELS.iter().filter(move |label| label.facet.is_open_to(level))
}

fn read() -> Vec<Label> {
    let mut stems = Stems::default();
    let mut labels = Vec::new();
    for facet in FACETS {
        let Some(list) = facet.vocabulary() else {
            continue;
        };
        for term in Vocabularies::embedded().get(list).terms() {
            // What stands in brackets explains the list, not the thing.
            let text = term.label.split('(').next().unwrap_or("");
            labels.push(Label {
                facet,
                code: term.code,
                words: stems.forms(text),
            });
        }
    }
    labels
}
