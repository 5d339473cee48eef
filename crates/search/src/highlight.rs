//! Marks the words of a question in a text, by the rules that found them.

use crate::analyse::{Stems, is_stop_word, joined, next_word};
use crate::question::Question;
use sobria_catalogue::text::fold;

/// Words shown before the first one found, in an excerpt.
const BEFORE: usize = 40;

struct Target {
    folded: String,
    stem: String,
    begins: bool,
}

/// The words of a question, ready to be found in many texts.
pub struct Highlighter {
    targets: Vec<Target>,
}

impl std::fmt::Debug for Highlighter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Highlighter")
            .field("words", &self.targets.len())
            .finish()
    }
}

impl Highlighter {
    /// Reads a question.
    pub fn new(query_text: &str) -> Self {
        Self {
            targets: targets(query_text),
        }
    }

    /// Cuts `text` into pieces, marked or not, at most `max_chars` characters in all.
    ///
    /// A longer text is cut around the first word found, between words, with an ellipsis where something is missing.
    pub fn mark(&self, text: &str, max_chars: usize) -> Vec<(String, bool)> {
        let text = joined(text);
        let hits = hits(&self.targets, &text);
        pieces(&text, hits, max_chars)
    }
}

/// Cuts one text, as [`Highlighter::mark`] does.
pub fn highlight(query_text: &str, text: &str, max_chars: usize) -> Vec<(String, bool)> {
    Highlighter::new(query_text).mark(text, max_chars)
}

fn pieces(text: &str, hits: Vec<(usize, usize)>, max_chars: usize) -> Vec<(String, bool)> {
    let window = window(text, hits.first().map_or(0, |(start, _)| *start), max_chars);
    let mut pieces: Vec<(String, bool)> = Vec::new();
    let mut push = |piece: &str, hit: bool| {
        if !piece.is_empty() {
            pieces.push((piece.to_owned(), hit));
        }
    };
    let mut from = window.start;
    if window.start > 0 {
        push("… ", false);
    }
    for (start, end) in hits {
        if start < from || end > window.end {
            continue;
        }
        push(text.get(from..start).unwrap_or(""), false);
        push(text.get(start..end).unwrap_or(""), true);
        from = end;
    }
    push(text.get(from..window.end).unwrap_or(""), false);
    if window.end < text.len() {
        push("…", false);
    }
    // An ellipsis joins the plain piece beside it.
    pieces.dedup_by(|next, piece| {
        let join = !next.1 && !piece.1;
        if join {
            piece.0.push_str(&next.0);
        }
        join
    });
    pieces
}

fn targets(query_text: &str) -> Vec<Target> {
    let question = Question::parse(query_text);
    let mut targets: Vec<Target> = Vec::new();
    for (index, wording) in question
        .clauses
        .iter()
        .flat_map(|clause| clause.wordings.iter().enumerate())
    {
        // Of another wording of several words, each word alone would mark too much.
        if index > 0 && wording.words.len() > 1 {
            continue;
        }
        for (place, form) in &wording.words {
            targets.push(Target {
                folded: form.folded.clone(),
                stem: form.stem.clone(),
                begins: wording.tolerant && question.last == Some(*place) && form.folded.len() >= 2,
            });
        }
    }
    targets
}

fn hits(targets: &[Target], text: &str) -> Vec<(usize, usize)> {
    let mut hits = Vec::new();
    if targets.is_empty() {
        return hits;
    }
    let mut stems = None;
    let (mut from, mut lower) = (0, String::new());
    while let Some((start, end)) = next_word(text, from, &mut lower) {
        from = end;
        let folded = fold(&lower);
        let mut beginning = folded.chars();
        let first = beginning.next();
        // A stem begins as its word does: most words are told apart by their first letters.
        let may_match = targets.iter().any(|target| {
            let mut letters = target.stem.chars();
            letters.next() == first
                && (folded.starts_with(&target.folded)
                    || letters
                        .next()
                        .is_none_or(|second| beginning.clone().next() == Some(second)))
        });
        if !may_match || is_stop_word(&lower) {
            continue;
        }
        let stem = stems.get_or_insert_with(Stems::default).stem(&lower);
        if targets.iter().any(|target| {
            target.stem == stem
                || target.folded == folded
                || (target.begins && folded.starts_with(&target.folded))
        }) {
            hits.push((start, end));
        }
    }
    hits
}

/// The part of the text that is shown: whole words, at most `max` characters, around `hit`.
fn window(text: &str, hit: usize, max: usize) -> std::ops::Range<usize> {
    let characters = text.chars().count();
    if characters <= max {
        return 0..text.len();
    }
    let before = text.get(..hit).map_or(0, |part| part.chars().count());
    // Two characters are kept for an ellipsis at the start, one for one at the end.
    let room = max.saturating_sub(3);
    let first = if before + BEFORE.min(room / 3) < room {
        0
    } else {
        (before - BEFORE.min(room / 3).min(before)).min(characters.saturating_sub(room))
    };
    let byte_of = |character: usize| {
        text.char_indices()
            .nth(character)
            .map_or(text.len(), |(byte, _)| byte)
    };
    let mut start = byte_of(first);
    let mut end = byte_of(first + room);
    if start > 0
        && let Some(part) = text.get(start..hit)
        && let Some((space, width)) = part
            .char_indices()
            .find(|(_, c)| c.is_whitespace())
            .map(|(at, c)| (at, c.len_utf8()))
    {
        start += space + width;
    }
    if end < text.len()
        && let Some(space) = text
            .get(start..end)
            .and_then(|part| part.rfind(char::is_whitespace))
        && start + space > hit
    {
        end = start + space;
    }
    start.min(end)..end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(query: &str, text: &str, max: usize) -> String {
        highlight(query, text, max)
            .into_iter()
            .map(|(piece, hit)| if hit { format!("[{piece}]") } else { piece })
            .collect()
    }

    #[test]
    fn words_are_marked_whatever_their_accents_number_or_wording() {
        for (query, text, expected) in [
            (
                "fuite eau",
                "Détection des fuites d’eau",
                "Détection des [fuites] d’[eau]",
            ),
            ("BATIMENT", "les bâtiments publics", "les [bâtiments] publics"),
            (
                "nettoyage",
                "le nettoiement des rues",
                "le [nettoiement] des rues",
            ),
            ("renov", "rénovation énergétique", "[rénovation] énergétique"),
            ("l'énergie", "L’énergie", "L’[énergie]"),
            ("\"qualité de l'air\"", "qualité de l’air", "[qualité] de l’[air]"),
            ("", "rien", "rien"),
            ("***", "rien", "rien"),
            ("rien", "", ""),
        ] {
            assert_eq!(marked(query, text, 500), expected, "{query}");
        }
    }

    #[test]
    fn a_long_text_is_cut_around_the_first_word_found_and_no_longer_than_asked() {
        let text = format!("{} fuites d’eau {}", "mot ".repeat(100), "suite ".repeat(100));
        let pieces = highlight("fuite", &text, 120);
        let whole: String = pieces.iter().map(|(piece, _)| piece.as_str()).collect();
        assert!(whole.chars().count() <= 120, "{whole}");
        assert!(whole.starts_with("… ") && whole.ends_with('…'), "{whole}");
        assert!(pieces.iter().any(|(piece, hit)| *hit && piece == "fuites"));
        for max in 0..60 {
            let whole: String = highlight("fuite", &text, max)
                .into_iter()
                .map(|(piece, _)| piece)
                .collect();
            assert!(whole.chars().count() <= max.max(3), "{max} {whole}");
        }
    }
}
