//! Pages of text: context, help, site map.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use sobria_catalogue::access::Level;
use sobria_catalogue::query::{CatalogueQuery, Facet};

use crate::app::App;
use crate::error::WebError;
use crate::params::facet_name;
use crate::respond::{HTML, cached};
use crate::routes::facets::value_label;
use crate::routes::frame::{frame, render};
use crate::view::chart::BarChart;
use crate::view::library::Link;
use crate::view::prose::{ProsePage, ProseSection};
use crate::view::{Layout, Place};

/// A page of text.
pub fn prose(layout: Layout, title: &str, lead: &str, sections: Vec<ProseSection>) -> ProsePage {
    ProsePage {
        layout,
        title: title.to_owned(),
        lead: lead.to_owned(),
        notice: None,
        sections,
        foot: String::new(),
    }
}

/// What the library is for, and what it holds.
///
/// # Errors
/// When the index does not answer.
pub async fn context(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, HTML, async {
        let found = app.index.find(&CatalogueQuery { limit: 1, ..CatalogueQuery::default() }, Level::Public)?;
        let chart = |facet: Facet, id: &str, title: &str, head: &str| {
            let counts = found
                .facets
                .iter()
                .find(|(other, _)| *other == facet)
                .map_or(&[][..], |(_, counts)| counts.as_slice())
                .iter()
                .map(|(code, count)| {
                    (
                        value_label(facet, code),
                        u64::try_from(*count).unwrap_or(u64::MAX),
                        (facet == Facet::Theme).then(|| code.clone()),
                        Some(format!("/cas-usages?{}={code}", facet_name(facet))),
                    )
                })
                .collect();
            BarChart::of_counts(id, title, head, "Projets", counts)
        };
        let mut themes = ProseSection::new(
            "bibliotheque",
            "Ce que la bibliothèque contient",
            "Les chiffres ci-dessous sont comptés à l’instant sur les fiches publiées. Un projet n’a qu’une politique publique et qu’un degré de maturité.",
        );
        themes.chart = Some(chart(Facet::Theme, "par-theme", "Projets publiés par politique publique", "Politique publique"));
        let mut maturities = ProseSection::new("maturite", "Où en sont les projets", "Les projets abandonnés restent publiés\u{a0}: ce qu’ils ont appris sert aux suivants.");
        maturities.chart = Some(chart(Facet::Maturity, "par-maturite", "Projets publiés par degré de maturité", "Maturité"));
        let statistics = app.store.evaluation_statistics(Level::Public).await?;
        let published = u64::try_from(found.total).unwrap_or(u64::MAX);
        let site = app.site();
        let mut sections = vec![
            ProseSection::new(
                "pourquoi",
                "Pourquoi une bibliothèque",
                site.context.why(),
            ),
            ProseSection::new(
                "methode",
                "Comment les fiches sont faites",
                site.context.how(),
            ),
            themes,
            maturities,
            ProseSection::new(
                "lire",
                "Comment lire une fiche",
                site.context.reading(),
            ),
            {
                let mut section = ProseSection::new("suite", "Aller plus loin", "");
                section.links = vec![
                    Link::new("Parcourir les projets", "/cas-usages"),
                    Link::new("Comprendre le modèle de données", "/modele-de-donnees"),
                    Link::new("Reprendre les données", "/donnees"),
                ];
                section
            },
        ];
        if let Some(footprints) = crate::routes::evaluations::section(&statistics, published) {
            let after = sections.iter().position(|section| section.id == "maturite").map_or(sections.len(), |place| place + 1);
            sections.insert(after, footprints);
        }
        render(&prose(
            frame(&app, Place::Context, "Contexte", "/contexte").described("Pourquoi cette bibliothèque, comment les fiches sont faites, ce qu’elle contient."),
            "Contexte",
            "Pourquoi cette bibliothèque existe, comment elle est faite et ce qu’elle contient.",
            sections,
        ))
    })
    .await
}

/// How to search and read.
///
/// # Errors
/// Only when a template fails.
pub async fn help(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, HTML, async {
        let mut contact = ProseSection::new("contact", "Poser une question", "");
        match &app.site().contact_email {
            Some(mail) => contact.links = vec![Link::new(format!("Écrire à {mail}"), format!("mailto:{mail}"))],
            None => {
                contact.text = crate::view::RichText::parse(
                    "L’exploitant de ce site n’a pas indiqué d’adresse de contact.",
                );
            }
        }
        render(&prose(
            frame(&app, Place::Elsewhere, "Aide", "/aide").described("Chercher, filtrer, lire une fiche, reprendre les données."),
            "Aide",
            "Chercher, filtrer, lire une fiche et reprendre les données.",
            vec![
                ProseSection::new(
                    "chercher",
                    "Chercher",
                    "- Écrivez quelques mots\u{a0}: **fuites d’eau**, **cantine**, **éclairage public**. Les accents, les majuscules et les pluriels ne comptent pas.\n- Tous les mots doivent se trouver dans la fiche. Si aucune ne les contient tous, la page montre celles qui en contiennent une partie et le dit.\n- Une faute de frappe est corrigée quand le mot n’existe dans aucune fiche.\n- Des guillemets cherchent une expression exacte\u{a0}: **\"eau potable\"**.",
                ),
                ProseSection::new(
                    "filtrer",
                    "Filtrer",
                    "- Plusieurs cases d’une même liste élargissent la recherche\u{202f}; des listes différentes la resserrent.\n- Le nombre à côté de chaque case est celui des projets que vous verriez.\n- Le champ «\u{a0}Territoire\u{a0}» comprend un numéro de département, son nom ou celui d’une région.\n- «\u{a0}Ressources ouvertes\u{a0}» garde les projets dont le code, les données ou le modèle peuvent être repris sans rien demander.\n- «\u{a0}Solution ou fournisseur\u{a0}» cherche un nom, sans égard aux majuscules ni aux accents\u{202f}; s’il n’existe pas entier, les noms qui en contiennent les mots.\n- Toute la recherche est dans l’adresse de la page\u{a0}: copiez-la pour la partager.",
                ),
                ProseSection::new(
                    "carte",
                    "Lire la carte",
                    "Chaque cercle est une organisation, avec son nombre de projets\u{202f}; son anneau porte les couleurs des politiques publiques, et une lettre quand il n’y a qu’un projet. La liste à côté dit la même chose. Sans script, les cercles sont des liens\u{202f}; avec, la carte s’agrandit au bouton, à la molette avec la touche Ctrl, et se déplace aux flèches du clavier.",
                ),
                ProseSection::new(
                    "clavier",
                    "Au clavier",
                    "La touche Tabulation va d’un lien à l’autre\u{202f}; le premier, «\u{a0}Aller au contenu\u{a0}», saute l’en-tête. Tous les éléments sont utilisables sans souris.",
                ),
                contact,
            ],
        ))
    })
    .await
}

