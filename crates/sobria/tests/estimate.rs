//! Estimates by the command line: the reference vectors, the readable answer, and what is refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, in its helpers too"
)]

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Output, Stdio};

use serde_json::{Value as Json, json};

const LLM: &str = include_str!("../../estimate/tests/golden/llm_inference.jsonl");
const COMPUTE: &str = include_str!("../../estimate/tests/golden/compute_job.jsonl");
const MEASUREMENT: &str = include_str!("../../estimate/tests/golden/measurement.jsonl");

fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sobria"))
        .arg("estimate")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writing = std::thread::spawn(move || {
        // A program that refuses its arguments reads nothing.
        let _ = stdin.write_all(input.as_bytes());
    });
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap();
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Every number of `expected` is found in `found`, to 1e-9 relative.
fn assert_holds(found: &Json, expected: &Json, at: &str) {
    match expected {
        Json::Object(members) => {
            for (name, value) in members {
                assert_holds(&found[name], value, &format!("{at}.{name}"));
            }
        }
        Json::Number(_) => {
            let (found, expected) = (found.as_f64().unwrap(), expected.as_f64().unwrap());
            let allowed = 1e-9 * expected.abs();
            assert!((found - expected).abs() <= allowed, "{at}: {found} / {expected}");
        }
        other => assert_eq!(found, other, "{at}"),
    }
}

#[test]
fn a_batch_of_the_reference_vectors_gives_their_figures_in_order() {
    for (method, vectors) in [("llm_inference", LLM), ("compute_job", COMPUTE)] {
        let vectors: Vec<Json> = vectors
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let requests: String = vectors
            .iter()
            .map(|vector| {
                let request = json!({"id": vector["id"], "method": method, "input": vector["input"]});
                format!("{request}\n")
            })
            .collect();
        let output = run(&["batch", "-"], &requests);
        assert_eq!(
            output.status.code(),
            Some(1),
            "the vectors hold requests to refuse"
        );
        let answers = text(&output.stdout);
        assert_eq!(answers.lines().count(), vectors.len());
        for (line, vector) in answers.lines().zip(&vectors) {
            let answer: Json = serde_json::from_str(line).unwrap();
            let id = vector["id"].as_str().unwrap();
            assert_eq!(answer["id"], vector["id"]);
            assert_eq!(answer["errors"], vector["errors"], "{id}");
            assert_eq!(answer["warnings"], vector["warnings"], "{id}");
            assert_holds(&answer["output"], &vector["output"], id);
        }
    }
}

#[test]
fn a_batch_makes_every_step_of_a_measure() {
    let vectors: Vec<Json> = MEASUREMENT
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let requests: String = vectors
        .iter()
        .map(|vector| {
            let [id, kind, input] = ["id", "kind", "input"].map(|field| &vector[field]);
            let request = json!({"id": id, "method": "measurement", "kind": kind, "input": input});
            format!("{request}\n")
        })
        .collect();
    let output = run(&["batch", "-"], &requests);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let answers = text(&output.stdout);
    assert_eq!(answers.lines().count(), vectors.len());
    for (line, vector) in answers.lines().zip(&vectors) {
        let answer: Json = serde_json::from_str(line).unwrap();
        assert_eq!(answer["id"], vector["id"]);
        assert_holds(
            &answer["output"],
            &vector["expected"],
            vector["id"].as_str().unwrap(),
        );
    }
}

#[test]
fn bad_lines_are_answered_in_their_place_and_good_ones_go_on() {
    let good = r#"{"id":1,"method":"llm_inference","input":{"provider":"openai","model":"gpt-4o","output_tokens":250}}"#;
    let long = format!("{{\"id\":\"{}\"}}", "x".repeat(2_000_000));
    let input = format!("{good}\nnot json\n\n{long}\r\n{{\"method\":\"llm\"}}\n{good}");
    let output = run(&["batch", "-"], &input);
    assert_eq!(output.status.code(), Some(1));
    let answers: Vec<Json> = text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let errors: Vec<&Json> = answers.iter().map(|answer| &answer["errors"]).collect();
    assert_eq!(
        errors,
        [
            &json!([]),
            &json!(["invalid-json"]),
            &json!(["invalid-json"]),
            &json!(["invalid-json"]),
            &json!(["unknown-method", "missing:input"]),
            &json!([]),
        ]
    );
    assert_eq!(answers[0], answers[5]);
    let missing = run(&["batch", "nowhere.jsonl"], "");
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing.stderr).contains("« nowhere.jsonl »"));
}

