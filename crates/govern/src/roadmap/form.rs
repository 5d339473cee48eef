//! The parts of a roadmap as fields of forms, both ways. What cannot be understood is named, never dropped in silence.

mod people;
mod reader;

pub use people::{DECISIONS, read_appointment, read_day, read_decisions, read_line, read_session};

use jiff::civil::Date;

use self::reader::Reader;
use super::committee::Tile;
use super::sheet::{Axis, Sheet};
use super::strategy::{Baseline, Goal, Measure, Progress, Stage, Strategy, Theme};
use super::target::{Direction, Target};
use super::value::{Period, Quality, Value};
use crate::procurement::Problem;

/// Longest line, in characters.
pub const LINE_MAX: usize = 200;
/// Longest text, in characters.
pub const TEXT_MAX: usize = 2_000;

/// Name of the field that holds the ceiling of a figure.
#[must_use]
pub fn cap_field(tile: Tile) -> String {
    format!("plafond_{}", tile.code())
}

/// A number as a form shows it.
#[must_use]
pub fn shown(value: Option<f64>) -> String {
    value
        .map(|value| value.to_string().replace('.', ","))
        .unwrap_or_default()
}

/// The fields of the head of a strategy, blank ones left out.
#[must_use]
pub fn strategy_fields(strategy: &Strategy) -> Vec<(String, String)> {
    let text = |name: &str, value: String| (name.to_owned(), value);
    let year = |value: Option<i16>| value.map(|year| year.to_string()).unwrap_or_default();
    let whole = |value: Option<u32>| value.map(|count| count.to_string()).unwrap_or_default();
    let day = |value: Option<Date>| value.map(|day| day.to_string()).unwrap_or_default();
    let programme = &strategy.programme;
    let mut fields = vec![
        text("titre", strategy.title.clone()),
        text("etat", strategy.stage.code().to_owned()),
        text("publique", if strategy.public { "oui" } else { "" }.to_owned()),
        text("adoptee", day(strategy.adopted_on)),
        text("deliberation", strategy.deliberation.clone()),
        text("debut", year(strategy.start_year)),
        text("fin", year(strategy.end_year)),
        text("population", whole(strategy.population)),
        text("millesime", year(strategy.population_year)),
        text("agents", whole(strategy.staff)),
        text("elus", whole(strategy.elected)),
        text("moyens", strategy.means.clone()),
        text("empreinte", shown(strategy.footprint_kg)),
        text("annee_empreinte", year(strategy.footprint_year)),
        text(
            "cadence",
            strategy
                .cadence_months
                .map(|months| months.to_string())
                .unwrap_or_default(),
        ),
        text("programme_le", day(programme.published_on)),
        text("impact", programme.impact_review.clone()),
        text("usages", programme.usage_review.clone()),
        text("engagees", programme.actions_taken.clone()),
        text("acteurs", programme.stakeholders.clone()),
    ];
    for (tile, cap) in &strategy.caps {
        fields.push((cap_field(*tile), shown(Some(*cap))));
    }
    fields.retain(|(_, value)| !value.is_empty());
    fields
}

