//! What a reader typed, as words to find. The engine never sees the text itself.

use crate::analyse::{Form, Stems, joined, next_word};
use crate::synonyms::Synonyms;

/// Most characters read of a question.
pub const CHARACTERS: usize = 400;

/// Most words read of a question.
pub const WORDS: usize = 24;

/// One thing that a record must hold, in any of several wordings.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    /// The wordings; the first is the typed one.
    pub wordings: Vec<Wording>,
}

/// Words that must all be there.
#[derive(Debug, Clone, PartialEq)]
pub struct Wording {
    /// The words with their places.
    pub words: Vec<(u32, Form)>,
    /// Whether the words must follow each other as they stand.
    pub adjacent: bool,
    /// Whether the words may be begun or misspelt: those of the reader, outside quotes.
    pub tolerant: bool,
}

/// A question.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Question {
    /// What a record must hold.
    pub clauses: Vec<Clause>,
    /// Place of the last word, which may still be unfinished.
    pub last: Option<u32>,
    /// Whether the text holds any letter or digit at all.
    pub has_words: bool,
}

impl Question {
    /// Reads a text, whatever it is, in time proportional to its length.
    pub fn parse(text: &str) -> Self {
        let short: String = text.chars().take(CHARACTERS).collect();
        let text = joined(&short);
        let mut stems = Stems::default();
        let mut question = Self::default();
        let (mut place, mut left) = (0, WORDS);
        let parts: Vec<&str> = text.split(['"', '«', '»', '“', '”', '„']).collect();
        let closed = parts.len() % 2 == 1;
        let last_part = parts.len().saturating_sub(1);
        for (index, part) in parts.into_iter().enumerate() {
            // Every other part stands between quotes; a quote that is never closed quotes nothing.
            let quoted = index % 2 == 1 && (closed || index != last_part);
            let words = words_of(part, &mut place, &mut left, &mut stems, &mut question.has_words);
            if let Some((last, _)) = words.last() {
                question.last = (!quoted).then_some(*last);
            }
            if quoted {
                if !words.is_empty() {
                    question.clauses.push(Clause {
                        wordings: vec![Wording {
                            words,
                            adjacent: true,
                            tolerant: false,
                        }],
                    });
                }
            } else {
                question.add_words(&words);
            }
            // Nothing follows across a quote.
            place += 1;
        }
        question
    }

    /// The same words, free of their quotes.
    pub fn without_quotes(&self) -> Self {
        let mut question = Self {
            has_words: self.has_words,
            last: self.last,
            clauses: Vec::new(),
        };
        for clause in &self.clauses {
            match clause.wordings.as_slice() {
                [wording] if wording.adjacent => question.add_words(&wording.words),
                _ => question.clauses.push(clause.clone()),
            }
        }
        question
    }

    fn add_words(&mut self, words: &[(u32, Form)]) {
        let mut rest = words;
        while !rest.is_empty() {
            let (taken, others) = Synonyms::embedded().of(rest).unwrap_or((1, Vec::new()));
            let Some((these, after)) = rest.split_at_checked(taken) else {
                break;
            };
            let mut wordings = vec![Wording {
                words: these.to_vec(),
                adjacent: false,
                tolerant: true,
            }];
            wordings.extend(others.into_iter().map(|expression| Wording {
                words: expression.clone(),
                adjacent: true,
                tolerant: false,
            }));
            self.clauses.push(Clause { wordings });
            rest = after;
        }
    }
}

fn words_of(
    part: &str,
    place: &mut u32,
    left: &mut usize,
    stems: &mut Stems,
    any: &mut bool,
) -> Vec<(u32, Form)> {
    let (mut from, mut lower, mut words) = (0, String::new(), Vec::new());
    while let Some((_, end)) = next_word(part, from, &mut lower) {
        *any = true;
        from = end;
        if *left == 0 {
            break;
        }
        if let Some(form) = stems.form(&lower) {
            words.push((*place, form));
            *left -= 1;
        }
        *place += 1;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> String {
        Question::parse(text)
            .clauses
            .iter()
            .filter_map(|clause| clause.wordings.first())
            .map(|wording| {
                let words: Vec<&str> = wording
                    .words
                    .iter()
                    .map(|(_, form)| form.folded.as_str())
                    .collect();
                if wording.adjacent {
                    format!("«{}»", words.join(" "))
                } else {
                    words.join("+")
                }
            })
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn words_phrases_and_garbage_are_read() {
        for (text, expected) in [
            ("fuites d'eau", "fuites eau"),
            ("\"fuites d’eau\" réseau", "«fuites eau» reseau"),
            ("« qualité de l’air » ville", "«qualite air» ville"),
            ("\"fuites d'eau", "fuites eau"),
            ("a \"\" b", "b"),
            ("* NEAR( AND OR -x:y ^2", "near and or x 2"),
            ("restauration scolaire bio", "restauration+scolaire bio"),
            ("   ", ""),
            ("???", ""),
        ] {
            assert_eq!(shape(text), expected, "{text}");
        }
    }

    #[test]
    fn long_questions_are_cut() {
        let long = "eau ".repeat(200);
        assert!(Question::parse(&long).clauses.len() <= WORDS);
        let quotes = "\"".repeat(1000);
        assert!(Question::parse(&quotes).clauses.is_empty());
    }
}
