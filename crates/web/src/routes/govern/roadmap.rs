//! `/maitriser/feuille-de-route`: for whom a roadmap is due, an objective between its baseline and its target, fifteen
//! local actions. The settings are in the address; nothing is stored.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use sobria_govern::roadmap::obligation::{Authority, DEADLINES, Obligation, of};
use sobria_govern::roadmap::sheet::{Axis, SHEETS};
use sobria_govern::roadmap::target::{Direction, Objective, Target};

use crate::app::App;
use crate::error::WebError;
use crate::locale::{day, decimal, typographic};
use crate::respond::{HTML, cached};
use crate::routes::estimate::form::{Form, choices};
use crate::routes::frame::{frame, render};
use crate::view::estimate::{Control, FormField};
use crate::view::library::Link;
use crate::view::plot::{Axes, Plot};
use crate::view::prose::ProseTable;
use crate::view::scenarios::{ScenarioSection, ScenariosPage};
use crate::view::{Crumb, Place};

const PATH: &str = "/maitriser/feuille-de-route";
const KINDS: [(&str, &str); 3] = [
    ("commune", "Commune"),
    ("groupement", "Intercommunalité à fiscalité propre"),
    ("autre", "Autre collectivité"),
];

fn year(form: &mut Form, name: &str) -> Option<i16> {
    let value = form.number(name)?;
    let found = (1900..=2200).find(|year| (f64::from(*year) - value).abs() < 1e-9);
    if found.is_none() {
        form.refuse(name, "Attendu\u{a0}: une année, par exemple 2030.");
    }
    found
}

fn obligation(form: &mut Form) -> Obligation {
    let authority = match form.value("type") {
        "groupement" => Authority::Grouping,
        "autre" => Authority::Other,
        _ => Authority::Commune,
    };
    let population = form.number("population");
    let read = population.and_then(|value| {
        let whole = format!("{value:.0}").parse::<u64>().ok();
        whole.filter(|_| (0.0..=1e8).contains(&value))
    });
    if population.is_some() && read.is_none() {
        form.refuse(
            "population",
            "Attendu\u{a0}: un nombre d’habitants, de 0 à 100 millions.",
        );
    }
    of(authority, read)
}

/// The objective that was described, once its years and its target are given.
fn objective(form: &mut Form) -> Option<Objective> {
    let (baseline_year, target_year) = (year(form, "annee_base"), year(form, "annee_cible"));
    let (baseline, target) = (form.number("base"), form.number("cible"));
    if [baseline_year, target_year].iter().all(Option::is_none) && baseline.is_none() && target.is_none() {
        return None;
    }
    for (name, missing) in [
        ("annee_base", baseline_year.is_none()),
        ("annee_cible", target_year.is_none()),
        ("cible", target.is_none()),
    ] {
        if missing {
            form.refuse(name, "Il manque une réponse.");
        }
    }
    let target = match form.value("mode") {
        "relatif" => Target::Relative(target?),
        "seuil" => Target::Threshold(target?),
        _ => Target::Absolute(target?),
    };
    let direction = if form.value("sens") == "hausse" {
        Direction::Up
    } else {
        Direction::Down
    };
    let one = Objective {
        baseline_year: baseline_year?,
        baseline,
        target_year: target_year?,
        target,
        direction,
    };
    for problem in one.problems() {
        let name = match problem.field.as_str() {
            "target_year" => "annee_cible",
            "baseline_year" => "annee_base",
            "baseline" => "base",
            _ => "cible",
        };
        form.refuse(name, problem.message);
    }
    Some(one)
}

