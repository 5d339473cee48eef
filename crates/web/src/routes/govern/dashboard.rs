//! `/organisations/{slug}/tableau-de-bord`: what an organisation's projects come to in every instrument. Everybody
//! reads what was made public; those who contribute for it also read what waits, and their purchases.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use sobria_catalogue::access::{Level, VisibleUseCase};
use sobria_catalogue::evaluation::Amount;
use sobria_catalogue::field::Field;
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::query::{CatalogueQuery, Sort};
use sobria_catalogue::rights::Role;
use sobria_exchange::table::{Table, csv};
use sobria_govern::frugality::{Practice, Standing as PracticeStanding};
use sobria_govern::roadmap::paper::figure;
use sobria_govern::roadmap::target::Status;

use super::purchase::{Linked, linked};
use super::standing::{self, Standing, ratio_words};
use super::{CSV, attachment};
use crate::app::App;
use crate::error::WebError;
use crate::locale;
use crate::respond::{HTML, cached};
use crate::routes::account::fresh;
use crate::routes::cards::{labels, visible};
use crate::routes::frame::{frame, render};
use crate::session::Reader;
use crate::view::govern::GovernPage;
use crate::view::library::Link;
use crate::view::{Crumb, Fact, Place, ProseSection, ProseTable};

/// Most records of one organisation.
const MOST: usize = 1000;
/// Projects listed on the page; the file holds all of them.
const LISTED: usize = 25;
/// Practices listed.
const PRACTICES: usize = 5;

struct Dashboard {
    organisation: Organisation,
    /// Whether the reader looks from inside.
    inside: bool,
    items: Vec<VisibleUseCase>,
    standings: Vec<Standing>,
    purchases: Vec<Linked>,
    roadmap: Option<(String, Vec<Status>)>,
}

fn looks_inside(reader: &Reader, organisation: &Organisation) -> bool {
    let actor = reader.actor();
    actor.contributes_for(organisation.id) || actor.is_at_least(Role::Moderator)
}

async fn gather(app: &App, organisation: Organisation, reader: &Reader) -> Result<Dashboard, WebError> {
    let inside = looks_inside(reader, &organisation);
    let level = if inside {
        Level::Organisation
    } else {
        Level::Public
    };
    let query = CatalogueQuery {
        organisation: Some(organisation.id),
        sort: Sort::Title,
        limit: MOST,
        ..CatalogueQuery::default()
    };
    let ids = app.index.find(&query, level)?.ids;
    let items = visible(app, &ids, level).await?;
    let purchases = if reader.actor().contributes_for(organisation.id) {
        linked(app, organisation.id).await?
    } else {
        Vec::new()
    };
    Ok(Dashboard {
        standings: standing::of(app, &items, reader).await?,
        roadmap: crate::routes::strategy::progress(app, &organisation, reader).await?,
        organisation,
        inside,
        items,
        purchases,
    })
}

fn is_running(item: &VisibleUseCase) -> bool {
    !matches!(
        item.content().code(Field::Maturity),
        Some("termine" | "abandonne")
    )
}

/// Bounds in words; one figure where both read alike.
fn span(amount: Amount, unit: &str) -> String {
    let (low, high) = (two_digits(amount.low), two_digits(amount.high));
    if low == high {
        format!("environ {low}\u{a0}{unit}")
    } else {
        format!("{low} à {high}\u{a0}{unit}")
    }
}

/// Two significant digits: no sum of estimates holds more.
fn two_digits(value: f64) -> String {
    let step = 10_f64.powf(value.abs().log10().floor() - 1.0);
    let rounded = (value / step).round() * step;
    figure(if rounded.is_finite() { rounded } else { value })
}

fn share(count: usize, all: usize) -> String {
    format!("{} sur {}", locale::count(count), locale::count(all))
}

impl Dashboard {
    fn pairs(&self) -> impl Iterator<Item = (&VisibleUseCase, &Standing)> {
        self.items.iter().zip(&self.standings)
    }

