//! The site as its readers meet it: requests through the router, a real database, a fixed clock, no socket.
//!
//! Each site has an SQLite file of its own; with `SOBRIA_TEST_ENGINE=postgres`, a database of its own on the server that
//! `SOBRIA_TEST_POSTGRES` names.

mod abuse;
mod accounts;
mod administration;
mod api;
mod attachments;
mod clock;
mod concurrency;
mod contributions;
mod data;
mod embed;
mod entries;
mod entry_files;
mod estimate;
mod evaluations;
mod forgery;
mod govern;
mod imports;
mod instruments;
mod labels;
mod letter;
mod link_watch;
mod logos;
mod map;
mod matrix;
mod measurements;
mod messages;
mod pages;
mod personal;
mod prefill;
mod purchase;
mod purchase_evidence;
mod purchase_files;
mod ratios;
mod refresh;
mod repairs;
mod roadmap;
mod robustness;
mod scenarios;
mod statistics;
mod stored;
mod strategy;
mod tables;
mod visibility;

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use jiff::Timestamp;
use sobria_catalogue::account::{Email, SignInMethod, SignUp};
use sobria_catalogue::id::{ImportId, UserId};
use sobria_catalogue::import::ImportPlan;
use sobria_catalogue::rights::Role;
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_estimate::Reference;
use sobria_exchange::plan::{DateOrder, PlanOptions, plan};
use sobria_exchange::read::{ReadOptions, read};
use sobria_identity::secret::Secret;
use sobria_search::Index;
use sobria_store::{ApplyOptions, NewSession, Store};
use sobria_territory::Directory;
use tempfile::TempDir;
use tower::ServiceExt;
use uuid::Uuid;

use crate::app::{App, Settings};
use crate::site::Site;
use crate::tiles::Tiles;

/// The demonstration catalogue.
pub const DEMONSTRATION: &[u8] = include_bytes!("../../sobria/demo/use-cases.json");

/// The moment at which every test happens.
pub fn now() -> Timestamp {
    Timestamp::from_second(1_795_000_000).unwrap()
}

thread_local! {
    /// Seconds gone since the beginning of the test, which runs on one thread.
    static GONE: std::cell::Cell<i64> = const { std::cell::Cell::new(0) };
}

/// The clock of the sites.
fn clock() -> Timestamp {
    now() + jiff::SignedDuration::from_secs(GONE.get())
}

/// Sets the clock of the sites forwards, or back.
pub fn jump(seconds: i64) {
    GONE.set(GONE.get() + seconds);
}

/// Lets days go by.
pub fn wait_days(days: i64) {
    jump(days * 86_400);
}

/// A site with its own database.
pub struct TestApp {
    pub app: App,
    router: Router,
    _database: Database,
    _folder: TempDir,
}

/// The database of one site; one on a server goes with it.
struct Database {
    url: String,
    server: Option<(String, String)>,
}

