//! Dates and thresholds of the law, each with its source: they change, and pages show where they were read.

use jiff::civil::{Date, date};

use crate::source::Confidence;

/// A date of the law.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LegalEntry {
    /// From when.
    pub from: Date,
    /// What applies.
    pub what: &'static str,
    /// Where it was read.
    pub source: &'static str,
    /// How surely.
    pub confidence: Confidence,
}

const ACT: &str = "Règlement (UE) 2024/1689, art. 113\u{202f}; relevés concordants";
const AMENDED: &str = "Règlement (UE) 2024/1689 modifié par le règlement (UE) 2026/1744\u{202f}; relevés concordants d’après l’adoption";

/// Day on which the table was last checked.
pub const CHECKED_ON: Date = date(2026, 8, 1);

/// Dates, in order.
#[rustfmt::skip]
pub static LEGAL: &[LegalEntry] = &[
    LegalEntry { from: date(2020, 7, 1), what: "Une décision entièrement automatisée sans mention explicite est nulle.", source: "Art. 47 de la loi n° 78-17\u{202f}; guide Etalab", confidence: Confidence::Secondary },
    LegalEntry { from: date(2024, 8, 1), what: "Entrée en vigueur du règlement européen sur l’IA.", source: ACT, confidence: Confidence::Secondary },
    LegalEntry { from: date(2025, 2, 2), what: "Pratiques interdites (art. 5) et acculturation du personnel (art. 4).", source: ACT, confidence: Confidence::Secondary },
    LegalEntry { from: date(2025, 8, 2), what: "Modèles à usage général (chapitre V) et gouvernance.", source: ACT, confidence: Confidence::Secondary },
    LegalEntry { from: date(2026, 6, 16), what: "Adoption du règlement modificatif («\u{a0}omnibus numérique IA\u{a0}») par le Parlement européen.", source: "Plusieurs relevés concordants", confidence: Confidence::Secondary },
    LegalEntry { from: date(2026, 6, 29), what: "Adoption du règlement modificatif («\u{a0}omnibus numérique IA\u{a0}») par le Conseil.", source: "Plusieurs relevés concordants", confidence: Confidence::Secondary },
    LegalEntry { from: date(2026, 7, 27), what: "Entrée en vigueur du règlement modificatif\u{a0}: échéances du haut risque reportées, article 4 réécrit.", source: "Règlement (UE) 2026/1744\u{202f}; un relevé citant la Commission", confidence: Confidence::Secondary },
    LegalEntry { from: date(2026, 8, 2), what: "Application générale, dont l’information des personnes (art. 50), non reportée.", source: AMENDED, confidence: Confidence::Secondary },
    LegalEntry { from: date(2026, 12, 2), what: "Fin du délai de marquage des contenus générés (art. 50 § 2) pour les systèmes déjà sur le marché\u{202f}; interdiction des images intimes non consenties.", source: "Règlement (UE) 2026/1744\u{202f}; certaines sources plus anciennes disent le 2 novembre 2026", confidence: Confidence::Secondary },
    LegalEntry { from: date(2027, 12, 2), what: "Haut risque de l’annexe III\u{a0}: articles 26, 27 et 49 compris (au lieu du 2 août 2026).", source: AMENDED, confidence: Confidence::Secondary },
    LegalEntry { from: date(2028, 8, 2), what: "Haut risque de l’annexe I (produits réglementés).", source: AMENDED, confidence: Confidence::Secondary },
    LegalEntry { from: date(2030, 8, 2), what: "Systèmes à haut risque déjà en service et destinés à des autorités publiques (art. 111 § 2).", source: "Règlement (UE) 2024/1689, texte initial\u{202f}; l’effet du règlement modificatif reste à vérifier", confidence: Confidence::Official },
];

/// A threshold of the law.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// Value.
    pub value: &'static str,
    /// What it decides.
    pub what: &'static str,
    /// Where it was read.
    pub source: &'static str,
    /// How surely.
    pub confidence: Confidence,
}

/// Thresholds shown beside the dates.
#[rustfmt::skip]
pub static THRESHOLDS: &[Threshold] = &[
    Threshold { value: "plus de 50\u{a0}agents (ETP)", what: "Publication en ligne des règles des principaux traitements algorithmiques.", source: "Art. L.312-1-3 du CRPA\u{202f}; guide Etalab", confidence: Confidence::Secondary },
    Threshold { value: "moins de 3\u{202f}500\u{a0}habitants", what: "La collectivité n’est pas tenue à cette publication.", source: "Art. L.312-1-3 du CRPA\u{202f}; guide Etalab", confidence: Confidence::Secondary },
    Threshold { value: "un mois, puis deux mois", what: "Silence d’un mois\u{a0}: refus. La CADA peut être saisie dans les deux mois.", source: "CRPA\u{202f}; service-public.fr", confidence: Confidence::Secondary },
    Threshold { value: "6\u{a0}mois", what: "Conservation des journaux d’un système à haut risque.", source: "Règlement (UE) 2024/1689, art. 26 § 6", confidence: Confidence::Secondary },
    Threshold { value: "2 critères sur 9", what: "Analyse d’impact sur la protection des données (AIPD) en principe nécessaire.", source: "Lignes directrices du Comité européen\u{202f}; liste de la CNIL à vérifier", confidence: Confidence::Unverified },
];

/// Dates that are still to come.
///
/// ```
/// use jiff::civil::date;
/// use sobria_govern::transparency::to_come;
/// assert_eq!(to_come(date(2027, 12, 2)).count(), 2);
/// ```
pub fn to_come(today: Date) -> impl Iterator<Item = &'static LegalEntry> {
    LEGAL.iter().filter(move |entry| entry.from > today)
}
