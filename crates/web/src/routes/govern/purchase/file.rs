//! One kept file: where it stands, what to do next, and what is typed in it.

use std::collections::BTreeSet;

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::id::UserId;
use sobria_exchange::paper::Format;
use sobria_govern::procurement::clause::{CLAUSES, proposed};
use sobria_govern::procurement::depth::propose;
use sobria_govern::procurement::file::{Purpose, Stage};
use sobria_govern::procurement::question::asked;
use sobria_govern::procurement::threshold::procedure;
use sobria_store::{PurchaseEvent, SupplierLine};

use super::kept::{FILES, Kept, conflict, frozen_words, mark, step, told, version};
use super::{need_fields, options, proposals};
use crate::app::App;
use crate::error::WebError;
use crate::locale::moment;
use crate::params::pairs;
use crate::posted::{Fields, SignedForm};
use crate::routes::account::{fresh, see_other};
use crate::session::SignedIn;
use crate::view::govern::GovernPage;
use crate::view::library::Link;
use crate::view::{Control, Fact, FormBlock, FormError, FormField, ProseSection, ProseTable, RichText};

/// Steps of what is typed: code, title.
const STEPS: [(&str, &str); 2] = [("besoin", "Le besoin"), ("bareme", "Clauses et barème")];

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
    let mut section = ProseSection::new("journal", "Journal", "");
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
    for (code, label) in papers(kept, agreed) {
        for format in Format::ALL {
            section.links.push(Link::new(
                format!("{label} ({})", format.extension().to_uppercase()),
                kept.path(&format!("document?piece={code}&format={}", format.extension())),
            ));
        }
    }
    section
}

