//! What an operator prefers among equivalents: favourites first, others hidden.

use super::{Reference, Tier};

/// Most favourites of an instance.
pub const PINNED_MAX: usize = 4;

/// Why a preference cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// No row of the table has this name.
    #[error(
        "«\u{a0}{0}\u{a0}» n’est le nom d’aucune ligne de la table des équivalents (/donnees/tables/equivalents)"
    )]
    Unknown(String),
    /// The row is kept for imports and comparisons only.
    #[error("«\u{a0}{0}\u{a0}» est un équivalent à éviter, jamais proposé\u{a0}: choisissez-en un autre")]
    Avoided(String),
    /// The same row is a favourite and hidden.
    #[error("«\u{a0}{0}\u{a0}» est à la fois mis en avant et masqué")]
    Both(String),
    /// Too many favourites.
    #[error("{0} équivalents mis en avant\u{a0}: 4 au plus")]
    TooMany(usize),
}

/// Favourites and hidden rows.
#[derive(Debug, Default)]
pub(crate) struct Choice {
    pinned: Vec<String>,
    hidden: Vec<String>,
}

impl Choice {
    pub(super) const NONE: Self = Self {
        pinned: Vec::new(),
        hidden: Vec::new(),
    };

    /// The rank of a favourite; the others come after.
    pub(crate) fn rank(&self, slug: &str) -> usize {
        self.pinned
            .iter()
            .position(|pinned| pinned == slug)
            .unwrap_or(usize::MAX)
    }

    /// Whether a row is hidden, by its name or by its category.
    pub(crate) fn hides(&self, slug: &str, category: &str) -> bool {
        self.hidden
            .iter()
            .any(|hidden| hidden == slug || hidden == category)
    }
}

impl Reference {
    /// The same tables, whose equivalents are proposed as an operator prefers: `pinned` rows first, in their order,
    /// when their count can be pictured; `hidden` rows or categories never.
    ///
    /// # Errors
    /// Every preference that cannot be followed.
    ///
    /// ```
    /// use sobria_estimate::reference::Criterion;
    /// use sobria_estimate::{Reference, equivalents};
    ///
    /// let embedded = || Reference::from_tables(&|_| None).unwrap();
    /// let own = embedded()
    ///     .preferring(&["tgv-paris-metz-ar".to_owned()], &["food".to_owned()])
    ///     .unwrap();
    /// let shown = equivalents::select(&own, Criterion::Climate, 2.5, 2.5).shown;
    /// assert_eq!(shown[0].sentence, "environ 1,3 aller-retour Paris-Metz en TGV");
    /// assert!(shown.iter().all(|shown| shown.row.category != "food"));
    ///
    /// assert!(embedded().preferring(&["nowhere".to_owned()], &[]).is_err());
    /// ```
    pub fn preferring(mut self, pinned: &[String], hidden: &[String]) -> Result<Self, Vec<ChoiceError>> {
        let rows = self.equivalents();
        let mut errors = Vec::new();
        if pinned.len() > PINNED_MAX {
            errors.push(ChoiceError::TooMany(pinned.len()));
        }
        for slug in pinned {
            match rows.iter().find(|row| row.slug == slug) {
                None => errors.push(ChoiceError::Unknown(slug.clone())),
                Some(row) if row.tier == Tier::Avoid => errors.push(ChoiceError::Avoided(slug.clone())),
                Some(row) if hidden.iter().any(|name| name == row.slug || name == row.category) => {
                    errors.push(ChoiceError::Both(slug.clone()));
                }
                Some(_) => {}
            }
        }
        for name in hidden {
            if !rows.iter().any(|row| row.slug == name || row.category == name) {
                errors.push(ChoiceError::Unknown(name.clone()));
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        self.choice = Choice {
            pinned: pinned.to_vec(),
            hidden: hidden.to_vec(),
        };
        Ok(self)
    }

    pub(crate) const fn choice(&self) -> &Choice {
        &self.choice
    }
}
