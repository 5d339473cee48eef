//! The record in words, for the person who ran the command.

use sobria_estimate::Reference;
use sobria_estimate::french::{Scale, decimal, range, significant};
use sobria_estimate::measurement::power::JOULES_PER_KWH;
use sobria_estimate::reference::Criterion;

use super::record::Record;

/// A few lines: total, components, what was measured, greenhouse gases, and what to know.
pub fn text(record: &Record, reference: &Reference) -> String {
    let energy = record.it_energy_range_kwh;
    let mut lines = vec![format!(
        "sobria measure : {} en {} s, {} % mesurés",
        range(energy.low, energy.high, Scale::Energy, 2),
        significant(record.duration_s, 3),
        decimal(record.measured_fraction * 100.0, 0),
    )];
    for part in &record.components {
        lines.push(format!(
            "  {:<9} {:<8} {}  [{}]",
            part.id,
            part.provenance.word(),
            range(
                part.low_j / JOULES_PER_KWH,
                part.high_j / JOULES_PER_KWH,
                Scale::Energy,
                2
            ),
            part.source,
        ));
    }
    if let Some(joules) = record.process.energy_dynamic_j {
        lines.push(format!(
            "  dont la commande : {} pour {} s de processeur",
            range(joules / JOULES_PER_KWH, joules / JOULES_PER_KWH, Scale::Energy, 2),
            significant(record.process.cpu_s, 3),
        ));
    }
    let grams = record.emissions_g;
    lines.push(format!(
        "  climat    {} ({} g CO₂e/kWh, {})",
        range(grams.low / 1000.0, grams.high / 1000.0, Scale::Climate, 2),
        decimal(record.intensity.g_per_kwh, 1),
        record.intensity.zone.as_deref().unwrap_or("facteur donné"),
    ));
    let pictured = sobria_estimate::equivalents::select(
        reference,
        Criterion::Climate,
        grams.low / 1000.0,
        grams.high / 1000.0,
    );
    if let Some(shown) = pictured.shown.first() {
        let times = if pictured.multiple > 1.0 {
            format!("{} exécutions : ", decimal(pictured.multiple, 0))
        } else {
            String::new()
        };
        lines.push(format!("            {times}{}", shown.sentence));
    }
    for warning in &record.warnings {
        lines.push(format!("  ! {warning}"));
    }
    lines.join("\n")
}

/// The line shown while the command runs.
pub fn live(seconds: f64, watts: &[(String, f64, &'static str)], energy_kwh: f64) -> String {
    let whole = std::time::Duration::try_from_secs_f64(seconds.max(0.0)).map_or(0, |time| time.as_secs());
    let parts: Vec<String> = watts
        .iter()
        .map(|(name, watts, word)| format!("{name} {} W {word}", decimal(*watts, 0)))
        .collect();
    format!(
        "{:02}:{:02}  {} · {}",
        whole / 60,
        whole % 60,
        parts.join(" · "),
        range(energy_kwh, energy_kwh, Scale::Energy, 2),
    )
}
