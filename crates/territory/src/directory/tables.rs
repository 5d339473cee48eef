//! The embedded tables, read into values that borrow from them.

use std::collections::HashMap;
use std::io::Read;

use super::{Authority, Basis};
use crate::departement::Departement;

const COMMUNES: &[u8] = include_bytes!("../../reference/communes.tsv.gz");
const GROUPINGS: &str = include_str!("../../reference/epci.tsv");
const LARGE: &str = include_str!("../../reference/departements_regions.tsv");
const DEPARTEMENTS: &str = include_str!("../../reference/departements.tsv");
const ALIASES: &str = include_str!("../../reference/aliases.tsv");

pub(crate) fn departements() -> Vec<Departement> {
    rows(DEPARTEMENTS)
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

/// Names in use, folded, with the SIREN that each one means.
pub(super) fn aliases() -> HashMap<String, &'static str> {
    rows(ALIASES)
        .filter_map(|row| Some((crate::name::fold(row.first()?), *row.get(1)?)))
        .collect()
}

/// Communes in the order of their INSEE code, then groupings, then départements and régions.
pub(super) fn authorities(departements: &[Departement]) -> Vec<Authority> {
    let mut all = communes(departements);
    all.extend(groupings());
    all.extend(large(departements));
    all
}

fn communes(departements: &[Departement]) -> Vec<Authority> {
    let region_of: HashMap<&str, &'static str> = departements
        .iter()
        .map(|departement| (departement.code, departement.region))
        .collect();
    let mut text = String::new();
    if flate2::read::GzDecoder::new(COMMUNES)
        .read_to_string(&mut text)
        .is_err()
    {
        return Vec::new();
    }
    // The table lives as long as the process: one buffer, and slices of it.
    let text: &'static str = Box::leak(text.into_boxed_str());
    let mut all = Vec::with_capacity(36_500);
    all.extend(text.lines().filter_map(|line| {
        let mut cells = line.split('\t');
        let mut next = || cells.next();
        let (insee, siren, name, population, departement) = (next()?, next()?, next()?, next()?, next()?);
        let (latitude, longitude) = (next()?.parse().ok()?, next()?.parse().ok()?);
        let basis = match next()? {
            "f" => Basis::Former,
            "p" => Basis::Postcode,
            "t" => Basis::Territory,
            _ => Basis::Commune,
        };
        Some(Authority {
            siren,
            name,
            kind: "commune",
            insee,
            departement,
            region: region_of.get(departement).copied().unwrap_or(""),
            population: population.parse().ok(),
            postcodes: next()?,
            latitude,
            longitude,
            basis,
        })
    }));
    all
}

fn groupings() -> impl Iterator<Item = Authority> {
    rows(GROUPINGS).filter_map(|row| {
        Some(Authority {
            siren: row.first()?,
            name: row.get(1)?,
            kind: row.get(3)?,
            insee: "",
            departement: row.get(8)?,
            region: row.get(10)?,
            population: row.get(4)?.parse().ok(),
            postcodes: "",
            latitude: row.get(12)?.parse().ok()?,
            longitude: row.get(13)?.parse().ok()?,
            basis: Basis::MainCommune,
        })
    })
}

fn large(departements: &[Departement]) -> impl Iterator<Item = Authority> {
    rows(LARGE).filter_map(move |row| {
        let (level, code, kind, region) = (*row.get(1)?, *row.get(2)?, *row.get(4)?, *row.get(7)?);
        let mut own = departements.iter().filter(|departement| {
            if level == "departement" {
                departement.code == code
            } else {
                // A single collectivity that is both région and département, such as Martinique.
                kind == "csp" && departement.region == region
            }
        });
        let departement = match (own.next(), own.next()) {
            (Some(only), None) => only.code,
            _ => "",
        };
        Some(Authority {
            siren: row.first()?,
            name: row.get(3)?,
            kind,
            insee: "",
            departement,
            region,
            population: row.get(5)?.parse().ok(),
            postcodes: "",
            latitude: row.get(8)?.parse().ok()?,
            longitude: row.get(9)?.parse().ok()?,
            basis: Basis::Seat,
        })
    })
}

/// Cells of an embedded table, its head apart.
fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().skip(1).map(|line| line.split('\t').collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Directory;

    #[test]
    fn every_row_has_every_column() {
        for table in [GROUPINGS, LARGE, DEPARTEMENTS, ALIASES] {
            let columns = table.lines().next().unwrap().split('\t').count();
            for row in rows(table) {
                assert_eq!(row.len(), columns, "{row:?}");
            }
        }
    }

    #[test]
    fn every_row_becomes_an_authority() {
        assert_eq!(groupings().count(), rows(GROUPINGS).count());
        assert_eq!(large(&departements()).count(), rows(LARGE).count());
        assert_eq!(departements().len(), rows(DEPARTEMENTS).count());
        assert_eq!(aliases().len(), rows(ALIASES).count());
    }

    #[test]
    fn codes_of_a_table_exist_in_the_others() {
        let directory = Directory::embedded();
        for row in rows(GROUPINGS) {
            assert!(directory.by_insee(row[6]).is_some(), "{row:?}");
            for departement in row[9].split([' ', ';', '|', ',']) {
                assert!(Departement::by_code(departement).is_some(), "{row:?}");
            }
        }
        for row in rows(LARGE) {
            assert!(directory.by_insee(row[6]).is_some(), "{row:?}");
            assert!(Departement::region_name_of(row[7]).is_some(), "{row:?}");
        }
        for row in rows(ALIASES) {
            assert!(directory.by_siren(row[1]).is_some(), "{row:?}");
        }
    }
}
