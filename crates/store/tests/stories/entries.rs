//! Records besides use cases, their links, and the letter of the library.

use jiff::Timestamp;
use sobria_catalogue::account::{Consent, Purpose};
use sobria_catalogue::entry::field::EntryField;
use sobria_catalogue::entry::life::{EntryStep, decide};
use sobria_catalogue::entry::{Entry, EntryContent, EntryKind};
use sobria_catalogue::id::{EntryId, LinkId, UseCaseId, UserId};
use sobria_catalogue::link::{End, LinkKind, LinkRefusal, RecordKind};
use sobria_catalogue::rights::{Actor, Role};
use sobria_store::{
    Decision, DigestPace, EntryChange, FoundEntry, NewEntry, NewLink, NewSecret, Outgoing, SecretPurpose,
    Store, StoreError,
};
use uuid::Uuid;

use crate::fixture::{at, import, options, rows};
use crate::place::Place;

stories!(
    readers_keep_a_version_until_the_next_one_is_published,
    two_people_who_write_at_once_do_not_lose_a_word,
    a_withdrawn_entry_leaves_nothing_but_its_address,
    a_link_is_seen_from_both_ends_once_published_and_goes_with_its_records,
    links_that_would_turn_round_are_refused_on_what_is_committed,
    the_letter_is_told_once_and_left_for_good,
    entries_and_links_move_with_the_instance,
    what_stands_around_a_record_follows_its_links_and_their_readers,
);

fn content(title: &str) -> EntryContent {
    let mut content = EntryContent::default();
    content.set(EntryField::Title, title);
    content
}

async fn account(store: &Store, role: Role) -> UserId {
    let id = UserId::new(Uuid::now_v7());
    crate::fixture::account(store, id, &format!("a{}", id.uuid().simple()), role).await
}

async fn begin(store: &Store, kind: EntryKind, title: &str, author: UserId) -> Entry {
    let id = EntryId::new(Uuid::now_v7());
    store
        .create_entry(&NewEntry {
            id,
            kind,
            organisation: None,
            author: Some(author),
            content: &content(title),
            now: at(1),
        })
        .await
        .unwrap();
    store.entry(id).await.unwrap().unwrap()
}

/// Takes a step as a moderator, on what is kept now.
async fn step(
    store: &Store,
    id: EntryId,
    step: EntryStep,
    text: Option<&str>,
    by: UserId,
    second: i64,
) -> Entry {
    let seen = store.entry(id).await.unwrap().unwrap();
    take(store, &seen, step, text, by, second).await.unwrap();
    store.entry(id).await.unwrap().unwrap_or(seen)
}

async fn take(
    store: &Store,
    seen: &Entry,
    step: EntryStep,
    text: Option<&str>,
    by: UserId,
    second: i64,
) -> Result<(), StoreError> {
    let actor = Actor {
        account: Some((by, Role::Moderator)),
        organisations: Vec::new(),
    };
    let written = text.map(content);
    store
        .change_entry(&EntryChange {
            seen,
            next: decide(&seen.state(), step, &actor).unwrap(),
            content: written.as_ref(),
            mails: &[],
            reason: if step == EntryStep::Refuse {
                "à préciser"
            } else {
                ""
            },
            actor: by,
            now: at(second),
        })
        .await
}

async fn public_title(store: &Store, entry: &Entry) -> Option<String> {
    match store.entry_by_slug(entry.kind, &entry.slug).await.unwrap() {
        FoundEntry::Entry(found) => Some(found.content.title().to_owned()),
        FoundEntry::Withdrawn | FoundEntry::None => None,
    }
}

