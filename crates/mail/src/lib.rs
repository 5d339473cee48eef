//! E-mail: messages made of plain text and HTML, and the transports that take them away.
//!
//! Invariants: a header never holds what a person typed unless it was encoded by the library; addresses never print.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{
    AsyncFileTransport, AsyncSmtpTransport, AsyncTransport as _, Message as Letter, Tokio1Executor,
};
use serde::{Deserialize, Serialize};

/// How long a mail server may take to answer.
const ANSWER_TIME: Duration = Duration::from_secs(20);

/// A message, ready to be put on its way.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Subject, on one line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same in HTML, without image nor tracker.
    pub html: String,
    /// Where answers go, when not to the operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// Address that takes one off a mailing by one POST.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsubscribe: Option<String>,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

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
            from: "Sobria <ne-pas-repondre@localhost.localdomain>".to_owned(),
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

/// What keeps a message from leaving.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The settings cannot be used.
    #[error("{0}")]
    Settings(String),
    /// The message cannot be made: an address is not one.
    #[error("the message cannot be made: {0}")]
    Unfit(String),
    /// The server refuses for good.
    #[error("the mail server refuses: {0}")]
    Refused(String),
    /// The server does not answer, or asks to come back.
    #[error("the mail server does not take the message now: {0}")]
    Later(String),
}

impl MailError {
    /// Whether trying again is of no use.
    pub const fn is_for_good(&self) -> bool {
        matches!(self, Self::Unfit(_) | Self::Refused(_))
    }
}

enum Carrier {
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
    File(AsyncFileTransport<Tokio1Executor>),
    None,
}

/// What takes messages away.
pub struct Transport {
    carrier: Carrier,
    from: Mailbox,
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.carrier {
            Carrier::Smtp(_) => "Transport::Smtp",
            Carrier::File(_) => "Transport::File",
            Carrier::None => "Transport::None",
        })
    }
}

macro_rules! text_header {
    ($name:ident, $header:literal) => {
        #[derive(Clone)]
        struct $name(String);

        impl Header for $name {
            fn name() -> HeaderName {
                HeaderName::new_from_ascii_str($header)
            }

            fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Ok(Self(text.to_owned()))
            }

            fn display(&self) -> HeaderValue {
                HeaderValue::new(Self::name(), self.0.clone())
            }
        }
    };
}

text_header!(AutoSubmitted, "Auto-Submitted");
text_header!(ListUnsubscribe, "List-Unsubscribe");
text_header!(ListUnsubscribePost, "List-Unsubscribe-Post");

impl Transport {
    /// The transport of the settings.
    ///
    /// # Errors
    /// When the sender is no address, a file cannot be read, or the server's name makes no sense.
    pub fn new(settings: &Settings) -> Result<Self, MailError> {
        let from = settings.from.parse().map_err(|error| {
            MailError::Settings(format!(
                "mail.from « {} » is not a mailbox ({error}): expected Name <address@domain>",
                settings.from
            ))
        })?;
        let carrier = match settings.transport {
            Way::None => Carrier::None,
            Way::File => {
                let folder = settings.folder.clone().ok_or_else(|| {
                    MailError::Settings("mail.folder is missing: it says where files go".to_owned())
                })?;
                std::fs::create_dir_all(&folder).map_err(|error| {
                    MailError::Settings(format!(
                        "the folder {} cannot be made ({error})",
                        folder.display()
                    ))
                })?;
                Carrier::File(AsyncFileTransport::new(folder))
            }
            Way::Smtp => Carrier::Smtp(Box::new(smtp(settings)?)),
        };
        Ok(Self { carrier, from })
    }

    /// A transport that takes nothing away.
    pub fn nowhere() -> Self {
        Self {
            carrier: Carrier::None,
            from: Mailbox::new(None, lettre::Address::new_dangerous("sobria", "localhost")),
        }
    }

    /// Whether messages leave the database.
    pub const fn leaves(&self) -> bool {
        !matches!(self.carrier, Carrier::None)
    }

