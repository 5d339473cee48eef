//! Cells in the native form: codes, and everything that an export of this project writes.

use sobria_catalogue::content::{CodesText, Contact, Content, Link, Partner, Value};
use sobria_catalogue::field::Field;
use sobria_catalogue::import::{Issue, Severity};
use sobria_catalogue::text::{clean_block, clean_line, excerpt};
use sobria_catalogue::validate::is_web_address;
use sobria_catalogue::vocabulary::VocabularyId;

use super::Reader;
use super::remarks::{distinct, limited, names_of, wrong_address};
use crate::cell::decode;
use crate::plan::issue;

impl Reader<'_> {
    pub(super) fn native(&self, field: Field, cell: &str, content: &mut Content, issues: &mut Vec<Issue>) {
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
    pub(super) fn checked(&self, field: Field, value: Value, content: &mut Content, issues: &mut Vec<Issue>) {
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
    pub(super) fn link(&self, field: Field, link: Link, issues: &mut Vec<Issue>) -> Option<Link> {
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
}
