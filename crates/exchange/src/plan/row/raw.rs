//! Rows as they stood, for whoever doubts what was read of them.

use std::collections::HashMap;

use sobria_catalogue::text::push_json;

use super::Reader;
use crate::read::{CELL_MAX, Sheet, SheetRow};

impl Reader<'_> {
    /// The row as it stood, as a JSON object.
    pub fn raw(&self, row: &SheetRow) -> String {
        // Quotes and separators around each cell, names of columns, and room for a few escapes.
        let keys: usize = self.keys.iter().map(String::len).sum();
        let mut text = String::with_capacity(row.cells.text().len() + keys + 3 * self.keys.len() + 16);
        text.push('{');
        for (position, cell) in row.cells.iter().enumerate() {
            if cell.is_empty() {
                continue;
            }
            if text.len() > 1 {
                text.push(',');
            }
            match self.keys.get(position) {
                Some(key) => text.push_str(key),
                None => text.push_str(&format!("\"{}\":", position + 1)),
            }
            push_json(&mut text, shortened(cell));
        }
        text.push('}');
        text
    }
}

/// As much of a cell as is kept.
fn shortened(cell: &str) -> &str {
    if cell.len() <= CELL_MAX {
        return cell;
    }
    let cut = cell.char_indices().nth(CELL_MAX);
    cut.and_then(|(at, _)| cell.get(..at)).unwrap_or(cell)
}

/// The names of the columns as keys of a JSON object: two columns never share one.
pub(super) fn keys(sheet: &Sheet) -> Vec<String> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    sheet
        .columns
        .iter()
        .enumerate()
        .map(|(position, column)| {
            let times = seen.entry(column.header.as_str()).or_insert(0);
            *times += 1;
            let key = match (column.header.as_str(), *times) {
                ("", _) => (position + 1).to_string(),
                (header, 1) => header.to_owned(),
                (header, times) => format!("{header} ({times})"),
            };
            let mut json = String::with_capacity(key.len() + 3);
            push_json(&mut json, &key);
            json.push(':');
            json
        })
        .collect()
}
