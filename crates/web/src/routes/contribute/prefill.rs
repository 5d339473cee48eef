//! Answers that a form begins with: from the page of a solution, from a row of a file, from a SIRET. Each keeps where it
//! comes from, which the form shows beside it until somebody changes it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::draft::{DraftInput, InputName, ORGANISATION, Part};
use sobria_catalogue::entry::field::EntryField;
use sobria_catalogue::entry::{EntryKind, VisibleEntry, redact};
use sobria_catalogue::field::Field;
use sobria_catalogue::id::OrganisationId;
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::proposal::{Proposal, prefilled};
use sobria_catalogue::text::excerpt;
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_exchange::plan::{DateOrder, RowPreview, preview};
use sobria_exchange::read::{ReadOptions, read};
use sobria_exchange::report::explain;
use sobria_store::FoundEntry;
use sobria_territory::Directory;
use sobria_territory::siren::{Number, parse_siret};
use uuid::Uuid;

use super::begin;
use crate::app::App;
use crate::attachments::FileForm;
use crate::error::WebError;
use crate::limiter::Action;
use crate::posted::upload::file_name;
use crate::routes::account::{form_page, fresh, see_other};
use crate::session::Reader;
use crate::view::prose::ProseTable;
use crate::view::{Control, Crumb, FormBlock, FormError, FormField, FormPage, RichText};

/// Where a file is dropped.
pub const FILE_PATH: &str = "/contribuer/fichier";
/// Hidden field: the file that the answers come from, in words.
pub const FROM_FILE: &str = "fichier";
/// Largest file of one row, in bytes.
const FILE_MAX: usize = 2_000_000;
/// Longest answer shown in the report of a file, in characters.
const SHOWN: usize = 300;

/// Answers with where each comes from.
#[derive(Debug, Clone, Default)]
pub struct Prefill {
    /// The answers.
    pub values: DraftInput,
    /// Where they come from, field by field.
    pub proposals: Vec<Proposal>,
}

impl Prefill {
    /// Answers of one source.
    pub fn from_source(values: DraftInput, origin: &str) -> Self {
        let proposals = prefilled(&values, origin);
        Self { values, proposals }
    }

    /// Lays answers over others: those of the later source win.
    pub fn then(&mut self, later: Self) {
        let fields: Vec<Field> = later.proposals.iter().map(|one| one.field).collect();
        self.values.replace(&fields, &later.values);
        self.proposals.retain(|one| !fields.contains(&one.field));
        self.proposals.extend(later.proposals);
    }

    /// The answers in words, with where they come from.
    pub fn table(&self, caption: &str) -> Option<ProseTable> {
        let organisation = Organisation::named(OrganisationId::new(Uuid::nil()), "");
        let around = sobria_catalogue::draft::Surroundings {
            vocabularies: Vocabularies::embedded(),
            today: jiff::civil::Date::default(),
            organisation: Some(&organisation),
            new_organisation: organisation.id,
        };
        let (content, carrier) = self.values.read(&around);
        let rows: Vec<Vec<String>> = self
            .proposals
            .iter()
            .map(|one| {
                let mut said = super::fields::words(one.field, &content);
                if said.is_empty() {
                    said = match one.field {
                        Field::OrganisationName => carrier.name.clone(),
                        _ => one
                            .accept
                            .0
                            .iter()
                            .flat_map(|edit| edit.into.iter().map(String::as_str))
                            .collect::<Vec<_>>()
                            .join(", "),
                    };
                }
                vec![
                    one.field.spec().label.to_owned(),
                    excerpt(&said, SHOWN),
                    one.origin.clone(),
                ]
            })
            .collect();
        (!rows.is_empty()).then(|| ProseTable {
            caption: caption.to_owned(),
            headers: ["Question", "Réponse proposée", "D’où elle vient"]
                .map(str::to_owned)
                .to_vec(),
            rows,
        })
    }
}

