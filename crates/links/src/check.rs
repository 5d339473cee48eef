//! One address asked: resolved, guarded, connected, followed.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::LOCATION;
use reqwest::{Client, Method, Response, StatusCode, Url};
use tokio::time::Instant;

use crate::guard::{Guard, Refusal};
use crate::robots;

/// Redirections followed.
const REDIRECTIONS: usize = 5;
/// Largest `robots.txt` read, in bytes: what RFC 9309 asks for at least.
const ROBOTS: usize = 512 * 1024;
/// Hosts whose rules are remembered.
const REMEMBERED: usize = 2000;

/// How patient and how polite the checker is.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Longest time for a connection to open.
    pub connect: Duration,
    /// Longest time for an answer.
    pub answer: Duration,
    /// Pause between two requests to one host.
    pub pause: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(10),
            pause: Duration::from_secs(5),
        }
    }
}

/// What came of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It answers, with this status.
    Alive(u16),
    /// It answers that there is nothing, with this status.
    Gone(u16),
    /// It answers that not everybody may come in, or that it does not want to be asked: nothing is wrong with the link.
    Closed(u16),
    /// Nothing answers: the name is unknown, the connection fails, or the answer takes too long.
    Silent,
    /// It leads from one redirection to the next.
    Loop,
    /// Its site asks programs not to come.
    Robots,
    /// It was not asked.
    Refused(Refusal),
}

impl Verdict {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Alive(_) => "alive",
            Self::Gone(_) => "gone",
            Self::Closed(_) => "closed",
            Self::Silent => "silent",
            Self::Loop => "loop",
            Self::Robots => "robots",
            Self::Refused(_) => "refused",
        }
    }

    /// The status of the last answer, when there was one.
    pub const fn status(self) -> Option<u16> {
        match self {
            Self::Alive(status) | Self::Gone(status) | Self::Closed(status) => Some(status),
            Self::Silent | Self::Loop | Self::Robots | Self::Refused(_) => None,
        }
    }

    /// Whether a reader who follows the link finds nothing.
    pub const fn is_dead(self) -> bool {
        matches!(self, Self::Gone(_) | Self::Silent | Self::Loop)
    }
}

/// Names looked up by the system, then guarded: the connection is made to the very addresses that were looked at.
#[derive(Debug)]
struct Guarded(Guard);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.0.clone();
        Box::pin(async move {
            // The port is that of the request; the guard judges addresses here, and ports by the text.
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let judged = found
                .iter()
                .map(|place| SocketAddr::new(place.ip(), 443))
                .collect();
            match guard
                .places(judged)
                .or_else(|refusal| guard.excepted(&found).ok_or(refusal))
            {
                Ok(_) => {
                    let addresses: Addrs = Box::new(found.into_iter());
                    Ok(addresses)
                }
                Err(refusal) => Err(refusal.into()),
            }
        })
    }
}

/// Asks addresses.
#[derive(Debug)]
pub struct Checker {
    http: Client,
    guard: Guard,
    pace: Pace,
    /// When each host may be asked again.
    hosts: Mutex<HashMap<String, Instant>>,
    /// What `robots.txt` of each host says; none when it says nothing.
    rules: Mutex<HashMap<String, Option<Arc<str>>>>,
}

