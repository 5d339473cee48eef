//! Links between records: what they mean from either side, which records they join, and which are refused.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use uuid::Uuid;

use crate::entry::EntryKind;
use crate::id::{LinkId, UserId};

/// Longest remark on a link, in characters.
pub const NOTE_MAX: usize = 300;

/// What stands at one end of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// A use case.
    UseCase,
    /// A governance initiative.
    Governance,
    /// A resource.
    Resource,
    /// A solution.
    Solution,
    /// A supplier.
    Supplier,
}

impl RecordKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::UseCase,
        Self::Governance,
        Self::Resource,
        Self::Solution,
        Self::Supplier,
    ];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::UseCase => "use_case",
            Self::Governance => "governance",
            Self::Resource => "resource",
            Self::Solution => "solution",
            Self::Supplier => "supplier",
        }
    }

    /// Reads the code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The kind of an entry; none for those that no link joins.
    pub const fn of(kind: EntryKind) -> Option<Self> {
        match kind {
            EntryKind::Governance => Some(Self::Governance),
            EntryKind::Resource => Some(Self::Resource),
            EntryKind::Solution => Some(Self::Solution),
            EntryKind::Supplier => Some(Self::Supplier),
            EntryKind::Meeting | EntryKind::News => None,
        }
    }

    /// First part of the addresses of its pages.
    pub const fn path(self) -> &'static str {
        match self {
            Self::UseCase => "/cas-usages",
            Self::Governance => EntryKind::Governance.path(),
            Self::Resource => EntryKind::Resource.path(),
            Self::Solution => EntryKind::Solution.path(),
            Self::Supplier => EntryKind::Supplier.path(),
        }
    }

    /// French name of one.
    pub const fn label(self) -> &'static str {
        match self {
            Self::UseCase => "Cas d’usage",
            Self::Governance => EntryKind::Governance.label(),
            Self::Resource => EntryKind::Resource.label(),
            Self::Solution => EntryKind::Solution.label(),
            Self::Supplier => EntryKind::Supplier.label(),
        }
    }
}

/// One end of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct End {
    /// What stands there.
    pub kind: RecordKind,
    /// Its identifier.
    pub id: Uuid,
}

/// What a link says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkKind {
    /// The idea came from there.
    InspiredBy,
    /// A part of it is used again.
    ReusesComponent,
    /// Both are made with the same solution.
    SameSolution,
    /// It comes after, in its place.
    SuccessorOf,
    /// It belongs to a wider one.
    PartOf,
    /// It follows that charter, that committee.
    GovernedBy,
    /// Both describe the same thing.
    DuplicateOf,
    /// It is made with that solution.
    UsesSolution,
    /// That supplier provides it.
    ProvidedBy,
    /// It comes with that record.
    AttachedTo,
}

use RecordKind::{Governance, Resource, Solution, Supplier, UseCase};

