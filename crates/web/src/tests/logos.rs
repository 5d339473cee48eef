//! Logos of organisations: given by moderators, proposed by members, never anything but a picture.

use axum::http::StatusCode;
use sobria_catalogue::rights::Role;

use super::contributions::location;
use super::entry_files::{POINT, send_file};
use super::{TestApp, quoted, value_of};

const SVG: &[u8] = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";

#[tokio::test]
async fn a_logo_is_given_by_moderators_written_anew_and_shown_with_its_words() {
    let site = TestApp::demo().await;
    let list = site.get("/organisations").await.body;
    let slug = quoted(&list, "href=\"/organisations/").to_owned();
    let form = format!("/administration/logos/{slug}");
    let mut author = site.sign_in("contributeur").await;
    assert_eq!(author.get(&form).await.status, StatusCode::FORBIDDEN);
    let words = [("alternative", "Blason «\u{a0}bleu\u{a0}»")];
    let refused = send_file(&mut author, &form, &words, ("logo.png", POINT)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let mut moderator = site.sign_in("moderation").await;
    assert_eq!(moderator.get(&form).await.status, StatusCode::OK);
    let svg = send_file(
        &mut moderator,
        &form,
        &words,
        (
            "logo.png",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        ),
    )
    .await;
    assert_eq!(svg.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        svg.body.contains("Blason «\u{a0}bleu\u{a0}»"),
        "what was typed comes back"
    );
    assert_eq!(
        site.get(&format!("/organisations/{slug}/logo")).await.status,
        StatusCode::NOT_FOUND
    );
    let kept = send_file(&mut moderator, &form, &words, ("logo.png", POINT)).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
    let page = site.get(&format!("/organisations/{slug}")).await.body;
    assert!(page.contains("alt=\"Blason «\u{a0}bleu\u{a0}»\""), "{page}");
    let picture = site.get(&format!("/organisations/{slug}/logo")).await;
    assert_eq!(picture.status, StatusCode::OK);
    assert_eq!(picture.headers["content-type"], "image/png");
    assert!(
        picture.headers["content-security-policy"]
            .to_str()
            .unwrap()
            .starts_with("sandbox")
    );
    moderator.send(&format!("{form}/retirer"), &[]).await;
    assert!(
        !site
            .get(&format!("/organisations/{slug}"))
            .await
            .body
            .contains("Blason")
    );
}

#[tokio::test]
async fn a_member_proposes_a_logo_and_a_moderator_accepts_it_or_says_why_not() {
    let site = TestApp::demo().await;
    let mut author = site.sign_in("contributeur").await;
    let space = author.get("/mon-espace").await.body;
    let slug = quoted(&space, "href=\"/mon-espace/logos/").to_owned();
    let (form, decision) = (
        format!("/mon-espace/logos/{slug}"),
        format!("/administration/logos/{slug}"),
    );
    let (public, picture) = (
        format!("/organisations/{slug}"),
        format!("/organisations/{slug}/logo"),
    );
    let mut other = site.session_of(Role::Member).await;
    assert_eq!(other.get(&form).await.status, StatusCode::FORBIDDEN);
    let words = [("alternative", "Blason «\u{a0}bleu\u{a0}»")];
    assert_eq!(
        send_file(&mut other, &form, &words, ("logo.png", POINT))
            .await
            .status,
        StatusCode::FORBIDDEN
    );
    for (name, bytes, said) in [
        ("logo.png", SVG, "une page web"),
        ("logo.png", b"MZ\x90\0\x03\0\0\0".as_slice(), "un programme"),
        ("logo.pdf", POINT, "porte le nom d’un"),
        ("", b"", "Choisissez une image"),
    ] {
        let refused = send_file(&mut author, &form, &words, (name, bytes)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(refused.body.contains(said), "{said}: {}", refused.body);
        assert!(
            refused.body.contains("Blason «\u{a0}bleu\u{a0}»"),
            "what was typed comes back"
        );
    }
    assert!(
        site.app.files.hashes().unwrap().is_empty(),
        "nothing of it was kept"
    );

    location(&send_file(&mut author, &form, &words, ("logo.png", POINT)).await);
    let waits = author.get(&form).await.body;
    assert!(waits.contains("la modération ne l’a pas encore relu"), "{waits}");
    let proposed = format!("{picture}/propose");
    let seen = author.get(&proposed).await;
    assert_eq!(seen.headers["content-type"], "image/png");
    assert!(
        seen.headers["content-security-policy"]
            .to_str()
            .unwrap()
            .starts_with("sandbox")
    );
    assert_eq!(other.get(&proposed).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        site.get(&picture).await.status,
        StatusCode::NOT_FOUND,
        "not public yet"
    );
    let (subject, _) = site.mail_to("moderation@demo.exemple.fr").await;
    assert_eq!(subject, "À relire\u{a0}: Logo");

    let mut moderator = site.sign_in("moderation").await;
    let queue = moderator.get("/moderation").await.body;
    assert!(queue.contains(&format!("href=\"{decision}\"")), "{queue}");
    assert_eq!(author.get(&decision).await.status, StatusCode::FORBIDDEN);
    let page = moderator.get(&decision).await.body;
    let vu = value_of(&page, "vu");
    let decide = format!("{decision}/decider");
    assert_eq!(
        author.send(&decide, &[("vu", &vu)]).await.status,
        StatusCode::FORBIDDEN
    );
    let silent = moderator
        .send(&decide, &[("vu", &vu), ("action", "refuser")])
        .await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let refusal = [
        ("vu", vu.as_str()),
        ("action", "refuser"),
        ("raison", "L’image est floue."),
    ];
    location(&moderator.send(&decide, &refusal).await);
    let (_, text) = site.mail_to("contributeur@demo.exemple.fr").await;
    assert!(
        text.contains("L’image est floue.") && text.contains(&form),
        "{text}"
    );
    assert_eq!(
        moderator.send(&decide, &refusal).await.status,
        StatusCode::CONFLICT,
        "decided once"
    );

    // Another one takes the place of the one that waits: what was seen of that decides nothing.
    location(&send_file(&mut author, &form, &words, ("logo.png", POINT)).await);
    let vu = value_of(&moderator.get(&decision).await.body, "vu");
    let better = [("alternative", "Blason bleu, deux tours")];
    location(&send_file(&mut author, &form, &better, ("logo.png", POINT)).await);
    assert_eq!(
        moderator.send(&decide, &[("vu", &vu)]).await.status,
        StatusCode::CONFLICT
    );
    let vu = value_of(&moderator.get(&decision).await.body, "vu");
    location(&moderator.send(&decide, &[("vu", &vu)]).await);
    let page = site.get(&public).await.body;
    assert!(page.contains("alt=\"Blason bleu, deux tours\""), "{page}");
    assert_eq!(site.get(&picture).await.status, StatusCode::OK);
    assert!(!moderator.get("/moderation").await.body.contains(&decision));
    // What waits can be taken back.
    location(&send_file(&mut author, &form, &words, ("logo.png", POINT)).await);
    location(&author.send(&format!("{form}/retirer"), &[]).await);
    assert_eq!(author.get(&proposed).await.status, StatusCode::NOT_FOUND);
}
