//! A real conversation over a socket: what leaves is read back by a parser that is not ours.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may stop at the first surprise"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mailparse::{MailHeaderMap as _, parse_mail};
use sobria_mail::{MailError, Message, Security, Settings, Transport, Way};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// What the server was told: envelope and data.
#[derive(Debug)]
struct Received {
    recipients: Vec<String>,
    signed_in: bool,
    data: String,
}

/// How the server behaves.
#[derive(Clone, Copy, PartialEq)]
enum Temper {
    Kind,
    RefusesRecipient,
    AsksToComeBack,
    RefusesPassword,
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    temper: Temper,
    told: UnboundedSender<Received>,
) {
    let mut stream = BufReader::new(stream);
    let mut received = Received {
        recipients: Vec::new(),
        signed_in: false,
        data: String::new(),
    };
    let mut line = String::new();
    while stream.read_line(&mut line).await.unwrap_or(0) > 0 {
        let command = line.trim_end().to_owned();
        line.clear();
        let upper = command.to_ascii_uppercase();
        let answer = if upper.starts_with("EHLO") {
            "250-sink\r\n250 AUTH PLAIN\r\n"
        } else if upper.starts_with("AUTH PLAIN") && temper == Temper::RefusesPassword {
            "535 5.7.8 wrong password\r\n"
        } else if upper.starts_with("AUTH PLAIN") {
            received.signed_in = true;
            "235 ok\r\n"
        } else if upper.starts_with("RCPT TO") {
            received.recipients.push(command["RCPT TO:".len()..].to_owned());
            match temper {
                Temper::Kind | Temper::RefusesPassword => "250 ok\r\n",
                Temper::RefusesRecipient => "550 5.1.1 <paul@ville.fr>: no such mailbox\r\n",
                Temper::AsksToComeBack => "451 4.7.1 paul@ville.fr: come back later\r\n",
            }
        } else if upper == "DATA" {
            stream.get_mut().write_all(b"354 go on\r\n").await.unwrap();
            let mut row = String::new();
            while stream.read_line(&mut row).await.unwrap() > 0 && row != ".\r\n" {
                received.data.push_str(row.strip_prefix('.').unwrap_or(&row));
                row.clear();
            }
            "250 kept\r\n"
        } else if upper == "QUIT" {
            break;
        } else {
            "250 ok\r\n"
        };
        stream.get_mut().write_all(answer.as_bytes()).await.unwrap();
        if !received.data.is_empty() {
            let whole = std::mem::replace(
                &mut received,
                Received {
                    recipients: Vec::new(),
                    signed_in: false,
                    data: String::new(),
                },
            );
            let _ = told.send(whole);
        }
    }
}

/// How the server protects what it is told.
#[derive(Clone)]
enum Guard {
    None,
    Implicit(TlsAcceptor),
    Starttls(TlsAcceptor),
}

/// Greets in clear, and turns to TLS when asked to. `None` when the client leaves instead.
async fn until_starttls(stream: TcpStream) -> Option<TcpStream> {
    let mut stream = BufReader::new(stream);
    stream.get_mut().write_all(b"220 sink\r\n").await.unwrap();
    let mut line = String::new();
    while stream.read_line(&mut line).await.unwrap_or(0) > 0 {
        let upper = line.trim_end().to_ascii_uppercase();
        line.clear();
        let answer = match upper.as_str() {
            "STARTTLS" => "220 go on\r\n",
            greeting if greeting.starts_with("EHLO") => "250-sink\r\n250 STARTTLS\r\n",
            _ => "530 5.7.0 STARTTLS first\r\n",
        };
        stream.get_mut().write_all(answer.as_bytes()).await.unwrap();
        if upper == "STARTTLS" {
            return Some(stream.into_inner());
        }
    }
    None
}

/// A mail server on a free port.
async fn server(temper: Temper, guard: Guard) -> (u16, UnboundedReceiver<Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (told, heard) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (told, guard) = (told.clone(), guard.clone());
            tokio::spawn(async move {
                match guard {
                    Guard::Implicit(acceptor) => {
                        if let Ok(mut stream) = acceptor.accept(stream).await {
                            stream.write_all(b"220 sink\r\n").await.unwrap();
                            converse(stream, temper, told).await;
                        }
                    }
                    Guard::Starttls(acceptor) => {
                        if let Some(stream) = until_starttls(stream).await
                            && let Ok(stream) = acceptor.accept(stream).await
                        {
                            converse(stream, temper, told).await;
                        }
                    }
                    Guard::None => {
                        let mut stream = stream;
                        stream.write_all(b"220 sink\r\n").await.unwrap();
                        converse(stream, temper, told).await;
                    }
                }
            });
        }
    });
    (port, heard)
}

