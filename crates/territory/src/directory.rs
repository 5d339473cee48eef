//! The authorities: communes, groupings, départements, régions.

use std::collections::HashMap;
use std::io::Read;
use std::sync::LazyLock;

use crate::name::{Name, split};

const COMMUNES: &[u8] = include_bytes!("../reference/communes.tsv.gz");
const GROUPINGS: &str = include_str!("../reference/epci.tsv");
const LARGE: &str = include_str!("../reference/departements_regions.tsv");
const DEPARTEMENTS: &str = include_str!("../reference/departements.tsv");
const ALIASES: &str = include_str!("../reference/aliases.tsv");

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
    /// Degrees north of a point inside it.
    pub latitude: f64,
    /// Degrees east of a point inside it.
    pub longitude: f64,
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
        for (short, long) in [
            ("CC ", "Communauté de communes "),
            ("CA ", "Communauté d’agglomération "),
            ("CU ", "Communauté urbaine "),
        ] {
            if let Some(rest) = self.name.strip_prefix(short) {
                return format!("{long}{rest}");
            }
        }
        self.name.to_owned()
    }
}

/// A département, or an overseas collectivity that stands for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Departement {
    /// Code, such as `29`, `2A` or `974`.
    pub code: &'static str,
    /// Name.
    pub name: &'static str,
    /// Code of its région.
    pub region: &'static str,
    /// Name of its région.
    pub region_name: &'static str,
}

