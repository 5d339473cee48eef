//! The queue: the oldest first, with what is late.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use sobria_catalogue::use_case::WorkflowStatus;
use sobria_catalogue::vocabulary::VocabularyId;
use sobria_catalogue::workflow::{Kind, Transition};
use sobria_store::{ContributionLine, QueueFilter};

use super::moderators_only;
use crate::app::App;
use crate::error::WebError;
use crate::posted::SignedForm;
use crate::routes::account::settings::menu;
use crate::routes::account::{form_page, fresh, see_other};
use crate::routes::contribute::follow::SERVICE_DAYS;
use crate::routes::contribute::{Outcome, step};
use crate::session::SignedIn;
use crate::view::library::Link;
use crate::view::moderation::{QueuePage, QueueRow};
use crate::view::{FormOption, Pagination};
use crate::words::in_use;

/// Lines of a page.
const PAGE: u32 = 25;

/// What the address asks for.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Asked {
    /// `attente`, `miennes`, `renvoyees`, `publiees`, `refusees`.
    #[serde(default)]
    etat: String,
    /// Code of a theme.
    #[serde(default)]
    theme: String,
    /// Page, from 1.
    #[serde(default)]
    page: String,
    /// What was just done.
    #[serde(default)]
    fait: String,
}

/// States to choose from: word in the address, label, states.
const STATES: [(&str, &str, &[WorkflowStatus]); 5] = [
    (
        "attente",
        "En attente",
        &[WorkflowStatus::Submitted, WorkflowStatus::InReview],
    ),
    ("miennes", "Prises en charge par moi", &[WorkflowStatus::InReview]),
    (
        "renvoyees",
        "Renvoyées à leur auteur",
        &[WorkflowStatus::ChangesRequested],
    ),
    ("publiees", "Publiées", &[WorkflowStatus::Published]),
    ("refusees", "Refusées", &[WorkflowStatus::Rejected]),
];

/// How long something has waited, in words; `true` when it is beyond what was announced.
pub fn age(since: Timestamp, now: Timestamp) -> (String, bool) {
    let waited = now.duration_since(since);
    let hours = waited.as_hours().max(0);
    let days = hours / 24;
    let words = match (days, hours) {
        (0, 0) => "moins d’une heure".to_owned(),
        (0, hours) => format!("{hours}\u{a0}h"),
        (1, _) => "1 jour".to_owned(),
        (days, _) => format!("{days} jours"),
    };
    (words, waited > SignedDuration::from_hours(24 * SERVICE_DAYS))
}

fn row(line: &ContributionLine, now: Timestamp) -> QueueRow {
    let since = line.submitted_at.unwrap_or(line.updated_at);
    let (age, late) = age(since, now);
    let nature = match (line.kind, line.is_update, line.is_imported) {
        (Kind::Review, _, _) => "Rien n’a changé",
        (Kind::Archive, _, _) => "Archivage demandé",
        (Kind::Content, _, true) => "Import",
        (Kind::Content, true, _) => "Nouvelle version",
        (Kind::Content, false, _) => "Nouvelle fiche",
    };
    let theme = line
        .heading
        .theme
        .as_deref()
        .map_or("", |code| in_use().get(VocabularyId::Theme).label(code));
    QueueRow {
        id: line.id.to_string(),
        title: if line.heading.title.is_empty() {
            "Projet sans nom".to_owned()
        } else {
            line.heading.title.clone()
        },
        href: format!("/moderation/{}", line.id),
        organisation: line.heading.organisation.clone(),
        nature: nature.to_owned(),
        theme: theme.to_owned(),
        status: if line.appealed && line.status == WorkflowStatus::Submitted {
            "Second examen".to_owned()
        } else {
            line.status.label().to_owned()
        },
        repairs: 0,
        age,
        late,
        can_confirm: line.kind == Kind::Review && line.status == WorkflowStatus::Submitted,
    }
}

