use jiff::civil::date;
use sobria_catalogue::content::{CodesText, Value};
use sobria_catalogue::evaluation::{Amount, Reach};
use sobria_catalogue::field::Field;
use sobria_catalogue::id::{EvaluationId, UseCaseId};
use uuid::Uuid;

use super::*;
use crate::frugality::{self, Alternative, Decision, Facts, Filter, form, organisation_proposals, proposals};
use crate::roadmap::training::{Session, Subject};

/// A project of which every instrument says something.
struct Project {
    content: Content,
    evaluations: Vec<Evaluation>,
    frugality: Assessment,
    dossier: Dossier,
    purchase: Purchase,
    roadmap: Steering,
}

fn project() -> Project {
    let mut content = Content::default();
    content.set(Field::Maturity, Value::Code("experimentation".into()));
    content.set(Field::LegalBasis, Value::Text("code général".into()));
    content.set(
        Field::Hosting,
        Value::CodesText(CodesText {
            codes: vec!["interne".into()],
            text: None,
        }),
    );
    let amount = Amount {
        low: 1.0,
        central: 2.0,
        high: 3.0,
    };
    let evaluation = |number: u128, method: &str, request: &str| Evaluation {
        id: EvaluationId::new(Uuid::from_u128(number)),
        use_case: UseCaseId::new(Uuid::from_u128(1)),
        title: "Répondre à une question".into(),
        reach: Reach::Public,
        requests_per_year: 1000,
        request: request.into(),
        answer: "{}".into(),
        method: method.into(),
        method_version: "1".into(),
        reference_version: "1".into(),
        grade: None,
        energy_kwh: amount,
        gwp_kg: amount,
        made_at: "2026-10-01T10:00:00Z".parse().unwrap(),
        author: String::new(),
    };
    let mut dossier = Dossier::default();
    for (id, value) in [
        ("retention", "deux ans"),
        ("data_quality", "doublons cherchés chaque mois"),
        ("need", "Répondre vite aux habitants"),
        ("alternatives", "Foire aux questions"),
    ] {
        dossier.set(id, value);
    }
    let session = Session {
        title: "IA frugale".into(),
        subject: Subject::FrugalAi,
        held_on: date(2026, 3, 1),
        hours: 3.0,
        provider: String::new(),
        attendees: 60,
        elected: 0,
        already: None,
    };
    Project {
        content,
        evaluations: vec![
            evaluation(
                1,
                "llm_inference",
                "{\"input\":{\"model\":\"mistral-small\",\"zone\":\"FRA\"}}",
            ),
            evaluation(
                2,
                "compute_job",
                "{\"input\":{\"cpu_model\":\"Xeon\",\"zone\":\"FRA\",\"pue\":1.2}}",
            ),
        ],
        frugality: Assessment {
            filter: Filter {
                need: "Répondre aux habitants en deux jours".into(),
                alternatives: vec![Alternative {
                    what: "Réponses types".into(),
                    sort: Sort::WithoutAi,
                    rejected_because: "trop rigides".into(),
                }],
                decision: Some(Decision::WithAi),
                usage_cap: Some(220_000.0),
                stop_rule: "moins de 80\u{a0}% de réponses utiles".into(),
                ..Filter::default()
            },
            ..Assessment::default()
        },
        dossier,
        purchase: Purchase {
            need_text: "Rédiger des réponses".into(),
            alternatives: "Embaucher".into(),
            stop_rule: "si personne ne s’en sert".into(),
            volume_cap: "300 000".into(),
            ..Purchase::default()
        },
        roadmap: Steering {
            strategy: true,
            measures: 1,
            reviews: 2,
            overdue: false,
            decisions: 1,
            effects: 0,
            trained: Trained::of(&[session], Some(100), Some(10), date(2026, 11, 23)),
            lead: true,
            lead_reached: true,
        },
    }
}

impl Project {
    fn sources(&self) -> Sources<'_> {
        Sources {
            content: &self.content,
            evaluations: &self.evaluations,
            frugality: Some(&self.frugality),
            dossier: Some(&self.dossier),
            purchase: Some(&self.purchase),
            roadmap: Some(&self.roadmap),
        }
    }

    fn nothing_but_the_record(&self) -> Sources<'_> {
        Sources {
            frugality: None,
            dossier: None,
            purchase: None,
            roadmap: None,
            evaluations: &[],
            ..self.sources()
        }
    }
}

type Ask = fn(&Sources<'_>) -> Vec<Known>;
/// What to take away from what is known.
type Without = for<'a> fn(Sources<'a>) -> Sources<'a>;