async fn readers_keep_a_version_until_the_next_one_is_published(place: &'static Place) {
    let store = place.store().await;
    let by = account(&store, Role::Moderator).await;
    let entry = begin(&store, EntryKind::Governance, "Charte", by).await;
    assert_eq!(public_title(&store, &entry).await, None);
    step(&store, entry.id, EntryStep::Submit, None, by, 2).await;
    assert_eq!(store.waiting_entries().await.unwrap().len(), 1);
    let refused = step(&store, entry.id, EntryStep::Refuse, None, by, 3).await;
    assert_eq!(refused.reason, "à préciser");
    assert_eq!(public_title(&store, &entry).await, None);

    // What was refused stays as it was; the next version has another number.
    let entry = step(&store, entry.id, EntryStep::Save, Some("Charte de l’IA"), by, 4).await;
    assert_eq!((entry.version, entry.reason.as_str()), (2, ""));
    let entry = step(&store, entry.id, EntryStep::Publish, None, by, 5).await;
    assert_eq!(
        public_title(&store, &entry).await.as_deref(),
        Some("Charte de l’IA")
    );
    assert!(entry.slug.starts_with("charte-de-l-ia-"), "{}", entry.slug);
    assert_eq!(
        store
            .published_entries(EntryKind::Governance)
            .await
            .unwrap()
            .len(),
        1
    );
    assert!(
        store
            .published_entries(EntryKind::Resource)
            .await
            .unwrap()
            .is_empty()
    );

    let again = step(&store, entry.id, EntryStep::Save, Some("Charte revue"), by, 6).await;
    assert_eq!(
        public_title(&store, &again).await.as_deref(),
        Some("Charte de l’IA")
    );
    assert_eq!(again.slug, entry.slug, "readers keep the address that they know");
    assert_eq!(
        store.entries_by_ids(&[entry.id]).await.unwrap()[0]
            .content
            .title(),
        "Charte de l’IA"
    );
    step(&store, entry.id, EntryStep::Publish, None, by, 7).await;
    assert_eq!(
        public_title(&store, &entry).await.as_deref(),
        Some("Charte revue")
    );
    let told = store.entries_published_between(at(6), at(7)).await.unwrap();
    assert_eq!((told.len(), told[0].first_published_at), (1, Some(at(5))));
    assert!(
        store
            .entries_published_between(at(7), at(9))
            .await
            .unwrap()
            .is_empty()
    );
}

async fn two_people_who_write_at_once_do_not_lose_a_word(place: &'static Place) {
    let store = place.store().await;
    let by = account(&store, Role::Moderator).await;
    let seen = begin(&store, EntryKind::News, "Ouverture", by).await;
    take(&store, &seen, EntryStep::Save, Some("Ouverture lundi"), by, 2)
        .await
        .unwrap();
    let late = take(&store, &seen, EntryStep::Save, Some("Ouverture mardi"), by, 2).await;
    assert!(matches!(late, Err(StoreError::Conflict { .. })), "{late:?}");
    let kept = store.entry(seen.id).await.unwrap().unwrap();
    assert_eq!(kept.content.title(), "Ouverture lundi");
}

async fn a_withdrawn_entry_leaves_nothing_but_its_address(place: &'static Place) {
    let store = place.store().await;
    let by = account(&store, Role::Moderator).await;
    let entry = begin(&store, EntryKind::Resource, "Jeu secret", by).await;
    step(&store, entry.id, EntryStep::Publish, None, by, 2).await;
    let entry = step(&store, entry.id, EntryStep::Withdraw, None, by, 3).await;
    assert_eq!(entry.content, EntryContent::default());
    assert_eq!(
        store
            .entry_by_slug(EntryKind::Resource, &entry.slug)
            .await
            .unwrap(),
        FoundEntry::Withdrawn
    );
    assert!(
        store
            .published_entries(EntryKind::Resource)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(store.entries_of(by, &[]).await.unwrap().is_empty());

    let draft = begin(&store, EntryKind::Resource, "Brouillon", by).await;
    let seen = store.entry(draft.id).await.unwrap().unwrap();
    take(&store, &seen, EntryStep::Discard, None, by, 4)
        .await
        .unwrap();
    assert_eq!(store.entry(draft.id).await.unwrap(), None);
    let old = begin(&store, EntryKind::Resource, "Oublié", by).await;
    assert_eq!(store.prune_entry_drafts(at(1)).await.unwrap(), 0);
    assert_eq!(store.prune_entry_drafts(at(2)).await.unwrap(), 1);
    assert_eq!(store.entry(old.id).await.unwrap(), None);
    assert!(store.check().await.unwrap().is_sound());
}

fn case(id: UseCaseId) -> End {
    End {
        kind: RecordKind::UseCase,
        id: id.uuid(),
    }
}

fn link(kind: LinkKind, from: End, to: End, published: bool, author: UserId) -> NewLink<'static> {
    NewLink {
        id: LinkId::new(Uuid::now_v7()),
        kind,
        from,
        to,
        note: "",
        author: Some(author),
        published,
        now: at(10),
    }
}

