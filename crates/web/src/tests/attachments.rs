//! Files of a record: what is taken and refused, who opens them, when they become public, when they are gone.

use axum::body::Body;
use axum::http::{Request, StatusCode};

use super::contributions::{ESSENTIAL, begin, decide, fill, location};
use super::entry_files::POINT;
use super::{Answer, Browser, TestApp};

const TABLE: &[u8] = b"Poste;Heures\nCapteurs;12\n=HYPERLINK(1);3\n";

/// Sends a file as a browser without script does.
async fn upload(
    browser: &mut Browser<'_>,
    case: &str,
    token: &str,
    (name, bytes): (&str, &[u8]),
    (title, readers): (&str, &str),
) -> Answer {
    let mut body = Vec::new();
    for (key, value) in [("_csrf", token), ("titre", title), ("lecteurs", readers)] {
        body.extend(
            format!("--b\r\nContent-Disposition: form-data; name=\"{key}\"\r\n\r\n{value}\r\n").bytes(),
        );
    }
    body.extend(
        format!(
            "--b\r\nContent-Disposition: form-data; name=\"fichier\"; filename=\"{name}\"\r\nContent-Type: image/png\r\n\r\n"
        )
        .bytes(),
    );
    body.extend_from_slice(bytes);
    body.extend(b"\r\n--b--\r\n");
    let request = Request::post(format!("{case}/fichiers"))
        .header("content-type", "multipart/form-data; boundary=b")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(body))
        .unwrap();
    browser.forward(request).await
}

async fn add(browser: &mut Browser<'_>, case: &str, file: (&str, &[u8]), said: (&str, &str)) -> Answer {
    let token = browser.csrf().await;
    upload(browser, case, &token, file, said).await
}

/// The address of the file of a title on a page.
fn file_on(page: &str, title: &str) -> Option<String> {
    let before = page.split(title).next()?;
    (before.len() < page.len()).then_some(())?;
    let start = before.rfind("href=\"/fichiers/")? + 6;
    Some(before[start..].split('"').next()?.to_owned())
}

/// A contribution that only lacks being sent.
pub async fn ready(author: &mut Browser<'_>) -> String {
    let case = begin(author, "Repérer les fuites").await;
    location(&fill(author, &case, "essentiel", &ESSENTIAL).await);
    location(&fill(author, &case, "projet", &[("summary", "Écouter l’eau la nuit.")]).await);
    let technical = [
        ("algorithm.name", "Écoute"),
        ("algorithm.kinds", "ml"),
        ("hosting", "interne"),
    ];
    location(&fill(author, &case, "algorithme", &technical).await);
    let data = [
        ("data.sources.text", "Capteurs"),
        ("data.collection.text", "Réseau"),
    ];
    location(&fill(author, &case, "donnees", &data).await);
    case
}

/// Hands in, claims and publishes; returns the address of the record.
pub async fn publish(site: &TestApp, author: &mut Browser<'_>, case: &str) -> String {
    location(&author.send(&format!("{case}/envoyer"), &[]).await);
    let mut moderator = site.sign_in("moderation").await;
    location(&decide(&mut moderator, case, "prendre", &[]).await);
    location(&decide(&mut moderator, case, "publier", &[]).await);
    site.first("q=%22fuites+la+nuit%22").await
}

