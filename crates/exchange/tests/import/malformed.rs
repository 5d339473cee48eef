//! Files of every kind of wrong, made from numbers: none may panic, hang or lose a row in silence.

use std::time::{Duration, Instant};

use sobria_catalogue::import::{Existing, Outcome};
use sobria_exchange::read::{ReadOptions, read};

use super::files::{archive, ods, ods_row, sheet_xml, xlsx, xlsx_with};
use super::{HEADER, plan_of};

/// A small generator of numbers: the same seed gives the same file.
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(below.max(1)).unwrap()).unwrap()
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.next(256)).unwrap()
    }

    fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.next(all.len())]
    }
}

const ROW: [&str; 16] = [
    "Ville de Brisac",
    "Projet",
    "24440040400129",
    "47.1",
    "1.2",
    "Commune",
    "01/2024",
    "Terminé",
    "CEREMA, Immergis",
    "Texte",
    "Mobilités",
    "Voirie",
    "Agent",
    "https://a.example",
    "https://a.example/logo.png",
    "20/02/2025",
];

fn good(rows: usize) -> String {
    let rows: String = (0..rows)
        .map(|n| format!("{}\n", ROW.join(";").replace("Projet", &format!("Projet {n}"))))
        .collect();
    format!("{HEADER}\n{rows}")
}

/// A good file in which one cell of one row is replaced.
fn with_cell(dice: &mut Dice, column: usize, cell: &str) -> Vec<u8> {
    let bad = dice.next(4);
    let mut out = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
    out.write_record(HEADER.split(';')).unwrap();
    for n in 0..4 {
        let mut row = ROW.map(str::to_owned);
        row[1] = format!("Projet {n}");
        if n == bad {
            row[column] = cell.to_owned();
        }
        out.write_record(&row).unwrap();
    }
    out.into_inner().unwrap()
}

fn spliced(dice: &mut Dice, mut bytes: Vec<u8>, piece: &[u8]) -> Vec<u8> {
    let at = dice.next(bytes.len());
    bytes.splice(at..at, piece.iter().copied());
    bytes
}

const CLASSES: [&str; 79] = [
    "empty",
    "spaces",
    "bom only",
    "newlines",
    "nul",
    "nul inside",
    "random bytes",
    "random text",
    "png",
    "pdf",
    "gzip",
    "html",
    "xml",
    "svg",
    "api sentence",
    "json error",
    "json null",
    "json number",
    "json truncated",
    "json deep",
    "json mixed",
    "json duplicate keys",
    "json huge number",
    "json types",
    "json unknown keys",
    "json nested fields",
    "ndjson broken line",
    "grist empty",
    "grist without fields",
    "grist types",
    "header only",
    "header twice",
    "header unknown",
    "header partly",
    "header empty cells",
    "no key column",
    "one column",
    "columns 129",
    "columns 5000",
    "row short",
    "row long",
    "unquoted separator",
    "open quote",
    "quote inside",
    "quotes everywhere",
    "line breaks inside",
    "mixed line ends",
    "mixed separators",
    "utf8 broken",
    "latin1",
    "utf16 without mark",
    "utf16 odd",
    "mojibake",
    "bidi",
    "combining marks",
    "cell 60000",
    "cell html",
    "cell formula",
    "siret forms",
    "date forms",
    "coordinates",
    "enum forms",
    "list of 5000",
    "urls",
    "control characters",
    "xlsx garbage",
    "xlsx truncated",
    "xlsx flipped",
    "xlsx far cell",
    "xlsx no sheet",
    "xlsx bad reference",
    "zip of zip",
    "ods repeats",
    "ods flipped",
    "semicolons",
    "quotes",
    "utf16 big endian cut",
    "xlsx strings cut",
    "xlsx no parts",
];

