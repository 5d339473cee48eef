//! `/administration/imports`: a file is handed in, what it would do is shown, and exactly that is written.

use std::sync::Arc;

use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sobria_catalogue::field::FIELDS;
use sobria_catalogue::id::ImportId;
use sobria_catalogue::rights::{Action, can};
use sobria_catalogue::text::{clean_line, excerpt};
use sobria_exchange::read::UPLOAD_MAX;
use sobria_exchange::report::explain;
use sobria_store::{ApplyOptions, StoreError};
use uuid::Uuid;

use super::{Names, note, page};
use crate::app::App;
use crate::error::WebError;
use crate::imports::trial::{self, Findings, Preview, REPORT_LINES, REPORT_TABLE, RowLine, Trial, Trials};
use crate::imports::{self, Choices};
use crate::limiter;
use crate::locale::{count, counted, moment, size};
use crate::posted::SignedForm;
use crate::posted::upload::{receive, sender};
use crate::routes::account::{fresh, see_other};
use crate::session::SignedIn;
use crate::view::library::Link;
use crate::view::prose::ProseTable;
use crate::view::{Control, FormBlock, FormError, FormField, FormOption, FormPage, RichText};

/// Where imports are.
pub const PATH: &str = "/administration/imports";
/// Rows of a page.
const ROWS: usize = 50;
/// Past imports of a page.
const PAST: u32 = 20;
/// Longest excerpt of a cell, in characters.
const CELL: usize = 160;

fn trials(app: &App) -> Trials {
    Trials::under(&app.settings.uploads)
}

fn may(signed_in: &SignedIn, action: &Action) -> Result<(), WebError> {
    can(&signed_in.actor(), action).map_err(|denied| WebError::Forbidden(denied.message().to_owned()))
}

fn may_write(signed_in: &SignedIn) -> bool {
    can(&signed_in.actor(), &Action::Import).is_ok()
}

fn broken(error: impl std::fmt::Display) -> WebError {
    WebError::Internal(format!("a trial of an import failed: {error}"))
}

/// The trial of this address: one's own, or any for those who may write.
fn trial_of(app: &App, signed_in: &SignedIn, id: &str) -> Result<Trial, WebError> {
    may(signed_in, &Action::TryImport)?;
    let id: Uuid = id.parse().or(Err(WebError::NotFound))?;
    let found = trials(app).get(id, (app.settings.now)()).ok_or_else(|| {
        WebError::Withdrawn(
            "Cet essai n’existe plus : il a été enregistré, abandonné, ou effacé après 24 heures. Déposez à nouveau le fichier."
                .to_owned(),
        )
    })?;
    if found.account == signed_in.person.account.id.to_string() || may_write(signed_in) {
        Ok(found)
    } else {
        Err(WebError::NotFound)
    }
}

/// What the address of the list asks for.
#[derive(Debug, Default, Deserialize)]
pub struct ListAsked {
    #[serde(default)]
    fait: String,
    #[serde(default)]
    page: String,
}

/// Files that wait, past imports, and the form to hand one in.
///
/// # Errors
/// When the account may not try imports, or the database does not answer.
pub async fn list(
    State(app): State<App>,
    signed_in: SignedIn,
    Query(asked): Query<ListAsked>,
) -> Result<Response, WebError> {
    fresh(StatusCode::OK, &list_page(&app, &signed_in, &asked, None).await?)
}

