//! `sobria measure`: codes and signals pass through, and every source is tried on trees of files of its shape.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, in its helpers too"
)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value as Json;

fn sobria(folder: &Path, options: &[&str], script: &str) -> Command {
    // Whoever runs the tests in the background may have signals ignored, which commands inherit: `env` puts them back.
    let mut command = Command::new("env");
    command
        .current_dir(folder)
        .args(["--default-signal", env!("CARGO_BIN_EXE_sobria")])
        .args(["measure", "--zone", "FRA", "--json", "record.json"])
        .args(options)
        .args(["--", "sh", "-c", script]);
    command
}

fn run(folder: &Path, options: &[&str], script: &str) -> Output {
    sobria(folder, options, script).output().unwrap()
}

fn record(folder: &Path) -> Json {
    serde_json::from_str(&std::fs::read_to_string(folder.join("record.json")).unwrap()).unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn write(folder: &Path, name: &str, content: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

/// Starts a command that says « prêt », and waits until it did: signals sent before are another story.
fn started(folder: &Path, script: &str) -> Child {
    let mut child = sobria(folder, &["--quiet"], script)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    child
}

fn signal(child: &Child, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
}

#[test]
fn codes_and_streams_are_those_of_the_command() {
    let folder = tempfile::tempdir().unwrap();
    for (script, code) in [
        ("exit 0", 0),
        ("exit 1", 1),
        ("exit 42", 42),
        ("kill -KILL $$", 137),
        ("kill -TERM $$", 143),
    ] {
        let output = run(folder.path(), &[], script);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{script}: {}",
            text(&output.stderr)
        );
        assert!(output.stdout.is_empty());
        let exit = &record(folder.path())["exit"];
        if code > 128 {
            assert_eq!(exit["signal"], code - 128);
        } else {
            assert_eq!(exit["code"], code);
        }
    }
    let output = run(folder.path(), &["--quiet"], "echo out; echo err >&2");
    assert_eq!(
        (text(&output.stdout).as_str(), text(&output.stderr).as_str()),
        ("out\n", "err\n")
    );
    assert!(!folder.path().join("record.json.part").exists());
}

#[test]
fn a_command_that_does_not_start_leaves_no_record() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "plain", "not a program");
    for (program, code) in [("./nowhere", 127), ("./plain", 126)] {
        let output = Command::new(env!("CARGO_BIN_EXE_sobria"))
            .current_dir(folder.path())
            .args(["measure", "--json", "record.json", "--", program])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
        assert!(!folder.path().join("record.json").exists());
    }
    let wrong = Command::new(env!("CARGO_BIN_EXE_sobria"))
        .args(["measure", "--nonsense", "--", "true"])
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(125));
    let unknown = Command::new(env!("CARGO_BIN_EXE_sobria"))
        .args(["measure", "--zone", "Atlantide", "--", "true"])
        .output()
        .unwrap();
    assert_eq!(unknown.status.code(), Some(125));
}

#[test]
fn signals_go_to_the_command_and_the_record_is_written_after_it() {
    for (sent, code) in [
        (Signal::SIGTERM, 143),
        (Signal::SIGINT, 130),
        (Signal::SIGHUP, 129),
    ] {
        let folder = tempfile::tempdir().unwrap();
        // `exec` makes one process: a shell waits for its own child before it obeys.
        let mut child = started(folder.path(), "echo ready; exec sleep 60");
        signal(&child, sent);
        assert_eq!(child.wait().unwrap().code(), Some(code), "{sent}");
        assert_eq!(record(folder.path())["exit"]["signal"], code - 128);
    }
}

#[test]
fn a_command_that_handles_a_signal_ends_as_it_likes() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = started(
        folder.path(),
        "trap '' TERM; trap 'exit 7' USR1; echo ready; while :; do sleep 0.05; done",
    );
    signal(&child, Signal::SIGTERM);
    // The second signal arrives after the first: that one did not end the command.
    signal(&child, Signal::SIGUSR1);
    assert_eq!(child.wait().unwrap().code(), Some(7));
    assert_eq!(record(folder.path())["exit"]["code"], 7);
}

