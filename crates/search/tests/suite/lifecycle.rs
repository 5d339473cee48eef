//! Where the index lives, who writes it, and what survives.

use std::fs;
use std::path::Path;

use sobria_catalogue::access::Level;
use sobria_catalogue::query::CatalogueQuery;
use sobria_search::{Index, SearchError};

use crate::records::{Record, id, library};

fn total(index: &Index, text: &str) -> usize {
    let query = CatalogueQuery {
        text: text.to_owned(),
        limit: 5,
        ..CatalogueQuery::default()
    };
    index.find(&query, Level::Public).unwrap().total
}

fn fill(index: &Index, revision: i64) {
    index
        .rebuild(library().iter().map(Record::use_case), revision)
        .unwrap();
}

#[test]
fn an_index_on_disk_is_found_again_with_its_revision() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep").join("index");
    let index = Index::open(Some(&path)).unwrap();
    assert_eq!((index.revision(), index.count()), (0, 0));
    fill(&index, 41);
    drop(index);
    let index = Index::open(Some(&path)).unwrap();
    assert_eq!((index.revision(), index.count()), (41, library().len()));
    assert_eq!(total(&index, "fuites d'eau"), 2);
}

#[test]
fn building_anew_forgets_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(Some(folder.path())).unwrap();
    fill(&index, 1);
    index
        .rebuild(library().iter().take(1).map(Record::use_case), 2)
        .unwrap();
    assert_eq!((index.revision(), index.count()), (2, 1));
    let files = || fs::read_dir(folder.path().join("words")).unwrap().count();
    let before = files();
    for revision in 3..9 {
        fill(&index, revision);
    }
    assert!(files() <= before + 12, "files of former states stay: {}", files());
}

#[test]
fn records_whose_identifiers_end_alike_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(Some(folder.path())).unwrap();
    let record = |number: u128, title: &'static str| {
        let mut record = library().first().unwrap().clone();
        (record.number, record.title) = (number, title);
        record.use_case()
    };
    let apart = 1_u128 << 16;
    let [one, other, third] = [7, 7 + apart, 7 + 2 * apart];
    index
        .rebuild(
            [
                record(one, "Citernes"),
                record(other, "Citernes"),
                record(third, "Abreuvoirs"),
            ],
            1,
        )
        .unwrap();
    let alike = index.similar(id(other), Level::Public, 5).unwrap();
    assert_eq!(alike, [id(one), id(third)], "by the title of that one");

    // Twice in one go: the last state counts.
    let mut builder = index.updater().unwrap();
    builder.remove(id(one)).unwrap();
    builder.add(&record(other, "Fontaines")).unwrap();
    builder.add(&record(other, "Lavoirs")).unwrap();
    builder.remove(id(third)).unwrap();
    builder.add(&record(third, "Puits")).unwrap();
    builder.commit(2).unwrap();
    assert_eq!(index.count(), 2);
    for (title, found) in [
        ("citernes", 0),
        ("fontaines", 0),
        ("lavoirs", 1),
        ("abreuvoirs", 0),
        ("puits", 1),
    ] {
        assert_eq!(total(&index, title), found, "{title}");
    }
    assert_eq!(index.similar(id(one), Level::Public, 5).unwrap(), []);

    // More than the engine is asked for at once, put in anew and in place.
    let many = || (1..=1_500_u128).map(|number| record(number << 16 | 7, "Citernes"));
    index.rebuild(many(), 3).unwrap();
    assert_eq!((index.count(), total(&index, "citernes")), (1_500, 1_500));
    let changed: Vec<_> = many().collect();
    index.update(&changed, &[], 4).unwrap();
    assert_eq!((index.count(), total(&index, "citernes")), (1_500, 1_500));
    let (gone, kept) = changed.split_at(600);
    let gone: Vec<_> = gone.iter().map(|record| record.id).collect();
    index.update(kept, &gone, 5).unwrap();
    assert_eq!((index.count(), total(&index, "citernes")), (900, 900));
}

#[test]
fn an_index_that_cannot_be_read_is_replaced_by_an_empty_one() {
    for damage in ["payload", "meta", "segment", "stranger"] {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::open(Some(folder.path())).unwrap();
        fill(&index, 7);
        drop(index);
        let words = folder.path().join("words");
        let meta = words.join("meta.json");
        match damage {
            "payload" => {
                let text = fs::read_to_string(&meta).unwrap();
                fs::write(
                    &meta,
                    text.replace(":7\"", ":7\",\"x\":\"")
                        .replace("\"payload\":\"1", "\"payload\":\"0"),
                )
                .unwrap();
            }
            "meta" => fs::write(&meta, "{").unwrap(),
            "segment" => {
                for entry in fs::read_dir(&words).unwrap() {
                    let path = entry.unwrap().path();
                    if path.extension().is_some_and(|extension| extension == "idx") {
                        fs::write(path, "short").unwrap();
                    }
                }
            }
            _ => {
                fs::remove_dir_all(&words).unwrap();
                fs::create_dir(&words).unwrap();
                fs::write(words.join("meta.json"), "not an index").unwrap();
            }
        }
        let index = Index::open(Some(folder.path())).unwrap();
        assert_eq!((index.revision(), index.count()), (0, 0), "{damage}");
        fill(&index, 8);
        assert_eq!(total(&index, "fuites"), 2, "{damage}");
    }
}

