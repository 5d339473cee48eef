//! Clauses to put in a tender: our own wording, to be read by the legal service.

use std::collections::BTreeMap;

use crate::procurement::depth::Depth;
use crate::procurement::question::asked;

/// The piece of a tender that a clause goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Piece {
    /// Technical conditions.
    Cctp,
    /// Administrative conditions.
    Ccap,
    /// Rules of the consultation.
    Rc,
}

impl Piece {
    /// Every piece, in order.
    pub const ALL: [Self; 3] = [Self::Cctp, Self::Ccap, Self::Rc];

    /// Words for pages.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Cctp => "Cahier des clauses techniques particulières (CCTP)",
            Self::Ccap => "Cahier des clauses administratives particulières (CCAP)",
            Self::Rc => "Règlement de la consultation (RC)",
        }
    }
}

/// A clause. What stands between braces is to be set by the buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clause {
    /// Identifier, which never changes.
    pub id: &'static str,
    /// Where it goes.
    pub piece: Piece,
    /// Wording.
    pub text: &'static str,
}

impl Clause {
    /// The wording, with a number between braces as proposed and a name between braces to be filled in.
    ///
    /// ```
    /// use sobria_govern::procurement::clause::clause;
    /// assert!(clause("C01").unwrap().wording(&Default::default()).contains("sous 30\u{a0}jours"));
    /// assert!(clause("C05").unwrap().wording(&Default::default()).contains("[licence à préciser]"));
    /// ```
    #[must_use]
    pub fn wording(&self, values: &BTreeMap<String, String>) -> String {
        let mut out = String::new();
        let mut rest = self.text;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let (name, tail) = after.split_once('}').unwrap_or((after, ""));
            match values.get(&format!("{}.{name}", self.id)) {
                Some(value) => out.push_str(value),
                None if name.chars().count() <= 1 && name.chars().all(char::is_alphabetic) => {
                    out.push_str("[nombre à préciser]");
                }
                None if name == "licence" => out.push_str("[licence à préciser]"),
                None => out.push_str(name),
            }
            rest = tail;
        }
        out.push_str(rest);
        out
    }
}

/// The clause of an identifier.
#[must_use]
pub fn clause(id: &str) -> Option<&'static Clause> {
    CLAUSES.iter().find(|clause| clause.id == id)
}

/// The clauses that the questions of a depth call for, with those of the consultation, in order.
pub fn proposed(depth: Depth) -> impl Iterator<Item = &'static Clause> {
    CLAUSES.iter().filter(move |clause| {
        clause.piece == Piece::Rc || asked(depth).any(|question| question.clause == clause.id)
    })
}