    fn path(&self) -> String {
        format!("/organisations/{}/tableau-de-bord", self.organisation.slug)
    }

    fn figures(&self) -> Vec<Fact> {
        let all = self.standings.len();
        let count = |is: &dyn Fn(&Standing) -> bool| self.standings.iter().filter(|one| is(one)).count();
        let root = format!("/organisations/{}", self.organisation.slug);
        let mut figures = vec![
            Fact::new(
                "Projets en cours",
                share(self.items.iter().filter(|item| is_running(item)).count(), all),
            ),
            Fact::new(
                "Empreinte évaluée",
                share(count(&|one| !one.estimates.is_empty()), all),
            ),
            Fact::new(
                "Frugalité évaluée",
                share(count(&|one| one.frugality.is_some()), all),
            ),
            Fact {
                label: "Niveau de risque présumé".to_owned(),
                value: share(count(&|one| one.class.is_some()), all),
                href: Some(format!("{root}/inventaire")),
            },
        ];
        figures.push(match &self.roadmap {
            Some((_, goals)) => Fact {
                label: "Objectifs atteints ou dans les temps".to_owned(),
                value: share(
                    goals
                        .iter()
                        .filter(|status| matches!(status, Status::Reached | Status::OnTrack))
                        .count(),
                    goals.len(),
                ),
                href: Some(format!("{root}/feuille-de-route")),
            },
            None => Fact::new("Feuille de route", "Aucune à lire ici"),
        });
        if !self.purchases.is_empty() {
            figures.push(Fact {
                label: "Dossiers d’achat".to_owned(),
                value: locale::count(self.purchases.len()),
                href: Some(super::purchase::FILES.to_owned()),
            });
        }
        figures
    }

    /// What the newest estimates of the projects that run come to.
    fn footprint(&self) -> ProseSection {
        let running: Vec<&Standing> = self
            .pairs()
            .filter(|(item, _)| is_running(item))
            .map(|(_, one)| one)
            .collect();
        let newest: Vec<_> = running.iter().filter_map(|one| one.estimates.first()).collect();
        let sum = |of: fn(&sobria_catalogue::evaluation::Evaluation) -> Amount| {
            newest.iter().map(|one| of(one)).reduce(|a, b| Amount {
                low: a.low + b.low,
                central: a.central + b.central,
                high: a.high + b.high,
            })
        };
        let text = match (sum(|one| one.energy_kwh), sum(|one| one.gwp_kg)) {
            (Some(energy), Some(gwp)) => format!(
                "Chaque année, **{}** et **{}**\u{a0}: sommes des bornes de la dernière estimation de chaque projet en cours, pour {}. Un projet qui n’est pas évalué n’est pas compté zéro\u{a0}: il manque à la somme. Méthode, année et tables de chaque estimation sont dans sa fiche.",
                span(energy, "kWh"),
                span(gwp, "kg CO₂e"),
                share(newest.len(), running.len()),
            ),
            _ => "Aucun projet en cours n’a d’estimation à lire ici\u{a0}: l’empreinte n’est pas connue."
                .to_owned(),
        };
        let mut section = ProseSection::new("empreinte", "Empreinte d’une année", &text);
        section.links = vec![Link::new("Évaluer un projet", "/estimer")];
        section
    }

