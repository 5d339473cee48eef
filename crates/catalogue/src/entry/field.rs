//! The one table of the fields of entries: forms, pages, files and the API are derived from it.

use super::EntryKind;
use super::EntryKind::{Governance, Meeting, Resource, Solution, Supplier};
use crate::field::Visibility;
use crate::vocabulary::{Vocabularies, VocabularyId};

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryInput {
    /// One line of at most so many characters.
    Line(usize),
    /// Paragraphs and lists of at most so many characters.
    Block(usize),
    /// One short text a line, of at most so many characters together.
    Names(usize),
    /// One code of a short list: code, label.
    Choice(&'static [(&'static str, &'static str)]),
    /// One code of a vocabulary.
    Term(VocabularyId),
    /// An address of the web.
    Url,
    /// A service mailbox.
    Email,
    /// A year, a month or a day.
    Date,
    /// A day and an hour in mainland France.
    Moment,
    /// A SIREN.
    Siren,
}

/// Everything that is declared about one field.
#[derive(Debug, Clone, Copy)]
pub struct EntrySpec {
    /// The field.
    pub field: EntryField,
    /// English identifier: JSON, files, names of inputs.
    pub id: &'static str,
    /// French label.
    pub label: &'static str,
    /// French help text.
    pub help: &'static str,
    /// What it holds.
    pub input: EntryInput,
    /// Entries that have it.
    pub kinds: &'static [EntryKind],
    /// Entries that cannot be handed in without it.
    pub required: &'static [EntryKind],
    visibility: Option<Visibility>,
}

impl EntrySpec {
    const fn new(
        field: EntryField,
        id: &'static str,
        label: &'static str,
        help: &'static str,
        input: EntryInput,
        kinds: &'static [EntryKind],
        required: &'static [EntryKind],
    ) -> Self {
        Self {
            field,
            id,
            label,
            help,
            input,
            kinds,
            required,
            visibility: None,
        }
    }

    const fn public(mut self) -> Self {
        self.visibility = Some(Visibility::Public);
        self
    }

    const fn members(mut self) -> Self {
        self.visibility = Some(Visibility::Members);
        self
    }

    /// Who may read the field. A field declared without a visibility is for moderators only.
    pub const fn visibility(&self) -> Visibility {
        Visibility::or_moderators(self.visibility)
    }

    /// Codes and labels to choose from, when the field is a choice.
    pub fn options(&self, vocabularies: &Vocabularies) -> Vec<(&'static str, &'static str)> {
        match self.input {
            EntryInput::Choice(list) => list.to_vec(),
            EntryInput::Term(id) => vocabularies
                .get(id)
                .terms()
                .iter()
                .map(|term| (term.code, term.label))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The words of a code, or the text itself when the field is no choice.
    pub fn words<'v>(&self, value: &'v str, vocabularies: &Vocabularies) -> &'v str {
        self.options(vocabularies)
            .into_iter()
            .find(|(code, _)| *code == value)
            .map_or(value, |(_, label)| label)
    }
}

macro_rules! entry_fields {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A field of an entry.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum EntryField {
            $($(#[$doc])* $name,)*
        }

        impl EntryField {
            /// Every field, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name,)*];
        }
    };
}

entry_fields! {
    /// `title`
    Title,
    /// `governance_kind`
    GovernanceKind,
    /// `resource_kind`
    ResourceKind,
    /// `meeting_kind`
    MeetingKind,
    /// `supplier_kind`
    SupplierKind,
    /// `summary`
    Summary,
    /// `description`
    Description,
    /// `starts_at`
    StartsAt,
    /// `ends_at`
    EndsAt,
    /// `place`
    Place,
    /// `organiser`
    Organiser,
    /// `state`
    State,
    /// `date`
    Date,
    /// `theme`
    Theme,
    /// `supplier`
    SupplierName,
    /// `openness`
    Openness,
    /// `siren`
    Siren,
    /// `aliases`
    Aliases,
    /// `licence`
    Licence,
    /// `downloadable`
    Downloadable,
    /// `website`
    Website,
    /// `contact`
    Contact,
    /// `reach`
    Reach,
}

impl EntryField {
    /// What the table declares about it.
    pub fn spec(self) -> &'static EntrySpec {
        let table: &'static [EntrySpec] = ENTRY_FIELDS;
        // The order of the table is that of the enumeration, which a test checks.
        match table.get(Self::ALL.iter().position(|field| *field == self).unwrap_or(0)) {
            Some(spec) => spec,
            None => &FIRST,
        }
    }

    /// Reads the identifier.
    pub fn from_id(id: &str) -> Option<Self> {
        ENTRY_FIELDS
            .iter()
            .find(|spec| spec.id == id)
            .map(|spec| spec.field)
    }

    /// The fields of a kind of entry, in the order of forms.
    pub fn of(kind: EntryKind) -> impl Iterator<Item = Self> {
        ENTRY_FIELDS
            .iter()
            .filter(move |spec| spec.kinds.contains(&kind))
            .map(|spec| spec.field)
    }
}

const EVERY: &[EntryKind] = &EntryKind::ALL;

/// Kinds of governance initiatives.
pub const GOVERNANCE_KINDS: &[(&str, &str)] = &[
    ("charter", "Charte"),
    ("strategy", "Stratégie"),
    ("committee", "Comité"),
    ("doctrine", "Doctrine"),
    ("training", "Formation"),
    ("consultation", "Concertation"),
    ("referent", "Référent"),
    ("purchase_clause", "Clause d’achat"),
];

/// Kinds of meetings.
pub const MEETING_KINDS: &[(&str, &str)] = &[
    ("working_group", "Groupe de travail"),
    ("training", "Formation"),
    ("webinar", "Webinaire"),
    ("conference", "Rencontre"),
];

const SUPPLIER_KINDS: &[(&str, &str)] = &[
    ("company", "Entreprise"),
    ("association", "Association"),
    ("public", "Organisme public"),
    ("research", "Laboratoire de recherche"),
    ("other", "Autre"),
];

const STATES: &[(&str, &str)] = &[("planned", "Prévu"), ("cancelled", "Annulé")];

const OPENNESS: &[(&str, &str)] = &[
    ("open", "Logiciel libre"),
    ("proprietary", "Logiciel propriétaire"),
    ("mixed", "En partie libre"),
];

/// Licences of resources.
pub const LICENCES: &[(&str, &str)] = &[
    ("etalab-2.0", "Licence Ouverte 2.0"),
    ("odbl-1.0", "ODbL 1.0"),
    ("cc0-1.0", "CC0 1.0"),
    ("cc-by-4.0", "CC BY 4.0"),
    ("cc-by-sa-4.0", "CC BY-SA 4.0"),
    ("eupl-1.2", "EUPL 1.2"),
    ("mit", "MIT"),
    ("apache-2.0", "Apache 2.0"),
    ("gpl-3.0", "GPL 3.0"),
    ("agpl-3.0", "AGPL 3.0"),
    ("other", "Autre, dite dans la description"),
    ("none", "Aucune\u{a0}: réutilisation à demander"),
];

const DOWNLOADABLE: &[(&str, &str)] = &[
    ("yes", "Oui, par tous"),
    ("on_request", "Sur demande"),
    ("no", "Non\u{a0}: l’adresse présente un produit"),
];

const REACHES: &[(&str, &str)] = &[("public", "Tous"), ("member", "Agents inscrits seulement")];

const FIRST: EntrySpec = EntrySpec::new(
    EntryField::Title,
    "title",
    "Nom",
    "De 3 à 150 caractères, sans sigle que d’autres ne connaîtraient pas.",
    EntryInput::Line(150),
    EVERY,
    EVERY,
)
.public();

/// The table.
pub const ENTRY_FIELDS: &[EntrySpec] = &[
    FIRST,
    EntrySpec::new(
        EntryField::GovernanceKind,
        "governance_kind",
        "Nature",
        "Ce que c’est d’abord\u{202f}; le reste peut être dit dans la description.",
        EntryInput::Choice(GOVERNANCE_KINDS),
        &[Governance],
        &[Governance],
    )
    .public(),
    EntrySpec::new(
        EntryField::ResourceKind,
        "resource_kind",
        "Nature",
        "Ce que d’autres trouveront à l’adresse donnée.",
        EntryInput::Term(VocabularyId::ResourceKind),
        &[Resource],
        &[Resource],
    )
    .public(),
    EntrySpec::new(
        EntryField::MeetingKind,
        "meeting_kind",
        "Nature",
        "",
        EntryInput::Choice(MEETING_KINDS),
        &[Meeting],
        &[Meeting],
    )
    .public(),
    EntrySpec::new(
        EntryField::SupplierKind,
        "supplier_kind",
        "Nature",
        "",
        EntryInput::Choice(SUPPLIER_KINDS),
        &[Supplier],
        &[],
    )
    .public(),
    EntrySpec::new(
        EntryField::Summary,
        "summary",
        "En deux phrases",
        "Ce que quelqu’un d’une autre collectivité doit savoir d’abord. 400 caractères au plus.",
        EntryInput::Line(400),
        EVERY,
        EVERY,
    )
    .public(),
    EntrySpec::new(
        EntryField::Description,
        "description",
        "Description",
        "Paragraphes, listes qui commencent par un tiret, mots en gras entre deux astérisques.",
        EntryInput::Block(5000),
        EVERY,
        &[],
    )
    .public(),
    EntrySpec::new(
        EntryField::StartsAt,
        "starts_at",
        "Début",
        "Heure de Paris. Exemple\u{a0}: 2026-12-03T14:00.",
        EntryInput::Moment,
        &[Meeting],
        &[Meeting],
    )
    .public(),
    EntrySpec::new(
        EntryField::EndsAt,
        "ends_at",
        "Fin",
        "Heure de Paris, après le début.",
        EntryInput::Moment,
        &[Meeting],
        &[],
    )
    .public(),
    EntrySpec::new(
        EntryField::Place,
        "place",
        "Lieu",
        "Adresse, ou «\u{a0}en ligne\u{a0}».",
        EntryInput::Line(200),
        &[Meeting],
        &[Meeting],
    )
    .public(),
    EntrySpec::new(
        EntryField::Organiser,
        "organiser",
        "Organisé par",
        "Un organisme, pas une personne.",
        EntryInput::Line(200),
        &[Meeting],
        &[],
    )
    .public(),
    EntrySpec::new(
        EntryField::State,
        "state",
        "État",
        "Un rendez-vous annulé reste affiché, et les agendas abonnés l’apprennent.",
        EntryInput::Choice(STATES),
        &[Meeting],
        &[],
    )
    .public(),
    EntrySpec::new(
        EntryField::Date,
        "date",
        "Date",
        "Adoption, mise en place ou publication\u{a0}: une année, un mois ou un jour. Exemples\u{a0}: 2025, 2025-03, 12/03/2025.",
        EntryInput::Date,
        &[Governance, Resource],
        &[],
    )
    .public(),
    EntrySpec::new(
        EntryField::Theme,
        "theme",
        "Politique publique",
        "S’il y en a une seule\u{202f}; sinon laissez vide.",
        EntryInput::Term(VocabularyId::Theme),
        &[Governance, Resource, Solution],
        &[],
    )
    .public(),
    EntrySpec::new(
        EntryField::SupplierName,
        "supplier",
        "Fournisseur",
        "Son nom exact\u{a0}: il mènera à sa page si elle existe.",
        EntryInput::Line(200),
        &[Solution],
        &[],
    )
    .public(),
    EntrySpec::new(
        EntryField::Openness,
        "openness",
        "Logiciel",
        "",
        EntryInput::Choice(OPENNESS),
        &[Solution],
        &[],
    )
    .public(),
    EntrySpec::new(
        EntryField::Siren,
        "siren",
        "SIREN",
        "Neuf chiffres, pour un organisme français.",
        EntryInput::Siren,
        &[Supplier],
        &[],
    )
    .public(),
    EntrySpec::new(
        EntryField::Aliases,
        "aliases",
        "Autres noms",
        "Un par ligne\u{a0}: anciens noms, sigles, noms commerciaux.",
        EntryInput::Names(500),
        &[Solution, Supplier],
        &[],
    )
    .public(),
    EntrySpec::new(
        EntryField::Licence,
        "licence",
        "Licence",
        "Ce que d’autres ont le droit d’en faire.",
        EntryInput::Choice(LICENCES),
        &[Resource],
        &[Resource],
    )
    .public(),
    EntrySpec::new(
        EntryField::Downloadable,
        "downloadable",
        "Le code est-il téléchargeable\u{202f}?",
        "Pour du code source seulement. Une page qui présente un produit n’en est pas.",
        EntryInput::Choice(DOWNLOADABLE),
        &[Resource],
        &[],
    )
    .public(),
    EntrySpec::new(
        EntryField::Website,
        "website",
        "Adresse",
        "Page qui la présente ou permet de l’obtenir. Exemple\u{a0}: https://www.ville.example/charte.",
        EntryInput::Url,
        EVERY,
        &[],
    )
    .public(),
    EntrySpec::new(
        EntryField::Contact,
        "contact",
        "Contact",
        "Boîte d’un service plutôt que d’une personne.",
        EntryInput::Email,
        &[Governance, Resource],
        &[],
    )
    .members(),
    EntrySpec::new(
        EntryField::Reach,
        "reach",
        "Qui peut la lire\u{202f}?",
        "Une fois publiée.",
        EntryInput::Choice(REACHES),
        &[Resource],
        &[Resource],
    )
    .public(),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_follows_the_enumeration_and_identifiers_are_unique() {
        let fields: Vec<EntryField> = ENTRY_FIELDS.iter().map(|spec| spec.field).collect();
        assert_eq!(fields, EntryField::ALL);
        let ids: std::collections::BTreeSet<_> = ENTRY_FIELDS.iter().map(|spec| spec.id).collect();
        assert_eq!(ids.len(), ENTRY_FIELDS.len());
        for spec in ENTRY_FIELDS {
            assert_eq!(EntryField::from_id(spec.id), Some(spec.field));
            assert_eq!(spec.field.spec().id, spec.id);
            assert!(
                spec.required.iter().all(|kind| spec.kinds.contains(kind)),
                "{}",
                spec.id
            );
        }
    }

    #[test]
    fn a_field_without_a_declared_visibility_is_for_moderators_only() {
        let bare = EntrySpec::new(EntryField::Title, "x", "x", "", EntryInput::Url, EVERY, &[]);
        assert_eq!(bare.visibility(), Visibility::Moderators);
    }
}
