//! The roadmap itself: objectives, the curve of one, measures, deadlines; and the same as open data.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use serde_json::json;
use sobria_catalogue::text::fold_key;
use sobria_exchange::table::{Table, csv};
use sobria_govern::roadmap::follow::follow;
use sobria_govern::roadmap::obligation::{Authority, DEADLINES, of};
use sobria_govern::roadmap::paper::{figure, target_words, with_unit};
use sobria_govern::roadmap::sheet::Axis;
use sobria_govern::roadmap::strategy::{Goal, Stage, Strategy};
use sobria_govern::roadmap::target::Target;
use sobria_govern::roadmap::training::Trained;
use sobria_govern::roadmap::value::{Value, standing};
use sobria_store::Badge;

use super::Roadmap;
use crate::app::App;
use crate::error::WebError;
use crate::locale::{self, day};
use crate::params::pairs;
use crate::posted::Fields;
use crate::respond::{HTML, JSON, cached};
use crate::routes::account::fresh;
use crate::routes::cards::day_words;
use crate::routes::frame::render;
use crate::routes::govern::purchase::{Linked, linked};
use crate::routes::govern::{CSV, attachment};
use crate::session::Reader;
use crate::view::library::Link;
use crate::view::plot::{Axes, Plot};
use crate::view::roadmap::{GoalDetail, GoalRow, RoadmapPage};
use crate::view::{Fact, FormBlock, PaperLine, ProseSection, ProseTable, RichText};

/// The page.
///
/// # Errors
/// When there is no such organisation, or nothing of it is public and the reader is not of it.
pub async fn page(
    State(app): State<App>,
    uri: Uri,
    Path(slug): Path<String>,
    RawQuery(query): RawQuery,
    reader: Reader,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let asked = Fields::from(pairs(query.as_deref().unwrap_or("")));
    let carrier = app
        .store
        .organisation_by_slug(&slug)
        .await?
        .ok_or(WebError::NotFound)?;
    let actor = reader.actor();
    let inside = actor.contributes_for(carrier.organisation.id)
        || actor.is_at_least(sobria_catalogue::rights::Role::Moderator);
    if inside {
        let road = Roadmap::of(&app, carrier.organisation, &reader).await?;
        let bought = bought(&app, &road).await?;
        return fresh(
            StatusCode::OK,
            &made(&app, &road, asked.get("objectif"), reader.csrf(), &bought),
        );
    }
    cached(&app, &uri, &headers, HTML, async {
        let road = Roadmap::of(&app, carrier.organisation, &Reader::default()).await?;
        if road.kept.is_empty() {
            return Err(WebError::NotFound);
        }
        render(&made(&app, &road, asked.get("objectif"), "", &[]))
    })
    .await
}

/// The purchases that carry measures, for those who keep them.
async fn bought(app: &App, road: &Roadmap) -> Result<Vec<Linked>, WebError> {
    if road.writes {
        linked(app, road.organisation.id).await
    } else {
        Ok(Vec::new())
    }
}

