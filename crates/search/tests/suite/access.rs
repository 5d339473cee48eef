//! What a visitor may not read changes nothing of what a visitor is answered.

use sobria_catalogue::access::Level;
use sobria_catalogue::content::{CodesText, Contact, Content, Link, Partner, Value};
use sobria_catalogue::field::{FIELDS, Field, FieldKind, Visibility};
use sobria_catalogue::query::{CatalogueQuery, Facet};
use sobria_catalogue::use_case::{UseCase, WorkflowStatus};
use sobria_catalogue::vocabulary::{Labels, Vocabularies};
use sobria_search::Index;

use crate::records::library;

const SECRET: &str = "zorglubine";

/// A value of the field that holds the secret wherever it holds free text, and a code wherever it holds codes.
fn marked(field: Field) -> Option<Value> {
    let secret = || SECRET.to_owned();
    let code = |list| {
        sobria_catalogue::vocabulary::Vocabularies::embedded()
            .get(list)
            .terms()
            .first()
            .unwrap()
            .code
            .to_owned()
    };
    Some(match field.spec().kind {
        FieldKind::Text { .. } | FieldKind::Block { .. } => Value::Text(secret()),
        FieldKind::Code(list) => Value::Code(code(list)),
        FieldKind::Codes(list) | FieldKind::CodesMax(list, _) => Value::Codes(vec![code(list)]),
        FieldKind::CodesText(list) => Value::CodesText(CodesText {
            codes: vec![code(list)],
            text: Some(secret()),
        }),
        FieldKind::Partners => Value::Partners(vec![Partner {
            name: secret(),
            role: None,
        }]),
        FieldKind::Links | FieldKind::Resources => Value::Links(vec![Link {
            label: Some(secret()),
            url: Some("https://www.ville.example/code".to_owned()),
            ..Link::default()
        }]),
        FieldKind::Names { .. } => Value::Names(vec![secret()]),
        FieldKind::Contact => Value::Contact(Contact {
            email: None,
            role: Some(secret()),
        }),
        FieldKind::Siret | FieldKind::Decimal { .. } | FieldKind::Date | FieldKind::Integer => return None,
    })
}

fn with(values: impl Fn(&mut Content)) -> Index {
    let index = Index::open(None).unwrap();
    let mut records: Vec<UseCase> = library().iter().map(|record| record.use_case()).collect();
    values(&mut records.first_mut().unwrap().content);
    index.rebuild(records, 1).unwrap();
    index
}

fn question(text: &str) -> CatalogueQuery {
    CatalogueQuery {
        text: text.to_owned(),
        limit: 50,
        ..CatalogueQuery::default()
    }
}

#[test]
fn a_secret_is_found_by_those_who_may_read_its_field_and_by_nobody_else() {
    for spec in FIELDS.iter().filter(|spec| !spec.field.is_of_organisation()) {
        let Some(value) = marked(spec.field) else { continue };
        let holds_text = format!("{value:?}").contains(SECRET);
        let index = with(|content| content.set(spec.field, value.clone()));
        for level in [Level::Public, Level::Member] {
            let readable = level.may_read(spec.visibility()) && holds_text;
            for text in [SECRET, "zorglubin", "zorglu", "zorgulbine", "\"zorglubine\""] {
                let found = index.find(&question(text), level).unwrap();
                assert_eq!(found.total, usize::from(readable), "{} {level:?} {text}", spec.id);
                if !readable {
                    assert_eq!(found.corrections, [], "{} {level:?} {text}", spec.id);
                }
            }
        }
    }
}

