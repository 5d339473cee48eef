//! Several at once, and steps cut short: one is written, the others are told.

use std::collections::BTreeSet;

use sobria_catalogue::organisation::OrganisationStatus;

use sobria_catalogue::use_case::WorkflowStatus;
use sobria_catalogue::workflow::{Kind, Opening, Refusal, Transition};
use sobria_store::{Created, Saved, Store, StoreError};

use crate::fixture::{import, options, row};
use crate::place::{Place, run_outside};

use super::{
    AGENT, MODERATOR, SECOND, actor, begin, chosen, decide, form, go, keep, new_draft, people, publish,
    rejection, sound, user,
};

stories!(
    sixteen_editors_of_one_draft_lose_no_update,
    a_form_sent_twenty_times_at_once_makes_one_contribution,
    a_beginning_cut_short_anywhere_is_found_or_made_by_the_next_try,
    two_moderators_who_decide_at_once_decide_once,
    what_was_corrected_of_a_carrier_meanwhile_stays,
    a_decision_about_a_record_that_moved_is_refused_and_writes_nothing,
    one_new_version_at_a_time_is_written_for_a_record,
);

async fn sixteen_editors_of_one_draft_lose_no_update(place: &'static Place) {
    const EDITORS: usize = 16;
    const EDITS: usize = 10;
    let store = place.store().await;
    people(&store).await;
    let agent = actor(AGENT, None);
    let first = new_draft(&store, form("Fuites"), &agent).await;
    let editors: Vec<_> = (0..EDITORS)
        .map(|editor| {
            let (store, agent, mut seen) = (store.clone(), agent.clone(), first.clone());
            tokio::spawn(async move {
                let mut conflicts = 0_u32;
                for edit in 0..EDITS {
                    loop {
                        let mut tags = seen.values.all("tags").to_vec();
                        tags.push(format!("e{editor}-{edit}"));
                        let mut values = seen.values.clone();
                        values.set("tags", tags).unwrap();
                        let step = decide(&store, &seen, Transition::Save { values }, &agent, 5)
                            .await
                            .unwrap();
                        match store.save_contribution(&step).await.unwrap() {
                            Saved::Done(version) => {
                                assert_eq!(version, seen.version + 1);
                                seen = step.case;
                                break;
                            }
                            Saved::Conflict(stored) => {
                                assert!(stored.version > seen.version);
                                conflicts += 1;
                                seen = *stored;
                            }
                        }
                    }
                }
                conflicts
            })
        })
        .collect();
    let mut conflicts = 0;
    for editor in editors {
        conflicts += editor.await.unwrap();
    }
    let kept = store.contribution(first.id).await.unwrap().unwrap();
    let tags: BTreeSet<_> = kept.values.all("tags").iter().collect();
    assert_eq!(tags.len(), EDITORS * EDITS, "after {conflicts} conflicts");
    assert_eq!(usize::try_from(kept.version).unwrap(), 1 + EDITORS * EDITS);
    assert!(conflicts > 0, "the editors did meet");
    sound(&store).await;
}

async fn a_form_sent_twenty_times_at_once_makes_one_contribution(place: &'static Place) {
    let store = place.store().await;
    people(&store).await;
    let agent = actor(AGENT, None);
    let mut tries = Vec::new();
    for _ in 0..20 {
        let step = begin(
            &store,
            Opening::New {
                values: form("Fuites"),
            },
            None,
            &agent,
            1,
        )
        .await;
        let store = store.clone();
        tries.push(tokio::spawn(async move {
            (
                step.case.id,
                store.create_contribution(&step, "clé").await.unwrap(),
            )
        }));
    }
    let (mut made, mut found) = (BTreeSet::new(), BTreeSet::new());
    for one in tries {
        match one.await.unwrap() {
            (id, Created::New) => made.insert(id),
            (_, Created::Again(case)) => found.insert(case.id),
            (_, taken @ Created::Taken(_)) => panic!("{taken:?}"),
        };
    }
    assert_eq!(made.len(), 1);
    assert_eq!(found, made);
    let case = store.contribution(*made.first().unwrap()).await.unwrap().unwrap();
    // The same key of somebody else is another key.
    let other = actor(SECOND, None);
    let step = begin(
        &store,
        Opening::New {
            values: form("Fuites"),
        },
        None,
        &other,
        1,
    )
    .await;
    assert_eq!(
        store.create_contribution(&step, "clé").await.unwrap(),
        Created::New
    );

    // Handed in twice from the same page: one receipt, one copy.
    let step = decide(&store, &case, Transition::Submit, &agent, 2)
        .await
        .unwrap();
    let (one, two) = tokio::join!(store.save_contribution(&step), store.save_contribution(&step));
    let mut outcomes = [one.unwrap(), two.unwrap()];
    outcomes.sort_by_key(|outcome| matches!(outcome, Saved::Conflict(_)));
    assert_eq!(outcomes[0], Saved::Done(2));
    let Saved::Conflict(stored) = &outcomes[1] else {
        panic!("{outcomes:?}")
    };
    let refusal = decide(&store, stored, Transition::Submit, &agent, 3)
        .await
        .unwrap_err();
    let receipt = stored.receipt.clone().unwrap();
    assert_eq!(refusal, Refusal::AlreadyHandedIn { receipt });
    assert_eq!(store.submissions_of(case.id).await.unwrap().len(), 1);
    assert_eq!(
        store
            .contributions_of_author(user(AGENT), 0, 10)
            .await
            .unwrap()
            .total,
        1
    );
}

