//! Invented values for the preview.

use sobria_web::view::card::monogram;
use sobria_web::view::map::{BASE, Segment};
use sobria_web::view::prose::ProseTable;
use sobria_web::view::table::TableCell;
use sobria_web::view::{
    AssetPaths, BarChart, Card, Choice, Column, ColumnChoice, FacetGroup, FacetOption, Filters, Layout,
    MapEntry, MapProject, MapView, Marker, Maturity, Place, ProsePage, ProseSection, Row, SiteIdentity,
    TableView, TextFilter, ThemeBadge, YearFilter, plain,
};

pub const LONG_TEXT: &str = "Le réseau perdait un litre sur quatre. Les équipes cherchaient les fuites à l’oreille, de nuit, rue par rue.\n\nDepuis 2023, des capteurs posés sur les vannes enregistrent quelques secondes de bruit chaque nuit. Un modèle entraîné sur les interventions passées classe ces enregistrements. Chaque matin, la liste des dix tronçons les plus suspects arrive aux équipes, qui décident.\n\nBénéfices attendus :\n- réparer avant la rupture ;\n- réduire les recherches de nuit ;\n- rendre compte des volumes économisés, voir [le rapport annuel](https://example.org/rapport).";

pub const ORGANISATIONS: [(&str, &str, &str); 10] = [
    (
        "Syndicat des eaux de la Vallée du Gour",
        "Syndicat mixte ou intercommunal",
        "Saint-Gour, Corrèze",
    ),
    ("Ville de Marville", "Commune", "Marville, Loire"),
    (
        "Communauté urbaine des Trois-Rives",
        "Communauté urbaine",
        "Marville, Loire",
    ),
    ("Département de la Haute-Lys", "Département", "Lysanges, Vosges"),
    ("Région Grand Littoral", "Région", "Port-Salin, Hérault"),
    (
        "Communauté de communes du Plateau d’Orsay",
        "Communauté de communes",
        "Orsay-le-Haut, Lozère",
    ),
    ("Métropole d’Aubrac-sur-Mer", "Métropole", "Aubrac, Gironde"),
    (
        "CCAS de Bellerive",
        "CCAS, CIAS ou établissement social",
        "Bellerive, Ain",
    ),
    (
        "Commune de Ravine-des-Palmes",
        "Commune",
        "Ravine-des-Palmes, La Réunion",
    ),
    ("GIP Numérique Mascaret", "Opérateur", "Libourne, Gironde"),
];

const TITLES: [(&str, &str); 8] = [
    (
        "Repérer les fuites du réseau d’eau potable",
        "Des capteurs écoutent le réseau la nuit ; un modèle classe les bruits et propose les tronçons à vérifier en premier.",
    ),
    (
        "Prévoir le remplissage des cantines",
        "Un calcul simple à partir des inscriptions et de la météo évite un repas jeté sur huit.",
    ),
    (
        "Orienter les demandes des habitants vers le bon service",
        "Chaque message reçu est lu par un modèle qui propose un service ; un agent confirme.",
    ),
    (
        "Compter les vélos sans filmer les visages",
        "Comptage par capteurs thermiques aux carrefours pour décider des aménagements.",
    ),
    (
        "Relire les comptes rendus d’assemblée",
        "Brouillon de compte rendu à partir de l’enregistrement, relu et corrigé par le secrétariat.",
    ),
    (
        "Cadastre solaire des bâtiments publics",
        "Estimation du potentiel des toitures à partir de photographies aériennes ouvertes.",
    ),
    (
        "Charte d’usage de l’IA générative",
        "Dix règles écrites avec les agents, et une heure de formation pour chacun.",
    ),
    (
        "Aider les allocataires à ne pas perdre leurs droits",
        "Repérage des dossiers incomplets avant leur date limite, avec rappel par courrier.",
    ),
];

pub fn themes() -> Vec<ThemeBadge> {
    vec![
        ThemeBadge::new("transition", "T", "Transition écologique et énergétique"),
        ThemeBadge::new("administration", "O", "Administration et organisation interne"),
        ThemeBadge::new("citoyennete", "C", "Citoyenneté, santé et solidarité"),
        ThemeBadge::new("mobilites", "M", "Mobilités"),
        ThemeBadge::new("gouvernance", "G", "Gouvernance et socles technologiques"),
        ThemeBadge::new("attractivite", "A", "Attractivité et développement"),
    ]
}

const MATURITIES: [(&str, &str); 6] = [
    ("experimentation", "En expérimentation"),
    ("deploiement", "En déploiement"),
    ("termine", "Terminé"),
    ("abandonne", "Abandonné"),
    ("construction", "En construction"),
    ("reflexion", "En réflexion"),
];

