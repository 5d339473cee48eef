//! Answers that a form begins with, and what an import mended: each with where it comes from, and a person decides.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use sobria_catalogue::id::ImportId;
use sobria_catalogue::rights::Role;
use sobria_store::ApplyOptions;
use uuid::Uuid;

use super::contributions::location;
use super::{Answer, Browser, TestApp, now, plan_of, quoted, value_of};

async fn drop_file(browser: &mut Browser<'_>, name: &str, bytes: &[u8], row: &str) -> Answer {
    let token = browser.csrf().await;
    let mut body = Vec::new();
    for (key, value) in [("_csrf", token.as_str()), ("ligne", row)] {
        body.extend(
            format!("--b\r\nContent-Disposition: form-data; name=\"{key}\"\r\n\r\n{value}\r\n").bytes(),
        );
    }
    body.extend(
        format!("--b\r\nContent-Disposition: form-data; name=\"fichier\"; filename=\"{name}\"\r\n\r\n")
            .bytes(),
    );
    body.extend_from_slice(bytes);
    body.extend(b"\r\n--b--\r\n");
    let request = Request::post("/contribuer/fichier")
        .header("content-type", "multipart/form-data; boundary=b")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(body))
        .unwrap();
    browser.forward(request).await
}

/// The pairs that the form of a page would send, its token apart.
fn pairs_of(page: &str, form: &str) -> Vec<(String, String)> {
    let start = page.find(&format!("id=\"{form}\"")).unwrap();
    let block = page[start..].split("</form>").next().unwrap();
    let unescape = |text: &str| {
        text.replace("&#34;", "\"")
            .replace("&#39;", "'")
            .replace("&#60;", "<")
            .replace("&#62;", ">")
            .replace("&#38;", "&")
    };
    block
        .split("<input ")
        .skip(1)
        .filter_map(|tag| {
            let tag = tag.split('>').next()?;
            let name = tag.split("name=\"").nth(1)?.split('"').next()?;
            let value = tag
                .split("value=\"")
                .nth(1)
                .map_or("", |rest| rest.split('"').next().unwrap());
            (name != "_csrf").then(|| (name.to_owned(), unescape(value)))
        })
        .collect()
}

async fn start(browser: &mut Browser<'_>, page: &str, title: Option<&str>) -> String {
    let mut pairs = pairs_of(page, "commencer");
    if let Some(title) = title {
        pairs.retain(|(name, _)| name != "title");
        pairs.push(("title".to_owned(), title.to_owned()));
    }
    let pairs: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let answer = browser.send("/contribuer", &pairs).await;
    location(&answer).trim_end_matches("/essentiel").to_owned()
}

#[tokio::test]
async fn the_page_of_a_solution_brings_its_answers_and_each_says_so_until_it_is_changed() {
    let site = TestApp::demo().await;
    let list = site.get("/solutions").await.body;
    let slug = quoted(&list, "href=\"/solutions/");
    let page = site.get(&format!("/solutions/{slug}")).await.body;
    let address = format!("/contribuer?solution={slug}");
    assert!(page.contains(&address), "{page}");
    let mut author = site.sign_in("contributeur").await;
    let begin = author.get(&address).await.body;
    assert!(
        begin.contains("Réponses proposées") && begin.contains("page de la solution «"),
        "{begin}"
    );
    let case = start(&mut author, &begin, Some("Un projet avec elle")).await;
    let essential = author.get(&format!("{case}/essentiel")).await.body;
    assert!(
        essential.contains("Réponse proposée, à vérifier\u{a0}: page de la solution «"),
        "{essential}"
    );
    let project = author.get(&format!("{case}/projet")).await.body;
    let suppliers = project.split("id=\"suppliers\"").nth(1).unwrap();
    assert!(
        !suppliers.split("</textarea>").next().unwrap().ends_with('>'),
        "the name is in the field"
    );
    assert!(project.contains("id=\"suppliers-origine\""));
    let version = value_of(&project, "_version");
    let kept = author
        .send(
            &format!("{case}/projet"),
            &[
                ("_version", &version),
                ("suppliers", "Une autre maison"),
                ("action", "rester"),
            ],
        )
        .await
        .body;
    assert!(
        !kept.contains("id=\"suppliers-origine\""),
        "an answer of one’s own has no origin"
    );
}