    fn projects(&self) -> ProseSection {
        let mut section = ProseSection::new(
            "projets",
            "Projet par projet",
            &if self.items.len() > LISTED {
                format!("Les {LISTED} premiers par ordre alphabétique\u{202f}; le fichier les donne tous.")
            } else {
                String::new()
            },
        );
        section.links = vec![Link::new(
            "Registre des services d’IA (CSV)",
            format!("{}.csv", self.path()),
        )];
        if self.items.is_empty() {
            section.text = crate::view::RichText::parse("Aucun projet publié.");
            return section;
        }
        let mut headers = vec![
            "Projet",
            "Empreinte",
            "Mesuré sur estimé",
            "Frugalité",
            "Transparence",
            "Feuille de route",
        ];
        if self.inside {
            headers.push("Achat");
        }
        section.table = Some(ProseTable {
            caption: "Où en est chaque projet dans chaque instrument".to_owned(),
            headers: headers.into_iter().map(str::to_owned).collect(),
            rows: self
                .pairs()
                .take(LISTED)
                .map(|(item, one)| self.row(item, one))
                .collect(),
        });
        section.row_links = self
            .standings
            .iter()
            .take(LISTED)
            .map(|one| one.path.clone())
            .collect();
        section
    }

    fn row(&self, item: &VisibleUseCase, one: &Standing) -> Vec<String> {
        let none = || "–".to_owned();
        let mut row = vec![
            item.content().title().to_owned(),
            one.estimates_words(),
            one.ratio.as_ref().map_or_else(none, ratio_words),
            one.frugality.as_ref().map_or_else(
                || "Pas encore évaluée".to_owned(),
                |assessed| assessed.words.clone(),
            ),
            one.sheet_words(),
            one.measures.first().map_or_else(none, |(label, stage)| {
                format!("{label} ({})", stage.to_lowercase())
            }),
        ];
        if self.inside {
            row.push(one.purchases.first().map_or_else(none, |purchase| {
                format!("{} ({})", purchase.title, purchase.stage.to_lowercase())
            }));
        }
        row
    }

    /// The practices that the fewest assessed projects have at level 2.
    fn practices(&self) -> ProseSection {
        let assessed: Vec<_> = self
            .standings
            .iter()
            .filter_map(|one| one.frugality.as_ref())
            .collect();
        let mut missing: BTreeMap<u8, (usize, &'static str)> = BTreeMap::new();
        for (id, standing) in assessed.iter().flat_map(|one| &one.practices) {
            if *standing != PracticeStanding::Excluded
                && standing.proven() < 2
                && let Some(practice) = Practice::of(*id)
            {
                missing.entry(id.number()).or_insert((0, practice.title)).0 += 1;
            }
        }
        let mut rows: Vec<(u8, usize, &str)> = missing
            .into_iter()
            .map(|(number, (count, title))| (number, count, title))
            .collect();
        rows.sort_by_key(|(number, count, _)| (std::cmp::Reverse(*count), *number));
        let text = if assessed.is_empty() {
            "Aucun projet n’a d’auto-évaluation à lire ici."
        } else if rows.is_empty() {
            "Chaque pratique est prouvée appliquée dans chaque projet évalué."
        } else {
            "Celles qui manquent le plus\u{a0}: les projets évalués n’ont pas encore prouvé les appliquer (niveau 2)."
        };
        let mut section = ProseSection::new("pratiques", "Pratiques à travailler ensemble", text);
        if !rows.is_empty() {
            section.table = Some(ProseTable {
                caption: format!(
                    "Sur {}",
                    locale::counted(
                        u64::try_from(assessed.len()).unwrap_or(u64::MAX),
                        "projet évalué",
                        "projets évalués"
                    )
                ),
                headers: ["Pratique", "Projets où elle manque"].map(str::to_owned).to_vec(),
                rows: rows
                    .into_iter()
                    .take(PRACTICES)
                    .map(|(number, count, title)| vec![format!("{number}. {title}"), locale::count(count)])
                    .collect(),
            });
        }
        if self.inside {
            section.links = vec![Link::new(
                "Pratiques que l’organisation répond une fois pour tous ses projets",
                format!("/maitriser/frugalite?organisation={}", self.organisation.slug),
            )];
        }
        section
    }

    fn classes(&self) -> Option<ProseSection> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for class in self.standings.iter().filter_map(|one| one.class) {
            *counts.entry(class.label()).or_default() += 1;
        }
        if counts.is_empty() {
            return None;
        }
        let mut section = ProseSection::new(
            "risques",
            "Niveaux de risque présumés",
            "«\u{a0}Présumé\u{a0}» n’est pas un avis juridique.",
        );
        section.table = Some(ProseTable {
            caption: "Projets par niveau présumé".to_owned(),
            headers: ["Niveau", "Projets"].map(str::to_owned).to_vec(),
            rows: counts
                .into_iter()
                .map(|(label, count)| vec![label.to_owned(), locale::count(count)])
                .collect(),
        });
        Some(section)
    }

