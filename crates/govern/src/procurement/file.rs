//! How far a purchase file is: what may be done at each stage, and what may be read. Whoever keeps a file asks here.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::procurement::Problem;
use crate::procurement::criteria::{Criteria, Frozen};
use crate::procurement::summary::Summary;

/// What the questionnaire is sent for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Information before a tender: answers are read as they come, and never marked.
    Sourcing,
    /// Offers: answers stay sealed until they are opened, and are marked with frozen criteria.
    #[default]
    Tender,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 2] = [Self::Sourcing, Self::Tender];

    /// Identifier.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Sourcing => "sourcing",
            Self::Tender => "tender",
        }
    }

    /// The purpose of an identifier.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.code() == code)
    }

    /// Words for pages.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Sourcing => "Sourçage\u{a0}: s’informer, sans note",
            Self::Tender => "Consultation\u{a0}: des offres scellées, puis notées",
        }
    }
}

/// Where a file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Need, questions, clauses and criteria are being written.
    Preparing,
    /// Criteria are frozen, nobody was asked yet.
    Frozen,
    /// Suppliers answer.
    Answering,
    /// The deadline is over and answers of a tender are still sealed.
    Sealed,
    /// Answers are read, and marked in a tender.
    Evaluating,
    /// One offer was chosen.
    Awarded,
}

impl Stage {
    /// Words for pages.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Preparing => "En préparation",
            Self::Frozen => "Barème figé",
            Self::Answering => "Réponses attendues",
            Self::Sealed => "À ouvrir",
            Self::Evaluating => "Analyse",
            Self::Awarded => "Attribué",
        }
    }
}

/// The offer that was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Award {
    /// Identifier of its answer.
    pub answer: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// What was made public, and since when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Published {
    /// What it says.
    pub summary: Summary,
    /// Since when.
    pub at: Timestamp,
}

/// How far a file is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// What the questionnaire is sent for.
    pub purpose: Purpose,
    frozen: Vec<Frozen>,
    deadline: Option<Timestamp>,
    opened_at: Option<Timestamp>,
    award: Option<Award>,
    #[serde(default)]
    public: Option<Published>,
}

fn refuse(field: &str, message: &str) -> Problem {
    Problem::new(field, message)
}

impl Progress {
    /// A file that was just begun.
    #[must_use]
    pub fn new(purpose: Purpose) -> Self {
        Self {
            purpose,
            ..Self::default()
        }
    }

    /// The criteria in force, when they were frozen.
    #[must_use]
    pub fn frozen(&self) -> Option<&Frozen> {
        self.frozen.last()
    }

    /// Everything that was frozen, oldest first.
    #[must_use]
    pub fn history(&self) -> &[Frozen] {
        &self.frozen
    }

    /// Last moment at which suppliers answer.
    #[must_use]
    pub const fn deadline(&self) -> Option<Timestamp> {
        self.deadline
    }

    /// When answers were opened.
    #[must_use]
    pub const fn opened_at(&self) -> Option<Timestamp> {
        self.opened_at
    }

    /// The offer that was chosen.
    #[must_use]
    pub const fn award(&self) -> Option<&Award> {
        self.award.as_ref()
    }

    /// What was made public.
    #[must_use]
    pub const fn public(&self) -> Option<&Published> {
        self.public.as_ref()
    }

    /// Makes a summary public, or another in its place.
    ///
    /// # Errors
    /// Before an offer was chosen, or when the summary tells of a supplier who did not agree.
    pub fn publish(&mut self, summary: Summary, agreed: bool, now: Timestamp) -> Result<(), Vec<Problem>> {
        if self.award.is_none() {
            return Err(vec![refuse(
                "",
                "La synthèse se publie une fois une offre retenue.",
            )]);
        }
        let problems = summary.problems(agreed);
        if !problems.is_empty() {
            return Err(problems);
        }
        self.public = Some(Published { summary, at: now });
        Ok(())
    }

    /// Takes the summary back.
    pub fn withdraw(&mut self) {
        self.public = None;
    }

