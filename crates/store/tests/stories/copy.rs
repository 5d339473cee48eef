//! Moving an instance between databases.

use sobria_store::StoreError;

use crate::fixture::{at, import, options, rows};
use crate::place::Place;

stories!(
    an_instance_moves_to_the_engine_and_back_unchanged,
    a_target_that_holds_records_is_refused,
);

async fn an_instance_moves_to_the_engine_and_back_unchanged(place: &'static Place) {
    let first = place.sqlite().await;
    import(&first, &rows(1500), options(true, 0)).await;
    let mut changed = rows(200);
    for row in &mut changed {
        row.text.push_str(" (bis)");
    }
    let ids = import(&first, &changed, options(false, 60)).await.changed;
    first.redirect_slug("ancienne-adresse", ids[0]).await.unwrap();
    let decision = sobria_store::Decision {
        actor: "test",
        reason: "essai",
        now: at(90),
    };
    first.withdraw(ids[1], decision).await.unwrap();

    let second = place.store().await;
    let report = first.copy_to(&second).await.unwrap();
    assert!(report.tables.contains(&("revision", 1700)), "{report:?}");
    let third = place.sqlite().await;
    second.copy_to(&third).await.unwrap();

    let hash = first.catalogue_hash().await.unwrap();
    assert_eq!(report.catalogue_hash, hash);
    assert_eq!(third.catalogue_hash().await.unwrap(), hash);
    assert_eq!(second.catalogue_revision().await.unwrap(), 3);
    assert_eq!(third.counts().await.unwrap(), first.counts().await.unwrap());
    assert!(second.check().await.unwrap().is_sound());
    assert_eq!(
        first.stream_published(None, 2000).await.unwrap(),
        second.stream_published(None, 2000).await.unwrap(),
        "both engines give the same records in the same order"
    );
    import(&second, &rows(1), options(true, 120)).await;
    assert_eq!(second.catalogue_revision().await.unwrap(), 4);
}

async fn a_target_that_holds_records_is_refused(place: &'static Place) {
    let source = place.store().await;
    import(&source, &rows(3), options(true, 0)).await;
    let target = place.store().await;
    import(&target, &rows(1), options(true, 0)).await;
    let before = target.catalogue_hash().await.unwrap();
    let refused = source.copy_to(&target).await;
    assert!(matches!(refused, Err(StoreError::NotEmpty { .. })), "{refused:?}");
    assert_eq!(target.catalogue_hash().await.unwrap(), before);
    assert_eq!(target.catalogue_revision().await.unwrap(), 1);
}
