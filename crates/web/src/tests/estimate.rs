//! The calculators as people and scripts meet them: figures, mistakes, comparisons, files.

use axum::body::Body;
use axum::http::{Request, StatusCode};

use super::{TestApp, quoted};

const ASSISTANT: &str = "tache=conversation&modele=openai/gpt-4o&lieu=FRA&agents=300&usages=5&jours=210";
const JOB: &str = "heures=12&coeurs=12&processeur=Xeon+E5-2683+v4&memoire=64&lieu=FRA";

#[tokio::test]
async fn a_result_shows_its_range_its_doubt_and_its_sources() {
    let test = TestApp::demo().await;
    let body = test
        .get(&format!("/estimer/ia-generative?{ASSISTANT}"))
        .await
        .body;
    for part in [
        "class=\"headline\"",
        "315\u{202f}000 requêtes",
        "Fiabilité\u{a0}: D",
        "Our World in Data",
        "ecologits-0.11.3",
        "Faire deux fois moins de requêtes",
        "un minimum",
        "Avec 8 seulement",
        "le doute réel est plus grand",
    ] {
        assert!(body.contains(part), "{part}");
    }
    let body = test.get(&format!("/estimer/calcul?{JOB}")).await.body;
    for part in [
        "Usage seul",
        "Si l’usage réel est de 50\u{a0}%",
        "Uptime Institute",
        "Our World in Data",
    ] {
        assert!(body.contains(part), "{part}");
    }
}

#[tokio::test]
async fn mistakes_come_back_in_french_with_what_was_typed_and_no_figure() {
    let test = TestApp::demo().await;
    for (address, part, typed) in [
        (
            "/estimer/ia-generative?modele=openai/nothing",
            "Ce modèle n’est pas",
            "",
        ),
        (
            "/estimer/ia-generative?modele_autre=nothing",
            "Écrivez le fournisseur",
            "value=\"nothing\"",
        ),
        (
            "/estimer/ia-generative?modele=openai/gpt-4o&lieu_autre=Atlantide",
            "Ce lieu n’est pas",
            "value=\"Atlantide\"",
        ),
        (
            "/estimer/ia-generative?modele=openai/gpt-4o&agents=-5",
            "de 0 à 100 millions",
            "value=\"-5\"",
        ),
        (
            "/estimer/ia-generative?modele=openai/gpt-4o&agents=NaN",
            "de 0 à 100 millions",
            "value=\"NaN\"",
        ),
        (
            "/estimer/ia-generative?modele=openai/gpt-4o&jetons=1e30",
            "jetons",
            "value=\"1e30\"",
        ),
        (
            "/estimer/ia-generative?modele=propre",
            "Donnez le nombre de paramètres",
            "",
        ),
        ("/estimer/ia-generative?agents=3", "Choisissez un modèle", ""),
        (
            "/estimer/calcul?heures=douze",
            "Ce n’est pas un nombre",
            "value=\"douze\"",
        ),
        ("/estimer/calcul?heures=1&memoire=4", "lieu de l’électricité", ""),
        (
            "/estimer/calcul?heures=1&memoire=4&lieu=FRA&pue=0,5",
            "supérieur ou égal à 1",
            "value=\"0,5\"",
        ),
        ("/estimer/mesure?kwh=-1&lieu=FRA", "0 ou plus", "value=\"-1\""),
        ("/estimer/mesure?kwh=inf&lieu=FRA", "0 ou plus", "value=\"inf\""),
        ("/estimer/mesure?kwh=15", "Choisissez où", "value=\"15\""),
        (
            "/estimer/service?l1_origine=mesure",
            "Donnez l’électricité mesurée",
            "",
        ),
        (
            "/estimer/service?l1_origine=calculateur&l1_adresse=bonjour",
            "Collez l’adresse",
            "value=\"bonjour\"",
        ),
        ("/estimer/service?l1_origine=inconnu", "role=\"alert\"", ""),
    ] {
        let answer = test.get(address).await;
        assert_eq!(answer.status, StatusCode::OK, "{address}");
        assert!(answer.body.contains("role=\"alert\""), "{address}");
        assert!(answer.body.contains(part), "{address}");
        assert!(answer.body.contains(typed), "{address}");
        assert!(!answer.body.contains("class=\"headline\""), "{address}");
    }
    let hostile = test
        .get("/estimer/ia-generative?modele_autre=%3Cscript%3Ea%3C/script%3E&avec=%22%3E%3Cb%3E")
        .await
        .body;
    assert!(!hostile.contains("<script>a") && !hostile.contains("\"><b>"));
}

