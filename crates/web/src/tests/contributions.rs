//! From the first word of a draft to the page that everybody reads.

use axum::http::StatusCode;

use super::{Answer, Browser, TestApp, value_of};

pub(super) const ESSENTIAL: [(&str, &str); 8] = [
    ("title", "Repérer les fuites la nuit"),
    (
        "description",
        "Des micros écoutent le réseau d’eau et signalent un débit anormal.",
    ),
    ("theme", "transition"),
    ("audiences", "agent"),
    ("audiences", "elu"),
    ("start_date", "03/2025"),
    ("maturity", "experimentation"),
    ("delivery", "interne"),
];

pub(super) fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.headers["location"].to_str().unwrap().to_owned()
}

/// Begins a contribution as the demonstration contributor; returns its address.
pub(super) async fn begin(browser: &mut Browser<'_>, title: &str) -> String {
    let page = browser.get("/contribuer").await;
    let key = value_of(&page.body, "cle");
    let organisation = value_of(&page.body, "organisation");
    let answer = browser
        .send(
            "/contribuer",
            &[("cle", &key), ("organisation", &organisation), ("title", title)],
        )
        .await;
    location(&answer).trim_end_matches("/essentiel").to_owned()
}

/// Fills in a step as the page asks.
pub(super) async fn fill(
    browser: &mut Browser<'_>,
    case: &str,
    step: &str,
    fields: &[(&str, &str)],
) -> Answer {
    let page = browser.get(&format!("{case}/{step}")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let version = value_of(&page.body, "_version");
    let mut all = vec![("_version", version.as_str())];
    all.extend_from_slice(fields);
    browser.send(&format!("{case}/{step}"), &all).await
}

/// Acts on a contribution as a moderator whose page was just loaded.
pub(super) async fn decide(
    browser: &mut Browser<'_>,
    case: &str,
    what: &str,
    fields: &[(&str, &str)],
) -> Answer {
    let path = case.replace("/contribuer/", "/moderation/");
    let page = browser.get(&path).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let (version, seen) = (value_of(&page.body, "_version"), value_of(&page.body, "vu"));
    let mut all = vec![("_version", version.as_str()), ("vu", seen.as_str())];
    all.extend_from_slice(fields);
    browser.send(&format!("{path}/{what}"), &all).await
}

pub(super) async fn submitted(site: &TestApp) -> (Browser<'_>, String) {
    let mut author = site.sign_in("contributeur").await;
    let case = begin(&mut author, "Repérer les fuites").await;
    let answer = fill(&mut author, &case, "essentiel", &ESSENTIAL).await;
    assert_eq!(location(&answer), format!("{case}/projet"));
    let sent = author.send(&format!("{case}/envoyer"), &[]).await;
    assert_eq!(location(&sent), format!("{case}/suivi"));
    (author, case)
}

fn total(body: &str) -> &str {
    body.split("data-total>")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap()
}

#[tokio::test]
async fn a_project_goes_from_seven_answers_to_a_public_page() {
    let site = TestApp::demo().await;
    let before = total(&site.get("/cas-usages").await.body).to_owned();
    let (mut author, case) = submitted(&site).await;
    let receipt = author.get(&format!("{case}/suivi")).await;
    assert!(receipt.body.contains("Numéro\u{a0}:"), "{}", receipt.body);
    let (subject, _) = site.mail_to("contributeur@demo.exemple.fr").await;
    assert!(subject.starts_with("Fiche reçue, numéro "), "{subject}");
    let (_, told) = site.mail_to("moderation@demo.exemple.fr").await;
    assert!(told.contains("Repérer les fuites la nuit"));
    assert!(
        author
            .get("/mon-espace")
            .await
            .body
            .contains("Repérer les fuites la nuit")
    );
    assert_eq!(
        total(&site.get("/cas-usages").await.body),
        before,
        "nothing is public yet"
    );

    let mut moderator = site.sign_in("moderation").await;
    let queue = moderator.get("/moderation").await;
    assert!(
        queue.body.contains("Repérer les fuites la nuit"),
        "{}",
        queue.body
    );
    location(&decide(&mut moderator, &case, "prendre", &[]).await);
    let silent = decide(&mut moderator, &case, "renvoyer", &[]).await;
    assert_eq!(
        silent.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "a comment is needed"
    );
    let sent_back = decide(
        &mut moderator,
        &case,
        "renvoyer",
        &[
            ("champ.0", "summary"),
            ("commentaire.0", "Résumez en une phrase <b>simple</b>."),
        ],
    )
    .await;
    assert_eq!(location(&sent_back), "/moderation?fait=renvoi");

    let (_, told) = site.mail_to("contributeur@demo.exemple.fr").await;
    assert!(
        told.contains("Résumé\u{a0}: Résumez en une phrase <b>simple</b>."),
        "{told}"
    );
    let asked = author.get(&format!("{case}/projet")).await;
    assert!(
        asked
            .body
            .contains("Résumez en une phrase &#60;b&#62;simple&#60;/b&#62;."),
        "{}",
        asked.body
    );
    let project = [
        ("summary", "Écouter l’eau la nuit."),
        ("contact.email", "eau@ville.exemple.fr"),
    ];
    location(&fill(&mut author, &case, "projet", &project).await);
    let technical = [
        ("algorithm.name", "Écoute"),
        ("algorithm.kinds", "ml"),
        ("hosting", "interne"),
    ];
    let answer = fill(&mut author, &case, "algorithme", &technical).await;
    assert!(answer.status.is_redirection(), "{}", answer.body);
    location(
        &fill(
            &mut author,
            &case,
            "donnees",
            &[
                ("data.sources.text", "Capteurs"),
                ("data.collection.text", "Réseau"),
            ],
        )
        .await,
    );
    let review = author.get(&format!("{case}/relecture")).await;
    let again = author.send(&format!("{case}/envoyer"), &[]).await;
    assert_eq!(location(&again), format!("{case}/suivi"), "{}", review.body);

    location(&decide(&mut moderator, &case, "prendre", &[]).await);
    let published = decide(&mut moderator, &case, "publier", &[]).await;
    assert_eq!(
        location(&published),
        "/moderation?fait=publication",
        "{}",
        published.body
    );
    let listed = site.get("/cas-usages?q=%22fuites+la+nuit%22").await;
    assert_eq!(total(&listed.body), "1");
    let slug = listed
        .body
        .split("/cas-usages/")
        .find(|part| part.starts_with("reperer"))
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let page = site.get(&format!("/cas-usages/{slug}")).await;
    assert!(page.body.contains("Écouter l’eau la nuit."));
    assert!(
        !page.body.contains("eau@ville.exemple.fr"),
        "the contact is for agents"
    );

    // The public keeps version 1 until version 2 is approved.
    let modify = author.send(&format!("/cas-usages/{slug}/modifier"), &[]).await;
    let second = location(&modify).trim_end_matches("/essentiel").to_owned();
    let mut changed = ESSENTIAL.to_vec();
    changed[1] = (
        "description",
        "Des micros écoutent le réseau, et une équipe répare sous deux jours.",
    );
    location(&fill(&mut author, &second, "essentiel", &changed).await);
    location(&author.send(&format!("{second}/envoyer"), &[]).await);
    assert!(
        site.get(&format!("/cas-usages/{slug}"))
            .await
            .body
            .contains("débit anormal")
    );
    location(&decide(&mut moderator, &second, "prendre", &[]).await);
    let seen = moderator
        .get(&second.replace("/contribuer/", "/moderation/"))
        .await;
    assert!(
        seen.body.contains("<ins>") && seen.body.contains("<del>"),
        "both versions are compared"
    );
    location(&decide(&mut moderator, &second, "publier", &[]).await);
    assert!(
        site.get(&format!("/cas-usages/{slug}"))
            .await
            .body
            .contains("sous deux jours")
    );
    let history = site.get(&format!("/cas-usages/{slug}/historique")).await;
    assert!(
        history.body.contains("débit anormal") && history.body.contains("sous deux jours"),
        "{}",
        history.body
    );
}

#[tokio::test]
async fn a_draft_belongs_to_its_organisation_and_to_moderators() {
    let site = TestApp::demo().await;
    let mut author = site.sign_in("contributeur").await;
    let case = begin(&mut author, "Brouillon zqdraftzq").await;
    for step in ["essentiel", "relecture", "apercu", "suivi"] {
        let path = format!("{case}/{step}");
        let mut agent = site.sign_in("agent").await;
        assert_eq!(agent.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(site.get(&path).await.status, StatusCode::SEE_OTHER, "{path}");
    }
    let mut agent = site.sign_in("agent").await;
    let taken = agent
        .send(&format!("{case}/essentiel"), &[("title", "Volé")])
        .await;
    assert_eq!(taken.status, StatusCode::NOT_FOUND);
    for path in ["/moderation", &case.replace("/contribuer/", "/moderation/")] {
        assert_eq!(agent.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(author.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    for path in [
        "/cas-usages?q=zqdraftzq",
        "/api/v1/use-cases?q=zqdraftzq",
        "/exports/use-cases.ndjson",
        "/flux.atom",
    ] {
        let body = site.get(path).await.body.replace("q=zqdraftzq", "");
        assert!(!body.contains("Brouillon zqdraftzq"), "{path}");
    }
    let slug = site.first("q=eau").await;
    let refused = agent.send(&format!("{slug}/modifier"), &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_same_form_sent_twice_makes_one_draft_and_one_receipt() {
    let site = TestApp::demo().await;
    let mut author = site.sign_in("contributeur").await;
    let page = author.get("/contribuer").await;
    let key = value_of(&page.body, "cle");
    let organisation = value_of(&page.body, "organisation");
    let fields = [
        ("cle", key.as_str()),
        ("organisation", &organisation),
        ("title", "Une seule fois"),
    ];
    let first = location(&author.send("/contribuer", &fields).await);
    let second = location(&author.send("/contribuer", &fields).await);
    assert_eq!(first, second);
    let case = first.trim_end_matches("/essentiel").to_owned();
    location(&fill(&mut author, &case, "essentiel", &ESSENTIAL).await);
    let sent = location(&author.send(&format!("{case}/envoyer"), &[]).await);
    let again = location(&author.send(&format!("{case}/envoyer"), &[]).await);
    assert_eq!(sent, again);
}

#[tokio::test]
async fn two_editors_never_overwrite_one_another() {
    let site = TestApp::demo().await;
    let mut first = site.sign_in("contributeur").await;
    let mut second = site.sign_in("contributeur").await;
    let case = begin(&mut first, "À deux").await;
    let path = format!("{case}/essentiel");
    let opened = second.get(&path).await;
    let stale = value_of(&opened.body, "_version");
    location(&fill(&mut first, &case, "essentiel", &ESSENTIAL).await);
    let late = second
        .send(
            &path,
            &[
                ("_version", &stale),
                ("title", "Mon autre titre"),
                ("description", "Mon texte à moi"),
            ],
        )
        .await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    for text in [
        "Mon texte à moi",
        "Mon autre titre",
        "Repérer les fuites la nuit",
        "modifié ailleurs",
    ] {
        assert!(late.body.contains(text), "{text}");
    }
    let fresh = value_of(&late.body, "_version");
    let kept = second
        .send(
            &path,
            &[
                ("_version", &fresh),
                ("title", "Mon autre titre"),
                ("description", "Mon texte à moi"),
            ],
        )
        .await;
    location(&kept);
    assert!(first.get(&path).await.body.contains("Mon texte à moi"));
}

#[tokio::test]
async fn nothing_half_written_is_lost_or_handed_in() {
    let site = TestApp::demo().await;
    let mut author = site.sign_in("contributeur").await;
    let case = begin(&mut author, "Presque").await;
    let stay = fill(
        &mut author,
        &case,
        "essentiel",
        &[
            ("title", "Presque"),
            ("start_date", "pas une date"),
            ("action", "rester"),
        ],
    )
    .await;
    assert_eq!(stay.status, StatusCode::OK);
    assert!(stay.body.contains("pas une date") && stay.body.contains("n’est pas une date"));
    let sent = author.send(&format!("{case}/envoyer"), &[]).await;
    assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        sent.body.contains("essentiel#start_date"),
        "the error leads to its question"
    );
    let page = author.get(&format!("{case}/essentiel")).await;
    assert!(page.body.contains("pas une date"));
    let gone = author
        .send(&format!("{case}/abandonner"), &[("confirmation", "oui")])
        .await;
    assert_eq!(location(&gone), "/mon-espace?fait=abandon");
    assert_eq!(
        author.get(&format!("{case}/essentiel")).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_refusal_is_explained_and_appealed_once() {
    let site = TestApp::demo().await;
    let (mut author, case) = submitted(&site).await;
    let mut moderator = site.sign_in("moderation").await;
    location(&decide(&mut moderator, &case, "prendre", &[]).await);
    let vague = decide(&mut moderator, &case, "refuser", &[("texte", "Non")]).await;
    assert_eq!(vague.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(vague.body.contains("Non"), "what was typed comes back");
    let refused = decide(
        &mut moderator,
        &case,
        "refuser",
        &[("raison", "out_of_scope"), ("texte", "Pas d’IA ici.")],
    )
    .await;
    assert_eq!(location(&refused), "/moderation?fait=refus");
    let told = author.get(&format!("{case}/suivi")).await;
    assert!(told.body.contains("Pas d’IA ici."));
    location(
        &author
            .send(
                &format!("{case}/recours"),
                &[("texte", "Si, un réseau de neurones.")],
            )
            .await,
    );
    let review = moderator.get(&case.replace("/contribuer/", "/moderation/")).await;
    assert!(review.body.contains("Si, un réseau de neurones."));
    let twice = author
        .send(&format!("{case}/recours"), &[("texte", "Encore.")])
        .await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn two_moderators_do_not_decide_the_same_thing() {
    let site = TestApp::demo().await;
    let (_, case) = submitted(&site).await;
    let path = case.replace("/contribuer/", "/moderation/");
    let mut first = site.sign_in("moderation").await;
    let mut second = site.sign_in("administration").await;
    let opened = second.get(&path).await;
    let (version, seen) = (value_of(&opened.body, "_version"), value_of(&opened.body, "vu"));
    location(&decide(&mut first, &case, "prendre", &[]).await);
    let late = second
        .send(
            &format!("{path}/prendre"),
            &[("_version", &version), ("vu", &seen)],
        )
        .await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    let other = decide(&mut second, &case, "prendre", &[]).await;
    assert_eq!(other.status, StatusCode::CONFLICT, "a claim holds for two days");
}

#[tokio::test]
async fn an_address_brings_answers_along_and_a_record_can_be_copied() {
    let site = TestApp::demo().await;
    let mut author = site.sign_in("contributeur").await;
    let page = author
        .get("/contribuer?title=Cantines&theme=administration&description=Pr%C3%A9voir")
        .await;
    let organisation = value_of(&page.body, "organisation");
    let fields = [
        ("cle", value_of(&page.body, "cle")),
        ("organisation", organisation),
        ("title", value_of(&page.body, "title")),
        ("theme", value_of(&page.body, "theme")),
        ("description", value_of(&page.body, "description")),
    ];
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let case = location(&author.send("/contribuer", &fields).await);
    let form = author.get(&case).await;
    assert!(form.body.contains("Prévoir") && form.body.contains("value=\"Cantines\""));

    let record = site.first("q=eau").await;
    let slug = record.trim_start_matches("/cas-usages/");
    let document = site.json(&format!("{record}.json")).await;
    let page = author.get(&format!("/contribuer?copier={slug}")).await;
    let (key, organisation) = (value_of(&page.body, "cle"), value_of(&page.body, "organisation"));
    let copied = author
        .send(
            "/contribuer",
            &[
                ("cle", &key),
                ("organisation", &organisation),
                ("title", "Copie"),
                ("copier", slug),
            ],
        )
        .await;
    let form = author.get(&location(&copied)).await;
    let start = document["description"]
        .as_str()
        .unwrap()
        .split(['’', '\n', '&'])
        .next()
        .unwrap();
    assert!(form.body.contains(start), "{start}");
}

#[tokio::test]
async fn a_record_to_confirm_is_confirmed_in_one_click_from_the_mail() {
    let site = TestApp::demo().await;
    super::wait_days(400);
    // The two accounts of the demonstration that contribute for the same carrier.
    let colleagues = ["contributeur@demo.exemple.fr", "achat@demo.exemple.fr"];
    crate::jobs::turn(&site.app, &sobria_mail::Transport::nowhere())
        .await
        .unwrap();
    let mails = site.app.store.mails(None, 200).await.unwrap();
    let reminders: Vec<_> = mails.iter().filter(|mail| mail.kind == "review-due").collect();
    assert!(
        !reminders.is_empty(),
        "the demonstration holds records of this carrier that are due"
    );
    assert!(
        reminders
            .iter()
            .all(|mail| colleagues.contains(&mail.to.as_str())),
        "only those who contribute for the carrier"
    );
    crate::jobs::turn(&site.app, &sobria_mail::Transport::nowhere())
        .await
        .unwrap();
    let again = site.app.store.mails(None, 200).await.unwrap();
    assert_eq!(
        again.iter().filter(|mail| mail.kind == "review-due").count(),
        reminders.len(),
        "once"
    );
    let (_, text) = crate::letters::parts(&reminders[0].message);
    let base = &site.app.settings.base_url;
    let link = text
        .split_whitespace()
        .find(|word| word.contains("/confirmer/"))
        .unwrap();
    let path = link.strip_prefix(base.as_str()).unwrap();
    let mut phone = Browser::new(&site);
    let page = phone.get(path).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let secret = value_of(&page.body, "lien");
    let done = phone.post("/confirmer", &[("lien", &secret)]).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    let spent = phone.get(path).await;
    assert_eq!(spent.status, StatusCode::GONE);
    assert!(
        spent.body.contains("Ce lien ne sert plus") && !spent.body.contains("retirée"),
        "{}",
        spent.body
    );
    let mut moderator = site.sign_in("moderation").await;
    let queue = moderator.get("/moderation").await;
    assert!(queue.body.contains("Rien n’a changé"));
    let chosen = value_of(&queue.body, "choix");
    let settled = moderator.send("/moderation", &[("choix", &chosen)]).await;
    assert_eq!(location(&settled), "/moderation?fait=confirmation");
    assert!(
        !moderator
            .get("/moderation")
            .await
            .body
            .contains("Rien n’a changé")
    );
}
