//! An organisation's own uses: a few lines in, three curves out.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use sobria_catalogue::access::Level;
use sobria_estimate::french::{Scale, range, significant};
use sobria_govern::scenarios::local::{
    Bounded, ELASTICITIES, Outlook, Problem, Question, Use, levers, project,
};

use super::{USES_PATH, csv as table_file, drawing, page as scenario_page, table};
use crate::app::App;
use crate::error::WebError;
use crate::locale::{decimal, typographic};
use crate::respond::{HTML, cached};
use crate::routes::estimate::form::Form;
use crate::routes::frame::render;
use crate::routes::personal::published;
use crate::view::estimate::{Control, FormField};
use crate::view::library::Link;
use crate::view::plot::{Axes, Plot, Trace};
use crate::view::scenarios::{ScenarioSection, ScenariosPage};

/// Most uses of one address.
const USES: usize = 5;
/// Names and dashes of the three curves.
const CURVES: [(&str, &str); 3] = [
    ("c1", "sans rebond"),
    ("c2", "rebond partiel (0,5)"),
    ("c3", "rebond fort (1,2)"),
];
/// An address that shows what the page does.
const EXAMPLE: &str = "/maitriser/scenarios/usages?nom1=Assistant+de+r%C3%A9daction&agents1=1000&adoption1=80&requetes1=1760&wh1=0,5+%C3%A0+3,5&gain1=15&mediane1=2027,5&vitesse1=0,9&de=2026&a=2030&plafond=1500&intensite=";

/// Fields of one use, in the order of the page: field of the address, field of the calculation, label, unit, help.
const FIELDS: [(&str, &str, &str, &str, &str); 10] = [
    ("nom", "name", "Nom de l’usage", "", ""),
    ("agents", "users", "Personnes qui pourraient s’en servir", "", ""),
    ("requetes", "requests", "Requêtes par personne et par an", "", ""),
    (
        "wh",
        "energy_wh",
        "Énergie d’une requête",
        "Wh",
        "Un nombre ou une fourchette, par exemple 0,5 à 3\u{a0}: prenez-la d’un calculateur.",
    ),
    (
        "gain",
        "efficiency",
        "Énergie gagnée chaque année par requête",
        "%",
        "Ce que le fournisseur promet, ou ce que vous avez constaté.",
    ),
    (
        "adoption",
        "adoption_max",
        "Part des personnes qui s’en serviront à terme",
        "%",
        "100 si vous laissez vide.",
    ),
    (
        "mediane",
        "median_year",
        "Année où la moitié d’entre elles s’en servent",
        "",
        "La première année si vous laissez vide.",
    ),
    (
        "vitesse",
        "speed",
        "Vitesse d’adoption",
        "de 0,1 à 5",
        "1 si vous laissez vide\u{a0}: de 12 à 88\u{a0}% en quatre ans.",
    ),
    (
        "fixe",
        "fixed_kwh",
        "Énergie qui ne dépend pas des requêtes",
        "kWh par an",
        "",
    ),
    (
        "fabrication",
        "embodied_kg",
        "Fabrication comptée chaque année",
        "kg CO₂e par an",
        "",
    ),
];

struct Asked {
    question: Question,
    shown: usize,
}

fn count(form: &Form) -> usize {
    let filled = (1..=USES)
        .filter(|number| {
            FIELDS
                .iter()
                .any(|(name, ..)| form.text(&format!("{name}{number}")).is_some())
        })
        .max()
        .unwrap_or(0);
    let asked: usize = form.value("usages").parse().unwrap_or(1);
    asked.clamp(1, USES).max(filled)
}

fn year(form: &mut Form, name: &str, default: i16) -> i16 {
    match form.number(name) {
        None => default,
        Some(value) => (2000..=2100)
            .find(|year| (f64::from(*year) - value).abs() < 1e-9)
            .unwrap_or_else(|| {
                form.refuse(name, "Attendu\u{a0}: une année entre 2000 et 2100.");
                default
            }),
    }
}

