//! Filters, counts, orders and pages, against a count made record by record.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sobria_catalogue::access::Level;
use sobria_catalogue::content::Value;
use sobria_catalogue::evaluation::Evaluated;
use sobria_catalogue::field::Field;
use sobria_catalogue::id::UseCaseId;
use sobria_catalogue::query::{CatalogueQuery, Facet, Sort};
use sobria_catalogue::surroundings::Surroundings;
use sobria_catalogue::text::fold_key;
use sobria_catalogue::use_case::UseCase;
use sobria_search::{Found, Index};

use crate::records::{Record, index, library, organisation_id};

const THEMES: [&str; 3] = ["transition", "mobilites", "administration"];
const SUBTHEMES: [&str; 4] = ["gestion_eau", "dechets", "risques", "air_bruit"];
const AUDIENCES: [&str; 3] = ["agent", "elu", "grand_public"];
const KINDS: [&str; 3] = ["commune", "ca", ""];
const STARTS: [&str; 4] = ["2021", "2023-05", "2024-01-15", ""];
const TITLES: [&str; 4] = ["Éclairage", "eau claire", "Zone", "École"];
const CARRIERS: [&str; 3] = ["Ville d’Alsy", "Évrenne", "Bourg"];

/// One of the values, from a number.
fn pick<T: Copy>(values: &[T], number: u8) -> T {
    *values.get(usize::from(number) % values.len()).unwrap()
}

/// The values whose bit is set.
fn subset(values: &'static [&'static str], bits: u8) -> &'static [&'static str] {
    let start = usize::from(bits) % values.len();
    let end = start + usize::from(bits / 16) % (values.len() - start + 1);
    values.get(start..end).unwrap()
}

fn record(number: u128, seed: [u8; 7]) -> Record {
    let [theme, subthemes, audiences, kind, start, title, carrier] = seed;
    Record {
        number,
        title: pick(&TITLES, title),
        carrier: pick(&CARRIERS, carrier),
        kind: pick(&KINDS, kind),
        description: "texte",
        theme: pick(&THEMES, theme),
        subthemes: subset(&SUBTHEMES, subthemes),
        audiences: subset(&AUDIENCES, audiences),
        start: pick(&STARTS, start),
        ..Record::default()
    }
}

fn values(record: &UseCase, facet: Facet) -> Vec<String> {
    match facet {
        Facet::OrganisationKind => record.organisation.kind.iter().cloned().collect(),
        Facet::StartYear => record
            .content
            .date(Field::StartDate)
            .map(|date| date.year().to_string())
            .into_iter()
            .collect(),
        Facet::Departement
        | Facet::Region
        | Facet::Population
        | Facet::Evaluation
        | Facet::OpenResource
        | Facet::Solution => Vec::new(),
        other => record.content.codes(other.field().unwrap()).to_vec(),
    }
}

fn answers(record: &UseCase, query: &CatalogueQuery, but: Option<Facet>) -> bool {
    query
        .filters
        .iter()
        .filter(|(facet, codes)| Some(*facet) != but && !codes.is_empty())
        .all(|(facet, codes)| values(record, *facet).iter().any(|value| codes.contains(value)))
        && query.organisation.is_none_or(|id| record.organisation.id == id)
        && (query.year_from.is_none() && query.year_to.is_none()
            || record.content.date(Field::StartDate).is_some_and(|date| {
                query.year_from.is_none_or(|year| date.year() >= year)
                    && query.year_to.is_none_or(|year| date.year() <= year)
            }))
}

/// The slow and obvious answer.
fn naive(
    records: &[UseCase],
    query: &CatalogueQuery,
) -> (Vec<UseCaseId>, BTreeMap<Facet, BTreeMap<String, usize>>) {
    let mut kept: Vec<&UseCase> = records
        .iter()
        .filter(|record| answers(record, query, None))
        .collect();
    let descending = |date: Option<sobria_catalogue::partial_date::PartialDate>| {
        std::cmp::Reverse(date.map(sobria_catalogue::partial_date::PartialDate::first_day))
    };
    kept.sort_by_key(|record| record.id);
    match query.sort {
        Sort::Relevance | Sort::Recent => kept.sort_by_key(|record| std::cmp::Reverse(record.published_at)),
        Sort::Title => kept.sort_by_key(|record| fold_key(record.content.title())),
        Sort::Organisation => kept.sort_by_key(|record| {
            (
                fold_key(&record.organisation.name),
                record.organisation.id.uuid().simple().to_string(),
                fold_key(record.content.title()),
            )
        }),
        Sort::Start => kept.sort_by_key(|record| descending(record.content.date(Field::StartDate))),
        Sort::Completeness => kept.sort_by_key(|record| std::cmp::Reverse(record.completeness)),
    }
    let mut facets: BTreeMap<Facet, BTreeMap<String, usize>> = BTreeMap::new();
    for facet in Facet::ALL
        .into_iter()
        .filter(|facet| facet.is_open_to(Level::Public))
    {
        let counts = facets.entry(facet).or_default();
        for record in records
            .iter()
            .filter(|record| answers(record, query, Some(facet)))
        {
            for value in values(record, facet) {
                *counts.entry(value).or_default() += 1;
            }
        }
    }
    (kept.iter().map(|record| record.id).collect(), facets)
}

