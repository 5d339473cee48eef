//! Plain language: sentences that are too long, letters that nobody explained.

/// What to look at again in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlainAlert {
    /// A sentence of so many words, with its beginning.
    Long(usize, String),
    /// Letters that are used and not explained.
    Acronym(String),
}

impl PlainAlert {
    /// Words for pages.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Long(count, start) => {
                format!("Phrase de {count} mots, «\u{a0}{start}…\u{a0}»\u{a0}: coupez-la.")
            }
            Self::Acronym(letters) => {
                format!("«\u{a0}{letters}\u{a0}» n’est pas expliqué\u{a0}: écrivez le mot entier une fois.")
            }
        }
    }
}

/// Longest sentence, in words.
const WORDS: usize = 30;
/// Letters that everybody reads.
const KNOWN: [&str; 6] = ["IA", "RGPD", "CADA", "PDF", "URL", "CO"];

/// Looks for sentences of more than thirty words, and for capitals that no parenthesis explains.
///
/// ```
/// use sobria_govern::transparency::{PlainAlert, plain_language};
/// assert_eq!(plain_language("Le SIG aide la DSI (direction des systèmes d’information)."), [PlainAlert::Acronym("SIG".into())]);
/// ```
#[must_use]
pub fn plain_language(text: &str) -> Vec<PlainAlert> {
    let mut alerts = Vec::new();
    for sentence in text.split(['.', '!', '?', '\n']) {
        let words: Vec<&str> = sentence
            .split_whitespace()
            .filter(|word| word.chars().any(char::is_alphanumeric))
            .collect();
        if words.len() > WORDS {
            let start: Vec<&str> = words.iter().take(4).copied().collect();
            alerts.push(PlainAlert::Long(words.len(), start.join(" ")));
        }
    }
    let mut seen: Vec<&str> = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        let capitals = word.chars().count() >= 2 && word.chars().all(char::is_uppercase);
        if capitals && !KNOWN.contains(&word) && !seen.contains(&word) {
            seen.push(word);
            let explained = text.contains(&format!("{word} (")) || text.contains(&format!("({word})"));
            if !explained {
                alerts.push(PlainAlert::Acronym(word.to_owned()));
            }
        }
    }
    alerts
}
