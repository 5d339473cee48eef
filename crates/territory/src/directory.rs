//! The authorities: communes, groupings, départements, régions.

mod matching;
mod suggest;
pub(crate) mod tables;

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::departement::Departement;

pub use matching::{Level, Matches, Resolution};

/// Edition of the tables, as it is shown to people.
pub const EDITION: &str = "Code officiel géographique 2026";

/// A local authority.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Authority {
    /// SIREN; empty for the overseas collectivities that the sources give none for.
    pub siren: &'static str,
    /// Name as the source writes it.
    pub name: &'static str,
    /// Code of the vocabulary `coll_type`.
    pub kind: &'static str,
    /// INSEE code of a commune; empty elsewhere.
    pub insee: &'static str,
    /// Code of the département; empty for a région.
    pub departement: &'static str,
    /// Code of the région.
    pub region: &'static str,
    /// Inhabitants (COG 2026); unknown for uninhabited places.
    pub population: Option<u32>,
    /// Postcodes of a commune, separated by spaces; empty elsewhere.
    pub postcodes: &'static str,
    /// Degrees north of a point inside it.
    pub latitude: f64,
    /// Degrees east of a point inside it.
    pub longitude: f64,
    /// What the point stands for.
    pub basis: Basis,
}

impl Authority {
    /// The name as people say it: abbreviations of the source spelt out.
    ///
    /// ```
    /// use sobria_territory::Directory;
    /// let sicoval = Directory::embedded().by_siren("243100633").unwrap();
    /// assert_eq!(sicoval.display_name(), "Communauté d’agglomération du Sicoval");
    /// ```
    pub fn display_name(&self) -> String {
        let name = self.name.replace('\'', "’");
        for (short, long) in [
            ("CC ", "Communauté de communes "),
            ("CA ", "Communauté d’agglomération "),
            ("CU ", "Communauté urbaine "),
        ] {
            if let Some(rest) = name.strip_prefix(short) {
                // Some names say it already: "CA Communauté Paris-Saclay", "CA Agglomération d'Agen".
                let says_it = ["Communauté ", "Agglomération ", "L’Agglo "]
                    .iter()
                    .any(|word| rest.starts_with(word));
                return if says_it {
                    rest.to_owned()
                } else {
                    format!("{long}{rest}")
                };
            }
        }
        name
    }

    /// The name with what tells homonyms apart: département, then population where known.
    ///
    /// ```
    /// use sobria_territory::Directory;
    /// let commune = Directory::embedded().by_insee("93066").unwrap();
    /// assert_eq!(commune.label(), "Saint-Denis (93), 149\u{202f}077\u{a0}hab.");
    /// ```
    pub fn label(&self) -> String {
        let mut label = self.display_name();
        if !self.departement.is_empty() {
            label.push_str(" (");
            label.push_str(self.departement);
            label.push(')');
        }
        if let Some(population) = self.population.filter(|population| *population > 0) {
            label.push_str(", ");
            let digits = population.to_string();
            for (position, digit) in digits.chars().enumerate() {
                if position > 0 && (digits.len() - position).is_multiple_of(3) {
                    label.push('\u{202f}');
                }
                label.push(digit);
            }
            label.push_str("\u{a0}hab.");
        }
        label
    }

    /// Whether it lies in a place: code of a département, postcode, or INSEE code of a commune.
    ///
    /// An authority without a département is nowhere excluded.
    ///
    /// ```
    /// use sobria_territory::Directory;
    /// let metz = Directory::embedded().by_insee("57463").unwrap();
    /// assert!(metz.is_at("57") && metz.is_at("57000") && !metz.is_at("29"));
    /// ```
    pub fn is_at(&self, place: &str) -> bool {
        if self.departement.is_empty() || self.departement.eq_ignore_ascii_case(place) {
            return true;
        }
        if place.len() < 4 {
            return false;
        }
        if self.insee.is_empty() {
            let corsican = place.starts_with("20") && self.departement.starts_with('2');
            return place.starts_with(self.departement)
                || corsican && ["2A", "2B"].contains(&self.departement);
        }
        self.insee == place || self.postcodes.split(' ').any(|postcode| postcode == place)
    }
}

