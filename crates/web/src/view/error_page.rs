//! Pages that say what went wrong, why, and what to do next.

use askama::Template;

use crate::view::layout::Layout;
use crate::view::library::Link;

/// An error.
#[derive(Debug, Clone, Template)]
#[template(path = "error.html", whitespace = "minimize")]
pub struct ErrorPage {
    /// Frame.
    pub layout: Layout,
    /// HTTP status.
    pub status: u16,
    /// What happened.
    pub title: String,
    /// Why, in one or two sentences.
    pub why: String,
    /// What to do next.
    pub steps: Vec<Link>,
    /// Number of the request, to quote when writing to the operator.
    pub reference: Option<String>,
}

impl ErrorPage {
    /// The page of a status, with the words that suit it.
    pub fn new(mut layout: Layout, status: u16, reference: Option<String>) -> Self {
        let (title, why) = match status {
            400 => (
                "Cette adresse n’a pas pu être comprise",
                "Elle contient une valeur que le site ne sait pas lire. Le lien a peut-être été coupé en chemin.",
            ),
            403 => (
                "Vous n’avez pas accès à cette page",
                "Votre compte ne permet pas cette action, ou la demande ne venait pas de ce site.",
            ),
            409 => (
                "Quelqu’un est passé entre-temps",
                "Cet élément a été modifié ou traité depuis que vous l’avez ouvert.",
            ),
            429 => (
                "Trop de demandes en peu de temps",
                "Attendez quelques minutes, puis recommencez. Rien de ce qui est enregistré n’est perdu.",
            ),
            404 => (
                "Cette page n’existe pas",
                "L’adresse a peut-être changé, ou le lien que vous avez suivi contient une erreur.",
            ),
            405 => (
                "Cette page ne se demande pas ainsi",
                "L’adresse existe, mais elle n’accepte pas ce type de demande.",
            ),
            410 => (
                "Cette fiche a été retirée",
                "Elle a été publiée ici, puis retirée à la demande de l’organisation ou pour un motif légal. Son contenu n’est plus conservé en ligne.",
            ),
            408 => (
                "Cet envoi n’avance plus",
                "Moins de 4\u{a0}ko par seconde sont arrivés depuis 30 secondes. Recommencez avec une meilleure connexion, ou un fichier plus léger. Rien n’a été enregistré.",
            ),
            413 => (
                "Cet envoi est trop lourd",
                "Le site n’accepte pas un envoi de cette taille.",
            ),
            503 => (
                "Le service est momentanément indisponible",
                "Le site ne peut pas lire sa base de données en ce moment. Vos données ne sont pas en cause\u{202f}; réessayez dans quelques minutes.",
            ),
            507 => (
                "Il n’y a plus de place pour enregistrer",
                "Votre envoi n’est pas enregistré\u{202f}: revenez en arrière, gardez votre texte et réessayez plus tard. La lecture du site reste possible.",
            ),
            _ => (
                "Le site a rencontré une erreur",
                "L’erreur vient du site, pas de vous. Elle a été enregistrée et sera examinée.",
            ),
        };
        title.clone_into(&mut layout.title);
        layout.indexed = false;
        let mut steps = vec![
            Link::new("Parcourir la bibliothèque", "/cas-usages"),
            Link::new("Revenir à l’accueil", "/"),
            Link::new("Consulter l’aide", "/aide"),
        ];
        if let Some(contact) = &layout.site.contact {
            steps.push(Link::new(
                "Écrire à l’équipe du site",
                format!("mailto:{contact}"),
            ));
        }
        Self {
            layout,
            status,
            title: title.to_owned(),
            why: why.to_owned(),
            steps,
            reference,
        }
    }
}
