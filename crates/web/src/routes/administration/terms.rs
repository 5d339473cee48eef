//! `/administration/vocabulaires`: terms of open lists are renamed, merged or taken off, and records follow; the labels of
//! closed lists have a page each.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::content::{Content, Value};
use sobria_catalogue::field::{FIELDS, Field, FieldKind};
use sobria_catalogue::id::UseCaseId;
use sobria_catalogue::text::{clean_line, excerpt, fold_key};
use sobria_store::TermRule;

use super::{Asked, Names, admins_only, page};
use crate::app::App;
use crate::error::WebError;
use crate::locale::{counted, moment};
use crate::posted::SignedForm;
use crate::routes::account::{fresh, see_other};
use crate::session::SignedIn;
use crate::view::library::Link;
use crate::view::prose::ProseTable;
use crate::view::{Control, FormBlock, FormField, FormOption, FormPage, RichText};

/// Where it is.
pub const PATH: &str = "/administration/vocabulaires";
/// Terms shown of each list, the most used first.
const SHOWN: usize = 200;
/// Longest term, in characters.
const TERM_MAX: usize = 100;
/// Records read at a time.
const PAGE: u32 = 500;

/// Lists of which anybody may write the terms.
fn open_lists() -> impl Iterator<Item = Field> {
    FIELDS
        .iter()
        .filter(|spec| matches!(spec.kind, FieldKind::Names { .. }))
        .map(|spec| spec.field)
}

fn names(content: &Content, list: Field) -> &[String] {
    match content.get(list) {
        Some(Value::Names(names)) => names,
        _ => &[],
    }
}

/// The records that are published with their terms of a list.
async fn holders(app: &App, list: Field, mut each: impl FnMut(UseCaseId, &[String])) -> Result<(), WebError> {
    let mut after = None;
    loop {
        let records = app.store.stream_published(after, PAGE).await?;
        let Some(last) = records.last() else {
            return Ok(());
        };
        after = Some(last.id);
        for record in &records {
            each(record.id, names(&record.content, list));
        }
    }
}

/// The terms of every open list, with what was replaced.
///
/// # Errors
/// When the account is no administrator, or the database does not answer.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    admins_only(&signed_in)?;
    let mut page = terms_page(&app, &signed_in, ("", "", ""), None).await?;
    page.notice = asked.fait.strip_prefix("remplace-").map(|done| {
        let (records, left) = done.split_once('-').unwrap_or((done, "0"));
        let number = |text: &str| text.parse::<u64>().unwrap_or(0);
        let mut said = format!(
            "C’est fait\u{a0}: {} une nouvelle version.",
            counted(number(records), "fiche a", "fiches ont")
        );
        if number(left) > 0 {
            said.push_str(&format!(
                " {} telle quelle\u{a0}: une version plus récente y attend une décision. Recommencez ensuite.",
                counted(number(left), "fiche reste", "fiches restent")
            ));
        }
        said
    });
    fresh(StatusCode::OK, &page)
}

async fn terms_page(
    app: &App,
    signed_in: &SignedIn,
    (list, term, replacement): (&str, &str, &str),
    error: Option<(&str, String)>,
) -> Result<FormPage, WebError> {
    let mut page = page(
        app,
        signed_in,
        "Vocabulaires",
        "Les termes des listes ouvertes, et les libellés des listes fermées.",
        PATH,
    );
    let of = |name: &str| {
        error
            .as_ref()
            .filter(|(field, _)| *field == name)
            .map(|(_, message)| message.clone())
    };
    page.blocks.push(FormBlock {
        id: "remplacer".to_owned(),
        title: "Renommer, fusionner ou retirer un terme".to_owned(),
        text: RichText::parse(
            "Chaque fiche publiée qui emploie le terme reçoit une nouvelle version, que son historique explique. La modération est avertie si quelqu’un l’écrit de nouveau.",
        ),
        action: PATH.to_owned(),
        csrf: signed_in.reader.csrf().to_owned(),
        fields: vec![
            FormField::new(
                "liste",
                "Liste",
                "",
                Control::Radios(
                    open_lists()
                        .enumerate()
                        .map(|(place, field)| {
                            let spec = field.spec();
                            FormOption::new(
                                spec.id,
                                spec.label,
                                spec.id == list || (list.is_empty() && place == 0),
                            )
                        })
                        .collect(),
                ),
            )
            .required()
            .error(of("liste")),
            FormField::line("terme", "Terme", term)
                .hint("Accents et majuscules comptent seulement pour corriger une écriture.")
                .required()
                .max(TERM_MAX)
                .error(of("terme")),
            FormField::line("remplacement", "Ce qui prend sa place", replacement)
                .hint("Un terme nouveau ou déjà employé\u{202f}; laissez vide pour retirer le terme sans le remplacer.")
                .max(TERM_MAX)
                .error(of("remplacement")),
        ],
        submit: "Remplacer dans les fiches".to_owned(),
        ..FormBlock::default()
    });
    for field in open_lists() {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        holders(app, field, |_, names| {
            for name in names {
                *counts.entry(name.clone()).or_insert(0) += 1;
            }
        })
        .await?;
        let mut rows: Vec<(String, u64)> = counts.into_iter().collect();
        rows.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), fold_key(name)));
        let total = rows.len();
        let spec = field.spec();
        page.blocks.push(FormBlock {
            id: format!("liste-{}", spec.id),
            title: spec.label.to_owned(),
            text: RichText::parse(if total == 0 {
                "Aucun terme employé."
            } else if total > SHOWN {
                "Les plus employés d’abord\u{202f}; les deux cents premiers sont montrés."
            } else {
                ""
            }),
            table: (total > 0).then(|| ProseTable {
                caption: format!(
                    "{}\u{a0}: {}",
                    spec.label,
                    counted(u64::try_from(total).unwrap_or(0), "terme", "termes")
                ),
                headers: ["Terme", "Fiches publiées"].map(str::to_owned).to_vec(),
                rows: rows
                    .into_iter()
                    .take(SHOWN)
                    .map(|(name, count)| vec![excerpt(&name, TERM_MAX), crate::locale::integer(count)])
                    .collect(),
            }),
            ..FormBlock::default()
        });
    }
    let rules = app.store.term_rules().await?;
    if !rules.is_empty() {
        let who = Names::of(app, rules.iter().map(|rule| rule.by.as_str())).await?;
        page.blocks.push(FormBlock {
            id: "remplaces".to_owned(),
            title: "Termes remplacés".to_owned(),
            table: Some(ProseTable {
                caption: "Les plus récents d’abord".to_owned(),
                headers: ["Terme", "Liste", "Remplacé par", "Par qui", "Quand"]
                    .map(str::to_owned)
                    .to_vec(),
                rows: rules
                    .iter()
                    .map(|rule| {
                        vec![
                            rule.term.clone(),
                            rule.list.spec().label.to_owned(),
                            if rule.replacement.is_empty() {
                                "rien".to_owned()
                            } else {
                                rule.replacement.clone()
                            },
                            who.name(&rule.by),
                            moment(rule.at),
                        ]
                    })
                    .collect(),
            }),
            ..FormBlock::default()
        });
    }
    page.blocks.push(FormBlock {
        id: "fermees".to_owned(),
        title: "Listes fermées".to_owned(),
        text: RichText::parse(
            "Leurs codes viennent avec le programme et ne changent pas. Leurs libellés peuvent prendre les mots d’ici.",
        ),
        links: super::labels::links(app)
            .into_iter()
            .chain([Link::new("Tous les termes, un à un", "/modele-de-donnees")])
            .collect(),
        ..FormBlock::default()
    });
    page.gather_errors();
    Ok(page)
}