fn made(app: &App, road: &Roadmap, chosen: &str, csrf: &str, bought: &[Linked]) -> RoadmapPage {
    let strategy = &road.strategy;
    let root = road.path();
    let name = &road.organisation.name;
    let title = if strategy.title.is_empty() {
        "Feuille de route"
    } else {
        &strategy.title
    };
    let mut page = road.page(app, title, name, "");
    page.layout.description =
        format!("La stratégie numérique responsable de {name}\u{a0}: objectifs, mesures et indicateurs.");
    let Some(newest) = road.newest() else {
        page.notice = Some(RichText::parse(
            "**Rien n’est encore écrit.** Commencez par le titre et le cadre de la stratégie\u{202f}; les objectifs et les mesures viennent ensuite, un par un.",
        ));
        if road.writes {
            page.downloads = vec![Link::new("Commencer la stratégie", format!("{root}/strategie"))];
        }
        page.sections.push(deadlines(app, road));
        return page;
    };
    page.facts = facts(app, road);
    page.goals = goals(app, road);
    page.detail = strategy
        .goal(chosen)
        .or(strategy.goals.first())
        .map(|goal| detail(app, road, goal));
    if let Some(section) = measures(strategy, bought) {
        page.sections.push(section);
    }
    if let Some(section) = frame_section(strategy) {
        page.sections.push(section);
    }
    page.sections.push(deadlines(app, road));
    page.foot = format!(
        "Version {} du {}. Données sous {}. Les effets évités restent hors des totaux.",
        newest.number,
        day_words(newest.made_at),
        app.settings.site.licence
    );
    if road.writes {
        page.downloads.extend([
            Link::new("Modifier le cadre", format!("{root}/strategie")),
            Link::new("Ajouter un objectif", format!("{root}/objectif")),
            Link::new("Ajouter une mesure", format!("{root}/mesure")),
        ]);
    }
    if newest.published_at.is_some() {
        page.downloads.extend([
            Link::new("Valeurs en CSV", format!("{root}.csv")),
            Link::new("Tout en JSON", format!("{root}.json")),
        ]);
    }
    if road.writes || road.moderates {
        let mut papers = ProseSection::new(
            "documents",
            "Documents",
            "Chaque document porte sa date, sa version et la mention «\u{a0}à faire relire par le service juridique\u{a0}».",
        );
        let year = app.today().year();
        papers.papers = [
            (format!("Bilan annuel {year}"), format!("bilan-{year}")),
            (
                format!("Bilan annuel {}", year - 1),
                format!("bilan-{}", year - 1),
            ),
            ("Programme de travail".to_owned(), "programme".to_owned()),
        ]
        .into_iter()
        .map(|(label, what)| PaperLine {
            label,
            note: String::new(),
            links: ["odt", "docx", "md"]
                .map(|ending| Link::new(ending.to_uppercase(), format!("{root}/document/{what}.{ending}")))
                .to_vec(),
        })
        .collect();
        page.sections.push(papers);
        page.sections.push(versions(road));
    }
    if road.moderates {
        page.blocks = decisions(road, csrf);
    }
    page
}

fn facts(app: &App, road: &Roadmap) -> Vec<Fact> {
    let strategy = &road.strategy;
    let mut facts = vec![Fact::new("État", strategy.stage.label())];
    if let Some(adopted) = strategy.adopted_on {
        facts.push(Fact::new("Adoptée le", day(adopted)));
    }
    if let (Some(start), Some(end)) = (strategy.start_year, strategy.end_year) {
        facts.push(Fact::new("Période", format!("{start}-{end}")));
    }
    let (words, population) = obligation(road);
    facts.push(Fact::new("Pour la loi REEN", words));
    if let Some(population) = population {
        let label = road
            .strategy
            .population_year
            .map_or_else(|| "Habitants".to_owned(), |year| format!("Habitants en {year}"));
        facts.push(Fact::new(label, locale::integer(u64::from(population))));
    }
    if let (Some(kg), Some(year)) = (strategy.footprint_kg, strategy.footprint_year) {
        facts.push(Fact::new(
            format!("Empreinte du numérique en {year}, saisie d’un autre outil"),
            with_unit(kg / 1000.0, "tCO₂e"),
        ));
    }
    let trained = Trained::of(&road.sessions, strategy.staff, strategy.elected, app.today());
    if let Some(share) = trained.all {
        facts.push(Fact::new(
            "Agents et élus formés depuis 24 mois, au plus",
            format!("{}\u{a0}%", figure(share)),
        ));
    }
    for one in road
        .appointments
        .iter()
        .filter(|one| one.public && one.holds(app.today()))
    {
        facts.push(Fact {
            label: one.role.label().to_owned(),
            value: one.generic_email.clone(),
            href: Some(format!("mailto:{}", one.generic_email)),
        });
    }
    facts
}

/// Whether the law asks for it, and for how many inhabitants.
pub(super) fn obligation(road: &Roadmap) -> (&'static str, Option<u32>) {
    let kind = fold_key(road.organisation.kind.as_deref().unwrap_or(""));
    let authority = match kind.as_str() {
        "commune" => Authority::Commune,
        "epci" | "intercommunalite" | "groupement" | "metropole" => Authority::Grouping,
        _ => Authority::Other,
    };
    let population = road.strategy.population.or(road.organisation.population);
    (of(authority, population.map(u64::from)).label(), population)
}

fn base_words(goal: &Goal) -> String {
    goal.baseline().map_or_else(
        || "–".to_owned(),
        |baseline| {
            baseline.value.map_or_else(
                || format!("{}\u{a0}: inconnue", baseline.year),
                |value| format!("{} en {}", with_unit(value, &goal.unit), baseline.year),
            )
        },
    )
}

