//! Trainings and appointments.

use axum::http::StatusCode;
use axum::response::Response;
use sobria_exchange::lines;
use sobria_exchange::paper::Format;
use sobria_govern::procurement::Problem;
use sobria_govern::roadmap::appointment::Role;
use sobria_govern::roadmap::form::{read_appointment, read_session, shown};
use sobria_govern::roadmap::paper::figure;
use sobria_govern::roadmap::training::{LASTS_MONTHS, Session, Subject, Trained};
use sobria_store::{Appointment as KeptAppointment, StoreError, TrainingSession};
use uuid::Uuid;

use super::paste::{self, step};
use super::{Filled, Roadmap, choices, show_forms};
use crate::app::App;
use crate::error::WebError;
use crate::locale::day;
use crate::posted::{Fields, SignedForm};
use crate::routes::account::see_other;
use crate::view::library::Link;
use crate::view::{Fact, FormBlock, FormField, PaperLine, ProseSection, ProseTable, RichText};

/// Columns of the table of trainings.
const COLUMNS: [&str; 5] = ["titre", "date", "heures", "participants", "elus"];

/// The log of trainings.
pub fn trainings(
    app: &App,
    road: &Roadmap,
    csrf: &str,
    typed: &Fields,
    problems: &[Problem],
    preview: Option<FormBlock>,
    status: StatusCode,
) -> Result<Response, WebError> {
    let mut page = road.page(app, "Formations", &road.organisation.name, "formations");
    let strategy = &road.strategy;
    let trained = Trained::of(&road.sessions, strategy.staff, strategy.elected, app.today());
    let share = |value: Option<f64>| {
        value.map_or_else(
            || "Effectif à renseigner".to_owned(),
            |value| format!("{}\u{a0}%", figure(value)),
        )
    };
    let most = if trained.people { "" } else { ", au plus" };
    page.facts = vec![
        Fact::new(format!("Agents formés{most}"), share(trained.agents_share)),
        Fact::new(format!("Élus formés{most}"), share(trained.elected_share)),
        Fact::new(
            format!("Formations en {LASTS_MONTHS} mois"),
            crate::locale::count(trained.sessions),
        ),
    ];
    let counted = if trained.people {
        "Chaque personne est comptée une fois, d’après ce que disent les formations"
    } else {
        "une personne formée deux fois est comptée deux fois, d’où «\u{a0}au plus\u{a0}», tant que toutes les formations ne disent pas combien étaient déjà formés"
    };
    page.notice = Some(RichText::parse(&format!(
        "Aucun nom n’est gardé, seulement des nombres\u{a0}: {}. Une formation compte 24 mois. Ce journal sert aussi l’article 4 du règlement européen sur l’IA.",
        counted.replacen("Chaque", "chaque", 1)
    )));
    let mut section = ProseSection::new("journal", "Journal", "");
    if road.sessions.is_empty() {
        section.text = RichText::parse("Aucune formation n’est encore notée.");
    } else {
        section.table = Some(ProseTable {
            caption: "Formations tenues, les plus récentes d’abord".to_owned(),
            headers: [
                "Formation",
                "Sujet",
                "Date",
                "Heures",
                "Participants",
                "Dont élus",
            ]
            .map(str::to_owned)
            .to_vec(),
            rows: road.sessions.iter().map(cells).collect(),
        });
    }
    page.sections.push(section);
    if !road.sessions.is_empty() {
        let mut section = ProseSection::new(
            "attestations",
            "Attestations",
            "À imprimer, à remplir au nom de chacun et à signer\u{a0}: aucun nom n’est gardé ici.",
        );
        section.papers = road
            .session_ids
            .iter()
            .zip(&road.sessions)
            .map(|(id, session)| PaperLine {
                label: session.title.clone(),
                note: day(session.held_on),
                links: Format::ALL
                    .iter()
                    .map(|format| {
                        let ending = format.extension();
                        Link::new(
                            ending.to_uppercase(),
                            format!("{}/document/attestation-{id}.{ending}", road.path()),
                        )
                    })
                    .collect(),
            })
            .collect();
        page.sections.push(section);
    }
    let mut blocks: Vec<FormBlock> = preview.into_iter().collect();
    if road.writes {
        let form = Filled {
            fields: typed,
            problems,
        };
        let action = format!("{}/formations", road.path());
        let block = |id: &str, title: &str, text: &str, submit: &str, fields: Vec<FormField>| {
            step(&action, csrf, id, (title, text, submit), fields)
        };
        blocks.push(block(
            "ajouter",
            "Noter une formation",
            "",
            "Ajouter",
            vec![
                form.line("titre", "Titre").required(),
                form.select(
                    "sujet",
                    "Sujet",
                    choices(&Subject::ALL, Subject::code, Subject::label),
                ),
                form.line("date", "Date")
                    .required()
                    .hint("Par exemple 2026-03-15 ou 15/03/2026."),
                form.line("heures", "Durée, en heures").required(),
                form.line("participants", "Participants, élus compris").required(),
                form.line("elus", "Dont élus"),
                form.line("deja", "Dont personnes déjà formées depuis 24 mois")
                    .hint("Si toutes les formations le disent, la couverture compte des personnes."),
                form.line("deja_elus", "Dont élus déjà formés"),
                form.line("organisme", "Organisme de formation"),
            ],
        ));
        blocks.push(paste::ask(
            &action,
            csrf,
            &form,
            "Collez les lignes d’un tableur, avec l’en-tête **titre;date;heures;participants;élus**. Rien n’est enregistré avant l’aperçu.",
        ));
        if !road.sessions.is_empty() {
            let list =
                road.session_ids.iter().zip(&road.sessions).map(|(id, session)| {
                    (id.clone(), format!("{}, {}", session.title, day(session.held_on)))
                });
            let mut remove = block(
                "retirer",
                "Retirer une formation",
                "Pour corriger une erreur de saisie.",
                "Retirer",
                vec![form.select("formation", "Formation", list)],
            );
            remove.quiet = true;
            blocks.push(remove);
        }
    }
    show_forms(page, blocks, problems, status)
}

