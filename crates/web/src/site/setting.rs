//! What an administrator may change on the site: each setting by its configuration key, how it is checked, and how it is
//! laid over the configuration.

use std::collections::BTreeMap;

use sobria_catalogue::account::Email;
use sobria_catalogue::text::clean_line;
use sobria_catalogue::vocabulary::VocabularyId;

use super::{Conformity, Site};

/// Values made on the site, by configuration key.
pub type Overrides = BTreeMap<String, String>;

/// How a setting is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One line.
    Line,
    /// A mailbox.
    Email,
    /// An address of the web.
    Url,
    /// Several lines.
    Text,
    /// A long text in the small markup of pages.
    Prose,
    /// State of conformity.
    Conformity,
    /// Whole number from 0 to 100.
    Percent,
    /// A day.
    Day,
}

/// A setting that may be changed on the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Configuration key.
    pub key: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// Where it shows and what it must say.
    pub hint: &'static str,
    /// How it is written.
    pub kind: Kind,
}

const fn setting(key: &'static str, label: &'static str, hint: &'static str, kind: Kind) -> Setting {
    Setting {
        key,
        label,
        hint,
        kind,
    }
}

/// Every setting, in the order of the form.
pub const SETTINGS: [Setting; 15] = [
    setting(
        "site.operator",
        "Organisme qui exploite le site",
        "En pied de page et dans les déclarations.",
        Kind::Line,
    ),
    setting(
        "site.operator_url",
        "Son site",
        "Commence par https://",
        Kind::Url,
    ),
    setting(
        "site.contact_email",
        "Adresse de contact",
        "Une boîte de service, pour les questions et les signalements.",
        Kind::Email,
    ),
    setting(
        "site.legal.publisher",
        "Éditeur",
        "Nom, forme juridique, adresse, téléphone.",
        Kind::Text,
    ),
    setting(
        "site.legal.director",
        "Direction de la publication",
        "Nom et fonction.",
        Kind::Text,
    ),
    setting(
        "site.legal.host",
        "Hébergeur",
        "Nom, adresse, téléphone.",
        Kind::Text,
    ),
    setting(
        "site.legal.controller",
        "Responsable du traitement",
        "Organisme et adresse.",
        Kind::Text,
    ),
    setting(
        "site.legal.dpo",
        "Délégué à la protection des données",
        "Comment l’atteindre.",
        Kind::Text,
    ),
    setting(
        "site.legal.accessibility",
        "État de conformité au RGAA",
        "Sans audit en cours de validité\u{a0}: non conforme.",
        Kind::Conformity,
    ),
    setting(
        "site.legal.accessibility_rate",
        "Taux de critères respectés (%)",
        "Celui de l’audit, de 0 à 100.",
        Kind::Percent,
    ),
    setting(
        "site.legal.accessibility_date",
        "Jour de la déclaration d’accessibilité",
        "Année, mois et jour, par exemple 2026-11-23.",
        Kind::Day,
    ),
    setting(
        "site.context.why",
        "Page Contexte\u{a0}: pourquoi une bibliothèque",
        "Paragraphes, listes (- ), **gras** et [liens](https://…).",
        Kind::Prose,
    ),
    setting(
        "site.context.how",
        "Page Contexte\u{a0}: comment les fiches sont faites",
        "Même écriture.",
        Kind::Prose,
    ),
    setting(
        "site.context.reading",
        "Page Contexte\u{a0}: comment lire une fiche",
        "Même écriture.",
        Kind::Prose,
    ),
    setting(
        "site.replies",
        "Modération\u{a0}: réponses courantes",
        "Proposées quand une fiche est renvoyée à son auteur. Une par paragraphe, séparées par une ligne vide\u{202f}; vingt au plus.",
        Kind::Prose,
    ),
];

