//! The documents of a purchase. Nothing is in them that the buyer did not type or that the tables do not hold.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::document::{Block, Document, LEGAL_REVIEW, french_day, heading, table, words};
use crate::procurement::VERSION;
use crate::procurement::clause::{CLAUSES, Piece, proposed};
use crate::procurement::criteria::{Criteria, Frozen};
use crate::procurement::depth::{Depth, Need, propose};
use crate::procurement::question::{ANCHORS, Question, Theme, asked};
use crate::procurement::score::{Answers, Marks, Score, Standing};
use crate::procurement::threshold::{CHECKED_ON, procedure};

/// What is bought, in words.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Purchase {
    /// Name of the project.
    pub title: String,
    /// Who buys.
    pub organisation: String,
    /// What is needed.
    pub need_text: String,
    /// What else was considered, without AI included.
    pub alternatives: String,
    /// Who decides to stop, and on what.
    pub stop_rule: String,
    /// Most usage that is accepted.
    pub volume_cap: String,
    /// The figures that decide how much to ask.
    pub need: Need,
    /// How much is asked.
    pub depth: Option<Depth>,
    /// Why less than proposed; blank otherwise.
    pub depth_reason: String,
    /// Clauses kept; those proposed when none was chosen.
    pub clauses: BTreeSet<String>,
    /// Values of clauses, under `C01.30`.
    pub values: BTreeMap<String, String>,
}

impl Purchase {
    /// How much is asked: what was chosen, else what is proposed.
    #[must_use]
    pub fn depth(&self) -> Depth {
        self.depth.unwrap_or_else(|| propose(&self.need).depth)
    }

    fn document(&self, title: &str, today: Date) -> Document {
        Document {
            title: title.to_owned(),
            subject: self.title.clone(),
            organisation: self.organisation.clone(),
            date: today,
            version: format!("questionnaire {VERSION}"),
            facts: vec![("Seuils vérifiés le".to_owned(), french_day(CHECKED_ON))],
            warning: LEGAL_REVIEW.to_owned(),
            blocks: Vec::new(),
        }
    }
}

/// Why the need calls for AI, what else was considered, and how much will be asked.
#[must_use]
pub fn need_note(purchase: &Purchase, today: Date) -> Document {
    let mut document = purchase.document("Note d’opportunité", today);
    let proposal = propose(&purchase.need);
    document.blocks = vec![
        heading("Le besoin"),
        words(&purchase.need_text),
        heading("Les autres façons d’y répondre"),
        words(&purchase.alternatives),
        heading("Qui décidera d’arrêter, et sur quel indicateur"),
        words(&purchase.stop_rule),
        heading("Le volume maximal accepté"),
        words(&purchase.volume_cap),
        heading("Profondeur du questionnaire"),
        Block::Paragraph(format!(
            "Proposée\u{a0}: {} ({} questions, {} pour y répondre), parce que\u{a0}: {}.",
            proposal.depth.label(),
            asked(proposal.depth).count(),
            proposal.depth.time(),
            proposal.reasons.join(" ; ")
        )),
        Block::Paragraph(format!(
            "Retenue\u{a0}: {}. {}",
            purchase.depth().label(),
            purchase.depth_reason.trim()
        )),
        Block::Paragraph(procedure(purchase.need.value_ht, today)),
    ];
    document
}

