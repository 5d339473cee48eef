//! Figures that suppliers declare, whether they can be compared, and the same figures computed again for all with the
//! same hypotheses. Both stay visible.

use serde::{Deserialize, Serialize};
use sobria_estimate::quantity::Quantity as _;
use sobria_estimate::{Reference, llm};

use crate::procurement::Problem;

/// How declared figures were worked out: identifier, words.
pub const METHODS: [(&str, &str); 5] = [
    ("ecologits", "EcoLogits"),
    ("green_algorithms", "Green Algorithms"),
    ("codecarbon", "CodeCarbon, mesure"),
    ("acv", "ACV, ISO 14040 et 14044"),
    ("autre", "Autre, décrite en Q401"),
];

/// What declared figures cover: identifier, words.
pub const SCOPES: [(&str, &str); 3] = [
    ("calcul", "Le calcul seul (serveurs d’inférence)"),
    ("centre", "Le calcul et le centre de données (PUE compris)"),
    ("complet", "Le centre de données et la fabrication des matériels"),
];

/// What a supplier declares for the typical request.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Declared {
    /// Model, as `provider/model` of the reference tables; blank when it is none of them.
    pub model: String,
    /// Place of the electricity, a code of the reference tables.
    pub zone: String,
    /// Electricity of one typical request, in watt-hours.
    pub watt_hours: Option<f64>,
    /// Greenhouse gases of one typical request, in grams of CO₂ equivalent.
    pub grams: Option<f64>,
    /// One of [`METHODS`].
    pub method: String,
    /// One of [`SCOPES`].
    pub scope: String,
}

impl Declared {
    /// Whether a figure was declared.
    #[must_use]
    pub const fn has_figures(&self) -> bool {
        self.watt_hours.is_some() || self.grams.is_some()
    }

    /// What is wrong in it; the fields are those of this structure.
    #[must_use]
    pub fn problems(&self, reference: &Reference) -> Vec<Problem> {
        let mut found = Vec::new();
        for (field, value) in [("watt_hours", self.watt_hours), ("grams", self.grams)] {
            if value.is_some_and(|value| !(0.0..=1e6).contains(&value)) {
                found.push(Problem::new(
                    field,
                    "Attendu\u{a0}: un nombre de 0 à un million, pour une seule requête.",
                ));
            }
        }
        if self.has_figures() && (self.method.is_empty() || self.scope.is_empty()) {
            let field = if self.method.is_empty() { "method" } else { "scope" };
            found.push(Problem::new(
                field,
                "Un chiffre ne se compare qu’avec sa méthode et son périmètre\u{a0}: indiquez les deux.",
            ));
        }
        if !self.model.is_empty()
            && parts(&self.model)
                .and_then(|(p, m)| reference.model(p, m))
                .is_none()
        {
            found.push(Problem::new(
                "model",
                format!(
                    "«\u{a0}{}\u{a0}» n’est pas dans la table des modèles\u{a0}: choisissez-en un dans la liste, ou laissez vide et décrivez-le en Q201.",
                    self.model
                ),
            ));
        }
        if !self.zone.is_empty() && reference.mix(&self.zone).is_none() {
            found.push(Problem::new(
                "zone",
                format!(
                    "«\u{a0}{}\u{a0}» n’est pas dans la table des électricités\u{a0}: choisissez un lieu dans la liste, ou laissez vide.",
                    self.zone
                ),
            ));
        }
        found
    }
}

fn parts(model: &str) -> Option<(&str, &str)> {
    model.split_once('/')
}

/// Whether the figures declared by several suppliers can be compared as they are: all have some, with one method and
/// one perimeter.
///
/// ```
/// use sobria_govern::procurement::declared::{Declared, comparable};
/// let one = Declared { grams: Some(1.0), method: "acv".into(), scope: "complet".into(), ..Declared::default() };
/// let other = Declared { scope: "calcul".into(), ..one.clone() };
/// assert!(comparable(&[&one, &one]) && !comparable(&[&one, &other]));
/// assert!(!comparable(&[&one, &Declared::default()]));
/// ```
#[must_use]
pub fn comparable(declared: &[&Declared]) -> bool {
    declared.first().is_some_and(|first| {
        declared
            .iter()
            .all(|one| one.has_figures() && one.method == first.method && one.scope == first.scope)
    })
}

/// Figures of one typical request computed by this project: low and high.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Harmonised {
    /// Watt-hours, data centre included.
    pub watt_hours: (f64, f64),
    /// Grams of CO₂ equivalent, manufacture included.
    pub grams: (f64, f64),
}

/// The figures of a request of so many generated tokens to the model that a supplier declared, with the electricity of
/// its place; that of the world when none was declared. None when the model is not known.
///
/// ```
/// use sobria_estimate::Reference;
/// use sobria_govern::procurement::declared::{Declared, harmonised};
/// let known = Declared { model: "openai/gpt-4o".into(), ..Declared::default() };
/// let found = harmonised(Reference::embedded(), &known, 300.0).unwrap();
/// assert!(found.grams.0 > 0.0 && found.grams.0 <= found.grams.1);
/// assert!(harmonised(Reference::embedded(), &Declared::default(), 300.0).is_none());
/// ```
#[must_use]
pub fn harmonised(reference: &Reference, declared: &Declared, tokens: f64) -> Option<Harmonised> {
    let (provider, model) = parts(&declared.model)?;
    reference.model(provider, model)?;
    let input = llm::Input::catalogue(provider, model, tokens);
    let input = if declared.zone.is_empty() {
        input
    } else {
        input.in_zone(declared.zone.as_str())
    };
    let output = llm::estimate(reference, &input).ok()?.output;
    Some(Harmonised {
        watt_hours: (output.energy.low().get() * 1e3, output.energy.high().get() * 1e3),
        grams: (output.gwp.low().get() * 1e3, output.gwp.high().get() * 1e3),
    })
}