/// What the page of a solution or of a supplier says that a record would say too; nothing when the reader may not read it.
///
/// # Errors
/// When the database does not answer.
pub async fn of_entry(
    app: &App,
    reader: &Reader,
    kind: EntryKind,
    slug: &str,
) -> Result<Option<(VisibleEntry, Prefill)>, WebError> {
    let FoundEntry::Entry(entry) = app.store.entry_by_slug(kind, slug).await? else {
        return Ok(None);
    };
    let Some(item) = redact(*entry, reader.level()) else {
        return Ok(None);
    };
    let content = item.content();
    let mut values = DraftInput::default();
    let mut put = |name: InputName, value: &str| {
        if !value.is_empty() {
            // The name of an input of the table of fields is never unknown.
            let _ = values.set(&name.to_string(), vec![value.to_owned()]);
        }
    };
    let supplier = content.get(EntryField::SupplierName);
    let names = if supplier.is_empty() || supplier == content.title() {
        content.title().to_owned()
    } else {
        format!("{}\n{supplier}", content.title())
    };
    put(InputName::value(Field::Suppliers), &names);
    put(InputName::value(Field::Delivery), "prestataire");
    put(
        InputName::row(Field::InfoLinks, 0, Part::Url),
        content.get(EntryField::Website),
    );
    if !content.get(EntryField::Website).is_empty() {
        put(
            InputName::row(Field::InfoLinks, 0, Part::Label),
            &format!("Site de {}", content.title()),
        );
    }
    if kind == EntryKind::Solution {
        put(InputName::value(Field::Theme), content.get(EntryField::Theme));
        let said = match content.get(EntryField::Description) {
            "" => content.get(EntryField::Summary),
            description => description,
        };
        put(InputName::value(Field::AlgorithmDescription), said);
    }
    let origin = match kind {
        EntryKind::Supplier => format!("page du fournisseur «\u{a0}{}\u{a0}»", content.title()),
        _ => format!("page de la solution «\u{a0}{}\u{a0}»", content.title()),
    };
    Ok(Some((item, Prefill::from_source(values, &origin))))
}

/// What a SIRET tells of an organisation: the one of the library when there is one, else what the directory of this
/// executable says. Nothing is asked of the network.
///
/// # Errors
/// When the database does not answer.
pub async fn of_siret(app: &App, siret: &str) -> Result<Option<Prefill>, WebError> {
    let Ok(written) = parse_siret(siret) else {
        return Ok(None);
    };
    let siren = match &written.number {
        Number::Siret(siret) => siret.siren().as_str().to_owned(),
        Number::SirenOnly(siren) => siren.as_str().to_owned(),
    };
    let mut values = DraftInput::default();
    let mut put = |name: &str, value: String| {
        let _ = values.set(name, vec![value]);
    };
    if let Some(known) = app.store.organisation_of_siren(&siren).await? {
        put(ORGANISATION, known.to_string());
        return Ok(Some(Prefill::from_source(
            values,
            "organisations de la bibliothèque, par le SIRET",
        )));
    }
    let Some(authority) = Directory::embedded().by_siren(&siren) else {
        return Ok(None);
    };
    put(
        &InputName::value(Field::OrganisationName).to_string(),
        authority.display_name(),
    );
    if !authority.kind.is_empty() {
        put(
            &InputName::value(Field::OrganisationKind).to_string(),
            authority.kind.to_owned(),
        );
    }
    put(
        &InputName::value(Field::OrganisationLatitude).to_string(),
        authority.latitude.to_string(),
    );
    put(
        &InputName::value(Field::OrganisationLongitude).to_string(),
        authority.longitude.to_string(),
    );
    Ok(Some(Prefill::from_source(
        values,
        "annuaire des collectivités de cette version, par le SIRET",
    )))
}

/// Where the answers of a file come from, in words.
pub fn file_origin(name: &str) -> String {
    excerpt(name, 160)
}

