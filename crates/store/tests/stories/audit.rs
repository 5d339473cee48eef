//! The audit trail: a chain that tells when a line was changed, taken out or put in.

use sobria_catalogue::id::UseCaseId;
use sobria_store::{AuditEntry, Decision, Store};
use uuid::Uuid;

use crate::fixture::{at, import, options, rows};
use crate::place::{Place, run_outside};

stories!(
    a_line_that_was_touched_is_told,
    lines_added_at_once_follow_one_another,
    old_lines_are_taken_away_and_the_chain_holds,
    a_withdrawal_empties_details_and_the_chain_holds,
);

fn entry(second: i64) -> AuditEntry<'static> {
    AuditEntry {
        at: at(second),
        actor: "test",
        action: "try",
        subject: "chain",
        detail: "code",
    }
}

async fn problems(store: &Store) -> Vec<String> {
    let report = store.check().await.unwrap();
    report
        .problems
        .into_iter()
        .filter(|problem| problem.table == "audit")
        .map(|problem| problem.what)
        .collect()
}

async fn a_line_that_was_touched_is_told(place: &'static Place) {
    for (damage, words) in [
        (
            "UPDATE audit SET actor = 'other' WHERE number = 3",
            "line 3 of the audit trail was changed",
        ),
        (
            "UPDATE audit SET made_at = made_at + 1 WHERE number = 3",
            "line 3 of the audit trail was changed",
        ),
        (
            "UPDATE audit SET subject = 'x' WHERE number = 3",
            "line 3 of the audit trail was changed",
        ),
        (
            "UPDATE audit SET detail = 'x' WHERE number = 3",
            "the detail of line 3",
        ),
        (
            "UPDATE audit SET catalogue_revision = 7 WHERE number = 3",
            "line 3 of the audit trail was changed",
        ),
        (
            "DELETE FROM audit WHERE number = 1",
            "line 1 of the audit trail is missing",
        ),
        (
            "DELETE FROM audit WHERE number = 3",
            "line 3 of the audit trail is missing",
        ),
        ("DELETE FROM audit WHERE number = 5", "ends at line 4"),
        (
            "UPDATE audit SET number = 9 WHERE number = 3; UPDATE audit SET number = 3 WHERE number = 4; \
             UPDATE audit SET number = 4 WHERE number = 9",
            "line 3 of the audit trail",
        ),
        (
            "INSERT INTO audit (id, made_at, actor, action, subject, detail, number) \
             VALUES ('x', 0, 'a', 'b', 'c', 'd', 6)",
            "line 6 of the audit trail",
        ),
    ] {
        let address = place.fresh_address().await;
        let store = Store::connect(&address).await.unwrap();
        store.migrate().await.unwrap();
        for second in 0..5 {
            store.add_audit(entry(second)).await.unwrap();
        }
        assert_eq!(problems(&store).await, [] as [String; 0]);
        run_outside(&address, damage).await;
        let found = problems(&store).await;
        assert!(
            found.iter().any(|what| what.contains(words)),
            "{damage}: {found:?}"
        );
        store.close().await;
    }
}

async fn lines_added_at_once_follow_one_another(place: &'static Place) {
    let store = place.store().await;
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                for second in 0..20 {
                    store.add_audit(entry(second)).await.unwrap();
                }
            })
        })
        .collect();
    // Changes of the catalogue write to the same chain.
    import(&store, &rows(3), options(true, 0)).await;
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(problems(&store).await, [] as [String; 0]);
    let lines = store.audit_lines(None, None, 1000).await.unwrap();
    let numbers: Vec<_> = lines.iter().filter_map(|line| line.number).collect();
    assert_eq!(numbers, (1..=161).rev().collect::<Vec<_>>());
    let older = store.audit_lines(Some("chain"), Some(10), 3).await.unwrap();
    assert_eq!(older.len(), 3);
    assert!(
        older
            .iter()
            .all(|line| line.number.unwrap() < 10 && line.subject == "chain")
    );
}

async fn old_lines_are_taken_away_and_the_chain_holds(place: &'static Place) {
    let store = place.store().await;
    for second in 0..10 {
        store.add_audit(entry(second)).await.unwrap();
    }
    assert_eq!(store.prune_audit(at(4)).await.unwrap(), 4);
    assert_eq!(problems(&store).await, [] as [String; 0]);
    assert_eq!(store.prune_audit(at(4)).await.unwrap(), 0);
    store.add_audit(entry(10)).await.unwrap();
    assert_eq!(store.prune_audit(at(99)).await.unwrap(), 7);
    assert_eq!(problems(&store).await, [] as [String; 0]);
    store.add_audit(entry(100)).await.unwrap();
    assert_eq!(problems(&store).await, [] as [String; 0]);
}

async fn a_withdrawal_empties_details_and_the_chain_holds(place: &'static Place) {
    let store = place.store().await;
    let ids = import(&store, &rows(2), options(true, 0)).await.changed;
    let decision = |reason: &'static str| Decision {
        actor: "test",
        reason,
        now: at(5),
    };
    store
        .archive(ids[0], decision("à la demande de Jeanne Le Goff"))
        .await
        .unwrap();
    store.withdraw(ids[0], decision("demande reçue")).await.unwrap();
    let about = |id: UseCaseId| {
        let store = store.clone();
        async move { store.audit_lines(Some(&id.to_string()), None, 10).await.unwrap() }
    };
    let details: Vec<_> = about(ids[0])
        .await
        .into_iter()
        .map(|line| (line.action, line.detail))
        .collect();
    assert_eq!(
        details,
        [
            ("withdraw".to_owned(), "demande reçue".to_owned()),
            ("archive".to_owned(), String::new())
        ]
    );
    assert!(about(UseCaseId::new(Uuid::nil())).await.is_empty());
    assert_eq!(problems(&store).await, [] as [String; 0]);
}
