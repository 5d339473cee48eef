//! Closed lists of the library: themes, sub-themes and terms, embedded as tables with their sources.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::text::fold;

const THEMES: &str = include_str!("../reference/themes.csv");
const SUBTHEMES: &str = include_str!("../reference/subthemes.csv");
const TERMS: &str = include_str!("../reference/terms.csv");

macro_rules! vocabularies {
    ($($(#[$doc:meta])* $name:ident => $id:literal,)*) => {
        /// Names one vocabulary.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum VocabularyId {
            $($(#[$doc])* $name,)*
        }

        impl VocabularyId {
            /// Every vocabulary, in the order of the data model.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The public name of the vocabulary.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }
        }
    };
}

vocabularies! {
    /// Public policies: one per use case.
    Theme => "theme",
    /// Parts of a public policy.
    Subtheme => "subtheme",
    /// Kinds of carrying organisation.
    OrganisationKind => "coll_type",
    /// How far a project has come.
    Maturity => "projet_status",
    /// Whether the service is used today.
    ServiceUsage => "service_usage",
    /// Yearly budget bands.
    Budget => "budget",
    /// How the system was made.
    Delivery => "mise_en_oeuvre",
    /// Who the service is for.
    Audience => "audience_service",
    /// Where the system runs.
    Hosting => "herbergement",
    /// Families of algorithms.
    AlgorithmKind => "type_algorithme",
    /// Where the data come from.
    DataSource => "donnees_source",
    /// How the data are collected.
    DataCollection => "donnees_acces",
    /// Tiers of the AI Act, as declared by the carrier.
    RiskCategory => "risque_categorie",
    /// How far decisions are automated.
    AutomationLevel => "impact_algorithme",
    /// Gap between aims and results.
    ResultGap => "erreur",
    /// How hard the system is to explain.
    Explainability => "explicabilite",
    /// Reach of the decisions made with the system.
    DecisionScope => "decision_portee",
    /// Where the money comes from.
    Funding => "financement",
    /// Whether personal data are used.
    PersonalData => "personal_data",
    /// Who can open a link.
    LinkAccess => "link_access",
    /// What a shared resource is.
    ResourceKind => "resource_kind",
    /// What a partner brings.
    PartnerRole => "partner_role",
}

/// One entry of a vocabulary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Stable code, used in addresses, exports and storage.
    pub code: &'static str,
    /// French label, as printed.
    pub label: &'static str,
    /// Other written forms that mean the same.
    pub synonyms: Vec<&'static str>,
    /// `current`, `legacy`, `extension` or `proposed`.
    pub status: &'static str,
    /// Where the entry comes from.
    pub source: &'static str,
    /// The theme of a sub-theme; the letter of a theme; empty elsewhere.
    pub detail: &'static str,
}

/// One closed list with its look-up table.
#[derive(Debug)]
pub struct Vocabulary {
    /// Which list this is.
    pub id: VocabularyId,
    terms: Vec<Term>,
    by_code: HashMap<&'static str, usize>,
    by_text: HashMap<String, usize>,
}

/// How a written form was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// The label or the code, as it stands.
    Exact,
    /// The label or code, but for case, accents, spaces or apostrophes.
    Folded,
    /// A known synonym.
    Synonym,
}

impl Vocabulary {
    fn new(id: VocabularyId, terms: Vec<Term>) -> Self {
        let mut by_code = HashMap::new();
        let mut by_text = HashMap::new();
        for (position, term) in terms.iter().enumerate() {
            by_code.insert(term.code, position);
            by_text.insert(fold(term.label), position);
        }
        for (position, term) in terms.iter().enumerate() {
            by_text.entry(fold(term.code)).or_insert(position);
            for synonym in &term.synonyms {
                by_text.entry(fold(synonym)).or_insert(position);
            }
        }
        Self {
            id,
            terms,
            by_code,
            by_text,
        }
    }

    /// The entries, in the order of the table.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The entry with this exact code.
    pub fn by_code(&self, code: &str) -> Option<&Term> {
        self.by_code
            .get(code)
            .and_then(|position| self.terms.get(*position))
    }

    /// The position of a code in the table, for sorting and bit sets.
    pub fn position(&self, code: &str) -> Option<usize> {
        self.by_code.get(code).copied()
    }

    /// The label of a code, or the code itself when it is unknown.
    pub fn label<'a>(&self, code: &'a str) -> &'a str
    where
        'static: 'a,
    {
        self.by_code(code).map_or(code, |term| term.label)
    }

    /// The entry that a written form means: label, code or synonym, accents and case aside.
    pub fn find(&self, text: &str) -> Option<&Term> {
        self.by_text
            .get(&fold(text))
            .and_then(|position| self.terms.get(*position))
    }

    /// As [`Vocabulary::find`], and says how the form was recognised.
    pub fn recognise(&self, text: &str) -> Option<(&Term, Match)> {
        let term = self.find(text)?;
        let trimmed = text.trim();
        let how = if trimmed == term.label || trimmed == term.code {
            Match::Exact
        } else {
            let folded = fold(trimmed);
            if folded == fold(term.label) || folded == fold(term.code) {
                Match::Folded
            } else {
                Match::Synonym
            }
        };
        Some((term, how))
    }

    /// The written forms that are looked up, folded, with the entry each one means.
    pub fn written_forms(&self) -> impl Iterator<Item = (&str, &Term)> {
        self.by_text
            .iter()
            .filter_map(|(text, position)| self.terms.get(*position).map(|term| (text.as_str(), term)))
    }
}

