//! The built executable, as a person or a script meets it: commands, exit codes, messages, a clean stop.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, in its helpers too"
)]

#[path = "support/serving.rs"]
mod serving;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value as Json;

use self::serving::Serving;

const HEADER: &str = "coll_nom;nom_projet;coll_siret;latitude;longitude;coll_type;projet_date;projet_status;partenaires;usage_description;theme;sous_theme;audience_service;url_infos;image_url;date";

fn sobria(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sobria"));
    command.current_dir(folder).env_remove("SOBRIA_LOG");
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    sobria(folder)
        .args(arguments)
        .output()
        .expect("the program starts")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("an exit code")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn file(folder: &Path, name: &str, lines: &[&str]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, format!("{HEADER}\n{}\n", lines.join("\n"))).unwrap();
    path.display().to_string()
}

const WATER: &str = "Ville de Valclair;Détection des fuites d’eau;;47.5;-2.7;Commune;03/2024;En déploiement;Laboratoire;Écouter le réseau pour trouver les fuites.;Transition écologique;Gestion de l’eau;Agent;https://valclair.example/eau;;12/05/2026";
const CANTEEN: &str = "Ville de Valclair;Prévision des repas;;47.5;-2.7;Commune;09/2023;Terminé;;Prévoir le nombre de repas à la cantine.;Administration et organisation interne;;Agent;;;12/05/2026";

fn summary(output: &Output) -> Json {
    let out = text(&output.stdout);
    let last = out
        .lines()
        .last()
        .unwrap_or_else(|| panic!("no output: {}", text(&output.stderr)));
    serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {last}"))
}

#[test]
fn a_dry_run_writes_nothing_and_a_commit_writes_once() {
    let folder = tempfile::tempdir().unwrap();
    let csv = file(folder.path(), "a.csv", &[WATER, CANTEEN, ";;;;;;;;;;;;;;;"]);

    let dry = run(folder.path(), &["import", "use-cases", &csv, "--json"]);
    assert_eq!(code(&dry), 0, "{}", text(&dry.stderr));
    let counts = summary(&dry);
    assert_eq!(
        (
            counts["rows"].as_u64(),
            counts["created"].as_u64(),
            counts["blank"].as_u64()
        ),
        (Some(3), Some(2), Some(1))
    );
    assert!(
        !folder.path().join("sobria-data").exists(),
        "a dry run creates no instance"
    );

    // As under `| head`: whoever closes the pipe has read enough.
    let mut unread = sobria(folder.path())
        .args(["import", "use-cases", &csv])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(unread.stdout.take());
    let unread = unread.wait_with_output().unwrap();
    assert_eq!((code(&unread), text(&unread.stderr).as_str()), (0, ""));

    let first = run(
        folder.path(),
        &["import", "use-cases", &csv, "--commit", "--publish", "--json"],
    );
    assert_eq!(code(&first), 0, "{}", text(&first.stderr));
    assert_eq!(summary(&first)["created"], 2);

    let second = run(
        folder.path(),
        &["import", "use-cases", &csv, "--commit", "--publish", "--json"],
    );
    let counts = summary(&second);
    assert_eq!(
        (
            counts["created"].as_u64(),
            counts["updated"].as_u64(),
            counts["unchanged"].as_u64()
        ),
        (Some(0), Some(0), Some(2))
    );

    let export = run(folder.path(), &["export", "use-cases", "--format", "ndjson"]);
    assert_eq!(text(&export.stdout).lines().count(), 2);
}