impl Database {
    fn new(folder: &std::path::Path) -> Self {
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        match std::env::var("SOBRIA_TEST_ENGINE").as_deref() {
            Ok("postgres") => {}
            Ok(other) => panic!("SOBRIA_TEST_ENGINE={other}: only postgres is known"),
            Err(_) => {
                return Self {
                    url: format!("sqlite://{}", folder.join(sobria_store::FILE_NAME).display()),
                    server: None,
                };
            }
        }
        let server = std::env::var("SOBRIA_TEST_POSTGRES").expect("SOBRIA_TEST_POSTGRES names a server");
        let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let name = format!("web_{}_{number}", std::process::id());
        // The rules of French pass over signs and put accents after letters, unlike the order of bytes of SQLite.
        let rules = "TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'fr-FR' LOCALE 'C'";
        run_sql(&server, &format!("CREATE DATABASE {name} {rules}"));
        let (address, options) = server.split_once('?').unwrap_or((&server, ""));
        let host = address.rsplit_once('/').map_or(address, |(host, _)| host);
        Self {
            url: format!("{host}/{name}?{options}"),
            server: Some((server.clone(), name)),
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.server {
            run_sql(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

fn run_sql(server: &str, statement: &str) {
    let output = std::process::Command::new("psql")
        .args(["--no-psqlrc", "--quiet", "-c", statement, server])
        .output()
        .expect("psql is installed with the server");
    assert!(output.status.success(), "{output:?}");
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
    /// Length of the body, which may be no text.
    pub octets: usize,
}

/// What an import of a file would do, and the revision of the catalogue that it was planned at.
pub async fn plan_of(bytes: &[u8], name: &str, store: &Store) -> (ImportPlan, i64) {
    let sheet = read(bytes, name, &ReadOptions::default()).unwrap();
    let (existing, planned_at) = store.existing().await.unwrap();
    let mut new_id = Uuid::now_v7;
    let mut options = PlanOptions {
        source: name.to_owned(),
        date_order: DateOrder::DayFirst,
        apply_suggestions: false,
        prefer_source: false,
        accept_shrink: false,
        proposes: true,
        today: jiff::civil::date(2026, 11, 23),
        new_id: &mut new_id,
    };
    let plan = plan(
        &sheet,
        &existing,
        Vocabularies::embedded(),
        Directory::embedded(),
        &mut options,
    )
    .unwrap();
    assert_eq!(plan.summary().rejected, 0, "{:?}", plan.summary());
    (plan, planned_at)
}

/// Writes a plan and publishes its records.
pub fn publishing(planned_at: i64) -> ApplyOptions<'static> {
    ApplyOptions {
        publish: true,
        actor: "test",
        now: now(),
        import: ImportId::new(Uuid::now_v7()),
        planned_at: Some(planned_at),
    }
}

fn settings(
    data: &std::path::Path,
    site: Site,
    demo: bool,
    tiles: Option<Tiles>,
    reference: &'static Reference,
) -> Settings {
    Settings {
        site,
        retention: crate::retention::Retention::default(),
        uploads: data.join("uploads"),
        tiles,
        base_url: "https://ia.exemple.fr".to_owned(),
        demo,
        page_cache_bytes: 4_000_000,
        reference,
        files: crate::attachments::FileSettings {
            data: data.to_owned(),
            limits: crate::attachments::FileLimits::default(),
        },
        links: Default::default(),
        providers: Default::default(),
        trusted_proxies: Vec::new(),
        now: clock,
    }
}

impl TestApp {
    /// A site that holds the records of a file.
    pub async fn with(bytes: &[u8], name: &str, site: Site, demo: bool) -> Self {
        Self::over(bytes, name, site, demo, None, Reference::embedded()).await
    }

    /// The same with a tile server.
    pub async fn with_tiles(bytes: &[u8], name: &str, site: Site, demo: bool, tiles: Option<Tiles>) -> Self {
        Self::over(bytes, name, site, demo, tiles, Reference::embedded()).await
    }

    /// The demonstration site over other tables.
    pub async fn demo_with(reference: &'static Reference) -> Self {
        let site = Site::default();
        Self::over(DEMONSTRATION, "demonstration.json", site, true, None, reference).await
    }

    async fn over(
        bytes: &[u8],
        name: &str,
        site: Site,
        demo: bool,
        tiles: Option<Tiles>,
        reference: &'static Reference,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::new(folder.path());
        let store = Store::connect(&database.url).await.unwrap();
        store.migrate().await.unwrap();
        let (plan, planned_at) = plan_of(bytes, name, &store).await;
        store.apply_import(&plan, publishing(planned_at)).await.unwrap();
        let index = Index::open(None).unwrap();
        crate::refresh::synchronise(&store, &index).await.unwrap();
        if demo {
            crate::demonstration::fill(&store, now()).await.unwrap();
        }
        let revision = index.revision();
        let settings = settings(folder.path(), site, demo, tiles, reference);
        let app = App::new(store, index, settings, revision);
        Self {
            router: crate::router_with_panic(app.clone()),
            app,
            _database: database,
            _folder: folder,
        }
    }

    /// Another server of the same site: its own memory and index over the same database and files.
    pub async fn twin(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database {
            url: self._database.url.clone(),
            server: None,
        };
        let store = Store::connect(&database.url).await.unwrap();
        let index = Index::open(None).unwrap();
        crate::refresh::synchronise(&store, &index).await.unwrap();
        let known = &self.app.settings;
        let settings = settings(
            &known.files.data,
            known.site.clone(),
            known.demo,
            None,
            known.reference,
        );
        let revision = index.revision();
        let app = App::new(store, index, settings, revision);
        app.reload_settings().await.unwrap();
        Self {
            router: crate::router_with_panic(app.clone()),
            app,
            _database: database,
            _folder: folder,
        }
    }

    /// The demonstration site.
    pub async fn demo() -> Self {
        Self::with(DEMONSTRATION, "demonstration.json", Site::default(), true).await
    }

    /// Asks for an address.
    pub async fn get(&self, path: &str) -> Answer {
        self.request(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    /// Sends any request.
    pub async fn request(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            octets: bytes.len(),
            body: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// Opens a session for a demonstration account, and gives the browser that holds it.
    pub async fn sign_in(&self, role: &str) -> Browser<'_> {
        let mut browser = Browser::new(self);
        let answer = browser
            .post(
                "/connexion/demonstration",
                &[("role", role), ("suite", "/mon-espace/compte")],
            )
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        browser
    }

    /// The newest message to a mailbox: subject and text.
    pub async fn mail_to(&self, email: &str) -> (String, String) {
        let mails = self.app.store.mails(None, 200).await.unwrap();
        let found = mails.iter().find(|mail| mail.to.as_str() == email);
        let mail = found.unwrap_or_else(|| panic!("no message to {email}"));
        crate::letters::parts(&mail.message)
    }

    /// The first address of this site in the newest message to a mailbox.
    pub async fn link_to(&self, email: &str) -> String {
        let (_, text) = self.mail_to(email).await;
        let base = &self.app.settings.base_url;
        let word = text
            .split_whitespace()
            .find(|word| word.starts_with(base.as_str()))
            .unwrap();
        word.strip_prefix(base.as_str()).unwrap().to_owned()
    }

    /// A new account of a role, with a session opened without any form.
    pub async fn session_of(&self, role: Role) -> Browser<'_> {
        let number = self.app.store.accounts("", None, 0, 1).await.unwrap().total;
        let sign_up = SignUp {
            email: Email::parse(&format!("compte{number}@ville.exemple.fr")).unwrap(),
            given_name: "Camille".to_owned(),
            family_name: format!("Essai {number}"),
            job_title: String::new(),
            organisation_name: "Ville".to_owned(),
            organisation: None,
            consents: Vec::new(),
            then: String::new(),
        };
        let id = UserId::new(Uuid::now_v7());
        let account = self
            .app
            .store
            .create_account(id, &sign_up, role, now())
            .await
            .unwrap();
        let secret = Secret::generate().unwrap();
        self.app
            .store
            .open_session(&NewSession {
                id: Uuid::now_v7().to_string(),
                secret_hash: secret.digest(),
                account: account.id,
                method: SignInMethod::Link,
                half_open: false,
                device: "essai",
                provider: None,
                now: (self.app.settings.now)(),
            })
            .await
            .unwrap();
        let mut browser = Browser::new(self);
        browser
            .cookies
            .insert("__Host-session".to_owned(), secret.reveal().to_owned());
        browser
    }

    /// Asks for a JSON document.
    pub async fn json(&self, path: &str) -> serde_json::Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    /// Sends a request, or an array of them, to the interface of estimates.
    pub async fn estimates(&self, request: &'static str) -> Answer {
        let request = Request::post("/api/v1/estimates")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(request))
            .unwrap();
        self.request(request).await
    }

    /// Takes the first record of a search away for good, and lets readers see it.
    pub async fn withdraw_first(&self, query: &str) {
        let document = self.json(&format!("/api/v1/use-cases?{query}")).await;
        let id = document["items"][0]["id"].as_str().unwrap().parse().unwrap();
        let decision = sobria_store::Decision {
            actor: "test",
            reason: "donnée personnelle",
            now: now(),
        };
        self.app.store.withdraw(id, decision).await.unwrap();
        crate::refresh::synchronise(&self.app.store, &self.app.index)
            .await
            .unwrap();
        self.app.set_revision(self.app.index.revision());
    }

    /// The address of the first record of a search.
    pub async fn first(&self, query: &str) -> String {
        let document = self.json(&format!("/api/v1/use-cases?{query}")).await;
        format!("/cas-usages/{}", document["items"][0]["slug"].as_str().unwrap())
    }
}

/// A browser: it keeps cookies and says that its requests come from this site.
pub struct Browser<'a> {
    pub site: &'a TestApp,
    pub cookies: BTreeMap<String, String>,
}

impl<'a> Browser<'a> {
    /// A browser without cookies.
    pub fn new(site: &'a TestApp) -> Self {
        Self {
            site,
            cookies: BTreeMap::new(),
        }
    }

    /// Gives a request the cookies.
    pub fn headers(&self, builder: axum::http::request::Builder) -> axum::http::request::Builder {
        let line: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        builder.header("cookie", line.join("; "))
    }

    fn keep(&mut self, answer: &Answer) {
        for line in answer.headers.get_all("set-cookie") {
            let pair = line.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// Asks for a page.
    pub async fn get(&mut self, path: &str) -> Answer {
        let request = self.headers(Request::get(path)).body(Body::empty()).unwrap();
        let answer = self.site.request(request).await;
        self.keep(&answer);
        answer
    }

    /// Sends any request with the cookies of this browser.
    pub async fn forward(&mut self, request: Request<Body>) -> Answer {
        let (parts, body) = request.into_parts();
        let mut builder = self.headers(Request::builder().method(parts.method).uri(parts.uri));
        for (name, value) in &parts.headers {
            builder = builder.header(name, value);
        }
        let answer = self.site.request(builder.body(body).unwrap()).await;
        self.keep(&answer);
        answer
    }

    /// Sends a form as it is.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", crate::params::encode(name), crate::params::encode(value)))
            .collect();
        let request = self
            .headers(Request::post(path))
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body.join("&")))
            .unwrap();
        let answer = self.site.request(request).await;
        self.keep(&answer);
        answer
    }

    /// The token that forms of this session carry, read off the account page.
    pub async fn csrf(&mut self) -> String {
        let page = self.get("/mon-espace/compte").await;
        value_of(&page.body, "_csrf")
    }

    /// Sends a form with the token of the session.
    pub async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.csrf().await;
        let mut all = vec![("_csrf", token.as_str())];
        all.extend_from_slice(fields);
        self.post(path, &all).await
    }
}

/// What follows the first `before` of a page, up to the next quotation mark.
pub fn quoted<'p>(page: &'p str, before: &str) -> &'p str {
    page.split_once(before)
        .and_then(|(_, rest)| rest.split('"').next())
        .unwrap_or_else(|| panic!("no {before:?} in {page}"))
}

/// The value of the first input of this name.
pub fn value_of(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let start = page.find(&mark).unwrap_or_else(|| panic!("no {name} in {page}")) + mark.len();
    page[start..].split('"').next().unwrap().to_owned()
}
