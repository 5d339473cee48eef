//! One text generation by a language model, as EcoLogits 0.11.3 estimates it.
//!
//! The method, its limits and the known defects of its reference are in `docs/methods/llm-inference.md`.

mod input;
mod output;

use sobria_quantity::{
    BillionParameters, Hours, Interval, KgCo2e, KgCo2ePerKwh, KgSbEq, KgSbEqPerKwh, KilowattHours, Litres,
    LitresPerKwh, Megajoules, MegajoulesPerKwh, OutOfRange, Pue, Quantity, Seconds,
};

pub use input::{Bounds, ElectricityFactors, Input};
pub use output::{Branches, Embodied, Grade, Impacts, Outcome, Output, Reliability, Scaling, Trace, Usage};

use crate::code::{self, Code};
use crate::provenance::Assumption;
use crate::reference::{Mix, Model, Provider, Reference};

/// Version of the method, as answers carry it.
pub const METHOD_VERSION: &str = "ecologits-0.11.3/1";

/// Energy of one token for one billion active parameters, in Wh.
pub const ENERGY_ALPHA: f64 = 1.166_527_317_045_191_4e-6;
/// Effect of one more request in the batch on that energy, as an exponent.
pub const ENERGY_BETA: f64 = -0.011_205_921_025_579_175;
/// Energy of one token whatever the model, in Wh.
pub const ENERGY_GAMMA: f64 = 4.052_928_146_734_005e-5;
/// Duration of one token for one billion active parameters, in seconds.
pub const LATENCY_ALPHA: f64 = 0.000_678_508_809_435_366_3;
/// Duration that one more request in the batch adds to a token, in seconds.
pub const LATENCY_BETA: f64 = 0.000_311_931_031_168_825_9;
/// Duration of one token whatever the model, in seconds.
pub const LATENCY_GAMMA: f64 = 0.019_473_717_579_473_387;
/// Memory needed over the memory of the weights.
pub const MEMORY_OVERHEAD: f64 = 1.2;
/// Manufacture of one H100 board: kg CO₂e, kg Sb eq, MJ.
pub const GPU_EMBODIED: [f64; 3] = [273.0, 0.00895, 3721.0];
/// Manufacture of one server for eight boards, boards apart: kg CO₂e, kg Sb eq, MJ.
pub const SERVER_EMBODIED: [f64; 3] = [5700.0, 0.37, 70000.0];
/// Bits of one parameter.
pub const QUANTIZATION_BITS: f64 = 16.0;
/// Requests served together.
pub const BATCH_SIZE: f64 = 64.0;
/// Memory of one board, in GB.
pub const GPU_MEMORY_GB: f64 = 80.0;
/// Boards in one server.
pub const GPUS_PER_SERVER: f64 = 8.0;
/// Power of the server without its boards, in kW.
pub const SERVER_POWER_KW: f64 = 1.2;
/// Life of the server, in seconds: three years of 365 days.
pub const SERVER_LIFETIME_S: f64 = 94_608_000.0;

/// Largest number of tokens taken in one request.
pub const TOKEN_LIMIT: f64 = 1e18;
/// Largest model that the regression was fitted on, in billions of parameters.
const FIT_LIMIT_B: f64 = 200.0;
/// How near a step of memory a model must be to be flagged.
const CLIFF_MARGIN: f64 = 0.05;
/// Rated power of the H100 board, in watts.
const GPU_RATING_W: f64 = 700.0;
/// Energy of one kilowatt-hour, in megajoules.
const MJ_PER_KWH: f64 = 3.6;

const METHOD_SOURCE: &str = "EcoLogits 0.11.3";

/// Values of one run of the formulas, the same in both branches.
struct Settings {
    output_tokens: f64,
    latency_limit_s: Option<Seconds>,
    tps: Option<f64>,
    ttft_s: f64,
    bits: f64,
    batch: f64,
    gpu_memory_gb: f64,
    gpus_per_server: f64,
    server_power_kw: f64,
    server_lifetime_s: f64,
    factors: Factors,
}

/// Factors of one kilowatt-hour.
struct Factors {
    gwp: KgCo2ePerKwh,
    adpe: KgSbEqPerKwh,
    pe: MegajoulesPerKwh,
    water: LitresPerKwh,
}

