//! Logs of measured energy: read from a form, shown with what was mended, handed out, attached, and never kept.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::Value as Json;
use sobria_catalogue::access::Level;

use super::{Answer, TestApp, value_of};

const SHIFTED: &str = include_str!("../../../exchange/tests/fixtures/measurements/v3.3.0_shifted_rows.csv");
const FLUSHED: &str = include_str!("../../../exchange/tests/fixtures/measurements/v3.3.2_flush_same_run.csv");
const TASKS: &str = include_str!("../../../exchange/tests/fixtures/measurements/v3.3.2_tasks_detail.csv");
const GPU: &str = include_str!("../../../exchange/tests/fixtures/measurements/v2.3.3_gpu_published.csv");

/// Parts of a form: name, name of a file, content.
type Part<'a> = (&'a str, Option<&'a str>, &'a [u8]);

fn body(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file.map_or_else(String::new, |file| {
            format!("; filename=\"{file}\"\r\nContent-Type: text/csv")
        });
        body.extend_from_slice(
            format!("--limite\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").as_bytes(),
        );
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--limite--\r\n");
    body
}

async fn send(site: &TestApp, parts: &[Part<'_>]) -> Answer {
    let request = Request::post("/estimer/mesure")
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "multipart/form-data; boundary=limite")
        .body(Body::from(body(parts)))
        .unwrap();
    site.request(request).await
}

#[tokio::test]
async fn logs_of_any_version_become_one_table_with_what_was_mended() {
    let site = TestApp::demo().await;
    let before = site.app.store.evaluations(Level::Member).await.unwrap().len();
    let page = send(
        &site,
        &[
            (
                "fichiers",
                Some("C:\\journaux\\emissions.csv"),
                SHIFTED.as_bytes(),
            ),
            ("fichiers", Some("flush.csv"), FLUSHED.as_bytes()),
            ("texte", None, TASKS.as_bytes()),
            ("zone", None, b""),
            ("fois", None, b""),
        ],
    )
    .await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for words in [
        "5\u{a0}exécutions, 3\u{a0}tâches",
        "emissions.csv, ligne 3",
        "cellules décalées par l’outil",
        "lignes cumulées d’une même exécution",
        "agent-accueil-courriers, 20",
        "FRA, valeur employée",
        "41,44\u{a0}g/kWh",
        "CodeCarbon 3.3.0, FRA",
        "56,04\u{a0}g/kWh",
        "href=\"/estimer/attacher?depuis=journaux",
        "CodeCarbon, colonnes depuis v3.2.9",
    ] {
        assert!(page.body.contains(words), "{words}\n{}", page.body);
    }
    assert!(
        !page.body.contains("journaux\\emissions"),
        "only the name of a file is shown"
    );
    assert!(page.octets <= 60_000, "{} octets", page.octets);
    let after = site.app.store.evaluations(Level::Member).await.unwrap().len();
    assert_eq!(before, after, "nothing is kept");
}

