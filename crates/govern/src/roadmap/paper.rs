//! The documents of a roadmap: work programme, yearly report, record of the decisions of a committee. Nothing is in
//! them that was not written or worked out from what was.

use jiff::civil::Date;

use super::appointment::Appointment;
use super::committee::{Decision, Move, Seen, Standing, Tile};
use super::follow::follow;
use super::strategy::{Strategy, Theme};
use super::target::Target;
use super::training::{Session, Trained};
use super::value::Value;
use crate::document::{Block, Document, LEGAL_REVIEW, french_day, heading, table, words};
pub use crate::number::figure;

/// Everything that documents are made from.
#[derive(Debug, Clone, Copy)]
pub struct Papers<'a> {
    /// Who makes it.
    pub organisation: &'a str,
    /// The strategy.
    pub strategy: &'a Strategy,
    /// Number of its version.
    pub version: u32,
    /// Values by objective, in the order in which they were kept.
    pub values: &'a [(String, Vec<Value>)],
    /// Trainings.
    pub sessions: &'a [Session],
    /// Who answers for it.
    pub appointments: &'a [Appointment],
    /// What records say today.
    pub seen: &'a Seen,
    /// Today.
    pub today: Date,
}

impl Papers<'_> {
    fn document(&self, title: &str) -> Document {
        Document {
            title: title.to_owned(),
            subject: self.strategy.title.clone(),
            organisation: self.organisation.to_owned(),
            date: self.today,
            version: format!("stratégie, version {}", self.version),
            facts: vec![("État".to_owned(), self.strategy.stage.label().to_owned())],
            warning: LEGAL_REVIEW.to_owned(),
            blocks: Vec::new(),
        }
    }

    fn values(&self, goal: &str) -> &[Value] {
        self.values
            .iter()
            .find(|(id, _)| id == goal)
            .map_or(&[], |(_, values)| values.as_slice())
    }
}

/// A figure with its unit.
#[must_use]
pub fn with_unit(value: f64, unit: &str) -> String {
    if unit == "nb" {
        figure(value)
    } else {
        format!("{}\u{a0}{unit}", figure(value))
    }
}

/// A target in words.
#[must_use]
pub fn target_words(target: Target, unit: &str) -> String {
    match target {
        Target::Absolute(value) => with_unit(value, unit),
        Target::Threshold(value) => format!("{} chaque année", with_unit(value, unit)),
        Target::Relative(value) if value > 0.0 => format!("+{}\u{a0}%", figure(value)),
        Target::Relative(value) => format!("{}\u{a0}%", figure(value)),
    }
}

fn or_dash(text: String) -> String {
    if text.is_empty() { "–".to_owned() } else { text }
}

/// What was known of the territory before the strategy, for those who begin.
#[must_use]
pub fn work_programme(papers: &Papers<'_>) -> Document {
    let mut document = papers.document("Programme de travail numérique responsable");
    let programme = &papers.strategy.programme;
    if let Some(day) = programme.published_on {
        document
            .facts
            .push(("Rendu public le".to_owned(), french_day(day)));
    }
    document.blocks = vec![
        heading("Impact environnemental du numérique sur le territoire"),
        words(&programme.impact_review),
        heading("Usages du numérique sur le territoire"),
        words(&programme.usage_review),
        heading("Actions déjà engagées"),
        words(&programme.actions_taken),
        heading("Acteurs publics et privés associés"),
        words(&programme.stakeholders),
        heading("Moyens"),
        words(&papers.strategy.means),
        heading("Cadre"),
        Block::Items(
            super::obligation::DEADLINES
                .iter()
                .map(|deadline| {
                    let by = deadline.by.map_or_else(
                        || "chaque année".to_owned(),
                        |day| format!("au plus tard le {}", french_day(day)),
                    );
                    format!("{}\u{a0}: {by} ({}).", deadline.what, deadline.source)
                })
                .collect(),
        ),
    ];
    document
}