fn target_of(goal: &Goal) -> String {
    let mut words = target_words(goal.target, &goal.unit);
    if let (Target::Relative(_), Some(value)) = (goal.target, goal.objective().and_then(|one| one.value())) {
        words.push_str(&format!(", soit {}", with_unit(value, &goal.unit)));
    }
    format!("{words} en {}", goal.target_year)
}

fn goals(app: &App, road: &Roadmap) -> Vec<GoalRow> {
    let mut list: Vec<&Goal> = road.strategy.goals.iter().collect();
    list.sort_by_key(|goal| (goal.theme, goal.axis));
    list.into_iter()
        .map(|goal| {
            let followed = follow(goal, road.values_of(&goal.id), app.today());
            GoalRow {
                label: goal.label.clone(),
                href: format!("{}?objectif={}#objectif", road.path(), goal.id),
                theme: format!("{} · {}", goal.theme.label(), goal.axis.label()),
                base: base_words(goal),
                target: target_of(goal),
                last: followed.last.map_or_else(
                    || "–".to_owned(),
                    |value| format!("{} ({})", with_unit(value.value, &goal.unit), value.period),
                ),
                status_code: followed.status.code(),
                status: followed.status.label(),
            }
        })
        .collect()
}

/// The last value of each year.
fn yearly(values: &[Value], baseline: u32) -> Vec<(i16, f64)> {
    let mut points: Vec<(i16, f64)> = Vec::new();
    for value in standing(values, baseline) {
        match points.last_mut() {
            Some((year, last)) if *year == value.period.year() => *last = value.value,
            _ => points.push((value.period.year(), value.value)),
        }
    }
    points
}

fn detail(app: &App, road: &Roadmap, goal: &Goal) -> GoalDetail {
    let values = road.values_of(&goal.id);
    let followed = follow(goal, values, app.today());
    let mut lines = vec![format!(
        "Indicateur\u{a0}: {} ({}), {}. Base\u{a0}: {}. Cible\u{a0}: {}.",
        goal.indicator,
        goal.unit,
        if goal.direction == sobria_govern::roadmap::target::Direction::Up {
            "à monter"
        } else {
            "à baisser"
        },
        base_words(goal),
        target_of(goal)
    )];
    if !goal.computed.is_empty() {
        lines.push(
            "Cet indicateur est calculé par la bibliothèque, à partir des fiches et de leurs évaluations."
                .to_owned(),
        );
    }
    if let Some(last) = followed.last {
        let mut words = format!(
            "Dernière valeur\u{a0}: {} ({}).",
            with_unit(last.value, &goal.unit),
            last.period
        );
        if let Some(progress) = followed.progress {
            words.push_str(&format!(
                " Chemin parcouru\u{a0}: {}\u{a0}%.",
                locale::decimal(progress, 1)
            ));
        }
        if let Some(gap) = followed.gap {
            words.push_str(&format!(
                " Écart à la trajectoire\u{a0}: {}\u{a0}%{}.",
                locale::decimal(gap.abs() * 100.0, 1),
                if gap > 0.0 { " de retard" } else { " d’avance" }
            ));
        }
        lines.push(words);
    }
    if goal.baseline().is_some_and(|baseline| baseline.value.is_none()) {
        lines.push("Sans valeur de base, une cible en pourcentage ne se calcule pas\u{a0}: elle n’est pas de 0\u{a0}%.".to_owned());
    }
    let former = goal.baselines.len().saturating_sub(1);
    if former > 0 {
        lines.push(
            "La base a changé\u{a0}: la trajectoire et les valeurs d’avant restent tracées, en pointillé."
                .to_owned(),
        );
    }
    let links = if road.writes {
        vec![
            Link::new(
                "Modifier cet objectif",
                format!("{}/objectif?id={}", road.path(), goal.id),
            ),
            Link::new(
                "Ajouter une valeur",
                format!("{}/valeurs?objectif={}#ajouter", road.path(), goal.id),
            ),
        ]
    } else {
        Vec::new()
    };
    GoalDetail {
        title: goal.label.clone(),
        status_code: followed.status.code(),
        status: followed.status.label(),
        lines,
        plot: plot(goal, values),
        table: table(goal, values),
        links,
    }
}

