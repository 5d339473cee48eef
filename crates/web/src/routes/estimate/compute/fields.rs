//! The fields of the page, with what was typed in them.

use sobria_estimate::Reference;
use sobria_estimate::reference::ProcessorKind;

use super::super::form::{Form, choices};
use super::super::llm::PLACES;
use crate::view::estimate::{Choice, ChoiceGroup, Control, FormField};

/// Processors proposed in the list; every other one is typed by its name.
const CPUS: [(&str, &[&str]); 2] = [
    (
        "Serveurs",
        &[
            "AMD EPYC 7513",
            "AMD EPYC 7763",
            "AMD EPYC 7543",
            "AMD EPYC Embedded 9654",
            "Xeon E5-2683 v4",
            "Xeon Gold 6248",
            "Xeon Gold 6430",
            "Xeon Platinum 8260",
            "Xeon Platinum 8480+",
        ],
    ),
    (
        "Postes de travail",
        &[
            "Core i5-10400",
            "Core i7-13700",
            "Ryzen 7 3700X",
            "Xeon W-2155",
            "Rasberry Pi 4",
        ],
    ),
];

/// Places that only the table of carbon intensities knows.
const MORE_PLACES: [(&str, &str); 2] = [("FR-COR", "Corse"), ("YT", "Mayotte")];

