//! The public sheet: sections in order, what is filled, what is missing. A blank section is shown, never hidden.

use sobria_catalogue::evaluation::{Amount, Evaluation};
use sobria_catalogue::field::Field;
use sobria_estimate::french::significant;

use super::risk::classify;
use super::value::{Dossier, Facts, Origin, Sourced, value, words_of};

/// Who may read a line of the sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Anyone.
    Public,
    /// Registered agents, by choice of the carrier.
    Members,
}

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Identifier.
    pub id: &'static str,
    /// Words.
    pub label: &'static str,
    /// Value; none when it is not filled.
    pub value: Option<Sourced>,
    /// Whether it must be filled to publish.
    pub required: bool,
    /// Who may read it.
    pub audience: Audience,
    /// The question that fills it, when there is one.
    pub question: Option<&'static str>,
}

/// One section.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Letter.
    pub letter: &'static str,
    /// Title.
    pub title: &'static str,
    /// Lines; those without object here are left out.
    pub lines: Vec<Line>,
}

/// The sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// Sections, from A to K.
    pub sections: Vec<Section>,
    /// Required lines.
    pub required: u32,
    /// Required lines that are filled.
    pub filled: u32,
}

impl Sheet {
    /// Filled over required, in hundredths.
    #[must_use]
    pub fn score(&self) -> f64 {
        100.0 * f64::from(self.filled) / f64::from(self.required.max(1))
    }

    /// Required lines that are not filled.
    pub fn missing(&self) -> impl Iterator<Item = &Line> {
        self.sections
            .iter()
            .flat_map(|section| &section.lines)
            .filter(|line| line.required && line.value.is_none())
    }
}

/// Makes the sheet of a project, from what a reader may read.
#[must_use]
pub fn sheet(facts: &Facts<'_>, dossier: &Dossier) -> Sheet {
    let sections = sections(facts, dossier);
    let lines = || {
        sections
            .iter()
            .flat_map(|section| &section.lines)
            .filter(|line| line.required)
    };
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let required = count(lines().count());
    let filled = count(lines().filter(|line| line.value.is_some()).count());
    Sheet {
        sections,
        required,
        filled,
    }
}

struct Writer<'a> {
    facts: &'a Facts<'a>,
    dossier: &'a Dossier,
    lines: Vec<Line>,
}

impl Writer<'_> {
    fn put(&mut self, id: &'static str, label: &'static str, required: bool, value: Option<Sourced>) {
        self.lines.push(Line {
            id,
            label,
            value,
            required,
            audience: Audience::Public,
            question: None,
        });
    }

    fn field(&mut self, id: &'static str, label: &'static str, required: bool, field: Field) {
        let value = Sourced::new(
            words_of(self.facts.content, field, self.facts.vocabularies),
            Origin::Record(field),
        );
        self.put(id, label, required, value);
    }

    fn ask(&mut self, id: &'static str, label: &'static str, required: bool) {
        let value = value(id, self.facts, self.dossier);
        self.lines.push(Line {
            id,
            label,
            value,
            required,
            audience: Audience::Public,
            question: Some(id),
        });
    }

    fn take(&mut self, letter: &'static str, title: &'static str) -> Section {
        Section {
            letter,
            title,
            lines: std::mem::take(&mut self.lines),
        }
    }
}

