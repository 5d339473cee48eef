//! Roadmaps: values add up, meetings are frozen, names go, everything moves with the instance.

use jiff::civil::date;
use sobria_catalogue::id::{OrganisationId, UserId};
use sobria_store::{
    Appointment, CommitteeDecision, CommitteeReview, IndicatorValue, Store, StoreError, TrainingSession,
};
use uuid::Uuid;

use crate::fixture::{at, import, options, person, rows};
use crate::place::Place;

stories!(
    what_an_organisation_wrote_is_read_back,
    an_erased_author_leaves_what_was_written_without_a_name,
    two_names_of_one_organisation_join_their_roadmaps,
);

async fn organisations(store: &Store) -> (OrganisationId, OrganisationId) {
    import(store, &rows(3), options(true, 0)).await;
    let found = store.organisations("", 0, 10).await.unwrap().items;
    (found[0].organisation.id, found[1].organisation.id)
}

fn id() -> String {
    Uuid::now_v7().to_string()
}

fn value(period: &str, value: f64, second: i64, author: Option<UserId>) -> IndicatorValue {
    IndicatorValue {
        id: id(),
        goal: "o1".to_owned(),
        baseline: 1,
        period: period.to_owned(),
        value,
        low: None,
        high: Some(value + 1.0),
        quality: "measured".to_owned(),
        evidence: "relevé".to_owned(),
        author,
        made_at: at(second),
    }
}

/// Writes one of everything.
async fn write(store: &Store, organisation: OrganisationId, author: UserId) {
    let by = Some(author);
    let values = [value("2026", 10.5, 10, by), value("2026", 9.0, 11, by)];
    store
        .add_indicator_values(organisation, &values, at(11))
        .await
        .unwrap();
    let review = CommitteeReview {
        id: id(),
        held_on: date(2026, 3, 1),
        next_due: date(2026, 9, 1),
        attendees: "Élue".to_owned(),
        seen: "{}".to_owned(),
        author: by,
        made_at: at(12),
    };
    let decision = |words: &str| CommitteeDecision {
        id: id(),
        review: review.id.clone(),
        words: words.to_owned(),
        kind: "stop".to_owned(),
        owner: "DSI".to_owned(),
        due_on: None,
        closed: false,
        effect: String::new(),
    };
    store
        .hold_review(organisation, &review, &[decision("b"), decision("a")])
        .await
        .unwrap();
    let session = |title: &str| TrainingSession {
        id: id(),
        title: title.to_owned(),
        subject: "frugal_ai".to_owned(),
        held_on: date(2026, 2, 1),
        hours: 3.5,
        provider: String::new(),
        attendees: 12,
        elected: 2,
        already: Some((3, 1)),
        author: by,
        made_at: at(13),
    };
    store
        .add_trainings(
            organisation,
            &["écrire", "IA frugale", "IA : lire", "acheter"].map(session),
            at(13),
        )
        .await
        .unwrap();
    let appointment = Appointment {
        id: id(),
        role: "dpo".to_owned(),
        person_name: "Camille Essai".to_owned(),
        generic_email: "dpo@ville.exemple.fr".to_owned(),
        fte: None,
        starts_on: date(2024, 1, 1),
        ends_on: Some(date(2024, 12, 31)),
        deputy: "Dominique".to_owned(),
        is_public: true,
        author: by,
        made_at: at(14),
    };
    store
        .keep_appointment(organisation, &appointment, author, at(14))
        .await
        .unwrap();
}