#[test]
fn a_label_in_the_words_of_an_instance_finds_its_records_for_those_who_may_read_the_field() {
    let mut seen = 0;
    for spec in FIELDS.iter().filter(|spec| !spec.field.is_of_organisation()) {
        let (Some(list), Some(value)) = (spec.kind.vocabulary(), marked(spec.field)) else {
            continue;
        };
        let Some(code) = value.codes().first().cloned() else {
            continue;
        };
        // Their words are not searched: they stand in most descriptions.
        if [Field::Maturity, Field::ServiceUsage].contains(&spec.field) {
            continue;
        }
        let others = with(|_| {}).count();
        let index = with(|content| {
            let value = match value.clone() {
                Value::CodesText(both) => Value::CodesText(CodesText { text: None, ..both }),
                other => other,
            };
            content.set(spec.field, value);
        });
        let former = Vocabularies::embedded().get(list).label(&code);
        let own = Labels::from([((list, code.clone()), "Chez zorglubine".to_owned())]);
        let find = |text: &str, level| index.find(&question(text), level).unwrap().total;
        let before = find(former, Level::Member);
        assert!(before > 0 && before <= others, "{} {former}", spec.id);
        assert_eq!(find(SECRET, Level::Member), 0, "{}", spec.id);
        index.reword(&Vocabularies::relabelled(&own));
        for level in [Level::Public, Level::Member] {
            let readable = level.may_read(spec.visibility());
            for text in [SECRET, "zorglu", "zorgulbine", "\"chez zorglubine\""] {
                assert_eq!(find(text, level) > 0, readable, "{} {level:?} {text}", spec.id);
            }
        }
        assert_eq!(find(former, Level::Member), before, "{} {former}", spec.id);
        index.reword(Vocabularies::embedded());
        assert_eq!(find(SECRET, Level::Member), 0, "{}", spec.id);
        seen += 1;
    }
    assert!(seen >= 12, "{seen}");
}

#[test]
fn every_answer_to_a_visitor_is_the_same_with_and_without_the_fields_closed_to_visitors() {
    let bare = with(|_| {});
    let full = with(|content| {
        for spec in FIELDS
            .iter()
            .filter(|spec| spec.visibility() > Visibility::Public)
        {
            if let Some(value) = marked(spec.field) {
                content.set(spec.field, value);
            }
        }
    });
    for text in [
        "",
        "eau",
        "fuite",
        "zorglubine eau",
        "apprentissage",
        "externe",
        "ml",
    ] {
        let asked = question(text);
        assert_eq!(
            bare.find(&asked, Level::Public).unwrap(),
            full.find(&asked, Level::Public).unwrap(),
            "{text}"
        );
        assert_eq!(
            bare.by_organisation(&asked, Level::Public).unwrap(),
            full.by_organisation(&asked, Level::Public).unwrap()
        );
    }
}

#[test]
fn a_facet_on_a_member_field_neither_counts_nor_filters_for_a_visitor() {
    let code = "ml";
    let index = with(|content| content.set(Field::AlgorithmKinds, Value::Codes(vec![code.to_owned()])));
    let asked = CatalogueQuery {
        filters: vec![(Facet::AlgorithmKind, vec![code.to_owned()])],
        limit: 50,
        ..CatalogueQuery::default()
    };
    let visitor = index.find(&asked, Level::Public).unwrap();
    let open = index.find(&question(""), Level::Public).unwrap();
    assert_eq!(visitor, open);
    assert!(
        visitor
            .facets
            .iter()
            .all(|(facet, _)| *facet != Facet::AlgorithmKind)
    );
    let member = index.find(&asked, Level::Member).unwrap();
    assert_eq!(member.total, 1);
    let counts = member
        .facets
        .iter()
        .find(|(facet, _)| *facet == Facet::AlgorithmKind);
    assert_eq!(counts.unwrap().1, [(code.to_owned(), 1)]);
}

#[test]
fn only_published_records_are_found() {
    for status in [
        WorkflowStatus::Draft,
        WorkflowStatus::Submitted,
        WorkflowStatus::InReview,
        WorkflowStatus::ChangesRequested,
        WorkflowStatus::Archived,
        WorkflowStatus::Rejected,
        WorkflowStatus::Withdrawn,
    ] {
        let index = Index::open(None).unwrap();
        let mut record = library().first().unwrap().use_case();
        index.rebuild([record.clone()], 1).unwrap();
        assert_eq!(index.count(), 1);
        record.status = status;
        index.update(&[record.clone()], &[], 2).unwrap();
        assert_eq!(index.count(), 0, "{status:?}");
        index.rebuild([record], 3).unwrap();
        assert_eq!(
            index.find(&question("fuites"), Level::Member).unwrap().total,
            0,
            "{status:?}"
        );
    }
}
