//! `/maitriser/scenarios`: electricity of data centres until 2035, what was published on it, and an organisation's own
//! uses. The settings are in the address; nothing is stored.

mod uses;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use sobria_exchange::export::harmless;
use sobria_govern::scenarios::contradictions;
use sobria_govern::scenarios::figures::{FIGURES, Publisher};
use sobria_govern::scenarios::growth::{PRESETS, TwoParts, cagr, doubling_years, preset, single};

pub use uses::{csv as uses_csv, page as uses, svg as uses_svg};

use crate::app::App;
use crate::error::WebError;
use crate::locale::decimal;
use crate::respond::{HTML, cached};
use crate::routes::estimate::download;
use crate::routes::estimate::form::{Form, choices};
use crate::routes::frame::{frame, render};
use crate::view::estimate::Control;
use crate::view::library::Link;
use crate::view::plot::{Axes, Dot, Plot, Trace};
use crate::view::prose::ProseTable;
use crate::view::scenarios::{ScenarioSection, ScenariosPage};
use crate::view::{Crumb, Layout, Place};

const PATH: &str = "/maitriser/scenarios";
const FIGURES_PATH: &str = "/maitriser/scenarios/chiffres";
const USES_PATH: &str = "/maitriser/scenarios/usages";
/// Last year of the curves of data centres.
const LAST: i16 = 2035;
/// Value of the choice whose figures are typed.
const FREE: &str = "custom";

fn tabs() -> Vec<Link> {
    vec![
        Link::new("Centres de données", PATH),
        Link::new("Chiffres publiés", FIGURES_PATH),
        Link::new("Vos usages", USES_PATH),
    ]
}

fn layout(app: &App, title: &str, path: &str) -> Layout {
    let mut crumbs = vec![Crumb::to("Maîtriser", "/maitriser")];
    if path == PATH {
        crumbs.push(Crumb::here("Scénarios"));
    } else {
        crumbs.push(Crumb::to("Scénarios", PATH));
        crumbs.push(Crumb::here(title));
    }
    frame(app, Place::Govern, title, path).under(crumbs)
}

fn page(app: &App, title: &str, lead: &str, path: &str) -> ScenariosPage {
    ScenariosPage {
        layout: layout(app, title, path).described(lead),
        title: title.to_owned(),
        lead: lead.to_owned(),
        tabs: tabs(),
        here: path.to_owned(),
        groups: Vec::new(),
        more_href: String::new(),
        submit: "Afficher".to_owned(),
        errors: Vec::new(),
        headline: Vec::new(),
        sections: Vec::new(),
        foot: String::new(),
    }
}

/// A setting with what must be said of it.
struct Setting {
    parts: TwoParts,
    label: String,
    perimeter: &'static str,
    source: String,
    warning: String,
    /// Whose figures may be set beside it.
    publisher: Publisher,
}

fn setting(form: &mut Form) -> Setting {
    let id = form.text("prereglage").unwrap_or(PRESETS[0].id).to_owned();
    if id == FREE {
        return free(form);
    }
    let chosen = preset(&id).unwrap_or_else(|| {
        form.refuse(
            "prereglage",
            format!("«\u{a0}{id}\u{a0}» n’est pas un préréglage connu\u{202f}; le premier est affiché."),
        );
        &PRESETS[0]
    });
    Setting {
        parts: chosen.parts,
        label: chosen.label.to_owned(),
        perimeter: chosen.perimeter,
        source: format!("{} ({})", chosen.source, chosen.confidence.label()),
        warning: chosen.warning.to_owned(),
        publisher: if chosen.id.starts_with("shift") {
            Publisher::Shift
        } else {
            Publisher::Iea
        },
    }
}

