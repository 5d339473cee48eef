//! `/cas-usages/{slug}`: one record, in the order a colleague would ask.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use sobria_catalogue::access::{Level, VisibleFile, VisibleUseCase, level_for, redact, redact_files};
use sobria_catalogue::content::{Link as ContentLink, Value};
use sobria_catalogue::field::{Field, Visibility};
use sobria_catalogue::link::{End, RecordKind};
use sobria_catalogue::query::{CatalogueQuery, Sort};
use sobria_catalogue::rights::{Action, Owner, can};
use sobria_catalogue::use_case::{RevisionSummary, WorkflowStatus};
use sobria_catalogue::vocabulary::VocabularyId;
use sobria_store::Found;

use crate::app::App;
use crate::error::WebError;
use crate::relations;
use crate::respond::{HTML, JSON, for_level};
use crate::routes::cards::{
    cards, date_words, day_words, kind_label, label_list, labels, maturity, stale_label,
};
use crate::routes::entries::page::Directory;
use crate::routes::estimate::gaps;
use crate::routes::evaluations::{of_record, views};
use crate::routes::facets::badge;
use crate::routes::frame::{frame, render};
use crate::routes::govern;
use crate::routes::map::{lone_marker, place_words};
use crate::routes::personal::{shelves, using};
use crate::session::Reader;
use crate::view::card::monogram;
use crate::view::library::Link;
use crate::view::personal::Users;
use crate::view::record::{Fact, FootprintsPage, Item, ItemBody, RecordPage, Resource, Revision, Section};
use crate::view::{Crumb, Place, RichText};
use crate::words::in_use;

/// Cards under a record, of each sort.
const NEIGHBOURS: usize = 3;

