//! `/statistiques`: what the published records say together. Each drawing is a table, and a CSV that holds every row.

use std::collections::{BTreeMap, HashMap};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use jiff::civil::Date;
use sobria_catalogue::access::Level;
use sobria_catalogue::evaluation::{Amount, Evaluation};
use sobria_catalogue::id::UseCaseId;
use sobria_catalogue::link::{LinkKind, RecordKind};
use sobria_catalogue::query::{CatalogueQuery, Facet};
use sobria_catalogue::use_case::WorkflowStatus;
use sobria_estimate::french::significant;
use sobria_exchange::table::{Table, csv};
use sobria_govern::frugality::Practice;
use sobria_govern::reuse::{Build, reused};
use sobria_store::{AssessmentKind, Reuse};

use crate::app::App;
use crate::census::Counted as Record;
use crate::error::WebError;
use crate::locale;
use crate::respond::{HTML, cached};
use crate::routes::facets::value_label;
use crate::routes::frame::{frame, render};
use crate::routes::govern::{CSV, attachment, frugality};
use crate::routes::text::prose;
use crate::view::chart::BarChart;
use crate::view::library::Link;
use crate::view::{Place, ProseSection, ProseTable};

/// Rows of a drawing; the others are summed up in a sentence, and stand one by one in the file.
const SHOWN: usize = 5;
/// The count by year, whose rows keep their order.
const YEARS: &str = "annees";

/// A count by value.
struct Counted {
    id: &'static str,
    title: &'static str,
    header: &'static str,
    unit: &'static str,
    text: String,
    rows: Vec<(String, u64)>,
}

/// What is known of the footprints of a theme.
struct Impact {
    theme: String,
    records: u64,
    evaluated: u64,
    energy: Option<Amount>,
    gwp: Option<Amount>,
}

struct Statistics {
    total: u64,
    reuse: Reuse,
    reused: Vec<(String, String, Option<Build>)>,
    counted: Vec<Counted>,
    impacts: Vec<Impact>,
    reasons: Vec<(String, String)>,
    avoided: u64,
    assessed: u64,
}

fn plus(sum: Option<Amount>, one: Amount) -> Option<Amount> {
    Some(sum.map_or(one, |sum| Amount {
        low: sum.low + one.low,
        central: sum.central + one.central,
        high: sum.high + one.high,
    }))
}

async fn gather(app: &App) -> Result<Statistics, WebError> {
    let query = CatalogueQuery {
        limit: 1,
        ..CatalogueQuery::default()
    };
    let found = app.index.find(&query, Level::Public)?;
    let facet = |facet: Facet, id, title, header, text: &str| Counted {
        id,
        title,
        header,
        unit: "Fiches",
        text: text.to_owned(),
        rows: found
            .facets
            .iter()
            .find(|(other, _)| *other == facet)
            .map_or(&[][..], |(_, counts)| counts.as_slice())
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(code, count)| {
                (
                    value_label(facet, code),
                    u64::try_from(*count).unwrap_or(u64::MAX),
                )
            })
            .collect(),
    };
    let mut counted = vec![
        facet(
            Facet::Theme,
            "themes",
            "Par politique publique",
            "Politique publique",
            "",
        ),
        facet(
            Facet::Maturity,
            "maturite",
            "Par maturité",
            "Maturité",
            "De l’expérimentation à la fin\u{202f}; un projet abandonné reste publié, avec ce qu’il a appris.",
        ),
        facet(
            Facet::OrganisationKind,
            "types",
            "Par type d’organisation",
            "Type",
            "",
        ),
        facet(Facet::Region, "regions", "Par région", "Région", ""),
        facet(Facet::StartYear, YEARS, "Par année de début", "Année", ""),
    ];
    for long in counted
        .iter_mut()
        .filter(|one| one.id != YEARS && one.rows.len() > SHOWN + 1)
    {
        long.rows.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    }
    let evaluations = app.store.evaluations(Level::Public).await?;
    let newest = newest(&evaluations);
    let today = app.today();
    let read = app
        .census
        .with(app, |records, _| Read::of(records, &newest, today))
        .await?;
    let Read {
        total,
        stale,
        bands,
        impacts,
        reasons,
    } = read;
    let names = [
        "0 à 24\u{a0}%",
        "25 à 49\u{a0}%",
        "50 à 74\u{a0}%",
        "75 à 100\u{a0}%",
    ];
    counted.push(Counted {
        id: "completude",
        title: "Fiches remplies",
        header: "Part des champs remplis",
        unit: "Fiches",
        text: format!(
            "{} à confirmer par leur porteur.",
            locale::counted(stale, "fiche est", "fiches sont")
        ),
        rows: names.iter().map(|name| (*name).to_owned()).zip(bands).collect(),
    });
    let assessments = app
        .store
        .every_public_assessment(AssessmentKind::Frugality)
        .await?;
    let mut missing: HashMap<String, u64> = HashMap::new();
    let (mut avoided, mut assessed) = (0, 0);
    for (assessment, snapshot) in assessments.iter().filter_map(frugality::parse) {
        assessed += 1;
        avoided += u64::from(!assessment.filter.effects_avoided.is_empty());
        for (id, standing) in snapshot.pairs() {
            let excluded = standing == sobria_govern::frugality::Standing::Excluded;
            if !excluded
                && standing.proven() < 2
                && let Some(practice) = Practice::of(id)
            {
                *missing
                    .entry(format!("{}. {}", id.number(), practice.title))
                    .or_default() += 1;
            }
        }
    }
    let mut rows: Vec<(String, u64)> = missing.into_iter().collect();
    rows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counted.push(Counted {
        id: "pratiques",
        title: "Pratiques de frugalité les moins prouvées",
        header: "Pratique",
        unit: "Projets où elle n’est pas prouvée appliquée",
        text: format!(
            "Sur {} de frugalité.",
            locale::counted(assessed, "auto-évaluation publique", "auto-évaluations publiques")
        ),
        rows,
    });
    let reuse = app.store.reuse().await?;
    let reused = between(app, &evaluations).await?;
    Ok(Statistics {
        total,
        reuse,
        reused,
        counted,
        impacts: impacts.into_values().collect(),
        reasons,
        avoided,
        assessed,
    })
}

