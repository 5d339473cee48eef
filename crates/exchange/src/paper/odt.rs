//! OpenDocument text 1.3: headings with levels, tables whose head is repeated, page numbers.

use sobria_govern::document::{Block, Document, Table};

use super::{PaperError, pack, shares, text};

/// Media type of OpenDocument texts.
pub const MEDIA_TYPE: &str = "application/vnd.oasis.opendocument.text";

const NAMESPACES: &str = "xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:style=\"urn:oasis:names:tc:opendocument:xmlns:style:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" xmlns:fo=\"urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0\" xmlns:meta=\"urn:oasis:names:tc:opendocument:xmlns:meta:1.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" office:version=\"1.3\"";

/// Width between the margins, in hundredths of a millimetre.
const WIDTH: u32 = 17_000;

const STYLES: &str = r#"<office:styles>
<style:default-style style:family="paragraph"><style:paragraph-properties fo:margin-bottom="2mm"/><style:text-properties fo:font-family="'Liberation Sans', Arial" fo:font-size="10.5pt" fo:language="fr" fo:country="FR"/></style:default-style>
<style:style style:name="Standard" style:family="paragraph"/>
<style:style style:name="Title" style:family="paragraph" style:parent-style-name="Standard"><style:paragraph-properties fo:margin-bottom="4mm"/><style:text-properties fo:font-size="20pt" fo:font-weight="bold"/></style:style>
<style:style style:name="Heading_20_1" style:display-name="Heading 1" style:family="paragraph" style:parent-style-name="Standard" style:default-outline-level="1"><style:paragraph-properties fo:margin-top="6mm" fo:margin-bottom="2mm" fo:keep-with-next="always"/><style:text-properties fo:font-size="14pt" fo:font-weight="bold"/></style:style>
<style:style style:name="Heading_20_2" style:display-name="Heading 2" style:family="paragraph" style:parent-style-name="Standard" style:default-outline-level="2"><style:paragraph-properties fo:margin-top="4mm" fo:margin-bottom="2mm" fo:keep-with-next="always"/><style:text-properties fo:font-size="12pt" fo:font-weight="bold"/></style:style>
<style:style style:name="Warning" style:family="paragraph" style:parent-style-name="Standard"><style:paragraph-properties fo:margin-top="2mm" fo:padding="2mm" fo:border="0.5pt solid #000000"/><style:text-properties fo:font-weight="bold"/></style:style>
<style:style style:name="Caption" style:family="paragraph" style:parent-style-name="Standard"><style:paragraph-properties fo:keep-with-next="always"/><style:text-properties fo:font-style="italic"/></style:style>
<style:style style:name="Table_20_Heading" style:display-name="Table Heading" style:family="paragraph" style:parent-style-name="Standard"><style:text-properties fo:font-weight="bold"/></style:style>
<style:style style:name="Footer" style:family="paragraph" style:parent-style-name="Standard"><style:paragraph-properties fo:text-align="end"/><style:text-properties fo:font-size="8.5pt"/></style:style>
<text:list-style style:name="Bullets"><text:list-level-style-bullet text:level="1" text:bullet-char="•"><style:list-level-properties text:list-level-position-and-space-mode="label-alignment"><style:list-level-label-alignment text:label-followed-by="listtab" fo:text-indent="-5mm" fo:margin-left="8mm"/></style:list-level-properties></text:list-level-style-bullet></text:list-style>
</office:styles>
<office:automatic-styles><style:page-layout style:name="A4"><style:page-layout-properties fo:page-width="210mm" fo:page-height="297mm" fo:margin-top="20mm" fo:margin-bottom="15mm" fo:margin-left="20mm" fo:margin-right="20mm"/><style:footer-style><style:header-footer-properties fo:min-height="8mm" fo:margin-top="4mm"/></style:footer-style></style:page-layout></office:automatic-styles>"#;

