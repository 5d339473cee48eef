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
    ///
    /// ```
    /// use sobria_territory::name::Hint;
    /// assert!(Hint::Departement.admits("csp") && !Hint::Commune.admits("cc"));
    /// ```
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
    ///
    /// ```
    /// use sobria_territory::name::Hint;
    /// assert!(Hint::Metropole.tolerates("cu") && !Hint::Cc.tolerates("ca"));
    /// ```
    pub fn tolerates(self, kind: &str) -> bool {
        self == Self::Metropole && matches!(kind, "cu" | "ca" | "cc" | "ept")
    }
}

const LEADING: &[(&str, Hint)] = &[
    ("communautes de communes", Hint::Cc),
    ("communautes d agglomeration", Hint::Ca),
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
    ("collectivite territoriale", Hint::Region),
    ("collectivite", Hint::Region),
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
    let mut flat = String::with_capacity(text.len() + 8);
    let mut depth = 0_u32;
    if text.chars().all(|c| plain(c).is_some()) {
        for c in text.chars().filter_map(plain) {
            push_folded(&mut flat, &mut depth, c);
        }
    } else {
        for c in decomposed(text) {
            push_folded(&mut flat, &mut depth, c);
        }
    }
    let mut folded = String::with_capacity(flat.len() + 8);
    for word in flat.split_ascii_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(match word {
            "st" => "saint",
            "ste" => "sainte",
            "sts" => "saints",
            "stes" => "saintes",
            other => other,
        });
    }
    folded
}

/// Small letters without accents, of any text.
fn decomposed(text: &str) -> impl Iterator<Item = char> {
    text.nfd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
}

/// The small letter without accent, where no table is needed to know it: in ASCII and French.
fn plain(c: char) -> Option<char> {
    Some(match c {
        '\0'..='\u{7f}' => c.to_ascii_lowercase(),
        'à' | 'â' | 'ä' | 'À' | 'Â' | 'Ä' => 'a',
        'ç' | 'Ç' => 'c',
        'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' | 'Ê' | 'Ë' => 'e',
        'î' | 'ï' | 'Î' | 'Ï' => 'i',
        'ô' | 'ö' | 'Ô' | 'Ö' => 'o',
        'ù' | 'û' | 'ü' | 'Ù' | 'Û' | 'Ü' => 'u',
        'ÿ' | 'Ÿ' => 'y',
        '’' => c,
        _ => return None,
    })
}

fn push_folded(flat: &mut String, depth: &mut u32, c: char) {
    match c {
        '(' | '[' => {
            *depth += 1;
            flat.push(' ');
        }
        ')' | ']' => *depth = depth.saturating_sub(1),
        _ if *depth > 0 => {}
        'œ' => flat.push_str("oe"),
        'æ' => flat.push_str("ae"),
        c if c.is_alphanumeric() => flat.push(c),
        _ => flat.push(' '),
    }
}

/// The words of a folded name that tell places apart; all of them when each is a small word.
///
/// ```
/// assert_eq!(sobria_territory::name::core_of("l isle sur la sorgue"), "isle sorgue");
/// assert_eq!(sobria_territory::name::core_of("la"), "la");
/// ```
pub fn core_of(folded: &str) -> String {
    let mut core = String::with_capacity(folded.len());
    for word in folded.split(' ').filter(|word| !SMALL.contains(word)) {
        if !core.is_empty() {
            core.push(' ');
        }
        core.push_str(word);
    }
    if core.is_empty() { folded.to_owned() } else { core }
}

/// The département or postcode that a name ends with, in brackets.
///
/// ```
/// use sobria_territory::name::place_in_brackets;
/// assert_eq!(place_in_brackets("Saint-Denis (93)"), Some("93"));
/// assert_eq!(place_in_brackets("Bastia ( 2B )"), Some("2B"));
/// assert_eq!(place_in_brackets("Metz (ville)"), None);
/// ```
pub fn place_in_brackets(text: &str) -> Option<&str> {
    let (_, inside) = text.trim_end().strip_suffix(')')?.rsplit_once('(')?;
    let place = inside.trim();
    let digits = place.bytes().all(|byte| byte.is_ascii_digit());
    let known = digits && matches!(place.len(), 2 | 3 | 5) || matches!(place, "2A" | "2B" | "2a" | "2b");
    known.then_some(place)
}

/// The forms under which an authority is found: its core, and its core without the kind that it ends with.
pub(crate) fn keys(name: &str, commune: bool) -> (String, Option<String>) {
    let folded = fold(name);
    if commune {
        // "Ville" may be a part of the name itself, as in Ville-d'Avray.
        return (core_of(&folded), None);
    }
    let (_, rest) = without_leading(&folded);
    let (_, bare) = without_trailing(rest);
    (core_of(rest), (bare.len() < rest.len()).then(|| core_of(bare)))
}

fn without_leading(folded: &str) -> (Option<Hint>, &str) {
    LEADING
        .iter()
        .find_map(|(marker, kind)| Some((Some(*kind), folded.strip_prefix(marker)?.strip_prefix(' ')?)))
        .unwrap_or((None, folded))
}

fn without_trailing(folded: &str) -> (Option<Hint>, &str) {
    TRAILING
        .iter()
        .find_map(|(marker, kind)| Some((Some(*kind), folded.strip_suffix(marker)?.strip_suffix(' ')?)))
        .unwrap_or((None, folded))
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
    let (mut hint, mut rest) = without_leading(&folded);
    if hint.is_none() {
        (hint, rest) = without_trailing(&folded);
    }
    Name {
        hint,
        core: core_of(rest),
    }
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

    #[test]
    fn the_short_way_folds_as_the_long_one() {
        let mut known = 0;
        for c in '\0'..='\u{2fff}' {
            let Some(short) = plain(c) else { continue };
            known += 1;
            assert_eq!(
                short.to_string(),
                decomposed(&c.to_string()).collect::<String>(),
                "{c:?}"
            );
        }
        assert_eq!(known, 128 + 33);
    }

    #[test]
    fn text_is_folded() {
        for (text, folded) in [
            ("St-Étienne (42)", "saint etienne"),
            ("Œuilly", "oeuilly"),
            ("L’Haÿ-les-Roses", "l hay les roses"),
            ("STES MARIES", "saintes maries"),
            ("a(b)c", "a c"),
            ("(ouvert", ""),
            ("", ""),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn an_authority_has_the_forms_that_people_write() {
        for (name, commune, first, second) in [
            ("Ville-d'Avray", true, "ville avray", None),
            (
                "CU Grand Besançon Métropole",
                false,
                "grand besancon metropole",
                Some("grand besancon"),
            ),
            ("Metz Métropole", false, "metz metropole", Some("metz")),
            ("CC Faucigny - Glières", false, "faucigny glieres", None),
        ] {
            assert_eq!(
                keys(name, commune),
                (first.to_owned(), second.map(str::to_owned)),
                "{name}"
            );
        }
    }

    #[test]
    fn only_codes_in_brackets_are_places() {
        for (text, place) in [
            ("Metz (57000)", Some("57000")),
            ("Bastia (2b) ", Some("2b")),
            ("Metz (57", None),
            ("Metz 57)", None),
            ("Metz (1)", None),
            ("Metz (57) Moselle", None),
            ("", None),
        ] {
            assert_eq!(place_in_brackets(text), place, "{text}");
        }
    }
}
