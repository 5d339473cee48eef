//! Writes every page, in its ordinary and its awkward states, to a folder, for looking at them without a database.
//!
//! Usage: `cargo run -p sobria-web --example preview -- FOLDER`.
//! Serve the folder beside the static files: pages ask for `/static/…`.

#[path = "preview/fixtures.rs"]
mod fixtures;

use std::path::Path;

use fixtures::{cards, filters, frame, map, pages_of_text, table};
use sobria_web::locale;
use sobria_web::view::card::monogram;
use sobria_web::view::data::Endpoint;
use sobria_web::view::personal::Users;
use sobria_web::view::record::Resource;
use sobria_web::view::{
    BarChart, Chip, ComponentsPage, Crumb, DataModelPage, DataPage, Door, Download, EmptyState, ErrorPage,
    Fact, Figure, HomePage, Item, ItemBody, LibraryPage, Link, Marker, ModelCategory, ModelField,
    OrganisationPage, OrganisationRow, OrganisationsPage, Pagination, Place, RecordPage, Results, Revision,
    RichText, Section, Tab, ThemeCount,
};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> Outcome {
    let folder = std::env::args().nth(1).ok_or("usage: preview FOLDER")?;
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    let write = |name: &str, page: &dyn askama::DynTemplate| -> Outcome {
        std::fs::write(folder.join(format!("{name}.html")), page.dyn_render()?)?;
        Ok(())
    };
    write("index", &home())?;
    write("fiches", &library(Results::Cards(cards(12)), "fiches"))?;
    write(
        "fiches-longues",
        &library(Results::Cards(fixtures::awkward_cards()), "fiches"),
    )?;
    write("tableau", &library(Results::Table(table(25)), "tableau"))?;
    write("carte", &library(Results::Map(map(45, "")), "carte"))?;
    write("carte-ouverte", &library(Results::Map(map(17, "org-3")), "carte"))?;
    write("vide", &empty_library())?;
    write("filtres", &filtered_library())?;
    write("fiche", &record(false))?;
    write("fiche-abandonnee", &record(true))?;
    write("fiche-minimale", &minimal_record())?;
    write("organisations", &organisations(25))?;
    write("organisations-vide", &organisations(0))?;
    write("organisation", &organisation())?;
    write("modele", &data_model())?;
    write("donnees", &data())?;
    for (name, page) in pages_of_text() {
        write(name, &page)?;
    }
    for status in [400, 404, 410, 500, 503] {
        let layout = frame(Place::Elsewhere, "", "/introuvable");
        write(
            &format!("erreur-{status}"),
            &ErrorPage::new(layout, status, Some("7f3a-22c1".to_owned())),
        )?;
    }
    write("composants", &components())?;
    Ok(())
}

fn tabs(current: &str) -> Vec<Tab> {
    [("Fiches", "fiches"), ("Tableau", "tableau"), ("Carte", "carte")]
        .into_iter()
        .map(|(label, id)| Tab {
            label: label.to_owned(),
            href: format!("/cas-usages?vue={id}"),
            current: id == current,
        })
        .collect()
}

fn library(results: Results, view: &str) -> LibraryPage {
    let mut layout = frame(Place::Library, "Bibliothèque", "/cas-usages").described("Tous les projets.");
    layout.scripted = true;
    layout.feed = Some("/flux.atom".to_owned());
    LibraryPage {
        layout,
        total: "58".to_owned(),
        total_label: "projets".to_owned(),
        filters: filters(),
        tabs: tabs(view),
        sorts: if view == "fiches" {
            fixtures::sorts()
        } else {
            Vec::new()
        },
        did_you_mean: None,
        pagination: if view == "carte" {
            Pagination::default()
        } else {
            Pagination::new(2, 5, |page| format!("/cas-usages?page={page}"))
        },
        results,
        downloads: ["CSV", "Excel", "JSON", "GeoJSON"]
            .map(|label| Link::new(label, format!("/exports/use-cases.{}", label.to_lowercase())))
            .to_vec(),
        feed: Some("/flux.atom".to_owned()),
        embed: Some("/donnees#integrer".to_owned()),
        keep: "/mon-espace/recherches/nouvelle".to_owned(),
    }
}

