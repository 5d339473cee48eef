//! What holds of every estimate, and of any text sent in its place.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, in its helpers too"
)]

#[path = "support/json.rs"]
mod json;

use proptest::prelude::*;
use serde_json::{Value, json};
use sobria_estimate::llm::{Bounds, ElectricityFactors, Input};
use sobria_estimate::{Reference, alternatives, batch, compute, llm, sentence};
use sobria_quantity::{Interval, Quantity};

fn reference() -> &'static Reference {
    Reference::embedded()
}

fn bounds(low: std::ops::Range<f64>) -> impl Strategy<Value = Bounds> {
    (low, 1.0..4.0_f64).prop_map(|(min, factor)| Bounds {
        min,
        max: min * factor,
    })
}

fn any_request() -> impl Strategy<Value = Input<'static>> {
    let own = (
        bounds(0.1..3000.0),
        bounds(0.1..300.0),
        bounds(1.0..2.0),
        bounds(0.0..3.0),
        0.0..1e9_f64,
        prop::option::of(0.0..1e5_f64),
        prop::option::of(1.0..500.0_f64),
        prop::option::of(0.0..10.0_f64),
        prop::option::of(1.0..512.0_f64),
    )
        .prop_map(
            |(total, active, pue, wue, tokens, latency, tps, ttft, batch)| Input {
                output_tokens: Some(tokens),
                total_params_b: Some(total),
                active_params_b: Some(active),
                pue: Some(pue),
                wue_l_kwh: Some(wue),
                request_latency_s: latency,
                tps,
                ttft_s: ttft,
                batch_size: batch,
                mix: Some(ElectricityFactors {
                    gwp: 0.05,
                    adpe: 5e-8,
                    pe: 9.0,
                    water: 3.5,
                }),
                ..Input::default()
            },
        );
    let listed = (
        0..reference().models().len(),
        0..reference().mixes().len(),
        0.0..1e9_f64,
    )
        .prop_map(|(model, zone, tokens)| {
            let model = &reference().models()[model];
            Input::catalogue(model.provider, model.model, tokens).in_zone(reference().mixes()[zone].zone)
        });
    prop_oneof![own, listed]
}

fn ordered<Q: Quantity>(interval: Interval<Q>) {
    let (low, high) = (interval.low().get(), interval.high().get());
    assert!(low >= 0.0 && high.is_finite());
    assert!(low <= interval.central() && interval.central() <= high);
}

fn sums_to<Q: Quantity + std::ops::Add<Output = Q>>(
    total: Interval<Q>,
    one: Interval<Q>,
    other: Interval<Q>,
) {
    assert_eq!(total, one.plus(other));
}

fn any_job() -> impl Strategy<Value = compute::Job<'static>> {
    (
        0.0..1e5_f64,
        0_u32..5000,
        prop::option::of(0..reference().processors().len()),
        prop::option::of(0.0..=1.0_f64),
        0_u32..64,
        prop::option::of(0.0..=1.0_f64),
        0.0..4096.0_f64,
        0..reference().carbon_intensities().len(),
        prop::option::of(1.0..3.0_f64),
        prop::option::of(1.0..50.0_f64),
    )
        .prop_map(
            |(hours, cores, processor, cpu_usage, gpus, gpu_usage, memory, zone, pue, psf)| compute::Job {
                runtime_h: Some(hours),
                n_cpu_cores: Some(f64::from(cores)),
                cpu_model: processor
                    .map(|at| &reference().processors()[at])
                    .filter(|row| row.kind == sobria_estimate::reference::ProcessorKind::Cpu)
                    .map(|row| row.model.into()),
                cpu_usage,
                n_gpus: Some(f64::from(gpus)),
                gpu_usage,
                memory_gb: Some(memory),
                zone: Some(reference().carbon_intensities()[zone].zone.into()),
                pue,
                psf,
                ..compute::Job::default()
            },
        )
}