#[tokio::test]
async fn the_page_carries_its_logs_to_its_files_and_to_another_place() {
    let site = TestApp::demo().await;
    let page = send(&site, &[("texte", None, GPU.as_bytes())]).await;
    assert!(page.body.contains("n’ont pas de lieu"), "{}", page.body);
    assert!(page.body.contains("pas toutes un même lieu"));
    let kept = value_of(&page.body, "garde");
    let again = send(
        &site,
        &[
            ("garde", None, kept.as_bytes()),
            ("zone", None, b"fra"),
            ("fois", None, b"12"),
        ],
    )
    .await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.body);
    assert!(again.body.contains("fois=12"), "{}", again.body);
    // 302 kWh at 41.44 g.
    assert!(again.body.contains("13\u{a0}kg\u{a0}CO₂e"), "{}", again.body);

    let parts = |format: &'static [u8]| {
        [
            ("garde", None, kept.as_bytes()),
            ("zone", None, b"FRA".as_slice()),
            ("sortie", None, format),
        ]
    };
    let json: Json = serde_json::from_str(&send(&site, &parts(b"json")).await.body).unwrap();
    assert_eq!(json["energy_kwh"], 302.393_518_143_690_2);
    assert!(json["energy_range_kwh"]["low"].as_f64().unwrap() < 302.0);
    let csv = send(&site, &parts(b"csv")).await;
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(
        csv.headers["content-disposition"],
        "attachment; filename=\"executions.csv\""
    );
    let row = csv.body.lines().nth(1).unwrap();
    assert!(row.contains("302.3935181436902"), "{row}");
    let boamps: Json = serde_json::from_str(&send(&site, &parts(b"boamps")).await.body).unwrap();
    assert_eq!(boamps["measures"][0]["powerConsumption"], 302.393_518_143_690_2);
    assert_eq!(boamps["environment"]["country"], "FRA");
    let unknown = send(&site, &parts(b"docx")).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_file_that_is_no_log_is_told_and_what_was_typed_comes_back() {
    let site = TestApp::demo().await;
    let cases: [(&[u8], &str); 5] = [
        (b"PK\x03\x04\0\0\0\0", "n’est pas un texte"),
        (b"date;kwh\n2024-01-01;3\n", "n’est pas un journal de mesure"),
        (b"", "est vide"),
        (b"{\"schema\":\"autre\"}", "n’est pas un relevé de sobria measure"),
        (b"<html><script>alert(1)</script>", "&#60;script&#62;"),
    ];
    for (content, words) in cases {
        let answer = send(
            &site,
            &[
                ("fichiers", Some("a.csv"), content),
                ("texte", None, b"timestamp,duration\n"),
                ("zone", None, b"FRA"),
                ("fois", None, b"3"),
            ],
        )
        .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{words}");
        assert!(answer.body.contains(words), "{words}: {}", answer.body);
        assert!(answer.body.contains("Rien n’a été repris") && !answer.body.contains("Les totaux"));
        assert!(answer.body.contains("value=\"FRA\"") && answer.body.contains("value=\"3\""));
        assert!(answer.body.contains("timestamp,duration</textarea>"));
        assert!(!answer.body.contains("<script>alert"));
    }
    let nothing = send(&site, &[("fichiers", Some(""), b""), ("texte", None, b" ")]).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nothing.body.contains("Choisissez un fichier, ou collez"));
    for (zone, times, field) in [
        ("Atlantide", "1", "zone"),
        ("FRA", "0", "fois"),
        ("FRA", "beaucoup", "fois"),
    ] {
        let wrong = send(
            &site,
            &[
                ("texte", None, FLUSHED.as_bytes()),
                ("zone", None, zone.as_bytes()),
                ("fois", None, times.as_bytes()),
            ],
        )
        .await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.body.contains(&format!("href=\"#{field}\"")), "{field}");
    }
}

#[tokio::test]
async fn a_truncated_log_gives_what_is_whole_and_refuses_the_rest_aloud() {
    let site = TestApp::demo().await;
    let cut = &SHIFTED[..SHIFTED.len() - 60];
    let page = send(&site, &[("fichiers", Some("coupé.csv"), cut.as_bytes())]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body.contains("1\u{a0}ligne refusée, qui n’est pas comptée"),
        "{}",
        page.body
    );
    assert!(page.body.contains("la ligne est peut-être coupée"));
    assert!(
        !page.body.contains("href=\"/estimer/attacher"),
        "a total that lacks a row is not attached"
    );
    let negative = "timestamp,project_name,run_id,duration,emissions,energy_consumed,country_iso_code\n\
        2024-01-01T00:00:00,a,1,10,0.1,-1,FRA\n2024-01-01T00:00:00,a,2,10,0.1,1,FRA\n";
    let page = send(&site, &[("texte", None, negative.as_bytes())]).await;
    assert!(page.body.contains("valeur négative"), "{}", page.body);
    assert!(page.body.contains("1\u{a0}exécution"));
}

#[tokio::test]
async fn too_much_is_read_to_its_end_and_refused() {
    let site = TestApp::demo().await;
    let header = "timestamp,project_name,run_id,duration,emissions,energy_consumed,country_iso_code\n";
    let row = "2024-01-01T00:00:00,essai,une,10,0.1,1,FRA\n";
    let long = format!("{header}{}", row.repeat(21 * 1024 * 1024 / row.len()));
    let refused = send(
        &site,
        &[
            ("fichiers", Some("long.csv"), long.as_bytes()),
            ("zone", None, b"FRA"),
        ],
    )
    .await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(refused.body.contains("Plus de 20\u{a0}Mo"), "{}", refused.body);
    assert!(refused.body.contains("value=\"FRA\""));
    // A long log below the limit is read, but not carried by the page.
    let rows: String = (0..30_000)
        .map(|run| {
            format!(
                "2024-01-{:02}T00:00:00,essai,{run},10,0.{run},{run}.5,FRA\n",
                run % 28 + 1
            )
        })
        .collect();
    let page = send(
        &site,
        &[("fichiers", Some("long.csv"), format!("{header}{rows}").as_bytes())],
    )
    .await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body.contains("30\u{202f}000\u{a0}exécutions"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("name=\"garde\"") && page.body.contains("trop longs pour rester"));
    assert!(page.octets <= 60_000, "{} octets", page.octets);
    assert!(page.body.matches("<tr").count() < 120);
}