fn file(class: &str, dice: &mut Dice) -> Vec<u8> {
    let text = |text: &str| text.as_bytes().to_vec();
    let rows: Vec<Vec<&str>> = vec![HEADER.split(';').collect(), ROW.to_vec()];
    match class {
        "empty" => Vec::new(),
        "spaces" => text(&" \t".repeat(dice.next(500))),
        "bom only" => vec![0xEF, 0xBB, 0xBF],
        "newlines" => text(&"\r\n".repeat(dice.next(500) + 1)),
        "nul" => vec![0; dice.next(500) + 1],
        "nul inside" => spliced(dice, text(&good(3)), &[0]),
        "random bytes" => (0..dice.next(2000)).map(|_| dice.byte()).collect(),
        "random text" => (0..dice.next(2000))
            .map(|_| b"abc;,\t\"\n {}[]<>\\|'0123"[dice.next(22)])
            .collect(),
        "png" => b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(),
        "pdf" => text("%PDF-1.7\n%\u{e9}\u{e9}\n1 0 obj\n<< >>\n"),
        "gzip" => b"\x1f\x8b\x08\0\0\0\0\0".to_vec(),
        "html" => text("<!doctype html><title>502</title>"),
        "xml" => text("<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>"),
        "svg" => text("  <svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        "api sentence" => text(dice.pick(&["Internal Server Error", "Unauthorized; retry", "error,code\n", "null"])),
        "json error" => text("{\"detail\":\"Not found\",\"status\":404}"),
        "json null" => text("[null, null]"),
        "json number" => text("[1e999]"),
        "json truncated" => {
            let whole = "[{\"organisation\":{\"name\":\"Ville\"},\"title\":\"Projet\"}]";
            text(&whole[..1 + dice.next(whole.len() - 2)])
        }
        "json deep" => text(&"[{\"a\":".repeat(dice.next(5000) + 200)),
        "json mixed" => text("[{\"title\":\"Projet\",\"organisation\":{\"name\":\"Ville\"}}, 3, \"a\"]"),
        "json duplicate keys" => text("[{\"title\":\"A\",\"title\":\"Projet\",\"organisation\":{\"name\":\"Ville\"}}]"),
        "json huge number" => text("[{\"title\":\"Projet\",\"organisation\":{\"name\":\"Ville\",\"latitude\":1e400}}]"),
        "json types" => text(dice.pick(&[
            "[{\"title\":[],\"organisation\":{\"name\":{}}}]",
            "[{\"title\":12,\"organisation\":\"Ville\"}]",
            "[{\"title\":true,\"organisation\":[{\"name\":\"Ville\"}]}]",
            "[{\"title\":\"Projet\",\"organisation\":{\"name\":\"Ville\"},\"partners\":{\"a\":[1]},\"tags\":\"x|y\",\"links\":{\"info\":3}}]",
        ])),
        "json unknown keys" => text("[{\"title\":\"Projet\",\"organisation\":{\"name\":\"Ville\",\"admin\":true},\"role\":\"admin\",\"id\":\"x\"}]"),
        "json nested fields" => text("[{\"title\":\"Projet\",\"organisation\":{\"name\":\"Ville\"},\"a\":{\"b\":{\"c\":{\"d\":1}}}}]"),
        "ndjson broken line" => text("{\"title\":\"Projet\",\"organisation\":{\"name\":\"Ville\"}}\n{\"title\":\n"),
        "grist empty" => text("{\"records\":[]}"),
        "grist without fields" => text("{\"records\":[{\"id\":1},{\"id\":2,\"fields\":[]}]}"),
        "grist types" => text("{\"records\":[{\"id\":1,\"fields\":{\"Nom_collectivite\":[\"L\"],\"Nom_du_projet\":{\"a\":1},\"Theme\":null,\"Date_de_demarrage\":1e300}}]}"),
        "header only" => text(HEADER),
        "header twice" => text(&format!("{HEADER};{HEADER}\n")),
        "header unknown" => text("a;b;c;d\n1;2;3;4\n"),
        "header partly" => text("coll_nom;nom_projet;a;b;c;d;e\nVille;Projet;;;;;\n"),
        "header empty cells" => text("coll_nom;;nom_projet;;\nVille;;Projet;;\n"),
        "no key column" => text("theme;projet_status;projet_date\nMobilités;Terminé;2024\n"),
        "one column" => text("coll_nom\nVille\n"),
        "columns 129" => text(&format!("{HEADER}{}\n", ";x".repeat(113))),
        "columns 5000" => text(&format!("{HEADER}{}\n", ";x".repeat(5000))),
        "row short" => text(&format!("{}Ville;Projet\n", good(2))),
        "row long" => text(&format!("{}{};x;y;z\n", good(2), ROW.join(";"))),
        "unquoted separator" => spliced(dice, text(&good(5)), b";"),
        "open quote" => spliced(dice, text(&good(5)), b";\""),
        "quote inside" => spliced(dice, text(&good(5)), b"\""),
        "quotes everywhere" => text(&good(3).replace(';', "\";\"")),
        "line breaks inside" => spliced(dice, text(&good(5)), b"\n"),
        "mixed line ends" => text(&good(5).replacen('\n', "\r", 2).replacen('\n', "\r\n", 2)),
        "mixed separators" => text(&good(5).replacen(';', ",", 20 + dice.next(20))),
        "utf8 broken" => {
            let byte = dice.byte() | 0x80;
            spliced(dice, text(&good(5)), &[byte])
        }
        "latin1" => good(5).chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect(),
        "utf16 without mark" => good(2).encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf16 odd" => {
            let mut bytes = vec![0xFF, 0xFE];
            bytes.extend(good(2).encode_utf16().flat_map(u16::to_le_bytes));
            bytes.pop();
            bytes
        }
        "mojibake" => text(&good(3).replace('é', "Ã©")),
        "bidi" => with_cell(dice, 1, "Projet \u{202e}txet\u{2066}\u{200b}"),
        "combining marks" => with_cell(dice, 9, &format!("e{}", "\u{301}".repeat(3000))),
        "cell 60000" => {
            let column = dice.next(16);
            with_cell(dice, column, &"é".repeat(60_000))
        }
        "cell html" => {
            let column = dice.next(16);
            with_cell(dice, column, "<img src=x onerror=alert(1)>")
        }
        "cell formula" => {
            let column = dice.next(16);
            let cell = dice.pick(&["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"]);
            with_cell(dice, column, cell)
        }
        "siret forms" => {
            let cell = dice.pick(&["2,43E+13", "21130000000000", "2157046360001", "abc", "٢١٥٧٠٤٦٣٦", "9".repeat(400).leak(), "-", "215704636"]);
            with_cell(dice, 2, cell)
        }
        "date forms" => {
            let column = [6, 15][dice.next(2)];
            let cell = dice.pick(&["99/99/9999", "0000-00-00", "32767/32767/32767", "-1", "1e5", "32/01", "//", "1/2/3/4", "99999", "2024-13", "١/٢/٢٠٢٤"]);
            with_cell(dice, column, cell)
        }
        "coordinates" => {
            let column = 3 + dice.next(2);
            let cell = dice.pick(&["NaN", "inf", "-inf", "1e308", "1e-320", "91", "47,1,2", "47°06'", "0x10", ""]);
            with_cell(dice, column, cell)
        }
        "enum forms" => {
            let column = [5, 7, 10, 11, 12][dice.next(5)];
            let cell = dice.pick(&[",,,,", "-----", "Mobilités,,Mobilités", "a-b-c-d-e", "|", "Agent | agent | AGENT", "é"]);
            with_cell(dice, column, cell)
        }
        "list of 5000" => {
            let column = [8, 11, 12][dice.next(3)];
            let separator = dice.pick(&[", ", "-", ";", "\n", " - "]);
            with_cell(dice, column, &vec!["Agent x"; 5000].join(separator))
        }
        "urls" => {
            let cell = dice.pick(&["javascript:alert(1)", "http://", "https://a@b", "http://[::1", "://", "www.", "file:///etc/passwd", "https://a.example\u{0}x", "mailto:a@b"]);
            let column = 13 + dice.next(2);
            with_cell(dice, column, &cell.replace('\0', "\u{1}"))
        }
        "control characters" => with_cell(dice, 9, "a\u{1}\u{7}\u{1b}[31m\u{7f}\u{85}b"),
        "xlsx garbage" => archive(&[("xl/workbook.xml", b"<a"), ("xl/worksheets/sheet1.xml", b"\xff\xfe")]),
        "xlsx truncated" => {
            let mut bytes = xlsx(&sheet_xml(&rows));
            bytes.truncate(dice.next(bytes.len()));
            bytes
        }
        "xlsx flipped" => {
            let mut bytes = xlsx(&sheet_xml(&rows));
            for _ in 0..8 {
                let at = dice.next(bytes.len());
                bytes[at] ^= dice.byte();
            }
            bytes
        }
        "xlsx far cell" => xlsx("<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData><row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row></sheetData></worksheet>"),
        "xlsx no sheet" => archive(&[("xl/workbook.xml", b"<workbook><sheets/></workbook>")]),
        "xlsx bad reference" => xlsx("<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData><row r=\"-1\"><c r=\"ZZZZZZZZ99999999999\" t=\"s\"><v>99</v></c></row></sheetData></worksheet>"),
        "zip of zip" => archive(&[("a.zip", &archive(&[("b", b"x")])), ("../../etc/passwd", b"x")]),
        "ods repeats" => ods(&ods_row(&ROW).replace("office:value-type", "table:number-columns-repeated=\"99999999\" office:value-type")),
        "ods flipped" => {
            let mut bytes = ods(&format!("{}{}", ods_row(&rows[0]), ods_row(&ROW)));
            for _ in 0..8 {
                let at = dice.next(bytes.len());
                bytes[at] ^= dice.byte();
            }
            bytes
        }
        "semicolons" => text(&";".repeat(dice.next(300) + 1)),
        "quotes" => text(&"\"".repeat(dice.next(300) + 1)),
        "utf16 big endian cut" => {
            let mut bytes = vec![0xFE, 0xFF];
            bytes.extend(good(2).encode_utf16().flat_map(u16::to_be_bytes));
            bytes.truncate(2 + dice.next(bytes.len()));
            bytes
        }
        "xlsx strings cut" => xlsx_with(
            "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row></sheetData></worksheet>",
            &[("xl/sharedStrings.xml", b"<?xml version=\"1.0\"?><sst><si><t>coll_nom</t></si><si><t>nom")],
        ),
        "xlsx no parts" => archive(&[("[Content_Types].xml", b"<Types/>"), ("_rels/.rels", b"<Relationships/>")]),
        other => panic!("no file is made for {other}"),
    }
}