fn groups(form: &Form) -> Vec<(String, Vec<FormField>)> {
    let select = |name: &'static str, label: &'static str, list: &[(&str, &str)]| {
        form.field(
            name,
            label,
            Control::Select(vec![choices("", list, form.value(name))]),
        )
    };
    vec![
        (
            "Votre collectivité".to_owned(),
            vec![
                select("type", "Type", &KINDS),
                form.field("population", "Population", Control::Number)
                    .unit("habitants"),
            ],
        ),
        (
            "Un objectif".to_owned(),
            vec![
                form.field("indicateur", "Indicateur", Control::Text),
                form.field("annee_base", "Année de base", Control::Number),
                form.field("base", "Valeur de base", Control::Number),
                form.field("annee_cible", "Année de la cible", Control::Number),
                select(
                    "mode",
                    "La cible est",
                    &[
                        ("relatif", "une évolution en %"),
                        ("absolu", "une valeur"),
                        ("seuil", "un seuil à tenir chaque année"),
                    ],
                )
                .or("relatif"),
                form.field("cible", "Cible", Control::Number)
                    .hint("Par exemple −30 pour une baisse de 30\u{a0}%."),
                select(
                    "sens",
                    "Le mieux est",
                    &[("baisse", "de baisser"), ("hausse", "de monter")],
                ),
                form.field("annee", "Année de la dernière valeur", Control::Number),
                form.field("valeur", "Dernière valeur", Control::Number),
            ],
        ),
    ]
}

fn table(caption: &str, headers: &[&str], rows: Vec<Vec<String>>) -> ProseTable {
    ProseTable {
        caption: caption.to_owned(),
        headers: headers.iter().map(|header| (*header).to_owned()).collect(),
        rows,
    }
}

/// How far the objective is, with its trajectory.
fn follow(page: &mut ScenariosPage, form: &mut Form, one: Objective, this_year: i16) {
    let last = year(form, "annee").or(form.number("valeur").map(|_| this_year));
    let last = last.zip(form.number("valeur"));
    let months = last.map_or(0, |(at, _)| {
        u32::try_from((i32::from(this_year) - i32::from(at)).max(0) * 12).unwrap_or(0)
    });
    let status = one.status(last.map(|(at, value)| (at, value, months)));
    let name = form.text("indicateur").unwrap_or("Indicateur").to_owned();
    let mut line = format!("{name}\u{a0}: {}", status.label());
    if let Some((at, value)) = last {
        if let Some(progress) = one.progress(value) {
            line.push_str(&format!(
                ". Chemin parcouru\u{a0}: {}\u{a0}%",
                decimal(progress, 1)
            ));
        }
        if let Some(gap) = one.gap(at, value).filter(|gap| gap.is_finite()) {
            line.push_str(&format!(
                ", écart à la trajectoire\u{a0}: {}\u{a0}%",
                decimal(gap * 100.0, 1)
            ));
        }
    }
    page.headline.push(typographic(&format!("{line}.")));
    let Some((baseline, target)) = one.baseline.zip(one.value()) else {
        page.headline
            .push("Sans valeur de base, une cible en pourcentage ne se calcule pas\u{a0}: elle n’est pas de 0\u{a0}%.".to_owned());
        return;
    };
    let years: Vec<i16> = (one.baseline_year..=one.target_year).take(40).collect();
    let way: Vec<(i16, f64)> = years
        .iter()
        .filter_map(|at| Some((*at, one.trajectory(*at)?)))
        .collect();
    let highest = last.map_or(0.0, |(_, value)| value).max(baseline).max(target);
    let axes = Axes::new(one.baseline_year, one.target_year, highest);
    let dots = last
        .filter(|(at, _)| years.contains(at))
        .map(|(at, value)| axes.dot(at, value, decimal(value, 1)))
        .into_iter()
        .collect();
    let plot = Plot::new(
        "objectif",
        &name,
        "",
        axes,
        vec![axes.curve("c1", "trajectoire", &way)],
        dots,
    )
    .said(typographic(&format!(
        "De {} en {} à {} en {}, en ligne droite. Le point est la dernière valeur.",
        decimal(baseline, 1),
        one.baseline_year,
        decimal(target, 1),
        one.target_year
    )));
    page.sections.push(ScenarioSection {
        id: "trajectoire",
        title: "La trajectoire".to_owned(),
        plot: Some(plot),
        table: Some(table(
            "Valeur attendue chaque année",
            &["Année", "Attendu"],
            way.iter()
                .map(|(at, value)| vec![at.to_string(), decimal(*value, 1)])
                .collect(),
        )),
        ..ScenarioSection::default()
    });
}

