//! The pages: one module per group of addresses. A handler reads, asks the store and the index, and renders.

pub mod account;
pub mod administration;
pub mod cards;
pub mod components;
pub mod contribute;
pub mod data;
pub mod embed;
pub mod entries;
pub mod errors;
pub mod estimate;
pub mod evaluations;
pub mod facets;
pub mod feed;
pub mod files;
pub mod frame;
pub mod govern;
pub mod health;
pub mod history;
pub mod home;
pub mod legal;
pub mod library;
pub mod logos;
pub mod map;
pub mod messages;
pub mod model;
pub mod moderation;
pub mod organisations;
pub mod outbox;
pub mod personal;
pub mod record;
pub mod scenarios;
pub mod space;
pub mod statistics;
pub mod strategy;
pub mod tables;
pub mod text;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use axum::routing::{get, post};

use crate::app::App;
use crate::assets::Assets;
use crate::error::WebError;

/// Addresses of the pages.
pub fn routes() -> Router<App> {
    entries::routes()
        .route("/", get(home::page))
        .route("/cas-usages", get(library::page))
        .route("/cas-usages/{slug}", get(record::page))
        .route("/integrer/cas-usages", get(embed::results))
        .route("/integrer/cas-usages/{slug}", get(embed::record))
        .route("/integrer/cas-usages.js", get(embed::element))
        .route("/organisations", get(organisations::list))
        .route("/organisations/{slug}", get(organisations::one))
        .route("/contexte", get(text::context))
        .route("/modele-de-donnees", get(model::page))
        .route("/modele-de-donnees/{file}", get(model::file))
        .route("/estimer", get(estimate::home))
        .route("/estimer/methodes/{name}", get(estimate::method))
        .route("/estimer/ia-generative", get(estimate::llm))
        .route("/estimer/ia-generative.json", get(estimate::llm_document))
        .route("/estimer/ia-generative.csv", get(estimate::llm_document))
        .route(
            "/estimer/mesure",
            get(estimate::measure)
                .post(estimate::log::post)
                .layer(DefaultBodyLimit::max(estimate::log::BODY_MAX)),
        )
        .route("/estimer/mesure/exemple", get(estimate::example))
        .route(estimate::gaps::PATH, get(estimate::gaps::page))
        .route("/exports/measured-ratios.csv", get(estimate::gaps::file))
        .route(
            "/mon-espace/estimations/{id}",
            get(estimate::against::show).post(estimate::against::post),
        )
        .route("/estimer/reperes", get(estimate::marks))
        .route(
            estimate::attach::PATH,
            get(estimate::attach::show).post(estimate::attach::post),
        )
        .route(
            estimate::attach::LIST,
            get(estimate::attach::list).post(estimate::attach::decide),
        )
        .route("/estimer/service", get(estimate::service))
        .route("/estimer/service.json", get(estimate::service_document))
        .route("/estimer/calcul", get(estimate::compute))
        .route("/estimer/calcul.json", get(estimate::compute_document))
        .route("/estimer/calcul.csv", get(estimate::compute_document))
        .route("/maitriser", get(govern::home))
        .route(
            "/maitriser/frugalite",
            get(govern::frugality::form).post(govern::frugality::post),
        )
        .route(
            "/maitriser/transparence",
            get(govern::transparency::form).post(govern::transparency::post),
        )
        .route("/cas-usages/{slug}/empreintes", get(record::footprints))
        .route(
            "/cas-usages/{slug}/frugalite",
            get(govern::frugality::page).post(govern::frugality::settle),
        )
        .route(
            "/cas-usages/{slug}/frugalite.json",
            get(govern::frugality::document),
        )
        .route(
            "/cas-usages/{slug}/frugalite.csv",
            get(govern::frugality::document),
        )
        .route("/cas-usages/{slug}/frugalite.md", get(govern::frugality::paper))
        .route("/cas-usages/{slug}/frugalite.odt", get(govern::frugality::paper))
        .route("/cas-usages/{slug}/frugalite.docx", get(govern::frugality::paper))
        .route(
            "/cas-usages/{slug}/transparence",
            get(govern::transparency::page).post(govern::transparency::settle),
        )
        .route(
            "/cas-usages/{slug}/transparence.json",
            get(govern::transparency::document),
        )
        .route(
            "/cas-usages/{slug}/transparence.csv",
            get(govern::transparency::document),
        )
        .route(
            "/cas-usages/{slug}/transparence.md",
            get(govern::transparency::paper),
        )
        .route(
            "/cas-usages/{slug}/transparence.odt",
            get(govern::transparency::paper),
        )
        .route(
            "/cas-usages/{slug}/transparence.docx",
            get(govern::transparency::paper),
        )
        .route(
            "/organisations/{slug}/frugalite",
            get(govern::frugality::organisation_page).post(govern::frugality::organisation_settle),
        )
        .route(
            "/organisations/{slug}/tableau-de-bord",
            get(govern::dashboard::page),
        )
        .route(
            "/organisations/{slug}/tableau-de-bord.csv",
            get(govern::dashboard::file),
        )
        .route("/organisations/{slug}/inventaire", get(govern::inventory::page))
        .route(
            "/organisations/{slug}/inventaire.csv",
            get(govern::inventory::file),
        )
        .route(
            "/organisations/{slug}/inventaire.ods",
            get(govern::inventory::file),
        )
        .route(
            "/organisations/{slug}/inventaire.json",
            get(govern::inventory::file),
        )
        .route("/organisations/{slug}/feuille-de-route", get(strategy::page))
        .route("/organisations/{slug}/feuille-de-route.csv", get(strategy::file))
        .route("/organisations/{slug}/feuille-de-route.json", get(strategy::file))
        .route(
            "/organisations/{slug}/feuille-de-route/{part}",
            get(strategy::part).post(strategy::post),
        )
        .route(
            "/organisations/{slug}/feuille-de-route/document/{file}",
            get(strategy::document),
        )
        .route(
            "/maitriser/achat",
            get(govern::purchase::form).post(govern::purchase::prepared),
        )
        .route("/maitriser/achat/document", post(govern::purchase::document))
        .merge(govern::purchase::kept_routes())
        .route("/maitriser/feuille-de-route", get(govern::roadmap::page))
        .route("/maitriser/scenarios", get(scenarios::centres))
        .route("/maitriser/scenarios.csv", get(scenarios::centres_csv))
        .route("/maitriser/scenarios.svg", get(scenarios::centres_svg))
        .route("/maitriser/scenarios/chiffres", get(scenarios::figures))
        .route("/maitriser/scenarios/chiffres.csv", get(scenarios::figures_csv))
        .route("/maitriser/scenarios/usages", get(scenarios::uses))
        .route("/maitriser/scenarios/usages.csv", get(scenarios::uses_csv))
        .route("/maitriser/scenarios/usages.svg", get(scenarios::uses_svg))
        .route("/statistiques", get(statistics::page))
        .route("/statistiques/{name}", get(statistics::file))
        .route("/donnees", get(data::page))
        .route("/donnees/tables/{id}", get(tables::page))
        .route(
            "/connexion",
            get(account::sign_in::form).post(account::sign_in::post),
        )
        .route("/connexion/lien", post(account::sign_in::post_link))
        .route("/connexion/lien/{secret}", get(account::sign_in::link))
        .route("/connexion/demonstration", post(account::sign_in::demonstration))
        .route("/deconnexion", post(account::sign_in::sign_out))
        .route(
            "/inscription",
            get(account::sign_up::form).post(account::sign_up::post),
        )
        .route("/inscription/confirmer", post(account::sign_up::post_confirm))
        .route("/inscription/confirmer/{secret}", get(account::sign_up::confirm))
        .route("/reprendre/{secret}", get(account::resume::page))
        .route(
            "/moderation",
            get(moderation::queue::show).post(moderation::queue::confirm),
        )
        .route(moderation::links::PATH, get(moderation::links::show))
        .route(moderation::published::PATH, get(moderation::published::list))
        .route(
            "/moderation/reparations/{id}",
            get(moderation::published::show).post(moderation::published::decide),
        )
        .route("/moderation/{id}", get(moderation::one::show))
        .route("/moderation/{id}/{what}", post(moderation::one::decide))
        .route(
            "/contribuer",
            get(contribute::begin::form).post(contribute::begin::post),
        )
        .route(
            contribute::prefill::FILE_PATH,
            get(contribute::prefill::begin_again)
                .post(contribute::prefill::file)
                // The form limits itself.
                .layer(DefaultBodyLimit::disable()),
        )
        .route("/contribuer/{id}", get(contribute::edit::resume))
        .route("/contribuer/{id}/relecture", get(contribute::review::show))
        .route("/contribuer/{id}/apercu", get(contribute::review::preview))
        .route("/contribuer/{id}/envoyer", post(contribute::review::send))
        .route("/contribuer/{id}/abandonner", post(contribute::review::discard))
        .route("/contribuer/{id}/suivi", get(contribute::follow::show))
        .route("/contribuer/{id}/recours", post(contribute::follow::appeal))
        .route(
            "/contribuer/{id}/fichiers",
            get(contribute::files::show)
                .post(contribute::files::add)
                // The form limits itself, by what the operator allows.
                .layer(DefaultBodyLimit::disable()),
        )
        .route(
            "/contribuer/{id}/fichiers/{file}/{what}",
            post(contribute::files::change),
        )
        .route("/fichiers/{id}", get(files::download))
        .route(
            "/contribuer/{id}/{step}",
            get(contribute::edit::show).post(contribute::edit::save),
        )
        .route("/cas-usages/{slug}/historique", get(history::page))
        .route(
            "/cas-usages/{slug}/contact",
            get(messages::contact).post(messages::post_contact),
        )
        .route(
            "/cas-usages/{slug}/signaler",
            get(messages::report).post(messages::post_report),
        )
        .route("/messages/confirmer", post(messages::post_confirm))
        .route("/messages/confirmer/{secret}", get(messages::confirm))
        .route(
            "/moderation/signalements",
            get(messages::reports).post(messages::answer_report),
        )
        .route("/cas-usages/{slug}/utiliser", post(personal::using::post))
        .route(
            "/cas-usages/{slug}/{what}",
            post(contribute::follow::about_record).get(|| async { crate::error::WebError::NotFound }),
        )
        .route("/mon-espace", get(space::home))
        .route(
            "/mon-espace/favoris",
            get(personal::shelves::favourites).post(personal::shelves::post_favourites),
        )
        .route(
            "/mon-espace/a-lire",
            get(personal::shelves::later).post(personal::shelves::post_later),
        )
        .route(
            "/mon-espace/dossiers",
            get(personal::folders::index).post(personal::folders::create),
        )
        .route(
            "/mon-espace/dossiers/{id}",
            get(personal::folders::show).post(personal::folders::change),
        )
        .route(
            "/mon-espace/dossiers/{id}/{what}",
            post(personal::folders::settle),
        )
        .route(
            "/mon-espace/ranger",
            get(personal::folders::filing).post(personal::folders::file),
        )
        .route("/mon-espace/recherches", get(personal::searches::index))
        .route(
            "/mon-espace/recherches/nouvelle",
            get(personal::searches::new).post(personal::searches::create),
        )
        .route(
            "/mon-espace/recherches/{id}",
            get(personal::searches::show).post(personal::searches::change),
        )
        .route(
            "/mon-espace/recherches/{id}/effacer",
            post(personal::searches::delete),
        )
        .route(
            "/desinscription/{secret}",
            get(personal::leaving::show).post(personal::leaving::post),
        )
        .route("/comparer", get(personal::compare::page))
        .route("/dossiers/{token}", get(personal::folders::shared))
        .route("/mon-espace/compte", get(account::settings::show))
        .route("/mon-espace/compte/donnees.json", get(account::settings::data))
        .route("/mon-espace/compte/{what}", post(account::settings::change))
        .route("/accessibilite", get(legal::accessibility))
        .route("/mentions-legales", get(legal::notices))
        .route("/donnees-personnelles", get(legal::privacy))
        .route("/ecoconception", get(legal::ecodesign))
        .route("/plan-du-site", get(text::site_map))
        .route("/aide", get(text::help))
        .route("/composants", get(components::page))
        .route("/flux.atom", get(feed::atom))
        .route("/sitemap.xml", get(feed::sitemap))
        .route("/robots.txt", get(feed::robots))
        .route("/.well-known/security.txt", get(feed::security))
        .route("/exports/evaluations.csv", get(crate::exports::evaluations_csv))
        .route(
            "/exports/evaluations.ndjson",
            get(crate::exports::evaluations_lines),
        )
        .route("/exports/{file}", get(crate::exports::file))
        .route(
            administration::requests::PATH,
            get(administration::requests::show),
        )
        .route(
            administration::requests::DECIDE,
            post(administration::requests::decide),
        )
        .route(
            administration::accounts::PATH,
            get(administration::accounts::list),
        )
        .route(
            "/administration/comptes/{id}",
            get(administration::accounts::show),
        )
        .route(
            "/administration/comptes/{id}/{what}",
            post(administration::accounts::act),
        )
        .route(
            administration::organisations::PATH,
            get(administration::organisations::show),
        )
        .route(
            "/administration/organisations/{what}",
            post(administration::organisations::change),
        )
        .route(
            administration::mails::PATH,
            get(administration::mails::show).post(administration::mails::revive),
        )
        .route(administration::journal::PATH, get(administration::journal::show))
        .route(
            administration::checks::PATH,
            get(administration::checks::show).post(administration::checks::run),
        )
        .route(
            administration::terms::PATH,
            get(administration::terms::show).post(administration::terms::replace),
        )
        .route(
            "/administration/vocabulaires/{list}",
            get(administration::labels::show).post(administration::labels::change),
        )
        .route("/organisations/{slug}/logo", get(logos::picture))
        .route("/organisations/{slug}/logo/propose", get(logos::proposed))
        .route(
            "/mon-espace/logos/{slug}",
            get(logos::show)
                .post(logos::propose)
                // The form limits itself, by what the operator allows.
                .layer(DefaultBodyLimit::disable()),
        )
        .route("/mon-espace/logos/{slug}/retirer", post(logos::withdraw))
        .route(
            "/administration/logos/{slug}",
            get(administration::logos::show)
                .post(administration::logos::add)
                // The form limits itself, by what the operator allows.
                .layer(DefaultBodyLimit::disable()),
        )
        .route(
            "/administration/logos/{slug}/decider",
            post(administration::logos::decide),
        )
        .route(
            "/administration/logos/{slug}/retirer",
            post(administration::logos::remove),
        )
        .route(
            administration::jobs::PATH,
            get(administration::jobs::show).post(administration::jobs::run_now),
        )
        .route(
            administration::settings::PATH,
            get(administration::settings::show).post(administration::settings::change),
        )
        .route(
            administration::imports::PATH,
            get(administration::imports::list)
                .post(administration::imports::hand_in)
                .layer(axum::extract::DefaultBodyLimit::max(
                    sobria_exchange::read::UPLOAD_MAX + crate::posted::upload::OVERHEAD,
                )),
        )
        .route("/administration/imports/{id}", get(administration::imports::show))
        .route(
            "/administration/imports/{id}/{what}",
            get(administration::imports::report).post(administration::imports::act),
        )
        .route(
            "/connexion/code",
            get(account::second_factor::ask).post(account::second_factor::give),
        )
        .route("/connexion/rattacher", post(account::openid::post_join))
        .route("/connexion/rattacher/{secret}", get(account::openid::join_page))
        .route("/connexion/{key}", get(account::openid::depart))
        .route("/connexion/{key}/retour", get(account::openid::back))
        .route(
            "/mon-espace/compte/second-facteur",
            get(account::second_factor::show).post(account::second_factor::change),
        )
        .route("/confirmer", post(contribute::follow::confirm_reminded))
        .route("/confirmer/{secret}", get(contribute::follow::reminded))
        .route("/courriels", get(outbox::page))
        .route("/sante", get(health::check))
        .route("/static/{file}", get(asset))
        .route("/favicon.ico", get(icon))
}

async fn asset(State(_): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    Assets::embedded()
        .respond(uri.path(), &headers)
        .ok_or(WebError::NotFound)
}

/// Browsers ask for this address whatever the page says.
async fn icon(headers: HeaderMap) -> Result<Response, WebError> {
    let assets = Assets::embedded();
    assets
        .respond(assets.path("favicon.svg"), &headers)
        .ok_or(WebError::NotFound)
}