fn plot(goal: &Goal, values: &[Value]) -> Option<Plot> {
    let present = goal.baseline_number();
    let own = yearly(values, present);
    let baseline = goal.baseline()?;
    let way: Vec<(i16, f64)> = (baseline.year..=goal.target_year)
        .take(60)
        .filter_map(|year| Some((year, goal.expected(year)?)))
        .collect();
    let mut old_way = Vec::new();
    let mut old_values = Vec::new();
    // The baseline before is drawn; those before it are in the table.
    if let Some(before) = present.checked_sub(1) {
        let index = usize::try_from(before).unwrap_or(usize::MAX);
        if let Some(former) = goal.baselines.get(index) {
            let objective = goal.objective_from(former);
            old_way = (former.year..=goal.target_year)
                .take(60)
                .filter_map(|year| Some((year, objective.trajectory(year)?)))
                .collect();
            old_values = yearly(values, before);
        }
    }
    let all = || own.iter().chain(&way).chain(&old_way).chain(&old_values);
    let (first, last) = (
        all().map(|(year, _)| *year).min()?,
        all().map(|(year, _)| *year).max()?,
    );
    let highest = all().map(|(_, value)| *value).fold(0.0, f64::max);
    let axes = Axes::new(first, last, highest);
    let mut traces = Vec::new();
    for (class, label, points) in [
        ("c4", "ancienne trajectoire", &old_way),
        ("c3", "anciennes valeurs", &old_values),
        ("c2", "trajectoire", &way),
        ("c1", "valeurs", &own),
    ] {
        if points.len() > 1 {
            traces.push(axes.curve(class, label, points));
        }
    }
    let dots = own
        .last()
        .map(|(year, value)| axes.dot(*year, *value, figure(*value)))
        .into_iter()
        .collect();
    if traces.is_empty() && own.is_empty() {
        return None;
    }
    let said = match (own.first(), own.last()) {
        (Some((first, a)), Some((last, b))) if first != last => format!(
            "De {} en {first} à {} en {last}. Le point est la dernière valeur.",
            with_unit(*a, &goal.unit),
            with_unit(*b, &goal.unit)
        ),
        (Some((year, value)), _) => format!(
            "Une seule valeur\u{a0}: {} en {year}.",
            with_unit(*value, &goal.unit)
        ),
        _ => "Aucune valeur n’est encore relevée\u{a0}: seule la trajectoire est tracée.".to_owned(),
    };
    Some(Plot::new("courbe", &goal.indicator, &goal.unit, axes, traces, dots).said(said))
}

fn table(goal: &Goal, values: &[Value]) -> Option<ProseTable> {
    if values.is_empty() {
        return None;
    }
    let rows = values
        .iter()
        .rev()
        .take(20)
        .map(|value| {
            let range = match (value.low, value.high) {
                (Some(low), Some(high)) => format!("{} à {}", figure(low), figure(high)),
                (Some(low), None) => format!("au moins {}", figure(low)),
                (None, Some(high)) => format!("au plus {}", figure(high)),
                (None, None) => "–".to_owned(),
            };
            let index = usize::try_from(value.baseline).unwrap_or(usize::MAX);
            vec![
                value.period.to_string(),
                with_unit(value.value, &goal.unit),
                range,
                value.quality.label().to_owned(),
                goal.expected(value.period.year())
                    .filter(|_| value.baseline == goal.baseline_number())
                    .map_or_else(|| "–".to_owned(), |expected| with_unit(expected, &goal.unit)),
                goal.baselines
                    .get(index)
                    .map_or_else(|| "–".to_owned(), |baseline| baseline.year.to_string()),
            ]
        })
        .collect();
    Some(ProseTable {
        caption: "Valeurs relevées, la plus récemment écrite d’abord\u{202f}; aucune n’est effacée"
            .to_owned(),
        headers: ["Période", "Valeur", "Fourchette", "Qualité", "Attendu", "Base"]
            .map(str::to_owned)
            .to_vec(),
        rows,
    })
}

