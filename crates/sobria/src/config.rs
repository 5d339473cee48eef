//! Configuration: one TOML file, then the environment, then the command line; the later one wins.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sobria_web::retention::Retention;
use sobria_web::site::Site;
use sobria_web::tiles::MapSettings;

/// The whole configuration.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How the site is served.
    pub server: Server,
    /// Where records are kept.
    pub database: Database,
    /// Providers that people may sign in through.
    pub oidc: Vec<sobria_identity::oidc::ProviderConfig>,
    /// How messages leave.
    pub mail: sobria_mail::Settings,
    /// Tables that estimates are made from.
    pub reference: Tables,
    /// Equivalents put first, or hidden.
    pub equivalents: Equivalents,
    /// What the operator says of the instance.
    pub site: Site,
    /// For how long things are kept.
    pub retention: Retention,
    /// How many files a record may have, and how large.
    pub files: sobria_web::attachments::FileLimits,
    /// Whether the server asks the addresses that records hold; off by default.
    pub links: sobria_web::link_watch::LinkSettings,
    /// Where the tiles of an enlarged map come from; nowhere by default.
    pub map: MapSettings,
}

/// How the site is served.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Address and port to listen on.
    pub listen: String,
    /// Address that readers use, such as `https://ia.exemple.fr`; the listening address by default.
    pub public_url: Option<String>,
    /// Memory for pages that did not change, in MiB; zero keeps none.
    pub page_cache_mib: u64,
    /// Addresses of the reverse proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            public_url: None,
            page_cache_mib: 8,
            trusted_proxies: Vec::new(),
        }
    }
}

/// Where records are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// `postgres://…`; without it, SQLite in the data folder.
    pub url: Option<String>,
    /// File that holds the address, to keep a password out of the configuration.
    pub url_file: Option<PathBuf>,
    /// Whether the server brings the schema up to date when it starts.
    pub migrate: bool,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: None,
            url_file: None,
            migrate: true,
        }
    }
}

/// Tables that estimates are made from.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tables {
    /// Folder whose `<table>.tsv` replace the tables of the executable.
    pub dir: Option<PathBuf>,
}

/// Equivalents put first, or hidden, by their names in the table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Equivalents {
    /// Rows proposed before the others, four at most.
    pub pinned: Vec<String>,
    /// Rows or categories never proposed.
    pub hidden: Vec<String>,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is missing or cannot be read.
    #[error(
        "le fichier de configuration « {path} » ne peut pas être lu ({cause}). Vérifiez son chemin et ses droits."
    )]
    Unreadable {
        /// The file.
        path: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The text is not TOML.
    #[error("« {origin} » n’est pas du TOML valide : {cause}")]
    Syntax {
        /// The file.
        origin: String,
        /// What the parser says.
        cause: String,
    },
    /// A key is unknown, or a value has the wrong type.
    #[error("la configuration ({origin}) ne convient pas : {cause}.{hint}")]
    Wrong {
        /// The file, and the environment when it plays a part.
        origin: String,
        /// What the reader says.
        cause: String,
        /// The closest known key, as a sentence.
        hint: String,
    },
}

/// Prefix of the environment variables: `SOBRIA__SERVER__LISTEN` sets `server.listen`.
const PREFIX: &str = "SOBRIA__";

/// Reads the file, then lays the environment over it.
///
/// # Errors
/// When the file cannot be read, or a key is unknown, or a value has the wrong type.
pub fn load(
    file: Option<&Path>,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<Config, ConfigError> {
    let mut table = toml::Table::new();
    let mut origin = "aucun fichier".to_owned();
    if let Some(path) = file {
        origin = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|cause| ConfigError::Unreadable {
            path: origin.clone(),
            cause,
        })?;
        table = text
            .parse()
            .map_err(|error: toml::de::Error| ConfigError::Syntax {
                origin: origin.clone(),
                cause: error.message().to_owned(),
            })?;
    }
    let mut variables: Vec<(String, String)> =
        environment.filter(|(name, _)| name.starts_with(PREFIX)).collect();
    variables.sort();
    for (name, value) in &variables {
        let keys: Vec<String> = name
            .trim_start_matches(PREFIX)
            .split("__")
            .map(str::to_lowercase)
            .collect();
        set(&mut table, &keys, value);
        origin = format!("{origin} + {name}");
    }
    Config::deserialize(toml::Value::Table(table)).map_err(|error| {
        let cause = error.message().replace('\n', " ");
        let hint = suggestion(&cause);
        ConfigError::Wrong { origin, cause, hint }
    })
}