#[test]
fn the_record_of_a_killed_command_can_end_by_its_signal() {
    use std::os::unix::process::ExitStatusExt;
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["--raise"], "kill -TERM $$");
    assert_eq!(output.status.signal(), Some(15));
    assert_eq!(record(folder.path())["exit"]["signal"], 15);
}

#[test]
fn grandchildren_and_orphans_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let work = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
    let alone = run(folder.path(), &[], work);
    assert!(alone.status.success());
    let one = record(folder.path())["process"]["cpu_s"].as_f64().unwrap();
    // The inner shell is left by its parent, which ends first: it is waited for through a pipe.
    let script = format!("( ( {work}; echo done ) & ) | cat; {work}");
    let output = run(folder.path(), &[], &script);
    assert!(output.status.success());
    let both = record(folder.path())["process"]["cpu_s"].as_f64().unwrap();
    assert!(both > 1.4 * one, "{both} for two, {one} for one");
}

#[test]
fn ten_thousand_short_children_are_all_counted() {
    let folder = tempfile::tempdir().unwrap();
    // The shell tells what its children used: both figures come from the kernel, by two ways.
    let script = "i=0; while [ $i -lt 10000 ]; do /bin/true; i=$((i+1)); done; times > times.txt";
    let output = run(folder.path(), &[], script);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let known: f64 = std::fs::read_to_string(folder.path().join("times.txt"))
        .unwrap()
        .split_whitespace()
        .map(|time| {
            let (minutes, seconds) = time.trim_end_matches('s').split_once('m').unwrap();
            minutes.parse::<f64>().unwrap() * 60.0 + seconds.parse::<f64>().unwrap()
        })
        .sum();
    let counted = record(folder.path())["process"]["cpu_s"].as_f64().unwrap();
    assert!(counted >= 0.98 * known, "{counted} s counted of {known} s");
    assert!(counted <= 1.02 * known + 0.05, "{counted} s counted of {known} s");
}

/// A virtual machine: a processor that no table knows, no counter.
fn virtual_machine(folder: &Path) {
    write(
        folder,
        "proc/cpuinfo",
        "processor : 0\nmodel name : Intel(R) Xeon(R) Processor\nphysical id : 0\nflags : fpu hypervisor\n\n\
         processor : 1\nmodel name : Intel(R) Xeon(R) Processor\nphysical id : 0\nflags : fpu hypervisor\n",
    );
    write(folder, "proc/meminfo", "MemTotal:       16777216 kB\n");
    write(folder, "proc/stat", "cpu  100 0 100 1000 0 0 0 0 0 0\n");
    std::fs::create_dir_all(folder.join("sys")).unwrap();
}

const FILES: [&str; 4] = ["--proc-root", "proc", "--sys-root", "sys"];

fn component<'r>(record: &'r Json, id: &str) -> &'r Json {
    record["components"]
        .as_array()
        .unwrap()
        .iter()
        .find(|part| part["id"] == id)
        .unwrap_or_else(|| panic!("no {id} in {record}"))
}

