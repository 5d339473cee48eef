//! Cells: what each one becomes, and what is said of it.

use sobria_catalogue::content::{Link, Value};
use sobria_catalogue::field::Field;
use sobria_catalogue::import::{Existing, ImportPlan, Outcome};
use sobria_exchange::report::{CODES, explain};

use super::{HEADER, plan_of};

fn row_with(changes: &[(&str, &str)]) -> ImportPlan {
    let mut cells: Vec<(&str, &str)> = vec![
        ("coll_nom", "Ville de Brisac"),
        ("nom_projet", "Projet"),
        ("coll_type", "Commune"),
        ("projet_date", "01/2024"),
        ("projet_status", "Terminé"),
        ("usage_description", "Description"),
        ("theme", "Mobilités"),
        ("audience_service", "Agent"),
    ];
    for (column, cell) in changes {
        cells.retain(|(known, _)| known != column);
        cells.push((column, cell));
    }
    let mut out = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
    out.write_record(cells.iter().map(|(column, _)| column)).unwrap();
    out.write_record(cells.iter().map(|(_, cell)| cell)).unwrap();
    plan_of(&out.into_inner().unwrap(), "a.csv", &Existing::default()).unwrap()
}

#[test]
fn cells_become_values_and_each_change_is_said() {
    for (column, cell, field, expected, code) in [
        (
            "projet_date",
            "janv.-24",
            Field::StartDate,
            "2024-01",
            Some("date_year_assumed"),
        ),
        (
            "projet_date",
            "fin 2023",
            Field::StartDate,
            "2023",
            Some("date_partial"),
        ),
        ("projet_date", "Septembre 2023", Field::StartDate, "2023-09", None),
        (
            "projet_date",
            "45691",
            Field::StartDate,
            "2025-02-03",
            Some("date_excel_serial"),
        ),
        (
            "projet_date",
            "1987",
            Field::StartDate,
            "1987",
            Some("date_implausible"),
        ),
        (
            "theme",
            "transition écologique et énergétique",
            Field::Theme,
            "transition",
            None,
        ),
        (
            "theme",
            "Citoyenneté, santé et solidarité",
            Field::Theme,
            "citoyennete",
            None,
        ),
        (
            "sous_theme",
            "Dechets et economie circulaire",
            Field::Subthemes,
            "dechets",
            None,
        ),
        ("mots_cles", "eau, réseau; eau", Field::Tags, "eau|réseau", None),
        (
            "partenaires",
            "Exo-Dev",
            Field::Partners,
            "Exo-Dev",
            Some("list_split_ambiguous"),
        ),
        (
            "partenaires",
            "Ville de Noisy-le-Grand",
            Field::Partners,
            "Ville de Noisy-le-Grand",
            None,
        ),
        (
            "partenaires",
            "Développé en régie",
            Field::Delivery,
            "interne",
            Some("partners_is_build_mode"),
        ),
        (
            "url_infos",
            "www.a.example",
            Field::InfoLinks,
            "https://www.a.example",
            Some("url_scheme_added"),
        ),
        (
            "url_infos",
            "https://a.example https://b.example",
            Field::InfoLinks,
            "https://a.example|https://b.example",
            None,
        ),
        (
            "projet_contact",
            "numerique@ville.example",
            Field::Contact,
            "numerique@ville.example",
            None,
        ),
        (
            "decisions_par_an",
            "12 000",
            Field::DecisionPerYear,
            "12000",
            None,
        ),
        ("herbergement", "NSP", Field::Hosting, "nsp", None),
        (
            "budget",
            "< 50k€",
            Field::BudgetBand,
            "lt_50k",
            Some("enum_synonym"),
        ),
    ] {
        let plan = row_with(&[(column, cell)]);
        let row = &plan.rows[0];
        assert_eq!(row.outcome, Outcome::Created, "{cell}: {:?}", row.issues);
        let value = row.content.get(field).map(sobria_exchange::cell::encode);
        assert_eq!(value.as_deref(), Some(expected), "{cell}");
        if let Some(code) = code {
            assert!(
                row.issues.iter().any(|issue| issue.code == code),
                "{cell}: {:?}",
                row.issues
            );
        }
    }
}

