//! The codes that each mistake gives, in their order, and the sentence of every code.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, in its helpers too"
)]

use sobria_estimate::{Reference, document, sentence};

/// A request and the codes of its errors.
const CASES: &[(&str, &[&str])] = &[
    ("", &["invalid-json"]),
    ("{", &["invalid-json"]),
    ("[]", &["invalid-type:request"]),
    ("7", &["invalid-type:request"]),
    ("{}", &["missing:method", "missing:input"]),
    (r#"{"method":7,"input":{}}"#, &["invalid-type:method"]),
    (r#"{"method":"guess","input":{}}"#, &["unknown-method"]),
    (r#"{"method":"measurement","input":{}}"#, &["missing:kind"]),
    (
        r#"{"method":"measurement","kind":"guess","input":{}}"#,
        &["unknown-kind"],
    ),
    (
        r#"{"method":"llm_inference","kind":"rapl_delta","input":{"provider":"openai","model":"gpt-4o","output_tokens":1}}"#,
        &["unknown-field:kind"],
    ),
    (
        r#"{"method":"llm_inference","kind":"catalog","input":{"provider":"openai","model":"gpt-4o","output_tokens":-1}}"#,
        &["out-of-range:output_tokens"],
    ),
    (
        r#"{"method":"measurement","kind":"rapl_delta","input":{"start_uj":1,"start_uj":1,"end_uj":"2","dt_s":-1,"to":1}}"#,
        &[
            "duplicate-field:start_uj",
            "invalid-type:end_uj",
            "missing:max_energy_range_uj",
            "out-of-range:dt_s",
            "unknown-field:to",
        ],
    ),
    (
        r#"{"method":"measurement","kind":"gpu_counter","input":{"devices_mj":[{"start":1.5,"end":2,"unit":"J"}]}}"#,
        &["out-of-range:start", "unknown-field:devices_mj.unit"],
    ),
    (
        r#"{"method":"measurement","kind":"energy_from_interval_power","input":{"samples_s_w":[[1,0],[0,5]]}}"#,
        &["out-of-range:samples_s_w"],
    ),
    (
        r#"{"method":"measurement","kind":"measured_energy","input":{"energy_kwh":{"min":2,"max":1},"zone":"FRA"}}"#,
        &["out-of-range:energy_kwh"],
    ),
    (
        r#"{"method":"measurement","kind":"measured_energy","input":{"energy_kwh":3,"energy_range_kwh":{"min":1,"max":2},"zone":"FRA"}}"#,
        &["out-of-range:energy_range_kwh"],
    ),
    (
        r#"{"method":"measurement","kind":"measured_energy","input":{"energy_kwh":3,"energy_range_kwh":{"min":-1,"max":4},"zone":"FRA"}}"#,
        &["out-of-range:energy_range_kwh"],
    ),
    (
        r#"{"method":"measurement","kind":"measured_energy","input":{"energy_kwh":1,"zone":"Atlantide"}}"#,
        &["unknown-zone"],
    ),
    (
        r#"{"method":"measurement","input":{"kind":"csv_generation","header":"date,kwh"}}"#,
        &["not-a-log"],
    ),
    (r#"{"method":"llm_inference"}"#, &["missing:input"]),
    (
        r#"{"method":"llm_inference","input":[]}"#,
        &["invalid-type:input"],
    ),
    (
        r#"{"id":{},"method":"llm_inference","input":{"provider":"openai","model":"gpt-4o","output_tokens":1}}"#,
        &["invalid-type:id"],
    ),
    (
        r#"{"extra":1,"method":"llm_inference","input":{"provider":"openai","model":"gpt-4o","output_tokens":1}}"#,
        &["unknown-field:extra"],
    ),
    (
        r#"{"method":"llm_inference","input":{}}"#,
        &["missing:provider", "missing:model", "missing:output_tokens"],
    ),
    (
        r#"{"method":"llm_inference","input":{"tokens":1,"output_tokens":"1","zone":3,"zone":"FRA","zone":"FRA"}}"#,
        &[
            "unknown-field:tokens",
            "invalid-type:output_tokens",
            "invalid-type:zone",
            "duplicate-field:zone",
        ],
    ),
    (
        r#"{"method":"llm_inference","input":{"provider":"openai","model":"gpt-4o","output_tokens":-1}}"#,
        &["out-of-range:output_tokens"],
    ),
    (
        r#"{"method":"llm_inference","input":{"provider":"openai","model":"gpt-4o","output_tokens":1e999}}"#,
        &["out-of-range:output_tokens"],
    ),
    (
        r#"{"method":"llm_inference","input":{"provider":"openai","model":"gpt-4o","output_tokens":1.1e18}}"#,
        &["out-of-range:output_tokens"],
    ),
    (
        r#"{"method":"llm_inference","input":{"provider":"openai","model":"gpt-4o","output_tokens":1,"request_latency_s":-0.5}}"#,
        &["out-of-range:request_latency_s"],
    ),
    (
        r#"{"method":"llm_inference","input":{"provider":"openai","model":"none","output_tokens":1,"zone":"none"}}"#,
        &["model-not-registered"],
    ),
    (
        r#"{"method":"llm_inference","input":{"provider":"openai","model":"gpt-4o","output_tokens":1,"zone":""}}"#,
        &["zone-not-registered"],
    ),
    (
        r#"{"method":"llm_inference","input":{"total_params_b":7,"output_tokens":1}}"#,
        &["missing:pue", "missing:wue_l_kwh"],
    ),
    (
        r#"{"method":"llm_inference","input":{"provider":"acme","total_params_b":7,"output_tokens":1}}"#,
        &["provider-not-registered"],
    ),
    (
        r#"{"method":"llm_inference","input":{"total_params_b":0,"pue":{"min":1.2,"max":1.1},"wue_l_kwh":{"min":1},"output_tokens":1}}"#,
        &["missing:wue_l_kwh.max"],
    ),
    (
        r#"{"method":"llm_inference","input":{"total_params_b":0,"pue":{"min":1.2,"max":1.1},"wue_l_kwh":1,"output_tokens":1}}"#,
        &["out-of-range:total_params_b", "out-of-range:pue"],
    ),
    (
        r#"{"method":"llm_inference","input":{"total_params_b":7,"pue":1,"wue_l_kwh":1,"output_tokens":1,"mix":{"gwp":1,"wind":2}}}"#,
        &["unknown-field:mix.wind"],
    ),
    (
        r#"{"method":"llm_inference","input":{"total_params_b":7,"pue":1,"wue_l_kwh":1,"output_tokens":1,"mix":{"gwp":1}}}"#,
        &["missing:mix.adpe", "missing:mix.pe", "missing:mix.water"],
    ),
    (
        r#"{"method":"llm_inference","input":{"total_params_b":1e300,"pue":1,"wue_l_kwh":1,"output_tokens":1,"zone":"FRA"}}"#,
        &["result-too-large"],
    ),
    (
        r#"{"method":"compute_job","input":{}}"#,
        &["missing:runtime_h", "missing:memory_gb", "missing:zone"],
    ),
    (
        r#"{"method":"compute_job","input":{"runtime_h":-1,"n_cpu_cores":1.5,"cpu_usage":2,"memory_gb":-1,"pue":0,"psf":0,"platform":"desk","zone":"??","gpu_model":"none","n_gpus":1}}"#,
        &[
            "out-of-range:runtime_h",
            "out-of-range:n_cpu_cores",
            "out-of-range:cpu_usage",
            "out-of-range:memory_gb",
            "out-of-range:pue",
            "out-of-range:psf",
            "out-of-range:platform",
            "unknown-processor",
            "unknown-zone",
        ],
    ),
    (
        r#"{"method":"compute_job","input":{"runtime_h":1,"memory_gb":1,"provider":"unknown","zone":"FRA"}}"#,
        &["unknown-provider"],
    ),
    (
        r#"{"method":"compute_job","input":{"runtime_h":1e308,"memory_gb":1e308,"zone":"FRA"}}"#,
        &["result-too-large"],
    ),
    (
        r#"{"method":"compute_job","input":{"runtime_h":1,"training":{"runtime_h":1,"memory_gb":1,"zone":"FRA"}}}"#,
        &["unknown-field:runtime_h"],
    ),
    (
        r#"{"method":"compute_job","input":{"training":null}}"#,
        &["missing:training"],
    ),
    (
        r#"{"method":"compute_job","input":{"training":{"runtime_h":1,"memory_gb":1,"zone":"FRA"},"n_retrainings":2}}"#,
        &["missing:retraining_factor"],
    ),
    (
        r#"{"method":"compute_job","input":{"training":{"runtime_h":-1,"memory_gb":1,"zone":"FRA"},"inference":{"runtime_h":1,"n_cpu_cores":1,"cpu_model":"none","memory_gb":1},"rd_factor":-1,"input_period_value":0,"reporting_period_unit":"week","calendar":"lunar"}}"#,
        &[
            "out-of-range:training.runtime_h",
            "inference.unknown-processor",
            "missing:inference.zone",
            "out-of-range:rd_factor",
            "out-of-range:input_period_value",
            "out-of-range:reporting_period_unit",
            "out-of-range:calendar",
        ],
    ),
    (
        r#"{"method":"compute_job","input":{"inference":{"hours":1},"training":7}}"#,
        &["unknown-field:inference.hours", "invalid-type:training"],
    ),
];

#[test]
fn each_mistake_gives_its_codes_and_no_output() {
    for (request, expected) in CASES {
        let answer = document::answer(Reference::embedded(), request);
        assert_eq!(answer.errors, *expected, "{request}");
        assert!(answer.output.is_none(), "{request}");
        assert!(answer.warnings.is_empty(), "{request}");
    }
}

#[test]
fn every_code_has_a_french_sentence() {
    let raised = CASES.iter().flat_map(|(_, codes)| *codes);
    let others = [
        "model-arch-not-released",
        "model-arch-multimodal",
        "electricity-mix-adpe-world",
        "electricity-mix-pe-world",
        "electricity-mix-wue-world",
        "training.default-processor:cpu",
        "default-processor:gpu",
        "usage-assumed-full:cpu",
        "inference.usage-assumed-full:gpu",
        "default-pue",
        "provider-pue",
        "world-intensity",
        "unknown-region",
        "memory-cliff",
        "extrapolated",
        "world-default-factors",
        "architecture-not-released",
        "multimodal",
        "active-above-200b",
        "zone-assumed",
        "input-tokens-not-counted",
        "primary-energy-factor-suspect",
        "climate-factor-suspect",
        "gpu-power-above-rating",
        "undated-model-name",
        "active-above-total",
        "different-perimeters",
        "different-methods",
        "different-references",
        "different-units",
    ];
    for code in raised.copied().chain(others) {
        let words = sentence(code);
        assert!(!words.starts_with("Code inconnu"), "{code}: {words}");
        assert!(words.ends_with('.'), "{code}: {words}");
        for mark in [" :", " ;", "« ", " »", " %", "'"] {
            assert!(
                !words.contains(mark),
                "{code}: plain space or apostrophe in {words}"
            );
        }
    }
}

#[test]
fn the_identifier_comes_back_as_it_was_given() {
    for (given, returned) in [
        (r#""a\u00e9 \"b\"""#, r#""a\u00e9 \"b\"""#),
        ("12345678901234567890.10", "12345678901234567890.10"),
        ("null", "null"),
    ] {
        let request = format!(r#"{{"id":{given},"method":"guess","input":{{}}}}"#);
        let mut out = Vec::new();
        document::answer(Reference::embedded(), &request).write(&mut out);
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.starts_with(&format!(r#"{{"id":{returned},"method":"guess","output":null"#)),
            "{text}"
        );
    }
}

#[test]
fn a_very_long_name_is_cut_in_its_code() {
    let request = format!(
        r#"{{"method":"compute_job","input":{{"{}":1}}}}"#,
        "é".repeat(500)
    );
    let answer = document::answer(Reference::embedded(), &request);
    assert_eq!(answer.errors, [format!("unknown-field:{}", "é".repeat(32))]);
}

#[test]
fn doors_give_the_same_bytes() {
    let request =
        r#"{"method":"llm_inference","input":{"provider":"openai","model":"gpt-4o","output_tokens":250}}"#;
    let mut by_text = Vec::new();
    document::answer(Reference::embedded(), request).write(&mut by_text);
    let input = sobria_estimate::llm::Input::catalogue("openai", "gpt-4o", 250.0);
    let mut by_type = Vec::new();
    document::Response::to(Reference::embedded(), &document::Input::Llm(Box::new(input))).write(&mut by_type);
    assert_eq!(by_text, by_type);
    let mut by_line = Vec::new();
    assert!(sobria_estimate::batch::answer_line(
        Reference::embedded(),
        request.as_bytes(),
        &mut by_line
    ));
    by_text.push(b'\n');
    assert_eq!(by_text, by_line);
}
