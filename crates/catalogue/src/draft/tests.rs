use super::*;
use crate::content::{CodesText, Contact, Link, Partner, Value};
use crate::field::{FIELDS, FieldKind};
use crate::text::clean_line;
use crate::vocabulary::VocabularyId;
use jiff::civil::date;
use proptest::prelude::*;
use uuid::Uuid;

fn new_organisation() -> OrganisationId {
    OrganisationId::new(Uuid::from_u128(77))
}

fn around(organisation: Option<&Organisation>) -> Surroundings<'_> {
    Surroundings {
        vocabularies: Vocabularies::embedded(),
        today: date(2026, 11, 1),
        organisation,
        new_organisation: new_organisation(),
    }
}

fn draft(pairs: &[(&str, &str)]) -> DraftInput {
    let pairs = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let (draft, others) = DraftInput::from_pairs(pairs).unwrap();
    assert_eq!(others, []);
    draft
}

/// The seven inputs and the organisation that handing in asks for.
fn short_form() -> DraftInput {
    draft(&[
        ("organisation.name", "Ville de Brest"),
        ("organisation.kind", "commune"),
        ("title", "Fuites d’eau"),
        ("description", "Repérer les fuites du réseau."),
        ("start_date", "03/2024"),
        ("maturity", "deploiement"),
        ("delivery", "interne"),
        ("theme", "transition"),
        ("audiences", "agent"),
        ("audiences", "elu"),
    ])
}

fn with(pairs: &[(&str, &str)]) -> DraftInput {
    let mut form = short_form();
    for (name, value) in pairs {
        form.set(name, vec![(*value).to_owned()]).unwrap();
    }
    form
}

fn known() -> Organisation {
    let mut organisation = Organisation::named(OrganisationId::new(Uuid::from_u128(5)), "Ville de Brest");
    organisation.kind = Some("commune".to_owned());
    organisation
}

#[test]
fn the_short_form_is_read_as_it_was_meant() {
    let checked = short_form().check(Stage::Submit, &around(None)).unwrap();
    let content = checked.content();
    assert_eq!(content.title(), "Fuites d’eau");
    assert_eq!(content.date(Field::StartDate).unwrap().to_string(), "2024-03");
    assert_eq!(content.codes(Field::Audiences), ["agent", "elu"]);
    assert_eq!(checked.carrier(), Carrier::New);
    assert_eq!(checked.organisation().id, new_organisation());
    assert_eq!(checked.organisation().name, "Ville de Brest");
    assert_eq!(checked.warnings(), []);
    let errors = short_form().check(Stage::Publish, &around(None)).unwrap_err();
    assert!(errors.of("summary").is_some() && errors.of("organisation.siret").is_some());
}

#[test]
fn what_is_wrong_is_said_at_its_input_with_an_example() {
    for (name, value, code) in [
        ("title", "ab", "invalid"),
        ("title", "<b>x</b>", "invalid"),
        ("start_date", "bientôt", "date"),
        ("start_date", "31/02/2024", "date"),
        ("start_date", "1961", "date_implausible"),
        ("theme", "inconnu", "invalid"),
        ("decision.per_year", "-3", "number"),
        ("decision.per_year", "beaucoup", "number"),
        ("contact.email", "innovation@ville", "email"),
        ("links.info.3.url", "javascript:alert(1)", "url"),
        ("links.info.3.url", "www.ville.fr", "url"),
        (
            "links.info.3.label",
            "Page du projet",
            "required@links.info.3.url",
        ),
        ("partners.1.role", "technique", "required@partners.1.name"),
        ("partners.1.role", "chef", "invalid"),
        ("resources.0.kind", "tableau", "invalid"),
        ("organisation.siret", "217 500 016 0001", "siret"),
        ("organisation.siret", "21750001600018", "siret_checksum"),
        ("organisation.siret", "2,1E+13", "siret_rounded"),
        ("organisation.latitude", "91", "number"),
        ("organisation.latitude", "nord", "number"),
        ("organisation.kind", "royaume", "invalid"),
        ("organisation", "018f3c1e-7d2a-7c3e-9b54-0d6a4f1c2b3d", "unknown"),
        ("tags", "<script>", "html"),
        ("hosting.text", "<iframe>", "html"),
    ] {
        let (code, input) = code.split_once('@').unwrap_or((code, name));
        let errors = with(&[(name, value)])
            .check(Stage::Submit, &around(None))
            .unwrap_err();
        let found: Vec<_> = errors
            .iter()
            .map(|error| (error.name.as_str(), error.code))
            .collect();
        assert_eq!(found, [(input, code)], "{name} = {value}");
    }
}

