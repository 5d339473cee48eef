//! The fields of the form: the service, its lines, the account of the evaluation.

use sobria_estimate::service::{Frequency, Goal, Maturity, Phase, Quality, Tier, UnitKind};

use super::super::form::{Form, choices};
use super::asked::{name, quality_field, shown_lines};
use crate::view::estimate::{Control, FormField};

/// Where the figure of a line comes from.
const ORIGINS: [(&str, &str); 7] = [
    ("", "Ligne vide"),
    ("calculateur", "Un résultat du calculateur"),
    ("mesure", "Une électricité mesurée"),
    ("fournisseur", "Une déclaration du fournisseur"),
    ("negligible", "Négligeable, avec la raison"),
    ("not_covered", "Non couvert"),
    ("not_applicable", "Sans objet"),
];

/// The folded part of the account.
pub(super) fn report_fields(form: &Form) -> Vec<(&'static str, Vec<FormField>)> {
    let goals: Vec<(&str, &str)> = std::iter::once(("", "Non précisé"))
        .chain(Goal::ALL.iter().map(|goal| (goal.id(), goal.label())))
        .collect();
    let mut marks: Vec<FormField> = Quality::ALL
        .iter()
        .map(|quality| form.field(quality_field(*quality), quality.label(), Control::Number))
        .collect();
    if let Some(first) = marks.first_mut() {
        first.hint = "Notes de 1, la plus basse, à 5.".to_owned();
    }
    vec![
        (
            "Qui et pourquoi",
            vec![
                form.field("auteur", "Auteur", Control::Text).hint(
                    "Un service ou une fonction plutôt qu’un nom\u{a0}: l’adresse de la page le contient.",
                ),
                form.field("date", "Date de l’évaluation", Control::Text),
                form.field(
                    "but",
                    "But",
                    Control::Select(vec![choices("", &goals, form.value("but"))]),
                ),
                form.field("limites", "Limites", Control::Text),
                form.field("relecteur", "Relecture par", Control::Text),
                form.field("preuves", "Preuves", Control::Text)
                    .hint("Documents ou adresses, séparés par «\u{a0};\u{a0}» entre deux espaces."),
            ],
        ),
        ("Qualité des données", marks),
    ]
}

pub(super) fn fields(form: &Form) -> (Vec<FormField>, Vec<(String, Vec<FormField>)>) {
    fn list<'t>(all: impl Iterator<Item = (&'t str, &'t str)>, chosen: &str) -> Control {
        let all: Vec<(&str, &str)> = all.collect();
        Control::Select(vec![choices("", &all, chosen)])
    }
    let or = |name: &str, default: &str| form.text(name).unwrap_or(default).to_owned();
    let general = vec![
        form.field("titre", "Nom du service", Control::Text),
        form.field(
            "maturite",
            "Où en est-il\u{202f}?",
            list(
                Maturity::ALL.iter().map(|item| (item.id(), item.label())),
                &or("maturite", "experimentation"),
            ),
        )
        .hint("Ce qui est exigé en dépend."),
        form.field(
            "unite",
            "Ce qu’il rend",
            list(
                UnitKind::ALL.iter().map(|item| (item.id(), item.label())),
                &or("unite", "service_year"),
            ),
        ),
        form.field("unite_nom", "En clair", Control::Text)
            .hint("Par exemple\u{a0}: 1 km de chaussée analysé."),
        form.field("quantite", "Combien par an", Control::Number),
        form.field("duree", "Durée de vie", Control::Number)
            .unit("années")
            .hint("3 ans quand elle n’est pas donnée."),
        form.field("debut", "Début de la période", Control::Text)
            .hint("2025, ou 2025-01-01."),
        form.field("fin", "Fin de la période", Control::Text),
    ];
    let groups = (1..=shown_lines(form))
        .map(|line| {
            let field = |part: &str| name(line, part);
            let group = vec![
                form.field(
                    field("origine"),
                    "D’où vient le chiffre\u{202f}?",
                    list(ORIGINS.into_iter(), form.value(&field("origine"))),
                ),
                form.field(
                    field("phase"),
                    "Phase",
                    list(
                        Phase::ALL.iter().map(|item| (item.id(), item.label())),
                        &or(&field("phase"), "operation"),
                    ),
                ),
                form.field(
                    field("etage"),
                    "Équipements",
                    list(
                        Tier::ALL.iter().map(|item| (item.id(), item.label())),
                        &or(&field("etage"), "datacenter"),
                    ),
                ),
                form.field(
                    field("rythme"),
                    "Rythme",
                    list(
                        Frequency::ALL.iter().map(|item| (item.id(), item.label())),
                        &or(&field("rythme"), "per_year"),
                    ),
                ),
                form.field(field("nombre"), "Combien de fois", Control::Number),
                form.field(field("adresse"), "Adresse du résultat", Control::Text)
                    .hint("Pour un résultat du calculateur\u{a0}: collez son adresse."),
                form.field(field("kwh"), "Électricité", Control::Number)
                    .unit("kWh"),
                form.field(field("kg"), "Gaz à effet de serre déclarés", Control::Number)
                    .unit("kg CO₂e"),
                form.field(field("lieu"), "Lieu de l’électricité", Control::Text)
                    .hint("Code\u{a0}: FRA, REU…"),
                form.field(field("note"), "Qui le dit, ou pourquoi", Control::Text),
            ];
            (format!("Ligne {line}"), group)
        })
        .collect();
    (general, groups)
}