#[tokio::test]
async fn the_json_of_a_page_is_the_answer_of_the_interface() {
    let test = TestApp::demo().await;
    let file = test
        .get("/estimer/ia-generative.json?modele=openai/gpt-4o&jetons=400&lieu=FRA")
        .await;
    let request = r#"{"method":"llm_inference","input":{"provider":"openai","model":"gpt-4o","output_tokens":400,"zone":"FRA"}}"#;
    let answer = test.estimates(request).await;
    assert_eq!(file.body, answer.body);
    let asked = test
        .get("/estimer/ia-generative.json?modele=openai/gpt-4o&jetons=400&lieu=FRA&demande=1")
        .await;
    let asked: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(asked["method"], "llm_inference");
    assert_eq!(asked["input"]["model"], "gpt-4o");
    let csv = test.get(&format!("/estimer/calcul.csv?{JOB}")).await;
    assert_eq!(csv.body.lines().count(), 3);
    let refused = test.get("/estimer/calcul.json?heures=x").await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_trained_model_and_its_use_are_one_request_of_the_interface() {
    let test = TestApp::demo().await;
    let address = "heures=100&coeurs=4&memoire=32&lieu=FRA&recherche=2&reentrainements=2&reentrainement_part=50&u_heures=8&u_coeurs=2&u_memoire=4&rythme=week";
    let file = test.get(&format!("/estimer/calcul.json?{address}")).await;
    let request = r#"{"method":"compute_job","input":{"training":{"runtime_h":100,"n_cpu_cores":4,"memory_gb":32,"zone":"FRA"},"rd_factor":2,"n_retrainings":2,"retraining_factor":0.5,"inference":{"runtime_h":8,"n_cpu_cores":2,"memory_gb":4,"zone":"FRA"},"continuous":true,"input_period_unit":"week"}}"#;
    let answer = test.estimates(request).await;
    assert_eq!(file.body, answer.body);
    assert!(file.body.contains("\"scale_factor\":52.17"));

    let page = test.get(&format!("/estimer/calcul?{address}")).await.body;
    for part in [
        "entraînement et utilisation",
        "Recherche et mise au point",
        "Deux fois moins de recherche",
        "Utilisations comptées dans le bilan",
        "52,17857142857143",
        "id=\"u_heures\"",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let alone = test.get("/estimer/calcul?heures=1&memoire=4&lieu=FRA").await.body;
    assert!(
        !alone.contains("id=\"u_heures\""),
        "folded parts are led to beside a result"
    );
    assert!(alone.contains("reglages=modele"));
    let wrong = test
        .get("/estimer/calcul?heures=1&memoire=4&lieu=FRA&reentrainements=3")
        .await
        .body;
    assert!(wrong.contains("href=\"#reentrainement_part\""), "{wrong}");
    assert!(!wrong.contains("class=\"headline\""));
}

#[tokio::test]
async fn two_settings_stand_side_by_side_with_their_difference() {
    let test = TestApp::demo().await;
    let address = "/estimer/ia-generative?modele=mistralai/ministral-14b-2512&lieu=FRA&agents=300&avec=modele%3Dopenai%2Fgpt-4o%26agents%3D300";
    let body = test.get(address).await.body;
    assert!(body.contains("À côté de l’autre réglage") && body.contains("− "));
    let broken = test
        .get("/estimer/ia-generative?modele=openai/gpt-4o&avec=modele%3Dx%2Fy")
        .await
        .body;
    assert!(broken.contains("rien ne peut lui être comparé"));
}

#[tokio::test]
async fn a_declared_figure_that_no_french_factor_explains_is_questioned() {
    let test = TestApp::demo().await;
    for address in [
        "/estimer/mesure?kwh=15&co2=2,5&lieu=FRA",
        "/estimer/service?l1_origine=mesure&l1_phase=training&l1_rythme=once&l1_kwh=15&l1_kg=2,5&l1_lieu=fra",
    ] {
        let body = test.get(address).await.body;
        for part in [
            "167\u{a0}g/kWh",
            "de 3 à 5\u{a0}fois",
            "Quel facteur a été employé",
        ] {
            assert!(body.contains(part), "{address}: {part}");
        }
    }
    let fitting = test.get("/estimer/mesure?kwh=15&co2=0,62&lieu=FRA").await.body;
    assert!(!fitting.contains("Quel facteur"));
}

#[tokio::test]
async fn a_service_shows_what_it_lacks_and_refuses_unlike_comparisons() {
    let test = TestApp::demo().await;
    let line = "l1_origine=mesure&l1_phase=operation&l1_rythme=per_year&l1_kwh=40&l1_lieu=FRA";
    let body = test.get(&format!("/estimer/service?{line}")).await.body;
    assert!(body.contains("exigé") && body.contains("non couvert"));
    assert!(body.contains("2 cases couvertes sur 4"));
    let other = "unite%3Dper_request%26unite_nom%3Dx%26l1_origine%3Dmesure%26l1_kwh%3D40%26l1_lieu%3DFRA";
    let body = test
        .get(&format!("/estimer/service?{line}&avec={other}"))
        .await
        .body;
    assert!(body.contains("À côté de l’autre réglage") && body.contains("class=\"notice\""));

    let before = "unite=per_request&unite_nom=x&quantite=100&debut=2024&fin=2024&l1_origine=mesure&l1_kwh=4&l1_nombre=100&l1_lieu=FRA";
    let after = "unite=per_request&unite_nom=x&quantite=320&debut=2025&fin=2025&l1_origine=mesure&l1_kwh=1&l1_nombre=320&l1_lieu=FRA";
    let kept = before.replace('&', "%26").replace('=', "%3D");
    let body = test
        .get(&format!("/estimer/service?{after}&avec={kept}"))
        .await
        .body;
    assert!(
        body.contains("Rebond partiel"),
        "the volume took back a part of the saving"
    );
}

#[tokio::test]
async fn a_service_is_evaluated_by_the_interface_too() {
    let test = TestApp::demo().await;
    let document = r#"{"title":"Voirie","maturity":"experimentation","functional_unit":{"kind":"service_year","label":"le service"},
        "lines":[{"phase":"training","tier":"datacenter","frequency":"once",
        "source":{"kind":"measured","energy_kwh":15,"carbon_kg":2.5,"zone":"FRA"}}]}"#;
    let send = |body: &'static str| {
        Request::post("/api/v1/evaluations")
            .body(Body::from(body))
            .unwrap()
    };
    let answer = test.request(send(document)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let outcome: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(outcome["grid"].as_array().unwrap().len(), 120);
    assert_eq!(outcome["notices"][0]["code"], "carbon_energy_mismatch");
    let refused = test.request(send("{}")).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.body.contains("Il manque le titre"));
}

