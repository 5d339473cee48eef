//! Instruments together: what a record shows of each, what one tells the other, what an organisation adds up.

use axum::http::StatusCode;
use sobria_catalogue::field::Field;
use sobria_exchange::paper::Format;
use sobria_store::Found;

use super::govern::{FRUGALITY, LIMITS, NEED, TRANSPARENCY, elements, own_record, send};
use super::{Browser, TestApp, quoted, value_of};

/// Address part of the organisation that carries a record.
async fn carrier(site: &TestApp, slug: &str) -> String {
    let record = site.json(&format!("/cas-usages/{slug}.json")).await;
    record["organisation"]["slug"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_need_met_without_ai_leads_to_a_record_and_is_said_on_its_card() {
    let site = TestApp::demo().await;
    let without = [
        ("decision", "sans_ia"),
        ("retenue", "Des compteurs de secteur, posés en un mois"),
        ("action", "resultat"),
    ];
    let mut visitor = Browser::new(&site);
    let page = visitor.get(FRUGALITY).await.body;
    let mut answers = NEED.to_vec();
    answers.retain(|(name, _)| *name != "decision");
    answers.extend(without);
    let result = send(&mut visitor, FRUGALITY, &page, &answers).await.body;
    assert!(
        result.contains("<strong>Besoin traité sans IA.</strong>"),
        "{result}"
    );
    let address = quoted(&result, "href=\"/contribuer?");
    for part in ["title=R", "maturity=abandonne", "abandonment_reason=Des"] {
        assert!(address.contains(part), "{part}: {address}");
    }
    let mut author = site.sign_in("contributeur").await;
    let address = address.replace("&#38;", "&").replace("&amp;", "&");
    let begun = author.get(&format!("/contribuer?{address}")).await.body;
    assert!(begun.contains("posés en un mois"), "{begun}");

    let slug = own_record(&site).await;
    let page = author.get(&format!("{FRUGALITY}?fiche={slug}")).await.body;
    let result = send(&mut author, FRUGALITY, &page, &answers).await.body;
    let saved = send(&mut author, FRUGALITY, &result, &[]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let path = format!("/cas-usages/{slug}/frugalite");
    let card = "<p class=\"card-badge\">Besoin traité sans IA</p>";
    let organisation = format!("/organisations/{}", carrier(&site, &slug).await);
    assert!(!site.get(&organisation).await.body.contains(card), "not read yet");
    let mut moderator = site.sign_in("moderation").await;
    let version = value_of(&moderator.get(&path).await.body, "version");
    moderator
        .send(&path, &[("action", "publier"), ("version", &version)])
        .await;
    assert!(site.get(&organisation).await.body.contains(card));
    let public = site.get(&path).await.body;
    assert!(public.contains("posés en un mois"), "{public}");
}

#[tokio::test]
async fn each_version_is_kept_as_it_was_with_what_it_changed() {
    let site = TestApp::demo().await;
    let slug = own_record(&site).await;
    let path = format!("/cas-usages/{slug}/frugalite");
    let form = format!("{FRUGALITY}?fiche={slug}");
    let mut author = site.sign_in("contributeur").await;
    for (seal, level) in [("Note n° 1", "2"), ("Note n° 2", "1")] {
        let mut page = author.get(&form).await.body;
        for step in [&NEED[..], &LIMITS[..], &[][..]] {
            page = send(&mut author, FRUGALITY, &page, step).await.body;
        }
        let answers = [
            ("bp01", level),
            ("bp01_preuve", seal),
            ("bp01_date", "2026-01-05"),
            ("action", "resultat"),
        ];
        let page = send(&mut author, FRUGALITY, &page, &answers).await.body;
        let saved = send(&mut author, FRUGALITY, &page, &[]).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    }
    let newest = author.get(&path).await.body;
    assert!(newest.contains("pratique 1 en baisse"), "{newest}");
    assert!(newest.contains("Première version") && newest.contains("Note n° 2"));
    let first = author.get(&format!("{path}?version=1")).await.body;
    assert!(first.contains("Note n° 1") && !first.contains("Note n° 2"));
    assert!(first.contains("remplacée depuis") && !first.contains("id=\"relire\""));
    let none = author.get(&format!("{path}?version=9")).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    let hidden = site.get(&format!("{path}?version=1")).await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND, "not public");
}

#[tokio::test]
async fn a_phase_is_answered_indicator_by_indicator_and_shown_in_the_grid() {
    let site = TestApp::demo().await;
    let mut visitor = Browser::new(&site);
    let page = visitor.get(FRUGALITY).await.body;
    let page = send(&mut visitor, FRUGALITY, &page, &NEED).await.body;
    let page = send(&mut visitor, FRUGALITY, &page, &LIMITS).await.body;
    let open = [("maturite", "termine"), ("action", "detail-operation")];
    let detail = send(&mut visitor, FRUGALITY, &page, &open).await.body;
    assert!(detail.contains("indicateur par indicateur"), "{detail}");
    assert!(elements(&detail) <= 395, "{}", elements(&detail));
    let told = [
        ("c_operation.datacenter.energy", "measured"),
        ("c_operation.datacenter.water", "negligible"),
        ("cr_operation.datacenter", "Refroidi à l’air"),
    ];
    let back = send(&mut visitor, FRUGALITY, &detail, &told).await.body;
    assert!(back.contains("Étape 3 sur 8"), "{back}");
    assert!(back.contains("Précisé par indicateur"), "{back}");
    let result = send(&mut visitor, FRUGALITY, &back, &[("action", "resultat")])
        .await
        .body;
    for expected in [
        "<td data-state=\"measured\">Mesuré</td>",
        "<td data-state=\"negligible\">Négligeable</td>",
        "Refroidi à l’air",
    ] {
        assert!(result.contains(expected), "{expected}: {result}");
    }
    assert!(elements(&result) <= 395, "{}", elements(&result));
}

#[tokio::test]
async fn the_proofs_of_an_organisation_are_read_by_a_colleague_and_carry_its_projects() {
    let site = TestApp::demo().await;
    let slug = own_record(&site).await;
    let organisation = carrier(&site, &slug).await;
    let path = format!("/organisations/{organisation}/frugalite");
    let mut author = site.sign_in("contributeur").await;
    let page = author
        .get(&format!("{FRUGALITY}?organisation={organisation}"))
        .await
        .body;
    let answers = [
        ("bp15", "3"),
        ("bp15_preuve", "Lettre de mission"),
        ("bp15_date", "2026-05-02"),
    ];
    let page = send(&mut author, FRUGALITY, &page, &answers).await.body;
    let saved = send(&mut author, FRUGALITY, &page, &[]).await;
    assert_eq!(saved.headers["location"], path.as_str());
    let own = author.get(&path).await.body;
    assert!(own.contains("<td>3, mesuré et relu</td><td>2</td>"), "{own}");
    assert!(!own.contains("id=\"relire\""), "not by its author");
    assert_eq!(site.get(&path).await.status, StatusCode::NOT_FOUND);
    let mut agent = site.sign_in("agent").await;
    assert_eq!(agent.get(&path).await.status, StatusCode::NOT_FOUND);
    let mut moderator = site.sign_in("moderation").await;
    let seen = moderator.get(&path).await.body;
    let version = value_of(&seen, "version");
    let read = moderator
        .send(
            &path,
            &[("action", "relire"), ("version", &version), ("relues", "bp15")],
        )
        .await;
    assert_eq!(read.status, StatusCode::SEE_OTHER, "{}", read.body);
    assert!(
        author
            .get(&path)
            .await
            .body
            .contains("<td>3, mesuré et relu</td><td>3</td>")
    );
    let page = author.get(&format!("{FRUGALITY}?fiche={slug}")).await.body;
    let result = send(&mut author, FRUGALITY, &page, &[("action", "resultat")])
        .await
        .body;
    assert!(
        result.contains("<td>3, mesuré et relu</td><td>3</td>"),
        "{result}"
    );
}

#[tokio::test]
async fn an_organisation_adds_up_its_projects_and_shows_outside_what_is_public() {
    let site = TestApp::demo().await;
    let slug = own_record(&site).await;
    let organisation = carrier(&site, &slug).await;
    let path = format!("/organisations/{organisation}/tableau-de-bord");
    assert!(
        site.get(&format!("/organisations/{organisation}"))
            .await
            .body
            .contains(&path)
    );
    let mut author = site.sign_in("contributeur").await;
    assert!(author.get("/mon-espace").await.body.contains(&path));
    let page = author.get(&format!("{FRUGALITY}?fiche={slug}")).await.body;
    let answers = [
        ("besoin", "Répondre aux habitants"),
        ("decideur", "Direction secrète"),
        ("action", "resultat"),
    ];
    let result = send(&mut author, FRUGALITY, &page, &answers).await.body;
    let saved = send(&mut author, FRUGALITY, &result, &[]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let begun = author
        .send(
            "/maitriser/achat/dossiers",
            &[("titre", "Marché caché"), ("fiche", &slug), ("objet", "tender")],
        )
        .await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.body);

    let inside = author.get(&path).await.body;
    for expected in [
        "(pas encore public)",
        "Marché caché",
        "<dt>Dossiers d’achat</dt>",
        "Pratiques à travailler ensemble",
        "Empreinte d’une année",
    ] {
        assert!(inside.contains(expected), "{expected}: {inside}");
    }
    let register = author.get(&format!("{path}.csv")).await.body;
    assert!(register.starts_with("identifiant,projet,"), "{register}");
    assert!(register.contains("Marché caché"), "{register}");
    let record = author.get(&format!("/cas-usages/{slug}")).await.body;
    assert!(record.contains("Marché caché (en préparation)"), "{record}");

    // A measure of the roadmap names the purchase that carries it, and each says the other.
    let purchase = begun.headers["location"].to_str().unwrap();
    let identifier = purchase.rsplit('/').next().unwrap();
    let roadmap = format!("/organisations/{organisation}/feuille-de-route");
    let measure = author.get(&format!("{roadmap}/mesure?id=m4")).await.body;
    assert!(measure.contains("Marché caché (en préparation)"), "{measure}");
    let named = author
        .send(
            &format!("{roadmap}/mesure"),
            &[
                ("apres", &value_of(&measure, "apres")),
                ("id", "m4"),
                ("objectif", "o1"),
                ("libelle", "Acheter des postes reconditionnés"),
                ("etat", "in_progress"),
                ("achats", identifier),
                ("achats", "01a2278b-0000-7000-8000-000000000000"),
            ],
        )
        .await;
    assert_eq!(named.status, StatusCode::SEE_OTHER, "{}", named.body);
    let bought = author.get(purchase).await.body;
    assert!(
        bought.contains("Acheter des postes reconditionnés (en cours)"),
        "{bought}"
    );
    let road = author.get(&roadmap).await.body;
    assert!(road.contains(&format!("<a href=\"{purchase}\">")), "{road}");

    let outside = site.get(&path).await;
    assert_eq!(outside.status, StatusCode::OK);
    assert!(elements(&outside.body) <= 395, "{}", elements(&outside.body));
    let file = site.get(&format!("{path}.csv")).await.body;
    let public_record = site.get(&format!("/cas-usages/{slug}")).await.body;
    let mut agent = site.sign_in("agent").await;
    let member = agent.get(&path).await.body;
    let mut moderator = site.sign_in("moderation").await;
    let read = moderator.get(&roadmap).await.body;
    let data = site.get(&format!("{roadmap}.json")).await.body;
    assert!(!data.contains(identifier), "{data}");
    for body in [&outside.body, &file, &public_record, &member, &read, &data] {
        assert!(
            !body.contains("Marché caché") && !body.contains("pas encore public"),
            "{body}"
        );
    }
    assert!(
        outside.body.contains("0 sur"),
        "nothing public was assessed: {}",
        outside.body
    );
    let unknown = site.get("/organisations/inconnue/tableau-de-bord").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_was_answered_once_is_proposed_by_the_other_instruments_and_marked_when_it_changes() {
    let site = TestApp::demo().await;
    let slug = own_record(&site).await;
    let mut author = site.sign_in("contributeur").await;
    let form = format!("{FRUGALITY}?fiche={slug}");
    let first = author.get(&form).await.body;
    let result = send(&mut author, FRUGALITY, &first, &NEED).await.body;
    let result = send(&mut author, FRUGALITY, &result, &[("action", "resultat")]).await;
    send(&mut author, FRUGALITY, &result.body, &[]).await;

    // To a purchase and to the dossier of transparency, for those who may read it; not to a visitor.
    let buying = format!("/maitriser/achat?fiche={slug}");
    let own = author.get(&buying).await.body;
    assert!(own.contains("Répondre aux habitants en deux jours"), "{own}");
    assert!(own.contains("auto-évaluation de frugalité"), "{own}");
    let outside = site.get(&buying).await.body;
    assert!(!outside.contains("Répondre aux habitants en deux jours"));
    // A purchase begun there stays one of the record, through the page that keeps nothing too.
    let means = [("valeur", "60 000"), ("duree", "2"), ("personnes", "300")];
    let prepared = send(&mut author, "/maitriser/achat", &own, &means).await.body;
    let keep = prepared.split("id=\"garder\"").nth(1).unwrap();
    let begun = send(&mut author, "/maitriser/achat/dossiers", keep, &[]).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.body);
    let purchase = begun.headers["location"].to_str().unwrap().to_owned();
    let record = author.get(&format!("/cas-usages/{slug}")).await.body;
    assert!(record.contains(&purchase), "{record}");
    assert!(!author.get(&purchase).await.body.contains("ont changé depuis"));
    let sheet = format!("{TRANSPARENCY}?fiche={slug}");
    let mut page = author.get(&sheet).await.body;
    for _ in 0..3 {
        page = send(&mut author, TRANSPARENCY, &page, &[]).await.body;
    }
    assert!(page.contains("Répondre aux habitants en deux jours"), "{page}");
    assert!(page.contains("Repris d’ailleurs, à relire\u{a0}: auto-évaluation de frugalité"));
    let result = send(&mut author, TRANSPARENCY, &page, &[]).await.body;
    let saved = send(&mut author, TRANSPARENCY, &result, &[]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let kept = format!("/cas-usages/{slug}/transparence");
    assert!(!author.get(&kept).await.body.contains("ont changé depuis"));

    // The need changes where it was first said.
    let again = author.get(&form).await.body;
    let changed = [("besoin", "Répondre le jour même"), ("action", "resultat")];
    let result = send(&mut author, FRUGALITY, &again, &changed).await.body;
    send(&mut author, FRUGALITY, &result, &[]).await;
    let marked = author.get(&kept).await.body;
    assert!(
        marked.contains("faits qui ont changé depuis\u{a0}: Le besoin auquel il répond"),
        "{marked}"
    );
    let bought = author.get(&purchase).await.body;
    assert!(
        bought.contains("faits qui ont changé depuis\u{a0}: Le besoin."),
        "{bought}"
    );
    let step = format!("{purchase}/preparer");
    let page = author.get(&step).await.body;
    let told = "Le fait a changé depuis votre réponse\u{a0}: «\u{a0}Répondre le jour même\u{a0}»";
    assert!(page.contains(told), "{page}");
    let saved = send(&mut author, &step, &page, &[]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let seen = author.get(&purchase).await.body;
    assert!(!seen.contains("ont changé depuis"), "{seen}");
    let mut page = author.get(&sheet).await.body;
    for _ in 0..3 {
        page = send(&mut author, TRANSPARENCY, &page, &[]).await.body;
    }
    assert!(
        page.contains("Le fait a changé depuis votre réponse\u{a0}: «\u{a0}Répondre le jour même\u{a0}»"),
        "{page}"
    );
    // Whoever saves now has seen it.
    let result = send(&mut author, TRANSPARENCY, &page, &[]).await.body;
    send(&mut author, TRANSPARENCY, &result, &[]).await;
    assert!(!author.get(&kept).await.body.contains("ont changé depuis"));

    // So it is when the record itself changes, facts that raise the depth included.
    let public = site.json(&format!("/cas-usages/{slug}.json")).await;
    let title = public["title"].as_str().unwrap();
    let mut all: Vec<serde_json::Value> = serde_json::from_slice(super::DEMONSTRATION).unwrap();
    let told = all.iter_mut().find(|one| one["title"] == title).unwrap();
    told["algorithm"]["kinds"] = serde_json::json!(["ia_generative"]);
    let bytes = serde_json::to_vec(&all).unwrap();
    let (plan, at) = super::plan_of(&bytes, "demonstration.json", &site.app.store).await;
    let applied = site.app.store.apply_import(&plan, super::publishing(at)).await;
    assert_eq!(applied.unwrap().changed.len(), 1);
    crate::refresh::at_once(&site.app).await;
    let bought = author.get(&purchase).await.body;
    assert!(
        bought.contains("faits qui ont changé depuis\u{a0}: Ce qui est vrai de ce projet."),
        "{bought}"
    );

    // The roadmap of the organisation answers what it answers once.
    let organisation = carrier(&site, &slug).await;
    let own = author
        .get(&format!("{FRUGALITY}?organisation={organisation}"))
        .await
        .body;
    assert!(own.contains("d’après feuille de route"), "{own}");
}

#[tokio::test]
async fn sheets_are_handed_over_as_documents_without_a_reserved_field_unless_asked() {
    let site = TestApp::demo().await;
    let slug = own_record(&site).await;
    let path = format!("/cas-usages/{slug}");
    let missing = site.get(&format!("{path}/frugalite.odt")).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND, "nothing is public yet");
    let Found::UseCase { record, .. } = site.app.store.use_case_by_slug(&slug).await.unwrap() else {
        panic!()
    };
    crate::demonstration::assess(&site.app.store, &record, &[], super::now())
        .await
        .unwrap();
    crate::refresh::at_once(&site.app).await;
    for instrument in ["frugalite", "transparence"] {
        let page = site.get(&format!("{path}/{instrument}")).await.body;
        for format in [Format::Odt, Format::Docx, Format::Markdown] {
            let address = format!("{path}/{instrument}.{}", format.extension());
            let file = site.get(&address).await;
            assert_eq!(file.status, StatusCode::OK, "{address}");
            assert_eq!(file.headers["content-type"], format.media_type(), "{address}");
            assert!(page.contains(&address) || format == Format::Markdown, "{address}");
        }
        let text = site.get(&format!("{path}/{instrument}.md")).await.body;
        for expected in [
            record.organisation.name.as_str(),
            "service juridique",
            "- Version",
            "- Date",
        ] {
            assert!(text.contains(expected), "{instrument}: {expected}: {text}");
        }
    }
    let sheet = site.get(&format!("{path}/frugalite.md")).await.body;
    for expected in ["Par où continuer", "15. ", "Prouvé, sur 100"] {
        assert!(sheet.contains(expected), "{expected}: {sheet}");
    }
    // A reserved field is in the file of those who may read it, when they ask for it, and nowhere else.
    let budget = "Budget annuel | Non renseigné, ou réservé aux agents inscrits";
    let mut author = site.sign_in("contributeur").await;
    let default = author.get(&format!("{path}/transparence.md")).await.body;
    let whole = author
        .get(&format!("{path}/transparence.md?complet=oui"))
        .await
        .body;
    let outside = site
        .get(&format!("{path}/transparence.md?complet=oui"))
        .await
        .body;
    assert_eq!(default, outside);
    assert!(
        default.contains("champs publics seulement") && default.contains(budget),
        "{default}"
    );
    assert!(whole.contains("contient des champs réservés"), "{whole}");
    if record.content.get(Field::BudgetBand).is_some() {
        assert!(!whole.contains(budget), "{whole}");
    }
}
