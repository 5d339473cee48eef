//! The reference tables: embedded in the executable, or given as text by an operator and checked the same way.

mod choice;
mod rows;
mod table;

use std::borrow::Cow;
use std::sync::OnceLock;

pub use choice::{ChoiceError, PINNED_MAX};
pub use rows::{
    CODECARBON_EDITIONS, CarbonIntensity, CodeCarbonIntensity, Criterion, Datacenter, Equivalent, Mix, Model,
    Processor, ProcessorKind, Provider, Tdp, Tier,
};
use rows::{
    CarbonIntensities, CodeCarbonIntensities, Datacenters, Equivalents, Mixes, Models, Processors, Providers,
    Tdps,
};
pub use table::TableError;

/// Edition of the embedded tables, taken as a whole: any change of a value changes it.
pub const REFERENCE_VERSION: &str = "2026.1";

/// What a person should know of one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableInfo {
    /// Name of the table, and of its file without extension.
    pub id: &'static str,
    /// Title, in French.
    pub title: &'static str,
    /// Where the values come from, in French.
    pub source: &'static str,
    /// Year or years of the values.
    pub year: &'static str,
    /// Licence of the values.
    pub licence: &'static str,
    /// What the table is for, in French.
    pub description: &'static str,
    /// Rows, header apart.
    pub rows: usize,
    /// Whether the text is the embedded one, or was given by the operator.
    pub embedded: bool,
}

/// How many tables there are.
const COUNT: usize = 9;

/// Identifiers of the tables, in the order in which they are listed.
pub const TABLES: [&str; COUNT] = [
    "llm_models",
    "llm_providers",
    "electricity_mixes",
    "processors",
    "carbon_intensity",
    "datacenter_pue",
    "equivalents",
    "cpu_tdp",
    "codecarbon_intensity",
];

const EMBEDDED: [&str; COUNT] = [
    include_str!("../reference/llm_models.tsv"),
    include_str!("../reference/llm_providers.tsv"),
    include_str!("../reference/electricity_mixes.tsv"),
    include_str!("../reference/processors.tsv"),
    include_str!("../reference/carbon_intensity.tsv"),
    include_str!("../reference/datacenter_pue.tsv"),
    include_str!("../reference/equivalents.tsv"),
    include_str!("../reference/cpu_tdp.tsv"),
    include_str!("../reference/codecarbon_intensity.tsv"),
];

