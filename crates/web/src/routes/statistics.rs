//! `/statistiques`: what the published records say together. Each drawing is a table, and a CSV that holds every row.

mod file;
mod gather;
mod sections;

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use crate::app::App;
use crate::error::WebError;
use crate::locale;
use crate::respond::{HTML, cached};
use crate::routes::frame::{frame, render};
use crate::routes::text::prose;
use crate::view::{Place, ProseSection};
pub use file::file;
use gather::gather;
use sections::{avoided, impacts, section};

/// Rows of a drawing; the others are summed up in a sentence, and stand one by one in the file.
const SHOWN: usize = 5;
/// The count by year, whose rows keep their order.
const YEARS: &str = "annees";

/// The page.
///
/// # Errors
/// When the database or the index does not answer.
pub async fn page(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, HTML, async {
        let found = gather(&app).await?;
        let mut sections: Vec<ProseSection> = found.counted.iter().map(section).collect();
        sections.push(impacts(&found));
        sections.push(avoided(&found));
        let told = u64::try_from(found.reasons.len()).unwrap_or(u64::MAX);
        let words = match told {
            0 => "Aucun motif d’abandon public.".to_owned(),
            _ => format!(
                "{} leur motif\u{a0}: il est sur leur fiche, et tous sont dans le [fichier CSV](/statistiques/abandons.csv).",
                locale::counted(told, "projet abandonné donne", "projets abandonnés donnent"),
            ),
        };
        let reasons = ProseSection::new("abandons", "Pourquoi des projets s’arrêtent", &words);
        sections.push(reasons);
        let mut page = prose(
            frame(&app, Place::Data, "Statistiques", "/statistiques")
                .described("Ce que disent ensemble les fiches publiées\u{a0}: politiques publiques, maturité, empreintes, pratiques."),
            "Statistiques",
            &format!(
                "Ce que disent ensemble {}, comptées à l’instant.",
                locale::counted(found.total, "fiche publiée", "fiches publiées")
            ),
            sections,
        );
        page.foot = format!("Données sous {}.", app.settings.site.licence);
        render(&page)
    })
    .await
}
