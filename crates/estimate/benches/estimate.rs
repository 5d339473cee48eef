//! How long one estimate takes, and how many lines of a batch are answered in a second.

use std::sync::LazyLock;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use sobria_estimate::{Reference, batch, compute, llm};

const LLM: &str = include_str!("../tests/golden/llm_inference.jsonl");
const COMPUTE: &str = include_str!("../tests/golden/compute_job.jsonl");

fn main() {
    divan::main();
}

/// The inputs of the vectors as lines of a batch.
fn lines(method: &str, vectors: &str) -> Vec<String> {
    vectors
        .lines()
        .filter_map(|line| {
            let vector: serde_json::Value = serde_json::from_str(line).ok()?;
            let (id, input) = (vector.get("id")?, vector.get("input")?);
            Some(format!(r#"{{"id":{id},"method":"{method}","input":{input}}}"#))
        })
        .collect()
}

static LLM_LINES: LazyLock<Vec<String>> = LazyLock::new(|| lines("llm_inference", LLM));
static COMPUTE_LINES: LazyLock<Vec<String>> = LazyLock::new(|| lines("compute_job", COMPUTE));

fn request() -> llm::Input<'static> {
    llm::Input::catalogue("anthropic", "claude-sonnet-4-6", 400.0).in_zone("FRA")
}

fn job() -> compute::Input<'static> {
    compute::Input::Job(Box::new(compute::Job {
        runtime_h: Some(12.0),
        n_cpu_cores: Some(12.0),
        cpu_model: Some("Xeon E5-2683 v4".into()),
        memory_gb: Some(64.0),
        zone: Some("FRA".into()),
        ..compute::Job::default()
    }))
}

#[divan::bench]
fn one_llm_estimate(bencher: Bencher<'_, '_>) {
    let input = request();
    bencher.bench_local(|| llm::estimate(Reference::embedded(), black_box(&input)));
}

#[divan::bench]
fn one_compute_job(bencher: Bencher<'_, '_>) {
    let input = job();
    bencher.bench_local(|| compute::estimate(Reference::embedded(), black_box(&input)));
}

/// Reading of the three tables that a request to a model needs, then the estimate.
#[divan::bench]
fn first_llm_estimate_of_a_process(bencher: Bencher<'_, '_>) {
    let input = request();
    bencher
        .with_inputs(|| Reference::from_tables(&|_| None))
        .bench_local_values(|reference| {
            reference
                .ok()
                .and_then(|reference| llm::estimate(&reference, black_box(&input)).ok())
        });
}

fn answer(bencher: Bencher<'_, '_>, lines: &[String]) {
    let mut out = Vec::new();
    bencher
        .counter(ItemsCount::new(lines.len()))
        .counter(BytesCount::new(lines.iter().map(String::len).sum::<usize>()))
        .bench_local(|| {
            out.clear();
            for line in lines {
                batch::answer_line(Reference::embedded(), black_box(line.as_bytes()), &mut out);
            }
            out.len()
        });
}

#[divan::bench]
fn batch_of_llm_lines(bencher: Bencher<'_, '_>) {
    answer(bencher, &LLM_LINES);
}

#[divan::bench]
fn batch_of_compute_lines(bencher: Bencher<'_, '_>) {
    answer(bencher, &COMPUTE_LINES);
}
