//! How far a result may be relied on: its grade, what is known and what is guessed.

use sobria_estimate::llm::Outcome;
use sobria_estimate::sentence;

use super::asked::Asked;
use crate::view::estimate::Grade;

pub(super) fn grade(asked: &Asked, outcome: &Outcome) -> Grade {
    let [known, guessed] = halves(asked, outcome);
    let reliability = &outcome.output.reliability;
    let letter = format!("{:?}", reliability.grade);
    let meaning = match letter.as_str() {
        "A" => "La taille du modèle est publiée et les facteurs de l’électricité sont ceux du lieu.",
        "B" => {
            "La taille du modèle est publiée, mais une partie du calcul sort de ce qui a été mesuré, ou emploie des facteurs mondiaux."
        }
        "C" => {
            "La taille du modèle n’est pas publiée\u{a0}: elle est supposée, et le résultat en dépend entièrement."
        }
        _ => {
            "La taille du modèle est supposée, et le modèle sort largement de ce qui a été mesuré\u{a0}: un ordre de grandeur, pas plus."
        }
    };
    Grade {
        letter,
        meaning: meaning.to_owned(),
        known,
        guessed,
        reasons: reliability
            .reasons
            .iter()
            .map(|code| sentence(code).into_owned())
            .collect(),
    }
}

/// What the result rests on: the part that is known, then the part that is guessed.
fn halves(asked: &Asked, outcome: &Outcome) -> [String; 2] {
    let input = &asked.input;
    let says = |codes: &[&str], code: &str| codes.contains(&code);
    let warnings: Vec<&str> = outcome.warnings.iter().map(AsRef::as_ref).collect();
    let (mut known, mut guessed) = (
        vec!["le nombre de personnes et d’usages, que vous donnez"],
        vec!["le matériel et le nombre de requêtes traitées ensemble, ceux d’un serveur type"],
    );
    if says(&warnings, "model-arch-not-released") && input.total_params_b.is_none() {
        guessed.insert(
            0,
            "la taille du modèle, que son fournisseur ne publie pas\u{a0}: c’est elle qui pèse le plus",
        );
    } else {
        known.push("la taille du modèle");
    }
    if input.zone.is_none() && input.mix.is_none() {
        guessed.push("le lieu d’hébergement");
    } else {
        known.push("le lieu d’hébergement et son électricité");
    }
    if input.pue.is_none() {
        guessed.push("le centre de données, moyenne de l’opérateur");
    } else {
        known.push("le centre de données");
    }
    [known, guessed].map(|list| list.join("\u{202f}; "))
}