#[tokio::test]
async fn the_total_of_logs_is_attached_as_a_measured_line() {
    let site = TestApp::demo().await;
    let page = send(
        &site,
        &[
            ("fichiers", Some("e.csv"), FLUSHED.as_bytes()),
            ("fois", None, b"200"),
        ],
    )
    .await;
    let start = page.body.find("href=\"/estimer/attacher?").unwrap() + 6;
    let address = page.body[start..]
        .split('"')
        .next()
        .unwrap()
        .replace("&#38;", "&");
    let mut agent = site.sign_in("contributeur").await;
    let form = agent.get(&address).await;
    assert_eq!(form.status, StatusCode::OK, "{}", form.body);
    let slug = form
        .body
        .split("<option value=\"")
        .nth(2)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let query = value_of(&form.body, "demande").replace("&#38;", "&");
    let fields = [
        ("demande", query.as_str()),
        ("fiche", slug.as_str()),
        ("titre", "Entraînements mesurés"),
    ];
    let done = agent.send("/estimer/attacher", &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let record = agent.get(&format!("/cas-usages/{slug}")).await.body;
    for words in [
        "Entraînements mesurés",
        "200 fois par an",
        "électricité mesurée, sobria-measurement/1",
        "Exécutions mesurées",
        "3.3.2",
    ] {
        assert!(record.contains(words), "{words}");
    }
    let all = site.app.store.evaluations(Level::Member).await.unwrap();
    let kept = all
        .iter()
        .find(|one| one.title == "Entraînements mesurés")
        .unwrap();
    assert!((kept.energy_kwh.central - 200.0 * 5.453_474_663_876_441_6e-5).abs() < 1e-12);
    assert!(kept.energy_kwh.low < kept.energy_kwh.central && kept.energy_kwh.central < kept.energy_kwh.high);
    for wrong in [
        "/estimer/attacher?depuis=journaux&kwh=1",
        "/estimer/attacher?depuis=journaux&kwh=3&kwh_bas=1&kwh_haut=2&lieu=FRA&part=0&executions=1&secondes=1&fois=1",
        "/estimer/attacher?depuis=mesure&kwh=-1&lieu=FRA",
    ] {
        assert_eq!(agent.get(wrong).await.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}

#[tokio::test]
async fn a_reading_of_a_meter_and_a_whole_service_are_attached_too() {
    let site = TestApp::demo().await;
    let mut moderator = site.sign_in("moderation").await;
    let record = site.first("limit=1").await;
    for (asked, words) in [
        ("/estimer/mesure?kwh=12+%C3%A0+15&lieu=FRA", "électricité mesurée"),
        (
            "/estimer/service?titre=Voirie&maturite=experimentation&unite=per_object&unite_nom=1+km&quantite=100&l1_origine=mesure&l1_phase=training&l1_rythme=once&l1_kwh=15&l1_lieu=FRA&l1_note=CodeCarbon",
            "service entier, ligne par ligne",
        ),
    ] {
        let page = site.get(asked).await.body;
        let start = page
            .find("href=\"/estimer/attacher?")
            .unwrap_or_else(|| panic!("{asked}: {page}"))
            + 6;
        let address = page[start..].split('"').next().unwrap().replace("&#38;", "&");
        let form = moderator.get(&address).await;
        assert_eq!(form.status, StatusCode::OK, "{asked}: {}", form.body);
        let query = value_of(&form.body, "demande").replace("&#38;", "&");
        let fields = [
            ("demande", query.as_str()),
            ("fiche", record.as_str()),
            ("titre", words),
        ];
        let done = moderator.send("/estimer/attacher", &fields).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
        let shown = moderator.get(&record).await.body;
        assert!(shown.contains(words), "{asked}");
        assert!(!shown.contains("ne peut plus être refait"), "{asked}");
    }
    // A service without a figure has nothing to attach: it is not zero.
    let empty = "/estimer/attacher?depuis=service&l1_origine=not_covered&l1_phase=training";
    let refused = moderator.get(empty).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.body);
}

#[tokio::test]
async fn a_published_figure_is_read_again_with_its_doubt() {
    let site = TestApp::demo().await;
    let page = site.get("/estimer/mesure/exemple").await;
    assert_eq!(page.status, StatusCode::OK);
    for words in [
        "167\u{a0}g/kWh",
        "29\u{a0}modèles, 55\u{a0}entraînements",
        "Quel facteur a été employé",
        "href=\"/estimer/mesure?kwh=15&#38;co2=2,5&#38;lieu=FRA\"",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let form = site.get("/estimer/mesure").await.body;
    assert!(form.contains("enctype=\"multipart/form-data\"") && form.contains("name=\"fichiers\""));
}