fn counted(found: &Found) -> BTreeMap<Facet, BTreeMap<String, usize>> {
    found
        .facets
        .iter()
        .map(|(facet, counts)| {
            (
                *facet,
                counts.iter().filter(|(_, count)| *count > 0).cloned().collect(),
            )
        })
        .collect()
}

fn query(seed: [u8; 6]) -> CatalogueQuery {
    let [theme, subtheme, audience, years, organisation, sort] = seed;
    let codes = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    CatalogueQuery {
        filters: vec![
            (Facet::Theme, codes(subset(&THEMES, theme))),
            (Facet::Subtheme, codes(subset(&SUBTHEMES, subtheme))),
            (Facet::Audience, codes(subset(&AUDIENCES, audience))),
        ],
        year_from: (years % 3 == 1).then_some(2022),
        year_to: (years % 5 == 1).then_some(2023),
        organisation: (organisation % 4 == 0).then(|| organisation_id(pick(&CARRIERS, organisation / 4))),
        sort: pick(&Sort::ALL, sort),
        limit: 1000,
        ..CatalogueQuery::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn results_order_and_counts_are_those_of_a_count_made_by_hand(
        seeds in prop::collection::vec(any::<[u8; 7]>(), 0..90),
        asked in prop::collection::vec(any::<[u8; 6]>(), 4),
    ) {
        let records: Vec<Record> = seeds.iter().zip(1..).map(|(seed, number)| record(number, *seed)).collect();
        let cases: Vec<UseCase> = records.iter().map(Record::use_case).collect();
        let index = index(&records);
        for seed in asked {
            let query = query(seed);
            let found = index.find(&query, Level::Public).unwrap();
            let (ids, facets) = naive(&cases, &query);
            prop_assert_eq!(found.total, ids.len());
            prop_assert_eq!(&found.ids, &ids);
            prop_assert_eq!(counted(&found), facets);
            let hits = index.by_organisation(&query, Level::Public).unwrap();
            prop_assert_eq!(hits.iter().map(|hit| hit.total).sum::<usize>(), ids.len());
            prop_assert!(hits.iter().all(|hit| hit.themes.iter().map(|(_, count)| count).sum::<usize>() == hit.total));
        }
    }

    #[test]
    fn changing_the_index_in_place_gives_what_building_it_anew_gives(
        before in prop::collection::vec(any::<[u8; 7]>(), 1..40),
        steps in prop::collection::vec((any::<u8>(), any::<[u8; 7]>(), any::<bool>()), 1..12),
    ) {
        let mut records: Vec<Record> = before.iter().zip(1..).map(|(seed, number)| record(number, *seed)).collect();
        let changed = index(&records);
        for (revision, (which, seed, gone)) in (2..).zip(steps) {
            let number = 1 + u128::from(which) % 50;
            records.retain(|record| record.number != number);
            if gone {
                changed.update(&[], &[crate::records::id(number)], revision).unwrap();
            } else {
                let new = record(number, seed);
                changed.update(&[new.use_case()], &[], revision).unwrap();
                records.push(new);
            }
        }
        let anew = index(&records);
        prop_assert_eq!(changed.count(), records.len());
        for text in ["", "eau", "ecole texte", "eclairag", "gestion de l’eau", "inconnu texte"] {
            for sort in Sort::ALL {
                let query = CatalogueQuery { text: text.to_owned(), sort, limit: 100, ..CatalogueQuery::default() };
                prop_assert_eq!(
                    changed.find(&query, Level::Public).unwrap(),
                    anew.find(&query, Level::Public).unwrap(),
                    "{} {:?}", text, sort
                );
            }
        }
    }
}

#[test]
fn pages_follow_each_other_and_a_page_beyond_the_end_is_empty_with_the_right_total() {
    let records = library();
    let index = index(&records);
    for (text, sort) in [
        ("", Sort::Title),
        ("", Sort::Relevance),
        ("agent", Sort::Relevance),
        ("agent", Sort::Start),
    ] {
        let ask = |offset, limit| {
            let query = CatalogueQuery {
                text: text.to_owned(),
                sort,
                offset,
                limit,
                ..CatalogueQuery::default()
            };
            index.find(&query, Level::Public).unwrap()
        };
        let whole = ask(0, usize::MAX);
        assert_eq!(whole.ids.len(), whole.total, "{text} {sort:?}");
        let mut pages = Vec::new();
        for page in 0..=whole.total / 3 {
            pages.extend(ask(page * 3, 3).ids);
        }
        assert_eq!(pages, whole.ids, "{text} {sort:?}");
        for offset in [whole.total, whole.total + 1, usize::MAX] {
            let beyond = ask(offset, 12);
            assert_eq!((beyond.ids.len(), beyond.total), (0, whole.total));
        }
        assert_eq!(ask(0, 0).ids, []);
    }
}

#[test]
fn a_code_that_is_asked_and_held_by_nothing_is_listed_with_zero() {
    let index = index(&library());
    let query = CatalogueQuery {
        text: "œuvres".to_owned(),
        filters: vec![
            (Facet::Theme, vec!["mobilites".to_owned()]),
            (Facet::Audience, vec!["inconnu".to_owned()]),
        ],
        limit: 10,
        ..CatalogueQuery::default()
    };
    let found = index.find(&query, Level::Public).unwrap();
    assert_eq!(found.total, 0);
    let themes = &found
        .facets
        .iter()
        .find(|(facet, _)| *facet == Facet::Theme)
        .unwrap()
        .1;
    assert!(themes.contains(&("mobilites".to_owned(), 0)), "{themes:?}");
}

#[test]
fn hits_by_organisation_hold_the_themes_of_the_matching_projects() {
    let records = library();
    let index = index(&records);
    let query = CatalogueQuery {
        text: "fuites".to_owned(),
        ..CatalogueQuery::default()
    };
    let hits = index.by_organisation(&query, Level::Public).unwrap();
    let expected: Vec<_> = ["Communauté de Vaucressy", "Syndicat des eaux du Haut-Brivois"]
        .into_iter()
        .map(|name| (organisation_id(name), 1, vec![("transition".to_owned(), 1)]))
        .collect();
    let hits: Vec<_> = hits
        .into_iter()
        .map(|hit| (hit.organisation, hit.total, hit.themes))
        .collect();
    assert_eq!(hits, expected);
}

#[test]
fn records_are_found_by_how_their_footprint_was_found() {
    let records = library();
    let index = Index::open(None).unwrap();
    let mut builder = index.builder().unwrap();
    let evaluated = |number: usize| Evaluated {
        estimated: number.is_multiple_of(2),
        measured: number.is_multiple_of(3),
    };
    for (number, record) in records.iter().enumerate() {
        builder
            .add_among(
                &record.use_case(),
                &Surroundings {
                    evaluated: evaluated(number),
                    ..Surroundings::default()
                },
            )
            .unwrap();
    }
    builder.commit(1).unwrap();
    let count = |codes: &[&str]| {
        (0..records.len())
            .filter(|number| evaluated(*number).codes().any(|code| codes.contains(&code)))
            .count()
    };
    for codes in [&["estimated"][..], &["measured"], &["estimated", "measured"]] {
        let query = CatalogueQuery {
            filters: vec![(
                Facet::Evaluation,
                codes.iter().map(|code| (*code).to_owned()).collect(),
            )],
            ..CatalogueQuery::default()
        };
        let found = index.find(&query, Level::Public).unwrap();
        assert_eq!(found.total, count(codes), "{codes:?}");
        let counts = &found
            .facets
            .iter()
            .find(|(facet, _)| *facet == Facet::Evaluation)
            .unwrap()
            .1;
        let expected = [
            ("estimated".to_owned(), count(&["estimated"])),
            ("measured".to_owned(), count(&["measured"])),
        ];
        assert_eq!(counts[..], expected);
    }
}

/// The counts of one facet.
fn counts(found: &Found, facet: Facet) -> Vec<(String, usize)> {
    let own = found.facets.iter().find(|(other, _)| *other == facet);
    own.map_or_else(Vec::new, |(_, counts)| counts.clone())
}

/// An index in which each record has what stands around it, and the names of suppliers that it gives.
fn surrounded(around: &[(Surroundings, &[&str])]) -> Index {
    let index = Index::open(None).unwrap();
    let mut builder = index.builder().unwrap();
    for (record, (around, names)) in library().iter().zip(around) {
        let mut case = record.use_case();
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        case.content.set(Field::Suppliers, Value::Names(names));
        builder.add_among(&case, around).unwrap();
    }
    builder.commit(1).unwrap();
    index
}

fn asking(facet: Facet, code: &str) -> CatalogueQuery {
    CatalogueQuery {
        filters: vec![(facet, vec![code.to_owned()])],
        limit: 10,
        ..CatalogueQuery::default()
    }
}

#[test]
fn names_of_solutions_meet_whatever_their_spelling_and_answer_to_a_part() {
    let linked = |name: &str| Surroundings {
        solutions: [name.to_owned()].into(),
        ..Surroundings::default()
    };
    let index = surrounded(&[
        (linked("Aquisonde Mesures"), &["AQUISONDE  mesures"]),
        (Surroundings::default(), &["Aquisonde Mesures", "Étoile & Cie"]),
        (Surroundings::default(), &["Mesures d’Armor"]),
        (linked("Contremesures"), &[]),
    ]);
    for (asked, expected) in [
        ("aquisonde-mesures", 2),
        ("Aquisonde", 2),
        ("étoile", 1),
        ("mesures", 3),
        ("esures", 0),
        ("…", 0),
    ] {
        let found = index
            .find(&asking(Facet::Solution, asked), Level::Public)
            .unwrap();
        assert_eq!(found.total, expected, "{asked}");
    }
    let all = index.find(&CatalogueQuery::default(), Level::Public).unwrap();
    let listed = counts(&all, Facet::Solution);
    let names: Vec<&str> = listed.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.len(), 4, "{names:?}");
    assert_eq!(
        listed.first().map(|(_, count)| *count),
        Some(2),
        "the most frequent first"
    );
}

