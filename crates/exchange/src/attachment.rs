//! Files that people attach to a record: told by their bytes, read by a library of their kind, and written anew
//! without what speaks of their author.
//!
//! Open this first: [`clean`]. What a file is called and what the browser says of it decide nothing; a file that is
//! two things at once, or hides what it is, is refused with a sentence for its author.

mod csv_table;
mod image;
mod logo;
mod odt;
mod pdf;
mod sniff;

pub use self::logo::{CleanLogo, LOGO_BYTES, logo};
use sobria_catalogue::attachment::{FileKind, safe_name};

/// A file as it may be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanFile {
    /// What it is.
    pub kind: FileKind,
    /// A name that is safe everywhere, with the ending of its kind.
    pub name: String,
    /// Its bytes, written anew.
    pub bytes: Vec<u8>,
    /// What was taken out or changed, for its author.
    pub removed: Vec<String>,
}

/// Why a file is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileRefusal {
    /// Nothing in it.
    #[error(
        "Le fichier «\u{a0}{name}\u{a0}» est vide. Vérifiez qu’il s’ouvre sur votre poste, puis choisissez-le de nouveau."
    )]
    Empty {
        /// The file.
        name: String,
    },
    /// Not one of the kinds that are taken.
    #[error(
        "Le fichier «\u{a0}{name}\u{a0}» est {found}\u{a0}: les fichiers acceptés sont PDF, PNG, JPEG, ODT et CSV. Enregistrez-le dans l’un de ces formats."
    )]
    Unknown {
        /// The file.
        name: String,
        /// What it looks like, in French, with its article.
        found: String,
    },
    /// No picture, where one is asked for.
    #[error("Le fichier «\u{a0}{name}\u{a0}» est {found}\u{a0}: un logo est une image PNG ou JPEG.")]
    NoPicture {
        /// The file.
        name: String,
        /// What it looks like, in French, with its article.
        found: String,
    },
    /// Its name says one thing and its bytes another.
    #[error(
        "Le fichier «\u{a0}{name}\u{a0}» porte le nom d’un {said}, mais c’est un {found}. Donnez-lui la terminaison qui convient, ou choisissez le bon fichier."
    )]
    Disguised {
        /// The file.
        name: String,
        /// The kind that its name announces.
        said: &'static str,
        /// The kind that it is.
        found: &'static str,
    },
    /// It can be read as two kinds at once.
    #[error(
        "Le fichier «\u{a0}{name}\u{a0}» contient aussi {other}\u{a0}: un fichier ne peut pas être deux choses à la fois. Enregistrez-le de nouveau depuis le logiciel qui l’a créé."
    )]
    TwoKinds {
        /// The file.
        name: String,
        /// The other thing, in French, with its article.
        other: &'static str,
    },
    /// It cannot be read.
    #[error(
        "Le fichier «\u{a0}{name}\u{a0}» ({label}) ne peut pas être lu jusqu’au bout\u{a0}: {cause}. Ouvrez-le, enregistrez-le de nouveau, puis recommencez."
    )]
    Broken {
        /// The file.
        name: String,
        /// Its kind.
        label: &'static str,
        /// What is wrong.
        cause: String,
    },
    /// It is protected by a password.
    #[error(
        "Le fichier «\u{a0}{name}\u{a0}» est protégé par un mot de passe. Enregistrez-en une copie sans protection."
    )]
    Protected {
        /// The file.
        name: String,
    },
    /// It is too much once opened.
    #[error("Le fichier «\u{a0}{name}\u{a0}» est trop grand une fois ouvert\u{a0}: {what}. {advice}")]
    TooMuch {
        /// The file.
        name: String,
        /// What there is too much of.
        what: String,
        /// What to do.
        advice: &'static str,
    },
}

/// Reads a file, and writes it anew without what speaks of its author.
///
/// The caller limits the length of `bytes`; this work takes time in proportion to it and belongs to a thread that may
/// block.
///
/// # Errors
/// Why the file is not taken, in French.
pub fn clean(bytes: &[u8], name: &str) -> Result<CleanFile, FileRefusal> {
    let shown = shown(name);
    if bytes.is_empty() {
        return Err(FileRefusal::Empty { name: shown });
    }
    let kind = sniff::kind(bytes).map_err(|found| FileRefusal::Unknown {
        name: shown.clone(),
        found: found.to_owned(),
    })?;
    if let Some(said) = announced(name).filter(|said| !interchangeable(*said, kind)) {
        return Err(FileRefusal::Disguised {
            name: shown,
            said: said.label(),
            found: kind.label(),
        });
    }
    if let Some(other) = sniff::second_kind(bytes, kind) {
        return Err(FileRefusal::TwoKinds { name: shown, other });
    }
    let (bytes, removed) = match kind {
        FileKind::Png | FileKind::Jpeg => image::clean(bytes, kind, &shown)?,
        FileKind::Pdf => pdf::clean(bytes, &shown)?,
        FileKind::Odt => odt::clean(bytes, &shown)?,
        FileKind::Csv => csv_table::clean(bytes, &shown)?,
    };
    Ok(CleanFile {
        kind,
        name: safe_name(name, kind),
        bytes,
        removed,
    })
}

/// The kind that the ending of a name announces.
fn announced(name: &str) -> Option<FileKind> {
    let (_, ending) = name.rsplit_once('.')?;
    FileKind::ALL.into_iter().find(|kind| {
        kind.endings()
            .iter()
            .any(|known| ending.eq_ignore_ascii_case(known))
    })
}

/// Telephones and web sites name pictures loosely: both are pictures, and the right ending is given.
fn interchangeable(said: FileKind, found: FileKind) -> bool {
    let picture = |kind| matches!(kind, FileKind::Png | FileKind::Jpeg);
    said == found || (picture(said) && picture(found))
}

/// A name as it may be shown in a sentence.
fn shown(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or("");
    sobria_catalogue::text::excerpt(&sobria_catalogue::text::clean_line(last), 80)
}

/// The refusal of a file that cannot be read.
fn broken(name: &str, kind: FileKind, cause: impl std::fmt::Display) -> FileRefusal {
    FileRefusal::Broken {
        name: name.to_owned(),
        label: kind.label(),
        cause: sobria_catalogue::text::excerpt(&cause.to_string(), 120),
    }
}
