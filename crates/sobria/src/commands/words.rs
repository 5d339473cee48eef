//! French sentences for the failures of the store: what happened and what to do next.

use sobria_store::StoreError;

use super::Failure;
use crate::output::Exit;

/// Tells a failure of the store to the person who ran the command.
pub fn store(error: &StoreError) -> Failure {
    let (exit, message) = match error {
        StoreError::InvalidAddress { given } => (
            Exit::Unusable,
            format!("« {given} » n’est pas l’adresse d’une base : attendu postgres://utilisateur@hôte/base."),
        ),
        StoreError::Unavailable { address, .. } => (
            Exit::Failed,
            format!("la base {address} ne répond pas. Vérifiez qu’elle fonctionne et qu’elle est joignable."),
        ),
        StoreError::Contended { .. } => (
            Exit::Failed,
            "la base est trop occupée pour écrire. Réessayez dans un instant.".to_owned(),
        ),
        StoreError::ReadOnly { address, .. } => (
            Exit::Failed,
            format!(
                "la base {address} ne peut pas être écrite. Vérifiez les droits du dossier et du fichier."
            ),
        ),
        StoreError::Full { .. } => (
            Exit::Failed,
            "il n’y a plus de place sur le disque : rien n’a été écrit. Libérez de l’espace.".to_owned(),
        ),
        StoreError::Corrupt { place, .. } => (
            Exit::Failed,
            format!("la base est endommagée ({place}). Remettez la dernière sauvegarde."),
        ),
        StoreError::Newer { found, known } => (
            Exit::Failed,
            format!(
                "la base est à la version {found} du schéma, ce programme connaît les versions jusqu’à {known} : utilisez un programme plus récent."
            ),
        ),
        StoreError::NotMigrated => (
            Exit::Failed,
            "la base n’est pas prête : laissez « database.migrate » à true.".to_owned(),
        ),
        StoreError::Conflict { .. } => (
            Exit::Failed,
            "la bibliothèque a changé pendant la préparation : rien n’a été écrit. Relancez la commande."
                .to_owned(),
        ),
        StoreError::NotEmpty { target } => (
            Exit::Failed,
            format!("{target} contient déjà des données. Donnez une destination vide."),
        ),
        StoreError::Unsupported { engine, .. } => (
            Exit::Unusable,
            format!("cette opération n’existe pas avec {engine} : utilisez ses propres outils."),
        ),
        StoreError::File { path, .. } => (
            Exit::Failed,
            format!(
                "« {} » ne peut pas être utilisé. Vérifiez le dossier et ses droits.",
                path.display()
            ),
        ),
        other => (Exit::Failed, format!("la base a signalé une erreur ({other}).")),
    };
    let mut causes = vec![error.to_string()];
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        causes.push(cause.to_string());
        source = cause.source();
    }
    Failure {
        exit,
        message,
        causes,
    }
}