#[test]
fn a_builder_that_is_dropped_leaves_the_former_state() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(Some(folder.path())).unwrap();
    fill(&index, 1);
    let mut builder = index.builder().unwrap();
    builder.add(&library().first().unwrap().use_case()).unwrap();
    drop(builder);
    assert_eq!((index.revision(), index.count()), (1, library().len()));
    drop(index);
    let index = Index::open(Some(folder.path())).unwrap();
    assert_eq!((index.revision(), index.count()), (1, library().len()));
    fill(&index, 2);
    assert_eq!(index.revision(), 2);
}

/// What a process that is killed leaves behind is what its files hold at that moment.
/// A kill leaves one moment of the folder. Files that a thread of the index removes meanwhile would mix two.
fn copy_at_one_moment(from: &Path, to: &Path) {
    for _ in 0..100 {
        fs::create_dir(to).unwrap();
        let copied = fs::read_dir(from).unwrap().try_for_each(|entry| {
            let entry = entry?;
            fs::copy(entry.path(), to.join(entry.file_name())).map(drop)
        });
        match copied {
            Ok(()) => return,
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{error}"),
        }
        fs::remove_dir_all(to).unwrap();
    }
    assert!(to.exists(), "files of the index never held still");
}

#[test]
fn a_process_killed_while_it_writes_leaves_the_former_state() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(Some(folder.path())).unwrap();
    fill(&index, 1);
    let mut builder = index.builder().unwrap();
    for (record, copies) in library().iter().zip(1..) {
        builder.add(&record.use_case()).unwrap();
        let killed = tempfile::tempdir().unwrap();
        copy_at_one_moment(&folder.path().join("words"), &killed.path().join("words"));
        let after = Index::open(Some(killed.path())).unwrap();
        assert_eq!(
            (after.revision(), after.count()),
            (1, library().len()),
            "{copies}"
        );
        assert_eq!(total(&after, "fuites"), 2);
        fill(&after, 2);
        assert_eq!(after.revision(), 2);
    }
    builder.commit(3).unwrap();
    assert_eq!(index.revision(), 3);
}

#[test]
fn the_revision_follows_through_many_small_changes() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(Some(folder.path())).unwrap();
    for (record, revision) in library().iter().cycle().zip(1..30) {
        index.update(&[record.use_case()], &[], revision).unwrap();
        assert_eq!(index.revision(), revision);
    }
    assert_eq!(index.count(), library().len());
    let again = Index::open(Some(folder.path())).unwrap();
    assert_eq!((again.revision(), again.count()), (29, library().len()));
}

#[test]
fn one_handle_writes_at_a_time_and_the_other_sees_it_when_it_reloads() {
    let folder = tempfile::tempdir().unwrap();
    let one = Index::open(Some(folder.path())).unwrap();
    let two = Index::open(Some(folder.path())).unwrap();
    let mut builder = one.builder().unwrap();
    assert!(matches!(two.builder(), Err(SearchError::Busy { .. })));
    assert!(matches!(two.update(&[], &[], 9), Err(SearchError::Busy { .. })));
    assert!(matches!(one.updater(), Err(SearchError::Busy { .. })));
    builder.add(&library().first().unwrap().use_case()).unwrap();
    builder.commit(5).unwrap();
    assert_eq!((one.revision(), two.revision()), (5, 0));
    two.reload().unwrap();
    assert_eq!((two.revision(), two.count()), (5, 1));
    fill(&two, 6);
    assert_eq!(
        total(&one, "fuites"),
        1,
        "a handle keeps its state until it reloads"
    );
    one.reload().unwrap();
    assert_eq!((one.revision(), total(&one, "fuites")), (6, 2));
}

#[test]
fn a_builder_works_on_another_thread_while_questions_are_answered() {
    let index = Index::open(None).unwrap();
    fill(&index, 1);
    let mut builder = index.builder().unwrap();
    std::thread::scope(|scope| {
        let writing = scope.spawn(move || {
            for record in library() {
                builder.add(&record.use_case()).unwrap();
            }
            builder.commit(2).unwrap();
        });
        for _ in 0..20 {
            assert_eq!(total(&index, "fuites"), 2);
        }
        writing.join().unwrap();
    });
    assert_eq!(index.revision(), 2);
}

#[test]
fn a_change_without_records_still_moves_the_revision() {
    let index = Index::open(None).unwrap();
    fill(&index, 1);
    index.update(&[], &[], 2).unwrap();
    assert_eq!((index.revision(), index.count()), (2, library().len()));
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    let error = Index::open(Some(&file)).unwrap_err();
    assert!(error.to_string().contains("file"), "{error}");
}