#[test]
fn a_machine_without_counters_gives_a_range_and_says_how_to_measure() {
    let folder = tempfile::tempdir().unwrap();
    virtual_machine(folder.path());
    let output = run(
        folder.path(),
        &FILES,
        "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done",
    );
    assert!(output.status.success());
    let words = text(&output.stderr);
    assert!(words.contains("0 % mesurés"), "{words}");
    assert!(words.contains("--vm-power"), "{words}");
    let record = record(folder.path());
    assert_eq!(record["schema"], "sobria.measure/1");
    assert_eq!(record["scope"], "process");
    assert_eq!(record["measured_fraction"], 0.0);
    let cpu = component(&record, "cpu");
    assert_eq!(cpu["provenance"], "modelled");
    assert!(cpu["source"].as_str().unwrap().contains("TDP 8 W supposé"));
    let (low, central, high) = (&cpu["low_j"], &cpu["energy_j"], &cpu["high_j"]);
    assert!(low.as_f64() < central.as_f64() && central.as_f64() < high.as_f64());
    // Two threads of 4 W, 0.65 of them at full load.
    let expected = 8.0 * 0.65 * record["process"]["cpu_s"].as_f64().unwrap() / 2.0;
    assert!((central.as_f64().unwrap() / expected - 1.0).abs() < 1e-6);
    assert_eq!(component(&record, "ram")["provenance"], "assumed");
    assert_eq!(
        record["command"],
        serde_json::json!(["sh"]),
        "arguments may hold secrets"
    );
}

/// A zone of the powercap class.
fn zone(folder: &Path, path: &str, name: &str, energy: u64, range: u64) {
    let base = format!("sys/class/powercap/{path}");
    write(folder, &format!("{base}/name"), &format!("{name}\n"));
    write(folder, &format!("{base}/energy_uj"), &format!("{energy}\n"));
    write(
        folder,
        &format!("{base}/max_energy_range_uj"),
        &format!("{range}\n"),
    );
}

/// A command that moves the counters as the hardware would.
fn moving(moves: &[(&str, u64)]) -> String {
    moves
        .iter()
        .map(|(path, energy)| format!("echo {energy} > sys/class/powercap/{path}/energy_uj; "))
        .collect()
}

#[test]
fn counters_are_read_before_and_after_even_for_a_short_command() {
    let folder = tempfile::tempdir().unwrap();
    virtual_machine(folder.path());
    zone(
        folder.path(),
        "intel-rapl:0",
        "package-0",
        1_000_000,
        262_143_328_850,
    );
    zone(
        folder.path(),
        "intel-rapl:0/intel-rapl:0:0",
        "core",
        500,
        262_143_328_850,
    );
    zone(
        folder.path(),
        "intel-rapl:0/intel-rapl:0:1",
        "dram",
        1_000,
        65_532_610_987,
    );
    zone(
        folder.path(),
        "intel-rapl-mmio:0",
        "package-0",
        1_000_000,
        262_143_328_850,
    );
    zone(folder.path(), "intel-rapl:1", "psys", 0, 262_143_328_850);
    let script = moving(&[
        ("intel-rapl:0", 61_000_000),
        ("intel-rapl:0/intel-rapl:0:0", 30_000_500),
        ("intel-rapl:0/intel-rapl:0:1", 4_001_000),
        ("intel-rapl-mmio:0", 60_000_000),
        ("intel-rapl:1", 90_000_000),
    ]);
    let output = run(folder.path(), &FILES, &script);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let record = record(folder.path());
    assert_eq!(record["scope"], "machine");
    let cpu = component(&record, "cpu");
    assert_eq!(
        (&cpu["provenance"], &cpu["source"]),
        (&"measured".into(), &"powercap:intel-rapl:0".into())
    );
    assert_eq!(cpu["energy_j"], 60.0);
    assert_eq!(component(&record, "ram")["energy_j"], 4.0);
    assert_eq!(record["measured_fraction"], 1.0);
    assert!((record["it_energy_kwh"].as_f64().unwrap() - 64.0 / 3_600_000.0).abs() < 1e-12);
}

#[test]
fn a_counter_that_starts_again_and_mirrored_dies_are_counted_once() {
    let folder = tempfile::tempdir().unwrap();
    virtual_machine(folder.path());
    zone(
        folder.path(),
        "intel-rapl:0",
        "package-0-die-0",
        65_532_610_977,
        65_532_610_987,
    );
    zone(
        folder.path(),
        "intel-rapl:1",
        "package-0-die-1",
        65_532_610_977,
        65_532_610_987,
    );
    let script = moving(&[("intel-rapl:0", 5_000_000), ("intel-rapl:1", 5_000_000)]);
    run(folder.path(), &FILES, &script);
    let energy = component(&record(folder.path()), "cpu")["energy_j"]
        .as_f64()
        .unwrap();
    assert!((energy - 5.00001).abs() < 1e-9, "{energy}");
}

