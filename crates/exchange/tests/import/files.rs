//! Whole files: formats, shapes, limits, and what is said when one cannot be used.

use std::io::Write;

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use sobria_catalogue::field::Field;
use sobria_catalogue::import::{Existing, Outcome};
use sobria_exchange::aliases::Target;
use sobria_exchange::error::FileError;
use sobria_exchange::read::{ReadOptions, Sheet, read};

use super::{HEADER, plan_of};

/// An archive of named parts.
pub fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The smallest workbook around one sheet.
pub fn xlsx(sheet: &str) -> Vec<u8> {
    xlsx_with(sheet, &[])
}

pub fn xlsx_with(sheet: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let link = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let workbook = format!(
        r#"<?xml version="1.0"?><workbook xmlns="{main}" xmlns:r="{link}"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>"#
    );
    let rels = format!(
        r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{link}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#
    );
    let root = format!(
        r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{link}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
    );
    let types = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#;
    let mut parts: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", rels.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ];
    parts.extend_from_slice(more);
    archive(&parts)
}

/// A sheet of inline texts.
pub fn sheet_xml(rows: &[Vec<&str>]) -> String {
    let mut xml = String::from(
        r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#,
    );
    for cells in rows {
        xml.push_str("<row>");
        for cell in cells {
            let cell = cell.replace('&', "&amp;").replace('<', "&lt;");
            xml.push_str(&format!(r#"<c t="inlineStr"><is><t>{cell}</t></is></c>"#));
        }
        xml.push_str("</row>");
    }
    xml.push_str("</sheetData></worksheet>");
    xml
}

/// The smallest Open Document sheet.
pub fn ods(rows: &str) -> Vec<u8> {
    let content = format!(
        r#"<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="A">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"#
    );
    let manifest = br#"<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>"#;
    archive(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", content.as_bytes()),
        ("META-INF/manifest.xml", manifest),
    ])
}

pub fn ods_row(cells: &[&str]) -> String {
    let cells: String = cells
        .iter()
        .map(|cell| {
            format!(
                r#"<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>"#
            )
        })
        .collect();
    format!("<table:table-row>{cells}</table:table-row>")
}

fn small() -> (Vec<&'static str>, Vec<&'static str>) {
    (
        vec!["coll_nom", "nom_projet", "coll_type", "projet_date", "theme"],
        vec!["Ville de Brisac", "Projet", "Commune", "01/2024", "Mobilités"],
    )
}

fn sheet_of(bytes: &[u8], name: &str) -> Result<Sheet, FileError> {
    read(bytes, name, &ReadOptions::default())
}

#[test]
fn every_format_gives_the_same_record() {
    let (header, row) = small();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, (header, cell)) in (0_u16..).zip(header.iter().zip(&row)) {
        sheet.write_string(2, column, *header).unwrap();
        if *header == "projet_date" {
            let date = ExcelDateTime::from_ymd(2024, 1, 15).unwrap();
            let format = Format::new().set_num_format("dd/mm/yyyy");
            sheet
                .write_datetime_with_format(3, column, date, &format)
                .unwrap();
        } else {
            sheet.write_string(3, column, *cell).unwrap();
        }
    }
    sheet.write_string(0, 0, "Tableau de suivi").unwrap();
    let typed = workbook.save_to_buffer().unwrap();
    let text = |separator: &str| format!("{}\n{}\n", header.join(separator), row.join(separator));
    let utf16: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(text(";").encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let object: serde_json::Map<String, serde_json::Value> = header
        .iter()
        .zip(&row)
        .map(|(header, cell)| ((*header).to_owned(), serde_json::Value::from(*cell)))
        .collect();
    let object = serde_json::Value::Object(object).to_string();
    let record = r#"{"organisation":{"name":"Ville de Brisac","kind":"commune"},"title":"Projet","start_date":"2024-01","theme":"mobilites"}"#;
    for (name, bytes) in [
        ("semicolon", text(";").into_bytes()),
        ("comma", text(",").into_bytes()),
        ("tab", text("\t").into_bytes()),
        (
            "separator declared",
            format!("sep=;\r\n{}", text(";")).into_bytes(),
        ),
        ("old ends of line", text(";").replace('\n', "\r").into_bytes()),
        ("utf-16", utf16),
        ("workbook", xlsx(&sheet_xml(&[header.clone(), row.clone()]))),
        ("typed workbook with a title", typed),
        (
            "open document",
            ods(&format!("{}{}", ods_row(&header), ods_row(&row))),
        ),
        ("flat json", format!("[{object}]").into_bytes()),
        ("flat ndjson", format!("{object}\n{object}\n").into_bytes()),
        (
            "answer of a program",
            format!("{{\"data\": [{object}]}}").into_bytes(),
        ),
        ("json", format!("[{record}]").into_bytes()),
        ("ndjson", format!("{record}\n").into_bytes()),
        (
            "list of the interface",
            format!("{{\"items\":[{record}],\"total\":1}}").into_bytes(),
        ),
    ] {
        let plan = plan_of(&bytes, name, &Existing::default()).unwrap();
        let row = &plan.rows[0];
        assert_eq!(row.outcome, Outcome::Created, "{name}: {:?}", row.issues);
        assert_eq!(row.content.title(), "Projet", "{name}");
        assert_eq!(row.content.code(Field::Theme), Some("mobilites"), "{name}");
        let date = row.content.date(Field::StartDate).unwrap();
        assert_eq!((date.year(), date.month()), (2024, Some(1)), "{name}");
        assert_eq!(
            plan.organisations[0].organisation.kind.as_deref(),
            Some("commune"),
            "{name}"
        );
        assert!(
            row.issues.iter().all(|issue| issue.code != "date_excel_serial"),
            "{name}: a date that is typed as one is no number"
        );
    }
}

#[test]
fn tables_of_grist_give_their_lists_and_dates() {
    let text = br#"{"records":[{"id":4,"fields":{"Nom_collectivite":"Ville de Brisac","Nom_du_projet":"Projet","Type_de_collectivite":"Commune","Date_de_demarrage":1704067200,"Audience":["L","Agent","Grand public"],"Theme":"Mobilit\u00e9s"}}]}"#;
    let plan = plan_of(text, "grist.json", &Existing::default()).unwrap();
    let content = &plan.rows[0].content;
    assert_eq!(content.codes(Field::Audiences), ["agent", "grand_public"]);
    assert_eq!(content.date(Field::StartDate).unwrap().to_string(), "2024-01-01");
}

#[test]
fn files_that_cannot_be_used_say_why_in_one_sentence() {
    let (header, row) = small();
    let far = r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>coll_nom</t></is></c></row><row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData></worksheet>"#;
    let laughs = format!(
        "<?xml version=\"1.0\"?>{}<!DOCTYPE lolz [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><sst><si><t>&b;</t></si></sst>",
        " ".repeat(70_000)
    );
    let zeros = vec![b'0'; 30_000_000];
    let many: Vec<(String, &[u8])> = (0..250).map(|n| (format!("p{n}"), &b""[..])).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    let wide = vec!["x"; 300];
    let open = format!("{HEADER}\nVille;\"Projet;;;;;\nAutre;Projet\n");
    let truncated = {
        let mut whole = xlsx(&sheet_xml(&[header.clone(), row.clone()]));
        whole.truncate(whole.len() / 2);
        whole
    };
    for (name, bytes, code) in [
        ("far cell", xlsx(far), "too_large"),
        ("wide row", xlsx(&sheet_xml(&[header.clone(), wide])), "too_large"),
        (
            "entities",
            xlsx_with(
                &sheet_xml(std::slice::from_ref(&header)),
                &[("xl/sharedStrings.xml", laughs.as_bytes())],
            ),
            "damaged",
        ),
        (
            "bomb",
            xlsx_with(
                &sheet_xml(std::slice::from_ref(&header)),
                &[("xl/media/a.bin", &zeros)],
            ),
            "too_large",
        ),
        ("many entries", archive(&many), "too_large"),
        (
            "archive of something else",
            archive(&[("photo.jpg", b"x")]),
            "not_a_table",
        ),
        (
            "binary workbook",
            archive(&[("xl/workbook.bin", b"x")]),
            "not_a_table",
        ),
        (
            "text document",
            archive(&[("word/document.xml", b"<x/>")]),
            "not_a_table",
        ),
        ("truncated workbook", truncated, "damaged"),
        ("empty workbook", xlsx(&sheet_xml(&[])), "empty"),
        (
            "rows repeated for ever",
            ods(&ods_row(&header).replacen(
                "<table:table-row>",
                r#"<table:table-row table:number-rows-repeated="1048576">"#,
                1,
            )),
            "too_large",
        ),
        (
            "encrypted open document",
            archive(&[
                ("content.xml", b"x"),
                ("META-INF/manifest.xml", b"<manifest:encryption-data/>"),
            ]),
            "not_a_table",
        ),
        ("open quote", open.into_bytes(), "damaged"),
        ("binary", vec![0, 1, 2, 3], "not_a_table"),
        (
            "late zero byte",
            format!("{HEADER}\n{}\0", "a".repeat(200_000)).into_bytes(),
            "not_a_table",
        ),
        ("deep json", "[".repeat(100_000).into_bytes(), "damaged"),
        (
            "json error",
            br#"{"error":"Unauthorized"}"#.to_vec(),
            "not_a_table",
        ),
        ("json text", b"[\"a\"]".to_vec(), "not_a_table"),
        ("empty list", b"[]".to_vec(), "empty"),
        (
            "too many columns",
            vec![b';'; 200].into_iter().chain(*b"x;y\n").collect(),
            "too_large",
        ),
        ("sentence", "{\"a".as_bytes().to_vec(), "damaged"),
    ] {
        let error = sheet_of(&bytes, "fichier").unwrap_err();
        assert_eq!(error.code(), code, "{name}: {error}");
        let text = error.to_string();
        assert!(
            text.contains("fichier") && text.ends_with('.') && !text.contains('\n'),
            "{name}: {text}"
        );
    }
}

#[test]
fn one_text_shared_by_many_cells_is_counted_each_time() {
    let text = "x".repeat(32_000);
    let strings = format!(
        r#"<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>{text}</t></si></sst>"#
    );
    let mut sheet = String::from(
        r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#,
    );
    for _ in 0..9_000 {
        sheet.push_str(r#"<row><c t="s"><v>0</v></c></row>"#);
    }
    sheet.push_str("</sheetData></worksheet>");
    let rels = br#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#;
    let workbook = br#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
    let root = br#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    let bytes = archive(&[
        ("_rels/.rels", root),
        ("xl/workbook.xml", workbook),
        ("xl/_rels/workbook.xml.rels", rels),
        ("xl/sharedStrings.xml", strings.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ]);
    let error = sheet_of(&bytes, "fichier").unwrap_err();
    assert_eq!(error.code(), "too_large", "{error}");
}

#[test]
fn a_table_without_rows_is_accepted_and_gives_nothing() {
    let plan = plan_of(format!("{HEADER}\n").as_bytes(), "a.csv", &Existing::default()).unwrap();
    assert_eq!(plan.summary().rows, 0);
}

#[test]
fn headers_of_forms_are_understood_with_their_stars_and_remarks() {
    let text = "1. Collectivité *;2. Intitulé du projet (obligatoire);État d’avancement;Thématique;Publics cibles;Lien\nVille de Brisac;Projet;Terminé;Mobilités;Agents;https://a.example\n";
    let plan = plan_of(text.as_bytes(), "a.csv", &Existing::default()).unwrap();
    let row = &plan.rows[0];
    assert_eq!(row.outcome, Outcome::Created, "{:?}", row.issues);
    assert_eq!(row.content.code(Field::Maturity), Some("termine"));
    assert_eq!(row.content.codes(Field::Audiences), ["agent"]);
    assert!(row.content.get(Field::InfoLinks).is_some());
}

#[test]
fn a_bare_description_beside_that_of_the_service_is_the_one_of_the_algorithm() {
    let text = "coll_nom;nom_projet;usage_service;description;url;status\nVille de Brisac;Projet;Le service;L’algorithme;https://a.example;Terminé\n";
    let plan = plan_of(text.as_bytes(), "a.csv", &Existing::default()).unwrap();
    let row = &plan.rows[0];
    assert_eq!(row.content.text(Field::Description), Some("Le service"));
    assert_eq!(
        row.content.text(Field::AlgorithmDescription),
        Some("L’algorithme")
    );
    assert_eq!(row.content.code(Field::Maturity), Some("termine"));
    let assumed = row
        .issues
        .iter()
        .filter(|issue| issue.code == "header_assumed")
        .count();
    assert_eq!(assumed, 3);
}

#[test]
fn what_was_assumed_about_the_file_is_said_on_its_first_row() {
    let labels =
        "Suivi des projets\n;;\nCollectivité;Projet;Thème;Couleur\nVille de Brisac;Projet;Mobilités;bleu\n";
    let latin: Vec<u8> = labels
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
        .collect();
    let plan = plan_of(&latin, "a.csv", &Existing::default()).unwrap();
    let codes: Vec<_> = plan.rows[0].issues.iter().map(|issue| issue.code).collect();
    for code in ["encoding_assumed", "title_lines", "hidden_column"] {
        assert!(codes.contains(&code), "{code}: {codes:?}");
    }
    assert!(plan.rows[0].raw_row.contains("\"Couleur\":\"bleu\""));
}

#[test]
fn a_cell_beside_the_table_of_a_workbook_is_a_hidden_column_and_not_a_broken_row() {
    let (header, mut row) = small();
    row.extend(["", "à relire"]);
    let plan = plan_of(&xlsx(&sheet_xml(&[header, row])), "a.xlsx", &Existing::default()).unwrap();
    assert_eq!(
        plan.rows[0].outcome,
        Outcome::Created,
        "{:?}",
        plan.rows[0].issues
    );
    let hidden: Vec<_> = plan.rows[0]
        .issues
        .iter()
        .filter(|issue| issue.code == "hidden_column")
        .filter_map(|issue| issue.field.clone())
        .collect();
    assert_eq!(hidden, ["colonne 7"]);
}

#[test]
fn a_row_with_an_unquoted_separator_gives_its_line_and_both_counts() {
    let text = format!("{HEADER}\n\n\nVille;Un;projet;de;trop\n");
    let plan = plan_of(text.as_bytes(), "a.csv", &Existing::default()).unwrap();
    let issue = &plan.rows[0].issues[0];
    assert_eq!(issue.code, "cell_count");
    assert_eq!(issue.before.as_deref(), Some("5 cellules"));
    let text = issue.suggestion.as_deref().unwrap();
    assert!(text.contains("16") && text.contains("ligne 4"), "{text}");
}

#[test]
fn a_mapping_works_in_every_tabular_format() {
    let (mut header, row) = small();
    header[1] = "coll_nom";
    let options = ReadOptions {
        map: vec![(2, "nom_projet".to_owned())],
        ..ReadOptions::default()
    };
    for bytes in [
        format!("{}\n{}\n", header.join(";"), row.join(";")).into_bytes(),
        xlsx(&sheet_xml(&[header.clone(), row.clone()])),
    ] {
        let error = sheet_of(&bytes, "fichier").unwrap_err();
        assert_eq!(error.code(), "needs_mapping");
        assert!(
            error.to_string().contains("Ville de Brisac"),
            "a sample is shown: {error}"
        );
        let sheet = read(&bytes, "fichier", &options).unwrap();
        assert_eq!(sheet.position(Target::Field(Field::Title)), Some(1));
    }
}

#[test]
fn the_columns_of_our_own_exports_are_few_enough_to_read_back() {
    let columns = sobria_exchange::export::csv_header(sobria_catalogue::access::Level::Member).len();
    assert!(columns <= sobria_exchange::read::COLUMNS_MAX, "{columns}");
}
