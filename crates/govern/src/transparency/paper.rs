//! The sheet of transparency as a document: what its reader may read, and nothing more.

use jiff::civil::Date;

use super::{Audience, CHECKED_ON, Dossier, Facts, Origin, RiskClass, classify, sheet};
use crate::document::{Block, Document, LEGAL_REVIEW, Table, french_day};

/// The sheet as a document. `number` is the version of the dossier; none while the carrier completed nothing.
/// `restricted` says that the facts hold fields that are not public, which the document then says of itself.
#[must_use]
pub fn document(
    facts: &Facts<'_>,
    dossier: &Dossier,
    number: Option<u32>,
    restricted: bool,
    today: Date,
) -> Document {
    let made = sheet(facts, dossier);
    let presumption = classify(dossier, Some(facts));
    let title = made
        .sections
        .first()
        .and_then(|section| section.lines.first())
        .and_then(|line| line.value.as_ref())
        .map(|value| value.text.clone())
        .unwrap_or_default();
    let mut document = Document {
        title: "Fiche de transparence".to_owned(),
        subject: title,
        organisation: facts.organisation.name.clone(),
        date: today,
        version: match number {
            Some(number) => format!("{number}, fiche du projet version {}", facts.version),
            None => format!("fiche du projet version {}", facts.version),
        },
        facts: vec![
            (
                "Niveau de risque".to_owned(),
                presumption
                    .class
                    .map_or("Pas encore présumé", RiskClass::label)
                    .to_owned(),
            ),
            (
                "Lignes obligatoires".to_owned(),
                format!("{} remplies sur {}", made.filled, made.required),
            ),
            ("Adresse".to_owned(), facts.url.to_owned()),
            ("Licence".to_owned(), facts.licence.to_owned()),
            (
                "Diffusion".to_owned(),
                if restricted {
                    "contient des champs réservés\u{a0}: ne pas diffuser"
                } else {
                    "champs publics seulement"
                }
                .to_owned(),
            ),
        ],
        warning: format!("{LEGAL_REVIEW} «\u{a0}Présumé\u{a0}» n’est pas un avis juridique."),
        blocks: Vec::new(),
    };
    for section in &made.sections {
        document.blocks.push(Block::Heading(
            1,
            format!("{}. {}", section.letter, section.title),
        ));
        document.blocks.push(Block::Table(Table {
            caption: section.title.to_owned(),
            headers: ["Rubrique", "Valeur", "D’après"].map(str::to_owned).to_vec(),
            widths: vec![28, 50, 22],
            rows: section
                .lines
                .iter()
                .map(|line| {
                    let (words, origin) = match &line.value {
                        Some(value) if value.origin == Origin::Library => (value.text.clone(), String::new()),
                        Some(value) => (value.text.clone(), value.origin.words()),
                        None if line.audience == Audience::Members => (
                            "Non renseigné, ou réservé aux agents inscrits".to_owned(),
                            String::new(),
                        ),
                        None => ("Non renseigné".to_owned(), String::new()),
                    };
                    vec![line.label.to_owned(), words, origin]
                })
                .collect(),
        }));
    }
    document.blocks.push(Block::Paragraph(format!(
        "Dates et seuils du droit vérifiés le {}.",
        french_day(CHECKED_ON)
    )));
    document
}
