//! What a file says of a cell beside its text: it was merged, it leads elsewhere, its quotes are doubtful.

use sobria_catalogue::content::{Content, Link, Value};
use sobria_catalogue::field::{Field, FieldKind};
use sobria_catalogue::import::{Issue, Severity};
use sobria_catalogue::text::{clean_line, excerpt};
use sobria_catalogue::validate::is_web_address;

use super::Reader;
use crate::aliases::Target;
use crate::plan::issue;
use crate::read::{Column, Mark, SheetRow};

/// The name under which a column is spoken of.
pub(super) fn name(column: &Column) -> &str {
    match column.target {
        Target::Field(field) => field.spec().id,
        _ => &column.header,
    }
}

impl Reader<'_> {
    /// Says what is marked of a cell; answers whether its text is still to be read.
    pub(super) fn marked(
        &self,
        row: &SheetRow,
        position: usize,
        cell: &str,
        content: &mut Content,
        issues: &mut Vec<Issue>,
    ) -> bool {
        let Some(mark) = self.sheet.marks.get(&(row.number, position)) else {
            return true;
        };
        let column = self.sheet.columns.get(position);
        let id = column.map(name);
        let said = |code, severity, suggestion: &str| Issue {
            before: Some(excerpt(cell, 120)),
            suggestion: Some(suggestion.to_owned()),
            ..issue(id, code, severity)
        };
        match mark {
            Mark::WrongType => {
                issues.push(said(
                    "value_invalid",
                    Severity::Warn,
                    "Un texte est attendu, non une liste, un objet ou un booléen\u{a0}: valeur non reprise.",
                ));
                false
            }
            Mark::Merged => {
                issues.push(Issue {
                    before: Some(String::new()),
                    after: Some(excerpt(cell, 120)),
                    ..said(
                        "merged_cell",
                        Severity::Info,
                        "Cellule fusionnée avec celle du dessus.",
                    )
                });
                true
            }
            Mark::Quotes => {
                issues.push(said(
                    "quotes_doubtful",
                    Severity::Warn,
                    "Guillemet fermé avant la fin de la cellule\u{a0}: il en manque peut-être dans ce texte.",
                ));
                true
            }
            Mark::Link(link) => match column.map(|column| column.target) {
                Some(Target::Field(field)) => self.linked(field, cell, link, content, issues),
                _ => true,
            },
        }
    }

    /// A text that leads to an address: the address is what a column of addresses wants.
    fn linked(
        &self,
        field: Field,
        cell: &str,
        link: &str,
        content: &mut Content,
        issues: &mut Vec<Issue>,
    ) -> bool {
        let id = Some(field.spec().id);
        let before = Some(excerpt(&clean_line(cell), 200));
        let wants_addresses = matches!(field.spec().kind, FieldKind::Links | FieldKind::Resources);
        let has_one = cell.contains("://") || cell.contains("www.");
        if wants_addresses && !has_one && is_web_address(link) {
            issues.push(Issue {
                before,
                after: Some(link.to_owned()),
                suggestion: Some(
                    "Adresse du lien de la cellule\u{202f}; le texte en est le libellé.".to_owned(),
                ),
                ..issue(id, "link_in_cell", Severity::Info)
            });
            content.set(
                field,
                Value::Links(vec![Link {
                    url: Some(link.to_owned()),
                    label: Some(excerpt(&clean_line(cell), 200)),
                    ..Link::default()
                }]),
            );
            return false;
        }
        let severity = if wants_addresses {
            Severity::Warn
        } else {
            Severity::Info
        };
        issues.push(Issue {
            before,
            suggestion: Some(format!(
                "Le lien de la cellule n’est pas repris\u{a0}: {}.",
                excerpt(link, 200)
            )),
            ..issue(id, "link_in_cell", severity)
        });
        true
    }
}
