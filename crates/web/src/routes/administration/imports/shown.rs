//! What an import would do, in words: counts, remarks, rows, choices.

use serde::Deserialize;
use sobria_catalogue::field::FIELDS;
use sobria_catalogue::text::{clean_line, excerpt};
use sobria_exchange::report::explain;
use uuid::Uuid;

use super::super::page;
use super::{PATH, broken, may_write, trials};
use crate::app::App;
use crate::error::WebError;
use crate::imports::Choices;
use crate::imports::trial::{Findings, Preview, RowLine, Trial};
use crate::locale::{count, counted, moment, size};
use crate::posted::SignedForm;
use crate::session::SignedIn;
use crate::view::library::Link;
use crate::view::prose::ProseTable;
use crate::view::{Control, FormBlock, FormError, FormField, FormOption, FormPage, RichText};

/// Rows of a page.
const ROWS: usize = 50;
/// Longest excerpt of a cell, in characters.
const CELL: usize = 160;

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

pub(super) fn preview_page(
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
            "{all} lignes lues\u{a0}: {created} créées, {updated} mises à jour, {unchanged} inchangées, {rejected} refusées, {blank} vides"
        ),
        format!(
            "Organisations\u{a0}: {} nouvelles, {} modifiées",
            count(organisations[0]),
            count(organisations[1])
        ),
    ];
    if !absent.is_empty() {
        let first: Vec<&str> = absent.iter().take(5).map(String::as_str).collect();
        lines.push(format!(
            "{} de cette source absentes du fichier, gardées\u{a0}: {}{}",
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
                "Enregistrer un import est réservé à l’administration\u{a0}: transmettez-lui le fichier et le rapport.",
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
            "Rien de connu\u{a0}: gardée sans être montrée",
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
                format!("Colonne {number}\u{a0}: {}", excerpt(header, 80)),
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
            .hint("Une par ligne\u{a0}: numéro = champ.")
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
                    "Jour d’abord\u{a0}: 03/04/2024 est le 3 avril",
                    !choices.month_first,
                ),
                FormOption::new(
                    "mdy",
                    "Mois d’abord\u{a0}: 03/04/2024 est le 4 mars",
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
        .hint("Nécessaire quand plus de 20\u{a0}% des fiches connues de la source manquent."),
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

pub(super) fn choices_of(form: &SignedForm) -> Choices {
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
