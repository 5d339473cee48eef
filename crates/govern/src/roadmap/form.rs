//! The parts of a roadmap as fields of forms, both ways. What cannot be understood is named, never dropped in silence.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::appointment::{Appointment, Role};
use super::committee::{Decision, DecisionKind, Tile};
use super::sheet::{Axis, Sheet};
use super::strategy::{Baseline, Goal, Measure, Progress, Stage, Strategy, Theme};
use super::target::{Direction, Target};
use super::training::{Session, Subject};
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
        form.wrong("cadence", "Attendu\u{a0}: de 1 à 36 mois entre deux réunions.");
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
    let relative = form.raw("mode") != "absolu";
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
        target: if relative {
            Target::Relative(target)
        } else {
            Target::Absolute(target)
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
    fields
}

/// Reads a measure; its identifier and its records stay blank.
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

/// Reads a training.
pub fn read_session<'f>(today: Date, get: impl Fn(&str) -> &'f str) -> Result<Session, Vec<Problem>> {
    let mut form = Reader::new(get);
    let title = form.needed("titre", "Donnez le titre de la formation.");
    let held_on = form.day("date");
    if held_on.is_none() && form.raw("date").trim().is_empty() {
        form.wrong("date", "Donnez la date, par exemple 2026-03-15 ou 15/03/2026.");
    }
    if held_on.is_some_and(|day| day > today) {
        form.wrong(
            "date",
            "Cette date est à venir\u{a0}: une formation se note une fois tenue.",
        );
    }
    let hours = form.number("heures", "La durée");
    if hours.is_none() && form.raw("heures").trim().is_empty() {
        form.wrong("heures", "Donnez la durée en heures, par exemple 3,5.");
    }
    if hours.is_some_and(|hours| !(0.1..=1000.0).contains(&hours)) {
        form.wrong("heures", "Attendu\u{a0}: de 0,1 à 1\u{202f}000 heures.");
    }
    let attendees = form.whole("participants", "Le nombre de participants");
    if attendees.is_none() && form.raw("participants").trim().is_empty() {
        form.wrong("participants", "Donnez le nombre de participants, élus compris.");
    }
    if attendees == Some(0) {
        form.wrong("participants", "Attendu\u{a0}: au moins un participant.");
    }
    let elected = form.whole("elus", "Le nombre d’élus");
    if let (Some(all), Some(elected)) = (attendees, elected)
        && elected > all
    {
        form.wrong(
            "elus",
            format!("Il y a plus d’élus ({elected}) que de participants ({all}), qui les comprennent."),
        );
    }
    let subject = form.raw("sujet").to_owned();
    let provider = form.line("organisme");
    match (held_on, hours, attendees) {
        (Some(held_on), Some(hours), Some(attendees)) if form.problems.is_empty() => Ok(Session {
            title,
            subject: Subject::from_code(&subject).unwrap_or_default(),
            held_on,
            hours,
            provider,
            attendees,
            elected: elected.unwrap_or(0),
        }),
        _ => Err(form.problems),
    }
}

/// Reads an appointment.
pub fn read_appointment<'f>(get: impl Fn(&str) -> &'f str) -> Result<Appointment, Vec<Problem>> {
    let mut form = Reader::new(get);
    let role = form.raw("role").to_owned();
    let starts_on = form.day("debut");
    if starts_on.is_none() && form.raw("debut").trim().is_empty() {
        form.wrong("debut", "Donnez la date de nomination, par exemple 2026-03-15.");
    }
    let Some(starts_on) = starts_on else {
        return Err(form.problems);
    };
    let appointment = Appointment {
        role: Role::from_code(&role).unwrap_or_default(),
        person_name: form.line("personne"),
        generic_email: form.line("courriel"),
        fte: form.number("temps", "Le temps"),
        starts_on,
        ends_on: form.day("fin"),
        deputy: form.line("suppleant"),
        public: form.raw("publie") == "oui",
    };
    form.problems.extend(appointment.problems());
    if form.problems.is_empty() {
        Ok(appointment)
    } else {
        Err(form.problems)
    }
}

/// Decisions that the form of a meeting holds.
pub const DECISIONS: usize = 5;

/// Reads the decisions of a meeting; a blank one is left out.
pub fn read_decisions<'f>(get: impl Fn(&str) -> &'f str) -> Result<Vec<Decision>, Vec<Problem>> {
    let mut form = Reader::new(get);
    let mut found = Vec::new();
    for at in 1..=DECISIONS {
        let words = form.text(&format!("decision{at}"));
        let owner = form.line(&format!("qui{at}"));
        let due_on = form.day(&format!("echeance{at}"));
        let kind = form.raw(&format!("sorte{at}")).to_owned();
        if words.is_empty() {
            if !owner.is_empty() || due_on.is_some() {
                form.wrong(
                    &format!("decision{at}"),
                    "Écrivez la décision, ou effacez qui et quand.",
                );
            }
            continue;
        }
        if owner.is_empty() {
            form.wrong(
                &format!("qui{at}"),
                "Dites qui s’en charge\u{a0}: sans nom ni service, une décision se perd.",
            );
        }
        found.push(Decision {
            words,
            kind: DecisionKind::from_code(&kind).unwrap_or_default(),
            owner,
            due_on,
            closed: false,
            effect: String::new(),
        });
    }
    if form.problems.is_empty() {
        Ok(found)
    } else {
        Err(form.problems)
    }
}

/// Reads a day, whatever the way it is written.
pub fn read_day<'f>(name: &str, get: impl Fn(&str) -> &'f str) -> Result<Option<Date>, Vec<Problem>> {
    let mut form = Reader::new(get);
    let day = form.day(name);
    if form.problems.is_empty() {
        Ok(day)
    } else {
        Err(form.problems)
    }
}