fn decision() -> Decision<'static> {
    Decision {
        actor: "moderation",
        reason: "",
        now: at(20),
    }
}

async fn a_link_is_seen_from_both_ends_once_published_and_goes_with_its_records(place: &'static Place) {
    let store = place.store().await;
    let by = account(&store, Role::Moderator).await;
    let ids = import(&store, &rows(3), options(true, 0)).await.changed;
    let draft = begin(&store, EntryKind::Governance, "Charte", by).await;
    let charter = End {
        kind: RecordKind::Governance,
        id: draft.id.uuid(),
    };
    let new = link(LinkKind::GovernedBy, case(ids[0]), charter, false, by);
    let hidden = store.add_link(&new).await;
    assert!(matches!(hidden, Err(StoreError::NotFound { .. })), "{hidden:?}");
    step(&store, draft.id, EntryStep::Publish, None, by, 2).await;
    assert_eq!(store.add_link(&new).await.unwrap(), Ok(()));
    for end in [case(ids[0]), charter] {
        assert!(store.links_of(end, false).await.unwrap().is_empty());
        assert_eq!(store.links_of(end, true).await.unwrap().len(), 1);
    }
    assert_eq!(store.waiting_links().await.unwrap().len(), 1);
    let before = store.catalogue_revision().await.unwrap();
    store.publish_link(new.id, decision()).await.unwrap();
    assert!(store.waiting_links().await.unwrap().is_empty());
    let changed = store.changed_since(before).await.unwrap();
    assert_eq!(changed.len(), 1, "the page of the use case is made again");
    let seen = store.links_of(charter, false).await.unwrap();
    assert_eq!(seen[0].seen_from(charter), Some((case(ids[0]), "Encadre")));

    store.withdraw(ids[0], decision()).await.unwrap();
    assert!(store.links_of(charter, true).await.unwrap().is_empty());
    let new = link(LinkKind::GovernedBy, case(ids[1]), charter, true, by);
    store.add_link(&new).await.unwrap().unwrap();
    step(&store, draft.id, EntryStep::Withdraw, None, by, 30).await;
    assert!(store.links_of(case(ids[1]), true).await.unwrap().is_empty());
}

async fn links_that_would_turn_round_are_refused_on_what_is_committed(place: &'static Place) {
    let store = place.store().await;
    let by = account(&store, Role::Moderator).await;
    let ids = import(&store, &rows(3), options(true, 0)).await.changed;
    let [a, b, c] = [case(ids[0]), case(ids[1]), case(ids[2])];
    for (from, to, expected) in [
        (a, b, Ok(())),
        (b, c, Ok(())),
        (c, a, Err(LinkRefusal::Circle)),
        (a, b, Err(LinkRefusal::Known)),
        (a, a, Err(LinkRefusal::Itself)),
    ] {
        let made = store
            .add_link(&link(LinkKind::SuccessorOf, from, to, false, by))
            .await
            .unwrap();
        assert_eq!(made, expected);
    }
    // Two proposals that would close a circle together: one of them is refused.
    let store = place.store().await;
    let by = account(&store, Role::Moderator).await;
    let ids = import(&store, &rows(2), options(true, 0)).await.changed;
    let first = link(LinkKind::PartOf, case(ids[0]), case(ids[1]), false, by);
    let second = link(LinkKind::PartOf, case(ids[1]), case(ids[0]), false, by);
    let (one, two) = tokio::join!(store.add_link(&first), store.add_link(&second));
    assert_eq!(
        [one.unwrap(), two.unwrap()]
            .iter()
            .filter(|made| made.is_ok())
            .count(),
        1
    );
}