/// A part of the page: anchor, title, fields in order.
type Part = (&'static str, &'static str, &'static [Field]);

/// Questions in the order a colleague would ask them.
const PARTS: [Part; 7] = [
    ("service", "À quoi ça sert", &[Field::Description]),
    (
        "lecons",
        "Ce qui a été appris",
        &[Field::AbandonmentReason, Field::ResultGap],
    ),
    (
        "publics",
        "Pour qui, avec qui",
        &[
            Field::Audiences,
            Field::Partners,
            Field::Suppliers,
            Field::Contact,
        ],
    ),
    (
        "fonctionnement",
        "Comment ça marche",
        &[
            Field::AlgorithmName,
            Field::AlgorithmKinds,
            Field::AlgorithmDescription,
            Field::AlgorithmOperations,
            Field::AutomationLevel,
            Field::Delivery,
            Field::Hosting,
            Field::DataSources,
            Field::DataCollection,
            Field::DataPersonal,
        ],
    ),
    (
        "garanties",
        "Risques, décisions et recours",
        &[
            Field::RiskCategory,
            Field::RiskAssessment,
            Field::RiskProportionality,
            Field::DecisionScope,
            Field::DecisionPeople,
            Field::DecisionPerYear,
            Field::LegalBasis,
            Field::Explainability,
            Field::Bias,
            Field::Reversibility,
            Field::Objection,
        ],
    ),
    (
        "environnement",
        "Ce que ça coûte à la planète et au budget",
        &[Field::EnvironmentStatement, Field::BudgetBand, Field::Funding],
    ),
    (
        "reutiliser",
        "Comment le réutiliser",
        &[Field::InfoLinks, Field::Resources, Field::Tags],
    ),
];

/// One record: its page, or its JSON document when the address ends with `.json`.
///
/// # Errors
/// When there is no such record, or it was taken away.
pub async fn page(
    State(app): State<App>,
    uri: Uri,
    Path(slug): Path<String>,
    reader: Reader,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let (slug, json) = match slug.strip_suffix(".json") {
        Some(slug) => (slug.to_owned(), true),
        None => (slug, false),
    };
    if let Found::Redirect(now) = app.store.use_case_by_slug(&slug).await? {
        let target = format!("/cas-usages/{now}{}", if json { ".json" } else { "" });
        let location =
            HeaderValue::from_str(&target).map_err(|error| WebError::Internal(error.to_string()))?;
        return Ok((StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, location)]).into_response());
    }
    let media_type = if json { JSON } else { HTML };
    for_level(&app, &uri, &headers, reader.level(), media_type, async {
        let (record, history) = match app.store.use_case_by_slug(&slug).await? {
            Found::UseCase { record, history } => (*record, history),
            Found::Withdrawn => return Err(withdrawn(&app, &slug).await?),
            Found::Redirect(_) | Found::None => return Err(WebError::NotFound),
        };
        let level = level_for(&reader.actor(), Some(record.organisation.id));
        let item = redact(record, level);
        let evaluations = of_record(&app, item.record().id, level).await?;
        let files = files_of(&app, &item).await?;
        if json {
            return crate::api::use_cases::document(&app, &item, &evaluations, &files).await;
        }
        let query = CatalogueQuery {
            organisation: Some(item.record().organisation.id),
            sort: Sort::Recent,
            limit: NEIGHBOURS + 1,
            ..CatalogueQuery::default()
        };
        let mut siblings = app.index.find(&query, level)?.ids;
        siblings.retain(|id| *id != item.record().id);
        siblings.truncate(NEIGHBOURS);
        let mut similar = app.index.similar(item.record().id, level, NEIGHBOURS * 2)?;
        similar.retain(|id| !siblings.contains(id));
        similar.truncate(NEIGHBOURS);
        let mut page = assemble(&app, &item, &history);
        page.siblings = cards(&app, &siblings, level, "").await?;
        page.similar = cards(&app, &similar, level, "").await?;
        let mut shown = views(&app, &evaluations);
        page.more = shown.split_off(shown.len().min(1));
        page.evaluations = shown;
        page.ratios = gaps::views(
            &app.store.ratios_of(&[item.record().id], level).await?,
            &evaluations,
        );
        page.files = crate::attachments::lines(&files);
        let (standing, instruments) = govern::of_record(&app, &item, &reader).await?;
        page.standing = standing;
        page.further = further(&item, &reader);
        page.further.extend(instruments);
        let here = End {
            kind: RecordKind::UseCase,
            id: item.record().id.uuid(),
        };
        page.relations = relations::groups(&relations::of(&app, here, reader.level(), false).await?);
        supplier_links(&app, &mut page, &item, reader.level()).await?;
        page.manage = manage(&item, &reader);
        if !page.manage.is_empty() {
            page.further.push(Link::new(
                "Lier à une autre fiche",
                format!("/cas-usages/{slug}/liens"),
            ));
        }
        page.keep = shelves::keep(&app, &reader, item.record().id, &slug).await?;
        page.users = using::users(&app, &reader, item.record()).await?;
        reader.csrf().clone_into(&mut page.csrf);
        render(&page)
    })
    .await
}

/// The footprints of one record, whole: what the page of the record shows in short from the second on.
///
/// # Errors
/// When there is no such record, it carries none that the reader may read, or the database does not answer.
pub async fn footprints(
    State(app): State<App>,
    uri: Uri,
    Path(slug): Path<String>,
    reader: Reader,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    for_level(&app, &uri, &headers, reader.level(), HTML, async {
        let Found::UseCase { record, .. } = app.store.use_case_by_slug(&slug).await? else {
            return Err(WebError::NotFound);
        };
        let level = level_for(&reader.actor(), Some(record.organisation.id));
        let item = redact(*record, level);
        let evaluations = of_record(&app, item.record().id, level).await?;
        if evaluations.is_empty() {
            return Err(WebError::NotFound);
        }
        let (title, record) = (item.content().title(), format!("/cas-usages/{slug}"));
        let path = format!("{record}/empreintes");
        let mut layout =
            frame(&app, Place::Library, &format!("Empreintes\u{a0}: {title}"), &path).under(vec![
                Crumb::to("Bibliothèque", "/cas-usages"),
                Crumb::to(title, record),
                Crumb::here("Empreintes"),
            ]);
        layout.private = level > Level::Public;
        render(&FootprintsPage {
            layout,
            title: "Empreintes estimées et mesurées".to_owned(),
            lead: format!(
                "{} de «\u{a0}{title}\u{a0}», avec leur méthode et toutes leurs valeurs.",
                crate::locale::counted(
                    u64::try_from(evaluations.len()).unwrap_or(u64::MAX),
                    "empreinte",
                    "empreintes"
                )
            ),
            ratios: gaps::views(
                &app.store.ratios_of(&[item.record().id], level).await?,
                &evaluations,
            ),
            evaluations: views(&app, &evaluations),
        })
    })
    .await
}

