//! Cells as people write them: labels, lists with any separator, dates of every kind, notes in place of addresses.

use sobria_catalogue::content::{CodesText, Contact, Content, Link, Value};
use sobria_catalogue::field::{Field, FieldKind};
use sobria_catalogue::import::{Issue, Severity};
use sobria_catalogue::text::{clean_block, clean_line, excerpt, looks_like_html};
use sobria_catalogue::validate::is_web_address;

use super::remarks::{
    flag_hidden, flag_spaces, flag_synonym, keep_as_tags, limited, names_of, wrong_address,
};
use super::{REMEMBERED, Reader, Terms};
use crate::plan::dates::{self, How, Order};
use crate::plan::lists::{self, Address, Item};
use crate::plan::{DateOrder, issue};
use crate::read::CELL_MAX;

impl Reader<'_> {
    pub(super) fn historic(
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
                Err(_) => issues.push(Issue {
                    before: Some(excerpt(cell.trim(), 120)),
                    suggestion: Some(
                        "Ce n’est pas un nombre entier, par exemple 1200\u{a0}: valeur non reprise."
                            .to_owned(),
                    ),
                    ..issue(Some(spec.id), "value_invalid", Severity::Warn)
                }),
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
    pub(super) fn cut(&self, field: Field, text: String, cell: &str, issues: &mut Vec<Issue>) -> String {
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
            suggestion: Some(
                "Texte coupé\u{202f}; le texte entier reste dans la ligne d’origine.".to_owned(),
            ),
            ..issue(Some(field.spec().id), "text_truncated", Severity::Warn)
        });
        let kept: String = text.chars().take(max).collect();
        kept.trim_end().to_owned()
    }

    pub(super) fn text(&self, field: Field, cell: &str, content: &mut Content, issues: &mut Vec<Issue>) {
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
                    "Balise HTML\u{a0}: affichée telle quelle, à réécrire en texte simple.".to_owned(),
                ),
                ..issue(Some(spec.id), "html_in_text", Severity::Warn)
            });
        }
        if field == Field::Title && kept.chars().count() < 3 {
            return;
        }
        content.set(field, Value::Text(kept));
    }

    pub(super) fn codes(&self, field: Field, cell: &str) -> Terms {
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

    pub(super) fn find_codes(&self, field: Field, cell: &str) -> Terms {
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
                        suggestion: near
                            .map(|term| format!("Peut-être «\u{a0}{}\u{a0}» ({}).", term.label, term.code)),
                        ..issue(Some(spec.id), "enum_unknown", Severity::Warn)
                    });
                    unknown.push(written);
                }
            }
        }
        (codes, issues, unknown)
    }

    pub(super) fn date(
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
        let Some(understood) = dates::read(cell, order).map(|read| self.since(read)) else {
            issues.push(Issue {
                before: Some(cell.trim().to_owned()),
                suggestion: Some("Date non comprise\u{a0}: 03/2024, 15/03/2024 ou 2024.".to_owned()),
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
            How::Serial if self.sheet.from_1904 => issues.push(Issue {
                suggestion: Some(
                    "Ce classeur compte les jours depuis 1904\u{a0}: vérifiez cette date, surtout si le nombre vient \
                     d’un autre classeur."
                        .to_owned(),
                ),
                ..change("date_excel_serial", Severity::Warn)
            }),
            How::Serial => issues.push(change("date_excel_serial", Severity::Info)),
            How::TwoWays => issues.push(Issue {
                suggestion: matches!(order, Order::Mixed(_)).then(|| {
                    "La colonne mêle les deux ordres, jour puis mois et mois puis jour\u{a0}: cette date peut se lire \
                     des deux façons."
                        .to_owned()
                }),
                ..change("date_order_assumed", Severity::Warn)
            }),
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

    /// The day that a number means in this workbook.
    fn since(&self, read: dates::Understood) -> dates::Understood {
        if !self.sheet.from_1904 || read.how != How::Serial {
            return read;
        }
        let date = dates::since_1904(read.date).unwrap_or(read.date);
        dates::Understood { date, ..read }
    }

    pub(super) fn partners(&self, cell: &str, content: &mut Content, issues: &mut Vec<Issue>) {
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
                    "Un trait d’union sépare-t-il deux partenaires, ou fait-il partie d’un nom\u{202f}?"
                        .to_owned(),
                ),
                ..issue(Some(id), "list_split_ambiguous", Severity::Info)
            });
        }
        content.set(Field::Partners, Value::Partners(partners));
    }

    pub(super) fn links(&self, field: Field, cell: &str, content: &mut Content, issues: &mut Vec<Issue>) {
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
}