/// Every clause.
#[rustfmt::skip]
pub static CLAUSES: [Clause; 20] = [
    Clause { id: "C01", piece: Piece::Cctp, text: "Le titulaire remet sous {30}\u{a0}jours une note comparant la solution proposée à une solution sans IA répondant au même besoin." },
    Clause { id: "C02", piece: Piece::Cctp, text: "L’administrateur peut plafonner le nombre de requêtes par utilisateur et désactiver chaque fonction d’IA\u{202f}; ces fonctions sont inactives à la livraison sauf demande." },
    Clause { id: "C03", piece: Piece::Cctp, text: "Le titulaire tient à jour la liste des modèles appelés\u{202f}; tout remplacement par un modèle dont l’énergie par requête dépasse de plus de {20}\u{a0}% la valeur de référence requiert accord préalable." },
    Clause { id: "C04", piece: Piece::Cctp, text: "Tout entraînement réalisé pour la personne publique est précédé d’une estimation et suivi d’un relevé (durée, matériel, énergie, émissions), essais infructueux compris." },
    Clause { id: "C05", piece: Piece::Cctp, text: "Les développements financés sont livrés avec code source sous licence libre {licence} sauf exception motivée." },
    Clause { id: "C06", piece: Piece::Cctp, text: "Le titulaire fournit chaque année, par site, PUE et WUE mesurés, localisation, matériel et électricité consommée imputable au service\u{202f}; tout changement de site est notifié {60}\u{a0}jours avant." },
    Clause { id: "C07", piece: Piece::Cctp, text: "Les équipements fournis sont réparables, disponibles en reconditionné quand l’offre existe, et maintenus {7}\u{a0}ans." },
    Clause { id: "C08", piece: Piece::Cctp, text: "Le titulaire remet une évaluation selon l’unité fonctionnelle de l’annexe {n}, avec périmètre, hypothèses, fourchettes et version de la méthode." },
    Clause { id: "C09", piece: Piece::Ccap, text: "Rapport d’usage et d’impact {trimestriel}, format ouvert, réutilisable et publiable par la personne publique\u{202f}; audit possible avec préavis de {15}\u{a0}jours. Défaut\u{a0}: pénalité de {150}\u{a0}€ HT par jour." },
    Clause { id: "C10", piece: Piece::Ccap, text: "L’impact par unité fonctionnelle baisse d’au moins {x}\u{a0}% par an, à périmètre et méthode constants\u{202f}; écart\u{a0}: plan d’action sous 30\u{a0}jours puis réfaction de {y}\u{a0}%." },
    Clause { id: "C11", piece: Piece::Ccap, text: "Aucune donnée confiée, requête ou réponse ne sert à entraîner un modèle ni n’est transmise hors des sous-traitants listés\u{202f}; accord conforme à l’art. 28 RGPD annexé\u{202f}; concours à l’AIPD." },
    Clause { id: "C12", piece: Piece::Cctp, text: "Durées maximales\u{a0}: requêtes {90}\u{a0}j, journaux {12}\u{a0}mois (au moins 6\u{a0}mois si système à haut risque), sauvegardes {35}\u{a0}j\u{202f}; purge automatique prouvée." },
    Clause { id: "C13", piece: Piece::Ccap, text: "Réversibilité sans frais dans les {60}\u{a0}jours, formats ouverts documentés, assistance incluse." },
    Clause { id: "C14", piece: Piece::Ccap, text: "À l’échéance\u{a0}: effacement des données et des modèles affinés, certificat sous 30\u{a0}jours\u{202f}; cession des modèles affinés si financés." },
    Clause { id: "C15", piece: Piece::Cctp, text: "Le titulaire justifie la classe de risque, fournit la notice, met en œuvre information des personnes et marquage des contenus\u{202f}; il signale tout changement de classe." },
    Clause { id: "C16", piece: Piece::Ccap, text: "Pour un système à haut risque ou fondant une décision individuelle\u{a0}: conformité, journaux, règles explicables et publiables, assistance à l’analyse d’impact sur les droits fondamentaux, signalement d’incident grave sous {24}\u{a0}h. Le secret des affaires n’est pas opposable à l’explication due à la personne." },
    Clause { id: "C17", piece: Piece::Cctp, text: "Interface conforme au RGAA\u{202f}; {n} heures de formation à l’usage sobre et critique." },
    Clause { id: "C18", piece: Piece::Ccap, text: "Traçabilité des travaux d’annotation et de modération, respect des conventions fondamentales de l’OIT, information sur les effets sur les métiers." },
    Clause { id: "RC1", piece: Piece::Rc, text: "Critère «\u{a0}Performance environnementale du service d’IA\u{a0}», poids {15}\u{a0}%, sous-critères T3/T4 publiés avec barème." },
    Clause { id: "RC2", piece: Piece::Rc, text: "Cadre de réponse obligatoire\u{a0}: le questionnaire exporté, réponses et preuves numérotées." },
];

/// Clauses that ask for figures of impact: an evaluation, reports, a fall every year.
const IMPACT: [&str; 3] = ["C08", "C09", "C10"];

/// Whether the clauses that a purchase keeps ask for figures of impact.
///
/// ```
/// use sobria_govern::procurement::clause::asks_for_impacts;
/// assert!(asks_for_impacts(["C01", "C09"]));
/// assert!(!asks_for_impacts(["C01", "C11"]));
/// ```
pub fn asks_for_impacts<'c>(kept: impl IntoIterator<Item = &'c str>) -> bool {
    kept.into_iter().any(|id| IMPACT.contains(&id))
}
