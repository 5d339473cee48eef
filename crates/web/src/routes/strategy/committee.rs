//! The committee: what it sees today, what moved since it last met, and its meetings.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::response::Response;
use sobria_govern::procurement::Problem;
use sobria_govern::roadmap::committee::{
    Decision, DecisionKind, Figure, Seen, Standing, Tile, is_overdue, moves, next_due,
};
use sobria_govern::roadmap::form::{DECISIONS, read_day, read_decisions, read_line};
use sobria_govern::roadmap::paper::{change, figure, move_words, with_unit};
use sobria_store::{CommitteeDecision, CommitteeReview};
use uuid::Uuid;

use super::facts::{gather, seen};
use super::values::read_off;
use super::{Filled, Roadmap, choices, show_forms};
use crate::app::App;
use crate::error::WebError;
use crate::locale::day;
use crate::posted::{Fields, SignedForm};
use crate::routes::account::see_other;
use crate::view::library::Link;
use crate::view::roadmap::TileView;
use crate::view::{FormBlock, ProseSection, ProseTable, RichText};

/// What was seen at a meeting; nothing when it cannot be read any more.
pub fn seen_at(review: &CommitteeReview) -> Seen {
    serde_json::from_str(&review.seen)
        .inspect_err(|error| tracing::error!(id = review.id, %error, "a meeting cannot be read"))
        .unwrap_or_default()
}

/// A decision as rules know it.
pub fn decision(kept: &CommitteeDecision) -> Decision {
    Decision {
        words: kept.words.clone(),
        kind: DecisionKind::from_code(&kept.kind).unwrap_or_default(),
        owner: kept.owner.clone(),
        due_on: kept.due_on,
        closed: kept.closed,
        effect: kept.effect.clone(),
    }
}

fn tile_view(tile: Tile, now: &Seen, before: Option<&Seen>) -> TileView {
    let Some(found) = now.tiles.get(&tile) else {
        return TileView {
            label: tile.heading().to_owned(),
            value: "Non renseigné".to_owned(),
            range: String::new(),
            trend: match tile {
                Tile::Spending => "Aucun budget n’est donné pour cette année.".to_owned(),
                _ => "Aucune évaluation ne le dit encore.".to_owned(),
            },
            status_code: "no_data",
            status: now.caps.get(&tile).map_or_else(
                || "Sans donnée".to_owned(),
                |cap| format!("Sans donnée, plafond {}", with_unit(*cap, tile.unit())),
            ),
        };
    };
    let cap = now.caps.get(&tile).copied();
    let standing = Standing::of(tile, found, cap);
    let mut status = standing.label(tile).to_owned();
    if let Some(cap) = cap {
        status.push_str(&format!(" ({})", with_unit(cap, tile.unit())));
    }
    TileView {
        label: tile.heading().to_owned(),
        value: with_unit(found.value, tile.unit()),
        range: found
            .bounds
            .map(|(low, high)| format!("entre {} et {}", figure(low), with_unit(high, tile.unit())))
            .unwrap_or_default(),
        trend: trend(tile, found, before),
        status_code: match standing {
            Standing::Free => "",
            Standing::Within => "within",
            Standing::Above => "above",
            Standing::Perhaps => "perhaps",
        },
        status,
    }
}

fn trend(tile: Tile, now: &Figure, before: Option<&Seen>) -> String {
    let Some(before) = before else {
        return "Pas de réunion précédente pour comparer".to_owned();
    };
    let Some(then) = before.tiles.get(&tile) else {
        return "Inconnu à la dernière réunion".to_owned();
    };
    let before = then.value;
    if (now.value - before).abs() <= before.abs() * 1e-3 {
        return "Stable depuis la dernière réunion".to_owned();
    }
    let way = if now.value > before {
        "En hausse"
    } else {
        "En baisse"
    };
    let by = change(tile, before, now.value).map_or_else(String::new, |(_, words)| format!(" de {words}"));
    let crossed = match (now.bounds, then.bounds) {
        (Some((low, high)), Some((former_low, former_high))) => low <= former_high && former_low <= high,
        _ => false,
    };
    let doubt = if crossed {
        " (incertain\u{a0}: les fourchettes se recouvrent)"
    } else {
        ""
    };
    format!("{way}{by} depuis la dernière réunion{doubt}")
}

