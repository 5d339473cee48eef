//! Answers side by side, what they are worth, and everything that scores are computed from.

use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use serde_json::json;
use sobria_exchange::paper::{Format, write};
use sobria_exchange::table::{Table as CsvTable, csv};
use sobria_govern::document::{Block, Document, Table as PaperTable};
use sobria_govern::procurement::VERSION;
use sobria_govern::procurement::criteria::Criteria;
use sobria_govern::procurement::declared::{Declared, METHODS, SCOPES, comparable, harmonised};
use sobria_govern::procurement::file::Purpose;
use sobria_govern::procurement::paper::{
    Offer as PaperOffer, analysis_report, criteria_sheet, need_note, questionnaire, schedule_sheet,
    supplier_comparison, tender_annex,
};
use sobria_govern::procurement::question::Theme;
use sobria_govern::procurement::score::{Marks, rank, score};
use sobria_govern::procurement::sheet::strengths;

use super::answer::said;
use super::evidence;
use super::kept::{Kept, frozen_words};
use super::marks::{Offer, Settled, is_agreed, offers};
use crate::app::App;
use crate::error::WebError;
use crate::locale::decimal;
use crate::params::pairs;
use crate::posted::Fields;
use crate::respond::JSON;
use crate::routes::account::fresh;
use crate::routes::govern::{CSV, attachment};
use crate::session::SignedIn;
use crate::view::library::Link;
use crate::view::{Fact, ProseSection, ProseTable, RichText};

/// Characters of an answer shown in a cell.
const SHORT: usize = 220;

/// Everything that a comparison needs.
pub struct Compared {
    kept: Kept,
    criteria: Criteria,
    offers: Vec<Offer>,
    settled: Option<Settled>,
    agreed: bool,
}

impl Compared {
    async fn of(app: &App, kept: Kept) -> Result<Self, WebError> {
        let evaluations = app.store.purchase_evaluations(&kept.row.id).await?;
        Ok(Self {
            criteria: kept.criteria(),
            offers: offers(app, &kept).await?,
            settled: Settled::of(&evaluations)?,
            agreed: is_agreed(&evaluations),
            kept,
        })
    }

    /// The marks that both stand behind, once they agreed.
    fn marks(&self, offer: &Offer) -> Option<Marks> {
        let settled = self.settled.as_ref().filter(|_| self.agreed)?;
        settled.agreed(&self.criteria, &offer.line.id).ok()
    }

    /// Offers with their scores and standings, once both agreed.
    fn scored(&self) -> Vec<PaperOffer> {
        let marked: Vec<(&Offer, Marks)> = self
            .offers
            .iter()
            .filter_map(|offer| Some((offer, self.marks(offer)?)))
            .collect();
        let scores: Vec<_> = marked
            .iter()
            .map(|(offer, marks)| score(&self.criteria, &offer.sheet.answers, marks))
            .collect();
        let standings = rank(&scores);
        marked
            .into_iter()
            .zip(scores)
            .zip(standings)
            .map(|(((offer, marks), score), standing)| PaperOffer {
                supplier: offer.line.supplier.clone(),
                answers: offer.sheet.answers.clone(),
                marks,
                score,
                standing,
            })
            .collect()
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= SHORT {
        return text.to_owned();
    }
    let cut: String = text.chars().take(SHORT).collect();
    format!("{}…", cut.trim_end())
}

/// What one cell says, a line each: the answer, its evidence, its mark.
fn cell(compared: &Compared, offer: &Offer, id: &str) -> Vec<String> {
    let answer = offer.sheet.answers.get(id).cloned().unwrap_or_default();
    let mut lines = vec![shortened(&said(&answer))];
    if !answer.evidence.trim().is_empty() {
        lines.push(format!("Preuve\u{a0}: {}", shortened(&answer.evidence)));
    } else if !answer.is_blank() && !answer.unknown {
        lines.push("Sans preuve".to_owned());
    }
    if let Some(mark) = compared.marks(offer).and_then(|marks| marks.get(id).cloned()) {
        let fails = if mark.fails {
            ", éliminatoire non satisfaite"
        } else {
            ""
        };
        lines.push(format!("Note\u{a0}: {} sur 4{fails}", mark.score));
    }
    lines
}

fn label<'l>(list: &[(&str, &'l str)], code: &str) -> &'l str {
    list.iter()
        .find(|(known, _)| *known == code)
        .map_or("non précisé", |(_, label)| *label)
}

fn figure(value: Option<f64>, unit: &str) -> String {
    value.map_or_else(
        || "non déclaré".to_owned(),
        |value| format!("{}\u{a0}{unit}", crate::locale::written(&value.to_string())),
    )
}