async fn list_page(
    app: &App,
    signed_in: &SignedIn,
    asked: &ListAsked,
    error: Option<&str>,
) -> Result<FormPage, WebError> {
    may(signed_in, &Action::TryImport)?;
    let mut page = page(app, signed_in, "Imports", "", PATH);
    page.notice = match asked.fait.as_str() {
        "enregistre" => Some("L’import est enregistré.".to_owned()),
        "rien" => Some("Le fichier ne changeait rien : rien n’a été enregistré.".to_owned()),
        "abandon" => Some("Le fichier est effacé ; rien n’a été enregistré.".to_owned()),
        _ => None,
    };
    page.errors.extend(error.map(|message| FormError {
        field: "fichier".to_owned(),
        message: message.to_owned(),
    }));
    let lead = if may_write(signed_in) {
        "Déposez un fichier : vous verrez ce que l’import ferait, ligne par ligne, avant de l’enregistrer."
    } else {
        "Déposez un fichier : vous verrez ce que l’import ferait, ligne par ligne. L’enregistrer est réservé à l’administration."
    };
    lead.clone_into(&mut page.lead);
    page.blocks.push(FormBlock {
        id: "deposer".to_owned(),
        title: "Déposer un fichier".to_owned(),
        action: PATH.to_owned(),
        csrf: signed_in.reader.csrf().to_owned(),
        fields: vec![
            FormField::new(
                "fichier",
                "Fichier",
                "",
                Control::File {
                    accept: ".csv,.xlsx,.ods,.json,.ndjson,text/csv,application/json",
                },
            )
            .hint("CSV, XLSX, ODS ou JSON, 20 Mo au plus.")
            .required()
            .error(error.map(str::to_owned)),
        ],
        submit: "Voir ce que ferait l’import".to_owned(),
        ..FormBlock::default()
    });
    let own = signed_in.person.account.id.to_string();
    let waiting: Vec<Trial> = trials(app)
        .all((app.settings.now)())
        .into_iter()
        .filter(|trial| trial.account == own || may_write(signed_in))
        .collect();
    if !waiting.is_empty() {
        page.blocks.push(FormBlock {
            id: "en-attente".to_owned(),
            title: "Fichiers qui attendent".to_owned(),
            text: RichText::parse("Chacun est effacé 24 heures après son dépôt."),
            links: waiting
                .iter()
                .map(|trial| {
                    Link::new(
                        format!("{}, déposé le {}", trial.name, moment(trial.made_at)),
                        format!("{PATH}/{}", trial.id),
                    )
                })
                .collect(),
            ..FormBlock::default()
        });
    }
    page.blocks.push(past(app, &asked.page).await?);
    Ok(page)
}

async fn past(app: &App, number: &str) -> Result<FormBlock, WebError> {
    let number: u32 = number.parse().unwrap_or(1).clamp(1, 10_000);
    let mut lines = app.store.imports((number - 1) * PAST, PAST + 1).await?;
    let most = usize::try_from(PAST).unwrap_or(usize::MAX);
    let more = lines.len() > most;
    lines.truncate(most);
    let names = Names::of(app, lines.iter().map(|line| line.actor.as_str())).await?;
    let figure = |summary: &serde_json::Value, key: &str| {
        summary
            .get(key)
            .and_then(serde_json::Value::as_u64)
            .map_or_else(String::new, crate::locale::integer)
    };
    let rows: Vec<Vec<String>> = lines
        .iter()
        .map(|line| {
            let summary: serde_json::Value = serde_json::from_str(&line.summary).unwrap_or_default();
            vec![
                moment(line.at),
                line.source.clone(),
                names.name(&line.actor),
                figure(&summary, "rows"),
                figure(&summary, "created"),
                figure(&summary, "updated"),
                figure(&summary, "unchanged"),
                figure(&summary, "rejected"),
            ]
        })
        .collect();
    let mut links = Vec::new();
    if number > 1 {
        links.push(Link::new("Plus récents", format!("{PATH}?page={}", number - 1)));
    }
    if more {
        links.push(Link::new("Plus anciens", format!("{PATH}?page={}", number + 1)));
    }
    let empty = rows.is_empty();
    Ok(FormBlock {
        id: "passes".to_owned(),
        title: "Imports enregistrés".to_owned(),
        text: RichText::parse(if empty {
            "Aucun import n’a encore été enregistré."
        } else {
            ""
        }),
        table: (!empty).then(|| ProseTable {
            caption: "Les plus récents d’abord".to_owned(),
            headers: [
                "Quand",
                "Source",
                "Par",
                "Lignes",
                "Créées",
                "Mises à jour",
                "Inchangées",
                "Refusées",
            ]
            .map(str::to_owned)
            .to_vec(),
            rows,
        }),
        links,
        ..FormBlock::default()
    })
}