/// What somebody typed; a blank field keeps the value of the first preset.
fn free(form: &mut Form) -> Setting {
    let base = PRESETS[0].parts;
    let mut read = |name: &str, default: f64, low: f64, high: f64, expected: &str| {
        let value = form.number(name).unwrap_or(default);
        if (low..=high).contains(&value) {
            value
        } else {
            form.refuse(name, expected.to_owned());
            default
        }
    };
    let year = read(
        "annee",
        f64::from(base.base_year),
        2000.0,
        2034.0,
        "Attendu\u{a0}: une année de 2000 à 2034.",
    );
    let parts = TwoParts {
        base_year: (2000..=2034)
            .find(|known| f64::from(*known) >= year)
            .unwrap_or(base.base_year),
        total_twh: read(
            "total",
            base.total_twh,
            1.0,
            30_000.0,
            "Attendu\u{a0}: de 1 à 30\u{202f}000\u{a0}TWh.",
        ),
        ai_share: read(
            "part",
            base.ai_share * 100.0,
            0.0,
            100.0,
            "Attendu\u{a0}: une part de 0 à 100\u{a0}%.",
        ) / 100.0,
        ai_growth: read(
            "croissance_ia",
            base.ai_growth * 100.0,
            -50.0,
            100.0,
            "Attendu\u{a0}: de −50 à 100\u{a0}% par an.",
        ) / 100.0,
        rest_growth: read(
            "croissance_reste",
            base.rest_growth * 100.0,
            -50.0,
            100.0,
            "Attendu\u{a0}: de −50 à 100\u{a0}% par an.",
        ) / 100.0,
    };
    Setting {
        parts,
        label: "Réglage libre".to_owned(),
        perimeter: "Celui de vos chiffres",
        source: "Valeurs saisies\u{202f}; les champs vides reprennent l’AIE, cas de base".to_owned(),
        warning: "Hypothèse croisée si la part et le total viennent de deux sources\u{a0}: elles ne comptent pas la même chose.".to_owned(),
        publisher: Publisher::Iea,
    }
}

fn span(parts: &TwoParts) -> impl Iterator<Item = i16> {
    parts.base_year..=LAST
}

fn areas(setting: &Setting) -> Plot {
    let parts = &setting.parts;
    let milestones: &[(i16, f64, &str)] = match setting.publisher {
        Publisher::Shift => &[
            (2023, 530.0, "530"),
            (2030, 1250.0, "1\u{202f}250"),
            (2030, 1490.0, "1\u{202f}490"),
        ],
        _ => &[
            (2024, 415.0, "415"),
            (2030, 945.0, "945"),
            (2035, 1200.0, "1\u{202f}200"),
        ],
    };
    let milestones = || milestones.iter().filter(|(year, ..)| *year >= parts.base_year);
    let highest = milestones().fold(parts.total(LAST).max(parts.total_twh), |most, (_, twh, _)| {
        most.max(*twh)
    });
    let axes = Axes::new(parts.base_year, LAST, highest);
    let rest: Vec<(i16, f64, f64)> = span(parts).map(|year| (year, 0.0, parts.rest(year))).collect();
    let ai: Vec<(i16, f64, f64)> = span(parts)
        .map(|year| (year, parts.rest(year), parts.total(year)))
        .collect();
    let traces = vec![
        axes.surface("c4", "Autres usages", &rest),
        axes.surface("c1", "Intelligence artificielle", &ai),
    ];
    let dots = milestones()
        .map(|(year, twh, label)| axes.dot(*year, *twh, *label))
        .collect();
    Plot::new("aires", &format!("Électricité des centres de données, {}", setting.label), "TWh", axes, traces, dots).said(format!(
        "De {}\u{a0}TWh en {} à {}\u{a0}TWh en 2030 et {}\u{a0}TWh en {LAST}, dont {}\u{a0}% pour l’IA en 2030. Les points sont les totaux publiés.",
        decimal(parts.total_twh, 0),
        parts.base_year,
        decimal(parts.total(2030), 0),
        decimal(parts.total(LAST), 0),
        decimal(parts.share(2030) * 100.0, 0),
    ))
}

