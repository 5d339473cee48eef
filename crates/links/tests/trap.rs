//! A server inside counts who comes: whatever an address says, nobody does. Each test fails when its guard is taken off.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, in its helpers too"
)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sobria_links::guard::{Guard, Refusal};
use sobria_links::{Checker, Pace, Verdict};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const QUICK: Pace = Pace {
    connect: Duration::from_secs(2),
    answer: Duration::from_secs(2),
    pause: Duration::ZERO,
};

/// A server that answers by method and path, and counts.
struct Server {
    place: SocketAddr,
    hits: Arc<AtomicUsize>,
}

impl Server {
    async fn new(at: &str, answer: impl Fn(&str, &str) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(at).await.unwrap();
        let place = listener.local_addr().unwrap();
        let hits = Arc::new(AtomicUsize::new(0));
        let (count, answer) = (Arc::clone(&hits), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let answer = Arc::clone(&answer);
                tokio::spawn(async move {
                    let mut head = vec![0; 8192];
                    let read = stream.read(&mut head).await.unwrap_or(0);
                    let text = String::from_utf8_lossy(&head[..read]).into_owned();
                    let mut words = text.split(' ');
                    let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
                    let _ = stream.write_all(answer(method, path).as_bytes()).await;
                });
            }
        });
        Self { place, hits }
    }

    fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }
}

fn status(line: &str) -> String {
    format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

fn checker(guard: Guard) -> Checker {
    Checker::new("Sobria/essai", guard, QUICK).unwrap()
}

#[tokio::test]
async fn no_way_of_writing_this_machine_reaches_it() {
    let trap = Server::new("127.0.0.1:0", |_, _| status("200 OK")).await;
    let port = trap.place.port();
    // The port is let through, so that only the guard of places stands in the way.
    let guard = Guard::also([SocketAddr::new("203.0.113.1".parse().unwrap(), port)]);
    let checker = checker(guard);
    for host in [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::]",
        "①②⑦.0.0.1",
    ] {
        let verdict = checker.check(&format!("http://{host}:{port}/")).await;
        assert!(
            matches!(verdict, Verdict::Refused(Refusal::Private)),
            "{host}: {verdict:?}"
        );
    }
    assert_eq!(trap.hits(), 0);
}

#[tokio::test]
async fn a_redirection_is_guarded_as_the_first_address_was() {
    let trap = Server::new("127.0.0.1:0", |_, _| status("200 OK")).await;
    let inside = trap.place;
    let front = Server::new("127.0.0.2:0", move |_, path| {
        let to = match path {
            "/nombre" => format!("http://{inside}/"),
            "/nom" => format!("http://localhost:{}/", inside.port()),
            "/fichier" => "file:///etc/passwd".to_owned(),
            "/port" => "http://127.0.0.2:22/".to_owned(),
            "/encore" => "/nombre".to_owned(),
            _ => return status("404 Not Found"),
        };
        format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    })
    .await;
    // The trap's port is allowed on another machine, its place is not.
    let guard = Guard::also([front.place, SocketAddr::new(front.place.ip(), inside.port())]);
    let checker = checker(guard);
    for (path, refusal) in [
        ("nombre", Refusal::Private),
        ("nom", Refusal::Private),
        ("fichier", Refusal::Address),
        ("port", Refusal::Port),
        ("encore", Refusal::Private),
    ] {
        let verdict = checker.check(&format!("http://{}/{path}", front.place)).await;
        assert_eq!(verdict, Verdict::Refused(refusal), "{path}");
    }
    assert_eq!(trap.hits(), 0);
    assert!(front.hits() > 0);
}

#[tokio::test]
async fn an_answer_is_told_and_its_body_is_never_waited_for() {
    let site = Server::new("127.0.0.1:0", |method, path| match (method, path) {
        (_, "/robots.txt") => {
            let text = "User-agent: *\nDisallow: /non\n";
            format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
                text.len()
            )
        }
        ("HEAD", "/tete") => status("405 Method Not Allowed"),
        ("GET", "/tete") => "HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n".to_owned(),
        (_, "/vit") => status("200 OK"),
        (_, "/garde") => status("403 Forbidden"),
        (_, "/tourne") => {
            "HTTP/1.1 301 Moved\r\nLocation: /tourne\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                .to_owned()
        }
        _ => status("404 Not Found"),
    })
    .await;
    let checker = checker(Guard::also([site.place]));
    for (path, expected) in [
        ("vit", Verdict::Alive(200)),
        ("tete", Verdict::Alive(200)),
        ("garde", Verdict::Closed(403)),
        ("parti", Verdict::Gone(404)),
        ("tourne", Verdict::Loop),
        ("non/page", Verdict::Robots),
    ] {
        let verdict = checker.check(&format!("http://{}/{path}", site.place)).await;
        assert_eq!(verdict, expected, "{path}");
    }
    let closed = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let silent = Checker::new("Sobria/essai", Guard::also([closed]), QUICK).unwrap();
    assert_eq!(silent.check(&format!("http://{closed}/")).await, Verdict::Silent);
}

#[tokio::test]
async fn a_host_has_its_pause_between_two_requests() {
    let site = Server::new("127.0.0.1:0", |_, _| status("200 OK")).await;
    let pace = Pace {
        pause: Duration::from_millis(150),
        ..QUICK
    };
    let checker = Checker::new("Sobria/essai", Guard::also([site.place]), pace).unwrap();
    let began = Instant::now();
    let address = format!("http://{}/", site.place);
    // Rules, then twice the page.
    checker.check(&address).await;
    checker.check(&address).await;
    assert!(
        began.elapsed() >= Duration::from_millis(300),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(site.hits(), 3);
}
