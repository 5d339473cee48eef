//! What people keep, and what organisations say they use: each keeps to its owner, and goes when it must.

use sobria_catalogue::id::{FolderId, OrganisationId, SavedSearchId, UseCaseId, UserId};
use sobria_catalogue::rights::Role;
use sobria_store::{Decision, Pace, SavedSearch, Shelf, Store, StoreError};
use uuid::Uuid;

use crate::fixture::{at, import, options, person, row, rows};
use crate::place::Place;

stories!(
    a_record_stands_on_the_shelves_of_one_person,
    a_declared_use_is_public_once_and_can_be_taken_back,
    a_merge_moves_what_was_declared_and_forgets_what_became_its_own,
    a_folder_is_reached_by_its_owner_and_by_its_shared_address_only,
    a_search_is_watched_from_the_moment_an_alert_is_wanted,
    newly_published_records_are_those_between_two_moments,
    a_withdrawn_record_leaves_every_list,
    an_erased_account_leaves_nothing_but_the_declarations_of_its_organisation,
    everything_personal_moves_with_the_instance,
);

async fn organisation(store: &Store, name: &str) -> OrganisationId {
    let found = store.organisations("", 0, 100).await.unwrap().items;
    found
        .iter()
        .find(|carrier| carrier.organisation.name == name)
        .unwrap()
        .organisation
        .id
}

fn decision(second: i64) -> Decision<'static> {
    Decision {
        actor: "test",
        reason: "essai",
        now: at(second),
    }
}

fn search(query: &str, pace: Pace, second: i64) -> SavedSearch {
    SavedSearch {
        id: SavedSearchId::new(Uuid::now_v7()),
        name: "Veille".to_owned(),
        query: query.to_owned(),
        pace,
        created_at: at(second),
        told_until: at(second),
    }
}

async fn folder(store: &Store, owner: UserId, name: &str, second: i64) -> FolderId {
    let id = FolderId::new(Uuid::now_v7());
    store.create_folder(owner, id, name, at(second)).await.unwrap();
    id
}

async fn a_record_stands_on_the_shelves_of_one_person(place: &'static Place) {
    let store = place.store().await;
    let ids = import(&store, &rows(2), options(true, 0)).await.changed;
    let (anne, paul) = (person(&store, "anne").await, person(&store, "paul").await);
    for (record, shelf, second) in [
        (ids[0], Shelf::Favourite, 1),
        (ids[1], Shelf::Favourite, 2),
        (ids[0], Shelf::Later, 3),
        (ids[0], Shelf::Favourite, 4),
    ] {
        store.add_bookmark(anne, record, shelf, at(second)).await.unwrap();
    }
    let unknown = UseCaseId::new(Uuid::now_v7());
    store
        .add_bookmark(anne, unknown, Shelf::Later, at(5))
        .await
        .unwrap();
    let kept: Vec<_> = store
        .bookmarks_of(anne)
        .await
        .unwrap()
        .iter()
        .map(|one| (one.use_case, one.shelf, one.added_at))
        .collect();
    assert_eq!(
        kept,
        [
            (ids[0], Shelf::Later, at(3)),
            (ids[1], Shelf::Favourite, at(2)),
            (ids[0], Shelf::Favourite, at(1)),
        ]
    );
    assert_eq!(store.bookmarks_of(paul).await.unwrap(), []);
    store
        .remove_bookmark(paul, ids[0], Shelf::Favourite)
        .await
        .unwrap();
    assert_eq!(
        store.shelves_of(anne, ids[0]).await.unwrap(),
        [Shelf::Favourite, Shelf::Later]
    );
    store
        .remove_bookmark(anne, ids[0], Shelf::Favourite)
        .await
        .unwrap();
    assert_eq!(store.shelves_of(anne, ids[0]).await.unwrap(), [Shelf::Later]);
}

