//! Opening, settings, versions of the schema.

use std::error::Error as _;
use std::path::Path;

use sobria_catalogue::import::ImportPlan;
use sobria_catalogue::organisation::Organisation;
use sobria_store::{Dialect, Store, StoreError};

use crate::fixture::{Row, import, options, plan, rows};
use crate::place::{Place, run_outside};

stories!(
    a_fresh_database_says_what_is_pending,
    a_newer_database_is_refused_and_left_alone,
    an_unprepared_database_says_so,
    a_wrong_password_or_host_never_shows_the_password,
    connections_that_the_server_ended_are_replaced,
);

async fn a_fresh_database_says_what_is_pending(place: &'static Place) {
    let store = Store::connect(&place.fresh_address().await).await.unwrap();
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).unwrap();
    let pending = store.pending_migrations().await.unwrap();
    assert_eq!(pending.first().map(String::as_str), Some("0001 initial"));
    assert_eq!(pending.len(), files.count());
    store.migrate().await.unwrap();
    assert!(store.pending_migrations().await.unwrap().is_empty());
    store.migrate().await.unwrap();
    assert!(store.check().await.unwrap().is_sound());
}

async fn a_newer_database_is_refused_and_left_alone(place: &'static Place) {
    let address = place.fresh_address().await;
    let store = Store::connect(&address).await.unwrap();
    store.migrate().await.unwrap();
    let newer = "UPDATE _sqlx_migrations SET version = 9999 WHERE version = 2";
    run_outside(&address, newer).await;
    for refused in [
        store.migrate().await.unwrap_err(),
        store.pending_migrations().await.unwrap_err(),
    ] {
        assert!(
            matches!(refused, StoreError::Newer { found: 9999, .. }),
            "{refused:?}"
        );
        assert!(refused.to_string().contains("newer executable"), "{refused}");
    }
}

async fn an_unprepared_database_says_so(place: &'static Place) {
    let store = Store::connect(&place.fresh_address().await).await.unwrap();
    let error = store.catalogue_revision().await.unwrap_err();
    assert!(matches!(error, StoreError::NotMigrated), "{error:?}");
    assert!(!store.check().await.unwrap().is_sound());
}

/// As after a restart of the server: every connection that waits in the pools is dead.
async fn connections_that_the_server_ended_are_replaced(place: &'static Place) {
    let address = place.fresh_address().await;
    let store = Store::connect(&address).await.unwrap();
    store.migrate().await.unwrap();
    import(&store, &rows(5), options(true, 0)).await;
    if store.dialect() == Dialect::Postgres {
        let ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        run_outside(&address, ended).await;
    }
    assert_eq!(store.counts().await.unwrap().published, 5);
    import(&store, &rows(9), options(true, 0)).await;
    assert_eq!(store.counts().await.unwrap().published, 9);
}

async fn a_wrong_password_or_host_never_shows_the_password(place: &'static Place) {
    let _ = place;
    for url in [
        "postgres://sobria:s3cret@127.0.0.1:1/sobria",
        "postgres://sobria:s3cret@127.0.0.1:1/sobria?password=s3cret",
        "postgres://sobria:s3cret@127.0.0.1:notaport/sobria",
        "mysql://sobria:s3cret@127.0.0.1/sobria",
    ] {
        let error = Store::connect(url).await.unwrap_err();
        let mut shown = format!("{error} {error:?}");
        let mut cause = error.source();
        while let Some(inner) = cause {
            shown.push_str(&inner.to_string());
            cause = inner.source();
        }
        assert!(!shown.contains("s3cret"), "{url}: {shown}");
    }
}

#[tokio::test]
async fn a_commit_on_sqlite_survives_a_power_cut_as_far_as_settings_go() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_dir(folder.path()).await.unwrap();
    assert_eq!(store.dialect(), Dialect::Sqlite);
    store.migrate().await.unwrap();
    for (pragma, expected) in [
        ("PRAGMA synchronous", "2"),
        ("PRAGMA foreign_keys", "1"),
        ("PRAGMA busy_timeout", "5000"),
        ("PRAGMA journal_mode", "wal"),
    ] {
        let values = store.settings(pragma).await.unwrap();
        assert_eq!(
            values,
            [expected, expected],
            "{pragma}: for writing, then for reading"
        );
    }
}