/// Headings and fields of a folded part.
pub type Groups = Vec<(&'static str, Vec<FormField>)>;

/// The fields that everyone fills, then those of specialists.
pub fn fields(reference: &Reference, form: &Form) -> (Vec<FormField>, Groups) {
    let cpu = form.value("processeur");
    let list = |label: &str, names: &[&str], chosen: &str| ChoiceGroup {
        label: label.to_owned(),
        choices: names
            .iter()
            .map(|name| Choice {
                value: (*name).to_owned(),
                label: (*name).to_owned(),
                selected: *name == chosen,
            })
            .collect(),
    };
    let mut cpus = vec![choices("", &[("", "Je ne sais pas\u{a0}: 12 W par cœur")], cpu)];
    cpus.extend(CPUS.iter().map(|(label, names)| list(label, names, cpu)));
    let gpu = form.value("carte");
    let boards: Vec<&str> = reference
        .processors()
        .iter()
        .filter(|row| row.kind != ProcessorKind::Cpu && row.model != "Any")
        .map(|row| row.model)
        .collect();
    let gpus = vec![
        choices("", &[("", "Aucune, ou inconnue\u{a0}: 200 W par carte")], gpu),
        list("Cartes et TPU", &boards, gpu),
    ];
    let places = places(form);
    let machine = form.value("machine");
    let machines = choices(
        "",
        &[
            ("", "Serveur de la collectivité"),
            ("personal-computer", "Poste de travail"),
            ("cloud", "Serveur loué (cloud)"),
        ],
        machine,
    );
    let main = vec![
        form.field("heures", "Durée du calcul", Control::Number)
            .unit("heures"),
        form.field("coeurs", "Cœurs de processeur", Control::Number)
            .hint("Cœurs employés, pas les fils d’exécution."),
        form.field("processeur", "Processeur", Control::Select(cpus)),
        form.field("cartes", "Cartes graphiques", Control::Number),
        form.field("carte", "Modèle de carte", Control::Select(gpus)),
        form.field("memoire", "Mémoire réservée", Control::Number)
            .unit("Go"),
        form.field("lieu", "Où tourne la machine\u{202f}?", Control::Select(places)),
        form.field("executions", "Exécutions identiques", Control::Number)
            .hint("Comptez tous les essais, ratés compris.")
            .or("1"),
    ];
    let expert = vec![
        (
            "Usage réel",
            vec![
                form.field("usage_coeurs", "Usage moyen des cœurs", Control::Number)
                    .unit("%"),
                form.field("usage_cartes", "Usage moyen des cartes", Control::Number)
                    .unit("%"),
            ],
        ),
        (
            "Matériel",
            vec![
                form.field(
                    "processeur_autre",
                    "Un autre processeur de la table",
                    Control::Text,
                )
                .hint("Nom exact, majuscules comprises."),
                form.field("watts_coeur", "Puissance d’un cœur", Control::Number)
                    .unit("W"),
                form.field("watts_carte", "Puissance d’une carte", Control::Number)
                    .unit("W")
                    .hint("La table s’arrête au H100\u{a0}: donnez les watts des cartes plus récentes."),
            ],
        ),
        (
            "Lieu et centre de données",
            vec![
                form.field("machine", "Type de machine", Control::Select(vec![machines])),
                form.field("fournisseur", "Fournisseur de serveurs", Control::Text)
                    .hint("gcp, aws, azure, ovhcloud ou oracle\u{202f}; lu pour un serveur loué."),
                form.field("region", "Région du fournisseur", Control::Text)
                    .hint("Par exemple europe-west9."),
                form.field("lieu_autre", "Un autre lieu", Control::Text)
                    .hint("Code de la table\u{a0}: PRT, CA-QC, US-CA."),
                form.field("pue", "Efficacité du centre (PUE)", Control::Number)
                    .hint("1,56 quand elle n’est pas connue\u{a0}: demandez-la à l’hébergeur."),
                form.field("intensite", "Gaz à effet de serre d’un kWh", Control::Number)
                    .unit("g CO₂e"),
            ],
        ),
    ];
    (main, expert)
}

/// What may follow a training, or come again: folded, because a single calculation has none of it.
pub fn model(form: &Form) -> Groups {
    let list = |list: &[(&str, &str)], chosen: &str| Control::Select(vec![choices("", list, chosen)]);
    vec![
        (
            "Autour de l’entraînement",
            vec![
                form.field(
                    "nature",
                    "Ce que décrivent les champs du haut",
                    list(
                        &[
                            ("", "Un calcul seul"),
                            ("entrainement", "L’entraînement d’un modèle"),
                            ("utilisation", "L’utilisation d’un modèle"),
                        ],
                        form.value("nature"),
                    ),
                ),
                form.field("recherche", "Recherche et mise au point", Control::Number)
                    .unit("entraînements")
                    .hint("Essais faits avant le bon, comptés en entraînements entiers\u{a0}: 1,5 pour BLOOM, parfois des dizaines."),
                form.field("reentrainements", "Réentraînements", Control::Number)
                    .unit("nombre"),
                form.field("reentrainement_part", "Taille d’un réentraînement", Control::Number)
                    .unit("% de l’entraînement"),
            ],
        ),
        (
            "L’utilisation du modèle",
            vec![
                form.field("u_heures", "Durée de l’utilisation", Control::Number)
                    .unit("heures")
                    .hint("Même machine et même lieu que l’entraînement, sauf si vous en donnez d’autres."),
                form.field("u_coeurs", "Cœurs employés", Control::Number),
                form.field("u_processeur", "Autre processeur", Control::Text),
                form.field("u_cartes", "Cartes employées", Control::Number),
                form.field("u_carte", "Autre modèle de carte", Control::Text),
                form.field("u_memoire", "Mémoire de l’utilisation", Control::Number)
                    .unit("Go"),
                form.field("u_executions", "Utilisations identiques", Control::Number),
                form.field("u_usage_coeurs", "Usage des cœurs à l’utilisation", Control::Number)
                    .unit("%"),
                form.field("u_usage_cartes", "Usage des cartes à l’utilisation", Control::Number)
                    .unit("%"),
                form.field("u_lieu", "Autre lieu de l’utilisation", Control::Text)
                    .hint("Code de la table\u{a0}: FRA, REU, PRT."),
            ],
        ),
        (
            "Une utilisation qui revient",
            vec![
                form.field(
                    "rythme",
                    "La durée donnée est celle",
                    list(
                        &[
                            ("", "d’une seule fois"),
                            ("day", "d’un jour"),
                            ("week", "d’une semaine"),
                            ("month", "d’un mois"),
                            ("year", "d’un an"),
                        ],
                        form.value("rythme"),
                    ),
                ),
                form.field("tous_les", "Nombre de ces périodes décrites ensemble", Control::Number)
                    .hint("1 quand rien n’est dit\u{202f}; 2 pour une durée donnée pour deux semaines."),
                form.field("bilan", "Longueur du bilan", Control::Number)
                    .hint("1 quand rien n’est dit."),
                form.field(
                    "bilan_unite",
                    "Unité du bilan",
                    list(&[("", "Années"), ("month", "Mois")], form.value("bilan_unite")),
                ),
                form.field(
                    "calendrier",
                    "Calendrier",
                    list(
                        &[
                            ("", "Année de 365,25 jours"),
                            ("green-algorithms", "Année de 360 jours et 48 semaines, comme Green Algorithms"),
                        ],
                        form.value("calendrier"),
                    ),
                ),
            ],
        ),
    ]
}

/// Places to choose from: none is chosen in advance.
pub fn places(form: &Form) -> Vec<ChoiceGroup> {
    let place = form.value("lieu");
    let mut places = vec![choices("", &[("", "Choisissez un lieu")], place)];
    for (label, list) in PLACES {
        let mut group = choices(label, list, place);
        if label == "France" {
            let more = choices("", &MORE_PLACES, place).choices;
            let at = group.choices.len().min(1);
            group.choices.splice(at..at, more);
        }
        places.push(group);
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_processor_and_place_of_the_lists_is_in_the_tables() {
        let reference = Reference::embedded();
        for name in CPUS.iter().flat_map(|(_, names)| *names) {
            assert!(reference.processor(true, name).is_some(), "{name}");
        }
        for (code, name) in MORE_PLACES {
            assert!(reference.carbon_intensity(code).is_some(), "{code} {name}");
        }
    }
}
