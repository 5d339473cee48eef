//! Closed lists of the library: themes, sub-themes and terms, embedded as tables with their sources.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

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

impl VocabularyId {
    /// The vocabulary of a public name.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|list| list.id() == id)
    }
}

/// Labels that an instance gives to terms in place of those of the program, by list and code.
pub type Labels = BTreeMap<(VocabularyId, String), String>;

/// Longest label, in characters.
pub const LABEL_MAX: usize = 120;

/// Why a label cannot stand for a term.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelRefusal {
    /// The list has no such code.
    #[error("Cette liste n’a pas de terme «\u{a0}{0}\u{a0}».")]
    UnknownCode(String),
    /// Nothing, or too much.
    #[error("Écrivez de 1 à {LABEL_MAX} caractères.")]
    Length,
    /// Exports set labels side by side with it.
    #[error("Le signe «\u{a0}|\u{a0}» sépare les valeurs dans les exports\u{a0}: choisissez un autre signe.")]
    Separator,
    /// Another term is called so, which imports could not tell apart.
    #[error(
        "«\u{a0}{label}\u{a0}» désigne déjà «\u{a0}{other}\u{a0}»\u{a0}: deux termes ne peuvent pas se lire pareil."
    )]
    Taken {
        /// The label.
        label: String,
        /// The label of the other term.
        other: &'static str,
    },
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
#[derive(Debug, PartialEq, Eq)]
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

    /// Whether a label may stand for a term.
    ///
    /// # Errors
    /// Why it may not.
    pub fn may_call(&self, code: &str, label: &str) -> Result<(), LabelRefusal> {
        if self.by_code(code).is_none() {
            return Err(LabelRefusal::UnknownCode(code.to_owned()));
        }
        if label.trim().is_empty() || label.chars().count() > LABEL_MAX {
            return Err(LabelRefusal::Length);
        }
        if label.contains('|') {
            return Err(LabelRefusal::Separator);
        }
        match self.find(label) {
            Some(other) if other.code != code => Err(LabelRefusal::Taken {
                label: label.to_owned(),
                other: other.label,
            }),
            _ => Ok(()),
        }
    }

    /// The list with other labels; what the program calls a term still means it.
    fn relabelled(&self, labels: &Labels) -> Self {
        let mut list = Self::new(self.id, self.terms.clone());
        for ((_, code), label) in labels.iter().filter(|((id, _), _)| *id == self.id) {
            // Each is judged beside those before it, so that no two terms end up alike.
            if list.may_call(code, label).is_err() {
                continue;
            }
            let mut terms = list.terms;
            for term in terms.iter_mut().filter(|term| term.code == code) {
                let former = std::mem::replace(&mut term.label, kept(label));
                term.synonyms.push(former);
            }
            list = Self::new(self.id, terms);
        }
        list
    }

    /// The written forms that are looked up, folded, with the entry each one means.
    pub fn written_forms(&self) -> impl Iterator<Item = (&str, &Term)> {
        self.by_text
            .iter()
            .filter_map(|(text, position)| self.terms.get(*position).map(|term| (text.as_str(), term)))
    }
}

static EMBEDDED: LazyLock<Arc<Vocabularies>> = LazyLock::new(|| Arc::new(Vocabularies::parse()));

/// A label for as long as the program runs, each kept once: an instance has few, and terms are read everywhere as what
/// never goes away.
fn kept(label: &str) -> &'static str {
    static KEPT: Mutex<Option<HashSet<&'static str>>> = Mutex::new(None);
    let mut all = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let all = all.get_or_insert_default();
    match all.get(label) {
        Some(known) => known,
        None => {
            let label: &'static str = Box::leak(label.to_owned().into_boxed_str());
            all.insert(label);
            label
        }
    }
}

/// Every vocabulary of the library.
#[derive(Debug, PartialEq, Eq)]
pub struct Vocabularies {
    lists: Vec<Vocabulary>,
}

impl Vocabularies {
    /// The tables embedded in the executable.
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// The same, shared.
    pub fn program() -> Arc<Self> {
        Arc::clone(&EMBEDDED)
    }

    /// The tables with the labels of an instance. Codes, order and what is understood stay; a label that cannot stand for
    /// its term is left out.
    ///
    /// ```
    /// use sobria_catalogue::vocabulary::{Labels, Vocabularies, VocabularyId};
    ///
    /// let labels = Labels::from([((VocabularyId::Maturity, "termine".to_owned()), "Achevé en 2026".to_owned())]);
    /// let list = Vocabularies::relabelled(&labels);
    /// let list = list.get(VocabularyId::Maturity);
    /// assert_eq!(list.label("termine"), "Achevé en 2026");
    /// assert_eq!(list.find("Terminé").map(|term| term.code), Some("termine"));
    /// ```
    pub fn relabelled(labels: &Labels) -> Arc<Self> {
        if labels.is_empty() {
            return Self::program();
        }
        let lists = EMBEDDED
            .lists
            .iter()
            .map(|list| list.relabelled(labels))
            .collect();
        Arc::new(Self { lists })
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
    fn an_instance_rewords_its_terms_and_no_two_read_alike() {
        let program = Vocabularies::embedded().get(VocabularyId::Maturity);
        let label = |code: &str, label: &str| ((VocabularyId::Maturity, code.to_owned()), label.to_owned());
        let labels = Labels::from([
            label("termine", "Achevé et évalué"),
            // The label of another term, and one that another term was just given.
            label("abandonne", "En déploiement"),
            label("construction", "achevé et évalué"),
            label("inconnu", "Rien"),
            label("reflexion", "a|b"),
        ]);
        let all = Vocabularies::relabelled(&labels);
        let list = all.get(VocabularyId::Maturity);
        for term in program.terms() {
            // The first of two in the order of codes has it.
            let expected = if term.code == "construction" {
                "achevé et évalué"
            } else {
                term.label
            };
            assert_eq!(list.label(term.code), expected, "{}", term.code);
            assert_eq!(list.find(term.label).map(|found| found.code), Some(term.code));
            assert_eq!(list.position(term.code), program.position(term.code));
        }
        assert_eq!(
            program.may_call("abandonne", "En déploiement"),
            Err(LabelRefusal::Taken {
                label: "En déploiement".to_owned(),
                other: "En déploiement"
            })
        );
        assert_eq!(
            program.may_call("termine", &"é".repeat(121)),
            Err(LabelRefusal::Length)
        );
        assert_eq!(program.may_call("termine", "Clos"), Ok(()));
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