fn set(table: &mut toml::Table, keys: &[String], value: &str) {
    match keys {
        [] => {}
        [last] => {
            let value = if let Ok(number) = value.parse::<i64>() {
                toml::Value::Integer(number)
            } else if let Ok(flag) = value.parse::<bool>() {
                toml::Value::Boolean(flag)
            } else {
                toml::Value::String(value.to_owned())
            };
            table.insert(last.clone(), value);
        }
        [head, tail @ ..] => {
            let child = table
                .entry(head.clone())
                .or_insert_with(|| toml::Value::Table(toml::Table::new()));
            if let toml::Value::Table(child) = child {
                set(child, tail, value);
            }
        }
    }
}

/// "unknown field `lisen`, expected one of `listen`, …" names the candidates: the closest is offered.
fn suggestion(cause: &str) -> String {
    let mut names = cause.split('`').skip(1).step_by(2);
    let Some(unknown) = names.next().filter(|_| cause.contains("unknown field")) else {
        return String::new();
    };
    names
        .map(|name| (distance(unknown, name), name))
        .min()
        .filter(|(distance, _)| *distance <= 3)
        .map_or_else(String::new, |(_, name)| {
            format!(" Vouliez-vous dire « {name} » ?")
        })
}

fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for (j, cb) in b.iter().enumerate() {
            let diagonal = row.get(j).copied().unwrap_or(0) + usize::from(ca != *cb);
            let above = row.get(j + 1).copied().unwrap_or(0) + 1;
            let left = next.last().copied().unwrap_or(0) + 1;
            next.push(diagonal.min(above).min(left));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

impl Config {
    /// The configuration as it may be printed: the password of the database masked.
    pub fn printable(&self) -> String {
        let mut shown = self.clone();
        shown.mail.password = shown.mail.password.map(|_| "***".to_owned());
        shown.database.url = shown.database.url.as_deref().map(mask_password);
        toml::to_string_pretty(&shown).unwrap_or_default()
    }
}

/// Replaces the password of an address by three stars.
pub fn mask_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    match authority.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or("");
            format!("{scheme}://{user}:***@{host}{path}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
        pairs
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect::<Vec<_>>()
            .into_iter()
    }

    #[test]
    fn the_environment_wins_over_the_default() {
        let config = load(
            None,
            environment(&[("SOBRIA__SERVER__LISTEN", "0.0.0.0:80"), ("OTHER", "x")]),
        )
        .unwrap();
        assert_eq!(config.server.listen, "0.0.0.0:80");
    }

    #[test]
    fn a_misspelt_key_is_refused_and_the_right_one_offered() {
        let error = load(None, environment(&[("SOBRIA__SERVER__LISEN", "x")]))
            .unwrap_err()
            .to_string();
        assert!(error.contains("lisen") && error.contains("« listen »"), "{error}");
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = load(Some(Path::new("/nonexistent/sobria.toml")), environment(&[]))
            .unwrap_err()
            .to_string();
        assert!(error.contains("/nonexistent/sobria.toml"), "{error}");
    }

    #[test]
    fn a_password_is_never_printed() {
        let config = load(
            None,
            environment(&[("SOBRIA__DATABASE__URL", "postgres://u:s3cret@h/db")]),
        )
        .unwrap();
        assert!(!config.printable().contains("s3cret"));
        assert_eq!(
            mask_password("postgres://u:p@h:5432/db"),
            "postgres://u:***@h:5432/db"
        );
        assert_eq!(mask_password("sqlite://x"), "sqlite://x");
    }
}
