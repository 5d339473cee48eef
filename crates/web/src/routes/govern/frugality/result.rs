//! The result of an assessment in words, as a document and as a table.

use serde_json::{Value as Json, json};
use sobria_estimate::service::{Coverage, Indicator};
use sobria_exchange::table::Table;
use sobria_govern::frugality::coverage::{Cell, Coverings};
use sobria_govern::frugality::line::{ACTION_HEADERS, PRACTICE_HEADERS, action_line, practice_line};
use sobria_govern::frugality::{
    Assessment, BADGE, Outcome, Practice, PracticeId, Proposal, RUBRIC_VERSION, SPEC_URL, Standing,
    WITHOUT_AI, claims, table,
};

use super::super::{percent, score_words};
use crate::view::library::Link;
use crate::view::{Bar, BarChart, Fact, ProseSection, ProseTable, RichText, StateGrid};

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
    if outcome.renounced {
        lines.push(format!("**{WITHOUT_AI}.** Un renoncement argumenté est un retour d’expérience\u{a0}: il peut être publié dans la bibliothèque."));
    } else if outcome.without_ai {
        lines.push(format!("**{WITHOUT_AI}**, mais il manque de quoi l’expliquer à d’autres\u{a0}: voyez la première condition."));
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
    if !outcome.outdated_texts.is_empty() {
        let names: Vec<&str> = outcome
            .outdated_texts
            .iter()
            .map(|field| match field.as_str() {
                "besoin" => "le besoin",
                "arret" => "la condition d’arrêt",
                "plafond" => "le volume maximal",
                _ => "les solutions écartées",
            })
            .collect();
        lines.push(format!(
            "Des réponses du filtre reposent sur des faits qui ont changé depuis\u{a0}: {}. Revoyez-les.",
            names.join(", ")
        ));
    }
    (!lines.is_empty()).then(|| RichText::parse(&lines.join("\n\n")))
}

/// The parts of a result.
pub fn sections(shown: &Shown<'_>) -> Vec<ProseSection> {
    let mut sections = vec![gates(shown)];
    sections.extend(without_ai(shown));
    sections.extend([plan(shown), pillars(shown), practices(shown), coverage(shown)]);
    sections.extend(claimed(shown));
    sections.push(reading());
    sections
}

