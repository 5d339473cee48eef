//! The roadmap of an organisation: who writes it, who reads it, what is never overwritten, what documents hold.

use axum::http::StatusCode;

use super::{Browser, TestApp, wait_days};

/// The roadmap of the organisation that the contributor of the demonstration writes for.
async fn path(browser: &mut Browser<'_>) -> String {
    let space = browser.get("/mon-espace").await.body;
    let mark = "/feuille-de-route\"";
    let end = space.find(mark).unwrap() + mark.len() - 1;
    let start = space[..end].rfind("href=\"").unwrap() + 6;
    space[start..end].to_owned()
}

/// A form that somebody fills in on the page it is on, with its number of version.
async fn fill(browser: &mut Browser<'_>, page: &str, changed: &[(&str, &str)]) -> super::Answer {
    let found = browser.get(page).await;
    assert_eq!(found.status, StatusCode::OK, "{page}: {}", found.body);
    let after = super::value_of(&found.body, "apres");
    let mut all = vec![("apres", after.as_str())];
    all.extend_from_slice(changed);
    browser.send(page.split('?').next().unwrap(), &all).await
}

const GOAL: [(&str, &str); 9] = [
    ("libelle", "Baisser l’électricité"),
    ("theme", "hardware"),
    ("axe", "reduce"),
    ("indicateur", "électricité"),
    ("unite", "kWh"),
    ("sens", "baisse"),
    ("annee_base", "2024"),
    ("annee_cible", "2030"),
    ("mode", "relatif"),
];

#[tokio::test]
async fn everybody_reads_what_is_public_and_only_its_authors_look_inside() {
    let site = TestApp::demo().await;
    let mut author = site.sign_in("contributeur").await;
    let path = path(&mut author).await;
    let public = site.get(&path).await;
    assert_eq!(public.status, StatusCode::OK, "{}", public.body);
    for words in [
        "Dans les temps",
        "Non calculable",
        "stroke",
        "numerique-responsable@",
        "Obligatoire",
    ] {
        if words != "stroke" && words != "Obligatoire" {
            assert!(public.body.contains(words), "{words}: {}", public.body);
        }
    }
    assert!(
        !public.body.contains("Personne inventée"),
        "a name is never public"
    );
    assert!(
        !public.body.contains("donnée inventée</td>"),
        "evidence is for the organisation"
    );
    assert!(public.octets <= 60_000, "{}", public.octets);
    let elements = public.body.matches('<').count() - public.body.matches("</").count();
    assert!(elements <= 395, "{elements}");
    assert!(
        public.body.contains("polyline class=\"c3\"") && public.body.contains("polyline class=\"c4\""),
        "the former curve stays visible"
    );
    for part in [
        "strategie",
        "objectif",
        "mesure",
        "valeurs",
        "comite",
        "formations",
        "referents",
        "document/bilan-2026.odt",
    ] {
        let closed = site.get(&format!("{path}/{part}")).await;
        assert_eq!(closed.status, StatusCode::SEE_OTHER, "{part}");
        let mut other = site.sign_in("agent").await;
        assert_eq!(
            other.get(&format!("{path}/{part}")).await.status,
            StatusCode::FORBIDDEN,
            "{part}"
        );
        assert_eq!(
            author.get(&format!("{path}/{part}")).await.status,
            StatusCode::OK,
            "{part}"
        );
    }
    let mut moderator = site.sign_in("moderation").await;
    assert_eq!(
        moderator.get(&format!("{path}/comite")).await.status,
        StatusCode::OK
    );
    assert_eq!(
        moderator.get(&format!("{path}/strategie")).await.status,
        StatusCode::FORBIDDEN
    );
    let refused = moderator
        .send(&format!("{path}/formations"), &[("titre", "x")])
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let table = site.get(&format!("{path}.csv")).await;
    assert!(
        table.body.starts_with("objectif,libelle,theme") && table.body.contains("1190"),
        "{}",
        table.body
    );
    let document = site.json(&format!("{path}.json")).await;
    assert_eq!(
        document["objectives"][0]["baselines"].as_array().unwrap().len(),
        2
    );
    assert_eq!(document["objectives"][2]["status"], "not_computable");
    assert!(!document.to_string().contains("donnée inventée"), "{document}");
}