    fn goals(&self) -> Option<ProseSection> {
        let (title, goals) = self.roadmap.as_ref()?;
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for status in goals {
            *counts.entry(status.label()).or_default() += 1;
        }
        let mut section = ProseSection::new("feuille-de-route", "Feuille de route", title);
        section.links = vec![Link::new(
            "Lire la feuille de route",
            format!("/organisations/{}/feuille-de-route", self.organisation.slug),
        )];
        if !counts.is_empty() {
            section.table = Some(ProseTable {
                caption: "Objectifs par état".to_owned(),
                headers: ["État", "Objectifs"].map(str::to_owned).to_vec(),
                rows: counts
                    .into_iter()
                    .map(|(label, count)| vec![label.to_owned(), locale::count(count)])
                    .collect(),
            });
        }
        Some(section)
    }

    fn bought(&self) -> Option<ProseSection> {
        if self.purchases.is_empty() {
            return None;
        }
        let mut section = ProseSection::new(
            "achats",
            "Achats",
            "Lus par les personnes qui contribuent pour l’organisation, et par elles seules.",
        );
        section.table = Some(ProseTable {
            caption: "Dossiers d’achat, le dernier modifié d’abord".to_owned(),
            headers: ["Dossier", "État"].map(str::to_owned).to_vec(),
            rows: self
                .purchases
                .iter()
                .take(LISTED)
                .map(|one| vec![one.title.clone(), one.stage.to_owned()])
                .collect(),
        });
        section.row_links = self.purchases.iter().map(|one| one.path.clone()).collect();
        Some(section)
    }

    fn page(&self, app: &App) -> GovernPage {
        let name = self.organisation.name.clone();
        let mut layout = frame(app, Place::Organisations, "Tableau de bord", &self.path())
            .described(format!(
                "Empreinte, frugalité, transparence et feuille de route des projets d’IA de {name}."
            ))
            .under(vec![
                Crumb::to("Organisations", "/organisations"),
                Crumb::to(name.clone(), format!("/organisations/{}", self.organisation.slug)),
                Crumb::here("Tableau de bord"),
            ]);
        layout.private = self.inside;
        layout.indexed &= !self.inside;
        let mut page = GovernPage::new(layout, "Tableau de bord", &name);
        page.figures = self.figures();
        page.sections = vec![self.footprint(), self.projects(), self.practices()];
        page.sections.extend(self.classes());
        page.sections.extend(self.goals());
        page.sections.extend(self.bought());
        page.foot = format!(
            "Au {}. {}",
            locale::day(app.today()),
            if self.inside {
                "Vous lisez aussi ce qui n’est pas encore public\u{a0}: ne diffusez pas cette page telle quelle."
            } else {
                "Seul ce qui est public est compté ici."
            }
        );
        page
    }

