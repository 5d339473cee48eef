//! Equivalents and what they measure.

use crate::reference::table::{Index, TableError, read};

/// What an equivalent measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Criterion {
    /// Greenhouse gases, kg CO₂e.
    Climate,
    /// Electricity, kWh.
    Energy,
    /// Water consumed, L.
    Water,
    /// Depletion of metals, kg Sb eq.
    Metals,
    /// Primary energy, MJ.
    PrimaryEnergy,
}

impl Criterion {
    /// Every criterion.
    pub const ALL: [Self; 5] = [
        Self::Climate,
        Self::Energy,
        Self::Water,
        Self::Metals,
        Self::PrimaryEnergy,
    ];

    /// Name in the table and in addresses.
    ///
    /// ```
    /// use sobria_estimate::reference::Criterion;
    ///
    /// assert_eq!(Criterion::PrimaryEnergy.id(), "primary-energy");
    /// ```
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Climate => "climate",
            Self::Energy => "energy",
            Self::Water => "water",
            Self::Metals => "metals",
            Self::PrimaryEnergy => "primary-energy",
        }
    }

    /// Unit of the amounts, as in the table.
    ///
    /// ```
    /// use sobria_estimate::reference::Criterion;
    ///
    /// assert_eq!(Criterion::Water.unit(), "L");
    /// ```
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Climate => "kgCO2e",
            Self::Energy => "kWh",
            Self::Water => "L",
            Self::Metals => "kgSbeq",
            Self::PrimaryEnergy => "MJ",
        }
    }
}

/// How readily an equivalent is proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// First.
    Preferred,
    /// When no preferred one fits as well.
    Ok,
    /// Never proposed.
    Avoid,
}

/// A thing of everyday life with its footprint.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Equivalent<'a> {
    /// Identifier.
    pub slug: &'a str,
    /// What it measures.
    pub criterion: Criterion,
    /// Family; two equivalents shown together are of two families.
    pub category: &'a str,
    /// Label after a number below 2, in French.
    pub label_one: &'a str,
    /// Label after a number from 2 up, in French.
    pub label_many: &'a str,
    /// Unit counted.
    pub unit: &'a str,
    /// Amount of the criterion for one unit, in the criterion's unit.
    pub value: f64,
    /// How readily it is proposed.
    pub tier: Tier,
    /// What is counted in it, in French: always shown with it.
    pub scope: &'a str,
    /// Where the value was read, in French.
    pub source: &'a str,
    /// Year of the value.
    pub year: &'a str,
}

const EQUIVALENT_COLUMNS: [&str; 12] = [
    "slug",
    "criterion",
    "category",
    "label_one",
    "label_many",
    "unit",
    "value",
    "value_unit",
    "tier",
    "scope",
    "source",
    "year",
];

#[derive(Debug)]
pub(in crate::reference) struct Equivalents<'a> {
    pub(in crate::reference) rows: Vec<Equivalent<'a>>,
}

impl<'a> Equivalents<'a> {
    pub(in crate::reference) fn read(text: &'a str, errors: &mut Vec<TableError>) -> Self {
        let rows = read("equivalents", &EQUIVALENT_COLUMNS, text, errors, |row| {
            let criterion = Criterion::ALL
                .into_iter()
                .find(|criterion| criterion.id() == row.text::<1>())
                .unwrap_or_else(|| {
                    row.refuse::<1>("climate, energy, water, metals ou primary-energy");
                    Criterion::Climate
                });
            if row.text::<7>() != criterion.unit() {
                row.refuse::<7>(criterion.unit());
            }
            Equivalent {
                slug: row.name::<0>(),
                criterion,
                category: row.name::<2>(),
                label_one: row.name::<3>(),
                label_many: row.name::<4>(),
                unit: row.name::<5>(),
                value: row.number::<6>(f64::MIN_POSITIVE),
                tier: match row.text::<8>() {
                    "preferred" => Tier::Preferred,
                    "ok" => Tier::Ok,
                    "avoid" => Tier::Avoid,
                    _ => {
                        row.refuse::<8>("preferred, ok ou avoid");
                        Tier::Avoid
                    }
                },
                scope: row.name::<9>(),
                source: row.name::<10>(),
                year: row.text::<11>(),
            }
        });
        Index::new(
            "equivalents",
            "slug",
            &rows,
            |row| row.slug,
            |row| row.slug.to_owned(),
            errors,
        );
        Self { rows }
    }
}
