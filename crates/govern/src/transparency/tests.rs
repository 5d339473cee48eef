use jiff::civil::date;
use sobria_catalogue::content::{Content, Value};
use sobria_catalogue::field::Field;
use sobria_catalogue::id::OrganisationId;
use sobria_catalogue::organisation::Organisation;
use uuid::Uuid;

use super::*;
use crate::joined::{Sources, for_transparency};

fn dossier(answers: &[(&str, &str)]) -> Dossier {
    let mut dossier = Dossier::default();
    for (id, value) in answers {
        assert!(question::of(id).is_some(), "{id}");
        dossier.set(id, value);
    }
    dossier
}

#[test]
fn the_tree_leads_to_each_class_and_asks_for_what_it_lacks() {
    let base = [("is_ai", "oui"), ("prohibited", "aucun")];
    let with = |more: &[(&'static str, &'static str)]| {
        let mut all = base.to_vec();
        all.extend_from_slice(more);
        classify(&dossier(&all), None)
    };
    use RiskClass::*;
    for (answers, class, missing) in [
        (&[][..], None, Some("annex")),
        (&[("annex", "aucun")], None, Some("triggers")),
        (&[("annex", "aucun"), ("triggers", "aucun")], Some(Minimal), None),
        (
            &[("annex", "aucun"), ("triggers", "contenu")],
            Some(Limited),
            None,
        ),
        (&[("annex", "5")], None, Some("exception")),
        (&[("annex", "5"), ("exception", "aucun")], Some(HighRisk), None),
        (
            &[("annex", "5"), ("exception", "preparatoire")],
            None,
            Some("profiling"),
        ),
        (
            &[
                ("annex", "5"),
                ("exception", "preparatoire"),
                ("profiling", "oui"),
            ],
            Some(HighRisk),
            None,
        ),
        (
            &[
                ("annex", "5"),
                ("exception", "preparatoire"),
                ("profiling", "non"),
            ],
            None,
            Some("exception_reason"),
        ),
        (
            &[
                ("annex", "5"),
                ("exception", "preparatoire"),
                ("profiling", "non"),
                ("exception_reason", "tri"),
            ],
            Some(NotHighRiskDocumented),
            None,
        ),
        (
            &[
                ("annex", "produit"),
                ("exception", "preparatoire"),
                ("profiling", "non"),
            ],
            Some(HighRisk),
            None,
        ),
    ] {
        let found = with(answers);
        assert_eq!((found.class, found.missing), (class, missing), "{answers:?}");
    }
    assert_eq!(
        classify(&dossier(&[("is_ai", "non"), ("triggers", "contenu")]), None).class,
        Some(NotAi)
    );
    let forbidden = classify(
        &dossier(&[("is_ai", "oui"), ("prohibited", "emotions"), ("annex", "aucun")]),
        None,
    );
    assert_eq!(forbidden.class, Some(Prohibited));
    assert!(forbidden.blocks_publication());
}

#[test]
fn the_class_and_what_makes_information_due_are_apart() {
    let found = classify(
        &dossier(&[
            ("is_ai", "oui"),
            ("prohibited", "aucun"),
            ("annex", "4"),
            ("exception", "aucun"),
            ("triggers", "interaction|contenu"),
        ]),
        None,
    );
    assert_eq!(found.class, Some(RiskClass::HighRisk));
    assert_eq!(found.triggers.len(), 2);
}

#[test]
fn no_words_say_compliant() {
    for class in RiskClass::ALL {
        assert!(class.label().starts_with("Présumé"), "{class:?}");
    }
    for question in question::QUESTIONS {
        assert!(
            !question.label.to_lowercase().contains("conforme"),
            "{}",
            question.id
        );
    }
}

