//! The roadmap itself: objectives, measures, deadlines, documents, versions.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use sobria_catalogue::text::fold_key;
use sobria_govern::roadmap::obligation::{Authority, DEADLINES, of};
use sobria_govern::roadmap::paper::{figure, with_unit};
use sobria_govern::roadmap::sheet::Axis;
use sobria_govern::roadmap::strategy::{Stage, Strategy};
use sobria_govern::roadmap::training::Trained;
use sobria_store::Badge;

use super::Roadmap;
use super::curve::{detail, goals};
use crate::app::App;
use crate::error::WebError;
use crate::locale::{self, day};
use crate::params::pairs;
use crate::posted::Fields;
use crate::respond::{HTML, cached};
use crate::routes::account::fresh;
use crate::routes::cards::day_words;
use crate::routes::frame::render;
use crate::routes::govern::purchase::{Linked, linked};
use crate::session::Reader;
use crate::view::library::Link;
use crate::view::roadmap::RoadmapPage;
use crate::view::{Fact, FormBlock, PaperLine, ProseSection, ProseTable, RichText};

/// The page.
///
/// # Errors
/// When there is no such organisation, or nothing of it is public and the reader is not of it.
pub async fn page(
    State(app): State<App>,
    uri: Uri,
    Path(slug): Path<String>,
    RawQuery(query): RawQuery,
    reader: Reader,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let asked = Fields::from(pairs(query.as_deref().unwrap_or("")));
    let carrier = app
        .store
        .organisation_by_slug(&slug)
        .await?
        .ok_or(WebError::NotFound)?;
    let actor = reader.actor();
    let inside = actor.contributes_for(carrier.organisation.id)
        || actor.is_at_least(sobria_catalogue::rights::Role::Moderator);
    if inside {
        let road = Roadmap::of(&app, carrier.organisation, &reader).await?;
        let bought = bought(&app, &road).await?;
        return fresh(
            StatusCode::OK,
            &made(&app, &road, asked.get("objectif"), reader.csrf(), &bought),
        );
    }
    cached(&app, &uri, &headers, HTML, async {
        let road = Roadmap::of(&app, carrier.organisation, &Reader::default()).await?;
        if road.kept.is_empty() {
            return Err(WebError::NotFound);
        }
        render(&made(&app, &road, asked.get("objectif"), "", &[]))
    })
    .await
}

/// The purchases that carry measures, for those who keep them.
async fn bought(app: &App, road: &Roadmap) -> Result<Vec<Linked>, WebError> {
    if road.writes {
        linked(app, road.organisation.id).await
    } else {
        Ok(Vec::new())
    }
}

fn made(app: &App, road: &Roadmap, chosen: &str, csrf: &str, bought: &[Linked]) -> RoadmapPage {
    let strategy = &road.strategy;
    let root = road.path();
    let name = &road.organisation.name;
    let title = if strategy.title.is_empty() {
        "Feuille de route"
    } else {
        &strategy.title
    };
    let mut page = road.page(app, title, name, "");
    page.layout.description =
        format!("La stratégie numérique responsable de {name}\u{a0}: objectifs, mesures et indicateurs.");
    let Some(newest) = road.newest() else {
        page.notice = Some(RichText::parse(
            "**Rien n’est encore écrit.** Commencez par le titre et le cadre de la stratégie\u{202f}; les objectifs et les mesures viennent ensuite, un par un.",
        ));
        if road.writes {
            page.downloads = vec![Link::new("Commencer la stratégie", format!("{root}/strategie"))];
        }
        page.sections.push(deadlines(app, road));
        return page;
    };
    page.facts = facts(app, road);
    page.goals = goals(app, road);
    page.detail = strategy
        .goal(chosen)
        .or(strategy.goals.first())
        .map(|goal| detail(app, road, goal));
    if let Some(section) = measures(strategy, bought) {
        page.sections.push(section);
    }
    if let Some(section) = frame_section(strategy) {
        page.sections.push(section);
    }
    page.sections.push(deadlines(app, road));
    page.foot = format!(
        "Version {} du {}. Données sous {}. Les effets évités restent hors des totaux.",
        newest.number,
        day_words(newest.made_at),
        app.settings.site.licence
    );
    if road.writes {
        page.downloads.extend([
            Link::new("Modifier le cadre", format!("{root}/strategie")),
            Link::new("Ajouter un objectif", format!("{root}/objectif")),
            Link::new("Ajouter une mesure", format!("{root}/mesure")),
        ]);
    }
    if newest.published_at.is_some() {
        page.downloads.extend([
            Link::new("Valeurs en CSV", format!("{root}.csv")),
            Link::new("Tout en JSON", format!("{root}.json")),
        ]);
    }
    if road.writes || road.moderates {
        let mut papers = ProseSection::new(
            "documents",
            "Documents",
            "Chaque document porte sa date, sa version et la mention «\u{a0}à faire relire par le service juridique\u{a0}».",
        );
        let year = app.today().year();
        papers.papers = [
            (format!("Bilan annuel {year}"), format!("bilan-{year}")),
            (
                format!("Bilan annuel {}", year - 1),
                format!("bilan-{}", year - 1),
            ),
            ("Programme de travail".to_owned(), "programme".to_owned()),
        ]
        .into_iter()
        .map(|(label, what)| PaperLine {
            label,
            note: String::new(),
            links: ["odt", "docx", "md"]
                .map(|ending| Link::new(ending.to_uppercase(), format!("{root}/document/{what}.{ending}")))
                .to_vec(),
        })
        .collect();
        page.sections.push(papers);
        page.sections.push(versions(road));
    }
    if road.moderates {
        page.blocks = decisions(road, csrf);
    }
    page
}

