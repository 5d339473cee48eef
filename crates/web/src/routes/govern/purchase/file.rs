//! One kept file: where it stands, what to do next, and what is typed in it.

use axum::extract::{Path, State};
use axum::response::Response;
use sobria_catalogue::id::UserId;
use sobria_exchange::paper::Format;
use sobria_govern::procurement::file::{Purpose, Stage};
use sobria_store::PurchaseEvent;

use super::decide::decisions;
use super::kept::{Kept, frozen_words, shown};
use super::{depth_reasons, proposals, summary};
use crate::app::App;
use crate::error::WebError;
use crate::locale::{counted, moment};
use crate::posted::Fields;
use crate::routes::strategy;
use crate::session::{Reader, SignedIn};
use crate::view::library::Link;
use crate::view::{Fact, FormError, PaperLine, ProseSection, ProseTable, RichText};

fn fact(label: &str, value: impl Into<String>, href: Option<String>) -> Fact {
    Fact {
        label: label.to_owned(),
        value: value.into(),
        href,
    }
}

/// What was done, in words.
fn deed(action: &str) -> &str {
    match action {
        "create" => "Dossier créé",
        "edit" => "Dossier modifié",
        "freeze" => "Barème figé",
        "supersede" => "Barème remplacé",
        "deadline" => "Date limite fixée",
        "invite" => "Fournisseur consulté",
        "renew" => "Lien renouvelé",
        "revoke" => "Lien fermé",
        "answer" => "Réponse remise",
        "open" => "Réponses ouvertes",
        "seat" => "Évaluation commencée",
        "marks" => "Notes remises",
        "consensus" => "Accord enregistré",
        "award" => "Offre retenue",
        "owe" => "Livrable ajouté",
        "publish" => "Synthèse publiée",
        "withdraw" => "Synthèse retirée",
        "receive" => "Livrable reçu ou remis en attente",
        "drop" => "Livrable retiré",
        other => other,
    }
}

/// The name of somebody of the organisation; "un agent" once the account was erased.
pub async fn name_of(app: &App, by: Option<UserId>) -> Result<String, WebError> {
    let account = match by {
        Some(by) => app.store.account(by).await?,
        None => None,
    };
    Ok(account.map_or_else(
        || "un agent".to_owned(),
        |account| format!("{} {}", account.given_name, account.family_name),
    ))
}

async fn log(app: &App, events: &[PurchaseEvent]) -> Result<ProseSection, WebError> {
    let mut rows = Vec::new();
    for event in events.iter().rev().take(60) {
        let who = if event.action == "answer" {
            "le fournisseur".to_owned()
        } else {
            name_of(app, event.by).await?
        };
        rows.push(vec![
            moment(event.at),
            deed(&event.action).to_owned(),
            who,
            event.words.clone(),
        ]);
    }
    let mut section = ProseSection::new(
        "journal",
        "Journal",
        "Ce qui est décidé ou remis y laisse une ligne, que rien n’efface.",
    );
    let lines = u64::try_from(rows.len()).unwrap_or(0);
    section.fold = format!("Lire le journal\u{a0}: {}", counted(lines, "ligne", "lignes"));
    section.table = Some(ProseTable {
        caption: "Ce qui a été fait, le plus récent d’abord".to_owned(),
        headers: ["Quand", "Quoi", "Qui", "Précision"].map(str::to_owned).to_vec(),
        rows,
    });
    Ok(section)
}

/// Papers of a file that can be made now: code, title.
pub fn papers(kept: &Kept, agreed: bool) -> Vec<(&'static str, &'static str)> {
    let mut list = super::PAPERS.to_vec();
    if kept.progress.is_readable() {
        list.push(("comparaison", "Comparaison des réponses"));
    }
    if agreed {
        list.push(("analyse", "Rapport d’analyse"));
    }
    if kept.progress.award().is_some() {
        list.push(("echeancier", "Échéancier"));
    }
    list
}

fn documents(kept: &Kept, agreed: bool) -> ProseSection {
    let mut section = ProseSection::new(
        "documents",
        "Documents",
        "Chaque document porte son titre, sa date, l’organisation, sa version, ses pages numérotées et la mention «\u{a0}à faire relire par le service juridique\u{a0}».",
    );
    section.papers = papers(kept, agreed)
        .into_iter()
        .map(|(code, label)| PaperLine {
            label: label.to_owned(),
            note: super::paper_note(code).to_owned(),
            links: Format::ALL
                .iter()
                .map(|format| {
                    let ending = format.extension();
                    Link::new(
                        ending.to_uppercase(),
                        kept.path(&format!("document?piece={code}&format={ending}")),
                    )
                })
                .collect(),
        })
        .collect();
    section
}