/// Title, source, year, licence and description of each table.
const ABOUT: [[&str; 5]; COUNT] = [
    [
        "Modèles de langage",
        "EcoLogits 0.11.3 (Rincé et Banse 2025, JOSS 10(111) 7471)\u{202f}; sources propres à chaque modèle dans la table",
        "2026",
        "MPL-2.0",
        "Nombre de paramètres, publié ou supposé, débit et délai observés de chaque modèle.",
    ],
    [
        "Fournisseurs de modèles",
        "EcoLogits 0.11.3, moyennes publiées par les opérateurs de centres de données",
        "2026",
        "MPL-2.0",
        "Centre de données supposé de chaque fournisseur\u{a0}: lieu, énergie (PUE) et eau (WUE) par kWh.",
    ],
    [
        "Facteurs de l’électricité",
        "EcoLogits 0.11.3\u{a0}: Our World in Data (climat), ADEME Base Empreinte (métaux, énergie primaire), World Resources Institute (eau)",
        "2026",
        "MPL-2.0 pour le recueil\u{202f}; CC BY 4.0 pour Our World in Data",
        "Gaz à effet de serre, métaux, énergie primaire et eau d’un kWh, par pays.",
    ],
    [
        "Processeurs",
        "Green Algorithms 3.0 et données 3.1 (Lannelongue, Grealey et Inouye 2021)",
        "2025-2026",
        "CC BY 4.0",
        "Puissance d’un cœur de processeur ou d’une carte graphique.",
    ],
    [
        "Intensité carbone de l’électricité",
        "Green Algorithms 3.0\u{202f}; Electricity Maps 2024 pour la Corse et l’outre-mer",
        "2018-2024",
        "CC BY 4.0\u{202f}; ODbL 1.0 pour les lignes Electricity Maps",
        "Gaz à effet de serre d’un kWh, par pays ou par région.",
    ],
    [
        "Centres de données",
        "Green Algorithms 3.0\u{202f}; enquête Uptime Institute 2024",
        "2020-2024",
        "CC BY 4.0",
        "Énergie du centre de données rapportée à celle de ses machines (PUE), par fournisseur et par région.",
    ],
    [
        "Équivalents",
        "Impact CO2 (ADEME), Base Empreinte, SISPEA, calculs du projet\u{202f}; source de chaque ligne dans la table",
        "2021-2026",
        "MIT pour Impact CO2\u{202f}; Licence Ouverte pour Base Carbone",
        "Repères de la vie courante auxquels rapporter un résultat.",
    ],
    [
        "Puissance thermique des processeurs",
        "Pages d’AMD et d’Intel, reprises par CodeCarbon 3.3.0\u{202f}; source de chaque ligne dans la table",
        "2026",
        "MIT pour le recueil",
        "Puissance d’un processeur entier, pour calculer son électricité là où aucun compteur ne se lit.",
    ],
    [
        "Facteurs employés par CodeCarbon",
        "CodeCarbon 2.0.0 à 3.3.2 (Our World in Data)\u{a0}: valeur de chaque pays, selon la version du logiciel",
        "2020-2023",
        "MIT pour le recueil\u{202f}; CC BY 4.0 pour Our World in Data",
        "Gaz à effet de serre d’un kWh, en grammes, avec lesquels une version de CodeCarbon a calculé\u{a0}: pour relire ses journaux, non pour estimer.",
    ],
];

/// The tables that estimates are made from.
#[derive(Debug)]
pub struct Reference {
    version: Cow<'static, str>,
    texts: [&'static str; COUNT],
    replaced: [bool; COUNT],
    models: OnceLock<Models<'static>>,
    providers: OnceLock<Providers<'static>>,
    mixes: OnceLock<Mixes<'static>>,
    processors: OnceLock<Processors<'static>>,
    carbon_intensities: OnceLock<CarbonIntensities<'static>>,
    datacenters: OnceLock<Datacenters<'static>>,
    equivalents: OnceLock<Equivalents<'static>>,
    tdps: OnceLock<Tdps<'static>>,
    codecarbon: OnceLock<CodeCarbonIntensities<'static>>,
    choice: choice::Choice,
}

impl Reference {
    /// The tables of the executable.
    ///
    /// ```
    /// use sobria_estimate::Reference;
    ///
    /// let france = Reference::embedded().mix("FRA").unwrap();
    /// assert_eq!(france.name, "France");
    /// ```
    #[must_use]
    pub fn embedded() -> &'static Self {
        static EMBEDDED_REFERENCE: Reference =
            Reference::new(Cow::Borrowed(REFERENCE_VERSION), EMBEDDED, [false; COUNT]);
        &EMBEDDED_REFERENCE
    }