/// The program as it is, or as a user without rights when the test is run by the administrator, to whom no file is
/// closed; none when that user cannot reach it.
fn without_rights(folder: &Path) -> Option<Command> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let program = env!("CARGO_BIN_EXE_sobria");
    // What it just made is its own.
    if std::fs::metadata(folder).unwrap().uid() != 0 {
        return Some(Command::new(program));
    }
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o777)).unwrap();
    let user = || {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", program]);
        command
    };
    let reached = user()
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success());
    reached.then(user)
}

#[test]
fn a_counter_that_may_not_be_read_is_said_with_its_remedies_and_the_model_takes_over() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    virtual_machine(folder.path());
    zone(folder.path(), "intel-rapl:0", "package-0", 0, 262_143_328_850);
    let counter = folder.path().join("sys/class/powercap/intel-rapl:0/energy_uj");
    std::fs::set_permissions(&counter, std::fs::Permissions::from_mode(0o000)).unwrap();
    if let Some(mut command) = without_rights(folder.path()) {
        let output = command
            .current_dir(folder.path())
            .args(["measure", "--json", "record.json"])
            .args(FILES)
            .args(["--", "true"])
            .output()
            .unwrap();
        let words = text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{words}");
        assert!(
            words.contains("n’est lisible que par l’administrateur") && words.contains("setcap"),
            "{words}"
        );
        assert!(
            !words.contains("chmod"),
            "that would open the counter to every program"
        );
        assert_eq!(component(&record(folder.path()), "cpu")["provenance"], "modelled");
    } else {
        println!("no user without rights can run the program here");
    }
    // A counter that opens and gives nothing is no zero either.
    std::fs::remove_file(&counter).unwrap();
    std::fs::create_dir(&counter).unwrap();
    run(folder.path(), &FILES, "true");
    let kept = record(folder.path());
    assert_eq!(component(&kept, "cpu")["provenance"], "modelled");
    assert_eq!(kept["measured_fraction"], 0.0);
}

#[test]
fn an_amd_machine_is_measured_without_its_dram() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "proc/cpuinfo",
        "processor : 0\nvendor_id : AuthenticAMD\nmodel name : AMD EPYC 7302 16-Core Processor\nphysical id : 0\nflags : fpu\n",
    );
    write(folder.path(), "proc/meminfo", "MemTotal:       16777216 kB\n");
    write(folder.path(), "proc/stat", "cpu  100 0 100 1000 0 0 0 0 0 0\n");
    for (path, name) in [
        ("intel-rapl:0", "package-0"),
        ("intel-rapl:0/intel-rapl:0:0", "core"),
    ] {
        zone(folder.path(), path, name, 0, 65_532_610_987);
    }
    let script = moving(&[
        ("intel-rapl:0", 7_000_000),
        ("intel-rapl:0/intel-rapl:0:0", 5_000_000),
    ]);
    run(folder.path(), &FILES, &script);
    let kept = record(folder.path());
    let cpu = component(&kept, "cpu");
    assert_eq!(
        (&cpu["energy_j"], &cpu["provenance"]),
        (&7.0.into(), &"measured".into())
    );
    assert_eq!(component(&kept, "ram")["provenance"], "assumed");
    assert_eq!(kept["machine"]["cpu_model"], "AMD EPYC 7302 16-Core Processor");
}

