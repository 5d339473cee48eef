//! Where records stand in each instrument, as far as a reader may read: for the page of one, for the sum of many.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use sobria_catalogue::access::{Level, VisibleUseCase};
use sobria_catalogue::evaluation::{Evaluation, MeasuredRatio};
use sobria_catalogue::id::{OrganisationId, UseCaseId};
use sobria_govern::frugality::{Outcome, PracticeId, Standing as PracticeStanding};
use sobria_govern::roadmap::strategy::Strategy;
use sobria_govern::transparency::{Dossier, Facts, RiskClass, classify, sheet};
use sobria_store::{AssessmentKind, Subject};

use super::purchase::{Linked, linked};
use super::{frugality, percent, transparency};
use crate::app::App;
use crate::error::WebError;
use crate::locale;
use crate::routes::cards::day_words;
use crate::session::Reader;
use crate::view::Fact;

/// What a reader may know of one record in each instrument.
pub struct Standing {
    /// Address of the record.
    pub path: String,
    /// Estimates, newest first.
    pub estimates: Vec<Evaluation>,
    /// What was measured over what was estimated, the last one kept.
    pub ratio: Option<MeasuredRatio>,
    /// The newest assessment of frugality.
    pub frugality: Option<Assessed>,
    /// Presumed class of risk; none when nothing says it.
    pub class: Option<RiskClass>,
    /// Share of the sheet of transparency that is filled, in hundredths.
    pub sheet: f64,
    /// The service that answers for it, when the dossier says it.
    pub service: String,
    /// Purchases begun from it, for those who keep them.
    pub purchases: Vec<Linked>,
    /// Measures of the roadmap that are about it: words and stage.
    pub measures: Vec<(String, &'static str)>,
}

/// An assessment of frugality.
pub struct Assessed {
    /// In one line.
    pub words: String,
    /// What it comes to.
    pub outcome: Outcome,
    /// Where each practice stands.
    pub practices: Vec<(PracticeId, PracticeStanding)>,
    /// Whether everybody reads it.
    pub public: bool,
}

/// What goes with one organisation and is read once for all its records.
#[derive(Default)]
struct Carrier {
    strategy: Option<Strategy>,
    purchases: Vec<Linked>,
}

async fn carrier(app: &App, id: OrganisationId, level: Level, reader: &Reader) -> Result<Carrier, WebError> {
    let strategy = app
        .store
        .assessments_of(AssessmentKind::Roadmap, Subject::Organisation(id), level)
        .await?
        .first()
        .and_then(crate::routes::strategy::parse);
    let purchases = if reader.actor().contributes_for(id) {
        linked(app, id).await?
    } else {
        Vec::new()
    };
    Ok(Carrier { strategy, purchases })
}

/// Where each record stands, in the order given. All are read at the level of the first: records of one organisation.
///
/// # Errors
/// When the database does not answer.
pub async fn of(app: &App, items: &[VisibleUseCase], reader: &Reader) -> Result<Vec<Standing>, WebError> {
    let Some(first) = items.first() else {
        return Ok(Vec::new());
    };
    let level = first.level();
    let ids: Vec<UseCaseId> = items.iter().map(|item| item.record().id).collect();
    let mut estimates: HashMap<UseCaseId, Vec<Evaluation>> = HashMap::new();
    for one in app.store.evaluations_of(&ids, level).await? {
        estimates.entry(one.use_case).or_default().push(one);
    }
    // Newest first: the first one found of a record stays.
    let mut ratios: HashMap<UseCaseId, MeasuredRatio> = HashMap::new();
    for one in app.store.ratios(level).await? {
        ratios.entry(one.use_case).or_insert(one);
    }
    let assessments = app
        .store
        .newest_assessments(AssessmentKind::Frugality, &ids, level)
        .await?;
    let dossiers = app
        .store
        .newest_assessments(AssessmentKind::Transparency, &ids, level)
        .await?;
    let mut carriers: HashMap<OrganisationId, Carrier> = HashMap::new();
    for item in items {
        let of = item.record().organisation.id;
        if let Entry::Vacant(place) = carriers.entry(of) {
            place.insert(carrier(app, of, level, reader).await?);
        }
    }
    let mut found = Vec::with_capacity(items.len());
    for item in items {
        let record = item.record();
        let Some(own) = carriers.get(&record.organisation.id) else {
            continue;
        };
        let mut evaluations = estimates.remove(&record.id).unwrap_or_default();
        evaluations.sort_by_key(|one| std::cmp::Reverse(one.made_at));
        let dossier = dossiers
            .get(&record.id)
            .and_then(transparency::parse)
            .unwrap_or_default();
        let (class, sheet) = transparent(app, item, &evaluations, &dossier);
        found.push(Standing {
            path: format!("/cas-usages/{}", record.slug),
            ratio: ratios.remove(&record.id),
            frugality: assessments.get(&record.id).and_then(|stored| {
                let (assessment, snapshot) = frugality::parse(stored)?;
                let practices = snapshot.pairs();
                Some(Assessed {
                    words: frugality::brief(stored),
                    outcome: assessment.outcome_of(&practices),
                    practices,
                    public: stored.published_at.is_some(),
                })
            }),
            class,
            sheet,
            service: dossier.get("service").to_owned(),
            purchases: own
                .purchases
                .iter()
                .filter(|one| one.record == record.slug)
                .cloned()
                .collect(),
            measures: own.strategy.as_ref().map_or_else(Vec::new, |strategy| {
                strategy
                    .measures_about(&record.id.to_string())
                    .map(|measure| (measure.label.clone(), measure.stage.label()))
                    .collect()
            }),
            estimates: evaluations,
        });
    }
    Ok(found)
}

fn transparent(
    app: &App,
    item: &VisibleUseCase,
    evaluations: &[Evaluation],
    dossier: &Dossier,
) -> (Option<RiskClass>, f64) {
    let record = item.record();
    let (identifier, licence) = (record.id.to_string(), app.site().licence.clone());
    let url = format!("{}/cas-usages/{}", app.settings.base_url, record.slug);
    let facts = Facts {
        content: item.content(),
        organisation: &record.organisation,
        evaluations,
        updated_on: record.updated_at.to_zoned(jiff::tz::TimeZone::UTC).date(),
        version: record.version,
        identifier: &identifier,
        url: &url,
        licence: &licence,
        vocabularies: &app.vocabularies(),
    };
    (
        classify(dossier, Some(&facts)).class,
        sheet(&facts, dossier).score(),
    )
}

/// `0,9 (de 0,6 à 1,4)`.
pub fn ratio_words(ratio: &MeasuredRatio) -> String {
    format!(
        "{} (de {} à {})",
        locale::decimal(ratio.central, 2),
        locale::decimal(ratio.low, 2),
        locale::decimal(ratio.high, 2)
    )
}

impl Standing {
    /// How many estimates, and when the last was made.
    pub fn estimates_words(&self) -> String {
        match self.estimates.first() {
            None => "Pas encore évaluée".to_owned(),
            Some(newest) => format!(
                "{}, la dernière du {}",
                locale::counted(
                    u64::try_from(self.estimates.len()).unwrap_or(u64::MAX),
                    "estimation",
                    "estimations"
                ),
                day_words(newest.made_at)
            ),
        }
    }

