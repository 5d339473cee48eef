//! After an award: who owes what and when, received or late, with reminders by mail.

use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use jiff::civil::Date;
use sobria_catalogue::account::Email;
use sobria_exchange::table::{Table as CsvTable, csv};
use sobria_govern::procurement::clause::proposed as proposed_clauses;
use sobria_govern::procurement::schedule::proposed;
use sobria_store::Deliverable;
use uuid::Uuid;

use super::kept::{Kept, shown, step, told};
use crate::app::App;
use crate::error::WebError;
use crate::locale::day;
use crate::posted::{Fields, SignedForm};
use crate::routes::account::see_other;
use crate::routes::govern::{CSV, attachment};
use crate::session::SignedIn;
use crate::view::library::Link;
use crate::view::{Control, FormError, FormField, FormOption, ProseSection, ProseTable, RichText};

/// Most deliverables of one file.
const MOST: usize = 100;
/// Media type of calendars.
const ICS: &str = "text/calendar; charset=utf-8";

fn state(one: &Deliverable, today: Date) -> String {
    match one.received_on {
        Some(on) if on > one.due_on => format!("reçu en retard, le {}", day(on)),
        Some(on) => format!("reçu le {}", day(on)),
        None if one.due_on < today => {
            let late = (today - one.due_on).get_days();
            format!(
                "en retard de {}",
                crate::locale::counted(u64::try_from(late).unwrap_or(0), "jour", "jours")
            )
        }
        None => "attendu".to_owned(),
    }
}

fn owner(one: &Deliverable) -> &'static str {
    if one.by_supplier { "Titulaire" } else { "Acheteur" }
}

/// Rows of tables and documents: what, who, when, state.
pub fn rows(list: &[Deliverable], today: Date) -> Vec<Vec<String>> {
    list.iter()
        .map(|one| {
            vec![
                one.label.clone(),
                owner(one).to_owned(),
                day(one.due_on),
                state(one, today),
            ]
        })
        .collect()
}

async fn awarded(app: &App, id: &str, person: &sobria_catalogue::account::Person) -> Result<Kept, WebError> {
    let kept = Kept::of(app, id, person).await?;
    if kept.progress.award().is_none() {
        return Err(WebError::Forbidden(
            "L’échéancier s’ouvre une fois une offre retenue.".to_owned(),
        ));
    }
    Ok(kept)
}

fn show(
    app: &App,
    kept: &Kept,
    list: &[Deliverable],
    csrf: &str,
    fields: &Fields,
    wrong: Vec<FormError>,
) -> Result<Response, WebError> {
    let today = app.today();
    let mut page = kept.page(
        app,
        "Échéancier",
        "Qui doit quoi, et quand. Un rappel part quatorze jours avant, le jour même, et quatorze jours après\u{202f}; un clic dans le courriel l’arrête.",
        "echeancier",
    );
    if list.is_empty() {
        page.notice = Some(RichText::parse("Rien n’est encore attendu."));
        let mut block = kept.block(
            csrf,
            "proposer",
            "Partir des clauses",
            "Les livrables que demandent les clauses retenues, comptés depuis aujourd’hui. Vous pourrez en retirer et en ajouter.",
            "echeancier/proposer",
            "Proposer l’échéancier",
        );
        block.quiet = false;
        page.blocks.push(block);
    } else {
        let mut section = ProseSection::new("livrables", "Les livrables", "");
        section.table = Some(ProseTable {
            caption: "Par date".to_owned(),
            headers: ["Livrable", "Qui le doit", "Échéance", "État"]
                .map(str::to_owned)
                .to_vec(),
            rows: rows(list, today),
        });
        page.sections.push(section);
        page.downloads = vec![
            Link::new("Calendrier (ICS)", kept.path("echeancier.ics")),
            Link::new("CSV", kept.path("echeancier.csv")),
            Link::new("ODT", kept.path("document?piece=echeancier&format=odt")),
        ];
        let options = |all: bool| -> Vec<FormOption> {
            list.iter()
                .filter(|one| all || one.received_on.is_none())
                .map(|one| {
                    FormOption::new(
                        one.id.clone(),
                        format!("{}, {}", one.label, day(one.due_on)),
                        fields.get("livrable") == one.id,
                    )
                })
                .collect()
        };
        if list.iter().any(|one| one.received_on.is_none()) {
            let mut block = kept.block(
                csrf,
                "recevoir",
                "Noter une réception",
                "",
                "echeancier/recevoir",
                "Noter la réception",
            );
            block.fields = vec![
                FormField::new("livrable", "Livrable", "", Control::Select(options(false))).required(),
                FormField::new(
                    "recu",
                    "Reçu le",
                    typed_or(fields, "recu", today),
                    Control::Line("date"),
                )
                .required(),
            ];
            page.blocks.push(block);
        }
        let mut block = kept.block(
            csrf,
            "retirer",
            "Retirer un livrable",
            "",
            "echeancier/retirer",
            "Retirer",
        );
        block.fields = vec![
            FormField::new(
                "a_retirer",
                "Livrable à retirer",
                "",
                Control::Select(options(true)),
            )
            .required(),
        ];
        block.quiet = true;
        page.blocks.push(block);
    }
    if list.len() < MOST {
        let mut block = kept.block(
            csrf,
            "ajouter",
            "Ajouter un livrable",
            "",
            "echeancier/ajouter",
            "Ajouter",
        );
        let by_buyer = fields.get("qui") == "acheteur";
        block.fields = vec![
            FormField::line("quoi", "Livrable", fields.get("quoi"))
                .max(200)
                .required(),
            FormField::new(
                "qui",
                "Qui le doit",
                "",
                Control::Radios(vec![
                    FormOption::new("titulaire", "Le titulaire", !by_buyer),
                    FormOption::new("acheteur", "Nous, l’acheteur", by_buyer),
                ]),
            )
            .required(),
            FormField::new(
                "echeance",
                "Échéance",
                fields.get("echeance"),
                Control::Line("date"),
            )
            .hint("Par exemple 15/12/2026.")
            .required(),
            FormField::new(
                "relance",
                "Adresse du titulaire à relancer",
                fields.get("relance"),
                Control::Line("email"),
            )
            .max(200)
            .hint("Les rappels vous sont envoyés\u{202f}; à cette adresse aussi, si vous l’indiquez."),
        ];
        block.quiet = true;
        page.blocks.push(block);
    }
    shown(page, wrong)
}