#[test]
fn a_drop_without_a_known_range_is_bridged_and_said() {
    let folder = tempfile::tempdir().unwrap();
    virtual_machine(folder.path());
    zone(folder.path(), "intel-rapl:0", "package-0", 10_000_000, 0);
    let script = "for value in 12000000 14000000 1000000 3000000 5000000; do \
        echo $value > sys/class/powercap/intel-rapl:0/energy_uj; sleep 0.2; done";
    let output = run(
        folder.path(),
        &[&FILES[..], &["--interval", "0.05"]].concat(),
        script,
    );
    let record = record(folder.path());
    let cpu = component(&record, "cpu");
    assert_eq!(cpu["invalid_intervals"], 1, "{}", text(&output.stderr));
    assert!(
        cpu["energy_j"].as_f64().unwrap() >= 8.0,
        "never negative, never lost: {cpu}"
    );
}

#[test]
fn the_board_of_the_platform_stands_for_everything_and_no_memory_is_added() {
    let folder = tempfile::tempdir().unwrap();
    virtual_machine(folder.path());
    zone(folder.path(), "intel-rapl:0", "psys", 0, 262_143_328_850);
    run(folder.path(), &FILES, &moving(&[("intel-rapl:0", 9_000_000)]));
    let record = record(folder.path());
    assert_eq!(component(&record, "platform")["energy_j"], 9.0);
    assert_eq!(record["components"].as_array().unwrap().len(), 1);
}

fn board(folder: &Path, name: &str, files: &[(&str, &str)]) {
    for (file, content) in files {
        write(folder, &format!("gpus/{name}/{file}"), content);
    }
}

#[test]
fn boards_are_measured_by_their_counter_or_their_gauge() {
    let folder = tempfile::tempdir().unwrap();
    virtual_machine(folder.path());
    board(
        folder.path(),
        "0",
        &[("name", "NVIDIA H200"), ("uuid", "GPU-a"), ("energy_mj", "1000")],
    );
    board(
        folder.path(),
        "1",
        &[("name", "Old"), ("uuid", "GPU-b"), ("power_mw", "100000")],
    );
    board(
        folder.path(),
        "2",
        &[
            ("name", "Shared"),
            ("uuid", "GPU-c"),
            ("energy_mj", "0"),
            ("mig", "1"),
        ],
    );
    let options = [&FILES[..], &["--gpu-root", "gpus", "--scope", "machine"]].concat();
    let output = run(
        folder.path(),
        &options,
        "sleep 0.5; echo 351000 > gpus/0/energy_mj",
    );
    let record = record(folder.path());
    let first = component(&record, "gpu:0");
    assert_eq!(
        (&first["provenance"], &first["name"]),
        (&"measured".into(), &"NVIDIA H200".into())
    );
    assert!(
        (first["energy_j"].as_f64().unwrap() / 350.0 - 1.0).abs() < 0.2,
        "{first}"
    );
    assert!(!record.to_string().contains("GPU-a"), "identifiers are hashed");
    let gauged = component(&record, "gpu:1")["energy_j"].as_f64().unwrap();
    let seconds = record["duration_s"].as_f64().unwrap();
    assert!(
        (gauged / (100.0 * seconds) - 1.0).abs() < 0.1,
        "{gauged} J in {seconds} s"
    );
    assert_eq!(component(&record, "gpu:2")["shared"], true);
    assert!(text(&output.stderr).contains("MIG"));
}

#[test]
fn a_driver_loaded_again_and_a_board_plugged_late_are_said() {
    let folder = tempfile::tempdir().unwrap();
    virtual_machine(folder.path());
    board(
        folder.path(),
        "0",
        &[
            ("name", "Card"),
            ("uuid", "GPU-a"),
            ("energy_mj", "900000"),
            ("power_mw", "50000"),
        ],
    );
    let options = [
        &FILES[..],
        &["--gpu-root", "gpus", "--scope", "machine", "--interval", "0.05"],
    ]
    .concat();
    let script = "sleep 0.3; echo 1000 > gpus/0/energy_mj; mkdir gpus/1; echo New > gpus/1/name; echo GPU-z > gpus/1/uuid; \
        echo 5000 > gpus/1/energy_mj; sleep 0.4; echo 9000 > gpus/1/energy_mj; sleep 0.2";
    let output = run(folder.path(), &options, script);
    assert!(
        text(&output.stderr).contains("rechargé"),
        "{}",
        text(&output.stderr)
    );
    let record = record(folder.path());
    let reloaded = component(&record, "gpu:0");
    assert_eq!(reloaded["provenance"], "modelled");
    assert!(reloaded["energy_j"].as_f64().unwrap() >= 0.0);
    assert_eq!(component(&record, "gpu:1")["energy_j"], 4.0);
}

