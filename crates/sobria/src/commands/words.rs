//! French sentences for the failures of the store and of the index: what happened and what to do next.

use sobria_search::SearchError;
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
    Failure {
        exit,
        message,
        causes: causes(error),
    }
}

/// Tells a failure of the index.
pub fn search(error: &SearchError) -> Failure {
    let message = match error {
        SearchError::Busy { .. } => {
            "l’index de recherche est en cours d’écriture par un autre programme. Attendez qu’il ait fini, puis recommencez."
                .to_owned()
        }
        SearchError::Folder { path, .. } => format!(
            "le dossier « {} » ne peut pas recevoir l’index de recherche. Vérifiez qu’il existe, et ses droits.",
            path.display()
        ),
        SearchError::Interrupted | SearchError::Engine { .. } => {
            "l’index de recherche ne peut pas être lu ou écrit : vérifiez les droits de son dossier et la place sur le disque. S’il est abîmé, supprimez le dossier « index » : il sera refait au démarrage."
                .to_owned()
        }
    };
    Failure {
        exit: Exit::Failed,
        message,
        causes: causes(error),
    }
}

fn causes(error: &dyn std::error::Error) -> Vec<String> {
    std::iter::successors(Some(error), |cause| cause.source())
        .map(ToString::to_string)
        .collect()
}
