//! What a person was told is kept is kept, whatever ends the server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, in its helpers too"
)]

#[path = "support/http.rs"]
mod http;
#[path = "support/serving.rs"]
mod serving;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use self::http::{Client, begin, fill, receipt, submit};
use self::serving::Serving;

/// Whatever a contribution must hold to be handed in.
const ESSENTIAL: [(&str, &str); 6] = [
    (
        "description",
        "Des micros écoutent le réseau d’eau et signalent un débit anormal.",
    ),
    ("theme", "transition"),
    ("audiences", "agent"),
    ("start_date", "03/2025"),
    ("maturity", "experimentation"),
    ("delivery", "interne"),
];

/// Submissions after which the loop ends; `SOBRIA_TEST_SUBMISSIONS` asks for more.
const SUBMISSIONS: usize = 40;
/// People who write at the same time, each within the hourly allowance of an account.
const AUTHORS: usize = 4;

/// Addresses of what was handed in, with the number shown where the server lived long enough to show it.
type Acknowledged = Mutex<BTreeMap<String, Option<String>>>;

/// Hands in one project after another until the server is gone.
fn write(client: &mut Client, stop: &AtomicBool, count: &AtomicUsize, told: &Acknowledged) {
    while !stop.load(Ordering::Relaxed) {
        let title = format!("Projet numéro {}", count.fetch_add(1, Ordering::Relaxed));
        let case = begin(client, &title).and_then(|case| {
            let mut fields = vec![("title", title.as_str())];
            fields.extend(ESSENTIAL);
            fill(client, &case, "essentiel", &fields).map(|()| case)
        });
        let Ok(case) = case else { return };
        if let Err(error) = submit(client, &case) {
            // The connection broke; an answer that refuses would be a mistake of this test.
            assert!(!error.to_string().starts_with('4'), "{error}");
            return;
        }
        let number = receipt(client, &case).ok();
        told.lock().unwrap().insert(case, number);
    }
}

fn serve(folder: &Path) -> Serving {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sobria"));
    command.current_dir(folder).arg("serve");
    Serving::start(command)
}

#[test]
fn every_submission_acknowledged_is_found_after_the_server_was_killed() {
    let wanted = std::env::var("SOBRIA_TEST_SUBMISSIONS")
        .ok()
        .map_or(SUBMISSIONS, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let (told, count) = (Acknowledged::default(), AtomicUsize::new(0));
    let mut server = serve(folder.path());
    let mut authors: Vec<Client> = (0..AUTHORS)
        .map(|n| {
            Client::of_account(
                folder.path(),
                &server.address,
                &format!("agent{n}@ville.exemple.fr"),
                &["--role", "moderator"],
            )
        })
        .collect();
    // The moments of the kills differ from one round to the next, and are the same from one run to the next.
    let mut pause = 40_u64;
    let mut rounds = 0;
    while told.lock().unwrap().len() < wanted {
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for author in &mut authors {
                scope.spawn(|| write(author, &stop, &count, &told));
            }
            pause = (pause * 73 + 29) % 600;
            std::thread::park_timeout(Duration::from_millis(60 + pause));
            stop.store(true, Ordering::Relaxed);
            server.child.kill().unwrap();
            server.child.wait().unwrap();
        });
        server = serve(folder.path());
        for author in &mut authors {
            author.address.clone_from(&server.address);
        }
        rounds += 1;
        assert!(rounds < wanted * 20, "hardly anything is handed in");
    }
    let mut numbers = BTreeSet::new();
    for (case, shown) in told.into_inner().unwrap() {
        let found = authors
            .iter_mut()
            .find_map(|author| receipt(author, &case).ok())
            .unwrap_or_else(|| panic!("{case} was handed in and is not found"));
        assert!(
            shown.is_none_or(|shown| shown == found),
            "{case} changed its number"
        );
        assert!(numbers.insert(found), "{case} has the number of another");
    }
    let checked = std::process::Command::new(env!("CARGO_BIN_EXE_sobria"))
        .current_dir(folder.path())
        .args(["admin", "check"])
        .output()
        .unwrap();
    assert!(checked.status.success(), "{checked:?}");
}
