//! Why a file cannot be used at all. Every message says what was given, what was expected and what to do.

/// A file that cannot be imported. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The file holds nothing.
    #[error("« {name} » est vide : attendu un tableau avec une ligne d’en-têtes. Vérifiez le fichier.")]
    Empty {
        /// Name of the file.
        name: String,
    },
    /// The file is not a table: an error page, a sentence, bytes of something else.
    #[error(
        "« {name} » n’est pas un tableau ({found}) : attendu du CSV, du XLSX, de l’ODS ou du JSON. Refaites l’export."
    )]
    NotATable {
        /// Name of the file.
        name: String,
        /// What it looks like.
        found: String,
    },
    /// The table is damaged.
    #[error(
        "« {name} » ne peut pas être lu jusqu’au bout ({cause}). Enregistrez-le à nouveau, puis recommencez."
    )]
    Damaged {
        /// Name of the file.
        name: String,
        /// What the reader met.
        cause: String,
    },
    /// Too few headers are known, or one that every record needs is missing.
    #[error(
        "« {name} » : {known} en-têtes reconnus sur {headers}{missing}. Comparez-les au modèle de données, ou nommez les colonnes avec --map."
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
        "« {name} » : les colonnes {columns} portent toutes l’en-tête « {header} ». {guess} Relancez avec --map, par exemple --map {example}."
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
    #[error("--map {given} : {cause}. Les champs sont ceux du modèle de données, par exemple nom_projet.")]
    WrongMapping {
        /// What was given.
        given: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The workbook has several sheets with content.
    #[error("« {name} » contient plusieurs feuilles : {sheets}. Choisissez-en une avec --sheet.")]
    SheetChoiceNeeded {
        /// Name of the file.
        name: String,
        /// Names of the sheets.
        sheets: String,
    },
    /// There is no such sheet.
    #[error("« {name} » n’a pas de feuille « {sheet} ». Feuilles : {sheets}.")]
    SheetUnknown {
        /// Name of the file.
        name: String,
        /// What was asked.
        sheet: String,
        /// Names of the sheets.
        sheets: String,
    },
    /// The file goes beyond a limit.
    #[error("« {name} » dépasse une limite : {what}, {limit} au plus. Découpez le fichier.")]
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
        "« {name} » ne contient plus {absent} des {known} fiches connues de cette source. Si c’est voulu, relancez avec --accept-shrink ; les fiches absentes ne seront pas supprimées."
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
            Self::NotATable { .. } => "not_a_table",
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
