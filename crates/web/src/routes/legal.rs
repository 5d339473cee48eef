//! Legal pages, from the facts that the operator gave. A blank fact is said to be missing, never invented.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use crate::app::App;
use crate::error::WebError;
use crate::respond::{HTML, cached};
use crate::retention::words;
use crate::routes::frame::{frame, render};
use crate::routes::text::prose;
use crate::site::{Conformity, Site};
use crate::view::Place;
use crate::view::library::Link;
use crate::view::prose::{ProseSection, ProseTable};

/// A fact, or the mention that it is missing.
pub(crate) fn fact(text: &str) -> String {
    if text.trim().is_empty() {
        "À renseigner par l’exploitant du site.".to_owned()
    } else {
        text.trim().to_owned()
    }
}

fn contact(site: &Site) -> String {
    site.contact_email.clone().map_or_else(
        || "À renseigner par l’exploitant du site.".to_owned(),
        |mail| format!("[{mail}](mailto:{mail})"),
    )
}

fn missing(app: &App) -> Option<String> {
    (!app.site().blank_legal_facts().is_empty()).then(|| {
        "Cette instance n’est pas encore configurée\u{a0}: certaines mentions obligatoires restent à renseigner.".to_owned()
    })
}

/// The host that serves tiles, when it is not this one.
fn tile_host(app: &App) -> Option<&str> {
    app.settings.tiles.as_ref().and_then(|tiles| tiles.origin())
}

/// What the page of personal data says of requests to other sites.
fn third_parties(app: &App) -> String {
    tile_host(app).map_or_else(
        || "Aucune requête n’est faite vers un autre site.".to_owned(),
        |host| {
            format!(
                "Une seule requête est faite vers un autre site\u{a0}: quand vous agrandissez la carte, votre navigateur demande les images du fond à {host}, qui connaît alors votre adresse IP et l’endroit regardé, mais pas la page\u{202f}; sans JavaScript ou sans agrandir, rien n’est demandé."
            )
        },
    )
}

/// What the page of ecodesign says of requests to other sites.
fn requests_words(app: &App) -> String {
    tile_host(app).map_or_else(
        || "Aucune requête vers un autre site\u{a0}: ni police, ni script, ni fond de carte, ni mesure d’audience.".to_owned(),
        |host| {
            format!(
                "Aucune requête vers un autre site\u{a0}: ni police, ni script, ni mesure d’audience. Seul le fond d’une carte agrandie vient d’ailleurs\u{a0}: {host}."
            )
        },
    )
}

/// Whom the tiles come from, as their licence asks.
fn tiles_notice(app: &App) -> Option<ProseSection> {
    app.settings.tiles.as_ref().map(|tiles| {
        let from = tiles.origin().unwrap_or("ce site");
        let text = format!(
            "{} Images demandées à {from}, seulement quand la carte est agrandie.",
            closed(tiles.attribution())
        );
        ProseSection::new("cartes", "Fond de la carte agrandie", &text)
    })
}

fn closed(text: &str) -> String {
    let text = text.trim_end_matches('.');
    format!("{text}.")
}

/// `/accessibilite`: the statement, in the order that the law gives.
///
/// # Errors
/// Only when a template fails.
pub async fn accessibility(
    State(app): State<App>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, HTML, async {
        let site = app.site();
        let legal = &site.legal;
        let state = match legal.accessibility {
            Conformity::Totale => "Tous les critères du référentiel sont respectés.",
            Conformity::Partielle => "Au moins la moitié des critères du référentiel sont respectés.",
            Conformity::NonConforme => "Aucun audit en cours de validité ne permet d’établir une conformité totale ou partielle.",
        };
        let rate = legal.accessibility_rate.map_or_else(
            || "Aucun taux n’est établi.".to_owned(),
            |rate| format!("Taux de critères respectés\u{a0}: {rate}\u{a0}%."),
        );
        let mut recourse = ProseSection::new(
            "recours",
            "Voie de recours",
            "Si vous avez signalé un défaut qui vous empêche d’accéder à un contenu et que vous n’avez pas obtenu de réponse satisfaisante, vous pouvez écrire au Défenseur des droits, contacter son délégué dans votre région, ou lui envoyer un courrier gratuit, sans timbre\u{a0}: Défenseur des droits, Libre réponse 71120, 75342 Paris CEDEX 07.",
        );
        recourse.links = vec![Link::new("Site du Défenseur des droits", "https://www.defenseurdesdroits.fr/")];
        let mut page = prose(
            frame(&app, Place::Elsewhere, "Accessibilité", "/accessibilite").described("Déclaration d’accessibilité du site."),
            &format!("Accessibilité\u{a0}: {}", legal.accessibility.label()),
            &format!("{} s’engage à rendre ce site accessible, conformément à l’article 47 de la loi n° 2005-102 du 11 février 2005. Cette déclaration porte sur le site «\u{a0}{}\u{a0}».", site.operator, site.name),
            vec![
                ProseSection::new("etat", "État de conformité", &format!("Ce site est **{}** avec le référentiel général d’amélioration de l’accessibilité (RGAA), version 4.1. {state}\n\n{rate}", legal.accessibility.label())),
                ProseSection::new("contenus", "Contenus non accessibles", "Aucune non-conformité n’a été relevée par les tests automatiques, qui ne couvrent qu’un tiers environ des critères\u{202f}; les autres demandent un audit.\n\nLa carte est un contenu exempté\u{202f}; la liste qui l’accompagne donne la même information."),
                ProseSection::new("etablissement", "Établissement de cette déclaration", &format!("Déclaration établie le\u{a0}: {}.\n\n- Technologies\u{a0}: HTML, CSS, SVG\u{202f}; JavaScript facultatif.\n- Outil\u{a0}: axe-core, sur chaque type de page, en clair et en sombre, à 320 et 1280 pixels.\n- Environnement\u{a0}: Chromium, au clavier seul et sans JavaScript.", fact(&legal.accessibility_date).trim_end_matches('.'))),
                ProseSection::new("contact", "Retour d’information et contact", &format!("Si vous ne parvenez pas à accéder à un contenu, écrivez-nous pour être orienté vers une alternative\u{a0}: {}", contact(&site))),
                recourse,
            ],
        );
        page.notice = missing(&app);
        render(&page)
    })
    .await
}