/// What the records say one by one.
struct Read {
    total: u64,
    stale: u64,
    bands: [u64; 4],
    impacts: BTreeMap<String, Impact>,
    /// In the order of titles.
    reasons: Vec<(String, String)>,
}

impl Read {
    fn of(
        records: &HashMap<UseCaseId, Record>,
        newest: &HashMap<UseCaseId, Evaluation>,
        today: Date,
    ) -> Self {
        let mut read = Self {
            total: u64::try_from(records.len()).unwrap_or(u64::MAX),
            stale: 0,
            bands: [0; 4],
            impacts: BTreeMap::new(),
            reasons: Vec::new(),
        };
        // In one order, so that sums of decimals are the same each time.
        let mut ordered: Vec<_> = records.iter().collect();
        ordered.sort_unstable_by_key(|(id, _)| id.uuid());
        for (id, record) in ordered {
            let band = usize::from(record.completeness.min(99) / 25);
            if let Some(count) = read.bands.get_mut(band) {
                *count += 1;
            }
            read.stale += u64::from(record.due_on.is_some_and(|due| today > due));
            read.reasons.extend(record.stopped.clone());
            let theme = record.theme.as_deref().map_or_else(
                || "Non renseignée".to_owned(),
                |code| value_label(Facet::Theme, code),
            );
            let impact = read.impacts.entry(theme.clone()).or_insert(Impact {
                theme,
                records: 0,
                evaluated: 0,
                energy: None,
                gwp: None,
            });
            impact.records += 1;
            if let Some(one) = newest.get(id) {
                impact.evaluated += 1;
                impact.energy = plus(impact.energy, one.energy_kwh);
                impact.gwp = plus(impact.gwp, one.gwp_kg);
            }
        }
        read.reasons.sort();
        read
    }
}

/// The newest public estimate of each record.
fn newest(evaluations: &[Evaluation]) -> HashMap<UseCaseId, Evaluation> {
    let mut newest: HashMap<UseCaseId, Evaluation> = HashMap::new();
    for one in evaluations {
        let later = newest
            .get(&one.use_case)
            .is_none_or(|known| known.made_at < one.made_at);
        if later {
            newest.insert(one.use_case, one.clone());
        }
    }
    newest
}

