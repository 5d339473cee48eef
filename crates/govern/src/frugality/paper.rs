//! The sheet of an assessment as a document. Nothing is in it that was not answered or worked out from what was.

use jiff::civil::Date;
use sobria_estimate::service::Coverage;

use super::coverage::Coverings;
use super::line::{ACTION_HEADERS, PRACTICE_HEADERS, action_line, practice_line};
use super::{Assessment, BADGE, Outcome, PracticeId, RUBRIC_VERSION, SPEC_URL, Standing, WITHOUT_AI};
use crate::document::{Block, Document, LEGAL_REVIEW, Table};

/// Actions of the plan that are written out.
const ACTIONS: usize = 5;

/// What a sheet is made from.
#[derive(Debug, Clone, Copy)]
pub struct Sheet<'a> {
    /// Title of the project; blank when there is no record.
    pub project: &'a str,
    /// Who answers for it.
    pub organisation: &'a str,
    /// Number of the version; none when it was not kept.
    pub version: Option<u32>,
    /// Day of the version.
    pub made_on: Date,
    /// Answers.
    pub assessment: &'a Assessment,
    /// Where each practice stands.
    pub standings: &'a [(PracticeId, Standing)],
    /// What it comes to.
    pub outcome: &'a Outcome,
    /// Coverage.
    pub coverings: &'a Coverings,
}

fn heading(text: &str) -> Block {
    Block::Heading(1, text.to_owned())
}

fn table(caption: &str, headers: &[(&str, u32)], rows: Vec<Vec<String>>) -> Block {
    Block::Table(Table {
        caption: caption.to_owned(),
        headers: headers.iter().map(|(header, _)| (*header).to_owned()).collect(),
        widths: headers.iter().map(|(_, width)| *width).collect(),
        rows,
    })
}

