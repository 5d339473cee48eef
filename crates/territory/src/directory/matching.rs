//! From a written name to the authorities that it may mean.

use std::cmp::Reverse;

use super::{Authority, Directory};
use crate::name::{Hint, Name, core_of, fold, place_in_brackets, split};
use crate::siren::{Number, parse_siret};

/// What a written name leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum Resolution {
    /// One authority, beyond doubt: an import may take it without asking.
    Unique(&'static Authority),
    /// Several, or one that needs a confirmation; most likely first.
    Candidates(Vec<&'static Authority>),
    /// None.
    Unknown,
}

/// How a written name was recognised, surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The text is a SIREN or a SIRET.
    Siren,
    /// The text is a name in use, listed by hand.
    Alias,
    /// Same words, and the kind that the text announces.
    Kind,
    /// Same words, whatever the kind.
    Words,
    /// Every written word is in the name, the last one perhaps cut short.
    Part,
    /// One or two typing errors away.
    Typo,
    /// Nothing was recognised.
    None,
}

/// Authorities that a written name may mean, and how they were found.
#[derive(Debug, Clone, PartialEq)]
pub struct Matches {
    /// How they were found.
    pub level: Level,
    /// The authorities, most likely first.
    pub authorities: Vec<&'static Authority>,
}

/// Proposals beyond this number help nobody.
const PROPOSALS: usize = 12;

impl Directory {
    /// The authority that a written name means, or those that it may mean.
    ///
    /// Only a number, a listed name, or a name with its kind leads to one authority; all else is a proposal.
    /// A commune that shares its name with others is never chosen alone, unless a département or a postcode
    /// in brackets tells them apart.
    ///
    /// ```
    /// use sobria_territory::{Directory, Resolution};
    /// let directory = Directory::embedded();
    /// let Resolution::Unique(found) = directory.resolve("Ville de Metz") else { panic!() };
    /// assert_eq!(found.siren, "215704636");
    /// let Resolution::Unique(found) = directory.resolve("Ville de Saint-Denis (93)") else { panic!() };
    /// assert_eq!(found.insee, "93066");
    /// assert!(matches!(directory.resolve("Orléans"), Resolution::Candidates(_)));
    /// ```
    pub fn resolve(&'static self, written: &str) -> Resolution {
        self.resolve_near(written, place_in_brackets(written))
    }

    /// The same, with the code of a département or a postcode known from elsewhere.
    ///
    /// ```
    /// use sobria_territory::{Directory, Resolution};
    /// let found = Directory::embedded().resolve_near("Mairie de Saint-Denis", Some("97400"));
    /// assert!(matches!(found, Resolution::Unique(commune) if commune.departement == "974"));
    /// ```
    pub fn resolve_near(&'static self, written: &str, place: Option<&str>) -> Resolution {
        sure(self.matches_near(written, place), place)
    }

    /// The authorities that a written name may mean, with the way they were found.
    ///
    /// ```
    /// use sobria_territory::{Directory, directory::Level};
    /// let found = Directory::embedded().matches("Grand Lyon");
    /// assert_eq!((found.level, found.authorities[0].name), (Level::Alias, "Métropole de Lyon"));
    /// assert_eq!(Directory::embedded().matches("Ville de Montpelier").level, Level::Typo);
    /// ```
    pub fn matches(&'static self, written: &str) -> Matches {
        self.matches_near(written, place_in_brackets(written))
    }

