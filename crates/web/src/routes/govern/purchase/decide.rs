//! What is decided in a kept file: criteria frozen or replaced, answers opened, an offer chosen, the file taken away.

use axum::extract::{Path, State};
use axum::response::Response;
use sobria_govern::procurement::file::{Purpose, Stage};
use sobria_store::SupplierLine;

use super::file::show;
use super::kept::{FILES, Kept, conflict, frozen_words, step, told, version};
use super::{options, summary};
use crate::app::App;
use crate::error::WebError;
use crate::posted::{Fields, SignedForm};
use crate::routes::account::see_other;
use crate::view::{Control, FormBlock, FormField};

/// The forms of what may be decided now.
pub fn decisions(
    kept: &Kept,
    csrf: &str,
    stage: Stage,
    missing: usize,
    lines: &[SupplierLine],
    agreed: bool,
    typed: &Fields,
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
                    FormField::new(
                        "motif_gel",
                        "Motif du remplacement",
                        typed.get("motif_gel"),
                        Control::Lines(2),
                    )
                        .max(500)
                        .required(),
                );
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
            FormField::new(
                "offre",
                "Offre",
                "",
                Control::Select(options(offers, |id| typed.get("offre") == id)),
            )
            .required(),
            FormField::new("motif", "Motif", typed.get("motif"), Control::Lines(3))
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

/// Freezes, opens, chooses, or takes the file away.
///
/// # Errors
/// When the file is not of the person's organisations, somebody changed it meanwhile, or the database does not answer.
pub async fn post(
    State(app): State<App>,
    Path((id, what)): Path<(String, String)>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let kept = Kept::of(&app, &id, &form.person).await?;
    let (fields, reader, by) = (&form.fields, &form.reader, form.person.account.id);
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
                    reader,
                    fields,
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
                    return show(&app, &kept, reader, fields, wrong).await;
                }
            }
        }
        "ouvrir" => match progress.open(now) {
            Ok(()) => {
                let digest = progress.frozen().map_or("", |frozen| frozen.digest()).to_owned();
                ("open", format!("Barème {digest}"), digest)
            }
            Err(problem) => return show(&app, &kept, reader, fields, vec![told("", problem.message)]).await,
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
                    reader,
                    fields,
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
                    return show(
                        &app,
                        &kept,
                        reader,
                        fields,
                        vec![told(&problem.field, problem.message)],
                    )
                    .await;
                }
            }
        }
        "publier" => {
            let winner = summary::winner(&app, &kept).await?.ok_or(WebError::NotFound)?;
            let (told_of, agreed) = summary::read(&kept, &winner, fields);
            if let Err(problems) = progress.publish(told_of, agreed, now) {
                let wrong = problems
                    .into_iter()
                    .map(|problem| told(&problem.field, problem.message))
                    .collect();
                return show(&app, &kept, reader, fields, wrong).await;
            }
            ("publish", String::new(), String::new())
        }
        "depublier" => {
            progress.withdraw();
            ("withdraw", String::new(), String::new())
        }
        "supprimer" => {
            if fields.get("certain") != "oui" {
                return show(
                    &app,
                    &kept,
                    reader,
                    fields,
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