    /// Where the file stands.
    #[must_use]
    pub fn stage(&self, suppliers: usize, now: Timestamp) -> Stage {
        if self.award.is_some() {
            return Stage::Awarded;
        }
        if self.opened_at.is_some() {
            return Stage::Evaluating;
        }
        match self.deadline {
            Some(deadline) if suppliers > 0 && now < deadline => Stage::Answering,
            Some(_) if suppliers > 0 && self.purpose == Purpose::Tender => Stage::Sealed,
            Some(_) if suppliers > 0 => Stage::Evaluating,
            _ if self.frozen().is_some() => Stage::Frozen,
            _ => Stage::Preparing,
        }
    }

    /// Freezes criteria, or puts others in place of those that were frozen, with a reason. Nothing replaces them once
    /// an answer could be read, nor changes how much is asked once they are frozen.
    ///
    /// # Errors
    /// When they make no sense, the reason is missing, or it is too late.
    pub fn freeze(
        &mut self,
        criteria: Criteria,
        reason: &str,
        now: Timestamp,
    ) -> Result<&Frozen, Vec<Problem>> {
        if self.opened_at.is_some() {
            return Err(vec![refuse(
                "",
                "Les réponses sont ouvertes\u{a0}: le barème ne change plus. Pour d’autres critères, il faut une autre consultation.",
            )]);
        }
        let next = match self.frozen() {
            None => Frozen::new(criteria, now)?,
            Some(former) if !former.is_intact() => {
                return Err(vec![refuse(
                    "",
                    "L’empreinte du barème figé ne correspond plus à son contenu. Prévenez l’administration de la bibliothèque.",
                )]);
            }
            Some(former) if former.criteria().depth != criteria.depth => {
                return Err(vec![refuse(
                    "profondeur",
                    "Le barème est figé\u{a0}: la profondeur du questionnaire ne change plus. Créez un autre dossier pour une autre profondeur.",
                )]);
            }
            Some(former) if *former.criteria() == criteria => {
                return Err(vec![refuse(
                    "",
                    "Ces critères sont ceux qui sont déjà figés\u{a0}: rien à remplacer.",
                )]);
            }
            Some(former) => former.supersede(criteria, reason, now)?,
        };
        self.frozen.push(next);
        self.frozen.last().ok_or_else(Vec::new)
    }

    /// Sets the last moment at which suppliers answer. Once some were asked, it only goes later.
    ///
    /// # Errors
    /// When it is past, too far, sooner than what suppliers were told, or answers were opened.
    pub fn set_deadline(
        &mut self,
        deadline: Timestamp,
        suppliers: usize,
        now: Timestamp,
    ) -> Result<(), Problem> {
        if self.opened_at.is_some() {
            return Err(refuse(
                "limite",
                "Les réponses sont ouvertes\u{a0}: la date limite ne change plus.",
            ));
        }
        if deadline <= now {
            return Err(refuse(
                "limite",
                "Cette date est passée\u{a0}: indiquez un jour et une heure à venir.",
            ));
        }
        if deadline > now + jiff::SignedDuration::from_hours(24 * 366) {
            return Err(refuse(
                "limite",
                "Attendu\u{a0}: une date dans l’année qui vient.",
            ));
        }
        if suppliers > 0 && self.deadline.is_some_and(|former| deadline < former) {
            return Err(refuse(
                "limite",
                "Des fournisseurs ont déjà reçu la date limite\u{a0}: elle peut être repoussée, pas avancée.",
            ));
        }
        self.deadline = Some(deadline);
        Ok(())
    }

    /// Whether suppliers may be asked now.
    ///
    /// # Errors
    /// Why not.
    pub fn may_invite(&self, now: Timestamp) -> Result<Timestamp, Problem> {
        if self.purpose == Purpose::Tender && self.frozen().is_none() {
            return Err(refuse(
                "",
                "Figez d’abord le barème\u{a0}: les candidats doivent savoir sur quoi ils seront notés.",
            ));
        }
        match self.deadline {
            Some(deadline) if now < deadline && self.opened_at.is_none() => Ok(deadline),
            Some(_) => Err(refuse(
                "limite",
                "La date limite est passée\u{a0}: repoussez-la pour consulter un autre fournisseur.",
            )),
            None => Err(refuse("limite", "Fixez d’abord la date limite de réponse.")),
        }
    }

    /// Whether suppliers may still write.
    #[must_use]
    pub fn accepts(&self, now: Timestamp) -> bool {
        self.opened_at.is_none() && self.deadline.is_some_and(|deadline| now < deadline)
    }

