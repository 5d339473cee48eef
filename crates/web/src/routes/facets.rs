//! Words for facets and their values.

use sobria_catalogue::query::Facet;
use sobria_territory::Departement;

use crate::view::ThemeBadge;
use crate::words::in_use;

/// Title of a facet.
pub const fn title(facet: Facet) -> &'static str {
    match facet {
        Facet::Theme => "Politique publique",
        Facet::Subtheme => "Sous-thème",
        Facet::OrganisationKind => "Type d’organisation",
        Facet::Audience => "Public",
        Facet::Maturity => "Maturité",
        Facet::ServiceUsage => "En usage aujourd’hui",
        Facet::Departement => "Département",
        Facet::Region => "Région",
        Facet::Population => "Population",
        Facet::StartYear => "Année de démarrage",
        Facet::Evaluation => "Empreinte publiée",
        Facet::OpenResource => "Ressources ouvertes",
        Facet::SharedResource => "Ressources à reprendre",
        Facet::Solution => "Solution ou fournisseur",
        Facet::AlgorithmKind => "Type d’algorithme",
    }
}

/// Label of a value of a facet.
pub fn value_label(facet: Facet, code: &str) -> String {
    let label = match facet {
        Facet::Departement => Departement::by_code(code).map(|departement| departement.name),
        Facet::Region => Departement::region_name_of(code),
        Facet::Population => sobria_territory::Band::by_code(code).map(|band| band.label()),
        Facet::StartYear => Some(code),
        Facet::Evaluation => match code {
            "estimated" => Some("Estimée par un calcul"),
            "measured" => Some("Mesurée"),
            _ => None,
        },
        _ => facet.vocabulary().map(|list| in_use().get(list).label(code)),
    };
    // The tables keep the straight apostrophes of its source.
    label.unwrap_or(code).replace('\'', "’")
}

/// The badge of a theme.
pub fn badge(theme: &str) -> ThemeBadge {
    let vocabularies = in_use();
    let label = vocabularies
        .get(sobria_catalogue::vocabulary::VocabularyId::Theme)
        .label(theme);
    ThemeBadge::new(theme, vocabularies.theme_letter(theme), label)
}