fn typed_or(fields: &Fields, name: &str, today: Date) -> String {
    if fields.has(name) {
        fields.get(name).to_owned()
    } else {
        today.to_string()
    }
}

fn read_day(text: &str) -> Option<Date> {
    let text = text.trim();
    text.parse()
        .ok()
        .or_else(|| Date::strptime("%d/%m/%Y", text).ok())
}

/// The schedule.
///
/// # Errors
/// When the file is not of the person's organisations, nothing was chosen, or the database does not answer.
pub async fn page(
    State(app): State<App>,
    Path(id): Path<String>,
    signed_in: SignedIn,
) -> Result<Response, WebError> {
    let kept = awarded(&app, &id, &signed_in.person).await?;
    let list = app.store.deliverables_of(&kept.row.id).await?;
    show(
        &app,
        &kept,
        &list,
        signed_in.reader.csrf(),
        &Fields::default(),
        Vec::new(),
    )
}

/// Adds, receives or takes away what is owed.
///
/// # Errors
/// When the file is not of the person's organisations, nothing was chosen, or the database does not answer.
pub async fn post(
    State(app): State<App>,
    Path((id, what)): Path<(String, String)>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let kept = awarded(&app, &id, &form.person).await?;
    let (fields, by) = (&form.fields, form.person.account.id);
    let list = app.store.deliverables_of(&kept.row.id).await?;
    let today = app.today();
    let refuse = |wrong: Vec<FormError>| show(&app, &kept, &list, form.reader.csrf(), fields, wrong);
    let new = |label: String, by_supplier: bool, due_on: Date, email: Option<String>| Deliverable {
        id: Uuid::now_v7().to_string(),
        purchase: kept.row.id.clone(),
        label,
        by_supplier,
        due_on,
        received_on: None,
        account: Some(by),
        reminds: true,
        email,
    };
    match what.as_str() {
        "proposer" => {
            if list.is_empty() {
                let (purchase, _, _) = kept.read();
                let clauses = if purchase.clauses.is_empty() {
                    proposed_clauses(purchase.depth())
                        .map(|clause| clause.id.to_owned())
                        .collect()
                } else {
                    purchase.clauses.clone()
                };
                for owed in proposed(&clauses, today, purchase.need.years) {
                    let one = new(owed.label.clone(), true, owed.due_on, None);
                    app.store
                        .add_deliverable(&one, step(&app, by, "owe", &owed.label, &one.id))
                        .await?;
                }
            }
        }
        "ajouter" => {
            let label = fields.get("quoi").trim().to_owned();
            let mut wrong = Vec::new();
            if label.is_empty() || label.chars().count() > 200 {
                wrong.push(told(
                    "quoi",
                    "Dites ce qui est attendu, en 200 caractères au plus.",
                ));
            }
            let due = read_day(fields.get("echeance"));
            match due {
                None => wrong.push(told(
                    "echeance",
                    "Attendu\u{a0}: un jour, par exemple 15/12/2026.",
                )),
                Some(due) if due < today => wrong.push(told(
                    "echeance",
                    "Cette échéance est passée\u{a0}: indiquez un jour à venir.",
                )),
                Some(due) if due > today.saturating_add(jiff::Span::new().years(20)) => {
                    wrong.push(told(
                        "echeance",
                        "Attendu\u{a0}: un jour dans les vingt ans qui viennent.",
                    ));
                }
                Some(_) => {}
            }
            let typed = fields.get("relance").trim();
            let email = match (typed.is_empty(), Email::parse(typed)) {
                (true, _) => None,
                (false, Ok(email)) => Some(email.as_str().to_owned()),
                (false, Err(_)) => {
                    wrong.push(told(
                        "relance",
                        "Cette adresse n’est pas complète\u{a0}: attendu, par exemple, suivi@entreprise.fr.",
                    ));
                    None
                }
            };
            if list.len() >= MOST {
                wrong.push(told(
                    "",
                    "Cent livrables sont attendus\u{a0}: c’est le maximum d’un dossier.",
                ));
            }
            let (true, Some(due)) = (wrong.is_empty(), due) else {
                return refuse(wrong);
            };
            let one = new(label, fields.get("qui") != "acheteur", due, email);
            app.store
                .add_deliverable(&one, step(&app, by, "owe", &one.label, &one.id))
                .await?;
        }
        "recevoir" => {
            let found = list
                .iter()
                .find(|one| one.id == fields.get("livrable"))
                .ok_or(WebError::NotFound)?;
            let Some(on) = read_day(fields.get("recu")).filter(|on| *on <= today) else {
                return refuse(vec![told(
                    "recu",
                    "Attendu\u{a0}: un jour, aujourd’hui au plus tard.",
                )]);
            };
            let words = format!("{}, {}", found.label, day(on));
            app.store
                .receive_deliverable(
                    &kept.row.id,
                    &found.id,
                    Some(on),
                    step(&app, by, "receive", &words, &found.id),
                )
                .await?;
        }
        "retirer" => {
            let found = list
                .iter()
                .find(|one| one.id == fields.get("a_retirer"))
                .ok_or(WebError::NotFound)?;
            app.store
                .delete_deliverable(
                    &kept.row.id,
                    &found.id,
                    step(&app, by, "drop", &found.label, &found.id),
                )
                .await?;
        }
        _ => return Err(WebError::NotFound),
    }
    Ok(see_other(&kept.path("echeancier")))
}

