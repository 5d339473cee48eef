//! `/estimer/mesure/ecarts`: what measures say of estimates, over the library.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use sobria_catalogue::evaluation::ratio::{CLASSES, Distribution, FEWEST};
use sobria_catalogue::evaluation::{Evaluation, MeasuredRatio};
use sobria_estimate::french::{Scale, range, significant};
use sobria_exchange::export::write_rows;

use crate::app::App;
use crate::error::WebError;
use crate::locale;
use crate::ratios::{COLUMNS, Line, all, document, row, together};
use crate::respond::{HTML, JSON, cached};
use crate::routes::cards::day_words;
use crate::routes::evaluations::method_words;
use crate::routes::frame::{frame, render};
use crate::routes::text::prose;
use crate::view::chart::BarChart;
use crate::view::layout::Crumb;
use crate::view::library::Link;
use crate::view::range_chart::{RangeChart, RangeRow};
use crate::view::record::{Fact, RatioView};
use crate::view::{Place, ProseSection, ProseTable};

/// Address of the page.
pub const PATH: &str = "/estimer/mesure/ecarts";
/// Comparisons shown one by one; the file holds them all.
const SHOWN: usize = 30;
/// From how many comparisons the page no longer says that they are few.
const MANY: u64 = 30;

/// `1,4 fois l’estimation`, `0,45 fois l’estimation`.
fn times(ratio: f64) -> String {
    format!("{}\u{a0}fois", significant(ratio, 2))
}

/// `entre 0,6 et 3,2`.
fn bounds(ratio: &MeasuredRatio) -> String {
    format!(
        "entre {} et {}\u{a0}fois",
        significant(ratio.low, 2),
        significant(ratio.high, 2)
    )
}

/// What a ratio allows to say.
fn verdict(ratio: &MeasuredRatio) -> &'static str {
    if ratio.is_within_doubt() {
        "Les deux fourchettes se recouvrent\u{a0}: la mesure ne dément pas l’estimation."
    } else if ratio.central > 1.0 {
        "La mesure dépasse toute la fourchette de l’estimation\u{a0}: l’estimation était trop basse."
    } else {
        "La mesure reste sous toute la fourchette de l’estimation\u{a0}: l’estimation était trop haute."
    }
}

/// The comparisons of a record, on its page.
pub fn views(ratios: &[MeasuredRatio], evaluations: &[Evaluation]) -> Vec<RatioView> {
    let of = |id| evaluations.iter().find(|one| one.id == id);
    ratios
        .iter()
        .filter_map(|ratio| {
            let (measured, estimated) = (of(ratio.measured)?, of(ratio.estimated)?);
            Some(RatioView {
                figure: format!("{} l’estimation", times(ratio.central)),
                range: bounds(ratio),
                verdict: verdict(ratio).to_owned(),
                facts: vec![
                    Fact::new("Mesuré", one_side(measured)),
                    Fact::new("Estimé", one_side(estimated)),
                    Fact::new(
                        "Périmètre",
                        format!("électricité d’une année, {}", ratio.perimeter.label()),
                    ),
                    Fact::new("Comparés le", day_words(ratio.kept_at)),
                ],
            })
        })
        .collect()
}

fn one_side(evaluation: &Evaluation) -> String {
    format!(
        "{}\u{a0}: {} par an",
        evaluation.title,
        range(
            evaluation.energy_kwh.low,
            evaluation.energy_kwh.high,
            Scale::Energy,
            2
        )
    )
}

/// The page.
///
/// # Errors
/// When the database does not answer.
pub async fn page(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, HTML, async {
        let lines = all(&app).await?;
        let found = together(&lines);
        let title = "Mesures et estimations";
        let layout = frame(&app, Place::Estimate, title, PATH)
            .under(vec![
                Crumb::to("Évaluer", "/estimer"),
                Crumb::to("Électricité mesurée", "/estimer/mesure"),
                Crumb::here(title),
            ])
            .described(
                "Ce que la mesure dit des estimations\u{a0}: leur rapport, projet par projet, et sa répartition.",
            );
        let mut page = prose(layout, title, &lead(&found, records(&lines)), sections(&lines, &found));
        page.foot = format!("Données sous {}.", app.site().licence);
        render(&page)
    })
    .await
}

