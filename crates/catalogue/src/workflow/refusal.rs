//! Why something cannot be done, in words for the person who asked.

use jiff::Timestamp;

use crate::draft::{FieldErrors, TooMuch};
use crate::id::UserId;
use crate::rights::Denied;
use crate::use_case::WorkflowStatus;

/// Why a transition is refused. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The person has no right to it.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The values do not pass the rules of the stage.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// The form is larger than is kept.
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
    /// It was handed in before: the receipt is the answer.
    #[error("it was handed in before, under the number {receipt}")]
    AlreadyHandedIn {
        /// Number given then.
        receipt: String,
    },
    /// It cannot be done where the contribution stands.
    #[error("it cannot be done while the contribution is {}", .status.code())]
    NotNow {
        /// Where it stands.
        status: WorkflowStatus,
    },
    /// This kind of contribution has no such step.
    #[error("this kind of contribution has no such step")]
    NotThisKind,
    /// A moderator must claim it first.
    #[error("it must be claimed first")]
    ClaimFirst,
    /// Another moderator reads it.
    #[error("another moderator reads it until {until}")]
    Claimed {
        /// Who.
        moderator: UserId,
        /// Until when.
        until: Timestamp,
    },
    /// A moderator does not approve what they wrote, unless they are alone.
    #[error("a moderator does not approve their own contribution")]
    OwnContribution,
    /// The public record changed since it was read.
    #[error("the public record changed meanwhile: its revision is now {current:?}")]
    RecordMoved {
        /// Number of the public revision.
        current: Option<u32>,
    },
    /// The record is not public.
    #[error("the record is not published")]
    NotPublished,
    /// The new version says what the public one says.
    #[error("nothing differs from the public version")]
    NothingChanged,
    /// What is to be changed must be said.
    #[error("a comment is needed")]
    CommentNeeded,
    /// A reason must be given.
    #[error("a reason is needed")]
    TextNeeded,
    /// A comment or a reason is too long.
    #[error("a text of more than {max} characters")]
    TextTooLong {
        /// Longest text, in characters.
        max: usize,
    },
    /// A refusal is appealed once.
    #[error("the refusal was appealed before")]
    AppealedBefore,
}

impl Refusal {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Denied(denied) => denied.code(),
            Self::Invalid(_) => "invalid",
            Self::TooMuch(_) => "too-much",
            Self::AlreadyHandedIn { .. } => "already-handed-in",
            Self::NotNow { .. } => "not-now",
            Self::NotThisKind => "not-this-kind",
            Self::ClaimFirst => "claim-first",
            Self::Claimed { .. } => "claimed",
            Self::OwnContribution => "own-contribution",
            Self::RecordMoved { .. } => "record-moved",
            Self::NotPublished => "not-published",
            Self::NothingChanged => "nothing-changed",
            Self::CommentNeeded => "comment-needed",
            Self::TextNeeded => "text-needed",
            Self::TextTooLong { .. } => "text-too-long",
            Self::AppealedBefore => "appealed-before",
        }
    }

    /// Whether somebody else's change is the cause: reading the present state again shows it.
    pub fn is_conflict(&self) -> bool {
        matches!(
            self,
            Self::AlreadyHandedIn { .. }
                | Self::NotNow { .. }
                | Self::Claimed { .. }
                | Self::RecordMoved { .. }
        )
    }

    /// French sentence: why, and what to do.
    pub fn message(&self) -> String {
        match self {
            Self::Denied(denied) => denied.message().to_owned(),
            Self::Invalid(errors) if errors.len() == 1 => "Une valeur est à corriger avant de continuer.".to_owned(),
            Self::Invalid(errors) => format!("{} valeurs sont à corriger avant de continuer.", errors.len()),
            Self::TooMuch(much) => much.message(),
            Self::AlreadyHandedIn { receipt } => format!(
                "Cette contribution a déjà été envoyée, sous le numéro {receipt}. Il n’y a rien d’autre à faire."
            ),
            Self::NotNow { status } => format!(
                "Cette action n’est pas possible : la contribution est « {} ». Rechargez la page pour voir où elle en est.",
                status.label()
            ),
            Self::NotThisKind => {
                "Cette action concerne les fiches, pas les confirmations ni les demandes d’archivage.".to_owned()
            }
            Self::ClaimFirst => "Prenez d’abord cette contribution en charge.".to_owned(),
            Self::Claimed { .. } => {
                "Une autre personne de la modération a pris cette contribution en charge ; elle sera libérée au plus \
                 tard 48 heures après."
                    .to_owned()
            }
            Self::OwnContribution => {
                "Vous avez écrit cette contribution : une autre personne de la modération doit l’approuver.".to_owned()
            }
            Self::RecordMoved { .. } => {
                "La fiche publiée a changé pendant votre lecture. Relisez les différences, puis décidez de nouveau."
                    .to_owned()
            }
            Self::NotPublished => "Cette fiche n’est pas publiée.".to_owned(),
            Self::NothingChanged => {
                "Rien ne diffère de la fiche publiée. Pour dire qu’elle est toujours exacte, choisissez « Rien n’a \
                 changé »."
                    .to_owned()
            }
            Self::CommentNeeded => {
                "Dites ce qui est à changer, champ par champ : au moins un commentaire est nécessaire.".to_owned()
            }
            Self::TextNeeded => "Donnez une raison\u{a0}: la personne qui contribue la recevra.".to_owned(),
            Self::TextTooLong { max } => format!("Le texte dépasse {max} caractères. Raccourcissez-le."),
            Self::AppealedBefore => {
                "Un recours a déjà été déposé pour ce refus. Écrivez à l’équipe de la bibliothèque.".to_owned()
            }
        }
    }
}