impl LinkKind {
    /// Every kind, in the order of pages.
    pub const ALL: [Self; 10] = [
        Self::SuccessorOf,
        Self::PartOf,
        Self::InspiredBy,
        Self::ReusesComponent,
        Self::UsesSolution,
        Self::SameSolution,
        Self::GovernedBy,
        Self::ProvidedBy,
        Self::AttachedTo,
        Self::DuplicateOf,
    ];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::InspiredBy => "inspired_by",
            Self::ReusesComponent => "reuses_component",
            Self::SameSolution => "same_solution",
            Self::SuccessorOf => "successor_of",
            Self::PartOf => "part_of",
            Self::GovernedBy => "governed_by",
            Self::DuplicateOf => "duplicate_of",
            Self::UsesSolution => "uses_solution",
            Self::ProvidedBy => "provided_by",
            Self::AttachedTo => "attached_to",
        }
    }

    /// Reads the code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// What it says on the page of the record that it leaves from.
    pub const fn label(self) -> &'static str {
        match self {
            Self::InspiredBy => "S’inspire de",
            Self::ReusesComponent => "Réutilise une partie de",
            Self::SameSolution => "Même solution que",
            Self::SuccessorOf => "Prend la suite de",
            Self::PartOf => "Fait partie de",
            Self::GovernedBy => "Encadré par",
            Self::DuplicateOf => "Décrit la même chose que",
            Self::UsesSolution => "Utilise la solution",
            Self::ProvidedBy => "Fourni par",
            Self::AttachedTo => "Accompagne",
        }
    }

    /// What it says on the page of the record that it leads to.
    pub const fn inverse(self) -> &'static str {
        match self {
            Self::InspiredBy => "A inspiré",
            Self::ReusesComponent => "Réutilisé en partie par",
            Self::SameSolution => Self::SameSolution.label(),
            Self::SuccessorOf => "Remplacé par",
            Self::PartOf => "Comprend",
            Self::GovernedBy => "Encadre",
            Self::DuplicateOf => Self::DuplicateOf.label(),
            Self::UsesSolution => "Utilisée par",
            Self::ProvidedBy => "Fournit",
            Self::AttachedTo => "Ressources jointes",
        }
    }

    /// Whether it says the same from both sides.
    pub const fn is_symmetric(self) -> bool {
        matches!(self, Self::SameSolution | Self::DuplicateOf)
    }

    /// Whether following such links must never lead back.
    pub const fn is_acyclic(self) -> bool {
        matches!(self, Self::SuccessorOf | Self::PartOf)
    }

    /// The pairs of records that it joins: from, to.
    pub const fn pairs(self) -> &'static [(RecordKind, RecordKind)] {
        match self {
            Self::InspiredBy => &[(UseCase, UseCase), (Governance, Governance)],
            Self::ReusesComponent => &[(UseCase, UseCase), (UseCase, Resource), (Resource, Resource)],
            Self::SameSolution => &[(UseCase, UseCase)],
            Self::SuccessorOf | Self::DuplicateOf => &[
                (UseCase, UseCase),
                (Governance, Governance),
                (Resource, Resource),
                (Solution, Solution),
                (Supplier, Supplier),
            ],
            Self::PartOf => &[
                (UseCase, UseCase),
                (Governance, Governance),
                (Resource, Resource),
                (Solution, Solution),
            ],
            Self::GovernedBy => &[(UseCase, Governance)],
            Self::UsesSolution => &[(UseCase, Solution)],
            Self::ProvidedBy => &[(Solution, Supplier)],
            Self::AttachedTo => &[(Resource, UseCase), (Resource, Governance), (Resource, Solution)],
        }
    }

    /// The kinds that can leave from a record.
    pub fn leaving(from: RecordKind) -> impl Iterator<Item = Self> {
        Self::ALL
            .into_iter()
            .filter(move |kind| kind.pairs().iter().any(|(start, _)| *start == from))
    }
}

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Identifier.
    pub id: LinkId,
    /// What it says.
    pub kind: LinkKind,
    /// Where it leaves from.
    pub from: End,
    /// Where it leads.
    pub to: End,
    /// A remark; may be blank.
    pub note: String,
    /// Who proposed it.
    pub author: Option<UserId>,
    /// When it was proposed.
    pub made_at: Timestamp,
    /// When a moderator agreed; none while nobody did.
    pub published_at: Option<Timestamp>,
}

impl Link {
    /// The other end, and what the link says when read from `here`; none when it does not touch it.
    pub fn seen_from(&self, here: End) -> Option<(End, &'static str)> {
        if self.from == here {
            Some((self.to, self.kind.label()))
        } else if self.to == here {
            Some((self.from, self.kind.inverse()))
        } else {
            None
        }
    }
}

/// Why a link is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkRefusal {
    /// Both ends are the same record.
    #[error("a record cannot be linked to itself")]
    Itself,
    /// This kind does not join such records.
    #[error("this kind of link does not join such records")]
    Ends,
    /// The same link exists already.
    #[error("the link exists already")]
    Known,
    /// Links of this kind would lead back to where they left.
    #[error("the link would close a circle")]
    Circle,
}

impl LinkRefusal {
    /// French sentence: why, and what to do.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Itself => {
                "Une fiche ne peut pas être liée à elle-même. Donnez l’adresse d’une autre fiche."
            }
            Self::Ends => {
                "Ce lien ne convient pas entre ces deux fiches. Choisissez-en un autre, ou une autre fiche."
            }
            Self::Known => "Ce lien existe déjà, ou attend une relecture.",
            Self::Circle => {
                "Ce lien tournerait en rond\u{a0}: l’autre fiche mène déjà à celle-ci par des liens du même genre."
            }
        }
    }
}

