//! Invented records.

use jiff::Timestamp;
use sobria_catalogue::content::{Content, Value};
use sobria_catalogue::field::Field;
use sobria_catalogue::id::{OrganisationId, UseCaseId};
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::use_case::{UseCase, WorkflowStatus};
use sobria_search::Index;
use uuid::Uuid;

/// What the tests vary in a record.
#[derive(Debug, Clone, Default)]
pub struct Record {
    pub number: u128,
    pub title: &'static str,
    pub carrier: &'static str,
    pub kind: &'static str,
    pub description: &'static str,
    pub tags: &'static [&'static str],
    pub theme: &'static str,
    pub subthemes: &'static [&'static str],
    pub audiences: &'static [&'static str],
    pub start: &'static str,
}

/// The identifier of the invented record of that number.
pub fn id(number: u128) -> UseCaseId {
    UseCaseId::new(Uuid::from_u128(number << 64 | number))
}

/// The identifier of the invented organisation of that name.
pub fn organisation_id(name: &str) -> OrganisationId {
    let number = name.bytes().fold(7_u128, |hash, byte| {
        hash.wrapping_mul(0x0100_0000_01b3) ^ u128::from(byte)
    });
    OrganisationId::new(Uuid::from_u128(number))
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

impl Record {
    pub fn id(&self) -> UseCaseId {
        id(self.number)
    }

    pub fn use_case(&self) -> UseCase {
        let mut content = Content::default();
        content.set(Field::Title, Value::Text(self.title.to_owned()));
        content.set(Field::Description, Value::Text(self.description.to_owned()));
        content.set(Field::Tags, Value::Names(owned(self.tags)));
        content.set(Field::Theme, Value::Code(self.theme.to_owned()));
        content.set(Field::Subthemes, Value::Codes(owned(self.subthemes)));
        content.set(Field::Audiences, Value::Codes(owned(self.audiences)));
        if !self.start.is_empty() {
            content.set(Field::StartDate, Value::Date(self.start.parse().unwrap()));
        }
        let mut organisation = Organisation::named(organisation_id(self.carrier), self.carrier);
        organisation.kind = (!self.kind.is_empty()).then(|| self.kind.to_owned());
        UseCase {
            id: self.id(),
            slug: self.id().slug(self.title),
            organisation,
            content,
            status: WorkflowStatus::Published,
            version: 1,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
            published_at: Some(
                Timestamp::from_second(1_700_000_000 + i64::try_from(self.number).unwrap()).unwrap(),
            ),
            first_published_at: None,
            last_reviewed_on: None,
            completeness: 50,
        }
    }
}

/// An index of these records, in memory.
pub fn index(records: &[Record]) -> Index {
    let index = Index::open(None).unwrap();
    index.rebuild(records.iter().map(Record::use_case), 1).unwrap();
    index
}

/// A small library: two projects about leaks, and what surrounds them.
pub fn library() -> Vec<Record> {
    let records = [
        Record {
            title: "Détection des fuites d’eau",
            carrier: "Communauté de Vaucressy",
            kind: "cc",
            description: "Des capteurs écoutent le réseau d’eau potable la nuit ; un modèle classe les sons et \
                signale les fuites aux équipes, qui réparent plus tôt.",
            theme: "transition",
            subthemes: &["gestion_eau"],
            audiences: &["agent"],
            start: "2023-09",
            ..Record::default()
        },
        Record {
            title: "Mission 90+",
            carrier: "Syndicat des eaux du Haut-Brivois",
            kind: "syndicat",
            description: "Porter le rendement du réseau au-delà de 90 %, en repérant les fuites d’eau par \
                l’analyse des débits de nuit.",
            tags: &["télérelève"],
            theme: "transition",
            subthemes: &["gestion_eau"],
            audiences: &["agent", "elu"],
            start: "2022",
            ..Record::default()
        },
        Record {
            title: "Qualité de l’air au carrefour",
            carrier: "Métropole de Lormont-Valle",
            kind: "metropole",
            description: "Des capteurs reliés par la 5G mesurent les particules et prévoient les pics.",
            theme: "transition",
            subthemes: &["air_bruit"],
            audiences: &["grand_public"],
            start: "2024-01",
            ..Record::default()
        },
        Record {
            title: "Tri des déchets",
            carrier: "Agglomération des Trois-Vaux",
            kind: "ca",
            description: "Une caméra reconnaît les erreurs de tri à l’entrée du centre.",
            theme: "transition",
            subthemes: &["dechets"],
            audiences: &["agent"],
            start: "2024-05",
            ..Record::default()
        },
        Record {
            title: "Jumeau énergétique des écoles",
            carrier: "Ville de Saint-Aubrac",
            kind: "commune",
            description: "Prévoir la consommation d’énergie de chaque bâtiment et vérifier l’effet d’une chaudière \
                rénovée.",
            theme: "transition",
            subthemes: &["performance_energetique"],
            audiences: &["agent"],
            start: "2023",
            ..Record::default()
        },
        Record {
            title: "Mémoire des œuvres",
            carrier: "Département de la Sarvière",
            kind: "departement",
            description: "Décrire les tableaux du musée pour les retrouver.",
            theme: "attractivite",
            audiences: &["grand_public"],
            start: "2021",
            ..Record::default()
        },
        Record {
            title: "Résumé des délibérations",
            carrier: "Ville de Pont-l’Aubier",
            kind: "commune",
            description: "Un grand modèle de langue, hébergé dans l’eu-west d’un nuage souverain de l’EU, résume \
                les actes.",
            theme: "administration",
            audiences: &["elu", "agent"],
            start: "2025-02",
            ..Record::default()
        },
        Record {
            title: "Propre et net",
            carrier: "Ville de Castelmore",
            kind: "commune",
            description: "Mesurer l’effet des actions de nettoiement de la voirie et des places.",
            theme: "transition",
            audiences: &["agent"],
            start: "2022-11",
            ..Record::default()
        },
        Record {
            title: "Relevé de la voirie",
            carrier: "Ville de Bréval",
            kind: "commune",
            description: "Des téléphones à bord des camions repèrent les nids-de-poule.",
            theme: "mobilites",
            audiences: &["agent"],
            start: "2024-03",
            ..Record::default()
        },
        Record {
            title: "Repas justes",
            carrier: "Ville de Mornas-le-Vieux",
            kind: "commune",
            description: "Prévoir les présences à la restauration scolaire de chaque école pour jeter moins.",
            theme: "citoyennete",
            audiences: &["agent"],
            start: "2020",
            ..Record::default()
        },
        Record {
            title: "Mairie Bot",
            carrier: "Ville de Quercy-sur-Lande",
            kind: "commune",
            description: "Un agent conversationnel répond aux habitants en ligne.",
            theme: "administration",
            audiences: &["grand_public"],
            start: "2024-06",
            ..Record::default()
        },
        Record {
            title: "Alerte crue",
            carrier: "Communauté des Rives de l’Ource",
            kind: "cc",
            description: "Anticiper les inondations à partir des pluies et des niveaux.",
            theme: "transition",
            subthemes: &["risques"],
            audiences: &["grand_public"],
            start: "2023-02",
            ..Record::default()
        },
    ];
    records
        .into_iter()
        .zip(1..)
        .map(|(record, number)| Record { number, ..record })
        .collect()
}
