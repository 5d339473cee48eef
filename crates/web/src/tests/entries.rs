//! Records besides use cases, their links, the agenda and the letter of the library, as readers and authors meet them.

use axum::http::StatusCode;
use sobria_catalogue::entry::EntryKind;
use sobria_catalogue::entry::field::{ENTRY_FIELDS, EntryInput};
use sobria_catalogue::field::Visibility;
use sobria_catalogue::rights::Role;
use uuid::Uuid;

use super::{Browser, TestApp, quoted, value_of};

const MARK: &str = "zqmarquezq";
const HOSTILE: &str = "=1+1 \"'&; {{x}} https://a.exemple/?<3 é\u{202e}";

/// Sends the form of a new entry, and gives the address that the browser is sent to.
pub async fn write(
    browser: &mut Browser<'_>,
    kind: &str,
    fields: &[(&str, &str)],
    action: &str,
) -> super::Answer {
    let key = Uuid::now_v7().to_string();
    let mut all = vec![("type", kind), ("cle", key.as_str()), ("action", action)];
    all.extend_from_slice(fields);
    browser.send("/mon-espace/publications", &all).await
}

const CHARTER: [(&str, &str); 4] = [
    ("title", "Charte du littoral"),
    ("governance_kind", "charter"),
    ("summary", "Ce que nous refusons."),
    ("contact", "zqmarquezq@ville.fr"),
];

const EVERYWHERE: [&str; 15] = [
    "/",
    "/gouvernance",
    "/ressources",
    "/solutions",
    "/fournisseurs",
    "/agenda",
    "/agenda.ics",
    "/nouvelles",
    "/flux.atom",
    "/sitemap.xml",
    "/api/v1/governance",
    "/api/v1/resources",
    "/exports/governance.csv",
    "/exports/resources.csv",
    "/exports/links.csv",
];