async fn a_beginning_cut_short_anywhere_is_found_or_made_by_the_next_try(place: &'static Place) {
    let store = place.store().await;
    people(&store).await;
    let agent = actor(AGENT, None);
    // How many times a beginning waits differs from one run to the next: each place is tried, the end included.
    let tries = 60_u64;
    let mut ended = 0;
    for polls in 0..60 {
        let key = format!("clé {polls}");
        let step = begin(
            &store,
            Opening::New {
                values: form("Fuites"),
            },
            None,
            &agent,
            1,
        )
        .await;
        let whole = cut(store.create_contribution(&step, &key), polls).await;
        let again = begin(
            &store,
            Opening::New {
                values: form("Fuites"),
            },
            None,
            &agent,
            2,
        )
        .await;
        match store.create_contribution(&again, &key).await.unwrap() {
            Created::New => assert!(!whole, "what was answered is kept"),
            Created::Again(case) => assert_eq!(*case, step.case),
            taken @ Created::Taken(_) => panic!("{taken:?}"),
        }
        ended += u32::from(whole);
    }
    assert!(ended > 0, "a beginning ends some time");
    let made = store.contributions_of_author(user(AGENT), 0, 1000).await.unwrap();
    assert_eq!(
        (made.total, made.items.len()),
        (tries, usize::try_from(tries).unwrap())
    );
    sound(&store).await;
}

/// Polls a future so many times, then drops it wherever it stands; says whether it was done.
async fn cut<F: Future>(future: F, polls: u32) -> bool {
    let mut future = std::pin::pin!(future);
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 {
            return std::task::Poll::Ready(false);
        }
        left -= 1;
        future.as_mut().poll(context).map(|_| true)
    })
    .await
}

async fn two_moderators_who_decide_at_once_decide_once(place: &'static Place) {
    let store = place.store().await;
    people(&store).await;
    let (agent, moderator) = (actor(AGENT, None), actor(MODERATOR, None));
    for number in 0..5 {
        let case = new_draft(&store, form(&format!("Projet {number}")), &agent).await;
        let case = go(&store, &case, Transition::Submit, &agent, 2).await;
        // Both claim what both saw free.
        let one = decide(&store, &case, Transition::Claim, &moderator, 3)
            .await
            .unwrap();
        let two = decide(&store, &case, Transition::Claim, &actor(SECOND, None), 3)
            .await
            .unwrap();
        let (one, two) = tokio::join!(store.save_contribution(&one), store.save_contribution(&two));
        let done = [&one, &two]
            .iter()
            .filter(|saved| matches!(saved, Ok(Saved::Done(_))))
            .count();
        assert_eq!(done, 1, "{one:?} {two:?}");
        let case = store.contribution(case.id).await.unwrap().unwrap();
        let holder = if case.claim.unwrap().moderator == user(MODERATOR) {
            MODERATOR
        } else {
            SECOND
        };
        let holder = actor(holder, None);
        // The same page in two windows: approved in one, refused in the other.
        let before = store.catalogue_revision().await.unwrap();
        let yes = decide(&store, &case, Transition::Approve { seen: None }, &holder, 4)
            .await
            .unwrap();
        let no = decide(&store, &case, rejection(), &holder, 4).await.unwrap();
        let (yes, no) = tokio::join!(store.save_contribution(&yes), store.save_contribution(&no));
        let done = [&yes, &no]
            .iter()
            .filter(|saved| matches!(saved, Ok(Saved::Done(_))))
            .count();
        let lost = [&yes, &no]
            .iter()
            .filter(|saved| matches!(saved, Ok(Saved::Conflict(_))))
            .count();
        assert_eq!((done, lost), (1, 1), "{yes:?} {no:?}");
        assert_eq!(store.catalogue_revision().await.unwrap(), before + 1);
    }
    sound(&store).await;
}

