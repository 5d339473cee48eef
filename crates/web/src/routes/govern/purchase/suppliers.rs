//! Who is asked: deadline, links of suppliers, what came in.

use axum::extract::{Path, State};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use sobria_catalogue::account::Email;
use sobria_govern::procurement::file::Purpose;
use sobria_store::{NewSupplier, SupplierLine};
use uuid::Uuid;

use super::answer;
use super::kept::{Kept, conflict, moment as read_moment, shown, step, told, version, written};
use crate::app::App;
use crate::error::WebError;
use crate::letters::{Letter, outgoing};
use crate::locale::moment;
use crate::posted::{Fields, SignedForm};
use crate::routes::account::{new_secret, see_other};
use crate::session::SignedIn;
use crate::view::{Control, FormError, FormField, ProseSection, ProseTable, RichText};

/// How long a link leads on after the deadline, to read what was sent.
const READING: SignedDuration = SignedDuration::from_hours(24 * 90);
/// Most suppliers of one file.
const MOST: usize = 30;

fn state(line: &SupplierLine, now: Timestamp) -> String {
    if line.revoked_at.is_some() {
        return "lien fermé".to_owned();
    }
    if now >= line.expires_at {
        return "lien expiré".to_owned();
    }
    match (line.submitted_at, line.changed_at) {
        (Some(at), _) => format!("remise le {}", moment(at)),
        (None, Some(at)) => format!("commencée, enregistrée le {}", moment(at)),
        (None, None) => "pas encore ouverte".to_owned(),
    }
}

async fn show(
    app: &App,
    kept: &Kept,
    csrf: &str,
    typed: &Fields,
    fresh_link: Option<(&str, &str)>,
    wrong: Vec<FormError>,
) -> Result<Response, WebError> {
    let now = (app.settings.now)();
    let lines = app.store.suppliers_of(&kept.row.id).await?;
    let mut page = kept.page(
        app,
        "Fournisseurs",
        "Chaque fournisseur reçoit un lien personnel, sans compte, qui ne mène qu’à sa réponse.",
        "fournisseurs",
    );
    if let Some((supplier, link)) = fresh_link {
        page.notice = Some(RichText::parse(&format!(
            "**Le lien pour {supplier}**, montré une seule fois\u{a0}: copiez-le et transmettez-le.\n\n{link}"
        )));
    }
    let sealed = if kept.progress.is_readable() {
        ""
    } else {
        "Les réponses restent scellées jusqu’à l’ouverture\u{a0}: personne de votre organisation ne peut les lire."
    };
    if lines.is_empty() {
        page.sections.push(ProseSection::new(
            "consultes",
            "Fournisseurs consultés",
            "Aucun pour l’instant.",
        ));
    } else {
        let mut section = ProseSection::new("consultes", "Fournisseurs consultés", sealed);
        section.table = Some(ProseTable {
            caption: "Réponses attendues et remises".to_owned(),
            headers: ["Fournisseur", "Réponse", "Numéro", "Lien valable jusqu’au"]
                .map(str::to_owned)
                .to_vec(),
            rows: lines
                .iter()
                .map(|line| {
                    vec![
                        line.supplier.clone(),
                        state(line, now),
                        line.receipt.clone().unwrap_or_else(|| "–".to_owned()),
                        moment(line.expires_at),
                    ]
                })
                .collect(),
        });
        page.sections.push(section);
    }
    if kept.progress.opened_at().is_none() {
        let limit = if typed.has("limite") {
            typed.get("limite").to_owned()
        } else {
            kept.progress.deadline().map(written).unwrap_or_default()
        };
        let mut block = kept.block(
            csrf,
            "date-limite",
            "Date limite de réponse",
            "",
            "fournisseurs/limite",
            "Fixer la date limite",
        );
        block.fields = vec![
            FormField::new("limite", "Jour et heure, en France métropolitaine", limit, Control::Line("datetime-local"))
                .hint("Par exemple 15/12/2026 12:00. Une fois des fournisseurs consultés, elle peut être repoussée, pas avancée.")
                .required(),
        ];
        block.quiet = kept.progress.deadline().is_some();
        page.blocks.push(block);
        match kept.progress.may_invite(now) {
            Ok(_) if lines.len() < MOST => {
                let mut block = kept.block(
                    csrf,
                    "consulter",
                    "Consulter un fournisseur",
                    "",
                    "fournisseurs/inviter",
                    "Créer son lien",
                );
                block.fields = vec![
                    FormField::line("fournisseur", "Nom du fournisseur", typed.get("fournisseur")).max(150).required(),
                    FormField::new("courriel", "Adresse de courriel", typed.get("courriel"), Control::Line("email"))
                        .max(200)
                        .hint("Si vous l’indiquez, le lien et l’accusé de réception y sont envoyés. Elle est effacée un an après la fin de validité du lien."),
                ];
                page.blocks.push(block);
            }
            Ok(_) => {
                page.notice = Some(RichText::parse(
                    "Trente fournisseurs sont consultés\u{a0}: c’est le maximum d’un dossier.",
                ))
            }
            Err(problem) if kept.progress.deadline().is_some() || problem.field.is_empty() => {
                page.sections
                    .push(ProseSection::new("avant", "Avant de consulter", &problem.message));
            }
            Err(_) => {}
        }
    }
    let open: Vec<&SupplierLine> = lines.iter().filter(|line| line.revoked_at.is_none()).collect();
    if !lines.is_empty() && kept.progress.opened_at().is_none() {
        let choice = |list: &[&SupplierLine]| {
            Control::Select(super::options(
                list.iter().map(|line| (line.id.as_str(), line.supplier.clone())),
                |_| false,
            ))
        };
        let every: Vec<&SupplierLine> = lines.iter().collect();
        let mut renew = kept.block(
            csrf,
            "renouveler",
            "Renouveler un lien",
            "L’ancien lien cesse de fonctionner\u{202f}; ce qui a été répondu reste.",
            "fournisseurs/renouveler",
            "Donner un nouveau lien",
        );
        renew.fields = vec![FormField::new("a_renouveler", "Fournisseur", "", choice(&every)).required()];
        renew.quiet = true;
        page.blocks.push(renew);
        if !open.is_empty() {
            let mut revoke = kept.block(
                csrf,
                "fermer",
                "Fermer un lien",
                "Le fournisseur ne peut plus rien lire ni écrire.",
                "fournisseurs/fermer",
                "Fermer ce lien",
            );
            revoke.fields = vec![FormField::new("a_fermer", "Fournisseur", "", choice(&open)).required()];
            revoke.quiet = true;
            page.blocks.push(revoke);
        }
    }
    shown(page, wrong)
}

