//! The themes and the questions: the one table that pages, documents and marks are made from.

use serde::{Deserialize, Serialize};

use crate::procurement::depth::Depth;

/// A theme of questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Theme {
    /// Need and sobriety.
    T1,
    /// Model and design.
    T2,
    /// Hosting and energy.
    T3,
    /// Measures and reports.
    T4,
    /// Data and privacy.
    T5,
    /// Reversibility and end of life.
    T6,
    /// Transparency and AI Act.
    T7,
    /// People, accessibility, skills.
    T8,
}

impl Theme {
    /// Every theme, in order.
    pub const ALL: [Self; 8] = [
        Self::T1,
        Self::T2,
        Self::T3,
        Self::T4,
        Self::T5,
        Self::T6,
        Self::T7,
        Self::T8,
    ];

    /// Identifier.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::T1 => "T1",
            Self::T2 => "T2",
            Self::T3 => "T3",
            Self::T4 => "T4",
            Self::T5 => "T5",
            Self::T6 => "T6",
            Self::T7 => "T7",
            Self::T8 => "T8",
        }
    }

    /// Words for pages.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::T1 => "Besoin et sobriété",
            Self::T2 => "Modèle et conception",
            Self::T3 => "Hébergement et énergie",
            Self::T4 => "Mesure et rapports d’impact",
            Self::T5 => "Données et vie privée",
            Self::T6 => "Réversibilité et fin de vie",
            Self::T7 => "Transparence et règlement sur l’IA",
            Self::T8 => "Social, accessibilité, compétences",
        }
    }

    /// Weight when the buyer chose none; the weights add up to 100.
    #[must_use]
    pub const fn weight(self) -> u32 {
        match self {
            Self::T1 | Self::T5 | Self::T7 => 12,
            Self::T2 | Self::T3 => 14,
            Self::T4 => 16,
            Self::T6 | Self::T8 => 10,
        }
    }
}

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Words.
    Text,
    /// A number of this unit.
    Number(&'static str),
    /// One of several.
    Choice,
    /// Some of several.
    Multi,
    /// Yes or no.
    Bool,
    /// A file.
    File,
    /// Several lines.
    Table,
}

impl Kind {
    /// Words for pages and documents.
    #[must_use]
    pub fn label(self) -> String {
        match self {
            Self::Text => "texte".to_owned(),
            Self::Number(unit) => format!("nombre ({unit})"),
            Self::Choice => "un choix, à préciser".to_owned(),
            Self::Multi => "liste".to_owned(),
            Self::Bool => "oui ou non, à préciser".to_owned(),
            Self::File => "document".to_owned(),
            Self::Table => "tableau".to_owned(),
        }
    }
}

/// A question to suppliers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// Identifier, which never changes.
    pub id: &'static str,
    /// Theme.
    pub theme: Theme,
    /// Least depth that asks it.
    pub depth: Depth,
    /// How it is answered.
    pub kind: Kind,
    /// The question.
    pub text: &'static str,
    /// The evidence expected.
    pub evidence: &'static str,
    /// The clause that makes it binding.
    pub clause: &'static str,
    /// Whether the buyer may publish it as knocking out.
    pub knockout: bool,
    /// Practices and conditions that the answer feeds.
    pub links: &'static [&'static str],
}

/// What each mark means, unless a question has its own.
pub const ANCHORS: [&str; 5] = [
    "pas de réponse, ou refus",
    "affirmation sans élément",
    "élément décrit, vérifiable en partie",
    "preuve jointe",
    "preuve jointe et engagement contractuel chiffré",
];

const PUE_ANCHORS: [&str; 5] = [
    "non fourni",
    "plus de 1,8, ou valeur de conception",
    "de 1,5 à 1,8",
    "de 1,3 à 1,5, mesuré",
    "moins de 1,3, mesuré et engagé",
];

impl Question {
    /// What each mark from 0 to 4 means.
    #[must_use]
    pub fn anchors(&self) -> [&'static str; 5] {
        if self.id == "Q302" { PUE_ANCHORS } else { ANCHORS }
    }
}

/// The question of an identifier.
///
/// ```
/// use sobria_govern::procurement::question::question;
/// assert!(question("Q501").unwrap().knockout);
/// assert!(question("Q999").is_none());
/// ```
#[must_use]
pub fn question(id: &str) -> Option<&'static Question> {
    QUESTIONS.iter().find(|question| question.id == id)
}

