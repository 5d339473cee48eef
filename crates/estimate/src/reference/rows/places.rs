//! Cloud providers and their regions.

use crate::reference::table::{Index, TableError, read};

/// A cloud provider (empty region) or one of its regions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Datacenter<'a> {
    /// Cloud provider; `unknown` for the value used when nothing is known.
    pub provider: &'a str,
    /// Region of the provider; empty for the provider itself.
    pub region: &'a str,
    /// Zone of its electricity; may be empty.
    pub zone: &'a str,
    /// Place, in words; may be empty.
    pub place: &'a str,
    /// Power usage effectiveness of the place itself.
    pub pue: Option<f64>,
    /// Where the values were read.
    pub source: &'a str,
}

const DATACENTER_COLUMNS: [&str; 6] = ["provider", "region", "zone", "place", "pue", "source"];

#[derive(Debug)]
pub(in crate::reference) struct Datacenters<'a> {
    pub(in crate::reference) rows: Vec<Datacenter<'a>>,
    index: Index,
}

impl<'a> Datacenters<'a> {
    pub(in crate::reference) fn read(text: &'a str, errors: &mut Vec<TableError>) -> Self {
        let rows = read("datacenter_pue", &DATACENTER_COLUMNS, text, errors, |row| {
            let centre = Datacenter {
                provider: row.name::<0>(),
                region: row.text::<1>(),
                zone: row.text::<2>(),
                place: row.text::<3>(),
                pue: row.optional::<4>(1.0),
                source: row.text::<5>(),
            };
            if centre.region.is_empty() && row.text::<4>().is_empty() {
                row.refuse::<4>("un nombre à partir de 1 (la ligne propre à un fournisseur en a un)");
            }
            centre
        });
        let index = Index::new(
            "datacenter_pue",
            "region",
            &rows,
            |row| (row.provider, row.region),
            |row| format!("{}/{}", row.provider, row.region),
            errors,
        );
        let centres = Self { rows, index };
        for row in centres.rows.iter().map(|row| row.provider).chain(["unknown"]) {
            if centres.find(row, "").is_none() {
                errors.push(TableError {
                    table: "datacenter_pue",
                    line: 0,
                    column: "provider",
                    found: String::new(),
                    expected: format!("une ligne pour {row} dont la région est vide"),
                });
            }
        }
        centres
    }

    pub(in crate::reference) fn find(&self, provider: &str, region: &str) -> Option<&Datacenter<'a>> {
        self.index.find(&self.rows, |row| {
            (row.provider, row.region).cmp(&(provider, region))
        })
    }
}
