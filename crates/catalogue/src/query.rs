//! What a reader asks of the library: text, filters, order, page.

use crate::id::OrganisationId;
use crate::vocabulary::VocabularyId;

/// The facets that readers filter by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Facet {
    /// Public policy.
    Theme,
    /// Part of a public policy.
    Subtheme,
    /// Kind of carrier.
    OrganisationKind,
    /// Public served.
    Audience,
    /// How far the project has come.
    Maturity,
    /// Whether it is used today.
    ServiceUsage,
    /// Département of the carrier.
    Departement,
    /// Région of the carrier.
    Region,
    /// Population band of the carrier.
    Population,
    /// Year of the start.
    StartYear,
    /// How the footprint that everyone may read was found: by estimate, by measure.
    Evaluation,
    /// What everyone may take away and use again: code, data, models.
    OpenResource,
    /// The same with what only members read; members only.
    SharedResource,
    /// Solution or supplier, by name.
    Solution,
    /// Family of algorithm; members only.
    AlgorithmKind,
}

impl Facet {
    /// Every facet, in the order of the page.
    pub const ALL: [Self; 15] = [
        Self::Theme,
        Self::Subtheme,
        Self::OrganisationKind,
        Self::Audience,
        Self::Maturity,
        Self::ServiceUsage,
        Self::Departement,
        Self::Region,
        Self::Population,
        Self::StartYear,
        Self::Evaluation,
        Self::OpenResource,
        Self::SharedResource,
        Self::Solution,
        Self::AlgorithmKind,
    ];

    /// English identifier, used by the API.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Theme => "theme",
            Self::Subtheme => "subtheme",
            Self::OrganisationKind => "kind",
            Self::Audience => "audience",
            Self::Maturity => "maturity",
            Self::ServiceUsage => "service_usage",
            Self::Departement => "departement",
            Self::Region => "region",
            Self::Population => "population",
            Self::StartYear => "start_year",
            Self::Evaluation => "evaluation",
            Self::OpenResource => "open_resource",
            Self::SharedResource => "shared_resource",
            Self::Solution => "solution",
            Self::AlgorithmKind => "algorithm_kind",
        }
    }

    /// The field whose visibility decides who may filter by the facet, when it is a field of the record.
    pub const fn field(self) -> Option<crate::field::Field> {
        use crate::field::Field;
        match self {
            Self::Theme => Some(Field::Theme),
            Self::Subtheme => Some(Field::Subthemes),
            Self::OrganisationKind => Some(Field::OrganisationKind),
            Self::Audience => Some(Field::Audiences),
            Self::Maturity => Some(Field::Maturity),
            Self::ServiceUsage => Some(Field::ServiceUsage),
            Self::StartYear => Some(Field::StartDate),
            Self::SharedResource => Some(Field::Resources),
            Self::AlgorithmKind => Some(Field::AlgorithmKinds),
            Self::Solution => Some(Field::Suppliers),
            Self::Departement | Self::Region | Self::Population | Self::Evaluation | Self::OpenResource => {
                None
            }
        }
    }

    /// The closed list that the codes come from.
    pub fn vocabulary(self) -> Option<VocabularyId> {
        match self {
            Self::OpenResource => Some(VocabularyId::ResourceKind),
            _ => self.field().and_then(|field| field.spec().kind.vocabulary()),
        }
    }

    /// Whether the values are names that people write, rather than codes: any spelling, or a part, asks for them.
    pub const fn is_written(self) -> bool {
        matches!(self, Self::Solution)
    }

    /// Whether a reader of `level` may filter by the facet and see its counts.
    ///
    /// A filter on a field one may not read would tell what the field holds.
    pub fn is_open_to(self, level: crate::access::Level) -> bool {
        self.field()
            .is_none_or(|field| level.may_read(field.spec().visibility()))
    }
}

/// The order of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Sort {
    /// Best match first; recent first when there is no text.
    #[default]
    Relevance,
    /// Last updated by its source first.
    Recent,
    /// Title, A to Z.
    Title,
    /// Organisation, A to Z, then title.
    Organisation,
    /// Latest start first.
    Start,
    /// Most complete first.
    Completeness,
}

impl Sort {
    /// Every order, as offered.
    pub const ALL: [Self; 6] = [
        Self::Relevance,
        Self::Recent,
        Self::Title,
        Self::Organisation,
        Self::Start,
        Self::Completeness,
    ];

    /// English identifier, used by the API.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Relevance => "relevance",
            Self::Recent => "recent",
            Self::Title => "title",
            Self::Organisation => "organisation",
            Self::Start => "start",
            Self::Completeness => "completeness",
        }
    }

    /// Reads the identifier.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.id() == id)
    }
}

/// One question put to the library. Values are codes; unknown ones match nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
pub struct CatalogueQuery {
    /// Words and quoted phrases.
    pub text: String,
    /// Wanted codes per facet: any of them inside a facet, all facets together.
    pub filters: Vec<(Facet, Vec<String>)>,
    /// First year of start wanted.
    pub year_from: Option<i16>,
    /// Last year of start wanted.
    pub year_to: Option<i16>,
    /// Only the projects of this organisation.
    pub organisation: Option<OrganisationId>,
    /// Order.
    pub sort: Sort,
    /// Number of results to pass over.
    pub offset: usize,
    /// Largest number of results wanted.
    pub limit: usize,
}

impl CatalogueQuery {
    /// The codes wanted for a facet.
    pub fn wanted(&self, facet: Facet) -> &[String] {
        self.filters
            .iter()
            .find(|(f, _)| *f == facet)
            .map_or(&[], |(_, codes)| codes.as_slice())
    }

    /// Whether anything narrows the list.
    pub fn is_narrowed(&self) -> bool {
        !self.text.trim().is_empty()
            || self.filters.iter().any(|(_, codes)| !codes.is_empty())
            || self.year_from.is_some()
            || self.year_to.is_some()
            || self.organisation.is_some()
    }
}