/// The queue.
///
/// # Errors
/// When the account is no moderator, or the database does not answer.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    moderators_only(&signed_in)?;
    let now = (app.settings.now)();
    let state = STATES
        .iter()
        .find(|(word, _, _)| *word == asked.etat)
        .unwrap_or(&STATES[0]);
    let number: u32 = asked.page.parse().unwrap_or(1).clamp(1, 10_000);
    let filter = QueueFilter {
        statuses: state.2.to_vec(),
        theme: (!asked.theme.is_empty()).then(|| asked.theme.clone()),
        claimed_by: (state.0 == "miennes").then_some(signed_in.person.account.id),
        offset: (number - 1) * PAGE,
        limit: PAGE,
        ..QueueFilter::default()
    };
    // What imports handed in waits for moderators too.
    app.store.adopt_imports(now).await?;
    let found = app.store.review_queue(&filter).await?;
    let counts = app.store.queue_counts().await?;
    let base = form_page(&app, "Modération", "", "/moderation");
    let mut rows: Vec<QueueRow> = found.items.iter().map(|line| row(line, now)).collect();
    let imported: Vec<_> = found
        .items
        .iter()
        .filter(|line| line.is_imported)
        .map(|line| line.id)
        .collect();
    for (id, waiting) in app.store.waiting_proposals(&imported).await? {
        if let Some(row) = rows.iter_mut().find(|row| row.id == id) {
            row.repairs = waiting;
        }
    }
    let late = counts.oldest.map(|oldest| age(oldest, now));
    let mut figures = vec![
        crate::locale::counted(counts.submitted, "fiche attend", "fiches attendent"),
        crate::locale::counted(counts.in_review, "fiche en lecture", "fiches en lecture"),
        crate::locale::counted(counts.changes_requested, "fiche renvoyée", "fiches renvoyées"),
    ];
    if let Some((age, beyond)) = &late {
        figures.push(format!(
            "la plus ancienne attend depuis {age}{}",
            if *beyond {
                format!(" : au-delà des {SERVICE_DAYS} jours annoncés")
            } else {
                String::new()
            }
        ));
    }
    let address = |page: usize| {
        format!(
            "/moderation?etat={}&theme={}&page={page}",
            state.0,
            crate::params::encode(&asked.theme)
        )
    };
    let total = usize::try_from(found.total).unwrap_or(usize::MAX);
    let size = usize::try_from(PAGE).unwrap_or(1);
    let page = QueuePage {
        layout: base.layout,
        menu: menu(&signed_in.person),
        notice: match asked.fait.as_str() {
            "publication" => Some("La fiche est publiée.".to_owned()),
            "renvoi" => Some("La fiche est renvoyée à son auteur, avec vos commentaires.".to_owned()),
            "refus" => {
                Some("La contribution est refusée\u{202f}; son auteur en reçoit la raison.".to_owned())
            }
            "liberation" => Some("La fiche est rendue à la file.".to_owned()),
            "confirmation" => Some("Les confirmations choisies sont enregistrées.".to_owned()),
            _ => None,
        },
        figures,
        states: STATES
            .iter()
            .map(|(word, label, _)| FormOption::new(*word, *label, *word == state.0))
            .collect(),
        themes: std::iter::once(FormOption::new("", "Toutes", asked.theme.is_empty()))
            .chain(
                in_use()
                    .get(VocabularyId::Theme)
                    .terms()
                    .iter()
                    .map(|term| FormOption::new(term.code, term.label, term.code == asked.theme)),
            )
            .collect(),
        others: others(&app).await?,
        assessments: crate::routes::govern::waiting(&app).await?.links,
        can_confirm: rows.iter().any(|row| row.can_confirm),
        rows,
        csrf: signed_in.reader.csrf().to_owned(),
        pagination: Pagination::new(
            usize::try_from(number).unwrap_or(1),
            total.div_ceil(size),
            address,
        ),
    };
    fresh(StatusCode::OK, &page)
}

/// What else waits for moderators, each on its page.
async fn others(app: &App) -> Result<Vec<Link>, WebError> {
    let mut links = vec![Link::new("Liens à vérifier", super::links::PATH)];
    let repairs = super::published::figure(app).await?;
    if !repairs.is_empty() {
        links.push(Link::new(repairs, super::published::PATH));
    }
    for (organisation, path) in crate::routes::logos::waiting(app).await? {
        links.push(Link::new(format!("Logo proposé pour {organisation}"), path));
    }
    Ok(links)
}

/// Confirms at once the chosen contributions that say that nothing changed.
///
/// # Errors
/// When the account is no moderator, or the database does not answer.
pub async fn confirm(State(app): State<App>, form: SignedForm) -> Result<Response, WebError> {
    let signed_in = form.signed_in();
    moderators_only(&signed_in)?;
    let actor = signed_in.actor();
    for id in form.fields.all("choix").take(100) {
        let Ok(id) = id.parse() else { continue };
        let Some(case) = app
            .store
            .contribution(id)
            .await?
            .filter(|case| case.kind == Kind::Review)
        else {
            continue;
        };
        // Each is decided apart: one that somebody else settled meanwhile does not hold up the others.
        if let Outcome::Done(claimed) = step(&app, &case, Transition::Claim, &actor).await? {
            let seen = claimed.base;
            step(&app, &claimed, Transition::Approve { seen }, &actor).await?;
        }
    }
    Ok(see_other("/moderation?fait=confirmation"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_age_is_told_in_words_and_lateness_apart() {
        let at = |hours: i64| Timestamp::from_second(1_700_000_000 + hours * 3600).unwrap();
        for (hours, words, late) in [
            (0, "moins d’une heure", false),
            (5, "5\u{a0}h", false),
            (30, "1 jour", false),
            (24 * 10, "10 jours", false),
            (24 * 10 + 1, "10 jours", true),
        ] {
            assert_eq!(age(at(0), at(hours)), (words.to_owned(), late), "{hours}");
        }
    }
}