#[tokio::test]
async fn methods_are_pages_and_unknown_ones_are_not() {
    let test = TestApp::demo().await;
    for name in [
        "llm-inference",
        "compute-job",
        "service-evaluation",
        "equivalents",
        "frugality",
        "transparency",
        "procurement",
        "roadmap",
        "scenarios",
    ] {
        let answer = test.get(&format!("/estimer/methodes/{name}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}");
        assert!(answer.body.contains("<h2>"), "{name}");
    }
    assert_eq!(
        test.get("/estimer/methodes/autre").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn every_variant_of_a_service_opens_filled_in_or_downloads_as_a_request() {
    let test = TestApp::demo().await;
    let pasted = "http%3A%2F%2Fx%2Festimer%2Fia-generative%3Fmodele%3Dopenai%2Fgpt-4o%26agents%3D300";
    let address = format!(
        "/estimer/service?titre=Assistant&l1_origine=calculateur&l1_phase=operation&l1_adresse={pasted}&l3_origine=mesure&l3_kwh=15&l3_lieu=BEL&l3_phase=training&l3_rythme=once"
    );
    let body = test.get(&address).await.body;
    let rows: Vec<&str> = body
        .split("id=\"t-mieux\"")
        .nth(1)
        .unwrap()
        .split("</table>")
        .next()
        .unwrap()
        .split("<tr>")
        .skip(2)
        .collect();
    assert!(rows.len() >= 3, "{rows:?}");
    let mut opened = 0;
    for row in rows {
        let href = quoted(row, "href=\"");
        let href = href.replace("&amp;", "&").replace("&#38;", "&");
        let figure = row.split("<td>").nth(1).unwrap().split("</td>").next().unwrap();
        let answer = test.get(&href).await;
        assert_eq!(answer.status, StatusCode::OK, "{href}");
        if href.starts_with("/estimer/service?") {
            opened += 1;
            assert!(
                answer.body.contains(&format!("<b>{figure}</b>")),
                "{figure} at {href}"
            );
            assert!(answer.body.contains("À côté de l’autre réglage"), "{href}");
        } else {
            let request: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
            assert!(request["lines"].is_array(), "{href}");
        }
    }
    assert!(opened >= 3, "{opened} variants are held by an address");
}

#[tokio::test]
async fn the_account_of_an_evaluation_is_shown_and_its_marks_are_checked() {
    let test = TestApp::demo().await;
    let line = "l1_origine=mesure&l1_kwh=15&l1_lieu=FRA";
    let told = test
        .get(&format!("/estimer/service?{line}&auteur=DSI&but=decide&qualite_date=5&qualite_place=4&preuves=Rapport%20;%20Journal"))
        .await
        .body;
    for part in [
        "Compte rendu",
        "DSI",
        "Décider",
        "4,5 sur 5 (date 5, lieu 4)",
        "Rapport",
    ] {
        assert!(told.contains(part), "{part}");
    }
    let wrong = test
        .get(&format!("/estimer/service?{line}&qualite_date=6"))
        .await
        .body;
    assert!(wrong.contains("href=\"#qualite_date\""), "{wrong}");
    let request = test
        .get(&format!("/estimer/service.json?{line}&auteur=DSI&demande=1"))
        .await
        .body;
    let request: serde_json::Value = serde_json::from_str(&request).unwrap();
    assert_eq!(request["report"]["author"], "DSI");
}

/// The table of the values that a page says it used: name and text of each.
fn values(page: &str) -> Vec<(String, String)> {
    let plain = |html: &str| {
        let mut text = String::new();
        let mut inside = false;
        for c in html.chars() {
            match c {
                '<' => inside = true,
                '>' => inside = false,
                c if !inside => text.push(c),
                _ => {}
            }
        }
        text
    };
    page.split("id=\"t-valeurs\"")
        .nth(1)
        .unwrap()
        .split("</table>")
        .next()
        .unwrap()
        .split("<tr>")
        .skip(2)
        .map(|row| {
            let mut cells = row.split("<td>");
            (plain(cells.next().unwrap()), plain(cells.next().unwrap()))
        })
        .collect()
}

/// The numbers of a text as a reader takes them: thin spaces within, a comma, an exponent.
fn numbers(text: &str) -> Vec<f64> {
    text.replace(['\u{202f}', '\u{2212}'], "")
        .replace(',', ".")
        .split(|c: char| c.is_whitespace() || c == '\u{a0}')
        .filter_map(|word| word.trim_end_matches(';').parse().ok())
        .collect()
}

/// Low, central and high bounds of the lines of a table downloaded from a page.
fn downloaded(csv: &str, criterion: &str, requests: Option<&str>) -> (f64, f64) {
    let line = csv
        .lines()
        .find(|line| {
            let mut cells = line.split(';');
            cells.next() == Some(criterion) && requests.is_none_or(|count| cells.nth(1) == Some(count))
        })
        .unwrap();
    let cells: Vec<&str> = line.split(';').collect();
    let at = cells.len() - 3;
    (cells[at].parse().unwrap(), cells[at + 2].parse().unwrap())
}

fn assert_close(found: f64, expected: f64, what: &str) {
    assert!(
        (found - expected).abs() <= 1e-9 * expected.abs(),
        "{what}: {found} by hand, {expected} on the page"
    );
}

#[tokio::test]
async fn a_researcher_finds_the_figures_of_a_model_again_by_hand_from_what_the_page_shows() {
    let test = TestApp::demo().await;
    let query = "tache=conversation&modele=openai/gpt-4o&agents=300&usages=5&jours=210";
    let page = test.get(&format!("/estimer/ia-generative?{query}")).await.body;
    let csv = test
        .get(&format!("/estimer/ia-generative.csv?{query}"))
        .await
        .body;
    let values = values(&page);
    let of = |name: &str| {
        let (_, text) = values.iter().find(|(known, _)| known.starts_with(name)).unwrap();
        let unit = text.replace("10⁹", "");
        numbers(&unit)
    };
    let ends = |name: &str| {
        let all = of(name);
        (all[0], *all.last().unwrap())
    };
    let (_, settings) = values
        .iter()
        .find(|(name, _)| name.starts_with("Réglages"))
        .unwrap();
    let setting = |name: &str| {
        let text = settings.split(name).nth(1).unwrap();
        numbers(
            text.split(" ; ")
                .next()
                .unwrap()
                .split("\u{202f}; ")
                .next()
                .unwrap(),
        )[0]
    };
    let tokens = of("Longueur")[0];
    let (tps, ttft) = (of("Débit")[0], of("Délai")[0]);
    let (pue, wue) = (ends("Efficacité"), ends("Eau sur place"));
    let (total, active) = (ends("Paramètres en tout"), ends("Paramètres actifs"));
    let (bits, batch, memory) = (
        setting("Bits par paramètre"),
        setting("Requêtes traitées ensemble"),
        setting("Mémoire d’une carte"),
    );
    let (per_server, power, life) = (
        setting("Cartes par serveur"),
        setting("Puissance du serveur, cartes à part"),
        setting("Durée de vie du serveur"),
    );
    // The constants and formulas of the page of the method, which the result leads to.
    let branch = |total: f64, active: f64, pue: f64, wue: f64| {
        let board = tokens
            * (1.166_527_317_045_191_4e-6 * (-0.011_205_921_025_579_175 * batch).exp() * active
                + 4.052_928_146_734_005e-5)
            / 1000.0;
        let duration = tokens / tps + ttft;
        let needed = 1.2 * total * bits / 8.0 / memory;
        let boards = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0]
            .into_iter()
            .find(|boards| *boards >= needed.ceil())
            .unwrap();
        let servers = boards / per_server;
        let machines = duration / 3600.0 * power * servers / batch + boards * board;
        let energy = pue * machines;
        let made = |server: f64, gpu: f64| duration * (servers * server + boards * gpu) / (life * batch);
        [
            ("energy", energy),
            (
                "gwp",
                energy * of("Gaz à effet de serre")[0] + made(5700.0, 273.0),
            ),
            ("adpe", energy * of("Métaux d’un kWh")[0] + made(0.37, 0.00895)),
            (
                "pe",
                energy * of("Énergie primaire d’un kWh")[0] + made(70_000.0, 3721.0),
            ),
            ("wcf", machines * (wue + pue * of("Eau d’un kWh")[0])),
        ]
    };
    let low = branch(total.0, active.0, pue.0, wue.0);
    let high = branch(total.1, active.1, pue.1, wue.1);
    for ((criterion, low), (_, high)) in low.into_iter().zip(high) {
        let one = downloaded(&csv, criterion, Some("1"));
        let year = downloaded(&csv, criterion, Some("315000"));
        assert_close(low, one.0, criterion);
        assert_close(high, one.1, criterion);
        assert_close(low * 300.0 * 5.0 * 210.0, year.0, criterion);
        assert_close(high * 300.0 * 5.0 * 210.0, year.1, criterion);
    }
    assert!(
        page.contains("<b>entre 75 et 120"),
        "and the headline rounds them"
    );
}

#[tokio::test]
async fn a_researcher_finds_the_figures_of_a_trained_model_again_by_hand() {
    let test = TestApp::demo().await;
    let query = "heures=100&coeurs=4&usage_coeurs=80&memoire=32&lieu=FRA&recherche=2&reentrainements=2&reentrainement_part=50&u_heures=8&u_coeurs=2&u_memoire=4&rythme=week";
    let page = test.get(&format!("/estimer/calcul?{query}")).await.body;
    let answer: serde_json::Value =
        serde_json::from_str(&test.get(&format!("/estimer/calcul.json?{query}")).await.body).unwrap();
    let values = values(&page);
    let text_of = |name: &str| {
        let (_, text) = values
            .iter()
            .find(|(known, _)| known == name)
            .unwrap_or_else(|| panic!("{name}: {values:?}"));
        text.clone()
    };
    let of = |name: &str| numbers(&text_of(name))[0];
    // A value of the training and that of the use stand in one row, told apart when they differ.
    let of_part = |part: &str, name: &str| {
        let text = text_of(name);
        let own = text.split(&format!("{part}\u{a0}: ")).nth(1).unwrap_or(&text);
        numbers(own)[0]
    };
    let part = |part: &str| {
        let of = |name: &str| of_part(part, name);
        let watts =
            of("Cœurs") * of("Puissance d’un cœur") * of("Usage des cœurs") + of("Mémoire réservée") * 0.3725;
        of("Durée") * watts * of("Exécutions identiques") / 1000.0
            * of("Efficacité du centre de données (PUE)")
    };
    let whole = 1.0
        + of("Recherche et mise au point, en entraînements")
        + of("Réentraînements") * of("Taille d’un réentraînement");
    let energy =
        whole * part("Entraînement") + of("Utilisations comptées dans le bilan") * part("Utilisation");
    let carbon = energy * of("Gaz à effet de serre d’un kWh");
    assert_close(
        energy,
        answer["output"]["total"]["energy_kwh"].as_f64().unwrap(),
        "energy",
    );
    assert_close(
        carbon,
        answer["output"]["total"]["carbon_g"].as_f64().unwrap(),
        "carbon",
    );
}

#[tokio::test]
async fn every_equivalent_of_a_result_stands_in_a_table() {
    let test = TestApp::demo().await;
    let result = test.get("/estimer/mesure?kwh=15&lieu=FRA").await.body;
    let href = quoted(&result, "href=\"/estimer/reperes")
        .replace("&amp;", "&")
        .replace("&#38;", "&");
    let page = test.get(&format!("/estimer/reperes{href}")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("km en TGV") && page.body.contains("Impact CO2"));
    assert!(page.body.matches("<tr>").count() > 20);
    for wrong in [
        "",
        "?critere=climate&bas=2&haut=1",
        "?critere=x&bas=1&haut=1",
        "?critere=climate&bas=NaN&haut=1",
    ] {
        let answer = test.get(&format!("/estimer/reperes{wrong}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}
