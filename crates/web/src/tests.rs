//! The site as its readers meet it: requests through the router, a real database, a fixed clock, no socket.

mod api;
mod data;
mod estimate;
mod evaluations;
mod map;
mod pages;
mod refresh;
mod robustness;
mod tables;
mod visibility;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use jiff::Timestamp;
use sobria_catalogue::id::ImportId;
use sobria_catalogue::import::ImportPlan;
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_estimate::Reference;
use sobria_exchange::plan::{DateOrder, PlanOptions, plan};
use sobria_exchange::read::{ReadOptions, read};
use sobria_search::Index;
use sobria_store::{ApplyOptions, Store};
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

/// A site with its own database.
pub struct TestApp {
    pub app: App,
    router: Router,
    _folder: TempDir,
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
        let store = Store::open_dir(folder.path()).await.unwrap();
        store.migrate().await.unwrap();
        let (plan, planned_at) = plan_of(bytes, name, &store).await;
        store.apply_import(&plan, publishing(planned_at)).await.unwrap();
        let index = Index::open(None).unwrap();
        crate::refresh::synchronise(&store, &index).await.unwrap();
        let revision = index.revision();
        let settings = Settings {
            site,
            tiles,
            base_url: "https://ia.exemple.fr".to_owned(),
            demo,
            page_cache_bytes: 4_000_000,
            reference,
            now,
        };
        let app = App::new(store, index, settings, revision);
        Self {
            router: crate::router_with_panic(app.clone()),
            app,
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

    /// Asks for a JSON document.
    pub async fn json(&self, path: &str) -> serde_json::Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    /// The address of the first record of a search.
    pub async fn first(&self, query: &str) -> String {
        let document = self.json(&format!("/api/v1/use-cases?{query}")).await;
        format!("/cas-usages/{}", document["items"][0]["slug"].as_str().unwrap())
    }
}
