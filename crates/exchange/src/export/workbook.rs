//! XLSX for people: labels, filters, the data model beside. The same records give the same bytes.

use std::io::Write;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet};
use sobria_catalogue::access::{Level, VisibleUseCase};
use sobria_catalogue::field::{FieldKind, FieldSpec};
use sobria_catalogue::vocabulary::Vocabularies;

use super::delimited::label_cell;
use super::{ExportError, SiteInfo, harmless};

/// Longest text of a cell, in characters: the limit of the format.
const CELL_MAX: usize = 32_000;

/// Writes the workbook.
pub fn write(
    level: Level,
    site: &SiteInfo,
    items: impl Iterator<Item = Result<VisibleUseCase, ExportError>>,
    out: &mut impl Write,
) -> Result<(), ExportError> {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_timestamp(site.modified.as_second())?;
    workbook.set_properties(
        &DocProperties::new()
            .set_title(&site.instance_name)
            .set_creation_datetime(&created),
    );
    let bold = Format::new().set_bold().set_text_wrap();
    let sheet = workbook.add_worksheet();
    sheet.set_name("Cas d’usage")?;
    let fields: Vec<&FieldSpec> = level.fields().collect();
    let mut heads: Vec<&str> = fields.iter().map(|spec| spec.label).collect();
    heads.extend(["Adresse de la fiche", "Version", "Identifiant"]);
    for (column, head) in (0_u16..).zip(&heads) {
        sheet.write_string_with_format(0, column, *head, &bold)?;
        sheet.set_column_width(column, 22)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    let mut row = 0_u32;
    for item in items {
        let item = item?;
        row += 1;
        for (column, spec) in (0_u16..).zip(&fields) {
            put(sheet, row, column, spec, &item, &site.vocabularies)?;
        }
        let after = u16::try_from(fields.len()).unwrap_or(u16::MAX);
        let record = item.record();
        sheet.write_string(
            row,
            after,
            format!("{}/cas-usages/{}", site.base_url, record.slug),
        )?;
        sheet.write_number(row, after + 1, f64::from(record.version))?;
        sheet.write_string(row, after + 2, record.id.to_string())?;
    }
    let last = u16::try_from(heads.len().saturating_sub(1)).unwrap_or(u16::MAX);
    sheet.autofilter(0, 0, row, last)?;
    model_sheet(&mut workbook, &fields, &bold)?;
    let licence = workbook.add_worksheet();
    licence.set_name("Licence et source")?;
    let lines = [
        ("Source", site.instance_name.clone()),
        ("Publié par", site.operator.clone()),
        ("Adresse", site.base_url.clone()),
        ("Licence", format!("{} ({})", site.licence, site.licence_url)),
        ("Dernière modification", site.modified.to_string()),
    ];
    licence.set_column_width(0, 24)?;
    licence.set_column_width(1, 70)?;
    for (row, (name, value)) in (0_u32..).zip(&lines) {
        licence.write_string_with_format(row, 0, *name, &bold)?;
        licence.write_string(row, 1, value)?;
    }
    let bytes = workbook.save_to_buffer()?;
    out.write_all(&bytes)?;
    Ok(())
}

fn put(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    spec: &FieldSpec,
    item: &VisibleUseCase,
    vocabularies: &Vocabularies,
) -> Result<(), ExportError> {
    let text = label_cell(item, spec, vocabularies);
    if text.is_empty() {
        return Ok(());
    }
    let is_number = matches!(spec.kind, FieldKind::Decimal { .. } | FieldKind::Integer);
    match text.parse::<f64>() {
        Ok(number) if is_number => sheet.write_number(row, column, number)?,
        // A text cell is never run as a formula; the quote guards copies of it pasted elsewhere.
        _ => sheet.write_string(
            row,
            column,
            harmless(&text).chars().take(CELL_MAX).collect::<String>(),
        )?,
    };
    Ok(())
}

/// The data model, as a sheet.
pub fn model_sheet(workbook: &mut Workbook, fields: &[&FieldSpec], bold: &Format) -> Result<(), ExportError> {
    let sheet = workbook.add_worksheet();
    sheet.set_name("Modèle de données")?;
    for (column, (head, width)) in (0_u16..).zip([
        ("Libellé", 28),
        ("Identifiant", 24),
        ("Colonne", 24),
        ("Visibilité", 18),
        ("Aide", 90),
    ]) {
        sheet.write_string_with_format(0, column, head, bold)?;
        sheet.set_column_width(column, width)?;
    }
    for (row, spec) in (1_u32..).zip(fields) {
        for (column, text) in (0_u16..).zip([
            spec.label,
            spec.id,
            spec.column,
            spec.visibility().label(),
            spec.help,
        ]) {
            sheet.write_string(row, column, text)?;
        }
    }
    Ok(())
}