/// Values that differ from one branch to the other.
struct Corner {
    active: BillionParameters,
    total: BillionParameters,
    pue: Pue,
    wue: LitresPerKwh,
}

/// What one run gives.
struct Branch {
    gpu_count: u32,
    generation_latency_s: f64,
    it_energy: KilowattHours,
    energy: KilowattHours,
    gwp: KgCo2e,
    adpe: KgSbEq,
    pe: Megajoules,
    wcf: Litres,
    embodied: (KgCo2e, KgSbEq, Megajoules),
}

impl Settings {
    /// Energy of one token on one board, in Wh, for each request of the batch.
    fn token_energy_wh(&self, active: BillionParameters) -> f64 {
        ENERGY_ALPHA * (ENERGY_BETA * self.batch).exp() * active.get() + ENERGY_GAMMA
    }

    /// Memory of the model, in units of one board's memory.
    fn memory_ratio(&self, total: BillionParameters) -> f64 {
        let memory_gb = MEMORY_OVERHEAD * total.get() * self.bits / 8.0;
        memory_gb / self.gpu_memory_gb
    }

    /// The formulas, in the order that the reference vectors were made with.
    fn run(&self, corner: &Corner) -> Result<Branch, Code> {
        let gpu_energy_kwh = self.output_tokens * (self.token_energy_wh(corner.active) / 1000.0);
        let seconds_per_token = self.tps.map_or_else(
            || LATENCY_ALPHA * corner.active.get() + LATENCY_BETA * self.batch + LATENCY_GAMMA,
            |tps| 1.0 / tps,
        );
        let generated = finite::<Seconds>(self.output_tokens * seconds_per_token + self.ttft_s)?;
        let latency = self
            .latency_limit_s
            .map_or(generated, |limit| limit.min(generated));
        let gpu_count = gpu_count(self.memory_ratio(corner.total)).ok_or(TOO_LARGE)?;
        let gpus = f64::from(gpu_count);
        let servers = gpus / self.gpus_per_server;
        let server_energy_kwh =
            Hours::from(latency).get() * self.server_power_kw * servers * (1.0 / self.batch);
        let it_energy = finite::<KilowattHours>(server_energy_kwh + gpus * gpu_energy_kwh)?;
        let energy = it_energy * corner.pue;
        let water_per_it_kwh =
            finite::<LitresPerKwh>(corner.wue.get() + corner.pue.get() * self.factors.water.get())?;
        let [gwp, adpe, pe] = std::array::from_fn(|criterion| {
            let of = |table: [f64; 3]| table.get(criterion).copied().unwrap_or_default();
            let hardware = servers * of(SERVER_EMBODIED) + gpus * of(GPU_EMBODIED);
            latency.get() * hardware / (self.server_lifetime_s * self.batch)
        });
        Ok(Branch {
            gpu_count,
            generation_latency_s: latency.get(),
            it_energy,
            energy: bounded(energy)?,
            gwp: bounded(energy * self.factors.gwp)?,
            adpe: bounded(energy * self.factors.adpe)?,
            pe: bounded(energy * self.factors.pe)?,
            wcf: bounded(it_energy * water_per_it_kwh)?,
            embodied: (finite(gwp)?, finite(adpe)?, finite(pe)?),
        })
    }
}

const TOO_LARGE: Code = Code::Borrowed("result-too-large");

fn finite<Q: Quantity>(value: f64) -> Result<Q, Code> {
    Q::try_new(value).map_err(too_large).and_then(bounded)
}

fn too_large(_: OutOfRange) -> Code {
    TOO_LARGE
}

fn bounded<Q: Quantity>(value: Q) -> Result<Q, Code> {
    if value.is_saturated() {
        Err(TOO_LARGE)
    } else {
        Ok(value)
    }
}

/// Smallest power of two that holds the model, by doubling: a logarithm would be wrong beside exact powers.
fn gpu_count(memory_ratio: f64) -> Option<u32> {
    let needed = memory_ratio.ceil();
    let mut count = 1_u32;
    while f64::from(count) < needed {
        count = count.checked_mul(2)?;
    }
    Some(count)
}

