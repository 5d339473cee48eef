//! An invented roadmap: adopted, with values over three years, one committee, trainings and a contact.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};
use sobria_catalogue::organisation::Organisation;
use sobria_govern::roadmap::committee::{Figure, GoalSeen, MeasureSeen, Seen, Tile, next_due};
use sobria_govern::roadmap::sheet::Axis;
use sobria_govern::roadmap::strategy::{
    Baseline, Goal, Measure, Programme, Progress, Stage, Strategy, Theme, VERSION,
};
use sobria_govern::roadmap::target::{Direction, Status, Target};
use sobria_store::{
    Appointment, AssessmentKind, CommitteeDecision, CommitteeReview, Decision, IndicatorValue, NewAssessment,
    Store, Subject, TrainingSession,
};
use uuid::Uuid;

use crate::error::WebError;

fn id() -> String {
    Uuid::now_v7().to_string()
}

fn strategy(first: i16, records: &[String]) -> Strategy {
    let baseline = |year, value, method: &str| Baseline {
        year,
        value: Some(value),
        perimeter: "postes, serveurs, réseau et services en ligne".to_owned(),
        method: method.to_owned(),
    };
    let goal = |id: &str, label: &str, indicator: &str, unit: &str, baselines, target| Goal {
        id: id.to_owned(),
        theme: Theme::Hardware,
        axis: Axis::Reduce,
        label: label.to_owned(),
        indicator: indicator.to_owned(),
        unit: unit.to_owned(),
        computed: String::new(),
        direction: Direction::Down,
        baselines,
        target_year: first + 6,
        target,
        milestones: BTreeMap::new(),
        owner: "Direction du numérique".to_owned(),
    };
    Strategy {
        title: format!("Stratégie numérique responsable {first}-{}", first + 6),
        stage: Stage::Adopted,
        public: true,
        adopted_on: Date::new(first, 12, 12).ok(),
        deliberation: format!("n° {first}-118 (donnée inventée)"),
        start_year: Some(first),
        end_year: Some(first + 6),
        population: Some(62_400),
        population_year: Some(first - 1),
        staff: Some(640),
        elected: Some(45),
        means: "Une cheffe de projet à mi-temps et un budget annuel de 30\u{202f}000\u{a0}€ hors taxes. Organisation et chiffres inventés pour la démonstration.".to_owned(),
        footprint_kg: Some(1_180_000.0),
        footprint_year: Some(first),
        caps: BTreeMap::from([
            (Tile::Energy, 3_000.0),
            (Tile::Carbon, 400.0),
            (Tile::Coverage, 50.0),
        ]),
        cadence_months: Some(6),
        programme: Programme {
            published_on: Some(date(2023, 1, 1)),
            impact_review: "Le parc des collèges et des mairies pèse les trois quarts de l’empreinte.".to_owned(),
            usage_review: "Huit habitants sur dix utilisent les démarches en ligne\u{202f}; deux demandent de l’aide.".to_owned(),
            actions_taken: "Durée des postes portée de quatre à six ans, extinction des écrans la nuit.".to_owned(),
            stakeholders: "Communes membres, bailleurs, association d’inclusion numérique, opérateurs.".to_owned(),
        },
        goals: vec![
            goal(
                "o1",
                "Réduire l’empreinte du numérique",
                "empreinte annuelle",
                "tCO2e",
                vec![
                    baseline(first, 1_180.0, "OeNRT"),
                    baseline(first, 1_240.0, "OeNRT, écrans des écoles compris"),
                ],
                Target::Relative(-30.0),
            ),
            Goal {
                direction: Direction::Up,
                axis: Axis::Know,
                theme: Theme::Procurement,
                computed: "k4".to_owned(),
                ..goal(
                    "o2",
                    "Évaluer chaque projet d’IA",
                    "part des projets avec évaluation < 24 mois",
                    "%",
                    vec![baseline(first, 0.0, "bibliothèque")],
                    Target::Absolute(100.0),
                )
            },
            Goal {
                direction: Direction::Up,
                axis: Axis::Innovate,
                theme: Theme::Awareness,
                ..goal(
                    "o3",
                    "Former les élus et les agents",
                    "part formée depuis 24 mois",
                    "%",
                    vec![Baseline {
                        value: None,
                        ..baseline(first, 0.0, "journal des formations")
                    }],
                    Target::Relative(50.0),
                )
            },
        ],
        measures: vec![
            Measure {
                id: "m4".to_owned(),
                goal: "o1".to_owned(),
                sheet: "r2".to_owned(),
                label: "Acheter des postes reconditionnés".to_owned(),
                owner: "Commande publique".to_owned(),
                start: Some(first),
                end: Some(first + 3),
                budget_eur: Some(120_000.0),
                stage: Progress::InProgress,
                progress_pct: Some(45.0),
                expected_effect: "−90 tCO2e en quatre ans, estimation".to_owned(),
                ..Measure::default()
            },
            Measure {
                id: "m5".to_owned(),
                goal: "o2".to_owned(),
                sheet: "k4".to_owned(),
                label: "Évaluer les services d’IA avant leur ouverture".to_owned(),
                owner: "Direction du numérique".to_owned(),
                start: Some(first + 1),
                stage: Progress::InProgress,
                progress_pct: Some(60.0),
                projects: records.to_vec(),
                ..Measure::default()
            },
            Measure {
                id: "m6".to_owned(),
                goal: "o1".to_owned(),
                label: "Mutualiser les salles de serveurs".to_owned(),
                stage: Progress::Dropped,
                drop_reason: "Le bail de la seconde salle court encore huit ans.".to_owned(),
                ..Measure::default()
            },
            Measure {
                id: "m7".to_owned(),
                goal: "o2".to_owned(),
                sheet: "r4".to_owned(),
                label: "Demander des clauses d’impact dans chaque achat d’IA".to_owned(),
                owner: "Commande publique".to_owned(),
                start: Some(first + 1),
                stage: Progress::InProgress,
                purchases: vec![super::purchase::ID.to_owned()],
                ..Measure::default()
            },
        ],
        last_number: 7,
    }
}