fn measures(strategy: &Strategy, bought: &[Linked]) -> Option<ProseSection> {
    if strategy.measures.is_empty() {
        return None;
    }
    let mut section = ProseSection::new("mesures", "Mesures", "");
    if strategy.measures.iter().any(|measure| measure.sheet == "r4")
        || strategy.goals.iter().any(|goal| goal.computed == "r4")
    {
        section.links = vec![Link::new("Préparer un achat responsable", "/maitriser/achat")];
    }
    for measure in &strategy.measures {
        for purchase in bought.iter().filter(|one| measure.purchases.contains(&one.id)) {
            let words = format!(
                "«\u{a0}{}\u{a0}»\u{a0}: achat «\u{a0}{}\u{a0}», {}",
                measure.label,
                purchase.title,
                purchase.stage.to_lowercase()
            );
            section.links.push(Link::new(words, purchase.path.clone()));
        }
    }
    let mut rows = Vec::new();
    for axis in Axis::ALL {
        for goal in strategy.goals.iter().filter(|goal| goal.axis == axis) {
            for measure in strategy.measures_of(&goal.id) {
                let mut state = measure.stage.label().to_owned();
                if let Some(part) = measure.progress_pct {
                    state.push_str(&format!(", {}\u{a0}%", figure(part)));
                }
                if !measure.drop_reason.is_empty() {
                    state.push_str(&format!("\u{a0}: {}", measure.drop_reason));
                }
                rows.push(vec![
                    measure.label.clone(),
                    goal.label.clone(),
                    state,
                    match (measure.start, measure.end) {
                        (Some(start), Some(end)) => format!("{start}-{end}"),
                        (Some(one), None) | (None, Some(one)) => one.to_string(),
                        (None, None) => "–".to_owned(),
                    },
                    measure
                        .budget_eur
                        .map_or_else(|| "–".to_owned(), |budget| with_unit(budget, "€ HT")),
                ]);
            }
        }
    }
    section.table = Some(ProseTable {
        caption: "Ce qui est fait, par axe puis par objectif".to_owned(),
        headers: ["Mesure", "Objectif", "État", "Années", "Budget"]
            .map(str::to_owned)
            .to_vec(),
        rows,
    });
    Some(section)
}

fn frame_section(strategy: &Strategy) -> Option<ProseSection> {
    let mut text = String::new();
    if !strategy.deliberation.is_empty() {
        text.push_str(&format!("Délibération\u{a0}: {}.\n\n", strategy.deliberation));
    }
    text.push_str(&strategy.means);
    (!text.trim().is_empty()).then(|| ProseSection::new("moyens", "Périmètre et moyens", &text))
}

fn deadlines(app: &App, road: &Roadmap) -> ProseSection {
    let mut section = ProseSection::new(
        "echeances",
        "Ce que demande la loi",
        &format!("Pour cette organisation\u{a0}: {}.", obligation(road).0),
    );
    let programme = road.strategy.programme.published_on.is_some();
    let adopted = matches!(
        road.strategy.stage,
        Stage::Adopted | Stage::UnderReview | Stage::Closed
    );
    section.table = Some(ProseTable {
        caption: "Échéances et sources".to_owned(),
        headers: ["Quoi", "Au plus tard", "Ici", "Source"]
            .map(str::to_owned)
            .to_vec(),
        rows: DEADLINES
            .iter()
            .enumerate()
            .map(|(at, one)| {
                let here = match (at, programme, adopted) {
                    (0, true, _) | (1, _, true) => "Fait",
                    (2, ..) => "Chaque année, dans les documents ci-dessous",
                    _ if one.by.is_some_and(|by| by < app.today()) => "Non renseigné, date passée",
                    _ => "Non renseigné",
                };
                vec![
                    one.what.to_owned(),
                    one.by.map_or_else(|| "chaque année".to_owned(), day),
                    here.to_owned(),
                    format!("{} ({})", one.source, one.confidence.label()),
                ]
            })
            .collect(),
    });
    section
}

fn versions(road: &Roadmap) -> ProseSection {
    let lines: Vec<String> = road
        .kept
        .iter()
        .take(20)
        .map(|stored| {
            let state = match (stored.published_at, stored.badge) {
                (Some(at), _) => format!("publique depuis le {}", day_words(at)),
                (None, Badge::Granted) => "à relire par la modération".to_owned(),
                (None, _) => "pour l’organisation".to_owned(),
            };
            format!(
                "- Version {}, {}\u{a0}: {state}",
                stored.number,
                day_words(stored.made_at)
            )
        })
        .collect();
    ProseSection::new("historique", "Historique", &lines.join("\n"))
}

fn decisions(road: &Roadmap, csrf: &str) -> Vec<FormBlock> {
    let Some(newest) = road.newest() else {
        return Vec::new();
    };
    let block = |id: &str, title: &str, text: &str, submit: &str| FormBlock {
        id: id.to_owned(),
        title: title.to_owned(),
        text: RichText::parse(text),
        action: format!("{}/publication", road.path()),
        csrf: csrf.to_owned(),
        hidden: vec![
            ("action".to_owned(), id.to_owned()),
            ("version".to_owned(), newest.id.clone()),
        ],
        submit: submit.to_owned(),
        ..FormBlock::default()
    };
    let mut blocks = Vec::new();
    if newest.published_at.is_none() && road.strategy.public {
        blocks.push(block(
            "publier",
            "Publier",
            "L’organisation demande que cette version soit publique. Une fois publiée, tout ce que montre cette page, documents et historique à part, peut être lu par tous.",
            "Publier cette version",
        ));
    }
    blocks.push(block(
        "retirer",
        "Retirer",
        "Retirer efface cette version pour de bon\u{202f}; la précédente reprend sa place.",
        "Retirer cette version",
    ));
    blocks
}

