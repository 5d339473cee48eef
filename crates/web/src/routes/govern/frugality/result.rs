//! The result of an assessment in words, as a document and as a table.

use serde_json::{Value as Json, json};
use sobria_estimate::service::Coverage;
use sobria_exchange::table::Table;
use sobria_govern::frugality::coverage::Coverings;
use sobria_govern::frugality::{
    Assessment, BADGE, Outcome, Practice, PracticeId, Proposal, RUBRIC_VERSION, SPEC_URL, Standing,
    level_name, table,
};

use super::super::{percent, score_words};
use crate::view::library::Link;
use crate::view::{Bar, BarChart, Fact, ProseSection, ProseTable, RichText};

/// Everything that a result shows.
pub struct Shown<'a> {
    /// Answers.
    pub assessment: &'a Assessment,
    /// Where each practice stands.
    pub standings: &'a [(PracticeId, Standing)],
    /// What it comes to.
    pub outcome: &'a Outcome,
    /// What the record proposes, for whoever writes; blank for a version that is kept.
    pub proposals: &'a [Proposal],
    /// Coverage.
    pub coverings: &'a Coverings,
}

/// The three figures and the words.
pub fn figures(outcome: &Outcome) -> Vec<Fact> {
    vec![
        Fact::new("Prouvé, sur 100", score_words(outcome.score.proven)),
        Fact::new("Déclaré, sur 100", score_words(outcome.score.declared)),
        Fact::new("Taux de réponse", percent(outcome.score.response_rate)),
        Fact::new("Mention", outcome.score.label()),
    ]
}

/// What one should know first.
pub fn notice(outcome: &Outcome) -> Option<RichText> {
    let mut lines = Vec::new();
    if outcome.badge {
        lines.push(format!(
            "**{BADGE}**. Ce n’est pas une certification\u{a0}: le référentiel est d’application volontaire."
        ));
    }
    if outcome.without_ai {
        lines.push("**Besoin traité sans IA.** Un renoncement argumenté est un retour d’expérience\u{a0}: il peut être publié dans la bibliothèque.".to_owned());
    }
    if !outcome.outdated.is_empty() {
        let numbers: Vec<String> = outcome
            .outdated
            .iter()
            .map(|id| id.number().to_string())
            .collect();
        lines.push(format!(
            "Des réponses reposent sur des faits qui ont changé depuis\u{a0}: pratiques {}. Revoyez-les.",
            numbers.join(", ")
        ));
    }
    (!lines.is_empty()).then(|| RichText::parse(&lines.join("\n\n")))
}

/// The parts of a result.
pub fn sections(shown: &Shown<'_>) -> Vec<ProseSection> {
    vec![
        gates(shown),
        plan(shown),
        pillars(shown),
        practices(shown),
        coverage(shown),
        reading(),
    ]
}

fn gates(shown: &Shown<'_>) -> ProseSection {
    let mut text = String::new();
    for gate in &shown.outcome.gates {
        text.push_str(&format!(
            "- **{} {}.** {}\n",
            gate.gate.question(),
            gate.verdict.label(),
            gate.reasons.join(" ")
        ));
    }
    ProseSection::new("conditions", "Les trois conditions", &text)
}

fn plan(shown: &Shown<'_>) -> ProseSection {
    let rows: Vec<Vec<String>> = shown
        .outcome
        .plan
        .iter()
        .take(5)
        .filter_map(|action| {
            let practice = Practice::of(action.practice)?;
            let what = if action.proof_only {
                format!("Faire relire une preuve du niveau {} déclaré.", action.target)
            } else {
                practice.level(action.target).unwrap_or("").to_owned()
            };
            let who: Vec<&str> = practice.who.iter().map(|who| who.label()).collect();
            Some(vec![
                format!("{}. {}", action.practice.number(), practice.title),
                what,
                who.join(", "),
                format!("+{}", crate::locale::decimal(action.gain, 1)),
            ])
        })
        .collect();
    let mut section = ProseSection::new(
        "actions",
        "Par où continuer",
        "Les actions dont l’effet attendu est le plus fort d’abord.",
    );
    if rows.is_empty() {
        section.text = RichText::parse("Toutes les pratiques sont au plus haut niveau.");
    } else {
        section.table = Some(ProseTable {
            caption: "Actions, avec ce qu’elles apportent au score prouvé".to_owned(),
            headers: ["Pratique", "À faire", "Qui", "Points"]
                .map(str::to_owned)
                .to_vec(),
            rows,
        });
    }
    section
}

