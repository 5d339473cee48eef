//! What a record must hold to be submitted or published, and what each value must look like.

use jiff::civil::Date;

use crate::content::{Content, Value};
use crate::field::{FIELDS, Field, FieldKind, Requirement};
use crate::organisation::Organisation;
use crate::text::{clean_block, clean_line, count, looks_like_html};
use crate::vocabulary::Vocabularies;

/// How far a record wants to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Handed in by its author.
    Submit,
    /// Shown to everyone.
    Publish,
}

/// One thing that is wrong, in words for the person who must mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field.
    pub field: Field,
    /// Stable code.
    pub code: &'static str,
    /// French sentence: what is wrong and what is expected.
    pub message: String,
}

/// Longest address accepted, in characters.
pub const URL_MAX: usize = 2000;

/// Cleans every text of a record: NFC, no control character, single spaces.
pub fn normalise(content: &mut Content) {
    let fields: Vec<Field> = content.iter().map(|(field, _)| field).collect();
    for field in fields {
        let Some(value) = content.take(field) else {
            continue;
        };
        let value = match (field.spec().kind, value) {
            (FieldKind::Block { .. }, Value::Text(text)) => Value::Text(clean_block(&text)),
            (_, Value::Text(text)) => Value::Text(clean_line(&text)),
            (_, Value::Names(names)) => Value::Names(
                names
                    .iter()
                    .map(|name| clean_line(name))
                    .filter(|name| !name.is_empty())
                    .collect(),
            ),
            (_, Value::Partners(mut partners)) => {
                for partner in &mut partners {
                    partner.name = clean_line(&partner.name);
                }
                partners.retain(|partner| !partner.name.is_empty());
                Value::Partners(partners)
            }
            (_, Value::Links(mut links)) => {
                for link in &mut links {
                    link.label = link
                        .label
                        .as_deref()
                        .map(clean_line)
                        .filter(|label| !label.is_empty());
                }
                Value::Links(links)
            }
            (_, other) => other,
        };
        content.set(field, value);
    }
}

/// Everything that keeps a record from reaching `stage`. An empty list means that it may.
pub fn check(
    content: &Content,
    organisation: &Organisation,
    stage: Stage,
    today: Date,
    vocabularies: &Vocabularies,
) -> Vec<FieldError> {
    let mut errors = missing_fields(content, organisation, stage);
    for (field, value) in content.iter() {
        if let Some(message) = wrong_value(field, value, vocabularies) {
            errors.push(FieldError {
                field,
                code: "invalid",
                message,
            });
        }
    }
    errors.extend(wrong_dates(content, today));
    errors.sort_by_key(|error| error.field);
    errors
}

/// The fields that `stage` asks for and that hold nothing.
pub fn missing_fields(content: &Content, organisation: &Organisation, stage: Stage) -> Vec<FieldError> {
    FIELDS
        .iter()
        .filter(|spec| is_required(spec.requirement, content, stage))
        .filter(|spec| match spec.field {
            Field::OrganisationName => organisation.name.is_empty(),
            Field::OrganisationSiret => organisation.siret.is_none(),
            Field::OrganisationKind => organisation.kind.is_none(),
            Field::OrganisationLatitude => organisation.latitude.is_none(),
            Field::OrganisationLongitude => organisation.longitude.is_none(),
            field => content.get(field).is_none(),
        })
        .map(|spec| FieldError {
            field: spec.field,
            code: "required",
            message: format!("Renseignez «\u{a0}{}\u{a0}». {}", spec.label, spec.help),
        })
        .collect()
}

fn is_required(requirement: Requirement, content: &Content, stage: Stage) -> bool {
    match requirement {
        Requirement::Optional => false,
        Requirement::Submit => true,
        Requirement::Publish => stage == Stage::Publish,
        Requirement::WhenAbandoned => {
            stage == Stage::Publish && content.code(Field::Maturity) == Some("abandonne")
        }
        Requirement::WhenDecisionExternal => {
            stage == Stage::Publish && matches!(content.code(Field::DecisionScope), Some("externe" | "mixte"))
        }
    }
}