#[test]
fn duties_follow_the_class_and_say_what_they_lack() {
    let high = dossier(&[
        ("is_ai", "oui"),
        ("prohibited", "aucun"),
        ("annex", "5"),
        ("exception", "aucun"),
        ("logs_months", "3"),
    ]);
    let due = duties(&classify(&high, None), None, &high);
    assert_eq!(due.len(), 12, "everything but information of people");
    let of = |id: &str| {
        due.iter()
            .find(|one| one.duty.id == id)
            .map(|one| one.missing.clone())
    };
    assert_eq!(of("logs"), Some(vec!["logs_months"]));
    let mut kept = high.clone();
    kept.set("logs_months", "6");
    kept.set("annex", "2");
    let due = duties(&classify(&kept, None), None, &kept);
    assert!(
        due.iter().all(|one| one.duty.id != "fria"),
        "not for critical infrastructures"
    );
    assert!(
        due.iter()
            .any(|one| one.duty.id == "logs" && one.missing.is_empty())
    );
    let minimal = dossier(&[
        ("is_ai", "oui"),
        ("prohibited", "aucun"),
        ("annex", "aucun"),
        ("triggers", "aucun"),
    ]);
    assert_eq!(
        duties(&classify(&minimal, None), None, &minimal).len(),
        1,
        "literacy alone"
    );
    let none = dossier(&[("is_ai", "non")]);
    assert!(duties(&classify(&none, None), None, &none).is_empty());
    for duty in DUTIES {
        assert!(
            duty.fields.iter().all(|id| question::of(id).is_some()),
            "{}",
            duty.id
        );
    }
}

#[test]
fn the_rules_on_public_algorithms_follow_their_formulas() {
    let base = Situation {
        individual_decision: Some(true),
        agents_fte: Some(51.0),
        local_authority: true,
        population: Some(3500),
        ..Situation::default()
    };
    let check = |situation: Situation, mention, inventory, nullity| {
        let found = crpa(&situation);
        assert_eq!(
            (
                found.mention_required,
                found.inventory_required,
                found.nullity_risk
            ),
            (mention, inventory, nullity),
            "{situation:?}"
        );
    };
    let (yes, no) = (Some(true), Some(false));
    check(base, yes, yes, no);
    check(
        Situation {
            agents_fte: Some(50.0),
            ..base
        },
        yes,
        no,
        no,
    );
    check(
        Situation {
            agents_fte: None,
            ..base
        },
        yes,
        None,
        no,
    );
    check(
        Situation {
            population: Some(3499),
            ..base
        },
        yes,
        no,
        no,
    );
    check(
        Situation {
            population: Some(3499),
            local_authority: false,
            ..base
        },
        yes,
        yes,
        no,
    );
    check(Situation { secret: true, ..base }, no, no, no);
    check(
        Situation {
            individual_decision: no,
            fully_automated: true,
            ..base
        },
        no,
        no,
        no,
    );
    check(
        Situation {
            individual_decision: None,
            ..base
        },
        None,
        None,
        None,
    );
    check(
        Situation {
            fully_automated: true,
            ..base
        },
        yes,
        yes,
        yes,
    );
    check(
        Situation {
            fully_automated: true,
            mention_present: true,
            ..base
        },
        yes,
        yes,
        no,
    );
}

#[test]
fn the_mention_is_written_when_nothing_is_missing() {
    let mut one = dossier(&[
        ("purpose", "classer les demandes."),
        ("rules_url", "https://ville.fr/regles"),
        ("service", "Petite enfance"),
    ]);
    assert_eq!(mention(&one), Mention::Missing(vec!["public_contact"]));
    one.set("public_contact", "creche@ville.fr");
    let Mention::Ready(text) = mention(&one) else {
        panic!()
    };
    assert!(text.contains("sert à classer les demandes. Ses règles"), "{text}");
    assert!(text.contains("Petite enfance (creche@ville.fr)") && text.contains("CADA"));
}

#[test]
fn the_mention_is_that_of_the_method_to_the_letter() {
    let one = dossier(&[
        ("purpose", "classer les demandes"),
        ("rules_url", "https://ville.fr/regles"),
        ("service", "Petite enfance"),
        ("public_contact", "creche@ville.fr"),
    ]);
    let Mention::Ready(text) = mention(&one) else {
        panic!()
    };
    assert_eq!(
        text,
        "Cette décision s’appuie sur un traitement algorithmique qui sert à classer les demandes. Ses règles sont \
         publiées\u{a0}: https://ville.fr/regles. Vous pouvez demander à Petite enfance (creche@ville.fr) comment elles \
         ont été appliquées à votre cas. Sans réponse sous un mois, vous avez deux mois pour saisir la Commission \
         d’accès aux documents administratifs (CADA)."
    );
}