#[test]
fn unusable_files_end_with_a_sentence_and_code_2_and_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let good = file(folder.path(), "good.csv", &[WATER]);
    assert_eq!(
        code(&run(
            folder.path(),
            &["import", "use-cases", &good, "--commit", "--publish"]
        )),
        0
    );
    let before = run(folder.path(), &["export", "use-cases", "--format", "json"]).stdout;
    let wide = format!("coll_nom;nom_projet{}\n", ";x".repeat(5_000));
    let cases: &[(&str, &[u8])] = &[
        ("error.csv", b"{\"error\": \"Unauthorized\"}"),
        (
            "page.csv",
            b"<!DOCTYPE html><html><body>Service indisponible</body></html>",
        ),
        ("sentence.csv", b"Internal Server Error"),
        ("empty.csv", b""),
        ("binary.csv", b"\x00\x01\x02\xff\xfe\x00binary\x00"),
        ("other.csv", b"a;b;c\n1;2;3\n"),
        (
            "twice.csv",
            b"coll_nom;coll_nom;nom_projet;usage_description\na;b;c;d\n",
        ),
        ("broken.xlsx", b"PK\x03\x04 not a workbook"),
        ("broken.json", b"[{\"title\": "),
        ("old.xls", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"),
        ("wide.csv", wide.as_bytes()),
        (
            "open.csv",
            b"coll_nom;nom_projet;theme\nVille;\"Projet;Mobilit\xC3\xA9s\n",
        ),
    ];
    for (name, bytes) in cases {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    std::fs::create_dir(folder.path().join("folder.csv")).unwrap();
    // A hole, which takes no room on the disk.
    let huge = std::fs::File::create(folder.path().join("huge.csv")).unwrap();
    huge.set_len(1_000_000_001).unwrap();
    let no_text = ["folder.csv", "huge.csv", "absent.csv"];
    for name in cases.iter().map(|(name, _)| *name).chain(no_text) {
        let output = run(
            folder.path(),
            &["import", "use-cases", name, "--commit", "--publish"],
        );
        assert_eq!(code(&output), 2, "{name}: {}", text(&output.stderr));
        let message = text(&output.stderr);
        assert!(
            message.lines().count() == 1 && message.len() > 40,
            "{name}: {message}"
        );
        assert!(!message.contains("panicked"), "{name}: {message}");
    }
    assert_eq!(
        run(folder.path(), &["export", "use-cases", "--format", "json"]).stdout,
        before
    );
}

#[test]
fn a_row_without_a_title_is_refused_and_the_rest_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let bad = WATER.replace("Détection des fuites d’eau", "");
    let csv = file(folder.path(), "a.csv", &[&bad, CANTEEN]);
    let output = run(
        folder.path(),
        &[
            "import",
            "use-cases",
            &csv,
            "--commit",
            "--json",
            "--report",
            "r.jsonl",
        ],
    );
    assert_eq!(code(&output), 1);
    assert_eq!(summary(&output)["rejected"], 1);
    let report = std::fs::read_to_string(folder.path().join("r.jsonl")).unwrap();
    let rows: Vec<Json> = report
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["outcome"], "rejected");
    assert!(
        rows[0]["issues"]
            .as_array()
            .unwrap()
            .iter()
            .any(|issue| issue["code"] == "required_missing")
    );
}

#[test]
fn a_much_smaller_file_is_refused_unless_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let many: Vec<String> = (0..10)
        .map(|n| {
            WATER.replace(
                "fuites d’eau",
                &format!(
                    "fuites d’eau, secteur {n} {}",
                    "abcdefghij".chars().nth(n).unwrap()
                ),
            )
        })
        .collect();
    let lines: Vec<&str> = many.iter().map(String::as_str).collect();
    let csv = file(folder.path(), "source.csv", &lines);
    assert_eq!(
        code(&run(
            folder.path(),
            &["import", "use-cases", &csv, "--commit", "--publish"]
        )),
        0
    );
    file(folder.path(), "source.csv", &lines[..5]);
    let refused = run(
        folder.path(),
        &["import", "use-cases", &csv, "--commit", "--publish"],
    );
    assert_eq!(code(&refused), 2);
    assert!(
        text(&refused.stderr).contains("--accept-shrink"),
        "{}",
        text(&refused.stderr)
    );
    let accepted = run(
        folder.path(),
        &[
            "import",
            "use-cases",
            &csv,
            "--commit",
            "--publish",
            "--accept-shrink",
        ],
    );
    assert_eq!(code(&accepted), 0);
    let export = run(folder.path(), &["export", "use-cases", "--format", "ndjson"]);
    assert_eq!(
        text(&export.stdout).lines().count(),
        10,
        "absent records are never deleted"
    );
}

#[test]
fn wrong_usage_ends_with_code_2_and_help_with_code_0() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["inconnu"][..],
        &["import", "use-cases", "absent.csv"],
        &["import", "use-cases"],
        &["export", "use-cases", "--format", "docx"],
        &["export", "use-cases", "--level", "admin"],
        &["serve", "--config", "absent.toml"],
    ] {
        let output = run(folder.path(), arguments);
        assert_eq!(code(&output), 2, "{arguments:?}: {}", text(&output.stderr));
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
    for arguments in [
        &["--help"][..],
        &["serve", "--help"],
        &["import", "use-cases", "--help"],
        &["export", "use-cases", "--help"],
        &["admin", "--help"],
        &["--version"],
    ] {
        let output = run(folder.path(), arguments);
        assert_eq!(code(&output), 0, "{arguments:?}");
        assert!(output.stdout.len() > 5, "{arguments:?}");
    }
    assert!(text(&run(folder.path(), &["serve", "--help"]).stdout).contains("Exemples"));
}

