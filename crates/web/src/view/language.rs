//! The language of what people wrote, so that a screen reader reads English with an English voice.
//!
//! Pages are in French. A text is called English only when its small words say so clearly: a title of three words, a
//! name or a quotation stay French, and nothing but `lang` depends on it.

use crate::view::rich_text::Span;

const ENGLISH: [&str; 24] = [
    "the", "of", "and", "to", "is", "are", "for", "with", "that", "this", "from", "by", "an", "it", "be",
    "which", "has", "have", "was", "were", "their", "its", "as", "in",
];
const FRENCH: [&str; 28] = [
    "le", "la", "les", "de", "des", "du", "et", "un", "une", "pour", "dans", "est", "sont", "que", "qui",
    "sur", "avec", "au", "aux", "en", "par", "ce", "cette", "ses", "leur", "ou", "il", "elle",
];

/// Fewest small English words that tell the language.
const LEAST: usize = 4;

/// Letters that are looked at.
const LOOKED_AT: usize = 2000;

/// Whether a text as it stands is written in English.
pub fn is_english_text(text: &str) -> bool {
    is_english([text])
}

/// Whether a line is written in English.
pub fn are_english(spans: &[Span]) -> bool {
    is_english(spans.iter().map(Span::words))
}

/// Whether words, some of them found by a search, are written in English.
pub fn is_english_marked(pieces: &[(String, bool)]) -> bool {
    is_english(pieces.iter().map(|(text, _)| text.as_str()))
}

/// Whether a text is written in English.
fn is_english<'t>(pieces: impl IntoIterator<Item = &'t str>) -> bool {
    let (mut english, mut french, mut looked_at) = (0, 0, 0);
    for piece in pieces {
        for word in piece
            .split(|c: char| !c.is_alphabetic())
            .filter(|word| !word.is_empty())
        {
            looked_at += word.len();
            if looked_at > LOOKED_AT {
                break;
            }
            let is = |known: &&str| word.eq_ignore_ascii_case(known);
            english += usize::from(ENGLISH.iter().any(is));
            french += usize::from(FRENCH.iter().any(is));
        }
    }
    english >= LEAST && english > 3 * french
}

#[cfg(test)]
mod tests {
    use super::is_english;

    #[test]
    fn only_a_text_that_is_clearly_english_is_called_so() {
        for (text, expected) in [
            (
                "The model is trained on images of the network and warns the teams that work by night.",
                true,
            ),
            (
                "Le modèle apprend sur les images du réseau et prévient les équipes qui travaillent de nuit.",
                false,
            ),
            ("Open data and machine learning", false),
            (
                "Un outil «\u{a0}open source\u{a0}» de «\u{a0}speech to text\u{a0}» pour les comptes rendus de la commune.",
                false,
            ),
            (
                "The Things Network, the LoRaWAN of the city, est utilisé par les services de la ville et du SIVOM.",
                false,
            ),
            ("", false),
        ] {
            assert_eq!(is_english([text]), expected, "{text}");
        }
    }
}
