//! What breaks around the program: no room, no right to write, a damaged file, a stop in the middle.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test stops at the first surprise, in its helpers too"
)]

#[allow(dead_code, reason = "each test takes of it what it needs")]
#[path = "support/http.rs"]
mod http;
#[path = "support/serving.rs"]
mod serving;

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use self::http::{Client, begin, value_of};
use self::serving::Serving;

const PROGRAM: &str = env!("CARGO_BIN_EXE_sobria");
const HEADER: &str =
    "coll_nom;nom_projet;coll_type;projet_date;projet_status;usage_description;theme;audience_service";

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(PROGRAM)
        .current_dir(folder)
        .args(arguments)
        .output()
        .expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A file of so many records, all different and none short.
fn catalogue(folder: &Path, name: &str, rows: usize) {
    let mut lines = format!("{HEADER}\n");
    for n in 0..rows {
        lines.push_str(&format!(
            "Commune de Valclair {};Projet numéro {n};Commune;03/2024;Terminé;{};Mobilités;Agent\n",
            n % 97,
            format!("Texte du projet {n}, ").repeat(12)
        ));
    }
    std::fs::write(folder.join(name), lines).unwrap();
}

fn records(folder: &Path) -> String {
    let output = run(folder, &["export", "use-cases", "--format", "ndjson"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

fn import(folder: &Path, name: &str) -> Command {
    let mut command = Command::new(PROGRAM);
    command.current_dir(folder).stdout(Stdio::null()).args([
        "import",
        "use-cases",
        name,
        "--commit",
        "--publish",
    ]);
    command
}

/// A server under the command that stands before it.
fn served(folder: &Path, before: &[&str]) -> Serving {
    let (program, arguments) = before.split_first().unwrap();
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .args(arguments)
        .args([PROGRAM, "serve"]);
    Serving::start(command)
}

fn signal(id: u32, name: &str) {
    let sent = Command::new("kill")
        .args([name, &id.to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

/// A limit on the size of files stands in for a disk without room: no right to mount one is needed.
fn limited(bytes: u64) -> String {
    format!("--fsize={bytes}:unlimited")
}

#[test]
fn an_import_without_room_writes_nothing_says_so_and_is_done_again() {
    let folder = tempfile::tempdir().unwrap();
    catalogue(folder.path(), "few.csv", 20);
    catalogue(folder.path(), "many.csv", 4_000);
    assert!(import(folder.path(), "few.csv").status().unwrap().success());
    let before = records(folder.path());
    let full = Command::new("prlimit")
        .current_dir(folder.path())
        .args([
            &limited(1_200_000),
            PROGRAM,
            "import",
            "use-cases",
            "many.csv",
            "--commit",
            "--publish",
        ])
        .output()
        .unwrap();
    assert_eq!(full.status.code(), Some(1), "{full:?}");
    assert!(
        text(&full.stderr).contains("plus de place sur le disque : rien n’a été écrit"),
        "{full:?}"
    );
    assert_eq!(records(folder.path()), before);
    assert!(import(folder.path(), "many.csv").status().unwrap().success());
    assert_eq!(records(folder.path()).lines().count(), 4_000, "twenty were there");
    assert!(run(folder.path(), &["admin", "check"]).status.success());
}

#[test]
fn a_server_without_room_reads_on_and_refuses_to_write() {
    let folder = tempfile::tempdir().unwrap();
    catalogue(folder.path(), "few.csv", 20);
    assert!(import(folder.path(), "few.csv").status().unwrap().success());
    let size = std::fs::metadata(folder.path().join("sobria-data/sobria.db"))
        .unwrap()
        .len();
    let server = served(folder.path(), &["prlimit", &limited(size + 400_000)]);
    let mut authors: Vec<(Client, String)> = (0..4)
        .map(|number| {
            let email = format!("agent{number}@ville.exemple.fr");
            let options = ["--role", "moderator"];
            let mut client = Client::of_account(folder.path(), &server.address, &email, &options);
            let case = begin(&mut client, &format!("Projet sans place {number}")).unwrap();
            (client, case)
        })
        .collect();
    // A draft is written whole each time: the room left is used up soon.
    let save = |(client, case): &mut (Client, String), number: usize| {
        let page = client.get(&format!("{case}/essentiel")).unwrap();
        assert_eq!(page.status, 200, "reading goes on: {}", page.body);
        let version = value_of(&page.body, "_version").unwrap();
        let words = format!("essai {number} {}", "mot ".repeat(1_200));
        let fields = [
            ("_version", version.as_str()),
            ("description", &words),
            ("title", "Projet sans place"),
        ];
        client.send(&format!("{case}/essentiel"), &fields).unwrap()
    };
    let mut kept = 0;
    let full = loop {
        let answer = save(&mut authors[0], kept);
        if answer.status != 303 {
            break answer;
        }
        kept += 1;
        assert!(kept < 2_000, "the room is never used up");
    };
    for full in [full, save(&mut authors[0], kept)] {
        assert_eq!(full.status, 507, "{}", full.body);
        assert!(full.body.contains("plus de place"), "{}", full.body);
    }
    // Several at once share a transaction: whose step used up the room is told so, the others that it is not kept.
    std::thread::scope(|scope| {
        for author in &mut authors {
            scope.spawn(move || {
                for number in 0..5 {
                    let refused = save(author, number);
                    assert!(
                        matches!(refused.status, 503 | 507),
                        "{}: {}",
                        refused.status,
                        refused.body
                    );
                }
            });
        }
    });
    for path in [
        "/",
        "/cas-usages",
        "/cas-usages?q=projet",
        "/exports/use-cases.csv",
    ] {
        let mut reader = Client::new(&server.address);
        let answer = reader.get(path).map(|answer| answer.status);
        // A streamed answer has no length, which this client does not read.
        assert!(
            answer
                .as_ref()
                .map_or(path.starts_with("/exports"), |status| *status == 200),
            "{path}: {answer:?}"
        );
    }
    let freed = Command::new("prlimit")
        .args(["--pid", &server.child.id().to_string(), "--fsize=unlimited"])
        .status()
        .unwrap();
    assert!(freed.success());
    for author in &mut authors {
        let again = save(author, kept);
        assert_eq!(
            again.status, 303,
            "the first write after the room is back: {}",
            again.body
        );
    }
    drop(server);
    assert!(run(folder.path(), &["admin", "check"]).status.success());
}

#[test]
fn a_folder_that_cannot_be_written_is_said_at_start() {
    let folder = tempfile::tempdir().unwrap();
    catalogue(folder.path(), "few.csv", 3);
    std::fs::write(folder.path().join("file"), "x").unwrap();
    for command in [
        &["serve", "--listen", "127.0.0.1:0", "--data", "file/inside"][..],
        &["import", "use-cases", "few.csv", "--commit", "--data", "file"],
        &["export", "use-cases", "--format", "csv", "--data", "file/inside"],
    ] {
        let refused = run(folder.path(), command);
        let told = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{command:?}: {told}");
        assert!(
            told.contains("« file") && told.contains("droits"),
            "{command:?}: {told}"
        );
    }
}

#[test]
fn a_folder_that_is_only_readable_is_said_at_start_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    catalogue(folder.path(), "few.csv", 3);
    assert!(import(folder.path(), "few.csv").status().unwrap().success());
    // The rights of files do not bind the administrator: the program then runs as nobody.
    let is_root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout == b"0\n");
    let before: &[&str] = if is_root {
        &["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    } else {
        &["env"]
    };
    let as_reader = |arguments: &[&str]| {
        Command::new(before[0])
            .current_dir(folder.path())
            .args(&before[1..])
            .arg(PROGRAM)
            .args(arguments)
            .output()
    };
    let rights = |mode: &str| {
        let done = Command::new("chmod")
            .args(["-R", mode])
            .arg(folder.path())
            .status()
            .unwrap();
        assert!(done.success());
    };
    rights("a+rX,a-w");
    let can_run = as_reader(&["--version"]).is_ok_and(|output| output.status.success());
    let refused = as_reader(&["import", "use-cases", "few.csv", "--commit"]);
    let served = as_reader(&["serve", "--listen", "127.0.0.1:0"]);
    rights("u+rwX");
    if !can_run {
        eprintln!("SKIPPED: nobody may run {PROGRAM}");
        return;
    }
    for output in [refused.unwrap(), served.unwrap()] {
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains("droits"), "{told}");
    }
    assert_eq!(records(folder.path()).lines().count(), 3);
}

/// Damaged copies that are tried; `SOBRIA_TEST_DAMAGES` asks for more.
const DAMAGES: u64 = 24;

#[test]
fn a_damaged_database_is_reported_or_reads_as_it_was_and_the_backup_comes_back() {
    let count = std::env::var("SOBRIA_TEST_DAMAGES")
        .ok()
        .map_or(DAMAGES, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    catalogue(folder.path(), "some.csv", 400);
    assert!(import(folder.path(), "some.csv").status().unwrap().success());
    assert!(
        run(folder.path(), &["admin", "backup", "copy.db"])
            .status
            .success()
    );
    let path = folder.path().join("sobria-data/sobria.db");
    let sound = std::fs::read(&path).unwrap();
    let good = records(folder.path());
    let clean = || {
        for rest in ["sobria-data/sobria.db-wal", "sobria-data/sobria.db-shm"] {
            let _ = std::fs::remove_file(folder.path().join(rest));
        }
        let _ = std::fs::remove_dir_all(folder.path().join("sobria-data/index"));
    };
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = |below: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    let mut reported = 0;
    for number in 0..count {
        let mut bytes = sound.clone();
        match number % 4 {
            0 => bytes.truncate(sound.len() * (1 + next(3)) / 4),
            kind => {
                let length = [1, 16, 4_096][usize::try_from(kind - 1).unwrap()];
                let at = next(bytes.len() - length);
                for byte in &mut bytes[at..at + length] {
                    *byte ^= 1 + u8::try_from(next(255)).unwrap();
                }
            }
        }
        clean();
        std::fs::write(&path, &bytes).unwrap();
        let check = run(folder.path(), &["admin", "check", "--json"]);
        let told = format!("{}{}", text(&check.stdout), text(&check.stderr));
        assert!(!told.contains("panicked"), "{number}: {told}");
        match check.status.code() {
            Some(0) => assert_eq!(records(folder.path()), good, "{number}: wrong data are believed"),
            Some(1) => {
                assert!(
                    told.contains("\"table\"") || told.contains("sobria : "),
                    "{number}: {told}"
                );
                reported += 1;
            }
            other => panic!("{number}: {other:?} {told}"),
        }
    }
    assert!(reported > count / 4, "{reported} of {count}");
    clean();
    std::fs::remove_file(&path).unwrap();
    let restored = run(folder.path(), &["admin", "restore", "copy.db"]);
    assert!(restored.status.success(), "{}", text(&restored.stderr));
    assert_eq!(records(folder.path()), good);
}

#[test]
fn an_import_that_is_killed_is_whole_or_absent() {
    let folder = tempfile::tempdir().unwrap();
    catalogue(folder.path(), "few.csv", 5);
    catalogue(folder.path(), "many.csv", 1_000);
    assert!(import(folder.path(), "few.csv").status().unwrap().success());
    let quiet = |name| {
        let mut command = import(folder.path(), name);
        command.stderr(Stdio::null());
        command
    };
    let mut delay = Duration::from_millis(60);
    loop {
        let mut child = quiet("many.csv").spawn().unwrap();
        std::thread::sleep(delay);
        let _ = child.kill();
        let ended = child.wait().unwrap();
        let count = records(folder.path()).lines().count();
        assert!(count == 5 || count == 1_000, "{count} records after {delay:?}");
        assert!(
            run(folder.path(), &["admin", "check"]).status.success(),
            "{delay:?}"
        );
        if count == 1_000 || ended.success() {
            assert_eq!(count, 1_000, "what ended well is there");
            return;
        }
        // Each time a little later, until it is too late to matter.
        delay += delay / 2;
    }
}

#[test]
fn a_stop_lets_answers_end_and_leaves_an_import_whole_or_undone() {
    let folder = tempfile::tempdir().unwrap();
    catalogue(folder.path(), "few.csv", 200);
    catalogue(folder.path(), "many.csv", 3_000);
    assert!(import(folder.path(), "few.csv").status().unwrap().success());
    let mut server = served(folder.path(), &["env"]);
    let answered = AtomicUsize::new(0);
    let address = server.address.clone();
    let took = std::thread::scope(|scope| {
        for reader in 0..20 {
            let (answered, address) = (&answered, &address);
            scope.spawn(move || {
                let mut client = Client::new(address);
                for page in 1.. {
                    match client.get(&format!("/cas-usages?q=projet&page={page}&t={reader}")) {
                        Ok(answer) => {
                            assert_eq!(answer.status, 200);
                            assert!(
                                answer.body.ends_with("</html>")
                                    || answer.body.trim_end().ends_with("</html>")
                            );
                            answered.fetch_add(1, Ordering::Relaxed);
                        }
                        // The connection may close between two requests, never inside an answer.
                        Err(error) => {
                            assert_ne!(error.kind(), std::io::ErrorKind::UnexpectedEof, "{error}");
                            return;
                        }
                    }
                }
            });
        }
        let mut import = import(folder.path(), "many.csv")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while answered.load(Ordering::Relaxed) < 100 {
            std::thread::yield_now();
        }
        signal(import.id(), "-TERM");
        let began = Instant::now();
        signal(server.child.id(), "-TERM");
        let end = server.child.wait().unwrap();
        assert!(end.success(), "{end:?}");
        import.wait().unwrap();
        began.elapsed()
    });
    assert!(took < Duration::from_secs(10), "{took:?}");
    let count = records(folder.path()).lines().count();
    assert!(count == 200 || count == 3_000, "{count}");
    assert!(run(folder.path(), &["admin", "check"]).status.success());
}