/// A need that is met without AI, told as others will read it.
fn without_ai(shown: &Shown<'_>) -> Option<ProseSection> {
    let filter = &shown.assessment.filter;
    if !shown.outcome.without_ai {
        return None;
    }
    let mut lines = Vec::new();
    for (label, text) in [
        ("Le besoin", &filter.need),
        ("Ce qui y répond", &filter.kept_solution),
        ("Décidé par", &filter.decision_owner),
    ] {
        if !text.is_empty() {
            lines.push(format!("- **{label}**\u{a0}: {}", one_line(text)));
        }
    }
    for one in filter.alternatives.iter().filter(|one| !one.what.is_empty()) {
        lines.push(format!(
            "- **Également étudié**\u{a0}: {} ({})",
            one_line(&one.what),
            one_line(&one.rejected_because)
        ));
    }
    Some(ProseSection::new("sans-ia", WITHOUT_AI, &lines.join("\n")))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Words that claim more than figures can show.
fn claimed(shown: &Shown<'_>) -> Option<ProseSection> {
    let filter = &shown.assessment.filter;
    let evidence = shown
        .assessment
        .answers
        .values()
        .filter_map(|answer| answer.evidence.as_ref())
        .map(|evidence| evidence.text.as_str());
    let texts = [
        filter.need.as_str(),
        &filter.kept_solution,
        &filter.performance_target,
        &filter.effects_avoided,
        &filter.effects_caused,
        &shown.assessment.coverage.exclusions,
    ];
    let mut lines: Vec<String> = texts
        .into_iter()
        .chain(evidence)
        .flat_map(claims)
        .map(|claim| format!("- «\u{a0}{}\u{a0}»\u{a0}: {}.", claim.words, claim.advice))
        .collect();
    lines.sort();
    lines.dedup();
    (!lines.is_empty()).then(|| ProseSection::new("mots", "Mots à préciser", &lines.join("\n")))
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

/// Actions that are told in full; the others are named.
const FIRST_ACTIONS: usize = 3;

fn plan(shown: &Shown<'_>) -> ProseSection {
    let all = &shown.outcome.plan;
    let rows: Vec<Vec<String>> = all
        .iter()
        .take(FIRST_ACTIONS)
        .filter_map(action_line)
        .map(Vec::from)
        .collect();
    let mut section = ProseSection::new("actions", "Par où continuer", "");
    if rows.is_empty() {
        section.text = RichText::parse("Toutes les pratiques sont au plus haut niveau.");
        return section;
    }
    let others: Vec<String> = all
        .iter()
        .skip(FIRST_ACTIONS)
        .map(|action| action.practice.number().to_string())
        .collect();
    let mut text = "Les actions dont l’effet attendu est le plus fort d’abord\u{a0}: les pratiques que le référentiel juge les plus efficaces, puis ce que chacune apporte au score prouvé.".to_owned();
    if !others.is_empty() {
        text.push_str(&format!(
            " Viennent ensuite, dans cet ordre, les pratiques {}.",
            others.join(", ")
        ));
    }
    section.text = RichText::parse(&text);
    section.table = Some(ProseTable {
        caption: "Actions, avec ce qu’elles apportent au score prouvé".to_owned(),
        headers: ACTION_HEADERS.map(str::to_owned).to_vec(),
        rows,
    });
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

pub fn practices(shown: &Shown<'_>) -> ProseSection {
    let rows = shown
        .standings
        .iter()
        .filter_map(|(id, standing)| {
            let mut line = practice_line(*id, *standing, &shown.assessment.answer(*id))?;
            let [.., proof] = &mut line;
            if let Some(proposal) = shown.proposals.iter().find(|one| one.practice == *id) {
                let origins: Vec<String> = proposal
                    .origins
                    .iter()
                    .map(sobria_govern::frugality::Origin::words)
                    .collect();
                if !proof.is_empty() {
                    proof.push_str("\u{202f}; ");
                }
                proof.push_str(&format!("proposé d’après {}", origins.join(", ")));
            }
            Some(Vec::from(line))
        })
        .collect();
    let mut section = ProseSection::new("pratiques", "Les quinze pratiques", "");
    section.table = Some(ProseTable {
        caption: "Niveau déclaré et niveau prouvé de chaque pratique".to_owned(),
        headers: PRACTICE_HEADERS.map(str::to_owned).to_vec(),
        rows,
    });
    section
}

fn coverage(shown: &Shown<'_>) -> ProseSection {
    let known = shown.coverings;
    let text = match known.rate {
        Some(rate) => format!(
            "{} des cases demandées à ce stade du projet sont couvertes. Une case négligeable ou sans objet sans raison écrite compte comme non couverte.",
            percent(rate)
        ),
        None => "Rien n’est demandé à ce stade du projet.".to_owned(),
    };
    let mut section = ProseSection::new("couverture", "Ce que l’on sait de l’empreinte", &text);
    let indicators: Vec<Indicator> = Indicator::ALL
        .iter()
        .copied()
        .filter(|indicator| known.asked.iter().any(|cell| cell.indicator == *indicator))
        .collect();
    let (mut rows, mut unknown, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
    for place in known
        .asked
        .chunk_by(|a, b| (a.phase, a.tier) == (b.phase, b.tier))
    {
        let Some(first) = place.first() else { continue };
        let name = format!("{}, {}", first.phase.label(), first.tier.label().to_lowercase());
        let needs_reason =
            |cell: &&Cell| matches!(cell.coverage, Coverage::Negligible | Coverage::NotApplicable);
        let mut told: Vec<&str> = place
            .iter()
            .filter(needs_reason)
            .map(|cell| cell.reason.trim())
            .collect();
        told.dedup();
        reasons.extend(told.iter().map(|reason| format!("- {name}\u{a0}: {reason}")));
        // A place of which nothing is known is named, not drawn: the grid stays readable.
        if place.iter().all(|cell| cell.coverage == Coverage::NotCovered) {
            unknown.push(name);
            continue;
        }
        let cells = indicators
            .iter()
            .map(|indicator| {
                let cell = place.iter().find(|cell| cell.indicator == *indicator);
                let coverage = cell.map_or(Coverage::NotApplicable, |cell| cell.coverage);
                (coverage.label().to_owned(), coverage.id())
            })
            .collect();
        rows.push((name, cells));
    }
    let mut more = Vec::new();
    if !unknown.is_empty() {
        more.push(format!("Rien n’est connu de\u{a0}: {}.", unknown.join(" ; ")));
    }
    if !reasons.is_empty() {
        more.push(format!(
            "Ce qui est négligeable ou sans objet, et pourquoi\u{a0}:\n\n{}",
            reasons.join("\n")
        ));
    }
    for (label, text) in [
        ("Laissé de côté", &shown.assessment.coverage.exclusions),
        ("Relu au dehors par", &shown.assessment.coverage.reviewer),
    ] {
        if !text.is_empty() {
            more.push(format!("{label}\u{a0}: {text}"));
        }
    }
    section.text.0.extend(RichText::parse(&more.join("\n\n")).0);
    if !rows.is_empty() {
        let mut headers = vec!["Phase et lieu".to_owned()];
        headers.extend(indicators.iter().map(|indicator| indicator.label().to_owned()));
        section.grid = Some(StateGrid {
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
        "renunciation_argued": shown.outcome.renounced,
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