/// Reads the head of a strategy into `strategy`, whose objectives and measures stay.
pub fn read_strategy<'f>(strategy: &mut Strategy, get: impl Fn(&str) -> &'f str) -> Vec<Problem> {
    let mut form = Reader::new(get);
    strategy.title = form.line("titre");
    if strategy.title.is_empty() {
        form.wrong(
            "titre",
            "Donnez un titre, par exemple «\u{a0}Stratégie numérique responsable 2025-2030\u{a0}».",
        );
    }
    let stage = form.raw("etat").to_owned();
    strategy.stage = Stage::ALL
        .into_iter()
        .find(|one| one.code() == stage)
        .unwrap_or_default();
    strategy.public = form.raw("publique") == "oui";
    strategy.adopted_on = form.day("adoptee");
    strategy.deliberation = form.line("deliberation");
    if strategy.stage == Stage::Adopted && strategy.adopted_on.is_none() {
        form.wrong(
            "adoptee",
            "Une stratégie adoptée a une date d’adoption, par exemple 2025-01-30.",
        );
    }
    strategy.start_year = form.year("debut");
    strategy.end_year = form.year("fin");
    if let (Some(start), Some(end)) = (strategy.start_year, strategy.end_year)
        && end < start
    {
        form.wrong(
            "fin",
            format!("La fin ({end}) précède le début ({start})\u{a0}: vérifiez l’une ou l’autre."),
        );
    }
    strategy.population = form.whole("population", "La population");
    strategy.population_year = form.year("millesime");
    strategy.staff = form.whole("agents", "Le nombre d’agents");
    strategy.elected = form.whole("elus", "Le nombre d’élus");
    strategy.means = form.text("moyens");
    strategy.footprint_kg = form.number("empreinte", "L’empreinte");
    strategy.footprint_year = form.year("annee_empreinte");
    if strategy.footprint_kg.is_some() && strategy.footprint_year.is_none() {
        form.wrong(
            "annee_empreinte",
            "De quelle année est cette empreinte\u{202f}? Par exemple 2024.",
        );
    }
    strategy.caps = Tile::ALL
        .into_iter()
        .filter_map(|tile| Some((tile, form.number(&cap_field(tile), "Le plafond")?)))
        .collect();
    if strategy
        .caps
        .get(&Tile::Coverage)
        .is_some_and(|share| *share > 100.0)
    {
        form.wrong(&cap_field(Tile::Coverage), "Une part va de 0 à 100\u{a0}%.");
    }
    strategy.cadence_months = form.whole("cadence", "Le nombre de mois").and_then(|months| {
        u8::try_from(months)
            .ok()
            .filter(|months| (1..=36).contains(months))
    });
    if !form.raw("cadence").trim().is_empty() && strategy.cadence_months.is_none() {
        form.wrong(
            "cadence",
            "Attendu\u{a0}: de 1 à 36\u{a0}mois entre deux réunions.",
        );
    }
    strategy.programme.published_on = form.day("programme_le");
    strategy.programme.impact_review = form.text("impact");
    strategy.programme.usage_review = form.text("usages");
    strategy.programme.actions_taken = form.text("engagees");
    strategy.programme.stakeholders = form.text("acteurs");
    form.problems
}

