//! Several writers at once, and several processes that start at once.

use sobria_store::{Decision, Store};

use crate::fixture::{at, import, options, rows};
use crate::place::Place;

stories!(
    eight_writers_of_fifty_changes_lose_none,
    several_servers_may_migrate_at_once
);

async fn eight_writers_of_fifty_changes_lose_none(place: &'static Place) {
    let store = place.store().await;
    let ids = import(&store, &rows(400), options(true, 0)).await.changed;
    let writers: Vec<_> = ids
        .chunks(50)
        .map(|mine| {
            let (store, mine) = (store.clone(), mine.to_vec());
            tokio::spawn(async move {
                let mut revisions = Vec::new();
                for id in mine {
                    let decision = Decision {
                        actor: "test",
                        reason: "essai",
                        now: at(60),
                    };
                    revisions.push(store.archive(id, decision).await.unwrap());
                }
                revisions
            })
        })
        .collect();
    let mut revisions = Vec::new();
    for writer in writers {
        revisions.extend(writer.await.unwrap());
    }
    revisions.sort_unstable();
    assert_eq!(
        revisions,
        (2..=401).collect::<Vec<i64>>(),
        "each change has its own number"
    );
    assert_eq!(store.counts().await.unwrap().archived, 400);
    assert_eq!(store.changed_since(1).await.unwrap().len(), 400);
}

async fn several_servers_may_migrate_at_once(place: &'static Place) {
    let address = place.fresh_address().await;
    let mut servers = Vec::new();
    for _ in 0..4 {
        let address = address.clone();
        servers.push(tokio::spawn(async move {
            let store = Store::connect(&address).await.unwrap();
            store.migrate().await.unwrap();
            store.pending_migrations().await.unwrap()
        }));
    }
    for server in servers {
        assert_eq!(server.await.unwrap(), Vec::<String>::new());
    }
}
