//! The rows of each table, and what makes them acceptable.

use super::table::{Index, TableError, read};

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
    line: usize,
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
pub(super) struct Models<'a> {
    pub(super) rows: Vec<Model<'a>>,
    index: Index,
}

impl<'a> Models<'a> {
    pub(super) fn read(text: &'a str, errors: &mut Vec<TableError>) -> Self {
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

    pub(super) fn find(&self, provider: &str, model: &str) -> Option<&Model<'a>> {
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
    line: usize,
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
pub(super) struct Providers<'a> {
    pub(super) rows: Vec<Provider<'a>>,
}

impl<'a> Providers<'a> {
    pub(super) fn read(text: &'a str, errors: &mut Vec<TableError>) -> Self {
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

/// Factors of one kilowatt-hour of electricity in a zone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mix<'a> {
    /// ISO 3166-1 alpha-3 code, or `WOR` (world), `EEE` (Europe).
    pub zone: &'a str,
    /// Name of the zone, in English.
    pub name: &'a str,
    /// Greenhouse gases, kg CO₂e per kWh.
    pub gwp: f64,
    /// Abiotic depletion of elements, kg Sb eq per kWh.
    pub adpe: f64,
    /// Primary energy, MJ per kWh.
    pub pe: f64,
    /// Water consumed, L per kWh.
    pub water: f64,
    /// Source of [`Mix::gwp`].
    pub gwp_source: &'a str,
    /// Source of [`Mix::adpe`]; `world-default` when the zone has no value of its own.
    pub adpe_source: &'a str,
    /// Source of [`Mix::pe`].
    pub pe_source: &'a str,
    /// Source of [`Mix::water`].
    pub water_source: &'a str,
}

/// Mark of a factor that is the world's.
const WORLD_DEFAULT: &str = "world-default";

impl Mix<'_> {
    /// Whether the factors for metals, primary energy and water are the world's, in that order.
    ///
    /// ```
    /// use sobria_estimate::Reference;
    ///
    /// let reunion = Reference::embedded().mix("REU").unwrap();
    /// assert_eq!(reunion.world_defaults(), [true, true, true]);
    /// ```
    #[must_use]
    pub fn world_defaults(&self) -> [bool; 3] {
        [self.adpe_source, self.pe_source, self.water_source].map(|source| source == WORLD_DEFAULT)
    }
}

const MIX_COLUMNS: [&str; 10] = [
    "zone",
    "name",
    "gwp_kgco2e_kwh",
    "adpe_kgsbeq_kwh",
    "pe_mj_kwh",
    "water_l_kwh",
    "gwp_source",
    "adpe_source",
    "pe_source",
    "water_source",
];

#[derive(Debug)]
pub(super) struct Mixes<'a> {
    pub(super) rows: Vec<Mix<'a>>,
    index: Index,
}

impl<'a> Mixes<'a> {
    pub(super) fn read(text: &'a str, errors: &mut Vec<TableError>) -> Self {
        let rows = read("electricity_mixes", &MIX_COLUMNS, text, errors, |row| Mix {
            zone: row.name::<0>(),
            name: row.name::<1>(),
            gwp: row.number::<2>(0.0),
            adpe: row.number::<3>(0.0),
            pe: row.number::<4>(0.0),
            water: row.number::<5>(0.0),
            gwp_source: row.name::<6>(),
            adpe_source: row.name::<7>(),
            pe_source: row.name::<8>(),
            water_source: row.name::<9>(),
        });
        let index = Index::new(
            "electricity_mixes",
            "zone",
            &rows,
            |row| row.zone,
            |row| row.zone.to_owned(),
            errors,
        );
        Self { rows, index }
    }

    pub(super) fn find(&self, zone: &str) -> Option<&Mix<'a>> {
        self.index.find(&self.rows, |row| row.zone.cmp(zone))
    }
}

/// What a processor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcessorKind {
    /// Central processor.
    Cpu,
    /// Graphics board.
    Gpu,
    /// Tensor processing unit.
    Tpu,
}