/// The page, which fits on one sheet.
pub async fn show(
    app: &App,
    road: &Roadmap,
    csrf: &str,
    typed: &Fields,
    problems: &[Problem],
    status: StatusCode,
) -> Result<Response, WebError> {
    let today = app.today();
    let reviews = app.store.committee_reviews(road.organisation.id).await?;
    let decisions = app.store.committee_decisions(road.organisation.id).await?;
    let facts = gather(app, road).await?;
    let now = seen(road, &facts);
    let last = reviews.first();
    let before = last.map(seen_at);
    let mut page = road.page(
        app,
        "Comité numérique responsable",
        &road.organisation.name,
        "comite",
    );
    page.notice = Some(RichText::parse(&state_words(last, today)));
    page.calm = last.is_some_and(|review| !is_overdue(review.next_due, today));
    page.tiles = Tile::ALL
        .into_iter()
        .map(|tile| tile_view(tile, &now, before.as_ref()))
        .collect();
    page.sections.push(above(&now));
    page.sections.push(open_decisions(&decisions));
    page.sections.push(moved(before.as_ref(), &now));
    page.sections.push(meetings(road, &reviews, &decisions));
    page.foot = format!(
        "Au {}. Sommes d’une année, sur {} parmi {} qui fonctionnent ou ont été arrêtés cette année\u{202f}; ce qui n’est pas évalué n’est pas compté zéro. Fourchette\u{a0}: les bornes de chaque estimation.",
        day(today),
        crate::locale::counted(
            u64::try_from(now.counted.0).unwrap_or(u64::MAX),
            "service évalué",
            "services évalués"
        ),
        now.counted.1
    );
    let mut blocks = Vec::new();
    if road.writes {
        let form = Filled {
            fields: typed,
            problems,
        };
        let mut fields = vec![
            form.line("date", "Date de la réunion")
                .hint(format!("Aujourd’hui si vous n’écrivez rien\u{a0}: {today}.")),
            form.line("presents", "Personnes présentes").hint(
                "Fonctions plutôt que noms\u{a0}: élue au numérique, direction des systèmes d’information…",
            ),
        ];
        for at in 1..=DECISIONS {
            fields.extend([
                form.lines(&format!("decision{at}"), &format!("Décision {at}")),
                form.select(
                    &format!("sorte{at}"),
                    &format!("Nature de la décision {at}"),
                    choices(&DecisionKind::ALL, DecisionKind::code, DecisionKind::label),
                ),
                form.line(&format!("qui{at}"), &format!("Qui s’en charge, décision {at}")),
                form.line(&format!("echeance{at}"), &format!("Échéance, décision {at}")),
            ]);
        }
        blocks.push(FormBlock {
            id: "tenir".to_owned(),
            title: "Tenir une revue".to_owned(),
            text: RichText::parse("Les chiffres de cette page sont figés avec la réunion, et le relevé de décisions est prêt à télécharger."),
            action: format!("{}/comite", road.path()),
            csrf: csrf.to_owned(),
            hidden: vec![("action".to_owned(), "tenir".to_owned())],
            fields,
            submit: "Tenir une revue".to_owned(),
            // What the elected members read comes first; whoever keeps the minutes unfolds it.
            folded: problems.is_empty(),
            ..FormBlock::default()
        });
        let open: Vec<(String, String)> = decisions
            .iter()
            .filter(|one| !one.closed)
            .map(|one| (one.id.clone(), one.words.clone()))
            .collect();
        if !open.is_empty() {
            blocks.push(FormBlock {
                id: "clore".to_owned(),
                title: "Clore une décision".to_owned(),
                action: format!("{}/comite", road.path()),
                csrf: csrf.to_owned(),
                hidden: vec![("action".to_owned(), "clore".to_owned())],
                fields: vec![
                    form.select("decision", "Décision", open),
                    form.line("effet", "Effet mesuré").hint(
                        "Avec son unité, par exemple −120 kWh par an. Laissez vide s’il n’est pas mesuré.",
                    ),
                ],
                submit: "Clore".to_owned(),
                quiet: true,
                ..FormBlock::default()
            });
        }
    }
    show_forms(page, blocks, problems, status)
}

fn state_words(last: Option<&CommitteeReview>, today: jiff::civil::Date) -> String {
    match last {
        None => "**Aucune réunion n’a encore eu lieu.** Cette page montre où en sont les services d’intelligence artificielle de l’organisation, en six chiffres.".to_owned(),
        Some(review) if is_overdue(review.next_due, today) => format!(
            "**Réunion en retard.** La dernière a eu lieu le {}\u{202f}; la suivante était attendue le {}.",
            day(review.held_on),
            day(review.next_due)
        ),
        Some(review) => format!(
            "Dernière réunion le {}, prochaine au plus tard le {}.",
            day(review.held_on),
            day(review.next_due)
        ),
    }
}

fn above(now: &Seen) -> ProseSection {
    let mut section = ProseSection::new("plafonds", "Au-dessus de leur plafond", "");
    if now.above.is_empty() {
        section.text = RichText::parse("Aucun projet dont le plafond est fixé ne le dépasse.");
    } else {
        section.table = Some(ProseTable {
            caption: "Projets qui dépassent le volume fixé dans leur auto-évaluation".to_owned(),
            headers: ["Projet", "Requêtes par an", "Plafond"]
                .map(str::to_owned)
                .to_vec(),
            rows: now
                .above
                .iter()
                .map(|(title, requests, cap)| vec![title.clone(), figure(*requests), figure(*cap)])
                .collect(),
        });
    }
    section
}

