//! What one request of the method may say.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::code::{self, Code};
use crate::json::{Taker, each_member};

/// Where a job runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Platform {
    Personal,
    LocalServer,
    Cloud,
}

impl Platform {
    pub(super) const fn id(self) -> &'static str {
        match self {
            Self::Personal => "personal-computer",
            Self::LocalServer => "local-server",
            Self::Cloud => "cloud",
        }
    }
}

/// Length of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Period {
    Day,
    Week,
    Month,
    Year,
}

impl Period {
    pub(super) const fn id(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    fn read(text: &str) -> Option<Self> {
        [Self::Day, Self::Week, Self::Month, Self::Year]
            .into_iter()
            .find(|period| period.id() == text)
    }
}

/// How many days and weeks a month holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Calendar {
    /// 365.25 days in a year.
    Civil,
    /// 360 days and 48 weeks in a year, as the reference counts.
    GreenAlgorithms,
}

impl Calendar {
    pub(super) const fn id(self) -> &'static str {
        match self {
            Self::Civil => "civil",
            Self::GreenAlgorithms => "green-algorithms",
        }
    }

    pub(super) fn periods_per_month(self, period: Period) -> f64 {
        match (self, period) {
            (_, Period::Month) => 1.0,
            (_, Period::Year) => 1.0 / 12.0,
            (Self::Civil, Period::Day) => 365.25 / 12.0,
            (Self::Civil, Period::Week) => 365.25 / 84.0,
            (Self::GreenAlgorithms, Period::Day) => 30.0,
            (Self::GreenAlgorithms, Period::Week) => 4.0,
        }
    }
}

/// One computation on known hardware.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Job<'a> {
    /// Duration, in hours; required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime_h: Option<f64>,
    /// Cores used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_cpu_cores: Option<f64>,
    /// Exact name of the processor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_model: Option<Cow<'a, str>>,
    /// Watts of one core; replaces the model's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_tdp_per_core_w: Option<f64>,
    /// Mean use of the cores, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_usage: Option<f64>,
    /// Boards used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_gpus: Option<f64>,
    /// Exact name of the board.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu_model: Option<Cow<'a, str>>,
    /// Watts of one board; replaces the model's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu_tdp_w: Option<f64>,
    /// Mean use of the boards, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu_usage: Option<f64>,
    /// Memory reserved, in GB; required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_gb: Option<f64>,
    /// `personal-computer`, `local-server` or `cloud`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<Cow<'a, str>>,
    /// Cloud provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<Cow<'a, str>>,
    /// Region of the provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Cow<'a, str>>,
    /// Place of the electricity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<Cow<'a, str>>,
    /// Power usage effectiveness; replaces every other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pue: Option<f64>,
    /// Grammes of CO₂ equivalent per kWh; replaces the zone's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carbon_intensity_g_per_kwh: Option<f64>,
    /// Number of identical runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub psf: Option<f64>,
}

type Processors<'j> = (Option<f64>, Option<&'j str>, Option<f64>, Option<f64>);

impl<'a> Job<'a> {
    /// Takes one field; false when the job has no such field.
    fn take(&mut self, taker: &mut Taker<'_>, field: &str, raw: &'a RawValue) -> bool {
        match field {
            "runtime_h" => taker.number(&mut self.runtime_h, field, raw),
            "n_cpu_cores" => taker.number(&mut self.n_cpu_cores, field, raw),
            "cpu_model" => taker.text(&mut self.cpu_model, field, raw),
            "cpu_tdp_per_core_w" => taker.number(&mut self.cpu_tdp_per_core_w, field, raw),
            "cpu_usage" => taker.number(&mut self.cpu_usage, field, raw),
            "n_gpus" => taker.number(&mut self.n_gpus, field, raw),
            "gpu_model" => taker.text(&mut self.gpu_model, field, raw),
            "gpu_tdp_w" => taker.number(&mut self.gpu_tdp_w, field, raw),
            "gpu_usage" => taker.number(&mut self.gpu_usage, field, raw),
            "memory_gb" => taker.number(&mut self.memory_gb, field, raw),
            "platform" => taker.text(&mut self.platform, field, raw),
            "provider" => taker.text(&mut self.provider, field, raw),
            "region" => taker.text(&mut self.region, field, raw),
            "zone" => taker.text(&mut self.zone, field, raw),
            "pue" => taker.number(&mut self.pue, field, raw),
            "carbon_intensity_g_per_kwh" => taker.number(&mut self.carbon_intensity_g_per_kwh, field, raw),
            "psf" => taker.number(&mut self.psf, field, raw),
            _ => return false,
        }
        true
    }