/// Receives a file.
///
/// # Errors
/// When the account may not try imports, the form is not one of this session, or the file is too long.
pub async fn hand_in(State(app): State<App>, request: Request) -> Result<Response, WebError> {
    let signed_in = sender(&request, PATH)?;
    may(&signed_in, &Action::TryImport)?;
    let now = (app.settings.now)();
    let account = signed_in.person.account.id.to_string();
    if !app.limiter.take(limiter::Action::Upload, &account, now) {
        return Err(WebError::TooMany);
    }
    let trials = trials(&app);
    let id = new_id(now);
    let place = trials.place(id).map_err(broken)?;
    let received = receive(&app, &signed_in, request, &place, UPLOAD_MAX).await;
    let (name, length) = match received.map(|upload| upload.file) {
        Ok(Some(file)) => file,
        Ok(None) => {
            trials.remove(id).map_err(broken)?;
            let message = "Choisissez un fichier qui n’est pas vide.";
            let page = list_page(&app, &signed_in, &ListAsked::default(), Some(message)).await?;
            return fresh(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
        Err(error) => {
            trials.remove(id).map_err(broken)?;
            return Err(error);
        }
    };
    trials
        .save(&Trial {
            id,
            account,
            name,
            size: length,
            made_at: now,
            choices: Choices::default(),
        })
        .map_err(broken)?;
    Ok(see_other(&format!("{PATH}/{id}")))
}

/// An identifier made at the time of the instance.
fn new_id(now: jiff::Timestamp) -> Uuid {
    let random = Uuid::now_v7();
    let mut bytes = [0; 10];
    for (byte, from) in bytes.iter_mut().zip(random.as_bytes().iter().skip(6)) {
        *byte = *from;
    }
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}

/// What the address of a preview asks for.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// Which rows: blank for those with something to say.
    #[serde(default)]
    voir: String,
    /// Only rows with this remark.
    #[serde(default)]
    code: String,
    #[serde(default)]
    page: String,
}

impl Asked {
    fn keeps(&self, row: &RowLine) -> bool {
        let code = self.code.is_empty() || row.issues.iter().any(|issue| issue.code == self.code);
        let severity = |wanted: &str| row.issues.iter().any(|issue| issue.severity == wanted);
        code && match self.voir.as_str() {
            "creees" => row.outcome == "created",
            "modifiees" => row.outcome == "updated",
            "inchangees" => row.outcome == "unchanged",
            "refusees" => row.outcome == "rejected",
            "alertes" => severity("warn") || severity("error"),
            _ => row.outcome != "blank",
        }
    }

    fn address(&self, id: Uuid, page: usize) -> String {
        let code = if self.code.is_empty() {
            String::new()
        } else {
            format!("&code={}", crate::params::encode(&self.code))
        };
        format!(
            "{PATH}/{id}?voir={}{code}&page={page}#lignes",
            crate::params::encode(&self.voir)
        )
    }
}

/// What an import would do.
///
/// # Errors
/// When the account may not see it, or the database does not answer.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let trial = trial_of(&app, &signed_in, &id)?;
    let preview = preview(&app, &trial).await?;
    let page = preview_page(&app, &signed_in, &trial, &preview, &asked)?;
    let status = match preview.found {
        Findings::Refused { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        Findings::Planned { .. } => StatusCode::OK,
    };
    fresh(status, &page)
}

/// The preview in force: the one that was kept, or a new one when the catalogue, the day or what is asked changed.
async fn preview(app: &App, trial: &Trial) -> Result<Preview, WebError> {
    let trials = trials(app);
    let (today, revision) = (app.today(), app.store.catalogue_revision().await?);
    if let Some(kept) = trials.preview(trial.id)
        && kept.planned_at == revision
        && kept.day == today
        && kept.choices == trial.choices
    {
        return Ok(kept);
    }
    let _place = app.planning.acquire().await.map_err(broken)?;
    let (existing, planned_at) = app.store.existing().await?;
    let trial = trial.clone();
    tokio::task::spawn_blocking(move || trials.show(&trial, &existing, planned_at, today))
        .await
        .map_err(broken)?
        .map_err(broken)
}

const OUTCOMES: [(&str, &str); 5] = [
    ("created", "Créée"),
    ("updated", "Mise à jour"),
    ("unchanged", "Inchangée"),
    ("rejected", "Refusée"),
    ("blank", "Vide"),
];
const SEVERITIES: [(&str, &str); 3] = [
    ("info", "À savoir"),
    ("warn", "À vérifier"),
    ("error", "Non repris"),
];

fn word<'w>(words: &[(&str, &'w str)], code: &'w str) -> &'w str {
    words
        .iter()
        .find(|(known, _)| *known == code)
        .map_or(code, |(_, word)| *word)
}