/// The published records that take a component from another one: both titles, and what it took to make.
async fn between(
    app: &App,
    evaluations: &[Evaluation],
) -> Result<Vec<(String, String, Option<Build>)>, WebError> {
    let links: Vec<(UseCaseId, UseCaseId)> = app
        .store
        .public_links_of_kind(LinkKind::ReusesComponent)
        .await?
        .iter()
        .filter(|link| {
            [link.from, link.to]
                .iter()
                .all(|end| end.kind == RecordKind::UseCase)
        })
        .map(|link| (UseCaseId::new(link.from.id), UseCaseId::new(link.to.id)))
        .collect();
    let ids: Vec<UseCaseId> = links.iter().flat_map(|(by, of)| [*by, *of]).collect();
    let titles: HashMap<UseCaseId, String> = app
        .store
        .use_cases_by_ids(&ids)
        .await?
        .into_iter()
        .filter(|record| record.status == WorkflowStatus::Published)
        .map(|record| (record.id, record.content.title().to_owned()))
        .collect();
    Ok(reused(&links, evaluations)
        .into_iter()
        .filter_map(|one| {
            let (by, of) = (titles.get(&one.by)?, titles.get(&one.of)?);
            Some((by.clone(), of.clone(), one.build))
        })
        .collect())
}

fn section(counted: &Counted) -> ProseSection {
    // A list that is one row too long is shown whole: "one other" would take the same place.
    let shown = if counted.rows.len() <= SHOWN + 1 {
        counted.rows.len()
    } else {
        SHOWN
    };
    // Years are in order, and the newest ones are looked for; elsewhere the greatest come first.
    let (kept, others) = if counted.id == YEARS {
        let (others, kept) = counted.rows.split_at(counted.rows.len() - shown);
        (kept, others)
    } else {
        counted.rows.split_at(shown)
    };
    let mut text = counted.text.clone();
    if !others.is_empty() && counted.unit == "Fiches" {
        let sum: u64 = others.iter().map(|(_, count)| count).sum();
        let words = locale::counted(sum, "fiche", "fiches");
        if !text.is_empty() {
            text.push(' ');
        }
        if counted.id == YEARS {
            text.push_str(&format!("Avant ces années\u{a0}: {words}."));
        } else {
            text.push_str(&format!(
                "{} autres, moins nombreuses\u{a0}: {words} en tout.",
                others.len()
            ));
        }
    }
    let mut section = ProseSection::new(counted.id, counted.title, &text);
    section.links = vec![Link::new(
        format!("{} (CSV)", counted.title),
        format!("/statistiques/{}.csv", counted.id),
    )];
    if kept.is_empty() {
        return section;
    }
    let rows = kept
        .iter()
        .map(|(label, count)| (label.clone(), *count, None, None))
        .collect();
    section.chart = Some(BarChart::of_counts(
        &format!("g-{}", counted.id),
        counted.title,
        counted.header,
        counted.unit,
        rows,
    ));
    section
}

/// Two digits on the page, as no estimate holds more; the file has every one.
fn range(amount: Option<Amount>, unit: &str) -> String {
    amount.map_or_else(
        || "Non évalué".to_owned(),
        |amount| {
            format!(
                "{} à {}\u{a0}{unit}",
                significant(amount.low, 2),
                significant(amount.high, 2)
            )
        },
    )
}