/// What both publishers say of the future, each on its own perimeter.
fn fan() -> Plot {
    let axes = Axes::new(2023, LAST, 3000.0);
    let traces: Vec<Trace> = vec![
        axes.surface(
            "c1",
            "AIE\u{a0}: 700 à 1\u{202f}720",
            &[(2024, 415.0, 415.0), (2030, 945.0, 945.0), (2035, 700.0, 1720.0)],
        ),
        axes.surface("c3", "", &[(2023, 530.0, 530.0), (2030, 1250.0, 1500.0)]),
    ];
    let dots: Vec<Dot> = vec![
        axes.dot(2030, 945.0, "AIE\u{a0}: 945"),
        axes.dot(2035, 1200.0, "1\u{202f}200"),
        axes.dot(2030, 1500.0, "Shift\u{a0}: 1\u{202f}250 à 1\u{202f}500"),
        axes.dot(2035, 3000.0, "Shift\u{a0}: jusqu’à 3\u{202f}000"),
    ];
    Plot::new("eventail", "Deux fourchettes, deux périmètres", "TWh", axes, traces, dots).said(
        "AIE (tirets absents)\u{a0}: centres de données hors cryptomonnaies, de 700 à 1\u{202f}720\u{a0}TWh en 2035. Shift Project (pointillés)\u{a0}: cryptomonnaies comprises, de 1\u{202f}250 à 1\u{202f}500\u{a0}TWh en 2030, jusqu’à 3\u{202f}000 en 2035. Entre les années publiées, les bords sont des droites tracées ici. Les deux ne se comparent pas point à point et leur moyenne n’a pas de sens.",
    )
}

fn form_groups(form: &Form) -> Vec<(String, Vec<crate::view::estimate::FormField>)> {
    let chosen = form.text("prereglage").unwrap_or(PRESETS[0].id);
    let list: Vec<(&str, &str)> = PRESETS
        .iter()
        .map(|preset| (preset.id, preset.label))
        .chain([(FREE, "Réglage libre")])
        .collect();
    let mut groups = vec![(
        String::new(),
        vec![form.field(
            "prereglage",
            "Scénario",
            Control::Select(vec![choices("", &list, chosen)]),
        )],
    )];
    if chosen == FREE {
        groups.push((
            "Vos chiffres".to_owned(),
            vec![
                form.field("annee", "Année de départ", Control::Number),
                form.field("total", "Total de cette année", Control::Number)
                    .unit("TWh"),
                form.field("part", "Part de l’IA", Control::Number).unit("%"),
                form.field("croissance_ia", "Croissance de l’IA", Control::Number)
                    .unit("% par an"),
                form.field("croissance_reste", "Croissance du reste", Control::Number)
                    .unit("% par an")
                    .hint("Un champ vide reprend l’AIE, cas de base."),
            ],
        ));
    }
    groups
}