/// Reads a line.
pub fn read_line<'f>(name: &str, get: impl Fn(&str) -> &'f str) -> Result<String, Vec<Problem>> {
    let mut form = Reader::new(get);
    let line = form.line(name);
    if form.problems.is_empty() {
        Ok(line)
    } else {
        Err(form.problems)
    }
}

struct Reader<G> {
    get: G,
    problems: Vec<Problem>,
}

impl<'f, G: Fn(&str) -> &'f str> Reader<G> {
    fn new(get: G) -> Self {
        Self {
            get,
            problems: Vec::new(),
        }
    }

    fn raw(&self, name: &str) -> &'f str {
        (self.get)(name)
    }

    fn wrong(&mut self, field: &str, message: impl Into<String>) {
        self.problems.push(Problem::new(field, message));
    }

    fn limited(&mut self, name: &str, text: String, most: usize) -> String {
        let length = text.chars().count();
        if length > most {
            self.wrong(
                name,
                format!("{length} caractères\u{a0}: il en faut {most} au plus."),
            );
        }
        text
    }

    fn line(&mut self, name: &str) -> String {
        let text = sobria_catalogue::text::clean_line(self.raw(name));
        self.limited(name, text, LINE_MAX)
    }

    fn needed(&mut self, name: &str, message: &str) -> String {
        let text = self.line(name);
        if text.is_empty() {
            self.wrong(name, message);
        }
        text
    }

    fn text(&mut self, name: &str) -> String {
        let text = sobria_catalogue::text::clean_block(self.raw(name));
        self.limited(name, text, TEXT_MAX)
    }

    fn signed(&mut self, name: &str, what: &str) -> Option<f64> {
        let written = self.raw(name).trim();
        if written.is_empty() {
            return None;
        }
        let plain: String = written
            .chars()
            .filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}'))
            .map(|c| match c {
                ',' => '.',
                '−' => '-',
                c => c,
            })
            .collect();
        let plain = plain.strip_suffix('%').unwrap_or(&plain);
        let digits = plain.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
        match plain.parse::<f64>() {
            Ok(value) if digits && value.is_finite() && value.abs() <= 1e15 => Some(value),
            _ => {
                self.wrong(name, format!("{what} doit être un nombre, par exemple 12,5\u{a0}: «\u{a0}{written}\u{a0}» n’en est pas un."));
                None
            }
        }
    }

    fn number(&mut self, name: &str, what: &str) -> Option<f64> {
        let value = self.signed(name, what)?;
        if value < 0.0 {
            self.wrong(
                name,
                format!(
                    "{what} ne peut pas être négatif\u{a0}: {}.",
                    self.raw(name).trim()
                ),
            );
            return None;
        }
        Some(value)
    }

    fn whole(&mut self, name: &str, what: &str) -> Option<u32> {
        let value = self.number(name, what)?;
        let whole = format!("{value:.0}").parse::<u32>().ok();
        if whole.is_none() || (value - value.round()).abs() > 1e-9 {
            self.wrong(name, format!("{what} doit être un nombre entier."));
            return None;
        }
        whole
    }

    fn year(&mut self, name: &str) -> Option<i16> {
        let written = self.raw(name).trim();
        if written.is_empty() {
            return None;
        }
        let year = written
            .parse::<i16>()
            .ok()
            .filter(|year| (1990..=2100).contains(year));
        if year.is_none() {
            self.wrong(name, format!("Attendu\u{a0}: une année entre 1990 et 2100, par exemple 2026\u{a0}; «\u{a0}{written}\u{a0}» n’en est pas une."));
        }
        year
    }

    fn needed_year(&mut self, name: &str) -> Option<i16> {
        if self.raw(name).trim().is_empty() {
            self.wrong(name, "Donnez l’année, par exemple 2026.");
        }
        self.year(name)
    }

    fn day(&mut self, name: &str) -> Option<Date> {
        let written = self.raw(name).trim();
        if written.is_empty() {
            return None;
        }
        let parts: Vec<&str> = written.split('/').collect();
        let day = match parts.as_slice() {
            [day, month, year] if year.len() == 4 => match (year.parse(), month.parse(), day.parse()) {
                (Ok(year), Ok(month), Ok(day)) => Date::new(year, month, day).ok(),
                _ => None,
            },
            _ => written.parse::<Date>().ok(),
        };
        let day = day.filter(|day| (1990..=2100).contains(&day.year()));
        if day.is_none() {
            self.wrong(name, format!("«\u{a0}{written}\u{a0}» n’est pas une date\u{a0}: écrivez-la comme 2026-03-15 ou 15/03/2026."));
        }
        day
    }

    /// `2026 : 110 ; 2028 : 95`.
    fn milestones(&mut self, name: &str) -> BTreeMap<i16, f64> {
        let mut found = BTreeMap::new();
        for part in self
            .raw(name)
            .split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            let pair = part.split_once(':').and_then(|(year, value)| {
                let year: i16 = year.trim().parse().ok()?;
                let value: f64 = value
                    .chars()
                    .filter(|c| !c.is_whitespace())
                    .map(|c| if c == ',' { '.' } else { c })
                    .collect::<String>()
                    .parse()
                    .ok()?;
                (value.is_finite() && (0.0..=1e15).contains(&value)).then_some((year, value))
            });
            match pair {
                Some((year, value)) => {
                    found.insert(year, value);
                }
                None => self.wrong(
                    name,
                    format!("«\u{a0}{part}\u{a0}» n’est pas un jalon\u{a0}: écrivez «\u{a0}2027 : 102\u{a0}», et séparez-les par un point-virgule."),
                ),
            }
        }
        found
    }
}