impl Checker {
    /// A checker that says who it is: `Sobria/1.0 (+https://…)`.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(agent: &str, guard: Guard, pace: Pace) -> Result<Self, reqwest::Error> {
        // Another part of the program may have chosen already: both choose ring.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder()
            .user_agent(agent)
            .redirect(reqwest::redirect::Policy::none())
            // A proxy would resolve names by itself, out of sight of the guard.
            .no_proxy()
            .dns_resolver(Arc::new(Guarded(guard.clone())))
            .connect_timeout(pace.connect)
            .timeout(pace.answer)
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self {
            http,
            guard,
            pace,
            hosts: Mutex::default(),
            rules: Mutex::default(),
        })
    }

    /// Asks an address, and says what came of it.
    pub async fn check(&self, text: &str) -> Verdict {
        let mut url = match self.guard.text(text) {
            Ok(url) => url,
            Err(refusal) => return Verdict::Refused(refusal),
        };
        url.set_fragment(None);
        for _ in 0..=REDIRECTIONS {
            match self.ask(&url).await {
                Ok(Step::Done(verdict)) => return verdict,
                Ok(Step::Follow(next)) => url = next,
                Err(refusal) => return Verdict::Refused(refusal),
            }
        }
        Verdict::Loop
    }

    async fn ask(&self, url: &Url) -> Result<Step, Refusal> {
        self.guard.url(url)?;
        self.guard.literal(url)?;
        if !self.is_welcome(url).await? {
            return Ok(Step::Done(Verdict::Robots));
        }
        let mut answer = self.send(Method::HEAD, url).await?;
        // Many servers do not know HEAD, or answer it badly: only what GET says counts as a failure.
        let doubtful = answer
            .as_ref()
            .is_none_or(|answer| answer.status().as_u16() >= 400);
        if doubtful {
            answer = self.send(Method::GET, url).await?;
        }
        let Some(answer) = answer else {
            return Ok(Step::Done(Verdict::Silent));
        };
        let status = answer.status();
        if status.is_redirection()
            && let Some(to) = answer.headers().get(LOCATION)
        {
            let next = to.to_str().ok().and_then(|to| url.join(to).ok());
            return Ok(match next {
                Some(mut next) => {
                    next.set_fragment(None);
                    Step::Follow(next)
                }
                None => Step::Done(Verdict::Gone(status.as_u16())),
            });
        }
        Ok(Step::Done(verdict(status)))
    }

    /// One request; nothing when no answer came. The body is never read.
    async fn send(&self, method: Method, url: &Url) -> Result<Option<Response>, Refusal> {
        self.wait_for(url).await;
        match self.http.request(method, url.clone()).send().await {
            Ok(answer) => Ok(Some(answer)),
            Err(error) => match refusal_in(&error) {
                Some(refusal) => Err(refusal),
                None => Ok(None),
            },
        }
    }

    /// Leaves its pause to a host.
    async fn wait_for(&self, url: &Url) {
        let host = url.host_str().unwrap_or("").to_ascii_lowercase();
        let at = {
            let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            if hosts.len() > REMEMBERED {
                hosts.retain(|_, next| *next > now);
            }
            let next = hosts.entry(host).or_insert(now);
            let at = (*next).max(now);
            *next = at + self.pace.pause;
            at
        };
        tokio::time::sleep_until(at).await;
    }

    /// Whether the site lets programs ask for this address.
    async fn is_welcome(&self, url: &Url) -> Result<bool, Refusal> {
        let origin = url.origin().ascii_serialization();
        let known = {
            let rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
            rules.get(&origin).cloned()
        };
        let rules = match known {
            Some(rules) => rules,
            None => {
                let rules = self.read_rules(url).await?;
                let mut kept = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
                if kept.len() > REMEMBERED {
                    kept.clear();
                }
                kept.insert(origin, rules.clone());
                rules
            }
        };
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        Ok(rules.is_none_or(|rules| robots::allows(&rules, &path)))
    }

    async fn read_rules(&self, url: &Url) -> Result<Option<Arc<str>>, Refusal> {
        let Ok(place) = url.join("/robots.txt") else {
            return Ok(None);
        };
        // A redirection of the rules is not followed: then there are none.
        let Some(mut answer) = self.send(Method::GET, &place).await? else {
            return Ok(None);
        };
        if answer.status() != StatusCode::OK {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        while let Ok(Some(chunk)) = answer.chunk().await {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > ROBOTS {
                bytes.truncate(ROBOTS);
                break;
            }
        }
        Ok(Some(String::from_utf8_lossy(&bytes).into()))
    }
}

enum Step {
    Done(Verdict),
    Follow(Url),
}

fn verdict(status: StatusCode) -> Verdict {
    let number = status.as_u16();
    match number {
        401 | 402 | 403 | 405 | 406 | 407 | 429 | 451 | 503 => Verdict::Closed(number),
        400.. => Verdict::Gone(number),
        _ => Verdict::Alive(number),
    }
}

/// The refusal of the guard inside an error of the client.
fn refusal_in(error: &reqwest::Error) -> Option<Refusal> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        if let Some(refusal) = inner.downcast_ref::<Refusal>() {
            return Some(*refusal);
        }
        cause = inner.source();
    }
    None
}
