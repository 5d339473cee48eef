//! Reading the form of an entry: what was typed is kept, what is wrong is said in French.

use jiff::civil::DateTime;
use sobria_territory::siren::{Number, parse_siret};

use super::field::{EntryField, EntryInput};
use super::{EntryContent, EntryKind};
use crate::account::Email;
use crate::partial_date::PartialDate;
use crate::text::{clean_block, clean_line, count, looks_like_html};
use crate::validate::is_web_address;

/// Longest text read from one input, in characters; what is longer is cut, then said to be too long.
const INPUT_MAX: usize = 10_000;

/// What is wrong about a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryProblem {
    /// The field.
    pub field: EntryField,
    /// French sentence: what is expected.
    pub message: String,
    /// Whether a draft may be kept all the same: something is missing, nothing is wrong.
    pub only_missing: bool,
}

/// Reads what was typed for a kind of entry. The content holds every text as typed but for white space, wrong ones
/// included, so that a form can show them again.
///
/// ```
/// use sobria_catalogue::entry::{EntryKind, read::read};
/// let (content, problems) = read(EntryKind::News, |id| match id {
///     "title" => "  Ouverture  ".into(),
///     "website" => "ville".into(),
///     _ => String::new(),
/// });
/// assert_eq!(content.title(), "Ouverture");
/// assert!(problems.iter().any(|p| p.field.spec().id == "website" && !p.only_missing));
/// assert!(problems.iter().any(|p| p.field.spec().id == "summary" && p.only_missing));
/// ```
pub fn read(kind: EntryKind, typed: impl Fn(&str) -> String) -> (EntryContent, Vec<EntryProblem>) {
    let mut content = EntryContent::default();
    let mut problems = Vec::new();
    for field in EntryField::of(kind) {
        let spec = field.spec();
        let text: String = typed(spec.id).chars().take(INPUT_MAX).collect();
        let text = match spec.input {
            EntryInput::Block(_) | EntryInput::Names(_) => clean_block(&text),
            _ => clean_line(&text),
        };
        if text.is_empty() {
            if spec.required.contains(&kind) {
                problems.push(EntryProblem {
                    field,
                    message: format!(
                        "Indiquez\u{a0}: {}.",
                        spec.label.trim_end_matches([' ', '?', '\u{a0}'])
                    ),
                    only_missing: true,
                });
            }
            continue;
        }
        match value(spec.input, &text) {
            Ok(value) => content.set(field, value),
            Err(expected) => {
                content.set(field, text);
                problems.push(EntryProblem {
                    field,
                    message: format!(
                        "{}\u{a0}: {expected}",
                        spec.label.trim_end_matches([' ', '?', '\u{a0}'])
                    ),
                    only_missing: false,
                });
            }
        }
    }
    problems.extend(together(kind, &content));
    (content, problems)
}

fn value(input: EntryInput, text: &str) -> Result<String, String> {
    let long =
        |max: usize| (text.chars().count() > max).then(|| format!("{} caractères au plus.", count(max)));
    match input {
        EntryInput::Line(max) | EntryInput::Block(max) | EntryInput::Names(max) => {
            if looks_like_html(text) {
                return Err("écrivez du texte, sans balise HTML.".to_owned());
            }
            long(max).map_or(Ok(text.to_owned()), Err)
        }
        EntryInput::Choice(list) => {
            let known = list.iter().any(|(code, _)| *code == text);
            known
                .then(|| text.to_owned())
                .ok_or_else(|| "choisissez dans la liste.".to_owned())
        }
        EntryInput::Term(id) => {
            let terms = crate::vocabulary::Vocabularies::embedded().get(id);
            let known = terms.by_code(text).is_some();
            known
                .then(|| text.to_owned())
                .ok_or_else(|| "choisissez dans la liste.".to_owned())
        }
        EntryInput::Url => is_web_address(text).then(|| text.to_owned()).ok_or_else(|| {
            "une adresse du web est attendue, par exemple https://www.ville.example/charte.".to_owned()
        }),
        EntryInput::Email => Email::parse(text)
            .map(|email| email.as_str().to_owned())
            .ok()
            .ok_or_else(|| "une adresse est attendue, par exemple numerique@ville.fr.".to_owned()),
        EntryInput::Date => date(text)
            .map(|date| date.to_string())
            .ok_or_else(|| "une date est attendue, par exemple 2025, 2025-03 ou 12/03/2025.".to_owned()),
        EntryInput::Moment => moment(text)
            .map(|at| at.strftime("%Y-%m-%dT%H:%M").to_string())
            .ok_or_else(|| "un jour et une heure sont attendus, par exemple 2026-12-03T14:00.".to_owned()),
        EntryInput::Siren => match parse_siret(text).map(|written| written.number) {
            Ok(Number::SirenOnly(siren)) => Ok(siren.as_str().to_owned()),
            Ok(Number::Siret(siret)) => Ok(siret.siren().as_str().to_owned()),
            Err(_) => Err("neuf chiffres sont attendus, dont le dernier vérifie les autres.".to_owned()),
        },
    }
}

