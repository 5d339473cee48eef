//! `sobria serve`: the web site and the API.

use std::path::PathBuf;

use clap::Args;
use lexopt::Parser;
use sobria_estimate::Reference;
use sobria_store::Store;
use sobria_web::app::{App, Settings};
use sobria_web::refresh::SyncError;
use sobria_web::site::Site;
use sobria_web::site::setting::overlay;
use tokio::net::TcpListener;

use super::brief::{self, Brief};
use super::{Failure, Place, words};
use crate::config::Config;
use crate::output::{self, Exit};
use crate::{commands::import, instance, reference};

/// Options of `serve`.
#[derive(Debug, Default, Args)]
#[command(
    after_help = "Exemples :\n  sobria serve --demo\n  sobria serve --data /var/lib/sobria --listen 127.0.0.1:8080\n  sobria serve --config sobria.toml --database-url postgres://sobria@localhost/sobria"
)]
pub struct Options {
    /// Remplir une instance temporaire avec le catalogue de démonstration
    #[arg(long)]
    demo: bool,
    /// Adresse et port d’écoute ; le port 0 en prend un libre
    #[arg(long, value_name = "ADRESSE")]
    listen: Option<String>,
    /// Dossier de tables de référence (`<table>.tsv`) qui remplacent celles de l’exécutable
    #[arg(long, value_name = "DOSSIER")]
    reference: Option<PathBuf>,
}

impl Brief for Options {
    fn take(&mut self, name: &str, words: &mut Parser) -> Option<()> {
        match name {
            "demo" => self.demo = true,
            "listen" => self.listen = Some(brief::text(words)?),
            "reference" => self.reference = Some(brief::path(words)?),
            _ => return None,
        }
        Some(())
    }
}

/// The demonstration catalogue: invented records of invented organisations.
const DEMONSTRATION: &[u8] = include_bytes!("../../demo/use-cases.json");
/// Estimates of some of these records.
const EVALUATIONS: &str = include_str!("../../demo/evaluations.json");

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// When the address is taken, the database does not answer, or legal facts are missing in production.
pub async fn run(place: &Place, options: Options) -> Result<Exit, Failure> {
    start_log();
    let mut config = instance::configuration(place)?;
    if let Some(listen) = options.listen {
        config.server.listen = listen;
    }
    if options.reference.is_some() {
        config.reference.dir = options.reference;
    }
    let reference = reference::load(&config)?;
    if options.demo && !config.site.is_named() {
        config.site.operator = "Instance de démonstration".to_owned();
    }
    config
        .retention
        .check()
        .map_err(|sentence| Failure::new(Exit::Unusable, sentence))?;
    config
        .site
        .frame_ancestors()
        .map_err(|sentence| Failure::new(Exit::Unusable, sentence))?;
    let tiles = config
        .map
        .tiles()
        .map_err(|error| Failure::of(Exit::Unusable, &error))?;
    let providers = sobria_identity::oidc::Providers::new(config.oidc.clone())
        .map_err(|error| Failure::of(Exit::Unusable, &error))?;
    let transport = if options.demo {
        sobria_mail::Transport::nowhere()
    } else {
        sobria_mail::Transport::new(&config.mail).map_err(|error| Failure::of(Exit::Unusable, &error))?
    };
    let listener = TcpListener::bind(&config.server.listen).await.map_err(|error| {
        Failure::new(
            Exit::Failed,
            format!(
                "l’adresse « {} » ne peut pas être écoutée ({error}). Donnez-en une autre avec --listen, par exemple --listen 127.0.0.1:0.",
                config.server.listen
            ),
        )
    })?;
    let address = listener.local_addr().map_err(|error| {
        Failure::new(
            Exit::Failed,
            format!("l’adresse d’écoute est inconnue ({error})."),
        )
    })?;

    // The folder of a demonstration lives as long as the process, and goes with it.
    let temporary = if options.demo {
        Some(
            tempfile::Builder::new()
                .prefix("sobria-demo-")
                .tempdir()
                .map_err(|error| {
                    Failure::new(
                        Exit::Failed,
                        format!("le dossier temporaire ne peut pas être créé ({error})."),
                    )
                })?,
        )
    } else {
        None
    };
    let mut place = place.clone();
    if let Some(folder) = &temporary {
        place.data = folder.path().to_owned();
        config.database.url = None;
    }
    let store = instance::store(&place, &config).await?;
    if options.demo {
        fill_demonstration(&store, reference, &sobria_store::Files::of(&place.data)).await?;
    } else {
        let overrides = store
            .site_settings()
            .await
            .map_err(|error| crate::commands::words::store(&error))?;
        refuse_blank_legal_pages(&config, &overlay(&config.site, &overrides))?;
    }
    let index = instance::index(&place, &config)?;
    sobria_web::refresh::synchronise(&store, &index)
        .await
        .map_err(|error| match &error {
            SyncError::Store(error) => words::store(error),
            SyncError::Search(error) => words::search(error),
        })?;

    let base_url = config.server.public_url.as_deref().map_or_else(
        || format!("http://{address}"),
        |url| url.trim_end_matches('/').to_owned(),
    );
    let revision = index.revision();
    let app = App::new(
        store,
        index,
        Settings {
            site: config.site.clone(),
            retention: config.retention,
            uploads: place.data.join("uploads"),
            tiles,
            base_url,
            demo: options.demo,
            page_cache_bytes: config.server.page_cache_mib.saturating_mul(1024 * 1024),
            reference,
            files: sobria_web::attachments::FileSettings {
                data: place.data.clone(),
                limits: config.files.clone(),
            },
            links: config.links.clone(),
            providers,
            trusted_proxies: config.server.trusted_proxies.clone(),
            now: instance::now,
        },
        revision,
    );
    app.reload_settings()
        .await
        .map_err(|error| crate::commands::words::store(&error))?;
    tokio::spawn(sobria_web::refresh::watch(app.clone()));
    let (stop_jobs, stopped) = tokio::sync::oneshot::channel::<()>();
    let jobs = tokio::spawn(sobria_web::jobs::run(app.clone(), transport, async {
        let _ = stopped.await;
    }));
    output::line(format!("listening on http://{address}"));
    if options.demo {
        output::note(format!(
            "Catalogue de démonstration : données inventées, perdues à l’arrêt. Ouvrez http://{address} ; Ctrl-C arrête."
        ));
    }
    sobria_web::server::serve(listener, sobria_web::router(app), stop_signal())
        .await
        .map_err(|error| Failure::new(Exit::Failed, format!("le service s’est arrêté ({error}).")))?;
    let _ = stop_jobs.send(());
    let _ = jobs.await;
    drop(temporary);
    Ok(Exit::Done)
}