fn values(first: i16, now: Timestamp) -> Vec<IndicatorValue> {
    let value = |goal: &str, baseline, year: i16, value, quality: &str, evidence: &str| IndicatorValue {
        id: id(),
        goal: goal.to_owned(),
        baseline,
        period: year.to_string(),
        value,
        low: None,
        high: None,
        quality: quality.to_owned(),
        evidence: evidence.to_owned(),
        author: None,
        made_at: now,
    };
    let report = "bilan OeNRT, donnée inventée";
    vec![
        value("o1", 0, first, 1_180.0, "estimated", report),
        value("o1", 0, first + 1, 1_150.0, "estimated", report),
        value("o1", 1, first, 1_240.0, "estimated", report),
        value("o1", 1, first + 1, 1_190.0, "estimated", report),
        value("o1", 1, first + 2, 1_128.0, "estimated", report),
        value("o2", 0, first, 0.0, "calculated", "0 sur 4 services en cours"),
        value(
            "o2",
            0,
            first + 1,
            25.0,
            "calculated",
            "1 sur 4 services en cours",
        ),
        value(
            "o2",
            0,
            first + 2,
            50.0,
            "calculated",
            "2 sur 4 services en cours",
        ),
    ]
}

/// Gives an organisation a roadmap.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn fill(
    store: &Store,
    carrier: &Organisation,
    records: &[String],
    now: Timestamp,
) -> Result<(), WebError> {
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let first = today.year() - 2;
    let write = |error: serde_json::Error| WebError::Internal(error.to_string());
    let strategy = strategy(first, records);
    let form = serde_json::to_string(&strategy).map_err(write)?;
    let new = NewAssessment {
        id: id(),
        kind: AssessmentKind::Roadmap,
        subject: Subject::Organisation(carrier.id),
        after: 0,
        rubric: VERSION,
        form: &form,
        summary: "{}",
        badge: sobria_store::Badge::Granted,
        author: None,
        now,
    };
    store.add_assessment(&new).await?;
    let decision = Decision {
        actor: "demo",
        reason: "",
        now,
    };
    store.publish_assessment(&new.id, decision).await?;
    store
        .add_indicator_values(carrier.id, &values(first, now), now)
        .await?;
    let ago = |months: i32| today.checked_sub(months.months()).unwrap_or(today);
    let held_on = ago(4);
    let exact = |value| Figure { value, bounds: None };
    let seen = Seen {
        tiles: BTreeMap::from([
            (Tile::Coverage, exact(25.0)),
            (Tile::Spending, exact(30_000.0)),
            (
                Tile::Energy,
                Figure {
                    value: 141.0,
                    bounds: Some((133.0, 150.0)),
                },
            ),
            (
                Tile::Carbon,
                Figure {
                    value: 5.9,
                    bounds: Some((4.5, 8.4)),
                },
            ),
        ]),
        caps: strategy.caps.clone(),
        counted: (1, 4),
        goals: strategy
            .goals
            .iter()
            .map(|goal| {
                let seen = GoalSeen {
                    label: goal.label.clone(),
                    status: if goal.id == "o3" {
                        Status::NotComputable
                    } else {
                        Status::Late
                    },
                    value: None,
                    unit: goal.unit.clone(),
                };
                (goal.id.clone(), seen)
            })
            .collect(),
        measures: strategy
            .measures
            .iter()
            .map(|measure| {
                let seen = MeasureSeen {
                    label: measure.label.clone(),
                    stage: measure.stage,
                    progress_pct: measure.progress_pct.map(|part| part - 20.0),
                };
                (measure.id.clone(), seen)
            })
            .collect(),
        above: Vec::new(),
    };
    let review = CommitteeReview {
        id: id(),
        held_on,
        next_due: next_due(held_on, strategy.cadence_months),
        attendees: "Élue au numérique, direction générale, direction du numérique".to_owned(),
        seen: serde_json::to_string(&seen).map_err(write)?,
        author: None,
        made_at: now,
    };
    let decided = |words: &str, kind: &str, closed: bool, effect: &str| CommitteeDecision {
        id: id(),
        review: review.id.clone(),
        words: words.to_owned(),
        kind: kind.to_owned(),
        owner: "Direction du numérique".to_owned(),
        due_on: today.checked_add(2.months()).ok(),
        closed,
        effect: effect.to_owned(),
    };
    let decisions = [
        decided(
            "Ne plus ouvrir de service d’IA sans évaluation",
            "continue",
            false,
            "",
        ),
        decided(
            "Couper l’assistant de rédaction la nuit et le week-end",
            "reduce",
            true,
            "−18 kWh par an, calculé",
        ),
    ];
    store.hold_review(carrier.id, &review, &decisions).await?;
    let training =
        |title: &str, subject: &str, months, hours, (attendees, elected), already| TrainingSession {
            id: id(),
            title: title.to_owned(),
            subject: subject.to_owned(),
            held_on: ago(months),
            hours,
            provider: "Centre de formation (inventé)".to_owned(),
            attendees,
            elected,
            already,
            author: None,
            made_at: now,
        };
    let sessions = [
        training(
            "IA frugale, les quinze pratiques",
            "frugal_ai",
            3,
            3.5,
            (38, 6),
            Some((21, 4)),
        ),
        training("Comprendre l’IA", "ai_literacy", 11, 2.0, (96, 12), Some((9, 0))),
        training(
            "Acheter un service numérique",
            "procurement",
            20,
            7.0,
            (14, 0),
            Some((0, 0)),
        ),
    ];
    store.add_trainings(carrier.id, &sessions, now).await?;
    let appointment = Appointment {
        id: id(),
        role: "frugal_ai_lead".to_owned(),
        person_name: "Personne inventée".to_owned(),
        generic_email: format!("numerique-responsable@{}", super::DOMAIN),
        fte: Some(0.5),
        starts_on: ago(18),
        ends_on: None,
        deputy: String::new(),
        is_public: true,
        author: None,
        made_at: now,
    };
    if let Some(account) = store.contributors_of(carrier.id).await?.first() {
        store
            .keep_appointment(carrier.id, &appointment, account.id, now)
            .await?;
    }
    Ok(())
}
