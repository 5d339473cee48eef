//! What is typed anywhere is shown somewhere: never as markup, in pages of visitors, of its author, of moderators and
//! of administrators.

use axum::http::StatusCode;
use sobria_catalogue::field::FieldKind;

use super::contributions::{begin, decide, fill, location};
use super::{TestApp, value_of};
use crate::routes::contribute::fields::STEPS;

/// No tag, which forms refuse, but all that ends an attribute or a text area, and a scheme that runs.
const QUOTES: &str = "zq\"'` onfocus=alert(1) x=\" javascript:alert(1) {{7*7}} &lt;b&gt;";
/// A tag, where it may be typed. Addresses of records end by letters drawn by chance, never by a sign.
const TAG: &str = "zq!\"><img src=x onerror=alert(1)></textarea></title><script>alert(1)</script>";

/// Whether a page holds what was typed as markup.
fn is_markup(body: &str) -> bool {
    [
        "<img src=x",
        "<script>alert",
        "zq!\">",
        "zq\"'`",
        "href=\"javascript:",
    ]
    .iter()
    .any(|mark| body.contains(mark))
}

#[tokio::test]
async fn every_text_of_a_contribution_is_shown_as_text_from_the_form_to_the_public_page() {
    let site = TestApp::demo().await;
    let mut author = site.sign_in("contributeur").await;
    let case = begin(&mut author, QUOTES).await;
    for step in &STEPS {
        let page = author.get(&format!("{case}/{}", step.key)).await.body;
        let mut typed: Vec<(String, String)> = Vec::new();
        for field in step.fields {
            let id = field.spec().id;
            let put = |part: &str| (format!("{id}{part}"), QUOTES.to_owned());
            match field.spec().kind {
                FieldKind::Text { .. } | FieldKind::Block { .. } | FieldKind::Names { .. } => {
                    typed.push(put(""))
                }
                FieldKind::CodesText(_) => typed.push(put(".text")),
                FieldKind::Partners => typed.push(put(".0.name")),
                FieldKind::Contact => {
                    typed.push((format!("{id}.email"), "eau@ville.fr".to_owned()));
                    typed.push(put(".role"));
                }
                FieldKind::Links | FieldKind::Resources => {
                    typed.push((
                        format!("{id}.0.url"),
                        "https://ville.example/x?a=1&b=2".to_owned(),
                    ));
                    typed.push(put(".0.label"));
                }
                _ => {}
            }
        }
        for (name, value) in [
            ("theme", "transition"),
            ("audiences", "agent"),
            ("start_date", "2025"),
            ("maturity", "experimentation"),
            ("delivery", "interne"),
            ("algorithm.kinds", "ml"),
            ("hosting", "interne"),
        ] {
            if step.fields.iter().any(|field| field.spec().id == name) {
                typed.push((name.to_owned(), value.to_owned()));
            }
        }
        typed.push(("_version".to_owned(), value_of(&page, "_version")));
        let typed: Vec<(&str, &str)> = typed.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        location(&author.send(&format!("{case}/{}", step.key), &typed).await);
    }
    let mut seen = 0;
    for step in STEPS
        .iter()
        .map(|step| step.key)
        .chain(["fichiers", "relecture", "apercu"])
    {
        let answer = author.get(&format!("{case}/{step}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{step}");
        seen += usize::from(answer.body.contains("zq&#34;"));
        assert!(!is_markup(&answer.body), "{step}: {}", answer.body);
    }
    assert!(seen > 6, "what was typed is shown: {seen}");
    let sent = author.send(&format!("{case}/envoyer"), &[]).await;
    location(&sent);
    let mut moderator = site.sign_in("moderation").await;
    location(&decide(&mut moderator, &case, "prendre", &[]).await);
    let review = case.replace("/contribuer/", "/moderation/");
    let back = [("commentaire.0", TAG), ("champ.0", "title")];
    location(&decide(&mut moderator, &case, "renvoyer", &back).await);
    for step in ["essentiel", "suivi"] {
        let page = author.get(&format!("{case}/{step}")).await.body;
        assert!(
            page.contains("&#60;script&#62;alert(1)") && !is_markup(&page),
            "{step}"
        );
    }
    let again = [
        ("summary", QUOTES),
        ("contact.email", "eau@ville.fr"),
        ("contact.role", QUOTES),
    ];
    fill(&mut author, &case, "projet", &again).await;
    location(&author.send(&format!("{case}/envoyer"), &[]).await);
    location(&decide(&mut moderator, &case, "prendre", &[]).await);
    location(&decide(&mut moderator, &case, "publier", &[]).await);
    let record = site.first("q=onfocus").await;
    for path in [
        record.clone(),
        format!("{record}/historique"),
        format!("{record}/signaler"),
        "/cas-usages?q=onfocus".to_owned(),
        "/cas-usages?q=onfocus&vue=tableau".to_owned(),
        "/cas-usages?vue=carte&q=onfocus".to_owned(),
        "/".to_owned(),
        "/flux.atom".to_owned(),
        review,
        "/moderation".to_owned(),
        "/moderation?etat=publiees".to_owned(),
    ] {
        let answer = moderator.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(!is_markup(&answer.body), "{path}: {}", answer.body);
    }
}

#[tokio::test]
async fn what_else_people_type_is_text_on_the_pages_of_those_who_read_it() {
    let site = TestApp::demo().await;
    let record = site.first("limit=1").await;
    let mut member = site.session_of(sobria_catalogue::rights::Role::Member).await;
    for (path, fields) in [
        (
            "/mon-espace/dossiers".to_owned(),
            vec![("nom", TAG), ("note", TAG)],
        ),
        (
            "/mon-espace/recherches/nouvelle".to_owned(),
            vec![("nom", TAG), ("recherche", "q=eau"), ("rythme", "jamais")],
        ),
        (
            format!("{record}/signaler"),
            vec![("texte", TAG), ("email", "a@ville.fr"), ("nom", TAG)],
        ),
        (
            format!("{record}/contact"),
            vec![("texte", TAG), ("email", "a@ville.fr"), ("nom", TAG)],
        ),
        (
            "/inscription".to_owned(),
            vec![
                ("prenom", TAG),
                ("nom", TAG),
                ("fonction", TAG),
                ("organisme", TAG),
                ("email", "zq@ville.fr"),
            ],
        ),
    ] {
        let answer = member.send(&path, &fields).await;
        assert!(answer.status != StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert!(!is_markup(&answer.body), "{path}: {}", answer.body);
    }
    let mut admin = site.sign_in("administration").await;
    let settings = admin.get("/administration/reglages").await.body;
    let seen = value_of(&settings, "vu");
    let kept = admin
        .send(
            "/administration/reglages",
            &[
                ("vu", &seen),
                ("site-operator", TAG),
                ("site-legal-host", TAG),
                ("site-context-why", TAG),
                ("site-replies", TAG),
            ],
        )
        .await;
    assert!(!is_markup(&kept.body), "{}", kept.body);
    let labels = "/administration/vocabulaires/theme";
    let seen = value_of(&admin.get(labels).await.body, "vu");
    let kept = admin.send(labels, &[("vu", &seen), ("t-mobilites", TAG)]).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
    for path in [
        "/",
        labels,
        "/cas-usages",
        "/cas-usages?vue=tableau",
        "/cas-usages?vue=carte&theme=mobilites",
        "/statistiques",
        "/mentions-legales",
        "/donnees-personnelles",
        "/contexte",
        "/accessibilite",
        "/administration",
        "/administration/reglages",
        "/administration/comptes",
        "/administration/journal",
        "/administration/courriels",
        "/administration/taches",
        "/administration/controle",
        "/moderation",
        "/moderation/signalements",
        "/moderation/liens",
        "/moderation/publications",
        "/courriels",
        "/mon-espace",
    ] {
        let answer = admin.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(!is_markup(&answer.body), "{path}: {}", answer.body);
    }
    for path in [
        "/mon-espace",
        "/mon-espace/dossiers",
        "/mon-espace/recherches",
        "/mon-espace/compte",
    ] {
        let answer = member.get(path).await;
        assert!(!is_markup(&answer.body), "{path}: {}", answer.body);
    }
}
