//! What is asked beyond the record: one table, from which forms, sheets, exports and checks are made.

use sobria_catalogue::content::Content;
use sobria_catalogue::field::Field;
use sobria_catalogue::vocabulary::Vocabularies;

use crate::joined::{Known, has_changed};

use super::value::{Dossier, words_of};

/// Begins the name of the field that says what an answer stood on.
pub const BASE: &str = "base_";

/// Choices: code and words.
pub type Choices = &'static [(&'static str, &'static str)];

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Yes or no.
    YesNo,
    /// One choice.
    One(Choices),
    /// Several choices; the code `aucun` excludes the others.
    Many(Choices),
    /// One line.
    Line,
    /// Several lines.
    Lines,
    /// A number, zero or more.
    Number,
    /// A day.
    Date,
    /// An address.
    Link,
}

/// A step of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Presumed class.
    Class,
    /// Decisions and public algorithms.
    Decisions,
    /// Rights, data, people.
    Rights,
    /// The rest of the public sheet.
    Sheet,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 4] = [Self::Class, Self::Decisions, Self::Rights, Self::Sheet];

    /// Code in forms.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Class => "classement",
            Self::Decisions => "decisions",
            Self::Rights => "droits",
            Self::Sheet => "fiche",
        }
    }

    /// Title.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Class => "Quel niveau de risque\u{202f}?",
            Self::Decisions => "Des décisions sur des personnes\u{202f}?",
            Self::Rights => "Données, contrôle humain et droits",
            Self::Sheet => "Expliquer le service",
        }
    }
}

/// One question.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// Identifier.
    pub id: &'static str,
    /// Step.
    pub step: Step,
    /// Words.
    pub label: &'static str,
    /// Help; may be blank.
    pub help: &'static str,
    /// How it is answered.
    pub kind: Kind,
    /// The field of the record that says the same: its value is proposed.
    pub from: Option<Field>,
}

const fn ask(id: &'static str, step: Step, kind: Kind, label: &'static str, help: &'static str) -> Question {
    Question {
        id,
        step,
        label,
        help,
        kind,
        from: None,
    }
}

const fn known(
    id: &'static str,
    step: Step,
    kind: Kind,
    from: Field,
    label: &'static str,
    help: &'static str,
) -> Question {
    Question {
        id,
        step,
        label,
        help,
        kind,
        from: Some(from),
    }
}

/// Practices that article 5 forbids.
pub const PROHIBITED: Choices = &[
    ("aucun", "Aucune de ces pratiques"),
    ("notation", "Noter les personnes selon leur comportement social"),
    ("manipulation", "Manipuler à l’insu des personnes"),
    (
        "vulnerabilite",
        "Exploiter une vulnérabilité (âge, handicap, situation sociale)",
    ),
    ("visages", "Constituer des bases de visages par moissonnage"),
    ("emotions", "Déduire les émotions au travail ou à l’école"),
    ("infraction", "Prédire une infraction par le seul profilage"),
    (
        "categorisation",
        "Déduire des caractéristiques sensibles de données biométriques",
    ),
    (
        "temps_reel",
        "Identifier à distance en temps réel à des fins répressives",
    ),
    ("intimes", "Produire des images intimes sans consentement"),
];

/// Domains of annex III, and annex I.
pub const ANNEX: Choices = &[
    ("aucun", "Aucun de ces domaines"),
    ("1", "Biométrie"),
    (
        "2",
        "Infrastructures critiques\u{a0}: circulation, eau, gaz, chauffage, électricité (composant de sécurité)",
    ),
    (
        "3",
        "Éducation et formation\u{a0}: affectation, évaluation, surveillance d’examen",
    ),
    ("4", "Emploi\u{a0}: tri de candidatures, évaluation d’agents"),
    (
        "5",
        "Services essentiels\u{a0}: droit à une aide ou à une prestation, priorité d’appels d’urgence",
    ),
    ("6", "Répression"),
    ("7", "Migration"),
    ("8", "Justice et processus démocratiques"),
    (
        "produit",
        "Composant de sécurité d’un produit réglementé (annexe I)",
    ),
];