/// A processor and its power.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Processor<'a> {
    /// What it is.
    pub kind: ProcessorKind,
    /// Name.
    pub model: &'a str,
    /// Cores, as written; may be empty.
    pub cores: &'a str,
    /// Thermal design power of the whole, in watts, as written; may be empty.
    pub tdp_w: &'a str,
    /// Watts of one core, or of one board for GPU and TPU.
    pub w_per_core: f64,
    /// Edition of the data: `ga-3.0` or `ga-3.1`.
    pub set: &'a str,
    /// Where the values were read.
    pub source: &'a str,
}

const PROCESSOR_COLUMNS: [&str; 7] = ["kind", "model", "cores", "tdp_w", "w_per_core", "set", "source"];

#[derive(Debug)]
pub(super) struct Processors<'a> {
    pub(super) rows: Vec<Processor<'a>>,
    index: Index,
}

impl<'a> Processors<'a> {
    pub(super) fn read(text: &'a str, errors: &mut Vec<TableError>) -> Self {
        let rows = read("processors", &PROCESSOR_COLUMNS, text, errors, |row| Processor {
            kind: match row.text::<0>() {
                "cpu" => ProcessorKind::Cpu,
                "gpu" => ProcessorKind::Gpu,
                "tpu" => ProcessorKind::Tpu,
                _ => {
                    row.refuse::<0>("cpu, gpu ou tpu");
                    ProcessorKind::Cpu
                }
            },
            model: row.key::<1>(),
            cores: row.text::<2>(),
            tdp_w: row.text::<3>(),
            w_per_core: row.number::<4>(0.0),
            set: row.text::<5>(),
            source: row.text::<6>(),
        });
        let index = Index::new(
            "processors",
            "model",
            &rows,
            |row| (row.kind == ProcessorKind::Cpu, row.model),
            |row| row.model.to_owned(),
            errors,
        );
        let processors = Self { rows, index };
        for cpu in [true, false] {
            if processors.find(cpu, "Any").is_none() {
                errors.push(TableError {
                    table: "processors",
                    line: 0,
                    column: "model",
                    found: String::new(),
                    expected: "une ligne Any pour cpu et une pour gpu".to_owned(),
                });
            }
        }
        processors
    }

    pub(super) fn find(&self, cpu: bool, model: &str) -> Option<&Processor<'a>> {
        self.index.find(&self.rows, |row| {
            (row.kind == ProcessorKind::Cpu, row.model).cmp(&(cpu, model))
        })
    }
}

/// Greenhouse gases of one kilowatt-hour in a place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CarbonIntensity<'a> {
    /// Code of the source: alpha-2, a country and its part, or `WORLD`.
    pub zone: &'a str,
    /// Country, in English.
    pub country: &'a str,
    /// Part of the country, in English; may be empty.
    pub region: &'a str,
    /// Grammes of CO₂ equivalent per kWh.
    pub gco2e_kwh: f64,
    /// Year of the data, as written; may be empty.
    pub year: &'a str,
    /// What the factor covers; may be empty.
    pub scope_note: &'a str,
    /// Edition of the data.
    pub set: &'a str,
    /// Where the value was read.
    pub source: &'a str,
}

const CARBON_COLUMNS: [&str; 8] = [
    "zone",
    "country",
    "region",
    "gco2e_kwh",
    "year",
    "scope_note",
    "set",
    "source",
];

#[derive(Debug)]
pub(super) struct CarbonIntensities<'a> {
    pub(super) rows: Vec<CarbonIntensity<'a>>,
    index: Index,
}

impl<'a> CarbonIntensities<'a> {
    pub(super) fn read(text: &'a str, errors: &mut Vec<TableError>) -> Self {
        let rows = read("carbon_intensity", &CARBON_COLUMNS, text, errors, |row| {
            CarbonIntensity {
                zone: row.name::<0>(),
                country: row.name::<1>(),
                region: row.text::<2>(),
                gco2e_kwh: row.number::<3>(0.0),
                year: row.text::<4>(),
                scope_note: row.text::<5>(),
                set: row.text::<6>(),
                source: row.text::<7>(),
            }
        });
        let index = Index::new(
            "carbon_intensity",
            "zone",
            &rows,
            |row| row.zone,
            |row| row.zone.to_owned(),
            errors,
        );
        Self { rows, index }
    }