    pub(super) fn cpu(&self) -> Processors<'_> {
        (
            self.n_cpu_cores,
            self.cpu_model.as_deref(),
            self.cpu_tdp_per_core_w,
            self.cpu_usage,
        )
    }

    pub(super) fn gpu(&self) -> Processors<'_> {
        (
            self.n_gpus,
            self.gpu_model.as_deref(),
            self.gpu_tdp_w,
            self.gpu_usage,
        )
    }

    pub(super) fn platform(&self) -> Option<Platform> {
        [Platform::Personal, Platform::LocalServer, Platform::Cloud]
            .into_iter()
            .find(|platform| self.platform.as_deref() == Some(platform.id()))
    }

    /// What is missing, then what is out of range, in the order of the method's page.
    pub(super) fn check(&self, prefix: &'static str, errors: &mut Vec<Code>) {
        for (field, value) in [("runtime_h", self.runtime_h), ("memory_gb", self.memory_gb)] {
            if value.is_none() {
                errors.push(code::of_field("missing", prefix, field));
            }
        }
        let from = |low: f64| move |value: f64| value >= low && value.is_finite();
        let whole = |value: f64| value >= 0.0 && value.is_finite() && value.fract() <= 0.0;
        let share = |value: f64| (0.0..=1.0).contains(&value);
        let mut refuse = |field, value: Option<f64>, accepted: &dyn Fn(f64) -> bool| {
            if value.is_some_and(|value| !accepted(value)) {
                errors.push(code::of_field("out-of-range", prefix, field));
            }
        };
        refuse("runtime_h", self.runtime_h, &from(0.0));
        refuse("n_cpu_cores", self.n_cpu_cores, &whole);
        refuse("cpu_tdp_per_core_w", self.cpu_tdp_per_core_w, &from(0.0));
        refuse("cpu_usage", self.cpu_usage, &share);
        refuse("n_gpus", self.n_gpus, &whole);
        refuse("gpu_tdp_w", self.gpu_tdp_w, &from(0.0));
        refuse("gpu_usage", self.gpu_usage, &share);
        refuse("memory_gb", self.memory_gb, &from(0.0));
        refuse("pue", self.pue, &from(1.0));
        refuse(
            "carbon_intensity_g_per_kwh",
            self.carbon_intensity_g_per_kwh,
            &from(0.0),
        );
        refuse("psf", self.psf, &from(1.0));
        if self.platform.is_some() && self.platform().is_none() {
            errors.push(code::of_field("out-of-range", prefix, "platform"));
        }
    }
}

/// A training, its use, or both.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Ai<'a> {
    /// The main training.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub training: Option<Job<'a>>,
    /// Research and tuning, as a multiple of the main training.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rd_factor: Option<f64>,
    /// Trainings made again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_retrainings: Option<f64>,
    /// Size of one of them, as a multiple of the main training.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retraining_factor: Option<f64>,
    /// The use of the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inference: Option<Job<'a>>,
    /// Whether the use goes on: the job then describes one input period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continuous: Option<bool>,
    /// `day`, `week`, `month` or `year`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_period_unit: Option<Cow<'a, str>>,
    /// Length of the input period, in its unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_period_value: Option<f64>,
    /// `month` or `year`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reporting_period_unit: Option<Cow<'a, str>>,
    /// Length of the reporting period, in its unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reporting_period_value: Option<f64>,
    /// `civil` or `green-algorithms`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calendar: Option<Cow<'a, str>>,
}

impl<'a> Ai<'a> {
    fn take(&mut self, taker: &mut Taker<'_>, field: &str, raw: &'a RawValue) -> bool {
        match field {
            "training" => read_job(taker, &mut self.training, "training.", raw),
            "inference" => read_job(taker, &mut self.inference, "inference.", raw),
            "rd_factor" => taker.number(&mut self.rd_factor, field, raw),
            "n_retrainings" => taker.number(&mut self.n_retrainings, field, raw),
            "retraining_factor" => taker.number(&mut self.retraining_factor, field, raw),
            "continuous" => taker.flag(&mut self.continuous, field, raw),
            "input_period_unit" => taker.text(&mut self.input_period_unit, field, raw),
            "input_period_value" => taker.number(&mut self.input_period_value, field, raw),
            "reporting_period_unit" => taker.text(&mut self.reporting_period_unit, field, raw),
            "reporting_period_value" => taker.number(&mut self.reporting_period_value, field, raw),
            "calendar" => taker.text(&mut self.calendar, field, raw),
            _ => return false,
        }
        true
    }