fn pillars(shown: &Shown<'_>) -> ProseSection {
    let mut section = ProseSection::new("groupes", "Par groupe de pratiques", "");
    let bars = shown
        .outcome
        .score
        .pillars
        .iter()
        .map(|pillar| {
            let (proven, declared) = (pillar.proven.unwrap_or(0.0), pillar.declared.unwrap_or(0.0));
            Bar {
                label: format!("{}, déclaré {}", pillar.pillar.label(), score_words(declared)),
                value: match pillar.proven {
                    Some(_) => score_words(proven),
                    None => "–".to_owned(),
                },
                length: (0..=100_u32)
                    .rev()
                    .find(|length| f64::from(*length) <= proven)
                    .unwrap_or(0),
                theme: None,
                href: None,
            }
        })
        .collect();
    section.chart = Some(BarChart {
        id: "groupes-barres".to_owned(),
        title: "Score prouvé par groupe, sur 100".to_owned(),
        label_header: "Groupe".to_owned(),
        value_header: "Prouvé, sur 100".to_owned(),
        bars,
    });
    section
}

fn level_words(level: u8) -> String {
    format!("{level}, {}", level_name(level).to_lowercase())
}

fn practices(shown: &Shown<'_>) -> ProseSection {
    let rows = shown
        .standings
        .iter()
        .filter_map(|(id, standing)| {
            let practice = Practice::of(*id)?;
            let answer = shown.assessment.answer(*id);
            let (declared, proven) = match standing {
                Standing::Blank if answer.not_applicable.is_some() => {
                    ("Sans objet, pas encore confirmé".to_owned(), "0".to_owned())
                }
                Standing::Blank => ("Sans réponse".to_owned(), "0".to_owned()),
                Standing::Excluded => ("Sans objet".to_owned(), "–".to_owned()),
                Standing::Answered { .. } => {
                    (level_words(standing.declared()), standing.proven().to_string())
                }
            };
            let mut proof = match (&answer.evidence, &answer.not_applicable) {
                (_, Some(reason)) => reason.clone(),
                (Some(evidence), None) => match evidence.dated {
                    Some(day) => format!("{} ({})", evidence.text, crate::locale::day(day)),
                    None => format!("{} (sans date)", evidence.text),
                },
                (None, None) => String::new(),
            };
            if answer.reviewed {
                proof.push_str(", relue");
            }
            if let Some(proposal) = shown.proposals.iter().find(|one| one.practice == *id) {
                let origins: Vec<String> = proposal
                    .origins
                    .iter()
                    .map(sobria_govern::frugality::Origin::words)
                    .collect();
                proof = [proof, format!("proposé d’après {}", origins.join(", "))]
                    .into_iter()
                    .filter(|part| !part.is_empty())
                    .collect::<Vec<_>>()
                    .join(" ; ");
            }
            Some(vec![
                format!("{}. {}", id.number(), practice.title),
                declared,
                proven,
                proof,
            ])
        })
        .collect();
    let mut section = ProseSection::new("pratiques", "Les quinze pratiques", "");
    section.table = Some(ProseTable {
        caption: "Niveau déclaré et niveau prouvé de chaque pratique".to_owned(),
        headers: ["Pratique", "Déclaré", "Prouvé", "Preuve"]
            .map(str::to_owned)
            .to_vec(),
        rows,
    });
    section
}

fn coverage(shown: &Shown<'_>) -> ProseSection {
    let known = shown.coverings;
    let text = match known.rate {
        Some(rate) => format!(
            "{} des cases demandées à ce stade du projet sont couvertes. Une case négligeable sans raison écrite compte comme non couverte.",
            percent(rate)
        ),
        None => "Rien n’est demandé à ce stade du projet.".to_owned(),
    };
    let mut section = ProseSection::new("couverture", "Ce que l’on sait de l’empreinte", &text);
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut last = None;
    for cell in &known.required {
        if last != Some((cell.phase, cell.tier)) {
            last = Some((cell.phase, cell.tier));
            rows.push(vec![format!(
                "{}, {}",
                cell.phase.label(),
                cell.tier.label().to_lowercase()
            )]);
        }
        if let Some(row) = rows.last_mut() {
            row.push(cell.coverage.label().to_owned());
        }
    }
    let nothing = Coverage::NotCovered.label();
    let (unknown, mut rows): (Vec<_>, Vec<_>) = rows
        .into_iter()
        .partition(|row| row.iter().skip(1).all(|cell| cell == nothing));
    if !unknown.is_empty() {
        let names: Vec<&str> = unknown
            .iter()
            .filter_map(|row| row.first())
            .map(String::as_str)
            .collect();
        section
            .text
            .0
            .extend(RichText::parse(&format!("Rien n’est connu de\u{a0}: {}.", names.join(" ; "))).0);
    }
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut headers = vec!["Phase et lieu".to_owned()];
    for cell in &known.required {
        let label = cell.indicator.label().to_owned();
        if headers.len() < width && !headers.contains(&label) {
            headers.push(label);
        }
    }
    for row in &mut rows {
        row.resize(headers.len(), "Sans objet".to_owned());
    }
    if !rows.is_empty() {
        section.table = Some(ProseTable {
            caption: "Couverture par phase, lieu et indicateur".to_owned(),
            headers,
            rows,
        });
    }
    section
        .links
        .push(Link::new("Évaluer le service entier", "/estimer/service"));
    section
}