    pub(super) fn find(&self, zone: &str) -> Option<&CarbonIntensity<'a>> {
        self.index.find(&self.rows, |row| row.zone.cmp(zone))
    }
}

/// A cloud provider (empty region) or one of its regions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Datacenter<'a> {
    /// Cloud provider; `unknown` for the value used when nothing is known.
    pub provider: &'a str,
    /// Region of the provider; empty for the provider itself.
    pub region: &'a str,
    /// Zone of its electricity; may be empty.
    pub zone: &'a str,
    /// Place, in words; may be empty.
    pub place: &'a str,
    /// Power usage effectiveness of the place itself.
    pub pue: Option<f64>,
    /// Where the values were read.
    pub source: &'a str,
}

const DATACENTER_COLUMNS: [&str; 6] = ["provider", "region", "zone", "place", "pue", "source"];

#[derive(Debug)]
pub(super) struct Datacenters<'a> {
    pub(super) rows: Vec<Datacenter<'a>>,
    index: Index,
}

impl<'a> Datacenters<'a> {
    pub(super) fn read(text: &'a str, errors: &mut Vec<TableError>) -> Self {
        let rows = read("datacenter_pue", &DATACENTER_COLUMNS, text, errors, |row| {
            let centre = Datacenter {
                provider: row.name::<0>(),
                region: row.text::<1>(),
                zone: row.text::<2>(),
                place: row.text::<3>(),
                pue: row.optional::<4>(1.0),
                source: row.text::<5>(),
            };
            if centre.region.is_empty() && row.text::<4>().is_empty() {
                row.refuse::<4>("un nombre à partir de 1 (la ligne propre à un fournisseur en a un)");
            }
            centre
        });
        let index = Index::new(
            "datacenter_pue",
            "region",
            &rows,
            |row| (row.provider, row.region),
            |row| format!("{}/{}", row.provider, row.region),
            errors,
        );
        let centres = Self { rows, index };
        for row in centres.rows.iter().map(|row| row.provider).chain(["unknown"]) {
            if centres.find(row, "").is_none() {
                errors.push(TableError {
                    table: "datacenter_pue",
                    line: 0,
                    column: "provider",
                    found: String::new(),
                    expected: format!("une ligne pour {row} dont la région est vide"),
                });
            }
        }
        centres
    }

    pub(super) fn find(&self, provider: &str, region: &str) -> Option<&Datacenter<'a>> {
        self.index.find(&self.rows, |row| {
            (row.provider, row.region).cmp(&(provider, region))
        })
    }
}

/// What an equivalent measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Criterion {
    /// Greenhouse gases, kg CO₂e.
    Climate,
    /// Electricity, kWh.
    Energy,
    /// Water consumed, L.
    Water,
    /// Depletion of metals, kg Sb eq.
    Metals,
    /// Primary energy, MJ.
    PrimaryEnergy,
}

impl Criterion {
    /// Every criterion.
    pub const ALL: [Self; 5] = [
        Self::Climate,
        Self::Energy,
        Self::Water,
        Self::Metals,
        Self::PrimaryEnergy,
    ];

    /// Name in the table and in addresses.
    ///
    /// ```
    /// use sobria_estimate::reference::Criterion;
    ///
    /// assert_eq!(Criterion::PrimaryEnergy.id(), "primary-energy");
    /// ```
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Climate => "climate",
            Self::Energy => "energy",
            Self::Water => "water",
            Self::Metals => "metals",
            Self::PrimaryEnergy => "primary-energy",
        }
    }

    /// Unit of the amounts, as in the table.
    ///
    /// ```
    /// use sobria_estimate::reference::Criterion;
    ///
    /// assert_eq!(Criterion::Water.unit(), "L");
    /// ```
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Climate => "kgCO2e",
            Self::Energy => "kWh",
            Self::Water => "L",
            Self::Metals => "kgSbeq",
            Self::PrimaryEnergy => "MJ",
        }
    }
}

