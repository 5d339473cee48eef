//! What a record of the library already says of a purchase, each answer with where it comes from. Only public fields
//! are taken: the documents of a tender are handed out.

use sobria_catalogue::access::VisibleUseCase;
use sobria_catalogue::field::Field;

use crate::app::App;
use crate::error::WebError;
use crate::posted::Fields;
use crate::routes::govern::project::Project;
use crate::session::Reader;

/// Begins the names of the fields that hold where an answer comes from.
const ORIGIN: &str = "origine_";
/// Characters of a need taken from a record.
const NEED: usize = 1_500;

/// Answers proposed from a record and from what other instruments say of it, as far as the reader may read them.
///
/// # Errors
/// When the database does not answer.
pub async fn with(
    app: &App,
    item: &VisibleUseCase,
    reader: &Reader,
) -> Result<Vec<(String, String)>, WebError> {
    let project = Project::of(app, &item.record().slug, reader).await?;
    let known = project.known_for_purchase();
    let mut found = of(item);
    // What was written for an instrument is nearer to the question than the text of the record.
    found.retain(|(name, _)| {
        let asked = name.strip_prefix(ORIGIN).unwrap_or(name);
        known.iter().all(|one| one.question != asked)
    });
    for one in known {
        found.push((format!("{ORIGIN}{}", one.question), one.origin));
        found.push((one.question.to_owned(), one.value));
    }
    Ok(found)
}

/// Answers proposed from a record, as a form sends them.
pub fn of(item: &VisibleUseCase) -> Vec<(String, String)> {
    let content = item.content();
    let mut found: Vec<(String, String)> = Vec::new();
    let mut give = |name: &str, value: &str, from: &[Field]| {
        found.push((name.to_owned(), value.to_owned()));
        let labels: Vec<&str> = from.iter().map(|field| field.spec().label).collect();
        let origin = format!("{ORIGIN}{name}");
        match found.iter_mut().find(|(known, _)| *known == origin) {
            Some((_, words)) => {
                for label in labels {
                    if !words.contains(label) {
                        words.push_str(", ");
                        words.push_str(label);
                    }
                }
            }
            None => found.push((origin, labels.join(", "))),
        }
    };
    give("titre", content.title(), &[Field::Title]);
    for field in [Field::Summary, Field::Description] {
        if let Some(text) = content.text(field).filter(|text| !text.trim().is_empty()) {
            let text: String = text.chars().take(NEED).collect();
            give("besoin", &text, &[field]);
            break;
        }
    }
    let has = |field: Field, codes: &[&str]| {
        content
            .codes(field)
            .iter()
            .any(|code| codes.contains(&code.as_str()))
            || content.code(field).is_some_and(|code| codes.contains(&code))
    };
    for (risk, field, codes) in [
        ("donnees", Field::DataPersonal, &["oui"][..]),
        ("generative", Field::AlgorithmKinds, &["ia_generative"]),
        ("information", Field::Audiences, &["grand_public", "beneficiaire"]),
        ("decision", Field::DecisionScope, &["externe", "mixte"]),
    ] {
        if has(field, codes) {
            give("risques", risk, &[field]);
        }
    }
    for (_, words) in found.iter_mut().filter(|(name, _)| name.starts_with(ORIGIN)) {
        *words = format!("la fiche, {words}");
    }
    found.push(("fiche".to_owned(), item.record().slug.clone()));
    found
}

/// Where the answer of a field comes from, in words; blank when somebody typed it.
pub fn origin(fields: &Fields, name: &str) -> String {
    let origin = fields.get(&format!("{ORIGIN}{name}"));
    if origin.is_empty() {
        String::new()
    } else {
        format!("Proposé d’après\u{a0}: {origin}. À relire.")
    }
}

/// The field whose origin another field says.
pub fn about(name: &str) -> Option<&str> {
    name.strip_prefix(ORIGIN)
}
