//! Fifty authors and five moderators at work at once: how long each answer takes, and whether all is kept.
//!
//! `cargo bench -p sobria --bench authors -- [SECONDS] [PAUSE_MS] [AUTHORS]`: how long, what each person waits between two
//! requests (nothing by default, as no person ever does), and how many they are.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::integer_division,
    reason = "a bench reports, and may stop at the first surprise"
)]

#[path = "../tests/support/http.rs"]
mod http;
#[path = "../tests/support/serving.rs"]
mod serving;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use self::http::{Client, begin, fill, receipt, submit, unexpected, value_of};
use self::serving::Serving;

const AUTHORS: u64 = 50;
const MODERATORS: usize = 5;
/// An account may hand in sixty projects an hour.
const EACH: usize = 50;
const CARRIER: &str = r#"[{"organisation": {"name": "Commune des Essais", "kind": "commune", "siret": "21750001600019",
    "latitude": 48.85, "longitude": 2.35}, "title": "Compter les fuites", "description": "Écouter le réseau.",
    "summary": "Trouver les fuites.", "theme": "transition", "audiences": ["agent"], "start_date": "2024-03",
    "maturity": "deploiement", "delivery": "interne", "algorithm": {"kinds": ["ml"]}}]"#;
type Step = (&'static str, &'static [(&'static str, &'static str)]);

const STEPS: [Step; 4] = [
    (
        "essentiel",
        &[
            (
                "description",
                "Des micros écoutent le réseau d’eau et signalent un débit anormal.",
            ),
            ("theme", "transition"),
            ("audiences", "agent"),
            ("start_date", "03/2025"),
            ("maturity", "experimentation"),
            ("delivery", "interne"),
        ],
    ),
    (
        "projet",
        &[("summary", "Des micros repèrent les fuites la nuit.")],
    ),
    (
        "algorithme",
        &[
            ("algorithm.name", "Écoute"),
            ("algorithm.kinds", "ml"),
            ("hosting.text", "Sur place"),
        ],
    ),
    (
        "donnees",
        &[
            ("data.sources.text", "Le réseau"),
            ("data.collection.text", "Des micros"),
        ],
    ),
];

struct Work {
    stop: AtomicBool,
    pause: Duration,
    handed_in: Mutex<Vec<String>>,
    published: AtomicUsize,
    errors: Mutex<BTreeMap<String, usize>>,
}

impl Work {
    fn goes_on(&self) -> bool {
        thread::sleep(self.pause);
        !self.stop.load(Ordering::Relaxed)
    }

    fn note(&self, error: &io::Error) {
        let page = error.to_string();
        let told = page
            .find("role=\"alert\"")
            .and_then(|at| page.get(at..))
            .unwrap_or(&page);
        let text: String = told.chars().take(900).collect();
        *self.errors.lock().unwrap().entry(text).or_default() += 1;
    }
}

/// Writes one project after another, step by step; once the hour's share is handed in, goes on with a draft.
fn write(client: &mut Client, name: usize, work: &Work) {
    let mut sent = 0;
    let mut last = None;
    while work.goes_on() {
        let title = format!("Projet {sent} de l’agent {name}");
        let mut step = |client: &mut Client| -> io::Result<()> {
            let case = match last.take() {
                Some(case) => case,
                None => begin(client, &title)?,
            };
            for (key, fields) in STEPS {
                if !work.goes_on() {
                    return Ok(());
                }
                let mut all = fields.to_vec();
                if key == "essentiel" {
                    all.push(("title", &title));
                }
                fill(client, &case, key, &all)?;
            }
            if sent < EACH && work.goes_on() {
                submit(client, &case)?;
                work.handed_in.lock().unwrap().push(case);
            } else {
                last = Some(case);
            }
            Ok(())
        };
        match step(client) {
            Ok(()) => sent += 1,
            Err(error) => work.note(&error),
        }
    }
}