    /// The sheet of transparency in a few words.
    pub fn sheet_words(&self) -> String {
        let class = self
            .class
            .map(|class| format!(", {}", class.label().to_lowercase()))
            .unwrap_or_default();
        format!("remplie à {}{class}", percent(self.sheet))
    }

    /// One line per instrument, those where nothing is known included.
    pub fn facts(&self, carrier: &str) -> Vec<Fact> {
        let fact = |label: &str, value: String, href: Option<String>| Fact {
            label: label.to_owned(),
            value,
            href,
        };
        let path = &self.path;
        let mut facts = vec![fact(
            "Empreinte",
            self.estimates_words(),
            (!self.estimates.is_empty()).then(|| format!("{path}#empreinte")),
        )];
        if let Some(ratio) = &self.ratio {
            facts.push(fact("Mesuré sur estimé", ratio_words(ratio), None));
        }
        facts.push(match &self.frugality {
            Some(assessed) => fact(
                "Frugalité",
                assessed.words.clone(),
                Some(format!("{path}/frugalite")),
            ),
            None => fact("Frugalité", "Pas encore évaluée".to_owned(), None),
        });
        facts.push(fact(
            "Fiche de transparence",
            self.sheet_words(),
            Some(format!("{path}/transparence")),
        ));
        for purchase in self.purchases.iter().take(3) {
            facts.push(fact(
                "Achat",
                format!("{} ({})", purchase.title, purchase.stage.to_lowercase()),
                Some(purchase.path.clone()),
            ));
        }
        for (label, stage) in self.measures.iter().take(3) {
            facts.push(fact(
                "Feuille de route",
                format!("{label} ({})", stage.to_lowercase()),
                Some(format!("/organisations/{carrier}/feuille-de-route#mesures")),
            ));
        }
        facts
    }
}