/// The suppliers of a file.
///
/// # Errors
/// When the file is not of the person's organisations, or the database does not answer.
pub async fn page(
    State(app): State<App>,
    Path(id): Path<String>,
    signed_in: SignedIn,
) -> Result<Response, WebError> {
    let kept = Kept::of(&app, &id, &signed_in.person).await?;
    show(
        &app,
        &kept,
        signed_in.reader.csrf(),
        &Fields::default(),
        None,
        Vec::new(),
    )
    .await
}

fn letter(app: &App, kept: &Kept, deadline: Timestamp, link: &str) -> Letter {
    let _ = app;
    Letter::SupplierLink {
        title: kept.row.title.clone(),
        organisation: kept.organisation.name.clone(),
        deadline: moment(deadline),
        sourcing: kept.progress.purpose == Purpose::Sourcing,
        link: link.to_owned(),
    }
}

/// Sets the deadline, asks a supplier, renews or closes a link.
///
/// # Errors
/// When the file is not of the person's organisations, somebody changed it meanwhile, or the database does not answer.
pub async fn post(
    State(app): State<App>,
    Path((id, what)): Path<(String, String)>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let kept = Kept::of(&app, &id, &form.person).await?;
    let (fields, csrf, by) = (&form.fields, form.reader.csrf(), form.person.account.id);
    let now = (app.settings.now)();
    let refuse = |wrong: Vec<FormError>| show(&app, &kept, csrf, fields, None, wrong);
    let lines = app.store.suppliers_of(&kept.row.id).await?;
    match what.as_str() {
        "limite" => {
            let Some(limit) = read_moment(fields.get("limite")) else {
                return refuse(vec![told(
                    "limite",
                    "Attendu\u{a0}: un jour et une heure, par exemple 15/12/2026 12:00.",
                )])
                .await;
            };
            let mut progress = kept.progress.clone();
            if let Err(problem) = progress.set_deadline(limit, lines.len(), now) {
                return refuse(vec![told("limite", problem.message)]).await;
            }
            let words = moment(limit);
            let saved = kept
                .save(
                    &app,
                    version(fields),
                    &kept.fields,
                    &progress,
                    step(&app, by, "deadline", &words, &limit.to_string()),
                )
                .await?;
            saved.map_err(|_conflict| conflict())?;
            app.store.extend_suppliers(&kept.row.id, limit + READING).await?;
            Ok(see_other(&kept.path("fournisseurs")))
        }
        "inviter" | "renouveler" => {
            let deadline = match kept.progress.may_invite(now) {
                Ok(deadline) => deadline,
                Err(problem) => return refuse(vec![told(&problem.field, problem.message)]).await,
            };
            if lines.len() >= MOST && what == "inviter" {
                return refuse(vec![told(
                    "",
                    "Trente fournisseurs sont consultés\u{a0}: c’est le maximum d’un dossier.",
                )])
                .await;
            }
            let secret = new_secret()?;
            let link = format!("{}{}/{}", app.settings.base_url, answer::PATH, secret.reveal());
            let expires_at = deadline + READING;
            let (supplier, email) = if what == "inviter" {
                let supplier = fields.get("fournisseur").trim().to_owned();
                let typed = fields.get("courriel").trim();
                let mut wrong = Vec::new();
                if supplier.is_empty() || supplier.chars().count() > 150 {
                    wrong.push(told(
                        "fournisseur",
                        "Donnez le nom du fournisseur, en 150 caractères au plus.",
                    ));
                }
                if lines.iter().any(|line| line.supplier == supplier) {
                    wrong.push(told(
                        "fournisseur",
                        "Ce fournisseur est déjà consulté\u{a0}: renouvelez son lien s’il l’a perdu.",
                    ));
                }
                let email = match (typed.is_empty(), Email::parse(typed)) {
                    (true, _) => None,
                    (false, Ok(email)) => Some(email),
                    (false, Err(_)) => {
                        wrong.push(told("courriel", "Cette adresse n’est pas complète\u{a0}: attendu, par exemple, offre@entreprise.fr."));
                        None
                    }
                };
                if !wrong.is_empty() {
                    return refuse(wrong).await;
                }
                let mail = email
                    .as_ref()
                    .map(|email| outgoing(&app, email, &letter(&app, &kept, deadline, &link)))
                    .transpose()?;
                let id = Uuid::now_v7().to_string();
                let new = NewSupplier {
                    id: &id,
                    purchase: &kept.row.id,
                    supplier: &supplier,
                    email: email.as_ref().map(Email::as_str),
                    secret_hash: &secret.digest(),
                    expires_at,
                };
                app.store
                    .add_supplier(new, mail.as_ref(), step(&app, by, "invite", &supplier, &id))
                    .await?;
                (supplier, email)
            } else {
                let line = lines
                    .iter()
                    .find(|line| line.id == fields.get("a_renouveler"))
                    .ok_or(WebError::NotFound)?;
                let email = line.email.as_deref().and_then(|email| Email::parse(email).ok());
                let mail = email
                    .as_ref()
                    .map(|email| outgoing(&app, email, &letter(&app, &kept, deadline, &link)))
                    .transpose()?;
                app.store
                    .renew_supplier(
                        &kept.row.id,
                        &line.id,
                        &secret.digest(),
                        expires_at,
                        mail.as_ref(),
                        step(&app, by, "renew", &line.supplier, &line.id),
                    )
                    .await?;
                (line.supplier.clone(), email)
            };
            if email.is_some() {
                app.mail_waits.notify_one();
            }
            show(
                &app,
                &kept,
                csrf,
                &Fields::default(),
                Some((&supplier, &link)),
                Vec::new(),
            )
            .await
        }
        "fermer" => {
            let line = lines
                .iter()
                .find(|line| line.id == fields.get("a_fermer"))
                .ok_or(WebError::NotFound)?;
            app.store
                .revoke_supplier(
                    &kept.row.id,
                    &line.id,
                    step(&app, by, "revoke", &line.supplier, &line.id),
                )
                .await?;
            Ok(see_other(&kept.path("fournisseurs")))
        }
        _ => Err(WebError::NotFound),
    }
}