/// Every page of the site.
///
/// # Errors
/// Only when a template fails.
pub async fn site_map(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, HTML, async {
        let list = |id: &str, title: &str, links: &[(&str, &str)]| {
            let mut section = ProseSection::new(id, title, "");
            section.links = links
                .iter()
                .map(|(label, href)| Link::new(*label, *href))
                .collect();
            section
        };
        render(&prose(
            frame(&app, Place::Elsewhere, "Plan du site", "/plan-du-site")
                .described("Toutes les pages du site."),
            "Plan du site",
            "",
            vec![
                list(
                    "bibliotheque",
                    "Bibliothèque",
                    &[
                        ("Accueil", "/"),
                        ("Projets en fiches", "/cas-usages"),
                        ("Projets en tableau", "/cas-usages?vue=tableau"),
                        ("Projets sur la carte", "/cas-usages?vue=carte"),
                        ("Comparer des projets", "/comparer"),
                        ("Organisations", "/organisations"),
                        ("Contexte", "/contexte"),
                        ("Modèle de données", "/modele-de-donnees"),
                        ("Statistiques", "/statistiques"),
                        ("Données", "/donnees"),
                        ("Gouvernance", "/gouvernance"),
                        ("Ressources", "/ressources"),
                        ("Solutions", "/solutions"),
                        ("Fournisseurs", "/fournisseurs"),
                        ("Agenda", "/agenda"),
                        ("Nouvelles", "/nouvelles"),
                        ("Flux Atom", "/flux.atom"),
                    ],
                ),
                list(
                    "evaluer",
                    "Évaluer",
                    &[
                        ("Choisir un calculateur", "/estimer"),
                        ("Usage d’IA générative", "/estimer/ia-generative"),
                        ("Calcul sur des machines connues", "/estimer/calcul"),
                        ("Électricité mesurée", "/estimer/mesure"),
                        ("Un chiffre publié, relu", "/estimer/mesure/exemple"),
                        ("Mesures et estimations", "/estimer/mesure/ecarts"),
                        ("Un service entier", "/estimer/service"),
                        (
                            "Méthode\u{a0}: modèles de langage",
                            "/estimer/methodes/llm-inference",
                        ),
                        ("Méthode\u{a0}: calculs", "/estimer/methodes/compute-job"),
                        ("Méthode\u{a0}: services", "/estimer/methodes/service-evaluation"),
                        ("Méthode\u{a0}: équivalents", "/estimer/methodes/equivalents"),
                        ("Méthode\u{a0}: frugalité", "/estimer/methodes/frugality"),
                        ("Méthode\u{a0}: transparence", "/estimer/methodes/transparency"),
                        ("Méthode\u{a0}: achat", "/estimer/methodes/procurement"),
                        ("Méthode\u{a0}: feuille de route", "/estimer/methodes/roadmap"),
                        ("Méthode\u{a0}: scénarios", "/estimer/methodes/scenarios"),
                    ],
                ),
                list(
                    "maitriser",
                    "Maîtriser",
                    &[
                        ("Choisir un outil", "/maitriser"),
                        ("Frugalité", "/maitriser/frugalite"),
                        ("Transparence", "/maitriser/transparence"),
                        ("Achat responsable", "/maitriser/achat"),
                        ("Feuille de route", "/maitriser/feuille-de-route"),
                        (
                            "Scénarios\u{a0}: centres de données d’ici 2035",
                            "/maitriser/scenarios",
                        ),
                        (
                            "Scénarios\u{a0}: chiffres publiés",
                            "/maitriser/scenarios/chiffres",
                        ),
                        ("Scénarios\u{a0}: vos usages d’IA", "/maitriser/scenarios/usages"),
                    ],
                ),
                list(
                    "contribuer",
                    "Contribuer",
                    &[
                        ("Décrire un projet", "/contribuer"),
                        ("Créer un compte", "/inscription"),
                        ("Se connecter", "/connexion"),
                        ("Mon espace", "/mon-espace"),
                    ],
                ),
                list(
                    "site",
                    "Le site",
                    &[
                        ("Aide", "/aide"),
                        ("Accessibilité", "/accessibilite"),
                        ("Mentions légales", "/mentions-legales"),
                        ("Données personnelles", "/donnees-personnelles"),
                        ("Écoconception", "/ecoconception"),
                    ],
                ),
            ],
        ))
    })
    .await
}