fn facts(app: &App, road: &Roadmap) -> Vec<Fact> {
    let strategy = &road.strategy;
    let mut facts = vec![Fact::new("État", strategy.stage.label())];
    if let Some(adopted) = strategy.adopted_on {
        facts.push(Fact::new("Adoptée le", day(adopted)));
    }
    if let (Some(start), Some(end)) = (strategy.start_year, strategy.end_year) {
        facts.push(Fact::new("Période", format!("{start}-{end}")));
    }
    let (words, population) = obligation(road);
    facts.push(Fact::new("Pour la loi REEN", words));
    if let Some(population) = population {
        let label = road
            .strategy
            .population_year
            .map_or_else(|| "Habitants".to_owned(), |year| format!("Habitants en {year}"));
        facts.push(Fact::new(label, locale::integer(u64::from(population))));
    }
    if let (Some(kg), Some(year)) = (strategy.footprint_kg, strategy.footprint_year) {
        facts.push(Fact::new(
            format!("Empreinte du numérique en {year}, saisie d’un autre outil"),
            with_unit(kg / 1000.0, "tCO₂e"),
        ));
    }
    let trained = Trained::of(&road.sessions, strategy.staff, strategy.elected, app.today());
    if let Some(share) = trained.all {
        facts.push(Fact::new(
            "Agents et élus formés depuis 24 mois, au plus",
            format!("{}\u{a0}%", figure(share)),
        ));
    }
    for one in road
        .appointments
        .iter()
        .filter(|one| one.public && one.holds(app.today()))
    {
        facts.push(Fact {
            label: one.role.label().to_owned(),
            value: one.generic_email.clone(),
            href: Some(format!("mailto:{}", one.generic_email)),
        });
    }
    facts
}

/// Whether the law asks for it, and for how many inhabitants.
pub(super) fn obligation(road: &Roadmap) -> (&'static str, Option<u32>) {
    let kind = fold_key(road.organisation.kind.as_deref().unwrap_or(""));
    let authority = match kind.as_str() {
        "commune" => Authority::Commune,
        "epci" | "intercommunalite" | "groupement" | "metropole" => Authority::Grouping,
        _ => Authority::Other,
    };
    let population = road.strategy.population.or(road.organisation.population);
    (of(authority, population.map(u64::from)).label(), population)
}

fn measures(strategy: &Strategy, bought: &[Linked]) -> Option<ProseSection> {
    if strategy.measures.is_empty() {
        return None;
    }
    let mut section = ProseSection::new("mesures", "Mesures", "");
    if strategy.measures.iter().any(|measure| measure.sheet == "r4")
        || strategy.goals.iter().any(|goal| goal.computed == "r4")
    {
        section.links = vec![Link::new("Préparer un achat responsable", "/maitriser/achat")];
    }
    for measure in &strategy.measures {
        for purchase in bought.iter().filter(|one| measure.purchases.contains(&one.id)) {
            let words = format!(
                "«\u{a0}{}\u{a0}»\u{a0}: achat «\u{a0}{}\u{a0}», {}",
                measure.label,
                purchase.title,
                purchase.stage.to_lowercase()
            );
            section.links.push(Link::new(words, purchase.path.clone()));
        }
    }
    let mut rows = Vec::new();
    for axis in Axis::ALL {
        for goal in strategy.goals.iter().filter(|goal| goal.axis == axis) {
            for measure in strategy.measures_of(&goal.id) {
                let mut state = measure.stage.label().to_owned();
                if let Some(part) = measure.progress_pct {
                    state.push_str(&format!(", {}\u{a0}%", figure(part)));
                }
                if !measure.drop_reason.is_empty() {
                    state.push_str(&format!("\u{a0}: {}", measure.drop_reason));
                }
                rows.push(vec![
                    measure.label.clone(),
                    goal.label.clone(),
                    state,
                    match (measure.start, measure.end) {
                        (Some(start), Some(end)) => format!("{start}-{end}"),
                        (Some(one), None) | (None, Some(one)) => one.to_string(),
                        (None, None) => "–".to_owned(),
                    },
                    measure
                        .budget_eur
                        .map_or_else(|| "–".to_owned(), |budget| with_unit(budget, "€ HT")),
                ]);
            }
        }
    }
    section.table = Some(ProseTable {
        caption: "Ce qui est fait, par axe puis par objectif".to_owned(),
        headers: ["Mesure", "Objectif", "État", "Années", "Budget"]
            .map(str::to_owned)
            .to_vec(),
        rows,
    });
    Some(section)
}