#[test]
fn a_long_batch_keeps_the_order_of_its_lines() {
    let requests: String = (0..3000)
        .map(|n| {
            format!(
                "{{\"id\":{n},\"method\":\"llm_inference\",\"input\":{{\"provider\":\"openai\",\"model\":\"gpt-4o\",\"output_tokens\":{}}}}}\n",
                n % 17 + 1
            )
        })
        .collect();
    let output = run(&["batch", "-"], &requests);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let ids: Vec<usize> = text(&output.stdout)
        .lines()
        .map(|line| {
            let (_, rest) = line.split_once("\"id\":").unwrap();
            rest.split(',').next().unwrap().parse().unwrap()
        })
        .collect();
    assert!(ids.into_iter().eq(0..3000));
}

#[test]
fn who_sends_one_line_and_waits_gets_its_answer() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sobria"))
        .args(["estimate", "batch", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    for line in ["a", "b", "c"] {
        stdin.write_all(format!("{line}\n").as_bytes()).unwrap();
        assert!(answers.next().unwrap().unwrap().contains("invalid-json"));
    }
    drop(stdin);
    assert!(answers.next().is_none());
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn one_estimate_gives_the_json_of_a_batch_and_a_readable_table() {
    let arguments = [
        "llm",
        "--provider",
        "openai",
        "--model",
        "gpt-4o",
        "--output-tokens",
        "250",
        "--zone",
        "FRA",
    ];
    let json = run(&[&arguments[..], &["--json"]].concat(), "");
    assert_eq!(json.status.code(), Some(0), "{}", text(&json.stderr));
    let request = r#"{"method":"llm_inference","input":{"provider":"openai","model":"gpt-4o","output_tokens":250,"zone":"FRA"}}"#;
    assert_eq!(text(&json.stdout), text(&run(&["batch", "-"], request).stdout));

    let table = text(&run(&[&arguments[..], &["--requests", "1000"]].concat(), "").stdout);
    for part in [
        "Une requête",
        "1\u{202f}000 requêtes",
        "Fiabilité : D",
        "Valeurs employées",
        "ecologits-0.11.3",
    ] {
        assert!(table.contains(part), "{part}: {table}");
    }
    let total = run(&[&arguments[..], &["--requests", "1000", "--json"]].concat(), "");
    let total: Json = serde_json::from_slice(&total.stdout).unwrap();
    let (one, all) = (&total["output"]["gwp"]["max"], &total["total"]["gwp"]["max"]);
    assert!((all.as_f64().unwrap() / one.as_f64().unwrap() - 1000.0).abs() < 1e-6);
}

#[test]
fn a_job_is_estimated_and_a_board_without_a_count_is_one_board() {
    let output = run(
        &[
            "compute",
            "--hours",
            "2",
            "--gpu-model",
            "NVIDIA Tesla V100",
            "--memory-gb",
            "32",
            "--zone",
            "FRA",
            "--json",
        ],
        "",
    );
    let answer: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["errors"], json!([]));
    // 300 W of one board during two hours.
    assert_holds(&answer["output"]["it_energy_kwh"]["gpu"], &json!(0.6), "gpu");
}

#[test]
fn refused_values_are_said_in_a_sentence_and_give_no_figure() {
    for (arguments, part) in [
        (
            vec![
                "llm",
                "--provider",
                "openai",
                "--model",
                "gpt-4o",
                "--output-tokens",
                "-5",
            ],
            "jetons produits",
        ),
        (
            vec![
                "llm",
                "--provider",
                "openai",
                "--model",
                "gpt-4o",
                "--output-tokens",
                "NaN",
            ],
            "jetons produits",
        ),
        (
            vec![
                "llm",
                "--provider",
                "openai",
                "--model",
                "none",
                "--output-tokens",
                "5",
            ],
            "Ce modèle",
        ),
        (
            vec![
                "llm",
                "--provider",
                "openai",
                "--model",
                "gpt-4o",
                "--output-tokens",
                "5",
                "--zone",
                "fra",
            ],
            "Ce lieu",
        ),
        (
            vec!["llm", "--total-params-b", "7..x", "--output-tokens", "5"],
            "7..14",
        ),
        (
            vec!["compute", "--memory-gb", "4", "--zone", "FRA"],
            "Il manque la durée",
        ),
    ] {
        let output = run(&arguments, "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{}", text(&output.stdout));
        assert!(
            text(&output.stderr).contains(part),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
    }
}

/// The option of each field of a job; the use of a model has the same ones behind `--inference-`.
const JOB_OPTIONS: [(&str, &str); 17] = [
    ("runtime_h", "hours"),
    ("n_cpu_cores", "cores"),
    ("cpu_model", "cpu-model"),
    ("cpu_tdp_per_core_w", "cpu-watts"),
    ("cpu_usage", "cpu-usage"),
    ("n_gpus", "gpus"),
    ("gpu_model", "gpu-model"),
    ("gpu_tdp_w", "gpu-watts"),
    ("gpu_usage", "gpu-usage"),
    ("memory_gb", "memory-gb"),
    ("platform", "platform"),
    ("provider", "provider"),
    ("region", "region"),
    ("zone", "zone"),
    ("pue", "pue"),
    ("carbon_intensity_g_per_kwh", "carbon-intensity"),
    ("psf", "runs"),
];
const AI_OPTIONS: [(&str, &str); 8] = [
    ("rd_factor", "rd-factor"),
    ("n_retrainings", "retrainings"),
    ("retraining_factor", "retraining-factor"),
    ("input_period_unit", "input-period-unit"),
    ("input_period_value", "input-period-value"),
    ("reporting_period_unit", "reporting-period-unit"),
    ("reporting_period_value", "reporting-period-value"),
    ("calendar", "calendar"),
];
const LLM_OPTIONS: [(&str, &str); 17] = [
    ("provider", "provider"),
    ("model", "model"),
    ("output_tokens", "output-tokens"),
    ("zone", "zone"),
    ("request_latency_s", "latency-s"),
    ("active_params_b", "active-params-b"),
    ("total_params_b", "total-params-b"),
    ("pue", "pue"),
    ("wue_l_kwh", "wue"),
    ("quantization_bits", "quantization-bits"),
    ("batch_size", "batch-size"),
    ("gpu_memory_gb", "gpu-memory-gb"),
    ("gpus_per_server", "gpus-per-server"),
    ("server_power_kw", "server-power-kw"),
    ("server_lifetime_s", "server-lifetime-s"),
    ("tps", "tps"),
    ("ttft_s", "ttft-s"),
];

/// A value as one types it after its option.
fn typed(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Object(bounds) => format!("{}..{}", bounds["min"], bounds["max"]),
        other => other.to_string(),
    }
}

fn options(input: &Json, names: &[(&str, &str)], prefix: &str) -> Vec<String> {
    names
        .iter()
        .filter(|(field, _)| input.get(field).is_some_and(|value| !value.is_null()))
        .map(|(field, option)| format!("--{prefix}{option}={}", typed(&input[field])))
        .collect()
}

/// Options of one job; a board that is named but not counted is counted by the program, so none is said.
fn job_options(job: &Json, prefix: &str) -> Vec<String> {
    let mut options = options(job, &JOB_OPTIONS, prefix);
    if job["gpu_model"].is_string() && !job["n_gpus"].is_number() {
        options.push(format!("--{prefix}gpus=0"));
    }
    options
}

#[test]
fn the_reference_vectors_are_found_through_options_too() {
    let vectors = |text: &str| -> Vec<Json> {
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let mut asked: Vec<(Json, Vec<String>)> = Vec::new();
    for vector in vectors(LLM) {
        let input = &vector["input"];
        let mut arguments = vec!["llm".to_owned(), "--json".to_owned()];
        arguments.extend(options(input, &LLM_OPTIONS, ""));
        if let Some(mix) = input.get("mix") {
            let factors = ["gwp", "adpe", "pe", "water"].map(|factor| mix[factor].to_string());
            arguments.push(format!("--mix={}", factors.join(",")));
        }
        asked.push((vector, arguments));
    }
    for vector in vectors(COMPUTE) {
        let input = &vector["input"];
        let mut arguments = vec!["compute".to_owned(), "--json".to_owned()];
        if input.get("training").is_some() || input.get("inference").is_some() {
            for (job, prefix) in [("training", ""), ("inference", "inference-")] {
                if input[job].is_object() {
                    arguments.extend(job_options(&input[job], prefix));
                }
            }
            arguments.extend(options(input, &AI_OPTIONS, ""));
            if input["continuous"] == json!(true) {
                arguments.push("--continuous".to_owned());
            } else if arguments.len() == 2 + job_options(&input["training"], "").len() {
                // Nothing but the job tells a training from a job: a factor of zero does, and adds nothing.
                arguments.push("--rd-factor=0".to_owned());
            }
        } else {
            arguments.extend(job_options(input, ""));
        }
        asked.push((vector, arguments));
    }
    assert_eq!(asked.len(), 400);
    for (vector, arguments) in asked {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = run(&arguments, "");
        let id = vector["id"].as_str().unwrap();
        let answer: Json = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{id} {arguments:?}: {error}: {}", text(&output.stderr)));
        assert_eq!(answer["errors"], vector["errors"], "{id}");
        assert_eq!(answer["warnings"], vector["warnings"], "{id}");
        assert_holds(&answer["output"], &vector["output"], id);
        let refused = vector["errors"]
            .as_array()
            .is_some_and(|errors| !errors.is_empty());
        assert_eq!(output.status.code(), Some(if refused { 2 } else { 0 }), "{id}");
    }
}