    pub(super) fn input_period(&self) -> Option<Period> {
        self.input_period_unit.as_deref().and_then(Period::read)
    }

    pub(super) fn reporting_period(&self) -> Option<Period> {
        self.reporting_period_unit
            .as_deref()
            .and_then(Period::read)
            .filter(|period| matches!(period, Period::Month | Period::Year))
    }

    pub(super) fn calendar(&self) -> Option<Calendar> {
        [Calendar::Civil, Calendar::GreenAlgorithms]
            .into_iter()
            .find(|calendar| self.calendar.as_deref() == Some(calendar.id()))
    }

    pub(super) fn check(&self, errors: &mut Vec<Code>) {
        if self.training.is_none() && self.inference.is_none() {
            errors.push(code::of_field("missing", "", "training"));
        }
        let count = self.n_retrainings.unwrap_or(0.0);
        let positive = |value: f64| value > 0.0 && value.is_finite();
        let factor = |value: f64| value >= 0.0 && value.is_finite();
        let mut refuse = |field, refused: bool| {
            if refused {
                errors.push(code::of_field("out-of-range", "", field));
            }
        };
        refuse("rd_factor", self.rd_factor.is_some_and(|value| !factor(value)));
        refuse("n_retrainings", !factor(count) || count.fract() > 0.0);
        refuse(
            "retraining_factor",
            self.retraining_factor.is_some_and(|value| !factor(value)),
        );
        refuse(
            "input_period_unit",
            self.input_period_unit.is_some() && self.input_period().is_none(),
        );
        refuse(
            "input_period_value",
            self.input_period_value.is_some_and(|value| !positive(value)),
        );
        refuse(
            "reporting_period_unit",
            self.reporting_period_unit.is_some() && self.reporting_period().is_none(),
        );
        refuse(
            "reporting_period_value",
            self.reporting_period_value.is_some_and(|value| !positive(value)),
        );
        refuse("calendar", self.calendar.is_some() && self.calendar().is_none());
        if count > 0.0 && self.retraining_factor.is_none() {
            errors.push(code::of_field("missing", "", "retraining_factor"));
        }
    }
}

fn read_job<'a>(taker: &mut Taker<'_>, slot: &mut Option<Job<'a>>, prefix: &'static str, raw: &'a RawValue) {
    if raw.get() == "null" {
        return;
    }
    let field = prefix.trim_end_matches('.');
    if slot.is_some() {
        return taker.report("duplicate-field", field);
    }
    let mut job = Job::default();
    let mut inner = Taker {
        prefix,
        errors: taker.errors,
    };
    let read = each_member(raw.get(), |field, raw| {
        if !job.take(&mut inner, field, raw) {
            inner.report("unknown-field", field);
        }
    });
    if read.is_err() {
        taker.report("invalid-type", field);
    }
    *slot = Some(job);
}

/// One job, or a training and its use.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Input<'a> {
    /// One job.
    Job(Box<Job<'a>>),
    /// A training and its use.
    Ai(Box<Ai<'a>>),
}

impl<'a> Input<'a> {
    /// Reads the fields of a JSON object; what is wrong in their shape is added to `errors`.
    ///
    /// A field that only a training or a use can have makes it the second form.
    pub(crate) fn read(raw: &'a RawValue, errors: &mut Vec<Code>) -> Self {
        let (mut job, mut ai) = (Box::<Job<'_>>::default(), Box::<Ai<'_>>::default());
        let (mut is_ai, mut job_fields) = (false, Vec::new());
        let mut taker = Taker { prefix: "", errors };
        let read = each_member(raw.get(), |field, raw| {
            if ai.take(&mut taker, field, raw) {
                is_ai = true;
            } else if is_ai {
                taker.report("unknown-field", field);
            } else if job.take(&mut taker, field, raw) {
                job_fields.push(code::of_field("unknown-field", "", field));
            } else {
                taker.report("unknown-field", field);
            }
        });
        if read.is_err() {
            taker.report("invalid-type", "input");
        }
        if is_ai {
            errors.append(&mut job_fields);
            Self::Ai(ai)
        } else {
            Self::Job(job)
        }
    }
}