async fn what_was_corrected_of_a_carrier_meanwhile_stays(place: &'static Place) {
    let address = place.fresh_address().await;
    let store = Store::connect(&address).await.unwrap();
    store.migrate().await.unwrap();
    people(&store).await;
    import(&store, &[row("Ville", "Fuites", "Texte")], options(true, 0)).await;
    let carrier = store
        .organisations("", 0, 1)
        .await
        .unwrap()
        .items
        .remove(0)
        .organisation;
    let (agent, moderator) = (actor(AGENT, Some(carrier.id)), actor(MODERATOR, None));
    let case = new_draft(&store, chosen(form("Autre projet"), carrier.id), &agent).await;
    let case = go(&store, &case, Transition::Submit, &agent, 2).await;
    let case = go(&store, &case, Transition::Claim, &moderator, 3).await;
    let approve = decide(&store, &case, Transition::Approve { seen: None }, &moderator, 4);
    let approve = approve.await.unwrap();
    let corrected =
        "UPDATE organisation SET name = 'Corrigée', siret = '21570463600012', siren = '215704636'";
    run_outside(&address, corrected).await;
    // The same page sent twice: the second one meets what the first one did.
    let (one, two) = tokio::join!(
        store.save_contribution(&approve),
        store.save_contribution(&approve)
    );
    let mut outcomes = [one.unwrap(), two.unwrap()];
    outcomes.sort_by_key(|outcome| matches!(outcome, Saved::Conflict(_)));
    assert_eq!(outcomes[0], Saved::Done(case.version + 1));
    assert!(matches!(&outcomes[1], Saved::Conflict(stored) if stored.status == WorkflowStatus::Published));
    let kept = store.organisations_by_ids(&[carrier.id]).await.unwrap().remove(0);
    assert_eq!(kept.name, "Corrigée");
    assert_eq!(kept.siret.as_deref(), Some("21570463600012"));
    assert_eq!(kept.kind.as_deref(), Some("commune"), "what it lacked is added");
    assert_eq!(kept.status, OrganisationStatus::Confirmed);
    // Its other records are read again.
    assert_eq!(store.changed_since(1).await.unwrap().len(), 2);
    sound(&store).await;
    store.close().await;
}

async fn a_decision_about_a_record_that_moved_is_refused_and_writes_nothing(place: &'static Place) {
    let store = place.store().await;
    people(&store).await;
    let imported = import(&store, &[row("Ville", "Fuites", "Avant")], options(true, 0))
        .await
        .changed[0];
    let record = store.use_cases_by_ids(&[imported]).await.unwrap().pop().unwrap();
    let agent = actor(AGENT, Some(record.organisation.id));
    let step = begin(&store, Opening::Revision, Some(&record), &agent, 5).await;
    let case = keep(&store, &step, "k").await;
    let mut values = chosen(form("Fuites"), record.organisation.id);
    values
        .set("organisation.latitude", vec!["48,39".to_owned()])
        .unwrap();
    values
        .set("organisation.longitude", vec!["-4,48".to_owned()])
        .unwrap();
    let case = go(&store, &case, Transition::Save { values }, &agent, 6).await;
    let case = go(&store, &case, Transition::Submit, &agent, 7).await;
    let moderator = actor(MODERATOR, None);
    let case = go(&store, &case, Transition::Claim, &moderator, 8).await;
    let late = decide(
        &store,
        &case,
        Transition::Approve { seen: Some(1) },
        &moderator,
        9,
    )
    .await
    .unwrap();
    import(&store, &[row("Ville", "Fuites", "Après")], options(true, 10)).await;
    let before = store.catalogue_revision().await.unwrap();
    let refused = store.save_contribution(&late).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
    assert_eq!(store.catalogue_revision().await.unwrap(), before);
    assert_eq!(store.contribution(case.id).await.unwrap().unwrap(), case);
    let refusal = decide(
        &store,
        &case,
        Transition::Approve { seen: Some(1) },
        &moderator,
        11,
    )
    .await;
    assert_eq!(refusal.unwrap_err(), Refusal::RecordMoved { current: Some(2) });
    go(
        &store,
        &case,
        Transition::Approve { seen: Some(2) },
        &moderator,
        12,
    )
    .await;
    let record = store.use_cases_by_ids(&[imported]).await.unwrap().pop().unwrap();
    assert_eq!(record.version, 3);
    assert_eq!(record.organisation.name, "Ville", "the carrier keeps its name");
    assert_eq!(
        record.organisation.siret.as_deref(),
        Some("21750001600019"),
        "and gets what it lacked"
    );
    sound(&store).await;
}

async fn one_new_version_at_a_time_is_written_for_a_record(place: &'static Place) {
    let store = place.store().await;
    people(&store).await;
    let record = publish(&store, "Fuites").await;
    let agent = actor(AGENT, Some(record.organisation.id));
    let first = begin(&store, Opening::Revision, Some(&record), &agent, 20).await;
    let case = keep(&store, &first, "a").await;
    let second = begin(&store, Opening::Revision, Some(&record), &agent, 21).await;
    assert_eq!(
        store.create_contribution(&second, "b").await.unwrap(),
        Created::Taken(Box::new(case.clone()))
    );
    let open = store.open_contribution(record.id, Kind::Content).await.unwrap();
    assert_eq!(open.unwrap().id, case.id);
    // That the record still holds can be said meanwhile.
    let review = begin(&store, Opening::Review, Some(&record), &agent, 22).await;
    keep(&store, &review, "c").await;
    let discard = decide(&store, &case, Transition::Discard, &agent, 23)
        .await
        .unwrap();
    assert_eq!(store.save_contribution(&discard).await.unwrap(), Saved::Done(2));
    assert_eq!(
        store.create_contribution(&second, "b").await.unwrap(),
        Created::New
    );
}
