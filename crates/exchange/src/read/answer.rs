//! Error answers of services, saved in place of the file that was asked for.

use serde_json::{Map, Value as Json};
use sobria_catalogue::field::Field;
use sobria_catalogue::text::{clean_line, excerpt, fold};

use crate::aliases::{Target, target};

/// Longest part of an answer that is shown, in characters.
const SHOWN: usize = 100;
/// Longest answer that is looked at, in bytes: errors are short.
const LOOKED_AT: usize = 64 * 1024;

/// Keys under which services say what went wrong, the most telling first.
const SAID: [&str; 10] = [
    "message",
    "detail",
    "error_description",
    "errormessage",
    "error",
    "errors",
    "exception",
    "fault",
    "msg",
    "title",
];
/// Keys that give a number of HTTP.
const STATUS: [&str; 4] = ["status", "statuscode", "status_code", "code"];

/// Words of services that have nothing to give, folded.
const WORDS: [&str; 26] = [
    "internal server error",
    "unauthorized",
    "unauthenticated",
    "forbidden",
    "not found",
    "bad request",
    "bad gateway",
    "gateway time-out",
    "gateway timeout",
    "service unavailable",
    "temporarily unavailable",
    "too many requests",
    "rate limit",
    "request timeout",
    "timed out",
    "access denied",
    "permission denied",
    "an error occurred",
    "something went wrong",
    "invalid token",
    "acces refuse",
    "acces interdit",
    "page introuvable",
    "erreur interne",
    "erreur est survenue",
    "service indisponible",
];

/// What an object of JSON says went wrong; nothing when it is a record, or says nothing of the kind.
pub fn in_object(object: &Map<String, Json>) -> Option<String> {
    let value = |wanted: &str| {
        object
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value)
    };
    let status = STATUS
        .iter()
        .find_map(|key| value(key)?.as_u64())
        .filter(|number| (400..600).contains(number));
    let is_record = object.keys().any(|key| {
        key == "organisation"
            || matches!(
                target(key),
                Some(Target::Field(Field::OrganisationName | Field::Description))
            )
    });
    if is_record {
        return None;
    }
    // A title alone may be that of a record.
    let telling = SAID.iter().take(SAID.len() - usize::from(status.is_none()));
    let said = telling.filter_map(|key| value(key)).find_map(words)?;
    Some(match status {
        Some(status) => format!("{status}, {said}"),
        None => said,
    })
}

/// The first words in a value of an error.
fn words(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(excerpt(&clean_line(text), SHOWN)).filter(|text| !text.is_empty()),
        Json::Array(list) => list.iter().find_map(words),
        Json::Object(object) => in_object(object).or_else(|| object.values().find_map(words)),
        Json::Bool(true) | Json::Number(_) => Some(value.to_string()),
        Json::Bool(false) | Json::Null => None,
    }
}

/// What a text of any kind says went wrong: JSON, a page, a sentence.
pub fn in_text(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() > LOOKED_AT {
        return None;
    }
    match text.as_bytes().first()? {
        b'{' | b'[' => match serde_json::from_str(text).ok()? {
            Json::Object(object) => in_object(&object),
            Json::Array(list) => match list.as_slice() {
                [Json::Object(only)] => in_object(only),
                _ => None,
            },
            _ => None,
        },
        b'<' => in_page(text),
        _ => in_sentence(text),
    }
}

/// What a page or a document of XML says went wrong.
fn in_page(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let within = |name: &str| {
        let from = lower.find(&format!("<{name}"))?;
        let start = from + lower.get(from..)?.find('>')? + 1;
        let end = start + lower.get(start..)?.find("</")?;
        let said = clean_line(text.get(start..end)?);
        (!said.is_empty()).then(|| excerpt(&said, SHOWN))
    };
    let is_page = lower.contains("<html") || lower.contains("<!doctype html");
    if is_page {
        return ["title", "h1", "h2", "p"]
            .iter()
            .filter_map(|name| within(name))
            .find(|said| in_sentence(said).is_some() || gives_status(said));
    }
    let is_error = lower.contains("<error") || lower.contains("fault>") || lower.contains("exception");
    let said = [
        "message",
        "faultstring",
        "ows:exceptiontext",
        "serviceexception",
        "code",
        "error",
    ]
    .iter()
    .find_map(|name| within(name));
    said.filter(|_| is_error)
}

/// `502 Bad Gateway`, `Erreur 404`.
fn gives_status(text: &str) -> bool {
    let words = || text.split(|c: char| !c.is_alphanumeric());
    let mut numbers = words().filter_map(|word| word.parse::<u16>().ok());
    numbers.any(|number| (400..600).contains(&number))
        && words().any(|word| matches!(fold(word).as_str(), "error" | "erreur" | "http"))
}

fn in_sentence(text: &str) -> Option<String> {
    let folded = fold(text);
    let starts = ["error:", "error ", "erreur:", "erreur "]
        .iter()
        .any(|start| folded.starts_with(start));
    (starts || folded == "error" || folded == "erreur" || WORDS.iter().any(|word| folded.contains(word)))
        .then(|| excerpt(&clean_line(text), SHOWN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_services_are_told_from_records_and_other_texts() {
        for (text, said) in [
            (r#"{"error":"Unauthorized"}"#, Some("Unauthorized")),
            (r#"{"message":"Not Found"}"#, Some("Not Found")),
            (
                r#"{"Message":"Authorization has been denied"}"#,
                Some("Authorization has been denied"),
            ),
            (
                r#"{"error":{"code":403,"message":"No access"}}"#,
                Some("403, No access"),
            ),
            (
                r#"{"errors":[{"detail":"Quota exceeded"}]}"#,
                Some("Quota exceeded"),
            ),
            (
                r#"[{"errorCode":"X1","message":"Session expired"}]"#,
                Some("Session expired"),
            ),
            (
                r#"{"type":"about:blank","title":"Forbidden","status":403,"detail":"Clé refusée"}"#,
                Some("403, Clé refusée"),
            ),
            (r#"{"title":"Oups","status":500}"#, Some("500, Oups")),
            (r#"{"title":"Projet","status":"published"}"#, None),
            (
                r#"{"coll_nom":"Ville","nom_projet":"Projet","message":"x"}"#,
                None,
            ),
            (r#"{"a":1}"#, None),
            (
                "<!DOCTYPE html><title>502 Bad Gateway</title>",
                Some("502 Bad Gateway"),
            ),
            (
                "<html><head><title>Erreur 404</title></head></html>",
                Some("Erreur 404"),
            ),
            ("<html><title>Accueil</title><p>Bienvenue</p></html>", None),
            (
                "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>The key is unknown</Message></Error>",
                Some("The key is unknown"),
            ),
            ("<svg></svg>", None),
            ("Internal Server Error", Some("Internal Server Error")),
            ("Unauthorized; retry", Some("Unauthorized; retry")),
            ("Erreur : session expirée", Some("Erreur : session expirée")),
            ("Liste des projets", None),
        ] {
            assert_eq!(in_text(text).as_deref(), said, "{text}");
        }
    }
}
