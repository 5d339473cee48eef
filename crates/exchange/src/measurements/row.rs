//! One row of a CodeCarbon log.

use sobria_estimate::measurement::carbon::Version;
use sobria_estimate::measurement::log;

use super::{Bounds, Provenance, Repair, Run};

/// What stands between two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    Comma,
    Semicolon,
    Tab,
}

impl Separator {
    /// The separator of a header line.
    pub(super) fn of(line: &[u8]) -> Self {
        let count = |wanted: u8| line.iter().filter(|byte| **byte == wanted).count();
        let (commas, semicolons, tabs) = (count(b','), count(b';'), count(b'\t'));
        if semicolons > commas && semicolons >= tabs {
            Self::Semicolon
        } else if tabs > commas {
            Self::Tab
        } else {
            Self::Comma
        }
    }

    pub(super) const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }
}

/// Why a row is refused.
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) reason: String,
}

fn refusal<T>(code: &'static str, reason: String) -> Result<T, Refusal> {
    Err(Refusal { code, reason })
}

/// The columns of a log, by name.
pub(super) struct Columns {
    names: Vec<String>,
}

impl Columns {
    pub(super) const fn new(names: Vec<String>) -> Self {
        Self { names }
    }

    fn at(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    /// The run of a row, with its cells put back in their columns if some were left out.
    pub(super) fn run(&self, cells: &[String], separator: Separator) -> Result<Run, Refusal> {
        if cells.len() > self.names.len() {
            return refusal(
                "too_many_cells",
                format!("{} cellules pour {} colonnes", cells.len(), self.names.len()),
            );
        }
        if cells.len() == self.names.len() {
            let cells: Vec<Option<&str>> = cells.iter().map(|cell| Some(cell.as_str())).collect();
            return self.read(&cells, separator);
        }
        let Some(put_back) = self.put_back(cells) else {
            return refusal(
                "short_row",
                format!(
                    "{} cellules pour {} colonnes, et rien ne dit lesquelles manquent\u{a0}: la ligne est peut-être coupée",
                    cells.len(),
                    self.names.len()
                ),
            );
        };
        let mut run = self.read(&put_back, separator)?;
        run.repaired(Repair::ShiftedCells);
        Ok(run)
    }

    /// The cells of a short row in their columns.
    ///
    /// Only `region`, `gpu_count`, `gpu_model`, `longitude` and `latitude` are ever left out. Two anchors tell which:
    /// what follows the country, and what stands before the mode of tracking.
    fn put_back<'c>(&self, cells: &'c [String]) -> Option<Vec<Option<&'c str>>> {
        let country = self.at("country_iso_code")?;
        let os = self.at("os")?;
        let cpu_model = self.at("cpu_model")?;
        let ram = self.at("ram_total_size")?;
        let mode = self.at("tracking_mode")?;
        let after_mode = self.names.len().checked_sub(mode)?;
        let mode_cell = cells.len().checked_sub(after_mode)?;
        if !matches!(cells.get(mode_cell)?.trim(), "machine" | "process") || ram + 1 != mode {
            return None;
        }
        // The region is the only column between the country and the system that may be missing.
        let looks_right = |os_cell: usize| {
            let cell = |further: usize| cells.get(os_cell + further).map_or("", |cell| cell.trim());
            let version = |text: &str| {
                text.split('.').count() >= 2 && text.starts_with(|first: char| first.is_ascii_digit())
            };
            !cell(0).is_empty()
                && version(cell(1))
                && Version::read(cell(2)).is_some()
                && cell(3).parse::<u32>().is_ok()
        };
        let region = self.at("region");
        let whole = looks_right(os);
        let without_region = region.is_some() && looks_right(os.checked_sub(1)?);
        let mut absent: Vec<usize> = match (whole, without_region) {
            (true, false) => Vec::new(),
            (false, true) => region.into_iter().collect(),
            _ => return None,
        };
        let cpu_cell = cpu_model.checked_sub(absent.len())?;
        let between = mode_cell.checked_sub(2)?.checked_sub(cpu_cell)?;
        let wanted = ram.checked_sub(cpu_model)?.checked_sub(1)?;
        let optional: &[&str] = match wanted.checked_sub(between)? {
            0 => &[],
            2 => &["longitude", "latitude"],
            4 => &["gpu_count", "gpu_model", "longitude", "latitude"],
            _ => return None,
        };
        for name in optional {
            absent.push(self.at(name)?);
        }
        if cells.len() + absent.len() != self.names.len() || country >= os {
            return None;
        }
        let mut given = cells.iter();
        Some(
            (0..self.names.len())
                .map(|column| {
                    if absent.contains(&column) {
                        None
                    } else {
                        given.next().map(String::as_str)
                    }
                })
                .collect(),
        )
    }

    fn read(&self, cells: &[Option<&str>], separator: Separator) -> Result<Run, Refusal> {
        let text = |name: &str| {
            self.at(name)
                .and_then(|at| cells.get(at).copied().flatten())
                .map_or("", str::trim)
        };
        let mut comma = false;
        let mut number = |name: &'static str| -> Result<Option<f64>, Refusal> {
            let written = text(name);
            if written.is_empty() {
                return Ok(None);
            }
            let pointed = if separator != Separator::Comma && written.contains(',') {
                comma = true;
                written.replace(',', ".")
            } else {
                written.to_owned()
            };
            match pointed.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(Some(number)),
                _ => refusal(
                    "not_a_number",
                    format!(
                        "colonne «\u{a0}{name}\u{a0}»\u{a0}: «\u{a0}{written}\u{a0}» n’est pas un nombre"
                    ),
                ),
            }
        };
        let mut required = |name: &'static str| {
            number(name)?.map_or_else(
                || {
                    refusal(
                        "missing_value",
                        format!("la colonne «\u{a0}{name}\u{a0}» est vide"),
                    )
                },
                Ok,
            )
        };
        let energy_kwh = required("energy_consumed")?;
        let duration_s = required("duration")?;
        let logged_kg = number("emissions")?.unwrap_or(0.0);
        let [cpu_kwh, gpu_kwh, ram_kwh] = [
            number("cpu_energy")?,
            number("gpu_energy")?,
            number("ram_energy")?,
        ];
        let [cpu_w, gpu_w, ram_w] = [number("cpu_power")?, number("gpu_power")?, number("ram_power")?];
        let pue = number("pue")?.filter(|pue| *pue >= 1.0).unwrap_or(1.0);
        let logged_water_l = number("water_consumed")?;
        // Read only to be sure that the cells stand in their columns: neither is kept.
        for name in ["longitude", "latitude", "ram_total_size", "cpu_count"] {
            number(name)?;
        }
        for (name, energy) in [
            ("energy_consumed", Some(energy_kwh)),
            ("cpu_energy", cpu_kwh),
            ("gpu_energy", gpu_kwh),
            ("ram_energy", ram_kwh),
            ("emissions", Some(logged_kg)),
        ] {
            if energy.is_some_and(|energy| energy < 0.0) {
                return refusal(
                    "negative_energy",
                    format!("colonne «\u{a0}{name}\u{a0}»\u{a0}: valeur négative"),
                );
            }
        }
        if text("timestamp").is_empty() {
            return refusal(
                "missing_value",
                "la colonne «\u{a0}timestamp\u{a0}» est vide".to_owned(),
            );
        }
        let components = self.at("cpu_energy").is_some();
        let flags = log::check(
            &log::Row {
                duration_s,
                cpu_power_w: cpu_w.unwrap_or(0.0),
                gpu_power_w: gpu_w.unwrap_or(0.0),
                ram_power_w: ram_w.unwrap_or(0.0),
                cpu_energy_kwh: cpu_kwh.unwrap_or(0.0),
                gpu_energy_kwh: gpu_kwh.unwrap_or(0.0),
                ram_energy_kwh: ram_kwh.unwrap_or(0.0),
                energy_kwh,
                pue,
            },
            &log::Rules::default(),
        );
        let flags = if components {
            flags
        } else {
            // Without components, only the duration can be checked.
            flags
                .into_iter()
                .filter(|flag| *flag == log::Flag::NegativeDuration)
                .collect()
        };
        let own = text("codecarbon_version").starts_with("sobria/");
        let mut run = Run {
            run_id: text("run_id").to_owned(),
            task: text("task_name").to_owned(),
            project: text("project_name").to_owned(),
            timestamp: text("timestamp").to_owned(),
            file: String::new(),
            line: 0,
            duration_s,
            energy_kwh,
            energy_range_kwh: Bounds::default(),
            cpu_kwh: cpu_kwh.filter(|_| components),
            gpu_kwh: gpu_kwh.filter(|_| components),
            ram_kwh: ram_kwh.filter(|_| components),
            cpu_provenance: cpu_provenance(text("codecarbon_version"), cpu_w),
            gpu_provenance: if gpu_kwh.is_some_and(|energy| energy > 0.0) && !own {
                Provenance::Measured
            } else {
                Provenance::Unknown
            },
            ram_provenance: if components && !own {
                Provenance::Modelled
            } else {
                Provenance::Unknown
            },
            logged_kg,
            logged_water_l: logged_water_l.filter(|litres| *litres > 0.0),
            country: text("country_iso_code").to_ascii_uppercase(),
            tool_version: text("codecarbon_version").to_owned(),
            cpu_model: text("cpu_model").to_owned(),
            gpu_model: text("gpu_model").to_owned(),
            memory_gib: text("ram_total_size")
                .replace(',', ".")
                .parse()
                .ok()
                .filter(|gib: &f64| gib.is_finite() && *gib > 0.0),
            os: text("os").split(['-', ' ']).next().unwrap_or_default().to_owned(),
            pue,
            failed: None,
            rows: 1,
            flags,
            repairs: Vec::new(),
        };
        if comma {
            run.repaired(Repair::DecimalComma);
        }
        Ok(run)
    }
}

/// Version 2 takes half of the design power when it reads no counter: 42.5 W for a processor it does not know.
///
/// The log of a later version does not tell a counter from a model.
fn cpu_provenance(version: &str, power_w: Option<f64>) -> Provenance {
    let second = Version::read(version).is_some_and(|version| {
        Version::read("2").is_some_and(|first| first <= version)
            && Version::read("3").is_some_and(|next| version < next)
    });
    let constant = power_w.is_some_and(|watts| {
        let doubled = watts * 2.0;
        watts > 0.0 && (doubled - doubled.round()).abs() < 1e-9
    });
    if second && constant {
        Provenance::Assumed
    } else {
        Provenance::Unknown
    }
}
