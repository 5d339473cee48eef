//! Values of indicators: by hand, from a pasted table, or worked out from the records. None is ever overwritten.

use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::text::fold_key;
use sobria_exchange::lines;
use sobria_govern::procurement::Problem;
use sobria_govern::roadmap::form::read_value;
use sobria_govern::roadmap::paper::{figure, with_unit};
use sobria_govern::roadmap::strategy::Goal;
use sobria_govern::roadmap::value::{Period, Quality, Value};
use sobria_store::IndicatorValue;
use uuid::Uuid;

use super::facts::gather;
use super::paste::{self, step};
use super::{Filled, Roadmap, choices, show_forms};
use crate::app::App;
use crate::error::WebError;
use crate::posted::{Fields, SignedForm};
use crate::routes::account::see_other;
use crate::routes::cards::day_words;
use crate::view::{FormBlock, FormField, ProseSection, ProseTable, RichText};

/// Columns of the table that is pasted.
const COLUMNS: [&str; 3] = ["objectif", "periode", "valeur"];

/// The page.
pub async fn show(
    app: &App,
    road: &Roadmap,
    csrf: &str,
    typed: &Fields,
    problems: &[Problem],
    preview: Option<FormBlock>,
    status: StatusCode,
) -> Result<Response, WebError> {
    let mut page = road.page(app, "Valeurs des indicateurs", &road.organisation.name, "valeurs");
    let goals = &road.strategy.goals;
    if goals.is_empty() {
        page.notice = Some(RichText::parse(
            "Décrivez d’abord un objectif\u{a0}: une valeur se rattache à son indicateur.",
        ));
        return show_forms(page, Vec::new(), problems, status);
    }
    let mut blocks = Vec::new();
    blocks.extend(preview);
    if road.writes {
        let form = Filled {
            fields: typed,
            problems,
        };
        let action = format!("{}/valeurs", road.path());
        let block = |id: &str, title: &str, text: &str, submit: &str, fields: Vec<FormField>| {
            step(&action, csrf, id, (title, text, submit), fields)
        };
        let by_hand = goals.iter().map(|goal| {
            (
                goal.id.clone(),
                format!("{}\u{a0}: {} ({})", goal.label, goal.indicator, goal.unit),
            )
        });
        blocks.push(block(
            "ajouter",
            "Ajouter une valeur",
            "Une valeur de la même période remplace l’affichage de la précédente, qui reste dans l’historique.",
            "Ajouter",
            vec![
                form.select("objectif", "Objectif", by_hand),
                form.line("periode", "Période").required().hint("Une année, 2026, ou un mois, 2026-03."),
                form.line("valeur", "Valeur").required(),
                form.line("basse", "Borne basse"),
                form.line("haute", "Borne haute"),
                form.select("qualite", "Qualité", choices(&Quality::ALL, Quality::code, Quality::label)),
                form.line("source", "Source ou preuve").hint("Pour l’organisation et la modération seules."),
            ],
        ));
        let computed = computed(app, road).await?;
        if !computed.is_empty() {
            let mut own = block(
                "calculer",
                "Relever les valeurs calculées",
                "La bibliothèque les tire aujourd’hui des fiches, de leurs évaluations et du journal des formations. Un relevé automatique a lieu chaque mois.",
                "Relever ces valeurs",
                Vec::new(),
            );
            own.table = Some(ProseTable {
                caption: "Valeurs d’aujourd’hui".to_owned(),
                headers: ["Objectif", "Valeur", "D’après"].map(str::to_owned).to_vec(),
                rows: computed
                    .iter()
                    .map(|(goal, value, words)| {
                        vec![
                            goal.label.clone(),
                            value.map_or_else(
                                || "Non calculable".to_owned(),
                                |value| with_unit(value, &goal.unit),
                            ),
                            words.clone(),
                        ]
                    })
                    .collect(),
            });
            blocks.push(own);
        }
        blocks.push(paste::ask(
            &action,
            csrf,
            &form,
            "Collez les lignes d’un tableur, avec l’en-tête **objectif;periode;valeur;basse;haute;qualite;source**. L’objectif se nomme par son intitulé ou son identifiant. Rien n’est enregistré avant l’aperçu.",
        ));
    }
    let mut section = ProseSection::new("historique", "Historique", "");
    if road.rows.is_empty() {
        section.text = RichText::parse("Aucune valeur n’est encore relevée.");
    } else {
        section.table = Some(history(road));
    }
    page.sections.push(section);
    show_forms(page, blocks, problems, status)
}

fn history(road: &Roadmap) -> ProseTable {
    ProseTable {
        caption: "Les cent dernières valeurs écrites".to_owned(),
        headers: ["Objectif", "Période", "Valeur", "Qualité", "Source", "Écrite le"]
            .map(str::to_owned)
            .to_vec(),
        rows: road
            .rows
            .iter()
            .rev()
            .take(100)
            .map(|row| {
                let goal = road.strategy.goal(&row.goal);
                let quality = Quality::named(&row.quality).unwrap_or_default();
                vec![
                    goal.map_or_else(|| "Objectif retiré".to_owned(), |goal| goal.label.clone()),
                    row.period.clone(),
                    goal.map_or_else(|| figure(row.value), |goal| with_unit(row.value, &goal.unit)),
                    quality.label().to_owned(),
                    if row.evidence.is_empty() {
                        "–".to_owned()
                    } else {
                        row.evidence.clone()
                    },
                    day_words(row.made_at),
                ]
            })
            .collect(),
    }
}