/// The block that takes a file, on the page where contributing begins.
pub fn file_block(csrf: &str, error: Option<String>, row: &str) -> FormBlock {
    FormBlock {
        id: "depuis-un-fichier".to_owned(),
        title: "Partir d’un fichier".to_owned(),
        text: RichText::parse(
            "Une ligne de tableau (CSV, XLSX, ODS) ou un fichier JSON, aux en-têtes de la bibliothèque ou de ses versions passées. Rien n’est enregistré\u{a0}: vous voyez d’abord ce qui est compris.",
        ),
        action: FILE_PATH.to_owned(),
        csrf: csrf.to_owned(),
        fields: vec![
            FormField::new(
                FROM_FILE,
                "Fichier",
                "",
                Control::File {
                    accept: ".csv,.json,.ndjson,.xlsx,.ods,.txt",
                },
            )
            .hint("2\u{a0}Mo au plus.")
            .error(error)
            .required(),
            FormField::line("ligne", "Ligne à reprendre", row).hint(
                "Numéro parmi les lignes remplies, en-têtes non comptés\u{202f}; la première sans réponse.",
            ),
        ],
        submit: "Lire le fichier".to_owned(),
        quiet: true,
        links: vec![crate::view::library::Link::new(
            "Modèle de fichier",
            "/modele-de-donnees",
        )],
        ..FormBlock::default()
    }
}

/// Reads the file, and shows what would be answered.
///
/// # Errors
/// When nobody signed in, the form is not one of this session, or too many were sent.
pub async fn file(State(app): State<App>, form: FileForm) -> Result<Response, WebError> {
    let now = (app.settings.now)();
    if !app
        .limiter
        .take(Action::Upload, &form.person.account.id.to_string(), now)
    {
        return Err(WebError::TooMany);
    }
    let reader = &form.reader;
    let typed = form.fields.get("ligne").trim().to_owned();
    let again = |message: &str, row: &str| {
        let block = file_block(reader.csrf(), Some(message.to_owned()), row);
        let mut page = begin::page_for(&app, reader, "", block);
        page.gather_errors();
        fresh(StatusCode::UNPROCESSABLE_ENTITY, &page)
    };
    if form.too_large || form.bytes.len() > FILE_MAX {
        return again(
            "Ce fichier dépasse 2\u{a0}Mo\u{a0}: gardez la ligne du projet et celle des en-têtes, puis recommencez.",
            &typed,
        );
    }
    let name = file_name(&form.name);
    if form.bytes.is_empty() {
        return again("Choisissez un fichier sur votre poste.", &typed);
    }
    let bytes = form.bytes;
    let number = match typed.as_str() {
        "" => 1,
        text => match text.parse::<usize>() {
            Ok(number) if number > 0 => number,
            _ => {
                return again(
                    &format!(
                        "«\u{a0}{}\u{a0}» n’est pas un numéro de ligne\u{a0}: 1, 2, 3…",
                        excerpt(text, 20)
                    ),
                    &typed,
                );
            }
        },
    };
    let (today, vocabularies) = (app.today(), app.vocabularies());
    let shown = name.clone();
    let planned = tokio::task::spawn_blocking(move || {
        read(&bytes, &name, &ReadOptions::default())
            .map(|sheet| preview(&sheet, &vocabularies, DateOrder::DayFirst, today, number))
    })
    .await
    .map_err(|error| WebError::Internal(error.to_string()))?;
    match planned {
        Err(error) => again(&error.to_string(), &typed),
        Ok((None, 0)) => again(
            &format!(
                "«\u{a0}{}\u{a0}» ne contient aucune ligne remplie sous ses en-têtes.",
                excerpt(&shown, 80)
            ),
            &typed,
        ),
        Ok((None, total)) => again(
            &format!(
                "«\u{a0}{}\u{a0}» compte {}, il n’y a pas de ligne {number}.",
                excerpt(&shown, 80),
                crate::locale::counted(
                    u64::try_from(total).unwrap_or(u64::MAX),
                    "ligne remplie",
                    "lignes remplies"
                )
            ),
            &typed,
        ),
        Ok((Some(row), total)) => fresh(StatusCode::OK, &report(&app, reader, &row, &shown, number, total)),
    }
}