/// Every vocabulary of the library.
#[derive(Debug)]
pub struct Vocabularies {
    lists: Vec<Vocabulary>,
}

impl Vocabularies {
    /// The tables embedded in the executable.
    pub fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<Vocabularies> = LazyLock::new(Vocabularies::parse);
        &EMBEDDED
    }

    fn parse() -> Self {
        let lists = VocabularyId::ALL
            .iter()
            .map(|id| {
                let terms = match id {
                    VocabularyId::Theme => rows(THEMES)
                        .filter_map(|row| term(&row, 0, 2, 3, None, 4, 1))
                        .collect(),
                    VocabularyId::Subtheme => rows(SUBTHEMES)
                        .filter_map(|row| term(&row, 0, 2, 3, Some(4), 5, 1))
                        .collect(),
                    other => rows(TERMS)
                        .filter(|row| row.first().is_some_and(|name| *name == other.id()))
                        .filter_map(|row| term(&row, 1, 2, 3, Some(4), 5, 6))
                        .collect(),
                };
                Vocabulary::new(*id, terms)
            })
            .collect();
        Self { lists }
    }

    /// One vocabulary.
    pub fn get(&self, id: VocabularyId) -> &Vocabulary {
        static EMPTY: LazyLock<Vocabulary> =
            LazyLock::new(|| Vocabulary::new(VocabularyId::Theme, Vec::new()));
        self.lists.iter().find(|list| list.id == id).unwrap_or(&EMPTY)
    }

    /// The theme that a sub-theme belongs to.
    pub fn theme_of(&self, subtheme: &str) -> Option<&'static str> {
        self.get(VocabularyId::Subtheme)
            .by_code(subtheme)
            .map(|term| term.detail)
    }

    /// The letter that stands for a theme beside its colour.
    pub fn theme_letter(&self, theme: &str) -> &'static str {
        self.get(VocabularyId::Theme)
            .by_code(theme)
            .map_or("?", |term| term.detail)
    }
}