/// Whether the memory is within 5 % of a step where the boards double.
fn near_step(memory_ratio: f64) -> bool {
    let mut step = 1.0;
    while step * (1.0 + CLIFF_MARGIN) < memory_ratio {
        step *= 2.0;
    }
    (memory_ratio / step - 1.0).abs() <= CLIFF_MARGIN
}

/// What was found in the tables for a request.
struct Found<'r> {
    model: Option<&'r Model<'static>>,
    provider: Option<&'r Provider<'static>>,
    mix: Option<&'r Mix<'static>>,
    zone_assumed: bool,
}

/// Estimates one request.
///
/// # Errors
/// The codes of everything missing or out of range, in the order of the fields; then, alone,
/// `model-not-registered`, `provider-not-registered` or `zone-not-registered`; then `result-too-large`.
///
/// ```
/// use sobria_estimate::{Reference, llm};
///
/// let request = llm::Input::catalogue("mistralai", "mistral-large-2512", 400.0).in_zone("FRA");
/// let outcome = llm::estimate(Reference::embedded(), &request).unwrap();
/// assert!(outcome.output.energy.low() <= outcome.output.energy.high());
///
/// let unknown = llm::Input::catalogue("mistralai", "nothing", 400.0);
/// assert_eq!(llm::estimate(Reference::embedded(), &unknown).unwrap_err(), ["model-not-registered"]);
/// ```
pub fn estimate(reference: &Reference, input: &Input<'_>) -> Result<Outcome, Vec<Code>> {
    let errors = input.check();
    if !errors.is_empty() {
        return Err(errors);
    }
    let found = look_up(reference, input).map_err(|code| vec![code])?;
    let mut assumptions = Vec::with_capacity(24);
    let (settings, corners) = settle(input, &found, &mut assumptions)?;
    let output = run(&settings, &corners, input, &found).map_err(|code| vec![code])?;
    Ok(Outcome {
        output,
        warnings: warnings(&found),
        assumptions,
    })
}

/// The same request for other numbers of requests served together: what its server shares, hence its energy and
/// manufacture, depends on it more than on anything else that the bracket leaves out.
///
/// # Errors
/// Those of [`estimate`], for the first size that fails.
///
/// ```
/// use sobria_estimate::{Reference, llm};
///
/// let request = llm::Input::catalogue("mistralai", "mistral-large-2512", 400.0);
/// let sizes = llm::batch_sensitivity(Reference::embedded(), &request, &[1.0, 8.0, 64.0]).unwrap();
/// assert!(sizes[0].gwp.low() > sizes[2].gwp.low());
/// ```
pub fn batch_sensitivity(
    reference: &Reference,
    input: &Input<'_>,
    batch_sizes: &[f64],
) -> Result<Vec<Impacts>, Vec<Code>> {
    batch_sizes
        .iter()
        .map(|size| {
            let input = Input {
                batch_size: Some(*size),
                ..input.clone()
            };
            Ok(estimate(reference, &input)?.output.totals())
        })
        .collect()
}

fn look_up<'r>(reference: &'r Reference, input: &Input<'_>) -> Result<Found<'r>, Code> {
    let provider = input.provider.as_deref();
    let model = match &input.model {
        None => None,
        Some(name) => Some(
            reference
                .model(provider.unwrap_or_default(), name)
                .ok_or(Code::Borrowed("model-not-registered"))?,
        ),
    };
    let provider = match provider {
        None => None,
        Some(name) => Some(
            reference
                .provider(name)
                .ok_or(Code::Borrowed("provider-not-registered"))?,
        ),
    };
    let mut zone_assumed = false;
    let mix = if input.mix.is_some() {
        None
    } else {
        let zone = input.zone.as_deref().unwrap_or_else(|| {
            zone_assumed = true;
            provider.map_or("WOR", |provider| provider.datacentre_zone)
        });
        Some(reference.mix(zone).ok_or(Code::Borrowed("zone-not-registered"))?)
    };
    Ok(Found {
        model,
        provider,
        mix,
        zone_assumed,
    })
}

