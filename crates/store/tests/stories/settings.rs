//! Settings made on the site: kept with every change, told to every server.

use sobria_catalogue::id::UserId;
use sobria_store::{NewSettings, StoreError};
use uuid::Uuid;

use crate::fixture::at;
use crate::place::Place;

stories!(a_setting_changes_with_its_history_and_tells_every_server);

async fn a_setting_changes_with_its_history_and_tells_every_server(place: &'static Place) {
    let store = place.store().await;
    let author = UserId::new(Uuid::from_u128(7));
    let change = async |second: i64, value: Option<&str>| -> Result<usize, StoreError> {
        let values = [(format!("c{second}"), "site.operator", value.map(str::to_owned))];
        store
            .change_settings(NewSettings {
                values: &values,
                author,
                now: at(second),
            })
            .await
    };
    assert_eq!(change(1, Some("Ville")).await.unwrap(), 1);
    let revision = store.catalogue_revision().await.unwrap();
    assert_eq!(
        change(2, Some("Ville")).await.unwrap(),
        0,
        "the same value is no change"
    );
    assert_eq!(store.catalogue_revision().await.unwrap(), revision);
    assert_eq!(store.site_settings().await.unwrap()["site.operator"], "Ville");
    assert_eq!(change(3, None).await.unwrap(), 1);
    assert!(
        store.catalogue_revision().await.unwrap() > revision,
        "other servers are told"
    );
    assert!(store.site_settings().await.unwrap().is_empty());
    let changes = store.setting_changes(9).await.unwrap();
    let said: Vec<_> = changes
        .iter()
        .map(|change| (change.former.as_deref(), change.value.as_deref()))
        .collect();
    assert_eq!(said, [(Some("Ville"), None), (None, Some("Ville"))]);
    assert_eq!(
        store
            .audit_lines(Some("site.operator"), None, 9)
            .await
            .unwrap()
            .len(),
        2
    );
    assert!(store.check().await.unwrap().is_sound());
}