/// The files of the version that the public reads, as far as the reader may.
///
/// # Errors
/// When the database does not answer.
pub async fn files_of(app: &App, item: &VisibleUseCase) -> Result<Vec<VisibleFile>, WebError> {
    let record = item.record();
    let mut files = app.store.attachments_of(record.id).await?;
    files.retain(|attachment| attachment.is_in(record.version));
    Ok(redact_files(files, item.level()))
}

fn assemble(app: &App, item: &VisibleUseCase, history: &[RevisionSummary]) -> RecordPage {
    let record = item.record();
    let content = item.content();
    let organisation = &record.organisation;
    let path = format!("/cas-usages/{}", record.slug);
    let title = content.title().to_owned();
    let summary = content.text(Field::Summary).unwrap_or("").to_owned();
    let today = app.today();
    let description = if summary.is_empty() {
        sobria_catalogue::text::excerpt(content.text(Field::Description).unwrap_or(""), 160)
    } else {
        summary.clone()
    };
    let mut layout = frame(app, Place::Library, &title, &path)
        .described(description)
        .under(vec![
            Crumb::to("Bibliothèque", "/cas-usages"),
            Crumb::here(title.clone()),
        ]);
    layout.scripted = true;
    layout.private = item.level() > Level::Public;
    layout.alternates = vec![Link::new("application/json", format!("{path}.json"))];
    layout.json_ld = Some(sobria_exchange::export::schema_org_record(
        item,
        &crate::exports::site_info(&app.site(), &app.settings.base_url, record.updated_at),
    ));
    let marker = lone_marker(organisation);
    let address = format!("{}{path}", app.settings.base_url);
    let updated = day_words(record.updated_at);
    RecordPage {
        layout,
        summary,
        organisation: Link::new(
            organisation.name.clone(),
            format!("/organisations/{}", organisation.slug),
        ),
        organisation_kind: kind_label(organisation.kind.as_deref()),
        monogram: monogram(&organisation.name),
        theme: content.code(Field::Theme).map(badge),
        maturity: content.code(Field::Maturity).map(maturity),
        usage: content
            .code(Field::ServiceUsage)
            .map(|code| in_use().get(VocabularyId::ServiceUsage).label(code).to_owned()),
        notice: notice(item, today),
        sections: sections(item),
        files: Vec::new(),
        evaluations: Vec::new(),
        more: Vec::new(),
        footprints: format!("{path}/empreintes"),
        ratios: Vec::new(),
        relations: Vec::new(),
        facts: facts(item),
        standing: Vec::new(),
        marker_view_box: marker
            .as_ref()
            .map(|(_, view_box)| view_box.clone())
            .unwrap_or_default(),
        marker: marker.map(|(marker, _)| marker),
        place: place_words(organisation),
        citation: format!(
            "{}, «\u{a0}{title}\u{a0}», {}, version {} du {updated}, {address} ({}).",
            organisation.name,
            app.site().name,
            record.version,
            app.site().licence
        ),
        formats: vec![Link::new("JSON", format!("{path}.json"))],
        report: None,
        siblings: Vec::new(),
        similar: Vec::new(),
        revisions: history
            .iter()
            .map(|revision| Revision {
                label: format!("Version {}", revision.number),
                date: day_words(revision.created_at),
                reason: revision.reason.clone(),
            })
            .collect(),
        history: (history.len() > 1)
            .then(|| Link::new("Ce que chaque version a changé", format!("{path}/historique"))),
        manage: Vec::new(),
        keep: None,
        users: Users::default(),
        csrf: String::new(),
        further: Vec::new(),
        provenance: format!(
            "Informations déclarées par {}, sous {}.",
            organisation.name,
            app.site().licence
        ),
        title,
    }
}

