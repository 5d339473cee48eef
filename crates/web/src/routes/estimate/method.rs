//! `/estimer/methodes/{name}`: the documentation of the methods, as pages.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use pulldown_cmark::{Event, Options, Parser, html};

use crate::app::App;
use crate::error::WebError;
use crate::respond::{HTML, cached};
use crate::routes::frame::{frame, render};
use crate::view::Place;
use crate::view::estimate::MethodPage;
use crate::view::layout::Crumb;
use crate::view::library::Link;

/// The documents, by the name in their address.
const METHODS: [(&str, &str); 10] = [
    (
        "llm-inference",
        include_str!("../../../../../docs/methods/llm-inference.md"),
    ),
    (
        "compute-job",
        include_str!("../../../../../docs/methods/compute-job.md"),
    ),
    (
        "measurement",
        include_str!("../../../../../docs/methods/measurement.md"),
    ),
    (
        "service-evaluation",
        include_str!("../../../../../docs/methods/service-evaluation.md"),
    ),
    (
        "equivalents",
        include_str!("../../../../../docs/methods/equivalents.md"),
    ),
    (
        "frugality",
        include_str!("../../../../../docs/methods/frugality.md"),
    ),
    (
        "transparency",
        include_str!("../../../../../docs/methods/transparency.md"),
    ),
    (
        "procurement",
        include_str!("../../../../../docs/methods/procurement.md"),
    ),
    ("roadmap", include_str!("../../../../../docs/methods/roadmap.md")),
    (
        "scenarios",
        include_str!("../../../../../docs/methods/scenarios.md"),
    ),
];

/// Name, title and address of each page.
pub fn links() -> Vec<Link> {
    METHODS
        .iter()
        .map(|(name, text)| Link::new(split(text).0, format!("/estimer/methodes/{name}")))
        .collect()
}

/// One method.
///
/// # Errors
/// When there is no such method.
pub async fn page(
    State(app): State<App>,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let (_, text) = METHODS
        .iter()
        .find(|(other, _)| *other == name)
        .ok_or(WebError::NotFound)?;
    cached(&app, &uri, &headers, HTML, async {
        let (title, body) = split(text);
        render(&MethodPage {
            layout: frame(&app, Place::Estimate, title, &format!("/estimer/methodes/{name}"))
                .under(vec![Crumb::to("Évaluer", "/estimer"), Crumb::here(title)]),
            title: title.to_owned(),
            html: rendered(body),
            others: links(),
        })
    })
    .await
}

/// The title of a document, and the rest.
fn split(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    (first.trim_start_matches('#').trim(), rest)
}

/// The document as HTML. It is ours; raw HTML in it is shown as text all the same.
fn rendered(markdown: &str) -> String {
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        other => other,
    });
    let mut out = String::with_capacity(markdown.len() * 2);
    html::push_html(&mut out, events);
    out.replace(
        "<table>",
        "<div class=\"scroll\" role=\"region\" aria-label=\"Tableau\" tabindex=\"0\"><table>",
    )
    .replace("</table>", "</table></div>")
    .replace("<th>", "<th scope=\"col\">")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_become_pages_and_raw_html_becomes_text() {
        for (_, text) in METHODS {
            let (title, body) = split(text);
            assert!(!title.is_empty());
            let html = rendered(body);
            assert!(html.contains("<h2>") && !html.contains("<h1>"), "{title}");
        }
        assert!(rendered("a <script>b</script>\n\n<p>c").contains("&lt;script&gt;"));
        assert!(rendered("| a |\n|---|\n| b |").contains("scope=\"col\""));
    }
}
