//! People who sign in: one account per mailbox, secrets good once, sessions that end, nothing left after an erasure.

use jiff::SignedDuration;
use sobria_catalogue::account::{Account, Consent, Email, MembershipStatus, Purpose, SignInMethod, SignUp};
use sobria_catalogue::id::{OrganisationId, UserId};
use sobria_catalogue::rights::Role;
use sobria_store::{NewSession, SecretPurpose, Store, StoreError};
use uuid::Uuid;

use crate::fixture::{at, import, options, rows};
use crate::place::Place;

stories!(
    a_mailbox_has_one_account,
    a_secret_is_good_once_and_for_one_purpose,
    two_that_use_a_secret_at_once_get_it_once,
    a_session_ends_when_it_is_closed_idle_or_old,
    a_change_of_password_or_role_closes_sessions,
    the_last_administrator_stays,
    a_membership_makes_an_agent_and_a_decision_stays,
    an_identity_belongs_to_one_account,
    an_erased_account_leaves_its_identifier_only,
    accounts_move_with_the_instance,
    an_account_that_nobody_uses_is_warned_then_erased,
);

fn user() -> UserId {
    UserId::new(Uuid::now_v7())
}

fn sign_up(email: &str) -> SignUp {
    SignUp {
        email: Email::parse(email).unwrap(),
        given_name: "Jeanne".to_owned(),
        family_name: "Le Goff".to_owned(),
        job_title: "Chargée de mission".to_owned(),
        organisation_name: "Ville 1".to_owned(),
        organisation: None,
        consents: vec![(Purpose::News, "Recevoir les nouvelles".to_owned())],
        then: "/mon-espace".to_owned(),
    }
}

async fn account(store: &Store, email: &str, role: Role) -> Account {
    store
        .create_account(user(), &sign_up(email), role, at(0))
        .await
        .unwrap()
}

async fn organisation(store: &Store) -> OrganisationId {
    import(store, &rows(1), options(true, 0)).await;
    store.organisations("", 0, 1).await.unwrap().items[0]
        .organisation
        .id
}

fn session(account: UserId, name: &str, second: i64) -> NewSession<'static> {
    NewSession {
        id: format!("{}-{name}", Uuid::now_v7()),
        secret_hash: format!("hash-{name}"),
        account,
        method: SignInMethod::Password,
        half_open: false,
        device: "Firefox sous Linux",
        provider: None,
        now: at(second),
    }
}

async fn a_mailbox_has_one_account(place: &'static Place) {
    let store = place.store().await;
    let first = account(&store, "Jeanne@Ville.fr", Role::Pending).await;
    let second = account(&store, "jeanne@ville.fr", Role::Admin).await;
    assert_eq!(
        first, second,
        "the second sign-up finds the first account, its role untouched"
    );
    assert_eq!(store.accounts("", None, 0, 10).await.unwrap().total, 1);
    assert_eq!(
        store
            .accounts("le g", Some(Role::Pending), 0, 10)
            .await
            .unwrap()
            .items,
        std::slice::from_ref(&first)
    );
    assert_eq!(
        store.accounts("", Some(Role::Admin), 0, 10).await.unwrap().total,
        0
    );
    assert_eq!(store.consents_of(first.id).await.unwrap().len(), 1);
    let back = Consent {
        purpose: Purpose::News,
        given: false,
        wording: "Recevoir les nouvelles".to_owned(),
        source: "unsubscribe".to_owned(),
        made_at: at(5),
    };
    store.add_consent("c2", first.id, &back).await.unwrap();
    assert_eq!(store.consents_of(first.id).await.unwrap().last(), Some(&back));
}

async fn a_secret_is_good_once_and_for_one_purpose(place: &'static Place) {
    let store = place.store().await;
    let id = account(&store, "a@b.fr", Role::Member).await.id;
    let lives = SignedDuration::from_mins(15);
    store
        .keep_secret("h", SecretPurpose::SignIn, Some(id), "suite", at(0), lives)
        .await
        .unwrap();
    assert_eq!(
        store.use_secret("h", SecretPurpose::Relay, at(1)).await.unwrap(),
        None
    );
    assert_eq!(
        store
            .use_secret("h", SecretPurpose::SignIn, at(900))
            .await
            .unwrap(),
        None,
        "too late"
    );
    let expected = Some((Some(id), "suite".to_owned()));
    assert_eq!(
        store
            .look_at_secret("h", SecretPurpose::SignIn, at(1))
            .await
            .unwrap(),
        expected
    );
    assert_eq!(
        store.use_secret("h", SecretPurpose::SignIn, at(1)).await.unwrap(),
        expected
    );
    assert_eq!(
        store.use_secret("h", SecretPurpose::SignIn, at(1)).await.unwrap(),
        None
    );
    store
        .keep_secret("old", SecretPurpose::SignUp, None, "", at(0), lives)
        .await
        .unwrap();
    assert_eq!(store.sweep_sessions(at(901)).await.unwrap(), 1);
}

