//! What questions and writing cost: `cargo bench -p sobria-search`.
//!
//! `SOBRIA_BENCH_RECORDS` lists the numbers of records, `1000,35000` unless told. Questions are put through one
//! thread; texts, sizes and shares are those of catalogues as they come.

#![allow(clippy::unwrap_used, reason = "a bench may stop at the first surprise")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, OnceLock};

use divan::{Bencher, black_box};
use jiff::Timestamp;
use sobria_catalogue::access::Level;
use sobria_catalogue::content::{Content, Value};
use sobria_catalogue::field::Field;
use sobria_catalogue::id::{OrganisationId, UseCaseId};
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::query::{CatalogueQuery, Facet, Sort};
use sobria_catalogue::use_case::{UseCase, WorkflowStatus};
use sobria_catalogue::vocabulary::{Vocabularies, VocabularyId};
use sobria_search::{Highlighter, Index};
use tempfile::TempDir;
use uuid::Uuid;

fn main() {
    divan::main();
}

fn sizes() -> Vec<usize> {
    let text = std::env::var("SOBRIA_BENCH_RECORDS").unwrap_or_else(|_| "1000,35000".to_owned());
    text.split(',')
        .filter_map(|part| part.trim().parse().ok())
        .collect()
}

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % sides
    }

    fn pick<'a>(&mut self, values: &[&'a str]) -> &'a str {
        values.get(self.roll(values.len())).unwrap()
    }
}

const AIMS: [&str; 12] = [
    "détecter les fuites d’eau sur le réseau",
    "prévoir la consommation d’énergie des bâtiments",
    "repérer les dépôts sauvages de déchets",
    "résumer les délibérations du conseil",
    "répondre aux habitants en ligne",
    "organiser les tournées de collecte",
    "anticiper les inondations",
    "cartographier les îlots de chaleur",
    "suivre la qualité de l’air",
    "planifier l’entretien de la voirie",
    "prévoir les repas des cantines",
    "régler l’éclairage des rues",
];
const MEANS: [&str; 8] = [
    "un modèle d’apprentissage supervisé",
    "un grand modèle de langue hébergé en France",
    "un réseau de neurones convolutif",
    "des séries temporelles et des capteurs",
    "la vision par ordinateur",
    "des relevés LiDAR classés automatiquement",
    "un moteur de recherche sémantique",
    "des règles métier complétées par une statistique",
];
const ENDS: [&str; 8] = [
    "Les communes membres reçoivent les résultats chaque trimestre.",
    "Un comité d’usagers accompagne le projet.",
    "Le code est ouvert.",
    "L’agent garde toujours la main sur la décision.",
    "L’empreinte est mesurée avant et après la mise en service.",
    "La collectivité reste propriétaire des données.",
    "Trois quartiers participent à l’expérimentation.",
    "Un bilan est prévu après six mois.",
];
const SYLLABLES: [&str; 16] = [
    "mont", "bel", "ville", "roc", "vau", "sar", "lan", "cour", "bri", "ouse", "ac", "er", "gny", "mer",
    "bois", "font",
];

fn text(dice: &mut Dice) -> String {
    let mut text = format!(
        "Le projet permet de {} et de {}, dans un souci de sobriété. Il s’appuie sur {} pour {}.",
        dice.pick(&AIMS),
        dice.pick(&AIMS),
        dice.pick(&MEANS),
        dice.pick(&AIMS),
    );
    while text.len() < 330 + dice.roll(160) {
        text.push(' ');
        text.push_str(dice.pick(&ENDS));
    }
    text
}

fn place(number: usize) -> String {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ u64::try_from(number * 7919 + 1).unwrap());
    (0..3).map(|_| dice.pick(&SYLLABLES)).collect()
}

fn code(list: VocabularyId, dice: &mut Dice) -> String {
    let terms = Vocabularies::embedded().get(list).terms();
    // The first entries are the usual ones.
    let bound = 1 + dice.roll(terms.len());
    terms.get(dice.roll(bound)).unwrap().code.to_owned()
}