/// Takes what waits and publishes it. Another moderator may have been quicker.
fn moderate(client: &mut Client, number: usize, work: &Work) {
    while work.goes_on() {
        let step = |client: &mut Client| -> io::Result<()> {
            let queue = client.get("/moderation")?;
            let waiting: Vec<&str> = queue
                .body
                .split("href=\"/moderation/")
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
                .filter(|id| id.len() == 36)
                .collect();
            let Some(id) = waiting.get(number % waiting.len().max(1)) else {
                return Ok(());
            };
            for what in ["prendre", "publier"] {
                let page = client.get(&format!("/moderation/{id}"))?;
                let (Some(version), seen) = (value_of(&page.body, "_version"), value_of(&page.body, "vu"))
                else {
                    return Ok(());
                };
                let fields = [
                    ("_version", version.as_str()),
                    ("vu", seen.as_deref().unwrap_or("")),
                ];
                let answer = client.send(&format!("/moderation/{id}/{what}"), &fields)?;
                match answer.status {
                    303 => {}
                    409 => return Ok(()),
                    _ => return Err(unexpected(&answer)),
                }
            }
            work.published.fetch_add(1, Ordering::Relaxed);
            Ok(())
        };
        if let Err(error) = step(client) {
            work.note(&error);
        }
    }
}

fn import(folder: &Path) {
    std::fs::write(folder.join("porteur.json"), CARRIER).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_sobria"))
        .current_dir(folder)
        .args(["import", "use-cases", "porteur.json", "--commit", "--publish"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// A request without what names one contribution.
fn kind(request: &str) -> String {
    let parts: Vec<&str> = request
        .split('/')
        .map(|part| if part.len() == 36 { "…" } else { part })
        .collect();
    parts.join("/")
}

fn line(name: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |share: usize| {
        let place = (times.len() * share / 1000).min(times.len().saturating_sub(1));
        times.get(place).copied().unwrap_or_default()
    };
    println!(
        "{name:36} {:>6} median {:>9.1?} p95 {:>9.1?} p99 {:>9.1?} longest {:>9.1?}",
        times.len(),
        at(500),
        at(950),
        at(990),
        at(1000)
    );
}

fn serve(folder: &Path) -> Serving {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sobria"));
    command.current_dir(folder).arg("serve");
    Serving::start(command)
}

fn main() {
    let numbers: Vec<u64> = std::env::args().filter_map(|word| word.parse().ok()).collect();
    let seconds = numbers.first().copied().unwrap_or(60);
    let pause = numbers.get(1).copied().unwrap_or(0);
    let count = usize::try_from(numbers.get(2).copied().unwrap_or(AUTHORS)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    import(folder.path());
    let mut server = serve(folder.path());
    let address = server.address.clone();
    let people = |kind: &str, count: usize, options: &[&str]| -> Vec<Client> {
        (0..count)
            .map(|n| {
                Client::of_account(
                    folder.path(),
                    &address,
                    &format!("{kind}{n}@ville.exemple.fr"),
                    options,
                )
            })
            .collect()
    };
    let mut authors = people("agent", count, &["--organisation", "Commune des Essais"]);
    let mut moderators = people("relecture", MODERATORS, &["--role", "moderator"]);
    for client in authors.iter_mut().chain(&mut moderators) {
        client.times.clear();
    }
    let work = Work {
        stop: AtomicBool::new(false),
        pause: Duration::from_millis(pause),
        handed_in: Mutex::default(),
        published: AtomicUsize::new(0),
        errors: Mutex::default(),
    };
    let began = Instant::now();
    thread::scope(|scope| {
        for (number, author) in authors.iter_mut().enumerate() {
            let work = &work;
            scope.spawn(move || write(author, number, work));
        }
        for (number, moderator) in moderators.iter_mut().enumerate() {
            let work = &work;
            scope.spawn(move || moderate(moderator, number, work));
        }
        thread::sleep(Duration::from_secs(seconds));
        work.stop.store(true, Ordering::Relaxed);
    });
    let took = began.elapsed();
    let mut kinds: BTreeMap<String, Vec<Duration>> = BTreeMap::new();
    for (request, time) in authors.iter().chain(&moderators).flat_map(|client| &client.times) {
        kinds.entry(kind(request)).or_default().push(*time);
    }
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let server = serve(folder.path());
    for author in &mut authors {
        author.address.clone_from(&server.address);
    }
    let handed_in = work.handed_in.into_inner().unwrap();
    let lost = handed_in
        .iter()
        .filter(|case| !authors.iter_mut().any(|author| receipt(author, case).is_ok()))
        .count();
    let mut all: Vec<Duration> = kinds.values().flatten().copied().collect();
    println!(
        "{} answers in {took:.1?}, {} handed in, {} published, {lost} lost after a kill, {} errors",
        all.len(),
        handed_in.len(),
        work.published.into_inner(),
        work.errors.lock().unwrap().values().sum::<usize>(),
    );
    line("all", &mut all);
    for (kind, times) in &mut kinds {
        line(kind, times);
    }
    for (error, count) in work.errors.into_inner().unwrap() {
        println!("{count} × {error}");
    }
}