fn sections(facts: &Facts<'_>, dossier: &Dossier) -> Vec<Section> {
    let mut write = Writer {
        facts,
        dossier,
        lines: Vec::new(),
    };
    let content = facts.content;
    let maturity = content.code(Field::Maturity);
    let library = |text: String| Sourced::new(text, Origin::Library);
    let mut all = Vec::new();

    write.field("title", "Titre", true, Field::Title);
    write.field("summary", "Résumé", true, Field::Summary);
    write.field("maturity", "État", true, Field::Maturity);
    write.field("start_date", "Démarrage", true, Field::StartDate);
    write.put(
        "carrier",
        "Porteur",
        true,
        library(facts.organisation.name.clone()),
    );
    write.ask("public_contact", "Contact", true);
    all.push(write.take("A", "En bref"));

    write.ask("need", "Besoin", true);
    write.field("theme", "Politique publique", true, Field::Theme);
    write.field("audiences", "Public", true, Field::Audiences);
    write.ask("alternatives", "Solutions écartées", false);
    write.ask("why_ai", "Pourquoi l’IA", true);
    all.push(write.take("B", "À quoi ça sert"));

    write.ask("automation", "Niveau d’automatisation", true);
    write.ask("individual_decision", "Décision individuelle", true);
    write.ask("human_oversight", "Contrôle humain", true);
    write.ask("decisions_per_year", "Décisions par an", false);
    write.ask("legal_basis", "Fondement juridique", false);
    all.push(write.take("C", "Place dans la décision"));

    write.ask("algorithm_kinds", "Type", true);
    write.ask("operations", "Opérations", true);
    write.ask("model", "Modèle et version", false);
    write.ask("supplier", "Fournisseur", false);
    write.ask("rules_url", "Règles publiées", false);
    write.ask("code_url", "Code", false);
    write.ask("limits", "Limites connues", true);
    all.push(write.take("D", "Comment ça marche"));

    write.ask("data_sources", "Origine", true);
    write.ask("data_collection", "Collecte", true);
    write.ask("personal_data", "Données personnelles", true);
    write.ask("retention", "Conservation", false);
    write.ask("dpia_status", "AIPD", false);
    write.ask("dpia_date", "Date de l’AIPD", false);
    write.ask("dpia_summary", "Résumé de l’AIPD", false);
    all.push(write.take("E", "Données"));

    let presumption = classify(dossier, Some(facts));
    let class = presumption
        .class
        .map(|class| format!("{}. {}", class.label(), presumption.reasons.join(" ")));
    write.put(
        "risk_class",
        "Classe présumée et motif",
        true,
        class.and_then(|text| Sourced::new(text, Origin::Dossier)),
    );
    write.ask("notices", "Information des personnes", false);
    write.ask("objection", "Recours", true);
    write.ask("bias", "Biais testés", false);
    write.ask("monitoring", "Surveillance et incidents", false);
    all.push(write.take("F", "Risques et droits"));

    environment(&mut write);
    all.push(write.take("G", "Environnement"));

    write.ask("hosting", "Lieu", true);
    write.ask("operator", "Hébergeur", false);
    write.ask("pue", "PUE", false);
    all.push(write.take("H", "Hébergement"));

    for (id, label, field) in [
        ("budget_band", "Budget annuel", Field::BudgetBand),
        ("funding", "Financement", Field::Funding),
    ] {
        write.field(id, label, false, field);
        if let Some(line) = write.lines.last_mut() {
            line.audience = Audience::Members;
        }
    }
    write.ask("clauses", "Clauses retenues", false);
    all.push(write.take("I", "Coût et achat"));

    write.ask("benefits", "Bénéfices mesurés", false);
    write.ask("failures", "Ce qui n’a pas marché", false);
    if maturity == Some("abandonne") {
        write.field(
            "abandonment_reason",
            "Motif d’arrêt",
            true,
            Field::AbandonmentReason,
        );
    }
    all.push(write.take("J", "Résultats"));

    write.put(
        "version",
        "Version de la fiche",
        true,
        library(format!(
            "{}, du {}",
            facts.version,
            crate::document::french_day(facts.updated_on)
        )),
    );
    write.put("licence", "Licence", true, library(facts.licence.to_owned()));
    write.put(
        "identifier",
        "Identifiant stable",
        true,
        library(facts.identifier.to_owned()),
    );
    all.push(write.take("K", "Traçabilité"));
    all
}

fn environment(write: &mut Writer<'_>) {
    let newest = write.facts.evaluations.first();
    let of = |text: Option<String>| text.and_then(|text| Sourced::new(text, Origin::Estimate));
    let unit = value("unit", write.facts, write.dossier).or_else(|| of(newest.map(|one| one.title.clone())));
    write.lines.push(Line {
        id: "unit",
        label: "Unité fonctionnelle",
        value: unit,
        required: true,
        audience: Audience::Public,
        question: Some("unit"),
    });
    write.put(
        "energy",
        "Énergie",
        true,
        of(newest.map(|one| footprint(one, one.energy_kwh, "kWh"))),
    );
    write.put(
        "gwp",
        "Gaz à effet de serre",
        true,
        of(newest.map(|one| footprint(one, one.gwp_kg, "kg CO₂e"))),
    );
    write.put(
        "perimeter",
        "Périmètre",
        true,
        of(newest.map(|one| {
            let place = "exploitation, centre de données";
            match usize::try_from(one.requests_per_year).unwrap_or(usize::MAX) {
                0 => place.to_owned(),
                1 => format!("{place}\u{202f}; une exécution par an"),
                many => format!(
                    "{place}\u{202f}; {} unités par an",
                    sobria_catalogue::text::count(many)
                ),
            }
        })),
    );
    write.put(
        "method",
        "Méthode et version",
        true,
        of(newest.map(|one| {
            format!(
                "{} {}, tables {}",
                one.method, one.method_version, one.reference_version
            )
        })),
    );
}

/// A year and one unit, each with its bounds: two digits, as no estimate holds more.
fn footprint(evaluation: &Evaluation, amount: Amount, unit: &str) -> String {
    let range = |over: f64| {
        format!(
            "de {} à {}\u{a0}{unit}",
            significant(amount.low / over, 2),
            significant(amount.high / over, 2)
        )
    };
    let year = format!("{} par an", range(1.0));
    let count = i32::try_from(evaluation.requests_per_year).map_or(0.0, f64::from);
    // What runs once a year is the year: it says nothing of one unit.
    if count < 2.0 {
        return year;
    }
    format!("{year}\u{202f}; {} par unité", range(count))
}
