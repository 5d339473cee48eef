//! The one table of the fields of a use case: everything that speaks of fields is derived from it.

use crate::vocabulary::VocabularyId;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FieldKind {
    /// One line of at most `max` characters.
    Text {
        /// Longest text, in characters.
        max: usize,
    },
    /// Paragraphs and lists of at most `max` characters.
    Block {
        /// Longest text, in characters.
        max: usize,
    },
    /// A SIRET of fourteen digits.
    Siret,
    /// A number of decimal degrees within bounds.
    Decimal {
        /// Smallest value.
        min: f64,
        /// Largest value.
        max: f64,
    },
    /// One code of a vocabulary.
    Code(VocabularyId),
    /// Any number of codes of a vocabulary.
    Codes(VocabularyId),
    /// At most so many codes of a vocabulary.
    CodesMax(VocabularyId, usize),
    /// Codes of a vocabulary, and a free text beside them.
    CodesText(VocabularyId),
    /// A year, a month or a day.
    Date,
    /// A whole number, never negative.
    Integer,
    /// Organisations with the part they play.
    Partners,
    /// Addresses with a label and who can open them.
    Links,
    /// Addresses of things to reuse, with their kind.
    Resources,
    /// Short free texts, at most so many.
    Names {
        /// Largest number of texts.
        max: usize,
    },
    /// A service mailbox and a role.
    Contact,
}

impl FieldKind {
    /// The vocabulary that the field draws its codes from.
    pub const fn vocabulary(self) -> Option<VocabularyId> {
        match self {
            Self::Code(id) | Self::Codes(id) | Self::CodesMax(id, _) | Self::CodesText(id) => Some(id),
            Self::Resources => Some(VocabularyId::ResourceKind),
            _ => None,
        }
    }

    /// Whether one cell can hold several values.
    pub const fn is_multiple(self) -> bool {
        matches!(
            self,
            Self::Codes(_)
                | Self::CodesMax(..)
                | Self::CodesText(_)
                | Self::Partners
                | Self::Links
                | Self::Resources
                | Self::Names { .. }
        )
    }
}

/// When a field must be filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Requirement {
    /// Never.
    Optional,
    /// To publish, when the project was abandoned.
    WhenAbandoned,
    /// To publish, when decisions have an external effect.
    WhenDecisionExternal,
    /// To publish.
    Publish,
    /// To submit.
    Submit,
}

/// Who may read a field, from the widest circle to the narrowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Visibility {
    /// Everyone.
    Public,
    /// Registered agents.
    Members,
    /// The carrying organisation and moderators.
    Organisation,
    /// Moderators only.
    Moderators,
}

impl Visibility {
    /// What a field declares; without a declaration, moderators only.
    pub(crate) const fn or_moderators(declared: Option<Self>) -> Self {
        match declared {
            Some(visibility) => visibility,
            None => Self::Moderators,
        }
    }

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Members => "members",
            Self::Organisation => "organisation",
            Self::Moderators => "moderators",
        }
    }

    /// French label.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Public => "Publique",
            Self::Members => "Agents inscrits",
            Self::Organisation => "Organisation porteuse",
            Self::Moderators => "Modération",
        }
    }
}

/// Where a field stands in forms, in the data model and on the page of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// Who carries the project.
    Carrier,
    /// What it is.
    Project,
    /// Which policy it serves, for whom.
    Policy,
    /// How it works.
    Algorithm,
    /// What data it uses.
    Data,
    /// What it costs the planet.
    Environment,
    /// Risks, decisions and rights.
    Risk,
    /// What is shared.
    Sharing,
}

impl Section {
    /// Every section, in reading order.
    pub const ALL: [Self; 8] = [
        Self::Carrier,
        Self::Project,
        Self::Policy,
        Self::Algorithm,
        Self::Data,
        Self::Environment,
        Self::Risk,
        Self::Sharing,
    ];

    /// French title.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Carrier => "Porteur",
            Self::Project => "Projet",
            Self::Policy => "Politique publique et publics",
            Self::Algorithm => "Algorithme",
            Self::Data => "Données",
            Self::Environment => "Environnement",
            Self::Risk => "Risques, décisions et droits",
            Self::Sharing => "Partage",
        }
    }
}

/// Everything that is declared about one field.
#[derive(Debug, Clone, Copy)]
pub struct FieldSpec {
    /// The field.
    pub field: Field,
    /// English identifier, used in JSON, native CSV and the API; a dot nests.
    pub id: &'static str,
    /// Name of the column in the historic French files and in the published schema.
    pub column: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// When it must be filled.
    pub requirement: Requirement,
    /// Where it stands.
    pub section: Section,
    /// French label.
    pub label: &'static str,
    /// French help text: intent, form, example.
    pub help: &'static str,
    visibility: Option<Visibility>,
}