fn job_output(job: &compute::Job<'static>) -> compute::JobOutput {
    let input = compute::Input::Job(Box::new(job.clone()));
    match compute::estimate(reference(), &input).unwrap().output {
        compute::Output::Job(output) => output,
        compute::Output::Ai(_) => panic!("a job gives the output of a job"),
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let names = vec![
        "id",
        "method",
        "input",
        "provider",
        "model",
        "output_tokens",
        "zone",
        "pue",
        "mix",
        "min",
        "max",
        "training",
        "inference",
        "runtime_h",
        "memory_gb",
        "n_cpu_cores",
        "psf",
        "continuous",
        "calendar",
        "total_params_b",
        "wue_l_kwh",
        "request_latency_s",
        "batch_size",
        "n_retrainings",
        "x",
    ];
    let words = vec![
        "FRA",
        "gpt-4o",
        "openai",
        "cloud",
        "llm_inference",
        "compute_job",
        "é\"\\\n",
        "",
    ];
    json::values(names, words, 4, 40)
}

/// Every number of an output is finite and not negative, and an error leaves no output.
fn sound(line: &[u8]) {
    let mut out = Vec::new();
    let fine = batch::answer_line(reference(), line, &mut out);
    let text = std::str::from_utf8(&out).unwrap();
    assert_eq!(text.matches('\n').count(), 1, "one line");
    let answer: Value = serde_json::from_str(text).unwrap();
    assert_eq!(fine, answer["errors"].as_array().unwrap().is_empty());
    assert_eq!(fine, !answer["output"].is_null(), "{answer}");
    for code in answer["errors"].as_array().unwrap() {
        let words = sentence(code.as_str().unwrap());
        assert!(!words.starts_with("Code inconnu"), "{code}");
    }
    positive(&answer["output"]);
}

fn positive(value: &Value) {
    match value {
        Value::Number(number) => assert!(
            number
                .as_f64()
                .is_some_and(|number| number.is_finite() && number >= 0.0)
        ),
        Value::Array(values) => values.iter().for_each(positive),
        Value::Object(members) => members.values().for_each(positive),
        _ => {}
    }
}

proptest! {
    #[test]
    fn a_request_gives_ordered_bounds_and_totals_that_add_up(input in any_request()) {
        let output = llm::estimate(reference(), &input).unwrap().output;
        ordered(output.energy);
        ordered(output.gwp);
        ordered(output.adpe);
        ordered(output.pe);
        ordered(output.wcf);
        prop_assert_eq!(output.energy, output.usage.energy);
        prop_assert_eq!(output.wcf, output.usage.wcf);
        sums_to(output.gwp, output.usage.gwp, output.embodied.gwp);
        sums_to(output.adpe, output.usage.adpe, output.embodied.adpe);
        sums_to(output.pe, output.usage.pe, output.embodied.pe);
    }

    #[test]
    fn more_tokens_never_cost_less(input in any_request(), factor in 1.0..100.0_f64) {
        let less = llm::estimate(reference(), &input).unwrap().output;
        let mut longer = input.clone();
        longer.output_tokens = input.output_tokens.map(|tokens| tokens * factor);
        let more = llm::estimate(reference(), &longer).unwrap().output;
        prop_assert!(less.energy.low() <= more.energy.low() && less.energy.high() <= more.energy.high());
        prop_assert!(less.gwp.low() <= more.gwp.low() && less.gwp.high() <= more.gwp.high());
        prop_assert!(less.wcf.high() <= more.wcf.high());
    }

    #[test]
    fn a_year_is_its_requests(input in any_request(), requests in 0.0..1e9_f64) {
        let one = llm::estimate(reference(), &input).unwrap().output.totals();
        let year = one.times(requests).unwrap();
        prop_assert_eq!(year.gwp.low(), one.gwp.low().times(requests).unwrap());
        prop_assert_eq!(year.gwp.high(), one.gwp.high().times(requests).unwrap());
    }

    #[test]
    fn a_job_stands_in_its_bracket_and_its_parts_add_up(job in any_job()) {
        let output = job_output(&job);
        let range = output.range;
        prop_assert!(range.energy_kwh.low().get() <= output.energy_kwh * (1.0 + 1e-12));
        prop_assert!(output.energy_kwh <= range.energy_kwh.high().get() * (1.0 + 1e-12));
        prop_assert!(range.carbon_g.low().get() <= output.carbon_g * (1.0 + 1e-12));
        prop_assert!(output.carbon_g <= range.carbon_g.high().get() * (1.0 + 1e-12));
        let parts = output.carbon_by_component_g;
        let sum = parts.cpu + parts.gpu + parts.memory;
        prop_assert!((sum - output.carbon_g).abs() <= 1e-9 * output.carbon_g);
        let it = output.it_energy_kwh;
        prop_assert!((it.cpu + it.gpu + it.memory - it.total).abs() <= 1e-9 * it.total);
    }

    #[test]
    fn a_longer_job_never_uses_less(job in any_job(), factor in 1.0..10.0_f64) {
        let mut longer = job.clone();
        longer.runtime_h = job.runtime_h.map(|hours| hours * factor);
        prop_assert!(job_output(&job).energy_kwh <= job_output(&longer).energy_kwh);
    }

    #[test]
    fn proposals_are_estimates_of_their_own(input in any_request(), requests in 1.0..1e6_f64) {
        for proposal in alternatives::alternatives(reference(), &input, requests).unwrap() {
            let again = llm::estimate(reference(), &proposal.input).unwrap();
            prop_assert_eq!(&again.output, &proposal.outcome.output);
            prop_assert_eq!(again.output.totals().times(proposal.requests).unwrap(), proposal.impacts);
        }
    }

    #[test]
    fn any_bytes_get_one_line(line in prop::collection::vec(any::<u8>().prop_filter("one line", |b| *b != b'\n'), 0..80)) {
        sound(&line);
    }

    #[test]
    fn any_json_gets_one_line(value in any_json()) {
        sound(value.to_string().as_bytes());
    }

    #[test]
    fn any_input_gets_an_answer(method in prop::sample::select(vec!["llm_inference", "compute_job"]), input in any_json()) {
        sound(json!({ "id": "p", "method": method, "input": input }).to_string().as_bytes());
    }

    #[test]
    fn any_number_in_any_field_gets_an_answer(
        numbers in prop::collection::vec(any::<f64>().prop_filter("finite", |number| number.is_finite()), 14),
    ) {
        let fields = ["output_tokens", "request_latency_s", "tps", "ttft_s", "quantization_bits", "batch_size",
            "gpu_memory_gb", "gpus_per_server", "server_lifetime_s", "server_power_kw", "active_params_b",
            "total_params_b", "pue", "wue_l_kwh"];
        let mut input: serde_json::Map<String, Value> = fields
            .iter()
            .zip(&numbers)
            .map(|(field, number)| ((*field).to_owned(), Value::from(number.abs().max(1.0))))
            .collect();
        input.insert("output_tokens".to_owned(), Value::from(numbers[0].abs().min(1e18)));
        input.insert("zone".to_owned(), Value::from("FRA"));
        sound(json!({ "method": "llm_inference", "input": input }).to_string().as_bytes());
        let job = ["runtime_h", "memory_gb", "cpu_tdp_per_core_w", "gpu_tdp_w", "pue", "psf", "carbon_intensity_g_per_kwh"];
        let mut input: serde_json::Map<String, Value> = job
            .iter()
            .zip(&numbers)
            .map(|(field, number)| ((*field).to_owned(), Value::from(number.abs().max(1.0))))
            .collect();
        input.insert("n_cpu_cores".to_owned(), Value::from(numbers[7].abs().trunc()));
        sound(json!({ "method": "compute_job", "input": input }).to_string().as_bytes());
    }
}
