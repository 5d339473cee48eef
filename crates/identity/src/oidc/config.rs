//! A provider as the operator describes it, one `[[oidc]]` table each.

use std::path::PathBuf;

use openidconnect::url::{Host, Url};
use serde::{Deserialize, Serialize, Serializer};

use super::error::ConfigError;

/// A provider as the operator describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// Short name in addresses: `/connexion/{key}`.
    pub key: String,
    /// Name on the button.
    pub name: String,
    /// Issuer, exactly as the provider writes it in its discovery document.
    pub issuer: String,
    /// Identifier of the site at the provider.
    pub client_id: String,
    /// Secret of the site at the provider; prefer [`Self::client_secret_file`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<ClientSecret>,
    /// File that holds the secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret_file: Option<PathBuf>,
    /// Scopes asked for besides `openid`.
    #[serde(default = "default_scopes")]
    pub scopes: Vec<String>,
    /// Whether the proof key of the code (PKCE, S256) is sent.
    #[serde(default)]
    pub pkce: When,
    /// Whether the `claims` parameter is sent, to ask for `amr` and for a second factor.
    #[serde(default)]
    pub claims_parameter: When,
    /// Values of `acr` that mean a second factor, compared exactly.
    #[serde(default = "default_acr_values")]
    pub acr_values: Vec<String>,
    /// Roles that must have used a second factor.
    #[serde(default = "default_second_factor_for")]
    pub second_factor_for: Vec<String>,
    /// Claim that names the employer, when it is not a SIRET.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation_claim: Option<String>,
    /// Names of the other claims.
    #[serde(default)]
    pub claims: ClaimNames,
    /// Hosts that the provider may name besides the one of its issuer.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Longest time the provider has for each answer, in seconds.
    #[serde(default = "default_timeout")]
    pub timeout_seconds: u64,
    /// Identity provider that the provider should go to at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idp_hint: Option<String>,
    /// Words of the button; `S’identifier avec {name}` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub button: Option<String>,
    /// Page that explains the provider to readers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help_url: Option<String>,
    /// Words of the link to that page; `Qu’est-ce que {name} ?` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help_label: Option<String>,
}

