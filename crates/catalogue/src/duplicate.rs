//! Records that may be the same project: titles of one organisation that look alike.

use similar::TextDiff;

use crate::id::{ContributionId, UseCaseId};
use crate::text::fold_key;
use crate::use_case::WorkflowStatus;

/// From how alike two titles are thought to be the same, from 0 to 1.
const ALIKE: f32 = 0.8;

/// A title that an organisation already uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownTitle {
    /// The record.
    pub use_case: UseCaseId,
    /// The contribution, for what is not public.
    pub contribution: Option<ContributionId>,
    /// The address part, for what is public.
    pub slug: Option<String>,
    /// The title.
    pub title: String,
    /// Where it stands.
    pub status: WorkflowStatus,
}

/// The known titles that look like `title`, most alike first.
///
/// ```
/// use sobria_catalogue::duplicate::alike;
///
/// assert!(alike("Détection des fuites d’eau", "Detection de fuites d'eau"));
/// assert!(!alike("Détection des fuites d’eau", "Tri des courriels"));
/// assert!(!alike("", ""));
/// ```
pub fn duplicates<'k>(title: &str, known: &'k [KnownTitle]) -> Vec<&'k KnownTitle> {
    let folded = fold_key(title);
    let mut found: Vec<(f32, &KnownTitle)> = known
        .iter()
        .map(|one| (ratio(&folded, &fold_key(&one.title)), one))
        .filter(|(ratio, _)| *ratio >= ALIKE)
        .collect();
    found.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    found.into_iter().map(|(_, one)| one).collect()
}

/// Whether two titles are thought to be the same, accents, case and punctuation aside.
pub fn alike(one: &str, other: &str) -> bool {
    ratio(&fold_key(one), &fold_key(other)) >= ALIKE
}

fn ratio(one: &str, other: &str) -> f32 {
    if one.is_empty() || other.is_empty() {
        return 0.0;
    }
    TextDiff::from_chars(one, other).ratio()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn known(number: u128, title: &str) -> KnownTitle {
        KnownTitle {
            use_case: UseCaseId::new(Uuid::from_u128(number)),
            contribution: None,
            slug: None,
            title: title.to_owned(),
            status: WorkflowStatus::Published,
        }
    }

    #[test]
    fn the_most_alike_comes_first_and_the_others_are_left_out() {
        let titles = [
            known(1, "Tri des courriels"),
            known(2, "Détection de fuites d'eau (phase 2)"),
            known(3, "DETECTION DE FUITES D’EAU"),
        ];
        let found: Vec<_> = duplicates("Détection de fuites d’eau", &titles)
            .iter()
            .map(|one| one.use_case.uuid().as_u128())
            .collect();
        assert_eq!(found, [3, 2]);
        assert!(duplicates("  ", &titles).is_empty());
    }
}
