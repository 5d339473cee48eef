//! Whether the addresses that records hold still answer. Nothing is asked unless the operator said so in the
//! configuration; then each address is asked once a week, one host at a time.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sobria_catalogue::access::Level;
use sobria_catalogue::content::{Content, Value};
use sobria_catalogue::draft::{DraftInput, InputName, Part};
use sobria_catalogue::entry::EntryKind;
use sobria_catalogue::entry::field::EntryField;
use sobria_catalogue::id::OrganisationId;
use sobria_links::guard::Guard;
use sobria_links::{Checker, Pace};
use sobria_store::{LinkCheck, QueueFilter};

use crate::app::App;
use crate::error::WebError;
use crate::locale::moment;
use crate::view::library::Link;

/// How often an address that answers is asked again.
const EVERY: SignedDuration = SignedDuration::from_hours(24 * 7);
/// How often one that fails is: dead means three failures over seven days.
const SOONER: SignedDuration = SignedDuration::from_hours(60);
/// Failures in a row, and days between the first and now, from which a link is called dead.
const FAILURES: u32 = 3;
const FAILING: SignedDuration = SignedDuration::from_hours(24 * 7);
/// Addresses asked in one turn: at most one of each host.
const TURN: usize = 40;
/// Addresses asked at once.
const AT_ONCE: usize = 4;
/// Longest time for one address, pauses and redirections included.
const LONGEST: Duration = Duration::from_secs(120);
/// Contributions whose addresses are asked before they are published.
const WAITING: u32 = 200;
/// Records read at a time.
const PAGE: u32 = 500;

/// What the operator says of the checking of links.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LinkSettings {
    /// Whether the server asks the addresses that records hold. Off unless the operator says so.
    pub check: bool,
}

/// Where an address is used.
#[derive(Debug, Clone)]
pub struct Use {
    /// Title and page.
    pub record: Link,
    /// The carrier; none for entries without one.
    pub organisation: Option<OrganisationId>,
}

/// Addresses of a record, each once.
pub fn of_content(content: &Content) -> Vec<String> {
    let mut urls: Vec<String> = content
        .iter()
        .filter_map(|(_, value)| match value {
            Value::Links(links) => Some(links),
            _ => None,
        })
        .flatten()
        // What only agents of the organisation open cannot be asked from outside.
        .filter(|link| link.access.as_deref().is_none_or(|access| access == "open"))
        .filter_map(|link| link.url.clone())
        .collect();
    urls.sort_unstable();
    urls.dedup();
    urls
}

/// Addresses in the inputs of a form.
pub fn of_form(form: &DraftInput) -> Vec<String> {
    let mut urls: Vec<String> = form
        .iter()
        .filter(|(name, _)| InputName::parse(name).is_some_and(|name| name.part == Part::Url))
        .flat_map(|(_, values)| values.iter().cloned())
        .collect();
    urls.sort_unstable();
    urls.dedup();
    urls
}

/// Every address of what is published or waits to be, with where it is used.
///
/// # Errors
/// When the database does not answer.
pub async fn addresses(app: &App) -> Result<BTreeMap<String, Vec<Use>>, WebError> {
    let mut found: BTreeMap<String, Vec<Use>> = BTreeMap::new();
    let mut after = None;
    loop {
        let records = app.store.stream_published(after, PAGE).await?;
        let Some(last) = records.last() else { break };
        after = Some(last.id);
        for record in &records {
            for url in of_content(&record.content) {
                found.entry(url).or_default().push(Use {
                    record: Link::new(record.content.title(), format!("/cas-usages/{}", record.slug)),
                    organisation: Some(record.organisation.id),
                });
            }
        }
    }
    for kind in EntryKind::ALL {
        for item in crate::routes::entries::list::readable(app, kind, Level::Moderator).await? {
            let url = item.content().get(EntryField::Website);
            if !url.is_empty() {
                found.entry(url.to_owned()).or_default().push(Use {
                    record: Link::new(item.content().title(), item.entry().path()),
                    organisation: item.entry().carrier.as_ref().map(|carrier| carrier.id),
                });
            }
        }
    }
    let waiting = QueueFilter {
        limit: WAITING,
        ..QueueFilter::default()
    };
    for line in app.store.review_queue(&waiting).await?.items {
        let Some(case) = app.store.contribution(line.id).await? else {
            continue;
        };
        for url in of_form(&case.values) {
            found.entry(url).or_default().push(Use {
                record: Link::new(
                    crate::routes::contribute::name(&case),
                    format!("/moderation/{}", case.id),
                ),
                organisation: case.organisation,
            });
        }
    }
    Ok(found)
}