#[test]
fn the_choices_of_questions_are_those_of_the_texts() {
    let choices = |id: &str| match question::of(id).unwrap().kind {
        question::Kind::Many(all) | question::Kind::One(all) => {
            all.iter().filter(|(code, _)| *code != "aucun").count()
        }
        _ => 0,
    };
    assert_eq!(choices("prohibited"), 9, "article 5");
    assert_eq!(
        choices("annex"),
        9,
        "eight domains of annex III, products of annex I"
    );
    assert_eq!(choices("exception"), 4, "article 6 § 3");
    assert_eq!(choices("dpia_criteria"), 9, "the European committee");
    assert_eq!(DUTIES.len(), 13);
}

#[test]
fn a_carrier_that_develops_or_takes_over_a_system_is_presumed_its_provider() {
    let base = [("is_ai", "oui"), ("prohibited", "aucun"), ("annex", "aucun")];
    let with = |more: &[(&str, &str)]| {
        let mut dossier = dossier(&base);
        for (id, value) in more {
            dossier.set(id, value);
        }
        classify(&dossier, None).provider
    };
    assert!(!with(&[]) && !with(&[("shift", "aucun")]));
    for shift in ["nom", "modification", "destination"] {
        assert!(with(&[("shift", shift)]), "{shift}");
    }
    let mut content = content();
    with_facts(&content, |facts| {
        assert!(!classify(&dossier(&base), Some(facts)).provider);
    });
    content.set(
        Field::Delivery,
        Value::CodesText(sobria_catalogue::content::CodesText {
            codes: vec!["interne".into()],
            text: None,
        }),
    );
    with_facts(&content, |facts| {
        assert!(classify(&dossier(&base), Some(facts)).provider);
    });
}

#[test]
fn two_criteria_ask_for_an_assessment_of_data_protection() {
    for (criteria, expected) in [
        ("", None),
        ("aucun", Some(false)),
        ("echelle", Some(false)),
        ("echelle|innovant", Some(true)),
    ] {
        assert_eq!(
            dpia(&dossier(&[("dpia_criteria", criteria)]), None),
            expected,
            "{criteria}"
        );
    }
    assert_eq!(
        dpia(&dossier(&[("personal_data", "Oui")]), Some(RiskClass::HighRisk)),
        Some(true)
    );
}

#[test]
fn the_legal_table_is_in_order_and_each_line_has_its_source() {
    assert!(LEGAL.windows(2).all(|pair| pair[0].from < pair[1].from));
    assert!(
        LEGAL
            .iter()
            .all(|entry| !entry.source.is_empty() && entry.what.ends_with('.'))
    );
    assert!(THRESHOLDS.iter().all(|entry| !entry.source.is_empty()));
    let days: Vec<String> = LEGAL.iter().map(|entry| entry.from.to_string()).collect();
    assert_eq!(
        days,
        [
            "2020-07-01",
            "2024-08-01",
            "2025-02-02",
            "2025-08-02",
            "2026-06-16",
            "2026-06-29",
            "2026-07-27",
            "2026-08-02",
            "2026-12-02",
            "2027-12-02",
            "2028-08-02",
            "2030-08-02"
        ]
    );
    let next: Vec<_> = to_come(date(2026, 11, 23)).map(|entry| entry.from).collect();
    assert_eq!(
        next,
        [
            date(2026, 12, 2),
            date(2027, 12, 2),
            date(2028, 8, 2),
            date(2030, 8, 2)
        ]
    );
}

fn content() -> Content {
    let mut content = Content::default();
    for (field, text) in [
        (Field::Title, "Crèches"),
        (Field::Summary, "Classe les demandes."),
        (Field::Objection, "Écrire au service."),
    ] {
        content.set(field, Value::Text(text.into()));
    }
    content.set(Field::Maturity, Value::Code("deploiement".into()));
    content.set(
        Field::AutomationLevel,
        Value::Code("automatisation_complete".into()),
    );
    content
}

