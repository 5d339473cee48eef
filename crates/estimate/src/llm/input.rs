//! What one request of the method may say.

use std::borrow::Cow;

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};
use serde_json::value::RawValue;

use super::TOKEN_LIMIT;
use crate::code::{self, Code};
use crate::json::{Taker, each_member};

/// Two bounds, not yet checked; one number gives both.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Low bound.
    pub min: f64,
    /// High bound.
    pub max: f64,
}

impl Bounds {
    /// Both bounds at one number.
    ///
    /// ```
    /// use sobria_estimate::llm::Bounds;
    ///
    /// assert_eq!(Bounds::point(7.0).max, 7.0);
    /// ```
    #[must_use]
    pub const fn point(value: f64) -> Self {
        Self {
            min: value,
            max: value,
        }
    }
}

impl From<[f64; 2]> for Bounds {
    fn from([min, max]: [f64; 2]) -> Self {
        Self { min, max }
    }
}

impl Serialize for Bounds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pair = serializer.serialize_struct("Bounds", 2)?;
        pair.serialize_field("min", &self.min)?;
        pair.serialize_field("max", &self.max)?;
        pair.end()
    }
}

/// Factors of one kilowatt-hour, given by the person.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ElectricityFactors {
    /// Greenhouse gases, kg CO₂e.
    pub gwp: f64,
    /// Abiotic depletion of elements, kg Sb eq.
    pub adpe: f64,
    /// Primary energy, MJ.
    pub pe: f64,
    /// Water consumed, L.
    pub water: f64,
}

/// One request: a model of the table, or parameters, or a model with some values replaced.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Input<'a> {
    /// Provider, as in the table of models.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<Cow<'a, str>>,
    /// Model, as in the table of models.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<Cow<'a, str>>,
    /// Tokens generated, reasoning included; required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<f64>,
    /// Tokens sent; kept, without effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<f64>,
    /// Tokens read from a cache; kept, without effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached_tokens: Option<f64>,
    /// Measured duration of the answer, in seconds: an upper bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_latency_s: Option<f64>,
    /// Place of the electricity, as in the table of electricity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<Cow<'a, str>>,
    /// Parameters used for each token, in billions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_params_b: Option<Bounds>,
    /// Parameters in all, in billions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_params_b: Option<Bounds>,
    /// Power usage effectiveness of the data centre.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pue: Option<Bounds>,
    /// Water consumed on site, in litres per kilowatt-hour of the machines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wue_l_kwh: Option<Bounds>,
    /// Factors of the electricity; replace those of the zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mix: Option<ElectricityFactors>,
    /// Tokens per second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tps: Option<f64>,
    /// Seconds before the first token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttft_s: Option<f64>,
    /// Bits of one parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantization_bits: Option<f64>,
    /// Requests served together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_size: Option<f64>,
    /// Memory of one board, in GB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu_memory_gb: Option<f64>,
    /// Boards in one server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpus_per_server: Option<f64>,
    /// Life of the server, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_lifetime_s: Option<f64>,
    /// Power of the server without its boards, in kW.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_power_kw: Option<f64>,
}

impl<'a> Input<'a> {
    /// A request to a model of the table.
    ///
    /// ```
    /// use sobria_estimate::llm::Input;
    ///
    /// assert_eq!(Input::catalogue("openai", "gpt-4o", 250.0).output_tokens, Some(250.0));
    /// ```
    pub fn catalogue(
        provider: impl Into<Cow<'a, str>>,
        model: impl Into<Cow<'a, str>>,
        output_tokens: f64,
    ) -> Self {
        Self {
            provider: Some(provider.into()),
            model: Some(model.into()),
            output_tokens: Some(output_tokens),
            ..Self::default()
        }
    }

    /// The same request with the electricity of a zone.
    ///
    /// ```
    /// use sobria_estimate::llm::Input;
    ///
    /// let request = Input::catalogue("openai", "gpt-4o", 250.0).in_zone("FRA");
    /// assert_eq!(request.zone.as_deref(), Some("FRA"));
    /// ```
    #[must_use]
    pub fn in_zone(mut self, zone: impl Into<Cow<'a, str>>) -> Self {
        self.zone = Some(zone.into());
        self
    }

