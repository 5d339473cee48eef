//! How often one source may try something. Kept in memory: a restart forgets, and nothing personal is stored.

use std::collections::HashMap;
use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Wrong passwords for one account from one address.
    PasswordPair,
    /// Wrong passwords for one account from anywhere.
    PasswordAccount,
    /// Wrong passwords from one address for any account.
    PasswordAddress,
    /// Wrong passwords for one account from a browser that signed in before.
    PasswordDevice,
    /// Sign-in links sent to one mailbox.
    LinkMailbox,
    /// Sign-in links and sign-ups asked from one address.
    LinkAddress,
    /// Wrong codes of the second factor of one account.
    Code,
    /// Messages and reports sent from one address.
    Message,
    /// Submissions of one account.
    Submission,
    /// Files received from one account.
    Upload,
    /// Saves of one supplier through its link.
    Supplier,
    /// Unknown links of suppliers tried from one address.
    SupplierGuess,
}

impl Action {
    /// How many in how long.
    pub const fn allowance(self) -> (u32, SignedDuration) {
        match self {
            Self::PasswordPair | Self::PasswordDevice | Self::Code => (5, SignedDuration::from_mins(15)),
            Self::PasswordAccount => (20, SignedDuration::from_mins(15)),
            Self::PasswordAddress => (50, SignedDuration::from_mins(15)),
            Self::LinkMailbox => (5, SignedDuration::from_mins(60)),
            Self::LinkAddress => (30, SignedDuration::from_mins(60)),
            Self::Message => (10, SignedDuration::from_mins(60)),
            Self::Submission => (60, SignedDuration::from_mins(60)),
            Self::Upload => (100, SignedDuration::from_mins(60)),
            Self::Supplier => (300, SignedDuration::from_mins(60)),
            Self::SupplierGuess => (20, SignedDuration::from_mins(60)),
        }
    }
}

#[derive(Debug)]
struct Window {
    since: Timestamp,
    count: u32,
}

impl Window {
    /// Over after its span, and when the clock was set back by more than that: nobody waits for a day that is far away.
    fn is_over(&self, now: Timestamp, span: SignedDuration) -> bool {
        now.duration_since(self.since).abs() >= span
    }
}

/// Counters by action and source.
#[derive(Debug, Default)]
pub struct Limiter {
    windows: Mutex<HashMap<(Action, String), Window>>,
}

/// Above this many sources, those whose time is over are forgotten.
const SOURCES: usize = 50_000;

impl Limiter {
    /// Whether the source has some left; nothing is counted.
    pub fn allows(&self, action: Action, source: &str, now: Timestamp) -> bool {
        let (most, span) = action.allowance();
        let Ok(windows) = self.windows.lock() else {
            return true;
        };
        windows
            .get(&(action, source.to_owned()))
            .is_none_or(|window| window.is_over(now, span) || window.count < most)
    }

    /// Counts one; `false` when the source had none left.
    pub fn take(&self, action: Action, source: &str, now: Timestamp) -> bool {
        let (most, span) = action.allowance();
        let Ok(mut windows) = self.windows.lock() else {
            return true;
        };
        if windows.len() >= SOURCES {
            windows.retain(|(action, _), window| !window.is_over(now, action.allowance().1));
            if windows.len() >= SOURCES {
                // So many sources at once is an attack: new ones wait until older ones are forgotten.
                return windows
                    .get(&(action, source.to_owned()))
                    .is_some_and(|window| window.count < most);
            }
        }
        let window = windows
            .entry((action, source.to_owned()))
            .or_insert(Window { since: now, count: 0 });
        if window.is_over(now, span) {
            *window = Window { since: now, count: 0 };
        }
        if window.count >= most {
            return false;
        }
        window.count += 1;
        true
    }

    /// Forgets what was counted, after a success.
    pub fn forget(&self, action: Action, source: &str) {
        if let Ok(mut windows) = self.windows.lock() {
            windows.remove(&(action, source.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    #[test]
    fn a_source_has_so_many_and_gets_them_again_later() {
        let limiter = Limiter::default();
        for _ in 0..5 {
            assert!(limiter.take(Action::Code, "a", at(0)));
        }
        assert!(!limiter.take(Action::Code, "a", at(899)));
        assert!(!limiter.allows(Action::Code, "a", at(899)));
        assert!(limiter.take(Action::Code, "b", at(0)), "another source");
        assert!(limiter.take(Action::LinkMailbox, "a", at(0)), "another action");
        assert!(limiter.take(Action::Code, "a", at(900)));
        limiter.forget(Action::Code, "a");
        for _ in 0..5 {
            assert!(limiter.take(Action::Code, "a", at(901)));
        }
    }

    #[test]
    fn a_clock_set_back_makes_nobody_wait_for_a_day_that_is_far_away() {
        let limiter = Limiter::default();
        let year = 365 * 86_400;
        for _ in 0..6 {
            limiter.take(Action::Code, "a", at(year));
        }
        assert!(
            !limiter.take(Action::Code, "a", at(year - 60)),
            "a small step changes nothing"
        );
        assert!(limiter.allows(Action::Code, "a", at(0)));
        for _ in 0..5 {
            assert!(limiter.take(Action::Code, "a", at(0)));
        }
        assert!(!limiter.take(Action::Code, "a", at(0)), "the count begins again");
    }

    #[test]
    fn ten_thousand_guesses_reach_the_hash_a_few_times() {
        let limiter = Limiter::default();
        let passed = (0..10_000)
            .filter(|n| limiter.take(Action::PasswordAccount, "victim", at(n / 3)))
            .count();
        assert!(passed <= 100, "{passed} in an hour");
    }
}
