//! What a buyer makes public of a purchase that was awarded: what the buyer wrote and opened, with the agreement of the
//! supplier, and nothing else of what suppliers answered.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::document::{Block, Document, Table, french_day};
use crate::procurement::clause::CLAUSES;
use crate::procurement::declared::{Declared, Harmonised, METHODS, SCOPES};
use crate::procurement::{Problem, VERSION};

/// Longest text of one part, in characters.
pub const TEXT_MAX: usize = 2_000;

/// What is made public.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// What was bought, in words.
    pub need: String,
    /// Who was chosen; blank when that stays private.
    pub supplier: String,
    /// Models that are called; blank when that stays private.
    pub models: String,
    /// Where it runs; blank when that stays private.
    pub hosting: String,
    /// What was learnt.
    pub feedback: String,
    /// Figures that the supplier declared for one typical request; none when they stay private.
    pub declared: Option<Declared>,
    /// Tokens of the answer to a typical request.
    pub tokens: f64,
    /// Clauses that were kept, by identifier; none when they stay private.
    pub clauses: BTreeSet<String>,
    /// Values of those clauses.
    pub values: BTreeMap<String, String>,
}

impl Summary {
    /// Why it cannot be made public.
    ///
    /// `agreed` says that the supplier agreed to what is told of it.
    ///
    /// ```
    /// use sobria_govern::procurement::summary::Summary;
    /// let one = Summary { need: "Un assistant de rédaction".into(), ..Summary::default() };
    /// assert!(one.problems(false).is_empty(), "nothing is told of a supplier");
    /// let other = Summary { models: "Un modèle ouvert".into(), ..one };
    /// assert_eq!(other.problems(false)[0].field, "accord");
    /// assert!(other.problems(true).is_empty());
    /// ```
    #[must_use]
    pub fn problems(&self, agreed: bool) -> Vec<Problem> {
        let mut found = Vec::new();
        if self.need.trim().is_empty() {
            found.push(Problem::new(
                "s_besoin",
                "Dites en une phrase ce qui a été acheté.",
            ));
        }
        for (field, text) in [
            ("s_besoin", &self.need),
            ("s_fournisseur", &self.supplier),
            ("s_modeles", &self.models),
            ("s_hebergement", &self.hosting),
            ("s_retour", &self.feedback),
        ] {
            let length = text.chars().count();
            if length > TEXT_MAX {
                found.push(Problem::new(field, crate::number::too_long(length, TEXT_MAX)));
            }
        }
        let told = [&self.supplier, &self.models, &self.hosting]
            .iter()
            .any(|text| !text.trim().is_empty())
            || self.declared.is_some();
        if told && !agreed {
            found.push(Problem::new(
                "accord",
                "Ce qui vient du titulaire ne se publie qu’avec son accord\u{a0}: cochez la case s’il l’a donné, ou videz ces parties.",
            ));
        }
        found
    }

    /// The public document. `again` holds the figures computed with the tables of this library, when they can be.
    #[must_use]
    pub fn document(
        &self,
        title: &str,
        organisation: &str,
        published_at: Timestamp,
        again: Option<Harmonised>,
    ) -> Document {
        let day = published_at.to_zoned(jiff::tz::TimeZone::UTC).date();
        let mut blocks = Vec::new();
        let mut part = |heading: &str, text: &str| {
            if !text.trim().is_empty() {
                blocks.push(Block::Heading(1, heading.to_owned()));
                blocks.push(Block::Paragraph(text.trim().to_owned()));
            }
        };
        part("Ce qui a été acheté", &self.need);
        part("Le titulaire", &self.supplier);
        part("Les modèles", &self.models);
        part("L’hébergement", &self.hosting);
        if let Some(declared) = &self.declared {
            blocks.push(Block::Heading(1, "Les impacts d’une requête type".to_owned()));
            blocks.push(Block::Paragraph(format!(
                "Pour {} jetons produits. Déclarés par le titulaire, puis recalculés par la bibliothèque avec ses tables, centre de données et fabrication compris\u{a0}; sans résultat, le modèle n’est pas dans ses tables.",
                crate::number::figure(self.tokens)
            )));
            blocks.push(impacts(declared, again));
        }
        if !self.clauses.is_empty() {
            blocks.push(Block::Heading(1, "Les clauses retenues".to_owned()));
            blocks.push(Block::Items(
                CLAUSES
                    .iter()
                    .filter(|clause| self.clauses.contains(clause.id))
                    .map(|clause| format!("{}\u{a0}: {}", clause.id, clause.wording(&self.values)))
                    .collect(),
            ));
        }
        if !self.feedback.trim().is_empty() {
            blocks.push(Block::Heading(1, "Ce qui a été appris".to_owned()));
            blocks.push(Block::Paragraph(self.feedback.trim().to_owned()));
        }
        Document {
            title: "Synthèse d’un achat d’IA".to_owned(),
            subject: title.to_owned(),
            organisation: organisation.to_owned(),
            date: day,
            version: format!("questionnaire {VERSION}"),
            facts: vec![("Publiée le".to_owned(), french_day(day))],
            warning: "Publiée par l’acheteur, avec l’accord du titulaire pour ce qui vient de lui. Les clauses sont à faire relire par le service juridique avant tout réemploi.".to_owned(),
            blocks,
        }
    }
}

