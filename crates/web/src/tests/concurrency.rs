//! Several people, or one impatient one, at the very same moment.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use axum::http::StatusCode;
use sobria_catalogue::rights::Role;

use super::attachments::ready;
use super::contributions::{ESSENTIAL, begin, fill, location, submitted};
use super::{Answer, Browser, TestApp, value_of};

type Asked<'f> = Pin<Box<dyn Future<Output = Answer> + 'f>>;

/// Sends every request before any answer is awaited.
async fn together(mut asked: Vec<Asked<'_>>) -> Vec<Answer> {
    let mut answers: Vec<Option<Answer>> = asked.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (request, answer) in asked.iter_mut().zip(&mut answers) {
            if answer.is_none()
                && let Poll::Ready(ready) = request.as_mut().poll(context)
            {
                *answer = Some(ready);
            }
        }
        if answers.iter().all(Option::is_some) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    answers.into_iter().flatten().collect()
}

async fn post(browser: &mut Browser<'_>, path: String, fields: Vec<(String, String)>) -> Answer {
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    browser.post(&path, &fields).await
}

fn owned(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[tokio::test]
async fn of_many_editors_one_wins_each_round_and_the_others_keep_their_words() {
    let site = TestApp::demo().await;
    let mut author = site.sign_in("contributeur").await;
    let case = begin(&mut author, "À plusieurs").await;
    location(&fill(&mut author, &case, "essentiel", &ESSENTIAL).await);
    let path = format!("{case}/projet");
    let mut accepted = Vec::new();
    for editors in [2, 3, 5, 8, 16] {
        let mut browsers = Vec::new();
        for _ in 0..editors {
            browsers.push(site.sign_in("contributeur").await);
        }
        let mut sent = Vec::new();
        for (number, browser) in browsers.iter_mut().enumerate() {
            let page = browser.get(&path).await;
            let words = format!("Version {number} de {editors}.");
            let fields = owned(&[
                ("_csrf", &value_of(&page.body, "_csrf")),
                ("_version", &value_of(&page.body, "_version")),
                ("summary", &words),
            ]);
            sent.push((words, fields));
        }
        let asked = browsers
            .iter_mut()
            .zip(&sent)
            .map(|(browser, (_, fields))| -> Asked<'_> {
                Box::pin(post(browser, path.clone(), fields.clone()))
            })
            .collect();
        let answers = together(asked).await;
        let mut winners = Vec::new();
        for (answer, (words, _)) in answers.iter().zip(&sent) {
            match answer.status {
                StatusCode::SEE_OTHER => winners.push(words.clone()),
                StatusCode::CONFLICT => assert!(answer.body.contains(words), "{words} was lost"),
                other => panic!("{other}: {}", answer.body),
            }
        }
        assert_eq!(winners.len(), 1, "{winners:?}");
        let now = author.get(&path).await.body;
        assert!(now.contains(&winners[0]), "{winners:?}");
        accepted.extend(winners);
    }
    assert_eq!(accepted.len(), 5);
}

