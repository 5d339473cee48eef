//! Signing in and out, and what nobody else may do in one's name.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use sobria_catalogue::account::Email;
use sobria_catalogue::rights::Role;
use sobria_identity::totp::TotpSecret;

use super::{Browser, TestApp, value_of};
use crate::routes::account::sign_in::DEMO_PASSWORD;

const AGENT: &str = "agent@demo.exemple.fr";

fn location(answer: &super::Answer) -> &str {
    answer.headers.get("location").unwrap().to_str().unwrap()
}

#[tokio::test]
async fn a_password_opens_a_session_and_sign_out_ends_it() {
    let site = TestApp::demo().await;
    let mut browser = Browser::new(&site);
    let kept_out = browser.get("/mon-espace/compte?fait=accords").await;
    assert_eq!(kept_out.status, StatusCode::SEE_OTHER);
    assert_eq!(
        location(&kept_out),
        "/connexion?suite=%2Fmon-espace%2Fcompte%3Ffait%3Daccords"
    );

    let wrong = browser
        .post(
            "/connexion",
            &[
                ("email", AGENT),
                ("password", "girafe lampe tramway"),
                ("suite", "/mon-espace/compte"),
            ],
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("ne vont pas ensemble"));
    assert!(wrong.body.contains(AGENT), "what was typed comes back");
    assert!(!wrong.body.contains("girafe"), "the password does not");
    assert!(browser.cookies.is_empty());

    let right = browser
        .post(
            "/connexion",
            &[
                ("email", " Agent@Demo.exemple.fr "),
                ("password", DEMO_PASSWORD),
                ("suite", "/cas-usages"),
            ],
        )
        .await;
    assert_eq!(
        (right.status, location(&right)),
        (StatusCode::SEE_OTHER, "/cas-usages")
    );
    let cookie = right.headers.get("set-cookie").unwrap().to_str().unwrap();
    assert!(cookie.starts_with("__Host-session="), "{cookie}");
    for flag in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(cookie.contains(flag), "{flag}");
    }
    let page = browser.get("/mon-espace/compte").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.headers.get("cache-control").unwrap(), "no-store");
    assert!(page.body.contains(AGENT));

    let before = browser.cookies.clone();
    let out = browser.send("/deconnexion", &[]).await;
    assert_eq!((out.status, location(&out)), (StatusCode::SEE_OTHER, "/"));
    browser.cookies = before;
    let after = browser.get("/mon-espace/compte").await;
    assert_eq!(
        after.status,
        StatusCode::SEE_OTHER,
        "the cookie of a closed session is worth nothing"
    );
}

#[tokio::test]
async fn an_unknown_account_and_a_wrong_password_read_alike() {
    let site = TestApp::demo().await;
    let mut browser = Browser::new(&site);
    let mut words = Vec::new();
    for email in [AGENT, "inconnu@demo.exemple.fr"] {
        let answer = browser
            .post(
                "/connexion",
                &[("email", email), ("password", "girafe lampe tramway")],
            )
            .await;
        let form = answer.body.split("id=\"demonstration\"").next().unwrap();
        words.push((answer.status, form.replace(email, "X")));
        let link = browser
            .post("/connexion", &[("email", email), ("action", "lien")])
            .await;
        words.push((link.status, link.body));
    }
    assert_eq!(words[0], words[2]);
    assert_eq!(words[1], words[3]);
}

#[tokio::test]
async fn many_guesses_are_stopped_and_the_owner_still_enters() {
    let site = TestApp::demo().await;
    let mut owner = Browser::new(&site);
    let credentials = [("email", AGENT), ("password", DEMO_PASSWORD)];
    assert_eq!(
        owner.post("/connexion", &credentials).await.status,
        StatusCode::SEE_OTHER
    );
    owner.cookies.retain(|name, _| name.ends_with("device"));

    let mut thief = Browser::new(&site);
    let mut statuses = Vec::new();
    for n in 0..12 {
        let guess = format!("girafe lampe {n}");
        let answer = thief
            .post("/connexion", &[("email", AGENT), ("password", &guess)])
            .await;
        statuses.push(answer.status.as_u16());
    }
    assert_eq!(
        statuses.iter().filter(|status| **status == 422).count(),
        5,
        "{statuses:?}"
    );
    assert_eq!(statuses.last(), Some(&429));
    assert_eq!(
        thief.post("/connexion", &credentials).await.status.as_u16(),
        429,
        "even the right one"
    );
    assert_eq!(
        owner.post("/connexion", &credentials).await.status,
        StatusCode::SEE_OTHER,
        "a browser that signed in before has its own count"
    );
    let link = thief
        .post("/connexion", &[("email", AGENT), ("action", "lien")])
        .await;
    assert_eq!(link.status, StatusCode::OK, "a link can still be asked for");
}