/// Puts a term in the place of another. What was typed comes back when it cannot be done.
///
/// # Errors
/// When the account is no administrator, or the database cannot be written.
pub async fn replace(State(app): State<App>, form: SignedForm) -> Result<Response, WebError> {
    let signed_in = form.signed_in();
    admins_only(&signed_in)?;
    let typed = form.fields.get("liste");
    let list = open_lists().find(|field| field.spec().id == typed);
    let term = clean_line(form.fields.get("terme"));
    let replacement = clean_line(form.fields.get("remplacement"));
    let long = |text: &str| text.chars().count() > TERM_MAX;
    let mut error = None;
    let mut holding = Vec::new();
    match list {
        None => error = Some(("liste", "Choisissez une liste.".to_owned())),
        Some(_) if term.is_empty() || long(&term) => {
            error = Some((
                "terme",
                "Écrivez le terme, par exemple «\u{a0}capteurs\u{a0}».".to_owned(),
            ));
        }
        Some(_) if long(&replacement) => {
            error = Some(("remplacement", format!("{TERM_MAX} caractères au plus.")));
        }
        Some(_) if term == replacement => {
            error = Some((
                "remplacement",
                "C’est le même terme\u{a0}: rien ne changerait.".to_owned(),
            ));
        }
        Some(list) => {
            let key = fold_key(&term);
            holders(&app, list, |id, names| {
                if names.iter().any(|name| fold_key(name) == key) {
                    holding.push(id);
                }
            })
            .await?;
            if holding.is_empty() {
                error = Some((
                    "terme",
                    format!(
                        "Aucune fiche publiée n’emploie «\u{a0}{}\u{a0}».",
                        excerpt(&term, TERM_MAX)
                    ),
                ));
            }
        }
    }
    let list = match (list, error) {
        (Some(list), None) => list,
        (_, error) => {
            let page = terms_page(&app, &signed_in, (typed, &term, &replacement), error).await?;
            return fresh(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let rule = TermRule {
        list,
        term,
        replacement,
        by: form.person.account.id.to_string(),
        at: (app.settings.now)(),
    };
    let done = app
        .store
        .replace_term(&rule, &holding, form.person.account.id)
        .await?;
    crate::refresh::at_once(&app).await;
    Ok(see_other(&format!(
        "{PATH}?fait=remplace-{}-{}",
        done.records, done.left
    )))
}

/// Terms of a record that others took the place of: one sentence each, for whoever reads it before it is published.
///
/// # Errors
/// When the database does not answer.
pub async fn remarks(app: &App, content: &Content) -> Result<Vec<String>, WebError> {
    let mut found = Vec::new();
    if open_lists().all(|list| names(content, list).is_empty()) {
        return Ok(found);
    }
    for rule in app.store.term_rules().await? {
        let key = fold_key(&rule.term);
        if names(content, rule.list)
            .iter()
            .any(|name| fold_key(name) == key && *name != rule.replacement)
        {
            found.push(if rule.replacement.is_empty() {
                format!(
                    "{}\u{a0}: «\u{a0}{}\u{a0}» n’est plus employé ici.",
                    rule.list.spec().label,
                    rule.term
                )
            } else {
                format!(
                    "{}\u{a0}: «\u{a0}{}\u{a0}» se dit ici «\u{a0}{}\u{a0}».",
                    rule.list.spec().label,
                    rule.term,
                    rule.replacement
                )
            });
        }
    }
    Ok(found)
}
