//! Language models and their providers.

use crate::reference::table::{Index, TableError, read};

/// A language model, or another name of one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Model<'a> {
    /// Identifier of the provider.
    pub provider: &'a str,
    /// Name of the model at that provider.
    pub model: &'a str,
    /// `dense` or `moe` (mixture of experts); empty for an alias.
    pub architecture: &'a str,
    /// Total parameters, in billions: low and high.
    pub total_b: [f64; 2],
    /// Parameters used for each token, in billions: low and high.
    pub active_b: [f64; 2],
    /// Tokens per second, when observed.
    pub tps: Option<f64>,
    /// Seconds before the first token, when observed.
    pub ttft_s: Option<f64>,
    /// Whether the number of parameters is a guess.
    pub arch_not_released: bool,
    /// Whether the model also handles images or sound.
    pub multimodal: bool,
    /// Name of the model that this one stands for, at the same provider; empty otherwise.
    pub alias_of: &'a str,
    /// Where the sizes were read: addresses without scheme, separated by spaces.
    pub sources: &'a str,
    pub(super) line: usize,
}

const MODEL_COLUMNS: [&str; 12] = [
    "provider",
    "model",
    "architecture",
    "total_min_b",
    "total_max_b",
    "active_min_b",
    "active_max_b",
    "tps",
    "ttft_s",
    "warnings",
    "alias_of",
    "sources",
];

#[derive(Debug)]
pub(in crate::reference) struct Models<'a> {
    pub(in crate::reference) rows: Vec<Model<'a>>,
    index: Index,
}

impl<'a> Models<'a> {
    pub(in crate::reference) fn read(text: &'a str, errors: &mut Vec<TableError>) -> Self {
        let rows = read("llm_models", &MODEL_COLUMNS, text, errors, |row| {
            let mut model = Model {
                provider: row.name::<0>(),
                model: row.name::<1>(),
                architecture: row.text::<2>(),
                total_b: [0.0; 2],
                active_b: [0.0; 2],
                tps: row.optional::<7>(f64::MIN_POSITIVE),
                ttft_s: row.optional::<8>(0.0),
                arch_not_released: false,
                multimodal: false,
                alias_of: row.text::<10>(),
                sources: row.text::<11>(),
                line: row.line,
            };
            if !model.alias_of.is_empty() {
                return model;
            }
            if !matches!(model.architecture, "dense" | "moe") {
                row.refuse::<2>("dense ou moe");
            }
            model.total_b = [
                row.number::<3>(f64::MIN_POSITIVE),
                row.number::<4>(f64::MIN_POSITIVE),
            ];
            model.active_b = [
                row.number::<5>(f64::MIN_POSITIVE),
                row.number::<6>(f64::MIN_POSITIVE),
            ];
            if model.total_b[0] > model.total_b[1] {
                row.refuse::<4>("un nombre au moins égal à total_min_b");
            }
            if model.active_b[0] > model.active_b[1] {
                row.refuse::<6>("un nombre au moins égal à active_min_b");
            }
            for warning in row.text::<9>().split('|').filter(|warning| !warning.is_empty()) {
                match warning {
                    "arch-not-released" => model.arch_not_released = true,
                    "multimodal" => model.multimodal = true,
                    _ => row.refuse::<9>("arch-not-released, multimodal, les deux séparés par |, ou rien"),
                }
            }
            model
        });
        let index = Index::new(
            "llm_models",
            "model",
            &rows,
            |row| (row.provider, row.model),
            |row| format!("{}/{}", row.provider, row.model),
            errors,
        );
        let models = Self { rows, index };
        for row in models.rows.iter().filter(|row| !row.alias_of.is_empty()) {
            if models
                .exact(row.provider, row.alias_of)
                .is_none_or(|target| !target.alias_of.is_empty())
            {
                errors.push(TableError {
                    table: "llm_models",
                    line: row.line,
                    column: "alias_of",
                    found: row.alias_of.to_owned(),
                    expected: "le nom d’un modèle du même fournisseur, lui-même sans alias".to_owned(),
                });
            }
        }
        models
    }

    fn exact(&self, provider: &str, model: &str) -> Option<&Model<'a>> {
        self.index.find(&self.rows, |row| {
            (row.provider, row.model).cmp(&(provider, model))
        })
    }

    pub(in crate::reference) fn find(&self, provider: &str, model: &str) -> Option<&Model<'a>> {
        let row = self.exact(provider, model)?;
        if row.alias_of.is_empty() {
            Some(row)
        } else {
            self.exact(provider, row.alias_of)
        }
    }
}

/// A provider of models, with the data centres it is supposed to use.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Provider<'a> {
    /// Identifier.
    pub provider: &'a str,
    /// Name to show.
    pub display_name: &'a str,
    /// Cloud operator supposed to host it.
    pub cloud_assumed: &'a str,
    /// Zone of the electricity, when the request names none.
    pub datacentre_zone: &'a str,
    /// Power usage effectiveness: low and high.
    pub pue: [f64; 2],
    /// Water consumed on site, in litres per kilowatt-hour of the machines: low and high.
    pub wue_l_kwh: [f64; 2],
    /// Where the values were read.
    pub source: &'a str,
    pub(super) line: usize,
}

const PROVIDER_COLUMNS: [&str; 9] = [
    "provider",
    "display_name",
    "cloud_assumed",
    "datacentre_zone",
    "pue_min",
    "pue_max",
    "wue_min_l_kwh",
    "wue_max_l_kwh",
    "source",
];

#[derive(Debug)]
pub(in crate::reference) struct Providers<'a> {
    pub(in crate::reference) rows: Vec<Provider<'a>>,
}

impl<'a> Providers<'a> {
    pub(in crate::reference) fn read(text: &'a str, errors: &mut Vec<TableError>) -> Self {
        let rows = read("llm_providers", &PROVIDER_COLUMNS, text, errors, |row| {
            let provider = Provider {
                provider: row.name::<0>(),
                display_name: row.name::<1>(),
                cloud_assumed: row.text::<2>(),
                datacentre_zone: row.name::<3>(),
                pue: [row.number::<4>(1.0), row.number::<5>(1.0)],
                wue_l_kwh: [row.number::<6>(0.0), row.number::<7>(0.0)],
                source: row.text::<8>(),
                line: row.line,
            };
            if provider.pue[0] > provider.pue[1] {
                row.refuse::<5>("un nombre au moins égal à pue_min");
            }
            if provider.wue_l_kwh[0] > provider.wue_l_kwh[1] {
                row.refuse::<7>("un nombre au moins égal à wue_min_l_kwh");
            }
            provider
        });
        Index::new(
            "llm_providers",
            "provider",
            &rows,
            |row| row.provider,
            |row| row.provider.to_owned(),
            errors,
        );
        Self { rows }
    }
}
