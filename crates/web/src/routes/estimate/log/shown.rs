//! What logs come to, in words.

use std::collections::BTreeMap;

use sobria_estimate::Reference;
use sobria_estimate::electricity::ZoneFactors;
use sobria_estimate::french::{Scale, decimal, significant};
use sobria_estimate::llm::Bounds;
use sobria_estimate::reference::Criterion as Measure;
use sobria_estimate::service::{Notice, Stages};
use sobria_exchange::measurements::{Provenance, Run, RunSummary, Runs, Summary, flag_words};

use crate::locale;
use crate::params::encode;
use crate::routes::estimate::attach;
use crate::routes::estimate::measure::without_line;
use crate::routes::estimate::result::{between, equivalents_of, percent};
use crate::view::chart::{Bar, BarChart};
use crate::view::library::Link;
use crate::view::log::LogResult;
use crate::view::prose::ProseTable;

/// Runs that are shown, those that drew most; the files hold them all.
const RUNS_SHOWN: usize = 20;
/// Checks and refusals that are shown.
const CHECKS_SHOWN: usize = 20;
/// Bars of time.
const BARS: usize = 24;

/// The result of a page.
pub fn result(
    reference: &Reference,
    runs: &Runs,
    summary: &Summary<'_>,
    times: u64,
    has_files: bool,
) -> LogResult {
    let energy = summary.energy_range_kwh;
    let kg = summary.emissions_kg;
    let without_zone = summary.energy_without_zone_kwh > 0.0;
    let (attach, no_attach) = attached(summary, times);
    let (checks, checks_note) = checks(runs, summary);
    let (table, runs_note) = table(summary);
    LogResult {
        headline: one(summary.energy_kwh, Scale::Energy),
        counted: format!(
            "{}\u{202f}; {}",
            between(energy.low, energy.high, Scale::Energy),
            counted(summary)
        ),
        pictured: equivalents_of(
            reference,
            "Électricité",
            Measure::Energy,
            Scale::Energy,
            (energy.low, energy.high),
            "",
        )
        .and_then(|group| {
            group
                .lines
                .first()
                .map(|(sentence, _)| format!("soit {sentence}"))
        })
        .unwrap_or_default(),
        figures: vec![
            [
                "Électricité".to_owned(),
                one(summary.energy_kwh, Scale::Energy),
                between(energy.low, energy.high, Scale::Energy),
            ],
            [
                "Part mesurée par un compteur ou une jauge".to_owned(),
                format!("{}\u{a0}%", decimal(summary.measured_fraction * 100.0, 0)),
                "le reste est calculé, supposé, ou le journal ne le dit pas".to_owned(),
            ],
            [
                if without_zone {
                    "Gaz à effet de serre recalculés, là où le lieu est connu".to_owned()
                } else {
                    "Gaz à effet de serre recalculés".to_owned()
                },
                if kg.high > 0.0 || !without_zone {
                    one(kg.central, Scale::Climate)
                } else {
                    "inconnus".to_owned()
                },
                if kg.high > 0.0 {
                    between(kg.low, kg.high, Scale::Climate)
                } else {
                    "–".to_owned()
                },
            ],
            [
                "Gaz à effet de serre inscrits dans les journaux".to_owned(),
                one(summary.logged_kg, Scale::Climate),
                implied(summary),
            ],
            ["Durée".to_owned(), seconds(summary.duration_s), String::new()],
        ],
        notices: notices(reference, summary),
        charts: over_time(summary).into_iter().collect(),
        runs: table,
        runs_note,
        checks,
        checks_note,
        files: files(runs),
        factors: factors(reference, summary),
        has_files,
        attach,
        no_attach,
        method: Link::new("Lire la méthode", "/estimer/methodes/measurement"),
    }
}

fn one(value: f64, scale: Scale) -> String {
    between(value, value, scale)
}

fn counted(summary: &Summary<'_>) -> String {
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let mut words = locale::counted(number(summary.runs), "exécution", "exécutions");
    if summary.failed > 0 {
        words.push_str(&format!(", dont {} en échec", locale::count(summary.failed)));
    }
    if summary.tasks > 0 {
        words.push_str(&format!(
            ", {}",
            locale::counted(number(summary.tasks), "tâche", "tâches")
        ));
    }
    words
}