/// Data centres of the world.
///
/// # Errors
/// When the template fails.
pub async fn centres(
    State(app): State<App>,
    uri: Uri,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, HTML, async {
        let mut form = Form::read(query.as_deref().unwrap_or(""));
        let setting = setting(&mut form);
        let parts = setting.parts;
        let mut page = page(
            &app,
            "Scénarios d’électricité",
            "Combien d’électricité les centres de données demanderont-ils d’ici 2035\u{202f}? Des chiffres publiés, leur source, et ce qui ne s’accorde pas.",
            PATH,
        );
        page.layout.indexed &= form.is_blank();
        page.groups = form_groups(&form);
        let fields: Vec<_> = page.groups.iter().flat_map(|(_, group)| group.clone()).collect();
        page.errors = form.errors(&fields);
        page.headline = vec![
            format!(
                "{}\u{a0}: {}\u{a0}TWh en 2030, dont {}\u{a0}% pour l’IA.",
                setting.label,
                decimal(parts.total(2030), 0),
                decimal(parts.share(2030) * 100.0, 0)
            ),
            setting.warning.clone(),
        ];
        let rows = span(&parts)
            .map(|year| {
                vec![
                    year.to_string(),
                    decimal(parts.ai(year), 1),
                    decimal(parts.rest(year), 1),
                    decimal(parts.total(year), 1),
                    decimal(parts.share(year) * 100.0, 1),
                ]
            })
            .collect();
        page.sections = vec![
            ScenarioSection {
                id: "trajectoire",
                title: "La trajectoire".to_owned(),
                lines: vec![format!("Source\u{a0}: {}. Périmètre\u{a0}: {}.", setting.source, setting.perimeter)],
                plot: Some(areas(&setting).file(form.with("/maitriser/scenarios.svg", &[]))),
                table: Some(table(
                    "Électricité par an\u{a0}: ce qui est calculé à partir du scénario, et non publié",
                    &["Année", "IA (TWh)", "Autres usages (TWh)", "Total (TWh)", "Part de l’IA (%)"],
                    rows,
                )),
                links: vec![Link::new("Ces valeurs en CSV", form.with("/maitriser/scenarios.csv", &[]))],
            },
            ScenarioSection {
                id: "fourchettes",
                title: "Ce que deux publications annoncent".to_owned(),
                plot: Some(fan().file("/maitriser/scenarios.svg?graphique=eventail")),
                ..ScenarioSection::default()
            },
            ScenarioSection {
                id: "phrases",
                title: "Que donne chaque phrase\u{202f}?".to_owned(),
                lines: vec!["Trois rythmes circulent pour les mêmes 415\u{a0}TWh de 2024. Un seul mène aux 945\u{a0}TWh que la même source annonce pour 2030.".to_owned()],
                table: Some(phrases()),
                ..ScenarioSection::default()
            },
            ScenarioSection {
                id: "contradictions",
                title: "Ce qui ne s’accorde pas".to_owned(),
                table: Some(table(
                    "Phrases souvent reprises, et ce qu’elles donneraient",
                    &["Ce qui est dit", "Ce qu’il en est"],
                    contradictions()
                        .iter()
                        .map(|one| vec![one.said.to_owned(), one.then.to_owned()])
                        .collect(),
                )),
                links: vec![Link::new("Tous les chiffres publiés, avec leur source", FIGURES_PATH)],
                ..ScenarioSection::default()
            },
        ];
        page.foot = "Données de l’AIE citées sous la licence CC BY 4.0, d’après leurs figures. Ces chiffres situent\u{a0}: ils ne se partagent pas entre collectivités. Pour vos propres usages, voyez l’onglet «\u{a0}Vos usages\u{a0}».".to_owned();
        render(&page)
    })
    .await
}

fn phrases() -> ProseTable {
    let implied = cagr(415.0, 945.0, 6.0).unwrap_or_default();
    let row = |said: &str, growth: f64, then: &str| {
        vec![
            said.to_owned(),
            format!("{}\u{a0}%", decimal(growth * 100.0, 1)),
            decimal(single(415.0, growth, 6.0), 0),
            doubling_years(growth)
                .map_or_else(String::new, |years| format!("{}\u{a0}ans", decimal(years, 1))),
            then.to_owned(),
        ]
    };
    table(
        "415\u{a0}TWh en 2024, prolongés jusqu’en 2030",
        &[
            "Rythme",
            "Par an",
            "En 2030 (TWh)",
            "Double en",
            "Ce qu’il décrit",
        ],
        vec![
            row("Rythme passé", 0.12, "la croissance déjà observée"),
            row("Rythme implicite", implied, "le passage de 415 à 945\u{a0}TWh"),
            row(
                "«\u{a0}+30\u{a0}% par an\u{a0}»",
                0.30,
                "les seuls serveurs accélérés, à tort appliqué à tout",
            ),
        ],
    )
}

fn table(caption: &str, headers: &[&str], rows: Vec<Vec<String>>) -> ProseTable {
    ProseTable {
        caption: caption.to_owned(),
        headers: headers.iter().map(|header| (*header).to_owned()).collect(),
        rows,
    }
}

/// The curve of data centres as a table.
///
/// # Errors
/// When the address makes no sense.
pub async fn centres_csv(RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let mut form = Form::read(query.as_deref().unwrap_or(""));
    let setting = setting(&mut form);
    let parts = setting.parts;
    let rows = span(&parts).map(|year| {
        vec![
            year.to_string(),
            parts.ai(year).to_string(),
            parts.rest(year).to_string(),
            parts.total(year).to_string(),
            parts.share(year).to_string(),
            setting.source.clone(),
            setting.perimeter.to_owned(),
            parts.base_year.to_string(),
        ]
    });
    csv(
        &form,
        "centres-de-donnees.csv",
        &[
            "annee",
            "ia_twh",
            "autres_twh",
            "total_twh",
            "part_ia",
            "source",
            "perimetre",
            "annee_de_base",
        ],
        rows,
    )
}

