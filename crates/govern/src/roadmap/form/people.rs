//! Trainings, appointments and the decisions of a meeting as fields of forms.

use jiff::civil::Date;

use super::super::appointment::{Appointment, Role};
use super::super::committee::{Decision, DecisionKind};
use super::super::training::{Session, Subject};
use super::reader::Reader;
use crate::procurement::Problem;

/// Reads a training.
pub fn read_session<'f>(today: Date, get: impl Fn(&str) -> &'f str) -> Result<Session, Vec<Problem>> {
    let mut form = Reader::new(get);
    let title = form.needed("titre", "Donnez le titre de la formation.");
    let held_on = form.day("date");
    if held_on.is_none() && form.raw("date").trim().is_empty() {
        form.wrong("date", "Donnez la date, par exemple 2026-03-15 ou 15/03/2026.");
    }
    if held_on.is_some_and(|day| day > today) {
        form.wrong(
            "date",
            "Cette date est à venir\u{a0}: une formation se note une fois tenue.",
        );
    }
    let hours = form.number("heures", "La durée");
    if hours.is_none() && form.raw("heures").trim().is_empty() {
        form.wrong("heures", "Donnez la durée en heures, par exemple 3,5.");
    }
    if hours.is_some_and(|hours| !(0.1..=1000.0).contains(&hours)) {
        form.wrong("heures", "Attendu\u{a0}: de 0,1 à 1\u{202f}000\u{a0}heures.");
    }
    let attendees = form.whole("participants", "Le nombre de participants");
    if attendees.is_none() && form.raw("participants").trim().is_empty() {
        form.wrong("participants", "Donnez le nombre de participants, élus compris.");
    }
    if attendees == Some(0) {
        form.wrong("participants", "Attendu\u{a0}: au moins un participant.");
    }
    let elected = form.whole("elus", "Le nombre d’élus");
    if let (Some(all), Some(elected)) = (attendees, elected)
        && elected > all
    {
        form.wrong(
            "elus",
            format!("Il y a plus d’élus ({elected}) que de participants ({all}), qui les comprennent."),
        );
    }
    let already = form.whole("deja", "Le nombre de personnes déjà formées");
    let already_elected = form.whole("deja_elus", "Le nombre d’élus déjà formés");
    for (name, part, all, who) in [
        ("deja", already, attendees, "participants"),
        ("deja_elus", already_elected, elected.or(Some(0)), "élus"),
        (
            "deja_elus",
            already_elected,
            already.or(Some(0)),
            "personnes déjà formées",
        ),
    ] {
        if let (Some(part), Some(all)) = (part, all)
            && part > all
        {
            form.wrong(
                name,
                format!("C’est plus ({part}) que de {who} ({all}), qui les comprennent."),
            );
        }
    }
    let subject = form.raw("sujet").to_owned();
    let provider = form.line("organisme");
    match (held_on, hours, attendees) {
        (Some(held_on), Some(hours), Some(attendees)) if form.problems.is_empty() => Ok(Session {
            title,
            subject: Subject::from_code(&subject).unwrap_or_default(),
            held_on,
            hours,
            provider,
            attendees,
            elected: elected.unwrap_or(0),
            already: already.map(|all| (all, already_elected.unwrap_or(0))),
        }),
        _ => Err(form.problems),
    }
}

/// Reads an appointment.
pub fn read_appointment<'f>(get: impl Fn(&str) -> &'f str) -> Result<Appointment, Vec<Problem>> {
    let mut form = Reader::new(get);
    let role = form.raw("role").to_owned();
    let starts_on = form.day("debut");
    if starts_on.is_none() && form.raw("debut").trim().is_empty() {
        form.wrong("debut", "Donnez la date de nomination, par exemple 2026-03-15.");
    }
    let Some(starts_on) = starts_on else {
        return Err(form.problems);
    };
    let appointment = Appointment {
        role: Role::from_code(&role).unwrap_or_default(),
        person_name: form.line("personne"),
        generic_email: form.line("courriel"),
        fte: form.number("temps", "Le temps"),
        starts_on,
        ends_on: form.day("fin"),
        deputy: form.line("suppleant"),
        public: form.raw("publie") == "oui",
    };
    form.problems.extend(appointment.problems());
    if form.problems.is_empty() {
        Ok(appointment)
    } else {
        Err(form.problems)
    }
}

/// Decisions that the form of a meeting holds.
pub const DECISIONS: usize = 5;

/// Reads the decisions of a meeting; a blank one is left out.
pub fn read_decisions<'f>(get: impl Fn(&str) -> &'f str) -> Result<Vec<Decision>, Vec<Problem>> {
    let mut form = Reader::new(get);
    let mut found = Vec::new();
    for at in 1..=DECISIONS {
        let words = form.text(&format!("decision{at}"));
        let owner = form.line(&format!("qui{at}"));
        let due_on = form.day(&format!("echeance{at}"));
        let kind = form.raw(&format!("sorte{at}")).to_owned();
        if words.is_empty() {
            if !owner.is_empty() || due_on.is_some() {
                form.wrong(
                    &format!("decision{at}"),
                    "Écrivez la décision, ou effacez qui et quand.",
                );
            }
            continue;
        }
        if owner.is_empty() {
            form.wrong(
                &format!("qui{at}"),
                "Dites qui s’en charge\u{a0}: sans nom ni service, une décision se perd.",
            );
        }
        found.push(Decision {
            words,
            kind: DecisionKind::from_code(&kind).unwrap_or_default(),
            owner,
            due_on,
            closed: false,
            effect: String::new(),
        });
    }
    if form.problems.is_empty() {
        Ok(found)
    } else {
        Err(form.problems)
    }
}

/// Reads a day, whatever the way it is written.
pub fn read_day<'f>(name: &str, get: impl Fn(&str) -> &'f str) -> Result<Option<Date>, Vec<Problem>> {
    let mut form = Reader::new(get);
    let day = form.day(name);
    if form.problems.is_empty() {
        Ok(day)
    } else {
        Err(form.problems)
    }
}

/// Reads a line.
pub fn read_line<'f>(name: &str, get: impl Fn(&str) -> &'f str) -> Result<String, Vec<Problem>> {
    let mut form = Reader::new(get);
    let line = form.line(name);
    if form.problems.is_empty() {
        Ok(line)
    } else {
        Err(form.problems)
    }
}
