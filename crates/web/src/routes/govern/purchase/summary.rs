//! `/maitriser/achat/syntheses/{id}`: what a buyer makes public of a purchase, and the form that does so.

use std::collections::BTreeSet;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_exchange::paper::{Format, write};
use sobria_govern::document::{Block, Document};
use sobria_govern::procurement::clause::proposed;
use sobria_govern::procurement::declared::harmonised;
use sobria_govern::procurement::summary::{Summary, TEXT_MAX};

use super::PATH;
use super::kept::Kept;
use super::marks::{Offer, offers};
use crate::app::App;
use crate::error::WebError;
use crate::locale::moment;
use crate::posted::Fields;
use crate::routes::account::fresh;
use crate::routes::govern::{attachment, page as frame_page};
use crate::view::library::Link;
use crate::view::{Control, Crumb, FormBlock, FormField, ProseSection, ProseTable, RichText};

/// Where summaries are.
const SUMMARIES: &str = "/maitriser/achat/syntheses";
/// Most summaries shown on the first page of the instrument.
const LISTED: u32 = 12;

/// What a form makes public, and whether the supplier agreed.
pub fn read(kept: &Kept, winner: &Offer, fields: &Fields) -> (Summary, bool) {
    let text = |name: &str| fields.get(name).trim().to_owned();
    let opened = |part: &str| fields.all("s_parties").any(|value| value == part);
    let (purchase, _, _) = kept.read();
    let clauses: BTreeSet<String> = if purchase.clauses.is_empty() {
        proposed(purchase.depth())
            .map(|clause| clause.id.to_owned())
            .collect()
    } else {
        purchase.clauses.clone()
    };
    let summary = Summary {
        need: text("s_besoin"),
        supplier: text("s_fournisseur"),
        models: text("s_modeles"),
        hosting: text("s_hebergement"),
        feedback: text("s_retour"),
        declared: opened("impacts").then(|| winner.sheet.declared.clone()),
        tokens: kept.tokens().0,
        clauses: if opened("clauses") {
            clauses
        } else {
            BTreeSet::new()
        },
        values: if opened("clauses") {
            purchase.values
        } else {
            Default::default()
        },
    };
    (summary, fields.get("accord") == "oui")
}

/// The offer that was chosen.
pub async fn winner(app: &App, kept: &Kept) -> Result<Option<Offer>, WebError> {
    let Some(award) = kept.progress.award() else {
        return Ok(None);
    };
    Ok(offers(app, kept)
        .await?
        .into_iter()
        .find(|offer| offer.line.id == award.answer))
}

/// The forms of a file that was awarded: what is public, or what could be.
pub fn blocks(kept: &Kept, csrf: &str, winner: &Offer, typed: &Fields) -> Vec<FormBlock> {
    let public = kept.progress.public();
    let said = |id: &str| {
        let answer = winner.sheet.answers.get(id);
        answer.map(|answer| answer.text.clone()).unwrap_or_default()
    };
    let value = |name: &str, proposed: String| {
        if typed.has("s_besoin") {
            typed.get(name).to_owned()
        } else {
            proposed
        }
    };
    let stored = |of: fn(&Summary) -> &String, proposed: String| {
        public.map_or(proposed, |public| of(&public.summary).clone())
    };
    let lines = |name: &str, label: &str, value: String| {
        FormField::new(name, label, value, Control::Lines(3)).max(TEXT_MAX)
    };
    let opened = |part: &str| match (typed.has("s_besoin"), public) {
        (true, _) => typed.all("s_parties").any(|value| value == part),
        (false, Some(public)) if part == "impacts" => public.summary.declared.is_some(),
        (false, Some(public)) => !public.summary.clauses.is_empty(),
        (false, None) => true,
    };
    let mut block = kept.block(
        csrf,
        "publier",
        if public.is_some() {
            "Modifier la synthèse publique"
        } else {
            "Publier une synthèse"
        },
        "Elle aide les autres collectivités. N’y paraît que ce que vous laissez ici\u{202f}; les notes, les motifs et les autres offres restent privés.",
        "publier",
        if public.is_some() {
            "Publier cette version"
        } else {
            "Publier la synthèse"
        },
    );
    block.fields = vec![
        lines(
            "s_besoin",
            "Ce qui a été acheté",
            value(
                "s_besoin",
                stored(|one| &one.need, kept.fields.get("besoin").to_owned()),
            ),
        )
        .required(),
        FormField::line(
            "s_fournisseur",
            "Le titulaire",
            value(
                "s_fournisseur",
                stored(|one| &one.supplier, winner.line.supplier.clone()),
            ),
        )
        .max(150),
        lines(
            "s_modeles",
            "Les modèles",
            value("s_modeles", stored(|one| &one.models, said("Q201"))),
        ),
        lines(
            "s_hebergement",
            "L’hébergement",
            value("s_hebergement", stored(|one| &one.hosting, said("Q301"))),
        ),
        lines(
            "s_retour",
            "Ce qui a été appris",
            value("s_retour", stored(|one| &one.feedback, String::new())),
        ),
        FormField::new(
            "s_parties",
            "Publier aussi",
            "",
            Control::Checks(super::options(
                [
                    (
                        "impacts",
                        "Les impacts d’une requête type, déclarés et recalculés".to_owned(),
                    ),
                    ("clauses", "Les clauses retenues".to_owned()),
                ],
                opened,
            )),
        ),
        FormField::new(
            "accord",
            "Le titulaire a accepté la publication de ce qui vient de lui",
            "",
            Control::Check(typed.get("accord") == "oui"),
        ),
    ];
    block.quiet = true;
    block.folded = !typed.has("s_besoin");
    let mut blocks = vec![block];
    if let Some(public) = public {
        let mut block = kept.block(
            csrf,
            "depublier",
            "Synthèse publique",
            &format!("Publique depuis le {}.", moment(public.at)),
            "depublier",
            "La retirer",
        );
        block.quiet = true;
        block.links = vec![Link::new("La lire", format!("{SUMMARIES}/{}", kept.row.id))];
        blocks.insert(0, block);
    }
    blocks
}