fn question_rows(questions: &[&'static Question]) -> Vec<Vec<String>> {
    questions
        .iter()
        .map(|question| {
            vec![
                question.id.to_owned(),
                question.text.to_owned(),
                question.kind.label(),
                question.evidence.to_owned(),
                String::new(),
            ]
        })
        .collect()
}

/// The questions of a theme, with room for what is answered.
fn questions_table(theme: Theme, answer: &str, rows: Vec<Vec<String>>) -> Block {
    table(
        &format!("Questions du thème «\u{a0}{}\u{a0}»", theme.label()),
        &[
            ("N°", 10),
            ("Question", 35),
            ("Réponse attendue", 15),
            ("Preuve", 25),
            (answer, 25),
        ],
        rows,
    )
}

fn by_theme(questions: impl Iterator<Item = &'static Question>) -> BTreeMap<Theme, Vec<&'static Question>> {
    let mut found: BTreeMap<Theme, Vec<&'static Question>> = BTreeMap::new();
    for question in questions {
        found.entry(question.theme).or_default().push(question);
    }
    found
}

/// The questions of the depth, without any mark.
#[must_use]
pub fn questionnaire(purchase: &Purchase, today: Date) -> Document {
    let depth = purchase.depth();
    let mut document = purchase.document("Questionnaire de sourçage", today);
    document.facts.push((
        "Profondeur".to_owned(),
        format!("{}, {} questions", depth.label(), asked(depth).count()),
    ));
    document.blocks.push(Block::Paragraph(
        "Ce questionnaire informe l’acheteur. Aucune note n’est donnée à ce stade, et répondre n’engage à rien. «\u{a0}Je ne sais pas\u{a0}» est une réponse.".to_owned(),
    ));
    for (theme, questions) in by_theme(asked(depth)) {
        document.blocks.push(heading(theme.label()));
        document
            .blocks
            .push(questions_table(theme, "Votre réponse", question_rows(&questions)));
    }
    document
}

/// Requirements, clauses and the frame that offers answer in.
#[must_use]
pub fn tender_annex(purchase: &Purchase, criteria: &Criteria, today: Date) -> Document {
    let depth = purchase.depth();
    let mut document = purchase.document("Annexe «\u{a0}Exigences pour une IA responsable\u{a0}»", today);
    document.blocks.push(heading("1. Objet"));
    document.blocks.push(words(&purchase.need_text));
    document.blocks.push(heading("2. Clauses"));
    let kept = |id: &str| {
        if purchase.clauses.is_empty() {
            proposed(depth).any(|clause| clause.id == id)
        } else {
            purchase.clauses.contains(id)
        }
    };
    for piece in Piece::ALL {
        let rows: Vec<Vec<String>> = CLAUSES
            .iter()
            .filter(|clause| clause.piece == piece && kept(clause.id))
            .map(|clause| vec![clause.id.to_owned(), clause.wording(&purchase.values)])
            .collect();
        if !rows.is_empty() {
            document.blocks.push(Block::Heading(2, piece.label().to_owned()));
            document
                .blocks
                .push(table("Clauses proposées", &[("N°", 10), ("Clause", 90)], rows));
        }
    }
    document.blocks.push(heading("3. Cadre de réponse"));
    document.blocks.push(Block::Paragraph(
        "Le candidat répond à chaque question sous son numéro et numérote ses preuves de même.".to_owned(),
    ));
    for (theme, questions) in by_theme(criteria.questions()) {
        document.blocks.push(Block::Heading(2, theme.label().to_owned()));
        let rows = questions
            .iter()
            .zip(question_rows(&questions))
            .map(|(question, mut row)| {
                if criteria.knockouts.contains(question.id)
                    && let Some(text) = row.get_mut(1)
                {
                    text.push_str(" (éliminatoire)");
                }
                row
            })
            .collect();
        document.blocks.push(questions_table(theme, "Réponse", rows));
    }
    document
}

/// Themes, weights and what each mark means; with the print of what was frozen, when it was.
#[must_use]
pub fn criteria_sheet(
    purchase: &Purchase,
    criteria: &Criteria,
    frozen: Option<&Frozen>,
    today: Date,
) -> Document {
    let mut document = purchase.document("Barème", today);
    match frozen {
        Some(frozen) => {
            document.facts.push(("Figé le".to_owned(), moment(frozen.at())));
            document
                .facts
                .push(("Empreinte SHA-256".to_owned(), frozen.digest().to_owned()));
            document
                .facts
                .push(("Barème n°".to_owned(), frozen.number().to_string()));
            if !frozen.reason().is_empty() {
                document.facts.push((
                    "Remplace le précédent parce que".to_owned(),
                    frozen.reason().to_owned(),
                ));
            }
        }
        None => document
            .facts
            .push(("État".to_owned(), "pas encore figé".to_owned())),
    }
    document.blocks.push(heading("Poids des thèmes"));
    let rows = criteria
        .weights
        .iter()
        .map(|(theme, weight)| {
            let count = criteria
                .questions()
                .filter(|question| question.theme == *theme)
                .count();
            vec![theme.label().to_owned(), weight.to_string(), count.to_string()]
        })
        .collect();
    document.blocks.push(table(
        "Poids des thèmes, sur 100",
        &[("Thème", 60), ("Poids", 20), ("Questions", 20)],
        rows,
    ));
    document.blocks.push(heading("Notes"));
    document.blocks.push(Block::Items(
        ANCHORS
            .iter()
            .enumerate()
            .map(|(mark, meaning)| format!("{mark}\u{a0}: {meaning}"))
            .collect(),
    ));
    document.blocks.push(Block::Paragraph(
        "Note d’un thème\u{a0}: somme des notes divisée par quatre fois le nombre de questions. Une absence de réponse vaut 0 et compte. Total\u{a0}: moyenne des thèmes selon leur poids. Un écart de deux points entre les deux évaluateurs appelle un accord écrit.".to_owned(),
    ));
    let rows = criteria
        .questions()
        .map(|question| {
            let own = if question.anchors() == ANCHORS {
                String::new()
            } else {
                question
                    .anchors()
                    .iter()
                    .enumerate()
                    .map(|(mark, meaning)| format!("{mark}\u{a0}: {meaning}"))
                    .collect::<Vec<_>>()
                    .join(" ; ")
            };
            let knockout = if criteria.knockouts.contains(question.id) {
                "oui"
            } else {
                "non"
            };
            vec![
                question.id.to_owned(),
                question.text.to_owned(),
                knockout.to_owned(),
                own,
            ]
        })
        .collect();
    document.blocks.push(heading("Questions notées"));
    document.blocks.push(table(
        "Questions notées",
        &[
            ("N°", 8),
            ("Question", 50),
            ("Éliminatoire", 14),
            ("Sens des notes, s’il est propre", 28),
        ],
        rows,
    ));
    if !criteria.not_applicable.is_empty() {
        document.blocks.push(Block::Paragraph(format!(
            "Sans objet pour tous les candidats\u{a0}: {}.",
            criteria
                .not_applicable
                .iter()
                .cloned()
                .collect::<Vec<_>>()
                .join(", ")
        )));
    }
    document
}

/// One offer in the report.
#[derive(Debug, Clone)]
pub struct Offer {
    /// Who offers.
    pub supplier: String,
    /// What they answered.
    pub answers: Answers,
    /// Marks that both evaluators stand behind.
    pub marks: Marks,
    /// What it is worth.
    pub score: Score,
    /// How it stands.
    pub standing: Standing,
}

/// Scores, why, and how sturdy the ranking is. Not public.
#[must_use]
pub fn analysis_report(purchase: &Purchase, frozen: &Frozen, offers: &[Offer], today: Date) -> Document {
    let mut document = purchase.document("Rapport d’analyse, partie IA responsable", today);
    document.warning = format!("{LEGAL_REVIEW} Document non public.");
    document.facts.push((
        "Barème".to_owned(),
        format!(
            "n° {}, figé le {}, {}",
            frozen.number(),
            moment(frozen.at()),
            frozen.digest()
        ),
    ));
    let rows = offers
        .iter()
        .map(|offer| {
            vec![
                offer.supplier.clone(),
                decimal(offer.score.total),
                offer.standing.rank.map_or_else(
                    || format!("hors classement ({})", offer.score.knocked_out.join(", ")),
                    |rank| rank.to_string(),
                ),
                format!("{}\u{a0}%", whole(offer.standing.first * 100.0)),
                format!("{}\u{a0}%", whole(offer.score.evidence_rate * 100.0)),
                format!("{}\u{a0}%", whole(offer.score.disclosure_rate * 100.0)),
            ]
        })
        .collect();
    document.blocks.push(heading("Classement"));
    document.blocks.push(table(
        "Notes sur 100. «\u{a0}Premier\u{a0}»\u{a0}: part de 1\u{202f}000 tirages où chaque poids varie de 20\u{a0}%.",
        &[("Candidat", 30), ("Note", 12), ("Rang", 22), ("Premier", 12), ("Preuves", 12), ("Réponses", 12)],
        rows,
    ));
    for offer in offers {
        document.blocks.push(heading(&offer.supplier));
        let rows = frozen
            .criteria()
            .questions()
            .map(|question| {
                let mark = offer.marks.get(question.id).cloned().unwrap_or_default();
                let answer = offer.answers.get(question.id).cloned().unwrap_or_default();
                let said = if answer.unknown {
                    "Ne sait pas".to_owned()
                } else if answer.text.trim().is_empty() {
                    "Sans réponse".to_owned()
                } else {
                    answer.text
                };
                vec![question.id.to_owned(), said, mark.score.to_string(), mark.comment]
            })
            .collect();
        document.blocks.push(table(
            &format!("Réponses et notes de {}", offer.supplier),
            &[("N°", 8), ("Réponse", 44), ("Note", 8), ("Justification", 40)],
            rows,
        ));
    }
    document
}

/// Answers side by side: the blocks are made where the answers are read.
#[must_use]
pub fn supplier_comparison(
    purchase: &Purchase,
    frozen: Option<&Frozen>,
    blocks: Vec<Block>,
    today: Date,
) -> Document {
    let mut document = purchase.document("Comparaison des réponses", today);
    document.warning = format!("{LEGAL_REVIEW} Document non public.");
    if let Some(frozen) = frozen {
        document.facts.push((
            "Barème".to_owned(),
            format!(
                "n° {}, figé le {}, {}",
                frozen.number(),
                moment(frozen.at()),
                frozen.digest()
            ),
        ));
    }
    document.blocks = blocks;
    document
}

/// Who owes what and when: what, who, when and state in each row.
#[must_use]
pub fn schedule_sheet(purchase: &Purchase, rows: Vec<Vec<String>>, today: Date) -> Document {
    let mut document = purchase.document("Échéancier d’exécution", today);
    document.blocks = vec![
        heading("Livrables"),
        table(
            "Livrables attendus, par date",
            &[
                ("Livrable", 46),
                ("Qui le doit", 16),
                ("Échéance", 18),
                ("État", 20),
            ],
            rows,
        ),
    ];
    document
}

fn moment(at: Timestamp) -> String {
    // UTC is named: a frozen print must not depend on the clock of a reader.
    format!("{} UTC", at.strftime("%d/%m/%Y à %H:%M"))
}

fn decimal(value: f64) -> String {
    format!("{value:.1}").replace('.', ",")
}

fn whole(value: f64) -> String {
    format!("{value:.0}")
}