fn impacts(found: &Statistics) -> ProseSection {
    let mut section = ProseSection::new(
        "impacts",
        "Empreintes d’une année, par politique publique",
        "Somme des bornes basses et somme des bornes hautes de la dernière estimation publique de chaque fiche. Ce qui n’est pas évalué n’est pas compté zéro\u{a0}: lisez la couverture avec la somme. Méthode, année et tables de chaque estimation sont dans sa fiche.",
    );
    section.links = vec![
        Link::new(
            "Empreintes par politique publique (CSV)",
            "/statistiques/impacts.csv",
        ),
        Link::new(
            "Ce que la mesure dit des estimations",
            crate::routes::estimate::gaps::PATH,
        ),
    ];
    section.table = Some(ProseTable {
        caption: "Électricité et gaz à effet de serre d’une année".to_owned(),
        headers: [
            "Politique publique",
            "Électricité",
            "Gaz à effet de serre",
            "Couverture",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: found
            .impacts
            .iter()
            .map(|one| {
                vec![
                    one.theme.clone(),
                    range(one.energy, "kWh"),
                    range(one.gwp, "kg CO₂e"),
                    format!(
                        "{} sur {}",
                        locale::integer(one.evaluated),
                        locale::integer(one.records)
                    ),
                ]
            })
            .collect(),
    });
    section
}

/// What making again the components that are reused would have taken, over the reuses where it is known.
fn remade(found: &Statistics) -> (u64, Option<Amount>, Option<Amount>) {
    let builds: Vec<Build> = found.reused.iter().filter_map(|(.., build)| *build).collect();
    let energy = builds.iter().fold(None, |sum, build| plus(sum, build.energy_kwh));
    // A sum that leaves one out would be read as the whole.
    let every: Option<Vec<Amount>> = builds.iter().map(|build| build.gwp_kg).collect();
    let gwp = every.unwrap_or_default().into_iter().fold(None, plus);
    (u64::try_from(builds.len()).unwrap_or(u64::MAX), energy, gwp)
}

/// What reuse and use avoid: a bound where the component that is reused says what it took to make, and no figure that
/// nobody declared elsewhere.
fn avoided(found: &Statistics) -> ProseSection {
    let reuse = if found.reuse.declarations == 0 {
        "Aucune organisation n’a encore déclaré utiliser le projet d’une autre.".to_owned()
    } else {
        format!(
            "{} par d’autres organisations, pour {}.",
            locale::counted(
                found.reuse.declarations,
                "réutilisation est déclarée",
                "réutilisations sont déclarées"
            ),
            locale::counted(found.reuse.records, "projet", "projets")
        )
    };
    let (known, energy, gwp) = remade(found);
    let links = u64::try_from(found.reused.len()).unwrap_or(u64::MAX);
    let bound = match energy {
        None => format!(
            "{} une brique à une autre fiche, et aucune de ces briques n’a d’estimation publique de sa construction\u{a0}: rien n’est déduit du nombre de réutilisations.",
            locale::counted(links, "fiche emprunte", "fiches empruntent")
        ),
        Some(energy) => format!(
            "{} une brique à une autre fiche\u{202f}; pour {}, la fiche d’origine estime ce que sa construction a demandé, données et essais compris\u{a0}: **{}**{}. C’est ce que le réemploi a évité au plus, si la brique avait été refaite entière\u{202f}; au moins zéro, si elle ne l’avait pas été.",
            locale::counted(links, "fiche emprunte", "fiches empruntent"),
            locale::counted(known, "réemploi", "réemplois"),
            range(Some(energy), "kWh"),
            gwp.map(|gwp| format!(" et {}", range(Some(gwp), "kg CO₂e")))
                .unwrap_or_default()
        ),
    };
    let mut section = ProseSection::new(
        "evites",
        "Évité par le réemploi et par l’usage",
        &format!(
            "Hors de tous les totaux. {reuse}\n\n{bound}\n\nEffets évités décrits en mots\u{a0}: {} sur {}\u{202f}; aucune ne donne de valeur avec sa source, la bibliothèque n’en affiche donc aucune.",
            locale::counted(found.avoided, "auto-évaluation", "auto-évaluations"),
            locale::integer(found.assessed)
        ),
    );
    if energy.is_some() {
        section.table = Some(ProseTable {
            caption: "Ce que la construction de la brique a demandé, d’après la fiche d’origine".to_owned(),
            headers: [
                "Fiche qui emprunte",
                "Fiche d’origine",
                "Électricité",
                "Gaz à effet de serre",
            ]
            .map(str::to_owned)
            .to_vec(),
            rows: found
                .reused
                .iter()
                .filter_map(|(by, of, build)| {
                    let build = (*build)?;
                    Some(vec![
                        by.clone(),
                        of.clone(),
                        range(Some(build.energy_kwh), "kWh"),
                        range(build.gwp_kg, "kg CO₂e"),
                    ])
                })
                .take(SHOWN)
                .collect(),
        });
    }
    section.links = vec![Link::new(
        "Évité par le réemploi et par l’usage (CSV)",
        "/statistiques/evites.csv",
    )];
    if energy.is_some() {
        section.links.push(Link::new(
            "Briques empruntées, une à une (CSV)",
            "/statistiques/reemplois.csv",
        ));
    }
    section
}

/// The page.
///
/// # Errors
/// When the database or the index does not answer.
pub async fn page(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, HTML, async {
        let found = gather(&app).await?;
        let mut sections: Vec<ProseSection> = found.counted.iter().map(section).collect();
        sections.push(impacts(&found));
        sections.push(avoided(&found));
        let told = u64::try_from(found.reasons.len()).unwrap_or(u64::MAX);
        let words = match told {
            0 => "Aucun motif d’abandon public.".to_owned(),
            _ => format!(
                "{} leur motif\u{a0}: il est sur leur fiche, et tous sont dans le [fichier CSV](/statistiques/abandons.csv).",
                locale::counted(told, "projet abandonné donne", "projets abandonnés donnent"),
            ),
        };
        let reasons = ProseSection::new("abandons", "Pourquoi des projets s’arrêtent", &words);
        sections.push(reasons);
        let mut page = prose(
            frame(&app, Place::Data, "Statistiques", "/statistiques")
                .described("Ce que disent ensemble les fiches publiées\u{a0}: politiques publiques, maturité, empreintes, pratiques."),
            "Statistiques",
            &format!(
                "Ce que disent ensemble {}, comptées à l’instant.",
                locale::counted(found.total, "fiche publiée", "fiches publiées")
            ),
            sections,
        );
        page.foot = format!("Données sous {}.", app.settings.site.licence);
        render(&page)
    })
    .await
}