async fn a_declared_use_is_public_once_and_can_be_taken_back(place: &'static Place) {
    let store = place.store().await;
    let ids = import(&store, &rows(3), options(true, 0)).await.changed;
    let anne = person(&store, "anne").await;
    let record = store.use_cases_by_ids(&ids[..1]).await.unwrap().remove(0);
    let carrier = record.organisation.id;
    let mut others = Vec::new();
    for name in ["Ville 0", "Ville 1", "Ville 2"] {
        let id = organisation(&store, name).await;
        if id != carrier {
            others.push(id);
        }
    }
    let before = store.catalogue_revision().await.unwrap();
    store
        .declare_use(record.id, others[0], anne, at(1))
        .await
        .unwrap();
    let after = store.catalogue_revision().await.unwrap();
    assert_eq!(after, before + 1, "public pages follow");
    assert_eq!(store.changed_since(before).await.unwrap().len(), 1);
    store
        .declare_use(record.id, others[0], anne, at(2))
        .await
        .unwrap();
    store
        .declare_use(record.id, others[1], anne, at(3))
        .await
        .unwrap();
    let users = store.adoptions_of(record.id).await.unwrap();
    let told: Vec<_> = users
        .iter()
        .map(|one| (one.organisation, one.declared_at))
        .collect();
    assert_eq!(told, [(others[0], at(1)), (others[1], at(3))]);

    let own = store.declare_use(record.id, carrier, anne, at(4)).await;
    assert!(matches!(own, Err(StoreError::NotFound { .. })), "{own:?}");
    store.archive(ids[1], decision(5)).await.unwrap();
    let archived = store.declare_use(ids[1], others[0], anne, at(6)).await;
    assert!(
        matches!(archived, Err(StoreError::NotFound { .. })),
        "{archived:?}"
    );

    for _ in 0..2 {
        store
            .withdraw_use(record.id, others[0], anne, at(7))
            .await
            .unwrap();
    }
    let left = store.adoptions_of(record.id).await.unwrap();
    assert_eq!((left.len(), left[0].organisation), (1, others[1]));
    assert_eq!(store.uses_declared_by(anne).await.unwrap().len(), 1);
    assert!(store.check().await.unwrap().is_sound());
}

async fn a_merge_moves_what_was_declared_and_forgets_what_became_its_own(place: &'static Place) {
    let store = place.store().await;
    let rows = [
        row("Ville de Metz", "Un", "Texte"),
        row("Metz", "Deux", "Texte"),
        row("Nancy", "Trois", "Texte"),
    ];
    let ids = import(&store, &rows, options(true, 0)).await.changed;
    let anne = person(&store, "anne").await;
    let (from, into) = (
        organisation(&store, "Metz").await,
        organisation(&store, "Ville de Metz").await,
    );
    let records = store.use_cases_by_ids(&ids).await.unwrap();
    let of = |title: &str| {
        records
            .iter()
            .find(|one| one.content.title() == title)
            .unwrap()
            .id
    };
    for (record, organisation, second) in [
        ("Trois", from, 1),
        ("Trois", into, 2),
        ("Un", from, 3),
        ("Deux", into, 4),
    ] {
        store
            .declare_use(of(record), organisation, anne, at(second))
            .await
            .unwrap();
    }
    store.merge_organisations(from, into, anne, at(10)).await.unwrap();
    let users = store.adoptions_of(of("Trois")).await.unwrap();
    assert_eq!((users.len(), users[0].organisation), (1, into));
    for own in ["Un", "Deux"] {
        assert_eq!(store.adoptions_of(of(own)).await.unwrap(), []);
    }
    assert_eq!(store.uses_declared_by(anne).await.unwrap().len(), 1);
    assert!(store.check().await.unwrap().is_sound());
}