/// When something optional of the protocol is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// When the discovery document says that the provider knows it.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl When {
    pub(super) const fn holds(self, known: bool) -> bool {
        match self {
            Self::Auto => known,
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// Names of the claims to read; the first that has a value is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClaimNames {
    /// Mail address.
    pub email: String,
    /// Whether the provider checked the mail address.
    pub email_verified: String,
    /// First name.
    pub given_name: Vec<String>,
    /// Family name.
    pub family_name: Vec<String>,
    /// Establishment of the employer, in fourteen figures.
    pub siret: String,
}

impl Default for ClaimNames {
    fn default() -> Self {
        Self {
            email: "email".to_owned(),
            email_verified: "email_verified".to_owned(),
            given_name: vec!["given_name".to_owned()],
            family_name: vec!["usual_name".to_owned(), "family_name".to_owned()],
            siret: "siret".to_owned(),
        }
    }
}

/// The secret shared with a provider; it never prints, also when the configuration is written out.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct ClientSecret(String);

impl ClientSecret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl Serialize for ClientSecret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

fn default_scopes() -> Vec<String> {
    ["given_name", "usual_name", "email", "uid", "siret", "idp_id"]
        .map(str::to_owned)
        .to_vec()
}

fn default_acr_values() -> Vec<String> {
    [
        "eidas2",
        "eidas3",
        "https://proconnect.gouv.fr/assurance/self-asserted-2fa",
        "https://proconnect.gouv.fr/assurance/consistency-checked-2fa",
        "eidas0-mfa",
        "eidas1-mfa",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn default_second_factor_for() -> Vec<String> {
    ["moderator", "admin"].map(str::to_owned).to_vec()
}

const fn default_timeout() -> u64 {
    8
}

impl ProviderConfig {
    /// Words of the button.
    pub fn button(&self) -> String {
        self.button
            .clone()
            .unwrap_or_else(|| format!("S’identifier avec {}", self.name))
    }

    /// Address and words of the link that explains the provider.
    pub fn help(&self) -> Option<(&str, String)> {
        let url = self.help_url.as_deref()?;
        let label = self
            .help_label
            .clone()
            .unwrap_or_else(|| format!("Qu’est-ce que {}\u{202f}?", self.name));
        Some((url, label))
    }

    /// Whether somebody of this role must have used a second factor.
    pub fn requires_second_factor(&self, role: &str) -> bool {
        self.second_factor_for.iter().any(|required| required == role)
    }

    /// The secret, read from its file when it has one.
    pub(super) fn secret(&self) -> Result<Option<ClientSecret>, ConfigError> {
        let Some(path) = &self.client_secret_file else {
            return Ok(self.client_secret.clone());
        };
        let text = std::fs::read_to_string(path).map_err(|cause| ConfigError::SecretFile {
            key: self.key.clone(),
            path: path.display().to_string(),
            cause,
        })?;
        match text.trim() {
            "" => Err(self.wrong("le fichier du secret est vide")),
            secret => Ok(Some(ClientSecret::new(secret))),
        }
    }

    /// Checks what can be checked without the provider, and gives the issuer as an address.
    pub(super) fn check(&self) -> Result<Url, ConfigError> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if self.key.is_empty() || self.key.len() > 32 || !self.key.bytes().all(fits) {
            return Err(
                self.wrong("key s’écrit avec des minuscules sans accent, des chiffres et des traits d’union")
            );
        }
        if self.name.trim().is_empty() {
            return Err(self.wrong("name manque\u{a0}: c’est le nom écrit sur le bouton"));
        }
        if self.client_id.trim().is_empty() {
            return Err(self.wrong("client_id manque\u{a0}: c’est l’identifiant donné par le fournisseur"));
        }
        match (&self.client_secret, &self.client_secret_file, self.pkce) {
            (Some(_), Some(_), _) => {
                return Err(self.wrong("client_secret et client_secret_file s’excluent"));
            }
            (None, None, When::Auto | When::Never) => {
                return Err(self.wrong(
                    "client_secret_file manque\u{a0}; un client sans secret demande pkce = \"always\"",
                ));
            }
            _ => {}
        }
        let https = |text: &str| Url::parse(text).is_ok_and(|url| url.scheme() == "https");
        if self.help_url.as_deref().is_some_and(|url| !https(url)) {
            return Err(self.wrong("help_url est une adresse https"));
        }
        if !(1..=30).contains(&self.timeout_seconds) {
            return Err(self.wrong("timeout_seconds est compris entre 1 et 30"));
        }
        let Ok(issuer) = Url::parse(&self.issuer) else {
            return Err(self.wrong("issuer est une adresse complète, comme https://auth.exemple.fr/api/v2"));
        };
        let plain = issuer.query().is_none()
            && issuer.fragment().is_none()
            && issuer.username().is_empty()
            && issuer.password().is_none();
        if !plain || !(issuer.scheme() == "https" || (issuer.scheme() == "http" && is_loopback(&issuer))) {
            return Err(self.wrong(
                "issuer est une adresse https sans « ? » ni « # »\u{a0}; http n’est accepté que pour la machine elle-même",
            ));
        }
        Ok(issuer)
    }

    fn wrong(&self, what: &str) -> ConfigError {
        ConfigError::Wrong {
            key: self.key.clone(),
            what: what.to_owned(),
        }
    }
}

/// Whether an address is one of the machine itself, by its name or number.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ProviderConfig, serde_json::Error> {
        serde_json::from_str(text)
    }

    fn sound() -> ProviderConfig {
        read(
            r#"{"key":"proconnect","name":"ProConnect","issuer":"https://auth.exemple.fr/api/v2",
                "client_id":"abc","client_secret":"un secret bien gardé"}"#,
        )
        .unwrap()
    }

    #[test]
    fn the_defaults_are_those_of_proconnect() {
        let config = sound();
        assert_eq!(config.button(), "S’identifier avec ProConnect");
        assert_eq!(
            config.scopes.join(" "),
            "given_name usual_name email uid siret idp_id"
        );
        assert_eq!(config.acr_values.len(), 6);
        assert!(config.requires_second_factor("admin") && !config.requires_second_factor("contributor"));
        assert!(config.check().is_ok());
    }

    #[test]
    fn the_secret_never_prints() {
        let config = sound();
        let printed = format!("{config:?} {}", serde_json::to_string(&config).unwrap());
        assert!(!printed.contains("bien gardé"), "{printed}");
    }

    #[test]
    fn unknown_keys_and_unsound_values_are_refused() {
        assert!(
            read(r#"{"key":"a","name":"A","issuer":"https://a.fr","client_id":"a","clientsecret":"x"}"#)
                .is_err()
        );
        type Change = fn(&mut ProviderConfig);
        let changes: [(&str, Change); 11] = [
            ("key", |c| c.key = "Pro/Connect".to_owned()),
            ("name", |c| c.name.clear()),
            ("client_id", |c| c.client_id.clear()),
            ("client_secret_file", |c| c.client_secret = None),
            ("s’excluent", |c| c.client_secret_file = Some("x".into())),
            ("timeout_seconds", |c| c.timeout_seconds = 0),
            ("issuer", |c| c.issuer = "auth.exemple.fr".to_owned()),
            ("issuer", |c| c.issuer = "http://auth.exemple.fr".to_owned()),
            ("issuer", |c| c.issuer = "http://127.0.0.1.exemple.fr".to_owned()),
            ("issuer", |c| {
                c.issuer = "https://moi:secret@auth.exemple.fr".to_owned()
            }),
            ("help_url", |c| {
                c.help_url = Some("javascript:alert(1)".to_owned())
            }),
        ];
        for (expected, change) in changes {
            let mut config = sound();
            change(&mut config);
            let message = config.check().unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
        let mut local = sound();
        local.issuer = "http://127.0.0.1:4000".to_owned();
        assert!(local.check().is_ok());
    }
}
