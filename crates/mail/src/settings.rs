//! The `[mail]` section of the configuration.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::error::MailError;

/// Sender of an instance that nobody set up: no server would take it.
const BLANK_FROM: &str = "Sobria <ne-pas-repondre@localhost.localdomain>";

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// Not at all: for a server on the same machine.
    None,
    /// Plain at first, then TLS, or nothing is sent.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Implicit,
}

/// Where messages go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// To a mail server.
    Smtp,
    /// Into files of a folder.
    File,
    /// Nowhere: they stay in the database.
    #[default]
    None,
}

/// The `[mail]` section of the configuration.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where messages go.
    pub transport: Way,
    /// Sender, such as `Bibliothèque d’IA <ne-pas-repondre@exemple.fr>`.
    pub from: String,
    /// Mail server.
    pub host: String,
    /// Its port; that of the protection chosen by default.
    pub port: Option<u16>,
    /// Protection of the connection.
    pub security: Security,
    /// Name to sign in with.
    pub user: Option<String>,
    /// Password.
    pub password: Option<String>,
    /// File that holds the password.
    pub password_file: Option<PathBuf>,
    /// Certificate of an authority of one's own, in PEM.
    pub ca_file: Option<PathBuf>,
    /// Folder of files.
    pub folder: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            transport: Way::None,
            from: BLANK_FROM.to_owned(),
            host: "localhost".to_owned(),
            port: None,
            security: Security::Starttls,
            user: None,
            password: None,
            password_file: None,
            ca_file: None,
            folder: None,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("transport", &self.transport)
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// What would go wrong once messages leave, told before the first one.
    pub(crate) fn refuse_unsafe(&self) -> Result<(), MailError> {
        if self.from == BLANK_FROM {
            return Err(MailError::Settings(
                "« mail.from » manque : donnez l’adresse d’envoi, par exemple « Bibliothèque <ne-pas-repondre@exemple.fr> ».".to_owned(),
            ));
        }
        let here = ["localhost", "127.0.0.1", "::1"].contains(&self.host.as_str());
        if self.security == Security::None && self.user.is_some() && !here {
            return Err(MailError::Settings(format!(
                "le mot de passe de « mail.user » partirait en clair vers « {} » : mettez « starttls » ou « implicit » dans « mail.security ».",
                self.host
            )));
        }
        Ok(())
    }
}
