//! What suppliers join to their answers, through the link: what is taken, who opens it, until when, how much.

use axum::body::Body;
use axum::http::{Request, StatusCode};

use super::purchase_files::{FILES, answer, invite, prepared, version};
use super::{Answer, Browser, TestApp, wait_days};
use crate::limiter::Action;

const TABLE: &[u8] = b"Poste;Wh\nRequete;0,04\n=HYPERLINK(1);3\n";

/// Sends a file as a browser without script does, whatever its kind.
async fn join(browser: &mut Browser<'_>, link: &str, name: &str, bytes: &[u8]) -> Answer {
    join_as(browser, link, ("Q501", "same-origin"), name, bytes).await
}

/// The same as the evidence of a question, from a page of a site.
async fn join_as(
    browser: &mut Browser<'_>,
    link: &str,
    (question, site): (&str, &str),
    name: &str,
    bytes: &[u8],
) -> Answer {
    let mut body = Vec::new();
    body.extend(
        format!("--b\r\nContent-Disposition: form-data; name=\"preuve_de\"\r\n\r\n{question}\r\n").bytes(),
    );
    body.extend(
        format!("--b\r\nContent-Disposition: form-data; name=\"fichier\"; filename=\"{name}\"\r\nContent-Type: image/png\r\n\r\n")
            .bytes(),
    );
    body.extend_from_slice(bytes);
    body.extend(b"\r\n--b--\r\n");
    let request = Request::post(format!("{link}/fichiers"))
        .header("content-type", "multipart/form-data; boundary=b")
        .header("sec-fetch-site", site)
        .body(Body::from(body))
        .unwrap();
    browser.forward(request).await
}

