//! What an import mended in records that it published by itself: a moderator decides, and the history says so.

use axum::http::StatusCode;
use sobria_catalogue::content::Value;
use sobria_catalogue::field::Field;

use super::prefill::REPAIRS;
use super::{TestApp, plan_of, publishing, quoted, value_of};

#[tokio::test]
async fn repairs_of_a_published_import_are_decided_one_by_one_and_make_versions() {
    let site = TestApp::demo().await;
    let (plan, planned_at) = plan_of(REPAIRS.as_bytes(), "essais.csv", &site.app.store).await;
    site.app
        .store
        .apply_import(&plan, publishing(planned_at))
        .await
        .unwrap();
    crate::refresh::at_once(&site.app).await;
    let record = site.first("q=%22compter+les+v%C3%A9los%22").await;
    let mut moderator = site.sign_in("moderation").await;
    let queue = moderator.get("/moderation").await.body;
    assert!(
        queue.contains("1\u{a0}fiche publiée par un import a des réparations à décider"),
        "{queue}"
    );
    let list = moderator.get("/moderation/reparations").await.body;
    assert!(
        list.contains("Compter les vélos") && list.contains("3\u{a0}réparations à décider"),
        "{list}"
    );
    let id = quoted(&list, "href=\"/moderation/reparations/");
    let address = format!("/moderation/reparations/{id}");
    let mut author = site.sign_in("contributeur").await;
    assert_eq!(author.get(&address).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        author
            .send(&address, &[("reparation", "0"), ("choix", "accepted")])
            .await
            .status,
        StatusCode::FORBIDDEN
    );
    for (word, choice, notice, version) in [
        ("ordre jour et mois", "refused", "Réparation refusée", "2"),
        ("remarque à la place", "accepted", "Réparation acceptée", "2"),
        ("trait d’union", "refused", "Réparation refusée", "3"),
    ] {
        let page = moderator.get(&address).await.body;
        let row = page
            .split("<tr id=\"reparation-")
            .find(|row| row.contains(word) && row.contains("name=\"reparation\""))
            .unwrap_or_else(|| panic!("{word}: {page}"));
        let (place, seen) = (value_of(row, "reparation"), value_of(row, "_version"));
        let stale = [
            ("_version", "99"),
            ("reparation", place.as_str()),
            ("choix", choice),
        ];
        assert_eq!(
            moderator.send(&address, &stale).await.status,
            StatusCode::CONFLICT
        );
        let fields = [
            ("_version", seen.as_str()),
            ("reparation", &place),
            ("choix", choice),
        ];
        let done = moderator.send(&address, &fields).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.body);
        assert!(done.body.contains(notice), "{}", done.body);
        let now = [
            ("_version", version),
            ("reparation", place.as_str()),
            ("choix", choice),
        ];
        let again = moderator.send(&address, &now).await;
        assert_eq!(
            again.status,
            StatusCode::CONFLICT,
            "{word} is decided once: {}",
            again.body
        );
    }
    let document = site.json(&format!("{record}.json")).await;
    assert_eq!(document["start_date"], "2024-03-04", "the other order");
    assert_eq!(document["partners"][0]["name"], "Exo", "two names");
    assert_eq!(document["partners"][1]["name"], "Dev");
    let kept = site
        .app
        .store
        .use_cases_by_ids(&[id.parse().unwrap()])
        .await
        .unwrap();
    let Some(Value::Links(links)) = kept[0].content.get(Field::InfoLinks) else {
        panic!("{:?}", kept[0].content);
    };
    assert_eq!(links[0].label.as_deref(), Some("accès interne uniquement"));
    assert_eq!(document["version"], 3);
    let history = site.get(&format!("{record}/historique")).await.body;
    assert_eq!(history.matches("Relecture de l’import").count(), 2, "{history}");
    let lines = site.app.store.audit_lines(Some(id), None, 50).await.unwrap();
    let decided = lines
        .iter()
        .filter(|line| line.action.starts_with("repair-"))
        .count();
    assert_eq!(decided, 3);
    assert!(
        !moderator
            .get("/moderation")
            .await
            .body
            .contains("réparations à décider"),
        "nothing is left"
    );
    let list = moderator.get("/moderation/reparations").await.body;
    assert!(list.contains("Aucune réparation n’attend"), "{list}");
}