fn empty_library() -> LibraryPage {
    let mut page = library(
        Results::Empty(EmptyState {
            what: "Aucun projet ne répond à cette recherche".to_owned(),
            why: "Les mots « fuittes d’eau » ne se trouvent dans aucune fiche avec les filtres choisis."
                .to_owned(),
            steps: vec![
                Link::new("Chercher sans les filtres", "/cas-usages?q=fuites"),
                Link::new("Parcourir toute la bibliothèque", "/cas-usages"),
            ],
        }),
        "fiches",
    );
    page.total = "0".to_owned();
    page.total_label = "projet sur 58".to_owned();
    page.did_you_mean = Some(Link::new("fuites d’eau", "/cas-usages?q=fuites+d%27eau"));
    page.filters.query = "fuittes d’eau".to_owned();
    page.pagination = Pagination::default();
    page
}

fn filtered_library() -> LibraryPage {
    let mut page = library(Results::Cards(fixtures::found_cards()), "fiches");
    page.total = "2".to_owned();
    page.total_label = "projets sur 58".to_owned();
    page.filters.query = "fuites d’eau".to_owned();
    page.filters.chips = vec![
        Chip {
            label: "« fuites d’eau »".to_owned(),
            href: "/cas-usages".to_owned(),
        },
        Chip {
            label: "Thème\u{202f}: Transition écologique et énergétique".to_owned(),
            href: "/cas-usages".to_owned(),
        },
        Chip {
            label: "Maturité\u{202f}: En expérimentation".to_owned(),
            href: "/cas-usages".to_owned(),
        },
    ];
    page.filters.reset = Some("/cas-usages".to_owned());
    page.pagination = Pagination::default();
    page
}

fn home() -> HomePage {
    let mut layout = frame(Place::Elsewhere, "", "/");
    layout.description = "La bibliothèque publique des projets d’IA des collectivités françaises.".to_owned();
    layout.json_ld = Some("{\"@context\":\"https://schema.org\",\"@type\":\"WebSite\"}".to_owned());
    let figure = |value: &str, label: &str, href: &str| Figure {
        value: value.to_owned(),
        label: label.to_owned(),
        href: href.to_owned(),
    };
    HomePage {
        layout,
        promise: "Les projets d’IA des collectivités, racontés par celles qui les mènent".to_owned(),
        lead: "Trouvez qui a déjà essayé, ce qui a marché, ce qui a été abandonné et pourquoi. Pour les agents et les élus qui préparent un projet, et pour quiconque veut savoir.".to_owned(),
        examples: ["fuites d’eau", "accueil des usagers", "voirie"]
            .map(|words| Link::new(words, format!("/cas-usages?q={words}")))
            .to_vec(),
        figures: vec![
            figure("58", "projets décrits", "/cas-usages"),
            figure("45", "organisations", "/organisations"),
            figure("31", "services en usage aujourd’hui", "/cas-usages?usage=en_service"),
            figure("6", "projets abandonnés, avec leurs leçons", "/cas-usages?maturite=abandonne"),
        ],
        doors: ["Évaluer", "Maîtriser", "Partager"]
            .map(|title| Door {
                title: title.to_owned(),
                text: "Frugalité, achat, feuille de route, transparence : des outils pour décider.".to_owned(),
                count: "31".to_owned(),
                counted: "pratiques de frugalité".to_owned(),
                action: "Ouvrir la bibliothèque".to_owned(),
                href: "/cas-usages".to_owned(),
            })
            .to_vec(),
        latest: cards(6),
        map: map(17, ""),
        themes: fixtures::themes()
            .into_iter()
            .zip([19_u32, 11, 9, 8, 6, 5])
            .map(|(theme, count)| ThemeCount {
                href: format!("/cas-usages?theme={}", theme.code),
                theme,
                count: count.to_string(),
                share: count * 100 / 19,
            })
            .collect(),
    }
}

fn text(label: &str, body: &str) -> Item {
    Item {
        label: label.to_owned(),
        body: ItemBody::Text(RichText::parse(body)),
    }
}

fn section(id: &str, title: &str, items: Vec<Item>, members_only: &[&str]) -> Section {
    Section {
        id: id.to_owned(),
        title: title.to_owned(),
        items,
        members_only: members_only.iter().map(|label| (*label).to_owned()).collect(),
    }
}

fn scripted(place: Place, title: &str, path: &str) -> sobria_web::view::Layout {
    let mut layout = frame(place, title, path);
    layout.scripted = true;
    layout
}