/// The same as open data: `.csv` holds values, `.json` everything that is public.
///
/// # Errors
/// When nothing of it is public.
pub async fn file(State(app): State<App>, uri: Uri, Path(slug): Path<String>) -> Result<Response, WebError> {
    let road = Roadmap::load(&app, &slug, &Reader::default()).await?;
    if road.kept.is_empty() {
        return Err(WebError::NotFound);
    }
    let strategy = &road.strategy;
    let text = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    if uri.path().ends_with(".csv") {
        let rows = road
            .rows
            .iter()
            .filter_map(|row| {
                let goal = strategy.goal(&row.goal)?;
                Some(vec![
                    goal.id.clone(),
                    goal.label.clone(),
                    goal.theme.code().to_owned(),
                    goal.axis.code().to_owned(),
                    goal.indicator.clone(),
                    goal.unit.clone(),
                    row.period.clone(),
                    row.value.to_string(),
                    text(row.low),
                    text(row.high),
                    row.quality.clone(),
                    row.baseline.to_string(),
                    text(
                        row.period
                            .get(..4)
                            .and_then(|year| year.parse().ok())
                            .and_then(|year| goal.expected(year)),
                    ),
                    row.made_at.to_string(),
                ])
            })
            .collect();
        let table = Table {
            title: "Feuille de route".to_owned(),
            headers: [
                "objectif",
                "libelle",
                "theme",
                "axe",
                "indicateur",
                "unite",
                "periode",
                "valeur",
                "basse",
                "haute",
                "qualite",
                "base",
                "attendu",
                "ecrite_le",
            ]
            .map(str::to_owned)
            .to_vec(),
            rows,
        };
        let bytes = csv(&table).map_err(|error| WebError::Internal(error.to_string()))?;
        return Ok(attachment(bytes, CSV, &format!("feuille-de-route-{slug}.csv")));
    }
    let today = app.today();
    let document = json!({
        "organisation": road.organisation.to_json(),
        "url": format!("{}{}", app.settings.base_url, road.path()),
        "licence": app.settings.site.licence,
        "version": road.version(),
        "title": strategy.title,
        "stage": strategy.stage,
        "adopted_on": strategy.adopted_on,
        "start_year": strategy.start_year,
        "end_year": strategy.end_year,
        "objectives": strategy.goals.iter().map(|goal| {
            let values = road.values_of(&goal.id);
            let followed = follow(goal, values, today);
            json!({
                "id": goal.id, "label": goal.label, "theme": goal.theme, "axis": goal.axis,
                "indicator": goal.indicator, "unit": goal.unit, "direction": goal.direction,
                "computed": !goal.computed.is_empty(),
                "baselines": goal.baselines, "target_year": goal.target_year, "target": goal.target,
                "target_value": followed.target, "milestones": goal.milestones,
                "status": followed.status, "progress_pct": followed.progress,
                "values": values.iter().map(|value| json!({
                    "period": value.period.to_string(), "value": value.value, "low": value.low, "high": value.high,
                    "quality": value.quality, "baseline": value.baseline,
                })).collect::<Vec<_>>(),
            })
        }).collect::<Vec<_>>(),
        "measures": strategy.measures.iter().map(|measure| json!({
            "id": measure.id, "objective": measure.goal, "sheet": measure.sheet, "label": measure.label,
            "description": measure.description, "start": measure.start, "end": measure.end,
            "budget_eur": measure.budget_eur, "fte": measure.fte, "stage": measure.stage,
            "drop_reason": measure.drop_reason, "progress_pct": measure.progress_pct,
            "expected_effect": measure.expected_effect,
        })).collect::<Vec<_>>(),
    });
    let mut response = attachment(
        document.to_string().into_bytes(),
        JSON,
        &format!("feuille-de-route-{slug}.json"),
    );
    response
        .headers_mut()
        .remove(axum::http::header::CONTENT_DISPOSITION);
    Ok(response)
}