fn record(number: usize, all: usize) -> UseCase {
    let mut dice = Dice(0x2545_f491_4f6c_dd1d ^ (u64::try_from(number).unwrap() + 1) << 20);
    dice.roll(2);
    let carrier = dice.roll((all / 6).max(20));
    let mut organisation = Organisation::named(
        OrganisationId::new(Uuid::from_u128(u128::try_from(carrier).unwrap())),
        &format!("Ville de {}", place(carrier)),
    );
    let mut of_carrier = Dice(u64::try_from(carrier).unwrap() + 99);
    organisation.kind = Some(code(VocabularyId::OrganisationKind, &mut of_carrier));
    organisation.departement = Some(format!("{:02}", 1 + of_carrier.roll(95)));
    organisation.region = Some(format!("{}", 11 + of_carrier.roll(13)));
    organisation.population = Some(u32::try_from(of_carrier.roll(150_000)).unwrap());
    let mut content = Content::default();
    let aim = dice.pick(&AIMS).rsplit(' ').next().unwrap();
    content.set(
        Field::Title,
        Value::Text(format!("{}IA {aim} {}", place(dice.roll(4000)), dice.roll(400))),
    );
    content.set(Field::Description, Value::Text(text(&mut dice)));
    content.set(Field::Theme, Value::Code(code(VocabularyId::Theme, &mut dice)));
    let subthemes = (0..=dice.roll(2))
        .map(|_| code(VocabularyId::Subtheme, &mut dice))
        .collect();
    content.set(Field::Subthemes, Value::Codes(subthemes));
    let audiences = (0..=dice.roll(3))
        .map(|_| code(VocabularyId::Audience, &mut dice))
        .collect();
    content.set(Field::Audiences, Value::Codes(audiences));
    content.set(
        Field::Maturity,
        Value::Code(code(VocabularyId::Maturity, &mut dice)),
    );
    let start = format!("{}-{:02}", 2019 + dice.roll(7), 1 + dice.roll(12));
    content.set(Field::StartDate, Value::Date(start.parse().unwrap()));
    let updated = format!("2025-{:02}-{:02}", 1 + dice.roll(12), 1 + dice.roll(28));
    content.set(Field::SourceUpdatedOn, Value::Date(updated.parse().unwrap()));
    let time = u128::try_from(1_740_000_000_000 + number / 30).unwrap();
    let random = u128::from(dice.0) | 1 << 63;
    UseCase {
        id: UseCaseId::new(Uuid::from_u128(time << 80 | 7 << 76 | random)),
        slug: number.to_string(),
        organisation,
        content,
        status: WorkflowStatus::Published,
        version: 1,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
        published_at: Some(Timestamp::from_second(1_740_000_000).unwrap()),
        first_published_at: None,
        last_reviewed_on: None,
        completeness: u8::try_from(dice.roll(100)).unwrap(),
    }
}

/// The folder of an index of `size` records, built once per run.
fn folder(size: usize) -> &'static Path {
    static BUILT: OnceLock<Mutex<BTreeMap<usize, &'static TempDir>>> = OnceLock::new();
    let mut built = BUILT.get_or_init(Mutex::default).lock().unwrap();
    built
        .entry(size)
        .or_insert_with(|| {
            let folder: &'static TempDir = Box::leak(Box::new(tempfile::tempdir().unwrap()));
            let index = Index::open(Some(folder.path())).unwrap();
            index
                .rebuild((0..size).map(|number| record(number, size)), 1)
                .unwrap();
            folder
        })
        .path()
}

fn index(size: usize) -> Index {
    let index = Index::open(Some(folder(size))).unwrap();
    // The first question loads what all others share.
    for sort in Sort::ALL {
        let query = CatalogueQuery {
            text: "eau".to_owned(),
            sort,
            limit: 20,
            ..CatalogueQuery::default()
        };
        index.find(&query, Level::Public).unwrap();
    }
    index
}

fn ask(bencher: Bencher<'_, '_>, size: usize, facets: &[Facet], queries: &[CatalogueQuery]) {
    let index = index(size);
    let mut turn = queries.iter().cycle();
    bencher.bench_local(|| {
        black_box(
            index
                .find_with(turn.next().unwrap(), Level::Public, facets)
                .unwrap(),
        );
    });
}

const THREE: [Facet; 3] = [Facet::Theme, Facet::Maturity, Facet::OrganisationKind];

fn texts() -> Vec<CatalogueQuery> {
    [
        "fuites d’eau",
        "énergie",
        "bâtiments",
        "déchets",
        "voirie",
        "délibérations",
        "cantine",
        "qualité de l’air",
        "inondations",
        "éclairage",
        "apprentissage",
        "capteurs",
        "modèle de langue",
        "collecte",
        "habitants",
        "chaleur",
        "sémantique",
        "LiDAR",
        "empreinte carbone",
        "agent",
        "batimant",
        "éner",
        "ville montbelville",
        "réseau de neurones",
    ]
    .into_iter()
    .map(|text| CatalogueQuery {
        text: text.to_owned(),
        limit: 20,
        ..CatalogueQuery::default()
    })
    .collect()
}

fn pairs() -> Vec<CatalogueQuery> {
    let vocabularies = Vocabularies::embedded();
    let mut queries = Vec::new();
    for theme in vocabularies.get(VocabularyId::Theme).terms().iter().take(5) {
        for maturity in vocabularies.get(VocabularyId::Maturity).terms().iter().take(3) {
            queries.push(CatalogueQuery {
                filters: vec![
                    (Facet::Theme, vec![theme.code.to_owned()]),
                    (Facet::Maturity, vec![maturity.code.to_owned()]),
                ],
                limit: 20,
                ..CatalogueQuery::default()
            });
        }
    }
    queries
}

