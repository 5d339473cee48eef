//! One row: its cells as values, with everything that was changed or doubtful on the way.

use std::cell::RefCell;
use std::collections::HashMap;

use jiff::civil::Date;
use sha2::{Digest as _, Sha256};
use sobria_catalogue::content::{CodesText, Contact, Content, Link, Partner, Value};
use sobria_catalogue::field::{Field, FieldKind, Requirement};
use sobria_catalogue::import::{Issue, Severity};
use sobria_catalogue::partial_date::PartialDate;
use sobria_catalogue::text::{clean_block, clean_line, excerpt, fold_key, looks_like_html};
use sobria_catalogue::validate::is_web_address;
use sobria_catalogue::vocabulary::{Match, Vocabularies, VocabularyId};
use sobria_territory::map::{is_plausible, swapped};

use super::dates::{self, How, Order};
use super::lists::{self, Address, Item};
use super::organisations::Carrier;
use super::{DateOrder, issue};
use crate::aliases::Target;
use crate::cell::{decode, encode};
use crate::export::plain;
use crate::read::{CELL_MAX, Mark, Sheet, SheetRow};

/// A row once read.
pub enum ReadRow {
    /// Nothing but separators.
    Blank,
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
    fn new(content: Content) -> Self {
        let mut text = String::with_capacity(1024);
        for (field, value) in content.iter() {
            text.push('\u{1e}');
            text.push_str(field.spec().id);
            text.push('\u{1f}');
            match value {
                Value::Text(plain) => text.push_str(plain),
                other => text.push_str(&encode(other)),
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
/// Most sub-themes that an import keeps; the form allows fewer.
const SUBTHEMES_MAX: usize = 4;

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
}

impl<'a> Reader<'a> {
    /// Looks at the columns as a whole.
    pub fn new(sheet: &'a Sheet, vocabularies: &'a Vocabularies, declared: DateOrder, today: Date) -> Self {
        let orders = sheet
            .columns
            .iter()
            .enumerate()
            .filter(|(_, column)| matches!(column.target, Target::Field(field) if field.spec().kind == FieldKind::Date))
            .map(|(position, _)| {
                let cells = sheet.rows.iter().filter_map(|row| row.cells.get(position));
                (position, dates::order(cells, declared))
            })
            .collect();
        Self {
            sheet,
            vocabularies,
            orders,
            today,
            keys: keys(sheet),
            terms: RefCell::new(HashMap::new()),
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
            terms: RefCell::new(HashMap::new()),
            required: self.required.clone(),
        }
    }

    /// The row as it stood, as a JSON object.
    pub fn raw(&self, row: &SheetRow) -> String {
        // Quotes and separators around each cell, names of columns, and room for a few escapes.
        let keys: usize = self.keys.iter().map(String::len).sum();
        let mut text = Vec::with_capacity(row.cells.as_slice().len() + keys + 3 * self.keys.len() + 16);
        text.push(b'{');
        for (position, cell) in row.cells.iter().enumerate() {
            if cell.is_empty() {
                continue;
            }
            if text.len() > 1 {
                text.push(b',');
            }
            match self.keys.get(position) {
                Some(key) => text.extend_from_slice(key.as_bytes()),
                None => text.extend_from_slice(format!("\"{}\":", position + 1).as_bytes()),
            }
            let cut = cell
                .char_indices()
                .nth(CELL_MAX)
                .filter(|_| cell.len() > CELL_MAX);
            let cell = cut.and_then(|(at, _)| cell.get(..at)).unwrap_or(cell);
            // Writing a text to a vector cannot fail.
            let _ = serde_json::to_writer(&mut text, cell);
        }
        text.push(b'}');
        String::from_utf8(text).unwrap_or_default()
    }

    /// Reads a row.
    pub fn read(&self, row: &SheetRow) -> ReadRow {
        if row.cells.iter().all(|cell| cell.trim().is_empty()) {
            return ReadRow::Blank;
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
                    "{headers} cellules attendues à la ligne {} du fichier : {cause}.",
                    row.line
                )),
                ..issue(None, "cell_count", Severity::Error)
            });
        }
        let mut carrier = Carrier::default();
        let mut content = Content::default();
        let mut issues = Vec::new();
        let is_marked = !self.sheet.marks.is_empty();
        for (position, column) in self.sheet.columns.iter().enumerate() {
            let Some(cell) = row.cells.get(position) else {
                continue;
            };
            if cell.trim().is_empty() {
                continue;
            }
            if is_marked && !self.marked(row, position, cell, &mut issues) {
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
            said: Said::new(content),
            issues,
        }
    }