fn with_facts<T>(content: &Content, then: impl FnOnce(&Facts<'_>) -> T) -> T {
    let mut organisation = Organisation::named(OrganisationId::new(Uuid::from_u128(2)), "Ville");
    organisation.kind = Some("commune".into());
    then(&Facts {
        content,
        organisation: &organisation,
        evaluations: &[],
        updated_on: date(2026, 11, 1),
        version: 2,
        identifier: "abc",
        url: "https://ia.exemple.fr/cas-usages/creches",
        licence: "etalab-2.0",
        vocabularies: sobria_catalogue::vocabulary::Vocabularies::embedded(),
    })
}

#[test]
fn a_sheet_shows_every_section_and_counts_what_is_missing() {
    let content = content();
    with_facts(&content, |facts| {
        let before = sheet(facts, &Dossier::default());
        let letters: String = before.sections.iter().map(|section| section.letter).collect();
        assert_eq!(letters, "ABCDEFGHIJK");
        let required: Vec<&str> = before
            .sections
            .iter()
            .flat_map(|section| &section.lines)
            .filter(|line| line.required)
            .map(|line| line.id)
            .collect();
        assert_eq!(
            required.join(" "),
            "title summary maturity start_date carrier public_contact need theme audiences why_ai automation \
             individual_decision human_oversight algorithm_kinds operations limits data_sources data_collection \
             personal_data risk_class objection unit energy gwp perimeter method hosting version licence identifier"
        );
        assert_eq!(
            before.missing().count(),
            usize::try_from(before.required - before.filled).unwrap()
        );
        let answered = dossier(&[
            ("need", "Des places attribuées plus vite"),
            ("limits", "Peu de dossiers rares"),
        ]);
        let after = sheet(facts, &answered);
        assert_eq!(after.filled, before.filled + 2);
        assert!(after.score() > before.score());
        let line = |sheet: &Sheet, id: &str| {
            sheet
                .sections
                .iter()
                .flat_map(|one| one.lines.clone())
                .find(|one| one.id == id)
        };
        assert_eq!(
            line(&after, "automation").unwrap().value.unwrap().origin,
            Origin::Record(Field::AutomationLevel)
        );
        assert!(
            line(&after, "abandonment_reason").is_none(),
            "asked of abandoned projects only"
        );
        assert!(line(&after, "funding").is_some_and(|one| one.audience == Audience::Members));
    });
    let mut abandoned = content;
    abandoned.set(Field::Maturity, Value::Code("abandonne".into()));
    with_facts(&abandoned, |facts| {
        assert!(
            sheet(facts, &Dossier::default())
                .missing()
                .any(|line| line.id == "abandonment_reason")
        );
    });
}

#[test]
fn the_inventory_takes_the_record_first_and_leaves_blank_what_is_unknown() {
    let content = content();
    with_facts(&content, |facts| {
        let row = inventory(facts, &dossier(&[("service", "Petite enfance")]));
        assert_eq!(row.len(), COLUMNS.len());
        assert_eq!(
            (row[0].as_str(), row[1].as_str(), row[4].as_str()),
            ("Ville", "Petite enfance", "Crèches")
        );
        assert_eq!(row[8], "Automatisation complète de la décision");
        assert_eq!(row[9], "");
        let situation = Situation::of(
            &Dossier::default(),
            Some("automatisation_complete"),
            Some(facts.organisation),
        );
        assert!(situation.fully_automated && situation.local_authority);
    });
}

#[test]
fn what_the_record_says_is_proposed_and_an_answer_wins_over_it() {
    let content = content();
    let known = for_transparency(&Sources {
        content: &content,
        evaluations: &[],
        frugality: None,
        dossier: None,
        purchase: None,
        roadmap: None,
    });
    let filled = question::filled(&dossier(&[("objection", "Écrire au maire.")]), &known);
    assert_eq!(filled.get("objection"), "Écrire au maire.");
    assert_eq!(filled.get("automation"), "Automatisation complète de la décision");
    let origins: Vec<&str> = known.iter().map(|one| one.question).collect();
    assert_eq!(origins, ["automation", "objection"]);
}

#[test]
fn contradictory_and_malformed_answers_are_named() {
    let typed = [
        ("is_ai", vec!["peut-être"]),
        ("annex", vec!["aucun", "5"]),
        ("exception", vec!["procedure"]),
        ("agents_fte", vec!["-4"]),
        ("rules_url", vec!["javascript:alert(1)"]),
        ("dpia_date", vec!["demain"]),
    ];
    let (dossier, problems) = question::read(|id| {
        typed
            .iter()
            .find(|(known, _)| *known == id)
            .map(|(_, values)| values.iter().map(|value| (*value).to_owned()).collect())
            .unwrap_or_default()
    });
    let fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "annex",
            "agents_fte",
            "rules_url",
            "dpia_date",
            "exception_reason"
        ]
    );
    assert_eq!(dossier.flag("is_ai"), None);
    assert_eq!(dossier.get("agents_fte"), "-4", "what was typed is kept");
}