/// The questions of a depth, in order.
///
/// ```
/// use sobria_govern::procurement::depth::Depth;
/// use sobria_govern::procurement::question::asked;
/// assert_eq!(Depth::ALL.map(|depth| asked(depth).count()), [11, 26, 39]);
/// ```
pub fn asked(depth: Depth) -> impl Iterator<Item = &'static Question> {
    QUESTIONS.iter().filter(move |question| question.depth <= depth)
}

/// Every question.
#[rustfmt::skip]
pub static QUESTIONS: [Question; 39] = [
    Question { id: "Q101", theme: Theme::T1, depth: Depth::Light, kind: Kind::Text, text: "Quelle part du besoin peut être couverte sans IA, ou avec une méthode plus simple que celle proposée\u{202f}?", evidence: "Note argumentée", clause: "C01", knockout: false, links: &["bp02"] },
    Question { id: "Q102", theme: Theme::T1, depth: Depth::Light, kind: Kind::Number("requêtes par mois"), text: "Quel volume d’usage mensuel dimensionnez-vous pour notre nombre d’utilisateurs, et peut-on le plafonner\u{202f}?", evidence: "Hypothèses de dimensionnement", clause: "C02", knockout: false, links: &["gate_limits"] },
    Question { id: "Q103", theme: Theme::T1, depth: Depth::Standard, kind: Kind::Multi, text: "Quelles fonctions d’IA peuvent être désactivées, par service ou par défaut\u{202f}?", evidence: "Copie d’écran d’administration", clause: "C02", knockout: false, links: &[] },
    Question { id: "Q104", theme: Theme::T1, depth: Depth::Full, kind: Kind::Text, text: "Comment l’outil évite-t-il les sollicitations inutiles (cache, choix d’un modèle court, message d’alerte)\u{202f}?", evidence: "Documentation", clause: "C02", knockout: false, links: &["bp04", "bp11"] },
    Question { id: "Q201", theme: Theme::T2, depth: Depth::Light, kind: Kind::Table, text: "Quels modèles sont appelés (éditeur, nom, version, taille, modalité, ouvert ou non) et pour quelle fonction\u{202f}?", evidence: "Fiches modèles", clause: "C03", knockout: false, links: &["bp03"] },
    Question { id: "Q202", theme: Theme::T2, depth: Depth::Standard, kind: Kind::Table, text: "Quels modèles plus petits ont été essayés, avec quelle qualité et quelle énergie\u{202f}?", evidence: "Tableau d’essai", clause: "C03", knockout: false, links: &["bp03"] },
    Question { id: "Q203", theme: Theme::T2, depth: Depth::Standard, kind: Kind::Multi, text: "Quelles optimisations sont en place\u{a0}: quantification, élagage, distillation, cache, lots\u{202f}?", evidence: "Mesure avant/après", clause: "C03", knockout: false, links: &["bp04"] },
    Question { id: "Q204", theme: Theme::T2, depth: Depth::Standard, kind: Kind::Bool, text: "Le service entraîne-t-il ou affine-t-il un modèle pour nous\u{202f}? Si oui\u{a0}: durée, matériel, nombre d’essais.", evidence: "Journal d’entraînement", clause: "C04", knockout: false, links: &["bp09"] },
    Question { id: "Q205", theme: Theme::T2, depth: Depth::Full, kind: Kind::Text, text: "À quelle fréquence réentraînez-vous et quel signal le déclenche\u{202f}?", evidence: "Procédure", clause: "C04", knockout: false, links: &["bp07"] },
    Question { id: "Q206", theme: Theme::T2, depth: Depth::Full, kind: Kind::Text, text: "Quelles briques ouvertes ou mutualisées réemployez-vous, sous quelles licences\u{202f}?", evidence: "Nomenclature logicielle", clause: "C05", knockout: false, links: &["bp05"] },
    Question { id: "Q301", theme: Theme::T3, depth: Depth::Light, kind: Kind::Table, text: "Où sont exécutés l’inférence et le stockage (opérateur, pays, région)\u{202f}?", evidence: "Attestation d’hébergement", clause: "C06", knockout: true, links: &["bp01"] },
    Question { id: "Q302", theme: Theme::T3, depth: Depth::Light, kind: Kind::Number("PUE"), text: "Quel est le PUE annuel mesuré des centres utilisés (et non la valeur de conception)\u{202f}?", evidence: "Rapport annuel", clause: "C06", knockout: false, links: &["bp01"] },
    Question { id: "Q303", theme: Theme::T3, depth: Depth::Standard, kind: Kind::Number("L/kWh"), text: "Quel est le WUE annuel mesuré, et le bassin est-il en stress hydrique\u{202f}?", evidence: "Rapport annuel", clause: "C06", knockout: false, links: &["bp10"] },
    Question { id: "Q304", theme: Theme::T3, depth: Depth::Standard, kind: Kind::Table, text: "Matériel d’inférence\u{a0}: modèle de GPU/CPU, nombre réservé ou partagé, taux d’usage moyen, âge.", evidence: "Fiche technique", clause: "C06", knockout: false, links: &["bp01"] },
    Question { id: "Q305", theme: Theme::T3, depth: Depth::Full, kind: Kind::Text, text: "Électricité\u{a0}: part renouvelable en approche géographique et en approche contractuelle, présentées séparément\u{202f}?", evidence: "Garanties d’origine, bilan", clause: "C06", knockout: false, links: &[] },
    Question { id: "Q306", theme: Theme::T3, depth: Depth::Full, kind: Kind::Text, text: "Le service impose-t-il de renouveler des terminaux ou d’en ajouter (caméras, capteurs)\u{202f}? Durée de vie, réparation, réemploi\u{202f}?", evidence: "Indice de réparabilité, offre de reconditionné", clause: "C07", knockout: false, links: &[] },
    Question { id: "Q401", theme: Theme::T4, depth: Depth::Light, kind: Kind::Table, text: "Énergie et carbone par requête type (définie avec nous), avec fourchette, méthode et périmètre.", evidence: "Note de calcul", clause: "C08", knockout: false, links: &["bp09", "bp11"] },
    Question { id: "Q402", theme: Theme::T4, depth: Depth::Standard, kind: Kind::Multi, text: "Indicateurs fournis\u{a0}: énergie, carbone, eau, ressources minérales, énergie primaire\u{202f}; phases couvertes\u{202f}?", evidence: "Matrice de couverture", clause: "C08", knockout: false, links: &["bp10"] },
    Question { id: "Q403", theme: Theme::T4, depth: Depth::Standard, kind: Kind::Choice, text: "Quel outil ou quelle norme\u{a0}: Green Algorithms, EcoLogits, CodeCarbon, ACV ISO 14040/44, autre\u{202f}? Version\u{202f}?", evidence: "Rapport versionné", clause: "C08", knockout: false, links: &["bp09"] },
    Question { id: "Q404", theme: Theme::T4, depth: Depth::Standard, kind: Kind::Choice, text: "À quelle fréquence livrez-vous les volumes d’usage et mesures, dans quel format ouvert (CSV/JSON)\u{202f}?", evidence: "Exemple de fichier", clause: "C09", knockout: false, links: &["bp09", "bp13"] },
    Question { id: "Q405", theme: Theme::T4, depth: Depth::Full, kind: Kind::Number("%"), text: "Quelle baisse d’impact par unité fonctionnelle vous engagez-vous à atteindre chaque année\u{202f}?", evidence: "Trajectoire", clause: "C10", knockout: false, links: &[] },
    Question { id: "Q406", theme: Theme::T4, depth: Depth::Full, kind: Kind::Bool, text: "Acceptez-vous un audit des mesures par un tiers et leur publication\u{202f}?", evidence: "Engagement signé", clause: "C09", knockout: false, links: &["bp12"] },
    Question { id: "Q501", theme: Theme::T5, depth: Depth::Light, kind: Kind::Bool, text: "Nos données ou requêtes servent-elles à entraîner un modèle\u{202f}? (attendu\u{a0}: non, par contrat)", evidence: "Conditions contractuelles", clause: "C11", knockout: true, links: &[] },
    Question { id: "Q502", theme: Theme::T5, depth: Depth::Light, kind: Kind::Table, text: "Données personnelles\u{a0}: rôles, sous-traitants ultérieurs, pays, durées, transferts.", evidence: "Accord de sous-traitance (art. 28 RGPD)", clause: "C11", knockout: true, links: &[] },
    Question { id: "Q503", theme: Theme::T5, depth: Depth::Standard, kind: Kind::Text, text: "Quelles données minimales suffisent, et comment l’outil évite-t-il de collecter le reste\u{202f}?", evidence: "Schéma de flux", clause: "C11", knockout: false, links: &["bp06"] },
    Question { id: "Q504", theme: Theme::T5, depth: Depth::Standard, kind: Kind::Table, text: "Durées de conservation des requêtes, journaux, index et sauvegardes\u{202f}; purge automatique\u{202f}?", evidence: "Politique", clause: "C12", knockout: false, links: &["bp07"] },
    Question { id: "Q505", theme: Theme::T5, depth: Depth::Full, kind: Kind::Text, text: "Contribution à notre analyse d’impact (AIPD)\u{a0}: éléments fournis, délai\u{202f}?", evidence: "Modèle rempli", clause: "C11", knockout: false, links: &[] },
    Question { id: "Q601", theme: Theme::T6, depth: Depth::Light, kind: Kind::Text, text: "Comment récupérons-nous données, réglages, invites et historiques, en quels formats, délais et coûts\u{202f}?", evidence: "Plan de réversibilité", clause: "C13", knockout: false, links: &[] },
    Question { id: "Q602", theme: Theme::T6, depth: Depth::Standard, kind: Kind::Text, text: "Peut-on changer de modèle ou d’hébergeur sans refaire le service\u{202f}?", evidence: "Schéma d’architecture", clause: "C13", knockout: false, links: &[] },
    Question { id: "Q603", theme: Theme::T6, depth: Depth::Full, kind: Kind::Text, text: "En fin de contrat\u{a0}: effacement prouvé, devenir des modèles affinés, des matériels\u{202f}?", evidence: "Procédure, certificat type", clause: "C14", knockout: false, links: &[] },
    Question { id: "Q701", theme: Theme::T7, depth: Depth::Light, kind: Kind::Choice, text: "Selon vous, quelle classe AI Act pour notre usage, et pourquoi\u{202f}?", evidence: "Note de classement", clause: "C15", knockout: false, links: &[] },
    Question { id: "Q702", theme: Theme::T7, depth: Depth::Light, kind: Kind::Text, text: "Comment l’usager sait-il qu’il interagit avec une IA et comment sont marqués les contenus produits (art. 50)\u{202f}?", evidence: "Copie d’écran", clause: "C15", knockout: false, links: &[] },
    Question { id: "Q703", theme: Theme::T7, depth: Depth::Standard, kind: Kind::File, text: "Notice d’utilisation, limites connues, performances par groupe, mesures contre les biais.", evidence: "Notice", clause: "C15", knockout: false, links: &[] },
    Question { id: "Q704", theme: Theme::T7, depth: Depth::Full, kind: Kind::File, text: "Si haut risque\u{a0}: déclaration UE de conformité, marquage CE, enregistrement, journaux accessibles au déployeur\u{202f}?", evidence: "Déclaration, URL d’enregistrement", clause: "C16", knockout: true, links: &[] },
    Question { id: "Q705", theme: Theme::T7, depth: Depth::Full, kind: Kind::Text, text: "Quelles règles de l’algorithme pouvons-nous publier et expliquer à une personne concernée (CRPA)\u{202f}?", evidence: "Note d’explication", clause: "C16", knockout: true, links: &[] },
    Question { id: "Q801", theme: Theme::T8, depth: Depth::Standard, kind: Kind::Choice, text: "Niveau de conformité RGAA de l’interface, date d’audit\u{202f}?", evidence: "Déclaration d’accessibilité", clause: "C17", knockout: false, links: &[] },
    Question { id: "Q802", theme: Theme::T8, depth: Depth::Standard, kind: Kind::Text, text: "Quelle formation (usage sobre, limites, vérification) est incluse pour les agents\u{202f}?", evidence: "Programme", clause: "C17", knockout: false, links: &["bp14"] },
    Question { id: "Q803", theme: Theme::T8, depth: Depth::Full, kind: Kind::Text, text: "Qui annote, modère ou corrige les données, où et dans quelles conditions\u{202f}?", evidence: "Engagement sur la chaîne d’annotation", clause: "C18", knockout: false, links: &[] },
    Question { id: "Q804", theme: Theme::T8, depth: Depth::Full, kind: Kind::Text, text: "Effets prévus sur les postes et tâches des agents\u{202f}; modalités de dialogue social\u{202f}?", evidence: "Note d’impact", clause: "C18", knockout: false, links: &[] },
];
