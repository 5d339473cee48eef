//! For how long what ages is kept. The operator sets it; the page of personal data says it; a job carries it out.

use serde::{Deserialize, Serialize};

/// Durations, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Account that nobody signed in with, administrators apart.
    pub accounts: u16,
    /// How long before its erasure an account is warned.
    pub accounts_warning: u16,
    /// Draft that was never handed in, since its last change.
    pub drafts: u16,
    /// Messages sent by the site, without their words.
    pub mails: u16,
    /// Messages to carriers, answered reports.
    pub messages: u16,
    /// Audit trail.
    pub audit: u16,
    /// Results of background jobs.
    pub jobs: u16,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            accounts: 730,
            accounts_warning: 30,
            drafts: 365,
            mails: 30,
            messages: 183,
            audit: 1826,
            jobs: 90,
        }
    }
}

/// Longest duration that may be set: ten years.
const LONGEST: u16 = 3653;

impl Retention {
    /// Every duration with its configuration key and what it is about.
    pub fn all(&self) -> [(&'static str, &'static str, u16); 7] {
        [
            ("retention.accounts", "Compte sans connexion", self.accounts),
            (
                "retention.accounts_warning",
                "Avertissement avant l’effacement d’un compte",
                self.accounts_warning,
            ),
            (
                "retention.drafts",
                "Brouillon jamais envoyé, depuis sa dernière modification",
                self.drafts,
            ),
            (
                "retention.mails",
                "Courriels envoyés par le site, sans leur texte",
                self.mails,
            ),
            (
                "retention.messages",
                "Messages aux porteurs, signalements traités",
                self.messages,
            ),
            ("retention.audit", "Journal des décisions", self.audit),
            ("retention.jobs", "Résultats des tâches de fond", self.jobs),
        ]
    }

    /// Refuses durations that cannot be carried out.
    ///
    /// # Errors
    /// The sentence that names the key, what was given and what is expected.
    pub fn check(&self) -> Result<(), String> {
        for (key, _, days) in self.all() {
            if !(1..=LONGEST).contains(&days) {
                return Err(format!(
                    "«\u{a0}{key}\u{a0}» vaut {days}\u{a0}: attendu un nombre de jours entre 1 et {LONGEST}."
                ));
            }
        }
        if self.accounts_warning >= self.accounts {
            return Err(format!(
                "«\u{a0}retention.accounts_warning\u{a0}» ({}) doit être plus court que «\u{a0}retention.accounts\u{a0}» ({}).",
                self.accounts_warning, self.accounts
            ));
        }
        Ok(())
    }
}

/// A number of days in the unit that says it best: "5 ans", "6 mois", "30 jours".
pub fn words(days: u16) -> String {
    let near = |unit: f64| {
        let count = (f64::from(days) / unit).round();
        (count >= 1.0 && (count * unit - f64::from(days)).abs() <= 1.0).then_some(count)
    };
    if let Some(years) = near(365.25).filter(|years| *years >= 3.0 || *years < 1.5) {
        return format!("{years} {}", if years < 1.5 { "an" } else { "ans" });
    }
    match near(30.4375).filter(|months| *months >= 3.0) {
        Some(months) => format!("{months} mois"),
        None => format!("{days} {}", if days == 1 { "jour" } else { "jours" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_in_the_unit_that_people_use() {
        for (days, expected) in [
            (1, "1 jour"),
            (30, "30 jours"),
            (45, "45 jours"),
            (90, "90 jours"),
            (183, "6 mois"),
            (365, "1 an"),
            (730, "24 mois"),
            (1826, "5 ans"),
        ] {
            assert_eq!(words(days), expected);
        }
    }

    #[test]
    fn durations_that_cannot_hold_are_refused_by_name() {
        assert_eq!(Retention::default().check(), Ok(()));
        let zero = Retention {
            mails: 0,
            ..Retention::default()
        };
        assert!(zero.check().unwrap_err().contains("retention.mails"));
        let inverted = Retention {
            accounts: 20,
            ..Retention::default()
        };
        assert!(
            inverted
                .check()
                .unwrap_err()
                .contains("retention.accounts_warning")
        );
    }
}