    /// The register of AI services: one row per project.
    fn table(&self) -> Table {
        let headers = [
            "identifiant",
            "projet",
            "adresse",
            "etat",
            "service_responsable",
            "modele",
            "fournisseurs",
            "hebergement",
            "estimations",
            "kwh_an_bas",
            "kwh_an_central",
            "kwh_an_haut",
            "kgco2e_an_bas",
            "kgco2e_an_central",
            "kgco2e_an_haut",
            "mesure_sur_estime",
            "frugalite_prouve",
            "frugalite_declare",
            "frugalite_taux_reponse",
            "frugalite_mention",
            "frugalite_publique",
            "risque_presume",
            "fiche_transparence_pct",
            "mesures_feuille_de_route",
            "achats",
        ];
        let number = |value: f64| value.to_string();
        let rows = self
            .pairs()
            .map(|(item, one)| {
                let newest = one.estimates.first();
                let amounts = |of: Option<Amount>| match of {
                    Some(amount) => [number(amount.low), number(amount.central), number(amount.high)],
                    None => [String::new(), String::new(), String::new()],
                };
                let mut row = vec![
                    item.record().id.to_string(),
                    item.content().title().to_owned(),
                    one.path.clone(),
                    labels(item, Field::Maturity),
                    one.service.clone(),
                    labels(item, Field::AlgorithmName),
                    labels(item, Field::Suppliers),
                    labels(item, Field::Hosting),
                    one.estimates.len().to_string(),
                ];
                row.extend(amounts(newest.map(|one| one.energy_kwh)));
                row.extend(amounts(newest.map(|one| one.gwp_kg)));
                row.push(
                    one.ratio
                        .as_ref()
                        .map(|ratio| number(ratio.central))
                        .unwrap_or_default(),
                );
                row.extend(match &one.frugality {
                    Some(assessed) => {
                        let score = &assessed.outcome.score;
                        let mention = if assessed.outcome.without_ai {
                            "Besoin traité sans IA"
                        } else {
                            score.label()
                        };
                        [
                            number(score.proven),
                            number(score.declared),
                            number(score.response_rate),
                            mention.to_owned(),
                            if assessed.public { "oui" } else { "non" }.to_owned(),
                        ]
                    }
                    None => std::array::from_fn(|_| String::new()),
                });
                row.push(one.class.map(|class| class.code().to_owned()).unwrap_or_default());
                row.push(number(one.sheet));
                row.push(
                    one.measures
                        .iter()
                        .map(|(label, _)| label.as_str())
                        .collect::<Vec<_>>()
                        .join("|"),
                );
                row.push(
                    one.purchases
                        .iter()
                        .map(|purchase| purchase.title.as_str())
                        .collect::<Vec<_>>()
                        .join("|"),
                );
                row
            })
            .collect();
        Table {
            title: format!("Registre {}", self.organisation.name),
            headers: headers.map(str::to_owned).to_vec(),
            rows,
        }
    }
}

async fn organisation(app: &App, slug: &str, reader: &Reader) -> Result<Organisation, WebError> {
    let carrier = app
        .store
        .organisation_by_slug(slug)
        .await?
        .ok_or(WebError::NotFound)?;
    if carrier.published == 0 && !looks_inside(reader, &carrier.organisation) {
        return Err(WebError::NotFound);
    }
    Ok(carrier.organisation)
}

/// The page.
///
/// # Errors
/// When there is no such organisation, or none of its projects is published and the reader is not one of its people.
pub async fn page(
    State(app): State<App>,
    uri: Uri,
    Path(slug): Path<String>,
    reader: Reader,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let organisation = organisation(&app, &slug, &reader).await?;
    if looks_inside(&reader, &organisation) {
        let found = gather(&app, organisation, &reader).await?;
        return fresh(StatusCode::OK, &found.page(&app));
    }
    cached(&app, &uri, &headers, HTML, async {
        let found = gather(&app, organisation, &Reader::default()).await?;
        render(&found.page(&app))
    })
    .await
}

/// The register of AI services as a file.
///
/// # Errors
/// When there is no such organisation, or none of its projects is published and the reader is not one of its people.
pub async fn file(
    State(app): State<App>,
    Path(slug): Path<String>,
    reader: Reader,
) -> Result<Response, WebError> {
    let organisation = organisation(&app, &slug, &reader).await?;
    let found = gather(&app, organisation, &reader).await?;
    let bytes = csv(&found.table()).map_err(|error| WebError::Internal(error.to_string()))?;
    Ok(attachment(bytes, CSV, &format!("registre-{slug}.csv")))
}