/// The yearly report, to be put in the report on sustainable development.
#[must_use]
pub fn annual_report(papers: &Papers<'_>, year: i16, decisions: &[Decision]) -> Document {
    let mut document = papers.document(&format!(
        "Bilan annuel {year} de la stratégie numérique responsable"
    ));
    document.facts.push(("Année".to_owned(), year.to_string()));
    let strategy = papers.strategy;
    let mut blocks = vec![
        heading("Objectifs et indicateurs"),
        Block::Paragraph(
            "Une valeur absente n’a pas été relevée\u{a0}: elle n’est pas nulle. Les effets évités ne sont pas comptés dans les totaux.".to_owned(),
        ),
        table(
            &format!("Objectifs, valeurs de {} et de {year}", year - 1),
            &[
                ("Objectif", 5),
                ("Base", 3),
                ("Cible", 3),
                ("Année précédente", 2),
                ("Année", 2),
                ("État", 2),
            ],
            strategy
                .goals
                .iter()
                .map(|goal| {
                    let values = papers.values(&goal.id);
                    let kept = super::value::standing(values, goal.baseline_number());
                    let of = |year: i16| {
                        kept.iter()
                            .rev()
                            .find(|value| value.period.year() == year)
                            .map(|value| {
                                format!("{} ({})", with_unit(value.value, &goal.unit), value.quality.label().to_lowercase())
                            })
                            .unwrap_or_default()
                    };
                    let base = goal.baseline().map_or_else(String::new, |baseline| {
                        baseline.value.map_or_else(
                            || format!("{}\u{a0}: inconnue", baseline.year),
                            |value| format!("{}\u{a0}: {}", baseline.year, with_unit(value, &goal.unit)),
                        )
                    });
                    vec![
                        format!("{} ({})", goal.label, goal.indicator),
                        base,
                        format!("{}\u{a0}: {}", goal.target_year, target_words(goal.target, &goal.unit)),
                        or_dash(of(year - 1)),
                        or_dash(of(year)),
                        follow(goal, values, papers.today).status.label().to_owned(),
                    ]
                })
                .collect(),
        ),
    ];
    let late: Vec<String> = strategy
        .goals
        .iter()
        .filter_map(|goal| {
            let followed = follow(goal, papers.values(&goal.id), papers.today);
            let gap = followed.gap.filter(|gap| *gap > 0.05)?;
            Some(format!(
                "{}\u{a0}: {}\u{a0}% derrière la trajectoire. À expliquer\u{a0}: …",
                goal.label,
                figure(gap * 100.0)
            ))
        })
        .collect();
    blocks.push(heading("Écarts à expliquer"));
    blocks.push(if late.is_empty() {
        Block::Paragraph("Aucun objectif suivi n’est à plus de 5\u{a0}% de sa trajectoire.".to_owned())
    } else {
        Block::Items(late)
    });
    blocks.push(heading("Mesures et moyens"));
    for theme in Theme::ALL {
        let rows: Vec<Vec<String>> = strategy
            .goals
            .iter()
            .filter(|goal| goal.theme == theme)
            .flat_map(|goal| strategy.measures_of(&goal.id))
            .map(|measure| {
                let years = match (measure.start, measure.end) {
                    (Some(start), Some(end)) => format!("{start}-{end}"),
                    (Some(one), None) | (None, Some(one)) => one.to_string(),
                    (None, None) => "–".to_owned(),
                };
                vec![
                    measure.label.clone(),
                    measure.stage.label().to_owned(),
                    measure
                        .progress_pct
                        .map_or_else(|| "–".to_owned(), |part| format!("{}\u{a0}%", figure(part))),
                    years,
                    measure
                        .budget_eur
                        .map_or_else(|| "–".to_owned(), |budget| with_unit(budget, "€ HT")),
                    measure
                        .fte
                        .map_or_else(|| "–".to_owned(), |fte| with_unit(fte, "ETP")),
                ]
            })
            .collect();
        if !rows.is_empty() {
            blocks.push(table(
                theme.label(),
                &[
                    ("Mesure", 5),
                    ("État", 2),
                    ("Fait", 1),
                    ("Années", 2),
                    ("Budget", 2),
                    ("Temps", 1),
                ],
                rows,
            ));
        }
    }
    if strategy.measures.is_empty() {
        blocks.push(Block::Paragraph("Aucune mesure n’est encore décrite.".to_owned()));
    }
    blocks.push(heading("Services d’intelligence artificielle"));
    blocks.push(figures(papers.seen));
    blocks.push(heading("Formation"));
    let trained = Trained::of(papers.sessions, strategy.staff, strategy.elected, papers.today);
    blocks.push(Block::Paragraph(format!(
        "{}. Part formée\u{a0}: {} des agents, {} des élus, au plus\u{a0}: une personne formée deux fois est comptée deux fois.",
        trained.words(),
        share(trained.agents_share),
        share(trained.elected_share)
    )));
    blocks.push(heading("Décisions du comité"));
    blocks.push(decisions_block(decisions));
    blocks.push(heading("Suite"));
    blocks.push(Block::Paragraph("À compléter.".to_owned()));
    blocks.push(heading("Contact"));
    let contacts: Vec<String> = papers
        .appointments
        .iter()
        .filter(|one| one.public && one.holds(papers.today))
        .map(|one| format!("{}\u{a0}: {}", one.role.label(), one.generic_email))
        .collect();
    blocks.push(if contacts.is_empty() {
        words("")
    } else {
        Block::Items(contacts)
    });
    document.blocks = blocks;
    document
}