/// Takes each value where it first stands: request, table, method; and notes where that was.
fn settle(
    input: &Input<'_>,
    found: &Found<'_>,
    notes: &mut Vec<Assumption>,
) -> Result<(Settings, [Corner; 2]), Vec<Code>> {
    let mut missing = Vec::new();
    let mut require = |bounds: Option<Bounds>, field: &'static str| {
        bounds.unwrap_or_else(|| {
            missing.push(code::of_field("missing", "", field));
            Bounds::point(1.0)
        })
    };
    if let Some(model) = found.model {
        notes.push(Assumption::user("provider", model.provider, ""));
        notes.push(if input.model.as_deref() == Some(model.model) {
            Assumption::user("model", model.model, "")
        } else {
            Assumption::table("model", model.model, "", "autre nom du modèle demandé")
        });
    } else if let Some(provider) = found.provider {
        notes.push(Assumption::user("provider", provider.provider, ""));
    }
    let sizes = found.model.map(|model| {
        (
            model.sources,
            Bounds::from(model.total_b),
            Bounds::from(model.active_b),
        )
    });
    let total = require(
        input.total_params_b.or(sizes.map(|(_, total, _)| total)),
        "total_params_b",
    );
    // A model whose active part is not told apart uses all its parameters.
    let active = input
        .active_params_b
        .or(sizes.map(|(_, _, active)| active))
        .unwrap_or(total);
    for (field, value, given) in [
        ("total_params_b", total, input.total_params_b.is_some()),
        ("active_params_b", active, input.active_params_b.is_some()),
    ] {
        notes.push(match sizes {
            _ if given => Assumption::user(field, value, "10⁹ paramètres"),
            Some((sources, ..)) => Assumption::table(field, value, "10⁹ paramètres", sources),
            None => Assumption::default(field, value, "10⁹ paramètres", "modèle dense"),
        });
    }
    for (field, given, tabled, unit) in [
        (
            "tps",
            input.tps,
            found.model.and_then(|model| model.tps),
            "jetons/s",
        ),
        (
            "ttft_s",
            input.ttft_s,
            found.model.and_then(|model| model.ttft_s),
            "s",
        ),
    ] {
        match (given, tabled) {
            (Some(given), _) => notes.push(Assumption::user(field, given, unit)),
            (None, Some(tabled)) => notes.push(Assumption::table(
                field,
                tabled,
                unit,
                "médiane observée sur OpenRouter, reprise par EcoLogits 0.11.3",
            )),
            (None, None) => {}
        }
    }
    let provider = found.provider;
    let pue = require(input.pue.or(provider.map(|row| row.pue.into())), "pue");
    let wue = require(
        input.wue_l_kwh.or(provider.map(|row| row.wue_l_kwh.into())),
        "wue_l_kwh",
    );
    for (field, value, given, unit) in [
        ("pue", pue, input.pue.is_some(), ""),
        ("wue_l_kwh", wue, input.wue_l_kwh.is_some(), "L/kWh"),
    ] {
        notes.push(if given {
            Assumption::user(field, value, unit)
        } else {
            Assumption::table(field, value, unit, provider.map_or("", |row| row.source))
        });
    }
    let [gwp, adpe, pe, water] = factors(input, found, notes);
    if !missing.is_empty() {
        return Err(missing);
    }
    let mut setting = |field, given: Option<f64>, default, unit| {
        notes.push(match given {
            Some(given) => Assumption::user(field, given, unit),
            None => Assumption::default(field, default, unit, METHOD_SOURCE),
        });
        given.unwrap_or(default)
    };
    let range = |_: OutOfRange| vec![TOO_LARGE];
    let settings = Settings {
        output_tokens: input.output_tokens.unwrap_or_default(),
        latency_limit_s: input
            .request_latency_s
            .map(Seconds::try_new)
            .transpose()
            .map_err(range)?,
        tps: input.tps.or(found.model.and_then(|model| model.tps)),
        ttft_s: input
            .ttft_s
            .or(found.model.and_then(|model| model.ttft_s))
            .unwrap_or(0.0),
        bits: setting(
            "quantization_bits",
            input.quantization_bits,
            QUANTIZATION_BITS,
            "bits",
        ),
        batch: setting("batch_size", input.batch_size, BATCH_SIZE, "requêtes"),
        gpu_memory_gb: setting("gpu_memory_gb", input.gpu_memory_gb, GPU_MEMORY_GB, "Go"),
        gpus_per_server: setting(
            "gpus_per_server",
            input.gpus_per_server,
            GPUS_PER_SERVER,
            "cartes",
        ),
        server_power_kw: setting("server_power_kw", input.server_power_kw, SERVER_POWER_KW, "kW"),
        server_lifetime_s: setting(
            "server_lifetime_s",
            input.server_lifetime_s,
            SERVER_LIFETIME_S,
            "s",
        ),
        factors: Factors {
            gwp: KgCo2ePerKwh::try_new(gwp).map_err(range)?,
            adpe: KgSbEqPerKwh::try_new(adpe).map_err(range)?,
            pe: MegajoulesPerKwh::try_new(pe).map_err(range)?,
            water: LitresPerKwh::try_new(water).map_err(range)?,
        },
    };
    let corner = |side: fn(Bounds) -> f64| {
        Ok::<_, OutOfRange>(Corner {
            active: BillionParameters::try_new(side(active))?,
            total: BillionParameters::try_new(side(total))?,
            pue: Pue::try_new(side(pue))?,
            wue: LitresPerKwh::try_new(side(wue))?,
        })
    };
    let low = corner(|bounds| bounds.min).map_err(range)?;
    let high = corner(|bounds| bounds.max).map_err(range)?;
    Ok((settings, [low, high]))
}

