//! The methods against the vectors made with their reference implementations.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, in its helpers too"
)]

use serde_json::{Value, json};
use sobria_estimate::{Reference, batch};

const LLM: &str = include_str!("golden/llm_inference.jsonl");
const COMPUTE: &str = include_str!("golden/compute_job.jsonl");
const MEASUREMENT: &str = include_str!("golden/measurement.jsonl");

/// Relative tolerance of the vectors.
const TOLERANCE: f64 = 1e-9;

fn answer(method: &str, vector: &Value) -> Value {
    let request = json!({ "id": vector["id"], "method": method, "input": vector["input"] });
    let mut line = Vec::new();
    batch::answer_line(Reference::embedded(), request.to_string().as_bytes(), &mut line);
    serde_json::from_slice(&line).unwrap()
}

/// Every member of `expected` stands in `found`, numbers within the tolerance.
fn compare(path: &str, expected: &Value, found: &Value) {
    match expected {
        Value::Object(members) => {
            for (name, value) in members {
                compare(&format!("{path}.{name}"), value, &found[name]);
            }
        }
        Value::Number(number) => {
            let (expected, found) = (number.as_f64().unwrap(), found.as_f64().expect(path));
            let scale = expected.abs().max(found.abs());
            assert!(
                (expected - found).abs() <= TOLERANCE * scale,
                "{path}: expected {expected}, found {found}"
            );
        }
        other => assert_eq!(other, found, "{path}"),
    }
}

fn check(method: &str, vectors: &str) {
    let mut count = 0;
    for line in vectors.lines() {
        let vector: Value = serde_json::from_str(line).unwrap();
        let id = vector["id"].as_str().unwrap();
        let found = answer(method, &vector);
        assert_eq!(found["id"], vector["id"]);
        assert_eq!(found["errors"], vector["errors"], "{id}");
        assert_eq!(found["warnings"], vector["warnings"], "{id}");
        compare(id, &vector["output"], &found["output"]);
        if let Some(trace) = vector.get("trace") {
            compare(&format!("{id}.trace"), trace, &found["output"]["trace"]);
        }
        count += 1;
    }
    assert_eq!(count, 200);
}

#[test]
fn llm_inference_agrees_with_ecologits() {
    check("llm_inference", LLM);
}

#[test]
fn compute_job_agrees_with_green_algorithms() {
    check("compute_job", COMPUTE);
}

#[test]
fn every_step_of_a_measure_agrees_with_its_vectors() {
    let mut kinds = std::collections::BTreeSet::new();
    for line in MEASUREMENT.lines() {
        let vector: Value = serde_json::from_str(line).unwrap();
        let id = vector["id"].as_str().unwrap();
        kinds.insert(vector["kind"].as_str().unwrap().to_owned());
        let mut input = vector["input"].clone();
        let beside = json!({ "id": id, "method": "measurement", "kind": vector["kind"], "input": input });
        input["kind"] = vector["kind"].clone();
        let nested = json!({ "kind": vector["kind"], "input": vector["input"] });
        let nested = json!({ "id": id, "method": "measurement", "input": nested });
        let within = json!({ "id": id, "method": "measurement", "input": input });
        for request in [beside, within, nested] {
            let mut line = Vec::new();
            batch::answer_line(Reference::embedded(), request.to_string().as_bytes(), &mut line);
            let found: Value = serde_json::from_slice(&line).unwrap();
            assert_eq!(found["errors"], json!([]), "{id}");
            compare(id, &vector["expected"], &found["output"]);
        }
    }
    // The electricity of a place has no vector: it is the project's own.
    assert_eq!(kinds.len(), sobria_estimate::measurement::Kind::ALL.len() - 1);
}
