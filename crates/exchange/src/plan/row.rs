//! One row: its cells as values, with everything that was changed or doubtful on the way.

use std::cell::RefCell;
use std::collections::HashMap;

use jiff::civil::Date;
use sobria_catalogue::content::{CodesText, Contact, Content, Link, Value};
use sobria_catalogue::field::{Field, FieldKind, Requirement};
use sobria_catalogue::import::{Issue, Severity};
use sobria_catalogue::text::{clean_block, clean_line, excerpt, looks_like_html};
use sobria_catalogue::validate::is_web_address;
use sobria_catalogue::vocabulary::{Match, Vocabularies, VocabularyId};
use sobria_territory::map::{is_plausible, swapped};

use super::dates::{self, Order};
use super::lists::{self, Address, Item};
use super::organisations::Carrier;
use super::{DateOrder, issue};
use crate::aliases::Target;
use crate::cell::decode;
use crate::read::{CELL_MAX, Sheet, SheetRow};

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
        content: Content,
        /// What was found.
        issues: Vec<Issue>,
    },
}

type Terms = (Vec<String>, Vec<Issue>, Vec<String>);

/// Reads the rows of one sheet.
pub struct Reader<'a> {
    sheet: &'a Sheet,
    vocabularies: &'static Vocabularies,
    orders: HashMap<usize, Order>,
    today: Date,
    /// Cells of closed lists repeat: each text is looked up once.
    terms: RefCell<HashMap<(Field, String), Terms>>,
}

impl<'a> Reader<'a> {
    /// Looks at the columns as a whole.
    pub fn new(
        sheet: &'a Sheet,
        vocabularies: &'static Vocabularies,
        declared: DateOrder,
        today: Date,
    ) -> Self {
        let orders = sheet
            .columns
            .iter()
            .enumerate()
            .filter(|(_, column)| matches!(column.target, Target::Field(field) if field.spec().kind == FieldKind::Date))
            .map(|(position, _)| {
                let cells = sheet.rows.iter().filter_map(|row| row.cells.get(position)).map(String::as_str);
                (position, dates::order(cells, declared))
            })
            .collect();
        Self {
            sheet,
            vocabularies,
            orders,
            today,
            terms: RefCell::new(HashMap::new()),
        }
    }

