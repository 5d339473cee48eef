//! `/administration/vocabulaires/{list}`: the labels of a closed list, in the words of the instance. Codes stay those of
//! the program, so that addresses, exports and other instances mean the same.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::field::FIELDS;
use sobria_catalogue::text::clean_line;
use sobria_catalogue::vocabulary::{LABEL_MAX, Labels, Vocabularies, Vocabulary, VocabularyId};

use super::{Asked, Names, admins_only, keep_settings, page, terms};
use crate::app::App;
use crate::error::WebError;
use crate::locale::{counted, moment};
use crate::posted::SignedForm;
use crate::routes::account::{fresh, see_other};
use crate::session::SignedIn;
use crate::site::setting::{Overrides, label_key, labelled};
use crate::view::library::Link;
use crate::view::prose::ProseTable;
use crate::view::{Crumb, FormBlock, FormError, FormField, FormPage, RichText};

/// Changes of settings looked through for those of the list.
const CHANGES: u32 = 200;

/// Where the labels of a list are changed.
pub fn path(list: VocabularyId) -> String {
    format!("{}/{}", terms::PATH, list.id())
}

/// What people call a list: the fields that take their values from it.
pub fn title(list: VocabularyId) -> String {
    let labels: Vec<&str> = FIELDS
        .iter()
        .filter(|spec| spec.kind.vocabulary() == Some(list))
        .map(|spec| spec.label)
        .collect();
    match (labels.is_empty(), list) {
        (false, _) => labels.join(", "),
        (true, VocabularyId::LinkAccess) => "Accès aux liens".to_owned(),
        (true, VocabularyId::ResourceKind) => "Nature des ressources".to_owned(),
        (true, VocabularyId::PartnerRole) => "Rôle des partenaires".to_owned(),
        (true, other) => other.id().to_owned(),
    }
}

/// The closed lists, with how many terms of each the instance calls otherwise.
pub fn links(app: &App) -> Vec<Link> {
    let labels = &app.site().labels;
    VocabularyId::ALL
        .iter()
        .map(|list| {
            let own = labels.keys().filter(|(id, _)| id == list).count();
            let count = match own {
                0 => String::new(),
                own => format!(
                    " ({})",
                    counted(u64::try_from(own).unwrap_or(0), "libellé d’ici", "libellés d’ici")
                ),
            };
            Link::new(format!("{}{count}", title(*list)), path(*list))
        })
        .collect()
}

/// The list of the program, and its name.
fn known(id: &str) -> Result<(VocabularyId, &'static Vocabulary), WebError> {
    let list = VocabularyId::from_id(id).ok_or(WebError::NotFound)?;
    Ok((list, Vocabularies::embedded().get(list)))
}

/// What changes when the labels of the list change.
fn seen(overrides: &Overrides, list: VocabularyId) -> String {
    let own: Vec<String> = overrides
        .iter()
        .filter(|(key, _)| labelled(key).is_some_and(|(id, _)| id == list))
        .map(|(key, label)| format!("{key}={label}"))
        .collect();
    crate::hash::short(&own.iter().map(String::as_str).collect::<Vec<_>>())
}

/// What was typed for a term, and what is wrong with it.
type Typed = Vec<(String, Option<String>)>;

async fn the_page(
    app: &App,
    signed_in: &SignedIn,
    list: VocabularyId,
    typed: Typed,
) -> Result<FormPage, WebError> {
    let name = title(list);
    let mut page = page(
        app,
        signed_in,
        &name,
        "Le libellé que chaque code porte sur ce site\u{a0}: pages, filtres, recherche et colonnes de libellés des exports. Les codes ne changent pas.",
        terms::PATH,
    );
    page.layout.crumbs = vec![
        Crumb::to("Mon espace", "/mon-espace"),
        Crumb::to("Vocabulaires", terms::PATH),
        Crumb::here(name.clone()),
    ];
    page.blocks.push(FormBlock {
        id: "libelles".to_owned(),
        title: "Libellés".to_owned(),
        text: RichText::parse(
            "Laissez vide pour garder le libellé du programme. Les imports comprennent l’un et l’autre.",
        ),
        action: path(list),
        csrf: signed_in.reader.csrf().to_owned(),
        hidden: vec![("vu".to_owned(), seen(&app.overrides(), list))],
        fields: Vocabularies::embedded()
            .get(list)
            .terms()
            .iter()
            .zip(typed)
            .map(|(term, (value, error))| {
                FormField::line(format!("t-{}", term.code), term.label, value)
                    .hint(format!("Code\u{a0}: {}", term.code))
                    .max(LABEL_MAX)
                    .error(error)
            })
            .collect(),
        submit: "Enregistrer".to_owned(),
        others: vec![(
            "revenir".to_owned(),
            "Revenir aux libellés du programme".to_owned(),
        )],
        links: vec![Link::new("Tous les vocabulaires", terms::PATH)],
        ..FormBlock::default()
    });
    page.blocks.extend(history(app, list).await?);
    page.gather_errors();
    Ok(page)
}

