//! What an import costs once it is planned, and what pages cost: `cargo bench -p sobria-store`.

#![allow(clippy::unwrap_used, reason = "a bench may stop at the first surprise")]

use jiff::Timestamp;
use sobria_catalogue::content::{Content, Link, Value};
use sobria_catalogue::field::Field;
use sobria_catalogue::id::{ImportId, OrganisationId, UseCaseId};
use sobria_catalogue::import::{ImportPlan, Outcome, PlannedOrganisation, PlannedRow, natural_key};
use sobria_catalogue::organisation::Organisation;
use sobria_store::{ApplyOptions, Store};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use uuid::Uuid;

const RECORDS: u32 = 35_000;
const TEXT: &str = "Le projet permet de suivre la qualité de l’air et de prévoir l’entretien des espaces verts, \
    avec une évaluation du service rendu à six mois. Il s’appuie sur des capteurs et un algorithme de séries \
    temporelles pour libérer du temps aux agents. L’expérimentation porte sur un périmètre de trois quartiers. \
    Une seconde phase doit inventorier les arbres d’alignement avec un moteur de recherche.";

fn main() {
    divan::main();
}

fn plan() -> ImportPlan {
    let carriers: Vec<Organisation> = (0..RECORDS / 9)
        .map(|n| {
            Organisation::named(
                OrganisationId::new(Uuid::now_v7()),
                &format!("Ville de Boisville {n}"),
            )
        })
        .collect();
    let rows = (0..RECORDS)
        .zip(carriers.iter().cycle())
        .map(|(n, carrier)| {
            let title = format!("Suivi de la qualité de l’air {n}");
            let mut content = Content::default();
            content.set(Field::Title, Value::Text(title.clone()));
            content.set(Field::Description, Value::Text(TEXT.to_owned()));
            content.set(Field::Theme, Value::Code("transition".to_owned()));
            content.set(Field::Maturity, Value::Code("experimentation".to_owned()));
            content.set(
                Field::Subthemes,
                Value::Codes(vec!["gestion_eau".to_owned(), "biodiversite".to_owned()]),
            );
            content.set(
                Field::InfoLinks,
                Value::Links(vec![Link {
                    url: Some(format!("https://www.ville.example/actualites/2023/{n:020}")),
                    ..Link::default()
                }]),
            );
            PlannedRow {
                row: u64::from(n) + 1,
                line: u64::from(n) + 2,
                outcome: Outcome::Created,
                key: natural_key(carrier, &title),
                record: Some(UseCaseId::new(Uuid::now_v7())),
                organisation: Some(carrier.id),
                content,
                completeness: 35,
                repaired: false,
                issues: Vec::new(),
                proposals: Vec::new(),
                raw_row: format!(
                    "{{\"coll_nom\":\"{}\",\"usage_description\":\"{TEXT}\"}}",
                    carrier.name
                ),
                source_hash: "1".repeat(64),
            }
        })
        .collect();
    ImportPlan {
        source: "catalogue.csv".to_owned(),
        source_version: "2".repeat(64),
        organisations: carriers
            .into_iter()
            .map(|organisation| PlannedOrganisation {
                organisation,
                is_new: true,
                is_changed: false,
            })
            .collect(),
        rows,
        absent: Vec::new(),
    }
}

fn options() -> ApplyOptions<'static> {
    ApplyOptions {
        publish: true,
        actor: "bench",
        now: Timestamp::UNIX_EPOCH,
        import: ImportId::new(Uuid::now_v7()),
        planned_at: None,
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

fn empty(runtime: &Runtime) -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let store = runtime.block_on(async {
        let store = Store::open_dir(folder.path()).await.unwrap();
        store.migrate().await.unwrap();
        store
    });
    (folder, store)
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn apply_35_000_new_records(bencher: divan::Bencher<'_, '_>) {
    let runtime = runtime();
    let plan = plan();
    bencher
        .counter(divan::counter::ItemsCount::new(plan.rows.len()))
        .with_inputs(|| empty(&runtime))
        .bench_refs(|(_, store)| runtime.block_on(store.apply_import(&plan, options())).unwrap());
}

#[divan::bench]
fn read_a_page_of_twelve(bencher: divan::Bencher<'_, '_>) {
    let runtime = runtime();
    let (_folder, store) = empty(&runtime);
    let ids = runtime
        .block_on(store.apply_import(&plan(), options()))
        .unwrap()
        .changed;
    let mut pages = ids.chunks_exact(12).cycle();
    bencher
        .with_inputs(|| pages.next().unwrap().to_vec())
        .bench_local_values(|page| runtime.block_on(store.use_cases_by_ids(&page)).unwrap());
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn read_35_000_records_for_an_index(bencher: divan::Bencher<'_, '_>) {
    let runtime = runtime();
    let (_folder, store) = empty(&runtime);
    runtime.block_on(store.apply_import(&plan(), options())).unwrap();
    bencher.bench_local(|| {
        runtime.block_on(async {
            let mut after = None;
            while let Some(last) = store.stream_published(after, 1000).await.unwrap().last() {
                after = Some(last.id);
            }
        });
    });
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn read_35_000_records_for_a_planner(bencher: divan::Bencher<'_, '_>) {
    let runtime = runtime();
    let (_folder, store) = empty(&runtime);
    runtime.block_on(store.apply_import(&plan(), options())).unwrap();
    bencher.bench_local(|| runtime.block_on(store.existing()).unwrap());
}