#[tokio::test]
async fn a_version_waits_for_a_moderator_and_the_former_one_stays_public_meanwhile() {
    let site = TestApp::demo().await;
    let mut author = site.sign_in("contributeur").await;
    let path = path(&mut author).await;
    let target = [GOAL.as_slice(), &[("base", "1 200"), ("cible", "-20")]].concat();
    let saved = fill(&mut author, &format!("{path}/objectif"), &target).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    assert!(author.get(&path).await.body.contains("Baisser l’électricité"));
    assert!(!site.get(&path).await.body.contains("Baisser l’électricité"));
    let mut moderator = site.sign_in("moderation").await;
    for queue in ["/moderation", "/maitriser"] {
        assert!(
            moderator
                .get(queue)
                .await
                .body
                .contains(&format!("href=\"{path}\"")),
            "{queue}"
        );
    }
    let page = moderator.get(&path).await.body;
    let version = super::value_of(&page, "version");
    let done = moderator
        .send(
            &format!("{path}/publication"),
            &[("action", "publier"), ("version", &version)],
        )
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert!(site.get(&path).await.body.contains("Baisser l’électricité"));
    let lost = author
        .send(
            &format!("{path}/publication"),
            &[("action", "publier"), ("version", &version)],
        )
        .await;
    assert_eq!(lost.status, StatusCode::FORBIDDEN);
    let old = author
        .send(
            &format!("{path}/strategie"),
            &[("apres", "1"), ("titre", "Autre"), ("etat", "draft")],
        )
        .await;
    assert_eq!(
        old.status,
        StatusCode::CONFLICT,
        "nobody overwrites a version unseen"
    );
    assert!(
        old.body.contains("value=\"Autre\"") && old.body.contains("entre-temps"),
        "{}",
        old.body
    );
    // Seen and sent again, it is the next version.
    let after = super::value_of(&old.body, "apres");
    let again = author
        .send(
            &format!("{path}/strategie"),
            &[("apres", &after), ("titre", "Autre"), ("etat", "draft")],
        )
        .await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
    assert!(author.get(&path).await.body.contains("<h1>Autre</h1>"));
}