#[test]
fn long_sentences_are_told() {
    let long = "mot ".repeat(31);
    assert!(matches!(
        plain_language(&long).as_slice(),
        [PlainAlert::Long(31, _)]
    ));
    assert!(plain_language("Une IA aide la collectivité.").is_empty());
}

#[test]
fn the_register_of_the_union_has_the_five_points_of_its_section() {
    let content = content();
    with_facts(&content, |facts| {
        let points = |answers: &[(&str, &str)]| -> Vec<(&str, bool)> {
            register(RegisterSection::C, facts, &dossier(answers))
                .iter()
                .map(|point| (point.number, point.value.is_some()))
                .collect()
        };
        assert_eq!(
            points(&[]),
            [
                ("C.1", false),
                ("C.2", false),
                ("C.3", false),
                ("C.4", false),
                ("C.5", false)
            ]
        );
        assert_eq!(
            points(&[
                ("public_contact", "ia@ville.fr"),
                ("service", "Petite enfance"),
                ("eu_provider_url", "https://ec.europa.eu/1"),
                ("fria", "Fait"),
                ("dpia_summary", "Faite"),
            ]),
            [
                ("C.1", true),
                ("C.2", true),
                ("C.3", true),
                ("C.4", true),
                ("C.5", true)
            ]
        );
    });
}

#[test]
fn each_capacity_registers_with_its_own_section() {
    let high = [
        ("is_ai", "oui"),
        ("prohibited", "aucun"),
        ("annex", "5"),
        ("exception", "aucun"),
    ];
    let spared = [
        ("is_ai", "oui"),
        ("prohibited", "aucun"),
        ("annex", "5"),
        ("exception", "preparatoire"),
        ("profiling", "non"),
        ("exception_reason", "Elle classe des pièces."),
    ];
    let due = |answers: &[(&str, &str)], shift: &str| {
        let mut dossier = dossier(answers);
        dossier.set("shift", shift);
        RegisterSection::due(&classify(&dossier, None))
    };
    assert_eq!(due(&high, "aucun"), [RegisterSection::C]);
    assert_eq!(due(&high, "nom"), [RegisterSection::A, RegisterSection::C]);
    assert_eq!(due(&spared, "aucun"), []);
    assert_eq!(due(&spared, "nom"), [RegisterSection::B]);
    assert_eq!(due(&[("is_ai", "non")], "nom"), []);
}