/// One of its tables, whole.
///
/// # Errors
/// When there is no such table, or the database does not answer.
pub async fn file(State(app): State<App>, Path(name): Path<String>) -> Result<Response, WebError> {
    let id = name.strip_suffix(".csv").ok_or(WebError::NotFound)?;
    let found = gather(&app).await?;
    let text = |value: f64| value.to_string();
    let amount = |amount: Option<Amount>| match amount {
        Some(one) => [text(one.low), text(one.central), text(one.high)],
        None => [String::new(), String::new(), String::new()],
    };
    let (known, energy, gwp) = remade(&found);
    let most = |amount: Option<Amount>| amount.map(|one| text(one.high)).unwrap_or_default();
    let (headers, rows): (Vec<&str>, Vec<Vec<String>>) = match id {
        "impacts" => (
            vec![
                "politique_publique",
                "fiches",
                "fiches_evaluees",
                "kwh_bas",
                "kwh_central",
                "kwh_haut",
                "kgco2e_bas",
                "kgco2e_central",
                "kgco2e_haut",
            ],
            found
                .impacts
                .iter()
                .map(|one| {
                    let mut row = vec![
                        one.theme.clone(),
                        one.records.to_string(),
                        one.evaluated.to_string(),
                    ];
                    row.extend(amount(one.energy));
                    row.extend(amount(one.gwp));
                    row
                })
                .collect(),
        ),
        "reemplois" => (
            vec![
                "fiche_qui_emprunte",
                "fiche_d_origine",
                "kwh_bas",
                "kwh_central",
                "kwh_haut",
                "kgco2e_bas",
                "kgco2e_central",
                "kgco2e_haut",
            ],
            found
                .reused
                .iter()
                .map(|(by, of, build)| {
                    let mut row = vec![by.clone(), of.clone()];
                    row.extend(amount(build.map(|build| build.energy_kwh)));
                    row.extend(amount(build.and_then(|build| build.gwp_kg)));
                    row
                })
                .collect(),
        ),
        "evites" => (
            vec!["grandeur", "nombre"],
            vec![
                vec![
                    "reutilisations_declarees".to_owned(),
                    found.reuse.declarations.to_string(),
                ],
                vec!["projets_reutilises".to_owned(), found.reuse.records.to_string()],
                vec!["auto_evaluations".to_owned(), found.assessed.to_string()],
                vec![
                    "auto_evaluations_avec_effets_evites".to_owned(),
                    found.avoided.to_string(),
                ],
                vec!["briques_empruntees".to_owned(), found.reused.len().to_string()],
                vec![
                    "briques_dont_la_construction_est_estimee".to_owned(),
                    known.to_string(),
                ],
                // Where nobody says what it took, unknown is not zero.
                vec!["kwh_evites_au_plus".to_owned(), most(energy)],
                vec!["kgco2e_evites_au_plus".to_owned(), most(gwp)],
            ],
        ),
        "abandons" => (
            vec!["projet", "motif"],
            found
                .reasons
                .iter()
                .map(|(title, reason)| vec![title.clone(), reason.clone()])
                .collect(),
        ),
        id => {
            let counted = found
                .counted
                .iter()
                .find(|one| one.id == id)
                .ok_or(WebError::NotFound)?;
            (
                vec!["valeur", "nombre"],
                counted
                    .rows
                    .iter()
                    .map(|(label, count)| vec![label.clone(), count.to_string()])
                    .collect(),
            )
        }
    };
    let table = Table {
        title: "Statistiques".to_owned(),
        headers: headers.into_iter().map(str::to_owned).collect(),
        rows,
    };
    let bytes = csv(&table).map_err(|error| WebError::Internal(error.to_string()))?;
    Ok(attachment(bytes, CSV, &format!("statistiques-{id}.csv")))
}