fn frame_section(strategy: &Strategy) -> Option<ProseSection> {
    let mut text = String::new();
    if !strategy.deliberation.is_empty() {
        text.push_str(&format!("Délibération\u{a0}: {}.\n\n", strategy.deliberation));
    }
    text.push_str(&strategy.means);
    (!text.trim().is_empty()).then(|| ProseSection::new("moyens", "Périmètre et moyens", &text))
}

fn deadlines(app: &App, road: &Roadmap) -> ProseSection {
    let mut section = ProseSection::new(
        "echeances",
        "Ce que demande la loi",
        &format!("Pour cette organisation\u{a0}: {}.", obligation(road).0),
    );
    let programme = road.strategy.programme.published_on.is_some();
    let adopted = matches!(
        road.strategy.stage,
        Stage::Adopted | Stage::UnderReview | Stage::Closed
    );
    section.table = Some(ProseTable {
        caption: "Échéances et sources".to_owned(),
        headers: ["Quoi", "Au plus tard", "Ici", "Source"]
            .map(str::to_owned)
            .to_vec(),
        rows: DEADLINES
            .iter()
            .enumerate()
            .map(|(at, one)| {
                let here = match (at, programme, adopted) {
                    (0, true, _) | (1, _, true) => "Fait",
                    (2, ..) => "Chaque année, dans les documents ci-dessous",
                    _ if one.by.is_some_and(|by| by < app.today()) => "Non renseigné, date passée",
                    _ => "Non renseigné",
                };
                vec![
                    one.what.to_owned(),
                    one.by.map_or_else(|| "chaque année".to_owned(), day),
                    here.to_owned(),
                    format!("{} ({})", one.source, one.confidence.label()),
                ]
            })
            .collect(),
    });
    section
}

fn versions(road: &Roadmap) -> ProseSection {
    let lines: Vec<String> = road
        .kept
        .iter()
        .take(20)
        .map(|stored| {
            let state = match (stored.published_at, stored.badge) {
                (Some(at), _) => format!("publique depuis le {}", day_words(at)),
                (None, Badge::Granted) => "à relire par la modération".to_owned(),
                (None, _) => "pour l’organisation".to_owned(),
            };
            format!(
                "- Version {}, {}\u{a0}: {state}",
                stored.number,
                day_words(stored.made_at)
            )
        })
        .collect();
    ProseSection::new("historique", "Historique", &lines.join("\n"))
}

fn decisions(road: &Roadmap, csrf: &str) -> Vec<FormBlock> {
    let Some(newest) = road.newest() else {
        return Vec::new();
    };
    let block = |id: &str, title: &str, text: &str, submit: &str| FormBlock {
        id: id.to_owned(),
        title: title.to_owned(),
        text: RichText::parse(text),
        action: format!("{}/publication", road.path()),
        csrf: csrf.to_owned(),
        hidden: vec![
            ("action".to_owned(), id.to_owned()),
            ("version".to_owned(), newest.id.clone()),
        ],
        submit: submit.to_owned(),
        ..FormBlock::default()
    };
    let mut blocks = Vec::new();
    if newest.published_at.is_none() && road.strategy.public {
        blocks.push(block(
            "publier",
            "Publier",
            "L’organisation demande que cette version soit publique. Une fois publiée, tout ce que montre cette page, documents et historique à part, peut être lu par tous.",
            "Publier cette version",
        ));
    }
    blocks.push(block(
        "retirer",
        "Retirer",
        "Retirer efface cette version pour de bon\u{202f}; la précédente reprend sa place.",
        "Retirer cette version",
    ));
    blocks
}
