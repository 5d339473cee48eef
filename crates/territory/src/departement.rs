//! Départements and régions: a short table, read without the directory of communes.

use std::sync::LazyLock;

use crate::directory::tables;

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

impl Departement {
    /// Every département and overseas collectivity that stands for one, in the usual order.
    ///
    /// ```
    /// use sobria_territory::Departement;
    /// let codes: Vec<_> = Departement::all().iter().map(|d| d.code).collect();
    /// assert_eq!((codes.first(), codes.last()), (Some(&"01"), Some(&"989")));
    /// ```
    pub fn all() -> &'static [Self] {
        static ALL: LazyLock<Vec<Departement>> = LazyLock::new(tables::departements);
        &ALL
    }

    /// The département with this code.
    ///
    /// ```
    /// use sobria_territory::Departement;
    /// assert_eq!(Departement::by_code("2A").unwrap().name, "Corse-du-Sud");
    /// assert_eq!(Departement::by_code("29").unwrap().region, "53");
    /// ```
    pub fn by_code(code: &str) -> Option<&'static Self> {
        Self::all().iter().find(|departement| departement.code == code)
    }

    /// Name of a région, or of the overseas collectivity that stands for one.
    ///
    /// ```
    /// use sobria_territory::Departement;
    /// assert_eq!(Departement::region_name_of("53"), Some("Bretagne"));
    /// ```
    pub fn region_name_of(region: &str) -> Option<&'static str> {
        Self::all()
            .iter()
            .find(|departement| departement.region == region)
            .map(|departement| departement.region_name)
    }
}
