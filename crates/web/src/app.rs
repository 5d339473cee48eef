//! What every handler works with: the parts of the service, given once at start.

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sobria_estimate::Reference;
use sobria_identity::oidc::Providers;
use sobria_search::Index;
use sobria_store::Store;
use tokio::sync::{Notify, Semaphore};

use crate::assets::Assets;
use crate::cache::PageCache;
use crate::exports::Measured;
use crate::limiter::Limiter;
use crate::site::Site;
use crate::tiles::Tiles;

/// Passwords hashed at once.
const HASHES: usize = 2;

/// How the service is put together.
#[derive(Debug)]
pub struct Settings {
    /// Identity and legal texts.
    pub site: Site,
    /// The tile server of enlarged maps; none by default.
    pub tiles: Option<Tiles>,
    /// Address that readers use, without a final slash.
    pub base_url: String,
    /// Whether the catalogue is the demonstration one, which every page then says.
    pub demo: bool,
    /// Memory for pages that did not change, in bytes.
    pub page_cache_bytes: u64,
    /// The tables that estimates are made from: the embedded ones, or those of the operator.
    pub reference: &'static Reference,
    /// Providers that people may sign in through.
    pub providers: Providers,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// The clock; tests give a fixed one.
    pub now: fn() -> Timestamp,
}

/// The running service, cheap to clone.
#[derive(Debug, Clone)]
pub struct App(Arc<Parts>);

/// The parts of the service.
#[derive(Debug)]
pub struct Parts {
    /// Records.
    pub store: Store,
    /// Full text and facets.
    pub index: Index,
    /// Identity, addresses, clock.
    pub settings: Settings,
    /// Pages that did not change.
    pub pages: PageCache,
    /// Told when a message was put in the queue.
    pub mail_waits: Notify,
    /// How often one source may try something.
    pub limiter: Limiter,
    /// Passwords hashed at once: each takes 19 MiB and a core.
    pub hashing: Semaphore,
    /// Sizes of the exports of the whole library, once they were asked for.
    pub measured: Measured,
    revision: AtomicI64,
    healthy: AtomicBool,
    fingerprint: String,
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Puts the service together. `revision` is the catalogue revision that the index holds.
    pub fn new(store: Store, index: Index, settings: Settings, revision: i64) -> Self {
        let configuration = serde_json::to_string(&settings.site).unwrap_or_default();
        let fingerprint = crate::hash::short(&[
            env!("CARGO_PKG_VERSION"),
            &Assets::embedded().fingerprint().to_string(),
            &settings.base_url,
            &configuration,
            settings.reference.version(),
            &format!("{:?}", settings.tiles),
        ]);
        Self(Arc::new(Parts {
            pages: PageCache::new(settings.page_cache_bytes),
            measured: Measured::default(),
            mail_waits: Notify::new(),
            limiter: Limiter::default(),
            hashing: Semaphore::new(HASHES),
            store,
            index,
            settings,
            revision: AtomicI64::new(revision),
            healthy: AtomicBool::new(true),
            fingerprint,
        }))
    }

    /// The tables that estimates are made from.
    pub fn reference(&self) -> &'static Reference {
        self.settings.reference
    }

    /// The catalogue revision that readers see.
    pub fn revision(&self) -> i64 {
        self.revision.load(Ordering::Acquire)
    }

    /// Makes readers see a newer revision.
    pub fn set_revision(&self, revision: i64) {
        self.revision.store(revision, Ordering::Release);
    }

    /// Whether the database answered last time it was asked.
    pub fn is_healthy(&self) -> bool {
        self.healthy.load(Ordering::Acquire)
    }

    /// Records whether the database answers.
    pub fn set_healthy(&self, healthy: bool) {
        self.healthy.store(healthy, Ordering::Release);
    }

    /// Today in mainland France: staleness and dates are shown by that calendar.
    pub fn today(&self) -> Date {
        let zone = TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC);
        (self.settings.now)().to_zoned(zone).date()
    }

    /// The validator of a page: changes with the catalogue, the executable, the configuration and the day.
    pub fn validator(&self, address: &str) -> String {
        let key = crate::hash::short(&[&self.fingerprint, address]);
        format!("W/\"{}-{}-{key}\"", self.revision(), self.today())
    }
}