#[tokio::test]
async fn a_form_of_another_site_or_session_changes_nothing() {
    let site = TestApp::demo().await;
    let mut victim = site.sign_in("agent").await;
    let token = victim.csrf().await;
    let mut other = site.sign_in("moderation").await;
    let stolen = other.csrf().await;
    assert_ne!(token, stolen);
    let path = "/mon-espace/compte/identite";
    let named = [("prenom", "Mallory"), ("nom", "Pirate")];
    for (fields, what) in [
        (vec![], "no token"),
        (vec![("_csrf", stolen.as_str())], "the token of somebody else"),
    ] {
        let mut all = fields;
        all.extend_from_slice(&named);
        assert_eq!(
            victim.post(path, &all).await.status,
            StatusCode::FORBIDDEN,
            "{what}"
        );
    }
    let cookies: Vec<String> = victim
        .cookies
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let body = format!("_csrf={token}&prenom=Mallory&nom=Pirate");
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://ailleurs.fr"),
        ("origin", "null"),
    ] {
        let request = Request::post(path)
            .header("cookie", cookies.join("; "))
            .header("content-type", "application/x-www-form-urlencoded")
            .header(name, value)
            .body(Body::from(body.clone()))
            .unwrap();
        assert_eq!(
            site.request(request).await.status,
            StatusCode::FORBIDDEN,
            "{name}: {value}"
        );
    }
    let plain = Request::post(path)
        .header("cookie", cookies.join("; "))
        .header("content-type", "text/plain")
        .body(Body::from(body.clone()))
        .unwrap();
    assert_eq!(site.request(plain).await.status, StatusCode::BAD_REQUEST);
    let by_address = victim.get(&format!("{path}?{body}")).await;
    assert_eq!(by_address.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(!victim.get("/mon-espace/compte").await.body.contains("Mallory"));
    let own = victim.send(path, &[("prenom", "Aïcha"), ("nom", "Benali")]).await;
    assert_eq!(own.status, StatusCode::SEE_OTHER);
    assert!(victim.get("/mon-espace/compte").await.body.contains("Benali"));
}

#[tokio::test]
async fn what_was_typed_survives_the_end_of_the_session() {
    let site = TestApp::demo().await;
    let mut browser = site.sign_in("agent").await;
    let typed = [
        ("prenom", "Aïcha"),
        ("nom", "Ben & fils <saïd>"),
        ("fonction", "Cheffe"),
    ];
    browser.cookies.clear();
    let sent_away = browser.post("/mon-espace/compte/identite", &typed).await;
    assert_eq!(sent_away.status, StatusCode::SEE_OTHER);
    let then = location(&sent_away)
        .strip_prefix("/connexion?suite=")
        .unwrap()
        .replace("%2F", "/");
    assert!(then.starts_with("/reprendre/"), "{then}");
    let entered = browser
        .post(
            "/connexion",
            &[("email", AGENT), ("password", DEMO_PASSWORD), ("suite", &then)],
        )
        .await;
    assert_eq!(location(&entered), then);
    let page = browser.get(&then).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("action=\"/mon-espace/compte/identite\""));
    assert!(
        page.body.contains("Ben &#38; fils &#60;saïd&#62;"),
        "{}",
        page.body
    );
    let token = value_of(&page.body, "_csrf");
    let mut all = vec![("_csrf", token.as_str())];
    all.extend_from_slice(&typed);
    let sent = browser.post("/mon-espace/compte/identite", &all).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    let email = Email::parse(AGENT).unwrap();
    let account = site.app.store.account_by_email(&email).await.unwrap().unwrap();
    assert_eq!(account.family_name, "Ben & fils <saïd>");
}

