//! The training log, and how much of the organisation was trained lately. No name is kept: numbers only.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Months during which a training counts.
pub const LASTS_MONTHS: i32 = 24;

/// What was taught.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Frugal AI.
    #[default]
    FrugalAi,
    /// What AI is, as article 4 of the AI Act asks.
    AiLiteracy,
    /// Eco-design.
    Ecodesign,
    /// Responsible purchase.
    Procurement,
    /// Personal data.
    Gdpr,
}

impl Subject {
    /// Every subject.
    pub const ALL: [Self; 5] = [
        Self::FrugalAi,
        Self::AiLiteracy,
        Self::Ecodesign,
        Self::Procurement,
        Self::Gdpr,
    ];

    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::FrugalAi => "frugal_ai",
            Self::AiLiteracy => "ai_literacy",
            Self::Ecodesign => "ecodesign",
            Self::Procurement => "procurement",
            Self::Gdpr => "gdpr",
        }
    }

    /// Words for pages.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::FrugalAi => "IA frugale",
            Self::AiLiteracy => "Comprendre l’IA",
            Self::Ecodesign => "Écoconception",
            Self::Procurement => "Achat responsable",
            Self::Gdpr => "Données personnelles",
        }
    }

    /// The subject of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|subject| subject.code() == code)
    }
}

/// A training that was held.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Title.
    pub title: String,
    /// What was taught.
    pub subject: Subject,
    /// Day.
    pub held_on: Date,
    /// Hours.
    pub hours: f64,
    /// Who gave it.
    pub provider: String,
    /// People, elected members included.
    pub attendees: u32,
    /// Elected members among them.
    pub elected: u32,
    /// People among them who had attended another one in the [`LASTS_MONTHS`] months before, and the elected members
    /// among those; none when nobody counted.
    #[serde(default)]
    pub already: Option<(u32, u32)>,
}

/// How much of the organisation was trained in the last [`LASTS_MONTHS`] months: people where every session says who
/// had come before, else participations, so that each share is "at most".
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trained {
    /// Agents who attended.
    pub agents: u32,
    /// Elected members who attended.
    pub elected: u32,
    /// Sessions.
    pub sessions: usize,
    /// Whether people are counted, rather than participations.
    pub people: bool,
    /// Share of agents, in hundredths, at most 100.
    pub agents_share: Option<f64>,
    /// Share of elected members.
    pub elected_share: Option<f64>,
    /// Share of both.
    pub all: Option<f64>,
}

impl Trained {
    /// Works it out.
    ///
    /// ```
    /// use jiff::civil::date;
    /// use sobria_govern::roadmap::training::{Session, Subject, Trained};
    /// let session = Session {
    ///     title: "IA frugale".into(), subject: Subject::FrugalAi, held_on: date(2025, 1, 10), hours: 3.0,
    ///     provider: String::new(), attendees: 30, elected: 5, already: None,
    /// };
    /// let trained = Trained::of(&[session], Some(100), Some(20), date(2027, 1, 10));
    /// assert!(!trained.people, "nobody counted who had come before");
    /// assert_eq!((trained.agents_share, trained.elected_share), (Some(25.0), Some(25.0)));
    /// assert_eq!(trained.all, Some(25.0));
    /// ```
    #[must_use]
    pub fn of(sessions: &[Session], staff: Option<u32>, council: Option<u32>, today: Date) -> Self {
        let lately: Vec<&Session> = sessions
            .iter()
            .filter(|session| {
                session.held_on <= today
                    && session
                        .held_on
                        .checked_add(LASTS_MONTHS.months())
                        .is_ok_and(|last| today <= last)
            })
            .collect();
        let first = today.saturating_sub(LASTS_MONTHS.months());
        // Somebody who came before counts once, as long as the session where they came before is counted too.
        let before = |session: &Session| {
            let (all, elected) = session.already?;
            let since = session.held_on.saturating_sub(LASTS_MONTHS.months());
            let left_out = sessions
                .iter()
                .any(|one| one.held_on < first && one.held_on >= since);
            (all == 0 || !left_out).then_some((all, elected))
        };
        let people = !lately.is_empty() && lately.iter().all(|session| before(session).is_some());
        let known = |session: &Session| before(session).filter(|_| people).unwrap_or((0, 0));
        let elected: u32 = lately.iter().fold(0, |sum, session| {
            sum.saturating_add(session.elected.saturating_sub(known(session).1))
        });
        let agents: u32 = lately.iter().fold(0, |sum, session| {
            let (all, elected) = known(session);
            let came = session.attendees.saturating_sub(session.elected);
            sum.saturating_add(came.saturating_sub(all.saturating_sub(elected)))
        });
        let share = |trained: u32, of: Option<u32>| {
            of.filter(|of| *of > 0)
                .map(|of| (f64::from(trained) / f64::from(of) * 100.0).min(100.0))
        };
        let both = match (staff, council) {
            (Some(staff), Some(council)) => Some(staff.saturating_add(council)),
            _ => None,
        };
        let counted = staff
            .map_or(agents, |staff| agents.min(staff))
            .saturating_add(council.map_or(elected, |council| elected.min(council)));
        Self {
            agents,
            elected,
            sessions: lately.len(),
            people,
            agents_share: share(agents, staff),
            elected_share: share(elected, council),
            all: share(counted, both),
        }
    }

    /// What was counted.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = if self.people {
            format!(
                "{} agents et {} élus formés en {LASTS_MONTHS} mois ({} formations)",
                self.agents, self.elected, self.sessions
            )
        } else {
            format!(
                "{} participations d’agents et {} d’élus en {LASTS_MONTHS} mois ({} formations)",
                self.agents, self.elected, self.sessions
            )
        };
        if self.all.is_none() {
            words.push_str("\u{202f}; les effectifs sont à renseigner");
        }
        words
    }
}