fn preview_page(
    app: &App,
    signed_in: &SignedIn,
    trial: &Trial,
    preview: &Preview,
    asked: &Asked,
) -> Result<FormPage, WebError> {
    let mut page = page(app, signed_in, &trial.name, "", PATH);
    page.layout.crumbs = vec![
        crate::view::Crumb::to("Mon espace", "/mon-espace"),
        crate::view::Crumb::to("Imports", PATH),
        crate::view::Crumb::here(trial.name.clone()),
    ];
    page.lead = format!(
        "{}, déposé le {}. Rien n’est enregistré.",
        size(trial.size),
        moment(trial.made_at)
    );
    match &preview.found {
        Findings::Refused {
            code,
            message,
            columns,
        } => {
            page.errors.push(FormError {
                field: String::new(),
                message: message.clone(),
            });
            page.blocks
                .push(options(signed_in, trial, columns, Some(code.as_str())));
        }
        Findings::Planned {
            rows,
            issues,
            organisations,
            absent,
        } => {
            page.blocks
                .push(summary(trial, rows, issues, organisations, absent));
            page.blocks.push(commit(signed_in, trial, preview, rows));
            page.blocks.push(rows_block(app, trial, asked)?);
            page.blocks.push(options(signed_in, trial, &[], None));
        }
    }
    page.blocks.push(FormBlock {
        id: "abandonner".to_owned(),
        title: "Abandonner".to_owned(),
        text: RichText::parse("Le fichier est effacé du serveur."),
        action: format!("{PATH}/{}/abandonner", trial.id),
        csrf: signed_in.reader.csrf().to_owned(),
        submit: "Effacer le fichier".to_owned(),
        quiet: true,
        ..FormBlock::default()
    });
    Ok(page)
}

fn summary(
    trial: &Trial,
    rows: &[usize; 6],
    issues: &[(String, usize)],
    organisations: &[usize; 2],
    absent: &[String],
) -> FormBlock {
    let [all, created, updated, unchanged, rejected, blank] = rows.map(count);
    let mut lines = vec![
        format!(
            "{all} lignes lues : {created} créées, {updated} mises à jour, {unchanged} inchangées, {rejected} refusées, {blank} vides"
        ),
        format!(
            "Organisations : {} nouvelles, {} modifiées",
            count(organisations[0]),
            count(organisations[1])
        ),
    ];
    if !absent.is_empty() {
        let first: Vec<&str> = absent.iter().take(5).map(String::as_str).collect();
        lines.push(format!(
            "{} de cette source absentes du fichier, gardées : {}{}",
            counted(
                u64::try_from(absent.len()).unwrap_or(u64::MAX),
                "fiche connue",
                "fiches connues"
            ),
            first.join(" ; "),
            if absent.len() > 5 { "…" } else { "" }
        ));
    }
    FormBlock {
        id: "resume".to_owned(),
        title: "Ce que l’import ferait".to_owned(),
        lines,
        table: (!issues.is_empty()).then(|| ProseTable {
            caption: "Remarques par nature".to_owned(),
            headers: ["Remarque", "Code", "Nombre"].map(str::to_owned).to_vec(),
            rows: issues
                .iter()
                .map(|(code, number)| vec![explain(code).to_owned(), code.clone(), count(*number)])
                .collect(),
        }),
        links: vec![
            Link::new(
                "Rapport pour tableur (CSV)",
                format!("{PATH}/{}/rapport.csv", trial.id),
            ),
            Link::new(
                "Rapport ligne par ligne (JSON Lines)",
                format!("{PATH}/{}/rapport.jsonl", trial.id),
            ),
        ],
        ..FormBlock::default()
    }
}

fn commit(signed_in: &SignedIn, trial: &Trial, preview: &Preview, rows: &[usize; 6]) -> FormBlock {
    let block = FormBlock {
        id: "enregistrer".to_owned(),
        title: "Enregistrer".to_owned(),
        ..FormBlock::default()
    };
    let [_, created, updated, ..] = *rows;
    if !may_write(signed_in) {
        return FormBlock {
            text: RichText::parse(
                "Enregistrer un import est réservé à l’administration : transmettez-lui le fichier et le rapport.",
            ),
            ..block
        };
    }
    FormBlock {
        text: RichText::parse(if created + updated == 0 {
            "Ce fichier ne crée et ne change aucune fiche."
        } else {
            "Ce qui est affiché ici est exactement ce qui sera écrit, en une fois. Si la bibliothèque change entre-temps, rien n’est écrit et l’aperçu est refait."
        }),
        action: format!("{PATH}/{}/enregistrer", trial.id),
        csrf: signed_in.reader.csrf().to_owned(),
        hidden: vec![("apercu".to_owned(), preview.mark.clone())],
        fields: vec![
            FormField::new(
                "publier",
                "Publier les fiches aussitôt",
                "",
                Control::Check(false),
            )
            .hint("Sinon, elles arrivent dans la file de modération."),
        ],
        submit: format!(
            "Enregistrer {}",
            counted(
                u64::try_from(created + updated).unwrap_or(u64::MAX),
                "fiche",
                "fiches"
            )
        ),
        ..block
    }
}