/// Identifiers of the files that a page leads to.
fn files(page: &str) -> Vec<String> {
    page.split("/fichiers/")
        .skip(1)
        .filter_map(|part| part.get(..36))
        .filter(|id| id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-'))
        .map(str::to_owned)
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect()
}

#[tokio::test]
async fn a_joined_file_is_told_by_its_bytes_written_anew_and_opened_by_its_own_readers_alone() {
    let test = TestApp::demo().await;
    let mut buyer = test.sign_in("contributeur").await;
    let path = prepared(&mut buyer).await;
    let first = invite(&mut buyer, &path, "Alpha").await;
    let second = invite(&mut buyer, &path, "Beta").await;
    let mut supplier = Browser::new(&test);
    let disguised = join(&mut supplier, &first, "preuve.pdf", TABLE).await;
    assert_eq!(disguised.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(disguised.body.contains("porte le nom d’un"), "{}", disguised.body);
    assert!(
        disguised.body.contains("value=\"Q501\" selected"),
        "what was chosen comes back"
    );
    let program = join(&mut supplier, &first, "outil.exe", b"MZ\x90\0\x03\0\0\0").await;
    assert_eq!(program.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Somebody signed in whose browser does not say where the form comes from must show the token of the session.
    let forged = Request::post(format!("{first}/fichiers"))
        .header("content-type", "multipart/form-data; boundary=b")
        .body(Body::from(
            "--b\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\nfaux\r\n--b\r\nContent-Disposition: \
             form-data; name=\"fichier\"; filename=\"t.csv\"\r\n\r\na;b\r\n1;2\r\n--b--\r\n",
        ))
        .unwrap();
    assert_eq!(buyer.forward(forged).await.status, StatusCode::FORBIDDEN);
    let long = vec![b'a'; test.app.settings.files.limits.bytes() + 1];
    let refused = join(&mut supplier, &first, "long.csv", &long).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("dépasse"), "{}", refused.body);
    let nothing = join(&mut supplier, &first, "", b"").await;
    assert!(nothing.body.contains("Choisissez un fichier"), "{}", nothing.body);
    let unasked = join_as(
        &mut supplier,
        &first,
        ("Q999", "same-origin"),
        "preuve.csv",
        TABLE,
    )
    .await;
    assert_eq!(unasked.status, StatusCode::NOT_FOUND, "{}", unasked.body);
    let forged = join_as(&mut buyer, &first, ("Q501", "cross-site"), "preuve.csv", TABLE).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN, "{}", forged.body);
    assert!(files(&supplier.get(&format!("{first}?etape=pieces")).await.body).is_empty());
    let kept = join(&mut supplier, &first, "../../preuve.csv", TABLE).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
    let step = supplier.get(&format!("{first}?etape=pieces")).await;
    assert!(step.body.contains("précédées d’une apostrophe"), "{}", step.body);
    let ids = files(&step.body);
    assert_eq!(ids.len(), 1, "{}", step.body);
    let file = format!("{first}/fichiers/{}", ids[0]);
    let own = supplier.get(&file).await;
    assert_eq!(own.status, StatusCode::OK);
    assert!(own.body.contains("'=HYPERLINK"), "written anew: {}", own.body);
    assert!(
        own.headers["content-disposition"]
            .to_str()
            .unwrap()
            .starts_with("attachment")
    );
    assert!(
        own.headers["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("sandbox")
    );
    assert_eq!(own.headers["cache-control"], "private, no-cache");

    // The link of another leads to none of it, and neither does the buyer while answers are sealed.
    let stolen = format!("{second}/fichiers/{}", ids[0]);
    assert_eq!(supplier.get(&stolen).await.status, StatusCode::NOT_FOUND);
    let taken = supplier.post(&format!("{stolen}/retirer"), &[]).await;
    assert_eq!(taken.status, StatusCode::NOT_FOUND);
    answer(&test, &first, "Non, par contrat").await;
    let received = format!("{path}/fichiers/{}", ids[0]);
    assert_eq!(buyer.get(&received).await.status, StatusCode::NOT_FOUND, "sealed");

    let token = version(&mut buyer, &format!("{path}/fournisseurs")).await;
    wait_days(5);
    let late = join(&mut supplier, &first, "tard.csv", TABLE).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "after the deadline");
    let taken = supplier.post(&format!("{file}/retirer"), &[]).await;
    assert_eq!(taken.status, StatusCode::CONFLICT, "after the deadline");
    let mut buyer = test.sign_in("contributeur").await;
    let opened = buyer
        .send(&format!("{path}/ouvrir"), &[("version", &token)])
        .await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.body);
    assert_eq!(buyer.get(&received).await.status, StatusCode::OK);
    let compared = buyer.get(&format!("{path}/comparaison")).await;
    assert!(
        compared.body.contains("fichier joint preuve.csv"),
        "counts as evidence"
    );
    for role in ["agent", "moderation", "administration"] {
        let mut other = test.sign_in(role).await;
        assert_eq!(other.get(&received).await.status, StatusCode::NOT_FOUND, "{role}");
    }
    assert_eq!(test.get(&received).await.status, StatusCode::SEE_OTHER);
    wait_days(100);
    assert_eq!(
        supplier.get(&file).await.status,
        StatusCode::GONE,
        "the link ran out"
    );
}

#[tokio::test]
async fn a_supplier_who_contradicts_itself_reads_why_and_loses_nothing() {
    let test = TestApp::demo().await;
    let mut buyer = test.sign_in("contributeur").await;
    let path = prepared(&mut buyer).await;
    let link = invite(&mut buyer, &path, "Alpha").await;
    let mut supplier = Browser::new(&test);
    for (step, fields, told, kept) in [
        (
            "T5",
            vec![("Q501", "Non, jamais deux fois"), ("Q501_nsp", "oui")],
            "gardez l’un des deux",
            "jamais deux fois",
        ),
        ("T3", vec![("Q302", "0,8")], "de 1 à 5", ">0,8<"),
        ("T3", vec![("Q302", "excellent")], "un nombre", ">excellent<"),
        (
            "chiffres",
            vec![("grams", "-3"), ("method", "acv"), ("scope", "centre")],
            "de 0 à un million",
            "value=\"-3\"",
        ),
        (
            "chiffres",
            vec![("grams", "peu")],
            "pas un nombre",
            "value=\"peu\"",
        ),
    ] {
        let version = super::value_of(
            &supplier.get(&format!("{link}?etape={step}")).await.body,
            "version",
        );
        let mut all = vec![("etape", step), ("version", version.as_str())];
        all.extend(fields);
        let answer = supplier.post(&link, &all).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{step}: {}",
            answer.body
        );
        assert!(
            answer.body.contains(told) && answer.body.contains(kept),
            "{step}: {}",
            answer.body
        );
    }
    // A questionnaire that is half filled in may be kept, and says what is missing; an empty one is not handed in.
    let version = super::value_of(
        &supplier.get(&format!("{link}?etape=relecture")).await.body,
        "version",
    );
    let empty = supplier
        .post(&link, &[("etape", "relecture"), ("version", &version)])
        .await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    answer(&test, &link, "Non").await;
    let review = supplier.get(&format!("{link}?etape=relecture")).await;
    assert!(review.body.contains("Sans réponse, donc notées 0") && review.body.contains("1 sur 26"));
}