/// A value that must be given.
fn needed(form: &mut Form, name: &str) -> f64 {
    let missing = form.text(name).is_none();
    let value = form.number(name);
    if missing {
        form.refuse(name, "Il manque un nombre.");
    }
    value.unwrap_or(0.0)
}

fn read(form: &mut Form, this_year: i16) -> Asked {
    let from = year(form, "de", this_year);
    let to = year(form, "a", from.saturating_add(9));
    let shown = count(form);
    let mut uses = Vec::new();
    for number in 1..=shown {
        let of = |name: &str| format!("{name}{number}");
        if FIELDS.iter().all(|(name, ..)| form.text(&of(name)).is_none()) {
            continue;
        }
        if form.text(&of("wh")).is_none() {
            form.refuse(&of("wh"), "Il manque un nombre ou une fourchette.");
        }
        let energy_wh = form
            .bounds(&of("wh"))
            .map_or(Bounded::point(0.0), |bounds| Bounded {
                low: bounds.min,
                central: (bounds.min + bounds.max) / 2.0,
                high: bounds.max,
            });
        let one = Use {
            name: form
                .text(&of("nom"))
                .map_or_else(|| format!("Usage {number}"), str::to_owned),
            users: needed(form, &of("agents")),
            requests: needed(form, &of("requetes")),
            efficiency: needed(form, &of("gain")) / 100.0,
            adoption_max: form.number(&of("adoption")).unwrap_or(100.0) / 100.0,
            median_year: form.number(&of("mediane")).unwrap_or(f64::from(from)),
            speed: form.number(&of("vitesse")).unwrap_or(1.0),
            fixed_kwh: form.number(&of("fixe")).unwrap_or(0.0),
            embodied_kg: form.number(&of("fabrication")).unwrap_or(0.0),
            energy_wh,
            reference_year: from,
        };
        refuse_all(form, &one.problems(), |field| {
            FIELDS
                .iter()
                .find(|(_, known, ..)| *known == field)
                .map(|(name, ..)| of(name))
        });
        uses.push(one);
    }
    let question = Question {
        uses,
        from,
        to,
        cap_kwh: form.number("plafond"),
        grams_per_kwh: form.number("intensite"),
    };
    refuse_all(form, &question.problems(), |field| {
        let name = match field {
            "from" => "de",
            "to" => "a",
            "cap_kwh" => "plafond",
            _ => "intensite",
        };
        Some(name.to_owned())
    });
    Asked { question, shown }
}

