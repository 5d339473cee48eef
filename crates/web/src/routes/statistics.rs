//! `/statistiques`: what the published records say together. Each drawing is a table, and a CSV that holds every row.

use std::collections::{BTreeMap, HashMap};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use sobria_catalogue::access::{Level, redact};
use sobria_catalogue::evaluation::{Amount, Evaluation};
use sobria_catalogue::field::Field;
use sobria_catalogue::id::UseCaseId;
use sobria_catalogue::query::{CatalogueQuery, Facet};
use sobria_catalogue::review::{Freshness, freshness};
use sobria_exchange::table::{Table, csv};
use sobria_govern::frugality::Practice;
use sobria_govern::roadmap::paper::figure;
use sobria_store::AssessmentKind;

use crate::app::App;
use crate::error::WebError;
use crate::locale;
use crate::respond::{HTML, cached};
use crate::routes::cards::labels;
use crate::routes::facets::value_label;
use crate::routes::frame::{frame, render};
use crate::routes::govern::{CSV, attachment, frugality};
use crate::routes::text::prose;
use crate::view::chart::BarChart;
use crate::view::library::Link;
use crate::view::{Place, ProseSection, ProseTable};

/// Rows of a drawing; the others are summed up in one, and stand one by one in the file.
const SHOWN: usize = 5;
/// Records read at once.
const BATCH: u32 = 500;

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
        facet(Facet::StartYear, "annees", "Par année de début", "Année", ""),
    ];
    let newest = newest(app).await?;
    let mut impacts: BTreeMap<String, Impact> = BTreeMap::new();
    let mut bands = [0_u64; 4];
    let (mut stale, mut reasons) = (0, Vec::new());
    let mut ids: Vec<UseCaseId> = Vec::new();
    let today = app.today();
    let mut after = None;
    loop {
        let records = app.store.stream_published(after, BATCH).await?;
        let Some(last) = records.last() else { break };
        after = Some(last.id);
        for record in records {
            let item = redact(record, Level::Public);
            let (record, content) = (item.record(), item.content());
            ids.push(record.id);
            let band = usize::from(record.completeness.min(99) / 25);
            if let Some(count) = bands.get_mut(band) {
                *count += 1;
            }
            if freshness(content, record.last_reviewed_on, today) != Freshness::Fresh {
                stale += 1;
            }
            if content.code(Field::Maturity) == Some("abandonne") {
                let reason = labels(&item, Field::AbandonmentReason);
                if !reason.is_empty() {
                    reasons.push((content.title().to_owned(), reason));
                }
            }
            let theme = content.code(Field::Theme).map_or_else(
                || "Non renseignée".to_owned(),
                |code| value_label(Facet::Theme, code),
            );
            let impact = impacts.entry(theme.clone()).or_insert(Impact {
                theme,
                records: 0,
                evaluated: 0,
                energy: None,
                gwp: None,
            });
            impact.records += 1;
            if let Some(one) = newest.get(&record.id) {
                impact.evaluated += 1;
                impact.energy = plus(impact.energy, one.energy_kwh);
                impact.gwp = plus(impact.gwp, one.gwp_kg);
            }
        }
    }
    let total = u64::try_from(ids.len()).unwrap_or(u64::MAX);
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
        .public_assessments(AssessmentKind::Frugality, &ids)
        .await?;
    let mut missing: HashMap<String, u64> = HashMap::new();
    let (mut avoided, mut assessed) = (0, 0);
    for (assessment, snapshot) in assessments.values().filter_map(frugality::parse) {
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
    Ok(Statistics {
        total,
        counted,
        impacts: impacts.into_values().collect(),
        reasons,
        avoided,
        assessed,
    })
}

/// The newest public estimate of each record.
async fn newest(app: &App) -> Result<HashMap<UseCaseId, Evaluation>, WebError> {
    let mut newest: HashMap<UseCaseId, Evaluation> = HashMap::new();
    for one in app.store.evaluations(Level::Public).await? {
        let later = newest
            .get(&one.use_case)
            .is_none_or(|known| known.made_at < one.made_at);
        if later {
            newest.insert(one.use_case, one);
        }
    }
    Ok(newest)
}

fn section(counted: &Counted) -> ProseSection {
    let mut section = ProseSection::new(counted.id, counted.title, &counted.text);
    section.links = vec![Link::new(
        format!("{} (CSV)", counted.title),
        format!("/statistiques/{}.csv", counted.id),
    )];
    if counted.rows.is_empty() {
        return section;
    }
    // A list that is one row too long is shown whole: "one other" would take the same place.
    let shown = if counted.rows.len() <= SHOWN + 1 {
        counted.rows.len()
    } else {
        SHOWN
    };
    let mut rows: Vec<_> = counted
        .rows
        .iter()
        .take(shown)
        .map(|(label, count)| (label.clone(), *count, None, None))
        .collect();
    if counted.rows.len() > shown && counted.unit == "Fiches" {
        let others: u64 = counted.rows.iter().skip(shown).map(|(_, count)| count).sum();
        rows.push((
            format!("{} autres", counted.rows.len() - shown),
            others,
            None,
            None,
        ));
    }
    section.chart = Some(BarChart::of_counts(
        &format!("g-{}", counted.id),
        counted.title,
        counted.header,
        counted.unit,
        rows,
    ));
    section
}

fn range(amount: Option<Amount>, unit: &str) -> String {
    amount.map_or_else(
        || "Non évalué".to_owned(),
        |amount| format!("{} à {}\u{a0}{unit}", figure(amount.low), figure(amount.high)),
    )
}

fn impacts(found: &Statistics) -> ProseSection {
    let mut section = ProseSection::new(
        "impacts",
        "Empreintes d’une année, par politique publique",
        "Somme des bornes basses et somme des bornes hautes de la dernière estimation publique de chaque fiche. Ce qui n’est pas évalué n’est pas compté zéro\u{a0}: lisez la couverture avec la somme. Méthode, année et tables de chaque estimation sont dans sa fiche.",
    );
    section.links = vec![Link::new(
        "Empreintes par politique publique (CSV)",
        "/statistiques/impacts.csv",
    )];
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

/// The page.
///
/// # Errors
/// When the database or the index does not answer.
pub async fn page(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, HTML, async {
        let found = gather(&app).await?;
        let mut sections: Vec<ProseSection> = found.counted.iter().map(section).collect();
        sections.push(impacts(&found));
        sections.push(ProseSection::new(
            "evites",
            "Effets évités",
            &format!(
                "Hors de tous les totaux. {} sur {} décrivent des effets évités en mots\u{202f}; la bibliothèque n’en additionne aucun, faute de valeur déclarée avec sa source.",
                locale::counted(found.avoided, "auto-évaluation", "auto-évaluations"),
                locale::integer(found.assessed)
            ),
        ));
        let lines: Vec<String> = found
            .reasons
            .iter()
            .take(SHOWN)
            .map(|(title, reason)| format!("- **{title}**\u{a0}: {}", sobria_catalogue::text::excerpt(reason, 160)))
            .collect();
        let mut reasons = ProseSection::new(
            "abandons",
            "Pourquoi des projets s’arrêtent",
            if lines.is_empty() { "Aucun motif d’abandon public." } else { "" },
        );
        if !lines.is_empty() {
            reasons.text = crate::view::RichText::parse(&lines.join("\n"));
            reasons.links = vec![Link::new("Motifs d’abandon (CSV)", "/statistiques/abandons.csv")];
        }
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