/// A line of a calendar, folded at 75 octets as RFC 5545 asks.
fn folded(line: &str) -> String {
    let mut out = String::new();
    let mut octets = 0;
    for c in line.chars() {
        if octets + c.len_utf8() > 74 {
            out.push_str("\r\n ");
            octets = 1;
        }
        out.push(c);
        octets += c.len_utf8();
    }
    out.push_str("\r\n");
    out
}

/// Words in a calendar.
fn escaped(words: &str) -> String {
    words
        .replace('\\', "\\\\")
        .replace(';', "\\;")
        .replace(',', "\\,")
        .replace(['\r', '\n'], " ")
}

fn calendar(kept: &Kept, list: &[Deliverable], now: jiff::Timestamp) -> String {
    let mut text =
        String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Sobria//Achat responsable//FR\r\n");
    let stamp = now.strftime("%Y%m%dT%H%M%SZ");
    for one in list.iter().filter(|one| one.received_on.is_none()) {
        text.push_str("BEGIN:VEVENT\r\n");
        for line in [
            format!("UID:{}", one.id),
            format!("DTSTAMP:{stamp}"),
            format!("DTSTART;VALUE=DATE:{}", one.due_on.strftime("%Y%m%d")),
            format!(
                "SUMMARY:{}",
                escaped(&format!("{}, {} ({})", one.label, kept.row.title, owner(one)))
            ),
        ] {
            text.push_str(&folded(&line));
        }
        text.push_str("END:VEVENT\r\n");
    }
    text.push_str("END:VCALENDAR\r\n");
    text
}

/// The schedule as a calendar or a table.
///
/// # Errors
/// When the file is not of the person's organisations, nothing was chosen, or the database does not answer.
pub async fn file(
    State(app): State<App>,
    uri: Uri,
    Path(id): Path<String>,
    signed_in: SignedIn,
) -> Result<Response, WebError> {
    let kept = awarded(&app, &id, &signed_in.person).await?;
    let list = app.store.deliverables_of(&kept.row.id).await?;
    if uri.path().ends_with(".ics") {
        let text = calendar(&kept, &list, (app.settings.now)());
        return Ok(attachment(text.into_bytes(), ICS, "echeancier.ics"));
    }
    let table = CsvTable {
        title: "Échéancier".to_owned(),
        headers: ["livrable", "qui", "echeance", "etat"]
            .map(str::to_owned)
            .to_vec(),
        rows: list
            .iter()
            .map(|one| {
                vec![
                    one.label.clone(),
                    owner(one).to_owned(),
                    one.due_on.to_string(),
                    state(one, app.today()),
                ]
            })
            .collect(),
    };
    let bytes = csv(&table).map_err(|error| WebError::Internal(error.to_string()))?;
    Ok(attachment(bytes, CSV, "echeancier.csv"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_calendar_are_folded_and_escaped() {
        let line = folded(&format!("SUMMARY:{}", escaped(&"é, ; \\ à\n".repeat(20))));
        assert!(line.split("\r\n").all(|part| part.len() <= 75), "{line}");
        assert!(!escaped("a\r\nBEGIN:VEVENT").contains('\n'));
        assert_eq!(escaped("a, b; c"), "a\\, b\\; c");
    }

    #[test]
    fn a_day_is_read_in_two_ways() {
        let expected = jiff::civil::date(2026, 12, 15);
        for text in ["2026-12-15", "15/12/2026", " 15/12/2026 "] {
            assert_eq!(read_day(text), Some(expected));
        }
        assert_eq!(read_day("demain"), None);
    }
}
