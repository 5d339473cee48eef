//! What the forms of a roadmap share: steps that say what they do, and tables pasted from a spreadsheet.

use super::Filled;
use crate::view::{Control, FormBlock, FormField, ProseTable, RichText};

/// Lines of a preview.
const SHOWN: usize = 50;

/// What a pasted table would do, with the button that does it.
pub(super) fn report(
    action: &str,
    csrf: &str,
    text: &str,
    good: usize,
    rows: Vec<Vec<String>>,
    headers: &[&str],
    problems: &[(usize, String)],
) -> FormBlock {
    let mut lines: Vec<String> = problems
        .iter()
        .take(SHOWN)
        .map(|(number, message)| format!("Ligne {number}, laissée de côté\u{a0}: {message}"))
        .collect();
    if problems.len() > SHOWN {
        lines.push(format!("et {} autres.", problems.len() - SHOWN));
    }
    let counted = u64::try_from(good).unwrap_or(u64::MAX);
    let mut block = FormBlock {
        id: "apercu".to_owned(),
        title: "Aperçu".to_owned(),
        text: RichText::parse(&format!(
            "{} à enregistrer. Rien ne l’est encore.",
            crate::locale::counted(counted, "ligne", "lignes")
        )),
        lines,
        ..FormBlock::default()
    };
    if good > 0 {
        block.action = action.to_owned();
        block.csrf = csrf.to_owned();
        block.hidden = vec![
            ("action".to_owned(), "importer".to_owned()),
            ("lignes".to_owned(), text.to_owned()),
        ];
        block.submit = format!(
            "Enregistrer {}",
            crate::locale::counted(counted, "ligne", "lignes")
        );
        block.table = Some(ProseTable {
            caption: "Les premières lignes".to_owned(),
            headers: headers.iter().map(|header| (*header).to_owned()).collect(),
            rows: rows.into_iter().take(SHOWN).collect(),
        });
    }
    block
}

/// A form whose action is its identifier. `words` are its title, its text and its button.
pub(super) fn step(
    action: &str,
    csrf: &str,
    id: &str,
    words: (&str, &str, &str),
    fields: Vec<FormField>,
) -> FormBlock {
    let (title, text, submit) = words;
    FormBlock {
        id: id.to_owned(),
        title: title.to_owned(),
        text: RichText::parse(text),
        action: action.to_owned(),
        csrf: csrf.to_owned(),
        hidden: vec![("action".to_owned(), id.to_owned())],
        fields,
        submit: submit.to_owned(),
        ..FormBlock::default()
    }
}

/// Asks for the lines of a table; nothing is kept before they were seen.
pub(super) fn ask(action: &str, csrf: &str, form: &Filled<'_>, text: &str) -> FormBlock {
    let field = form.field("lignes", "Lignes", Control::Lines(6));
    let words = ("Importer un tableau", text, "Voir l’aperçu");
    let mut block = step(action, csrf, "importer", words, vec![field]);
    block.hidden = vec![("action".to_owned(), "apercu".to_owned())];
    block
}