/// What the point of an authority stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Basis {
    /// A point inside the contour of the commune.
    Commune,
    /// The mean of the communes that were merged into it.
    Former,
    /// The mean of the communes that share its postcode.
    Postcode,
    /// One point for a whole overseas collectivity.
    Territory,
    /// The most populous commune of a grouping, which may not be its seat.
    MainCommune,
    /// The chef-lieu of a département or région, which may not be the seat of its council.
    Seat,
}

impl Basis {
    /// Stable code.
    ///
    /// ```
    /// assert_eq!(sobria_territory::directory::Basis::MainCommune.code(), "main_commune");
    /// ```
    pub const fn code(self) -> &'static str {
        match self {
            Self::Commune => "commune",
            Self::Former => "former",
            Self::Postcode => "postcode",
            Self::Territory => "territory",
            Self::MainCommune => "main_commune",
            Self::Seat => "seat",
        }
    }
}

/// The directory.
#[derive(Debug)]
pub struct Directory {
    authorities: Vec<Authority>,
    /// SIREN and positions in their order, authorities without one left out.
    by_siren: Vec<(u32, u32)>,
    /// How many authorities are communes: they come first, in the order of their INSEE code.
    communes: usize,
    /// Written forms and positions, sorted: an authority may have two.
    keys: Vec<(&'static str, usize)>,
    aliases: HashMap<String, &'static str>,
}

impl Directory {
    /// The directory embedded in the executable, read when first used.
    ///
    /// ```
    /// assert_eq!(sobria_territory::Directory::embedded().authorities().len(), 36_347);
    /// ```
    pub fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<Directory> = LazyLock::new(Directory::load);
        &EMBEDDED
    }

    fn load() -> Self {
        let authorities = tables::authorities(Departement::all());
        let mut by_siren: Vec<(u32, u32)> = (0..)
            .zip(&authorities)
            .filter_map(|(position, authority)| Some((siren_number(authority.siren)?, position)))
            .collect();
        by_siren.sort_unstable();
        Self {
            communes: authorities.partition_point(|authority| authority.kind == "commune"),
            keys: sorted_keys(&authorities),
            aliases: tables::aliases(),
            by_siren,
            authorities,
        }
    }

    /// Every authority: communes by INSEE code, then groupings, then départements and régions.
    ///
    /// ```
    /// use sobria_territory::Directory;
    /// assert_eq!(Directory::embedded().authorities()[0].name, "L'Abergement-Clémenciat");
    /// ```
    pub fn authorities(&self) -> &[Authority] {
        &self.authorities
    }

    /// The authority with this SIREN.
    ///
    /// ```
    /// use sobria_territory::Directory;
    /// assert_eq!(Directory::embedded().by_siren("200046977").unwrap().name, "Métropole de Lyon");
    /// ```
    pub fn by_siren(&self, siren: &str) -> Option<&Authority> {
        let number = siren_number(siren)?;
        let place = self
            .by_siren
            .binary_search_by_key(&number, |(known, _)| *known)
            .ok()?;
        let (_, position) = self.by_siren.get(place)?;
        self.authorities.get(usize::try_from(*position).ok()?)
    }

    /// The commune with this INSEE code.
    ///
    /// ```
    /// use sobria_territory::Directory;
    /// assert_eq!(Directory::embedded().by_insee("2A004").unwrap().name, "Ajaccio");
    /// ```
    pub fn by_insee(&self, insee: &str) -> Option<&Authority> {
        let communes = self.authorities.get(..self.communes)?;
        let place = communes
            .binary_search_by(|commune| commune.insee.cmp(insee))
            .ok()?;
        communes.get(place)
    }

    /// Authorities with exactly this core.
    fn with_core(&self, core: &str) -> Vec<&Authority> {
        self.in_keys(|key| key == core, core)
    }