#[test]
fn markers_of_nothing_are_no_values() {
    for marker in [
        "/",
        "-",
        "n/a",
        "NA",
        "Néant",
        "aucun",
        "#N/A",
        "#REF!",
        "Non renseigné",
        "sans objet",
        "...",
    ] {
        let plan = row_with(&[
            ("partenaires", marker),
            ("url_infos", marker),
            ("sous_theme", marker),
            ("budget", marker),
        ]);
        let row = &plan.rows[0];
        assert_eq!(row.outcome, Outcome::Created, "{marker}");
        for field in [
            Field::Partners,
            Field::InfoLinks,
            Field::Subthemes,
            Field::BudgetBand,
            Field::Tags,
        ] {
            assert!(row.content.get(field).is_none(), "{marker} {field:?}");
        }
        for column in [
            "coll_nom",
            "nom_projet",
            "usage_description",
            "projet_date",
            "theme",
        ] {
            let plan = row_with(&[(column, marker)]);
            assert_eq!(plan.rows[0].outcome, Outcome::Rejected, "{column} {marker}");
        }
    }
}

#[test]
fn what_no_list_knows_is_kept_as_a_tag_with_a_proposal() {
    let plan = row_with(&[("audience_service", "Agnet"), ("projet_status", "En orbite")]);
    let row = &plan.rows[0];
    assert_eq!(row.outcome, Outcome::Created);
    let mut tags = match row.content.get(Field::Tags) {
        Some(Value::Names(tags)) => tags.clone(),
        other => panic!("{other:?}"),
    };
    tags.sort();
    assert_eq!(tags, ["Agnet", "En orbite"]);
    let proposed = row
        .issues
        .iter()
        .find(|issue| issue.before.as_deref() == Some("Agnet"))
        .and_then(|issue| issue.suggestion.clone())
        .unwrap();
    assert!(proposed.contains("Agent"), "{proposed}");
}

#[test]
fn four_columns_of_dates_are_each_read_in_their_own_order() {
    for (cells, first, code) in [
        (["03/04/2024", "25/04/2024"], "2024-04-03", None),
        (
            ["03/04/2024", "04/25/2024"],
            "2024-03-04",
            Some("date_order_inferred"),
        ),
        (["01/02/2024", "01/11/2023"], "2024-02-01", None),
        (
            ["03/04/2024", "05/06/2024"],
            "2024-04-03",
            Some("date_order_assumed"),
        ),
    ] {
        let rows: String = cells
            .iter()
            .enumerate()
            .map(|(n, cell)| format!("Ville de Brisac;Projet {n};{cell}\n"))
            .collect();
        let text = format!("coll_nom;nom_projet;projet_date\n{rows}");
        let plan = plan_of(text.as_bytes(), "a.csv", &Existing::default()).unwrap();
        let row = &plan.rows[0];
        assert_eq!(
            row.content.date(Field::StartDate).unwrap().to_string(),
            first,
            "{cells:?}"
        );
        assert_eq!(row.issues.first().map(|issue| issue.code), code, "{cells:?}");
    }
}