    const fn new(version: Cow<'static, str>, texts: [&'static str; COUNT], replaced: [bool; COUNT]) -> Self {
        Self {
            version,
            texts,
            replaced,
            models: OnceLock::new(),
            providers: OnceLock::new(),
            mixes: OnceLock::new(),
            processors: OnceLock::new(),
            carbon_intensities: OnceLock::new(),
            datacenters: OnceLock::new(),
            equivalents: OnceLock::new(),
            tdps: OnceLock::new(),
            codecarbon: OnceLock::new(),
            choice: choice::Choice::NONE,
        }
    }

    /// The tables of the executable, some of them replaced: `text` gives the replacement of a table, by its name.
    ///
    /// Accepted texts stay in memory until the process ends.
    ///
    /// # Errors
    /// Everything wrong in the replacements: table, line, column, what was found and what was expected.
    ///
    /// ```
    /// use sobria_estimate::Reference;
    ///
    /// let wrong = |table: &str| (table == "datacenter_pue").then(|| "provider\tregion\n".to_owned());
    /// let errors = Reference::from_tables(&wrong).unwrap_err();
    /// assert_eq!(errors[0].table, "datacenter_pue");
    /// assert_eq!(errors[0].line, 1);
    ///
    /// let none = |_: &str| None;
    /// assert!(Reference::from_tables(&none).is_ok());
    /// ```
    pub fn from_tables(text: &dyn Fn(&str) -> Option<String>) -> Result<Self, Vec<TableError>> {
        let given: Vec<Option<String>> = TABLES.iter().map(|id| text(id)).collect();
        let mut texts = EMBEDDED;
        for (slot, given) in texts.iter_mut().zip(&given) {
            if let Some(given) = given {
                *slot = given.as_str();
            }
        }
        let errors = check(&texts);
        if !errors.is_empty() {
            return Err(errors);
        }
        let mut kept = EMBEDDED;
        let mut replaced = [false; COUNT];
        let mut hash = Fnv::new();
        let mut any = false;
        for (((slot, replaced), given), id) in kept.iter_mut().zip(&mut replaced).zip(given).zip(TABLES) {
            if let Some(given) = given {
                hash.write(id.as_bytes());
                hash.write(given.as_bytes());
                any = true;
                *replaced = true;
                *slot = Box::leak(given.into_boxed_str());
            }
        }
        let version = if any {
            Cow::Owned(format!("{REFERENCE_VERSION}+{:016x}", hash.0))
        } else {
            Cow::Borrowed(REFERENCE_VERSION)
        };
        Ok(Self::new(version, kept, replaced))
    }

    /// Edition of the tables: [`REFERENCE_VERSION`], followed by a mark of their content when some were replaced.
    ///
    /// ```
    /// use sobria_estimate::{REFERENCE_VERSION, Reference};
    ///
    /// assert_eq!(Reference::embedded().version(), REFERENCE_VERSION);
    /// ```
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What to say of each table.
    ///
    /// ```
    /// use sobria_estimate::Reference;
    ///
    /// let tables = Reference::embedded().tables();
    /// assert_eq!(tables[0].id, "llm_models");
    /// assert_eq!(tables[0].rows, 351);
    /// ```
    #[must_use]
    pub fn tables(&self) -> Vec<TableInfo> {
        TABLES
            .iter()
            .zip(ABOUT)
            .zip(self.texts)
            .zip(self.replaced)
            .map(
                |(((id, [title, source, year, licence, description]), text), replaced)| TableInfo {
                    id,
                    title,
                    source,
                    year,
                    licence,
                    description,
                    rows: text.lines().count().saturating_sub(1),
                    embedded: !replaced,
                },
            )
            .collect()
    }

    /// The text of a table, tab-separated with a header.
    ///
    /// ```
    /// use sobria_estimate::Reference;
    ///
    /// assert!(Reference::embedded().text("processors").unwrap().starts_with("kind\tmodel\t"));
    /// assert!(Reference::embedded().text("other").is_none());
    /// ```
    #[must_use]
    pub fn text(&self, table: &str) -> Option<&'static str> {
        TABLES
            .iter()
            .zip(self.texts)
            .find(|(id, _)| **id == table)
            .map(|(_, text)| text)
    }

    fn text_at<const TABLE: usize>(&self) -> &'static str {
        self.texts.get(TABLE).copied().unwrap_or_default()
    }

    fn model_table(&self) -> &Models<'static> {
        self.models
            .get_or_init(|| Models::read(self.text_at::<0>(), &mut Vec::new()))
    }

    fn provider_table(&self) -> &Providers<'static> {
        self.providers
            .get_or_init(|| Providers::read(self.text_at::<1>(), &mut Vec::new()))
    }

    fn mix_table(&self) -> &Mixes<'static> {
        self.mixes
            .get_or_init(|| Mixes::read(self.text_at::<2>(), &mut Vec::new()))
    }

    fn processor_table(&self) -> &Processors<'static> {
        self.processors
            .get_or_init(|| Processors::read(self.text_at::<3>(), &mut Vec::new()))
    }

    fn carbon_intensity_table(&self) -> &CarbonIntensities<'static> {
        self.carbon_intensities
            .get_or_init(|| CarbonIntensities::read(self.text_at::<4>(), &mut Vec::new()))
    }

    fn datacenter_table(&self) -> &Datacenters<'static> {
        self.datacenters
            .get_or_init(|| Datacenters::read(self.text_at::<5>(), &mut Vec::new()))
    }

    /// Every model and alias, in the order of the table.
    ///
    /// ```
    /// use sobria_estimate::Reference;
    ///
    /// let models = Reference::embedded().models();
    /// assert_eq!(models.iter().filter(|model| model.alias_of.is_empty()).count(), 342);
    /// ```
    #[must_use]
    pub fn models(&self) -> &[Model<'static>] {
        &self.model_table().rows
    }

    /// A model by its exact provider and name; an alias gives the model that it stands for.
    ///
    /// ```
    /// use sobria_estimate::Reference;
    ///
    /// let model = Reference::embedded().model("anthropic", "claude-haiku-4-5").unwrap();
    /// assert_eq!(model.model, "claude-haiku-4-5-20251001");
    /// assert!(Reference::embedded().model("anthropic", "Claude-haiku-4-5").is_none());
    /// ```
    #[must_use]
    pub fn model(&self, provider: &str, model: &str) -> Option<&Model<'static>> {
        self.model_table().find(provider, model)
    }

    /// Every provider of models.
    ///
    /// ```
    /// use sobria_estimate::Reference;
    ///
    /// assert_eq!(Reference::embedded().providers().len(), 6);
    /// ```
    #[must_use]
    pub fn providers(&self) -> &[Provider<'static>] {
        &self.provider_table().rows
    }

    /// A provider of models by its identifier.
    ///
    /// ```
    /// use sobria_estimate::Reference;
    ///
    /// assert_eq!(Reference::embedded().provider("mistralai").unwrap().datacentre_zone, "SWE");
    /// ```
    #[must_use]
    pub fn provider(&self, provider: &str) -> Option<&Provider<'static>> {
        self.provider_table()
            .rows
            .iter()
            .find(|row| row.provider == provider)
    }

    /// Every zone with factors of electricity for the four criteria.
    ///
    /// ```
    /// use sobria_estimate::Reference;
    ///
    /// assert_eq!(Reference::embedded().mixes().len(), 215);
    /// ```
    #[must_use]
    pub fn mixes(&self) -> &[Mix<'static>] {
        &self.mix_table().rows
    }

    /// The factors of a zone, by its exact code.
    ///
    /// ```
    /// use sobria_estimate::Reference;
    ///
    /// assert!(Reference::embedded().mix("FRA").is_some());
    /// assert!(Reference::embedded().mix("fra").is_none());
    /// ```
    #[must_use]
    pub fn mix(&self, zone: &str) -> Option<&Mix<'static>> {
        self.mix_table().find(zone)
    }

    /// Every processor, in the order of the table.
    ///
    /// ```
    /// use sobria_estimate::Reference;
    ///
    /// assert_eq!(Reference::embedded().processors().len(), 264);
    /// ```
    #[must_use]
    pub fn processors(&self) -> &[Processor<'static>] {
        &self.processor_table().rows
    }

    /// A processor by its exact name; `cpu` chooses between processors and accelerators (GPU and TPU).
    ///
    /// ```
    /// use sobria_estimate::Reference;
    ///
    /// assert_eq!(Reference::embedded().processor(true, "Any").unwrap().w_per_core, 12.0);
    /// assert_eq!(Reference::embedded().processor(false, "Any").unwrap().w_per_core, 200.0);
    /// ```
    #[must_use]
    pub fn processor(&self, cpu: bool, model: &str) -> Option<&Processor<'static>> {
        self.processor_table().find(cpu, model)
    }

    /// Every zone of the table of carbon intensities.
    ///
    /// ```
    /// use sobria_estimate::Reference;
    ///
    /// assert_eq!(Reference::embedded().carbon_intensities().len(), 140);
    /// ```
    #[must_use]
    pub fn carbon_intensities(&self) -> &[CarbonIntensity<'static>] {
        &self.carbon_intensity_table().rows
    }

    /// The carbon intensity of a zone, by its exact code.
    ///
    /// ```
    /// use sobria_estimate::Reference;
    ///
    /// assert_eq!(Reference::embedded().carbon_intensity("FR").unwrap().gco2e_kwh, 51.28);
    /// ```
    #[must_use]
    pub fn carbon_intensity(&self, zone: &str) -> Option<&CarbonIntensity<'static>> {
        self.carbon_intensity_table().find(zone)
    }

    /// Every data centre; a provider's own row has an empty region.
    ///
    /// ```
    /// use sobria_estimate::Reference;
    ///
    /// assert_eq!(Reference::embedded().datacenters().len(), 84);
    /// ```
    #[must_use]
    pub fn datacenters(&self) -> &[Datacenter<'static>] {
        &self.datacenter_table().rows
    }

    /// A provider's row (empty region), or one of its regions.
    ///
    /// ```
    /// use sobria_estimate::Reference;
    ///
    /// assert_eq!(Reference::embedded().datacenter("gcp", "europe-west1").unwrap().zone, "BE");
    /// ```
    #[must_use]
    pub fn datacenter(&self, provider: &str, region: &str) -> Option<&Datacenter<'static>> {
        self.datacenter_table().find(provider, region)
    }

    /// Every equivalent, in the order of the table.
    ///
    /// ```
    /// use sobria_estimate::Reference;
    ///
    /// assert_eq!(Reference::embedded().equivalents().len(), 102);
    /// ```
    #[must_use]
    pub fn equivalents(&self) -> &[Equivalent<'static>] {
        &self
            .equivalents
            .get_or_init(|| Equivalents::read(self.text_at::<6>(), &mut Vec::new()))
            .rows
    }

    /// Every processor whose thermal design power is known, in the order of the table.
    ///
    /// ```
    /// use sobria_estimate::Reference;
    ///
    /// assert_eq!(Reference::embedded().tdps().len(), 399);
    /// ```
    #[must_use]
    pub fn tdps(&self) -> &[Tdp<'static>] {
        &self
            .tdps
            .get_or_init(|| Tdps::read(self.text_at::<7>(), &mut Vec::new()))
            .rows
    }

    /// The factors that the versions of CodeCarbon used in a country, by its exact ISO 3166-1 alpha-3 code.
    ///
    /// ```
    /// use sobria_estimate::Reference;
    ///
    /// let france = Reference::embedded().codecarbon_intensity("FRA").unwrap();
    /// assert_eq!(france.g_per_kwh.map(Option::unwrap), [55.0, 58.034, 67.39, 84.879, 56.039, 56.039]);
    /// ```
    #[must_use]
    pub fn codecarbon_intensity(&self, zone: &str) -> Option<&CodeCarbonIntensity<'static>> {
        self.codecarbon
            .get_or_init(|| CodeCarbonIntensities::read(self.text_at::<8>(), &mut Vec::new()))
            .find(zone)
    }
}

/// Reads every table and the links between them.
fn check(texts: &[&str; COUNT]) -> Vec<TableError> {
    let [
        models,
        providers,
        mixes,
        processors,
        intensities,
        datacenters,
        equivalents,
        tdps,
        codecarbon,
    ] = *texts;
    let mut errors = Vec::new();
    let models = Models::read(models, &mut errors);
    let providers = Providers::read(providers, &mut errors);
    let mixes = Mixes::read(mixes, &mut errors);
    Processors::read(processors, &mut errors);
    CarbonIntensities::read(intensities, &mut errors);
    Datacenters::read(datacenters, &mut errors);
    Equivalents::read(equivalents, &mut errors);
    Tdps::read(tdps, &mut errors);
    CodeCarbonIntensities::read(codecarbon, &mut errors);
    if errors.is_empty() {
        rows::check_links(&models, &providers, &mixes, &mut errors);
    }
    errors
}

/// The 64-bit FNV-1a hash: the same on every machine.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}
