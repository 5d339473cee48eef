//! Documents as files: whole, escaped, the same twice, and readable by an office suite when there is one.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::path::Path;
use std::process::Command;

use jiff::Timestamp;
use jiff::civil::date;
use sobria_catalogue::content::{Content, Value};
use sobria_catalogue::field::Field;
use sobria_catalogue::id::OrganisationId;
use sobria_catalogue::organisation::Organisation;
use sobria_exchange::paper::{Format, write};
use sobria_govern::document::{Block, Document, Table};
use sobria_govern::frugality::{self, Assessment};
use sobria_govern::procurement::criteria::{Criteria, Frozen};
use sobria_govern::procurement::depth::{Depth, Need};
use sobria_govern::procurement::paper::{
    Offer, Purchase, analysis_report, criteria_sheet, need_note, questionnaire, schedule_sheet,
    supplier_comparison, tender_annex,
};
use sobria_govern::procurement::score::{Answer, Answers, Mark, Marks, rank, score};
use sobria_govern::roadmap::committee::{Decision, DecisionKind, Seen};
use sobria_govern::roadmap::form::read_goal;
use sobria_govern::roadmap::paper::{Meeting, Papers, annual_report, minutes, work_programme};
use sobria_govern::roadmap::strategy::{Goal, Strategy};
use sobria_govern::transparency;

fn purchase() -> Purchase {
    Purchase {
        title: "Assistant <rédaction> & « aide » \"2\"\u{0}\u{b}".to_owned(),
        organisation: "Ville d’Essai".to_owned(),
        need_text: "Rédiger plus vite.\nSans perdre le sens : ]]> <w:p/>".to_owned(),
        need: Need {
            value_ht: 60_000.0,
            generative: true,
            years: 3.0,
            users: 300.0,
            ..Need::default()
        },
        depth: Some(Depth::Full),
        ..Purchase::default()
    }
}

fn goal() -> Goal {
    let typed = [
        ("libelle", "Réduire"),
        ("indicateur", "empreinte"),
        ("unite", "tCO2e"),
        ("annee_base", "2024"),
        ("annee_cible", "2030"),
        ("cible", "-30"),
    ];
    read_goal(|name| {
        typed
            .iter()
            .find(|(known, _)| *known == name)
            .map_or("", |(_, value)| *value)
    })
    .unwrap()
}

fn documents() -> Vec<Document> {
    let (purchase, today) = (purchase(), date(2026, 11, 23));
    let criteria = Criteria::proposed(purchase.depth());
    let frozen = Frozen::new(criteria.clone(), Timestamp::from_second(1_795_000_000).unwrap()).unwrap();
    let strategy = Strategy {
        title: purchase.title.clone(),
        goals: vec![goal()],
        ..Strategy::default()
    };
    let seen = Seen {
        above: vec![("Robot <b>".to_owned(), 20.0, 10.0)],
        ..Seen::default()
    };
    let papers = Papers {
        organisation: "Ville d’Essai",
        strategy: &strategy,
        version: 3,
        values: &[],
        sessions: &[],
        appointments: &[],
        seen: &seen,
        today,
    };
    let decided = [Decision {
        words: "Arrêter ]]> <w:p/> ".to_owned(),
        kind: DecisionKind::Stop,
        owner: "DSI".to_owned(),
        due_on: None,
        closed: false,
        effect: String::new(),
    }];
    let meeting = Meeting {
        organisation: "Ville d’Essai",
        strategy: &strategy.title,
        number: 2,
        held_on: today,
        next_due: today,
        attendees: "Élue",
        seen: &seen,
        moves: &[],
        decisions: &decided,
    };
    let offers = offers(&criteria);
    let compared = Block::Table(Table {
        caption: "Réponses du thème « Données et vie privée »".to_owned(),
        headers: vec!["Question".to_owned(), "Alpha <&>".to_owned(), "Beta".to_owned()],
        widths: vec![30, 35, 35],
        rows: criteria
            .questions()
            .map(|question| {
                vec![
                    format!("{}. {}", question.id, question.text),
                    "Oui ]]>".to_owned(),
                    "Non".to_owned(),
                ]
            })
            .collect(),
    });
    let owed = vec![vec![
        "Note comparant la solution à une solution sans IA (C01)".to_owned(),
        "Titulaire".to_owned(),
        "31 décembre 2026".to_owned(),
        "attendu".to_owned(),
    ]];
    vec![
        supplier_comparison(&purchase, Some(&frozen), vec![compared], today),
        analysis_report(&purchase, &frozen, &offers, today),
        schedule_sheet(&purchase, owed, today),
        annual_report(&papers, 2026, &decided),
        work_programme(&papers),
        minutes(&meeting),
        assessment(&purchase, today),
        transparency_sheet(&purchase, today),
        need_note(&purchase, today),
        questionnaire(&purchase, today),
        tender_annex(&purchase, &criteria, today),
        criteria_sheet(&purchase, &criteria, Some(&frozen), today),
    ]
}