const EXCEPTION: Choices = &[
    ("aucun", "Aucune de ces situations"),
    ("procedure", "Une tâche procédurale étroite"),
    ("amelioration", "Améliorer un travail humain déjà fait"),
    ("ecarts", "Repérer des écarts par rapport à des décisions passées"),
    ("preparatoire", "Une tâche préparatoire"),
];

/// What makes information of people due.
pub const TRIGGERS: Choices = &[
    ("aucun", "Aucune de ces situations"),
    ("interaction", "Des personnes dialoguent avec le système"),
    (
        "contenu",
        "Il produit des textes, des images, des sons ou des vidéos",
    ),
    (
        "hypertrucage",
        "Il produit des contenus qui imitent des personnes ou des lieux réels",
    ),
    (
        "texte_public",
        "Il écrit des textes publiés pour informer le public",
    ),
    (
        "emotions",
        "Il reconnaît des émotions ou classe par la biométrie, dans un cas permis",
    ),
];

const SHIFT: Choices = &[
    ("aucun", "Aucune de ces situations"),
    ("nom", "Nous le proposons sous notre nom"),
    ("modification", "Nous l’avons modifié de façon substantielle"),
    (
        "destination",
        "Nous l’employons pour un autre usage, à haut risque",
    ),
];

/// The nine criteria of the European committee.
pub const DPIA: Choices = &[
    ("aucun", "Aucun de ces critères"),
    ("evaluation", "Évaluation ou notation de personnes"),
    (
        "automatique",
        "Décision automatique avec effet juridique ou semblable",
    ),
    ("surveillance", "Surveillance systématique"),
    ("sensibles", "Données sensibles ou très personnelles"),
    ("echelle", "Grande échelle"),
    ("croisement", "Croisement de données"),
    ("vulnerables", "Personnes vulnérables"),
    ("innovant", "Usage innovant"),
    ("blocage", "Risque de priver d’un droit ou d’un service"),
];

const DPIA_STATUS: Choices = &[
    ("not_needed", "Pas nécessaire"),
    ("todo", "À faire"),
    ("in_progress", "En cours"),
    ("done", "Faite"),
];

