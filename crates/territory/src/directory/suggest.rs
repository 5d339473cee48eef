//! Suggestions while a name is being typed.

use std::cmp::Reverse;
use std::collections::HashSet;

use super::matching::holds_words;
use super::{Authority, Directory};
use crate::name::{fold, place_in_brackets, split};
use crate::siren::{Number, parse_siret};

impl Directory {
    /// The authorities whose name begins with what has been typed so far, most likely first.
    ///
    /// Takes a name with or without its kind, a département in brackets, a postcode, an INSEE code, or a SIREN.
    ///
    /// ```
    /// use sobria_territory::Directory;
    /// let names: Vec<_> = Directory::embedded().suggest("orlé", 2).iter().map(|a| a.name).collect();
    /// assert_eq!(names, ["Orléans Métropole", "Orléans"]);
    /// assert_eq!(Directory::embedded().suggest("93200", 1)[0].name, "Saint-Denis");
    /// ```
    pub fn suggest(&'static self, typed: &str, limit: usize) -> Vec<&'static Authority> {
        let folded = fold(typed);
        if limit == 0 || folded.len() > 200 {
            return Vec::new();
        }
        if folded.chars().all(|c| c.is_ascii_digit() || c == ' ') {
            return self.by_number(typed, &folded, limit);
        }
        let name = split(typed);
        let mut found = self.with_core_prefix(&name.core);
        if found.len() < limit && name.core.contains(' ') || found.is_empty() && name.core.len() > 2 {
            found.extend(self.where_key(|key| holds_words(key, &name.core), |_| true));
        }
        // A place narrows the list once it is complete; until then it changes nothing.
        if let Some(place) = place_in_brackets(typed)
            && found.iter().any(|authority| authority.is_at(place))
        {
            found.retain(|authority| authority.is_at(place));
        }
        let fits = |authority: &Authority| {
            name.hint
                .is_none_or(|hint| hint.admits(authority.kind) || hint.tolerates(authority.kind))
        };
        let exact: HashSet<_> = self
            .with_core(&name.core)
            .into_iter()
            .map(std::ptr::from_ref)
            .collect();
        let rank = |authority: &'static Authority| {
            (
                !fits(authority),
                !exact.contains(&std::ptr::from_ref(authority)),
                Reverse(authority.population.unwrap_or(0)),
                (authority.siren, authority.insee),
            )
        };
        found.sort_by_cached_key(|authority| rank(authority));
        found.dedup_by_key(|authority| std::ptr::from_ref(*authority));
        // Folding names takes time: only the likeliest are compared with the text as typed.
        found.truncate(limit.saturating_mul(4).max(64));
        found.sort_by_cached_key(|authority| (!fits(authority), !fold(authority.name).starts_with(&folded)));
        found.truncate(limit);
        found
    }

    fn by_number(&'static self, typed: &str, digits: &str, limit: usize) -> Vec<&'static Authority> {
        if let Ok(written) = parse_siret(typed) {
            let siren = match written.number {
                Number::Siret(siret) => siret.siren(),
                Number::SirenOnly(siren) => siren,
            };
            return self.by_siren(siren.as_str()).into_iter().collect();
        }
        if !(3..=5).contains(&digits.len()) || digits.contains(' ') {
            return Vec::new();
        }
        let mut found: Vec<_> = self
            .authorities()
            .iter()
            .filter(|authority| {
                authority.insee.starts_with(digits)
                    || authority
                        .postcodes
                        .split(' ')
                        .any(|postcode| postcode.starts_with(digits))
            })
            .collect();
        // Five figures are more often a postcode than an INSEE code.
        found.sort_by_key(|authority| {
            let by_postcode = authority
                .postcodes
                .split(' ')
                .any(|postcode| postcode.starts_with(digits));
            (
                !by_postcode,
                Reverse(authority.population.unwrap_or(0)),
                authority.insee,
            )
        });
        found.truncate(limit);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(typed: &str, expected: &[&str]) {
        let found: Vec<_> = Directory::embedded()
            .suggest(typed, expected.len())
            .iter()
            .map(|authority| authority.label())
            .collect();
        let found: Vec<&str> = found
            .iter()
            .filter_map(|label| label.split(", ").next())
            .collect();
        assert_eq!(found, expected, "{typed}");
    }

    #[test]
    fn names_are_proposed_as_they_are_typed() {
        check(
            "Saint-Denis",
            &["Saint-Denis (974)", "Saint-Denis (93)", "Saint-Denis (11)"],
        );
        check("saint den", &["Saint-Denis (974)", "Saint-Denis (93)"]);
        check("Saint-Denis (93)", &["Saint-Denis (93)"]);
        check("Ville de Ren", &["Rennes (35)"]);
        check("La Roche", &["La Rochelle (17)"]);
        check("Métropole du Grand Pa", &["Métropole du Grand Paris (75)"]);
        check("ROUEN", &["Rouen (76)", "Métropole Rouen Normandie (76)"]);
        check("Région Bre", &["Région Bretagne"]);
        check("Département du Finist", &["Département du Finistère (29)"]);
        check("57000", &["Metz (57)"]);
        check("215704636", &["Metz (57)"]);
    }

    #[test]
    fn nothing_typed_or_nothing_known_gives_nothing() {
        let directory = Directory::embedded();
        for typed in ["", "   ", "zzyzx", "12", "123456", "(", "'"] {
            assert!(directory.suggest(typed, 8).is_empty(), "{typed}");
        }
        assert!(directory.suggest("Metz", 0).is_empty());
        assert!(directory.suggest(&"a".repeat(1_000), 8).is_empty());
    }

    #[test]
    fn the_limit_holds_and_nothing_comes_twice() {
        for typed in ["s", "saint", "grand", "saint jean de"] {
            let found = Directory::embedded().suggest(typed, 8);
            assert_eq!(found.len(), 8, "{typed}");
            let distinct: std::collections::HashSet<_> = found.iter().map(|a| (a.siren, a.insee)).collect();
            assert_eq!(distinct.len(), 8, "{typed}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn any_text_is_answered_without_a_panic(text in ".{0,40}") {
            let directory = Directory::embedded();
            prop_assert!(directory.suggest(&text, 5).len() <= 5);
            let _ = directory.resolve(&text);
            let _ = directory.resolve_near(&text, Some(&text));
        }
    }
}