fn wrong_value(field: Field, value: &Value, vocabularies: &Vocabularies) -> Option<String> {
    let spec = field.spec();
    if let Some(id) = spec.kind.vocabulary() {
        let list = vocabularies.get(id);
        if let Some(code) = value.codes().iter().find(|code| list.by_code(code).is_none()) {
            return Some(format!(
                "«\u{a0}{}\u{a0}» ne connaît pas «\u{a0}{}\u{a0}». Choisissez une valeur de la liste.",
                spec.label,
                crate::text::excerpt(code, 60)
            ));
        }
    }
    match (spec.kind, value) {
        (FieldKind::Text { max } | FieldKind::Block { max }, Value::Text(text)) => {
            let length = text.chars().count();
            if length > max {
                return Some(format!(
                    "«\u{a0}{}\u{a0}» compte {} caractères, {} au plus. Raccourcissez le texte.",
                    spec.label,
                    count(length),
                    count(max)
                ));
            }
            if field == Field::Title && length < 3 {
                return Some("Le nom du projet compte au moins 3 caractères.".to_owned());
            }
            looks_like_html(text).then(|| {
                format!(
                    "«\u{a0}{}\u{a0}» contient une balise HTML. Écrivez du texte simple.",
                    spec.label
                )
            })
        }
        (FieldKind::CodesMax(_, max), Value::Codes(codes)) if codes.len() > max => Some(format!(
            "«\u{a0}{}\u{a0}»\u{a0}: {max} valeurs au plus, {} données.",
            spec.label,
            codes.len()
        )),
        (FieldKind::Names { max }, Value::Names(names)) if names.len() > max => Some(format!(
            "«\u{a0}{}\u{a0}»\u{a0}: {max} valeurs au plus, {} données.",
            spec.label,
            names.len()
        )),
        (FieldKind::Links | FieldKind::Resources, Value::Links(links)) => links
            .iter()
            .filter_map(|link| link.url.as_deref())
            .find(|url| !is_web_address(url))
            .map(|url| {
                format!(
                    "«\u{a0}{}\u{a0}» n’est pas une adresse du web. Exemple\u{a0}: https://www.ville.example/projet.",
                    crate::text::excerpt(url, 80)
                )
            }),
        _ => None,
    }
}

/// Whether the text is an `http` or `https` address with a host, without credentials, of bearable length.
pub fn is_web_address(url: &str) -> bool {
    let after = |scheme: &str| {
        let (written, rest) = url.split_at_checked(scheme.len())?;
        written.eq_ignore_ascii_case(scheme).then_some(rest)
    };
    let Some(rest) = after("https://").or_else(|| after("http://")) else {
        return false;
    };
    let end = rest.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'#'));
    let host = end.and_then(|end| rest.get(..end)).unwrap_or(rest);
    (url.len() <= URL_MAX || url.chars().count() <= URL_MAX)
        && !cannot_be_in_an_address(url)
        && host
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | ':' | '[' | ']'))
        && host.chars().any(char::is_alphanumeric)
}

/// Whether the text holds what no address does: white space, control characters, quotes and brackets of a page.
fn cannot_be_in_an_address(text: &str) -> bool {
    const SIGNS: [u8; 5] = *b"\"<>\\`";
    if !text.is_ascii() {
        return text
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || SIGNS.iter().any(|sign| c == char::from(*sign)));
    }
    // Without a way out of the loop, many bytes are compared at once.
    text.bytes().fold(false, |found, byte| {
        found | (byte <= b' ') | (byte == 0x7f) | SIGNS.iter().fold(false, |is, sign| is | (byte == *sign))
    })
}