/// The fields of an objective, blank ones left out.
#[must_use]
pub fn goal_fields(goal: &Goal) -> Vec<(String, String)> {
    let (mode, target) = match goal.target {
        Target::Absolute(value) => ("absolu", value),
        Target::Relative(value) => ("relatif", value),
        Target::Threshold(value) => ("seuil", value),
    };
    let milestones: Vec<String> = goal
        .milestones
        .iter()
        .map(|(year, value)| format!("{year}\u{a0}: {}", shown(Some(*value))))
        .collect();
    let mut fields = vec![
        ("libelle", goal.label.clone()),
        ("theme", goal.theme.code().to_owned()),
        ("axe", goal.axis.code().to_owned()),
        ("indicateur", goal.indicator.clone()),
        ("unite", goal.unit.clone()),
        ("calcule", goal.computed.clone()),
        (
            "sens",
            if goal.direction == Direction::Up {
                "hausse"
            } else {
                "baisse"
            }
            .to_owned(),
        ),
        ("annee_cible", goal.target_year.to_string()),
        ("mode", mode.to_owned()),
        ("cible", shown(Some(target))),
        ("jalons", milestones.join(" ; ")),
        ("responsable", goal.owner.clone()),
    ];
    if let Some(baseline) = goal.baseline() {
        fields.extend([
            ("annee_base", baseline.year.to_string()),
            ("base", shown(baseline.value)),
            ("perimetre", baseline.perimeter.clone()),
            ("methode", baseline.method.clone()),
        ]);
    }
    fields
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Reads an objective; its identifier stays blank.
pub fn read_goal<'f>(get: impl Fn(&str) -> &'f str) -> Result<Goal, Vec<Problem>> {
    let mut form = Reader::new(get);
    let computed = form.raw("calcule").to_owned();
    let sheet = Sheet::of(&computed).filter(|sheet| sheet.computed);
    let own = sheet.and_then(|sheet| sheet.indicators.first());
    let label = form.needed(
        "libelle",
        "Dites ce qui est visé, par exemple «\u{a0}Réduire l’empreinte du numérique\u{a0}».",
    );
    let theme = form.raw("theme").to_owned();
    let axis = form.raw("axe").to_owned();
    let (mut indicator, mut unit) = (form.line("indicateur"), form.line("unite"));
    if let Some(own) = own {
        own.label.clone_into(&mut indicator);
        own.unit.clone_into(&mut unit);
    }
    if indicator.is_empty() {
        form.wrong(
            "indicateur",
            "Dites ce qui est mesuré, par exemple «\u{a0}empreinte annuelle\u{a0}».",
        );
    }
    if unit.is_empty() {
        form.wrong("unite", "Donnez l’unité, par exemple tCO2e, kWh ou %.");
    }
    let direction = match (own, form.raw("sens")) {
        (Some(own), _) => own.direction,
        (None, "hausse") => Direction::Up,
        (None, _) => Direction::Down,
    };
    let baseline_year = form.needed_year("annee_base");
    let baseline = form.number("base", "La valeur de base");
    let target_year = form.needed_year("annee_cible");
    let mode = form.raw("mode").to_owned();
    let target = form.signed("cible", "La cible");
    if target.is_none() && form.raw("cible").trim().is_empty() {
        form.wrong(
            "cible",
            "Donnez la cible, par exemple −30 pour une baisse de 30\u{a0}%.",
        );
    }
    let milestones = form.milestones("jalons");
    let owner = form.line("responsable");
    let (perimeter, method) = (form.line("perimetre"), form.line("methode"));
    let (Some(baseline_year), Some(target_year), Some(target)) = (baseline_year, target_year, target) else {
        return Err(form.problems);
    };
    let goal = Goal {
        id: String::new(),
        theme: Theme::ALL
            .into_iter()
            .find(|one| one.code() == theme)
            .unwrap_or_default(),
        axis: Axis::ALL
            .into_iter()
            .find(|one| one.code() == axis)
            .unwrap_or_default(),
        label,
        indicator,
        unit,
        computed: sheet.map(|sheet| sheet.id.to_owned()).unwrap_or_default(),
        direction,
        baselines: vec![Baseline {
            year: baseline_year,
            value: baseline,
            perimeter,
            method,
        }],
        target_year,
        target: match mode.as_str() {
            "absolu" => Target::Absolute(target),
            "seuil" => Target::Threshold(target),
            _ => Target::Relative(target),
        },
        milestones,
        owner,
    };
    for problem in goal.objective().map(|one| one.problems()).unwrap_or_default() {
        let name = match problem.field.as_str() {
            "target_year" => "annee_cible",
            "baseline_year" => "annee_base",
            "baseline" => "base",
            _ => "cible",
        };
        form.wrong(name, problem.message);
    }
    if goal
        .milestones
        .keys()
        .any(|year| !(baseline_year + 1..target_year).contains(year))
    {
        form.wrong(
            "jalons",
            format!("Un jalon se place entre {baseline_year} et {target_year}, ces deux années exclues."),
        );
    }
    if form.problems.is_empty() {
        Ok(goal)
    } else {
        Err(form.problems)
    }
}