/// Longest line, in characters.
const LINE_MAX: usize = 300;
/// Longest text of a legal page, in characters.
const TEXT_MAX: usize = 1000;
/// Longest text of the context page, in characters.
const PROSE_MAX: usize = 5000;

impl Setting {
    /// Longest value, in characters.
    pub const fn max(&self) -> usize {
        match self.kind {
            Kind::Text => TEXT_MAX,
            Kind::Prose => PROSE_MAX,
            Kind::Percent | Kind::Day | Kind::Conformity => 20,
            Kind::Line | Kind::Email | Kind::Url => LINE_MAX,
        }
    }

    /// The value of a site, as it is typed.
    pub fn of(&self, site: &Site) -> String {
        match self.key {
            "site.operator" => site.operator.clone(),
            "site.operator_url" => site.operator_url.clone().unwrap_or_default(),
            "site.contact_email" => site.contact_email.clone().unwrap_or_default(),
            "site.legal.publisher" => site.legal.publisher.clone(),
            "site.legal.director" => site.legal.director.clone(),
            "site.legal.host" => site.legal.host.clone(),
            "site.legal.controller" => site.legal.controller.clone(),
            "site.legal.dpo" => site.legal.dpo.clone(),
            "site.legal.accessibility" => site.legal.accessibility.code().to_owned(),
            "site.legal.accessibility_rate" => site
                .legal
                .accessibility_rate
                .map(|rate| rate.to_string())
                .unwrap_or_default(),
            "site.legal.accessibility_date" => site.legal.accessibility_date.clone(),
            "site.context.why" => site.context.why().to_owned(),
            "site.context.how" => site.context.how().to_owned(),
            "site.context.reading" => site.context.reading().to_owned(),
            "site.replies" => site.replies_text().to_owned(),
            _ => String::new(),
        }
    }

    fn set(&self, site: &mut Site, value: &str) {
        let optional = || (!value.is_empty()).then(|| value.to_owned());
        let value = || value.to_owned();
        match self.key {
            "site.operator" => site.operator = value(),
            "site.operator_url" => site.operator_url = optional(),
            "site.contact_email" => site.contact_email = optional(),
            "site.legal.publisher" => site.legal.publisher = value(),
            "site.legal.director" => site.legal.director = value(),
            "site.legal.host" => site.legal.host = value(),
            "site.legal.controller" => site.legal.controller = value(),
            "site.legal.dpo" => site.legal.dpo = value(),
            "site.legal.accessibility" => {
                if let Some(state) = Conformity::from_code(&value()) {
                    site.legal.accessibility = state;
                }
            }
            "site.legal.accessibility_rate" => site.legal.accessibility_rate = value().parse().ok(),
            "site.legal.accessibility_date" => site.legal.accessibility_date = value(),
            "site.context.why" => site.context.why = value(),
            "site.context.how" => site.context.how = value(),
            "site.context.reading" => site.context.reading = value(),
            "site.replies" => site.replies = value(),
            _ => {}
        }
    }

    /// What is kept of what was typed; blank stands for the value of the configuration.
    ///
    /// # Errors
    /// The sentence that says what is wrong and gives an example.
    pub fn read(&self, typed: &str) -> Result<String, String> {
        let text: String = typed
            .replace("\r\n", "\n")
            .chars()
            .filter(|c| !c.is_control() || *c == '\n')
            .collect();
        let text = match self.kind {
            Kind::Text | Kind::Prose => text.trim().to_owned(),
            _ => clean_line(&text),
        };
        if text.is_empty() {
            return Ok(text);
        }
        if text.chars().count() > self.max() {
            return Err(format!(
                "«\u{a0}{}\u{a0}» compte {} caractères\u{a0}: {} au plus.",
                self.label,
                text.chars().count(),
                self.max()
            ));
        }
        let wrong = |expected: &str| {
            Err(format!(
                "«\u{a0}{text}\u{a0}» ne convient pas\u{a0}: attendu {expected}."
            ))
        };
        match self.kind {
            Kind::Line | Kind::Text | Kind::Prose => {}
            Kind::Email if Email::parse(&text).is_err() => {
                return wrong("une adresse électronique, par exemple contact@ville.fr");
            }
            Kind::Url if !is_address(&text) => {
                return wrong("une adresse qui commence par https:// ou http://");
            }
            Kind::Conformity if Conformity::from_code(&text).is_none() => {
                return wrong("un état de la liste");
            }
            Kind::Percent if !text.parse::<u8>().is_ok_and(|rate| rate <= 100) => {
                return wrong("un nombre entier de 0 à 100");
            }
            Kind::Day if text.parse::<jiff::civil::Date>().is_err() => {
                return wrong("un jour, par exemple 2026-11-23");
            }
            Kind::Email | Kind::Url | Kind::Conformity | Kind::Percent | Kind::Day => {}
        }
        Ok(text)
    }
}

