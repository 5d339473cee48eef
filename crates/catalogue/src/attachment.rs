//! Files that come with a record: what they are, who reads them, in which versions of the record they stand.

use jiff::Timestamp;

use crate::field::Visibility;
use crate::id::{AttachmentId, ContributionId, UseCaseId, UserId};
use crate::text::{clean_line, excerpt};

/// Longest title, in characters.
pub const TITLE_MAX: usize = 150;
/// Longest name of a file, in characters, its ending included.
pub const NAME_MAX: usize = 100;

/// Kinds of file that are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// Portable Document Format.
    Pdf,
    /// Portable Network Graphics.
    Png,
    /// JPEG photograph.
    Jpeg,
    /// OpenDocument text.
    Odt,
    /// Table as text.
    Csv,
}

impl FileKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Pdf, Self::Png, Self::Jpeg, Self::Odt, Self::Csv];

    /// Stable code, which is the ending of names too.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Odt => "odt",
            Self::Csv => "csv",
        }
    }

    /// The kind of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Odt => "application/vnd.oasis.opendocument.text",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    /// French words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pdf => "document PDF",
            Self::Png => "image PNG",
            Self::Jpeg => "photo JPEG",
            Self::Odt => "texte ODT",
            Self::Csv => "tableau CSV",
        }
    }

    /// Endings under which the kind is known.
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg", "jpe"],
            Self::Odt => &["odt"],
            Self::Csv => &["csv", "tsv", "txt"],
        }
    }
}

/// What a file is, its bytes apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// SHA-256 of the bytes as kept, in lower-case hexadecimal.
    pub hash: String,
    /// What the bytes are.
    pub kind: FileKind,
    /// Name under which it is downloaded, with the ending of its kind.
    pub name: String,
    /// What the contributor calls it.
    pub title: String,
    /// Length of the bytes as kept.
    pub bytes: u64,
    /// Who reads it.
    pub visibility: Visibility,
    /// What was taken out of it when it came, in French; blank when nothing was.
    pub removed: String,
}

/// A file with the contribution that brought it and the versions of the record that hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Identifier, in addresses.
    pub id: AttachmentId,
    /// The record.
    pub use_case: UseCaseId,
    /// The contribution that brought it.
    pub contribution: ContributionId,
    /// The contribution that takes it off.
    pub removal: Option<ContributionId>,
    /// First version of the record that holds it; none while no moderator approved it.
    pub from: Option<u32>,
    /// First version of the record that no longer does.
    pub until: Option<u32>,
    /// The file.
    pub file: FileFacts,
    /// Who brought it.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

impl Attachment {
    /// Whether a version of the record holds the file.
    pub fn is_in(&self, version: u32) -> bool {
        self.from.is_some_and(|from| from <= version) && self.until.is_none_or(|until| version < until)
    }

    /// Whether the record would hold the file once this contribution is approved; `public` is its version now.
    pub fn would_be_in(&self, contribution: ContributionId, public: Option<u32>) -> bool {
        if self.removal == Some(contribution) {
            return false;
        }
        (self.from.is_none() && self.contribution == contribution)
            || public.is_some_and(|version| self.is_in(version))
    }
}

/// Who a file may be for: a file that only moderators read would serve nobody.
pub const READERS: [Visibility; 3] = [Visibility::Public, Visibility::Members, Visibility::Organisation];

/// The readers of a code.
pub fn readers_from_code(code: &str) -> Option<Visibility> {
    READERS.into_iter().find(|visibility| visibility.code() == code)
}