/// What to do next, in one sentence with its link.
fn next(kept: &Kept, stage: Stage, missing: usize, agreed: bool) -> String {
    let link = |label: &str, part: &str| format!("[{label}]({})", kept.path(part));
    let sourcing = kept.progress.purpose == Purpose::Sourcing;
    match stage {
        Stage::Preparing if missing > 0 => format!(
            "Il manque {} au besoin ou au barème\u{a0}: {}.",
            counted(u64::try_from(missing).unwrap_or(0), "réponse", "réponses"),
            link("compléter", "preparer")
        ),
        Stage::Preparing if sourcing => format!(
            "Le questionnaire est prêt\u{a0}: {}.",
            link("consulter des fournisseurs", "fournisseurs")
        ),
        Stage::Preparing => {
            "Le dossier est complet\u{a0}: figez le barème, puis consultez des fournisseurs.".to_owned()
        }
        Stage::Frozen => format!(
            "Le barème est figé\u{a0}: {}.",
            link("consultez des fournisseurs", "fournisseurs")
        ),
        Stage::Answering => format!(
            "Les fournisseurs répondent jusqu’au {}\u{a0}: {}.",
            kept.progress.deadline().map(moment).unwrap_or_default(),
            link("suivre les réponses", "fournisseurs")
        ),
        Stage::Sealed => {
            "La date limite est passée\u{a0}: ouvrez les réponses, qui sont restées scellées.".to_owned()
        }
        Stage::Evaluating if sourcing => format!("{}.", link("Comparez les réponses", "comparaison")),
        Stage::Evaluating if agreed => format!(
            "Les deux évaluateurs sont d’accord\u{a0}: {}, puis retenez une offre.",
            link("lisez la comparaison", "comparaison")
        ),
        Stage::Evaluating => format!(
            "Deux personnes notent chacune de leur côté, puis s’accordent\u{a0}: {}.",
            link("noter les offres", "notes")
        ),
        Stage::Awarded => format!(
            "Une offre est retenue\u{a0}: {}.",
            link("suivez l’échéancier", "echeancier")
        ),
    }
}

/// The measures of the roadmap that the purchase carries.
async fn roadmap(app: &App, kept: &Kept) -> Result<Option<ProseSection>, WebError> {
    let Some(measures) = strategy::carried_by(app, &kept.organisation, &kept.row.id).await? else {
        return Ok(None);
    };
    let text = if measures.is_empty() {
        format!(
            "Aucune mesure ne nomme cet achat. [Choisissez celle qu’il porte](/organisations/{}/feuille-de-route/mesure), dans la feuille de route.",
            kept.organisation.slug
        )
    } else {
        "Mesures que porte cet achat\u{a0}:".to_owned()
    };
    let mut section = ProseSection::new("feuille-de-route", "Feuille de route", &text);
    section.links = measures;
    Ok(Some(section))
}

/// What was answered on facts of the record that changed since.
async fn outdated(app: &App, kept: &Kept, reader: &Reader) -> Result<Option<ProseSection>, WebError> {
    let known = proposals::known(app, &kept.fields, reader).await?;
    let asked = super::need_fields(&kept.fields);
    let labels: Vec<&str> = proposals::outdated(&kept.fields, &known, &asked)
        .map(|field| field.label.as_str())
        .collect();
    if labels.is_empty() {
        return Ok(None);
    }
    let mut text = format!(
        "Des réponses reposent sur des faits qui ont changé depuis\u{a0}: {}. [Revoyez-les]({}).",
        labels.join(", "),
        kept.path("preparer")
    );
    if kept.progress.frozen().is_some() {
        text.push_str(" Le barème est figé\u{a0}: ce que les candidats ont reçu ne change pas de lui-même.");
    }
    Ok(Some(ProseSection::new("a-revoir", "À revoir", &text)))
}

