//! Headers of every shape seen, and the field each one means.

use std::collections::HashMap;
use std::sync::LazyLock;

use sobria_catalogue::field::{FIELDS, Field};
use sobria_catalogue::text::fold_key;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A field of the data model.
    Field(Field),
    /// The SIREN alone.
    Siren,
    /// Inhabitants of the carrier.
    Population,
    /// The address of a logo: kept in the raw row, never fetched.
    Logo,
    /// A column of the system in files of this project: recognised, and computed anew.
    System,
    /// Nothing known: kept in the raw row, hidden from readers.
    Hidden,
}

/// Other names of fields, as found in files: name, then the historic column.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("Nom_collectivite", "coll_nom"),
    ("Nom de la collectivité", "coll_nom"),
    ("Collectivité", "coll_nom"),
    ("Porteur", "coll_nom"),
    ("Porteur du projet", "coll_nom"),
    ("Nom du porteur", "coll_nom"),
    ("Nom de la structure", "coll_nom"),
    ("Structure", "coll_nom"),
    ("Organisme", "coll_nom"),
    ("Organisation", "coll_nom"),
    ("Nom de l'organisation", "coll_nom"),
    ("Territoire", "coll_nom"),
    ("Nom_du_projet", "nom_projet"),
    ("Nom projet", "nom_projet"),
    ("Projet", "nom_projet"),
    ("Titre", "nom_projet"),
    ("Titre du projet", "nom_projet"),
    ("Intitulé", "nom_projet"),
    ("Intitulé du projet", "nom_projet"),
    ("Nom du service", "nom_projet"),
    ("Nom du cas d'usage", "nom_projet"),
    ("Cas d'usage", "nom_projet"),
    ("SIRET", "coll_siret"),
    ("Identifiant SIRET de la collectivité", "coll_siret"),
    ("N° SIRET", "coll_siret"),
    ("Numéro SIRET", "coll_siret"),
    ("SIRET de la collectivité", "coll_siret"),
    ("siret_collectivite", "coll_siret"),
    ("long", "longitude"),
    ("Type de structure", "coll_type"),
    ("Type d'organisation", "coll_type"),
    ("Type", "coll_type"),
    ("latidude", "latitude"),
    ("lat", "latitude"),
    ("lon", "longitude"),
    ("lng", "longitude"),
    ("Type_de_collectivite", "coll_type"),
    ("Type de collectivité", "coll_type"),
    ("Date_de_demarrage", "projet_date"),
    ("Date de démarrage du projet", "projet_date"),
    ("Date de début", "projet_date"),
    ("Date de lancement", "projet_date"),
    ("Date du projet", "projet_date"),
    ("Démarrage", "projet_date"),
    ("Date de fin du projet", "projet_date_fin"),
    ("Avancement", "projet_status"),
    ("État d'avancement", "projet_status"),
    ("Stade", "projet_status"),
    ("Niveau de maturité", "projet_status"),
    ("Statut_du_projet", "projet_status"),
    ("Statut", "projet_status"),
    ("Maturité", "projet_status"),
    ("Description_si_abandonne", "status_abandon"),
    ("Partenaires associés", "partenaires"),
    ("Description_service", "usage_description"),
    ("Description du service", "usage_description"),
    ("usage_service", "usage_description"),
    ("Description du projet", "usage_description"),
    ("Description de l'usage", "usage_description"),
    ("Usage", "usage_description"),
    ("Objectifs", "usage_description"),
    ("Thématique", "theme"),
    ("Domaine", "theme"),
    ("Sous-thématique", "sous_theme"),
    ("Sous-domaine", "sous_theme"),
    ("Thème", "theme"),
    ("Politique publique visée", "theme"),
    ("Politique publique", "theme"),
    ("Sous_Theme", "sous_theme"),
    ("Sous-thème", "sous_theme"),
    ("sous-themes", "sous_theme"),
    ("Audience", "audience_service"),
    ("cible_service", "audience_service"),
    ("Public", "audience_service"),
    ("Publics cibles", "audience_service"),
    ("Public cible", "audience_service"),
    ("Cible", "audience_service"),
    ("Bénéficiaires", "audience_service"),
    ("Audience du service", "audience_service"),
    ("Lien", "url_infos"),
    ("Liens", "url_infos"),
    ("Site web", "url_infos"),
    ("URL infos", "url_infos"),
    ("URL d'information", "url_infos"),
    ("URL_Service", "url_infos"),
    ("url_information", "url_infos"),
    ("URL Ressources", "url_ressources"),
    ("url_ressource", "url_ressources"),
    ("Date_de_derniere_mise_a_jour", "date"),
    ("Date de mise à jour", "date"),
    ("hebergement", "herbergement"),
    ("developpement", "mise_en_oeuvre"),
    ("Mise en œuvre", "mise_en_oeuvre"),
    ("Description algorithme", "algorithme_description"),
    ("description_algorithme", "algorithme_description"),
    ("Détails sur les opérations techniques", "algorithme_operations"),
    ("operations", "algorithme_operations"),
    ("operations_algorithme", "algorithme_operations"),
    ("Type d'algorithme", "type_algorithme"),
    ("automatisation_decision", "impact_algorithme"),
    ("Impact environnemental", "impact_environnement"),
    ("monitoring_impact", "impact_environnement"),
    ("environnement_impact", "impact_environnement"),
    ("Origine des données", "donnees_source"),
    ("Collecte des données", "donnees_acces"),
    ("donnees_collecte", "donnees_acces"),
    ("Budget alloué", "budget"),
    ("Proportionnalité", "proportionalite"),
];