/// Every question, in order.
#[rustfmt::skip]
pub static QUESTIONS: &[Question] = &[
    ask("is_ai", Step::Class, Kind::YesNo, "Le système apprend-il, ou déduit-il de lui-même ce qu’il produit\u{202f}?", "Un tableur ou une grille de notation n’est pas une IA, mais reste un traitement algorithmique."),
    ask("prohibited", Step::Class, Kind::Many(PROHIBITED), "Fait-il l’une de ces choses interdites (article 5)\u{202f}?", ""),
    ask("annex", Step::Class, Kind::Many(ANNEX), "Sert-il dans l’un de ces domaines (annexe III, annexe I)\u{202f}?", "Place en crèche, aide sociale, logement\u{a0}: services essentiels. Feux de circulation adaptatifs\u{a0}: infrastructures critiques. Un assistant de rédaction n’en relève en général pas."),
    ask("exception", Step::Class, Kind::One(EXCEPTION), "Si oui, se limite-t-il à l’une de ces tâches (article 6 § 3)\u{202f}?", ""),
    ask("profiling", Step::Class, Kind::YesNo, "Établit-il le profil de personnes\u{202f}?", ""),
    ask("exception_reason", Step::Class, Kind::Lines, "Pourquoi cette exception s’applique", "Demandé quand une exception est invoquée."),
    ask("triggers", Step::Class, Kind::Many(TRIGGERS), "Ces situations se présentent-elles (article 50)\u{202f}?", ""),
    ask("shift", Step::Class, Kind::Many(SHIFT), "Votre organisation a-t-elle repris le système à son compte\u{202f}?", "Elle en deviendrait le fournisseur (article 25)."),

    ask("individual_decision", Step::Decisions, Kind::YesNo, "Sert-il à prendre des décisions individuelles\u{202f}?", "Accorder une aide, une place, une autorisation à une personne. Une simple préparation compte."),
    known("automation", Step::Decisions, Kind::Line, Field::AutomationLevel, "Niveau d’automatisation", ""),
    ask("secret", Step::Decisions, Kind::YesNo, "Le traitement est-il couvert par un secret protégé par la loi\u{202f}?", "Secrets du 2° de l’article L.311-5 du code des relations entre le public et l’administration."),
    ask("agents_fte", Step::Decisions, Kind::Number, "Agents de l’organisation, en équivalents temps plein", ""),
    ask("mention_present", Step::Decisions, Kind::YesNo, "Une mention figure-t-elle déjà sur les décisions\u{202f}?", ""),
    ask("purpose", Step::Decisions, Kind::Line, "Finalité du traitement", "Après «\u{a0}qui sert à\u{a0}»\u{a0}: «\u{a0}classer les demandes de place en crèche\u{a0}»."),
    ask("rules_url", Step::Decisions, Kind::Link, "Adresse où les règles sont publiées", ""),
    ask("service", Step::Decisions, Kind::Line, "Service responsable", ""),
    ask("public_contact", Step::Decisions, Kind::Line, "Contact public", "Une boîte de service, jamais l’adresse d’une personne."),
    ask("decision_process", Step::Decisions, Kind::Lines, "Comment et quand l’algorithme intervient dans la décision", ""),
    known("legal_basis", Step::Decisions, Kind::Lines, Field::LegalBasis, "Fondement juridique", ""),
    known("decisions_per_year", Step::Decisions, Kind::Number, Field::DecisionPerYear, "Décisions par an", ""),
    known("decision_scope", Step::Decisions, Kind::Line, Field::DecisionScope, "Portée des décisions", ""),
    known("affected_people", Step::Decisions, Kind::Lines, Field::DecisionPeople, "Personnes concernées", ""),
    ask("significant_effects", Step::Decisions, Kind::Lines, "Effets importants pour elles", ""),

    ask("human_oversight", Step::Rights, Kind::Lines, "Contrôle humain", "Qui relit, avec quelle formation, et comment s’écarter du résultat."),
    known("objection", Step::Rights, Kind::Lines, Field::Objection, "Recours, droit d’opposition", ""),
    known("bias", Step::Rights, Kind::Lines, Field::Bias, "Biais recherchés et trouvés", ""),
    known("personal_data", Step::Rights, Kind::Line, Field::DataPersonal, "Données personnelles", ""),
    ask("dpia_criteria", Step::Rights, Kind::Many(DPIA), "Critères d’une analyse d’impact (AIPD)", ""),
    ask("dpia_status", Step::Rights, Kind::One(DPIA_STATUS), "État de l’AIPD", ""),
    ask("dpia_date", Step::Rights, Kind::Date, "Date de l’AIPD", "Écrite comme 2026-03-15."),
    ask("dpia_summary", Step::Rights, Kind::Lines, "Résumé de l’AIPD", ""),
    ask("retention", Step::Rights, Kind::Line, "Durée de conservation des données", ""),
    ask("logs_months", Step::Rights, Kind::Number, "Conservation des journaux, en mois", ""),
    ask("literacy", Step::Rights, Kind::Line, "Formation du personnel à l’IA", "Date, public, part des agents formés."),
    ask("instructions", Step::Rights, Kind::Line, "Notice et règles d’usage", ""),
    ask("data_quality", Step::Rights, Kind::Line, "Contrôles des données d’entrée", ""),
    ask("monitoring", Step::Rights, Kind::Line, "Surveillance, suspension, incidents", ""),
    ask("worker_information", Step::Rights, Kind::Line, "Information des agents et de leurs représentants", ""),
    ask("subject_information", Step::Rights, Kind::Line, "Information des personnes visées par une décision", ""),
    ask("fria", Step::Rights, Kind::Lines, "Analyse d’impact sur les droits fondamentaux", "Processus, période et fréquence, personnes, risques, contrôle humain, mesures prévues."),
    ask("explanation", Step::Rights, Kind::Line, "Comment obtenir l’explication d’une décision", ""),
    ask("eu_provider_url", Step::Rights, Kind::Link, "Entrée du fournisseur dans la base de l’Union", ""),
    ask("eu_certificate", Step::Rights, Kind::Line, "Certificat de l’organisme notifié", "Pour un système que l’organisation fournit\u{a0}: type, numéro, date de fin et organisme, ou «\u{a0}aucun\u{a0}»."),
    ask("eu_certificate_copy", Step::Rights, Kind::Link, "Adresse de la copie du certificat", ""),
    ask("eu_declaration", Step::Rights, Kind::Link, "Adresse de la déclaration UE de conformité", ""),
    ask("eu_states", Step::Rights, Kind::Line, "États membres où le système est proposé ou employé", "Par exemple\u{a0}: France."),
    ask("eu_deployer_id", Step::Rights, Kind::Line, "Numéro d’enregistrement du déployeur", ""),
    ask("notices", Step::Rights, Kind::Lines, "Informations données aux personnes (article 50)", "Texte et emplacement."),

    ask("need", Step::Sheet, Kind::Lines, "Le besoin auquel il répond", ""),
    known("why_ai", Step::Sheet, Kind::Lines, Field::RiskProportionality, "Pourquoi l’IA", ""),
    ask("alternatives", Step::Sheet, Kind::Lines, "Solutions écartées", ""),
    known("algorithm_kinds", Step::Sheet, Kind::Line, Field::AlgorithmKinds, "Type d’algorithme", ""),
    known("operations", Step::Sheet, Kind::Lines, Field::AlgorithmOperations, "Opérations effectuées", ""),
    ask("model", Step::Sheet, Kind::Line, "Modèle et version", ""),
    known("supplier", Step::Sheet, Kind::Line, Field::Suppliers, "Fournisseur", ""),
    ask("code_url", Step::Sheet, Kind::Link, "Adresse du code", ""),
    ask("limits", Step::Sheet, Kind::Lines, "Limites connues", ""),
    known("data_sources", Step::Sheet, Kind::Line, Field::DataSources, "Origine des données", ""),
    known("data_collection", Step::Sheet, Kind::Line, Field::DataCollection, "Collecte des données", ""),
    ask("unit", Step::Sheet, Kind::Line, "Unité fonctionnelle", "Ce que le service rend\u{a0}: «\u{a0}répondre à une question d’agent\u{a0}»."),
    known("hosting", Step::Sheet, Kind::Line, Field::Hosting, "Lieu d’hébergement", ""),
    ask("operator", Step::Sheet, Kind::Line, "Hébergeur", ""),
    ask("pue", Step::Sheet, Kind::Number, "PUE du centre de données", ""),
    ask("clauses", Step::Sheet, Kind::Lines, "Clauses d’achat retenues", ""),
    ask("benefits", Step::Sheet, Kind::Lines, "Bénéfices mesurés", ""),
    ask("failures", Step::Sheet, Kind::Lines, "Ce qui n’a pas marché", ""),
];

