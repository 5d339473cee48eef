//! What the check finds when tables contradict one another.

use sobria_store::Store;

use crate::fixture::{import, options, rows};
use crate::place::{Place, run_outside};

stories!(contradictions_between_tables_are_reported_with_their_table);

async fn contradictions_between_tables_are_reported_with_their_table(place: &'static Place) {
    for (damage, table, words) in [
        (
            "UPDATE use_case SET version = version + 1",
            "use_case",
            "newest revision",
        ),
        (
            "UPDATE use_case SET published_number = 7",
            "use_case",
            "published revision is missing",
        ),
        (
            "UPDATE use_case SET published_number = NULL",
            "use_case",
            "without a published revision",
        ),
        (
            "UPDATE use_case SET changed_in = 99",
            "use_case",
            "after the present catalogue revision",
        ),
        (
            "UPDATE use_case SET imported_number = 4",
            "use_case",
            "last import is missing",
        ),
        (
            "UPDATE revision SET content = '{\"titel\":1}'",
            "revision",
            "cannot be read",
        ),
        ("UPDATE revision SET content = 'x'", "revision", "cannot be read"),
    ] {
        let address = place.fresh_address().await;
        let store = Store::connect(&address).await.unwrap();
        store.migrate().await.unwrap();
        import(&store, &rows(2), options(true, 0)).await;
        let sound = store.check().await.unwrap();
        assert!(sound.is_sound(), "{sound:?}");
        assert_eq!((sound.records, sound.revisions), (2, 2));

        run_outside(&address, damage).await;
        let report = store.check().await.unwrap();
        assert!(
            report
                .problems
                .iter()
                .any(|problem| problem.table == table && problem.what.contains(words)),
            "{damage}: {report:?}"
        );
        store.close().await;
    }
}
