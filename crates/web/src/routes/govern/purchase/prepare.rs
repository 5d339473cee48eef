//! What is typed in a kept file: the need, then clauses and criteria.

use std::collections::BTreeSet;

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_govern::procurement::clause::{CLAUSES, proposed};
use sobria_govern::procurement::question::asked;

use super::kept::{Kept, mark, step, told, version};
use super::{knockouts_field, need_fields, options, proposals, weight_fields};
use crate::app::App;
use crate::error::WebError;
use crate::params::pairs;
use crate::posted::{Fields, SignedForm};
use crate::routes::account::{fresh, see_other};
use crate::session::{Reader, SignedIn};
use crate::view::govern::GovernPage;
use crate::view::{Control, FormError, FormField, RichText};

/// Steps of what is typed: code, title.
const STEPS: [(&str, &str); 2] = [("besoin", "Le besoin"), ("bareme", "Clauses et barème")];

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
    list.push(knockouts_field(&criteria, depth));
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
    list.extend(weight_fields(fields, &criteria, depth));
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

async fn show(
    app: &App,
    kept: &Kept,
    reader: &Reader,
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
    let known = proposals::known(app, &kept.fields, reader).await?;
    let mut list = step_fields(kept, fields, at);
    let seen = proposals::tell(&mut list, &known, fields);
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
    if at == "bareme" {
        page.here = kept.path("preparer?etape=bareme");
    }
    if kept.progress.frozen().is_some() {
        page.notice = Some(RichText::parse(
            "Le barème est figé\u{a0}: ce qui change ici ne vaut pour les candidats qu’une fois le barème remplacé, avec son motif, depuis la page du dossier. La profondeur ne change plus.",
        ));
    }
    let mut block = kept.block(reader.csrf(), "preparer", "", "", "preparer", "Enregistrer");
    block.hidden.extend(seen);
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
    page.blocks.push(block);
    fresh(status, &page)
}

/// What is typed in a file.
///
/// # Errors
/// When the file is not of the person's organisations, or the database does not answer.
pub async fn page(
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
    let reader = &signed_in.reader;
    show(&app, &kept, reader, &kept.fields, at, &[], StatusCode::OK).await
}

/// What was typed before, with what this step sends in place of its own fields.
fn merged(kept: &Kept, sent: &Fields, at: &str) -> Fields {
    let own: BTreeSet<String> = step_fields(kept, sent, at)
        .into_iter()
        .chain(step_fields(kept, &kept.fields, at))
        .map(|field| field.name)
        .collect();
    // What an answer stands on goes with the answer.
    let is_own = |name: &str| {
        own.contains(proposals::about(name).unwrap_or(name)) || (at == "bareme" && name == "poids_de")
    };
    let mut all: Vec<(String, String)> = kept
        .fields
        .iter()
        .filter(|(name, _)| !is_own(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    all.extend(
        sent.iter()
            .filter(|(name, value)| {
                is_own(name) && !value.is_empty() && proposals::may_stay(name, value, sent)
            })
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
        return show(
            &app,
            &kept,
            &form.reader,
            &fields,
            at,
            &wrong,
            StatusCode::UNPROCESSABLE_ENTITY,
        )
        .await;
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
        return show(
            &app,
            &kept,
            &form.reader,
            &fields,
            at,
            &[told("", message)],
            StatusCode::CONFLICT,
        )
        .await;
    }
    let then = match (at, form.fields.get("action")) {
        ("besoin", "continuer") => kept.path("preparer?etape=bareme"),
        _ => kept.path(""),
    };
    Ok(see_other(&then))
}