    /// The row as it stood, as a JSON object.
    pub fn raw(&self, row: &SheetRow) -> String {
        let mut text = String::with_capacity(256);
        text.push('{');
        for (position, cell) in row.cells.iter().enumerate() {
            let header = self
                .sheet
                .columns
                .get(position)
                .map_or("", |column| column.header.as_str());
            if cell.is_empty() {
                continue;
            }
            if text.len() > 1 {
                text.push(',');
            }
            let key = if header.is_empty() {
                format!("{}", position + 1)
            } else {
                header.to_owned()
            };
            text.push_str(&serde_json::to_string(&key).unwrap_or_default());
            text.push(':');
            text.push_str(&serde_json::to_string(cell).unwrap_or_default());
        }
        text.push('}');
        text
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
            return ReadRow::Broken(Issue {
                before: Some(format!("{} cellules", row.cells.len())),
                suggestion: Some(format!(
                    "{headers} cellules attendues : un séparateur manque, ou n’est pas entre guillemets."
                )),
                ..issue(None, "cell_count", Severity::Error)
            });
        }
        let mut carrier = Carrier::default();
        let mut content = Content::default();
        let mut issues = Vec::new();
        for (position, column) in self.sheet.columns.iter().enumerate() {
            let Some(cell) = row.cells.get(position) else {
                continue;
            };
            if cell.trim().is_empty() {
                continue;
            }
            match column.target {
                Target::Field(field) if field.is_of_organisation() => {
                    self.carrier(field, cell, &mut carrier, &mut issues)
                }
                Target::Field(field) if self.sheet.native => {
                    self.native(field, cell, &mut content, &mut issues)
                }
                Target::Field(field) => self.historic(field, position, cell, &mut content, &mut issues),
                Target::Siren => cell.trim().clone_into(&mut carrier.siren),
                Target::Population => carrier.population = cell.trim().parse().ok(),
                Target::Logo | Target::System | Target::Hidden => {}
            }
        }
        self.place(&mut carrier, &mut issues);
        self.check_subthemes(&content, &mut issues);
        ReadRow::Read {
            carrier,
            content,
            issues,
        }
    }

    /// The fields that a submission asks for and that the file carries, when they are empty or unusable.
    ///
    /// A file cannot be blamed for a column that its shape never had: what it cannot say is asked later. A value
    /// that no list knows is not empty: it is flagged and kept as a tag.
    pub fn missing(&self, row: &SheetRow, carrier: &Carrier, content: &Content) -> Vec<Issue> {
        let columns = self.sheet.columns.iter().zip(&row.cells);
        columns
            .filter_map(|(column, cell)| match column.target {
                Target::Field(field) if field.spec().requirement == Requirement::Submit => {
                    Some((field, cell))
                }
                _ => None,
            })
            .filter(|(field, cell)| match field {
                Field::OrganisationName => clean_line(&carrier.name).is_empty(),
                // Imported records may lack it, and our own exports of them must read back.
                Field::Delivery => false,
                Field::Title | Field::Description | Field::StartDate => content.get(*field).is_none(),
                _ => lists::is_nothing(cell),
            })
            .map(|(field, _)| Issue {
                suggestion: Some(format!("« {} » est vide ou inutilisable.", field.spec().label)),
                ..issue(Some(field.spec().id), "required_missing", Severity::Error)
            })
            .collect()
    }

    fn carrier(&self, field: Field, cell: &str, carrier: &mut Carrier, issues: &mut Vec<Issue>) {
        let id = field.spec().id;
        match field {
            Field::OrganisationName => {
                let clean = clean_line(cell);
                flag_spaces(id, cell, &clean, issues);
                carrier.name = clean;
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
        let value = decode(field, &unquoted(cell)).filter(|value| {
            spec.kind.vocabulary().is_none_or(|list| {
                value
                    .codes()
                    .iter()
                    .all(|code| self.vocabularies.get(list).by_code(code).is_some())
            })
        });
        match value {
            Some(Value::Text(text)) => self.text(field, &text, content, issues),
            Some(value) => content.set(field, value),
            // A person may have filled the native file with labels: they are read as in the historic shapes.
            None => self.historic(field, usize::MAX, cell, content, issues),
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
                if !(field != Field::Title && lists::is_nothing(cell)) {
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
                let (mut codes, found, unknown) = self.codes(field, cell);
                issues.extend(found);
                if let FieldKind::CodesMax(_, max) = spec.kind
                    && codes.len() > max
                {
                    issues.push(Issue {
                        before: Some(cell.trim().to_owned()),
                        after: Some(codes.iter().take(4).cloned().collect::<Vec<_>>().join("|")),
                        ..issue(Some(spec.id), "subtheme_too_many", Severity::Warn)
                    });
                    codes.truncate(4);
                }
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
            FieldKind::Names { max } => {
                let names: Vec<String> = cell
                    .split([',', ';', '|', '\n'])
                    .map(clean_line)
                    .filter(|name| !lists::is_nothing(name))
                    .take(max)
                    .collect();
                content.set(field, Value::Names(names));
            }
            FieldKind::Contact => {
                let text = clean_line(cell);
                let email = text.split(' ').find(|word| word.contains('@')).map(str::to_owned);
                let role = if email.as_deref() == Some(text.as_str()) {
                    None
                } else {
                    Some(excerpt(&text, 200))
                };
                content.set(field, Value::Contact(Contact { email, role }));
            }
            FieldKind::Siret | FieldKind::Decimal { .. } => {}
        }
    }

    fn text(&self, field: Field, cell: &str, content: &mut Content, issues: &mut Vec<Issue>) {
        let spec = field.spec();
        let (FieldKind::Text { max } | FieldKind::Block { max }) = spec.kind else {
            return;
        };
        let clean = if matches!(spec.kind, FieldKind::Block { .. }) {
            clean_block(cell)
        } else {
            clean_line(cell)
        };
        if matches!(spec.kind, FieldKind::Text { .. }) {
            flag_spaces(spec.id, cell, &clean, issues);
        }
        let max = max.min(CELL_MAX);
        let mut kept = clean;
        if kept.chars().count() > max {
            kept = kept.chars().take(max).collect();
            issues.push(Issue {
                before: Some(format!("{} caractères", cell.chars().count())),
                after: Some(format!("{max} caractères")),
                suggestion: Some("Texte coupé ; le texte entier reste dans la ligne d’origine.".to_owned()),
                ..issue(Some(spec.id), "text_truncated", Severity::Warn)
            });
        }
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
        let key = (field, cell.to_owned());
        if let Some(known) = self.terms.borrow().get(&key) {
            return known.clone();
        }
        let found = self.find_codes(field, cell);
        self.terms.borrow_mut().insert(key, found.clone());
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
        if understood.serial {
            issues.push(change("date_excel_serial", Severity::Info));
        } else if understood.two_ways {
            issues.push(change("date_order_assumed", Severity::Warn));
        } else if matches!(order, Order::MonthFirst) && cell.matches('/').count() == 2 {
            issues.push(change("date_order_inferred", Severity::Info));
        }
        let implausible = match field {
            Field::SourceUpdatedOn => date.year() < 2015 || date.first_day() > self.today,
            _ => date.year() < 1990 || date.year() > self.today.year().saturating_add(2),
        };
        if implausible {
            issues.push(change("date_implausible", Severity::Warn));
        }
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
                Address::Wrong(text) => issues.push(Issue {
                    before: Some(excerpt(&text, 200)),
                    suggestion: Some("Adresse inutilisable : attendu https://…".to_owned()),
                    ..issue(Some(id), "url_invalid", Severity::Warn)
                }),
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

/// Takes away the quote that exports put before a text which a spreadsheet would run as a formula.
fn unquoted(cell: &str) -> String {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r', '\0', '＝']) => rest.to_owned(),
        _ => cell.to_owned(),
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
