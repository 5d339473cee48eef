//! `sobria import use-cases`: a dry run, or one transaction.

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Write as _};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use memmap2::{MmapMut, MmapOptions};
use sobria_catalogue::id::ImportId;
use sobria_catalogue::import::{Existing, ImportEnd, ImportPlan, PlannedRow};
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_exchange::read::{Sheet, admit, read};
use sobria_exchange::report::{summary_text, write_line};
use sobria_store::{ApplyOptions, Store};
use sobria_territory::Directory;
use sobria_web::imports::stream::{self, StreamError};
use sobria_web::imports::{self, Choices};

use super::{Failure, Place, words};
use crate::instance;
use crate::output::{self, Exit};

/// Options of `import use-cases`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exemples :\n  sobria import use-cases bibliotheque.csv\n  sobria import use-cases bibliotheque.csv --report rapport.jsonl\n  sobria import use-cases bibliotheque.csv --commit --publish\n  sobria import use-cases classeur.xlsx --sheet Projets --map 2=nom_projet"
)]
pub struct Options {
    /// Fichier à lire
    file: PathBuf,
    /// Écrire ; sans cette option, rien n’est enregistré
    #[arg(long)]
    commit: bool,
    /// Publier les fiches importées au lieu de les soumettre à la modération
    #[arg(long)]
    publish: bool,
    /// Écrire une ligne JSON par ligne du fichier
    #[arg(long, value_name = "FICHIER.jsonl")]
    report: Option<PathBuf>,
    /// Nommer une colonne : numéro (à partir de 1) = champ ; répétable
    #[arg(long = "map", value_name = "N=CHAMP")]
    map: Vec<String>,
    /// Feuille à lire dans un classeur
    #[arg(long, value_name = "NOM")]
    sheet: Option<String>,
    /// Ordre des dates quand la colonne ne le dit pas
    #[arg(long, value_name = "dmy|mdy", default_value = "dmy")]
    date_order: String,
    /// Appliquer les suggestions (SIRET trouvés par le nom)
    #[arg(long)]
    apply_suggestions: bool,
    /// Écraser les champs modifiés ici depuis le dernier import
    #[arg(long)]
    prefer_source: bool,
    /// Accepter un fichier où manquent plus de 20 % des fiches connues de cette source
    #[arg(long)]
    accept_shrink: bool,
    /// Nom de la source ; le nom du fichier par défaut
    #[arg(long, value_name = "NOM")]
    source: Option<String>,
    /// Résumé en JSON
    #[arg(long)]
    json: bool,
}

/// Reads a file and decides what becomes of each row, without writing anything.
///
/// # Errors
/// When the file cannot be used, or the database does not answer.
pub async fn plan_bytes(
    bytes: &[u8],
    name: &str,
    store: &Store,
    choices: &Choices,
) -> Result<(ImportPlan, i64), Failure> {
    let (existing, planned_at) = store.existing().await.map_err(|error| words::store(&error))?;
    let vocabularies = lists(store).await?;
    let plan = imports::plan_bytes(
        bytes,
        name,
        &existing,
        choices,
        &vocabularies,
        today(),
        &mut instance::new_id,
    )
    .map_err(|error| Failure::of(Exit::Unusable, &error))?;
    Ok((plan, planned_at))
}

/// The closed lists as the instance words them.
async fn lists(store: &Store) -> Result<Arc<Vocabularies>, Failure> {
    let settings = store
        .site_settings()
        .await
        .map_err(|error| words::store(&error))?;
    Ok(sobria_web::words::of(&settings))
}

fn today() -> Date {
    instance::now()
        .to_zoned(TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC))
        .date()
}

/// How a plan is written by the command.
pub fn options(planned_at: i64, publish: bool, actor: &str) -> ApplyOptions<'_> {
    ApplyOptions {
        publish,
        actor,
        now: instance::now(),
        import: ImportId::new(instance::new_id()),
        planned_at: Some(planned_at),
    }
}

