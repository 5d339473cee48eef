//! Cells that hold several things: terms of a vocabulary, partners, addresses.

use sobria_catalogue::content::{Link, Partner};
use sobria_catalogue::text::{clean_line, fold};
use sobria_catalogue::validate::is_web_address;
use sobria_catalogue::vocabulary::{Match, Term, Vocabulary};

/// Texts that say that there is nothing, errors of formulas included.
pub fn is_nothing(cell: &str) -> bool {
    let cell = cell.trim();
    // The longest of them is shorter, and few letters begin one: most cells are told apart at once.
    let may_begin = |first: &u8| {
        matches!(
            first.to_ascii_lowercase(),
            b'/' | b'-' | b'_' | b'.' | b'?' | b'#' | b'n' | b's' | b'r' | b'a' | 0x80..
        )
    };
    if cell.len() > 24 || cell.as_bytes().first().is_some_and(|first| !may_begin(first)) {
        return false;
    }
    matches!(
        fold(cell).as_str(),
        "" | "/"
            | "//"
            | "-"
            | "--"
            | "–"
            | "—"
            | "_"
            | "."
            | "..."
            | "?"
            | "n/a"
            | "n.a"
            | "n.a."
            | "n.c"
            | "n.c."
            | "s/o"
            | "na"
            | "nc"
            | "nan"
            | "nsp"
            | "neant"
            | "aucun"
            | "aucune"
            | "none"
            | "null"
            | "rien"
            | "sans objet"
            | "non renseigne"
            | "non renseignee"
            | "non communique"
            | "non applicable"
            | "a completer"
            | "a renseigner"
            | "#n/a"
            | "#ref!"
            | "#value!"
            | "#valeur!"
            | "#name?"
            | "#nom?"
            | "#null!"
            | "#nul!"
            | "#num!"
            | "#nombre!"
            | "#spill!"
            | "#calc!"
            | "#propagation!"
            | "#calcul!"
            | "#div/0!"
    )
}

/// Whether a cell holds what a spreadsheet writes where it has no value: the error of a formula, or signs that fill a
/// column too narrow for a number.
pub fn is_formula_error(cell: &str) -> bool {
    let cell = cell.trim();
    cell.starts_with('#')
        && (cell.len() >= 3 && cell.bytes().all(|byte| byte == b'#')
            || cell.len() <= 24 && (cell.ends_with(['!', '?']) || fold(cell) == "#n/a") && is_nothing(cell))
}

/// One item of a multi-valued cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item<'v> {
    /// A term, and whether it was written in another form.
    Known(&'v Term, Match, String),
    /// Nothing of the vocabulary, with the nearest term.
    Unknown(String, Option<&'v Term>),
}

/// Reads the terms of a cell: the whole of it first, then between separators, then between hyphens.
pub fn terms<'v>(list: &'v Vocabulary, cell: &str) -> Vec<Item<'v>> {
    let cell = cell.trim();
    if let Some((term, how)) = list.recognise(cell) {
        return vec![Item::Known(term, how, cell.to_owned())];
    }
    let mut items = Vec::new();
    for part in cut(list, cell, &[",", ";", "\n", "|"]) {
        if let Some((term, how)) = list.recognise(&part) {
            items.push(Item::Known(term, how, part));
            continue;
        }
        for piece in cut(list, &part, &["-", "/"]) {
            match list.recognise(&piece) {
                Some((term, how)) => items.push(Item::Known(term, how, piece)),
                None => {
                    let near = nearest(list, &piece);
                    items.push(Item::Unknown(piece, near));
                }
            }
        }
    }
    items
}

