//! Feed, site map and the small files that programs ask for.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use sobria_catalogue::access::Level;
use sobria_catalogue::entry::EntryKind;
use sobria_catalogue::query::Sort;
use sobria_exchange::export::FeedEntry;

use crate::app::App;
use crate::error::WebError;
use crate::exports::site_info;
use crate::params::ListParams;
use crate::respond::cached;
use crate::routes::cards::visible;
use crate::routes::entries::feed_entry;
use crate::routes::entries::list::readable;

/// Entries of the feed.
const ENTRIES: usize = 30;
/// Addresses in the site map, the limit of the format.
const ADDRESSES: usize = 50_000;

/// The feed of what the same address shows in the library.
///
/// # Errors
/// When the database does not answer.
pub async fn atom(
    State(app): State<App>,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    cached(
        &app,
        &uri,
        &headers,
        "application/atom+xml; charset=utf-8",
        async {
            let params = ListParams::parse(query.as_deref().unwrap_or(""), Level::Public);
            let mut question = params.question();
            question.sort = Sort::Recent;
            question.offset = 0;
            question.limit = ENTRIES;
            let found = app.index.find(&question, Level::Public)?;
            let items = visible(&app, &found.ids, Level::Public).await?;
            // A search of use cases is about use cases; the feed of the library tells everything.
            let others = if params.is_narrowed() {
                Vec::new()
            } else {
                others(&app).await?
            };
            let modified = items
                .iter()
                .map(|item| item.record().updated_at)
                .chain(others.iter().map(|entry| entry.updated))
                .max()
                .unwrap_or(jiff::Timestamp::UNIX_EPOCH);
            let info = site_info(&app.site(), &app.settings.base_url, modified);
            Ok(sobria_exchange::export::atom(
                &items,
                &others,
                &info,
                &params.to_query(),
            ))
        },
    )
    .await
}

/// What the feed says of entries, last published first.
async fn others(app: &App) -> Result<Vec<FeedEntry>, WebError> {
    let mut entries = Vec::new();
    for kind in EntryKind::ALL {
        let items = readable(app, kind, Level::Public).await?;
        entries.extend(items.iter().take(ENTRIES).map(|item| feed_entry(app, item)));
    }
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.updated));
    entries.truncate(ENTRIES);
    Ok(entries)
}

/// The site map for search engines.
///
/// # Errors
/// When the database does not answer.
pub async fn sitemap(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, "application/xml; charset=utf-8", async {
        let base = &app.settings.base_url;
        let mut xml = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
        );
        for path in ["/", "/cas-usages", "/organisations", "/contexte", "/modele-de-donnees", "/donnees", "/aide", "/estimer", "/estimer/ia-generative", "/estimer/calcul", "/estimer/mesure", "/estimer/mesure/exemple", "/estimer/mesure/ecarts", "/estimer/service", "/maitriser/achat", "/maitriser/feuille-de-route", "/maitriser/scenarios", "/maitriser/scenarios/chiffres", "/maitriser/scenarios/usages"] {
            xml.push_str(&format!("<url><loc>{base}{path}</loc></url>\n"));
        }
        for kind in EntryKind::ALL {
            xml.push_str(&format!("<url><loc>{base}{}</loc></url>\n", kind.path()));
            for item in readable(&app, kind, Level::Public).await? {
                xml.push_str(&format!("<url><loc>{base}{}</loc></url>\n", item.entry().path()));
            }
        }
        let mut after = None;
        let mut count = 0;
        loop {
            let batch = app.store.stream_published(after, 1000).await?;
            let Some(last) = batch.last() else { break };
            after = Some(last.id);
            for record in &batch {
                // An address part is ASCII letters, digits and hyphens: nothing to escape.
                xml.push_str(&format!("<url><loc>{base}/cas-usages/{}</loc></url>\n", record.slug));
            }
            count += batch.len();
            if count >= ADDRESSES {
                break;
            }
        }
        xml.push_str("</urlset>\n");
        Ok(xml)
    })
    .await
}

/// What robots may visit: everything but the endless combinations of filters; nothing of a demonstration.
///
/// # Errors
/// Never.
pub async fn robots(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, "text/plain; charset=utf-8", async {
        Ok(if app.settings.demo {
            "User-agent: *\nDisallow: /\n".to_owned()
        } else {
            format!(
                "User-agent: *\nDisallow: /cas-usages?\nSitemap: {}/sitemap.xml\n",
                app.settings.base_url
            )
        })
    })
    .await
}

/// Where to report a weakness.
///
/// # Errors
/// When the operator gave no mailbox.
pub async fn security(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    let Some(mail) = app.site().contact_email.clone() else {
        return Err(WebError::NotFound);
    };
    cached(&app, &uri, &headers, "text/plain; charset=utf-8", async {
        let end = app.today().saturating_add(jiff::ToSpan::days(180));
        Ok(format!(
            "Contact: mailto:{mail}\nExpires: {end}T00:00:00.000Z\nPreferred-Languages: fr, en\nCanonical: {}/.well-known/security.txt\n",
            app.settings.base_url
        ))
    })
    .await
}
