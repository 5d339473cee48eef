//! What every handler works with: the parts of the service, given once at start.

use std::net::IpAddr;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_estimate::Reference;
use sobria_identity::oidc::Providers;
use sobria_search::Index;
use sobria_store::{Files, Store};
use tokio::sync::{Notify, Semaphore};

use crate::assets::Assets;
use crate::attachments::FileSettings;
use crate::cache::PageCache;
use crate::census::Census;
use crate::exports::Measured;
use crate::faces::{Faces, Moment};
use crate::limiter::Limiter;
use crate::link_watch::LinkSettings;
use crate::retention::Retention;
use crate::site::Site;
use crate::site::setting::{Overrides, overlay};
use crate::tiles::Tiles;

/// Passwords hashed at once.
const HASHES: usize = 2;

/// How the service is put together.
#[derive(Debug)]
pub struct Settings {
    /// Identity and legal texts of the configuration; [`App::site`] gives those in force.
    pub site: Site,
    /// For how long things are kept.
    pub retention: Retention,
    /// Folder of files that wait for a decision: one of the data folder.
    pub uploads: PathBuf,
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
    /// Where the files of records are kept, and how many.
    pub files: FileSettings,
    /// Whether the addresses that records hold are asked.
    pub links: LinkSettings,
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
    /// What cards say of records that did not change.
    pub faces: Faces,
    /// What statistics take of records.
    pub census: Census,
    /// Told when a message was put in the queue.
    pub mail_waits: Notify,
    /// How often one source may try something.
    pub limiter: Limiter,
    /// Files of records.
    pub files: Files,
    /// Files read and rewritten at once: a picture takes 150 MB.
    pub cleaning: Semaphore,
    /// Passwords hashed at once: each takes 19 MiB and a core.
    pub hashing: Semaphore,
    /// Sizes of the exports of the whole library, once they were asked for.
    pub measured: Measured,
    /// Imports read at once: each holds a whole file.
    pub planning: Semaphore,
    revision: AtomicI64,
    healthy: AtomicBool,
    /// What does not change while the service runs.
    fingerprint: String,
    in_force: RwLock<InForce>,
}

/// Identity and legal texts in force.
#[derive(Debug, Clone)]
struct InForce {
    site: Arc<Site>,
    vocabularies: Arc<Vocabularies>,
    overrides: Arc<Overrides>,
    fingerprint: Arc<str>,
}

impl InForce {
    fn new(configuration: &Site, overrides: Overrides) -> Self {
        let site = overlay(configuration, &overrides);
        let text = serde_json::to_string(&site).unwrap_or_default();
        Self {
            fingerprint: crate::hash::short(&[&text, &format!("{:?}", site.labels)]).into(),
            vocabularies: Vocabularies::relabelled(&site.labels),
            site: Arc::new(site),
            overrides: Arc::new(overrides),
        }
    }
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
        let fingerprint = crate::hash::short(&[
            env!("CARGO_PKG_VERSION"),
            &Assets::embedded().fingerprint().to_string(),
            &settings.base_url,
            settings.reference.version(),
            &format!("{:?} {:?}", settings.tiles, settings.retention),
        ]);
        Self(Arc::new(Parts {
            pages: PageCache::new(settings.page_cache_bytes),
            faces: Faces::default(),
            census: Census::default(),
            measured: Measured::default(),
            mail_waits: Notify::new(),
            limiter: Limiter::default(),
            hashing: Semaphore::new(HASHES),
            planning: Semaphore::new(1),
            in_force: RwLock::new(InForce::new(&settings.site, Overrides::new())),
            files: crate::attachments::folder(&settings.files),
            cleaning: Semaphore::new(1),
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

    /// Identity and legal texts: the configuration, with what was changed on the site.
    pub fn site(&self) -> Arc<Site> {
        self.in_force().site
    }

    /// The closed lists as this instance words them.
    pub fn vocabularies(&self) -> Arc<Vocabularies> {
        self.in_force().vocabularies
    }

    /// What was changed on the site.
    pub fn overrides(&self) -> Arc<Overrides> {
        self.in_force().overrides
    }

    fn in_force(&self) -> InForce {
        self.in_force
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Reads again what was changed on the site, here or by another server.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reload_settings(&self) -> Result<(), sobria_store::StoreError> {
        let read = InForce::new(&self.settings.site, self.store.site_settings().await?);
        if read.site.labels != self.site().labels {
            self.index.reword(&read.vocabularies);
        }
        *self.in_force.write().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(())
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
        self.day_of((self.settings.now)())
    }

    /// The day of a moment by the same calendar.
    pub fn day_of(&self, at: Timestamp) -> Date {
        let zone = TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC);
        at.to_zoned(zone).date()
    }

    /// What readers see now: taken before anything is read, so that what is kept under it is never older.
    pub fn moment(&self) -> Moment {
        Moment {
            revision: self.revision(),
            today: self.today(),
        }
    }

    /// The validator of a page: changes with the catalogue, the executable, the configuration and the day.
    pub fn validator(&self, address: &str) -> String {
        let key = crate::hash::short(&[&self.fingerprint, &self.in_force().fingerprint, address]);
        format!("W/\"{}-{}-{key}\"", self.revision(), self.today())
    }
}