async fn history(app: &App, list: VocabularyId) -> Result<Option<FormBlock>, WebError> {
    let changes = app.store.setting_changes(CHANGES).await?;
    let program = Vocabularies::embedded().get(list);
    let own: Vec<_> = changes
        .iter()
        .filter_map(|change| {
            let (_, code) = labelled(&change.key).filter(|(id, _)| *id == list)?;
            Some((change, code))
        })
        .collect();
    if own.is_empty() {
        return Ok(None);
    }
    let names = Names::of(app, own.iter().map(|(change, _)| change.author.as_str())).await?;
    Ok(Some(FormBlock {
        id: "historique".to_owned(),
        title: "Historique".to_owned(),
        table: Some(ProseTable {
            caption: "Les changements les plus récents d’abord".to_owned(),
            headers: ["Quand", "Code", "Par", "Avant", "Après"]
                .map(str::to_owned)
                .to_vec(),
            rows: own
                .iter()
                .map(|(change, code)| {
                    let words = |label: Option<&str>| label.unwrap_or(program.label(code)).to_owned();
                    vec![
                        moment(change.made_at),
                        (*code).to_owned(),
                        names.name(&change.author),
                        words(change.former.as_deref()),
                        words(change.value.as_deref()),
                    ]
                })
                .collect(),
        }),
        ..FormBlock::default()
    }))
}

/// The labels of a list.
///
/// # Errors
/// When the account is no administrator, there is no such list, or the database does not answer.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    admins_only(&signed_in)?;
    let (list, program) = known(&id)?;
    app.reload_settings().await?;
    let overrides = app.overrides();
    let typed = program
        .terms()
        .iter()
        .map(|term| {
            (
                overrides
                    .get(&label_key(list, term.code))
                    .cloned()
                    .unwrap_or_default(),
                None,
            )
        })
        .collect();
    let mut page = the_page(&app, &signed_in, list, typed).await?;
    page.notice = match asked.fait.as_str() {
        "enregistre" => Some("C’est enregistré\u{a0}: le site le dit dès maintenant.".to_owned()),
        "rien" => Some("Rien ne changeait.".to_owned()),
        _ => None,
    };
    fresh(StatusCode::OK, &page)
}

/// Judges what was typed: each label beside all the others, whatever their order.
fn read(list: VocabularyId, program: &Vocabulary, form: &SignedForm) -> (Typed, Labels) {
    let typed: Vec<(&'static str, String)> = program
        .terms()
        .iter()
        .map(|term| {
            (
                term.code,
                clean_line(form.fields.get(&format!("t-{}", term.code))),
            )
        })
        .collect();
    let own = |code: &str, label: &str| !label.is_empty() && label != program.label(code);
    let mut labels = Labels::new();
    let mut judged = Typed::new();
    for (code, label) in &typed {
        let mut error = None;
        if own(code, label) {
            error = program
                .may_call(code, label)
                .err()
                .map(|refusal| refusal.to_string());
            let key = sobria_catalogue::text::fold(label);
            let twin = typed
                .iter()
                .find(|(other, text)| other != code && sobria_catalogue::text::fold(text) == key);
            if let (None, Some((other, _))) = (&error, twin) {
                error = Some(format!(
                    "«\u{a0}{label}\u{a0}» est aussi donné à «\u{a0}{}\u{a0}»\u{a0}: deux termes ne peuvent pas se lire pareil.",
                    program.label(other)
                ));
            }
            labels.insert((list, (*code).to_owned()), label.clone());
        }
        judged.push((label.clone(), error));
    }
    (judged, labels)
}

/// Changes the labels of a list. What was typed comes back when it cannot be done.
///
/// # Errors
/// When the account is no administrator, there is no such list, somebody changed it meanwhile, or the database does not
/// answer.
pub async fn change(
    State(app): State<App>,
    Path(id): Path<String>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let signed_in = form.signed_in();
    admins_only(&signed_in)?;
    let (list, program) = known(&id)?;
    app.reload_settings().await?;
    let (typed, labels) = if form.fields.get("action") == "revenir" {
        (Typed::new(), Labels::new())
    } else {
        read(list, program, &form)
    };
    if typed.iter().any(|(_, error)| error.is_some()) {
        let page = the_page(&app, &signed_in, list, typed).await?;
        return fresh(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    if form.fields.get("vu") != seen(&app.overrides(), list) {
        let typed = read(list, program, &form).0;
        let mut page = the_page(&app, &signed_in, list, typed).await?;
        page.errors.push(FormError {
            field: "historique".to_owned(),
            message: "Quelqu’un d’autre a changé ces libellés entre-temps\u{a0}: comparez avec l’historique, puis enregistrez à nouveau. Ce que vous avez écrit est conservé."
                .to_owned(),
        });
        return fresh(StatusCode::CONFLICT, &page);
    }
    let values = program
        .terms()
        .iter()
        .map(|term| {
            let label = labels.get(&(list, term.code.to_owned())).cloned();
            (label_key(list, term.code), label)
        })
        .collect();
    let done = keep_settings(&app, signed_in.person.account.id, values).await?;
    Ok(see_other(&format!("{}?fait={done}", path(list))))
}
