//! What the published records say together, counted at once from the index, the census and the estimates.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use sobria_catalogue::access::Level;
use sobria_catalogue::evaluation::{Amount, Evaluation};
use sobria_catalogue::id::UseCaseId;
use sobria_catalogue::link::{LinkKind, RecordKind};
use sobria_catalogue::query::{CatalogueQuery, Facet};
use sobria_catalogue::use_case::WorkflowStatus;
use sobria_govern::frugality::Practice;
use sobria_govern::reuse::{Build, reused};
use sobria_store::{AssessmentKind, Reuse};

use super::{SHOWN, YEARS};
use crate::app::App;
use crate::census::Counted as Record;
use crate::error::WebError;
use crate::locale;
use crate::routes::facets::value_label;
use crate::routes::govern::frugality;

/// A count by value.
pub(super) struct Counted {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) header: &'static str,
    pub(super) unit: &'static str,
    pub(super) text: String,
    pub(super) rows: Vec<(String, u64)>,
}

/// What is known of the footprints of a theme.
pub(super) struct Impact {
    pub(super) theme: String,
    pub(super) records: u64,
    pub(super) evaluated: u64,
    pub(super) energy: Option<Amount>,
    pub(super) gwp: Option<Amount>,
}

pub(super) struct Statistics {
    pub(super) total: u64,
    pub(super) reuse: Reuse,
    pub(super) reused: Vec<(String, String, Option<Build>)>,
    pub(super) counted: Vec<Counted>,
    pub(super) impacts: Vec<Impact>,
    pub(super) reasons: Vec<(String, String)>,
    pub(super) avoided: u64,
    pub(super) assessed: u64,
}

pub(super) fn plus(sum: Option<Amount>, one: Amount) -> Option<Amount> {
    Some(sum.map_or(one, |sum| Amount {
        low: sum.low + one.low,
        central: sum.central + one.central,
        high: sum.high + one.high,
    }))
}

pub(super) async fn gather(app: &App) -> Result<Statistics, WebError> {
    let mut counted = by_facet(app)?;
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
    let Practices {
        least,
        avoided,
        assessed,
    } = practices(app).await?;
    counted.push(least);
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

/// The counts that the index holds.
fn by_facet(app: &App) -> Result<Vec<Counted>, WebError> {
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
    Ok(counted)
}

/// What the public assessments of frugality say together.
struct Practices {
    /// The practices, those that most lack a proof first.
    least: Counted,
    /// Assessments that describe effects that the project avoids.
    avoided: u64,
    /// How many assessments there are.
    assessed: u64,
}

async fn practices(app: &App) -> Result<Practices, WebError> {
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
    let least = Counted {
        id: "pratiques",
        title: "Pratiques de frugalité les moins prouvées",
        header: "Pratique",
        unit: "Projets où elle n’est pas prouvée appliquée",
        text: format!(
            "Sur {} de frugalité.",
            locale::counted(assessed, "auto-évaluation publique", "auto-évaluations publiques")
        ),
        rows,
    };
    Ok(Practices {
        least,
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