#[tokio::test]
async fn files_are_few_sendings_are_counted_and_links_cannot_be_guessed() {
    let test = TestApp::demo().await;
    let mut buyer = test.sign_in("contributeur").await;
    let path = prepared(&mut buyer).await;
    let link = invite(&mut buyer, &path, "Alpha").await;
    let mut supplier = Browser::new(&test);
    let mut seen = std::collections::BTreeMap::new();
    for number in 0..101 {
        let sent = join(&mut supplier, &link, "preuve.csv", TABLE).await;
        *seen.entry(sent.status.as_u16()).or_insert(0) += 1;
        if number == 20 {
            assert!(sent.body.contains("20 fichiers"), "{}", sent.body);
        }
    }
    assert_eq!(seen, [(303, 20), (422, 80), (429, 1)].into());
    let step = supplier.get(&format!("{link}?etape=pieces")).await;
    let removed = supplier
        .post(&format!("{link}/fichiers/{}/retirer", files(&step.body)[0]), &[])
        .await;
    assert_eq!(removed.status, StatusCode::SEE_OTHER);
    assert_eq!(
        files(&supplier.get(&format!("{link}?etape=pieces")).await.body).len(),
        19
    );
    // What one link saves and takes away is counted too.
    let purchase = path.rsplit('/').next().unwrap();
    let line = test.app.store.suppliers_of(purchase).await.unwrap().remove(0);
    while test.app.limiter.take(Action::Supplier, &line.id, super::now()) {}
    let file = format!("{link}/fichiers/{}", files(&step.body)[1]);
    let removed = supplier.post(&format!("{file}/retirer"), &[]).await;
    assert_eq!(removed.status, StatusCode::TOO_MANY_REQUESTS);
    let saved = supplier
        .post(&link, &[("etape", "T5"), ("version", "0"), ("Q501", "Non")])
        .await;
    assert_eq!(saved.status, StatusCode::TOO_MANY_REQUESTS);
    // A link that the buyer closes leads nowhere.
    assert_eq!(supplier.get(&file).await.status, StatusCode::OK);
    let closed = buyer
        .send(&format!("{path}/fournisseurs/fermer"), &[("a_fermer", &line.id)])
        .await;
    assert_eq!(closed.status, StatusCode::SEE_OTHER, "{}", closed.body);
    for address in [&link, &file] {
        assert_eq!(supplier.get(address).await.status, StatusCode::GONE, "{address}");
    }
    let late = join(&mut supplier, &link, "tard.csv", TABLE).await;
    assert_eq!(late.status, StatusCode::GONE);
    let mut guesses = std::collections::BTreeMap::new();
    for number in 0..22 {
        let guess = format!("/maitriser/achat/reponse/{number:064x}/fichiers");
        let mut stranger = Browser::new(&test);
        let tried = join(&mut stranger, guess.trim_end_matches("/fichiers"), "a.csv", TABLE).await;
        *guesses.entry(tried.status.as_u16()).or_insert(0) += 1;
    }
    assert_eq!(guesses, [(404, 20), (429, 2)].into());
    assert!(path.starts_with(FILES));
}