/// Columns that this project adds to its own exports.
const SYSTEM: &[&str] = &[
    "id",
    "slug",
    "url",
    "organisation_id",
    "organisation.id",
    "organisation.slug",
    "organisation.departement",
    "organisation.region",
    "organisation.status",
    "departement",
    "region",
    "version",
    "status",
    "created_at",
    "updated_at",
    "published_at",
    "completeness",
    "licence",
    "evaluations",
    "measured_ratios",
    "raw",
];

static NAMES: LazyLock<HashMap<String, Target>> = LazyLock::new(|| {
    let mut names = HashMap::new();
    for name in SYSTEM {
        names.insert(fold_key(name), Target::System);
    }
    for spec in FIELDS {
        names.insert(fold_key(spec.label), Target::Field(spec.field));
    }
    for (name, column) in OTHER_NAMES {
        if let Some(spec) = FIELDS.iter().find(|spec| spec.column == *column) {
            names.insert(fold_key(name), Target::Field(spec.field));
        }
    }
    for spec in FIELDS {
        names.insert(fold_key(spec.column), Target::Field(spec.field));
    }
    for spec in FIELDS {
        names.insert(fold_key(spec.id), Target::Field(spec.field));
    }
    for name in ["siren", "organisation.siren"] {
        names.insert(fold_key(name), Target::Siren);
    }
    for name in ["population", "organisation.population"] {
        names.insert(fold_key(name), Target::Population);
    }
    for name in ["image_url", "URL_Logo", "image", "Logo"] {
        names.insert(fold_key(name), Target::Logo);
    }
    names
});

/// The meaning of a header; nothing when it is unknown.
pub fn target(header: &str) -> Option<Target> {
    NAMES.get(&fold_key(header)).copied()
}

/// As [`target`], and without what forms add to a header: a number before it, a remark in brackets, a star.
pub fn without_help(header: &str) -> Option<Target> {
    target(header).or_else(|| {
        let bare = header.split(['(', '[']).next().unwrap_or(header);
        let bare =
            bare.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ')' | '-' | '°' | ' '));
        // A header that is nothing but a remark keeps no name.
        (bare.len() < header.len()).then(|| target(bare))?
    })
}

/// Whether the header is an identifier of the native form.
pub fn is_native(header: &str) -> bool {
    let header = header.trim();
    FIELDS
        .iter()
        .any(|spec| spec.id == header && spec.id != spec.column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_the_three_historic_shapes_are_known() {
        for (header, field) in [
            ("coll_nom", Field::OrganisationName),
            ("Nom_collectivite", Field::OrganisationName),
            ("Nom collectivité", Field::OrganisationName),
            ("latidude", Field::OrganisationLatitude),
            ("Type_de_collectivite", Field::OrganisationKind),
            ("Sous-Thème", Field::Subthemes),
            ("  DATE DE DÉMARRAGE ", Field::StartDate),
            ("Description si abandonné", Field::AbandonmentReason),
            ("usage_service", Field::Description),
            ("hébergement", Field::Hosting),
            ("algorithm.kinds", Field::AlgorithmKinds),
            ("date", Field::SourceUpdatedOn),
            ("URL Service", Field::InfoLinks),
            ("description", Field::Description),
        ] {
            assert_eq!(target(header), Some(Target::Field(field)), "{header}");
        }
        assert_eq!(target("URL Logo"), Some(Target::Logo));
        assert_eq!(target("id"), Some(Target::System));
        assert_eq!(target("couleur"), None);
    }

    #[test]
    fn every_field_is_known_by_its_identifier_and_its_column() {
        for spec in FIELDS {
            assert_eq!(target(spec.id), Some(Target::Field(spec.field)), "{}", spec.id);
            assert!(
                matches!(target(spec.column), Some(Target::Field(_))),
                "{}",
                spec.column
            );
        }
    }
}
