//! What is said of a cell, and what is mended of it, whatever its form.

use sobria_catalogue::content::{Content, Value};
use sobria_catalogue::field::{Field, FieldKind};
use sobria_catalogue::import::{Issue, Severity};
use sobria_catalogue::text::{clean_line, excerpt};
use sobria_catalogue::vocabulary::Match;

use crate::plan::issue;

/// Most sub-themes that an import keeps; the form allows fewer.
const SUBTHEMES_MAX: usize = 4;

/// Says when a project ends before it starts.
pub(super) fn check_dates(content: &Content, issues: &mut Vec<Issue>) {
    if let (Some(start), Some(end)) = (content.date(Field::StartDate), content.date(Field::EndDate))
        && end.year() < start.year()
    {
        issues.push(Issue {
            before: Some(format!("{start}, {end}")),
            suggestion: Some("La fin précède le démarrage\u{a0}: vérifiez les deux dates.".to_owned()),
            ..issue(Some(Field::EndDate.spec().id), "date_inverted", Severity::Warn)
        });
    }
}

pub(super) fn wrong_address(id: &str, text: &str) -> Issue {
    Issue {
        before: Some(excerpt(text, 200)),
        suggestion: Some("Adresse inutilisable\u{a0}: attendu https://…".to_owned()),
        ..issue(Some(id), "url_invalid", Severity::Warn)
    }
}

pub(super) fn distinct(codes: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::with_capacity(codes.len());
    for code in codes {
        if !kept.contains(&code) {
            kept.push(code);
        }
    }
    kept
}

/// Codes of a field that takes a few: imports keep more than the form allows, and say so.
pub(super) fn limited(field: Field, mut codes: Vec<String>, issues: &mut Vec<Issue>) -> Vec<String> {
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
                "{max} valeurs au plus dans le formulaire\u{a0}: gardez les premières."
            )),
            ..issue(Some(field.spec().id), "subtheme_too_many", Severity::Warn)
        });
    }
    codes
}

/// Short texts, cleaned, as many as the field takes.
pub(super) fn names_of(field: Field, names: Vec<String>, issues: &mut Vec<Issue>) -> Vec<String> {
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
pub(super) fn flag_hidden(id: &str, before: &str, after: &str, issues: &mut Vec<Issue>) {
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

pub(super) fn flag_spaces(id: &str, before: &str, after: &str, issues: &mut Vec<Issue>) {
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

pub(super) fn flag_synonym(id: &str, written: &str, code: &str, how: Match, issues: &mut Vec<Issue>) {
    if how == Match::Synonym {
        issues.push(Issue {
            before: Some(written.trim().to_owned()),
            after: Some(code.to_owned()),
            ..issue(Some(id), "enum_synonym", Severity::Info)
        });
    }
}

pub(super) fn keep_as_tags(content: &mut Content, unknown: Vec<String>) {
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
