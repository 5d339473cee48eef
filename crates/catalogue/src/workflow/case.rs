//! What is decided on: one contribution, from the first word to the decision.

use jiff::{SignedDuration, Timestamp};

use crate::content::Content;
use crate::draft::DraftInput;
use crate::field::Field;
use crate::id::{ContributionId, OrganisationId, UseCaseId, UserId};
use crate::organisation::Organisation;
use crate::rights::Owner;
use crate::use_case::WorkflowStatus;

/// How long a claim keeps other moderators out.
pub const CLAIM_HOURS: i64 = 48;

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident => $code:literal, $label:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$each])* $variant,)*
        }

        impl $name {
            /// Every case, in the order of forms.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Stable code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// Reads the code.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }

            /// French label.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }
        }
    };
}

codes! {
    /// What a contribution asks for.
    Kind {
        /// A new record, or a new version of one.
        Content => "content", "Fiche";
        /// That a record still holds: nothing changed.
        Review => "review", "Rien n’a changé";
        /// That a record be archived.
        Archive => "archive", "Archivage";
    }
}

codes! {
    /// Why a contribution is refused.
    RejectionReason {
        /// The project is in the library already.
        Duplicate => "duplicate", "Projet déjà présent dans la bibliothèque";
        /// It is no project of artificial intelligence of a local authority.
        OutOfScope => "out_of_scope", "Hors du champ de la bibliothèque";
        /// It promotes a product.
        Promotion => "promotion", "Texte promotionnel";
        /// It cannot be checked.
        Unverifiable => "unverifiable", "Informations invérifiables";
        /// It holds personal data or confidential matters.
        Confidential => "confidential", "Données personnelles ou confidentielles";
        /// Something else, said in words.
        Other => "other", "Autre raison";
    }
}

codes! {
    /// Why a record was taken away, as its address says.
    WithdrawalClass {
        /// A duty of the law.
        Legal => "legal", "Obligation légale";
        /// It held personal data.
        PersonalData => "personal_data", "Protection des données personnelles";
        /// Its organisation asked for it.
        Request => "request", "À la demande de l’organisation";
        /// It should not have been published.
        Mistake => "mistake", "Publication par erreur";
    }
}

codes! {
    /// What an organisation may publish without waiting for a moderator.
    Trust {
        /// Nothing.
        None => "none", "Tout passe par la modération";
        /// Small corrections, and that nothing changed.
        SmallChanges => "small_changes", "Petites corrections et confirmations publiées sans attendre";
    }
}

/// A moderator who reads a contribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Who.
    pub moderator: UserId,
    /// Since when.
    pub at: Timestamp,
}

impl Claim {
    /// Until when others are kept out.
    pub fn until(&self) -> Timestamp {
        self.at
            .checked_add(SignedDuration::from_hours(CLAIM_HOURS))
            .unwrap_or(Timestamp::MAX)
    }

    /// Whether others are kept out.
    pub fn holds(&self, now: Timestamp) -> bool {
        now < self.until()
    }
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Who decided; none when the trust in the organisation did.
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
    /// Why it was refused.
    pub reason: Option<RejectionReason>,
    /// What the moderator wrote to the author.
    pub text: String,
}

/// What a moderator asks to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The field; none for the whole.
    pub field: Option<Field>,
    /// What is asked.
    pub text: String,
}

/// How lists name a contribution.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Heading {
    /// Title of the project; empty while there is none.
    pub title: String,
    /// Code of the theme.
    pub theme: Option<String>,
    /// Name of the carrier; empty while there is none.
    pub organisation: String,
}

/// A contribution: what somebody writes about a record, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Identifier.
    pub id: ContributionId,
    /// The record that it makes or changes.
    pub use_case: UseCaseId,
    /// What it asks for.
    pub kind: Kind,
    /// Who writes it; none for what an import brought.
    pub author: Option<UserId>,
    /// The carrier, while the library knows it.
    pub organisation: Option<OrganisationId>,
    /// The identifier of the carrier that would be made.
    pub new_organisation: OrganisationId,
    /// Number of the public revision that it was handed in against; none for a record that is not public.
    pub base: Option<u32>,
    /// Where it stands.
    pub status: WorkflowStatus,
    /// The form as typed.
    pub values: DraftInput,
    /// How lists name it.
    pub heading: Heading,
    /// Grows with each change: a change is made on the version that was read, or not at all.
    pub version: u32,
    /// How many times it was handed in.
    pub submissions: u32,
    /// Number given to the author when it was first handed in.
    pub receipt: Option<String>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was first handed in.
    pub first_submitted_at: Option<Timestamp>,
    /// When it was last handed in.
    pub submitted_at: Option<Timestamp>,
    /// Who reads it.
    pub claim: Option<Claim>,
    /// What was decided last.
    pub verdict: Option<Verdict>,
    /// What its author answered to a refusal, or why the record should be archived.
    pub statement: String,
    /// Whether a refusal was appealed.
    pub appealed: bool,
}

impl Case {
    /// Whose it is.
    pub fn owner(&self) -> Owner {
        Owner {
            organisation: self.organisation,
            author: self.author,
        }
    }

    /// Whether something may still become of it.
    pub const fn is_open(&self) -> bool {
        matches!(
            self.status,
            WorkflowStatus::Draft
                | WorkflowStatus::Submitted
                | WorkflowStatus::InReview
                | WorkflowStatus::ChangesRequested
        )
    }
}

/// A copy made when a contribution was handed in; never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Which time it was handed in; the first is 1.
    pub number: u32,
    /// The form as it was.
    pub values: DraftInput,
    /// Who handed it in.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// A version that becomes public.
#[derive(Debug, Clone, PartialEq)]
pub struct Publication {
    /// The values.
    pub content: Content,
    /// The carrier, as it must be kept.
    pub organisation: Organisation,
    /// Share of the fields that are filled, 0 to 100.
    pub completeness: u8,
    /// Number of the public revision that it replaces.
    pub replaces: Option<u32>,
    /// Reason, as the public history shows it.
    pub reason: &'static str,
}

/// What becomes of the record itself.
#[derive(Debug, Clone, PartialEq)]
pub enum RecordChange {
    /// It gets a public version.
    Publish(Box<Publication>),
    /// It was said to hold on a day.
    Review(jiff::civil::Date),
    /// It leaves the default search.
    Archive,
    /// It was never public, and will not be.
    Refuse,
}
