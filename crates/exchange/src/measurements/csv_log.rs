//! The rows of a CodeCarbon log: separator, header, and cells put back in their columns.

use std::io::{self, BufRead};

use csv::{ByteRecord, ErrorKind, ReaderBuilder};
use encoding_rs::WINDOWS_1252;
use sobria_catalogue::text::excerpt;
use sobria_estimate::measurement::log;

use super::ration::{ROW_MAX, Rationed};
use super::row::{Columns, Separator};
use super::{LogError, OneFile};

pub(super) fn read(mut source: impl BufRead, file: &mut OneFile) -> Result<(), LogError> {
    let name = file.read.name.clone();
    let unreadable = |cause: io::Error| LogError::Unreadable {
        name: name.clone(),
        cause,
    };
    let start = source.fill_buf().map_err(unreadable)?;
    let skipped = if start.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let first_line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let separator = Separator::of(first_line);
    source.consume(skipped);
    let (rationed, ration) = Rationed::new(source);
    let mut reader = ReaderBuilder::new()
        .delimiter(separator.byte())
        .has_headers(false)
        .flexible(true)
        .from_reader(rationed);
    let mut record = ByteRecord::new();
    let mut columns: Option<Columns> = None;
    loop {
        let line = reader.position().line();
        ration.renew();
        let more = reader
            .read_byte_record(&mut record)
            .map_err(|error| match error.into_kind() {
                ErrorKind::Io(cause) if cause.kind() == io::ErrorKind::FileTooLarge => LogError::RowTooLong {
                    name: name.clone(),
                    line,
                    limit: ROW_MAX,
                },
                ErrorKind::Io(cause) => unreadable(cause),
                other => unreadable(io::Error::other(format!("{other:?}"))),
            })?;
        if !more {
            break;
        }
        let line = record.position().map_or(line, csv::Position::line);
        let cells: Vec<String> = record.iter().map(text).collect();
        let Some(columns) = &columns else {
            columns = Some(header(&cells, file)?);
            continue;
        };
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        file.read.rows += 1;
        if cells.iter().any(|cell| cell.contains('\0')) {
            file.refuse(
                line,
                "binary_row",
                "la ligne contient des octets qui ne sont pas du texte".to_owned(),
            );
            continue;
        }
        match columns.run(&cells, separator) {
            Ok(mut run) => {
                file.read.name.clone_into(&mut run.file);
                run.line = line;
                file.put(run)?;
            }
            Err(refusal) => file.refuse(line, refusal.code, refusal.reason),
        }
    }
    if columns.is_none() {
        return Err(LogError::Empty { name });
    }
    Ok(())
}

/// A cell as text: UTF-8, else what a French spreadsheet writes.
fn text(cell: &[u8]) -> String {
    std::str::from_utf8(cell).map_or_else(
        |_| WINDOWS_1252.decode_without_bom_handling(cell).0.into_owned(),
        str::to_owned,
    )
}

fn header(cells: &[String], file: &mut OneFile) -> Result<Columns, LogError> {
    let names: Vec<String> = cells
        .iter()
        .map(|cell| cell.trim().to_ascii_lowercase())
        .collect();
    let as_text: Vec<&str> = names.iter().map(String::as_str).collect();
    let Some(read) = log::header(&as_text) else {
        let missing: Vec<String> = ["timestamp", "duration", "emissions", "energy_consumed"]
            .into_iter()
            .filter(|name| !as_text.contains(name))
            .map(|name| format!("«\u{a0}{name}\u{a0}»"))
            .collect();
        return Err(LogError::NotALog {
            name: file.read.name.clone(),
            found: excerpt(&cells.join(","), 60).to_string(),
            missing: missing.join(", "),
        });
    };
    file.read.generation = Some(read.generation);
    file.read.kind = read.kind;
    Ok(Columns::new(names))
}