fn records(lines: &[Line]) -> u64 {
    let mut ids: Vec<_> = lines.iter().map(|line| line.ratio.use_case).collect();
    ids.sort_unstable();
    ids.dedup();
    u64::try_from(ids.len()).unwrap_or(u64::MAX)
}

fn lead(found: &Distribution, records: u64) -> String {
    match found.count {
        0 => "Aucun projet n’a encore comparé en public une mesure à une estimation.".to_owned(),
        count => format!(
            "{} {} comparé en public l’électricité mesurée à celle qui était estimée\u{a0}: {}.",
            locale::counted(records, "projet", "projets"),
            locale::plural(records, "a", "ont"),
            locale::counted(count, "comparaison", "comparaisons")
        ),
    }
}

/// What the numbers allow to say, and no more.
fn reading(found: &Distribution) -> String {
    let mut words = Vec::new();
    if let Some(spread) = found.spread {
        words.push(format!(
            "Mesure divisée par estimation\u{a0}: de {} à {}. {} sur {} {} à un facteur deux près.",
            significant(spread.least, 2),
            times(spread.greatest),
            locale::integer(found.within_two),
            locale::integer(found.count),
            locale::plural(found.within_two, "tombe juste", "tombent juste"),
        ));
        if found.count >= FEWEST {
            words.push(format!(
                "La moitié des mesures dépasse {} l’estimation.",
                times(spread.median)
            ));
        } else {
            words.push(format!(
                "Moins de {FEWEST} comparaisons\u{a0}: aucune valeur du milieu n’est donnée."
            ));
        }
        if found.count < MANY {
            words.push(
                "**C’est trop peu pour corriger une estimation.** Ceux qui ont pu mesurer ne sont pas tirés au sort\u{a0}: ce sont surtout des machines à eux, dont les compteurs sont lisibles."
                    .to_owned(),
            );
        }
    }
    words.join("\n\n")
}

fn sections(lines: &[Line], found: &Distribution) -> Vec<ProseSection> {
    let mut sections = Vec::new();
    if lines.is_empty() {
        let mut first = ProseSection::new(
            "commencer",
            "Être le premier",
            "Attachez à une même fiche une estimation, puis la mesure de la même chose pendant un temps connu\u{202f}; votre espace propose alors de les comparer. Un écart est une bonne nouvelle\u{a0}: il apprend quelque chose à tous.",
        );
        first.links = vec![
            Link::new("Mesurer avec sobria measure ou CodeCarbon", "/estimer/mesure"),
            Link::new("Estimer", "/estimer"),
            Link::new("Comment l’écart est calculé", "/estimer/methodes/measurement"),
        ];
        sections.push(first);
        return sections;
    }
    let mut spread = ProseSection::new("repartition", "Répartition", &reading(found));
    spread.chart = Some(BarChart::of_counts(
        "g-repartition",
        "Comparaisons selon la mesure divisée par l’estimation",
        "Mesure ÷ estimation",
        "Comparaisons",
        class_names()
            .into_iter()
            .zip(found.classes)
            .map(|(name, count)| (name, count, None, None))
            .collect(),
    ));
    spread.links = vec![
        Link::new("Toutes les comparaisons (CSV)", "/exports/measured-ratios.csv"),
        Link::new(
            "Les mêmes, avec leur répartition (JSON)",
            "/api/v1/measured-ratios",
        ),
    ];
    sections.push(spread);
    let mut each = ProseSection::new(
        "projets",
        "Projet par projet",
        if lines.len() > SHOWN {
            "Les dernières seulement\u{202f}; le fichier les a toutes."
        } else {
            ""
        },
    );
    each.ranges = Some(RangeChart {
        id: "g-projets".to_owned(),
        title: "La barre va de la borne basse à la borne haute, le repère est la valeur centrale\u{202f}; le trait du milieu vaut 1, les bords un seizième et seize fois".to_owned(),
        label_header: "Projet, ce qui est comparé".to_owned(),
        value_header: "Mesure ÷ estimation".to_owned(),
        rows: lines.iter().take(SHOWN).map(range_row).collect(),
    });
    sections.push(each);
    sections.push(by_method(lines));
    let mut how = ProseSection::new(
        "lire",
        "Comment c’est compté",
        "- Seule l’électricité d’une année est comparée\u{a0}: les gaz à effet de serre ajouteraient le choix d’un facteur.\n- Le périmètre doit être le même\u{a0}: machines seules, ou machines et salle. Sinon la comparaison est refusée.\n- Une mesure dont moins de la moitié vient d’un compteur n’en est pas une, et une évaluation de plusieurs lignes n’est pas comparée.\n- Borne basse\u{a0}: mesure basse ÷ estimation haute. Borne haute\u{a0}: mesure haute ÷ estimation basse.\n- Les estimations restent celles d’origine\u{a0}: rien n’est corrigé après coup.",
    );
    how.links = vec![Link::new("Lire la méthode", "/estimer/methodes/measurement")];
    sections.push(how);
    sections
}