pub fn frame(place: Place, title: &str, path: &str) -> Layout {
    let site = SiteIdentity {
        name: "Bibliothèque d’IA territoriale".to_owned(),
        operator: "Instance de démonstration".to_owned(),
        operator_url: None,
        contact: Some("contact@example.org".to_owned()),
        licence: "Licence Ouverte 2.0".to_owned(),
        licence_url: "https://www.etalab.gouv.fr/licence-ouverte-open-licence/".to_owned(),
        accessibility: "non conforme".to_owned(),
        calls_out: false,
        demo: true,
    };
    let assets = AssetPaths {
        css: "/static/sobria.css".to_owned(),
        js: "/static/library.js".to_owned(),
        tiles: "/static/tiles.js".to_owned(),
        map: "/static/france.svg".to_owned(),
        icon: "/static/favicon.svg".to_owned(),
    };
    Layout::new(site, assets, place, title, &format!("https://example.org{path}"))
}

pub fn cards(count: usize) -> Vec<Card> {
    let mut cards = Vec::new();
    for (rank, (((title, summary), (name, kind, _)), theme)) in TITLES
        .iter()
        .cycle()
        .zip(ORGANISATIONS.iter().cycle())
        .zip(themes().iter().cycle())
        .take(count)
        .enumerate()
    {
        let (code, label) = MATURITIES.iter().cycle().nth(rank).copied().unwrap_or_default();
        cards.push(Card {
            id: format!("r{rank}"),
            href: format!("/cas-usages/r{rank}"),
            title: plain(*title),
            summary: plain(*summary),
            organisation: plain(*name),
            organisation_kind: (*kind).to_owned(),
            monogram: monogram(name),
            theme: Some(theme.clone()),
            audience: if rank % 3 == 0 {
                "agents, bénéficiaires".to_owned()
            } else {
                "grand public".to_owned()
            },
            maturity: Some(Maturity::new(code, label)),
            stale: (rank % 5 == 2).then(|| "À confirmer".to_owned()),
            footprint: (rank % 6 == 0).then(|| "12\u{a0}kWh par an, entre 8 et 20".to_owned()),
            badge: None,
        });
    }
    cards
}

pub fn awkward_cards() -> Vec<Card> {
    let mut cards = cards(4);
    let names = [
        (
            "Syndicat intercommunal à vocation multiple pour le développement numérique et la modernisation des services publics des pays de l’Argens et de la Haute-Durance",
            "Anticonstitutionnellement-vôtre\u{202f}: un très long titre qui décrit par le menu tout ce que le projet pourrait un jour devenir si les moyens suivaient, et même au-delà",
        ),
        ("X", "IA"),
    ];
    for (card, (name, title)) in cards.iter_mut().zip(names) {
        card.organisation = plain(name);
        card.title = plain(title);
        card.monogram = monogram(name);
        card.summary = Vec::new();
    }
    if let Some(card) = cards.last_mut() {
        card.theme = None;
        card.maturity = None;
        card.audience = String::new();
        card.summary = plain("Mot".repeat(120));
        card.organisation_kind = String::new();
    }
    cards
}

pub fn found_cards() -> Vec<Card> {
    let mut cards = cards(2);
    let mark = |text: &str, hit: bool| (text.to_owned(), hit);
    if let Some(card) = cards.first_mut() {
        card.title = vec![
            mark("Repérer les ", false),
            mark("fuites", true),
            mark(" du réseau d’", false),
            mark("eau", true),
            mark(" potable", false),
        ];
    }
    cards
}

pub fn sorts() -> Vec<Choice> {
    [
        ("pertinence", "Pertinence"),
        ("recent", "Mise à jour récente"),
        ("titre", "Titre"),
        ("organisation", "Organisation"),
        ("demarrage", "Démarrage récent"),
        ("completude", "Fiches les plus complètes"),
    ]
    .map(|(value, label)| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        selected: value == "recent",
    })
    .to_vec()
}

fn options(labels: &[&str]) -> Vec<FacetOption> {
    labels
        .iter()
        .enumerate()
        .map(|(rank, label)| FacetOption {
            value: format!("v{rank}"),
            label: (*label).to_owned(),
            count: (labels.len() * 2 - rank).to_string(),
            checked: false,
            theme: None,
        })
        .collect()
}