/// The factor behind the greenhouse gases of the logs.
fn implied(summary: &Summary<'_>) -> String {
    if summary.energy_kwh > 0.0 && summary.logged_kg > 0.0 {
        format!(
            "soit {}\u{a0}g/kWh",
            significant(summary.logged_kg / summary.energy_kwh * 1000.0, 3)
        )
    } else {
        "–".to_owned()
    }
}

/// `3 h 20 min`.
pub fn seconds(duration: f64) -> String {
    let whole = duration.max(0.0);
    if whole < 60.0 {
        return format!("{}\u{a0}s", significant(whole, 2));
    }
    let minutes = (whole / 60.0).round();
    if minutes < 60.0 {
        return format!("{}\u{a0}min", decimal(minutes, 0));
    }
    let hours = (minutes / 60.0).floor();
    let rest = minutes - hours * 60.0;
    if rest > 0.0 {
        format!("{}\u{a0}h\u{a0}{}\u{a0}min", decimal(hours, 0), decimal(rest, 0))
    } else {
        format!("{}\u{a0}h", decimal(hours, 0))
    }
}

fn notices(reference: &Reference, summary: &Summary<'_>) -> Vec<String> {
    let mut notices = Vec::new();
    if let Some(factors) = summary.zone().and_then(|zone| ZoneFactors::of(reference, zone)) {
        let declared = Bounds::point(summary.logged_kg);
        let energy = Bounds::point(summary.energy_kwh);
        if let Some(notice) = Notice::of_declared(0, energy, declared, Stages::Use, &factors) {
            notices.push(without_line(&notice.sentence()));
        }
    }
    if summary.energy_without_zone_kwh > 0.0 {
        notices.push(format!(
            "{} n’ont pas de lieu\u{a0}: leurs gaz à effet de serre ne sont pas comptés. Donnez le lieu dans le formulaire.",
            one(summary.energy_without_zone_kwh, Scale::Energy)
        ));
    }
    if summary.measured_fraction < 0.5 && summary.energy_kwh > 0.0 {
        notices.push("Moins de la moitié de cette électricité vient d’un compteur\u{a0}: la fourchette le dit. Un serveur dont les compteurs sont lisibles, ou une prise mesurée, donnerait une vraie mesure (sobria measure --probe liste ce qui manque).".to_owned());
    }
    if summary.refused > 0 {
        notices.push(format!(
            "{}\u{a0}: voyez les contrôles.",
            locale::counted(
                summary.refused,
                "ligne refusée, qui n’est pas comptée",
                "lignes refusées, qui ne sont pas comptées"
            )
        ));
    }
    notices.push("Ni la fabrication des machines, ni ce qui n’était pas suivi (disques, ventilateurs, alimentation, réseau) n’est compté.".to_owned());
    notices
}

fn name_of(run: &Run) -> String {
    let project = if run.project.is_empty() {
        "sans nom"
    } else {
        run.project.as_str()
    };
    let day = run
        .timestamp
        .get(..16)
        .unwrap_or(&run.timestamp)
        .replace('T', " ");
    let task = if run.is_task() {
        format!(" › {}", run.task)
    } else {
        String::new()
    };
    format!("{project}{task}, {day}")
}

fn remarks(line: &RunSummary<'_>) -> String {
    let mut words = Vec::new();
    if line.run.failed == Some(true) {
        words.push("en échec, comptée".to_owned());
    }
    if !line.counted {
        words.push("comptée dans son exécution".to_owned());
    }
    let provenance = [
        ("processeur", line.run.cpu_kwh, line.run.cpu_provenance),
        ("cartes", line.run.gpu_kwh, line.run.gpu_provenance),
    ];
    for (part, _, known) in provenance
        .into_iter()
        .filter(|(_, energy, _)| energy.is_some_and(|energy| energy > 0.0))
    {
        words.push(format!(
            "{part}\u{a0}: {}",
            match known {
                Provenance::Measured => "mesuré",
                Provenance::Modelled => "calculé",
                Provenance::Assumed => "supposé",
                Provenance::Unknown => "non dit",
            }
        ));
    }
    words.join("\u{202f}; ")
}

