//! What each message says, in parts that its two forms share.

use super::Letter;
use crate::routes::contribute::follow::SERVICE_DAYS;

impl Letter {
    /// What the message says.
    pub(super) fn words(&self) -> Words {
        match self {
            Self::SignIn { link } => Words::new("Votre lien de connexion")
                .say("Voici le lien que vous avez demandé. Il est valable quinze minutes et ne sert qu’une fois.")
                .button("Me connecter", link)
                .end("Si vous n’avez rien demandé, ne faites rien\u{a0}: personne n’entrera sans ce lien."),
            Self::ConfirmAddress { name, link } => Words::new("Confirmez votre adresse")
                .say(format!("Bonjour {name},"))
                .say("Suivez ce lien pour créer votre compte. Il est valable trois jours.")
                .button("Créer mon compte", link)
                .end("Si vous n’avez rien demandé, ne faites rien\u{a0}: aucun compte ne sera créé."),
            Self::Join { link } => Words::new("Rattacher votre identité à votre compte")
                .say("Quelqu’un s’est connecté par un fournisseur d’identité avec cette adresse, qui a déjà un compte. Si c’est vous, suivez ce lien dans la demi-heure.")
                .button("Rattacher mon identité", link)
                .end("Si ce n’est pas vous, ne faites rien\u{a0}: rien ne sera rattaché."),
            Self::AlreadyKnown { link } => Words::new("Vous avez déjà un compte")
                .say("Une inscription vient d’être demandée avec cette adresse, qui a déjà un compte. Ce lien vous connecte\u{202f}; il est valable quinze minutes.")
                .button("Me connecter", link)
                .end("Si vous n’avez rien demandé, ne faites rien."),
            Self::ConfirmMessage { link, title } => Words::new("Confirmez l’envoi de votre message")
                .say(format!("Vous avez écrit un message à propos de la fiche «\u{a0}{title}\u{a0}». Suivez ce lien pour l’envoyer\u{202f}; il est valable un jour."))
                .button("Envoyer mon message", link)
                .end("Si vous n’avez rien écrit, ne faites rien\u{a0}: le message ne partira pas."),
            Self::Relay { title, href, name, text, .. } => Words::new(format!("Un message sur «\u{a0}{title}\u{a0}»"))
                .say(format!("{name} vous écrit à propos de votre projet\u{a0}:"))
                .quote(text)
                .button("Voir la fiche", href)
                .end("Répondez à ce message pour écrire à son auteur. Votre adresse ne lui a pas été montrée\u{202f}; elle le sera si vous répondez."),
            Self::MessageSent { title, href, receipt, text } => Words::new(format!("Votre message, numéro {receipt}"))
                .say(format!("Votre message à propos de «\u{a0}{title}\u{a0}» est parti. En voici une copie\u{a0}:"))
                .quote(text)
                .button("Voir la fiche", href),
            Self::Reported { title, href, text } => Words::new(format!("Signalement sur «\u{a0}{title}\u{a0}»"))
                .say("Quelqu’un signale une erreur ou un changement\u{a0}:")
                .quote(text)
                .button("Répondre", href),
            Self::ReportAnswered { receipt, text, answer } => Words::new(format!("Réponse à votre signalement {receipt}"))
                .say("Vous aviez écrit\u{a0}:")
                .quote(text)
                .say("La modération vous répond\u{a0}:")
                .quote(answer),
            Self::Membership { organisation, granted: true, href } => Words::new("Votre organisme est confirmé")
                .say(format!("Vous pouvez maintenant décrire les projets de «\u{a0}{organisation}\u{a0}»."))
                .button("Décrire un projet", href),
            Self::Membership { organisation, granted: false, href } => Words::new("Votre demande n’a pas été retenue")
                .say(format!("La modération n’a pas pu confirmer que vous travaillez pour «\u{a0}{organisation}\u{a0}»."))
                .say("S’il s’agit d’une erreur, répondez à ce message.")
                .button("Mon compte", href),
            Self::LogoRefused { organisation, reason, href } => Words::new(format!("Logo non retenu\u{a0}: {organisation}"))
                .say(format!("La modération n’a pas retenu le logo que vous proposez pour «\u{a0}{organisation}\u{a0}»\u{a0}:"))
                .quote(reason)
                .button("Proposer un autre logo", href),
            Self::Receipt { title, receipt, href } => Words::new(format!("Fiche reçue, numéro {receipt}"))
                .say(format!("Votre fiche «\u{a0}{title}\u{a0}» est bien reçue, sous le numéro {receipt}."))
                .say(format!("La modération répond en {SERVICE_DAYS} jours au plus. Vous n’avez rien d’autre à faire."))
                .button("Suivre ma fiche", href),
            Self::Waiting { title, organisation, href } => Words::new(format!("À relire\u{a0}: {title}"))
                .say(format!("«\u{a0}{title}\u{a0}», de {organisation}, attend une relecture."))
                .button("Ouvrir la fiche", href),
            Self::ChangesRequested { title, comments, href } => {
                let mut words = Words::new(format!("À préciser\u{a0}: {title}"))
                    .say(format!("La modération a relu «\u{a0}{title}\u{a0}» et demande\u{a0}:"));
                words.list.clone_from(comments);
                words.button("Répondre", href)
            }
            Self::Published { title, what, href } => Words::new(format!("{what}\u{a0}: {title}"))
                .say("C’est en ligne. Merci pour les autres collectivités\u{202f}!")
                .button("Voir la fiche", href),
            Self::Rejected { title, reason, text, href } => Words::new(format!("Contribution non retenue\u{a0}: {title}"))
                .say(format!("Raison\u{a0}: {reason}."))
                .quote(text)
                .say("Vous pouvez demander une fois un second examen.")
                .button("Voir la décision", href),
            Self::Withdrawn { title, what, reason, contact } => {
                let words = Words::new(format!("Retrait définitif\u{a0}: {title}"))
                    .say(format!("{what} «\u{a0}{title}\u{a0}» a été retirée pour de bon. Son contenu est effacé, versions et fichiers compris."))
                    .say(if reason.is_empty() {
                        "Aucune raison n’a été écrite.".to_owned()
                    } else {
                        format!("Raison\u{a0}: {reason}.")
                    });
                if contact.is_empty() {
                    words
                } else {
                    words.end(format!("Une question, un désaccord\u{202f}? Écrivez à {contact}."))
                }
            }
            Self::ReviewDue { title, due, confirm, modify } => Words::new(format!("Toujours d’actualité\u{202f}? {title}"))
                .say(format!("La fiche «\u{a0}{title}\u{a0}» est à confirmer {due}."))
                .button("Rien n’a changé", confirm)
                .end(format!("Quelque chose a changé\u{202f}? Modifiez la fiche\u{a0}: {modify}")),
            Self::RoadmapDue { organisation, what, href } => Words::new(format!("Feuille de route\u{a0}: {organisation}"))
                .say(what)
                .button("Ouvrir la page", href),
            Self::Alert { name, count, records, href, leave } => {
                let mut words = Words::new(format!("{name}\u{a0}: {count}"))
                    .say(format!("Votre recherche «\u{a0}{name}\u{a0}» a trouvé {count}\u{a0}:"));
                words.list.clone_from(records);
                words
                    .button("Voir les résultats", href)
                    .end(format!("Ne plus recevoir cette alerte\u{a0}: {leave}"))
            }
            Self::Digest { period, lines, href, settings, leave } => {
                let mut words = Words::new(format!("La bibliothèque, {period}"))
                    .say(format!("Voici ce qui a changé {period}\u{a0}:"));
                words.list.clone_from(lines);
                words.button("Ouvrir la bibliothèque", href).end(format!(
                    "Vous recevez cette lettre parce que vous l’avez demandée. Changer son rythme\u{a0}: {settings} Ne plus la recevoir\u{a0}: {leave}"
                ))
            }
            Self::SupplierLink { title, organisation, deadline, sourcing, link } => {
                Words::new(format!("{organisation}\u{a0}: {title}"))
                    .say(format!("{organisation} vous invite à répondre à un questionnaire sur «\u{a0}{title}\u{a0}»."))
                    .say(if *sourcing {
                        "C’est un sourçage\u{a0}: aucune note n’est donnée, et répondre n’engage à rien."
                    } else {
                        "Votre réponse reste scellée jusqu’à la date limite. Les critères et leurs poids sont figés et se lisent sur la page."
                    })
                    .say(format!("Répondez avant le {deadline}, heure de France métropolitaine. Aucun compte n’est nécessaire."))
                    .button("Répondre", link)
                    .end("Ce lien est personnel\u{a0}: qui le détient lit et modifie votre réponse. Ne le transmettez pas.")
            }
            Self::SupplierReceipt { title, organisation, receipt, at } => {
                Words::new(format!("Réponse remise, numéro {receipt}"))
                    .say(format!("Votre réponse à {organisation} sur «\u{a0}{title}\u{a0}» est remise, sous le numéro {receipt}, le {at}."))
                    .say("Jusqu’à la date limite, vous pouvez la modifier et la remettre de nouveau avec le lien que vous avez reçu\u{202f}; la dernière version compte.")
            }
            Self::Deliverable { label, title, when, href, leave } => {
                let words = Words::new(format!("{label}\u{a0}: {title}")).say(format!("«\u{a0}{label}\u{a0}», dans «\u{a0}{title}\u{a0}», {when}."));
                let words = match href {
                    Some(href) => words.button("Voir l’échéancier", href),
                    None => words,
                };
                words.end(format!("Ne plus recevoir ces rappels\u{a0}: {leave}"))
            }
            Self::Inactive { day, href } => Words::new("Votre compte va être effacé")
                .say(format!("Vous ne vous êtes pas connecté depuis presque deux ans. Sans connexion d’ici le {day}, votre compte sera effacé."))
                .button("Me connecter", href),
        }
    }
}

/// What a message says.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    pub(super) subject: String,
    pub(super) before: Vec<Part>,
    pub(super) list: Vec<String>,
    pub(super) button: Option<(String, String)>,
    pub(super) end: String,
}

/// A paragraph, or words of somebody else.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) lines: Vec<String>,
    pub(super) quoted: bool,
}

impl Words {
    fn new(subject: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            ..Self::default()
        }
    }

    fn say(mut self, text: impl Into<String>) -> Self {
        self.before.push(Part {
            lines: vec![text.into()],
            quoted: false,
        });
        self
    }

    fn quote(mut self, text: &str) -> Self {
        self.before.push(Part {
            lines: text.lines().map(str::to_owned).collect(),
            quoted: true,
        });
        self
    }

    fn button(mut self, label: &str, href: &str) -> Self {
        self.button = Some((label.to_owned(), href.to_owned()));
        self
    }

    fn end(mut self, text: impl Into<String>) -> Self {
        self.end = text.into();
        self
    }
}
