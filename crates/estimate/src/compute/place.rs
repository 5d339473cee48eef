//! The data centre and the electricity of a job.

use super::input::{Job, Platform};
use super::{Gathered, METHOD_SOURCE, Spread};
use crate::llm::source_name;
use crate::provenance::Assumption;
use crate::reference::{Datacenter, Reference};
use crate::{code, electricity};

/// Lowest effectiveness that a data centre is supposed to reach.
const PUE_FLOOR: f64 = 1.02;

/// Effectiveness of the data centre and carbon intensity of the electricity, in grammes per kWh.
///
/// `None` when the place is not known, with the reason in `gathered`.
pub(super) fn settle(
    reference: &Reference,
    job: &Job<'_>,
    gathered: &mut Gathered,
) -> Option<(Spread, Spread)> {
    let platform = job.platform_or_default();
    gathered.note(if job.platform.is_some() {
        Assumption::user("platform", platform.id(), "")
    } else {
        Assumption::default(
            "platform",
            platform.id(),
            "",
            "selon la présence d’un fournisseur",
        )
    });
    let mut centre = None;
    let mut region = None;
    if platform == Platform::Cloud
        && let Some(name) = job.provider.as_deref()
    {
        // The row of the unknown data centre is no provider that one may name.
        centre = reference
            .datacenter(name, "")
            .filter(|row| row.provider != "unknown");
        let Some(row) = centre else {
            gathered.fail("unknown-provider");
            return None;
        };
        gathered.note(Assumption::user("provider", row.provider, ""));
        if let Some(name) = job.region.as_deref() {
            region = reference
                .datacenter(row.provider, name)
                .filter(|row| !row.region.is_empty());
            let Some(row) = region else {
                gathered.fail("unknown-region");
                return None;
            };
            gathered.note(Assumption::user("region", row.region, ""));
        }
    }
    let pue = effectiveness(reference, job, platform, centre, region, gathered);
    let intensity = intensity(reference, job, region, gathered)?;
    Some((pue, intensity))
}

fn effectiveness(
    reference: &Reference,
    job: &Job<'_>,
    platform: Platform,
    centre: Option<&Datacenter<'static>>,
    region: Option<&Datacenter<'static>>,
    gathered: &mut Gathered,
) -> Spread {
    if let Some(pue) = job.pue {
        gathered.note(Assumption::user("pue", pue, ""));
        return Spread::known(pue);
    }
    if platform == Platform::Personal {
        gathered.note(Assumption::default("pue", 1.0, "", METHOD_SOURCE));
        return Spread::known(1.0);
    }
    if let Some((row, pue)) = region.and_then(|row| Some((row, row.pue?))) {
        gathered.note(Assumption::table("pue", pue, "", row.source));
        return Spread::around((pue - 0.03).max(PUE_FLOOR), pue, pue + 0.05);
    }
    if let Some((row, pue)) = centre.and_then(|row| Some((row, row.pue?))) {
        gathered.note(Assumption::table("pue", pue, "", row.source));
        gathered.warn("provider-pue");
        return Spread::around((pue - 0.05).max(PUE_FLOOR), pue, pue + 0.15);
    }
    let unknown = reference.datacenter("unknown", "");
    let pue = unknown.and_then(|row| row.pue).unwrap_or(1.56);
    gathered.note(Assumption::table(
        "pue",
        pue,
        "",
        unknown.map_or("", |row| row.source),
    ));
    gathered.warn("default-pue");
    Spread::around(1.2, pue, 2.0)
}

fn intensity(
    reference: &Reference,
    job: &Job<'_>,
    region: Option<&Datacenter<'static>>,
    gathered: &mut Gathered,
) -> Option<Spread> {
    const FIELD: &str = "carbon_intensity_g_per_kwh";
    const UNIT: &str = "g CO₂e/kWh";
    if let Some(given) = job.carbon_intensity_g_per_kwh {
        gathered.note(Assumption::user(FIELD, given, UNIT));
        return Some(Spread::known(given));
    }
    let (zone, given) = match (job.zone.as_deref(), region) {
        (Some(zone), _) => (zone, true),
        (None, Some(row)) => (row.zone, false),
        (None, None) => {
            let code = code::of_field("missing", gathered.prefix, "zone");
            gathered.errors.push(code);
            return None;
        }
    };
    let note_zone = |gathered: &mut Gathered, zone: &'static str| {
        gathered.note(if given {
            Assumption::user("zone", zone, "")
        } else {
            Assumption::table("zone", zone, "", region.map_or("", |row| row.source))
        });
    };
    let central = if let Some(row) = reference.carbon_intensity(zone) {
        note_zone(gathered, row.zone);
        gathered.note(Assumption::table(
            FIELD,
            row.gco2e_kwh,
            UNIT,
            electricity::dated_source(row),
        ));
        row.gco2e_kwh
    } else if let Some(row) = reference.mix(zone) {
        note_zone(gathered, row.zone);
        gathered.note(Assumption::table(
            FIELD,
            row.gwp * 1000.0,
            UNIT,
            source_name(row.gwp_source),
        ));
        row.gwp * 1000.0
    } else {
        gathered.fail("unknown-zone");
        return None;
    };
    if matches!(zone, "WORLD" | "WOR") {
        gathered.warn("world-intensity");
    }
    let [low, high] = electricity::bounds(reference, zone, central);
    Some(Spread::around(low, central, high))
}