/// The fields of a measure, blank ones left out.
#[must_use]
pub fn measure_fields(measure: &Measure) -> Vec<(String, String)> {
    let year = |value: Option<i16>| value.map(|year| year.to_string()).unwrap_or_default();
    let mut fields: Vec<(String, String)> = [
        ("objectif", measure.goal.clone()),
        ("fiche_action", measure.sheet.clone()),
        ("libelle", measure.label.clone()),
        ("detail", measure.description.clone()),
        ("responsable", measure.owner.clone()),
        ("debut", year(measure.start)),
        ("fin", year(measure.end)),
        ("budget", shown(measure.budget_eur)),
        ("temps", shown(measure.fte)),
        ("etat", measure.stage.code().to_owned()),
        ("motif", measure.drop_reason.clone()),
        ("avancement", shown(measure.progress_pct)),
        ("effet", measure.expected_effect.clone()),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    fields.extend(
        measure
            .projects
            .iter()
            .map(|id| ("projets".to_owned(), id.clone())),
    );
    fields.extend(
        measure
            .purchases
            .iter()
            .map(|id| ("achats".to_owned(), id.clone())),
    );
    fields
}

/// Reads a measure; its identifier, its records and its purchases stay blank.
pub fn read_measure<'f>(strategy: &Strategy, get: impl Fn(&str) -> &'f str) -> Result<Measure, Vec<Problem>> {
    let mut form = Reader::new(get);
    let goal = form.raw("objectif").to_owned();
    if strategy.goal(&goal).is_none() {
        form.wrong("objectif", "Choisissez l’objectif que sert cette mesure.");
    }
    let stage = form.raw("etat").to_owned();
    let sheet = form.raw("fiche_action").to_owned();
    let measure = Measure {
        id: String::new(),
        goal,
        sheet: Sheet::of(&sheet)
            .map(|sheet| sheet.id.to_owned())
            .unwrap_or_default(),
        label: form.needed(
            "libelle",
            "Dites ce qui est fait, par exemple «\u{a0}Acheter des postes reconditionnés\u{a0}».",
        ),
        description: form.text("detail"),
        owner: form.line("responsable"),
        start: form.year("debut"),
        end: form.year("fin"),
        budget_eur: form.number("budget", "Le budget"),
        fte: form.number("temps", "Le temps"),
        stage: Progress::ALL
            .into_iter()
            .find(|one| one.code() == stage)
            .unwrap_or_default(),
        drop_reason: form.text("motif"),
        progress_pct: form.number("avancement", "L’avancement"),
        expected_effect: form.text("effet"),
        projects: Vec::new(),
        purchases: Vec::new(),
    };
    if let (Some(start), Some(end)) = (measure.start, measure.end)
        && end < start
    {
        form.wrong(
            "fin",
            format!("La fin ({end}) précède le début ({start})\u{a0}: vérifiez l’une ou l’autre."),
        );
    }
    if measure.progress_pct.is_some_and(|part| part > 100.0) {
        form.wrong("avancement", "Attendu\u{a0}: de 0 à 100\u{a0}%.");
    }
    if measure.stage == Progress::Dropped && measure.drop_reason.is_empty() {
        form.wrong(
            "motif",
            "Dites pourquoi cette mesure est abandonnée\u{a0}: c’est utile aux suivants.",
        );
    }
    if form.problems.is_empty() {
        Ok(measure)
    } else {
        Err(form.problems)
    }
}

/// Reads a value.
pub fn read_value<'f>(baseline: u32, get: impl Fn(&str) -> &'f str) -> Result<Value, Vec<Problem>> {
    let mut form = Reader::new(get);
    let period = form.raw("periode").parse::<Period>();
    if let Err(error) = &period {
        form.wrong("periode", error.to_string());
    }
    let value = form.number("valeur", "La valeur");
    if value.is_none() && form.raw("valeur").trim().is_empty() {
        form.wrong(
            "valeur",
            "Donnez la valeur\u{202f}; une valeur inconnue ne s’écrit pas 0, elle ne s’écrit pas.",
        );
    }
    let (low, high) = (
        form.number("basse", "La borne basse"),
        form.number("haute", "La borne haute"),
    );
    if let Some(value) = value
        && (low.is_some_and(|low| low > value) || high.is_some_and(|high| high < value))
    {
        form.wrong("basse", "La valeur doit se trouver entre ses deux bornes.");
    }
    let quality = form.raw("qualite").to_owned();
    let quality = if quality.trim().is_empty() {
        Some(Quality::Declared)
    } else {
        Quality::named(&quality)
    };
    if quality.is_none() {
        form.wrong("qualite", "Attendu\u{a0}: mesuré, calculé, estimé ou déclaré.");
    }
    let evidence = form.line("source");
    match (period, value, quality) {
        (Ok(period), Some(value), Some(quality)) if form.problems.is_empty() => Ok(Value {
            period,
            value,
            low,
            high,
            quality,
            baseline,
            evidence,
        }),
        _ => Err(form.problems),
    }
}
