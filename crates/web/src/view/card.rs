//! The card of a use case.

use crate::locale::fold;
use crate::view::Marked;
use crate::view::theme::ThemeBadge;

/// How far a project has come: a word and a mark of four steps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Maturity {
    /// Label.
    pub label: String,
    /// Filled steps, 0 to 4; none for an abandoned project.
    pub step: u8,
}

impl Maturity {
    /// The mark of a code of the vocabulary `projet_status`.
    pub fn new(code: &str, label: &str) -> Self {
        let step = match code {
            "reflexion" => 1,
            "construction" => 2,
            "experimentation" => 3,
            "deploiement" | "termine" => 4,
            _ => 0,
        };
        Self {
            label: label.to_owned(),
            step,
        }
    }
}

/// One use case in a list.
#[derive(Debug, Clone, Default)]
pub struct Card {
    /// Identifier of the record.
    pub id: String,
    /// Address of the record.
    pub href: String,
    /// Title.
    pub title: Marked,
    /// One or two sentences, or the passage that answers the search; may be empty.
    pub summary: Marked,
    /// Carrying organisation.
    pub organisation: Marked,
    /// Its kind: "Métropole".
    pub organisation_kind: String,
    /// Two letters that stand for a logo; see [`monogram`].
    pub monogram: String,
    /// Theme.
    pub theme: Option<ThemeBadge>,
    /// Publics served: "Agents, élus".
    pub audience: String,
    /// How far it has come.
    pub maturity: Option<Maturity>,
    /// "À confirmer" or "Peut-être obsolète", when the review is late.
    pub stale: Option<String>,
    /// Published footprint with its range, when there is one.
    pub footprint: Option<String>,
    /// What its assessment of frugality allows to say, when it does.
    pub badge: Option<&'static str>,
}

/// Words that say the kind of an organisation, not its name.
const KIND_WORDS: [&str; 34] = [
    "ville",
    "commune",
    "mairie",
    "metropole",
    "agglomeration",
    "agglo",
    "communaute",
    "communautes",
    "communes",
    "urbaine",
    "departement",
    "departemental",
    "conseil",
    "region",
    "regional",
    "syndicat",
    "mixte",
    "de",
    "du",
    "des",
    "la",
    "le",
    "les",
    "l",
    "d",
    "et",
    "en",
    "sur",
    "sous",
    "aux",
    "au",
    "a",
    "saint",
    "sainte",
];

/// The one or two letters that stand for a logo: initials of the words that name the organisation.
///
/// ```
/// use sobria_web::view::card::monogram;
/// assert_eq!(monogram("Communauté d’agglomération du Pays-Basque"), "PB");
/// assert_eq!(monogram("Ville de Metz"), "M");
/// ```
pub fn monogram(name: &str) -> String {
    let words = || {
        name.split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
    };
    let initials = |words: &mut dyn Iterator<Item = &str>| -> String {
        words
            .filter_map(|word| word.chars().next())
            .take(2)
            .flat_map(char::to_uppercase)
            .collect()
    };
    let named = initials(&mut words().filter(|word| !KIND_WORDS.contains(&fold(word).as_str())));
    if named.is_empty() {
        initials(&mut words())
    } else {
        named
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_monogram_keeps_the_words_that_name() {
        for (name, expected) in [
            ("Ville de Metz", "M"),
            ("Eurométropole de Metz", "EM"),
            ("Communauté d’agglomération du Pays-Basque", "PB"),
            ("Syndicat mixte", "SM"),
            ("Île-de-France", "ÎF"),
            ("La Réunion", "R"),
            ("", ""),
        ] {
            assert_eq!(monogram(name), expected, "{name}");
        }
    }

    #[test]
    fn an_abandoned_project_has_no_filled_step() {
        assert_eq!(Maturity::new("abandonne", "Abandonné").step, 0);
        assert_eq!(Maturity::new("experimentation", "En expérimentation").step, 3);
    }
}