/// Asks the addresses that are due; says how many, and how many of them failed. Forgets those that nothing holds any more.
///
/// # Errors
/// When the database does not answer, or TLS cannot be set up.
pub async fn turn(app: &App) -> Result<Vec<(&'static str, u64)>, WebError> {
    let agent = format!(
        "Sobria/{} (+{}/aide)",
        env!("CARGO_PKG_VERSION"),
        app.settings.base_url
    );
    let checker = Checker::new(&agent, Guard::default(), Pace::default())
        .map_err(|error| WebError::Internal(error.to_string()))?;
    turn_with(app, Arc::new(checker)).await
}

/// The same, with a checker of one's own.
///
/// # Errors
/// When the database does not answer.
pub async fn turn_with(app: &App, checker: Arc<Checker>) -> Result<Vec<(&'static str, u64)>, WebError> {
    let held = addresses(app).await?;
    let known = app.store.link_checks().await?;
    let gone: Vec<String> = known
        .keys()
        .filter(|url| !held.contains_key(*url))
        .cloned()
        .collect();
    app.store.forget_links(&gone).await?;
    let now = (app.settings.now)();
    let due = due(held.keys(), &known, now);
    let (mut asked, mut failed) = (0, 0);
    let mut rest = due.into_iter();
    let mut running = tokio::task::JoinSet::new();
    let mut start = |running: &mut tokio::task::JoinSet<_>| {
        if let Some(url) = rest.next() {
            let checker = Arc::clone(&checker);
            running.spawn(async move {
                let verdict = tokio::time::timeout(LONGEST, checker.check(&url)).await;
                (url, verdict)
            });
        }
    };
    for _ in 0..AT_ONCE {
        start(&mut running);
    }
    while let Some(done) = running.join_next().await {
        start(&mut running);
        let Ok((url, Ok(verdict))) = done else { continue };
        asked += 1;
        failed += u64::from(verdict.is_dead());
        app.store
            .note_link(
                &url,
                verdict.code(),
                verdict.status(),
                verdict.is_dead(),
                (app.settings.now)(),
            )
            .await?;
    }
    Ok(vec![("links", asked), ("failed", failed)])
}

/// The addresses to ask now: never asked first, then the longest ago, one of each host.
fn due<'u>(
    held: impl Iterator<Item = &'u String>,
    known: &HashMap<String, LinkCheck>,
    now: Timestamp,
) -> Vec<String> {
    let mut waiting: Vec<(Option<Timestamp>, &String)> = held
        .filter_map(|url| match known.get(url) {
            None => Some((None, url)),
            Some(check) => {
                let period = if check.failures > 0 { SOONER } else { EVERY };
                (now.duration_since(check.checked_at) >= period).then_some((Some(check.checked_at), url))
            }
        })
        .collect();
    waiting.sort();
    let mut hosts = HashSet::new();
    waiting
        .into_iter()
        .filter(|(_, url)| hosts.insert(host(url)))
        .map(|(_, url)| url.clone())
        .take(TURN)
        .collect()
}

fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#', ':']).unwrap_or(rest.len());
    rest.get(..end).unwrap_or(rest).to_ascii_lowercase()
}

/// Whether a link is called dead: it failed three times at least, over seven days at least.
pub fn is_dead(check: &LinkCheck, now: Timestamp) -> bool {
    check.failures >= FAILURES
        && check
            .failing_since
            .is_some_and(|since| now.duration_since(since) >= FAILING)
}

