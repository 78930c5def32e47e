//! After confirming: a page with the newest issue and one welcome mail; and the pages of links that do not work any more.

use chrono::TimeDelta;
use daywire::domain::states::{IssueState, SubscriptionState};
use daywire::worker::Role;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use reqwest::{Method, StatusCode};

use crate::support::eventually;
use crate::support::mock_relay::text;
use crate::support::program::Program;

const ADA: &str = "ada@reader.example";

#[apply(on_both_databases)]
async fn a_reader_is_welcomed_once_with_the_newsrooms_text_and_the_latest_issue(mut app: TestApp) {
    let daily = app
        .apply("slug = \"daily\"\nname = \"Daily Broadcast\"\nwelcome = \"Good to have you.\\n\\nWe write at seven.\"")
        .await;
    app.readers(&daily, 1).await;
    app.serve_roles(&[Role::Web, Role::Sender]).await;
    let site = app.site().clone();
    let issue = app.send(&daily).await;
    app.until(issue, IssueState::Sent).await;
    let link = app.sign_up(ADA).await;
    let (first, second) = tokio::join!(site.post(&link, &[]), site.post(&link, &[]));
    for page in [first, second] {
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("/archive/daily/1"), "{}", page.body);
    }
    eventually("the welcome mail came", || async {
        app.relay.received_for(ADA).len() == 2
    })
    .await;
    let received = app.relay.received_for(ADA);
    let welcome = text(&received[1].bytes);
    for part in [
        "Welcome to Daily Broadcast",
        "Good to have you.",
        "We write at seven.",
        "https://news.example/archive/daily/1",
        "https://news.example/unsubscribe/",
    ] {
        assert!(welcome.contains(part), "{part}: {welcome}");
    }
    assert!(!welcome.contains("DAYWIRE_TOKEN"), "{welcome}");
    let mails = app.rows("transactional_mails").await;
    assert_eq!(
        mails.iter().filter(|row| row.contains("welcome")).count(),
        1,
        "{mails:?}"
    );
}

#[apply(on_both_databases)]
async fn without_the_key_there_is_no_welcome_mail(mut app: TestApp) {
    app.daily().await;
    app.serve_roles(&[Role::Web, Role::Sender]).await;
    let site = app.site().clone();
    let link = app.sign_up(ADA).await;
    site.post(&link, &[]).await;
    let mails = app.rows("transactional_mails").await;
    assert_eq!(mails.len(), 1, "{mails:?}");
}

#[apply(on_both_databases)]
async fn an_expired_link_offers_a_new_one_and_names_a_newer_one(mut app: TestApp) {
    app.daily().await;
    app.serve_roles(&[Role::Web, Role::Sender]).await;
    let site = app.site().clone();
    let expired = app.sign_up(ADA).await;
    let fresh = site.post(&format!("{expired}/new"), &[]).await;
    let back = expired.trim_start_matches("https://news.example");
    assert_eq!(fresh.header("location"), Some(back), "a link that works needs no other");
    app.advance(TimeDelta::hours(48));
    let page = site.get(&expired).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert!(
        page.body.contains("This link has expired.") && page.body.contains("Send me a new link"),
        "{}",
        page.body
    );
    let sent = site.post(&format!("{expired}/new"), &[]).await;
    assert_eq!(sent.header("location"), Some("/subscribe/sent"));
    eventually("the new link came", || async { app.relay.received_for(ADA).len() == 2 }).await;
    let newer = app.relay.link_for(ADA, "/confirm/").await;
    assert_ne!(newer, expired);
    let superseded = site.get(&expired).await;
    assert_eq!(superseded.status, StatusCode::GONE);
    assert!(
        superseded.body.contains("There is a newer link."),
        "{}",
        superseded.body
    );
    assert!(site.get(&newer).await.body.contains("Confirm subscription"));
    app.advance(TimeDelta::seconds(1));
    site.post(&newer, &[]).await;
    assert_eq!(app.subscription_state(ADA).await, Some(SubscriptionState::Confirmed));
    let confirmed = site.get(&expired).await;
    assert_eq!(
        confirmed.status,
        StatusCode::OK,
        "the reader is subscribed: {}",
        confirmed.body
    );
    assert!(confirmed.body.contains("You’re subscribed."), "{}", confirmed.body);
    let sources: Vec<_> = app
        .consent(ADA)
        .await
        .iter()
        .map(|entry| entry.source.to_string())
        .collect();
    assert_eq!(sources, ["form", "new-link", "mail"]);
    let unknown = site.post("/confirm/unknown/new", &[]).await;
    assert_eq!(unknown.status, StatusCode::SEE_OTHER);
    assert_eq!(site.get("/confirm/unknown").await.status, StatusCode::NOT_FOUND);
}

#[apply(on_both_databases)]
async fn a_link_that_was_not_used_shows_that_another_one_confirmed(mut app: TestApp) {
    app.daily().await;
    app.serve_roles(&[Role::Web, Role::Sender]).await;
    let site = app.site().clone();
    let first = app.sign_up(ADA).await;
    app.advance(TimeDelta::minutes(11));
    app.sign_up(ADA).await;
    eventually("the second link came", || async {
        app.relay.received_for(ADA).len() == 2
    })
    .await;
    let second = app.relay.link_for(ADA, "/confirm/").await;
    assert_ne!(first, second);
    // Entries of the consent record of one instant come in any order.
    app.advance(TimeDelta::minutes(1));
    site.post(&second, &[]).await;
    for answer in [site.get(&first).await, site.post(&first, &[]).await] {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert!(answer.body.contains("You’re subscribed."), "{}", answer.body);
    }
    let sources: Vec<_> = app
        .consent(ADA)
        .await
        .iter()
        .map(|entry| entry.source.to_string())
        .collect();
    assert_eq!(sources, ["form", "form", "mail"], "the older link confirmed nothing");
}

#[apply(on_both_databases)]
async fn after_the_kill_of_a_node_each_reader_has_confirmed_and_is_welcomed_exactly_once(app: TestApp) {
    const READERS: usize = 12;
    app.apply("slug = \"daily\"\nname = \"Daily Broadcast\"\nwelcome = true")
        .await;
    let program = Program::of(&app);
    let sender = program.serve_role("sender");
    let (first, second) = (program.serve_role("web"), program.serve_role("web"));
    let site = first.site().await;
    let addresses: Vec<String> = (0..READERS).map(|n| format!("reader{n}@reader.example")).collect();
    let mut links = Vec::new();
    for address in &addresses {
        site.post("/subscribe", &[("email", address)]).await;
        links.push(app.relay.link_for(address, "/confirm/").await);
    }
    let mut presses: FuturesUnordered<_> = links
        .iter()
        .map(|link| site.request(Method::POST, link).send())
        .collect();
    presses.next().await;
    // Some of the other buttons are being pressed now.
    first.kill();
    while presses.next().await.is_some() {}
    let other_site = second.site().await;
    for link in &links {
        let (page, again) = tokio::join!(other_site.post(link, &[]), other_site.post(link, &[]));
        assert_eq!((page.status, again.status), (StatusCode::OK, StatusCode::OK));
    }
    for address in &addresses {
        eventually("the welcome mail came", || async {
            app.relay.received_for(address).len() == 2
        })
        .await;
        let state = app.subscription_state(address).await;
        assert_eq!(state, Some(SubscriptionState::Confirmed));
    }
    let mails = app.rows("transactional_mails").await;
    let welcomes = mails.iter().filter(|row| row.contains("welcome")).count();
    assert_eq!(welcomes, READERS, "{mails:#?}");
    drop((sender, second));
}