/// Cuts at separators, joining again the pieces that a term holds (`Citoyenneté, santé et solidarité`).
fn cut(list: &Vocabulary, cell: &str, separators: &[&str]) -> Vec<String> {
    let mut pieces: Vec<(String, &str)> = Vec::new();
    let mut rest = cell;
    loop {
        let next = separators
            .iter()
            .filter_map(|s| rest.find(s).map(|at| (at, *s)))
            .min();
        match next {
            Some((at, separator)) => {
                pieces.push((rest.get(..at).unwrap_or("").to_owned(), separator));
                rest = rest.get(at + separator.len()..).unwrap_or("");
            }
            None => {
                pieces.push((rest.to_owned(), ""));
                break;
            }
        }
        if pieces.len() > 200 {
            pieces.push((rest.to_owned(), ""));
            break;
        }
    }
    let mut joined = Vec::new();
    let mut at = 0;
    while at < pieces.len() {
        let mut taken = 1;
        let mut text = pieces.get(at).map_or(String::new(), |piece| piece.0.clone());
        // The longest run of pieces that is a term wins.
        let longest = (2..=5.min(pieces.len() - at)).rev().find(|length| {
            let run = run(&pieces, at, *length);
            list.find(&run).is_some()
        });
        if let Some(length) = longest {
            text = run(&pieces, at, length);
            taken = length;
        }
        let text = clean_line(&text);
        if !is_nothing(&text) {
            joined.push(text);
        }
        at += taken;
    }
    joined
}

fn run(pieces: &[(String, &str)], at: usize, length: usize) -> String {
    let mut text = String::new();
    for (position, (piece, separator)) in pieces.iter().skip(at).take(length).enumerate() {
        text.push_str(piece);
        if position + 1 < length {
            text.push_str(separator);
        }
    }
    text
}

/// The term within two edits of a text, if there is one.
fn nearest<'v>(list: &'v Vocabulary, text: &str) -> Option<&'v Term> {
    let folded = fold(text);
    if folded.chars().count() > 80 {
        return None;
    }
    list.written_forms()
        .filter(|(form, _)| form.chars().count() > 3)
        .map(|(form, term)| (edits(form, &folded), form, term))
        .filter(|(edits, ..)| *edits <= 2)
        .min_by_key(|(edits, form, _)| (*edits, form.len(), (*form).to_owned()))
        .map(|(_, _, term)| term)
}

fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    if a.chars().count().abs_diff(b.len()) > 2 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for (j, cb) in b.iter().enumerate() {
            let diagonal = row.get(j).copied().unwrap_or(0) + usize::from(ca != *cb);
            let above = row.get(j + 1).copied().unwrap_or(0) + 1;
            let left = next.last().copied().unwrap_or(0) + 1;
            next.push(diagonal.min(above).min(left));
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}

/// Beginnings that go on after a hyphen in names of places.
const JOINED: &[&str] = &[
    "noisy", "saint", "sainte", "saints", "ile", "centre", "paris", "aix", "ille", "seine", "loire", "val",
    "haut", "haute", "bas", "basse", "nord", "sud", "est", "ouest", "grand", "grande", "mont", "pays",
    "rhone", "bouches", "alpes", "cote", "cotes", "eure", "indre", "lot", "tarn", "charente", "puy", "hauts",
    "hautes", "deux", "exo", "bio", "eco", "geo", "jean", "marie", "e", "co",
];

/// Words that stand inside a name after a hyphen.
const PARTICLES: &[&str] = &[
    "le", "la", "les", "de", "du", "des", "d", "en", "et", "sur", "sous", "lez", "les", "aux", "a", "au", "l",
];