fn record(abandoned: bool) -> RecordPage {
    let card = cards(3).remove(0);
    let title = "Repérer les fuites du réseau d’eau potable par l’écoute des canalisations";
    let mut sections = vec![
        section(
            "a-quoi-ca-sert",
            "À quoi ça sert",
            vec![text("", fixtures::LONG_TEXT)],
            &[],
        ),
        section(
            "pour-qui",
            "Pour qui",
            vec![
                Item {
                    label: "Publics".to_owned(),
                    body: ItemBody::Chips(vec![
                        "Agents".to_owned(),
                        "Bénéficiaires".to_owned(),
                        "Élus".to_owned(),
                    ]),
                },
                Item {
                    label: "Sous-thèmes".to_owned(),
                    body: ItemBody::Chips(vec!["Gestion de l’eau".to_owned()]),
                },
            ],
            &[],
        ),
        section(
            "ou-en-est-il",
            "Où en est le projet",
            vec![text(
                "",
                "Commencé en septembre 2023, étendu à douze communes en 2025. Le service est **utilisé chaque semaine** par les équipes d’exploitation.",
            )],
            &["financement", "budget annuel"],
        ),
        section(
            "comment-ca-marche",
            "Comment ça marche",
            vec![Item {
                label: "Partenaires".to_owned(),
                body: ItemBody::List(vec![
                    "Laboratoire d’hydraulique de l’université (méthode)".to_owned(),
                    "Régie des eaux (exploitation)".to_owned(),
                ]),
            }],
            &[
                "type d’algorithme",
                "sources de données",
                "hébergement",
                "mode de réalisation",
            ],
        ),
        section(
            "environnement",
            "Ce que ça coûte à la planète",
            vec![text(
                "",
                "12 kWh par an pour l’entraînement, mesurés sur le serveur du syndicat en 2025 ; fourchette de 8 à 20 kWh.",
            )],
            &[],
        ),
        section(
            "reutiliser",
            "Comment le réutiliser",
            vec![Item {
                label: String::new(),
                body: ItemBody::Links(vec![
                    Resource {
                        label: "Cahier des charges".to_owned(),
                        href: Some("https://example.org/cahier.pdf".to_owned()),
                        note: "Clause, accès libre".to_owned(),
                    },
                    Resource {
                        label: "Jeu de données d’écoutes".to_owned(),
                        href: None,
                        note: "Accès interne, sur demande".to_owned(),
                    },
                ]),
            }],
            &[],
        ),
    ];
    if abandoned {
        sections.insert(
            0,
            section(
                "ce-que-nous-avons-appris",
                "Ce que le projet a appris",
                vec![text("", "Le modèle tenait ses promesses, l’organisation non : personne n’avait le temps de vérifier les alertes.\n\n- prévoir deux demi-journées par semaine **avant** de commencer ;\n- commencer par un seul secteur ;\n- garder la méthode précédente pendant six mois.")],
                &[],
            ),
        );
    }
    let mut siblings = cards(5);
    RecordPage {
        standing: Vec::new(),
        more: Vec::new(),
        footprints: String::new(),
        ratios: Vec::new(),
        files: Vec::new(),
        evaluations: Vec::new(),
        relations: Vec::new(),
        layout: scripted(Place::Library, title, "/cas-usages/fuites")
            .under(vec![
                Crumb::to("Accueil", "/"),
                Crumb::to("Bibliothèque", "/cas-usages"),
                Crumb::here(title),
            ]),
        title: title.to_owned(),
        summary: "Des capteurs écoutent le réseau la nuit ; un modèle classe les bruits et propose aux équipes les tronçons à vérifier en premier.".to_owned(),
        organisation: Link::new("Syndicat des eaux de la Vallée du Gour", "/organisations/syndicat"),
        organisation_kind: "Syndicat mixte ou intercommunal".to_owned(),
        monogram: monogram("Syndicat des eaux de la Vallée du Gour"),
        theme: card.theme,
        maturity: Some(if abandoned {
            sobria_web::view::Maturity::new("abandonne", "Abandonné")
        } else {
            sobria_web::view::Maturity::new("deploiement", "En déploiement")
        }),
        usage: (!abandoned).then(|| "Service en usage aujourd’hui".to_owned()),
        notice: abandoned.then(|| {
            "Ce projet a été arrêté en juin 2025. Ses porteurs disent pourquoi, pour que d’autres gagnent du temps."
                .to_owned()
        }),
        sections,
        facts: vec![
            Fact::new("Démarrage", "septembre 2023"),
            Fact::new("SIREN", "200 012 345"),
            Fact::new("Population", "48 200 habitants"),
            Fact { label: "En savoir plus".to_owned(), value: "Page du projet".to_owned(), href: Some("https://example.org".to_owned()) },
            Fact::new("Dernière confirmation", locale::date(2026, Some(3), Some(12))),
        ],
        marker: lone_marker(),
        marker_view_box: "3850 3520 3200 3200".to_owned(),
        place: "Saint-Gour, Corrèze, Nouvelle-Aquitaine".to_owned(),
        citation: "Syndicat des eaux de la Vallée du Gour, « Repérer les fuites du réseau d’eau potable », Bibliothèque d’IA territoriale, 12 mars 2026, https://example.org/cas-usages/fuites".to_owned(),
        formats: vec![Link::new("JSON", "/cas-usages/fuites.json")],
        report: Some("mailto:contact@example.org".to_owned()),
        siblings: siblings.drain(..2).collect(),
        similar: siblings,
        revisions: vec![
            Revision { label: "Version 2".to_owned(), date: locale::date(2026, Some(3), Some(12)), reason: "état du projet".to_owned() },
            Revision { label: "Version 1".to_owned(), date: locale::date(2025, Some(1), Some(1)), reason: String::new() },
        ],
        history: None,
        manage: Vec::new(),
        keep: None,
        users: Users::default(),
        csrf: String::new(),
        further: Vec::new(),
        provenance: "Informations déclarées par l’organisation, sous Licence Ouverte 2.0.".to_owned(),
    }
}