    /// Whether answers that were handed in may be read by the buyer.
    #[must_use]
    pub const fn is_readable(&self) -> bool {
        match self.purpose {
            Purpose::Sourcing => true,
            Purpose::Tender => self.opened_at.is_some(),
        }
    }

    /// Opens the answers of a tender.
    ///
    /// # Errors
    /// Before the deadline, without frozen criteria, when these were altered, or twice.
    pub fn open(&mut self, now: Timestamp) -> Result<(), Problem> {
        if self.purpose == Purpose::Sourcing {
            return Err(refuse(
                "",
                "En sourçage, les réponses se lisent au fil de l’eau\u{a0}: il n’y a rien à ouvrir.",
            ));
        }
        if self.opened_at.is_some() {
            return Err(refuse("", "Les réponses sont déjà ouvertes."));
        }
        if !self.frozen().is_some_and(Frozen::is_intact) {
            return Err(refuse(
                "",
                "Les réponses ne s’ouvrent pas avant que le barème soit figé, avec une empreinte qui correspond à son contenu.",
            ));
        }
        match self.deadline {
            Some(deadline) if now >= deadline => {
                self.opened_at = Some(now);
                Ok(())
            }
            _ => Err(refuse(
                "",
                "Les réponses restent scellées jusqu’à la date limite.",
            )),
        }
    }

