//! What the library already says of a purchase, each answer with where it comes from, and which answers were given on
//! facts that changed since.

use sobria_catalogue::access::{Level, redact};
use sobria_govern::joined::{Known, has_changed, record_for_purchase};
use sobria_govern::transparency::question::BASE;

use super::RISKS;
use crate::app::App;
use crate::error::WebError;
use crate::posted::Fields;
use crate::routes::govern::project::Project;
use crate::routes::govern::{said_of, seen_now, tell_known};
use crate::routes::personal::published;
use crate::session::Reader;
use crate::view::FormField;

/// What is known of the record that a form names, as far as the reader may read it: nothing without a record, or once
/// it is public no more.
///
/// # Errors
/// When the database does not answer.
pub async fn known(app: &App, fields: &Fields, reader: &Reader) -> Result<Vec<Known>, WebError> {
    let slug = fields.get("fiche");
    if slug.is_empty() {
        return Ok(Vec::new());
    }
    let record = match published(app, slug).await {
        Err(WebError::NotFound | WebError::Gone) => return Ok(Vec::new()),
        other => other?,
    };
    let project = Project::of(app, slug, reader).await?;
    let mut known = project.known_for_purchase();
    if project.may_write() {
        known.push(Known {
            question: "organisation",
            value: record.organisation.name.clone(),
            origin: "fiche, «\u{a0}Organisation porteuse\u{a0}»".to_owned(),
        });
    }
    let public = redact(record, Level::Public);
    let own = if project.may_write() {
        &project.item
    } else {
        &public
    };
    let of_record = record_for_purchase(public.content(), own.content(), &known);
    known.extend(of_record);
    Ok(known)
}

/// Answers proposed where nothing was typed, as a form sends them, with what they stand on.
pub fn fill(fields: &Fields, known: &[Known]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for one in known {
        let given = fields.get(one.question).trim();
        if given.is_empty() {
            let values = match one.question {
                "risques" => one.value.split('|').filter(|risk| !risk.is_empty()).collect(),
                _ => vec![one.value.as_str()],
            };
            for value in values {
                found.push((one.question.to_owned(), value.to_owned()));
            }
        }
        if given.is_empty() || given == one.value {
            found.push((format!("{BASE}{}", one.question), one.basis()));
        }
    }
    found
}

/// Whether a field that was sent may be kept: what an answer stands on is a digest, and goes with an answer.
pub fn may_stay(name: &str, value: &str, sent: &Fields) -> bool {
    about(name).is_none_or(|about| {
        let is_digest = value.len() <= 16 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
        // That nothing is ticked is an answer too.
        is_digest && (about == "risques" || !sent.get(about).trim().is_empty())
    })
}

/// The facts that raise the depth, in words.
fn risks<'a>(codes: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<&str> = codes
        .filter_map(|code| RISKS.iter().find(|(risk, _)| *risk == code))
        .map(|(_, words)| *words)
        .collect();
    if words.is_empty() {
        "aucun de ces faits".to_owned()
    } else {
        words.join("\u{202f}; ")
    }
}

/// Says under each field what is known of it elsewhere, and gives what whoever answers now has seen.
pub fn tell(own: &mut [FormField], known: &[Known], fields: &Fields) -> Vec<(String, String)> {
    let seen = seen_now(own, known);
    for field in own {
        if field.name != "risques" {
            tell_known(std::slice::from_mut(field), known, fields);
            continue;
        }
        let now = known.iter().find(|one| one.question == field.name);
        let said = now.map_or_else(String::new, |one| risks(one.value.split('|')));
        let same = said == risks(fields.all("risques"));
        let basis = fields.get(&format!("{BASE}risques"));
        field.hint = said_of(now, basis, same, &said).unwrap_or_default();
    }
    seen
}

fn is_old(question: &str, fields: &Fields, known: &[Known]) -> bool {
    has_changed(question, fields.get(&format!("{BASE}{question}")), known)
}

/// The fields whose answer was given on facts that changed since.
pub fn outdated<'a>(
    fields: &'a Fields,
    known: &'a [Known],
    own: &'a [FormField],
) -> impl Iterator<Item = &'a FormField> {
    own.iter().filter(|field| is_old(&field.name, fields, known))
}

/// The field that a basis is about.
pub fn about(name: &str) -> Option<&str> {
    name.strip_prefix(BASE)
}