#[tokio::test]
async fn a_change_of_password_closes_the_other_sessions_at_once() {
    let site = TestApp::demo().await;
    let mut first = site.sign_in("agent").await;
    let mut second = site.sign_in("agent").await;
    let chosen = "rivière cadran moufle";
    for (fields, expected) in [
        (
            vec![("actuel", DEMO_PASSWORD), ("nouveau", "court")],
            "trop court",
        ),
        (
            vec![("actuel", "pas le bon du tout"), ("nouveau", chosen)],
            "pas votre mot de passe actuel",
        ),
    ] {
        let refused = first.send("/mon-espace/compte/mot-de-passe", &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains(expected), "{expected}");
    }
    let changed = first
        .send(
            "/mon-espace/compte/mot-de-passe",
            &[("actuel", DEMO_PASSWORD), ("nouveau", chosen)],
        )
        .await;
    assert_eq!(changed.status, StatusCode::SEE_OTHER);
    assert_eq!(first.get("/mon-espace/compte").await.status, StatusCode::OK);
    assert_eq!(
        second.get("/mon-espace/compte").await.status,
        StatusCode::SEE_OTHER
    );
    let mut third = Browser::new(&site);
    let entered = third
        .post("/connexion", &[("email", AGENT), ("password", chosen)])
        .await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_account_erases_itself() {
    let site = TestApp::demo().await;
    let mut browser = site.sign_in("agent").await;
    let data = browser.get("/mon-espace/compte/donnees.json").await;
    assert!(data.body.contains(AGENT));
    let unsure = browser.send("/mon-espace/compte/effacer", &[]).await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = browser
        .send("/mon-espace/compte/effacer", &[("confirmation", "oui")])
        .await;
    assert_eq!(done.status, StatusCode::OK);
    let mut again = Browser::new(&site);
    let refused = again
        .post("/connexion", &[("email", AGENT), ("password", DEMO_PASSWORD)])
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn somebody_signed_in_is_never_sent_to_another_site() {
    let site = TestApp::demo().await;
    for target in ["https://ailleurs.fr", "//ailleurs.fr", "/\\ailleurs.fr"] {
        let mut browser = Browser::new(&site);
        let answer = browser
            .post(
                "/connexion",
                &[("email", AGENT), ("password", DEMO_PASSWORD), ("suite", target)],
            )
            .await;
        assert_eq!(location(&answer), "/mon-espace", "{target}");
    }
}

#[tokio::test]
async fn demonstration_accounts_exist_in_the_demonstration_only() {
    let site = TestApp::with(
        super::DEMONSTRATION,
        "d.json",
        crate::site::Site::default(),
        false,
    )
    .await;
    let mut browser = Browser::new(&site);
    let answer = browser
        .post("/connexion/demonstration", &[("role", "administration")])
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(!browser.get("/connexion").await.body.contains(DEMO_PASSWORD));
    assert!(
        site.app
            .store
            .accounts_of_role(Role::Pending)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_link_by_mail_signs_in_once_after_a_click() {
    let site = TestApp::demo().await;
    let mut browser = Browser::new(&site);
    let asked = browser
        .post(
            "/connexion",
            &[
                ("email", AGENT),
                ("action", "lien"),
                ("suite", "/cas-usages?q=eau"),
            ],
        )
        .await;
    assert_eq!(asked.status, StatusCode::OK);
    let (subject, text) = site.mail_to(AGENT).await;
    assert_eq!(subject, "Votre lien de connexion");
    assert!(text.contains("quinze minutes"), "{text}");
    let link = site.link_to(AGENT).await;
    let secret = link.rsplit('/').next().unwrap().to_owned();
    for _ in 0..3 {
        let page = browser.get(&link).await;
        assert_eq!(
            page.status,
            StatusCode::OK,
            "a mail program that follows the link spends nothing"
        );
        assert!(browser.cookies.is_empty());
    }
    let entered = browser.post("/connexion/lien", &[("lien", &secret)]).await;
    assert_eq!(
        (entered.status, location(&entered)),
        (StatusCode::SEE_OTHER, "/cas-usages?q=eau")
    );
    let mut thief = Browser::new(&site);
    let again = thief.post("/connexion/lien", &[("lien", &secret)]).await;
    assert_eq!(again.status, StatusCode::GONE);
    assert!(thief.cookies.is_empty());
    assert_eq!(browser.get(&link).await.status, StatusCode::GONE);
}

const SIGN_UP: [(&str, &str); 5] = [
    ("prenom", "Loïc"),
    ("nom", "Le Dû"),
    ("email", "Loic@Nouvelle-Ville.fr"),
    ("organisme", "Ville qui n’est pas dans la bibliothèque"),
    ("accord-news", "oui"),
];

#[tokio::test]
async fn a_sign_up_waits_for_its_address_and_for_a_moderator() {
    let site = TestApp::demo().await;
    let mut browser = Browser::new(&site);
    let empty = browser
        .post(
            "/inscription",
            &[("prenom", "Loïc"), ("email", "pas une adresse")],
        )
        .await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    for text in ["Indiquez votre nom", "pas une adresse", "Loïc"] {
        assert!(empty.body.contains(text), "{text}");
    }
    let sent = browser.post("/inscription", &SIGN_UP).await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.body);
    let email = Email::parse("loic@nouvelle-ville.fr").unwrap();
    assert_eq!(
        site.app.store.account_by_email(&email).await.unwrap(),
        None,
        "no account before the click"
    );
    let link = site.link_to("loic@nouvelle-ville.fr").await;
    assert_eq!(browser.get(&link).await.status, StatusCode::OK);
    let secret = link.rsplit('/').next().unwrap();
    let entered = browser.post("/inscription/confirmer", &[("lien", secret)]).await;
    assert_eq!(location(&entered), "/mon-espace");
    let account = site.app.store.account_by_email(&email).await.unwrap().unwrap();
    assert_eq!(account.role, Role::Pending);
    let consents = site.app.store.consents_of(account.id).await.unwrap();
    assert_eq!(consents.len(), 1, "the box that was not ticked is not agreed to");
    let space = browser.get("/mon-espace").await;
    assert!(space.body.contains("Ville qui n’est pas dans la bibliothèque"));
    assert_eq!(browser.get("/moderation").await.status, StatusCode::FORBIDDEN);
    let again = browser.post("/inscription/confirmer", &[("lien", secret)]).await;
    assert_eq!(again.status, StatusCode::GONE);
}

#[tokio::test]
async fn an_address_of_a_known_domain_makes_an_agent_at_once() {
    let site = TestApp::demo().await;
    let mut browser = Browser::new(&site);
    let mut fields = SIGN_UP;
    fields[2] = ("email", "nouvelle@demo.exemple.fr");
    browser.post("/inscription", &fields).await;
    let link = site.link_to("nouvelle@demo.exemple.fr").await;
    browser
        .post(
            "/inscription/confirmer",
            &[("lien", link.rsplit('/').next().unwrap())],
        )
        .await;
    let page = browser.get("/contribuer").await;
    assert!(page.body.contains("Commencer"), "{}", page.body);
}

#[tokio::test]
async fn a_sign_up_with_a_known_address_reads_alike_and_makes_no_second_account() {
    let site = TestApp::demo().await;
    let mut browser = Browser::new(&site);
    let fresh = browser.post("/inscription", &SIGN_UP).await;
    let mut fields = SIGN_UP;
    fields[2] = ("email", AGENT);
    let known = browser.post("/inscription", &fields).await;
    assert_eq!((fresh.status, fresh.body), (known.status, known.body));
    let (subject, _) = site.mail_to(AGENT).await;
    assert_eq!(subject, "Vous avez déjà un compte");
}

#[tokio::test]
async fn a_second_factor_is_asked_at_each_sign_in_and_each_code_is_good_once() {
    let site = TestApp::demo().await;
    let mut browser = site.sign_in("moderation").await;
    let path = "/mon-espace/compte/second-facteur";
    let page = browser.get(path).await;
    let key = value_of(&page.body, "cle");
    let secret = TotpSecret::parse(&key).unwrap();
    let now = super::now().as_second();
    // The clock of a phone may be one step ahead of the server.
    let code = |step: i64| secret.code(now + 30 * step);
    let wrong = browser.send(path, &[("cle", &key), ("code", "abc")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        value_of(&wrong.body, "cle"),
        key,
        "the key on the phone stays the same"
    );
    let first = code(0);
    let on = browser.send(path, &[("cle", &key), ("code", &first)]).await;
    assert_eq!(on.status, StatusCode::OK, "{}", on.body);
    let recovery = on
        .body
        .split("<li>")
        .skip(1)
        .filter_map(|part| part.split("</li>").next())
        .find(|text| text.len() == 19 && text.matches('-').count() == 3)
        .unwrap()
        .to_owned();

    let mut other = site.sign_in("moderation").await;
    assert_eq!(
        other.get("/moderation").await.status,
        StatusCode::SEE_OTHER,
        "half a sign-in opens nothing"
    );
    let half = other.cookies["__Host-session"].clone();
    let replayed = other.post("/connexion/code", &[("code", &first)]).await;
    assert_eq!(
        replayed.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "a code is good once"
    );
    let entered = other
        .post("/connexion/code", &[("code", &code(1)), ("suite", "/moderation")])
        .await;
    assert_eq!(location(&entered), "/moderation");
    assert_ne!(
        other.cookies["__Host-session"], half,
        "the cookie changes with the rights"
    );
    assert_eq!(other.get("/moderation").await.status, StatusCode::OK);

    for (attempt, expected) in [(1, StatusCode::SEE_OTHER), (2, StatusCode::UNPROCESSABLE_ENTITY)] {
        let mut lost = site.sign_in("moderation").await;
        let answer = lost.post("/connexion/code", &[("code", &recovery)]).await;
        assert_eq!(answer.status, expected, "recovery code, time {attempt}");
    }
    let mut thief = site.sign_in("moderation").await;
    let mut last = StatusCode::OK;
    for guess in 0..8 {
        last = thief
            .post("/connexion/code", &[("code", &format!("{guess:06}"))])
            .await
            .status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}