async fn two_that_use_a_secret_at_once_get_it_once(place: &'static Place) {
    let store = place.store().await;
    for round in 0..10 {
        let hash = format!("h{round}");
        store
            .keep_secret(
                &hash,
                SecretPurpose::SignIn,
                None,
                "",
                at(0),
                SignedDuration::from_mins(15),
            )
            .await
            .unwrap();
        let tries = (0..4).map(|_| {
            let (store, hash) = (store.clone(), hash.clone());
            tokio::spawn(async move {
                store
                    .use_secret(&hash, SecretPurpose::SignIn, at(1))
                    .await
                    .unwrap()
            })
        });
        let mut winners = 0;
        for attempt in tries.collect::<Vec<_>>() {
            winners += usize::from(attempt.await.unwrap().is_some());
        }
        assert_eq!(winners, 1);
    }
}

async fn a_session_ends_when_it_is_closed_idle_or_old(place: &'static Place) {
    let store = place.store().await;
    let id = account(&store, "a@b.fr", Role::Member).await.id;
    let hour = 3600;
    store.open_session(&session(id, "one", 0)).await.unwrap();
    store.open_session(&session(id, "two", 0)).await.unwrap();
    let found = store.session("hash-one", at(hour)).await.unwrap().unwrap();
    assert_eq!(found.person.account.id, id);
    assert_eq!(found.person.account.last_signed_in_at, Some(at(0)));
    let lines = store.sessions_of(id, at(hour)).await.unwrap();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0].id, found.id, "last used first");
    assert!(
        store
            .session("hash-two", at(12 * hour + 1))
            .await
            .unwrap()
            .is_none(),
        "idle"
    );
    assert!(
        store
            .session("hash-one", at(12 * hour + 1))
            .await
            .unwrap()
            .is_some(),
        "used in between"
    );
    for n in 1..16 {
        store.session("hash-one", at(n * 11 * hour)).await.unwrap();
    }
    assert!(
        store
            .session("hash-one", at(7 * 24 * hour - 1))
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        store
            .session("hash-one", at(7 * 24 * hour))
            .await
            .unwrap()
            .is_none(),
        "too old"
    );
    store.open_session(&session(id, "three", 0)).await.unwrap();
    let three = store.session("hash-three", at(1)).await.unwrap().unwrap().id;
    let other = account(&store, "c@d.fr", Role::Member).await.id;
    assert!(
        !store.close_session(other, &three).await.unwrap(),
        "somebody else's"
    );
    assert!(store.close_session(id, &three).await.unwrap());
    assert!(store.session("hash-three", at(1)).await.unwrap().is_none());
}

async fn a_change_of_password_or_role_closes_sessions(place: &'static Place) {
    let store = place.store().await;
    let id = account(&store, "a@b.fr", Role::Member).await.id;
    store.open_session(&session(id, "one", 0)).await.unwrap();
    store.open_session(&session(id, "two", 0)).await.unwrap();
    let kept = store.session("hash-one", at(1)).await.unwrap().unwrap().id;
    store
        .set_password(id, Some("$argon2id$x"), Some(&kept))
        .await
        .unwrap();
    assert!(store.session("hash-one", at(1)).await.unwrap().is_some());
    assert!(store.session("hash-two", at(1)).await.unwrap().is_none());
    assert_eq!(
        store.password_hash(id).await.unwrap().as_deref(),
        Some("$argon2id$x")
    );
    store.refresh_password_hash(id, "another", "z").await.unwrap();
    assert_eq!(
        store.password_hash(id).await.unwrap().as_deref(),
        Some("$argon2id$x")
    );
    store.set_role(id, Role::Moderator).await.unwrap();
    assert!(store.session("hash-one", at(1)).await.unwrap().is_none());
    assert_eq!(
        store.person(id).await.unwrap().unwrap().account.role,
        Role::Moderator
    );
    assert_eq!(store.accounts_of_role(Role::Moderator).await.unwrap().len(), 1);
}

async fn the_last_administrator_stays(place: &'static Place) {
    let store = place.store().await;
    let first = account(&store, "a@b.fr", Role::Admin).await.id;
    for refused in [
        store.set_role(first, Role::Member).await,
        store.erase_account(first).await,
    ] {
        assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
    }
    account(&store, "c@d.fr", Role::Admin).await;
    store.set_role(first, Role::Member).await.unwrap();
}

