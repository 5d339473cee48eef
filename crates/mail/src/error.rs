//! What keeps a message from leaving, in words that name nobody.

/// Answers of a mail server that are about the recipient, and will not change: no such mailbox, not here, moved,
/// a name that is none, a domain that takes no mail. Others are about the server or its settings, which an operator
/// mends while messages wait: a wrong password must not bury them.
const ABOUT_THE_RECIPIENT: [u16; 4] = [550, 551, 553, 556];

/// What keeps a message from leaving.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The settings cannot be used.
    #[error("{0}")]
    Settings(String),
    /// The message cannot be made: an address is not one.
    #[error("le message ne peut pas être composé ({0})")]
    Unfit(String),
    /// The server refuses for good.
    #[error("le serveur de courriel refuse ce destinataire ({0})")]
    Refused(String),
    /// The server does not answer, asks to come back, or does not take messages from here.
    #[error("le serveur de courriel ne prend pas le message pour l’instant ({0})")]
    Later(String),
}

impl MailError {
    /// Whether trying again is of no use.
    pub const fn is_for_good(&self) -> bool {
        matches!(self, Self::Unfit(_) | Self::Refused(_))
    }

    /// What a conversation over SMTP ended with. Servers repeat addresses in their answers: they are taken out.
    pub(crate) fn of_smtp(error: &lettre::transport::smtp::Error) -> Self {
        let mut told = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            let cause_told = cause.to_string();
            if !told.contains(&cause_told) {
                told = format!("{told}: {cause_told}");
            }
            source = cause.source();
        }
        let told = without_addresses(&told);
        let code = error.status().map_or(0, u16::from);
        if error.is_permanent() && ABOUT_THE_RECIPIENT.contains(&code) {
            Self::Refused(told)
        } else {
            Self::Later(told)
        }
    }
}

/// The same text with `***` for each word that holds an `@`.
pub(crate) fn without_addresses(text: &str) -> String {
    text.split(' ')
        .map(|word| if word.contains('@') { "***" } else { word })
        .collect::<Vec<_>>()
        .join(" ")
}