fn rows_block(app: &App, trial: &Trial, asked: &Asked) -> Result<FormBlock, WebError> {
    let number: usize = asked.page.parse().unwrap_or(1).clamp(1, 100_000);
    let (rows, total) = trials(app)
        .rows(trial.id, |row| asked.keeps(row), (number - 1) * ROWS, ROWS)
        .map_err(broken)?;
    let address = |voir: &str| format!("{PATH}/{}?voir={voir}#lignes", trial.id);
    let mut links: Vec<Link> = [
        ("toutes", "Toutes"),
        ("alertes", "À vérifier"),
        ("creees", "Créées"),
        ("modifiees", "Mises à jour"),
        ("inchangees", "Inchangées"),
        ("refusees", "Refusées"),
    ]
    .into_iter()
    .map(|(code, label)| Link::new(label, address(code)))
    .collect();
    if number > 1 {
        links.push(Link::new(
            "Lignes précédentes",
            asked.address(trial.id, number - 1),
        ));
    }
    if number * ROWS < total {
        links.push(Link::new("Lignes suivantes", asked.address(trial.id, number + 1)));
    }
    let mut table = Vec::new();
    for row in &rows {
        let start = |first: bool| {
            if first {
                [
                    row.row.to_string(),
                    excerpt(&row.title, CELL),
                    word(&OUTCOMES, &row.outcome).to_owned(),
                ]
            } else {
                [row.row.to_string(), String::new(), String::new()]
            }
        };
        if row.issues.is_empty() {
            table.push(
                start(true)
                    .into_iter()
                    .chain(std::iter::repeat_n(String::new(), 6))
                    .collect(),
            );
        }
        for (position, issue) in row.issues.iter().enumerate() {
            let rest = [
                issue.field.clone(),
                word(&SEVERITIES, &issue.severity).to_owned(),
                explain(&issue.code).to_owned(),
                excerpt(&issue.before, CELL),
                excerpt(&issue.after, CELL),
                excerpt(&issue.suggestion, CELL),
            ];
            table.push(start(position == 0).into_iter().chain(rest).collect());
        }
    }
    let shown = counted(u64::try_from(total).unwrap_or(u64::MAX), "ligne", "lignes");
    Ok(FormBlock {
        id: "lignes".to_owned(),
        title: "Ligne par ligne".to_owned(),
        text: RichText::parse(if total == 0 {
            "Aucune ligne à montrer avec ce filtre."
        } else {
            ""
        }),
        table: (total > 0).then(|| ProseTable {
            caption: format!(
                "{shown}, de {} à {}",
                count((number - 1) * ROWS + 1),
                count((number * ROWS).min(total))
            ),
            headers: [
                "Ligne",
                "Projet",
                "Résultat",
                "Champ",
                "Gravité",
                "Remarque",
                "Avant",
                "Après",
                "Suggestion",
            ]
            .map(str::to_owned)
            .to_vec(),
            rows: table,
        }),
        links,
        ..FormBlock::default()
    })
}

