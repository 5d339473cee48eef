//! How French text becomes words that can be found: one pass gives the folded word, its stem and its spelling.
//!
//! The same rules hold for records and for questions. Text is split at everything that is not a letter or a
//! digit, so `l’énergie` gives `l` and `énergie`; small grammatical words and lone elided letters are passed
//! over but keep their place, so that phrases stay exact; the stem is taken while accents are still there,
//! because the stemmer needs them, and folded afterwards.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;
use sobria_catalogue::text::fold;
use tantivy::tokenizer::{Language, RawTokenizer, Stemmer, TextAnalyzer, Token, TokenStream, Tokenizer};
use unicode_normalization::UnicodeNormalization;

/// Stands between the parts of an indexed term; lower than any letter, so that terms sort by word.
pub const SEPARATOR: char = '\u{1}';

/// Longest word that is kept, in bytes. Longer ones are codes or damage, which nobody types.
const LONGEST: usize = 64;

/// Most words remembered while indexing; beyond, new words are analysed each time.
const REMEMBERED: usize = 400_000;

/// Words that carry grammar and no subject, with what elision leaves of them.
const STOP_WORDS: &str = "\
a ai aie ainsi alors au aucun aucune aujourd auquel aura auront aussi autre autres aux auxquelles auxquels avaient \
avait avec avez avoir avons ayant c car ce ceci cela celle celles celui ces cet cette ceux chaque chez ci comme d \
dans de depuis des desquelles desquels donc dont du duquel elle elles en encore entre es est et etaient etait etant \
etes etre eut eux fait faire font hui il ils j jusqu jusque l la là laquelle le lequel les lesquelles lesquels leur \
leurs lors lorsqu lorsque lui m ma mais me meme memes mes moi mon même mêmes n ne ni nos notre nous on ont ou où par \
parce pas peut peuvent plus pour puis puisqu puisque qu quand que quel quelle quelles quels qui quoi quoiqu quoique s \
sa sans se sera seront ses si soi soient soit son sont sous sur t ta te tel telle telles tels tes toi ton tous tout \
toute toutes tres très tu un une vers via vos votre vous vu y à ça étaient était étant êtes être";

/// A word as the index knows it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Form {
    /// Lower case, without accents.
    pub folded: String,
    /// What is common to its inflections, without accents.
    pub stem: String,
    /// Lower case, as spelt.
    pub spelt: String,
}

/// Whether a lower-case word carries grammar and no subject: a search passes it over.
pub fn is_stop_word(lower: &str) -> bool {
    static WORDS: LazyLock<HashSet<&'static str, RandomState>> =
        LazyLock::new(|| STOP_WORDS.split(' ').collect());
    WORDS.contains(lower)
}