/// Rows of which a few thousand do not fit in the memory of a connection.
fn long_rows(count: u32) -> Vec<Row> {
    let mut rows = rows(count);
    for row in &mut rows {
        row.text = row.text.repeat(120);
    }
    rows
}

// Who waits for the file keeps its thread.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_import_alone_is_written_into_the_file_without_a_journal_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_dir(folder.path()).await.unwrap();
    store.migrate().await.unwrap();
    let size = |name: &str| std::fs::metadata(folder.path().join(name)).map_or(0, |file| file.len());
    let (existing, _) = store.existing().await.unwrap();
    // One of the operator's own.
    rusqlite::Connection::open(folder.path().join(sobria_store::FILE_NAME))
        .unwrap()
        .execute_batch("CREATE INDEX \"dates \"\"à nous\"\"\" ON use_case (created_at)")
        .unwrap();
    let indexes = indexes(folder.path());
    let planned = plan(&existing, &long_rows(4_000));
    let choices = options(true, 0);

    // Given up midway: nothing of it stays.
    let mut writer = store.begin_import_alone("a", "1", choices).await.unwrap();
    writer.write(&carriers(&planned), &planned.rows).await.unwrap();
    drop(writer);
    assert_eq!(store.counts().await.unwrap().revisions, 0);
    assert_eq!(self::indexes(folder.path()), indexes);

    let mut writer = store.begin_import_alone("a", "1", choices).await.unwrap();
    writer.write(&carriers(&planned), &planned.rows).await.unwrap();
    assert!(size("sobria.db") > 8_000_000, "pages went to the file");
    assert_eq!(size("sobria.db-wal"), 0);
    let other = tokio::spawn({
        let address = format!("sqlite://{}", folder.path().join("sobria.db").display());
        async move {
            Store::connect(&address)
                .await
                .unwrap()
                .counts()
                .await
                .unwrap()
                .published
        }
    });
    writer.finish(&planned.summary()).await.unwrap();
    assert_eq!(other.await.unwrap(), 4_000, "who comes meanwhile waits");
    assert_eq!(
        store.settings("PRAGMA journal_mode").await.unwrap(),
        ["wal", "wal"]
    );
    assert!(store.check().await.unwrap().is_sound());
    assert_eq!(self::indexes(folder.path()), indexes);
    assert!(
        indexes
            .iter()
            .any(|index| index.contains("ON use_case (organisation_id)"))
    );
}

/// Each makes the file and gives it its journal, which SQLite refuses at once to those who come together.
#[test]
fn many_may_open_a_new_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..30 {
        let address = format!("sqlite://{}/{round}.db", folder.path().display());
        let ready = std::sync::Barrier::new(6);
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    let runtime = tokio::runtime::Builder::new_current_thread()
                        .enable_all()
                        .build()
                        .unwrap();
                    ready.wait();
                    runtime.block_on(Store::connect(&address)).unwrap();
                });
            }
        });
    }
}

#[tokio::test]
async fn every_row_of_a_very_long_import_keeps_its_origin() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_dir(folder.path()).await.unwrap();
    store.migrate().await.unwrap();
    let planned = plan(&store.existing().await.unwrap().0, &rows(20_500));
    let mut writer = store
        .begin_import_alone("a", "1", options(true, 0))
        .await
        .unwrap();
    writer.write(&carriers(&planned), &[]).await.unwrap();
    for part in planned.rows.chunks(5_000) {
        writer.write(&[], part).await.unwrap();
    }
    writer.finish(&planned.summary()).await.unwrap();
    let file = rusqlite::Connection::open(folder.path().join(sobria_store::FILE_NAME)).unwrap();
    let origins: (i64, i64, i64) = file
        .query_row(
            "SELECT count(*), count(DISTINCT p.use_case_id), sum(p.source_row) \
             FROM provenance p JOIN revision r ON r.use_case_id = p.use_case_id AND r.number = p.number",
            (),
            |row| row.try_into(),
        )
        .unwrap();
    assert_eq!(origins, (20_500, 20_500, 20_500 * 20_501 / 2));
}