fn options(
    signed_in: &SignedIn,
    trial: &Trial,
    columns: &[(usize, String, Option<String>)],
    refused: Option<&str>,
) -> FormBlock {
    let choices = &trial.choices;
    let mut fields = Vec::new();
    if refused.is_some() || choices.sheet.is_some() {
        fields.push(
            FormField::line(
                "feuille",
                "Feuille du classeur",
                choices.sheet.clone().unwrap_or_default(),
            )
            .hint("Laissez vide quand il n’y en a qu’une.")
            .max(100),
        );
    }
    for (number, header, field) in columns {
        let by_hand = choices
            .map
            .iter()
            .find(|(named, _)| named == number)
            .map(|(_, field)| field.as_str());
        let chosen = by_hand.or(field.as_deref()).unwrap_or("");
        let mut all = vec![FormOption::new(
            "",
            "Rien de connu : gardée sans être montrée",
            chosen.is_empty(),
        )];
        all.extend(
            FIELDS
                .iter()
                .map(|spec| FormOption::new(spec.column, spec.label, spec.column == chosen)),
        );
        fields.push(
            FormField::new(
                format!("colonne-{number}"),
                format!("Colonne {number} : {}", excerpt(header, 80)),
                "",
                Control::Select(all),
            )
            .required(),
        );
    }
    // Columns that were named before and are not asked for now stay named.
    if columns.is_empty() && !choices.map.is_empty() {
        let text: Vec<String> = choices
            .map
            .iter()
            .map(|(number, field)| format!("{number} = {field}"))
            .collect();
        fields.push(
            FormField::new(
                "colonnes",
                "Colonnes nommées à la main",
                text.join("\n"),
                Control::Lines(3),
            )
            .hint("Une par ligne : numéro = champ.")
            .max(2000),
        );
    }
    fields.extend([
        FormField::line(
            "source",
            "Nom de la source",
            choices.source.clone().unwrap_or_default(),
        )
        .hint("Les fiches d’une même source sont comparées entre elles. Par défaut, le nom du fichier.")
        .max(200),
        FormField::new(
            "dates",
            "Ordre des dates quand la colonne ne le dit pas",
            "",
            Control::Radios(vec![
                FormOption::new(
                    "dmy",
                    "Jour d’abord : 03/04/2024 est le 3 avril",
                    !choices.month_first,
                ),
                FormOption::new(
                    "mdy",
                    "Mois d’abord : 03/04/2024 est le 4 mars",
                    choices.month_first,
                ),
            ]),
        )
        .required(),
        FormField::new(
            "suggestions",
            "Appliquer les suggestions (SIRET trouvés par le nom)",
            "",
            Control::Check(choices.apply_suggestions),
        ),
        FormField::new(
            "prefere",
            "Écraser les champs modifiés ici depuis le dernier import",
            "",
            Control::Check(choices.prefer_source),
        ),
        FormField::new(
            "court",
            "Accepter un fichier plus court",
            "",
            Control::Check(choices.accept_shrink),
        )
        .hint("Nécessaire quand plus de 20 % des fiches connues de la source manquent."),
    ]);
    FormBlock {
        id: "options".to_owned(),
        title: "Options".to_owned(),
        action: format!("{PATH}/{}/options", trial.id),
        csrf: signed_in.reader.csrf().to_owned(),
        fields,
        submit: "Refaire l’aperçu".to_owned(),
        quiet: refused.is_none(),
        ..FormBlock::default()
    }
}

fn choices_of(form: &SignedForm) -> Choices {
    let text = |name: &str| {
        let text = clean_line(form.fields.get(name));
        (!text.is_empty()).then_some(text)
    };
    let mut map: Vec<(usize, String)> = form
        .fields
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix("colonne-")?.parse().ok()?, value.to_owned())))
        .filter(|(_, field)| !field.is_empty())
        .collect();
    map.extend(form.fields.get("colonnes").lines().filter_map(|line| {
        let (number, field) = line.split_once('=')?;
        Some((number.trim().parse().ok()?, field.trim().to_owned()))
    }));
    map.sort();
    map.dedup_by_key(|(number, _)| *number);
    Choices {
        source: text("source"),
        sheet: text("feuille"),
        map,
        month_first: form.fields.get("dates") == "mdy",
        apply_suggestions: form.fields.has("suggestions"),
        prefer_source: form.fields.has("prefere"),
        accept_shrink: form.fields.has("court"),
    }
}