fn range((low, high): (f64, f64), unit: &str) -> String {
    // Two figures that count, whatever the size.
    let digits = |value: f64| match value {
        value if value >= 10.0 => 0,
        value if value >= 1.0 => 1,
        value if value >= 0.1 => 2,
        _ => 4,
    };
    let (low, high) = (decimal(low, digits(low)), decimal(high, digits(high)));
    if low == high {
        format!("{low}\u{a0}{unit}")
    } else {
        format!("{low} à {high}\u{a0}{unit}")
    }
}

/// Declared figures beside those computed again with one hypothesis for all: header, rows.
fn impacts(app: &App, compared: &Compared) -> (Vec<String>, Vec<Vec<String>>, bool) {
    let declared: Vec<&Declared> = compared
        .offers
        .iter()
        .map(|offer| &offer.sheet.declared)
        .collect();
    let tokens = compared.kept.tokens().0;
    let again: Vec<_> = declared
        .iter()
        .map(|one| harmonised(app.reference(), one, tokens))
        .collect();
    let mut headers = vec!["Pour une requête type".to_owned()];
    headers.extend(compared.offers.iter().map(|offer| offer.line.supplier.clone()));
    let row = |title: &str, of: &dyn Fn(usize) -> String| {
        let mut cells = vec![title.to_owned()];
        cells.extend((0..declared.len()).map(of));
        cells
    };
    let get = |place: usize| declared.get(place).copied();
    let missing = "non calculable\u{a0}: modèle hors des tables".to_owned();
    let rows = vec![
        row("Énergie déclarée", &|at| {
            figure(get(at).and_then(|one| one.watt_hours), "Wh")
        }),
        row("Gaz à effet de serre déclarés", &|at| {
            figure(get(at).and_then(|one| one.grams), "g\u{a0}CO₂e")
        }),
        row("Méthode déclarée", &|at| {
            get(at).map_or("", |one| label(&METHODS, &one.method)).to_owned()
        }),
        row("Périmètre déclaré", &|at| {
            get(at).map_or("", |one| label(&SCOPES, &one.scope)).to_owned()
        }),
        row("Modèle déclaré", &|at| {
            get(at)
                .filter(|one| !one.model.is_empty())
                .map_or_else(|| "hors des tables".to_owned(), |one| one.model.clone())
        }),
        row("Énergie recalculée", &|at| {
            again
                .get(at)
                .copied()
                .flatten()
                .map_or_else(|| missing.clone(), |one| range(one.watt_hours, "Wh"))
        }),
        row("Gaz à effet de serre recalculés", &|at| {
            again
                .get(at)
                .copied()
                .flatten()
                .map_or_else(|| missing.clone(), |one| range(one.grams, "g\u{a0}CO₂e"))
        }),
    ];
    (headers, rows, comparable(&declared))
}

fn impact_words(app: &App, compared: &Compared, comparable: bool) -> String {
    let (tokens, chosen) = compared.kept.tokens();
    format!(
        "{} Les chiffres recalculés le sont par cette bibliothèque, avec la même hypothèse pour tous\u{a0}: {} jetons produits{}, électricité du lieu déclaré (moyenne mondiale sinon), centre de données et fabrication compris, tables {}. Les deux restent visibles.",
        if comparable {
            "Les chiffres déclarés suivent la même méthode et le même périmètre."
        } else {
            "**Non comparable\u{a0}:** les chiffres déclarés ne suivent pas tous la même méthode et le même périmètre, ou manquent."
        },
        decimal(tokens, 0),
        if chosen { "" } else { " (hypothèse par défaut)" },
        app.reference().version()
    )
}