#[tokio::test]
async fn a_file_is_read_by_its_readers_and_by_nobody_else_at_each_step() {
    let site = TestApp::demo().await;
    let mut author = site.sign_in("contributeur").await;
    let case = ready(&mut author).await;
    for (title, readers) in [
        ("Bilan ouvert", "public"),
        ("Bilan agents", "members"),
        ("Bilan interne", "organisation"),
    ] {
        let added = add(&mut author, &case, ("../bilan.csv", TABLE), (title, readers)).await;
        assert_eq!(added.status, StatusCode::OK, "{}", added.body);
        assert!(
            added.body.contains("précédées d’une apostrophe\u{a0}: 1"),
            "{}",
            added.body
        );
    }
    let page = author.get(&format!("{case}/fichiers")).await.body;
    let ids: Vec<String> = page
        .split("href=\"/fichiers/")
        .skip(1)
        .map(|part| format!("/fichiers/{}", part.split('"').next().unwrap()))
        .collect();
    assert_eq!(ids.len(), 3);
    let mut member = site.session_of(sobria_catalogue::rights::Role::Member).await;
    let mut moderator = site.sign_in("moderation").await;
    for id in &ids {
        assert_eq!(
            site.get(id).await.status,
            StatusCode::NOT_FOUND,
            "a draft is read by nobody else"
        );
        assert_eq!(member.get(id).await.status, StatusCode::NOT_FOUND);
        assert_eq!(author.get(id).await.status, StatusCode::OK);
        assert_eq!(moderator.get(id).await.status, StatusCode::OK);
    }
    let preview = author.get(&format!("{case}/apercu")).await.body;
    assert!(
        preview.contains("Bilan ouvert") && !preview.contains("Bilan agents"),
        "{preview}"
    );
    let review = moderator
        .get(&case.replace("/contribuer/", "/moderation/"))
        .await
        .body;
    for title in ["Bilan ouvert", "Bilan agents", "Bilan interne"] {
        assert!(review.contains(title), "{review}");
    }

    let record = publish(&site, &mut author, &case).await;
    let seen = |id: usize| (ids[id].clone(), id);
    for (visitor, agent, own, id) in [
        (true, true, true, 0),
        (false, true, true, 1),
        (false, false, true, 2),
    ] {
        let (path, _) = seen(id);
        let ok = |answer: Answer| answer.status == StatusCode::OK;
        assert_eq!(ok(site.get(&path).await), visitor, "{id}");
        assert_eq!(ok(member.get(&path).await), agent, "{id}");
        assert_eq!(ok(author.get(&path).await), own, "{id}");
    }
    let public = site.get(&record).await.body;
    assert!(
        public.contains("Bilan ouvert")
            && !public.contains("Bilan agents")
            && !public.contains("Bilan interne")
    );
    let agents = member.get(&record).await.body;
    assert!(agents.contains("Bilan agents") && !agents.contains("Bilan interne"));
    let document = site.json(&format!("{record}.json")).await;
    assert_eq!(document["attachments"].as_array().unwrap().len(), 1);
    assert_eq!(document["attachments"][0]["name"], "bilan.csv");
    let id = document["id"].as_str().unwrap();
    let api = site.json(&format!("/api/v1/use-cases/{id}")).await;
    assert_eq!(api["attachments"], document["attachments"]);

    // As it is served: saved, never run, never told otherwise than it is.
    let served = site.get(&ids[0]).await;
    assert!(served.body.contains("'=HYPERLINK(1);3"), "{}", served.body);
    let header = |name: &str| served.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "text/csv; charset=utf-8");
    assert!(header("content-disposition").starts_with("attachment; filename=\"bilan.csv\""));
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert!(header("content-security-policy").starts_with("sandbox; default-src 'none'"));
    let request = Request::get(&ids[0])
        .header("if-none-match", header("etag"))
        .body(Body::empty())
        .unwrap();
    assert_eq!(site.request(request).await.status, StatusCode::NOT_MODIFIED);

    // A new version takes one off: the public keeps it until that is approved.
    let next = author.send(&format!("{record}/modifier"), &[]).await;
    let next = location(&next).trim_end_matches("/essentiel").to_owned();
    let removal = ids[0].replace("/fichiers/", &format!("{next}/fichiers/"));
    location(&author.send(&format!("{removal}/retirer"), &[]).await);
    assert_eq!(site.get(&ids[0]).await.status, StatusCode::OK);
    let last = publish(&site, &mut author, &next).await;
    assert_eq!(site.get(&ids[0]).await.status, StatusCode::NOT_FOUND);
    assert!(!site.get(&last).await.body.contains("Bilan ouvert"));
    assert_eq!(
        moderator.get(&ids[0]).await.status,
        StatusCode::OK,
        "the former version keeps it"
    );

    // A withdrawal leaves neither rows nor bytes.
    let mut admin = site.sign_in("administration").await;
    let withdrawn = admin
        .send(
            "/administration/organisations/retrait",
            &[("fiche", &record), ("raison", "legal"), ("confirmation", "oui")],
        )
        .await;
    location(&withdrawn);
    assert_eq!(author.get(&ids[1]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(moderator.get(&ids[0]).await.status, StatusCode::NOT_FOUND);
    assert!(site.app.files.hashes().unwrap().is_empty());
}

#[tokio::test]
async fn disguised_and_oversized_files_are_refused_with_a_sentence_and_what_was_typed_stays() {
    let site = TestApp::demo().await;
    let mut author = site.sign_in("contributeur").await;
    let case = begin(&mut author, "Repérer les fuites").await;
    let large = vec![b'a'; 10_000_001];
    let html = b"<!DOCTYPE html><script>alert(1)</script>".as_slice();
    // Both are read without a complaint by what writes them anew: only what is asked of them before refuses them.
    let twofold = [POINT, b"<script>alert(1)</script>"].concat();
    assert!(sobria_exchange::attachment::clean(POINT, "plan.png").is_ok());
    for (name, bytes, words) in [
        ("note.pdf", html, "une page web"),
        ("note.pdf", TABLE, "porte le nom d’un"),
        ("table.csv", POINT, "porte le nom d’un"),
        ("plan.png", &twofold, "contient aussi une page web"),
        ("image.png", b"MZ\x90\0\x03\0\0\0".as_slice(), "un programme"),
        ("table.csv", &large, "dépasse 10"),
        ("vide.csv", b"", "est vide"),
        ("", b"", "Choisissez un fichier"),
    ] {
        let answer = add(&mut author, &case, (name, bytes), ("Mon <b>bilan</b>", "members")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(answer.body.contains(words), "{name}: {}", answer.body);
        assert!(
            answer.body.contains("value=\"Mon &#60;b&#62;bilan&#60;/b&#62;\""),
            "{}",
            answer.body
        );
        assert!(
            answer.body.contains("value=\"members\" checked"),
            "{}",
            answer.body
        );
    }
    let nobody = add(&mut author, &case, ("t.csv", TABLE), ("", "everyone")).await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    let enormous = vec![b'a'; 25_000_000];
    let cut = add(&mut author, &case, ("t.csv", &enormous), ("", "public")).await;
    assert_eq!(cut.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(
        site.app.files.hashes().unwrap().is_empty(),
        "nothing of it was kept"
    );
}

#[tokio::test]
async fn files_are_added_by_the_author_alone_with_a_proof_and_as_long_as_it_is_written() {
    let site = TestApp::demo().await;
    let mut author = site.sign_in("contributeur").await;
    let case = ready(&mut author).await;
    let file = ("bilan.csv", TABLE);
    let forged = upload(&mut author, &case, "faux", file, ("", "public")).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let mut visitor = Browser::new(&site);
    let asked = upload(&mut visitor, &case, "", file, ("", "public")).await;
    assert!(
        location(&asked).starts_with("/connexion?suite="),
        "{}",
        location(&asked)
    );
    let mut other = site.session_of(sobria_catalogue::rights::Role::Member).await;
    assert_eq!(
        add(&mut other, &case, file, ("", "public")).await.status,
        StatusCode::NOT_FOUND
    );
    assert!(site.app.files.hashes().unwrap().is_empty());
    for number in 0..10 {
        let title = format!("Fichier {number}");
        assert_eq!(
            add(&mut author, &case, file, (&title, "public")).await.status,
            StatusCode::OK
        );
    }
    let more = add(&mut author, &case, file, ("De trop", "public")).await;
    assert_eq!(more.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(more.body.contains("retirez-en un"), "{}", more.body);
    assert_eq!(
        site.app.files.hashes().unwrap().len(),
        1,
        "the same bytes are kept once"
    );
    let page = author.get(&format!("{case}/fichiers")).await.body;
    let one = file_on(&page, "Télécharger bilan.csv").unwrap();
    let removal = one.replace("/fichiers/", &format!("{case}/fichiers/"));
    location(&author.send(&format!("{removal}/retirer"), &[]).await);
    assert_eq!(author.get(&one).await.status, StatusCode::NOT_FOUND);
    location(&author.send(&format!("{case}/envoyer"), &[]).await);
    let late = add(&mut author, &case, file, ("Trop tard", "public")).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_file_brought_while_the_form_is_sent_is_never_handed_in_unseen() {
    let site = TestApp::demo().await;
    let mut author = site.sign_in("contributeur").await;
    let case = ready(&mut author).await;
    let id = case.rsplit('/').next().unwrap().parse().unwrap();
    let before = site.app.store.contribution(id).await.unwrap().unwrap();
    assert_eq!(
        add(&mut author, &case, ("bilan.csv", TABLE), ("", "public"))
            .await
            .status,
        StatusCode::OK
    );
    let after = site.app.store.contribution(id).await.unwrap().unwrap();
    assert_eq!(
        after.version,
        before.version + 1,
        "a step decided before is refused"
    );
}