/// The text with letters and their accents joined, which is how nearly every text already comes.
pub fn joined(text: &str) -> Cow<'_, str> {
    // Combining marks begin with one of these two bytes in UTF-8. Without a way out of the loop, many bytes are compared
    // at once.
    let marks = text
        .bytes()
        .fold(0_u8, |marks, byte| marks | u8::from(matches!(byte, 0xcc | 0xcd)));
    if marks == 0 {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

/// Finds the next word at or after `from`, and leaves it in lower case in `lower`.
pub fn next_word(text: &str, from: usize, lower: &mut String) -> Option<(usize, usize)> {
    lower.clear();
    let (start, end) = next_bounds(text, from)?;
    lower_into(text.get(start..end)?, lower);
    Some((start, end))
}

/// Where the next word at or after `from` begins and ends.
fn next_bounds(text: &str, from: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut start = from;
    loop {
        let byte = *bytes.get(start)?;
        if byte.is_ascii_alphanumeric() {
            break;
        }
        match wide_letter(text, start) {
            (true, _) => break,
            (false, length) => start += length,
        }
    }
    let mut end = start;
    // Eight bytes at once: words are short, and a branch for each letter would cost more than the letters.
    while let Some(eight) = bytes.get(end..).and_then(<[u8]>::first_chunk) {
        let others = not_alphanumeric(u64::from_le_bytes(*eight));
        if others == 0 {
            end += 8;
            continue;
        }
        end += usize::try_from(others.trailing_zeros() / 8).unwrap_or(0);
        match wide_letter(text, end) {
            (true, length) => end += length,
            (false, _) => return Some((start, end)),
        }
    }
    while let Some(byte) = bytes.get(end) {
        match (byte.is_ascii_alphanumeric(), wide_letter(text, end)) {
            (true, _) => end += 1,
            (false, (true, length)) => end += length,
            (false, (false, _)) => break,
        }
    }
    Some((start, end))
}

/// The highest bit of each byte that is no letter or digit of ASCII.
const fn not_alphanumeric(eight: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGHEST: u64 = 0x80 * EACH;
    // Below 0x80, adding what lacks to 0x80 sets the highest bit of what is as high or higher, and carries nowhere.
    let low = eight & !HIGHEST;
    let small = low | (0x20 * EACH);
    let letters = (small + (0x80 - 0x61) * EACH) & !(small + (0x80 - 0x7b) * EACH);
    let digits = (low + (0x80 - 0x30) * EACH) & !(low + (0x80 - 0x3a) * EACH);
    (eight | !(letters | digits)) & HIGHEST
}

/// Whether a character that is not of ASCII stands here and is part of a word, and the length of what stands here.
fn wide_letter(text: &str, at: usize) -> (bool, usize) {
    match text.get(at..).and_then(|rest| rest.chars().next()) {
        Some(c) if !c.is_ascii() => (is_wide_letter(c), c.len_utf8()),
        _ => (false, 1),
    }
}

/// [`char::is_alphanumeric`] for what is not ASCII: letters with accents and typographic signs need no table.
fn is_wide_letter(c: char) -> bool {
    match c {
        '×' | '÷' | '\u{2000}'..='\u{2060}' => false,
        '\u{c0}'..='\u{24f}' => true,
        _ => c.is_alphanumeric(),
    }
}

fn lower_into(word: &str, lower: &mut String) {
    for c in word.chars() {
        match c {
            'œ' | 'Œ' => lower.push_str("oe"),
            'æ' | 'Æ' => lower.push_str("ae"),
            c if c.is_ascii() => lower.push(c.to_ascii_lowercase()),
            'à'..='ö' | 'ø'..='ÿ' => lower.push(c),
            c => lower.extend(c.to_lowercase()),
        }
    }
}

/// Takes French stems.
#[derive(Clone)]
pub struct Stems(TextAnalyzer);

impl Default for Stems {
    fn default() -> Self {
        Self(
            TextAnalyzer::builder(RawTokenizer::default())
                .filter(Stemmer::new(Language::French))
                .build(),
        )
    }
}

impl Stems {
    /// The stem of a lower-case word, folded.
    pub fn stem(&mut self, lower: &str) -> String {
        if lower.len() < 3 || lower.bytes().any(|byte| byte.is_ascii_digit()) {
            return fold(lower);
        }
        let mut stream = self.0.token_stream(lower);
        if stream.advance() {
            fold(&stream.token().text)
        } else {
            fold(lower)
        }
    }

    /// The word as the index knows it, or nothing for a stop word or a text nobody types.
    pub fn form(&mut self, lower: &str) -> Option<Form> {
        if lower.len() > LONGEST || is_stop_word(lower) {
            return None;
        }
        Some(Form {
            folded: fold(lower),
            stem: self.stem(lower),
            spelt: lower.to_owned(),
        })
    }

    /// Every word of a text with its place, counted in words of any kind.
    pub fn forms(&mut self, text: &str) -> Vec<(u32, Form)> {
        let text = joined(text);
        let (mut from, mut place, mut lower) = (0, 0, String::new());
        let mut forms = Vec::new();
        while let Some((_, end)) = next_word(&text, from, &mut lower) {
            if let Some(form) = self.form(&lower) {
                forms.push((place, form));
            }
            place += 1;
            from = end;
        }
        forms
    }
}

/// The indexed term of a word: folded word, stem, then the spelling where it has accents.
pub fn term(form: &Form) -> String {
    let mut term = format!("{}{SEPARATOR}{}", form.folded, form.stem);
    if form.spelt != form.folded {
        term.push(SEPARATOR);
        term.push_str(&form.spelt);
    }
    term
}

#[derive(Default)]
struct Memory {
    stems: Stems,
    /// The term of each word as written, capitals included.
    terms: HashMap<Box<str>, Option<Box<str>>, RandomState>,
    /// Room for the word at hand: texts are many and short.
    lower: String,
    token: Token,
}

/// The analyser of the engine. Clones share what they learnt, so that each word is analysed once.
#[derive(Clone, Default)]
pub struct French {
    memory: Arc<Mutex<Memory>>,
}

impl French {
    /// Forgets the words seen, when writing ends.
    pub fn forget(&self) {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.terms = HashMap::default();
    }
}

/// The words of one text, for the engine.
pub struct Words<'a> {
    memory: MutexGuard<'a, Memory>,
    text: Cow<'a, str>,
    from: usize,
    place: usize,
}