async fn a_membership_makes_an_agent_and_a_decision_stays(place: &'static Place) {
    let store = place.store().await;
    let organisation = organisation(&store).await;
    let id = account(&store, "a@ville.fr", Role::Pending).await.id;
    let admin = account(&store, "admin@b.fr", Role::Admin).await.id;
    assert_eq!(store.organisation_of_domain("ville.fr").await.unwrap(), None);
    store
        .set_domain("ville.fr", Some(organisation), at(0))
        .await
        .unwrap();
    assert_eq!(
        store.organisation_of_domain("ville.fr").await.unwrap(),
        Some(organisation)
    );

    store.ask_membership(id, organisation, None, at(1)).await.unwrap();
    let asked = store.asked_memberships().await.unwrap();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].account.id, id);
    assert!(
        !store
            .person(id)
            .await
            .unwrap()
            .unwrap()
            .actor()
            .contributes_for(organisation)
    );

    store
        .decide_membership(id, organisation, false, admin, at(2))
        .await
        .unwrap();
    store
        .ask_membership(id, organisation, Some("domain"), at(3))
        .await
        .unwrap();
    assert_eq!(
        store.memberships_of(id).await.unwrap()[0].status,
        MembershipStatus::Refused,
        "a rule does not undo what somebody decided"
    );
    store
        .decide_membership(id, organisation, true, admin, at(4))
        .await
        .unwrap();
    let person = store.person(id).await.unwrap().unwrap();
    assert_eq!(person.account.role, Role::Member);
    assert!(person.actor().contributes_for(organisation));
    store.set_domain("ville.fr", None, at(5)).await.unwrap();
    assert!(store.organisation_domains().await.unwrap().is_empty());
}

async fn an_identity_belongs_to_one_account(place: &'static Place) {
    let store = place.store().await;
    let first = account(&store, "a@b.fr", Role::Member).await.id;
    let second = account(&store, "c@d.fr", Role::Member).await.id;
    store
        .link_identity(first, "https://idp", "sub", at(0))
        .await
        .unwrap();
    store
        .link_identity(first, "https://idp", "sub", at(1))
        .await
        .unwrap();
    let refused = store.link_identity(second, "https://idp", "sub", at(1)).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
    let found = store
        .account_by_identity("https://idp", "sub")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.id, first);
    assert!(
        store
            .account_by_identity("https://other", "sub")
            .await
            .unwrap()
            .is_none()
    );
}

async fn an_erased_account_leaves_its_identifier_only(place: &'static Place) {
    let store = place.store().await;
    let organisation = organisation(&store).await;
    let id = account(&store, "a@b.fr", Role::Member).await.id;
    store.open_session(&session(id, "one", 0)).await.unwrap();
    store
        .ask_membership(id, organisation, Some("domain"), at(1))
        .await
        .unwrap();
    store
        .link_identity(id, "https://idp", "sub", at(0))
        .await
        .unwrap();
    assert_eq!(store.traces_of(id).await.unwrap().unwrap().consents.len(), 1);
    store.erase_account(id).await.unwrap();
    assert!(store.session("hash-one", at(1)).await.unwrap().is_none());
    assert!(store.person(id).await.unwrap().is_none());
    assert!(store.traces_of(id).await.unwrap().is_none());
    assert!(
        store
            .account_by_identity("https://idp", "sub")
            .await
            .unwrap()
            .is_none()
    );
    assert!(store.consents_of(id).await.unwrap().is_empty());
    let again = account(&store, "a@b.fr", Role::Pending).await;
    assert_ne!(again.id, id, "the mailbox may sign up anew");
    assert!(store.check().await.unwrap().is_sound());
}

async fn accounts_move_with_the_instance(place: &'static Place) {
    let first = place.sqlite().await;
    let organisation = organisation(&first).await;
    let id = account(&first, "a@b.fr", Role::Member).await.id;
    first
        .ask_membership(id, organisation, Some("domain"), at(1))
        .await
        .unwrap();
    first.open_session(&session(id, "one", 0)).await.unwrap();
    first.set_domain("b.fr", Some(organisation), at(0)).await.unwrap();
    let second = place.store().await;
    first.copy_to(&second).await.unwrap();
    assert_eq!(
        second.traces_of(id).await.unwrap(),
        first.traces_of(id).await.unwrap()
    );
    assert_eq!(
        second.session("hash-one", at(1)).await.unwrap(),
        first.session("hash-one", at(1)).await.unwrap()
    );
    assert_eq!(
        second.organisation_domains().await.unwrap(),
        first.organisation_domains().await.unwrap()
    );
}

async fn an_account_that_nobody_uses_is_warned_then_erased(place: &'static Place) {
    let store = place.store().await;
    let unused = account(&store, "a@b.fr", Role::Member).await.id;
    let used = account(&store, "c@d.fr", Role::Member).await.id;
    account(&store, "admin@b.fr", Role::Admin).await;
    store.open_session(&session(used, "one", 900)).await.unwrap();
    let ids = |accounts: Vec<Account>| accounts.into_iter().map(|account| account.id).collect::<Vec<_>>();
    assert_eq!(
        ids(store.inactive_accounts(at(500), None).await.unwrap()),
        [unused]
    );
    store.note_warning(unused, at(600)).await.unwrap();
    assert!(store.inactive_accounts(at(500), None).await.unwrap().is_empty());
    assert!(
        store
            .inactive_accounts(at(500), Some(at(600)))
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        ids(store.inactive_accounts(at(500), Some(at(601))).await.unwrap()),
        [unused]
    );
    store.open_session(&session(unused, "two", 700)).await.unwrap();
    assert!(
        store
            .inactive_accounts(at(500), Some(at(601)))
            .await
            .unwrap()
            .is_empty(),
        "a sign-in undoes it"
    );
}
