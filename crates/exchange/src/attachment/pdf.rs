//! PDF documents: read whole, and written anew without what speaks of their author, runs or hides.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Document, LoadOptions, Object};
use sobria_catalogue::attachment::FileKind;

use super::{FileRefusal, broken, image};

/// Most bytes that a part of the structure may inflate to.
const INFLATED_MAX: usize = 32 * 1024 * 1024;
/// Most objects.
const OBJECTS_MAX: usize = 200_000;

/// Keys that speak of the author or of the software, wherever they stand.
const ABOUT: [&[u8]; 5] = [
    b"Metadata",
    b"PieceInfo",
    b"LastModified",
    b"SpiderInfo",
    b"Thumb",
];
/// Keys that make a reader do something.
const ACTIVE: [&[u8]; 5] = [b"OpenAction", b"AA", b"JS", b"JavaScript", b"XFA"];
/// Keys that hide other files.
const HIDDEN: [&[u8]; 4] = [b"EmbeddedFiles", b"EF", b"AF", b"Collection"];
/// Kinds of action that leave the document or run something; links to the web and inside the document stay.
const ACTIONS: [&[u8]; 8] = [
    b"JavaScript",
    b"Launch",
    b"ImportData",
    b"SubmitForm",
    b"GoToE",
    b"GoToR",
    b"Rendition",
    b"RichMediaExecute",
];

pub fn clean(bytes: &[u8], name: &str) -> Result<(Vec<u8>, Vec<String>), FileRefusal> {
    let options = LoadOptions::with_max_decompressed_size(INFLATED_MAX);
    let mut document = Document::load_mem_with_options(bytes, options).map_err(|error| match error {
        lopdf::Error::InvalidPassword | lopdf::Error::Decryption(_) => FileRefusal::Protected {
            name: name.to_owned(),
        },
        other => broken(name, FileKind::Pdf, other),
    })?;
    if document.is_encrypted() || document.was_encrypted() {
        return Err(FileRefusal::Protected {
            name: name.to_owned(),
        });
    }
    if document.objects.len() > OBJECTS_MAX {
        return Err(FileRefusal::TooMuch {
            name: name.to_owned(),
            what: "plus de 200 000 éléments".to_owned(),
            advice: "Imprimez-le en PDF, puis joignez cette copie.",
        });
    }
    if document.page_iter().next().is_none() {
        return Err(broken(name, FileKind::Pdf, "aucune page n’y a été trouvée"));
    }
    let mut found = Found::default();
    document.trailer.remove(b"Info");
    document.trailer.remove(b"ID");
    document.trailer.remove(b"Prev");
    document.trailer.remove(b"XRefStm");
    for object in document.objects.values_mut() {
        strip(object, &mut found, 0);
    }
    document.prune_objects();
    document.renumber_objects();
    let mut out = Vec::new();
    document
        .save_to(&mut out)
        .map_err(|error| broken(name, FileKind::Pdf, error))?;
    Ok((out, found.words()))
}

/// What was taken out.
#[derive(Default)]
struct Found {
    kinds: BTreeSet<&'static str>,
}

impl Found {
    fn note(&mut self, what: &'static str) {
        self.kinds.insert(what);
    }

    fn words(self) -> Vec<String> {
        std::iter::once("les informations cachées (auteur, logiciel, dates)")
            .chain(self.kinds)
            .map(str::to_owned)
            .collect()
    }
}

/// Deepest nesting followed; readers stop earlier.
const DEPTH_MAX: u8 = 60;

fn strip(object: &mut Object, found: &mut Found, depth: u8) {
    if depth > DEPTH_MAX {
        *object = Object::Null;
        return;
    }
    match object {
        Object::Dictionary(dictionary) => strip_dictionary(dictionary, found, depth),
        Object::Stream(stream) => {
            strip_dictionary(&mut stream.dict, found, depth);
            let is_photograph = match stream.dict.get(b"Filter") {
                Ok(Object::Name(filter)) => filter == b"DCTDecode",
                Ok(Object::Array(filters)) => {
                    matches!(filters.as_slice(), [Object::Name(only)] if only == b"DCTDecode")
                }
                _ => false,
            };
            if is_photograph && let Some(lighter) = image::without_notes(&stream.content) {
                stream.set_content(lighter);
            }
        }
        Object::Array(items) => {
            for item in items {
                strip(item, found, depth + 1);
            }
        }
        _ => {}
    }
}

fn strip_dictionary(dictionary: &mut Dictionary, found: &mut Found, depth: u8) {
    for key in ABOUT {
        dictionary.remove(key);
    }
    for key in ACTIVE {
        if dictionary.remove(key).is_some() {
            found.note("les scripts et les actions automatiques");
        }
    }
    for key in HIDDEN {
        if dictionary.remove(key).is_some() {
            found.note("les fichiers cachés dans le document");
        }
    }
    let named = |dictionary: &Dictionary, key: &[u8]| match dictionary.get(key) {
        Ok(Object::Name(name)) => Some(name.clone()),
        _ => None,
    };
    if named(dictionary, b"S").is_some_and(|action| ACTIONS.contains(&action.as_slice())) {
        *dictionary = Dictionary::new();
        found.note("les scripts et les actions automatiques");
        return;
    }
    if named(dictionary, b"FT").as_deref() == Some(b"Sig") && dictionary.remove(b"V").is_some() {
        found.note("la signature électronique, qui ne peut plus être vérifiée dans cette copie");
    }
    // Notes in the margin name who wrote them; a question of a form has a name of its own there.
    let is_note =
        dictionary.has(b"Rect") && named(dictionary, b"Subtype").is_some_and(|kind| kind != b"Widget");
    if is_note && dictionary.remove(b"T").is_some() {
        found.note("le nom des auteurs d’annotations");
    }
    for (_, value) in dictionary.iter_mut() {
        strip(value, found, depth + 1);
    }
}