/// The place of one organisation, without figures.
fn lone_marker() -> Option<Marker> {
    let marker = Marker::new(String::new(), String::new(), (5450, 5120), &[]);
    Some(Marker {
        text: String::new(),
        radius: 90,
        ..marker
    })
}

fn minimal_record() -> RecordPage {
    RecordPage {
        files: Vec::new(),
        layout: frame(Place::Library, "IA", "/cas-usages/ia").under(vec![
            Crumb::to("Accueil", "/"),
            Crumb::to("Bibliothèque", "/cas-usages"),
            Crumb::here("IA"),
        ]),
        title: "IA".to_owned(),
        summary: String::new(),
        monogram: "X".to_owned(),
        theme: None,
        maturity: None,
        usage: None,
        notice: None,
        sections: vec![section(
            "a-quoi-ca-sert",
            "À quoi ça sert",
            vec![text("", "Un chatbot.")],
            &[],
        )],
        facts: vec![Fact::new("Démarrage", "2023")],
        marker: None,
        revisions: Vec::new(),
        siblings: Vec::new(),
        similar: Vec::new(),
        report: None,
        ..record(false)
    }
}

fn organisations(count: usize) -> OrganisationsPage {
    OrganisationsPage {
        layout: frame(Place::Organisations, "Organisations", "/organisations"),
        total: locale::count(count),
        total_label: "organisations".to_owned(),
        query: if count == 0 {
            "Atlantide".to_owned()
        } else {
            String::new()
        },
        rows: fixtures::ORGANISATIONS
            .iter()
            .cycle()
            .take(count)
            .map(|(name, kind, place)| OrganisationRow {
                name: (*name).to_owned(),
                href: "/organisations/x".to_owned(),
                kind: (*kind).to_owned(),
                departement: place.rsplit(", ").next().unwrap_or("–").to_owned(),
                population: locale::integer(48_200),
                projects: "3".to_owned(),
            })
            .collect(),
        empty: EmptyState {
            what: "Aucune organisation ne porte ce nom".to_owned(),
            why: "Seules celles qui ont publié un projet figurent ici.".to_owned(),
            steps: vec![Link::new("Voir toutes les organisations", "/organisations")],
        },
        pagination: if count == 0 {
            Pagination::default()
        } else {
            Pagination::new(1, 3, |page| format!("/organisations?page={page}"))
        },
    }
}

fn organisation() -> OrganisationPage {
    OrganisationPage {
        layout: frame(
            Place::Organisations,
            "Communauté urbaine des Trois-Rives",
            "/organisations/trois-rives",
        )
        .under(vec![
            Crumb::to("Accueil", "/"),
            Crumb::to("Organisations", "/organisations"),
            Crumb::here("Communauté urbaine des Trois-Rives"),
        ]),
        name: "Communauté urbaine des Trois-Rives".to_owned(),
        kind: "Communauté urbaine".to_owned(),
        monogram: "TR".to_owned(),
        logo: None,
        aliases: "Aussi appelée Trois-Rives Métropole.".to_owned(),
        facts: vec![
            Fact::new("SIREN", "200 012 345"),
            Fact::new("Population", "312 450 habitants"),
        ],
        marker: lone_marker(),
        marker_view_box: "3850 3520 3200 3200".to_owned(),
        place: "Marville, Loire".to_owned(),
        count: "3 projets".to_owned(),
        cards: cards(3),
        all_href: Some("/cas-usages?organisation=trois-rives".to_owned()),
    }
}