#[test]
fn sensors_of_other_makers_are_read() {
    let folder = tempfile::tempdir().unwrap();
    virtual_machine(folder.path());
    std::fs::create_dir_all(folder.path().join("gpus")).unwrap();
    write(
        folder.path(),
        "sys/class/drm/card0/device/hwmon/hwmon3/name",
        "amdgpu\n",
    );
    write(
        folder.path(),
        "sys/class/drm/card0/device/hwmon/hwmon3/energy1_input",
        "1000000\n",
    );
    let options = [&FILES[..], &["--gpu-root", "gpus", "--scope", "machine"]].concat();
    run(
        folder.path(),
        &options,
        "echo 26000000 > sys/class/drm/card0/device/hwmon/hwmon3/energy1_input; sleep 0.2",
    );
    let record = record(folder.path());
    let card = component(&record, "gpu:0");
    assert_eq!(card["source"], "hwmon:energy");
    assert_eq!(card["name"], "amdgpu");
}

#[test]
fn the_file_of_a_host_and_a_meter_are_measures() {
    let folder = tempfile::tempdir().unwrap();
    virtual_machine(folder.path());
    write(folder.path(), "power.csv", "10,0.5,40\n11,0.5,40\n");
    run(
        folder.path(),
        &[&FILES[..], &["--vm-power", "power.csv"]].concat(),
        "sleep 0.5",
    );
    let kept = record(folder.path());
    let machine = component(&kept, "machine");
    let expected = 40.0 * kept["duration_s"].as_f64().unwrap();
    assert!(
        (machine["energy_j"].as_f64().unwrap() / expected - 1.0).abs() < 0.1,
        "{machine}"
    );
    assert_eq!(kept["measured_fraction"], 1.0);

    let script = "date +%s.%N,100 >> meter.csv; sleep 0.4; date +%s.%N,100 >> meter.csv";
    run(
        folder.path(),
        &[&FILES[..], &["--meter", "meter.csv"]].concat(),
        script,
    );
    let kept = record(folder.path());
    let expected = 100.0 * kept["duration_s"].as_f64().unwrap() / 3_600_000.0;
    assert!((kept["it_energy_kwh"].as_f64().unwrap() / expected - 1.0).abs() < 0.01);
    let output = run(
        folder.path(),
        &[&FILES[..], &["--meter", "nowhere.csv"]].concat(),
        "true",
    );
    assert!(text(&output.stderr).contains("« nowhere.csv »"));
}