/// A name under which a file can be kept and downloaded anywhere: no folder, no control or reordering character, the
/// ending of what it is.
///
/// ```
/// use sobria_catalogue::attachment::{FileKind, safe_name};
///
/// assert_eq!(safe_name("C:\\photos\\Été 2026.JPEG", FileKind::Jpeg), "Été 2026.jpg");
/// assert_eq!(safe_name("../../etc/passwd", FileKind::Csv), "passwd.csv");
/// assert_eq!(safe_name("", FileKind::Pdf), "document.pdf");
/// ```
pub fn safe_name(given: &str, kind: FileKind) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or("");
    let stem = match last.rsplit_once('.') {
        Some((stem, ending))
            if FileKind::ALL
                .iter()
                .flat_map(|kind| kind.endings())
                .any(|known| ending.eq_ignore_ascii_case(known)) =>
        {
            stem
        }
        _ => last,
    };
    let kept: String = clean_line(stem)
        .chars()
        .filter(|c| !c.is_control() && !is_reordering(*c) && !"<>:\"|?*;%".contains(*c))
        .collect();
    let kept = kept.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let stem: String = kept.chars().take(NAME_MAX - 5).collect();
    let stem = if stem.is_empty() {
        "document"
    } else {
        stem.as_str()
    };
    format!("{stem}.{}", kind.code())
}

/// Characters that show a name in another order than it is written: `cod.exe` read as `exe.doc`.
fn is_reordering(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A title as it is kept; the name of the file when nothing was typed.
pub fn title_or_name(typed: &str, name: &str) -> String {
    let typed: String = clean_line(typed).chars().filter(|c| !is_reordering(*c)).collect();
    if typed.is_empty() {
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        excerpt(stem, TITLE_MAX)
    } else {
        excerpt(&typed, TITLE_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_name_never_leaves_its_folder_nor_hides_its_ending() {
        for (given, kind, kept) in [
            ("..\\..\\devis.pdf", FileKind::Pdf, "devis.pdf"),
            ("facture\u{202e}fdp.csv", FileKind::Csv, "facturefdp.csv"),
            ("a\r\nSet-Cookie: x.png", FileKind::Png, "a Set-Cookie x.png"),
            ("note\".pdf", FileKind::Pdf, "note.pdf"),
            ("photo.png", FileKind::Jpeg, "photo.jpg"),
            ("...", FileKind::Odt, "document.odt"),
            ("programme.exe", FileKind::Csv, "programme.exe.csv"),
        ] {
            assert_eq!(safe_name(given, kind), kept, "{given:?}");
        }
        let long = safe_name(&"é".repeat(400), FileKind::Pdf);
        assert!(
            long.chars().count() <= NAME_MAX && long.ends_with(".pdf"),
            "{long}"
        );
    }

    #[test]
    fn a_file_stands_in_the_versions_between_its_coming_and_its_going() {
        let (own, other) = (
            ContributionId::new(Uuid::from_u128(1)),
            ContributionId::new(Uuid::from_u128(2)),
        );
        let mut attachment = Attachment {
            id: AttachmentId::new(Uuid::from_u128(3)),
            use_case: UseCaseId::new(Uuid::from_u128(4)),
            contribution: own,
            removal: None,
            from: None,
            until: None,
            file: FileFacts {
                hash: String::new(),
                kind: FileKind::Pdf,
                name: "a.pdf".into(),
                title: "a".into(),
                bytes: 1,
                visibility: Visibility::Public,
                removed: String::new(),
            },
            by: UserId::new(Uuid::from_u128(5)),
            at: Timestamp::UNIX_EPOCH,
        };
        assert!(!attachment.is_in(1) && attachment.would_be_in(own, Some(1)));
        assert!(!attachment.would_be_in(other, Some(1)), "not approved");
        attachment.from = Some(2);
        assert!(!attachment.is_in(1) && attachment.is_in(2) && attachment.is_in(9));
        assert!(attachment.would_be_in(other, Some(2)));
        attachment.removal = Some(other);
        assert!(attachment.is_in(2), "still public until that is approved");
        assert!(!attachment.would_be_in(other, Some(2)));
        attachment.until = Some(3);
        assert!(attachment.is_in(2) && !attachment.is_in(3));
    }
}
