//! Whether the clock of the server may be believed when something is erased for its age, or written to people because
//! a day came.
//!
//! A clock that jumped ahead makes everything look old and every date due. The last time at which the site was seen
//! alive is kept; when the clock is further from it than any ordinary silence, nothing is erased and no reminder or
//! letter leaves until somebody confirms the date. A
//! server that was switched off for long is told from a wrong clock by that person alone.

use jiff::{SignedDuration, Timestamp};
use sobria_store::Store;

use crate::app::App;
use crate::error::WebError;
use crate::locale;

/// Days without any sign of life after which the date must be confirmed.
pub const LONGEST_SILENCE: i64 = 45;
/// How often the sign of life is written.
const BEAT: SignedDuration = SignedDuration::from_hours(1);
/// The task under which the last sign of life is kept.
const TASK: &str = "clock";
/// A task that came round every hour before signs of life were kept.
const FORMER: &str = "sessions";

/// What the clock says, against the last sign of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// Believed, and written down lately.
    Known,
    /// Believed, and to be written down.
    Moved,
    /// Too far ahead.
    Ahead(Doubt),
}

/// A clock that is too far from the last sign of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doubt {
    /// The last sign of life.
    pub seen: Timestamp,
    /// What the clock says.
    pub now: Timestamp,
}

impl Doubt {
    /// What is told to the administrator, with both dates.
    pub fn words(&self) -> String {
        format!(
            "rien n’est effacé et aucun rappel ne part\u{a0}: le serveur se croit le {}, {} jours après la dernière activité connue du site, le {}. Remettez-le à l’heure, ou confirmez la date sur la page des tâches",
            locale::moment(self.now),
            self.now.duration_since(self.seen).as_hours() / 24,
            locale::moment(self.seen),
        )
    }
}

/// The rule: a clock set back is believed, since nothing is then erased or sent early.
fn reading(seen: Option<Timestamp>, now: Timestamp) -> Reading {
    let Some(seen) = seen else {
        return Reading::Moved;
    };
    if now.duration_since(seen) > SignedDuration::from_hours(24 * LONGEST_SILENCE) {
        return Reading::Ahead(Doubt { seen, now });
    }
    if now < seen || now.duration_since(seen) >= BEAT {
        Reading::Moved
    } else {
        Reading::Known
    }
}

async fn seen(store: &Store) -> Result<Option<Timestamp>, WebError> {
    match store.task_taken_at(TASK).await? {
        Some(seen) => Ok(Some(seen)),
        None => Ok(store.task_taken_at(FORMER).await?),
    }
}

/// Notes that the site is alive, unless its clock is in doubt.
///
/// # Errors
/// When the database does not answer.
pub async fn beat(app: &App) -> Result<(), WebError> {
    let now = (app.settings.now)();
    match reading(seen(&app.store).await?, now) {
        Reading::Moved => Ok(app.store.set_task(TASK, now).await?),
        Reading::Known | Reading::Ahead(_) => Ok(()),
    }
}

/// The doubt about the clock, if there is one.
///
/// # Errors
/// When the database does not answer.
pub async fn doubt(app: &App) -> Result<Option<Doubt>, WebError> {
    match reading(seen(&app.store).await?, (app.settings.now)()) {
        Reading::Ahead(doubt) => Ok(Some(doubt)),
        Reading::Known | Reading::Moved => Ok(None),
    }
}

/// Believes the clock from now on: somebody looked at it.
///
/// # Errors
/// When the database cannot be written.
pub async fn confirm(app: &App) -> Result<(), WebError> {
    Ok(app.store.set_task(TASK, (app.settings.now)()).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_doubted_when_it_is_further_ahead_than_any_ordinary_silence() {
        let seen = crate::tests::now();
        let after = |days: i64, seconds: i64| seen + SignedDuration::from_secs(days * 86_400 + seconds);
        for (now, expected) in [
            (after(0, 0), Reading::Known),
            (after(0, 3_599), Reading::Known),
            (after(0, 3_600), Reading::Moved),
            (after(30, 0), Reading::Moved),
            (after(LONGEST_SILENCE, 0), Reading::Moved),
            (after(-400, 0), Reading::Moved),
            (after(0, -1), Reading::Moved),
        ] {
            assert_eq!(reading(Some(seen), now), expected, "{now}");
        }
        for now in [after(LONGEST_SILENCE, 1), after(400, 0)] {
            assert_eq!(reading(Some(seen), now), Reading::Ahead(Doubt { seen, now }));
        }
        assert_eq!(reading(None, after(9_000, 0)), Reading::Moved);
        let words = Doubt {
            seen,
            now: after(400, 0),
        }
        .words();
        assert!(words.contains("400 jours après"), "{words}");
    }
}