/// `2025`, `2025-03`, `2025-03-12`, `03/2025` or `12/03/2025`, from 1990 to 2100.
fn date(text: &str) -> Option<PartialDate> {
    let turned: Vec<&str> = text.split('/').rev().collect();
    let date: PartialDate = turned.join("-").parse().ok()?;
    (1990..=2100).contains(&date.year()).then_some(date)
}

/// `2026-12-03T14:00`, `2026-12-03 14:00` or `03/12/2026 14:00`, from 1990 to 2100.
fn moment(text: &str) -> Option<DateTime> {
    let (day, hour) = text.split_once(['T', ' '])?;
    let turned: Vec<&str> = day.split('/').rev().collect();
    let hour = hour.trim().replace(['h', 'H'], ":");
    let at: DateTime = format!("{}T{hour}", turned.join("-")).parse().ok()?;
    (1990..=2100).contains(&at.year()).then_some(at)
}

/// Rules between fields.
fn together(kind: EntryKind, content: &EntryContent) -> Vec<EntryProblem> {
    let mut problems = Vec::new();
    let mut wrong = |field: EntryField, message: &str, only_missing: bool| {
        problems.push(EntryProblem {
            field,
            message: message.to_owned(),
            only_missing,
        });
    };
    let title = content.title().chars().count();
    if (1..3).contains(&title) {
        wrong(EntryField::Title, "Nom\u{a0}: trois caractères au moins.", false);
    }
    let is_code = content.get(EntryField::ResourceKind) == "code";
    let downloadable = content.get(EntryField::Downloadable);
    if is_code && downloadable.is_empty() {
        wrong(
            EntryField::Downloadable,
            "Dites si le code est téléchargeable\u{a0}: une page qui présente un produit n’en est pas.",
            true,
        );
    }
    if !is_code && !downloadable.is_empty() {
        wrong(
            EntryField::Downloadable,
            "Cette question ne concerne que le code source\u{a0}: choisissez la première ligne.",
            false,
        );
    }
    let needs_address =
        kind == EntryKind::Resource && (downloadable == "yes" || (!is_code && downloadable.is_empty()));
    if needs_address && content.get(EntryField::Website).is_empty() {
        wrong(
            EntryField::Website,
            "Donnez l’adresse où la ressource se trouve.",
            true,
        );
    }
    if let (Some(start), Some(end)) = (
        content.moment(EntryField::StartsAt),
        content.moment(EntryField::EndsAt),
    ) && end <= start
    {
        wrong(EntryField::EndsAt, "Fin\u{a0}: elle vient après le début.", false);
    }
    problems
}