/// What to do next, in one sentence with its link.
fn next(kept: &Kept, stage: Stage, missing: usize, agreed: bool) -> String {
    let link = |label: &str, part: &str| format!("[{label}]({})", kept.path(part));
    let sourcing = kept.progress.purpose == Purpose::Sourcing;
    match stage {
        Stage::Preparing if missing > 0 => format!(
            "Il manque {} au besoin ou au barème\u{a0}: {}.",
            crate::locale::counted(u64::try_from(missing).unwrap_or(0), "réponse", "réponses"),
            link("compléter", "preparer")
        ),
        Stage::Preparing if sourcing => format!(
            "Le questionnaire est prêt\u{a0}: {}.",
            link("consulter des fournisseurs", "fournisseurs")
        ),
        Stage::Preparing => {
            "Le dossier est complet\u{a0}: [figez le barème](#figer), puis consultez des fournisseurs."
                .to_owned()
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
            "La date limite est passée\u{a0}: [ouvrez les réponses](#ouvrir), qui sont restées scellées."
                .to_owned()
        }
        Stage::Evaluating if sourcing => format!("{}.", link("Comparez les réponses", "comparaison")),
        Stage::Evaluating if agreed => format!(
            "Les deux évaluateurs sont d’accord\u{a0}: {}, puis [retenez une offre](#retenir).",
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

fn decisions(
    kept: &Kept,
    csrf: &str,
    stage: Stage,
    missing: usize,
    lines: &[SupplierLine],
    agreed: bool,
) -> Vec<FormBlock> {
    let mut blocks = Vec::new();
    let tender = kept.progress.purpose == Purpose::Tender;
    if tender && kept.progress.opened_at().is_none() && missing == 0 {
        let (_, criteria, _) = kept.read();
        match kept.progress.frozen() {
            None => blocks.push(kept.block(
                csrf,
                "figer",
                "Figer le barème",
                &format!(
                    "Une fois figés, profondeur, poids, questions éliminatoires et questions sans objet ne se changent plus\u{a0}: ils se remplacent, avec un motif que tous liront. Empreinte de ce qui sera figé\u{a0}: {}",
                    criteria.digest()
                ),
                "figer",
                "Figer le barème",
            )),
            Some(frozen) if *frozen.criteria() != criteria => {
                let mut block = kept.block(
                    csrf,
                    "figer",
                    "Remplacer le barème figé",
                    "Ce qui est saisi diffère de ce qui est figé. Le remplacement est inscrit au journal, avec son motif, et montré aux fournisseurs.",
                    "figer",
                    "Remplacer le barème",
                );
                block.fields.push(
                    FormField::new("motif_gel", "Motif du remplacement", "", Control::Lines(2))
                        .max(500)
                        .required(),
                );
                block.quiet = true;
                blocks.push(block);
            }
            Some(_) => {}
        }
    }
    if stage == Stage::Sealed {
        blocks.push(kept.block(
            csrf,
            "ouvrir",
            "Ouvrir les réponses",
            "Le barème ne changera plus, et les fournisseurs ne pourront plus répondre.",
            "ouvrir",
            "Ouvrir les réponses",
        ));
    }
    if stage == Stage::Evaluating && agreed {
        let mut block = kept.block(
            csrf,
            "retenir",
            "Retenir une offre",
            "Le classement aide à choisir\u{202f}; la décision et son motif sont inscrits au journal.",
            "retenir",
            "Retenir cette offre",
        );
        let offers = lines
            .iter()
            .filter(|line| line.submitted_at.is_some())
            .map(|line| (line.id.as_str(), line.supplier.clone()));
        block.fields = vec![
            FormField::new("offre", "Offre", "", Control::Select(options(offers, |_| false))).required(),
            FormField::new("motif", "Motif", "", Control::Lines(3))
                .max(1_000)
                .required(),
        ];
        blocks.push(block);
    }
    if lines.iter().all(|line| line.submitted_at.is_none()) {
        let mut block = kept.block(
            csrf,
            "supprimer",
            "Supprimer le dossier",
            "Aucune réponse n’a été remise\u{a0}: le dossier et ses liens peuvent être effacés pour de bon.",
            "supprimer",
            "Supprimer",
        );
        block.fields = vec![FormField::new(
            "certain",
            "Je veux effacer ce dossier",
            "",
            Control::Check(false),
        )];
        block.quiet = true;
        blocks.push(block);
    }
    blocks
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
    show(&app, &kept, signed_in.reader.csrf(), Vec::new()).await
}

async fn show(app: &App, kept: &Kept, csrf: &str, wrong: Vec<FormError>) -> Result<Response, WebError> {
    let lines = app.store.suppliers_of(&kept.row.id).await?;
    let events = app.store.purchase_events(&kept.row.id).await?;
    let agreed = super::marks::is_agreed(&app.store.purchase_evaluations(&kept.row.id).await?);
    let (purchase, typed, missing) = kept.read();
    let stage = kept.progress.stage(lines.len(), (app.settings.now)());
    let mut page = kept.page(app, &kept.row.title, &kept.organisation.name, "");
    page.notice = Some(RichText::parse(&next(kept, stage, missing.len(), agreed)));
    let submitted = lines.iter().filter(|line| line.submitted_at.is_some()).count();
    page.figures = vec![
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
    page.downloads = [
        ("Besoin", "preparer"),
        ("Clauses et barème", "preparer?etape=bareme"),
        ("Fournisseurs", "fournisseurs"),
    ]
    .map(|(label, part)| Link::new(label, kept.path(part)))
    .to_vec();
    if kept.progress.is_readable() && submitted > 0 {
        page.downloads
            .push(Link::new("Comparaison", kept.path("comparaison")));
        if kept.progress.purpose == Purpose::Tender {
            page.downloads.push(Link::new("Notes", kept.path("notes")));
        }
    }
    if kept.progress.award().is_some() {
        page.downloads
            .push(Link::new("Échéancier", kept.path("echeancier")));
    }
    let proposal = propose(&purchase.need);
    let mut why = ProseSection::new(
        "profondeur-proposee",
        "Profondeur du questionnaire",
        &format!(
            "Proposée\u{a0}: **{}**, parce que\u{a0}:\n\n{}\n\n{}",
            proposal.depth.label(),
            proposal
                .reasons
                .iter()
                .map(|reason| format!("- {reason}"))
                .collect::<Vec<_>>()
                .join("\n"),
            procedure(purchase.need.value_ht, app.today())
        ),
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
    page.sections.push(documents(kept, agreed));
    page.sections.push(log(app, &events).await?);
    let _ = typed;
    page.blocks = decisions(kept, csrf, stage, missing.len(), &lines, agreed);
    let status = if wrong.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    page.errors = wrong;
    page.foot = format!(
        "Version {} du {}. L’outil aide à préparer\u{202f}; il ne remplace ni le service juridique ni l’acheteur.",
        kept.row.version,
        moment(kept.row.changed_at)
    );
    fresh(status, &page)
}

/// Clauses, weights and questions of the second step.
fn criteria_fields(kept: &Kept, fields: &Fields) -> Vec<FormField> {
    let (purchase, criteria, _) = kept.read_as(fields);
    let depth = purchase.depth();
    let chosen = |id: &str| {
        if fields.has("clauses") {
            purchase.clauses.contains(id)
        } else {
            proposed(depth).any(|clause| clause.id == id)
        }
    };
    let clauses = CLAUSES.iter().map(|clause| {
        (
            clause.id,
            format!("{}\u{a0}: {}", clause.id, clause.wording(&purchase.values)),
        )
    });
    let mut list = vec![
        FormField::new("clauses", "Clauses", "", Control::Checks(options(clauses, chosen)))
            .hint("Toutes sont à faire relire par le service juridique. Sans aucune coche, celles que proposent les questions sont reprises."),
    ];
    for clause in CLAUSES.iter().filter(|clause| chosen(clause.id)) {
        let mut rest = clause.text;
        while let Some((_, after)) = rest.split_once('{') {
            let (name, tail) = after.split_once('}').unwrap_or((after, ""));
            let field = format!("valeur_{}.{name}", clause.id);
            let value = fields.get(&field).to_owned();
            let words: Vec<&str> = tail.split_whitespace().take(4).collect();
            list.push(
                FormField::line(
                    field,
                    format!(
                        "{}\u{a0}: valeur pour «\u{a0}{name} {}\u{a0}»",
                        clause.id,
                        words.join(" ")
                    ),
                    value,
                )
                .max(40),
            );
            rest = tail;
        }
    }
    let knockouts = asked(depth)
        .filter(|question| question.knockout)
        .map(|question| (question.id, format!("{}\u{a0}: {}", question.id, question.text)));
    list.push(
        FormField::new(
            "eliminatoires",
            "Questions éliminatoires",
            "",
            Control::Checks(options(knockouts, |id| criteria.knockouts.contains(id))),
        )
        .hint("Une question n’élimine que si elle est publiée comme telle."),
    );
    let questions =
        asked(depth).map(|question| (question.id, format!("{}\u{a0}: {}", question.id, question.text)));
    list.push(
        FormField::new(
            "sans_objet",
            "Questions sans objet",
            "",
            Control::Checks(options(questions, |id| criteria.not_applicable.contains(id))),
        )
        .hint("Elles ne sont posées à aucun candidat."),
    );
    for (theme, weight) in &criteria.weights {
        let name = format!("poids_{}", theme.code());
        let value = if fields.get("poids_de") == depth.code() && fields.has(&name) {
            fields.get(&name).to_owned()
        } else {
            weight.to_string()
        };
        list.push(
            FormField::line(name, format!("Poids\u{a0}: {}", theme.label()), value)
                .hint("Les poids font 100 ensemble."),
        );
    }
    list.push(
        FormField::line("jetons", "Longueur d’une réponse type, en jetons", fields.get("jetons"))
            .hint("Sert à recalculer les chiffres de tous les fournisseurs avec la même hypothèse. Sans réponse\u{a0}: 400, une conversation courte."),
    );
    list
}

fn step_fields(kept: &Kept, fields: &Fields, at: &str) -> Vec<FormField> {
    if at == "bareme" {
        criteria_fields(kept, fields)
    } else {
        need_fields(fields)
            .into_iter()
            .filter(|field| field.name != "organisation")
            .collect()
    }
}

fn prepare_page(
    app: &App,
    kept: &Kept,
    csrf: &str,
    fields: &Fields,
    at: &str,
    wrong: &[FormError],
    status: StatusCode,
) -> Result<Response, WebError> {
    let title = STEPS
        .iter()
        .find(|(code, _)| *code == at)
        .map_or("Le besoin", |(_, title)| *title);
    let mut page: GovernPage = kept.page(
        app,
        title,
        "Enregistrez quand vous voulez\u{a0}: un dossier incomplet se reprend plus tard.",
        "preparer",
    );
    let mut list = step_fields(kept, fields, at);
    mark(&mut list, wrong);
    let names: BTreeSet<&str> = list.iter().map(|field| field.name.as_str()).collect();
    page.errors = wrong
        .iter()
        .map(|error| {
            told(
                if names.contains(error.field.as_str()) {
                    &error.field
                } else {
                    ""
                },
                error.message.clone(),
            )
        })
        .collect();
    if kept.progress.frozen().is_some() {
        page.notice = Some(RichText::parse(
            "Le barème est figé\u{a0}: ce qui change ici ne vaut pour les candidats qu’une fois le barème remplacé, avec son motif, depuis la page du dossier. La profondeur ne change plus.",
        ));
    }
    let mut block = kept.block(csrf, "preparer", "", "", "preparer", "Enregistrer");
    block.hidden.push(("etape".to_owned(), at.to_owned()));
    if at == "bareme" {
        block.hidden.push((
            "poids_de".to_owned(),
            kept.read_as(fields).0.depth().code().to_owned(),
        ));
    } else {
        block
            .others
            .push(("continuer".to_owned(), "Enregistrer et continuer".to_owned()));
    }
    block.fields = list;
    block.links.push(Link::new("Revenir au dossier", kept.path("")));
    page.blocks.push(block);
    fresh(status, &page)
}

/// What is typed in a file.
///
/// # Errors
/// When the file is not of the person's organisations, or the database does not answer.
pub async fn prepare(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    signed_in: SignedIn,
) -> Result<Response, WebError> {
    let kept = Kept::of(&app, &id, &signed_in.person).await?;
    let asked = Fields::from(pairs(query.as_deref().unwrap_or("")));
    let at = if asked.get("etape") == "bareme" {
        "bareme"
    } else {
        "besoin"
    };
    let csrf = signed_in.reader.csrf();
    prepare_page(&app, &kept, csrf, &kept.fields, at, &[], StatusCode::OK)
}

/// What was typed before, with what this step sends in place of its own fields.
fn merged(kept: &Kept, sent: &Fields, at: &str) -> Fields {
    let own: BTreeSet<String> = step_fields(kept, sent, at)
        .into_iter()
        .chain(step_fields(kept, &kept.fields, at))
        .map(|field| field.name)
        .collect();
    let is_own = |name: &str| own.contains(name) || (at == "bareme" && name == "poids_de");
    let mut all: Vec<(String, String)> = kept
        .fields
        .iter()
        .filter(|(name, _)| !is_own(name))
        // A proposal that was changed is no proposal any more.
        .filter(|(name, _)| {
            proposals::about(name).is_none_or(|about| {
                !own.contains(about) || {
                    let values = |fields: &Fields| fields.all(about).map(str::trim).map(str::to_owned).collect::<Vec<_>>();
                    values(&kept.fields) == values(sent)
                }
            })
        })
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    all.extend(
        sent.iter()
            .filter(|(name, value)| is_own(name) && !value.is_empty())
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    Fields::from(all)
}

/// Keeps what was typed. What is missing can come later; what is wrong is said, and comes back.
///
/// # Errors
/// When the file is not of the person's organisations, or the database does not answer.
pub async fn save(
    State(app): State<App>,
    Path(id): Path<String>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let kept = Kept::of(&app, &id, &form.person).await?;
    let at = if form.fields.get("etape") == "bareme" {
        "bareme"
    } else {
        "besoin"
    };
    let fields = merged(&kept, &form.fields, at);
    let csrf = form.reader.csrf();
    let own: BTreeSet<String> = step_fields(&kept, &fields, at)
        .into_iter()
        .map(|field| field.name)
        .collect();
    let (_, _, all) = kept.read_as(&fields);
    let mut wrong: Vec<FormError> = all
        .into_iter()
        .filter(|error| own.contains(&error.field))
        .filter(|error| error.field == "eliminatoires" || !fields.get(&error.field).trim().is_empty())
        .collect();
    let tokens = fields.get("jetons").trim();
    if at == "bareme" && !tokens.is_empty() {
        let read = tokens.replace(',', ".").parse::<f64>();
        if !read.is_ok_and(|tokens| (1.0..=1e6).contains(&tokens)) {
            wrong.push(told(
                "jetons",
                "Attendu\u{a0}: un nombre de jetons, de 1 à un million.",
            ));
        }
    }
    if !wrong.is_empty() {
        return prepare_page(
            &app,
            &kept,
            csrf,
            &fields,
            at,
            &wrong,
            StatusCode::UNPROCESSABLE_ENTITY,
        );
    }
    let by = form.person.account.id;
    let title = STEPS
        .iter()
        .find(|(code, _)| *code == at)
        .map_or("", |(_, title)| *title);
    let saved = kept
        .save(
            &app,
            version(&form.fields),
            &fields,
            &kept.progress,
            step(&app, by, "edit", title, at),
        )
        .await?;
    if saved.is_err() {
        // What the other one typed is told, and what this one typed comes back over the new version.
        let labels = step_fields(&kept, &kept.fields, at);
        let differing: Vec<String> = labels
            .iter()
            .filter(|field| {
                let of = |all: &Fields| all.all(&field.name).map(str::to_owned).collect::<Vec<_>>();
                of(&kept.fields) != of(&fields)
            })
            .map(|field| {
                let theirs: Vec<&str> = kept.fields.all(&field.name).collect();
                let theirs = if theirs.is_empty() {
                    "rien".to_owned()
                } else {
                    theirs.join(", ")
                };
                format!("{}\u{a0}: {theirs}", field.label)
            })
            .collect();
        let message = format!(
            "Quelqu’un a enregistré la version {} entre-temps. Votre saisie est gardée ici\u{a0}: enregistrez de nouveau pour la mettre à la place. Ce qui y diffère\u{a0}: {}.",
            kept.row.version,
            if differing.is_empty() {
                "rien".to_owned()
            } else {
                differing.join(" ; ")
            }
        );
        return prepare_page(
            &app,
            &kept,
            csrf,
            &fields,
            at,
            &[told("", message)],
            StatusCode::CONFLICT,
        );
    }
    let then = match (at, form.fields.get("action")) {
        ("besoin", "continuer") => kept.path("preparer?etape=bareme"),
        _ => kept.path(""),
    };
    Ok(see_other(&then))
}

/// Freezes, opens, chooses, or takes the file away.
///
/// # Errors
/// When the file is not of the person's organisations, somebody changed it meanwhile, or the database does not answer.
pub async fn decide(
    State(app): State<App>,
    Path((id, what)): Path<(String, String)>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let kept = Kept::of(&app, &id, &form.person).await?;
    let (fields, csrf, by) = (&form.fields, form.reader.csrf(), form.person.account.id);
    let now = (app.settings.now)();
    if version(fields) != kept.row.version {
        return Err(conflict());
    }
    let mut progress = kept.progress.clone();
    let (action, words, detail) = match what.as_str() {
        "figer" => {
            let (_, criteria, missing) = kept.read();
            if !missing.is_empty() {
                return show(
                    &app,
                    &kept,
                    csrf,
                    vec![told(
                        "",
                        "Le dossier est incomplet\u{a0}: complétez le besoin et le barème avant de figer.",
                    )],
                )
                .await;
            }
            let superseding = progress.frozen().is_some();
            match progress.freeze(criteria, fields.get("motif_gel"), now) {
                Ok(frozen) => (
                    if superseding { "supersede" } else { "freeze" },
                    frozen_words(frozen),
                    frozen.digest().to_owned(),
                ),
                Err(problems) => {
                    let wrong = problems
                        .into_iter()
                        .map(|problem| {
                            told(
                                if problem.field == "reason" {
                                    "motif_gel"
                                } else {
                                    ""
                                },
                                problem.message,
                            )
                        })
                        .collect();
                    return show(&app, &kept, csrf, wrong).await;
                }
            }
        }
        "ouvrir" => match progress.open(now) {
            Ok(()) => {
                let digest = progress.frozen().map_or("", |frozen| frozen.digest()).to_owned();
                ("open", format!("Barème {digest}"), digest)
            }
            Err(problem) => return show(&app, &kept, csrf, vec![told("", problem.message)]).await,
        },
        "retenir" => {
            let lines = app.store.suppliers_of(&kept.row.id).await?;
            let offer = fields.get("offre");
            let chosen = lines
                .iter()
                .find(|line| line.id == offer && line.submitted_at.is_some())
                .ok_or(WebError::NotFound)?;
            if !super::marks::is_agreed(&app.store.purchase_evaluations(&kept.row.id).await?) {
                return show(
                    &app,
                    &kept,
                    csrf,
                    vec![told(
                        "",
                        "Les deux évaluateurs s’accordent d’abord sur les notes.",
                    )],
                )
                .await;
            }
            match progress.choose(offer, fields.get("motif"), now) {
                Ok(()) => (
                    "award",
                    format!("{}. {}", chosen.supplier, fields.get("motif").trim()),
                    offer.to_owned(),
                ),
                Err(problem) => {
                    return show(&app, &kept, csrf, vec![told(&problem.field, problem.message)]).await;
                }
            }
        }
        "supprimer" => {
            if fields.get("certain") != "oui" {
                return show(
                    &app,
                    &kept,
                    csrf,
                    vec![told("certain", "Cochez la case pour confirmer l’effacement.")],
                )
                .await;
            }
            app.store
                .delete_purchase(&kept.row.id, kept.row.version, step(&app, by, "delete", "", ""))
                .await?;
            return Ok(see_other(FILES));
        }
        _ => return Err(WebError::NotFound),
    };
    let saved = kept
        .save(
            &app,
            kept.row.version,
            &kept.fields,
            &progress,
            step(&app, by, action, &words, &detail),
        )
        .await?;
    saved.map_err(|_conflict| conflict())?;
    Ok(see_other(&kept.path("")))
}
