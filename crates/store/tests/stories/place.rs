//! Where a story happens: fresh databases on one engine.

use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};

use sobria_store::Store;
use sqlx::{AssertSqlSafe, Connection as _};
use tempfile::TempDir;

/// Gives fresh databases on one engine.
pub struct Place {
    folder: TempDir,
    server: Option<Server>,
    count: AtomicU32,
}

struct Server {
    url: String,
    prefix: String,
}

impl Place {
    /// A fresh, migrated database.
    pub async fn store(&self) -> Store {
        let store = Store::connect(&self.fresh_address().await).await.unwrap();
        store.migrate().await.unwrap();
        store
    }

    /// The address of a fresh database, without tables.
    pub async fn fresh_address(&self) -> String {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        match &self.server {
            None => format!("sqlite://{}/{number}.db", self.folder.path().display()),
            Some(server) => {
                let name = format!("{}_{number}", server.prefix);
                server.run(format!("CREATE DATABASE {name}")).await;
                server.address(&name)
            }
        }
    }

    /// The address of a fresh database whose texts follow the rules of a language, on an engine that knows of it.
    pub async fn fresh_address_in(&self, language: &str) -> String {
        let Some(server) = &self.server else {
            return self.fresh_address().await;
        };
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}_{number}", server.prefix);
        let rules = match language {
            "C" => "LOCALE 'C'".to_owned(),
            other => format!("LOCALE_PROVIDER icu ICU_LOCALE '{other}' LOCALE 'C'"),
        };
        server
            .run(format!(
                "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' {rules}"
            ))
            .await;
        server.address(&name)
    }

    /// A fresh, migrated SQLite database, whatever the engine of the place.
    pub async fn sqlite(&self) -> Store {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let url = format!("sqlite://{}/{number}.db", self.folder.path().display());
        let store = Store::connect(&url).await.unwrap();
        store.migrate().await.unwrap();
        store
    }

    /// The folder of the SQLite databases.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    async fn clean(&self) {
        if let Some(server) = &self.server {
            for number in 0..self.count.load(Ordering::Relaxed) {
                let name = format!("{}_{number}", server.prefix);
                server
                    .run(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
                    .await;
            }
        }
    }
}

impl Server {
    fn address(&self, database: &str) -> String {
        let (address, options) = match self.url.split_once('?') {
            Some((address, options)) => (address, format!("?{options}")),
            None => (self.url.as_str(), String::new()),
        };
        let server = match address.match_indices('/').nth(2) {
            Some((slash, _)) => &address[..slash],
            None => address,
        };
        format!("{server}/{database}{options}")
    }

    async fn run(&self, statement: String) {
        sqlx::any::install_default_drivers();
        let mut connection = sqlx::AnyConnection::connect(&self.url).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
    }
}

/// Runs statements on a database from outside, as another program would.
pub async fn run_outside(address: &str, statements: &'static str) {
    match address.strip_prefix("sqlite://") {
        Some(path) => rusqlite::Connection::open(path)
            .unwrap()
            .execute_batch(statements)
            .unwrap(),
        None => {
            let mut connection = sqlx::AnyConnection::connect(address).await.unwrap();
            sqlx::raw_sql(statements).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        }
    }
}

/// Runs a story on SQLite.
pub fn on_sqlite<F: Future<Output = ()>>(story: fn(&'static Place) -> F) {
    play(None, story);
}

/// Runs a story on PostgreSQL, where there is one.
pub fn on_postgres<F: Future<Output = ()>>(name: &str, story: fn(&'static Place) -> F) {
    match std::env::var("SOBRIA_TEST_POSTGRES") {
        Ok(url) if !url.is_empty() => {
            let short: String = name.chars().take(40).collect();
            let prefix = format!("t{}_{short}", std::process::id());
            play(Some(Server { url, prefix }), story);
        }
        _ if std::env::var("SOBRIA_REQUIRE_POSTGRES").is_ok_and(|value| value == "1") => {
            panic!("SOBRIA_REQUIRE_POSTGRES=1, and SOBRIA_TEST_POSTGRES is not set");
        }
        _ => eprintln!("SKIPPED on PostgreSQL: SOBRIA_TEST_POSTGRES is not set"),
    }
}

fn play<F: Future<Output = ()>>(server: Option<Server>, story: fn(&'static Place) -> F) {
    // A story borrows its place for as long as the process lives, which spares it lifetimes; the databases
    // are removed by hand.
    let place: &'static Place = Box::leak(Box::new(Place {
        folder: TempDir::new().unwrap(),
        server,
        count: AtomicU32::new(0),
    }));
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(async {
            story(place).await;
            place.clean().await;
        });
    std::fs::remove_dir_all(place.folder.path()).unwrap();
}