/// Leads from the suppliers that the carrier names to the one page that bears each name, when there is one.
async fn supplier_links(
    app: &App,
    page: &mut RecordPage,
    item: &VisibleUseCase,
    level: Level,
) -> Result<(), WebError> {
    let Some(Value::Names(names)) = item.content().get(Field::Suppliers) else {
        return Ok(());
    };
    let directory = Directory::read(app, level).await?;
    let links: Vec<Resource> = names
        .iter()
        .map(|name| Resource {
            label: name.clone(),
            href: directory.path_of(name),
            note: String::new(),
        })
        .collect();
    if links.iter().all(|link| link.href.is_none()) {
        return Ok(());
    }
    let chips = |body: &ItemBody| matches!(body, ItemBody::Chips(shown) if shown == names);
    for shown in page.sections.iter_mut().flat_map(|section| &mut section.items) {
        if chips(&shown.body) && (shown.label.is_empty() || shown.label == Field::Suppliers.spec().label) {
            shown.body = ItemBody::Links(links.clone());
        }
    }
    Ok(())
}

/// What the address of a record that was taken away says.
async fn withdrawn(app: &App, slug: &str) -> Result<WebError, WebError> {
    Ok(match app.store.withdrawal_class(slug).await? {
        Some(class) => WebError::Withdrawn(format!(
            "Cette fiche a été publiée ici, puis retirée. Raison\u{a0}: {}. Son contenu n’est plus conservé en ligne.",
            class.label().to_lowercase()
        )),
        None => WebError::Gone,
    })
}

/// What a reader may do with a record that is not theirs.
fn further(item: &VisibleUseCase, reader: &Reader) -> Vec<Link> {
    let slug = &item.record().slug;
    let mut links = Vec::new();
    let has_contact = item.beyond().contains(&Field::Contact)
        || matches!(item.content().get(Field::Contact), Some(Value::Contact(contact)) if contact.email.is_some());
    if has_contact {
        links.push(Link::new(
            "Écrire au porteur du projet",
            format!("/cas-usages/{slug}/contact"),
        ));
    }
    links.push(Link::new(
        "Signaler une erreur ou un changement",
        format!("/cas-usages/{slug}/signaler"),
    ));
    links.push(Link::new(
        "Comparer avec d’autres projets",
        format!("/comparer?fiche={slug}"),
    ));
    if reader.person().is_some() {
        links.push(Link::new(
            "Décrire un projet semblable",
            format!("/contribuer?copier={slug}"),
        ));
    }
    links
}

/// What those who contribute for the carrier may do.
fn manage(item: &VisibleUseCase, reader: &Reader) -> Vec<(String, String)> {
    let record = item.record();
    let owner = Owner {
        organisation: Some(record.organisation.id),
        author: None,
    };
    if can(&reader.actor(), &Action::WriteContribution(owner)).is_err()
        || record.status != WorkflowStatus::Published
    {
        return Vec::new();
    }
    [
        ("modifier", "Proposer une nouvelle version"),
        ("confirmer", "Rien n’a changé"),
        ("archiver", "Demander l’archivage"),
    ]
    .map(|(word, label)| (format!("/cas-usages/{}/{word}", record.slug), label.to_owned()))
    .to_vec()
}

/// The page of a record that is not public yet, without its neighbours.
pub fn preview(app: &App, item: &VisibleUseCase) -> RecordPage {
    let mut page = assemble(app, item, &[]);
    page.layout.indexed = false;
    page.layout.canonical = String::new();
    page.layout.alternates.clear();
    page.formats.clear();
    // It would cite an address that nothing will ever stand at.
    page.citation.clear();
    page
}

fn notice(item: &VisibleUseCase, today: jiff::civil::Date) -> Option<String> {
    if item.record().status == WorkflowStatus::Archived {
        return Some(
            "Cette fiche est archivée\u{a0}: elle reste consultable, et ne figure plus dans la recherche."
                .to_owned(),
        );
    }
    let last = item.record().last_reviewed_on.map(crate::locale::day)?;
    stale_label(item, today).map(|label| {
        format!("{label}\u{a0}: cette fiche a été vérifiée pour la dernière fois le {last}. Certains éléments ont pu changer.")
    })
}