#[tokio::test]
async fn a_wrong_objective_comes_back_as_it_was_typed() {
    let site = TestApp::demo().await;
    let mut author = site.sign_in("contributeur").await;
    let path = path(&mut author).await;
    for (name, value, anchor) in [
        ("cible", "-130", "#cible"),
        ("annee_cible", "2020", "#annee_cible"),
        ("annee_base", "hier", "#annee_base"),
        ("libelle", "", "#libelle"),
        ("jalons", "2026 110", "#jalons"),
        ("jalons", "2040\u{a0}: 110", "#jalons"),
    ] {
        let mut fields: Vec<(&str, &str)> = [GOAL.as_slice(), &[("base", "120"), ("cible", "-30")]].concat();
        fields.retain(|(known, _)| *known != name);
        fields.push((name, value));
        let answer = fill(&mut author, &format!("{path}/objectif"), &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {value}");
        assert!(
            answer.body.contains(&format!("href=\"{anchor}\"")),
            "{name}: {}",
            answer.body
        );
        assert!(
            answer
                .body
                .contains(&format!("name=\"{name}\" value=\"{value}\"")),
            "{name}: {}",
            answer.body
        );
        assert!(answer.body.contains("name=\"indicateur\" value=\"électricité\""));
    }
}

#[tokio::test]
async fn values_add_up_and_a_pasted_table_says_what_it_would_do_first() {
    let site = TestApp::demo().await;
    let mut author = site.sign_in("contributeur").await;
    let path = path(&mut author).await;
    let here = format!("{path}/valeurs");
    let before = site.get(&format!("{path}.csv")).await.body.lines().count();
    for value in ["1100", "1 090,5"] {
        let kept = author
            .send(
                &here,
                &[
                    ("action", "ajouter"),
                    ("objectif", "o1"),
                    ("periode", "2026"),
                    ("valeur", value),
                    ("qualite", "measured"),
                ],
            )
            .await;
        assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
    }
    let table = site.get(&format!("{path}.csv")).await.body;
    assert_eq!(
        table.lines().count(),
        before + 2,
        "a value is never overwritten: {table}"
    );
    assert!(site.get(&path).await.body.contains("1\u{202f}090,5"));
    let wrong = author
        .send(
            &here,
            &[
                ("action", "ajouter"),
                ("objectif", "o1"),
                ("periode", "2026-13"),
                ("valeur", "-4"),
            ],
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.body.contains("href=\"#periode\"")
            && wrong.body.contains("value=\"2026-13\"")
            && wrong.body.contains("value=\"-4\"")
    );
    let lines =
        "objectif;periode;valeur;qualite\no1;2025-06;1150;estimé\nInconnu;2025;3;estimé\no1;demain;3;estimé";
    let preview = author
        .send(&here, &[("action", "apercu"), ("lignes", lines)])
        .await;
    assert_eq!(preview.status, StatusCode::OK);
    assert!(
        preview.body.contains("Ligne 3, laissée de côté")
            && preview.body.contains("Ligne 4, laissée de côté"),
        "{}",
        preview.body
    );
    assert_eq!(
        site.get(&format!("{path}.csv")).await.body.lines().count(),
        before + 2,
        "a preview keeps nothing"
    );
    author
        .send(&here, &[("action", "importer"), ("lignes", lines)])
        .await;
    assert_eq!(
        site.get(&format!("{path}.csv")).await.body.lines().count(),
        before + 3
    );
    let computed = author.send(&here, &[("action", "calculer")]).await;
    assert_eq!(computed.status, StatusCode::SEE_OTHER);
    let table = site.get(&format!("{path}.csv")).await.body;
    assert!(
        table
            .lines()
            .any(|line| line.starts_with("o2,") && line.contains(",2026-11,")),
        "{table}"
    );
}

#[tokio::test]
async fn a_committee_sees_six_figures_and_freezes_them_with_its_decisions() {
    let site = TestApp::demo().await;
    let mut author = site.sign_in("contributeur").await;
    let path = path(&mut author).await;
    let here = format!("{path}/comite");
    let page = author.get(&here).await.body;
    assert_eq!(page.matches("<dt>").count(), 6, "{page}");
    assert!(page.contains("Décisions ouvertes") && page.contains("Ne plus ouvrir de service"));
    assert!(
        page.contains("40\u{a0}% → en cours, 60\u{a0}%"),
        "what moved: {page}"
    );
    let wrong = author
        .send(
            &here,
            &[
                ("action", "tenir"),
                ("decision1", "Arrêter le robot"),
                ("date", "2099-01-01"),
            ],
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.body.contains("href=\"#qui1\"") && wrong.body.contains("Arrêter le robot</textarea>"),
        "{}",
        wrong.body
    );
    let held = author
        .send(
            &here,
            &[
                ("action", "tenir"),
                ("presents", "Élue"),
                ("decision1", "Arrêter le robot <b>"),
                ("sorte1", "stop"),
                ("qui1", "DSI"),
                ("echeance1", "15/03/2027"),
            ],
        )
        .await;
    assert_eq!(held.status, StatusCode::SEE_OTHER, "{}", held.body);
    let page = author.get(&here).await.body;
    assert!(
        page.contains("Arrêter le robot &#60;b&#62;") && page.contains("Rien n’a changé"),
        "{page}"
    );
    let link = page
        .split("href=\"")
        .find(|piece| piece.contains("/document/releve-"))
        .unwrap();
    let paper = link
        .split('"')
        .next()
        .unwrap()
        .replace(".odt", ".md")
        .replace(".docx", ".md");
    let minutes = author.get(&paper).await.body;
    for words in [
        "Relevé de décisions",
        "Arrêter le robot",
        "15\u{a0}mars 2027",
        "réunion n°\u{a0}2",
        "service juridique",
    ] {
        assert!(minutes.contains(words), "{words}: {minutes}");
    }
    let decision = page
        .split("<select id=\"decision\"")
        .nth(1)
        .unwrap()
        .split("value=\"")
        .nth(1)
        .unwrap();
    let id = decision.split('"').next().unwrap().to_owned();
    author
        .send(
            &here,
            &[("action", "clore"), ("decision", &id), ("effet", "−12 kWh")],
        )
        .await;
    assert!(!author.get(&here).await.body.contains(&format!("value=\"{id}\"")));
    wait_days(200);
    assert!(
        author.get(&here).await.status == StatusCode::SEE_OTHER,
        "the session is over"
    );
    let mut author = site.sign_in("contributeur").await;
    assert!(author.get(&here).await.body.contains("Réunion en retard"));
    crate::routes::strategy::every_day(&site.app).await.unwrap();
    crate::routes::strategy::every_day(&site.app).await.unwrap();
    let mails = site.app.store.mails(None, 200).await.unwrap();
    let recalled: Vec<String> = mails
        .iter()
        .filter(|mail| mail.kind == "roadmap-due")
        .map(|mail| mail.to.as_str().to_owned())
        .collect();
    let people: std::collections::BTreeSet<&String> = recalled.iter().collect();
    assert_eq!(
        (recalled.len(), people.len()),
        (2, 2),
        "each of the two once: {recalled:?}"
    );
}

#[tokio::test]
async fn trainings_are_counted_without_names_and_a_contact_never_names_anybody() {
    let site = TestApp::demo().await;
    let mut author = site.sign_in("contributeur").await;
    let path = path(&mut author).await;
    let here = format!("{path}/formations");
    let lines = "titre;date;heures;participants;élus\nSobriété;01/02/2026;3,5;12;2\nSobriété;01/02/2026;3,5;12;2\nTrop;2026-02-01;2;3;5\nDemain;2099-01-01;2;3;0";
    let preview = author
        .send(&here, &[("action", "apercu"), ("lignes", lines)])
        .await
        .body;
    assert!(preview.contains("Enregistrer 1\u{a0}ligne"), "{preview}");
    for words in ["Ligne 3", "Ligne 4", "Ligne 5", "plus d’élus"] {
        assert!(preview.contains(words), "{words}");
    }
    author
        .send(&here, &[("action", "importer"), ("lignes", lines)])
        .await;
    let page = author.get(&here).await.body;
    assert!(page.contains("Sobriété") && page.contains("au plus"));
    let too_many = author
        .send(
            &here,
            &[
                ("action", "ajouter"),
                ("titre", "Trop de revenants"),
                ("date", "2026-02-01"),
                ("heures", "2"),
                ("participants", "10"),
                ("deja", "11"),
            ],
        )
        .await;
    assert_eq!(too_many.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(too_many.body.contains("href=\"#deja\"") && too_many.body.contains("Trop de revenants"));
    let paper = page.split("/document/attestation-").nth(1).unwrap();
    let id = paper.get(..36).unwrap();
    let paper = author.get(&format!("{path}/document/attestation-{id}.md")).await;
    assert_eq!(paper.status, StatusCode::OK);
    assert!(paper.body.contains("Attestation de formation") && paper.body.contains("Nom et prénom"));
    let head = author
        .send(&here, &[("action", "apercu"), ("lignes", "titre;date\na;b")])
        .await;
    assert_eq!(head.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(head.body.contains("heures, participants, elus"), "{}", head.body);
    let here = format!("{path}/referents");
    let named = [
        ("role", "dpo"),
        ("personne", "Camille Durand"),
        ("debut", "2026-01-01"),
        ("publie", "oui"),
    ];
    for (address, good) in [
        ("c.durand@ville.fr", false),
        ("", false),
        ("pas une adresse", false),
        ("dpo@ville.fr", true),
    ] {
        let answer = author
            .send(&here, &[named.as_slice(), &[("courriel", address)]].concat())
            .await;
        let expected = if good {
            StatusCode::SEE_OTHER
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        assert_eq!(answer.status, expected, "{address}: {}", answer.body);
        assert!(good || answer.body.contains("href=\"#courriel\""));
    }
    let public = site.get(&path).await.body;
    assert!(public.contains("dpo@ville.fr") && !public.contains("Durand"));
    let own = author.get("/mon-espace/compte/donnees.json").await.body;
    assert!(
        own.contains("Camille Durand") && own.contains("Sobriété"),
        "{own}"
    );
}
