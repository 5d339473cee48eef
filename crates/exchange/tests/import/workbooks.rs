//! What workbooks say beside their values, and what CSV files of other machines hold: each is read as its author sees
//! it, or said in words.

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Url, Workbook, Worksheet};
use sobria_catalogue::content::Value;
use sobria_catalogue::field::Field;
use sobria_catalogue::import::{Existing, ImportPlan, Issue, Outcome, PlannedRow};

use super::files::{archive, ods, ods_row, sheet_xml, xlsx};
use super::{HEADER, plan_of};

const CELLS: [&str; 16] = [
    "Ville de Brisac",
    "Projet",
    "24440040400129",
    "47.1",
    "1.2",
    "Commune",
    "01/2024",
    "Terminé",
    "CEREMA",
    "Texte",
    "Mobilités",
    "Voirie",
    "Agent",
    "",
    "",
    "20/02/2025",
];

fn planned(bytes: &[u8]) -> ImportPlan {
    plan_of(bytes, "fichier", &Existing::default()).unwrap()
}

/// A workbook of one good row, whose sheet is then changed.
fn workbook(more: &[&str], change: impl FnOnce(&mut Worksheet)) -> ImportPlan {
    planned(&saved(more, change))
}

fn saved(more: &[&str], change: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, header) in (0_u16..).zip(HEADER.split(';').chain(more.iter().copied())) {
        sheet.write_string(0, column, header).unwrap();
    }
    for (column, cell) in (0_u16..).zip(CELLS) {
        sheet.write_string(1, column, cell).unwrap();
    }
    change(sheet);
    book.save_to_buffer().unwrap()
}

fn said<'p>(row: &'p PlannedRow, code: &str) -> &'p Issue {
    row.issues
        .iter()
        .find(|issue| issue.code == code)
        .unwrap_or_else(|| panic!("{code} is not said: {:?}", row.issues))
}

fn start(row: &PlannedRow) -> String {
    row.content
        .date(Field::StartDate)
        .map(|date| date.to_string())
        .unwrap_or_default()
}

#[test]
fn dates_of_a_workbook_are_those_that_its_sheet_shows() {
    for (format, expected) in [
        ("dd/mm/yyyy", "2024-01-01"),
        ("mmm-yy", "2024-01"),
        ("yyyy", "2024"),
    ] {
        let plan = workbook(&[], |sheet| {
            let date = ExcelDateTime::from_ymd(2024, 1, 1).unwrap();
            let format = Format::new().set_num_format(format);
            sheet.write_datetime_with_format(1, 6, date, &format).unwrap();
        });
        assert_eq!(start(&plan.rows[0]), expected, "{format}");
        assert_eq!(plan.rows[0].outcome, Outcome::Created);
    }
}