/// `/mentions-legales`.
///
/// # Errors
/// Only when a template fails.
pub async fn notices(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, HTML, async {
        let site = app.site();
        let mut licence = ProseSection::new("licence", "Licence des données", &format!("Les données publiées sont réutilisables sous {}, à condition de citer la source et la date de mise à jour.", site.licence));
        licence.links = vec![Link::new(format!("Texte de la {}", site.licence), site.licence_url.clone())];
        let mut page = prose(
            frame(&app, Place::Elsewhere, "Mentions légales", "/mentions-legales").described("Éditeur, hébergeur, licence."),
            "Mentions légales",
            "",
            [
                ProseSection::new("editeur", "Éditeur", &fact(&site.legal.publisher)),
                ProseSection::new("directeur", "Direction de la publication", &fact(&site.legal.director)),
                ProseSection::new("hebergeur", "Hébergement", &fact(&site.legal.host)),
                ProseSection::new("contact", "Contact", &contact(&site)),
                licence,
                ProseSection::new("logiciel", "Logiciel", &format!("Ce site fonctionne avec Sobria, version {}, logiciel libre sous licence EUPL-1.2.", env!("CARGO_PKG_VERSION"))),
            ]
            .into_iter()
            .chain(tiles_notice(&app))
            .collect(),
        );
        page.notice = missing(&app);
        render(&page)
    })
    .await
}