fn sized(headers: [&'static str; 4], widths: [u32; 4]) -> Vec<(&'static str, u32)> {
    headers.into_iter().zip(widths).collect()
}

/// Hundredths without decimals.
fn whole(value: f64) -> String {
    format!("{value:.0}")
}

/// The sheet as a document.
#[must_use]
pub fn sheet(from: &Sheet<'_>) -> Document {
    let (outcome, score) = (from.outcome, &from.outcome.score);
    let mut facts = vec![
        ("Prouvé, sur 100".to_owned(), whole(score.proven)),
        ("Déclaré, sur 100".to_owned(), whole(score.declared)),
        (
            "Taux de réponse".to_owned(),
            format!("{}\u{a0}%", whole(score.response_rate)),
        ),
        ("Mention".to_owned(), score.label().to_owned()),
    ];
    if outcome.badge {
        facts.push((
            "Démarche".to_owned(),
            format!("{BADGE}\u{202f}; ce n’est pas une certification"),
        ));
    }
    if outcome.renounced {
        facts.push(("Résultat".to_owned(), WITHOUT_AI.to_owned()));
    }
    let mut document = Document {
        title: "Auto-évaluation de frugalité".to_owned(),
        subject: from.project.to_owned(),
        organisation: from.organisation.to_owned(),
        date: from.made_on,
        version: match from.version {
            Some(number) => format!("{number}, barème {RUBRIC_VERSION}"),
            None => format!("non enregistrée, barème {RUBRIC_VERSION}"),
        },
        facts,
        warning: LEGAL_REVIEW.to_owned(),
        blocks: Vec::new(),
    };
    let blocks = &mut document.blocks;
    blocks.push(heading("Les trois conditions"));
    blocks.push(table(
        "Conditions d’une démarche d’IA frugale",
        &[("Question", 30), ("Verdict", 20), ("Pourquoi", 50)],
        outcome
            .gates
            .iter()
            .map(|gate| {
                vec![
                    gate.gate.question().to_owned(),
                    gate.verdict.label().to_owned(),
                    gate.reasons.join(" "),
                ]
            })
            .collect(),
    ));
    blocks.extend(filter(from.assessment));
    blocks.push(heading("Par où continuer"));
    blocks.push(plan(outcome));
    blocks.push(heading("Les quinze pratiques"));
    blocks.push(practices(from));
    blocks.push(heading("Ce que l’on sait de l’empreinte"));
    blocks.extend(coverage(from));
    blocks.push(heading("Comment lire ces chiffres"));
    blocks.push(Block::Items(vec![
        "Une réponse absente compte zéro et reste dans la somme.".to_owned(),
        "Une preuve seule porte jusqu’au niveau 2\u{202f}; relue par une autre personne, jusqu’au niveau 4. Une mesure vaut deux ans, un document trois ans.".to_owned(),
        "La mention repose sur le score prouvé, à partir de 80\u{a0}% de réponses.".to_owned(),
        format!(
            "Intitulés\u{a0}: kit d’engagement pour une IA frugale, juin 2025\u{202f}; le reste est la rédaction de ce projet. Le référentiel complet, l’AFNOR SPEC 2314, est à l’adresse {SPEC_URL}"
        ),
    ]));
    document
}

/// The answers of the filter, blank ones left out.
fn filter(assessment: &Assessment) -> Vec<Block> {
    let filter = &assessment.filter;
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut put = |label: &str, value: String| {
        if !value.trim().is_empty() {
            rows.push(vec![label.to_owned(), value]);
        }
    };
    put("Le besoin", filter.need.clone());
    for one in &filter.alternatives {
        put(
            &format!("Étudié\u{a0}: {}", one.sort.label().to_lowercase()),
            [one.what.as_str(), one.rejected_because.as_str()]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join("\u{a0}: "),
        );
    }
    put("Ce qui y répond sans IA", filter.kept_solution.clone());
    put("Qui décide", filter.decision_owner.clone());
    put("La performance qui suffit", filter.performance_target.clone());
    put("La performance constatée", filter.performance_measured.clone());
    put("Volume maximal par an", number(filter.usage_cap));
    put("Volume de l’année passée", number(filter.usage_observed));
    put("Condition d’arrêt", filter.stop_rule.clone());
    put("Indicateur de l’effet rebond", filter.rebound_watch.clone());
    put("Effets indirects positifs", filter.effects_avoided.clone());
    put("Effets indirects négatifs", filter.effects_caused.clone());
    if rows.is_empty() {
        return vec![Block::Paragraph(
            "Le filtre d’opportunité n’est pas rempli.".to_owned(),
        )];
    }
    vec![table(
        "Réponses du filtre d’opportunité",
        &[("Question", 35), ("Réponse", 65)],
        rows,
    )]
}

fn plan(outcome: &Outcome) -> Block {
    let rows: Vec<Vec<String>> = outcome
        .plan
        .iter()
        .take(ACTIONS)
        .filter_map(action_line)
        .map(Vec::from)
        .collect();
    if rows.is_empty() {
        return Block::Paragraph("Toutes les pratiques sont au plus haut niveau.".to_owned());
    }
    table(
        "Actions dont l’effet attendu est le plus fort, avec ce qu’elles apportent au score prouvé",
        &sized(ACTION_HEADERS, [30, 40, 18, 12]),
        rows,
    )
}

fn practices(from: &Sheet<'_>) -> Block {
    let rows = from
        .standings
        .iter()
        .filter_map(|(id, standing)| practice_line(*id, *standing, &from.assessment.answer(*id)))
        .map(Vec::from)
        .collect();
    table(
        "Niveau déclaré et niveau prouvé, de 0 à 4",
        &sized(PRACTICE_HEADERS, [36, 19, 10, 35]),
        rows,
    )
}

fn coverage(from: &Sheet<'_>) -> Vec<Block> {
    let known = from.coverings;
    let mut blocks = vec![Block::Paragraph(match known.rate {
        Some(rate) => format!(
            "{}\u{a0}% des cases demandées à ce stade du projet sont couvertes.",
            whole(rate)
        ),
        None => "Rien n’est demandé à ce stade du projet.".to_owned(),
    })];
    let rows: Vec<Vec<String>> = known
        .asked
        .iter()
        .map(|cell| {
            let needs_reason = matches!(cell.coverage, Coverage::Negligible | Coverage::NotApplicable);
            vec![
                cell.phase.label().to_owned(),
                cell.tier.label().to_owned(),
                cell.indicator.label().to_owned(),
                if needs_reason {
                    format!("{}\u{a0}: {}", cell.coverage.label(), cell.reason)
                } else {
                    cell.coverage.label().to_owned()
                },
            ]
        })
        .collect();
    if !rows.is_empty() {
        blocks.push(table(
            "Couverture par phase, lieu et indicateur",
            &[
                ("Phase", 30),
                ("Lieu", 20),
                ("Indicateur", 25),
                ("Couverture", 25),
            ],
            rows,
        ));
    }
    for (label, text) in [
        ("Laissé de côté", &from.assessment.coverage.exclusions),
        ("Relu au dehors par", &from.assessment.coverage.reviewer),
    ] {
        if !text.is_empty() {
            blocks.push(Block::Paragraph(format!("{label}\u{a0}: {text}")));
        }
    }
    blocks
}