fn settings(port: u16) -> Settings {
    Settings {
        transport: Way::Smtp,
        from: "Bibliothèque d’IA <ne-pas-repondre@ia.exemple.fr>".to_owned(),
        host: "localhost".to_owned(),
        port: Some(port),
        security: Security::None,
        ..Settings::default()
    }
}

fn message() -> Message {
    Message {
        subject: "Votre fiche « Fuites » est publiée".to_owned(),
        text: "Bonjour,\n\nVoilà : l’été arrive.\n.\nFin".to_owned(),
        html: "<p>Voilà : l’été arrive.</p>".to_owned(),
        reply_to: Some("jeanne@ville.fr".to_owned()),
        unsubscribe: Some("https://ia.exemple.fr/desinscription/abc".to_owned()),
    }
}

#[tokio::test]
async fn a_message_arrives_as_it_was_written() {
    let (port, mut heard) = server(Temper::Kind, Guard::None).await;
    let transport = Transport::new(&settings(port)).unwrap();
    transport.send("id-1", "paul@ville.fr", &message()).await.unwrap();
    let received = heard.recv().await.unwrap();
    assert_eq!(received.recipients, ["<paul@ville.fr>"]);
    let mail = parse_mail(received.data.as_bytes()).unwrap();
    let header = |name: &str| mail.headers.get_first_value(name).unwrap();
    assert_eq!(header("Subject"), "Votre fiche « Fuites » est publiée");
    assert_eq!(header("To"), "paul@ville.fr");
    assert_eq!(
        header("From"),
        "Bibliothèque d’IA <ne-pas-repondre@ia.exemple.fr>"
    );
    assert_eq!(header("Reply-To"), "jeanne@ville.fr");
    assert_eq!(header("Message-ID"), "<id-1@ia.exemple.fr>");
    assert_eq!(header("Auto-Submitted"), "auto-generated");
    assert_eq!(
        header("List-Unsubscribe"),
        "<https://ia.exemple.fr/desinscription/abc>"
    );
    assert_eq!(header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert_eq!(mail.ctype.mimetype, "multipart/alternative");
    let parts: Vec<String> = mail
        .subparts
        .iter()
        .map(|part| part.get_body().unwrap())
        .collect();
    assert_eq!(parts[0].replace("\r\n", "\n").trim_end(), message().text);
    assert_eq!(parts[1].trim_end(), message().html);
    assert_eq!(mail.subparts[0].ctype.mimetype, "text/plain");
}

#[tokio::test]
async fn a_subject_never_becomes_a_header_nor_an_address_a_second_one() {
    let (port, mut heard) = server(Temper::Kind, Guard::None).await;
    let transport = Transport::new(&settings(port)).unwrap();
    let mut hostile = message();
    hostile.subject = "Bonjour\r\nBcc: voleur@ailleurs.fr".to_owned();
    transport.send("id-2", "paul@ville.fr", &hostile).await.unwrap();
    let received = heard.recv().await.unwrap();
    let mail = parse_mail(received.data.as_bytes()).unwrap();
    assert!(mail.headers.get_first_value("Bcc").is_none());
    assert_eq!(received.recipients, ["<paul@ville.fr>"]);
    for address in [
        "paul@ville.fr, voleur@ailleurs.fr",
        "paul@ville.fr\r\nRCPT TO:<x@y.fr>",
        "",
    ] {
        let refused = transport.send("id-3", address, &message()).await.unwrap_err();
        assert!(refused.is_for_good(), "{address:?}: {refused}");
    }
}

#[tokio::test]
async fn a_refusal_for_good_is_told_from_one_for_now() {
    for (temper, for_good) in [(Temper::RefusesRecipient, true), (Temper::AsksToComeBack, false)] {
        let (port, _heard) = server(temper, Guard::None).await;
        let transport = Transport::new(&settings(port)).unwrap();
        let error = transport
            .send("id", "paul@ville.fr", &message())
            .await
            .unwrap_err();
        assert_eq!(error.is_for_good(), for_good, "{error}");
        assert!(!error.to_string().contains("paul@"), "{error}");
    }
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    let transport = Transport::new(&settings(port)).unwrap();
    let error = transport
        .send("id", "paul@ville.fr", &message())
        .await
        .unwrap_err();
    assert!(matches!(error, MailError::Later(_)), "{error}");
}

/// A certificate that vouches for itself: what the server holds, and the file that lets a client believe it.
fn certified(folder: &Path) -> (TlsAcceptor, PathBuf) {
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let ca = folder.join("ca.pem");
    std::fs::write(&ca, certified.cert.pem()).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der()));
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), ca)
}