impl FieldSpec {
    const fn new(
        field: Field,
        id: &'static str,
        column: &'static str,
        kind: FieldKind,
        requirement: Requirement,
        section: Section,
        label: &'static str,
        help: &'static str,
    ) -> Self {
        Self {
            field,
            id,
            column,
            kind,
            requirement,
            section,
            label,
            help,
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
}
/// A field of a use case or of its carrying organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// `organisation.name`
    OrganisationName,
    /// `organisation.siret`
    OrganisationSiret,
    /// `organisation.kind`
    OrganisationKind,
    /// `organisation.latitude`
    OrganisationLatitude,
    /// `organisation.longitude`
    OrganisationLongitude,
    /// `title`
    Title,
    /// `summary`
    Summary,
    /// `description`
    Description,
    /// `start_date`
    StartDate,
    /// `end_date`
    EndDate,
    /// `maturity`
    Maturity,
    /// `service_usage`
    ServiceUsage,
    /// `abandonment_reason`
    AbandonmentReason,
    /// `partners`
    Partners,
    /// `contact`
    Contact,
    /// `funding`
    Funding,
    /// `budget_band`
    BudgetBand,
    /// `delivery`
    Delivery,
    /// `suppliers`
    Suppliers,
    /// `theme`
    Theme,
    /// `subthemes`
    Subthemes,
    /// `audiences`
    Audiences,
    /// `hosting`
    Hosting,
    /// `algorithm.name`
    AlgorithmName,
    /// `algorithm.description`
    AlgorithmDescription,
    /// `algorithm.operations`
    AlgorithmOperations,
    /// `algorithm.kinds`
    AlgorithmKinds,
    /// `automation_level`
    AutomationLevel,
    /// `data.sources`
    DataSources,
    /// `data.collection`
    DataCollection,
    /// `data.personal`
    DataPersonal,
    /// `environment.statement`
    EnvironmentStatement,
    /// `risk.assessment`
    RiskAssessment,
    /// `risk.category`
    RiskCategory,
    /// `risk.proportionality`
    RiskProportionality,
    /// `decision.scope`
    DecisionScope,
    /// `decision.people`
    DecisionPeople,
    /// `decision.per_year`
    DecisionPerYear,
    /// `legal_basis`
    LegalBasis,
    /// `result_gap`
    ResultGap,
    /// `explainability`
    Explainability,
    /// `bias`
    Bias,
    /// `reversibility`
    Reversibility,
    /// `objection`
    Objection,
    /// `links.info`
    InfoLinks,
    /// `resources`
    Resources,
    /// `source_updated_on`
    SourceUpdatedOn,
    /// `tags`
    Tags,
}

/// Every field, in the order of forms and exports.
#[rustfmt::skip]
pub static FIELDS: &[FieldSpec] = &[
    FieldSpec::new(Field::OrganisationName, "organisation.name", "coll_nom", FieldKind::Text { max: 200 }, Requirement::Submit, Section::Carrier,
        "Nom de la collectivité",
        "Nom usuel de l’organisation qui porte le projet. Choisissez-la dans l’annuaire\u{202f}; un nom absent de l’annuaire sera confirmé ensuite.").public(),
    FieldSpec::new(Field::OrganisationSiret, "organisation.siret", "coll_siret", FieldKind::Siret, Requirement::Publish, Section::Carrier,
        "SIRET",
        "Quatorze chiffres, par exemple 217 500 016 00019. Le SIREN est formé des neuf premiers.").public(),
    FieldSpec::new(Field::OrganisationKind, "organisation.kind", "coll_type", FieldKind::Code(VocabularyId::OrganisationKind), Requirement::Submit, Section::Carrier,
        "Type de collectivité",
        "Statut juridique du porteur.").public(),
    FieldSpec::new(Field::OrganisationLatitude, "organisation.latitude", "latitude", FieldKind::Decimal { min: -90.0, max: 90.0 }, Requirement::Publish, Section::Carrier,
        "Latitude",
        "Latitude du siège, en degrés décimaux (WGS 84), six décimales au plus.").public(),
    FieldSpec::new(Field::OrganisationLongitude, "organisation.longitude", "longitude", FieldKind::Decimal { min: -180.0, max: 180.0 }, Requirement::Publish, Section::Carrier,
        "Longitude",
        "Longitude du siège, en degrés décimaux (WGS 84), six décimales au plus.").public(),
    FieldSpec::new(Field::Title, "title", "nom_projet", FieldKind::Text { max: 150 }, Requirement::Submit, Section::Project,
        "Nom du projet",
        "Nom du projet ou du service, de 3 à 150 caractères.").public(),
    FieldSpec::new(Field::Summary, "summary", "resume", FieldKind::Text { max: 400 }, Requirement::Publish, Section::Project,
        "Résumé",
        "Une ou deux phrases en langage clair, affichées sur la fiche.").public(),
    FieldSpec::new(Field::Description, "description", "usage_description", FieldKind::Block { max: 5000 }, Requirement::Submit, Section::Project,
        "Description du service",
        "À quoi sert le projet, et ce que l’on en attend.").public(),
    FieldSpec::new(Field::StartDate, "start_date", "projet_date", FieldKind::Date, Requirement::Submit, Section::Project,
        "Date de démarrage",
        "Année, mois ou jour\u{a0}: 2024, 2024-03 ou 2024-03-15. La précision donnée est conservée.").public(),
    FieldSpec::new(Field::EndDate, "end_date", "projet_date_fin", FieldKind::Date, Requirement::Optional, Section::Project,
        "Date de fin",
        "Demandée quand le projet est terminé ou abandonné.").public(),
    FieldSpec::new(Field::Maturity, "maturity", "projet_status", FieldKind::Code(VocabularyId::Maturity), Requirement::Submit, Section::Project,
        "Maturité",
        "Où en est le projet.").public(),
    FieldSpec::new(Field::ServiceUsage, "service_usage", "service_usage", FieldKind::Code(VocabularyId::ServiceUsage), Requirement::Optional, Section::Project,
        "En usage aujourd’hui",
        "Le service est-il utilisé aujourd’hui\u{202f}? «\u{a0}Terminé\u{a0}» seul ne le dit pas.").public(),
    FieldSpec::new(Field::AbandonmentReason, "abandonment_reason", "status_abandon", FieldKind::Block { max: 3000 }, Requirement::WhenAbandoned, Section::Project,
        "Raisons de l’abandon",
        "Freins rencontrés et leçons tirées. Réservé aux projets abandonnés.").public(),
    FieldSpec::new(Field::Partners, "partners", "partenaires", FieldKind::Partners, Requirement::Optional, Section::Project,
        "Partenaires",
        "Partenaires académiques, techniques, d’expertise ou financeurs.").public(),
    FieldSpec::new(Field::Contact, "contact", "projet_contact", FieldKind::Contact, Requirement::Optional, Section::Project,
        "Contact",
        "Boîte de service de préférence à l’adresse d’une personne. Jamais affichée aux visiteurs.").members(),
    FieldSpec::new(Field::Funding, "funding", "financement", FieldKind::CodesText(VocabularyId::Funding), Requirement::Optional, Section::Project,
        "Financement",
        "Origine des fonds.").members(),
    FieldSpec::new(Field::BudgetBand, "budget_band", "budget", FieldKind::Code(VocabularyId::Budget), Requirement::Optional, Section::Project,
        "Budget annuel",
        "Ordre de grandeur par an. 50 k€ et 100 k€ tout juste appartiennent à la tranche du milieu.").members(),
    FieldSpec::new(Field::Delivery, "delivery", "mise_en_oeuvre", FieldKind::Codes(VocabularyId::Delivery), Requirement::Submit, Section::Project,
        "Mise en œuvre",
        "Comment le système a été réalisé\u{202f}; plusieurs réponses possibles.").members(),
    FieldSpec::new(Field::Suppliers, "suppliers", "fournisseurs", FieldKind::Names { max: 20 }, Requirement::Optional, Section::Project,
        "Fournisseurs et solutions",
        "Qui fournit quoi.").public(),
    FieldSpec::new(Field::Theme, "theme", "theme", FieldKind::Code(VocabularyId::Theme), Requirement::Submit, Section::Policy,
        "Politique publique",
        "Une seule\u{a0}: celle que le projet sert d’abord.").public(),
    FieldSpec::new(Field::Subthemes, "subthemes", "sous_theme", FieldKind::CodesMax(VocabularyId::Subtheme, 2), Requirement::Optional, Section::Policy,
        "Sous-thèmes",
        "Deux au plus.").public(),
    FieldSpec::new(Field::Audiences, "audiences", "audience_service", FieldKind::Codes(VocabularyId::Audience), Requirement::Submit, Section::Policy,
        "Publics",
        "À qui le service s’adresse.").public(),
    FieldSpec::new(Field::Hosting, "hosting", "herbergement", FieldKind::CodesText(VocabularyId::Hosting), Requirement::Publish, Section::Algorithm,
        "Hébergement",
        "Où tourne le système.").members(),
    FieldSpec::new(Field::AlgorithmName, "algorithm.name", "nom_algorithme", FieldKind::Text { max: 200 }, Requirement::Publish, Section::Algorithm,
        "Nom de l’algorithme",
        "À défaut de nom, la décision préparée\u{a0}: «\u{a0}attribution d’une place en crèche\u{a0}».").members(),
    FieldSpec::new(Field::AlgorithmDescription, "algorithm.description", "algorithme_description", FieldKind::Block { max: 5000 }, Requirement::Optional, Section::Algorithm,
        "Description de l’algorithme",
        "Les tâches qu’il accomplit.").members(),
    FieldSpec::new(Field::AlgorithmOperations, "algorithm.operations", "algorithme_operations", FieldKind::Block { max: 5000 }, Requirement::Optional, Section::Algorithm,
        "Opérations techniques",
        "Les étapes du traitement.").members(),
    FieldSpec::new(Field::AlgorithmKinds, "algorithm.kinds", "type_algorithme", FieldKind::Codes(VocabularyId::AlgorithmKind), Requirement::Publish, Section::Algorithm,
        "Type d’algorithme",
        "Plusieurs réponses possibles.").members(),
    FieldSpec::new(Field::AutomationLevel, "automation_level", "impact_algorithme", FieldKind::Code(VocabularyId::AutomationLevel), Requirement::Optional, Section::Algorithm,
        "Niveau d’automatisation",
        "Part de la décision laissée à la machine.").members(),
    FieldSpec::new(Field::DataSources, "data.sources", "donnees_source", FieldKind::CodesText(VocabularyId::DataSource), Requirement::Publish, Section::Data,
        "Origine des données",
        "D’où viennent les données utilisées.").members(),
    FieldSpec::new(Field::DataCollection, "data.collection", "donnees_acces", FieldKind::CodesText(VocabularyId::DataCollection), Requirement::Publish, Section::Data,
        "Collecte des données",
        "Comment les données sont recueillies.").members(),
    FieldSpec::new(Field::DataPersonal, "data.personal", "donnees_personnelles", FieldKind::Code(VocabularyId::PersonalData), Requirement::Optional, Section::Data,
        "Données personnelles",
        "Le système utilise-t-il des données personnelles\u{202f}?").members(),
    FieldSpec::new(Field::EnvironmentStatement, "environment.statement", "impact_environnement", FieldKind::Block { max: 3000 }, Requirement::Optional, Section::Environment,
        "Impact environnemental",
        "Un chiffre s’accompagne de son unité, de son périmètre, de l’outil, de sa version et de la date.").members(),
    FieldSpec::new(Field::RiskAssessment, "risk.assessment", "risque", FieldKind::Block { max: 3000 }, Requirement::Optional, Section::Risk,
        "Analyse des risques",
        "Méthode suivie, principaux risques et mesures prises.").members(),
    FieldSpec::new(Field::RiskCategory, "risk.category", "risque_categorie", FieldKind::Code(VocabularyId::RiskCategory), Requirement::Optional, Section::Risk,
        "Catégorie de risque",
        "Au sens du règlement européen sur l’IA\u{202f}; déclarée par le porteur.").members(),
    FieldSpec::new(Field::RiskProportionality, "risk.proportionality", "proportionalite", FieldKind::Block { max: 3000 }, Requirement::Optional, Section::Risk,
        "Proportionnalité",
        "Pourquoi l’IA, et comparaison avec une solution sans IA.").members(),
    FieldSpec::new(Field::DecisionScope, "decision.scope", "decision", FieldKind::Code(VocabularyId::DecisionScope), Requirement::Optional, Section::Risk,
        "Portée de la décision",
        "Effet interne ou externe des décisions préparées.").members(),
    FieldSpec::new(Field::DecisionPeople, "decision.people", "audience_decision", FieldKind::Block { max: 1000 }, Requirement::Optional, Section::Risk,
        "Personnes concernées",
        "Qui est touché par la décision.").members(),
    FieldSpec::new(Field::DecisionPerYear, "decision.per_year", "decisions_par_an", FieldKind::Integer, Requirement::Optional, Section::Risk,
        "Décisions par an",
        "Nombre de décisions préparées chaque année.").members(),
    FieldSpec::new(Field::LegalBasis, "legal_basis", "fondement_juridique", FieldKind::Links, Requirement::Optional, Section::Risk,
        "Fondement juridique",
        "Textes sur lesquels repose le traitement.").members(),
    FieldSpec::new(Field::ResultGap, "result_gap", "erreur", FieldKind::Code(VocabularyId::ResultGap), Requirement::Optional, Section::Risk,
        "Écart aux objectifs",
        "Écart entre les objectifs et les résultats.").members(),
    FieldSpec::new(Field::Explainability, "explainability", "explicabilite", FieldKind::Code(VocabularyId::Explainability), Requirement::Optional, Section::Risk,
        "Explicabilité",
        "Difficulté à expliquer le système au public.").members(),
    FieldSpec::new(Field::Bias, "bias", "monitoring_biais", FieldKind::Block { max: 3000 }, Requirement::Optional, Section::Risk,
        "Suivi des biais",
        "Biais recherchés, trouvés et corrigés.").members(),
    FieldSpec::new(Field::Reversibility, "reversibility", "reversibilite", FieldKind::Block { max: 3000 }, Requirement::Optional, Section::Risk,
        "Réversibilité",
        "Peut-on revenir en arrière, et à quel prix.").members(),
    FieldSpec::new(Field::Objection, "objection", "objection", FieldKind::Block { max: 3000 }, Requirement::WhenDecisionExternal, Section::Risk,
        "Recours",
        "Comment contester une décision. Demandé quand la décision a un effet externe.").members(),
    FieldSpec::new(Field::InfoLinks, "links.info", "url_infos", FieldKind::Links, Requirement::Optional, Section::Sharing,
        "Pages d’information",
        "Adresses où en savoir plus, ou mention d’un accès interne.").public(),
    FieldSpec::new(Field::Resources, "resources", "url_ressources", FieldKind::Resources, Requirement::Optional, Section::Sharing,
        "Ressources partagées",
        "Code, données, documents, clauses à réutiliser.").members(),
    FieldSpec::new(Field::SourceUpdatedOn, "source_updated_on", "date", FieldKind::Date, Requirement::Optional, Section::Sharing,
        "Mise à jour par la source",
        "Date donnée par la source, distincte des dates du système.").public(),
    FieldSpec::new(Field::Tags, "tags", "mots_cles", FieldKind::Names { max: 10 }, Requirement::Optional, Section::Sharing,
        "Mots-clés",
        "Dix au plus.").public(),
];

impl Field {
    /// What is declared about the field.
    pub fn spec(self) -> &'static FieldSpec {
        #[expect(
            clippy::as_conversions,
            reason = "the table is in the order of the fields, which a test checks"
        )]
        let position = self as usize;
        FIELDS.get(position).unwrap_or(&UNDECLARED)
    }

    /// The field with this English identifier.
    pub fn by_id(id: &str) -> Option<Self> {
        FIELDS.iter().find(|spec| spec.id == id).map(|spec| spec.field)
    }

    /// Whether the value is held by the organisation, once for all its projects.
    pub const fn is_of_organisation(self) -> bool {
        matches!(
            self,
            Self::OrganisationName
                | Self::OrganisationSiret
                | Self::OrganisationKind
                | Self::OrganisationLatitude
                | Self::OrganisationLongitude
        )
    }
}