#[test]
fn a_public_site_without_its_legal_pages_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("s.toml"),
        "[server]\npublic_url = \"https://ia.exemple.fr\"\nlisten = \"127.0.0.1:0\"\n",
    )
    .unwrap();
    let output = run(folder.path(), &["serve", "--config", "s.toml"]);
    assert_eq!(code(&output), 2);
    assert!(text(&output.stderr).contains("site.legal.publisher"));
}

#[test]
fn tiles_that_cannot_be_used_are_said_at_start_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    for (tiles, attribution, expected) in [
        (
            "https://tuiles.exemple.fr/{z}/{x}.png",
            "© X",
            "«\u{a0}map.tiles\u{a0}»",
        ),
        (
            "https://tuiles.exemple.fr/{z}/{x}/{y}.png",
            "",
            "«\u{a0}map.tiles_attribution\u{a0}»",
        ),
    ] {
        std::fs::write(
            folder.path().join("s.toml"),
            format!("[map]\ntiles = \"{tiles}\"\ntiles_attribution = \"{attribution}\"\n"),
        )
        .unwrap();
        let output = run(
            folder.path(),
            &["serve", "--listen", "127.0.0.1:0", "--config", "s.toml"],
        );
        let said = text(&output.stderr);
        assert_eq!(code(&output), 2, "{said}");
        assert!(
            said.contains(expected) && said.trim().lines().count() == 1,
            "{said}"
        );
    }
    let output = sobria(folder.path())
        .env("SOBRIA__MAP__TILES", "tuiles")
        .args(["serve", "--listen", "127.0.0.1:0"])
        .output()
        .unwrap();
    assert_eq!(code(&output), 2, "the environment counts too");
}

#[test]
fn an_account_contributes_for_an_organisation_that_the_library_knows() {
    let folder = tempfile::tempdir().unwrap();
    let csv = file(folder.path(), "a.csv", &[WATER]);
    let imported = run(
        folder.path(),
        &["import", "use-cases", &csv, "--commit", "--publish"],
    );
    assert_eq!(code(&imported), 0);
    let add = |email: &str, organisation: &str| {
        run(
            folder.path(),
            &["admin", "user", "add", email, "--organisation", organisation],
        )
    };
    let known = add("jeanne@ville.fr", "VILLE DE VALCLAIR");
    assert_eq!(code(&known), 0, "{}", text(&known.stderr));
    let unknown = add("paul@ville.fr", "Ville de Nulle-Part");
    assert_eq!(code(&unknown), 1);
    assert!(text(&unknown.stderr).contains("« Ville de Nulle-Part »"));
    let list = text(&run(folder.path(), &["admin", "user", "list"]).stdout);
    assert!(
        list.contains("jeanne@ville.fr") && !list.contains("paul@ville.fr"),
        "nothing half done: {list}"
    );
}

struct Running(Serving);

impl Running {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = sobria(folder);
        command.arg("serve").args(arguments);
        Self(Serving::start(command))
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.0.address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.0.address
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        text(&answer)
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args([name, &self.0.child.id().to_string()])
            .status()
            .unwrap();
        assert!(status.success());
    }
}

#[test]
fn the_demonstration_starts_in_an_empty_folder_and_leaves_nothing_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = Running::start(folder.path(), &["--demo"]);
    let health = running.get("/sante");
    assert!(
        health.starts_with("HTTP/1.1 200") && health.contains("\"status\":\"ok\""),
        "{health}"
    );
    let list = running.get("/cas-usages");
    assert!(list.contains("données de démonstration") || list.contains("Données de démonstration"));
    assert!(list.matches("data-use-case").count() == 12);
    running.signal("-TERM");
    assert!(running.0.child.wait().unwrap().success(), "SIGTERM ends with 0");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_running_server_shows_what_another_process_imports() {
    let folder = tempfile::tempdir().unwrap();
    let csv = file(folder.path(), "a.csv", &[WATER]);
    let running = Running::start(folder.path(), &[]);
    assert!(!running.get("/cas-usages").contains("Détection des fuites"));
    assert_eq!(
        code(&run(
            folder.path(),
            &["import", "use-cases", &csv, "--commit", "--publish"]
        )),
        0
    );
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !running.get("/cas-usages").contains("Détection des fuites") {
        assert!(
            std::time::Instant::now() < deadline,
            "the new record never appeared"
        );
        std::thread::yield_now();
    }
    let export = run(folder.path(), &["export", "use-cases", "--format", "csv"]);
    let address = running.get("/exports/use-cases.csv");
    let body = address.split_once("\r\n\r\n").unwrap().1;
    let command = text(&export.stdout);
    // The addresses inside the file name the server's own port; everything else is the same.
    let port = running.0.address.clone();
    assert_eq!(
        body.replace(&port, "HOST"),
        command.replace("127.0.0.1:8080", "HOST")
    );
}