    /// The text that a cell of our own CSV was made from.
    fn unquoted<'c>(&self, cell: &'c str) -> &'c str {
        if self.sheet.quoted { plain(cell) } else { cell }
    }

    /// Says what is marked of a cell; answers whether its value may be taken.
    fn marked(&self, row: &SheetRow, position: usize, cell: &str, issues: &mut Vec<Issue>) -> bool {
        let Some(mark) = self.sheet.marks.get(&(row.number, position)) else {
            return true;
        };
        let id = self
            .sheet
            .columns
            .get(position)
            .map(|column| match column.target {
                Target::Field(field) => field.spec().id,
                _ => column.header.as_str(),
            });
        match mark {
            Mark::WrongType => {
                issues.push(Issue {
                    before: Some(excerpt(cell, 120)),
                    suggestion: Some(
                        "Un texte est attendu, non une liste, un objet ou un booléen : valeur non reprise."
                            .to_owned(),
                    ),
                    ..issue(id, "value_invalid", Severity::Warn)
                });
                false
            }
            Mark::Merged => {
                issues.push(Issue {
                    before: Some(String::new()),
                    after: Some(excerpt(cell, 120)),
                    suggestion: Some("Cellule fusionnée avec celle du dessus.".to_owned()),
                    ..issue(id, "merged_cell", Severity::Info)
                });
                true
            }
        }
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
                suggestion: Some(format!("« {} » est vide ou inutilisable.", field.spec().label)),
                ..issue(Some(field.spec().id), "required_missing", Severity::Error)
            })
            .collect()
    }

    fn carrier(&self, field: Field, cell: &str, carrier: &mut Carrier, issues: &mut Vec<Issue>) {
        let id = field.spec().id;
        match field {
            Field::OrganisationName => {
                // A marker of nothing is no name.
                if !self.sheet.native && lists::is_nothing(cell) {
                    return;
                }
                let clean = clean_line(cell);
                flag_hidden(id, cell, &clean, issues);
                flag_spaces(id, cell, &clean, issues);
                carrier.name = self.cut(field, clean, cell, issues);
            }
            Field::OrganisationSiret => cell.trim_matches(['\n', '\r']).clone_into(&mut carrier.siret),
            Field::OrganisationKind => {
                let list = self.vocabularies.get(VocabularyId::OrganisationKind);
                if lists::is_nothing(cell) {
                    return;
                }
                match list.recognise(cell) {
                    Some((term, how)) => {
                        flag_synonym(id, cell, term.code, how, issues);
                        carrier.kind = Some(term.code.to_owned());
                    }
                    None => issues.push(Issue {
                        before: Some(cell.trim().to_owned()),
                        suggestion: Some("Type inconnu : choisissez-en un dans la liste.".to_owned()),
                        ..issue(Some(id), "enum_unknown", Severity::Warn)
                    }),
                }
            }
            _ => {
                let number = decimal(cell);
                if cell.contains(',') && number.is_some() {
                    issues.push(Issue {
                        before: Some(cell.trim().to_owned()),
                        after: number.map(|n| n.to_string()),
                        ..issue(Some(id), "decimal_comma", Severity::Info)
                    });
                }
                if number.is_none() && !lists::is_nothing(cell) {
                    issues.push(Issue {
                        before: Some(cell.trim().to_owned()),
                        suggestion: Some("Ce n’est pas un nombre de degrés, par exemple 48.8566.".to_owned()),
                        ..issue(Some(id), "coord_invalid", Severity::Warn)
                    });
                }
                if field == Field::OrganisationLatitude {
                    carrier.latitude = number;
                } else {
                    carrier.longitude = number;
                }
            }
        }
    }

    fn place(&self, carrier: &mut Carrier, issues: &mut Vec<Issue>) {
        let Some((latitude, longitude)) = carrier.latitude.zip(carrier.longitude) else {
            return;
        };
        let before = Some(format!("{latitude}, {longitude}"));
        if swapped(latitude, longitude) {
            (carrier.latitude, carrier.longitude) = (Some(longitude), Some(latitude));
            issues.push(Issue {
                before,
                after: Some(format!("{longitude}, {latitude}")),
                ..issue(Some("organisation.latitude"), "coord_swapped", Severity::Warn)
            });
        } else if !is_plausible(latitude, longitude) {
            (carrier.latitude, carrier.longitude) = (None, None);
            issues.push(Issue {
                before,
                suggestion: Some(
                    "Ce point n’est ni en métropole, ni outre-mer : position à corriger.".to_owned(),
                ),
                ..issue(Some("organisation.latitude"), "coord_outside", Severity::Warn)
            });
        }
        for (id, slot) in [
            ("organisation.latitude", &mut carrier.latitude),
            ("organisation.longitude", &mut carrier.longitude),
        ] {
            let rounded = slot.map(|degrees| (degrees * 1e6).round() / 1e6);
            if let (Some(before), Some(after)) = (*slot, rounded)
                && (before - after).abs() > 1e-9
            {
                issues.push(Issue {
                    before: Some(before.to_string()),
                    after: Some(after.to_string()),
                    ..issue(Some(id), "coord_rounded", Severity::Info)
                });
            }
            *slot = rounded;
        }
    }

    fn native(&self, field: Field, cell: &str, content: &mut Content, issues: &mut Vec<Issue>) {
        let spec = field.spec();
        let value = decode(field, self.unquoted(cell)).filter(|value| {
            spec.kind.vocabulary().is_none_or(|list| {
                value
                    .codes()
                    .iter()
                    .all(|code| self.vocabularies.get(list).by_code(code).is_some())
            })
        });
        match value {
            Some(Value::Text(text)) => self.text(field, &text, content, issues),
            Some(value) => self.checked(field, value, content, issues),
            // A person may have filled the native file with labels: they are read as in the historic shapes.
            None => self.historic(field, usize::MAX, cell, content, issues),
        }
    }

    /// Sets a value of the native form: its shape is right, what it holds may still be wrong.
    fn checked(&self, field: Field, value: Value, content: &mut Content, issues: &mut Vec<Issue>) {
        let spec = field.spec();
        let value = match value {
            Value::Codes(codes) => Value::Codes(limited(field, distinct(codes), issues)),
            Value::CodesText(both) => Value::CodesText(CodesText {
                codes: distinct(both.codes),
                text: both
                    .text
                    .map(|text| clean_block(&text))
                    .filter(|text| !text.is_empty()),
            }),
            Value::Date(date) => {
                self.flag_implausible(field, date, issues);
                Value::Date(date)
            }
            Value::Partners(partners) => Value::Partners(
                partners
                    .into_iter()
                    .map(|partner| Partner {
                        name: clean_line(&partner.name),
                        ..partner
                    })
                    .filter(|partner| !partner.name.is_empty())
                    .collect(),
            ),
            Value::Links(links) => Value::Links(
                links
                    .into_iter()
                    .filter_map(|link| self.link(field, link, issues))
                    .collect(),
            ),
            Value::Names(names) => Value::Names(names_of(field, names, issues)),
            Value::Contact(contact) => {
                let clean =
                    |text: Option<String>| text.map(|text| clean_line(&text)).filter(|text| !text.is_empty());
                let (email, role) = (clean(contact.email), clean(contact.role));
                match email {
                    Some(text) if !text.contains('@') => {
                        issues.push(Issue {
                            before: Some(excerpt(&text, 200)),
                            suggestion: Some("Ce n’est pas une adresse électronique.".to_owned()),
                            ..issue(Some(spec.id), "value_invalid", Severity::Warn)
                        });
                        Value::Contact(Contact { email: None, role })
                    }
                    email => Value::Contact(Contact { email, role }),
                }
            }
            other => other,
        };
        content.set(field, value);
    }

    /// A link whose address can be opened and whose codes are known.
    fn link(&self, field: Field, link: Link, issues: &mut Vec<Issue>) -> Option<Link> {
        let id = field.spec().id;
        if let Some(url) = link.url.as_deref().filter(|url| !is_web_address(url)) {
            issues.push(wrong_address(id, url));
            return None;
        }
        let mut known = |list: VocabularyId, code: Option<String>| {
            let code = code?;
            if self.vocabularies.get(list).by_code(&code).is_some() {
                return Some(code);
            }
            issues.push(Issue {
                before: Some(excerpt(&code, 60)),
                ..issue(Some(id), "enum_unknown", Severity::Warn)
            });
            None
        };
        let link = Link {
            access: known(VocabularyId::LinkAccess, link.access),
            kind: known(VocabularyId::ResourceKind, link.kind),
            label: link
                .label
                .map(|label| clean_line(&label))
                .filter(|label| !label.is_empty()),
            url: link.url,
        };
        (link != Link::default()).then_some(link)
    }

    fn flag_implausible(&self, field: Field, date: PartialDate, issues: &mut Vec<Issue>) {
        let implausible = match field {
            Field::SourceUpdatedOn => date.year() < 2015 || date.first_day() > self.today,
            _ => date.year() < 1990 || date.year() > self.today.year().saturating_add(2),
        };
        if implausible {
            issues.push(Issue {
                before: Some(date.to_string()),
                suggestion: Some("Date peu plausible, gardée : vérifiez-la.".to_owned()),
                ..issue(Some(field.spec().id), "date_implausible", Severity::Warn)
            });
        }
    }

    fn historic(
        &self,
        field: Field,
        position: usize,
        cell: &str,
        content: &mut Content,
        issues: &mut Vec<Issue>,
    ) {
        let spec = field.spec();
        match spec.kind {
            FieldKind::Text { .. } | FieldKind::Block { .. } => {
                if !lists::is_nothing(cell) {
                    self.text(field, cell, content, issues);
                }
            }
            FieldKind::Code(_) => {
                let (codes, found, unknown) = self.codes(field, cell);
                if codes.is_empty() && !unknown.is_empty() {
                    let near = found.into_iter().find_map(|issue| issue.suggestion);
                    let text = clean_line(cell);
                    issues.push(Issue {
                        before: Some(text.clone()),
                        suggestion: near,
                        ..issue(Some(spec.id), "enum_unknown", Severity::Warn)
                    });
                    keep_as_tags(content, vec![text]);
                    return;
                }
                issues.extend(found);
                let mut codes = codes.into_iter();
                if let Some(first) = codes.next() {
                    if codes.next().is_some() {
                        issues.push(Issue {
                            before: Some(cell.trim().to_owned()),
                            after: Some(first.clone()),
                            ..issue(
                                Some(spec.id),
                                if field == Field::Theme {
                                    "theme_multiple"
                                } else {
                                    "value_multiple"
                                },
                                Severity::Warn,
                            )
                        });
                    }
                    content.set(field, Value::Code(first));
                }
            }
            FieldKind::Codes(_) | FieldKind::CodesMax(..) => {
                let (codes, found, unknown) = self.codes(field, cell);
                issues.extend(found);
                let codes = limited(field, codes, issues);
                keep_as_tags(content, unknown);
                if !codes.is_empty() {
                    content.set(field, Value::Codes(codes));
                }
            }
            FieldKind::CodesText(_) => {
                let (codes, found, unknown) = self.codes(field, cell);
                issues.extend(found.into_iter().filter(|issue| issue.code != "enum_unknown"));
                let text = (!unknown.is_empty()).then(|| clean_line(cell));
                content.set(field, Value::CodesText(CodesText { codes, text }));
            }
            FieldKind::Date => self.date(field, position, cell, content, issues),
            FieldKind::Integer => match cell
                .chars()
                .filter(|c| !c.is_whitespace())
                .collect::<String>()
                .parse()
            {
                Ok(number) => content.set(field, Value::Integer(number)),
                Err(error) => {
                    let error: std::num::ParseIntError = error;
                    issues.push(Issue {
                        before: Some(cell.trim().to_owned()),
                        suggestion: Some(format!("Ce n’est pas un nombre entier ({error}).")),
                        ..issue(Some(spec.id), "value_invalid", Severity::Warn)
                    });
                }
            },
            FieldKind::Partners => self.partners(cell, content, issues),
            FieldKind::Links | FieldKind::Resources => self.links(field, cell, content, issues),
            FieldKind::Names { .. } => {
                let names = cell
                    .split([',', ';', '|', '\n'])
                    .filter(|name| !lists::is_nothing(name))
                    .map(str::to_owned)
                    .collect();
                content.set(field, Value::Names(names_of(field, names, issues)));
            }
            FieldKind::Contact => {
                let text = clean_line(cell);
                let email = text.split(' ').find(|word| word.contains('@')).map(str::to_owned);
                let rest = email
                    .as_deref()
                    .map_or(text.clone(), |email| text.replace(email, ""));
                let role = clean_line(rest.trim_matches([' ', '-', ',', ';', '(', ')', '<', '>', ':']));
                let role = Some(excerpt(&role, 200)).filter(|role| !lists::is_nothing(role));
                let email = email.map(|email| email.trim_matches(['<', '>', '(', ')', ',', ';']).to_owned());
                content.set(field, Value::Contact(Contact { email, role }));
            }
            FieldKind::Siret | FieldKind::Decimal { .. } => {}
        }
    }

    /// A text no longer than its field takes.
    fn cut(&self, field: Field, text: String, cell: &str, issues: &mut Vec<Issue>) -> String {
        let (FieldKind::Text { max } | FieldKind::Block { max }) = field.spec().kind else {
            return text;
        };
        let max = max.min(CELL_MAX);
        if text.len() <= max || text.chars().count() <= max {
            return text;
        }
        issues.push(Issue {
            before: Some(format!("{} caractères", cell.chars().count())),
            after: Some(format!("{max} caractères")),
            suggestion: Some("Texte coupé ; le texte entier reste dans la ligne d’origine.".to_owned()),
            ..issue(Some(field.spec().id), "text_truncated", Severity::Warn)
        });
        let kept: String = text.chars().take(max).collect();
        kept.trim_end().to_owned()
    }

    fn text(&self, field: Field, cell: &str, content: &mut Content, issues: &mut Vec<Issue>) {
        let spec = field.spec();
        if !matches!(spec.kind, FieldKind::Text { .. } | FieldKind::Block { .. }) {
            return;
        }
        let clean = if matches!(spec.kind, FieldKind::Block { .. }) {
            clean_block(cell)
        } else {
            clean_line(cell)
        };
        flag_hidden(spec.id, cell, &clean, issues);
        if matches!(spec.kind, FieldKind::Text { .. }) {
            flag_spaces(spec.id, cell, &clean, issues);
        }
        let kept = self.cut(field, clean, cell, issues);
        if looks_like_html(&kept) {
            issues.push(Issue {
                before: Some(excerpt(&kept, 120)),
                suggestion: Some(
                    "Balise HTML : affichée telle quelle, à réécrire en texte simple.".to_owned(),
                ),
                ..issue(Some(spec.id), "html_in_text", Severity::Warn)
            });
        }
        if field == Field::Title && kept.chars().count() < 3 {
            return;
        }
        content.set(field, Value::Text(kept));
    }

    fn codes(&self, field: Field, cell: &str) -> Terms {
        // Long cells are not lists, and would not come back.
        if cell.len() > 300 {
            return self.find_codes(field, cell);
        }
        if let Some(known) = self.terms.borrow().get(&field).and_then(|terms| terms.get(cell)) {
            return known.clone();
        }
        let found = self.find_codes(field, cell);
        let mut terms = self.terms.borrow_mut();
        let terms = terms.entry(field).or_default();
        if terms.len() < REMEMBERED {
            terms.insert(cell.to_owned(), found.clone());
        }
        found
    }

    fn find_codes(&self, field: Field, cell: &str) -> Terms {
        let spec = field.spec();
        let (mut codes, mut issues, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
        let Some(list) = spec.kind.vocabulary() else {
            return (codes, issues, unknown);
        };
        let list = self.vocabularies.get(list);
        if lists::is_nothing(cell) && list.find(cell).is_none() {
            return (codes, issues, unknown);
        }
        for item in lists::terms(list, cell) {
            match item {
                Item::Known(term, how, written) => {
                    flag_synonym(spec.id, &written, term.code, how, &mut issues);
                    if !codes.iter().any(|code| code == term.code) {
                        codes.push(term.code.to_owned());
                    }
                }
                Item::Unknown(written, near) => {
                    issues.push(Issue {
                        before: Some(written.clone()),
                        suggestion: near.map(|term| format!("Peut-être « {} » ({}).", term.label, term.code)),
                        ..issue(Some(spec.id), "enum_unknown", Severity::Warn)
                    });
                    unknown.push(written);
                }
            }
        }
        (codes, issues, unknown)
    }

    fn date(
        &self,
        field: Field,
        position: usize,
        cell: &str,
        content: &mut Content,
        issues: &mut Vec<Issue>,
    ) {
        if lists::is_nothing(cell) {
            return;
        }
        let id = field.spec().id;
        let order = self
            .orders
            .get(&position)
            .copied()
            .unwrap_or(Order::Assumed(DateOrder::DayFirst));
        let Some(understood) = dates::read(cell, order) else {
            issues.push(Issue {
                before: Some(cell.trim().to_owned()),
                suggestion: Some("Date non comprise : 03/2024, 15/03/2024 ou 2024.".to_owned()),
                ..issue(Some(id), "date_invalid", Severity::Warn)
            });
            return;
        };
        let date = understood.date;
        let change = |code, severity| Issue {
            before: Some(cell.trim().to_owned()),
            after: Some(date.to_string()),
            ..issue(Some(id), code, severity)
        };
        match understood.how {
            How::Serial => issues.push(change("date_excel_serial", Severity::Info)),
            How::TwoWays => issues.push(change("date_order_assumed", Severity::Warn)),
            How::ShortYear => issues.push(change("date_year_assumed", Severity::Info)),
            How::Partial => issues.push(change("date_partial", Severity::Warn)),
            How::Plain if matches!(order, Order::MonthFirst) && cell.matches('/').count() == 2 => {
                issues.push(change("date_order_inferred", Severity::Info));
            }
            How::Plain => {}
        }
        self.flag_implausible(field, date, issues);
        content.set(field, Value::Date(date));
    }

    fn partners(&self, cell: &str, content: &mut Content, issues: &mut Vec<Issue>) {
        let id = Field::Partners.spec().id;
        let before = Some(cell.trim().to_owned());
        if lists::is_nothing(cell) {
            issues.push(Issue {
                before,
                ..issue(Some(id), "partners_none_marker", Severity::Info)
            });
            return;
        }
        if lists::is_in_house(cell) {
            content.set(Field::Delivery, Value::Codes(vec!["interne".to_owned()]));
            issues.push(Issue {
                before,
                after: Some("delivery=interne".to_owned()),
                ..issue(Some(id), "partners_is_build_mode", Severity::Info)
            });
            return;
        }
        let (partners, doubt) = lists::partners(cell);
        if doubt {
            issues.push(Issue {
                before,
                suggestion: Some(
                    "Un trait d’union sépare-t-il deux partenaires, ou fait-il partie d’un nom ?".to_owned(),
                ),
                ..issue(Some(id), "list_split_ambiguous", Severity::Info)
            });
        }
        content.set(Field::Partners, Value::Partners(partners));
    }

    fn links(&self, field: Field, cell: &str, content: &mut Content, issues: &mut Vec<Issue>) {
        if lists::is_nothing(cell) {
            return;
        }
        let id = field.spec().id;
        let mut links = Vec::new();
        for address in lists::addresses(cell) {
            match address {
                Address::Web(url) => links.push(Link {
                    url: Some(url),
                    ..Link::default()
                }),
                Address::Completed(before, after) => {
                    issues.push(Issue {
                        before: Some(before),
                        after: Some(after.clone()),
                        ..issue(Some(id), "url_scheme_added", Severity::Info)
                    });
                    links.push(Link {
                        url: Some(after),
                        ..Link::default()
                    });
                }
                Address::Note(note) => {
                    let link = lists::note_link(&note);
                    issues.push(Issue {
                        before: Some(note),
                        after: link.access.as_ref().map(|access| format!("access={access}")),
                        ..issue(Some(id), "url_is_note", Severity::Info)
                    });
                    links.push(link);
                }
                Address::Wrong(text) => issues.push(wrong_address(id, &text)),
            }
        }
        links.retain(|link| link.url.as_deref().is_none_or(is_web_address));
        content.set(field, Value::Links(links));
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

/// The names of the columns as keys of a JSON object: two columns never share one.
fn keys(sheet: &Sheet) -> Vec<String> {
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
            let mut json = serde_json::to_string(&key).unwrap_or_default();
            json.push(':');
            json
        })
        .collect()
}

