//! What the answers lead to, in words, as a document and as a table.

use jiff::civil::Date;
use serde_json::{Map, Value as Json, json};
use sobria_exchange::table::Table;
use sobria_govern::transparency::question::of;
use sobria_govern::transparency::{
    Audience, CHECKED_ON, Dossier, Facts, LEGAL, Line, Mention, Origin, Presumption, RegisterSection,
    RiskClass, Situation, THRESHOLDS, classify, crpa, dpia, duties, mention, plain_language, register, sheet,
    to_come,
};

use super::super::percent;
use crate::view::{Fact, ProseSection, ProseTable, RichText};

fn table(caption: &str, headers: &[&str], rows: Vec<Vec<String>>) -> Option<ProseTable> {
    (!rows.is_empty()).then(|| ProseTable {
        caption: caption.to_owned(),
        headers: headers.iter().map(|header| (*header).to_owned()).collect(),
        rows,
    })
}

fn labels(ids: &[&str]) -> String {
    ids.iter()
        .filter_map(|id| of(id))
        .map(|question| question.label)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Presumed class and state of the sheet.
pub fn figures(facts: &Facts<'_>, dossier: &Dossier) -> Vec<Fact> {
    let presumption = classify(dossier, Some(facts));
    let made = sheet(facts, dossier);
    vec![
        Fact::new(
            "Niveau de risque",
            presumption.class.map_or("Pas encore présumé", RiskClass::label),
        ),
        Fact::new("Fiche remplie", percent(made.score())),
        Fact::new(
            "Lignes obligatoires",
            format!("{} sur {}", made.filled, made.required),
        ),
    ]
}

/// What follows from the answers.
pub fn advice(
    facts: &Facts<'_>,
    dossier: &Dossier,
    automation: Option<&str>,
    today: Date,
) -> Vec<ProseSection> {
    let presumption = classify(dossier, Some(facts));
    let mut sections = Vec::new();
    let mut text: Vec<String> = presumption
        .reasons
        .iter()
        .map(|reason| format!("- {reason}"))
        .collect();
    if let Some(id) = presumption.missing {
        text.push(format!("- Il manque une réponse\u{a0}: {}.", labels(&[id])));
    }
    for trigger in &presumption.triggers {
        text.push(format!("- Information des personnes\u{a0}: {}.", trigger.label));
    }
    if presumption.provider {
        text.push("- Votre organisation est présumée fournisseur et déployeur.".to_owned());
    }
    let title = presumption
        .class
        .map_or("Niveau de risque\u{a0}: pas encore présumé", RiskClass::label);
    sections.push(ProseSection::new("risque", title, &text.join("\n")));

    let due = duties(&presumption, Some(facts), dossier);
    if !due.is_empty() {
        let mut section = ProseSection::new("devoirs", "Devoirs", "");
        section.table = table(
            "Devoirs d’un déployeur public, et ce qui manque pour les montrer",
            &["Devoir", "Article", "Il manque", "Fiabilité"],
            due.iter()
                .map(|one| {
                    vec![
                        one.duty.label.to_owned(),
                        one.duty.reference.to_owned(),
                        if one.missing.is_empty() {
                            "Rien".to_owned()
                        } else {
                            labels(&one.missing)
                        },
                        one.duty.confidence.label().to_owned(),
                    ]
                })
                .collect(),
        );
        sections.push(section);
    }
    sections.push(algorithms(facts, dossier, automation));
    let needed = match dpia(dossier, presumption.class) {
        Some(true) => {
            "Deux critères au moins, ou un haut risque avec des données personnelles\u{a0}: une AIPD est en principe nécessaire."
        }
        Some(false) => "Moins de deux critères\u{a0}: une AIPD n’est en principe pas nécessaire. Notez-le.",
        None => "Répondez aux neuf critères pour le savoir.",
    };
    sections.push(ProseSection::new(
        "aipd",
        "Analyse d’impact sur les données (AIPD)",
        needed,
    ));
    sections.push(missing(facts, dossier));
    sections.extend(union(facts, dossier, &presumption));
    sections.extend(law(today));
    sections
}

/// What is to be typed in the database of the Union: a section for each capacity in which the organisation registers.
fn union(facts: &Facts<'_>, dossier: &Dossier, presumption: &Presumption) -> Vec<ProseSection> {
    let due = RegisterSection::due(presumption);
    due.iter()
        .enumerate()
        .map(|(nth, one)| {
            let mut section = if nth == 0 {
                ProseSection::new(
                    "base-ue",
                    "Base de l’Union\u{a0}: prêt à saisir",
                    "Rien n’est transmis\u{a0}: recopiez ces points. Une infrastructure critique s’enregistre au niveau national (article 49 § 5).",
                )
            } else {
                ProseSection::new("base-ue-2", "Base de l’Union\u{a0}: autre enregistrement", "")
            };
            section.table = table(
                one.label(),
                &["Point", "Contenu", "Valeur"],
                register(*one, facts, dossier)
                    .into_iter()
                    .map(|point| {
                        vec![
                            point.number.to_owned(),
                            point.label.to_owned(),
                            point.value.unwrap_or_else(|| "Manque".to_owned()),
                        ]
                    })
                    .collect(),
            );
            section
        })
        .collect()
}

fn algorithms(facts: &Facts<'_>, dossier: &Dossier, automation: Option<&str>) -> ProseSection {
    let organisation = (!facts.organisation.name.is_empty()).then_some(facts.organisation);
    let rules = crpa(&Situation::of(dossier, automation, organisation));
    let mut lines = Vec::new();
    lines.push(match rules.mention_required {
        Some(true) => "- Une mention explicite est due sur chaque décision.",
        Some(false) => "- Aucune mention n’est due sur les décisions.",
        None => "- Dites si le système sert à des décisions individuelles.",
    });
    lines.push(match rules.inventory_required {
        Some(true) => "- Les règles du traitement sont à publier en ligne.",
        Some(false) => {
            "- La publication en ligne des règles n’est pas obligatoire\u{202f}; elle reste possible."
        }
        None => "- Il manque le nombre d’agents pour dire si les règles sont à publier.",
    });
    if rules.nullity_risk == Some(true) {
        lines.push("- **Alerte\u{a0}: une décision entièrement automatisée sans mention est nulle depuis le 1er juillet 2020.**");
    }
    let mut text = format!(
        "{}\n- Un tableur ou une grille de notation est aussi un traitement algorithmique.",
        lines.join("\n")
    );
    if rules.mention_required == Some(true) {
        match mention(dossier) {
            Mention::Ready(words) => {
                text.push_str(&format!("\n\n**Mention à imprimer** : «\u{a0}{words}\u{a0}»"))
            }
            Mention::Missing(ids) => text.push_str(&format!(
                "\n\nPour écrire la mention, il manque\u{a0}: {}.",
                labels(&ids)
            )),
        }
    }
    ProseSection::new("algorithmes", "Règles sur les algorithmes publics", &text)
}

fn missing(facts: &Facts<'_>, dossier: &Dossier) -> ProseSection {
    let made = sheet(facts, dossier);
    let names: Vec<&str> = made.missing().map(|line| line.label).collect();
    let mut text = if names.is_empty() {
        "Toutes les lignes obligatoires sont remplies.".to_owned()
    } else {
        format!("Il manque\u{a0}: {}.", names.join(", "))
    };
    for id in [
        "need",
        "human_oversight",
        "limits",
        "operations",
        "decision_process",
    ] {
        for alert in plain_language(dossier.get(id)).into_iter().take(3) {
            text.push_str(&format!("\n- {}\u{a0}: {}", labels(&[id]), alert.words()));
        }
    }
    ProseSection::new("manques", "Ce qui manque à la fiche publique", &text)
}

fn law(today: Date) -> [ProseSection; 2] {
    let next = to_come(today).next();
    let text = next.map_or_else(String::new, |entry| {
        format!(
            "Prochaine échéance\u{a0}: **{}**. {}",
            crate::locale::day(entry.from),
            entry.what
        )
    });
    let mut dates = ProseSection::new("dates", "Dates du droit", &text);
    dates.table = table(
        &format!("Dates, vérifiées le {}", crate::locale::day(CHECKED_ON)),
        &["Date", "Ce qui s’applique", "Source", "Fiabilité"],
        LEGAL
            .iter()
            .map(|entry| {
                vec![
                    crate::locale::day(entry.from),
                    entry.what.to_owned(),
                    entry.source.to_owned(),
                    entry.confidence.label().to_owned(),
                ]
            })
            .collect(),
    );
    let mut thresholds = ProseSection::new("seuils", "Seuils", "");
    thresholds.table = table(
        "Seuils et délais",
        &["Seuil", "Ce qu’il décide", "Source", "Fiabilité"],
        THRESHOLDS
            .iter()
            .map(|entry| {
                vec![
                    entry.value.to_owned(),
                    entry.what.to_owned(),
                    entry.source.to_owned(),
                    entry.confidence.label().to_owned(),
                ]
            })
            .collect(),
    );
    [dates, thresholds]
}

fn words(line: &Line) -> String {
    match &line.value {
        Some(value) => value.text.clone(),
        None if line.audience == Audience::Members => {
            "Non renseigné, ou réservé aux agents inscrits".to_owned()
        }
        None => "Non renseigné".to_owned(),
    }
}

/// The sections of the public sheet: a blank line is shown.
pub fn sheet_sections(facts: &Facts<'_>, dossier: &Dossier) -> Vec<ProseSection> {
    sheet(facts, dossier)
        .sections
        .into_iter()
        .map(|section| {
            let mut part = ProseSection::new(
                &format!("section-{}", section.letter.to_lowercase()),
                &format!("{}. {}", section.letter, section.title),
                "",
            );
            let lines: Vec<String> = section
                .lines
                .iter()
                .map(|line| {
                    let origin = line
                        .value
                        .as_ref()
                        .map(|value| value.origin)
                        .filter(|origin| *origin != Origin::Library)
                        .map(|origin| format!(" ({})", origin.words()))
                        .unwrap_or_default();
                    // A value of several lines stays in its item.
                    let words: Vec<String> = words(line).split_whitespace().map(str::to_owned).collect();
                    format!("- **{}** : {}{origin}", line.label, words.join(" "))
                })
                .collect();
            part.text = RichText::parse(&lines.join("\n"));
            part
        })
        .collect()
}

/// The sheet as a document.
pub fn document(facts: &Facts<'_>, dossier: &Dossier, about: &Json) -> Json {
    let presumption = classify(dossier, Some(facts));
    let made = sheet(facts, dossier);
    let mut sections = Map::new();
    for section in &made.sections {
        let lines: Map<String, Json> = section
            .lines
            .iter()
            .map(|line| {
                let value = line.value.as_ref().map(|value| value.text.clone());
                (line.id.to_owned(), json!(value))
            })
            .collect();
        sections.insert(
            section.letter.to_owned(),
            json!({"title": section.title, "fields": lines}),
        );
    }
    json!({
        "about": about,
        "presumed_risk_class": presumption.class.map(|class| class.code()),
        "reasons": presumption.reasons,
        "art50_triggers": presumption.triggers.iter().map(|trigger| trigger.code).collect::<Vec<_>>(),
        "presumed_provider": presumption.provider,
        "transparency_score": made.score(),
        "missing": made.missing().map(|line| line.id).collect::<Vec<_>>(),
        "duties": duties(&presumption, Some(facts), dossier).iter().map(|one| json!({
            "id": one.duty.id,
            "reference": one.duty.reference,
            "missing": one.missing,
        })).collect::<Vec<_>>(),
        "sections": sections,
        "legal_table_checked_on": CHECKED_ON.to_string(),
    })
}

/// What is to be typed in the database of the Union, with what is missing as null.
pub fn union_document(facts: &Facts<'_>, dossier: &Dossier) -> Json {
    let presumption = classify(dossier, Some(facts));
    RegisterSection::due(&presumption)
        .into_iter()
        .map(|section| {
            let points: Map<String, Json> = register(section, facts, dossier)
                .into_iter()
                .map(|point| {
                    let said = json!({"label": point.label, "value": point.value});
                    (point.number.to_owned(), said)
                })
                .collect();
            json!({"section": section.label(), "points": points})
        })
        .collect()
}

/// One row per line of the sheet.
pub fn rows(facts: &Facts<'_>, dossier: &Dossier) -> Table {
    Table {
        title: "Transparence".to_owned(),
        headers: [
            "section",
            "rubrique",
            "intitule",
            "obligatoire",
            "valeur",
            "origine",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: sheet(facts, dossier)
            .sections
            .iter()
            .flat_map(|section| {
                section.lines.iter().map(|line| {
                    let value = line.value.clone();
                    vec![
                        section.letter.to_owned(),
                        line.id.to_owned(),
                        line.label.to_owned(),
                        if line.required { "oui" } else { "non" }.to_owned(),
                        value.as_ref().map(|value| value.text.clone()).unwrap_or_default(),
                        value.map(|value| value.origin.words()).unwrap_or_default(),
                    ]
                })
            })
            .collect(),
    }
}
