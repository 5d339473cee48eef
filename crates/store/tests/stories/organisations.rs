//! Lists of carriers, in the same order on both engines.

use crate::fixture::{import, options, row};
use crate::place::Place;

stories!(
    carriers_are_listed_by_folded_name_with_their_counts,
    the_order_does_not_depend_on_the_language_of_the_database,
    a_carrier_is_found_by_its_address_and_identifier,
);

async fn the_order_does_not_depend_on_the_language_of_the_database(place: &'static Place) {
    // French rules pass over spaces and hyphens, and put accents after letters; the order of bytes does not.
    let names = [
        "Sainte Anne",
        "Saint-Zénon",
        "Saint Benoît",
        "Zuydcoote",
        "Œuilly",
        "d’Aigre",
        "Ea",
    ];
    let mut found = Vec::new();
    for language in ["C", "fr-FR"] {
        let store = sobria_store::Store::connect(&place.fresh_address_in(language).await)
            .await
            .unwrap();
        store.migrate().await.unwrap();
        let rows: Vec<_> = names.iter().map(|name| row(name, "Un", "a")).collect();
        import(&store, &rows, options(true, 0)).await;
        let page = store.organisations("", 0, 50).await.unwrap();
        let listed: Vec<String> = page
            .items
            .into_iter()
            .map(|carrier| carrier.organisation.name)
            .collect();
        found.push(listed);
        let records = store.stream_published(None, 50).await.unwrap();
        assert!(records.is_sorted_by_key(|record| record.id), "{language}");
        store.close().await;
    }
    let expected = [
        "d’Aigre",
        "Ea",
        "Œuilly",
        "Saint Benoît",
        "Saint-Zénon",
        "Sainte Anne",
        "Zuydcoote",
    ];
    for listed in found {
        assert_eq!(listed, expected);
    }
}

async fn carriers_are_listed_by_folded_name_with_their_counts(place: &'static Place) {
    let store = place.store().await;
    let names = [
        "Zone d’activité",
        "Évreux",
        "Ville de l’Isle",
        "evry",
        "Ville 10",
        "Ville 2",
        "Écully",
    ];
    let rows: Vec<_> = names
        .iter()
        .flat_map(|name| [row(name, "Un", "a"), row(name, "Deux", "b")])
        .collect();
    import(&store, &rows, options(true, 0)).await;

    let all = store.organisations("", 0, 50).await.unwrap();
    let listed: Vec<&str> = all
        .items
        .iter()
        .map(|carrier| carrier.organisation.name.as_str())
        .collect();
    assert_eq!(
        listed,
        [
            "Écully",
            "Évreux",
            "evry",
            "Ville 10",
            "Ville 2",
            "Ville de l’Isle",
            "Zone d’activité"
        ]
    );
    assert!(all.items.iter().all(|carrier| carrier.published == 2));

    for (filter, offset, limit, total, expected) in [
        ("VILLE", 0, 2, 3, vec!["Ville 10", "Ville 2"]),
        ("ville", 2, 2, 3, vec!["Ville de l’Isle"]),
        ("l'isle", 0, 9, 1, vec!["Ville de l’Isle"]),
        ("100%_", 0, 9, 0, vec![]),
    ] {
        let page = store.organisations(filter, offset, limit).await.unwrap();
        assert_eq!(page.total, total, "{filter}");
        let names: Vec<&str> = page.items.iter().map(|c| c.organisation.name.as_str()).collect();
        assert_eq!(names, expected, "{filter}");
    }
}

async fn a_carrier_is_found_by_its_address_and_identifier(place: &'static Place) {
    let store = place.store().await;
    import(
        &store,
        &[row("Évreux", "Un", "a"), row("Nantes", "Deux", "b")],
        options(true, 0),
    )
    .await;
    let organisations = store.existing().await.unwrap().0.organisations;
    let carrier = &organisations[0];
    let found = store.organisation_by_slug(&carrier.slug).await.unwrap().unwrap();
    assert_eq!((&found.organisation, found.published), (carrier, 1));
    assert!(store.organisation_by_slug("inconnue").await.unwrap().is_none());
    let ids: Vec<_> = organisations
        .iter()
        .rev()
        .map(|organisation| organisation.id)
        .collect();
    let read = store.organisations_by_ids(&ids).await.unwrap();
    assert_eq!(read.iter().map(|o| o.id).collect::<Vec<_>>(), ids);
    assert_eq!(
        read[1], organisations[0],
        "coordinates and other names come back as they were"
    );
}
