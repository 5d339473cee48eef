//! `/mon-espace`: what somebody who signed in writes and follows.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::app::App;
use crate::error::WebError;
use crate::routes::account::fresh;
use crate::routes::account::settings::space_page;
use crate::session::SignedIn;
use crate::view::library::Link;
use crate::view::{FormBlock, RichText};

/// The first page of the space.
///
/// # Errors
/// When the database does not answer.
pub async fn home(State(app): State<App>, signed_in: SignedIn) -> Result<Response, WebError> {
    let person = &signed_in.person;
    let greeting = format!("Bonjour {}.", person.account.given_name);
    let mut page = space_page(&app, person, "Mon espace", &greeting, "/mon-espace");
    let confirmed: Vec<_> = person
        .memberships
        .iter()
        .filter(|membership| membership.status == sobria_catalogue::account::MembershipStatus::Granted)
        .collect();
    if confirmed.is_empty() {
        page.blocks.push(FormBlock {
            id: "attente".to_owned(),
            title: "Contribuer".to_owned(),
            text: RichText::parse(
                "Vous pourrez décrire des projets dès que la modération aura confirmé votre organisme. Vous recevrez un message.",
            ),
            links: vec![Link::new("Voir mes organismes", "/mon-espace/compte#organismes")],
            ..FormBlock::default()
        });
    } else {
        page.blocks.push(FormBlock {
            id: "organismes".to_owned(),
            title: "Les projets de mes organismes".to_owned(),
            links: confirmed
                .iter()
                .map(|membership| {
                    Link::new(
                        membership.name.clone(),
                        format!("/organisations/{}", membership.slug),
                    )
                })
                .collect(),
            ..FormBlock::default()
        });
    }
    fresh(StatusCode::OK, &page)
}