fn carriers(planned: &ImportPlan) -> Vec<&Organisation> {
    planned
        .organisations
        .iter()
        .map(|new| &new.organisation)
        .collect()
}

/// The statements of every index that is no key.
fn indexes(folder: &Path) -> Vec<String> {
    let file = rusqlite::Connection::open(folder.join(sobria_store::FILE_NAME)).unwrap();
    let mut statement = file
        .prepare("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name")
        .unwrap();
    let found = statement.query_map((), |row| row.get(0)).unwrap();
    found.map(Result::unwrap).collect()
}

#[tokio::test]
async fn a_first_import_beside_others_keeps_nobody_from_reading() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_dir(folder.path()).await.unwrap();
    store.migrate().await.unwrap();
    let other = Store::open_dir(folder.path()).await.unwrap();
    let planned = plan(&store.existing().await.unwrap().0, &long_rows(3_000));
    let mut writer = store
        .begin_import_alone("a", "1", options(true, 0))
        .await
        .unwrap();
    writer.write(&carriers(&planned), &planned.rows).await.unwrap();
    assert_eq!(other.counts().await.unwrap().published, 0);
    writer.finish(&planned.summary()).await.unwrap();
    assert_eq!(other.counts().await.unwrap().published, 3_000);
    assert_eq!(
        other.settings("PRAGMA journal_mode").await.unwrap(),
        ["wal", "wal"]
    );
}

#[tokio::test]
async fn a_damaged_file_is_reported_and_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_dir(folder.path()).await.unwrap();
    store.migrate().await.unwrap();
    import(&store, &rows(2000), options(true, 0)).await;
    store.close().await;
    let path = folder.path().join(sobria_store::FILE_NAME);
    let sound = std::fs::read(&path).unwrap();

    // Half a page of records: what a page does not use may be turned unseen.
    let records: Vec<usize> = (0..sound.len() / 4096)
        .map(|half| half * 4096)
        .filter(|from| {
            sound[*from..*from + 4096]
                .windows(9)
                .filter(|text| text == b"\"title\":\"")
                .count()
                > 4
        })
        .collect();
    for (from, length) in [
        (0, 16),
        (8192 * 3, 4096),
        (records[records.len() / 2], 4096),
        (sound.len() - 5000, 4096),
    ] {
        let mut bytes = sound.clone();
        for byte in &mut bytes[from..from + length] {
            *byte = !*byte;
        }
        std::fs::write(&path, &bytes).unwrap();
        match Store::open_dir(folder.path()).await {
            Err(error) => assert!(matches!(error, StoreError::Corrupt { .. }), "{from}: {error:?}"),
            Ok(store) => {
                let found = match store.check().await {
                    Ok(report) => !report.is_sound(),
                    Err(error) => panic!("{from}: {error:?}"),
                };
                assert!(found, "{length} bytes turned at {from} were not seen");
                store.close().await;
            }
        }
    }
}

#[tokio::test]
async fn a_full_or_closed_folder_is_a_clear_refusal() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("not-a-folder");
    std::fs::write(&file, "x").unwrap();
    let error = Store::open_dir(&file).await.unwrap_err();
    assert!(error.to_string().contains("not-a-folder"), "{error}");
    let error = Store::connect("sqlite:///nonexistent/folder/a.db")
        .await
        .unwrap_err();
    assert!(error.is_temporary(), "{error:?}");
}