pub(super) fn write(document: &Document) -> Result<Vec<u8>, PaperError> {
    let mut styles = String::new();
    let mut body = String::new();
    body.push_str(&format!(
        "<text:p text:style-name=\"Title\">{}</text:p>",
        text(&document.title)
    ));
    for (label, value) in document.heading_facts() {
        body.push_str(&paragraph("Standard", &format!("{label}\u{a0}: {value}")));
    }
    if !document.warning.is_empty() {
        body.push_str(&paragraph("Warning", &document.warning));
    }
    for (place, block) in document.blocks.iter().enumerate() {
        match block {
            Block::Heading(level, words) => {
                let level = if *level <= 1 { 1 } else { 2 };
                body.push_str(&format!(
                    "<text:h text:style-name=\"Heading_20_{level}\" text:outline-level=\"{level}\">{}</text:h>",
                    text(words)
                ));
            }
            Block::Paragraph(words) => body.push_str(&paragraph("Standard", words)),
            Block::Items(items) => {
                body.push_str("<text:list text:style-name=\"Bullets\">");
                for item in items {
                    body.push_str(&format!(
                        "<text:list-item>{}</text:list-item>",
                        paragraph("Standard", item)
                    ));
                }
                body.push_str("</text:list>");
            }
            Block::Table(table) => {
                let name = format!("T{}", place + 1);
                styles.push_str(&table_styles(&name, table));
                body.push_str(&table_body(&name, table));
            }
        }
    }
    styles.push_str("<style:style style:name=\"Cell\" style:family=\"table-cell\"><style:table-cell-properties fo:padding=\"1.2mm\" fo:border=\"0.5pt solid #808080\"/></style:style><style:style style:name=\"Head\" style:family=\"table-cell\"><style:table-cell-properties fo:padding=\"1.2mm\" fo:border=\"0.5pt solid #808080\" fo:background-color=\"#eeeeee\"/></style:style><style:style style:name=\"Row\" style:family=\"table-row\"><style:table-row-properties fo:keep-together=\"always\"/></style:style>");
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    let content = format!(
        "{head}<office:document-content {NAMESPACES}><office:automatic-styles>{styles}</office:automatic-styles><office:body><office:text>{body}</office:text></office:body></office:document-content>"
    );
    let footer = format!(
        "<office:master-styles><style:master-page style:name=\"Standard\" style:page-layout-name=\"A4\"><style:footer><text:p text:style-name=\"Footer\">{} – {} – page <text:page-number text:select-page=\"current\">1</text:page-number> sur <text:page-count>1</text:page-count></text:p></style:footer></style:master-page></office:master-styles>",
        text(&document.title),
        text(&document.organisation),
    );
    let styles =
        format!("{head}<office:document-styles {NAMESPACES}>{STYLES}{footer}</office:document-styles>");
    let meta = format!(
        "{head}<office:document-meta {NAMESPACES}><office:meta><meta:generator>Sobria</meta:generator><dc:title>{}</dc:title><dc:subject>{}</dc:subject><dc:creator>{}</dc:creator><dc:date>{}T00:00:00</dc:date><dc:language>fr-FR</dc:language></office:meta></office:document-meta>",
        text(&document.title),
        text(&document.version),
        text(&document.organisation),
        document.date,
    );
    let manifest = format!(
        "{head}<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\" manifest:version=\"1.3\"><manifest:file-entry manifest:full-path=\"/\" manifest:version=\"1.3\" manifest:media-type=\"{MEDIA_TYPE}\"/><manifest:file-entry manifest:full-path=\"content.xml\" manifest:media-type=\"text/xml\"/><manifest:file-entry manifest:full-path=\"styles.xml\" manifest:media-type=\"text/xml\"/><manifest:file-entry manifest:full-path=\"meta.xml\" manifest:media-type=\"text/xml\"/></manifest:manifest>"
    );
    pack(&[
        ("mimetype", MEDIA_TYPE.to_owned()),
        ("content.xml", content),
        ("styles.xml", styles),
        ("meta.xml", meta),
        ("META-INF/manifest.xml", manifest),
    ])
}

fn paragraph(style: &str, words: &str) -> String {
    format!(
        "<text:p text:style-name=\"{style}\">{}</text:p>",
        text(words).replace('\n', "<text:line-break/>")
    )
}

fn table_styles(name: &str, table: &Table) -> String {
    let mut out = format!(
        "<style:style style:name=\"{name}\" style:family=\"table\"><style:table-properties style:width=\"170mm\" table:align=\"left\"/></style:style>"
    );
    for (column, width) in shares(&table.widths, table.headers.len(), WIDTH)
        .iter()
        .enumerate()
    {
        out.push_str(&format!(
            "<style:style style:name=\"{name}.{column}\" style:family=\"table-column\"><style:table-column-properties style:column-width=\"{}.{:02}mm\"/></style:style>",
            width / 100,
            width % 100
        ));
    }
    out
}

fn table_body(name: &str, table: &Table) -> String {
    let cells = |style: &str, paragraph_style: &str, cells: &[String]| -> String {
        cells
            .iter()
            .map(|cell| {
                format!(
                    "<table:table-cell table:style-name=\"{style}\" office:value-type=\"string\">{}</table:table-cell>",
                    paragraph(paragraph_style, cell)
                )
            })
            .collect()
    };
    let mut out = paragraph("Caption", &table.caption);
    out.push_str(&format!(
        "<table:table table:name=\"{name}\" table:style-name=\"{name}\">"
    ));
    for column in 0..table.headers.len() {
        out.push_str(&format!(
            "<table:table-column table:style-name=\"{name}.{column}\"/>"
        ));
    }
    out.push_str(&format!(
        "<table:table-header-rows><table:table-row>{}</table:table-row></table:table-header-rows>",
        cells("Head", "Table_20_Heading", &table.headers)
    ));
    for row in &table.rows {
        out.push_str(&format!(
            "<table:table-row table:style-name=\"Row\">{}</table:table-row>",
            cells("Cell", "Standard", row)
        ));
    }
    out.push_str("</table:table><text:p text:style-name=\"Standard\"/>");
    out
}
