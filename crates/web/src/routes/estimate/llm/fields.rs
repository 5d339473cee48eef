//! The fields of the page: uses, models and places that an agent recognises.

use super::super::form::{Form, choices};
use crate::view::estimate::{Choice, ChoiceGroup, Control, FormField};

/// Uses that an agent recognises, with the tokens of their answer.
pub const TASKS: [(&str, &str, f64); 6] = [
    ("publication", "Écrire une courte publication", 50.0),
    ("courriel", "Écrire un courriel, résumer un article", 250.0),
    ("conversation", "Une conversation courte avec un assistant", 400.0),
    ("rapport", "Écrire un rapport de 5 pages", 5_000.0),
    (
        "application",
        "Faire aider le développement d’une application",
        100_000.0,
    ),
    ("autre", "Autre\u{a0}: je donne la longueur de la réponse", 0.0),
];

/// Models proposed in the list; every other one is typed by its name.
pub const MODELS: [(&str, &[&str]); 5] = [
    (
        "Ouverts\u{a0}: taille publiée",
        &[
            "mistralai/ministral-3b-2512",
            "mistralai/ministral-8b-2512",
            "mistralai/ministral-14b-2512",
            "mistralai/mistral-small-2603",
            "mistralai/mistral-large-2512",
            "huggingface_hub/openai/gpt-oss-20b",
            "huggingface_hub/openai/gpt-oss-120b",
            "huggingface_hub/meta-llama/Meta-Llama-3.1-8B-Instruct",
            "huggingface_hub/meta-llama/Meta-Llama-3.1-70B-Instruct",
            "cohere/command-a-03-2025",
        ],
    ),
    (
        "OpenAI\u{a0}: taille supposée",
        &[
            "openai/gpt-4o",
            "openai/gpt-4o-mini",
            "openai/gpt-5",
            "openai/gpt-5-mini",
            "openai/gpt-5.4",
        ],
    ),
    (
        "Anthropic\u{a0}: taille supposée",
        &[
            "anthropic/claude-haiku-4-5-20251001",
            "anthropic/claude-sonnet-4-6",
            "anthropic/claude-opus-4-6",
        ],
    ),
    (
        "Google\u{a0}: taille supposée",
        &[
            "google_genai/gemini-2.5-flash-lite",
            "google_genai/gemini-2.5-flash",
            "google_genai/gemini-2.5-pro",
        ],
    ),
    (
        "Mistral AI\u{a0}: taille supposée",
        &["mistralai/magistral-medium-latest"],
    ),
];

/// Places proposed in the list, French ones first; every other one is typed by its code.
pub const PLACES: [(&str, &[(&str, &str)]); 2] = [
    (
        "France",
        &[
            ("FRA", "France métropolitaine"),
            ("GLP", "Guadeloupe"),
            ("GUF", "Guyane"),
            ("MTQ", "Martinique"),
            ("REU", "La Réunion"),
            ("NCL", "Nouvelle-Calédonie"),
            ("PYF", "Polynésie française"),
            ("SPM", "Saint-Pierre-et-Miquelon"),
        ],
    ),
    (
        "Ailleurs",
        &[
            ("DEU", "Allemagne"),
            ("BEL", "Belgique"),
            ("ESP", "Espagne"),
            ("USA", "États-Unis"),
            ("FIN", "Finlande"),
            ("IRL", "Irlande"),
            ("ITA", "Italie"),
            ("NLD", "Pays-Bas"),
            ("SWE", "Suède"),
            ("CHE", "Suisse"),
            ("WOR", "Moyenne mondiale"),
        ],
    ),
];

/// Values of the form when nothing was given.
pub const TASK: &str = "conversation";
pub const AGENTS: &str = "100";
pub const USES: &str = "5";
pub const DAYS: &str = "210";

