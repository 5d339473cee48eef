//! A plain table of texts, as CSV and as an OpenDocument spreadsheet.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::export::harmless;

/// Media type of [`ods`].
pub const ODS: &str = "application/vnd.oasis.opendocument.spreadsheet";

/// A table of texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// Name of the sheet.
    pub title: String,
    /// Headers.
    pub headers: Vec<String>,
    /// Rows, as long as the headers.
    pub rows: Vec<Vec<String>>,
}

/// The table as CSV in UTF-8. Texts that a spreadsheet would run as formulas are made harmless.
///
/// # Errors
/// When the text cannot be written, which only a lack of memory can cause.
///
/// ```
/// use sobria_exchange::table::{Table, csv};
/// let table = Table { title: "t".into(), headers: vec!["a".into()], rows: vec![vec!["=1+1".into()]] };
/// assert_eq!(String::from_utf8(csv(&table).unwrap()).unwrap(), "a\r\n'=1+1\r\n");
/// ```
pub fn csv(table: &Table) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(&table.headers)?;
    for row in &table.rows {
        writer.write_record(row.iter().map(|cell| harmless(cell)))?;
    }
    writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

/// The table as an OpenDocument spreadsheet. Every cell is a text: nothing in it is run. The quote of [`harmless`] guards
/// copies that are saved or pasted elsewhere.
///
/// # Errors
/// When the archive cannot be written.
pub fn ods(table: &Table) -> std::io::Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    // Readers know the format by this first, unpacked file.
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    archive.start_file("mimetype", stored)?;
    archive.write_all(ODS.as_bytes())?;
    let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    archive.start_file("META-INF/manifest.xml", packed)?;
    archive.write_all(MANIFEST.as_bytes())?;
    archive.start_file("content.xml", packed)?;
    archive.write_all(content(table).as_bytes())?;
    Ok(archive.finish()?.into_inner())
}

const MANIFEST: &str = r#"<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3"><manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>"#;

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.3"><office:body><office:spreadsheet>"#;

fn content(table: &Table) -> String {
    let mut xml = String::from(HEAD);
    xml.push_str("<table:table table:name=\"");
    // The characters that names of sheets may not hold.
    let name: String = table
        .title
        .chars()
        .map(|c| if "[]*?:/\\'".contains(c) { ' ' } else { c })
        .take(60)
        .collect();
    escape(&mut xml, &name);
    xml.push_str("\"><table:table-header-rows>");
    row(&mut xml, &table.headers);
    xml.push_str("</table:table-header-rows>");
    for cells in &table.rows {
        row(&mut xml, cells);
    }
    xml.push_str("</table:table></office:spreadsheet></office:body></office:document-content>");
    xml
}

fn row(xml: &mut String, cells: &[String]) {
    xml.push_str("<table:table-row>");
    for cell in cells {
        xml.push_str("<table:table-cell office:value-type=\"string\">");
        for line in harmless(cell).lines() {
            xml.push_str("<text:p>");
            escape(xml, line);
            xml.push_str("</text:p>");
        }
        xml.push_str("</table:table-cell>");
    }
    xml.push_str("</table:table-row>");
}

fn escape(xml: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            // XML has no other control characters, escaped or not.
            '\t' => xml.push(' '),
            c if c.is_control() || c == '\u{fffe}' || c == '\u{ffff}' => {}
            c => xml.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::DataType as _;
    use calamine::Reader as _;

    #[test]
    fn a_spreadsheet_is_read_back_as_it_was_written() {
        let table = Table {
            title: "Inventaire\u{a0}: 2026/11".to_owned(),
            headers: vec!["Nom".to_owned(), "Décision".to_owned()],
            rows: vec![
                vec!["<Crèches> & \"écoles\"".to_owned(), "=1+1".to_owned()],
                vec!["\u{1}a".to_owned(), String::new()],
            ],
        };
        let bytes = ods(&table).unwrap();
        assert_eq!(
            &bytes[38..38 + ODS.len()],
            ODS.as_bytes(),
            "the type comes first, unpacked"
        );
        let mut book: calamine::Ods<_> = calamine::Ods::new(Cursor::new(bytes)).unwrap();
        let sheet = book.worksheet_range_at(0).unwrap().unwrap();
        let read: Vec<Vec<String>> = sheet
            .rows()
            .map(|row| row.iter().map(ToString::to_string).collect())
            .collect();
        assert_eq!(read[0], ["Nom", "Décision"]);
        assert_eq!(read[1], ["<Crèches> & \"écoles\"", "'=1+1"]);
        assert!(
            sheet
                .rows()
                .flatten()
                .all(|cell| cell.is_string() || cell.is_empty())
        );
        let formulas = book.worksheet_formula(&book.sheet_names()[0]).unwrap();
        assert!(formulas.used_cells().all(|(_, _, formula)| formula.is_empty()));
        assert_eq!(read[2][0], "a");
    }
}