/// A half-filled assessment, with what was typed by somebody who means harm.
fn assessment(purchase: &Purchase, today: jiff::civil::Date) -> Document {
    let mut assessment = Assessment::default();
    assessment.filter.need.clone_from(&purchase.need_text);
    let answer = frugality::Answer {
        level: Some(2),
        evidence: Some(frugality::Evidence {
            text: "Note ]]> <w:p/> ".to_owned(),
            dated: Some(today),
            ..frugality::Evidence::default()
        }),
        ..frugality::Answer::default()
    };
    assessment
        .answers
        .insert(frugality::PracticeId::new(2).unwrap(), answer);
    let standings = assessment.standings(&[], today);
    frugality::paper::sheet(&frugality::paper::Sheet {
        project: &purchase.title,
        organisation: "Ville d’Essai",
        version: Some(2),
        made_on: today,
        assessment: &assessment,
        standings: &standings,
        outcome: &assessment.outcome_of(&standings),
        coverings: &assessment.coverage.coverings("experimentation"),
    })
}

fn transparency_sheet(purchase: &Purchase, today: jiff::civil::Date) -> Document {
    let mut content = Content::default();
    content.set(Field::Title, Value::Text(purchase.title.clone()));
    let mut dossier = transparency::Dossier::default();
    dossier.set("limits", "Peu sûr la nuit ]]> <w:p/> ");
    let organisation = Organisation::named(OrganisationId::new(uuid::Uuid::nil()), "Ville d’Essai");
    let facts = transparency::Facts {
        content: &content,
        organisation: &organisation,
        evaluations: &[],
        updated_on: today,
        version: 1,
        identifier: "id",
        url: "https://exemple.fr/cas-usages/essai",
        licence: "Licence Ouverte 2.0",
        vocabularies: sobria_catalogue::vocabulary::Vocabularies::embedded(),
    };
    transparency::document(&facts, &dossier, Some(3), false, today)
}

/// Two offers marked on every question.
fn offers(criteria: &Criteria) -> Vec<Offer> {
    let made: Vec<(&str, Answers, Marks)> = [("Alpha <&>", 3), ("Beta", 1)]
        .into_iter()
        .map(|(supplier, mark)| {
            let answer = Answer {
                text: format!("Réponse de {supplier} ]]>"),
                ..Answer::default()
            };
            let mark = Mark {
                score: mark,
                comment: "Preuve lue".to_owned(),
                ..Mark::default()
            };
            let questions = || criteria.questions().map(|question| question.id.to_owned());
            (
                supplier,
                questions().map(|id| (id, answer.clone())).collect(),
                questions().map(|id| (id, mark.clone())).collect(),
            )
        })
        .collect();
    let scores: Vec<_> = made
        .iter()
        .map(|(_, answers, marks)| score(criteria, answers, marks))
        .collect();
    let standings = rank(&scores);
    made.into_iter()
        .zip(scores)
        .zip(standings)
        .map(|(((supplier, answers, marks), score), standing)| Offer {
            supplier: supplier.to_owned(),
            answers,
            marks,
            score,
            standing,
        })
        .collect()
}

fn parts(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|place| {
            let mut file = archive.by_index(place).unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            (file.name().to_owned(), text)
        })
        .collect()
}

/// Every word of an XML part; fails when it is not well formed.
fn words(xml: &str) -> String {
    let mut reader = quick_xml::Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let mut out = String::new();
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Eof => return out,
            quick_xml::events::Event::Text(text) => out.push_str(&text.xml10_content()),
            quick_xml::events::Event::GeneralRef(name) => match &*name {
                "lt" => out.push('<'),
                "gt" => out.push('>'),
                "amp" => out.push('&'),
                "quot" => out.push('"'),
                _ => out.push('\''),
            },
            _ => {}
        }
    }
}