#[tokio::test]
async fn a_full_disk_is_told_from_other_failures_and_writing_goes_on_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_dir(folder.path()).await.unwrap();
    store.migrate().await.unwrap();
    // The engine refuses pages beyond a limit with the very code it has for a full disk. A limit below what is
    // there is raised to it, so that not one page is left.
    let limit = store.settings("PRAGMA max_page_count = 1").await.unwrap();
    assert_eq!(limit[0], store.settings("PRAGMA page_count").await.unwrap()[0]);
    let (existing, _) = store.existing().await.unwrap();
    let plan = crate::fixture::plan(&existing, &rows(3000));
    let full = store.apply_import(&plan, options(true, 0)).await;
    assert!(matches!(full, Err(StoreError::Full { .. })), "{full:?}");
    assert_eq!(store.catalogue_revision().await.unwrap(), 0);
    store.settings("PRAGMA max_page_count = 4000000").await.unwrap();
    store.apply_import(&plan, options(true, 0)).await.unwrap();
    assert_eq!(store.counts().await.unwrap().published, 3000);
}

#[tokio::test]
async fn a_database_locked_by_another_is_read_and_refuses_to_write_within_its_time() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_dir(folder.path()).await.unwrap();
    store.migrate().await.unwrap();
    import(&store, &rows(10), options(true, 0)).await;
    let other = rusqlite::Connection::open(folder.path().join(sobria_store::FILE_NAME)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    let (existing, _) = store.existing().await.unwrap();
    assert_eq!(existing.records.len(), 10, "readers do not wait");
    let plan = crate::fixture::plan(&existing, &rows(20));
    let began = std::time::Instant::now();
    // Two that write at once wait for their turn, and neither waits for ever.
    let (one, two) = tokio::join!(
        store.apply_import(&plan, options(true, 1)),
        store.apply_import(&plan, options(true, 2)),
    );
    for refused in [one.unwrap_err(), two.unwrap_err()] {
        assert!(refused.is_temporary(), "{refused:?}");
    }
    assert!(
        began.elapsed() < std::time::Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(store.counts().await.unwrap().published, 10);

    other.execute_batch("ROLLBACK").unwrap();
    store.apply_import(&plan, options(true, 3)).await.unwrap();
    assert_eq!(store.counts().await.unwrap().published, 20);
}

#[tokio::test]
async fn a_backup_is_complete_and_never_overwrites() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_dir(folder.path()).await.unwrap();
    store.migrate().await.unwrap();
    import(&store, &rows(50), options(true, 0)).await;
    let path = folder.path().join("copy").with_extension("db");
    store.backup(&path).await.unwrap();
    let again = store.backup(&path).await.unwrap_err();
    assert!(matches!(again, StoreError::NotEmpty { .. }), "{again:?}");
    let copy = Store::connect(&format!("sqlite://{}", path.display()))
        .await
        .unwrap();
    assert_eq!(
        copy.catalogue_hash().await.unwrap(),
        store.catalogue_hash().await.unwrap()
    );
    assert!(copy.check().await.unwrap().is_sound());
}

#[tokio::test]
async fn the_file_of_a_fresh_store_can_be_read_by_other_programs() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_dir(folder.path()).await.unwrap();
    store.migrate().await.unwrap();
    store.close().await;
    let other = rusqlite::Connection::open(folder.path().join(sobria_store::FILE_NAME)).unwrap();
    let revision = other.query_one(
        "SELECT value FROM meta WHERE key = 'catalogue_revision'",
        [],
        |row| row.get::<_, i64>(0),
    );
    assert_eq!(revision.unwrap(), 0);
}

/// Handlers run on several threads: each future of the store must be able to move between them.
#[tokio::test]
async fn every_operation_can_move_between_threads() {
    fn movable<F: Future + Send>(_: F) {}
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_dir(folder.path()).await.unwrap();
    let plan = crate::fixture::plan(&sobria_catalogue::import::Existing::default(), &rows(1));
    let id = plan.rows[0].record.unwrap();
    movable(store.migrate());
    movable(store.existing());
    movable(store.apply_import(&plan, options(true, 0)));
    movable(store.use_cases_by_ids(&[]));
    movable(store.use_case_by_slug("a"));
    movable(store.changed_since(0));
    movable(store.stream_published(None, 1));
    movable(store.organisations("", 0, 1));
    movable(store.organisation_by_slug("a"));
    movable(store.provenance_of(id));
    movable(store.copy_to(&store));
    movable(store.check());
    movable(store.catalogue_hash());
    movable(store.backup(folder.path()));
}