#[test]
fn the_other_formats_hold_the_same_energy_and_are_read_again() {
    let folder = tempfile::tempdir().unwrap();
    virtual_machine(folder.path());
    zone(folder.path(), "intel-rapl:0", "package-0", 0, 262_143_328_850);
    let formats = [
        "--csv",
        "emissions.csv",
        "--boamps",
        "boamps.json",
        "--name",
        "essai, un",
        "--pue",
        "1,5",
    ];
    let script = moving(&[("intel-rapl:0", 36_000_000)]);
    run(folder.path(), &[&FILES[..], &formats].concat(), &script);
    let kept = record(folder.path());
    let energy = kept["facility_energy_kwh"].as_f64().unwrap();
    assert!(energy >= 1.5e-5);
    let csv = std::fs::read_to_string(folder.path().join("emissions.csv")).unwrap();
    assert_eq!(csv.lines().count(), 2);
    assert_eq!(csv.lines().next().unwrap().split(',').count(), 38);
    let report: Json =
        serde_json::from_str(&std::fs::read_to_string(folder.path().join("boamps.json")).unwrap()).unwrap();
    let told = report["measures"][0]["powerConsumption"].as_f64().unwrap();
    assert!((told / kept["it_energy_kwh"].as_f64().unwrap() - 1.0).abs() < 1e-12);
    assert_eq!(report["system"]["os"], "linux");
    let parts = report["infrastructure"]["components"].as_array().unwrap();
    assert!(
        parts
            .iter()
            .any(|part| part["componentType"] == "ram" && part["memorySize"].is_u64()),
        "{parts:?}"
    );
    let again = Command::new(env!("CARGO_BIN_EXE_sobria"))
        .current_dir(folder.path())
        .args(["import", "measurements", "record.json", "--format", "boamps"])
        .output()
        .unwrap();
    assert_eq!(again.status.code(), Some(0), "{}", text(&again.stderr));
    let again: Json = serde_json::from_slice(&again.stdout).unwrap();
    for part in ["measures", "infrastructure", "environment", "task", "system"] {
        assert_eq!(again[part], report[part], "the log gives the same report");
    }

    for file in ["emissions.csv", "record.json"] {
        let imported = Command::new(env!("CARGO_BIN_EXE_sobria"))
            .current_dir(folder.path())
            .args(["import", "measurements", file, "--json"])
            .output()
            .unwrap();
        assert_eq!(imported.status.code(), Some(0), "{}", text(&imported.stderr));
        let summary: Json = serde_json::from_slice(&imported.stdout).unwrap();
        assert_eq!(summary["runs"], 1);
        let read = summary["energy_kwh"].as_f64().unwrap();
        assert!((read / energy - 1.0).abs() < 1e-9, "{file}: {read} / {energy}");
        assert_eq!(summary["all"][0]["project"], "essai, un");
    }

    write(folder.path(), "other.csv", "date,kwh\n");
    let output = run(
        folder.path(),
        &[&FILES[..], &["--csv", "other.csv"]].concat(),
        "true",
    );
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        std::fs::read_to_string(folder.path().join("other.csv")).unwrap(),
        "date,kwh\n"
    );
    assert!(folder.path().join("other.csv.new").exists());
}

#[test]
fn sources_are_listed_without_measuring() {
    let folder = tempfile::tempdir().unwrap();
    virtual_machine(folder.path());
    zone(folder.path(), "intel-rapl:0", "package-0", 0, 262_143_328_850);
    let output = Command::new(env!("CARGO_BIN_EXE_sobria"))
        .current_dir(folder.path())
        .args(["measure", "--probe"])
        .args(FILES)
        .output()
        .unwrap();
    assert!(output.status.success());
    let words = text(&output.stdout);
    assert!(words.contains("intel-rapl:0 (package-0)"), "{words}");
    assert!(words.contains("Intel(R) Xeon(R) Processor, 2 fils"), "{words}");
}

#[test]
fn the_start_is_told_in_the_time_of_the_machine() {
    let folder = tempfile::tempdir().unwrap();
    let offset = |zone: Option<&str>| {
        let mut command = sobria(folder.path(), &["--quiet"], "true");
        match zone {
            Some(zone) => command.env("TZ", zone),
            None => command.env_remove("TZ"),
        };
        assert!(command.output().unwrap().status.success());
        let start = record(folder.path())["start"].as_str().unwrap().to_owned();
        start[start.len() - 6..].to_owned()
    };
    let date = Command::new("date")
        .env_remove("TZ")
        .arg("+%:z")
        .output()
        .unwrap();
    assert_eq!(offset(None), text(&date.stdout).trim());
    assert_eq!(offset(Some("Asia/Tokyo")), "+09:00");
}