#[test]
fn archives_are_whole_escaped_and_the_same_twice() {
    for document in documents() {
        for (format, body, repeated, numbered) in [
            (
                Format::Odt,
                "content.xml",
                "table:table-header-rows",
                "styles.xml",
            ),
            (
                Format::Docx,
                "word/document.xml",
                "w:tblHeader",
                "word/footer1.xml",
            ),
        ] {
            let bytes = write(&document, format).unwrap();
            assert_eq!(bytes, write(&document, format).unwrap());
            let parts = parts(&bytes);
            for (name, part) in parts.iter().filter(|(name, _)| name.ends_with(".xml")) {
                assert!(!words(part).is_empty() || part.contains('/'), "{name}");
            }
            let text = words(&parts[body]);
            for expected in [
                document.title.as_str(),
                "Assistant <rédaction> & « aide » \"2\"",
                "service juridique",
                "23\u{a0}novembre 2026",
            ] {
                assert!(text.contains(expected), "{}: {expected}", document.title);
            }
            assert!(!parts[body].contains("<w:p/> "), "what was typed became markup");
            if document
                .blocks
                .iter()
                .any(|block| matches!(block, sobria_govern::document::Block::Table(_)))
            {
                assert!(parts[body].contains(repeated));
            }
            assert!(parts[numbered].contains("page-number") || parts[numbered].contains("NUMPAGES"));
        }
    }
}

#[test]
fn an_opendocument_begins_with_its_media_type_as_it_is() {
    let bytes = write(&documents()[0], Format::Odt).unwrap();
    assert_eq!(&bytes[30..38], b"mimetype");
    assert_eq!(&bytes[38..77], b"application/vnd.oasis.opendocument.text");
}

/// Turned into PDF by LibreOffice, where there is one: the file opens, and its pages hold the words.
#[test]
fn libreoffice_opens_every_file_and_its_pages_hold_the_words() {
    let wanted = std::env::var_os("SOBRIA_REQUIRE_OFFICE").is_some();
    let present = |program: &str| {
        std::env::var_os("PATH")
            .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
    };
    if !present("soffice") || !present("pdftotext") {
        assert!(!wanted, "soffice and pdftotext are wanted and are not there");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for (place, document) in documents().iter().enumerate() {
        for format in [Format::Odt, Format::Docx] {
            let path = folder
                .path()
                .join(format!("{place}-{}.{}", format.extension(), format.extension()));
            std::fs::write(&path, write(document, format).unwrap()).unwrap();
            files.push((path, document.clone()));
        }
    }
    let output = office(folder.path(), files.iter().map(|(path, _)| path));
    // Some machines hold the spreadsheets of the suite without its writer, which then converts nothing at all.
    if files.iter().all(|(path, _)| !path.with_extension("pdf").exists()) {
        assert!(!wanted, "the writer of LibreOffice is wanted and is not there");
        return;
    }
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for (path, document) in &files {
        let text = pdf_text(&path.with_extension("pdf"));
        for expected in [
            document.title.as_str(),
            "Ville d’Essai",
            "service juridique",
            "page 1 sur ",
            "23 novembre 2026",
            document.version.as_str(),
        ] {
            let expected = expected.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(
                text.contains(&expected),
                "{}: {expected} in {text}",
                path.display()
            );
        }
        for (title, question) in [
            ("Comparaison", "Q804."),
            ("Rapport d’analyse", "Q804"),
            ("Annexe", "Q804"),
            ("Barème", "Q804"),
        ] {
            assert!(
                !document.title.starts_with(title) || text.contains(question),
                "{title} has no table of questions: {text}"
            );
        }
        if document.title.starts_with("Questionnaire") {
            assert!(text.matches("Votre réponse").count() >= 8, "{text}");
            assert!(text.contains("Q804") && text.contains("page 2 sur "), "{text}");
        }
    }
}

fn office<'a>(
    folder: &Path,
    files: impl IntoIterator<Item = &'a std::path::PathBuf>,
) -> std::process::Output {
    Command::new("soffice")
        .arg(format!(
            "-env:UserInstallation=file://{}",
            folder.join("profile").display()
        ))
        .args(["--headless", "--convert-to", "pdf", "--outdir"])
        .arg(folder)
        .args(files)
        .output()
        .unwrap()
}

fn pdf_text(path: &Path) -> String {
    let output = Command::new("pdftotext")
        .args(["-layout"])
        .arg(path)
        .arg("-")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", path.display());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
