//! What moderators decide beside contributions: repairs of published records, logos that members propose.

use sobria_catalogue::content::Value;
use sobria_catalogue::field::Field;
use sobria_catalogue::id::UserId;
use sobria_catalogue::proposal::{Change, Decision, Proposal};
use sobria_store::{Logo, LogoProposal, Proposed, Repair, Repaired};
use uuid::Uuid;

use crate::fixture::{at, import, options, plan, row};
use crate::place::Place;

stories!(
    a_repair_of_a_published_record_is_decided_once_on_the_version_that_was_seen,
    a_proposed_logo_is_decided_once_and_follows_a_merge,
);

fn doubt(code: &str) -> Proposal {
    Proposal {
        code: code.to_owned(),
        ..Proposal::prefill(Field::Description, "essai", Change::default())
    }
}

async fn a_repair_of_a_published_record_is_decided_once_on_the_version_that_was_seen(place: &'static Place) {
    let store = place.store().await;
    let (existing, _) = store.existing().await.unwrap();
    let mut planned = plan(
        &existing,
        &[row("Metz", "Un", "Texte"), row("Metz", "Deux", "Autre")],
    );
    planned.rows[0].proposals = vec![doubt("value_multiple"), doubt("enum_unknown")];
    planned.rows[1].proposals = vec![doubt("value_multiple")];
    let applied = store.apply_import(&planned, options(true, 0)).await.unwrap();
    let id = applied.changed[0];
    assert_eq!(store.unsettled(0, 1).await.unwrap(), (vec![(id, 2)], 2));
    let record = store.use_cases_by_ids(&[id]).await.unwrap().remove(0);
    let mut content = record.content.clone();
    content.set(Field::Description, Value::Text("Texte relu".to_owned()));
    let by = UserId::new(Uuid::now_v7());
    let repair = Repair {
        record: id,
        seen: 1,
        place: 0,
        decision: Decision::Refused,
        content: Some((&content, 40)),
        siret: Some("21570463600012"),
        reason: "Relecture de l’import",
        by,
        now: at(10),
    };
    // A newer version that waits for a decision comes first; what its import doubts takes the place of the former doubts.
    let deux = applied.changed[1];
    import(
        &store,
        &[row("Metz", "Deux", "Autre, plus tard")],
        options(false, 5),
    )
    .await;
    let other = Repair {
        record: deux,
        siret: None,
        ..repair
    };
    assert_eq!(store.repair_published(other).await.unwrap(), Repaired::Waits);
    assert_eq!(store.unsettled(0, 10).await.unwrap(), (vec![(id, 2)], 1));
    let before = store.catalogue_revision().await.unwrap();
    let both = tokio::join!(store.repair_published(repair), store.repair_published(repair));
    let mut both = [both.0.unwrap(), both.1.unwrap()];
    both.sort_by_key(|one| *one != Repaired::Done);
    assert_eq!(
        both,
        [Repaired::Done, Repaired::Changed],
        "of two at once one writes"
    );
    let now = store.use_cases_by_ids(&[id]).await.unwrap().remove(0);
    assert_eq!((now.version, &now.content), (2, &content));
    assert_eq!(now.organisation.siret.as_deref(), Some("21570463600012"));
    assert_eq!(now.organisation.siren.as_deref(), Some("215704636"));
    assert_eq!(store.history_of(id).await.unwrap().len(), 2);
    assert_eq!(
        store.changed_since(before).await.unwrap().len(),
        2,
        "the other record of the carrier follows"
    );
    let seen = Repair { seen: 2, ..repair };
    assert_eq!(store.repair_published(seen).await.unwrap(), Repaired::Before);
    assert_eq!(store.unsettled(0, 10).await.unwrap(), (vec![(id, 1)], 1));
    assert!(store.check().await.unwrap().is_sound());
}

async fn a_proposed_logo_is_decided_once_and_follows_a_merge(place: &'static Place) {
    let store = place.store().await;
    let rows = [row("Ville de Metz", "Un", "Texte"), row("Metz", "Deux", "Texte")];
    import(&store, &rows, options(true, 0)).await;
    let found = store.organisations("", 0, 10).await.unwrap().items;
    let id = |name: &str| {
        let one = found.iter().find(|one| one.organisation.name == name).unwrap();
        one.organisation.id
    };
    let (from, into) = (id("Metz"), id("Ville de Metz"));
    let by = UserId::new(Uuid::now_v7());
    let proposal = |alternative: &str, second| LogoProposal {
        organisation: from,
        logo: Logo {
            hash: "ab".repeat(32),
            size: (40, 20),
            alternative: alternative.to_owned(),
        },
        by,
        at: at(second),
    };
    store.propose_logo(&proposal("Graoully", 1)).await.unwrap();
    store.propose_logo(&proposal("Graoully bleu", 2)).await.unwrap();
    assert_eq!(
        store.logo_proposals().await.unwrap(),
        [proposal("Graoully bleu", 2)]
    );
    assert!(
        store.file_hashes().await.unwrap().contains(&"ab".repeat(32)),
        "its bytes stay"
    );
    let former = store
        .decide_logo(&proposal("Graoully", 1), true, by, at(3))
        .await
        .unwrap();
    assert_eq!(former, Proposed::Changed);
    assert_eq!(store.logo_of(from).await.unwrap(), None);
    store.merge_organisations(from, into, by, at(4)).await.unwrap();
    let moved = store.logo_proposal(into).await.unwrap().unwrap();
    assert_eq!(moved.logo.alternative, "Graoully bleu");
    let other = place.sqlite().await;
    store.copy_to(&other).await.unwrap();
    assert_eq!(other.logo_proposal(into).await.unwrap(), Some(moved.clone()));
    let both = tokio::join!(
        store.decide_logo(&moved, true, by, at(5)),
        store.decide_logo(&moved, false, by, at(5))
    );
    let mut both = [both.0.unwrap(), both.1.unwrap()];
    both.sort_by_key(|one| *one != Proposed::Decided);
    assert_eq!(both, [Proposed::Decided, Proposed::Changed]);
    assert_eq!(store.logo_proposals().await.unwrap(), []);
    assert!(store.check().await.unwrap().is_sound());
}