/// Changes what is asked of a file, writes it, or takes it away.
///
/// # Errors
/// When the account may not, the catalogue changed meanwhile, or the database does not answer.
pub async fn act(
    State(app): State<App>,
    Path((id, what)): Path<(String, String)>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let signed_in = form.signed_in();
    let mut trial = trial_of(&app, &signed_in, &id)?;
    match what.as_str() {
        "options" => {
            trial.choices = choices_of(&form);
            trials(&app).save(&trial).map_err(broken)?;
            Ok(see_other(&format!("{PATH}/{}", trial.id)))
        }
        "abandonner" => {
            trials(&app).remove(trial.id).map_err(broken)?;
            Ok(see_other(&format!("{PATH}?fait=abandon")))
        }
        "enregistrer" => {
            may(&signed_in, &Action::Import)?;
            let (seen, publish) = (form.fields.get("apercu").to_owned(), form.fields.has("publier"));
            // The work goes on to its end, whatever becomes of the connection.
            let (by, work) = (signed_in.clone(), app.clone());
            let written = tokio::spawn(async move { write(&work, &by, &trial, &seen, publish).await })
                .await
                .map_err(broken)??;
            match written {
                Some(0) => Ok(see_other(&format!("{PATH}?fait=rien"))),
                Some(_) => Ok(see_other(&format!("{PATH}?fait=enregistre"))),
                None => changed_meanwhile(&app, &signed_in, &id).await,
            }
        }
        _ => Err(WebError::NotFound),
    }
}

/// Writes what was seen; none when the catalogue changed since. Returns how many records changed.
async fn write(
    app: &App,
    signed_in: &SignedIn,
    trial: &Trial,
    seen: &str,
    publish: bool,
) -> Result<Option<usize>, WebError> {
    let trials = trials(app);
    let today = app.today();
    let place = app.planning.acquire().await.map_err(broken)?;
    let (existing, planned_at) = app.store.existing().await?;
    let (again, kept) = (trials.clone(), trial.clone());
    let planned = tokio::task::spawn_blocking(move || {
        let plan = again.plan(&kept, &existing, today)?;
        let mark = plan.as_ref().map(|plan| trial::mark(plan, &kept, planned_at));
        std::io::Result::Ok(match mark {
            Ok(mark) => Some((mark?, plan.ok())),
            Err(_) => None,
        })
    })
    .await
    .map_err(broken)?
    .map_err(broken)?;
    let Some((mark, Some(plan))) = planned else {
        return Ok(None);
    };
    if mark != seen {
        return Ok(None);
    }
    let actor = signed_in.person.account.id;
    let options = ApplyOptions {
        publish,
        actor: &actor.to_string(),
        now: (app.settings.now)(),
        import: ImportId::new(Uuid::now_v7()),
        planned_at: Some(planned_at),
    };
    let plan = Arc::new(plan);
    let written = match imports::write(&plan, options, &app.store, &app.index).await {
        Ok(written) => written,
        Err(StoreError::Conflict { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    drop(place);
    crate::refresh::at_once(app).await;
    trials.remove(trial.id).map_err(broken)?;
    let summary = plan.summary();
    note(
        app,
        actor,
        "import-file",
        &trial.id.to_string(),
        &format!(
            "created={} updated={} rejected={} published={}",
            summary.created, summary.updated, summary.rejected, publish
        ),
    )
    .await?;
    Ok(Some(written.applied.changed.len()))
}

async fn changed_meanwhile(app: &App, signed_in: &SignedIn, id: &str) -> Result<Response, WebError> {
    let trial = trial_of(app, signed_in, id)?;
    let preview = preview(app, &trial).await?;
    let mut page = preview_page(app, signed_in, &trial, &preview, &Asked::default())?;
    page.errors.insert(
        0,
        FormError {
            field: String::new(),
            message: "La bibliothèque a changé depuis l’aperçu que vous aviez sous les yeux : rien n’a été écrit. L’aperçu ci-dessous est à jour ; relisez-le, puis enregistrez."
                .to_owned(),
        },
    );
    fresh(StatusCode::CONFLICT, &page)
}

/// The report of a trial, as a file.
///
/// # Errors
/// When the account may not see it, or no report was made.
pub async fn report(
    State(app): State<App>,
    signed_in: SignedIn,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let (kept, media_type) = match file.as_str() {
        "rapport.jsonl" => (REPORT_LINES, "application/x-ndjson"),
        "rapport.csv" => (REPORT_TABLE, "text/csv; charset=utf-8"),
        _ => return Err(WebError::NotFound),
    };
    let trial = trial_of(&app, &signed_in, &id)?;
    if let Findings::Refused { .. } = preview(&app, &trial).await?.found {
        return Err(WebError::NotFound);
    }
    let bytes = trials(&app).read(trial.id, kept).map_err(broken)?;
    let name = format!("attachment; filename=\"{kept}\"");
    Ok((
        [
            (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
            (
                header::CONTENT_DISPOSITION,
                HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment")),
            ),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ],
        bytes,
    )
        .into_response())
}
