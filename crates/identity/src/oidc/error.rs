//! What can go wrong between a provider and the site, for logs in English and for readers in French.

use openidconnect::url::Url;

/// Why somebody could not be signed in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The provider does not answer, or not in time, or not what a provider answers.
    #[error("the provider cannot be used: {0}")]
    Unreachable(String),
    /// The provider names an address outside the hosts of the configuration.
    #[error("the provider names {0}, whose host is not in the configuration")]
    ForeignHost(String),
    /// The site gave an address of return that is none.
    #[error("{0} is no address of return")]
    ReturnAddress(String),
    /// The answer does not belong to the request of this browser.
    #[error("the state of the answer is not the one of the request")]
    State,
    /// The answer comes from another provider than the one that was asked.
    #[error("the answer comes from another provider than the one asked")]
    OtherProvider,
    /// The provider refuses, with its code when it gives one.
    #[error("the provider refuses: {0}")]
    Refused(String),
    /// The identity token or what the provider says of the person does not hold.
    #[error("what the provider signed does not hold: {0}")]
    Untrusted(String),
    /// A second factor was asked for and the provider does not say that one was used.
    #[error("the provider does not say that a second factor was used")]
    SecondFactor,
    /// The system gives no random numbers, or no client for HTTPS.
    #[error("the system gives no random numbers or no HTTPS: {0}")]
    System(String),
}

impl Error {
    /// What the reader is told, as plain text; `provider` is the name on the button.
    pub fn sentence(&self, provider: &str) -> String {
        match self {
            Self::Unreachable(_) | Self::ForeignHost(_) => format!(
                "{provider} ne répond pas comme il le devrait. Réessayez dans quelques minutes, ou connectez-vous autrement."
            ),
            Self::Refused(_) => match self.code() {
                Some(code) => format!(
                    "{provider} a refusé la connexion (code {code}). Réessayez\u{202f}; si le refus se répète, écrivez-nous avec ce code."
                ),
                None => format!(
                    "{provider} a refusé la connexion. Réessayez\u{202f}; si le refus se répète, écrivez-nous."
                ),
            },
            Self::State => "Cette connexion a expiré ou a été commencée dans une autre fenêtre. Recommencez depuis la page de connexion.".to_owned(),
            Self::OtherProvider | Self::Untrusted(_) => format!(
                "La réponse de {provider} n’a pas pu être vérifiée\u{a0}: personne n’a été connecté. Recommencez\u{202f}; si cela se répète, écrivez-nous."
            ),
            Self::SecondFactor => format!(
                "Votre rôle demande un second facteur (application, clé ou carte), et {provider} n’en indique pas. Recommencez en choisissant une méthode à deux facteurs."
            ),
            Self::ReturnAddress(_) | Self::System(_) => {
                "Le site n’a pas pu préparer la connexion. Réessayez, ou connectez-vous autrement.".to_owned()
            }
        }
    }

    /// The code that the provider gave, fit to be shown and quoted.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused(code) if !code.is_empty() => Some(code),
            _ => None,
        }
    }

    /// Whether trying again later may do, without anything changed here.
    pub const fn is_temporary(&self) -> bool {
        matches!(self, Self::Unreachable(_))
    }

    pub(super) fn foreign(url: &Url) -> Self {
        Self::ForeignHost(url.host_str().unwrap_or("an address without host").to_owned())
    }
}

/// A provider that cannot be used as it is configured.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A value is missing or does not fit.
    #[error("[[oidc]] « {key} » : {what}")]
    Wrong {
        /// Key of the provider.
        key: String,
        /// What does not fit, and what to write.
        what: String,
    },
    /// The file of the secret cannot be read.
    #[error("[[oidc]] « {key} » : le fichier du secret « {path} » ne peut pas être lu ({cause})")]
    SecretFile {
        /// Key of the provider.
        key: String,
        /// The file.
        path: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// No client for HTTPS could be made.
    #[error("[[oidc]] « {key} » : le client HTTPS ne peut pas être préparé ({cause})")]
    Client {
        /// Key of the provider.
        key: String,
        /// What the library says.
        cause: String,
    },
}