/// Partners, and whether cutting at a hyphen left a doubt.
pub fn partners(cell: &str) -> (Vec<Partner>, bool) {
    let strong =
        |cell: &str| cell.contains(", ") || cell.contains(';') || cell.contains('\n') || cell.contains('|');
    let mut doubt = false;
    let items: Vec<String> = if strong(cell) {
        split_outside_brackets(cell, |c| matches!(c, ',' | ';' | '\n' | '|'))
    } else if cell.contains(" - ") {
        cell.split(" - ").map(str::to_owned).collect()
    } else if cell.contains('-') {
        let pieces = split_outside_brackets(cell, |c| c == '-');
        let is_name = pieces.iter().zip(pieces.iter().skip(1)).any(|(before, after)| {
            let before = fold(before);
            let after = fold(after);
            let last = before.rsplit([' ', '\'']).next().unwrap_or("");
            let first = after.split([' ', '\'']).next().unwrap_or("");
            PARTICLES.contains(&first) || JOINED.contains(&last)
        });
        doubt = pieces.len() == 2;
        if is_name { vec![cell.to_owned()] } else { pieces }
    } else {
        vec![cell.to_owned()]
    };
    let partners = items
        .iter()
        .map(|item| clean_line(item).trim_end_matches(['.', ',']).trim().to_owned())
        .filter(|name| !is_nothing(name))
        .map(|name| Partner { name, role: None })
        .collect();
    (partners, doubt)
}

fn split_outside_brackets(text: &str, at: impl Fn(char) -> bool) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut depth = 0_u32;
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && at(c) {
            items.push(String::new());
        } else if let Some(item) = items.last_mut() {
            item.push(c);
        }
    }
    items
}

/// Whether a text says that the project was made in house.
pub fn is_in_house(cell: &str) -> bool {
    let folded = fold(cell);
    matches!(
        folded.trim_end_matches('.'),
        "developpe en regie" | "en regie" | "regie" | "developpement interne" | "interne"
    )
}

/// What a cell of addresses holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// An address.
    Web(String),
    /// An address without `https://`, as completed.
    Completed(String, String),
    /// A remark in place of an address.
    Note(String),
    /// Something that looks like an address and is not one.
    Wrong(String),
}

/// Reads a cell of addresses.
pub fn addresses(cell: &str) -> Vec<Address> {
    let cell = cell.trim();
    let looks_like_one = |word: &str| word.contains("://") || word.starts_with("www.");
    let words: Vec<&str> = cell
        .split(|c: char| c.is_whitespace() || matches!(c, ';' | '|'))
        .map(|word| word.trim_matches([',', '<', '>']).trim_start_matches('('))
        .map(|word| {
            if word.contains('(') {
                word
            } else {
                word.trim_end_matches(')')
            }
        })
        .filter(|word| !word.is_empty() && !matches!(*word, "et" | "ou" | "-" | "&"))
        .collect();
    if !words.iter().any(|word| looks_like_one(word)) {
        let bare = words.len() == 1 && cell.contains('.') && !cell.ends_with('.');
        return vec![if bare && is_web_address(&format!("https://{cell}")) {
            Address::Completed(cell.to_owned(), format!("https://{cell}"))
        } else {
            Address::Note(clean_line(cell))
        }];
    }
    let mut found = Vec::new();
    let mut note = Vec::new();
    for word in words {
        if !looks_like_one(word) {
            note.push(word);
        } else if is_web_address(word) {
            found.push(Address::Web(word.to_owned()));
        } else if word.starts_with("www.") && is_web_address(&format!("https://{word}")) {
            found.push(Address::Completed(word.to_owned(), format!("https://{word}")));
        } else {
            found.push(Address::Wrong(word.to_owned()));
        }
    }
    if !note.is_empty() {
        found.push(Address::Note(note.join(" ")));
    }
    found
}