fn sections(item: &VisibleUseCase) -> Vec<Section> {
    let beyond = item.beyond();
    let mut sections: Vec<Section> = PARTS
        .iter()
        .map(|(id, title, fields)| Section {
            id: (*id).to_owned(),
            title: (*title).to_owned(),
            items: fields.iter().filter_map(|field| answer(item, *field)).collect(),
            members_only: fields
                .iter()
                .filter(|field| beyond.contains(field) && field.spec().visibility() == Visibility::Members)
                .map(|field| field.spec().label.to_owned())
                .collect(),
        })
        .filter(|section| !section.items.is_empty() || !section.members_only.is_empty())
        .collect();
    for section in &mut sections {
        if let [only] = section.items.as_mut_slice()
            && section.members_only.is_empty()
        {
            only.label = String::new();
        }
    }
    if item.content().code(Field::Maturity) == Some("abandonne") {
        // What was learnt is what readers of an abandoned project come for.
        sections.sort_by_key(|section| section.id != "lecons");
    }
    sections
}

fn answer(item: &VisibleUseCase, field: Field) -> Option<Item> {
    let value = item.content().get(field)?;
    let body = match value {
        Value::Text(text) => ItemBody::Text(RichText::parse(text)),
        Value::Code(_) | Value::Codes(_) => ItemBody::Chips(label_list(item, field)),
        Value::CodesText(both) => match &both.text {
            Some(text) if both.codes.is_empty() => ItemBody::Text(RichText::parse(text)),
            Some(text) => {
                let mut list = label_list(item, field);
                list.push(text.clone());
                ItemBody::List(list)
            }
            None => ItemBody::Chips(label_list(item, field)),
        },
        Value::Date(date) => ItemBody::List(vec![date_words(*date)]),
        Value::Integer(number) => ItemBody::List(vec![crate::locale::integer(*number)]),
        Value::Partners(partners) => ItemBody::List(
            partners
                .iter()
                .map(|partner| match &partner.role {
                    Some(role) => {
                        let label = in_use().get(VocabularyId::PartnerRole).label(role);
                        format!("{} ({})", partner.name, label.to_lowercase())
                    }
                    None => partner.name.clone(),
                })
                .collect(),
        ),
        Value::Names(names) => ItemBody::Chips(names.clone()),
        Value::Links(links) => ItemBody::Links(links.iter().map(resource).collect()),
        Value::Contact(contact) => {
            ItemBody::List(contact.role.iter().chain(contact.email.iter()).cloned().collect())
        }
    };
    Some(Item {
        label: field.spec().label.to_owned(),
        body,
    })
}

fn resource(link: &ContentLink) -> Resource {
    let vocabularies = in_use();
    let mut notes = Vec::new();
    if let Some(kind) = &link.kind {
        notes.push(
            vocabularies
                .get(VocabularyId::ResourceKind)
                .label(kind)
                .to_owned(),
        );
    }
    if let Some(access) = link.access.as_deref().filter(|access| *access != "open") {
        notes.push(
            vocabularies
                .get(VocabularyId::LinkAccess)
                .label(access)
                .to_owned(),
        );
    }
    // An address that only the carrier's agents can open is of no use to others, and may say too much.
    let href = link
        .url
        .clone()
        .filter(|_| link.access.as_deref().is_none_or(|access| access == "open"));
    let label = link.label.clone().or_else(|| href.clone());
    Resource {
        label: label.unwrap_or_else(|| "Accès interne uniquement".to_owned()),
        href,
        note: notes.join(", "),
    }
}

fn facts(item: &VisibleUseCase) -> Vec<Fact> {
    let content = item.content();
    let mut facts = Vec::new();
    if let Some(date) = content.date(Field::StartDate) {
        facts.push(Fact::new("Démarrage", date_words(date)));
    }
    if let Some(date) = content.date(Field::EndDate) {
        facts.push(Fact::new("Fin", date_words(date)));
    }
    if let Some(theme) = content.code(Field::Theme) {
        facts.push(Fact {
            label: "Politique publique".to_owned(),
            value: badge(theme).label,
            href: Some(format!("/cas-usages?theme={theme}")),
        });
    }
    let subthemes = labels(item, Field::Subthemes);
    if !subthemes.is_empty() {
        facts.push(Fact::new("Sous-thèmes", subthemes));
    }
    if let Some(date) = content.date(Field::SourceUpdatedOn) {
        facts.push(Fact::new("Mise à jour par la source", date_words(date)));
    }
    facts.push(Fact::new(
        "Complétude de la fiche",
        format!("{}\u{a0}%", item.record().completeness),
    ));
    facts
}