#[test]
fn of_many_names_the_most_frequent_and_those_asked_for_are_counted() {
    let index = Index::open(None).unwrap();
    let mut builder = index.builder().unwrap();
    for number in 1..=200 {
        let mut case = record(number, [0; 7]).use_case();
        let names = vec![format!("Maison {number:03}"), "Partout".to_owned()];
        case.content.set(Field::Suppliers, Value::Names(names));
        builder.add(&case).unwrap();
    }
    builder.commit(1).unwrap();
    let found = index
        .find(&asking(Facet::Solution, "maison 199"), Level::Public)
        .unwrap();
    assert_eq!(found.total, 1);
    let listed = counts(&found, Facet::Solution);
    assert_eq!(listed.len(), 50);
    assert_eq!(listed.first(), Some(&("Partout".to_owned(), 200)));
    assert!(listed.contains(&("Maison 199".to_owned(), 1)));
}

#[test]
fn what_members_share_is_counted_for_members_alone() {
    let kinds = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect();
    let index = surrounded(&[
        (
            Surroundings {
                open: kinds(&["code"]),
                shared: kinds(&["model"]),
                ..Surroundings::default()
            },
            &[],
        ),
        (
            Surroundings {
                shared: kinds(&["code"]),
                ..Surroundings::default()
            },
            &[],
        ),
    ]);
    let total = |facet, code, level| index.find(&asking(facet, code), level).unwrap().total;
    assert_eq!(total(Facet::OpenResource, "code", Level::Public), 1);
    assert_eq!(total(Facet::OpenResource, "model", Level::Public), 0);
    assert_eq!(total(Facet::SharedResource, "code", Level::Member), 2);
    assert_eq!(total(Facet::SharedResource, "model", Level::Member), 1);
    // A filter that is closed to the reader is as if it had not been asked.
    let visitor = index
        .find(&asking(Facet::SharedResource, "model"), Level::Public)
        .unwrap();
    assert_eq!(visitor.total, 2);
    assert_eq!(counts(&visitor, Facet::SharedResource), []);
    assert_eq!(counts(&visitor, Facet::OpenResource), [("code".to_owned(), 1)]);
}

#[test]
fn an_empty_index_answers() {
    let index = Index::open(None).unwrap();
    for sort in Sort::ALL {
        let query = CatalogueQuery {
            text: "eau".to_owned(),
            sort,
            limit: 10,
            ..CatalogueQuery::default()
        };
        assert_eq!(index.find(&query, Level::Public).unwrap().total, 0);
    }
    assert_eq!(
        index
            .by_organisation(&CatalogueQuery::default(), Level::Public)
            .unwrap(),
        []
    );
}