pub fn filters() -> Filters {
    let theme_options: Vec<FacetOption> = themes()
        .into_iter()
        .zip([19, 11, 9, 8, 6, 5])
        .map(|(theme, count)| FacetOption {
            value: theme.code.clone(),
            label: theme.label.clone(),
            count: count.to_string(),
            checked: theme.code == "transition",
            theme: Some(theme),
        })
        .collect();
    Filters {
        action: "/cas-usages".to_owned(),
        groups: vec![
            FacetGroup::new("Thème", "theme", theme_options),
            FacetGroup::new(
                "Sous-thème",
                "sous_theme",
                options(&[
                    "Gestion de l’eau",
                    "Performance énergétique",
                    "Éclairage public",
                    "Déchets et économie circulaire",
                    "Biodiversité et préservation des espaces naturels",
                ]),
            ),
            FacetGroup::new(
                "État du projet",
                "maturite",
                options(&[
                    "En expérimentation",
                    "En déploiement",
                    "Terminé",
                    "Abandonné",
                    "En construction",
                    "En réflexion",
                ]),
            ),
            FacetGroup::new("Usage", "usage", options(&["Service en usage aujourd’hui"])),
            FacetGroup::new(
                "Type d’organisation",
                "type",
                options(&[
                    "Commune",
                    "Métropole",
                    "Communauté d’agglomération",
                    "Communauté de communes",
                    "Département",
                    "Région",
                    "Syndicat mixte ou intercommunal",
                    "Communauté urbaine",
                    "Opérateur",
                    "Établissement public territorial",
                    "CCAS, CIAS ou établissement social",
                ]),
            ),
            FacetGroup {
                folded: true,
                ..FacetGroup::new(
                    "Public",
                    "audience",
                    options(&[
                        "Grand public",
                        "Agent",
                        "Bénéficiaire",
                        "Élu",
                        "Association",
                        "Entreprises",
                        "Collectivités",
                        "Établissement scolaire",
                        "Chercheurs",
                        "Aménageurs",
                    ]),
                )
            },
            FacetGroup {
                folded: true,
                ..FacetGroup::new(
                    "Population",
                    "population",
                    options(&[
                        "Moins de 3 500 habitants",
                        "3 500 à 10 000",
                        "10 000 à 50 000",
                        "50 000 à 100 000",
                        "Plus de 100 000",
                    ]),
                )
            },
        ],
        place: Some(TextFilter {
            label: "Département ou région".to_owned(),
            name: "departement".to_owned(),
            value: String::new(),
            hint: "57, Moselle, Bretagne".to_owned(),
            options: Vec::new(),
        }),
        solution: Some(TextFilter {
            label: "Solution ou fournisseur".to_owned(),
            name: "solution".to_owned(),
            value: String::new(),
            hint: "Un nom, même en partie".to_owned(),
            options: vec!["Aquascope".to_owned(), "Lumen Cité".to_owned()],
        }),
        years: Some(YearFilter {
            from: String::new(),
            to: String::new(),
            min: "2017".to_owned(),
            max: "2026".to_owned(),
        }),
        ..Filters::default()
    }
}

pub fn table(count: usize) -> TableView {
    let sort = |label: &str, sorted: Option<&str>| Column {
        label: label.to_owned(),
        sort_href: Some("/cas-usages?vue=tableau&tri=titre".to_owned()),
        sorted: sorted.map(str::to_owned),
        numeric: false,
    };
    let still = |label: &str| Column {
        label: label.to_owned(),
        ..Column::default()
    };
    TableView {
        caption: "58 projets, page 2 sur 3. Le titre mène à la fiche.".to_owned(),
        columns: vec![
            sort("Projet", Some("ascending")),
            sort("Organisation", None),
            still("Thème"),
            still("État"),
            sort("Démarrage", None),
        ],
        rows: cards(count)
            .into_iter()
            .zip(ORGANISATIONS.iter().cycle())
            .map(|(card, (name, ..))| Row {
                id: card.id,
                href: card.href,
                title: card.title,
                cells: vec![
                    TableCell::text(*name),
                    TableCell::theme(card.theme.unwrap_or_default()),
                    TableCell::text(card.maturity.unwrap_or_default().label),
                    TableCell::text("sept. 2023"),
                ],
            })
            .collect(),
        choices: [
            "Organisation",
            "Type",
            "Thème",
            "État",
            "Démarrage",
            "Public",
            "Département",
            "Mise à jour",
        ]
        .map(|label| ColumnChoice {
            value: label.to_lowercase(),
            label: label.to_owned(),
            checked: true,
        })
        .to_vec(),
        hidden: vec![("vue".to_owned(), "tableau".to_owned())],
    }
}