async fn agree(store: &Store, id: UserId, given: bool, at: Timestamp) {
    let consent = Consent {
        purpose: Purpose::News,
        given,
        wording: "Je souhaite…".to_owned(),
        source: "account".to_owned(),
        made_at: at,
    };
    store
        .add_consent(&Uuid::now_v7().to_string(), id, &consent)
        .await
        .unwrap();
}

async fn the_letter_is_told_once_and_left_for_good(place: &'static Place) {
    let store = place.store().await;
    let id = account(&store, Role::Member).await;
    assert!(store.subscribers().await.unwrap().is_empty());
    agree(&store, id, true, at(1)).await;
    let subscriber = store.subscribers().await.unwrap().remove(0);
    assert_eq!(
        (subscriber.account, subscriber.pace, subscriber.told_until),
        (id, DigestPace::Monthly, at(1))
    );
    store
        .set_digest_pace(id, DigestPace::Weekly, at(2))
        .await
        .unwrap();
    assert_eq!(store.digest_pace(id).await.unwrap(), Some(DigestPace::Weekly));

    let subscriber = store.subscribers().await.unwrap().remove(0);
    let mail = |n: u32| Outgoing {
        id: format!("lettre-{n}"),
        to: subscriber.email.clone(),
        kind: "digest",
        message: "{}".to_owned(),
    };
    let (first, second) = (mail(1), mail(2));
    let secret = |hash: &'static str| NewSecret {
        hash,
        purpose: SecretPurpose::Unsubscribe,
        account: Some(id),
        payload: "digest",
        lives: jiff::SignedDuration::from_hours(24),
    };
    let (one, two) = (secret("a"), secret("b"));
    // Two servers at once: one letter.
    let (a, b) = tokio::join!(
        store.tell_digest(&subscriber, at(9), Some((&first, &one)), at(9)),
        store.tell_digest(&subscriber, at(9), Some((&second, &two)), at(9)),
    );
    assert_eq!([a.unwrap(), b.unwrap()].iter().filter(|told| **told).count(), 1);
    assert_eq!(store.mails(None, 10).await.unwrap().len(), 1);

    store.leave_digest("k1", id, "…", at(20)).await.unwrap();
    assert!(store.subscribers().await.unwrap().is_empty());
    store.leave_digest("k2", id, "…", at(21)).await.unwrap();
    let kept = store.consents_of(id).await.unwrap();
    assert_eq!(kept.len(), 2, "leaving twice is leaving once");
    assert_eq!(kept[1].source, "unsubscribe");
    store.erase_account(id).await.unwrap();
    assert_eq!(store.digest_pace(id).await.unwrap(), None);
}

async fn entries_and_links_move_with_the_instance(place: &'static Place) {
    let first = place.sqlite().await;
    let by = account(&first, Role::Moderator).await;
    let ids = import(&first, &rows(2), options(true, 0)).await.changed;
    let entry = begin(&first, EntryKind::Governance, "Charte", by).await;
    step(&first, entry.id, EntryStep::Publish, None, by, 2).await;
    let charter = End {
        kind: RecordKind::Governance,
        id: entry.id.uuid(),
    };
    first
        .add_link(&link(LinkKind::GovernedBy, case(ids[0]), charter, true, by))
        .await
        .unwrap()
        .unwrap();
    first
        .set_digest_pace(by, DigestPace::Weekly, at(2))
        .await
        .unwrap();
    let second = place.store().await;
    first.copy_to(&second).await.unwrap();
    assert_eq!(
        first.entry(entry.id).await.unwrap(),
        second.entry(entry.id).await.unwrap()
    );
    assert_eq!(
        first.public_links().await.unwrap(),
        second.public_links().await.unwrap()
    );
    assert_eq!(second.digest_pace(by).await.unwrap(), Some(DigestPace::Weekly));
}

