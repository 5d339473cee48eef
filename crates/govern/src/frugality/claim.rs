//! Words that claim more than figures can show. They are pointed at, never refused: a text stays that of its author.

/// A claim found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The words, as they are looked for.
    pub words: &'static str,
    /// What to write instead.
    pub advice: &'static str,
}

const NEUTRAL: &str = "donnez plutôt la valeur, son unité, sa période et son périmètre\u{202f}; l’allégation «\u{a0}neutre en carbone\u{a0}» est encadrée par la loi";
const NOTHING: &str = "aucun service n’est sans impact\u{a0}: donnez la valeur et ce qu’elle couvre";
const GREEN: &str = "dites ce qui diminue, de combien et par rapport à quoi";

/// Phrases rather than words: a green space and a neutral tone are no claims.
const CLAIMS: [(&str, &str); 15] = [
    ("neutre en carbone", NEUTRAL),
    ("neutralité carbone", NEUTRAL),
    ("carboneutre", NEUTRAL),
    ("climatiquement neutre", NEUTRAL),
    ("zéro impact", NOTHING),
    ("zéro carbone", NOTHING),
    ("zéro émission", NOTHING),
    ("impact nul", NOTHING),
    ("sans aucun impact", NOTHING),
    ("sans impact environnemental", NOTHING),
    ("ia verte", GREEN),
    ("algorithme vert", GREEN),
    ("numérique vert", GREEN),
    ("solution verte", GREEN),
    ("respectueux de la planète", GREEN),
];

/// The claims of a text, each once.
///
/// ```
/// use sobria_govern::frugality::claims;
///
/// assert_eq!(claims("Une solution\u{a0}verte, Zéro impact.").len(), 2);
/// assert!(claims("L’arrosage des espaces verts, sur un ton neutre").is_empty());
/// ```
#[must_use]
pub fn claims(text: &str) -> Vec<Claim> {
    let words: Vec<String> = text
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let plain = format!(" {} ", words.join(" "));
    CLAIMS
        .iter()
        .filter(|(words, _)| plain.contains(&format!(" {words} ")))
        .map(|(words, advice)| Claim { words, advice })
        .collect()
}