/// How readily an equivalent is proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// First.
    Preferred,
    /// When no preferred one fits as well.
    Ok,
    /// Never proposed.
    Avoid,
}

/// A thing of everyday life with its footprint.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Equivalent<'a> {
    /// Identifier.
    pub slug: &'a str,
    /// What it measures.
    pub criterion: Criterion,
    /// Family; two equivalents shown together are of two families.
    pub category: &'a str,
    /// Label after a number below 2, in French.
    pub label_one: &'a str,
    /// Label after a number from 2 up, in French.
    pub label_many: &'a str,
    /// Unit counted.
    pub unit: &'a str,
    /// Amount of the criterion for one unit, in the criterion's unit.
    pub value: f64,
    /// How readily it is proposed.
    pub tier: Tier,
    /// What is counted in it, in French: always shown with it.
    pub scope: &'a str,
    /// Where the value was read, in French.
    pub source: &'a str,
    /// Year of the value.
    pub year: &'a str,
}

const EQUIVALENT_COLUMNS: [&str; 12] = [
    "slug",
    "criterion",
    "category",
    "label_one",
    "label_many",
    "unit",
    "value",
    "value_unit",
    "tier",
    "scope",
    "source",
    "year",
];

#[derive(Debug)]
pub(super) struct Equivalents<'a> {
    pub(super) rows: Vec<Equivalent<'a>>,
}

impl<'a> Equivalents<'a> {
    pub(super) fn read(text: &'a str, errors: &mut Vec<TableError>) -> Self {
        let rows = read("equivalents", &EQUIVALENT_COLUMNS, text, errors, |row| {
            let criterion = Criterion::ALL
                .into_iter()
                .find(|criterion| criterion.id() == row.text::<1>())
                .unwrap_or_else(|| {
                    row.refuse::<1>("climate, energy, water, metals ou primary-energy");
                    Criterion::Climate
                });
            if row.text::<7>() != criterion.unit() {
                row.refuse::<7>(criterion.unit());
            }
            Equivalent {
                slug: row.name::<0>(),
                criterion,
                category: row.name::<2>(),
                label_one: row.name::<3>(),
                label_many: row.name::<4>(),
                unit: row.name::<5>(),
                value: row.number::<6>(f64::MIN_POSITIVE),
                tier: match row.text::<8>() {
                    "preferred" => Tier::Preferred,
                    "ok" => Tier::Ok,
                    "avoid" => Tier::Avoid,
                    _ => {
                        row.refuse::<8>("preferred, ok ou avoid");
                        Tier::Avoid
                    }
                },
                scope: row.name::<9>(),
                source: row.name::<10>(),
                year: row.text::<11>(),
            }
        });
        Index::new(
            "equivalents",
            "slug",
            &rows,
            |row| row.slug,
            |row| row.slug.to_owned(),
            errors,
        );
        Self { rows }
    }
}

/// A processor and the power it is designed to draw as a whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tdp<'a> {
    /// Name, maker included.
    pub model: &'a str,
    /// Maker.
    pub vendor: &'a str,
    /// `server`, `cloud`, `workstation`.
    pub segment: &'a str,
    /// Thermal design power, in watts.
    pub tdp_w: f64,
    /// Cores, when known.
    pub cores: Option<f64>,
    /// Where the values were read.
    pub source: &'a str,
}

const TDP_COLUMNS: [&str; 8] = [
    "model",
    "vendor",
    "segment",
    "tdp_w",
    "n_cores",
    "tdp_w_per_core",
    "launch_year",
    "source",
];

#[derive(Debug)]
pub(super) struct Tdps<'a> {
    pub(super) rows: Vec<Tdp<'a>>,
}