#[test]
fn the_points_of_a_provider_come_from_the_record_and_say_what_is_missing() {
    let mut content = content();
    let points = |content: &Content, section, answers: &[(&str, &str)]| -> Vec<(String, Option<String>)> {
        with_facts(content, |facts| {
            register(section, facts, &dossier(answers))
                .into_iter()
                .map(|point| (point.number.to_owned(), point.value))
                .collect()
        })
    };
    let of = |points: &[(String, Option<String>)], number: &str| -> Option<String> {
        points
            .iter()
            .find(|(known, _)| known == number)
            .unwrap()
            .1
            .clone()
    };
    let bare = points(&content, RegisterSection::A, &[]);
    assert_eq!(bare.len(), 13);
    for number in ["A.1", "A.2", "A.5", "A.6", "A.8", "A.9", "A.10", "A.11", "A.12"] {
        assert_eq!(of(&bare, number), None, "{number}");
    }
    assert_eq!(of(&bare, "A.4").unwrap(), "Crèches\u{202f}; abc");
    assert_eq!(of(&bare, "A.7").unwrap(), "En service");
    assert_eq!(
        of(&bare, "A.13").unwrap(),
        "https://ia.exemple.fr/cas-usages/creches"
    );
    let alone = with_facts(&Content::default(), |facts| {
        let facts = Facts {
            identifier: "",
            url: "",
            ..*facts
        };
        register(RegisterSection::A, &facts, &Dossier::default())
    });
    let known: Vec<&str> = alone
        .iter()
        .filter(|point| point.value.is_some())
        .map(|point| point.number)
        .collect();
    assert_eq!(
        known,
        ["A.3"],
        "a dossier without a record names and links nothing"
    );
    let half = points(&content, RegisterSection::A, &[("operations", "Classement")]);
    assert_eq!(of(&half, "A.6"), None, "the data are asked for too");
    let spared = points(
        &content,
        RegisterSection::B,
        &[
            ("exception", "preparatoire"),
            ("exception_reason", "Elle classe des pièces."),
            ("eu_states", "France"),
            ("purpose", "classer les pièces"),
        ],
    );
    assert_eq!(spared.len(), 9);
    assert!(of(&spared, "B.6").unwrap().contains("préparatoire"));
    assert_eq!(of(&spared, "B.7").unwrap(), "Elle classe des pièces.");
    assert_eq!(of(&spared, "B.9").unwrap(), "France");
    for (maturity, status) in [
        ("reflexion", None),
        ("experimentation", Some("En service")),
        ("termine", Some("Plus en service")),
        ("abandonne", Some("Plus en service")),
    ] {
        content.set(Field::Maturity, Value::Code(maturity.into()));
        assert_eq!(
            of(&points(&content, RegisterSection::B, &[]), "B.8").as_deref(),
            status,
            "{maturity}"
        );
    }
}

#[test]
fn a_footprint_is_told_by_the_year_and_by_the_unit_where_there_are_several() {
    use sobria_catalogue::evaluation::{Amount, Evaluation, Reach};
    use sobria_catalogue::id::{EvaluationId, UseCaseId};

    let content = content();
    let lines = |requests: u64| {
        let amount = Amount {
            low: 1234.0,
            central: 1500.0,
            high: 2400.0,
        };
        let estimates = [Evaluation {
            id: EvaluationId::new(Uuid::from_u128(1)),
            use_case: UseCaseId::new(Uuid::from_u128(2)),
            title: "Réponses".into(),
            reach: Reach::Public,
            requests_per_year: requests,
            request: "{}".into(),
            answer: "{}".into(),
            method: "llm_inference".into(),
            method_version: "1".into(),
            reference_version: "1".into(),
            grade: None,
            energy_kwh: amount,
            gwp_kg: amount,
            made_at: "2026-10-01T10:00:00Z".parse().unwrap(),
            author: String::new(),
        }];
        with_facts(&content, |facts| {
            let facts = Facts {
                evaluations: &estimates,
                ..*facts
            };
            let sheet = sheet(&facts, &Dossier::default());
            let text = |id: &str| {
                let lines = sheet.sections.iter().flat_map(|section| &section.lines);
                let line = lines.clone().find(|line| line.id == id).unwrap();
                line.value.clone().unwrap().text
            };
            (text("energy"), text("perimeter"))
        })
    };
    let (energy, perimeter) = lines(220_000);
    assert_eq!(
        energy,
        "de 1\u{202f}200 à 2\u{202f}400\u{a0}kWh par an\u{202f}; de 0,0056 à 0,011\u{a0}kWh par unité"
    );
    assert!(perimeter.ends_with("220\u{202f}000 unités par an"), "{perimeter}");
    let (energy, perimeter) = lines(1);
    assert_eq!(energy, "de 1\u{202f}200 à 2\u{202f}400\u{a0}kWh par an");
    assert!(perimeter.ends_with("une exécution par an"), "{perimeter}");
}