#[test]
fn what_is_not_published_stays_out_of_sight() {
    let folder = tempfile::tempdir().unwrap();
    let csv = file(folder.path(), "a.csv", &[WATER]);
    assert_eq!(
        code(&run(folder.path(), &["import", "use-cases", &csv, "--commit"])),
        0
    );
    assert!(text(&run(folder.path(), &["export", "use-cases", "--format", "ndjson"]).stdout).is_empty());
    let running = Running::start(folder.path(), &[]);
    assert!(
        !running
            .get("/cas-usages?q=fuites")
            .contains("Détection des fuites")
    );
}

#[test]
fn a_backup_can_be_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let csv = file(folder.path(), "a.csv", &[WATER]);
    assert_eq!(
        code(&run(
            folder.path(),
            &["import", "use-cases", &csv, "--commit", "--publish"]
        )),
        0
    );
    let backup = run(folder.path(), &["admin", "backup", "copy.db"]);
    assert_eq!(code(&backup), 0, "{}", text(&backup.stderr));
    let restored = run(folder.path(), &["admin", "restore", "copy.db", "--data", "other"]);
    assert_eq!(code(&restored), 0, "{}", text(&restored.stderr));
    let export = run(
        folder.path(),
        &["export", "use-cases", "--format", "ndjson", "--data", "other"],
    );
    assert_eq!(text(&export.stdout).lines().count(), 1);
    let check = run(folder.path(), &["admin", "check", "--data", "other", "--json"]);
    assert_eq!(code(&check), 0);
    assert_eq!(summary(&check)["ok"], true);
}

#[test]
fn a_backup_brings_the_files_back_and_a_damaged_one_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let csv = file(folder.path(), "a.csv", &[WATER]);
    let import = ["import", "use-cases", &csv, "--commit", "--publish"];
    assert_eq!(code(&run(folder.path(), &import)), 0);
    let files = sobria_store::Files::of(&folder.path().join("sobria-data"));
    let hash = files.put(b"des octets d'image").unwrap();
    let by = sobria_catalogue::id::UserId::new(uuid::Uuid::now_v7());
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(async {
            let store = sobria_store::Store::open_dir(&folder.path().join("sobria-data"))
                .await
                .unwrap();
            let carrier = store.organisations("", 0, 1).await.unwrap().items[0]
                .organisation
                .id;
            let logo = sobria_store::Logo {
                hash: hash.clone(),
                size: (10, 10),
                alternative: "Logo".to_owned(),
            };
            store
                .set_logo(carrier, Some(&logo), by, jiff::Timestamp::UNIX_EPOCH)
                .await
                .unwrap();
            store.close().await;
        });
    assert_eq!(code(&run(folder.path(), &["admin", "backup", "copy.db"])), 0);
    // The instance that the backup was made from is lost.
    std::fs::remove_dir_all(folder.path().join("sobria-data")).unwrap();
    let restored = run(folder.path(), &["admin", "restore", "copy.db"]);
    assert_eq!(code(&restored), 0, "{}", text(&restored.stderr));
    assert_eq!(files.read(&hash).unwrap(), b"des octets d'image");
    let check = run(folder.path(), &["admin", "check", "--json"]);
    assert_eq!(summary(&check)["ok"], true);
    let damaged = walk(files.root()).into_iter().next().unwrap();
    std::fs::write(damaged, "autre chose").unwrap();
    let check = run(folder.path(), &["admin", "check", "--json"]);
    assert_eq!((code(&check), &summary(&check)["ok"]), (1, &Json::Bool(false)));
}

/// Every file under a folder.
fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    std::fs::read_dir(folder)
        .unwrap()
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path) } else { vec![path] }
        })
        .collect()
}