/// Runs the import.
///
/// # Errors
/// When the file cannot be used (exit code 2), or the database or the report cannot be written.
pub async fn run(place: &Place, options: Options) -> Result<Exit, Failure> {
    let unreadable = {
        let path = options.file.display().to_string();
        move |error: io::Error| {
            Failure::new(
                Exit::Unusable,
                format!(
                    "le fichier «\u{a0}{path}\u{a0}» ne peut pas être lu ({error}). Vérifiez son chemin et ses droits."
                ),
            )
        }
    };
    let file = File::open(&options.file)
        .and_then(|file| match file.metadata()?.is_dir() {
            true => Err(io::ErrorKind::IsADirectory.into()),
            false => Ok(file),
        })
        .map_err(&unreadable)?;
    let name = options
        .file
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let length = file.metadata().map_err(&unreadable)?.len();
    admit(length, &name).map_err(|error| Failure::of(Exit::Unusable, &error))?;
    let choices = choices(&options)?;
    let config = instance::configuration(place)?;
    // The directory and the file are read while the database is opened.
    let directory = tokio::task::spawn_blocking(Directory::embedded);
    let reading = {
        let how = choices.reading();
        tokio::task::spawn_blocking(move || {
            let bytes = contents(file).map_err(unreadable)?;
            let sheet = read(&bytes, &name, &how).map_err(|error| Failure::of(Exit::Unusable, &error));
            // The rows hold all that counts of the bytes; giving these back to the system takes some milliseconds.
            tokio::task::spawn_blocking(move || drop(bytes));
            sheet
        })
    };
    let dry_and_empty =
        !options.commit && config.database.url.is_none() && !place.data.join("sobria.db").exists();
    // A dry run on an instance that does not exist yet must not create it.
    let trial = if dry_and_empty {
        Some(tempfile::tempdir().map_err(|error| {
            Failure::new(
                Exit::Failed,
                format!("le dossier temporaire ne peut pas être créé ({error})."),
            )
        })?)
    } else {
        None
    };
    let place = Place {
        data: trial
            .as_ref()
            .map_or_else(|| place.data.clone(), |t| t.path().to_owned()),
        ..place.clone()
    };
    let store = instance::store(&place, &config).await?;
    let (existing, planned_at) = store.existing().await.map_err(|error| words::store(&error))?;
    let vocabularies = lists(&store).await?;
    let (Ok(sheet), Ok(_)) = (reading.await, directory.await) else {
        return Err(interrupted());
    };
    let sheet = sheet?;
    let mut report = options.report.as_deref().map(Report::create).transpose()?;
    let tell = move |row: Option<&PlannedRow>| match (&mut report, row) {
        (Some(report), Some(row)) => write_line(row, &mut report.out),
        (Some(report), None) => report.close(),
        (None, _) => Ok(()),
    };
    let end = if options.commit {
        let index = instance::index(&place, &config)?;
        let place = stream::Place {
            store: &store,
            index: &index,
            vocabularies,
            options: self::options(planned_at, options.publish, "cli"),
        };
        let (end, written) =
            stream::import(sheet, existing, &choices, today(), instance::new_id, tell, place)
                .await
                .map_err(|error| failure(&options, error))?;
        if let Some(error) = written.lags {
            output::note(format!(
                "L’index de recherche sera refait au prochain démarrage ({error})."
            ));
        }
        end
    } else {
        decide(sheet, &existing, &choices, &vocabularies, tell).map_err(|error| failure(&options, error))?
    };
    if options.json {
        output::line(serde_json::to_string(&end.summary).unwrap_or_default());
    } else {
        output::line(summary_text(&end, options.commit));
    }
    Ok(if end.summary.rejected > 0 {
        Exit::Failed
    } else {
        Exit::Done
    })
}