impl<'a> Tdps<'a> {
    pub(super) fn read(text: &'a str, errors: &mut Vec<TableError>) -> Self {
        let rows = read("cpu_tdp", &TDP_COLUMNS, text, errors, |row| Tdp {
            model: row.name::<0>(),
            vendor: row.name::<1>(),
            segment: row.text::<2>(),
            tdp_w: row.number::<3>(f64::MIN_POSITIVE),
            cores: row.optional::<4>(1.0),
            source: row.name::<7>(),
        });
        Index::new(
            "cpu_tdp",
            "model",
            &rows,
            |row| row.model,
            |row| row.model.to_owned(),
            errors,
        );
        Self { rows }
    }
}

/// First version of CodeCarbon of each edition of its factors.
pub const CODECARBON_EDITIONS: [[u32; 3]; 6] =
    [[2, 0, 0], [2, 2, 2], [2, 2, 7], [2, 3, 5], [2, 6, 0], [2, 8, 0]];

/// The factors of one country in the editions of CodeCarbon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CodeCarbonIntensity<'a> {
    /// ISO 3166-1 alpha-3 code.
    pub zone: &'a str,
    /// Grammes of CO₂ equivalent per kWh in each of [`CODECARBON_EDITIONS`]; none when the edition lacks the country.
    pub g_per_kwh: [Option<f64>; 6],
}

const CODECARBON_COLUMNS: [&str; 7] = [
    "zone",
    "g_per_kwh_2.0.0",
    "g_per_kwh_2.2.2",
    "g_per_kwh_2.2.7",
    "g_per_kwh_2.3.5",
    "g_per_kwh_2.6.0",
    "g_per_kwh_2.8.0",
];

#[derive(Debug)]
pub(super) struct CodeCarbonIntensities<'a> {
    rows: Vec<CodeCarbonIntensity<'a>>,
    index: Index,
}

impl<'a> CodeCarbonIntensities<'a> {
    pub(super) fn read(text: &'a str, errors: &mut Vec<TableError>) -> Self {
        let rows = read("codecarbon_intensity", &CODECARBON_COLUMNS, text, errors, |row| {
            CodeCarbonIntensity {
                zone: row.name::<0>(),
                g_per_kwh: [
                    row.optional::<1>(0.0),
                    row.optional::<2>(0.0),
                    row.optional::<3>(0.0),
                    row.optional::<4>(0.0),
                    row.optional::<5>(0.0),
                    row.optional::<6>(0.0),
                ],
            }
        });
        let index = Index::new(
            "codecarbon_intensity",
            "zone",
            &rows,
            |row| row.zone,
            |row| row.zone.to_owned(),
            errors,
        );
        Self { rows, index }
    }

    pub(super) fn find(&self, zone: &str) -> Option<&CodeCarbonIntensity<'a>> {
        self.index.find(&self.rows, |row| row.zone.cmp(zone))
    }
}

/// Checks what one table says of another.
pub(super) fn check_links(
    models: &Models<'_>,
    providers: &Providers<'_>,
    mixes: &Mixes<'_>,
    errors: &mut Vec<TableError>,
) {
    if mixes.find("WOR").is_none() {
        errors.push(TableError {
            table: "electricity_mixes",
            line: 0,
            column: "zone",
            found: String::new(),
            expected: "une ligne WOR pour le monde".to_owned(),
        });
    }
    for row in &providers.rows {
        if mixes.find(row.datacentre_zone).is_none() {
            errors.push(TableError {
                table: "llm_providers",
                line: row.line,
                column: "datacentre_zone",
                found: row.datacentre_zone.to_owned(),
                expected: "une zone de electricity_mixes".to_owned(),
            });
        }
    }
    for row in &models.rows {
        if !providers
            .rows
            .iter()
            .any(|provider| provider.provider == row.provider)
        {
            errors.push(TableError {
                table: "llm_models",
                line: row.line,
                column: "provider",
                found: row.provider.to_owned(),
                expected: "un fournisseur de llm_providers".to_owned(),
            });
        }
    }
}