fn data_model() -> DataModelPage {
    let field = |label: &str, id: &str, column: &str| {
        ModelField {
        label: label.to_owned(),
        id: id.to_owned(),
        column: column.to_owned(),
        kind: "Texte, 150 caractères au plus".to_owned(),
        required: "Pour proposer".to_owned(),
        description: "Nom du projet ou du service, tel qu’un collègue le chercherait. Exemple : « Repérage des fuites d’eau ».".to_owned(),
        access: "Publique".to_owned(),
        values: if id == "theme" {
            fixtures::themes().into_iter().map(|theme| (theme.code, theme.label)).collect()
        } else {
            Vec::new()
        },
    }
    };
    DataModelPage {
        layout: frame(Place::DataModel, "Modèle de données", "/modele-de-donnees"),
        lead: "51 champs, dont 24 publics. Le même tableau sert au formulaire, aux exports et à cette page."
            .to_owned(),
        categories: ["Porteur", "Projet", "Politique publique", "Algorithme"]
            .into_iter()
            .enumerate()
            .map(|(rank, title)| ModelCategory {
                id: format!("c-{rank}"),
                title: title.to_owned(),
                fields: if rank == 2 {
                    vec![
                        field("Thème", "theme", "theme"),
                        field("Publics", "audiences", "audience_service"),
                    ]
                } else {
                    vec![
                        field("Titre", &format!("title-{rank}"), "nom_projet"),
                        field("Résumé", &format!("summary-{rank}"), "resume"),
                    ]
                },
            })
            .collect(),
        downloads: vec![
            Link::new("Table Schema", "/modele-de-donnees/schema.json"),
            Link::new("JSON Schema", "/modele-de-donnees/json-schema.json"),
            Link::new("Modèle CSV", "/modele-de-donnees/modele.csv"),
        ],
    }
}

fn data() -> DataPage {
    let file = |format: &str, description: &str| Download {
        format: format.to_owned(),
        description: description.to_owned(),
        href: "/exports/use-cases.csv".to_owned(),
        size: locale::size(48_200),
        records: locale::integer(58),
        date: locale::date(2026, Some(3), Some(12)),
        licence: "Licence Ouverte 2.0".to_owned(),
    };
    DataPage {
        tables: Vec::new(),
        edition: "2026.1".to_owned(),
        layout: frame(Place::Data, "Données ouvertes", "/donnees"),
        lead: "58 fiches publiées, mises à jour le 12 mars 2026.".to_owned(),
        downloads: vec![
            file("CSV", "Tableur, scripts. UTF-8, séparateur virgule."),
            file("Excel", "Tableur, avec les types de colonnes."),
            file("GeoJSON", "Cartes : un point par projet."),
        ],
        embed: None,
        endpoints: vec![Endpoint {
            path: "GET /api/v1/use-cases".to_owned(),
            href: "/api/v1/use-cases".to_owned(),
            description: "Liste filtrée, avec le nombre de fiches par valeur de filtre.".to_owned(),
        }],
        links: vec![Link::new("Flux Atom des nouveautés", "/flux.atom")],
    }
}

fn components() -> ComponentsPage {
    ComponentsPage {
        layout: frame(Place::Elsewhere, "Composants", "/composants")
            .under(vec![Crumb::to("Accueil", "/"), Crumb::here("Composants")]),
        themes: fixtures::themes(),
        cards: cards(2),
        group: filters().groups.into_iter().next().unwrap_or_default(),
        chips: filtered_library().filters.chips,
        tabs: tabs("fiches"),
        pagination: Pagination::new(3, 9, |page| format!("?page={page}")),
        chart: BarChart::of_counts(
            "par-maturite",
            "Projets par état d’avancement",
            "État",
            "Projets",
            vec![
                ("En expérimentation".to_owned(), 27, None, None),
                ("En déploiement".to_owned(), 14, None, None),
                ("Terminé".to_owned(), 11, None, None),
                ("Abandonné".to_owned(), 6, None, None),
            ],
        ),
    }
}