#[test]
fn what_one_instrument_knows_is_proposed_by_the_others_with_its_origin() {
    let project = project();
    let all: Without = |sources| sources;
    let no_frugality: Without = |sources| Sources {
        frugality: None,
        ..sources
    };
    let no_dossier: Without = |sources| Sources {
        dossier: None,
        ..sources
    };
    let no_purchase: Without = |sources| Sources {
        purchase: None,
        ..sources
    };
    let (transparency, filter, purchase): (Ask, Ask, Ask) = (for_transparency, for_frugality, for_purchase);
    for (asks, without, question, value, origin) in [
        (transparency, all, "legal_basis", "code général", "fiche, «"),
        (
            transparency,
            all,
            "need",
            "Répondre aux habitants en deux jours",
            FROM_FRUGALITY,
        ),
        (
            transparency,
            no_frugality,
            "need",
            "Rédiger des réponses",
            FROM_PURCHASE,
        ),
        (
            transparency,
            all,
            "alternatives",
            "Réponses types\u{a0}: trop rigides",
            FROM_FRUGALITY,
        ),
        (
            transparency,
            no_frugality,
            "alternatives",
            "Embaucher",
            FROM_PURCHASE,
        ),
        (transparency, all, "clauses", "C01", FROM_PURCHASE),
        (transparency, all, "unit", "Répondre à une question", "estimation"),
        (transparency, all, "model", "mistral-small", "estimation"),
        (transparency, all, "literacy", "60 participations", FROM_ROADMAP),
        (filter, all, "besoin", "Répondre vite aux habitants", FROM_DOSSIER),
        (
            filter,
            no_dossier,
            "besoin",
            "Rédiger des réponses",
            FROM_PURCHASE,
        ),
        (filter, all, "alt1_quoi", "Embaucher", FROM_PURCHASE),
        (
            filter,
            no_purchase,
            "alt1_quoi",
            "Foire aux questions",
            FROM_DOSSIER,
        ),
        (filter, all, "arret", "si personne ne s’en sert", FROM_PURCHASE),
        (filter, all, "plafond", "300 000", FROM_PURCHASE),
        (
            purchase,
            all,
            "besoin",
            "Répondre aux habitants en deux jours",
            FROM_FRUGALITY,
        ),
        (
            purchase,
            no_frugality,
            "besoin",
            "Répondre vite aux habitants",
            FROM_DOSSIER,
        ),
        (
            purchase,
            all,
            "alternatives",
            "Réponses types\u{a0}: trop rigides",
            FROM_FRUGALITY,
        ),
        (
            purchase,
            no_frugality,
            "alternatives",
            "Foire aux questions",
            FROM_DOSSIER,
        ),
        (
            purchase,
            all,
            "arret",
            "moins de 80\u{a0}% de réponses utiles",
            FROM_FRUGALITY,
        ),
        (purchase, all, "plafond", "220000", FROM_FRUGALITY),
    ] {
        let found = asks(&without(project.sources()));
        let answers: Vec<&Known> = found.iter().filter(|one| one.question == question).collect();
        assert_eq!(answers.len(), 1, "{question} once: {found:?}");
        assert!(
            answers[0].value.starts_with(value),
            "{question}: {:?}",
            answers[0]
        );
        assert!(
            answers[0].origin.starts_with(origin),
            "{question}: {:?}",
            answers[0]
        );
        if !origin.starts_with("fiche, ") {
            let alone = asks(&project.nothing_but_the_record());
            assert!(
                alone.iter().all(|one| one.question != question),
                "{question} is not of the record: {alone:?}"
            );
        }
    }
}

#[test]
fn practices_take_what_transparency_the_roadmap_and_machines_say() {
    let project = project();
    let empty = Steering::default();
    let of = |dossier: Option<&Dossier>, roadmap: Option<&Steering>, evaluations: &[Evaluation]| {
        let facts = Facts {
            content: &project.content,
            evaluations,
            published: false,
            completeness: 0,
            updated_on: date(2026, 10, 1),
            reuses: 0,
            organisation: None,
            dossier,
            roadmap,
            today: date(2026, 11, 23),
        };
        proposals(&facts, &Assessment::default())
            .into_iter()
            .map(|one| (one.practice.number(), one.level))
            .collect::<Vec<_>>()
    };
    let bare = of(None, Some(&empty), &[]);
    assert_eq!(bare, [(1, 1)]);
    let full = of(
        Some(&project.dossier),
        Some(&project.roadmap),
        &project.evaluations[1..],
    );
    for expected in [(1, 2), (6, 2), (7, 1), (8, 2), (13, 3), (14, 3), (15, 2)] {
        assert!(full.contains(&expected), "{expected:?}: {full:?}");
    }
    let own: Vec<(u8, u8)> = organisation_proposals(&project.roadmap)
        .iter()
        .map(|one| (one.practice.number(), one.level))
        .collect();
    assert_eq!(own, [(8, 2), (14, 3), (15, 2)]);
    let late = Steering {
        overdue: true,
        lead_reached: false,
        measures: 0,
        ..project.roadmap.clone()
    };
    let found = of(None, Some(&late), &[]);
    for expected in [(8, 1), (13, 2), (15, 1)] {
        assert!(found.contains(&expected), "{expected:?}: {found:?}");
    }
}