#[tokio::test]
async fn one_form_sent_twenty_times_at_once_makes_one_project_and_one_receipt() {
    let site = TestApp::demo().await;
    let mut author = site.sign_in("contributeur").await;
    let page = author.get("/contribuer").await;
    let fields = owned(&[
        ("_csrf", &value_of(&page.body, "_csrf")),
        ("cle", &value_of(&page.body, "cle")),
        ("organisation", &value_of(&page.body, "organisation")),
        ("title", "Une seule fois"),
    ]);
    let mut browsers: Vec<Browser<'_>> = (0..20)
        .map(|_| {
            let mut browser = Browser::new(&site);
            browser.cookies.clone_from(&author.cookies);
            browser
        })
        .collect();
    let path = "/contribuer".to_owned();
    let asked = browsers
        .iter_mut()
        .map(|browser| -> Asked<'_> { Box::pin(post(browser, path.clone(), fields.clone())) })
        .collect();
    let mut places: Vec<String> = together(asked).await.iter().map(location).collect();
    places.sort();
    places.dedup();
    assert_eq!(places.len(), 1, "{places:?}");
    let case = places[0].trim_end_matches("/essentiel").to_owned();
    location(&fill(&mut author, &case, "essentiel", &ESSENTIAL).await);
    let token = owned(&[("_csrf", &author.csrf().await)]);
    let asked = browsers
        .iter_mut()
        .map(|browser| -> Asked<'_> { Box::pin(post(browser, format!("{case}/envoyer"), token.clone())) })
        .collect();
    for answer in together(asked).await {
        location(&answer);
    }
    let mut moderator = site.sign_in("moderation").await;
    let queue = moderator.get("/moderation").await.body;
    assert_eq!(queue.matches("Repérer les fuites la nuit").count(), 1, "{queue}");
}

#[tokio::test]
async fn a_decision_taken_by_several_at_once_is_taken_once() {
    let site = TestApp::demo().await;
    let (_, case) = submitted(&site).await;
    let path = case.replace("/contribuer/", "/moderation/");
    let mut moderators = Vec::new();
    for _ in 0..4 {
        moderators.push(site.session_of(Role::Moderator).await);
    }
    let mut forms = Vec::new();
    for moderator in &mut moderators {
        let page = moderator.get(&path).await.body;
        forms.push(owned(&[
            ("_csrf", &value_of(&page, "_csrf")),
            ("_version", &value_of(&page, "_version")),
            ("vu", &value_of(&page, "vu")),
        ]));
    }
    let asked = moderators
        .iter_mut()
        .zip(forms)
        .map(|(browser, form)| -> Asked<'_> { Box::pin(post(browser, format!("{path}/prendre"), form)) })
        .collect();
    let mut statuses: Vec<u16> = together(asked)
        .await
        .iter()
        .map(|answer| answer.status.as_u16())
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409, 409, 409]);
}

/// What a decision about a contribution is sent with, as a moderator sees it on a server.
async fn decision(browser: &mut Browser<'_>, path: &str) -> Vec<(String, String)> {
    let page = browser.get(path).await.body;
    owned(&[
        ("_csrf", &value_of(&page, "_csrf")),
        ("_version", &value_of(&page, "_version")),
        ("vu", &value_of(&page, "vu")),
    ])
}

#[tokio::test]
async fn two_moderators_on_two_servers_publish_each_thing_once_and_both_servers_show_it() {
    let site = TestApp::demo().await;
    let twin = site.twin().await;
    let mut author = site.sign_in("contributeur").await;
    let case = ready(&mut author).await;
    location(&author.send(&format!("{case}/envoyer"), &[]).await);
    let path = case.replace("/contribuer/", "/moderation/");
    let mut here = site.session_of(Role::Moderator).await;
    // Sessions are in the database: the same moderator, and another one, on the other server.
    let mut there = Browser::new(&twin);
    there.cookies.clone_from(&here.cookies);
    let mut other = twin.session_of(Role::Moderator).await;
    let statuses = |answers: Vec<Answer>| {
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        statuses
    };
    let (mine, theirs) = (
        decision(&mut here, &path).await,
        decision(&mut other, &path).await,
    );
    let claimed = together(vec![
        Box::pin(post(&mut here, format!("{path}/prendre"), mine)),
        Box::pin(post(&mut other, format!("{path}/prendre"), theirs)),
    ])
    .await;
    assert_eq!(statuses(claimed), [303, 409], "one of them reads it");
    // Whoever has it publishes from both servers at once: a second tab, a proxy that sends again.
    let page = here.get(&path).await.body;
    if !page.contains(&format!("{path}/publier")) {
        here = Browser::new(&site);
        here.cookies.clone_from(&other.cookies);
        there.cookies.clone_from(&other.cookies);
    }
    let form = decision(&mut here, &path).await;
    let published = together(vec![
        Box::pin(post(&mut here, format!("{path}/publier"), form.clone())),
        Box::pin(post(&mut there, format!("{path}/publier"), form)),
    ])
    .await;
    assert_eq!(statuses(published), [303, 409], "it is published once");
    for server in [&site, &twin] {
        crate::refresh::at_once(&server.app).await;
        let record = server.first("q=%22fuites+la+nuit%22").await;
        let history = server.get(&format!("{record}/historique")).await.body;
        assert_eq!(history.matches("Version 1").count(), 1, "{history}");
        assert!(!history.contains("Version 2"), "{history}");
        assert_eq!(server.get(&record).await.status, StatusCode::OK);
    }
    let revisions = (site.app.revision(), twin.app.revision());
    assert_eq!(revisions.0, revisions.1, "both show the same catalogue");
    let problems = site.app.store.check().await.unwrap().problems;
    assert!(problems.is_empty(), "{problems:?}");
}

#[tokio::test]
async fn a_purchase_begun_by_several_presses_at_once_is_one_file() {
    let site = TestApp::demo().await;
    let files = "/maitriser/achat/dossiers";
    let mut buyer = site.sign_in("contributeur").await;
    let csrf = value_of(&buyer.get(files).await.body, "_csrf");
    let fields = owned(&[
        ("_csrf", &csrf),
        ("titre", "Pressé à la fois"),
        ("objet", "sourcing"),
    ]);
    let mut browsers: Vec<Browser<'_>> = (0..6)
        .map(|_| {
            let mut browser = Browser::new(&site);
            browser.cookies.clone_from(&buyer.cookies);
            browser
        })
        .collect();
    let asked = browsers
        .iter_mut()
        .map(|browser| -> Asked<'_> { Box::pin(post(browser, files.to_owned(), fields.clone())) })
        .collect();
    let mut places: Vec<String> = together(asked).await.iter().map(location).collect();
    places.sort();
    places.dedup();
    assert_eq!(places.len(), 1, "{places:?}");
}