/// Splits one embedded table into cells. The tables are the project's own: quoted cells hold no line break
/// and no doubled quote, which a test checks.
fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().skip(1).map(|line| {
        let mut cells = Vec::new();
        let mut rest = line;
        loop {
            if let Some(quoted) = rest.strip_prefix('"') {
                let (cell, after) = quoted.split_once('"').unwrap_or((quoted, ""));
                cells.push(cell);
                match after.strip_prefix(',') {
                    Some(next) => rest = next,
                    None => break,
                }
            } else if let Some((cell, next)) = rest.split_once(',') {
                cells.push(cell);
                rest = next;
            } else {
                cells.push(rest);
                break;
            }
        }
        cells
    })
}

fn term(
    row: &[&'static str],
    code: usize,
    label: usize,
    synonyms: usize,
    status: Option<usize>,
    source: usize,
    detail: usize,
) -> Option<Term> {
    Some(Term {
        code: row.get(code)?,
        label: row.get(label)?,
        synonyms: row
            .get(synonyms)?
            .split('|')
            .filter(|text| !text.is_empty())
            .collect(),
        status: status
            .and_then(|column| row.get(column))
            .copied()
            .unwrap_or("current"),
        source: row.get(source).copied().unwrap_or(""),
        detail: row.get(detail).copied().unwrap_or(""),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vocabulary_has_entries_with_a_label_and_a_source() {
        for id in VocabularyId::ALL {
            let list = Vocabularies::embedded().get(*id);
            assert!(list.terms().len() >= 3, "{id:?}");
            for term in list.terms() {
                assert!(
                    !term.label.is_empty() && !term.source.is_empty(),
                    "{id:?} {term:?}"
                );
            }
        }
    }

    #[test]
    fn the_embedded_tables_keep_to_the_simple_quoting_that_is_read() {
        for table in [THEMES, SUBTHEMES, TERMS] {
            let columns = rows(table).next().unwrap().len();
            for line in table.lines() {
                assert!(!line.contains("\"\""), "{line}");
            }
            for row in rows(table) {
                assert_eq!(row.len(), columns, "{row:?}");
            }
        }
    }

    #[test]
    fn a_code_names_one_entry_and_a_written_form_is_never_ambiguous() {
        for id in VocabularyId::ALL {
            let list = Vocabularies::embedded().get(*id);
            assert_eq!(list.by_code.len(), list.terms().len(), "{id:?}");
            for term in list.terms() {
                assert_eq!(list.find(term.label).unwrap().code, term.code, "{id:?}");
                for synonym in &term.synonyms {
                    assert_eq!(list.find(synonym).unwrap().code, term.code, "{id:?} {synonym}");
                }
            }
        }
    }

    #[test]
    fn written_forms_of_the_real_library_are_recognised() {
        let v = Vocabularies::embedded();
        for (id, text, code) in [
            (VocabularyId::Theme, "Transition écologique", "transition"),
            (
                VocabularyId::Theme,
                "Citoyenneté, santé et solidarité",
                "citoyennete",
            ),
            (
                VocabularyId::Subtheme,
                "performance énergétique",
                "performance_energetique",
            ),
            (VocabularyId::Maturity, "Terminée", "termine"),
            (
                VocabularyId::OrganisationKind,
                "Communauté d'agglomérations",
                "ca",
            ),
            (VocabularyId::Audience, "Aménageurs", "amenageur"),
        ] {
            assert_eq!(v.get(id).find(text).map(|term| term.code), Some(code), "{text}");
        }
    }

    #[test]
    fn six_themes_have_six_letters_and_every_subtheme_a_theme() {
        let v = Vocabularies::embedded();
        let mut letters: Vec<_> = v
            .get(VocabularyId::Theme)
            .terms()
            .iter()
            .map(|t| t.detail)
            .collect();
        letters.sort_unstable();
        letters.dedup();
        assert_eq!(letters.len(), 6);
        for term in v.get(VocabularyId::Subtheme).terms() {
            assert!(
                v.get(VocabularyId::Theme).by_code(term.detail).is_some(),
                "{}",
                term.code
            );
        }
    }
}