fn refuse_all(form: &mut Form, problems: &[Problem], field_of: impl Fn(&'static str) -> Option<String>) {
    for problem in problems {
        if let Some(name) = field_of(problem.field) {
            form.refuse(&name, problem.message);
        }
    }
}

/// What a record already says, proposed for the first use: name, requests, energy of one of them.
struct Proposed {
    name: String,
    requests: String,
    energy: String,
    origin: String,
}

async fn proposed(app: &App, form: &Form) -> Result<Option<Proposed>, WebError> {
    let Some(slug) = form.text("fiche") else {
        return Ok(None);
    };
    let record = published(app, slug).await?;
    let found = app.store.evaluations_of(&[record.id], Level::Public).await?;
    let newest = found.iter().find(|one| one.requests_per_year > 0);
    Ok(Some(match newest {
        Some(one) => {
            let requests = u32::try_from(one.requests_per_year).map_or(f64::from(u32::MAX), f64::from);
            let each = |kwh: f64| significant(kwh * 1000.0 / requests, 3);
            Proposed {
                name: record.content.title().to_owned(),
                requests: one.requests_per_year.to_string(),
                energy: format!("{} à {}", each(one.energy_kwh.low), each(one.energy_kwh.high)),
                origin: format!(
                    "Proposé d’après l’évaluation «\u{a0}{}\u{a0}» de la fiche.",
                    one.title
                ),
            }
        }
        None => Proposed {
            name: record.content.title().to_owned(),
            requests: String::new(),
            energy: String::new(),
            origin: "La fiche n’a pas encore d’évaluation\u{a0}: seul son nom est repris.".to_owned(),
        },
    }))
}

fn groups(form: &Form, shown: usize, proposed: Option<&Proposed>) -> Vec<(String, Vec<FormField>)> {
    let mut groups = Vec::new();
    for number in 1..=shown {
        let fields = FIELDS
            .iter()
            .map(|(name, _, label, unit, hint)| {
                let control = if *name == "nom" {
                    Control::Text
                } else {
                    Control::Number
                };
                let mut field = form
                    .field(format!("{name}{number}"), label, control)
                    .unit(unit)
                    .hint(typographic(hint));
                if let Some(proposed) = proposed.filter(|_| number == 1 && form.text("agents1").is_none()) {
                    let value = match *name {
                        "nom" => proposed.name.as_str(),
                        // The requests of the record are those of everyone together.
                        "agents" if !proposed.requests.is_empty() => "1",
                        "requetes" => proposed.requests.as_str(),
                        "wh" => proposed.energy.as_str(),
                        _ => "",
                    };
                    if !value.is_empty() {
                        field = field.or(value).hint(typographic(&proposed.origin));
                    }
                }
                field
            })
            .collect();
        groups.push((format!("Usage {number}"), fields));
    }
    groups.push((
        "Pour tous les usages".to_owned(),
        vec![
            form.field("de", "Première année", Control::Number),
            form.field("a", "Dernière année", Control::Number),
            form.field("plafond", "Plafond d’énergie", Control::Number)
                .unit("kWh par an"),
            form.field("intensite", "Émissions de l’électricité", Control::Number)
                .unit("g CO₂e par kWh")
                .hint("Facultatif\u{202f}; la valeur de chaque pays est dans les données ouvertes."),
        ],
    ));
    groups
}

fn plot(question: &Question, outlook: &Outlook) -> Plot {
    let highest = outlook
        .years
        .iter()
        .flat_map(|year| year.energy)
        .chain(question.cap_kwh)
        .fold(1e-6, f64::max);
    let axes = Axes::new(question.from, question.to, highest);
    let curve = |place: usize| -> Vec<(i16, f64)> {
        outlook
            .years
            .iter()
            .map(|year| (year.year, year.energy.get(place).copied().unwrap_or(0.0)))
            .collect()
    };
    let mut traces: Vec<Trace> = CURVES
        .iter()
        .enumerate()
        .map(|(place, (class, label))| axes.curve(class, label, &curve(place)))
        .collect();
    if let Some(cap) = question.cap_kwh {
        traces.push(axes.curve("c4", "plafond", &[(question.from, cap), (question.to, cap)]));
    }
    Plot::new(
        "usages",
        "Électricité de vos usages d’IA",
        "kWh par an",
        axes,
        traces,
        Vec::new(),
    )
    .said(typographic(&sentence(question, outlook)))
}

/// The one sentence that matters.
fn sentence(question: &Question, outlook: &Outlook) -> String {
    let [without, _, strong] = outlook.factor;
    let saved = decimal((1.0 - outlook.ratio) * 100.0, 0);
    let (Some(without), Some(strong)) = (without, strong) else {
        return "La première année ne demande aucune énergie\u{a0}: la hausse ne se dit pas en multiple."
            .to_owned();
    };
    let begins = if outlook.ratio < 0.995 {
        format!("Malgré {saved}\u{a0}% d’énergie en moins par requête, la")
    } else {
        "La".to_owned()
    };
    format!(
        "{begins} consommation est multipliée par {} (sans rebond) à {} (rebond fort) entre {} et {}.",
        decimal(without, 1),
        decimal(strong, 1),
        question.from,
        question.to
    )
}

fn fill(page: &mut ScenariosPage, form: &Form, question: &Question) {
    let outlook = project(question);
    page.headline.push(typographic(&sentence(question, &outlook)));
    if question.cap_kwh.is_some() {
        let told: Vec<String> = CURVES
            .iter()
            .zip(outlook.first_over)
            .map(|((_, label), year)| {
                year.map_or_else(
                    || format!("jamais {label}"),
                    |year| {
                        format!(
                            "en {year} {}",
                            label
                                .replace("rebond", "avec un rebond")
                                .replace("sans avec un rebond", "sans rebond")
                        )
                    },
                )
            })
            .collect();
        page.headline
            .push(format!("Le plafond serait dépassé {}.", told.join(", ")));
    }
    page.headline.push("Aucune des trois courbes n’est «\u{a0}la bonne\u{a0}»\u{a0}: l’effet rebond, c’est-à-dire l’usage qui augmente parce que chaque requête coûte moins, n’est pas connu d’avance.".to_owned());
    // One unit in the whole table, that of the drawing, so that years compare at a glance.
    let energy = |kwh: f64| significant(kwh, 3);
    let mut headers = vec![
        "Année",
        "Sans rebond",
        "Rebond partiel (0,5)",
        "Rebond fort (1,2)",
        "8 cas sur 10",
    ];
    if question.cap_kwh.is_some() {
        headers.push("Sous le plafond, rebond partiel");
    }
    if question.grams_per_kwh.is_some() {
        headers.push("Gaz à effet de serre");
    }
    let rows = outlook
        .years
        .iter()
        .map(|year| {
            let [none, some, strong] = year.energy;
            let mut row = vec![
                year.year.to_string(),
                energy(none),
                energy(some),
                energy(strong),
                format!(
                    "{} à {}",
                    significant(year.chance.p10, 2),
                    significant(year.chance.p90, 2)
                ),
            ];
            row.extend(year.margin.map(|[_, margin, _]| {
                if margin < 0.0 {
                    format!("dépassé de {}", energy(-margin))
                } else {
                    energy(margin)
                }
            }));
            row.extend(
                year.emissions
                    .map(|[none, _, strong]| range(none, strong, Scale::Climate, 2)),
            );
            row
        })
        .collect();
    let rebounds: Vec<String> = CURVES
        .iter()
        .zip(outlook.rebound)
        .filter_map(|((_, label), rebound)| {
            Some(format!("{label}\u{a0}: {}\u{a0}%", decimal(rebound? * 100.0, 0)))
        })
        .collect();
    let mut lines = Vec::new();
    if !rebounds.is_empty() {
        lines.push(typographic(&format!(
            "Part du gain reprise par l’usage en {}\u{a0}: {}. Au-dessus de 100\u{a0}%, le gain lui-même fait monter le total.",
            question.to,
            rebounds.join(" ; ")
        )));
    }
    lines.push("«\u{a0}8 cas sur 10\u{a0}»\u{a0}: 2\u{202f}000 tirages où varient l’énergie d’une requête, le gain, l’adoption et le rebond.".to_owned());
    page.sections.push(ScenarioSection {
        id: "courbes",
        title: "Trois courbes".to_owned(),
        lines,
        plot: Some(plot(question, &outlook).file(form.with("/maitriser/scenarios/usages.svg", &[]))),
        table: Some(table(
            if question.grams_per_kwh.is_some() {
                "Électricité par an, en kWh\u{202f}; gaz à effet de serre dans leur unité"
            } else {
                "Électricité par an, en kWh"
            },
            &headers,
            rows,
        )),
        links: vec![Link::new(
            "Ces valeurs en CSV",
            form.with("/maitriser/scenarios/usages.csv", &[]),
        )],
    });
    let rows = levers(question)
        .into_iter()
        .map(|lever| {
            vec![
                lever.what,
                energy(lever.kwh),
                format!("−{}", energy(-lever.difference)),
            ]
        })
        .collect();
    page.sections.push(ScenarioSection {
        id: "leviers",
        title: "Ce qui réduirait la dernière année".to_owned(),
        lines: vec!["L’ampleur de chaque levier est un choix de cet outil, pour les comparer entre eux. Calculé sur la courbe du milieu.".to_owned()],
        table: Some(table(
            &format!("Électricité de {}, en kWh", question.to),
            &["Levier", "Il resterait", "En moins"],
            rows,
        )),
        ..ScenarioSection::default()
    });
}

/// The projection of an organisation's own uses.
///
/// # Errors
/// When the record that is named does not exist, or the template fails.
pub async fn page(
    State(app): State<App>,
    uri: Uri,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, HTML, async {
        let mut form = Form::read(query.as_deref().unwrap_or(""));
        let asked = read(&mut form, this_year(&app));
        let mut page = scenario_page(
            &app,
            "Vos usages d’IA",
            "Vos usages, leur adoption, les gains d’efficacité et l’effet rebond\u{a0}: trois courbes, un plafond, et ce qui permettrait de le tenir.",
            USES_PATH,
        );
        page.layout.indexed &= form.is_blank();
        page.submit = "Projeter".to_owned();
        let proposed = proposed(&app, &form).await?;
        page.groups = groups(&form, asked.shown, proposed.as_ref());
        if asked.shown < USES {
            page.more_href = form.with(USES_PATH, &[("usages", Some((asked.shown + 1).to_string()))]);
        }
        let fields: Vec<_> = page.groups.iter().flat_map(|(_, group)| group.clone()).collect();
        page.errors = form.errors(&fields);
        if asked.question.uses.is_empty() {
            page.sections.push(ScenarioSection {
                id: "avant",
                title: "La projection s’affichera ici".to_owned(),
                lines: vec![
                    "Décrivez un usage\u{a0}: combien de personnes, combien de requêtes, combien d’énergie par requête. Rien n’est conservé\u{a0}: l’adresse de la page contient vos réglages.".to_owned(),
                ],
                links: vec![
                    Link::new("Voir un exemple", EXAMPLE),
                    Link::new("Estimer l’énergie d’une requête", "/estimer/ia-generative"),
                ],
                ..ScenarioSection::default()
            });
        } else if !form.is_wrong() {
            fill(&mut page, &form, &asked.question);
        }
        page.foot = "La fréquence par personne suit la baisse du coût d’une requête\u{202f}; l’arrivée de nouvelles personnes n’est pas comptée comme un rebond.".to_owned();
        render(&page)
    })
    .await
}