/// The page.
///
/// # Errors
/// When the template fails.
pub async fn page(
    State(app): State<App>,
    uri: Uri,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, HTML, async {
        let mut form = Form::read(query.as_deref().unwrap_or(""));
        let asked = !form.is_blank();
        let due = obligation(&mut form);
        let one = objective(&mut form);
        let title = "Feuille de route";
        let lead = "La stratégie numérique responsable de la loi du 15 novembre 2021\u{a0}: pour qui elle est due, où en est un objectif, et quinze actions locales.";
        let mut page = ScenariosPage {
            layout: frame(&app, Place::Govern, title, PATH)
                .described(lead)
                .under(vec![Crumb::to("Maîtriser", "/maitriser"), Crumb::here(title)]),
            title: title.to_owned(),
            lead: lead.to_owned(),
            tabs: Vec::new(),
            here: PATH.to_owned(),
            groups: groups(&form),
            more_href: String::new(),
            submit: "Afficher".to_owned(),
            errors: Vec::new(),
            headline: Vec::new(),
            sections: Vec::new(),
            foot: "Aucun objectif chiffré n’est proposé\u{a0}: la loi n’en fixe pas pour chaque collectivité. Les effets évités restent hors des totaux.".to_owned(),
        };
        page.layout.indexed &= !asked;
        if asked && !form.is_wrong() {
            page.headline.push(typographic(&format!("Feuille de route\u{a0}: {}.", due.label())));
            if let Some(one) = one {
                follow(&mut page, &mut form, one, app.today().year());
            }
        }
        let fields: Vec<_> = groups(&form).into_iter().flat_map(|(_, group)| group).collect();
        page.errors = form.errors(&fields);
        page.groups = groups(&form);
        page.sections.push(ScenarioSection {
            id: "echeances",
            title: "Ce que demande la loi".to_owned(),
            lines: vec!["Communes et intercommunalités à fiscalité propre de plus de 50\u{202f}000 habitants. Les autres peuvent suivre la même démarche.".to_owned()],
            table: Some(table(
                "Échéances",
                &["Quoi", "Au plus tard", "Source"],
                DEADLINES
                    .iter()
                    .map(|one| {
                        vec![
                            one.what.to_owned(),
                            one.by.map_or_else(|| "chaque année".to_owned(), day),
                            format!("{} ({})", one.source, one.confidence.label()),
                        ]
                    })
                    .collect(),
            )),
            ..ScenarioSection::default()
        });
        page.sections.push(ScenarioSection {
            id: "actions",
            title: "Quinze actions locales".to_owned(),
            lines: vec!["Rangées dans les trois axes de la feuille de route nationale «\u{a0}Numérique et environnement\u{a0}» du 23 février 2021\u{202f}; leur contenu est un choix de ce projet, à adapter.".to_owned()],
            table: Some(table(
                "Actions et indicateurs proposés",
                &["Action", "Axe", "Indicateurs"],
                Axis::ALL
                    .into_iter()
                    .flat_map(|axis| SHEETS.iter().filter(move |sheet| sheet.axis == axis))
                    .map(|sheet| {
                        let indicators: Vec<String> = sheet
                            .indicators
                            .iter()
                            .map(|one| {
                                let way = if one.direction == Direction::Down { "à baisser" } else { "à monter" };
                                format!("{} ({}, {way})", one.label, one.unit)
                            })
                            .collect();
                        vec![
                            format!("{} · {}", sheet.id, sheet.label),
                            sheet.axis.label().to_owned(),
                            typographic(&indicators.join(" ; ")),
                        ]
                    })
                    .collect(),
            )),
            links: vec![
                Link::new("Acheter l’IA de façon responsable", "/maitriser/achat"),
                Link::new("Projeter vos usages d’IA", "/maitriser/scenarios/usages"),
            ],
            ..ScenarioSection::default()
        });
        render(&page)
    })
    .await
}
