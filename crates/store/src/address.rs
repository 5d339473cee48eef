//! Addresses of databases, never printed with their passwords.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::dialect::Dialect;
use crate::error::{Result, StoreError};

/// Where a database is. `Display` and `Debug` leave out passwords and options.
#[derive(Clone)]
pub struct Address {
    dialect: Dialect,
    url: String,
    path: Option<PathBuf>,
}

impl Address {
    /// Reads `sqlite://path`, `sqlite:path` or `postgres://user:password@host/name`.
    ///
    /// # Errors
    /// When the text names neither engine.
    pub fn parse(text: &str) -> Result<Self> {
        let invalid = || StoreError::InvalidAddress { given: redact(text) };
        if let Some(rest) = text
            .strip_prefix("sqlite://")
            .or_else(|| text.strip_prefix("sqlite:"))
        {
            let path = rest.split_once('?').map_or(rest, |(path, _)| path);
            if path.is_empty() || path == ":memory:" {
                return Err(invalid());
            }
            return Self::file(Path::new(&percent_decode(path).ok_or_else(invalid)?));
        }
        let rest = text
            .strip_prefix("postgres://")
            .or_else(|| text.strip_prefix("postgresql://"))
            .ok_or_else(invalid)?;
        if rest.is_empty() {
            return Err(invalid());
        }
        Ok(Self {
            dialect: Dialect::Postgres,
            url: text.to_owned(),
            path: None,
        })
    }

    /// The address of an SQLite file.
    ///
    /// # Errors
    /// When the path is not Unicode, or the current folder is unknown.
    pub fn file(path: &Path) -> Result<Self> {
        let invalid = || StoreError::InvalidAddress {
            given: path.display().to_string(),
        };
        let absolute = std::path::absolute(path).map_err(|source| StoreError::File {
            path: path.to_owned(),
            source,
        })?;
        let text = absolute.to_str().ok_or_else(invalid)?;
        Ok(Self {
            dialect: Dialect::Sqlite,
            url: format!("sqlite://{}?mode=rwc", percent_encode(text)),
            path: Some(absolute),
        })
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The file of an SQLite database.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Whether the system lets nobody, or not this program, write the file of an SQLite database.
    pub(crate) fn refuses_writing(&self) -> bool {
        let opened = |path| std::fs::OpenOptions::new().append(true).open(path);
        let refusals = [io::ErrorKind::ReadOnlyFilesystem, io::ErrorKind::PermissionDenied];
        self.path()
            .is_some_and(|path| opened(path).is_err_and(|error| refusals.contains(&error.kind())))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => path.display().fmt(f),
            None => f.write_str(&redact(&self.url)),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

/// Removes the password and the options, which may hold one too.
fn redact(text: &str) -> String {
    let text = text.split_once('?').map_or(text, |(address, _)| address);
    let Some((scheme, rest)) = text.split_once("://") else {
        return if text.contains('@') {
            "…".to_owned()
        } else {
            text.to_owned()
        };
    };
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split_once(':').map_or(user, |(name, _)| name);
            format!("{scheme}://{user}:…@{host}")
        }
        None => text.to_owned(),
    }
}

fn percent_encode(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_printed() {
        for given in [
            "postgres://sobria:s3cret@db.example/sobria",
            "postgres://sobria:s3c@ret:s3cret@db.example:5432/sobria?password=s3cret",
            "mysql://sobria:s3cret@db.example/sobria",
            "sobria:s3cret@db.example",
        ] {
            let shown = match Address::parse(given) {
                Ok(address) => format!("{address} {address:?}"),
                Err(error) => format!("{error} {error:?}"),
            };
            assert!(!shown.contains("s3c"), "{shown}");
        }
        let address = Address::parse("postgres://sobria:s3cret@db.example/sobria").unwrap();
        assert_eq!(address.to_string(), "postgres://sobria:…@db.example/sobria");
    }

    #[test]
    fn a_path_with_spaces_and_accents_survives_the_address() {
        let address = Address::file(Path::new("/données/ma base?#%.db")).unwrap();
        let again = Address::parse(address.url()).unwrap();
        assert_eq!(again.path(), Some(Path::new("/données/ma base?#%.db")));
    }

    #[test]
    fn an_address_without_a_known_engine_is_refused() {
        for given in [
            "",
            "sobria.db",
            "sqlite://",
            "sqlite::memory:",
            "postgres://",
            "sqlite:a%zz",
        ] {
            assert!(Address::parse(given).is_err(), "{given}");
        }
    }
}
