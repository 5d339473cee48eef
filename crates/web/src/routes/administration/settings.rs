//! `/administration/reglages`: what the legal pages and the context page say, over the configuration.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::{Asked, Names, admins_only, keep_settings, page};
use crate::app::App;
use crate::error::WebError;
use crate::locale::moment;
use crate::posted::{Fields, SignedForm};
use crate::routes::account::{fresh, see_other};
use crate::session::SignedIn;
use crate::site::setting::{Kind, Overrides, SETTINGS, Setting, labelled, overlay};
use crate::site::{Conformity, Site};
use crate::view::library::Link;
use crate::view::prose::ProseTable;
use crate::view::{Control, FormBlock, FormError, FormField, FormOption, FormPage, RichText};

/// Where settings are.
pub const PATH: &str = "/administration/reglages";
/// Changes shown.
const CHANGES: u32 = 30;
/// Longest excerpt of a value in the history, in characters.
const EXCERPT: usize = 120;

/// What was sent, or is in force: a value and what is wrong with it, setting by setting.
type Typed = Vec<(String, Option<String>)>;

/// The settings, where each comes from, and their history.
///
/// # Errors
/// When the account is no administrator, or the database does not answer.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    admins_only(&signed_in)?;
    app.reload_settings().await?;
    let site = app.site();
    let typed = SETTINGS.iter().map(|setting| (setting.of(&site), None)).collect();
    let mut page = settings_page(&app, &signed_in, &typed).await?;
    page.notice = match asked.fait.as_str() {
        "enregistre" => Some("C’est enregistré\u{a0}: les pages le disent dès maintenant.".to_owned()),
        "rien" => Some("Rien ne changeait.".to_owned()),
        _ => None,
    };
    fresh(StatusCode::OK, &page)
}

/// What changes when the settings in force change. Labels of lists have a page of their own.
fn seen(overrides: &Overrides) -> String {
    let own: Overrides = overrides
        .iter()
        .filter(|(key, _)| labelled(key).is_none())
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    crate::hash::short(&[&serde_json::to_string(&own).unwrap_or_default()])
}

async fn settings_page(app: &App, signed_in: &SignedIn, typed: &Typed) -> Result<FormPage, WebError> {
    let lead = "Ce que disent les mentions légales, les déclarations et la page Contexte. Une valeur écrite ici l’emporte sur le fichier de configuration\u{202f}; un champ vidé y revient.";
    let mut page = page(app, signed_in, "Réglages", lead, PATH);
    let overrides = app.overrides();
    page.blocks.push(FormBlock {
        id: "reglages".to_owned(),
        title: "Identité et pages légales".to_owned(),
        action: PATH.to_owned(),
        csrf: signed_in.reader.csrf().to_owned(),
        hidden: vec![("vu".to_owned(), seen(&overrides))],
        fields: SETTINGS
            .iter()
            .zip(typed)
            .map(|(setting, (value, error))| {
                field(setting, value, error.clone(), overrides.contains_key(setting.key))
            })
            .collect(),
        submit: "Enregistrer".to_owned(),
        others: vec![("apercu".to_owned(), "Voir l’aperçu".to_owned())],
        links: [
            ("Mentions légales", "/mentions-legales"),
            ("Accessibilité", "/accessibilite"),
            ("Données personnelles", "/donnees-personnelles"),
            ("Écoconception", "/ecoconception"),
            ("Contexte", "/contexte"),
        ]
        .into_iter()
        .map(|(label, href)| Link::new(label, href))
        .collect(),
        ..FormBlock::default()
    });
    page.blocks.push(history(app).await?);
    page.gather_errors();
    Ok(page)
}

fn field(setting: &Setting, value: &str, error: Option<String>, here: bool) -> FormField {
    let control = match setting.kind {
        Kind::Line | Kind::Percent | Kind::Day => Control::Line("text"),
        Kind::Email => Control::Line("email"),
        Kind::Url => Control::Line("url"),
        Kind::Text => Control::Lines(3),
        Kind::Prose => Control::Lines(8),
        Kind::Conformity => Control::Radios(
            Conformity::ALL
                .into_iter()
                .map(|state| FormOption::new(state.code(), state.label(), state.code() == value))
                .collect(),
        ),
    };
    let origin = if here {
        "Écrit ici."
    } else {
        "Vient de la configuration."
    };
    let name = setting.key.replace('.', "-");
    FormField::new(name, setting.label, value, control)
        .hint(format!("{} {origin}", setting.hint))
        .max(setting.max())
        .error(error)
}

fn words(value: Option<&str>) -> String {
    value.map_or_else(
        || "Configuration".to_owned(),
        |value| sobria_catalogue::text::excerpt(value, EXCERPT),
    )
}