/// What a written name leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum Resolution {
    /// One authority, beyond doubt.
    Unique(&'static Authority),
    /// Several, or one that needs a confirmation; most likely first.
    Candidates(Vec<&'static Authority>),
    /// None.
    Unknown,
}

/// The directory.
#[derive(Debug)]
pub struct Directory {
    authorities: Vec<Authority>,
    departements: Vec<Departement>,
    by_siren: HashMap<&'static str, usize>,
    by_insee: HashMap<&'static str, usize>,
    by_core: HashMap<String, Vec<usize>>,
    aliases: HashMap<String, &'static str>,
}

impl Directory {
    /// The directory embedded in the executable, read when first used.
    pub fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<Directory> = LazyLock::new(Directory::load);
        &EMBEDDED
    }

    fn load() -> Self {
        let departements = departements();
        let region_of: HashMap<&str, &'static str> = departements
            .iter()
            .map(|departement| (departement.code, departement.region))
            .collect();
        let mut authorities = communes(&region_of);
        authorities.extend(groupings());
        authorities.extend(large(&region_of));
        let mut directory = Self {
            by_siren: HashMap::with_capacity(authorities.len()),
            by_insee: HashMap::with_capacity(authorities.len()),
            by_core: HashMap::with_capacity(authorities.len()),
            aliases: rows(ALIASES).into_iter().filter_map(alias).collect(),
            departements,
            authorities,
        };
        for (position, authority) in directory.authorities.iter().enumerate() {
            if !authority.siren.is_empty() {
                directory.by_siren.insert(authority.siren, position);
            }
            if !authority.insee.is_empty() {
                directory.by_insee.insert(authority.insee, position);
            }
            directory
                .by_core
                .entry(split(authority.name).core)
                .or_default()
                .push(position);
        }
        directory
    }

    /// Every authority.
    pub fn authorities(&self) -> &[Authority] {
        &self.authorities
    }

    /// The authority with this SIREN.
    pub fn by_siren(&'static self, siren: &str) -> Option<&'static Authority> {
        self.by_siren
            .get(siren)
            .and_then(|position| self.authorities.get(*position))
    }

    /// The commune with this INSEE code.
    pub fn by_insee(&'static self, insee: &str) -> Option<&'static Authority> {
        self.by_insee
            .get(insee)
            .and_then(|position| self.authorities.get(*position))
    }

    /// The authorities that a written name may mean.
    ///
    /// A commune that shares its name with others is never chosen alone.
    ///
    /// ```
    /// use sobria_territory::{Directory, Resolution};
    /// let Resolution::Unique(found) = Directory::embedded().resolve("Ville de Metz") else { panic!() };
    /// assert_eq!(found.siren, "215704636");
    /// ```
    pub fn resolve(&'static self, written: &str) -> Resolution {
        if let Some(siren) = self.aliases.get(&crate::name::fold(written))
            && let Some(authority) = self.by_siren(siren)
        {
            return Resolution::Unique(authority);
        }
        let name = split(written);
        let mut found = self.with_core(&name.core);
        if found.is_empty() {
            found = self.near(&name);
            return if found.is_empty() {
                Resolution::Unknown
            } else {
                Resolution::Candidates(found)
            };
        }
        found.sort_by_key(|authority| std::cmp::Reverse(authority.population.unwrap_or(0)));
        if let Some(hint) = name.hint {
            let exact: Vec<_> = found.iter().copied().filter(|a| hint.admits(a.kind)).collect();
            let near: Vec<_> = found.iter().copied().filter(|a| hint.tolerates(a.kind)).collect();
            match (exact.as_slice(), near.as_slice()) {
                ([one], _) | ([], [one]) => return Resolution::Unique(one),
                _ => {}
            }
            found.sort_by_key(|authority| !hint.admits(authority.kind));
        }
        Resolution::Candidates(found)
    }

    fn with_core(&'static self, core: &str) -> Vec<&'static Authority> {
        self.by_core
            .get(core)
            .into_iter()
            .flatten()
            .filter_map(|position| self.authorities.get(*position))
            .collect()
    }

    /// Authorities of the hinted kind whose core holds every word, or is one typing error away.
    fn near(&'static self, name: &Name) -> Vec<&'static Authority> {
        let Some(hint) = name.hint else { return Vec::new() };
        if name.core.chars().count() < 5 || name.core.len() > 80 {
            return Vec::new();
        }
        let words: Vec<&str> = name.core.split(' ').collect();
        let mut found: Vec<_> = self
            .authorities
            .iter()
            .filter(|authority| authority.kind != "commune" || hint == crate::name::Hint::Commune)
            .filter(|authority| hint.admits(authority.kind) || hint.tolerates(authority.kind))
            .filter(|authority| {
                let core = split(authority.name).core;
                let holds_all = words.len() > 1
                    && words
                        .iter()
                        .all(|word| core.split(' ').any(|other| other == *word));
                holds_all || is_near(&core, &name.core)
            })
            .collect();
        found.sort_by_key(|authority| std::cmp::Reverse(authority.population.unwrap_or(0)));
        found.truncate(8);
        found
    }

    /// Départements and the overseas collectivities that stand for one, in the usual order.
    pub fn departements(&self) -> &[Departement] {
        &self.departements
    }

    /// Name of a département.
    pub fn departement_name(&self, code: &str) -> Option<&'static str> {
        self.departements
            .iter()
            .find(|departement| departement.code == code)
            .map(|departement| departement.name)
    }

    /// Name of a région, or of the overseas collectivity that stands for one.
    pub fn region_name(&self, code: &str) -> Option<&'static str> {
        self.departements
            .iter()
            .find(|departement| departement.region == code)
            .map(|departement| departement.region_name)
    }

    /// Code of the région of a département.
    pub fn region_of(&self, departement: &str) -> Option<&'static str> {
        self.departements
            .iter()
            .find(|other| other.code == departement)
            .map(|other| other.region)
    }
}

/// Whether two cores differ by one edit (5 to 8 letters) or two (9 and more), with the same first letter.
fn is_near(a: &str, b: &str) -> bool {
    let allowed = if b.chars().count() <= 8 { 1 } else { 2 };
    if a.chars().next() != b.chars().next() || a.len().abs_diff(b.len()) > allowed {
        return false;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(i + 1);
        for (j, cb) in b.iter().enumerate() {
            let diagonal = row.get(j).copied().unwrap_or(0) + usize::from(ca != *cb);
            let above = row.get(j + 1).copied().unwrap_or(0) + 1;
            let left = next.last().copied().unwrap_or(0) + 1;
            next.push(diagonal.min(above).min(left));
        }
        row = next;
    }
    row.last().is_some_and(|distance| *distance <= allowed)
}

fn alias(row: Vec<&'static str>) -> Option<(String, &'static str)> {
    Some((crate::name::fold(row.first()?), row.get(1)?))
}

fn departements() -> Vec<Departement> {
    rows(DEPARTEMENTS)
        .into_iter()
        .filter_map(|row| {
            Some(Departement {
                code: row.first()?,
                name: row.get(1)?,
                region: row.get(2)?,
                region_name: row.get(3)?,
            })
        })
        .collect()
}

fn communes(region_of: &HashMap<&str, &'static str>) -> Vec<Authority> {
    let mut text = String::new();
    if flate2::read::GzDecoder::new(COMMUNES)
        .read_to_string(&mut text)
        .is_err()
    {
        return Vec::new();
    }
    // The table lives as long as the process: one buffer, and slices of it.
    let text: &'static str = Box::leak(text.into_boxed_str());
    text.lines()
        .filter_map(|line| {
            let mut cells = line.split('\t');
            let mut next = || cells.next();
            let (insee, siren, name, population, departement) = (next()?, next()?, next()?, next()?, next()?);
            let (latitude, longitude) = (next()?.parse().ok()?, next()?.parse().ok()?);
            Some(Authority {
                siren,
                name,
                kind: "commune",
                insee,
                departement,
                region: region_of.get(departement).copied().unwrap_or(""),
                population: population.parse().ok(),
                latitude,
                longitude,
            })
        })
        .collect()
}

fn groupings() -> Vec<Authority> {
    rows(GROUPINGS)
        .into_iter()
        .filter_map(|row| {
            Some(Authority {
                siren: row.first()?,
                name: row.get(1)?,
                kind: row.get(3)?,
                insee: "",
                departement: row.get(8)?,
                region: row.get(10)?,
                population: row.get(4)?.parse().ok(),
                latitude: row.get(12)?.parse().ok()?,
                longitude: row.get(13)?.parse().ok()?,
            })
        })
        .collect()
}

fn large(region_of: &HashMap<&str, &'static str>) -> Vec<Authority> {
    rows(LARGE)
        .into_iter()
        .filter_map(|row| {
            let level = *row.get(1)?;
            let code = *row.get(2)?;
            Some(Authority {
                siren: row.first()?,
                name: row.get(3)?,
                kind: row.get(4)?,
                insee: "",
                departement: if level == "departement" && region_of.contains_key(code) {
                    code
                } else {
                    ""
                },
                region: row.get(7)?,
                population: row.get(5)?.parse().ok(),
                latitude: row.get(8)?.parse().ok()?,
                longitude: row.get(9)?.parse().ok()?,
            })
        })
        .collect()
}

/// Cells of an embedded table, its head apart.
fn rows(table: &'static str) -> Vec<Vec<&'static str>> {
    table
        .lines()
        .skip(1)
        .map(|line| line.split('\t').collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::siren::{Number, parse_siret};

    #[test]
    fn the_tables_are_whole() {
        let directory = Directory::embedded();
        let count = |kind: &str| directory.authorities.iter().filter(|a| a.kind == kind).count();
        assert_eq!(count("commune"), 34_969);
        assert_eq!(directory.authorities.len(), 34_969 + 1_266 + 112);
        assert_eq!(directory.departements.len(), 109);
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
        let with_siren = directory.authorities.iter().filter(|a| !a.siren.is_empty());
        let mut seen = std::collections::HashSet::new();
        for authority in with_siren {
            let number = parse_siret(authority.siren).map(|written| written.number);
            assert!(matches!(number, Ok(Number::SirenOnly(_))), "{authority:?}");
            assert!(seen.insert(authority.siren), "{authority:?}");
        }
        assert_eq!(directory.by_insee.len(), 34_969);
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
    fn every_row_of_the_tables_has_every_column() {
        for table in [GROUPINGS, LARGE, DEPARTEMENTS, ALIASES] {
            let columns = table.lines().next().unwrap().split('\t').count();
            for row in rows(table) {
                assert_eq!(row.len(), columns, "{row:?}");
            }
        }
    }

    #[test]
    fn written_names_lead_to_the_right_authority() {
        for (written, siren) in [
            ("Ville de Metz", "215704636"),
            ("Eurométropole de Metz", "200039865"),
            ("CA SICOVAL", "243100633"),
            ("CA du Sicoval", "243100633"),
            ("Métropole Rouen Normandie", "200023414"),
            ("Montpellier Méditerranée Métropole", "243400017"),
            ("Communauté d'Agglomération de La Rochelle", "241700434"),
            (
                "Communauté d'Agglomération Béthune-Bruay Artois Lys Romane",
                "200072460",
            ),
            ("CA DE BETHUNE-BRUAY, ARTOIS LYS ROMANE", "200072460"),
            ("Département de la Drôme", "222600017"),
            ("Département d'Ille et Vilaine", "223500018"),
            ("Métropole Aix Marseille Provence", "200054807"),
            ("Ville de Paris", "217500016"),
            ("Conseil régional Occitanie", "200053791"),
            ("Grand Lyon", "200046977"),
            ("Bordeaux Métropole", "243300316"),
            ("Toulouse Métropole", "243100518"),
            ("Nantes Métropole", "244400404"),
            ("Région Centre-Val de Loire", "234500023"),
            ("Département de la Vendée", "228500013"),
            ("Ville de Noisy-le-Grand", "219300514"),
        ] {
            match Directory::embedded().resolve(written) {
                Resolution::Unique(authority) => assert_eq!(authority.siren, siren, "{written}"),
                Resolution::Candidates(list) if siren == "200054807" => {
                    assert_eq!(list[0].siren, siren, "{written}");
                }
                other => panic!("{written}: {other:?}"),
            }
        }
    }

    #[test]
    fn homonyms_are_listed_and_never_chosen() {
        for (written, at_least) in [("Orléans", 2), ("St Denis", 3), ("Ville de Sainte-Colombe", 10)] {
            match Directory::embedded().resolve(written) {
                Resolution::Candidates(list) => assert!(list.len() >= at_least, "{written}: {}", list.len()),
                other => panic!("{written}: {other:?}"),
            }
        }
        assert_eq!(
            Directory::embedded().resolve("Ville de Zzyzx"),
            Resolution::Unknown
        );
        assert_eq!(Directory::embedded().resolve(""), Resolution::Unknown);
    }

    #[test]
    fn places_have_names() {
        let directory = Directory::embedded();
        assert_eq!(directory.departement_name("2A"), Some("Corse-du-Sud"));
        assert_eq!(directory.region_name("53"), Some("Bretagne"));
        assert_eq!(directory.region_of("29"), Some("53"));
        assert_eq!(directory.departement_name("988"), Some("Nouvelle-Calédonie"));
        assert_eq!(directory.departement_name("00"), None);
    }
}