static UNDECLARED: FieldSpec = FieldSpec::new(
    Field::Title,
    "",
    "",
    FieldKind::Text { max: 0 },
    Requirement::Optional,
    Section::Project,
    "",
    "",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_and_columns_are_unique_and_every_field_is_declared_where_it_stands() {
        let mut ids: Vec<_> = FIELDS.iter().map(|spec| spec.id).collect();
        let mut columns: Vec<_> = FIELDS.iter().map(|spec| spec.column).collect();
        ids.sort_unstable();
        ids.dedup();
        columns.sort_unstable();
        columns.dedup();
        assert_eq!(ids.len(), FIELDS.len());
        assert_eq!(columns.len(), FIELDS.len());
        for spec in FIELDS {
            assert_eq!(spec.field.spec().id, spec.id);
            assert_eq!(Field::by_id(spec.id), Some(spec.field));
            assert!(!spec.label.is_empty() && !spec.help.is_empty(), "{}", spec.id);
        }
    }

    #[test]
    fn a_field_without_a_declared_visibility_is_for_moderators_only() {
        assert_eq!(UNDECLARED.visibility(), Visibility::Moderators);
    }

    #[test]
    fn submitting_asks_for_no_more_than_the_short_form() {
        let asked: Vec<_> = FIELDS
            .iter()
            .filter(|spec| spec.requirement == Requirement::Submit && !spec.field.is_of_organisation())
            .map(|spec| spec.id)
            .collect();
        assert_eq!(
            asked,
            [
                "title",
                "description",
                "start_date",
                "maturity",
                "delivery",
                "theme",
                "audiences"
            ]
        );
    }
}