#[tokio::test]
async fn nothing_is_public_before_a_moderator_and_member_fields_never_are() {
    let site = TestApp::demo().await;
    let mut agent = site.sign_in("contributeur").await;
    let sent = write(&mut agent, "governance", &CHARTER, "").await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    assert_eq!(sent.headers["location"], "/mon-espace/publications?fait=envoi");
    for path in EVERYWHERE {
        let body = site.get(path).await.body;
        assert!(
            !body.contains("Charte du littoral") && !body.contains(MARK),
            "{path}"
        );
    }
    let mut moderator = site.sign_in("moderation").await;
    let queue = moderator.get("/moderation/publications").await.body;
    assert!(queue.contains("Charte du littoral"));
    let at = queue.find("Charte du littoral").unwrap();
    let (id, edition) = (value_of(&queue[at..], "fiche"), value_of(&queue[at..], "edition"));
    // The author may not publish, whatever form is sent.
    let refused = agent
        .send(
            "/moderation/publications",
            &[("fiche", &id), ("edition", &edition)],
        )
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let stale = moderator
        .send("/moderation/publications", &[("fiche", &id), ("edition", "1")])
        .await;
    assert_eq!(
        stale.status,
        StatusCode::CONFLICT,
        "what is published is what was read"
    );
    moderator
        .send(
            "/moderation/publications",
            &[("fiche", &id), ("edition", &edition)],
        )
        .await;

    let list = site.get("/gouvernance?q=littoral").await.body;
    assert!(list.contains("Charte du littoral"), "{list}");
    let page = site.json("/api/v1/governance?q=littoral").await["items"][0]["url"]
        .as_str()
        .unwrap()
        .replace("https://ia.exemple.fr", "");
    let mut paths: Vec<String> = EVERYWHERE.map(str::to_owned).to_vec();
    paths.extend([page.clone(), format!("{page}.json")]);
    for path in &paths {
        let answer = site.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(!answer.body.contains(&format!("{MARK}@")), "{path}");
    }
    // A search tells nothing of a field that one may not read.
    let oracle = format!("/gouvernance?q={MARK}");
    assert!(site.get(&oracle).await.body.contains("Rien ne répond"));
    assert!(agent.get(&oracle).await.body.contains("Charte du littoral"));
    assert!(
        site.get(&page)
            .await
            .body
            .contains("Réservé aux agents inscrits\u{a0}: Contact")
    );
    assert!(agent.get(&page).await.body.contains(&format!("{MARK}@ville.fr")));
    assert!(site.get("/flux.atom").await.body.contains("Charte du littoral"));
    assert!(
        !site
            .get("/flux.atom?theme=transition")
            .await
            .body
            .contains("Charte du littoral")
    );

    // Taken away: gone everywhere, its address says so.
    let seen = moderator.get(&page).await.body;
    let edition = value_of(&seen, "edition");
    let asked = moderator
        .send(
            "/moderation/publications",
            &[("fiche", &id), ("edition", &edition), ("action", "retirer")],
        )
        .await;
    assert!(
        asked.body.contains("On ne peut pas revenir en arrière"),
        "{}",
        asked.body
    );
    assert_eq!(
        site.get(&page).await.status,
        StatusCode::OK,
        "nothing is gone yet"
    );
    let reason = format!("motif-{id}");
    moderator
        .send(
            "/moderation/publications",
            &[
                ("fiche", &id),
                ("edition", &edition),
                ("action", "retirer"),
                ("confirmation", "oui"),
                (&reason, "Remplacée par une autre."),
            ],
        )
        .await;
    assert_eq!(site.get(&page).await.status, StatusCode::GONE);
    let (subject, text) = site.mail_to("contributeur@demo.exemple.fr").await;
    assert!(subject.starts_with("Retrait définitif"), "{subject}");
    assert!(text.contains("Raison\u{a0}: Remplacée par une autre."), "{text}");
    for path in EVERYWHERE {
        assert!(
            !site.get(path).await.body.contains("Charte du littoral"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn every_field_is_declared_and_a_resource_of_agents_is_shown_to_no_visitor() {
    assert!(
        ENTRY_FIELDS
            .iter()
            .all(|spec| spec.visibility() <= Visibility::Members),
        "a new field is shown to nobody before it is declared"
    );
    let site = TestApp::demo().await;
    let title = "Délibération type sur les assistants de réponse";
    for path in EVERYWHERE.iter().chain(&["/ressources?q=deliberation"]) {
        assert!(!site.get(path).await.body.contains(title), "{path}");
    }
    let mut agent = site.sign_in("contributeur").await;
    let list = agent.get("/ressources?q=deliberation").await;
    assert!(list.body.contains(title));
    assert_eq!(list.headers["cache-control"], "no-store");
    let slug = quoted(&list.body, "href=\"/ressources/");
    let path = format!("/ressources/{slug}");
    assert_eq!(agent.get(&path).await.status, StatusCode::OK);
    for path in [path.clone(), format!("{path}.json")] {
        assert_eq!(site.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    // The use case that it is attached to says nothing of it to visitors: page, document.
    let body = agent.get(&path).await.body;
    let case = quoted(&body, "href=\"/cas-usages/");
    for path in [format!("/cas-usages/{case}"), format!("/cas-usages/{case}.json")] {
        assert!(!site.get(&path).await.body.contains(title), "{path}");
        assert!(agent.get(&path).await.body.contains(title), "{path}");
    }
}

#[tokio::test]
async fn what_is_typed_comes_back_and_never_acts() {
    let site = TestApp::demo().await;
    let mut moderator = site.sign_in("moderation").await;
    for kind in EntryKind::ALL {
        let fields: Vec<(&str, String)> = ENTRY_FIELDS
            .iter()
            .filter(|spec| spec.kinds.contains(&kind))
            .map(|spec| {
                let value = match spec.input {
                    EntryInput::Choice(list) if spec.id == "downloadable" => {
                        list.last().map_or("", |_| "").to_owned()
                    }
                    EntryInput::Choice(list) => list[0].0.to_owned(),
                    EntryInput::Term(_) => spec
                        .options(sobria_catalogue::vocabulary::Vocabularies::embedded())[1]
                        .0
                        .to_owned(),
                    EntryInput::Url => "https://a.exemple/?a=1&b=%22'".to_owned(),
                    EntryInput::Email => "service@ville.fr".to_owned(),
                    EntryInput::Date => "2025".to_owned(),
                    EntryInput::Moment if spec.id == "ends_at" => "2026-12-20T12:00".to_owned(),
                    EntryInput::Moment => "2026-12-20T10:00".to_owned(),
                    EntryInput::Siren => "217500016".to_owned(),
                    _ => format!("{HOSTILE} {}", spec.id),
                };
                (spec.id, value)
            })
            .collect();
        let typed: Vec<(&str, &str)> = fields.iter().map(|(id, value)| (*id, value.as_str())).collect();
        // A tag is refused, and comes back as it was typed, escaped.
        let mut tagged = typed.clone();
        tagged[0].1 = "<script>alert(1)</script>";
        let refused = write(&mut moderator, kind.code(), &tagged, "").await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{kind:?}");
        assert!(!refused.body.contains("<script>alert"));
        assert!(
            refused.body.contains("&#60;script&#62;alert(1)")
                || refused.body.contains("&lt;script&gt;alert(1)")
        );
        assert!(refused.body.contains("{{x}}"), "{kind:?}");

        let sent = write(&mut moderator, kind.code(), &typed, "").await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{kind:?}: {}", sent.body);
        let list = site.get(&format!("{}?q=1%2B1", kind.path())).await.body;
        let href = list
            .split(&format!("href=\"{}/", kind.path()))
            .nth(1)
            .unwrap_or_else(|| panic!("{kind:?}: {list}"))
            .split('"')
            .next()
            .unwrap();
        let page = site.get(&format!("{}/{href}", kind.path())).await.body;
        for body in [&list, &page] {
            assert!(!body.contains("=1+1 \"'"), "{kind:?}: a quote is escaped");
            assert!(!body.contains('\u{202e}'));
        }
        serde_json::from_str::<serde_json::Value>(
            &site.get(&format!("{}/{href}.json", kind.path())).await.body,
        )
        .unwrap();
    }
    for name in ["governance", "resources", "solutions", "suppliers", "meetings"] {
        let body = site.get(&format!("/exports/{name}.csv")).await.body;
        assert!(body.contains("'=1+1"), "{name}: no cell is a formula");
        assert!(!body.contains(",=1+1") && !body.contains(",\"=1+1"), "{name}");
    }
    let calendar = site.get("/agenda.ics").await;
    assert_eq!(calendar.headers["content-type"], "text/calendar; charset=utf-8");
    assert!(
        calendar.body.contains("DTSTART:20261220T090000Z"),
        "{}",
        calendar.body
    );
    quick_xml(&site.get("/flux.atom").await.body);
    quick_xml(&site.get("/sitemap.xml").await.body);
}

/// Tags that open are closed in order; the marks of a text that is not escaped would break it.
fn quick_xml(text: &str) {
    let mut open: Vec<&str> = Vec::new();
    for part in text.split('<').skip(1) {
        let tag = part.split('>').next().unwrap();
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{text}");
        } else if !tag.starts_with('?') && !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap());
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[tokio::test]
async fn two_windows_lose_nothing_and_a_submission_waits_untouched() {
    let site = TestApp::demo().await;
    let mut agent = site.sign_in("contributeur").await;
    write(&mut agent, "governance", &CHARTER[..1], "brouillon").await;
    let index = agent.get("/mon-espace/publications").await.body;
    let at = index.find("Charte du littoral").unwrap();
    let id = index[..at]
        .rsplit("/mon-espace/publications/")
        .next()
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let path = format!("/mon-espace/publications/{id}");
    let edition = value_of(&agent.get(&path).await.body, "edition");
    let first = [
        ("edition", edition.as_str()),
        ("title", "Charte A"),
        ("action", "brouillon"),
    ];
    assert_eq!(agent.send(&path, &first).await.status, StatusCode::SEE_OTHER);
    let second = [
        ("edition", edition.as_str()),
        ("title", "Charte B"),
        ("action", "brouillon"),
    ];
    let late = agent.send(&path, &second).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body.contains("Charte A") && late.body.contains("Charte B"));

    // Another organisation does not learn that the draft exists.
    let mut other = site.session_of(Role::Member).await;
    assert_eq!(other.get(&path).await.status, StatusCode::NOT_FOUND);
    let begun = other
        .get("/mon-espace/publications/nouvelle?type=governance")
        .await;
    assert_eq!(begun.status, StatusCode::FORBIDDEN);
    let proposed = other.get("/mon-espace/publications/nouvelle?type=meeting").await;
    assert_eq!(proposed.status, StatusCode::OK, "any agent proposes a meeting");

    let edition = value_of(&agent.get(&path).await.body, "edition");
    let mut all = vec![("edition", edition.as_str())];
    all.extend_from_slice(&CHARTER);
    assert_eq!(agent.send(&path, &all).await.status, StatusCode::SEE_OTHER);
    let waiting = agent.get(&path).await.body;
    assert!(waiting.contains("En attente de relecture") && !waiting.contains("name=\"title\""));

    let mut moderator = site.sign_in("moderation").await;
    let queue = moderator.get("/moderation/publications").await.body;
    let edition = {
        let at = queue.find(&id).unwrap();
        value_of(&queue[at..], "edition")
    };
    let silent = [
        ("fiche", id.as_str()),
        ("edition", edition.as_str()),
        ("action", "refuser"),
    ];
    let without = moderator.send("/moderation/publications", &silent).await;
    assert_eq!(
        without.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "a reason is owed"
    );
    let name = format!("motif-{id}");
    let mut with = silent.to_vec();
    with.push((&name, "Datez la charte."));
    assert_eq!(
        moderator.send("/moderation/publications", &with).await.status,
        StatusCode::SEE_OTHER
    );
    assert!(agent.get(&path).await.body.contains("Datez la charte."));
}

#[tokio::test]
async fn a_link_shows_from_both_sides_once_read_and_never_turns_round() {
    let site = TestApp::demo().await;
    let mut moderator = site.sign_in("moderation").await;
    let document = site.json("/api/v1/use-cases?limit=40&sort=title").await;
    let slug = |n: usize| format!("/cas-usages/{}", document["items"][n]["slug"].as_str().unwrap());
    let (a, b) = (slug(20), slug(21));
    let mut visitor = Browser::new(&site);
    assert_eq!(
        visitor.get(&format!("{a}/liens")).await.status,
        StatusCode::SEE_OTHER
    );
    let mut stranger = site.session_of(Role::Member).await;
    assert_eq!(
        stranger.get(&format!("{a}/liens")).await.status,
        StatusCode::FORBIDDEN
    );

    let link = |target: &str| {
        vec![
            ("lien".to_owned(), "successor_of".to_owned()),
            ("fiche".to_owned(), target.to_owned()),
        ]
    };
    let send = async |browser: &mut Browser<'_>, path: &str, fields: Vec<(String, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        browser.send(&format!("{path}/liens"), &fields).await
    };
    let made = send(&mut moderator, &a, link(&format!("https://ia.exemple.fr{b}"))).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let (from, to) = (site.get(&a).await.body, site.get(&b).await.body);
    assert!(from.contains("Prend la suite de") && from.contains(&format!("href=\"{b}\"")));
    assert!(to.contains("Remplacé par") && to.contains(&format!("href=\"{a}\"")));
    let json = site.json(&format!("{b}.json")).await;
    assert_eq!(json["links"][0]["direction"], "from");
    assert!(site.get("/exports/links.csv").await.body.contains("successor_of"));
    for (target, message) in [
        (b.as_str(), "existe déjà"),
        (a.as_str(), "liée à elle-même"),
        ("/cas-usages/inconnu", "Aucune fiche publiée"),
        ("/nouvelles/x", "Aucune fiche publiée"),
    ] {
        let refused = send(&mut moderator, &a, link(target)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{target}");
        assert!(refused.body.contains(message), "{target}: {}", refused.body);
    }
    let circle = send(&mut moderator, &b, link(&a)).await;
    assert!(circle.body.contains("tournerait en rond"));

    // A contributor proposes: nothing is public before it was read.
    let mut agent = site.sign_in("contributeur").await;
    let space = agent.get("/mon-espace").await.body;
    let own = format!("/cas-usages/{}", quoted(&space, "href=\"/cas-usages/"));
    let target = [&a, &b].into_iter().find(|path| **path != own).unwrap();
    let note = vec![("remarque".to_owned(), MARK.to_owned())];
    let mut proposal = link(target);
    proposal[0].1 = "inspired_by".to_owned();
    proposal.extend(note);
    let sent = send(&mut agent, &own, proposal).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    for path in [own.as_str(), target, "/exports/links.csv"] {
        assert!(!site.get(path).await.body.contains(MARK), "{path}");
    }
    let queue = moderator.get("/moderation/publications").await.body;
    let id = value_of(&queue, "lien");
    moderator.send("/moderation/publications", &[("lien", &id)]).await;
    for path in [own.as_str(), target, "/exports/links.csv"] {
        assert!(site.get(path).await.body.contains(MARK), "{path}");
    }
}

#[tokio::test]
async fn a_directory_lists_who_uses_a_solution_and_guesses_nothing() {
    let site = TestApp::demo().await;
    let list = site.get("/solutions?q=ecoute").await.body;
    assert!(
        list.contains("2\u{a0}cas d’usage") || list.contains("2 cas d’usage"),
        "{list}"
    );
    let slug = quoted(&list, "href=\"/solutions/");
    let page = site.get(&format!("/solutions/{slug}")).await.body;
    assert_eq!(page.matches("Lien relu").count(), 2);
    assert!(page.contains("Fourni par") && page.contains("href=\"/fournisseurs/aquisonde-mesures-"));
    let supplier = quoted(&page, "href=\"/fournisseurs/");
    let supplier = site.get(&format!("/fournisseurs/{supplier}")).await.body;
    assert!(supplier.contains("Solution «\u{a0}Écoute-Réseau\u{a0}»") && supplier.contains("<caption"));
    // The field of a record leads to the one page that bears its very words, and to no other.
    let record = site.get(&site.first("q=fuites+écoute").await).await.body;
    assert!(
        record.contains("href=\"/fournisseurs/aquisonde-mesures-"),
        "{record}"
    );
    assert!(record.contains("Coopérative Numéria") && !record.contains("/fournisseurs/cooperative"));
    // A supplier that has no page of its own stays a name.
    let list = site.get("/solutions?q=comptage").await.body;
    let slug = quoted(&list, "href=\"/solutions/");
    let page = site.get(&format!("/solutions/{slug}")).await.body;
    assert!(page.contains("Laboratoire des mobilités douces") && !page.contains("href=\"/fournisseurs/"));
}

#[tokio::test]
async fn the_agenda_tells_what_comes_and_what_was_called_off() {
    let site = TestApp::demo().await;
    let page = site.get("/agenda").await.body;
    let (coming, past) = page.split_once("Passés").unwrap();
    assert!(coming.contains("mesurer avant d’acheter") && coming.contains("Annulé"));
    assert!(past.contains("clauses de sobriété"));
    let filtered = site.get("/agenda?type=training").await.body;
    assert!(filtered.contains("écrire une fiche") && !filtered.contains("mesurer avant"));
    let calendar = site.get("/agenda.ics").await.body;
    assert_eq!(calendar.matches("BEGIN:VEVENT").count(), 4);
    assert_eq!(calendar.matches("STATUS:CANCELLED").count(), 1);

    // Called off after it was told: the same meeting, one change further.
    let mut moderator = site.sign_in("moderation").await;
    let slug = quoted(coming, "href=\"/agenda/");
    let body = moderator.get(&format!("/agenda/{slug}")).await.body;
    let edit = quoted(&body, "href=\"/mon-espace/publications/");
    let before = site.get(&format!("/agenda/{slug}.ics")).await.body;
    let uid = before
        .lines()
        .find(|line| line.starts_with("UID:"))
        .unwrap()
        .to_owned();
    assert!(before.contains("SEQUENCE:0") && before.contains("STATUS:CONFIRMED"));
    let path = format!("/mon-espace/publications/{edit}");
    let form = moderator.get(&path).await.body;
    let names = ["edition", "title", "starts_at", "ends_at", "place"];
    let values: Vec<String> = names
        .iter()
        .map(|name| {
            form.split(&format!("name=\"{name}\" value=\""))
                .nth(1)
                .unwrap()
                .split('"')
                .next()
                .unwrap()
                .to_owned()
        })
        .collect();
    let mut fields: Vec<(&str, &str)> = names
        .iter()
        .copied()
        .zip(values.iter().map(String::as_str))
        .collect();
    fields.extend([
        ("summary", "Annulé faute de salle."),
        ("meeting_kind", "working_group"),
        ("state", "cancelled"),
    ]);
    let sent = moderator.send(&path, &fields).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    let after = site.get(&format!("/agenda/{slug}.ics")).await.body;
    assert!(after.contains(&uid) && after.contains("SEQUENCE:1") && after.contains("STATUS:CANCELLED"));
}