/// The comparison.
///
/// # Errors
/// When the file is not of the person's organisations, is sealed, or the database does not answer.
pub async fn page(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    signed_in: SignedIn,
) -> Result<Response, WebError> {
    let compared = Compared::of(&app, Kept::of(&app, &id, &signed_in.person).await?).await?;
    let asked = Fields::from(pairs(query.as_deref().unwrap_or("")));
    let differing = asked.get("differences") == "oui";
    let kept = &compared.kept;
    let lead = match kept.progress.purpose {
        Purpose::Sourcing => "Sourçage\u{a0}: les réponses informent, aucune note n’est donnée.",
        Purpose::Tender if compared.agreed => {
            "Les deux évaluateurs sont d’accord\u{a0}: voici les notes et ce qu’elles comparent."
        }
        Purpose::Tender => "Offres ouvertes. Les notes paraissent une fois les deux évaluateurs d’accord.",
    };
    let mut page = kept.page(&app, "Comparaison des réponses", lead, "comparaison");
    if compared.offers.is_empty() {
        page.notice = Some(RichText::parse("Aucune réponse n’a été remise."));
        return fresh(StatusCode::OK, &page);
    }
    let scored = compared.scored();
    page.downloads = vec![
        if differing {
            Link::new("Toutes les questions", kept.path("comparaison"))
        } else {
            Link::new("Différences seulement", kept.path("comparaison?differences=oui"))
        },
        Link::new("CSV", kept.path("comparaison.csv")),
        Link::new("JSON", kept.path("comparaison.json")),
        Link::new("ODT", kept.path("document?piece=comparaison&format=odt")),
        Link::new("DOCX", kept.path("document?piece=comparaison&format=docx")),
    ];
    page.figures = scored
        .iter()
        .map(|offer| Fact {
            label: offer.supplier.clone(),
            value: match offer.standing.rank {
                Some(rank) => format!("{} sur 100, rang {rank}", decimal(offer.score.total, 1)),
                None => format!(
                    "{} sur 100, hors classement ({})",
                    decimal(offer.score.total, 1),
                    offer.score.knocked_out.join(", ")
                ),
            },
            href: None,
        })
        .collect();
    if !scored.is_empty() {
        let mut section = ProseSection::new(
            "classement",
            "Classement",
            "«\u{a0}Premier\u{a0}»\u{a0}: part de 1\u{202f}000 tirages où le poids de chaque thème varie de 20\u{a0}%. Un rang qui change souvent ne tient pas.",
        );
        let percent = |value: f64| format!("{}\u{a0}%", decimal(value * 100.0, 0));
        section.table = Some(ProseTable {
            caption: "Notes sur 100, par candidat".to_owned(),
            headers: [
                "Candidat",
                "Note",
                "Premier",
                "Rangs possibles",
                "Avec preuve",
                "Répondues",
                "Forces",
                "Manques",
            ]
            .map(str::to_owned)
            .to_vec(),
            rows: scored
                .iter()
                .map(|offer| {
                    let (strong, weak) = strengths(&compared.criteria, &offer.marks);
                    // A few are named; many are counted, and stand in the tables below.
                    let list = |ids: Vec<&str>| match ids.len() {
                        0 => "aucune".to_owned(),
                        1..=6 => ids.join(", "),
                        many => format!("{many} questions"),
                    };
                    vec![
                        offer.supplier.clone(),
                        decimal(offer.score.total, 1),
                        percent(offer.standing.first),
                        offer
                            .standing
                            .between
                            .map_or_else(|| "–".to_owned(), |(best, worst)| format!("{best} à {worst}")),
                        percent(offer.score.evidence_rate),
                        percent(offer.score.disclosure_rate),
                        list(strong),
                        list(weak),
                    ]
                })
                .collect(),
        });
        page.sections.push(section);
    }
    let (headers, rows, same) = impacts(&app, &compared);
    let mut section = ProseSection::new(
        "impacts",
        "Chiffres d’impact",
        &impact_words(&app, &compared, same),
    );
    section.table = Some(ProseTable {
        caption: "Déclarés, puis recalculés avec la même hypothèse".to_owned(),
        headers,
        rows,
    });
    page.sections.push(section);
    for theme in Theme::ALL {
        let questions: Vec<_> = compared
            .criteria
            .questions()
            .filter(|question| question.theme == theme)
            .filter(|question| {
                !differing || {
                    let first = compared
                        .offers
                        .first()
                        .map(|offer| cell(&compared, offer, question.id));
                    compared
                        .offers
                        .iter()
                        .any(|offer| Some(cell(&compared, offer, question.id)) != first)
                }
            })
            .collect();
        if questions.is_empty() {
            continue;
        }
        let weight = compared.criteria.weights.get(&theme).copied().unwrap_or(0);
        let text = if kept.progress.purpose == Purpose::Tender {
            format!("Poids\u{a0}: {weight} sur 100.")
        } else {
            String::new()
        };
        let mut section = ProseSection::new(theme.code(), theme.label(), &text);
        let mut headers = vec!["Question".to_owned()];
        headers.extend(compared.offers.iter().map(|offer| offer.line.supplier.clone()));
        section.table = Some(ProseTable {
            caption: format!("Réponses du thème «\u{a0}{}\u{a0}»", theme.label()),
            headers,
            rows: questions
                .iter()
                .map(|question| {
                    let mut row = vec![format!("{}. {}", question.id, question.text)];
                    row.extend(
                        compared
                            .offers
                            .iter()
                            .map(|offer| cell(&compared, offer, question.id).join("\n")),
                    );
                    row
                })
                .collect(),
        });
        page.sections.push(section);
    }
    for offer in compared.offers.iter().filter(|offer| !offer.files.is_empty()) {
        let title = format!("Pièces jointes\u{a0}: {}", offer.line.supplier);
        let mut section = ProseSection::new(&format!("pieces-{}", offer.line.id), &title, "");
        section.papers = evidence::lines(kept, offer.files.iter());
        page.sections.push(section);
    }
    if let Some(frozen) = kept.progress.frozen() {
        page.foot = format!(
            "{}. Document d’aide, à faire relire par le service juridique.",
            frozen_words(frozen)
        );
    }
    fresh(StatusCode::OK, &page)
}