/// `/donnees-personnelles`.
///
/// # Errors
/// Only when a template fails.
pub async fn privacy(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, HTML, async {
        let site = app.site();
        let kept_for = &app.settings.retention;
        let mut kept = ProseSection::new("traitements", "Ce qui est traité", &format!("Lire ce site ne demande ni compte, ni inscription, et ne dépose aucun cookie. Se connecter dépose deux cookies nécessaires\u{a0}: celui de la session, et un autre qui reconnaît votre navigateur à la connexion suivante. {} Aucune mesure d’audience n’est faite par un tiers.", third_parties(&app)));
        kept.table = Some(ProseTable {
            caption: "Données traitées, raison et durée".to_owned(),
            headers: ["Données", "Raison", "Base", "Durée"].map(str::to_owned).to_vec(),
            rows: [
                ["Contact de service d’une fiche", "Mettre en relation des agents", "Mission d’intérêt public ou intérêt légitime", "Tant que la fiche est publiée"],
                ["Compte\u{a0}: nom, adresse, fonction, organisme", "Contribuer, suivre des projets", "Service demandé", &format!("{} sans connexion, après un avertissement", words(kept_for.accounts))],
                ["Brouillon jamais envoyé", "Le reprendre plus tard", "Service demandé", &format!("{} sans modification", words(kept_for.drafts))],
                ["Accords pour recevoir des courriels, avec la phrase affichée", "Prouver votre choix", "Consentement, repris à tout moment", "Tant que le compte existe"],
                ["Lettre de la bibliothèque\u{a0}: rythme choisi et date de la dernière lettre", "Ne dire que ce qui a changé depuis", "Consentement, repris en un clic depuis chaque lettre", "Jusqu’à l’effacement du compte"],
                ["Inscription non confirmée", "Vérifier l’adresse", "Service demandé", "Trois jours"],
                ["Messages au porteur d’une fiche, signalements", "Les transmettre et y répondre", "Service demandé", &format!("{}, ou jusqu’à la réponse", words(kept_for.messages))],
                ["Courriels envoyés par le site", "Retrouver un envoi manqué", "Intérêt légitime", &format!("{}, sans leur texte", words(kept_for.mails))],
                ["Journal des décisions, sans adresse", "Répondre de ce qui est publié", "Mission d’intérêt public ou intérêt légitime", &words(kept_for.audit)],
                ["Favoris, lectures à faire, dossiers et recherches gardées d’un compte", "Retrouver des fiches\u{202f}; envoyer les alertes demandées", "Service demandé", "Tant que vous les gardez, au plus tard jusqu’à l’effacement du compte"],
                ["Adresse d’un fournisseur consulté ou d’un titulaire à relancer", "Envoyer le lien de réponse, l’accusé et les rappels", "Mission d’intérêt public ou intérêt légitime", "Un an après la fin de validité du lien ou l’échéance"],
                ["Réponse et pièces jointes d’un fournisseur consulté, sans auteur ni métadonnées", "Comparer les réponses, suivre le marché", "Mission d’intérêt public ou intérêt légitime", "Tant que l’organisation garde le dossier d’achat"],
                ["Journal technique, sans contenu saisi", "Sécurité et bon fonctionnement", "Intérêt légitime", "Six mois au plus, selon l’hébergement"],
            ]
            .map(|row| row.map(str::to_owned).to_vec())
            .to_vec(),
        });
        let mut rights = ProseSection::new("droits", "Vos droits", &format!("Avec un compte, vous téléchargez et effacez vos données vous-même, sur la page «\u{a0}Mon compte\u{a0}». Vous pouvez aussi demander l’accès à vos données, leur rectification ou leur effacement\u{a0}: {}\n\nVous pouvez aussi adresser une réclamation à la CNIL.", contact(&site)));
        rights.links = vec![Link::new("Site de la CNIL", "https://www.cnil.fr/fr/plaintes")];
        let mut page = prose(
            frame(&app, Place::Elsewhere, "Données personnelles", "/donnees-personnelles").described("Ce que le site sait de vous, pourquoi et combien de temps."),
            "Données personnelles",
            "Ce que le site sait de vous, pourquoi et combien de temps.",
            vec![
                ProseSection::new("responsable", "Responsable du traitement", &fact(&site.legal.controller)),
                ProseSection::new("dpo", "Délégué à la protection des données", &fact(&site.legal.dpo)),
                kept,
                ProseSection::new("visibilite", "Ce qui n’est jamais public", "L’adresse de contact d’une fiche n’est jamais montrée aux visiteurs ni exportée. Les champs réservés aux agents inscrits ne figurent dans aucune page, aucun fichier ni aucun flux public."),
                ProseSection::new("fichiers", "Les fichiers joints", "Un fichier joint à une fiche est réécrit sans ce qu’il cache\u{a0}: lieu et appareil des photos, auteur et dates des documents. Ce qui s’y lit reste lisible par ceux que son auteur a choisis. Il est effacé avec la fiche quand elle est retirée."),
                rights,
            ],
        );
        page.notice = missing(&app);
        render(&page)
    })
    .await
}

/// `/ecoconception`: what the site does, with figures that the tests check.
///
/// # Errors
/// Only when a template fails.
pub async fn ecodesign(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, HTML, async {
        let mut budgets = ProseSection::new("budgets", "Budgets vérifiés", "Ces plafonds sont vérifiés par les tests du logiciel à chaque changement, dans un navigateur réel, cache vide. L’indice EcoIndex suit la méthode publiée par GreenIT.fr et le Collectif conception numérique responsable.");
        budgets.table = Some(ProseTable {
            caption: "Plafonds par page".to_owned(),
            headers: ["Page", "Requêtes", "Poids", "Éléments", "EcoIndex"].map(str::to_owned).to_vec(),
            rows: [
                ["Liste de 12 fiches", "5", "45 ko", "395", "A"],
                ["Carte", "5", "90 ko", "selon EcoIndex", "A"],
                ["Autres pages", "5", "selon EcoIndex", "selon EcoIndex", "A"],
            ]
            .map(|row| row.map(str::to_owned).to_vec())
            .to_vec(),
        });
        render(&prose(
            frame(&app, Place::Elsewhere, "Écoconception", "/ecoconception").described("Ce que le site fait pour rester léger."),
            "Écoconception",
            "Un site qui parle de sobriété doit l’être. Voici ce qu’il fait, et ce qui est vérifié.",
            vec![
                ProseSection::new(
                    "choix",
                    "Choix",
                    &format!("- {}\n- Les pages sont écrites par le serveur et se lisent sans JavaScript\u{202f}; le script est facultatif.\n- Polices du système, aucune image décorative, une seule feuille de style.\n- Une page qui n’a pas changé n’est pas envoyée à nouveau.\n- Un seul programme et une base intégrée\u{a0}: une petite machine suffit.", requests_words(&app)),
                ),
                budgets,
                ProseSection::new("limites", "Limites", "Aucune déclaration RGESN avec score n’a été établie pour cette instance. Les plafonds ne disent rien de l’hébergement, qui dépend de l’exploitant."),
            ],
        ))
    })
    .await
}
