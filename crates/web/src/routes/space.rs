//! `/mon-espace`: what somebody who signed in writes and follows.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::access::Level;
use sobria_catalogue::account::MembershipStatus;
use sobria_catalogue::query::{CatalogueQuery, Sort};
use sobria_catalogue::review::{Freshness, freshness, review_due_on};
use sobria_catalogue::use_case::WorkflowStatus;
use sobria_catalogue::workflow::Kind;
use sobria_store::ContributionLine;

use crate::app::App;
use crate::error::WebError;
use crate::routes::account::fresh;
use crate::routes::account::settings::menu;
use crate::routes::cards::visible;
use crate::session::SignedIn;
use crate::view::library::Link;
use crate::view::space::{OwnContribution, OwnRecord, SpacePage};

/// Contributions listed.
const LISTED: u32 = 50;
/// Records of an organisation listed.
const RECORDS: usize = 100;

fn own(line: &ContributionLine, mine: bool) -> OwnContribution {
    let editable = matches!(
        line.status,
        WorkflowStatus::Draft | WorkflowStatus::ChangesRequested
    ) && line.kind == Kind::Content;
    OwnContribution {
        title: if line.heading.title.is_empty() {
            "Projet sans nom".to_owned()
        } else {
            line.heading.title.clone()
        },
        href: format!(
            "/contribuer/{}/{}",
            line.id,
            if editable { "essentiel" } else { "suivi" }
        ),
        action: if editable { "Reprendre" } else { "Suivre" }.to_owned(),
        status: if line.kind == Kind::Content {
            line.status.label().to_owned()
        } else {
            format!(
                "{}\u{a0}: {}",
                line.kind.label(),
                line.status.label().to_lowercase()
            )
        },
        waits_for_me: line.status == WorkflowStatus::ChangesRequested,
        when: crate::locale::moment(line.updated_at),
        by_colleague: !mine,
    }
}

/// The first page of the space.
///
/// # Errors
/// When the database does not answer.
pub async fn home(
    State(app): State<App>,
    signed_in: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let person = &signed_in.person;
    let id = person.account.id;
    let today = app.today();
    let mut lines: Vec<OwnContribution> = app
        .store
        .contributions_of_author(id, 0, LISTED)
        .await?
        .items
        .iter()
        .map(|line| own(line, true))
        .collect();
    let mut records = Vec::new();
    let organisations: Vec<_> = person
        .memberships
        .iter()
        .filter(|membership| membership.status == MembershipStatus::Granted)
        .collect();
    for membership in &organisations {
        let theirs = app
            .store
            .contributions_of_organisation(membership.organisation, 0, LISTED)
            .await?;
        lines.extend(
            theirs
                .items
                .iter()
                .filter(|line| line.author != Some(id))
                .map(|line| own(line, false)),
        );
        let query = CatalogueQuery {
            organisation: Some(membership.organisation),
            sort: Sort::Title,
            limit: RECORDS,
            ..CatalogueQuery::default()
        };
        let found = app.index.find(&query, Level::Member)?.ids;
        for item in visible(&app, &found, Level::Member).await? {
            let last = item.record().last_reviewed_on;
            let state = freshness(item.content(), last, today);
            let due = last.and_then(|day| review_due_on(item.content(), day));
            records.push(OwnRecord {
                title: item.content().title().to_owned(),
                href: format!("/cas-usages/{}", item.record().slug),
                due: due.map(crate::locale::day).unwrap_or_default(),
                is_due: state != Freshness::Fresh,
                confirm: format!("/cas-usages/{}/confirmer", item.record().slug),
                modify: format!("/cas-usages/{}/modifier", item.record().slug),
            });
        }
    }
    records.sort_by_key(|record| !record.is_due);
    let own: Vec<_> = organisations
        .iter()
        .map(|membership| membership.organisation)
        .collect();
    let now = (app.settings.now)();
    let failing = if own.is_empty() {
        Vec::new()
    } else {
        crate::link_watch::failing(&app, Some(&own))
            .await?
            .into_iter()
            .map(|(url, check, uses)| {
                let shown = sobria_catalogue::text::excerpt(&url, 120);
                (
                    format!("{shown}, {}", crate::link_watch::words(&check, now)),
                    // The page of a moderator is not for its author, who follows the contribution above.
                    uses.into_iter()
                        .map(|one| one.record)
                        .filter(|record| !record.href.starts_with("/moderation/"))
                        .collect::<Vec<_>>(),
                )
            })
            .filter(|(_, records)| !records.is_empty())
            .collect()
    };
    let base = crate::routes::account::form_page(&app, "Mon espace", "", "/mon-espace");
    let asked: Vec<_> = person
        .memberships
        .iter()
        .filter(|membership| membership.status == MembershipStatus::Asked)
        .map(|membership| membership.name.clone())
        .collect();
    let page = SpacePage {
        layout: base.layout,
        greeting: format!("Bonjour {}.", person.account.given_name),
        menu: menu(person),
        notice: match query.as_deref() {
            Some("fait=abandon") => Some("Le brouillon est supprimé.".to_owned()),
            _ => None,
        },
        waiting: if organisations.is_empty() {
            let organisation = asked
                .first()
                .cloned()
                .unwrap_or_else(|| person.account.organisation_name.clone());
            Some(format!(
                "Vous pourrez décrire des projets dès que la modération aura confirmé que vous travaillez pour «\u{a0}{organisation}\u{a0}». Vous recevrez un message."
            ))
        } else {
            None
        },
        can_begin: !organisations.is_empty(),
        contributions: lines,
        records,
        failing,
        organisations: organisations
            .iter()
            .flat_map(|membership| {
                let page = format!("/organisations/{}", membership.slug);
                [
                    Link::new(membership.name.clone(), page.clone()),
                    Link::new(
                        format!("Tableau de bord\u{a0}: {}", membership.name),
                        format!("{page}/tableau-de-bord"),
                    ),
                    Link::new(
                        format!("Feuille de route\u{a0}: {}", membership.name),
                        format!("{page}/feuille-de-route"),
                    ),
                    Link::new(
                        format!("Comité\u{a0}: {}", membership.name),
                        format!("{page}/feuille-de-route/comite"),
                    ),
                    Link::new(
                        format!("Logo\u{a0}: {}", membership.name),
                        format!("/mon-espace/logos/{}", membership.slug),
                    ),
                ]
            })
            .collect(),
        csrf: signed_in.reader.csrf().to_owned(),
    };
    fresh(StatusCode::OK, &page)
}