fn table(summary: &Summary<'_>) -> (ProseTable, String) {
    let mut ranked: Vec<(usize, &RunSummary<'_>)> = summary.lines.iter().enumerate().collect();
    ranked.sort_by(|a, b| b.1.run.energy_kwh.total_cmp(&a.1.run.energy_kwh));
    ranked.truncate(RUNS_SHOWN);
    ranked.sort_by_key(|(place, _)| *place);
    let rows = ranked
        .into_iter()
        .map(|(_, line)| {
            let run = line.run;
            vec![
                name_of(run),
                seconds(run.duration_s),
                format!(
                    "{} ({})",
                    one(run.energy_kwh, Scale::Energy),
                    between(run.energy_range_kwh.low, run.energy_range_kwh.high, Scale::Energy)
                ),
                line.emissions_kg.map_or_else(
                    || "lieu inconnu".to_owned(),
                    |kg| between(kg.low, kg.high, Scale::Climate),
                ),
                one(run.logged_kg, Scale::Climate),
                remarks(line),
            ]
        })
        .collect();
    let note = if summary.lines.len() > RUNS_SHOWN {
        format!(
            "Les {RUNS_SHOWN} lignes qui ont demandé le plus d’électricité, sur {}. Toutes sont dans les fichiers CSV et JSON.",
            locale::count(summary.lines.len())
        )
    } else {
        String::new()
    };
    let table = ProseTable {
        caption: "Dans l’ordre du temps".to_owned(),
        headers: [
            "Exécution",
            "Durée",
            "Électricité",
            "Recalculés",
            "Inscrits",
            "À savoir",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows,
    };
    (table, note)
}

fn checks(runs: &Runs, summary: &Summary<'_>) -> (Option<ProseTable>, String) {
    let mut rows: Vec<Vec<String>> = runs
        .refused()
        .iter()
        .map(|refused| {
            vec![
                format!("{}, ligne {}", refused.file, refused.line),
                "refusée".to_owned(),
                refused.reason.clone(),
            ]
        })
        .collect();
    for line in &summary.lines {
        let place = format!("{}, ligne {}", line.run.file, line.run.line);
        for repair in &line.run.repairs {
            rows.push(vec![
                place.clone(),
                "réparée".to_owned(),
                repair.words().to_owned(),
            ]);
        }
        for flag in &line.run.flags {
            rows.push(vec![
                place.clone(),
                "à savoir".to_owned(),
                flag_words(*flag).to_owned(),
            ]);
        }
    }
    let all = rows.len();
    rows.truncate(CHECKS_SHOWN);
    let note = if all > CHECKS_SHOWN {
        format!(
            "Les {CHECKS_SHOWN} premiers, sur {}. Tous sont dans le fichier CSV.",
            locale::count(all)
        )
    } else {
        String::new()
    };
    let table = (all > 0).then(|| ProseTable {
        caption: "Rien n’est réparé sans le dire".to_owned(),
        headers: ["Ligne du fichier", "Ce qui a été fait", "Pourquoi"]
            .map(str::to_owned)
            .to_vec(),
        rows,
    });
    (table, note)
}

fn files(runs: &Runs) -> ProseTable {
    ProseTable {
        caption: "Ce qui a été reconnu".to_owned(),
        headers: ["Fichier", "Format", "Lignes"].map(str::to_owned).to_vec(),
        rows: runs
            .files()
            .iter()
            .map(|file| {
                vec![
                    file.name.clone(),
                    file.generation.map_or_else(
                        || "relevé de sobria measure".to_owned(),
                        |generation| format!("CodeCarbon, colonnes depuis {}", generation.id()),
                    ),
                    locale::integer(file.rows),
                ]
            })
            .collect(),
    }
}

fn factors(reference: &Reference, summary: &Summary<'_>) -> ProseTable {
    let mut zones: Vec<&str> = summary
        .lines
        .iter()
        .map(|line| line.zone)
        .filter(|zone| !zone.is_empty())
        .collect();
    zones.sort_unstable();
    zones.dedup();
    let mut rows = Vec::new();
    for zone in zones.into_iter().take(8) {
        let held = ZoneFactors::of(reference, zone).map_or_else(Vec::new, |factors| factors.held);
        for (rank, factor) in held.into_iter().enumerate() {
            rows.push(vec![
                if rank == 0 {
                    format!("{zone}, valeur employée")
                } else {
                    format!("{zone}, autre valeur connue")
                },
                format!("{}\u{a0}g/kWh", significant(factor.g_per_kwh, 4)),
                factor.source.into_owned(),
            ]);
        }
    }
    let mut versions: Vec<(String, f64)> = summary
        .lines
        .iter()
        .filter_map(|line| {
            let factor = line.version_g_per_kwh?;
            Some((
                format!("CodeCarbon {}, {}", line.run.tool_version, line.run.country),
                factor,
            ))
        })
        .collect();
    versions.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    versions.dedup_by(|a, b| a.0 == b.0);
    for (name, factor) in versions.into_iter().take(8) {
        rows.push(vec![
            name,
            format!("{}\u{a0}g/kWh", significant(factor, 4)),
            "facteur de cette version, non repris".to_owned(),
        ]);
    }
    ProseTable {
        caption: format!("Tables de référence, édition {}", reference.version()),
        headers: ["Lieu", "Facteur", "Source"].map(str::to_owned).to_vec(),
        rows,
    }
}

/// Bars by day while they are few, then by month, then by year.
fn over_time(summary: &Summary<'_>) -> Option<BarChart> {
    let by = |length: usize| {
        let mut sums: BTreeMap<&str, (f64, u64)> = BTreeMap::new();
        for line in summary.lines.iter().filter(|line| line.counted) {
            let period = line.run.timestamp.get(..length).unwrap_or("sans date");
            let sum = sums.entry(period).or_default();
            sum.0 += line.run.energy_kwh;
            sum.1 = sum.1.saturating_add(1);
        }
        sums
    };
    let (sums, unit) = [(10, "jour"), (7, "mois"), (4, "an")]
        .into_iter()
        .map(|(length, unit)| (by(length), unit))
        .find(|(sums, unit)| sums.len() <= BARS || *unit == "an")?;
    if sums.len() < 2 {
        return None;
    }
    let longest = sums.values().map(|(energy, _)| *energy).fold(0.0, f64::max);
    Some(BarChart {
        id: "t-temps".to_owned(),
        title: format!("Électricité par {unit}"),
        label_header: "Période et exécutions".to_owned(),
        value_header: "Électricité".to_owned(),
        bars: sums
            .into_iter()
            .rev()
            .take(BARS)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .map(|(period, (energy, runs))| Bar {
                label: format!(
                    "{}, {}",
                    period_words(period),
                    locale::counted(runs, "exécution", "exécutions")
                ),
                value: one(energy, Scale::Energy),
                length: percent(energy, longest).unwrap_or(0).max(u32::from(energy > 0.0)),
                theme: None,
                href: None,
            })
            .collect(),
    })
}

fn period_words(period: &str) -> String {
    let mut parts = period.split('-').map(str::parse::<i16>);
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    let small = |part: Option<Result<i16, _>>| part.and_then(Result::ok).and_then(|n| i8::try_from(n).ok());
    match year {
        Some(Ok(year)) => locale::date(year, small(month), small(day)),
        _ => period.to_owned(),
    }
}

/// Where the total can be kept, or why it cannot.
fn attached(summary: &Summary<'_>, times: u64) -> (String, String) {
    if summary.refused > 0 {
        return (
            String::new(),
            "Des lignes sont refusées\u{a0}: corrigez-les ou retirez-les pour pouvoir attacher le total à une fiche.".to_owned(),
        );
    }
    let Some(zone) = summary.zone() else {
        return (
            String::new(),
            "Les exécutions n’ont pas toutes un même lieu\u{a0}: donnez-le dans le formulaire pour pouvoir attacher le total à une fiche.".to_owned(),
        );
    };
    let fields = [
        (attach::FROM, "journaux".to_owned()),
        ("kwh", summary.energy_kwh.to_string()),
        ("kwh_bas", summary.energy_range_kwh.low.to_string()),
        ("kwh_haut", summary.energy_range_kwh.high.to_string()),
        ("lieu", zone.to_owned()),
        ("part", summary.measured_fraction.to_string()),
        ("executions", summary.runs.to_string()),
        ("secondes", summary.duration_s.to_string()),
        ("outil", summary.tools().chars().take(200).collect()),
        ("fois", times.to_string()),
    ];
    let query: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    (format!("{}?{}", attach::PATH, query.join("&")), String::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_say_them() {
        for (given, expected) in [
            (1.5, "1,5\u{a0}s"),
            (59.0, "59\u{a0}s"),
            (150.0, "3\u{a0}min"),
            (3600.0, "1\u{a0}h"),
            (12_000.0, "3\u{a0}h\u{a0}20\u{a0}min"),
            (-4.0, "0\u{a0}s"),
        ] {
            assert_eq!(seconds(given), expected);
        }
    }
}