    /// Authorities with a core that begins so; one may come twice.
    fn with_core_prefix(&self, core: &str) -> Vec<&Authority> {
        self.in_keys(|key| key.starts_with(core), core)
    }

    fn in_keys(&self, holds: impl Fn(&str) -> bool, from: &str) -> Vec<&Authority> {
        let start = self.keys.partition_point(|(key, _)| *key < from);
        self.keys
            .iter()
            .skip(start)
            .take_while(|(key, _)| holds(key))
            .filter_map(|(_, position)| self.authorities.get(*position))
            .collect()
    }

    /// Authorities that have a core of some form; each comes once.
    fn where_key(&self, holds: impl Fn(&str) -> bool, fits: impl Fn(&Authority) -> bool) -> Vec<&Authority> {
        let mut positions: Vec<usize> = self
            .keys
            .iter()
            .filter(|(key, _)| holds(key))
            .map(|(_, position)| *position)
            .collect();
        positions.sort_unstable();
        positions.dedup();
        positions
            .into_iter()
            .filter_map(|position| self.authorities.get(position))
            .filter(|authority| fits(authority))
            .collect()
    }
}

/// Written forms of the authorities, in one buffer that lives as long as the process.
fn sorted_keys(authorities: &[Authority]) -> Vec<(&'static str, usize)> {
    let mut text = String::with_capacity(640 * 1024);
    let mut ends = Vec::with_capacity(authorities.len() + 512);
    for (position, authority) in authorities.iter().enumerate() {
        let (first, second) = crate::name::keys(authority.name, authority.kind == "commune");
        for key in std::iter::once(first).chain(second) {
            text.push_str(&key);
            ends.push((text.len(), position));
        }
    }
    let text: &'static str = Box::leak(text.into_boxed_str());
    let mut start = 0;
    let mut keys: Vec<(&'static str, usize)> = ends
        .into_iter()
        .map(|(end, position)| {
            let key = text.get(start..end).unwrap_or("");
            start = end;
            (key, position)
        })
        .collect();
    // Most are told apart by their first letters, compared as one number.
    keys.sort_unstable_by(|a, b| first_letters(a.0).cmp(&first_letters(b.0)).then_with(|| a.cmp(b)));
    keys
}

/// The first eight bytes, as a number in the order of texts that hold no zero byte.
fn first_letters(text: &str) -> u64 {
    let mut first = [0; 8];
    for (to, from) in first.iter_mut().zip(text.bytes()) {
        *to = from;
    }
    u64::from_be_bytes(first)
}

/// Nine digits as a number; nothing for any other text.
fn siren_number(siren: &str) -> Option<u32> {
    (siren.len() == 9 && siren.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| siren.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::siren::{Number, parse_siret};

    #[test]
    fn the_tables_are_whole() {
        let directory = Directory::embedded();
        let count = |kind: &str| directory.authorities.iter().filter(|a| a.kind == kind).count();
        for (kind, expected) in [
            ("commune", 34_969),
            ("cc", 989),
            ("ca", 230),
            ("cu", 14),
            ("metropole", 22),
            ("ept", 11),
        ] {
            assert_eq!(count(kind), expected, "{kind}");
        }
        assert_eq!(count("departement") + count("region") + count("csp"), 112);
        assert_eq!(directory.authorities.len(), 34_969 + 1_266 + 112);
        assert_eq!(Departement::all().len(), 109);
        let population: u64 = directory
            .authorities
            .iter()
            .filter(|a| a.kind == "commune")
            .map(|a| u64::from(a.population.unwrap_or(0)))
            .sum();
        assert!((66_000_000..71_000_000).contains(&population), "{population}");
    }

    #[test]
    fn numbers_are_unique_and_pass_their_check() {
        let directory = Directory::embedded();
        let mut seen = std::collections::HashSet::new();
        for authority in directory.authorities.iter().filter(|a| !a.siren.is_empty()) {
            let number = parse_siret(authority.siren).map(|written| written.number);
            assert!(matches!(number, Ok(Number::SirenOnly(_))), "{authority:?}");
            assert!(seen.insert(authority.siren), "{authority:?}");
            assert_eq!(directory.by_siren(authority.siren), Some(authority));
        }
        assert_eq!(seen.len(), 34_875 + 1_266 + 112);
        assert!(directory.by_siren("").is_none());
        assert!(directory.by_siren("000000000").is_none());
        assert!(directory.by_siren("+21570463").is_none());
    }

    #[test]
    fn communes_are_in_the_order_of_their_code() {
        let directory = Directory::embedded();
        let communes = &directory.authorities[..directory.communes];
        assert_eq!(communes.len(), 34_969);
        assert!(communes.windows(2).all(|pair| pair[0].insee < pair[1].insee));
        assert!(
            communes
                .iter()
                .all(|commune| directory.by_insee(commune.insee) == Some(commune))
        );
        assert!(directory.keys.is_sorted());
        assert!(directory.by_insee("").is_none());
        assert!(directory.by_insee("75101").is_none());
    }

    #[test]
    fn every_authority_has_a_plausible_point_and_a_region() {
        for authority in Directory::embedded().authorities() {
            assert!(
                crate::map::is_plausible(authority.latitude, authority.longitude)
                    || ["984", "989"].contains(&authority.departement),
                "{authority:?}"
            );
            assert!(!authority.region.is_empty(), "{authority:?}");
        }
    }

    #[test]
    fn single_collectivities_have_their_departement() {
        for (siren, departement) in [
            ("200055507", "972"),
            ("200052678", "973"),
            ("229850003", "976"),
            ("200076958", ""),
            ("200053791", ""),
            ("222600017", "26"),
        ] {
            assert_eq!(
                Directory::embedded().by_siren(siren).unwrap().departement,
                departement,
                "{siren}"
            );
        }
    }

    #[test]
    fn names_are_spelt_out() {
        for (siren, expected) in [
            ("200000172", "Communauté de communes Faucigny - Glières"),
            ("200056232", "Communauté Paris-Saclay"),
            ("242500361", "Communauté urbaine Grand Besançon Métropole"),
            ("200054807", "Métropole d’Aix-Marseille-Provence"),
            ("200058006", "Grand Paris Sud Est Avenir"),
        ] {
            assert_eq!(
                Directory::embedded().by_siren(siren).unwrap().display_name(),
                expected
            );
        }
    }

    #[test]
    fn labels_tell_homonyms_apart() {
        for (siren, expected) in [
            ("215704636", "Metz (57), "),
            ("200053791", "Région Occitanie, "),
            ("200076958", "Collectivité de Corse, "),
        ] {
            let label = Directory::embedded().by_siren(siren).unwrap().label();
            assert!(
                label.starts_with(expected) && label.ends_with("\u{a0}hab."),
                "{label}"
            );
        }
        let uninhabited = Directory::embedded().by_insee("55139").unwrap();
        assert_eq!(uninhabited.label(), "Cumières-le-Mort-Homme (55)");
    }

    #[test]
    fn places_include_their_authorities() {
        let at = |siren: &str, place: &str| Directory::embedded().by_siren(siren).unwrap().is_at(place);
        assert!(at("215704636", "57463"));
        assert!(!at("215704636", "57100"));
        assert!(at("200039865", "57000"));
        assert!(!at("200039865", "29200"));
        assert!(at("200053791", "31000"));
        let ajaccio = Directory::embedded().by_insee("2A004").unwrap();
        assert!(ajaccio.is_at("2a") && ajaccio.is_at("20000") && !ajaccio.is_at("2B"));
    }

    #[test]
    fn places_have_names() {
        assert_eq!(
            Departement::by_code("988").map(|departement| departement.name),
            Some("Nouvelle-Calédonie")
        );
        assert_eq!(Departement::by_code("00"), None);
        assert_eq!(Departement::region_name_of("06"), Some("Mayotte"));
        assert_eq!(Departement::region_name_of("00"), None);
    }
}