impl Tokenizer for French {
    type TokenStream<'a> = Words<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Words<'a> {
        Words {
            memory: self.memory.lock().unwrap_or_else(PoisonError::into_inner),
            text: joined(text),
            from: 0,
            // Values of one field stand apart, so that no phrase runs from one into the next.
            place: 4,
        }
    }
}

impl TokenStream for Words<'_> {
    fn advance(&mut self) -> bool {
        let Memory {
            stems,
            terms,
            lower,
            token,
        } = &mut *self.memory;
        while let Some((start, end)) = next_bounds(&self.text, self.from) {
            self.from = end;
            self.place += 1;
            let word = self.text.get(start..end).unwrap_or("");
            let made;
            let found = match terms.get(word) {
                Some(found) => found.as_deref(),
                None => {
                    lower.clear();
                    lower_into(word, lower);
                    made = stems.form(lower).map(|form| term(&form).into_boxed_str());
                    if terms.len() < REMEMBERED {
                        terms.insert(word.into(), made.clone());
                    }
                    made.as_deref()
                }
            };
            if let Some(found) = found {
                token.text.clear();
                token.text.push_str(found);
                token.offset_from = start;
                token.offset_to = end;
                token.position = self.place;
                return true;
            }
        }
        false
    }

    fn token(&self) -> &Token {
        &self.memory.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.memory.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stems(text: &str) -> Vec<String> {
        Stems::default()
            .forms(text)
            .into_iter()
            .map(|(_, form)| form.stem)
            .collect()
    }

    #[test]
    fn elisions_accents_plurals_and_case_come_to_the_same_stems() {
        for (a, b) in [
            ("l’énergie", "ENERGIE"),
            ("L'Eau", "eau"),
            ("des fuites d’eau", "fuite eau"),
            ("les réseaux", "réseau"),
            ("œuvre", "oeuvres"),
            ("qualité", "qualite"),
            ("e\u{301}nergie", "énergie"),
            ("jusqu’à la mairie", "mairie"),
        ] {
            assert_eq!(stems(a), stems(b), "{a} {b}");
        }
    }

    #[test]
    fn words_end_where_letters_do() {
        for c in (0..=0x2fff_u32).filter_map(char::from_u32) {
            let is_word = next_bounds(c.encode_utf8(&mut [0; 4]), 0).is_some();
            assert_eq!(is_word, c.is_alphanumeric(), "{c:?}");
            // At every place among eight bytes, and among the last that are fewer.
            for before in 0..9 {
                let text = format!("{}{c}b", &"aaaaaaaaa"[..before]);
                let (start, end) = next_bounds(&text, 0).unwrap();
                let expected = match (c.is_alphanumeric(), before) {
                    (true, _) => (0, text.len()),
                    (false, 0) => (text.len() - 1, text.len()),
                    (false, before) => (0, before),
                };
                assert_eq!((start, end), expected, "{text:?}");
                assert_eq!(
                    next_bounds(&format!("{text} suite du texte"), 0),
                    Some(expected),
                    "{text:?}"
                );
            }
            let mut lower = String::new();
            lower_into(c.encode_utf8(&mut [0; 4]), &mut lower);
            let spelt: String = c.to_lowercase().collect();
            assert_eq!(lower, spelt.replace('œ', "oe").replace('æ', "ae"), "{c:?}");
        }
        let mut lower = String::new();
        let text = "« L’Eau, 5G»";
        assert_eq!(next_word(text, 0, &mut lower), Some((3, 4)));
        assert_eq!(next_word(text, 4, &mut lower), Some((7, 10)));
        assert_eq!(next_word(text, 10, &mut lower), Some((12, 14)));
        assert_eq!(lower, "5g");
        assert_eq!(next_word(text, 14, &mut lower), None);
    }

    #[test]
    fn grammar_is_passed_over_and_subjects_are_kept() {
        assert_eq!(stems("c'est de la ou du qu’il n'y a"), Vec::<String>::new());
        for word in ["eu", "été", "IA", "5G", "pas-de-porte", "avion"] {
            assert!(!stems(word).is_empty(), "{word}");
        }
    }

    #[test]
    fn places_count_every_word() {
        let places: Vec<u32> = Stems::default()
            .forms("qualité de l’air")
            .into_iter()
            .map(|(place, _)| place)
            .collect();
        assert_eq!(places, [0, 3]);
    }
}
