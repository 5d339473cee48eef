//! Opens the parts of an instance: configuration, store, index.

use std::path::Path;

use jiff::Timestamp;
use sobria_search::Index;
use sobria_store::Store;
use uuid::{ContextV7, Uuid};

use crate::commands::{Failure, Place, words};
use crate::config::{self, Config};
use crate::output::Exit;

/// Reads the configuration of a command: file, environment, then the options given.
///
/// # Errors
/// When the file cannot be read, or holds an unknown key.
pub fn configuration(place: &Place) -> Result<Config, Failure> {
    let mut config = config::load(place.config.as_deref(), std::env::vars())
        .map_err(|error| Failure::of(Exit::Unusable, &error))?;
    if let Some(url) = &place.database_url {
        config.database.url = Some(url.clone());
    } else if let Some(file) = &config.database.url_file {
        let text = std::fs::read_to_string(file).map_err(|error| {
            Failure::new(
                Exit::Unusable,
                format!(
                    "le fichier « {} » (database.url_file) ne peut pas être lu ({error}).",
                    file.display()
                ),
            )
        })?;
        config.database.url = Some(text.trim().to_owned());
    }
    Ok(config)
}

/// Opens the store and brings its schema up to date.
///
/// # Errors
/// When the database does not answer, is newer than the executable, or the folder cannot be written.
pub async fn store(place: &Place, config: &Config) -> Result<Store, Failure> {
    let store = match &config.database.url {
        Some(url) => Store::connect(url).await,
        None => {
            std::fs::create_dir_all(&place.data).map_err(|error| folder_failure(&place.data, &error))?;
            Store::open_dir(&place.data).await
        }
    }
    .map_err(|error| words::store(&error))?;
    if config.database.migrate {
        store.migrate().await.map_err(|error| words::store(&error))?;
    }
    Ok(store)
}

/// The folder of every index of an instance.
pub fn index_folder(place: &Place) -> std::path::PathBuf {
    place.data.join("index")
}

/// Opens the index kept in the data folder: one per database, so that two databases never answer for each other.
///
/// # Errors
/// When the folder cannot be written.
pub fn index(place: &Place, config: &Config) -> Result<Index, Failure> {
    let database = config.database.url.as_deref().unwrap_or("sqlite");
    let folder = index_folder(place).join(sobria_web::hash::short(&[database]));
    std::fs::create_dir_all(&folder).map_err(|error| folder_failure(&folder, &error))?;
    Index::open(Some(&folder)).map_err(|error| words::search(&error))
}

fn folder_failure(folder: &Path, error: &std::io::Error) -> Failure {
    Failure::new(
        Exit::Failed,
        format!(
            "le dossier « {} » ne peut pas être écrit ({error}). Donnez-en un autre avec --data, ou changez ses droits.",
            folder.display()
        ),
    )
}

/// The time now.
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// A new identifier, later than those made before it.
pub fn new_id() -> Uuid {
    use std::sync::{LazyLock, Mutex};
    static CONTEXT: LazyLock<Mutex<ContextV7>> = LazyLock::new(|| Mutex::new(ContextV7::new()));
    match CONTEXT.lock() {
        Ok(context) => Uuid::new_v7(uuid::Timestamp::now(&*context)),
        Err(_) => Uuid::now_v7(),
    }
}