#[test]
fn a_native_file_is_trusted_for_its_shape_and_not_for_what_it_holds() {
    let text = r#"[{"organisation":{"name":"Ville de Brisac"},"title":"Projet",
        "links":{"info":[{"url":"javascript:alert(1)"},{"url":"https://a.example","access":"secret"}]},
        "resources":[{"url":"https://b.example","kind":"code"},{"url":"file:///etc/passwd"}],
        "subthemes":["gestion_eau","dechets","risques","cybersecurite","participation"],
        "partners":[{"name":"  Institut\u0000  X "}],
        "tags":["a","a","b\u202e"],
        "start_date":"1912",
        "contact":{"email":"personne"}}]"#;
    let plan = plan_of(text.as_bytes(), "a.json", &Existing::default()).unwrap();
    let row = &plan.rows[0];
    let links = |field| match row.content.get(field) {
        Some(Value::Links(links)) => links.clone(),
        other => panic!("{other:?}"),
    };
    let expected = Link {
        url: Some("https://a.example".to_owned()),
        ..Link::default()
    };
    assert_eq!(links(Field::InfoLinks), [expected]);
    assert_eq!(links(Field::Resources).len(), 1);
    assert_eq!(row.content.codes(Field::Subthemes).len(), 4);
    assert_eq!(
        row.content.get(Field::Tags),
        Some(&Value::Names(vec!["a".to_owned(), "b".to_owned()]))
    );
    assert!(row.content.get(Field::Contact).is_none());
    let codes: Vec<_> = row.issues.iter().map(|issue| issue.code).collect();
    for code in [
        "url_invalid",
        "enum_unknown",
        "subtheme_too_many",
        "date_implausible",
        "value_invalid",
    ] {
        assert!(codes.contains(&code), "{code}: {codes:?}");
    }
}

#[test]
fn hidden_characters_and_dates_in_the_wrong_order_are_said() {
    let plan = row_with(&[
        ("usage_description", "Un\u{202e} texte"),
        ("projet_date_fin", "2020"),
    ]);
    let codes: Vec<_> = plan.rows[0].issues.iter().map(|issue| issue.code).collect();
    assert!(
        codes.contains(&"hidden_characters") && codes.contains(&"date_inverted"),
        "{codes:?}"
    );
}

#[test]
fn lines_of_totals_under_the_table_are_left_aside_by_name() {
    let row = "Ville de Brisac;Projet;;;;Commune;01/2024;Terminé;;Texte;Mobilités;;Agent;;;";
    let text = format!("{HEADER}\n{row}\nTotal;;;;;;;;;;;;;;;\n;;;;;;;;;;;;;;;\n");
    let plan = plan_of(text.as_bytes(), "a.csv", &Existing::default()).unwrap();
    let outcomes: Vec<_> = plan.rows.iter().map(|row| row.outcome).collect();
    assert_eq!(outcomes, [Outcome::Created, Outcome::Blank, Outcome::Blank]);
    assert_eq!(plan.rows[1].issues[0].code, "totals_row");
}

#[test]
fn every_code_that_the_sources_give_is_explained_and_documented() {
    let sources = [
        include_str!("../../src/read.rs"),
        include_str!("../../src/read/delimited.rs"),
        include_str!("../../src/read/workbook.rs"),
        include_str!("../../src/plan.rs"),
        include_str!("../../src/plan/known.rs"),
        include_str!("../../src/plan/organisations.rs"),
        include_str!("../../src/plan/row.rs"),
        include_str!("../../src/plan/row/carrier.rs"),
        include_str!("../../src/plan/row/historic.rs"),
        include_str!("../../src/plan/row/marked.rs"),
        include_str!("../../src/plan/row/native.rs"),
        include_str!("../../src/plan/row/remarks.rs"),
        include_str!("../../src/plan/series.rs"),
    ];
    let documentation = include_str!("../../../../docs/import.md");
    let mut seen = 0;
    for source in sources {
        for (at, _) in source.match_indices("Severity::") {
            // The code stands just before its severity.
            let before = &source[source.floor_char_boundary(at.saturating_sub(120))..at];
            let Some(code) = before.rsplit('"').nth(1).filter(|code| code.contains('_')) else {
                continue;
            };
            assert_ne!(explain(code), "autre remarque", "{code}");
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen}");
    for (code, _) in CODES {
        assert!(
            documentation.contains(&format!("`{code}`")),
            "{code} is missing from docs/import.md"
        );
    }
}
