//! What a contract owes and when, proposed from the clauses that were kept.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{Span, ToSpan as _};

/// Something owed by the supplier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// The clause that asks for it.
    pub clause: &'static str,
    /// What.
    pub label: String,
    /// When.
    pub due_on: Date,
}

/// Deliverables that clauses call for, counted from the day of the award; by day. A clause that was not kept calls for
/// nothing. The delays are those that the clauses propose.
///
/// ```
/// use jiff::civil::date;
/// use sobria_govern::procurement::schedule::proposed;
/// let owed = proposed(&["C01".to_owned()].into(), date(2026, 12, 1), 1.0);
/// assert_eq!((owed.len(), owed[0].due_on), (1, date(2026, 12, 31)));
/// ```
#[must_use]
pub fn proposed(clauses: &BTreeSet<String>, start: Date, years: f64) -> Vec<Owed> {
    let mut found = Vec::new();
    let mut owe = |clause: &'static str, label: &str, after: Span| {
        if clauses.contains(clause)
            && let Ok(due_on) = start.checked_add(after)
        {
            found.push(Owed {
                clause,
                label: format!("{label} ({clause})"),
                due_on,
            });
        }
    };
    owe(
        "C01",
        "Note comparant la solution à une solution sans IA",
        30.days(),
    );
    owe("C03", "Liste des modèles appelés", 30.days());
    owe(
        "C08",
        "Évaluation des impacts selon l’unité fonctionnelle",
        3.months(),
    );
    for quarter in 1..=4 {
        owe(
            "C09",
            &format!("Rapport d’usage et d’impact, trimestre {quarter}"),
            (3 * quarter).months(),
        );
    }
    // As many whole years as the contract lasts, one at least.
    let last = (1..=20).rev().find(|year| f64::from(*year) <= years).unwrap_or(1);
    for year in 1..=last {
        owe(
            "C06",
            &format!("PUE, WUE et matériel mesurés, année {year}"),
            year.years(),
        );
        owe(
            "C10",
            &format!("Baisse d’impact par unité, année {year}"),
            year.years(),
        );
    }
    owe("C13", "Plan de réversibilité essayé", (last * 12 - 3).months());
    owe("C14", "Certificat d’effacement", (last * 12).months().days(30));
    found.sort_by_key(|owed| owed.due_on);
    found
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn only_kept_clauses_owe_and_days_follow_one_another() {
        let kept: BTreeSet<String> = ["C06", "C09", "C14"].map(str::to_owned).into();
        let owed = proposed(&kept, date(2026, 11, 30), 2.5);
        assert_eq!(owed.len(), 4 + 2 + 1);
        assert!(owed.windows(2).all(|pair| pair[0].due_on <= pair[1].due_on));
        assert_eq!(owed[0].due_on, date(2027, 2, 28), "the last day of a short month");
        assert_eq!(owed.last().unwrap().due_on, date(2028, 12, 30));
        assert!(proposed(&BTreeSet::new(), date(2026, 11, 30), 2.0).is_empty());
    }
}