    /// Reads the fields of a JSON object; what is wrong in their shape is added to `errors`.
    pub(crate) fn read(raw: &'a RawValue, errors: &mut Vec<Code>) -> Self {
        let mut input = Self::default();
        let mut taker = Taker { prefix: "", errors };
        let read = each_member(raw.get(), |field, raw| match field {
            "provider" => taker.text(&mut input.provider, field, raw),
            "model" => taker.text(&mut input.model, field, raw),
            "output_tokens" => taker.number(&mut input.output_tokens, field, raw),
            "input_tokens" => taker.number(&mut input.input_tokens, field, raw),
            "cached_tokens" => taker.number(&mut input.cached_tokens, field, raw),
            "request_latency_s" => taker.number(&mut input.request_latency_s, field, raw),
            "zone" => taker.text(&mut input.zone, field, raw),
            "active_params_b" => taker.bounds(&mut input.active_params_b, field, raw),
            "total_params_b" => taker.bounds(&mut input.total_params_b, field, raw),
            "pue" => taker.bounds(&mut input.pue, field, raw),
            "wue_l_kwh" => taker.bounds(&mut input.wue_l_kwh, field, raw),
            "mix" => read_mix(&mut taker, &mut input.mix, raw),
            "tps" => taker.number(&mut input.tps, field, raw),
            "ttft_s" => taker.number(&mut input.ttft_s, field, raw),
            "quantization_bits" => taker.number(&mut input.quantization_bits, field, raw),
            "batch_size" => taker.number(&mut input.batch_size, field, raw),
            "gpu_memory_gb" => taker.number(&mut input.gpu_memory_gb, field, raw),
            "gpus_per_server" => taker.number(&mut input.gpus_per_server, field, raw),
            "server_lifetime_s" => taker.number(&mut input.server_lifetime_s, field, raw),
            "server_power_kw" => taker.number(&mut input.server_power_kw, field, raw),
            _ => taker.report("unknown-field", field),
        });
        if read.is_err() {
            taker.report("invalid-type", "input");
        }
        input
    }

    /// What is missing or out of range, in the order of the fields.
    pub(super) fn check(&self) -> Vec<Code> {
        let mut errors = Vec::new();
        let own_parameters = self.total_params_b.is_some() || self.active_params_b.is_some();
        if self.provider.is_none() && (self.model.is_some() || !own_parameters) {
            errors.push(code::of_field("missing", "", "provider"));
        }
        if self.model.is_none() && !own_parameters {
            errors.push(code::of_field("missing", "", "model"));
        }
        if self.output_tokens.is_none() {
            errors.push(code::of_field("missing", "", "output_tokens"));
        }
        let mut refuse = |field: &str| errors.push(code::of_field("out-of-range", "", field));
        for (field, value) in [
            ("output_tokens", self.output_tokens),
            ("input_tokens", self.input_tokens),
            ("cached_tokens", self.cached_tokens),
        ] {
            if value.is_some_and(|value| !(0.0..=TOKEN_LIMIT).contains(&value)) {
                refuse(field);
            }
        }
        if self.request_latency_s.is_some_and(|value| !at_least(value, 0.0)) {
            refuse("request_latency_s");
        }
        for (field, bounds, low) in [
            ("active_params_b", self.active_params_b, f64::MIN_POSITIVE),
            ("total_params_b", self.total_params_b, f64::MIN_POSITIVE),
            ("pue", self.pue, 1.0),
            ("wue_l_kwh", self.wue_l_kwh, 0.0),
        ] {
            if bounds.is_some_and(|bounds| !(at_least(bounds.min, low) && at_least(bounds.max, bounds.min))) {
                refuse(field);
            }
        }
        if let Some(mix) = self.mix {
            for (field, value) in [
                ("mix.gwp", mix.gwp),
                ("mix.adpe", mix.adpe),
                ("mix.pe", mix.pe),
                ("mix.water", mix.water),
            ] {
                if !at_least(value, 0.0) {
                    refuse(field);
                }
            }
        }
        for (field, value, low) in [
            ("tps", self.tps, f64::MIN_POSITIVE),
            ("ttft_s", self.ttft_s, 0.0),
            ("quantization_bits", self.quantization_bits, f64::MIN_POSITIVE),
            ("batch_size", self.batch_size, f64::MIN_POSITIVE),
            ("gpu_memory_gb", self.gpu_memory_gb, f64::MIN_POSITIVE),
            ("gpus_per_server", self.gpus_per_server, f64::MIN_POSITIVE),
            ("server_lifetime_s", self.server_lifetime_s, f64::MIN_POSITIVE),
            ("server_power_kw", self.server_power_kw, 0.0),
        ] {
            if value.is_some_and(|value| !at_least(value, low)) {
                refuse(field);
            }
        }
        errors
    }
}

fn at_least(value: f64, low: f64) -> bool {
    value >= low && value.is_finite()
}

fn read_mix(taker: &mut Taker<'_>, slot: &mut Option<ElectricityFactors>, raw: &RawValue) {
    if raw.get() == "null" {
        return;
    }
    if slot.is_some() {
        return taker.report("duplicate-field", "mix");
    }
    let (mut gwp, mut adpe, mut pe, mut water) = (None, None, None, None);
    let before = taker.errors.len();
    taker.members("mix", raw, |taker, name, full, raw| match name {
        "gwp" => taker.number(&mut gwp, full, raw),
        "adpe" => taker.number(&mut adpe, full, raw),
        "pe" => taker.number(&mut pe, full, raw),
        "water" => taker.number(&mut water, full, raw),
        _ => taker.report("unknown-field", full),
    });
    if let (Some(gwp), Some(adpe), Some(pe), Some(water)) = (gwp, adpe, pe, water) {
        *slot = Some(ElectricityFactors { gwp, adpe, pe, water });
    } else if taker.errors.len() == before {
        for (field, value) in [
            ("mix.gwp", gwp),
            ("mix.adpe", adpe),
            ("mix.pe", pe),
            ("mix.water", water),
        ] {
            if value.is_none() {
                taker.report("missing", field);
            }
        }
    }
}
