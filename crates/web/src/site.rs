//! What the operator says of the instance: names, licence, legal pages. Everything has a default that a first trial can live with.

pub mod setting;

use serde::{Deserialize, Serialize};
use sobria_catalogue::vocabulary::Labels;

/// Identity and legal texts of the instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Site {
    /// Name of the library, as displayed.
    pub name: String,
    /// Who runs the instance.
    pub operator: String,
    /// Address of the operator's own site.
    pub operator_url: Option<String>,
    /// Mailbox for questions and reports; no link is shown without it.
    pub contact_email: Option<String>,
    /// Licence of the published data.
    pub licence: String,
    /// Address of the licence text.
    pub licence_url: String,
    /// SPDX identifier of the licence.
    pub licence_spdx: String,
    /// Sites that may show results in a frame: their origins, or `*` for any; none closes the frames.
    pub embed_hosts: Vec<String>,
    /// Facts that the legal pages ask for.
    pub legal: Legal,
    /// Texts of the context page.
    pub context: Context,
    /// Answers that moderators start from, one a paragraph; blank leaves those of the program.
    pub replies: String,
    /// Labels that administrators gave to terms of closed lists.
    #[serde(skip)]
    pub labels: Labels,
}

/// Texts of the context page, in the small markup of pages; a blank one leaves the text of the program.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Context {
    /// Why there is a library.
    pub why: String,
    /// How records are made.
    pub how: String,
    /// How to read a record.
    pub reading: String,
}

/// Facts that the legal pages ask for. A blank one is shown as not filled in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Legal {
    /// Publisher: name, form, address.
    pub publisher: String,
    /// Publication director.
    pub director: String,
    /// Host: name, address, telephone.
    pub host: String,
    /// Controller of personal data.
    pub controller: String,
    /// How to reach the data protection officer.
    pub dpo: String,
    /// State of conformity with RGAA: `totale`, `partielle` or `non_conforme`.
    pub accessibility: Conformity,
    /// Rate of criteria met, in percent, when an audit gave one.
    pub accessibility_rate: Option<u8>,
    /// Day of the accessibility statement, as `2026-11-23`.
    pub accessibility_date: String,
}

/// Answers that come up often, unless the operator writes others.
const REPLIES: &str = "Merci pour cette fiche. Pouvez-vous préciser ce point en une ou deux phrases, pour quelqu’un qui ne connaît pas le projet\u{a0}?\n\nLe texte ressemble à une présentation commerciale. Décrivez ce que le service change pour vos agents ou vos habitants, et ce qui a été observé.\n\nIndiquez plutôt une boîte de service que l’adresse d’une personne.\n\nCette adresse ne s’ouvre pas. Vérifiez-la, ou indiquez que l’accès est interne.";
/// Answers offered at most.
const REPLIES_MAX: usize = 20;

/// Why there is a library, unless the operator says it otherwise.
const WHY: &str = "Partout en France, des collectivités essaient l’intelligence artificielle\u{a0}: repérer des fuites d’eau, prévoir les repas des cantines, compter les déchets dans la rue, aider à rédiger des délibérations.\n\nChacune apprend seule. Peu savent ce que leurs systèmes coûtent à la planète, et moins encore peuvent le dire aux habitants, aux acheteurs ou aux élus.\n\nCette bibliothèque rassemble ces projets en un seul endroit, avec les mêmes questions pour tous.";
/// How records are made, unless the operator says it otherwise.
const HOW: &str = "- Chaque fiche est déclarée par l’organisation qui porte le projet.\n- Elle suit le même modèle de données, public et documenté.\n- Une personne de la modération la relit avant publication.\n- Chaque version publiée est conservée avec sa date.\n- Une fiche qui n’a pas été vérifiée depuis six ou douze mois porte la mention «\u{a0}à confirmer\u{a0}».";
/// How to read a record, unless the operator says it otherwise.
const READING: &str = "Les informations publiques sont lisibles par tout le monde. D’autres, comme le budget ou le détail de l’algorithme, sont réservées aux agents inscrits\u{a0}: la fiche dit alors qu’elles existent, sans en montrer le contenu.\n\nCe qui est déclaré engage l’organisation qui le déclare\u{a0}: la bibliothèque vérifie la forme, pas les résultats.";