/// Says when a project ends before it starts.
fn check_dates(content: &Content, issues: &mut Vec<Issue>) {
    if let (Some(start), Some(end)) = (content.date(Field::StartDate), content.date(Field::EndDate))
        && end.year() < start.year()
    {
        issues.push(Issue {
            before: Some(format!("{start}, {end}")),
            suggestion: Some("La fin précède le démarrage : vérifiez les deux dates.".to_owned()),
            ..issue(Some(Field::EndDate.spec().id), "date_inverted", Severity::Warn)
        });
    }
}

fn wrong_address(id: &str, text: &str) -> Issue {
    Issue {
        before: Some(excerpt(text, 200)),
        suggestion: Some("Adresse inutilisable : attendu https://…".to_owned()),
        ..issue(Some(id), "url_invalid", Severity::Warn)
    }
}

fn distinct(codes: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::with_capacity(codes.len());
    for code in codes {
        if !kept.contains(&code) {
            kept.push(code);
        }
    }
    kept
}

/// Codes of a field that takes a few: imports keep more than the form allows, and say so.
fn limited(field: Field, mut codes: Vec<String>, issues: &mut Vec<Issue>) -> Vec<String> {
    let FieldKind::CodesMax(_, max) = field.spec().kind else {
        return codes;
    };
    if codes.len() > max {
        let before = codes.join("|");
        let cut = codes.len() > SUBTHEMES_MAX;
        codes.truncate(SUBTHEMES_MAX);
        issues.push(Issue {
            before: Some(excerpt(&before, 200)),
            after: cut.then(|| codes.join("|")),
            suggestion: Some(format!(
                "{max} valeurs au plus dans le formulaire : gardez les premières."
            )),
            ..issue(Some(field.spec().id), "subtheme_too_many", Severity::Warn)
        });
    }
    codes
}

