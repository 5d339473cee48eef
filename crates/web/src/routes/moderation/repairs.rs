//! What an import mended or doubts in a record: a moderator who reads it accepts or refuses each, and the trail keeps it.

use sobria_catalogue::content::Content;
use sobria_catalogue::field::{Field, FieldKind};
use sobria_catalogue::id::ContributionId;
use sobria_catalogue::partial_date::PartialDate;
use sobria_catalogue::proposal::{Change, Decision, PREFILL};
use sobria_catalogue::rights::Actor;
use sobria_catalogue::workflow::{Case, Transition};
use sobria_store::KeptProposal;

use crate::app::App;
use crate::error::WebError;
use crate::posted::Fields;
use crate::routes::cards::date_words;
use crate::routes::contribute::fields::words;
use crate::routes::contribute::{Outcome, refused, step};
use crate::view::moderation::RepairRow;

/// What came of a decision.
pub enum Decided {
    /// It is written; the contribution as it stands, and what was done.
    Done(Box<Case>, String),
    /// It is not; the contribution as it stands, and why.
    Not(Box<Case>, String),
}

/// The repairs of a contribution, or of a record that an import published by itself; those that wait first.
///
/// # Errors
/// When the database does not answer.
pub async fn rows(app: &App, of: ContributionId, content: &Content) -> Result<Vec<RepairRow>, WebError> {
    let mut rows = Vec::new();
    for kept in app.store.proposals_of(of).await? {
        let proposal = kept.proposal;
        if proposal.code == PREFILL {
            continue;
        }
        let decided = match kept.decided {
            None => None,
            Some((decision, by, at)) => {
                let who = match by {
                    Some(by) => app.store.account(by).await?,
                    None => None,
                };
                let who = who.map_or_else(|| "la modération".to_owned(), |account| account.name());
                Some(format!(
                    "{} par {who} le {}",
                    decision.label(),
                    crate::locale::moment(at)
                ))
            }
        };
        rows.push(RepairRow {
            label: proposal.field.spec().label.to_owned(),
            otherwise: if decided.is_some() {
                String::new()
            } else {
                otherwise(proposal.field, &proposal.refuse, content)
            },
            origin: proposal.origin,
            found: proposal.found,
            proposed: in_words(proposal.field, &proposal.proposed),
            place: kept.place,
            decided,
        });
    }
    rows.sort_by_key(|row| (row.decided.is_some(), row.place));
    Ok(rows)
}

/// A day as people write it, where the field holds one.
fn in_words(field: Field, text: &str) -> String {
    match text.parse::<PartialDate>() {
        Ok(date) if matches!(field.spec().kind, FieldKind::Date) => date_words(date),
        _ => text.to_owned(),
    }
}

/// What refusing leaves in the form, in words.
fn otherwise(field: Field, refuse: &Change, content: &Content) -> String {
    if refuse.is_empty() {
        let said = words(field, content);
        return if said.is_empty() {
            "Rien ne change\u{a0}: la réponse reste vide.".to_owned()
        } else {
            format!(
                "Rien ne change\u{a0}: «\u{a0}{}\u{a0}».",
                sobria_catalogue::text::excerpt(&said, 120)
            )
        };
    }
    let kept: Vec<String> = refuse
        .0
        .iter()
        .flat_map(|edit| edit.into.iter().map(|text| in_words(field, text)))
        .collect();
    if kept.is_empty() {
        "La réponse est retirée.".to_owned()
    } else {
        format!("«\u{a0}{}\u{a0}»", kept.join(" ; "))
    }
}

/// The repair that a form decides about, and how.
///
/// # Errors
/// When there is no such repair, or the database does not answer.
pub async fn chosen(
    app: &App,
    of: ContributionId,
    fields: &Fields,
) -> Result<(KeptProposal, Decision), WebError> {
    let place: u32 = fields
        .get("reparation")
        .parse()
        .map_err(|_unreadable| WebError::NotFound)?;
    let decision = Decision::from_code(fields.get("choix")).ok_or(WebError::NotFound)?;
    let kept = app
        .store
        .proposals_of(of)
        .await?
        .into_iter()
        .find(|kept| kept.place == place && kept.proposal.code != PREFILL)
        .ok_or(WebError::NotFound)?;
    Ok((kept, decision))
}

/// That a repair is decided.
pub fn done(decision: Decision, field: Field) -> String {
    format!(
        "Réparation {}\u{a0}: {}.",
        decision.label().to_lowercase(),
        field.spec().label
    )
}

/// Accepts or refuses one, in the name of the moderator who reads the contribution.
///
/// # Errors
/// When there is no such repair, or the database does not answer.
pub async fn decide(app: &App, case: &Case, actor: &Actor, fields: &Fields) -> Result<Decided, WebError> {
    let (kept, decision) = chosen(app, case.id, fields).await?;
    let by = actor.user().ok_or(WebError::NotFound)?;
    let same = || Box::new(case.clone());
    if kept.decided.is_some() {
        return Ok(Decided::Not(
            same(),
            "Cette réparation est déjà décidée\u{202f}; la liste le montre.".to_owned(),
        ));
    }
    if case.claim.is_none_or(|claim| claim.moderator != by) {
        return Ok(Decided::Not(
            same(),
            "Prenez d’abord la fiche en charge.".to_owned(),
        ));
    }
    let change = match decision {
        Decision::Accepted => &kept.proposal.accept,
        Decision::Refused => &kept.proposal.refuse,
    };
    let label = kept.proposal.field.spec().label;
    let Some(values) = change.applied(&case.values) else {
        return Ok(Decided::Not(
            same(),
            format!(
                "«\u{a0}{label}\u{a0}» a changé depuis l’import\u{a0}: cette réparation ne s’y applique plus. Choisissez l’autre réponse, ou renvoyez la fiche à son auteur."
            ),
        ));
    };
    let mut now = case.clone();
    if values != case.values {
        match step(app, case, Transition::Save { values }, actor).await? {
            Outcome::Done(saved) => now = *saved,
            Outcome::Conflict(stored) => {
                return Ok(Decided::Not(
                    stored,
                    "Quelqu’un a changé cette contribution entre-temps. Relisez-la, puis décidez.".to_owned(),
                ));
            }
            Outcome::Refused(refusal) => return Err(refused(&refusal)),
        }
    }
    app.store
        .decide_proposal(case.id, kept.place, decision, by, (app.settings.now)())
        .await?;
    Ok(Decided::Done(Box::new(now), done(decision, kept.proposal.field)))
}