#[test]
fn two_values_for_one_are_both_kept_and_asked_about() {
    let mut form = short_form();
    form.set("title", vec!["Un".to_owned(), "Deux".to_owned()])
        .unwrap();
    let errors = form.check(Stage::Submit, &around(None)).unwrap_err();
    assert_eq!(errors.of("title").unwrap().code, "several");
    assert_eq!(form.all("title"), ["Un", "Deux"]);
}

#[test]
fn an_error_is_said_once_and_errors_come_in_the_order_of_the_form() {
    let form = draft(&[
        ("start_date", "hier"),
        ("contact.email", "x"),
        ("partners.10.role", "technique"),
        ("partners.2.role", "technique"),
    ]);
    let errors = form.check(Stage::Submit, &around(None)).unwrap_err();
    let names: Vec<_> = errors.iter().map(|error| error.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "organisation.name",
            "organisation.kind",
            "title",
            "description",
            "start_date",
            "maturity",
            "partners.2.name",
            "partners.10.name",
            "contact.email",
            "delivery",
            "theme",
            "audiences"
        ]
    );
    assert_eq!(errors.of_field(Field::Partners).count(), 2);
}

#[test]
fn what_may_be_wrong_is_said_and_keeps_nothing_back() {
    for (pairs, code) in [
        (
            [("contact.email", "jeanne.le-goff@ville.fr")].as_slice(),
            "personal_address",
        ),
        ([("abandonment_reason", "Trop cher")].as_slice(), "not_abandoned"),
        ([("maturity", "termine")].as_slice(), "end_date_missing"),
        ([("organisation.siret", "217500016")].as_slice(), "siren_only"),
        (
            [
                ("organisation.latitude", "2,3522"),
                ("organisation.longitude", "48,8566"),
            ]
            .as_slice(),
            "coord_swapped",
        ),
        (
            [
                ("organisation.latitude", "40.4"),
                ("organisation.longitude", "-3.7"),
            ]
            .as_slice(),
            "coord_outside",
        ),
    ] {
        let checked = with(pairs).check(Stage::Submit, &around(None)).unwrap();
        let codes: Vec<_> = checked.warnings().iter().map(|warning| warning.code).collect();
        assert_eq!(codes, [code], "{pairs:?}");
    }
    for address in [
        "innovation@ville.fr",
        "service.numerique@ville.fr",
        "dsi-ia@ville.fr",
    ] {
        let checked = with(&[("contact.email", address)])
            .check(Stage::Submit, &around(None))
            .unwrap();
        assert_eq!(checked.warnings(), [], "{address}");
    }
}

#[test]
fn a_carrier_recognised_by_its_number_is_completed_from_the_directory() {
    let form = with(&[
        ("organisation.siret", "215 704 636 00012"),
        ("organisation.kind", ""),
    ]);
    let organisation = form.check(Stage::Submit, &around(None)).unwrap().into_parts().1;
    assert_eq!(organisation.siren.as_deref(), Some("215704636"));
    assert_eq!(organisation.kind.as_deref(), Some("commune"));
    assert_eq!(organisation.departement.as_deref(), Some("57"));
    assert!(organisation.point().is_some());
}

#[test]
fn a_form_completes_a_known_carrier_and_does_not_contradict_it() {
    let library = known();
    let chosen = library.id.to_string();
    let plain = with(&[("organisation", &chosen), ("organisation.name", "Autre nom")]);
    let checked = plain.check(Stage::Submit, &around(Some(&library))).unwrap();
    assert_eq!(
        (checked.carrier(), checked.organisation()),
        (Carrier::Known, &library)
    );
    let more = with(&[
        ("organisation", &chosen),
        ("organisation.siret", "21750001600019"),
        ("organisation.kind", "region"),
        ("organisation.latitude", "48,3903941"),
        ("organisation.longitude", "-4.486076"),
    ]);
    let checked = more.check(Stage::Submit, &around(Some(&library)));
    let checked = checked.unwrap();
    assert_eq!(checked.carrier(), Carrier::Completed);
    let organisation = checked.organisation();
    assert_eq!(
        organisation.kind.as_deref(),
        Some("commune"),
        "what is known stays"
    );
    assert_eq!(organisation.siret.as_deref(), Some("21750001600019"));
    assert_eq!(organisation.latitude.unwrap().to_bits(), 48.390_394_f64.to_bits());
    // Another organisation than the one that was looked up does not count.
    let elsewhere = with(&[("organisation", &new_organisation().to_string())]);
    assert!(elsewhere.check(Stage::Submit, &around(Some(&library))).is_err());
}

