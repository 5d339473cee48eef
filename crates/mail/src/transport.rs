//! What takes messages away: a mail server, a folder of files, or nothing.

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

use crate::error::MailError;
use crate::message::Message;
use crate::settings::{Security, Settings, Way};

/// How long a mail server may take to answer.
const ANSWER_TIME: Duration = Duration::from_secs(20);

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
                "« mail.from » vaut « {} », qui n’est pas une adresse ({error}). Attendu : Nom <adresse@domaine.fr>.",
                settings.from
            ))
        })?;
        let carrier = match settings.transport {
            Way::None => Carrier::None,
            Way::File => {
                let folder = settings.folder.clone().ok_or_else(|| {
                    MailError::Settings(
                        "« mail.folder » manque : il dit dans quel dossier écrire les courriels.".to_owned(),
                    )
                })?;
                std::fs::create_dir_all(&folder).map_err(|error| {
                    MailError::Settings(format!(
                        "le dossier « {} » de « mail.folder » ne peut pas être créé ({error}).",
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
            Carrier::Smtp(server) => server
                .send(letter)
                .await
                .map(|_| ())
                .map_err(|error| MailError::of_smtp(&error)),
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
    settings.refuse_unsafe()?;
    let wrong = |error: lettre::transport::smtp::Error| {
        MailError::Settings(format!(
            "le serveur de courriel « {} » ne peut pas être utilisé ({error}).",
            settings.host
        ))
    };
    let read = |path: &PathBuf| {
        std::fs::read_to_string(path).map_err(|error| {
            MailError::Settings(format!(
                "« {} », donné dans [mail], ne peut pas être lu ({error}).",
                path.display()
            ))
        })
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