/// One of the drawings as a file.
///
/// # Errors
/// When the address makes no sense.
pub async fn centres_svg(RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let mut form = Form::read(query.as_deref().unwrap_or(""));
    let plot = if form.text("graphique") == Some("eventail") {
        fan()
    } else {
        areas(&setting(&mut form))
    };
    drawing(&form, plot)
}

/// What was published.
///
/// # Errors
/// When the template fails.
pub async fn figures(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, HTML, async {
        let mut page = page(
            &app,
            "Chiffres publiés",
            "Tout ce qui est cité ici sur l’électricité des centres de données, avec l’année, le périmètre et la source de chaque chiffre.",
            FIGURES_PATH,
        );
        let rows = FIGURES
            .iter()
            .map(|figure| {
                vec![
                    figure.what.to_owned(),
                    figure.value.to_owned(),
                    figure.year.to_owned(),
                    figure.perimeter.label().to_owned(),
                    format!("{}, {} ({})", figure.publisher.label(), figure.source, figure.confidence.label()),
                ]
            })
            .collect();
        page.sections = vec![ScenarioSection {
            id: "publies",
            title: "Les chiffres".to_owned(),
            lines: vec!["Un chiffre sans son année ni son périmètre ne se compare à rien. Deux lignes de sources ou de périmètres différents ne s’additionnent pas.".to_owned()],
            table: Some(table(
                "Électricité et émissions des centres de données",
                &["Grandeur", "Valeur publiée", "Année", "Ce qui est compté", "Source, et comment elle a été lue"],
                rows,
            )),
            links: vec![
                Link::new("Ces chiffres en CSV", "/maitriser/scenarios/chiffres.csv"),
                Link::new("Ce qui ne s’accorde pas", "/maitriser/scenarios#contradictions"),
            ],
            ..ScenarioSection::default()
        }];
        page.foot = "Erreur de presse à ne pas reprendre\u{a0}: «\u{a0}530\u{a0}TWh = 0,45\u{a0}% de l’électricité mondiale\u{a0}». Avec le total qui découle des chiffres de l’AIE (27\u{202f}667\u{a0}TWh), c’est environ 1,9\u{a0}%.".to_owned();
        render(&page)
    })
    .await
}

/// What was published, as a table.
///
/// # Errors
/// Never.
pub async fn figures_csv() -> Result<Response, WebError> {
    let rows = FIGURES.iter().map(|figure| {
        [
            figure.id,
            figure.what,
            figure.value,
            figure.year,
            figure.perimeter.label(),
            figure.publisher.label(),
            figure.source,
            figure.confidence.label(),
        ]
        .map(str::to_owned)
        .to_vec()
    });
    csv(
        &Form::read(""),
        "chiffres-publies.csv",
        &[
            "id",
            "grandeur",
            "valeur",
            "annee",
            "perimetre",
            "editeur",
            "source",
            "lecture",
        ],
        rows,
    )
}

/// A table with semicolons; an address that makes no sense gives no table.
fn csv(
    form: &Form,
    name: &str,
    headers: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<Response, WebError> {
    refuse(form)?;
    let mut text = format!("\u{feff}{}\n", headers.join(";"));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
        text.push_str(&cells.join(";"));
        text.push('\n');
    }
    Ok(download(text.into_bytes(), "text/csv; charset=utf-8", name))
}

/// A cell as spreadsheets read it: quoted where it must be, never a formula.
fn quoted(cell: &str) -> String {
    let number = cell.parse::<f64>().is_ok();
    let cell = if number { cell.to_owned() } else { harmless(cell) };
    if cell.contains([';', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

fn drawing(form: &Form, plot: Plot) -> Result<Response, WebError> {
    refuse(form)?;
    let name = format!("{}.svg", plot.id);
    Ok(download(plot.alone()?.into_bytes(), "image/svg+xml", &name))
}

fn refuse(form: &Form) -> Result<(), WebError> {
    if form.is_wrong() {
        return Err(WebError::Invalid(
            "Les réglages de cette adresse ne donnent pas de courbe\u{a0}: ouvrez la page des scénarios pour les corriger.".to_owned(),
        ));
    }
    Ok(())
}