fn reading() -> ProseSection {
    ProseSection::new(
        "lire",
        "Comment lire ces chiffres",
        &format!(
            "- Une réponse absente compte zéro, et reste dans la somme.\n- Une preuve seule porte jusqu’au niveau 2\u{202f}; relue par une autre personne, jusqu’au niveau 4. Une mesure vaut deux ans, un document trois ans.\n- Le score prouvé ne dépasse jamais le score déclaré\u{202f}; la mention repose sur le score prouvé, à partir de 80\u{a0}% de réponses.\n- Les intitulés viennent du kit d’engagement de juin 2025\u{202f}; le reste est la rédaction de ce projet. Le référentiel complet, l’AFNOR SPEC 2314, se télécharge gratuitement\u{a0}: [boutique de l’AFNOR]({SPEC_URL}).\n- Barème version {RUBRIC_VERSION}."
        ),
    )
}

/// The assessment as a document from which every figure can be worked out again.
pub fn document(shown: &Shown<'_>, about: &Json) -> Json {
    let score = &shown.outcome.score;
    json!({
        "about": about,
        "rubric_version": RUBRIC_VERSION,
        "score": {
            "declared": score.declared,
            "proven": score.proven,
            "response_rate": score.response_rate,
            "grade": score.grade.map(|grade| grade.code()),
            "weight": score.weight,
        },
        "badge": shown.outcome.badge,
        "met_without_ai": shown.outcome.without_ai,
        "gates": shown.outcome.gates.iter().map(|gate| json!({
            "gate": gate.gate.code(),
            "verdict": gate.verdict.code(),
            "reasons": gate.reasons,
        })).collect::<Vec<_>>(),
        "practices": shown.standings.iter().filter_map(|(id, standing)| {
            let practice = Practice::of(*id)?;
            let answer = shown.assessment.answer(*id);
            let backing = match standing {
                Standing::Answered { backing, .. } => Some(*backing),
                Standing::Blank | Standing::Excluded => None,
            };
            Some(json!({
                "id": id.code(),
                "title": practice.title,
                "pillar": practice.pillar.code(),
                "scope": practice.scope.code(),
                "weight": practice.weight,
                "source": practice.source,
                "excluded": *standing == Standing::Excluded,
                "answered": matches!(standing, Standing::Answered { .. }),
                "declared": standing.declared(),
                "backing": backing,
                "proven": standing.proven(),
                "evidence": answer.evidence,
                "reviewed": answer.reviewed,
                "not_applicable": answer.not_applicable,
            }))
        }).collect::<Vec<_>>(),
        "filter": shown.assessment.filter,
        "coverage_rate": shown.coverings.rate,
        "plan": shown.outcome.plan.iter().map(|action| json!({
            "practice": action.practice.code(),
            "target": action.target,
            "gain": action.gain,
            "proof_only": action.proof_only,
        })).collect::<Vec<_>>(),
    })
}

/// One row per practice.
pub fn rows(shown: &Shown<'_>) -> Table {
    Table {
        title: "Frugalité".to_owned(),
        headers: [
            "pratique",
            "intitule",
            "groupe",
            "poids",
            "etat",
            "declare",
            "preuve_portee",
            "prouve",
            "preuve",
            "date_preuve",
            "relue",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: shown
            .standings
            .iter()
            .filter_map(|(id, standing)| {
                let practice = table::PRACTICES.iter().find(|one| one.id == *id)?;
                let answer = shown.assessment.answer(*id);
                let (state, backing) = match standing {
                    Standing::Blank => ("vide", String::new()),
                    Standing::Excluded => ("sans_objet", String::new()),
                    Standing::Answered { backing, .. } => ("repondu", backing.to_string()),
                };
                let evidence = answer.evidence.unwrap_or_default();
                Some(vec![
                    id.code(),
                    practice.title.to_owned(),
                    practice.pillar.code().to_owned(),
                    practice.weight.to_string(),
                    state.to_owned(),
                    standing.declared().to_string(),
                    backing,
                    standing.proven().to_string(),
                    evidence.text,
                    evidence.dated.map(|day| day.to_string()).unwrap_or_default(),
                    if answer.reviewed { "oui" } else { "non" }.to_owned(),
                ])
            })
            .collect(),
    }
}