async fn what_an_organisation_wrote_is_read_back(place: &'static Place) {
    let store = place.store().await;
    let (organisation, other) = organisations(&store).await;
    let author = person(&store, "camille").await;
    write(&store, organisation, author).await;
    let values = store.indicator_values(organisation).await.unwrap();
    let figures: Vec<(f64, Option<f64>, Option<f64>)> =
        values.iter().map(|one| (one.value, one.low, one.high)).collect();
    assert_eq!(
        figures,
        [(10.5, None, Some(11.5)), (9.0, None, Some(10.0))],
        "both stay"
    );
    let decisions = store.committee_decisions(organisation).await.unwrap();
    let words: Vec<&str> = decisions.iter().map(|one| one.words.as_str()).collect();
    assert_eq!(words, ["b", "a"], "in the order of the meeting");
    let taken = store
        .settle_decision(other, &decisions[0].id, true, "x", author, at(20))
        .await;
    assert!(matches!(taken, Err(StoreError::NotFound { .. })), "{taken:?}");
    store
        .settle_decision(organisation, &decisions[0].id, true, "−2 kWh", author, at(21))
        .await
        .unwrap();
    let settled = store.committee_decisions(organisation).await.unwrap();
    assert_eq!((settled[0].closed, settled[0].effect.as_str()), (true, "−2 kWh"));
    assert_eq!(
        store.committee_reviews(organisation).await.unwrap()[0].held_on,
        date(2026, 3, 1)
    );
    let mut named = store.appointments(organisation).await.unwrap().remove(0);
    named.role = "cdo".to_owned();
    let foreign = store.keep_appointment(other, &named, author, at(22)).await;
    assert!(matches!(foreign, Err(StoreError::NotFound { .. })), "{foreign:?}");
    store
        .keep_appointment(organisation, &named, author, at(22))
        .await
        .unwrap();
    assert_eq!(store.appointments(organisation).await.unwrap()[0].role, "cdo");
    assert_eq!(store.forget_appointments(date(2024, 12, 31)).await.unwrap(), 0);
    assert_eq!(store.forget_appointments(date(2025, 1, 1)).await.unwrap(), 1);
    let kept = store.appointments(organisation).await.unwrap().remove(0);
    assert_eq!(
        (kept.person_name.as_str(), kept.generic_email.as_str()),
        ("", "dpo@ville.exemple.fr")
    );
    let trainings = store.trainings(organisation).await.unwrap();
    let titles: Vec<&str> = trainings.iter().map(|one| one.title.as_str()).collect();
    assert_eq!(titles, ["IA : lire", "IA frugale", "acheter", "écrire"]);
    assert_eq!((trainings[0].hours, trainings[0].attendees), (3.5, 12));
    assert!(store.trainings(other).await.unwrap().is_empty());
    let second = place.sqlite().await;
    store.copy_to(&second).await.unwrap();
    assert_eq!(second.indicator_values(organisation).await.unwrap(), values);
    assert_eq!(second.committee_decisions(organisation).await.unwrap(), settled);
    assert!(store.check().await.unwrap().is_sound());
}

async fn an_erased_author_leaves_what_was_written_without_a_name(place: &'static Place) {
    let store = place.store().await;
    let (organisation, _) = organisations(&store).await;
    let author = person(&store, "camille").await;
    write(&store, organisation, author).await;
    let traces = store.roadmap_traces(author).await.unwrap();
    let counts = (
        traces.values.len(),
        traces.reviews.len(),
        traces.sessions.len(),
        traces.appointments.len(),
    );
    assert_eq!(counts, (2, 1, 4, 1));
    store.erase_account(author).await.unwrap();
    assert_eq!(
        store.roadmap_traces(author).await.unwrap(),
        sobria_store::RoadmapTraces::default()
    );
    let values = store.indicator_values(organisation).await.unwrap();
    assert!(values.len() == 2 && values.iter().all(|one| one.author.is_none()));
}

async fn two_names_of_one_organisation_join_their_roadmaps(place: &'static Place) {
    let store = place.store().await;
    let (from, into) = organisations(&store).await;
    let author = person(&store, "camille").await;
    write(&store, from, author).await;
    store
        .merge_organisations(from, into, author, at(30))
        .await
        .unwrap();
    assert_eq!(store.indicator_values(into).await.unwrap().len(), 2);
    assert_eq!(store.committee_decisions(into).await.unwrap().len(), 2);
    assert_eq!(store.trainings(into).await.unwrap().len(), 4);
    assert_eq!(store.appointments(into).await.unwrap().len(), 1);
}