    /// The one authority that a written name means beyond doubt. Quicker than [`Directory::resolve`] on names that
    /// the directory does not hold, because no resemblance is searched: none of them leads to one authority.
    ///
    /// ```
    /// use sobria_territory::Directory;
    /// let directory = Directory::embedded();
    /// assert_eq!(directory.recognise("Ville de Metz").map(|found| found.insee), Some("57463"));
    /// assert_eq!(directory.recognise("Ville de Mezt"), None);
    /// ```
    pub fn recognise(&'static self, written: &str) -> Option<&'static Authority> {
        let place = place_in_brackets(written);
        match sure(self.exact_matches(written, place).0, place) {
            Resolution::Unique(found) => Some(found),
            _ => None,
        }
    }

    fn matches_near(&'static self, written: &str, place: Option<&str>) -> Matches {
        let (matches, name) = self.exact_matches(written, place);
        match name {
            Some(name) if matches.authorities.is_empty() => {
                let (level, found) = self.resembling(&name.core, name.hint);
                Matches {
                    level,
                    authorities: sorted(found, name.hint, place),
                }
            }
            _ => matches,
        }
    }

    /// What a number, a listed name or the very words lead to; and the name cut in parts, unless it was one of
    /// the first two.
    fn exact_matches(&'static self, written: &str, place: Option<&str>) -> (Matches, Option<Name>) {
        if let Ok(number) = parse_siret(written) {
            let siren = match number.number {
                Number::Siret(siret) => siret.siren(),
                Number::SirenOnly(siren) => siren,
            };
            let found = self.by_siren(siren.as_str());
            let matches = Matches {
                level: if found.is_some() {
                    Level::Siren
                } else {
                    Level::None
                },
                authorities: found.into_iter().collect(),
            };
            return (matches, None);
        }
        let folded = fold(written);
        if let Some(authority) = self.aliases.get(&folded).and_then(|siren| self.by_siren(siren)) {
            let matches = Matches {
                level: Level::Alias,
                authorities: vec![authority],
            };
            return (matches, None);
        }
        let name = split(written);
        // "Ville-la-Grand" is the name of a commune, and so could be "Ville la Grand" for Grand.
        let whole = core_of(&folded);
        let mut found = self.with_core(&name.core);
        if whole != name.core {
            found.extend(self.with_core(&whole));
            let mut seen = std::collections::HashSet::new();
            found.retain(|authority| seen.insert(std::ptr::from_ref(*authority)));
        }
        let mut level = Level::Words;
        if let Some(hint) = name.hint {
            let fits = |accepts: fn(Hint, &str) -> bool| -> Vec<_> {
                found
                    .iter()
                    .copied()
                    .filter(|authority| {
                        accepts(hint, authority.kind) && place.is_none_or(|place| authority.is_at(place))
                    })
                    .collect()
            };
            let (exact, close) = (fits(Hint::admits), fits(Hint::tolerates));
            let chosen = if exact.is_empty() { close } else { exact };
            // "Ville la Grand" may mean either: only the reader knows.
            let doubtful = whole != name.core
                && chosen.first().is_some_and(|one| {
                    self.with_core(&whole)
                        .into_iter()
                        .any(|other| !std::ptr::eq(*one, other))
                });
            if let ([_], false) = (chosen.as_slice(), doubtful) {
                let matches = Matches {
                    level: Level::Kind,
                    authorities: chosen,
                };
                return (matches, Some(name));
            }
            if chosen.len() > 1 {
                level = Level::Kind;
            }
        }
        let matches = Matches {
            level,
            authorities: sorted(found, name.hint, place),
        };
        (matches, Some(name))
    }

    /// Authorities that hold every word of a core, else those that are a typing error away.
    fn resembling(&'static self, core: &str, hint: Option<Hint>) -> (Level, Vec<&'static Authority>) {
        let letters = core.chars().count();
        if !(3..=80).contains(&letters) {
            return (Level::None, Vec::new());
        }
        let fits = |authority: &Authority| {
            hint.is_none_or(|hint| hint.admits(authority.kind) || hint.tolerates(authority.kind))
        };
        let mut level = Level::Part;
        let mut found = self.where_key(|key| holds_words(key, core), fits);
        if found.is_empty() && letters >= 5 {
            let allowed = if letters <= 8 { 1 } else { 2 };
            let wanted: Vec<char> = core.chars().collect();
            level = Level::Typo;
            found = self.where_key(|key| is_near(key, &wanted, allowed), fits);
        }
        if found.is_empty() {
            return (Level::None, found);
        }
        found.sort_by_key(|authority| Reverse(authority.population.unwrap_or(0)));
        found.truncate(PROPOSALS);
        (level, found)
    }
}

/// Whether matches leave no doubt.
fn sure(matches: Matches, place: Option<&str>) -> Resolution {
    match (matches.level, matches.authorities.as_slice()) {
        (_, []) => Resolution::Unknown,
        (Level::Siren | Level::Alias | Level::Kind, [one]) if place.is_none_or(|place| one.is_at(place)) => {
            Resolution::Unique(one)
        }
        _ => Resolution::Candidates(matches.authorities),
    }
}

/// Most likely first: at the place, of the kind, then the most peopled. A place that fits some rules the others out.
fn sorted(
    mut found: Vec<&'static Authority>,
    hint: Option<Hint>,
    place: Option<&str>,
) -> Vec<&'static Authority> {
    found.sort_by_key(|authority| {
        (
            place.is_some_and(|place| !authority.is_at(place)),
            hint.is_some_and(|hint| !hint.admits(authority.kind)),
            Reverse(authority.population.unwrap_or(0)),
        )
    });
    if let Some(place) = place
        && found.iter().any(|authority| authority.is_at(place))
    {
        found.retain(|authority| authority.is_at(place));
    }
    found
}