/// A published entry of a kind.
async fn published(store: &Store, kind: EntryKind, fields: &[(EntryField, &str)], by: UserId) -> End {
    let mut content = EntryContent::default();
    for (field, value) in fields {
        content.set(*field, *value);
    }
    let id = EntryId::new(Uuid::now_v7());
    store
        .create_entry(&NewEntry {
            id,
            kind,
            organisation: None,
            author: Some(by),
            content: &content,
            now: at(1),
        })
        .await
        .unwrap();
    step(store, id, EntryStep::Publish, None, by, 2).await;
    End {
        kind: RecordKind::of(kind).unwrap(),
        id: id.uuid(),
    }
}

async fn what_stands_around_a_record_follows_its_links_and_their_readers(place: &'static Place) {
    use EntryField::{Downloadable, Licence, Reach, ResourceKind, SupplierName, Title};
    let store = place.store().await;
    let by = account(&store, Role::Moderator).await;
    let ids = import(&store, &rows(2), options(true, 0)).await.changed;
    let resources = [
        [
            (ResourceKind, "code"),
            (Downloadable, "yes"),
            (Licence, "mit"),
            (Reach, "public"),
        ],
        // A page that presents a product, and a licence that forbids: neither can be taken.
        [
            (ResourceKind, "code"),
            (Downloadable, "no"),
            (Licence, "mit"),
            (Reach, "public"),
        ],
        [
            (ResourceKind, "model"),
            (Downloadable, ""),
            (Licence, "none"),
            (Reach, "public"),
        ],
        [
            (ResourceKind, "dataset"),
            (Downloadable, ""),
            (Licence, "odbl-1.0"),
            (Reach, "member"),
        ],
    ];
    for fields in &resources {
        let resource = published(&store, EntryKind::Resource, fields, by).await;
        let tie = link(LinkKind::AttachedTo, resource, case(ids[0]), true, by);
        store.add_link(&tie).await.unwrap().unwrap();
    }
    let fields = [(Title, "Écoute"), (SupplierName, "Aquisonde")];
    let solution = published(&store, EntryKind::Solution, &fields, by).await;
    let supplier = published(&store, EntryKind::Supplier, &[(Title, "Groupe Aquisonde")], by).await;
    let uses = link(LinkKind::UsesSolution, case(ids[0]), solution, true, by);
    store.add_link(&uses).await.unwrap().unwrap();
    let before = store.catalogue_revision().await.unwrap();
    let provides = link(LinkKind::ProvidedBy, solution, supplier, true, by);
    store.add_link(&provides).await.unwrap().unwrap();
    let touched = |changes: Vec<sobria_store::ChangedRecord>| -> Vec<UseCaseId> {
        changes.into_iter().map(|change| change.id).collect()
    };
    let changes = store.changed_since(before).await.unwrap();
    assert_eq!(
        touched(changes),
        [ids[0]],
        "a supplier of its solution is told of the record"
    );

    let around = store.surroundings().await.unwrap();
    assert_eq!(around.len(), 1);
    let own = &around[&ids[0]];
    assert!(own.open.iter().eq(["code"]), "{own:?}");
    assert!(own.shared.iter().eq(["dataset"]), "{own:?}");
    assert!(
        own.solutions
            .iter()
            .eq(["Aquisonde", "Groupe Aquisonde", "Écoute"]),
        "{own:?}"
    );

    let before = store.catalogue_revision().await.unwrap();
    step(
        &store,
        EntryId::new(supplier.id),
        EntryStep::Withdraw,
        None,
        by,
        30,
    )
    .await;
    let changes = store.changed_since(before).await.unwrap();
    assert_eq!(touched(changes), [ids[0]]);
    let around = store.surroundings().await.unwrap();
    assert!(around[&ids[0]].solutions.iter().eq(["Aquisonde", "Écoute"]));
}