/// The objectives that the library follows by itself, with what it finds today.
pub async fn computed(app: &App, road: &Roadmap) -> Result<Vec<(Goal, Option<f64>, String)>, WebError> {
    if road.strategy.goals.iter().all(|goal| goal.computed.is_empty()) {
        return Ok(Vec::new());
    }
    let facts = gather(app, road).await?;
    Ok(road
        .strategy
        .goals
        .iter()
        .filter_map(|goal| {
            let found = facts.computed(&goal.computed)?;
            Some((goal.clone(), found.value, found.words))
        })
        .collect())
}

/// Values worked out today, ready to be kept; what cannot be worked out is left out, never zero.
pub async fn read_off(
    app: &App,
    road: &Roadmap,
    author: Option<sobria_catalogue::id::UserId>,
) -> Result<Vec<IndicatorValue>, WebError> {
    let Ok(period) = Period::of_month(app.today()) else {
        return Ok(Vec::new());
    };
    if road.strategy.goals.iter().all(|goal| goal.computed.is_empty()) {
        return Ok(Vec::new());
    }
    let facts = gather(app, road).await?;
    let now = (app.settings.now)();
    Ok(road
        .strategy
        .goals
        .iter()
        .filter_map(|goal| {
            let found = facts.computed(&goal.computed)?;
            Some(IndicatorValue {
                id: Uuid::now_v7().to_string(),
                goal: goal.id.clone(),
                baseline: goal.baseline_number(),
                period: period.to_string(),
                value: found.value?,
                low: found.bounds.map(|(low, _)| low),
                high: found.bounds.map(|(_, high)| high),
                quality: Quality::Calculated.code().to_owned(),
                evidence: found.words,
                author,
                made_at: now,
            })
        })
        .collect())
}

fn row(value: &Value, goal: &str, form: &SignedForm, now: jiff::Timestamp) -> IndicatorValue {
    IndicatorValue {
        id: Uuid::now_v7().to_string(),
        goal: goal.to_owned(),
        baseline: value.baseline,
        period: value.period.to_string(),
        value: value.value,
        low: value.low,
        high: value.high,
        quality: value.quality.code().to_owned(),
        evidence: value.evidence.clone(),
        author: Some(form.person.account.id),
        made_at: now,
    }
}

/// Keeps values.
pub async fn post(app: &App, road: &Roadmap, form: &SignedForm) -> Result<Response, WebError> {
    let fields = &form.fields;
    let csrf = form.reader.csrf();
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    let now = (app.settings.now)();
    let done = see_other(&format!("{}/valeurs", road.path()));
    let kept = match fields.get("action") {
        "calculer" => read_off(app, road, Some(form.person.account.id)).await?,
        "apercu" | "importer" => {
            let (values, lines, problems) = match read_lines(road, fields.get("lignes"), form, now) {
                Ok(read) => read,
                Err(problem) => return show(app, road, csrf, fields, &[problem], None, wrong).await,
            };
            if fields.get("action") == "apercu" {
                let preview = paste::report(
                    &format!("{}/valeurs", road.path()),
                    csrf,
                    fields.get("lignes"),
                    values.len(),
                    lines,
                    &["Objectif", "Période", "Valeur"],
                    &problems,
                );
                return show(app, road, csrf, fields, &[], Some(preview), StatusCode::OK).await;
            }
            values
        }
        _ => {
            let Some(goal) = road.strategy.goal(fields.get("objectif")) else {
                let problem = Problem::new("objectif", "Choisissez l’objectif.");
                return show(app, road, csrf, fields, &[problem], None, wrong).await;
            };
            match read_value(goal.baseline_number(), |name| fields.get(name)) {
                Ok(value) => vec![row(&value, &goal.id, form, now)],
                Err(problems) => return show(app, road, csrf, fields, &problems, None, wrong).await,
            }
        }
    };
    if !kept.is_empty() {
        app.store
            .add_indicator_values(road.organisation.id, &kept, now)
            .await?;
        crate::refresh::at_once(app).await;
    }
    Ok(done)
}

/// Good values, cells of each good line, and what is wrong on which line.
type Read = (Vec<IndicatorValue>, Vec<Vec<String>>, Vec<(usize, String)>);

fn read_lines(road: &Roadmap, text: &str, form: &SignedForm, now: jiff::Timestamp) -> Result<Read, Problem> {
    let lines = lines::read(text, &COLUMNS).map_err(|error| Problem::new("lignes", error.to_string()))?;
    let (mut values, mut cells, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    for line in &lines {
        let name = fold_key(line.get("objectif"));
        let goal = road
            .strategy
            .goals
            .iter()
            .find(|goal| goal.id == name || fold_key(&goal.label) == name);
        let Some(goal) = goal else {
            problems.push((
                line.number,
                format!(
                    "aucun objectif ne s’appelle «\u{a0}{}\u{a0}».",
                    line.get("objectif")
                ),
            ));
            continue;
        };
        match read_value(goal.baseline_number(), |name| line.get(name)) {
            Ok(value) => {
                cells.push(vec![
                    goal.label.clone(),
                    value.period.to_string(),
                    with_unit(value.value, &goal.unit),
                ]);
                values.push(row(&value, &goal.id, form, now));
            }
            Err(found) => problems.extend(found.into_iter().map(|one| (line.number, one.message))),
        }
    }
    Ok((values, cells, problems))
}