fn class_names() -> Vec<String> {
    let bound = |place: usize| {
        CLASSES
            .get(place)
            .map(|bound| significant(*bound, 3))
            .unwrap_or_default()
    };
    let mut names = vec![format!("moins de {}", bound(0))];
    for place in 1..CLASSES.len() {
        names.push(format!("{} à {}", bound(place.saturating_sub(1)), bound(place)));
    }
    names.push(format!("{} et plus", bound(CLASSES.len().saturating_sub(1))));
    names
}

fn range_row(line: &Line) -> RangeRow {
    let ratio = &line.ratio;
    RangeRow {
        label: line.title.clone(),
        href: format!("/cas-usages/{}#ecarts", line.slug),
        note: format!("{}\u{a0}; {}", line.measured.title, ratio.perimeter.label()),
        value: format!("{} ({})", times(ratio.central), bounds(ratio)),
        ..RangeRow::default()
    }
    .placed(ratio.low, ratio.central, ratio.high)
}

fn by_method(lines: &[Line]) -> ProseSection {
    let mut section = ProseSection::new("methodes", "Par méthode d’estimation", "");
    let mut methods: Vec<&str> = lines.iter().map(|line| line.estimated.method.as_str()).collect();
    methods.sort_unstable();
    methods.dedup();
    section.table = Some(ProseTable {
        caption: "Chaque méthode se trompe à sa façon".to_owned(),
        headers: [
            "Méthode",
            "Comparaisons",
            "À un facteur deux près",
            "Valeur du milieu",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: methods
            .into_iter()
            .map(|method| {
                let found = together(lines.iter().filter(|line| line.estimated.method == method));
                let middle = found.spread.filter(|_| found.count >= FEWEST);
                vec![
                    method_words(method).to_owned(),
                    locale::integer(found.count),
                    locale::integer(found.within_two),
                    middle.map_or_else(
                        || "trop peu pour la dire".to_owned(),
                        |spread| times(spread.median),
                    ),
                ]
            })
            .collect(),
    });
    section
}

/// Serves `/exports/measured-ratios.csv`: the public comparisons, one a line, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn file(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    let internal = |error: &dyn std::fmt::Display| WebError::Internal(error.to_string());
    cached(&app, &uri, &headers, "text/csv; charset=utf-8", async {
        let lines = all(&app).await?;
        let mut out = Vec::new();
        write_rows(&COLUMNS, lines.iter().map(row), &mut out).map_err(|error| internal(&error))?;
        String::from_utf8(out).map_err(|error| internal(&error))
    })
    .await
}

/// Serves `/api/v1/measured-ratios`: the same, with their distribution.
///
/// # Errors
/// When the database does not answer.
pub async fn api(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, JSON, async {
        Ok(document(&all(&app).await?).to_string())
    })
    .await
}