/// The first page of a file.
///
/// # Errors
/// When the file is not of the person's organisations, or the database does not answer.
pub async fn page(
    State(app): State<App>,
    Path(id): Path<String>,
    signed_in: SignedIn,
) -> Result<Response, WebError> {
    let kept = Kept::of(&app, &id, &signed_in.person).await?;
    let typed = Fields::default();
    show(&app, &kept, &signed_in.reader, &typed, Vec::new()).await
}

/// The first page, with what was typed in a form that is refused.
pub async fn show(
    app: &App,
    kept: &Kept,
    reader: &Reader,
    fields: &Fields,
    wrong: Vec<FormError>,
) -> Result<Response, WebError> {
    let csrf = reader.csrf();
    let lines = app.store.suppliers_of(&kept.row.id).await?;
    let events = app.store.purchase_events(&kept.row.id).await?;
    let agreed = super::marks::is_agreed(&app.store.purchase_evaluations(&kept.row.id).await?);
    let (purchase, _, missing) = kept.read();
    let stage = kept.progress.stage(lines.len(), (app.settings.now)());
    let mut page = kept.page(app, &kept.row.title, kept.progress.purpose.label(), "");
    page.notice = Some(RichText::parse(&next(kept, stage, missing.len(), agreed)));
    if let Some(section) = outdated(app, kept, reader).await? {
        page.sections.push(section);
    }
    let submitted = lines.iter().filter(|line| line.submitted_at.is_some()).count();
    page.figures = vec![
        fact(
            "Organisation",
            &kept.organisation.name,
            Some(format!("/organisations/{}", kept.organisation.slug)),
        ),
        fact("État", stage.label(), None),
        fact(
            "Profondeur",
            purchase.depth().label(),
            Some(kept.path("preparer")),
        ),
        fact("Questions", kept.criteria().questions().count().to_string(), None),
        fact(
            "Réponses remises",
            format!("{submitted} sur {}", lines.len()),
            Some(kept.path("fournisseurs")),
        ),
    ];
    let mut why = ProseSection::new(
        "profondeur-proposee",
        "Profondeur du questionnaire",
        &depth_reasons(&purchase.need, app.today()),
    );
    if missing
        .iter()
        .any(|error| ["valeur", "duree", "personnes"].contains(&error.field.as_str()))
    {
        why.text = RichText::parse(
            "Elle est proposée, avec ses raisons, dès que la valeur, la durée et le nombre de personnes sont connus.",
        );
    }
    page.sections.push(why);
    if kept.progress.purpose == Purpose::Tender {
        let lines: Vec<String> = kept
            .progress
            .history()
            .iter()
            .rev()
            .map(|frozen| format!("- {}", frozen_words(frozen)))
            .collect();
        let intact = kept.progress.history().iter().all(|frozen| frozen.is_intact());
        let text = match (lines.is_empty(), intact) {
            (true, _) => "Pas encore figé. Tant qu’il ne l’est pas, aucun fournisseur n’est consulté et aucune réponse ne s’ouvre.".to_owned(),
            (false, true) => lines.join("\n"),
            (false, false) => format!("**L’empreinte d’un barème ne correspond plus à son contenu.** Prévenez l’administration de la bibliothèque.\n\n{}", lines.join("\n")),
        };
        page.sections
            .push(ProseSection::new("bareme", "Barème figé", &text));
    }
    if let Some(award) = kept.progress.award() {
        let supplier = lines
            .iter()
            .find(|line| line.id == award.answer)
            .map_or("", |line| line.supplier.as_str());
        page.sections.push(ProseSection::new(
            "retenue",
            "Offre retenue",
            &format!("{supplier}, le {}. {}", moment(award.at), award.reason),
        ));
    }
    page.sections.extend(roadmap(app, kept).await?);
    page.sections.push(documents(kept, agreed));
    page.sections.push(log(app, &events).await?);
    (page.now, page.blocks) = decisions(kept, csrf, stage, missing.len(), &lines, agreed, fields)
        .into_iter()
        .partition(|block| !block.quiet);
    if let Some(winner) = summary::winner(app, kept).await? {
        page.blocks.extend(summary::blocks(kept, csrf, &winner, fields));
    }
    page.foot = format!(
        "Version {} du {}. L’outil aide à préparer\u{202f}; il ne remplace ni le service juridique ni l’acheteur.",
        kept.row.version,
        moment(kept.row.changed_at)
    );
    shown(page, wrong)
}