async fn a_folder_is_reached_by_its_owner_and_by_its_shared_address_only(place: &'static Place) {
    let store = place.store().await;
    let ids = import(&store, &rows(2), options(true, 0)).await.changed;
    let (anne, paul) = (person(&store, "anne").await, person(&store, "paul").await);
    let water = folder(&store, anne, "Eau", 1).await;
    let empty = folder(&store, anne, "Vide", 2).await;
    for (owner, record) in [(anne, ids[0]), (anne, ids[1]), (anne, ids[1]), (paul, ids[0])] {
        store.add_to_folder(owner, water, record, at(3)).await.unwrap();
    }
    let folders = store.folders_of(anne).await.unwrap();
    let told: Vec<_> = folders
        .iter()
        .map(|one| (one.id, one.name.as_str(), one.count))
        .collect();
    assert_eq!(told, [(empty, "Vide", 0), (water, "Eau", 2)]);
    assert_eq!(store.folders_with(anne, ids[0]).await.unwrap(), [water]);

    for refused in [
        store.rename_folder(paul, water, "À moi").await,
        store.share_folder(paul, water, Some("mot")).await,
        store.delete_folder(paul, water).await,
    ] {
        assert!(matches!(refused, Err(StoreError::NotFound { .. })), "{refused:?}");
    }
    store.remove_from_folder(paul, water, ids[0]).await.unwrap();
    assert_eq!(store.folder(paul, water).await.unwrap(), None);
    assert_eq!(store.folder_records(water).await.unwrap().len(), 2);

    store.share_folder(anne, water, Some("mot")).await.unwrap();
    assert_eq!(store.shared_folder("mot").await.unwrap().unwrap().id, water);
    store.rename_folder(anne, water, "Eaux").await.unwrap();
    store.remove_from_folder(anne, water, ids[0]).await.unwrap();
    let seen = store.shared_folder("mot").await.unwrap().unwrap();
    assert_eq!((seen.name.as_str(), seen.count), ("Eaux", 1));
    store.share_folder(anne, water, None).await.unwrap();
    assert_eq!(store.shared_folder("mot").await.unwrap(), None);
    store.delete_folder(anne, water).await.unwrap();
    assert_eq!(store.folder(anne, water).await.unwrap(), None);
    assert_eq!(store.folder_records(water).await.unwrap(), []);
    assert!(store.check().await.unwrap().is_sound());
}

async fn a_search_is_watched_from_the_moment_an_alert_is_wanted(place: &'static Place) {
    let store = place.store().await;
    let (anne, paul) = (person(&store, "anne").await, person(&store, "paul").await);
    let silent = search("q=eau", Pace::None, 1);
    let daily = search("theme=transition", Pace::Daily, 2);
    store.add_search(anne, &silent).await.unwrap();
    store.add_search(anne, &daily).await.unwrap();
    assert_eq!(
        store.searches_of(anne).await.unwrap(),
        [daily.clone(), silent.clone()]
    );
    let watched = store.watched_searches().await.unwrap();
    assert_eq!((watched.len(), &watched[0].search), (1, &daily));
    assert_eq!(
        (watched[0].account, watched[0].email.as_str(), watched[0].role),
        (anne, "anne@ville.exemple.fr", Role::Member)
    );

    let stolen = store
        .change_search(paul, silent.id, "x", Pace::Daily, at(3))
        .await;
    assert!(matches!(stolen, Err(StoreError::NotFound { .. })), "{stolen:?}");
    let stolen = store.delete_search(paul, silent.id).await;
    assert!(matches!(stolen, Err(StoreError::NotFound { .. })), "{stolen:?}");

    store
        .change_search(anne, silent.id, "Eau", Pace::Weekly, at(50))
        .await
        .unwrap();
    store
        .change_search(anne, daily.id, "Climat", Pace::Weekly, at(60))
        .await
        .unwrap();
    let told: Vec<_> = store
        .watched_searches()
        .await
        .unwrap()
        .into_iter()
        .map(|one| (one.search.name, one.search.pace, one.search.told_until))
        .collect();
    assert_eq!(
        told,
        [
            ("Climat".to_owned(), Pace::Weekly, at(2)),
            ("Eau".to_owned(), Pace::Weekly, at(50)),
        ],
        "an alert that goes on keeps its place, a new one begins now"
    );
    store.alert_sent(silent.id, at(70)).await.unwrap();
    store.alert_sent(silent.id, at(65)).await.unwrap();
    let kept = store.searches_of(anne).await.unwrap();
    assert_eq!(kept[1].told_until, at(70), "it never goes back");
    store.delete_search(anne, silent.id).await.unwrap();
    assert_eq!(store.searches_of(anne).await.unwrap().len(), 1);
}

async fn newly_published_records_are_those_between_two_moments(place: &'static Place) {
    let store = place.store().await;
    let first = import(&store, &rows(1), options(true, 10)).await.changed;
    let second = import(&store, &rows(2), options(true, 20)).await.changed;
    import(&store, &rows(3), options(false, 30)).await;
    let ids = async |after, until| {
        let found = store.published_between(at(after), at(until)).await.unwrap();
        found.into_iter().map(|(id, _)| id).collect::<Vec<_>>()
    };
    assert_eq!(ids(0, 40).await, [second[0], first[0]], "drafts are not told");
    assert_eq!(ids(10, 20).await, [second[0]]);
    assert_eq!(ids(20, 40).await, []);
    store.archive(second[0], decision(50)).await.unwrap();
    assert_eq!(ids(0, 40).await, first);
}