/// What a file holds.
///
/// The allocator keeps what is freed for a second, which is as long as the import of a long file takes: memory asked of
/// the system is given back as soon as the rows are read.
fn contents(mut file: File) -> io::Result<Box<dyn Deref<Target = [u8]> + Send>> {
    let length = usize::try_from(file.metadata()?.len()).unwrap_or(0);
    if length == 0 {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        return Ok(Box::new(bytes));
    }
    // A byte more than it holds, unless it grows meanwhile.
    let mut bytes = MmapOptions::new().len(length + 1).populate().map_anon()?;
    let mut filled = 0;
    while let Some(room) = bytes.get_mut(filled..).filter(|room| !room.is_empty()) {
        match file.read(room) {
            Ok(0) => return Ok(Box::new(Filled { bytes, filled })),
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let mut all = bytes.to_vec();
    file.read_to_end(&mut all)?;
    Ok(Box::new(all))
}

/// Memory of the system, as far as it was filled.
struct Filled {
    bytes: MmapMut,
    filled: usize,
}

impl Deref for Filled {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.bytes.get(..self.filled).unwrap_or_default()
    }
}

/// A dry run: each row is told of, and none is kept.
fn decide(
    sheet: Sheet,
    existing: &Existing,
    choices: &Choices,
    vocabularies: &Vocabularies,
    mut tell: impl FnMut(Option<&PlannedRow>) -> io::Result<()>,
) -> Result<ImportEnd, StreamError> {
    let mut told = Ok(());
    let decided = imports::plan_sheet(
        sheet,
        existing,
        choices,
        vocabularies,
        false,
        today(),
        &mut instance::new_id,
        &mut |part| {
            told = part.rows.iter().map(Some).try_for_each(&mut tell);
            told.is_ok()
        },
    );
    told.map_err(StreamError::Report)?;
    let end = decided?;
    tell(None).map_err(StreamError::Report)?;
    Ok(end)
}

fn failure(options: &Options, error: StreamError) -> Failure {
    match error {
        StreamError::File(error) => Failure::of(Exit::Unusable, &error),
        StreamError::Store(error) => words::store(&error),
        StreamError::Report(error) => unwritable(options.report.as_deref().unwrap_or(Path::new("")), &error),
        StreamError::Interrupted => interrupted(),
    }
}

fn interrupted() -> Failure {
    Failure::new(
        Exit::Failed,
        "l’import a été interrompu : rien n’est enregistré.".to_owned(),
    )
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(
        Exit::Failed,
        format!(
            "le rapport « {} » ne peut pas être écrit ({error}).",
            path.display()
        ),
    )
}

fn choices(options: &Options) -> Result<Choices, Failure> {
    let mut map = Vec::new();
    for text in &options.map {
        let pair = text
            .split_once('=')
            .and_then(|(n, field)| n.trim().parse::<usize>().ok().map(|n| (n, field)));
        let Some((number, field)) = pair.filter(|(number, _)| *number > 0) else {
            return Err(Failure::new(
                Exit::Unusable,
                format!(
                    "--map « {text} » ne se lit pas : attendu un numéro de colonne et un champ, par exemple --map 2=nom_projet."
                ),
            ));
        };
        map.push((number, field.trim().to_owned()));
    }
    let month_first = match options.date_order.as_str() {
        "dmy" => false,
        "mdy" => true,
        other => {
            return Err(Failure::new(
                Exit::Unusable,
                format!(
                    "--date-order « {other} » n’existe pas : attendu dmy (jour d’abord) ou mdy (mois d’abord)."
                ),
            ));
        }
    };
    Ok(Choices {
        source: options.source.clone(),
        sheet: options.sheet.clone(),
        map,
        month_first,
        apply_suggestions: options.apply_suggestions,
        prefer_source: options.prefer_source,
        accept_shrink: options.accept_shrink,
    })
}

/// The report of an import, which takes the place of a former one only once it is whole.
struct Report {
    path: PathBuf,
    /// Where it is written meanwhile; a device or a pipe is written as it comes.
    beside: Option<PathBuf>,
    out: BufWriter<File>,
}

impl Report {
    fn create(path: &Path) -> Result<Self, Failure> {
        let is_file = std::fs::metadata(path).map_or(true, |known| known.is_file());
        let beside = is_file.then(|| {
            let mut name = path.as_os_str().to_owned();
            name.push(".nouveau");
            PathBuf::from(name)
        });
        let file = File::create(beside.as_deref().unwrap_or(path));
        Ok(Self {
            out: BufWriter::new(file.map_err(|error| unwritable(path, &error))?),
            path: path.to_owned(),
            beside,
        })
    }

    fn close(&mut self) -> io::Result<()> {
        self.out.flush()?;
        match self.beside.take() {
            Some(beside) => std::fs::rename(beside, &self.path),
            None => Ok(()),
        }
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        if let Some(beside) = &self.beside {
            // A report that is not whole is of no use; what cannot be removed does no harm.
            let _ = std::fs::remove_file(beside);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::OwnedFd;

    use super::*;

    #[test]
    fn a_file_and_a_pipe_are_read_to_their_end() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        for length in [0, 1, 4_095, 4_096, 100_000] {
            let written: Vec<u8> = (0..=250).cycle().take(length).collect();
            file.as_file().set_len(0).unwrap();
            std::fs::write(file.path(), &written).unwrap();
            file.flush().unwrap();
            let read = contents(File::open(file.path()).unwrap()).unwrap();
            assert!(**read == *written, "{length}");
        }
        let (reader, mut writer) = io::pipe().unwrap();
        let writing = std::thread::spawn(move || writer.write_all(&[7; 100_000]).unwrap());
        let read = contents(File::from(OwnedFd::from(reader))).unwrap();
        writing.join().unwrap();
        assert_eq!((read.len(), read.last()), (100_000, Some(&7)));
    }
}