fn impacts(declared: &Declared, again: Option<Harmonised>) -> Block {
    let label = |list: &[(&str, &str)], code: &str| {
        list.iter()
            .find(|(known, _)| *known == code)
            .map_or("non précisé", |(_, label)| *label)
            .to_owned()
    };
    let told = |value: Option<f64>, unit: &str| {
        value.map_or_else(
            || "non déclaré".to_owned(),
            |value| format!("{}\u{a0}{unit}", crate::number::significant(value)),
        )
    };
    let range = |range: Option<(f64, f64)>, unit: &str| {
        range.map_or_else(
            || "non calculable".to_owned(),
            |(low, high)| {
                let (low, high) = (crate::number::significant(low), crate::number::significant(high));
                if low == high {
                    format!("{low}\u{a0}{unit}")
                } else {
                    format!("{low} à {high}\u{a0}{unit}")
                }
            },
        )
    };
    let row = |name: &str, left: String, right: String| vec![name.to_owned(), left, right];
    Block::Table(Table {
        caption: "Impacts d’une requête type".to_owned(),
        headers: ["", "Déclaré", "Recalculé"].map(str::to_owned).to_vec(),
        widths: vec![30, 35, 35],
        rows: vec![
            row(
                "Énergie",
                told(declared.watt_hours, "Wh"),
                range(again.map(|one| one.watt_hours), "Wh"),
            ),
            row(
                "Gaz à effet de serre",
                told(declared.grams, "g\u{a0}CO₂e"),
                range(again.map(|one| one.grams), "g\u{a0}CO₂e"),
            ),
            row(
                "Méthode",
                label(&METHODS, &declared.method),
                "celle de la bibliothèque".to_owned(),
            ),
            row(
                "Périmètre",
                label(&SCOPES, &declared.scope),
                "centre de données et fabrication compris".to_owned(),
            ),
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_opened_is_in_the_document() {
        let summary = Summary {
            need: "Un assistant de rédaction.".to_owned(),
            models: "Un modèle ouvert de 14 milliards de paramètres.".to_owned(),
            clauses: ["C09".to_owned()].into(),
            ..Summary::default()
        };
        let at = Timestamp::from_second(1_795_000_000).unwrap();
        let text = summary
            .document("Assistant", "Ville d’Essai", at, None)
            .markdown();
        for told in [
            "assistant de rédaction",
            "14 milliards",
            "C09",
            "Ville d’Essai",
            "service juridique",
        ] {
            assert!(text.contains(told), "{told} in {text}");
        }
        for private in [
            "Le titulaire\n",
            "L’hébergement",
            "Énergie",
            "C01",
            "Ce qui a été appris",
        ] {
            assert!(!text.contains(private), "{private} in {text}");
        }
        let figures = Summary {
            declared: Some(Declared {
                grams: Some(0.3),
                ..Declared::default()
            }),
            tokens: 400.0,
            ..summary
        };
        let again = Harmonised {
            watt_hours: (0.58, 0.961),
            grams: (0.0020, 0.0020),
        };
        let text = figures
            .document("Assistant", "Ville d’Essai", at, Some(again))
            .markdown();
        for told in [
            "0,3\u{a0}g",
            "0,58 à 0,96\u{a0}Wh",
            "0,002\u{a0}g",
            "non déclaré",
            "400 jetons",
        ] {
            assert!(text.contains(told), "{told} in {text}");
        }
    }
}