async fn a_withdrawn_record_leaves_every_list(place: &'static Place) {
    let store = place.store().await;
    let ids = import(&store, &rows(2), options(true, 0)).await.changed;
    let anne = person(&store, "anne").await;
    let record = store.use_cases_by_ids(&ids[..1]).await.unwrap().remove(0);
    let other = store.use_cases_by_ids(&ids[1..]).await.unwrap().remove(0);
    let box_ = folder(&store, anne, "Eau", 1).await;
    store
        .add_bookmark(anne, record.id, Shelf::Later, at(1))
        .await
        .unwrap();
    store.add_to_folder(anne, box_, record.id, at(1)).await.unwrap();
    store
        .declare_use(record.id, other.organisation.id, anne, at(1))
        .await
        .unwrap();
    store.withdraw(record.id, decision(9)).await.unwrap();
    assert_eq!(store.bookmarks_of(anne).await.unwrap(), []);
    assert_eq!(store.folder_records(box_).await.unwrap(), []);
    assert_eq!(store.uses_declared_by(anne).await.unwrap(), []);
    store
        .add_bookmark(anne, record.id, Shelf::Later, at(10))
        .await
        .unwrap();
    store.add_to_folder(anne, box_, record.id, at(10)).await.unwrap();
    assert_eq!(store.bookmarks_of(anne).await.unwrap(), []);
    assert_eq!(store.folder_records(box_).await.unwrap(), []);
    assert!(store.check().await.unwrap().is_sound());
}

async fn an_erased_account_leaves_nothing_but_the_declarations_of_its_organisation(place: &'static Place) {
    let store = place.store().await;
    let (anne, record, box_) = filled(&store).await;
    store.share_folder(anne, box_, Some("mot")).await.unwrap();
    store.erase_account(anne).await.unwrap();
    assert_eq!(store.bookmarks_of(anne).await.unwrap(), []);
    assert_eq!(store.folders_of(anne).await.unwrap(), []);
    assert_eq!(store.shared_folder("mot").await.unwrap(), None);
    assert_eq!(store.searches_of(anne).await.unwrap(), []);
    assert_eq!(store.watched_searches().await.unwrap(), []);
    assert_eq!(store.uses_declared_by(anne).await.unwrap(), []);
    assert_eq!(store.adoptions_of(record).await.unwrap().len(), 1);
    assert!(store.check().await.unwrap().is_sound());
}

async fn everything_personal_moves_with_the_instance(place: &'static Place) {
    let store = place.store().await;
    let (anne, record, box_) = filled(&store).await;
    store.share_folder(anne, box_, Some("mot")).await.unwrap();
    let target = place.sqlite().await;
    store.copy_to(&target).await.unwrap();
    assert_eq!(
        target.bookmarks_of(anne).await.unwrap(),
        store.bookmarks_of(anne).await.unwrap()
    );
    assert_eq!(
        target.folders_of(anne).await.unwrap(),
        store.folders_of(anne).await.unwrap()
    );
    assert_eq!(target.folder_records(box_).await.unwrap(), [record]);
    assert_eq!(
        target.searches_of(anne).await.unwrap(),
        store.searches_of(anne).await.unwrap()
    );
    assert_eq!(
        target.adoptions_of(record).await.unwrap(),
        store.adoptions_of(record).await.unwrap()
    );
    assert!(target.check().await.unwrap().is_sound());
}

/// A person with one of each thing: who, the record concerned, the folder.
async fn filled(store: &Store) -> (UserId, UseCaseId, FolderId) {
    let ids = import(store, &rows(2), options(true, 0)).await.changed;
    let anne = person(store, "anne").await;
    let other = store.use_cases_by_ids(&ids[1..]).await.unwrap().remove(0);
    let box_ = folder(store, anne, "Eau", 1).await;
    store
        .add_bookmark(anne, ids[0], Shelf::Favourite, at(1))
        .await
        .unwrap();
    store.add_to_folder(anne, box_, ids[0], at(1)).await.unwrap();
    store
        .declare_use(ids[0], other.organisation.id, anne, at(1))
        .await
        .unwrap();
    store
        .add_search(anne, &search("q=eau", Pace::Daily, 1))
        .await
        .unwrap();
    (anne, ids[0], box_)
}