/// The link that stands for a remark in place of an address.
pub fn note_link(note: &str) -> Link {
    let internal = fold(note).contains("interne");
    let access = if internal { "internal" } else { "on_request" };
    Link {
        url: None,
        label: Some(note.to_owned()),
        access: Some(access.to_owned()),
        kind: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sobria_catalogue::vocabulary::{Vocabularies, VocabularyId};

    fn codes(id: VocabularyId, cell: &str) -> Vec<String> {
        terms(Vocabularies::embedded().get(id), cell)
            .into_iter()
            .map(|item| match item {
                Item::Known(term, ..) => term.code.to_owned(),
                Item::Unknown(text, near) => format!("?{text}>{}", near.map_or("", |term| term.code)),
            })
            .collect()
    }

    #[test]
    fn terms_are_found_whatever_the_separator() {
        for (id, cell, expected) in [
            (
                VocabularyId::Subtheme,
                "Modélisation et jumeau numérique, Performance énergétique",
                &["jumeau_numerique", "performance_energetique"][..],
            ),
            (
                VocabularyId::Subtheme,
                "Déchets et économie circulaire-Participation citoyenne",
                &["dechets", "participation"],
            ),
            (
                VocabularyId::Audience,
                "Grand public-agent-élu",
                &["grand_public", "agent", "elu"],
            ),
            (
                VocabularyId::Audience,
                "collectivités, élu, agent",
                &["collectivite", "elu", "agent"],
            ),
            (
                VocabularyId::Theme,
                "Citoyenneté, santé et solidarité",
                &["citoyennete"],
            ),
            (
                VocabularyId::Theme,
                "Citoyenneté, santé et solidarité, Mobilités",
                &["citoyennete", "mobilites"],
            ),
            (VocabularyId::Audience, "Agnet", &["?Agnet>agent"]),
            (VocabularyId::Audience, "Martiens", &["?Martiens>"]),
            (VocabularyId::Audience, "Agent;;", &["agent"]),
        ] {
            assert_eq!(codes(id, cell), expected, "{cell}");
        }
    }

    #[test]
    fn partners_are_cut_only_where_names_allow_it() {
        for (cell, expected, doubt) in [
            (
                "DRYAS-Kocliko-Domofrance-ENERLAB",
                &["DRYAS", "Kocliko", "Domofrance", "ENERLAB"][..],
                false,
            ),
            ("CEREMA, Immergis", &["CEREMA", "Immergis"], false),
            ("Ville de Noisy-le-Grand", &["Ville de Noisy-le-Grand"], false),
            ("Exo-Dev", &["Exo-Dev"], true),
            ("Gridfit-Advizeo", &["Gridfit", "Advizeo"], true),
            (
                "Université (Lyon, Saint-Étienne); CNRS.",
                &["Université (Lyon, Saint-Étienne)", "CNRS"],
                false,
            ),
            ("Leakmited", &["Leakmited"], false),
        ] {
            let (found, ambiguous) = partners(cell);
            assert_eq!(
                found.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(),
                expected,
                "{cell}"
            );
            assert_eq!(ambiguous, doubt, "{cell}");
        }
    }

    #[test]
    fn addresses_notes_and_mistakes_are_told_apart() {
        for (cell, expected) in [
            (
                "https://a.example/x",
                vec![Address::Web("https://a.example/x".into())],
            ),
            (
                "accès interne uniquement",
                vec![Address::Note("accès interne uniquement".into())],
            ),
            (
                "www.a.example",
                vec![Address::Completed(
                    "www.a.example".into(),
                    "https://www.a.example".into(),
                )],
            ),
            (
                "https://a.example\u{202f}; https://b.example",
                vec![
                    Address::Web("https://a.example".into()),
                    Address::Web("https://b.example".into()),
                ],
            ),
            ("ftp://a.example", vec![Address::Wrong("ftp://a.example".into())]),
            (
                "javascript:alert(1)",
                vec![Address::Note("javascript:alert(1)".into())],
            ),
            (
                "javascript://x/%0aalert(1)",
                vec![Address::Wrong("javascript://x/%0aalert(1)".into())],
            ),
            (
                "https://a.example et https://b.example (intranet)",
                vec![
                    Address::Web("https://a.example".into()),
                    Address::Web("https://b.example".into()),
                    Address::Note("intranet".into()),
                ],
            ),
        ] {
            assert_eq!(addresses(cell), expected, "{cell}");
        }
    }
}