#[test]
fn malformed_files_are_refused_in_a_sentence_or_read_row_by_row() {
    for (number, class) in (1..).zip(CLASSES) {
        for seed in 1..=6_u64 {
            let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ number);
            let bytes = file(class, &mut dice);
            let start = Instant::now();
            match plan_of(&bytes, "fichier", &Existing::default()) {
                Err(error) => {
                    let text = error.to_string();
                    assert!(
                        text.contains("fichier") && text.len() < 2_000,
                        "{class} {seed}: {text}"
                    );
                    assert!(!text.contains(['\n', '\0']), "{class} {seed}: {text}");
                }
                Ok(plan) => {
                    let sheet = read(&bytes, "fichier", &ReadOptions::default()).unwrap();
                    assert_eq!(
                        plan.rows.len(),
                        sheet.rows.len(),
                        "{class} {seed}: every row has its line"
                    );
                    for row in &plan.rows {
                        if row.outcome == Outcome::Rejected {
                            assert!(!row.issues.is_empty(), "{class} {seed}: a refusal says why");
                        }
                        let stored = format!("{:?}{}", row.content, row.raw_row);
                        assert!(!stored.contains('\0'), "{class} {seed}: databases refuse it");
                        serde_json::from_str::<serde_json::Value>(if row.raw_row.is_empty() {
                            "{}"
                        } else {
                            &row.raw_row
                        })
                        .unwrap_or_else(|error| panic!("{class} {seed}: {error}"));
                    }
                }
            }
            assert!(
                start.elapsed() < Duration::from_secs(10),
                "{class} {seed} took {:?}",
                start.elapsed()
            );
        }
    }
}

#[test]
fn the_same_rows_are_refused_each_time() {
    for class in ["random text", "unquoted separator", "mixed separators"] {
        let bytes = file(class, &mut Dice(42));
        assert_eq!(bytes, file(class, &mut Dice(42)));
        let of = || plan_of(&bytes, "fichier", &Existing::default()).map(|plan| plan.summary());
        assert_eq!(of(), of(), "{class}");
    }
}