/// An instance that readers reach by a public address must say who answers for it.
fn refuse_blank_legal_pages(config: &Config, site: &Site) -> Result<(), Failure> {
    let blank = site.blank_legal_facts();
    if config.server.public_url.is_some() && !blank.is_empty() {
        return Err(Failure::new(
            Exit::Unusable,
            format!(
                "« server.public_url » annonce un site public, et ces mentions obligatoires sont vides : {}. Renseignez-les dans la configuration.",
                blank.join(", ")
            ),
        ));
    }
    Ok(())
}

async fn fill_demonstration(
    store: &Store,
    reference: &Reference,
    files: &sobria_store::Files,
) -> Result<(), Failure> {
    let (plan, planned_at) = import::plan_bytes(
        DEMONSTRATION,
        "demonstration.json",
        store,
        &sobria_web::imports::Choices::default(),
    )
    .await?;
    let rejected = plan.summary().rejected;
    if rejected > 0 {
        return Err(Failure::new(
            Exit::Failed,
            format!("{rejected} fiches de démonstration sont refusées par l’import."),
        ));
    }
    store
        .apply_import(&plan, import::options(planned_at, true, "demonstration"))
        .await
        .map_err(|error| crate::commands::words::store(&error))?;
    sobria_web::evaluations::attach(store, reference, EVALUATIONS, "demonstration", instance::now())
        .await
        .map_err(|error| Failure::of(Exit::Failed, &error))?;
    sobria_web::demonstration::fill(store, instance::now())
        .await
        .map_err(|error| {
            Failure::new(
                Exit::Failed,
                format!("les comptes de démonstration ne peuvent pas être créés ({error})."),
            )
        })?;
    sobria_web::demonstration::purchase(store, instance::now())
        .await
        .map_err(|error| {
            Failure::new(
                Exit::Failed,
                format!("l’achat de démonstration ne peut pas être créé ({error})."),
            )
        })?;
    sobria_web::demonstration::attach(store, files, instance::now())
        .await
        .map_err(|error| {
            Failure::new(
                Exit::Failed,
                format!("les fichiers de démonstration ne peuvent pas être joints ({error})."),
            )
        })?;
    sobria_web::demonstration::queue(store, files, instance::now())
        .await
        .map_err(|error| {
            Failure::new(
                Exit::Failed,
                format!("la file de démonstration ne peut pas être remplie ({error})."),
            )
        })
}

fn start_log() {
    use std::io::IsTerminal;
    let filter = tracing_subscriber::EnvFilter::try_from_env("SOBRIA_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,sobria=info,sobria_web=info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second start in one process (tests) keeps the first log.
    let _ = if std::io::stderr().is_terminal() {
        builder.try_init()
    } else {
        builder.json().try_init()
    };
}

async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut stream) => {
                stream.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = terminate => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