async fn history(app: &App) -> Result<FormBlock, WebError> {
    let mut changes = app.store.setting_changes(CHANGES).await?;
    changes.retain(|change| labelled(&change.key).is_none());
    let names = Names::of(app, changes.iter().map(|change| change.author.as_str())).await?;
    Ok(FormBlock {
        id: "historique".to_owned(),
        title: "Historique".to_owned(),
        text: RichText::parse(if changes.is_empty() {
            "Aucun réglage n’a encore été changé sur le site."
        } else {
            ""
        }),
        table: (!changes.is_empty()).then(|| ProseTable {
            caption: "Les changements les plus récents d’abord".to_owned(),
            headers: ["Quand", "Réglage", "Par", "Avant", "Après"]
                .map(str::to_owned)
                .to_vec(),
            rows: changes
                .iter()
                .map(|change| {
                    let label = SETTINGS
                        .iter()
                        .find(|setting| setting.key == change.key)
                        .map_or(change.key.as_str(), |setting| setting.label);
                    vec![
                        moment(change.made_at),
                        label.to_owned(),
                        names.name(&change.author),
                        words(change.former.as_deref()),
                        words(change.value.as_deref()),
                    ]
                })
                .collect(),
        }),
        ..FormBlock::default()
    })
}

/// What was typed, checked: the form to give back, and the values to keep when nothing is wrong.
fn read(fields: &Fields, configuration: &Site) -> (Typed, Option<Vec<Option<String>>>) {
    let mut typed = Vec::new();
    let mut kept = Vec::new();
    let mut sound = true;
    for setting in &SETTINGS {
        let text = fields.get(&setting.key.replace('.', "-"));
        match setting.read(text) {
            Ok(value) => {
                typed.push((text.to_owned(), None));
                let own = !value.is_empty() && value != setting.of(configuration);
                kept.push(own.then_some(value));
            }
            Err(message) => {
                sound = false;
                typed.push((text.to_owned(), Some(message)));
            }
        }
    }
    (typed, sound.then_some(kept))
}

/// Changes settings, or shows what the pages would say.
///
/// # Errors
/// When the account is no administrator, somebody changed the settings meanwhile, or the database does not answer.
pub async fn change(State(app): State<App>, form: SignedForm) -> Result<Response, WebError> {
    let signed_in = form.signed_in();
    admins_only(&signed_in)?;
    app.reload_settings().await?;
    let (typed, kept) = read(&form.fields, &app.settings.site);
    let Some(kept) = kept else {
        let page = settings_page(&app, &signed_in, &typed).await?;
        return fresh(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    if form.fields.get("action") == "apercu" {
        let mut page = settings_page(&app, &signed_in, &typed).await?;
        let overrides = SETTINGS
            .iter()
            .zip(kept)
            .filter_map(|(setting, value)| Some((setting.key.to_owned(), value?)))
            .collect();
        page.notice =
            Some("Aperçu de ce que diraient les pages\u{202f}; rien n’est encore enregistré.".to_owned());
        let shown = previewed(&overlay(&app.settings.site, &overrides));
        page.blocks.splice(0..0, shown);
        return fresh(StatusCode::OK, &page);
    }
    if form.fields.get("vu") != seen(&app.overrides()) {
        let mut page = settings_page(&app, &signed_in, &typed).await?;
        page.errors.push(FormError {
            field: "historique".to_owned(),
            message: "Quelqu’un d’autre a changé des réglages entre-temps\u{a0}: comparez avec l’historique, puis enregistrez à nouveau. Ce que vous avez écrit est conservé."
                .to_owned(),
        });
        return fresh(StatusCode::CONFLICT, &page);
    }
    let values = SETTINGS
        .iter()
        .zip(kept)
        .map(|(setting, value)| (setting.key.to_owned(), value))
        .collect();
    let done = keep_settings(&app, signed_in.person.account.id, values).await?;
    Ok(see_other(&format!("{PATH}?fait={done}")))
}

/// The parts of pages that settings make, as readers would see them.
fn previewed(site: &Site) -> Vec<FormBlock> {
    let block = |id: &str, title: &str, text: String| FormBlock {
        id: format!("apercu-{id}"),
        title: title.to_owned(),
        text: RichText::parse(&text),
        ..FormBlock::default()
    };
    let fact = crate::routes::legal::fact;
    let part = |title: &str, text: &str| format!("**{title}**\n\n{}\n\n", fact(text));
    let rate = site.legal.accessibility_rate.map_or_else(String::new, |rate| {
        format!(" Taux de critères respectés\u{a0}: {rate}\u{a0}%.")
    });
    vec![
        block(
            "mentions",
            "Aperçu\u{a0}: Mentions légales",
            [
                part("Éditeur", &site.legal.publisher),
                part("Direction de la publication", &site.legal.director),
                part("Hébergement", &site.legal.host),
                part("Contact", site.contact_email.as_deref().unwrap_or("")),
            ]
            .concat(),
        ),
        block(
            "donnees",
            "Aperçu\u{a0}: Données personnelles",
            [
                part("Responsable du traitement", &site.legal.controller),
                part("Délégué à la protection des données", &site.legal.dpo),
            ]
            .concat(),
        ),
        block(
            "accessibilite",
            "Aperçu\u{a0}: Accessibilité",
            format!(
                "{} s’engage à rendre ce site accessible. Ce site est **{}** avec le référentiel général d’amélioration de l’accessibilité (RGAA).{rate}",
                site.operator,
                site.legal.accessibility.label()
            ),
        ),
        block(
            "contexte",
            "Aperçu\u{a0}: Contexte",
            [site.context.why(), site.context.how(), site.context.reading()].join("\n\n"),
        ),
    ]
}