/// Whether an address is that of a forge, where code can be read and taken. An unknown host proves nothing: it is only
/// shown to moderators.
pub fn is_forge(url: &str) -> bool {
    let host = url
        .split_once("://")
        .map_or("", |(_, rest)| rest)
        .split(['/', '?', '#', ':'])
        .next()
        .unwrap_or("")
        .to_lowercase();
    const HOSTS: [&str; 8] = [
        "github.com",
        "gitlab.com",
        "codeberg.org",
        "framagit.org",
        "bitbucket.org",
        "sourcehut.org",
        "gitlab.adullact.net",
        "huggingface.co",
    ];
    HOSTS.contains(&host.as_str())
        || ["git.", "gitlab.", "forge.", "forgejo.", "gitea.", "code."]
            .iter()
            .any(|start| host.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(kind: EntryKind, typed: &[(&str, &str)]) -> Vec<(String, bool)> {
        let (_, problems) = read(kind, |id| {
            typed
                .iter()
                .find(|(name, _)| *name == id)
                .map_or(String::new(), |(_, value)| (*value).to_owned())
        });
        problems
            .into_iter()
            .map(|problem| (problem.field.spec().id.to_owned(), problem.only_missing))
            .collect()
    }

    const RESOURCE: [(&str, &str); 5] = [
        ("title", "Lecteur de compteurs"),
        ("summary", "Lit les compteurs d’eau."),
        ("licence", "eupl-1.2"),
        ("reach", "public"),
        ("website", "https://forge.ville.example/lecteur"),
    ];

    #[test]
    fn code_must_say_whether_it_can_be_taken() {
        let with = |more: &[(&'static str, &'static str)]| [&RESOURCE[..], more].concat();
        assert_eq!(
            problems(EntryKind::Resource, &with(&[("resource_kind", "code")])),
            [("downloadable".to_owned(), true)]
        );
        assert!(
            problems(
                EntryKind::Resource,
                &with(&[("resource_kind", "code"), ("downloadable", "yes")])
            )
            .is_empty()
        );
        assert_eq!(
            problems(
                EntryKind::Resource,
                &with(&[("resource_kind", "dataset"), ("downloadable", "yes")])
            ),
            [("downloadable".to_owned(), false)]
        );
        let mut without = with(&[("resource_kind", "dataset")]);
        without.retain(|(id, _)| *id != "website");
        assert_eq!(
            problems(EntryKind::Resource, &without),
            [("website".to_owned(), true)]
        );
    }

    #[test]
    fn wrong_values_are_kept_and_named() {
        for (kind, id, text) in [
            (EntryKind::News, "website", "javascript:alert(1)"),
            (EntryKind::News, "title", "<b>Titre</b>"),
            (EntryKind::News, "title", "ab"),
            (EntryKind::Governance, "governance_kind", "nimporte"),
            (EntryKind::Governance, "contact", "service"),
            (EntryKind::Governance, "date", "31/02/2025"),
            (EntryKind::Supplier, "siren", "123456789"),
            (EntryKind::Meeting, "starts_at", "demain"),
            (EntryKind::Meeting, "starts_at", "2026-12-32T10:00"),
        ] {
            let (content, problems) = read(kind, |name| {
                if name == id {
                    text.to_owned()
                } else {
                    String::new()
                }
            });
            assert_eq!(content.get(EntryField::from_id(id).unwrap()), text, "{id}");
            assert!(
                problems
                    .iter()
                    .any(|p| p.field.spec().id == id && !p.only_missing),
                "{id}: {text}"
            );
        }
        assert!(
            problems(EntryKind::News, &[("summary", &"é".repeat(401))])
                .contains(&("summary".to_owned(), false))
        );
    }

    #[test]
    fn hours_and_days_are_read_as_people_write_them() {
        for text in ["2026-12-03T14:00", "2026-12-03 14h00", "03/12/2026 14:00"] {
            assert_eq!(
                value(EntryInput::Moment, text).as_deref(),
                Ok("2026-12-03T14:00"),
                "{text}"
            );
        }
        for (text, read) in [
            ("2025", "2025"),
            ("03/2025", "2025-03"),
            ("12/03/2025", "2025-03-12"),
        ] {
            assert_eq!(value(EntryInput::Date, text).as_deref(), Ok(read), "{text}");
        }
        assert!(
            problems(
                EntryKind::Meeting,
                &[("starts_at", "2026-12-03T14:00"), ("ends_at", "2026-12-03T14:00")]
            )
            .contains(&("ends_at".to_owned(), false))
        );
    }

    #[test]
    fn a_forge_is_known_by_its_host_alone() {
        for (url, forge) in [
            ("https://github.com/ville/outil", true),
            ("https://gitlab.ville.example/outil", true),
            ("https://GitHub.com:443/x", true),
            ("https://produit.example/github.com", false),
            ("https://github.com.produit.example/", false),
            ("", false),
        ] {
            assert_eq!(is_forge(url), forge, "{url}");
        }
    }
}