#[test]
fn days_counted_from_1904_are_read_so_and_bare_numbers_are_doubted() {
    let (header, mut cells) = (HEADER.split(';').collect::<Vec<_>>(), CELLS.to_vec());
    cells[6] = "44229";
    let bytes = |old: bool| {
        let text = xlsx(&sheet_xml(&[header.clone(), cells.clone()]));
        if !old {
            return text;
        }
        let mut parts = Vec::new();
        let mut whole = zip::ZipArchive::new(std::io::Cursor::new(text)).unwrap();
        for at in 0..whole.len() {
            let mut part = whole.by_index(at).unwrap();
            let mut content = String::new();
            std::io::Read::read_to_string(&mut part, &mut content).unwrap();
            let content = content.replace("<sheets>", r#"<workbookPr date1904="1"/><sheets>"#);
            parts.push((part.name().to_owned(), content));
        }
        let parts: Vec<(&str, &[u8])> = parts
            .iter()
            .map(|(name, content)| (name.as_str(), content.as_bytes()))
            .collect();
        archive(&parts)
    };
    let plain = planned(&bytes(false));
    assert_eq!(start(&plain.rows[0]), "2021-02-02");
    let old = planned(&bytes(true));
    assert_eq!(start(&old.rows[0]), "2025-02-03");
    let issue = said(&old.rows[0], "date_excel_serial");
    assert!(issue.suggestion.as_deref().unwrap().contains("1904"), "{issue:?}");
}

#[test]
fn percentages_and_amounts_keep_their_unit() {
    let plan = workbook(&["impact_environnement", "decisions_par_an"], |sheet| {
        let euros = Format::new().set_num_format("#,##0 \"k€\"");
        sheet.write_number_with_format(1, 16, 45.0, &euros).unwrap();
        let percent = Format::new().set_num_format("0%");
        sheet.write_number_with_format(1, 17, 1.0, &percent).unwrap();
        sheet.write_number_with_format(1, 9, 0.45, &percent).unwrap();
    });
    let row = &plan.rows[0];
    assert_eq!(row.content.text(Field::EnvironmentStatement), Some("45\u{a0}k€"));
    assert_eq!(row.content.text(Field::Description), Some("45\u{a0}%"));
    assert_eq!(
        row.content.get(Field::DecisionPerYear),
        None,
        "100 % is no number of decisions"
    );
    let issue = said(row, "value_invalid");
    assert_eq!(issue.before.as_deref(), Some("100\u{a0}%"));
    let typed = format!("{HEADER};decisions_par_an\n{};45 %\n", CELLS.join(";"));
    said(&planned(typed.as_bytes()).rows[0], "value_invalid");
}

#[test]
fn an_address_under_a_text_is_taken_where_addresses_are_wanted_and_told_elsewhere() {
    let link = |text: &str| Url::new("https://a.example/projet?a=1&b=2").set_text(text);
    let plan = workbook(&[], |sheet| {
        sheet.write_url(1, 13, link("Voir le projet")).unwrap();
        sheet.write_url(1, 0, link("Ville de Brisac")).unwrap();
    });
    let row = &plan.rows[0];
    let Some(Value::Links(links)) = row.content.get(Field::InfoLinks) else {
        panic!("the address is lost: {:?}", row.issues);
    };
    assert_eq!(links[0].url.as_deref(), Some("https://a.example/projet?a=1&b=2"));
    assert_eq!(links[0].label.as_deref(), Some("Voir le projet"));
    let told: Vec<_> = row
        .issues
        .iter()
        .filter(|issue| issue.code == "link_in_cell")
        .map(|issue| (issue.field.as_deref().unwrap(), issue.after.is_some()))
        .collect();
    assert_eq!(told, [("organisation.name", false), ("links.info", true)]);

    let plan = workbook(&[], |sheet| {
        let formula = Formula::new(r#"=HYPERLINK("https://a.example/f","Voir")"#).set_result("Voir");
        sheet.write_formula(1, 13, formula).unwrap();
    });
    let after = said(&plan.rows[0], "link_in_cell").after.clone();
    assert_eq!(after.as_deref(), Some("https://a.example/f"));

    let plan = workbook(&[], |sheet| {
        sheet.write_url(1, 13, "https://a.example/same").unwrap();
    });
    assert!(
        plan.rows[0]
            .issues
            .iter()
            .all(|issue| issue.code != "link_in_cell"),
        "an address that was typed leads to itself"
    );

    let plan = workbook(&[], |sheet| {
        let other = Url::new("https://b.example").set_text("https://a.example");
        sheet.write_url(1, 13, other).unwrap();
    });
    let issue = said(&plan.rows[0], "link_in_cell");
    assert!(issue.suggestion.as_deref().unwrap().contains("https://b.example"));
}

#[test]
fn what_a_workbook_hides_is_read_and_said() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, (header, cell)) in (0_u16..).zip(HEADER.split(';').zip(CELLS)) {
        sheet.write_string(0, column, header).unwrap();
        sheet.write_string(1, column, cell).unwrap();
        sheet.write_string(2, column, cell).unwrap();
    }
    sheet.write_string(2, 1, "Autre projet").unwrap();
    sheet.set_row_hidden(2).unwrap();
    sheet.set_column_hidden(8).unwrap();
    let lists = book.add_worksheet();
    lists
        .set_name("Listes")
        .unwrap()
        .write_string(0, 0, "Terminé")
        .unwrap();
    lists.set_hidden(true);
    let plan = planned(&book.save_to_buffer().unwrap());
    let hidden = |row: &PlannedRow| row.issues.iter().any(|issue| issue.code == "row_concealed");
    assert_eq!(plan.rows.iter().map(hidden).collect::<Vec<_>>(), [false, true]);
    assert_eq!(plan.rows[1].outcome, Outcome::Created);
    let columns = said(&plan.rows[0], "columns_concealed");
    assert_eq!(columns.before.as_deref(), Some("partenaires"));
    assert_eq!(
        said(&plan.rows[0], "sheet_hidden").before.as_deref(),
        Some("Listes")
    );
}

#[test]
fn errors_of_formulas_and_columns_too_narrow_are_said_and_no_value() {
    for (column, error) in [(8, "#REF!"), (9, "#N/A"), (2, "#VALEUR!"), (8, "####")] {
        let mut cells = CELLS;
        cells[column] = error;
        let plan = planned(format!("{HEADER}\n{}\n", cells.join(";")).as_bytes());
        let row = &plan.rows[0];
        assert_eq!(said(row, "formula_error").before.as_deref(), Some(error));
        let lost = column == 9;
        assert_eq!(
            row.outcome == Outcome::Rejected,
            lost,
            "{error}: {:?}",
            row.issues
        );
        assert!(!format!("{:?}", row.content).contains(error), "{error}");
    }
    // A keyword is no error.
    let mut cells = CELLS;
    cells[9] = "#numérique";
    let plan = planned(format!("{HEADER}\n{}\n", cells.join(";")).as_bytes());
    assert_eq!(plan.rows[0].content.text(Field::Description), Some("#numérique"));
}