/// The question of an identifier.
#[must_use]
pub fn of(id: &str) -> Option<&'static Question> {
    QUESTIONS.iter().find(|question| question.id == id)
}

/// Longest text, in characters.
pub const TEXT_MAX: usize = 3000;

/// Something to correct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Identifier of the question.
    pub field: String,
    /// What is wrong and what is expected.
    pub message: String,
}

/// Reads a form: each question has the values sent under its identifier.
#[must_use]
pub fn read(all: impl Fn(&str) -> Vec<String>) -> (Dossier, Vec<Problem>) {
    let mut dossier = Dossier::default();
    let mut problems = Vec::new();
    for question in QUESTIONS {
        let values: Vec<String> = all(question.id)
            .iter()
            .flat_map(|value| match question.kind {
                Kind::Many(_) => value.split('|').map(str::to_owned).collect(),
                _ => vec![value.clone()],
            })
            .map(|value| sobria_catalogue::text::clean_block(&value))
            .filter(|value| !value.is_empty())
            .collect();
        let mut wrong = |message: String| {
            problems.push(Problem {
                field: question.id.to_owned(),
                message,
            });
        };
        let text = match question.kind {
            Kind::Many(choices) => {
                let known: Vec<&str> = choices
                    .iter()
                    .map(|(code, _)| *code)
                    .filter(|code| values.iter().any(|value| value == code))
                    .collect();
                if known.len() > 1 && known.contains(&"aucun") {
                    wrong(format!(
                        "«\u{a0}{}\u{a0}»\u{a0}: «\u{a0}aucun\u{a0}» et une autre réponse se contredisent.",
                        question.label
                    ));
                }
                known.join("|")
            }
            Kind::One(choices) => values
                .into_iter()
                .find(|value| choices.iter().any(|(code, _)| code == value))
                .unwrap_or_default(),
            Kind::YesNo => values
                .into_iter()
                .find(|value| value == "oui" || value == "non")
                .unwrap_or_default(),
            _ => values.into_iter().next().unwrap_or_default(),
        };
        match question.kind {
            Kind::Number if !text.is_empty() && number(&text).is_none() => {
                wrong(format!(
                    "«\u{a0}{}\u{a0}» doit être un nombre positif\u{a0}: «\u{a0}{text}\u{a0}» n’en est pas un.",
                    question.label
                ));
            }
            Kind::Date if !text.is_empty() && text.parse::<jiff::civil::Date>().is_err() => {
                wrong(format!(
                    "«\u{a0}{text}\u{a0}» n’est pas une date\u{a0}: écrivez-la comme 2026-03-15."
                ));
            }
            Kind::Link if !text.is_empty() && !is_link(&text) => {
                wrong(format!(
                    "«\u{a0}{text}\u{a0}» n’est pas une adresse\u{a0}: elle commence par https:// ou http://."
                ));
            }
            _ if text.chars().count() > TEXT_MAX => {
                wrong(format!(
                    "«\u{a0}{}\u{a0}» est trop long\u{a0}: {} caractères au plus.",
                    question.label,
                    sobria_catalogue::text::count(TEXT_MAX)
                ));
            }
            _ => {}
        }
        dossier.set(question.id, &text);
        if dossier.is_answered(question.id) {
            let base = format!("{BASE}{}", question.id);
            let basis = all(&base).pop().unwrap_or_default();
            let is_digest = basis.len() <= 16 && basis.bytes().all(|byte| byte.is_ascii_hexdigit());
            dossier.set(&base, if is_digest { &basis } else { "" });
        }
    }
    let exception = dossier.get("exception");
    if !exception.is_empty() && exception != "aucun" && dossier.get("exception_reason").is_empty() {
        problems.push(Problem {
            field: "exception_reason".to_owned(),
            message: "Expliquez pourquoi l’exception s’applique\u{a0}: le motif écrit est obligatoire."
                .to_owned(),
        });
    }
    (dossier, problems)
}