/// Whoever comes back to the address of the file begins again.
pub async fn begin_again() -> Response {
    see_other("/contribuer")
}

/// The answers of a row, without those about its carrier.
fn answers(row: &RowPreview) -> DraftInput {
    let nobody = Organisation::named(OrganisationId::new(Uuid::nil()), "");
    let mut values = DraftInput::from_content(&row.content, &nobody);
    values.replace(&[Field::OrganisationName], &DraftInput::default());
    values
}

/// What was understood of a row: the answers, the remarks, and the form that begins with them.
fn report(app: &App, reader: &Reader, row: &RowPreview, name: &str, number: usize, total: usize) -> FormPage {
    let origin = file_origin(&format!(
        "fichier «\u{a0}{}\u{a0}», ligne {}",
        excerpt(name, 80),
        row.line
    ));
    let prefill = Prefill::from_source(answers(row), &origin);
    let mut page = form_page(
        app,
        "Ce qui est compris du fichier",
        "Vérifiez, puis commencez\u{a0}: chaque réponse se corrige ensuite dans le formulaire, où son origine reste affichée.",
        "/contribuer",
    );
    page.layout.crumbs = vec![
        Crumb::to("Décrire un projet", "/contribuer"),
        Crumb::here("Ce qui est compris du fichier"),
    ];
    let mut lines = vec![format!(
        "Ligne {number} sur {total} du fichier «\u{a0}{}\u{a0}».",
        excerpt(name, 80)
    )];
    if !row.organisation.is_empty() {
        lines.push(format!(
            "Le fichier nomme «\u{a0}{}\u{a0}»\u{a0}: l’organisme porteur reste celui que vous choisissez ci-dessous.",
            excerpt(&row.organisation, 120)
        ));
    }
    page.blocks.push(FormBlock {
        id: "compris".to_owned(),
        lines,
        table: prefill.table("Réponses lues dans la ligne"),
        ..FormBlock::default()
    });
    if prefill.proposals.is_empty() {
        page.errors.push(FormError::general(
            "Aucune réponse n’a été comprise dans cette ligne. Vérifiez ses en-têtes.",
        ));
    }
    let label =
        |id: &str| Field::by_id(id).map_or_else(|| id.to_owned(), |field| field.spec().label.to_owned());
    if !row.issues.is_empty() {
        page.blocks.push(FormBlock {
            id: "remarques".to_owned(),
            title: "Remarques".to_owned(),
            table: Some(ProseTable {
                caption: "Ce qui a été changé ou reste douteux, avec les règles de l’import".to_owned(),
                headers: ["Question", "Remarque", "Dans le fichier", "Repris", "À faire"]
                    .map(str::to_owned)
                    .to_vec(),
                rows: row
                    .issues
                    .iter()
                    .map(|issue| {
                        let text = |text: &Option<String>| excerpt(text.as_deref().unwrap_or(""), SHOWN);
                        vec![
                            issue
                                .field
                                .as_deref()
                                .map_or_else(|| "La ligne".to_owned(), label),
                            explain(issue.code).to_owned(),
                            text(&issue.before),
                            text(&issue.after),
                            text(&issue.suggestion),
                        ]
                    })
                    .collect(),
            }),
            ..FormBlock::default()
        });
    }
    let mut pairs: Vec<(String, String)> = Vec::new();
    for (name, values) in prefill.values.iter() {
        pairs.extend(values.iter().map(|value| (name.to_owned(), value.clone())));
    }
    let mut block = begin::start_block(reader, &pairs);
    block.title = "Commencer avec ces réponses".to_owned();
    block.hidden.push((FROM_FILE.to_owned(), origin));
    page.blocks.push(block);
    page
}