    /// Says which offer was chosen, and why.
    ///
    /// # Errors
    /// Before answers were opened, without a reason, or twice.
    pub fn choose(&mut self, answer: &str, reason: &str, now: Timestamp) -> Result<(), Problem> {
        if self.opened_at.is_none() || self.purpose == Purpose::Sourcing {
            return Err(refuse(
                "",
                "L’attribution suit l’ouverture et l’analyse des offres.",
            ));
        }
        if self.award.is_some() {
            return Err(refuse("", "Ce dossier est déjà attribué."));
        }
        if reason.trim().chars().count() < 10 {
            return Err(refuse(
                "motif",
                "Écrivez pourquoi cette offre est retenue, en une phrase.",
            ));
        }
        self.award = Some(Award {
            answer: answer.to_owned(),
            reason: reason.trim().to_owned(),
            at: now,
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::procurement::depth::Depth;
    use crate::procurement::question::Theme;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000).unwrap() + SignedDuration::from_hours(hour)
    }

    fn other() -> Criteria {
        let mut criteria = Criteria::proposed(Depth::Standard);
        criteria.knockouts.insert("Q301".to_owned());
        criteria
    }

    #[test]
    fn nobody_is_asked_and_nothing_is_opened_before_criteria_are_frozen() {
        let mut file = Progress::new(Purpose::Tender);
        assert_eq!(file.stage(0, at(0)), Stage::Preparing);
        assert!(file.may_invite(at(0)).is_err());
        file.set_deadline(at(48), 0, at(0)).unwrap();
        assert!(file.may_invite(at(0)).is_err());
        assert!(file.open(at(50)).is_err());
        file.freeze(Criteria::proposed(Depth::Standard), "", at(1))
            .unwrap();
        assert_eq!(file.stage(0, at(1)), Stage::Frozen);
        assert_eq!(file.may_invite(at(1)), Ok(at(48)));
        assert_eq!(file.stage(2, at(2)), Stage::Answering);
        assert!(file.open(at(47)).is_err(), "sealed until the deadline");
        assert!(!file.is_readable() && file.accepts(at(47)) && !file.accepts(at(48)));
        assert_eq!(file.stage(2, at(48)), Stage::Sealed);
        file.open(at(48)).unwrap();
        assert!(file.is_readable() && !file.accepts(at(10)));
        assert!(file.open(at(49)).is_err());
        assert_eq!(file.stage(2, at(49)), Stage::Evaluating);
    }

    #[test]
    fn frozen_criteria_are_superseded_with_a_reason_before_the_opening_and_never_after() {
        let mut file = Progress::new(Purpose::Tender);
        let first = Criteria::proposed(Depth::Standard);
        file.freeze(first.clone(), "", at(0)).unwrap();
        assert!(
            file.freeze(first, "Une raison qui se lit", at(1)).is_err(),
            "the same criteria"
        );
        assert!(file.freeze(other(), "bref", at(1)).is_err());
        let deeper = file.freeze(Criteria::proposed(Depth::Full), "Une raison qui se lit", at(1));
        assert_eq!(deeper.unwrap_err()[0].field, "profondeur");
        file.freeze(other(), "Hébergement publié comme éliminatoire", at(1))
            .unwrap();
        assert_eq!((file.history().len(), file.frozen().unwrap().number()), (2, 2));
        file.set_deadline(at(5), 0, at(1)).unwrap();
        file.open(at(5)).unwrap();
        let mut third = other();
        third.weights.insert(Theme::T1, 10);
        third.weights.insert(Theme::T2, 16);
        assert!(file.freeze(third, "Une raison qui se lit bien", at(6)).is_err());
        assert_eq!(file.history().len(), 2);
    }

    #[test]
    fn a_summary_is_public_after_the_award_with_the_agreement_of_the_supplier_alone() {
        let mut file = Progress::new(Purpose::Tender);
        let summary = Summary {
            need: "Un assistant".to_owned(),
            supplier: "Alpha".to_owned(),
            ..Summary::default()
        };
        file.freeze(Criteria::proposed(Depth::Standard), "", at(0))
            .unwrap();
        file.set_deadline(at(5), 0, at(1)).unwrap();
        file.open(at(5)).unwrap();
        assert!(
            file.publish(summary.clone(), true, at(6)).is_err(),
            "no award yet"
        );
        file.choose("a", "La meilleure note", at(7)).unwrap();
        let refused = file.publish(summary.clone(), false, at(8)).unwrap_err();
        assert_eq!(refused[0].field, "accord");
        assert!(file.public().is_none());
        file.publish(summary, true, at(8)).unwrap();
        let text = serde_json::to_string(&file).unwrap();
        let mut back: Progress = serde_json::from_str(&text).unwrap();
        assert_eq!(back.public().unwrap().at, at(8));
        back.withdraw();
        assert!(back.public().is_none());
    }

    #[test]
    fn altered_criteria_open_nothing() {
        let mut file = Progress::new(Purpose::Tender);
        file.freeze(Criteria::proposed(Depth::Standard), "", at(0))
            .unwrap();
        file.set_deadline(at(5), 0, at(1)).unwrap();
        let text = serde_json::to_string(&file).unwrap();
        let mut altered: Progress =
            serde_json::from_str(&text.replacen("\"T1\":12", "\"T1\":13", 1)).unwrap();
        assert_ne!(altered, file);
        assert!(altered.open(at(6)).is_err());
        assert!(!altered.is_readable());
        let mut whole: Progress = serde_json::from_str(&text).unwrap();
        whole.open(at(6)).unwrap();
    }

    #[test]
    fn a_deadline_is_to_come_and_only_goes_later_once_told() {
        let mut file = Progress::new(Purpose::Sourcing);
        assert_eq!(file.set_deadline(at(-1), 0, at(0)).unwrap_err().field, "limite");
        assert!(file.set_deadline(at(24 * 400), 0, at(0)).is_err());
        file.set_deadline(at(10), 0, at(0)).unwrap();
        file.set_deadline(at(5), 0, at(0)).unwrap();
        assert!(file.set_deadline(at(4), 1, at(0)).is_err());
        file.set_deadline(at(8), 1, at(0)).unwrap();
        assert!(file.is_readable(), "sourcing informs as it comes");
        assert!(file.open(at(9)).is_err());
        assert!(file.choose("a", "Une raison qui se lit", at(9)).is_err());
    }

    #[test]
    fn an_award_has_a_reason_and_is_said_once() {
        let mut file = Progress::new(Purpose::Tender);
        assert!(file.choose("a", "Une raison qui se lit", at(0)).is_err());
        file.freeze(other(), "", at(0)).unwrap();
        file.set_deadline(at(5), 0, at(1)).unwrap();
        file.open(at(5)).unwrap();
        assert_eq!(file.choose("a", " ", at(6)).unwrap_err().field, "motif");
        file.choose("a", "Meilleure note et preuves jointes", at(6))
            .unwrap();
        assert_eq!(file.stage(2, at(6)), Stage::Awarded);
        assert!(file.choose("b", "Une raison qui se lit", at(7)).is_err());
    }
}
