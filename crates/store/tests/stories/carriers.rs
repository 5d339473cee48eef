//! Two names of one organisation become one, with all that hangs on them.

use sobria_catalogue::account::MembershipStatus;
use sobria_catalogue::id::{OrganisationId, UserId};
use sobria_catalogue::organisation::Organisation;
use sobria_store::{CarrierWord, StoreError};
use uuid::Uuid;

use crate::fixture::{at, import, options, person, row};
use crate::place::Place;

stories!(
    a_merged_organisation_leaves_its_records_names_and_people,
    an_organisation_can_be_added_before_it_has_a_record,
    carriers_come_by_name_with_what_they_published,
    every_word_of_a_search_is_a_name_a_place_or_a_kind,
);

async fn a_merged_organisation_leaves_its_records_names_and_people(place: &'static Place) {
    let store = place.store().await;
    let rows = [row("Ville de Metz", "Un", "Texte"), row("Metz", "Deux", "Texte")];
    import(&store, &rows, options(true, 0)).await;
    let found = store.organisations("", 0, 10).await.unwrap().items;
    let id = |name: &str| {
        found
            .iter()
            .find(|one| one.organisation.name == name)
            .unwrap()
            .organisation
            .id
    };
    let (from, into) = (id("Metz"), id("Ville de Metz"));
    let by = UserId::new(Uuid::now_v7());
    let agent = person(&store, "agent").await;
    store
        .ask_membership(agent, from, Some("domain"), at(1))
        .await
        .unwrap();
    store.ask_membership(agent, into, None, at(1)).await.unwrap();
    store.set_domain("metz.fr", Some(from), at(1)).await.unwrap();
    let before = store.catalogue_revision().await.unwrap();

    let revision = store.merge_organisations(from, into, by, at(10)).await.unwrap();
    assert!(revision > before, "pages and index follow");
    let left = store.organisations("", 0, 10).await.unwrap();
    assert_eq!((left.total, left.items[0].published), (1, 2));
    assert!(left.items[0].organisation.aliases.contains(&"Metz".to_owned()));
    let memberships = store.memberships_of(agent).await.unwrap();
    assert_eq!(memberships.len(), 1);
    assert_eq!(memberships[0].status, MembershipStatus::Granted);
    assert_eq!(store.organisation_of_domain("metz.fr").await.unwrap(), Some(into));
    assert_eq!(store.changed_since(before).await.unwrap().len(), 2);
    assert!(store.check().await.unwrap().is_sound());
    let again = store.merge_organisations(from, into, by, at(11)).await;
    assert!(matches!(again, Err(StoreError::NotFound { .. })), "{again:?}");
    let itself = store.merge_organisations(into, into, by, at(11)).await;
    assert!(matches!(itself, Err(StoreError::Conflict { .. })), "{itself:?}");
}

async fn an_organisation_can_be_added_before_it_has_a_record(place: &'static Place) {
    let store = place.store().await;
    let id = OrganisationId::new(Uuid::now_v7());
    let organisation = Organisation::named(id, "Communauté du Gour");
    let by = UserId::new(Uuid::now_v7());
    store.add_organisation(&organisation, by, at(0)).await.unwrap();
    let found = store.organisations_by_ids(&[id]).await.unwrap();
    assert_eq!(found, [organisation]);
    assert!(store.check().await.unwrap().is_sound());
}

async fn carriers_come_by_name_with_what_they_published(place: &'static Place) {
    let store = place.store().await;
    let published = [
        row("Étampes", "Un", "Texte"),
        row("Arras", "Deux", "Texte"),
        row("Étampes", "Trois", "Texte"),
        row("Zuydcoote", "Quatre", "Texte"),
        row("Arras agglomération", "Cinq", "Texte"),
    ];
    import(&store, &published, options(true, 0)).await;
    import(
        &store,
        &[row("Brest", "Six", "Texte"), row("Arras", "Sept", "Texte")],
        options(false, 1),
    )
    .await;
    let listed = async |filter: &str, offset, limit| {
        let page = store.organisations(filter, offset, limit).await.unwrap();
        let names: Vec<(String, u64)> = page
            .items
            .into_iter()
            .map(|carrier| (carrier.organisation.name, carrier.published))
            .collect();
        (page.total, names)
    };
    let named = |names: &[(&str, u64)]| -> Vec<(String, u64)> {
        names
            .iter()
            .map(|(name, count)| ((*name).to_owned(), *count))
            .collect()
    };
    let all = [
        ("Arras", 1),
        ("Arras agglomération", 1),
        ("Étampes", 2),
        ("Zuydcoote", 1),
    ];
    assert_eq!(listed("", 0, 10).await, (4, named(&all)));
    assert_eq!(listed("", 1, 2).await, (4, named(&all[1..3])));
    assert_eq!(listed("", 4, 2).await, (4, Vec::new()));
    assert_eq!(listed("ARRAS", 0, 10).await, (2, named(&all[..2])));
    assert_eq!(listed("etampe", 0, 10).await, (1, named(&all[2..3])));
    assert_eq!(
        listed("Brest", 0, 10).await,
        (0, Vec::new()),
        "nothing of it is published"
    );
}

async fn every_word_of_a_search_is_a_name_a_place_or_a_kind(place: &'static Place) {
    let store = place.store().await;
    let by = UserId::new(Uuid::now_v7());
    let there = [
        ("Porz-Ahel", "commune", Some("29"), "53"),
        ("Kerzavel", "syndicat", Some("22"), "53"),
        ("Conseil régional", "region", None, "53"),
        ("Metz", "commune", Some("57"), "44"),
    ];
    for (name, kind, departement, region) in there {
        let mut organisation = Organisation::named(OrganisationId::new(Uuid::now_v7()), name);
        organisation.kind = Some(kind.to_owned());
        organisation.departement = departement.map(str::to_owned);
        organisation.region = Some(region.to_owned());
        store.add_organisation(&organisation, by, at(0)).await.unwrap();
    }
    let rows = there.map(|(name, ..)| row(name, "Projet", "Texte"));
    import(&store, &rows, options(true, 1)).await;
    let found = async |words: &[CarrierWord]| -> Vec<String> {
        let page = store.carriers(words, 0, 10).await.unwrap();
        assert_eq!(page.total, u64::try_from(page.items.len()).unwrap());
        page.items.into_iter().map(|one| one.organisation.name).collect()
    };
    let word = |text: &str| CarrierWord {
        text: text.to_owned(),
        ..CarrierWord::default()
    };
    let bretagne = || CarrierWord {
        departements: vec!["22", "29", "35", "56"],
        regions: vec!["53"],
        ..word("bretagne")
    };
    let finistere = || CarrierWord {
        departements: vec!["29"],
        ..word("finistere")
    };
    let communes = || CarrierWord {
        kinds: vec!["commune", "commune_nouvelle"],
        ..word("communes")
    };
    assert_eq!(found(&[]).await.len(), 4);
    assert_eq!(
        found(&[bretagne()]).await,
        ["Conseil régional", "Kerzavel", "Porz-Ahel"]
    );
    assert_eq!(found(&[communes()]).await, ["Metz", "Porz-Ahel"]);
    assert_eq!(found(&[bretagne(), communes()]).await, ["Porz-Ahel"]);
    assert_eq!(found(&[finistere()]).await, ["Porz-Ahel"]);
    assert_eq!(
        found(&[word("ahel"), finistere(), word("porz")]).await,
        ["Porz-Ahel"]
    );
    assert!(found(&[word("metz"), finistere()]).await.is_empty());
}