fn is_link(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| rest.contains('.') && !rest.contains([' ', '\n', '"', '<', '>']))
}

/// A number as it was typed.
#[must_use]
pub fn number(text: &str) -> Option<f64> {
    let plain: String = text
        .chars()
        .filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}'))
        .map(|c| if c == ',' { '.' } else { c })
        .collect();
    plain
        .parse::<f64>()
        .ok()
        .filter(|value| value.is_finite() && *value >= 0.0)
}

/// The words of a field of the record, with the labels of the program: answers keep a digest of what they stand on, which
/// must not move when an instance words a term its own way.
#[must_use]
pub fn words(content: &Content, field: Field) -> String {
    words_of(content, field, Vocabularies::embedded())
}

/// The dossier with what is known elsewhere where nothing was answered, and what each of these answers stands on.
#[must_use]
pub fn filled(dossier: &Dossier, known: &[Known]) -> Dossier {
    let mut filled = dossier.clone();
    for one in known.iter().filter(|one| !dossier.is_answered(one.question)) {
        filled.set(one.question, &one.value);
        filled.set(&format!("{BASE}{}", one.question), &one.basis());
    }
    filled
}

/// The questions whose answer was given on facts that changed since.
#[must_use]
pub fn outdated(dossier: &Dossier, known: &[Known]) -> Vec<&'static Question> {
    QUESTIONS
        .iter()
        .filter(|question| {
            let basis = dossier.get(&format!("{BASE}{}", question.id));
            dossier.is_answered(question.id) && has_changed(question.id, basis, known)
        })
        .collect()
}
