//! Where a story happens: fresh databases on one engine.

use std::future::Future;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use sobria_store::Store;
use sqlx::{AssertSqlSafe, Connection as _};
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// The language whose rules databases on a server follow: French passes over signs and puts accents after letters, so
/// that what leans on the order of bytes without saying so is found out.
const LANGUAGE: &str = "fr-FR";

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
    /// A fresh, migrated database: a copy of one that was migrated before, which is quicker than to migrate each.
    pub async fn store(&self) -> Store {
        let address = match &self.server {
            None => {
                let (address, path) = self.file();
                std::fs::write(path, migrated_file().await).unwrap();
                address
            }
            Some(server) => {
                let name = self.name(server);
                let template = server.migrated().await;
                server
                    .run(&format!("CREATE DATABASE {name} TEMPLATE {template}"))
                    .await;
                server.address(&name)
            }
        };
        Store::connect(&address).await.unwrap()
    }

    /// The address of a new file, and its path.
    fn file(&self) -> (String, PathBuf) {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.path().join(format!("{number}.db"));
        (format!("sqlite://{}", path.display()), path)
    }

    /// A new name on a server.
    fn name(&self, server: &Server) -> String {
        format!("{}_{}", server.prefix, self.count.fetch_add(1, Ordering::Relaxed))
    }

    /// The address of a fresh database, without tables.
    pub async fn fresh_address(&self) -> String {
        self.fresh_address_in(LANGUAGE).await
    }

    /// The address of a fresh database whose texts follow the rules of a language, on an engine that knows of it.
    pub async fn fresh_address_in(&self, language: &str) -> String {
        let Some(server) = &self.server else {
            return self.file().0;
        };
        let name = self.name(server);
        server.create(&name, language).await;
        server.address(&name)
    }

    /// A fresh, migrated SQLite database, whatever the engine of the place.
    pub async fn sqlite(&self) -> Store {
        let (address, path) = self.file();
        std::fs::write(path, migrated_file().await).unwrap();
        Store::connect(&address).await.unwrap()
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
                    .run(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
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

    /// Makes an empty database whose texts follow the rules of a language.
    async fn create(&self, name: &str, language: &str) {
        let rules = match language {
            "C" => "LOCALE 'C'".to_owned(),
            other => format!("LOCALE_PROVIDER icu ICU_LOCALE '{other}' LOCALE 'C'"),
        };
        self.run(&format!(
            "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' {rules}"
        ))
        .await;
    }

    /// The name of a migrated database that others are copied from. It stays on the server for the next runs, under a
    /// name that changes with the migrations.
    async fn migrated(&self) -> &'static str {
        static NAME: OnceCell<String> = OnceCell::const_new();
        let make = || async {
            let mut hasher = DefaultHasher::new();
            for path in migrations() {
                std::fs::read(path).unwrap().hash(&mut hasher);
            }
            let name = format!("stories_{:016x}", hasher.finish());
            let known = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
            if self.run(&known).await == 0 {
                let draft = format!("t{}_draft", std::process::id());
                self.create(&draft, LANGUAGE).await;
                let store = Store::connect(&self.address(&draft)).await.unwrap();
                store.migrate().await.unwrap();
                store.close().await;
                // Nobody may stand in a database that others are copied from.
                self.run(&format!("ALTER DATABASE {draft} WITH ALLOW_CONNECTIONS false"))
                    .await;
                let renamed = format!("ALTER DATABASE {draft} RENAME TO {name}");
                if self.try_run(&renamed).await.is_err() {
                    // Another run made it meanwhile.
                    self.run(&format!("DROP DATABASE {draft}")).await;
                }
            }
            name
        };
        NAME.get_or_init(make).await
    }

    /// Runs a statement; answers with the number of rows that it gave or changed.
    async fn run(&self, statement: &str) -> usize {
        self.try_run(statement).await.unwrap()
    }

    async fn try_run(&self, statement: &str) -> sqlx::Result<usize> {
        sqlx::any::install_default_drivers();
        let mut connection = sqlx::AnyConnection::connect(&self.url).await?;
        let rows = sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
            .fetch_all(&mut connection)
            .await?;
        connection.close().await?;
        Ok(rows.len())
    }
}

/// The migrations, in order.
fn migrations() -> Vec<PathBuf> {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).unwrap();
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// The bytes of a migrated SQLite file.
async fn migrated_file() -> &'static [u8] {
    static FILE: OnceCell<Vec<u8>> = OnceCell::const_new();
    let make = || async {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("migrated.db");
        let store = Store::connect(&format!("sqlite://{}", path.display()))
            .await
            .unwrap();
        store.migrate().await.unwrap();
        store.close().await;
        std::fs::read(path).unwrap()
    };
    FILE.get_or_init(make).await
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