fn wrong_dates(content: &Content, today: Date) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let start = content.date(Field::StartDate);
    if let Some(start) = start
        && (start.year() < 1990 || start.year() > today.year().saturating_add(2))
    {
        errors.push(FieldError {
            field: Field::StartDate,
            code: "date_implausible",
            message: format!(
                "«\u{a0}{start}\u{a0}» n’est pas plausible\u{a0}: la date de démarrage va de 1990 à {}.",
                today.year().saturating_add(2)
            ),
        });
    }
    if let (Some(start), Some(end)) = (start, content.date(Field::EndDate))
        && end.year() < start.year()
    {
        errors.push(FieldError {
            field: Field::EndDate,
            code: "date_order",
            message: format!("La fin ({end}) précède le démarrage ({start})."),
        });
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::OrganisationId;
    use jiff::civil::date;
    use serde_json::json;
    use uuid::Uuid;

    fn organisation() -> Organisation {
        let mut organisation = Organisation::named(OrganisationId::new(Uuid::from_u128(1)), "Ville");
        organisation.kind = Some("commune".into());
        organisation
    }

    fn submittable() -> serde_json::Value {
        json!({"title": "Fuites", "description": "Trouver les fuites.", "start_date": "2024", "maturity": "deploiement",
               "delivery": ["interne"], "theme": "transition", "audiences": ["agent"]})
    }

    fn codes(json: serde_json::Value, stage: Stage) -> Vec<(&'static str, &'static str)> {
        let content = Content::from_json(json).unwrap();
        check(
            &content,
            &organisation(),
            stage,
            date(2026, 11, 1),
            Vocabularies::embedded(),
        )
        .into_iter()
        .map(|error| (error.field.spec().id, error.code))
        .collect()
    }

    fn with(key: &str, value: serde_json::Value) -> serde_json::Value {
        let mut json = submittable();
        json[key] = value;
        json
    }

    #[test]
    fn the_short_form_is_enough_to_submit_and_not_to_publish() {
        assert_eq!(codes(submittable(), Stage::Submit), []);
        let missing = codes(submittable(), Stage::Publish);
        assert!(missing.contains(&("summary", "required")));
        assert!(missing.contains(&("organisation.siret", "required")));
    }

    #[test]
    fn lessons_are_required_to_publish_an_abandoned_project() {
        let json = with("maturity", json!("abandonne"));
        assert!(!codes(json.clone(), Stage::Submit).contains(&("abandonment_reason", "required")));
        assert!(codes(json, Stage::Publish).contains(&("abandonment_reason", "required")));
    }

    #[test]
    fn wrong_values_are_named() {
        for (key, value, expected) in [
            ("theme", json!("inconnu"), ("theme", "invalid")),
            ("title", json!("ab"), ("title", "invalid")),
            (
                "description",
                json!("<script>x</script>"),
                ("description", "invalid"),
            ),
            ("description", json!("é".repeat(5001)), ("description", "invalid")),
            (
                "subthemes",
                json!(["gestion_eau", "dechets", "risques"]),
                ("subthemes", "invalid"),
            ),
            ("start_date", json!("1961-05"), ("start_date", "date_implausible")),
            ("start_date", json!("2040"), ("start_date", "date_implausible")),
            ("end_date", json!("2020"), ("end_date", "date_order")),
            (
                "links.info",
                json!([{"url": "javascript:alert(1)"}]),
                ("links.info", "invalid"),
            ),
        ] {
            assert_eq!(
                codes(with(key, value.clone()), Stage::Submit),
                [expected],
                "{key} {value}"
            );
        }
    }

    #[test]
    fn web_addresses_are_told_from_other_texts() {
        for good in [
            "https://a.example",
            "http://a.example:8080/x?y=1#z",
            "HTTPS://É.example/é",
            "http://[::1]/",
        ] {
            assert!(is_web_address(good), "{good}");
        }
        for bad in [
            "",
            "a.example",
            "ftp://a.example",
            "https://",
            "https://u:p@a.example",
            "https:///x",
            "https://a b",
            "javascript:alert(1)",
            "https://a.example/\"onmouseover",
            "data:text/html,x",
            "https://.../",
            "https://a.example/\u{7f}",
            "https://a.example/é\u{85}",
            "https://a.example/\u{a0}",
            "httpſ://a.example",
        ] {
            assert!(!is_web_address(bad), "{bad}");
        }
        for sign in [' ', '\t', '"', '<', '>', '\\', '`'] {
            assert!(!is_web_address(&format!("https://a.example/{sign}")), "{sign}");
            assert!(!is_web_address(&format!("https://a.example/é{sign}")), "{sign}");
        }
        let longest = format!("https://a.example/{}", "é".repeat(URL_MAX - 18));
        assert!(is_web_address(&longest) && !is_web_address(&format!("{longest}a")));
    }
}
