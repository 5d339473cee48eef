//! One row: its cells as values, with everything that was changed or doubtful on the way.

mod asides;
mod carrier;
mod historic;
mod marked;
mod native;
mod raw;
mod remarks;

use std::cell::RefCell;

use jiff::civil::Date;
use sha2::{Digest as _, Sha256};
use sobria_catalogue::content::{Content, Value};
use sobria_catalogue::field::{Field, FieldKind, Requirement};
use sobria_catalogue::import::{Issue, Severity};
use sobria_catalogue::partial_date::PartialDate;
use sobria_catalogue::text::{clean_line, fold_key};
use sobria_catalogue::vocabulary::Vocabularies;

use self::asides::Headers;
use self::remarks::check_dates;
use super::dates::{self, Order};
use super::organisations::Carrier;
use super::{DateOrder, HashMap, issue, lists};
use crate::aliases::Target;
use crate::cell::write_cell;
use crate::export::plain;
use crate::read::{Column, Sheet, SheetRow};

/// A row once read.
pub enum ReadRow {
    /// Nothing but separators.
    Blank,
    /// No record: the headers once more, as two files put one after the other have them, or a total.
    Aside(Issue),
    /// Cells that do not match the headers.
    Broken(Issue),
    /// Values.
    Read {
        /// Carrier.
        carrier: Carrier,
        /// Values.
        said: Said,
        /// What was found.
        issues: Vec<Issue>,
    },
}

/// The values of a row, with what is worked out from them alone.
pub struct Said {
    /// Values.
    pub content: Content,
    /// The title, folded as in natural keys.
    pub title_key: String,
    /// SHA-256 of the values.
    pub hash: [u8; 32],
}

impl Said {
    /// `text` is room to work in.
    fn new(content: Content, text: &mut String) -> Self {
        text.clear();
        for (field, value) in content.iter() {
            text.push('\u{1e}');
            text.push_str(field.spec().id);
            text.push('\u{1f}');
            match value {
                Value::Text(plain) => text.push_str(plain),
                other => write_cell(text, other),
            }
        }
        Self {
            title_key: fold_key(content.title()),
            hash: Sha256::digest(text.as_bytes()).into(),
            content,
        }
    }
}

type Terms = (Vec<String>, Vec<Issue>, Vec<String>);

/// Most cells of closed lists whose meaning is remembered.
const REMEMBERED: usize = 10_000;

/// Reads the rows of one sheet.
pub struct Reader<'a> {
    sheet: &'a Sheet,
    vocabularies: &'a Vocabularies,
    orders: HashMap<usize, Order>,
    today: Date,
    /// Names of the columns in the raw row, as JSON.
    keys: Vec<String>,
    /// Cells of closed lists repeat: each text is looked up once.
    terms: RefCell<HashMap<Field, HashMap<String, Terms>>>,
    /// Columns that a submission asks for.
    required: Vec<(usize, Field)>,
    /// Room for the text that is hashed.
    room: RefCell<String>,
    headers: Headers,
}

/// Says that a cell holds the error of a formula: its value is lost in the sheet already.
fn formula_error(column: &Column, cell: &str) -> Issue {
    Issue {
        before: Some(cell.trim().to_owned()),
        suggestion: Some("Erreur du tableur à la place d’une valeur\u{a0}: corrigez la cellule.".to_owned()),
        ..issue(Some(marked::name(column)), "formula_error", Severity::Warn)
    }
}

impl<'a> Reader<'a> {
    /// Looks at the columns as a whole.
    pub fn new(
        sheet: &'a Sheet,
        rows: &[SheetRow],
        vocabularies: &'a Vocabularies,
        declared: DateOrder,
        today: Date,
    ) -> Self {
        let orders = sheet
            .columns
            .iter()
            .enumerate()
            .filter(|(_, column)| matches!(column.target, Target::Field(field) if field.spec().kind == FieldKind::Date))
            .map(|(position, _)| {
                let cells = rows.iter().filter_map(|row| row.cells.get(position));
                (position, dates::order(cells, declared))
            })
            .collect();
        Self {
            sheet,
            vocabularies,
            orders,
            today,
            keys: raw::keys(sheet),
            terms: RefCell::new(HashMap::default()),
            room: RefCell::new(String::new()),
            headers: Headers::of(sheet),
            required: sheet
                .columns
                .iter()
                .enumerate()
                .filter_map(|(position, column)| match column.target {
                    // Imported records may lack it, and our own exports of them must read back.
                    Target::Field(Field::Delivery) => None,
                    Target::Field(field) if field.spec().requirement == Requirement::Submit => {
                        Some((position, field))
                    }
                    _ => None,
                })
                .collect(),
        }
    }

    /// The same reader for another thread: what it remembers is its own.
    pub fn fork(&self) -> Self {
        Self {
            sheet: self.sheet,
            vocabularies: self.vocabularies,
            orders: self.orders.clone(),
            today: self.today,
            keys: self.keys.clone(),
            terms: RefCell::new(HashMap::default()),
            room: RefCell::new(String::new()),
            headers: self.headers.clone(),
            required: self.required.clone(),
        }
    }