fn cells(session: &Session) -> Vec<String> {
    vec![
        session.title.clone(),
        session.subject.label().to_owned(),
        day(session.held_on),
        figure(session.hours),
        session.attendees.to_string(),
        session.elected.to_string(),
    ]
}

fn kept(session: &Session, form: &SignedForm, now: jiff::Timestamp) -> TrainingSession {
    TrainingSession {
        id: Uuid::now_v7().to_string(),
        title: session.title.clone(),
        subject: session.subject.code().to_owned(),
        held_on: session.held_on,
        hours: session.hours,
        provider: session.provider.clone(),
        attendees: session.attendees,
        elected: session.elected,
        already: session.already,
        author: Some(form.person.account.id),
        made_at: now,
    }
}

/// Keeps, imports or takes away trainings.
pub async fn post_training(app: &App, road: &Roadmap, form: &SignedForm) -> Result<Response, WebError> {
    let fields = &form.fields;
    let csrf = form.reader.csrf();
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    let now = (app.settings.now)();
    let today = app.today();
    let here = format!("{}/formations", road.path());
    let sessions = match fields.get("action") {
        "retirer" => {
            let id = fields.get("formation");
            remove(
                app.store
                    .remove_training(road.organisation.id, id, form.person.account.id, now)
                    .await,
            )?;
            crate::refresh::at_once(app).await;
            return Ok(see_other(&here));
        }
        "apercu" | "importer" => {
            let lines = match lines::read(fields.get("lignes"), &COLUMNS) {
                Ok(lines) => lines,
                Err(error) => {
                    let problem = Problem::new("lignes", error.to_string());
                    return trainings(app, road, csrf, fields, &[problem], None, wrong);
                }
            };
            let (mut good, mut problems) = (Vec::new(), Vec::new());
            for line in &lines {
                match read_session(today, |name| line.get(name)) {
                    Ok(session) if road.sessions.contains(&session) || good.contains(&session) => {
                        problems.push((line.number, "cette formation est déjà notée.".to_owned()));
                    }
                    Ok(session) => good.push(session),
                    Err(found) => problems.extend(found.into_iter().map(|one| (line.number, one.message))),
                }
            }
            if fields.get("action") == "apercu" {
                let rows = good.iter().map(cells).collect();
                let headers = [
                    "Formation",
                    "Sujet",
                    "Date",
                    "Heures",
                    "Participants",
                    "Dont élus",
                ];
                let preview = paste::report(
                    &here,
                    csrf,
                    fields.get("lignes"),
                    good.len(),
                    rows,
                    &headers,
                    &problems,
                );
                return trainings(app, road, csrf, fields, &[], Some(preview), StatusCode::OK);
            }
            good
        }
        _ => match read_session(today, |name| fields.get(name)) {
            Ok(session) => vec![session],
            Err(problems) => return trainings(app, road, csrf, fields, &problems, None, wrong),
        },
    };
    let rows: Vec<TrainingSession> = sessions.iter().map(|session| kept(session, form, now)).collect();
    if !rows.is_empty() {
        app.store.add_trainings(road.organisation.id, &rows, now).await?;
        crate::refresh::at_once(app).await;
    }
    Ok(see_other(&here))
}