#[test]
fn a_form_larger_than_is_kept_is_refused_and_one_at_the_limit_is_not() {
    let pairs = |count: usize, length: usize| {
        (0..count)
            .map(|_| ("tags".to_owned(), "é".repeat(length)))
            .collect::<Vec<_>>()
    };
    assert!(DraftInput::from_pairs(pairs(1, VALUE_MAX)).is_ok());
    assert!(matches!(
        DraftInput::from_pairs(pairs(1, VALUE_MAX + 1)),
        Err(TooMuch::Value { .. })
    ));
    assert!(DraftInput::from_pairs(pairs(VALUES_MAX, 10)).is_ok());
    assert!(matches!(
        DraftInput::from_pairs(pairs(VALUES_MAX + 1, 10)),
        Err(TooMuch::Values { .. })
    ));
    assert_eq!(DraftInput::from_pairs(pairs(11, VALUE_MAX)), Err(TooMuch::Total));
}

#[test]
fn names_of_inputs_read_back_and_no_other_is_taken() {
    for spec in FIELDS {
        for part in Part::of(spec.kind) {
            for row in [None, Some(0), Some(ROWS_MAX - 1)] {
                let name = InputName {
                    field: spec.field,
                    row,
                    part: *part,
                };
                let in_rows = matches!(
                    spec.kind,
                    FieldKind::Partners | FieldKind::Links | FieldKind::Resources
                );
                let read = InputName::parse(&name.to_string());
                assert_eq!(read == Some(name), in_rows == row.is_some(), "{name}");
            }
        }
        assert!(
            InputName::parse(&InputName::main(spec.field).to_string()).is_some(),
            "{}",
            spec.id
        );
    }
    for name in [
        "",
        "titre",
        "title.0",
        "partners",
        "partners.x.name",
        "partners.00.name",
        "partners.50.name",
        "partners.-1.name",
        "contact",
        "links.info.0.kind",
        "organisation.id",
    ] {
        assert_eq!(InputName::parse(name), None, "{name}");
    }
    assert!(short_form().set("titre", vec!["x".to_owned()]).is_err());
}

#[test]
fn a_step_replaces_its_own_inputs_and_leaves_the_others() {
    let mut form = with(&[("tags", "eau"), ("partners.0.name", "Université")]);
    let posted = draft(&[
        ("title", "Autre titre"),
        ("partners.1.name", "École"),
        ("theme", "mobilites"),
    ]);
    form.replace(&[Field::Title, Field::Tags, Field::Partners], &posted);
    assert_eq!(form.first("title"), "Autre titre");
    assert!(form.all("tags").is_empty(), "an unticked box empties the field");
    assert_eq!(form.rows(Field::Partners), [1]);
    assert_eq!(
        form.first("theme"),
        "transition",
        "another step's input is left alone"
    );
    let names: Vec<_> = short_form()
        .differences(&form)
        .into_iter()
        .map(|difference| difference.name)
        .collect();
    assert_eq!(names, ["title", "partners.1.name"]);
}

/// A line that cleaning leaves as it is.
fn line(max: usize) -> impl Strategy<Value = String> {
    proptest::string::string_regex("[A-Za-zéèœ’«»0-9 ,.;:!-]{1,40}")
        .unwrap()
        .prop_map(move |text| clean_line(&text).chars().take(max).collect::<String>())
        .prop_map(|text| clean_line(&text))
        .prop_filter("empty", |text| text.chars().count() >= 3)
}

fn code(list: VocabularyId) -> impl Strategy<Value = String> {
    let codes: Vec<String> = Vocabularies::embedded()
        .get(list)
        .terms()
        .iter()
        .map(|term| term.code.to_owned())
        .collect();
    proptest::sample::select(codes)
}

fn codes(list: VocabularyId, max: usize) -> impl Strategy<Value = Vec<String>> {
    let all: Vec<String> = Vocabularies::embedded()
        .get(list)
        .terms()
        .iter()
        .map(|term| term.code.to_owned())
        .collect();
    let most = max.min(all.len());
    proptest::sample::subsequence(all, 1..=most)
}

fn distinct(names: Vec<String>) -> Vec<String> {
    let mut kept = Vec::new();
    for name in names {
        if !kept.contains(&name) {
            kept.push(name);
        }
    }
    kept
}

fn links(kinds: bool) -> BoxedStrategy<Value> {
    let link = (
        proptest::option::of(line(80)),
        proptest::option::of(code(VocabularyId::LinkAccess)),
        proptest::option::of(code(VocabularyId::ResourceKind)),
        0_u32..9999,
        any::<bool>(),
    )
        .prop_map(move |(label, access, kind, number, internal)| {
            let url = (!internal).then(|| format!("https://ville.example/{number}?a=1#b"));
            Link {
                access: if internal {
                    Some("internal".to_owned())
                } else {
                    access
                },
                url,
                label,
                kind: kind.filter(|_| kinds),
            }
        });
    proptest::collection::vec(link, 1..5)
        .prop_map(Value::Links)
        .boxed()
}