/// The fields that everyone fills, then those of specialists.
pub fn fields(form: &Form) -> (Vec<FormField>, Vec<(&'static str, Vec<FormField>)>) {
    let task = form.text("tache").unwrap_or(TASK);
    let tasks: Vec<(&str, &str)> = TASKS.iter().map(|(code, label, _)| (*code, *label)).collect();
    let model = form.value("modele");
    let mut models: Vec<ChoiceGroup> = vec![choices("", &[("", "Choisissez un modèle")], model)];
    models.extend(MODELS.iter().map(|(label, names)| {
        ChoiceGroup {
            label: (*label).to_owned(),
            choices: names
                .iter()
                .map(|name| Choice {
                    value: (*name).to_owned(),
                    label: name.rsplit('/').next().unwrap_or(name).to_owned(),
                    selected: *name == model,
                })
                .collect(),
        }
    }));
    models.push(choices(
        "Autre",
        &[("propre", "Mon propre modèle\u{a0}: je donne sa taille")],
        model,
    ));
    let place = form.value("lieu");
    let mut places = vec![choices("", &[("", "Celui du fournisseur")], place)];
    places.extend(PLACES.iter().map(|(label, list)| choices(label, list, place)));
    let main = vec![
        form.field(
            "tache",
            "Pour quoi faire\u{202f}?",
            Control::Select(vec![choices("", &tasks, task)]),
        ),
        form.field("modele", "Avec quel modèle\u{202f}?", Control::Select(models)),
        form.field(
            "lieu",
            "Où le modèle est-il hébergé\u{202f}?",
            Control::Select(places),
        )
        .hint("L’électricité, l’eau et les gaz à effet de serre en dépendent."),
        form.field("agents", "Personnes qui l’emploient", Control::Number)
            .or(AGENTS),
        form.field("usages", "Usages par personne et par jour", Control::Number)
            .or(USES),
        form.field("jours", "Jours d’usage par an", Control::Number)
            .or(DAYS),
    ];
    let expert = vec![
        (
            "La requête",
            vec![
                form.field("jetons", "Longueur de la réponse", Control::Number)
                    .unit("jetons")
                    .hint("Remplace celle de l’usage choisi. Une page de 500 mots fait environ 1 000 jetons\u{202f}; un peu plus en français."),
                form.field("jetons_envoyes", "Longueur de la demande", Control::Number)
                    .unit("jetons")
                    .hint("Conservée, sans effet\u{a0}: la méthode ne compte pas encore la lecture de la demande."),
                form.field("duree", "Durée mesurée de la réponse", Control::Number).unit("secondes"),
            ],
        ),
        (
            "Le modèle",
            vec![
                form.field("modele_autre", "Un autre modèle de la table", Control::Text)
                    .hint("Fournisseur, barre, nom exact\u{a0}: mistralai/codestral-2508."),
                form.field("parametres", "Paramètres en tout", Control::Number)
                    .unit("milliards")
                    .hint("Un nombre, ou une fourchette\u{a0}: 20 à 70."),
                form.field("parametres_actifs", "Paramètres actifs", Control::Number)
                    .unit("milliards")
                    .hint("Pour un mélange d’experts."),
                form.field("bits", "Bits par paramètre", Control::Number).hint("16 par défaut\u{202f}; 4 ou 8 pour un modèle quantifié."),
            ],
        ),
        (
            "L’hébergement",
            vec![
                form.field("lieu_autre", "Un autre lieu", Control::Text)
                    .hint("Code de pays à trois lettres majuscules\u{a0}: PRT, CAN."),
                form.field("pue", "Efficacité du centre (PUE)", Control::Number)
                    .hint("1 ou plus\u{a0}: demandez-le à l’hébergeur."),
                form.field("wue", "Eau sur place (WUE)", Control::Number).unit("L/kWh"),
                form.field("lot", "Requêtes traitées ensemble", Control::Number)
                    .hint("64 par défaut\u{202f}; 1 à 8 sur un serveur peu sollicité, qui consomme bien plus par requête."),
                form.field("memoire_carte", "Mémoire d’une carte graphique", Control::Number).unit("Go"),
            ],
        ),
    ];
    (main, expert)
}

#[cfg(test)]
mod tests {
    use sobria_estimate::Reference;

    use super::*;

    #[test]
    fn every_model_and_place_of_the_lists_is_in_the_tables() {
        let reference = Reference::embedded();
        for name in MODELS.iter().flat_map(|(_, names)| *names) {
            let (provider, model) = name.split_once('/').unwrap();
            assert!(reference.model(provider, model).is_some(), "{name}");
        }
        for (code, name) in PLACES.iter().flat_map(|(_, list)| *list) {
            assert!(reference.mix(code).is_some(), "{code} {name}");
        }
        let closed = |name: &str| {
            let (provider, model) = name.split_once('/').unwrap();
            reference.model(provider, model).unwrap().arch_not_released
        };
        for (label, names) in MODELS {
            for name in names {
                assert_eq!(closed(name), label.contains("supposée"), "{name}");
            }
        }
    }
}