fn this_year(app: &App) -> i16 {
    app.today().year()
}

/// The projection as a table.
///
/// # Errors
/// When the address makes no sense.
pub async fn csv(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let mut form = Form::read(query.as_deref().unwrap_or(""));
    let asked = read(&mut form, this_year(&app));
    let outlook = if form.is_wrong() {
        None
    } else {
        Some(project(&asked.question))
    };
    let rows = outlook
        .into_iter()
        .flat_map(|outlook| outlook.years)
        .flat_map(|year| {
            let [low, middle, high] =
                [year.chance.p10, year.chance.p50, year.chance.p90].map(|value| value.to_string());
            ELASTICITIES
                .into_iter()
                .enumerate()
                .map(move |(place, elasticity)| {
                    let of = |values: Option<[f64; 3]>| {
                        values
                            .and_then(|values| values.get(place).copied())
                            .map_or_else(String::new, |value| value.to_string())
                    };
                    vec![
                        year.year.to_string(),
                        elasticity.to_string(),
                        of(Some(year.energy)),
                        of(year.emissions),
                        of(year.margin),
                        low.clone(),
                        middle.clone(),
                        high.clone(),
                    ]
                })
                .collect::<Vec<_>>()
        });
    table_file(
        &form,
        "usages.csv",
        &[
            "annee",
            "elasticite",
            "kwh",
            "kg_co2e",
            "marge_kwh",
            "p10_kwh",
            "p50_kwh",
            "p90_kwh",
        ],
        rows,
    )
}

/// The curves as a drawing.
///
/// # Errors
/// When the address makes no sense.
pub async fn svg(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let mut form = Form::read(query.as_deref().unwrap_or(""));
    let asked = read(&mut form, this_year(&app));
    let outlook = project(&asked.question);
    drawing(&form, plot(&asked.question, &outlook))
}