/// Short texts, cleaned, as many as the field takes.
fn names_of(field: Field, names: Vec<String>, issues: &mut Vec<Issue>) -> Vec<String> {
    let FieldKind::Names { max } = field.spec().kind else {
        return names;
    };
    let mut names = distinct(
        names
            .iter()
            .map(|name| clean_line(name))
            .filter(|name| !name.is_empty())
            .collect(),
    );
    if names.len() > max {
        issues.push(Issue {
            before: Some(format!("{} valeurs", names.len())),
            after: Some(format!("{max} valeurs")),
            ..issue(Some(field.spec().id), "list_too_long", Severity::Warn)
        });
        names.truncate(max);
    }
    names
}

/// Says when characters that nobody sees were removed: they hide words or turn them round.
fn flag_hidden(id: &str, before: &str, after: &str, issues: &mut Vec<Issue>) {
    let hidden = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    if before.len() != after.len() && before.chars().any(hidden) {
        issues.push(Issue {
            before: Some(excerpt(before, 120)),
            after: Some(excerpt(after, 120)),
            ..issue(Some(id), "hidden_characters", Severity::Info)
        });
    }
}

fn flag_spaces(id: &str, before: &str, after: &str, issues: &mut Vec<Issue>) {
    // Spaces at the ends are how spreadsheets pad; doubled ones inside are a lost line break.
    let inside = before.trim();
    if inside != after {
        issues.push(Issue {
            before: Some(before.to_owned()),
            after: Some(after.to_owned()),
            ..issue(Some(id), "name_whitespace", Severity::Info)
        });
    }
}

fn flag_synonym(id: &str, written: &str, code: &str, how: Match, issues: &mut Vec<Issue>) {
    if how == Match::Synonym {
        issues.push(Issue {
            before: Some(written.trim().to_owned()),
            after: Some(code.to_owned()),
            ..issue(Some(id), "enum_synonym", Severity::Info)
        });
    }
}

fn keep_as_tags(content: &mut Content, unknown: Vec<String>) {
    if unknown.is_empty() {
        return;
    }
    let mut tags = match content.take(Field::Tags) {
        Some(Value::Names(tags)) => tags,
        _ => Vec::new(),
    };
    for text in unknown {
        if tags.len() < 10 && !tags.contains(&text) {
            tags.push(text);
        }
    }
    content.set(Field::Tags, Value::Names(tags));
}

/// A number with a comma or a point, thin spaces removed.
fn decimal(cell: &str) -> Option<f64> {
    let text: String = cell
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if c == ',' { '.' } else { c })
        .collect();
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}