/// Whether a key holds every word of a core, the last one possibly cut short.
pub(super) fn holds_words(key: &str, core: &str) -> bool {
    let mut words = core.split(' ');
    let Some(last) = words.next_back() else {
        return false;
    };
    // The last word is the longest test and the most telling: most keys stop here.
    key.contains(last)
        && key.split(' ').any(|other| other.starts_with(last))
        && words.all(|word| key.split(' ').any(|other| other == word))
}

/// Whether two cores with the same first letter differ by so many edits: a letter added, dropped, changed, or two swapped.
fn is_near(key: &str, wanted: &[char], allowed: usize) -> bool {
    if key.chars().next().as_ref() != wanted.first() || key.len() > 4 * (wanted.len() + allowed) {
        return false;
    }
    let key: Vec<char> = key.chars().collect();
    if key.len().abs_diff(wanted.len()) > allowed {
        return false;
    }
    let cell = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=wanted.len()).collect();
    for (i, mine) in key.iter().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(i + 1);
        for (j, theirs) in wanted.iter().enumerate() {
            let mut best = (cell(&row, j) + usize::from(mine != theirs))
                .min(cell(&row, j + 1) + 1)
                .min(cell(&next, j) + 1);
            let swapped = i > 0 && j > 0 && key.get(i - 1) == Some(theirs) && wanted.get(j - 1) == Some(mine);
            if swapped {
                best = best.min(cell(&before, j - 1) + 1);
            }
            next.push(best);
        }
        if next.iter().all(|distance| *distance > allowed) {
            return false;
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().is_some_and(|distance| *distance <= allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sirens(written: &str) -> (Level, Vec<&'static str>) {
        let found = Directory::embedded().matches(written);
        (
            found.level,
            found
                .authorities
                .iter()
                .map(|authority| authority.siren)
                .collect(),
        )
    }

    #[test]
    fn written_names_lead_to_the_right_authority() {
        for (written, siren, level) in [
            ("Ville de Metz", "215704636", Level::Kind),
            ("Eurométropole de Metz", "200039865", Level::Alias),
            ("CA SICOVAL", "243100633", Level::Kind),
            ("CA du Sicoval", "243100633", Level::Kind),
            ("Métropole Rouen Normandie", "200023414", Level::Kind),
            ("Montpellier Méditerranée Métropole", "243400017", Level::Kind),
            (
                "Communauté d'Agglomération de La Rochelle",
                "241700434",
                Level::Kind,
            ),
            (
                "Communauté d'Agglomération Béthune-Bruay Artois Lys Romane",
                "200072460",
                Level::Kind,
            ),
            ("CA DE BETHUNE-BRUAY, ARTOIS LYS ROMANE", "200072460", Level::Kind),
            ("Département de la Drôme", "222600017", Level::Kind),
            ("Département d'Ille et Vilaine", "223500018", Level::Kind),
            ("Conseil départemental de l’Hérault", "223400011", Level::Kind),
            ("Département de Mayotte", "229850003", Level::Kind),
            ("Métropole Aix Marseille Provence", "200054807", Level::Kind),
            ("Métropole d'Aix-Marseille-Provence", "200054807", Level::Kind),
            ("Ville de Paris", "217500016", Level::Kind),
            ("Mairie de Paris", "217500016", Level::Alias),
            ("Conseil régional Occitanie", "200053791", Level::Kind),
            ("Région Centre-Val de Loire", "234500023", Level::Kind),
            ("Région Corse", "200076958", Level::Kind),
            ("Collectivité de Corse", "200076958", Level::Kind),
            (
                "Collectivité territoriale de Martinique",
                "200055507",
                Level::Kind,
            ),
            ("Collectivité européenne d’Alsace", "200094332", Level::Alias),
            ("Grand Lyon", "200046977", Level::Alias),
            ("Bordeaux Métropole", "243300316", Level::Kind),
            ("Toulouse Métropole", "243100518", Level::Kind),
            ("Nantes Métropole", "244400404", Level::Kind),
            ("Grand Besançon Métropole", "242500361", Level::Kind),
            ("Ville-d'Avray", "219200771", Level::Kind),
            ("Mairie de Ville-d'Avray", "219200771", Level::Kind),
            ("Département de la Vendée", "228500013", Level::Kind),
            ("Ville de Noisy-le-Grand", "219300514", Level::Kind),
            ("Ville de Saint-Denis (93)", "929939411", Level::Kind),
            ("215 704 636 00012", "215704636", Level::Siren),
            ("200039865", "200039865", Level::Siren),
        ] {
            let (found, all) = sirens(written);
            assert_eq!((found, all.as_slice()), (level, &[siren][..]), "{written}");
            let unique = Directory::embedded().resolve(written);
            assert!(
                matches!(unique, Resolution::Unique(one) if one.siren == siren),
                "{written}"
            );
        }
    }

    #[test]
    fn names_without_a_kind_are_proposed() {
        for (written, first) in [
            ("Grand Paris Sud Est Avenir", "200058006"),
            ("Orléans", "244500468"),
            ("St Denis", "219740115"),
            ("Saint-Denis (93)", "929939411"),
        ] {
            let Resolution::Candidates(list) = Directory::embedded().resolve(written) else {
                panic!("{written}")
            };
            assert_eq!(list[0].siren, first, "{written}");
        }
        assert_eq!(sirens("Orléans").1, ["244500468", "214502346"]);
        assert_eq!(
            sirens("St Denis").1,
            ["219740115", "929939411", "211103395", "213002470"]
        );
    }

    #[test]
    fn homonyms_are_listed_and_never_chosen() {
        for written in [
            "Ville de Sainte-Colombe",
            "Commune de Saint-Denis",
            "Mairie de St Denis",
        ] {
            let Resolution::Candidates(list) = Directory::embedded().resolve(written) else {
                panic!("{written}")
            };
            assert!(list.len() >= 3, "{written}");
        }
        // Two communes may be meant: Grand, and Ville-la-Grand.
        let Resolution::Candidates(list) = Directory::embedded().resolve("Ville la Grand") else {
            panic!()
        };
        assert_eq!(list.len(), 2);
    }

    #[test]
    fn no_commune_with_a_homonym_is_ever_chosen_alone() {
        let directory = Directory::embedded();
        let mut names = std::collections::HashMap::<String, usize>::new();
        let communes = || {
            directory
                .authorities()
                .iter()
                .filter(|authority| authority.kind == "commune")
        };
        for commune in communes() {
            *names.entry(core_of(&fold(commune.name))).or_default() += 1;
        }
        for commune in communes()
            .filter(|commune| names[&core_of(&fold(commune.name))] > 1)
            .step_by(53)
        {
            let written = format!("Ville de {}", commune.name);
            assert!(
                !matches!(directory.resolve(&written), Resolution::Unique(_)),
                "{written}"
            );
        }
    }

    #[test]
    fn a_place_tells_homonyms_apart_and_never_lies() {
        let directory = Directory::embedded();
        for (written, place, insee) in [
            ("Ville de Saint-Denis", "93", "93066"),
            ("Ville de Saint-Denis", "97400", "97411"),
            ("Commune de Saint-Denis", "11", "11339"),
        ] {
            let found = directory.resolve_near(written, Some(place));
            assert!(
                matches!(found, Resolution::Unique(one) if one.insee == insee),
                "{written} {place}"
            );
        }
        assert!(matches!(
            directory.resolve("Ville de Metz (29)"),
            Resolution::Candidates(_)
        ));
    }

    #[test]
    fn parts_and_typing_errors_are_proposed() {
        for (written, level, siren) in [
            ("Ville de Montpelier", Level::Typo, "213401722"),
            ("Ville de Grenolbe", Level::Typo, "213801855"),
            ("Clermont Auvergne Mét", Level::Part, "246300701"),
            ("Saint-Étienne Métr", Level::Part, "244200770"),
        ] {
            let (found, all) = sirens(written);
            assert_eq!(found, level, "{written}");
            assert!(all.contains(&siren), "{written}: {all:?}");
            assert!(matches!(
                Directory::embedded().resolve(written),
                Resolution::Candidates(_)
            ));
        }
    }

    #[test]
    fn what_is_not_there_stays_unknown() {
        for written in [
            "Ville de Zzyzx",
            "",
            "  ",
            "(93)",
            "SIVU Zzyzx",
            "356000000",
            "é",
            "👩‍🌾",
        ] {
            assert_eq!(
                Directory::embedded().resolve(written),
                Resolution::Unknown,
                "{written}"
            );
        }
    }

    #[test]
    fn edits_are_counted() {
        for (a, b, allowed, near) in [
            ("grenoble", "grenoble", 0, true),
            ("grenoble", "grenolbe", 1, true),
            ("grenoble", "renoble", 1, false),
            ("grenoble", "grenobles", 1, true),
            ("grenoble", "grinobls", 1, false),
            ("grenoble", "grinobls", 2, true),
        ] {
            let wanted: Vec<char> = b.chars().collect();
            assert_eq!(is_near(a, &wanted, allowed), near, "{a} {b} {allowed}");
        }
    }
}