/// Something that is gone already is what was asked.
fn remove(outcome: Result<i64, StoreError>) -> Result<(), WebError> {
    match outcome {
        Ok(_) | Err(StoreError::NotFound { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Who answers for what.
pub fn appointments(
    app: &App,
    road: &Roadmap,
    csrf: &str,
    typed: &Fields,
    problems: &[Problem],
    status: StatusCode,
) -> Result<Response, WebError> {
    let today = app.today();
    let mut page = road.page(app, "Référents", &road.organisation.name, "referents");
    let mut warnings = Vec::new();
    for one in &road.appointments {
        if let Some(last) = one.ends_on.filter(|_| one.ends_soon(today)) {
            warnings.push(format!(
                "**{}**\u{a0}: la mission prend fin le {}. Nommez la suite.",
                one.role.label(),
                day(last)
            ));
        }
    }
    if !road
        .appointments
        .iter()
        .any(|one| one.role == Role::FrugalAiLead && one.holds(today))
    {
        warnings.push("**Personne n’est nommé pour l’IA frugale aujourd’hui.**".to_owned());
    }
    if !warnings.is_empty() {
        page.notice = Some(RichText::parse(&warnings.join("\n\n")));
    }
    let mut section = ProseSection::new(
        "nominations",
        "Nominations",
        "Seuls la mission et le contact générique sont publiés, jamais le nom ni une adresse nominative. Les noms sont effacés un an après la fin.",
    );
    if !road.appointments.is_empty() {
        section.table = Some(ProseTable {
            caption: "Missions, les plus récentes d’abord".to_owned(),
            headers: [
                "Mission",
                "Qui",
                "Depuis",
                "Jusqu’à",
                "Temps",
                "Suppléance",
                "Contact",
            ]
            .map(str::to_owned)
            .to_vec(),
            rows: road
                .appointments
                .iter()
                .map(|one| {
                    let dash = |text: &str| {
                        if text.is_empty() {
                            "–".to_owned()
                        } else {
                            text.to_owned()
                        }
                    };
                    vec![
                        one.role.label().to_owned(),
                        dash(&one.person_name),
                        day(one.starts_on),
                        one.ends_on.map_or_else(|| "–".to_owned(), day),
                        one.fte
                            .map_or_else(|| "–".to_owned(), |fte| format!("{}\u{a0}ETP", figure(fte))),
                        dash(&one.deputy),
                        if one.public {
                            format!("{} (publié)", one.generic_email)
                        } else {
                            dash(&one.generic_email)
                        },
                    ]
                })
                .collect(),
        });
    }
    page.sections.push(section);
    let mut blocks = Vec::new();
    if road.writes {
        let id = typed.get("id");
        let known = road
            .appointment_ids
            .iter()
            .zip(&road.appointments)
            .find(|(known, _)| *known == id && !id.is_empty());
        let kept = known.map(|(_, one)| {
            let yes = if one.public { "oui" } else { "" };
            Fields::from(
                [
                    ("role", one.role.code().to_owned()),
                    ("personne", one.person_name.clone()),
                    ("courriel", one.generic_email.clone()),
                    ("temps", shown(one.fte)),
                    ("debut", one.starts_on.to_string()),
                    ("fin", one.ends_on.map(|day| day.to_string()).unwrap_or_default()),
                    ("suppleant", one.deputy.clone()),
                    ("publie", yes.to_owned()),
                ]
                .map(|(name, value)| (name.to_owned(), value))
                .to_vec(),
            )
        });
        let form = Filled {
            fields: kept.as_ref().filter(|_| problems.is_empty()).unwrap_or(typed),
            problems,
        };
        let action = format!("{}/referents", road.path());
        let mut block = FormBlock {
            id: "nommer".to_owned(),
            title: if known.is_some() {
                "Modifier une nomination"
            } else {
                "Nommer un référent"
            }
            .to_owned(),
            action: action.clone(),
            csrf: csrf.to_owned(),
            hidden: vec![("id".to_owned(), id.to_owned())],
            fields: vec![
                form.select("role", "Mission", choices(&Role::ALL, Role::code, Role::label)),
                form.line("personne", "Qui")
                    .required()
                    .hint("Pour l’organisation et la modération seules."),
                form.line("debut", "Depuis")
                    .required()
                    .hint("Par exemple 2026-03-15."),
                form.line("fin", "Jusqu’à")
                    .hint("Un rappel part deux mois avant."),
                form.line("temps", "Temps alloué, en équivalents temps plein")
                    .hint("Par exemple 0,2."),
                form.line("suppleant", "Suppléance"),
                form.line("courriel", "Contact générique")
                    .hint("Par exemple numerique-responsable@ville.fr."),
                form.check("publie", "Publier la mission et le contact générique"),
            ],
            submit: "Enregistrer".to_owned(),
            ..FormBlock::default()
        };
        block.links = road
            .appointment_ids
            .iter()
            .zip(&road.appointments)
            .map(|(id, one)| {
                crate::view::library::Link::new(
                    format!(
                        "Modifier «\u{a0}{}\u{a0}» depuis le {}",
                        one.role.label(),
                        day(one.starts_on)
                    ),
                    format!("{action}?id={id}#nommer"),
                )
            })
            .collect();
        if known.is_some() {
            block.others = vec![("retirer".to_owned(), "Effacer cette nomination".to_owned())];
        }
        blocks.push(block);
    }
    show_forms(page, blocks, problems, status)
}

/// Keeps or takes away an appointment.
pub async fn post_appointment(app: &App, road: &Roadmap, form: &SignedForm) -> Result<Response, WebError> {
    let fields = &form.fields;
    let now = (app.settings.now)();
    let (by, organisation) = (form.person.account.id, road.organisation.id);
    let id = fields.get("id");
    let here = format!("{}/referents", road.path());
    if !id.is_empty() && !road.appointment_ids.iter().any(|known| known == id) {
        return Err(WebError::NotFound);
    }
    if fields.get("action") == "retirer" {
        remove(app.store.remove_appointment(organisation, id, by, now).await)?;
        crate::refresh::at_once(app).await;
        return Ok(see_other(&here));
    }
    let one = match read_appointment(|name| fields.get(name)) {
        Ok(one) => one,
        Err(problems) => {
            let csrf = form.reader.csrf();
            return appointments(
                app,
                road,
                csrf,
                fields,
                &problems,
                StatusCode::UNPROCESSABLE_ENTITY,
            );
        }
    };
    let kept = KeptAppointment {
        id: if id.is_empty() {
            Uuid::now_v7().to_string()
        } else {
            id.to_owned()
        },
        role: one.role.code().to_owned(),
        person_name: one.person_name,
        generic_email: one.generic_email,
        fte: one.fte,
        starts_on: one.starts_on,
        ends_on: one.ends_on,
        deputy: one.deputy,
        is_public: one.public,
        author: Some(by),
        made_at: now,
    };
    app.store.keep_appointment(organisation, &kept, by, now).await?;
    crate::refresh::at_once(app).await;
    Ok(see_other(&here))
}