const POINTS: [(i32, i32); 17] = [
    (5450, 2120),
    (8950, 2650),
    (2130, 3200),
    (4100, 6900),
    (6900, 5350),
    (8300, 7900),
    (5100, 800),
    (3250, 4550),
    (6600, 7600),
    (4350, 4100),
    (7700, 3600),
    (1150, 3000),
    (9500, 9000),
    (6900, 10300),
    (900, 10400),
    (3000, 10300),
    (5000, 10400),
];

pub fn map(count: usize, open: &str) -> MapView {
    let mut markers = Vec::new();
    let mut entries = Vec::new();
    for (rank, ((x, y), (name, _, place))) in (0_u32..)
        .zip(POINTS.iter().cycle().zip(ORGANISATIONS.iter().cycle()))
        .take(count)
    {
        let shift = i32::try_from(rank / 17).unwrap_or(0) * 420;
        let id = format!("org-{rank}");
        let all = themes();
        let wanted = if rank % 4 == 1 {
            3
        } else if rank % 7 == 2 {
            2
        } else {
            1
        };
        let mine: Vec<(ThemeBadge, u32)> = all
            .into_iter()
            .cycle()
            .skip(usize::try_from(rank % 6).unwrap_or(0))
            .take(wanted)
            .map(|theme| (theme, 1 + rank % 2))
            .collect();
        let total: u32 = mine.iter().map(|(_, n)| n).sum();
        let label = format!("{name}, {place} : {total} projets");
        let mut marker = Marker::new(
            format!("#{id}"),
            label,
            ((x + shift).min(BASE.0 - 300), y + shift / 3),
            &mine,
        );
        marker.current = id == open;
        marker.approximate = rank % 9 == 4;
        markers.push(marker);
        entries.push(MapEntry {
            name: (*name).to_owned(),
            href: format!("/cas-usages?vue=carte&organisation={id}#{id}"),
            place: (*place).to_owned(),
            count: format!("{total} projets"),
            projects: if id == open {
                mine.iter()
                    .zip(TITLES)
                    .map(|((theme, _), (title, _))| MapProject {
                        title: title.to_owned(),
                        href: "/cas-usages/x".to_owned(),
                        theme: Some(theme.clone()),
                    })
                    .collect()
            } else {
                Vec::new()
            },
            current: id == open,
            id,
        });
    }
    debug_assert!(
        markers
            .iter()
            .all(|marker| marker.ring.iter().all(|part: &Segment| part.length <= 100))
    );
    MapView {
        title: format!("58 projets de {count} organisations"),
        view_box: MapView::whole_view_box(),
        tiles: None,
        markers,
        entries,
        off_map: vec![MapEntry {
            name: "GIP sans adresse".to_owned(),
            href: "/organisations/gip".to_owned(),
            count: "1 projet".to_owned(),
            ..MapEntry::default()
        }],
        legend: themes(),
        zooms: Vec::new(),
    }
}

pub fn pages_of_text() -> Vec<(&'static str, ProsePage)> {
    let chart = BarChart::of_counts(
        "par-theme",
        "Projets par politique publique",
        "Thème",
        "Projets",
        themes()
            .into_iter()
            .zip([19, 11, 9, 8, 6, 5])
            .map(|(theme, count)| {
                (
                    theme.label,
                    count,
                    Some(theme.code.clone()),
                    Some(format!("/cas-usages?theme={}", theme.code)),
                )
            })
            .collect(),
    );
    let context = ProsePage {
        layout: frame(Place::Context, "Contexte", "/contexte"),
        title: "Pourquoi cette bibliothèque".to_owned(),
        lead:
            "Les collectivités essaient, réussissent et renoncent souvent sans le savoir les unes des autres."
                .to_owned(),
        notice: None,
        sections: vec![
            ProseSection::new("objectifs", "Ce que nous cherchons", LONG_TEXT),
            ProseSection::new(
                "methode",
                "Comment les fiches sont faites",
                "Chaque fiche est **écrite par l’organisation** qui mène le projet.\n\n- relue ;\n- datée ;\n- confirmée.",
            ),
            ProseSection {
                chart: Some(chart),
                ..ProseSection::new("chiffres", "Où en est la bibliothèque", "Au 12 mars 2026.")
            },
            ProseSection {
                table: Some(ProseTable {
                    caption: "Ce qui est conservé".to_owned(),
                    headers: vec!["Donnée".to_owned(), "Durée".to_owned()],
                    rows: vec![vec!["Journaux".to_owned(), "6 mois".to_owned()]],
                }),
                ..ProseSection::new("table", "Un tableau", "")
            },
        ],
        foot: "Page mise à jour le 12 mars 2026.".to_owned(),
    };
    vec![("contexte", context)]
}