/// The four factors of electricity: climate, metals, primary energy, water.
fn factors(input: &Input<'_>, found: &Found<'_>, notes: &mut Vec<Assumption>) -> [f64; 4] {
    let fields = [
        ("mix.gwp", "kg CO₂e/kWh"),
        ("mix.adpe", "kg Sb eq/kWh"),
        ("mix.pe", "MJ/kWh"),
        ("mix.water", "L/kWh"),
    ];
    if let Some(mix) = found.mix {
        notes.push(if !found.zone_assumed {
            Assumption::user("zone", mix.zone, "")
        } else if let Some(provider) = found.provider {
            Assumption::table("zone", mix.zone, "", provider.source)
        } else {
            Assumption::default("zone", mix.zone, "", "moyenne mondiale, faute de lieu")
        });
        let values = [mix.gwp, mix.adpe, mix.pe, mix.water];
        let sources = [mix.gwp_source, mix.adpe_source, mix.pe_source, mix.water_source];
        for (((field, unit), value), source) in fields.into_iter().zip(values).zip(sources) {
            notes.push(Assumption::table(field, value, unit, source_name(source)));
        }
        values
    } else {
        let values = input
            .mix
            .map_or([0.0; 4], |mix| [mix.gwp, mix.adpe, mix.pe, mix.water]);
        for ((field, unit), value) in fields.into_iter().zip(values) {
            notes.push(Assumption::user(field, value, unit));
        }
        values
    }
}