#[tokio::test]
async fn a_row_of_a_file_fills_the_form_by_the_rules_of_imports() {
    let site = TestApp::demo().await;
    let mut author = site.sign_in("contributeur").await;
    const FILE: &str = "coll_nom,nom_projet,usage_description,projet_date,theme,url_infos,partenaires\n\
        Ville A,Premier,Un texte.,03/2024,mobilites,,\n\
        Ville B,Trier <les> demandes,Un autre texte.,03/04/2024,Transition écologique,accès interne uniquement,Exo-Dev\n";
    let report = drop_file(&mut author, "projets.csv", FILE.as_bytes(), "2").await;
    assert_eq!(report.status, StatusCode::OK, "{}", report.body);
    for expected in [
        "Ligne 2 sur 2",
        "Le fichier nomme «\u{a0}Ville B\u{a0}»",
        "remarque à la place d’une adresse",
        "ordre jour et mois supposé",
        "fichier «\u{a0}projets.csv\u{a0}», ligne 3",
        "Trier &#60;les&#62; demandes",
    ] {
        assert!(report.body.contains(expected), "{expected}: {}", report.body);
    }
    let case = start(&mut author, &report.body, None).await;
    let page = author.get(&format!("{case}/essentiel")).await.body;
    assert!(
        page.contains("value=\"2024-04-03\"") && page.contains("fichier «\u{a0}projets.csv\u{a0}», ligne 3"),
        "{page}"
    );
    let page = author.get(&format!("{case}/ressources")).await.body;
    assert!(page.contains("accès interne uniquement"), "{page}");

    // A record as this site exports it is a file of one row too.
    let first = site.first("limit=1").await;
    let document = site.get(&format!("{first}.json")).await.body;
    let report = drop_file(&mut author, "fiche.json", document.as_bytes(), "").await;
    assert_eq!(report.status, StatusCode::OK, "{}", report.body);

    for (name, bytes, row, expected) in [
        ("vide.csv", &b""[..], "", "Choisissez un fichier"),
        ("photo.csv", &b"\x89PNG\r\n\x1a\n"[..], "", "photo.csv"),
        ("projets.csv", FILE.as_bytes(), "9", "il n’y a pas de ligne 9"),
        ("projets.csv", FILE.as_bytes(), "<b>", "&#60;b&#62;"),
    ] {
        let refused = drop_file(&mut author, name, bytes, row).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {row}");
        assert!(refused.body.contains(expected), "{expected}: {}", refused.body);
    }
    assert_eq!(
        author.get("/contribuer/fichier").await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_siret_gives_the_organisation_without_asking_the_network() {
    let site = TestApp::demo().await;
    let mut moderator = site.session_of(Role::Moderator).await;
    // Known to the directory of the executable, not to the library.
    let begin = moderator.get("/contribuer").await.body;
    assert!(begin.contains("name=\"organisation.siret\""), "{begin}");
    let of = |siret: &str, name: &str| {
        vec![
            ("cle".to_owned(), Uuid::now_v7().to_string()),
            ("organisation.siret".to_owned(), siret.to_owned()),
            ("organisation.name".to_owned(), name.to_owned()),
            ("title".to_owned(), "Un projet".to_owned()),
        ]
    };
    let mut send = async |siret: &str, name: &str| {
        let pairs = of(siret, name);
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        moderator.send("/contribuer", &pairs).await
    };
    // The SIREN alone is enough for the directory; Métropole de Lyon is in it.
    let known = send("200046977", "").await;
    let case: sobria_catalogue::id::ContributionId = location(&known)
        .trim_start_matches("/contribuer/")
        .trim_end_matches("/essentiel")
        .parse()
        .unwrap();
    let kept = site.app.store.contribution(case).await.unwrap().unwrap();
    assert_eq!(kept.heading.organisation, "Métropole de Lyon");
    assert!(!kept.values.first("organisation.latitude").is_empty());
    let origins = site.app.store.proposals_of(case).await.unwrap();
    assert!(
        origins
            .iter()
            .any(|one| one.proposal.origin.contains("annuaire des collectivités"))
    );
    // Nobody knows it, and nothing names it: the form comes back with what was typed.
    let unknown = send("732 829 320 00074", "").await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        unknown.body.contains("732 829 320 00074") && unknown.body.contains("value=\"Un projet\""),
        "{}",
        unknown.body
    );
    // A name settles it.
    location(&send("732 829 320 00074", "Établissement d’essai").await);
}

/// One row, with three doubts.
pub const REPAIRS: &str = "coll_nom,coll_siret,coll_type,nom_projet,usage_description,projet_date,projet_status,mise_en_oeuvre,theme,audience_service,url_infos,partenaires\n\
    Commune des Essais,,commune,Compter les vélos,Des caméras comptent les vélos.,03/04/2024,experimentation,prestataire,mobilites,agent,accès interne uniquement,Exo-Dev\n";

/// An import that waits to be read; the address of its contribution.
async fn imported(site: &TestApp, moderator: &mut Browser<'_>) -> String {
    let (plan, planned_at) = plan_of(REPAIRS.as_bytes(), "essais.csv", &site.app.store).await;
    let options = ApplyOptions {
        publish: false,
        actor: "test",
        now: now(),
        import: ImportId::new(Uuid::now_v7()),
        planned_at: Some(planned_at),
    };
    site.app.store.apply_import(&plan, options).await.unwrap();
    let queue = moderator.get("/moderation").await.body;
    assert!(queue.contains("3 réparations à décider"), "{queue}");
    let row = queue.split("Compter les vélos").next().unwrap();
    let id = row
        .rsplit("href=\"/moderation/")
        .next()
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    format!("/moderation/{id}")
}

#[tokio::test]
async fn what_an_import_mended_is_accepted_or_refused_one_by_one_and_the_trail_keeps_it() {
    let site = TestApp::demo().await;
    let mut moderator = site.sign_in("moderation").await;
    let address = imported(&site, &mut moderator).await;
    let page = moderator.get(&address).await.body;
    assert!(
        page.contains("Réparations de l’import") && !page.contains("name=\"reparation\""),
        "{page}"
    );
    let version = value_of(&page, "_version");
    location(
        &moderator
            .send(
                &format!("{address}/prendre"),
                &[("_version", &version), ("vu", "")],
            )
            .await,
    );
    // The three, by the word that tells each of them.
    for (word, choice, notice) in [
        ("ordre jour et mois", "refused", "Réparation refusée"),
        ("remarque à la place", "accepted", "Réparation acceptée"),
        ("trait d’union", "refused", "Réparation refusée"),
    ] {
        let page = moderator.get(&address).await.body;
        let version = value_of(&page, "_version");
        let row = page
            .split("<tr id=\"reparation-")
            .find(|row| row.contains(word) && row.contains("name=\"reparation\""))
            .unwrap_or_else(|| panic!("{word}: {page}"));
        let place = value_of(row, "reparation");
        let stale = moderator
            .send(
                &format!("{address}/reparation"),
                &[("_version", "0"), ("reparation", &place), ("choix", choice)],
            )
            .await;
        assert_eq!(stale.status, StatusCode::CONFLICT);
        let done = moderator
            .send(
                &format!("{address}/reparation"),
                &[("_version", &version), ("reparation", &place), ("choix", choice)],
            )
            .await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.body);
        assert!(done.body.contains(notice), "{}", done.body);
    }
    let id = address.trim_start_matches("/moderation/").parse().unwrap();
    let case = site.app.store.contribution(id).await.unwrap().unwrap();
    assert_eq!(case.values.first("start_date"), "2024-03-04", "the other order");
    assert_eq!(
        case.values.first("links.info.0.label"),
        "accès interne uniquement"
    );
    assert_eq!(case.values.first("partners.0.name"), "Exo", "two names");
    assert_eq!(case.values.first("partners.1.name"), "Dev");
    let lines = site
        .app
        .store
        .audit_lines(Some(&id.to_string()), None, 50)
        .await
        .unwrap();
    let actions: Vec<&str> = lines.iter().map(|line| line.action.as_str()).collect();
    assert_eq!(
        actions
            .iter()
            .filter(|action| action.starts_with("repair-"))
            .count(),
        3,
        "{actions:?}"
    );
    let page = moderator.get(&address).await.body;
    assert!(
        page.contains("Refusée par ") && !page.contains("name=\"reparation\""),
        "{page}"
    );
    // Somebody who does not read it decides nothing.
    let mut author = site.sign_in("contributeur").await;
    let refused = author
        .send(
            &format!("{address}/reparation"),
            &[("reparation", "0"), ("choix", "accepted")],
        )
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}