    /// Sends one message. `id` makes its `Message-ID`, so that a message sent twice is recognised as one.
    ///
    /// # Errors
    /// When an address is not one, or the server refuses or does not answer.
    pub async fn send(&self, id: &str, to: &str, message: &Message) -> Result<(), MailError> {
        let letter = self.letter(id, to, message)?;
        match &self.carrier {
            Carrier::None => Ok(()),
            Carrier::File(files) => files
                .send(letter)
                .await
                .map(|_| ())
                .map_err(|error| MailError::Later(error.to_string())),
            Carrier::Smtp(server) => server.send(letter).await.map(|_| ()).map_err(|error| {
                if error.is_permanent() {
                    MailError::Refused(error.to_string())
                } else {
                    MailError::Later(error.to_string())
                }
            }),
        }
    }

    fn letter(&self, id: &str, to: &str, message: &Message) -> Result<Letter, MailError> {
        let mailbox = |text: &str| {
            text.parse::<lettre::Address>()
                .map(|address| Mailbox::new(None, address))
                .map_err(|error| MailError::Unfit(error.to_string()))
        };
        let one_line = |text: &str| {
            text.chars()
                .map(|c| if c.is_control() { ' ' } else { c })
                .collect::<String>()
        };
        let mut builder = Letter::builder()
            .from(self.from.clone())
            .to(mailbox(to)?)
            .subject(one_line(&message.subject))
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .header(AutoSubmitted("auto-generated".to_owned()));
        if let Some(reply_to) = &message.reply_to {
            builder = builder.reply_to(mailbox(reply_to)?);
        }
        if let Some(address) = &message.unsubscribe {
            builder = builder
                .header(ListUnsubscribe(format!("<{}>", one_line(address))))
                .header(ListUnsubscribePost("List-Unsubscribe=One-Click".to_owned()));
        }
        builder
            .multipart(
                MultiPart::alternative()
                    .singlepart(
                        SinglePart::builder()
                            .header(ContentType::TEXT_PLAIN)
                            .body(message.text.clone()),
                    )
                    .singlepart(
                        SinglePart::builder()
                            .header(ContentType::TEXT_HTML)
                            .body(message.html.clone()),
                    ),
            )
            .map_err(|error| MailError::Unfit(error.to_string()))
    }
}

fn smtp(settings: &Settings) -> Result<AsyncSmtpTransport<Tokio1Executor>, MailError> {
    let wrong = |error: lettre::transport::smtp::Error| {
        MailError::Settings(format!("the mail server cannot be used: {error}"))
    };
    let read = |path: &PathBuf| {
        std::fs::read_to_string(path)
            .map_err(|error| MailError::Settings(format!("{} cannot be read ({error})", path.display())))
    };
    let mut builder =
        AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host).timeout(Some(ANSWER_TIME));
    let (tls, port) = match settings.security {
        Security::None => (Tls::None, 25),
        Security::Starttls | Security::Implicit => {
            let mut parameters = TlsParameters::builder(settings.host.clone());
            if let Some(path) = &settings.ca_file {
                let authority = Certificate::from_pem(read(path)?.as_bytes()).map_err(wrong)?;
                parameters = parameters.add_root_certificate(authority);
            }
            let parameters = parameters.build_rustls().map_err(wrong)?;
            if settings.security == Security::Implicit {
                (Tls::Wrapper(parameters), 465)
            } else {
                (Tls::Required(parameters), 587)
            }
        }
    };
    builder = builder.tls(tls).port(settings.port.unwrap_or(port));
    if let Some(user) = &settings.user {
        let password = match (&settings.password, &settings.password_file) {
            (Some(password), _) => password.clone(),
            (None, Some(path)) => read(path)?.trim_end().to_owned(),
            (None, None) => String::new(),
        };
        builder = builder.credentials(Credentials::new(user.clone(), password));
    }
    Ok(builder.build())
}