/// The name of a source that the table of electricity writes as a code.
pub(crate) fn source_name(code: &'static str) -> &'static str {
    match code {
        "OWID" => "Our World in Data",
        "ADEME-BE" => "ADEME Base Empreinte",
        "WRI" => "World Resources Institute",
        "world-default" => "moyenne mondiale, faute de valeur propre au lieu",
        other => other,
    }
}

fn run(
    settings: &Settings,
    corners: &[Corner; 2],
    input: &Input<'_>,
    found: &Found<'_>,
) -> Result<Output, Code> {
    let [low_corner, high_corner] = corners;
    let low = settings.run(low_corner)?;
    let high = settings.run(high_corner)?;
    let usage = Usage {
        energy: Interval::spanning(low.energy, high.energy),
        gwp: Interval::spanning(low.gwp, high.gwp),
        adpe: Interval::spanning(low.adpe, high.adpe),
        pe: Interval::spanning(low.pe, high.pe),
        wcf: Interval::spanning(low.wcf, high.wcf),
    };
    let embodied = Embodied {
        gwp: Interval::spanning(low.embodied.0, high.embodied.0),
        adpe: Interval::spanning(low.embodied.1, high.embodied.1),
        pe: Interval::spanning(low.embodied.2, high.embodied.2),
    };
    let (reliability, notices) = judge(settings, corners, input, found);
    let output = Output {
        energy: usage.energy,
        gwp: usage.gwp.plus(embodied.gwp),
        adpe: usage.adpe.plus(embodied.adpe),
        pe: usage.pe.plus(embodied.pe),
        wcf: usage.wcf,
        usage,
        embodied,
        trace: Trace {
            gpu_count: Branches {
                min_branch: low.gpu_count,
                max_branch: high.gpu_count,
            },
            generation_latency_s: Branches {
                min_branch: low.generation_latency_s,
                max_branch: high.generation_latency_s,
            },
            it_energy_kwh: Branches {
                min_branch: low.it_energy.get(),
                max_branch: high.it_energy.get(),
            },
        },
        reliability,
        notices,
    };
    if output.gwp.is_saturated() || output.adpe.is_saturated() || output.pe.is_saturated() {
        return Err(TOO_LARGE);
    }
    Ok(output)
}

fn judge(
    settings: &Settings,
    corners: &[Corner; 2],
    input: &Input<'_>,
    found: &Found<'_>,
) -> (Reliability, Vec<&'static str>) {
    let any = |test: &dyn Fn(&Corner) -> bool| corners.iter().any(test);
    let cliff = any(&|corner| near_step(settings.memory_ratio(corner.total)));
    let extrapolated = any(&|corner| corner.total.get() > FIT_LIMIT_B || corner.active.get() > FIT_LIMIT_B);
    let active_above = any(&|corner| corner.active.get() > FIT_LIMIT_B);
    let world = found
        .mix
        .is_some_and(|mix| mix.zone == "WOR" || mix.world_defaults().contains(&true));
    let guessed = found.model.is_some_and(|model| model.arch_not_released) && input.total_params_b.is_none();
    let multimodal = found.model.is_some_and(|model| model.multimodal);
    let grade = if guessed && (multimodal || active_above) {
        Grade::D
    } else if guessed {
        Grade::C
    } else if cliff || extrapolated || world {
        Grade::B
    } else {
        Grade::A
    };
    let kept =
        |list: &[(bool, &'static str)]| list.iter().filter(|(is, _)| *is).map(|(_, code)| *code).collect();
    let reasons = kept(&[
        (guessed, "architecture-not-released"),
        (guessed && multimodal, "multimodal"),
        (active_above, "active-above-200b"),
        (extrapolated, "extrapolated"),
        (cliff, "memory-cliff"),
        (world, "world-default-factors"),
    ]);
    let power_w = |corner: &Corner| {
        settings.tps.map_or(0.0, |tps| {
            settings.token_energy_wh(corner.active) * 3600.0 * tps * settings.batch
        })
    };
    let notices = kept(&[
        (cliff, "memory-cliff"),
        (extrapolated, "extrapolated"),
        (found.zone_assumed, "zone-assumed"),
        (
            input.input_tokens.unwrap_or(0.0) + input.cached_tokens.unwrap_or(0.0) > 0.0,
            "input-tokens-not-counted",
        ),
        (
            any(&|corner| power_w(corner) > GPU_RATING_W),
            "gpu-power-above-rating",
        ),
        (
            settings.factors.pe.get() < MJ_PER_KWH,
            "primary-energy-factor-suspect",
        ),
        (
            found
                .mix
                .is_some_and(|mix| mix.gwp <= 0.0 || (mix.gwp - 1.0).abs() <= 0.0),
            "climate-factor-suspect",
        ),
        (
            input.model.as_deref().is_some_and(|name| name.contains("latest")),
            "undated-model-name",
        ),
        (any(&|corner| corner.active > corner.total), "active-above-total"),
    ]);
    (Reliability { grade, reasons }, notices)
}

fn warnings(found: &Found<'_>) -> Vec<Code> {
    let mut warnings = Vec::new();
    if let Some(model) = found.model {
        if model.arch_not_released {
            warnings.push(Code::Borrowed("model-arch-not-released"));
        }
        if model.multimodal {
            warnings.push(Code::Borrowed("model-arch-multimodal"));
        }
    }
    if let Some(mix) = found.mix {
        let codes = [
            "electricity-mix-adpe-world",
            "electricity-mix-pe-world",
            "electricity-mix-wue-world",
        ];
        for (world, code) in mix.world_defaults().into_iter().zip(codes) {
            if world {
                warnings.push(Code::Borrowed(code));
            }
        }
    }
    warnings
}