/// The two ends as they are kept: those of a kind that says the same from both sides have one order.
pub fn ordered(kind: LinkKind, from: End, to: End) -> (End, End) {
    if kind.is_symmetric() && to < from {
        (to, from)
    } else {
        (from, to)
    }
}

/// Whether a link may be made beside the others of its kind, published or proposed.
///
/// # Errors
/// The reason, when it may not.
pub fn check(kind: LinkKind, from: End, to: End, others: &[(End, End)]) -> Result<(), LinkRefusal> {
    if from == to {
        return Err(LinkRefusal::Itself);
    }
    if !kind.pairs().contains(&(from.kind, to.kind)) {
        return Err(LinkRefusal::Ends);
    }
    if others.contains(&ordered(kind, from, to)) {
        return Err(LinkRefusal::Known);
    }
    if kind.is_acyclic() && leads(others, to, from) {
        return Err(LinkRefusal::Circle);
    }
    Ok(())
}

/// Whether following links from `start` reaches `goal`.
fn leads(links: &[(End, End)], start: End, goal: End) -> bool {
    let mut next: BTreeMap<End, Vec<End>> = BTreeMap::new();
    for (from, to) in links {
        next.entry(*from).or_default().push(*to);
    }
    let mut seen = BTreeSet::from([start]);
    let mut ahead = vec![start];
    while let Some(here) = ahead.pop() {
        if here == goal {
            return true;
        }
        for end in next.get(&here).into_iter().flatten() {
            if seen.insert(*end) {
                ahead.push(*end);
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn case(number: u128) -> End {
        End {
            kind: UseCase,
            id: Uuid::from_u128(number),
        }
    }

    #[test]
    fn a_record_is_never_linked_to_itself_nor_to_what_the_kind_does_not_join() {
        let charter = End {
            kind: Governance,
            id: Uuid::from_u128(9),
        };
        for kind in LinkKind::ALL {
            assert_eq!(check(kind, case(1), case(1), &[]), Err(LinkRefusal::Itself));
        }
        assert_eq!(check(LinkKind::GovernedBy, case(1), charter, &[]), Ok(()));
        assert_eq!(
            check(LinkKind::GovernedBy, charter, case(1), &[]),
            Err(LinkRefusal::Ends)
        );
        assert_eq!(
            check(LinkKind::ProvidedBy, case(1), case(2), &[]),
            Err(LinkRefusal::Ends)
        );
    }

    #[test]
    fn the_same_link_is_made_once_from_either_side_when_it_has_none() {
        let others = [ordered(LinkKind::SameSolution, case(2), case(1))];
        for (from, to) in [(case(1), case(2)), (case(2), case(1))] {
            assert_eq!(
                check(LinkKind::SameSolution, from, to, &others),
                Err(LinkRefusal::Known)
            );
        }
        assert_eq!(
            check(LinkKind::InspiredBy, case(2), case(1), &[(case(1), case(2))]),
            Ok(())
        );
    }

    #[test]
    fn each_kind_has_words_for_both_sides_and_says_the_same_only_when_symmetric() {
        let codes: BTreeSet<_> = LinkKind::ALL.map(LinkKind::code).into_iter().collect();
        assert_eq!(codes.len(), LinkKind::ALL.len());
        for kind in LinkKind::ALL {
            assert_eq!(LinkKind::from_code(kind.code()), Some(kind));
            assert_eq!(kind.label() == kind.inverse(), kind.is_symmetric(), "{kind:?}");
            if kind.is_symmetric() {
                assert!(kind.pairs().iter().all(|(from, to)| from == to));
            }
        }
    }

    proptest! {
        /// Successions and parts never lead back to where they left, in whatever order links are proposed.
        #[test]
        fn links_that_must_not_turn_round_never_do(asked in proptest::collection::vec((0..6_u128, 0..6_u128), 0..40)) {
            let mut kept: Vec<(End, End)> = Vec::new();
            for (from, to) in asked {
                let (from, to) = (case(from), case(to));
                if check(LinkKind::SuccessorOf, from, to, &kept).is_ok() {
                    kept.push((from, to));
                }
            }
            for (from, to) in &kept {
                prop_assert!(!leads(&kept, *to, *from));
            }
        }
    }
}