fn pages() -> Vec<CatalogueQuery> {
    (0..20)
        .map(|page| CatalogueQuery {
            offset: page * 20,
            limit: 20,
            ..CatalogueQuery::default()
        })
        .collect()
}

#[divan::bench(args = sizes())]
fn search_with_three_facets(bencher: Bencher<'_, '_>, size: usize) {
    ask(bencher, size, &THREE, &texts());
}

#[divan::bench(args = sizes())]
fn search_with_every_facet(bencher: Bencher<'_, '_>, size: usize) {
    ask(bencher, size, &Facet::ALL, &texts());
}

#[divan::bench(args = sizes())]
fn search_a_phrase(bencher: Bencher<'_, '_>, size: usize) {
    let query = CatalogueQuery {
        text: "\"qualité de l’air\"".to_owned(),
        limit: 20,
        ..CatalogueQuery::default()
    };
    ask(bencher, size, &THREE, &[query]);
}

#[divan::bench(args = sizes())]
fn filter_with_three_facets(bencher: Bencher<'_, '_>, size: usize) {
    ask(bencher, size, &THREE, &pairs());
}

#[divan::bench(args = sizes())]
fn filter_with_every_facet(bencher: Bencher<'_, '_>, size: usize) {
    ask(bencher, size, &Facet::ALL, &pairs());
}

#[divan::bench(args = sizes())]
fn list_with_every_facet(bencher: Bencher<'_, '_>, size: usize) {
    ask(bencher, size, &Facet::ALL, &pages());
}

#[divan::bench(args = sizes())]
fn map_of_a_search(bencher: Bencher<'_, '_>, size: usize) {
    let index = index(size);
    let query = CatalogueQuery {
        text: "eau".to_owned(),
        ..CatalogueQuery::default()
    };
    bencher.bench_local(|| {
        index
            .by_organisation(black_box(&query), Level::Public)
            .unwrap()
            .len()
    });
}

#[divan::bench(args = sizes())]
fn similar_records(bencher: Bencher<'_, '_>, size: usize) {
    let index = index(size);
    let id = record(size / 2, size).id;
    bencher.bench_local(|| index.similar(black_box(id), Level::Public, 4).unwrap());
}

#[divan::bench]
fn marks_of_twelve_cards(bencher: Bencher<'_, '_>) {
    let texts: Vec<String> = (0..12).map(|number| text(&mut Dice(number + 5))).collect();
    bencher.bench_local(|| {
        let highlighter = Highlighter::new(black_box("fuites d’eau"));
        texts
            .iter()
            .map(|text| highlighter.mark(text, 170).len())
            .sum::<usize>()
    });
}

#[divan::bench(args = sizes(), sample_count = 10)]
fn open_and_first_list(bencher: Bencher<'_, '_>, size: usize) {
    let folder = folder(size);
    bencher.bench_local(|| {
        let index = Index::open(Some(folder)).unwrap();
        index
            .find(
                &CatalogueQuery {
                    limit: 20,
                    ..CatalogueQuery::default()
                },
                Level::Public,
            )
            .unwrap()
    });
}

#[divan::bench(args = sizes(), sample_count = 10)]
fn open_and_first_search(bencher: Bencher<'_, '_>, size: usize) {
    let folder = folder(size);
    bencher.bench_local(|| {
        let index = Index::open(Some(folder)).unwrap();
        let query = CatalogueQuery {
            text: "fuites d’eau".to_owned(),
            limit: 20,
            ..CatalogueQuery::default()
        };
        index.find(&query, Level::Public).unwrap()
    });
}

#[divan::bench(args = sizes(), sample_count = 3)]
fn write_everything(bencher: Bencher<'_, '_>, size: usize) {
    let records: Vec<UseCase> = (0..size).map(|number| record(number, size)).collect();
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(Some(folder.path())).unwrap();
    bencher
        .counter(divan::counter::ItemsCount::new(size))
        .bench_local(|| {
            let mut builder = index.builder().unwrap();
            for record in &records {
                builder.add(record).unwrap();
            }
            builder.commit(1).unwrap();
        });
    let bytes: u64 = std::fs::read_dir(folder.path().join("words"))
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum();
    let each = bytes / u64::try_from(size.max(1)).unwrap();
    #[allow(clippy::print_stderr, reason = "a bench reports")]
    {
        eprintln!("index of {size} records: {bytes} bytes, {each} per record");
    }
}

#[divan::bench(args = sizes(), sample_count = 10)]
fn change_ten_records(bencher: Bencher<'_, '_>, size: usize) {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(Some(folder.path())).unwrap();
    index
        .rebuild((0..size).map(|number| record(number, size)), 1)
        .unwrap();
    let changed: Vec<UseCase> = (0..10).map(|number| record(number, size)).collect();
    bencher.bench_local(|| index.update(&changed, &[], 2).unwrap());
}
