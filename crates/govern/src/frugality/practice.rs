//! The shape of a practice.

use serde::{Deserialize, Serialize};

use crate::source::Confidence;

/// A practice, from `bp01` to `bp15`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PracticeId(u8);

impl PracticeId {
    /// The practice of a number from 1 to 15.
    ///
    /// ```
    /// use sobria_govern::frugality::PracticeId;
    /// assert_eq!(PracticeId::new(3).unwrap().code(), "bp03");
    /// assert!(PracticeId::new(16).is_none());
    /// ```
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if number >= 1 && number <= 15 {
            Some(Self(number))
        } else {
            None
        }
    }

    pub(super) const fn known(number: u8) -> Self {
        Self(number)
    }

    /// Number from 1 to 15.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Stable code.
    #[must_use]
    pub fn code(self) -> String {
        format!("bp{:02}", self.0)
    }

    /// The practice of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        code.strip_prefix("bp")
            .filter(|digits| digits.len() == 2)
            .and_then(|digits| digits.parse().ok())
            .and_then(Self::new)
    }
}

impl From<PracticeId> for String {
    fn from(id: PracticeId) -> Self {
        id.code()
    }
}

impl TryFrom<String> for PracticeId {
    type Error = String;

    fn try_from(code: String) -> Result<Self, String> {
        Self::from_code(&code).ok_or(format!("\"{code}\" is not a practice: expected bp01 to bp15"))
    }
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$item:meta])* $variant:ident = $id:literal, $label:literal;)+ })+) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$item])* $variant,)+ }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $id,)+ }
            }

            /// Words for pages.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)+ }
            }
        }
    )+ };
}

words! {
    /// A group of practices.
    Pillar {
        /// Machines.
        Hardware = "hardware", "Matériel et hébergement";
        /// Need, models, code.
        Software = "software", "Besoin, modèles et logiciels";
        /// Data.
        Data = "data", "Données";
        /// Evaluation.
        Evaluation = "evaluation", "Évaluation et partage";
        /// Governance.
        Governance = "governance", "Gouvernance";
    }

    /// Where a practice is answered.
    Scope {
        /// Once per project.
        Project = "project", "Projet";
        /// Once per organisation, then inherited.
        Organisation = "org", "Organisation";
    }

    /// Who carries a practice.
    Who {
        /// Supplier.
        Supplier = "supplier", "Fournisseur";
        /// Computing department.
        ItDepartment = "it_department", "DSI";
        /// Department that needs the service.
        BusinessOwner = "business_owner", "Direction métier";
        /// Project lead.
        ProjectManager = "project_manager", "Chef de projet";
        /// Technical team.
        Developer = "developer", "Équipe technique";
        /// Data lead.
        DataManager = "data_manager", "Responsable données";
        /// Data protection officer.
        Dpo = "dpo", "DPO";
        /// Digital sustainability lead.
        SustainabilityLead = "sustainability_lead", "Référent numérique responsable";
        /// Elected member.
        ElectedOfficial = "elected_official", "Élu";
        /// Designer.
        ProductDesigner = "product_designer", "Concepteur";
        /// Communication.
        Communication = "communication", "Communication";
        /// Human resources.
        Hr = "hr", "Ressources humaines";
        /// Executive.
        Executive = "executive", "Direction générale";
    }
}

/// One practice, in the words of this project.
#[derive(Debug, Clone, Copy)]
pub struct Practice {
    /// Which one.
    pub id: PracticeId,
    /// Group.
    pub pillar: Pillar,
    /// Title.
    pub title: &'static str,
    /// Weight in the figures.
    pub weight: u8,
    /// Where it is answered.
    pub scope: Scope,
    /// When it may be without object; none when it always applies.
    pub not_applicable: Option<&'static str>,
    /// Who carries it.
    pub who: &'static [Who],
    /// Why it matters.
    pub why: &'static str,
    /// What each level from 1 to 4 means.
    pub levels: [&'static str; 4],
    /// What can prove it.
    pub evidence: &'static [&'static str],
    /// Where its title comes from.
    pub source: &'static str,
    /// How surely that title is known.
    pub confidence: Confidence,
}

impl Practice {
    /// The practice of an identifier.
    #[must_use]
    pub fn of(id: PracticeId) -> Option<&'static Self> {
        super::table::PRACTICES.iter().find(|practice| practice.id == id)
    }

    /// What a level means; none beyond 4.
    ///
    /// ```
    /// use sobria_govern::frugality::{Practice, PracticeId};
    /// let practice = Practice::of(PracticeId::new(15).unwrap()).unwrap();
    /// assert_eq!(practice.level(1), Some("Nom proposé."));
    /// assert_eq!(practice.level(0), Some("Rien à ce jour."));
    /// ```
    #[must_use]
    pub fn level(&self, level: u8) -> Option<&'static str> {
        match level {
            0 => Some("Rien à ce jour."),
            level => self.levels.get(usize::from(level) - 1).copied(),
        }
    }
}

/// The name of a level, the same for every practice.
#[must_use]
pub const fn level_name(level: u8) -> &'static str {
    match level {
        0 => "Rien",
        1 => "Déclaré",
        2 => "Appliqué",
        3 => "Mesuré et relu",
        _ => "Systématique et partagé",
    }
}