fn with_password(port: u16, security: Security) -> Settings {
    Settings {
        security,
        user: Some("sobria".to_owned()),
        password: Some("secret".to_owned()),
        ..settings(port)
    }
}

#[tokio::test]
async fn tls_is_checked_and_the_password_goes_through_it() {
    let folder = tempfile::tempdir().unwrap();
    let (acceptor, ca) = certified(folder.path());
    for (guard, security) in [
        (Guard::Implicit(acceptor.clone()), Security::Implicit),
        (Guard::Starttls(acceptor), Security::Starttls),
    ] {
        let (port, mut heard) = server(Temper::Kind, guard).await;
        let mut trusted = with_password(port, security);
        let unknown = Transport::new(&trusted).unwrap();
        let refused = unknown.send("id", "paul@ville.fr", &message()).await;
        assert!(
            matches!(refused, Err(MailError::Later(_))),
            "{security:?}: a certificate that nobody vouches for is refused: {refused:?}"
        );
        trusted.ca_file = Some(ca.clone());
        let transport = Transport::new(&trusted).unwrap();
        transport.send("id", "paul@ville.fr", &message()).await.unwrap();
        let received = heard.recv().await.unwrap();
        assert!(received.signed_in, "{security:?}");
        assert!(heard.try_recv().is_err(), "{security:?}: one message");
    }
}

#[tokio::test]
async fn nothing_is_said_to_a_server_that_does_not_offer_the_tls_asked_for() {
    let (port, mut heard) = server(Temper::Kind, Guard::None).await;
    let transport = Transport::new(&with_password(port, Security::Starttls)).unwrap();
    let error = transport
        .send("id", "paul@ville.fr", &message())
        .await
        .unwrap_err();
    assert!(matches!(error, MailError::Later(_)), "{error}");
    assert!(heard.try_recv().is_err());
}

#[tokio::test]
async fn a_wrong_password_makes_messages_wait() {
    let (port, _heard) = server(Temper::RefusesPassword, Guard::None).await;
    let transport = Transport::new(&with_password(port, Security::None)).unwrap();
    let error = transport
        .send("id", "paul@ville.fr", &message())
        .await
        .unwrap_err();
    assert!(matches!(error, MailError::Later(_)), "{error}");
    assert!(error.to_string().contains("535"), "{error}");
}

#[tokio::test]
async fn files_hold_the_same_message() {
    let folder = tempfile::tempdir().unwrap();
    let transport = Transport::new(&Settings {
        transport: Way::File,
        folder: Some(folder.path().join("courriels")),
        ..settings(25)
    })
    .unwrap();
    transport.send("id-9", "paul@ville.fr", &message()).await.unwrap();
    let file = std::fs::read_dir(folder.path().join("courriels"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let bytes = std::fs::read(file.path()).unwrap();
    let mail = parse_mail(&bytes).unwrap();
    assert_eq!(
        mail.headers.get_first_value("Subject").unwrap(),
        message().subject
    );
    assert!(transport.leaves());
}

#[test]
fn settings_that_cannot_work_are_refused_at_start() {
    type Change = Box<dyn Fn(&mut Settings)>;
    let changes: [(Change, &str); 5] = [
        (
            Box::new(|settings: &mut Settings| settings.from = "pas une adresse".to_owned()),
            "mail.from",
        ),
        (Box::new(|settings| settings.transport = Way::File), "mail.folder"),
        (
            Box::new(|settings| {
                settings.security = Security::Implicit;
                settings.ca_file = Some("/nonexistent/ca.pem".into());
            }),
            "ca.pem",
        ),
        (
            Box::new(|settings| settings.from = Settings::default().from),
            "mail.from",
        ),
        (
            Box::new(|settings| {
                settings.host = "smtp.exemple.fr".to_owned();
                settings.user = Some("sobria".to_owned());
            }),
            "en clair",
        ),
    ];
    for (change, expected) in changes {
        let mut settings = settings(25);
        change(&mut settings);
        let error = Transport::new(&settings).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert!(!format!("{settings:?}").contains('@'));
    }
}