fn is_address(text: &str) -> bool {
    ["https://", "http://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme))
        .is_some_and(|rest| {
            !rest.is_empty()
                && !rest.starts_with('/')
                && !rest.contains(|c: char| c.is_whitespace() || "\"<>@".contains(c))
        })
}

/// What the keys of labels begin with: the list and the code follow, each after a full stop.
const LABEL: &str = "label.";

/// The key of the label of a term.
pub fn label_key(list: VocabularyId, code: &str) -> String {
    format!("{LABEL}{}.{code}", list.id())
}

/// The term whose label a key names.
pub fn labelled(key: &str) -> Option<(VocabularyId, &str)> {
    let (list, code) = key.strip_prefix(LABEL)?.split_once('.')?;
    Some((VocabularyId::from_id(list)?, code))
}

/// The configuration with what was changed on the site laid over it.
pub fn overlay(configuration: &Site, overrides: &Overrides) -> Site {
    let mut site = configuration.clone();
    for (key, label) in overrides {
        if let Some((list, code)) = labelled(key) {
            site.labels.insert((list, code.to_owned()), label.clone());
        }
    }
    for setting in &SETTINGS {
        if let Some(value) = overrides.get(setting.key) {
            setting.set(&mut site, value);
        }
    }
    site
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_laid_over_and_read_back() {
        for setting in &SETTINGS {
            let value = match setting.kind {
                Kind::Email => "contact@ville.fr",
                Kind::Url => "https://ville.fr",
                Kind::Conformity => "partielle",
                Kind::Percent => "71",
                Kind::Day => "2026-11-23",
                Kind::Line | Kind::Text | Kind::Prose => "Une valeur",
            };
            assert_eq!(setting.read(value), Ok(value.to_owned()), "{}", setting.key);
            let overrides = Overrides::from([(setting.key.to_owned(), value.to_owned())]);
            let site = overlay(&Site::default(), &overrides);
            assert_eq!(setting.of(&site), value, "{}", setting.key);
            assert_ne!(site, Site::default(), "{}", setting.key);
        }
        assert_eq!(overlay(&Site::default(), &Overrides::new()), Site::default());
    }

    #[test]
    fn what_cannot_be_shown_is_refused_with_an_example() {
        let of = |key: &str| *SETTINGS.iter().find(|setting| setting.key == key).unwrap();
        for (key, typed) in [
            ("site.contact_email", "pas une adresse"),
            ("site.operator_url", "javascript:alert(1)"),
            ("site.operator_url", "https://"),
            ("site.legal.accessibility", "parfait"),
            ("site.legal.accessibility_rate", "140"),
            ("site.legal.accessibility_date", "hier"),
        ] {
            assert!(of(key).read(typed).is_err(), "{key} {typed}");
        }
        assert!(of("site.context.why").read(&"a".repeat(5001)).is_err());
        assert_eq!(
            of("site.operator").read("  Ville\u{7} \n de Metz "),
            Ok("Ville de Metz".to_owned())
        );
    }
}