/// A value that the rules accept, for a kind of field.
fn value(field: Field) -> BoxedStrategy<Value> {
    match field.spec().kind {
        FieldKind::Text { max } => line(max).prop_map(Value::Text).boxed(),
        FieldKind::Block { max } => (line(max / 4), line(max / 4))
            .prop_map(|(one, other)| Value::Text(format!("{one}\n\n{other}\n- {one}")))
            .boxed(),
        FieldKind::Code(list) => code(list).prop_map(Value::Code).boxed(),
        FieldKind::Codes(list) => codes(list, 99).prop_map(Value::Codes).boxed(),
        FieldKind::CodesMax(list, max) => codes(list, max).prop_map(Value::Codes).boxed(),
        FieldKind::CodesText(list) => (codes(list, 99), proptest::option::of(line(200)))
            .prop_map(|(codes, text)| Value::CodesText(CodesText { codes, text }))
            .boxed(),
        FieldKind::Date => proptest::sample::select(vec!["2024", "2024-03", "2024-03-15"])
            .prop_map(|text| Value::Date(text.parse().unwrap()))
            .boxed(),
        FieldKind::Integer => (0_u64..1_000_000).prop_map(Value::Integer).boxed(),
        FieldKind::Partners => proptest::collection::vec(
            (line(100), proptest::option::of(code(VocabularyId::PartnerRole))),
            1..14,
        )
        .prop_map(|partners| {
            Value::Partners(
                partners
                    .into_iter()
                    .map(|(name, role)| Partner { name, role })
                    .collect(),
            )
        })
        .boxed(),
        FieldKind::Links => links(false),
        FieldKind::Resources => links(true),
        FieldKind::Names { max } => proptest::collection::vec(line(60), 1..=max)
            .prop_map(|names| Value::Names(distinct(names)))
            .boxed(),
        FieldKind::Contact => proptest::option::of(line(80))
            .prop_map(|role| {
                Value::Contact(Contact {
                    email: Some("innovation@ville.fr".to_owned()),
                    role,
                })
            })
            .boxed(),
        FieldKind::Siret | FieldKind::Decimal { .. } => Just(Value::Text(String::new())).boxed(),
    }
}

fn content() -> impl Strategy<Value = Content> {
    let fields: Vec<BoxedStrategy<Option<(Field, Value)>>> = FIELDS
        .iter()
        .filter(|spec| !spec.field.is_of_organisation())
        .map(|spec| {
            let field = spec.field;
            let required = spec.requirement == crate::field::Requirement::Submit;
            let made = value(field).prop_map(move |value| (field, value));
            if required {
                made.prop_map(Some).boxed()
            } else {
                proptest::option::of(made).boxed()
            }
        })
        .collect();
    fields.prop_map(|values| {
        let mut content = Content::default();
        for (field, value) in values.into_iter().flatten() {
            content.set(field, value);
        }
        content
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_record_written_as_a_form_reads_back_as_it_was(content in content()) {
        let organisation = known();
        let form = DraftInput::from_content(&content, &organisation);
        let checked = form.check(Stage::Submit, &around(Some(&organisation)));
        let checked = checked.map_err(|errors| TestCaseError::fail(format!("{errors:?}")))?;
        prop_assert_eq!(checked.content(), &content);
        prop_assert_eq!(checked.organisation(), &organisation);
        let stored = DraftInput::from_json(&form.to_json().to_string()).unwrap();
        prop_assert_eq!(stored, form);
    }

    #[test]
    fn whatever_is_typed_is_kept_and_read_without_harm(
        typed in proptest::collection::vec((0_usize..200, any::<String>()), 0..30)
    ) {
        let names: Vec<String> = FIELDS
            .iter()
            .flat_map(|spec| Part::of(spec.kind).iter().map(move |part| (spec, part)))
            .map(|(spec, part)| {
                let in_rows = InputName::main(spec.field).row.is_some();
                InputName { field: spec.field, row: in_rows.then_some(3), part: *part }.to_string()
            })
            .collect();
        let pairs: Vec<(String, String)> = typed
            .iter()
            .map(|(at, value)| (names[at % names.len()].clone(), value.clone()))
            .collect();
        let (form, others) = DraftInput::from_pairs(pairs.clone()).unwrap();
        prop_assert!(others.is_empty());
        for (name, value) in &pairs {
            prop_assert!(value.is_empty() || form.all(name).contains(value));
        }
        prop_assert_eq!(&DraftInput::from_json(&form.to_json().to_string()).unwrap(), &form);
        for stage in [Stage::Submit, Stage::Publish] {
            if let Ok(checked) = form.check(stage, &around(None)) {
                prop_assert_eq!(checked.stage(), stage);
            }
        }
    }
}