/// What is known of an address, in words.
pub fn words(check: &LinkCheck, now: Timestamp) -> String {
    let what = match check.verdict.as_str() {
        "alive" => "répond".to_owned(),
        "gone" => format!("répond par une erreur ({})", check.status.unwrap_or(0)),
        "closed" => "existe, mais ne s’ouvre pas à un programme\u{a0}: à vérifier à la main".to_owned(),
        "silent" => "ne répond pas".to_owned(),
        "loop" => "renvoie sans fin d’une adresse à l’autre".to_owned(),
        "robots" => "non vérifiée\u{a0}: son site le demande".to_owned(),
        _ => "non vérifiée\u{a0}: ce n’est pas une adresse publique du web".to_owned(),
    };
    match check.failing_since {
        Some(since) => format!(
            "{}{what}, {} depuis le {}",
            if is_dead(check, now) {
                "lien mort\u{a0}: "
            } else {
                ""
            },
            crate::locale::counted(u64::from(check.failures), "essai", "essais"),
            moment(since)
        ),
        None => format!("{what} (le {})", moment(check.checked_at)),
    }
}

/// What is known of the addresses of a form: one line each.
///
/// # Errors
/// When the database does not answer.
pub async fn lines(app: &App, urls: &[String]) -> Result<Vec<String>, WebError> {
    let known = app.store.link_checks_of(urls).await?;
    let now = (app.settings.now)();
    Ok(urls
        .iter()
        .map(|url| {
            let shown = sobria_catalogue::text::excerpt(url, 120);
            match known.get(url) {
                Some(check) => format!("{shown}\u{a0}: {}", words(check, now)),
                None if app.settings.links.check => format!("{shown}\u{a0}: pas encore vérifiée"),
                None => format!("{shown}\u{a0}: non vérifiée, ce site ne vérifie pas les liens"),
            }
        })
        .collect())
}

/// The failing addresses, with what is known of each and where it is used: those of some organisations when they are
/// given, dead ones first.
///
/// # Errors
/// When the database does not answer.
pub async fn failing(
    app: &App,
    of: Option<&[OrganisationId]>,
) -> Result<Vec<(String, LinkCheck, Vec<Use>)>, WebError> {
    let mut known = app.store.link_checks().await?;
    known.retain(|_, check| check.failures > 0);
    if known.is_empty() {
        return Ok(Vec::new());
    }
    let now = (app.settings.now)();
    let mut found: Vec<(String, LinkCheck, Vec<Use>)> = addresses(app)
        .await?
        .into_iter()
        .filter_map(|(url, uses)| {
            let uses: Vec<Use> = uses
                .into_iter()
                .filter(|one| of.is_none_or(|of| one.organisation.is_some_and(|id| of.contains(&id))))
                .collect();
            (!uses.is_empty()).then_some(())?;
            Some((url.clone(), known.remove(&url)?, uses))
        })
        .collect();
    found.sort_by_key(|(_, check, _)| (!is_dead(check, now), check.failing_since));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + hours * 3600).unwrap()
    }

    fn check(url: &str, hours: i64, failures: u32) -> LinkCheck {
        LinkCheck {
            url: url.to_owned(),
            checked_at: at(hours),
            verdict: "silent".to_owned(),
            status: None,
            failures,
            failing_since: (failures > 0).then(|| at(hours)),
        }
    }

    #[test]
    fn one_address_of_each_host_is_due_and_failing_ones_come_back_sooner() {
        let urls: Vec<String> = [
            "https://a.example/1",
            "https://a.example/2",
            "https://b.example",
            "https://c.example/x",
            "https://d.example/y",
        ]
        .map(str::to_owned)
        .to_vec();
        let known = HashMap::from([
            (urls[0].clone(), check(&urls[0], 0, 0)),
            (urls[2].clone(), check(&urls[2], 0, 0)),
            (urls[3].clone(), check(&urls[3], 0, 1)),
        ]);
        assert_eq!(
            due(urls.iter(), &known, at(60)),
            [
                "https://a.example/2",
                "https://d.example/y",
                "https://c.example/x"
            ]
        );
        assert_eq!(due(urls.iter(), &known, at(24 * 7)).len(), 4);
        assert_eq!(host("HTTPS://Ville.example:8443/x"), "ville.example");
    }

    #[test]
    fn a_link_is_dead_after_three_failures_over_seven_days() {
        let failing = check("https://a.example", 0, 3);
        assert!(!is_dead(&failing, at(24 * 6)));
        assert!(is_dead(&failing, at(24 * 7)));
        assert!(!is_dead(&check("https://a.example", 0, 2), at(24 * 30)));
    }
}