#[test]
fn an_answer_given_on_a_fact_that_changed_is_marked_and_one_typed_by_hand_is_not() {
    let mut project = project();
    let known = for_transparency(&project.sources());
    let mut typed = Dossier::default();
    typed.set("objection", "Écrire au maire");
    let dossier = question::filled(&typed, &known);
    assert!(question::outdated(&dossier, &known).is_empty());
    project.frugality.filter.need = "Répondre le jour même".into();
    project
        .content
        .set(Field::LegalBasis, Value::Text("délibération".into()));
    project
        .content
        .set(Field::Objection, Value::Text("Recours".into()));
    let now = for_transparency(&project.sources());
    let old: Vec<&str> = question::outdated(&dossier, &now)
        .iter()
        .map(|question| question.id)
        .collect();
    assert_eq!(old, ["legal_basis", "need"]);
    let seen = question::filled(&Dossier::default(), &now);
    assert!(question::outdated(&seen, &now).is_empty(), "once looked at again");

    let known = for_frugality(&project.sources());
    let pairs: Vec<(String, String)> = known
        .iter()
        .flat_map(|one| {
            [
                (one.question.to_owned(), one.value.clone()),
                (format!("{}{}", form::BASE, one.question), one.basis()),
            ]
        })
        .collect();
    let get = |name: &str| {
        pairs
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value.as_str())
    };
    let (assessment, _) = form::read(get);
    assert_eq!(assessment.bases.len(), known.len());
    assert!(assessment.outdated_texts(&known).is_empty());
    project.purchase.stop_rule = "jamais".into();
    assert_eq!(
        assessment.outdated_texts(&for_frugality(&project.sources())),
        ["arret"]
    );
    let kept: frugality::Assessment =
        serde_json::from_str(&serde_json::to_string(&assessment).unwrap()).unwrap();
    assert_eq!(kept.bases, assessment.bases);
}

#[test]
fn the_basis_of_an_answer_gives_nothing_of_it_away() {
    for known in for_transparency(&project().sources()) {
        let basis = known.basis();
        assert_eq!(basis.len(), 16);
        assert!(basis.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}

#[test]
fn facts_of_a_record_that_raise_the_depth_are_proposed_and_a_later_one_marks_the_answer() {
    let mut public = Content::default();
    public.set(Field::Title, Value::Text("Répondre aux habitants".into()));
    public.set(Field::Summary, Value::Text("Un assistant.".into()));
    let before = record_for_purchase(&public, &public, &[]);
    let of = |known: &[Known], question: &str| {
        let found = known.iter().find(|one| one.question == question);
        found.map(|one| (one.value.clone(), one.basis()))
    };
    let (none, basis) = of(&before, "risques").unwrap();
    assert_eq!(none, "", "that nothing is known is an answer too");
    let mut own = public.clone();
    own.set(Field::DataPersonal, Value::Code("oui".into()));
    own.set(Field::AlgorithmKinds, Value::Codes(vec!["ia_generative".into()]));
    let after = record_for_purchase(&public, &own, &[]);
    assert_eq!(of(&after, "risques").unwrap().0, "donnees|generative");
    assert!(has_changed("risques", &basis, &after) && !has_changed("risques", &basis, &before));
    assert!(!has_changed("titre", &of(&before, "titre").unwrap().1, &after));
    assert!(!has_changed("titre", "", &[]), "typed by hand");
    assert!(has_changed("titre", &of(&before, "titre").unwrap().1, &[]));
    // What an instrument says is nearer to the question.
    let nearer = [Known {
        question: "besoin",
        value: "Répondre en deux jours".into(),
        origin: FROM_FRUGALITY.into(),
    }];
    assert!(of(&record_for_purchase(&public, &own, &nearer), "besoin").is_none());
}