fn share(value: Option<f64>) -> String {
    value.map_or_else(
        || "effectif à renseigner".to_owned(),
        |value| format!("{}\u{a0}%", figure(value)),
    )
}

/// The six figures of a committee.
fn figures(seen: &Seen) -> Block {
    let rows = Tile::ALL
        .into_iter()
        .map(|tile| {
            let cap = seen.caps.get(&tile).copied();
            let Some(figure_) = seen.tiles.get(&tile) else {
                return vec![
                    tile.heading().to_owned(),
                    "Non renseigné".to_owned(),
                    "–".to_owned(),
                    cap.map_or_else(|| "–".to_owned(), |cap| with_unit(cap, tile.unit())),
                    "–".to_owned(),
                ];
            };
            vec![
                tile.heading().to_owned(),
                with_unit(figure_.value, tile.unit()),
                figure_.bounds.map_or_else(
                    || "–".to_owned(),
                    |(low, high)| format!("{} à {}", figure(low), figure(high)),
                ),
                cap.map_or_else(|| "–".to_owned(), |cap| with_unit(cap, tile.unit())),
                Standing::of(tile, figure_, cap).label(tile).to_owned(),
            ]
        })
        .collect();
    table(
        &format!(
            "Sommes de l’année, {} services évalués sur {}",
            seen.counted.0, seen.counted.1
        ),
        &[
            ("Grandeur", 3),
            ("Valeur", 3),
            ("Fourchette", 3),
            ("Plafond", 2),
            ("Situation", 3),
        ],
        rows,
    )
}

fn decisions_block(decisions: &[Decision]) -> Block {
    if decisions.is_empty() {
        return Block::Paragraph("Aucune décision.".to_owned());
    }
    table(
        "Décisions",
        &[
            ("Décision", 6),
            ("Nature", 2),
            ("Qui", 3),
            ("Échéance", 2),
            ("État", 2),
            ("Effet mesuré", 3),
        ],
        decisions
            .iter()
            .map(|decision| {
                vec![
                    decision.words.clone(),
                    decision.kind.label().to_owned(),
                    or_dash(decision.owner.clone()),
                    decision.due_on.map_or_else(|| "–".to_owned(), french_day),
                    if decision.closed { "Close" } else { "Ouverte" }.to_owned(),
                    or_dash(decision.effect.clone()),
                ]
            })
            .collect(),
    )
}

/// A meeting, as it is handed over.
#[derive(Debug, Clone, Copy)]
pub struct Meeting<'a> {
    /// Who holds it.
    pub organisation: &'a str,
    /// Title of the strategy.
    pub strategy: &'a str,
    /// Number of the meeting.
    pub number: usize,
    /// Day.
    pub held_on: Date,
    /// When the next one is due.
    pub next_due: Date,
    /// Who was there.
    pub attendees: &'a str,
    /// What was seen.
    pub seen: &'a Seen,
    /// What moved since the meeting before.
    pub moves: &'a [Move],
    /// What was decided.
    pub decisions: &'a [Decision],
}

/// The record of the decisions of a meeting.
#[must_use]
pub fn minutes(meeting: &Meeting<'_>) -> Document {
    let mut blocks = vec![
        heading("Personnes présentes"),
        words(meeting.attendees),
        heading("Ce qui a été vu"),
        figures(meeting.seen),
    ];
    if !meeting.seen.above.is_empty() {
        blocks.push(Block::Items(
            meeting
                .seen
                .above
                .iter()
                .map(|(title, requests, cap)| {
                    format!(
                        "{title}\u{a0}: {} requêtes par an pour un plafond de {}.",
                        figure(*requests),
                        figure(*cap)
                    )
                })
                .collect(),
        ));
    }
    blocks.push(heading("Ce qui a changé depuis la réunion précédente"));
    blocks.push(if meeting.moves.is_empty() {
        Block::Paragraph("Rien n’a changé, ou c’est la première réunion.".to_owned())
    } else {
        Block::Items(meeting.moves.iter().map(move_words).collect())
    });
    blocks.push(heading("Décisions"));
    blocks.push(decisions_block(meeting.decisions));
    Document {
        title: "Relevé de décisions du comité numérique responsable".to_owned(),
        subject: meeting.strategy.to_owned(),
        organisation: meeting.organisation.to_owned(),
        date: meeting.held_on,
        version: format!("réunion n°\u{a0}{}", meeting.number),
        facts: vec![(
            "Prochaine réunion au plus tard le".to_owned(),
            french_day(meeting.next_due),
        )],
        warning: LEGAL_REVIEW.to_owned(),
        blocks,
    }
}