/// One line for each question of each offer: what was answered, and every mark.
fn rows(compared: &Compared) -> CsvTable {
    let none = Marks::new();
    let mut rows = Vec::new();
    for offer in &compared.offers {
        let id = &offer.line.id;
        let settled = compared.settled.as_ref();
        let get = |all: Option<&super::marks::All>| all.and_then(|all| all.get(id)).unwrap_or(&none).clone();
        let first = get(settled.map(|settled| &settled.first));
        let second = get(settled.map(|settled| &settled.second));
        let kept = compared.marks(offer).unwrap_or_default();
        for question in compared.criteria.questions() {
            let answer = offer.sheet.answers.get(question.id).cloned().unwrap_or_default();
            let score = |marks: &Marks| {
                marks
                    .get(question.id)
                    .map_or_else(String::new, |mark| mark.score.to_string())
            };
            let comment = |marks: &Marks| {
                marks
                    .get(question.id)
                    .map_or_else(String::new, |mark| mark.comment.clone())
            };
            let yes = |holds: bool| if holds { "oui" } else { "non" }.to_owned();
            rows.push(vec![
                offer.line.supplier.clone(),
                question.theme.code().to_owned(),
                compared
                    .criteria
                    .weights
                    .get(&question.theme)
                    .copied()
                    .unwrap_or(0)
                    .to_string(),
                question.id.to_owned(),
                question.text.to_owned(),
                answer.text.clone(),
                yes(answer.unknown),
                answer.evidence.clone(),
                yes(compared.criteria.knockouts.contains(question.id)),
                score(&first),
                comment(&first),
                score(&second),
                comment(&second),
                score(&kept),
                comment(&kept),
                yes(kept.get(question.id).is_some_and(|mark| mark.fails)),
            ]);
        }
    }
    CsvTable {
        title: "Comparaison".to_owned(),
        headers: [
            "candidat",
            "theme",
            "poids_theme",
            "question",
            "libelle",
            "reponse",
            "ne_sait_pas",
            "preuve",
            "eliminatoire",
            "note_premier",
            "motif_premier",
            "note_second",
            "motif_second",
            "note_retenue",
            "motif_retenu",
            "eliminee",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows,
    }
}

/// The same as a table or a document: with it anyone computes the scores again.
///
/// # Errors
/// When the file is not of the person's organisations, is sealed, or the database does not answer.
pub async fn export(
    State(app): State<App>,
    uri: Uri,
    Path(id): Path<String>,
    signed_in: SignedIn,
) -> Result<Response, WebError> {
    let compared = Compared::of(&app, Kept::of(&app, &id, &signed_in.person).await?).await?;
    if uri.path().ends_with(".csv") {
        let bytes = csv(&rows(&compared)).map_err(|error| WebError::Internal(error.to_string()))?;
        return Ok(attachment(bytes, CSV, "comparaison.csv"));
    }
    let scored = compared.scored();
    let offers: Vec<_> = compared
        .offers
        .iter()
        .map(|offer| {
            let settled = compared.settled.as_ref();
            let found = scored.iter().find(|one| one.supplier == offer.line.supplier);
            json!({
                "supplier": offer.line.supplier,
                "receipt": offer.line.receipt,
                "submitted_at": offer.line.submitted_at.map(|at| at.to_string()),
                "answers": offer.sheet.answers,
                "declared": offer.sheet.declared,
                "marks_first": settled.and_then(|settled| settled.first.get(&offer.line.id)),
                "marks_second": settled.and_then(|settled| settled.second.get(&offer.line.id)),
                "marks": compared.marks(offer),
                "score": found.map(|one| json!({
                    "total": one.score.total,
                    "themes": one.score.themes.iter().map(|theme| json!({
                        "theme": theme.theme.code(), "weight": theme.weight, "score": theme.score
                    })).collect::<Vec<_>>(),
                    "evidence_rate": one.score.evidence_rate,
                    "disclosure_rate": one.score.disclosure_rate,
                    "knocked_out": one.score.knocked_out,
                    "rank": one.standing.rank,
                    "first_in_draws": one.standing.first,
                })),
            })
        })
        .collect();
    let document = json!({
        "title": compared.kept.row.title,
        "organisation": compared.kept.organisation.name,
        "questionnaire": VERSION,
        "criteria": compared.criteria,
        "frozen": compared.kept.progress.frozen().map(|frozen| json!({
            "number": frozen.number(), "digest": frozen.digest(), "at": frozen.at().to_string()
        })),
        "offers": offers,
    });
    let text =
        serde_json::to_string_pretty(&document).map_err(|error| WebError::Internal(error.to_string()))?;
    Ok(attachment(text.into_bytes(), JSON, "comparaison.json"))
}

fn comparison(
    app: &App,
    compared: &Compared,
    purchase: &sobria_govern::procurement::paper::Purchase,
) -> Document {
    let table = |caption: &str, headers: Vec<String>, rows: Vec<Vec<String>>| {
        let widths = (0..headers.len())
            .map(|at| if at == 0 { 30 } else { 35 })
            .collect();
        Block::Table(PaperTable {
            caption: caption.to_owned(),
            headers,
            widths,
            rows,
        })
    };
    let mut blocks = Vec::new();
    let (headers, rows, same) = impacts(app, compared);
    blocks.push(Block::Heading(1, "Chiffres d’impact".to_owned()));
    blocks.push(Block::Paragraph(
        impact_words(app, compared, same).replace("**", ""),
    ));
    blocks.push(table(
        "Déclarés, puis recalculés avec la même hypothèse",
        headers.clone(),
        rows,
    ));
    for theme in Theme::ALL {
        let rows: Vec<Vec<String>> = compared
            .criteria
            .questions()
            .filter(|question| question.theme == theme)
            .map(|question| {
                let mut row = vec![format!("{}. {}", question.id, question.text)];
                row.extend(
                    compared
                        .offers
                        .iter()
                        .map(|offer| cell(compared, offer, question.id).join(" — ")),
                );
                row
            })
            .collect();
        if !rows.is_empty() {
            let mut heads = headers.clone();
            if let Some(first) = heads.first_mut() {
                "Question".clone_into(first);
            }
            blocks.push(Block::Heading(1, theme.label().to_owned()));
            blocks.push(table(
                &format!("Réponses du thème «\u{a0}{}\u{a0}»", theme.label()),
                heads,
                rows,
            ));
        }
    }
    supplier_comparison(purchase, compared.kept.progress.frozen(), blocks, app.today())
}

/// A document of the file.
///
/// # Errors
/// When the file is not of the person's organisations, the document cannot be made yet, or the database does not
/// answer.
pub async fn document(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    signed_in: SignedIn,
) -> Result<Response, WebError> {
    let kept = Kept::of(&app, &id, &signed_in.person).await?;
    let asked = Fields::from(pairs(query.as_deref().unwrap_or("")));
    let format = Format::from_extension(asked.get("format")).ok_or(WebError::NotFound)?;
    let today = app.today();
    let (purchase, _, _) = kept.read();
    let criteria = kept.criteria();
    let piece = asked.get("piece").to_owned();
    let made = match piece.as_str() {
        "note-opportunite" => need_note(&purchase, today),
        "questionnaire" => questionnaire(&purchase, today),
        "annexe" => tender_annex(&purchase, &criteria, today),
        "bareme" => criteria_sheet(&purchase, &criteria, kept.progress.frozen(), today),
        "echeancier" => {
            let owed = app.store.deliverables_of(&kept.row.id).await?;
            let rows = super::schedule::rows(&owed, today);
            schedule_sheet(&purchase, rows, today)
        }
        "comparaison" | "analyse" => {
            let compared = Compared::of(&app, kept).await?;
            if piece == "comparaison" {
                comparison(&app, &compared, &purchase)
            } else {
                let scored = compared.scored();
                match compared.kept.progress.frozen() {
                    Some(frozen) if compared.agreed => analysis_report(&purchase, frozen, &scored, today),
                    _ => {
                        return Err(WebError::Forbidden(
                            "Le rapport d’analyse se fait une fois que les deux évaluateurs se sont accordés.".to_owned(),
                        ));
                    }
                }
            }
        }
        _ => return Err(WebError::NotFound),
    };
    let bytes = write(&made, format).map_err(|error| WebError::Internal(error.to_string()))?;
    Ok(attachment(
        bytes,
        format.media_type(),
        &format!("{piece}.{}", format.extension()),
    ))
}