fn open_decisions(decisions: &[CommitteeDecision]) -> ProseSection {
    let mut section = ProseSection::new("decisions", "Décisions ouvertes", "");
    let rows: Vec<Vec<String>> = decisions
        .iter()
        .filter(|one| !one.closed)
        .map(|one| {
            let known = decision(one);
            vec![
                known.words,
                known.kind.label().to_owned(),
                known.owner,
                known.due_on.map_or_else(|| "–".to_owned(), day),
            ]
        })
        .collect();
    if rows.is_empty() {
        section.text = RichText::parse("Aucune décision n’attend.");
    } else {
        section.table = Some(ProseTable {
            caption: "Ce qui reste à faire".to_owned(),
            headers: ["Décision", "Nature", "Qui", "Échéance"]
                .map(str::to_owned)
                .to_vec(),
            rows,
        });
    }
    section
}

fn moved(before: Option<&Seen>, now: &Seen) -> ProseSection {
    let text = match before {
        None => "Pas encore de réunion à laquelle comparer.".to_owned(),
        Some(before) => {
            let lines: Vec<String> = moves(before, now)
                .iter()
                .take(12)
                .map(|one| format!("- {}", move_words(one)))
                .collect();
            if lines.is_empty() {
                "Rien n’a changé.".to_owned()
            } else {
                lines.join("\n")
            }
        }
    };
    ProseSection::new("changements", "Depuis la dernière réunion", &text)
}

fn meetings(road: &Roadmap, reviews: &[CommitteeReview], decisions: &[CommitteeDecision]) -> ProseSection {
    let mut section = ProseSection::new("reunions", "Réunions", "");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for one in decisions {
        *counts.entry(one.review.as_str()).or_default() += 1;
    }
    if reviews.is_empty() {
        section.text = RichText::parse("Le relevé de décisions de chaque réunion se télécharge ici.");
    }
    for review in reviews.iter().take(4) {
        let count = u64::try_from(counts.get(review.id.as_str()).copied().unwrap_or(0)).unwrap_or(0);
        for (label, extension) in [("ODT", "odt"), ("DOCX", "docx")] {
            section.links.push(Link::new(
                format!(
                    "Relevé du {}, {}, {label}",
                    day(review.held_on),
                    crate::locale::counted(count, "décision", "décisions")
                ),
                format!("{}/document/releve-{}.{extension}", road.path(), review.id),
            ));
        }
    }
    section
}

/// Holds a meeting, or closes a decision.
pub async fn post(app: &App, road: &Roadmap, form: &SignedForm) -> Result<Response, WebError> {
    let fields = &form.fields;
    let get = |name: &str| fields.get(name);
    let now = (app.settings.now)();
    let (by, organisation) = (form.person.account.id, road.organisation.id);
    let here = format!("{}/comite", road.path());
    let csrf = form.reader.csrf();
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    if fields.get("action") == "clore" {
        let effect = match read_line("effet", get) {
            Ok(effect) => effect,
            Err(problems) => return show(app, road, csrf, fields, &problems, wrong).await,
        };
        app.store
            .settle_decision(organisation, fields.get("decision"), true, &effect, by, now)
            .await?;
        crate::refresh::at_once(app).await;
        return Ok(see_other(&here));
    }
    let today = app.today();
    let mut problems = Vec::new();
    let decisions = read_decisions(get).unwrap_or_else(|found| {
        problems.extend(found);
        Vec::new()
    });
    let held_on = read_day("date", get)
        .unwrap_or_else(|found| {
            problems.extend(found);
            None
        })
        .unwrap_or(today);
    if held_on > today {
        problems.push(Problem::new(
            "date",
            "Cette date est à venir\u{a0}: une réunion se note une fois tenue.",
        ));
    }
    let attendees = read_line("presents", get).unwrap_or_else(|found| {
        problems.extend(found);
        String::new()
    });
    if !problems.is_empty() {
        return show(app, road, csrf, fields, &problems, wrong).await;
    }
    // What the library works out is read off with the meeting, so that its curve has the point that was seen.
    let values = read_off(app, road, Some(by)).await?;
    if !values.is_empty() {
        app.store.add_indicator_values(organisation, &values, now).await?;
    }
    let road = Roadmap::of(app, road.organisation.clone(), &form.reader).await?;
    let facts = gather(app, &road).await?;
    let frozen =
        serde_json::to_string(&seen(&road, &facts)).map_err(|error| WebError::Internal(error.to_string()))?;
    let review = CommitteeReview {
        id: Uuid::now_v7().to_string(),
        held_on,
        next_due: next_due(held_on, road.strategy.cadence_months),
        attendees,
        seen: frozen,
        author: Some(by),
        made_at: now,
    };
    let rows: Vec<CommitteeDecision> = decisions
        .into_iter()
        .map(|one| CommitteeDecision {
            id: Uuid::now_v7().to_string(),
            review: review.id.clone(),
            words: one.words,
            kind: one.kind.code().to_owned(),
            owner: one.owner,
            due_on: one.due_on,
            closed: false,
            effect: String::new(),
        })
        .collect();
    app.store.hold_review(organisation, &review, &rows).await?;
    crate::refresh::at_once(app).await;
    Ok(see_other(&here))
}
