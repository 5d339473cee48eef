//! Messages leave once, are tried again at growing pauses, and are given up in the end.

use jiff::{SignedDuration, Timestamp};
use sobria_catalogue::account::Email;
use sobria_store::{JobRun, Outgoing, Store};

use crate::fixture::at;
use crate::place::Place;

stories!(
    a_message_leaves_once_whoever_sends,
    a_failure_is_tried_again_later_and_given_up_in_the_end,
    a_server_that_dies_leaves_its_message_to_others,
    a_mailbox_gets_so_many_a_day,
    a_task_is_taken_once_in_each_period,
    runs_of_jobs_are_kept_and_forgotten,
);

fn outgoing(number: u32) -> Outgoing {
    Outgoing {
        id: format!("m{number:03}"),
        to: Email::parse("jeanne@ville.fr").unwrap(),
        kind: "receipt",
        message: format!("{{\"subject\":\"Message {number}\"}}"),
    }
}

async fn a_message_leaves_once_whoever_sends(place: &'static Place) {
    let store = place.store().await;
    let mails: Vec<Outgoing> = (0..20).map(outgoing).collect();
    store.enqueue(&mails, at(0)).await.unwrap();
    store.enqueue(&mails, at(1)).await.unwrap();
    assert_eq!(
        store.mails(Some("queued"), 100).await.unwrap().len(),
        20,
        "queued twice is queued once"
    );
    let sender = |store: Store| {
        tokio::spawn(async move {
            let mut sent = Vec::new();
            while let Some(mail) = store.claim_mail(at(5)).await.unwrap() {
                store.mail_sent(&mail.id, false, at(6)).await.unwrap();
                sent.push(mail.id);
            }
            sent
        })
    };
    let senders: Vec<_> = (0..6).map(|_| sender(store.clone())).collect();
    let mut all = Vec::new();
    for sender in senders {
        all.extend(sender.await.unwrap());
    }
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 20);
    let sent = store.mails(Some("sent"), 100).await.unwrap();
    assert!(
        sent.iter()
            .all(|mail| mail.message.is_empty() && mail.attempts == 1),
        "{sent:?}"
    );
}

async fn a_failure_is_tried_again_later_and_given_up_in_the_end(place: &'static Place) {
    let store = place.store().await;
    store.enqueue(&[outgoing(1)], at(0)).await.unwrap();
    let mut now = at(0);
    for pause in [60, 300, 1800, 4 * 3600, 24 * 3600] {
        let mail = store.claim_mail(now).await.unwrap().unwrap();
        store
            .mail_failed(&mail, "le serveur refuse", false, now)
            .await
            .unwrap();
        assert!(
            store
                .claim_mail(now + SignedDuration::from_secs(pause - 1))
                .await
                .unwrap()
                .is_none()
        );
        now += SignedDuration::from_secs(pause);
    }
    let last = store.claim_mail(now).await.unwrap().unwrap();
    store
        .mail_failed(&last, "le serveur refuse", false, now)
        .await
        .unwrap();
    let dead = store.mails(Some("dead"), 10).await.unwrap();
    assert_eq!(
        (dead.len(), dead[0].last_error.as_str()),
        (1, "le serveur refuse")
    );
    assert!(store.revive_mail("m001", now).await.unwrap());
    assert!(store.claim_mail(now).await.unwrap().is_some());
}

async fn a_server_that_dies_leaves_its_message_to_others(place: &'static Place) {
    let store = place.store().await;
    store.enqueue(&[outgoing(1)], at(0)).await.unwrap();
    assert!(store.claim_mail(at(0)).await.unwrap().is_some());
    assert!(store.claim_mail(at(299)).await.unwrap().is_none());
    assert!(store.claim_mail(at(300)).await.unwrap().is_some());
    // A claim of a clock that was a day ahead holds nothing back; one of a server a minute ahead does.
    assert!(store.claim_mail(at(86_400)).await.unwrap().is_some());
    assert!(store.claim_mail(at(700)).await.unwrap().is_some());
    assert!(store.claim_mail(at(640)).await.unwrap().is_none());
}

async fn a_mailbox_gets_so_many_a_day(place: &'static Place) {
    let store = place.store().await;
    let mails: Vec<Outgoing> = (0..30).map(outgoing).collect();
    store.enqueue(&mails, at(0)).await.unwrap();
    assert_eq!(store.mails(None, 100).await.unwrap().len(), 20);
    store.enqueue(&mails[25..26], at(24 * 3600 + 1)).await.unwrap();
    assert_eq!(store.mails(None, 100).await.unwrap().len(), 21);
}

async fn a_task_is_taken_once_in_each_period(place: &'static Place) {
    let store = place.store().await;
    let hour = SignedDuration::from_hours(1);
    assert!(store.take_task("sweep", hour, at(0)).await.unwrap());
    assert!(!store.take_task("sweep", hour, at(3599)).await.unwrap());
    assert!(store.take_task("digest", hour, at(3599)).await.unwrap());
    assert!(store.take_task("sweep", hour, at(3600)).await.unwrap());
    // A clock a year ahead, then right again: the task does not wait for that year. Servers a minute apart share it.
    assert!(store.take_task("far", hour, at(365 * 86_400)).await.unwrap());
    assert!(store.take_task("far", hour, at(60)).await.unwrap());
    assert!(!store.take_task("far", hour, at(0)).await.unwrap());
}

async fn runs_of_jobs_are_kept_and_forgotten(place: &'static Place) {
    let store = place.store().await;
    let run = |number: i64, name: &str, done: bool| JobRun {
        id: format!("r{number}"),
        name: name.to_owned(),
        started_at: at(number),
        took: SignedDuration::from_millis(12),
        done,
        counts: "{\"mails\":3}".to_owned(),
        error: if done { String::new() } else { "no room".to_owned() },
    };
    for (number, name, done) in [
        (1, "retention", true),
        (2, "alerts", false),
        (3, "retention", true),
    ] {
        store.add_job_run(&run(number, name, done)).await.unwrap();
    }
    assert_eq!(
        store.job_runs(Some("retention"), 1).await.unwrap(),
        [run(3, "retention", true)]
    );
    assert_eq!(store.job_runs(None, 9).await.unwrap().len(), 3);
    assert_eq!(store.prune_job_runs(at(3)).await.unwrap(), 2);
    assert_eq!(
        store.job_runs(None, 9).await.unwrap(),
        [run(3, "retention", true)]
    );
    assert!(
        store
            .take_task("x", SignedDuration::from_hours(1), at(0))
            .await
            .unwrap()
    );
    assert!(
        !store
            .take_task("x", SignedDuration::from_hours(1), at(60))
            .await
            .unwrap()
    );
    store.set_task("x", Timestamp::UNIX_EPOCH).await.unwrap();
    assert!(
        store
            .take_task("x", SignedDuration::from_hours(1), at(61))
            .await
            .unwrap(),
        "asked for at once"
    );
    assert_eq!(store.task_taken_at("x").await.unwrap(), Some(at(61)));
}