impl Context {
    /// Why there is a library.
    pub fn why(&self) -> &str {
        or(&self.why, WHY)
    }

    /// How records are made.
    pub fn how(&self) -> &str {
        or(&self.how, HOW)
    }

    /// How to read a record.
    pub fn reading(&self) -> &str {
        or(&self.reading, READING)
    }
}

fn or<'t>(own: &'t str, default: &'t str) -> &'t str {
    if own.trim().is_empty() { default } else { own }
}

/// State of conformity with RGAA. Without a valid audit it is non-conformity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conformity {
    /// Every criterion is met.
    Totale,
    /// At least half of the criteria are met.
    Partielle,
    /// Fewer than half, or no valid audit.
    #[default]
    NonConforme,
}

impl Conformity {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Totale, Self::Partielle, Self::NonConforme];

    /// The code of the configuration.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Totale => "totale",
            Self::Partielle => "partielle",
            Self::NonConforme => "non_conforme",
        }
    }

    /// The state of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// The wording that the law asks for.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Totale => "totalement conforme",
            Self::Partielle => "partiellement conforme",
            Self::NonConforme => "non conforme",
        }
    }
}

/// Stands for the operator who has not said their name.
const UNNAMED: &str = "Exploitant non renseigné";

impl Default for Site {
    fn default() -> Self {
        Self {
            name: "Bibliothèque d’IA territoriale".to_owned(),
            operator: UNNAMED.to_owned(),
            operator_url: None,
            contact_email: None,
            licence: "Licence Ouverte 2.0".to_owned(),
            licence_url: "https://www.etalab.gouv.fr/licence-ouverte-open-licence/".to_owned(),
            licence_spdx: "etalab-2.0".to_owned(),
            embed_hosts: vec!["*".to_owned()],
            legal: Legal::default(),
            context: Context::default(),
            replies: String::new(),
            labels: Labels::new(),
        }
    }
}

impl Site {
    /// The sites that may show results in a frame, as a policy writes them; none when frames are closed.
    ///
    /// # Errors
    /// A sentence that names what is no origin.
    pub fn frame_ancestors(&self) -> Result<Option<String>, String> {
        let is_origin = |text: &str| {
            let host = text
                .strip_prefix("https://")
                .or_else(|| text.strip_prefix("http://"))
                .unwrap_or("");
            let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '*');
            !host.is_empty() && host.chars().all(allowed)
        };
        match self
            .embed_hosts
            .iter()
            .find(|text| text.as_str() != "*" && !is_origin(text))
        {
            Some(wrong) => Err(format!(
                "site.embed_hosts\u{a0}: «\u{a0}{wrong}\u{a0}» n’est pas l’origine d’un site. Attendu\u{a0}: https://www.ville.exemple.fr, ou * pour tous les sites."
            )),
            None => Ok((!self.embed_hosts.is_empty()).then(|| self.embed_hosts.join(" "))),
        }
    }

    /// Answers that moderators start from, as one text.
    pub fn replies_text(&self) -> &str {
        or(&self.replies, REPLIES)
    }

    /// Answers that moderators start from: paragraphs, of which blank lines are the borders.
    pub fn replies(&self) -> Vec<String> {
        self.replies_text()
            .split("\n\n")
            .map(str::trim)
            .filter(|reply| !reply.is_empty())
            .map(str::to_owned)
            .take(REPLIES_MAX)
            .collect()
    }

    /// Whether the operator has said their name.
    pub fn is_named(&self) -> bool {
        let name = self.operator.trim();
        !name.is_empty() && name != UNNAMED
    }

    /// The legal facts that are still blank, by configuration key.
    pub fn blank_legal_facts(&self) -> Vec<&'static str> {
        let operator = if self.is_named() {
            self.operator.as_str()
        } else {
            ""
        };
        [
            ("site.operator", operator),
            ("site.legal.publisher", self.legal.publisher.as_str()),
            ("site.legal.director", self.legal.director.as_str()),
            ("site.legal.host", self.legal.host.as_str()),
            ("site.legal.controller", self.legal.controller.as_str()),
            ("site.legal.dpo", self.legal.dpo.as_str()),
        ]
        .into_iter()
        .filter(|(_, value)| value.trim().is_empty())
        .map(|(key, _)| key)
        .collect()
    }
}