#[test]
fn tables_of_the_operator_are_refused_with_file_line_column_and_what_was_expected() {
    let folder = tempfile::tempdir().unwrap();
    let tables = folder.path().join("tables");
    std::fs::create_dir(&tables).unwrap();
    let given = tables.display().to_string();
    let serve = |reference: &str| {
        run(
            folder.path(),
            &[
                "serve",
                "--demo",
                "--listen",
                "127.0.0.1:0",
                "--reference",
                reference,
            ],
        )
    };
    let columns = "provider\tregion\tzone\tplace\tpue\tsource\n";
    for (name, content, words) in [
        ("", String::new(), "aucune table"),
        ("prix.tsv", String::new(), "datacenter_pue.tsv"),
        (
            "datacenter_pue.tsv",
            format!("{columns}unknown\t\t\t\t1,5\tici\n"),
            "datacenter_pue.tsv, ligne 2, colonne pue : « 1,5 ». Attendu : un nombre à partir de 1, avec un point décimal.",
        ),
        (
            "datacenter_pue.tsv",
            "provider\tpue\n".to_owned(),
            "ligne 1 : « provider\tpue ». Attendu : les colonnes provider, region",
        ),
    ] {
        if !name.is_empty() {
            std::fs::write(tables.join(name), content).unwrap();
        }
        let refused = serve(&given);
        let told = text(&refused.stderr);
        assert_eq!(code(&refused), 2, "{name}: {told}");
        assert!(told.contains(words), "{name}: {told}");
        if !name.is_empty() {
            std::fs::remove_file(tables.join(name)).unwrap();
        }
    }
    let absent = serve("absent");
    assert_eq!(code(&absent), 2);
    assert!(text(&absent.stderr).contains("« absent »"));

    // The configuration names the same folder by a key.
    std::fs::write(tables.join("datacenter_pue.tsv"), columns).unwrap();
    let configured = sobria(folder.path())
        .args(["serve", "--demo", "--listen", "127.0.0.1:0"])
        .env("SOBRIA__REFERENCE__DIR", &given)
        .output()
        .unwrap();
    assert_eq!(code(&configured), 2);
    assert!(
        text(&configured.stderr).contains("une ligne pour unknown dont la région est vide"),
        "{}",
        text(&configured.stderr)
    );
}

#[test]
fn an_estimate_is_attached_to_a_record_listed_and_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let csv = file(folder.path(), "a.csv", &[WATER]);
    run(
        folder.path(),
        &["import", "use-cases", &csv, "--commit", "--publish"],
    );
    let record: Json = serde_json::from_str(
        text(&run(folder.path(), &["export", "use-cases", "--format", "ndjson"]).stdout)
            .lines()
            .next()
            .unwrap(),
    )
    .unwrap();
    let slug = record["slug"].as_str().unwrap();
    let write = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    let request = write(
        "request.json",
        r#"{"method":"llm_inference","input":{"provider":"mistralai","model":"mistral-small-latest","output_tokens":250,"zone":"FRA"}}"#,
    );
    let add = |slug: &str, file: &str| {
        run(
            folder.path(),
            &[
                "admin",
                "evaluation",
                "add",
                "--use-case",
                slug,
                "--title",
                "Réponses",
                "--requests-per-year",
                "220000",
                file,
            ],
        )
    };
    let added = add(slug, &request);
    assert_eq!(code(&added), 0, "{}", text(&added.stderr));
    assert!(text(&added.stdout).contains("CO₂e"), "{}", text(&added.stdout));

    let wrong = write(
        "wrong.json",
        r#"{"method":"llm_inference","input":{"provider":"mistralai","model":"mistral-small-latest"}}"#,
    );
    for (slug, file, words) in [
        (slug, wrong.as_str(), "Il manque le nombre de jetons produits"),
        ("inconnue", request.as_str(), "aucune fiche publiée"),
        (slug, "absent.json", "absent.json"),
    ] {
        let refused = add(slug, file);
        assert_eq!(code(&refused), 2, "{}", text(&refused.stderr));
        assert!(text(&refused.stderr).contains(words), "{}", text(&refused.stderr));
    }

    let listed = run(folder.path(), &["admin", "evaluation", "list", "--json"]);
    let lines = text(&listed.stdout);
    assert_eq!(lines.lines().count(), 1, "what was refused is not there: {lines}");
    let item: Json = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(item["use_case"], slug);
    assert_eq!(item["requests_per_year"], 220_000);
    let id = item["id"].as_str().unwrap();
    assert_eq!(
        code(&run(folder.path(), &["admin", "evaluation", "withdraw", id])),
        0
    );
    assert_eq!(
        code(&run(folder.path(), &["admin", "evaluation", "withdraw", id])),
        2
    );
    assert!(text(&run(folder.path(), &["admin", "evaluation", "list"]).stdout).is_empty());
}