    /// Reads a row.
    pub fn read(&self, row: &SheetRow) -> ReadRow {
        if row.cells.iter().all(|cell| cell.trim().is_empty()) {
            return ReadRow::Blank;
        }
        if let Some(said) = self.headers.aside(row) {
            return said;
        }
        let headers = self.sheet.columns.len();
        let trailing = row.cells.iter().skip(headers).all(|cell| cell.trim().is_empty());
        let short = row.cells.len() < headers;
        if (row.cells.len() > headers && !trailing) || short {
            let opened = row.cells.iter().any(|cell| cell.contains('\n'));
            let cause = if opened {
                "une cellule s’étend sur plusieurs lignes, un guillemet manque peut-être"
            } else {
                "un séparateur manque, ou n’est pas entre guillemets"
            };
            return ReadRow::Broken(Issue {
                before: Some(format!("{} cellules", row.cells.len())),
                suggestion: Some(format!(
                    "{headers} cellules attendues à la ligne {} du fichier\u{a0}: {cause}.",
                    row.line
                )),
                ..issue(None, "cell_count", Severity::Error)
            });
        }
        let mut carrier = Carrier::default();
        let mut content = Content::with_capacity(headers);
        let mut issues = Vec::new();
        if self.sheet.hidden.contains(&row.number) {
            issues.push(Issue {
                suggestion: Some(
                    "Ligne masquée dans le classeur, lue comme les autres\u{a0}: vérifiez qu’elle doit l’être."
                        .to_owned(),
                ),
                ..issue(None, "row_concealed", Severity::Warn)
            });
        }
        let is_marked = !self.sheet.marks.is_empty();
        for (position, column) in self.sheet.columns.iter().enumerate() {
            let Some(cell) = row.cells.get(position) else {
                continue;
            };
            if cell.trim().is_empty() {
                continue;
            }
            if is_marked && !self.marked(row, position, cell, &mut content, &mut issues) {
                continue;
            }
            if !self.sheet.native && lists::is_formula_error(cell) {
                issues.push(formula_error(column, cell));
                continue;
            }
            match column.target {
                Target::Field(field) if field.is_of_organisation() && self.sheet.native => {
                    self.carrier(field, self.unquoted(cell), &mut carrier, &mut issues)
                }
                Target::Field(field) if field.is_of_organisation() => {
                    self.carrier(field, cell, &mut carrier, &mut issues)
                }
                Target::Field(field) if self.sheet.native => {
                    self.native(field, cell, &mut content, &mut issues)
                }
                Target::Field(field) => self.historic(field, position, cell, &mut content, &mut issues),
                Target::Siren => cell.trim().clone_into(&mut carrier.siren),
                Target::Population => {
                    let digits: String = cell.chars().filter(|c| !c.is_whitespace()).collect();
                    carrier.population = digits.parse().ok();
                }
                Target::Logo | Target::System | Target::Hidden => {}
            }
        }
        self.place(&mut carrier, &mut issues);
        self.check_subthemes(&content, &mut issues);
        check_dates(&content, &mut issues);
        ReadRow::Read {
            carrier,
            said: Said::new(content, &mut self.room.borrow_mut()),
            issues,
        }
    }

    /// The text that a cell of our own CSV was made from.
    fn unquoted<'c>(&self, cell: &'c str) -> &'c str {
        if self.sheet.quoted { plain(cell) } else { cell }
    }

    /// The fields that a submission asks for and that the file carries, when they are empty or unusable.
    ///
    /// A file cannot be blamed for a column that its shape never had: what it cannot say is asked later. A value
    /// that no list knows is not empty: it is flagged and kept as a tag.
    pub fn missing(&self, row: &SheetRow, carrier: &Carrier, content: &Content) -> Vec<Issue> {
        self.required
            .iter()
            .filter(|(position, field)| match field {
                Field::OrganisationName => clean_line(&carrier.name).is_empty(),
                Field::Title | Field::Description | Field::StartDate => content.get(*field).is_none(),
                _ => row.cells.get(*position).is_none_or(lists::is_nothing),
            })
            .map(|(_, field)| Issue {
                suggestion: Some(format!(
                    "«\u{a0}{}\u{a0}» est vide ou inutilisable.",
                    field.spec().label
                )),
                ..issue(Some(field.spec().id), "required_missing", Severity::Error)
            })
            .collect()
    }

    fn flag_implausible(&self, field: Field, date: PartialDate, issues: &mut Vec<Issue>) {
        let implausible = match field {
            Field::SourceUpdatedOn => date.year() < 2015 || date.first_day() > self.today,
            _ => date.year() < 1990 || date.year() > self.today.year().saturating_add(2),
        };
        if implausible {
            issues.push(Issue {
                before: Some(date.to_string()),
                suggestion: Some("Date peu plausible, gardée\u{a0}: vérifiez-la.".to_owned()),
                ..issue(Some(field.spec().id), "date_implausible", Severity::Warn)
            });
        }
    }

    fn check_subthemes(&self, content: &Content, issues: &mut Vec<Issue>) {
        let Some(theme) = content.code(Field::Theme) else {
            return;
        };
        for code in content.codes(Field::Subthemes) {
            if self
                .vocabularies
                .theme_of(code)
                .is_some_and(|other| other != theme)
            {
                issues.push(Issue {
                    before: Some(code.clone()),
                    ..issue(Some("subthemes"), "subtheme_other_theme", Severity::Info)
                });
            }
        }
    }
}
