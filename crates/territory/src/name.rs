//! Names of authorities as people write them: a hint of kind, and a core.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A written name, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// What the name says of its kind.
    pub hint: Option<Hint>,
    /// The words that name the place, folded, small words dropped.
    pub core: String,
}

/// What a name says of the kind of authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// A commune.
    Commune,
    /// A communauté de communes.
    Cc,
    /// A communauté d'agglomération.
    Ca,
    /// A communauté urbaine.
    Cu,
    /// A métropole, or else any grouping of communes.
    Metropole,
    /// An établissement public territorial.
    Ept,
    /// A département, or a single collectivity.
    Departement,
    /// A région, or a single collectivity.
    Region,
}

impl Hint {
    /// Whether an authority of that kind may bear the name.
    pub fn admits(self, kind: &str) -> bool {
        match self {
            Self::Commune => kind == "commune",
            Self::Cc => kind == "cc",
            Self::Ca => kind == "ca",
            Self::Cu => kind == "cu",
            Self::Metropole => kind == "metropole",
            Self::Ept => kind == "ept",
            Self::Departement => matches!(kind, "departement" | "csp"),
            Self::Region => matches!(kind, "region" | "csp"),
        }
    }

    /// Whether an authority of that kind may bear the name when none of the exact kind does.
    pub fn tolerates(self, kind: &str) -> bool {
        self == Self::Metropole && matches!(kind, "cu" | "ca" | "cc" | "ept")
    }
}

const LEADING: &[(&str, Hint)] = &[
    ("communautes de communes", Hint::Cc),
    ("communaute de communes", Hint::Cc),
    ("communaute de commune", Hint::Cc),
    ("com com", Hint::Cc),
    ("cc", Hint::Cc),
    ("communaute d agglomerations", Hint::Ca),
    ("communaute d agglomeration", Hint::Ca),
    ("agglomeration", Hint::Ca),
    ("agglo", Hint::Ca),
    ("ca", Hint::Ca),
    ("communaute urbaine", Hint::Cu),
    ("cu", Hint::Cu),
    ("eurometropole", Hint::Metropole),
    ("metropole", Hint::Metropole),
    ("etablissement public territorial", Hint::Ept),
    ("ept", Hint::Ept),
    ("conseil departemental", Hint::Departement),
    ("conseil general", Hint::Departement),
    ("departement", Hint::Departement),
    ("cd", Hint::Departement),
    ("conseil regional", Hint::Region),
    ("region", Hint::Region),
    ("ville", Hint::Commune),
    ("mairie", Hint::Commune),
    ("commune", Hint::Commune),
    ("municipalite", Hint::Commune),
];

const TRAILING: &[(&str, Hint)] = &[
    ("eurometropole", Hint::Metropole),
    ("metropole", Hint::Metropole),
    ("agglomeration", Hint::Ca),
    ("agglo", Hint::Ca),
];

const SMALL: &[&str] = &[
    "de", "du", "des", "la", "le", "les", "l", "d", "et", "en", "sur", "sous", "aux", "au", "a",
];

/// Folds a name: no accents, ligatures undone, brackets dropped, `st` spelt out, words apart.
///
/// ```
/// assert_eq!(sobria_territory::name::fold("St-Étienne (42)"), "saint etienne");
/// ```
pub fn fold(text: &str) -> String {
    let mut flat = String::with_capacity(text.len());
    let mut depth = 0_u32;
    for c in text
        .nfd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
    {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            'œ' => flat.push_str("oe"),
            'æ' => flat.push_str("ae"),
            c if c.is_alphanumeric() => flat.push(c),
            _ => flat.push(' '),
        }
    }
    flat.split_whitespace()
        .map(|word| match word {
            "st" => "saint",
            "ste" => "sainte",
            "sts" => "saints",
            "stes" => "saintes",
            other => other,
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// Takes a written name apart.
///
/// ```
/// use sobria_territory::name::{Hint, split};
/// let name = split("Communauté d’agglomération de La Rochelle");
/// assert_eq!(name.hint, Some(Hint::Ca));
/// assert_eq!(name.core, "rochelle");
/// ```
pub fn split(text: &str) -> Name {
    let folded = fold(text);
    let mut rest = folded.as_str();
    let mut hint = None;
    for (marker, kind) in LEADING {
        if let Some(after) = rest.strip_prefix(marker)
            && after.starts_with(' ')
        {
            hint = Some(*kind);
            rest = after.trim_start();
            break;
        }
    }
    if hint.is_none() {
        for (marker, kind) in TRAILING {
            if let Some(before) = rest.strip_suffix(marker)
                && before.ends_with(' ')
            {
                hint = Some(*kind);
                rest = before.trim_end();
                break;
            }
        }
    }
    let core: Vec<&str> = rest.split(' ').filter(|word| !SMALL.contains(word)).collect();
    let core = if core.is_empty() {
        rest.to_owned()
    } else {
        core.join(" ")
    };
    Name { hint, core }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        for (text, hint, core) in [
            ("Ville de Metz", Some(Hint::Commune), "metz"),
            ("Metz Métropole", Some(Hint::Metropole), "metz"),
            (
                "Métropole Rouen Normandie",
                Some(Hint::Metropole),
                "rouen normandie",
            ),
            (
                "CC du Pays de Pontchâteau St-Gildas-des-Bois",
                Some(Hint::Cc),
                "pays pontchateau saint gildas bois",
            ),
            ("Conseil régional Occitanie", Some(Hint::Region), "occitanie"),
            ("Orléans", None, "orleans"),
            ("Métropole", None, "metropole"),
            ("La", None, "la"),
        ] {
            assert_eq!(
                split(text),
                Name {
                    hint,
                    core: core.to_owned()
                },
                "{text}"
            );
        }
    }
}