#[test]
fn formulas_without_a_result_are_said() {
    let formula = "<row><c t=\"inlineStr\"><is><t>a</t></is></c><c><f>A1&amp;B1</f></c></row>";
    let sheet = |more: &str| {
        let rows = sheet_xml(&[HEADER.split(';').collect(), CELLS.to_vec()]);
        xlsx(&rows.replace("</sheetData>", &format!("{more}</sheetData>")))
    };
    let plan = planned(&sheet(formula));
    let before = said(&plan.rows[0], "formula_unresolved").before.clone();
    assert_eq!(before.as_deref(), Some("1 à partir de la ligne 3"));
    let resolved = formula.replace("</f>", "</f><v>1</v>");
    let plan = planned(&sheet(&resolved));
    assert!(
        plan.rows[0]
            .issues
            .iter()
            .all(|issue| issue.code != "formula_unresolved")
    );
}

#[test]
fn texts_in_several_fonts_and_lines_are_whole() {
    let plan = workbook(&[], |sheet| {
        let (bold, plain) = (Format::new().set_bold(), Format::new());
        sheet
            .write_rich_string(
                1,
                9,
                &[
                    (&plain, "Une ligne\n"),
                    (&bold, "en gras"),
                    (&plain, ", puis fin"),
                ],
            )
            .unwrap();
    });
    let text = plan.rows[0].content.text(Field::Description);
    assert_eq!(text, Some("Une ligne\nen gras, puis fin"));
}

#[test]
fn open_document_sheets_say_as_much_as_those_of_excel() {
    let header = ods_row(
        &HEADER
            .split(';')
            .chain(["impact_environnement"])
            .collect::<Vec<_>>(),
    );
    let cell = |text: &str| {
        format!(r#"<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>"#)
    };
    let row = |title: &str, first: &str, attributes: &str| {
        let cells: String = CELLS.iter().enumerate().skip(1).map(|(at, text)| match at {
            1 => cell(title),
            13 => r#"<table:table-cell office:value-type="string"><text:p><text:a xlink:href="https://a.example/x?a=1&amp;b=2">Voir</text:a></text:p></table:table-cell>"#.to_owned(),
            _ => cell(text),
        }).collect();
        format!(
            r#"<table:table-row{attributes}>{first}{cells}<table:table-cell office:value-type="percentage" office:value="0.45"><text:p>45 %</text:p></table:table-cell></table:table-row>"#
        )
    };
    let rows = format!(
        "{header}{}{}",
        row(
            "Projet 1",
            r#"<table:table-cell office:value-type="string" table:number-rows-spanned="2"><text:p>Ville de Brisac</text:p></table:table-cell>"#,
            ""
        ),
        row(
            "Projet 2",
            "<table:covered-table-cell/>",
            r#" table:visibility="collapse""#
        ),
    );
    let plan = planned(&ods(&rows));
    for row in &plan.rows {
        assert_eq!(row.outcome, Outcome::Created, "{:?}", row.issues);
        assert_eq!(row.content.text(Field::EnvironmentStatement), Some("45 %"));
        let after = said(row, "link_in_cell").after.clone();
        assert_eq!(after.as_deref(), Some("https://a.example/x?a=1&b=2"));
    }
    said(&plan.rows[1], "merged_cell");
    said(&plan.rows[1], "row_concealed");
}

#[test]
fn files_of_other_machines_are_read_or_doubted() {
    let text = format!(
        "{HEADER}\n{}\n",
        CELLS
            .join(";")
            .replace("Texte", "Réseau d’eau à protéger, été compris")
    );
    let plan = planned(&macintosh(&text));
    assert_eq!(
        plan.rows[0].content.text(Field::Description),
        Some("Réseau d’eau à protéger, été compris")
    );
    let note = said(&plan.rows[0], "encoding_assumed");
    assert!(note.suggestion.as_deref().unwrap().contains("Mac Roman"));

    let dos: Vec<u8> = text
        .chars()
        .map(|c| match c {
            'é' => 0x82,
            'à' => 0x85,
            '’' => b'\'',
            other => u8::try_from(u32::from(other)).unwrap_or(b'?'),
        })
        .collect();
    said(&planned(&dos).rows[0], "encoding_doubtful");
}

/// A text as an old Macintosh writes it.
fn macintosh(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| match c {
            'é' => 0x8E,
            'à' => 0x88,
            '’' => 0xD5,
            other => u8::try_from(u32::from(other)).unwrap(),
        })
        .collect()
}

#[test]
fn quotes_that_close_too_early_are_said() {
    let file = |text: &str| format!("{HEADER}\n{}\n", CELLS.join(";").replace("Texte", text));
    for (text, kept, doubted) in [
        (r#""dit ""oui"" ici""#, r#"dit "oui" ici"#, false),
        ("\"deux\nlignes\"", "deux\nlignes", false),
        (r#"écran 5" posé"#, r#"écran 5" posé"#, false),
        (r#""dit "oui" ici""#, r#"dit oui" ici""#, true),
    ] {
        let plan = planned(file(text).as_bytes());
        let row = &plan.rows[0];
        assert_eq!(row.content.text(Field::Description), Some(kept), "{text}");
        let is_said = row.issues.iter().any(|issue| issue.code == "quotes_doubtful");
        assert_eq!(is_said, doubted, "{text}");
    }
}

#[test]
fn a_declared_separator_is_a_line_of_the_file() {
    let text = format!("sep=;\r\n{HEADER}\r\nVille;trop court\r\n");
    assert_eq!(planned(text.as_bytes()).rows[0].line, 3);
}
