//! Why a file cannot be used at all. Every message says what was given, what was expected and what to do.

/// A file that cannot be imported. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The file holds nothing.
    #[error(
        "«\u{a0}{name}\u{a0}» est vide\u{a0}: attendu un tableau avec une ligne d’en-têtes. Vérifiez le fichier."
    )]
    Empty {
        /// Name of the file.
        name: String,
    },
    /// The file is not a table: an error page, a sentence, bytes of something else.
    #[error(
        "«\u{a0}{name}\u{a0}» n’est pas un tableau ({found})\u{a0}: attendu du CSV, du XLSX, de l’ODS ou du JSON. Refaites l’export."
    )]
    NotATable {
        /// Name of the file.
        name: String,
        /// What it looks like.
        found: String,
    },
    /// The error answer of a service, saved in place of the file that was asked for.
    #[error(
        "«\u{a0}{name}\u{a0}» n’est pas un tableau\u{a0}: c’est la réponse d’erreur d’un service («\u{a0}{said}\u{a0}»). Refaites l’export, puis recommencez."
    )]
    ServiceAnswer {
        /// Name of the file.
        name: String,
        /// What the service said.
        said: String,
    },
    /// The table is damaged.
    #[error(
        "«\u{a0}{name}\u{a0}» ne peut pas être lu jusqu’au bout ({cause}). Enregistrez-le à nouveau, puis recommencez."
    )]
    Damaged {
        /// Name of the file.
        name: String,
        /// What the reader met.
        cause: String,
    },
    /// Too few headers are known, or one that every record needs is missing.
    #[error(
        "«\u{a0}{name}\u{a0}»\u{a0}: {known} en-têtes reconnus sur {headers}{missing}. Comparez-les au modèle de données, ou nommez les colonnes avec --map."
    )]
    UnrecognisedShape {
        /// Name of the file.
        name: String,
        /// Headers that were recognised.
        known: usize,
        /// Headers in all.
        headers: usize,
        /// The columns that are missing, as the end of a sentence.
        missing: String,
    },
    /// Two columns have the same meaning.
    #[error(
        "«\u{a0}{name}\u{a0}»\u{a0}: les colonnes {columns} portent toutes l’en-tête «\u{a0}{header}\u{a0}». {guess} Relancez avec --map, par exemple --map {example}."
    )]
    NeedsMapping {
        /// Name of the file.
        name: String,
        /// Header they share.
        header: String,
        /// Their numbers.
        columns: String,
        /// What each seems to hold.
        guess: String,
        /// A mapping to try.
        example: String,
    },
    /// A mapping names a column or a field that does not exist.
    #[error(
        "--map {given}\u{a0}: {cause}. Les champs sont ceux du modèle de données, par exemple nom_projet."
    )]
    WrongMapping {
        /// What was given.
        given: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The workbook has several sheets with content.
    #[error(
        "«\u{a0}{name}\u{a0}» contient plusieurs feuilles\u{a0}: {sheets}. Choisissez-en une avec --sheet."
    )]
    SheetChoiceNeeded {
        /// Name of the file.
        name: String,
        /// Names of the sheets.
        sheets: String,
    },
    /// There is no such sheet.
    #[error("«\u{a0}{name}\u{a0}» n’a pas de feuille «\u{a0}{sheet}\u{a0}». Feuilles\u{a0}: {sheets}.")]
    SheetUnknown {
        /// Name of the file.
        name: String,
        /// What was asked.
        sheet: String,
        /// Names of the sheets.
        sheets: String,
    },
    /// The file goes beyond a limit.
    #[error("«\u{a0}{name}\u{a0}» dépasse une limite\u{a0}: {what}, {limit} au plus. Découpez le fichier.")]
    TooLarge {
        /// Name of the file.
        name: String,
        /// What is too large.
        what: String,
        /// The limit.
        limit: String,
    },
    /// Much less than the last file of the same source.
    #[error(
        "«\u{a0}{name}\u{a0}» ne contient plus {absent} des {known} fiches connues de cette source. Si c’est voulu, relancez avec --accept-shrink\u{202f}; les fiches absentes ne seront pas supprimées."
    )]
    Shrunk {
        /// Name of the source.
        name: String,
        /// Known records that are not in the file.
        absent: usize,
        /// Known records of the source.
        known: usize,
    },
}

impl FileError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty { .. } => "empty",
            Self::NotATable { .. } | Self::ServiceAnswer { .. } => "not_a_table",
            Self::Damaged { .. } => "damaged",
            Self::UnrecognisedShape { .. } => "unrecognised_shape",
            Self::NeedsMapping { .. } => "needs_mapping",
            Self::WrongMapping { .. } => "wrong_mapping",
            Self::SheetChoiceNeeded { .. } => "sheet_choice_needed",
            Self::SheetUnknown { .. } => "sheet_unknown",
            Self::TooLarge { .. } => "too_large",
            Self::Shrunk { .. } => "shrunk",
        }
    }
}
