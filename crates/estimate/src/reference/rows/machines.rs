//! Processors and their power.

use crate::reference::table::{Index, TableError, read};

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
pub(in crate::reference) struct Processors<'a> {
    pub(in crate::reference) rows: Vec<Processor<'a>>,
    index: Index,
}

impl<'a> Processors<'a> {
    pub(in crate::reference) fn read(text: &'a str, errors: &mut Vec<TableError>) -> Self {
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

    pub(in crate::reference) fn find(&self, cpu: bool, model: &str) -> Option<&Processor<'a>> {
        self.index.find(&self.rows, |row| {
            (row.kind == ProcessorKind::Cpu, row.model).cmp(&(cpu, model))
        })
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
pub(in crate::reference) struct Tdps<'a> {
    pub(in crate::reference) rows: Vec<Tdp<'a>>,
}

impl<'a> Tdps<'a> {
    pub(in crate::reference) fn read(text: &'a str, errors: &mut Vec<TableError>) -> Self {
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