/// By how much a figure moved, with its sign apart: in hundredths of what it was, in points for a share. None from zero.
#[must_use]
pub fn change(tile: Tile, was: f64, is: f64) -> Option<(&'static str, String)> {
    let sign = if is > was { "+" } else { "\u{2212}" };
    // Nobody decides on a tenth of a hundredth.
    let plain = |value: f64| if value >= 1.0 { value.round() } else { value };
    let words = if tile == Tile::Coverage {
        let points = plain((is - was).abs());
        let noun = if points < 2.0 { "point" } else { "points" };
        format!("{}\u{a0}{noun}", figure(points))
    } else if was.abs() > 1e-9 {
        format!("{}\u{a0}%", figure(plain(((is - was) / was * 100.0).abs())))
    } else {
        return None;
    };
    Some((sign, words))
}

/// What moved, in words.
#[must_use]
pub fn move_words(moved: &Move) -> String {
    match moved {
        Move::Figure(tile, was, is) => {
            let told = |value: &Option<f64>| {
                value.map_or_else(|| "inconnu".to_owned(), |value| with_unit(value, tile.unit()))
            };
            let change = match (was, is) {
                (Some(was), Some(is)) => change(*tile, *was, *is),
                _ => None,
            };
            let change = change.map_or_else(String::new, |(sign, words)| format!(" ({sign}{words})"));
            format!("{}\u{a0}: {} → {}{change}.", tile.label(), told(was), told(is))
        }
        Move::Goal(label, was, is) => {
            let told =
                |status: &Option<super::target::Status>| status.map_or("absent", |status| status.label());
            format!(
                "Objectif «\u{a0}{label}\u{a0}»\u{a0}: {} → {}.",
                told(was),
                told(is)
            )
        }
        Move::Measure(label, was, is) => {
            let told = |seen: &Option<super::committee::MeasureSeen>| {
                seen.as_ref().map_or_else(
                    || "absente".to_owned(),
                    |seen| match seen.progress_pct {
                        Some(part) => {
                            format!("{}, {}\u{a0}%", seen.stage.label().to_lowercase(), figure(part))
                        }
                        None => seen.stage.label().to_lowercase(),
                    },
                )
            };
            format!(
                "Mesure «\u{a0}{label}\u{a0}»\u{a0}: {} → {}.",
                told(was),
                told(is)
            )
        }
    }
}

/// The proof that somebody attended a training, to be filled in with the name and signed: no name is kept.
#[must_use]
pub fn attestation(organisation: &str, session: &Session, today: Date) -> Document {
    let mut facts = vec![
        ("Sujet".to_owned(), session.subject.label().to_owned()),
        ("Tenue le".to_owned(), french_day(session.held_on)),
        ("Durée".to_owned(), format!("{}\u{a0}h", figure(session.hours))),
    ];
    if !session.provider.is_empty() {
        facts.push(("Organisme".to_owned(), session.provider.clone()));
    }
    Document {
        title: "Attestation de formation".to_owned(),
        subject: session.title.clone(),
        organisation: organisation.to_owned(),
        date: today,
        version: "journal des formations".to_owned(),
        facts,
        warning: "À remplir et à signer\u{a0}: l’outil ne garde aucun nom.".to_owned(),
        blocks: vec![
            Block::Paragraph(format!(
                "{organisation} atteste que la personne nommée ci-dessous a suivi cette formation en entier."
            )),
            table(
                "La personne, et qui atteste",
                &[("À remplir", 30), ("", 70)],
                [
                    "Nom et prénom",
                    "Fonction",
                    "Fait à, le",
                    "Nom et qualité du signataire",
                    "Signature",
                ]
                .map(|label| vec![label.to_owned(), " ".to_owned()])
                .to_vec(),
            ),
        ],
    }
}