async fn document(app: &App, id: &str) -> Result<(Kept, Document), WebError> {
    let row = app.store.purchase(id).await?.ok_or(WebError::NotFound)?;
    let kept = Kept::from(app, row).await?;
    let public = kept.progress.public().ok_or(WebError::NotFound)?;
    let again = public
        .summary
        .declared
        .as_ref()
        .and_then(|declared| harmonised(app.reference(), declared, public.summary.tokens));
    let document = public
        .summary
        .document(&kept.row.title, &kept.organisation.name, public.at, again);
    Ok((kept, document))
}

/// The public summary of a purchase, as a page or, under an address that ends with `.md`, as Markdown.
///
/// # Errors
/// When there is none, or it was taken back.
pub async fn page(State(app): State<App>, Path(id): Path<String>) -> Result<Response, WebError> {
    if let Some(id) = id.strip_suffix(".md") {
        let (_, document) = document(&app, id).await?;
        let bytes =
            write(&document, Format::Markdown).map_err(|error| WebError::Internal(error.to_string()))?;
        return Ok(attachment(
            bytes,
            Format::Markdown.media_type(),
            "synthese-achat.md",
        ));
    }
    let (kept, document) = document(&app, &id).await?;
    let path = format!("{SUMMARIES}/{id}");
    let mut page = frame_page(
        &app,
        &kept.row.title,
        &document.title,
        &path,
        vec![Crumb::to("Achat responsable", PATH)],
    );
    page.figures = vec![crate::view::Fact {
        label: "Organisation".to_owned(),
        value: kept.organisation.name.clone(),
        href: Some(format!("/organisations/{}", kept.organisation.slug)),
    }];
    for block in &document.blocks {
        match block {
            Block::Heading(_, title) => {
                let id = format!("p{}", page.sections.len() + 1);
                page.sections.push(ProseSection::new(&id, title, ""));
            }
            other => {
                if let Some(section) = page.sections.last_mut() {
                    fill(section, other);
                }
            }
        }
    }
    page.downloads = vec![Link::new("Markdown", format!("{path}.md"))];
    page.foot = format!("Publiée le {}. {}", moment_of(&kept), document.warning);
    fresh(StatusCode::OK, &page)
}

fn moment_of(kept: &Kept) -> String {
    kept.progress
        .public()
        .map(|public| moment(public.at))
        .unwrap_or_default()
}

fn fill(section: &mut ProseSection, block: &Block) {
    match block {
        Block::Paragraph(text) => section.text = RichText::parse(text),
        Block::Items(items) => {
            let list: Vec<String> = items.iter().map(|item| format!("- {item}")).collect();
            section.text = RichText::parse(&list.join("\n"));
        }
        Block::Table(table) => {
            section.table = Some(ProseTable {
                caption: table.caption.clone(),
                headers: table.headers.clone(),
                rows: table.rows.clone(),
            });
        }
        Block::Heading(..) => {}
    }
}

/// Summaries for the first page of the instrument.
///
/// # Errors
/// When the database does not answer.
pub async fn listed(app: &App) -> Result<Option<ProseSection>, WebError> {
    let rows = app.store.public_purchases(LISTED).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let mut section = ProseSection::new(
        "syntheses",
        "Achats rendus publics",
        "Ce que d’autres collectivités ont acheté, avec quels modèles, où, et sous quelles clauses.",
    );
    for row in rows {
        let organisation = app.store.organisations_by_ids(&[row.organisation]).await?.pop();
        let name = organisation
            .map(|one| format!(", {}", one.name))
            .unwrap_or_default();
        section.links.push(Link::new(
            format!("{}{name}", row.title),
            format!("{SUMMARIES}/{}", row.id),
        ));
    }
    Ok(Some(section))
}
