//! `sobria export use-cases`: the same bytes as the matching address.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use clap::Args;
use sobria_catalogue::access::Level;
use sobria_exchange::export::Format;

use super::{Failure, Place};
use crate::instance;
use crate::output::Exit;

/// Options of `export use-cases`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exemples :\n  sobria export use-cases --format csv\n  sobria export use-cases --format xlsx -o cas-usages.xlsx\n  sobria export use-cases --format ndjson --level member -o agents.ndjson"
)]
pub struct Options {
    /// csv, json, ndjson, geojson, xlsx ou dcat
    #[arg(long, default_value = "csv")]
    format: String,
    /// Champs publics, ou ceux que lisent aussi les agents inscrits
    #[arg(long, value_name = "public|member", default_value = "public")]
    level: String,
    /// Fichier à écrire ; la sortie standard par défaut
    #[arg(short, long, value_name = "FICHIER")]
    output: Option<PathBuf>,
}

/// Writes the export.
///
/// # Errors
/// When the format is unknown, the database does not answer, or the file cannot be written.
pub async fn run(place: &Place, options: Options) -> Result<Exit, Failure> {
    let format = Format::from_name(&options.format).ok_or_else(|| {
        Failure::new(
            Exit::Unusable,
            format!(
                "le format « {} » n’existe pas : attendu csv, json, ndjson, geojson, xlsx ou dcat.",
                options.format
            ),
        )
    })?;
    let level = match options.level.as_str() {
        "public" => Level::Public,
        "member" => Level::Member,
        other => {
            return Err(Failure::new(
                Exit::Unusable,
                format!("le niveau « {other} » n’existe pas : attendu public ou member."),
            ));
        }
    };
    let config = instance::configuration(place)?;
    let store = instance::store(place, &config).await?;
    let base_url = config.server.public_url.as_deref().map_or_else(
        || format!("http://{}", config.server.listen),
        |url| url.trim_end_matches('/').to_owned(),
    );
    let failed = |error: std::io::Error| {
        Failure::new(
            Exit::Failed,
            format!("l’export ne peut pas être écrit ({error})."),
        )
    };
    let bytes = sobria_web::exports::whole(&store, format, level, &config.site, &base_url)
        .await
        .map_err(|error| Failure::new(Exit::Failed, format!("l’export a échoué ({error}).")))?;
    let mut out: Box<dyn Write> = match &options.output {
        Some(path) => Box::new(BufWriter::new(File::create(path).map_err(failed)?)),
        None => Box::new(std::io::stdout().lock()),
    };
    match out.write_all(&bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(Exit::Done),
        result => result.map(|()| Exit::Done).map_err(failed),
    }
}
